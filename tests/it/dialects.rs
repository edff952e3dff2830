//! The habits of each LMS: set up as its guide says, launched, placed in, its roster read and its grade book written, with the client that real ones
//! meet. The doubles refuse what those LMSs refuse.

use std::time::Duration;

use badgebridge::model::{Lms as Family, Registration};
use badgebridge::sandbox::lms::{Dialect, Habit, LaunchSpec, Picking, RegistrationMode};
use serde_json::{Value, json};

use crate::admin_pages::made;
use crate::deep_linking::{badge, opened, placed};
use crate::grades::{earn, revoke, score};
use crate::registering::confirm;
use crate::support::database::{Database, with_sqlite};
use crate::support::office::Desk;
use crate::support::world::{Setup, World};

const COURSE: &str = "BIO-2010";

/// The family that a registration names, and whom its assertions are meant for, by dialect.
const TABLE: [(Dialect, Family, Option<&str>); 7] = [
    (Dialect::Plain, Family::Generic, None),
    (Dialect::Moodle, Family::Moodle, None),
    (Dialect::Canvas, Family::Canvas, None),
    (
        Dialect::Brightspace,
        Family::Brightspace,
        Some("https://api.brightspace.com/auth/token"),
    ),
    (Dialect::Blackboard, Family::Blackboard, None),
    (Dialect::Sakai, Family::Sakai, None),
    (Dialect::OpenEdx, Family::OpenEdx, None),
];

