//! A request: JSON in, checked field by field as it is set.

use std::sync::{Mutex, MutexGuard, PoisonError};

use openclaw_core::chat::{Item, Request};
use openclaw_core::embed::{ClientSettings, item_from_value, options_from_map, request_from_map};
use openclaw_core::{CallOptions, Error};
use serde_json::{Map, Value, json};

use crate::error::openclaw_error;
use crate::guard::{Fault, Handle, Result, enter, free, give, look, with};
use crate::status::*;
use crate::stream::{finished, openclaw_stream};
use crate::text::{give_string, openclaw_str, openclaw_string, parsed, place};

/// What a model is asked. Can be used for any number of calls, and changed between them. Any thread may use it, one at
/// a time. Since 0.1.
pub struct openclaw_request {
    _opaque: [u8; 0],
}

impl Handle for openclaw_request {
    type Value = Form;
    const MAGIC: u64 = 0x6f63_5f72_6571_0001;
    const NAME: &'static str = "openclaw_request";
}

/// What is behind it.
#[derive(Debug, Default)]
pub(crate) struct Form(Mutex<Fields>);

#[derive(Debug, Default)]
struct Fields {
    request: Map<String, Value>,
    options: Map<String, Value>,
}

impl Form {
    fn lock(&self) -> MutexGuard<'_, Fields> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a call needs.
    pub(crate) fn parts(&self, client: &ClientSettings) -> Result<(Request, CallOptions)> {
        let (request, options) = {
            let fields = self.lock();
            (fields.request.clone(), fields.options.clone())
        };
        Ok((request_from_map(request)?, options_from_map(options, client)?))
    }

    fn set(&self, name: &str, value: Value) -> Result<openclaw_status> {
        let one = Map::from_iter([(name.to_owned(), value)]);
        request_from_map(one.clone())?;
        self.lock().request.extend(one);
        Ok(OPENCLAW_OK)
    }

    fn set_option(&self, name: &str, value: Value) -> Result<openclaw_status> {
        let one = Map::from_iter([(name.to_owned(), value)]);
        options_from_map(one.clone(), &ClientSettings::default())?;
        self.lock().options.extend(one);
        Ok(OPENCLAW_OK)
    }

    /// A result of the kind that the call has in the history.
    fn result_of(&self, call_id: &str, output: &str) -> Result<Item> {
        let fields = self.lock();
        let custom = fields
            .request
            .get("input")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .any(|item| item["type"] == "custom_tool_call" && item["call_id"] == call_id);
        let kind = if custom { "custom_tool_call_output" } else { "function_call_output" };
        let item = json!({ "type": kind, "call_id": call_id, "output": output });
        Ok(serde_json::from_value(item).map_err(|e| Error::invalid_request(e.to_string()))?)
    }

    /// Appends to the input, whatever form it was set in.
    fn add(&self, items: &[Item]) -> Result<openclaw_status> {
        let mut fields = self.lock();
        let input = fields.request.entry("input").or_insert_with(|| json!([]));
        if let Value::String(prompt) = input {
            *input = form(&[Item::user(prompt.as_str())])?;
        }
        match (input, form(items)?) {
            (Value::Array(list), Value::Array(more)) => list.extend(more),
            _ => return Err(Fault::argument("the input of the request is no list")),
        }
        Ok(OPENCLAW_OK)
    }
}

fn form(items: &[Item]) -> Result<Value> {
    Ok(serde_json::to_value(items).map_err(|e| Error::invalid_request(e.to_string()))?)
}

fn parse(json: &str, name: &str) -> Result<Value> {
    Ok(parsed(json, name).map_err(Error::invalid_request)?)
}

/// Makes an empty request. `*out` becomes a request that the host owns. Errors: `OPENCLAW_ERR_INVALID_ARGUMENT`.
/// Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_request_new(
    out: *mut *mut openclaw_request,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = || {
        let out = place(out, "out")?;
        // SAFETY: not NULL, and the host promises a place.
        unsafe { out.write(give(Form::default())) };
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a place for the error or NULL.
    unsafe { enter(err, call) }
}

