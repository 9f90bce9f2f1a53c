//! One event as a struct of C.

use std::mem::offset_of;
use std::ops::Range;

use openclaw_core::chat::Item;
use openclaw_core::embed::event_code;
use openclaw_core::{Delta, Event};

use crate::text::openclaw_str;
use crate::versioned::{Versioned, write_sized};

/// The last try failed before output began; the next one follows. `json`: attempt, kind, delay_ms. Since 0.1.
pub const OPENCLAW_EVENT_RETRYING: u32 = 1;
/// Something was left out, changed or repaired. `name`: a stable word; `text`: one line for a person. Since 0.1.
pub const OPENCLAW_EVENT_WARNING: u32 = 2;
/// The provider accepted the call. `json`: what its headers said. Since 0.1.
pub const OPENCLAW_EVENT_OPENED: u32 = 3;
/// Limits of the plan or the quota, in `json`. Since 0.1.
pub const OPENCLAW_EVENT_RATE_LIMITS: u32 = 4;
/// The answer has an id: `item_id`; `name`: the model that answers. Since 0.1.
pub const OPENCLAW_EVENT_CREATED: u32 = 5;
/// An item begins. `json`: `output_index`, `item`; `call_id` and `name` of a tool call. Since 0.1.
pub const OPENCLAW_EVENT_OUTPUT_ITEM_ADDED: u32 = 6;
/// Text of the answer, in `text`. Since 0.1.
pub const OPENCLAW_EVENT_TEXT_DELTA: u32 = 7;
/// Text of a refusal, in `text`. Since 0.1.
pub const OPENCLAW_EVENT_REFUSAL_DELTA: u32 = 8;
/// Text of the summary of the reasoning, in `text`. Since 0.1.
pub const OPENCLAW_EVENT_REASONING_SUMMARY_DELTA: u32 = 9;
/// Text of the reasoning itself, in `text`. Since 0.1.
pub const OPENCLAW_EVENT_REASONING_DELTA: u32 = 10;
/// A part of the input of a tool call, in `text`. Since 0.1.
pub const OPENCLAW_EVENT_TOOL_INPUT_DELTA: u32 = 11;
/// An item is complete. `json`: `output_index`, `item`; `text`: its text, or the whole input of a tool call. Since 0.1.
pub const OPENCLAW_EVENT_OUTPUT_ITEM_DONE: u32 = 12;
/// An event of the provider that this library does not model: `name`, and the whole of it in `json`. Since 0.1.
pub const OPENCLAW_EVENT_RAW: u32 = 13;
/// The whole answer, in `json`. `item_id`: its id; `name`: the model; `text`: why it stopped. Nothing follows. Since
/// 0.1.
pub const OPENCLAW_EVENT_COMPLETED: u32 = 14;

/// One event of a stream.
///
/// The host makes it with `OPENCLAW_EVENT_INIT`; the library fills it. Its texts are borrowed: they live until the next
/// call that takes events of the same stream, or, in a callback, until it returns. Numbers of `kind` that a host does
/// not know are to be ignored; their `json` is there. The five `…_DELTA` kinds leave `json` empty, for they are many
/// and their fields stand here; `openclaw_stream_event_json` makes it. Since 0.1.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct openclaw_event {
    /// The size of this struct in the host's header; `OPENCLAW_EVENT_INIT` sets it.
    pub struct_size: u32,
    /// `OPENCLAW_EVENT_…`.
    pub kind: u32,
    /// The place of the item in the output.
    pub output_index: u32,
    /// The part of the item: its content index or summary index.
    pub part_index: u32,
    /// Counts the events of the stream from 0.
    pub sequence: u64,
    /// The piece of text of a delta; see the kinds.
    pub text: openclaw_str,
    /// The item that it belongs to.
    pub item_id: openclaw_str,
    /// The id of a tool call: what the result must name.
    pub call_id: openclaw_str,
    /// The name of a tool; see the kinds.
    pub name: openclaw_str,
    /// The event as a JSON object, with its name in `type`; empty for deltas.
    pub json: openclaw_str,
}

impl openclaw_event {
    /// No event.
    pub(crate) const NONE: Self = Self {
        struct_size: 0,
        kind: 0,
        output_index: 0,
        part_index: 0,
        sequence: 0,
        text: openclaw_str::EMPTY,
        item_id: openclaw_str::EMPTY,
        call_id: openclaw_str::EMPTY,
        name: openclaw_str::EMPTY,
        json: openclaw_str::EMPTY,
    };
}

impl Versioned for openclaw_event {
    const FIRST_SIZE: usize = offset_of!(Self, json) + size_of::<openclaw_str>();
}

/// Events that were handed out, and the bytes that their structs point to.
#[derive(Debug, Default)]
pub(crate) struct Page {
    events: Vec<Event>,
    bytes: Vec<u8>,
    places: Vec<Places>,
    json: Vec<crate::text::Text>,
    /// The number of the first event.
    first: u64,
}

