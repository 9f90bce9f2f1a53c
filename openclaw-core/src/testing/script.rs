//! Scripts: what the server answers, step by step and exact to the byte.

mod read;

use std::path::Path;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::{Page, Scenario};
use crate::error::{Error, Result};
use crate::transport::Chunk;

/// A list of exchanges that the server plays.
///
/// A request is answered by the first exchange that matches it and is not used up. An exchange without method and path
/// answers a call of the model: any POST. A POST to `…/responses` that no exchange is left for gets a 500 that says so;
/// model lists and usage are answered as ever.
///
/// # JSON form
///
/// ```json
/// {
///   "check_requests": true,
///   "exchanges": [
///     {"scenario": "overloaded", "repeat": 2},
///     {
///       "status": 200,
///       "headers": {"x-request-id": "req_1"},
///       "chunk_bytes": 37,
///       "steps": [
///         {"sse": {"type": "response.created", "response": {"id": "resp_1"}}},
///         {"delay_ms": 50},
///         {"send": ": a comment\n\n"},
///         {"send_base64": "ZGF0YTogeAoK"},
///         {"reset": true}
///       ]
///     },
///     {"method": "GET", "path": "/backend-api/wham/usage", "status": 500, "json": {"detail": "no"}, "repeat": true}
///   ]
/// }
/// ```
///
/// Every field of an exchange may be left out:
///
/// | field | what it is |
/// | --- | --- |
/// | `method` | `POST` unless given; `*` is any |
/// | `path` | the path without query; any unless given |
/// | `repeat` | `true`: for ever; a number: so many times; once unless given |
/// | `status` | 200 unless given |
/// | `headers` | an object; a list as a value sends the header several times. `content-type` is `text/event-stream` when a step is `sse`, and not sent otherwise unless given here |
/// | `framing` | `chunked` (unless given), `content_length`, `close`, `raw`: see [`Framing`]. A `content-length` among the headers is sent as it is, true or not |
/// | `chunk_bytes` | as the step, from the start |
/// | `steps` | a list of steps |
/// | `body`, `json` | instead of `steps`: a whole body, with its length |
/// | `scenario` | instead of everything but `method`, `path`, `repeat`: what this [`Scenario`] answers |
///
/// A step is an object with one of these keys:
///
/// | step | what it does |
/// | --- | --- |
/// | `{"send": "text"}` | sends text, in one write and as one HTTP chunk; with `"times": n`, so many times |
/// | `{"send_base64": "…"}` | sends bytes |
/// | `{"sse": {"type": …}}` | sends an event: `event: <type>`, `data: <json>`, an empty line; `type` comes first in the JSON |
/// | `{"delay_ms": n}` | waits |
/// | `{"chunk_bytes": n}` | cuts all that follows into pieces of n bytes, each a write and an HTTP chunk of its own; 0 ends that |
/// | `{"stall": true}` | sends nothing more until the other side goes |
/// | `{"reset": true}` | resets the connection (RST) |
/// | `{"close": true}` | closes the connection (FIN) without ending the body |
///
/// After the last step the body is ended properly. Put a delay before a reset if what was sent must have been read.
///
/// # From Rust
///
/// ```
/// use openclaw_core::testing::{Exchange, Scenario, Script};
/// use serde_json::json;
///
/// let script = Script::new()
///     .exchange(Exchange::scenario(Scenario::Overloaded).times(2))
///     .exchange(Exchange::new(200).chunk_bytes(1).sse(json!({"type": "response.created"})).reset());
/// let same = Script::from_json(&serde_json::to_string(&script)?)?;
/// assert_eq!(same, script);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Script {
    /// The exchanges, in order.
    pub exchanges: Vec<Exchange>,
    /// Whether requests are judged before they are answered from the script; as the server is set unless given.
    pub check_requests: Option<bool>,
}

/// One answer, and what it answers.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Exchange {
    /// The method that it answers; `*` is any.
    pub method: String,
    /// The path that it answers, without query; `None` is any.
    pub path: Option<String>,
    /// How many requests it answers.
    pub repeat: Repeat,
    /// What it answers.
    pub answer: Answer,
}

/// What an exchange answers.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Answer {
    /// What the scenario answers.
    Scenario(Scenario),
    /// Status, headers and steps.
    Steps {
        /// The status.
        status: u16,
        /// The headers, in order.
        headers: Vec<(String, String)>,
        /// How the end of the body is marked.
        framing: Framing,
        /// What happens, in order.
        steps: Vec<Step>,
    },
}

