//! Proves that a [`Provider`] keeps the contract of [`EventStream`].

use std::collections::BTreeMap;

use crate::chat::{Delta, Event, Item, Request};
use crate::error::Result;
use crate::provider::{CallOptions, EventStream, Provider};

/// Checks what a stream gave, from its first event to its end, against the contract of [`EventStream`]: exactly one end,
/// nothing after it, output only inside an item that was added, every item done once, no `Retrying` after output began,
/// and a `Completed` that holds the items as they were done.
///
/// ```
/// use openclaw_core::testing::conformance::check_events;
///
/// let why = check_events(&[]).unwrap_err();
/// assert!(why.contains("no end"));
/// ```
///
/// # Errors
/// The number of the event, counted from 0, and which rule it breaks.
pub fn check_events(events: &[Result<Event>]) -> Result<(), String> {
    let mut output: BTreeMap<u32, Slot<'_>> = BTreeMap::new();
    let mut ended = false;
    for (at, event) in events.iter().enumerate() {
        let broken = |rule: String| Err(format!("event {at}: {rule}"));
        if ended {
            return broken("comes after the end; after `Completed` or an error there is nothing".to_owned());
        }
        match event {
            Err(_) => ended = true,
            Ok(Event::Retrying { attempt, .. }) => {
                if !output.is_empty() {
                    return broken(
                        "`Retrying` after output began; from `OutputItemAdded` on a call is final".to_owned(),
                    );
                }
                if *attempt == 0 {
                    return broken("`Retrying` with attempt 0; they count from 1".to_owned());
                }
            }
            Ok(Event::OutputItemAdded { output_index, .. }) => {
                if output.insert(*output_index, Slot::Open).is_some() {
                    return broken(format!("output item {output_index} is added a second time"));
                }
            }
            Ok(
                Event::TextDelta(delta)
                | Event::RefusalDelta(delta)
                | Event::ReasoningSummaryDelta(delta)
                | Event::ReasoningDelta(delta)
                | Event::ToolInputDelta(delta),
            ) => {
                if let Err(rule) = check_delta(&output, delta) {
                    return broken(rule);
                }
            }
            Ok(Event::OutputItemDone { output_index, item }) => match output.get_mut(output_index) {
                Some(slot @ Slot::Open) => *slot = Slot::Done(item),
                Some(Slot::Done(_)) => return broken(format!("output item {output_index} is done a second time")),
                None => return broken(format!("output item {output_index} is done but was never added")),
            },
            Ok(Event::Completed(response)) => {
                ended = true;
                let done: Vec<&Item> = output.values().filter_map(Slot::item).collect();
                if done.len() != output.len() {
                    return broken("`Completed` while an item is not done".to_owned());
                }
                if !done.iter().copied().eq(&response.items) {
                    return broken(format!(
                        "`Completed` holds {} items that are not the {} of `OutputItemDone`, in the order of their index",
                        response.items.len(),
                        done.len()
                    ));
                }
            }
            Ok(_) => {}
        }
    }
    if ended {
        Ok(())
    } else {
        Err(format!("the stream has no end: {} events, and no `Completed` or error", events.len()))
    }
}

/// Reads a stream to its end and checks it. Gives its events.
///
/// # Errors
/// As [`check_events`], or that the stream goes on after its end.
pub async fn check_stream(mut stream: EventStream) -> Result<Vec<Result<Event>>, String> {
    let mut events = Vec::new();
    while let Some(event) = stream.next().await {
        let end = matches!(event, Err(_) | Ok(Event::Completed(_)));
        events.push(event);
        if end {
            // What follows must be `None`; reading on would never end with a stream that gives errors for ever.
            events.extend(stream.next().await);
            break;
        }
    }
    check_events(&events).map(|()| events)
}

/// Makes one call and checks the stream; makes another and checks that `complete` ends as the stream did.
///
/// Run it over every situation that a backend can be in: a whole answer, a tool call, a cut stream, an error before and
/// after output. The two calls must meet the same situation.
///
/// # Errors
/// As [`check_stream`], or how `stream` and `complete` differ.
pub async fn check_provider(
    provider: &dyn Provider,
    request: &Request,
    options: &CallOptions,
) -> Result<Vec<Result<Event>>, String> {
    let events = match provider.stream(request, options).await {
        Ok(stream) => check_stream(stream).await?,
        // Refused before anything was sent: an end as good as any.
        Err(error) => vec![Err(error)],
    };
    match (events.last(), provider.complete(request, options).await) {
        (Some(Ok(Event::Completed(streamed))), Ok(whole)) => {
            if streamed.text() != whole.text() || streamed.finish_reason != whole.finish_reason {
                return Err(format!("stream gave {:?}, complete gave {:?}", streamed.text(), whole.text()));
            }
        }
        (Some(Err(streamed)), Err(whole)) if streamed.kind() == whole.kind() => {}
        (Some(Err(streamed)), Err(whole)) => {
            return Err(format!("stream ended with {streamed}, complete with {whole}"));
        }
        (Some(Err(error)), Ok(_)) => return Err(format!("stream ended with {error}, complete with an answer")),
        (_, Err(error)) => return Err(format!("stream ended with an answer, complete with {error}")),
        (_, Ok(_)) => return Err("stream has no end, complete has an answer".to_owned()),
    }
    Ok(events)
}

