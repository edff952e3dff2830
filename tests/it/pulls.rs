//! Asking LMSs over sockets: the real server and worker, and the demo LMS with its interfaces of Canvas, Brightspace and
//! Moodle. From what a learner did there to the badge, and everything that goes wrong on the way.

mod removing;
mod sharing;

use std::time::Duration;

use badgebridge::app::{NewConnection, NewFeed};
use badgebridge::awards::rules;
use badgebridge::config::PublicUrl;
use badgebridge::crypto::random;
use badgebridge::jobs::kinds::PlanPulls;
use badgebridge::jobs::work;
use badgebridge::model::connection::{Connection, ConnectionKind, Pull, Swept};
use badgebridge::model::fact::{FactClass, Facts};
use badgebridge::model::feed::FeedKind;
use badgebridge::model::rule::{Options as RuleOptions, RuleState, Terms};
use badgebridge::model::score::Points;
use badgebridge::model::signal::Item;
use badgebridge::model::{CourseId, RuleId};
use badgebridge::sandbox::factory::BADGE_SAFETY;
use badgebridge::sandbox::lms::{API_CLIENT, API_SECRET, API_TOKEN, AgsMode, ApiFault, Grade, LaunchSpec};
use badgebridge::store::rule::NewRule;
use badgebridge::store::{Durability, StoreError};
use zeroize::Zeroizing;

use crate::support::boxed;
use crate::support::database::{Database, on_both_databases, with_sqlite};
use crate::support::world::{Setup, Tab, World};

const COURSE: &str = "BIO-2010";
/// The course's and Ada's ids in launches.
const BIO: &str = "2";
const ADA: &str = "6";
const ADA_MAIL: &str = "ada@campus.example";

/// A world that waits for nobody.
async fn world(database: &Database) -> World {
    let setup = Setup {
        settings: vec![("pull.wait_ms", "1".to_owned()), ("pull.breath_ms", "1".to_owned())],
        ..Setup::default()
    };
    World::start_with(database, setup).await
}

impl World {
    /// A connection to the demo LMS, authorised where that is needed.
    async fn connected(&self, kind: ConnectionKind) -> Connection {
        boxed(async move {
            let secret = match kind {
                ConnectionKind::Canvas => Some(API_SECRET),
                ConnectionKind::Brightspace => None,
                ConnectionKind::Moodle => Some(API_TOKEN),
            };
            let made = self
                .parts
                .add_connection(NewConnection {
                    organisation: self.organisation,
                    registration: self.registration.id,
                    kind,
                    base_url: self.lms.url().to_owned(),
                    token_url: (kind == ConnectionKind::Brightspace)
                        .then(|| format!("{}/core/connect/token", self.lms.url())),
                    client_id: Some(API_CLIENT.to_owned()),
                    secret: secret.map(|secret| Zeroizing::new(secret.to_owned())),
                })
                .await
                .unwrap();
            if kind == ConnectionKind::Canvas {
                assert!(!made.is_open(), "it waits for consent");
                self.consent(&made).await;
            }
            self.connection(&made).await
        })
        .await
    }

    /// The service account agrees.
    async fn consent(&self, connection: &Connection) {
        let public = self.url.parse::<PublicUrl>().unwrap();
        let address = self.parts.ask_consent(connection, &public).await.unwrap();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        let answer = client.get(address).send().await.unwrap();
        let back = answer.headers()["location"].to_str().unwrap().to_owned();
        let back = back.strip_prefix(&self.url).expect("back to us").to_owned();
        let browser = self.browser();
        assert_eq!(browser.get(&back).await.status, 200);
        assert_eq!(browser.get(&back).await.status, 404, "a state is good once");
        self.drain_jobs().await;
    }

    async fn connection(&self, connection: &Connection) -> Connection {
        let (organisation, id) = (self.organisation, connection.id);
        let found = self.parts.store.read(async |tx| tx.connection(organisation, id).await);
        found.await.unwrap().unwrap()
    }

    /// A rule for the course of this tab, without a waiting time.
    async fn when(&self, tab: &Tab, when: &str) -> RuleId {
        let (organisation, course) = (self.organisation, tab.seat.course.unwrap());
        let (registration, when) = (self.registration.id, when.parse().unwrap());
        let added: Result<RuleId, StoreError> = self
            .parts
            .store
            .write(Durability::Full, async move |tx| {
                let now = tx.now().await?;
                let id = RuleId::new(random::id_at(now));
                let options = RuleOptions {
                    wait_hours: Some(0),
                    ..RuleOptions::default()
                };
                let new = NewRule {
                    id,
                    organisation,
                    registration,
                    course,
                    badge_id: BADGE_SAFETY.to_owned(),
                    terms: Terms {
                        when,
                        options,
                        since: Some(now.minus(Duration::from_mins(1))),
                    },
                    author: None,
                };
                tx.add_rule(&new, now).await?;
                Ok(id)
            })
            .await;
        added.unwrap()
    }

