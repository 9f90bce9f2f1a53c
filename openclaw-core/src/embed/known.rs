//! What is known of a call while it runs and after its end.

use serde_json::{Map, Value, json};

use super::queue::End;
use crate::chat::ResponseHead;

/// What is known of a call by now: from the head of the answer once it was read, then from its end. `began` says whether
/// anything is; `headers` are pairs of name and value, without those that carry credentials or cookies.
pub fn known(head: Option<&ResponseHead>, end: Option<&End>) -> Value {
    let mut known = match serde_json::to_value(head) {
        Ok(Value::Object(known)) => known,
        _ => Map::new(),
    };
    match end {
        Some(End::Completed(response)) => {
            known.insert("model".to_owned(), response.model.as_str().into());
        }
        Some(End::Failed(error)) => {
            if let Value::Object(record) = error.to_json() {
                let names = ["request_id", "cf_ray", "profile", "model", "attempts", "http_status"];
                known.extend(record.into_iter().filter(|(name, _)| names.contains(&name.as_str())));
            }
        }
        None => {}
    }
    if let Some(status) = head.and_then(|head| head.http_status) {
        known.insert("http_status".to_owned(), status.into());
    }
    if let Some(head) = head {
        let headers = head.headers.shown().map(|(name, value)| json!([name, value])).collect();
        known.insert("headers".to_owned(), headers);
    }
    known.insert("began".to_owned(), (head.is_some() || end.is_some()).into());
    Value::Object(known)
}
