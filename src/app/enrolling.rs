//! Connecting an organisation by a page: the steps of enrolment or of taking over, each with its failure; and the change
//! from one identity to the next.

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::adapters::secret_place;
use super::build::Parts;
use super::connect::Host;
use crate::clock::Timestamp;
use crate::crypto::random;
use crate::factory::{
    ApiKeyError, CertificateIdentity, ClientId, Connect, EnrolError, EnrolStep, FactoryClient, FactoryError,
    FactoryPublicKey, PastedApiKey, SystemKeys, TokenSource, enrol, public_key,
};
use crate::model::connecting::{ConnectFailure, ConnectReason, ConnectStep};
use crate::model::{FactoryIdentity, IdentityId, IdentityKind, OrganisationId};
use crate::store::{Durability, StoreError, Tx};
use crate::web::backstage::Way;

/// How long one call may take.
const CALL: Duration = Duration::from_secs(20);
/// So often a new identity is tried before it is put in use.
const PROOFS: usize = 3;

/// An identity that is to be stored.
#[derive(Debug)]
pub(crate) struct NewIdentity {
    /// Whose it is.
    pub(crate) organisation: OrganisationId,
    /// The Factory's address.
    pub(crate) url: String,
    /// The client id there.
    pub(crate) client_id: String,
    /// The kind, with what is public of it.
    pub(crate) kind: IdentityKind,
    /// The private key (PEM) or the client secret.
    pub(crate) secret: secrecy::SecretSlice<u8>,
}

/// Whether an organisation may be a client of a Factory.
pub(crate) enum Owner {
    /// It may.
    Free,
    /// The organisation is another client already: what it issued would no longer be found.
    Other(FactoryIdentity),
    /// The client belongs to another organisation.
    Taken(OrganisationId),
}

/// Whose a client of a Factory is, as `organisation` sees it (`None`: one that is to be made).
pub(crate) async fn owner(
    tx: &mut Tx<'_>,
    organisation: Option<OrganisationId>,
    url: &str,
    client_id: &str,
) -> Result<Owner, StoreError> {
    let mut found = Owner::Free;
    for known in tx.organisations().await? {
        // an organisation that was disconnected stays the client that it was: what waits names that one's badges
        let found_last = if Some(known.id) == organisation {
            tx.last_identity(known.id).await?
        } else {
            tx.active_identity(known.id).await?
        };
        let Some(identity) = found_last else {
            continue;
        };
        let is_same = identity.factory_client_id == client_id && identity.url == url;
        if Some(known.id) == organisation {
            if !is_same {
                return Ok(Owner::Other(identity));
            }
        } else if is_same {
            found = Owner::Taken(known.id);
        }
    }
    Ok(found)
}

impl Parts {
    /// Connects an organisation. Whatever fails, what was in use stays in use.
    pub(super) async fn connect(
        &self,
        organisation: OrganisationId,
        url: &str,
        way: Way,
    ) -> Result<Result<(), ConnectFailure>, StoreError> {
        let host = Host::new(self.client.clone(), url);
        let made = match way {
            Way::Key(pasted) => self.by_key(organisation, &host, &pasted).await,
            Way::Certificate {
                client_id,
                certificate,
                key,
            } => {
                self.by_certificate(organisation, &host, &client_id, &certificate, &key)
                    .await
            }
            Way::Secret { client_id, secret } => self.by_secret(organisation, &host, &client_id, &secret).await,
            Way::Test => return self.try_out(organisation).await,
        };
        match made {
            Ok(new) => Ok(self.adopt(new).await?.map(|_| ())),
            Err(Stopped::Failed(failure)) => Ok(Err(failure)),
            Err(Stopped::Store(error)) => Err(error),
        }
    }

    async fn by_key(&self, organisation: OrganisationId, host: &Host, pasted: &str) -> Result<NewIdentity, Stopped> {
        if let Some(client_id) = client_of_key(host, pasted).await {
            self.check_owner(organisation, host.url(), &client_id).await?;
        }
        let now = self.clock.now().seconds();
        let enrolled = enrol(host, Arc::new(SystemKeys), pasted, now, CALL)
            .await
            .map_err(|error| of_enrolment(&error))?;
        // whether it works is found out before it is put in use: the API key is spent, so it is kept in any case
        let identity = enrolled.identity;
        Ok(of_certificate(organisation, host.url(), &identity))
    }

