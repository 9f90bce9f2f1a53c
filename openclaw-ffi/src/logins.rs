//! The stored logins: looked at, refreshed, withdrawn.

use std::time::Duration;

use openclaw_core::auth::ProfileId;
use openclaw_core::embed::{LoginSettings, Logins, OnceHandle, profile_ids_from_json};
use openclaw_core::{Error, ProviderId};
use serde::Serialize;

use crate::client::wait_limit;
use crate::config::{OPENCLAW_REPAIR_DRY_RUN, OPENCLAW_REPAIR_WRITE};
use crate::error::openclaw_error;
use crate::global::watch_forks;
use crate::guard::{Fault, Handle, Result, enter, free, give, read, with};
use crate::signal::shielded;
use crate::status::*;
use crate::text::{Text, give_string, openclaw_str, openclaw_string, place};

/// The logins of a store. Any thread may use it, several at once. Since 0.1.
pub struct openclaw_logins {
    _opaque: [u8; 0],
}

impl Handle for openclaw_logins {
    type Value = LoginsValue;
    const MAGIC: u64 = 0x6f63_5f6c_6f67_0001;
    const NAME: &'static str = "openclaw_logins";
}

/// What is behind it.
#[derive(Debug)]
pub(crate) struct LoginsValue {
    pub(crate) logins: Logins,
    store: Text,
}

impl LoginsValue {
    /// Waits for an answer and gives its JSON form.
    fn answer<T: Serialize + Send + 'static>(
        &self,
        call: openclaw_core::Result<OnceHandle<T>>,
        limit: Option<Duration>,
    ) -> Result<String> {
        let call = call?;
        let Some(outcome) = working(self.logins.settings().inline, || call.blocking_take(limit)) else {
            return Err(Fault::quiet(OPENCLAW_ERR_WAIT_TIMEOUT));
        };
        let json = serde_json::to_string(&outcome?);
        Ok(json.map_err(|e| Error::config("the answer has no JSON form").with_source(e))?)
    }
}

/// Runs what may write to a connection on the host's own thread.
pub(crate) fn working<R>(inline: bool, work: impl FnOnce() -> R) -> R {
    if inline { shielded(work) } else { work() }
}

/// Looks where the logins are, and reads certificates; opens no connection.
///
/// `settings_json` is a JSON object with any of: `store` (an `auth-profiles.json`, an `auth.json` of the Codex command
/// line, or the folder of either program; that of OpenClaw unless given), `agent`, `share_codex_login`, `issuer` (the
/// login server of new logins), `application`, `proxy`, `ca_file`, `inline`; empty for the usual ones. `*out` becomes an
/// object that the host owns. Errors: `OPENCLAW_ERR_CONFIG` for settings that are wrong or do not fit each other,
/// `OPENCLAW_ERR_STORE`, `OPENCLAW_ERR_INVALID_UTF8`, `OPENCLAW_ERR_INVALID_ARGUMENT`. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_logins_new(
    settings_json: openclaw_str,
    out: *mut *mut openclaw_logins,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = || {
        let out = place(out, "out")?;
        watch_forks();
        // SAFETY: the host promises the text.
        let settings = LoginSettings::from_json(unsafe { settings_json.get("settings_json") }?)?;
        let logins = Logins::new(settings)?;
        let store = Text::new(logins.place());
        // SAFETY: not NULL, and the host promises a place.
        unsafe { out.write(give(LoginsValue { logins, store })) };
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a place for the error or NULL.
    unsafe { enter(err, call) }
}

/// Where the logins are: a path. Lives until the object is freed. Of NULL: empty. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_logins_store(logins: *const openclaw_logins) -> openclaw_str {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(logins, openclaw_str::EMPTY, |value| value.store.view()) }
}

/// All logins, as a JSON object: `store`, `profiles`, `order` (by provider, where a person set one), `notes` (entries that
/// cannot be read, a newer store beside it).
///
/// A profile has `id`, `provider`, `kind` (`oauth`, `token`, `api_key`), `state` (`usable`, `resting`, `expired`,
/// `refused`, `unusable`), `reasons`, `renewable`, `last_good`, `health`, and if they are known `until`, `expires_at` (Unix
/// seconds), `email`, `display_name`, `account_id`, `user_id`, `plan`, `issuer`, `kept_in`. Never a secret. `*out` becomes a
/// string that the host owns. Errors: `OPENCLAW_ERR_STORE`. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_logins_list_json(
    logins: *const openclaw_logins,
    out: *mut *mut openclaw_string,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    // SAFETY: the host promises a handle of ours or NULL, a place for the string, and one for the error or NULL.
    unsafe { told(logins, out, err, |value| value.answer(value.logins.list(), None)) }
}

