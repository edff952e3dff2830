//! API keys, certificates, bearer tokens: who gets in.

use badgebridge::sandbox::factory::{BADGE_SAFETY, CLIENT, EARNABLE_REVIEW, OTHER_CLIENT};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

use super::{START, World, client, send, to};

fn request_for(common_name: &str) -> (String, String) {
    let key = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048).unwrap();
    let mut params = rcgen::CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(rcgen::DnType::CommonName, common_name);
    (
        params.serialize_request(&key).unwrap().pem().unwrap(),
        key.serialize_pem(),
    )
}

#[tokio::test]
async fn an_api_key_enrols_once_and_within_ten_minutes() {
    let world = World::start();
    let anyone = client(&world.factory, None);
    let sign = |token: String, request: String| {
        let body = json!({"signature": token, "request": request});
        send(
            &anyone,
            &world.factory,
            Method::POST,
            "/v1/client/C8MarloweDemo/sign_request",
            Some(body),
        )
    };
    let (request, key) = request_for("someone else");

    let token = world.factory.mint_api_key(CLIENT);
    let answer = sign(token.clone(), request.clone()).await.unwrap();
    assert_eq!(answer.status(), 200);
    let certificate = answer.text().await.unwrap();
    let parsed = x509_parser::pem::parse_x509_pem(certificate.as_bytes()).unwrap().1;
    assert_eq!(
        parsed.parse_x509().unwrap().subject().to_string(),
        format!("CN={CLIENT}")
    );
    let enrolled = client(&world.factory, Some((certificate, key)));
    let ping = send(&enrolled, &world.factory, Method::GET, "/v1/ping/C8MarloweDemo", None)
        .await
        .unwrap();
    assert_eq!(
        (ping.status().as_u16(), ping.text().await.unwrap()),
        (200, CLIENT.to_owned())
    );

    assert_eq!(sign(token, request.clone()).await.unwrap().status(), 403, "used twice");
    let foreign = world.factory.mint_api_key(OTHER_CLIENT);
    assert_eq!(
        sign(foreign, request.clone()).await.unwrap().status(),
        403,
        "another client's key"
    );
    assert_eq!(
        sign("bm9uc2Vuc2U=".to_owned(), request.clone()).await.unwrap().status(),
        403,
        "not a key"
    );
    let fresh = world.factory.mint_api_key(CLIENT);
    assert_eq!(sign(fresh, "no request".to_owned()).await.unwrap().status(), 400);
    let late = world.factory.mint_api_key(CLIENT);
    world.clock.advance(Duration::from_secs(601));
    assert_eq!(sign(late, request).await.unwrap().status(), 403, "eleven minutes old");
}

#[tokio::test]
async fn the_api_key_is_block_type_1_under_the_published_key() {
    use rsa::traits::PublicKeyParts;
    let world = World::start();
    let anyone = client(&world.factory, None);
    let pem = send(&anyone, &world.factory, Method::GET, "/v1/client/OBF.rsa.pub", None)
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(pem.starts_with("-----BEGIN PUBLIC KEY-----"));
    let key = <rsa::RsaPublicKey as rsa::pkcs8::DecodePublicKey>::from_public_key_pem(&pem).unwrap();
    let sealed = STANDARD.decode(world.factory.mint_api_key(CLIENT)).unwrap();
    let block = rsa::BigUint::from_bytes_be(&sealed)
        .modpow(key.e(), key.n())
        .to_bytes_be();
    assert_eq!(block.len(), key.size() - 1);
    let zero = block.iter().position(|byte| *byte == 0).unwrap();
    assert_eq!(block[0], 1);
    assert!(zero > 8 && block[1..zero].iter().all(|byte| *byte == 0xFF));
    let content: Value = serde_json::from_slice(&block[zero + 1..]).unwrap();
    assert_eq!(content["id"], CLIENT);
    assert_eq!(content["subject"], "/CN=C8MarloweDemo");
}