async fn world(
    database: &Database,
    (dialect, family, token_audience): (Dialect, Family, Option<&'static str>),
) -> World {
    let setup = Setup {
        dialect,
        family,
        token_audience,
        ..Setup::default()
    };
    World::start_with(database, setup).await
}

/// Sets the LMS up as its guide says, by the pages of the administration; launches use that registration afterwards, and
/// the one that the world began with is switched off.
async fn set_up(world: &World, (dialect, family, token_audience): (Dialect, Family, Option<&'static str>)) {
    world.change_registration(|row| row.enabled = false).await;
    let desk = Desk::operator(world).await;
    desk.open(world.organisation).await;
    let client = match dialect {
        Dialect::Moodle => by_address(world, &desk, Habit::Moodle, Vec::new()).await,
        Dialect::Canvas => by_address(world, &desk, Habit::Canvas, Vec::new()).await,
        Dialect::Brightspace => {
            // its own token address would say the audience; a demo's does not
            let audience = token_audience.map(|audience| ("authorization_server".to_owned(), json!(audience)));
            by_address(world, &desk, Habit::Brightspace, audience.into_iter().collect()).await
        }
        Dialect::Sakai => {
            let platform = json!({"product_family_code": "sakai", "version": "23", "messages_supported": [
                {"type": "LtiResourceLinkRequest"}, {"type": "LtiDeepLinkingRequest"}]});
            let said = (
                "https://purl.imsglobal.org/spec/lti-platform-configuration".to_owned(),
                platform,
            );
            by_address(world, &desk, Habit::Moodle, vec![said]).await
        }
        Dialect::Blackboard => shared(world, &desk, family).await,
        Dialect::Plain | Dialect::OpenEdx => by_hand(world, &desk, family).await,
    };
    let known = world.registrations().await;
    let row = known.iter().find(|row| row.lti_client_id == client).unwrap();
    assert_eq!((row.lms, row.enabled), (family, true), "{dialect:?}");
    assert!(world.lms.prefer(&client));
}

/// By one link: the LMS registers itself, and somebody switches it on at both ends.
async fn by_address(world: &World, desk: &Desk, habit: Habit, said: Vec<(String, Value)>) -> String {
    world.lms.registration_mode(RegistrationMode::Described(said));
    let address = made(&desk.post("/admin/lms/new", &[("do", "link")]).await);
    let sent = confirm(world, &address, habit).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    let known = world.registrations().await;
    let row = known.iter().find(|row| row.id != world.registration.id).unwrap();
    assert!(!row.enabled);
    world.lms.activate(&row.lti_client_id);
    let on = desk.post(&format!("/admin/lms/{}", row.id), &[("do", "on")]).await;
    assert_eq!(on.status, 303, "{}", on.body);
    row.lti_client_id.clone()
}

/// By hand: what the LMS shows is entered.
async fn by_hand(world: &World, desk: &Desk, family: Family) -> String {
    world.second_registration("by-hand", Some(world.organisation));
    let lms = &world.lms;
    let (auth, token, keys, deployment) = (lms.auth_url(), lms.token_url(), lms.jwks_url(), lms.deployment_id());
    let fields = [
        ("do", "add"),
        ("lms", family.word()),
        ("name", "Campus"),
        ("issuer", lms.issuer()),
        ("client_id", "by-hand"),
        ("auth", &auth),
        ("token", &token),
        ("keys", &keys),
        ("deployment", &deployment),
    ];
    let added = desk.post("/admin/lms/new", &fields).await;
    assert_eq!(added.status, 303, "{}", added.body);
    "by-hand".to_owned()
}

/// One client id for all sites: the first launch waits, and its deployment is claimed.
async fn shared(world: &World, desk: &Desk, family: Family) -> String {
    let row = Registration {
        lms: family,
        ..world.second_registration("shared", None)
    };
    world.register(&row, &[]).await;
    let spec = LaunchSpec::new("teacher1", COURSE, "").client("shared");
    let waits = world.try_launch(&world.browser(), spec).await;
    assert_eq!(waits.reason(), "deployment_pending", "{}", waits.body);
    let deployment = world.lms.deployment_id();
    let id = world.deployment(&row, &deployment).await.unwrap().id.to_string();
    let claimed = desk.post("/admin/deployments", &[("deployment", &id)]).await;
    assert_eq!(claimed.status, 303, "{}", claimed.body);
    "shared".to_owned()
}

#[tokio::test]
async fn each_lms_is_set_up_launches_takes_an_item_tells_its_people_and_gets_a_score() {
    assert_eq!(TABLE.map(|(dialect, ..)| dialect), Dialect::ALL);
    for row in TABLE {
        with_sqlite(async |database: Database| {
            let dialect = row.0;
            let world = world(&database, row).await;
            set_up(&world, row).await;
            // staff and learner
            let teacher = world.launch("teacher1", COURSE).await;
            let home = teacher.get("").await;
            assert!(home.body.contains("data-role=\"staff\""), "{dialect:?}: {}", home.body);
            let ada = world.launch("ada", COURSE).await;
            let own = ada.get("/my").await;
            assert!(own.body.contains("data-role=\"learner\""), "{dialect:?}: {}", own.body);
            assert_eq!(ada.get("/people").await.status, 403, "{dialect:?}");

            // placed by deep linking, opened by both
            let safety = badge(&world, "Lab Safety").await;
            let progress = format!("progress:{safety}");
            let mut chosen = vec![("item", progress.as_str())];
            let (_, picker) = crate::deep_linking::open(&world, "teacher1", Picking::One).await;
            if picker.body.contains("name=\"graded\"") {
                chosen.push(("graded", "yes"));
            }
            let item = placed(&world, Picking::One, &chosen).await.remove(0);
            let (teacher, _) = opened(&world, "teacher1", COURSE, &item).await;
            let (tab, rest) = opened(&world, "ada", COURSE, &item).await;
            assert_eq!(rest, format!("/progress/{safety}"), "{dialect:?}");

            // the roster
            world.queue_roster(teacher.seat.course.unwrap()).await;
            world.drain_jobs().await;
            let people = teacher.get("/people").await.body;
            assert!(people.contains("Ada Lindqvist"), "{dialect:?}: {people}");

            // the score, once, and back again
            let member = tab.seat.member.unwrap();
            let request = earn(&world, &teacher, &safety, member).await;
            assert_eq!(score(&world), Some(100.0), "{dialect:?}: {:?}", world.lms.score_log());
            assert_eq!(world.lms.score_log().len(), 1, "{dialect:?}");
            revoke(&world, request).await;
            // where a grade cannot be taken away it is nothing
            let gone = (dialect == Dialect::OpenEdx).then_some(0.0);
            assert_eq!(score(&world), gone, "{dialect:?}");
            world.finish().await;
        })
        .await;
    }
}

#[tokio::test]
async fn each_lmss_words_for_a_newer_score_and_for_who_is_not_graded_are_understood() {
    for row in TABLE {
        with_sqlite(async |database: Database| {
            let dialect = row.0;
            let world = world(&database, row).await;
            let safety = badge(&world, "Lab Safety").await;
            let progress = format!("progress:{safety}");
            let item = placed(&world, Picking::One, &[("item", &progress), ("graded", "yes")])
                .await
                .remove(0);
            let (teacher, _) = opened(&world, "teacher1", COURSE, &item).await;
            let member = async |person: &str| opened(&world, person, COURSE, &item).await.0.seat.member.unwrap();
            let (ada, bjorn, noa) = (member("ada").await, member("bjorn").await, member("noa").await);
            // the LMS forgot Bjorn; who comes after him is graded
            world.lms.remove_person(COURSE, "bjorn");
            earn(&world, &teacher, &safety, bjorn).await;
            earn(&world, &teacher, &safety, noa).await;
            assert_eq!(world.lms.score_log().len(), 1, "{dialect:?}: Noa's");
            // a teacher wrote a score that is newer than ours will be
            let column = world.lms.columns(COURSE)[0].id;
            world.lms.set_score(column, "6", 55.0, world.now().millis() + 3_600_000);
            let request = earn(&world, &teacher, &safety, ada).await;
            assert_eq!(score(&world), Some(55.0), "{dialect:?}");
            world.advance(Duration::from_hours(2)).await;
            revoke(&world, request).await;
            assert_eq!(score(&world), Some(55.0), "{dialect:?}: not ours to clear");
            world.finish().await;
        })
        .await;
    }
}
