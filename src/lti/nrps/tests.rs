use std::sync::Arc;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::lti::fetch::{Fetch, FetchError, Response};
use crate::lti::keys::{SigningKey, SigningKeys};
use crate::lti::registration::LtiClientId;
use crate::lti::roles::Standing;
use crate::lti::service_token::{Grant, ServiceTokens};
use crate::lti::testing::{FakeFetch, NOW, answer, check, ok, platform_key};

const LIMITS: Limits = Limits {
    page_size: 50,
    pages: 40,
};

const SERVICE: &str = "https://lms.example/members?groups=true";

fn members(ids: &[&str]) -> String {
    let members: Vec<_> = ids
        .iter()
        .map(|id| json!({"user_id": id, "roles": ["Learner"]}))
        .collect();
    json!({"id": SERVICE, "context": {"id": "2"}, "members": members}).to_string()
}

fn page(ids: &[&str], link: &str) -> Result<Response, FetchError> {
    answer(200, &[("link", link)], members(ids))
}

async fn walk(answers: Vec<Result<Response, FetchError>>) -> (Result<Vec<Page>, RosterError>, Vec<String>) {
    let token = ok(r#"{"access_token":"t"}"#);
    let fake = FakeFetch::answering([token].into_iter().chain(answers));
    let fetch: Arc<dyn Fetch> = fake.clone();
    let grant = Grant {
        registration: "r".to_owned(),
        client_id: LtiClientId::parse("c").unwrap(),
        token_url: "https://lms.example/token".to_owned(),
        audience: None,
        scopes: [SCOPE.to_owned()].into(),
    };
    let keys = SigningKeys::always(SigningKey::from_pkcs8(&platform_key().to_pkcs8().unwrap()).unwrap());
    let caller = ServiceCaller {
        tokens: &ServiceTokens::default(),
        fetch: &fetch,
        grant: &grant,
        keys: &keys,
        jti: &|| "j".to_owned(),
        now: &|| NOW,
    };
    let link = ResourceLinkId::parse("block-v1:A+B").unwrap();
    let mut roster = Roster::open(SERVICE, Some(&link), LIMITS).unwrap();
    let mut pages = Vec::new();
    let result = loop {
        match roster.next_page(&caller).await {
            Ok(Some(page)) => pages.push(page),
            Ok(None) => break Ok(pages),
            Err(error) => break Err(error),
        }
    };
    assert_eq!(roster.is_complete(), result.is_ok());
    let asked = fake.asked().into_iter().skip(1).map(|request| request.url).collect();
    (result, asked)
}

#[test]
fn launch_values_of_a_member_are_read_in_every_shape() {
    let custom = "https://purl.imsglobal.org/spec/lti/claim/custom";
    let read = |message: Value| {
        let entry = json!({"user_id": "7", "message": message});
        Member::read(&entry).unwrap().custom
    };
    let ids = |custom: &Custom| custom.get("lms_user_id").cloned();
    for message in [
        json!([{custom: {"lms_user_id": "70"}}]),
        json!([{"locale": "en"}, {custom: {"lms_user_id": "70"}}]),
        json!({custom: {"lms_user_id": "70"}}),
    ] {
        assert_eq!(ids(&read(message)), Some(json!("70")));
    }
    for message in [
        json!(null),
        json!([]),
        json!(["x"]),
        json!([{custom: {"lms_user_id": "$User.id"}}]),
        json!([{custom: 7}]),
    ] {
        assert_eq!(ids(&read(message)), None);
    }
}

#[tokio::test]
async fn pages_are_followed_to_the_end() {
    let (pages, asked) = walk(vec![
        page(
            &["1", "2"],
            "<https://lms.example/members?page=2&amp;limit=2>; REL=\u{201d}Next\u{201d}",
        ),
        page(
            &["3"],
            r#"<?page=3>; rel="next", <https://lms.example/d>; rel="differences""#,
        ),
        page(&[], ""),
    ])
    .await;
    let pages = pages.unwrap();
    assert_eq!(
        pages.iter().map(|page| page.members.len()).collect::<Vec<_>>(),
        [2, 1, 0]
    );
    assert_eq!(pages[1].differences.as_deref(), Some("https://lms.example/d"));
    assert_eq!(
        asked,
        [
            "https://lms.example/members?groups=true&limit=50&rlid=block-v1%3AA%2BB",
            "https://lms.example/members?page=2&limit=2",
            "https://lms.example/members?page=3",
        ]
    );
}

#[tokio::test]
async fn the_next_page_stays_on_the_server_and_never_comes_twice() {
    for foreign in [
        "<https://evil.example/m>; rel=next",
        "<http://lms.example/m>; rel=next",
        "<https://lms.example:8443/m>; rel=next",
        "<//evil.example/m>; rel=next",
        "<javascript:x>; rel=next",
    ] {
        let (pages, asked) = walk(vec![page(&["1"], foreign)]).await;
        assert_eq!(pages.err(), Some(RosterError::ForeignNext), "{foreign}");
        assert_eq!(asked.len(), 1);
    }
    let (pages, _) = walk(vec![
        page(&["1"], "<https://lms.example/a>; rel=next"),
        page(&["2"], "<https://lms.example/b>; rel=next"),
        page(&["3"], "<https://lms.example/a>; rel=next"),
    ])
    .await;
    assert_eq!(pages.err(), Some(RosterError::Circle));
    let foreign_differences = "<https://evil.example/d>; rel=differences";
    let (pages, _) = walk(vec![page(&["1"], foreign_differences)]).await;
    assert_eq!(pages.unwrap()[0].differences, None);
}

#[tokio::test]
async fn endless_pages_end() {
    let answers = (0..=LIMITS.pages).map(|n| page(&[], &format!("<https://lms.example/m?page={n}>; rel=next")));
    let (pages, asked) = walk(answers.collect()).await;
    assert_eq!(pages.err(), Some(RosterError::TooManyPages));
    assert_eq!(asked.len(), LIMITS.pages);
}

#[tokio::test]
async fn what_is_no_roster_is_an_error() {
    for body in ["", "<html>", "[]", "{}", r#"{"members":null}"#] {
        let (pages, _) = walk(vec![ok(body)]).await;
        assert_eq!(pages.err(), Some(RosterError::Unreadable), "{body}");
    }
    let (pages, _) = walk(vec![answer(404, &[], "")]).await;
    assert_eq!(
        pages.err(),
        Some(RosterError::Service(ServiceError::Answered { status: 404 }))
    );
}

#[test]
fn members_are_read_as_platforms_send_them() {
    let body = json!({"members": [
        {"user_id": "1", "roles": ["Instructor"], "name": "", "email": "a@b.example", "lis_person_sourcedid": ""},
        {"user_id": 2, "roles": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"], "status": "Inactive"},
        {"user_id": "3", "status": "deleted", "name": null, "message": [{}], "group_enrollments": []},
        {"user_id": "4", "roles": ["http://purl.imsglobal.org/vocab/lti/system/person#TestUser"]},
        {"user_id": ""}, {"roles": []}, null, 7,
    ]});
    let (members, skipped) = read_members(body.to_string().as_bytes()).unwrap();
    assert_eq!(skipped, 4);
    let standings: Vec<_> = members.iter().map(|member| member.roles.standing).collect();
    assert_eq!(
        standings,
        [Standing::Staff, Standing::Learner, Standing::None, Standing::TestUser]
    );
    let statuses: Vec<_> = members.iter().map(|member| member.status).collect();
    assert_eq!(
        statuses,
        [
            MemberStatus::Active,
            MemberStatus::Inactive,
            MemberStatus::Deleted,
            MemberStatus::Active
        ]
    );
    assert_eq!(members[0].person.name, None);
    assert_eq!(members[0].person.email.as_deref(), Some("a@b.example"));
    assert_eq!(members[0].sourced_id, None);
    assert_eq!(members[1].subject.as_str(), "2");
}

#[test]
fn a_walk_can_be_resumed_on_its_own_server_only() {
    assert!(Roster::resume(SERVICE, "https://lms.example/members?page=7", LIMITS).is_ok());
    assert_eq!(
        Roster::resume(SERVICE, "https://evil.example/", LIMITS).err(),
        Some(RosterError::ForeignNext)
    );
    assert_eq!(
        Roster::open("ftp://lms.example", None, LIMITS).err(),
        Some(RosterError::InvalidAddress)
    );
    let kept = Roster::open("https://lms.example/m?limit=5", None, LIMITS).unwrap();
    assert_eq!(kept.next.as_deref(), Some("https://lms.example/m?limit=5"));
}

#[test]
fn any_roster_text_is_read_or_refused() {
    let entry = (
        "(user_id|roles|status|name|email|x)",
        prop_oneof![
            ".{0,8}".prop_map(Value::from),
            Just(Value::Null),
            any::<i32>().prop_map(Value::from)
        ],
    );
    let entries = proptest::collection::vec(proptest::collection::vec(entry, 0..5), 0..4);
    check("roster", &entries, |entries| {
        let count = entries.len();
        let members: Vec<Value> = entries
            .into_iter()
            .map(|fields| Value::Object(fields.into_iter().collect()))
            .collect();
        let (read, skipped) = read_members(json!({"members": members}).to_string().as_bytes()).unwrap();
        prop_assert_eq!(read.len() + skipped, count);
        Ok(())
    });
    check(
        "roster bytes",
        &proptest::collection::vec(any::<u8>(), 0..60),
        |bytes| {
            let _ = read_members(&bytes);
            Ok(())
        },
    );
}
