//! How a host answers what its own provider or token source is asked for.

use openclaw_core::auth::AccessToken;
use openclaw_core::embed::{
    Piece, Reply, Sent, error_kind_of, fault_from_json, models_from_json, piece_from_json, token_from_json,
};
use openclaw_core::{Error, ModelInfo, Stage};
use serde_json::{Value, json};

use crate::client::wait_limit;
use crate::error::openclaw_error;
use crate::guard::{Fault, Handle, Result, free, read, with};
use crate::status::*;
use crate::text::{openclaw_str, parsed};

/// The way to answer one call of an `openclaw_provider` or `openclaw_token_source`: at once, inside the function that got
/// it, or later, from any thread. The host owns it and frees it once; freed without an end, the call fails. It may outlive
/// the stream and the client: then its functions say `OPENCLAW_ERR_CANCELLED`. Since 0.1.
pub struct openclaw_reply {
    _opaque: [u8; 0],
}

/// What is behind it.
#[derive(Debug)]
pub(crate) enum AnyReply {
    Stream(Reply<Piece>),
    Models(Reply<Vec<ModelInfo>>),
    Token(Reply<AccessToken>),
}

impl Handle for openclaw_reply {
    type Value = AnyReply;
    const MAGIC: u64 = 0x6f63_5f72_706c_0001;
    const NAME: &'static str = "openclaw_reply";
}

impl AnyReply {
    fn stream(&self) -> Result<&Reply<Piece>> {
        match self {
            Self::Stream(reply) => Ok(reply),
            Self::Models(_) => Err(Fault::argument("this reply is for a list of models: openclaw_reply_models_json")),
            Self::Token(_) => Err(Fault::argument("this reply is for a token: openclaw_reply_token")),
        }
    }

    fn end(&self, outcome: openclaw_core::Result<()>) -> Sent {
        match self {
            Self::Stream(reply) => reply.end(outcome),
            Self::Models(reply) => reply.end(outcome),
            Self::Token(reply) => reply.end(outcome),
        }
    }

    fn is_abandoned(&self) -> bool {
        match self {
            Self::Stream(reply) => reply.is_abandoned(),
            Self::Models(reply) => reply.is_abandoned(),
            Self::Token(reply) => reply.is_abandoned(),
        }
    }

    fn is_wanted(&self) -> bool {
        match self {
            Self::Stream(reply) => reply.is_wanted(),
            Self::Models(reply) => reply.is_wanted(),
            Self::Token(reply) => reply.is_wanted(),
        }
    }
}

fn status(sent: Sent) -> Result<openclaw_status> {
    match sent {
        Sent::Taken => Ok(OPENCLAW_OK),
        Sent::Full => Err(Fault::quiet(OPENCLAW_ERR_WOULD_BLOCK)),
        Sent::Unwanted => Err(gone()),
        _ => Err(openclaw_core::embed::closed_as("the reply has ended: nothing can follow").into()),
    }
}

fn gone() -> Fault {
    let text = "nobody waits for this answer any more: the call was cancelled, or ran into a time limit";
    Error::new(openclaw_core::ErrorKind::Cancelled, Stage::MaybeSent, text).into()
}

fn json_of(text: &str) -> Result<Value> {
    parsed(text, "json").map_err(Fault::argument)
}

fn argument(error: &Error) -> Fault {
    Fault::argument(error.message())
}

/// Gives a piece of the text of the answer. The library makes the item around it.
///
/// Errors: `OPENCLAW_ERR_CANCELLED` when nobody wants it any more: stop working on it; `OPENCLAW_ERR_CLOSED` after the end;
/// `OPENCLAW_ERR_WOULD_BLOCK` when thousands of pieces wait, see `openclaw_reply_wait`; `OPENCLAW_ERR_INVALID_ARGUMENT` for
/// a reply that is not for a stream; `OPENCLAW_ERR_INVALID_UTF8`. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_reply_text(
    reply: *const openclaw_reply,
    text: openclaw_str,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |reply: &AnyReply| {
        // SAFETY: the host promises the text.
        let text = unsafe { text.get("text") }?;
        status(reply.stream()?.give(Piece::Text(text.to_owned())))
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(reply, err, call) }
}

/// Gives an event in its JSON form, as `openclaw_stream_event_json` writes it, or a whole item such as
/// `{"type":"function_call","call_id":"c","name":"f","arguments":"{}"}`. Of a delta without `item_id` the library makes the
/// item. `{"type":"completed"}` ends the answer and may say `finish_reason` and `usage`; every field may be left out.
///
/// Errors: those of `openclaw_reply_text`; `OPENCLAW_ERR_INVALID_ARGUMENT` for what is no event: the message names what is
/// wrong, and the call goes on. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_reply_event_json(
    reply: *const openclaw_reply,
    json: openclaw_str,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |reply: &AnyReply| {
        // SAFETY: the host promises the text.
        let json = unsafe { json.get("json") }?;
        let piece = piece_from_json(json_of(json)?).map_err(|error| argument(&error))?;
        status(reply.stream()?.give(piece))
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(reply, err, call) }
}

/// Ends the answer of a stream well. Errors: those of `openclaw_reply_text`. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_reply_done(
    reply: *const openclaw_reply,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(reply, err, |reply: &AnyReply| status(reply.stream()?.end(Ok(())))) }
}

