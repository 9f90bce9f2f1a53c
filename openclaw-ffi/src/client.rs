//! The client: where calls begin.

use std::mem::offset_of;
use std::sync::Arc;
use std::time::Duration;

use openclaw_core::Error;
use openclaw_core::embed::{Client, ClientSettings, OnceHandle};
use serde_json::Value;

use crate::error::openclaw_error;
use crate::global::watch_forks;
use crate::guard::{Fault, Handle, Result, enter, free, give, with};
use crate::ready::Shared;
use crate::status::*;
use crate::text::{give_string, openclaw_str, openclaw_string, place};
use crate::versioned::{Versioned, read_struct};

/// As `inline` of `settings_json` says; without it as `OPENCLAW_RUNTIME_THREADED`. Since 0.1.
pub const OPENCLAW_RUNTIME_DEFAULT: u32 = 0;
/// A worker thread reads ahead; one thread for all such clients of the process. Since 0.1.
pub const OPENCLAW_RUNTIME_THREADED: u32 = 2;
/// No thread: whoever waits in `openclaw_stream_next` drives the call. Least time per event; only the blocking
/// functions work, there is no descriptor and no callback. Since 0.1.
pub const OPENCLAW_RUNTIME_INLINE: u32 = 1;

/// What a client is made of. Begin with `OPENCLAW_CLIENT_OPTIONS_INIT`. Every text may stay empty: then a login that is
/// on this machine is used. Read when the client is made, not kept. Since 0.1.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct openclaw_client_options {
    /// The size of this struct in the host's header; `OPENCLAW_CLIENT_OPTIONS_INIT` sets it.
    pub struct_size: u32,
    /// `OPENCLAW_RUNTIME_…`: one that is named goes before `inline` of `settings_json`.
    pub runtime: u32,
    /// A JSON object with any of: `provider`, `token`, `api_key`, `base_url`, `profile_file`, `agent`, `profile`,
    /// `application`, `allow_plain_http`, `proxy`, `ca_file`, `connect_timeout_ms`, `first_byte_timeout_ms`,
    /// `idle_timeout_ms`, `timeout_ms`, `max_retries`, `retry_budget_ms`, `inline`. What is set beside it in this
    /// struct goes before it.
    pub settings_json: openclaw_str,
    /// A ChatGPT token; with `anthropic`, a bearer token.
    pub token: openclaw_str,
    /// An API key, in place of a token.
    pub api_key: openclaw_str,
    /// Another base URL.
    pub base_url: openclaw_str,
    /// `openai-codex`, `openai` or `anthropic`.
    pub provider: openclaw_str,
    /// The profile of the store.
    pub profile: openclaw_str,
    /// The host application, `name/version`.
    pub application: openclaw_str,
}

impl Versioned for openclaw_client_options {
    const FIRST_SIZE: usize = offset_of!(Self, application) + size_of::<openclaw_str>();
}

impl openclaw_client_options {
    pub(crate) const INIT: Self = Self {
        struct_size: size_of::<Self>() as u32,
        runtime: OPENCLAW_RUNTIME_DEFAULT,
        settings_json: openclaw_str::EMPTY,
        token: openclaw_str::EMPTY,
        api_key: openclaw_str::EMPTY,
        base_url: openclaw_str::EMPTY,
        provider: openclaw_str::EMPTY,
        profile: openclaw_str::EMPTY,
        application: openclaw_str::EMPTY,
    };

    /// # Safety
    /// Its texts must be as `openclaw_str` says.
    pub(crate) unsafe fn settings(&self) -> Result<ClientSettings> {
        // SAFETY: the caller promises the texts.
        let (json, token, api_key, base_url, provider, profile, application) = unsafe {
            (
                self.settings_json.get("settings_json")?,
                self.token.optional("token")?,
                self.api_key.optional("api_key")?,
                self.base_url.optional("base_url")?,
                self.provider.optional("provider")?,
                self.profile.optional("profile")?,
                self.application.optional("application")?,
            )
        };
        let mut settings = ClientSettings::from_json(json)?;
        let set = |slot: &mut Option<String>, text: Option<&str>| {
            if let Some(text) = text {
                *slot = Some(text.to_owned());
            }
        };
        if let Some(token) = token {
            settings.token = Some(token.into());
        }
        if let Some(key) = api_key {
            settings.api_key = Some(key.into());
        }
        set(&mut settings.base_url, base_url);
        set(&mut settings.provider, provider);
        set(&mut settings.profile, profile);
        set(&mut settings.application, application);
        match self.runtime {
            OPENCLAW_RUNTIME_DEFAULT => {}
            OPENCLAW_RUNTIME_THREADED => settings.inline = false,
            OPENCLAW_RUNTIME_INLINE => settings.inline = true,
            other => {
                let text = format!("runtime is {other}: it is OPENCLAW_RUNTIME_DEFAULT, _THREADED or _INLINE");
                return Err(Fault::argument(text));
            }
        }
        Ok(settings)
    }
}

