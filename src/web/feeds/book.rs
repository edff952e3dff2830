//! Feeds in memory: found by a request without the database, counted without it, and announced to the workers together.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::sync::Notify;
use zeroize::Zeroizing;

use super::gather::Gather;
use crate::clock::Timestamp;
use crate::crypto::seal::{Keyring, Place};
use crate::jobs::{Calm, Worker, work};
use crate::model::feed::{self, Feed, FeedCount};
use crate::model::{FeedId, OrganisationId, SignalId};
use crate::store::signal::NewSignal;
use crate::store::{Durability, Store, StoreError};

/// Announcements to the workers are at least so far apart.
const BETWEEN_ANNOUNCEMENTS: Duration = Duration::from_millis(50);
/// While senders crowd in, announcements wait at most so much longer.
const LATEST_ANNOUNCEMENT: Duration = Duration::from_millis(250);

/// How much one feed takes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Requests a second.
    pub per_second: u32,
    /// Requests at once after a pause.
    pub burst: u32,
}

/// All feeds of the installation.
pub struct Feeds {
    keyring: Arc<Keyring>,
    limits: Limits,
    current: RwLock<Arc<Open>>,
    tally: Mutex<HashMap<FeedId, (OrganisationId, FeedCount)>>,
    news: Mutex<HashSet<OrganisationId>>,
    told: Notify,
    gather: Arc<Gather>,
    calm: Calm,
}

#[derive(Default)]
struct Open {
    version: i64,
    feeds: HashMap<FeedId, Arc<OpenFeed>>,
}

/// A feed with its secrets open.
pub(super) struct OpenFeed {
    pub(super) feed: Feed,
    secret: Zeroizing<String>,
    previous: Option<(Zeroizing<String>, Timestamp)>,
    raw: Keyring,
    limiter: Arc<DefaultDirectRateLimiter>,
}

