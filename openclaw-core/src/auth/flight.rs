//! One piece of work that many wait for: whoever waits drives it, and it goes on when one of them is dropped.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll};

/// Runs at most one piece of work at a time. Who comes while it runs gets its result.
#[derive(Debug)]
pub(super) struct SingleFlight<T> {
    running: Mutex<Option<Arc<Run<T>>>>,
}

/// Set by the work at the point from which it must not be given up.
#[derive(Debug, Clone, Default)]
pub(super) struct Committed(Arc<AtomicBool>);

type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

struct Run<T> {
    /// Empty when it is done or was given up. Whoever waits holds the lock and polls; dropped, the next one goes on.
    work: tokio::sync::Mutex<Option<Work<T>>>,
    result: OnceLock<T>,
    committed: Committed,
    waiting: AtomicUsize,
}

impl Committed {
    /// From here on the work is brought to its end, also when everybody who waited for it is gone.
    pub fn set(&self) {
        self.0.store(true, Ordering::Release);
    }
}

impl<T> Default for SingleFlight<T> {
    fn default() -> Self {
        Self { running: Mutex::new(None) }
    }
}

impl<T: Clone + Send + Sync + 'static> SingleFlight<T> {
    /// The result of the work under way, else of this one.
    ///
    /// Work that everybody has left is given up. If it was committed it is finished instead, by a task of the tokio runtime
    /// that it was left in: the one place where this library starts a task, because what the work has spent would be lost.
    /// Without a runtime the next one who asks finishes it.
    pub async fn run(&self, start: impl Fn(Committed) -> Work<T>) -> T {
        loop {
            let run = {
                let mut slot = self.running.lock().unwrap_or_else(PoisonError::into_inner);
                let run = slot.take().filter(|run| !run.is_over()).unwrap_or_else(|| {
                    let committed = Committed::default();
                    Arc::new(Run {
                        work: tokio::sync::Mutex::new(Some(start(committed.clone()))),
                        result: OnceLock::new(),
                        committed,
                        waiting: AtomicUsize::new(0),
                    })
                });
                run.waiting.fetch_add(1, Ordering::AcqRel);
                slot.insert(run).clone()
            };
            let waiter = Waiter(run);
            // `None`: it was given up just before.
            if let Some(result) = waiter.0.drive().await {
                return result;
            }
        }
    }
}

impl<T: Clone> Run<T> {
    async fn drive(&self) -> Option<T> {
        let mut work = self.work.lock().await;
        if let Some(future) = work.as_mut() {
            let polled = |cx: &mut Context<'_>| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
                Ok(Poll::Pending) => Poll::Pending,
                Ok(Poll::Ready(result)) => Poll::Ready(Ok(result)),
                Err(panic) => Poll::Ready(Err(panic)),
            };
            let ended = poll_fn(polled).await;
            *work = None;
            match ended {
                Ok(result) => drop(self.result.set(result)),
                // The panic is the caller's to see. The work is over: the next one who asks starts anew.
                Err(panic) => resume_unwind(panic),
            }
        }
        self.result.get().cloned()
    }
}

impl<T> Run<T> {
    fn is_over(&self) -> bool {
        self.result.get().is_some() || self.work.try_lock().is_ok_and(|work| work.is_none())
    }
}

struct Waiter<T: Clone + Send + Sync + 'static>(Arc<Run<T>>);

impl<T: Clone + Send + Sync + 'static> Drop for Waiter<T> {
    fn drop(&mut self) {
        let run = &self.0;
        if run.waiting.fetch_sub(1, Ordering::AcqRel) != 1 || run.result.get().is_some() {
            return;
        }
        if !run.committed.0.load(Ordering::Acquire) {
            if let Ok(mut work) = run.work.try_lock() {
                *work = None;
            }
        } else if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let run = self.0.clone();
            runtime.spawn(async move { drop(run.drive().await) });
        }
    }
}

impl<T> std::fmt::Debug for Run<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Run")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::{Notify, oneshot};

    fn start<F: Future<Output = u32> + Send + 'static>(
        work: impl Fn(Committed) -> F,
    ) -> impl Fn(Committed) -> Work<u32> {
        move |committed| Box::pin(work(committed))
    }

    #[tokio::test]
    async fn many_wait_for_one() {
        let flight = Arc::new(SingleFlight::default());
        let (count, gate) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
        let tasks: Vec<_> = (0..50)
            .map(|_| {
                let (flight, count, gate) = (flight.clone(), count.clone(), gate.clone());
                tokio::spawn(async move {
                    let work = start(move |_| {
                        let (count, gate) = (count.clone(), gate.clone());
                        async move {
                            count.fetch_add(1, Ordering::SeqCst);
                            gate.notified().await;
                            7
                        }
                    });
                    flight.run(work).await
                })
            })
            .collect();
        tokio::task::yield_now().await;
        // The one who drives is dropped; the others go on.
        tasks[0].abort();
        tokio::task::yield_now().await;
        gate.notify_one();
        for (i, task) in tasks.into_iter().enumerate() {
            assert_eq!(task.await.ok(), (i > 0).then_some(7), "{i}");
        }
        assert_eq!(count.load(Ordering::SeqCst), 1);
        assert_eq!(flight.run(start(|_| async { 8 })).await, 8, "what is done is done");
    }

    #[tokio::test]
    async fn work_that_panicked_is_over() {
        let flight = Arc::new(SingleFlight::default());
        for _ in 0..2 {
            let flight = flight.clone();
            let task = tokio::spawn(async move { flight.run(start(|_| async { panic!("a host's store") })).await });
            assert_eq!(task.await.unwrap_err().into_panic().downcast_ref::<&str>(), Some(&"a host's store"));
        }
        assert_eq!(flight.run(start(|_| async { 5 })).await, 5);
    }

    #[tokio::test]
    async fn work_that_is_left_is_given_up_unless_it_is_committed() {
        for committed in [false, true] {
            let flight = Arc::new(SingleFlight::default());
            let (gate, (done, mut is_done)) = (Arc::new(Notify::new()), oneshot::channel());
            let done = Arc::new(Mutex::new(Some(done)));
            let work = {
                let gate = gate.clone();
                start(move |commit| {
                    let (gate, done) = (gate.clone(), done.clone());
                    async move {
                        if committed {
                            commit.set();
                        }
                        gate.notified().await;
                        let done = done.lock().unwrap().take();
                        done.unwrap().send(()).unwrap();
                        1
                    }
                })
            };
            let task = tokio::spawn({
                let flight = flight.clone();
                async move { flight.run(work).await }
            });
            tokio::task::yield_now().await;
            task.abort();
            assert!(task.await.is_err());
            gate.notify_one();
            for _ in 0..5 {
                tokio::task::yield_now().await;
            }
            assert_eq!(is_done.try_recv().is_ok(), committed);
            assert_eq!(flight.run(start(|_| async { 2 })).await, 2);
        }
    }
}
