//! The configuration of OpenClaw 2026.4.5 as Rust types, one file per top-level section.
//!
//! A value of these types has passed every rule of its shape: reading is checking. The JSON Schema is generated from
//! them, and so is the tree along which a wrong file is explained.

pub(crate) mod macros;

mod acp;
mod agent_context;
mod agents;
mod approvals;
mod audio;
mod auth;
mod bindings;
mod broadcast;
mod browser;
mod canvas_host;
mod channels;
mod cli;
mod commands;
mod cron;
mod diagnostics;
mod discovery;
mod env;
mod exec;
mod gateway;
mod gateway_http;
mod heartbeat;
mod hooks;
mod logging;
mod mcp;
mod media;
mod media_tools;
mod memory;
mod memory_search;
mod messages;
mod meta;
mod models;
mod node_host;
mod number;
mod plugins;
pub(crate) mod read;
mod request;
mod root;
mod sandbox;
mod secret;
mod secrets;
mod session;
mod shared;
mod skills;
mod talk;
mod tool_policy;
mod tools;
mod tts;
mod ui;
mod update;
mod value;
mod web;
mod web_tools;
mod wizard;

pub use acp::{Acp, AcpDeliveryMode, AcpRuntime, AcpStream, BoundarySeparator};
pub use agent_context::{
    BlockStreamingBreak, BlockStreamingChunk, BlockStreamingCoalesce, BreakPreference, ByteLimit, ByteSize, Compaction,
    CompactionGuard, CompactionMode, ContextPruning, EmbeddedPi, HardClear, HumanDelay, HumanDelayMode,
    IdentifierPolicy, LlmTimeouts, MemoryFlush, PostIndexSync, ProjectSettingsPolicy, PruningMode, PruningTools,
    SoftTrim,
};
pub use agents::{
    AcpAgent, AcpAgentRuntime, Agent, AgentDefaults, AgentIdentity, AgentRuntime, AgentSubagents, AgentTools, Agents,
    ElevatedLevel, EmbeddedRuntime, EmbeddedType, ModelEntry, ReasoningLevel, SubagentDefaults, TimeFormat,
    TruncationWarning, VerboseLevel,
};
pub use approvals::{ApprovalMode, ApprovalRoute, ApprovalTarget, Approvals};
pub use audio::{Audio, SafeCommand, Transcription};
pub use auth::{Auth, AuthCooldowns, AuthMode, AuthProfile};
pub use bindings::{AcpBinding, AcpBindingTarget, Binding, BindingMatch, BindingPeer, RouteBinding, RouteType};
pub use broadcast::{Broadcast, BroadcastStrategy};
pub use browser::{Browser, BrowserDriver, BrowserProfile, ProfileName, SnapshotDefaults, SnapshotMode, SsrfPolicy};
pub use canvas_host::CanvasHost;
pub use channels::{ChannelDefaults, ChannelHeartbeat, Channels, ContextVisibility, GroupPolicy};
pub use cli::{Cli, CliBanner, TaglineMode};
pub use commands::{AutoWord, Commands, NativeCommands, OwnerDisplay};
pub use cron::{Cron, CronFailureAlert, CronFailureDestination, CronNotifyMode, CronRetry, CronRunLog, RetryReason};
pub use diagnostics::{CacheTrace, Diagnostics, OpenTelemetry, OtlpProtocol};
pub use discovery::{Discovery, MdnsDiscovery, MdnsMode, WideAreaDiscovery};
pub use env::{Env, ShellEnv};
pub use exec::{AgentExec, ApplyPatch, Exec, ExecAsk, ExecHost, ExecSecurity, SafeBinProfile};
pub use gateway::{
    Apns, ApnsRelay, AuthRateLimit, ControlUi, Gateway, GatewayAuth, GatewayAuthMode, GatewayBind, GatewayNodes,
    GatewayPush, GatewayReload, GatewayRemote, GatewayTailscale, GatewayTls, GatewayTools, NodeBrowser,
    NodeBrowserMode, ReloadMode, RemoteTransport, TrustedProxyAuth, Webchat,
};
pub use gateway_http::{
    ChatCompletionsEndpoint, FileInputs, GatewayHttp, HttpEndpoints, ImageInputs, PdfInputs, ResponsesEndpoint,
    SecurityHeaders,
};
pub use heartbeat::{ActiveHours, DirectPolicy, Heartbeat};
pub use hooks::{
    GmailHook, GmailServe, GmailTailscale, GmailThinking, HookAction, HookEntry, HookHandler, HookInstall,
    HookInstallSource, HookLoad, HookMapping, HookMatch, HookTransform, Hooks, InternalHooks, ModulePath, WakeMode,
};
pub use logging::{ConsoleStyle, LogLevel, Logging, RedactSensitive};
pub use mcp::{Mcp, McpServer};
pub use media::Media;
pub use media_tools::{
    AttachmentMode, AttachmentPreference, CliType, Deepgram, LinkModel, LinkTools, MediaAttachments, MediaCapability,
    MediaModel, MediaModelType, MediaTools, MediaUnderstanding,
};
pub use memory::{
    Mcporter, Memory, MemoryBackend, MemoryCitations, Qmd, QmdLimits, QmdSearchMode, QmdSessions, QmdUpdate,
};
pub use memory_search::{
    Chunking, EmbeddingBatch, EmbeddingLocal, EmbeddingRemote, FullTextSearch, HybridQuery, MaximalMarginalRelevance,
    MemoryCache, MemoryDriver, MemoryExperimental, MemoryQuery, MemorySearch, MemorySearchQmd, MemorySource,
    MemoryStore, MemorySync, Modality, Multimodal, QmdCollection, SessionSync, TemporalDecay, Tokenizer, VectorSearch,
};
pub use messages::{
    AckReactionScope, InboundMessages, MessageQueue, Messages, QueueByChannel, QueueDrop, QueueMode, StatusEmojis,
    StatusReactions, StatusTiming,
};
pub use meta::Meta;
pub use models::{
    MaxTokensField, Model, ModelApi, ModelCompat, ModelCost, ModelInput, ModelProvider, Models, ModelsMode,
    ProviderAuth, ThinkingFormat,
};
pub use node_host::{NodeBrowserProxy, NodeHost};
pub use number::{
    Fraction, HoursOfDay, HoursOfWeek, IntIn, MAX_SAFE, MiddleShare, Natural, NonNegative, Positive, PositiveNumber,
};
pub use plugins::{
    PluginEntry, PluginHooks, PluginInstall, PluginInstallSource, PluginLoad, PluginSlots, PluginSubagent, Plugins,
};
pub use request::{
    BearerAuth, BearerAuthMode, DefaultAuth, DefaultAuthMode, EnvProxy, EnvProxyMode, ExplicitProxy, ExplicitProxyMode,
    HeaderAuth, HeaderAuthMode, RequestAuth, RequestOptions, RequestProxy, TlsOptions,
};
pub use root::{Config, Origin};
pub use sandbox::{
    Sandbox, SandboxBrowser, SandboxDocker, SandboxMode, SandboxPrune, SandboxScope, SandboxSsh, SessionVisibility,
    SetupCommand, Ulimit, UlimitPair, WorkspaceAccess,
};
pub use secret::{
    EnvSecretId, EnvSecretRef, EnvSource, ExecSecretId, ExecSecretRef, ExecSource, FileSecretId, FileSecretRef,
    FileSource, SecretInput, SecretRef, SecretSource,
};
pub use secrets::{
    AbsolutePath, EnvSecretProvider, ExecSecretProvider, ExecutablePath, FileSecretProvider, SecretDefaults,
    SecretFileMode, SecretProvider, SecretResolution, Secrets, SourceAlias,
};
pub use session::{
    ArchiveRetention, DmScope, MaintenanceMode, ResetByType, ResetMode, Session, SessionAgentToAgent,
    SessionMaintenance, SessionReset, SessionScope, ThreadBindings,
};
pub use shared::{
    AcpMode, AcpType, AllowDeny, ChatType, ClawhubChannel, ClawhubFamily, GroupChat, ModelChoice, ModelList, OffOn,
    OnOff, RunMode, Scope, ScopeMatch, ScopeRule, Switch, TailscaleMode, TextOrFalse, ThinkingLevel, TypingMode,
};
pub use skills::{NodeManager, SkillEntry, SkillInstall, SkillLimits, SkillLoad, Skills};
pub use talk::{Talk, TalkProvider};
pub use tool_policy::{
    ElevatedTools, FsTools, LoopDetection, LoopDetectors, NestedToolPolicy, ProviderToolPolicy, ToolPolicy, ToolProfile,
};
pub use tools::{
    AgentToAgentTool, CrossContext, CrossContextMarker, ExperimentalTools, MessageTool, SessionToolScope, SessionTools,
    SessionsSpawn, SpawnAttachments, Tools,
};
pub use tts::{Tts, TtsAuto, TtsMode, TtsOverrides, TtsProvider};
pub use ui::{Ui, UiAssistant};
pub use update::{AutoUpdate, Update, UpdateChannel};
pub use value::{
    EnvName, False, HexColor, HttpUrl, Json, List, Map, NonEmpty, NotBlank, Scalar, Sensitive, Text50, Text200,
    Text1024, TextOrNumber,
};
pub use web::{Web, WebReconnect};
pub use web_tools::{
    CodexWebSearch, FirecrawlFetch, SearchContextSize, UserLocation, WebFetch, WebSearch, WebSearchMode, WebTools,
    XSearch,
};
pub use wizard::Wizard;
