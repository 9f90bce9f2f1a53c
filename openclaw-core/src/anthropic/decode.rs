//! Server-sent events to typed events: every content block becomes an item.
//!
//! Where a server does not keep the protocol, the contract of [`EventStream`](crate::EventStream) still holds: a block that
//! was never announced is announced, one that was never stopped is finished when the answer completes.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::slot::Slot;
use super::wire::{BlockEvent, Counts, EndForm, ErrorForm, PieceForm, StartForm, StopDetails};
use crate::call::Decoder;
use crate::call::json_events::{Fault, JsonEvents, Wire, in_error, judge, kind_of, raw_event, warn};
use crate::chat::{Content, Delta, Event, FinishReason, Item, Message, Origin, Response, ResponseHead, Role};
use crate::error::Result;
use crate::transport::Headers;

/// A decoder for the answer of this provider to a request for this model. Calls of the tools with these names are calls of
/// free text.
pub(crate) fn decoder(provider: &str, model: &str, custom: &[String]) -> Box<dyn Decoder> {
    Box::new(JsonEvents::new(Messages {
        provider: provider.to_owned(),
        model: model.to_owned(),
        origin: Arc::new(Origin::new(provider, model)),
        custom: custom.to_vec(),
        id: String::new(),
        slots: Vec::new(),
        open: HashMap::new(),
        counts: Counts::default(),
        stop: None,
    }))
}

/// Makes typed events of the events of one answer.
struct Messages {
    provider: String,
    model: String,
    origin: Arc<Origin>,
    custom: Vec<String>,
    id: String,
    /// The items, in the order of their announcement, which is their place in the output.
    slots: Vec<Slot>,
    /// The place of the open block of each index.
    open: HashMap<u32, usize>,
    counts: Counts,
    stop: Option<Stop>,
}

/// Why the model stopped.
struct Stop {
    reason: String,
    explanation: Option<String>,
}

impl Wire for Messages {
    fn names(&self) -> (&str, &str) {
        (&self.provider, &self.model)
    }

    fn output_started(&self) -> bool {
        !self.slots.is_empty()
    }

    fn read(&mut self, text: &str, out: &mut VecDeque<Event>) -> Result<(), Fault> {
        match &*kind_of(text)? {
            "content_block_delta" => self.piece(text, out),
            "content_block_start" => self.start(text, out),
            "content_block_stop" => self.done(text, out),
            "message_start" => self.created(text, out),
            "message_delta" => self.ending(text),
            "message_stop" => {
                self.end(out);
                Ok(())
            }
            "ping" => Ok(()),
            "error" => {
                let event: ErrorForm<'_> = serde_json::from_str(text)?;
                let error = judge(self, None, Headers::new(), &in_error(event.error));
                Err(Fault::End(match event.request_id.some() {
                    Some(id) => error.with_request_id(id),
                    None => error,
                }))
            }
            _ => {
                out.push_back(raw_event(text).ok_or(Fault::Unreadable)?);
                Ok(())
            }
        }
    }
}

impl Messages {
    fn created(&mut self, text: &str, out: &mut VecDeque<Event>) -> Result<(), Fault> {
        let StartForm { message } = serde_json::from_str(text)?;
        if let Some(id) = message.id.some() {
            id.clone_into(&mut self.id);
        }
        if let Some(model) = message.model.some() {
            model.clone_into(&mut self.model);
        }
        self.counts.learn(message.usage);
        out.push_back(Event::Created { id: self.id.clone(), model: self.model.clone() });
        Ok(())
    }

    fn start(&mut self, text: &str, out: &mut VecDeque<Event>) -> Result<(), Fault> {
        let event: BlockEvent<'_> = serde_json::from_str(text)?;
        let block = event.content_block.ok_or(Fault::Unreadable)?;
        let slot = Slot::of_block(block.get(), self.next_id(), &self.custom).ok_or(Fault::Unreadable)?;
        let index = event.index.index().unwrap_or(self.slots.len() as u32);
        // A server that begins an index anew has stopped the block that had it.
        if let Some(place) = self.open.remove(&index) {
            self.finish(place, false, out);
        }
        self.announce(index, slot, out);
        Ok(())
    }

    fn piece(&mut self, text: &str, out: &mut VecDeque<Event>) -> Result<(), Fault> {
        let event: BlockEvent<'_> = serde_json::from_str(text)?;
        let piece = event.delta.ok_or(Fault::Unreadable)?;
        let index = event.index.index().unwrap_or_default();
        let place = match self.open.get(&index).copied() {
            Some(place) => place,
            None => match Slot::of_piece(&piece, self.next_id()) {
                Some(slot) => self.announce(index, slot, out),
                None => return pass_on(text, out),
            },
        };
        let output_index = u32::try_from(place).unwrap_or(u32::MAX);
        let Some(slot) = self.slots.get_mut(place) else { return Err(Fault::Unreadable) };
        slot.add(&piece);
        let delta =
            |text: &str| Delta { item_id: slot.id.clone(), output_index, part_index: 0, delta: text.to_owned() };
        match (&slot.item, piece) {
            (Item::Message(_), PieceForm { text: Some(text), .. }) => out.push_back(Event::TextDelta(delta(&text))),
            (Item::Reasoning(_), PieceForm { thinking: Some(text), .. }) => {
                if !text.is_empty() {
                    out.push_back(Event::ReasoningSummaryDelta(delta(&text)));
                }
            }
            (Item::Reasoning(_), PieceForm { signature: Some(_), .. }) => {}
            // Free text is whole only when its JSON is.
            (Item::ToolCall(_), PieceForm { partial_json: Some(_), .. }) if slot.free_text => {}
            (Item::ToolCall(_), PieceForm { partial_json: Some(json), .. }) => {
                if !json.is_empty() {
                    out.push_back(Event::ToolInputDelta(delta(&json)));
                }
            }
            _ => return pass_on(text, out),
        }
        Ok(())
    }

