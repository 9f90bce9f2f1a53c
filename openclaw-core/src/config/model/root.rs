//! TODO file root

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
    /// TODO Config
    #[derive(Default)]
    pub struct Config {
        /// TODO Config.$schema
        #[serde(rename = "$schema")]
        pub schema: Option<String>,
        /// TODO Config.meta
        pub meta: Option<Meta>,
        /// TODO Config.env
        pub env: Option<Env>,
        /// TODO Config.wizard
        pub wizard: Option<Wizard>,
        /// TODO Config.diagnostics
        pub diagnostics: Option<Diagnostics>,
        /// TODO Config.logging
        pub logging: Option<Logging>,
        /// TODO Config.cli
        pub cli: Option<Cli>,
        /// TODO Config.update
        pub update: Option<Update>,
        /// TODO Config.browser
        pub browser: Option<Browser>,
        /// TODO Config.ui
        pub ui: Option<Ui>,
        /// TODO Config.secrets
        pub secrets: Option<Secrets>,
        /// TODO Config.auth
        pub auth: Option<Auth>,
        /// TODO Config.acp
        pub acp: Option<Acp>,
        /// TODO Config.models
        pub models: Option<Models>,
        /// TODO Config.nodeHost
        pub node_host: Option<NodeHost>,
        /// TODO Config.agents
        pub agents: Option<Agents>,
        /// TODO Config.tools
        pub tools: Option<Tools>,
        /// TODO Config.bindings
        pub bindings: Option<Vec<Binding>>,
        /// TODO Config.broadcast
        pub broadcast: Option<Broadcast>,
        /// TODO Config.audio
        pub audio: Option<Audio>,
        /// TODO Config.media
        pub media: Option<Media>,
        /// TODO Config.messages
        pub messages: Option<Messages>,
        /// TODO Config.commands
        pub commands: Option<Commands>,
        /// TODO Config.approvals
        pub approvals: Option<Approvals>,
        /// TODO Config.session
        pub session: Option<Session>,
        /// TODO Config.cron
        pub cron: Option<Cron>,
        /// TODO Config.hooks
        pub hooks: Option<Hooks>,
        /// TODO Config.web
        pub web: Option<Web>,
        /// TODO Config.channels
        pub channels: Option<Channels>,
        /// TODO Config.discovery
        pub discovery: Option<Discovery>,
        /// TODO Config.canvasHost
        pub canvas_host: Option<CanvasHost>,
        /// TODO Config.talk
        pub talk: Option<Talk>,
        /// TODO Config.gateway
        pub gateway: Option<Gateway>,
        /// TODO Config.memory
        pub memory: Option<Memory>,
        /// TODO Config.mcp
        pub mcp: Option<Mcp>,
        /// TODO Config.skills
        pub skills: Option<Skills>,
        /// TODO Config.plugins
        pub plugins: Option<Plugins>,
    } checked by broadcast
}
