//! Section `hooks`: webhooks and internal hooks.

use super::macros::{choice, shape, text};
use super::number::Positive;
use super::shared::{ClawhubChannel, ClawhubFamily, TailscaleMode};
use super::value::{Json, Map, NotBlank, Sensitive};

shape! {
    /// Webhooks that wake agents, and internal hooks.
    #[derive(Default)]
    pub struct Hooks {
        /// Whether webhooks are accepted.
        pub enabled: Option<bool>,
        /// Their path at the gateway. Default `/hooks`.
        pub path: Option<String>,
        /// The token that callers must send. A plain text: no secret reference.
        pub token: Option<Sensitive>,
        /// The session of calls that name none.
        pub default_session_key: Option<String>,
        /// Whether callers may name one.
        pub allow_request_session_key: Option<bool>,
        /// What a named session must begin with.
        pub allowed_session_key_prefixes: Option<Vec<String>>,
        /// The only agents that callers may name.
        pub allowed_agent_ids: Option<Vec<String>>,
        /// Bytes of a call, at most.
        pub max_body_bytes: Option<Positive>,
        /// Built-in mappings, such as `gmail`.
        pub presets: Option<Vec<String>>,
        /// The folder of modules that rewrite calls.
        pub transforms_dir: Option<String>,
        /// What calls do, by path and content.
        pub mappings: Option<Vec<HookMapping>>,
        /// Mail by Gmail's push messages.
        pub gmail: Option<GmailHook>,
        /// Hooks on what happens inside.
        pub internal: Option<InternalHooks>,
    }
}

shape! {
    /// What a call does.
    #[derive(Default)]
    pub struct HookMapping {
        /// Its id.
        pub id: Option<String>,
        /// Which calls.
        pub r#match: Option<HookMatch>,
        /// Whether an agent is woken or run.
        pub action: Option<HookAction>,
        /// When.
        pub wake_mode: Option<WakeMode>,
        /// Its name for people.
        pub name: Option<String>,
        /// The agent.
        pub agent_id: Option<String>,
        /// The session. A plain text: no secret reference.
        pub session_key: Option<String>,
        /// The message, with `{{…}}` for parts of the call.
        pub message_template: Option<String>,
        /// The text for a woken agent.
        pub text_template: Option<String>,
        /// Whether the answer is sent.
        pub deliver: Option<bool>,
        /// Whether the content is not fenced as foreign.
        pub allow_unsafe_external_content: Option<bool>,
        /// The channel to which the answer is sent, or `last`.
        pub channel: Option<NotBlank>,
        /// The recipient.
        pub to: Option<String>,
        /// The model.
        pub model: Option<String>,
        /// How much is reasoned.
        pub thinking: Option<String>,
        /// Seconds, at most.
        pub timeout_seconds: Option<Positive>,
        /// The module that rewrites the call.
        pub transform: Option<HookTransform>,
    }
}

shape! {
    /// Which calls a mapping is about.
    #[derive(Default)]
    pub open struct HookMatch {
        /// The path below the hooks' path.
        pub path: Option<String>,
        /// The sender that the call names.
        pub source: Option<String>,
        /// Kept, but not looked at.
        #[serde(flatten)]
        pub other: Map<Json>,
    }
}

choice! {
    /// Whether an agent is woken or run.
    pub enum HookAction {
        Wake = "wake",
        Agent = "agent",
    }
}

choice! {
    /// When an agent is woken.
    pub enum WakeMode {
        Now = "now",
        NextHeartbeat = "next-heartbeat",
    }
}

shape! {
    /// A module that rewrites a call.
    pub struct HookTransform {
        /// Its path, below `transformsDir`.
        pub module: ModulePath,
        /// The function of the module.
        pub export: Option<String>,
    }
}

shape! {
    /// Mail by Gmail's push messages.
    #[derive(Default)]
    pub struct GmailHook {
        /// The mail address.
        pub account: Option<String>,
        /// The label that is watched.
        pub label: Option<String>,
        /// The Pub/Sub topic.
        pub topic: Option<String>,
        /// The Pub/Sub subscription.
        pub subscription: Option<String>,
        /// The token that Google sends. A plain text: no secret reference.
        pub push_token: Option<Sensitive>,
        /// The webhook to which mail is passed on.
        pub hook_url: Option<String>,
        /// Whether the text of the mail is passed on.
        pub include_body: Option<bool>,
        /// Bytes of a mail, at most.
        pub max_bytes: Option<Positive>,
        /// Minutes after which the watch is renewed.
        pub renew_every_minutes: Option<Positive>,
        /// Whether mail is not fenced as foreign.
        pub allow_unsafe_external_content: Option<bool>,
        /// Where push messages are received.
        pub serve: Option<GmailServe>,
        /// How Google reaches that place.
        pub tailscale: Option<GmailTailscale>,
        /// The model.
        pub model: Option<String>,
        /// How much is reasoned.
        pub thinking: Option<GmailThinking>,
    }
}

