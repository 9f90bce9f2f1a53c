//! `claw classify`.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::claw::{Home, finish};

#[test]
fn classify_judges_line_by_line() {
    let home = Home::new();
    let challenge = json!({"id": "a", "provider": "openai-codex", "status": 403, "body": "<html>x</html>",
        "headers": {"content-type": "text/html", "cf-mitigated": "challenge", "server": "cloudflare"}});
    let limited = json!({"id": "b", "provider": "openai", "status": 429, "headers": {},
        "body": "{\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"slow down\"}}"});
    let file = home.file("in.jsonl", format!("{challenge}\nnot json\n\n{limited}\n"));
    let run = home.run(&["classify", "--jsonl", &file]);
    assert_eq!(run.status, 3, "{}", run.err);
    let lines = run.lines();
    assert_eq!((&lines[0]["id"], &lines[0]["kind"]), (&"a".into(), &"edge_blocked".into()));
    assert_eq!(lines[1]["line"], 2);
    assert_eq!((&lines[2]["id"], &lines[2]["kind"]), (&"b".into(), &"rate_limited".into()));
    assert!(run.err.contains("line 2"), "{}", run.err);

    let visible = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/errors/visible.jsonl");
    let Ok(cases) = fs::read_to_string(&visible) else {
        return eprintln!("skipped: {} is not here", visible.display());
    };
    let run = finish(home.command(&["classify", "--jsonl"]).stdin(fs::File::open(&visible).unwrap()));
    assert_eq!(run.status, 0, "{}", run.err);
    let verdicts = run.lines();
    let cases: Vec<Value> = cases.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(verdicts.len(), cases.len());
    for (verdict, case) in verdicts.iter().zip(&cases) {
        assert_eq!((&verdict["id"], &verdict["kind"]), (&case["id"], &case["expected_kind"]), "{}", case["note"]);
    }
}
