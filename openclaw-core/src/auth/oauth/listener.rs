//! The loopback port that the browser comes back to: a few plain GET requests, everything bounded, no task.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::pages::Page;
use super::prompt::{SignInPrompt, SignInStep};
use crate::ambient::Ambient;
use crate::error::{Error, Result};
use crate::transport::within;

/// The most connections at once; the oldest gives way. A browser opens two or three, some of which it never uses.
const MAX_CLIENTS: usize = 32;
/// The most bytes of a request.
const MAX_REQUEST: usize = 32 * 1024;
/// How long one connection may take to ask, and to take its answer.
const CLIENT_LIMIT: Duration = Duration::from_secs(10);
/// How long the end of the flow waits for the last page to be read.
const LAST_PAGE_LIMIT: Duration = Duration::from_secs(3);
/// A port that is in use is tried so often, so long apart.
const TRIES: u32 = 10;
const BETWEEN_TRIES: Duration = Duration::from_millis(200);

/// Listens on 127.0.0.1 and, where there is one, on ::1: `localhost` may mean either.
pub(super) struct Listener {
    sockets: Vec<TcpListener>,
    pub(super) port: u16,
    ambient: Arc<dyn Ambient>,
    reading: Vec<Pin<Box<dyn Future<Output = Option<Visit>> + Send>>>,
    writing: Vec<Pin<Box<dyn Future<Output = ()> + Send>>>,
    /// After a failed accept, which wakes nobody.
    retry: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

/// A request that waits for its page.
pub(super) struct Visit {
    pub(super) path: String,
    pub(super) query: String,
    /// A page of the web made a browser send it.
    pub(super) by_page: bool,
    stream: TcpStream,
}

impl Listener {
    /// Takes the first of these ports that is free; 0 is any. Another sign-in that waits on the first one is asked to
    /// end, as the Codex command line asks too.
    ///
    /// # Errors
    /// `config` when none can be had.
    pub(super) async fn bind(ports: &[u16], ambient: &Arc<dyn Ambient>, prompt: &dyn SignInPrompt) -> Result<Self> {
        let mut failed = None;
        for (at, port) in ports.iter().copied().enumerate() {
            let mut opened = open(port);
            if at == 0 && in_use(&opened) {
                prompt.progress(&SignInStep::PortInUse(port));
                within(&**ambient, Some(CLIENT_LIMIT / 5), ask_to_cancel(port)).await;
                for _ in 0..TRIES {
                    opened = open(port);
                    if !in_use(&opened) {
                        break;
                    }
                    ambient.sleep(BETWEEN_TRIES).await;
                }
            }
            match opened {
                Ok((sockets, port)) => {
                    let ambient = ambient.clone();
                    return Ok(Self { sockets, port, ambient, reading: Vec::new(), writing: Vec::new(), retry: None });
                }
                Err(e) if e.kind() == io::ErrorKind::AddrInUse => {}
                Err(e) => failed = Some((port, e)),
            }
        }
        if let Some((port, e)) = failed {
            let text =
                format!("the sign-in cannot listen on 127.0.0.1:{port}: {e}; use the paste or the device method");
            return Err(Error::config(text).with_source(e));
        }
        let names = ports.iter().map(u16::to_string).collect::<Vec<_>>().join(" and ");
        Err(Error::config(format!(
            "the sign-in cannot listen: port {names} of this machine is in use by another program; end it (another sign-in may wait there), or use the paste or the device method"
        )))
    }

