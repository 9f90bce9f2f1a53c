use serde_json::{Value, json};

use super::*;
use crate::chat::{Effort, Tool, ToolChoice};
use crate::error::ErrorKind;

fn body(request: &Request) -> (Value, Vec<String>) {
    let encoded = encode(request, "anthropic", false).unwrap();
    let subjects = encoded.warnings.into_iter().map(|warning| warning.subject).collect();
    (serde_json::from_slice(&encoded.body).unwrap(), subjects)
}

fn ask(model: &str) -> Request {
    Request::new(model).user("hi")
}

fn tool() -> Tool {
    Tool::function("t", "d", json!({"type": "object"}))
}

#[test]
fn the_least_that_can_be_asked() {
    let (body, warnings) = body(&ask("claude-opus-4-6"));
    assert_eq!(
        body,
        json!({"model": "claude-opus-4-6", "max_tokens": 128_000, "stream": true,
            "messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}]})
    );
    assert_eq!(warnings.len(), 0);
    let empty = encode(&Request::new("claude-opus-4-6"), "anthropic", false).unwrap_err();
    assert_eq!(empty.kind(), ErrorKind::InvalidRequest);
}

#[test]
fn efforts() {
    let at = |model: &str, effort: Effort| {
        let (body, warnings) = body(&ask(model).effort(effort));
        (body["thinking"].clone(), body["output_config"]["effort"].clone(), warnings.len())
    };
    let adaptive = json!({"type": "adaptive", "display": "summarized"});
    let budget = |tokens: u64| json!({"type": "enabled", "budget_tokens": tokens});
    assert_eq!(at("claude-sonnet-5", Effort::Max), (adaptive.clone(), json!("max"), 0));
    assert_eq!(at("claude-sonnet-5", Effort::Minimal), (adaptive.clone(), json!("low"), 1));
    assert_eq!(at("claude-sonnet-4-6", Effort::Xhigh), (adaptive.clone(), json!("high"), 1));
    assert_eq!(at("claude-opus-4-8", Effort::None), (json!({"type": "disabled"}), Value::Null, 0));
    assert_eq!(at("claude-fable-5-1", Effort::None), (adaptive.clone(), Value::Null, 1));
    assert_eq!(at("claude-sonnet-4-5", Effort::High), (budget(16_384), Value::Null, 0));
    assert_eq!(at("claude-opus-4-1", Effort::Max), (budget(24_000), Value::Null, 1));
    assert_eq!(at("claude-haiku-4-5", Effort::None), (Value::Null, Value::Null, 0));
    assert_eq!(at("claude-3-haiku-20240307", Effort::High), (Value::Null, Value::Null, 1));
    assert_eq!(body(&ask("claude-opus-5")).0["thinking"], adaptive);
    let mut short = ask("claude-sonnet-4-5").effort(Effort::Low);
    short.max_output_tokens = Some(1_000);
    assert_eq!(
        body(&short),
        (
            json!({"model": "claude-sonnet-4-5", "max_tokens": 1_000, "stream": true,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}]}),
            vec!["reasoning.effort".to_owned()]
        )
    );
}

#[test]
fn a_turn_that_another_model_began_goes_on_without_a_budget() {
    let history = json!([{"role": "user", "content": "a"},
        {"type": "function_call", "call_id": "call_1", "name": "t", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "call_1", "output": "x"}]);
    let mut request = Request::new("claude-sonnet-4-5").tool(tool()).effort(Effort::High);
    request.input = serde_json::from_value(history).unwrap();
    let (out, warnings) = body(&request);
    assert_eq!((out.get("thinking"), warnings), (None, vec!["reasoning.effort".to_owned()]));
    assert!(encode(&request, "anthropic", true).is_ok(), "a repair of the history is no change of a setting");
    request.model = "claude-sonnet-5".to_owned();
    assert_eq!(body(&request).0["thinking"]["type"], "adaptive");
}

