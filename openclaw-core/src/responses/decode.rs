//! Server-sent events to typed events.
//!
//! Where a server keeps the protocol, its events come out one for one. Where it does not, the contract of
//! [`EventStream`](crate::EventStream) still holds: an item that was never announced is announced, one that was never
//! finished is finished from what is known when the answer completes, and what cannot be read is told by a warning.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use serde_json::json;
use serde_json::value::RawValue;

mod slot;

use slot::{Piece, Slot, blank};

use super::wire;
use crate::call::Decoder;
use crate::call::json_events::{Fault, JsonEvents, Wire, fail, in_error, judge, kind_of, raw_event, warn};
use crate::call::lenient::{Text, repair_surrogates};
use crate::chat::{Delta, Event, FinishReason, Item, Origin, RawEvent, Response, ResponseHead};
use crate::error::{Error, ErrorKind, Result, redact};
use crate::transport::Headers;

/// A decoder for the answer of this provider to a request for this model.
pub(crate) fn decoder(provider: &str, model: &str) -> Box<dyn Decoder> {
    Box::new(JsonEvents::new(Responses::new(provider, model)))
}

/// Makes typed events of the events of one answer.
struct Responses {
    provider: String,
    model: String,
    origin: Arc<Origin>,
    id: String,
    slots: Vec<Slot>,
    /// The slot of the last event: nearly always that of the next one.
    last: usize,
    by_id: HashMap<Arc<str>, usize>,
    /// The newest slot at each place of the output.
    by_index: HashMap<u32, usize>,
    next_index: u32,
    output_started: bool,
}

impl Responses {
    fn new(provider: &str, model: &str) -> Self {
        Self {
            provider: provider.to_owned(),
            model: model.to_owned(),
            origin: Arc::new(Origin::new(provider, model)),
            id: String::new(),
            slots: Vec::new(),
            last: 0,
            by_id: HashMap::new(),
            by_index: HashMap::new(),
            next_index: 0,
            output_started: false,
        }
    }

    fn delta(&mut self, piece: Piece, text: &str, out: &mut VecDeque<Event>) -> Result<(), Fault> {
        let form = wire::DeltaForm::read(text)?;
        let index = form.output_index.index();
        let id = form.item_id.some();
        let place = match self.find(index, id).filter(|place| self.takes(*place, id)) {
            Some(place) => place,
            None => {
                let mut item = blank(piece, id);
                item.set_origin(&self.origin);
                self.add(index, item, out)
            }
        };
        self.last = place;
        let part_index = match piece {
            Piece::Summary => form.summary_index.index().or(form.content_index.index()),
            _ => form.content_index.index().or(form.summary_index.index()),
        }
        .unwrap_or_default();
        let (item_id, output_index) = match self.slots.get_mut(place) {
            Some(slot) => {
                if slot.done.is_none() {
                    slot.pieces.entry((piece, part_index)).or_default().push_str(&form.delta);
                }
                match id {
                    Some(id) if id != &*slot.id => slot.id = Arc::from(id),
                    _ => {}
                }
                (slot.id.clone(), slot.output_index)
            }
            None => return Err(Fault::Unreadable),
        };
        let delta = Delta { item_id, output_index, part_index, delta: form.delta.into_owned() };
        out.push_back(match piece {
            Piece::Text => Event::TextDelta(delta),
            Piece::Refusal => Event::RefusalDelta(delta),
            Piece::Summary => Event::ReasoningSummaryDelta(delta),
            Piece::Reasoning => Event::ReasoningDelta(delta),
            Piece::Arguments | Piece::FreeInput => Event::ToolInputDelta(delta),
        });
        Ok(())
    }

