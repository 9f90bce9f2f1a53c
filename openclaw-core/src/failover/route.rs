//! Where a call goes next: the first target that is free, of those that were not left yet.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use secrecy::ExposeSecret;
use tokio::sync::watch;

use super::attempts::NotAsked;
use super::breaker::{Admission, Permit};
use super::candidate::{Candidate, Connect, Way};
use super::chain::Shared;
use super::decision::{Next, Rule, Skips};
use super::history::account_mark;
use super::record::is_of_model;
use crate::auth::{
    Comparison, Credential, CredentialFault, Identity, Profile, ProfileId, ProfileOrder, ProfileSettings, Profiles,
    Rest, Secret, never_rests, profile_order,
};
use crate::error::{Error, ErrorKind, Result, Stage, utc};
use crate::provider::{ModelRef, Provider, ProviderId};
use crate::transport::Endpoint;

/// What is asked in one attempt.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) candidate: usize,
    pub(super) profile: Option<ProfileId>,
    /// Tells accounts apart in the history.
    pub(super) account: Option<Arc<str>>,
    pub(super) model: ModelRef,
    pub(super) endpoint: Option<Endpoint>,
    pub(super) provider: Arc<dyn Provider>,
    /// The provider keeps the time limits of a call itself.
    pub(super) keeps_timeouts: bool,
    /// Its profile rests, and is asked all the same.
    pub(super) rests: bool,
}

/// What a call does next.
pub(super) enum Choice {
    Go(Target, Permit),
    /// The candidate cannot even be asked.
    Broken {
        candidate: usize,
        profile: Option<ProfileId>,
        error: Error,
    },
    /// Another call tries the only endpoint that is left; the channel closes when it is done. It is waited for so long at most.
    Trial(watch::Receiver<()>, Duration),
    /// Nothing else is left: the same as before, after this wait.
    Later(Target, Duration),
    Spent,
}

/// The way of one call through the candidates.
#[derive(Default)]
pub(super) struct Route {
    pub(super) order: Vec<usize>,
    /// Candidates that are done.
    closed: Vec<usize>,
    /// Targets that are done.
    left: Vec<(usize, Option<ProfileId>)>,
    /// Profiles that this call laid to rest, whatever the store made of it.
    laid: Vec<ProfileId>,
    /// Whose other profiles cannot help.
    barred: Vec<Bar>,
    /// How often another profile was asked after a fault of a kind that bounds this.
    rotations: Vec<(usize, ErrorKind)>,
    /// What may be asked again, and from when on.
    later: Vec<(Target, Duration)>,
    /// What the last choice passed over.
    pub(super) not_asked: Vec<NotAsked>,
    /// Profiles with a rest that cannot be meant, and of how many that was told.
    doubts: Vec<ProfileId>,
    doubts_told: usize,
}

/// Whose profiles cannot help: those of a person in an account, or of the whole account.
struct Bar {
    /// The only candidate that this is known of; every one unless set.
    only: Option<usize>,
    whose: Identity,
    skips: Skips,
}

impl Bar {
    fn concerns(&self, candidate: usize, identity: &Identity) -> bool {
        self.only.is_none_or(|only| only == candidate)
            && (self.whose.compare(identity) == Comparison::Same
                || (self.skips == Skips::Account && self.whose.same_account(identity)))
    }
}

/// A provider that was made for a profile.
#[derive(Debug)]
pub(super) struct Connected {
    profile: Profile,
    provider: Arc<dyn Provider>,
}

/// What a choice looks at.
pub(super) struct View<'a> {
    pub(super) shared: &'a Shared,
    pub(super) profiles: Result<&'a Profiles, &'a Error>,
    pub(super) session: Option<&'a str>,
    pub(super) monotonic: Duration,
    pub(super) now: SystemTime,
}

impl Route {
    pub(super) fn new(order: Vec<usize>) -> Self {
        Self { order, ..Self::default() }
    }

    /// The candidate that stands first.
    pub(super) fn primary(&self) -> usize {
        self.order.first().copied().unwrap_or_default()
    }

