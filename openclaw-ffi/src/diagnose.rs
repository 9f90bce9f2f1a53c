//! What is wrong on this machine, and what helps.

use openclaw_core::diagnose::Diagnosis;
use openclaw_core::embed::{DiagnoseSettings, check_code, verdict_code};

use crate::client::wait_limit;
use crate::error::openclaw_error;
use crate::global::watch_forks;
use crate::guard::{Fault, Handle, enter, free, give, read};
use crate::status::*;
use crate::text::{Text, openclaw_str, place};

/// What is wrong, as a number. Append only; the words and the steps that help stand in docs/status.md. Since 0.1.
pub type openclaw_verdict = u32;

/// Nothing: an answer came. Since 0.1.
pub const OPENCLAW_VERDICT_FINE: openclaw_verdict = 0;
/// Nothing that can be seen without asking the provider. Since 0.1.
pub const OPENCLAW_VERDICT_NOT_PROBED: openclaw_verdict = 1;
/// OpenClaw refuses the configuration. Since 0.1.
pub const OPENCLAW_VERDICT_CONFIG_INVALID: openclaw_verdict = 2;
/// What the configuration says of the model leads nowhere. Since 0.1.
pub const OPENCLAW_VERDICT_CANNOT_ASK: openclaw_verdict = 3;
/// The base URL, or the path, is not one of the provider. Since 0.1.
pub const OPENCLAW_VERDICT_WRONG_ADDRESS: openclaw_verdict = 4;
/// The store of logins cannot be read. Since 0.1.
pub const OPENCLAW_VERDICT_STORE_UNREADABLE: openclaw_verdict = 5;
/// There is no login. Since 0.1.
pub const OPENCLAW_VERDICT_NO_LOGIN: openclaw_verdict = 6;
/// No entry of a login can be used. Since 0.1.
pub const OPENCLAW_VERDICT_LOGIN_UNREADABLE: openclaw_verdict = 7;
/// Every login has ended or was refused for good. Since 0.1.
pub const OPENCLAW_VERDICT_SIGN_IN: openclaw_verdict = 8;
/// Every login rests, or the one that was asked with does. Since 0.1.
pub const OPENCLAW_VERDICT_RESTING: openclaw_verdict = 9;
/// The token has ended. Since 0.1.
pub const OPENCLAW_VERDICT_TOKEN_EXPIRED: openclaw_verdict = 10;
/// The token was refused before its end. Since 0.1.
pub const OPENCLAW_VERDICT_TOKEN_REJECTED: openclaw_verdict = 11;
/// The account or workspace is deactivated. Since 0.1.
pub const OPENCLAW_VERDICT_DEACTIVATED: openclaw_verdict = 12;
/// This machine's clock is wrong. Since 0.1.
pub const OPENCLAW_VERDICT_CLOCK: openclaw_verdict = 13;
/// The token is good; something in front of the provider blocks the calls. Since 0.1.
pub const OPENCLAW_VERDICT_EDGE_BLOCKED: openclaw_verdict = 14;
/// Something in front of the provider blocks all that was asked. Since 0.1.
pub const OPENCLAW_VERDICT_EDGE_BLOCKS_ALL: openclaw_verdict = 15;
/// A proxy, a captive portal or a web filter is in the way. Since 0.1.
pub const OPENCLAW_VERDICT_PROXY: openclaw_verdict = 16;
/// The name of the host cannot be resolved. Since 0.1.
pub const OPENCLAW_VERDICT_DNS: openclaw_verdict = 17;
/// No TLS connection that can be trusted. Since 0.1.
pub const OPENCLAW_VERDICT_TLS: openclaw_verdict = 18;
/// The host cannot be reached. Since 0.1.
pub const OPENCLAW_VERDICT_CONNECT: openclaw_verdict = 19;
/// No answer in time. Since 0.1.
pub const OPENCLAW_VERDICT_TIMEOUT: openclaw_verdict = 20;
/// The plan does not include it. Since 0.1.
pub const OPENCLAW_VERDICT_PLAN_LACKS_IT: openclaw_verdict = 21;
/// No credit. Since 0.1.
pub const OPENCLAW_VERDICT_BILLING: openclaw_verdict = 22;
/// The window of the plan is used up. Since 0.1.
pub const OPENCLAW_VERDICT_USAGE_LIMIT: openclaw_verdict = 23;
/// Too many requests for now. Since 0.1.
pub const OPENCLAW_VERDICT_RATE_LIMITED: openclaw_verdict = 24;
/// The country or region is not served. Since 0.1.
pub const OPENCLAW_VERDICT_REGION: openclaw_verdict = 25;
/// A rule of the workspace forbids it. Since 0.1.
pub const OPENCLAW_VERDICT_WORKSPACE_POLICY: openclaw_verdict = 26;
/// The account may not do it. Since 0.1.
pub const OPENCLAW_VERDICT_FORBIDDEN: openclaw_verdict = 27;
/// The model is unknown, retired, or not open to the account. Since 0.1.
pub const OPENCLAW_VERDICT_MODEL_NOT_OPEN: openclaw_verdict = 28;
/// The provider has no capacity for the moment. Since 0.1.
pub const OPENCLAW_VERDICT_OVERLOADED: openclaw_verdict = 29;
/// The provider is broken for the moment. Since 0.1.
pub const OPENCLAW_VERDICT_SERVER_BROKEN: openclaw_verdict = 30;
/// The evidence names no cause. Since 0.1.
pub const OPENCLAW_VERDICT_UNKNOWN: openclaw_verdict = 31;

