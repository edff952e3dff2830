//! The tokens of connections: opened, renewed by one process at a time, sealed again.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use uuid::Uuid;

use crate::clock::{Clock, Timestamp};
use crate::crypto::random;
use crate::crypto::seal::{Keyring, Place};
use crate::lms::oauth::{Asker, Tokens};
use crate::lms::{AskError, Credentials, Doors, Site, brightspace};
use crate::lti::keys::SigningKeys;
use crate::model::Registration;
use crate::model::connection::{Connection, ConnectionKind, access_place, refresh_place, secret_place};
use crate::store::{Durability, Store, StoreError};

/// How long before its end a token is not used any more.
const MARGIN: Duration = Duration::from_mins(1);
/// How long an assertion is good, and how far it is dated back, in seconds.
const ASSERTION: (i64, i64) = (120, 10);
/// How long one process may renew a token, and how long its lease lasts: longer, so that nobody else begins meanwhile.
const RENEWAL: Duration = Duration::from_secs(75);
const RENEWAL_LEASE: Duration = Duration::from_secs(90);
/// From one look whether another process has renewed it to the next, and how many there are.
const RENEWAL_LOOK: Duration = Duration::from_millis(250);
const RENEWAL_LOOKS: u32 = 400;

/// Opens connections. Clones are the same.
#[derive(Clone)]
pub struct OpenConnections {
    pub(super) store: Store,
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

    pub(super) fn bare_site(&self, connection: &Connection, registration: &Registration) -> Result<Site, AskError> {
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

    pub(super) fn opened(&self, place: Place<'_>, sealed: Option<&[u8]>) -> Result<SecretString, AskError> {
        let missing = || AskError::NotAuthorised("a secret is missing or cannot be opened".to_owned());
        let plain = self
            .keyring
            .open(place, sealed.ok_or_else(missing)?)
            .map_err(|_| missing())?;
        let text = std::str::from_utf8(&plain).map_err(|_| missing())?;
        Ok(SecretString::from(text.to_owned()))
    }

    pub(super) fn sealed(&self, place: Place<'_>, secret: &SecretString) -> Vec<u8> {
        self.keyring.seal(place, secret.expose_secret().as_bytes())
    }

    /// Asks for the next access token.
    async fn renew(&self, site: &Site, connection: &Connection) -> Result<Tokens, AskError> {
        let asker = asker(connection)?;
        if !connection.asks_consent() {
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

    /// Keeps a renewed token for whoever asks next; `false`: another consent came in between.
    async fn keep(
        &self,
        connection: &Connection,
        holder: Uuid,
        tokens: &Tokens,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let (organisation, id) = (connection.organisation, connection.id);
        let place = id.to_string();
        let access = self.sealed(access_place(&place), &tokens.access);
        let refresh = tokens.refresh.as_ref();
        let refresh = refresh.map(|refresh| self.sealed(refresh_place(&place), refresh));
        self.store
            .write(Durability::Full, async move |tx| {
                tx.keep_token(organisation, id, holder, refresh.as_deref(), (&access, until))
                    .await
            })
            .await
    }

    /// The connection as it stands, and whether `holder` may renew its token now: what refreshes may be good once, so one
    /// process at a time asks. `None`: it was removed.
    async fn turn_to_renew(
        &self,
        connection: &Connection,
        holder: Uuid,
    ) -> Result<Option<(Connection, bool)>, StoreError> {
        let (organisation, id) = (connection.organisation, connection.id);
        self.store
            .write(Durability::Full, async move |tx| {
                let now = tx.now().await?;
                let until = now.plus(RENEWAL_LEASE);
                let taken = tx.take_renewal(organisation, id, holder, now, until).await?;
                let row = tx.connection(organisation, id).await?;
                Ok(row.map(|row| (row, taken)))
            })
            .await
    }

    async fn end_renewal(&self, connection: &Connection, holder: Uuid) {
        let (organisation, id) = (connection.organisation, connection.id);
        let ended: Result<(), StoreError> = self
            .store
            .write_one(Durability::Launch, async move |tx| {
                tx.end_renewal(organisation, id, holder).await
            })
            .await;
        if let Err(error) = ended {
            tracing::warn!(%error, connection.id = %id, "a renewal was not ended; its lease will");
        }
    }
}

pub(super) fn asker(connection: &Connection) -> Result<Asker<'_>, AskError> {
    let missing = || AskError::NotAuthorised("the client is not known".to_owned());
    Ok(Asker {
        token_url: connection.token_url.as_deref().ok_or_else(missing)?,
        client_id: connection.client_id.as_deref().ok_or_else(missing)?,
    })
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
                _ => self.next(None).await,
            }
        }
        .boxed()
    }

    fn renewed<'a>(&'a self, refused: &'a SecretString) -> BoxFuture<'a, Result<SecretString, AskError>> {
        self.next(Some(refused)).boxed()
    }
}

impl StoredTokens {
    /// A token in place of the one that ended or was refused: the one that another process has brought meanwhile, or a new
    /// one.
    async fn next(&self, refused: Option<&SecretString>) -> Result<SecretString, AskError> {
        let holder = random::id_at(self.now().await?);
        for _ in 0..RENEWAL_LOOKS {
            let found = self
                .open
                .turn_to_renew(&self.connection, holder)
                .await
                .map_err(|error| away(&error))?;
            let Some((row, is_ours)) = found else {
                return Err(AskError::NotAuthorised("the connection was removed".to_owned()));
            };
            if let Some((token, until)) = self.open.held(&row)
                && until.minus(MARGIN) > self.now().await?
                && refused.is_none_or(|refused| refused.expose_secret() != token.expose_secret())
            {
                if is_ours {
                    self.open.end_renewal(&row, holder).await;
                }
                self.hold(&token, until);
                return Ok(token);
            }
            if is_ours {
                let renewed = self.renew(&row, holder).await;
                if renewed.is_err() {
                    self.open.end_renewal(&row, holder).await;
                }
                return renewed;
            }
            tokio::time::sleep(RENEWAL_LOOK).await;
        }
        Err(AskError::Away("another process is renewing the token".to_owned()))
    }

    async fn renew(&self, row: &Connection, holder: Uuid) -> Result<SecretString, AskError> {
        let renewal = tokio::time::timeout(RENEWAL, self.open.renew(&self.site, row)).await;
        let tokens = renewal.map_err(|_| AskError::Away("it brings no token".to_owned()))??;
        let until = self.now().await?.plus(tokens.lasts);
        match self.open.keep(row, holder, &tokens, until).await {
            Ok(true) => {}
            Ok(false) => tracing::info!(connection.id = %row.id, "a renewed token was put aside for a newer one"),
            Err(error) => tracing::error!(%error, connection.id = %row.id, "a renewed token was not kept"),
        }
        self.hold(&tokens.access, until);
        Ok(tokens.access)
    }

    fn hold(&self, token: &SecretString, until: Timestamp) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some((token.clone(), until));
    }

    async fn now(&self) -> Result<Timestamp, AskError> {
        self.open.store.now().await.map_err(|error| away(&error))
    }
}

/// The database is what is away; the LMS was not asked.
fn away(error: &StoreError) -> AskError {
    AskError::Away(error.to_string())
}
