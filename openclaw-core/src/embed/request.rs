//! Requests, call options and client settings in the JSON form that other languages hand over. A field that is unknown
//! is an error that names it: a misspelt setting must not be lost.

use std::fmt;
use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;

use serde_json::{Map, Value};

use super::fields::{known, object, settings, settings_of, type_of};
use crate::chat::{Item, Request};
use crate::error::{Error, Result};
use crate::provider::CallOptions;
use crate::transport::{CallTimeouts, RetryPolicy, Timeouts};

/// Reads a request. Beside the JSON form of [`Request`], `input` may be a text: one message of a person; and `effort` is
/// short for `{"reasoning":{"effort":…}}`.
///
/// # Errors
/// `invalid_request`: what is no JSON, an unknown field, a field of a wrong type; each is named.
pub fn request_from_json(text: &str) -> Result<Request> {
    request_from_map(object(text, "the request")?)
}

/// The same for an object that was read already.
///
/// # Errors
/// As [`request_from_json`].
pub fn request_from_map(mut map: Map<String, Value>) -> Result<Request> {
    known(&map, "the request", &REQUEST_FIELDS, "; put fields of the provider into `extra`")?;
    if let Some(Value::String(prompt)) = map.get("input") {
        let item = serde_json::to_value([Item::user(prompt.as_str())]);
        map.insert("input".to_owned(), item.map_err(|e| Error::invalid_request(e.to_string()))?);
    }
    if let Some(effort) = map.remove("effort").filter(|effort| !effort.is_null()) {
        set_effort(&mut map, effort)?;
    }
    check_input(map.get("input"))?;
    check_tools(map.get("tools"), map.get("tool_choice"))?;
    let form = Value::Object(map);
    Request::deserialize(&form).map_err(|e| {
        // One field at a time, so that the error can name it.
        let named = form.as_object().into_iter().flatten().find_map(|(key, value)| {
            let one = Value::Object(Map::from_iter([(key.clone(), value.clone())]));
            Some((key, Request::deserialize(one).err()?))
        });
        Error::invalid_request(match named {
            Some((key, e)) => format!("the request's field {key:?}: {e}"),
            None => format!("the request: {e}"),
        })
    })
}

/// Reads one item of a request's `input`.
///
/// # Errors
/// `invalid_request`, which says what is wrong.
pub fn item_from_value(item: Value) -> Result<Item> {
    check_item(&item, format_args!("the item"))?;
    Item::deserialize(item).map_err(|e| Error::invalid_request(format!("the item: {e}")))
}

fn set_effort(map: &mut Map<String, Value>, effort: Value) -> Result<()> {
    if !effort.is_string() {
        return Err(Error::invalid_request(format!(
            "the request's field \"effort\" must be a text such as \"low\", not {}",
            type_of(&effort)
        )));
    }
    let reasoning = map.entry("reasoning").or_insert_with(|| Value::Object(Map::new()));
    let Value::Object(reasoning) = reasoning else {
        return Err(Error::invalid_request(format!(
            "the request's field \"reasoning\" must be an object such as {{\"effort\":\"low\"}}, not {}",
            type_of(reasoning)
        )));
    };
    match reasoning.insert("effort".to_owned(), effort.clone()) {
        Some(other) if other != effort => Err(Error::invalid_request(format!(
            "the request has two efforts, {effort} and, in \"reasoning\", {other}: leave one of them out"
        ))),
        _ => Ok(()),
    }
}

fn check_input(input: Option<&Value>) -> Result<()> {
    let Some(input) = input else { return Ok(()) };
    let items = input.as_array().ok_or_else(|| {
        Error::invalid_request(format!(
            "the request's field \"input\" must be a text or a list, not {}",
            type_of(input)
        ))
    })?;
    items
        .iter()
        .enumerate()
        .try_for_each(|(place, item)| check_item(item, format_args!("the request's input[{place}]")))
}