    /// What comes next.
    pub(super) fn choose(&mut self, view: &View<'_>) -> Choice {
        self.not_asked.clear();
        let mut trial = None;
        let mut resting = Vec::new();
        for index in self.order.clone() {
            let Some(candidate) = view.shared.candidates.get(index) else { continue };
            if self.closed.contains(&index) {
                continue;
            }
            let connect = match &candidate.way {
                Way::Unusable(error) => {
                    return Choice::Broken { candidate: index, profile: None, error: error.clone() };
                }
                Way::Provider(provider) => {
                    if let Some(choice) = self.own_login(index, candidate, provider, view, &mut trial) {
                        return choice;
                    }
                    continue;
                }
                Way::Profiles(connect) => connect,
            };
            let profiles = match view.profiles {
                Ok(profiles) => profiles,
                Err(error) => {
                    return Choice::Broken { candidate: index, profile: None, error: error.clone() };
                }
            };
            if let Some(error) = pin_fault(candidate, view, profiles) {
                return Choice::Broken { candidate: index, profile: None, error };
            }
            if let Some(provider) = without_profile(candidate, profiles) {
                if let Some(choice) = self.own_login(index, candidate, provider, view, &mut trial) {
                    return choice;
                }
                continue;
            }
            let order = view.order(candidate, profiles);
            for id in &order.implausible {
                if !self.doubts.contains(id) {
                    self.doubts.push(id.clone());
                }
            }
            for id in &order.usable {
                let Some(profile) = profiles.get(id).filter(|p| self.is_open(index, p, view)) else { continue };
                match Target::connect(index, candidate, profile, connect, view.shared) {
                    Err(error) => return Choice::Broken { candidate: index, profile: Some(id.clone()), error },
                    Ok(target) => {
                        if let Some(choice) = self.admit(target, view, &mut trial) {
                            return choice;
                        }
                    }
                }
            }
            self.pass_over(index, candidate, &order);
            for (id, rest) in &order.resting {
                if let Some(profile) = profiles.get(id).filter(|p| self.is_open(index, p, view) && may_be_asked(rest)) {
                    resting.push((index, candidate, profile, connect));
                }
            }
        }
        if let Some((trial, left)) = trial {
            return Choice::Trial(trial, left);
        }
        // Nothing is free. Who rests for a reason that a person may have mended is asked once in a while.
        for (index, candidate, profile, connect) in resting {
            let Ok(mut target) = Target::connect(index, candidate, profile, connect, view.shared) else { continue };
            target.rests = true;
            // Its turn is only taken when it is really asked; a permit that is not used is given back.
            if let Some(choice) = self.admit(target, view, &mut None) {
                if view.shared.may_probe(&profile.id, view.monotonic) {
                    return choice;
                }
            }
        }
        let soonest = (0..self.later.len()).min_by_key(|at| self.later.get(*at).map(|(_, from)| *from));
        match soonest.map(|at| self.later.remove(at)) {
            Some((target, from)) => Choice::Later(target, from.saturating_sub(view.monotonic)),
            None => Choice::Spent,
        }
    }

    /// A provider that needs no profile.
    fn own_login(
        &mut self,
        index: usize,
        candidate: &Candidate,
        provider: &Arc<dyn Provider>,
        view: &View<'_>,
        trial: &mut Option<(watch::Receiver<()>, Duration)>,
    ) -> Option<Choice> {
        if self.left.contains(&(index, None)) {
            return None;
        }
        match Target::new(index, candidate, None, provider.clone()) {
            Ok(target) => self.admit(target, view, trial),
            Err(error) => Some(Choice::Broken { candidate: index, profile: None, error }),
        }
    }

    /// Puts a target back that was to be asked again and could not be.
    pub(super) fn put_back(&mut self, target: Target, from: Duration) {
        // One that was not left yet comes by itself.
        if self.left.contains(&(target.candidate, target.profile.clone())) {
            self.later.push((target, from));
        }
    }

