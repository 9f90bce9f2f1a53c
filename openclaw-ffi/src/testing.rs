//! The embedded server, for the tests of hosts.

use crate::error::openclaw_error;
use crate::guard::{Fault, Handle, Result, enter, free, read, with};
use crate::status::*;
use crate::text::{Text, give_string, openclaw_str, openclaw_string, place};

/// A Codex backend on a loopback port, for tests of a host: it plays scenarios and scripts, checks requests as the real
/// one does and records them. It has a thread of its own. Any thread may use it. Since 0.1.
pub struct openclaw_test_server {
    _opaque: [u8; 0],
}

impl Handle for openclaw_test_server {
    type Value = Server;
    const MAGIC: u64 = 0x6f63_5f73_7276_0001;
    const NAME: &'static str = "openclaw_test_server";
}

/// What is behind it.
pub(crate) struct Server {
    #[cfg(feature = "testing")]
    server: openclaw_core::testing::TestServer,
    codex: Text,
    platform: Text,
    token: Text,
}

#[cfg(feature = "testing")]
impl Server {
    fn start(scenario: &str, script: &str) -> Result<Self> {
        use crate::signal::without_signals;
        use openclaw_core::testing::{TestServer, forged_token};
        let mut builder = TestServer::builder();
        if !scenario.is_empty() {
            builder = builder.scenario(named(scenario)?);
        }
        if !script.is_empty() {
            builder = builder.script(openclaw_core::testing::Script::from_json(script)?);
        }
        let server = without_signals(|| builder.start_blocking())?;
        let codex = Text::new(server.codex_base_url());
        let platform = Text::new(server.platform_base_url());
        Ok(Self { server, codex, platform, token: Text::new(forged_token("acct-vector")) })
    }

    fn requests(&self) -> Result<String> {
        let json = serde_json::to_string(&self.server.requests());
        Ok(json.map_err(|e| openclaw_core::Error::config(e.to_string()))?)
    }

    fn set(&self, scenario: &str, script: &str) -> Result<()> {
        if !scenario.is_empty() {
            self.server.set_scenario(named(scenario)?);
        }
        if !script.is_empty() {
            self.server.set_script(openclaw_core::testing::Script::from_json(script)?);
        }
        Ok(())
    }

    fn open(&self) -> usize {
        self.server.open_connections()
    }

    fn wait(&self, count: usize) -> Result<()> {
        Ok(self.server.wait_for_connections_blocking(count)?)
    }
}

#[cfg(feature = "testing")]
fn named(scenario: &str) -> Result<openclaw_core::testing::Scenario> {
    use openclaw_core::testing::Scenario;
    Scenario::from_name(scenario).ok_or_else(|| {
        let names: Vec<&str> = Scenario::ALL.iter().map(|s| s.as_str()).collect();
        Fault::argument(format!("there is no scenario {scenario:?}; there are {}", names.join(", ")))
    })
}

#[cfg(not(feature = "testing"))]
impl Server {
    fn start(_: &str, _: &str) -> Result<Self> {
        Err(missing())
    }

    fn requests(&self) -> Result<String> {
        Err(missing())
    }

    fn set(&self, _: &str, _: &str) -> Result<()> {
        Err(missing())
    }

    fn open(&self) -> usize {
        0
    }

    fn wait(&self, _: usize) -> Result<()> {
        Err(missing())
    }
}

#[cfg(not(feature = "testing"))]
fn missing() -> Fault {
    Fault::unsupported("this libopenclaw was built without the feature `testing`")
}

/// Starts a server on a free port of 127.0.0.1.
///
/// `scenario` is one of `plain`, `tool_call`, `usage_limit`, `overloaded`, `context_overflow`, `truncated`, `stall`,
/// `challenge`, `waf`, `captive_portal`, `slow`; `plain` if empty. `script_json`, if not empty, is a script that goes
/// before it (see docs of openclaw-core). `*out` becomes a server that the host owns. Errors:
/// `OPENCLAW_ERR_UNSUPPORTED` if the library was built without it, `OPENCLAW_ERR_CONFIG` for a script that is wrong.
/// Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_test_server_start(
    scenario: openclaw_str,
    script_json: openclaw_str,
    out: *mut *mut openclaw_test_server,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = || {
        let out = place(out, "out")?;
        // SAFETY: the host promises the texts.
        let (scenario, script) = unsafe { (scenario.get("scenario")?, script_json.get("script_json")?) };
        let server = Server::start(scenario, script)?;
        // SAFETY: not NULL, and the host promises a place.
        unsafe { out.write(crate::guard::give(server)) };
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a place for the error or NULL.
    unsafe { enter(err, call) }
}

/// The base URL for a ChatGPT-plan client. Lives as long as the server. Of NULL: empty. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_test_server_url(server: *const openclaw_test_server) -> openclaw_str {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(server, openclaw_str::EMPTY, |server| server.codex.view()) }
}

/// The base URL for a client with an API key; any key that begins with `sk-` is good. Lives as long as the server. Of
/// NULL: empty. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_test_server_platform_url(server: *const openclaw_test_server) -> openclaw_str {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(server, openclaw_str::EMPTY, |server| server.platform.view()) }
}

/// A forged ChatGPT token that the server takes. Lives as long as the server. Of NULL: empty. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_test_server_token(server: *const openclaw_test_server) -> openclaw_str {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(server, openclaw_str::EMPTY, |server| server.token.view()) }
}

/// Changes what calls get from now on: `scenario`, `script_json`, or both, as in `openclaw_test_server_start`. Errors:
/// `OPENCLAW_ERR_INVALID_ARGUMENT`, `OPENCLAW_ERR_CONFIG`. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_test_server_play(
    server: *const openclaw_test_server,
    scenario: openclaw_str,
    script_json: openclaw_str,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |server: &Server| {
        // SAFETY: the host promises the texts.
        let (scenario, script) = unsafe { (scenario.get("scenario")?, script_json.get("script_json")?) };
        server.set(scenario, script)?;
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(server, err, call) }
}

/// The requests that came so far, as a JSON array; credentials are masked. `*out` becomes a string that the host owns.
/// Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_test_server_requests_json(
    server: *const openclaw_test_server,
    out: *mut *mut openclaw_string,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |server: &Server| {
        let out = place(out, "out")?;
        // SAFETY: not NULL, and the host promises a place.
        unsafe { give_string(out, server.requests()?) };
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(server, err, call) }
}

/// How many connections are open now. Of NULL: 0. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_test_server_open_connections(server: *const openclaw_test_server) -> usize {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(server, 0, Server::open) }
}

/// Waits until exactly `count` connections are open, for at most 10 s: 0 proves that a cancelled call closed its own.
/// Errors: `OPENCLAW_ERR_TIMEOUT`. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_test_server_wait_connections(
    server: *const openclaw_test_server,
    count: usize,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(server, err, |server: &Server| server.wait(count).map(|()| OPENCLAW_OK)) }
}

/// Stops a server. NULL is ignored. Threads: any, once. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_test_server_free(server: *mut openclaw_test_server) {
    // SAFETY: the host promises a handle of ours or NULL, and not to use it again.
    unsafe { free(server, drop) }
}
