//! The diagnosis, proven from outside: an OpenClaw home on the disk, the embedded server, a virtual clock.

mod common;
mod harmless;
mod offline;
mod rows;