    async fn by_certificate(
        &self,
        organisation: OrganisationId,
        host: &Host,
        client_id: &str,
        certificate: &str,
        key: &str,
    ) -> Result<NewIdentity, Stopped> {
        let unusable = |error: &dyn std::fmt::Display| failed(ConnectStep::Read, ConnectReason::Unusable, error);
        let given = match client_id {
            "" => None,
            text => Some(ClientId::parse(text).map_err(|error| unusable(&error))?),
        };
        let now = self.clock.now().seconds();
        let identity = CertificateIdentity::import(certificate, key, given, now).map_err(|error| unusable(&error))?;
        self.check_owner(organisation, host.url(), identity.client_id().as_str())
            .await?;
        let transport = host.with_certificate(&identity).map_err(|error| unusable(&error))?;
        let client = FactoryClient::with_certificate(transport, identity.client_id().clone());
        ping(&client).await?;
        Ok(of_certificate(organisation, host.url(), &identity))
    }

    async fn by_secret(
        &self,
        organisation: OrganisationId,
        host: &Host,
        client_id: &str,
        secret: &str,
    ) -> Result<NewIdentity, Stopped> {
        let unusable = |error: &dyn std::fmt::Display| failed(ConnectStep::Read, ConnectReason::Unusable, error);
        let client_id = ClientId::parse(client_id).map_err(|error| unusable(&error))?;
        if secret.trim().is_empty() {
            return Err(Stopped::Failed(ConnectFailure::new(
                ConnectStep::Read,
                ConnectReason::Empty,
            )));
        }
        self.check_owner(organisation, host.url(), client_id.as_str()).await?;
        let clock = Arc::clone(&self.clock);
        let tokens = TokenSource::new(client_id.clone(), SecretString::from(secret.trim()), move || {
            clock.now().seconds()
        });
        let transport = host.anonymous().map_err(|error| unusable(&error))?;
        ping(&FactoryClient::with_tokens(transport, tokens)).await?;
        Ok(NewIdentity {
            organisation,
            url: host.url().to_owned(),
            client_id: client_id.as_str().to_owned(),
            kind: IdentityKind::Token,
            secret: secret.trim().as_bytes().to_vec().into(),
        })
    }

    async fn check_owner(&self, organisation: OrganisationId, url: &str, client_id: &str) -> Result<(), Stopped> {
        let found = self
            .store
            .read(async |tx| owner(tx, Some(organisation), url, client_id).await)
            .await
            .map_err(Stopped::Store)?;
        let reason = match found {
            Owner::Free => return Ok(()),
            Owner::Other(_) => ConnectReason::OtherClient,
            Owner::Taken(_) => ConnectReason::Taken,
        };
        Err(Stopped::Failed(ConnectFailure::new(ConnectStep::Read, reason)))
    }

    /// Stores a new identity sealed. The first one is in use at once; a later one waits until the Factory answered to it
    /// three times.
    pub(crate) async fn adopt(&self, new: NewIdentity) -> Result<Result<IdentityId, ConnectFailure>, StoreError> {
        let now = self.clock.now();
        let id = IdentityId::new(random::id_at(now));
        let organisation = new.organisation;
        let identity = FactoryIdentity {
            id,
            organisation,
            url: new.url,
            factory_client_id: new.client_id,
            kind: new.kind,
            sealed_secret: self
                .identity
                .keyring
                .seal(secret_place(&id.to_string()), new.secret.expose_secret()),
            created_at: now,
        };
        self.store
            .write(Durability::Full, async move |tx| {
                if tx.active_identity(organisation).await?.is_some() {
                    return tx.add_pending_identity(&identity).await;
                }
                tx.put_identity(&identity).await?;
                tx.wake_queue(organisation, now).await?;
                tx.enqueue(&crate::jobs::work::catalog(organisation, now), now).await
            })
            .await?;
        Ok(self.try_out(organisation).await?.map(|()| id))
    }

    /// Tries what an organisation has: a new identity that waits is put in use if the Factory answers to it three times;
    /// without one, the identity in use is tried.
    pub(crate) async fn try_out(&self, organisation: OrganisationId) -> Result<Result<(), ConnectFailure>, StoreError> {
        let (waiting, active) = self
            .store
            .read(async |tx| {
                Ok::<_, StoreError>((
                    tx.pending_identity(organisation).await?,
                    tx.active_identity(organisation).await?,
                ))
            })
            .await?;
        let is_new = waiting.is_some();
        let Some(identity) = waiting.or(active) else {
            return Ok(Err(ConnectFailure::new(ConnectStep::Ping, ConnectReason::NoIdentity)));
        };
        let client = match self.connections.connect(&identity) {
            Ok(client) => client,
            Err(error) => return Ok(Err(failure(ConnectStep::Ping, ConnectReason::Unusable, &error))),
        };
        for _ in 0..if is_new { PROOFS } else { 1 } {
            match ping(&client).await {
                Ok(()) => {}
                Err(Stopped::Failed(failure)) => return Ok(Err(failure)),
                Err(Stopped::Store(error)) => return Err(error),
            }
        }
        let (id, now) = (identity.id, self.clock.now());
        self.store
            .write(Durability::Full, async move |tx| {
                if is_new {
                    tx.activate_identity(organisation, id, now).await?;
                }
                // a queue that stopped for its credential goes on
                tx.wake_queue(organisation, now).await?;
                tx.enqueue(&crate::jobs::work::catalog(organisation, now), now).await
            })
            .await?;
        Ok(Ok(()))
    }
}

