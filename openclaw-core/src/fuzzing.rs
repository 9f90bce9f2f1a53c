//! What the fuzz targets and the benches call. The targets take any bytes and panic when something that must hold does not.

#![allow(missing_docs, clippy::panic)]

use bytes::Bytes;

use crate::call::contract::check_contract;
use crate::call::offline::decode_sse;
use crate::chat::{Event, Request};
use crate::error::{Error, Evidence, Result, classify};
use crate::provider::{Capabilities, ProviderId};
use crate::responses::body::{Dialect, encode};
use crate::transport::Headers;
use crate::transport::sse::{SseError, SseFramer};

/// Framing: the short way and `eventsource-stream` agree, whatever the chunks. The first byte says how to cut.
pub fn framing(input: &[u8]) {
    let Some((cut, bytes)) = input.split_first() else { return };
    // Half of the inputs meet a small limit.
    let limit = if cut & 1 == 0 { 1 << 20 } else { 32 };
    let whole = frames(SseFramer::new(limit), [bytes].into_iter());
    assert_eq!(whole, frames(SseFramer::new(limit), cuts(*cut, bytes)), "the chunks matter");
    assert_eq!(whole, frames(SseFramer::new(limit).only_fallback(), cuts(*cut, bytes)), "the two ways differ");
}

/// Events: the contract of the event stream holds, and chunks do not matter. The first byte says how to cut.
pub fn events(input: &[u8]) {
    let Some((cut, bytes)) = input.split_first() else { return };
    decoded("openai-codex", "gpt-5.4", *cut, bytes);
}

/// Events of the Messages API: as [`events`], and what the suite for providers asks.
pub fn messages(input: &[u8]) {
    let Some((cut, bytes)) = input.split_first() else { return };
    let events = decoded("anthropic", "claude-sonnet-5", *cut, bytes);
    if let Err(why) = crate::testing::conformance::check_events(&events) {
        panic!("{why}: {events:?}");
    }
}

fn decoded(provider: &str, model: &str, cut: u8, bytes: &[u8]) -> Vec<Result<Event>> {
    let whole = decode_sse(provider, model, [bytes]);
    check_contract(&whole);
    let cut = decode_sse(provider, model, cuts(cut, bytes));
    assert_eq!(canonical(&whole), canonical(&cut), "the chunks matter");
    whole
}

/// Classification: any evidence has an error, of one line, short, and the same each time.
///
/// The form is that of HTTP: a line with the status (or without, when no answer came), headers, an empty line, the
/// body.
pub fn classifier(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.trim().parse().ok());
    let headers: Headers = lines.filter_map(|line| line.split_once(':')).map(|(n, v)| (n.trim(), v.trim())).collect();
    let evidence = Evidence {
        provider: "openai-codex",
        status,
        headers,
        body,
        url: Some("https://chatgpt.com/backend-api/codex/responses"),
        now: Some(std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_800_000_000)),
        ..Evidence::default()
    };
    let error = classify(&evidence);
    check_error(&error);
    assert_eq!(error.to_json(), classify(&evidence).to_json(), "the same evidence, another error");
    assert!(error.http_status().is_none_or(|told| Some(told) == status), "an invented status: {error:?}");
}

/// Reading JSON5: what is plain JSON reads the same by `serde_json`, and any text is answered.
pub fn config_parse(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let tree = crate::config::parse::parse(&text, 0).map(|(tree, _)| tree);
    let plain: Option<serde_json::Value> = serde_json::from_str(&text).ok();
    if let (Some(plain), Err(error)) = (&plain, &tree) {
        panic!("JSON is refused as JSON5: {error:?} in {plain}");
    }
    if let (Some(serde_json::Value::Object(plain)), Ok(tree)) = (plain, tree) {
        let known = plain.keys().filter(|key| *key != "__proto__").count();
        assert_eq!(known, tree.members().len(), "keys differ");
    }
}

/// Judging a configuration: every error has a place, all ways agree on the verdict, and what is shown is short.
pub fn config_validate(input: &[u8]) {
    use crate::config::{Config, Options, check_text};

    let text = String::from_utf8_lossy(input);
    let options = Options::default();
    let report = check_text(&text, &options);
    assert_eq!(report.valid, report.errors().next().is_none());
    assert_eq!(report.valid, Config::parse(&text, &options).is_ok(), "values without a verdict");
    if let Some((typed, walked)) = config_ways(&text) {
        assert_eq!(typed, walked, "the types and the walk differ");
    }
    for issue in &report.issues {
        assert!(issue.line.is_some() && issue.column.is_some(), "no place: {issue:?}");
        assert!(!issue.message.is_empty());
    }
    let _ = report.render();
}

