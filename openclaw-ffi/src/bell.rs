//! A file descriptor that is readable while something is to be done.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

use openclaw_core::Error;

/// Rung or not rung. Ringing twice is as good as once.
#[derive(Debug)]
pub(crate) struct Bell(#[cfg(target_os = "linux")] nix::sys::eventfd::EventFd, #[cfg(not(target_os = "linux"))] Pipe);

#[cfg(target_os = "linux")]
impl Bell {
    pub(crate) fn new() -> Result<Self, Error> {
        use nix::sys::eventfd::{EfdFlags, EventFd};
        let fd = EventFd::from_value_and_flags(0, EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK);
        Ok(Self(fd.map_err(|e| Error::config("the system gives no file descriptor").with_source(e))?))
    }

    pub(crate) fn ring(&self) {
        // It can only fail when 2^64 - 1 rings are unread.
        let _ = self.0.write(1);
    }

    pub(crate) fn quiet(&self) {
        // It fails when it is not rung.
        let _ = self.0.read();
    }

    pub(crate) fn fd(&self) -> RawFd {
        self.0.as_fd().as_raw_fd()
    }

    pub(crate) fn as_fd(&self) -> BorrowedFd<'_> {
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
    pub(crate) fn new() -> Result<Self, Error> {
        let fault = |e: std::io::Error| Error::config("the system gives no file descriptor").with_source(e);
        let (read, write) = std::os::unix::net::UnixStream::pair().map_err(fault)?;
        read.set_nonblocking(true).and_then(|()| write.set_nonblocking(true)).map_err(fault)?;
        Ok(Self(Pipe { read, write }))
    }

    pub(crate) fn ring(&self) {
        let _ = std::io::Write::write(&mut &self.0.write, &[1]);
    }

    pub(crate) fn quiet(&self) {
        let mut some = [0; 64];
        while matches!(std::io::Read::read(&mut &self.0.read, &mut some), Ok(64)) {}
    }

    pub(crate) fn fd(&self) -> RawFd {
        self.0.read.as_raw_fd()
    }

    pub(crate) fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.read.as_fd()
    }
}