shape! {
    /// Where push messages are received.
    #[derive(Default)]
    pub struct GmailServe {
        /// The address.
        pub bind: Option<String>,
        /// The port.
        pub port: Option<Positive>,
        /// The path.
        pub path: Option<String>,
    }
}

shape! {
    /// How Google reaches the place where push messages are received.
    #[derive(Default)]
    pub struct GmailTailscale {
        /// Whether Tailscale publishes it.
        pub mode: Option<TailscaleMode>,
        /// The public path.
        pub path: Option<String>,
        /// Where it leads.
        pub target: Option<String>,
    }
}

choice! {
    /// How much is reasoned about mail.
    pub enum GmailThinking {
        Off = "off",
        Minimal = "minimal",
        Low = "low",
        Medium = "medium",
        High = "high",
    }
}

shape! {
    /// Hooks on what happens inside.
    #[derive(Default)]
    pub struct InternalHooks {
        /// Whether there are any.
        pub enabled: Option<bool>,
        /// Modules and the events that they are called for. Superseded by folders of hooks.
        pub handlers: Option<Vec<HookHandler>>,
        /// Settings of each hook.
        pub entries: Option<Map<HookEntry>>,
        /// Where hooks are loaded from.
        pub load: Option<HookLoad>,
        /// Where installed hooks came from. Written by the program.
        pub installs: Option<Map<HookInstall>>,
    }
}

shape! {
    /// A module that is called for an event.
    pub struct HookHandler {
        /// The event.
        pub event: String,
        /// Its path, below the workspace.
        pub module: ModulePath,
        /// The function of the module.
        pub export: Option<String>,
    }
}

shape! {
    /// Settings of a hook. Beyond these, every hook defines its own.
    #[derive(Default)]
    pub open struct HookEntry {
        /// Whether it is on.
        pub enabled: Option<bool>,
        /// Environment variables for it.
        pub env: Option<Map<Sensitive>>,
        /// The hook's own settings.
        #[serde(flatten)]
        pub other: Map<Json>,
    }
}

shape! {
    /// Where hooks are loaded from.
    #[derive(Default)]
    pub struct HookLoad {
        /// Further folders.
        pub extra_dirs: Option<Vec<String>>,
    }
}

shape! {
    /// Where an installed hook came from. Written by the program.
    pub struct HookInstall {
        /// The kind of place.
        pub source: HookInstallSource,
        /// What was asked for.
        pub spec: Option<String>,
        /// The path it was copied from.
        pub source_path: Option<String>,
        /// The path it was installed to.
        pub install_path: Option<String>,
        /// Its version.
        pub version: Option<String>,
        /// The name of its package.
        pub resolved_name: Option<String>,
        /// The version of its package.
        pub resolved_version: Option<String>,
        /// Name and version of its package.
        pub resolved_spec: Option<String>,
        /// Its checksum.
        pub integrity: Option<String>,
        /// Its SHA-1 sum.
        pub shasum: Option<String>,
        /// When it was looked up.
        pub resolved_at: Option<String>,
        /// When it was installed.
        pub installed_at: Option<String>,
        /// The ClawHub it came from.
        pub clawhub_url: Option<String>,
        /// Its name at ClawHub.
        pub clawhub_package: Option<String>,
        /// Its kind at ClawHub.
        pub clawhub_family: Option<ClawhubFamily>,
        /// Its channel at ClawHub.
        pub clawhub_channel: Option<ClawhubChannel>,
        /// The hooks in it.
        pub hooks: Option<Vec<String>>,
    }
}

choice! {
    /// Where an installed hook came from.
    pub enum HookInstallSource {
        Npm = "npm",
        Archive = "archive",
        Path = "path",
        Clawhub = "clawhub",
    }
}

text! {
    /// The path of a module, relative to its folder and inside it.
    pub struct ModulePath checked by module_path {}
}
