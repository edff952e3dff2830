//! Handing applications in, telling decisions, and reading what was applied for and decided at the Factory.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::Deserialize;

use crate::awards::applications::{Applications, Next};
use crate::jobs::{Handler, Job, Verdict, work};
use crate::model::ApplicationId;
use crate::store::StoreError;
use crate::store::job::APPLICATION;

/// Does what is due for one application.
#[derive(Clone, Debug)]
pub struct AdvanceApplication {
    /// How.
    pub applications: Arc<Applications>,
}

/// Reads an organisation's applications.
#[derive(Clone, Debug)]
pub struct ReadApplications {
    /// How.
    pub applications: Arc<Applications>,
}

#[derive(Deserialize)]
struct OfApplication {
    application: ApplicationId,
}

impl Handler for AdvanceApplication {
    fn kind(&self) -> &'static str {
        APPLICATION
    }

    fn run<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Verdict> {
        async move {
            let of = OfApplication::deserialize(&job.payload);
            let (Some(organisation), Ok(OfApplication { application })) = (job.organisation, of) else {
                return Verdict::GiveUp {
                    reason: "the job cannot be read".to_owned(),
                };
            };
            verdict(self.applications.advance(organisation, application).await)
        }
        .boxed()
    }
}

impl Handler for ReadApplications {
    fn kind(&self) -> &'static str {
        work::APPLICATIONS
    }

    fn run<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Verdict> {
        async move {
            let Some(organisation) = job.organisation else {
                return Verdict::GiveUp {
                    reason: "the job cannot be read".to_owned(),
                };
            };
            verdict(self.applications.read_all(organisation).await)
        }
        .boxed()
    }
}

fn verdict(next: Result<Next, StoreError>) -> Verdict {
    match next {
        Ok(Next::Done) => Verdict::Done,
        Ok(Next::Again(after)) => Verdict::Again { after },
        Err(error) => error.into(),
    }
}
