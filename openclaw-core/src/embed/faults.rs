//! Errors that only a host can run into: what it uses was closed, belongs to the parent of a fork, or panicked.

use std::any::Any;

use crate::error::{Error, ErrorKind, Stage, redact};

/// `config` with code `closed`: something is used after it was closed.
pub fn closed() -> Error {
    closed_as("it is closed: make a new one")
}

/// The same in other words, which say what was closed.
pub fn closed_as(text: &str) -> Error {
    Error::config(text).with_code("closed")
}

/// `config` with code `forked`: something of before a fork is used in the child.
pub fn forked() -> Error {
    Error::config("this was made before a fork, and its threads are not in this process: make a new one here")
        .with_code("forked")
}

/// `unknown` with code `panic`: the payload of a panic that was caught.
pub fn panicked(payload: &(dyn Any + Send)) -> Error {
    let said = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let text = format!("a fault inside the library, please report it: {}", redact(said.unwrap_or("no words")));
    Error::new(ErrorKind::Unknown, Stage::MaybeSent, text).with_code("panic")
}
