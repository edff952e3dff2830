//! Access tokens for the tool: client credentials with a signed assertion (1EdTech security framework 1.0,
//! section 4.1; RFC 7523), in Moodle's dialect with what Moodle checks and leaves unchecked.

use std::time::Duration;

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::ags::AGS_SCOPES;
use super::claims::NRPS_SCOPE;
use super::dialects;
use super::launch::Dialect;
use super::notices::NOTICES_SCOPE;
use super::state::{AccessToken, Shared, Tally};
use crate::clock::Timestamp;
use crate::crypto::random;

const LIFETIME: Duration = Duration::from_hours(1);
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How far ahead a plain LMS lets the tool's clock be. Moodle: not at all.
const PLAIN_LEEWAY_SECONDS: i64 = 60;

/// A refusal: status 400 with `{"error": …}`.
#[derive(Debug)]
pub(super) struct TokenError(pub(super) String);

fn refuse<T>(error: &str) -> Result<T, TokenError> {
    Err(TokenError(error.to_owned()))
}

/// Answers a token request whose form and content type are given.
pub(super) async fn grant(shared: &Shared, content_type: &str, form: &[(String, String)]) -> Result<Value, TokenError> {
    let given = |name: &str| {
        form.iter()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value.as_str())
    };
    let dialect = shared.lock().dialect;
    let form_type = "application/x-www-form-urlencoded";
    let fits = match dialect {
        Dialect::Moodle => content_type == form_type,
        _ => content_type
            .split(';')
            .next()
            .is_some_and(|kind| kind.trim() == form_type),
    };
    if !fits {
        return refuse("invalid_request");
    }
    if given("grant_type") != "client_credentials" {
        return refuse("unsupported_grant_type");
    }
    if given("client_assertion_type") != ASSERTION_TYPE {
        return refuse("invalid_request");
    }
    let Some(assertion) = Assertion::parse(given("client_assertion")) else {
        return refuse("invalid_client");
    };
    let client_id = assertion.text("sub").to_owned();
    if client_id.is_empty() || assertion.text("iss") != client_id {
        return refuse("invalid_client");
    }
    let registered = shared
        .lock()
        .registration(Some(&client_id))
        .map(|known| known.tool.jwks_url.clone());
    let Some(jwks_url) = registered else {
        return refuse("invalid_client");
    };
    verify(shared, &client_id, &jwks_url, &assertion).await?;
    check_claims(shared, dialect, &client_id, &assertion)?;
    shared
        .lock()
        .assertion_kids
        .push(assertion.kid.clone().unwrap_or_default());
    let scopes: Vec<String> = given("scope")
        .split_whitespace()
        .filter(|scope| [NRPS_SCOPE, NOTICES_SCOPE].contains(scope) || AGS_SCOPES.contains(scope))
        .map(str::to_owned)
        .collect();
    // Open edX grants nothing and says so with 200
    if scopes.is_empty() && dialect != Dialect::OpenEdx {
        return refuse("invalid_scope");
    }
    Ok(issue(shared, client_id, scopes))
}

/// The client id whose valid token with `scope` stands in the `Authorization` header.
pub(super) fn bearer(shared: &Shared, header: Option<&str>, scope: &str) -> Option<String> {
    let token = header?.strip_prefix("Bearer ")?;
    let state = shared.lock();
    let found = state.access_tokens.get(token)?;
    let is_good = found.expires > shared.clock.now() && found.scopes.iter().any(|granted| granted == scope);
    is_good.then(|| found.client_id.clone())
}

/// The claims of a token that a registered tool signed, and its client id.
pub(super) async fn signed_by_tool(shared: &Shared, jwt: &str) -> Result<(String, Value), TokenError> {
    let Some(assertion) = Assertion::parse(jwt) else {
        return refuse("the answer is no signed token");
    };
    let client_id = assertion.text("iss").to_owned();
    let registered = shared
        .lock()
        .registration(Some(&client_id))
        .map(|known| known.tool.jwks_url.clone());
    let Some(jwks_url) = registered else {
        return refuse("the answer comes from no tool of this LMS");
    };
    verify(shared, &client_id, &jwks_url, &assertion).await?;
    Ok((client_id, assertion.claims))
}

/// The claims of a token that the first registration's tool signed, whatever client it names.
pub(super) async fn proven(shared: &Shared, jwt: &str) -> Result<Value, TokenError> {
    let Some(assertion) = Assertion::parse(jwt) else {
        return refuse("invalid_client");
    };
    let first = shared
        .lock()
        .registration(None)
        .map(|known| known.tool.jwks_url.clone());
    let Some(jwks_url) = first else {
        return refuse("invalid_client");
    };
    verify(shared, "first", &jwks_url, &assertion).await?;
    Ok(assertion.claims)
}

