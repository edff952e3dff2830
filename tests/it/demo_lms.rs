//! The demo LMS over HTTP: what a newcomer sees, and what a tool gets from it.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use actix_web::{App, HttpResponse, HttpServer, web};
use badgebridge::clock::{Clock, ManualClock, Timestamp};
use badgebridge::sandbox::lms::{
    Campus, Dialect, ELLIPTIC_KID, JwksMode, LaunchSpec, Lms, LmsError, LoginMethod, NRPS_SCOPE, NrpsMode, Options,
    Registration, Signer, SigningKey, Target, Tool,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use scraper::{Html, Selector};
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp::from_seconds(1_795_000_000);
const FORM: &str = "application/x-www-form-urlencoded";

/// A signing key for every LMS here: making one takes a while.
fn lms_key() -> SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::generate().unwrap()).clone()
}

fn tool_key() -> SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::with_kid("tool-1").unwrap()).clone()
}

struct World {
    lms: Lms,
    clock: Arc<ManualClock>,
    http: reqwest::Client,
    tool_keys: Arc<Mutex<Vec<Value>>>,
    tool: actix_web::dev::ServerHandle,
}

impl Drop for World {
    fn drop(&mut self) {
        drop(self.tool.stop(false));
    }
}

impl World {
    fn start(dialect: Dialect) -> Self {
        let tool_keys = Arc::new(Mutex::new(vec![tool_key().jwk()]));
        let (tool, port) = fake_tool(Arc::clone(&tool_keys));
        let clock = Arc::new(ManualClock::at(NOW));
        let options = Options {
            dialect,
            key: Some(lms_key()),
            ..Options::new(Tool::at(&format!("http://127.0.0.1:{port}")), clock.clone())
        };
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self {
            lms: Lms::start(options).unwrap(),
            clock,
            http,
            tool_keys,
            tool,
        }
    }

    async fn page(&self, path: &str, cookie: &str) -> (u16, Html) {
        let url = format!("{}{path}", self.lms.url());
        let answer = self.http.get(url).header("Cookie", cookie).send().await.unwrap();
        (
            answer.status().as_u16(),
            Html::parse_document(&answer.text().await.unwrap()),
        )
    }

    fn assertion(&self, id: &str, changes: &[(&str, Value)]) -> String {
        let now = self.clock.now().seconds();
        let mut claims = json!({
            "iss": self.lms.client_id(), "sub": self.lms.client_id(), "aud": self.lms.token_url(),
            "iat": now, "exp": now + 60, "jti": id,
        });
        for (name, value) in changes {
            claims[*name] = value.clone();
        }
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": tool_key().kid()});
        self.lms.sign(&header, &claims, &Signer::Key(tool_key()))
    }

    async fn ask_token(&self, assertion: &str, scope: &str) -> (u16, String, Value) {
        let form = [
            ("grant_type", "client_credentials"),
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ),
            ("client_assertion", assertion),
            ("scope", scope),
        ];
        let answer = self.http.post(self.lms.token_url()).form(&form).send().await.unwrap();
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        (
            answer.status().as_u16(),
            kind,
            serde_json::from_str(&answer.text().await.unwrap()).unwrap(),
        )
    }

    async fn token(&self) -> String {
        let id = format!("ask {}", self.lms.counters().token_requests);
        let (status, _, answer) = self.ask_token(&self.assertion(&id, &[]), NRPS_SCOPE).await;
        assert_eq!(status, 200, "{answer}");
        answer["access_token"].as_str().unwrap().to_owned()
    }

    async fn roster(&self, url: &str, token: &str) -> (u16, Option<String>, Value) {
        let answer = self.http.get(url).bearer_auth(token).send().await.unwrap();
        let status = answer.status().as_u16();
        let link = answer
            .headers()
            .get("link")
            .map(|link| link.to_str().unwrap().to_owned());
        let text = answer.text().await.unwrap();
        (status, link, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// All people of a roster, page by page; the number of pages.
    async fn crawl(&self, url: &str) -> (Vec<Value>, usize) {
        let token = self.token().await;
        let (mut people, mut pages, mut next) = (Vec::new(), 0, Some(url.to_owned()));
        while let Some(url) = next {
            let (status, link, body) = self.roster(&url, &token).await;
            assert_eq!(status, 200, "{body}");
            people.extend(body["members"].as_array().unwrap().iter().cloned());
            pages += 1;
            next = link.map(|link| link.split(['<', '>']).nth(1).unwrap().to_owned());
        }
        (people, pages)
    }
}

/// The least that a tool is: it answers a login with an authentication request, and shows its key set.
fn fake_tool(keys: Arc<Mutex<Vec<Value>>>) -> (actix_web::dev::ServerHandle, u16) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let keys = web::Data::from(keys);
            let server = HttpServer::new(move || {
                App::new().app_data(keys.clone()).route(
                    "/.well-known/jwks.json",
                    web::get().to(async |keys: web::Data<Mutex<Vec<Value>>>| {
                        HttpResponse::Ok().json(json!({"keys": *keys.lock().unwrap()}))
                    }),
                )
            });
            let server = server.workers(1).disable_signals().listen(listener).unwrap().run();
            tell.send(server.handle()).unwrap();
            server.await.unwrap();
        });
    });
    (told.recv().unwrap(), port)
}

