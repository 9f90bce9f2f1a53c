//! Section `ui`: looks of the user interfaces.

use super::macros::shape;
use super::value::{HexColor, Text50, Text200};

shape! {
    /// Looks of the user interfaces.
    #[derive(Default)]
    pub struct Ui {
        /// Accent color.
        pub seam_color: Option<HexColor>,
        /// Name and picture of the assistant.
        pub assistant: Option<UiAssistant>,
    }
}

shape! {
    /// Name and picture of the assistant.
    #[derive(Default)]
    pub struct UiAssistant {
        /// The name.
        pub name: Option<Text50>,
        /// The picture: a path, an address or an emoji.
        pub avatar: Option<Text200>,
    }
}
