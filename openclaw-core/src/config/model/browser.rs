//! TODO file browser

use super::macros::{choice, shape, text};
use super::number::{IntIn, Natural};
use super::value::{HexColor, Map};

shape! {
    /// TODO Browser
    #[derive(Default)]
    pub struct Browser {
        /// TODO Browser.enabled
        pub enabled: Option<bool>,
        /// TODO Browser.evaluateEnabled
        pub evaluate_enabled: Option<bool>,
        /// TODO Browser.cdpUrl
        pub cdp_url: Option<String>,
        /// TODO Browser.remoteCdpTimeoutMs
        pub remote_cdp_timeout_ms: Option<Natural>,
        /// TODO Browser.remoteCdpHandshakeTimeoutMs
        pub remote_cdp_handshake_timeout_ms: Option<Natural>,
        /// TODO Browser.color
        pub color: Option<String>,
        /// TODO Browser.executablePath
        pub executable_path: Option<String>,
        /// TODO Browser.headless
        pub headless: Option<bool>,
        /// TODO Browser.noSandbox
        pub no_sandbox: Option<bool>,
        /// TODO Browser.attachOnly
        pub attach_only: Option<bool>,
        /// TODO Browser.cdpPortRangeStart
        pub cdp_port_range_start: Option<IntIn<1, 65535>>,
        /// TODO Browser.defaultProfile
        pub default_profile: Option<String>,
        /// TODO Browser.snapshotDefaults
        pub snapshot_defaults: Option<SnapshotDefaults>,
        /// TODO Browser.ssrfPolicy
        pub ssrf_policy: Option<SsrfPolicy>,
        /// TODO Browser.profiles
        pub profiles: Option<Map<BrowserProfile, ProfileName>>,
        /// TODO Browser.extraArgs
        pub extra_args: Option<Vec<String>>,
    }
}

shape! {
    /// TODO SnapshotDefaults
    #[derive(Default)]
    pub struct SnapshotDefaults {
        /// TODO SnapshotDefaults.mode
        pub mode: Option<SnapshotMode>,
    }
}

choice! {
    /// TODO SnapshotMode
    pub enum SnapshotMode {
        Efficient = "efficient",
    }
}

shape! {
    /// TODO SsrfPolicy
    #[derive(Default)]
    pub struct SsrfPolicy {
        /// TODO SsrfPolicy.dangerouslyAllowPrivateNetwork
        pub dangerously_allow_private_network: Option<bool>,
        /// TODO SsrfPolicy.allowedHostnames
        pub allowed_hostnames: Option<Vec<String>>,
        /// TODO SsrfPolicy.hostnameAllowlist
        pub hostname_allowlist: Option<Vec<String>>,
    }
}

shape! {
    /// TODO BrowserProfile
    pub struct BrowserProfile {
        /// TODO BrowserProfile.cdpPort
        pub cdp_port: Option<IntIn<1, 65535>>,
        /// TODO BrowserProfile.cdpUrl
        pub cdp_url: Option<String>,
        /// TODO BrowserProfile.userDataDir
        pub user_data_dir: Option<String>,
        /// TODO BrowserProfile.driver
        pub driver: Option<BrowserDriver>,
        /// TODO BrowserProfile.attachOnly
        pub attach_only: Option<bool>,
        /// TODO BrowserProfile.color
        pub color: HexColor,
    } checked by browser_profile
}

choice! {
    /// TODO BrowserDriver
    pub enum BrowserDriver {
        Openclaw = "openclaw",
        Clawd = "clawd",
        ExistingSession = "existing-session",
    }
}

text! {
    /// The name of a browser profile: small letters, digits and `-`.
    pub struct ProfileName checked by profile_name { "pattern": "^[a-z0-9-]+$" }
}