#[derive(Debug)]
enum Slot<'a> {
    Open,
    Done(&'a Item),
}

impl<'a> Slot<'a> {
    fn item(&self) -> Option<&'a Item> {
        match self {
            Self::Open => None,
            Self::Done(item) => Some(item),
        }
    }
}

fn check_delta(output: &BTreeMap<u32, Slot<'_>>, delta: &Delta) -> Result<(), String> {
    match output.get(&delta.output_index) {
        Some(Slot::Open) => Ok(()),
        Some(Slot::Done(_)) => Err(format!("a piece of output item {} after it was done", delta.output_index)),
        None => Err(format!("a piece of output item {}, which was never added", delta.output_index)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;
    use crate::chat::Response;
    use serde_json::json;

    fn added(index: u32) -> Result<Event> {
        Ok(Event::OutputItemAdded { output_index: index, item: Box::new(Item::assistant("")) })
    }

    fn done(index: u32, text: &str) -> Result<Event> {
        Ok(Event::OutputItemDone { output_index: index, item: Box::new(Item::assistant(text)) })
    }

    fn piece(index: u32) -> Result<Event> {
        Ok(Event::TextDelta(Delta { item_id: "msg_1".into(), output_index: index, part_index: 0, delta: "x".into() }))
    }

    fn completed(texts: &[&str]) -> Result<Event> {
        let items: Vec<Item> = texts.iter().map(|text| Item::assistant(*text)).collect();
        let response: Response = serde_json::from_value(
            json!({"id": "resp_1", "provider": "p", "model": "m", "finish_reason": "stop", "items": items}),
        )
        .unwrap();
        Ok(Event::Completed(Box::new(response)))
    }

    fn failed() -> Result<Event> {
        Err(Error::config("no"))
    }

    fn retrying() -> Result<Event> {
        Ok(Event::Retrying { attempt: 1, kind: crate::ErrorKind::Overloaded, delay_ms: 200, next: None })
    }

    #[test]
    fn good_streams_pass() {
        // Items may be interleaved, and done in another order than they were added.
        let good =
            [retrying(), added(0), added(1), piece(1), piece(0), done(1, "b"), done(0, "a"), completed(&["a", "b"])];
        check_events(&good).unwrap();
        check_events(&[failed()]).unwrap();
        check_events(&[added(0), piece(0), failed()]).unwrap();
        check_events(&[completed(&[])]).unwrap();
    }

    #[test]
    fn each_broken_rule_is_named() {
        let cases: Vec<(Vec<Result<Event>>, &str)> = vec![
            (vec![], "no end"),
            (vec![added(0), done(0, "a")], "no end"),
            (vec![completed(&[]), failed()], "event 1: comes after the end"),
            (vec![failed(), failed()], "event 1: comes after the end"),
            (vec![piece(0), failed()], "never added"),
            (vec![added(0), added(0), failed()], "added a second time"),
            (vec![added(0), done(0, "a"), piece(0), failed()], "after it was done"),
            (vec![added(0), done(0, "a"), done(0, "a"), failed()], "done a second time"),
            (vec![done(0, "a"), failed()], "never added"),
            (vec![added(0), retrying(), failed()], "`Retrying` after output"),
            (vec![added(0), completed(&[])], "not done"),
            (vec![added(0), done(0, "a"), completed(&["b"])], "holds 1 items"),
            (vec![added(0), done(0, "a"), completed(&[])], "holds 0 items"),
        ];
        for (events, rule) in cases {
            let why = check_events(&events).unwrap_err();
            assert!(why.contains(rule), "{why:?} does not name {rule:?}");
        }
    }

    #[tokio::test]
    async fn a_stream_that_goes_on_is_caught() {
        let endless = EventStream::from_events([failed(), failed(), failed()]);
        assert!(check_stream(endless).await.unwrap_err().contains("after the end"));
        let events = check_stream(EventStream::from_events([completed(&[])])).await.unwrap();
        assert_eq!(events.len(), 1);
    }
}
