//! Section `mcp`: servers of the Model Context Protocol.

use super::macros::shape;
use super::value::{HttpUrl, Json, Map, Scalar};

shape! {
    /// Servers of the Model Context Protocol.
    #[derive(Default)]
    pub struct Mcp {
        /// Servers by name.
        pub servers: Option<Map<McpServer>>,
    }
}

shape! {
    /// A server of the Model Context Protocol: a program or an address. Other keys are kept.
    #[derive(Default)]
    pub open struct McpServer {
        /// The program.
        pub command: Option<String>,
        /// Its arguments.
        pub args: Option<Vec<String>>,
        /// Its environment variables.
        pub env: Option<Map<Scalar>>,
        /// The folder in which it runs.
        pub cwd: Option<String>,
        /// The same under another name.
        pub working_directory: Option<String>,
        /// Its address, for a server that already runs.
        pub url: Option<HttpUrl>,
        /// Headers of calls to it.
        pub headers: Option<Map<Scalar>>,
        /// Kept, but not looked at.
        #[serde(flatten)]
        pub other: Map<Json>,
    }
}