    /// What the planner does by itself, and the work that follows.
    async fn plan(&self) -> usize {
        let planner = PlanPulls {
            store: self.parts.store.clone(),
            every: Duration::from_secs(30),
        };
        let courses = planner.plan().await.unwrap();
        self.drain_jobs().await;
        courses
    }

    /// "Check now", by command.
    async fn check(&self, tab: &Tab) {
        boxed(async move {
            let (organisation, course) = (self.organisation, tab.seat.course.unwrap());
            let queued: Result<(), StoreError> = self
                .parts
                .store
                .write(Durability::Full, async move |tx| {
                    let now = tx.now().await?;
                    tx.ask_anew(organisation, course, now).await?;
                    tx.enqueue(&work::pull(organisation, course, now), now).await
                })
                .await;
            queued.unwrap();
            self.drain_jobs().await;
        })
        .await;
    }

    async fn pull(&self, tab: &Tab) -> Pull {
        let (organisation, course): (_, CourseId) = (self.organisation, tab.seat.course.unwrap());
        let pull = self.parts.store.read(async |tx| tx.pull(organisation, course).await);
        pull.await.unwrap().expect("it was asked")
    }

    async fn facts_of(&self, tab: &Tab) -> Facts {
        let (organisation, course, member) = (self.organisation, tab.seat.course.unwrap(), tab.seat.member.unwrap());
        let facts = self
            .parts
            .store
            .read(async |tx| tx.facts(organisation, course, member).await);
        facts.await.unwrap()
    }

    /// The final score that counts for the person of this tab.
    async fn final_score(&self, tab: &Tab) -> Option<Points> {
        let facts = self.facts_of(tab).await;
        facts.score(&Item::FinalGrade).and_then(|(_, score)| score.given)
    }

    fn grade(&self, percent: f64, released: bool) {
        let at = self.now();
        let grade = Grade { percent, released, at };
        self.lms.progress().set_grade(BIO, ADA, Some(grade));
    }

    /// No rule asks any more, and what was planned runs out; then the world ends.
    async fn over(self, rules: &[RuleId]) {
        for id in rules {
            let organisation = self.organisation;
            let rule = self.parts.store.read(async |tx| tx.rule(organisation, *id).await);
            let rule = rule.await.unwrap().unwrap();
            rules::turn(&self.parts.store, &rule, RuleState::Archived, None)
                .await
                .unwrap();
        }
        self.advance(Duration::from_hours(15 * 24)).await;
        self.finish().await;
    }
}

/// A rule, a completion in the LMS, a look: a badge; and nothing twice.
async fn a_completed_course(world: &World, kind: ConnectionKind) -> RuleId {
    let ada = world.launch("ada", COURSE).await;
    world.connected(kind).await;
    let rule = world.when(&ada, "course-completed").await;
    assert_eq!(world.plan().await, 1);
    assert!(world.factory.issued(BADGE_SAFETY).is_empty());
    assert_eq!(world.plan().await, 0, "it is planned");
    world.lms.progress().complete(BIO, ADA, world.now());
    world.advance(Duration::from_mins(12)).await;
    assert_eq!(world.factory.issued(BADGE_SAFETY), [ADA_MAIL]);
    // asked again, and everything: the same answers are no news
    for _ in 0..3 {
        world.advance(Duration::from_mins(12)).await;
    }
    world.check(&ada).await;
    assert_eq!(world.factory.issued(BADGE_SAFETY), [ADA_MAIL]);
    assert_eq!(world.times_held(ADA_MAIL, BADGE_SAFETY), 1);
    let facts = world.facts_of(&ada).await;
    let fact = facts.holding(&Item::Course, FactClass::Completion).unwrap();
    assert!(
        fact.occurred_at < fact.received_at,
        "the award is dated by the completion"
    );
    rule
}