/// Repairing a configuration: nothing gets worse, a valid one stays valid, a second time changes nothing.
pub fn config_doctor(input: &[u8]) {
    use crate::config::doctor::Doctor;

    let text = String::from_utf8_lossy(input);
    let plan = Doctor::default().examine_text(&text);
    if plan.changes().is_empty() {
        assert_eq!(plan.text(), text, "changed without a change");
        return;
    }
    assert!(!plan.before().valid || plan.after().valid, "a valid configuration became invalid");
    assert!(plan.diff().starts_with("--- "));
    let again = Doctor::default().examine_text(plan.text());
    assert_eq!(again.text(), plan.text(), "a second time changes something");
    let _ = plan.render();
}

/// Reading a profile store: what is read and not changed is written again, and reads the same; a change of one profile
/// touches no other; no secret is shown.
pub fn auth_store(input: &[u8]) {
    use crate::auth::{ApiKeyCredential, Profile, Profiles};
    use secrecy::ExposeSecret;

    let text = String::from_utf8_lossy(input);
    // Behind a NUL: the state file.
    let (store, state) = text.split_once('\0').map_or((&*text, None), |(store, state)| (store, Some(state)));
    let Ok(mut profiles) = Profiles::parse(store, state) else { return };
    let written = |profiles: &Profiles| profiles.to_text().expose_secret().to_owned();
    let first = written(&profiles);
    let state = profiles.state_text();
    let state = state.as_ref().map(|state| state.expose_secret().to_owned());
    let again = match Profiles::parse(&first, state.as_deref()) {
        Ok(again) => again,
        Err(error) => panic!("what was written cannot be read: {error} in {first}"),
    };
    assert_eq!(written(&again), first, "written twice, another text");
    assert!(again.ids().eq(profiles.ids()), "profiles came or went");
    // A secret of a profile never shows.
    let shown = format!("{profiles:?} {:?}", profiles.notes());
    for profile in profiles.iter() {
        if let Ok(secret) = profile.credential.secret(&crate::auth::Environment::of::<&str, &str>([])) {
            let secret = secret.expose_secret();
            assert!(secret.len() < 24 || text.matches(secret).count() > 1 || !shown.contains(secret), "a secret shows");
        }
    }
    let before: Vec<_> = profiles.ids().cloned().collect();
    profiles.put(Profile::new("fuzz:new", ProviderId::new("fuzz"), ApiKeyCredential::new("k")));
    profiles.repair();
    profiles.remove(&"fuzz:new".into());
    assert!(profiles.ids().all(|id| before.contains(id) || id.as_str().contains('@')), "a name from nowhere");
}

/// Reading the claims of a token: any text is answered, and never shown.
pub fn jwt_claims(input: &[u8]) {
    use crate::auth::Claims;

    let text = String::from_utf8_lossy(input);
    match Claims::of(&text.clone().into_owned().into()) {
        Ok(claims) => {
            assert!([claims.account_id, claims.user_id, claims.email].iter().flatten().all(|text| !text.is_empty()));
        }
        Err(error) => {
            check_error(&error);
            assert!(text.len() < 16 || !format!("{error} {error:?}").contains(&*text), "the token is shown");
        }
    }
}

/// A JSON5 text as a JSON value, as the configuration reads it.
pub fn config_value(text: &str) -> Option<serde_json::Value> {
    serde::Deserialize::deserialize(&crate::config::parse::parse(text, 0).ok()?.0).ok()
}

/// Whether the types take a configuration as it stands, and whether the walk does. Nothing, if it is not JSON5.
pub fn config_ways(text: &str) -> Option<(bool, bool)> {
    use crate::config::walk::{Depth, walk};
    use serde::Deserialize;

    let (tree, _) = crate::config::parse::parse(text, 0).ok()?;
    let typed = crate::config::Config::deserialize(&tree).is_ok();
    let found = walk(Depth::First, crate::config::schema::shapes(), &tree);
    Some((typed, found.is_empty()))
}

