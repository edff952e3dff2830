//! The OpenID Connect provider that operators sign in with (OpenID Connect Core 1.0, section 3.1: authorization code flow,
//! with PKCE, RFC 7636). Pure but for its calls, which go through the checked client and follow no redirect.
//!
//! What it says counts only after the `id_token` held: signature by a published key, issuer, audience, times, nonce.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreIdToken, CoreJwsSigningAlgorithm,
    CoreProviderMetadata, CoreTokenResponse,
};
use openidconnect::{
    AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, DiscoveryError,
    HttpRequest, HttpResponse, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError,
    Scope, SignatureVerificationError, TokenResponse as _, http,
};
use secrecy::ExposeSecret as _;
use serde_json::{Map, Value};

use crate::clock::Timestamp;
use crate::config::SingleSignOn;
use crate::crypto::random;
use crate::lti::FetchError;
use crate::lti::fetch::{Body, Fetch, Method, Request};
use crate::web::pages::sso::SsoFault;

/// What the provider tells about itself is asked anew after so long, ...
const FRESH: Duration = Duration::from_hours(1);
/// ... and used for so long while it does not answer.
const STALE: Duration = Duration::from_hours(24);
/// For a key that is not known it is asked anew at most so often.
const BETWEEN: Duration = Duration::from_secs(30);
/// An `id_token` is at most so old, and at most so far ahead, in seconds.
const AGE: (i64, i64) = (600, 60);
/// The longest answer that is read, in bytes.
const SIZE_LIMIT: usize = 1024 * 1024;

/// The provider.
pub struct Provider {
    settings: SingleSignOn,
    redirect: String,
    fetch: Arc<dyn Fetch>,
    known: Mutex<Option<Known>>,
}

#[derive(Clone)]
struct Known {
    metadata: Arc<CoreProviderMetadata>,
    at: Timestamp,
}

/// A sign-in that is about to begin.
pub(super) struct Begun {
    /// Where the browser goes.
    pub(super) address: String,
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) verifier: String,
}

/// Whom the provider vouches for.
pub(super) struct Visitor {
    /// The provider's id of the person.
    pub(super) subject: String,
    /// Whether they may sign in.
    pub(super) may: Result<(), SsoFault>,
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("issuer", &self.settings.issuer)
            .finish_non_exhaustive()
    }
}

impl Provider {
    /// The provider of the settings, which sends browsers back to `redirect`.
    pub fn new(settings: SingleSignOn, redirect: String, fetch: Arc<dyn Fetch>) -> Self {
        Self {
            settings,
            redirect,
            fetch,
            known: Mutex::default(),
        }
    }

    /// The settings.
    pub(super) const fn settings(&self) -> &SingleSignOn {
        &self.settings
    }

    /// Where a browser signs in, and what has to be remembered until it comes back.
    pub(super) async fn begin(&self, now: Timestamp) -> Result<Begun, SsoFault> {
        let metadata = self.in_time(self.metadata(now, FRESH)).await?;
        // two tokens: 86 characters; 43 to 128 are allowed (RFC 7636, section 4.1)
        let verifier = PkceCodeVerifier::new(random::token() + &random::token());
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
        let client = CoreClient::from_provider_metadata((*metadata).clone(), self.client_id(), None)
            .set_redirect_uri(self.redirect()?);
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                || CsrfToken::new(random::token()),
                || Nonce::new(random::token()),
            )
            .set_pkce_challenge(challenge);
        for scope in &self.settings.scopes {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        let (address, state, nonce) = request.url();
        Ok(Begun {
            address: address.into(),
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
        })
    }

