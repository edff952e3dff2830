//! Calls to the Factory: `factory::Transport` over the checked client, and one client per organisation's identity.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use secrecy::SecretString;

use crate::awards::ports::NoIssuer;
use crate::clock::{Clock, Timestamp};
use crate::crypto::seal::{Keyring, Place};
use crate::factory::{
    AfterSending, BodyStream, ClientId, FactoryClient, Method, NotSent, Request, Response, TokenSource, Transport,
    TransportError,
};
use crate::model::{FactoryIdentity, IdentityId, IdentityKind, OrganisationId};
use crate::outbound::{self, Allowed, Client, Gate};
use crate::store::{Store, StoreError};

/// One Factory host, reached with one identity or none.
#[derive(Debug)]
pub struct OverOutbound {
    client: Client,
    base: String,
}

impl OverOutbound {
    /// Calls to `base`, such as `https://openbadgefactory.com`.
    pub fn new(client: Client, base: &str) -> Self {
        Self {
            client,
            base: base.trim_end_matches('/').to_owned(),
        }
    }
}

impl Transport for OverOutbound {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        let call = translate(&self.base, request);
        Box::pin(async move {
            let response = self.client.send(call, &Allowed::none()).await.map_err(failure)?;
            let status = response.status();
            let headers = response
                .headers()
                .map(|(name, value)| (name.to_owned(), value))
                .collect();
            let body: BodyStream = Box::pin(response.into_stream().map(|piece| piece.map_err(failure)));
            Ok(Response::new(status, headers, body))
        })
    }
}

fn translate(base: &str, request: Request) -> outbound::Request {
    let method = match request.method {
        Method::Get => outbound::Method::Get,
        Method::Post => outbound::Method::Post,
        Method::Put => outbound::Method::Put,
        Method::Delete => outbound::Method::Delete,
    };
    let mut call =
        outbound::Request::new(method, format!("{base}{}", request.path_and_query)).time_limit(request.deadline);
    for (name, value) in request.headers {
        call = call.header(name, value);
    }
    if let Some(bearer) = request.bearer {
        use secrecy::ExposeSecret;
        call = call.header("authorization", format!("Bearer {}", bearer.expose_secret()));
    }
    if let Some(gate) = request.gate {
        call = call.gate(Gate::new(move || gate.is_open()));
    }
    match request.body {
        Some(body) => call.body(body),
        None => call,
    }
}

/// Where the client is not sure that nothing left, the later stage is named.
fn failure(error: outbound::Error) -> TransportError {
    use outbound::Error as E;
    match error {
        E::Refused(_) | E::Malformed(_) => TransportError::not_sent(NotSent::AddressNotAllowed, error),
        E::Dns { .. } => TransportError::not_sent(NotSent::Name, error),
        E::Connect { .. } | E::TimedOut { may_have_left: false } => TransportError::not_sent(NotSent::Connect, error),
        E::ServerCertificate { .. } => TransportError::not_sent(NotSent::ServerCertificate, error),
        E::ClientCertificate { .. } => TransportError::ClientCertificate {
            source: Some(error.into()),
        },
        E::GateClosed => TransportError::not_sent(NotSent::GateClosed, error),
        E::ResetBeforeAnswer { .. } => TransportError::ResetBeforeAnswer {
            source: Some(error.into()),
        },
        E::TimedOut { may_have_left: true } => TransportError::after_sending(AfterSending::TimedOut, error),
        E::BrokeOff(_) => TransportError::after_sending(AfterSending::Lost, error),
        E::TooLarge { limit } => TransportError::TooLarge {
            limit: u64::try_from(limit).unwrap_or(u64::MAX),
        },
    }
}

/// So long after a renewal the certificate from before is still tried.
const FORMER_LIFE: Duration = Duration::from_hours(7 * 24);

/// A Factory host, reached with a new certificate. Where it refuses that one, the one from before is tried once: a refused
/// certificate means that nothing was done.
#[derive(Debug)]
struct Renewed {
    new: OverOutbound,
    former: OverOutbound,
    until: Timestamp,
    clock: Arc<dyn Clock>,
}

impl Transport for Renewed {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        let again = (self.clock.now() < self.until).then(|| request.clone());
        Box::pin(async move {
            let answer = self.new.send(request).await;
            let is_refused = match &answer {
                Err(TransportError::ClientCertificate { .. }) => true,
                Ok(response) => matches!(response.status, 495 | 496),
                Err(_) => false,
            };
            match again.filter(|_| is_refused) {
                Some(request) => {
                    tracing::warn!("the factory refuses the new certificate: the one from before is tried");
                    self.former.send(request).await
                }
                None => answer,
            }
        })
    }
}

