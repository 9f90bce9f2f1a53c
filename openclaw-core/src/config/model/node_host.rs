//! TODO file node_host

use super::macros::shape;

shape! {
    /// TODO NodeHost
    #[derive(Default)]
    pub struct NodeHost {
        /// TODO NodeHost.browserProxy
        pub browser_proxy: Option<NodeBrowserProxy>,
    }
}

shape! {
    /// TODO NodeBrowserProxy
    #[derive(Default)]
    pub struct NodeBrowserProxy {
        /// TODO NodeBrowserProxy.enabled
        pub enabled: Option<bool>,
        /// TODO NodeBrowserProxy.allowProfiles
        pub allow_profiles: Option<Vec<String>>,
    }
}
