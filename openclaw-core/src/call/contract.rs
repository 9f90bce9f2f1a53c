//! What of the contract of [`EventStream`](crate::EventStream) holds whatever a server sends, as a check for tests and
//! fuzzing. `testing::conformance` asks more of a provider than a server that uses an index twice can keep.

#![allow(clippy::panic)]

use std::collections::BTreeSet;

use crate::chat::Event;
use crate::error::Result;

/// Panics when a whole stream breaks the contract.
pub(crate) fn check_contract(events: &[Result<Event>]) {
    let mut announced = BTreeSet::new();
    let mut done = Vec::new();
    for (place, event) in events.iter().enumerate() {
        let last = place + 1 == events.len();
        match event {
            Ok(Event::OutputItemAdded { output_index, .. }) => {
                announced.insert(*output_index);
            }
            Ok(Event::OutputItemDone { output_index, item }) => {
                assert!(announced.contains(output_index), "an item that was never announced is done: {events:?}");
                done.push(&**item);
            }
            Ok(
                Event::TextDelta(delta)
                | Event::RefusalDelta(delta)
                | Event::ReasoningSummaryDelta(delta)
                | Event::ReasoningDelta(delta)
                | Event::ToolInputDelta(delta),
            ) => assert!(
                announced.contains(&delta.output_index),
                "a piece of an item that was never announced: {events:?}"
            ),
            Ok(Event::Completed(response)) => {
                assert!(last, "events behind the end: {events:?}");
                for item in &response.items {
                    assert!(done.contains(&item), "an item of the response was never done: {events:?}");
                }
            }
            Ok(Event::Raw(raw)) => assert!(
                serde_json::from_str::<&serde_json::value::RawValue>(raw.json()).is_ok(),
                "a raw event is no JSON: {events:?}"
            ),
            Ok(_) => {}
            Err(error) => {
                assert!(last, "events behind the end: {events:?}");
                assert!(!error.message().contains(char::is_control), "not one line: {error:?}");
                assert!(!error.message().is_empty(), "no message: {error:?}");
            }
        }
    }
    let ended = matches!(events.last(), Some(Err(_) | Ok(Event::Completed(_))));
    assert!(ended, "no end: {events:?}");
}
