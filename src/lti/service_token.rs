//! Access tokens for a platform's services: client credentials with a signed assertion
//! (1EdTech security framework 1.0, section 4.1.1), cached, and renewed once when a service refuses one.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value, json};

use super::claims::seconds;
use super::fetch::{Fetch, FetchError, Request, Response};
use super::flight::Flight;
use super::keys::{SigningError, SigningKey, SigningKeys};
use super::registration::LtiClientId;

/// How long an assertion is valid, in seconds.
const ASSERTION_SECONDS: i64 = 120;
/// How far the issue of an assertion is dated back, in seconds: platforms refuse one from their future without leeway.
const BACKDATED_SECONDS: i64 = 10;
/// How long a token lasts if the platform does not say, in seconds.
const DEFAULT_LIFETIME_SECONDS: i64 = 300;
/// How long before its end a token is not used any more, in seconds.
const MARGIN_SECONDS: i64 = 60;
const TIME_LIMIT: Duration = Duration::from_secs(5);
const SIZE_LIMIT: usize = 1024 * 1024;

/// What a token is asked for. Tokens are kept apart by all of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Grant {
    /// Any name of the registration that is its own, as its id.
    pub registration: String,
    pub client_id: LtiClientId,
    pub token_url: String,
    /// The audience of the assertion, where it was configured.
    pub audience: Option<String>,
    pub scopes: BTreeSet<String>,
}

impl Grant {
    /// Whom the assertion is meant for: as configured, else the token address; Brightspace' own address excepted.
    pub fn audience(&self) -> &str {
        match &self.audience {
            Some(audience) => audience,
            None if self.token_url == "https://auth.brightspace.com/core/connect/token" => {
                "https://api.brightspace.com/auth/token"
            }
            None => &self.token_url,
        }
    }

    /// The assertion that proves who we are; `jti` is fresh each time, `now` in Unix seconds.
    pub fn assertion(&self, key: &SigningKey, jti: &str, now: i64) -> Result<String, SigningError> {
        key.sign(&json!({
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.audience(),
            "iat": now.saturating_sub(BACKDATED_SECONDS),
            "exp": now.saturating_add(ASSERTION_SECONDS),
            "jti": jti,
        }))
    }
}

/// A token that opens services for a while.
pub struct AccessToken {
    secret: SecretString,
    usable_until: i64,
    scopes: Option<BTreeSet<String>>,
}

/// Without the token.
impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("usable_until", &self.usable_until)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

impl AccessToken {
    /// Whether the platform granted `scope`; where it does not say, what was asked for is taken as granted.
    pub fn grants(&self, scope: &str) -> bool {
        self.scopes.as_ref().is_none_or(|scopes| scopes.contains(scope))
    }

    fn header(&self) -> String {
        format!("Bearer {}", self.secret.expose_secret())
    }

    fn read(body: &[u8], now: i64) -> Result<Self, ServiceError> {
        // whatever the content type says: Moodle calls its JSON text/html
        let reply: Map<String, Value> = serde_json::from_slice(body).map_err(|_| ServiceError::TokenUnreadable)?;
        let text = |name: &str| reply.get(name).and_then(Value::as_str);
        let token = text("access_token")
            .filter(|token| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()))
            .ok_or(ServiceError::TokenUnreadable)?;
        if text("token_type").is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
            return Err(ServiceError::TokenUnreadable);
        }
        let scopes = text("scope").map(|scopes| {
            let scopes = scopes.split_ascii_whitespace().map(str::to_owned);
            scopes.collect::<BTreeSet<_>>()
        });
        // some platforms answer 200 and grant nothing
        if scopes.as_ref().is_some_and(BTreeSet::is_empty) {
            return Err(ServiceError::NothingGranted);
        }
        let lifetime = seconds(&reply, "expires_in")
            .filter(|lifetime| *lifetime > 0)
            .unwrap_or(DEFAULT_LIFETIME_SECONDS);
        let usable = lifetime.saturating_sub(MARGIN_SECONDS).max(lifetime / 2);
        Ok(Self {
            secret: SecretString::from(token.to_owned()),
            usable_until: now.saturating_add(usable),
            scopes,
        })
    }
}

/// Why a service call brought nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServiceError {
    #[error("the platform was not reached: {0}")]
    NotReached(#[from] FetchError),
    #[error("the assertion was not signed: {0}")]
    NotSigned(#[from] SigningError),
    /// The platform does not give a token; the text is its error code.
    #[error("the platform refused a token with {status} {error}")]
    TokenRefused { status: u16, error: String },
    #[error("the platform's token cannot be read")]
    TokenUnreadable,
    #[error("the platform granted none of the scopes")]
    NothingGranted,
    /// Refused with a fresh token as well: 401 or 403.
    #[error("the service refused the call with {status}")]
    NotAllowed { status: u16 },
    /// 429 or 503: later.
    #[error("the platform asks to come back later")]
    Busy { retry_after_seconds: Option<u64> },
    /// Any other answer but 2xx.
    #[error("the service answered {status}")]
    Answered { status: u16 },
}

type Outcome = Result<Arc<AccessToken>, ServiceError>;

/// The tokens in use, by grant. Locks are held for a look, never across a call.
#[derive(Default)]
pub struct ServiceTokens {
    entries: Mutex<HashMap<Grant, Arc<Mutex<Entry>>>>,
}

#[derive(Default)]
struct Entry {
    token: Option<Arc<AccessToken>>,
    flight: Flight<Outcome>,
}

impl fmt::Debug for ServiceTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceTokens").finish_non_exhaustive()
    }
}

