//! The key sets of all platforms, cached by address: fresh, stale on error, one fetch at a time for each.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::{InvalidKeySet, KeySet};
use crate::lti::fetch::{Fetch, FetchError, Request};
use crate::lti::flight::Flight;

/// How long things last. Ages are counted in whole seconds.
#[derive(Clone, Copy, Debug)]
pub struct KeySetLimits {
    /// A set younger than this is used without asking.
    pub fresh_for: Duration,
    /// An older set is used while the platform does not answer, up to this age.
    pub stale_for: Duration,
    /// After a fetch for a key that was not in the set, unknown keys cause no other one for so long: who posts tokens
    /// with made-up key ids cannot make us call the platform each time.
    pub unknown_key_pause: Duration,
    /// After a fetch that failed, the next one waits so long.
    pub failure_pause: Duration,
    /// The longest that a launch waits for a fetch.
    pub time_limit: Duration,
    /// Bytes of a key set.
    pub size_limit: usize,
}

impl Default for KeySetLimits {
    fn default() -> Self {
        Self {
            fresh_for: Duration::from_hours(1),
            stale_for: Duration::from_hours(24),
            unknown_key_pause: Duration::from_secs(30),
            failure_pause: Duration::from_secs(10),
            time_limit: Duration::from_secs(2),
            size_limit: 1024 * 1024,
        }
    }
}

/// Why there is no key set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeySetError {
    #[error("the key set was not fetched: {0}")]
    NotFetched(#[from] FetchError),
    #[error("the key set's address answered {status}")]
    Answered { status: u16 },
    #[error("the key set's address answered something else: {0}")]
    Invalid(#[from] InvalidKeySet),
}

type Outcome = Result<Arc<KeySet>, KeySetError>;

/// The cache. Its locks are held for a look, never across a fetch.
#[derive(Default)]
pub struct KeySets {
    limits: KeySetLimits,
    entries: RwLock<HashMap<String, Arc<Mutex<Entry>>>>,
}

#[derive(Default)]
struct Entry {
    set: Option<Arc<KeySet>>,
    fetched_at: i64,
    failure: Option<(i64, KeySetError)>,
    unknown_key_fetch_at: Option<i64>,
    flight: Flight<Outcome>,
}

impl fmt::Debug for KeySets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySets")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl KeySets {
    /// An empty cache with other limits than the default ones.
    pub fn with_limits(limits: KeySetLimits) -> Self {
        Self {
            limits,
            entries: RwLock::default(),
        }
    }

    /// The key set at `address` (the registration's), to look for `kid` in; `now` in Unix seconds.
    ///
    /// Asks the platform when nothing is cached, the cached set has aged, or it lacks `kid`. When the platform does not
    /// answer, the cached set is given as long as it may be used. That the key is in the set is not promised: whoever
    /// verifies looks it up.
    pub async fn obtain(&self, fetch: &Arc<dyn Fetch>, address: &str, kid: &str, now: i64) -> Outcome {
        let entry = self.entry(address);
        let flight = {
            let mut state = lock(&entry);
            match state.plan(kid, now, &self.limits) {
                Plan::Use(set) => return Ok(set),
                Plan::GiveUp(error) => return Err(error),
                Plan::Fetch => {}
            }
            let start = || self.fetching(Arc::clone(&entry), Arc::clone(fetch), address, now);
            state.flight.join(start)
        };
        match flight.await {
            Ok(set) => Ok(set),
            Err(error) => lock(&entry).usable(now, &self.limits).ok_or(error),
        }
    }

    /// The set at `address` as it is cached; `None` where nothing may be used any more. Asks nobody; `now` in Unix seconds.
    pub fn cached(&self, address: &str, now: i64) -> Option<Arc<KeySet>> {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.get(address).map(Arc::clone)?;
        drop(entries);
        lock(&entry).usable(now, &self.limits)
    }

    /// Forgets the set at `address`: the registration was changed or disabled.
    pub fn forget(&self, address: &str) {
        self.entries
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(address);
    }

    fn entry(&self, address: &str) -> Arc<Mutex<Entry>> {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = entries.get(address) {
            return Arc::clone(entry);
        }
        drop(entries);
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(entries.entry(address.to_owned()).or_default())
    }

    fn fetching(
        &self,
        entry: Arc<Mutex<Entry>>,
        fetch: Arc<dyn Fetch>,
        address: &str,
        now: i64,
    ) -> BoxFuture<'static, Outcome> {
        let request = Request::get(
            address,
            "application/json, application/jwk-set+json, */*;q=0.1",
            self.limits.time_limit,
            self.limits.size_limit,
        );
        Box::pin(async move {
            let outcome = match fetch.fetch(request).await {
                Ok(response) if response.status == 200 => {
                    KeySet::parse(&response.body).map(Arc::new).map_err(KeySetError::from)
                }
                Ok(response) => Err(KeySetError::Answered {
                    status: response.status,
                }),
                Err(error) => Err(error.into()),
            };
            lock(&entry).settle(&outcome, now);
            outcome
        })
    }
}

