//! How this library was built.

use serde_json::{Value, json};

/// `version`, `openclaw_version` (whose configuration is known), `os`, `arch`, `debug`, `testing`.
pub fn build_info() -> Value {
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "openclaw_version": crate::config::OPENCLAW_VERSION,
        "os": std::env::consts::OS,
        "arch": std::env::consts::ARCH,
        "debug": cfg!(debug_assertions),
        "testing": cfg!(feature = "testing"),
    })
}
