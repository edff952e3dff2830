//! Doubles for the unit tests of this module: a transport that answers from a script and remembers what it was asked,
//! and the Factory's side of enrolment. Its private keys are thrown away.

use std::collections::VecDeque;
use std::sync::{Arc, LazyLock, Mutex};

use base64::Engine as _;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, stream};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, CertifiedIssuer, DnType, IsCa, KeyPair,
    PKCS_RSA_SHA256, RsaKeySize,
};
use rsa::pkcs8::{DecodePrivateKey as _, EncodePublicKey as _, LineEnding};
use rsa::traits::{PrivateKeyParts as _, PublicKeyParts as _};
use rsa::{BigUint, RsaPrivateKey};

use super::api_key::ApiKey;
use super::enrol::Connect;
use super::identity::{CertificateIdentity, PrivateKey};
use super::transport::{AfterSending, BodyStream, NotSent, Request, Response, Transport, TransportError};

type Turn = Box<dyn FnOnce(&Request) -> Result<Response, TransportError> + Send>;

/// Answers requests in the order of its script; a request beyond the script fails the test.
pub(super) struct Script {
    turns: Mutex<VecDeque<Turn>>,
    seen: Mutex<Vec<Request>>,
}

impl std::fmt::Debug for Script {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Script")
    }
}

impl Script {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            turns: Mutex::default(),
            seen: Mutex::default(),
        })
    }

    pub(super) fn transport(self: &Arc<Self>) -> Arc<dyn Transport> {
        let same: Arc<Self> = Arc::clone(self);
        same
    }

    pub(super) fn then(
        self: &Arc<Self>,
        turn: impl FnOnce(&Request) -> Result<Response, TransportError> + Send + 'static,
    ) -> Arc<Self> {
        self.turns.lock().unwrap().push_back(Box::new(turn));
        Arc::clone(self)
    }

    pub(super) fn answers(self: &Arc<Self>, status: u16, headers: &[(&str, &str)], text: &str) -> Arc<Self> {
        let answer = response(status, headers, body(text));
        self.then(move |_| Ok(answer))
    }

    pub(super) fn fails(self: &Arc<Self>, failure: TransportError) -> Arc<Self> {
        self.then(move |_| Err(failure))
    }

    pub(super) fn seen(&self) -> Vec<Request> {
        assert!(
            self.turns.lock().unwrap().is_empty(),
            "the script has answers that nobody asked for"
        );
        self.seen.lock().unwrap().clone()
    }

    pub(super) fn paths(&self) -> Vec<String> {
        let line = |request: Request| format!("{} {}", request.method.as_str(), request.path_and_query);
        self.seen().into_iter().map(line).collect()
    }
}

impl Transport for Script {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        async move {
            // As slow as a real one: others get their turn in between.
            tokio::task::yield_now().await;
            if !request.may_be_sent() {
                return Err(TransportError::NotSent {
                    why: NotSent::GateClosed,
                    source: None,
                });
            }
            let turn = self.turns.lock().unwrap().pop_front();
            let turn = turn.unwrap_or_else(|| panic!("nobody expected {request:?}"));
            let outcome = turn(&request);
            self.seen.lock().unwrap().push(request);
            outcome
        }
        .boxed()
    }
}

pub(super) fn response(status: u16, headers: &[(&str, &str)], body: BodyStream) -> Response {
    let headers = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Response::new(status, headers.collect(), body)
}

pub(super) fn body(text: &str) -> BodyStream {
    chunks(vec![text.as_bytes().to_vec()])
}

pub(super) fn chunks(chunks: Vec<Vec<u8>>) -> BodyStream {
    Box::pin(stream::iter(chunks.into_iter().map(|chunk| Ok(Bytes::from(chunk)))))
}

/// A body that breaks off behind `text`.
pub(super) fn cut_body(text: &str) -> BodyStream {
    let failure = TransportError::AfterSending {
        why: AfterSending::Lost,
        source: None,
    };
    Box::pin(stream::iter([Ok(Bytes::from(text.as_bytes().to_vec())), Err(failure)]))
}

/// 2026-01-01T00:00:00Z and 2029-01-01T00:00:00Z: the life of every certificate of [`Authority`].
pub(super) const NOT_BEFORE: i64 = 1_767_225_600;
pub(super) const NOT_AFTER: i64 = 1_861_920_000;

