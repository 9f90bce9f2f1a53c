//! A sign-in that a host pulls: it takes one step after the other on its own thread, and no thread of ours ever calls it.
//!
//! ```text
//! flow (worker thread, or the host's own while it waits) ──▶ steps ──▶ next()    the host
//!    SignInPrompt::paste                                 ◀── answers ◀── answer()
//! ```

use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::faults::{forked, panicked};
use super::fields::settings;
use super::once::OnceHandle;
use super::runtime::Runtime;
use crate::auth::oauth::{DeviceCode, HostId, SignInMethod, SignInPrompt, SignInRequest, SignInStep, TokenEndpoint};
use crate::auth::{LoginStore, StoredLogin};
use crate::error::{Error, ErrorKind, Result, Stage};
use crate::provider::ProviderId;

/// What a sign-in is for, and how it goes. All fields may be left out.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SignInSettings {
    /// `browser` unless set, `paste` or `device`.
    pub method: Option<SignInMethod>,
    /// `openai-codex` unless set, or `openai` for plan sharing.
    pub provider: Option<String>,
    /// Whether the host can ask for what the page sent back. With `paste` it must; with `browser` a paste is taken as well as
    /// the browser's own answer.
    pub ask: Option<bool>,
    /// How long the person has, in ms.
    pub timeout_ms: Option<u64>,
    /// Where the browser comes back to; 0 is any port.
    pub callback_ports: Option<Vec<u16>>,
    /// The only workspaces (account ids) that may be chosen.
    pub workspaces: Vec<String>,
    /// The e-mail address that the sign-in page proposes.
    pub login_hint: Option<String>,
    /// The UUID of this installation, for plan sharing; one that is kept beside the store unless set.
    pub host_id: Option<String>,
}

const FIELDS: [&str; 8] =
    ["method", "provider", "ask", "timeout_ms", "callback_ports", "workspaces", "login_hint", "host_id"];

impl SignInSettings {
    /// Reads the settings.
    ///
    /// # Errors
    /// `config`: what is no JSON, an unknown field, a field of a wrong type or value; each is named.
    pub fn from_json(text: &str) -> Result<Self> {
        settings(text, "the settings of the sign-in", &FIELDS).map_err(|e| Error::config(e.message()))
    }

    fn request(&self) -> Result<SignInRequest> {
        let mut request = SignInRequest::new(self.method.unwrap_or(SignInMethod::Browser));
        if let Some(provider) = &self.provider {
            request.provider = ProviderId::new(provider);
        }
        request.time_limit = self.timeout_ms.map(Duration::from_millis);
        request.callback_ports.clone_from(&self.callback_ports);
        request.workspaces.clone_from(&self.workspaces);
        request.login_hint.clone_from(&self.login_hint);
        request.host_id = self.host_id.as_deref().map(HostId::parse).transpose()?;
        request.check()?;
        if self.ask == Some(false) && request.method == SignInMethod::Paste {
            let text = "with the method paste the person is asked for what the page sent: ask cannot be false";
            return Err(Error::config(text));
        }
        Ok(request)
    }
}

/// One step of a sign-in, for the host to take.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum SignInEvent {
    /// Show this address, and open it in a browser if there is one.
    OpenUrl {
        /// The address of the sign-in page.
        url: String,
    },
    /// Show this code and the address where it is typed.
    ShowCode {
        /// Where it is typed, on any device.
        url: String,
        /// What is typed.
        code: String,
        /// How long it is good, in seconds.
        valid_for: u64,
    },
    /// Ask for what the sign-in page sent back, and [`answer`](SignInHandle::answer) with it. The sign-in can end before.
    Ask {
        /// What was wrong with the answer before.
        #[serde(skip_serializing_if = "Option::is_none")]
        wrong: Option<String>,
    },
    /// How far it is; nothing is to be done.
    Progress {
        /// `waiting`, `port_in_use`, `ignored`, `asking_again` or `exchanging`; the list grows.
        what: &'static str,
        /// The same as a sentence.
        text: String,
    },
    /// The person is signed in and the login is stored. The last step.
    Done(Box<StoredLogin>),
}

/// A sign-in under way. Cheap to clone; any thread may use it. Dropping the last handle cancels it.
#[derive(Clone)]
pub struct SignInHandle(Arc<Owner>);

struct Owner {
    runtime: Runtime,
    steps: Arc<tokio::sync::Mutex<UnboundedReceiver<Result<SignInEvent>>>>,
    answers: UnboundedSender<SecretString>,
    /// The end, for whoever asks again.
    end: Arc<OnceLock<Result<SignInEvent>>>,
    flow: Flow,
    /// Drives the flow.
    task: OnceHandle<()>,
}

impl SignInHandle {
    /// Starts it.
    ///
    /// # Errors
    /// `config` for settings that no sign-in can follow, and when the runtime was shut down or belongs to the parent of a
    /// fork.
    pub(super) fn start(
        runtime: &Runtime,
        store: LoginStore,
        endpoint: TokenEndpoint,
        settings: SignInSettings,
    ) -> Result<Self> {
        let request = settings.request()?;
        let asks = settings.ask.unwrap_or(request.method == SignInMethod::Paste);
        let (steps, taken) = unbounded_channel();
        let (answers, answered) = unbounded_channel();
        let host = Host { steps: steps.clone(), answers: asks.then(|| tokio::sync::Mutex::new(answered)) };
        let flow = Flow::new(async move {
            let done = store.sign_in(&request, &endpoint, &host).await;
            // The host may be gone.
            let _ = steps.send(done.map(|stored| SignInEvent::Done(Box::new(stored))));
        });
        let driven = flow.clone();
        let task = OnceHandle::start(runtime, async move {
            driven.await;
            Ok(())
        })?;
        let steps = Arc::new(tokio::sync::Mutex::new(taken));
        let owner = Owner { runtime: runtime.clone(), steps, answers, end: Arc::default(), flow, task };
        Ok(Self(Arc::new(owner)))
    }

