use serde_json::{Value, json};

use super::*;

const MODEL: &str = "claude-sonnet-5";

fn replay(input: Value) -> (Value, Vec<String>) {
    let items: Vec<Item> = serde_json::from_value(input).unwrap();
    let replay = Replay::of(&items, "anthropic", MODEL);
    let warnings = replay.warnings.iter().map(|warning| format!("{} {}", warning.subject, warning.message)).collect();
    let turns = serde_json::to_string(&replay.turns).unwrap();
    (json!({"system": replay.system, "turns": serde_json::from_str::<Value>(&turns).unwrap()}), warnings)
}

fn turns(input: Value) -> Value {
    replay(input).0["turns"].take()
}

fn codex() -> Value {
    json!({"provider": "openai-codex", "model": "gpt-5.4"})
}

fn own() -> Value {
    json!({"provider": "anthropic", "model": MODEL})
}

#[test]
fn the_history_of_a_codex_turn() {
    let (out, warnings) = replay(json!([
        {"role": "developer", "content": "rules"},
        {"role": "user", "content": "What time is it?"},
        {"type": "reasoning", "id": "rs_1", "encrypted_content": "gAAAA", "summary": [], "origin": codex()},
        {"type": "message", "role": "assistant", "id": "msg_1", "content": "I look.", "phase": "commentary", "origin": codex()},
        {"type": "function_call", "id": "fc_1", "call_id": "call|1:x", "name": "get_time", "arguments": "{\"b\":1,\"a\":2}", "origin": codex()},
        {"type": "custom_tool_call", "id": "ctc_1", "call_id": "call_2", "name": "patch", "input": "*** Begin", "origin": codex()},
        {"type": "custom_tool_call_output", "call_id": "call_2", "output": ""},
        {"type": "function_call_output", "call_id": "call|1:x", "output": [
            {"type": "input_text", "text": "noon"}, {"type": "input_image", "image_url": "data:image/png;base64,AA=="}]},
        {"type": "message", "role": "assistant", "content": [{"type": "refusal", "refusal": "No."}], "origin": codex()},
        {"role": "user", "content": "And now?"}
    ]));
    assert_eq!(out["system"], json!(["rules"]));
    assert_eq!(
        out["turns"],
        json!([
            {"role": "user", "content": [{"type": "text", "text": "What time is it?"}]},
            {"role": "assistant", "content": [
                {"type": "text", "text": "I look."},
                {"type": "tool_use", "id": "call_1_x", "name": "get_time", "input": {"b": 1, "a": 2}},
                {"type": "tool_use", "id": "call_2", "name": "patch", "input": {"input": "*** Begin"}}]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "call_1_x", "content": [
                    {"type": "text", "text": "noon"},
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA=="}}]},
                {"type": "tool_result", "tool_use_id": "call_2"}]},
            {"role": "assistant", "content": [{"type": "text", "text": "No."}]},
            {"role": "user", "content": [{"type": "text", "text": "And now?"}]}
        ])
    );
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].starts_with("reasoning"));
}

#[test]
fn thinking_goes_back_to_its_model_and_to_no_other() {
    let think = |origin: Value| {
        json!({"type": "reasoning", "id": "msg_1_0", "encrypted_content": "EqQB", "origin": origin,
        "summary": [{"type": "summary_text", "text": "plan"}]})
    };
    let sealed =
        json!({"type": "reasoning", "encrypted_content": "data", "redacted": true, "summary": [], "origin": own()});
    let unsigned = json!({"type": "reasoning", "summary": [{"type": "summary_text", "text": "x"}], "origin": own()});
    let said = json!({"role": "assistant", "content": "b"});
    let out = turns(json!([{"role": "user", "content": "a"}, think(own()), sealed, said]));
    assert_eq!(
        out[1]["content"],
        json!([{"type": "thinking", "thinking": "plan", "signature": "EqQB"},
            {"type": "redacted_thinking", "data": "data"}, {"type": "text", "text": "b"}])
    );
    let other = json!({"provider": "anthropic", "model": "claude-opus-5"});
    for foreign in [think(codex()), think(other), unsigned] {
        let (out, warnings) = replay(json!([{"role": "user", "content": "a"}, foreign, said]));
        assert_eq!(out["turns"][1]["content"], json!([{"type": "text", "text": "b"}]));
        assert_eq!(warnings.len(), 1);
    }
    let (out, warnings) =
        replay(json!([{"role": "user", "content": "a"}, think(own()), {"role": "user", "content": "b"}]));
    assert_eq!(out["turns"].as_array().unwrap().len(), 1, "thinking that led to nothing is left out");
    assert_eq!(warnings.len(), 1);
}