/// What a tool sends the browser to, after the login with these parameters.
fn authentication_request(lms: &Lms, login: impl Fn(&str) -> String, changes: &[(&str, Option<&str>)]) -> String {
    let redirect = login("target_link_uri");
    let mut parameters: Vec<(String, String)> = [
        ("scope", "openid".to_owned()),
        ("response_type", "id_token".to_owned()),
        ("response_mode", "form_post".to_owned()),
        ("prompt", "none".to_owned()),
        ("client_id", login("client_id")),
        ("redirect_uri", redirect),
        ("state", "the-state".to_owned()),
        ("nonce", "the-nonce".to_owned()),
        ("login_hint", login("login_hint")),
        ("lti_message_hint", login("lti_message_hint")),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec();
    for (name, value) in changes {
        parameters.retain(|(known, _)| known != name);
        if let Some(value) = value {
            parameters.push(((*name).to_owned(), (*value).to_owned()));
        }
    }
    url::Url::parse_with_params(&lms.auth_url(), parameters)
        .unwrap()
        .to_string()
}

fn begin_and_answer(lms: &Lms, changes: &[(&str, Option<&str>)]) -> Result<Vec<(String, String)>, String> {
    let login = lms.begin("teacher1", "BIO-2010").unwrap();
    let value = |name: &str| login.parameter(name).unwrap().to_owned();
    let answer = lms.answer(&authentication_request(lms, value, changes));
    answer.map(|post| post.fields).map_err(|refused| refused.reason)
}

fn select<'a>(page: &'a Html, what: &str) -> Vec<scraper::ElementRef<'a>> {
    let selector = Selector::parse(what).unwrap();
    page.select(&selector).collect()
}

/// The hidden fields of a page's only form.
fn field(page: &Html, name: &str) -> String {
    let inputs = select(page, &format!("form[method=post] input[name={name}]"));
    inputs
        .first()
        .unwrap_or_else(|| panic!("no field {name}"))
        .attr("value")
        .unwrap()
        .to_owned()
}

fn claims_of(token: &str) -> (Value, Value) {
    let part = |place: usize| {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(place).unwrap()).unwrap()).unwrap()
    };
    (part(0), part(1))
}

