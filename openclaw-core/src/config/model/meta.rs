//! TODO file meta

use super::macros::shape;
use super::value::TextOrNumber;

shape! {
    /// TODO Meta
    #[derive(Default)]
    pub struct Meta {
        /// TODO Meta.lastTouchedVersion
        pub last_touched_version: Option<String>,
        /// TODO Meta.lastTouchedAt
        pub last_touched_at: Option<TextOrNumber>,
    } checked by meta
}
