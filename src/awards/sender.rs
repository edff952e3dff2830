//! Works an organisation's queue off: takes errands, has them run, a few at a time, at the Factory's pace.
//!
//! One worker holds an organisation's queue; each order has a lease of its own besides, so that a worker that lost the
//! queue cannot do harm: it stores no answer that is not its own, and an order whose lease ran out is looked for first.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::sync::watch;
use uuid::Uuid;

use crate::awards::answer::Pauses;
use crate::awards::issue::MOST_RECIPIENTS;
use crate::awards::marker::Marker;
use crate::awards::pace::Pace;
use crate::awards::ports::{CallError, Issuer, Issuers, NoIssuer};
use crate::awards::settle::normalised;
use crate::clock::{Clock, Timestamp};
use crate::model::OrganisationId;
use crate::model::order::Timing;
use crate::store::order::StepError;
use crate::store::queue::{Appetite, Errand, QueueNews};
use crate::store::{Durability, Store, StoreError};

/// How often a worker whose calls hang looks for new errands.
const LOOK_ROUND: Duration = Duration::from_millis(300);

/// How orders are sent.
#[derive(Clone, Debug)]
pub struct SenderSettings {
    /// The times of sending and settling.
    pub timing: Timing,
    /// Calls a second to one Factory for one organisation.
    pub calls_per_second: u32,
    /// The percentage of calls left to reading while orders wait.
    pub read_share_percent: u32,
    /// Errands under way at once for one organisation.
    pub in_flight: usize,
    /// Bounds for pauses that the Factory asks for.
    pub pauses: Pauses,
}

impl Default for SenderSettings {
    fn default() -> Self {
        Self {
            timing: Timing::default(),
            calls_per_second: 10,
            read_share_percent: 10,
            in_flight: 8,
            pauses: Pauses {
                least: Duration::from_secs(1),
                most: Duration::from_hours(1),
            },
        }
    }
}

/// Sends, settles and revokes for all organisations. One for each process.
#[derive(Debug)]
pub struct Sender {
    pub(super) store: Store,
    pub(super) marker: Arc<Marker>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) settings: SenderSettings,
    pub(super) holder: Uuid,
    issuers: Arc<dyn Issuers>,
    paces: Mutex<HashMap<OrganisationId, Arc<Pace>>>,
}

/// What is at hand while one organisation's queue is worked off.
#[derive(Clone, Debug)]
pub(super) struct Desk {
    pub(super) organisation: OrganisationId,
    pub(super) issuer: Arc<dyn Issuer>,
    pub(super) pace: Arc<Pace>,
}

impl Sender {
    /// A sender; `holder` names this process in leases, `clock` is the process's own.
    pub fn new(
        store: Store,
        issuers: Arc<dyn Issuers>,
        marker: Arc<Marker>,
        clock: Arc<dyn Clock>,
        settings: SenderSettings,
        holder: Uuid,
    ) -> Self {
        Self {
            store,
            marker,
            clock,
            settings,
            holder,
            issuers,
            paces: Mutex::default(),
        }
    }

    /// The pace of calls to an organisation's Factory: whoever else calls it keeps to it, too.
    pub fn pace(&self, organisation: OrganisationId) -> Arc<Pace> {
        let mut paces = self.paces.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || {
            Arc::new(Pace::new(
                self.settings.calls_per_second,
                self.settings.read_share_percent,
            ))
        };
        Arc::clone(paces.entry(organisation).or_insert_with(new))
    }

    /// Each organisation with something to do, and when.
    pub async fn agenda(&self) -> Result<Vec<(OrganisationId, Timestamp)>, StoreError> {
        self.store.read(async |tx| tx.agenda(self.holder).await).await
    }

    /// Does everything that is due in one organisation's queue; gives how many errands were run. Nothing if another
    /// worker has the queue. Takes nothing new once `stop` says so, and waits for what is under way.
    pub async fn work_off(
        &self,
        organisation: OrganisationId,
        stop: &watch::Receiver<bool>,
    ) -> Result<usize, StepError> {
        if !self.hold(organisation).await? {
            return Ok(0);
        }
        let desk = match self.issuers.of(organisation).await {
            Ok(issuer) => Desk {
                organisation,
                issuer,
                pace: self.pace(organisation),
            },
            Err(NoIssuer::NoIdentity { reason }) => {
                self.tell_queue(organisation, QueueNews::Stop(reason)).await?;
                self.let_go(organisation).await?;
                return Ok(0);
            }
            Err(NoIssuer::Store(error)) => {
                // Else the queue stays held until its lease ends. The fault that is told is the first one.
                self.let_go(organisation).await.ok();
                return Err(error.into());
            }
        };
        let outcome = self.errands(&desk, stop).await;
        self.let_go(organisation).await?;
        outcome
    }

