//! What is known of the models: a small table for when nothing better is known, and the live list.
//!
//! From the model overview, the pages on thinking and effort, and the Models API of platform.claude.com.

use serde_json::Value;

use crate::chat::Effort;
use crate::provider::{Capabilities, ModelInfo};
use crate::responses::field;

use Effort::{High, Low, Max, Medium, Minimal, None as Off, Xhigh};

/// How a model is told to think.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Thinking {
    /// It cannot.
    Never,
    /// `{"type":"enabled","budget_tokens":n}`; not at all unless asked.
    Budget,
    /// `{"type":"adaptive"}` and `output_config.effort`; not at all unless asked.
    Asked,
    /// As `Asked`, and it thinks unless told not to.
    Usual,
}

/// A model of the table.
#[derive(Debug)]
pub(super) struct Known {
    /// The id, or the beginning of it.
    prefix: &'static str,
    pub(super) thinking: Thinking,
    efforts: &'static [Effort],
    context_window: Option<u64>,
    /// The most that `max_tokens` may be.
    pub(super) max_output: u64,
    /// Whether it takes `temperature` and `top_p`.
    pub(super) sampling: bool,
    structured: bool,
}

const BUDGETS: &[Effort] = &[Off, Minimal, Low, Medium, High, Xhigh, Max];
const TO_HIGH_AND_MAX: &[Effort] = &[Off, Low, Medium, High, Max];
const OFF_TO_MAX: &[Effort] = &[Off, Low, Medium, High, Xhigh, Max];
/// Thinking cannot be turned off.
const LOW_TO_MAX: &[Effort] = &[Low, Medium, High, Xhigh, Max];

const fn newest(prefix: &'static str, thinking: Thinking, efforts: &'static [Effort]) -> Known {
    let (context_window, max_output) = (Some(1_000_000), 128_000);
    Known { prefix, thinking, efforts, context_window, max_output, sampling: false, structured: true }
}

const fn older(prefix: &'static str, thinking: Thinking, max_output: u64, structured: bool) -> Known {
    let context_window = Some(200_000);
    Known { prefix, thinking, efforts: BUDGETS, context_window, max_output, sampling: true, structured }
}

const fn of_4_6(prefix: &'static str) -> Known {
    Known { sampling: true, ..newest(prefix, Thinking::Asked, TO_HIGH_AND_MAX) }
}

/// The longest prefix that fits wins, whatever the order here.
const TABLE: &[Known] = &[
    newest("claude-fable-", Thinking::Usual, LOW_TO_MAX),
    newest("claude-mythos-", Thinking::Usual, LOW_TO_MAX),
    newest("claude-opus-5", Thinking::Usual, OFF_TO_MAX),
    newest("claude-sonnet-5", Thinking::Usual, OFF_TO_MAX),
    newest("claude-opus-4-8", Thinking::Asked, OFF_TO_MAX),
    newest("claude-opus-4-7", Thinking::Asked, OFF_TO_MAX),
    of_4_6("claude-opus-4-6"),
    of_4_6("claude-sonnet-4-6"),
    older("claude-opus-4-5", Thinking::Budget, 64_000, true),
    older("claude-sonnet-4-5", Thinking::Budget, 64_000, true),
    older("claude-haiku-4-5", Thinking::Budget, 64_000, true),
    older("claude-opus-4", Thinking::Budget, 32_000, false),
    older("claude-sonnet-4", Thinking::Budget, 64_000, false),
    older("claude-3-7-sonnet", Thinking::Budget, 64_000, false),
    older("claude-3-5", Thinking::Never, 8_192, false),
    older("claude-3", Thinking::Never, 4_096, false),
];

/// A Claude that the table does not know is newer than it; its limits are not known.
const NEWER: Known = Known {
    context_window: None,
    max_output: 32_000,
    sampling: true,
    ..newest("claude-", Thinking::Asked, OFF_TO_MAX)
};

/// A model of somebody else, behind a compatible endpoint.
const FOREIGN: Known = Known { prefix: "", max_output: 8_192, ..NEWER };

