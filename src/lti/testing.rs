//! What the tests of this module share: keys made once, tokens, a scripted `Fetch`.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::fetch::{Fetch, FetchError, Fetching, Request, Response};
use super::keys::{KeySet, OwnKeySet, SigningKey};
pub(super) use crate::support::cases::check;

/// The moment of all tests, Unix seconds.
pub(super) const NOW: i64 = 1_800_000_000;

/// The platform's key.
pub(super) fn platform_key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::generate().unwrap())
}

/// Somebody else's key.
pub(super) fn other_key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::generate().unwrap())
}

/// The key set that has `key` under the id `kid`.
pub(super) fn key_set_as(key: &SigningKey, kid: &str) -> String {
    let mut set = serde_json::to_value(OwnKeySet::of([key.public()])).unwrap();
    set["keys"][0]["kid"] = json!(kid);
    set.to_string()
}

/// The key set that has `key`.
pub(super) fn key_set(key: &SigningKey) -> KeySet {
    KeySet::parse(key_set_as(key, key.kid()).as_bytes()).unwrap()
}

/// A token over `claims`, signed by `key`, with `header` as its header.
pub(super) fn token_with(key: &SigningKey, header: &Value, claims: &Value) -> String {
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header.to_string()),
        URL_SAFE_NO_PAD.encode(claims.to_string())
    );
    let signature = key.sign_bytes(signed.as_bytes()).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// A token over `claims`, signed by the platform's key.
pub(super) fn token(claims: &Value) -> String {
    let key = platform_key();
    token_with(key, &json!({"alg": "RS256", "typ": "JWT", "kid": key.kid()}), claims)
}

/// The claims of an ordinary launch by a teacher.
pub(super) fn launch_claims() -> Value {
    json!({
        "iss": "https://lms.example",
        "aud": "client-1",
        "sub": "u-1",
        "iat": NOW,
        "exp": NOW + 60,
        "nonce": "nonce-1",
        "name": "Tara Teacher",
        "given_name": "Tara",
        "family_name": "Teacher",
        "email": "tara@campus.example",
        "https://purl.imsglobal.org/spec/lti/claim/message_type": "LtiResourceLinkRequest",
        "https://purl.imsglobal.org/spec/lti/claim/version": "1.3.0",
        "https://purl.imsglobal.org/spec/lti/claim/deployment_id": "dep-1",
        "https://purl.imsglobal.org/spec/lti/claim/target_link_uri": "https://tool.example/lti/launch",
        "https://purl.imsglobal.org/spec/lti/claim/roles": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"],
        "https://purl.imsglobal.org/spec/lti/claim/context": {"id": "ctx-1", "label": "BIO101", "title": "Biology"},
        "https://purl.imsglobal.org/spec/lti/claim/resource_link": {"id": "rl-1", "title": "Badges"},
    })
}

type Scripted = Result<Response, FetchError>;

/// Answers in the order they were given, and remembers what was asked.
#[derive(Default)]
pub(super) struct FakeFetch {
    answers: Mutex<VecDeque<Scripted>>,
    asked: Mutex<Vec<Request>>,
    gate: Option<tokio::sync::Semaphore>,
}

impl FakeFetch {
    pub(super) fn answering(answers: impl IntoIterator<Item = Scripted>) -> Arc<Self> {
        Arc::new(Self {
            answers: Mutex::new(answers.into_iter().collect()),
            ..Self::default()
        })
    }

    /// Answers only after `open`.
    pub(super) fn gated(answers: impl IntoIterator<Item = Scripted>) -> Arc<Self> {
        Arc::new(Self {
            answers: Mutex::new(answers.into_iter().collect()),
            gate: Some(tokio::sync::Semaphore::new(0)),
            ..Self::default()
        })
    }

    /// Lets `count` answers through.
    pub(super) fn open(&self, count: usize) {
        self.gate.as_ref().unwrap().add_permits(count);
    }

    pub(super) fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }
}

impl Fetch for FakeFetch {
    fn fetch(&self, request: Request) -> Fetching<'_> {
        self.asked.lock().unwrap().push(request);
        Box::pin(async move {
            if let Some(gate) = &self.gate {
                gate.acquire().await.unwrap().forget();
            }
            self.answers.lock().unwrap().pop_front().expect("an unexpected call")
        })
    }
}

/// An answer with status 200.
pub(super) fn ok(body: impl Into<Vec<u8>>) -> Scripted {
    answer(200, &[], body)
}

/// An answer.
#[expect(clippy::unnecessary_wraps, reason = "stands in a list beside errors")]
pub(super) fn answer(status: u16, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Scripted {
    Ok(Response {
        status,
        headers: headers
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect(),
        body: body.into(),
    })
}
