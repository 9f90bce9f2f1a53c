//! The content blocks of a turn in the form that goes out.

use std::borrow::Cow;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::chat::RawItem;

/// One block.
#[derive(Debug)]
pub(super) enum Block<'a> {
    Text(&'a str),
    Image(Source<'a>),
    Thinking {
        text: &'a [String],
        signature: &'a str,
    },
    /// Thinking that nobody but the model may read.
    Redacted(&'a str),
    Call {
        id: Cow<'a, str>,
        name: Cow<'a, str>,
        input: Input<'a>,
    },
    Result {
        id: Cow<'a, str>,
        content: Vec<Block<'a>>,
        failed: bool,
    },
    Raw(&'a Value),
    RawItem(&'a RawItem),
}

/// Where an image is.
#[derive(Debug)]
pub(super) enum Source<'a> {
    Address(&'a str),
    Data { media_type: &'a str, data: &'a str },
}

impl<'a> Source<'a> {
    /// An `http(s):` address, or a `data:` one in base64.
    pub(super) fn of(url: &'a str) -> Option<Self> {
        let Some(rest) = url.strip_prefix("data:") else {
            return (url.starts_with("https://") || url.starts_with("http://")).then_some(Self::Address(url));
        };
        let (kind, data) = rest.split_once(',')?;
        let kind = kind.strip_suffix(";base64")?;
        let given = kind.split(';').next().unwrap_or_default();
        let media_type = match MEDIA_TYPES.iter().find(|(name, _)| given.eq_ignore_ascii_case(name)) {
            Some((_, known)) => known,
            None => given,
        };
        let sound = media_type.starts_with("image/") && !data.is_empty();
        sound.then_some(Self::Data { media_type, data })
    }
}

/// The types that are taken, by the names that they are given.
const MEDIA_TYPES: [(&str, &str); 5] = [
    ("image/jpeg", "image/jpeg"),
    ("image/jpg", "image/jpeg"),
    ("image/png", "image/png"),
    ("image/gif", "image/gif"),
    ("image/webp", "image/webp"),
];

/// The input of a call, which is always an object here.
#[derive(Debug)]
pub(super) enum Input<'a> {
    Nothing,
    /// The text of an object, as the model wrote it: another order of its keys would be another prompt for the cache.
    Json(&'a RawValue),
    /// Free text, as the input of the function that stands for a tool of free text.
    Text(&'a str),
}

/// The key of the text in the input of such a function.
pub(super) const FREE_TEXT: &str = "input";

impl Serialize for Input<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Json(json) => json.serialize(serializer),
            Self::Nothing => serializer.serialize_map(Some(0))?.end(),
            Self::Text(text) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry(FREE_TEXT, text)?;
                map.end()
            }
        }
    }
}

impl Serialize for Source<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self {
            Self::Address(url) => {
                map.serialize_entry("type", "url")?;
                map.serialize_entry("url", url)?;
            }
            Self::Data { media_type, data } => {
                map.serialize_entry("type", "base64")?;
                map.serialize_entry("media_type", media_type)?;
                map.serialize_entry("data", data)?;
            }
        }
        map.end()
    }
}

impl Serialize for Block<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Self::Raw(value) = self {
            return value.serialize(serializer);
        }
        let mut map = serializer.serialize_map(None)?;
        match self {
            Self::Text(text) => {
                map.serialize_entry("type", "text")?;
                map.serialize_entry("text", text)?;
            }
            Self::Image(source) => {
                map.serialize_entry("type", "image")?;
                map.serialize_entry("source", source)?;
            }
            Self::Thinking { text, signature } => {
                map.serialize_entry("type", "thinking")?;
                map.serialize_entry("thinking", &text.concat())?;
                map.serialize_entry("signature", signature)?;
            }
            Self::Redacted(data) => {
                map.serialize_entry("type", "redacted_thinking")?;
                map.serialize_entry("data", data)?;
            }
            Self::Call { id, name, input } => {
                map.serialize_entry("type", "tool_use")?;
                map.serialize_entry("id", id)?;
                map.serialize_entry("name", name)?;
                map.serialize_entry("input", input)?;
            }
            Self::Result { id, content, failed } => {
                map.serialize_entry("type", "tool_result")?;
                map.serialize_entry("tool_use_id", id)?;
                if !content.is_empty() {
                    map.serialize_entry("content", content)?;
                }
                if *failed {
                    map.serialize_entry("is_error", &true)?;
                }
            }
            Self::RawItem(raw) => {
                for (key, value) in raw.0.iter().filter(|(key, _)| *key != "origin") {
                    map.serialize_entry(key, value)?;
                }
            }
            Self::Raw(_) => {}
        }
        map.end()
    }
}