    /// The next request. What is being read stays when this is dropped.
    pub(super) async fn next(&mut self) -> Visit {
        std::future::poll_fn(|cx| {
            let mut failed = false;
            for socket in &self.sockets {
                while let Poll::Ready(accepted) = socket.poll_accept(cx) {
                    let Ok((stream, _)) = accepted else {
                        // A client that went, or no descriptor is free.
                        failed = true;
                        break;
                    };
                    if self.reading.len() >= MAX_CLIENTS {
                        drop(self.reading.remove(0));
                    }
                    let ambient = self.ambient.clone();
                    self.reading.push(Box::pin(async move {
                        within(&*ambient, Some(CLIENT_LIMIT), read_visit(stream)).await.flatten()
                    }));
                }
            }
            if failed && self.retry.is_none() {
                let ambient = self.ambient.clone();
                self.retry = Some(Box::pin(async move { ambient.sleep(BETWEEN_TRIES).await }));
            }
            if self.retry.as_mut().is_some_and(|timer| timer.as_mut().poll(cx).is_ready()) {
                self.retry = None;
                cx.waker().wake_by_ref();
            }
            self.writing.retain_mut(|client| client.as_mut().poll(cx).is_pending());
            let mut visit = None;
            self.reading.retain_mut(|client| match visit {
                Some(_) => true,
                None => match client.as_mut().poll(cx) {
                    Poll::Pending => true,
                    Poll::Ready(came) => {
                        visit = came;
                        false
                    }
                },
            });
            visit.map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }

    /// Sends a page while [`next`](Self::next) goes on.
    pub(super) fn answer(&mut self, visit: Visit, page: &Page<'_>) {
        let bytes = page.bytes();
        let ambient = self.ambient.clone();
        if self.writing.len() >= MAX_CLIENTS {
            drop(self.writing.remove(0));
        }
        self.writing.push(Box::pin(async move {
            within(&*ambient, Some(CLIENT_LIMIT), write_page(visit.stream, bytes)).await;
        }));
    }

    /// Sends the last page and closes: the port is free and every connection ended when this returns.
    pub(super) async fn finish(mut self, visit: Visit, page: &Page<'_>) {
        self.answer(visit, page);
        self.flush().await;
    }

    /// Waits until every page is sent; nobody else is listened to.
    pub(super) async fn flush(&mut self) {
        self.sockets.clear();
        self.reading.clear();
        let ambient = self.ambient.clone();
        let written = std::future::poll_fn(|cx| {
            self.writing.retain_mut(|client| client.as_mut().poll(cx).is_pending());
            if self.writing.is_empty() { Poll::Ready(()) } else { Poll::Pending }
        });
        within(&*ambient, Some(LAST_PAGE_LIMIT), written).await;
    }
}

fn in_use<T>(opened: &io::Result<T>) -> bool {
    opened.as_ref().is_err_and(|e| e.kind() == io::ErrorKind::AddrInUse)
}

/// Both addresses of a port, or neither: who listened on the other one would get the code.
fn open(port: u16) -> io::Result<(Vec<TcpListener>, u16)> {
    let first = std::net::TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
    let port = first.local_addr()?.port();
    let mut sockets = vec![first];
    match std::net::TcpListener::bind(SocketAddr::from((Ipv6Addr::LOCALHOST, port))) {
        Ok(second) => sockets.push(second),
        Err(e) if e.kind() == io::ErrorKind::AddrInUse => return Err(e),
        // A machine without IPv6.
        Err(_) => {}
    }
    let ready = |socket: std::net::TcpListener| {
        socket.set_nonblocking(true)?;
        TcpListener::from_std(socket)
    };
    Ok((sockets.into_iter().map(ready).collect::<io::Result<_>>()?, port))
}

/// Asks whoever waits on this port for a sign-in to end. Nothing of ours is in the request.
async fn ask_to_cancel(port: u16) {
    let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await else { return };
    let request = format!("GET /cancel HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n");
    if stream.write_all(request.as_bytes()).await.is_ok() {
        let _ = stream.read(&mut [0; 256]).await;
    }
}

/// Reads one request. What is none gets its answer here.
async fn read_visit(mut stream: TcpStream) -> Option<Visit> {
    let mut bytes = Vec::new();
    loop {
        match parse(&bytes) {
            Ok(Some(Parsed { path, query, by_page })) => return Some(Visit { path, query, by_page, stream }),
            Ok(None) if bytes.len() < MAX_REQUEST => {}
            Ok(None) => return refuse(stream, "431 Request Header Fields Too Large").await,
            Err(status) => return refuse(stream, status).await,
        }
        let mut piece = [0; 4096];
        match stream.read(&mut piece).await {
            Ok(read) if read > 0 => bytes.extend(piece.iter().take(read)),
            _ => return None,
        }
    }
}

async fn refuse(stream: TcpStream, status: &str) -> Option<Visit> {
    let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    write_page(stream, answer.into_bytes()).await;
    None
}

/// Ends the connection so that the page can still be read: bytes that nobody read would turn the close into a reset.
async fn write_page(mut stream: TcpStream, page: Vec<u8>) {
    if stream.write_all(&page).await.is_err() || stream.shutdown().await.is_err() {
        return;
    }
    let mut bin = [0; 4096];
    let mut left = 256 * 1024_usize;
    while let Ok(read) = stream.read(&mut bin).await {
        left = left.saturating_sub(read);
        if read == 0 || left == 0 {
            return;
        }
    }
}

struct Parsed {
    path: String,
    query: String,
    by_page: bool,
}

/// A whole request head, nothing yet, or the status that refuses it.
fn parse(bytes: &[u8]) -> Result<Option<Parsed>, &'static str> {
    let mut slots = [httparse::EMPTY_HEADER; 100];
    let mut request = httparse::Request::new(&mut slots);
    match request.parse(bytes) {
        Ok(httparse::Status::Complete(_)) => {}
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(_) => return Err("400 Bad Request"),
    }
    if !matches!(request.method, Some("GET")) {
        return Err("405 Method Not Allowed");
    }
    let header = |name: &str| request.headers.iter().find(|h| h.name.eq_ignore_ascii_case(name)).map(|h| h.value);
    // A page whose name was made to point to this machine still names itself.
    let host = header("host").and_then(|host| std::str::from_utf8(host).ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if !matches!(name, "localhost" | "127.0.0.1" | "[::1]") {
        return Err("421 Misdirected Request");
    }
    let by_page = ["origin", "referer", "sec-fetch-site"].iter().any(|name| header(name).is_some());
    let target = request.path.unwrap_or("/");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Ok(Some(Parsed { path: path.to_owned(), query: query.to_owned(), by_page }))
}