    fn item(&mut self, text: &str, done: bool, out: &mut VecDeque<Event>) -> Result<(), Fault> {
        let form: wire::ItemForm<'_> = serde_json::from_str(text)?;
        let Some(mut item) = wire::item(form.item) else {
            if !form.item.get().starts_with('{') {
                return Err(Fault::Unreadable);
            }
            // Valid, but too deep for any value: it goes out as it came.
            self.output_started = true;
            let message = format!("an item of {} bytes is nested too deeply to be kept", form.item.get().len());
            warn(out, "malformed_event", "response.output_item", message);
            out.extend(raw_event(text));
            return Ok(());
        };
        item.set_origin(&self.origin);
        let index = form.output_index.index();
        let found = self.find(index, item.id());
        let slot = found.and_then(|place| self.slots.get(place));
        // A server that counts all its items alike still gets a slot for each.
        let reuse = slot.is_some_and(|slot| {
            let same_id = item.id().is_some_and(|id| id == &*slot.id);
            same_id || slot.done.is_none() && (done || !slot.announced)
        });
        let place = match found {
            Some(place) if reuse => place,
            _ => self.add(index, item.clone(), out),
        };
        if done {
            self.finish(place, item, out);
        } else if let Some(slot) = self.slots.get_mut(place) {
            if reuse {
                let output_index = slot.output_index;
                out.push_back(Event::OutputItemAdded { output_index, item: Box::new(item.clone()) });
                slot.added = item;
            }
            slot.announced = true;
        }
        self.last = place;
        Ok(())
    }

    /// The slot that an event is about.
    fn find(&self, index: Option<u32>, id: Option<&str>) -> Option<usize> {
        let fits = |place: usize| {
            let slot = self.slots.get(place)?;
            let here = index.is_none_or(|index| index == slot.output_index) && id.is_none_or(|id| id == &*slot.id);
            here.then_some(place)
        };
        fits(self.last)
            .or_else(|| fits(*self.by_id.get(id?)?))
            // Some servers write another id into every event.
            .or_else(|| self.by_index.get(&index?).copied())
    }

    /// Whether a piece with this id can belong to the slot: one that is done takes no pieces of another item.
    fn takes(&self, place: usize, id: Option<&str>) -> bool {
        self.slots.get(place).is_some_and(|slot| slot.done.is_none() || id.is_none_or(|id| id == &*slot.id))
    }

    /// A new slot, and its announcement.
    fn add(&mut self, index: Option<u32>, item: Item, out: &mut VecDeque<Event>) -> usize {
        let place = self.slots.len();
        let output_index = index.unwrap_or(self.next_index);
        let id: Arc<str> = Arc::from(item.id().unwrap_or_default());
        self.next_index = self.next_index.max(output_index.saturating_add(1));
        self.by_index.insert(output_index, place);
        if !id.is_empty() {
            self.by_id.insert(id.clone(), place);
        }
        self.output_started = true;
        out.push_back(Event::OutputItemAdded { output_index, item: Box::new(item.clone()) });
        self.slots.push(Slot { output_index, id, added: item, announced: false, pieces: BTreeMap::new(), done: None });
        place
    }

    fn finish(&mut self, place: usize, item: Item, out: &mut VecDeque<Event>) {
        if let Some(slot) = self.slots.get_mut(place) {
            slot.pieces.clear();
            slot.done = Some(item.clone());
            out.push_back(Event::OutputItemDone { output_index: slot.output_index, item: Box::new(item) });
        }
    }

    fn created(&mut self, text: &str, out: &mut VecDeque<Event>) -> Result<(), Fault> {
        let form: wire::ResponseEvent<'_> = serde_json::from_str(text)?;
        let response = form.response.ok_or(Fault::Unreadable)?;
        self.learn(&response, form.headers);
        out.push_back(Event::Created { id: self.id.clone(), model: self.model.clone() });
        Ok(())
    }

    /// Takes over id and model; the model that a header names is the one that really answers.
    fn learn(&mut self, response: &wire::ResponseForm<'_>, headers: Option<&RawValue>) {
        if let Some(id) = response.id.some() {
            id.clone_into(&mut self.id);
        }
        if let Some(model) = response.model.some() {
            model.clone_into(&mut self.model);
        }
        for (name, value) in wire::headers(headers).into_iter().chain(wire::headers(response.headers)) {
            let ours = name.eq_ignore_ascii_case("openai-model") || name.eq_ignore_ascii_case("x-openai-model");
            if ours && !value.is_empty() {
                self.model = value;
            }
        }
    }

