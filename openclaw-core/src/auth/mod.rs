//! Credentials: where a token comes from, and what it says of itself.

mod choose;
mod codex_cli;
mod codex_cli_store;
mod credential_store;
mod entry;
mod env;
mod fields;
mod file;
mod file_store;
mod flight;
mod found;
mod health;
mod identity;
pub(crate) mod jwt;
mod login;
mod login_store;
pub mod oauth;
mod order;
pub(crate) mod place;
mod profile;
mod profiles;
mod refresh;
mod rests;
mod secret;
mod sign_in;
pub(crate) mod stamp;
mod state;
mod store_file;
mod summary;
mod token;
mod usage_stats;

pub(crate) use choose::{access_token, login_kind};
pub use codex_cli_store::CodexCliStore;
pub use credential_store::{Change, CredentialStore, MemoryStore, RefreshLock};
pub use env::Environment;
pub(crate) use env::{KEYS, key_variable};
pub use file_store::FileStore;
#[cfg(feature = "embed")]
pub(crate) use found::key_in;
pub use found::{LoginQuery, LoginSearch, find_login};
pub(crate) use health::never_rests;
pub use health::{
    CooldownSettings, CredentialFault, Fault, Rest, after_fault, after_success, cleared, is_implausible, rest,
};
pub use identity::{Comparison, Identity};
pub use jwt::Claims;
pub use login::{FoundLogin, LoginKind};
pub use login_store::{LoginStore, RefreshedLogin, RemovedLogin, StoredLogin, StoredLogins};
pub use order::{Ineligible, ProfileOrder, ProfileSettings, profile_order};
pub use profile::{ApiKeyCredential, Credential, OAuthCredential, Profile, ProfileId, TokenCredential};
pub use profiles::{ProfileNote, Profiles, schema};
pub use refresh::{ProfileTokens, Renewal, TokenRefresher};
pub(crate) use rests::SharedRests;
pub use rests::rest_of;
pub(crate) use secret::hashed;
pub use secret::{Secret, SecretRef, SecretSource};
pub use sign_in::{SignedIn, forget_in_config, record_in_config};
pub(crate) use state::refusal;
pub use state::{Condition, Readiness};
pub use summary::{ProfileHealth, ProfileState, ProfileSummary};
pub use token::{AccessToken, StaticToken, TokenSource};
pub use usage_stats::{RefreshFailure, UsageStats};
