use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::form_urlencoded;

use super::*;
use crate::lti::testing::{FakeFetch, NOW, answer, ok, platform_key};

const SCOPE: &str = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly";

struct World {
    tokens: ServiceTokens,
    fetch: Arc<FakeFetch>,
    dynamic: Arc<dyn Fetch>,
    grant: Grant,
    keys: SigningKeys,
    clock: Arc<AtomicI64>,
    count: Arc<AtomicU32>,
}

fn grant() -> Grant {
    Grant {
        registration: "r1".to_owned(),
        client_id: LtiClientId::parse("client-1").unwrap(),
        token_url: "https://lms.example/token".to_owned(),
        audience: None,
        scopes: [SCOPE.to_owned()].into(),
    }
}

fn world(fetch: Arc<FakeFetch>) -> World {
    World {
        tokens: ServiceTokens::default(),
        dynamic: fetch.clone(),
        fetch,
        grant: grant(),
        keys: SigningKeys::always(SigningKey::from_pkcs8(&platform_key().to_pkcs8().unwrap()).unwrap()),
        clock: Arc::new(AtomicI64::new(NOW)),
        count: Arc::new(AtomicU32::new(0)),
    }
}

impl World {
    async fn with<T>(&self, call: impl AsyncFnOnce(&ServiceCaller<'_>) -> T) -> T {
        let now = || self.clock.load(Ordering::SeqCst);
        let jti = || format!("jti-{}", self.count.fetch_add(1, Ordering::SeqCst));
        call(&ServiceCaller {
            tokens: &self.tokens,
            fetch: &self.dynamic,
            grant: &self.grant,
            keys: &self.keys,
            jti: &jti,
            now: &now,
        })
        .await
    }

    async fn send(&self) -> Result<Response, ServiceError> {
        let request = Request::get("https://lms.example/members", "*/*", TIME_LIMIT, SIZE_LIMIT);
        self.with(async |caller| caller.send(request).await).await
    }
}

fn token(name: &str) -> Result<Response, FetchError> {
    answer(
        200,
        &[("Content-Type", "text/html")],
        format!(r#"{{"access_token":"{name}","token_type":"bEaReR","expires_in":3600,"scope":"{SCOPE}"}}"#),
    )
}

fn authorization(request: &Request) -> Option<&str> {
    request
        .headers
        .iter()
        .find(|(name, _)| *name == "Authorization")
        .map(|(_, value)| value.as_str())
}

#[tokio::test]
async fn a_token_is_asked_for_once_and_sent_along() {
    let world = world(FakeFetch::answering([token("t1"), ok("a"), ok("b")]));
    assert_eq!(world.send().await.unwrap().body, b"a");
    assert_eq!(world.send().await.unwrap().body, b"b");
    let asked = world.fetch.asked();
    assert_eq!(asked.len(), 3);
    assert_eq!(authorization(&asked[1]), Some("Bearer t1"));
    let body = asked[0].body.clone().unwrap();
    assert_eq!(body.content_type, "application/x-www-form-urlencoded");
    let form: HashMap<String, String> = form_urlencoded::parse(&body.bytes).into_owned().collect();
    assert_eq!(form["grant_type"], "client_credentials");
    assert_eq!(
        form["client_assertion_type"],
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    );
    assert_eq!(form["scope"], SCOPE);
    let parts: Vec<&str> = form["client_assertion"].split('.').collect();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    assert_eq!(
        claims,
        json!({
            "iss": "client-1", "sub": "client-1", "aud": "https://lms.example/token",
            "iat": NOW - 10, "exp": NOW + 120, "jti": "jti-0",
        })
    );
}

#[test]
fn the_audience_is_the_configured_one_or_the_platforms_own() {
    let mut grant = grant();
    grant.token_url = "https://auth.brightspace.com/core/connect/token".to_owned();
    assert_eq!(grant.audience(), "https://api.brightspace.com/auth/token");
    grant.audience = Some("https://lms.example".to_owned());
    assert_eq!(grant.audience(), "https://lms.example");
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends() {
    let world = world(FakeFetch::answering([token("t1"), ok(""), ok(""), token("t2"), ok("")]));
    world.send().await.unwrap();
    world.clock.store(NOW + 3539, Ordering::SeqCst);
    world.send().await.unwrap();
    world.clock.store(NOW + 3540, Ordering::SeqCst);
    world.send().await.unwrap();
    assert_eq!(authorization(&world.fetch.asked()[4]), Some("Bearer t2"));
}

#[tokio::test]
async fn a_refused_token_is_dropped_and_the_call_made_once_more() {
    for status in [401, 403] {
        let refusal = || answer(status, &[], "");
        let world = world(FakeFetch::answering([token("t1"), refusal(), token("t2"), ok("x")]));
        assert_eq!(world.send().await.unwrap().body, b"x", "{status}");
        let world = self::world(FakeFetch::answering([token("t1"), refusal(), token("t2"), refusal()]));
        assert_eq!(world.send().await.err(), Some(ServiceError::NotAllowed { status }));
    }
}

#[tokio::test]
async fn refusals_are_told_apart() {
    use ServiceError as E;
    let refused = |status, error: &str| E::TokenRefused {
        status,
        error: error.to_owned(),
    };
    for (reply, expected) in [
        (
            answer(400, &[], r#"{"error":"invalid_scope\u0000"}"#),
            refused(400, "invalid_scope"),
        ),
        (answer(404, &[], "<html>"), refused(404, "")),
        (answer(500, &[], ""), E::Answered { status: 500 }),
        (
            answer(429, &[("retry-after", "9")], ""),
            E::Busy {
                retry_after_seconds: Some(9),
            },
        ),
        (ok("<html>"), E::TokenUnreadable),
        (ok(r#"{"access_token":""}"#), E::TokenUnreadable),
        (ok(r#"{"access_token":"a\r\nb"}"#), E::TokenUnreadable),
        (ok(r#"{"access_token":"a","token_type":"mac"}"#), E::TokenUnreadable),
        (ok(r#"{"access_token":"a","scope":""}"#), E::NothingGranted),
        (Err(FetchError::TimedOut), E::NotReached(FetchError::TimedOut)),
    ] {
        let world = world(FakeFetch::answering([reply]));
        assert_eq!(world.send().await.err(), Some(expected));
    }
    let world = world(FakeFetch::answering([token("t"), answer(404, &[], "")]));
    assert_eq!(world.send().await.err(), Some(E::Answered { status: 404 }));
}

#[test]
fn a_reply_may_lack_lifetime_and_scope() {
    let read = |body: &str| AccessToken::read(body.as_bytes(), NOW).unwrap();
    let bare = read(r#"{"access_token":"a"}"#);
    assert_eq!(bare.usable_until, NOW + 240);
    assert!(bare.grants("anything"));
    assert_eq!(
        read(r#"{"access_token":"a","expires_in":"3600"}"#).usable_until,
        NOW + 3540
    );
    assert_eq!(read(r#"{"access_token":"a","expires_in":30}"#).usable_until, NOW + 15);
    let limited = read(r#"{"access_token":"a","scope":"x y"}"#);
    assert!(limited.grants("x") && !limited.grants("z"));
    assert!(!format!("{bare:?}").contains("\"a\""));
}

#[tokio::test]
async fn many_calls_wait_for_one_token() {
    let fetch = FakeFetch::gated([token("t1")]);
    let world = world(Arc::clone(&fetch));
    world
        .with(async |caller| {
            let waiting = futures_util::future::join_all((0..20).map(|_| caller.token()));
            let (tokens, ()) = tokio::join!(waiting, async { fetch.open(1) });
            assert!(tokens.iter().all(Result::is_ok));
        })
        .await;
    assert_eq!(fetch.asked().len(), 1);
}

#[tokio::test]
async fn forgetting_a_registration_forgets_its_tokens() {
    let world = world(FakeFetch::answering([token("t1"), ok(""), token("t2"), ok("")]));
    world.send().await.unwrap();
    world.tokens.forget("other");
    world.tokens.forget("r1");
    world.send().await.unwrap();
    assert_eq!(authorization(&world.fetch.asked()[3]), Some("Bearer t2"));
}