/// A link's custom parameters, which a teacher may write, name a course of somebody else: only the own one is asked about.
async fn a_course_of_somebody_else(world: &World, kind: ConnectionKind) -> RuleId {
    world.lms.copy_course(COURSE, "77", "BIO-2027");
    let other = if kind == ConnectionKind::Canvas { "977" } else { "77" };
    let spec = LaunchSpec::new("ada", COURSE, "").with(
        "https://purl.imsglobal.org/spec/lti/claim/custom",
        serde_json::json!({"lms_course_id": other}),
    );
    let ada = world.launch_in(&world.browser(), spec).await;
    world.connected(kind).await;
    let rule = world.when(&ada, "course-completed").await;
    world.lms.progress().complete("77", ADA, world.now());
    world.plan().await;
    assert!(world.pull(&ada).await.ok_at.is_some(), "{kind}: it was asked");
    world.advance(Duration::from_mins(12)).await;
    assert!(world.facts_of(&ada).await.all().is_empty(), "{kind}: of another course");
    assert!(
        world.factory.issued(BADGE_SAFETY).is_empty(),
        "{kind}: of another course"
    );
    world.lms.progress().complete(BIO, ADA, world.now());
    world.advance(Duration::from_mins(12)).await;
    assert_eq!(world.factory.issued(BADGE_SAFETY), [ADA_MAIL], "{kind}");
    if kind == ConnectionKind::Canvas {
        let (organisation, course) = (world.organisation, ada.seat.course.unwrap());
        let names = world
            .parts
            .store
            .read(async |tx| tx.names_of_course(organisation, course).await);
        let names = names.await.unwrap();
        let is_known = |name: &str| names.iter().any(|known| known == name);
        assert!(is_known("course:lms:902") && !is_known("course:lms:977"), "{names:?}");
    }
    rule
}

#[tokio::test]
async fn in_moodle_and_brightspace_a_course_that_a_custom_parameter_names_is_not_asked_about() {
    for kind in [ConnectionKind::Moodle, ConnectionKind::Brightspace] {
        with_sqlite(async |database: Database| {
            let world = world(&database).await;
            let rule = a_course_of_somebody_else(&world, kind).await;
            world.over(&[rule]).await;
        })
        .await;
    }
}

on_both_databases! {
    async fn in_canvas_a_course_that_a_custom_parameter_names_is_not_asked_about(database: Database) {
        let world = world(&database).await;
        let rule = a_course_of_somebody_else(&world, ConnectionKind::Canvas).await;
        world.over(&[rule]).await;
    }

    async fn a_course_completed_in_canvas_is_a_badge(database: Database) {
        let world = world(&database).await;
        let rule = a_completed_course(&world, ConnectionKind::Canvas).await;
        world.over(&[rule]).await;
    }

    async fn a_course_completed_in_brightspace_is_a_badge(database: Database) {
        let world = world(&database).await;
        let rule = a_completed_course(&world, ConnectionKind::Brightspace).await;
        world.over(&[rule]).await;
    }

    async fn a_course_completed_in_moodle_is_a_badge(database: Database) {
        let world = world(&database).await;
        let rule = a_completed_course(&world, ConnectionKind::Moodle).await;
        world.over(&[rule]).await;
    }
}

/// Scores in the LMS and what counts of them, step by step.
async fn final_grades(kind: ConnectionKind) {
    with_sqlite(async |database: Database| {
        let world = world(&database).await;
        let ada = world.launch("ada", COURSE).await;
        world.connected(kind).await;
        let rule = world.when(&ada, "final-grade >= 80").await;
        world.plan().await;
        // what the learner may not see yet
        world.grade(95.0, false);
        world.advance(Duration::from_mins(12)).await;
        assert!(world.factory.issued(BADGE_SAFETY).is_empty(), "{kind}: hidden");
        world.grade(70.0, true);
        world.advance(Duration::from_mins(12)).await;
        assert_eq!(world.final_score(&ada).await, Some(Points::whole(70)), "{kind}");
        assert!(world.factory.issued(BADGE_SAFETY).is_empty(), "{kind}: not enough");
        // a teacher's own wins, and is more than all there is
        world.lms.api_override(BIO, ADA, Some(105.0));
        if kind == ConnectionKind::Brightspace {
            world.grade(70.5, true);
        }
        world.advance(Duration::from_mins(12)).await;
        assert_eq!(world.final_score(&ada).await, Some(Points::whole(105)), "{kind}");
        assert_eq!(world.factory.issued(BADGE_SAFETY), [ADA_MAIL], "{kind}");
        // it is taken away: the badge stays, the score counts again
        world.lms.api_override(BIO, ADA, None);
        world.grade(71.0, true);
        world.advance(Duration::from_mins(12)).await;
        assert_eq!(world.final_score(&ada).await, Some(Points::whole(71)), "{kind}");
        assert_eq!(world.factory.issued(BADGE_SAFETY), [ADA_MAIL], "{kind}");
        world.over(&[rule]).await;
    })
    .await;
}

