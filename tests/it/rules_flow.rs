//! Awards from a rule, from the news to the Factory, on both databases, against a Factory in memory.

use std::time::Duration;

use badgebridge::awards::{issue, rules};
use badgebridge::clock::Timestamp;
use badgebridge::model::OrganisationId;
use badgebridge::model::award::{Face, Intent};
use badgebridge::model::order::Timing;
use badgebridge::model::rule::{OnDrop, RuleState};

use crate::support::awards_world::{BADGE, World, execute};
use crate::support::database::on_both_databases;
use crate::support::model_factory::Mishap;

const ADA: &str = "ada@example.org";
const BOB: &str = "bob@example.org";

async fn world(database: &crate::support::database::Database, learners: &[Option<&str>]) -> World {
    World::new(database, learners, Timing::default(), 50).await
}

async fn faces(world: &World) -> Vec<Face> {
    let mut faces: Vec<Face> = world.awards().await.into_iter().map(|line| line.face).collect();
    faces.sort_unstable();
    faces
}

on_both_databases! {
    async fn whoever_completes_the_course_gets_the_badge_once(database: Database) {
        let mut world = world(&database, &[Some(ADA), Some(BOB)]).await;
        let rule = world.rule("course-completed and final-grade >= 80", |_| {}).await;
        world.factory.misbehave([Mishap::LostAfter(60_000)]);
        for _ in 0..2 {
            world.news(1, world.graded(84).await).await;
            world.news(1, world.completed().await).await;
            world.news(2, world.graded(76).await).await;
            world.drain().await;
        }
        world.settle().await;
        assert_eq!((world.factory.holds(BADGE, ADA), world.factory.holds(BADGE, BOB)), (1, 0));
        assert_eq!(world.factory.issuing_calls(), 1);
        assert_eq!(world.outcome(rule, 1).await, Some("has-it").or(Some("award")));
        assert_eq!(world.outcome(rule, 2).await, Some("not-yet"));
        let foreign = OrganisationId::new(rule.uuid());
        let seen = world.store.read(async |tx| tx.rule(foreign, rule).await).await.unwrap();
        assert_eq!(seen, None, "another organisation does not see the rule");
    }

    async fn the_waiting_time_is_checked_again_at_its_end(database: Database) {
        let mut world = world(&database, &[Some(ADA), Some(BOB)]).await;
        world.rule("final-grade >= 80", |options| options.wait_hours = Some(24)).await;
        world.news(1, world.graded(85).await).await;
        world.news(2, world.graded(85).await).await;
        world.drain().await;
        assert_eq!(faces(&world).await, [Face::Waiting; 2]);
        world.store.move_clock(Duration::from_hours(1));
        world.news(2, world.graded(60).await).await;
        world.drain().await;
        assert_eq!(faces(&world).await, [Face::Waiting, Face::Withdrawn], "corrected in time: nothing is sent");
        world.store.move_clock(Duration::from_hours(24));
        world.settle().await;
        assert_eq!((world.factory.holds(BADGE, ADA), world.factory.holds(BADGE, BOB)), (1, 0));
        world.news(2, world.graded(90).await).await;
        world.settle().await;
        assert_eq!(world.factory.holds(BADGE, BOB), 1, "and given after all");
    }

    async fn a_flood_stops_the_rule_before_anything_is_sent(database: Database) {
        let addresses: Vec<String> = (0..30).map(|at| format!("p{at}@example.org")).collect();
        let learners: Vec<Option<&str>> = addresses.iter().map(|text| Some(text.as_str())).collect();
        let mut world = world(&database, &learners).await;
        let rule = world.rule("course-completed", |options| options.breaker = Some(5)).await;
        for at in 1..=30 {
            world.news(at, world.completed().await).await;
        }
        for _ in 0..4 {
            world.drain().await;
            world.store.move_clock(Duration::from_secs(3));
        }
        world.drain().await;
        assert_eq!(world.factory.event_count(), 0, "nothing was sent");
        assert_eq!(world.rule_now(rule).await.state, RuleState::Stopped);
        assert_eq!(world.problems().await, ["rule-stopped"]);
        assert_eq!(faces(&world).await, [Face::Breaker; 30]);
        let stopped = world.rule_now(rule).await;
        assert_eq!(rules::release(&world.store, &stopped, None).await.unwrap(), 30);
        world.settle().await;
        assert_eq!(world.rule_now(rule).await.state, RuleState::On);
        assert!(addresses.iter().all(|address| world.factory.holds(BADGE, address) == 1));
        assert!(world.problems().await.is_empty());
    }

    async fn a_score_that_drops_is_flagged_and_the_badge_kept(database: Database) {
        let mut world = world(&database, &[Some(ADA)]).await;
        world.rule("final-grade >= 80", |_| {}).await;
        world.news(1, world.graded(85).await).await;
        world.settle().await;
        world.store.move_clock(Duration::from_mins(1));
        world.news(1, world.graded(70).await).await;
        world.settle().await;
        assert_eq!(world.dropped().await, [world.members[1]]);
        assert_eq!(world.factory.holds(BADGE, ADA), 1);
        let (organisation, award) = (world.organisation, world.awards().await[0].id);
        let kept: Result<bool, badgebridge::store::StoreError> = world.store.write(
            badgebridge::store::Durability::Full,
            async move |tx| { let now = tx.now().await?; tx.keep_dropped(organisation, award, now).await },
        ).await;
        assert!(kept.unwrap() && world.dropped().await.is_empty(), "a person decides to keep it");
    }

    async fn a_rule_revokes_after_a_drop_only_if_it_says_so(database: Database) {
        let mut world = world(&database, &[Some(ADA)]).await;
        world.rule("final-grade >= 80", |options| options.on_drop = OnDrop::Revoke).await;
        world.news(1, world.graded(85).await).await;
        world.settle().await;
        world.store.move_clock(Duration::from_mins(1));
        world.news(1, world.graded(70).await).await;
        world.settle().await;
        assert_eq!((world.factory.holds(BADGE, ADA), faces(&world).await), (0, vec![Face::Revoked]));
        world.store.move_clock(Duration::from_mins(1));
        world.news(1, world.graded(90).await).await;
        world.settle().await;
        assert_eq!(world.factory.holds(BADGE, ADA), 0, "a rule does not give it again");
    }

    async fn an_award_without_an_address_waits_for_one(database: Database) {
        let mut world = world(&database, &[None]).await;
        world.rule("course-completed", |options| options.subject = Some("Well done".to_owned())).await;
        world.news(1, world.completed().await).await;
        world.settle().await;
        assert_eq!(faces(&world).await, [Face::NoEmail]);
        world.learn_address(1, ADA).await;
        world.settle().await;
        assert_eq!(world.factory.holds(BADGE, ADA), 1);
    }

    async fn who_met_it_before_gets_it_by_a_backfill(database: Database) {
        let mut world = world(&database, &[Some(ADA), Some(BOB)]).await;
        let mut early = world.completed().await;
        early.occurred_at = Timestamp::from_seconds(1_700_000_000);
        world.news(1, early).await;
        let rule = world.rule("course-completed", |_| {}).await;
        world.settle().await;
        assert_eq!(world.would_get_it(rule).await, 1);
        assert_eq!(world.factory.event_count(), 0);
        let known = world.rule_now(rule).await;
        let wrong = rules::backfill(&world.store, &known, 2, false, None).await;
        assert!(matches!(wrong, Err(rules::RuleError::OtherPeople { expected: 2, now: 1 })));
        assert_eq!(rules::backfill(&world.store, &known, 1, false, None).await.unwrap(), 1);
        world.settle().await;
        assert_eq!((world.factory.holds(BADGE, ADA), world.factory.holds(BADGE, BOB)), (1, 0));
        assert_eq!(world.would_get_it(rule).await, 0);
    }

    async fn a_paused_rule_awards_nothing_until_it_is_resumed(database: Database) {
        let mut world = world(&database, &[Some(ADA)]).await;
        let rule = world.rule("course-completed", |_| {}).await;
        rules::turn(&world.store, &world.rule_now(rule).await, RuleState::Paused, None).await.unwrap();
        world.news(1, world.completed().await).await;
        world.settle().await;
        assert_eq!((world.factory.event_count(), world.outcome(rule, 1).await), (0, Some("rule-off")));
        rules::turn(&world.store, &world.rule_now(rule).await, RuleState::On, None).await.unwrap();
        world.settle().await;
        assert_eq!(world.factory.holds(BADGE, ADA), 1);
        let on = world.rule_now(rule).await;
        rules::turn(&world.store, &on, RuleState::Archived, None).await.unwrap();
        assert!(rules::turn(&world.store, &on, RuleState::Paused, None).await.is_err(), "somebody ended it meanwhile");
    }

    async fn a_changed_rule_leaves_those_who_meet_it_already(database: Database) {
        let mut world = world(&database, &[Some(ADA), Some(BOB)]).await;
        let rule = world.rule("final-grade >= 80", |_| {}).await;
        world.news(1, world.graded(85).await).await;
        world.news(2, world.graded(70).await).await;
        world.settle().await;
        world.store.move_clock(Duration::from_mins(1));
        let before = world.rule_now(rule).await;
        let mut terms = before.terms.clone();
        terms.when = "final-grade >= 60".parse().unwrap();
        rules::change(&world.store, &before, terms.clone(), None).await.unwrap();
        assert!(matches!(rules::change(&world.store, &before, terms, None).await, Err(rules::RuleError::Changed)));
        world.settle().await;
        let after = world.rule_now(rule).await;
        assert_eq!((after.version, world.factory.holds(BADGE, ADA), world.factory.holds(BADGE, BOB)), (2, 1, 0));
        assert_eq!(world.would_get_it(rule).await, 1, "a backfill would");
    }

    async fn a_badge_that_was_issued_is_news_for_rules_that_need_it(database: Database) {
        let mut world = world(&database, &[Some(ADA)]).await;
        let rule = world.rule(&format!("holds({BADGE})"), |options| options.skip_holders = false).await;
        let change = format!("UPDATE rule SET badge_id = 'B2' WHERE badge_id = '{BADGE}'");
        execute(&database.url, change).await;
        world.press("form", &[1], &[]).await;
        world.settle().await;
        assert_eq!((world.factory.holds(BADGE, ADA), world.factory.holds("B2", ADA)), (1, 1));
        assert!(world.outcome(rule, 1).await.is_some());
    }

    async fn two_people_with_one_address_get_one_badge(database: Database) {
        let mut world = world(&database, &[Some(ADA), Some(ADA)]).await;
        world.rule("course-completed", |options| options.skip_holders = false).await;
        for at in [1, 2] {
            world.news(at, world.completed().await).await;
        }
        world.settle().await;
        assert_eq!((world.factory.holds(BADGE, ADA), world.factory.event_count()), (1, 1));
    }

    async fn two_workers_and_news_in_both_orders_make_one_award_each(database: Database) {
        let addresses: Vec<String> = (0..8).map(|at| format!("p{at}@example.org")).collect();
        let learners: Vec<Option<&str>> = addresses.iter().map(|text| Some(text.as_str())).collect();
        let mut world = world(&database, &learners).await;
        world.rule("course-completed and final-grade >= 80", |_| {}).await;
        let (first, second) = (world.worker.clone(), world.second_worker());
        let (grade, done) = (world.graded(85).await, world.completed().await);
        let feed = async {
            for at in 1..=8 {
                let (one, two) = if at % 2 == 0 { (&grade, &done) } else { (&done, &grade) };
                world.news(at, one.clone()).await;
                world.news(at, two.clone()).await;
            }
        };
        let drain = async |worker: &badgebridge::jobs::Worker| {
            for _ in 0..6 {
                // A conflict between the two is repeated by the next round.
                drop(worker.drain().await);
            }
        };
        tokio::join!(feed, drain(&first), drain(&second));
        world.settle().await;
        assert!(addresses.iter().all(|address| world.factory.holds(BADGE, address) == 1));
        assert_eq!(world.factory.event_count(), 8);
    }

    async fn what_a_person_took_back_stays_so(database: Database) {
        let mut world = world(&database, &[Some(ADA)]).await;
        world.rule("course-completed", |_| {}).await;
        world.news(1, world.completed().await).await;
        world.settle().await;
        let award = world.awards().await[0].id;
        issue::stop(&world.store, world.organisation, award, Intent::Revoke, None, None).await.unwrap();
        world.settle().await;
        world.store.move_clock(Duration::from_mins(1));
        world.news(1, world.completed().await).await;
        world.settle().await;
        assert_eq!(world.factory.holds(BADGE, ADA), 0);
    }
}
