//! The server: a listener, a thread, and what a test asks of them.

use std::fmt;
use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::{Semaphore, oneshot, watch};

use super::backend::Backend;
use super::check::detail;
use super::http::{Incoming, Refusal, read_request};
use super::play::{After, linger, play};
use super::record::Log;
use super::{ForgedToken, IssuedTokens, IssuerCounts, IssuerFault, RecordedRequest, Scenario, Script};
use crate::ambient::{self, Ambient};
use crate::error::{Error, ErrorKind, Result, Stage};

/// How long a wait of a test lasts at most.
const PATIENCE: Duration = Duration::from_secs(10);
/// The most connections at once; further ones wait.
const MAX_CONNECTIONS: usize = 1024;

/// A loopback server that behaves as the Codex backend does, as `api.openai.com/v1` does, and as `api.anthropic.com/v1` does.
///
/// It runs on a thread of its own, so it serves asynchronous tests on any runtime, tests with a paused clock, and code
/// that blocks. It stops when it is dropped. Several can run in one process. See the [module](super) for what it answers.
pub struct TestServer {
    addr: SocketAddr,
    shared: Arc<Shared>,
    handle: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    process: u32,
}

/// How a [`TestServer`] is set up.
#[derive(Debug, Clone)]
#[must_use]
pub struct TestServerBuilder {
    addr: String,
    scenario: Option<Scenario>,
    script: Option<Script>,
    script_file: Option<PathBuf>,
    check: bool,
    record: Option<PathBuf>,
    ambient: Arc<dyn Ambient>,
}

impl TestServerBuilder {
    /// Sets where it listens: `127.0.0.1:0` (any free port) unless set. Only loopback addresses are accepted.
    pub fn addr(mut self, addr: impl Into<String>) -> Self {
        self.addr = addr.into();
        self
    }

    /// Sets what calls of a model get: [`Scenario::Plain`] unless set.
    pub fn scenario(mut self, scenario: Scenario) -> Self {
        self.scenario = Some(scenario);
        self
    }

    /// Sets a script. It goes before the scenario, which, if one is set, answers what the script has no exchange for.
    pub fn script(mut self, script: Script) -> Self {
        self.script = Some(script);
        self
    }

    /// Sets a script that is read from a file when the server starts.
    pub fn script_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.script_file = Some(path.into());
        self
    }

    /// Sets whether requests are judged as the real backend judges them. They are unless set.
    pub fn check_requests(mut self, check: bool) -> Self {
        self.check = check;
        self
    }

    /// Appends every request to this file, one JSON object a line, credentials masked.
    pub fn record_to(mut self, path: impl Into<PathBuf>) -> Self {
        self.record = Some(path.into());
        self
    }

    /// Sets the clock that decides whether a token has expired and when limits reset. The delays of a script are real
    /// ones in any case.
    pub fn ambient(mut self, ambient: Arc<dyn Ambient>) -> Self {
        self.ambient = ambient;
        self
    }

    /// Starts it.
    ///
    /// # Errors
    /// `config`: the address is not a loopback address or is in use, the script is wrong, the record file cannot be
    /// written, or no thread could be started.
    pub async fn start(self) -> Result<TestServer> {
        self.start_blocking()
    }

    /// Starts it, for hosts without a runtime. The same server: [`start`](Self::start) never waits.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn start_blocking(self) -> Result<TestServer> {
        let fault = |what: String, e: std::io::Error| Error::config(format!("{what}: {e}")).with_source(e);
        let wanted = loopback(&self.addr)?;
        let script = match (self.script, self.script_file) {
            (Some(_), Some(file)) => {
                let file = file.display();
                return Err(Error::config(format!("both a script and the script file {file} are set; keep one")));
            }
            (script, None) => script,
            (None, Some(file)) => Some(Script::load(file)?),
        };
        let listener =
            TcpListener::bind(wanted).map_err(|e| fault(format!("the test server cannot listen on {wanted}"), e))?;
        let addr = listener
            .set_nonblocking(true)
            .and_then(|()| listener.local_addr())
            .map_err(|e| fault(format!("the test server cannot use {wanted}"), e))?;
        let log = Log::open(self.record.as_deref()).map_err(|e| {
            let file = self.record.unwrap_or_default();
            fault(format!("the record file {} cannot be opened", file.display()), e)
        })?;
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| fault("the test server cannot start its runtime".to_owned(), e))?;
        let mut backend = Backend::new(self.scenario, self.check, self.ambient);
        backend.set_script(script);
        backend.issuer.address = format!("http://{addr}");
        let shared = Arc::new(Shared {
            backend: Mutex::new(backend),
            log: Mutex::new(log),
            counts: watch::Sender::new(Counts::default()),
            started: Instant::now(),
            numbers: AtomicU64::new(0),
        });
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("openclaw-test-server".to_owned())
            .spawn({
                let shared = shared.clone();
                move || run(&runtime, listener, &shared, stopped)
            })
            .map_err(|e| fault("the test server cannot start its thread".to_owned(), e))?;
        Ok(TestServer { addr, shared, handle, stop: Some(stop), thread: Some(thread), process: std::process::id() })
    }
}

