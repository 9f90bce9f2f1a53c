//! TODO file mcp

use super::macros::shape;
use super::value::{HttpUrl, Json, Map, Scalar};

shape! {
    /// TODO Mcp
    #[derive(Default)]
    pub struct Mcp {
        /// TODO Mcp.servers
        pub servers: Option<Map<McpServer>>,
    }
}

shape! {
    /// TODO McpServer
    #[derive(Default)]
    pub open struct McpServer {
        /// TODO McpServer.command
        pub command: Option<String>,
        /// TODO McpServer.args
        pub args: Option<Vec<String>>,
        /// TODO McpServer.env
        pub env: Option<Map<Scalar>>,
        /// TODO McpServer.cwd
        pub cwd: Option<String>,
        /// TODO McpServer.workingDirectory
        pub working_directory: Option<String>,
        /// TODO McpServer.url
        pub url: Option<HttpUrl>,
        /// TODO McpServer.headers
        pub headers: Option<Map<Scalar>>,
        /// TODO McpServer.*
        #[serde(flatten)]
        pub other: Map<Json>,
    }
}
