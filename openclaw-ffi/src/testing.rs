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
    issuer: Text,
    token: Text,
}

#[cfg(feature = "testing")]
impl Server {
    fn start(scenario: &str, script: &str) -> Result<Self> {
        use openclaw_core::embed::without_signals;
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
        let issuer = Text::new(server.issuer_url());
        server.set_device_interval(std::time::Duration::from_secs(1));
        Ok(Self { server, codex, platform, issuer, token: Text::new(forged_token("acct-vector")) })
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

    fn decide(&self, url: &str, allow: bool) -> Result<String> {
        Ok(self.server.decide_sign_in(url, allow)?)
    }

    fn decide_device(&self, code: &str, allow: bool) -> Result<()> {
        match self.server.decide_device(code, allow) {
            true => Ok(()),
            false => Err(Fault::argument(format!("no sign-in waits with the code {code:?}"))),
        }
    }

    fn fail_sign_in(&self, fault: &str, times: u32) -> Result<()> {
        use openclaw_core::testing::IssuerFault;
        let names = || IssuerFault::ALL.iter().map(|fault| fault.as_str()).collect::<Vec<_>>().join(", ");
        let fault = IssuerFault::from_name(fault)
            .ok_or_else(|| Fault::argument(format!("there is no fault {fault:?}; there are {}", names())))?;
        self.server.fail_sign_in(fault, times);
        Ok(())
    }

    fn issuer_counts(&self) -> Result<String> {
        let json = serde_json::to_string(&self.server.issuer_counts());
        Ok(json.map_err(|e| openclaw_core::Error::config(e.to_string()))?)
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

    fn decide(&self, _: &str, _: bool) -> Result<String> {
        Err(missing())
    }

    fn decide_device(&self, _: &str, _: bool) -> Result<()> {
        Err(missing())
    }

    fn fail_sign_in(&self, _: &str, _: u32) -> Result<()> {
        Err(missing())
    }

    fn issuer_counts(&self) -> Result<String> {
        Err(missing())
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

/// The address of the login server, for `issuer` of `openclaw_logins_new`. Lives as long as the server. Of NULL: empty.
/// Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_test_server_issuer_url(server: *const openclaw_test_server) -> openclaw_str {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(server, openclaw_str::EMPTY, |server| server.issuer.view()) }
}

/// Clicks on the sign-in page of `url`, as the person would: to continue if `allow` is not 0, else to deny.
///
/// `*out` becomes the address that the browser is sent to then, which a test opens or pastes; the host owns it. Errors:
/// `OPENCLAW_ERR_CONFIG` when `url` is none of a sign-in page. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_test_server_decide_sign_in(
    server: *const openclaw_test_server,
    url: openclaw_str,
    allow: i32,
    out: *mut *mut openclaw_string,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |server: &Server| {
        let out = place(out, "out")?;
        // SAFETY: the host promises the text.
        let url = unsafe { url.get("url") }?;
        // SAFETY: not NULL, and the host promises a place.
        unsafe { give_string(out, server.decide(url, allow != 0)?) };
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(server, err, call) }
}

/// Types a device code, as the person would, and continues if `allow` is not 0, else denies. Errors:
/// `OPENCLAW_ERR_INVALID_ARGUMENT` when no sign-in waits with this code. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_test_server_decide_device(
    server: *const openclaw_test_server,
    code: openclaw_str,
    allow: i32,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |server: &Server| {
        // SAFETY: the host promises the text.
        server.decide_device(unsafe { code.get("code") }?, allow != 0)?;
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(server, err, call) }
}

/// Lets the next `times` requests for tokens, device codes and revocations meet a fault, such as `refresh_token_expired`,
/// `edge_block`, `unavailable`, `stall`. Errors: `OPENCLAW_ERR_INVALID_ARGUMENT`, which names them all. Threads: any. Since
/// 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_test_server_fail_sign_in(
    server: *const openclaw_test_server,
    fault: openclaw_str,
    times: u32,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |server: &Server| {
        // SAFETY: the host promises the text.
        server.fail_sign_in(unsafe { fault.get("fault") }?, times)?;
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(server, err, call) }
}

/// What the login server was asked, as a JSON object of numbers: `sign_in_pages`, `exchanges`, `refreshes`, `reused`,
/// `device_codes`, `device_polls`, `revocations`, `api_keys`. `*out` becomes a string that the host owns. Threads: any. Since
/// 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_test_server_issuer_counts_json(
    server: *const openclaw_test_server,
    out: *mut *mut openclaw_string,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |server: &Server| {
        let out = place(out, "out")?;
        // SAFETY: not NULL, and the host promises a place.
        unsafe { give_string(out, server.issuer_counts()?) };
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(server, err, call) }
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
