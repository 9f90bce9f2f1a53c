//! A transport that looks at the `Date` of what comes back.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;

use crate::ambient::Ambient;
use crate::error::Result;
use crate::transport::{HttpRequest, HttpResponse, Transport};

/// Passes everything on, and compares the answerer's clock with ours.
#[derive(Debug)]
pub(super) struct Watch {
    inner: Arc<dyn Transport>,
    ambient: Arc<dyn Ambient>,
    seen: Mutex<Option<Offset>>,
}

/// How far this machine's clock is from that of who answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Offset {
    pub by: Duration,
    pub ahead: bool,
}

impl Offset {
    fn between(ours: SystemTime, theirs: SystemTime) -> Self {
        match ours.duration_since(theirs) {
            Ok(by) => Self { by, ahead: true },
            Err(error) => Self { by: error.duration(), ahead: false },
        }
    }

    /// In seconds; negative where our clock is behind.
    pub fn seconds(self) -> i64 {
        let seconds = i64::try_from(self.by.as_secs()).unwrap_or(i64::MAX);
        if self.ahead { seconds } else { -seconds }
    }
}

impl Watch {
    pub fn new(inner: Arc<dyn Transport>, ambient: Arc<dyn Ambient>) -> Self {
        Self { inner, ambient, seen: Mutex::new(None) }
    }

    /// What the last answer said.
    pub fn offset(&self) -> Option<Offset> {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Transport for Watch {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse> {
        let response = self.inner.send(request).await?;
        if let Some(theirs) = response.headers.get("date").and_then(|date| httpdate::parse_http_date(date.trim()).ok())
        {
            let offset = Offset::between(self.ambient.now(), theirs);
            *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(offset);
        }
        Ok(response)
    }
}
