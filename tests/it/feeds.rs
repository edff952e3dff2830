//! Feeds over a socket, on both databases: who is believed, what is answered, and what becomes of the news.

mod names;

use std::time::Duration;

use aws_lc_rs::hmac;
use badgebridge::app::{MadeFeed, NewFeed};
use badgebridge::crypto::random;
use badgebridge::model::RuleId;
use badgebridge::model::fact::{FactClass, Facts};
use badgebridge::model::feed::{FeedCount, FeedKind};
use badgebridge::model::rule::{Options as RuleOptions, Terms};
use badgebridge::model::signal::Item;
use badgebridge::sandbox::lms::{LaunchSpec, Lms as DemoLms, Options, Signer, Tool};
use badgebridge::store::rule::NewRule;
use badgebridge::store::signal::SignalCount;
use badgebridge::store::{Durability, StoreError};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};

use crate::support::boxed;
use crate::support::browser::{Answer, Browser};
use crate::support::database::on_both_databases;
use crate::support::world::{Setup, Tab, World, claim};

const COURSE: &str = "BIO-2010";

impl World {
    async fn feed(&self, kind: FeedKind, key_in_address: bool) -> MadeFeed {
        boxed(async move {
            let made = self
                .parts
                .add_feed(NewFeed {
                    organisation: self.organisation,
                    kind,
                    name: "Campus".to_owned(),
                    registration: Some(self.registration.id),
                    course: None,
                    key_in_address,
                })
                .await
                .unwrap();
            self.follow_feeds().await;
            made
        })
        .await
    }

    async fn follow_feeds(&self) {
        let store = &self.parts.store;
        self.deps.directory.follow(store).await.unwrap();
        let version = self.deps.directory.entries().version();
        self.deps.feeds.follow(store, version).await.unwrap();
    }

    /// A rule that nobody here fulfils: without any, a course's signals are counted and not kept.
    async fn with_rule(&self, tab: &Tab) {
        let (organisation, course) = (self.organisation, tab.seat.course.unwrap());
        let registration = self.registration.id;
        let added: Result<(), StoreError> = self
            .parts
            .store
            .write(Durability::Full, async move |tx| {
                let now = tx.now().await?;
                let new = NewRule {
                    id: RuleId::new(random::id_at(now)),
                    organisation,
                    registration,
                    course,
                    badge_id: "badge-1".to_owned(),
                    terms: Terms {
                        when: "course-concluded".parse().unwrap(),
                        options: RuleOptions::default(),
                        since: Some(now),
                    },
                    author: None,
                };
                tx.add_rule(&new, now).await
            })
            .await;
        added.unwrap();
    }

    /// What the server does by itself: tells the workers and writes the counts; then the work is done.
    async fn match_signals(&self) {
        boxed(async move {
            self.deps.feeds.publish(&self.parts.store, &self.worker).await.unwrap();
            self.deps.feeds.write_counts(&self.parts.store).await.unwrap();
            self.drain_jobs().await;
        })
        .await;
    }

