//! What goes over the wire, byte by byte; broken HTTP.

use std::time::{Duration, Instant};

use openclaw_core::testing::{Exchange, Framing, Script, TestServer, forged_token};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::ask::{RESPONSES, body, call, closing, exchange, post, request};

#[tokio::test]
async fn bytes_and_chunks_are_exact() {
    let chunks = Exchange::new(207).header("X-Case", "Kept").send("ab").send("c\r\nd").chunk_bytes(3);
    let script = Script::new()
        .exchange(chunks.send("1234").send("5678"))
        .exchange(Exchange::new(200).framing(Framing::ContentLength).send("he").send("llo"))
        .exchange(Exchange::new(200).framing(Framing::Close).send([0, 255]))
        .exchange(Exchange::new(200).framing(Framing::Raw).send("HTTP/1.1 99"));
    let server = TestServer::builder().script(script).start().await.unwrap();
    let (bytes, end) = exchange(&server, &closing(&post(&body()))).await;
    end.unwrap();
    assert_eq!(
        String::from_utf8(bytes).unwrap(),
        "HTTP/1.1 207 Multi-Status\r\nX-Case: Kept\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n\
         2\r\nab\r\n4\r\nc\r\nd\r\n3\r\n123\r\n3\r\n456\r\n2\r\n78\r\n0\r\n\r\n"
    );
    let (bytes, _) = exchange(&server, &closing(&post(&body()))).await;
    assert_eq!(bytes, b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello");
    let (bytes, _) = exchange(&server, &post(&body())).await;
    assert_eq!(bytes, b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n\x00\xff");
    let (bytes, _) = exchange(&server, &post(&body())).await;
    assert_eq!(bytes, b"HTTP/1.1 99");
    let got = call(&server, &body()).await;
    assert_eq!(got.status, 500);
    assert!(got.text.contains("none of the 4 exchanges"), "{}", got.text);
}

#[tokio::test]
async fn reset_close_and_a_false_length_are_seen_as_such() {
    let script = Script::new()
        .exchange(Exchange::new(200).send("x").delay(Duration::from_millis(50)).reset())
        .exchange(Exchange::new(200).send("x").close())
        .exchange(Exchange::new(200).header("content-length", "9").send("x"));
    let server = TestServer::builder().script(script).start().await.unwrap();
    let (bytes, end) = exchange(&server, &post(&body())).await;
    assert!(bytes.ends_with(b"1\r\nx\r\n"));
    assert_eq!(end.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
    let (bytes, end) = exchange(&server, &post(&body())).await;
    assert!(bytes.ends_with(b"1\r\nx\r\n"));
    end.unwrap();
    let (bytes, end) = exchange(&server, &post(&body())).await;
    assert!(bytes.ends_with(b"content-length: 9\r\n\r\nx"));
    end.unwrap();
}

#[tokio::test]
async fn delays_and_stalls_take_their_time_and_see_the_client_go() {
    let script = Script::new()
        .exchange(Exchange::json(200, &json!(1)).delay(Duration::from_millis(150)))
        .exchange(Exchange::new(200).send("x").stall())
        .exchange(Exchange::new(200).send("x").delay(Duration::from_secs(3600)));
    let server = TestServer::builder().script(script).start().await.unwrap();
    assert_eq!(call(&server, &body()).await.text, "1");
    server.wait_for_connections(0).await.unwrap();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(server.addr()).await.unwrap();
        stream.write_all(post(&body()).as_bytes()).await.unwrap();
        let mut some = [0; 512];
        let more = tokio::time::timeout(Duration::from_millis(100), async {
            while stream.read(&mut some).await.unwrap() > 0 {}
        });
        assert!(more.await.is_err(), "a stall does not end");
        assert_eq!(server.open_connections(), 1);
        drop(stream);
        server.wait_for_connections(0).await.unwrap();
    }
}

#[tokio::test]
async fn a_connection_carries_several_requests() {
    let server = TestServer::start().await.unwrap();
    let chunked = format!(
        "POST {RESPONSES} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nTransfer-Encoding: chunked\r\n\r\n\
         5\r\n{{\"mod\r\n3;ext=1\r\nel\"\r\n1\r\n}}\r\n0\r\nTrailer: x\r\n\r\n",
        forged_token("a")
    );
    let last = request("GET", "/backend-api/wham/usage?a=1&token=tok-en", &forged_token("a"), "");
    let last = closing(&last).replace("Host: x", "Host: x\r\nCookie: a=tok-en; b=c");
    // All at once: what comes early is kept.
    let (bytes, end) = exchange(&server, &format!("{}{chunked}{last}", post(&body()))).await;
    end.unwrap();
    let text = String::from_utf8(bytes).unwrap();
    assert_eq!(text.matches("HTTP/1.1 200 OK").count(), 2, "{text}");
    assert_eq!(text.matches("HTTP/1.1 400 Bad Request").count(), 1, "{text}");
    let requests = server.wait_for_requests(3).await.unwrap();
    assert!(requests.iter().all(|request| request.connection == 1));
    assert_eq!(requests[1].body.as_ref(), b"{\"model\"}");
    assert_eq!(requests[2].query.as_deref(), Some("a=1&token=[secret]"));
    assert_eq!(requests[2].header("cookie"), Some("[secret]"));
}

#[tokio::test]
async fn bad_http_gets_a_clear_answer() {
    let server = TestServer::start().await.unwrap();
    let huge = format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(70_000));
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(300));
    let cases = [
        ("non\u{1}sense\r\n\r\n", "400"),
        (huge.as_str(), "431"),
        (many.as_str(), "431"),
        ("POST / HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n", "413"),
        ("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", "400"),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", "501"),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400"),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n", "400"),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n", "413"),
    ];
    for (bytes, status) in cases {
        let mut stream = TcpStream::connect(server.addr()).await.unwrap();
        stream.write_all(bytes.as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(String::from_utf8_lossy(&answer), format!("HTTP/1.1 {status}"), "{bytes:.60}");
    }
    assert_eq!(server.requests().len(), 0);
    // Half a request is nobody's fault.
    let mut stream = TcpStream::connect(server.addr()).await.unwrap();
    stream.write_all(b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nx").await.unwrap();
    drop(stream);
    server.wait_for_connections(0).await.unwrap();
    assert_eq!(call(&server, &body()).await.status, 200);
}

/// Whatever comes, the server lives and serves the next one.
#[tokio::test]
async fn broken_requests_break_nothing() {
    let server = TestServer::start().await.unwrap();
    let chunked = format!("POST {RESPONSES} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
    let mut dice = 1_u64;
    let mut roll = |end: usize| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(dice >> 33).unwrap() % end
    };
    for round in 0..400 {
        let mut bytes = if round % 2 == 0 { post(&body()).into_bytes() } else { chunked.clone().into_bytes() };
        for _ in 0..=roll(4) {
            let at = roll(bytes.len());
            match roll(4) {
                0 => bytes[at] = u8::try_from(roll(256)).unwrap(),
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, b"\r\n:0 f;\0\xff"[roll(9)]),
                _ => bytes.truncate(at.max(1)),
            }
        }
        let mut stream = TcpStream::connect(server.addr()).await.unwrap();
        stream.write_all(&bytes).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut all = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut all)).await;
        let _ = read.unwrap_or_else(|_| panic!("no end for {:?}", String::from_utf8_lossy(&bytes)));
        assert!(all.is_empty() || all.starts_with(b"HTTP/1.1 "));
    }
    assert_eq!(call(&server, &body()).await.status, 200);
    server.wait_for_connections(0).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_paused_clock_does_not_hurry_the_server() {
    let script = Script::new().exchange(Exchange::new(200).delay(Duration::from_millis(80)).send("x"));
    let server = TestServer::builder().script(script).start().await.unwrap();
    let start = Instant::now();
    let (bytes, _) = exchange(&server, &closing(&post(&body()))).await;
    assert!(bytes.ends_with(b"0\r\n\r\n") && start.elapsed() >= Duration::from_millis(80));
}
