//! An OpenID Connect provider, as its specification has it and written apart from the client: it lets one person in, and
//! lies where a test asks for it.

use std::collections::HashMap;
use std::net::TcpListener;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use actix_web::web::{self, Data, Form};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// What the tool is called at the provider, and its secret there.
pub(crate) const CLIENT: &str = "badges";
pub(crate) const SECRET: &str = "a secret: with a colon";

/// Which of the provider's answers goes wrong, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Well,
    /// It takes the call and never answers.
    SilentAboutItself,
    SilentAboutTokens,
    /// It sends the caller elsewhere.
    RedirectsAboutItself,
    RedirectsAboutTokens,
    /// It says 500.
    Broken,
    /// It calls itself by another name.
    OtherIssuer,
}

/// With what a token is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seal {
    /// The published key.
    Own,
    /// Another key under the published one's name.
    Foreign,
    /// Another key under a name of its own.
    Unknown,
    /// `alg: none`.
    Nothing,
    /// The client's secret.
    Secret,
}

/// The provider. Clones are the same.
#[derive(Clone)]
pub(crate) struct Provider {
    pub(crate) url: String,
    state: Arc<State>,
}

struct State {
    url: String,
    now: AtomicI64,
    inner: Mutex<Inner>,
}

struct Inner {
    mood: Mood,
    seal: Seal,
    /// Which of the two keys is published and signs.
    key: usize,
    claims: Value,
    codes: HashMap<String, Pending>,
    asked_about_itself: u32,
    tokens: u32,
}

#[derive(Clone)]
struct Pending {
    redirect_uri: String,
    nonce: String,
    challenge: String,
}

impl Provider {
    /// A provider on a free port, with a member of `badge-operators` signed in.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/realm", listener.local_addr().unwrap());
        let state = Arc::new(State {
            url: url.clone(),
            now: AtomicI64::new(0),
            inner: Mutex::new(Inner {
                mood: Mood::Well,
                seal: Seal::Own,
                key: 0,
                claims: json!({"sub": "u-olga", "groups": ["everybody", "badge-operators"]}),
                codes: HashMap::new(),
                asked_about_itself: 0,
                tokens: 0,
            }),
        });
        let data = Data::from(Arc::clone(&state));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .route("/realm/.well-known/openid-configuration", web::get().to(about))
                .route("/elsewhere/.well-known/openid-configuration", web::get().to(about))
                .route("/realm/keys", web::get().to(keys))
                .route("/realm/token", web::post().to(token))
        });
        let server = server.workers(1).disable_signals().shutdown_timeout(0);
        tokio::spawn(server.listen(listener).unwrap().run());
        Self { url, state }
    }

    /// The settings of a tool that knows this provider.
    pub(crate) fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("sso.issuer", self.url.clone()),
            ("sso.client_id", CLIENT.to_owned()),
            ("sso.client_secret", SECRET.to_owned()),
            ("sso.label", "Campus Login".to_owned()),
            ("sso.allowed_groups", "badge-operators,night shift".to_owned()),
            ("sso.allowed_addresses", "Olga@Campus.example".to_owned()),
            ("sso.wait_ms", "300".to_owned()),
        ]
    }

    /// It is so late there, in Unix seconds.
    pub(crate) fn set_now(&self, now: i64) {
        self.state.now.store(now, Ordering::SeqCst);
    }

    pub(crate) fn be(&self, mood: Mood) {
        self.inner().mood = mood;
    }

    pub(crate) fn seal_with(&self, seal: Seal) {
        self.inner().seal = seal;
    }

    /// Changes the signing key.
    pub(crate) fn rotate(&self) {
        self.inner().key = 1;
    }

    /// What the tokens say from now on: these claims over the usual ones; `null` leaves one out.
    pub(crate) fn say(&self, claims: Value) {
        self.inner().claims = claims;
    }

    /// How often it was asked about itself, and for tokens.
    pub(crate) fn asked(&self) -> (u32, u32) {
        let inner = self.inner();
        (inner.asked_about_itself, inner.tokens)
    }

    /// The person agrees: where the browser is sent back to, for the address at which it asked.
    pub(crate) fn approve(&self, address: &str) -> String {
        let asked = url::Url::parse(address).unwrap();
        assert!(address.starts_with(&format!("{}/authorize?", self.url)), "{address}");
        let given: HashMap<String, String> = asked.query_pairs().into_owned().collect();
        assert_eq!(given["response_type"], "code");
        assert_eq!(given["client_id"], CLIENT);
        assert_eq!(given["code_challenge_method"], "S256");
        assert_eq!(given["code_challenge"].len(), 43);
        assert!(given["scope"].split(' ').any(|scope| scope == "openid"), "{address}");
        assert!(given["state"].len() >= 43 && given["nonce"].len() >= 43);
        let code = format!("code-{}", given["state"]);
        let pending = Pending {
            redirect_uri: given["redirect_uri"].clone(),
            nonce: given["nonce"].clone(),
            challenge: given["code_challenge"].clone(),
        };
        let mut back = url::Url::parse(&pending.redirect_uri).unwrap();
        self.inner().codes.insert(code.clone(), pending);
        back.query_pairs_mut()
            .append_pair("code", &code)
            .append_pair("state", &given["state"])
            .append_pair("iss", &self.url);
        back.to_string()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.state.inner()
    }
}

