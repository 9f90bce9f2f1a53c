//! Clients that go on with other models: of clients, or of OpenClaw's configuration.

use std::sync::{Arc, Mutex, PoisonError};

use openclaw_core::embed::{ChainSettings, Client};

use crate::client::{ClientValue, openclaw_client};
use crate::error::openclaw_error;
use crate::global::watch_forks;
use crate::guard::{Handle, Result, enter, free, give, look, with};
use crate::ready::Shared;
use crate::status::*;
use crate::text::{openclaw_str, place};

/// Models that are asked one after the other until one begins to answer, each with the login of its client. It is
/// filled, and then makes clients. Any thread may use it, one at a time. Since 0.1.
pub struct openclaw_chain {
    _opaque: [u8; 0],
}

/// What is behind it.
#[derive(Debug)]
pub(crate) struct ChainValue {
    settings: ChainSettings,
    members: Mutex<Vec<(String, Client)>>,
}

impl Handle for openclaw_chain {
    type Value = ChainValue;
    const MAGIC: u64 = 0x6f63_5f63_6861_0001;
    const NAME: &'static str = "openclaw_chain";
}

/// Makes an empty chain. `settings_json` is empty or a JSON object with any of: `attempts` (at most in one call; 10),
/// `time_ms` (until output begins, all attempts together; 600000), `first_event_timeout_ms` (of one attempt; 330000),
/// `timeout_ms` (of a whole call), `max_retries` and `retry_budget_ms` (of the same again), `inline`.
///
/// `*out` becomes a chain that the host owns. Errors: `OPENCLAW_ERR_CONFIG`, which names the field;
/// `OPENCLAW_ERR_INVALID_UTF8`, `OPENCLAW_ERR_INVALID_ARGUMENT`. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_chain_new(
    settings_json: openclaw_str,
    out: *mut *mut openclaw_chain,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = || {
        let out = place(out, "out")?;
        // SAFETY: the host promises the text.
        let settings = ChainSettings::from_json(unsafe { settings_json.get("settings_json") }?)?;
        // SAFETY: not NULL, and the host promises a place.
        unsafe { out.write(give(ChainValue { settings, members: Mutex::default() })) };
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a place for the error or NULL.
    unsafe { enter(err, call) }
}

/// Adds a model behind the others: `provider/model`, asked with the provider and the login of this client. The client
/// stays the host's and may be freed at once; connections are not shared with it.
///
/// Errors: `OPENCLAW_ERR_INVALID_REQUEST` for a name that is no `provider/model`, `OPENCLAW_ERR_INVALID_UTF8`,
/// `OPENCLAW_ERR_INVALID_ARGUMENT`. Threads: any, one at a time. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_chain_add(
    chain: *mut openclaw_chain,
    model: openclaw_str,
    client: *const openclaw_client,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |value: &ChainValue| {
        // SAFETY: the host promises a handle of ours or NULL, and the text.
        let (client, model) = unsafe { (look(client)?.usable::<openclaw_client>()?, model.get("model")?) };
        model.parse::<openclaw_core::ModelRef>()?;
        let mut members = value.members.lock().unwrap_or_else(PoisonError::into_inner);
        members.push((model.to_owned(), client.client.clone()));
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(chain.cast_const(), err, call) }
}

/// Makes a client of the chain, which stays as it is. A request names the model that is asked first, as `provider/model`
/// or by its own name; one without a model asks the first of the chain. `Retrying` events say that and why it moved on.
///
/// `*out` becomes a client that the host owns. Errors: `OPENCLAW_ERR_CONFIG` for a chain without a model, or with the same
/// one twice; those of `openclaw_client_new`. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_chain_client(
    chain: *const openclaw_chain,
    out: *mut *mut openclaw_client,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |value: &ChainValue| {
        let out = place(out, "out")?;
        let members = value.members.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let client = finished(value.settings.inline, || Client::chain(members, value.settings.clone()))?;
        // SAFETY: not NULL, and the host promises a place.
        unsafe { out.write(give(client)) };
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(chain, err, call) }
}

/// Frees a chain. Clients that it made live on. NULL is ignored. Threads: any, once, while nothing else uses it. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_chain_free(chain: *mut openclaw_chain) {
    // SAFETY: the host promises a handle of ours or NULL, and not to use it again.
    unsafe { free(chain, drop) }
}

/// Makes a client that follows OpenClaw's configuration: the primary model of the agent, then its fallbacks, with the
/// profiles of the agent's store. `settings_json` is empty or a JSON object with any of: `path` (of the configuration;
/// where OpenClaw looks unless given), `agent`, `profile` (the only one that may be asked), `application`, and what
/// `openclaw_chain_new` takes.
///
/// `*out` becomes a client that the host owns. Errors: `OPENCLAW_ERR_CONFIG` for a configuration that is not there or is
/// wrong, `OPENCLAW_ERR_STORE`, `OPENCLAW_ERR_INVALID_UTF8`, `OPENCLAW_ERR_INVALID_ARGUMENT`. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_client_from_config(
    settings_json: openclaw_str,
    out: *mut *mut openclaw_client,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = || {
        let out = place(out, "out")?;
        // SAFETY: the host promises the text.
        let settings = ChainSettings::of_config(unsafe { settings_json.get("settings_json") }?)?;
        let client = finished(settings.inline, || Client::from_config(settings))?;
        // SAFETY: not NULL, and the host promises a place.
        unsafe { out.write(give(client)) };
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a place for the error or NULL.
    unsafe { enter(err, call) }
}

fn finished(inline: bool, make: impl FnOnce() -> openclaw_core::Result<Client>) -> Result<ClientValue> {
    watch_forks();
    let shared = Arc::new(Shared::new(inline));
    Ok(ClientValue { client: make()?, shared })
}
