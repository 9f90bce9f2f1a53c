//! What is known of the models: a small table for when nothing better is known, and the live list.

use serde_json::Value;

use super::field;

use crate::chat::Effort;
use crate::codex::CodexProvider;
use crate::provider::{Capabilities, ModelInfo};

use Effort::{High, Low, Max, Medium, Minimal, None as Off, Xhigh};

struct Known {
    /// The id, or the beginning of it.
    prefix: &'static str,
    efforts: &'static [Effort],
    context_window: u64,
    images: bool,
}

const fn known(prefix: &'static str, efforts: &'static [Effort], context_window: u64, images: bool) -> Known {
    Known { prefix, efforts, context_window, images }
}

const TO_HIGH: &[Effort] = &[Low, Medium, High];
const TO_XHIGH: &[Effort] = &[Low, Medium, High, Xhigh];
const TO_MAX: &[Effort] = &[Low, Medium, High, Xhigh, Max];
const OFF_TO_MAX: &[Effort] = &[Off, Low, Medium, High, Xhigh, Max];

/// The longest prefix that fits wins, whatever the order here.
const TABLE: &[Known] = &[
    known("gpt-5.1", &[Minimal, Low, Medium, High], 272_000, true),
    known("gpt-5.1-codex-max", TO_HIGH, 272_000, true),
    known("gpt-5.1-codex-mini", &[Medium, High], 272_000, true),
    known("gpt-5.2", TO_XHIGH, 272_000, true),
    known("gpt-5.3", TO_XHIGH, 272_000, true),
    known("gpt-5.3-codex-spark", TO_XHIGH, 128_000, false),
    known("gpt-5.4", TO_XHIGH, 272_000, true),
    known("gpt-5.5", TO_XHIGH, 272_000, true),
    known("gpt-5.6", TO_MAX, 272_000, true),
    known("gpt-6", OFF_TO_MAX, 272_000, true),
    known("gpt-6-astra", TO_MAX, 272_000, true),
    known("gpt-6.1", OFF_TO_MAX, 500_000, true),
    known("gpt-6.1-sol", TO_MAX, 500_000, true),
];

/// What a model can do, as far as the table knows.
pub(crate) fn capabilities(model: &str) -> Capabilities {
    let entry = TABLE.iter().filter(|k| model.starts_with(k.prefix)).max_by_key(|k| k.prefix.len());
    match entry {
        Some(entry) => Capabilities {
            images: entry.images,
            efforts: entry.efforts.to_vec(),
            context_window: Some(entry.context_window),
            max_output_tokens: Some(128_000),
            ..Capabilities::default()
        },
        None => Capabilities::default(),
    }
}

/// The live list: `{"models": […]}` of ChatGPT and plan sharing, `{"data": […]}` of the platform. Shown ones first, in the
/// order that the provider gives. The platform gives none, and lists models that cannot chat: there our usual one is first.
pub(crate) fn read_list(body: &Value) -> Option<Vec<ModelInfo>> {
    let list = field(body, "models").as_array().or_else(|| field(body, "data").as_array())?;
    let mut models: Vec<(i64, ModelInfo)> = list.iter().filter_map(read_entry).collect();
    models.sort_by_key(|(priority, model)| (model.hidden, *priority, model.id != CodexProvider::DEFAULT_MODEL));
    Some(models.into_iter().map(|(_, model)| model).collect())
}

fn read_entry(entry: &Value) -> Option<(i64, ModelInfo)> {
    let text = |key: &str| field(entry, key).as_str().filter(|s| !s.is_empty()).map(str::to_owned);
    let id = text("slug").or_else(|| text("id"))?;
    let effort = |value: &Value| field(value, "effort").as_str().or(value.as_str()).and_then(Effort::from_name);
    let list = |key: &str| field(entry, key).as_array().map(Vec::as_slice).unwrap_or_default();
    let model = ModelInfo {
        display_name: text("display_name"),
        description: text("description"),
        hidden: matches!(field(entry, "visibility").as_str(), Some("hide" | "none")),
        context_window: field(entry, "context_window").as_u64(),
        efforts: list("supported_reasoning_levels").iter().filter_map(effort).collect(),
        default_effort: field(entry, "default_reasoning_level").as_str().and_then(Effort::from_name),
        images: field(entry, "input_modalities").as_array().map(|m| m.iter().any(|v| v.as_str() == Some("image"))),
        service_tiers: list("service_tiers")
            .iter()
            .filter_map(|tier| field(tier, "id").as_str().or(tier.as_str()).map(str::to_owned))
            .collect(),
        upgrade: field(field(entry, "upgrade"), "model")
            .as_str()
            .or(field(entry, "upgrade").as_str())
            .map(str::to_owned),
        id,
    };
    Some((field(entry, "priority").as_i64().unwrap_or(i64::MAX), model))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_effort_moves_to_the_nearest_that_the_model_has() {
        let at = |model: &str, effort: Effort| effort.nearest(&capabilities(model).efforts);
        assert_eq!(at("gpt-5.4", Minimal), Some(Low));
        assert_eq!(at("gpt-5.4-mini", Max), Some(Xhigh));
        assert_eq!(at("gpt-5.1", Xhigh), Some(High));
        assert_eq!(at("gpt-5.1-codex-mini", Low), Some(Medium));
        assert_eq!(at("gpt-5.1-codex-mini", Xhigh), Some(High));
        assert_eq!(at("gpt-5.6-luna", Max), Some(Max));
        assert_eq!(at("gpt-6-sol", Off), Some(Off));
        assert_eq!(at("gpt-6-astra", Off), None);
        assert_eq!(at("gpt-6.1-sol", Minimal), Some(Low));
        assert_eq!(at("of-tomorrow", Xhigh), Some(Xhigh));
    }

    #[test]
    fn the_live_list_may_leave_out_almost_everything() {
        let models = read_list(&json!({"models": [
            {"slug": "hidden", "visibility": "hide", "priority": 0},
            {"slug": "b", "priority": 2, "supported_reasoning_levels": [{"effort": "low"}, {"effort": "warp"}]},
            {"slug": "a", "priority": 1, "input_modalities": ["text"], "upgrade": {"model": "c"}},
            {"display_name": "no id"}, 7
        ]}))
        .unwrap();
        let ids: Vec<_> = models.iter().map(|m| m.id.as_str()).collect();
        assert_eq!(ids, ["a", "b", "hidden"]);
        assert_eq!(models[0].images, Some(false));
        assert_eq!(models[0].upgrade.as_deref(), Some("c"));
        assert_eq!(models[1].efforts, [Low]);
        let usual = CodexProvider::DEFAULT_MODEL;
        let of_platform = json!({"data": [{"id": "embedding"}, {"id": "gpt-x"}, {"id": usual}]});
        let ids: Vec<String> = read_list(&of_platform).unwrap().into_iter().map(|m| m.id).collect();
        assert_eq!(ids, [usual, "embedding", "gpt-x"]);
        assert_eq!(read_list(&json!({"detail": "no"})), None);
    }
}
