//! The shared cases with known answers: every kind must agree.

use std::path::PathBuf;

use openclaw_core::classify_json_line;
use serde_json::Value;

#[test]
fn every_visible_case_has_the_expected_kind() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let shared = std::env::var_os("OPENCLAW_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
    let path = shared.join("data/errors/visible.jsonl");
    let Ok(cases) = std::fs::read_to_string(&path) else {
        println!("skipped: {} is not there", path.display());
        return;
    };
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in cases.lines().filter(|line| !line.trim().is_empty()) {
        let case: Value = serde_json::from_str(line).expect("a case is JSON");
        let judged = classify_json_line(line).expect("a case is evidence");
        count += 1;
        if judged["kind"] != case["expected_kind"] {
            wrong.push(format!(
                "{}: {} instead of {}: {}",
                case["id"], judged["kind"], case["expected_kind"], judged["message"]
            ));
        }
    }
    assert!(count > 0, "no cases in {}", path.display());
    assert!(wrong.is_empty(), "{} of {count} cases:\n{}", wrong.len(), wrong.join("\n"));
}
