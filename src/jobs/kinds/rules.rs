//! Evaluating a person of a course; working over many people of a rule.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::Deserialize;
use uuid::Uuid;

use crate::awards::{Marker, evaluate, rules};
use crate::jobs::{Handler, Job, Verdict};
use crate::model::{CourseId, MemberId};
use crate::store::order::StepError;
use crate::store::{Store, StoreError};

/// Tries at once when somebody else's change comes between.
const TRIES: usize = 5;

/// Weighs what is known about a person by the rules of a course.
#[derive(Clone, Debug)]
pub struct Evaluate {
    /// The database.
    pub store: Store,
    /// Makes award keys.
    pub marker: Arc<Marker>,
}

/// Works a backfill, a release or a new look at everybody off.
#[derive(Clone, Debug)]
pub struct RuleRun {
    /// The database.
    pub store: Store,
}

#[derive(Deserialize)]
struct OfMember {
    course: CourseId,
    member: MemberId,
}

#[derive(Deserialize)]
struct OfRun {
    run: Uuid,
}

impl Handler for Evaluate {
    fn kind(&self) -> &'static str {
        "evaluate"
    }

    fn run<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Verdict> {
        async move {
            let (Some(organisation), Ok(of)) = (job.organisation, OfMember::deserialize(&job.payload)) else {
                return unreadable();
            };
            for _ in 0..TRIES {
                let done = evaluate::evaluate(&self.store, &self.marker, organisation, of.course, of.member).await;
                match done {
                    Ok(Some(until)) => return self.again(until).await,
                    Ok(None) => return Verdict::Done,
                    Err(StepError::Changed | StepError::Store(StoreError::Conflict(_))) => {}
                    Err(error) => {
                        let reason = error.to_string();
                        return Verdict::Retry { after: None, reason };
                    }
                }
            }
            let reason = "others changed the same awards again and again".to_owned();
            Verdict::Retry { after: None, reason }
        }
        .boxed()
    }
}

impl Evaluate {
    async fn again(&self, until: crate::clock::Timestamp) -> Verdict {
        match self.store.now().await {
            Ok(now) => Verdict::Again {
                after: until.since(now),
            },
            Err(error) => error.into(),
        }
    }
}

impl Handler for RuleRun {
    fn kind(&self) -> &'static str {
        "rule-run"
    }

    fn lease(&self) -> Option<Duration> {
        Some(Duration::from_mins(5))
    }

    fn run<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Verdict> {
        async move {
            let (Some(organisation), Ok(of)) = (job.organisation, OfRun::deserialize(&job.payload)) else {
                return unreadable();
            };
            match rules::work_off(&self.store, organisation, of.run).await {
                Ok(()) => Verdict::Done,
                Err(error) => error.into(),
            }
        }
        .boxed()
    }
}

fn unreadable() -> Verdict {
    Verdict::GiveUp {
        reason: "the job cannot be read".to_owned(),
    }
}
