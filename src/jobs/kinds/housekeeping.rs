//! Deleting what launches and drafts left behind.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::clock::Clock;
use crate::jobs::{Handler, Job, Verdict};
use crate::model::draft::DRAFT_LIFE;
use crate::store::{Durability, Store, StoreError};

/// The kind, for the list of repeating jobs.
pub const HOUSEKEEPING: &str = "housekeeping";

/// Deletes expired logins and pending launches, ended sessions with their seats, and old drafts: some hundred rows at a time.
#[derive(Clone, Debug)]
pub struct Housekeeping {
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// A session ends when it was not used for so long.
    pub session_idle: Duration,
}

impl Handler for Housekeeping {
    fn kind(&self) -> &'static str {
        HOUSEKEEPING
    }

    fn run<'a>(&'a self, _job: &'a Job) -> BoxFuture<'a, Verdict> {
        async move {
            match self.tidy().await {
                Ok(0) => Verdict::Again {
                    after: Duration::from_mins(1),
                },
                Ok(_) => Verdict::Again {
                    after: Duration::from_millis(200),
                },
                Err(error) => error.into(),
            }
        }
        .boxed()
    }
}

impl Housekeeping {
    async fn tidy(&self) -> Result<u64, StoreError> {
        let now = self.clock.now();
        let (idle, drafts) = (now.minus(self.session_idle), now.minus(DRAFT_LIFE));
        let store = &self.store;
        let logins = store
            .write_one(Durability::Launch, async move |tx| tx.forget_old_logins(now).await)
            .await?;
        let pending = store
            .write_one(Durability::Launch, async move |tx| tx.forget_old_pending(now).await)
            .await?;
        let sessions = store
            .write_one(Durability::Launch, async move |tx| tx.forget_old_sessions(idle).await)
            .await?;
        let drafts: u64 = store
            .write_one(Durability::Launch, async move |tx| tx.forget_old_drafts(drafts).await)
            .await?;
        Ok(logins + pending + sessions + drafts)
    }
}
