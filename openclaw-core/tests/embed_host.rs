//! Parts that the host writes, proven without a binding.
#![cfg(feature = "embed")]

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use openclaw_core::auth::{AccessToken, TokenSource};
use openclaw_core::embed::{
    Client, ClientSettings, Drained, End, HostProvider, HostTokens, Job, Piece, Post, Reply, Sent, TokenKind,
    called_by, models_from_json, options_from_json, piece_from_json, request_from_json, token_from_json,
};
use openclaw_core::failover::{Candidate, Chain};
use openclaw_core::testing::conformance::check_provider;
use openclaw_core::testing::{ScriptedProvider, TestServer, VirtualAmbient, forged_token};
use openclaw_core::{CallOptions, Error, ErrorKind, Event, FinishReason, Provider, Request, Stage};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

/// A provider whose calls are answered there.
fn provider(answer: impl Fn(&Request, Reply<Piece>) + Send + Sync + 'static) -> HostProvider {
    let post: Post = Arc::new(move |job| match job {
        Job::Stream { request, reply, .. } => answer(&request, reply),
        other => other.refuse(Error::config("not asked for")),
    });
    HostProvider::new("mine", post).unwrap()
}

/// A provider that gives these pieces and then ends well.
fn gives(pieces: Value) -> HostProvider {
    provider(move |_, reply| {
        for piece in pieces.as_array().unwrap() {
            match piece_from_json(piece.clone()) {
                Ok(piece) => _ = reply.give(piece),
                Err(error) => _ = reply.end(Err(error)),
            }
        }
        reply.end(Ok(()));
    })
}

fn asked() -> (Request, CallOptions) {
    (Request::new("m").user("hi"), CallOptions::new())
}

#[tokio::test]
async fn every_way_to_answer_keeps_the_contract() {
    let message = json!({"type": "message", "id": "x", "role": "assistant", "content": [{"type": "output_text", "text": "ab", "annotations": []}]});
    let call = json!({"type": "function_call", "name": "f", "arguments": "{\"n\":1}"});
    let added = |index: u32| json!({"type": "output_item_added", "output_index": index, "item": {"type": "message", "id": "x", "role": "assistant", "content": []}});
    let done = |index: u32| json!({"type": "output_item_done", "output_index": index, "item": message});
    let delta = json!({"type": "text_delta", "item_id": "x", "output_index": 0, "delta": "ab"});
    let cases = [
        (json!(["a", "b"]), Ok("ab"), FinishReason::Stop),
        (json!(["a", "", {"type": "text_delta", "delta": "b"}]), Ok("ab"), FinishReason::Stop),
        (json!([{"type": "reasoning_summary_delta", "delta": "hm"}, "ab"]), Ok("ab"), FinishReason::Stop),
        (json!(["ab", call]), Ok("ab"), FinishReason::ToolUse),
        (json!(["ab", {"type": "refusal_delta", "delta": "no"}]), Ok("ab"), FinishReason::Refusal),
        (
            json!(["ab", {"type": "completed", "finish_reason": "length", "usage": {"input_tokens": 3}}]),
            Ok("ab"),
            FinishReason::Length,
        ),
        (json!([{"type": "completed", "items": [message]}]), Ok("ab"), FinishReason::Stop),
        (json!([message]), Ok("ab"), FinishReason::Stop),
        (json!([{"type": "retrying", "attempt": 1, "kind": "overloaded"}, "ab"]), Ok("ab"), FinishReason::Stop),
        (json!([added(0), delta, done(0), {"type": "completed"}]), Ok("ab"), FinishReason::Stop),
        (json!([added(1), added(0), done(0), done(1), {"type": "completed"}]), Ok("abab"), FinishReason::Stop),
        (json!(["ab", {"type": "completed"}, "after the end"]), Ok("ab"), FinishReason::Stop),
        // What breaks it.
        (json!([]), Err("without having given anything"), FinishReason::Stop),
        (json!([added(0), delta, done(0)]), Err("without `completed`"), FinishReason::Stop),
        (json!([added(0), delta, {"type": "completed"}]), Err("not done"), FinishReason::Stop),
        (json!([added(0), added(0)]), Err("second time"), FinishReason::Stop),
        (json!([done(0)]), Err("never added"), FinishReason::Stop),
        (json!([delta]), Err("never added"), FinishReason::Stop),
        (json!([added(0), done(0), delta]), Err("after it was done"), FinishReason::Stop),
        (json!([added(0), done(0), done(0)]), Err("second time"), FinishReason::Stop),
        (
            json!(["a", {"type": "retrying", "attempt": 1, "kind": "overloaded"}]),
            Err("after output"),
            FinishReason::Stop,
        ),
        (json!(["a", {"type": "completed", "items": [call]}]), Err("not the 1 which"), FinishReason::Stop),
        (json!(["a", {"type": "nonsense"}]), Err("nonsense"), FinishReason::Stop),
        (json!(["a", delta]), Err("the library frames"), FinishReason::Stop),
        (json!([{"type": "message", "role": "user", "content": "hi"}]), Err("role assistant"), FinishReason::Stop),
        (json!([{"type": "function_call", "call_id": "c"}]), Err("\"name\""), FinishReason::Stop),
    ];
    let (request, options) = asked();
    for (pieces, wanted, reason) in cases {
        let mine = gives(pieces.clone());
        let events = check_provider(&mine, &request, &options).await.unwrap_or_else(|e| panic!("{pieces}: {e}"));
        match (events.last(), wanted) {
            (Some(Ok(Event::Completed(response))), Ok(text)) => {
                assert_eq!((response.text().as_str(), response.finish_reason), (text, reason), "{pieces}");
                assert_eq!((response.provider.as_str(), response.model.as_str()), ("mine", "m"));
                assert!(
                    response.items.iter().all(|item| serde_json::to_value(item).unwrap()["origin"]["model"] == "m")
                );
            }
            (Some(Err(error)), Err(named)) => {
                assert!(error.message().contains(named), "{pieces}: {error}");
                assert_eq!(error.provider(), Some("mine"));
                let began = events.iter().any(|event| matches!(event, Ok(Event::OutputItemAdded { .. })));
                assert_eq!(error.stage() == Stage::Streaming, began, "{pieces}: {error:?}");
            }
            (last, _) => panic!("{pieces}: {last:?}"),
        }
    }
}