    /// Revokes everything in an event that should not be: the second one of an order. May be repeated.
    pub async fn revoke_event(&self, organisation: OrganisationId, event: &str) -> Result<(), CallError> {
        let pace = self.pace(organisation);
        let issuer = self.issuers.of(organisation).await;
        let issuer = issuer.map_err(|error| match error {
            NoIssuer::NoIdentity { reason } => CallError::Credential { reason },
            error @ NoIssuer::Store(_) => CallError::Failed {
                reason: error.to_string(),
            },
        })?;
        pace.call().await;
        let seen = issuer.event(event).await?;
        let everybody = normalised(&seen.recipients);
        if everybody.is_empty() {
            let reason = "the event does not tell its recipients: revoke it at the factory".to_owned();
            return Err(CallError::Failed { reason });
        }
        for addresses in everybody.chunks(MOST_RECIPIENTS) {
            pace.call().await;
            issuer.revoke(event, addresses).await?;
        }
        Ok(())
    }

    async fn errands(&self, desk: &Desk, stop: &watch::Receiver<bool>) -> Result<usize, StepError> {
        let mut under_way: FuturesUnordered<BoxFuture<'_, Result<(), StepError>>> = FuturesUnordered::new();
        // Kept across turns: a claim that was begun must not be dropped, for its order would wait out the lease.
        let mut claiming: Option<BoxFuture<'_, Result<Option<Errand>, StepError>>> = None;
        let mut nothing_due = false;
        let mut failure = None;
        let mut done = 0;
        loop {
            let takes_more = failure.is_none() && !nothing_due && !*stop.borrow();
            if claiming.is_none() && takes_more && under_way.len() < self.settings.in_flight {
                claiming = Some(Box::pin(async move {
                    desk.pace.call().await;
                    self.next(desk).await
                }));
            }
            tokio::select! {
                claimed = finish(&mut claiming), if claiming.is_some() => {
                    claiming = None;
                    match claimed {
                        Ok(Some(errand)) => under_way.push(Box::pin(self.run(desk, errand))),
                        Ok(None) => nothing_due = true,
                        Err(error) => failure = Some(error),
                    }
                }
                Some(ended) = under_way.next(), if !under_way.is_empty() => {
                    nothing_due = false;
                    match ended {
                        Ok(()) => done += 1,
                        Err(error) => failure = failure.or(Some(error)),
                    }
                }
                // New orders do not wait for a call that hangs.
                () = tokio::time::sleep(LOOK_ROUND), if nothing_due && !under_way.is_empty() => nothing_due = false,
                else => break,
            }
        }
        match failure {
            Some(error) => Err(error),
            None => Ok(done),
        }
    }

    async fn next(&self, desk: &Desk) -> Result<Option<Errand>, StepError> {
        if desk.pace.is_reads_turn()
            && let Some(errand) = self
                .claim(
                    desk,
                    Appetite {
                        send: false,
                        read: true,
                    },
                )
                .await?
        {
            return Ok(Some(errand));
        }
        self.claim(desk, Appetite { send: true, read: true }).await
    }

    async fn claim(&self, desk: &Desk, appetite: Appetite) -> Result<Option<Errand>, StepError> {
        let (organisation, holder) = (desk.organisation, self.holder);
        let timing = self.settings.timing.clone();
        // An intent that came in between: decide anew. Once more than anybody can press is enough.
        for _ in 0..4 {
            let timing = timing.clone();
            let claimed = self
                .store
                .write(Durability::Full, async move |tx| {
                    tx.claim_errand(organisation, holder, appetite, &timing).await
                })
                .await;
            match claimed {
                Err(StepError::Changed | StepError::Store(StoreError::Conflict(_) | StoreError::Busy)) => {}
                claimed => return claimed,
            }
        }
        Ok(None)
    }

    /// Stores what is known about a queue.
    pub(super) async fn tell_queue(&self, organisation: OrganisationId, news: QueueNews) -> Result<(), StoreError> {
        let timing = self.settings.timing.clone();
        self.store
            .write(Durability::Full, async move |tx| {
                let now = tx.now().await?;
                tx.queue_news(organisation, &news, &timing, now).await
            })
            .await
    }

    async fn hold(&self, organisation: OrganisationId) -> Result<bool, StoreError> {
        let (holder, lease) = (self.holder, self.settings.timing.lease);
        self.store
            .write(Durability::Launch, async move |tx| {
                let now = tx.now().await?;
                tx.hold_queue(organisation, holder, now, now.plus(lease)).await
            })
            .await
    }

    async fn let_go(&self, organisation: OrganisationId) -> Result<(), StoreError> {
        let holder = self.holder;
        self.store
            .write(Durability::Launch, async move |tx| {
                tx.let_queue_go(organisation, holder).await
            })
            .await
    }
}

async fn finish<T>(future: &mut Option<BoxFuture<'_, T>>) -> T {
    match future {
        Some(future) => future.await,
        None => std::future::pending().await,
    }
}
