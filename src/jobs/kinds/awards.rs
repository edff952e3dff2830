//! Making a request's awards; releasing what waited for an address.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::Deserialize;

use crate::awards::answer::without_addresses;
use crate::awards::ports::CallError;
use crate::awards::{Marker, Sender, issue};
use crate::jobs::{Handler, Job, Verdict};
use crate::model::{MemberId, OrganisationId, RequestId};
use crate::store::extra::{ISSUED_LATE, ISSUED_TWICE};
use crate::store::{Durability, Store, StoreError};

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
    /// Knows addresses that were erased.
    pub marker: Arc<Marker>,
}

/// Revokes the second event of an order, whose people have the badge twice.
#[derive(Clone, Debug)]
pub struct RevokeExtra {
    /// The database.
    pub store: Store,
    /// Calls the Factory.
    pub sender: Arc<Sender>,
}

#[derive(Deserialize)]
struct OfEvent {
    event: String,
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
                Ok(Some(address)) => {
                    match issue::release(&self.store, &self.marker, organisation, member, address).await {
                        Ok(_) => Verdict::Done,
                        Err(error) => error.into(),
                    }
                }
                Ok(None) => Verdict::Done,
                Err(error) => error.into(),
            }
        }
        .boxed()
    }
}

impl Handler for RevokeExtra {
    fn kind(&self) -> &'static str {
        "revoke-extra"
    }

    fn run<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Verdict> {
        async move {
            let Some((organisation, OfEvent { event })) = read(job) else {
                return unreadable();
            };
            match self.sender.revoke_event(organisation, &event).await {
                // Gone is as good as revoked.
                Ok(()) | Err(CallError::Gone) => {}
                Err(CallError::Busy { retry_after }) => {
                    let reason = "the factory asks for a pause".to_owned();
                    return Verdict::Retry {
                        after: retry_after,
                        reason,
                    };
                }
                Err(error) => {
                    let reason = without_addresses(&error.to_string());
                    return Verdict::Retry { after: None, reason };
                }
            }
            let cleared = self
                .store
                .write(Durability::Full, async move |tx| {
                    let now = tx.now().await?;
                    tx.clear_problem(organisation, ISSUED_LATE, &event, now).await?;
                    tx.clear_problem(organisation, ISSUED_TWICE, &event, now).await
                })
                .await;
            match cleared {
                Ok(_) => Verdict::Done,
                Err(error) => StoreError::into(error),
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
