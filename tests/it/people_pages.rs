//! The people of a course and what became of them, rules of a course that was copied, and who changed a rule: over a
//! socket, on both databases.

use badgebridge::model::rule::RuleState;
use badgebridge::sandbox::factory::BADGE_SAFETY;
use badgebridge::sandbox::lms::{LaunchSpec, News};
use serde_json::json;
use sqlx::Connection as _;

use crate::support::database::on_both_databases;
use crate::support::world::{Tab, World, claim};

const COURSE: &str = "BIO-2010";

async fn rule(world: &World, teacher: &Tab) -> String {
    world.drain_jobs().await;
    let form = [
        ("badge", BADGE_SAFETY),
        ("mode", "all"),
        ("kind", "course-completed"),
        ("least", ""),
        ("item", ""),
        ("wait", "0"),
        ("attempt", "latest"),
        ("subject", "Well done in the first course"),
        ("version", "0"),
        ("do", "save"),
    ];
    assert_eq!(teacher.post("/rules/new", &form).await.status, 303);
    let (organisation, course) = (world.organisation, teacher.seat.course.unwrap());
    let rules = world
        .parts
        .store
        .read(async |tx| tx.rules_of_course(organisation, course).await);
    rules.await.unwrap().remove(0).id.to_string()
}

/// The deeds of pages that the audit log keeps.
async fn deeds(url: &str) -> Vec<String> {
    const DEEDS: &str = "SELECT action FROM audit WHERE actor <> 'command line' ORDER BY action";
    if url.starts_with("sqlite") {
        let mut sql = sqlx::SqliteConnection::connect(url).await.unwrap();
        sqlx::query_scalar(DEEDS).fetch_all(&mut sql).await.unwrap()
    } else {
        let mut sql = sqlx::PgConnection::connect(url).await.unwrap();
        sqlx::query_scalar(DEEDS).fetch_all(&mut sql).await.unwrap()
    }
}

