//! Section `wizard`: what the set-up wizard did last.

use super::macros::shape;
use super::shared::RunMode;

shape! {
    /// What the set-up wizard did last. Written by the program.
    #[derive(Default)]
    pub struct Wizard {
        /// When it ran.
        pub last_run_at: Option<String>,
        /// The version that ran.
        pub last_run_version: Option<String>,
        /// The commit that ran.
        pub last_run_commit: Option<String>,
        /// The command that ran.
        pub last_run_command: Option<String>,
        /// Whether it set up a local or a remote gateway.
        pub last_run_mode: Option<RunMode>,
    }
}