/// What is no item would be kept as an unknown one and refused by the provider, far from its cause.
fn check_item(item: &Value, what: fmt::Arguments<'_>) -> Result<()> {
    let named = |key: &str| item.get(key).is_some_and(Value::is_string);
    if !named("type") && !named("role") {
        return Err(Error::invalid_request(format!(
            "{what} must be an object with \"type\" or \"role\", such as {{\"role\":\"user\",\"content\":\"hi\"}}"
        )));
    }
    let parts = item.get("content").or_else(|| item.get("output")).and_then(Value::as_array);
    for (at, part) in parts.into_iter().flatten().enumerate() {
        let url = part.get("image_url").and_then(Value::as_str);
        if url.is_some_and(|url| !["https://", "http://", "data:"].iter().any(|start| url.starts_with(start))) {
            return Err(Error::invalid_request(format!(
                "{what}, part {at}: an image_url is an https: or data: address, not a path"
            )));
        }
    }
    Ok(())
}

fn check_tools(tools: Option<&Value>, choice: Option<&Value>) -> Result<()> {
    for (place, tool) in tools.and_then(Value::as_array).into_iter().flatten().enumerate() {
        let text = |key: &str| tool.get(key).and_then(Value::as_str);
        let wrong = |what: &str| {
            Err(Error::invalid_request(format!(
                "the request's tools[{place}] {what}; write {{\"type\":\"function\",\"name\":\"…\",\"parameters\":{{…}}}}"
            )))
        };
        match text("type") {
            None => return wrong("has no \"type\""),
            Some("function") if tool.get("function").is_some() => {
                return wrong("has the form of the older Chat Completions API, with \"function\" inside");
            }
            Some("function") if text("name").is_none() || tool.get("parameters").is_none_or(|p| !p.is_object()) => {
                return wrong("lacks \"name\" or \"parameters\"");
            }
            Some("custom") if text("name").is_none() => return wrong("lacks \"name\""),
            Some(_) => {}
        }
    }
    match choice {
        Some(Value::String(word)) if !matches!(word.as_str(), "auto" | "none" | "required") => {
            Err(Error::invalid_request(format!(
                "the request's tool_choice {word:?} is unknown; it is auto, none, required, or an object that names a tool"
            )))
        }
        _ => Ok(()),
    }
}

const REQUEST_FIELDS: [&str; 15] = [
    "effort",
    "model",
    "instructions",
    "input",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "reasoning",
    "text",
    "service_tier",
    "session_id",
    "max_output_tokens",
    "temperature",
    "top_p",
    "extra",
];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct OptionsForm {
    timeout_ms: Option<u64>,
    first_byte_timeout_ms: Option<u64>,
    idle_timeout_ms: Option<u64>,
    max_retries: Option<u32>,
    retry_budget_ms: Option<u64>,
    retry_base_delay_ms: Option<u64>,
    strict: bool,
    turn_state: Option<String>,
    headers: Map<String, Value>,
}

const OPTION_FIELDS: [&str; 9] = [
    "timeout_ms",
    "first_byte_timeout_ms",
    "idle_timeout_ms",
    "max_retries",
    "retry_budget_ms",
    "retry_base_delay_ms",
    "strict",
    "turn_state",
    "headers",
];

/// Reads the options of a call; what is not set stays as the client has it. `timeout_ms` limits the whole call.
///
/// # Errors
/// `invalid_request`, as [`request_from_json`].
pub fn options_from_json(text: &str, client: &ClientSettings) -> Result<CallOptions> {
    options_from_map(object(text, "the call options")?, client)
}

