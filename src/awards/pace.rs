//! The pace of calls to one organisation's Factory: so many a second, and a share of them for reading.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

/// The pace of calls of one organisation in this process.
pub struct Pace {
    calls: DefaultDirectRateLimiter,
    reads: DefaultDirectRateLimiter,
    clock: DefaultClock,
}

impl Pace {
    /// `per_second` calls, evenly spaced; `read_share_percent` of them for reading while orders wait.
    pub fn new(per_second: u32, read_share_percent: u32) -> Self {
        let per_second = NonZeroU32::new(per_second).unwrap_or(NonZeroU32::MIN);
        let between_calls = Duration::from_secs(1) / per_second.get();
        let between_reads = between_calls * 100 / read_share_percent.clamp(1, 100);
        Self {
            calls: limiter(between_calls),
            reads: limiter(between_reads),
            clock: DefaultClock::default(),
        }
    }

    /// Waits until a call may be made.
    pub async fn call(&self) {
        while let Err(not_yet) = self.calls.check() {
            tokio::time::sleep(not_yet.wait_time_from(self.clock.now())).await;
        }
    }

    /// Whether it is reading's turn, even if orders wait. Asking takes the turn.
    pub fn is_reads_turn(&self) -> bool {
        self.reads.check().is_ok()
    }
}

fn limiter(between: Duration) -> DefaultDirectRateLimiter {
    let quota = Quota::with_period(between.max(Duration::from_nanos(1)));
    RateLimiter::direct(quota.unwrap_or(Quota::per_second(NonZeroU32::MIN)))
}

impl std::fmt::Debug for Pace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pace").finish_non_exhaustive()
    }
}