enum Plan {
    Use(Arc<KeySet>),
    Fetch,
    GiveUp(KeySetError),
}

impl Entry {
    fn plan(&mut self, kid: &str, now: i64, limits: &KeySetLimits) -> Plan {
        let usable = self.usable(now, limits);
        let has_key = usable.as_ref().is_some_and(|set| set.key(kid).is_some());
        let is_fresh = is_within(limits.fresh_for, self.fetched_at, now);
        let failed = self
            .failure
            .as_ref()
            .filter(|(at, _)| is_within(limits.failure_pause, *at, now))
            .map(|(_, error)| error.clone());
        match usable {
            // nobody waits for a fetch that somebody else waits for, if the cached set will do
            Some(set) if has_key && (is_fresh || failed.is_some() || self.flight.current().is_some()) => Plan::Use(set),
            Some(_) if has_key => Plan::Fetch,
            Some(set) if self.flight.current().is_none() => {
                let paused = self
                    .unknown_key_fetch_at
                    .is_some_and(|at| is_within(limits.unknown_key_pause, at, now));
                if paused || failed.is_some() {
                    return Plan::Use(set);
                }
                self.unknown_key_fetch_at = Some(now);
                Plan::Fetch
            }
            Some(_) => Plan::Fetch,
            None => failed.map_or(Plan::Fetch, Plan::GiveUp),
        }
    }

    fn usable(&self, now: i64, limits: &KeySetLimits) -> Option<Arc<KeySet>> {
        self.set
            .clone()
            .filter(|_| is_within(limits.stale_for, self.fetched_at, now))
    }

    fn settle(&mut self, outcome: &Outcome, now: i64) {
        match outcome {
            Ok(set) => {
                self.set = Some(Arc::clone(set));
                self.fetched_at = now;
                self.failure = None;
            }
            Err(error) => self.failure = Some((now, error.clone())),
        }
    }
}

/// Whether less than `span` has passed since `then`.
fn is_within(span: Duration, then: i64, now: i64) -> bool {
    let span = i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
    now.saturating_sub(then) < span
}

