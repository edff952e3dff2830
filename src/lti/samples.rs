//! Every sample in `tests/samples` launches unchanged: the claims as a platform sends them, signed by a test key.

use std::path::Path;

use openidconnect::Nonce;
use serde_json::{Value, json};

use super::launch::{LaunchClaims, Purpose, Received, Spent};
use super::login::{LoginRequest, ToolOrigin};
use super::registration::{Issuer, LtiClientId, Terms};
use super::roles::Standing;
use super::testing::{key_set_as, platform_key, token_with};
use super::token::UnverifiedToken;

/// Name, standing, and whether the platform offers a roster and a name.
const LAUNCHES: [(&str, Standing, bool, bool); 17] = [
    ("blackboard-instructor", Standing::Staff, true, true),
    ("blackboard-learner", Standing::Learner, true, true),
    ("brightspace-instructor", Standing::Staff, true, true),
    ("brightspace-learner", Standing::Learner, true, true),
    ("canvas-instructor", Standing::Staff, true, true),
    ("canvas-learner", Standing::Learner, true, true),
    ("moodle-learner-ungraded", Standing::Learner, true, true),
    ("moodle-learner-window", Standing::Learner, true, true),
    ("moodle-site-admin", Standing::Staff, true, true),
    ("moodle-teacher", Standing::Staff, true, true),
    ("moodle-teaching-assistant", Standing::Staff, true, true),
    ("openedx-course-staff", Standing::Staff, true, true),
    ("openedx-instructor", Standing::Staff, true, true),
    ("openedx-learner", Standing::Learner, true, true),
    ("openedx-learner-no-names", Standing::Learner, false, false),
    ("openedx-teaching-assistant", Standing::LimitedStaff, true, true),
    ("wordpress-no-roles", Standing::None, false, true),
];

const DEEP_LINKING: [&str; 2] = ["moodle-deep-linking", "openedx-deep-linking"];

fn sample(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/samples")
        .join(format!("{name}.json"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn launched(name: &str) -> Received {
    let sample = sample(name);
    let claims = &sample["claims"];
    let audience = claims["aud"].as_str().or_else(|| claims["aud"][0].as_str()).unwrap();
    let terms = Terms {
        issuer: Issuer::parse(claims["iss"].as_str().unwrap()).unwrap(),
        client_id: LtiClientId::parse(audience).unwrap(),
        is_strict: true,
        allows_anonymous: false,
    };
    let target = claims["https://purl.imsglobal.org/spec/lti/claim/target_link_uri"]
        .as_str()
        .unwrap();
    let origin = ToolOrigin::parse(target).unwrap();
    let kid = sample["header"]["kid"].as_str().unwrap();
    let keys = super::keys::KeySet::parse(key_set_as(platform_key(), kid).as_bytes()).unwrap();
    let nonce = Nonce::new(claims["nonce"].as_str().unwrap().to_owned());
    let now = claims["iat"].as_i64().unwrap() + 2;
    UnverifiedToken::parse(&token_with(platform_key(), &sample["header"], claims))
        .unwrap()
        .verify(&terms, &keys, &nonce, now)
        .unwrap()
        .read(&terms, &origin, Some(target))
        .unwrap()
}

fn launch(name: &str) -> LaunchClaims {
    match launched(name) {
        Received::Launch(launch) => *launch,
        Received::NotAvailable(other) => panic!("{name}: {other:?}"),
    }
}

#[test]
fn every_sample_is_used() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .filter_map(|entry| {
            entry
                .unwrap()
                .file_name()
                .into_string()
                .unwrap()
                .strip_suffix(".json")
                .map(str::to_owned)
        })
        .collect();
    files.sort();
    let mut used: Vec<_> = LAUNCHES.iter().map(|(name, ..)| *name).chain(DEEP_LINKING).collect();
    used.sort_unstable();
    assert_eq!(files, used);
}

#[test]
fn every_platform_launches_unchanged() {
    for (name, standing, has_roster, has_name) in LAUNCHES {
        let launch = launch(name);
        assert_eq!(launch.roles.standing, standing, "{name}");
        assert_eq!(launch.names_and_roles.is_some(), has_roster, "{name}");
        assert_eq!(launch.person.display_name().is_some(), has_name, "{name}");
        assert!(launch.context.is_some(), "{name}");
        let nonce = Nonce::new(sample(name)["claims"]["nonce"].as_str().unwrap().to_owned());
        assert!(launch.claim(&Spent::by_rows(nonce, 1).unwrap()).is_ok(), "{name}");
    }
}

#[test]
fn deep_linking_is_recognised() {
    for name in DEEP_LINKING {
        let launch = launch(name);
        assert_eq!(launch.roles.standing, Standing::Staff, "{name}");
        let Purpose::DeepLinking(settings) = launch.purpose else {
            panic!("{name}");
        };
        assert!(
            settings.takes_links() && settings.accept_multiple && settings.accept_line_item,
            "{name}"
        );
        assert_eq!(settings.data, None, "{name}");
    }
}

#[test]
fn what_was_not_filled_in_is_absent() {
    let moodle = launch("moodle-teacher");
    assert_eq!(moodle.custom.get("chapter"), Some(&json!("1")));
    assert_eq!(moodle.custom.get("start"), None);
    assert_eq!(moodle.platform.family.as_deref(), Some("moodle"));
    let canvas = launch("canvas-instructor");
    assert_eq!(canvas.custom.get("canvas_course_id"), Some(&json!(42)));
    assert_eq!(canvas.custom.get("sis"), None);
    assert_eq!(canvas.sourced_ids.course_offering, None);
    assert!(canvas.legacy_ids.user.is_some());
}

#[test]
fn the_logins_of_the_samples_are_read() {
    let mut count = 0;
    for (name, ..) in LAUNCHES {
        let sample = sample(name);
        let Some(login) = sample["login"].as_object() else {
            continue;
        };
        let pairs = login
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str().unwrap()));
        let read = LoginRequest::from_pairs(pairs).unwrap();
        assert_eq!(
            read.issuer.as_str(),
            sample["claims"]["iss"].as_str().unwrap(),
            "{name}"
        );
        assert!(read.client_id.is_some(), "{name}");
        count += 1;
    }
    assert!(count > 0);
}
