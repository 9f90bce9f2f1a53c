//! Section `discovery`: how others find the gateway.

use super::macros::{choice, shape};

shape! {
    /// How others find this gateway in the network.
    #[derive(Default)]
    pub struct Discovery {
        /// Beyond the local network.
        pub wide_area: Option<WideAreaDiscovery>,
        /// In the local network.
        pub mdns: Option<MdnsDiscovery>,
    }
}

shape! {
    /// Discovery beyond the local network, by DNS.
    #[derive(Default)]
    pub struct WideAreaDiscovery {
        /// Whether there is one.
        pub enabled: Option<bool>,
        /// The domain.
        pub domain: Option<String>,
    }
}

shape! {
    /// Discovery in the local network, by mDNS.
    #[derive(Default)]
    pub struct MdnsDiscovery {
        /// How much is told.
        pub mode: Option<MdnsMode>,
    }
}

choice! {
    /// How much is told in the local network.
    pub listed enum MdnsMode {
        Off = "off",
        Minimal = "minimal",
        Full = "full",
    }
}
