//! Erasing a person, as soon as nothing of theirs is under way.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::Deserialize;

use crate::awards::erase::{Erasing, Next};
use crate::jobs::{Handler, Job, Verdict};
use crate::model::MemberId;
use crate::store::job::ERASE;

/// Erases a person.
#[derive(Clone, Debug)]
pub struct Erase {
    /// How.
    pub erasing: Erasing,
}

#[derive(Deserialize)]
struct OfMember {
    member: MemberId,
}

impl Handler for Erase {
    fn kind(&self) -> &'static str {
        ERASE
    }

    fn run<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Verdict> {
        async move {
            let of = OfMember::deserialize(&job.payload);
            let (Some(organisation), Ok(OfMember { member })) = (job.organisation, of) else {
                return Verdict::GiveUp {
                    reason: "the job cannot be read".to_owned(),
                };
            };
            match self.erasing.advance(organisation, member).await {
                Ok(Next::Done) => Verdict::Done,
                Ok(Next::Again(after)) => Verdict::Again { after },
                Err(error) => error.into(),
            }
        }
        .boxed()
    }
}
