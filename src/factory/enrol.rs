//! Enrolment: from a pasted API key to a client certificate (API page, "Client certificate"). Each step has a failure
//! of its own, whose text says what to do. The private key is made here and never leaves.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::api_key::{ApiKeyError, FactoryPublicKey, PastedApiKey};
use super::client::{FactoryClient, public_key, sign_request};
use super::error::FactoryError;
use super::identity::{CertificateIdentity, IdentityError, check_dates};
use super::signing_request::{KeyMakingFailed, KeySource, SigningRequest};
use super::transport::{Transport, TransportError};

/// Makes transports to the host that is being enrolled at.
pub trait Connect: fmt::Debug + Send + Sync {
    /// One without a client certificate.
    fn anonymous(&self) -> Result<Arc<dyn Transport>, TransportError>;

    /// One that presents `identity`.
    fn with_certificate(&self, identity: &CertificateIdentity) -> Result<Arc<dyn Transport>, TransportError>;
}

/// A new identity. It exists at the Factory from here on and the API key is spent, so store it first, whatever the
/// ping says.
#[derive(Debug)]
#[must_use = "the certificate exists only here, and the API key is spent"]
pub struct Enrolled {
    /// The certificate and its key.
    pub identity: CertificateIdentity,
    /// Whether the Factory answered a ping with the new certificate.
    pub ping: Result<(), FactoryError>,
}

/// The steps of enrolment, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EnrolStep {
    /// The pasted text has the form of a key.
    ReadKey,
    /// The host's public key was fetched.
    FetchPublicKey,
    /// The API key was opened with it.
    OpenKey,
    /// The API key is younger than ten minutes.
    CheckAge,
    /// Private key and request were made.
    MakeRequest,
    /// The Factory signed the request.
    Sign,
    /// The certificate is ours and valid.
    CheckCertificate,
    /// The Factory answers to the certificate ([`Enrolled::ping`]).
    Ping,
}

impl EnrolStep {
    /// All steps, in order.
    pub const ALL: [Self; 8] = [
        Self::ReadKey,
        Self::FetchPublicKey,
        Self::OpenKey,
        Self::CheckAge,
        Self::MakeRequest,
        Self::Sign,
        Self::CheckCertificate,
        Self::Ping,
    ];
}

