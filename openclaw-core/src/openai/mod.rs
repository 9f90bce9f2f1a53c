//! The platform API and what is compatible with it.
