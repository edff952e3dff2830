//! Ending an organisation's connection to its Factory. What is queued waits for the next connection, or is taken back where
//! a person says so; what the Factory may have carried out is settled after the next connection, never guessed.

use serde_json::json;

use super::issue::anew;
use crate::model::OrganisationId;
use crate::model::award::Intent;
use crate::store::audit::AuditEntry;
use crate::store::order::StepError;
use crate::store::{Durability, Store, StoreError};

/// Awards taken back in one transaction.
const BATCH: u32 = 50;

/// What waits for an organisation's Factory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Awards that were not sent yet.
    pub queued: usize,
    /// Orders that the Factory may have carried out.
    pub unsure: usize,
}

/// Whose deed it is: what the audit log calls them.
#[derive(Clone, Debug)]
pub struct By {
    /// The actor.
    pub actor: String,
}

/// What waits for an organisation's Factory now.
pub async fn waiting(store: &Store, organisation: OrganisationId) -> Result<Waiting, StoreError> {
    let read = store.read(async |tx| {
        Ok::<_, StoreError>((
            tx.queued_award_count(organisation).await?,
            tx.unsure_order_count(organisation).await?,
        ))
    });
    let (queued, unsure) = read.await?;
    let count = |n: i64| usize::try_from(n).unwrap_or_default();
    Ok(Waiting {
        queued: count(queued),
        unsure: count(unsure),
    })
}

/// Ends the connection: every identity is retired and its secret deleted, in one transaction with the audit log. `false`:
/// there was none.
pub async fn disconnect(store: &Store, organisation: OrganisationId, by: &By) -> Result<bool, StoreError> {
    let actor = by.actor.clone();
    store
        .write(Durability::Full, async move |tx| {
            let now = tx.now().await?;
            let Some(identity) = tx.active_identity(organisation).await? else {
                return Ok(false);
            };
            tx.disconnect_factory(organisation, now).await?;
            let queued = tx.queued_award_count(organisation).await?;
            let entry = AuditEntry {
                organisation: Some(organisation),
                actor,
                action: "factory.disconnect",
                subject: organisation.to_string(),
                detail: json!({ "client_id": identity.factory_client_id, "url": identity.url, "queued": queued }),
            };
            tx.add_audit(&entry, now).await?;
            tx.raise_settings_version().await?;
            Ok(true)
        })
        .await
}

/// Takes back every award that was not sent yet; gives how many. Each batch is noted with its change: what was interrupted
/// can be asked for again.
pub async fn withdraw_queued(store: &Store, organisation: OrganisationId, by: &By) -> Result<usize, StepError> {
    let mut all = 0;
    loop {
        let done = anew(async || {
            let actor = by.actor.clone();
            store
                .write(Durability::Full, async move |tx| {
                    let now = tx.now().await?;
                    let awards = tx.queued_awards(organisation, BATCH).await?;
                    for award in &awards {
                        let why = Some("the factory was disconnected");
                        tx.stop_award(organisation, *award, Intent::Withdraw, None, why, now)
                            .await?;
                    }
                    if !awards.is_empty() {
                        let entry = AuditEntry {
                            organisation: Some(organisation),
                            actor,
                            action: "factory.withdraw-queued",
                            subject: organisation.to_string(),
                            detail: json!({ "awards": awards.len() }),
                        };
                        tx.add_audit(&entry, now).await?;
                    }
                    Ok(awards.len())
                })
                .await
        })
        .await?;
        if done == 0 {
            return Ok(all);
        }
        all += done;
    }
}
