//! TODO file media

use super::macros::shape;
use super::number::IntIn;

shape! {
    /// TODO Media
    #[derive(Default)]
    pub struct Media {
        /// TODO Media.preserveFilenames
        pub preserve_filenames: Option<bool>,
        /// TODO Media.ttlHours
        pub ttl_hours: Option<IntIn<1, 168>>,
    }
}
