//! Section `cli`: how the command line looks.

use super::macros::{choice, shape};

shape! {
    /// How the command line looks.
    #[derive(Default)]
    pub struct Cli {
        /// The banner at the start.
        pub banner: Option<CliBanner>,
    }
}

shape! {
    /// The banner at the start of a command.
    #[derive(Default)]
    pub struct CliBanner {
        /// Which line stands below the name.
        pub tagline_mode: Option<TaglineMode>,
    }
}

choice! {
    /// Which line stands below the name in the banner.
    pub enum TaglineMode {
        Random = "random",
        Default = "default",
        Off = "off",
    }
}