#[tokio::test]
async fn in_canvas_the_posted_final_score_counts_and_an_override_wins() {
    final_grades(ConnectionKind::Canvas).await;
}

#[tokio::test]
async fn in_brightspace_the_released_final_grade_counts_and_an_adjusted_one_wins() {
    final_grades(ConnectionKind::Brightspace).await;
}

#[tokio::test]
async fn in_moodle_the_visible_course_total_counts_and_an_overridden_one_wins() {
    final_grades(ConnectionKind::Moodle).await;
}

#[tokio::test]
async fn pages_that_overlap_are_read_whole_and_one_that_fails_changes_nothing() {
    with_sqlite(async |database: Database| {
        let world = world(&database).await;
        let ada = world.launch("ada", COURSE).await;
        let bjorn = world.launch("bjorn", COURSE).await;
        let connection = world.connected(ConnectionKind::Canvas).await;
        let rule = world.when(&ada, "course-completed").await;
        world.lms.api_pages(Some(2), true);
        for person in [ADA, "7"] {
            world.lms.progress().complete(BIO, person, world.now());
        }
        // the course, a page, and then nothing readable: in each way that there is
        for fault in [
            ApiFault::Status(500),
            ApiFault::Html,
            ApiFault::Half,
            ApiFault::Throttle(7),
            ApiFault::OldThrottle,
        ] {
            world.lms.api_fault(2, 1, fault);
            world.check(&ada).await;
            assert_eq!(world.facts_of(&ada).await.all(), [], "{fault:?}: nothing half");
            let pull = world.pull(&ada).await;
            assert!(pull.failures > 0 && pull.ok_at.is_none(), "{fault:?}");
            world.advance(Duration::from_secs(1)).await;
            // not asked before the pause that it wants is over
            assert_eq!(world.facts_of(&ada).await.all(), [], "{fault:?}");
            world.switch_on(&connection).await;
        }
        world.advance(Duration::from_hours(6)).await;
        for tab in [&ada, &bjorn] {
            let facts = world.facts_of(tab).await;
            assert!(facts.holding(&Item::Course, FactClass::Completion).is_some());
        }
        let mut issued = world.factory.issued(BADGE_SAFETY);
        issued.sort();
        assert_eq!(issued, [ADA_MAIL, "bjorn@campus.example"]);
        assert_eq!(world.connection(&connection).await.error, None);
        world.over(&[rule]).await;
    })
    .await;
}

impl World {
    /// Forgets that the LMS asked for a pause.
    async fn switch_on(&self, connection: &Connection) {
        let (organisation, id, now) = (self.organisation, connection.id, self.now());
        let done: Result<(), StoreError> = self
            .parts
            .store
            .write(Durability::Full, async move |tx| {
                tx.throttle_connection(organisation, id, now).await
            })
            .await;
        done.unwrap();
    }
}

#[tokio::test]
async fn an_lms_that_throttles_is_left_alone_as_long_as_it_asks() {
    with_sqlite(async |database: Database| {
        let world = world(&database).await;
        let ada = world.launch("ada", COURSE).await;
        let connection = world.connected(ConnectionKind::Brightspace).await;
        let rule = world.when(&ada, "course-completed").await;
        world.lms.progress().complete(BIO, ADA, world.now());
        world.lms.api_fault(1, 1, ApiFault::Throttle(600));
        world.plan().await;
        let asked = world.lms.api_asked().len();
        let until = world.connection(&connection).await.throttled_until.unwrap();
        assert_eq!(until, world.now().plus(Duration::from_mins(10)));
        let newer = world.when(&ada, "final-grade >= 80").await;
        assert_eq!(world.plan().await, 0, "not for a newer rule either");
        world.check(&ada).await;
        world.advance(Duration::from_mins(9)).await;
        assert_eq!(world.lms.api_asked().len(), asked, "not once");
        assert!(world.problem_kinds().await.is_empty(), "nobody need do anything");
        world.advance(Duration::from_mins(2)).await;
        assert_eq!(world.factory.issued(BADGE_SAFETY), [ADA_MAIL]);
        world.over(&[rule, newer]).await;
    })
    .await;
}