    /// The attempt failed, and the same is not asked at once. `again` says from when on it could be.
    pub(super) fn leave(
        &mut self,
        target: &Target,
        rule: &Rule,
        error: &Error,
        again: Option<Duration>,
        view: &View<'_>,
    ) {
        self.left.push((target.candidate, target.profile.clone()));
        let cooldowns = &view.shared.settings.cooldowns;
        let most = match error.kind() {
            ErrorKind::RateLimited => cooldowns.rate_limited_rotations,
            ErrorKind::Overloaded => cooldowns.overloaded_rotations,
            _ => u32::MAX,
        };
        let key = (target.candidate, error.kind());
        let rotated = self.rotations.iter().filter(|seen| **seen == key).count();
        if rule.next == Next::Candidate || rotated >= most as usize {
            self.closed.push(target.candidate);
        } else {
            self.rotations.push(key);
        }
        let stored = |id: &Option<ProfileId>| view.profiles.ok()?.get(id.as_ref()?);
        let bar = stored(&target.profile).filter(|_| rule.skips != Skips::None).map(|profile| Bar {
            // What is noted against a login holds for every model.
            only: rule.notes.is_none().then_some(target.candidate),
            whose: profile.identity(),
            skips: rule.skips,
        });
        let rests = rule.notes.is_some() && !is_of_model(error.kind()) && !never_rests(target.model.provider.as_str());
        let laid = target.profile.clone().filter(|_| rests);
        // What could be asked again of these cannot help any more either.
        self.later.retain(|(other, _)| {
            let barred = |bar: &Bar| {
                stored(&other.profile).is_some_and(|profile| bar.concerns(other.candidate, &profile.identity()))
            };
            !bar.as_ref().is_some_and(barred) && (laid.is_none() || other.profile != laid)
        });
        self.barred.extend(bar);
        self.laid.extend(laid);
        if let Some(from) = again {
            self.later.push((target.clone(), from));
        }
    }

    /// It cannot be asked at all.
    pub(super) fn leave_broken(&mut self, candidate: usize, profile: Option<ProfileId>) {
        match profile {
            Some(id) => self.left.push((candidate, Some(id))),
            None => self.closed.push(candidate),
        }
    }

    /// The provider of the first candidate, whatever rests or is blocked.
    pub(super) fn first(shared: &Shared, profiles: Option<&Profiles>) -> Result<Arc<dyn Provider>> {
        let Some(candidate) = shared.candidates.first() else {
            return Err(Error::config("the chain has no candidate"));
        };
        match (&candidate.way, profiles) {
            (Way::Provider(provider), _) => Ok(provider.clone()),
            (Way::Unusable(error), _) => Err(error.clone()),
            (Way::Profiles(_), None) => Err(Error::config("the chain has no store")),
            (Way::Profiles(connect), Some(profiles)) => {
                if let Some(provider) = without_profile(candidate, profiles) {
                    return Ok(provider.clone());
                }
                let ambient = &shared.ambient;
                let view = View {
                    shared,
                    profiles: Ok(profiles),
                    session: None,
                    monotonic: ambient.monotonic(),
                    now: ambient.now(),
                };
                if let Some(error) = pin_fault(candidate, &view, profiles) {
                    return Err(error);
                }
                let order = view.order(candidate, profiles);
                let resting = order.resting.iter().map(|(id, _)| id);
                let Some(profile) = order.usable.iter().chain(resting).find_map(|id| profiles.get(id)) else {
                    return Err(no_profile(candidate, &order));
                };
                Ok(Target::connect(0, candidate, profile, connect, shared)?.provider)
            }
        }
    }

    fn is_open(&self, candidate: usize, profile: &Profile, view: &View<'_>) -> bool {
        // Candidates can have one model, and differ in their pins.
        let model = |index: usize| view.shared.candidates.get(index).map(|candidate| &candidate.model);
        let left =
            self.left.iter().any(|(index, id)| id.as_ref() == Some(&profile.id) && model(*index) == model(candidate))
                || self.laid.contains(&profile.id);
        let barred = || {
            let identity = profile.identity();
            self.barred.iter().any(|bar| bar.concerns(candidate, &identity))
        };
        !left && !barred()
    }

    /// Asks the breaker; a target that is kept back is noted.
    fn admit(
        &mut self,
        target: Target,
        view: &View<'_>,
        trial: &mut Option<(watch::Receiver<()>, Duration)>,
    ) -> Option<Choice> {
        let (left, why) = match view.shared.breakers.admit(target.endpoint.as_ref(), view.monotonic) {
            Admission::Pass(permit) => return Some(Choice::Go(target, permit)),
            Admission::Open(left, why) => (Some(left), why),
            Admission::Trial(end, left, why) => {
                trial.get_or_insert((end, left));
                (None, why)
            }
        };
        let error = kept_back(&target, &why, left);
        let until = left.and_then(|left| view.now.checked_add(left));
        self.not_asked.push(NotAsked { candidate: target.candidate, error, until });
        None
    }

