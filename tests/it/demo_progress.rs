//! The demo LMS tells of progress over its own channels, and rules of the tool award: from a learner's button to the
//! mailbox, by each kind of feed.

use std::time::Duration;

use badgebridge::clock::SystemClock;
use badgebridge::sandbox::lms::{Channel, Lms, News, Options, Tool};

use crate::support::browser::Browser;
use crate::support::database::on_both_databases;
use crate::support::world::{Credential, Setup, Tab, World, lms_key};

const COURSE: &str = "BIO-2010";
const BADGE: &str = "B4Graduate01";

/// Publishes the key with which every demo LMS of the tests signs: the address of a world's own is not known yet when
/// its settings are made.
fn key_server() -> Lms {
    let options = Options::new(Tool::at("http://127.0.0.1:1"), std::sync::Arc::new(SystemClock));
    Lms::start(Options {
        key: Some(lms_key()),
        ..options
    })
    .unwrap()
}

async fn rule(world: &World, teacher: &Tab, kind: &str, least: &str) {
    let form = [
        ("badge", BADGE),
        ("mode", "all"),
        ("kind", kind),
        ("least", least),
        ("item", ""),
        ("wait", "0"),
        ("released", "1"),
        ("attempt", "latest"),
        ("back", "no"),
        ("version", "0"),
        ("do", "save"),
    ];
    let saved = teacher.post("/rules/new", &form).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    world.drain_jobs().await;
}

/// What the server does by itself once a second.
async fn settle(world: &World) {
    world
        .deps
        .feeds
        .publish(&world.parts.store, &world.worker)
        .await
        .unwrap();
    world.drain_jobs().await;
}

fn letters(world: &World, person: &str) -> usize {
    let to = format!("{person}@campus.example");
    let mails = world.factory.mailbox();
    mails.iter().filter(|mail| mail.to == to && mail.badge == BADGE).count()
}

async fn press(world: &World, person: &str, form: &[(&str, &str)]) -> String {
    // nothing happens in one second with what was before: Moodle tells whole seconds
    world.parts.store.move_clock(Duration::from_secs(2));
    world
        .clock
        .advance(world.parts.store.now().await.unwrap().since(world.now()));
    let cookie = world.lms.sign_in(person).unwrap();
    let browser = Browser::at(world.lms.url());
    let page = browser.request(reqwest::Method::POST, "/course/2/progress");
    let answer = browser.send(page.header("cookie", cookie.clone()).form(form)).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let page = browser.request(reqwest::Method::GET, answer.location());
    browser.send(page.header("cookie", cookie)).await.body
}

on_both_databases! {
    async fn each_channel_of_the_demo_lms_ends_in_one_badge(database: Database) {
        let keys = key_server();
        let setup = Setup {
            credential: Credential::Certificate,
            settings: vec![("feeds.canvas_keys_url", keys.jwks_url())],
            ..Setup::default()
        };
        let world = World::start_with(&database, setup).await;
        let tool = world.url.clone();
        world.parts.feed_from_demo(world.organisation, &world.lms, &tool).await.unwrap();
        world.parts.feed_from_demo(world.organisation, &world.lms, &tool).await.unwrap();
        let feeds = world.parts.store.read_one(async |tx| tx.feeds_everywhere().await).await.unwrap();
        assert_eq!(feeds.len(), 3, "a second start makes no more");
        world.deps.directory.follow(&world.parts.store).await.unwrap();
        world.deps.feeds.load(&world.parts.store, 0).await.unwrap();
        let teacher = world.launch("teacher1", COURSE).await;
        for person in ["ada", "bjorn", "mei", "chloe"] {
            world.launch(person, COURSE).await;
        }
        world.drain_jobs().await;
        rule(&world, &teacher, "course-completed", "").await;
        for (person, channel) in [("ada", "webhook"), ("bjorn", "canvas"), ("mei", "moodle")] {
            world.lms.set_channel(Channel::named(channel).unwrap());
            let page = press(&world, person, &[("do", "complete")]).await;
            assert!(page.contains("it answered 200"), "{channel}: {page}");
            settle(&world).await;
            assert_eq!(letters(&world, person), 1, "{channel}: {:?}", world.lms.pushed().last());
        }
        // sent again, nobody gets anything twice
        let browser = Browser::at(world.lms.url());
        for message in world.lms.pushed() {
            let again = browser.request(reqwest::Method::POST, &format!("/pushed/{}/again", message.number));
            assert_eq!(browser.send(again).await.status, 303);
        }
        settle(&world).await;
        for message in world.lms.pushed() {
            assert_eq!((message.tries, message.answer.unwrap().0), (2, 200));
        }
        assert_eq!(["ada", "bjorn", "mei", "chloe"].map(|person| letters(&world, person)), [1, 1, 1, 0]);
        world.lms.set_channel(Channel::Silent);
        let page = press(&world, "chloe", &[("do", "complete")]).await;
        assert!(page.contains("Nobody was told"), "{page}");
        assert_eq!(world.lms.progress().completions("2").len(), 4, "whoever asks finds it");
        world.finish().await;
    }

    async fn a_grade_of_the_demo_lms_awards_in_each_channel(database: Database) {
        let keys = key_server();
        let setup = Setup {
            settings: vec![("feeds.canvas_keys_url", keys.jwks_url())],
            ..Setup::default()
        };
        let world = World::start_with(&database, setup).await;
        let tool = world.url.clone();
        world.parts.feed_from_demo(world.organisation, &world.lms, &tool).await.unwrap();
        world.deps.directory.follow(&world.parts.store).await.unwrap();
        world.deps.feeds.load(&world.parts.store, 0).await.unwrap();
        let teacher = world.launch("teacher1", COURSE).await;
        for person in ["ada", "bjorn", "mei"] {
            world.launch(person, COURSE).await;
        }
        world.drain_jobs().await;
        rule(&world, &teacher, "final-grade", "80").await;
        for (person, id, channel) in [("ada", "6", "webhook"), ("bjorn", "7", "canvas"), ("mei", "11", "moodle")] {
            world.lms.set_channel(Channel::named(channel).unwrap());
            let form = [("person", id), ("activity", ""), ("points", "79,5")];
            press(&world, "teacher1", &form).await;
            settle(&world).await;
            assert_eq!(letters(&world, person), 0, "{channel}");
            press(&world, "teacher1", &[("person", id), ("activity", ""), ("points", "80")]).await;
            settle(&world).await;
            assert_eq!(letters(&world, person), 1, "{channel}: {:?}", world.lms.pushed().last());
        }
        let score = News::Score("21".to_owned(), 9.0, 10.0);
        for channel in [Channel::Webhook, Channel::Canvas, Channel::Moodle] {
            world.lms.set_channel(channel);
            let told = world.lms.tell("2", "6", &score).await.unwrap();
            assert_eq!(told.answer.unwrap(), (200, r#"{"accepted":1,"ignored":0,"repeated":0}"#.to_owned()));
        }
        world.lms.set_channel(Channel::Canvas);
        assert_eq!(world.lms.tell("2", "6", &News::Reopened).await, None, "Canvas has no such event");
        settle(&world).await;
        world.finish().await;
    }
}
