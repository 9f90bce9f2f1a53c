//! What the bodies of all protocols share: checks of the request, the nearest effort, and the bytes.

use serde::Serialize;

use crate::chat::{Content, Effort, Item, Request, Tool, ToolOutput, Warning};
use crate::error::{Error, Result};
use crate::provider::check_model;
use crate::transport::Chunk;

/// A body that is ready to go, and what was dropped or changed for it.
#[derive(Debug)]
pub(crate) struct Encoded {
    pub(crate) body: Chunk,
    pub(crate) warnings: Vec<Warning>,
}

/// A request over this size is refused here: no backend takes it.
const MAX_BODY_BYTES: usize = 256 << 20;

/// Refuses what no provider takes.
///
/// # Errors
/// `invalid_request`: a model name, a tool name or a number that cannot be sent.
pub(crate) fn check(request: &Request) -> Result<()> {
    check_model(&request.model)?;
    check_tools(&request.tools)?;
    check_numbers(request)
}

/// In strict mode the first setting that would be dropped or changed is an error.
///
/// # Errors
/// `invalid_request`.
pub(crate) fn check_strict(strict: bool, settings: &[Warning], model: &str) -> Result<()> {
    match settings.first() {
        Some(warning) if strict => {
            Err(Error::invalid_request(format!("strict mode: {}", warning.message)).with_model(model))
        }
        _ => Ok(()),
    }
}

/// Writes the body of a request.
///
/// # Errors
/// `invalid_request`: it cannot be written, or is too large.
pub(crate) fn write(request: &Request, body: &impl Serialize) -> Result<Chunk> {
    let mut bytes = Vec::with_capacity(size_hint(request));
    serde_json::to_writer(&mut bytes, body)
        .map_err(|e| Error::invalid_request("the request cannot be written as JSON").with_source(e))?;
    if bytes.len() > MAX_BODY_BYTES {
        return Err(Error::invalid_request(format!(
            "the request has {} bytes, the limit is {MAX_BODY_BYTES}: send less history or smaller images",
            bytes.len()
        )));
    }
    Ok(bytes.into())
}

/// The effort that the model has and that is nearest to the one that is asked.
pub(crate) fn effort(
    wanted: Option<Effort>,
    supported: &[Effort],
    model: &str,
    notes: &mut Vec<Warning>,
) -> Option<Effort> {
    let wanted = wanted?;
    let nearest = wanted.nearest(supported);
    if nearest != Some(wanted) {
        let instead = nearest.map_or("its own default".to_owned(), |e| e.to_string());
        notes.push(Warning::new(
            "clamped_setting",
            "reasoning.effort",
            format!("{model} does not have the effort {wanted}; {instead} is used"),
        ));
    }
    nearest
}

/// Roughly the size of the body, so that the buffer seldom grows.
fn size_hint(request: &Request) -> usize {
    let parts = |parts: &[Content]| -> usize {
        parts
            .iter()
            .map(|part| match part {
                Content::InputText(text) | Content::Refusal(text) => text.len(),
                Content::InputImage { image_url, .. } => image_url.len(),
                Content::OutputText { text, .. } => text.len(),
                Content::Raw(_) => 64,
            })
            .sum()
    };
    let items: usize = request
        .input
        .iter()
        .map(|item| match item {
            Item::Message(message) => parts(&message.content),
            Item::Reasoning(reasoning) => reasoning.encrypted_content.as_ref().map_or(0, String::len),
            Item::ToolCall(call) => call.input.len(),
            Item::ToolResult(result) => match &result.output {
                ToolOutput::Text(text) => text.len(),
                ToolOutput::Parts(list) => parts(list),
            },
            Item::Raw(_) => 256,
        })
        .map(|text| text + text / 16 + 160)
        .sum();
    items + request.instructions.as_ref().map_or(0, String::len) + request.tools.len() * 512 + 1024
}

/// JSON has no word for what is no number.
fn check_numbers(request: &Request) -> Result<()> {
    for (name, value) in [("temperature", request.temperature), ("top_p", request.top_p)] {
        if value.is_some_and(|value| !value.is_finite()) {
            return Err(Error::invalid_request(format!("{name} is no number: write one, or leave it out")));
        }
    }
    Ok(())
}

fn check_tools(tools: &[Tool]) -> Result<()> {
    for tool in tools {
        if let Tool::Function { name, .. } | Tool::Custom { name, .. } = tool {
            let sound = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            if name.is_empty() || name.len() > 64 || !name.chars().all(sound) {
                return Err(Error::invalid_request(format!(
                    "the tool name {name:?} cannot be sent; write 1 to 64 letters, digits, _ and -"
                )));
            }
        }
    }
    Ok(())
}