    fn end(&mut self, kind: &str, text: &str, out: &mut VecDeque<Event>) -> Result<(), Fault> {
        let event: wire::ResponseEvent<'_> = match serde_json::from_str(text) {
            Ok(event) => event,
            // It ends the answer whatever else it holds, if it is JSON at all.
            Err(_) => {
                serde_json::from_str::<&RawValue>(text)?;
                if repair_surrogates(text).is_some() {
                    return Err(Fault::Unreadable);
                }
                wire::ResponseEvent::default()
            }
        };
        let response = event.response.unwrap_or_default();
        self.learn(&response, event.headers);
        let said = match (kind, response.status.some()) {
            ("response.failed", _) => "failed",
            ("response.incomplete", _) => "incomplete",
            ("response.cancelled", _) | (_, Some("cancelled")) => "cancelled",
            (_, Some("failed")) => "failed",
            (_, Some("incomplete")) => "incomplete",
            _ => "completed",
        };
        let length = match said {
            "failed" => return Err(Fault::End(self.failed(response.error.or(event.error)))),
            "cancelled" => {
                let message = "the provider cancelled the answer".to_owned();
                return Err(Fault::End(fail(self, ErrorKind::Cancelled, message)));
            }
            "incomplete" => {
                let details = response.incomplete_details.map(|json| serde_json::from_str(json.get()));
                let wire::IncompleteForm { reason } = details.and_then(Result::ok).unwrap_or_default();
                self.incomplete(&reason)?;
                true
            }
            _ => false,
        };
        self.close(response.output, length, out);
        let items = self.take_items();
        let finish_reason = if length { FinishReason::Length } else { finish_reason(&items) };
        out.push_back(Event::Completed(Box::new(Response {
            id: std::mem::take(&mut self.id),
            provider: self.provider.clone(),
            model: self.model.clone(),
            finish_reason,
            items,
            usage: response.usage.and_then(wire::usage),
            service_tier: response.service_tier.some().map(str::to_owned),
            rate_limits: None,
            head: ResponseHead::default(),
            warnings: Vec::new(),
        })));
        Ok(())
    }

    /// Fine only if the answer reached the limit of its length.
    fn incomplete(&self, reason: &Text<'_>) -> Result<(), Fault> {
        let (kind, message) = match reason.some() {
            Some("max_output_tokens" | "max_messages") => return Ok(()),
            Some("content_filter") => {
                (ErrorKind::ContentPolicy, "the provider's content filter stopped the answer".to_owned())
            }
            Some(other) => {
                (ErrorKind::StreamTruncated, format!("the provider left the answer incomplete: {}", redact(other)))
            }
            None => {
                (ErrorKind::StreamTruncated, "the provider left the answer incomplete and gave no reason".to_owned())
            }
        };
        let error = fail(self, kind, message);
        Err(Fault::End(match reason.some() {
            Some(code) => error.with_code(code),
            None => error,
        }))
    }

    fn failed(&self, error: Option<&RawValue>) -> Error {
        match error {
            Some(error) => judge(self, None, Headers::new(), &in_error(error)),
            None => fail(self, ErrorKind::ServerError, "the provider's answer failed without a reason".to_owned()),
        }
    }

    fn error_event(&self, text: &str) -> Result<Fault, Fault> {
        let event: wire::ErrorEvent<'_> = serde_json::from_str(text)?;
        let mut headers: Headers = wire::headers(event.headers).into_iter().collect();
        let body = match event.error {
            Some(error) => {
                let inner: wire::InnerHeaders<'_> = serde_json::from_str(error.get()).unwrap_or_default();
                for (name, value) in wire::headers(inner.headers) {
                    headers.push(name, value);
                }
                in_error(error)
            }
            None => json!({"error": {
                "code": event.code.0, "message": event.message.0, "param": event.param.0,
            }})
            .to_string(),
        };
        let status = event.status.0.or(event.status_code.0);
        let status = status.and_then(|status| u16::try_from(status).ok()).filter(|status| (100..600).contains(status));
        Ok(Fault::End(judge(self, status, headers, &body)))
    }

    /// The answer is complete: finishes the items that the server did not finish, from what is known of them.
    fn close(&mut self, output: Option<&RawValue>, cut: bool, out: &mut VecDeque<Event>) {
        if !self.slots.is_empty() && self.slots.iter().all(|slot| slot.done.is_some()) {
            return;
        }
        let listed: Vec<&RawValue> = output.and_then(|json| serde_json::from_str(json.get()).ok()).unwrap_or_default();
        for (index, json) in listed.into_iter().enumerate() {
            let Some(mut item) = wire::item(json) else { continue };
            item.set_origin(&self.origin);
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            let by_id = item.id().and_then(|id| self.by_id.get(id)).copied();
            let place = match by_id.or_else(|| self.by_index.get(&index).copied()) {
                Some(place) => place,
                None => self.add(Some(index), item.clone(), out),
            };
            if self.slots.get(place).is_some_and(|slot| slot.done.is_none()) {
                self.finish(place, item, out);
            }
        }
        for place in 0..self.slots.len() {
            let Some(slot) = self.slots.get_mut(place).filter(|slot| slot.done.is_none()) else { continue };
            let item = slot.rebuild(cut);
            let message = format!("item {} was never finished; it is made of the pieces that came", slot.output_index);
            if !cut {
                warn(out, "missing_event", "response.output_item.done", message);
            }
            self.finish(place, item, out);
        }
    }

    fn take_items(&mut self) -> Vec<Item> {
        let mut slots = std::mem::take(&mut self.slots);
        slots.sort_by_key(|slot| slot.output_index);
        slots.into_iter().filter_map(|slot| slot.done).collect()
    }
}