on_both_databases! {
    async fn who_changes_a_rule_on_a_page_stands_in_the_audit_log(database: Database) {
        let world = World::start(&database).await;
        let teacher = world.launch("teacher1", COURSE).await;
        let id = rule(&world, &teacher).await;
        for pressed in ["pause", "pause", "resume", "archive"] {
            assert_eq!(teacher.post(&format!("/rules/{id}/pause"), &[("do", pressed)]).await.status, 303);
        }
        assert_eq!(deeds(&database.url).await, ["rule.add", "rule.archive", "rule.pause", "rule.resume"]);
        world.drain_jobs().await;
        world.finish().await;
    }

    async fn everybody_is_listed_with_the_way_to_why(database: Database) {
        let world = World::start(&database).await;
        let teacher = world.launch("teacher1", COURSE).await;
        world.queue_roster(teacher.seat.course.unwrap()).await;
        world.drain_jobs().await;
        assert!(teacher.get("").await.body.contains("/rules/new"), "a rule is offered at home");
        let list = teacher.get("/people").await.body;
        assert!(list.contains("Ada Lindqvist") && list.contains("ada@campus.example") && !list.contains("Teodora"));
        let found = teacher.get("/people?q=lindqvist").await.body;
        assert!(found.contains("Ada Lindqvist") && !found.contains("Chen"), "{found}");
        assert!(teacher.get("/people?q=zzz").await.body.contains("Nobody fits this search."));
        let person = list.split("/people/").nth(2).unwrap().split('"').next().unwrap();
        assert_eq!(teacher.get(&format!("/people/{person}")).await.status, 200);
        let assistant = world.launch("assistant", COURSE).await;
        let list = assistant.get("/people?q=ada@campus.example").await.body;
        assert!(!list.contains("mei@campus.example") && list.contains("Chen"), "no addresses, and none to be guessed");
        let ada = world.launch("ada", COURSE).await;
        assert_eq!(ada.get("/people").await.status, 403);
        world.drain_jobs().await;
        world.finish().await;
    }

    async fn a_copied_course_is_offered_its_rules_and_awards_nothing_by_itself(database: Database) {
        let world = World::start(&database).await;
        let teacher = world.launch("teacher1", COURSE).await;
        let id = rule(&world, &teacher).await;
        world.lms.copy_course(COURSE, "77", "BIO-2027");
        let copy = LaunchSpec::new("teacher1", "BIO-2027", "").with(&claim("custom"), json!({"context_history": "2"}));
        let copy = world.launch_in(&world.browser(), copy).await;
        let page = copy.get("/copied").await.body;
        assert!(page.contains("the course is completed") && page.contains(&id), "{page}");
        assert!(copy.get("").await.body.contains("/copied"), "home tells of it");
        assert!(!copy.get("/rules").await.body.contains("Lab Safety"), "nothing is in use before");
        // who did not teach the first course learns nothing of it, whatever the launch says
        let stranger = LaunchSpec::new("teacher2", "SAF-1000", "").with(&claim("custom"), json!({"context_history": "2"}));
        let stranger = world.launch_in(&world.browser(), stranger).await;
        assert!(!stranger.get("/copied").await.body.contains(&id));
        assert_eq!(stranger.post("/copied", &[("rule", &id)]).await.status, 404);
        assert!(!deeds(&database.url).await.contains(&"rule.copy".to_owned()));
        let taken = copy.post("/copied", &[("rule", &id)]).await;
        assert_eq!(taken.status, 303, "{}", taken.body);
        assert!(copy.get(taken.location().strip_prefix(&copy.url).unwrap()).await.body.contains("Well done"));
        let (organisation, course) = (world.organisation, copy.seat.course.unwrap());
        let rules = world.parts.store.read(async |tx| tx.rules_of_course(organisation, course).await).await.unwrap();
        assert_eq!((rules.len(), rules[0].state, rules[0].terms.since), (1, RuleState::Draft, None));
        assert!(!copy.get("/copied").await.body.contains(&id), "and is offered once");
        assert_eq!(copy.post("/copied", &[("rule", &id)]).await.status, 404);
        assert_eq!(deeds(&database.url).await, ["rule.add", "rule.copy"], "who took it over stands in the log, once");
        world.drain_jobs().await;
        world.finish().await;
    }

    async fn a_changed_address_is_told_and_nothing_is_sent_again(database: Database) {
        let world = World::start(&database).await;
        let tool = world.url.clone();
        world.parts.feed_from_demo(world.organisation, &world.lms, &tool).await.unwrap();
        world.deps.directory.follow(&world.parts.store).await.unwrap();
        world.deps.feeds.load(&world.parts.store, 0).await.unwrap();
        let teacher = world.launch("teacher1", COURSE).await;
        let ada = world.launch("ada", COURSE).await;
        rule(&world, &teacher).await;
        world.parts.store.move_clock(std::time::Duration::from_secs(2));
        world.clock.advance(world.parts.store.now().await.unwrap().since(world.now()));
        world.lms.tell("2", "6", &News::Completed).await.unwrap();
        world.deps.feeds.publish(&world.parts.store, &world.worker).await.unwrap();
        world.drain_jobs().await;
        assert_eq!(world.times_held("ada@campus.example", BADGE_SAFETY), 1);
        let person = format!("/people/{}", ada.seat.member.unwrap());
        assert!(!teacher.get(&person).await.body.contains("Nothing is sent again"));
        world.lms.set_email("ada", Some("ada.new@campus.example"));
        world.launch("ada", COURSE).await;
        world.drain_jobs().await;
        let page = teacher.get(&person).await.body;
        assert!(page.contains("Nothing is sent again by itself") && page.contains("ada.new@campus.example"), "{page}");
        assert!(page.contains("Issue it to the new address"));
        assert_eq!(world.times_held("ada.new@campus.example", BADGE_SAFETY), 0);
        let begun = teacher.post("/issue", &[("badge", BADGE_SAFETY)]).await;
        assert!(begun.location().ends_with("/people"), "a person goes on from there");
        let assistant = world.launch("assistant", COURSE).await;
        let page = assistant.get(&person).await.body;
        assert!(!page.contains("campus.example"), "{page}");
        world.drain_jobs().await;
        world.finish().await;
    }
}