    /// The next step, to be waited for in any of the ways of [`OnceHandle`]. After the last step it comes again; after an
    /// error the error does. Take it before you ask for another one.
    ///
    /// # Errors
    /// `config` after a fork.
    pub fn next(&self) -> Result<OnceHandle<SignInEvent>> {
        let owner = &self.0;
        if owner.runtime.is_forked() {
            return Err(forked());
        }
        let (steps, end, flow) = (owner.steps.clone(), owner.end.clone(), owner.flow.0.clone());
        OnceHandle::start(&owner.runtime, async move {
            if let Some(end) = end.get() {
                return end.clone();
            }
            let step = steps.lock().await.recv().await;
            let step = step.unwrap_or_else(|| Err(flow.left()));
            if matches!(step, Ok(SignInEvent::Done(_)) | Err(_)) {
                let _ = end.set(step.clone());
            }
            step
        })
    }

    /// Answers an [`Ask`](SignInEvent::Ask): the whole address of the page that came, its query, `code#state`, or the code. What
    /// nobody asked for is kept for the next question.
    pub fn answer(&self, text: impl Into<SecretString>) {
        if !self.0.runtime.is_forked() {
            // Nobody takes it any more after the end.
            let _ = self.0.answers.send(text.into());
        }
    }

    /// Ends it. When this returns, the port of the callback is free and nothing more is asked of the login server; what was
    /// stored stays. The next step is then an error of kind `cancelled`, unless the sign-in ended before.
    pub fn cancel(&self) {
        self.0.cancel();
    }
}

impl Owner {
    fn cancel(&self) {
        if !self.runtime.is_forked() {
            self.flow.stop();
            self.task.cancel();
        }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.cancel();
        if self.runtime.is_forked() {
            // Its sockets are watched by the parent too.
            std::mem::forget(self.flow.clone());
        }
    }
}

/// A future that can be dropped where it stands, by any thread.
#[derive(Clone)]
struct Flow(Arc<Slot>);

struct Slot {
    work: Mutex<Option<Work>>,
    stopped: AtomicBool,
}

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Flow {
    fn new(work: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(Arc::new(Slot { work: Mutex::new(Some(Box::pin(work))), stopped: AtomicBool::new(false) }))
    }

    /// Drops it, between two of its steps.
    fn stop(&self) {
        self.0.stopped.store(true, Ordering::Release);
        let work = self.0.work.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(work);
    }
}

impl Slot {
    /// Why it went without a last step.
    fn left(&self) -> Error {
        match self.stopped.load(Ordering::Acquire) {
            true => {
                let text = "the sign-in was cancelled: nothing was stored";
                Error::new(ErrorKind::Cancelled, Stage::NotSent, text)
            }
            false => panicked(&"the sign-in ended without an end"),
        }
    }
}

impl Future for Flow {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut slot = self.0.work.lock().unwrap_or_else(PoisonError::into_inner);
        // Taken out meanwhile: a panic drops it, and whoever waits for a step is told.
        let Some(mut work) = slot.take() else { return Poll::Ready(()) };
        let polled = work.as_mut().poll(cx);
        if polled.is_pending() {
            *slot = Some(work);
        }
        polled
    }
}

/// The host, as the flow sees it.
struct Host {
    steps: UnboundedSender<Result<SignInEvent>>,
    /// Where answers come from, if the host can be asked.
    answers: Option<tokio::sync::Mutex<UnboundedReceiver<SecretString>>>,
}

impl Host {
    fn tell(&self, step: SignInEvent) {
        // Without a host the flow is dropped soon.
        let _ = self.steps.send(Ok(step));
    }
}

#[async_trait]
impl SignInPrompt for Host {
    fn show_url(&self, url: &str) {
        self.tell(SignInEvent::OpenUrl { url: url.to_owned() });
    }

    fn show_code(&self, code: &DeviceCode) {
        let DeviceCode { url, code, valid_for, .. } = code.clone();
        self.tell(SignInEvent::ShowCode { url, code, valid_for: valid_for.as_secs() });
    }

    async fn paste(&self, wrong: Option<&Error>) -> Result<SecretString> {
        let Some(answers) = &self.answers else { return std::future::pending().await };
        self.tell(SignInEvent::Ask { wrong: wrong.map(|error| error.message().to_owned()) });
        match answers.lock().await.recv().await {
            Some(answer) => Ok(answer),
            // Nobody is left who could answer.
            None => std::future::pending().await,
        }
    }

    fn progress(&self, step: &SignInStep) {
        let (what, text) = match step {
            SignInStep::PortInUse(port) => {
                ("port_in_use", format!("port {port} is in use; the program there was asked to let it go"))
            }
            SignInStep::Waiting => ("waiting", "waiting for the person".to_owned()),
            SignInStep::Ignored(what) => ("ignored", what.clone()),
            SignInStep::AskingAgain(error) => ("asking_again", error.message().to_owned()),
            SignInStep::Exchanging => ("exchanging", "the person is done; the tokens are fetched".to_owned()),
        };
        self.tell(SignInEvent::Progress { what, text });
    }
}

impl fmt::Debug for SignInHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignInHandle").field("ended", &self.0.end.get().is_some()).finish()
    }
}
