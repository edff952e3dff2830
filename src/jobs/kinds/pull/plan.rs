//! Finds the courses that should be asked and are not yet: a new rule or connection, or a job that was lost.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::jobs::{Handler, Job, Verdict, work};
use crate::store::{Durability, Store, StoreError};

/// The kind, for the list of repeating jobs.
pub const PLAN_PULLS: &str = "plan-pulls";

/// Courses that one run plans.
const STEP: i64 = 200;
/// From one new course to the next: they do not begin all at once.
const APART: Duration = Duration::from_millis(100);
/// What is due within this time is planned already: as long as the last course of a step is put off, and more.
const SOON: Duration = Duration::from_mins(1);
/// A job that should have run so long ago was lost.
const LOST: Duration = Duration::from_hours(1);

/// Plans which courses are asked.
#[derive(Clone, Debug)]
pub struct PlanPulls {
    /// The database.
    pub store: Store,
    /// From one run to the next.
    pub every: Duration,
}

impl Handler for PlanPulls {
    fn kind(&self) -> &'static str {
        PLAN_PULLS
    }

    fn run<'a>(&'a self, _job: &'a Job) -> BoxFuture<'a, Verdict> {
        async move {
            match self.plan().await {
                Ok(_) => Verdict::Again { after: self.every },
                Err(error) => error.into(),
            }
        }
        .boxed()
    }
}

impl PlanPulls {
    /// Queues what is missing; how many courses.
    pub async fn plan(&self) -> Result<usize, StoreError> {
        let now = self.store.now().await?;
        let courses = self
            .store
            .read_one(async move |tx| tx.courses_to_ask(now.minus(LOST), now, now.plus(SOON), STEP).await)
            .await?;
        let count = courses.len();
        if count == 0 {
            return Ok(0);
        }
        self.store
            .write(Durability::Launch, async move |tx| {
                let mut due = now;
                for (organisation, course) in courses {
                    tx.enqueue(&work::pull(organisation, course, due), now).await?;
                    due = due.plus(APART);
                }
                Ok::<_, StoreError>(())
            })
            .await?;
        Ok(count)
    }
}