/// How many requests an exchange answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Repeat {
    /// So many.
    Times(u32),
    /// All that match.
    Forever,
}

crate::error::words! {
    /// How the end of a body is marked.
    Framing {
        /// `transfer-encoding: chunked`: every write is an HTTP chunk.
        Chunked = "chunked",
        /// `content-length`, counted from the steps.
        ContentLength = "content_length",
        /// The body ends with the connection.
        Close = "close",
        /// Nothing is added: status line, headers and all come from the steps.
        Raw = "raw",
    }
}

/// One step of an answer.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Step {
    /// Sends these bytes so many times, each time in one write.
    Send {
        /// The bytes.
        bytes: Chunk,
        /// How many times.
        times: u32,
    },
    /// Sends an event.
    Sse(Value),
    /// Waits.
    Delay(Duration),
    /// Cuts all that follows into pieces of so many bytes; 0 ends that.
    ChunkBytes(usize),
    /// Sends nothing more until the other side goes.
    Stall,
    /// Resets the connection.
    Reset,
    /// Closes the connection without ending the body.
    Close,
}

impl Script {
    /// An empty script.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an exchange.
    #[must_use]
    pub fn exchange(mut self, exchange: Exchange) -> Self {
        self.exchanges.push(exchange);
        self
    }

    /// Sets whether requests are judged before they are answered.
    #[must_use]
    pub fn check_requests(mut self, check: bool) -> Self {
        self.check_requests = Some(check);
        self
    }

    /// Reads the JSON form.
    ///
    /// # Errors
    /// `config`: line and column of text that is no JSON, else the place, what is wrong there and what would be right.
    pub fn from_json(text: &str) -> Result<Self> {
        Self::parse(text).map_err(|why| Error::config(format!("the script is wrong: {why}")))
    }

    /// Reads a file with the JSON form.
    ///
    /// # Errors
    /// `config`, as [`from_json`](Self::from_json), with the name of the file.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path)
            .map_err(|e| Error::config(format!("the script {} cannot be read: {e}", path.display())).with_source(e))?;
        Self::parse(&text).map_err(|why| Error::config(format!("the script {} is wrong: {why}", path.display())))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text).map_err(|e| format!("it is not JSON: {e}"))?;
        read::script(&value)
    }
}

impl Exchange {
    /// An answer with this status, to one POST.
    pub fn new(status: u16) -> Self {
        Self::with(Answer::Steps { status, headers: Vec::new(), framing: Framing::Chunked, steps: Vec::new() })
    }

    /// What the scenario answers, to one POST.
    pub fn scenario(scenario: Scenario) -> Self {
        Self::with(Answer::Scenario(scenario))
    }

    /// A whole JSON answer with its length, to one POST.
    pub fn json(status: u16, body: &Value) -> Self {
        Self::new(status)
            .header("content-type", "application/json")
            .framing(Framing::ContentLength)
            .send(body.to_string().into_bytes())
    }

    /// A page, with its length, to one POST.
    pub fn page(page: &Page) -> Self {
        let mut exchange = Self::new(page.status).framing(Framing::ContentLength);
        for (name, value) in &page.headers {
            exchange = exchange.header(name, value);
        }
        exchange.send(page.body.clone().into_bytes())
    }

    fn with(answer: Answer) -> Self {
        Self { method: "POST".to_owned(), path: None, repeat: Repeat::Times(1), answer }
    }