/// The same for an object that was read already.
///
/// # Errors
/// As [`options_from_json`].
pub fn options_from_map(map: Map<String, Value>, client: &ClientSettings) -> Result<CallOptions> {
    let what = "the call options";
    let form: OptionsForm = settings_of(map, what, &OPTION_FIELDS)?;
    let mut options = CallOptions::new();
    options.timeouts =
        call_timeouts(form.first_byte_timeout_ms, form.idle_timeout_ms, form.timeout_ms).or(client.call_timeouts());
    let mut retry = client.retry();
    retry.max_retries = form.max_retries.unwrap_or(retry.max_retries);
    retry.budget = form.retry_budget_ms.map_or(retry.budget, Duration::from_millis);
    retry.base_delay = form.retry_base_delay_ms.map_or(retry.base_delay, Duration::from_millis);
    options.retry = Some(retry);
    options.strict = form.strict;
    options.turn_state = form.turn_state;
    for (name, value) in &form.headers {
        let text = value
            .as_str()
            // Never the value: it may be a secret.
            .ok_or_else(|| {
                Error::invalid_request(format!("{what}: the header {name:?} must be text, not {}", type_of(value)))
            })?;
        options.headers.push(name, text);
    }
    Ok(options)
}

fn call_timeouts(first_byte: Option<u64>, idle: Option<u64>, total: Option<u64>) -> CallTimeouts {
    let mut timeouts = CallTimeouts::new();
    timeouts.first_byte = first_byte.map(Duration::from_millis);
    timeouts.idle = idle.map(Duration::from_millis);
    timeouts.total = total.map(Duration::from_millis);
    timeouts
}

/// The settings of a call as a JSON object, for a provider that the host writes: the form that [`options_from_json`] reads.
/// The headers of the caller are among them, whatever they hold.
pub fn options_to_json(options: &CallOptions) -> Value {
    let mut map = Map::new();
    let ms = |limit: Duration| u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
    let limits = [
        ("timeout_ms", options.timeouts.total),
        ("first_byte_timeout_ms", options.timeouts.first_byte),
        ("idle_timeout_ms", options.timeouts.idle),
    ];
    map.extend(limits.into_iter().filter_map(|(name, limit)| Some((name.to_owned(), ms(limit?).into()))));
    if let Some(retry) = &options.retry {
        map.insert("max_retries".to_owned(), retry.max_retries.into());
        map.insert("retry_budget_ms".to_owned(), ms(retry.budget).into());
        map.insert("retry_base_delay_ms".to_owned(), ms(retry.base_delay).into());
    }
    map.insert("strict".to_owned(), options.strict.into());
    if let Some(state) = &options.turn_state {
        map.insert("turn_state".to_owned(), state.as_str().into());
    }
    let headers = options.headers.iter().map(|(name, value, _)| (name.to_owned(), value.into()));
    map.insert("headers".to_owned(), Value::Object(headers.collect()));
    Value::Object(map)
}

/// What a client is made of. All fields may be left out: then a login of this machine is used.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ClientSettings {
    /// `openai-codex`, `openai` or `anthropic`; after the login unless set.
    pub provider: Option<String>,
    /// A ChatGPT token; with `anthropic`, a bearer token.
    pub token: Option<SecretString>,
    /// An API key.
    pub api_key: Option<SecretString>,
    /// Another base URL. A token of this object is meant for it; a login of this machine is not.
    pub base_url: Option<String>,
    /// An `auth-profiles.json` or an `auth.json`.
    pub profile_file: Option<String>,
    /// The OpenClaw agent whose logins are used.
    pub agent: Option<String>,
    /// The profile of the store.
    pub profile: Option<String>,
    /// The host application, `name/version`.
    pub application: Option<String>,
    /// Allows plain http beyond this machine.
    pub allow_plain_http: bool,
    /// A proxy for everything; that of the environment unless set, none if empty.
    pub proxy: Option<String>,
    /// A PEM file of further certificates.
    pub ca_file: Option<String>,
    /// The limit for connecting, in ms.
    pub connect_timeout_ms: Option<u64>,
    /// The limit for the first byte, in ms.
    pub first_byte_timeout_ms: Option<u64>,
    /// The limit for the pause between two bytes, in ms.
    pub idle_timeout_ms: Option<u64>,
    /// The limit for a whole call, in ms; none unless set.
    pub timeout_ms: Option<u64>,
    /// How many repeats at most.
    pub max_retries: Option<u32>,
    /// The time for all tries together, in ms.
    pub retry_budget_ms: Option<u64>,
    /// The wait before the first repeat, in ms; it doubles with each further one.
    pub retry_base_delay_ms: Option<u64>,
    /// No thread of ours: whoever waits drives the call.
    pub inline: bool,
}

