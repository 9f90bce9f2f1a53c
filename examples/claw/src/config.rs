//! `claw config`: is my `openclaw.json` right, what does a key mean, and whom does it ask?

mod models;

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use openclaw_core::Error;
use openclaw_core::config::{
    Code, Explanation, Options, Report, check_file, check_json_line, default_path, explain, schema,
};
use serde_json::json;

use crate::render::{Form, Screen, unreadable};
use crate::status::Status;

/// Judge openclaw.json, show its schema, explain its keys.
#[derive(Debug, Args)]
pub struct Config {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Validate(Validate),
    /// Print the JSON Schema of openclaw.json (draft 2020-12).
    Schema,
    Explain(Explain),
    Models(models::Models),
}

/// Say everything that is wrong with a configuration, as OpenClaw 2026.4.5 would, with its line.
///
/// Without FILE: the one that OpenClaw uses (OPENCLAW_CONFIG_PATH, OPENCLAW_STATE_DIR, ~/.openclaw/openclaw.json).
/// Exit status: 0 valid, 1 invalid, 2 not readable.
#[derive(Debug, Args)]
struct Validate {
    /// The files.
    files: Vec<PathBuf>,
    /// Print one line of JSON per file.
    #[arg(long)]
    json: bool,
    /// Judge lines of {"id", "config": "<text>", "env"?: {}, "files"?: {}}, from a file or - for stdin, exactly as
    /// OpenClaw would, and print one line of {"id", "valid", "stage", "issues"} for each.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-", conflicts_with_all = ["files", "json"])]
    jsonl: Option<PathBuf>,
}

