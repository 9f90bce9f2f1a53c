//! What a host supplies itself: a provider, a token source.

use std::ffi::c_void;
use std::mem::offset_of;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use openclaw_core::Error;
use openclaw_core::embed::{
    Client, ClientSettings, HostProvider, Job, Post, TokenKind, capabilities_from_json, options_to_json,
};
use secrecy::ExposeSecret;

use crate::client::{ClientValue, openclaw_client, openclaw_client_options};
use crate::deliver::openclaw_free_callback;
use crate::error::openclaw_error;
use crate::global::watch_forks;
use crate::guard::{Fault, Result, enter, give};
use crate::ready::Shared;
use crate::reply::{AnyReply, openclaw_reply};
use crate::status::*;
use crate::text::{Text, openclaw_str, parsed, place};
use crate::versioned::{Versioned, read_struct};

/// Starts an answer of a host's provider. `request_json` is what is asked, `options_json` the settings of the call: time
/// limits in ms, which the library keeps itself, `max_retries`, `headers`, `strict`, `turn_state`. Both texts live until the
/// function returns. The function owns `reply`.
///
/// It is called on the library's worker thread, or, with `OPENCLAW_RUNTIME_INLINE`, on the thread that waits for an event.
/// Other calls wait until it returns: it must not block, and leaves long work to a thread or a loop of the host. It may call
/// every function of `reply`, but must not wait for a stream. Since 0.1.
pub type openclaw_stream_function = Option<
    unsafe extern "C" fn(
        user_data: *mut c_void,
        request_json: openclaw_str,
        options_json: openclaw_str,
        reply: *mut openclaw_reply,
    ),
>;

/// Asks a host's provider for its models, to be answered by `openclaw_reply_models_json`; on the same threads and with the
/// same rules as `openclaw_stream_function`. Since 0.1.
pub type openclaw_models_function = Option<unsafe extern "C" fn(user_data: *mut c_void, reply: *mut openclaw_reply)>;

/// Asks for a token, to be answered by `openclaw_reply_token`; on the same threads and with the same rules as
/// `openclaw_stream_function`. `rejected` is the token that the provider has just refused, and empty if this is not the
/// reason; it lives until the function returns. Since 0.1.
pub type openclaw_token_function =
    Option<unsafe extern "C" fn(user_data: *mut c_void, rejected: openclaw_str, reply: *mut openclaw_reply)>;

/// A provider that the host writes. Begin with `OPENCLAW_PROVIDER_INIT`. Read when the client is made; `user_data` and the
/// functions must stay good until `free` was called. Since 0.1.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct openclaw_provider {
    /// The size of this struct in the host's header; `OPENCLAW_PROVIDER_INIT` sets it.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// Passed to the functions.
    pub user_data: *mut c_void,
    /// Its name: no slash and no space, such as `my-model`.
    pub id: openclaw_str,
    /// A JSON object with any of: `tools`, `images`, `structured_output`, `efforts`, `context_window`,
    /// `max_output_tokens`. Empty: the usual.
    pub capabilities_json: openclaw_str,
    /// Starts an answer.
    pub stream: openclaw_stream_function,
    /// Gives the list of models; NULL if there is none.
    pub models: openclaw_models_function,
    /// Frees `user_data`; NULL if nothing is to be freed. Called once, when the client and all of its streams are gone, on
    /// whichever thread lets go of the last of them.
    pub free: openclaw_free_callback,
}

impl Versioned for openclaw_provider {
    const FIRST_SIZE: usize = offset_of!(Self, free) + size_of::<openclaw_free_callback>();
}

impl openclaw_provider {
    const INIT: Self = Self {
        struct_size: size_of::<Self>() as u32,
        reserved: 0,
        user_data: std::ptr::null_mut(),
        id: openclaw_str::EMPTY,
        capabilities_json: openclaw_str::EMPTY,
        stream: None,
        models: None,
        free: None,
    };
}

