//! Our judgement of configurations beside that of OpenClaw 2026.4.5 itself, on the cases that lie beside the checkout.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use openclaw_core::config::{MemoryFiles, Options, check_json_line, check_text};
use serde_json::Value;

/// Where the cases are: `OPENCLAW_SHARED`, or `../shared` beside the checkout.
fn shared() -> PathBuf {
    match std::env::var_os("OPENCLAW_SHARED") {
        Some(path) => path.into(),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
    }
}

fn cases(set: &str) -> Option<Vec<Value>> {
    let path = shared().join("data/config").join(set);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => {
            println!("skipped: {}: {error}", path.display());
            return None;
        }
    };
    Some(text.lines().map(|line| serde_json::from_str(line).expect("a case is JSON")).collect())
}

/// The paths of the issues, and whether the case counts: where OpenClaw crashed there is only sense to go by.
fn paths(issues: &Value) -> BTreeSet<String> {
    let issues = issues.as_array().expect("issues is a list");
    issues.iter().map(|issue| issue["path"].as_str().expect("a path").to_owned()).collect()
}

/// Whether people are told that the case is valid: by another way through the code than lines of JSON.
fn told_valid(case: &Value) -> bool {
    let texts = |key: &str| -> Vec<(String, String)> {
        let map = case[key].as_object().cloned().unwrap_or_default();
        map.into_iter().map(|(name, text)| (name, text.as_str().expect("a text").to_owned())).collect()
    };
    let folder = PathBuf::from("$CONFIG_DIR");
    let files = texts("files").into_iter().map(|(name, text)| (folder.join(name), text));
    let options = Options::default()
        .env(texts("env"))
        .files(Arc::new(MemoryFiles::new(files)))
        .path(folder.join("openclaw.json"));
    check_text(case["config"].as_str().expect("a text"), &options).valid
}

#[derive(Default)]
struct Tally {
    cases: usize,
    verdicts: usize,
    stages: usize,
    invalid: usize,
    paths: usize,
    messages: usize,
    issues: usize,
}

fn compare(set: &str) {
    let Some(cases) = cases(set) else { return };
    let mut tally = Tally::default();
    let mut misses = Vec::new();
    for case in &cases {
        let theirs = &case["verdict"];
        let ours = check_json_line(&case.to_string()).expect("an answer");
        assert_eq!(ours["valid"], told_valid(case), "{}: people are told another verdict", case["id"]);
        let crash = theirs["stage"] == "crash";
        tally.cases += 1;
        let same = ours["valid"] == theirs["valid"];
        tally.verdicts += usize::from(same);
        tally.stages += usize::from(ours["stage"] == theirs["stage"] || crash);
        if theirs["valid"] == false {
            tally.invalid += 1;
            let same_paths = crash || paths(&ours["issues"]) == paths(&theirs["issues"]);
            tally.paths += usize::from(same_paths);
            if !same_paths {
                misses.push(format!("{} paths: ours {} theirs {}", case["id"], brief(&ours), brief(theirs)));
            }
            let texts = |verdict: &Value| -> Vec<(Value, Value)> {
                let issues = verdict["issues"].as_array().cloned().unwrap_or_default();
                issues.into_iter().map(|issue| (issue["path"].clone(), issue["message"].clone())).collect()
            };
            let same_texts = texts(&ours) == texts(theirs);
            tally.issues += 1;
            tally.messages += usize::from(same_texts);
            if !same_texts && same_paths && !crash && std::env::var_os("CONFIG_MESSAGES").is_some() {
                println!("{} texts: ours {} theirs {}", case["id"], brief(&ours), brief(theirs));
            }
        }
        if !same {
            misses.push(format!("{} verdict: ours {} theirs {}", case["id"], brief(&ours), brief(theirs)));
        }
    }
    let percent = |part: usize, whole: usize| part as f64 * 100.0 / whole.max(1) as f64;
    println!(
        "{set}: {} cases, verdict {:.2} %, stage {:.2} %, paths {:.2} % of {} invalid, order and words {:.2} %",
        tally.cases,
        percent(tally.verdicts, tally.cases),
        percent(tally.stages, tally.cases),
        percent(tally.paths, tally.invalid),
        tally.invalid,
        percent(tally.messages, tally.issues),
    );
    for miss in &misses {
        println!("  miss {miss}");
    }
    assert!(percent(tally.verdicts, tally.cases) >= 99.5, "verdicts");
    assert!(percent(tally.paths, tally.invalid) >= 97.0, "paths");
}

fn brief(verdict: &Value) -> String {
    let issues = verdict["issues"].as_array().cloned().unwrap_or_default();
    let lines: Vec<String> =
        issues.iter().map(|issue| format!("{}: {}", issue["path"].as_str().unwrap_or(""), issue["message"])).collect();
    let text = format!("{} [{}]", verdict["stage"], lines.join("; "));
    text.chars().take(400).collect()
}

#[test]
fn documentation_samples() {
    compare("docs.jsonl");
}

#[test]
fn mutations() {
    compare("mutated.jsonl");
}

#[test]
fn every_path() {
    compare("sweep.jsonl");
}

/// One source of truth: the types take exactly what the walk along their schema takes.
#[test]
fn types_and_walk_agree() {
    for set in ["docs.jsonl", "mutated.jsonl", "sweep.jsonl"] {
        let Some(cases) = cases(set) else { return };
        for case in &cases {
            let text = case["config"].as_str().expect("a text");
            if let Some((typed, walked)) = openclaw_core::fuzzing::config_ways(text) {
                assert_eq!(typed, walked, "{}: {text}", case["id"]);
            }
        }
    }
}

/// The names in the documentation's tables of rules.
fn documented_rules() -> BTreeSet<String> {
    let page = include_str!("../../docs/config.md");
    let (_, part) = page.split_once("## Rules that the JSON Schema cannot show").expect("the chapter");
    let (part, _) = part.split_once("\n## ").expect("the next chapter");
    let names = part.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    names.map(|(name, _)| name.to_owned()).collect()
}

/// What validation accepts, the published schema accepts: an editor never complains of a good file. What only validation
/// refuses, a rule of the documentation refuses.
#[test]
fn the_schema_accepts_what_validation_accepts() {
    let rules = documented_rules();
    let schema = jsonschema::validator_for(&openclaw_core::config::schema()).expect("a schema");
    for set in ["docs.jsonl", "mutated.jsonl", "sweep.jsonl"] {
        let Some(cases) = cases(set) else { return };
        let (mut valid, mut refused, mut by_rules) = (0, 0, 0);
        for case in cases.iter().filter(|case| case["env"].is_null() && case["files"].is_null()) {
            let text = case["config"].as_str().expect("a text");
            let Some(value) = openclaw_core::fuzzing::config_value(text) else { continue };
            let ours = check_json_line(&case.to_string()).expect("an answer");
            if ours["valid"] == true {
                valid += 1;
                let problem = schema.iter_errors(&value).next();
                assert!(problem.is_none(), "{}: {problem:?}", case["id"]);
            } else if ours["stage"] == "schema" {
                refused += 1;
                if !schema.is_valid(&value) {
                    continue;
                }
                by_rules += 1;
                for issue in ours["issues"].as_array().expect("a list") {
                    let rule = issue["rule"].as_str().unwrap_or_default();
                    assert!(rules.contains(rule), "{}: no rule of the documentation refuses it: {issue}", case["id"]);
                }
            }
        }
        println!(
            "{set}: the schema accepts {valid} of {valid} valid ones, and {by_rules} of {refused} that rules refuse"
        );
    }
}
