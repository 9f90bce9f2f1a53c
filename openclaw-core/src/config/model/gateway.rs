//! TODO file gateway

use super::gateway_http::GatewayHttp;
use super::macros::{choice, shape};
use super::number::{IntIn, Natural, Positive};
use super::secret::SecretInput;
use super::shared::{RunMode, TailscaleMode};
use super::value::{Json, Map, NonEmpty};

shape! {
    /// TODO Gateway
    #[derive(Default)]
    pub struct Gateway {
        /// TODO Gateway.port
        pub port: Option<Positive>,
        /// TODO Gateway.mode
        pub mode: Option<RunMode>,
        /// TODO Gateway.bind
        pub bind: Option<GatewayBind>,
        /// TODO Gateway.customBindHost
        pub custom_bind_host: Option<String>,
        /// TODO Gateway.controlUi
        pub control_ui: Option<ControlUi>,
        /// TODO Gateway.auth
        pub auth: Option<GatewayAuth>,
        /// TODO Gateway.trustedProxies
        pub trusted_proxies: Option<Vec<String>>,
        /// TODO Gateway.allowRealIpFallback
        pub allow_real_ip_fallback: Option<bool>,
        /// TODO Gateway.tools
        pub tools: Option<GatewayTools>,
        /// TODO Gateway.webchat
        pub webchat: Option<Webchat>,
        /// TODO Gateway.channelHealthCheckMinutes
        pub channel_health_check_minutes: Option<Natural>,
        /// TODO Gateway.channelStaleEventThresholdMinutes
        pub channel_stale_event_threshold_minutes: Option<IntIn<1>>,
        /// TODO Gateway.channelMaxRestartsPerHour
        pub channel_max_restarts_per_hour: Option<IntIn<1>>,
        /// TODO Gateway.tailscale
        pub tailscale: Option<GatewayTailscale>,
        /// TODO Gateway.remote
        pub remote: Option<GatewayRemote>,
        /// TODO Gateway.reload
        pub reload: Option<GatewayReload>,
        /// TODO Gateway.tls
        pub tls: Option<GatewayTls>,
        /// TODO Gateway.http
        pub http: Option<GatewayHttp>,
        /// TODO Gateway.push
        pub push: Option<GatewayPush>,
        /// TODO Gateway.nodes
        pub nodes: Option<GatewayNodes>,
    } checked by gateway
}

choice! {
    /// TODO GatewayBind
    pub enum GatewayBind {
        Auto = "auto",
        Lan = "lan",
        Loopback = "loopback",
        Custom = "custom",
        Tailnet = "tailnet",
    }
}

shape! {
    /// TODO ControlUi
    #[derive(Default)]
    pub struct ControlUi {
        /// TODO ControlUi.enabled
        pub enabled: Option<bool>,
        /// TODO ControlUi.basePath
        pub base_path: Option<String>,
        /// TODO ControlUi.root
        pub root: Option<String>,
        /// TODO ControlUi.allowedOrigins
        pub allowed_origins: Option<Vec<String>>,
        /// TODO ControlUi.dangerouslyAllowHostHeaderOriginFallback
        pub dangerously_allow_host_header_origin_fallback: Option<bool>,
        /// TODO ControlUi.allowInsecureAuth
        pub allow_insecure_auth: Option<bool>,
        /// TODO ControlUi.dangerouslyDisableDeviceAuth
        pub dangerously_disable_device_auth: Option<bool>,
    }
}

shape! {
    /// TODO GatewayAuth
    #[derive(Default)]
    pub struct GatewayAuth {
        /// TODO GatewayAuth.mode
        pub mode: Option<GatewayAuthMode>,
        /// TODO GatewayAuth.token
        pub token: Option<SecretInput>,
        /// TODO GatewayAuth.password
        pub password: Option<SecretInput>,
        /// TODO GatewayAuth.allowTailscale
        pub allow_tailscale: Option<bool>,
        /// TODO GatewayAuth.rateLimit
        pub rate_limit: Option<AuthRateLimit>,
        /// TODO GatewayAuth.trustedProxy
        pub trusted_proxy: Option<TrustedProxyAuth>,
    }
}

choice! {
    /// TODO GatewayAuthMode
    pub enum GatewayAuthMode {
        None = "none",
        Token = "token",
        Password = "password",
        TrustedProxy = "trusted-proxy",
    }
}

shape! {
    /// TODO AuthRateLimit
    #[derive(Default)]
    pub struct AuthRateLimit {
        /// TODO AuthRateLimit.maxAttempts
        pub max_attempts: Option<f64>,
        /// TODO AuthRateLimit.windowMs
        pub window_ms: Option<f64>,
        /// TODO AuthRateLimit.lockoutMs
        pub lockout_ms: Option<f64>,
        /// TODO AuthRateLimit.exemptLoopback
        pub exempt_loopback: Option<bool>,
    }
}

