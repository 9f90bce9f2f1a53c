//! A file descriptor that is readable while something is to be done: how a thread of ours wakes a host's event loop.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

use crate::error::{Error, Result};

/// Rung or not rung; its descriptor is readable while it is rung. Ringing twice is as good as once. Any thread may use it.
#[derive(Debug)]
pub struct Bell(#[cfg(target_os = "linux")] nix::sys::eventfd::EventFd, #[cfg(not(target_os = "linux"))] Pipe);

#[cfg(target_os = "linux")]
impl Bell {
    /// A new one, not rung.
    ///
    /// # Errors
    /// `config` when the system gives no descriptor.
    pub fn new() -> Result<Self> {
        use nix::sys::eventfd::{EfdFlags, EventFd};
        let fd = EventFd::from_value_and_flags(0, EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK);
        Ok(Self(fd.map_err(|e| Error::config("the system gives no file descriptor").with_source(e))?))
    }

    /// Makes the descriptor readable.
    pub fn ring(&self) {
        // It can only fail when 2^64 - 1 rings are unread.
        let _ = self.0.write(1);
    }

    /// Makes it unreadable again.
    pub fn quiet(&self) {
        // It fails when it is not rung.
        let _ = self.0.read();
    }

    /// Its number, to be watched and never read.
    pub fn fd(&self) -> RawFd {
        self.0.as_fd().as_raw_fd()
    }
}

#[cfg(target_os = "linux")]
impl AsFd for Bell {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

#[cfg(not(target_os = "linux"))]
#[derive(Debug)]
struct Pipe {
    read: std::os::unix::net::UnixStream,
    write: std::os::unix::net::UnixStream,
}

#[cfg(not(target_os = "linux"))]
impl Bell {
    /// A new one, not rung.
    ///
    /// # Errors
    /// `config` when the system gives no descriptor.
    pub fn new() -> Result<Self> {
        let fault = |e: std::io::Error| Error::config("the system gives no file descriptor").with_source(e);
        let (read, write) = std::os::unix::net::UnixStream::pair().map_err(fault)?;
        read.set_nonblocking(true).and_then(|()| write.set_nonblocking(true)).map_err(fault)?;
        Ok(Self(Pipe { read, write }))
    }

    /// Makes the descriptor readable.
    pub fn ring(&self) {
        let _ = std::io::Write::write(&mut &self.0.write, &[1]);
    }

    /// Makes it unreadable again.
    pub fn quiet(&self) {
        let mut some = [0; 64];
        while matches!(std::io::Read::read(&mut &self.0.read, &mut some), Ok(64)) {}
    }

    /// Its number, to be watched and never read.
    pub fn fd(&self) -> RawFd {
        self.0.read.as_raw_fd()
    }
}

#[cfg(not(target_os = "linux"))]
impl AsFd for Bell {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.read.as_fd()
    }
}
