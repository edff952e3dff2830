//! Deleting what is past its time.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::jobs::{Handler, Job, Verdict};
use crate::store::{Durability, Store, StoreError};

/// The kind, for the list of repeating jobs.
pub const FORGET: &str = "forget";

/// What events and reports said is forgotten so long after it was read: they name addresses.
const VIEW_LIFE: Duration = Duration::from_hours(24 * 30);

/// What searches found is forgotten after so long.
const SEARCH_LIFE: Duration = Duration::from_hours(24);

/// Deletes what is past its time, a few hundred rows at a time, once an hour: the attempts of orders and jobs, and the
/// audit log.
#[derive(Clone, Debug)]
pub struct Forget {
    /// The database.
    pub store: Store,
    /// How long attempts are kept.
    pub attempts: Duration,
    /// How long the audit log is kept.
    pub audit: Duration,
}

impl Handler for Forget {
    fn kind(&self) -> &'static str {
        FORGET
    }

    fn run<'a>(&'a self, _job: &'a Job) -> BoxFuture<'a, Verdict> {
        async move {
            match self.forget().await {
                // More may be left: the rest soon, between other work.
                Ok(0) => Verdict::Again {
                    after: Duration::from_hours(1),
                },
                Ok(_) => Verdict::Again {
                    after: Duration::from_secs(1),
                },
                Err(error) => error.into(),
            }
        }
        .boxed()
    }
}

impl Forget {
    async fn forget(&self) -> Result<u64, StoreError> {
        let (attempts, audit) = (self.attempts, self.audit);
        let of_orders = self
            .store
            .write(Durability::Launch, async move |tx| {
                let before = tx.now().await?.minus(attempts);
                tx.forget_attempts(before).await
            })
            .await?;
        let of_jobs: u64 = self
            .store
            .write(Durability::Launch, async move |tx| {
                let before = tx.now().await?.minus(attempts);
                tx.forget_job_attempts(before).await
            })
            .await?;
        let deeds: u64 = self
            .store
            .write(Durability::Launch, async move |tx| {
                let before = tx.now().await?.minus(audit);
                tx.forget_audit(before).await
            })
            .await?;
        let (views, edits, searches): (u64, u64, u64) = self
            .store
            .write(Durability::Launch, async move |tx| {
                let now = tx.now().await?;
                Ok::<_, StoreError>((
                    tx.forget_factory_views(now.minus(VIEW_LIFE)).await?,
                    tx.forget_edits(now.minus(attempts)).await?,
                    tx.forget_event_searches(now.minus(SEARCH_LIFE)).await?,
                ))
            })
            .await?;
        Ok(of_orders + of_jobs + deeds + views + edits + searches)
    }
}
