//! From text to proven claims: an `id_token` in the order of the OpenID Connect and LTI security rules
//! (1EdTech security framework 1.0, section 5.1.3).

use std::fmt;
use std::str::FromStr as _;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use jsonwebtoken::crypto::JwtVerifier as _;
use jsonwebtoken::signature::Verifier as _;
use openidconnect::Nonce;
use serde_json::{Map, Value};

use super::claims::{self, claim, seconds};
use super::error::LaunchError;
use super::keys::KeySet;
use super::registration::Terms;

/// The largest `id_token` that is read, in bytes.
pub const MAX_TOKEN_BYTES: usize = 64 * 1024;
/// How far clocks may differ, in seconds.
pub const LEEWAY_SECONDS: i64 = 60;
/// How long ago a token may have been issued, in seconds.
pub const MAX_AGE_SECONDS: i64 = 60 * 60;
/// How long after its issue a token may expire, in seconds.
pub const MAX_LIFETIME_SECONDS: i64 = 24 * 60 * 60;

/// An `id_token` whose signature was not checked: only its key id can be seen.
#[derive(Clone)]
pub struct UnverifiedToken {
    signed: String,
    payload_at: usize,
    signature: Vec<u8>,
    kid: String,
}

/// Without claims and signature.
impl fmt::Debug for UnverifiedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnverifiedToken(kid {:?})", self.kid)
    }
}

impl UnverifiedToken {
    /// Splits a token and reads its header. The algorithm is ours to choose: RS256. Keys and addresses of keys in the
    /// header (`jwk`, `jku`, `x5c`, `x5u`) are never looked at, nor is `typ`.
    pub fn parse(raw: &str) -> Result<Self, LaunchError> {
        if raw.len() > MAX_TOKEN_BYTES {
            return Err(LaunchError::TokenTooLarge);
        }
        let mut parts = raw.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(LaunchError::NotAToken);
        };
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| LaunchError::NotAToken);
        let fields: Map<String, Value> =
            serde_json::from_slice(&decode(header)?).map_err(|_| LaunchError::NotAToken)?;
        let algorithm = fields.get("alg").and_then(Value::as_str).map(Algorithm::from_str);
        if !matches!(algorithm, Some(Ok(Algorithm::RS256))) {
            return Err(LaunchError::AlgorithmNotAccepted);
        }
        // RFC 7515 section 4.1.11: what must be understood and is not, refuses the token
        if fields.contains_key("crit") {
            return Err(LaunchError::CriticalHeader);
        }
        let kid = match fields.get("kid") {
            Some(Value::String(kid)) if !kid.is_empty() => kid.clone(),
            _ => return Err(LaunchError::KeyIdMissing),
        };
        let signature = decode(signature)?;
        let payload_at = header.len() + 1;
        let signed = raw.get(..payload_at + payload.len()).ok_or(LaunchError::NotAToken)?;
        Ok(Self {
            signed: signed.to_owned(),
            payload_at,
            signature,
            kid,
        })
    }

    /// The id of the key that is said to have signed.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Proves the token: signed by a key of `keys`, from the registration's issuer, for its client, at this time
    /// (`now` in Unix seconds), and for the login that `nonce` belongs to. Fails at the first rule that does not hold.
    pub fn verify(self, terms: &Terms, keys: &KeySet, nonce: &Nonce, now: i64) -> Result<SignedClaims, LaunchError> {
        let claims = self.proven(terms, keys, now)?;
        match claims.get("nonce").and_then(Value::as_str) {
            None | Some("") => Err(LaunchError::NonceMissing),
            Some(given) if !same(given, nonce.secret()) => Err(LaunchError::NonceMismatch),
            Some(given) => Ok(SignedClaims {
                nonce: Nonce::new(given.to_owned()),
                claims,
            }),
        }
    }

    /// The claims, proven but for their nonce: that they came once is shown otherwise.
    pub(super) fn proven(&self, terms: &Terms, keys: &KeySet, now: i64) -> Result<Map<String, Value>, LaunchError> {
        let claims = self.signed_claims(keys)?;
        if !claims::is_lti_message(&claims) {
            return Err(LaunchError::NotAnLtiMessage);
        }
        if claims.get("iss").and_then(Value::as_str) != Some(terms.issuer.as_str()) {
            return Err(LaunchError::IssuerMismatch);
        }
        check_audience(&claims, terms)?;
        check_times(&claims, now)?;
        Ok(claims)
    }

    /// How the platform shows the tool, with the way back, as the registration's platform signed it for its client.
    /// Whatever else may be wrong with the token (its times, its nonce, that it was used before) is not looked at: this is
    /// for the page of a refusal and lets nobody in.
    pub fn signed_presentation(&self, terms: &Terms, keys: &KeySet) -> Result<claims::Presentation, LaunchError> {
        let claims = self.signed_claims(keys)?;
        if claims.get("iss").and_then(Value::as_str) != Some(terms.issuer.as_str()) {
            return Err(LaunchError::IssuerMismatch);
        }
        check_audience(&claims, terms)?;
        Ok(claims::Presentation::read(&claims))
    }

    /// The bytes that the token signs, proven by a key of `keys` and by nothing else: for tokens that are no launch
    /// and name neither issuer nor audience.
    pub fn signed_payload(&self, keys: &KeySet) -> Result<Vec<u8>, LaunchError> {
        let key = keys.key(&self.kid).ok_or(LaunchError::KeyUnknown)?;
        if key.algorithm() != Algorithm::RS256 {
            return Err(LaunchError::AlgorithmNotAccepted);
        }
        key.verify(self.signed.as_bytes(), &self.signature)
            .map_err(|_| LaunchError::SignatureInvalid)?;
        let payload = self.signed.get(self.payload_at..).unwrap_or_default();
        URL_SAFE_NO_PAD.decode(payload).map_err(|_| LaunchError::NotAToken)
    }

    fn signed_claims(&self, keys: &KeySet) -> Result<Map<String, Value>, LaunchError> {
        serde_json::from_slice(&self.signed_payload(keys)?).map_err(|_| LaunchError::NotAnLtiMessage)
    }
}