/// A client: a provider with its login. Any thread may use it, several at once. Streams outlive it. Since 0.1.
pub struct openclaw_client {
    _opaque: [u8; 0],
}

/// What is behind it.
#[derive(Debug)]
pub(crate) struct ClientValue {
    pub(crate) client: Client,
    pub(crate) shared: Arc<Shared>,
}

impl Handle for openclaw_client {
    type Value = ClientValue;
    const MAGIC: u64 = 0x6f63_5f63_6c69_0001;
    const NAME: &'static str = "openclaw_client";
}

/// Makes a client: looks for the login, reads certificates, opens no connection. NULL options are the usual ones.
///
/// `*out` becomes a client that the host owns. Errors: `OPENCLAW_ERR_CONFIG` for settings that are wrong or do not fit
/// each other, `OPENCLAW_ERR_AUTH_INVALID` without a login, `OPENCLAW_ERR_AUTH_EXPIRED`, `OPENCLAW_ERR_STORE`,
/// `OPENCLAW_ERR_INVALID_UTF8`, `OPENCLAW_ERR_INVALID_ARGUMENT`. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_client_new(
    options: *const openclaw_client_options,
    out: *mut *mut openclaw_client,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = || {
        let out = place(out, "out")?;
        watch_forks();
        // SAFETY: the host promises the struct, and its texts.
        let settings = unsafe { read_struct(options, &openclaw_client_options::INIT, "options")?.settings() }?;
        let shared = Arc::new(Shared::new(settings.inline));
        let client = Client::new(settings)?;
        // SAFETY: not NULL, and the host promises a place.
        unsafe { out.write(give(ClientValue { client, shared })) };
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a place for the error or NULL.
    unsafe { enter(err, call) }
}

/// Frees a client. Its streams live on, to be read with `openclaw_stream_next`; take its descriptor out of your loop
/// before. NULL is ignored. Threads: any, once, while nothing else uses the client; inside a callback too. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_client_free(client: *mut openclaw_client) {
    // SAFETY: the host promises a handle of ours or NULL, and not to use it again.
    unsafe { free(client, |value| value.shared.clone().work(|| drop(value))) }
}

/// The models that the login can use, as a JSON array. Waits for the answer, for at most `timeout_ms`; for ever if
/// negative.
///
/// `*out` becomes a string that the host owns. Errors: `OPENCLAW_ERR_WAIT_TIMEOUT`; those of the provider and the
/// network. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_client_models_json(
    client: *const openclaw_client,
    timeout_ms: i64,
    out: *mut *mut openclaw_string,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |value: &ClientValue| {
        let out = place(out, "out")?;
        let json = taken(value, value.client.models()?, timeout_ms, serde_json::to_value)?;
        // SAFETY: not NULL, and the host promises a place.
        unsafe { give_string(out, json) };
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(client, err, call) }
}

/// How much of the plan is used, as a JSON object. Waits for the answer, for at most `timeout_ms`; for ever if
/// negative.
///
/// `*out` becomes a string that the host owns. Errors: `OPENCLAW_ERR_WAIT_TIMEOUT`; those of the provider and the
/// network. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_client_plan_usage_json(
    client: *const openclaw_client,
    timeout_ms: i64,
    out: *mut *mut openclaw_string,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |value: &ClientValue| {
        let out = place(out, "out")?;
        let json = taken(value, value.client.plan_usage()?, timeout_ms, serde_json::to_value)?;
        // SAFETY: not NULL, and the host promises a place.
        unsafe { give_string(out, json) };
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(client, err, call) }
}

/// Which login the client uses, as a JSON object: `source`, `profile` if it has one, `notes`. Nothing of it is secret.
///
/// `*out` becomes a string that the host owns. Errors: `OPENCLAW_ERR_CLOSED`. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_client_login_json(
    client: *const openclaw_client,
    out: *mut *mut openclaw_string,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |value: &ClientValue| {
        let out = place(out, "out")?;
        let login = value.client.login()?;
        let mut json = serde_json::json!({ "source": login.source, "notes": login.notes });
        if let (Some(profile), Value::Object(map)) = (login.profile, &mut json) {
            map.insert("profile".to_owned(), profile.into());
        }
        // SAFETY: not NULL, and the host promises a place.
        unsafe { give_string(out, json.to_string()) };
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(client, err, call) }
}

/// Negative is for ever.
pub(crate) fn wait_limit(timeout_ms: i64) -> Option<Duration> {
    u64::try_from(timeout_ms).ok().map(Duration::from_millis)
}

fn taken<T: Send + 'static>(
    value: &ClientValue,
    call: OnceHandle<T>,
    timeout_ms: i64,
    form: impl FnOnce(T) -> serde_json::Result<Value>,
) -> Result<String> {
    let Some(outcome) = value.shared.work(|| call.blocking_take(wait_limit(timeout_ms))) else {
        return Err(Fault::quiet(OPENCLAW_ERR_WAIT_TIMEOUT));
    };
    let value = form(outcome?).map_err(|e| Error::config("the answer has no JSON form").with_source(e))?;
    Ok(value.to_string())
}
