//! Notices of the LMS (Platform Notification Service): asked for at a launch, taken once, proven as launches are.

use badgebridge::model::Registration;
use badgebridge::sandbox::lms::{COPY_NOTICE, HELLO_NOTICE, LaunchSpec, NOTICES_CLAIM, Picking, Signer, SigningKey};
use badgebridge::store::{Durability, StoreError};
use serde_json::{Value, json};

use crate::deep_linking::{badge, opened, placed};
use crate::support::boxed;
use crate::support::database::{Database, on_both_databases, with_sqlite};
use crate::support::world::{Setup, World, claim, without};

const TEACHER: &str = "teacher1";
const COURSE: &str = "BIO-2010";

/// Content in the course, opened by its teacher, in an LMS that offers notices; they were asked for.
async fn world_with_content(database: &Database) -> World {
    let world = World::start(database).await;
    world.lms.offer_notices();
    let safety = badge(&world, "Lab Safety").await;
    let item = placed(&world, Picking::One, &[("item", &format!("progress:{safety}"))])
        .await
        .remove(0);
    opened(&world, TEACHER, COURSE, &item).await;
    world.wait_out().await;
    world
}

/// Sends a body to the handler, as anybody can; the status.
async fn post(world: &World, body: String) -> u16 {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.post(format!("{}/lti/notices", world.url)).body(body);
    let request = request.header("Content-Type", "application/json");
    boxed(async move { request.send().await.unwrap().status().as_u16() }).await
}

fn signed(world: &World, claims: &Value, signer: &Signer) -> String {
    let jwt = world.lms.sign(&world.lms.header(), claims, signer);
    json!({"notices": [{"jwt": jwt}]}).to_string()
}

/// Whether the course's teacher is offered what stands in an earlier one.
async fn is_offered(world: &World, course: &str) -> bool {
    let teacher = world.launch(TEACHER, course).await;
    let page = teacher.get("/copied").await;
    assert_eq!(page.status, 200, "{}", page.body);
    page.body.contains("Lab Safety: progress")
}

on_both_databases! {
    async fn a_copied_course_that_a_notice_tells_of_is_offered_to_its_teacher(database: Database) {
        let world = world_with_content(&database).await;
        let kinds: Vec<String> = world.lms.notice_handlers().into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds, [COPY_NOTICE, HELLO_NOTICE], "asked for at the first launch");
        let asked = world.lms.counters().token_requests;
        world.launch(TEACHER, COURSE).await;
        world.drain_jobs().await;
        assert_eq!(world.lms.counters().token_requests, asked, "and once");
        assert_eq!(world.lms.send_notice(HELLO_NOTICE, "").await, [200]);

        world.lms.copy_course(COURSE, "77", "BIO-2027");
        world.lms.copy_course("77", "78", "BIO-2028");
        assert!(!is_offered(&world, "BIO-2027").await, "its own link says nothing of a history");
        assert_eq!(world.lms.send_notice(COPY_NOTICE, "77").await, [200]);
        assert!(is_offered(&world, "BIO-2027").await);
        // before anybody opened it, and a copy of a copy
        assert_eq!(world.lms.send_notice(COPY_NOTICE, "78").await, [200]);
        assert!(is_offered(&world, "BIO-2028").await);
        let item = world.lms.placed("BIO-2028").remove(0);
        let (_, rest) = opened(&world, "ada", "BIO-2028", &item).await;
        assert_eq!(rest, "", "nothing is in use before the teacher says so");
        world.finish().await;
    }

    async fn a_notice_counts_once(database: Database) {
        let world = world_with_content(&database).await;
        world.lms.copy_course(COURSE, "77", "BIO-2027");
        let mut claims = world.lms.notice_claims(COPY_NOTICE, "77");
        claims[claim("origin_contexts")] = json!([{"id": "999"}]);
        assert_eq!(post(&world, signed(&world, &claims, &Signer::Own)).await, 200);
        assert_eq!(post(&world, signed(&world, &claims, &Signer::Own)).await, 200, "the same again is no news");
        // under the id that was taken, with another content
        claims[claim("origin_contexts")] = json!(["2"]);
        assert_eq!(post(&world, signed(&world, &claims, &Signer::Own)).await, 200);
        assert!(!is_offered(&world, "BIO-2027").await);
        claims[claim("notice")]["id"] = json!("another");
        assert_eq!(post(&world, signed(&world, &claims, &Signer::Own)).await, 200);
        assert!(is_offered(&world, "BIO-2027").await);
        world.finish().await;
    }
}

