//! What staff of the course see and decide.

use std::time::Duration;

use badgebridge::model::application::{Call, Stage};
use badgebridge::model::award::Intent;
use badgebridge::sandbox::factory::{Aim, BADGE_SAFETY, CLIENT, EARNABLE_PEER, EARNABLE_REVIEW, Fault, Kind, Plan};
use badgebridge::sandbox::lms::Picking;
use badgebridge::store::Durability;

use super::{apply, handed_in, key, learner, own, page, place, waiting};
use crate::deep_linking::{opened, placed};
use crate::support::database::{Database, on_both_databases, with_sqlite};
use crate::support::world::{Tab, World};

const ADA: &str = "ada@campus.example";
const WHY_NOT: &str = "Add a photograph of the goggles.";

async fn with_world(run: impl AsyncFnOnce(World)) {
    with_sqlite(async |database: Database| run(World::start(&database).await).await).await;
}

fn next(fault: Fault) -> Plan {
    Plan::Next {
        fault,
        times: 1,
        aim: Aim::Only(Kind::Earnable),
    }
}

async fn decide(tab: &Tab, id: &str, decision: &str, message: &str) -> crate::support::browser::Answer {
    tab.post(
        &format!("/applications/{id}"),
        &[("decision", decision), ("message", message)],
    )
    .await
}

