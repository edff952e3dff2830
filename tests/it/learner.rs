//! Learners' own pages: what is theirs, how far they are, which address their badges go to. Nothing of anybody else.

use badgebridge::awards::rules;
use badgebridge::crypto::random;
use badgebridge::model::award::Intent;
use badgebridge::model::fact::{Fact, FactClass, FactValue};
use badgebridge::model::rule::{Options, Terms};
use badgebridge::model::score::{Points, Score};
use badgebridge::model::signal::{Item, ItemId, Source};
use badgebridge::model::{RuleId, SignalId, Standing};
use badgebridge::sandbox::factory::{BADGE_SAFETY, BADGE_WELCOME, CLIENT, EARNABLE_REVIEW};
use badgebridge::store::rule::NewRule;
use badgebridge::store::{Durability, StoreError};
use serde_json::json;

use crate::applications::{self, factory_client};
use crate::support::boxed;
use crate::support::course_world::{CourseWorld, NOON, Tab as CourseTab};
use crate::support::database::{on_both_databases, with_sqlite};
use crate::support::world::{Tab, World};

const ADA: &str = "ada@campus.example";

/// Another tool of the organisation issues a badge.
async fn issued_elsewhere(world: &World, badge: &str, address: &str) {
    let request = factory_client(world).post(format!("{}/v1/badge/{CLIENT}/{badge}", world.factory.url()));
    let body = json!({
        "recipient": [address], "issued_on": world.now().seconds() - 86_400, "expires": world.now().seconds() + 86_400,
        "email_subject": "s", "email_body": "b", "email_link_text": "l", "email_footer": "f",
    });
    let answer = request.body(body.to_string()).send().await.unwrap();
    assert_eq!(answer.status(), 201);
}

/// The person follows the link of the newest mail about a badge and takes it.
async fn collected(world: &World, badge: &str) {
    let mail = world.factory.mailbox().into_iter().rfind(|mail| mail.badge == badge);
    let link = mail.and_then(|mail| mail.link).expect("a link");
    let answer = factory_client(world).post(link).body("accept").send().await.unwrap();
    assert!(answer.status().is_success() || answer.status().is_redirection());
}

/// The learner's page, after whatever it asked for was read.
async fn my(world: &World, tab: &Tab) -> String {
    boxed(async move {
        assert_eq!(tab.get("/my").await.status, 200);
        world.drain_jobs().await;
        tab.get("/my").await.body
    })
    .await
}