#[actix_web::test]
async fn a_newcomer_signs_in_and_finds_the_tool_in_a_course() {
    let world = World::start(Dialect::Plain);
    let (_, page) = world.page("/", "").await;
    assert_eq!(select(&page, "h1").len(), 1);
    let names: Vec<String> = select(&page, "button bdi")
        .iter()
        .map(|name| name.text().collect())
        .collect();
    assert_eq!(names.len(), 18, "{names:?}");
    for name in ["Patricia \"Pat\" O'Neill", "נועה כהן", "Sam <Smith> & Daughters"] {
        assert!(names.iter().any(|known| known == name), "{name} is not offered");
    }

    let url = format!("{}/sign-in", world.lms.url());
    let answer = world.http.post(&url).form(&[("person", "3")]).send().await.unwrap();
    assert_eq!(answer.headers()["location"], "/courses");
    let cookie = answer.headers()["set-cookie"]
        .to_str()
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let (_, page) = world.page("/courses", &cookie).await;
    assert_eq!(select(&page, "main h2 a").len(), 2);

    let (status, page) = world.page("/course/2", &cookie).await;
    assert_eq!((status, select(&page, "h1").len()), (200, 1));
    assert_eq!(
        select(&page, "iframe[title=Badges]")[0].attr("src"),
        Some("/course/2/open/iframe")
    );
    assert_eq!(select(&page, "a[target=_blank]").len(), 1);

    let (status, page) = world.page("/course/77", &cookie).await;
    assert_eq!((status, select(&page, "h1").len()), (404, 1));
    let stranger = world.lms.sign_in("dmitri").unwrap();
    assert_eq!(world.page("/course/2", &stranger).await.0, 404);
}

#[actix_web::test]
async fn a_launch_goes_through_the_browser_in_both_dialects() {
    for dialect in [Dialect::Plain, Dialect::Moodle] {
        let world = World::start(dialect);
        let cookie = world.lms.sign_in("patricia").unwrap();
        let (_, page) = world.page("/course/2/open/iframe", &cookie).await;
        assert!(select(&page, "form")[0].attr("action").unwrap().ends_with("/lti/login"));
        assert_eq!(field(&page, "iss"), world.lms.issuer());
        assert_eq!(select(&page, "form button[type=submit]").len(), 1);

        let request = authentication_request(&world.lms, |name| field(&page, name), &[]);
        let answer = world.http.get(&request).header("Cookie", &cookie).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let back = Html::parse_document(&answer.text().await.unwrap());
        assert!(
            select(&back, "form")[0]
                .attr("action")
                .unwrap()
                .ends_with("/lti/launch")
        );
        assert_eq!(field(&back, "state"), "the-state");
        let (header, claims) = claims_of(&field(&back, "id_token"));
        assert_eq!(header["kid"], lms_key().kid());
        assert_eq!(claims["nonce"], "the-nonce");
        assert_eq!(claims["name"], "Patricia \"Pat\" O'Neill");
        assert_eq!(world.lms.counters().launches, 1);

        // Moodle's hint is spent; a plain launch can be loaded again.
        let again = world.http.get(&request).header("Cookie", &cookie).send().await.unwrap();
        assert_eq!(
            again.status().as_u16(),
            if dialect == Dialect::Moodle { 404 } else { 200 }
        );
    }
}

#[actix_web::test]
async fn a_login_can_start_by_get() {
    let world = World::start(Dialect::Plain);
    world.lms.set_login_method(LoginMethod::Get);
    let cookie = world.lms.sign_in("ada").unwrap();
    let url = format!("{}/course/2/open/window", world.lms.url());
    let answer = world.http.get(url).header("Cookie", cookie).send().await.unwrap();
    assert_eq!(answer.status(), 302);
    let location = url::Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
    assert_eq!(location.path(), "/lti/login");
    assert_eq!(
        location.query_pairs().find(|(name, _)| name == "iss").unwrap().1,
        world.lms.issuer()
    );
}

