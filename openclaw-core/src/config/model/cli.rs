//! TODO file cli

use super::macros::{choice, shape};

shape! {
    /// TODO Cli
    #[derive(Default)]
    pub struct Cli {
        /// TODO Cli.banner
        pub banner: Option<CliBanner>,
    }
}

shape! {
    /// TODO CliBanner
    #[derive(Default)]
    pub struct CliBanner {
        /// TODO CliBanner.taglineMode
        pub tagline_mode: Option<TaglineMode>,
    }
}

choice! {
    /// TODO TaglineMode
    pub enum TaglineMode {
        Random = "random",
        Default = "default",
        Off = "off",
    }
}