/// What was found on this machine, what the provider answered, and what is wrong. Nothing of it is secret; ids of
/// profiles hold e-mail addresses. Immutable; any thread may use it. Since 0.1.
pub struct openclaw_diagnosis {
    _opaque: [u8; 0],
}

impl Handle for openclaw_diagnosis {
    type Value = Found;
    const MAGIC: u64 = 0x6f63_5f64_6961_0001;
    const NAME: &'static str = "openclaw_diagnosis";
}

/// What is behind it.
#[derive(Debug)]
pub(crate) struct Found {
    verdict: openclaw_verdict,
    check: i32,
    says: Text,
    json: Text,
}

impl Found {
    fn new(diagnosis: &Diagnosis) -> Self {
        Self {
            verdict: verdict_code(diagnosis.verdict.kind),
            check: i32::try_from(check_code(diagnosis.check)).unwrap_or(1),
            says: Text::new(diagnosis.verdict.says.clone()),
            json: Text::new(diagnosis.to_json().to_string()),
        }
    }
}

/// Looks at the configuration, the logins and the way to the providers, and says what is wrong; asks the provider too if
/// the settings say so: once each for its models, the use of the plan, and an answer. Nothing is repeated, no login is
/// renewed, no file is changed.
///
/// `settings_json` is a JSON object with any of `probe` (true: ask the provider), `config`, `agent`, `profile_file`,
/// `profile`, `model`, `timeout_ms` (for each request, 30000 unless set), `application`, and `env` (all environment
/// variables that there are, those of the process unless given); empty is what `claw status` shows. `timeout_ms` is how
/// long the caller waits: negative is as long as it takes; after `OPENCLAW_ERR_WAIT_TIMEOUT` the questions are given up.
/// `*out` becomes a diagnosis that the host owns; that something is wrong is no error. Errors:
/// `OPENCLAW_ERR_INVALID_REQUEST` for settings that are wrong, `OPENCLAW_ERR_CONFIG` for an agent that cannot exist,
/// `OPENCLAW_ERR_INVALID_UTF8`, `OPENCLAW_ERR_INVALID_ARGUMENT`. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_diagnose(
    settings_json: openclaw_str,
    timeout_ms: i64,
    out: *mut *mut openclaw_diagnosis,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = || {
        watch_forks();
        let out = place(out, "out")?;
        // SAFETY: the host promises the text.
        let settings = DiagnoseSettings::from_json(unsafe { settings_json.get("settings_json") }?)?;
        let Some(diagnosis) = settings.start()?.blocking_take(wait_limit(timeout_ms)) else {
            return Err(Fault::quiet(OPENCLAW_ERR_WAIT_TIMEOUT));
        };
        // SAFETY: not NULL, and the host promises a place.
        unsafe { out.write(give(Found::new(&diagnosis?))) };
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a place for the error or NULL.
    unsafe { enter(err, call) }
}

/// What is wrong. Of NULL: `OPENCLAW_VERDICT_UNKNOWN`. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_diagnosis_verdict(diagnosis: *const openclaw_diagnosis) -> openclaw_verdict {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(diagnosis, OPENCLAW_VERDICT_UNKNOWN, |found| found.verdict) }
}

/// The whole in one number, as `claw status --check` ends with: 0 something can be used, 1 nothing can, 2 something can
/// and a login ends within 24 h without being renewed. Of NULL: 1. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_diagnosis_check(diagnosis: *const openclaw_diagnosis) -> i32 {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(diagnosis, 1, |found| found.check) }
}