#[actix_web::test]
async fn a_careless_authentication_request_is_refused() {
    let world = World::start(Dialect::Moodle);
    let error = |changes: &[(&str, Option<&str>)]| {
        let fields = begin_and_answer(&world.lms, changes).expect("an error posted to the tool");
        assert!(
            fields
                .iter()
                .any(|(name, value)| name == "state" && value == "the-state")
        );
        fields
            .into_iter()
            .find(|(name, _)| name == "error")
            .expect("an error")
            .1
    };
    assert_eq!(error(&[("scope", Some("openid email"))]), "invalid_scope");
    assert_eq!(error(&[("response_type", Some("code"))]), "unsupported_response_type");
    assert_eq!(error(&[("response_mode", None)]), "invalid_request");
    assert_eq!(error(&[("response_mode", Some("query"))]), "invalid_request");
    assert_eq!(error(&[("prompt", Some("login"))]), "invalid_request");
    assert_eq!(error(&[("nonce", None)]), "invalid_request");
    assert_eq!(error(&[("login_hint", Some("4"))]), "access_denied");

    let shown = |changes: &[(&str, Option<&str>)]| begin_and_answer(&world.lms, changes).expect_err("an error page");
    let redirect = format!(
        "{}?review=1",
        world
            .lms
            .begin("ada", "2")
            .unwrap()
            .parameter("target_link_uri")
            .unwrap()
    );
    assert!(shown(&[("redirect_uri", Some(&redirect))]).contains("redirect_uri"));
    assert!(shown(&[("client_id", Some("stranger"))]).contains("client_id"));
    assert!(shown(&[("lti_message_hint", Some("launchid"))]).contains("over"));
    assert!(begin_and_answer(&world.lms, &[]).is_ok());

    // Nobody signed in: the LMS keeps the error to itself.
    let login = world.lms.begin("ada", "2").unwrap();
    let request = authentication_request(&world.lms, |name| login.parameter(name).unwrap().to_owned(), &[]);
    assert_eq!(world.http.get(request).send().await.unwrap().status(), 404);
    // Somebody else signed in.
    let login = world.lms.begin("ada", "2").unwrap();
    let request = authentication_request(&world.lms, |name| login.parameter(name).unwrap().to_owned(), &[]);
    let cookie = world.lms.sign_in("li").unwrap();
    let answer = world.http.get(request).header("Cookie", cookie).send().await.unwrap();
    assert_eq!(
        field(&Html::parse_document(&answer.text().await.unwrap()), "error"),
        "access_denied"
    );
}

#[actix_web::test]
async fn a_launch_carries_the_changes_of_its_spec_through_the_dance() {
    let world = World::start(Dialect::Plain);
    let tool = Tool::at("http://127.0.0.1:9");
    world.lms.register(Registration {
        client_id: "second".into(),
        deployment_ids: vec!["7".into(), "8".into()],
        tool: tool.clone(),
    });
    let spec = LaunchSpec::new("3", "SAF-1000", "")
        .client("second")
        .deployment("8")
        .opened_in(Target::Window);
    let login = world
        .lms
        .begin_with(spec.without("email").with("roles", json!([""])))
        .unwrap();
    assert_eq!(
        (login.url.as_str(), login.parameter("lti_deployment_id")),
        (tool.login_url.as_str(), Some("8"))
    );
    assert!(login.as_get().starts_with("http://127.0.0.1:9/lti/login?iss=http"));
    let value = |name: &str| login.parameter(name).unwrap().to_owned();
    let post = world
        .lms
        .answer(&authentication_request(&world.lms, value, &[]))
        .unwrap();
    let (_, claims) = claims_of(post.field("id_token").unwrap());
    assert_eq!(post.url, tool.launch_url);
    assert_eq!(claims["aud"], json!(["second"]));
    assert!(claims.get("email").is_none());
    assert_eq!(claims["https://purl.imsglobal.org/spec/lti/claim/roles"], json!([""]));
    assert_eq!(claims["https://purl.imsglobal.org/spec/lti/claim/deployment_id"], "8");
    assert!(world.lms.begin("nobody", "2").is_err());
}

