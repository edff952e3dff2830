//! Registrations and deployments: whose launch it is (rows 36, 37, 55, 61, 62, 72).

use std::sync::Arc;

use badgebridge::model::{Lms as Family, Registration};
use badgebridge::sandbox::lms::{LaunchSpec, Lms, Options, Signer, SigningKey, Tool};
use serde_json::json;

use super::{COURSE, TEACHER, assert_refused, assert_refused_after, begin, launch_bent};
use crate::support::browser::{Answer, Browser};
use crate::support::database::{Database, on_both_databases, with_sqlite};
use crate::support::world::{World, claim, lms_key, without};

/// Another LMS with a key of its own that bears the same name as the first one's.
fn other_lms(world: &World) -> Lms {
    static KEY: std::sync::OnceLock<SigningKey> = std::sync::OnceLock::new();
    let key = KEY.get_or_init(|| SigningKey::with_kid(lms_key().kid()).unwrap());
    Lms::start(Options {
        key: Some(key.clone()),
        ..Options::new(Tool::at(&world.url), world.clock.clone())
    })
    .unwrap()
}

/// The first registration as that of the other LMS.
fn registered_as(world: &World, lms: &Lms) -> Registration {
    Registration {
        issuer: lms.issuer().to_owned(),
        authorization_endpoint: lms.auth_url(),
        token_endpoint: lms.token_url(),
        jwks_uri: lms.jwks_url(),
        ..world.second_registration(&lms.client_id(), Some(world.organisation))
    }
}

async fn login(browser: &Browser, fields: &[(&str, &str)]) -> Answer {
    let fields: Vec<(String, String)> = fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    browser.post_from_elsewhere("/lti/login", &fields).await
}

/// A launch through a registration that the LMS signs for under another issuer, client and deployment.
async fn launch_as(world: &World, registration: &Registration, deployment: &str, guid: Option<&str>) -> Answer {
    let browser = world.browser();
    let fields = [
        ("iss", registration.issuer.as_str()),
        ("login_hint", "3"),
        ("client_id", registration.lti_client_id.as_str()),
    ];
    let answer = login(&browser, &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let (state, nonce) = (answer.parameter("state").unwrap(), answer.parameter("nonce").unwrap());
    let mut claims = world.lms.claims(&LaunchSpec::new(TEACHER, COURSE, &nonce));
    claims["iss"] = json!(registration.issuer);
    claims["aud"] = json!(registration.lti_client_id);
    claims["azp"] = json!(registration.lti_client_id);
    claims[claim("deployment_id")] = json!(deployment);
    match guid {
        Some(guid) => claims[claim("tool_platform")]["guid"] = json!(guid),
        None => without(&mut claims, &claim("tool_platform")),
    }
    let token = world.lms.sign(&world.lms.header(), &claims, &Signer::Own);
    world.answer(&browser, &state, &token).await
}

/// What is known about a deployment: whether it is there, and whether somebody owns it.
async fn deployment(world: &World, registration: &Registration, id: &str) -> Option<bool> {
    let row = world.deployment(registration, id).await;
    row.map(|row| row.organisation.is_some())
}

#[tokio::test]
async fn a_token_of_another_platform_does_not_fit_this_ones_state() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let other = other_lms(&world);
        let registration = registered_as(&world, &other);
        world.register(&registration, &[&other.deployment_id()]).await;
        let browser = world.browser();
        let begun = begin(&world, &browser).await;
        let token = other.id_token(&LaunchSpec::new(TEACHER, COURSE, &begun.nonce));
        let answer = world.answer(&browser, &begun.state, &token).await;
        assert_refused(&world, &answer, 401, "signature_invalid").await;
        // the other platform's own launches hold
        let login = other.begin(TEACHER, COURSE).unwrap();
        let begun = browser.post_from_elsewhere(&login.url, &login.parameters).await;
        let post = other.answer(begun.location()).unwrap();
        browser.post_from_elsewhere(&post.url, &post.fields).await.seat();
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_token_for_another_client_of_the_same_issuer_does_not_fit_this_ones_state() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let second = world.second_registration("second", Some(world.organisation));
        world.register(&second, &[&world.lms.deployment_id()]).await;
        let browser = world.browser();
        let begun = begin(&world, &browser).await;
        let spec = LaunchSpec::new(TEACHER, COURSE, &begun.nonce).client("second");
        let answer = world.answer(&browser, &begun.state, &world.lms.id_token(&spec)).await;
        assert_refused(&world, &answer, 401, "aud_mismatch").await;
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_key_of_the_same_name_from_another_platform_signs_nothing_here() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let other = other_lms(&world);
        let registration = registered_as(&world, &other);
        world.register(&registration, &[&other.deployment_id()]).await;
        let answer = launch_bent(&world, TEACHER, |token| token.signer = Signer::Key(other.key())).await;
        assert_eq!(other.key().kid(), world.lms.key().kid());
        assert_refused(&world, &answer, 401, "signature_invalid").await;
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn among_two_clients_of_an_issuer_the_login_says_which() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let second = world.second_registration("second", Some(world.organisation));
        world.register(&second, &["only-second"]).await;
        let issuer = world.lms.issuer().to_owned();
        let first_client = world.lms.client_id();
        let browser = world.browser();
        for client in [first_client.as_str(), "second"] {
            let answer = login(
                &browser,
                &[("iss", &issuer), ("login_hint", "3"), ("client_id", client)],
            )
            .await;
            assert_eq!(answer.parameter("client_id").as_deref(), Some(client));
        }
        for name in ["lti_deployment_id", "deployment_id"] {
            for (deployment, client) in [("only-second", "second"), (&*world.lms.deployment_id(), &first_client)] {
                let answer = login(&browser, &[("iss", &issuer), ("login_hint", "3"), (name, deployment)]).await;
                assert_eq!(
                    answer.parameter("client_id").as_deref(),
                    Some(client),
                    "{name} {deployment}"
                );
            }
        }
        let answer = login(&world.browser(), &[("iss", &issuer), ("login_hint", "3")]).await;
        assert_refused(&world, &answer, 400, "ambiguous_platform").await;
        let unknown = [
            ("iss", issuer.as_str()),
            ("login_hint", "3"),
            ("lti_deployment_id", "neither"),
        ];
        let answer = login(&world.browser(), &unknown).await;
        assert_refused(&world, &answer, 400, "ambiguous_platform").await;
        // each registration has a login address of its own
        let path = format!("/lti/login/{}", second.handle);
        let fields = [
            ("iss".to_owned(), issuer.clone()),
            ("login_hint".to_owned(), "3".to_owned()),
        ];
        let answer = browser.post_from_elsewhere(&path, &fields).await;
        assert_eq!(answer.parameter("client_id").as_deref(), Some("second"));
        world.finish().await;
    })
    .await;
}

