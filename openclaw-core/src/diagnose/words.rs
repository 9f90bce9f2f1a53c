//! Every verdict in plain words, with the steps that help, in their order.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::auth::stamp;
use crate::error::words;

words! {
    /// What is wrong. The list grows; a word never changes its meaning.
    VerdictKind {
        /// Nothing: an answer came.
        Fine = "fine",
        /// Nothing that can be seen without asking the provider.
        NotProbed = "not_probed",
        /// OpenClaw refuses the configuration.
        ConfigInvalid = "config_invalid",
        /// What the configuration says of the model leads nowhere.
        CannotAsk = "cannot_ask",
        /// The base URL, or the path, is not one of the provider.
        WrongAddress = "wrong_address",
        /// The store of logins cannot be read.
        StoreUnreadable = "store_unreadable",
        /// There is no login.
        NoLogin = "no_login",
        /// No entry of a login can be used.
        LoginUnreadable = "login_unreadable",
        /// Every login has ended or was refused for good.
        SignIn = "sign_in",
        /// Every login rests, or the one that was asked with does.
        Resting = "resting",
        /// The token has ended.
        TokenExpired = "token_expired",
        /// The token was refused before its end.
        TokenRejected = "token_rejected",
        /// The account or workspace is deactivated.
        Deactivated = "deactivated",
        /// This machine's clock is wrong.
        Clock = "clock",
        /// The token is good; something in front of the provider blocks the calls.
        EdgeBlocked = "edge_blocked",
        /// Something in front of the provider blocks all that was asked.
        EdgeBlocksAll = "edge_blocks_all",
        /// A proxy, a captive portal or a web filter is in the way.
        Proxy = "proxy",
        /// The name of the host cannot be resolved.
        Dns = "dns",
        /// No TLS connection that can be trusted.
        Tls = "tls",
        /// The host cannot be reached.
        Connect = "connect",
        /// No answer in time.
        Timeout = "timeout",
        /// The plan does not include it.
        PlanLacksIt = "plan_lacks_it",
        /// No credit.
        Billing = "billing",
        /// The window of the plan is used up.
        UsageLimit = "usage_limit",
        /// Too many requests for now.
        RateLimited = "rate_limited",
        /// The country or region is not served.
        Region = "region",
        /// A rule of the workspace forbids it.
        WorkspacePolicy = "workspace_policy",
        /// The account may not do it.
        Forbidden = "forbidden",
        /// The model is unknown, retired, or not open to the account.
        ModelNotOpen = "model_not_open",
        /// The provider has no capacity for the moment.
        Overloaded = "overloaded",
        /// The provider is broken for the moment.
        ServerBroken = "server_broken",
        /// The evidence names no cause.
        Unknown = "unknown",
    }
}

/// What is wrong, in plain words, and what helps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Verdict {
    /// What is wrong, as a stable word.
    pub kind: VerdictKind,
    /// The same in one line for a person. Never a secret.
    pub says: String,
    /// What helps, the first step first.
    pub steps: Vec<String>,
    /// When it ends by itself, if that is known; in JSON as Unix seconds.
    #[serde(with = "stamp::seconds", skip_serializing_if = "Option::is_none")]
    pub until: Option<SystemTime>,
}

/// A verdict's words. `{…}` stands for what was found. `docs/status.md` shows the same; a test holds both equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Meaning {
    /// The verdict.
    pub kind: VerdictKind,
    /// What is wrong.
    pub says: &'static str,
    /// What helps, the first step first.
    pub steps: &'static [&'static str],
}