impl fmt::Debug for Feeds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feeds")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl Feeds {
    /// None yet: [`Feeds::load`] reads them. `calm` is disturbed when senders crowd in.
    pub fn new(keyring: Arc<Keyring>, limits: Limits, calm: Calm) -> Self {
        Self {
            keyring,
            limits,
            current: RwLock::default(),
            tally: Mutex::default(),
            news: Mutex::default(),
            told: Notify::new(),
            gather: Arc::new(Gather::new(calm.clone())),
            calm,
        }
    }

    /// Reads all feeds anew, as of the settings version `version`. One whose secret does not open is left out.
    pub async fn load(&self, store: &Store, version: i64) -> Result<(), StoreError> {
        let rows = store.read_one(async |tx| tx.feeds_everywhere().await).await?;
        let before = self.open();
        let mut feeds = HashMap::new();
        for row in rows {
            let id = row.id;
            let limiter = before.feeds.get(&id).map(|known| Arc::clone(&known.limiter));
            if let Some(opened) = self.opened(row, limiter) {
                feeds.insert(id, Arc::new(opened));
            } else {
                tracing::error!(feed.id = %id, "the secrets of a feed do not open: it takes nothing");
            }
        }
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Open { version, feeds });
        Ok(())
    }

    /// Reads all feeds anew if the settings changed.
    pub async fn follow(&self, store: &Store, version: i64) -> Result<(), StoreError> {
        if self.open().version == version {
            return Ok(());
        }
        self.load(store, version).await
    }

    fn opened(&self, feed: Feed, limiter: Option<Arc<DefaultDirectRateLimiter>>) -> Option<OpenFeed> {
        let id = feed.id.to_string();
        let open = |column: Place<'_>, sealed: &[u8]| {
            let plain = self.keyring.open(column, sealed).ok()?;
            Some(Zeroizing::new(String::from_utf8(plain.to_vec()).ok()?))
        };
        let secret = open(feed::secret_place(&id), &feed.secret)?;
        let previous = match &feed.previous {
            Some((sealed, until)) => Some((open(feed::secret_place(&id), sealed)?, *until)),
            None => None,
        };
        let raw = self.keyring.open(feed::raw_key_place(&id), &feed.raw_key).ok()?;
        let raw = Keyring::parse(&Zeroizing::new(BASE64_STANDARD.encode(raw.as_slice()))).ok()?;
        let limiter = limiter.unwrap_or_else(|| {
            let at_least_one = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
            let quota = Quota::per_second(at_least_one(self.limits.per_second));
            Arc::new(RateLimiter::direct(quota.allow_burst(at_least_one(self.limits.burst))))
        });
        Some(OpenFeed {
            feed,
            secret,
            previous,
            raw,
            limiter,
        })
    }

    fn open(&self) -> Arc<Open> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn find(&self, id: FeedId) -> Option<Arc<OpenFeed>> {
        self.open().feeds.get(&id).map(Arc::clone)
    }

    /// Adds to what a feed has seen, in memory.
    pub(super) fn count(&self, feed: &Feed, add: impl FnOnce(&mut FeedCount)) {
        let mut tally = lock(&self.tally);
        let (_, count) = tally
            .entry(feed.id)
            .or_insert_with(|| (feed.organisation, FeedCount::default()));
        add(count);
    }

    /// Stores the signals of one request, together with those of others; how many are new. Answers after the COMMIT.
    pub(super) async fn store(&self, store: &Store, rows: Vec<NewSignal>) -> Result<usize, StoreError> {
        self.gather.store(store, rows).await
    }

    /// Notes that an organisation has new signals; the next announcement tells the workers.
    pub(super) fn tell(&self, organisation: OrganisationId) {
        if lock(&self.news).insert(organisation) {
            self.told.notify_one();
        }
    }

    /// Announces news as it comes, for as long as it is polled.
    pub async fn announce(&self, store: &Store, worker: &Worker) {
        loop {
            self.told.notified().await;
            if let Err(error) = self.publish(store, worker).await {
                tracing::warn!(%error, "new signals were not announced: trying again");
                self.told.notify_one();
            }
            tokio::time::sleep(BETWEEN_ANNOUNCEMENTS).await;
            self.calm.wait(LATEST_ANNOUNCEMENT).await;
        }
    }

    /// Queues the matching of what came in since the last time. The signals themselves are durable already: what is
    /// lost here by a crash is found by the next tidying up.
    pub async fn publish(&self, store: &Store, worker: &Worker) -> Result<(), StoreError> {
        let news: Vec<OrganisationId> = lock(&self.news).drain().collect();
        if news.is_empty() {
            return Ok(());
        }
        let organisations = news.clone();
        let queued: Result<(), StoreError> = store
            .write(Durability::Launch, async move |tx| {
                let now = tx.now().await?;
                for organisation in organisations {
                    tx.enqueue(&work::match_signals(organisation, now), now).await?;
                }
                Ok(())
            })
            .await;
        if queued.is_err() {
            lock(&self.news).extend(news);
        }
        queued?;
        worker.wake();
        Ok(())
    }

    /// Writes down what was counted since the last time. Numbers only: a crash may lose a second of them.
    pub async fn write_counts(&self, store: &Store) -> Result<(), StoreError> {
        let tally: Vec<_> = lock(&self.tally)
            .drain()
            .filter(|(_, (_, count))| !count.is_empty())
            .collect();
        for (feed, (organisation, count)) in tally {
            store
                .write(Durability::Launch, async move |tx| {
                    tx.count_feed(organisation, feed, &count).await
                })
                .await?;
        }
        Ok(())
    }
}

impl OpenFeed {
    /// The secrets that are good now.
    pub(super) fn secrets(&self, now: Timestamp) -> impl Iterator<Item = &str> {
        let previous = self.previous.as_ref().filter(|(_, until)| *until > now);
        std::iter::once(self.secret.as_str()).chain(previous.map(|(secret, _)| secret.as_str()))
    }

    /// Whether another request may come now.
    pub(super) fn admits(&self) -> bool {
        self.limiter.check().is_ok()
    }

    /// Seals an event for the row that keeps it.
    pub(super) fn seal(&self, id: SignalId, raw: &[u8]) -> Vec<u8> {
        self.raw.seal(feed::raw_place(&id.to_string()), raw)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