/// Makes a request of a JSON object: `model`, `instructions`, `input` (a text or a list of items), `tools`,
/// `tool_choice`, `parallel_tool_calls`, `reasoning` or, for short, `effort`, `text`, `service_tier`, `session_id`, `max_output_tokens`,
/// `temperature`, `top_p`, `extra`. Without a model the first one of the provider's list is asked.
///
/// `*out` becomes a request that the host owns. Errors: `OPENCLAW_ERR_INVALID_REQUEST`, which names the field;
/// `OPENCLAW_ERR_INVALID_UTF8`. Threads: any. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_request_from_json(
    json: openclaw_str,
    out: *mut *mut openclaw_request,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = || {
        let out = place(out, "out")?;
        // SAFETY: the host promises the text.
        let json = unsafe { json.get("json") }?;
        let request = match json.trim() {
            "" => Map::new(),
            json => match parse(json, "the request")? {
                Value::Object(map) => map,
                _ => return Err(Error::invalid_request("the request must be a JSON object").into()),
            },
        };
        request_from_map(request.clone())?;
        let fields = Fields { request, options: Map::new() };
        // SAFETY: not NULL, and the host promises a place.
        unsafe { out.write(give(Form(Mutex::new(fields)))) };
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a place for the error or NULL.
    unsafe { enter(err, call) }
}

/// Frees a request. Calls that it was used for go on. NULL is ignored. Threads: any, once. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_request_free(request: *mut openclaw_request) {
    // SAFETY: the host promises a handle of ours or NULL, and not to use it again.
    unsafe { free(request, drop) }
}

/// Sets the model. Errors: `OPENCLAW_ERR_INVALID_UTF8`. Threads: one at a time. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_request_set_model(
    request: *const openclaw_request,
    model: openclaw_str,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |form: &Form| {
        // SAFETY: the host promises the text.
        let model = unsafe { model.get("model") }?;
        form.set("model", model.into())
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(request, err, call) }
}

/// Sets the instructions, also known as the system prompt. Errors: `OPENCLAW_ERR_INVALID_UTF8`. Threads: one at a time.
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_request_set_instructions(
    request: *const openclaw_request,
    instructions: openclaw_str,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |form: &Form| {
        // SAFETY: the host promises the text.
        let instructions = unsafe { instructions.get("instructions") }?;
        form.set("instructions", instructions.into())
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(request, err, call) }
}

/// Sets the input to one message of a person. Errors: `OPENCLAW_ERR_INVALID_UTF8`. Threads: one at a time. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_request_set_input_text(
    request: *const openclaw_request,
    prompt: openclaw_str,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |form: &Form| {
        // SAFETY: the host promises the text.
        let prompt = unsafe { prompt.get("prompt") }?;
        form.set("input", prompt.into())
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(request, err, call) }
}

/// Sets the input to a JSON array of items: the history of a conversation, with images and results of tools. Errors:
/// `OPENCLAW_ERR_INVALID_REQUEST`, which names what is wrong; `OPENCLAW_ERR_INVALID_UTF8`. Threads: one at a time.
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_request_set_input_json(
    request: *const openclaw_request,
    items: openclaw_str,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |form: &Form| {
        // SAFETY: the host promises the text.
        let items = unsafe { items.get("items") }?;
        form.set("input", parse(items, "items")?)
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(request, err, call) }
}

/// Sets the tools, a JSON array such as
/// `[{"type":"function","name":"f","parameters":{}}]`. Errors: `OPENCLAW_ERR_INVALID_REQUEST`, which names
/// what is wrong; `OPENCLAW_ERR_INVALID_UTF8`. Threads: one at a time. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_request_set_tools_json(
    request: *const openclaw_request,
    tools: openclaw_str,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |form: &Form| {
        // SAFETY: the host promises the text.
        let tools = unsafe { tools.get("tools") }?;
        form.set("tools", parse(tools, "tools")?)
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(request, err, call) }
}

/// Sets any field of the request (see `openclaw_request_from_json`) to a JSON value. Errors:
/// `OPENCLAW_ERR_INVALID_REQUEST`, which names what is wrong; `OPENCLAW_ERR_INVALID_UTF8`. Threads: one at a time.
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_request_set_field_json(
    request: *const openclaw_request,
    name: openclaw_str,
    json: openclaw_str,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |form: &Form| {
        // SAFETY: the host promises the text.
        let name = unsafe { name.get("name") }?;
        // SAFETY: the host promises the text.
        let json = unsafe { json.get("json") }?;
        form.set(name, parse(json, "json")?)
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(request, err, call) }
}

