//! The pages of feeds and of news that waits: who sees and does what, on both databases.

use badgebridge::app::{MadeFeed, NewFeed};
use badgebridge::model::feed::FeedKind;
use badgebridge::sandbox::lms::LaunchSpec;
use serde_json::{Value, json};

use crate::support::browser::Browser;
use crate::support::database::on_both_databases;
use crate::support::office::Desk;
use crate::support::world::{Tab, World, claim};

const COURSE: &str = "BIO-2010";

/// A feed of the demo LMS.
pub(super) async fn feed(world: &World) -> MadeFeed {
    let new = NewFeed {
        organisation: world.organisation,
        kind: FeedKind::Webhook,
        name: "Campus program".to_owned(),
        registration: Some(world.registration.id),
        course: None,
        key_in_address: true,
    };
    let made = world.parts.add_feed(new).await.unwrap();
    world.deps.feeds.load(&world.parts.store, 0).await.unwrap();
    made
}

async fn send(world: &World, made: &MadeFeed, body: &Value) -> u16 {
    let key = made.address_key.as_ref().unwrap();
    let path = format!("/feeds/{}/k/{}/webhook", made.feed.id, key.as_str());
    let browser = Browser::at(&world.url);
    let request = browser.request(reqwest::Method::POST, &path).json(body);
    let answer = browser.send(request).await;
    world
        .deps
        .feeds
        .publish(&world.parts.store, &world.worker)
        .await
        .unwrap();
    world.deps.feeds.write_counts(&world.parts.store).await.unwrap();
    world.drain_jobs().await;
    answer.status
}

fn completed(course: &Value, user: &Value) -> Value {
    json!({"type": "course.completed", "data": {"context": course, "user": user}})
}

async fn rule(world: &World, teacher: &Tab) {
    world.drain_jobs().await;
    let badge = badgebridge::sandbox::factory::BADGE_SAFETY;
    let form = [
        ("badge", badge),
        ("mode", "all"),
        ("kind", "course-completed"),
        ("least", ""),
        ("item", ""),
        ("wait", "0"),
        ("attempt", "latest"),
        ("version", "0"),
        ("do", "save"),
    ];
    assert_eq!(teacher.post("/rules/new", &form).await.status, 303);
    world.drain_jobs().await;
}

/// An administrator of the LMS who is nothing in the course.
pub(super) async fn administrator(world: &World) -> Tab {
    let role = "http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator";
    let spec = LaunchSpec::new("admin", COURSE, "").with(&claim("roles"), json!([role]));
    world.launch_in(&world.browser(), spec).await
}

/// The ids of what waits, as the page's forms name them.
fn waiting(page: &str) -> Vec<String> {
    let parts = page.split("name=\"signal\" value=\"").skip(1);
    let mut ids: Vec<String> = parts.map(|part| part.split('"').next().unwrap().to_owned()).collect();
    ids.dedup();
    ids
}

/// Names that a person of the LMS has here, in order.
async fn states(world: &World, made: &MadeFeed) -> Vec<(String, i64)> {
    let (organisation, id) = (world.organisation, made.feed.id);
    let read = world
        .parts
        .store
        .read(async |tx| tx.signal_counts(organisation, id).await);
    read.await
        .unwrap()
        .into_iter()
        .map(|row| (row.state, row.count))
        .collect()
}

