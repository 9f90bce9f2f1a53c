//! TODO file discovery

use super::macros::{choice, shape};

shape! {
    /// TODO Discovery
    #[derive(Default)]
    pub struct Discovery {
        /// TODO Discovery.wideArea
        pub wide_area: Option<WideAreaDiscovery>,
        /// TODO Discovery.mdns
        pub mdns: Option<MdnsDiscovery>,
    }
}

shape! {
    /// TODO WideAreaDiscovery
    #[derive(Default)]
    pub struct WideAreaDiscovery {
        /// TODO WideAreaDiscovery.enabled
        pub enabled: Option<bool>,
        /// TODO WideAreaDiscovery.domain
        pub domain: Option<String>,
    }
}

shape! {
    /// TODO MdnsDiscovery
    #[derive(Default)]
    pub struct MdnsDiscovery {
        /// TODO MdnsDiscovery.mode
        pub mode: Option<MdnsMode>,
    }
}

choice! {
    /// TODO MdnsMode
    pub listed enum MdnsMode {
        Off = "off",
        Minimal = "minimal",
        Full = "full",
    }
}
