//! A clock that a test moves.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::random::Seeded;
use crate::ambient::{Ambient, Sleep};

/// Time, sleep and randomness of a test: nothing waits, everything is the same on every run.
///
/// A [`sleep`](Ambient::sleep) ends at once and moves the clock by its length; a [`timer`](Ambient::timer), which is a
/// limit that is hoped not to be reached, stays until the clock is moved there. [`manual`](Self::manual) lets every
/// sleep stay too. Clones share one clock.
///
/// ```
/// use std::time::Duration;
/// use openclaw_core::ambient::Ambient;
/// use openclaw_core::testing::VirtualAmbient;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let clock = VirtualAmbient::new(1);
/// clock.sleep(Duration::from_secs(60)).await;
/// assert_eq!(clock.slept(), [Duration::from_secs(60)]);
/// assert_eq!(clock.monotonic(), Duration::from_secs(60));
/// # });
/// ```
#[derive(Debug, Clone)]
pub struct VirtualAmbient(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    origin: SystemTime,
    elapsed: Duration,
    /// Sleeps end at once.
    auto: bool,
    random: Seeded,
    slept: Vec<Duration>,
    next_id: u64,
    sleeping: Vec<Sleeper>,
    /// Those who wait for a number of sleepers.
    watchers: Vec<Waker>,
}

#[derive(Debug)]
struct Sleeper {
    id: u64,
    until: Duration,
    waker: Waker,
}