#[actix_web::test]
async fn tokens_are_signed_and_spoilt_as_asked() {
    let world = World::start(Dialect::Plain);
    let lms = &world.lms;
    let verifies = |token: &str, jwk: &Value| {
        let (message, signature) = token.rsplit_once('.').unwrap();
        let number = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
        let public = aws_lc_rs::signature::RsaPublicKeyComponents {
            n: number("n"),
            e: number("e"),
        };
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let rule = &aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256;
        public.verify(rule, message.as_bytes(), &signature).is_ok()
    };
    let published = async || -> Vec<Value> {
        let text = world
            .http
            .get(lms.jwks_url())
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        serde_json::from_str::<Value>(&text).unwrap()["keys"]
            .as_array()
            .unwrap()
            .clone()
    };
    let spec = LaunchSpec::new("teacher1", "2", "n");
    let keys = published().await;
    assert!(verifies(&lms.id_token(&spec), &keys[0]));
    let (header, claims) = (lms.header(), lms.claims(&spec));
    for signer in [
        Signer::Other,
        Signer::Elliptic,
        Signer::PublicKeyText,
        Signer::Secret(b"s".to_vec()),
        Signer::Nothing,
    ] {
        assert!(!verifies(&lms.sign(&header, &claims, &signer), &keys[0]), "{signer:?}");
    }
    let kid = lms.rotate_key().unwrap();
    let rotated = published().await;
    assert_eq!((rotated.len(), rotated[0]["kid"].as_str()), (1, Some(kid.as_str())));
    assert!(verifies(&lms.id_token(&spec), &rotated[0]));
    assert!(verifies(&lms.sign(&header, &claims, &Signer::Previous), &keys[0]));

    lms.jwks_mode(JwksMode::WithJunkKeys);
    let junk = published().await;
    assert!(junk.contains(&rotated[0]) && junk.iter().any(|key| key["kid"] == ELLIPTIC_KID) && junk.len() > 8);
    assert_eq!(lms.counters().jwks_fetches, 3);
}

#[actix_web::test]
async fn the_key_set_misbehaves_as_asked() {
    let world = World::start(Dialect::Plain);
    let ask = async || world.http.get(world.lms.jwks_url()).send().await.unwrap();
    world.lms.jwks_mode(JwksMode::Status(503));
    assert_eq!(ask().await.status(), 503);
    world.lms.jwks_mode(JwksMode::Redirect("http://10.0.0.1/keys".into()));
    assert_eq!(ask().await.headers()["location"], "http://10.0.0.1/keys");
    world.lms.jwks_mode(JwksMode::Html);
    assert!(ask().await.text().await.unwrap().starts_with("<!doctype html>"));
    world.lms.jwks_mode(JwksMode::Raw("{".into()));
    assert_eq!(ask().await.text().await.unwrap(), "{");
    world.lms.jwks_mode(JwksMode::Hang);
    let asked = world
        .http
        .get(world.lms.jwks_url())
        .timeout(Duration::from_millis(50))
        .send()
        .await;
    assert!(asked.unwrap_err().is_timeout());
    assert_eq!(world.lms.counters().jwks_fetches, 5);
}

#[actix_web::test]
async fn a_tool_gets_a_token_for_its_signed_assertion_only() {
    let world = World::start(Dialect::Plain);
    let (status, kind, answer) = world.ask_token(&world.assertion("a", &[]), NRPS_SCOPE).await;
    assert_eq!((status, kind.as_str()), (200, "application/json"));
    assert_eq!(
        (&answer["scope"], &answer["expires_in"]),
        (&json!(NRPS_SCOPE), &json!(3600))
    );
    let now = world.clock.now().seconds();
    for (id, changes, scope, error) in [
        ("a", vec![], NRPS_SCOPE, "invalid_client"),
        (
            "b",
            vec![("aud", json!("http://elsewhere.example"))],
            NRPS_SCOPE,
            "invalid_client",
        ),
        ("c", vec![("exp", json!(now))], NRPS_SCOPE, "invalid_client"),
        ("d", vec![("iat", json!(now + 600))], NRPS_SCOPE, "invalid_client"),
        ("e", vec![("iss", json!("other"))], NRPS_SCOPE, "invalid_client"),
        ("f", vec![], "no-such-scope", "invalid_scope"),
    ] {
        let (status, _, answer) = world.ask_token(&world.assertion(id, &changes), scope).await;
        assert_eq!((status, answer["error"].as_str()), (400, Some(error)), "{id}");
    }
    let forged = world.lms.sign(
        &json!({"alg": "RS256", "kid": tool_key().kid()}),
        &claims_of(&world.assertion("g", &[])).1,
        &Signer::Other,
    );
    assert_eq!(world.ask_token(&forged, NRPS_SCOPE).await.0, 400);
    let counters = world.lms.counters();
    assert_eq!((counters.token_requests, counters.tokens_issued), (8, 1));
}

