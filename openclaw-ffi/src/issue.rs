//! One problem of a configuration as a struct of C.

use std::mem::offset_of;

use openclaw_core::config::Issue;

use crate::guard::{Fault, Result};
use crate::text::{Text, openclaw_str};
use crate::versioned::{Versioned, write_struct};

/// OpenClaw accepts the configuration; something in it will not do what it says. Since 0.1.
pub const OPENCLAW_SEVERITY_WARNING: u32 = 1;
/// OpenClaw refuses the configuration. Since 0.1.
pub const OPENCLAW_SEVERITY_ERROR: u32 = 2;

/// One problem of a configuration: where it stands, what is wrong, what would be right. Never the value of a secret.
///
/// The host makes it with `OPENCLAW_CONFIG_ISSUE_INIT`; the library fills it. Its texts and lists live until the object
/// is freed that it was asked of. What is not known is empty or 0. Since 0.1.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct openclaw_config_issue {
    /// The size of this struct in the host's header; `OPENCLAW_CONFIG_ISSUE_INIT` sets it.
    pub struct_size: u32,
    /// `OPENCLAW_SEVERITY_…`; the list grows: only an error makes the configuration invalid.
    pub severity: u32,
    /// The line in `file`, from 1.
    pub line: u32,
    /// The column in that line, from 1, in characters.
    pub column: u32,
    /// The step that saw it: `json5`, `include`, `env`, `legacy`, `schema` or `post-schema`.
    pub stage: openclaw_str,
    /// What is wrong, as a stable word such as `unknown_key`.
    pub code: openclaw_str,
    /// Where, as OpenClaw writes it: names and indexes joined by dots; empty for the root.
    pub path: openclaw_str,
    /// Where, as an RFC 6901 JSON pointer; empty for the root.
    pub pointer: openclaw_str,
    /// The file in which it stands: the configuration or one that it includes.
    pub file: openclaw_str,
    /// What is wrong, in OpenClaw's words.
    pub message: openclaw_str,
    /// What was found: a type, or a value that cannot be a secret.
    pub found: openclaw_str,
    /// A key or value that was perhaps meant.
    pub suggestion: openclaw_str,
    /// What to do, in our words.
    pub hint: openclaw_str,
    /// The keys that are not known: `key_count` texts.
    pub keys: *const openclaw_str,
    /// How many `keys` there are.
    pub key_count: usize,
    /// The allowed values as JSON, such as `"lan"` with its quotes, if they can be listed: `allowed_count` texts.
    pub allowed: *const openclaw_str,
    /// How many `allowed` there are.
    pub allowed_count: usize,
    /// The issue as a JSON object, the form that Python and the command line share.
    pub json: openclaw_str,
    /// The rule that refuses it, if a JSON Schema cannot hold it, or not wholly: a name of the tables in docs/config.md.
    pub rule: openclaw_str,
}

impl Versioned for openclaw_config_issue {
    const FIRST_SIZE: usize = offset_of!(Self, rule) + size_of::<openclaw_str>();
}

/// The issues of one object, each text with its NUL.
#[derive(Debug)]
pub(crate) struct Issues(Vec<Shown>);

#[derive(Debug)]
struct Shown {
    severity: u32,
    line: u32,
    column: u32,
    stage: Text,
    code: Text,
    path: Text,
    pointer: Text,
    file: Text,
    message: Text,
    found: Text,
    suggestion: Text,
    hint: Text,
    keys: List,
    allowed: List,
    json: Text,
    rule: Text,
}

impl Issues {
    pub(crate) fn new(issues: &[Issue]) -> Self {
        Self(issues.iter().map(Shown::new).collect())
    }

    /// Writes issue `index` for the host.
    ///
    /// # Safety
    /// `out` must be NULL or point to a struct of the size that stands in its first field.
    pub(crate) unsafe fn write(&self, index: usize, out: *mut openclaw_config_issue) -> Result<()> {
        let issue = self
            .0
            .get(index)
            .ok_or_else(|| Fault::argument(format!("there are {} issues, there is none at {index}", self.0.len())))?;
        // SAFETY: the caller promises the struct.
        unsafe { write_struct(out, &issue.view(), "out") }
    }
}

impl Shown {
    fn new(issue: &Issue) -> Self {
        let text = |text: &str| Text::new(text.to_owned());
        let known = |text: &Option<String>| Text::new(text.clone().unwrap_or_default());
        Self {
            severity: if issue.is_error() { OPENCLAW_SEVERITY_ERROR } else { OPENCLAW_SEVERITY_WARNING },
            line: issue.line.unwrap_or_default(),
            column: issue.column.unwrap_or_default(),
            stage: text(issue.stage.as_str()),
            code: text(issue.code.as_str()),
            path: text(&issue.path),
            pointer: text(&issue.pointer),
            file: known(&issue.file),
            message: text(&issue.message),
            found: known(&issue.found),
            suggestion: known(&issue.suggestion),
            hint: known(&issue.hint),
            keys: List::new(&issue.keys),
            allowed: List::new(&issue.allowed),
            json: Text::new(serde_json::to_string(issue).unwrap_or_default()),
            rule: text(issue.rule.unwrap_or_default()),
        }
    }

    fn view(&self) -> openclaw_config_issue {
        openclaw_config_issue {
            struct_size: 0,
            severity: self.severity,
            line: self.line,
            column: self.column,
            stage: self.stage.view(),
            code: self.code.view(),
            path: self.path.view(),
            pointer: self.pointer.view(),
            file: self.file.view(),
            message: self.message.view(),
            found: self.found.view(),
            suggestion: self.suggestion.view(),
            hint: self.hint.view(),
            keys: self.keys.views.as_ptr(),
            key_count: self.keys.views.len(),
            allowed: self.allowed.views.as_ptr(),
            allowed_count: self.allowed.views.len(),
            json: self.json.view(),
            rule: self.rule.view(),
        }
    }
}

/// Texts, and the array of C that points to them.
#[derive(Debug)]
struct List {
    views: Vec<openclaw_str>,
    /// What the views point to: the bytes stay where they are when this is moved.
    _texts: Vec<Text>,
}

impl List {
    fn new(texts: &[String]) -> Self {
        let texts: Vec<Text> = texts.iter().cloned().map(Text::new).collect();
        Self { views: texts.iter().map(Text::view).collect(), _texts: texts }
    }
}