impl TestServer {
    /// Starts a server that answers every call with a plain answer, on a free port.
    ///
    /// # Errors
    /// As [`TestServerBuilder::start`].
    pub async fn start() -> Result<Self> {
        Self::builder().start().await
    }

    /// The same for hosts without a runtime.
    ///
    /// # Errors
    /// As [`TestServerBuilder::start`].
    pub fn start_blocking() -> Result<Self> {
        Self::builder().start_blocking()
    }

    /// Sets a server up.
    pub fn builder() -> TestServerBuilder {
        TestServerBuilder {
            addr: "127.0.0.1:0".to_owned(),
            scenario: None,
            script: None,
            script_file: None,
            check: true,
            record: None,
            ambient: ambient::system(),
        }
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// `http://127.0.0.1:PORT/backend-api`, below which the usage endpoint lies.
    pub fn base_url(&self) -> String {
        format!("http://{}/backend-api", self.addr)
    }

    /// `http://127.0.0.1:PORT/backend-api/codex`: the base URL for a Codex provider.
    pub fn codex_base_url(&self) -> String {
        format!("http://{}/backend-api/codex", self.addr)
    }

    /// `http://127.0.0.1:PORT/v1`: the base URL for an OpenAI provider, where any key that begins with `sk-` is good, and for
    /// an Anthropic one, whose keys begin with `sk-ant-api`.
    pub fn platform_base_url(&self) -> String {
        format!("http://{}/v1", self.addr)
    }

    /// `http://127.0.0.1:PORT`: the login server.
    ///
    /// Sign-in page (`/oauth/authorize`, with a button to continue and one to deny), token endpoint, device codes
    /// (`/codex/device`), revocation, and plan sharing with its discovery document. Codes and refresh tokens work once; a
    /// refresh token that comes a second time ends every token of its sign-in. A [`Script`] may answer its paths too, if an
    /// exchange names the path.
    pub fn issuer_url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// What the login server was asked since the start.
    pub fn issuer_counts(&self) -> IssuerCounts {
        lock(&self.shared.backend).issuer.counts
    }

    /// Sets who signs in from now on, and what the tokens say of that person. Their end is the server's matter.
    pub fn set_person(&self, person: ForgedToken) {
        lock(&self.shared.backend).issuer.person = person;
    }

    /// Sets how long access tokens last that are issued from now on: 10 days unless set.
    pub fn set_token_lifetime(&self, lifetime: Duration) {
        lock(&self.shared.backend).issuer.lifetime = lifetime;
    }

    /// Lets the next requests for tokens, device codes and revocations meet this fault, so many times; a fault of the sign-in
    /// page the next persons who continue there.
    pub fn fail_sign_in(&self, fault: IssuerFault, times: u32) {
        lock(&self.shared.backend).issuer.fault = (times > 0).then_some((fault, times));
    }

    /// The tokens of a new login of this person, as a sign-in would give: for tests of what comes after it.
    pub fn issue_tokens(&self, person: &ForgedToken) -> IssuedTokens {
        lock(&self.shared.backend).issuer.issue(person)
    }

    /// Sets how long apart a device code is asked for: 5 s unless set, in whole seconds.
    pub fn set_device_interval(&self, interval: Duration) {
        lock(&self.shared.backend).issuer.device_interval = interval;
    }

    /// Clicks on the sign-in page of this address, as the person would: gives the address that the browser is sent to then,
    /// which a test visits, or pastes.
    ///
    /// # Errors
    /// `config` when the address is none of a sign-in page, or the page refuses it.
    pub fn decide_sign_in(&self, url: &str, allow: bool) -> Result<String> {
        let sent = lock(&self.shared.backend).issuer.decide(url, allow);
        sent.ok_or_else(|| Error::config("this is no address of the embedded login server's sign-in page"))
    }

    /// Types a device code, as the person would. Whether it waited for one.
    pub fn decide_device(&self, user_code: &str, allow: bool) -> bool {
        lock(&self.shared.backend).issuer.decide_device(user_code, allow)
    }

    /// Changes what calls of a model get from now on. A script that is played is dropped.
    pub fn set_scenario(&self, scenario: Scenario) {
        let mut backend = lock(&self.shared.backend);
        backend.scenario = Some(scenario);
        backend.set_script(None);
    }

    /// Plays this script from now on, from its beginning.
    pub fn set_script(&self, script: Script) {
        lock(&self.shared.backend).set_script(Some(script));
    }

    /// The requests that came since the start or the last [`clear`](Self::clear), oldest first. The newest 10,000 are
    /// kept, and 256 MiB of bodies.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        lock(&self.shared.log).all()
    }