impl State {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Two keys that are published, and one that is not.
fn key(number: usize) -> &'static RsaKeyPair {
    static KEYS: [OnceLock<RsaKeyPair>; 3] = [const { OnceLock::new() }; 3];
    KEYS[number].get_or_init(|| RsaKeyPair::generate(KeySize::Rsa2048).unwrap())
}

async fn about(state: Data<State>, request: HttpRequest) -> HttpResponse {
    let mood = {
        let mut inner = state.inner();
        inner.asked_about_itself += 1;
        inner.mood
    };
    let is_elsewhere = request.path().starts_with("/elsewhere");
    match mood {
        Mood::SilentAboutItself => std::future::pending().await,
        Mood::RedirectsAboutItself if !is_elsewhere => {
            let there = state.url.replace("/realm", "/elsewhere");
            return HttpResponse::Found()
                .insert_header(("Location", format!("{there}/.well-known/openid-configuration")))
                .finish();
        }
        Mood::Broken => return HttpResponse::InternalServerError().body("<html>"),
        _ => {}
    }
    let url = &state.url;
    let issuer = if mood == Mood::OtherIssuer {
        format!("{url}/")
    } else {
        url.clone()
    };
    HttpResponse::Ok().json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"),
        "jwks_uri": format!("{url}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        "something_else": {"nested": [1, 2]},
    }))
}

async fn keys(state: Data<State>) -> HttpResponse {
    let number = state.inner().key;
    let public = key(number).public_key();
    let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    HttpResponse::Ok().json(json!({"keys": [
        {"kty": "future", "kid": "unreadable"},
        {
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": format!("key-{number}"),
            "n": encode(public.modulus().big_endian_without_leading_zero()),
            "e": encode(public.exponent().big_endian_without_leading_zero()),
        },
    ]}))
}

async fn token(state: Data<State>, request: HttpRequest, form: Form<HashMap<String, String>>) -> HttpResponse {
    let (mood, seal, number, said) = {
        let mut inner = state.inner();
        inner.tokens += 1;
        (inner.mood, inner.seal, inner.key, inner.claims.clone())
    };
    match mood {
        Mood::SilentAboutTokens => std::future::pending().await,
        Mood::RedirectsAboutTokens => {
            return HttpResponse::TemporaryRedirect()
                .insert_header(("Location", format!("{}/token2", state.url)))
                .finish();
        }
        _ => {}
    }
    let refused = |why: &str| HttpResponse::BadRequest().json(json!({ "error": why }));
    let encoded: String = url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
    let wanted = format!("Basic {}", BASE64_STANDARD.encode(format!("{CLIENT}:{encoded}")));
    let header = request.headers().get("Authorization");
    if header.and_then(|value| value.to_str().ok()) != Some(wanted.as_str()) {
        return refused("invalid_client");
    }
    let given = |name: &str| form.get(name).map_or("", String::as_str);
    let Some(pending) = state.inner().codes.remove(given("code")) else {
        return refused("invalid_grant");
    };
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, given("code_verifier").as_bytes()));
    if given("grant_type") != "authorization_code"
        || given("redirect_uri") != pending.redirect_uri
        || challenge != pending.challenge
    {
        return refused("invalid_grant");
    }
    let now = state.now.load(Ordering::SeqCst);
    let mut claims = json!({
        "iss": state.url, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": pending.nonce,
    });
    for (name, value) in said.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    HttpResponse::Ok().json(json!({
        "access_token": "opaque", "token_type": "Bearer", "expires_in": 300, "id_token": sealed(&claims, seal, number),
    }))
}

fn sealed(claims: &Value, seal: Seal, number: usize) -> String {
    let (alg, kid, pair) = match seal {
        Seal::Own => ("RS256", format!("key-{number}"), Some(key(number))),
        Seal::Foreign => ("RS256", format!("key-{number}"), Some(key(2))),
        Seal::Unknown => ("RS256", "nobodys".to_owned(), Some(key(2))),
        Seal::Nothing => ("none", format!("key-{number}"), None),
        Seal::Secret => ("HS256", format!("key-{number}"), None),
    };
    let encode = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!(
        "{}.{}",
        encode(&json!({"alg": alg, "typ": "JWT", "kid": kid})),
        encode(claims)
    );
    let signature = match pair {
        Some(pair) => {
            let mut bytes = vec![0; pair.public_modulus_len()];
            pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut bytes)
                .unwrap();
            bytes
        }
        None if seal == Seal::Secret => {
            let secret = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
            hmac::sign(&secret, text.as_bytes()).as_ref().to_vec()
        }
        None => Vec::new(),
    };
    format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}
