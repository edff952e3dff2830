//! Stores an identity, and refuses one that would mix two of the Factory's clients in one organisation.

use anyhow::bail;
use secrecy::{ExposeSecret, SecretSlice};
use serde_json::json;

use crate::app::Parts;
use crate::app::adapters::secret_place;
use crate::cli::change;
use crate::crypto::random;
use crate::model::{FactoryIdentity, IdentityId, IdentityKind, Organisation, OrganisationId, PastedAddresses};
use crate::store::{Durability, Store, Tx};

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
    store
        .read(async |tx| owner(tx, name, url, client_id).await.map(|_| ()))
        .await
}

/// Stores it sealed, in use from now on, under an organisation that is made if there is none. `true`: it was made.
pub(super) async fn keep(parts: &Parts, new: NewIdentity) -> anyhow::Result<bool> {
    let now = parts.clock.now();
    let id = IdentityId::new(random::id_at(now));
    let sealed_secret = parts
        .identity
        .keyring
        .seal(secret_place(&id.to_string()), new.secret.expose_secret());
    let (name, url, client_id, kind) = (new.organisation, new.url, new.client_id, new.kind);
    parts
        .store
        .write(Durability::Full, async move |tx| {
            let known = owner(tx, &name, &url, &client_id).await?;
            let made = known.is_none();
            let organisation = if let Some(known) = known {
                known.id
            } else {
                let new = Organisation {
                    id: OrganisationId::new(random::id_at(now)),
                    name: name.clone(),
                    pasted: PastedAddresses::Domains,
                    domains: Vec::new(),
                };
                tx.add_organisation(&new, now).await?;
                new.id
            };
            let identity = FactoryIdentity {
                id,
                organisation,
                url: url.clone(),
                factory_client_id: client_id.clone(),
                kind,
                sealed_secret,
                created_at: now,
            };
            tx.put_identity(&identity).await?;
            // a queue that stopped because of the old identity tries the new one at once
            tx.wake_queue(organisation, now).await?;
            let detail = json!({ "organisation": name, "url": url, "client_id": client_id, "made": made });
            change::record(tx, Some(organisation), "factory.identity", id, detail).await?;
            Ok(made)
        })
        .await
}

/// The organisation of this name, if there is one and the client may be its.
async fn owner(tx: &mut Tx<'_>, name: &str, url: &str, client_id: &str) -> anyhow::Result<Option<Organisation>> {
    let mut owner = None;
    for organisation in tx.organisations().await? {
        let identity = tx.active_identity(organisation.id).await?;
        let is_same = |known: &FactoryIdentity| known.factory_client_id == client_id && known.url == url;
        if organisation.name == name {
            if let Some(known) = identity.filter(|known| !is_same(known)) {
                bail!(
                    "the organisation \"{name}\" is the client {} at {}; choose another name for {client_id} at {url}",
                    known.factory_client_id,
                    known.url
                );
            }
            owner = Some(organisation);
        } else if identity.is_some_and(|known| is_same(&known)) {
            bail!(
                "the client {client_id} belongs to the organisation \"{0}\" already; use --name \"{0}\"",
                organisation.name
            );
        }
    }
    Ok(owner)
}
