//! One problem of a configuration: where it stands, what is wrong, what would be right.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::words;

words! {
    /// The step at which a problem was seen, in the order in which a configuration goes through them.
    Stage {
        /// The text is not JSON5, or too large or too deep.
        Json5 = "json5",
        /// An `$include` cannot be followed.
        Include = "include",
        /// `${VAR}` and the section `env`.
        Env = "env",
        /// A key that OpenClaw has moved, renamed or dropped.
        Legacy = "legacy",
        /// A key, type, range, pattern or rule of the model.
        Schema = "schema",
        /// A check over sections, made when all of them are right by themselves.
        PostSchema = "post-schema",
    }
}

words! {
    /// Whether a problem makes the configuration invalid.
    Severity {
        /// OpenClaw refuses the file.
        Error = "error",
        /// OpenClaw accepts the file; something in it will not do what it says.
        Warning = "warning",
    }
}

words! {
    /// What is wrong. The list grows; a code never changes its meaning.
    Code {
        /// The text is not JSON5.
        Syntax = "syntax",
        /// The text is not UTF-8, begins with a byte order mark, or holds half of a surrogate pair.
        Encoding = "encoding",
        /// The file is larger than the limit.
        TooLarge = "too_large",
        /// Arrays and objects are nested deeper than the limit.
        TooDeep = "too_deep",
        /// The file cannot be read, or is not a regular file.
        Unreadable = "unreadable",
        /// A number that JSON cannot hold, `NaN` or `Infinity`, where any value is allowed: written back it is `null`.
        NotFinite = "not_finite",
        /// The same key stands twice in one object: the last one counts.
        DuplicateKey = "duplicate_key",
        /// The included file cannot be read.
        IncludeFailed = "include_failed",
        /// The included file lies outside the configuration's folder.
        IncludeEscapes = "include_escapes",
        /// The files include each other in a circle.
        IncludeCycle = "include_cycle",
        /// An environment variable that is unset or empty. The text `${NAME}` stays as it is.
        EnvMissing = "env_missing",
        /// `${NAME}` in the name of a key, where it is never replaced.
        EnvInKey = "env_in_key",
        /// A key that has moved, was renamed or dropped.
        LegacyKey = "legacy_key",
        /// A key that OpenClaw does not know here.
        UnknownKey = "unknown_key",
        /// A required key is missing.
        Missing = "missing",
        /// A value of another type.
        WrongType = "wrong_type",
        /// A value that is not one of the allowed ones.
        NotAllowed = "not_allowed",
        /// A number outside its range, or not an integer.
        OutOfRange = "out_of_range",
        /// A text or list that is too short or too long.
        WrongLength = "wrong_length",
        /// A text that does not have the form it must have.
        WrongFormat = "wrong_format",
        /// The value fits none of the shapes that are allowed here.
        NoShape = "no_shape",
        /// A rule over several keys.
        Rule = "rule",
        /// A credential that must stay a plain text here is a secret reference.
        SecretRef = "secret_ref",
        /// The file was last written by an OpenClaw newer than the one whose rules are applied.
        NewerVersion = "newer_version",
        /// A provider of Codex that OpenClaw accepts and that cannot be asked. Only a repair looks for it.
        Unusable = "unusable",
    }
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Issue {
    /// The step that saw it.
    pub stage: Stage,
    /// Whether it makes the configuration invalid.
    pub severity: Severity,
    /// What is wrong.
    pub code: Code,
    /// Where, as OpenClaw writes it: names and indexes joined by `.`; empty for the root.
    pub path: String,
    /// Where, as an RFC 6901 JSON pointer; empty for the root.
    pub pointer: String,
    /// The file in which it stands, when it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Line in that file, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Column in that line, from 1, in characters (Unicode scalar values).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// What is wrong, in OpenClaw's words.
    pub message: String,
    /// The keys that are not known, for `unknown_key`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<String>,
    /// The rule that refuses it, if it is one that a JSON Schema cannot hold, or not wholly: a name of the documentation's
    /// tables of rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<&'static str>,
    /// What was found: a type, or a value that cannot be a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// The allowed values, if they can be listed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<String>,
    /// A key or value that was perhaps meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
    /// What to do, in our words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Bytes of the place in its file, for the shown line.
    #[serde(skip)]
    pub(crate) span: Option<Span>,
    /// Of `keys`, where each stands and what may be meant.
    #[serde(skip)]
    pub(crate) unknown: Vec<UnknownKey>,
}

/// A key that is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UnknownKey {
    pub(crate) name: String,
    pub(crate) span: Span,
    pub(crate) near: Option<String>,
}

/// Bytes `start..end` of one of the files of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Span {
    pub(crate) file: u16,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Issue {
    pub(crate) fn new(stage: Stage, code: Code, at: &[Seg<'_>], message: impl Into<String>) -> Self {
        Self {
            stage,
            severity: Severity::Error,
            code,
            path: dotted(at),
            pointer: pointer(at),
            file: None,
            line: None,
            column: None,
            message: message.into(),
            keys: Vec::new(),
            rule: None,
            found: None,
            allowed: Vec::new(),
            suggestion: None,
            hint: None,
            span: None,
            unknown: Vec::new(),
        }
    }

    /// Says which keys of an object are not known. The place is that of the first, and so is the suggestion; what the others
    /// may mean is a hint.
    pub(crate) fn name_unknown(&mut self, unknown: Vec<UnknownKey>) {
        let quoted: Vec<String> = unknown.iter().map(|key| format!("\"{}\"", key.name)).collect();
        let plural = if unknown.len() == 1 { "key" } else { "keys" };
        self.message = format!("Unrecognized {plural}: {}", quoted.join(", "));
        self.keys = unknown.iter().map(|key| key.name.clone()).collect();
        self.span = unknown.first().map(|key| key.span);
        self.suggestion = unknown.first().and_then(|key| key.near.clone());
        let others = unknown.iter().skip(1).filter_map(|key| Some((&key.name, key.near.as_ref()?)));
        let others: Vec<String> = others.map(|(name, near)| format!("for \"{name}\" perhaps \"{near}\"")).collect();
        self.hint = (!others.is_empty()).then(|| others.join(", "));
        self.unknown = unknown;
    }

    /// Whether it makes the configuration invalid.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// OpenClaw's own one-line form: `auth.profiles.x: Unrecognized key: "token"`.
impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() { "<root>" } else { &self.path };
        write!(f, "{path}: {}", self.message)
    }
}

/// One step of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seg<'a> {
    Key(&'a str),
    Index(usize),
}

/// `agents.list.0.id`.
pub(crate) fn dotted(at: &[Seg<'_>]) -> String {
    at.iter().map(Seg::to_string).collect::<Vec<_>>().join(".")
}

/// `/agents/list/0/id`.
pub(crate) fn pointer(at: &[Seg<'_>]) -> String {
    at.iter().map(|seg| pointer_step(&seg.to_string())).collect()
}

/// One step of a JSON pointer, with its `/`.
pub(crate) fn pointer_step(key: &str) -> String {
    format!("/{}", key.replace('~', "~0").replace('/', "~1"))
}

impl fmt::Display for Seg<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => f.write_str(key),
            Self::Index(index) => index.fmt(f),
        }
    }
}
