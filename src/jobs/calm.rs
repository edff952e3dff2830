//! Whether senders crowd in: then what can wait makes way for them, so that each is answered soon (promise P4). News is
//! durable before it is matched, so nothing is lost by matching it a moment later.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long one crowd counts: the next group of requests is there sooner, if there is one.
const CROWD: Duration = Duration::from_millis(20);
/// The longest that one step of work makes way: under a lasting flood it goes on at this pace.
pub(super) const MAKES_WAY: Duration = Duration::from_millis(250);

/// Known to whoever takes news and whoever works in the same process. Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Calm {
    crowded_until: Arc<Mutex<Option<Instant>>>,
}

impl Calm {
    /// Many requests came at once.
    pub fn disturb(&self) {
        let until = Instant::now().checked_add(CROWD);
        *self.crowded_until.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }

    /// Waits until nobody crowds in, at most so long.
    pub async fn wait(&self, most: Duration) {
        let begun = Instant::now();
        while let Some(left) = self.left() {
            let spent = begun.elapsed();
            if spent >= most {
                return;
            }
            tokio::time::sleep(left.min(most.saturating_sub(spent))).await;
        }
    }

    fn left(&self) -> Option<Duration> {
        let until = *self.crowded_until.lock().unwrap_or_else(PoisonError::into_inner);
        let left = until?.checked_duration_since(Instant::now())?;
        (!left.is_zero()).then_some(left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_makes_way_for_a_crowd_and_never_for_long() {
        let calm = Calm::default();
        let begun = Instant::now();
        calm.wait(Duration::from_hours(1)).await;
        assert!(begun.elapsed() < CROWD, "nobody crowds in");
        let other = calm.clone();
        other.disturb();
        calm.wait(Duration::from_hours(1)).await;
        assert!(begun.elapsed() >= CROWD);
        let crowd = tokio::spawn(async move {
            loop {
                other.disturb();
                tokio::task::yield_now().await;
            }
        });
        tokio::task::yield_now().await;
        let begun = Instant::now();
        calm.wait(Duration::from_millis(30)).await;
        crowd.abort();
        assert!(begun.elapsed() >= Duration::from_millis(30), "a lasting crowd");
    }
}