/// One login, as a JSON object: see `openclaw_logins_list_json`. `*out` becomes a string that the host owns. Errors:
/// `OPENCLAW_ERR_CONFIG` when there is none of this name; `OPENCLAW_ERR_STORE`. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_logins_profile_json(
    logins: *const openclaw_logins,
    profile: openclaw_str,
    out: *mut *mut openclaw_string,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |value: &LoginsValue| {
        // SAFETY: the host promises the text.
        let id = unsafe { id_of(profile) }?;
        value.answer(value.logins.get(id), None)
    };
    // SAFETY: the host promises a handle of ours or NULL, a place for the string, and one for the error or NULL.
    unsafe { told(logins, out, err, call) }
}

/// Deletes a login from the store and from `openclaw.json`. Its login server is not told, see `openclaw_logins_sign_out`.
///
/// `*out` becomes a JSON object with `id`, `store`, `written` (the configuration files that changed); the host owns it.
/// Errors: `OPENCLAW_ERR_CONFIG` when there is none of this name; `OPENCLAW_ERR_STORE`. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_logins_remove(
    logins: *const openclaw_logins,
    profile: openclaw_str,
    out: *mut *mut openclaw_string,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |value: &LoginsValue| {
        // SAFETY: the host promises the text.
        let id = unsafe { id_of(profile) }?;
        value.answer(value.logins.remove(id), None)
    };
    // SAFETY: the host promises a handle of ours or NULL, a place for the string, and one for the error or NULL.
    unsafe { told(logins, out, err, call) }
}

/// Merges logins of one person in one account, which older versions of OpenClaw left behind. `mode` is
/// `OPENCLAW_REPAIR_DRY_RUN` or `OPENCLAW_REPAIR_WRITE`.
///
/// `*out` becomes a JSON array, one object for each login that took another's place: `profile`, `retired`, `replaced`,
/// `kept`, `unknown`, `store`, `written`, `notes`; then, with nothing in `replaced`, one for each login that stays because it
/// fits the different ones in `unknown`. The host owns it. Errors: `OPENCLAW_ERR_STORE`. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_logins_repair(
    logins: *const openclaw_logins,
    mode: u32,
    out: *mut *mut openclaw_string,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |value: &LoginsValue| {
        let dry_run = match mode {
            OPENCLAW_REPAIR_DRY_RUN => true,
            OPENCLAW_REPAIR_WRITE => false,
            other => {
                let text = format!("mode is {other}: it is OPENCLAW_REPAIR_DRY_RUN or OPENCLAW_REPAIR_WRITE");
                return Err(Fault::argument(text));
            }
        };
        value.answer(value.logins.repair(dry_run), None)
    };
    // SAFETY: the host promises a handle of ours or NULL, a place for the string, and one for the error or NULL.
    unsafe { told(logins, out, err, call) }
}

/// Forgets the faults of a login, of all logins of a provider if `profile` is empty, or of all if both are: rests,
/// counters, and that a refresh was refused.
///
/// `*out` becomes a JSON array with the names of those that had any; the host owns it. Errors: `OPENCLAW_ERR_CONFIG` when
/// there is no login of this name; `OPENCLAW_ERR_STORE`. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_logins_clear_health(
    logins: *const openclaw_logins,
    profile: openclaw_str,
    provider: openclaw_str,
    out: *mut *mut openclaw_string,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |value: &LoginsValue| {
        // SAFETY: the host promises the texts.
        let (profile, provider) = unsafe { (profile.optional("profile")?, provider.optional("provider")?) };
        value.answer(value.logins.clear_health(profile.map(ProfileId::from), provider.map(ProviderId::new)), None)
    };
    // SAFETY: the host promises a handle of ours or NULL, a place for the string, and one for the error or NULL.
    unsafe { told(logins, out, err, call) }
}

