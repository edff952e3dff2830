//! Reading what the Factory tells about one person's badges: those of their awards here, and, where the LMS's addresses
//! are believed, whatever was issued to their address.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::Deserialize;

use crate::awards::Sender;
use crate::catalog::ports::{ReadError, Reader, Readers};
use crate::jobs::{Handler, Job, Verdict, work};
use crate::model::holding::{Holding, HoldingState};
use crate::model::{MemberId, OrganisationId};
use crate::store::holding::OwnEvent;
use crate::store::{Durability, Store, StoreError};

/// Badges of one person that are kept.
const MOST: usize = 200;
/// Calls about single badges in one read.
const MOST_PROOFS: usize = 40;

/// Reads one person's badges. A Factory that is away, or that refuses, leaves what was read before, with its age: the
/// next visit asks again.
#[derive(Clone)]
pub struct ReadHoldings {
    /// The database.
    pub store: Store,
    /// The Factories.
    pub readers: Arc<dyn Readers>,
    /// Whose pace of calls is kept.
    pub sender: Arc<Sender>,
}

impl std::fmt::Debug for ReadHoldings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReadHoldings").finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct OfMember {
    member: MemberId,
}

/// What is known before anything is asked.
struct Known {
    /// The person's address, if it is believed.
    address: Option<String>,
    own: Vec<OwnEvent>,
    before: Vec<Holding>,
}

impl Handler for ReadHoldings {
    fn kind(&self) -> &'static str {
        work::HOLDINGS
    }

    fn run<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Verdict> {
        async move {
            let of = OfMember::deserialize(&job.payload);
            let (Some(organisation), Ok(OfMember { member })) = (job.organisation, of) else {
                return Verdict::GiveUp {
                    reason: "the job cannot be read".to_owned(),
                };
            };
            match self.read(organisation, member).await {
                Ok(()) => Verdict::Done,
                Err(error) => error.into(),
            }
        }
        .boxed()
    }
}

impl ReadHoldings {
    async fn read(&self, organisation: OrganisationId, member: MemberId) -> Result<(), StoreError> {
        let read = self.store.read(async |tx| {
            let origin = tx.address_origin(organisation, member).await?;
            let is_trusted = origin.is_some_and(|origin| origin.trusted);
            let address = tx.member_address(organisation, member).await?;
            Ok::<_, StoreError>(Known {
                address: address.filter(|_| is_trusted).map(String::from),
                own: tx.own_events(organisation, member).await?,
                before: tx.holdings(organisation, member).await?,
            })
        });
        let known = read.await?;
        let told = if known.address.is_none() && known.own.is_empty() {
            Ok(Vec::new())
        } else {
            self.ask(organisation, &known).await
        };
        let told = match told {
            Ok(told) => Some(told),
            Err(ReadError::Away { reason, .. } | ReadError::Refused { reason }) => {
                tracing::info!(organisation.id = %organisation, reason, "a person's badges were not read");
                None
            }
        };
        self.store
            .write(Durability::Launch, async move |tx| {
                let now = tx.now().await?;
                match told {
                    Some(told) => tx.put_holdings(organisation, member, &told, now).await,
                    None => tx.fail_holdings(organisation, member, now).await,
                }
            })
            .await
    }

    async fn ask(&self, organisation: OrganisationId, known: &Known) -> Result<Vec<Holding>, ReadError> {
        let reader = self.readers.of(organisation).await?;
        let pace = self.sender.pace(organisation);
        let mut held = Vec::new();
        if let Some(address) = &known.address {
            pace.call().await;
            held = reader.held_by(address, MOST).await?;
        }
        for own in &known.own {
            match held
                .iter_mut()
                .find(|one| one.event == own.event && one.address == own.address)
            {
                Some(one) => one.found = false,
                None => held.push(fresh(own)),
            }
        }
        for one in &mut held {
            let before = known
                .before
                .iter()
                .find(|old| old.event == one.event && old.address == one.address);
            if let Some(old) = before {
                (one.page_url, one.proof_url) = (old.page_url.clone(), old.proof_url.clone());
                one.pdf.clone_from(&old.pdf);
                if one.state == HoldingState::Sent {
                    one.state = old.state;
                }
            }
        }
        // what may have changed comes first: what was picked up rarely changes, what was taken back never
        let is_open = |one: &&mut Holding| one.state == HoldingState::Sent;
        let (open, settled): (Vec<&mut Holding>, Vec<&mut Holding>) = held
            .iter_mut()
            .filter(|one| one.state != HoldingState::Revoked)
            .partition(is_open);
        for one in open.into_iter().chain(settled).take(MOST_PROOFS) {
            pace.call().await;
            prove(&*reader, one).await?;
        }
        Ok(held)
    }
}

async fn prove(reader: &dyn Reader, one: &mut Holding) -> Result<(), ReadError> {
    let Some(proof) = reader.proof(&one.event, &one.address).await? else {
        return Ok(());
    };
    if proof.is_revoked {
        one.state = HoldingState::Revoked;
    } else if proof.is_collected {
        one.state = HoldingState::Collected;
    }
    (one.page_url, one.proof_url, one.pdf) = (proof.page_url, proof.document_url, proof.pdf);
    Ok(())
}

/// An award of ours of which the search told nothing.
fn fresh(own: &OwnEvent) -> Holding {
    Holding {
        event: own.event.clone(),
        address: own.address.clone(),
        badge_id: own.badge_id.clone(),
        name: own.badge_name.clone(),
        found: false,
        state: HoldingState::Sent,
        issued_at: None,
        expires_at: None,
        revoked_at: None,
        page_url: None,
        proof_url: None,
        pdf: BTreeMap::new(),
    }
}