    async fn post(&self, path: &str, body: &str, headers: &[(&str, String)]) -> Answer {
        let browser = Browser::at(&self.url);
        let mut request = browser.request(reqwest::Method::POST, path).body(body.to_owned());
        let is_typed = headers.iter().any(|(name, _)| *name == "content-type");
        if !is_typed {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        browser.send(request).await
    }

    /// Signs and sends a webhook.
    async fn webhook(&self, made: &MadeFeed, id: &str, event: &Value) -> Answer {
        let body = event.to_string();
        let headers = self.signed(made.secret.as_deref().unwrap(), id, &body);
        self.post(&address(made), &body, &headers).await
    }

    fn signed(&self, secret: &str, id: &str, body: &str) -> Vec<(&'static str, String)> {
        let key = BASE64_STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let at = self.now().seconds();
        let tag = hmac::sign(
            &hmac::Key::new(hmac::HMAC_SHA256, &key),
            format!("{id}.{at}.{body}").as_bytes(),
        );
        vec![
            ("webhook-id", id.to_owned()),
            ("webhook-timestamp", at.to_string()),
            ("webhook-signature", format!("v1,{}", BASE64_STANDARD.encode(tag))),
        ]
    }

    async fn facts(&self, tab: &Tab) -> Facts {
        let (organisation, course, member) = (self.organisation, tab.seat.course.unwrap(), tab.seat.member.unwrap());
        let facts = self
            .parts
            .store
            .read(async |tx| tx.facts(organisation, course, member).await);
        facts.await.unwrap()
    }

    /// States of a feed's signals with their reasons, and how many.
    async fn states(&self, made: &MadeFeed) -> Vec<(String, i64)> {
        let (organisation, feed) = (self.organisation, made.feed.id);
        let rows = self
            .parts
            .store
            .read(async |tx| tx.signal_counts(organisation, feed).await);
        let word = |row: SignalCount| (format!("{} {}", row.state, row.reason.unwrap_or_default()), row.count);
        rows.await.unwrap().into_iter().map(word).collect()
    }

    async fn counted(&self, made: &MadeFeed) -> FeedCount {
        let (organisation, feed) = (self.organisation, made.feed.id);
        let count = self
            .parts
            .store
            .read(async |tx| tx.feed_count(organisation, feed).await);
        count.await.unwrap()
    }
}

fn address(made: &MadeFeed) -> String {
    format!("/feeds/{}/{}", made.feed.id, made.feed.kind)
}

fn keyed(made: &MadeFeed) -> String {
    let key = made.address_key.as_deref().unwrap();
    format!("/feeds/{}/k/{key}/{}", made.feed.id, made.feed.kind)
}

fn completed(sub: &str) -> Value {
    json!({"type": "course.completed", "timestamp": "2026-11-01T10:00:00+01:00",
        "data": {"context": {"lti_context_id": "2"}, "user": {"lti_sub": sub}}})
}

fn grade(sub: &str, given: i32, at: &str) -> Value {
    json!({"type": "grade.recorded", "data": {"context": {"lti_context_id": "2"}, "user": {"lti_sub": sub},
        "score": {"given": given, "maximum": 100}, "completed_at": at}})
}

on_both_databases! {
    async fn a_signed_webhook_becomes_a_fact_once(database: Database) {
        let world = World::unconnected(&database).await;
        let ada = world.launch("ada", COURSE).await;
        world.with_rule(&ada).await;
        let feed = world.feed(FeedKind::Webhook, false).await;
        let answer = world.webhook(&feed, "msg-1", &completed("6")).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"accepted":1,"ignored":0,"repeated":0}"#));
        let again = world.webhook(&feed, "msg-1", &completed("6")).await;
        assert_eq!((again.status, again.body.as_str()), (200, r#"{"accepted":0,"ignored":0,"repeated":1}"#));
        world.webhook(&feed, "msg-2", &json!({"type": "user.created"})).await;
        world.match_signals().await;
        let facts = world.facts(&ada).await;
        let fact = facts.holding(&Item::Course, FactClass::Completion).unwrap();
        assert_eq!((fact.occurred_at.seconds(), fact.utc_offset_minutes), (1_793_523_600, Some(60)));
        assert_eq!(world.states(&feed).await, [("matched fact".to_owned(), 1)]);
        let count = world.counted(&feed).await;
        assert_eq!((count.accepted, count.repeated, count.ignored), (1, 1, 1));
        world.finish().await;
    }

    async fn requests_at_once_are_stored_together_and_each_is_told_its_own(database: Database) {
        let world = World::unconnected(&database).await;
        let feed = world.feed(FeedKind::Webhook, false).await;
        let sent = (0..60).map(|number| {
            let (world, feed) = (&world, &feed);
            async move { world.webhook(feed, &format!("msg-{}", number % 45), &completed("6")).await }
        });
        let answers = futures_util::future::join_all(sent).await;
        assert!(answers.iter().all(|answer| answer.status == 200));
        let new = answers.iter().filter(|answer| answer.body.contains(r#""accepted":1"#)).count();
        assert_eq!(new, 45, "whoever of two equal ones comes first");
        world.match_signals().await;
        assert_eq!(world.states(&feed).await, [("parked course-unknown".to_owned(), 45)]);
        let count = world.counted(&feed).await;
        assert_eq!((count.accepted, count.repeated), (45, 15));
        world.finish().await;
    }

    async fn what_is_not_proven_leaves_a_number_behind_and_nothing_else(database: Database) {
        let world = World::unconnected(&database).await;
        let feed = world.feed(FeedKind::Webhook, false).await;
        let secret = feed.secret.clone().unwrap();
        let body = completed("6").to_string();
        let path = address(&feed);
        let good = world.signed(&secret, "msg-1", &body);
        let mut late = good.clone();
        late[1].1 = (world.now().seconds() - 301).to_string();
        let mut forged = good.clone();
        forged[2].1 = format!("v1,{}", BASE64_STANDARD.encode([7_u8; 32]));
        for headers in [&late[..], &forged, &good[..2], &[]] {
            assert_eq!(world.post(&path, &body, headers).await.status, 401);
        }
        assert_eq!(world.post(&path, &format!("{body} "), &good).await.status, 401, "another body");
        let typed = [("content-type", "text/xml".to_owned())];
        assert_eq!(world.post(&path, &body, &typed).await.status, 415);
        let large = "x".repeat(1024 * 1024 + 1);
        assert_eq!(world.post(&path, &large, &[]).await.status, 413);
        let unreadable = "{\n \"type\": ada@campus.example}";
        let answer = world.post(&path, unreadable, &world.signed(&secret, "msg-2", unreadable)).await;
        assert_eq!((answer.status, answer.body.as_str()), (400, r#"{"error":"not JSON at line 2, column 10"}"#));
        let nobody = json!([completed("6"), {"type": "course.completed", "data": {}}]);
        let answer = world.webhook(&feed, "msg-3", &nobody).await;
        assert_eq!((answer.status, answer.body.as_str()), (400, r#"{"error":"event 2: data.user is missing or cannot be read"}"#));
        let other = address(&feed).replace("webhook", "moodle");
        assert_eq!(world.post(&other, &body, &good).await.status, 404);
        assert_eq!(world.post(&path.replace("/webhook", "/k/anything/webhook"), &body, &good).await.status, 404);
        assert_eq!(world.browser().get(&path).await.status, 405);
        world.match_signals().await;
        let count = world.counted(&feed).await;
        assert_eq!((count.refused, count.unreadable, count.accepted), (5, 4, 0));
        assert_eq!(count.error.unwrap().0, "event 2: data.user is missing or cannot be read");
        assert_eq!(world.states(&feed).await, []);
        world.finish().await;
    }

    async fn news_that_nobody_knew_waits_until_a_launch(database: Database) {
        let world = World::unconnected(&database).await;
        let feed = world.feed(FeedKind::Webhook, false).await;
        world.webhook(&feed, "msg-1", &completed("6")).await;
        world.match_signals().await;
        assert_eq!(world.states(&feed).await, [("parked course-unknown".to_owned(), 1)]);
        let teacher = world.launch("teacher1", COURSE).await;
        world.with_rule(&teacher).await;
        world.drain_jobs().await;
        assert_eq!(world.states(&feed).await, [("parked person-unknown".to_owned(), 1)]);
        let ada = world.launch("ada", COURSE).await;
        world.drain_jobs().await;
        assert_eq!(world.states(&feed).await, [("matched fact".to_owned(), 1)]);
        assert!(world.facts(&ada).await.holding(&Item::Course, FactClass::Completion).is_some());
        // the roster brings somebody who never launched
        world.webhook(&feed, "msg-2", &completed("7")).await;
        world.match_signals().await;
        assert_eq!(world.states(&feed).await.len(), 2);
        world.queue_roster(teacher.seat.course.unwrap()).await;
        world.drain_jobs().await;
        assert_eq!(world.states(&feed).await, [("matched fact".to_owned(), 2)]);
        world.finish().await;
    }

    async fn of_a_course_without_a_rule_only_the_fact_is_kept(database: Database) {
        let world = World::unconnected(&database).await;
        let ada = world.launch("ada", COURSE).await;
        let feed = world.feed(FeedKind::Webhook, false).await;
        world.webhook(&feed, "msg-1", &completed("6")).await;
        world.webhook(&feed, "msg-2", &completed("7")).await;
        world.match_signals().await;
        assert!(world.facts(&ada).await.holding(&Item::Course, FactClass::Completion).is_some());
        assert_eq!(world.states(&feed).await, []);
        assert_eq!(world.counted(&feed).await.dropped, 2);
        world.finish().await;
    }

    async fn older_news_never_takes_the_place_of_newer(database: Database) {
        let world = World::unconnected(&database).await;
        let ada = world.launch("ada", COURSE).await;
        world.with_rule(&ada).await;
        let feed = world.feed(FeedKind::Webhook, false).await;
        for (id, given, at) in [
            ("msg-1", 70, "2026-11-01T10:00:00Z"),
            ("msg-2", 105, "2026-11-01T12:00:00Z"),
            ("msg-3", 80, "2026-11-01T11:00:00Z"),
        ] {
            assert_eq!(world.webhook(&feed, id, &grade("6", given, at)).await.status, 200);
            // within one millisecond the order of arrival would be chance
            world.clock.advance(Duration::from_millis(1));
        }
        world.match_signals().await;
        let facts = world.facts(&ada).await;
        let (_, score) = facts.score(&Item::FinalGrade).unwrap();
        assert_eq!(score.percent().unwrap().to_string(), "105");
        assert_eq!(world.states(&feed).await, [("matched fact".to_owned(), 2), ("matched older".to_owned(), 1)]);
        // a clock that is hours ahead does not win against what comes later
        world.webhook(&feed, "msg-4", &grade("6", 1, "2099-01-01T00:00:00Z")).await;
        world.match_signals().await;
        let facts = world.facts(&ada).await;
        let (fact, _) = facts.score(&Item::FinalGrade).unwrap();
        assert!(fact.clock_suspect && fact.occurred_at == world.now());
        world.finish().await;
    }

    async fn staff_and_test_users_are_dropped_and_names_that_contradict_find_nobody(database: Database) {
        let world = World::unconnected(&database).await;
        let feed = world.feed(FeedKind::Webhook, false).await;
        let custom = |id: &str| json!({"lms_user_id": id, "lms_course_id": "31420000000000903"});
        for (person, id) in [("teacher1", "3"), ("teststudent", "19"), ("ada", "31420000000000482"), ("bjorn", "483")] {
            let spec = LaunchSpec::new(person, COURSE, "").with(&claim("custom"), custom(id));
            let tab = world.launch_in(&world.browser(), spec).await;
            if person == "teacher1" {
                world.with_rule(&tab).await;
            }
        }
        let event = |user: Value| json!({"type": "course.completed", "data": {"context": {"lms_id": "903"}, "user": user}});
        let own = json!({"email": "ada@campus.example"});
        for (id, user) in [
            ("msg-1", json!({"lti_sub": "3"})),
            ("msg-2", json!({"lti_sub": "19"})),
            ("msg-3", json!({"lms_id": "482"})),
            ("msg-4", own),
            ("msg-5", json!({"lms_id": "999", "email": "ada@campus.example"})),
            ("msg-6", json!({"lti_sub": "nobody", "email": "ada@campus.example"})),
        ] {
            assert_eq!(world.webhook(&feed, id, &event(user)).await.status, 200);
        }
        world.match_signals().await;
        assert_eq!(world.states(&feed).await, [
            ("dropped not-learner".to_owned(), 1),
            ("dropped test-user".to_owned(), 1),
            ("matched fact".to_owned(), 2),
            ("parked person-unknown".to_owned(), 2),
        ]);
        // two people with one address: neither is meant
        world.lms.set_email("bjorn", Some("ada@campus.example"));
        world.launch("bjorn", COURSE).await;
        world.webhook(&feed, "msg-7", &event(json!({"email": "ada@campus.example"}))).await;
        world.match_signals().await;
        assert!(world.states(&feed).await.contains(&("parked person-ambiguous".to_owned(), 2)));
        world.finish().await;
    }

    async fn canvas_is_believed_for_its_own_account_only(database: Database) {
        let clock = std::sync::Arc::new(badgebridge::clock::SystemClock);
        let canvas = DemoLms::start(Options::new(Tool::at("http://127.0.0.1:1"), clock)).unwrap();
        let setup = Setup {
            credential: crate::support::world::Credential::Nothing,
            settings: vec![("feeds.canvas_keys_url", canvas.jwks_url())],
            ..Setup::default()
        };
        let world = World::start_with(&database, setup).await;
        let custom = json!({"lms_user_id": "31420000000000482", "lms_course_id": "903"});
        let spec = LaunchSpec::new("ada", COURSE, "").with(&claim("custom"), custom);
        let ada = world.launch_in(&world.browser(), spec).await;
        let feed = world.feed(FeedKind::Canvas, true).await;
        let event = |guid: &str| json!({
            "metadata": {"event_name": "course_completed", "event_time": "2026-11-01T10:00:02Z",
                "root_account_uuid": "x", "root_account_lti_guid": guid},
            "body": {"course": {"id": "903"}, "progress": {"completed_at": "2026-11-01T10:00:00Z"},
                "user": {"id": "482", "email": "ada@campus.example", "name": "Ada"}},
        });
        let ours = event("demo-lms.example");
        let signed = |event: &Value, signer: Signer| canvas.sign(&canvas.header(), event, &signer);
        let path = address(&feed);
        let jwt = [("content-type", "application/jwt".to_owned())];
        for (body, status) in [
            (signed(&event("other.example"), Signer::Own), 401),
            (signed(&ours, Signer::Other), 401),
            (signed(&ours, Signer::Secret(b"x".to_vec())), 401),
            (ours.to_string(), 401),
            (signed(&ours, Signer::Own), 200),
        ] {
            assert_eq!(world.post(&path, &body, &jwt).await.status, status);
        }
        let keyed = keyed(&feed);
        assert_eq!(world.post(&keyed, &event("other.example").to_string(), &[]).await.status, 401);
        let again = world.post(&keyed, &ours.to_string(), &[]).await;
        assert_eq!(again.body, r#"{"accepted":0,"ignored":0,"repeated":1}"#);
        let wrong = keyed.replace("/k/", "/k/x");
        assert_eq!(world.post(&wrong, &ours.to_string(), &[]).await.status, 401);
        world.match_signals().await;
        assert!(world.facts(&ada).await.holding(&Item::Course, FactClass::Completion).is_some());
        world.finish().await;
    }

    async fn moodles_plugins_prove_themselves_by_token(database: Database) {
        let world = World::unconnected(&database).await;
        let ada = world.launch("ada", COURSE).await;
        world.with_rule(&ada).await;
        let feed = world.feed(FeedKind::Moodle, false).await;
        let token = feed.secret.as_deref().unwrap().as_str();
        let event = |token: &str, state: i32, at: i64| json!({
            "eventname": "\\core\\event\\course_module_completion_updated", "courseid": "2", "relateduserid": "6",
            "userid": "3", "contextinstanceid": "77", "timecreated": at, "other": {"completionstate": state},
            "token": token,
        });
        let path = address(&feed);
        let body = event("wrong", 2, 1_793_523_600).to_string();
        assert_eq!(world.post(&path, &body, &[]).await.status, 401);
        let bearer = |token: &str| [("authorization", format!("Bearer {token}"))];
        assert_eq!(world.post(&path, &body, &bearer("wrong")).await.status, 401);
        let body = event(token, 2, 1_793_523_600).to_string();
        assert_eq!(world.post(&path, &body, &[]).await.body, r#"{"accepted":2,"ignored":0,"repeated":0}"#);
        let body = event("", 2, 1_793_523_600).to_string();
        let again = world.post(&path, &body, &bearer(token)).await;
        assert_eq!(again.body, r#"{"accepted":0,"ignored":0,"repeated":2}"#);
        world.match_signals().await;
        let item: Item = "activity:77".parse().unwrap();
        let facts = world.facts(&ada).await;
        assert!(facts.holding(&item, FactClass::Completion).is_some());
        assert!(facts.holding(&item, FactClass::Outcome).is_some());
        world.finish().await;
    }

    async fn a_rotated_secret_is_good_until_the_overlap_ends_and_a_feed_can_be_switched_off(database: Database) {
        let world = World::unconnected(&database).await;
        world.launch("ada", COURSE).await;
        let before = world.feed(FeedKind::Webhook, false).await;
        let after = world.parts.rotate_feed(before.feed.clone(), Duration::from_hours(1)).await.unwrap();
        world.follow_feeds().await;
        assert_eq!(world.webhook(&before, "msg-1", &completed("6")).await.status, 200);
        assert_eq!(world.webhook(&after, "msg-2", &completed("6")).await.status, 200);
        world.clock.advance(Duration::from_hours(1));
        assert_eq!(world.webhook(&before, "msg-3", &completed("6")).await.status, 401);
        assert_eq!(world.webhook(&after, "msg-4", &completed("6")).await.status, 200);
        let (organisation, id) = (world.organisation, after.feed.id);
        let switched: Result<i64, StoreError> = world.parts.store
            .write(Durability::Full, async move |tx| {
                assert!(tx.switch_feed(organisation, id, false).await?);
                tx.raise_settings_version().await?;
                Ok(0)
            })
            .await;
        switched.unwrap();
        world.follow_feeds().await;
        assert_eq!(world.webhook(&after, "msg-5", &completed("6")).await.status, 410);
        world.match_signals().await;
        world.finish().await;
    }

    async fn a_sender_beyond_its_rate_is_asked_to_come_again(database: Database) {
        let setup = Setup {
            credential: crate::support::world::Credential::Nothing,
            settings: vec![("feeds.requests_per_second", "1".to_owned()), ("feeds.burst", "2".to_owned())],
            ..Setup::default()
        };
        let world = World::start_with(&database, setup).await;
        let feed = world.feed(FeedKind::Webhook, false).await;
        let mut statuses = Vec::new();
        for index in 0..4 {
            statuses.push(world.webhook(&feed, &format!("msg-{index}"), &completed("6")).await.status);
        }
        assert_eq!(statuses[..2], [200, 200]);
        assert!(statuses[2..].contains(&429), "{statuses:?}");
        world.match_signals().await;
        world.finish().await;
    }
}