const SETTING_FIELDS: [&str; 19] = [
    "provider",
    "token",
    "api_key",
    "base_url",
    "profile_file",
    "agent",
    "profile",
    "application",
    "allow_plain_http",
    "proxy",
    "ca_file",
    "connect_timeout_ms",
    "first_byte_timeout_ms",
    "idle_timeout_ms",
    "timeout_ms",
    "max_retries",
    "retry_budget_ms",
    "retry_base_delay_ms",
    "inline",
];

impl ClientSettings {
    /// Reads the settings.
    ///
    /// # Errors
    /// `config`: what is no JSON, an unknown field, a field of a wrong type; each is named, no value is shown.
    pub fn from_json(text: &str) -> Result<Self> {
        settings(text, "the client settings", &SETTING_FIELDS).map_err(|e| Error::config(e.message()))
    }

    /// Refuses what only a provider of the library takes.
    pub(super) fn fits_a_provider_of_the_host(&self) -> Result<()> {
        let set = [
            ("provider", self.provider.is_some()),
            ("token", self.token.is_some()),
            ("api_key", self.api_key.is_some()),
            ("base_url", self.base_url.is_some()),
            ("profile_file", self.profile_file.is_some()),
            ("agent", self.agent.is_some()),
            ("profile", self.profile.is_some()),
            ("application", self.application.is_some()),
            ("allow_plain_http", self.allow_plain_http),
            ("proxy", self.proxy.is_some()),
            ("ca_file", self.ca_file.is_some()),
            ("connect_timeout_ms", self.connect_timeout_ms.is_some()),
        ];
        match set.iter().find(|(_, set)| *set) {
            None => Ok(()),
            Some((name, _)) => Err(Error::config(format!(
                "{name} does not go with a provider of your own, which makes its connections itself: leave it out"
            ))),
        }
    }

    /// What is set for every call. The rest is left to the provider: that of a configuration has limits of its own.
    pub(super) fn call_timeouts(&self) -> CallTimeouts {
        call_timeouts(self.first_byte_timeout_ms, self.idle_timeout_ms, self.timeout_ms)
    }

    /// The limits of a provider that is made of these settings.
    pub(super) fn timeouts(&self) -> Timeouts {
        let mut timeouts = self.call_timeouts().over(Timeouts::new());
        timeouts.connect = self.connect_timeout_ms.map(Duration::from_millis).or(timeouts.connect);
        timeouts
    }