/// Say what a key means, what it may be, and what it is if it is absent.
#[derive(Debug, Args)]
struct Explain {
    /// The key, such as agents.defaults.model; nothing for the sections.
    #[arg(default_value = "")]
    path: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Config {
    pub fn run(&self, screen: &mut Screen<'_>, stdin: &mut dyn BufRead) -> Status {
        match &self.command {
            Command::Validate(Validate { jsonl: Some(path), .. }) => lines(path, screen, stdin),
            Command::Validate(command) => command.run(screen),
            Command::Schema => print(screen, &format!("{:#}", schema()), Status::Answer),
            Command::Explain(command) => command.run(screen),
            Command::Models(command) => command.run(screen),
        }
    }
}

fn print(screen: &mut Screen<'_>, text: &str, status: Status) -> Status {
    match screen.line(text.trim_end()) {
        Ok(()) => status,
        Err(error) => screen.output_lost(&error),
    }
}

impl Validate {
    fn run(&self, screen: &mut Screen<'_>) -> Status {
        let options = Options::of_process();
        let mut files = self.files.clone();
        if files.is_empty() {
            match configuration(None, &options) {
                Ok(path) => files.push(path),
                Err(error) => {
                    screen.fail(&error, Form::of(self.json), &[]);
                    return Status::Unreadable;
                }
            }
        }
        let mut worst = Status::Answer;
        for file in &files {
            let report = check_file(file, &options);
            let status = status_of(&report);
            if judged(file, &report, self.json, screen) != status {
                return Status::Refused;
            }
            worst = if status as u8 > worst as u8 { status } else { worst };
        }
        worst
    }
}

/// The file, or the one that OpenClaw uses.
pub fn configuration(file: Option<PathBuf>, options: &Options) -> Result<PathBuf, Error> {
    file.or_else(|| default_path(&options.env)).ok_or_else(|| Error::config("no home folder is known; name the file"))
}

/// Shows what is said of a file.
fn judged(file: &Path, report: &Report, json: bool, screen: &mut Screen<'_>) -> Status {
    let text = if json { json_of(file, report) } else { text_of(file, report) };
    print(screen, &text, status_of(report))
}

fn status_of(report: &Report) -> Status {
    match report.errors().next() {
        None => Status::Answer,
        Some(issue) if issue.code == Code::Unreadable => Status::Unreadable,
        Some(_) => Status::Invalid,
    }
}

fn json_of(file: &Path, report: &Report) -> String {
    json!({ "path": file, "valid": report.valid, "issues": report.issues }).to_string()
}

fn text_of(file: &Path, report: &Report) -> String {
    let (errors, warnings) = (report.errors().count(), report.warnings().count());
    let count = |n: usize, name: &str| format!("{n} {name}{}", if n == 1 { "" } else { "s" });
    let verdict = if report.valid { "valid" } else { "invalid" };
    let mut text = report.render();
    text += &format!("{}: {verdict}", file.display());
    if errors + warnings > 0 {
        text += &format!(" ({}, {})", count(errors, "error"), count(warnings, "warning"));
    }
    text
}

impl Explain {
    fn run(&self, screen: &mut Screen<'_>) -> Status {
        let Some(found) = explain(&self.path) else {
            screen.fail(&Error::config(format!("there is no key {}", self.path)), Form::of(self.json), &[]);
            return Status::Unreadable;
        };
        let text = if self.json { format!("{:#}", json!(found)) } else { words(&found) };
        print(screen, &text, Status::Answer)
    }
}

fn words(found: &Explanation) -> String {
    let name = if found.path.is_empty() { "openclaw.json" } else { &found.path };
    let mut text = format!("{name}\n  {}\n  type: {}", found.meaning, found.kind);
    if found.required {
        text += "\n  required";
    }
    if let Some(default) = &found.default {
        text += &format!("\n  default: {default}");
    }
    if !found.allowed.is_empty() {
        text += &format!("\n  allowed: {}", found.allowed.join(", "));
    }
    if let Some(rule) = &found.rule {
        text += &format!("\n  rule: {rule}");
    }
    for (key, meaning) in &found.keys {
        text += &format!("\n  .{key}: {meaning}");
    }
    text
}

fn lines(path: &Path, screen: &mut Screen<'_>, stdin: &mut dyn BufRead) -> Status {
    if path.as_os_str() == "-" {
        return judge(stdin, screen);
    }
    match File::open(path) {
        Ok(file) => judge(&mut BufReader::new(file), screen),
        Err(error) => {
            screen.fail(&Error::config(format!("{} cannot be read: {error}", path.display())), Form::Text, &[]);
            Status::Unreadable
        }
    }
}

fn judge(input: &mut dyn BufRead, screen: &mut Screen<'_>) -> Status {
    let mut status = Status::Answer;
    for (number, line) in input.lines().enumerate() {
        let line = match line {
            Ok(line) if line.trim().is_empty() => continue,
            Ok(line) => line,
            Err(error) => {
                screen.fail(&Error::config(format!("line {} cannot be read: {error}", number + 1)), Form::Text, &[]);
                return Status::Unreadable;
            }
        };
        let answer = check_json_line(line.trim()).unwrap_or_else(|error| {
            status = Status::Unreadable;
            screen.note("warning", &format!("line {} is left out: {}", number + 1, error.message()));
            unreadable(number + 1, &error)
        });
        if let Err(error) = screen.line(&answer.to_string()) {
            return screen.output_lost(&error);
        }
    }
    status
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Style;

    fn run(command: Command, input: &str) -> (String, Status) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let style = Style { terminal: false, out_colour: false, err_colour: false };
        let mut screen = Screen::new(&mut out, &mut err, style);
        let status = Config { command }.run(&mut screen, &mut input.as_bytes());
        (String::from_utf8(out).unwrap(), status)
    }

    #[test]
    fn cases_are_judged_line_by_line() {
        let command = || Validate { files: Vec::new(), json: false, jsonl: Some("-".into()) };
        let case = "{\"id\":\"a\",\"config\":\"{ gateway: 1 }\"}\n";
        let (out, status) = run(Command::Validate(command()), case);
        assert_eq!(status, Status::Answer);
        let answer: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!((&answer["id"], &answer["valid"], &answer["stage"]), (&json!("a"), &json!(false), &json!("schema")));
        assert_eq!(answer["issues"][0]["message"], "Invalid input: expected object, received number");
        assert_eq!(run(Command::Validate(command()), "[]").1, Status::Unreadable);
    }

    #[test]
    fn a_key_is_explained() {
        let (out, status) = run(Command::Explain(Explain { path: "gateway.port".into(), json: false }), "");
        assert_eq!(status, Status::Answer);
        assert_eq!(out, "gateway.port\n  Its port. Default 18789.\n  type: integer > 0\n  default: 18789\n");
        assert_eq!(run(Command::Explain(Explain { path: "nope".into(), json: false }), "").1, Status::Unreadable);
    }

    #[test]
    fn a_missing_file_is_not_readable() {
        let command = Validate { files: vec!["/nonexistent/openclaw.json".into()], json: true, jsonl: None };
        let (out, status) = run(Command::Validate(command), "");
        assert_eq!(status, Status::Unreadable);
        assert!(out.contains("\"valid\":false"), "{out}");
    }
}