/// What stands for a `{…}`.
pub(super) type Facts = [(&'static str, String)];

impl Verdict {
    pub(super) fn new(kind: VerdictKind, facts: &Facts, until: Option<SystemTime>) -> Self {
        let meaning = MEANINGS.iter().find(|meaning| meaning.kind == kind);
        let says = meaning.map_or("", |meaning| meaning.says);
        let steps = meaning.map_or(&[][..], |meaning| meaning.steps);
        Self { kind, says: filled(says, facts), steps: steps.iter().map(|step| filled(step, facts)).collect(), until }
    }
}

/// The words with what was found in them. What was found is not looked at again: it may hold braces.
fn filled(words: &str, facts: &Facts) -> String {
    let mut out = String::new();
    let mut rest = words;
    while let Some((before, behind)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, after)) = behind.split_once('}') else { break };
        out.push_str(facts.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value));
        rest = after;
    }
    out.push_str(rest);
    out
}

use VerdictKind as V;

const fn row(kind: VerdictKind, says: &'static str, steps: &'static [&'static str]) -> Meaning {
    Meaning { kind, says, steps }
}

/// The words of every verdict.
#[rustfmt::skip]
pub const MEANINGS: &[Meaning] = &[
    row(V::Fine, "All is well: {provider} answered as {profile}{clock}.", &[]),
    row(V::NotProbed, "Nothing is wrong as far as this machine knows; the provider was not asked.", &[
        "ask it: claw status --probe",
    ]),
    row(V::ConfigInvalid, "OpenClaw refuses the configuration: {why}.", &[
        "see each mistake with its line: claw config validate",
        "see what would repair it: claw doctor; repair it: claw doctor --fix (a backup is kept)",
    ]),
    row(V::CannotAsk, "{model} cannot be asked: {why}.", &[
        "correct that place of the configuration",
        "see what every model leads to: claw config models",
    ]),
    row(V::WrongAddress, "{provider} is asked at a wrong address: {why}.", &[
        "set the base URL to {right}: claw doctor --fix does it for openai-codex",
        "see where every model leads to: claw config models",
        "a new login or another profile changes nothing here",
    ]),
    row(V::StoreUnreadable, "The logins cannot be read: {why}.", &[
        "mend what is said there",
        "or name another file with --profile-file",
    ]),
    row(V::NoLogin, "There is no login: {why}.", &[
        "sign in: claw login, or openclaw models auth login --provider {provider}",
        "or put an API key into the environment or the configuration",
    ]),
    row(V::LoginUnreadable, "No stored login of {provider} can be used: {why}.", &[
        "set the variable that is named, or repair the entry",
        "or sign in again: claw login",
    ]),
    row(V::SignIn, "A person has to sign in: {why}.", &[
        "sign in again: claw login, or openclaw models auth login --provider {provider}",
        "if this happens again and again: let no other program use the same login, for its refresh token works once",
    ]),
    row(V::Resting, "The login rests: {why}.", &[
        "wait until {until}",
        "or sign in with another account: claw login",
    ]),
    row(V::TokenExpired, "The token of {profile} has ended: {why}.", &[
        "{renew}",
        "if it ended long before its time: check this machine's clock",
    ]),
    row(V::TokenRejected, "{provider} refuses the token of {profile}, although it has not ended: {why}.", &[
        "sign in again: claw login; for an API key, put a valid one in its place",
        "if it is refused again: look in the account's security settings whether its sessions were ended",
    ]),
    row(V::Deactivated, "The account or workspace of {profile} is deactivated: {why}.", &[
        "ask its owner, or the provider's support",
        "sign in with another account: claw login",
    ]),
    row(V::Clock, "This machine's clock is {off}, so a token seems to be over, or not to have begun.", &[
        "set the clock; on Linux: timedatectl set-ntp true",
        "ask again: claw status --probe",
    ]),
    row(V::EdgeBlocked, "The token is good: {edge} in front of {host} blocks the calls to {address} alone.", &[
        "leave the login and the profiles as they are: they are not the cause",
        "wait some minutes, then ask again: claw status --probe",
        "try another network: addresses of data centres, VPNs and shared exits are blocked more often",
        "let calls go to another provider meanwhile: agents.defaults.model.fallbacks",
        "if it stays, tell the provider's support{ray}",
    ]),
    row(V::EdgeBlocksAll, "{edge} in front of {host} blocks all that was asked, so nothing is known of the login.", &[
        "leave the login and the profiles as they are: nothing speaks against them",
        "check the base URL: the right one is {right}",
        "try another network: addresses of data centres, VPNs and shared exits are blocked more often",
        "let calls go to another provider meanwhile: agents.defaults.model.fallbacks",
        "if it stays, tell the provider's support{ray}",
    ]),
    row(V::Proxy, "A proxy, a guest network or a web filter stands in the way: {why}.", &[
        "on a guest network: open a browser and sign in to it",
        "check the proxy setting (HTTPS_PROXY, or models.providers.{provider}.request.proxy) and its password",
        "let {host} pass through the filter",
    ]),
    row(V::Dns, "The name {host} cannot be resolved: {why}.", &[
        "check that the network works, and the spelling of the base URL",
        "check the DNS server of this machine, or of its VPN or container",
    ]),
    row(V::Tls, "No trusted TLS connection to {host}: {why}.", &[
        "if a proxy or virus scanner inspects traffic: put its certificate into a file and name it in CODEX_CA_CERTIFICATE",
        "check this machine's clock: a certificate is not valid before its time",
        "on a guest network: open a browser and sign in to it",
    ]),
    row(V::Connect, "{host} cannot be reached: {why}.", &[
        "check that the network works, and the port of the base URL",
        "check firewall, VPN, and whether a proxy has to be set (HTTPS_PROXY)",
    ]),
    row(V::Timeout, "{host} did not answer in time: {why}.", &[
        "ask again: claw status --probe",
        "check whether a proxy or VPN holds answers back",
        "let calls go to another provider meanwhile: agents.defaults.model.fallbacks",
    ]),
    row(V::PlanLacksIt, "The plan{plan} of {profile} does not include these calls: {why}.", &[
        "sign in with an account whose plan includes Codex: claw login",
        "or change the plan",
        "or use an API key: provider openai",
    ]),
    row(V::Billing, "No credit is left for {profile}: {why}.", &[
        "add credit at the provider",
        "or use another account or provider",
    ]),
    row(V::UsageLimit, "The window of the plan{plan} is used up until {until}.", &[
        "wait until {until}",
        "or sign in with another account: claw login",
        "or let calls go to another provider meanwhile: agents.defaults.model.fallbacks",
    ]),
    row(V::RateLimited, "Too many requests for now, until {until}.", &[
        "wait, then ask again",
        "let fewer programs use this login at once",
    ]),
    row(V::Region, "{provider} does not serve the country that this machine seems to be in: {why}.", &[
        "if the country is wrong: turn VPN or proxy off, or use an exit in a country that is served",
        "use another provider: agents.defaults.model.fallbacks",
    ]),
    row(V::WorkspacePolicy, "A rule of the workspace forbids it to {profile}: {why}.", &[
        "ask the workspace's administrator to allow it",
        "or sign in to another workspace: claw login",
    ]),
    row(V::Forbidden, "{profile} may not do this: {why}.", &[
        "check the rights of the account or key at the provider",
        "or use another account: claw login",
    ]),
    row(V::ModelNotOpen, "Login and address are good, but the model {model} is not open to {profile}: {why}.", &[
        "choose a model that the provider lists, in agents.defaults.model",
    ]),
    row(V::Overloaded, "{provider} has no capacity for the moment: {why}.", &[
        "wait some minutes, then ask again: claw status --probe",
        "let calls go to another provider meanwhile: agents.defaults.model.fallbacks",
    ]),
    row(V::ServerBroken, "{provider} is broken for the moment: {why}.", &[
        "look at the provider's status page",
        "wait some minutes, then ask again: claw status --probe",
        "let calls go to another provider meanwhile: agents.defaults.model.fallbacks",
    ]),
    row(V::Unknown, "The provider's answer names no cause: {why}.", &[
        "ask again: claw status --probe",
        "tell the provider's support what is said here, with the id of the request",
    ]),
];
