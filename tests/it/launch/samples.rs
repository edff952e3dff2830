//! Launches in the shapes that real platforms send, through the server, unchanged but for keys, nonces and dates.

use std::path::Path;

use badgebridge::model::{Lms as Family, Registration, RegistrationId, Standing};
use badgebridge::sandbox::lms::Signer;
use serde_json::{Value, json};

use super::with_each;
use crate::support::browser::Answer;
use crate::support::database::{Database, with_sqlite};
use crate::support::world::{Credential, Setup, World, claim};

fn sample(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/samples/{name}.json"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}"))
}

/// A world whose tool has the address that the sample's target names.
async fn world_of(database: &Database, name: &str) -> World {
    let target = url::Url::parse(text(&sample(name)["claims"], &claim("target_link_uri"))).unwrap();
    let setup = Setup {
        credential: Credential::Nothing,
        settings: vec![("server.public_url", target.origin().ascii_serialization())],
        ..Setup::default()
    };
    World::start_with(database, setup).await
}

/// The sample's platform, registered unless it is, with the sample's deployment.
async fn registered(world: &World, family: Family, auth_url: &str, claims: &Value) -> Registration {
    let audience = claims["aud"].as_str().or_else(|| claims["aud"][0].as_str()).unwrap();
    let registration = Registration {
        id: RegistrationId::new(badgebridge::crypto::random::id_at(world.now())),
        handle: format!("sample-{audience}"),
        lms: family,
        issuer: text(claims, "iss").to_owned(),
        lti_client_id: audience.to_owned(),
        authorization_endpoint: auth_url.to_owned(),
        ..world.registration.clone()
    };
    let known = world.registrations().await;
    let known = known
        .into_iter()
        .find(|known| (&known.issuer, &known.lti_client_id) == (&registration.issuer, &registration.lti_client_id));
    if let Some(known) = known {
        return known;
    }
    world
        .register(&registration, &[text(claims, &claim("deployment_id"))])
        .await;
    registration
}

/// The sample's login and launch.
async fn launch(world: &World, family: Family, auth_url: &str, name: &str) -> Answer {
    let sample = sample(name);
    let mut claims = sample["claims"].clone();
    let registration = registered(world, family, auth_url, &claims).await;
    let target = text(&claims, &claim("target_link_uri")).to_owned();
    let made_up = json!({
        "iss": registration.issuer, "login_hint": "3", "target_link_uri": target,
        "lti_message_hint": "{\"cmid\": 3, \"launchid\": \"ltilaunch1_1\"}",
        "client_id": registration.lti_client_id,
    });
    let asked = sample.get("login").unwrap_or(&made_up).as_object().unwrap();
    let fields: Vec<(String, String)> = asked
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
        .collect();
    let browser = world.browser();
    let answer = browser.post_from_elsewhere("/lti/login", &fields).await;
    // where the platform keeps values for the tool, a page goes on to the same address
    let address = if asked.contains_key("lti_storage_target") {
        super::storage::told(&answer)["data-next"].clone()
    } else {
        assert_eq!(answer.status, 303, "{name}: {}", answer.body);
        answer.location().to_owned()
    };
    assert!(address.starts_with(auth_url), "{name}: {address}");
    let address = url::Url::parse(&address).unwrap();
    let sent = |name: &str| {
        let found = address.query_pairs().find(|(known, _)| known == name);
        found.unwrap().1.into_owned()
    };
    let begun = sent("state");
    claims["nonce"] = json!(sent("nonce"));
    let (now, issued) = (world.now().seconds(), claims["iat"].as_i64().unwrap());
    for date in ["exp", "nbf", "iat"] {
        if let Some(given) = claims[date].as_i64() {
            claims[date] = json!(now + given - issued);
        }
    }
    let mut header = sample["header"].clone();
    header["kid"] = json!(world.lms.key().kid());
    let token = world.lms.sign(&header, &claims, &Signer::Own);
    world.answer(&browser, &begun, &token).await
}

