//! What single LMSs do that others do not, each as a row: lists of people that are not told, scores that would hand
//! something in, extensions of columns, and WordPress, which has nothing but launches.

use badgebridge::model::{Lms as Family, Registration};
use badgebridge::sandbox::lms::{AGS_CLAIM, Dialect, LaunchSpec, NRPS_CLAIM, Picking, StorageMode};
use serde_json::{Value, json};

use crate::deep_linking::{badge, opened, placed};
use crate::grades::{earn, revoke, score};
use crate::support::browser::Answer;
use crate::support::database::{Database, with_sqlite};
use crate::support::world::{Credential, Setup, Tab, World, claim};

const TEACHER: &str = "teacher1";
const COURSE: &str = "BIO-2010";

async fn world(database: &Database, dialect: Dialect, family: Family) -> World {
    let setup = Setup {
        dialect,
        family,
        ..Setup::default()
    };
    World::start_with(database, setup).await
}

async fn refresh(world: &World, teacher: &Tab) -> String {
    world.queue_roster(teacher.seat.course.unwrap()).await;
    world.drain_jobs().await;
    teacher.get("/people").await.body
}

#[tokio::test]
async fn open_edx_tells_no_list_of_more_than_a_thousand_people_and_the_earlier_one_stays() {
    with_sqlite(async |database: Database| {
        let world = world(&database, Dialect::OpenEdx, Family::OpenEdx).await;
        let teacher = world.launch(TEACHER, COURSE).await;
        assert!(refresh(&world, &teacher).await.contains("Ada Lindqvist"));
        let more = world.lms.seed_people(COURSE, 1_000);
        let pages = world.lms.counters().nrps_pages;
        assert!(
            refresh(&world, &teacher).await.contains("Ada Lindqvist"),
            "the earlier list"
        );
        let asked = world.lms.counters().nrps_pages - pages;
        assert!(
            asked <= 2,
            "one more try with a fresh token, and no page after page: {asked}"
        );
        let (organisation, course) = (world.organisation, teacher.seat.course.unwrap());
        let read = world
            .parts
            .store
            .read_one(async |tx| tx.course(organisation, course).await);
        let roster = read.await.unwrap().unwrap().roster;
        assert!(roster.failing_since.is_some() && roster.read_at.is_some(), "{roster:?}");
        assert!(
            roster.error.as_deref().is_some_and(|why| why.contains("403")),
            "{roster:?}"
        );
        // the launch of somebody whom the list does not tell makes them known all the same
        let newcomer = world.launch(&more[0], COURSE).await;
        assert!(newcomer.seat.member.is_some());
        world.finish_with_given_up(&["roster"]).await;
    })
    .await;
}