#[tokio::test]
async fn a_token_that_ends_in_the_middle_is_renewed_and_a_lost_account_is_told() {
    with_sqlite(async |database: Database| {
        let world = world(&database).await;
        let ada = world.launch("ada", COURSE).await;
        let connection = world.connected(ConnectionKind::Canvas).await;
        assert_eq!(connection.account.as_deref(), Some("Badge Service"));
        assert!(connection.error.is_none() && connection.is_open());
        let rule = world.when(&ada, "course-completed").await;
        world.lms.api_expire();
        world.plan().await;
        let first = world.connection(&connection).await;
        assert!(
            first.ok_at.is_some() && first.access != connection.access,
            "renewed and kept"
        );
        // an hour later it has ended by itself
        world.advance(Duration::from_hours(2)).await;
        assert!(world.problem_kinds().await.is_empty());
        // the service account is gone
        world.lms.api_revoke();
        world.check(&ada).await;
        assert_eq!(world.problem_kinds().await, ["connection-failing"]);
        let (why, _) = world.connection(&connection).await.error.unwrap();
        assert!(why.contains("invalid_grant"), "{why}");
        // it agrees anew
        world.consent(&connection).await;
        world.lms.progress().complete(BIO, ADA, world.now());
        world.advance(Duration::from_mins(40)).await;
        assert!(world.problem_kinds().await.is_empty());
        assert_eq!(world.factory.issued(BADGE_SAFETY), [ADA_MAIL]);
        world.over(&[rule]).await;
    })
    .await;
}

#[tokio::test]
async fn modules_and_scores_are_asked_only_where_rules_name_them() {
    with_sqlite(async |database: Database| {
        let world = world(&database).await;
        let ada = world.launch("ada", COURSE).await;
        world.connected(ConnectionKind::Canvas).await;
        let rule = world.when(&ada, "module-completed(21) and score(22) >= 75").await;
        let progress = world.lms.progress();
        progress.complete_activity(BIO, "21", ADA, world.now());
        world.plan().await;
        let modules = |world: &World| {
            let asked = world.lms.api_asked();
            asked.iter().filter(|path| path.ends_with("/modules")).count()
        };
        assert_eq!(modules(&world), 1, "of the one who did something");
        assert!(world.factory.issued(BADGE_SAFETY).is_empty());
        progress.set_score(BIO, "22", ADA, Some((31.0, world.now())));
        world.advance(Duration::from_mins(12)).await;
        assert_eq!(world.factory.issued(BADGE_SAFETY), [ADA_MAIL]);
        assert_eq!(modules(&world), 1, "nobody went on since");
        assert!(!world.lms.api_asked().iter().any(|path| path.contains("enrollments")));
        let newer = world.when(&ada, "module-completed(22)").await;
        world.plan().await;
        world.advance(Duration::from_mins(12)).await;
        assert_eq!(modules(&world), 2, "of a module that was not looked at before");
        world.over(&[rule, newer]).await;
    })
    .await;
}

#[tokio::test]
async fn a_connection_that_comes_after_its_rules_is_asked_at_once() {
    with_sqlite(async |database: Database| {
        let world = world(&database).await;
        let ada = world.launch("ada", COURSE).await;
        let rule = world.when(&ada, "course-completed").await;
        assert_eq!(world.plan().await, 0, "there is nothing to ask");
        world.check(&ada).await;
        assert!(world.pull(&ada).await.next_at.is_some_and(|at| at > world.now()));
        world.connected(ConnectionKind::Moodle).await;
        assert_eq!(world.plan().await, 1);
        assert!(world.pull(&ada).await.ok_at.is_some());
        world.over(&[rule]).await;
    })
    .await;
}

#[tokio::test]
async fn a_course_is_looked_at_at_its_end_and_two_weeks_later_and_then_left() {
    with_sqlite(async |database: Database| {
        let world = world(&database).await;
        let ada = world.launch("ada", COURSE).await;
        world.connected(ConnectionKind::Canvas).await;
        let rule = world.when(&ada, "course-concluded and final-grade >= 80").await;
        let end = world.now().plus(Duration::from_mins(3));
        world.lms.api_end(BIO, end, false);
        world.grade(90.0, true);
        world.plan().await;
        assert_eq!(world.pull(&ada).await.next_at, Some(end));
        world.lms.api_end(BIO, end, true);
        world.advance(Duration::from_mins(4)).await;
        assert_eq!(world.factory.issued(BADGE_SAFETY), [ADA_MAIL], "it is over");
        assert_eq!(world.pull(&ada).await.swept, Swept::End);
        let asked = world.lms.api_asked().len();
        world.advance(Duration::from_hours(13 * 24)).await;
        assert_eq!((world.plan().await, world.lms.api_asked().len()), (0, asked));
        // a late correction
        world.lms.progress().set_grade(BIO, "7", None);
        world.advance(Duration::from_hours(24)).await;
        assert_eq!(world.pull(&ada).await.swept, Swept::Late);
        assert_eq!(world.plan().await, 0, "nobody asks any more");
        // but a person may
        let asked = world.lms.api_asked().len();
        world.check(&ada).await;
        assert!(world.lms.api_asked().len() > asked);
        world.over(&[rule]).await;
    })
    .await;
}