/// Where a client's tokens come from, when the host has them. Begin with `OPENCLAW_TOKEN_SOURCE_INIT`. Read when the client
/// is made; `user_data` and the functions must stay good until `free` was called. Since 0.1.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct openclaw_token_source {
    /// The size of this struct in the host's header; `OPENCLAW_TOKEN_SOURCE_INIT` sets it.
    pub struct_size: u32,
    /// 1 if they are API keys, 0 if they are tokens.
    pub are_api_keys: u32,
    /// Passed to the functions.
    pub user_data: *mut c_void,
    /// Gives a token. It is kept until its last minute, or until it is refused; one call at a time asks for the next.
    pub token: openclaw_token_function,
    /// Frees `user_data`; as in `openclaw_provider`.
    pub free: openclaw_free_callback,
}

impl Versioned for openclaw_token_source {
    const FIRST_SIZE: usize = offset_of!(Self, free) + size_of::<openclaw_free_callback>();
}

impl openclaw_token_source {
    const INIT: Self = Self {
        struct_size: size_of::<Self>() as u32,
        are_api_keys: 0,
        user_data: std::ptr::null_mut(),
        token: None,
        free: None,
    };
}

/// The host's pointer. Freed with the last one who can call its functions, if the client came to be.
struct Owned {
    user_data: *mut c_void,
    free: openclaw_free_callback,
    ours: AtomicBool,
}

// SAFETY: the library never looks at `user_data`; the header says on which threads the host gets it back.
unsafe impl Send for Owned {}
// SAFETY: as above.
unsafe impl Sync for Owned {}

impl Owned {
    fn new(user_data: *mut c_void, free: openclaw_free_callback) -> Arc<Self> {
        Arc::new(Self { user_data, free, ours: AtomicBool::new(false) })
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        if let (true, Some(free)) = (self.ours.load(Ordering::Acquire), self.free) {
            // SAFETY: the host promises that its function can be called once with its pointer.
            unsafe { free(self.user_data) };
        }
    }
}