#[test]
fn every_call_has_its_one_result_in_the_next_turn() {
    let call = |id: &str| json!({"type": "function_call", "call_id": id, "name": "t", "arguments": "{}"});
    let result = |id: &str, text: &str| json!({"type": "function_call_output", "call_id": id, "output": text});
    let (out, warnings) = replay(json!([
        result("early", "?"),
        {"role": "user", "content": "go"},
        call("a"), {"role": "user", "content": "hurry"}, result("a", "1"),
        call("b"), {"role": "assistant", "content": "wait"}, call("c"), result("c", "3"), result("b", "2"), result("b", "again"),
        call("b"), call("d")
    ]));
    let ids = |turn: usize| -> Vec<String> {
        let blocks = out["turns"][turn]["content"].as_array().unwrap().iter();
        blocks
            .map(|b| [&b["id"], &b["tool_use_id"], &b["text"]].iter().find_map(|v| v.as_str()).unwrap().to_owned())
            .collect()
    };
    let all: Vec<Vec<String>> = (0..out["turns"].as_array().unwrap().len()).map(ids).collect();
    assert_eq!(
        all,
        [
            vec!["go"],
            vec!["a"],
            vec!["a", "hurry"],
            vec!["b"],
            vec!["b"],
            vec!["wait", "c"],
            vec!["c"],
            vec!["d"],
            vec!["d"]
        ]
    );
    assert_eq!(out["turns"][8]["content"][0]["is_error"], true);
    let subjects: Vec<_> = warnings.iter().map(|w| w.split(':').next_back().unwrap().trim()).collect();
    assert_eq!(subjects, ["1", "1", "2"], "{warnings:?}");
}

#[test]
fn what_the_api_would_refuse_is_repaired() {
    let (out, warnings) = replay(json!([
        {"role": "assistant", "content": "I begin"},
        {"role": "user", "content": [{"type": "input_text", "text": " \n"}, {"type": "input_file", "file_id": "f"},
            {"type": "input_image", "image_url": "data:,x"}, {"type": "document", "source": {}}]},
        {"role": "system", "content": "late"},
        {"type": "function_call", "call_id": "a", "name": "a.b", "arguments": "[1"},
        {"type": "web_search_call", "id": "ws_1", "origin": codex()},
        {"type": "server_tool_use", "id": "srvtoolu_1", "origin": {"provider": "anthropic", "model": "claude-opus-5"}},
        {"role": "assistant", "content": "end \n"}
    ]));
    assert_eq!(
        out,
        json!({"system": ["late"], "turns": [
            {"role": "user", "content": [{"type": "text", "text": "(continued)"}]},
            {"role": "assistant", "content": [{"type": "text", "text": "I begin"}]},
            {"role": "user", "content": [{"type": "text", "text": "(an image was here, in a form that cannot be sent)"},
                {"type": "document", "source": {}}]},
            {"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "a_b", "input": {"input": "[1"}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a", "is_error": true,
                "content": [{"type": "text", "text": "No result provided"}]}]},
            {"role": "assistant", "content": [{"type": "server_tool_use", "id": "srvtoolu_1"}, {"type": "text", "text": "end"}]}
        ]})
    );
    assert_eq!(warnings.len(), 6, "{warnings:?}");
}

#[test]
fn no_two_calls_get_one_id() {
    let call = |id: &str| json!({"type": "function_call", "call_id": id, "name": "f", "arguments": "{}"});
    let result = |id: &str| json!({"type": "function_call_output", "call_id": id, "output": id});
    let ids = ["call.1", "call_1", "call:1"];
    let asked = [json!({"role": "user", "content": "go"})].into_iter();
    let out = turns(asked.chain(ids.iter().map(|id| call(id))).chain(ids.iter().map(|id| result(id))).collect());
    let of = |turn: usize, key: &str| -> Vec<String> {
        let blocks = out[turn]["content"].as_array().unwrap().iter();
        blocks.map(|block| block[key].as_str().unwrap().to_owned()).collect()
    };
    let sent = of(1, "id");
    assert_eq!((sent[1].as_str(), of(2, "tool_use_id")), ("call_1", sent.clone()));
    assert!(sent[0] != sent[1] && sent[0] != sent[2] && sent[1] != sent[2], "{sent:?}");
}

#[test]
fn images_by_address_and_by_data() {
    let image =
        |url: &str| json!({"role": "user", "content": [{"type": "input_image", "image_url": url, "detail": "low"}]});
    let source = |url: &str| turns(json!([image(url)]))[0]["content"][0]["source"].clone();
    assert_eq!(source("https://x.example/a.png"), json!({"type": "url", "url": "https://x.example/a.png"}));
    assert_eq!(
        source("data:image/jpeg;charset=x;base64,/9j/"),
        json!({"type": "base64", "media_type": "image/jpeg", "data": "/9j/"})
    );
    assert_eq!(source("data:image/jpg;base64,/9j/")["media_type"], "image/jpeg");
    assert_eq!(source("data:IMAGE/PNG;base64,AA==")["media_type"], "image/png");
    for odd in ["data:image/png,raw", "data:text/plain;base64,AA==", "data:image/png;base64,", "ftp://x"] {
        assert_eq!(source(odd), Value::Null, "{odd}");
    }
}
