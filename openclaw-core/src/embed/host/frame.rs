//! Makes of a host's pieces a stream that keeps the contract of [`EventStream`](crate::EventStream), or says how they break
//! it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::piece::{Completion, Piece, contract_broken};
use crate::chat::{
    Content, Delta, Event, FinishReason, Item, Message, Origin, RateLimits, Reasoning, Response, ResponseHead, Role,
    ToolCall, Warning,
};
use crate::error::{Error, ErrorKind, Result, Stage};

/// The answer of a host's provider as it grows.
pub(super) struct Frame {
    origin: Arc<Origin>,
    /// Stands in the ids that the library gives.
    mark: String,
    /// What can be handed out.
    pub(super) out: VecDeque<Event>,
    head: Option<ResponseHead>,
    created: Option<(String, String)>,
    rate_limits: Option<RateLimits>,
    warnings: Vec<Warning>,
    items: BTreeMap<u32, Slot>,
    /// The item that the library itself frames.
    growing: Option<Growing>,
    /// The host frames its items: then it says the end too.
    framed_by_host: bool,
}

enum Slot {
    Open,
    Done(Item),
}

struct Growing {
    index: u32,
    id: Arc<str>,
    body: Body,
}

enum Body {
    Message(Vec<Content>),
    Reasoning { summary: String, content: String },
}

/// Text that belongs into an item which the library frames.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Refusal,
    Summary,
    Thought,
}

impl Frame {
    pub(super) fn new(provider: &str, model: &str, mark: String) -> Self {
        Self {
            origin: Arc::new(Origin::new(provider, model)),
            mark,
            out: VecDeque::new(),
            head: None,
            created: None,
            rate_limits: None,
            warnings: Vec::new(),
            items: BTreeMap::new(),
            growing: None,
            framed_by_host: false,
        }
    }

    /// Whether output began.
    pub(super) fn output_began(&self) -> bool {
        !self.items.is_empty()
    }

    /// Takes the next piece.
    ///
    /// # Errors
    /// `server_error` with code `contract`.
    pub(super) fn take(&mut self, piece: Piece) -> Result<()> {
        match piece {
            Piece::Text(text) => self.grow(Kind::Text, text),
            Piece::Refusal(text) => self.grow(Kind::Refusal, text),
            Piece::ReasoningSummary(text) => self.grow(Kind::Summary, text),
            Piece::Reasoning(text) => self.grow(Kind::Thought, text),
            Piece::Item(item) => self.whole(*item),
            Piece::Event(event) => self.event(*event),
            Piece::Completed(end) => self.complete(*end),
        }
    }

    /// The host has no more to give, and no error.
    ///
    /// # Errors
    /// `stream_truncated` when that is no end; as [`take`](Self::take).
    pub(super) fn end(&mut self) -> Result<()> {
        let truncated = |text: &str| Error::new(ErrorKind::StreamTruncated, Stage::Responded, text);
        if self.items.is_empty() {
            return Err(truncated("the provider ended its answer without having given anything"));
        }
        if self.framed_by_host {
            return Err(truncated(
                "the provider stopped without `completed`, which ends an answer whose items it frames itself",
            ));
        }
        self.complete(Completion::default())
    }

    /// Before output: the events that every answer begins with.
    fn begin(&mut self) {
        self.open();
        if self.created.is_none() {
            let (id, model) = (format!("resp_{}", self.mark), self.origin.model.clone());
            self.out.push_back(Event::Created { id: id.clone(), model: model.clone() });
            self.created = Some((id, model));
        }
    }

    fn open(&mut self) {
        if self.head.is_none() {
            let head = ResponseHead::default();
            self.out.push_back(Event::Opened(Box::new(head.clone())));
            self.head = Some(head);
        }
    }

    fn next_index(&self) -> u32 {
        self.items.last_key_value().map_or(0, |(index, _)| index.saturating_add(1))
    }

    fn add(&mut self, index: u32, mut item: Item) -> Result<()> {
        self.begin();
        if self.items.contains_key(&index) {
            return Err(contract_broken(format!("added output item {index} a second time")));
        }
        self.items.insert(index, Slot::Open);
        self.set_origin(&mut item);
        self.out.push_back(Event::OutputItemAdded { output_index: index, item: Box::new(item) });
        Ok(())
    }

    fn done(&mut self, index: u32, mut item: Item) -> Result<()> {
        self.set_origin(&mut item);
        match self.items.get_mut(&index) {
            Some(slot @ Slot::Open) => *slot = Slot::Done(item.clone()),
            Some(Slot::Done(_)) => return Err(contract_broken(format!("finished output item {index} a second time"))),
            None => return Err(contract_broken(format!("finished output item {index}, which was never added"))),
        }
        self.out.push_back(Event::OutputItemDone { output_index: index, item: Box::new(item) });
        Ok(())
    }

    fn set_origin(&self, item: &mut Item) {
        if item.origin().is_none() {
            item.set_origin(&self.origin);
        }
    }