/// Connecting ended before there was an identity.
enum Stopped {
    Failed(ConnectFailure),
    Store(StoreError),
}

fn failure(step: ConnectStep, reason: ConnectReason, said: &dyn std::fmt::Display) -> ConnectFailure {
    ConnectFailure {
        step,
        reason,
        said: said.to_string().chars().take(500).collect(),
    }
}

fn failed(step: ConnectStep, reason: ConnectReason, said: &dyn std::fmt::Display) -> Stopped {
    Stopped::Failed(failure(step, reason, said))
}

async fn ping(client: &FactoryClient) -> Result<(), Stopped> {
    let answer = client.clone().with_deadlines(CALL, CALL).ping().await;
    answer.map_err(|error| {
        let reason = if error.is_temporary() {
            ConnectReason::Down
        } else {
            ConnectReason::Ping
        };
        failed(ConnectStep::Ping, reason, &error)
    })
}

fn of_certificate(organisation: OrganisationId, url: &str, identity: &CertificateIdentity) -> NewIdentity {
    NewIdentity {
        organisation,
        url: url.to_owned(),
        client_id: identity.client_id().as_str().to_owned(),
        kind: IdentityKind::Certificate {
            certificate: identity.certificate_pem().to_owned(),
            not_after: Timestamp::from_seconds(identity.facts().not_after),
            fingerprint: identity.facts().fingerprint.clone(),
        },
        secret: identity.key().pem().expose_secret().as_bytes().to_vec().into(),
    }
}

/// Whose an API key is. What would be refused after signing is refused before it, while the key is still good; whatever
/// fails here fails again in the enrolment, which says it at its step.
pub(crate) async fn client_of_key(host: &Host, pasted: &str) -> Option<String> {
    let pasted = PastedApiKey::clean(pasted).ok()?;
    let transport = host.anonymous().ok()?;
    let pem = public_key(&*transport, CALL).await.ok()?;
    let opened = pasted.open(&FactoryPublicKey::parse(&pem)?).ok()?;
    Some(opened.client_id.as_str().to_owned())
}

fn of_enrolment(error: &EnrolError) -> Stopped {
    let step = match error.step() {
        EnrolStep::ReadKey | EnrolStep::FetchPublicKey | EnrolStep::OpenKey => ConnectStep::Read,
        EnrolStep::CheckAge => ConnectStep::Fresh,
        EnrolStep::MakeRequest => ConnectStep::Request,
        EnrolStep::Sign | EnrolStep::CheckCertificate => ConnectStep::Sign,
        EnrolStep::Ping => ConnectStep::Ping,
    };
    let away = |error: &FactoryError| {
        if error.is_temporary() {
            ConnectReason::Down
        } else {
            ConnectReason::NotAFactory
        }
    };
    let (reason, said) = match error {
        EnrolError::ApiKey(ApiKeyError::Empty) => (ConnectReason::Empty, String::new()),
        EnrolError::ApiKey(ApiKeyError::Foreign | ApiKeyError::Garbled) => (ConnectReason::Foreign, String::new()),
        EnrolError::ApiKey(ApiKeyError::TooOld { minutes }) => (ConnectReason::Old, minutes.to_string()),
        EnrolError::ApiKey(ApiKeyError::Clock { minutes }) => (ConnectReason::Clock, minutes.to_string()),
        EnrolError::ApiKey(_) => (ConnectReason::Cut, String::new()),
        EnrolError::PublicKey(error) => (away(error), error.to_string()),
        EnrolError::NotAFactory => (ConnectReason::NotAFactory, String::new()),
        EnrolError::KeyMaking(_) => (ConnectReason::Make, String::new()),
        EnrolError::AlreadyUsed { reason } => (ConnectReason::Used, reason.clone()),
        EnrolError::Refused { reason } => (ConnectReason::Refused, reason.clone()),
        EnrolError::Signing(error) => (ConnectReason::Down, error.to_string()),
        EnrolError::Certificate(error) => (ConnectReason::Refused, error.to_string()),
    };
    failed(step, reason, &said)
}
