//! What came in: kept in memory for the test, and in a file for a person.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::http::Incoming;
use crate::error::redact;
use crate::transport::{Chunk, Headers};

/// What stands in the place of a secret.
const MASK: &str = "[secret]";
/// The most requests that are kept.
const MAX_REQUESTS: usize = 10_000;
/// The most bytes of bodies that are kept.
const MAX_BYTES: usize = 256 * 1024 * 1024;

/// A request as it came in, its credentials masked.
///
/// The JSON form, which is also a line of a record file, has the same fields; `body` is JSON if it is JSON, else text,
/// else base64 in `body_base64`. In that form fields such as `refresh_token` and everything that looks like a key are
/// masked in the body too.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The method.
    pub method: String,
    /// The path, without query.
    pub path: String,
    /// The query, without `?`; values of names such as `code` or `token` are masked.
    pub query: Option<String>,
    /// The headers: names in lower case, in the order of the wire. Credentials are masked, the scheme is kept:
    /// `Bearer [secret]`.
    pub headers: Vec<(String, String)>,
    /// The body, byte by byte as it came.
    pub body: Chunk,
    /// When it came, in ms since the server started.
    pub arrival_ms: u64,
    /// The number of the connection on which it came, from 1: two requests with one number shared a connection.
    pub connection: u64,
}

impl RecordedRequest {
    pub(super) fn new(request: &Incoming, arrival_ms: u64, connection: u64) -> Self {
        let mut headers = Headers::new();
        for (name, value) in &request.headers {
            headers.push(name, value);
        }
        let headers = headers
            .iter()
            .map(|(name, value, secret)| (name.to_owned(), if secret { masked(value) } else { value.to_owned() }))
            .collect();
        Self {
            method: request.method.clone(),
            path: request.path.clone(),
            query: request.query.as_deref().map(masked_query),
            headers,
            body: Chunk(request.body.clone()),
            arrival_ms,
            connection,
        }
    }

    /// The first value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// The body as JSON, if it is JSON.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

impl Serialize for RecordedRequest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("arrival_ms", &self.arrival_ms)?;
        map.serialize_entry("connection", &self.connection)?;
        map.serialize_entry("method", &self.method)?;
        map.serialize_entry("path", &self.path)?;
        if let Some(query) = &self.query {
            map.serialize_entry("query", query)?;
        }
        map.serialize_entry("headers", &self.headers)?;
        if let Some(mut json) = self.json() {
            mask_json(&mut json);
            map.serialize_entry("body", &json)?;
        } else if let Ok(text) = std::str::from_utf8(&self.body) {
            if !text.is_empty() {
                map.serialize_entry("body", &redact(text))?;
            }
        } else {
            map.serialize_entry("body_base64", &STANDARD.encode(&self.body))?;
        }
        map.end()
    }
}

fn masked(value: &str) -> String {
    match value.split_once(' ') {
        Some((scheme, _)) if scheme.len() <= 12 && scheme.chars().all(|c| c.is_ascii_alphabetic()) => {
            format!("{scheme} {MASK}")
        }
        _ => MASK.to_owned(),
    }
}

fn masked_query(query: &str) -> String {
    let pair = |pair: &str| match pair.split_once('=') {
        Some((name, _)) if is_secret_field(name) => format!("{name}={MASK}"),
        _ => pair.to_owned(),
    };
    query.split('&').map(pair).collect::<Vec<_>>().join("&")
}

fn mask_json(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                if is_secret_field(key) && value.is_string() {
                    *value = MASK.into();
                } else {
                    mask_json(value);
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(mask_json),
        Value::String(text) => *text = redact(text),
        _ => {}
    }
}

fn is_secret_field(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    matches!(name.as_str(), "code" | "token" | "key" | "password" | "authorization" | "code_verifier" | "device_code")
        || name.ends_with("_token")
        || name.ends_with("_secret")
        || name.ends_with("api_key")
        || name.ends_with("apikey")
}

/// The requests that came in. Old ones fall out when it is full; the count goes on.
#[derive(Debug, Default)]
pub(super) struct Log {
    kept: VecDeque<RecordedRequest>,
    bytes: usize,
    file: Option<File>,
}

impl Log {
    pub(super) fn open(file: Option<&Path>) -> io::Result<Self> {
        let mut options = File::options();
        options.create(true).append(true);
        // It holds what people wrote.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = file.map(|path| options.open(path)).transpose()?;
        Ok(Self { file, ..Self::default() })
    }

    pub(super) fn push(&mut self, request: RecordedRequest) {
        if let Some(file) = &mut self.file {
            // One write, so that a reader never sees half a line. A full disk must not stop the server.
            if let Ok(mut line) = serde_json::to_vec(&request) {
                line.push(b'\n');
                let _ = file.write_all(&line);
            }
        }
        self.bytes += request.body.len();
        self.kept.push_back(request);
        while self.kept.len() > MAX_REQUESTS || (self.bytes > MAX_BYTES && self.kept.len() > 1) {
            if let Some(old) = self.kept.pop_front() {
                self.bytes -= old.body.len();
            }
        }
    }

    pub(super) fn all(&self) -> Vec<RecordedRequest> {
        self.kept.iter().cloned().collect()
    }

    pub(super) fn clear(&mut self) {
        self.kept.clear();
        self.bytes = 0;
    }
}