pub(super) fn api_key(client_id: &str, subject: Option<&str>) -> ApiKey {
    serde_json::from_value(serde_json::json!({"id": client_id, "subject": subject, "ctime": NOT_BEFORE})).unwrap()
}

/// Makes API keys as a Factory host does.
pub(super) struct TokenMint(RsaPrivateKey);

static SHARED_MINT: LazyLock<TokenMint> = LazyLock::new(TokenMint::new);
static SHARED_TOKEN: LazyLock<String> = LazyLock::new(|| SHARED_MINT.token(r#"{"id":"C8Xk2Demo","ctime":1}"#));

impl TokenMint {
    pub(super) fn new() -> Self {
        let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
        Self(RsaPrivateKey::from_pkcs8_der(pair.serialized_der()).unwrap())
    }

    pub(super) fn shared() -> &'static Self {
        &SHARED_MINT
    }

    pub(super) fn shared_token() -> &'static str {
        &SHARED_TOKEN
    }

    pub(super) fn public_pem(&self) -> String {
        self.0.to_public_key().to_public_key_pem(LineEnding::LF).unwrap()
    }

    /// Bytes of the modulus.
    pub(super) fn size(&self) -> usize {
        self.0.size()
    }

    pub(super) fn token(&self, content: &str) -> String {
        let fill = vec![0xFF; self.size() - 3 - content.len()];
        self.raise(&[&[0, 1], &fill[..], &[0], content.as_bytes()].concat())
    }

    /// Any block, raised with the private key.
    pub(super) fn raise(&self, block: &[u8]) -> String {
        assert_eq!(block.len(), self.size());
        let raised = BigUint::from_bytes_be(block)
            .modpow(self.0.d(), self.0.n())
            .to_bytes_be();
        let full = [vec![0; self.size() - raised.len()], raised].concat();
        base64::engine::general_purpose::STANDARD.encode(full)
    }
}

/// Signs requests as the Factory does: the subject is always `CN={client_id}`.
pub(super) struct Authority(CertifiedIssuer<'static, KeyPair>);

static SHARED_AUTHORITY: LazyLock<Authority> = LazyLock::new(Authority::new);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(DnType::CommonName, "Example Factory Authority");
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(super) fn shared() -> &'static Self {
        &SHARED_AUTHORITY
    }

    pub(super) fn certificate_pem(&self) -> String {
        self.0.pem()
    }

    pub(super) fn certificate_for(&self, key: &PrivateKey, common_name: &str) -> String {
        params(common_name)
            .signed_by(&key.pair().unwrap(), &self.0)
            .unwrap()
            .pem()
    }

    /// The answer to a call of `sign_request`.
    pub(super) fn answer(&self, request: &Request) -> Response {
        let sent: serde_json::Value = serde_json::from_slice(request.body.as_ref().unwrap()).unwrap();
        // Checks the signature of the request as well.
        let asked = CertificateSigningRequestParams::from_pem(sent["request"].as_str().unwrap()).unwrap();
        let client_id = request.path_and_query.split('/').nth(3).unwrap();
        let signed = params(client_id).signed_by(&asked.public_key, &self.0).unwrap();
        response(200, &[], body(&signed.pem()))
    }
}

fn params(common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    params.not_before = rcgen::date_time_ymd(2026, 1, 1);
    params.not_after = rcgen::date_time_ymd(2029, 1, 1);
    params
}

/// A host with two doors: one without a certificate, and perhaps one with.
#[derive(Debug)]
pub(super) struct FakeHost {
    pub(super) open: Arc<Script>,
    pub(super) certified: Option<Arc<Script>>,
}

impl FakeHost {
    pub(super) fn new(open: Arc<Script>) -> Self {
        Self { open, certified: None }
    }

    pub(super) fn with_certified(self, script: Arc<Script>) -> Self {
        Self {
            certified: Some(script),
            ..self
        }
    }
}

impl Connect for FakeHost {
    fn anonymous(&self) -> Result<Arc<dyn Transport>, TransportError> {
        Ok(self.open.transport())
    }

    fn with_certificate(&self, _: &CertificateIdentity) -> Result<Arc<dyn Transport>, TransportError> {
        match &self.certified {
            Some(script) => Ok(script.transport()),
            None => Err(TransportError::NotSent {
                why: NotSent::Connect,
                source: None,
            }),
        }
    }
}
