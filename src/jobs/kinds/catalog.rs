//! Reading an organisation's badges.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::catalog::ports::{ReadError, Readers};
use crate::catalog::{RefreshError, refresh};
use crate::clock::Clock;
use crate::jobs::{Handler, Job, Verdict, work};
use crate::store::Store;

/// Reads an organisation's badges from the Factory into the catalog.
#[derive(Clone)]
pub struct ReadCatalog {
    /// The database.
    pub store: Store,
    /// The Factories.
    pub readers: Arc<dyn Readers>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Pictures fit a square of so many pixels.
    pub side: u32,
}

impl std::fmt::Debug for ReadCatalog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReadCatalog")
            .field("side", &self.side)
            .finish_non_exhaustive()
    }
}

impl Handler for ReadCatalog {
    fn kind(&self) -> &'static str {
        work::CATALOG
    }

    fn run<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Verdict> {
        async move {
            let Some(organisation) = job.organisation else {
                return Verdict::GiveUp {
                    reason: "the job cannot be read".to_owned(),
                };
            };
            match refresh(&self.store, &*self.readers, &self.clock, organisation, self.side).await {
                Ok(read) => {
                    tracing::info!(organisation.id = %organisation, badges = read.badges, "read the badges");
                    Verdict::Done
                }
                Err(RefreshError::Read(ReadError::Away { reason, retry_after })) => Verdict::Retry {
                    after: retry_after,
                    reason,
                },
                Err(RefreshError::Read(ReadError::Refused { reason })) => Verdict::GiveUp { reason },
                Err(RefreshError::Store(error)) => error.into(),
            }
        }
        .boxed()
    }
}