    /// Text for an item that the library frames.
    fn grow(&mut self, kind: Kind, text: String) -> Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        let message = matches!(kind, Kind::Text | Kind::Refusal);
        if self.growing.as_ref().is_some_and(|growing| message != matches!(growing.body, Body::Message(_))) {
            self.close()?;
        }
        if self.growing.is_none() {
            let index = self.next_index();
            let (id, body) = match message {
                true => (format!("msg_{}_{index}", self.mark), Body::Message(Vec::new())),
                false => (
                    format!("rs_{}_{index}", self.mark),
                    Body::Reasoning { summary: String::new(), content: String::new() },
                ),
            };
            let growing = Growing { index, id: id.into(), body };
            self.add(index, growing.item(false))?;
            self.growing = Some(growing);
        }
        let Some(growing) = &mut self.growing else { return Ok(()) };
        let part_index = growing.body.append(kind, &text);
        let delta = Delta { item_id: growing.id.clone(), output_index: growing.index, part_index, delta: text };
        self.out.push_back(match kind {
            Kind::Text => Event::TextDelta(delta),
            Kind::Refusal => Event::RefusalDelta(delta),
            Kind::Summary => Event::ReasoningSummaryDelta(delta),
            Kind::Thought => Event::ReasoningDelta(delta),
        });
        Ok(())
    }

    /// Ends the item that the library frames.
    fn close(&mut self) -> Result<()> {
        match self.growing.take() {
            Some(growing) => self.done(growing.index, growing.item(true)),
            None => Ok(()),
        }
    }

    /// All events of an item that is there at once.
    fn whole(&mut self, mut item: Item) -> Result<()> {
        self.close()?;
        let index = self.next_index();
        let id = |id: &mut Option<String>, kind: &str| -> Arc<str> {
            id.get_or_insert_with(|| format!("{kind}_{}_{index}", self.mark)).as_str().into()
        };
        let mut deltas = Vec::new();
        let piece = |item_id: &Arc<str>, part: usize, text: &str| Delta {
            item_id: item_id.clone(),
            output_index: index,
            part_index: u32::try_from(part).unwrap_or(u32::MAX),
            delta: text.to_owned(),
        };
        let mut empty = item.clone();
        match (&mut item, &mut empty) {
            (Item::Message(message), Item::Message(empty)) => {
                if message.role != Role::Assistant {
                    return Err(contract_broken("gave a message that is not of the role assistant"));
                }
                let id = id(&mut message.id, "msg");
                empty.id.clone_from(&message.id);
                empty.content.clear();
                for (part, content) in message.content.iter().enumerate() {
                    match content {
                        Content::OutputText { text, .. } => deltas.push(Event::TextDelta(piece(&id, part, text))),
                        Content::Refusal(text) => deltas.push(Event::RefusalDelta(piece(&id, part, text))),
                        _ => {}
                    }
                }
            }
            (Item::Reasoning(reasoning), Item::Reasoning(empty)) => {
                let id = id(&mut reasoning.id, "rs");
                empty.id.clone_from(&reasoning.id);
                (empty.summary, empty.content) = (Vec::new(), Vec::new());
                let summary = reasoning.summary.iter().enumerate();
                deltas.extend(summary.map(|(part, text)| Event::ReasoningSummaryDelta(piece(&id, part, text))));
                let content = reasoning.content.iter().enumerate();
                deltas.extend(content.map(|(part, text)| Event::ReasoningDelta(piece(&id, part, text))));
            }
            (Item::ToolCall(call), Item::ToolCall(empty)) => {
                if call.name.is_empty() {
                    return Err(contract_broken("gave a tool call without \"name\""));
                }
                let id = id(&mut call.id, "fc");
                if call.call_id.is_empty() {
                    call.call_id = format!("call_{}_{index}", self.mark);
                }
                *empty = ToolCall { input: String::new(), ..call.clone() };
                deltas.push(Event::ToolInputDelta(piece(&id, 0, &call.input)));
            }
            _ => {}
        }
        self.add(index, empty)?;
        self.out.extend(deltas);
        self.done(index, item)
    }

    /// An event of a host that frames its items itself.
    fn event(&mut self, event: Event) -> Result<()> {
        match event {
            Event::OutputItemAdded { output_index, item } => {
                self.close()?;
                self.framed_by_host = true;
                return self.add(output_index, *item);
            }
            Event::OutputItemDone { output_index, item } => return self.done(output_index, *item),
            Event::Completed(response) => {
                let Response { id, model, finish_reason, items, usage, service_tier, warnings, .. } = *response;
                let (id, model, finish_reason) = (Some(id), Some(model), Some(finish_reason));
                return self.complete(Completion { id, model, finish_reason, items, usage, service_tier, warnings });
            }
            Event::Retrying { .. } if self.output_began() => {
                return Err(contract_broken("began anew (`retrying`) after output had begun"));
            }
            Event::TextDelta(ref delta)
            | Event::RefusalDelta(ref delta)
            | Event::ReasoningSummaryDelta(ref delta)
            | Event::ReasoningDelta(ref delta)
            | Event::ToolInputDelta(ref delta) => {
                let index = delta.output_index;
                if self.growing.as_ref().is_some_and(|growing| growing.index == index) {
                    return Err(contract_broken(format!(
                        "gave a piece with \"item_id\" of output item {index}, which the library frames; leave \"item_id\" out"
                    )));
                }
                match self.items.get(&index) {
                    Some(Slot::Open) => {}
                    Some(Slot::Done(_)) => {
                        return Err(contract_broken(format!("gave a piece of output item {index} after it was done")));
                    }
                    None => {
                        return Err(contract_broken(format!(
                            "gave a piece of output item {index}, which was never added"
                        )));
                    }
                }
            }
            Event::Opened(ref head) => self.head = Some((**head).clone()),
            Event::Created { ref id, ref model } => {
                self.open();
                self.created = Some((id.clone(), model.clone()));
            }
            Event::RateLimits(ref limits) => self.rate_limits = Some((**limits).clone()),
            Event::Warning(ref warning) => self.warnings.push((**warning).clone()),
            _ => {}
        }
        self.out.push_back(event);
        Ok(())
    }

    fn complete(&mut self, end: Completion) -> Result<()> {
        self.close()?;
        if let Some((index, _)) = self.items.iter().find(|(_, slot)| matches!(slot, Slot::Open)) {
            return Err(contract_broken(format!("ended its answer while output item {index} is not done")));
        }
        let mut items = end.items;
        if self.items.is_empty() {
            for item in std::mem::take(&mut items) {
                self.whole(item)?;
            }
        }
        self.begin();
        items.iter_mut().for_each(|item| self.set_origin(item));
        if !items.is_empty() && !self.items.values().map(Slot::item).eq(items.iter().map(Some)) {
            return Err(contract_broken(format!(
                "ended with {} items that are not the {} which it had finished, in the order of their index; leave them out, the library knows them",
                items.len(),
                self.items.len()
            )));
        }
        let done: Vec<Item> = self.items.values().filter_map(Slot::item).cloned().collect();
        let (id, model) = self.created.take().unwrap_or_default();
        let mut warnings = std::mem::take(&mut self.warnings);
        warnings.extend(end.warnings.into_iter().filter(|warning| !warnings.contains(warning)).collect::<Vec<_>>());
        self.out.push_back(Event::Completed(Box::new(Response {
            id: end.id.unwrap_or(id),
            provider: self.origin.provider.clone(),
            model: end.model.unwrap_or(model),
            finish_reason: end.finish_reason.unwrap_or_else(|| reason(&done)),
            items: done,
            usage: end.usage,
            service_tier: end.service_tier,
            rate_limits: self.rate_limits.take(),
            head: self.head.take().unwrap_or_default(),
            warnings,
        })));
        Ok(())
    }
}

