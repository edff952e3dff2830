//! Calls to the Factory: `factory::Transport` over the checked client, and one client per organisation's identity.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use secrecy::SecretString;

use crate::clock::Clock;
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
        let identity = identity.ok_or(NoClient::NoIdentity)?;
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
        let client = Arc::new(self.connect(&identity)?);
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.insert(organisation, (identity.id, Arc::clone(&client)));
        Ok(client)
    }

    fn connect(&self, identity: &FactoryIdentity) -> Result<FactoryClient, NoClient> {
        let unusable = |what: &dyn std::fmt::Display| NoClient::Unusable(what.to_string());
        let client_id = ClientId::parse(identity.factory_client_id.clone()).map_err(|error| unusable(&error))?;
        let secret = self
            .keyring
            .open(secret_place(&identity.id.to_string()), &identity.sealed_secret)
            .map_err(|error| unusable(&error))?;
        match &identity.kind {
            IdentityKind::Certificate { certificate, .. } => {
                let own = self
                    .client
                    .with_identity(certificate.as_bytes(), &secret)
                    .map_err(|error| unusable(&error))?;
                Ok(FactoryClient::with_certificate(
                    Arc::new(OverOutbound::new(own, &identity.url)),
                    client_id,
                ))
            }
            IdentityKind::Token => {
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
