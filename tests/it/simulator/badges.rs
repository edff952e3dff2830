//! Badges and the organisation.

use badgebridge::clock::ManualClock;
use badgebridge::sandbox::factory::{
    BADGE_DRAFT, BADGE_NO_MESSAGE, BADGE_SAFETY, BADGE_SHARED, BADGE_WELCOME, CLIENT, OTHER_BADGE, Options,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;

use super::{START, World, lines, to};

#[tokio::test]
async fn lists_are_lines_that_end_with_cr_lf_and_an_empty_list_is_empty() {
    let world = World::start();
    let answer = world.get("/v1/badge/C8MarloweDemo?draft=0").await;
    assert_eq!(answer.headers()["content-type"], "application/octet-stream");
    let text = answer.text().await.unwrap();
    assert!(text.ends_with("\r\n"));
    assert_eq!(text.matches("\r\n").count(), text.lines().count());
    let badges = lines(&text);
    assert_eq!(badges.len(), 6);
    let image = |badge: &Value| badge["image"].as_str().unwrap().to_owned();
    assert_eq!(
        badges
            .iter()
            .filter(|one| image(one).starts_with("data:image/png;base64,"))
            .count(),
        5
    );
    assert_eq!(
        badges
            .iter()
            .filter(|one| image(one).starts_with("data:image/svg+xml;base64,"))
            .count(),
        1
    );
    assert_eq!(world.get("/v1/event/C8MarloweDemo").await.text().await.unwrap(), "");
    world.factory.set_manner(|manner| manner.lists_as_json = true);
    assert_eq!(
        world.get("/v1/badge/C8MarloweDemo").await.headers()["content-type"],
        "application/json"
    );
}

#[tokio::test]
async fn badges_are_filtered() {
    let world = World::start();
    let ids = async |query: &str| {
        let found = world.lines(&format!("/v1/badge/C8MarloweDemo/?{query}")).await;
        let mut ids: Vec<String> = found.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids("draft=1").await, [BADGE_DRAFT]);
    assert_eq!(ids("").await.len(), 7);
    assert_eq!(
        ids("category=Onboarding|Safety").await,
        [BADGE_NO_MESSAGE, BADGE_SAFETY, BADGE_WELCOME]
    );
    assert_eq!(ids("category=Onboarding%7CSafety").await.len(), 3);
    assert_eq!(
        ids(&format!("id={BADGE_SAFETY}|{BADGE_WELCOME}|{OTHER_BADGE}")).await,
        [BADGE_SAFETY, BADGE_WELCOME]
    );
    assert_eq!(ids("query=wet%20LAB").await, [BADGE_SAFETY]);
    assert_eq!(ids("meta:level=introductory&draft=1").await, [BADGE_DRAFT]);
    assert!(ids("meta:level=introductory&meta:course=none").await.is_empty());
    assert_eq!(ids(&format!("external=1&id={BADGE_SHARED}")).await, [BADGE_SHARED]);
    assert_eq!(world.get("/v1/badge/C8MarloweDemo?draft=yes").await.status(), 400);
    let categories: Value = world
        .get("/v1/badge/C8MarloweDemo/_/categorylist")
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(
        categories,
        json!(["Communication", "Courses", "Digital skills", "Onboarding", "Safety"])
    );
}

#[tokio::test]
async fn a_badge_is_created_changed_and_deleted() {
    let world = World::start();
    let png = STANDARD.encode(b"\x89PNG\r\n\x1a\nrest");
    let body = json!({"name": "New", "description": "D", "draft": false, "image": png, "tags": ["a"]});
    let made = world
        .send(Method::POST, "/v1/badge/C8MarloweDemo", Some(body.clone()))
        .await;
    assert_eq!(made.status(), 201);
    let location = made.headers()["location"].to_str().unwrap().to_owned();
    assert!(location.starts_with("/v1/badge/C8MarloweDemo/"), "{location}");
    assert_eq!(made.text().await.unwrap(), "");
    let shown: Value = world.get(&location).await.json().await.unwrap();
    assert_eq!(shown["image"], format!("data:image/png;base64,{png}"));
    assert_eq!((&shown["draft"], &shown["tags"]), (&json!(0), &json!(["a"])));
    let mut changed = body;
    changed["name"] = json!("Newer");
    let put = world.send(Method::PUT, &location, Some(changed)).await;
    assert_eq!((put.status().as_u16(), put.text().await.unwrap().as_str()), (204, ""));
    assert_eq!(
        world.get(&location).await.json::<Value>().await.unwrap()["name"],
        "Newer"
    );
    assert_eq!(
        world
            .send(Method::PUT, &location, Some(json!({"name": "x"})))
            .await
            .status(),
        400
    );
    assert_eq!(world.send(Method::DELETE, &location, None).await.status(), 204);
    assert_eq!(world.get(&location).await.status(), 404);
    let shared = format!("/v1/badge/C8MarloweDemo/{BADGE_SHARED}");
    assert_eq!(world.send(Method::DELETE, &shared, None).await.status(), 403);
    assert_eq!(
        world
            .send(Method::DELETE, "/v1/badge/C8MarloweDemo", None)
            .await
            .status(),
        204
    );
    assert!(world.lines("/v1/badge/C8MarloweDemo").await.is_empty());
    assert_eq!(
        world.refused(BADGE_SAFETY, to("ada@learners.example")).await.0,
        404,
        "deleted badges cannot be issued"
    );
}

#[tokio::test]
async fn the_organisation_is_read_and_changed() {
    let world = World::start();
    let path = "/v1/client/C8MarloweDemo";
    let one: Value = world.get(path).await.json().await.unwrap();
    assert_eq!(
        (&one["id"], &one["name"]),
        (&json!(CLIENT), &json!("Marlowe Polytechnic"))
    );
    let body = json!({"url": "https://new.example", "description": "New", "email": "new@marlowe.example"});
    assert_eq!(world.send(Method::PUT, path, Some(body)).await.status(), 204);
    assert_eq!(
        world.get(path).await.json::<Value>().await.unwrap()["url"],
        "https://new.example"
    );
    assert_eq!(
        world.send(Method::PUT, path, Some(json!({"url": "x"}))).await.status(),
        400
    );
}

#[tokio::test]
async fn heavy_badges_have_large_pictures_each_another_one() {
    let clock = Arc::new(ManualClock::at(START));
    let world = World::with(
        Options {
            heavy_badges: 3,
            clock: clock.clone(),
            ..Options::default()
        },
        clock,
    );
    let heavy = world.lines("/v1/badge/C8MarloweDemo?query=measured").await;
    let pictures: std::collections::BTreeSet<&str> = heavy.iter().map(|one| one["image"].as_str().unwrap()).collect();
    assert_eq!(pictures.len(), 3);
    assert!(pictures.iter().all(|picture| picture.len() > 250_000));
}