on_both_databases! {
    async fn my_badges_tell_what_the_factory_told_last_and_how_old_that_is(database: Database) {
        let world = World::start(&database).await;
        let teacher = world.launch("teacher1", "BIO-2010").await;
        let ada = world.launch("ada", "BIO-2010").await;
        world.issue_to_members(&teacher, BADGE_SAFETY, &[ada.seat.member.unwrap()]).await;
        world.drain_jobs().await;
        let before = ada.get("/my").await.body;
        assert!(before.contains("Not collected yet") && !before.contains("Share"), "{before}");
        let sent = my(&world, &ada).await;
        assert!(sent.contains("checked a moment ago") && sent.contains("Share") && sent.contains("Verify"), "{sent}");
        assert!(sent.contains(&format!("Sent to {ADA}")), "{sent}");
        assert!(!sent.contains("Collect "), "no receive link is known");
        // picked up: seen at the next read, ten minutes later at most
        collected(&world, BADGE_SAFETY).await;
        assert!(my(&world, &ada).await.contains("Not collected yet"));
        world.advance(std::time::Duration::from_mins(11)).await;
        let after = my(&world, &ada).await;
        assert!(after.contains(">Earned</span>"), "{after}");
        // the Factory is away: what was read stays, with its age
        world.advance(std::time::Duration::from_mins(11)).await;
        world.factory.misbehave(badgebridge::sandbox::factory::Plan::Always {
            fault: badgebridge::sandbox::factory::Fault::Status(503),
            aim: badgebridge::sandbox::factory::Aim::Any,
        });
        let away = my(&world, &ada).await;
        assert!(away.contains("checked 1") && away.contains("minutes ago"), "{away}");
        assert!(away.contains(">Earned</span>"), "{away}");
        world.finish().await;
    }

    async fn badges_made_elsewhere_are_shown_where_the_address_is_believed_alone(database: Database) {
        let world = World::start(&database).await;
        issued_elsewhere(&world, BADGE_WELCOME, ADA).await;
        issued_elsewhere(&world, BADGE_SAFETY, "chloe@campus.example").await;
        let ada = world.launch("ada", "BIO-2010").await;
        let unbelieved = my(&world, &ada).await;
        assert!(unbelieved.contains("You have no badges"), "{unbelieved}");
        world.change_registration(|registration| registration.trust_email = true).await;
        world.advance(std::time::Duration::from_mins(11)).await;
        let believed = my(&world, &ada).await;
        assert!(believed.contains("valid until") && believed.contains("Not collected yet"), "{believed}");
        assert_eq!(believed.matches("<li class=\"card\"").count(), 1, "{believed}");
        // no longer believed: no longer shown, though it is still known
        world.change_registration(|registration| registration.trust_email = false).await;
        assert!(my(&world, &ada).await.contains("You have no badges"));
        world.finish().await;
    }

    async fn who_lost_the_badge_of_an_application_may_apply_again(database: Database) {
        let world = World::start(&database).await;
        let first = applications::handed_in(&world, "ada").await;
        let teacher = world.launch("teacher1", "BIO-2010").await;
        let path = format!("/applications/{}", first.id);
        assert_eq!(teacher.post(&path, &[("decision", "approve")]).await.status, 303);
        world.drain_jobs().await;
        let ada = world.launch("ada", "BIO-2010").await;
        let form = format!("/apply/{EARNABLE_REVIEW}");
        assert!(!ada.get(&form).await.body.contains("name=\"key\""), "it was approved");
        let (organisation, member) = (ada.seat.organisation, ada.seat.member.unwrap());
        let lines = world.parts.store.read(async |tx| tx.member_awards(organisation, member).await).await.unwrap();
        let award = lines[0].id;
        let stopped = badgebridge::awards::issue::stop(&world.parts.store, organisation, award, Intent::Revoke, None, None);
        stopped.await.unwrap();
        assert!(!ada.get(&form).await.body.contains("name=\"key\""), "not yet revoked");
        world.drain_jobs().await;
        world.advance(std::time::Duration::from_secs(1)).await;
        let again = applications::handed_in(&world, "ada").await;
        assert_ne!(again.id, first.id);
        assert_eq!(teacher.post(&format!("/applications/{}", again.id), &[("decision", "approve")]).await.status, 303);
        world.drain_jobs().await;
        let lines = world.parts.store.read(async |tx| tx.member_awards(organisation, member).await).await.unwrap();
        let words: Vec<&str> = lines.iter().map(|line| line.state.word()).collect();
        assert_eq!(words, ["issued", "revoked"]);
        world.finish().await;
    }
}

/// A rule of the course that is on.
async fn rule(world: &CourseWorld, tab: &CourseTab, when: &str, change: impl FnOnce(&mut Options)) {
    let mut options = Options::default();
    change(&mut options);
    let (organisation, course) = (world.organisation, tab.course);
    let terms = Terms {
        when: when.parse().unwrap(),
        options,
        since: Some(NOON),
    };
    let added: Result<RuleId, StoreError> = world
        .store
        .write(Durability::Full, async move |tx| {
            let id = RuleId::new(random::id_at(NOON));
            let registration = tx.course(organisation, course).await?.unwrap().registration;
            let new = NewRule {
                id,
                organisation,
                registration,
                course,
                badge_id: "B-safety".to_owned(),
                terms,
                author: None,
            };
            tx.add_rule(&new, NOON).await?;
            Ok(id)
        })
        .await;
    added.unwrap();
}

async fn knows(world: &CourseWorld, tab: &CourseTab, item: Item, value: FactValue) {
    let (organisation, course, member) = (world.organisation, tab.course, tab.member);
    let class = match value {
        FactValue::Holds(_) => FactClass::Completion,
        FactValue::Score(_) => FactClass::Score,
    };
    let fact = Fact {
        item,
        class,
        value,
        occurred_at: NOON,
        utc_offset_minutes: None,
        received_at: NOON,
        clock_suspect: false,
        source: Source::Webhook,
        signal: SignalId::new(random::id_at(NOON)),
    };
    let put: Result<bool, StoreError> = world
        .store
        .write(Durability::Full, async move |tx| {
            tx.put_fact(organisation, course, member, &fact, NOON).await
        })
        .await;
    put.unwrap();
}