    /// Profiles with a rest that cannot be meant, each once.
    pub(super) fn take_doubts(&mut self) -> Vec<ProfileId> {
        let fresh = self.doubts.get(self.doubts_told..).unwrap_or_default().to_vec();
        self.doubts_told = self.doubts.len();
        fresh
    }

    /// Notes the profiles that are not asked.
    fn pass_over(&mut self, index: usize, candidate: &Candidate, order: &ProfileOrder) {
        for (id, rest) in &order.resting {
            let skip = NotAsked { candidate: index, error: resting(candidate, id, rest), until: Some(rest.until) };
            self.not_asked.push(skip);
        }
        if order.usable.is_empty() && order.resting.is_empty() {
            let error = no_profile(candidate, order);
            self.not_asked.push(NotAsked { candidate: index, error, until: None });
        }
    }
}

impl View<'_> {
    fn order(&self, candidate: &Candidate, profiles: &Profiles) -> ProfileOrder {
        let provider = &candidate.model.provider;
        let preferred = self.shared.sessions.preferred(self.session, provider);
        let preferred = preferred.as_ref();
        let (model, settings) = (&candidate.model.model, &self.shared.settings);
        match &candidate.pinned {
            None => profile_order(profiles, provider, model, settings, preferred, self.now),
            pinned => {
                let settings = ProfileSettings { pinned: pinned.clone(), ..settings.clone() };
                profile_order(profiles, provider, model, &settings, preferred, self.now)
            }
        }
    }
}

impl Target {
    fn new(
        index: usize,
        candidate: &Candidate,
        profile: Option<&Profile>,
        provider: Arc<dyn Provider>,
    ) -> Result<Self> {
        let said = super::asking::guarded(|| (provider.inference_endpoint(), provider.keeps_timeouts()));
        let (endpoint, keeps_timeouts) = said.map_err(|error| named(error, candidate, profile))?;
        Ok(Self {
            candidate: index,
            profile: profile.map(|p| p.id.clone()),
            account: profile.map(|p| account_mark(p).into()),
            model: candidate.model.clone(),
            endpoint,
            provider,
            keeps_timeouts,
            rests: false,
        })
    }

    /// The provider of a profile: the one that was made before, unless the credential is another one by now.
    fn connect(
        index: usize,
        candidate: &Candidate,
        profile: &Profile,
        connect: &Arc<Connect>,
        shared: &Shared,
    ) -> Result<Self> {
        const MOST: usize = 256;
        let key = (index, profile.id.clone());
        let same = |known: &&Connected| same_credential(&known.profile, profile);
        let known = shared.connected().get(&key).filter(same).map(|known| known.provider.clone());
        if let Some(provider) = known {
            return Self::new(index, candidate, Some(profile), provider);
        }
        let made = super::asking::guarded(|| connect(profile));
        let provider = made.and_then(|made| made).map_err(|error| named(error, candidate, Some(profile)))?;
        let mut connected = shared.connected();
        if connected.len() >= MOST {
            connected.clear();
        }
        // Of calls that made one at the same time, the first one's is used: one provider, one refresh.
        let entry = match connected.remove(&key).filter(|known| same_credential(&known.profile, profile)) {
            Some(known) => known,
            None => Connected { profile: profile.clone(), provider },
        };
        let provider = entry.provider.clone();
        connected.insert(key, entry);
        drop(connected);
        Self::new(index, candidate, Some(profile), provider)
    }
}

fn named(error: Error, candidate: &Candidate, profile: Option<&Profile>) -> Error {
    let error = error.with_provider(candidate.model.provider.as_str()).with_model(&candidate.model.model);
    match profile {
        Some(profile) => error.with_profile(profile.id.as_str()),
        None => error,
    }
}

/// The profiles of a candidate's provider.
fn profiles_of<'p>(candidate: &Candidate, profiles: &'p Profiles) -> impl Iterator<Item = &'p Profile> {
    let provider = ProviderId::normal(candidate.model.provider.as_str());
    profiles.iter().filter(move |profile| profile.provider.as_str() == provider)
}

/// What is asked when the store has no profile for it.
fn without_profile<'c>(candidate: &'c Candidate, profiles: &Profiles) -> Option<&'c Arc<dyn Provider>> {
    let provider = candidate.without_profile.as_ref()?;
    profiles_of(candidate, profiles).next().is_none().then_some(provider)
}