impl ServiceTokens {
    /// Forgets every token of `registration`: it was changed or disabled.
    pub fn forget(&self, registration: &str) {
        lock(&self.entries).retain(|grant, _| grant.registration != registration);
    }

    fn entry(&self, grant: &Grant) -> Arc<Mutex<Entry>> {
        let mut entries = lock(&self.entries);
        if let Some(entry) = entries.get(grant) {
            return Arc::clone(entry);
        }
        Arc::clone(entries.entry(grant.clone()).or_default())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Calls a platform's services in the name of one grant.
pub struct ServiceCaller<'a> {
    pub tokens: &'a ServiceTokens,
    pub fetch: &'a Arc<dyn Fetch>,
    pub grant: &'a Grant,
    /// Proves who we are.
    pub keys: &'a SigningKeys,
    /// Gives a fresh token id at each call.
    pub jti: &'a (dyn Fn() -> String + Send + Sync),
    /// Gives the present moment, Unix seconds.
    pub now: &'a (dyn Fn() -> i64 + Send + Sync),
}

impl fmt::Debug for ServiceCaller<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceCaller")
            .field("grant", self.grant)
            .finish_non_exhaustive()
    }
}

impl ServiceCaller<'_> {
    /// Sends `request` with a token and gives back an answer of 2xx.
    pub async fn send(&self, request: Request) -> Result<Response, ServiceError> {
        accepted(self.exchange(request).await?)
    }

    /// Sends `request` with a token and gives back the answer, whatever its status. A token that is refused is dropped and
    /// the call made once more with a fresh one: after 401, and after 403 too, because Open edX says 403 for a bad token.
    pub async fn exchange(&self, request: Request) -> Result<Response, ServiceError> {
        let token = self.token().await?;
        let response = self.send_with(&request, &token).await?;
        if !matches!(response.status, 401 | 403) {
            return Ok(response);
        }
        self.drop_token(&token);
        let token = self.token().await?;
        self.send_with(&request, &token).await
    }

    /// A token for the grant: the cached one, or a new one. Many who ask at once wait for one call.
    pub async fn token(&self) -> Outcome {
        let entry = self.tokens.entry(self.grant);
        let flight = {
            let mut state = lock(&entry);
            let now = (self.now)();
            if let Some(token) = state.token.as_ref().filter(|token| now < token.usable_until) {
                return Ok(Arc::clone(token));
            }
            let start = || self.fetching(Arc::clone(&entry), now);
            state.flight.join(start)
        };
        flight.await
    }

    fn fetching(&self, entry: Arc<Mutex<Entry>>, now: i64) -> BoxFuture<'static, Outcome> {
        let (fetch, grant, keys) = (Arc::clone(self.fetch), self.grant.clone(), self.keys.clone());
        let jti = (self.jti)();
        Box::pin(async move {
            let key = keys.signer(now)?;
            let token = Arc::new(fetch_token(fetch.as_ref(), &grant, &key, &jti, now).await?);
            lock(&entry).token = Some(Arc::clone(&token));
            Ok(token)
        })
    }

    async fn send_with(&self, request: &Request, token: &AccessToken) -> Result<Response, ServiceError> {
        let request = request.clone().with_header("Authorization", token.header());
        Ok(self.fetch.fetch(request).await?)
    }

    /// Only if nobody put a newer one there meanwhile.
    fn drop_token(&self, refused: &Arc<AccessToken>) {
        let entry = self.tokens.entry(self.grant);
        let mut state = lock(&entry);
        if state.token.as_ref().is_some_and(|token| Arc::ptr_eq(token, refused)) {
            state.token = None;
        }
    }
}

/// An answer of 2xx; what any other says.
pub(super) fn accepted(response: Response) -> Result<Response, ServiceError> {
    match response.status {
        200..=299 => Ok(response),
        status @ (401 | 403) => Err(ServiceError::NotAllowed { status }),
        429 | 503 => Err(ServiceError::Busy {
            retry_after_seconds: response.retry_after_seconds(),
        }),
        status => Err(ServiceError::Answered { status }),
    }
}

async fn fetch_token(
    fetch: &dyn Fetch,
    grant: &Grant,
    key: &SigningKey,
    jti: &str,
    now: i64,
) -> Result<AccessToken, ServiceError> {
    let assertion = grant.assertion(key, jti, now)?;
    let scope = grant.scopes.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
    let form = [
        ("grant_type", "client_credentials"),
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
        ("client_assertion", assertion.as_str()),
        ("scope", scope.as_str()),
    ];
    let request = Request::post_form(&grant.token_url, &form, "application/json", TIME_LIMIT, SIZE_LIMIT);
    let response = fetch.fetch(request).await?;
    match response.status {
        200..=299 => AccessToken::read(&response.body, now),
        429 | 503 => Err(ServiceError::Busy {
            retry_after_seconds: response.retry_after_seconds(),
        }),
        status @ 400..=499 => Err(ServiceError::TokenRefused {
            status,
            error: error_code(&response.body),
        }),
        status => Err(ServiceError::Answered { status }),
    }
}

/// The platform's error code, as far as it can be one (RFC 6749 section 5.2).
fn error_code(body: &[u8]) -> String {
    let reply: Value = serde_json::from_slice(body).unwrap_or_default();
    let code = reply.get("error").and_then(Value::as_str).unwrap_or_default();
    code.chars().filter(|c| matches!(c, ' '..='~')).take(100).collect()
}

#[cfg(test)]
mod tests;