    /// How many requests came since the start or the last [`clear`](Self::clear).
    pub fn request_count(&self) -> usize {
        self.shared.counts.borrow().requests
    }

    /// Forgets the requests that came.
    pub fn clear(&self) {
        let mut log = lock(&self.shared.log);
        log.clear();
        self.shared.counts.send_modify(|counts| counts.requests = 0);
    }

    /// How many connections are open now, those of a client's pool included.
    pub fn open_connections(&self) -> usize {
        self.shared.counts.borrow().open
    }

    /// Waits until at least so many requests came, and gives them.
    ///
    /// # Errors
    /// `timeout` after 10 s, with what came.
    pub async fn wait_for_requests(&self, count: usize) -> Result<Vec<RecordedRequest>> {
        self.wait(requests_reach(count)).await?;
        Ok(self.requests())
    }

    /// The same for code that blocks.
    ///
    /// # Errors
    /// As [`wait_for_requests`](Self::wait_for_requests).
    pub fn wait_for_requests_blocking(&self, count: usize) -> Result<Vec<RecordedRequest>> {
        self.wait_blocking(requests_reach(count))?;
        Ok(self.requests())
    }

    /// Waits until exactly so many connections are open: 0 proves that a dropped stream closed its own.
    ///
    /// # Errors
    /// `timeout` after 10 s.
    pub async fn wait_for_connections(&self, count: usize) -> Result<()> {
        self.wait(connections_are(count)).await
    }

    /// The same for code that blocks.
    ///
    /// # Errors
    /// As [`wait_for_connections`](Self::wait_for_connections).
    pub fn wait_for_connections_blocking(&self, count: usize) -> Result<()> {
        self.wait_blocking(connections_are(count))
    }

    /// Serves until the future ends, then stops. For a command line:
    ///
    /// ```no_run
    /// # use openclaw_core::testing::TestServer;
    /// # async fn ctrl_c() {}
    /// # async fn serve() -> openclaw_core::Result<()> {
    /// let server = TestServer::builder().addr("127.0.0.1:8080").start().await?;
    /// println!("listening on {}", server.addr());
    /// server.run_until(async { ctrl_c().await; }).await; // such as tokio::signal::ctrl_c
    /// # Ok(())
    /// # }
    /// ```
    pub async fn run_until(self, end: impl Future<Output = ()>) {
        end.await;
        self.shutdown();
    }

    /// Stops it: every connection is closed and the port is free when this returns. Dropping does the same.
    pub fn shutdown(self) {
        drop(self);
    }

    async fn wait(&self, condition: Condition) -> Result<()> {
        let (done, result) = oneshot::channel();
        self.when(condition, |met| drop(done.send(met)));
        result.await.unwrap_or_else(|_| Err(stopped()))
    }

    fn wait_blocking(&self, condition: Condition) -> Result<()> {
        let (done, result) = mpsc::channel();
        self.when(condition, move |met| drop(done.send(met)));
        result.recv().unwrap_or_else(|_| Err(stopped()))
    }

    /// Waits on the server's own runtime: the host's may have no timer, a paused one, or not exist.
    fn when(&self, condition: Condition, then: impl FnOnce(Result<()>) + Send + 'static) {
        let mut counts = self.shared.counts.subscribe();
        self.handle.spawn(async move {
            let met = tokio::time::timeout(PATIENCE, counts.wait_for(|now| (condition.met)(now))).await.is_ok();
            let now = *counts.borrow();
            then(if met {
                Ok(())
            } else {
                let text = format!(
                    "waited {} s for {}; {} requests came, {} connections are open",
                    PATIENCE.as_secs(),
                    condition.what,
                    now.requests,
                    now.open
                );
                Err(Error::new(ErrorKind::Timeout, Stage::NotSent, text))
            });
        });
    }
}

