//! The root of the configuration.

use std::path::PathBuf;

use super::acp::Acp;
use super::agents::Agents;
use super::approvals::Approvals;
use super::audio::Audio;
use super::auth::Auth;
use super::bindings::Binding;
use super::broadcast::Broadcast;
use super::browser::Browser;
use super::canvas_host::CanvasHost;
use super::channels::Channels;
use super::cli::Cli;
use super::commands::Commands;
use super::cron::Cron;
use super::diagnostics::Diagnostics;
use super::discovery::Discovery;
use super::env::Env;
use super::gateway::Gateway;
use super::hooks::Hooks;
use super::logging::Logging;
use super::macros::shape;
use super::mcp::Mcp;
use super::media::Media;
use super::memory::Memory;
use super::messages::Messages;
use super::meta::Meta;
use super::models::Models;
use super::node_host::NodeHost;
use super::plugins::Plugins;
use super::secrets::Secrets;
use super::session::Session;
use super::skills::Skills;
use super::talk::Talk;
use super::tools::Tools;
use super::ui::Ui;
use super::update::Update;
use super::web::Web;
use super::wizard::Wizard;

shape! {
    /// The whole configuration: what `openclaw.json` may hold. Every section is optional; an absent file is an
    /// empty configuration.
    #[derive(Default)]
    pub struct Config {
        /// Where it was read. No part of the file.
        #[serde(skip)]
        pub origin: Origin,
        /// Address of a JSON Schema for editors. OpenClaw ignores it.
        #[serde(rename = "$schema")]
        pub schema: Option<String>,
        /// What the program writes about the file itself.
        pub meta: Option<Meta>,
        /// Environment variables for the configuration and for the programs that OpenClaw starts.
        pub env: Option<Env>,
        /// What the set-up wizard did last.
        pub wizard: Option<Wizard>,
        /// Tracing, metrics and debug output.
        pub diagnostics: Option<Diagnostics>,
        /// The log: level, file, style, redaction.
        pub logging: Option<Logging>,
        /// How the command line looks.
        pub cli: Option<Cli>,
        /// The update channel and automatic updates.
        pub update: Option<Update>,
        /// The browser that agents drive.
        pub browser: Option<Browser>,
        /// Looks of the user interfaces.
        pub ui: Option<Ui>,
        /// Where secret references are looked up.
        pub secrets: Option<Secrets>,
        /// Login profiles by name, their order, and how long a failed one rests. Credentials do not live here.
        pub auth: Option<Auth>,
        /// Agents reached over the Agent Client Protocol.
        pub acp: Option<Acp>,
        /// Model providers and their models.
        pub models: Option<Models>,
        /// What this machine offers when it serves as a node.
        pub node_host: Option<NodeHost>,
        /// Agents and their common defaults.
        pub agents: Option<Agents>,
        /// Tools of all agents: which are allowed, and how they behave.
        pub tools: Option<Tools>,
        /// Which agent answers where. The first that matches wins.
        pub bindings: Option<Vec<Binding>>,
        /// Groups in which several agents answer.
        pub broadcast: Option<Broadcast>,
        /// Audio by a command line program. Superseded by `tools.media.audio`.
        pub audio: Option<Audio>,
        /// Received media files.
        pub media: Option<Media>,
        /// Messages: prefixes, queue, reactions, speech.
        pub messages: Option<Messages>,
        /// Slash commands and who may give them.
        pub commands: Option<Commands>,
        /// Where requests for approval are sent.
        pub approvals: Option<Approvals>,
        /// Sessions: scope, reset, storage, upkeep.
        pub session: Option<Session>,
        /// Scheduled runs.
        pub cron: Option<Cron>,
        /// Webhooks and internal hooks.
        pub hooks: Option<Hooks>,
        /// The web channel's connection.
        pub web: Option<Web>,
        /// Message channels. Beyond the keys named here, every channel defines its own.
        pub channels: Option<Channels>,
        /// How others find this gateway in the network.
        pub discovery: Option<Discovery>,
        /// The server of the canvas.
        pub canvas_host: Option<CanvasHost>,
        /// Voice conversation.
        pub talk: Option<Talk>,
        /// The gateway: address, access, endpoints.
        pub gateway: Option<Gateway>,
        /// How agents remember.
        pub memory: Option<Memory>,
        /// Servers of the Model Context Protocol.
        pub mcp: Option<Mcp>,
        /// Skills: where they are loaded from, which are used.
        pub skills: Option<Skills>,
        /// Plugins: which are loaded, and their own configuration.
        pub plugins: Option<Plugins>,
    } checked by broadcast
}

/// Where a configuration was read. Two configurations are equal if their values are, wherever they come from.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Origin {
    /// The file, if it was one: messages name it.
    pub file: Option<PathBuf>,
}

impl PartialEq for Origin {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
