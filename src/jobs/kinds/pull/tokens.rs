//! The tokens of connections: opened, renewed, sealed again; and the first ones, from a consent that came back.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use crate::clock::{Clock, Timestamp};
use crate::crypto::random;
use crate::crypto::seal::{Keyring, Place};
use crate::jobs::{Handler, Job, Verdict, work};
use crate::lms::oauth::{Asker, Tokens};
use crate::lms::{AskError, Credentials, Doors, Site, brightspace};
use crate::lti::keys::SigningKeys;
use crate::model::connection::{Connection, ConnectionKind, access_place, code_place, refresh_place, secret_place};
use crate::model::{ConnectionId, OrganisationId, Registration};
use crate::store::{Durability, Store, StoreError};

/// How long before its end a token is not used any more.
const MARGIN: std::time::Duration = std::time::Duration::from_mins(1);
/// How long an assertion is good, and how far it is dated back, in seconds.
const ASSERTION: (i64, i64) = (120, 10);

/// Opens connections. Clones are the same.
#[derive(Clone)]
pub struct OpenConnections {
    store: Store,
    clock: Arc<dyn Clock>,
    keyring: Arc<Keyring>,
    keys: SigningKeys,
    doors: Doors,
}

impl fmt::Debug for OpenConnections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenConnections").finish_non_exhaustive()
    }
}

impl OpenConnections {
    /// Opens secrets with `keyring`, proves itself with one of `keys` (LMSs find them in our key set), calls by `doors`.
    pub fn new(store: Store, clock: Arc<dyn Clock>, keyring: Arc<Keyring>, keys: SigningKeys, doors: Doors) -> Self {
        Self {
            store,
            clock,
            keyring,
            keys,
            doors,
        }
    }

    /// The way to the LMS of a connection, with its tokens.
    pub fn site(&self, connection: &Connection, registration: &Registration) -> Result<Site, AskError> {
        let site = self.bare_site(connection, registration)?;
        if connection.kind == ConnectionKind::Moodle {
            return Ok(site);
        }
        let credentials = StoredTokens {
            open: self.clone(),
            site: site.clone(),
            connection: connection.clone(),
            held: Mutex::new(self.held(connection)),
        };
        Ok(site.with_credentials(Arc::new(credentials)))
    }

    /// The client's secret, or the web service's token.
    pub fn secret(&self, connection: &Connection) -> Result<SecretString, AskError> {
        let id = connection.id.to_string();
        self.opened(secret_place(&id), connection.secret.as_deref())
    }

    fn bare_site(&self, connection: &Connection, registration: &Registration) -> Result<Site, AskError> {
        let allowed: Vec<String> = registration
            .allowed_networks
            .iter()
            .map(|entry| format!("{}={}", entry.host, entry.network))
            .collect();
        self.doors
            .site(&connection.base_url, allowed.iter().map(String::as_str))
    }

    /// The stored access token, while it is good.
    fn held(&self, connection: &Connection) -> Option<(SecretString, Timestamp)> {
        let (sealed, until) = connection.access.as_ref()?;
        let id = connection.id.to_string();
        let token = self.opened(access_place(&id), Some(sealed)).ok()?;
        Some((token, *until))
    }

    fn opened(&self, place: Place<'_>, sealed: Option<&[u8]>) -> Result<SecretString, AskError> {
        let missing = || AskError::NotAuthorised("a secret is missing or cannot be opened".to_owned());
        let plain = self
            .keyring
            .open(place, sealed.ok_or_else(missing)?)
            .map_err(|_| missing())?;
        let text = std::str::from_utf8(&plain).map_err(|_| missing())?;
        Ok(SecretString::from(text.to_owned()))
    }

    fn sealed(&self, place: Place<'_>, secret: &SecretString) -> Vec<u8> {
        self.keyring.seal(place, secret.expose_secret().as_bytes())
    }

    /// Asks for the next access token.
    async fn renew(&self, site: &Site, connection: &Connection) -> Result<Tokens, AskError> {
        let asker = asker(connection)?;
        if connection.kind == ConnectionKind::Brightspace {
            let assertion = self.assertion(&asker)?;
            let scopes: Vec<&str> = brightspace::SCOPES.iter().map(|(scope, _)| *scope).collect();
            return asker.by_assertion(site, &assertion, &scopes).await;
        }
        let id = connection.id.to_string();
        let refresh = self.opened(refresh_place(&id), connection.refresh.as_deref())?;
        asker.refresh(site, &self.secret(connection)?, &refresh).await
    }

    fn assertion(&self, asker: &Asker<'_>) -> Result<String, AskError> {
        let now = self.clock.now().seconds();
        let audience = if asker.token_url == brightspace::TOKEN_URL {
            brightspace::TOKEN_AUDIENCE
        } else {
            asker.token_url
        };
        let (life, back) = ASSERTION;
        let claims = json!({
            "iss": asker.client_id,
            "sub": asker.client_id,
            "aud": audience,
            "iat": now.saturating_sub(back),
            "exp": now.saturating_add(life),
            "jti": random::token(),
        });
        let signed = self.keys.sign(&claims, now);
        signed.map_err(|error| AskError::NotAuthorised(error.to_string()))
    }

    /// Keeps a renewed token for whoever asks next.
    async fn keep(&self, connection: &Connection, tokens: &Tokens, until: Timestamp) -> Result<(), StoreError> {
        let (organisation, id) = (connection.organisation, connection.id);
        let place = id.to_string();
        let access = self.sealed(access_place(&place), &tokens.access);
        let refresh = tokens.refresh.as_ref();
        let refresh = refresh.map(|refresh| self.sealed(refresh_place(&place), refresh));
        self.store
            .write(Durability::Full, async move |tx| {
                tx.keep_token(organisation, id, refresh.as_deref(), &access, until)
                    .await
            })
            .await
    }

