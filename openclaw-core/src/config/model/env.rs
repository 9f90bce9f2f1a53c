//! TODO file env

use super::macros::shape;
use super::number::Natural;
use super::value::{Map, Sensitive};

shape! {
    /// TODO Env
    #[derive(Default)]
    pub open struct Env {
        /// TODO Env.shellEnv
        pub shell_env: Option<ShellEnv>,
        /// TODO Env.vars
        pub vars: Option<Map<Sensitive>>,
        /// TODO Env.*
        #[serde(flatten)]
        pub other: Map<Sensitive>,
    }
}

shape! {
    /// TODO ShellEnv
    #[derive(Default)]
    pub struct ShellEnv {
        /// TODO ShellEnv.enabled
        pub enabled: Option<bool>,
        /// TODO ShellEnv.timeoutMs
        pub timeout_ms: Option<Natural>,
    }
}
