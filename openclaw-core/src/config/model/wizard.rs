//! TODO file wizard

use super::macros::shape;
use super::shared::RunMode;

shape! {
    /// TODO Wizard
    #[derive(Default)]
    pub struct Wizard {
        /// TODO Wizard.lastRunAt
        pub last_run_at: Option<String>,
        /// TODO Wizard.lastRunVersion
        pub last_run_version: Option<String>,
        /// TODO Wizard.lastRunCommit
        pub last_run_commit: Option<String>,
        /// TODO Wizard.lastRunCommand
        pub last_run_command: Option<String>,
        /// TODO Wizard.lastRunMode
        pub last_run_mode: Option<RunMode>,
    }
}