    fn done(&mut self, text: &str, out: &mut VecDeque<Event>) -> Result<(), Fault> {
        let event: BlockEvent<'_> = serde_json::from_str(text)?;
        if let Some(place) = self.open.remove(&event.index.index().unwrap_or_default()) {
            self.finish(place, false, out);
        }
        Ok(())
    }

    fn ending(&mut self, text: &str) -> Result<(), Fault> {
        let EndForm { delta, usage } = serde_json::from_str(text)?;
        self.counts.learn(usage);
        if let Some(reason) = delta.stop_reason.some() {
            let details = delta.stop_details.and_then(|json| serde_json::from_str::<StopDetails<'_>>(json.get()).ok());
            let explanation = details.and_then(|details| details.explanation.some().map(str::to_owned));
            self.stop = Some(Stop { reason: reason.to_owned(), explanation });
        }
        Ok(())
    }

    fn end(&mut self, out: &mut VecDeque<Event>) {
        let stop = self.stop.take();
        let called = self.slots.iter().any(|slot| matches!(slot.item, Item::ToolCall(_)));
        let usual = if called { "tool_use" } else { "end_turn" };
        let reason = stop.as_ref().map_or(usual, |stop| &stop.reason);
        let cut = matches!(reason, "max_tokens" | "model_context_window_exceeded");
        let mut open: Vec<usize> = self.open.drain().map(|(_, place)| place).collect();
        open.sort_unstable();
        for place in open {
            if !cut {
                let message = format!("block {place} was never stopped; it is made of the pieces that came");
                warn(out, "missing_event", "content_block_stop", message);
            }
            self.finish(place, cut, out);
        }
        let finish_reason = match reason {
            "end_turn" | "stop_sequence" => FinishReason::Stop,
            "tool_use" => FinishReason::ToolUse,
            "max_tokens" | "model_context_window_exceeded" => FinishReason::Length,
            "refusal" => FinishReason::Refusal,
            "pause_turn" => {
                let message = "the provider paused a long turn: send the conversation with this answer, and it goes on";
                warn(out, "paused_turn", "stop_reason", message.to_owned());
                FinishReason::Length
            }
            other => {
                let message = format!("the stop reason {other:?} is not known; it is taken for the end of the turn");
                warn(out, "unknown_stop_reason", "stop_reason", message);
                if called { FinishReason::ToolUse } else { FinishReason::Stop }
            }
        };
        if let (FinishReason::Refusal, Some(why)) = (finish_reason, stop.and_then(|stop| stop.explanation)) {
            self.refusal(why, out);
        }
        out.push_back(Event::Completed(Box::new(Response {
            id: std::mem::take(&mut self.id),
            provider: self.provider.clone(),
            model: self.model.clone(),
            finish_reason,
            items: self.slots.drain(..).map(|slot| slot.item).collect(),
            usage: self.counts.usage(),
            service_tier: self.counts.service_tier.take(),
            rate_limits: None,
            head: ResponseHead::default(),
            warnings: Vec::new(),
        })));
    }

    /// The provider's explanation as an item of its own: the API has no block for it.
    fn refusal(&mut self, why: String, out: &mut VecDeque<Event>) {
        let id = self.next_id();
        let item = Message { id: Some(id.clone()), ..Message::new(Role::Assistant, Vec::new()) };
        let index = u32::MAX;
        let place = self.announce(index, Slot::new(id, item.into()), out);
        self.open.remove(&index);
        let output_index = u32::try_from(place).unwrap_or(u32::MAX);
        if let Some(slot) = self.slots.get_mut(place) {
            out.push_back(Event::RefusalDelta(Delta {
                item_id: slot.id.clone(),
                output_index,
                part_index: 0,
                delta: why.clone(),
            }));
            if let Item::Message(message) = &mut slot.item {
                message.content.push(Content::Refusal(why));
            }
        }
        self.finish(place, false, out);
    }

    /// Blocks have no ids of their own: the answer's, and their place.
    fn next_id(&self) -> String {
        format!("{}_{}", self.id, self.slots.len())
    }

    fn announce(&mut self, index: u32, mut slot: Slot, out: &mut VecDeque<Event>) -> usize {
        let place = self.slots.len();
        slot.item.set_origin(&self.origin);
        let output_index = u32::try_from(place).unwrap_or(u32::MAX);
        out.push_back(Event::OutputItemAdded { output_index, item: Box::new(slot.item.clone()) });
        self.open.insert(index, place);
        self.slots.push(slot);
        place
    }

    fn finish(&mut self, place: usize, cut: bool, out: &mut VecDeque<Event>) {
        let Some(slot) = self.slots.get_mut(place) else { return };
        let output_index = u32::try_from(place).unwrap_or(u32::MAX);
        if let Some(text) = slot.finish(cut) {
            let delta = Delta { item_id: slot.id.clone(), output_index, part_index: 0, delta: text };
            out.push_back(Event::ToolInputDelta(delta));
        }
        out.push_back(Event::OutputItemDone { output_index, item: Box::new(slot.item.clone()) });
    }
}

fn pass_on(text: &str, out: &mut VecDeque<Event>) -> Result<(), Fault> {
    out.push_back(raw_event(text).ok_or(Fault::Unreadable)?);
    Ok(())
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