    pub(super) fn retry(&self) -> RetryPolicy {
        let mut retry = RetryPolicy::new();
        retry.max_retries = self.max_retries.unwrap_or(retry.max_retries);
        retry.budget = self.retry_budget_ms.map_or(retry.budget, Duration::from_millis);
        retry.base_delay = self.retry_base_delay_ms.map_or(retry.base_delay, Duration::from_millis);
        retry
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_may_be_as_short_as_a_person_writes_it() {
        let request = request_from_json(r#"{"effort":"low","reasoning":{"summary":"auto"}}"#).unwrap();
        assert_eq!(request.reasoning.effort, Some(crate::chat::Effort::Low));
        let request = request_from_json(r#"{"model":"m","input":"hi","tool_choice":"auto"}"#).unwrap();
        assert_eq!(request.input, [Item::user("hi")]);
        assert_eq!(request_from_json("").unwrap(), Request::default());
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, named) in [
            ("[1]", "a list"),
            ("{", "line 1"),
            (r#"{"modle":"m"}"#, "modle"),
            (r#"{"model":7}"#, "model"),
            (r#"{"input":[{"type":"function_call_output"}]}"#, "input"),
            (r#"{"temperature":"hot"}"#, "temperature"),
            (r#"{"input":5}"#, "a number"),
            (r#"{"input":[{"call_id":"c","name":"t"}]}"#, "input[0]"),
            (r#"{"input":[{"role":"user","content":[{"type":"input_image","image_url":"/etc/passwd"}]}]}"#, "part 0"),
            (r#"{"tools":[{"type":"function"}]}"#, "tools[0]"),
            (r#"{"tools":[{"type":"function","function":{"name":"t"}}]}"#, "Chat Completions"),
            (r#"{"tool_choice":"foo"}"#, "tool_choice"),
            (r#"{"reasoning":"low","effort":"low"}"#, "not a text"),
            (r#"{"reasoning":{"effort":"low"},"effort":"high"}"#, "two efforts"),
            (r#"{"effort":5}"#, "effort"),
        ] {
            let error = request_from_json(text).unwrap_err();
            assert!(error.message().contains(named), "{text}: {error}");
        }
        let error = ClientSettings::from_json(r#"{"token":["sk-secret"]}"#).unwrap_err();
        assert!(error.message().contains("token") && !error.message().contains("sk-secret"), "{error}");
        let error = options_from_json(r#"{"headers":{"x":1}}"#, &ClientSettings::default()).unwrap_err();
        assert!(error.message().contains("\"x\""), "{error}");
    }

    #[test]
    fn a_wrong_option_is_named_and_never_shown() {
        for (text, named) in [
            (r#"{"headers":"Bearer sk-secret"}"#, "\"headers\" cannot be used (a text)"),
            (r#"{"headers":{"x":["sk-secret"]}}"#, "\"x\""),
            (r#"{"timeout_ms":"sk-secret"}"#, "\"timeout_ms\" cannot be used (a text)"),
            (r#"{"turn_state":{"a":"sk-secret"}}"#, "\"turn_state\" cannot be used (an object)"),
            (r#"{"max_retries":-1}"#, "\"max_retries\" cannot be used (a number): invalid value: integer `-1`"),
        ] {
            let error = options_from_json(text, &ClientSettings::default()).unwrap_err();
            assert!(error.message().contains(named) && !error.message().contains("sk-secret"), "{text}: {error}");
        }
    }

    #[test]
    fn one_item_is_judged_as_in_a_request() {
        for (item, named) in [
            (r#"{"foo":1}"#, "the item must be an object with"),
            ("5", "the item must be an object with"),
            (r#"{"type":"function_call_output"}"#, "the item: "),
            (r#"{"role":"user","content":[{"type":"input_image","image_url":"x.png"}]}"#, "the item, part 0"),
        ] {
            let error = item_from_value(serde_json::from_str(item).unwrap()).unwrap_err();
            assert!(error.message().starts_with(named), "{item}: {error}");
        }
        let item = serde_json::json!({"role": "user", "content": "hi"});
        assert_eq!(item_from_value(item).unwrap(), Item::user("hi"));
    }

    #[test]
    fn options_stand_on_the_clients_settings() {
        let client = ClientSettings::from_json(r#"{"idle_timeout_ms":5,"max_retries":9,"retry_base_delay_ms":3}"#);
        let client = client.unwrap();
        let options = options_from_json(r#"{"timeout_ms":7}"#, &client).unwrap();
        let timeouts = options.timeouts;
        assert_eq!((timeouts.idle, timeouts.total), (Some(Duration::from_millis(5)), Some(Duration::from_millis(7))));
        assert_eq!(timeouts.first_byte, None, "what nobody set says nothing");
        let retry = options.retry.unwrap();
        assert_eq!((retry.max_retries, retry.base_delay), (9, Duration::from_millis(3)));
    }
}
