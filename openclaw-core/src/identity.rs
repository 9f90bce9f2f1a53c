//! Who we are on the wire: our own name, the host application's beside it, never another client's.

use crate::error::{Error, Result};

/// Our name; OpenAI asks harnesses to send theirs.
const NAME: &str = "openclaw-core";

/// What every request says of its sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) originator: String,
    pub(crate) user_agent: String,
}

impl Identity {
    /// Our own, with the host application's `name/version` and `originator` if it gives them.
    pub(crate) fn new(application: Option<&str>, originator: Option<&str>) -> Result<Self> {
        let originator = originator.unwrap_or(NAME);
        check(originator, "originator")?;
        let mut user_agent = format!("{NAME}/{} ({})", env!("CARGO_PKG_VERSION"), platform());
        if let Some(application) = application {
            check(application, "application name")?;
            user_agent.push(' ');
            user_agent.push_str(application);
        }
        Ok(Self { originator: originator.to_owned(), user_agent })
    }
}

/// Names of other clients, of browsers and of plain HTTP tools. Whoever sends one of these pretends to be somebody else.
const TAKEN: [&str; 26] = [
    "applewebkit",
    "axios",
    "chatgpt",
    "chrome",
    "chromium",
    "curl",
    "edg",
    "edge",
    "firefox",
    "gecko",
    "go-http-client",
    "hermes-agent",
    "hyper",
    "mozilla",
    "node",
    "node-fetch",
    "okhttp",
    "openai",
    "opencode",
    "opera",
    "pi",
    "python-requests",
    "python-urllib",
    "reqwest",
    "safari",
    "wget",
];

fn check(name: &str, what: &str) -> Result<()> {
    let sound = |c: char| c.is_ascii_alphanumeric() || "-_./+".contains(c);
    if name.is_empty() || name.len() > 64 || !name.chars().all(sound) {
        return Err(Error::config(format!(
            "the {what} {name:?} cannot be sent; write 1 to 64 of letters, digits and -_./+, such as my-app/1.2"
        )));
    }
    let product = name.split('/').next().unwrap_or_default().to_ascii_lowercase();
    if TAKEN.contains(&product.as_str()) || product.starts_with("codex") {
        return Err(Error::config(format!("the {what} {name:?} is another program's; give your own program's name")));
    }
    Ok(())
}

/// `linux 6.8.0; x86_64`.
fn platform() -> String {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let release: String =
        release.trim().chars().take(40).filter(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).collect();
    let space = if release.is_empty() { "" } else { " " };
    format!("{}{space}{release}; {}", std::env::consts::OS, std::env::consts::ARCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn we_say_who_we_are_and_the_application_stands_beside_us() {
        let identity = Identity::new(Some("my-app/1.2"), None).unwrap();
        assert_eq!(identity.originator, "openclaw-core");
        assert!(identity.user_agent.starts_with(concat!("openclaw-core/", env!("CARGO_PKG_VERSION"), " (")));
        assert!(identity.user_agent.ends_with(") my-app/1.2"), "{}", identity.user_agent);
        assert_eq!(Identity::new(None, Some("my-app")).unwrap().originator, "my-app");
    }

    #[test]
    fn another_clients_name_is_refused() {
        for name in [
            "codex_cli_rs",
            "Codex-TUI",
            "codex",
            "Mozilla/5.0",
            "Chromium/1",
            "pi",
            "curl/8",
            "",
            "a b",
            "a\r\nb",
            "ü",
        ] {
            assert!(Identity::new(Some(name), None).is_err(), "{name:?}");
            assert!(Identity::new(None, Some(name)).is_err(), "{name:?}");
        }
    }
}
