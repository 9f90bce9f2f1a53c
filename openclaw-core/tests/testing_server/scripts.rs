//! Scripts: what they choose, what is wrong with them, their JSON form.

use std::time::Duration;

use openclaw_core::ErrorKind;
use openclaw_core::testing::{Exchange, Scenario, Script, TestServer, forged_token, pages};
use serde_json::{Value, json};

use crate::ask::{body, call, send, with};

#[tokio::test]
async fn scripts_choose_by_path_and_repeat() {
    let script = Script::from_json(
        r#"{"exchanges": [
            {"method": "GET", "path": "/backend-api/wham/usage", "status": 500, "json": {"detail": "no"}, "repeat": true},
            {"path": "/own", "body": "mine"},
            {"scenario": "overloaded", "repeat": 2},
            {"headers": {"x-a": ["1", "2"], "x-b": 3},
             "steps": [{"sse": {"n": 1, "type": "x"}}, {"send": "-", "times": 3}]}
        ]}"#,
    )
    .unwrap();
    let server = TestServer::builder().script(script.clone()).start().await.unwrap();
    let token = forged_token("a");
    for status in [503, 503, 200] {
        let got = call(&server, &body()).await;
        assert_eq!(got.status, status);
        if status == 200 {
            assert_eq!(got.text, "event: x\ndata: {\"type\":\"x\",\"n\":1}\n\n---");
            assert_eq!(got.header("content-type"), "text/event-stream");
            assert_eq!((got.headers.get_all("x-a").iter().count(), got.header("x-b")), (2, "3"));
        }
        assert_eq!(send(&server, "GET", "/backend-api/wham/usage", Some(&token), None).await.status, 500);
    }
    let own = send(&server, "POST", "/own", None, None).await;
    assert_eq!((own.status, own.text.as_str()), (200, "mine"));
    let bad = call(&server, &with("store", Value::Null)).await;
    assert_eq!(bad.status, 400, "a script does not switch the checks off");
    server.set_script(script);
    assert_eq!(call(&server, &body()).await.status, 503);
    server.set_scenario(Scenario::Waf);
    assert_eq!(call(&server, &body()).await.status, 403);
}

#[test]
fn script_faults_name_the_place_and_the_cure() {
    let cases = [
        ("{", "line 1 column 1"),
        ("3", "the script is 3; write an object"),
        (r#"{"exchange": []}"#, "unknown key `exchange`; write one of check_requests, exchanges"),
        (r#"[{"stattus": 1}]"#, "exchanges[0] has the unknown key `stattus`"),
        (r#"[{"status": 99}]"#, "exchanges[0].status is 99; write a status from 200 to 999"),
        (
            r#"[{}, {"steps": [{"sendd": 1}]}]"#,
            "exchanges[1].steps[0] has the unknown step `sendd`; write one of send,",
        ),
        (r#"[{"steps": [{"send": "a", "stall": true}]}]"#, "exchanges[0].steps[0] must have exactly one key"),
        (r#"[{"steps": [{"send": 1}]}]"#, "exchanges[0].steps[0].send is 1; write text"),
        (r#"[{"steps": [{"send_base64": "*"}]}]"#, "exchanges[0].steps[0].send_base64 is not base64"),
        (r#"[{"steps": [{"delay_ms": -1}]}]"#, "exchanges[0].steps[0].delay_ms is -1; write a whole number of ms"),
        (r#"[{"steps": [{"stall": false}]}]"#, "exchanges[0].steps[0].stall is false; write true"),
        (r#"[{"steps": [{"stall": true, "times": 2}]}]"#, "`times` belongs to `send`"),
        (r#"[{"scenario": "plane"}]"#, "exchanges[0].scenario is \"plane\"; write one of plain, tool_call"),
        (r#"[{"scenario": "plain", "status": 200}]"#, "both `scenario` and `status`"),
        (r#"[{"body": "", "json": 1}]"#, "both `body` and `json`"),
        (r#"[{"headers": {"a b": "c"}}]"#, "is not a header name"),
        (r#"[{"headers": {"a": "b\r\nc: d"}}]"#, "\"framing\": \"raw\""),
        (r#"[{"framing": "odd"}]"#, "exchanges[0].framing is \"odd\"; write one of chunked,"),
        (r#"[{"path": "x"}]"#, "exchanges[0].path is \"x\"; write a path"),
        (r#"[{"repeat": "x"}]"#, "exchanges[0].repeat is \"x\"; write true, or how many times"),
    ];
    for (text, part) in cases {
        let error = Script::from_json(text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.message().contains(part), "{:?} lacks {part:?}", error.message());
    }
    let file = std::env::temp_dir().join(format!("openclaw-script-{}.json", std::process::id()));
    std::fs::write(&file, r#"[{"status": 1}]"#).unwrap();
    let error = TestServer::builder().script_file(&file).start_blocking().unwrap_err();
    assert!(error.message().contains(file.to_str().unwrap()), "{error}");
    assert!(error.message().contains("exchanges[0].status"), "{error}");
    std::fs::remove_file(&file).unwrap();
    let error = Script::load(&file).unwrap_err();
    assert!(error.message().contains("cannot be read"), "{error}");
}

#[test]
fn scripts_survive_their_json_form() {
    let bytes = Exchange::new(200).header("b", "1").header("a", "2").header("b", "3").send([0xff]).send("é").stall();
    let script = Script::new()
        .check_requests(false)
        .exchange(bytes)
        .exchange(Exchange::page(&pages::waf(1)).path("/x").method("*").forever())
        .exchange(Exchange::scenario(Scenario::Slow).times(3))
        .exchange(Exchange::new(500).chunk_bytes(3).sse(json!({"type": "x"})).delay(Duration::from_millis(7)).close());
    let text = serde_json::to_string_pretty(&script).unwrap();
    assert_eq!(Script::from_json(&text).unwrap(), script);
    assert_eq!(serde_json::from_str::<Script>(&text).unwrap(), script);
}