/// The answer of a sign-in page, as the query of a callback and as what a person pasted: both ways read the same code, and
/// nothing of a code stands in what is said of it.
pub fn callback(input: &[u8]) {
    use crate::auth::oauth::offline;

    const MARK: &str = "zqSecretCode7";
    let text = String::from_utf8_lossy(input);
    let by_query = offline::callback(&text);
    let by_paste = offline::pasted(&text);
    let blank = |c: char| c.is_whitespace() || c.is_control() || c == '#';
    if let (Ok(code), false) = (&by_query, text.contains(blank)) {
        assert!(!code.is_empty() && code.chars().all(|c| c.is_ascii_graphic()), "a code that cannot be sent: {code:?}");
        // The address of the sign-in page itself is refused on purpose.
        if !text.contains("code_challenge") && !text.contains(['%', '\'', '"', '`', '<', '>']) {
            let address = offline::pasted(&format!("http://localhost:1455/auth/callback?{text}"));
            assert_eq!(address.as_ref().ok(), Some(code), "the address says something else");
        }
    }
    for told in [by_query.err(), by_paste.err()].into_iter().flatten() {
        // What a login server says of a refusal is shown; a code never is.
        assert!(!told.contains(MARK) || text.contains("error") || text.contains('%'), "a code is shown: {told}");
        assert!(!told.contains(|c: char| c.is_control() && c != '\n'), "not plain: {told:?}");
    }
}

/// What a login server answers to a refresh: tokens that can be sent on, or an error that shows none. The first line is
/// the status and the content type, the rest the body.
pub fn token_response(input: &[u8]) {
    use secrecy::{ExposeSecret, SecretString};

    let sent = SecretString::from("Spent-Refresh-Token-0123456789");
    let (head, body) = match input.iter().position(|byte| *byte == b'\n') {
        Some(at) => (input.get(..at).unwrap_or_default(), input.get(at + 1..).unwrap_or_default()),
        None => (input, &[][..]),
    };
    let head = String::from_utf8_lossy(head);
    let (status, content_type) = head.split_once(' ').unwrap_or((&head, "application/json"));
    let status = status.parse().unwrap_or(200);
    match crate::auth::oauth::offline::refreshed(status, content_type, body, &sent) {
        Ok(mut tokens) => {
            // Scopes are shown, and a mutation may give them the same text.
            tokens.scope = None;
            for token in [&tokens.access_token, &tokens.refresh_token, &tokens.id_token].into_iter().flatten() {
                let token = token.expose_secret();
                assert!(!token.is_empty() && token.chars().all(|c| c.is_ascii_graphic()), "no token: {token:?}");
                assert!(token.len() < 8 || !format!("{tokens:?}").contains(token), "a token is shown");
            }
        }
        Err(error) => {
            check_error(&error);
            let shown = format!("{error:?}");
            assert!(!shown.contains(sent.expose_secret()), "the token that was sent is shown: {shown}");
            // What stands in a success may be a token; what stands in a refusal is its words.
            assert!(
                !(200..300).contains(&status) || !shown.contains("HalfOfAToken"),
                "a token that came is shown: {shown}"
            );
        }
    }
}

fn check_error(error: &Error) {
    assert!(!error.message().is_empty(), "no message: {error:?}");
    assert!(!error.message().contains(char::is_control), "not one line: {error:?}");
    assert!(!error.message().to_ascii_lowercase().contains("<html"), "HTML in the message: {error:?}");
    assert!(error.body_preview().is_none_or(|text| text.chars().count() <= 200), "a long preview: {error:?}");
}

fn frames<'a>(
    mut framer: SseFramer,
    chunks: impl Iterator<Item = &'a [u8]>,
) -> Vec<std::result::Result<(String, bool), SseError>> {
    let mut out = Vec::new();
    let mut drain = |framer: &mut SseFramer| {
        while let Some(event) = framer.next_event() {
            out.push(event.map(|event| {
                let (text, repaired) = event.text();
                (text.into_owned(), repaired)
            }));
        }
    };
    for chunk in chunks {
        framer.push(Bytes::copy_from_slice(chunk));
        drain(&mut framer);
    }
    framer.finish();
    drain(&mut framer);
    out
}

/// Chunks of changing lengths, the same ones for the same seed.
fn cuts(seed: u8, bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut state = u32::from(seed);
    let mut rest = bytes;
    std::iter::from_fn(move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let length = (state >> 24) as usize % 13 + 1;
        let (chunk, left) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        rest = left;
        (!chunk.is_empty()).then_some(chunk)
    })
}

fn canonical(events: &[Result<Event>]) -> Vec<serde_json::Value> {
    let form = |event: &Result<Event>| match event {
        Ok(event) => serde_json::to_value(event).unwrap_or_default(),
        Err(error) => error.to_json(),
    };
    events.iter().map(form).collect()
}

/// What the benches call: the body of a request, as [`CodexProvider`](crate::CodexProvider) sends it.
pub fn request_body(request: &Request) -> Bytes {
    let dialect = Dialect { provider: ProviderId::CODEX, unsupported: &[], codex: true, shared: false };
    match encode(request, ProviderId::CODEX, &dialect, &Capabilities::default(), Some("bench"), false) {
        Ok(encoded) => encoded.body.0,
        Err(error) => panic!("{error}"),
    }
}