#[tokio::test]
async fn the_page_of_rules_says_when_the_lms_was_asked_and_asks_it_now() {
    with_sqlite(async |database: Database| {
        let world = world(&database).await;
        let teacher = world.launch("teacher1", COURSE).await;
        let ada = world.launch("ada", COURSE).await;
        world.connected(ConnectionKind::Moodle).await;
        let rule = world.when(&ada, "course-completed").await;
        assert!(!teacher.get("/rules").await.body.contains("last asked"));
        world.plan().await;
        assert!(teacher.get("/rules").await.body.contains("last asked"));
        world.lms.progress().complete(BIO, ADA, world.now());
        let answer = teacher.post("/rules", &[("do", "check")]).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        assert_eq!(
            ada.post("/rules", &[("do", "check")]).await.status,
            403,
            "not a learner's"
        );
        world.drain_jobs().await;
        assert_eq!(world.factory.issued(BADGE_SAFETY), [ADA_MAIL]);
        // pressed again and again it is one question
        let asked = world.lms.api_asked().len();
        for _ in 0..3 {
            assert_eq!(teacher.post("/rules", &[("do", "check")]).await.status, 303);
            world.drain_jobs().await;
        }
        assert_eq!(world.lms.api_asked().len(), asked);
        world.advance(Duration::from_mins(1)).await;
        world.lms.api_fault(0, 1, ApiFault::Status(502));
        teacher.post("/rules", &[("do", "check")]).await;
        world.drain_jobs().await;
        assert!(teacher.get("/rules").await.body.contains("could not be asked"));
        world.over(&[rule]).await;
    })
    .await;
}

#[tokio::test]
async fn a_push_that_only_hints_makes_us_ask_and_many_make_us_ask_once() {
    with_sqlite(async |database: Database| {
        let world = world(&database).await;
        let ada = world.launch("ada", COURSE).await;
        world.connected(ConnectionKind::Moodle).await;
        let rule = world.when(&ada, "final-grade >= 80").await;
        let feed = world
            .parts
            .add_feed(NewFeed {
                organisation: world.organisation,
                kind: FeedKind::Moodle,
                name: "Campus".to_owned(),
                registration: Some(world.registration.id),
                course: None,
                key_in_address: false,
            })
            .await
            .unwrap();
        let store = &world.parts.store;
        world.deps.directory.follow(store).await.unwrap();
        let version = world.deps.directory.entries().version();
        world.deps.feeds.follow(store, version).await.unwrap();
        world.plan().await;
        world.grade(88.0, true);
        let asked = |world: &World| {
            let asked = world.lms.api_asked();
            asked
                .iter()
                .filter(|call| *call == "gradereport_user_get_grade_items")
                .count()
        };
        assert_eq!(asked(&world), 1);
        let browser = world.browser();
        for item in 0..3 {
            let body = serde_json::json!([{"eventname": "\\core\\event\\user_graded", "courseid": BIO,
                "relateduserid": ADA, "userid": "3", "objectid": item, "timecreated": world.now().seconds(),
                "token": feed.secret.as_deref().unwrap()}]);
            let path = format!("/feeds/{}/moodle", feed.feed.id);
            let request = browser
                .request(reqwest::Method::POST, &path)
                .header("content-type", "application/json");
            assert_eq!(browser.send(request.body(body.to_string())).await.status, 200);
        }
        world.deps.feeds.publish(store, &world.worker).await.unwrap();
        world.drain_jobs().await;
        assert_eq!(asked(&world), 1, "it was asked a moment ago");
        world.advance(Duration::from_secs(31)).await;
        assert_eq!(asked(&world), 2);
        assert_eq!(world.factory.issued(BADGE_SAFETY), [ADA_MAIL]);
        world.over(&[rule]).await;
    })
    .await;
}

