//! What a call shows of its profile, kept in the store: after a fault of the credential or its quota, and after a success.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, SystemTime};

use super::chain::Shared;
use crate::auth::{CredentialFault, Fault, ProfileId, Profiles, UsageStats, after_fault, after_success, refusal, rest};
use crate::error::{Error, ErrorKind, Result, Stage};
use crate::observe::{self, Run};
use crate::provider::ModelRef;
use crate::transport::within;

/// The profiles as they are now; `None` when nothing had to be written.
pub(super) type Written = Result<Option<Profiles>>;

type Write = Pin<Box<dyn Future<Output = Written> + Send>>;

/// A call waits so long for the store, and goes on without it then.
const LIMIT: Duration = Duration::from_secs(10);
/// The same once the answer is there: whoever waits for it should not wait for the store.
const LIMIT_OF_SUCCESS: Duration = Duration::from_secs(2);
/// A success that only renews the time of the last use is not written more often.
const EVERY: Duration = Duration::from_secs(60);

/// Notes a fault against a profile. Calls at the same time that meet the same fault write it once.
pub(super) fn note_fault(
    shared: &Arc<Shared>,
    id: &ProfileId,
    model: &ModelRef,
    what: CredentialFault,
    error: &Error,
    now: SystemTime,
    run: Run,
) -> Option<Write> {
    let store = shared.store.clone()?;
    let (shared, id, model, kind) = (shared.clone(), id.clone(), model.clone(), error.kind());
    let until = error.resets_at().or_else(|| now.checked_add(error.retry_after()?));
    shared.written.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    Some(Box::pin(async move {
        let mut fault = Fault::new(what, model.provider.as_str());
        fault.until = until;
        fault.model = is_of_model(kind).then_some(model.model.as_str());
        let rests = |profiles: &Profiles| {
            // A rest of one model is none of all.
            let rest = rest(&profiles.usage(&id), fault.model.unwrap_or_default(), now);
            rest.is_some_and(|rest| rest.reason == what.as_str())
        };
        let known = bounded(&shared, LIMIT, store.load()).await?;
        if rests(&known) {
            return Ok(Some(known));
        }
        let mut noted = None;
        let mut change = |profiles: &mut Profiles| {
            if profiles.get(&id).is_some() && !rests(profiles) {
                let before = profiles.usage(&id);
                let after = after_fault(&before, &fault, &shared.settings.cooldowns, now);
                profiles.set_usage(&id, &after);
                noted = Some((before, after));
            }
            Ok(())
        };
        let written = bounded(&shared, LIMIT, store.update(&mut change)).await?;
        if let Some((before, after)) = &noted {
            observe::failure_state_updated(Some(run), &id, &model.provider, fault.model, what.as_str(), before, after);
        }
        Ok(Some(written))
    }))
}

/// Whether a fault concerns the model that was asked, and no other one of the profile: a rate limit. A window of the plan is
/// that of the whole login.
pub(super) fn is_of_model(kind: ErrorKind) -> bool {
    kind == ErrorKind::RateLimited
}

/// Notes a success: only the rests of other models are held against the profile any more, and it is the one that was good last.
pub(super) fn note_success(
    shared: &Arc<Shared>,
    known: &Profiles,
    model: &ModelRef,
    id: &ProfileId,
    began: SystemTime,
) -> Option<Write> {
    let store = shared.store.clone()?;
    let now = shared.ambient.now();
    let failed = known.usage(id).last_failure_at;
    {
        let fresh = |at: &SystemTime| now.duration_since(*at).is_ok_and(|ago| ago < EVERY);
        let mut written = shared.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.retain(|_, at| fresh(at));
        let mut good = shared.good.lock().unwrap_or_else(PoisonError::into_inner);
        let is_last_good = good.get(&model.provider) == Some(id);
        if is_last_good && written.get(id).is_some_and(|at| failed.is_none_or(|failed| failed <= *at)) {
            return None;
        }
        written.insert(id.clone(), now);
        good.insert(model.provider.clone(), id.clone());
    }
    let (shared, id, model) = (shared.clone(), id.clone(), model.clone());
    Some(Box::pin(async move {
        let mut change = |profiles: &mut Profiles| {
            let Some(profile) = profiles.get(&id) else { return Ok(()) };
            let mut before = profiles.usage(&id);
            // A refusal of another token says nothing any more: somebody signed in since.
            if refusal(profile, &before).is_none() {
                before.refresh_failure = None;
            }
            // A fault that another call met while this one was on its way is newer than this success.
            let stats = match before.last_failure_at.is_some_and(|at| at > began) {
                true => UsageStats { last_used: Some(now), ..before },
                false => after_success(&before, &model.model, now),
            };
            profiles.set_usage(&id, &stats);
            profiles.set_last_good(&model.provider, Some(&id));
            Ok(())
        };
        let written = bounded(&shared, LIMIT_OF_SUCCESS, store.update(&mut change)).await;
        if written.is_err() {
            shared.written.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        }
        written.map(Some)
    }))
}

async fn bounded(
    shared: &Shared,
    limit: Duration,
    asked: impl Future<Output = Result<Profiles>> + Send,
) -> Result<Profiles> {
    within(&*shared.ambient, Some(limit), asked).await.unwrap_or_else(|| {
        let text = format!("the store did not answer within {} s", limit.as_secs());
        Err(Error::new(ErrorKind::Store, Stage::NotSent, text))
    })
}