impl Wire for Responses {
    fn names(&self) -> (&str, &str) {
        (&self.provider, &self.model)
    }

    fn output_started(&self) -> bool {
        self.output_started
    }

    fn read(&mut self, text: &str, out: &mut VecDeque<Event>) -> Result<(), Fault> {
        let kind = kind_of(text)?;
        match &*kind {
            "response.output_text.delta" => self.delta(Piece::Text, text, out),
            "response.function_call_arguments.delta" => self.delta(Piece::Arguments, text, out),
            "response.custom_tool_call_input.delta" => self.delta(Piece::FreeInput, text, out),
            "response.reasoning_summary_text.delta" => self.delta(Piece::Summary, text, out),
            "response.reasoning_text.delta" => self.delta(Piece::Reasoning, text, out),
            "response.refusal.delta" => self.delta(Piece::Refusal, text, out),
            "response.output_item.added" => self.item(text, false, out),
            "response.output_item.done" => self.item(text, true, out),
            "response.created" => self.created(text, out),
            "response.completed"
            | "response.done"
            | "response.incomplete"
            | "response.failed"
            | "response.cancelled" => self.end(&kind, text, out),
            "error" => Err(self.error_event(text)?),
            "codex.rate_limits" => {
                let limits = wire::rate_limits(text).ok_or(Fault::Unreadable)?;
                out.push_back(Event::RateLimits(Box::new(limits)));
                Ok(())
            }
            other => {
                // Parsers that are stricter than serde_json's raw values must be able to read it, too.
                let json = repair_surrogates(text).unwrap_or_else(|| text.to_owned());
                let json = RawValue::from_string(json)?;
                out.push_back(Event::Raw(Box::new(RawEvent::new(other.to_owned(), json))));
                Ok(())
            }
        }
    }
}

fn finish_reason(items: &[Item]) -> FinishReason {
    let refused = |item: &Item| matches!(item, Item::Message(message) if wire::only_refused(&message.content));
    if items.iter().any(|item| matches!(item, Item::ToolCall(_))) {
        FinishReason::ToolUse
    } else if items.iter().any(refused) {
        FinishReason::Refusal
    } else {
        FinishReason::Stop
    }
}

#[cfg(test)]
mod tests;