#[tokio::test]
async fn a_mark_in_our_own_column_is_a_badge_on_any_lms() {
    with_sqlite(async |database: Database| {
        let world = world(&database).await;
        let ada = world.launch("ada", COURSE).await;
        let rule = world.when(&ada, "own-column >= 80").await;
        assert_eq!(world.plan().await, 1);
        let columns = world.lms.columns(COURSE);
        assert_eq!(columns.len(), 1, "one was made");
        assert_eq!(columns[0].fields["label"], "Badge: Lab Safety");
        world.lms.set_score(columns[0].id, ADA, 60.0, world.now().millis());
        world.advance(Duration::from_mins(12)).await;
        assert!(world.factory.issued(BADGE_SAFETY).is_empty());
        world.lms.set_score(columns[0].id, ADA, 84.0, world.now().millis());
        world.advance(Duration::from_mins(24)).await;
        assert_eq!(world.factory.issued(BADGE_SAFETY), [ADA_MAIL]);
        assert_eq!(world.lms.columns(COURSE).len(), 1, "and no other");
        world.over(&[rule]).await;
    })
    .await;
}

#[tokio::test]
async fn a_new_rule_finds_a_grade_that_was_there_before_it() {
    with_sqlite(async |database: Database| {
        let world = world(&database).await;
        let ada = world.launch("ada", COURSE).await;
        world.connected(ConnectionKind::Brightspace).await;
        let first = world.when(&ada, "final-grade >= 99").await;
        world.plan().await;
        let second = world.when(&ada, "score(22) >= 75").await;
        let at = world.now();
        world.lms.progress().set_score(BIO, "22", ADA, Some((31.0, at)));
        world.plan().await;
        world.advance(Duration::from_hours(2)).await;
        world.clock.advance(Duration::from_mins(1));
        // what changed since the last look is nothing: the rule wants what is there
        let third = world.when(&ada, "course-completed").await;
        let full = world.pull(&ada).await.cursor.full_ms;
        world.plan().await;
        world.advance(Duration::from_mins(1)).await;
        let pull = world.pull(&ada).await;
        assert!(pull.cursor.full_ms > full, "everything was looked at: {pull:?}");
        let full = world.pull(&ada).await.cursor.full_ms;
        world.advance(Duration::from_mins(12)).await;
        assert_eq!(world.pull(&ada).await.cursor.full_ms, full, "once");
        world.over(&[first, second, third]).await;
    })
    .await;
}

on_both_databases! {
    async fn a_wish_for_everything_outlasts_the_look_that_was_under_way(database: Database) {
        let world = world(&database).await;
        let ada = world.launch("ada", COURSE).await;
        world.connected(ConnectionKind::Canvas).await;
        let rule = world.when(&ada, "course-completed").await;
        world.plan().await;
        let (under_way, organisation, course) = (world.pull(&ada).await, world.organisation, ada.seat.course.unwrap());
        let kept: Result<bool, StoreError> = world
            .parts
            .store
            .write(Durability::Full, async move |tx| {
                let now = tx.now().await?;
                tx.ask_anew(organisation, course, now).await?;
                tx.put_pull(&under_way).await
            })
            .await;
        assert!(!kept.unwrap(), "the look is told");
        let pull = world.pull(&ada).await;
        assert_eq!((pull.cursor.full_ms, pull.next_at), (None, None));
        assert!(pull.ok_at.is_some(), "the rest is kept");
        let again: Result<bool, StoreError> =
            world.parts.store.write(Durability::Full, async move |tx| tx.put_pull(&pull).await).await;
        assert!(again.unwrap());
        world.over(&[rule]).await;
    }
}

#[tokio::test]
async fn one_odd_person_does_not_hold_up_a_course_and_an_odd_lms_is_told() {
    with_sqlite(async |database: Database| {
        let world = world(&database).await;
        let ada = world.launch("ada", COURSE).await;
        let connection = world.connected(ConnectionKind::Moodle).await;
        let rule = world.when(&ada, "course-completed").await;
        world.lms.progress().complete(BIO, ADA, world.now());
        // the course, its people, and then each of them
        world.lms.api_fault(2, 1, ApiFault::Status(400));
        world.plan().await;
        assert_eq!(world.factory.issued(BADGE_SAFETY), [ADA_MAIL]);
        assert!(world.connection(&connection).await.error.is_none());
        world.advance(Duration::from_hours(1)).await;
        world.lms.api_fault(2, 1_000, ApiFault::Status(400));
        world.check(&ada).await;
        assert!(world.pull(&ada).await.error.is_some(), "nobody was answered about");
        world.over(&[rule]).await;
    })
    .await;
}