fn lock(entry: &Mutex<Entry>) -> MutexGuard<'_, Entry> {
    entry.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lti::testing::{FakeFetch, NOW, answer, key_set_as, ok, other_key, platform_key};

    const ADDRESS: &str = "https://lms.example/jwks";

    fn set(kid: &str) -> String {
        key_set_as(platform_key(), kid)
    }

    async fn obtain(sets: &KeySets, fetch: &Arc<FakeFetch>, kid: &str, now: i64) -> Outcome {
        let fetch: Arc<dyn Fetch> = fetch.clone();
        sets.obtain(&fetch, ADDRESS, kid, now).await
    }

    #[tokio::test]
    async fn a_fresh_set_is_used_without_asking() {
        let fetch = FakeFetch::answering([ok(set("k"))]);
        let sets = KeySets::default();
        for second in [0, 1, 3599] {
            assert!(
                obtain(&sets, &fetch, "k", NOW + second)
                    .await
                    .unwrap()
                    .key("k")
                    .is_some()
            );
        }
        let asked = fetch.asked();
        assert_eq!(asked.len(), 1);
        assert_eq!(asked[0].time_limit, Duration::from_secs(2));
        assert_eq!(asked[0].size_limit, 1024 * 1024);
    }

    #[tokio::test]
    async fn a_rotated_key_is_found_by_one_fetch_and_an_unknown_one_pauses() {
        let fetch = FakeFetch::answering([ok(set("old")), ok(set("new")), ok(set("newest"))]);
        let sets = KeySets::default();
        obtain(&sets, &fetch, "old", NOW).await.unwrap();
        assert!(obtain(&sets, &fetch, "new", NOW).await.unwrap().key("new").is_some());
        for second in [0, 1, 29] {
            assert!(
                obtain(&sets, &fetch, "made-up", NOW + second)
                    .await
                    .unwrap()
                    .key("made-up")
                    .is_none()
            );
        }
        assert_eq!(fetch.asked().len(), 2);
        assert!(
            obtain(&sets, &fetch, "newest", NOW + 30)
                .await
                .unwrap()
                .key("newest")
                .is_some()
        );
    }

    #[tokio::test]
    async fn a_stale_set_serves_while_the_platform_is_away() {
        let failures = [
            Err(FetchError::TimedOut),
            answer(500, &[], ""),
            ok("<html>"),
            Err(FetchError::Refused("private".to_owned())),
            answer(302, &[("Location", "http://10.0.0.1/")], ""),
        ];
        let count = failures.len();
        let fetch = FakeFetch::answering([ok(set("k"))].into_iter().chain(failures));
        let sets = KeySets::default();
        obtain(&sets, &fetch, "k", NOW).await.unwrap();
        for turn in 0..5 {
            let now = NOW + 3600 + turn * 10;
            assert!(obtain(&sets, &fetch, "k", now).await.is_ok(), "{turn}");
            // paused after the failure
            assert!(obtain(&sets, &fetch, "k", now + 9).await.is_ok(), "{turn}");
        }
        assert_eq!(fetch.asked().len(), 1 + count);
    }

    #[tokio::test]
    async fn a_set_older_than_a_day_is_not_used() {
        let fetch = FakeFetch::answering([ok(set("k")), Err(FetchError::Unreachable)]);
        let sets = KeySets::default();
        obtain(&sets, &fetch, "k", NOW).await.unwrap();
        let error = obtain(&sets, &fetch, "k", NOW + 24 * 60 * 60).await.unwrap_err();
        assert_eq!(error, KeySetError::NotFetched(FetchError::Unreachable));
    }

    #[tokio::test]
    async fn a_platform_that_never_answered_is_not_asked_at_once_again() {
        let fetch = FakeFetch::answering([Err(FetchError::TimedOut), ok(set("k"))]);
        let sets = KeySets::default();
        assert!(obtain(&sets, &fetch, "k", NOW).await.is_err());
        assert!(obtain(&sets, &fetch, "k", NOW + 9).await.is_err());
        assert_eq!(fetch.asked().len(), 1);
        assert!(obtain(&sets, &fetch, "k", NOW + 10).await.is_ok());
    }

    #[tokio::test]
    async fn many_launches_wait_for_one_fetch() {
        let fetch = FakeFetch::gated([ok(set("k"))]);
        let sets = KeySets::default();
        let waiting = futures_util::future::join_all((0..50).map(|_| obtain(&sets, &fetch, "k", NOW)));
        let (outcomes, ()) = tokio::join!(waiting, async { fetch.open(1) });
        assert!(outcomes.iter().all(Result::is_ok));
        assert_eq!(fetch.asked().len(), 1);
    }

    #[tokio::test]
    async fn nobody_waits_for_a_refresh_if_the_cached_set_will_do() {
        let fetch = FakeFetch::gated([ok(set("k")), ok(set("k"))]);
        let sets = KeySets::default();
        fetch.open(1);
        obtain(&sets, &fetch, "k", NOW).await.unwrap();
        let refresh = obtain(&sets, &fetch, "k", NOW + 3600);
        let other = async {
            let set = obtain(&sets, &fetch, "k", NOW + 3600).await;
            fetch.open(1);
            set
        };
        let (refreshed, cached) = tokio::join!(refresh, other);
        assert!(refreshed.is_ok() && cached.is_ok());
        assert_eq!(fetch.asked().len(), 2);
    }

    #[tokio::test]
    async fn a_visitor_who_leaves_does_not_block_the_next() {
        let fetch = FakeFetch::gated([ok(set("k"))]);
        let sets = KeySets::default();
        {
            let mut leaving = std::pin::pin!(obtain(&sets, &fetch, "k", NOW));
            assert!(futures_util::poll!(leaving.as_mut()).is_pending());
        }
        fetch.open(1);
        assert!(obtain(&sets, &fetch, "k", NOW).await.is_ok());
        assert_eq!(fetch.asked().len(), 2);
    }

    #[tokio::test]
    async fn sets_of_different_platforms_stay_apart() {
        let fetch = FakeFetch::answering([ok(set("k")), ok(key_set_as(other_key(), "k"))]);
        let sets = KeySets::default();
        let dynamic: Arc<dyn Fetch> = fetch.clone();
        let one = sets.obtain(&dynamic, "https://a.example/jwks", "k", NOW).await.unwrap();
        let other = sets.obtain(&dynamic, "https://b.example/jwks", "k", NOW).await.unwrap();
        assert!(!Arc::ptr_eq(&one, &other));
        sets.forget("https://a.example/jwks");
        assert!(sets.obtain(&dynamic, "https://b.example/jwks", "k", NOW).await.is_ok());
    }
}