/// What the table knows of a model.
pub(super) fn known(model: &str) -> &'static Known {
    // Gateways write `anthropic/claude-…` and `anthropic.claude-…`.
    let name = model.find("claude-").and_then(|at| model.get(at..)).unwrap_or(model);
    let entry = TABLE.iter().filter(|known| name.starts_with(known.prefix)).max_by_key(|known| known.prefix.len());
    entry.unwrap_or(if name.starts_with(NEWER.prefix) { &NEWER } else { &FOREIGN })
}

/// What a model can do, as far as the table knows.
pub(super) fn capabilities(model: &str) -> Capabilities {
    let known = known(model);
    Capabilities {
        structured_output: known.structured,
        efforts: if known.thinking == Thinking::Never { Vec::new() } else { known.efforts.to_vec() },
        context_window: known.context_window,
        max_output_tokens: Some(known.max_output),
        ..Capabilities::default()
    }
}

/// One page of `GET /v1/models`, and the id behind which the next one begins.
pub(super) fn read_page(body: &Value) -> Option<(Vec<ModelInfo>, Option<String>)> {
    let data = field(body, "data").as_array()?;
    let more = field(body, "has_more").as_bool() == Some(true);
    let next = field(body, "last_id").as_str().filter(|id| more && !id.is_empty()).map(str::to_owned);
    Some((data.iter().filter_map(read_entry).collect(), next))
}

fn read_entry(entry: &Value) -> Option<ModelInfo> {
    let text = |key: &str| field(entry, key).as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let id = text("id")?;
    let capabilities = field(entry, "capabilities");
    let supported = |value: &Value| field(value, "supported").as_bool();
    let levels = field(capabilities, "effort");
    let listed = Effort::ALL.iter().copied().filter(|effort| supported(field(levels, effort.as_str())) == Some(true));
    let listed: Vec<Effort> = listed.collect();
    let table = self::capabilities(&id);
    Some(ModelInfo {
        display_name: text("display_name"),
        hidden: field(entry, "lifecycle").as_str() == Some("retired"),
        context_window: field(entry, "max_input_tokens").as_u64().or(table.context_window),
        efforts: if listed.is_empty() { table.efforts } else { listed },
        images: supported(field(capabilities, "image_input")),
        id,
        ..ModelInfo::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_longest_prefix_wins() {
        let thinking = |model: &str| known(model).thinking;
        assert_eq!(thinking("claude-opus-4-8"), Thinking::Asked);
        assert_eq!(thinking("claude-opus-4-5-20251101"), Thinking::Budget);
        assert_eq!(thinking("claude-opus-4-20250514"), Thinking::Budget);
        assert_eq!(known("claude-opus-4-1").max_output, 32_000);
        assert_eq!(thinking("anthropic/claude-sonnet-5"), Thinking::Usual);
        assert_eq!(thinking("claude-3-haiku-20240307"), Thinking::Never);
        assert_eq!(capabilities("claude-of-tomorrow").max_output_tokens, Some(32_000));
        assert_eq!(capabilities("kimi-k2").max_output_tokens, Some(8_192));
        assert_eq!(Effort::Xhigh.nearest(&capabilities("claude-opus-4-6").efforts), Some(High));
        assert_eq!(Effort::None.nearest(&capabilities("claude-fable-5-1").efforts), None);
    }

    #[test]
    fn a_page_of_the_list_may_leave_out_almost_everything() {
        let body = json!({"has_more": true, "last_id": "b", "data": [
            {"id": "claude-a", "display_name": "A", "max_input_tokens": 5, "capabilities": {
                "image_input": {"supported": false},
                "effort": {"supported": true, "low": {"supported": true}, "max": {"supported": false}}}},
            {"id": "b", "lifecycle": "retired"}, {"display_name": "no id"}, 7
        ]});
        let (models, next) = read_page(&body).unwrap();
        assert_eq!(next.as_deref(), Some("b"));
        assert_eq!(models.len(), 2);
        assert_eq!((models[0].context_window, models[0].images), (Some(5), Some(false)));
        assert_eq!(models[0].efforts, [Low]);
        assert!(models[1].hidden);
        assert_eq!(read_page(&json!({"data": []})), Some((vec![], None)));
        assert_eq!(read_page(&json!({"error": {}})), None);
    }
}
