//! Replays `tests/vectors/config/*.json`. `OPENCLAW_BLESS=1` rewrites what they expect: read the diff.

use std::fs;
use std::path::{Path, PathBuf};

use openclaw_core::embed::ConfigSource;
use serde_json::{Value, json};

#[test]
fn every_configuration_is_judged_and_repaired_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/config");
    let mut files: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 15, "only {} vectors in {}", files.len(), folder.display());
    let mut wrong = Vec::new();
    for path in &files {
        let text = fs::read_to_string(path).unwrap();
        let mut vector: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let source = ConfigSource::from_json(&vector["config"].to_string()).unwrap();
        let found = json!({"check": source.check().unwrap().to_json(), "repair": source.repair(true).unwrap()});
        let shown = json!([&found["check"], &found["repair"]["diff"], &found["repair"]["rendered"]]).to_string();
        assert!(!shown.contains("sk-vector"), "{} shows a credential: {shown}", path.display());
        if vector["expect"] == found {
            continue;
        }
        if std::env::var_os("OPENCLAW_BLESS").is_some() {
            vector["expect"] = found;
            fs::write(path, format!("{vector:#}\n")).unwrap();
        } else {
            wrong.push(format!("{}\nexpected {:#}\nfound    {found:#}", path.display(), vector["expect"]));
        }
    }
    assert!(wrong.is_empty(), "{} of {} vectors:\n{}", wrong.len(), files.len(), wrong.join("\n\n"));
}

/// What is repaired is right, or the rest is named; repairing it again changes nothing.
#[test]
fn a_repaired_configuration_needs_no_further_repair() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/config");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let vector: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let repair = &vector["expect"]["repair"];
        let mut again = vector["config"].clone();
        again["text"] = repair["text"].clone();
        for (name, text) in repair["files"].as_object().unwrap() {
            again["files"][name] = text.clone();
        }
        let source = ConfigSource::from_json(&again.to_string()).unwrap();
        assert_eq!(source.check().unwrap().report.valid, repair["valid"].as_bool().unwrap(), "{}", path.display());
        assert_eq!(source.repair(false).unwrap()["changes"], json!([]), "{}", path.display());
    }
}
