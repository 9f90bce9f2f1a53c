//! A plan for a person and for a program.

use serde_json::{Value, json};

use super::{Plan, Repaired};

impl Plan {
    /// The plan for a person: the repairs, the diff, what is left.
    pub fn render(&self) -> String {
        let mut out = String::new();
        if self.changes.is_empty() {
            out.push_str("Nothing to repair.\n");
        }
        for change in &self.changes {
            out.push_str(&format!("- {}: {}\n", change.path, change.message));
        }
        let diff = self.known_diff();
        if !diff.is_empty() {
            out.push('\n');
            out.push_str(diff);
        }
        if !self.withheld.is_empty() {
            out.push_str(
                "\nA newer OpenClaw has written this file and may know these keys, so they stay (--assume-version says otherwise):\n",
            );
            self.withheld.iter().for_each(|path| out.push_str(&format!("- {path}\n")));
        }
        if !self.after.issues.is_empty() {
            out.push_str(if self.is_cured() { "\nWarnings:\n" } else { "\nLeft for you to repair:\n" });
            out.push_str(&self.after.render());
        }
        out
    }

    /// The same as JSON: `changes`, `diff`, `withheld`, `before` and `after` (reports). `repaired` says what was written, if
    /// anything was.
    pub fn to_json(&self, repaired: Option<&Repaired>) -> Value {
        let written = repaired.map(|repaired| {
            let files = repaired.written.iter().map(|file| {
                json!({"path": file.path.display().to_string(), "backup": file.backup.as_ref().map(|path| path.display().to_string())})
            });
            json!({
                "written": files.collect::<Vec<_>>(),
                "keptIn": repaired.kept_in.as_ref().map(|path| path.display().to_string()),
            })
        });
        json!({
            "valid": self.after.valid,
            "changes": self.changes,
            "diff": self.known_diff(),
            "withheld": self.withheld,
            "before": self.before,
            "after": self.after,
            "repaired": written,
        })
    }
}