impl VirtualAmbient {
    /// A clock that stands at 2026-04-24T03:06:40Z, with randomness of this seed.
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(State {
            origin: UNIX_EPOCH + Duration::from_secs(1_777_000_000),
            elapsed: Duration::ZERO,
            auto: true,
            random: Seeded::new(seed),
            slept: Vec::new(),
            next_id: 0,
            sleeping: Vec::new(),
            watchers: Vec::new(),
        })))
    }

    /// Sets the time of day at which the clock starts.
    #[must_use]
    pub fn starting_at(self, time: SystemTime) -> Self {
        self.state().origin = time;
        self
    }

    /// Lets every sleep wait until the clock is moved by [`advance`](Self::advance).
    #[must_use]
    pub fn manual(self) -> Self {
        self.state().auto = false;
        self
    }

    /// Moves the clock and wakes every sleep that ends by then.
    pub fn advance(&self, time: Duration) {
        let due: Vec<Sleeper>;
        {
            let mut state = self.state();
            state.elapsed = state.elapsed.saturating_add(time);
            let now = state.elapsed;
            (due, state.sleeping) = std::mem::take(&mut state.sleeping).into_iter().partition(|s| s.until <= now);
        }
        // Outside the lock: a waker may run or drop a task at once, whose sleeps take the lock.
        due.into_iter().for_each(|sleeper| sleeper.waker.wake());
    }

    /// The length of every sleep that ended, in the order in which they ended.
    pub fn slept(&self) -> Vec<Duration> {
        self.state().slept.clone()
    }

    /// How many sleeps wait now.
    pub fn sleepers(&self) -> usize {
        self.state().sleeping.len()
    }

    /// Waits until at least this many sleeps wait: then the code under test has come to its sleep, and the clock can be
    /// moved.
    pub async fn until_sleeping(&self, count: usize) {
        std::future::poll_fn(|cx| {
            let mut state = self.state();
            if state.sleeping.len() >= count {
                return Poll::Ready(());
            }
            state.watchers.push(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }

    fn wait(&self, duration: Duration, skipped: bool) -> Sleep {
        let mut state = self.state();
        state.next_id += 1;
        let id = state.next_id;
        let until = state.elapsed.saturating_add(duration);
        drop(state);
        Box::pin(VirtualSleep { clock: self.clone(), id, duration, until, skipped, done: false })
    }

    /// The sleeper is given back to be dropped outside the lock.
    fn forget(&self, id: u64) -> Option<Sleeper> {
        let mut state = self.state();
        let at = state.sleeping.iter().position(|sleeper| sleeper.id == id)?;
        Some(state.sleeping.swap_remove(at))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A test that failed while it held the lock left nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ambient for VirtualAmbient {
    fn now(&self) -> SystemTime {
        let state = self.state();
        state.origin.checked_add(state.elapsed).unwrap_or(state.origin)
    }

    fn monotonic(&self) -> Duration {
        self.state().elapsed
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        let skipped = self.state().auto;
        self.wait(duration, skipped)
    }

    fn timer(&self, duration: Duration) -> Sleep {
        self.wait(duration, false)
    }

    fn random(&self, buffer: &mut [u8]) {
        self.state().random.fill(buffer);
    }
}

struct VirtualSleep {
    clock: VirtualAmbient,
    id: u64,
    duration: Duration,
    until: Duration,
    skipped: bool,
    done: bool,
}

impl Future for VirtualSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.done {
            return Poll::Ready(());
        }
        let clock = self.clock.clone();
        let mut state = clock.state();
        if state.elapsed < self.until {
            if !self.skipped {
                let watchers = std::mem::take(&mut state.watchers);
                match state.sleeping.iter_mut().find(|sleeper| sleeper.id == self.id) {
                    Some(sleeper) => sleeper.waker.clone_from(cx.waker()),
                    None => {
                        let sleeper = Sleeper { id: self.id, until: self.until, waker: cx.waker().clone() };
                        state.sleeping.push(sleeper);
                    }
                }
                drop(state);
                watchers.into_iter().for_each(Waker::wake);
                return Poll::Pending;
            }
            let ahead = self.until - state.elapsed;
            state.slept.push(self.duration);
            drop(state);
            clock.advance(ahead);
        } else {
            state.slept.push(self.duration);
            drop(state);
            drop(clock.forget(self.id));
        }
        self.done = true;
        Poll::Ready(())
    }
}

impl Drop for VirtualSleep {
    fn drop(&mut self) {
        drop(self.clock.forget(self.id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_sleep_moves_the_clock() {
        let clock = VirtualAmbient::new(1);
        let start = clock.now();
        clock.sleep(Duration::from_millis(200)).await;
        clock.sleep(Duration::from_millis(400)).await;
        assert_eq!(clock.slept(), [Duration::from_millis(200), Duration::from_millis(400)]);
        assert_eq!(clock.now(), start + Duration::from_millis(600));
    }

    #[tokio::test]
    async fn a_timer_waits_and_is_forgotten_when_dropped() {
        let clock = VirtualAmbient::new(1);
        let guard = tokio::spawn(clock.timer(Duration::from_secs(300)));
        clock.until_sleeping(1).await;
        clock.sleep(Duration::from_secs(100)).await;
        assert_eq!(clock.sleepers(), 1);
        clock.advance(Duration::from_secs(200));
        guard.await.unwrap();
        assert_eq!(clock.sleepers(), 0);
        let other = tokio::spawn(clock.timer(Duration::from_secs(300)));
        clock.until_sleeping(1).await;
        other.abort();
        let _ = other.await;
        assert_eq!(clock.sleepers(), 0);
    }

    #[tokio::test]
    async fn manual_ends_sleeps_when_told() {
        let clock = VirtualAmbient::new(1).manual();
        let sleep = tokio::spawn(clock.sleep(Duration::from_millis(10)));
        clock.until_sleeping(1).await;
        clock.advance(Duration::from_millis(9));
        tokio::task::yield_now().await;
        assert!(!sleep.is_finished());
        clock.advance(Duration::from_millis(1));
        sleep.await.unwrap();
    }

    #[test]
    fn randomness_is_of_the_seed() {
        assert_eq!(VirtualAmbient::new(5).uuid(), VirtualAmbient::new(5).uuid());
        assert_ne!(VirtualAmbient::new(5).uuid(), VirtualAmbient::new(6).uuid());
    }
}
