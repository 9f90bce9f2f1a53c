//! The configuration file of OpenClaw: read, judged, edited, repaired.

mod edit;

pub use edit::KeyPath;
