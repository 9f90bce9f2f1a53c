//! Section `canvasHost`: the server of the canvas.

use super::macros::shape;
use super::number::Positive;

shape! {
    /// The server of the canvas.
    #[derive(Default)]
    pub struct CanvasHost {
        /// Whether it runs.
        pub enabled: Option<bool>,
        /// The folder that it serves.
        pub root: Option<String>,
        /// Its port.
        pub port: Option<Positive>,
        /// Whether pages reload when a file changes.
        pub live_reload: Option<bool>,
    }
}
