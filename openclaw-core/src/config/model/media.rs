//! Section `media`: received media files.

use super::macros::shape;
use super::number::IntIn;

shape! {
    /// Received media files.
    #[derive(Default)]
    pub struct Media {
        /// Whether they keep their names.
        pub preserve_filenames: Option<bool>,
        /// Hours for which they are kept, at most a week.
        pub ttl_hours: Option<IntIn<1, 168>>,
    }
}
