//! Connecting an organisation to a Factory: the steps of enrolment over the checked client, and what is stored of it.

use std::sync::Arc;

use secrecy::ExposeSecret;

use super::adapters::{OverOutbound, secret_place};
use super::build::Parts;
use crate::clock::Timestamp;
use crate::crypto::random;
use crate::factory::{CertificateIdentity, Connect, NotSent, Transport, TransportError};
use crate::model::{FactoryIdentity, IdentityId, IdentityKind, Organisation, OrganisationId, PastedAddresses};
use crate::outbound::Client;
use crate::store::{Durability, StoreError};

/// Makes transports to one Factory host.
#[derive(Debug)]
pub struct Host {
    client: Client,
    url: String,
}

impl Host {
    /// The host at `url`.
    pub fn new(client: Client, url: &str) -> Self {
        Self {
            client,
            url: url.to_owned(),
        }
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Connect for Host {
    fn anonymous(&self) -> Result<Arc<dyn Transport>, TransportError> {
        Ok(Arc::new(OverOutbound::new(self.client.clone(), &self.url)))
    }

    fn with_certificate(&self, identity: &CertificateIdentity) -> Result<Arc<dyn Transport>, TransportError> {
        let key = identity.key().pem().expose_secret();
        let client = self
            .client
            .with_identity(identity.certificate_pem().as_bytes(), key.as_bytes())
            .map_err(|error| TransportError::not_sent(NotSent::Connect, error))?;
        Ok(Arc::new(OverOutbound::new(client, &self.url)))
    }
}

impl Parts {
    /// The organisation called `name`, made if there is none.
    pub async fn organisation_called(&self, name: &str) -> Result<Organisation, StoreError> {
        let now = self.clock.now();
        let new = Organisation {
            id: OrganisationId::new(random::id_at(now)),
            name: name.to_owned(),
            pasted: PastedAddresses::Domains,
            domains: Vec::new(),
        };
        let stored = new.clone();
        let added = self
            .store
            .write(Durability::Full, async move |tx| {
                tx.raise_settings_version().await?;
                tx.add_organisation(&stored, now).await
            })
            .await?;
        if added {
            return Ok(new);
        }
        let all = self.store.read_one(async |tx| tx.organisations().await).await?;
        all.into_iter()
            .find(|known| known.name == name)
            .ok_or(StoreError::Unreadable {
                what: "organisation.name",
            })
    }

    /// Seals a certificate identity and puts it in use.
    pub async fn keep_certificate(
        &self,
        organisation: OrganisationId,
        url: &str,
        identity: &CertificateIdentity,
    ) -> Result<IdentityId, StoreError> {
        let kind = IdentityKind::Certificate {
            certificate: identity.certificate_pem().to_owned(),
            not_after: Timestamp::from_seconds(identity.facts().not_after),
            fingerprint: identity.facts().fingerprint.clone(),
        };
        let key = identity.key().pem().expose_secret();
        self.keep_identity(organisation, url, identity.client_id().as_str(), kind, key.as_bytes())
            .await
    }

    /// Seals an identity's secret and puts the identity in use.
    pub async fn keep_identity(
        &self,
        organisation: OrganisationId,
        url: &str,
        factory_client_id: &str,
        kind: IdentityKind,
        secret: &[u8],
    ) -> Result<IdentityId, StoreError> {
        let now = self.clock.now();
        let id = IdentityId::new(random::id_at(now));
        let identity = FactoryIdentity {
            id,
            organisation,
            url: url.trim_end_matches('/').to_owned(),
            factory_client_id: factory_client_id.to_owned(),
            kind,
            sealed_secret: self.identity.keyring.seal(secret_place(&id.to_string()), secret),
            created_at: now,
        };
        self.store
            .write(Durability::Full, async move |tx| {
                tx.put_identity(&identity).await?;
                // a queue that stopped for its credential goes on with the new one
                tx.wake_queue(organisation, now).await?;
                tx.enqueue(&crate::jobs::work::catalog(organisation, now), now).await
            })
            .await?;
        Ok(id)
    }
}
