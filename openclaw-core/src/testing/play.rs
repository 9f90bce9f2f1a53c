//! Answers as they go onto the socket.

use std::io;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::http::Incoming;
use super::script::frame;
use super::{Framing, Page, Step};

/// How much may come in while an answer goes out.
const MAX_AHEAD: usize = 64 * 1024;

/// An answer.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) framing: Framing,
    pub(super) steps: Vec<Step>,
}

impl Reply {
    pub(super) fn new(status: u16, framing: Framing, steps: Vec<Step>) -> Self {
        Self { status, headers: Vec::new(), framing, steps }
    }

    pub(super) fn json(status: u16, body: &Value) -> Self {
        let steps = vec![Step::Send { bytes: body.to_string().into(), times: 1 }];
        Self::new(status, Framing::ContentLength, steps).header("content-type", "application/json")
    }

    pub(super) fn stream(steps: Vec<Step>) -> Self {
        Self::new(200, Framing::Chunked, steps).header("content-type", "text/event-stream; charset=utf-8")
    }

    pub(super) fn page(page: Page) -> Self {
        let steps = vec![Step::Send { bytes: page.body.into(), times: 1 }];
        Self { status: page.status, headers: page.headers, framing: Framing::ContentLength, steps }
    }

    pub(super) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    fn has(&self, name: &str) -> bool {
        self.headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name))
    }

    /// How many bytes the steps send.
    fn length(&self) -> u64 {
        let one = |step: &Step| match step {
            Step::Send { bytes, times } => (bytes.len() as u64).saturating_mul(u64::from(*times)),
            Step::Sse(event) => frame(event).len() as u64,
            _ => 0,
        };
        self.steps.iter().map(one).fold(0, u64::saturating_add)
    }
}

/// Whether the connection can carry another request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum After {
    KeepAlive,
    Close,
}

/// Plays the answer.
///
/// # Errors
/// The other side went.
pub(super) async fn play(
    stream: &mut TcpStream,
    inbox: &mut BytesMut,
    request: &Incoming,
    reply: &Reply,
) -> io::Result<After> {
    let bodyless = request.method == "HEAD" || matches!(reply.status, 204 | 304);
    let own_length = reply.has("content-length") || reply.has("transfer-encoding");
    let framing = match reply.framing {
        Framing::Chunked if request.old => Framing::Close,
        framing => framing,
    };
    let ends_itself = framing != Framing::Close && !own_length;
    let keep_alive = request.keep_alive && framing != Framing::Close;
    if framing != Framing::Raw {
        let mut head = format!("HTTP/1.1 {} {}\r\n", reply.status, reason(reply.status));
        let mut put = |name: &str, value: &str| {
            head.extend([name, ": ", value, "\r\n"]);
        };
        reply.headers.iter().for_each(|(name, value)| put(name, value));
        if !own_length {
            match framing {
                Framing::Chunked if !bodyless => put("transfer-encoding", "chunked"),
                Framing::ContentLength if reply.status != 204 => put("content-length", &reply.length().to_string()),
                _ => {}
            }
        }
        if !keep_alive && !reply.has("connection") {
            put("connection", "close");
        }
        head.push_str("\r\n");
        stream.write_all(head.as_bytes()).await?;
    }
    if bodyless && framing != Framing::Raw {
        return Ok(if keep_alive { After::KeepAlive } else { After::Close });
    }
    let chunked = framing == Framing::Chunked && !own_length;
    let mut body = Body { stream, inbox, chunked, piece: 0, held: BytesMut::new(), sent: 0 };
    for step in &reply.steps {
        match step {
            Step::Send { bytes, times } => {
                for _ in 0..*times {
                    body.send(bytes.0.clone()).await?;
                }
            }
            Step::Sse(event) => body.send(frame(event).into()).await?,
            Step::Delay(time) => body.delay(*time).await?,
            Step::ChunkBytes(n) => {
                body.flush().await?;
                body.piece = *n;
            }
            Step::Stall => {
                body.flush().await?;
                body.gone().await;
                return Ok(After::Close);
            }
            Step::Reset => {
                body.flush().await?;
                // With unread input the kernel would do so by itself; without, it has to be told.
                body.stream.set_zero_linger()?;
                return Err(io::ErrorKind::ConnectionReset.into());
            }
            Step::Close => {
                body.flush().await?;
                return Ok(After::Close);
            }
        }
    }
    body.flush().await?;
    if chunked {
        body.stream.write_all(b"0\r\n\r\n").await?;
    }
    let promised = reply.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case("content-length"));
    let whole = match promised {
        Some((_, promised)) => promised.trim().parse() == Ok(body.sent),
        None => ends_itself && framing != Framing::Raw,
    };
    Ok(if keep_alive && whole { After::KeepAlive } else { After::Close })
}

struct Body<'a> {
    stream: &'a mut TcpStream,
    inbox: &'a mut BytesMut,
    chunked: bool,
    /// The size of a piece; 0: every send is one.
    piece: usize,
    /// Less than a piece, waiting for more.
    held: BytesMut,
    sent: u64,
}

impl Body<'_> {
    async fn send(&mut self, mut bytes: Bytes) -> io::Result<()> {
        if self.piece == 0 {
            return self.write(bytes).await;
        }
        while !bytes.is_empty() {
            if self.held.is_empty() && bytes.len() >= self.piece {
                let piece = bytes.split_to(self.piece);
                self.write(piece).await?;
                continue;
            }
            let missing = self.piece.saturating_sub(self.held.len());
            self.held.extend_from_slice(&bytes.split_to(missing.min(bytes.len())));
            if self.held.len() >= self.piece {
                self.flush().await?;
            }
        }
        Ok(())
    }

    async fn flush(&mut self) -> io::Result<()> {
        let held = self.held.split().freeze();
        self.write(held).await
    }

    /// One piece: one write, and one HTTP chunk where there are chunks.
    async fn write(&mut self, piece: Bytes) -> io::Result<()> {
        if piece.is_empty() {
            return Ok(()); // An empty chunk would end the body.
        }
        self.sent += piece.len() as u64;
        if !self.chunked {
            return self.stream.write_all(&piece).await;
        }
        let start = Bytes::from(format!("{:x}\r\n", piece.len()));
        let mut chunk = start.chain(piece).chain(&b"\r\n"[..]);
        self.stream.write_all_buf(&mut chunk).await
    }

    async fn delay(&mut self, time: Duration) -> io::Result<()> {
        self.flush().await?;
        tokio::select! {
            () = tokio::time::sleep(time) => Ok(()),
            () = self.gone() => Err(io::ErrorKind::ConnectionAborted.into()),
        }
    }

    /// Ends when the other side closed the connection, or sends more than can be kept.
    async fn gone(&mut self) {
        while self.inbox.len() < MAX_AHEAD {
            match self.stream.read_buf(self.inbox).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        }
    }
}

/// Ends a connection so that what was sent can still be read: bytes that nobody read would turn the close into a reset.
pub(super) async fn linger(stream: &mut TcpStream) {
    let _ = stream.shutdown().await;
    let mut bin = vec![0; 16 * 1024];
    let drain = async { while matches!(stream.read(&mut bin).await, Ok(n) if n > 0) {} };
    let _ = tokio::time::timeout(Duration::from_secs(2), drain).await;
}

fn reason(status: u16) -> &'static str {
    http::StatusCode::from_u16(status).ok().and_then(|s| s.canonical_reason()).unwrap_or("Unknown")
}