/// Where the texts of one event are: text, item_id, call_id, name, json.
type Places = [Range<usize>; 5];

impl Page {
    /// Puts other events in; what was handed out before is no longer valid.
    pub(crate) fn fill(&mut self, events: impl Iterator<Item = Event>) {
        self.first += self.events.len() as u64;
        self.events.clear();
        self.bytes.clear();
        self.places.clear();
        self.json.clear();
        for event in events {
            let places = put(&event, &mut self.bytes);
            self.places.push(places);
            self.events.push(event);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.events.len()
    }

    /// The struct of one event, as this version has it.
    pub(crate) fn view(&self, index: usize) -> Option<openclaw_event> {
        let (event, places) = (self.events.get(index)?, self.places.get(index)?);
        let text = |range: &Range<usize>| match self.bytes.get(range.clone()) {
            Some(bytes) if !bytes.is_empty() => openclaw_str { ptr: bytes.as_ptr().cast(), len: bytes.len() },
            _ => openclaw_str::EMPTY,
        };
        let (output_index, part_index) = match event {
            Event::TextDelta(d)
            | Event::RefusalDelta(d)
            | Event::ReasoningSummaryDelta(d)
            | Event::ReasoningDelta(d)
            | Event::ToolInputDelta(d) => (d.output_index, d.part_index),
            Event::OutputItemAdded { output_index, .. } | Event::OutputItemDone { output_index, .. } => {
                (*output_index, 0)
            }
            _ => (0, 0),
        };
        let [t, item, call, name, json] = places;
        Some(openclaw_event {
            struct_size: size_of::<openclaw_event>() as u32,
            kind: event_code(event),
            output_index,
            part_index,
            sequence: self.first + index as u64,
            text: text(t),
            item_id: text(item),
            call_id: text(call),
            name: text(name),
            json: text(json),
        })
    }

    /// Writes the struct of every event, each `stride` bytes after the one before.
    ///
    /// # Safety
    /// `out` must point to as many places of `stride` bytes as there are events, and `stride` must not be smaller than
    /// the struct.
    pub(crate) unsafe fn write_all(&self, out: *mut openclaw_event, stride: usize) {
        for index in 0..self.len() {
            let Some(mut event) = self.view(index) else { return };
            event.struct_size = u32::try_from(stride).unwrap_or(u32::MAX);
            // SAFETY: the caller promises the places.
            unsafe {
                let place = out.cast::<u8>().add(index * stride).cast::<openclaw_event>();
                place.cast::<u32>().write_unaligned(event.struct_size);
                write_sized(place, &event, stride);
            }
        }
    }

    /// The JSON form of one event.
    pub(crate) fn json(&mut self, index: usize) -> Option<openclaw_str> {
        let text = serde_json::to_string(self.events.get(index)?).unwrap_or_default();
        self.json.push(crate::text::Text::new(text));
        self.json.last().map(|text| text.view())
    }
}

/// Appends the texts of an event.
fn put(event: &Event, bytes: &mut Vec<u8>) -> Places {
    let mut text = |text: &str| {
        if text.is_empty() {
            return 0..0;
        }
        let start = bytes.len();
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(0);
        start..start + text.len()
    };
    let none = 0..0;
    if let Event::TextDelta(d)
    | Event::RefusalDelta(d)
    | Event::ReasoningSummaryDelta(d)
    | Event::ReasoningDelta(d)
    | Event::ToolInputDelta(d) = event
    {
        let Delta { delta, item_id, .. } = d;
        return [text(delta), text(item_id), none.clone(), none.clone(), none];
    }
    let json = text(&serde_json::to_string(event).unwrap_or_default());
    match event {
        Event::Warning(w) => [text(&w.message), none.clone(), none, text(&w.code), json],
        Event::Created { id, model } => [none.clone(), text(id), none, text(model), json],
        Event::OutputItemAdded { item, .. } => item_texts(item, false, text, json),
        Event::OutputItemDone { item, .. } => item_texts(item, true, text, json),
        Event::Raw(raw) => [none.clone(), none.clone(), none, text(raw.kind()), json],
        Event::Completed(r) => [text(r.finish_reason.as_str()), text(&r.id), none, text(&r.model), json],
        _ => [none.clone(), none.clone(), none.clone(), none, json],
    }
}

fn item_texts(item: &Item, done: bool, mut text: impl FnMut(&str) -> Range<usize>, json: Range<usize>) -> Places {
    let id = text(item.id().unwrap_or_default());
    match item {
        Item::ToolCall(call) => {
            let input = if done { text(&call.input) } else { 0..0 };
            [input, id, text(&call.call_id), text(&call.name), json]
        }
        item if done => [text(&item.output_text()), id, 0..0, 0..0, json],
        _ => [0..0, id, 0..0, 0..0, json],
    }
}
