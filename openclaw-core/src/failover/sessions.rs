//! Which profile answered a session last: changing it in the middle of a conversation costs the provider's cache and the
//! model's own reasoning.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::auth::ProfileId;
use crate::provider::ProviderId;

/// The sessions that are remembered; the one that was not used for longest goes first.
const MAX: usize = 1024;

#[derive(Debug, Default)]
pub(super) struct Sessions(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    clock: u64,
    profiles: HashMap<(String, ProviderId), (u64, ProfileId)>,
}

impl Sessions {
    /// The profile that answered last.
    pub(super) fn preferred(&self, session: Option<&str>, provider: &ProviderId) -> Option<ProfileId> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.profiles.get(&(session?.to_owned(), provider.clone())).map(|(_, id)| id.clone())
    }

    /// It answered.
    pub(super) fn keep(&self, session: Option<&str>, provider: &ProviderId, profile: &ProfileId) {
        let Some(session) = session else { return };
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.clock += 1;
        let entry = (state.clock, profile.clone());
        state.profiles.insert((session.to_owned(), provider.clone()), entry);
        if state.profiles.len() > MAX {
            let oldest = state.profiles.iter().min_by_key(|(_, (used, _))| *used).map(|(key, _)| key.clone());
            if let Some(oldest) = oldest {
                state.profiles.remove(&oldest);
            }
        }
    }
}
