//! What the library takes from the world around it, so that a test can put its own in place: time, sleep, randomness.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime};

use crate::error::{Error, Result};

/// A sleep under way. Dropping it ends it.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Time, sleep and randomness. [`SystemAmbient`] is the real one.
pub trait Ambient: Debug + Send + Sync {
    /// The time of day.
    fn now(&self) -> SystemTime;

    /// Time since an arbitrary start; never goes back.
    fn monotonic(&self) -> Duration;

    /// Ends after this long: a wait that the library chooses to make.
    fn sleep(&self, duration: Duration) -> Sleep;

    /// Ends after this long: a limit that is hoped not to be reached. A virtual clock that skips every
    /// [`sleep`](Self::sleep) does not skip these.
    fn timer(&self, duration: Duration) -> Sleep {
        self.sleep(duration)
    }

    /// Fills the buffer with unpredictable bytes.
    fn random(&self, buffer: &mut [u8]);

    /// Fills the buffer with bytes that nobody can guess, for secrets such as those of a sign-in.
    ///
    /// # Errors
    /// `config` when the system has no entropy: then there is no secret, and no sign-in.
    fn secret(&self, buffer: &mut [u8]) -> Result<()> {
        self.random(buffer);
        Ok(())
    }

    /// A random number in 0.0 ..= 1.0, for jitter.
    fn fraction(&self) -> f64 {
        let mut bytes = [0; 4];
        self.random(&mut bytes);
        f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)
    }

    /// A random UUID (version 4), for session ids.
    fn uuid(&self) -> String {
        let mut b = [0; 16];
        self.random(&mut b);
        b[6] = b[6] & 0x0f | 0x40;
        b[8] = b[8] & 0x3f | 0x80;
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        let [a, b, c, d, e] = [&b[..4], &b[4..6], &b[6..8], &b[8..10], &b[10..]].map(hex);
        format!("{a}-{b}-{c}-{d}-{e}")
    }
}

/// A host's [`Ambient::fraction`] as it must be: one that is no number is the middle.
pub(crate) fn fraction(ambient: &dyn Ambient) -> f64 {
    let fraction = ambient.fraction();
    if fraction.is_nan() { 0.5 } else { fraction.clamp(0.0, 1.0) }
}

/// The operating system's clock and randomness, tokio's timer.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemAmbient;

impl Ambient for SystemAmbient {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn monotonic(&self) -> Duration {
        static START: OnceLock<Instant> = OnceLock::new();
        START.get_or_init(Instant::now).elapsed()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }

    fn random(&self, buffer: &mut [u8]) {
        // Session ids and jitter need no secrecy, so a system without entropy gets the clock instead of a panic.
        if getrandom::fill(buffer).is_err() {
            let mut seed = self.monotonic().as_nanos() as u64 ^ 0x9e37_79b9_7f4a_7c15;
            for byte in buffer {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                *byte = (seed >> 56) as u8;
            }
        }
    }

    fn secret(&self, buffer: &mut [u8]) -> Result<()> {
        getrandom::fill(buffer).map_err(|e| {
            let text = "the operating system gives no randomness, so a sign-in would not be safe; see the cause";
            Error::config(text).with_source(std::io::Error::other(e.to_string()))
        })
    }
}

/// The real one, shared.
pub(crate) fn system() -> Arc<dyn Ambient> {
    Arc::new(SystemAmbient)
}
