//! What every process of a family of forks has for itself. A process of its own, because a generation is for ever.
#![cfg(feature = "embed")]

use std::collections::VecDeque;

use openclaw_core::Error;
use openclaw_core::embed::{
    ChainSettings, Client, ClientSettings, Drained, End, PerProcess, Runtime, forget_after_fork, generation,
    keep_journal, options_from_json, request_from_json, take_journal,
};
use openclaw_core::testing::{Scenario, TestServer, forged_token};

/// One after the other: a generation is one for all threads.
#[test]
fn each_process_has_its_own() {
    a_runtime_is_there_however_deep_forks_are_nested();
    a_chain_works_whose_members_were_closed();
    lines_of_the_parent_are_the_parents();
}

fn a_runtime_is_there_however_deep_forks_are_nested() {
    let value = PerProcess::<std::sync::OnceLock<usize>>::default();
    let mut before = Runtime::shared().unwrap();
    for depth in 0..40 {
        assert_eq!(generation(), depth);
        assert_eq!(value.get().get_or_init(|| depth), &depth, "a value of before the fork was found");
        assert_eq!(before.block_on(async { depth }).unwrap(), depth);
        forget_after_fork();
        assert!(before.is_forked() && before.block_on(async {}).is_err());
        before = Runtime::shared().unwrap();
        assert!(!before.is_forked() && !Runtime::shared().unwrap().is_forked());
    }
    // One that is made late begins where it is made.
    let late = PerProcess::<std::sync::OnceLock<usize>>::default();
    late.get().set(1).unwrap();
    assert_eq!((late.get().get(), value.get().get()), (Some(&1), None));
}

fn chain(server: &TestServer) -> Client {
    let settings = format!(r#"{{"token":"{}","base_url":"{}"}}"#, forged_token("acct-1"), server.codex_base_url());
    let member = Client::new(ClientSettings::from_json(&settings).unwrap()).unwrap();
    let chain = Client::chain(vec![("a/gpt-5.4".to_owned(), member.clone())], ChainSettings::default()).unwrap();
    member.close();
    chain
}

fn ask(client: &Client) -> Result<String, Error> {
    let request = request_from_json(r#"{"input":"hi"}"#).unwrap();
    let stream = client.stream(request, options_from_json("{}", client.settings()).unwrap())?;
    while stream.blocking_drain(&mut VecDeque::new(), 64, None)? != Drained::Ended {}
    match stream.end() {
        Some(End::Completed(response)) => Ok(response.text()),
        Some(End::Failed(error)) => Err(error),
        other => panic!("{other:?}"),
    }
}

fn a_chain_works_whose_members_were_closed() {
    let server = TestServer::start_blocking().unwrap();
    let chain = chain(&server);
    let text = ask(&chain).unwrap();
    forget_after_fork();
    assert_eq!(ask(&chain).unwrap(), text);
}

fn lines_of_the_parent_are_the_parents() {
    assert!(keep_journal());
    let blocked = TestServer::builder().scenario(Scenario::Challenge).start_blocking().unwrap();
    ask(&chain(&blocked)).unwrap_err();
    forget_after_fork();
    assert_eq!(take_journal(), [], "the child tells what happened in its parent");
    ask(&chain(&blocked)).unwrap_err();
    assert!(!take_journal().is_empty());
}