    /// Redeems the code of a consent; the tokens are kept, and the connection is open.
    async fn redeem(&self, connection: &Connection, registration: &Registration) -> Result<(), RedeemError> {
        let Some((code, redirect_uri)) = &connection.code else {
            return Ok(());
        };
        let place = connection.id.to_string();
        let code = self.opened(code_place(&place), Some(code))?;
        let site = self.bare_site(connection, registration)?;
        let secret = self.secret(connection)?;
        let tokens = asker(connection)?.redeem(&site, &secret, &code, redirect_uri).await?;
        let (organisation, id, now) = (connection.organisation, connection.id, self.store.now().await?);
        let access = self.sealed(access_place(&place), &tokens.access);
        let refresh = tokens.refresh.as_ref();
        let refresh = refresh.map(|refresh| self.sealed(refresh_place(&place), refresh));
        let account = tokens.account.clone();
        let (until, registration) = (now.plus(tokens.lasts), connection.registration);
        self.store
            .write(Durability::Full, async move |tx| {
                tx.connect(
                    organisation,
                    id,
                    refresh.as_deref(),
                    (&access, until),
                    account.as_deref(),
                    now,
                )
                .await?;
                tx.ask_again(organisation, registration).await?;
                tx.clear_problem(organisation, super::PROBLEM, &id.to_string(), now)
                    .await
            })
            .await?;
        tracing::info!(connection.id = %id, "a connection was authorised");
        Ok(())
    }
}

fn asker(connection: &Connection) -> Result<Asker<'_>, AskError> {
    let missing = || AskError::NotAuthorised("the client is not known".to_owned());
    Ok(Asker {
        token_url: connection.token_url.as_deref().ok_or_else(missing)?,
        client_id: connection.client_id.as_deref().ok_or_else(missing)?,
    })
}

enum RedeemError {
    Lms(AskError),
    Store(StoreError),
}

impl From<AskError> for RedeemError {
    fn from(error: AskError) -> Self {
        Self::Lms(error)
    }
}

impl From<StoreError> for RedeemError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The tokens of one connection.
struct StoredTokens {
    open: OpenConnections,
    site: Site,
    connection: Connection,
    held: Mutex<Option<(SecretString, Timestamp)>>,
}

impl fmt::Debug for StoredTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredTokens").finish_non_exhaustive()
    }
}

impl Credentials for StoredTokens {
    fn token(&self) -> BoxFuture<'_, Result<SecretString, AskError>> {
        async move {
            let now = self.now().await?;
            let held = self.held.lock().unwrap_or_else(PoisonError::into_inner).clone();
            match held {
                Some((token, until)) if until.minus(MARGIN) > now => Ok(token),
                _ => self.next().await,
            }
        }
        .boxed()
    }

    fn renewed<'a>(&'a self, _refused: &'a SecretString) -> BoxFuture<'a, Result<SecretString, AskError>> {
        self.next().boxed()
    }
}

impl StoredTokens {
    async fn next(&self) -> Result<SecretString, AskError> {
        let tokens = self.open.renew(&self.site, &self.connection).await?;
        let until = self.now().await?.plus(tokens.lasts);
        if let Err(error) = self.open.keep(&self.connection, &tokens, until).await {
            tracing::error!(%error, "a renewed token was not kept");
        }
        let token = tokens.access.clone();
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some((token.clone(), until));
        Ok(token)
    }

    async fn now(&self) -> Result<Timestamp, AskError> {
        let now = self.open.store.now().await;
        now.map_err(|error| AskError::Away(error.to_string()))
    }
}

/// Turns consents that came back into tokens: the page that they came back to waits for nobody.
#[derive(Clone, Debug)]
pub struct Consent {
    /// Opens connections.
    pub connections: OpenConnections,
}

impl Handler for Consent {
    fn kind(&self) -> &'static str {
        work::CONSENT
    }

    fn run<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Verdict> {
        async move {
            let connection = job.payload.get("connection").and_then(serde_json::Value::as_str);
            let (Some(organisation), Some(Ok(id))) = (job.organisation, connection.map(str::parse)) else {
                return Verdict::GiveUp {
                    reason: "the job cannot be read".to_owned(),
                };
            };
            match self.redeem(organisation, id).await {
                Ok(()) => Verdict::Done,
                Err(error) => error.into(),
            }
        }
        .boxed()
    }
}

impl Consent {
    async fn redeem(&self, organisation: OrganisationId, id: ConnectionId) -> Result<(), StoreError> {
        let store = &self.connections.store;
        let found = store
            .read(async |tx| {
                let connection = tx.connection(organisation, id).await?;
                Ok::<_, StoreError>((connection, tx.registrations().await?))
            })
            .await?;
        let (Some(connection), registrations) = found else {
            return Ok(());
        };
        let registration = registrations.into_iter().find(|row| row.id == connection.registration);
        let Some(registration) = registration else {
            return Ok(());
        };
        match self.connections.redeem(&connection, &registration).await {
            Ok(()) => Ok(()),
            Err(RedeemError::Store(error)) => Err(error),
            // a code is good once: asking for consent again is the way on
            Err(RedeemError::Lms(error)) => {
                tracing::warn!(connection.id = %id, %error, "a consent brought no token");
                let (why, now) = (error.to_string(), store.now().await?);
                store
                    .write(Durability::Full, async move |tx| {
                        tx.forget_consent(organisation, id).await?;
                        tx.connection_failed(organisation, id, &why, now).await
                    })
                    .await
            }
        }
    }
}
