//! Launches where cookies fail (rows 73 and 74): the platform's storage proves the browser, a window of our own begins.

use std::collections::BTreeMap;
use std::time::Duration;

use badgebridge::sandbox::lms::{LaunchSpec, StorageMode};
use scraper::{Html, Selector};

use super::{COURSE, LEARNER, TEACHER, assert_refused, assert_refused_after};
use crate::support::browser::{Answer, Browser};
use crate::support::database::{Database, on_both_databases, with_sqlite};
use crate::support::world::World;

/// What a page tells its script: the `data-` attributes of `#storage`.
pub(crate) fn told(answer: &Answer) -> BTreeMap<String, String> {
    let page = Html::parse_document(&answer.body);
    let found = Selector::parse("#storage").unwrap();
    let found = page.select(&found).next();
    let attributes = found.unwrap_or_else(|| panic!("{}", answer.body)).value().attrs();
    attributes
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// The value of a hidden field.
fn field(answer: &Answer, name: &str) -> String {
    let page = Html::parse_document(&answer.body);
    let wanted = Selector::parse(&format!("main input[name={name}]")).unwrap();
    let found = page
        .select(&wanted)
        .next()
        .unwrap_or_else(|| panic!("{name}: {}", answer.body));
    found.value().attr("value").unwrap().to_owned()
}

/// The login of `person`: what its script is told.
async fn login(world: &World, browser: &Browser, person: &str) -> BTreeMap<String, String> {
    let login = world.lms.begin(person, COURSE).unwrap();
    let answer = browser.post_from_elsewhere(&login.url, &login.parameters).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    told(&answer)
}

/// A launch up to the page that asks the storage, in a browser that kept no cookie; what its script is told, and the
/// pending launch's id.
async fn held_back(world: &World, person: &str) -> (BTreeMap<String, String>, String) {
    world.lms.set_storage(StorageMode::Canvas);
    let begun = login(world, &world.browser(), person).await;
    let post = world.lms.answer(&begun["data-next"]).unwrap();
    let answer = world.browser().post_from_elsewhere(&post.url, &post.fields).await;
    assert_refused(world, &answer, 200, "cookie_missing").await;
    assert!(
        !answer.body.contains("Marsh") && !answer.body.contains("Cell Biology"),
        "nothing personal"
    );
    let asked = told(&answer);
    assert_eq!(
        (&asked["data-key"], &asked["data-origin"]),
        (&begun["data-key"], &begun["data-origin"])
    );
    (begun, field(&answer, "pending"))
}

#[tokio::test]
async fn a_login_with_storage_leaves_a_value_and_goes_on() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        for (mode, target) in [
            (StorageMode::Canvas, "post_message_forwarding"),
            (StorageMode::Brightspace, "_parent"),
            (StorageMode::Blackboard, "lti_storage_frame"),
            (StorageMode::Sakai, "_parent"),
        ] {
            world.lms.set_storage(mode);
            let browser = world.browser();
            let request = world.lms.begin(TEACHER, COURSE).unwrap();
            let answer = browser.post_from_elsewhere(&request.url, &request.parameters).await;
            assert_eq!(answer.status, 200);
            let policy = answer.header("content-security-policy").unwrap();
            assert!(
                policy.contains("script-src 'nonce-") && policy.contains(world.lms.url()),
                "{policy}"
            );
            let begun = told(&answer);
            assert_eq!(
                (begun["data-act"].as_str(), begun["data-target"].as_str()),
                ("put", target)
            );
            assert_eq!(
                begun["data-origin"],
                world.lms.url(),
                "the authorization endpoint's origin and no other"
            );
            let state = begun["data-key"].strip_prefix("lti_state_").unwrap();
            assert_ne!(begun["data-value"], state, "the state travels in the form");
            // a cookie that comes back is enough
            let post = world.lms.answer(&begun["data-next"]).unwrap();
            assert_eq!(post.field("state"), Some(state));
            browser.post_from_elsewhere(&post.url, &post.fields).await.seat();
        }
        world.finish().await;
    })
    .await;
}

on_both_databases! {
    async fn a_value_from_storage_opens_one_window(database: Database) {
        let world = World::unconnected(&database).await;
        let (begun, pending) = held_back(&world, TEACHER).await;
        let frame = world.browser();
        let proof = [("pending", pending.as_str()), ("value", begun["data-value"].as_str())];
        let proven = frame.post("/lti/window", &proof).await;
        assert_eq!((proven.status, proven.heading().as_str()), (200, "Open in a new window"));
        assert_eq!(world.seats().await, 0, "nothing begins in the frame");
        let again = frame.post("/lti/window", &proof).await;
        assert_refused(&world, &again, 401, "state_unknown").await;
        let ticket = field(&proven, "ticket");
        let window = world.browser();
        let entry = [("ticket", ticket.as_str())];
        let (one, other) = tokio::join!(
            window.post("/lti/window", &entry),
            window.post("/lti/window", &entry)
        );
        let (first, second) = if one.status == 303 { (one, other) } else { (other, one) };
        let seat = world.seat(first.seat()).await;
        assert!(!seat.framed, "a window of our own");
        assert_eq!(second.status, 401, "{}", second.body);
        assert_eq!(world.seats().await, 1);
        assert_eq!(window.get(first.location()).await.status, 200);
        world.finish().await;
    }
}