    /// Redeems the code that came back, and reads whom the provider vouches for.
    pub(super) async fn finish(
        &self,
        code: String,
        nonce: String,
        verifier: String,
        now: Timestamp,
    ) -> Result<Visitor, SsoFault> {
        let work = async {
            let metadata = self.metadata(now, FRESH).await?;
            let token = self.redeem(&metadata, code, verifier).await?;
            let nonce = Nonce::new(nonce);
            let claims = match self.proven(&metadata, &token, &nonce, now) {
                // a key that came in since the keys were read
                Err(Unproven::UnknownKey) => {
                    let metadata = self.metadata(now, BETWEEN).await?;
                    self.proven(&metadata, &token, &nonce, now)
                }
                other => other,
            };
            claims.map_err(|error| SsoFault::Token(error.reason()))
        };
        let claims = self.in_time(work).await?;
        let subject = claims.get("sub").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Visitor {
            subject,
            may: self.may(&claims),
        })
    }

    /// Whether somebody with these proven claims may sign in.
    fn may(&self, claims: &Map<String, Value>) -> Result<(), SsoFault> {
        let settings = &self.settings;
        let listed = |name: &str| settings.groups.iter().any(|group| group == name);
        let is_member = match claims.get(&settings.groups_claim) {
            Some(Value::Array(groups)) => groups.iter().filter_map(Value::as_str).any(listed),
            Some(Value::String(group)) => listed(group),
            _ => false,
        };
        if is_member {
            return Ok(());
        }
        let address = claims.get("email").and_then(Value::as_str).map(str::to_lowercase);
        let is_listed = address.is_some_and(|address| settings.addresses.contains(&address));
        match (is_listed, claims.get("email_verified")) {
            (true, Some(Value::Bool(true))) => Ok(()),
            (true, _) => Err(SsoFault::AddressNotVerified),
            (false, _) => Err(SsoFault::NotAllowed),
        }
    }

    /// What the provider says about itself, with its keys: as it is known if that is younger than `fresh`, else asked.
    async fn metadata(&self, now: Timestamp, fresh: Duration) -> Result<Arc<CoreProviderMetadata>, SsoFault> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = known.as_ref().filter(|known| now.since(known.at) < fresh) {
            return Ok(Arc::clone(&known.metadata));
        }
        let issuer = IssuerUrl::new(self.settings.issuer.clone()).map_err(|_| SsoFault::Silent)?;
        let call = |request: HttpRequest| call(Arc::clone(&self.fetch), request, self.settings.wait);
        match CoreProviderMetadata::discover_async(issuer, &call).await {
            Ok(metadata) => {
                let metadata = Arc::new(metadata);
                *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(Known {
                    metadata: Arc::clone(&metadata),
                    at: now,
                });
                Ok(metadata)
            }
            Err(error) => {
                let fault = match &error {
                    DiscoveryError::Request(_) | DiscoveryError::Response(..) => SsoFault::Silent,
                    _ => SsoFault::Token("discovery"),
                };
                tracing::warn!(error = %told(&error), "the single sign-on provider was not asked about itself");
                known
                    .filter(|known| now.since(known.at) < STALE)
                    .map(|known| known.metadata)
                    .ok_or(fault)
            }
        }
    }

    async fn redeem(
        &self,
        metadata: &CoreProviderMetadata,
        code: String,
        verifier: String,
    ) -> Result<CoreIdToken, SsoFault> {
        let secret = self.settings.client_secret.as_ref();
        let secret = secret.map(|secret| ClientSecret::new(secret.expose_secret().to_owned()));
        let in_body = metadata
            .token_endpoint_auth_methods_supported()
            .is_some_and(|methods| !methods.contains(&CoreClientAuthMethod::ClientSecretBasic));
        let client = CoreClient::from_provider_metadata(metadata.clone(), self.client_id(), secret)
            .set_redirect_uri(self.redirect()?)
            .set_auth_type(if in_body {
                AuthType::RequestBody
            } else {
                AuthType::BasicAuth
            });
        let call = |request: HttpRequest| call(Arc::clone(&self.fetch), request, self.settings.wait);
        let answer: Result<CoreTokenResponse, _> = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|_| SsoFault::Token("no token endpoint"))?
            .set_pkce_verifier(PkceCodeVerifier::new(verifier))
            .request_async(&call)
            .await;
        match answer {
            Ok(answer) => answer.id_token().cloned().ok_or(SsoFault::Token("no id_token")),
            Err(RequestTokenError::Request(error)) => {
                tracing::warn!(%error, "the single sign-on provider does not answer");
                Err(SsoFault::Silent)
            }
            Err(RequestTokenError::ServerResponse(_)) => Err(SsoFault::Token("code refused")),
            Err(_) => Err(SsoFault::Token("unreadable answer")),
        }
    }

    /// The claims of a token that holds (OpenID Connect Core 1.0, section 3.1.3.7).
    fn proven(
        &self,
        metadata: &CoreProviderMetadata,
        token: &CoreIdToken,
        nonce: &Nonce,
        now: Timestamp,
    ) -> Result<Map<String, Value>, Unproven> {
        let now_s = now.seconds();
        let present = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(now_s).unwrap_or(0));
        let client = CoreClient::from_provider_metadata(metadata.clone(), self.client_id(), None);
        // keys that the provider alone has: a token under the client's secret proves nothing
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs([
                CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
                CoreJwsSigningAlgorithm::RsaSsaPssSha256,
                CoreJwsSigningAlgorithm::EcdsaP256Sha256,
            ])
            .set_time_fn(move || present.into())
            .set_issue_time_verifier_fn(move |issued| {
                let age = now_s.saturating_sub(issued.timestamp());
                if (-AGE.1..=AGE.0).contains(&age) {
                    Ok(())
                } else {
                    Err("issued too long ago, or in the future".to_owned())
                }
            });
        let claims = token.claims(&verifier, nonce).map_err(|error| Unproven::of(&error))?;
        let is_other = |party: &ClientId| *party != self.client_id();
        if claims.authorized_party().is_some_and(is_other) {
            return Err(Unproven::Claims("authorized party"));
        }
        // what the groups claim is called is a setting: it is read from the text that was just proven
        let text = token.to_string();
        let payload = text
            .split('.')
            .nth(1)
            .and_then(|part| BASE64_URL_SAFE_NO_PAD.decode(part).ok());
        payload
            .and_then(|payload| serde_json::from_slice(&payload).ok())
            .ok_or(Unproven::Claims("unreadable"))
    }

    async fn in_time<T>(&self, work: impl Future<Output = Result<T, SsoFault>>) -> Result<T, SsoFault> {
        match tokio::time::timeout(self.settings.wait, work).await {
            Ok(done) => done,
            Err(_) => Err(SsoFault::Silent),
        }
    }

    fn client_id(&self) -> ClientId {
        ClientId::new(self.settings.client_id.clone())
    }

    fn redirect(&self) -> Result<RedirectUrl, SsoFault> {
        RedirectUrl::new(self.redirect.clone()).map_err(|_| SsoFault::Token("redirect address"))
    }
}