#[tokio::test]
async fn a_column_that_cannot_be_read_is_not_the_connections_fault() {
    with_sqlite(async |database: Database| {
        let world = world(&database).await;
        let ada = world.launch("ada", COURSE).await;
        let connection = world.connected(ConnectionKind::Canvas).await;
        let rules = [
            world.when(&ada, "course-completed").await,
            world.when(&ada, "own-column >= 80").await,
        ];
        world.lms.ags_mode(AgsMode::Status(403));
        world.plan().await;
        let pull = world.pull(&ada).await;
        assert!(
            pull.error.is_some() && pull.failures == 0 && pull.ok_at.is_some(),
            "{pull:?}"
        );
        let stands = world.connection(&connection).await;
        assert!(stands.error.is_none() && stands.ok_at.is_some());
        // and the other way round: the column is read while the connection fails
        world.lms.ags_mode(AgsMode::default());
        world.lms.api_fault(0, 1, ApiFault::Status(502));
        world.check(&ada).await;
        assert_eq!(world.lms.columns(COURSE).len(), 1);
        assert!(world.connection(&connection).await.error.is_some());
        world.over(&rules).await;
    })
    .await;
}

#[tokio::test]
async fn a_consent_that_is_refused_or_old_opens_nothing() {
    with_sqlite(async |database: Database| {
        let world = world(&database).await;
        let made = world
            .parts
            .add_connection(NewConnection {
                organisation: world.organisation,
                registration: world.registration.id,
                kind: ConnectionKind::Canvas,
                base_url: world.lms.url().to_owned(),
                token_url: None,
                client_id: Some(API_CLIENT.to_owned()),
                secret: Some(Zeroizing::new("wrong".to_owned())),
            })
            .await
            .unwrap();
        let public = world.url.parse::<PublicUrl>().unwrap();
        let address = world.parts.ask_consent(&made, &public).await.unwrap();
        let state = address
            .split('&')
            .find_map(|part| part.strip_prefix("state="))
            .unwrap()
            .to_owned();
        let browser = world.browser();
        for path in ["/connections/callback", "/connections/callback?state=x&code=y"] {
            assert_eq!(browser.get(path).await.status, 404, "{path}");
        }
        let refused = format!("/connections/callback?state={state}&error=access_denied");
        assert!(browser.get(&refused).await.body.contains("Nothing was authorised"));
        world.advance(Duration::from_hours(2)).await;
        let late = format!("/connections/callback?state={state}&code=code-1");
        assert_eq!(browser.get(&late).await.status, 404);
        // a wrong secret: said, and not open
        world.consent(&made).await;
        let now = world.connection(&made).await;
        assert!(!now.is_open() && now.code.is_none());
        assert!(now.error.unwrap().0.contains("invalid_client"));
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_test_of_a_connection_says_what_is_missing() {
    with_sqlite(async |database: Database| {
        let world = world(&database).await;
        let ada = world.launch("ada", COURSE).await;
        for kind in [
            ConnectionKind::Moodle,
            ConnectionKind::Canvas,
            ConnectionKind::Brightspace,
        ] {
            let connection = world.connected(kind).await;
            let tried = world
                .parts
                .try_connection(&connection, &world.registration, ada.seat.course)
                .await
                .unwrap();
            let wrong: Vec<_> = tried.iter().filter(|tried| tried.error.is_some()).collect();
            assert!(wrong.is_empty() && tried.len() > 3, "{kind}: {wrong:?}");
            world.lms.api_fault(1, 1, ApiFault::Status(403));
            let tried = world
                .parts
                .try_connection(&connection, &world.registration, ada.seat.course)
                .await
                .unwrap();
            let wrong: Vec<_> = tried.iter().filter_map(|tried| tried.error.clone()).collect();
            assert_eq!(wrong.len(), 1, "{kind}: {tried:?}");
            assert!(wrong[0].contains("does not permit"), "{wrong:?}");
            assert!(world.connection(&connection).await.error.is_some());
            let (organisation, id) = (world.organisation, connection.id);
            let removed: Result<bool, StoreError> = world
                .parts
                .store
                .write(Durability::Full, async move |tx| {
                    tx.remove_connection(organisation, id).await
                })
                .await;
            assert!(removed.unwrap());
        }
        world.finish().await;
    })
    .await;
}