#[tokio::test]
async fn another_value_than_the_kept_one_makes_no_session() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let (begun, pending) = held_back(&world, TEACHER).await;
        let state = begun["data-key"].strip_prefix("lti_state_").unwrap();
        let (elsewhere, _) = held_back(&world, LEARNER).await;
        for wrong in [state, elsewhere["data-value"].as_str(), "null"] {
            let proof = [("pending", pending.as_str()), ("value", wrong)];
            let answer = world.browser().post("/lti/window", &proof).await;
            // the first wrong value ends it: guessing has one try
            let reason = if wrong == state {
                "binding_mismatch"
            } else {
                "state_unknown"
            };
            assert_refused(&world, &answer, 401, reason).await;
        }
        let right = [("pending", pending.as_str()), ("value", begun["data-value"].as_str())];
        let answer = world.browser().post("/lti/window", &right).await;
        assert_refused(&world, &answer, 401, "state_unknown").await;
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_window_begins_only_from_our_own_page_and_in_time() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let (begun, pending) = held_back(&world, TEACHER).await;
        let proof = [("pending", pending.clone()), ("value", begun["data-value"].clone())];
        let fields = proof.clone().map(|(name, value)| (name.to_owned(), value));
        // somebody else's page would seat this browser in their session
        let answer = world.browser().post_from_elsewhere("/lti/window", &fields).await;
        assert_refused(&world, &answer, 403, "foreign_form").await;
        let browser = world.browser();
        let request = |origin: Option<&str>| {
            let request = browser.request(reqwest::Method::POST, "/lti/window").form(&proof);
            match origin {
                Some(origin) => request.header("Origin", origin),
                None => request,
            }
        };
        for origin in [None, Some("null"), Some("https://evil.example")] {
            let answer = browser.send(request(origin)).await;
            assert_refused(&world, &answer, 403, "foreign_form").await;
        }
        // an older browser names its origin
        let proven = browser.send(request(Some(&world.url))).await;
        assert_eq!(proven.status, 200, "{}", proven.body);
        assert_eq!(proven.header("referrer-policy"), Some("same-origin"));
        // an unproven id is no ticket
        let answer = browser.post("/lti/window", &[("ticket", &pending)]).await;
        assert_refused(&world, &answer, 401, "state_unknown").await;
        world.advance(Duration::from_secs(301)).await;
        let ticket = field(&proven, "ticket");
        let answer = browser.post("/lti/window", &[("ticket", &ticket)]).await;
        assert_refused(&world, &answer, 401, "state_unknown").await;
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_pending_launch_ends_with_its_login_and_its_registration() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let (begun, pending) = held_back(&world, TEACHER).await;
        let proof = [("pending", pending.as_str()), ("value", begun["data-value"].as_str())];
        let proven = world.browser().post("/lti/window", &proof).await;
        let ticket = field(&proven, "ticket");
        world
            .change_registration(|registration| registration.enabled = false)
            .await;
        let answer = world.browser().post("/lti/window", &[("ticket", &ticket)]).await;
        assert_refused(&world, &answer, 403, "registration_disabled").await;
        world
            .change_registration(|registration| registration.enabled = true)
            .await;
        // the same launch with its cookie, in another tab, was faster
        let browser = world.browser();
        world.lms.set_storage(StorageMode::Canvas);
        let begun = login(&world, &browser, TEACHER).await;
        let post = world.lms.answer(&begun["data-next"]).unwrap();
        let blind = world.browser().post_from_elsewhere(&post.url, &post.fields).await;
        let pending = field(&blind, "pending");
        browser.post_from_elsewhere(&post.url, &post.fields).await.seat();
        let proof = [("pending", pending.as_str()), ("value", begun["data-value"].as_str())];
        let answer = world.browser().post("/lti/window", &proof).await;
        assert_refused_after(&world, 1, &answer, 401, "state_unknown").await;
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn without_storage_the_page_leads_back_at_once() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let browser = world.browser();
        let begun = super::begin(&world, &browser).await;
        let token = world.lms.id_token(&LaunchSpec::new(TEACHER, COURSE, &begun.nonce));
        let answer = world.answer(&world.browser(), &begun.state, &token).await;
        assert_refused(&world, &answer, 200, "cookie_missing").await;
        assert!(!answer.body.contains("id=\"storage\""));
        assert!(answer.body.contains("target=\"_top\""), "the way back");
        world.finish().await;
    })
    .await;
}
