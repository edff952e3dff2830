//! Making a request's awards; releasing what waited for an address.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::Deserialize;

use crate::awards::{Marker, issue};
use crate::jobs::{Handler, Job, Verdict};
use crate::model::{MemberId, OrganisationId, RequestId};
use crate::store::Store;

/// Makes the awards and orders of a request.
#[derive(Clone, Debug)]
pub struct MakeAwards {
    /// The database.
    pub store: Store,
    /// Makes award keys.
    pub marker: Arc<Marker>,
    /// People in one order.
    pub batch: usize,
}

/// Gives a member's held awards the address that is known by now.
#[derive(Clone, Debug)]
pub struct Release {
    /// The database.
    pub store: Store,
}

#[derive(Deserialize)]
struct OfRequest {
    request: RequestId,
}

#[derive(Deserialize)]
struct OfMember {
    member: MemberId,
}

impl Handler for MakeAwards {
    fn kind(&self) -> &'static str {
        "make-awards"
    }

    fn run<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Verdict> {
        async move {
            let Some((organisation, OfRequest { request })) = read(job) else {
                return unreadable();
            };
            match issue::make_awards(&self.store, &self.marker, organisation, request, self.batch).await {
                Ok(()) => Verdict::Done,
                Err(error) => error.into(),
            }
        }
        .boxed()
    }
}

impl Handler for Release {
    fn kind(&self) -> &'static str {
        "release"
    }

    fn run<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Verdict> {
        async move {
            let Some((organisation, OfMember { member })) = read(job) else {
                return unreadable();
            };
            let address = self
                .store
                .read(async |tx| tx.member_address(organisation, member).await)
                .await;
            match address {
                Ok(Some(address)) => match issue::release(&self.store, organisation, member, address).await {
                    Ok(_) => Verdict::Done,
                    Err(error) => error.into(),
                },
                Ok(None) => Verdict::Done,
                Err(error) => error.into(),
            }
        }
        .boxed()
    }
}

fn read<'a, T: Deserialize<'a>>(job: &'a Job) -> Option<(OrganisationId, T)> {
    Some((job.organisation?, T::deserialize(&job.payload).ok()?))
}

fn unreadable() -> Verdict {
    Verdict::GiveUp {
        reason: "the job cannot be read".to_owned(),
    }
}