fn issue(shared: &Shared, client_id: String, scopes: Vec<String>) -> Value {
    let token = random::token();
    let now = shared.clock.now();
    let answer = json!({
        "access_token": token, "token_type": "Bearer", "expires_in": LIFETIME.as_secs(), "scope": scopes.join(" "),
    });
    let mut state = shared.lock();
    state.access_tokens.retain(|_, known| known.expires > now);
    state.access_tokens.insert(
        token,
        AccessToken {
            client_id,
            scopes,
            expires: now.plus(LIFETIME),
        },
    );
    Tally::count(&shared.tally.tokens_issued);
    answer
}

fn check_claims(shared: &Shared, dialect: Dialect, client_id: &str, assertion: &Assertion) -> Result<(), TokenError> {
    let now: Timestamp = shared.clock.now();
    let Some(expires) = assertion.number("exp") else {
        return refuse("invalid_request");
    };
    if expires <= now.seconds() {
        return refuse(if dialect == Dialect::Moodle {
            "Expired token"
        } else {
            "invalid_client"
        });
    }
    let leeway = if dialect == Dialect::Moodle {
        0
    } else {
        PLAIN_LEEWAY_SECONDS
    };
    if let Some(issued) = assertion.number("iat")
        && issued > now.seconds() + leeway
    {
        return refuse(match dialect {
            Dialect::Moodle => "Cannot handle token with iat prior to now",
            _ => "invalid_client",
        });
    }
    let Some(wanted) = dialects::audience(dialect, &format!("{}/lti/token", shared.base)) else {
        // Moodle and Open edX look neither at the audience nor at the id.
        return Ok(());
    };
    let is_it = |one: &str| one == wanted || (dialect == Dialect::Plain && one == shared.base);
    let audience = assertion.claims.get("aud");
    let is_for_us = match audience {
        Some(Value::String(one)) => is_it(one),
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).any(is_it),
        _ => false,
    };
    let id = assertion.text("jti");
    if !is_for_us || id.is_empty() {
        return refuse("invalid_client");
    }
    if !shared
        .lock()
        .spent_assertions
        .insert((client_id.to_owned(), id.to_owned()))
    {
        return refuse("invalid_client");
    }
    Ok(())
}

/// With the tool's kept key set; if that does not do, with a new one.
async fn verify(shared: &Shared, client_id: &str, jwks_url: &str, assertion: &Assertion) -> Result<(), TokenError> {
    let kept = shared.lock().tool_keys.get(client_id).cloned();
    if kept.is_some_and(|keys| assertion.is_signed_by(&keys)) {
        return Ok(());
    }
    let Some(fetched) = fetch(shared, jwks_url).await else {
        return refuse("invalid_client");
    };
    let is_good = assertion.is_signed_by(&fetched);
    shared.lock().tool_keys.insert(client_id.to_owned(), fetched);
    if is_good { Ok(()) } else { refuse("invalid_client") }
}

async fn fetch(shared: &Shared, url: &str) -> Option<Value> {
    let answer = shared.outbound.get(url).send().await.ok()?.error_for_status().ok()?;
    serde_json::from_slice(&answer.bytes().await.ok()?).ok()
}

struct Assertion {
    kid: Option<String>,
    claims: Value,
    signed: String,
    signature: Vec<u8>,
}

impl Assertion {
    fn parse(text: &str) -> Option<Self> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let json = |part: &str| -> Option<Value> { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok() };
        let header = json(header)?;
        if header.get("alg").and_then(Value::as_str) != Some("RS256") {
            return None;
        }
        let kid = header.get("kid").and_then(Value::as_str).map(str::to_owned);
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        Some(Self {
            kid,
            claims: json(claims)?,
            signed: signed.to_owned(),
            signature,
        })
    }

    fn text(&self, name: &str) -> &str {
        self.claims.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.claims.get(name).and_then(Value::as_i64)
    }

    fn is_signed_by(&self, keys: &Value) -> bool {
        let keys = keys.get("keys").and_then(Value::as_array);
        keys.is_some_and(|keys| keys.iter().any(|key| self.is_signed_by_one(key)))
    }

    fn is_signed_by_one(&self, key: &Value) -> bool {
        let text = |name: &str| key.get(name).and_then(Value::as_str);
        let number = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?).ok();
        let (Some(n), Some(e)) = (number("n"), number("e")) else {
            return false;
        };
        if text("kty") != Some("RSA") || self.kid.as_deref() != text("kid") {
            return false;
        }
        let public = RsaPublicKeyComponents { n, e };
        public
            .verify(&RSA_PKCS1_2048_8192_SHA256, self.signed.as_bytes(), &self.signature)
            .is_ok()
    }
}