    /// Sets the method that it answers; `*` is any.
    #[must_use]
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.method = method.into();
        self
    }

    /// Sets the path that it answers.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Lets it answer so many requests.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.repeat = Repeat::Times(times);
        self
    }

    /// Lets it answer all requests that match.
    #[must_use]
    pub fn forever(mut self) -> Self {
        self.repeat = Repeat::Forever;
        self
    }

    /// Adds a header. Nothing happens to an answer of a scenario, here and below: it is whole already.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        if let Answer::Steps { headers, .. } = &mut self.answer {
            headers.push((name.into(), value.into()));
        }
        self
    }

    /// Sets how the end of the body is marked.
    #[must_use]
    pub fn framing(mut self, new: Framing) -> Self {
        if let Answer::Steps { framing, .. } = &mut self.answer {
            *framing = new;
        }
        self
    }

    /// Adds a step.
    #[must_use]
    pub fn step(mut self, step: Step) -> Self {
        if let Answer::Steps { steps, .. } = &mut self.answer {
            steps.push(step);
        }
        self
    }

    /// Sends bytes in one write.
    #[must_use]
    pub fn send(self, bytes: impl Into<Vec<u8>>) -> Self {
        self.step(Step::Send { bytes: bytes.into().into(), times: 1 })
    }

    /// Sends an event.
    #[must_use]
    pub fn sse(self, event: Value) -> Self {
        self.step(Step::Sse(event))
    }

    /// Waits.
    #[must_use]
    pub fn delay(self, time: Duration) -> Self {
        self.step(Step::Delay(time))
    }

    /// Cuts all that follows into pieces of so many bytes.
    #[must_use]
    pub fn chunk_bytes(self, bytes: usize) -> Self {
        self.step(Step::ChunkBytes(bytes))
    }

    /// Sends nothing more until the other side goes.
    #[must_use]
    pub fn stall(self) -> Self {
        self.step(Step::Stall)
    }

    /// Resets the connection.
    #[must_use]
    pub fn reset(self) -> Self {
        self.step(Step::Reset)
    }

    /// Closes the connection without ending the body.
    #[must_use]
    pub fn close(self) -> Self {
        self.step(Step::Close)
    }
}

/// The bytes of an event as the backend frames it. `type` comes first in the JSON, as the backend writes it.
pub(super) fn frame(event: &Value) -> Vec<u8> {
    let kind = event.get("type").and_then(Value::as_str);
    let mut out = Vec::new();
    if let Some(kind) = kind {
        out.extend_from_slice(format!("event: {kind}\n").as_bytes());
    }
    out.extend_from_slice(b"data: ");
    match (event, kind) {
        (Value::Object(fields), Some(kind)) => {
            out.extend_from_slice(format!("{{\"type\":{}", Value::from(kind)).as_bytes());
            for (key, value) in fields.iter().filter(|(key, _)| *key != "type") {
                out.extend_from_slice(format!(",{}:{value}", Value::from(key.as_str())).as_bytes());
            }
            out.push(b'}');
        }
        _ => out.extend_from_slice(event.to_string().as_bytes()),
    }
    out.extend_from_slice(b"\n\n");
    out
}

impl<'de> Deserialize<'de> for Script {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read::script(&Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl Serialize for Script {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut all = Map::new();
        if let Some(check) = self.check_requests {
            all.insert("check_requests".to_owned(), check.into());
        }
        all.insert("exchanges".to_owned(), self.exchanges.iter().map(write_exchange).collect());
        all.serialize(serializer)
    }
}

fn write_exchange(exchange: &Exchange) -> Value {
    let mut out = Map::new();
    let mut put = |key: &str, value: Value| out.insert(key.to_owned(), value);
    put("method", exchange.method.as_str().into());
    if let Some(path) = &exchange.path {
        put("path", path.as_str().into());
    }
    put(
        "repeat",
        match exchange.repeat {
            Repeat::Times(n) => n.into(),
            Repeat::Forever => true.into(),
        },
    );
    match &exchange.answer {
        Answer::Scenario(scenario) => {
            put("scenario", scenario.as_str().into());
        }
        Answer::Steps { status, headers, framing, steps } => {
            put("status", (*status).into());
            // Pairs, because an object would lose the order.
            put("headers", headers.iter().map(|(n, v)| json!([n, v])).collect());
            put("framing", framing.as_str().into());
            put("steps", steps.iter().map(write_step).collect());
        }
    }
    Value::Object(out)
}

fn write_step(step: &Step) -> Value {
    match step {
        Step::Send { bytes, times } => {
            let mut out = match std::str::from_utf8(bytes) {
                Ok(text) => json!({"send": text}),
                Err(_) => json!({"send_base64": STANDARD.encode(bytes)}),
            };
            if let (Some(out), true) = (out.as_object_mut(), *times != 1) {
                out.insert("times".to_owned(), (*times).into());
            }
            out
        }
        Step::Sse(event) => json!({"sse": event}),
        Step::Delay(time) => json!({"delay_ms": u64::try_from(time.as_millis()).unwrap_or(u64::MAX)}),
        Step::ChunkBytes(n) => json!({"chunk_bytes": n}),
        Step::Stall => json!({"stall": true}),
        Step::Reset => json!({"reset": true}),
        Step::Close => json!({"close": true}),
    }
}
