use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::lti::registration::{Issuer, LtiClientId};
use crate::lti::roles::Standing;
use crate::lti::testing::{check, launch_claims};

const PREFIX: &str = "https://purl.imsglobal.org/spec/lti/claim/";
const CONTEXT_ROLE: &str = "http://purl.imsglobal.org/vocab/lis/v2/membership#";

fn terms() -> Terms {
    Terms {
        issuer: Issuer::parse("https://lms.example").unwrap(),
        client_id: LtiClientId::parse("client-1").unwrap(),
        is_strict: false,
        allows_anonymous: false,
    }
}

fn received(claims: &Value, terms: &Terms, login_target: Option<&str>) -> Result<Received, LaunchError> {
    let origin = ToolOrigin::parse("https://tool.example").unwrap();
    SignedClaims {
        claims: claims.as_object().unwrap().clone(),
        nonce: Nonce::new("nonce-1".into()),
    }
    .read(terms, &origin, login_target)
}

fn read(change: impl FnOnce(&mut Value)) -> Result<LaunchClaims, LaunchError> {
    let mut claims = launch_claims();
    change(&mut claims);
    match received(&claims, &terms(), None)? {
        Received::Launch(launch) => Ok(*launch),
        Received::NotAvailable(other) => panic!("not available: {other:?}"),
    }
}

fn refusal(change: impl FnOnce(&mut Value)) -> Option<LaunchError> {
    read(change).err()
}

fn set(name: &str, value: Value) -> impl FnOnce(&mut Value) + '_ {
    move |claims| claims[format!("{PREFIX}{name}")] = value
}

fn remove(names: &'static [&'static str]) -> impl FnOnce(&mut Value) {
    move |claims| {
        for name in names {
            claims.as_object_mut().unwrap().remove(&format!("{PREFIX}{name}"));
            claims.as_object_mut().unwrap().remove(*name);
        }
    }
}

#[test]
fn a_full_launch_is_read() {
    let launch = read(|_| {}).unwrap();
    assert_eq!(launch.subject.as_ref().unwrap().as_str(), "u-1");
    assert_eq!(launch.roles.standing, Standing::Staff);
    assert_eq!(launch.context.as_ref().unwrap().title.as_deref(), Some("Biology"));
    assert_eq!(launch.target().unwrap().path(), "/lti/launch");
    assert!(!format!("{launch:?}").contains("Tara"));
}

#[test]
fn what_every_message_needs_is_demanded() {
    use LaunchError as E;
    assert_eq!(refusal(set("version", json!("11.3"))), Some(E::VersionNotSupported));
    assert_eq!(refusal(remove(&["version"])), Some(E::VersionNotSupported));
    assert_eq!(
        refusal(remove(&["message_type", "version", "roles"])),
        Some(E::VersionNotSupported)
    );
    assert_eq!(refusal(remove(&["message_type"])), Some(E::MessageTypeMissing));
    assert_eq!(refusal(remove(&["roles"])), Some(E::RolesMissing));
    assert_eq!(refusal(set("roles", json!(null))), Some(E::RolesMissing));
    assert_eq!(refusal(remove(&["deployment_id"])), Some(E::DeploymentMissing));
    assert_eq!(refusal(set("deployment_id", json!(""))), Some(E::DeploymentMissing));
    assert_eq!(refusal(remove(&["resource_link"])), Some(E::ResourceLinkMissing));
    assert_eq!(
        refusal(set("resource_link", json!({"title": "x"}))),
        Some(E::ResourceLinkMissing)
    );
    assert_eq!(
        refusal(set("resource_link", json!({"id": ""}))),
        Some(E::ResourceLinkMissing)
    );
    assert_eq!(refusal(remove(&["target_link_uri"])), Some(E::TargetLinkMissing));
    assert_eq!(refusal(remove(&["sub"])), Some(E::SubjectMissing));
    assert_eq!(refusal(|c| c["sub"] = json!("")), Some(E::SubjectInvalid));
    assert_eq!(refusal(|c| c["sub"] = json!("x".repeat(256))), Some(E::SubjectInvalid));
}