/// Sets an option of the calls to a JSON value: `timeout_ms`, `first_byte_timeout_ms`, `idle_timeout_ms`,
/// `max_retries`, `retry_budget_ms`, `retry_base_delay_ms`, `strict`, `turn_state`, `headers`. Errors:
/// `OPENCLAW_ERR_INVALID_REQUEST`, which names what is wrong; `OPENCLAW_ERR_INVALID_UTF8`. Threads: one at a time.
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_request_set_option_json(
    request: *const openclaw_request,
    name: openclaw_str,
    json: openclaw_str,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |form: &Form| {
        // SAFETY: the host promises the text.
        let name = unsafe { name.get("name") }?;
        // SAFETY: the host promises the text.
        let json = unsafe { json.get("json") }?;
        form.set_option(name, parse(json, "json")?)
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(request, err, call) }
}

/// Appends a message of a person to the input. Errors: `OPENCLAW_ERR_INVALID_UTF8`. Threads: one at a time. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_request_add_text(
    request: *const openclaw_request,
    prompt: openclaw_str,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |form: &Form| {
        // SAFETY: the host promises the text.
        let prompt = unsafe { prompt.get("prompt") }?;
        form.add(&[Item::user(prompt)])
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(request, err, call) }
}

/// Appends an item, a JSON object, to the input. Errors: `OPENCLAW_ERR_INVALID_REQUEST`, which names
/// what is wrong; `OPENCLAW_ERR_INVALID_UTF8`. Threads: one at a time. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_request_add_item_json(
    request: *const openclaw_request,
    item: openclaw_str,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |form: &Form| {
        // SAFETY: the host promises the text.
        let item = unsafe { item.get("item") }?;
        form.add(&[item_from_value(parse(item, "item")?)?])
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(request, err, call) }
}

/// Appends the result of a tool call to the input; `call_id` is that of the event. Errors:
/// `OPENCLAW_ERR_INVALID_REQUEST`, which names what is wrong; `OPENCLAW_ERR_INVALID_UTF8`. Threads: one at a time.
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_request_add_tool_result(
    request: *const openclaw_request,
    call_id: openclaw_str,
    output: openclaw_str,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |form: &Form| {
        // SAFETY: the host promises the text.
        let call_id = unsafe { call_id.get("call_id") }?;
        // SAFETY: the host promises the text.
        let output = unsafe { output.get("output") }?;
        form.add(&[form.result_of(call_id, output)?])
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(request, err, call) }
}

/// Sets a header of the calls, in addition to those of the library. Errors: `OPENCLAW_ERR_INVALID_UTF8`. Threads: one
/// at a time. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_request_set_header(
    request: *const openclaw_request,
    name: openclaw_str,
    value: openclaw_str,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |form: &Form| {
        // SAFETY: the host promises the texts.
        let (name, value) = unsafe { (name.get("name")?, value.get("value")?) };
        let mut headers = form.lock().options.get("headers").cloned().unwrap_or_else(|| json!({}));
        if let Value::Object(map) = &mut headers {
            map.insert(name.to_owned(), value.into());
        }
        form.set_option("headers", headers)
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(request, err, call) }
}

/// Limits a whole call, its repeats included. Threads: one at a time. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_request_set_timeout_ms(
    request: *const openclaw_request,
    timeout_ms: u64,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(request, err, |form: &Form| form.set_option("timeout_ms", timeout_ms.into())) }
}

/// Appends the items of a finished answer to the input: the next turn of a conversation. Errors:
/// `OPENCLAW_ERR_NOT_ENDED`; the error of the stream if it failed. Threads: one at a time for the request, any for the
/// stream. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_request_add_answer(
    request: *const openclaw_request,
    stream: *const openclaw_stream,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |form: &Form| {
        // SAFETY: the host promises a handle of ours or NULL.
        let stream = unsafe { look(stream) }?.value();
        form.add(&finished(stream)?.items)
    };
    // SAFETY: the host promises handles of ours or NULL, and a place for the error or NULL.
    unsafe { with(request, err, call) }
}

/// The request as a JSON object, as it will be asked. `*out` becomes a string that the host owns. Threads: one at a
/// time. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openclaw_request_json(
    request: *const openclaw_request,
    out: *mut *mut openclaw_string,
    err: *mut *mut openclaw_error,
) -> openclaw_status {
    let call = |form: &Form| {
        let out = place(out, "out")?;
        let request = form.lock().request.clone();
        let request = request_from_map(request)?;
        let json = serde_json::to_string(&request).map_err(|e| Error::invalid_request(e.to_string()))?;
        // SAFETY: not NULL, and the host promises a place.
        unsafe { give_string(out, json) };
        Ok(OPENCLAW_OK)
    };
    // SAFETY: the host promises a handle of ours or NULL, and a place for the error or NULL.
    unsafe { with(request, err, call) }
}