/// Why a model stopped that did not say.
fn reason(items: &[Item]) -> FinishReason {
    let refused = |item: &Item| matches!(item, Item::Message(message) if message.refusal().is_some());
    if items.iter().any(|item| matches!(item, Item::ToolCall(_))) {
        FinishReason::ToolUse
    } else if items.iter().any(refused) {
        FinishReason::Refusal
    } else {
        FinishReason::Stop
    }
}

impl Slot {
    fn item(&self) -> Option<&Item> {
        match self {
            Self::Open => None,
            Self::Done(item) => Some(item),
        }
    }
}

impl Growing {
    /// As it is by now.
    fn item(&self, done: bool) -> Item {
        let status = Some(if done { "completed" } else { "in_progress" }.to_owned());
        let id = Some(self.id.to_string());
        match &self.body {
            Body::Message(content) => {
                Item::Message(Message { id, status, ..Message::new(Role::Assistant, content.clone()) })
            }
            Body::Reasoning { summary, content } => {
                let texts = |text: &String| if text.is_empty() { Vec::new() } else { vec![text.clone()] };
                Item::Reasoning(Reasoning {
                    id,
                    summary: texts(summary),
                    content: texts(content),
                    encrypted_content: None,
                    origin: None,
                    extra: Default::default(),
                })
            }
        }
    }
}

impl Body {
    /// Appends a text; gives the part that it belongs to.
    fn append(&mut self, kind: Kind, more: &str) -> u32 {
        match self {
            Self::Reasoning { summary, content } => {
                if kind == Kind::Summary { summary } else { content }.push_str(more);
                0
            }
            Self::Message(parts) => {
                match (parts.last_mut(), kind) {
                    (Some(Content::OutputText { text, .. }), Kind::Text) => text.push_str(more),
                    (Some(Content::Refusal(text)), Kind::Refusal) => text.push_str(more),
                    (_, Kind::Refusal) => parts.push(Content::Refusal(more.to_owned())),
                    (_, _) => parts.push(Content::OutputText { text: more.to_owned(), annotations: Vec::new() }),
                }
                u32::try_from(parts.len().saturating_sub(1)).unwrap_or(u32::MAX)
            }
        }
    }
}
