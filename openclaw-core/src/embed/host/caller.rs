//! Who asks: a number of the host's, such as that of an event loop, that goes along with a call.

use std::cell::Cell;
use std::future::Future;

thread_local! {
    static HERE: Cell<Option<u64>> = const { Cell::new(None) };
}

tokio::task_local! {
    static CALLER: Option<u64>;
}

/// Calls that are started inside bear this number; a [`Job`](super::Job) that comes of them has it as `caller`.
pub fn called_by<R>(caller: Option<u64>, start: impl FnOnce() -> R) -> R {
    struct Reset(Option<u64>);
    impl Drop for Reset {
        fn drop(&mut self) {
            HERE.set(self.0);
        }
    }
    let _reset = Reset(HERE.replace(caller));
    start()
}

/// A task of the caller that is known on this thread.
pub(crate) fn scope<F: Future>(task: F) -> impl Future<Output = F::Output> {
    CALLER.scope(HERE.get(), task)
}

/// The caller of the running task.
pub(super) fn current() -> Option<u64> {
    CALLER.try_with(|caller| *caller).ok().flatten().or_else(|| HERE.get())
}
