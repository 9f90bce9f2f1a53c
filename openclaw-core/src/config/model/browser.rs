//! Section `browser`: the browser that agents drive.

use super::macros::{choice, shape, text};
use super::number::{IntIn, Natural};
use super::value::{HexColor, Map};

shape! {
    /// The browser that agents drive.
    #[derive(Default)]
    pub struct Browser {
        /// Whether there is one.
        pub enabled: Option<bool>,
        /// Whether agents may run scripts in pages.
        pub evaluate_enabled: Option<bool>,
        /// Address of a browser that already runs (Chrome DevTools Protocol).
        pub cdp_url: Option<String>,
        /// Milliseconds for a call to a remote browser.
        pub remote_cdp_timeout_ms: Option<Natural>,
        /// Milliseconds for connecting to a remote browser.
        pub remote_cdp_handshake_timeout_ms: Option<Natural>,
        /// Color by which its windows are told apart.
        pub color: Option<String>,
        /// Path of the browser.
        pub executable_path: Option<String>,
        /// Whether it runs without windows.
        pub headless: Option<bool>,
        /// Whether its own sandbox is off.
        pub no_sandbox: Option<bool>,
        /// Whether it is only attached to, never started.
        pub attach_only: Option<bool>,
        /// First of the ports that profiles are given.
        pub cdp_port_range_start: Option<IntIn<1, 65535>>,
        /// The profile that is used if none is named.
        pub default_profile: Option<String>,
        /// How pages are described to the model.
        pub snapshot_defaults: Option<SnapshotDefaults>,
        /// Which hosts it may reach.
        pub ssrf_policy: Option<SsrfPolicy>,
        /// Browsers by name.
        pub profiles: Option<Map<BrowserProfile, ProfileName>>,
        /// Further arguments for the browser.
        pub extra_args: Option<Vec<String>>,
    }
}

shape! {
    /// How pages are described to the model.
    #[derive(Default)]
    pub struct SnapshotDefaults {
        /// The form of the description.
        pub mode: Option<SnapshotMode>,
    }
}

choice! {
    /// The form in which a page is described.
    pub enum SnapshotMode {
        Efficient = "efficient",
    }
}

shape! {
    /// Which hosts the browser may reach, so that a page cannot turn it against the own network.
    #[derive(Default)]
    pub struct SsrfPolicy {
        /// Whether private and local addresses are allowed.
        pub dangerously_allow_private_network: Option<bool>,
        /// Hosts that are allowed although they are private.
        pub allowed_hostnames: Option<Vec<String>>,
        /// If there are any: the only hosts that are allowed.
        pub hostname_allowlist: Option<Vec<String>>,
    }
}

shape! {
    /// One browser. Needs `cdpPort` or `cdpUrl`, unless it is a session of the person.
    pub struct BrowserProfile {
        /// The port at which it listens (Chrome DevTools Protocol).
        pub cdp_port: Option<IntIn<1, 65535>>,
        /// The address at which it listens.
        pub cdp_url: Option<String>,
        /// The folder of the person's browser data. Only for `existing-session`.
        pub user_data_dir: Option<String>,
        /// Whose browser it is.
        pub driver: Option<BrowserDriver>,
        /// Whether it is only attached to, never started.
        pub attach_only: Option<bool>,
        /// Color by which its windows are told apart.
        pub color: HexColor,
    } checked by browser_profile
}

choice! {
    /// Whose browser a profile is: one of OpenClaw's, or a session of the person.
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