/// Makes a client around a provider that the host writes. Of `options` only the time limits, `max_retries`,
/// `retry_budget_ms` and the runtime are for it; NULL options are the usual ones.
///
/// `*out` becomes a client that the host owns. From then on the library owns `user_data`; after a failure it does not.
/// Errors: `OPENCLAW_ERR_CONFIG` for a setting that only a provider of the library takes, for `id` and for
/// `capabilities_json`; `OPENCLAW_ERR_INVALID_ARGUMENT`, also without `stream`; `OPENCLAW_ERR_INVALID_UTF8`. Threads: any.
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_client_new_with_provider(
    options: *const openclaw_client_options,
    provider: *const openclaw_provider,
    out: *mut *mut openclaw_client,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = || {
        let out = place(out, "out")?;
        not_null(provider, "provider")?;
        watch_forks();
        // SAFETY: the host promises the structs, and their texts.
        let (settings, own) = unsafe {
            (
                read_struct(options, &openclaw_client_options::INIT, "options")?.settings()?,
                read_struct(provider, &openclaw_provider::INIT, "provider")?,
            )
        };
        // SAFETY: the host promises the texts.
        let (id, capabilities) = unsafe { (own.id.get("id")?, own.capabilities_json.optional("capabilities_json")?) };
        if own.reserved != 0 {
            return Err(Fault::unsupported("reserved of provider is not 0"));
        }
        let stream = own.stream.ok_or_else(|| Fault::argument("stream of provider is NULL"))?;
        let models = own.models;
        let owned = Owned::new(own.user_data, own.free);
        let post: Post = {
            let owned = owned.clone();
            Arc::new(move |job| match job {
                Job::Stream { request, options, reply, .. } => {
                    let request = Text::new(serde_json::to_string(&request).unwrap_or_default());
                    let options = Text::new(options_to_json(&options).to_string());
                    let reply: *mut openclaw_reply = give(AnyReply::Stream(reply));
                    // SAFETY: the host promises a function that keeps the rules of `openclaw_stream_function`.
                    unsafe { stream(owned.user_data, request.view(), options.view(), reply) };
                }
                Job::Models { reply, .. } => match models {
                    // SAFETY: as above.
                    Some(models) => unsafe { models(owned.user_data, give(AnyReply::Models(reply))) },
                    None => drop(reply),
                },
                other => other.refuse(Error::config("a provider is not asked for this")),
            })
        };
        let mut provider = HostProvider::new(id, post)?.with_models(models.is_some());
        if let Some(json) = capabilities {
            let json = parsed(json, "capabilities_json").map_err(Error::config)?;
            provider = provider.with_capabilities(capabilities_from_json(json)?);
        }
        let inline = settings.inline;
        let client = Client::with_host_provider(settings, provider)?;
        // SAFETY: not NULL, and the host promises a place.
        unsafe { made(out, client, inline, &owned) };
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a place for the error or NULL.
    unsafe { enter(err, call) }
}

/// Makes a client whose tokens, or API keys, come from the host. `options` as in `openclaw_client_new`, without `token` and
/// `api_key`.
///
/// `*out` becomes a client that the host owns. From then on the library owns `user_data`; after a failure it does not.
/// Errors: those of `openclaw_client_new`; `OPENCLAW_ERR_INVALID_ARGUMENT` also without `token`. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_client_new_with_tokens(
    options: *const openclaw_client_options,
    tokens: *const openclaw_token_source,
    out: *mut *mut openclaw_client,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = || {
        let out = place(out, "out")?;
        not_null(tokens, "tokens")?;
        watch_forks();
        // SAFETY: the host promises the structs, and their texts.
        let (settings, own): (ClientSettings, _) = unsafe {
            (
                read_struct(options, &openclaw_client_options::INIT, "options")?.settings()?,
                read_struct(tokens, &openclaw_token_source::INIT, "tokens")?,
            )
        };
        let kind = match own.are_api_keys {
            0 => TokenKind::Token,
            1 => TokenKind::ApiKey,
            other => return Err(Fault::argument(format!("are_api_keys is {other}: it is 0 or 1"))),
        };
        let token = own.token.ok_or_else(|| Fault::argument("token of tokens is NULL"))?;
        let owned = Owned::new(own.user_data, own.free);
        let post: Post = {
            let owned = owned.clone();
            Arc::new(move |job| match job {
                Job::Token { rejected, reply, .. } => {
                    let rejected = rejected.map(|token| token.expose_secret().to_owned()).unwrap_or_default();
                    let rejected = Text::new(rejected);
                    // SAFETY: the host promises a function that keeps the rules of `openclaw_stream_function`.
                    unsafe { token(owned.user_data, rejected.view(), give(AnyReply::Token(reply))) };
                }
                other => other.refuse(Error::config("a token source is not asked for this")),
            })
        };
        let inline = settings.inline;
        let client = Client::with_tokens(settings, post, kind)?;
        // SAFETY: not NULL, and the host promises a place.
        unsafe { made(out, client, inline, &owned) };
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a place for the error or NULL.
    unsafe { enter(err, call) }
}

/// Hands out the client, and takes over the host's pointer.
///
/// # Safety
/// `out` must point to a place for a pointer.
unsafe fn made(out: *mut *mut openclaw_client, client: Client, inline: bool, owned: &Owned) {
    owned.ours.store(true, Ordering::Release);
    // SAFETY: the caller promises a place.
    unsafe { out.write(give(ClientValue { client, shared: Arc::new(Shared::new(inline)) })) };
}

fn not_null<T>(pointer: *const T, name: &str) -> Result<()> {
    if pointer.is_null() { Err(Fault::argument(format!("{name} is NULL"))) } else { Ok(()) }
}