#[tokio::test]
async fn a_certificate_is_asked_for_everywhere_but_on_public_paths() {
    let world = World::start();
    let ping = async |identity| {
        let http = client(&world.factory, identity);
        let answer = send(&http, &world.factory, Method::GET, "/v1/ping/C8MarloweDemo", None)
            .await
            .unwrap();
        answer.status().as_u16()
    };
    assert_eq!(ping(None).await, 496);
    assert_eq!(ping(Some(world.factory.foreign_identity(CLIENT).unwrap())).await, 495);
    let past = (
        START.minus(Duration::from_secs(100)),
        START.minus(Duration::from_secs(50)),
    );
    assert_eq!(
        ping(Some(world.factory.identity_valid(CLIENT, past.0, past.1).unwrap())).await,
        495,
        "expired"
    );
    assert_eq!(
        ping(Some(world.factory.issue_identity(OTHER_CLIENT).unwrap())).await,
        403
    );
    assert_eq!(ping(Some(world.factory.issue_identity(CLIENT).unwrap())).await, 200);
    let anyone = client(&world.factory, None);
    for (path, status) in [
        (format!("/c/earnablebadge/{EARNABLE_REVIEW}/apply"), 200),
        (format!("/c/earnablebadge/{EARNABLE_REVIEW}/embed"), 200),
        (format!("/v1/badge/_/{BADGE_SAFETY}.json?v=1.1"), 200),
        (format!("/v1/badge/_/{BADGE_SAFETY}.png"), 200),
        (format!("/v1/badge/_/{BADGE_SAFETY}/criteria.html"), 200),
        (format!("/v1/client/?key={CLIENT}&v=1.1"), 200),
        ("/v1/assertion/unknown.json".to_owned(), 404),
    ] {
        assert_eq!(
            send(&anyone, &world.factory, Method::GET, &path, None)
                .await
                .unwrap()
                .status(),
            status,
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_bearer_token_opens_every_call_until_it_is_stale() {
    let world = World::start();
    let anyone = client(&world.factory, None);
    let secret = world.factory.client_secret(CLIENT).unwrap();
    let address = format!("{}/v1/client/oauth2/token", world.factory.url());
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", CLIENT),
        ("client_secret", &secret),
    ];
    let by_form: Value = anyone
        .post(&address)
        .form(&fields)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let object = json!({"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": secret});
    let by_json: Value = anyone
        .post(&address)
        .body(object.to_string())
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(by_json["expires_in"], 36_000);
    let ping = async |token: &Value, of: &str| {
        let request = anyone.get(format!("{}/v1/ping/{of}", world.factory.url()));
        request
            .bearer_auth(token.as_str().unwrap())
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    assert_eq!(ping(&by_form["access_token"], CLIENT).await, 200);
    assert_eq!(ping(&by_json["access_token"], OTHER_CLIENT).await, 403);
    assert_eq!(ping(&json!("invented"), CLIENT).await, 403);
    world.clock.advance(Duration::from_hours(10));
    assert_eq!(ping(&by_form["access_token"], CLIENT).await, 403, "ten hours old");
    let wrong = json!({"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": "no"});
    assert_eq!(
        anyone
            .post(&address)
            .body(wrong.to_string())
            .send()
            .await
            .unwrap()
            .status(),
        403
    );
    world.factory.set_manner(|manner| manner.bearer = false);
    assert_eq!(
        anyone
            .post(&address)
            .body(object.to_string())
            .send()
            .await
            .unwrap()
            .status(),
        404
    );
}

#[tokio::test]
async fn lengths_and_methods_are_checked() {
    let world = World::start();
    let chunks = futures_util::stream::iter([Ok::<_, std::io::Error>(to("ada@learners.example").to_string())]);
    let address = format!("{}/v1/badge/{CLIENT}/{BADGE_SAFETY}", world.factory.url());
    let answer = world
        .http
        .post(address)
        .body(reqwest::Body::wrap_stream(chunks))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 411);
    assert_eq!(
        world
            .send(Method::DELETE, "/v1/ping/C8MarloweDemo", None)
            .await
            .status(),
        405
    );
    assert_eq!(world.get("/v3/nothing").await.status(), 404);
}