#[actix_web::test]
async fn moodle_checks_the_clock_and_not_the_audience() {
    let world = World::start(Dialect::Moodle);
    let now = world.clock.now().seconds();
    let lax = world.assertion("x", &[("aud", json!("nonsense"))]);
    for _ in 0..2 {
        let (status, kind, answer) = world.ask_token(&lax, &format!("{NRPS_SCOPE} other")).await;
        assert_eq!((status, kind.as_str()), (200, "text/html; charset=utf-8"));
        assert_eq!(answer["scope"], NRPS_SCOPE);
    }
    let (status, _, answer) = world
        .ask_token(&world.assertion("x", &[("iat", json!(now + 1))]), NRPS_SCOPE)
        .await;
    assert_eq!(status, 400);
    assert!(answer["error"].as_str().unwrap().contains("iat prior to"), "{answer}");

    // A key that the tool changed is fetched anew.
    world.tool_keys.lock().unwrap().clear();
    assert_eq!(world.ask_token(&lax, NRPS_SCOPE).await.0, 200);
    let other = SigningKey::with_kid("tool-2").unwrap();
    world.tool_keys.lock().unwrap().push(other.jwk());
    let header = json!({"alg": "RS256", "kid": "tool-2"});
    let rotated = world.lms.sign(&header, &claims_of(&lax).1, &Signer::Key(other));
    assert_eq!(world.ask_token(&rotated, NRPS_SCOPE).await.0, 200);
    assert_eq!(world.ask_token(&lax, NRPS_SCOPE).await.0, 400);

    let raw = world
        .http
        .post(world.lms.token_url())
        .header("Content-Type", format!("{FORM}; charset=utf-8"));
    assert_eq!(
        raw.body("grant_type=client_credentials").send().await.unwrap().status(),
        400
    );
}