on_both_databases! {
    async fn an_application_is_reviewed_in_the_course_and_approved_once(database: Database) {
        let world = World::start(&database).await;
        let one = handed_in(&world, "ada").await;
        let id = one.id.to_string();
        let teacher = world.launch("teacher1", "BIO-2010").await;
        assert_eq!(waiting(&world, &teacher).await, 1);
        let home = teacher.get("").await;
        assert!(home.body.contains("1 person applied for Lab Safety") && home.body.contains("Applications (1)"), "{}", home.body);
        let list = teacher.get("/applications").await;
        assert!(list.body.contains("Ada") && list.body.contains(&format!("/applications/{id}")), "{}", list.body);
        let shown = teacher.get(&format!("/applications/{id}")).await;
        assert!(shown.body.contains("I wore goggles.") && shown.body.contains(ADA) && shown.body.contains("proof.pdf"), "{}", shown.body);
        let file = one.answers[1].file.as_ref().unwrap().id;
        let file = teacher.get(&format!("/applications/{id}/files/{file}")).await;
        assert_eq!((file.status, file.body.as_str()), (200, "%PDF-1.7 proof"));
        assert_eq!(file.header("content-type"), Some("application/octet-stream"));
        assert!(file.header("content-disposition").unwrap().starts_with("attachment;"));
        assert_eq!(file.header("x-content-type-options"), Some("nosniff"));
        assert!(file.header("content-security-policy").unwrap().contains("sandbox"));

        // limited staff read without addresses and decide nothing; learners see nothing of it
        let assistant = world.launch("assistant", "BIO-2010").await;
        let seen = assistant.get(&format!("/applications/{id}")).await;
        assert!(seen.body.contains("An instructor of this course decides.") && !seen.body.contains(ADA), "{}", seen.body);
        assert_eq!(decide(&assistant, &id, "approve", "").await.status, 403);
        let bjorn = world.launch("bjorn", "BIO-2010").await;
        assert_eq!(bjorn.get("/applications").await.status, 403);
        assert_eq!(bjorn.get(&format!("/applications/{id}")).await.status, 403);

        // what is not whole is refused and changes nothing
        for (decision, message) in [("", ""), ("reject", "No."), ("perhaps", WHY_NOT)] {
            assert_eq!(decide(&teacher, &id, decision, message).await.status, 422, "{decision}");
        }
        // two reviewers: the second decides nothing
        let second = world.launch("teacher1", "BIO-2010").await;
        let first = decide(&teacher, &id, "approve", "Well reasoned.").await;
        assert!(first.status == 303 && first.location().contains("did=decided"), "{}", first.body);
        let late = decide(&second, &id, "reject", WHY_NOT).await;
        assert!(!late.location().contains("did="), "{}", late.location());
        assert!(world.factory.issued(BADGE_SAFETY).is_empty(), "the page did not wait for the Factory");
        world.wait_out().await;
        assert_eq!(world.factory.issued(BADGE_SAFETY), [ADA]);
        let told = world.factory.other_writes().pop().unwrap();
        assert_eq!(told.method, "PUT");
        assert!(told.path.starts_with(&format!("/v1/earnablebadge/{CLIENT}/{EARNABLE_REVIEW}/application/")));
        assert_eq!((&told.body["result"], &told.body["api_consumer_id"]), (&"approve".into(), &"badgebridge".into()));
        assert!(told.body["expires"].as_i64().is_some(), "said, because the badge's own is ambiguous");
        let mail = world.factory.mailbox().pop().unwrap();
        assert!(mail.body.starts_with("Well reasoned.\n\n"), "{}", mail.body);
        let shown = teacher.get(&format!("/applications/{id}")).await;
        assert!(shown.body.contains("decided this application at"), "{}", shown.body);
        assert!(!shown.body.contains("name=\"decision\""));

        // the file is forgotten long after the decision; the answers stay
        let later = world.parts.store.now().await.unwrap().plus(Duration::from_hours(1));
        let forgotten = world
            .parts
            .store
            .write_one(Durability::Launch, async move |tx| tx.forget_files_of_decided(later).await)
            .await;
        assert_eq!(forgotten.unwrap(), 1);
        let path = format!("/applications/{id}/files/{}", one.answers[1].file.as_ref().unwrap().id);
        assert_eq!(teacher.get(&path).await.status, 404);
        assert!(teacher.get(&format!("/applications/{id}")).await.body.contains("I wore goggles."));

        // an award as any other: in the history, revoked through its event
        let ada = world.launch("ada", "BIO-2010").await;
        let stored = own(&world, &ada, EARNABLE_REVIEW).await.remove(0);
        let award = stored.award.unwrap();
        assert_eq!(stored.cause().unwrap(), format!("application:{EARNABLE_REVIEW}:{}", stored.factory_id.unwrap()));
        assert!(teacher.get("/history").await.body.contains(&award.to_string()));
        assert!(page(&ada, EARNABLE_REVIEW).await.body.contains("Approved on"));
        assert!(world.stop(world.organisation, award, Intent::Revoke).await.is_some());
        world.wait_out().await;
        assert!(world.factory.issued(BADGE_SAFETY).is_empty(), "revoked");
        world.finish().await;
    }

    async fn a_lost_decision_is_asked_after_and_never_made_twice(database: Database) {
        let world = World::start(&database).await;
        let one = handed_in(&world, "ada").await;
        let teacher = world.launch("teacher1", "BIO-2010").await;
        decide(&teacher, &one.id.to_string(), "approve", "").await;
        // the state is read first; the answer to the decision is lost after the work
        let unseen_for = Duration::ZERO;
        world.factory.misbehave(next(Fault::Slow { span: Duration::ZERO }));
        world.factory.misbehave(next(Fault::LostAnswer { unseen_for }));
        world.drain_jobs().await;
        let ada = world.launch("ada", "BIO-2010").await;
        let stored = own(&world, &ada, EARNABLE_REVIEW).await.remove(0);
        assert_eq!((stored.stage, stored.call), (Stage::Pending, Call::Unsure));
        assert!(page(&ada, EARNABLE_REVIEW).await.body.contains("Waiting for review"), "not told before it is sure");
        world.wait_out().await;
        let stored = own(&world, &ada, EARNABLE_REVIEW).await.remove(0);
        assert!(stored.stage == Stage::Approved && !stored.elsewhere && stored.award.is_some(), "{stored:?}");
        assert_eq!(world.factory.issued(BADGE_SAFETY), [ADA]);
        let told = world.factory.other_writes().into_iter().filter(|call| call.method == "PUT").count();
        assert_eq!(told, 1);
        world.finish().await;
    }
}