#[test]
fn an_anonymous_launch_needs_the_permission() {
    let mut claims = launch_claims();
    claims.as_object_mut().unwrap().remove("sub");
    let anonymous = Terms {
        allows_anonymous: true,
        ..terms()
    };
    let Ok(Received::Launch(launch)) = received(&claims, &anonymous, None) else {
        panic!("refused");
    };
    assert_eq!(launch.subject, None);
    claims["sub"] = json!("");
    assert_eq!(
        received(&claims, &anonymous, None).err(),
        Some(LaunchError::SubjectInvalid)
    );
}

#[test]
fn roles_may_be_short_unknown_or_empty_but_not_without_end() {
    let standing = |roles: Value| read(set("roles", roles)).unwrap().roles.standing;
    assert_eq!(
        standing(json!([format!("{CONTEXT_ROLE}Instructor"), "Learner"])),
        Standing::Staff
    );
    assert_eq!(standing(json!(["Instructor"])), Standing::Staff);
    assert_eq!(standing(json!(["http://example.org/roles#Wizard"])), Standing::None);
    assert_eq!(standing(json!([])), Standing::None);
    assert_eq!(standing(json!([""])), Standing::None);
    assert_eq!(standing(json!([null, 5, "Learner"])), Standing::Learner);
    assert_eq!(
        refusal(set("roles", json!(vec!["Learner"; 10_000]))),
        Some(LaunchError::TooManyRoles)
    );
    assert!(read(set("roles", json!(vec!["Learner"; MAX_ROLES]))).is_ok());
}

#[test]
fn personal_data_may_be_missing() {
    let bare = read(remove(&["name", "given_name", "family_name", "email", "context"])).unwrap();
    assert_eq!(bare.person, Person::default());
    assert_eq!(bare.context, None);
    let named = read(remove(&["email"])).unwrap();
    assert_eq!(named.person.display_name().as_deref(), Some("Tara Teacher"));
    let only_email = read(remove(&["name", "given_name", "family_name"])).unwrap();
    assert_eq!(only_email.person.display_name(), None);
    assert!(only_email.person.email.is_some());
}

#[test]
fn optional_claims_may_be_null_or_of_another_shape() {
    for odd in [
        json!(null),
        json!("x"),
        json!(7),
        json!([]),
        json!({}),
        json!({"errors": {"errors": {}}}),
    ] {
        let launch = read(|claims| {
            for name in [
                "context",
                "tool_platform",
                "launch_presentation",
                "lis",
                "custom",
                "lti1p1",
                "ext",
            ] {
                claims[format!("{PREFIX}{name}")] = odd.clone();
            }
            for name in ["name", "email", "locale", "azp"] {
                claims[name] = odd.clone();
            }
            claims["https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"] = odd.clone();
            claims["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"] = odd.clone();
        });
        assert!(launch.is_ok(), "{odd}");
    }
}

#[test]
fn the_target_link_is_ours_and_the_signed_one_counts() {
    for foreign in ["https://other.example/", "//evil", "javascript:alert(1)"] {
        assert_eq!(
            refusal(set("target_link_uri", json!(foreign))),
            Some(LaunchError::TargetLinkForeign),
            "{foreign}"
        );
    }
    let login = Some("https://tool.example/other");
    let Ok(Received::Launch(launch)) = received(&launch_claims(), &terms(), login) else {
        panic!("refused");
    };
    assert!(matches!(
        launch.purpose,
        Purpose::ResourceLink {
            target_differs: true,
            ..
        }
    ));
    assert_eq!(launch.target().unwrap().path(), "/lti/launch");
    let strict = Terms {
        is_strict: true,
        ..terms()
    };
    assert_eq!(
        received(&launch_claims(), &strict, login).err(),
        Some(LaunchError::TargetLinkDiffers)
    );
    assert!(received(&launch_claims(), &strict, Some("https://tool.example/lti/launch")).is_ok());
}