#[actix_web::test]
async fn a_roster_comes_in_pages_with_names_and_addresses() {
    let world = World::start(Dialect::Plain);
    world.lms.set_page_size(5);
    let url = world.lms.memberships_url("BIO-2010");
    let (people, pages) = world.crawl(&url).await;
    assert_eq!((people.len(), pages), (15, 3));
    let of = |id: &str| people.iter().find(|person| person["user_id"] == id).unwrap();
    assert_eq!(of("18").get("email"), None);
    assert_eq!(of("6")["email"], "ada@campus.example");
    assert!(of("19")["roles"].to_string().contains("TestUser"));
    assert!(
        of("5")["roles"]
            .to_string()
            .contains("membership/Instructor#TeachingAssistant")
    );

    let (learners, pages) = world.crawl(&format!("{url}?role=Learner&limit=4")).await;
    assert_eq!((learners.len(), pages), (13, 4));

    let token = world.token().await;
    assert_eq!(
        world.roster(&format!("{url}?rlid=1"), &token).await.2["members"][0]["message"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(world.roster(&format!("{url}?rlid=99"), &token).await.0, 404);
    assert_eq!(world.roster(&url, "nonsense").await.0, 401);
    assert_eq!(
        world
            .http
            .get(&url)
            .bearer_auth(&token)
            .header("Accept", "application/json")
            .send()
            .await
            .unwrap()
            .status(),
        400
    );
    world.lms.revoke_access_tokens();
    assert_eq!(world.roster(&url, &token).await.0, 401);
    let token = world.token().await;
    world.clock.advance(Duration::from_hours(1));
    assert_eq!(world.roster(&url, &token).await.0, 401);
}

#[actix_web::test]
async fn moodles_roster_has_its_own_ways() {
    let world = World::start(Dialect::Moodle);
    let url = world.lms.memberships_url("2");
    assert!(
        url.ends_with("/mod/lti/services.php/CourseSection/2/bindings/1/memberships"),
        "{url}"
    );
    let (people, pages) = world.crawl(&url).await;
    assert_eq!((people.len(), pages), (15, 1));
    let assistant = people
        .iter()
        .find(|person| person["ext_user_username"] == "assistant")
        .unwrap();
    assert_eq!(assistant["roles"], json!(["Learner"]));
    // The second page has lost the role filter: more people come than are learners.
    let (learners, _) = world.crawl(&format!("{url}?role=Learner&limit=10")).await;
    assert_eq!(learners.len(), 10 + 5);
    let (everybody, _) = world.crawl(&format!("{url}?role=Mentor")).await;
    assert_eq!(everybody.len(), 15);
}

#[actix_web::test]
async fn a_roster_fails_as_asked() {
    let world = World::start(Dialect::Plain);
    world.lms.set_page_size(5);
    let url = world.lms.memberships_url("2");
    let token = world.token().await;
    world.lms.nrps_mode(NrpsMode::FailAfterPage(1));
    assert_eq!(
        (world.roster(&url, &token).await.0, world.roster(&url, &token).await.0),
        (200, 500)
    );
    world.lms.nrps_mode(NrpsMode::Status(429));
    assert_eq!(world.roster(&url, &token).await.0, 429);
    world.lms.nrps_mode(NrpsMode::Loop);
    assert!(world.roster(&url, &token).await.1.unwrap().contains("from=0"));
    world.lms.nrps_mode(NrpsMode::Next("http://evil.example/".into()));
    assert_eq!(
        world.roster(&url, &token).await.1.unwrap(),
        "<http://evil.example/>; rel=\"next\""
    );
    world.lms.nrps_mode(NrpsMode::Hang);
    let asked = world
        .http
        .get(&url)
        .bearer_auth(&token)
        .timeout(Duration::from_millis(50))
        .send()
        .await;
    assert!(asked.unwrap_err().is_timeout());
    assert_eq!(world.lms.counters().nrps_pages, 6);
}

#[actix_web::test]
async fn ten_thousand_people_are_read_page_by_page() {
    let world = World::start(Dialect::Plain);
    let ids = world.lms.seed_people("SAF-1000", 10_000);
    let before = world.lms.course("SAF-1000").unwrap();
    let (people, pages) = world.crawl(&world.lms.memberships_url(&before.id)).await;
    let distinct: std::collections::HashSet<String> = people
        .iter()
        .map(|person| person["user_id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!((pages, distinct.len()), (101, people.len()));
    assert!(ids.iter().all(|id| distinct.contains(id)));
}

#[actix_web::test]
async fn the_settings_page_changes_how_the_lms_speaks() {
    let world = World::start(Dialect::Plain);
    let url = format!("{}/settings", world.lms.url());
    let form = [("dialect", "moodle"), ("login", "get")];
    assert_eq!(world.http.post(&url).form(&form).send().await.unwrap().status(), 303);
    assert_eq!(world.lms.dialect(), Dialect::Moodle);
    let (_, page) = world.page("/settings", "").await;
    assert_eq!(select(&page, "input[value=moodle][checked]").len(), 1);
    assert_eq!(select(&page, "[role=status]").len(), 0);
    assert_eq!(
        select(&world.page("/settings?saved", "").await.1, "[role=status]").len(),
        1
    );
    assert!(page.html().contains(&world.lms.client_id()));
    let wrong = [("dialect", "klingon"), ("login", "get")];
    assert_eq!(world.http.post(&url).form(&wrong).send().await.unwrap().status(), 400);
    assert_eq!(world.lms.dialect(), Dialect::Moodle);
}

#[test]
fn the_key_outlives_a_restart_and_strangers_are_kept_out() {
    let directory = tempfile::tempdir().unwrap();
    let start = || {
        let clock = Arc::new(ManualClock::at(NOW));
        Lms::start(Options {
            data_dir: Some(directory.path().to_owned()),
            campus: Campus::empty(),
            ..Options::new(Tool::at("http://127.0.0.1:1"), clock)
        })
        .unwrap()
    };
    let first = start().key().jwk();
    assert_eq!(start().key().jwk(), first);

    let open = Options {
        listen: "0.0.0.0:0".parse().unwrap(),
        key: Some(lms_key()),
        ..Options::new(Tool::at("http://127.0.0.1:1"), Arc::new(ManualClock::at(NOW)))
    };
    assert!(matches!(Lms::start(open), Err(LmsError::NotLoopback(_))));
}