#[tokio::test]
async fn a_whole_item_is_streamed_as_others_are() {
    let call = json!({"type": "function_call", "name": "f", "call_id": "c", "arguments": "{}"});
    let (request, options) = asked();
    let events = check_provider(&gives(json!([call])), &request, &options).await.unwrap();
    let forms: Vec<Value> = events.into_iter().map(|event| serde_json::to_value(event.unwrap()).unwrap()).collect();
    let types: Vec<&str> = forms.iter().filter_map(|form| form["type"].as_str()).collect();
    let wanted = ["opened", "created", "output_item_added", "tool_input_delta", "output_item_done", "completed"];
    assert_eq!(types, wanted);
    assert_eq!((&forms[2]["item"]["arguments"], &forms[3]["delta"]), (&json!(""), &json!("{}")));
}

#[tokio::test]
async fn an_answer_is_opened_before_it_is_created() {
    let created = json!({"type": "created", "id": "r", "model": "m"});
    let (request, options) = asked();
    let events = check_provider(&gives(json!([created, "a"])), &request, &options).await.unwrap();
    let begin: Vec<_> =
        events.iter().take(3).map(|event| serde_json::to_value(event.as_ref().unwrap()).unwrap()).collect();
    assert_eq!(
        [&begin[0]["type"], &begin[1], &begin[2]["type"]],
        [&json!("opened"), &created, &json!("output_item_added")]
    );
}

#[tokio::test]
async fn a_host_that_hangs_runs_into_the_limits_of_the_call() {
    let kept: Arc<Mutex<Vec<Reply<Piece>>>> = Arc::default();
    for (first, limit) in [(None, "first_byte"), (Some("a"), "idle"), (None, "total")] {
        let hangs = {
            let kept = kept.clone();
            provider(move |_, reply| {
                first.map(|text| reply.give(Piece::Text(text.to_owned())));
                kept.lock().unwrap().push(reply);
            })
        };
        let clock = VirtualAmbient::new(1);
        let hangs = hangs.with_ambient(Arc::new(clock.clone()));
        let (request, mut options) = asked();
        options.timeouts.total = (limit == "total").then(|| Duration::from_secs(5));
        options.timeouts.first_byte = Some(Duration::from_secs(30));
        options.timeouts.idle = Some(Duration::from_secs(20));
        let call = tokio::spawn(async move { hangs.complete(&request, &options).await });
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
        clock.advance(Duration::from_secs(if limit == "total" { 6 } else { 31 }));
        let error = call.await.unwrap().unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Timeout, Some(limit)), "{error}");
        assert_eq!(error.stage() == Stage::Streaming, first.is_some());
        let reply = kept.lock().unwrap().pop().unwrap();
        assert_eq!(reply.send(Piece::Text("too late".to_owned())), Sent::Unwanted);
    }
}