shape! {
    /// TODO TrustedProxyAuth
    pub struct TrustedProxyAuth {
        /// TODO TrustedProxyAuth.userHeader
        pub user_header: NonEmpty,
        /// TODO TrustedProxyAuth.requiredHeaders
        pub required_headers: Option<Vec<String>>,
        /// TODO TrustedProxyAuth.allowUsers
        pub allow_users: Option<Vec<String>>,
    }
}

shape! {
    /// TODO GatewayTools
    #[derive(Default)]
    pub struct GatewayTools {
        /// TODO GatewayTools.deny
        pub deny: Option<Vec<String>>,
        /// TODO GatewayTools.allow
        pub allow: Option<Vec<String>>,
    }
}

shape! {
    /// TODO Webchat
    #[derive(Default)]
    pub struct Webchat {
        /// TODO Webchat.chatHistoryMaxChars
        pub chat_history_max_chars: Option<Positive<500000>>,
    }
}

shape! {
    /// TODO GatewayTailscale
    #[derive(Default)]
    pub struct GatewayTailscale {
        /// TODO GatewayTailscale.mode
        pub mode: Option<TailscaleMode>,
        /// TODO GatewayTailscale.resetOnExit
        pub reset_on_exit: Option<bool>,
    }
}

shape! {
    /// TODO GatewayRemote
    #[derive(Default)]
    pub struct GatewayRemote {
        /// TODO GatewayRemote.url
        pub url: Option<String>,
        /// TODO GatewayRemote.transport
        pub transport: Option<RemoteTransport>,
        /// TODO GatewayRemote.token
        pub token: Option<SecretInput>,
        /// TODO GatewayRemote.password
        pub password: Option<SecretInput>,
        /// TODO GatewayRemote.tlsFingerprint
        pub tls_fingerprint: Option<String>,
        /// TODO GatewayRemote.sshTarget
        pub ssh_target: Option<String>,
        /// TODO GatewayRemote.sshIdentity
        pub ssh_identity: Option<String>,
    }
}

choice! {
    /// TODO RemoteTransport
    pub enum RemoteTransport {
        Ssh = "ssh",
        Direct = "direct",
    }
}

shape! {
    /// TODO GatewayReload
    #[derive(Default)]
    pub struct GatewayReload {
        /// TODO GatewayReload.mode
        pub mode: Option<ReloadMode>,
        /// TODO GatewayReload.debounceMs
        pub debounce_ms: Option<Natural>,
        /// TODO GatewayReload.deferralTimeoutMs
        pub deferral_timeout_ms: Option<Natural>,
    }
}

choice! {
    /// TODO ReloadMode
    pub enum ReloadMode {
        Off = "off",
        Restart = "restart",
        Hot = "hot",
        Hybrid = "hybrid",
    }
}

shape! {
    /// TODO GatewayTls
    #[derive(Default)]
    pub open struct GatewayTls {
        /// TODO GatewayTls.enabled
        pub enabled: Option<bool>,
        /// TODO GatewayTls.autoGenerate
        pub auto_generate: Option<bool>,
        /// TODO GatewayTls.certPath
        pub cert_path: Option<String>,
        /// TODO GatewayTls.keyPath
        pub key_path: Option<String>,
        /// TODO GatewayTls.caPath
        pub ca_path: Option<String>,
        /// TODO GatewayTls.*
        #[serde(flatten)]
        pub other: Map<Json>,
    }
}

shape! {
    /// TODO GatewayPush
    #[derive(Default)]
    pub struct GatewayPush {
        /// TODO GatewayPush.apns
        pub apns: Option<Apns>,
    }
}

shape! {
    /// TODO Apns
    #[derive(Default)]
    pub struct Apns {
        /// TODO Apns.relay
        pub relay: Option<ApnsRelay>,
    }
}

shape! {
    /// TODO ApnsRelay
    #[derive(Default)]
    pub struct ApnsRelay {
        /// TODO ApnsRelay.baseUrl
        pub base_url: Option<String>,
        /// TODO ApnsRelay.timeoutMs
        pub timeout_ms: Option<Positive>,
    }
}

shape! {
    /// TODO GatewayNodes
    #[derive(Default)]
    pub struct GatewayNodes {
        /// TODO GatewayNodes.browser
        pub browser: Option<NodeBrowser>,
        /// TODO GatewayNodes.allowCommands
        pub allow_commands: Option<Vec<String>>,
        /// TODO GatewayNodes.denyCommands
        pub deny_commands: Option<Vec<String>>,
    }
}

shape! {
    /// TODO NodeBrowser
    #[derive(Default)]
    pub struct NodeBrowser {
        /// TODO NodeBrowser.mode
        pub mode: Option<NodeBrowserMode>,
        /// TODO NodeBrowser.node
        pub node: Option<String>,
    }
}

choice! {
    /// TODO NodeBrowserMode
    pub enum NodeBrowserMode {
        Auto = "auto",
        Manual = "manual",
        Off = "off",
    }
}