/// Why there is no client for an organisation.
#[derive(Debug, thiserror::Error)]
pub enum NoClient {
    /// The organisation was never connected to a Factory.
    #[error("the organisation has no identity at the factory: connect it first")]
    NoIdentity,
    /// The stored identity cannot be used.
    #[error("the stored identity cannot be used: {0}")]
    Unusable(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<NoClient> for NoIssuer {
    fn from(error: NoClient) -> Self {
        match error {
            NoClient::Store(error) => Self::Store(error),
            error => Self::NoIdentity {
                reason: error.to_string(),
            },
        }
    }
}

/// The clients of all organisations, each made once per identity so that its connections are reused.
#[derive(Debug)]
pub struct Connections {
    store: Store,
    keyring: Arc<Keyring>,
    client: Client,
    clock: Arc<dyn Clock>,
    made: Mutex<HashMap<OrganisationId, (IdentityId, Arc<FactoryClient>)>>,
}

impl Connections {
    /// Over the store's identities, opened with `keyring`.
    pub fn new(store: Store, keyring: Arc<Keyring>, client: Client, clock: Arc<dyn Clock>) -> Self {
        Self {
            store,
            keyring,
            client,
            clock,
            made: Mutex::default(),
        }
    }

    /// The client for an organisation's active identity.
    pub async fn of(&self, organisation: OrganisationId) -> Result<Arc<FactoryClient>, NoClient> {
        let identity = self
            .store
            .read_one(async |tx| tx.active_identity(organisation).await)
            .await?;
        let Some(identity) = identity else {
            // its key stays no longer in memory than in the store
            let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
            made.remove(&organisation);
            return Err(NoClient::NoIdentity);
        };
        let known = self
            .made
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&organisation)
            .cloned();
        if let Some((id, client)) = known
            && id == identity.id
        {
            return Ok(client);
        }
        let since = self.clock.now().minus(FORMER_LIFE);
        let former = self
            .store
            .read(async |tx| tx.former_identity(organisation, since).await)
            .await?;
        let former = former.map(|(former, retired)| (former, retired.plus(FORMER_LIFE)));
        let client = Arc::new(self.connect_or(&identity, former)?);
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.insert(organisation, (identity.id, Arc::clone(&client)));
        Ok(client)
    }

    /// The client for an identity, in use or not.
    pub(crate) fn connect(&self, identity: &FactoryIdentity) -> Result<FactoryClient, NoClient> {
        self.connect_or(identity, None)
    }

    /// A transport that presents an identity's certificate.
    fn presenting(&self, identity: &FactoryIdentity, certificate: &str) -> Result<OverOutbound, NoClient> {
        let unusable = |what: &dyn std::fmt::Display| NoClient::Unusable(what.to_string());
        let secret = self
            .keyring
            .open(secret_place(&identity.id.to_string()), &identity.sealed_secret)
            .map_err(|error| unusable(&error))?;
        let own = self
            .client
            .with_identity(certificate.as_bytes(), &secret)
            .map_err(|error| unusable(&error))?;
        Ok(OverOutbound::new(own, &identity.url))
    }

    /// The same with the certificate that was in use before, and until when it is tried where the new one is refused.
    fn connect_or(
        &self,
        identity: &FactoryIdentity,
        former: Option<(FactoryIdentity, Timestamp)>,
    ) -> Result<FactoryClient, NoClient> {
        let unusable = |what: &dyn std::fmt::Display| NoClient::Unusable(what.to_string());
        let client_id = ClientId::parse(identity.factory_client_id.clone()).map_err(|error| unusable(&error))?;
        match &identity.kind {
            IdentityKind::Certificate { certificate, .. } => {
                let new = self.presenting(identity, certificate)?;
                let transport: Arc<dyn Transport> = match former {
                    Some((former, until)) if former.url == identity.url => match &former.kind {
                        IdentityKind::Certificate { certificate, .. } => Arc::new(Renewed {
                            new,
                            former: self.presenting(&former, certificate)?,
                            until,
                            clock: Arc::clone(&self.clock),
                        }),
                        IdentityKind::Token => Arc::new(new),
                    },
                    _ => Arc::new(new),
                };
                Ok(FactoryClient::with_certificate(transport, client_id))
            }
            IdentityKind::Token => {
                let secret = self
                    .keyring
                    .open(secret_place(&identity.id.to_string()), &identity.sealed_secret)
                    .map_err(|error| unusable(&error))?;
                let text = String::from_utf8(secret.to_vec()).map_err(|error| unusable(&error))?;
                let transport: Arc<dyn Transport> = Arc::new(OverOutbound::new(self.client.clone(), &identity.url));
                let clock = Arc::clone(&self.clock);
                let tokens = TokenSource::new(client_id, SecretString::from(text), move || clock.now().seconds());
                Ok(FactoryClient::with_tokens(transport, tokens))
            }
        }
    }
}

/// Where an identity's secret is sealed to.
pub fn secret_place(identity: &str) -> Place<'_> {
    Place::new("factory_identity", identity, "secret")
}