on_both_databases! {
    async fn an_administrator_of_the_lms_matches_what_waits_and_it_awards(database: Database) {
        let world = World::start(&database).await;
        let made = feed(&world).await;
        let teacher = world.launch("teacher1", COURSE).await;
        world.launch("ada", COURSE).await;
        world.launch("bjorn", COURSE).await;
        rule(&world, &teacher).await;
        let other = json!({"lms_id": "LAB"});
        assert_eq!(send(&world, &made, &completed(&other, &json!({"lti_sub": "6"}))).await, 200);
        assert_eq!(send(&world, &made, &completed(&other, &json!({"sis_id": "S-7", "name": "B. A."}))).await, 200);
        let admin = administrator(&world).await;
        let landed = admin.get("").await;
        assert!(landed.location().ends_with("/lms"), "who administers the LMS and teaches nothing comes to its page");
        let list = admin.get("/feeds").await;
        assert!(list.body.contains("Campus program") && list.body.contains("2 pieces of news wait"), "{}", list.body);
        let page = admin.get("/unmatched").await;
        assert!(page.body.contains("No course here has this name.") && page.body.contains("LAB"), "{}", page.body);
        let ids = waiting(&page.body);
        assert_eq!(ids.len(), 2);
        for wrong in ["", "99", "nobody@campus.example"] {
            let refused = admin.post("/unmatched", &[("signal", &ids[0]), ("means", wrong)]).await;
            assert_eq!(refused.status, 422, "{wrong}");
        }
        let done = admin.post("/unmatched", &[("signal", &ids[0]), ("means", "2")]).await;
        assert_eq!(done.status, 303, "{}", done.body);
        world.drain_jobs().await;
        assert_eq!(states(&world, &made).await, [("matched".to_owned(), 1), ("parked".to_owned(), 1)]);
        let page = admin.get("/unmatched").await;
        assert!(page.body.contains("Nobody here has this name.") && page.body.contains("S-7"), "{}", page.body);
        let id = waiting(&page.body).remove(0);
        let done = admin.post("/unmatched", &[("signal", &id), ("means", "bjorn@campus.example")]).await;
        assert_eq!(done.status, 303, "{}", done.body);
        world.drain_jobs().await;
        assert!(admin.get("/unmatched").await.body.contains("Nothing waits."));
        // and what comes later under the same names needs nobody
        let again = json!({"type": "grade.recorded", "data": {"context": other, "user": {"sis_id": "S-7"},
            "score": {"given": 5, "maximum": 10}}});
        assert_eq!(send(&world, &made, &again).await, 200);
        assert_eq!(states(&world, &made).await, [("matched".to_owned(), 3)]);
        world.finish().await;
    }

    async fn what_waits_is_discarded_on_a_persons_word_and_what_it_said_is_forgotten(database: Database) {
        let world = World::start(&database).await;
        let made = feed(&world).await;
        let teacher = world.launch("teacher1", COURSE).await;
        let user = json!({"email": "stranger@elsewhere.example", "name": "Stray Ger"});
        let body = completed(&json!({"lms_id": "LAB"}), &user);
        assert_eq!(send(&world, &made, &body).await, 200);
        let admin = administrator(&world).await;
        let id = waiting(&admin.get("/unmatched").await.body).remove(0);
        let form = [("signal", id.as_str()), ("do", "discard")];
        assert_eq!(teacher.post("/unmatched", &form).await.status, 403, "not staff's");
        let done = admin.post("/unmatched", &form).await;
        assert_eq!(done.status, 303, "{}", done.body);
        assert!(admin.get("/unmatched").await.body.contains("Nothing waits."));
        assert_eq!(states(&world, &made).await, [("dropped".to_owned(), 1)]);
        assert_eq!(admin.post("/unmatched", &form).await.status, 404, "it is gone");
        // the same again is known, and does not come back
        assert_eq!(send(&world, &made, &body).await, 200);
        assert_eq!(states(&world, &made).await, [("dropped".to_owned(), 1)]);
        world.drain_jobs().await;
        world.finish().await;
    }

    async fn a_feeds_page_tells_counts_and_tests_a_body_without_storing_it(database: Database) {
        let world = World::start(&database).await;
        let made = feed(&world).await;
        let teacher = world.launch("teacher1", COURSE).await;
        world.launch("ada", COURSE).await;
        rule(&world, &teacher).await;
        let admin = administrator(&world).await;
        let place = format!("/feeds/{}", made.feed.id);
        let broken = Browser::at(&world.url);
        let refused = broken.request(reqwest::Method::POST, &format!("{place}/webhook")).json(&json!({}));
        assert_eq!(broken.send(refused).await.status, 401);
        assert_eq!(send(&world, &made, &json!({"type": "course.completed", "data": {}})).await, 400);
        let page = admin.get(&place).await;
        assert!(page.body.contains("event 1: data.user is missing or cannot be read"), "{}", page.body);
        assert!(page.body.contains(&format!("feed rotate {}", made.feed.id)));
        for secret in [made.secret.as_ref().unwrap().as_str(), made.address_key.as_ref().unwrap().as_str()] {
            assert!(!page.body.contains(secret), "a secret is shown once, elsewhere");
        }
        let unreadable = admin.post(&place, &[("body", "{\n no")]).await;
        assert!(unreadable.status == 422 && unreadable.body.contains("not JSON at line 2"), "{}", unreadable.body);
        for (course, user, words) in [
            ("2", "6", "Course and person are known"),
            ("2", "99", "Nobody here has this name."),
            ("99", "6", "No course here has this name."),
            ("2", "3", "does not learn in the course"),
        ] {
            let body = completed(&json!({"lti_context_id": course}), &json!({"lti_sub": user})).to_string();
            let tried = admin.post(&place, &[("body", &body)]).await;
            assert!(tried.status == 200 && tried.body.contains(words), "{course} {user}: {}", tried.body);
        }
        assert_eq!(states(&world, &made).await, [], "a test stores nothing");
        // what came in last, and the same for administrators of the organisation
        assert!(page.body.contains("None is kept"), "{}", page.body);
        for user in ["6", "99", "3"] {
            assert_eq!(send(&world, &made, &completed(&json!({"lti_context_id": "2"}), &json!({"lti_sub": user}))).await, 200);
        }
        world.drain_jobs().await;
        let desk = Desk::administrator(&world, world.organisation, "Claire Bouchard").await;
        assert!(desk.get("/admin/feeds").await.body.contains("Campus program"));
        let address = format!("/admin{place}");
        for page in [admin.get(&place).await, desk.get(&address).await] {
            for words in ["Taken.", "Nobody here has this name.", "does not learn in the course: dropped"] {
                assert!(page.body.contains(words), "{words}: {}", page.body);
            }
        }
        let body = completed(&json!({"lti_context_id": "2"}), &json!({"lti_sub": "6"})).to_string();
        assert!(desk.post(&address, &[("body", &body)]).await.body.contains("Course and person are known"));
        let unreadable = desk.post(&address, &[("body", "{\n no")]).await;
        assert!(unreadable.status == 422 && unreadable.body.contains("not JSON at line 2"), "{}", unreadable.body);
        world.drain_jobs().await;
        world.finish().await;
    }

    async fn staff_see_their_own_course_and_only_the_switched_on_administrator_the_rest(database: Database) {
        let world = World::start(&database).await;
        let made = feed(&world).await;
        let teacher = world.launch("teacher1", COURSE).await;
        let assistant = world.launch("assistant", COURSE).await;
        let other = world.launch("teacher2", "SAF-1000").await;
        let ada = world.launch("ada", COURSE).await;
        rule(&world, &teacher).await;
        let user = json!({"email": "stranger@elsewhere.example", "name": "Stray Ger"});
        assert_eq!(send(&world, &made, &completed(&json!({"lti_context_id": "2"}), &user)).await, 200);
        let page = teacher.get("/unmatched").await.body;
        assert!(page.contains("Stray Ger") && page.contains("stranger@elsewhere.example") && waiting(&page).is_empty());
        let page = assistant.get("/unmatched").await.body;
        assert!(page.contains("Stray Ger") && !page.contains("stranger@elsewhere.example"), "{page}");
        assert!(!other.get("/unmatched").await.body.contains("Stray Ger"), "of another course");
        let place = format!("/feeds/{}", made.feed.id);
        let signal = "01890000-0000-7000-8000-000000000000";
        for tab in [&teacher, &assistant, &other, &ada] {
            assert_eq!(tab.get(&place).await.status, 404);
            assert_eq!(tab.post(&place, &[("body", "{}")]).await.status, 404);
            assert_eq!(tab.post("/unmatched", &[("signal", signal), ("means", "2")]).await.status, 403);
        }
        assert_eq!((ada.get("/feeds").await.status, ada.get("/unmatched").await.status), (403, 403));
        assert_eq!(teacher.get("/feeds").await.status, 200);
        let admin = administrator(&world).await;
        assert_eq!(admin.get(&place).await.status, 200);
        assert_eq!(admin.get("/rules").await.status, 403, "no course by itself");
        world.change_registration(|registration| registration.lms_administrators = false).await;
        assert_eq!((admin.get(&place).await.status, admin.get("/feeds").await.status), (404, 403), "switched off at once");
        world.drain_jobs().await;
        world.finish().await;
    }
}
