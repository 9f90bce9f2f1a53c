//! `claw classify`: what kind of failure is this?

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use clap::Args;
use openclaw_core::{Error, Result, classify_json_line};

use crate::render::{Form, Screen, unreadable};
use crate::status::Status;

/// Judge failures that were kept: what happened, and what helps.
///
/// Reads lines of {"id", "provider", "status": number or null, "headers": {}, "body": ""} and prints one line of
/// {"id", "kind", "advice", "message", ...} for each. A line that cannot be read is reported with its number, gives a
/// line of {"line", "error"}, and makes the exit status 3; the others are judged all the same.
#[derive(Debug, Args)]
pub struct Classify {
    /// The lines: a file, or - for stdin.
    #[arg(long, value_name = "FILE", required = true, num_args = 0..=1, default_missing_value = "-")]
    jsonl: PathBuf,
}

impl Classify {
    pub fn run(&self, screen: &mut Screen<'_>, stdin: &mut dyn BufRead) -> Status {
        if self.jsonl.as_os_str() == "-" {
            return judge(stdin, screen);
        }
        match File::open(&self.jsonl) {
            Ok(file) => judge(&mut BufReader::new(file), screen),
            Err(e) => {
                screen.fail(&Error::config(format!("{} cannot be read: {e}", self.jsonl.display())), Form::Text, &[])
            }
        }
    }
}

fn judge(input: &mut dyn BufRead, screen: &mut Screen<'_>) -> Status {
    let mut status = Status::Answer;
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        match input.read_until(b'\n', &mut bytes) {
            Ok(0) => break,
            Ok(_) => {}
            Err(e) => {
                return screen.fail(&Error::config(format!("line {number} cannot be read: {e}")), Form::Text, &[]);
            }
        }
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").filter(|_| number == 1).unwrap_or(&bytes);
        if text.trim_ascii().is_empty() {
            continue;
        }
        let line = match judge_line(text) {
            Ok(verdict) => verdict,
            Err(error) => {
                status = Status::Fault;
                screen.note("warning", &format!("line {number} is left out: {}", error.message()));
                unreadable(number, &error)
            }
        };
        if let Err(e) = screen.line(&line.to_string()) {
            return screen.output_lost(&e);
        }
    }
    status
}

fn judge_line(bytes: &[u8]) -> Result<serde_json::Value> {
    let text = std::str::from_utf8(bytes)
        .map_err(|e| Error::invalid_request(format!("it is not UTF-8 at byte {}", e.valid_up_to())))?;
    classify_json_line(text.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Style;

    #[test]
    fn an_unreadable_line_does_not_stop_the_rest() {
        let good = r#"{"id":"a","provider":"openai","status":500,"headers":{},"body":""}"#;
        let input = [good.as_bytes(), b"\n\nnot json\n\"\xff\"\n", good.as_bytes()].concat();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let status = judge(&mut &input[..], &mut Screen::new(&mut out, &mut err, Style::default()));
        let (out, err) = (String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap());
        assert_eq!(status, Status::Fault);
        let lines: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 4, "{out}");
        assert_eq!((&lines[0]["id"], &lines[3]["id"]), (&"a".into(), &"a".into()));
        assert_eq!((&lines[1]["line"], &lines[2]["line"]), (&3.into(), &4.into()));
        assert_eq!(lines[2]["error"]["kind"], "invalid_request");
        assert!(err.contains("line 3") && err.contains("line 4"), "{err}");
    }
}
