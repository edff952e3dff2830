//! The simulated Factory, driven over real mutual TLS by a plain HTTP client: what it promises to whoever tests with it.

use std::sync::Arc;
use std::time::Duration;

use badgebridge::clock::{ManualClock, Timestamp};
use badgebridge::sandbox::factory::{
    Aim, BADGE_DRAFT, BADGE_NO_MESSAGE, BADGE_SAFETY, BADGE_SHARED, BADGE_WELCOME, CLIENT, EARNABLE_REVIEW,
    EARNABLE_SECRET, EARNABLE_SECRET_CODE, Factory, Fault, Kind, LogEntry, OTHER_BADGE, OTHER_CLIENT, Options, Phase,
    Plan,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Client, Method, Response, redirect};
use serde_json::{Value, json};

const START: Timestamp = Timestamp::from_seconds(1_900_000_000);

struct World {
    factory: Factory,
    clock: Arc<ManualClock>,
    http: Client,
}

impl World {
    fn start() -> Self {
        let clock = Arc::new(ManualClock::at(START));
        Self::with(
            Options {
                clock: clock.clone(),
                ..Options::default()
            },
            clock,
        )
    }

    fn with(options: Options, clock: Arc<ManualClock>) -> Self {
        let factory = Factory::start(options).unwrap();
        let http = client(&factory, Some(factory.issue_identity(CLIENT).unwrap()));
        Self { factory, clock, http }
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Response {
        send(&self.http, &self.factory, method, path, body).await.unwrap()
    }

    async fn get(&self, path: &str) -> Response {
        self.send(Method::GET, path, None).await
    }

    async fn lines(&self, path: &str) -> Vec<Value> {
        lines(&self.get(path).await.text().await.unwrap())
    }

    async fn issue(&self, badge: &str, body: Value) -> reqwest::Result<Response> {
        let path = format!("/v1/badge/{CLIENT}/{badge}");
        send(&self.http, &self.factory, Method::POST, &path, Some(body)).await
    }

    /// Issues and returns the event's id.
    async fn issued(&self, badge: &str, body: Value) -> String {
        let answer = self.issue(badge, body).await.unwrap();
        assert_eq!(answer.status(), 201);
        let location = answer.headers()["location"].to_str().unwrap().to_owned();
        location
            .strip_prefix(&format!("/v1/event/{CLIENT}/"))
            .unwrap()
            .to_owned()
    }

    async fn refused(&self, badge: &str, body: Value) -> (u16, String) {
        let answer = self.issue(badge, body).await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        let reason: Value = serde_json::from_str(&text).unwrap_or_default();
        (status, reason["error"].as_str().unwrap_or_default().to_owned())
    }
}

fn client(factory: &Factory, identity: Option<(String, String)>) -> Client {
    let root = reqwest::Certificate::from_pem(factory.ca_pem().as_bytes()).unwrap();
    let mut builder = Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .tls_certs_only([root])
        .timeout(Duration::from_secs(20));
    if let Some((certificate, key)) = identity {
        builder = builder.identity(reqwest::Identity::from_pem(format!("{certificate}{key}").as_bytes()).unwrap());
    }
    builder.build().unwrap()
}

async fn send(
    http: &Client,
    factory: &Factory,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> reqwest::Result<Response> {
    let mut request = http.request(method, format!("{}{path}", factory.url()));
    if let Some(body) = body {
        request = request.body(body.to_string());
    }
    request.send().await
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn to(address: &str) -> Value {
    json!({"recipient": [address]})
}

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
async fn lists_are_lines_that_end_with_cr_lf_and_an_empty_list_is_empty() {
    let world = World::start();
    let answer = world.get("/v1/badge/C8MarloweDemo?draft=0").await;
    assert_eq!(answer.headers()["content-type"], "application/octet-stream");
    let text = answer.text().await.unwrap();
    assert!(text.ends_with("\r\n"));
    assert_eq!(text.matches("\r\n").count(), text.lines().count());
    let badges = lines(&text);
    assert_eq!(badges.len(), 6);
    let image = |badge: &Value| badge["image"].as_str().unwrap().to_owned();
    assert_eq!(
        badges
            .iter()
            .filter(|one| image(one).starts_with("data:image/png;base64,"))
            .count(),
        5
    );
    assert_eq!(
        badges
            .iter()
            .filter(|one| image(one).starts_with("data:image/svg+xml;base64,"))
            .count(),
        1
    );
    assert_eq!(world.get("/v1/event/C8MarloweDemo").await.text().await.unwrap(), "");
    world.factory.set_manner(|manner| manner.lists_as_json = true);
    assert_eq!(
        world.get("/v1/badge/C8MarloweDemo").await.headers()["content-type"],
        "application/json"
    );
}

#[tokio::test]
async fn badges_are_filtered() {
    let world = World::start();
    let ids = async |query: &str| {
        let found = world.lines(&format!("/v1/badge/C8MarloweDemo/?{query}")).await;
        let mut ids: Vec<String> = found.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids("draft=1").await, [BADGE_DRAFT]);
    assert_eq!(ids("").await.len(), 7);
    assert_eq!(
        ids("category=Onboarding|Safety").await,
        [BADGE_NO_MESSAGE, BADGE_SAFETY, BADGE_WELCOME]
    );
    assert_eq!(ids("category=Onboarding%7CSafety").await.len(), 3);
    assert_eq!(
        ids(&format!("id={BADGE_SAFETY}|{BADGE_WELCOME}|{OTHER_BADGE}")).await,
        [BADGE_SAFETY, BADGE_WELCOME]
    );
    assert_eq!(ids("query=wet%20LAB").await, [BADGE_SAFETY]);
    assert_eq!(ids("meta:level=introductory&draft=1").await, [BADGE_DRAFT]);
    assert!(ids("meta:level=introductory&meta:course=none").await.is_empty());
    assert_eq!(ids(&format!("external=1&id={BADGE_SHARED}")).await, [BADGE_SHARED]);
    assert_eq!(world.get("/v1/badge/C8MarloweDemo?draft=yes").await.status(), 400);
    let categories: Value = world
        .get("/v1/badge/C8MarloweDemo/_/categorylist")
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(
        categories,
        json!(["Communication", "Courses", "Digital skills", "Onboarding", "Safety"])
    );
}

#[tokio::test]
async fn a_badge_is_created_changed_and_deleted() {
    let world = World::start();
    let png = STANDARD.encode(b"\x89PNG\r\n\x1a\nrest");
    let body = json!({"name": "New", "description": "D", "draft": false, "image": png, "tags": ["a"]});
    let made = world
        .send(Method::POST, "/v1/badge/C8MarloweDemo", Some(body.clone()))
        .await;
    assert_eq!(made.status(), 201);
    let location = made.headers()["location"].to_str().unwrap().to_owned();
    assert!(location.starts_with("/v1/badge/C8MarloweDemo/"), "{location}");
    assert_eq!(made.text().await.unwrap(), "");
    let shown: Value = world.get(&location).await.json().await.unwrap();
    assert_eq!(shown["image"], format!("data:image/png;base64,{png}"));
    assert_eq!((&shown["draft"], &shown["tags"]), (&json!(0), &json!(["a"])));
    let mut changed = body;
    changed["name"] = json!("Newer");
    let put = world.send(Method::PUT, &location, Some(changed)).await;
    assert_eq!((put.status().as_u16(), put.text().await.unwrap().as_str()), (204, ""));
    assert_eq!(
        world.get(&location).await.json::<Value>().await.unwrap()["name"],
        "Newer"
    );
    assert_eq!(
        world
            .send(Method::PUT, &location, Some(json!({"name": "x"})))
            .await
            .status(),
        400
    );
    assert_eq!(world.send(Method::DELETE, &location, None).await.status(), 204);
    assert_eq!(world.get(&location).await.status(), 404);
    let shared = format!("/v1/badge/C8MarloweDemo/{BADGE_SHARED}");
    assert_eq!(world.send(Method::DELETE, &shared, None).await.status(), 403);
    assert_eq!(
        world
            .send(Method::DELETE, "/v1/badge/C8MarloweDemo", None)
            .await
            .status(),
        204
    );
    assert!(world.lines("/v1/badge/C8MarloweDemo").await.is_empty());
    assert_eq!(
        world.refused(BADGE_SAFETY, to("ada@learners.example")).await.0,
        404,
        "deleted badges cannot be issued"
    );
}

#[tokio::test]
async fn issuing_makes_one_event_and_a_mail_for_each_recipient() {
    let world = World::start();
    let event = world
        .issued(
            BADGE_SAFETY,
            json!({
                "recipient": ["Ada Example <Ada@learners.example>", "bo@learners.example"], "issued_on": 1_899_000_000,
                "expires": 1_950_000_000, "email_subject": "Mine", "api_consumer_id": "tests", "show_report": 1,
                "badge_override": {"criteria_add": "<p>92 %</p>"}, "log_entry": {"order": "o-1"},
            }),
        )
        .await;
    let mails = world.factory.mailbox();
    assert_eq!(mails.len(), 2);
    assert_eq!(
        (mails[0].to.as_str(), mails[0].subject.as_str()),
        ("Ada@learners.example", "Mine")
    );
    assert_eq!(
        (mails[0].link_text.as_str(), mails[0].event.as_deref()),
        ("Get your badge", Some(event.as_str()))
    );
    assert_eq!(
        world.factory.issued(BADGE_SAFETY),
        ["Ada@learners.example", "bo@learners.example"]
    );

    let listed = &world
        .lines("/v1/event/C8MarloweDemo?api_consumer_id=tests&email=ada@LEARNERS.example")
        .await[0];
    assert_eq!(
        listed["recipient"],
        json!(["Ada@learners.example", "bo@learners.example"])
    );
    assert_eq!(
        (&listed["log_entry"], &listed["revoked"]),
        (&json!({"order": "o-1"}), &json!({}))
    );
    assert_eq!(
        (&listed["issued_on"], &listed["timestamp"]),
        (&json!(1_899_000_000), &json!(1_900_000_000))
    );
    let one: Value = world
        .get(&format!("/v1/event/C8MarloweDemo/{event}/"))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(
        (&one["email_subject"], &one["expires"]),
        (&json!("Mine"), &json!(1_950_000_000))
    );
    let criteria = world
        .get(&format!("/v1/badge/_/{BADGE_SAFETY}/criteria.html?event={event}"))
        .await
        .text()
        .await;
    assert!(criteria.unwrap().contains("92 %"));

    world
        .issued(
            BADGE_SAFETY,
            json!({"recipient": ["bo@learners.example"], "send_email": 0}),
        )
        .await;
    assert_eq!(world.factory.mailbox().len(), 2, "issued silently");
    let bo = ("bo@learners.example".to_owned(), BADGE_SAFETY.to_owned());
    assert_eq!(world.factory.count_per_person()[&bo], 2, "a repeated call issues again");
    assert_eq!(world.factory.requests().len(), 2);
    assert_eq!(world.factory.calls_by_kind()[&Kind::Issue], 2);
}

#[tokio::test]
async fn what_cannot_be_issued_is_refused_with_a_reason() {
    let world = World::start();
    assert_eq!(world.refused("Bunknown", to("ada@learners.example")).await.0, 404);
    assert_eq!(world.refused(OTHER_BADGE, to("ada@learners.example")).await.0, 404);
    assert_eq!(
        world.refused(BADGE_DRAFT, to("ada@learners.example")).await,
        (400, "the badge is a draft".to_owned())
    );
    for recipient in [
        json!([]),
        json!("ada@learners.example"),
        json!(["no address"]),
        json!([7]),
        json!(null),
    ] {
        let (status, reason) = world.refused(BADGE_SAFETY, json!({"recipient": recipient})).await;
        assert_eq!(status, 400);
        assert!(reason.starts_with("recipient: "), "{reason}");
    }
    let (status, reason) = world.refused(BADGE_NO_MESSAGE, to("ada@learners.example")).await;
    assert_eq!(
        (status, reason.as_str()),
        (400, "email_subject: required parameter missing")
    );
    let mut whole = to("ada@learners.example");
    for part in ["email_subject", "email_body", "email_link_text", "email_footer"] {
        whole[part] = json!("text");
    }
    world.issued(BADGE_NO_MESSAGE, whole).await;
    world.issued(BADGE_SHARED, to("ada@learners.example")).await;
    assert_eq!(
        world
            .refused(BADGE_SAFETY, json!({"recipient": ["a@b.example"], "log_entry": "x"}))
            .await
            .0,
        400
    );
    world.factory.set_manner(|manner| {
        manner.refused_addresses.insert("bad@learners.example".to_owned());
        manner.forbidden_badges.insert(BADGE_WELCOME.to_owned());
    });
    let batch = json!({"recipient": ["ada@learners.example", "Bad@learners.example"]});
    assert_eq!(
        world.refused(BADGE_SAFETY, batch).await.0,
        400,
        "one bad address refuses all"
    );
    assert_eq!(world.refused(BADGE_WELCOME, to("ada@learners.example")).await.0, 403);
    assert_eq!(world.factory.issued(BADGE_SAFETY), Vec::<String>::new());
}

#[tokio::test]
async fn searches_page_order_count_and_filter() {
    let world = World::start();
    for day in 0..5 {
        let address = format!("p{day}@learners.example");
        let body = json!({"recipient": [address], "issued_on": 1000 + day, "api_consumer_id": "tests"});
        world
            .issued(if day == 4 { BADGE_WELCOME } else { BADGE_SAFETY }, body)
            .await;
    }
    let days = async |query: &str| -> Vec<i64> {
        let found = world.lines(&format!("/v1/event/C8MarloweDemo?{query}")).await;
        found.iter().map(|one| one["issued_on"].as_i64().unwrap()).collect()
    };
    assert_eq!(days("order_by=asc").await, [1000, 1001, 1002, 1003, 1004]);
    assert_eq!(days("order_by=desc&limit=2&offset=1").await, [1003, 1002]);
    assert_eq!(
        days("order_by=asc&begin=1001&end=1003").await,
        [1001, 1002, 1003],
        "inclusive"
    );
    assert_eq!(days(&format!("badge_id={BADGE_WELCOME}")).await, [1004]);
    assert_eq!(
        days("email=p1@learners.example%7Cp2@learners.example&order_by=asc").await,
        [1001, 1002]
    );
    assert!(days("api_consumer_id=others").await.is_empty());
    let count: Value = world
        .get("/v1/event/C8MarloweDemo?count_only=1&limit=2")
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(count, json!({"result_count": 5}));
    assert_eq!(world.get("/v1/event/C8MarloweDemo?limit=many").await.status(), 400);
    let other = client(
        &world.factory,
        Some(world.factory.issue_identity(OTHER_CLIENT).unwrap()),
    );
    let theirs = send(&other, &world.factory, Method::GET, "/v1/event/C2FernhillDemo", None)
        .await
        .unwrap();
    assert_eq!(theirs.text().await.unwrap(), "", "another client's events are its own");
}

#[tokio::test]
async fn revoking_fills_the_revoked_list_and_ends_the_assertion() {
    let world = World::start();
    let event = world
        .issued(
            BADGE_SAFETY,
            json!({"recipient": ["ada@learners.example", "bo@learners.example"]}),
        )
        .await;
    let assertions = world
        .lines(&format!(
            "/v1/event/C8MarloweDemo/{event}/assertion?email=Ada@learners.example"
        ))
        .await;
    assert_eq!(assertions.len(), 1);
    assert_eq!(assertions[0]["status"], "pending");
    let path = format!("/v1/assertion/{}.json", assertions[0]["id"].as_str().unwrap());
    let shown: Value = world.get(&path).await.json().await.unwrap();
    assert!(shown["recipient"]["identity"].as_str().unwrap().starts_with("sha256$"));
    let revoke = format!("/v1/event/C8MarloweDemo/{event}/?email=ADA%40learners.example|nobody%40learners.example");
    for _ in 0..2 {
        assert_eq!(world.send(Method::DELETE, &revoke, None).await.status(), 204);
    }
    let revoked: Value = world
        .get(&format!("/v1/event/C8MarloweDemo/{event}/revoked"))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(revoked, json!({"revoked": {"ada@learners.example": 1_900_000_000}}));
    assert_eq!(world.get(&path).await.status(), 410);
    assert_eq!(world.factory.issued(BADGE_SAFETY), ["bo@learners.example"]);
    assert_eq!(world.factory.events()[0].revoked, ["ada@learners.example"]);
    let bare = format!("/v1/event/C8MarloweDemo/{event}");
    assert_eq!(world.send(Method::DELETE, &bare, None).await.status(), 400);
    assert_eq!(
        world
            .factory
            .requests()
            .iter()
            .filter(|one| one.kind == Kind::Revoke)
            .count(),
        3
    );
}

#[tokio::test]
async fn the_organisation_is_read_and_changed() {
    let world = World::start();
    let path = "/v1/client/C8MarloweDemo";
    let one: Value = world.get(path).await.json().await.unwrap();
    assert_eq!(
        (&one["id"], &one["name"]),
        (&json!(CLIENT), &json!("Marlowe Polytechnic"))
    );
    let body = json!({"url": "https://new.example", "description": "New", "email": "new@marlowe.example"});
    assert_eq!(world.send(Method::PUT, path, Some(body)).await.status(), 204);
    assert_eq!(
        world.get(path).await.json::<Value>().await.unwrap()["url"],
        "https://new.example"
    );
    assert_eq!(
        world.send(Method::PUT, path, Some(json!({"url": "x"}))).await.status(),
        400
    );
}

fn form(fields: &[(&str, &str)]) -> String {
    let part = |(name, value): &(&str, &str)| {
        format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    fields.iter().map(part).collect::<String>() + "--edge--\r\n"
}

async fn apply(world: &World, earnable: &str, fields: &[(&str, &str)]) -> Response {
    let request = world.http.post(format!(
        "{}/v1/earnablebadge/{CLIENT}/{earnable}/apply",
        world.factory.url()
    ));
    request
        .header("content-type", "multipart/form-data; boundary=edge")
        .body(form(fields))
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn an_application_is_received_and_decided() {
    let world = World::start();
    let base = format!("/v1/earnablebadge/{CLIENT}");
    for query in ["approval_method=review", "appoval_method=review"] {
        let found = world.lines(&format!("{base}/?{query}&visible=1")).await;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0]["id"], EARNABLE_REVIEW);
    }
    let plain: Value = world
        .get(&format!("{base}/{EARNABLE_REVIEW}"))
        .await
        .json()
        .await
        .unwrap();
    assert!(plain.get("form_html").is_none());
    let with: Value = world
        .get(&format!("{base}/{EARNABLE_REVIEW}?form_html=1"))
        .await
        .json()
        .await
        .unwrap();
    assert!(with["form_html"].as_str().unwrap().contains("name=\"why\""));

    let who = [
        ("applicant", "Ada Example"),
        ("email", "ada@learners.example"),
        ("why", "I did it"),
    ];
    assert_eq!(apply(&world, EARNABLE_REVIEW, &who).await.status(), 201);
    assert_eq!(apply(&world, EARNABLE_REVIEW, &who).await.status(), 201);
    assert_eq!(
        apply(&world, EARNABLE_REVIEW, &[("applicant", "A"), ("email", "nonsense")])
            .await
            .status(),
        400
    );
    let list = format!("{base}/{EARNABLE_REVIEW}/application");
    let pending = world.lines(&format!("{list}?status=pending")).await;
    assert_eq!(pending.len(), 2);
    let address = |one: &Value| format!("{list}/{}", one["id"].as_str().unwrap());
    let one: Value = world.get(&address(&pending[0])).await.json().await.unwrap();
    assert_eq!(one["form_data"], json!({"why": "I did it"}));
    let approve = json!({"result": "approve", "reviewer": "Teacher", "log_entry": {"order": "o-2"}});
    assert_eq!(
        world
            .send(Method::PUT, &address(&pending[0]), Some(approve.clone()))
            .await
            .status(),
        204
    );
    assert_eq!(
        world
            .send(Method::PUT, &address(&pending[0]), Some(approve))
            .await
            .status(),
        400,
        "decided"
    );
    let reject = json!({"result": "reject", "reviewer": "T", "email_subject": "No", "email_body": "Not yet"});
    assert_eq!(
        world
            .send(Method::PUT, &address(&pending[1]), Some(reject))
            .await
            .status(),
        204
    );
    assert_eq!(world.factory.issued(BADGE_SAFETY), ["ada@learners.example"]);
    assert_eq!(
        world.factory.events()[0].application_id.as_deref(),
        pending[0]["id"].as_str()
    );
    assert_eq!(world.factory.mailbox().last().unwrap().subject, "No");
    assert_eq!(world.lines(&format!("{list}?status=rejected")).await.len(), 1);

    let code = |code| {
        [
            ("applicant", "Bo"),
            ("email", "bo@learners.example"),
            ("secret_token", code),
        ]
    };
    assert_eq!(apply(&world, EARNABLE_SECRET, &code("wrong")).await.status(), 403);
    assert_eq!(
        apply(&world, EARNABLE_SECRET, &code(EARNABLE_SECRET_CODE))
            .await
            .status(),
        201
    );
    assert_eq!(
        world.factory.issued(BADGE_WELCOME),
        ["bo@learners.example"],
        "a claim code issues at once"
    );
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

#[tokio::test]
async fn a_lost_answer_is_found_by_a_search_once_it_is_visible() {
    let world = World::start();
    let lost = Fault::LostAnswer {
        unseen_for: Duration::from_secs(5),
    };
    world.factory.misbehave(Plan::next_issue(lost));
    assert!(world.issue(BADGE_SAFETY, to("ada@learners.example")).await.is_err());
    assert_eq!(world.factory.issued(BADGE_SAFETY), ["ada@learners.example"]);
    assert!(world.lines("/v1/event/C8MarloweDemo").await.is_empty());
    world.clock.advance(Duration::from_secs(5));
    assert_eq!(world.lines("/v1/event/C8MarloweDemo").await.len(), 1);
    world.factory.misbehave(Plan::next_issue(Fault::Unseen {
        unseen_for: Duration::from_secs(5),
    }));
    world.issued(BADGE_SAFETY, to("bo@learners.example")).await;
    assert_eq!(world.lines("/v1/event/C8MarloweDemo").await.len(), 1);
    assert_eq!(world.factory.misbehaved()["lost_answer"], 1);
    assert_eq!(world.factory.misbehaved()["unseen"], 1);
}

#[tokio::test]
async fn a_call_is_executed_after_the_client_left() {
    let world = World::start();
    let later = Fault::ExecutedLater {
        after: Duration::from_millis(20),
    };
    world.factory.misbehave(Plan::next_issue(later));
    assert!(world.issue(BADGE_SAFETY, to("ada@learners.example")).await.is_err());
    world
        .factory
        .wait_for(|factory| factory.issued(BADGE_SAFETY).len() == 1)
        .await;
}

#[tokio::test]
async fn the_handshake_can_end_in_an_alert_about_the_certificate() {
    let world = World::start();
    world.factory.set_manner(|manner| manner.alert_certificates = true);
    let alert = world.issue(BADGE_SAFETY, to("ada@learners.example")).await.unwrap_err();
    let alert = format!("{alert:?}");
    assert!(alert.contains("AlertReceived"), "{alert}");
    world.factory.set_manner(|manner| manner.alert_certificates = false);
    world.factory.misbehave(Plan::next_issue(Fault::TlsAlert));
    assert!(
        world.issue(BADGE_SAFETY, to("ada@learners.example")).await.is_err(),
        "reset first"
    );
    let ping = send(&world.http, &world.factory, Method::GET, "/v1/ping/C8MarloweDemo", None).await;
    let ping = format!("{:?}", ping.unwrap_err());
    assert!(ping.contains("AlertReceived"), "{ping}");
    assert_eq!(
        world.get("/v1/ping/C8MarloweDemo").await.status(),
        200,
        "then it is over"
    );
    assert!(world.factory.events().is_empty());
}

#[tokio::test]
async fn each_status_comes_when_it_is_planned() {
    let world = World::start();
    let plan = |fault| world.factory.misbehave(Plan::next_issue(fault));
    let body = || to("ada@learners.example");
    for (fault, status) in [
        (Fault::CertificateInvalid, 495),
        (Fault::CertificateMissing, 496),
        (Fault::TooMany { retry_after: 7 }, 429),
        (Fault::Closed { retry_after: 7 }, 503),
        (Fault::StaleToken, 403),
    ]
    .into_iter()
    .chain([500, 502, 504, 302, 403, 404, 405, 411, 413].map(|status| (Fault::Status(status), status)))
    {
        plan(fault.clone());
        let answer = world.issue(BADGE_SAFETY, body()).await.unwrap();
        assert_eq!(answer.status(), status);
        if matches!(status, 429 | 503) {
            assert_eq!(answer.headers()["retry-after"], "7");
        }
        assert!(world.factory.events().is_empty(), "{fault:?} does no work");
    }
    for (fault, status) in [
        (Fault::StatusAfterWork(500), 500),
        (Fault::StatusAfterWork(504), 504),
        (Fault::NoLocation, 201),
    ] {
        let before = world.factory.events().len();
        plan(fault);
        let answer = world.issue(BADGE_SAFETY, body()).await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), answer.headers().get("location")),
            (status, None)
        );
        assert_eq!(world.factory.events().len(), before + 1, "{status} after the work");
    }
    plan(Fault::OddLocation);
    let answer = world.issue(BADGE_SAFETY, body()).await.unwrap();
    assert_eq!(answer.headers()["location"], "/v1/");
    world.factory.set_manner(|manner| manner.error_bodies = false);
    plan(Fault::Status(500));
    assert_eq!(
        world.issue(BADGE_SAFETY, body()).await.unwrap().text().await.unwrap(),
        ""
    );
}

#[tokio::test]
async fn connections_are_reset_hang_or_answer_late() {
    let world = World::start();
    let span = Duration::from_millis(20);
    let body = || to("ada@learners.example");
    world.factory.misbehave(Plan::next_issue(Fault::Reset));
    let reset = format!("{:?}", world.issue(BADGE_SAFETY, body()).await.unwrap_err());
    assert!(reset.contains("ConnectionReset"), "{reset}");
    world.factory.misbehave(Plan::next_issue(Fault::Hang {
        span,
        after_work: false,
    }));
    assert!(world.issue(BADGE_SAFETY, body()).await.is_err());
    assert!(world.factory.events().is_empty());
    world
        .factory
        .misbehave(Plan::next_issue(Fault::Hang { span, after_work: true }));
    assert!(world.issue(BADGE_SAFETY, body()).await.is_err());
    assert_eq!(world.factory.events().len(), 1);
    world.factory.misbehave(Plan::next_issue(Fault::Slow { span }));
    world.issued(BADGE_SAFETY, body()).await;
}

#[tokio::test]
async fn log_entries_locations_and_duplicates_follow_the_manners() {
    let world = World::start();
    let body = json!({"recipient": ["a@learners.example", "A@learners.example"], "log_entry": {"order": "o-3"}});
    world.factory.set_manner(|manner| manner.merge_duplicates = true);
    let event = world.issued(BADGE_SAFETY, body.clone()).await;
    assert_eq!(world.factory.issued(BADGE_SAFETY), ["a@learners.example"]);
    let entry = async |shape| {
        world.factory.set_manner(|manner| manner.log_entry = shape);
        let listed = world.lines("/v1/event/C8MarloweDemo").await[0]
            .get("log_entry")
            .cloned();
        let one: Value = world
            .get(&format!("/v1/event/C8MarloweDemo/{event}"))
            .await
            .json()
            .await
            .unwrap();
        (listed, one["log_entry"].clone())
    };
    let object = json!({"order": "o-3"});
    assert_eq!(
        entry(LogEntry::Text).await,
        (Some(json!("{\"order\":\"o-3\"}")), json!("{\"order\":\"o-3\"}"))
    );
    assert_eq!(entry(LogEntry::Null).await, (Some(Value::Null), object.clone()));
    assert_eq!(entry(LogEntry::Missing).await, (None, object.clone()));
    assert_eq!(entry(LogEntry::Object).await, (Some(object.clone()), object));
    world.factory.set_manner(|manner| manner.absolute_location = true);
    let answer = world.issue(BADGE_SAFETY, body).await.unwrap();
    assert!(
        answer.headers()["location"]
            .to_str()
            .unwrap()
            .starts_with("https://localhost:")
    );
    world.factory.set_manner(|manner| manner.calls_per_second = Some(0));
    let crowded = world.get("/v1/ping/C8MarloweDemo").await;
    assert_eq!(
        (
            crowded.status().as_u16(),
            crowded.headers()["retry-after"].to_str().unwrap()
        ),
        (429, "1")
    );
}

#[tokio::test]
async fn random_faults_repeat_for_the_same_seed() {
    let run = async || {
        let world = World::start();
        world.factory.misbehave(Plan::Random {
            seed: 42,
            percent: 50,
            weights: vec![
                (Fault::Status(500), 1),
                (Fault::StatusAfterWork(500), 2),
                (Fault::NoLocation, 1),
            ],
            aim: Aim::Only(Kind::Issue),
        });
        for number in 0..40 {
            world
                .issue(BADGE_SAFETY, to(&format!("p{number}@learners.example")))
                .await
                .unwrap();
        }
        (world.factory.misbehaved(), world.factory.issued(BADGE_SAFETY))
    };
    let first = run().await;
    assert_eq!(first.0.len(), 3);
    assert_eq!(first, run().await);
}

#[tokio::test]
async fn a_hook_sees_each_issuing_call_before_and_after_the_work() {
    let world = World::start();
    let (send, mut receive) = tokio::sync::mpsc::unbounded_channel();
    let factory = std::sync::Mutex::new(Some(world.factory.clone()));
    world.factory.on_issue(move |issuing| {
        let stored = factory
            .lock()
            .unwrap()
            .as_ref()
            .map_or(0, |factory| factory.events().len());
        send.send((issuing.phase, issuing.badge_id.clone(), stored)).unwrap();
    });
    world.issued(BADGE_SAFETY, to("ada@learners.example")).await;
    assert_eq!(
        receive.recv().await.unwrap(),
        (Phase::Received, BADGE_SAFETY.to_owned(), 0)
    );
    assert_eq!(
        receive.recv().await.unwrap(),
        (Phase::Stored, BADGE_SAFETY.to_owned(), 1)
    );
    world.factory.off_issue();
}

#[tokio::test]
async fn a_restarted_simulator_keeps_authority_events_and_mail() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START));
    let options = || Options {
        data: Some(directory.path().to_owned()),
        clock: clock.clone(),
        ..Options::default()
    };
    let before = World::with(options(), Arc::clone(&clock));
    let identity = before.factory.issue_identity(CLIENT).unwrap();
    before.issued(BADGE_SAFETY, to("ada@learners.example")).await;
    let secret = before.factory.client_secret(CLIENT);
    before.factory.stop();
    let after = Factory::start(options()).unwrap();
    assert_eq!(after.ca_pem(), before.factory.ca_pem());
    assert_eq!(after.issued(BADGE_SAFETY), ["ada@learners.example"]);
    assert_eq!((after.mailbox().len(), after.client_secret(CLIENT)), (1, secret));
    let ping = send(
        &client(&after, Some(identity)),
        &after,
        Method::GET,
        "/v1/ping/C8MarloweDemo",
        None,
    )
    .await;
    assert_eq!(ping.unwrap().status(), 200);
}

