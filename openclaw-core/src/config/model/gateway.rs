//! Section `gateway`: address, access, endpoints.

use super::gateway_http::GatewayHttp;
use super::macros::{choice, shape};
use super::number::{IntIn, Natural, Positive};
use super::secret::SecretInput;
use super::shared::{RunMode, TailscaleMode};
use super::value::{Json, Map, NonEmpty};

shape! {
    /// The gateway: address, access, endpoints.
    #[derive(Default)]
    pub struct Gateway {
        /// Its port. Default 18789.
        pub port: Option<Positive>,
        /// Whether it runs here or elsewhere.
        pub mode: Option<RunMode>,
        /// The addresses at which it listens. Default `loopback`.
        pub bind: Option<GatewayBind>,
        /// The address, for `custom`.
        pub custom_bind_host: Option<String>,
        /// The control panel.
        pub control_ui: Option<ControlUi>,
        /// Who may connect.
        pub auth: Option<GatewayAuth>,
        /// Addresses of proxies whose headers are believed.
        pub trusted_proxies: Option<Vec<String>>,
        /// Whether `X-Real-IP` is believed where `X-Forwarded-For` is missing.
        pub allow_real_ip_fallback: Option<bool>,
        /// Tools that may be called over HTTP.
        pub tools: Option<GatewayTools>,
        /// The web chat.
        pub webchat: Option<Webchat>,
        /// Minutes between two looks at the channels; 0 is never. Default 5.
        pub channel_health_check_minutes: Option<Natural>,
        /// Minutes without an event after which a channel counts as dead. Not below `channelHealthCheckMinutes`.
        pub channel_stale_event_threshold_minutes: Option<IntIn<1>>,
        /// Restarts of a channel in an hour, at most.
        pub channel_max_restarts_per_hour: Option<IntIn<1>>,
        /// What Tailscale publishes. Needs `bind` to be the loopback address.
        pub tailscale: Option<GatewayTailscale>,
        /// The gateway elsewhere, for `mode: "remote"`.
        pub remote: Option<GatewayRemote>,
        /// What happens when the configuration changes.
        pub reload: Option<GatewayReload>,
        /// TLS of the gateway.
        pub tls: Option<GatewayTls>,
        /// Its HTTP endpoints.
        pub http: Option<GatewayHttp>,
        /// Push messages to phones.
        pub push: Option<GatewayPush>,
        /// Nodes that connect to it.
        pub nodes: Option<GatewayNodes>,
    } checked by gateway
}

choice! {
    /// The addresses at which the gateway listens.
    pub enum GatewayBind {
        Auto = "auto",
        Lan = "lan",
        Loopback = "loopback",
        Custom = "custom",
        Tailnet = "tailnet",
    }
}

shape! {
    /// The control panel.
    #[derive(Default)]
    pub struct ControlUi {
        /// Whether there is one.
        pub enabled: Option<bool>,
        /// Its path.
        pub base_path: Option<String>,
        /// The folder of its files.
        pub root: Option<String>,
        /// Origins from which it may be used.
        pub allowed_origins: Option<Vec<String>>,
        /// Whether the `Host` header counts as an allowed origin.
        pub dangerously_allow_host_header_origin_fallback: Option<bool>,
        /// Whether it may be used without HTTPS.
        pub allow_insecure_auth: Option<bool>,
        /// Whether devices need not be paired.
        pub dangerously_disable_device_auth: Option<bool>,
    }
}

shape! {
    /// Who may connect to the gateway.
    #[derive(Default)]
    pub struct GatewayAuth {
        /// How callers prove who they are.
        pub mode: Option<GatewayAuthMode>,
        /// The token, for `token`.
        pub token: Option<SecretInput>,
        /// The password, for `password`.
        pub password: Option<SecretInput>,
        /// Whether Tailscale's word for who someone is counts.
        pub allow_tailscale: Option<bool>,
        /// What happens after wrong tries.
        pub rate_limit: Option<AuthRateLimit>,
        /// The proxy that signs people in, for `trusted-proxy`.
        pub trusted_proxy: Option<TrustedProxyAuth>,
    }
}

choice! {
    /// How callers prove who they are.
    pub enum GatewayAuthMode {
        None = "none",
        Token = "token",
        Password = "password",
        TrustedProxy = "trusted-proxy",
    }
}

shape! {
    /// What happens after wrong tries.
    #[derive(Default)]
    pub struct AuthRateLimit {
        /// Tries, at most.
        pub max_attempts: Option<f64>,
        /// Milliseconds in which they count.
        pub window_ms: Option<f64>,
        /// Milliseconds for which a caller is locked out.
        pub lockout_ms: Option<f64>,
        /// Whether callers on this machine never are.
        pub exempt_loopback: Option<bool>,
    }
}

