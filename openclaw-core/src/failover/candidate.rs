//! One model of a chain, and how it is asked.

use std::fmt;
use std::sync::Arc;

use crate::auth::{Profile, ProfileId};
use crate::error::{Error, Result};
use crate::provider::{ModelRef, Provider};

/// One model of a chain, and how it is asked.
#[derive(Clone)]
pub struct Candidate {
    pub(super) model: ModelRef,
    pub(super) way: Way,
    /// The only profile that may be asked.
    pub(super) pinned: Option<ProfileId>,
    /// What is asked when there is no profile.
    pub(super) without_profile: Option<Arc<dyn Provider>>,
}

pub(super) type Connect = dyn Fn(&Profile) -> Result<Arc<dyn Provider>> + Send + Sync;

#[derive(Clone)]
pub(super) enum Way {
    /// With a provider that has its own login.
    Provider(Arc<dyn Provider>),
    /// With a profile of the chain's store.
    Profiles(Arc<Connect>),
    /// Not at all; the chain says why and goes on.
    Unusable(Error),
}

impl Candidate {
    /// A provider that brings its own login, or needs none.
    pub fn new(model: ModelRef, provider: impl Provider + 'static) -> Self {
        Self { model, way: Way::Provider(Arc::new(provider)), pinned: None, without_profile: None }
    }

    /// A provider that is made for a profile. The profiles are those of the chain's store, of the model's provider.
    ///
    /// `connect` is called once for a profile, and again when its credential has changed. Its providers should share one
    /// transport. It must not block.
    pub fn with_profiles(
        model: ModelRef,
        connect: impl Fn(&Profile) -> Result<Arc<dyn Provider>> + Send + Sync + 'static,
    ) -> Self {
        Self { model, way: Way::Profiles(Arc::new(connect)), pinned: None, without_profile: None }
    }

    /// A model that cannot be asked, such as one of an unknown provider. The chain tells the error in its place and goes
    /// on.
    pub fn unusable(model: ModelRef, why: Error) -> Self {
        Self { model, way: Way::Unusable(why), pinned: None, without_profile: None }
    }

    /// Allows this profile only: `model@profile` of a configuration. If the store does not have it, the model cannot be asked.
    #[must_use]
    pub fn pinned(mut self, profile: impl Into<ProfileId>) -> Self {
        self.pinned = Some(profile.into());
        self
    }

    /// What is asked as long as the store has no profile of the model's provider: with a key of the environment, for example.
    #[must_use]
    pub fn or_without_profile(mut self, provider: impl Provider + 'static) -> Self {
        self.without_profile = Some(Arc::new(provider));
        self
    }

    /// The model, with its profile if one is pinned: `provider/model@profile`.
    pub(super) fn name(&self) -> String {
        match &self.pinned {
            Some(pinned) => format!("{}@{pinned}", self.model),
            None => self.model.to_string(),
        }
    }

    /// The model.
    pub fn model(&self) -> &ModelRef {
        &self.model
    }
}

impl fmt::Debug for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = match &self.way {
            Way::Provider(_) => "own login",
            Way::Profiles(_) => "profiles",
            Way::Unusable(_) => "unusable",
        };
        f.debug_struct("Candidate").field("model", &self.model.to_string()).field("way", &way).finish()
    }
}
