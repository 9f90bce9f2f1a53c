//! Section `meta`: what the program writes about the file.

use super::macros::shape;
use super::value::TextOrNumber;

shape! {
    /// What the program writes about the file itself.
    #[derive(Default)]
    pub struct Meta {
        /// The version of OpenClaw that last wrote the file.
        pub last_touched_version: Option<String>,
        /// When: an ISO 8601 date, or milliseconds since 1970.
        pub last_touched_at: Option<TextOrNumber>,
    } checked by meta
}
