//! Whose reasoning the conversation holds. Encrypted reasoning can be read only by the account that it was made for; sent
//! with another one it makes every repeat fail in the same way.

use std::sync::Arc;

use crate::auth::{Profile, hashed};
use crate::chat::{Event, Item, Origin, Request, Warning};

/// What tells accounts apart in an [`Origin`]: a hash, because history is stored and handed on.
pub(super) fn account_mark(profile: &Profile) -> String {
    let identity = profile.identity();
    let name = identity.account_id.or(identity.user_id).or(identity.email);
    let name = name.unwrap_or_else(|| profile.id.as_str().to_owned());
    hashed(&format!("{}\0{name}", profile.provider)).trim_start_matches("sha256:").to_owned()
}

/// Takes out the reasoning that this account cannot read, and the ids that point to it. What has no mark counts as the
/// first account's: it goes too when another one is asked now (`switched`).
pub(super) fn for_account(request: &mut Request, account: Option<&str>, switched: bool) -> Option<Warning> {
    let foreign = |origin: Option<&Origin>| match (origin.and_then(|o| o.account.as_deref()), account) {
        (Some(made), Some(asked)) => made != asked,
        _ => switched,
    };
    let before = request.input.len();
    request.input.retain(|item| match item {
        Item::Reasoning(r) => r.encrypted_content.is_none() || !foreign(r.origin.as_deref()),
        Item::Raw(raw) => !raw.0.contains_key("encrypted_content") || !foreign(raw.origin().as_ref()),
        _ => true,
    });
    for item in &mut request.input {
        match item {
            Item::Message(m) if m.id.is_some() && foreign(m.origin.as_deref()) => m.id = None,
            Item::ToolCall(c) if c.id.is_some() && foreign(c.origin.as_deref()) => c.id = None,
            _ => {}
        }
    }
    let gone = before - request.input.len();
    (gone > 0).then(|| {
        let text = format!("reasoning items left out, because another account cannot read them: {gone}");
        Warning::new("history_repaired", "reasoning", text)
    })
}

/// Marks what was made with this account.
pub(super) fn mark(event: &mut Event, account: &Arc<str>) {
    match event {
        Event::OutputItemAdded { item, .. } | Event::OutputItemDone { item, .. } => mark_item(item, account),
        Event::Completed(response) => response.items.iter_mut().for_each(|item| mark_item(item, account)),
        _ => {}
    }
}

fn mark_item(item: &mut Item, account: &Arc<str>) {
    if let Some(origin) = item.origin() {
        item.set_origin(&Arc::new(Origin { account: Some(account.as_ref().to_owned()), ..(*origin).clone() }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn request(account: Option<&str>) -> Request {
        let mut origin = json!({"provider": "openai-codex", "model": "m"});
        if let Some(account) = account {
            origin["account"] = account.into();
        }
        let input = json!([
            {"role": "user", "content": "a"},
            {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "x", "origin": origin},
            {"type": "function_call", "id": "fc_1", "call_id": "c", "name": "n", "arguments": "{}", "origin": origin},
            {"type": "function_call_output", "call_id": "c", "output": "r"},
            {"type": "compaction", "encrypted_content": "y", "origin": origin},
            {"type": "message", "id": "msg_1", "role": "assistant", "content": "b", "origin": origin},
        ]);
        serde_json::from_value(json!({"model": "m", "input": input})).unwrap()
    }

    fn stripped(made: Option<&str>, asked: Option<&str>, switched: bool) -> bool {
        let mut request = request(made);
        let warning = for_account(&mut request, asked, switched);
        let ids = request.input.iter().filter_map(Item::id).count();
        match warning {
            Some(warning) => {
                assert!(warning.message.ends_with(": 2"), "{}", warning.message);
                assert_eq!((request.input.len(), ids), (4, 0));
                true
            }
            None => {
                assert_eq!((request.input.len(), ids), (6, 3));
                false
            }
        }
    }

    #[test]
    fn reasoning_goes_back_only_to_the_account_that_it_was_made_for() {
        assert!(!stripped(Some("a"), Some("a"), false));
        assert!(!stripped(Some("a"), Some("a"), true));
        assert!(stripped(Some("a"), Some("b"), false));
        assert!(!stripped(None, Some("a"), false));
        assert!(stripped(None, Some("b"), true));
        assert!(!stripped(Some("a"), None, false));
        assert!(stripped(Some("a"), None, true));
    }

    #[test]
    fn what_comes_is_marked() {
        let origin = Arc::new(Origin::new("openai-codex", "m"));
        let mut item = Item::assistant("x");
        item.set_origin(&origin);
        let mut event = Event::OutputItemDone { output_index: 0, item: Box::new(item) };
        mark(&mut event, &"abc".into());
        let form = serde_json::to_value(&event).unwrap();
        assert_eq!(form["item"]["origin"]["account"], "abc");
    }
}