#[tokio::test]
async fn several_are_decided_at_once_and_a_rejection_tells_what_to_do() {
    with_world(async |world| {
        let first = handed_in(&world, "ada").await;
        let second = handed_in(&world, "bjorn").await;
        let teacher = world.launch("teacher1", "BIO-2010").await;
        let nothing = [("decision", "reject"), ("message", WHY_NOT)];
        assert_eq!(teacher.post("/applications", &nothing).await.status, 422);
        let (first_id, second_id) = (first.id.to_string(), second.id.to_string());
        let both = [
            ("application", first_id.as_str()),
            ("application", second_id.as_str()),
            ("decision", "reject"),
            ("message", WHY_NOT),
        ];
        let answer = teacher.post("/applications", &both).await;
        assert!(answer.location().contains("did=decided&n=2"), "{}", answer.location());
        let again = teacher.post("/applications", &both).await;
        assert!(again.location().contains("n=0"), "{}", again.location());
        world.wait_out().await;
        let states: Vec<String> = world.factory.applications().into_iter().map(|one| one.status).collect();
        assert_eq!(states, ["rejected", "rejected"]);
        assert!(world.factory.mailbox().iter().all(|mail| mail.body == WHY_NOT));
        assert_eq!(world.factory.mailbox().len(), 2);
        // the learner reads why, and applies again with what was answered before
        let ada = world.launch("ada", "BIO-2010").await;
        let shown = page(&ada, EARNABLE_REVIEW).await;
        assert!(
            shown.body.contains(WHY_NOT) && shown.body.contains("I wore goggles.</textarea>"),
            "{}",
            shown.body
        );
        world.advance(Duration::from_mins(1)).await;
        assert_eq!(apply(&ada, "Now with a photograph.").await.status, 303);
        world.drain_jobs().await;
        assert_eq!(waiting(&world, &teacher).await, 1);
        let newer = own(&world, &ada, EARNABLE_REVIEW).await.remove(0);
        let shown = teacher.get(&format!("/applications/{}", newer.id)).await;
        assert!(
            shown.body.contains("Earlier applications") && shown.body.contains(WHY_NOT),
            "{}",
            shown.body
        );
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn an_application_that_was_decided_at_the_factory_says_so() {
    with_world(async |world| {
        let one = handed_in(&world, "ada").await;
        let teacher = world.launch("teacher1", "BIO-2010").await;
        let elsewhere = serde_json::json!({"result": "approve", "reviewer": "Rosa of the Factory"});
        let at_factory = one.factory_id.clone().unwrap();
        super::sending_to(&world, &at_factory, &elsewhere).await;
        // our decision comes too late: nothing is sent, and the page tells who was first
        decide(&teacher, &one.id.to_string(), "reject", WHY_NOT).await;
        world.wait_out().await;
        let shown = teacher.get(&format!("/applications/{}", one.id)).await;
        assert!(
            shown.body.contains("Rosa of the Factory decided this application"),
            "{}",
            shown.body
        );
        assert!(shown.body.contains("The decision was made at"));
        let ada = world.launch("ada", "BIO-2010").await;
        let stored = own(&world, &ada, EARNABLE_REVIEW).await.remove(0);
        assert!(
            stored.elsewhere && stored.stage == Stage::Approved && stored.award.is_some(),
            "{stored:?}"
        );
        assert_eq!(world.factory.issued(BADGE_SAFETY), [ADA]);
        assert!(world.factory.mailbox().iter().all(|mail| mail.body != WHY_NOT));
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_decision_that_the_factory_refuses_can_be_made_anew() {
    with_world(async |world| {
        let one = handed_in(&world, "ada").await;
        let id = one.id.to_string();
        let teacher = world.launch("teacher1", "BIO-2010").await;
        world.factory.set_manner(|manner| {
            manner.forbidden_badges.insert(BADGE_SAFETY.to_owned());
        });
        decide(&teacher, &id, "approve", "").await;
        world.wait_out().await;
        let shown = teacher.get(&format!("/applications/{id}")).await;
        assert!(
            shown.body.contains("did not take it") && shown.body.contains("name=\"decision\""),
            "{}",
            shown.body
        );
        assert!(
            teacher
                .get("/applications")
                .await
                .body
                .contains("Last decision not taken")
        );
        world.factory.set_manner(|manner| manner.forbidden_badges.clear());
        decide(&teacher, &id, "approve", "").await;
        world.wait_out().await;
        assert_eq!(world.factory.issued(BADGE_SAFETY), [ADA]);
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn applications_of_the_factorys_own_page_reach_the_course_of_the_form_and_the_person() {
    with_world(async |world| {
        let teacher = world.launch("teacher1", "BIO-2010").await;
        let neighbour = world.launch("teacher2", "SAF-1000").await;
        world.launch("ada", "BIO-2010").await;
        place(&world, &teacher, EARNABLE_REVIEW, BADGE_SAFETY).await;
        place(&world, &teacher, EARNABLE_PEER, "B4Speaking01").await;
        for (form, address) in [
            (EARNABLE_REVIEW, ADA),
            (EARNABLE_REVIEW, "stranger@elsewhere.example"),
            (EARNABLE_PEER, ADA),
        ] {
            super::applied_at_the_factory(&world, form, address).await;
        }
        teacher.get("/applications").await;
        world.wait_out().await;
        let list = teacher.get("/applications").await;
        assert_eq!(waiting(&world, &teacher).await, 1, "the stranger is not of this course");
        assert!(list.body.contains("Other applicants decide."), "{}", list.body);
        assert!(!list.body.contains("stranger"));
        assert_eq!(waiting(&world, &neighbour).await, 0, "the form is not placed there");
        let id = list
            .body
            .split("name=\"application\" value=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .to_owned();
        assert_eq!(neighbour.get(&format!("/applications/{id}")).await.status, 404);
        let shown = teacher.get(&format!("/applications/{id}")).await;
        assert!(
            shown.body.contains("on the page of") && shown.body.contains("Typed there"),
            "{}",
            shown.body
        );
        decide(&teacher, &id, "approve", "").await;
        world.wait_out().await;
        assert_eq!(world.factory.issued(BADGE_SAFETY), [ADA]);
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn an_approved_application_is_a_grade_where_its_link_has_a_column() {
    with_world(async |world| {
        let chosen = format!("apply:{EARNABLE_REVIEW}");
        let item = placed(&world, Picking::Many, &[("item", chosen.as_str()), ("graded", "yes")])
            .await
            .remove(0);
        let (teacher, _) = opened(&world, "teacher1", "BIO-2010", &item).await;
        let (ada, _) = opened(&world, "ada", "BIO-2010", &item).await;
        world.wait_out().await;
        let sent = page(&ada, EARNABLE_REVIEW).await;
        let fields = [("key", key(&sent)), ("q0", "Goggles".to_owned())];
        let fields = [(fields[0].0, fields[0].1.as_str()), (fields[1].0, fields[1].1.as_str())];
        ada.post_files(&format!("/apply/{EARNABLE_REVIEW}"), &fields, &[]).await;
        world.drain_jobs().await;
        let id = own(&world, &ada, EARNABLE_REVIEW).await[0].id.to_string();
        decide(&teacher, &id, "approve", "").await;
        world.wait_out().await;
        let column = world.lms.columns("BIO-2010").remove(0);
        assert_eq!(column.score("6"), Some(100.0));
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn nothing_is_asked_of_the_factory_while_nobody_uses_forms() {
    with_world(async |world| {
        let before = world.factory.calls_by_kind().get(&Kind::Earnable).copied();
        let teacher = world.launch("teacher1", "BIO-2010").await;
        teacher.get("").await;
        world.drain_jobs().await;
        assert_eq!(world.factory.calls_by_kind().get(&Kind::Earnable).copied(), before);
        let bare = learner(&world, "ada", EARNABLE_PEER, "B4Speaking01").await;
        teacher.get("").await;
        world.drain_jobs().await;
        assert_ne!(world.factory.calls_by_kind().get(&Kind::Earnable).copied(), before);
        drop(bare);
        world.finish().await;
    })
    .await;
}
