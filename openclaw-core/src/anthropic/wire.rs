//! The forms of the events, as far as they are read.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::call::lenient::{Count, Text};
use crate::chat::Usage;

/// `message_start`.
#[derive(Deserialize)]
pub(super) struct StartForm<'a> {
    #[serde(borrow)]
    pub message: MessageForm<'a>,
}

#[derive(Deserialize)]
pub(super) struct MessageForm<'a> {
    #[serde(borrow, default)]
    pub id: Text<'a>,
    #[serde(borrow, default)]
    pub model: Text<'a>,
    #[serde(borrow, default)]
    pub usage: Option<&'a RawValue>,
}

/// `content_block_start`, `content_block_delta` and `content_block_stop`.
#[derive(Deserialize)]
pub(super) struct BlockEvent<'a> {
    #[serde(default)]
    pub index: Count,
    #[serde(borrow, default)]
    pub content_block: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub delta: Option<PieceForm<'a>>,
}

/// A piece of a block; which field is set says what it is a piece of.
#[derive(Deserialize, Default)]
pub(super) struct PieceForm<'a> {
    #[serde(borrow, default)]
    pub text: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub thinking: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub signature: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub partial_json: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub citation: Option<&'a RawValue>,
}

/// `message_delta`.
#[derive(Deserialize)]
pub(super) struct EndForm<'a> {
    #[serde(borrow)]
    pub delta: StopForm<'a>,
    #[serde(borrow, default)]
    pub usage: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub(super) struct StopForm<'a> {
    #[serde(borrow, default)]
    pub stop_reason: Text<'a>,
    #[serde(borrow, default)]
    pub stop_details: Option<&'a RawValue>,
}

/// Why the provider's classifiers stopped the answer.
#[derive(Deserialize, Default)]
pub(super) struct StopDetails<'a> {
    #[serde(borrow, default)]
    pub explanation: Text<'a>,
}

/// `error`.
#[derive(Deserialize)]
pub(super) struct ErrorForm<'a> {
    #[serde(borrow)]
    pub error: &'a RawValue,
    #[serde(borrow, default)]
    pub request_id: Text<'a>,
}

/// What was counted so far. The counts of a later event replace those of an earlier one; missing ones stay.
#[derive(Debug, Default)]
pub(super) struct Counts {
    input: Option<u64>,
    cache_read: Option<u64>,
    cache_write: Option<u64>,
    output: Option<u64>,
    thinking: Option<u64>,
    pub(super) service_tier: Option<String>,
}

impl Counts {
    pub(super) fn learn(&mut self, usage: Option<&RawValue>) {
        #[derive(Deserialize)]
        struct Form<'a> {
            #[serde(default)]
            input_tokens: Count,
            #[serde(default)]
            cache_read_input_tokens: Count,
            #[serde(default)]
            cache_creation_input_tokens: Count,
            #[serde(default)]
            output_tokens: Count,
            #[serde(default)]
            output_tokens_details: Option<Details>,
            #[serde(borrow, default)]
            service_tier: Text<'a>,
        }
        #[derive(Deserialize, Default)]
        struct Details {
            #[serde(default)]
            thinking_tokens: Count,
        }
        let Some(Ok(form)) = usage.map(|json| serde_json::from_str::<Form<'_>>(json.get())) else { return };
        for (slot, count) in [
            (&mut self.input, form.input_tokens),
            (&mut self.cache_read, form.cache_read_input_tokens),
            (&mut self.cache_write, form.cache_creation_input_tokens),
            (&mut self.output, form.output_tokens),
            (&mut self.thinking, form.output_tokens_details.unwrap_or_default().thinking_tokens),
        ] {
            *slot = count.0.or(*slot);
        }
        if let Some(tier) = form.service_tier.some() {
            self.service_tier = Some(tier.to_owned());
        }
    }

    /// The usage, unless nothing was said. The API counts cached tokens apart from the input; here they are part of it.
    pub(super) fn usage(&self) -> Option<Usage> {
        if self.input.is_none() && self.output.is_none() {
            return None;
        }
        let (read, write) = (self.cache_read.unwrap_or_default(), self.cache_write.unwrap_or_default());
        let input_tokens = self.input.unwrap_or_default().saturating_add(read).saturating_add(write);
        let output_tokens = self.output.unwrap_or_default();
        Some(Usage {
            input_tokens,
            cached_tokens: read,
            cache_write_tokens: write,
            output_tokens,
            reasoning_tokens: self.thinking.unwrap_or_default(),
            total_tokens: input_tokens.saturating_add(output_tokens),
        })
    }
}