/// Ends the call with an error. `kind` is one of `OPENCLAW_ERR_EDGE_BLOCKED` (-1) to `OPENCLAW_ERR_UNKNOWN` (-23); secrets
/// are taken out of `message`.
///
/// Errors: `OPENCLAW_ERR_CANCELLED`, `OPENCLAW_ERR_CLOSED` as `openclaw_reply_text`; `OPENCLAW_ERR_INVALID_ARGUMENT` for a
/// `kind` that is none. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_reply_fail(
    reply: *const openclaw_reply,
    kind: openclaw_status,
    message: openclaw_str,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |reply: &AnyReply| {
        // SAFETY: the host promises the text.
        let message = unsafe { message.get("message") }?;
        let named = error_kind_of(kind.saturating_neg())
            .ok_or_else(|| Fault::argument(format!("{kind} is no kind of error: those are -1 to -23")))?;
        let record = json!({ "kind": named.as_str(), "message": message });
        status(reply.end(Err(fault_from_json(&record)?)))
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(reply, err, call) }
}

/// The same with all that the host knows: an error in the form of `openclaw_error_to_json`; `kind` and `message` are enough.
///
/// Errors: as `openclaw_reply_fail`. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_reply_fail_json(
    reply: *const openclaw_reply,
    json: openclaw_str,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |reply: &AnyReply| {
        // SAFETY: the host promises the text.
        let json = unsafe { json.get("json") }?;
        let error = fault_from_json(&json_of(json)?).map_err(|error| argument(&error))?;
        status(reply.end(Err(error)))
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(reply, err, call) }
}

/// Answers with the models of a provider: a JSON array of names, or of objects as `openclaw_client_models_json` gives them.
///
/// Errors: `OPENCLAW_ERR_CANCELLED`, `OPENCLAW_ERR_CLOSED` as `openclaw_reply_text`; `OPENCLAW_ERR_INVALID_ARGUMENT` for
/// what is no such list, and for another reply. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_reply_models_json(
    reply: *const openclaw_reply,
    json: openclaw_str,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |reply: &AnyReply| {
        // SAFETY: the host promises the text.
        let json = unsafe { json.get("json") }?;
        let models = models_from_json(json_of(json)?).map_err(|error| argument(&error))?;
        match reply {
            AnyReply::Models(reply) => status(reply.answer(Ok(models))),
            _ => Err(Fault::argument("this reply is not for a list of models")),
        }
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(reply, err, call) }
}

/// Answers with a token, or an API key. `account_id` may be empty: then it is read from the token. `expires_at` is in Unix
/// seconds; 0 if it is not known.
///
/// Errors: `OPENCLAW_ERR_CANCELLED`, `OPENCLAW_ERR_CLOSED` as `openclaw_reply_text`; `OPENCLAW_ERR_INVALID_ARGUMENT` for a
/// token that is empty or has a space in it, a negative time, and another reply; `OPENCLAW_ERR_INVALID_UTF8`. No message
/// ever shows the token. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_reply_token(
    reply: *const openclaw_reply,
    token: openclaw_str,
    account_id: openclaw_str,
    expires_at: i64,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |reply: &AnyReply| {
        // SAFETY: the host promises the texts.
        let (token, account_id) = unsafe { (token.get("token")?, account_id.optional("account_id")?) };
        let expires_at = Some(expires_at).filter(|at| *at != 0);
        let form = json!({ "token": token, "account_id": account_id, "expires_at": expires_at });
        let token = token_from_json(form).map_err(|error| argument(&error))?;
        match reply {
            AnyReply::Token(reply) => status(reply.answer(Ok(token))),
            _ => Err(Fault::argument("this reply is not for a token")),
        }
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(reply, err, call) }
}

/// Waits until a further piece is welcome, for at most `timeout_ms`; for ever if negative. A host that waits before each
/// piece never has more than a few dozen that nobody read. Not inside the function that got the reply: there nobody reads.
///
/// Errors: `OPENCLAW_ERR_WAIT_TIMEOUT`; `OPENCLAW_ERR_CANCELLED` when nobody wants the answer any more. Threads: any. Since
/// 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_reply_wait(
    reply: *const openclaw_reply,
    timeout_ms: i64,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |reply: &AnyReply| {
        if let AnyReply::Stream(reply) = reply {
            if !reply.wait_room(wait_limit(timeout_ms)) {
                return Err(Fault::quiet(OPENCLAW_ERR_WAIT_TIMEOUT));
            }
        }
        if reply.is_abandoned() { Err(gone()) } else { Ok(OPENCLAW_OK) }
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(reply, err, call) }
}

/// Whether somebody still waits for the answer: 1, or 0 after its end and when the call was cancelled. Of NULL: 0. Threads:
/// any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_reply_wanted(reply: *const openclaw_reply) -> i32 {
    // SAFETY: the host promises a handle of ours or NULL.
    unsafe { read(reply, 0, |reply| i32::from(reply.is_wanted())) }
}

/// Frees a reply. Without an end before, its call fails. NULL is ignored. Threads: any, once. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_reply_free(reply: *mut openclaw_reply) {
    // SAFETY: the host promises a handle of ours or NULL, and not to use it again.
    unsafe { free(reply, drop) }
}
