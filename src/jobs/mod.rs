//! The job engine: leases, attempts as rows, a schedule as data, one verdict type.
//!
//! Work is queued in the transaction that makes it necessary (`Tx::enqueue`), claimed in a short write, run without a
//! transaction and settled in a short write that checks the lease. A lease that ran out makes a job claimable again, so
//! what a handler does must be safe to repeat.

mod calm;
pub mod kinds;
pub mod mapping;
mod platforms;
mod schedule;
pub mod work;
mod worker;

use std::fmt;
use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::store::StoreError;
pub use crate::store::job::{Job, NewJob};
pub use calm::Calm;
pub use platforms::Platforms;
pub use schedule::{JobSettings, Repeat};
pub use worker::{Worker, WorkerError};

/// What should happen next. The handler knows, the worker obeys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It ran well.
    Done,
    /// It ran well and should run again after this time.
    Again {
        /// The time.
        after: Duration,
    },
    /// It failed; by the schedule, or after the time that another server asked for.
    Retry {
        /// That time.
        after: Option<Duration>,
        /// Why. No names or addresses.
        reason: String,
    },
    /// It failed and trying again is useless: a problem is raised.
    GiveUp {
        /// Why. No names or addresses.
        reason: String,
    },
}

impl From<StoreError> for Verdict {
    fn from(error: StoreError) -> Self {
        Self::Retry {
            after: None,
            reason: error.to_string(),
        }
    }
}

/// Runs the jobs of one kind.
pub trait Handler: fmt::Debug + Send + Sync {
    /// The kind, as it is stored.
    fn kind(&self) -> &'static str;

    /// Does the work. Must be safe to repeat; is given up when the job's lease has nearly run out.
    fn run<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Verdict>;

    /// How long a try may take at most, if it differs from the settings.
    fn lease(&self) -> Option<Duration> {
        None
    }
}
