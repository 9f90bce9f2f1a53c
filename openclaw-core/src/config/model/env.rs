//! Section `env`: environment variables.

use super::macros::shape;
use super::number::Natural;
use super::value::{Map, Sensitive};

shape! {
    /// Environment variables. A key that is not named here is a variable with its value; what is already set
    /// outside wins.
    #[derive(Default)]
    pub open struct Env {
        /// Variables taken from the login shell.
        pub shell_env: Option<ShellEnv>,
        /// Variables by name.
        pub vars: Option<Map<Sensitive>>,
        /// Variables by name, directly in the section.
        #[serde(flatten)]
        pub other: Map<Sensitive>,
    }
}

shape! {
    /// Variables taken from the login shell, for a program that was not started from one.
    #[derive(Default)]
    pub struct ShellEnv {
        /// Whether the shell is asked.
        pub enabled: Option<bool>,
        /// How long the shell may take, in milliseconds.
        pub timeout_ms: Option<Natural>,
    }
}
