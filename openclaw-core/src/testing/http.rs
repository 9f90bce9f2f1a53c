//! Requests as they come off the socket.

use std::io;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The most bytes of request line and headers.
const MAX_HEAD: usize = 64 * 1024;
/// The most headers.
const MAX_HEADERS: usize = 256;
/// The most bytes of a body.
const MAX_BODY: usize = 128 * 1024 * 1024;
/// The most bytes of the line that starts a chunk, and of all trailers.
const MAX_LINE: usize = 8 * 1024;

/// A request.
#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: Option<String>,
    /// Names in lower case, in the order of the wire.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Bytes,
    pub(super) keep_alive: bool,
    /// HTTP/1.0: no chunks.
    pub(super) old: bool,
}

impl Incoming {
    /// What stands for a request that could not be read, so that its refusal can be sent.
    pub(super) fn unreadable() -> Self {
        Self {
            method: String::new(),
            path: String::new(),
            query: None,
            headers: Vec::new(),
            body: Bytes::new(),
            keep_alive: false,
            old: false,
        }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// Why there is no request.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The other side went, between two requests or in the middle of one.
    Gone,
    /// It sent something that is answered with this status and text.
    Answer(u16, String),
}

impl From<io::Error> for Refusal {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

/// Reads the next request. `inbox` holds what was read and not yet used.
pub(super) async fn read_request(stream: &mut TcpStream, inbox: &mut BytesMut) -> Result<Incoming, Refusal> {
    let head = loop {
        if let Some(head) = parse_head(inbox)? {
            break head;
        }
        if inbox.len() > MAX_HEAD {
            return Err(too_large_head());
        }
        read_more(stream, inbox).await?;
    };
    let Head { mut request, length, chunked, continues } = head;
    if continues {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
    }
    request.body = match (chunked, length) {
        (true, _) => read_chunked(stream, inbox).await?,
        (false, Some(length)) => read_counted(stream, inbox, length).await?,
        (false, None) => Bytes::new(),
    };
    Ok(request)
}

struct Head {
    request: Incoming,
    length: Option<usize>,
    chunked: bool,
    continues: bool,
}

/// Takes the head out of the inbox, once it is all there.
fn parse_head(inbox: &mut BytesMut) -> Result<Option<Head>, Refusal> {
    let mut slots = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Request::new(&mut slots);
    let used = match parsed.parse(inbox) {
        Ok(httparse::Status::Complete(used)) if used <= MAX_HEAD => used,
        Ok(httparse::Status::Complete(_)) => return Err(too_large_head()),
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => {
            return Err(Refusal::Answer(431, format!("more than {MAX_HEADERS} headers")));
        }
        Err(e) => return Err(Refusal::Answer(400, format!("the request is not HTTP/1.1: {e}"))),
    };
    let target = parsed.path.unwrap_or("/");
    // The absolute form is what a client sends to a proxy.
    let target = match target.split_once("://") {
        Some((_, rest)) if !target.starts_with('/') => rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/"),
        _ => target,
    };
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query.to_owned())),
        None => (target, None),
    };
    let headers: Vec<(String, String)> = parsed
        .headers
        .iter()
        .map(|h| (h.name.to_ascii_lowercase(), String::from_utf8_lossy(h.value).into_owned()))
        .collect();
    let old = parsed.version == Some(0);
    let mut request = Incoming {
        method: parsed.method.unwrap_or_default().to_owned(),
        path: path.to_owned(),
        query,
        headers,
        body: Bytes::new(),
        keep_alive: !old,
        old,
    };
    if let Some(connection) = request.header("connection") {
        let connection = connection.to_ascii_lowercase();
        request.keep_alive = if old { connection.contains("keep-alive") } else { !connection.contains("close") };
    }
    let chunked = match request.header("transfer-encoding").map(str::to_ascii_lowercase).as_deref() {
        None => false,
        Some("chunked") => true,
        Some(other) => return Err(Refusal::Answer(501, format!("transfer-encoding {other:?} is not known"))),
    };
    let length = match request.header("content-length") {
        _ if chunked => None,
        None => None,
        Some(text) => match text.parse::<usize>() {
            Ok(length) if length <= MAX_BODY => Some(length),
            Ok(_) => return Err(too_large_body()),
            Err(_) => return Err(Refusal::Answer(400, "content-length is not a number".to_owned())),
        },
    };
    let continues = request.header("expect").is_some_and(|e| e.eq_ignore_ascii_case("100-continue"));
    drop(inbox.split_to(used));
    Ok(Some(Head { request, length, chunked, continues }))
}

async fn read_counted(stream: &mut TcpStream, inbox: &mut BytesMut, length: usize) -> Result<Bytes, Refusal> {
    // Memory grows with what comes, not with what is announced.
    let mut body = Vec::with_capacity(length.min(1024 * 1024));
    body.extend_from_slice(&inbox.split_to(length.min(inbox.len())));
    let rest = length - body.len();
    if rest > 0 {
        stream.take(rest as u64).read_to_end(&mut body).await?;
    }
    if body.len() < length { Err(Refusal::Gone) } else { Ok(body.into()) }
}

async fn read_chunked(stream: &mut TcpStream, inbox: &mut BytesMut) -> Result<Bytes, Refusal> {
    let mut body = Vec::new();
    loop {
        let size = loop {
            match httparse::parse_chunk_size(inbox) {
                Ok(httparse::Status::Complete((used, size))) => {
                    drop(inbox.split_to(used));
                    break usize::try_from(size).unwrap_or(usize::MAX);
                }
                Ok(httparse::Status::Partial) if inbox.len() <= MAX_LINE => read_more(stream, inbox).await?,
                _ => return Err(bad_chunk()),
            }
        };
        if size == 0 {
            skip_trailers(stream, inbox).await?;
            return Ok(body.into());
        }
        if size > MAX_BODY.saturating_sub(body.len()) {
            return Err(too_large_body());
        }
        body.extend_from_slice(&read_counted(stream, inbox, size).await?);
        while inbox.len() < 2 {
            read_more(stream, inbox).await?;
        }
        if &inbox.split_to(2)[..] != b"\r\n" {
            return Err(bad_chunk());
        }
    }
}

async fn skip_trailers(stream: &mut TcpStream, inbox: &mut BytesMut) -> Result<(), Refusal> {
    let mut skipped = 0;
    loop {
        match memchr::memchr(b'\n', inbox) {
            Some(end) => {
                let line = inbox.split_to(end + 1);
                if line.trim_ascii().is_empty() {
                    return Ok(());
                }
                skipped += line.len();
            }
            None => read_more(stream, inbox).await?,
        }
        if skipped + inbox.len() > MAX_HEAD {
            return Err(bad_chunk());
        }
    }
}

async fn read_more(stream: &mut TcpStream, inbox: &mut BytesMut) -> Result<(), Refusal> {
    match stream.read_buf(inbox).await? {
        0 => Err(Refusal::Gone),
        _ => Ok(()),
    }
}

fn too_large_head() -> Refusal {
    Refusal::Answer(431, format!("request line and headers are over {MAX_HEAD} bytes"))
}

fn too_large_body() -> Refusal {
    Refusal::Answer(413, format!("the body is over {MAX_BODY} bytes"))
}

fn bad_chunk() -> Refusal {
    Refusal::Answer(400, "the chunks of the body are broken".to_owned())
}