#[tokio::test]
async fn in_a_chain_a_bad_provider_costs_its_attempt_only() {
    let raises = provider(|_, reply| _ = reply.end(Err(Error::new(ErrorKind::Unknown, Stage::MaybeSent, "boom"))));
    let lets_go = provider(|_, reply| drop(reply));
    let breaks = gives(json!([{"type": "nonsense"}]));
    let after_its_end = provider(|_, reply| {
        reply.end(Err(Error::new(ErrorKind::Overloaded, Stage::Responded, "busy")));
        assert_eq!(reply.give(Piece::Text("more".to_owned())), Sent::Ended);
        assert_eq!(reply.end(Ok(())), Sent::Ended);
    });
    for bad in [raises, lets_go, breaks, after_its_end] {
        let chain = Chain::builder()
            .candidate(Candidate::new("mine/m".parse().unwrap(), bad))
            .candidate(Candidate::new("other/m".parse().unwrap(), ScriptedProvider::new("other").text("Hello")))
            .retry(openclaw_core::transport::RetryPolicy::never())
            .ambient(Arc::new(VirtualAmbient::new(1)))
            .build()
            .unwrap();
        let answer = chain.complete(&Request::new("").user("hi"), &CallOptions::new()).await.unwrap();
        assert_eq!((answer.text().as_str(), answer.provider.as_str()), ("Hello", "other"));
    }
}