fn check_audience(claims: &Map<String, Value>, terms: &Terms) -> Result<(), LaunchError> {
    let client = terms.client_id.as_str();
    let (is_ours, others) = match claims.get("aud") {
        Some(Value::String(one)) => (one == client, 0),
        Some(Value::Array(many)) => {
            let ours = many.iter().filter(|one| one.as_str() == Some(client)).count();
            (ours > 0, many.len() - ours)
        }
        _ => (false, 0),
    };
    if !is_ours {
        return Err(LaunchError::AudienceMismatch);
    }
    match claims.get("azp") {
        None | Some(Value::Null) if others > 0 => return Err(LaunchError::AuthorizedPartyMissing),
        None | Some(Value::Null) => {}
        Some(party) if party.as_str() == Some(client) => {}
        Some(_) => return Err(LaunchError::AuthorizedPartyMismatch),
    }
    if others > 0 && terms.is_strict {
        return Err(LaunchError::AudienceNotAlone);
    }
    Ok(())
}

fn check_times(claims: &Map<String, Value>, now: i64) -> Result<(), LaunchError> {
    let expires = seconds(claims, "exp").ok_or(LaunchError::TimeMissing { claim: "exp" })?;
    let issued = seconds(claims, "iat").ok_or(LaunchError::TimeMissing { claim: "iat" })?;
    if expires <= now.saturating_sub(LEEWAY_SECONDS) {
        return Err(LaunchError::Expired);
    }
    if issued > now.saturating_add(LEEWAY_SECONDS) {
        return Err(LaunchError::IssuedInFuture);
    }
    if issued < now.saturating_sub(MAX_AGE_SECONDS) {
        return Err(LaunchError::IssuedTooLongAgo);
    }
    if expires.saturating_sub(issued) > MAX_LIFETIME_SECONDS {
        return Err(LaunchError::LifetimeTooLong);
    }
    match claims.get("nbf") {
        None | Some(Value::Null) => Ok(()),
        Some(_) => match seconds(claims, "nbf") {
            Some(start) if start <= now.saturating_add(LEEWAY_SECONDS) => Ok(()),
            _ => Err(LaunchError::NotYetValid),
        },
    }
}

/// Whether two secrets are equal, in a time that does not depend on where they differ.
pub(super) fn same(one: &str, other: &str) -> bool {
    verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}

/// The claims of a token that was proven: its signature, issuer, audience, times and nonce hold. What they say was not
/// looked at yet, and that the login was not used before is still to be shown.
pub struct SignedClaims {
    pub(super) claims: Map<String, Value>,
    pub(super) nonce: Nonce,
}

/// Without the claims: they name people.
impl fmt::Debug for SignedClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignedClaims({:?})", self.message_type())
    }
}

impl SignedClaims {
    /// The message type as the platform names it.
    pub fn message_type(&self) -> Option<&str> {
        self.claims.get(claim::MESSAGE_TYPE).and_then(Value::as_str)
    }

    /// How and in which language the platform shows the tool, and the way back: for pages about a refusal, too.
    pub fn presentation(&self) -> claims::Presentation {
        claims::Presentation::read(&self.claims)
    }
}

/// Proven claims, written down until the browser is proven as well: to be kept where only this program can write.
#[derive(Clone, PartialEq, Eq)]
pub struct HeldClaims(String);

/// Without the claims: they name people.
impl fmt::Debug for HeldClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HeldClaims of {} bytes", self.0.len())
    }
}

impl HeldClaims {
    /// What was kept, as [`SignedClaims::hold`] wrote it. Nothing else may be handed in: it counts as proven.
    pub fn kept(text: String) -> Self {
        Self(text)
    }

    /// The text to keep.
    pub fn into_text(self) -> String {
        self.0
    }

    /// The claims again, for the login that `nonce` belongs to.
    pub fn release(&self, nonce: &Nonce) -> Result<SignedClaims, LaunchError> {
        let claims: Map<String, Value> = serde_json::from_str(&self.0).map_err(|_| LaunchError::NotAnLtiMessage)?;
        match claims.get("nonce").and_then(Value::as_str) {
            Some(given) if same(given, nonce.secret()) => Ok(SignedClaims {
                nonce: nonce.clone(),
                claims,
            }),
            _ => Err(LaunchError::NonceMismatch),
        }
    }
}

impl SignedClaims {
    /// Writes the claims down, for a launch that cannot be finished yet.
    pub fn hold(&self) -> HeldClaims {
        HeldClaims(Value::Object(self.claims.clone()).to_string())
    }
}

#[cfg(test)]
mod tests;