#[tokio::test]
async fn canvas_scores_hand_nothing_in_and_its_student_view_is_nobody() {
    with_sqlite(async |database: Database| {
        let world = world(&database, Dialect::Canvas, Family::Canvas).await;
        let safety = badge(&world, "Lab Safety").await;
        let progress = format!("progress:{safety}");
        let item = placed(&world, Picking::One, &[("item", &progress), ("graded", "yes")])
            .await
            .remove(0);
        let (teacher, _) = opened(&world, TEACHER, COURSE, &item).await;
        let ada = opened(&world, "ada", COURSE, &item).await.0.seat.member.unwrap();
        let request = earn(&world, &teacher, &safety, ada).await;
        assert_eq!(score(&world), Some(100.0));
        revoke(&world, request).await;
        assert_eq!(world.lms.submissions(), Vec::<String>::new());
        // Student View: a learner's pages, and nothing else
        let test = world.launch("teststudent", COURSE).await;
        assert!(test.seat.test);
        assert!(test.get("/my").await.body.contains("data-role=\"learner\""));
        assert_eq!(test.get("/issue").await.status, 403);
        assert!(
            !refresh(&world, &teacher).await.contains("Test Student"),
            "nobody to give a badge to"
        );
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn sakais_own_words_about_columns_are_kept() {
    with_sqlite(async |database: Database| {
        let world = world(&database, Dialect::Sakai, Family::Sakai).await;
        let safety = badge(&world, "Lab Safety").await;
        let progress = format!("progress:{safety}");
        let item = placed(&world, Picking::One, &[("item", &progress), ("graded", "yes")])
            .await
            .remove(0);
        let (teacher, _) = opened(&world, TEACHER, COURSE, &item).await;
        let ada = opened(&world, "ada", COURSE, &item).await.0.seat.member.unwrap();
        let extensions = |column: &badgebridge::sandbox::lms::Column| {
            let own = |(name, _): &(&String, &Value)| name.starts_with("https://www.sakailms.org/");
            column.fields.iter().filter(own).count()
        };
        let before = world.lms.columns(COURSE).remove(0);
        assert_eq!(extensions(&before), 3);
        earn(&world, &teacher, &safety, ada).await;
        assert_eq!(score(&world), Some(100.0));
        let after = world.lms.columns(COURSE).remove(0);
        assert_eq!(after.fields, before.fields);
        world.finish().await;
    })
    .await;
}

/// A launch as WordPress' plugin makes them: without services, roles only once an administrator has mapped them.
fn wordpress(world: &World, person: &str, roles: &[&str]) -> LaunchSpec {
    let roles: Vec<String> = roles
        .iter()
        .map(|role| format!("http://purl.imsglobal.org/vocab/lis/v2/membership#{role}"))
        .collect();
    LaunchSpec::new(person, COURSE, "")
        .with("roles", json!(roles))
        .with("aud", json!([world.registration.lti_client_id]))
        .with(
            "context",
            json!({"id": "5", "title": "Practice", "type": ["CourseSection"]}),
        )
        .with("resource_link", json!({"id": "5-embed1", "title": "Badges"}))
        .with("ext", json!({"username": person}))
        .with("custom", json!({"user": "$User.id"}))
        .without(NRPS_CLAIM)
        .without(AGS_CLAIM)
        .without(&claim("lis"))
}

/// A login as its plugin sends it: by POST, with the storage's frame in the address and no message hint.
async fn wordpress_login(
    world: &World,
    spec: LaunchSpec,
) -> (std::sync::Arc<crate::support::browser::Browser>, Answer) {
    world.lms.set_storage(StorageMode::Brightspace);
    let login = world.lms.begin_with(spec).unwrap();
    let (in_address, in_body): (Vec<_>, Vec<_>) = login
        .parameters
        .into_iter()
        .partition(|(name, _)| name == "lti_storage_target");
    assert_eq!(in_address.len(), 1);
    let browser = world.browser();
    let address = format!("{}?lti_storage_target={}", login.url, in_address[0].1);
    let answer = browser.post_from_elsewhere(&address, &in_body).await;
    (browser, answer)
}

#[tokio::test]
async fn wordpress_launches_with_its_storage_in_the_address_and_without_any_service() {
    with_sqlite(async |database: Database| {
        let world = World::start(&database).await;
        for (person, roles, role) in [
            (TEACHER, &["Instructor"][..], "staff"),
            ("ada", &["Learner"][..], "learner"),
            ("bjorn", &[][..], "none"),
        ] {
            let (browser, asked) = wordpress_login(&world, wordpress(&world, person, roles)).await;
            assert_eq!(asked.status, 200, "a page that leaves a value there: {}", asked.body);
            let next = crate::launch::storage::told(&asked)["data-next"].clone();
            let post = world.lms.answer(&next).unwrap();
            // it comes back to an address that was extended
            let address = format!("{}?lti_storage_target=_parent", post.url);
            let seat = browser.post_from_elsewhere(&address, &post.fields).await.seat();
            let seat = world.seat(seat).await;
            let tab = Tab {
                browser,
                url: format!("/c/{}", seat.id),
                seat,
            };
            let page = tab.get(if role == "staff" { "" } else { "/my" }).await;
            let told = format!("data-role=\"{role}\"");
            assert!(
                page.status == 200 && page.body.contains(&told),
                "{person}: {}",
                page.body
            );
            if role == "staff" {
                // no list of people can be asked for, and nobody asks
                let tokens = world.lms.counters().token_requests;
                assert_eq!(tab.get("/people").await.status, 200);
                world.drain_jobs().await;
                assert_eq!(world.lms.counters().token_requests, tokens);
            }
        }
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn wordpress_says_no_to_a_second_tab_and_without_a_name_only_where_that_is_allowed() {
    with_sqlite(async |database: Database| {
        let setup = Setup {
            credential: Credential::Nothing,
            ..Setup::default()
        };
        let world = World::start_with(&database, setup).await;
        // its session's cookie did not come along, or another tab was first
        let (browser, asked) = wordpress_login(&world, wordpress(&world, "ada", &["Learner"])).await;
        let next = crate::launch::storage::told(&asked)["data-next"].clone();
        let state = url::Url::parse(&next).unwrap();
        let state = state
            .query_pairs()
            .find(|(name, _)| name == "state")
            .unwrap()
            .1
            .into_owned();
        let fields = [("state", state.as_str()), ("error", "access_denied")];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let said = browser
            .post_from_elsewhere("/lti/launch?lti_storage_target=_parent", &fields)
            .await;
        assert_eq!(
            (said.status, said.reason().as_str()),
            (400, "platform_error"),
            "{}",
            said.body
        );
        assert!(said.body.contains("access_denied"), "{}", said.body);
        // who is signed in is not told
        let nameless = || wordpress(&world, "ada", &["Learner"]).without("sub");
        world.lms.set_storage(StorageMode::default());
        let refused = world.try_launch(&world.browser(), nameless()).await;
        assert_eq!(
            (refused.status, refused.reason().as_str()),
            (400, "sub_missing"),
            "{}",
            refused.body
        );
        world
            .change_registration(|registration: &mut Registration| registration.anonymous = true)
            .await;
        let let_in = world.try_launch(&world.browser(), nameless()).await;
        assert_eq!(let_in.status, 303, "{}", let_in.body);
        assert!(
            world.seat(let_in.seat()).await.member.is_none(),
            "nobody, with no award"
        );
        world.finish().await;
    })
    .await;
}