/// What is wrong in one line for a person; the steps that help are `verdict.steps` of the JSON. Lives until the diagnosis
/// is freed. Of NULL: empty. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_diagnosis_says(diagnosis: *const openclaw_diagnosis) -> openclaw_str {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(diagnosis, openclaw_str::EMPTY, |found| found.says.view()) }
}

/// The whole as a JSON object, that of `claw status --json`; docs/status.md names its fields. Lives until the diagnosis is
/// freed. Of NULL: empty. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_diagnosis_to_json(diagnosis: *const openclaw_diagnosis) -> openclaw_str {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(diagnosis, openclaw_str::EMPTY, |found| found.json.view()) }
}

/// Frees a diagnosis. NULL is ignored. Threads: any, once. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_diagnosis_free(diagnosis: *mut openclaw_diagnosis) {
    // SAFETY: the host promises a handle of ours or NULL, and not to use it again.
    unsafe { free(diagnosis, drop) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use openclaw_core::diagnose::VerdictKind;

    #[test]
    fn the_verdicts_have_the_numbers_of_the_core() {
        let table = [
            (VerdictKind::Fine, OPENCLAW_VERDICT_FINE),
            (VerdictKind::NotProbed, OPENCLAW_VERDICT_NOT_PROBED),
            (VerdictKind::ConfigInvalid, OPENCLAW_VERDICT_CONFIG_INVALID),
            (VerdictKind::CannotAsk, OPENCLAW_VERDICT_CANNOT_ASK),
            (VerdictKind::WrongAddress, OPENCLAW_VERDICT_WRONG_ADDRESS),
            (VerdictKind::StoreUnreadable, OPENCLAW_VERDICT_STORE_UNREADABLE),
            (VerdictKind::NoLogin, OPENCLAW_VERDICT_NO_LOGIN),
            (VerdictKind::LoginUnreadable, OPENCLAW_VERDICT_LOGIN_UNREADABLE),
            (VerdictKind::SignIn, OPENCLAW_VERDICT_SIGN_IN),
            (VerdictKind::Resting, OPENCLAW_VERDICT_RESTING),
            (VerdictKind::TokenExpired, OPENCLAW_VERDICT_TOKEN_EXPIRED),
            (VerdictKind::TokenRejected, OPENCLAW_VERDICT_TOKEN_REJECTED),
            (VerdictKind::Deactivated, OPENCLAW_VERDICT_DEACTIVATED),
            (VerdictKind::Clock, OPENCLAW_VERDICT_CLOCK),
            (VerdictKind::EdgeBlocked, OPENCLAW_VERDICT_EDGE_BLOCKED),
            (VerdictKind::EdgeBlocksAll, OPENCLAW_VERDICT_EDGE_BLOCKS_ALL),
            (VerdictKind::Proxy, OPENCLAW_VERDICT_PROXY),
            (VerdictKind::Dns, OPENCLAW_VERDICT_DNS),
            (VerdictKind::Tls, OPENCLAW_VERDICT_TLS),
            (VerdictKind::Connect, OPENCLAW_VERDICT_CONNECT),
            (VerdictKind::Timeout, OPENCLAW_VERDICT_TIMEOUT),
            (VerdictKind::PlanLacksIt, OPENCLAW_VERDICT_PLAN_LACKS_IT),
            (VerdictKind::Billing, OPENCLAW_VERDICT_BILLING),
            (VerdictKind::UsageLimit, OPENCLAW_VERDICT_USAGE_LIMIT),
            (VerdictKind::RateLimited, OPENCLAW_VERDICT_RATE_LIMITED),
            (VerdictKind::Region, OPENCLAW_VERDICT_REGION),
            (VerdictKind::WorkspacePolicy, OPENCLAW_VERDICT_WORKSPACE_POLICY),
            (VerdictKind::Forbidden, OPENCLAW_VERDICT_FORBIDDEN),
            (VerdictKind::ModelNotOpen, OPENCLAW_VERDICT_MODEL_NOT_OPEN),
            (VerdictKind::Overloaded, OPENCLAW_VERDICT_OVERLOADED),
            (VerdictKind::ServerBroken, OPENCLAW_VERDICT_SERVER_BROKEN),
            (VerdictKind::Unknown, OPENCLAW_VERDICT_UNKNOWN),
        ];
        assert_eq!(table.len(), VerdictKind::ALL.len());
        for (kind, code) in table {
            assert_eq!(code, verdict_code(kind), "{kind}");
        }
    }
}
