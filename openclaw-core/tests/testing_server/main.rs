//! The embedded server, seen from outside over raw sockets and over reqwest.

mod ask;
mod bytes;
mod judged;
mod played;
mod scripts;
mod settings;