/// Sets the order in which the logins of a provider are asked: `order_json` is a JSON array of their names; empty or
/// `null` takes the order away. Logins that it does not name are not asked at all.
///
/// Errors: `OPENCLAW_ERR_CONFIG` for a name that is none of a login of this provider; `OPENCLAW_ERR_STORE`. Threads: any.
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_logins_set_order(
    logins: *const openclaw_logins,
    provider: openclaw_str,
    order_json: openclaw_str,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |value: &LoginsValue| {
        // SAFETY: the host promises the texts.
        let (provider, order) = unsafe { (provider.optional("provider")?, order_json.get("order_json")?) };
        let provider = provider.ok_or_else(|| Fault::argument("provider is empty: say whose order it is"))?;
        let order = profile_ids_from_json(order)?;
        value.answer(value.logins.set_order(ProviderId::new(provider), order), None)?;
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(logins, err, call) }
}

/// Refreshes a login now; with `if_due` not 0 only if it ends within 5 minutes. Waits for at most `timeout_ms`; for ever
/// if negative. All who refresh a login at once, in this process and in others, spend one refresh token.
///
/// `*out` becomes a JSON object with `how` (`refreshed`; `adopted` when another process was quicker; `still_good`) and
/// `profile`; the host owns it. Errors: `OPENCLAW_ERR_AUTH_EXPIRED` and `OPENCLAW_ERR_AUTH_INVALID` with the advice
/// `sign_in` when only a person can renew it; `OPENCLAW_ERR_CONFIG` for a key; `OPENCLAW_ERR_WAIT_TIMEOUT`;
/// `OPENCLAW_ERR_STORE`; those of the network. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_logins_refresh(
    logins: *const openclaw_logins,
    profile: openclaw_str,
    if_due: i32,
    timeout_ms: i64,
    out: *mut *mut openclaw_string,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |value: &LoginsValue| {
        // SAFETY: the host promises the text.
        let id = unsafe { id_of(profile) }?;
        value.answer(value.logins.refresh(id, if_due != 0), wait_limit(timeout_ms))
    };
    // SAFETY: the host promises a handle of ours or NULL, a place for the string, and one for the error or NULL.
    unsafe { told(logins, out, err, call) }
}

/// Withdraws a login at its own login server and deletes it from the store and from `openclaw.json`; it is deleted also
/// when the login server cannot be asked. An empty `profile` is the only sign-in that is stored. Waits for at most
/// `timeout_ms`; for ever if negative.
///
/// `*out` becomes a JSON object with `id`, `store`, `written`, `revoked`, `notes` (what a person should know besides), and if
/// it was not withdrawn `not_revoked`, which says why; the host owns it. Errors: those of `openclaw_logins_remove`; `OPENCLAW_ERR_WAIT_TIMEOUT`. Threads: any. Since
/// 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_logins_sign_out(
    logins: *const openclaw_logins,
    profile: openclaw_str,
    timeout_ms: i64,
    out: *mut *mut openclaw_string,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |value: &LoginsValue| {
        // SAFETY: the host promises the text.
        let profile = unsafe { profile.optional("profile") }?;
        value.answer(value.logins.sign_out(profile.map(ProfileId::from)), wait_limit(timeout_ms))
    };
    // SAFETY: the host promises a handle of ours or NULL, a place for the string, and one for the error or NULL.
    unsafe { told(logins, out, err, call) }
}

/// Frees the object; sign-ins of it go on. NULL is ignored. Threads: any, once, while nothing else uses it. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_logins_free(logins: *mut openclaw_logins) {
    // SAFETY: the host promises a handle of ours or NULL, and not to use it again.
    unsafe {
        free(logins, |value| {
            let inline = value.logins.settings().inline;
            working(inline, || drop(value));
        })
    }
}

/// Gives what `call` came to as a string.
///
/// # Safety
/// As [`with`]; `out` must be NULL or point to a place for a pointer.
unsafe fn told(
    logins: *const openclaw_logins,
    out: *mut *mut openclaw_string,
    err: *mut *mut openclaw_error,
    call: impl FnOnce(&LoginsValue) -> Result<String>,
) -> openclaw_status {
    let run = |value: &LoginsValue| {
        let out = place(out, "out")?;
        let text = call(value)?;
        // SAFETY: not NULL, and the caller promises a place.
        unsafe { give_string(out, text) };
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the caller promises the handle and `err`.
    unsafe { with(logins, err, run) }
}

/// The name of a profile, which cannot be left out.
///
/// # Safety
/// As [`openclaw_str::get`].
unsafe fn id_of(profile: openclaw_str) -> Result<ProfileId> {
    // SAFETY: the caller promises the text.
    let id = unsafe { profile.optional("profile") }?;
    id.map(ProfileId::from).ok_or_else(|| Fault::argument("profile is empty: name one"))
}
