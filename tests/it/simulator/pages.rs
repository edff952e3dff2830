//! The pages for people, and what a restart keeps.

use badgebridge::clock::ManualClock;
use badgebridge::sandbox::factory::{BADGE_SAFETY, CLIENT, Factory, LogEntry, Options};
use reqwest::{Client, Method, redirect};
use std::sync::Arc;
use std::time::Duration;

use super::{START, World, client, send, to};

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
