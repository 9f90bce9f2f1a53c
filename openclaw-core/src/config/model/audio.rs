//! Section `audio`: transcription by a program.

use std::ops::Deref;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::{Deserialize, Deserializer, Error};

use super::macros::shape;
use super::number::Positive;
use crate::config::rules::safe_command;

shape! {
    /// Audio by a command line program. Superseded by `tools.media.audio`.
    #[derive(Default)]
    pub struct Audio {
        /// Transcription.
        pub transcription: Option<Transcription>,
    }
}

shape! {
    /// Transcription by a program.
    pub struct Transcription {
        /// The program and its arguments.
        pub command: SafeCommand,
        /// Seconds, at most.
        pub timeout_seconds: Option<Positive>,
    }
}

/// A program and its arguments. The first is the name or path of a program, without shell characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline, extend("x-rule" = "safe_command"))]
pub struct SafeCommand(Vec<String>);

impl Deref for SafeCommand {
    type Target = [String];

    fn deref(&self) -> &[String] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for SafeCommand {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let command = Vec::deserialize(deserializer)?;
        match safe_command::typed(&command) {
            true => Ok(Self(command)),
            false => Err(D::Error::custom("the first must be a program")),
        }
    }
}
