//! The misbehaviours and manners.

use badgebridge::sandbox::factory::{Aim, BADGE_SAFETY, Fault, Kind, LogEntry, Phase, Plan};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

use super::{World, send, to};

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
            .starts_with("https://127.0.0.1:")
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
