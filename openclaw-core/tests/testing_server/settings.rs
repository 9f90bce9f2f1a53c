//! How it is started, what it records, how it ends.

use openclaw_core::testing::{TestServer, forged_token};
use serde_json::{Value, json};

use crate::ask::{RESPONSES, body, post, send, with};

#[tokio::test]
async fn secrets_are_masked_in_memory_and_in_the_file() {
    let file = std::env::temp_dir().join(format!("openclaw-record-{}.jsonl", std::process::id()));
    let _ = std::fs::remove_file(&file);
    let server = TestServer::builder().record_to(&file).start().await.unwrap();
    let token = forged_token("acct-1");
    let sent = with("client_metadata", json!({"refresh_token": "very-secret", "session": "s"}));
    send(&server, "POST", RESPONSES, Some(&token), Some(&sent)).await;
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].header("authorization"), Some("Bearer [secret]"));
    assert_eq!((requests[0].method.as_str(), requests[0].path.as_str()), ("POST", RESPONSES));
    assert_eq!(requests[0].json().unwrap(), sent, "the body in memory is whole");
    assert!(!format!("{:?}", requests[0]).contains(&token));
    let lines = std::fs::read_to_string(&file).unwrap();
    assert!(!lines.contains(&token) && !lines.contains("very-secret"));
    let line: Value = serde_json::from_str(lines.trim_end()).unwrap();
    assert_eq!(line["body"]["client_metadata"], json!({"refresh_token": "[secret]", "session": "s"}));
    assert_eq!(line["method"], "POST");
    server.clear();
    assert_eq!((server.requests().len(), server.request_count()), (0, 0));
    std::fs::remove_file(file).unwrap();
}

#[test]
fn serves_without_a_runtime_and_frees_its_port() {
    use std::io::{Read, Write};

    let server = TestServer::start_blocking().unwrap();
    let other = TestServer::start_blocking().unwrap();
    assert_ne!(server.addr(), other.addr());
    let mut stream = std::net::TcpStream::connect(server.addr()).unwrap();
    stream.write_all(post(&body()).as_bytes()).unwrap();
    assert_eq!(server.wait_for_requests_blocking(1).unwrap().len(), 1);
    let addr = server.addr();
    let taken = TestServer::builder().addr(addr.to_string()).start_blocking().unwrap_err();
    assert!(taken.message().contains(&addr.to_string()), "{taken}");
    server.shutdown();
    let _ = stream.read_to_end(&mut Vec::new()); // The connection ended with the server.
    assert!(std::net::TcpStream::connect(addr).is_err());
}

#[test]
fn wrong_settings_are_refused() {
    for (addr, part) in [
        ("0.0.0.0:0", "loopback only"),
        ("example.com:80", "not an address"),
        ("127.0.0.1", "not an address"),
        ("", "not an address"),
    ] {
        let error = TestServer::builder().addr(addr).start_blocking().unwrap_err();
        assert!(error.message().contains(part), "{error}");
    }
    assert!(TestServer::builder().addr("localhost:0").start_blocking().is_ok());
    let error = TestServer::builder().record_to("/nonexistent/dir/file").start_blocking().unwrap_err();
    assert!(error.message().contains("/nonexistent/dir/file"), "{error}");
}