impl fmt::Debug for TestServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestServer").field("addr", &self.addr).finish_non_exhaustive()
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        // In a forked child the thread does not exist, and a join would never end.
        if let Some(thread) = self.thread.take().filter(|_| self.process == std::process::id()) {
            let _ = thread.join();
        }
    }
}

struct Condition {
    what: String,
    met: Box<dyn Fn(&Counts) -> bool + Send + Sync>,
}

fn requests_reach(count: usize) -> Condition {
    Condition { what: format!("{count} requests"), met: Box::new(move |now| now.requests >= count) }
}

fn connections_are(count: usize) -> Condition {
    Condition { what: format!("exactly {count} open connections"), met: Box::new(move |now| now.open == count) }
}

fn stopped() -> Error {
    Error::new(ErrorKind::Cancelled, Stage::NotSent, "the test server stopped")
}

fn loopback(text: &str) -> Result<SocketAddr> {
    let numbers = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    let parsed: Result<SocketAddr, _> = numbers.as_deref().unwrap_or(text).parse();
    match parsed {
        Ok(addr) if addr.ip().is_loopback() => Ok(addr),
        Ok(addr) => Err(Error::config(format!(
            "the test server listens on loopback only, not on {addr}; write 127.0.0.1:{}",
            addr.port()
        ))),
        Err(_) => Err(Error::config(format!("{text:?} is not an address; write one such as 127.0.0.1:8080"))),
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    requests: usize,
    open: usize,
}

struct Shared {
    backend: Mutex<Backend>,
    log: Mutex<Log>,
    counts: watch::Sender<Counts>,
    started: Instant,
    /// Numbers requests for ever; `clear` does not set it back, ids stay unique.
    numbers: AtomicU64,
}

impl Shared {
    /// Records the request and gives its number.
    fn note(&self, request: &Incoming, connection: u64) -> u64 {
        let arrival = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let mut log = lock(&self.log);
        log.push(RecordedRequest::new(request, arrival, connection));
        // Still under the lock, so that a count never runs ahead of the list or behind a `clear`.
        self.counts.send_modify(|counts| counts.requests += 1);
        self.numbers.fetch_add(1, Ordering::Relaxed) + 1
    }
}

/// A panic of a thread that held it left nothing half done that matters to a test.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn run(runtime: &Runtime, listener: TcpListener, shared: &Arc<Shared>, stopped: oneshot::Receiver<()>) {
    runtime.block_on(async {
        tokio::select! {
            _ = stopped => {}
            () = accept(listener, shared) => {}
        }
    });
    // The end of the runtime drops every connection.
}

async fn accept(listener: TcpListener, shared: &Arc<Shared>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut connections = 0;
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                connections += 1;
                let (open, number) = (Open::new(shared.clone()), connections);
                tokio::spawn(async move {
                    serve(stream, &open.0, number).await;
                    drop((open, place));
                });
            }
            // Out of file descriptors, or a client that went before it was accepted.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

/// Counts a connection for as long as it lives.
struct Open(Arc<Shared>);

impl Open {
    fn new(shared: Arc<Shared>) -> Self {
        shared.counts.send_modify(|counts| counts.open += 1);
        Self(shared)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.counts.send_modify(|counts| counts.open = counts.open.saturating_sub(1));
    }
}

async fn serve(mut stream: TcpStream, shared: &Shared, connection: u64) {
    let _ = stream.set_nodelay(true);
    let mut inbox = BytesMut::new();
    loop {
        let request = match read_request(&mut stream, &mut inbox).await {
            Ok(request) => request,
            Err(Refusal::Gone) => return,
            Err(Refusal::Answer(status, text)) => {
                let request = Incoming::unreadable();
                let _ = play(&mut stream, &mut inbox, &request, &detail(status, &text)).await;
                return linger(&mut stream).await;
            }
        };
        let number = shared.note(&request, connection);
        let reply = lock(&shared.backend).answer(&request, number);
        match play(&mut stream, &mut inbox, &request, &reply).await {
            Ok(After::KeepAlive) => {}
            Ok(After::Close) => return linger(&mut stream).await,
            Err(_) => return,
        }
    }
}
