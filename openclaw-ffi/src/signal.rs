//! A write to a connection that the other side closed raises SIGPIPE, which ends a C program unless it ignores it. The
//! threads of the library have all signals blocked; where the host's own thread works for us, it is shielded here.

use std::mem::MaybeUninit;

use nix::sys::signal::{SigSet, SigmaskHow, Signal};

/// Runs `work` with SIGPIPE blocked; one that came is taken away before the host's mask is put back.
pub(crate) fn shielded<R>(work: impl FnOnce() -> R) -> R {
    let _shield = Shield::new();
    work()
}

/// Put back also when a panic passes by.
struct Shield(Option<SigSet>);

impl Shield {
    fn new() -> Self {
        let mut pipe = SigSet::empty();
        pipe.add(Signal::SIGPIPE);
        let before = pipe.thread_swap_mask(SigmaskHow::SIG_BLOCK).ok();
        // A host that blocks it already has its own way with it.
        Self(before.filter(|before| !before.contains(Signal::SIGPIPE)))
    }
}

impl Drop for Shield {
    fn drop(&mut self) {
        let Some(before) = &self.0 else { return };
        let mut pending = MaybeUninit::<libc::sigset_t>::uninit();
        // SAFETY: the set is written by the first call, and only looked at when that succeeded.
        let came = unsafe {
            libc::sigpending(pending.as_mut_ptr()) == 0 && libc::sigismember(pending.as_ptr(), libc::SIGPIPE) == 1
        };
        if came {
            let mut pipe = SigSet::empty();
            pipe.add(Signal::SIGPIPE);
            // It is pending, so this does not wait.
            let _ = pipe.wait();
        }
        let _ = before.thread_set_mask();
    }
}