#[tokio::test]
async fn what_is_not_proven_changes_nothing() {
    with_sqlite(async |database: Database| {
        let world = world_with_content(&database).await;
        world.lms.copy_course(COURSE, "77", "BIO-2027");
        let fresh = || world.lms.notice_claims(COPY_NOTICE, "77");
        let with = |name: &str, value: Value| {
            let mut claims = fresh();
            claims[name] = value;
            claims
        };
        let now = world.now().seconds();
        let mut no_deployment = fresh();
        without(&mut no_deployment, &claim("deployment_id"));
        let mut no_kind = fresh();
        without(&mut no_kind, &claim("notice"));
        let launch = world.lms.claims(&LaunchSpec::new(TEACHER, "77", "n"));
        for (claims, status, what) in [
            (
                with("iss", json!("https://lms.elsewhere.example")),
                400,
                "an unknown registration",
            ),
            (with("aud", json!("another-client")), 400, "another client"),
            (with("azp", json!("another-client")), 401, "another party"),
            (with("exp", json!(now - 61)), 401, "its time is over"),
            (with("iat", json!(now - 3601)), 401, "too old"),
            (with("iat", json!(now + 120)), 401, "of the future"),
            (with("exp", json!(now + 90_000)), 401, "it lives too long"),
            (
                with(&claim("deployment_id"), json!("unknown")),
                403,
                "an unknown deployment",
            ),
            (with(&claim("version"), json!("1.1")), 400, "another version"),
            (with(&claim("context"), json!({"title": "x"})), 400, "no course"),
            (with(&claim("context"), json!({"id": "x".repeat(300)})), 400, "no id"),
            (no_deployment, 400, "no deployment"),
            (no_kind, 400, "no notice"),
            (launch, 400, "a launch"),
        ] {
            assert_eq!(
                post(&world, signed(&world, &claims, &Signer::Own)).await,
                status,
                "{what}"
            );
        }
        let stranger = SigningKey::with_kid(world.lms.key().kid()).unwrap();
        for signer in [
            Signer::Key(stranger),
            Signer::Nothing,
            Signer::Secret(b"s".to_vec()),
            Signer::Other,
        ] {
            assert_eq!(post(&world, signed(&world, &fresh(), &signer)).await, 401, "{signer:?}");
        }
        for (body, status) in [
            (String::new(), 400),
            ("{".to_owned(), 400),
            (json!({"notices": [{"jwt": "a.b.c"}]}).to_string(), 400),
            (json!({"notices": vec!["x"; 51]}).to_string(), 413),
            (json!({"notices": ["x".repeat(200_000)]}).to_string(), 413),
        ] {
            assert_eq!(post(&world, body.clone()).await, status, "{body:.60}");
        }
        assert_eq!(world.browser().get("/lti/notices").await.status, 405);
        assert!(!is_offered(&world, "BIO-2027").await);
        // one that does not hold keeps no good one away
        let good = world.lms.sign(&world.lms.header(), &fresh(), &Signer::Own);
        let mixed = json!({"notices": [{"jwt": "a.b.c"}, {"jwt": good}]}).to_string();
        assert_eq!(post(&world, mixed).await, 400);
        assert!(is_offered(&world, "BIO-2027").await);
        // a registration that is switched off is not heard
        let off = Registration {
            enabled: false,
            ..world.registration.clone()
        };
        let stored: Result<(), StoreError> = world
            .parts
            .store
            .write(Durability::Full, async move |tx| {
                assert!(tx.change_registration(&off).await?);
                tx.raise_settings_version().await
            })
            .await;
        stored.unwrap();
        world.deps.directory.follow(&world.parts.store).await.unwrap();
        assert_eq!(post(&world, signed(&world, &fresh(), &Signer::Own)).await, 403);
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_copy_is_noted_in_the_organisation_of_its_deployment_alone() {
    with_sqlite(async |database: Database| {
        let world = world_with_content(&database).await;
        let fernhill = world.organisation_called("Fernhill College").await;
        let shared = world.second_registration("second", Some(fernhill));
        world.register(&shared, &["9"]).await;
        world.lms.copy_course(COURSE, "77", "BIO-2027");
        let mut claims = world.lms.notice_claims(COPY_NOTICE, "77");
        claims["aud"] = json!("second");
        claims["azp"] = json!("second");
        claims[claim("deployment_id")] = json!("9");
        assert_eq!(post(&world, signed(&world, &claims, &Signer::Own)).await, 200);
        assert!(
            !is_offered(&world, "BIO-2027").await,
            "the same course of another registration is another course"
        );
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn an_lms_that_refuses_handlers_hinders_nobody() {
    with_sqlite(async |database: Database| {
        let world = World::start(&database).await;
        world.lms.offer_notices();
        world.lms.refuse_handlers(Some(503));
        world.launch(TEACHER, COURSE).await;
        world.drain_jobs().await;
        assert_eq!(world.lms.notice_handlers(), []);
        world.lms.refuse_handlers(None);
        world.wait_out().await;
        assert_eq!(world.lms.notice_handlers().len(), 2, "asked again later");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn an_lms_that_refuses_for_good_or_names_a_foreign_service_raises_no_problem() {
    with_sqlite(async |database: Database| {
        let world = World::start(&database).await;
        world.lms.offer_notices();
        world.lms.refuse_handlers(Some(403));
        world.launch(TEACHER, COURSE).await;
        world.wait_out().await;
        let tokens = world.lms.counters().token_requests;
        let inside = json!({"platform_notification_service_url": "http://169.254.169.254/latest/meta-data"});
        let spec = LaunchSpec::new(TEACHER, COURSE, "").with(NOTICES_CLAIM, inside);
        let browser = world.browser();
        boxed(world.try_launch(&browser, spec)).await.seat();
        world.wait_out().await;
        assert_eq!(world.lms.counters().token_requests, tokens);
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_flood_of_notices_is_held_off_before_keys_are_fetched_and_signatures_checked() {
    with_sqlite(async |database: Database| {
        let setup = Setup {
            settings: vec![("notices.per_second", "1".into()), ("notices.burst", "10".into())],
            ..Setup::default()
        };
        let world = World::start_with(&database, setup).await;
        let fernhill = world.organisation_called("Fernhill College").await;
        let second = world.second_registration("second", Some(fernhill));
        world.register(&second, &["9"]).await;
        let invalid = |client: &str, kid: &str| {
            let mut claims = world.lms.notice_claims(HELLO_NOTICE, "");
            claims["aud"] = json!(client);
            claims["azp"] = json!(client);
            let mut header = world.lms.header();
            header["kid"] = json!(kid);
            world
                .lms
                .sign(&header, &claims, &Signer::Key(SigningKey::with_kid(kid).unwrap()))
        };
        let envelope = |jwts: Vec<String>| {
            let notices: Vec<Value> = jwts.into_iter().map(|jwt| json!({"jwt": jwt})).collect();
            json!({ "notices": notices }).to_string()
        };
        let token = invalid(&world.registration.lti_client_id, "made-up");
        let fetched = world.lms.counters().jwks_fetches;
        // one call with many, then many calls
        let many = envelope(vec![token.clone(); 8]);
        assert_eq!(post(&world, many.clone()).await, 401);
        assert_eq!(post(&world, many).await, 429);
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = client.post(format!("{}/lti/notices", world.url));
        let answer = boxed(request.body(envelope(vec![token.clone(); 50])).send())
            .await
            .unwrap();
        assert_eq!(answer.status(), 429);
        assert_eq!(answer.headers()["retry-after"], "1");
        for number in 0..10 {
            let (_, rest) = token.split_once('.').unwrap();
            let mut header = world.lms.header();
            header["kid"] = json!(format!("made-up-{number}"));
            let header = base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, header.to_string());
            let status = post(&world, envelope(vec![format!("{header}.{rest}")])).await;
            assert!([401, 429].contains(&status), "{status}");
        }
        let asked = world.lms.counters().jwks_fetches - fetched;
        assert!(asked <= 2, "{asked} fetches");
        // who has not sent any is heard
        let mut claims = world.lms.notice_claims(HELLO_NOTICE, "");
        claims["aud"] = json!("second");
        claims["azp"] = json!("second");
        claims[claim("deployment_id")] = json!("9");
        assert_eq!(post(&world, signed(&world, &claims, &Signer::Own)).await, 200);
        // and launches are no notices
        world.launch(TEACHER, COURSE).await;
        world.drain_jobs().await;
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn brightspace_tells_of_a_copy_in_a_claim_of_its_own() {
    with_sqlite(async |database: Database| {
        let world = world_with_content(&database).await;
        let launched = async |course: &str, told: Value| {
            let browser = world.browser();
            let spec = LaunchSpec::new(TEACHER, course, "").with("http://www.brightspace.com", told);
            boxed(world.try_launch(&browser, spec)).await.seat();
        };
        for (course, history, offered) in [
            ("BIO-2027", json!(""), false),
            ("BIO-2028", json!("6612,2"), true),
            ("BIO-2029", json!([2]), true),
            ("BIO-2030", json!({"id": "2"}), false),
        ] {
            let id = course.trim_start_matches("BIO-");
            world.lms.copy_course(COURSE, id, course);
            launched(course, json!({"tenant_id": "0a1b", "Context.id.history": history})).await;
            assert_eq!(is_offered(&world, course).await, offered, "{course}");
        }
        world.finish().await;
    })
    .await;
}
