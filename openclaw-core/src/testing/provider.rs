//! A provider without a wire.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::chat::{Delta, Event, FinishReason, Item, Message, Request, Response, ResponseHead, Role};
use crate::error::{Error, Result};
use crate::provider::{CallOptions, Capabilities, EventStream, Provider, ProviderId};

/// A [`Provider`] that gives what it was told to give, one call after the other: for code that takes a provider and is not
/// about HTTP.
///
/// ```
/// use openclaw_core::testing::ScriptedProvider;
/// use openclaw_core::{CallOptions, Error, ErrorKind, Provider, Request, Stage};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> openclaw_core::Result<()> {
/// let busy = Error::new(ErrorKind::Overloaded, Stage::Responded, "busy");
/// let provider = ScriptedProvider::new("mine").error(busy).text("Hello there");
/// let (request, options) = (Request::new("any").user("Say hello"), CallOptions::new());
/// assert_eq!(provider.complete(&request, &options).await.unwrap_err().kind(), ErrorKind::Overloaded);
/// assert_eq!(provider.complete(&request, &options).await?.text(), "Hello there");
/// assert_eq!(provider.requests(), [request.clone(), request]);
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct ScriptedProvider {
    id: ProviderId,
    calls: Mutex<VecDeque<Call>>,
    requests: Mutex<Vec<Request>>,
}

#[derive(Debug)]
enum Call {
    Events(Vec<Result<Event>>),
    /// A text, and an error in the place of its end.
    Text(String, Option<Error>),
}

impl ScriptedProvider {
    /// A provider of this name that has nothing to give yet.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: ProviderId::new(id), calls: Mutex::default(), requests: Mutex::default() }
    }

    /// Answers the next call with this text, one word an event.
    #[must_use]
    pub fn text(self, text: impl Into<String>) -> Self {
        self.push(Call::Text(text.into(), None))
    }

    /// Lets the next call fail before output.
    #[must_use]
    pub fn error(self, error: Error) -> Self {
        self.push(Call::Events(vec![Err(error)]))
    }

    /// Lets the next call fail after this text.
    #[must_use]
    pub fn text_then_error(self, text: impl Into<String>, error: Error) -> Self {
        self.push(Call::Text(text.into(), Some(error)))
    }

    /// Answers the next call with these events, whatever they are.
    #[must_use]
    pub fn events(self, events: impl IntoIterator<Item = Result<Event>>) -> Self {
        self.push(Call::Events(events.into_iter().collect()))
    }

    /// What was asked, oldest first.
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.requests).clone()
    }

    fn push(self, call: Call) -> Self {
        lock(&self.calls).push_back(call);
        self
    }

    fn say(&self, model: &str, number: usize, text: &str, error: Option<Error>) -> Vec<Result<Event>> {
        let id = format!("resp_scripted{number}");
        let item_id = format!("msg_scripted{number}");
        let item = |text: &str| {
            let mut item = Item::assistant(text);
            if let Item::Message(message) = &mut item {
                message.id = Some(item_id.clone());
            }
            item
        };
        let empty = Message { id: Some(item_id.clone()), ..Message::new(Role::Assistant, Vec::new()) };
        let mut events = vec![
            Ok(Event::Created { id: id.clone(), model: model.to_owned() }),
            Ok(Event::OutputItemAdded { output_index: 0, item: Box::new(empty.into()) }),
        ];
        let shared: std::sync::Arc<str> = item_id.as_str().into();
        events.extend(text.split_inclusive(' ').map(|piece| {
            let delta = piece.to_owned();
            Ok(Event::TextDelta(Delta { item_id: shared.clone(), output_index: 0, part_index: 0, delta }))
        }));
        if let Some(error) = error {
            events.push(Err(error));
            return events;
        }
        events.push(Ok(Event::OutputItemDone { output_index: 0, item: Box::new(item(text)) }));
        events.push(Ok(Event::Completed(Box::new(Response {
            id,
            provider: self.id.as_str().to_owned(),
            model: model.to_owned(),
            finish_reason: FinishReason::Stop,
            items: vec![item(text)],
            usage: None,
            service_tier: None,
            rate_limits: None,
            head: ResponseHead::default(),
            warnings: Vec::new(),
        }))));
        events
    }
}

#[async_trait]
impl Provider for ScriptedProvider {
    fn id(&self) -> &ProviderId {
        &self.id
    }

    fn capabilities(&self, _: &str) -> Capabilities {
        Capabilities::default()
    }

    /// # Errors
    /// `config` when there is nothing left to give.
    async fn stream(&self, request: &Request, _: &CallOptions) -> Result<EventStream> {
        let number = {
            let mut requests = lock(&self.requests);
            requests.push(request.clone());
            requests.len()
        };
        let call = lock(&self.calls).pop_front();
        match call {
            Some(Call::Events(events)) => Ok(EventStream::from_events(events)),
            Some(Call::Text(text, error)) => {
                Ok(EventStream::from_events(self.say(&request.model, number, &text, error)))
            }
            None => {
                let text = format!("the scripted provider {} has nothing left to give for call {number}", self.id);
                Err(Error::config(text).with_provider(self.id.as_str()))
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{ErrorKind, Stage};
    use crate::testing::conformance::check_provider;

    #[tokio::test]
    async fn keeps_the_contract() {
        let cut = || Error::new(ErrorKind::StreamTruncated, Stage::Streaming, "cut");
        let (request, options) = (Request::new("m").user("hi"), CallOptions::new());
        let texts = ScriptedProvider::new("p").text("a b").text("a b");
        assert_eq!(check_provider(&texts, &request, &options).await.unwrap().len(), 6);
        let cuts = ScriptedProvider::new("p").text_then_error("a b", cut()).text_then_error("a b", cut());
        check_provider(&cuts, &request, &options).await.unwrap();
        let differs = ScriptedProvider::new("p").text("a").error(cut());
        assert!(check_provider(&differs, &request, &options).await.unwrap_err().contains("complete with"));
        let spent = texts.stream(&request, &options).await.unwrap_err();
        assert!(spent.message().contains("nothing left to give for call 3"), "{spent}");
    }
}