shape! {
    /// A proxy that signs people in.
    pub struct TrustedProxyAuth {
        /// The header that names the person.
        pub user_header: NonEmpty,
        /// Headers that must be there too.
        pub required_headers: Option<Vec<String>>,
        /// The only persons that may connect.
        pub allow_users: Option<Vec<String>>,
    }
}

shape! {
    /// Tools that may be called over HTTP.
    #[derive(Default)]
    pub struct GatewayTools {
        /// Tools that may not.
        pub deny: Option<Vec<String>>,
        /// Tools that may although they are not by default.
        pub allow: Option<Vec<String>>,
    }
}

shape! {
    /// The web chat.
    #[derive(Default)]
    pub struct Webchat {
        /// Characters of a message that are shown, at most.
        pub chat_history_max_chars: Option<Positive<500000>>,
    }
}

shape! {
    /// What Tailscale publishes of the gateway.
    #[derive(Default)]
    pub struct GatewayTailscale {
        /// To whom.
        pub mode: Option<TailscaleMode>,
        /// Whether it stops publishing when the gateway ends.
        pub reset_on_exit: Option<bool>,
    }
}

shape! {
    /// A gateway that runs elsewhere.
    #[derive(Default)]
    pub struct GatewayRemote {
        /// Its address, `ws://` or `wss://`.
        pub url: Option<String>,
        /// How it is reached.
        pub transport: Option<RemoteTransport>,
        /// Its token.
        pub token: Option<SecretInput>,
        /// Its password.
        pub password: Option<SecretInput>,
        /// The fingerprint that its certificate must have.
        pub tls_fingerprint: Option<String>,
        /// `user@host`, for `ssh`.
        pub ssh_target: Option<String>,
        /// File of the private key, for `ssh`.
        pub ssh_identity: Option<String>,
    }
}

choice! {
    /// How a gateway elsewhere is reached.
    pub enum RemoteTransport {
        Ssh = "ssh",
        Direct = "direct",
    }
}

shape! {
    /// What happens when the configuration changes.
    #[derive(Default)]
    pub struct GatewayReload {
        /// What happens.
        pub mode: Option<ReloadMode>,
        /// Milliseconds of quiet that are waited.
        pub debounce_ms: Option<Natural>,
        /// Milliseconds for which a restart waits for running turns.
        pub deferral_timeout_ms: Option<Natural>,
    }
}

choice! {
    /// What happens when the configuration changes.
    pub enum ReloadMode {
        Off = "off",
        Restart = "restart",
        Hot = "hot",
        Hybrid = "hybrid",
    }
}

shape! {
    /// TLS of the gateway.
    #[derive(Default)]
    pub open struct GatewayTls {
        /// Whether it speaks TLS.
        pub enabled: Option<bool>,
        /// Whether it makes a certificate for itself.
        pub auto_generate: Option<bool>,
        /// File of its certificate.
        pub cert_path: Option<String>,
        /// File of its private key.
        pub key_path: Option<String>,
        /// File of the certificate authority for callers.
        pub ca_path: Option<String>,
        /// Kept, but not looked at.
        #[serde(flatten)]
        pub other: Map<Json>,
    }
}

shape! {
    /// Push messages to phones.
    #[derive(Default)]
    pub struct GatewayPush {
        /// Apple's.
        pub apns: Option<Apns>,
    }
}

shape! {
    /// Push messages by Apple.
    #[derive(Default)]
    pub struct Apns {
        /// The relay that sends them.
        pub relay: Option<ApnsRelay>,
    }
}

shape! {
    /// The relay that sends push messages to Apple.
    #[derive(Default)]
    pub struct ApnsRelay {
        /// Its base address.
        pub base_url: Option<String>,
        /// Milliseconds of a call, at most.
        pub timeout_ms: Option<Positive>,
    }
}

shape! {
    /// Nodes that connect to the gateway.
    #[derive(Default)]
    pub struct GatewayNodes {
        /// Their browsers.
        pub browser: Option<NodeBrowser>,
        /// Commands that are allowed beyond the default.
        pub allow_commands: Option<Vec<String>>,
        /// Commands that are not allowed.
        pub deny_commands: Option<Vec<String>>,
    }
}

shape! {
    /// Browsers of nodes.
    #[derive(Default)]
    pub struct NodeBrowser {
        /// Whether they are used.
        pub mode: Option<NodeBrowserMode>,
        /// The only node whose browser is.
        pub node: Option<String>,
    }
}

choice! {
    /// Whether browsers of nodes are used.
    pub enum NodeBrowserMode {
        Auto = "auto",
        Manual = "manual",
        Off = "off",
    }
}