#[tokio::test]
async fn heavy_badges_have_large_pictures_each_another_one() {
    let clock = Arc::new(ManualClock::at(START));
    let world = World::with(
        Options {
            heavy_badges: 3,
            clock: clock.clone(),
            ..Options::default()
        },
        clock,
    );
    let heavy = world.lines("/v1/badge/C8MarloweDemo?query=measured").await;
    let pictures: std::collections::BTreeSet<&str> = heavy.iter().map(|one| one["image"].as_str().unwrap()).collect();
    assert_eq!(pictures.len(), 3);
    assert!(pictures.iter().all(|picture| picture.len() > 250_000));
}

#[tokio::test]
async fn the_pages_show_mail_events_and_switches() {
    let world = World::start();
    world.issued(BADGE_SAFETY, to("Ada <ada@learners.example>")).await;
    let browser = Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .build()
        .unwrap();
    let admin = world.factory.admin_url();
    let page = async |path: &str| {
        browser
            .get(format!("{admin}{path}"))
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
    };
    for (path, says) in [
        ("/", "ada@learners.example"),
        ("/?to=ada@learners.example", "You earned the badge Lab Safety"),
        ("/events", "Lab Safety"),
        ("/misbehave", "Behave again"),
        ("/keys", "Generate an API key"),
    ] {
        let text = page(path).await;
        assert!(text.contains(says), "{path} says {says}");
        assert!(text.contains("Simulated Factory – sandbox"));
        assert_eq!(text.matches("<h1>").count(), 1, "{path}");
        assert!(!text.contains("<script"));
    }
    let link = world.factory.mailbox()[0].link.clone().unwrap();
    let path = link.strip_prefix(&world.factory.url()).unwrap().to_owned();
    assert!(page(&path).await.contains("Accept the badge"));
    assert_eq!(
        browser.post(format!("{admin}{path}")).send().await.unwrap().status(),
        303
    );
    let event = &world.factory.events()[0].id;
    let assertions = world.lines(&format!("/v1/event/C8MarloweDemo/{event}/assertion")).await;
    assert_eq!(assertions[0]["status"], "accepted");

    let post = async |path: &str, fields: &[(&str, &str)]| {
        browser
            .post(format!("{admin}{path}"))
            .form(fields)
            .send()
            .await
            .unwrap()
    };
    assert!(
        post("/keys", &[("client", CLIENT)])
            .await
            .text()
            .await
            .unwrap()
            .contains("<textarea")
    );
    let fault = [
        ("do", "fault"),
        ("fault", "0"),
        ("span", "10"),
        ("aim", "issue"),
        ("times", "1"),
    ];
    assert_eq!(post("/misbehave", &fault).await.status(), 303);
    assert!(page("/misbehave").await.contains("LostAnswer"));
    assert!(world.issue(BADGE_SAFETY, to("bo@learners.example")).await.is_err());
    assert_eq!(post("/misbehave", &[("do", "calm")]).await.status(), 303);
    let manner = [
        ("do", "manner"),
        ("log_entry", "text"),
        ("unseen", "7"),
        ("refused", "X@y.example, "),
        ("bearer", "1"),
    ];
    assert_eq!(post("/misbehave", &manner).await.status(), 303);
    let manner = world.factory.manner();
    assert_eq!(
        (manner.log_entry, manner.unseen_for),
        (LogEntry::Text, Duration::from_millis(7))
    );
    assert!(manner.refused_addresses.contains("x@y.example"));
    let foreign = browser
        .post(format!("{admin}/misbehave"))
        .header("sec-fetch-site", "cross-site")
        .form(&[("do", "calm")]);
    assert_eq!(foreign.send().await.unwrap().status(), 403);
    let rebound = browser.get(&admin).header("host", "evil.example").send().await.unwrap();
    assert_eq!(rebound.status(), 403);
}