/// Why enrolment did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// The pasted API key cannot be used. Nothing was asked of the Factory but its public key.
    #[error(transparent)]
    ApiKey(#[from] ApiKeyError),
    /// The host did not give its public key: it is down or not allowed, or it is no Factory.
    #[error("the factory's public key could not be fetched; check the address ({0})")]
    PublicKey(#[source] FactoryError),
    /// What the host gave is no public key, so it is no Factory.
    #[error("this host gives no public key of a factory; check the address")]
    NotAFactory,
    /// No private key or request could be made on this machine.
    #[error("the key for the certificate could not be made on this machine")]
    KeyMaking(#[source] KeyMakingFailed),
    /// The Factory says that the API key was used before.
    #[error("the API key was used before; make a new one ({reason})")]
    AlreadyUsed {
        /// The Factory's words.
        reason: String,
    },
    /// The Factory refused to sign.
    #[error("the factory refused to sign the certificate: {reason}; make a new API key and try again")]
    Refused {
        /// The Factory's words, or what its status means.
        reason: String,
    },
    /// No readable answer to the signing request. The API key may be spent.
    #[error("no certificate came back; make a new API key and try again ({0})")]
    Signing(#[source] FactoryError),
    /// What came back is no certificate of ours.
    #[error("the factory's answer cannot be used as a certificate: {0}; make a new API key and try again")]
    Certificate(#[source] IdentityError),
}

impl EnrolError {
    /// The step that failed; the ones before it were done.
    pub const fn step(&self) -> EnrolStep {
        match self {
            Self::ApiKey(ApiKeyError::Empty | ApiKeyError::PastedWrongly) => EnrolStep::ReadKey,
            Self::ApiKey(ApiKeyError::TooOld { .. } | ApiKeyError::Clock { .. }) => EnrolStep::CheckAge,
            Self::ApiKey(_) => EnrolStep::OpenKey,
            Self::PublicKey(_) | Self::NotAFactory => EnrolStep::FetchPublicKey,
            Self::KeyMaking(_) => EnrolStep::MakeRequest,
            Self::AlreadyUsed { .. } | Self::Refused { .. } | Self::Signing(_) => EnrolStep::Sign,
            Self::Certificate(_) => EnrolStep::CheckCertificate,
        }
    }
}

/// Enrols with the API key in `pasted` at `now` (Unix seconds); `deadline` holds for each of the three calls.
///
/// The key is made on a thread of its own: run this inside a tokio runtime.
pub async fn enrol(
    connect: &dyn Connect,
    keys: Arc<dyn KeySource>,
    pasted: &str,
    now: i64,
    deadline: Duration,
) -> Result<Enrolled, EnrolError> {
    let pasted = PastedApiKey::clean(pasted)?;
    let anonymous = connect
        .anonymous()
        .map_err(|failure| EnrolError::PublicKey(failure.into()))?;
    let host = public_key(&*anonymous, deadline).await.map_err(EnrolError::PublicKey)?;
    let host = FactoryPublicKey::parse(&host).ok_or(EnrolError::NotAFactory)?;
    let api_key = pasted.open(&host)?;
    api_key.check_age(now)?;

    let wanted = api_key.clone();
    let made = tokio::task::spawn_blocking(move || {
        let key = keys.rsa_2048()?;
        let request = SigningRequest::new(&key, &wanted)?;
        Ok((key, request))
    });
    let made = made.await.unwrap_or_else(|_| Err(KeyMakingFailed::interrupted()));
    let (key, request) = made.map_err(EnrolError::KeyMaking)?;

    let client_id = api_key.client_id;
    let signed = sign_request(&*anonymous, &client_id, pasted.signature(), request.pem(), deadline).await;
    let certificate = signed.map_err(refusal)?;
    let identity = CertificateIdentity::new(client_id.clone(), &certificate, key).map_err(EnrolError::Certificate)?;
    // A start in the future by our clock is left to the ping: the Factory's clock may be a little ahead.
    if let Err(expired @ IdentityError::Expired { .. }) = check_dates(identity.facts(), now) {
        return Err(EnrolError::Certificate(expired));
    }

    let ping = match connect.with_certificate(&identity) {
        Ok(transport) => {
            let client = FactoryClient::with_certificate(transport, client_id);
            client.with_deadlines(deadline, deadline).ping().await
        }
        Err(failure) => Err(failure.into()),
    };
    Ok(Enrolled { identity, ping })
}

/// What a failed signing request means. The Factory's words are the only sign of a key that was used before.
fn refusal(failure: FactoryError) -> EnrolError {
    match failure {
        FactoryError::Refused { reason, .. }
        | FactoryError::Forbidden { reason }
        | FactoryError::NotFound { reason }
        | FactoryError::Credential { reason } => {
            let words = reason.to_lowercase();
            if words.contains("used") || words.contains("nonce") || words.contains("already") {
                EnrolError::AlreadyUsed { reason }
            } else {
                EnrolError::Refused { reason }
            }
        }
        other => EnrolError::Signing(other),
    }
}

#[cfg(test)]
mod tests {
    use super::super::signing_request::SystemKeys;
    use super::super::testing::{Authority, FakeHost, NOT_BEFORE, Script, TokenMint};
    use super::super::transport::NotSent;
    use super::*;

    const NOW: i64 = NOT_BEFORE + 1000;
    const DEADLINE: Duration = Duration::from_secs(5);

    fn token(ctime: i64) -> String {
        TokenMint::shared().token(&format!(
            r#"{{"id":"C8Xk2Demo","subject":"/CN=C8Xk2Demo","ctime":"{ctime}","nonce":"9f3c0a7be1"}}"#
        ))
    }

    async fn enrol_at(host: &FakeHost, pasted: &str) -> Result<Enrolled, EnrolError> {
        enrol(host, Arc::new(SystemKeys), pasted, NOW, DEADLINE).await
    }

    fn step(outcome: Result<Enrolled, EnrolError>) -> (EnrolStep, String) {
        let failure = outcome.err().unwrap();
        (failure.step(), failure.to_string())
    }

    /// A host that gives its public key and then answers the signing request like this.
    fn signing(status: u16, body: &str) -> FakeHost {
        FakeHost::new(
            Script::new()
                .answers(200, &[], &TokenMint::shared().public_pem())
                .answers(status, &[], body),
        )
    }

    fn signing_well() -> FakeHost {
        let open = Script::new().answers(200, &[], &TokenMint::shared().public_pem());
        FakeHost::new(open.then(|request| Ok(Authority::shared().answer(request))))
    }

    #[tokio::test]
    async fn a_pasted_key_becomes_an_identity() {
        let host = signing_well().with_certified(Script::new().answers(200, &[], "C8Xk2Demo"));
        let pasted = format!("\n  {}\r\n", token(NOW - 599));
        let enrolled = enrol_at(&host, &pasted).await.unwrap();
        assert!(enrolled.ping.is_ok());
        assert_eq!(enrolled.identity.client_id().as_str(), "C8Xk2Demo");
        assert_eq!(enrolled.identity.facts().subject, "CN=C8Xk2Demo");
        assert_eq!(
            host.open.paths(),
            ["GET /v1/client/OBF.rsa.pub", "POST /v1/client/C8Xk2Demo/sign_request"]
        );
        let sent = host.open.seen()[1].body.clone().unwrap();
        let sent: serde_json::Value = serde_json::from_slice(&sent).unwrap();
        assert_eq!(sent["signature"], pasted.trim());
        assert_eq!(host.certified.as_ref().unwrap().paths(), ["GET /v1/ping/C8Xk2Demo"]);
    }

    #[tokio::test]
    async fn a_failed_ping_does_not_lose_the_certificate() {
        let host = signing_well().with_certified(Script::new().answers(495, &[], ""));
        let enrolled = enrol_at(&host, &token(NOW)).await.unwrap();
        assert!(matches!(enrolled.ping, Err(FactoryError::Credential { .. })));
        assert_eq!(enrolled.identity.client_id().as_str(), "C8Xk2Demo");
        let enrolled = enrol_at(&signing_well(), &token(NOW)).await.unwrap();
        assert!(matches!(enrolled.ping, Err(FactoryError::NotSent(_))));
    }

    #[tokio::test]
    async fn what_is_no_key_asks_nothing_of_the_host() {
        let host = FakeHost::new(Script::new());
        assert_eq!(step(enrol_at(&host, " ").await).0, EnrolStep::ReadKey);
        assert_eq!(step(enrol_at(&host, "{\"id\":1}").await).0, EnrolStep::ReadKey);
        assert!(host.open.seen().is_empty());
    }

    #[tokio::test]
    async fn a_host_that_is_down_or_no_factory_is_told_apart() {
        let down = TransportError::NotSent {
            why: NotSent::Connect,
            source: None,
        };
        let (at, told) = step(enrol_at(&FakeHost::new(Script::new().fails(down)), &token(NOW)).await);
        assert!(
            at == EnrolStep::FetchPublicKey && told.contains("cannot be reached"),
            "{told}"
        );
        let lost = Script::new().answers(404, &[], "");
        assert_eq!(
            step(enrol_at(&FakeHost::new(lost), &token(NOW)).await).0,
            EnrolStep::FetchPublicKey
        );
        let shop = Script::new().answers(200, &[], "<html>Welcome</html>");
        let (at, told) = step(enrol_at(&FakeHost::new(shop), &token(NOW)).await);
        assert!(
            at == EnrolStep::FetchPublicKey && told.contains("no public key of a factory"),
            "{told}"
        );
    }

    #[tokio::test]
    async fn keys_of_other_hosts_old_keys_and_wrong_clocks_are_told_apart() {
        let host = || FakeHost::new(Script::new().answers(200, &[], &TokenMint::shared().public_pem()));
        let foreign = TokenMint::new().token(r#"{"id":"C1","ctime":1}"#);
        let (at, told) = step(enrol_at(&host(), &foreign).await);
        assert!(
            at == EnrolStep::OpenKey && told.contains("not made by this host"),
            "{told}"
        );
        let cut = token(NOW);
        let (at, told) = step(enrol_at(&host(), &cut[..cut.len() - 20]).await);
        assert!(at == EnrolStep::OpenKey && told.contains("cut off"), "{told}");
        let (at, told) = step(enrol_at(&host(), &token(NOW - 1200)).await);
        assert!(at == EnrolStep::CheckAge && told.contains("20 minutes ago"), "{told}");
        let (at, told) = step(enrol_at(&host(), &token(NOW + 600)).await);
        assert!(at == EnrolStep::CheckAge && told.contains("clock"), "{told}");
    }

    #[tokio::test]
    async fn a_machine_that_cannot_make_keys_says_so() {
        #[derive(Debug)]
        struct NoChance;
        impl KeySource for NoChance {
            fn rsa_2048(&self) -> Result<super::super::identity::PrivateKey, KeyMakingFailed> {
                Err(KeyMakingFailed::interrupted())
            }
        }
        let host = FakeHost::new(Script::new().answers(200, &[], &TokenMint::shared().public_pem()));
        let outcome = enrol(&host, Arc::new(NoChance), &token(NOW), NOW, DEADLINE).await;
        assert_eq!(step(outcome).0, EnrolStep::MakeRequest);
    }

    #[tokio::test]
    async fn a_refusal_to_sign_is_told_in_the_factorys_words() {
        let refused = signing(403, r#"{"error":"signature has expired"}"#);
        let (at, told) = step(enrol_at(&refused, &token(NOW)).await);
        assert!(
            at == EnrolStep::Sign && told.contains("signature has expired"),
            "{told}"
        );
        let used = enrol_at(&signing(400, r#"{"error":"nonce already used"}"#), &token(NOW))
            .await
            .unwrap_err();
        assert!(matches!(used, EnrolError::AlreadyUsed { .. }));
        let (at, told) = step(enrol_at(&signing(403, ""), &token(NOW)).await);
        assert!(at == EnrolStep::Sign && told.contains("status 403"), "{told}");
        let closed = enrol_at(&signing(503, ""), &token(NOW)).await.unwrap_err();
        assert!(matches!(closed, EnrolError::Signing(FactoryError::Unavailable { .. })));
    }

    #[tokio::test]
    async fn a_certificate_that_is_not_ours_is_refused() {
        let other = Authority::shared().certificate_for(&SystemKeys.rsa_2048().unwrap(), "C8Xk2Demo");
        let foreign = enrol_at(&signing(200, &other), &token(NOW)).await.unwrap_err();
        assert!(matches!(foreign, EnrolError::Certificate(IdentityError::NoMatch)));
        let none = enrol_at(&signing(200, "{\"ok\":1}"), &token(NOW)).await.unwrap_err();
        assert!(matches!(
            none,
            EnrolError::Certificate(IdentityError::CertificateUnreadable)
        ));
        assert_eq!(none.step(), EnrolStep::CheckCertificate);
    }
}