on_both_databases! {
    async fn an_unknown_deployment_of_an_lms_of_its_own_is_adopted(database: Database) {
        let world = World::unconnected(&database).await;
        let registration = world.registration.clone();
        let answer = launch_as(&world, &registration, "new", None).await;
        let seat = world.seat(answer.seat()).await;
        assert_eq!(seat.organisation, world.organisation);
        assert_eq!(deployment(&world, &registration, "new").await, Some(true));
        world.finish().await;
    }

    async fn an_unknown_deployment_under_a_vendors_issuer_waits(database: Database) {
        let world = World::unconnected(&database).await;
        let vendor = Registration {
            issuer: "https://canvas.instructure.com".to_owned(),
            lms: Family::Canvas,
            ..world.second_registration("common", Some(world.organisation))
        };
        world.register(&vendor, &[]).await;
        let answer = launch_as(&world, &vendor, "d1", Some("guid-1")).await;
        assert_refused(&world, &answer, 403, "deployment_pending").await;
        let way_back = "target=\"_top\">Back to the course";
        assert!(answer.body.contains(way_back), "{}", answer.body);
        assert_eq!(deployment(&world, &vendor, "d1").await, Some(false));
        world.finish().await;
    }

    async fn under_a_vendors_issuer_the_same_platform_is_known_by_its_guid(database: Database) {
        let world = World::unconnected(&database).await;
        let vendor = Registration {
            issuer: "https://canvas.instructure.com".to_owned(),
            lms: Family::Canvas,
            ..world.second_registration("common", Some(world.organisation))
        };
        world.register(&vendor, &["d1"]).await;
        // nothing is known about d1's platform yet: d2 waits
        let answer = launch_as(&world, &vendor, "d2", Some("guid-1")).await;
        assert_refused(&world, &answer, 403, "deployment_pending").await;
        world.claim_deployment(&vendor, "d2").await;
        launch_as(&world, &vendor, "d3", Some("guid-1")).await.seat();
        let answer = launch_as(&world, &vendor, "d4", Some("guid-2")).await;
        assert_refused_after(&world, 1, &answer, 403, "deployment_pending").await;
        world.finish().await;
    }

    async fn a_deployment_of_a_shared_registration_waits_to_be_claimed(database: Database) {
        let world = World::unconnected(&database).await;
        let shared = world.second_registration("shared", None);
        world.register(&shared, &[]).await;
        let mut versions = Vec::new();
        for _ in 0..3 {
            let answer = launch_as(&world, &shared, "d1", Some("guid-1")).await;
            assert_refused(&world, &answer, 403, "deployment_pending").await;
            let installation = world.parts.store.read_one(async |tx| tx.installation().await).await.unwrap();
            versions.push(installation.unwrap().settings_version);
        }
        assert_eq!(versions[1], versions[2], "what waits already makes nobody read the settings anew");
        assert_eq!(deployment(&world, &shared, "d1").await, Some(false));
        world.claim_deployment(&shared, "d1").await;
        let seat = world.seat(launch_as(&world, &shared, "d1", Some("guid-1")).await.seat()).await;
        assert_eq!(seat.organisation, world.organisation);
        // never by resemblance: what is shared is claimed, one by one
        let answer = launch_as(&world, &shared, "d2", Some("guid-1")).await;
        assert_refused_after(&world, 1, &answer, 403, "deployment_pending").await;
        world.finish().await;
    }

    async fn two_organisations_of_a_shared_registration_do_not_end_each_others_sessions(database: Database) {
        let world = World::unconnected(&database).await;
        let fernhill = world.organisation_called("Fernhill College").await;
        let shared = world.second_registration("shared", None);
        world.register(&shared, &["d1", "d2"]).await;
        world.claim_deployment(&shared, "d1").await;
        world.claim_deployment_for(&shared, "d2", fernhill).await;
        // one browser partition: the same LMS, the same person
        let browser = world.browser();
        let spec = |deployment| LaunchSpec::new(TEACHER, COURSE, "").client("shared").deployment(deployment);
        let ours = world.launch_in(&browser, spec("d1")).await;
        let theirs = world.launch_in(&browser, spec("d2")).await;
        assert_eq!((ours.seat.organisation, theirs.seat.organisation), (world.organisation, fernhill));
        assert_eq!(browser.cookies().len(), 2, "each organisation's session has a cookie of its own");
        for tab in [&ours, &theirs] {
            assert_eq!(tab.get("/help").await.status, 200, "the tab is still open");
        }
        // back in the first: its session goes on, and the other one, too
        let again = world.launch_in(&browser, spec("d1")).await;
        assert_eq!(again.seat.session, ours.seat.session);
        for tab in [&ours, &theirs, &again] {
            assert_eq!(tab.get("/help").await.status, 200);
        }
        world.finish().await;
    }

    async fn the_same_deployment_id_under_two_registrations_is_two_deployments(database: Database) {
        let world = World::unconnected(&database).await;
        let other = world.organisation_called("Fernhill College").await;
        let second = world.second_registration("second", Some(other));
        let deployment = world.lms.deployment_id();
        world.register(&second, &[&deployment]).await;
        let first = world.launch(TEACHER, COURSE).await.seat;
        let spec = LaunchSpec::new(TEACHER, COURSE, "").client("second");
        let theirs = world.launch_in(&world.browser(), spec).await.seat;
        assert_eq!((first.organisation, theirs.organisation), (world.organisation, other));
        assert_ne!(first.course, theirs.course, "the same context.id is another course");
        assert_ne!(first.member, theirs.member, "the same sub is another person");
        world.finish().await;
    }
}

#[tokio::test]
async fn a_disabled_registration_refuses_logins_launches_and_open_tabs() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let tab = world.launch(TEACHER, COURSE).await;
        let browser: Arc<Browser> = world.browser();
        let begun = begin(&world, &browser).await;
        world
            .change_registration(|registration| registration.enabled = false)
            .await;
        let fields = world.lms.begin(TEACHER, COURSE).unwrap().parameters;
        let answer = world.browser().post_from_elsewhere("/lti/login", &fields).await;
        assert_refused_after(&world, 1, &answer, 403, "registration_disabled").await;
        let token = world.lms.id_token(&LaunchSpec::new(TEACHER, COURSE, &begun.nonce));
        let answer = world.answer(&browser, &begun.state, &token).await;
        assert_refused_after(&world, 1, &answer, 403, "registration_disabled").await;
        let answer = tab.get("/pic/x/y.png").await;
        assert_eq!(answer.status, 403, "{}", answer.body);
        world.finish().await;
    })
    .await;
}