#[test]
fn other_messages_are_told_apart() {
    let get = |name: &str| {
        let mut claims = launch_claims();
        claims[format!("{PREFIX}message_type")] = json!(name);
        claims[format!("{PREFIX}launch_presentation")] = json!({"locale": "fr", "return_url": "https://lms.example/"});
        received(&claims, &terms(), None)
    };
    for (name, expected) in [
        ("LtiEulaRequest", MessageType::Eula),
        ("DataPrivacyLaunchRequest", MessageType::DataPrivacy),
        ("LtiUnheardRequest", MessageType::Other("LtiUnheardRequest".to_owned())),
    ] {
        let Ok(Received::NotAvailable(other)) = get(name) else {
            panic!("{name}");
        };
        assert_eq!(other.message_type, expected);
        assert_eq!(other.locale.as_deref(), Some("fr"));
        assert!(other.presentation.return_url.is_some());
    }
    assert_eq!(
        get("LtiDeepLinkingResponse").err(),
        Some(LaunchError::ResponseIsNoLaunch)
    );
    assert_eq!(get("").err(), Some(LaunchError::MessageTypeMissing));
}

#[test]
fn a_deep_linking_request_needs_its_settings_and_little_else() {
    let placed = |change: &dyn Fn(&mut Value)| {
        read(|claims| {
            claims[format!("{PREFIX}message_type")] = json!("LtiDeepLinkingRequest");
            claims[claim::DEEP_LINKING_SETTINGS] = json!({"deep_link_return_url": "https://lms.example/return"});
            for name in [
                "resource_link",
                "target_link_uri",
                "context",
                "tool_platform",
                "launch_presentation",
            ] {
                claims.as_object_mut().unwrap().remove(&format!("{PREFIX}{name}"));
            }
            change(claims);
        })
    };
    let launch = placed(&|_| {}).unwrap();
    assert!(matches!(launch.purpose, Purpose::DeepLinking(_)));
    assert_eq!((launch.link(), launch.target()), (None, None));
    let refused = |change: &dyn Fn(&mut Value)| placed(change).err();
    assert_eq!(
        refused(&|claims| claims[claim::DEEP_LINKING_SETTINGS] = json!(null)),
        Some(LaunchError::DeepLinkingSettingsMissing)
    );
    assert_eq!(
        refused(&|claims| claims[format!("{PREFIX}target_link_uri")] = json!("https://evil.example/")),
        Some(LaunchError::TargetLinkForeign)
    );
}

#[test]
fn a_launch_needs_the_proof_of_its_own_login() {
    let claims = read(|_| {}).unwrap();
    let nonce = |text: &str| Nonce::new(text.to_owned());
    assert_eq!(Spent::by_rows(nonce("nonce-1"), 0).err(), Some(LaunchError::Replayed));
    assert_eq!(Spent::by_rows(nonce("nonce-1"), 2).err(), Some(LaunchError::Replayed));
    let other = Spent::by_rows(nonce("nonce-2"), 1).unwrap();
    assert_eq!(claims.clone().claim(&other).err(), Some(LaunchError::NonceMismatch));
    let spent = Spent::by_rows(nonce("nonce-1"), 1).unwrap();
    assert_eq!(claims.claim(&spent).unwrap().deployment.as_str(), "dep-1");
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(json!("1.3.0")),
        Just(json!("$User.id")),
        Just(json!("https://tool.example/x")),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec(("(id|type|scope|title|url|return_url|.{0,5})", inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

#[test]
fn any_claims_are_read_or_refused_and_ids_stay_as_they_were() {
    let names = proptest::sample::select(vec![
        "sub",
        "name",
        "email",
        "locale",
        "roles",
        "context",
        "resource_link",
        "tool_platform",
        "launch_presentation",
        "lis",
        "custom",
        "lti1p1",
        "target_link_uri",
        "deployment_id",
        "version",
        "message_type",
    ]);
    let changes = proptest::collection::vec((names, any_json()), 0..4);
    check("claims", &changes, |changes| {
        let mut claims = launch_claims();
        for (name, value) in changes {
            let full = format!("{PREFIX}{name}");
            let name = if claims.get(&full).is_some() || name.contains('_') {
                full
            } else {
                name.to_owned()
            };
            claims[name] = value;
        }
        if let Ok(Received::Launch(launch)) = received(&claims, &terms(), None) {
            let given = &claims["sub"];
            let sub = launch.subject.as_ref().unwrap();
            prop_assert_eq!(
                given.as_str().map_or_else(|| given.to_string(), str::to_owned),
                sub.as_str()
            );
            prop_assert!(launch.target().unwrap().as_str().starts_with("https://tool.example/"));
            prop_assert!(launch.custom.values().all(|value| !value.is_null()));
        }
        Ok(())
    });
}
