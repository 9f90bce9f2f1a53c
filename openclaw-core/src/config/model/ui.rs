//! TODO file ui

use super::macros::shape;
use super::value::{HexColor, Text50, Text200};

shape! {
    /// TODO Ui
    #[derive(Default)]
    pub struct Ui {
        /// TODO Ui.seamColor
        pub seam_color: Option<HexColor>,
        /// TODO Ui.assistant
        pub assistant: Option<UiAssistant>,
    }
}

shape! {
    /// TODO UiAssistant
    #[derive(Default)]
    pub struct UiAssistant {
        /// TODO UiAssistant.name
        pub name: Option<Text50>,
        /// TODO UiAssistant.avatar
        pub avatar: Option<Text200>,
    }
}