#[tokio::test]
async fn the_progress_card_says_what_is_needed_reached_and_missing() {
    with_sqlite(async |database| {
        let world = CourseWorld::start(&database).await;
        let ada = world
            .launch("bio", Standing::Learner, "Ada", Some("ada@marlowe.example"))
            .await;
        rule(&world, &ada, "module-completed(5) and final-grade >= 80", |_| {}).await;
        let nothing = world.get(&ada, "/progress/B-safety").await.body;
        assert!(nothing.contains("Your results are not here yet."), "{nothing}");
        let module = Item::Module(ItemId::parse("5").unwrap());
        knows(&world, &ada, module, FactValue::Holds(true)).await;
        let score = Score::of(Points::whole(65), Points::whole(100));
        knows(&world, &ada, Item::FinalGrade, FactValue::Score(score)).await;
        for path in ["/progress/B-safety", "/my"] {
            let card = world.get(&ada, path).await.body;
            for said in [
                "You have 65%",
                "Badge at 80%",
                "15 points to go.",
                "Done: <bdi>module 5",
                "a moment ago",
            ] {
                assert!(card.contains(said), "{said}: {card}");
            }
        }
        // another learner sees their own distance
        let bjorn = world.launch("bio", Standing::Learner, "Bjorn", None).await;
        let other = world.get(&bjorn, "/progress/B-safety").await.body;
        assert!(!other.contains("65%") && other.contains("not here yet"), "{other}");
        // staff have none
        let staff = world.launch("bio", Standing::Staff, "Tea", None).await;
        assert!(
            !world
                .get(&staff, "/progress/B-safety")
                .await
                .body
                .contains("Your results")
        );
        world.worker.drain().await.unwrap();
        world.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_score_that_the_lms_hides_is_not_told_even_where_the_rule_counts_it() {
    with_sqlite(async |database| {
        let world = CourseWorld::start(&database).await;
        let ada = world
            .launch("bio", Standing::Learner, "Ada", Some("ada@marlowe.example"))
            .await;
        rule(&world, &ada, "final-grade >= 80", |options| {
            options.released_only = false;
        })
        .await;
        let hidden = Score {
            released: false,
            ..Score::of(Points::whole(61), Points::whole(100))
        };
        knows(&world, &ada, Item::FinalGrade, FactValue::Score(hidden)).await;
        let (organisation, course) = (world.organisation, ada.course);
        let known = world
            .store
            .read(async |tx| tx.rules_of_course(organisation, course).await)
            .await
            .unwrap();
        let told = rules::why(&world.store, &known[0], ada.member, NOON)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(told.decision.conditions[0].found.as_deref(), Some("61"), "staff see it");
        for path in ["/progress/B-safety", "/my"] {
            let card = world.get(&ada, path).await.body;
            assert!(
                card.contains("The score is not released yet.") && !card.contains("61%"),
                "{card}"
            );
        }
        world.worker.drain().await.unwrap();
        world.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_learner_reads_where_badges_go_and_what_is_kept_and_enters_no_address() {
    with_sqlite(async |database| {
        let world = CourseWorld::start(&database).await;
        let ada = world
            .launch("bio", Standing::Learner, "Ada", Some("ada@marlowe.example"))
            .await;
        let bjorn = world.launch("bio", Standing::Learner, "Bjorn", None).await;
        let known = world.get(&ada, "/my/email").await.body;
        assert!(
            known.contains("ada@marlowe.example") && known.contains("marlowe gave us this address"),
            "{known}"
        );
        let unknown = world.get(&bjorn, "/my/email").await.body;
        assert!(unknown.contains("Addresses cannot be given here"), "{unknown}");
        assert!(
            !unknown.contains("ada@") && !unknown.contains("type=\"email\""),
            "{unknown}"
        );
        assert_eq!(
            world
                .post(&bjorn, "/my/email", &[("email", "ada@marlowe.example")])
                .await
                .status,
            405
        );
        let kept = world.get(&ada, "/my/data").await.body;
        assert!(
            kept.contains("ada@marlowe.example") && kept.contains("Course bio"),
            "{kept}"
        );
        let other = world.get(&bjorn, "/my/data").await.body;
        assert!(!other.contains("ada@") && other.contains("Bjorn"), "{other}");
        world.stop().await;
    })
    .await;
}
