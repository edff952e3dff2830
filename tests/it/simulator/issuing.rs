//! Issuing, searching, revoking.

use badgebridge::sandbox::factory::{
    BADGE_DRAFT, BADGE_NO_MESSAGE, BADGE_SAFETY, BADGE_SHARED, BADGE_WELCOME, Kind, OTHER_BADGE, OTHER_CLIENT,
};
use reqwest::Method;
use serde_json::{Value, json};

use super::{World, client, send, to};

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