#[test]
fn tools_and_choices() {
    let mut request = ask("claude-sonnet-5").tool(Tool::Function {
        name: "f".into(),
        description: None,
        parameters: json!({"properties": {}}),
        strict: true,
    });
    request.tools.push(Tool::Custom {
        name: "patch".into(),
        description: Some("Patches.".into()),
        format: Some(json!({"type": "grammar", "syntax": "lark", "definition": "start: x"})),
    });
    request.tools.push(Tool::Raw(json!({"type": "web_search_20250305", "name": "web_search"})));
    request.parallel_tool_calls = Some(false);
    let (out, warnings) = body(&request);
    assert_eq!(
        out["tools"][0],
        json!({"name": "f", "input_schema": {"type": "object", "properties": {}}, "strict": true})
    );
    assert_eq!(out["tools"][1]["input_schema"]["required"], json!(["input"]));
    assert!(out["tools"][1]["description"].as_str().unwrap().ends_with("start: x"));
    assert_eq!(out["tools"][2]["name"], "web_search");
    assert_eq!(out["tool_choice"], json!({"type": "auto", "disable_parallel_tool_use": true}));
    assert_eq!(warnings, ["tools.patch.format"]);

    let choice = |choice: ToolChoice| {
        let mut request = ask("claude-sonnet-4-5").tool(tool()).effort(Effort::Low);
        request.tool_choice = Some(choice);
        let (out, warnings) = body(&request);
        (out["tool_choice"].clone(), out.get("thinking").is_some(), warnings.len())
    };
    assert_eq!(choice(ToolChoice::Auto), (json!({"type": "auto"}), true, 0));
    assert_eq!(choice(ToolChoice::None), (json!({"type": "none"}), true, 0));
    assert_eq!(choice(ToolChoice::Required), (json!({"type": "any"}), false, 1));
    let named = ToolChoice::Raw(json!({"type": "function", "name": "t"}));
    assert_eq!(choice(named), (json!({"type": "tool", "name": "t"}), false, 1));
}

#[test]
fn settings_that_the_api_lacks_are_dropped_or_are_errors() {
    let mut request = ask("claude-sonnet-5").json_schema("s", json!({"type": "object"}));
    request.temperature = Some(0.5);
    request.top_p = Some(0.9);
    request.service_tier = Some("priority".into());
    request.text.verbosity = Some(crate::chat::Verbosity::Low);
    request.session_id = Some("s-1".into());
    for (name, value) in [
        ("store", json!(false)),
        ("seed", json!(1)),
        ("stop_sequences", json!(["x"])),
        ("max_tokens", json!(1)),
        ("thinking", json!({})),
    ] {
        request.extra.insert(name.to_owned(), value);
    }
    let (out, mut warnings) = body(&request);
    warnings.sort();
    assert_eq!(warnings, ["max_tokens", "seed", "service_tier", "temperature", "text.verbosity", "top_p"]);
    assert_eq!(out["output_config"], json!({"format": {"type": "json_schema", "schema": {"type": "object"}}}));
    assert_eq!((&out["cache_control"], &out["stop_sequences"]), (&json!({"type": "ephemeral"}), &json!(["x"])));
    assert_eq!(out["thinking"], json!({}), "without an effort it is the host's own word");
    let error = encode(&request, "anthropic", true).unwrap_err();
    assert!(error.message().starts_with("strict mode: "), "{error}");

    let mut old = ask("claude-sonnet-4-5").effort(Effort::Low);
    (old.temperature, old.top_p) = (Some(1.0), Some(0.97));
    assert_eq!(body(&old).1.len(), 0);
    old.reasoning.effort = None;
    (old.temperature, old.top_p) = (Some(1.7), Some(0.2));
    let (out, warnings) = body(&old);
    assert_eq!((&out["temperature"], &out["top_p"], warnings.len()), (&json!(1.0), &json!(0.2), 1));
}