/// A person chose a profile that is not there: nobody else's account answers in its place.
fn pin_fault(candidate: &Candidate, view: &View<'_>, profiles: &Profiles) -> Option<Error> {
    let pinned = match (&candidate.pinned, &view.shared.settings.pinned) {
        (Some(own), _) if profiles_of(candidate, profiles).all(|profile| profile.id != *own) => own,
        (None, Some(pinned)) if profiles.ids().all(|id| id != pinned) => pinned,
        _ => return None,
    };
    let known: Vec<String> = profiles_of(candidate, profiles).map(|profile| profile.id.to_string()).collect();
    let have = match known.is_empty() {
        true => "no profile of this provider".to_owned(),
        false => known.join(", "),
    };
    let text = format!(
        "{} is to be asked with the profile {pinned}, which the store does not have or cannot use; it has {have}",
        candidate.model
    );
    let error = Error::config(text).with_names(known).with_names([pinned.to_string()]);
    Some(named(error, candidate, None))
}

fn same_credential(a: &Profile, b: &Profile) -> bool {
    let secret = |a: &Secret, b: &Secret| match (a, b) {
        (Secret::Plain(a), Secret::Plain(b)) => a.expose_secret() == b.expose_secret(),
        (Secret::Ref(a), Secret::Ref(b)) => a == b,
        _ => false,
    };
    match (&a.credential, &b.credential) {
        (Credential::OAuth(a), Credential::OAuth(b)) => {
            a.access.expose_secret() == b.access.expose_secret() && a.account_id == b.account_id && a.issuer == b.issuer
        }
        (Credential::Token(a), Credential::Token(b)) => secret(&a.token, &b.token),
        (Credential::ApiKey(a), Credential::ApiKey(b)) => secret(&a.key, &b.key),
        _ => false,
    }
}

/// A plan window says itself when it ends, and a login that was refused for good stays so; but credit may have been
/// bought, and many a login was laid to rest for what was no fault of its own.
fn may_be_asked(rest: &Rest) -> bool {
    let never = [CredentialFault::RateLimit, CredentialFault::AuthPermanent].map(CredentialFault::as_str);
    !never.contains(&rest.reason.as_str()) && rest.reason != "subscription_limit"
}

fn kept_back(target: &Target, why: &Error, left: Option<Duration>) -> Error {
    let when = match left {
        Some(left) => format!("for {} s more", left.as_secs_f64().ceil()),
        None => "while another call tries it".to_owned(),
    };
    let place = target.endpoint.as_ref().map(Endpoint::as_str).unwrap_or_default();
    let text = format!("{} was not asked {when}: {place} does not let calls through. {}", target.model, why.message());
    let mut error = Error::new(why.kind(), Stage::NotSent, text).with_advice(why.advice()).with_url(place);
    if let Some(edge) = why.edge() {
        error = error.with_edge(edge.clone());
    }
    if let Some(ray) = why.cf_ray() {
        error = error.with_cf_ray(ray);
    }
    if let Some(left) = left {
        error = error.with_retry_after(left);
    }
    let error = error.with_provider(target.model.provider.as_str()).with_model(&target.model.model);
    error.with_names(why.names().map(str::to_owned))
}

fn resting(candidate: &Candidate, id: &ProfileId, rest: &Rest) -> Error {
    let kind = CredentialFault::from_name(&rest.reason).map_or(ErrorKind::RateLimited, CredentialFault::kind);
    let until = utc(rest.until).unwrap_or_default();
    let text = format!(
        "{} was not asked: profile {id} rests until {until} ({}); clear it to ask sooner",
        candidate.model, rest.reason
    );
    let error = Error::new(kind, Stage::NotSent, text).with_provider(candidate.model.provider.as_str());
    error.with_model(&candidate.model.model).with_profile(id.as_str())
}

fn no_profile(candidate: &Candidate, order: &ProfileOrder) -> Error {
    let why: Vec<String> = order.ineligible.iter().take(10).map(|(id, why)| format!("{id} ({why})")).collect();
    let have = match why.is_empty() {
        true => "the store has none of this provider".to_owned(),
        false => why.join(", "),
    };
    let text = format!("{} has no profile that can be used: {have}; sign in, or give it a key", candidate.model);
    let error = Error::new(ErrorKind::AuthInvalid, Stage::NotSent, text);
    let error = error.with_provider(candidate.model.provider.as_str()).with_model(&candidate.model.model);
    error.with_names(order.ineligible.iter().map(|(id, _)| id.to_string()))
}
