//! Section `nodeHost`: what a machine offers as a node.

use super::macros::shape;

shape! {
    /// What this machine offers when it serves as a node.
    #[derive(Default)]
    pub struct NodeHost {
        /// Its browser.
        pub browser_proxy: Option<NodeBrowserProxy>,
    }
}

shape! {
    /// The browser that a node offers to the gateway.
    #[derive(Default)]
    pub struct NodeBrowserProxy {
        /// Whether it is offered.
        pub enabled: Option<bool>,
        /// The only browser profiles that may be used.
        pub allow_profiles: Option<Vec<String>>,
    }
}