/// All these launch, with these rights.
async fn all_launch(family: Family, auth_url: &'static str, names: &'static [(&'static str, Standing)]) {
    with_each(async |database: Database| {
        let world = world_of(&database, names[0].0).await;
        for (name, standing) in names {
            let answer = launch(&world, family, auth_url, name).await;
            let seat = world.seat(answer.seat()).await;
            assert_eq!(seat.standing, *standing, "{name}");
            assert!(seat.course.is_some() && seat.member.is_some(), "{name}");
        }
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn moodle_launches_unchanged() {
    let names = &[
        ("moodle-teacher", Standing::Staff),
        ("moodle-teaching-assistant", Standing::Staff),
        ("moodle-site-admin", Standing::Staff),
        ("moodle-learner-ungraded", Standing::Learner),
        ("moodle-learner-window", Standing::Learner),
    ];
    all_launch(Family::Moodle, "http://localhost:8081/mod/lti/auth.php", names).await;
}

#[tokio::test]
async fn open_edx_launches_unchanged() {
    let names = &[
        ("openedx-instructor", Standing::Staff),
        ("openedx-course-staff", Standing::Staff),
        ("openedx-teaching-assistant", Standing::LimitedStaff),
        ("openedx-learner", Standing::Learner),
        ("openedx-learner-no-names", Standing::Learner),
    ];
    all_launch(
        Family::OpenEdx,
        "http://localhost:18010/api/lti_consumer/v1/launch/",
        names,
    )
    .await;
}

#[tokio::test]
async fn canvas_launches_unchanged() {
    let names = &[
        ("canvas-instructor", Standing::Staff),
        ("canvas-learner", Standing::Learner),
    ];
    all_launch(
        Family::Canvas,
        "https://sso.canvaslms.com/api/lti/authorize_redirect",
        names,
    )
    .await;
}

#[tokio::test]
async fn brightspace_launches_unchanged() {
    let names = &[
        ("brightspace-instructor", Standing::Staff),
        ("brightspace-learner", Standing::Learner),
    ];
    all_launch(Family::Brightspace, "https://lms.example/d2l/lti/authenticate", names).await;
}

#[tokio::test]
async fn blackboard_launches_unchanged() {
    let names = &[
        ("blackboard-instructor", Standing::Staff),
        ("blackboard-learner", Standing::Learner),
    ];
    all_launch(
        Family::Blackboard,
        "https://developer.blackboard.com/api/v1/gateway/oidcauth",
        names,
    )
    .await;
}

#[tokio::test]
async fn wordpress_launches_unchanged() {
    let names = &[("wordpress-no-roles", Standing::None)];
    all_launch(Family::Generic, "http://lms.example/?lti-platform&auth", names).await;
}

#[tokio::test]
async fn an_authorization_address_with_a_query_is_extended() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let address = "http://lms.example/?lti-platform&auth";
        world
            .change_registration(|registration| registration.authorization_endpoint = address.to_owned())
            .await;
        let login = world.lms.begin("teacher1", "BIO-2010").unwrap();
        let answer = world
            .browser()
            .post_from_elsewhere("/lti/login", &login.parameters)
            .await;
        assert!(
            answer.location().starts_with(&format!("{address}&")),
            "{}",
            answer.location()
        );
        assert_eq!(answer.location().matches('?').count(), 1);
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn deep_linking_requests_open_the_picker() {
    with_each(async |database: Database| {
        let world = world_of(&database, "moodle-deep-linking").await;
        for (family, name) in [
            (Family::Moodle, "moodle-deep-linking"),
            (Family::OpenEdx, "openedx-deep-linking"),
        ] {
            let answer = launch(&world, family, "http://localhost:8081/auth", name).await;
            assert_eq!(answer.status, 303, "{name}: {}", answer.body);
            assert!(
                answer.location().starts_with("/lti/pick/"),
                "{name}: {}",
                answer.location()
            );
        }
        world.finish().await;
    })
    .await;
}