/// Why a token does not hold.
enum Unproven {
    UnknownKey,
    Claims(&'static str),
}

impl Unproven {
    fn of(error: &ClaimsVerificationError) -> Self {
        use ClaimsVerificationError as E;
        Self::Claims(match error {
            E::SignatureVerification(SignatureVerificationError::NoMatchingKey) => return Self::UnknownKey,
            E::SignatureVerification(_) => "signature",
            E::Expired(_) => "times",
            E::InvalidAudience(_) => "audience",
            E::InvalidIssuer(_) => "issuer",
            E::InvalidNonce(_) => "nonce",
            E::InvalidSubject(_) => "subject",
            _ => "unsupported",
        })
    }

    const fn reason(&self) -> &'static str {
        match self {
            Self::UnknownKey => "signature",
            Self::Claims(reason) => reason,
        }
    }
}

/// An error with its causes, as far as they name addresses and statuses.
fn told(error: &DiscoveryError<FetchError>) -> String {
    match error {
        DiscoveryError::Request(cause) => cause.to_string(),
        DiscoveryError::Response(status, ..) => format!("it answered {status}"),
        DiscoveryError::Validation(what) => what.clone(),
        other => other.to_string(),
    }
}

/// One call, through the checked client.
async fn call(fetch: Arc<dyn Fetch>, request: HttpRequest, wait: Duration) -> Result<HttpResponse, FetchError> {
    let (head, bytes) = request.into_parts();
    let header = |name: http::HeaderName| head.headers.get(name).and_then(|value| value.to_str().ok());
    let mut headers = Vec::new();
    for (name, value) in [
        ("Accept", header(http::header::ACCEPT)),
        ("Authorization", header(http::header::AUTHORIZATION)),
    ] {
        headers.extend(value.map(|value| (name, value.to_owned())));
    }
    let is_post = head.method == http::Method::POST;
    let body = is_post.then(|| Body {
        content_type: header(http::header::CONTENT_TYPE).unwrap_or_default().to_owned(),
        bytes,
    });
    let request = Request {
        method: if is_post { Method::Post } else { Method::Get },
        url: head.uri.to_string(),
        headers,
        body,
        time_limit: wait,
        size_limit: SIZE_LIMIT,
    };
    let response = fetch.fetch(request).await?;
    let mut answer = http::Response::builder().status(response.status);
    if let Some(kind) = response.header_values("Content-Type").next() {
        answer = answer.header(http::header::CONTENT_TYPE, kind);
    }
    answer.body(response.body).map_err(|_| FetchError::Unreachable)
}
