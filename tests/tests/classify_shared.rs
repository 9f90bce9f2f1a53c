//! Failures with known answers: every kind must agree.

use std::path::{Path, PathBuf};

use openclaw_core::classify_json_line;
use serde_json::Value;

/// Our own cases, made to be replayed in every language.
#[test]
fn every_vector_has_the_expected_kind() {
    let cases =
        std::fs::read_to_string(tests().join("vectors/classify.jsonl")).expect("the vectors are part of the checkout");
    check(&cases);
}

/// The cases that stand beside the checkout, where they do.
#[test]
fn every_shared_case_has_the_expected_kind() {
    let shared = std::env::var_os("OPENCLAW_SHARED").map_or_else(|| tests().join("../../shared"), PathBuf::from);
    let path = shared.join("data/errors/visible.jsonl");
    match std::fs::read_to_string(&path) {
        Ok(cases) => check(&cases),
        Err(_) => println!("skipped: {} is not there", path.display()),
    }
}

fn tests() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn check(cases: &str) {
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in cases.lines().filter(|line| !line.trim().is_empty()) {
        let case: Value = serde_json::from_str(line).expect("a case is JSON");
        let judged = classify_json_line(line).expect("a case is evidence");
        count += 1;
        if judged["kind"] != case["expected_kind"] {
            let (id, kind, expected) = (&case["id"], &judged["kind"], &case["expected_kind"]);
            wrong.push(format!("{id}: {kind} instead of {expected}: {}", judged["message"]));
        }
    }
    assert!(count > 0, "no cases");
    assert!(wrong.is_empty(), "{} of {count} cases:\n{}", wrong.len(), wrong.join("\n"));
}