#[test]
fn a_client_around_a_hosts_provider_is_as_any_other() {
    let seen: Arc<Mutex<Vec<Option<u64>>>> = Arc::default();
    let post: Post = {
        let seen = seen.clone();
        Arc::new(move |job| match job {
            Job::Stream { request, reply, caller, .. } => {
                seen.lock().unwrap().push(caller);
                std::thread::spawn(move || {
                    for n in 0..1000 {
                        reply.wait_room(None);
                        reply.give(Piece::Text(format!("{n} ")));
                    }
                    reply.give(Piece::Text(request.model.clone()));
                    reply.end(Ok(()));
                });
            }
            Job::Models { reply, .. } => _ = reply.answer(Ok(vec![])),
            other => other.refuse(Error::config("not asked for")),
        })
    };
    for inline in [false, true] {
        let settings = ClientSettings::from_json(&json!({ "inline": inline }).to_string()).unwrap();
        let mine = HostProvider::new("mine", post.clone()).unwrap().with_models(true);
        let client = Client::with_host_provider(settings, mine).unwrap();
        assert!(client.is_sole());
        let request = request_from_json(r#"{"input":"hi"}"#).unwrap();
        let options = options_from_json("{}", client.settings()).unwrap();
        let stream = called_by(Some(7), || client.stream(request, options)).unwrap();
        let mut events = VecDeque::new();
        while stream.blocking_drain(&mut events, 64, None).unwrap() != Drained::Ended {}
        let Some(End::Completed(response)) = stream.end() else { panic!("{:?}", stream.end()) };
        assert!(response.text().ends_with("998 999 "), "no model is invented");
        assert_eq!(client.login().unwrap().source, "host");
    }
    assert_eq!(seen.lock().unwrap().first(), Some(&Some(7)));
    let settings = ClientSettings::from_json(r#"{"proxy":"http://127.0.0.1:1"}"#).unwrap();
    let refused = Client::with_host_provider(settings, gives(json!([]))).unwrap_err();
    assert!(refused.message().starts_with("proxy does not go with"), "{refused}");
    for id in ["", "a b", "a/b"] {
        assert!(HostProvider::new(id, post.clone()).is_err());
    }
}

#[test]
fn the_list_of_models_is_asked_for_once_and_within_the_limit_of_the_call() {
    let lists = Arc::new(AtomicUsize::new(0));
    let hung: Arc<Mutex<Vec<Job>>> = Arc::default();
    let post: Post = {
        let (lists, hung) = (lists.clone(), hung.clone());
        Arc::new(move |job| match job {
            Job::Stream { request, reply, .. } => {
                reply.give(Piece::Text(request.model.clone()));
                reply.end(Ok(()));
            }
            // It hangs, then fails, then works.
            Job::Models { reply, .. } => match lists.fetch_add(1, Ordering::Relaxed) {
                0 => hung.lock().unwrap().push(Job::Models { reply, caller: None }),
                1 => _ = reply.answer(Err(Error::config("no list"))),
                count => _ = reply.answer(models_from_json(json!([format!("model-{count}")]))),
            },
            other => other.refuse(Error::config("not asked for")),
        })
    };
    let mine = HostProvider::new("mine", post).unwrap().with_models(true);
    let client = Client::with_host_provider(ClientSettings::default(), mine).unwrap();
    let ask = |options: &str| {
        let request = request_from_json(r#"{"input":"hi"}"#).unwrap();
        let stream = client.stream(request, options_from_json(options, client.settings()).unwrap()).unwrap();
        while stream.blocking_drain(&mut VecDeque::new(), 64, None).unwrap() != Drained::Ended {}
        match stream.end() {
            Some(End::Completed(response)) => Ok(response.text()),
            Some(End::Failed(error)) => Err(error),
            other => panic!("{other:?}"),
        }
    };
    let error = ask(r#"{"timeout_ms":50}"#).unwrap_err();
    assert_eq!((error.kind(), error.code(), error.stage()), (ErrorKind::Timeout, Some("total"), Stage::NotSent));
    assert_eq!(error.provider(), Some("mine"));
    assert!(ask("{}").is_err(), "no model is known of a host's provider");
    for _ in 0..3 {
        assert_eq!(ask(r#"{"timeout_ms":60000}"#).unwrap(), "model-2");
    }
    assert_eq!(lists.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn all_who_wait_for_a_token_have_the_same_limit() {
    let kept: Mutex<Vec<Job>> = Mutex::default();
    let hangs: Post = Arc::new(move |job| kept.lock().unwrap().push(job));
    let clock = VirtualAmbient::new(1);
    let tokens = HostTokens::new(hangs, Some(Duration::from_secs(1))).with_ambient(Arc::new(clock.clone()));
    let tokens = Arc::new(tokens);
    let calls: Vec<_> = (0..5)
        .map(|_| {
            let tokens = tokens.clone();
            tokio::spawn(async move { tokens.token().await })
        })
        .collect();
    let others = || async {
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
    };
    others().await;
    clock.advance(Duration::from_secs(1));
    others().await;
    for call in calls {
        assert!(call.is_finished(), "one waits for the limits of those before it");
        let error = call.await.unwrap().unwrap_err();
        assert!(error.message().starts_with("the token source gave no token"), "{error}");
    }
}

/// A client whose tokens are these, one after the other; the last one stays. Says how often it was asked, and how often it
/// was told of a refusal.
fn tokens(server: &TestServer, given: Vec<Value>) -> (Client, Arc<AtomicUsize>, Arc<AtomicUsize>) {
    let (asked, refused) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let post: Post = {
        let (asked, refused) = (asked.clone(), refused.clone());
        Arc::new(move |job| {
            let Job::Token { rejected, reply, .. } = job else { panic!("{job:?}") };
            let count = asked.fetch_add(1, Ordering::Relaxed);
            if let Some(rejected) = rejected {
                refused.fetch_add(1, Ordering::Relaxed);
                assert!(!rejected.expose_secret().is_empty());
            }
            let token = given.get(count).or(given.last()).unwrap().clone();
            reply.answer(token_from_json(token));
        })
    };
    let settings = json!({"base_url": server.codex_base_url(), "max_retries": 0}).to_string();
    let client = Client::with_tokens(ClientSettings::from_json(&settings).unwrap(), post, TokenKind::Token).unwrap();
    (client, asked, refused)
}

fn outcome(client: &Client) -> Result<String, Error> {
    let request = request_from_json(r#"{"model":"gpt-5.4","input":"hi"}"#).unwrap();
    let stream = client.stream(request, options_from_json("{}", client.settings()).unwrap()).unwrap();
    while stream.blocking_drain(&mut VecDeque::new(), 64, None).unwrap() != Drained::Ended {}
    match stream.end() {
        Some(End::Completed(response)) => Ok(response.text()),
        Some(End::Failed(error)) => Err(error),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_token_is_kept_until_it_ends_or_is_refused() {
    let server = TestServer::start_blocking().unwrap();
    let good = json!(forged_token("acct-1"));
    let (client, asked, refused) = tokens(&server, vec![good.clone()]);
    for _ in 0..3 {
        outcome(&client).unwrap();
    }
    assert_eq!((asked.load(Ordering::Relaxed), refused.load(Ordering::Relaxed)), (1, 0));
    assert_eq!(client.login().unwrap().source, "host");

    let ended = json!({"token": forged_token("acct-1"), "expires_at": 1000});
    let (client, asked, _) = tokens(&server, vec![ended]);
    outcome(&client).unwrap();
    outcome(&client).unwrap();
    assert_eq!(asked.load(Ordering::Relaxed), 2, "one that ends is not kept");

    let bad = json!({"token": "not-a-token", "account_id": "acct-1"});
    let (client, asked, refused) = tokens(&server, vec![bad.clone(), good]);
    outcome(&client).unwrap();
    assert_eq!((asked.load(Ordering::Relaxed), refused.load(Ordering::Relaxed)), (2, 1));

    let before = server.request_count();
    let (client, _, refused) = tokens(&server, vec![bad]);
    assert_eq!(outcome(&client).unwrap_err().http_status(), Some(401));
    assert_eq!((server.request_count() - before, refused.load(Ordering::Relaxed)), (1, 1), "the same again is none");
}

#[test]
fn many_calls_ask_for_a_token_once_and_a_cancelled_one_leaves_it_to_the_next() {
    let server = TestServer::start_blocking().unwrap();
    let replies: Arc<Mutex<Vec<Reply<AccessToken>>>> = Arc::default();
    let post: Post = {
        let replies = replies.clone();
        Arc::new(move |job| {
            let Job::Token { reply, .. } = job else { panic!("{job:?}") };
            replies.lock().unwrap().push(reply);
        })
    };
    let settings = json!({"base_url": server.codex_base_url()}).to_string();
    let client = Client::with_tokens(ClientSettings::from_json(&settings).unwrap(), post, TokenKind::Token).unwrap();
    let start = || {
        let request = request_from_json(r#"{"model":"gpt-5.4","input":"hi"}"#).unwrap();
        client.stream(request, options_from_json("{}", client.settings()).unwrap()).unwrap()
    };
    let wait_for = |count: usize| {
        while replies.lock().unwrap().len() < count {
            std::thread::sleep(Duration::from_millis(1));
        }
    };
    let first = start();
    wait_for(1);
    let others: Vec<_> = (0..10).map(|_| start()).collect();
    first.cancel();
    wait_for(2);
    let both = replies.lock().unwrap().clone();
    let [gone, asked] = &both[..] else { panic!() };
    assert!(!gone.is_wanted());
    asked.answer(token_from_json(json!(forged_token("acct-1"))));
    for stream in others {
        while stream.blocking_drain(&mut VecDeque::new(), 64, None).unwrap() != Drained::Ended {}
        assert!(matches!(stream.end(), Some(End::Completed(_))), "{:?}", stream.end());
    }
    assert_eq!(replies.lock().unwrap().len(), 2);
}

#[test]
fn a_token_source_that_fails_or_hangs_is_told_by_name() {
    let server = TestServer::start_blocking().unwrap();
    let of = |settings: Value, post: Post| {
        let mut settings = settings;
        settings["base_url"] = server.codex_base_url().into();
        Client::with_tokens(ClientSettings::from_json(&settings.to_string()).unwrap(), post, TokenKind::Token).unwrap()
    };
    let fails: Post = Arc::new(|job| job.refuse(Error::new(ErrorKind::Unknown, Stage::MaybeSent, "the vault is shut")));
    let error = outcome(&of(json!({}), fails)).unwrap_err();
    assert_eq!((error.message(), error.stage()), ("the vault is shut", Stage::NotSent));
    let kept: Mutex<Vec<Job>> = Mutex::default();
    let hangs: Post = Arc::new(move |job| kept.lock().unwrap().push(job));
    let error = outcome(&of(json!({"first_byte_timeout_ms": 20, "max_retries": 0}), hangs.clone())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.message().starts_with("the token source gave no token"), "{error}");
    let both = ClientSettings::from_json(r#"{"api_key":"sk-1"}"#).unwrap();
    assert!(Client::with_tokens(both, hangs, TokenKind::ApiKey).unwrap_err().message().contains("both set"));
    assert_eq!(server.request_count(), 0);
}
