//! What must hold of every repair, on the shared cases: nothing new is wrong afterwards, nothing else is lost, and a second
//! repair changes nothing.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use openclaw_core::config::doctor::Doctor;
use openclaw_core::config::{Code, MemoryFiles, Options, Report};
use serde_json::Value;

fn shared() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/config");
    let found = folder.is_dir();
    if !found {
        eprintln!("skipped: {} is not there", folder.display());
    }
    found.then_some(folder)
}

fn faults(report: &Report) -> HashMap<(String, Code), usize> {
    let mut all = HashMap::new();
    for issue in report.errors().filter(|issue| issue.code != Code::LegacyKey) {
        let keys: Vec<String> = if issue.keys.is_empty() { vec![String::new()] } else { issue.keys.clone() };
        for key in keys {
            *all.entry((format!("{}/{key}", issue.pointer), issue.code)).or_default() += 1;
        }
    }
    all
}

fn leaves(value: &Value, at: &str, all: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| leaves(value, &format!("{at}/{key}"), all)),
        Value::Array(values) => {
            values.iter().enumerate().for_each(|(i, value)| leaves(value, &format!("{at}/{i}"), all))
        }
        other => {
            all.insert(format!("{at}={other}"));
        }
    }
}

fn comments(text: &str) -> usize {
    text.matches("// ").count() + text.matches("/* ").count()
}

#[test]
fn every_shared_case_is_repaired_once_and_never_worse() {
    let Some(folder) = shared() else { return };
    for set in ["docs", "mutated", "sweep"] {
        let (mut invalid, mut changed, mut valid_after, mut strip, mut strip_done) = (0, 0, 0, 0, 0);
        for line in fs::read_to_string(folder.join(format!("{set}.jsonl"))).unwrap().lines() {
            let case: Value = serde_json::from_str(line).unwrap();
            let (id, text) = (case["id"].as_str().unwrap(), case["config"].as_str().unwrap());
            let map = |name: &str| -> Vec<(String, String)> {
                let entries = case[name].as_object().into_iter().flatten();
                entries.map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned())).collect()
            };
            let files = map("files").into_iter().map(|(name, text)| (Path::new("/c").join(name), text));
            let options =
                Options::default().env(map("env")).files(Arc::new(MemoryFiles::new(files))).path("/c/openclaw.json");
            let doctor = Doctor::new(options);
            let plan = doctor.examine_text(text);
            let (before, after) = (faults(plan.before()), faults(plan.after()));
            for (fault, count) in &after {
                let hidden = fault.1 == Code::Rule
                    || plan.after().issues.iter().any(|issue| {
                        issue.stage == openclaw_core::config::Stage::PostSchema
                            && issue.pointer == fault.0.trim_end_matches('/')
                    });
                assert!(
                    hidden || before.get(fault).is_some_and(|known| known >= count),
                    "{id}: {fault:?} is new\n{text}\n{}",
                    plan.text()
                );
            }
            assert!(!plan.before().valid || plan.after().valid, "{id}");
            let again = doctor.examine_text(plan.text());
            assert!(again.changes().is_empty(), "{id}: {}\n{}", again.render(), plan.text());
            invalid += usize::from(!plan.before().valid);
            changed += usize::from(!plan.changes().is_empty());
            valid_after += usize::from(!plan.before().valid && plan.after().valid);
            let unknown = |report: &Report| report.errors().filter(|issue| issue.code == Code::UnknownKey).count();
            strip += unknown(plan.before());
            strip_done += unknown(plan.before()) - unknown(plan.after()).min(unknown(plan.before()));
            // Nothing but what a change names has gone, and no comment with it unless it stood in a removed value.
            if plan.changes().iter().all(|change| matches!(change.kind, "unknown_key" | "credential_in_profile"))
                && !plan.changes().is_empty()
            {
                let read = |text: &str| json5(text);
                let (mut had, mut has) = (BTreeSet::new(), BTreeSet::new());
                if let (Some(old), Some(new)) = (read(text), read(plan.text())) {
                    leaves(&old, "", &mut had);
                    leaves(&new, "", &mut has);
                    for leaf in had.difference(&has) {
                        assert!(
                            plan.changes()
                                .iter()
                                .any(|change| leaf.starts_with(&change.pointer.replace("~1", "/").replace("~0", "~"))),
                            "{id}: lost {leaf}"
                        );
                    }
                    assert!(has.is_subset(&had), "{id}");
                }
                assert!(comments(plan.text()) <= comments(text));
            }
        }
        eprintln!(
            "{set}: {invalid} invalid, {changed} changed, {valid_after} valid afterwards; unknown-key issues {strip}, gone {strip_done}"
        );
    }
}

/// A text through the editor's eyes.
fn json5(text: &str) -> Option<Value> {
    let folder = std::env::temp_dir().join(format!("openclaw-core-json5-{}.json", std::process::id()));
    fs::write(&folder, text).ok()?;
    let editor = openclaw_core::config::ConfigEditor::open_with(&folder, &Options::default()).ok()?;
    editor.get("").ok()?
}
