//! Stores an identity, and refuses one that would mix two of the Factory's clients in one organisation.

use anyhow::bail;
use secrecy::SecretSlice;
use serde_json::json;

use crate::app::Parts;
use crate::app::enrolling::{self, Owner, owner};
use crate::cli::change;
use crate::model::connecting::ConnectFailure;
use crate::model::{IdentityKind, Organisation};
use crate::store::{Durability, Store, StoreError};

/// An identity that is to be stored.
pub(super) struct NewIdentity {
    pub(super) organisation: String,
    pub(super) url: String,
    pub(super) client_id: String,
    pub(super) kind: IdentityKind,
    /// The private key (PEM) or the client secret.
    pub(super) secret: SecretSlice<u8>,
}

/// Refuses a client of the Factory that belongs to another organisation here, and another client for an organisation
/// that has one: what an organisation issued would no longer be found.
pub(super) async fn check_owner(store: &Store, name: &str, url: &str, client_id: &str) -> anyhow::Result<()> {
    let (all, found) = store
        .read(async |tx| {
            let all = tx.organisations().await?;
            let organisation = called(&all, name).map(|known| known.id);
            let found = owner(tx, organisation, url, client_id).await?;
            Ok::<_, StoreError>((all, found))
        })
        .await?;
    match found {
        Owner::Free => Ok(()),
        Owner::Other(known) => bail!(
            "the organisation \"{name}\" is the client {} at {}; choose another name for {client_id} at {url}",
            known.factory_client_id,
            known.url
        ),
        Owner::Taken(by) => {
            let other = all.into_iter().find(|known| known.id == by);
            let other = other.map(|known| known.name).unwrap_or_default();
            bail!("the client {client_id} belongs to the organisation \"{other}\" already; use --name \"{other}\"")
        }
    }
}

/// Stores it sealed, under an organisation that is made if there is none; a renewed one is in use once the Factory answered
/// to it three times. `true`: the organisation was made.
pub(super) async fn keep(parts: &Parts, new: NewIdentity) -> anyhow::Result<(bool, Result<(), ConnectFailure>)> {
    let (name, url, client_id) = (new.organisation, new.url, new.client_id);
    check_owner(&parts.store, &name, &url, &client_id).await?;
    let all = parts.store.read_one(async |tx| tx.organisations().await).await?;
    let made = called(&all, &name).is_none();
    let organisation = parts.organisation_called(&name).await?.id;
    let detail = json!({ "organisation": name, "url": url, "client_id": client_id, "made": made });
    let adopted = parts
        .adopt(enrolling::NewIdentity {
            organisation,
            url,
            client_id,
            kind: new.kind,
            secret: new.secret,
        })
        .await?;
    parts
        .store
        .write(Durability::Full, async move |tx| {
            change::record(tx, Some(organisation), "factory.identity", organisation, detail).await
        })
        .await?;
    Ok((made, adopted.map(|_| ())))
}

fn called<'a>(all: &'a [Organisation], name: &str) -> Option<&'a Organisation> {
    all.iter().find(|known| known.name == name)
}
