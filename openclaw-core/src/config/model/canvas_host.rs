//! TODO file canvas_host

use super::macros::shape;
use super::number::Positive;

shape! {
    /// TODO CanvasHost
    #[derive(Default)]
    pub struct CanvasHost {
        /// TODO CanvasHost.enabled
        pub enabled: Option<bool>,
        /// TODO CanvasHost.root
        pub root: Option<String>,
        /// TODO CanvasHost.port
        pub port: Option<Positive>,
        /// TODO CanvasHost.liveReload
        pub live_reload: Option<bool>,
    }
}
