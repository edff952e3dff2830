//! Awards from the press of *Issue* to the Factory and back, on both databases, against a Factory in memory.

use std::time::Duration;

use badgebridge::awards::issue;
use badgebridge::crypto::random;
use badgebridge::model::award::{AwardState, Face, Intent};
use badgebridge::model::order::Timing;
use badgebridge::model::{Address, OrganisationId};
use badgebridge::store::extra::{ExtraEvent, Revocation};
use badgebridge::store::job::JobEnd;
use badgebridge::store::order::StepError;
use badgebridge::store::{Durability, StoreError};

use crate::support::awards_world::{BADGE, World, count};
use crate::support::database::on_both_databases;
use crate::support::model_factory::Mishap;

const ADA: &str = "ada@example.org";
const BOB: &str = "bob@example.org";
const EVE: &str = "eve@example.org";

/// The words of all awards, in the order of words.
async fn faces(world: &World) -> Vec<Face> {
    let mut faces: Vec<Face> = world.awards().await.into_iter().map(|line| line.face).collect();
    faces.sort_unstable();
    faces
}

/// The first extra event of the course, which is also the first award's.
async fn extra_event(world: &World) -> Option<ExtraEvent> {
    let (organisation, course, award) = (world.organisation, world.course, world.awards().await[0].id);
    let read = world.store.read(async |tx| {
        let (of_award, of_course) = (
            tx.extra_events_of_award(organisation, award).await?,
            tx.extra_events_of_course(organisation, course).await?,
        );
        assert_eq!(of_award, of_course);
        let elsewhere = OrganisationId::new(award.uuid());
        assert!(tx.extra_events_of_award(elsewhere, award).await?.is_empty());
        assert!(tx.extra_events_of_course(elsewhere, course).await?.is_empty());
        Ok::<_, StoreError>(of_award.into_iter().next())
    });
    read.await.unwrap()
}

on_both_databases! {
    async fn a_request_reaches_everybody_once(database: Database) {
        let mut world = World::new(&database, &[Some(ADA), Some(BOB)], Timing::default(), 50).await;
        let first = world.press("form", &[1, 2], &[EVE]).await;
        let again = world.press("form", &[1, 2], &[EVE]).await;
        assert_eq!(first, again, "the same form is the same request");
        world.press("another", &[1], &[BOB]).await;
        world.settle().await;
        for address in [ADA, BOB, EVE] {
            assert_eq!(world.factory.holds(BADGE, address), 1, "{address}");
        }
        assert_eq!(world.factory.event_count(), 1, "one batch, and nothing for those who have it");
        assert_eq!(faces(&world).await, [Face::Sent; 3]);
    }

    async fn a_lost_answer_is_looked_for_and_nothing_is_sent_twice(database: Database) {
        let mut world = World::new(&database, &[Some(ADA)], Timing::default(), 50).await;
        world.factory.misbehave([Mishap::LostAfter(14 * 60_000)]);
        world.press("form", &[1], &[]).await;
        world.drain().await;
        assert_eq!(faces(&world).await, [Face::Checking]);
        world.settle().await;
        assert_eq!(world.factory.issuing_calls(), 1);
        assert_eq!(world.factory.holds(BADGE, ADA), 1);
        assert_eq!(faces(&world).await, [Face::Sent]);
    }

    async fn an_order_is_looked_for_by_an_address_that_was_sent(database: Database) {
        let mut world = World::new(&database, &[Some(ADA), Some(BOB)], Timing::default(), 50).await;
        world.factory.misbehave([Mishap::NotReached, Mishap::LostAfter(1_000)]);
        world.press("form", &[1, 2], &[]).await;
        world.drain().await;
        let first = world.awards().await.into_iter().find(|line| line.address.as_deref() == Some(ADA)).unwrap();
        issue::stop(&world.store, world.organisation, first.id, Intent::Withdraw, None, None).await.unwrap();
        world.settle().await;
        assert_eq!(world.factory.holds(BADGE, ADA), 0);
        assert_eq!(world.factory.holds(BADGE, BOB), 1);
    }

    async fn what_is_lost_on_the_way_twice_is_parked_and_a_person_decides(database: Database) {
        let mut world = World::new(&database, &[Some(ADA)], Timing::default(), 50).await;
        world.factory.misbehave([Mishap::LostBefore, Mishap::FaultBefore]);
        world.press("form", &[1], &[]).await;
        world.settle().await;
        assert_eq!(world.factory.issuing_calls(), 2);
        assert_eq!(faces(&world).await, [Face::Parked]);
        assert_eq!(world.problems().await, ["order-parked"]);
        let order = world.awards().await[0].order.unwrap();
        issue::retry(&world.store, world.organisation, order, &world.timing).await.unwrap();
        world.settle().await;
        assert_eq!(world.factory.holds(BADGE, ADA), 1);
        assert_eq!(faces(&world).await, [Face::Sent]);
        assert!(world.problems().await.is_empty());
    }

    async fn a_batch_with_one_bad_address_is_split(database: Database) {
        let mut world = World::new(&database, &[Some(ADA), Some(BOB)], Timing::default(), 50).await;
        world.factory.refuse(BOB);
        world.press("form", &[1, 2], &[EVE]).await;
        world.settle().await;
        assert_eq!(world.factory.holds(BADGE, ADA), 1);
        assert_eq!(world.factory.holds(BADGE, EVE), 1);
        assert_eq!(world.factory.holds(BADGE, BOB), 0);
        assert_eq!(faces(&world).await, [Face::Sent, Face::Sent, Face::Failed]);
        assert_eq!(world.problems().await, ["order-refused"]);
    }

    async fn whom_an_event_leaves_out_is_sent_alone(database: Database) {
        let mut world = World::new(&database, &[Some(ADA), Some(BOB)], Timing::default(), 50).await;
        world.factory.misbehave([Mishap::LeavesOneOut]);
        world.press("form", &[1, 2], &[]).await;
        world.settle().await;
        assert_eq!(world.factory.holds(BADGE, ADA), 1);
        assert_eq!(world.factory.holds(BADGE, BOB), 1);
        assert_eq!(world.factory.event_count(), 2);
    }

    async fn without_an_address_an_award_waits_for_the_person(database: Database) {
        let mut world = World::new(&database, &[None, Some(BOB)], Timing::default(), 50).await;
        world.press("form", &[1, 2], &[]).await;
        world.settle().await;
        assert_eq!(faces(&world).await, [Face::NoEmail, Face::Sent]);
        world.learn_address(1, ADA).await;
        world.settle().await;
        assert_eq!(world.factory.holds(BADGE, ADA), 1);
        assert_eq!(faces(&world).await, [Face::Sent, Face::Sent]);
    }

    async fn an_address_that_comes_before_the_awards_are_made_releases_them(database: Database) {
        let mut world = World::new(&database, &[None], Timing::default(), 50).await;
        world.press("form", &[1], &[]).await;
        world.learn_address(1, ADA).await;
        world.settle().await;
        assert_eq!(world.factory.holds(BADGE, ADA), 1);
        assert_eq!(faces(&world).await, [Face::Sent]);
    }

    async fn an_address_that_has_the_award_gets_no_second_one(database: Database) {
        let mut world = World::new(&database, &[None], Timing::default(), 50).await;
        world.press("form", &[1], &[]).await;
        world.press("pasted", &[], &[ADA]).await;
        world.settle().await;
        world.learn_address(1, ADA).await;
        world.settle().await;
        assert_eq!(world.factory.holds(BADGE, ADA), 1);
        assert_eq!(faces(&world).await, [Face::Sent, Face::Withdrawn]);
    }

    async fn a_person_whose_held_award_was_taken_back_still_gets_the_badge_once(database: Database) {
        let mut world = World::new(&database, &[None], Timing::default(), 50).await;
        world.press("pasted", &[], &[ADA]).await;
        world.press("held", &[1], &[]).await;
        world.settle().await;
        let held = world.awards().await.into_iter().find(|line| line.address.is_none()).unwrap();
        issue::stop(&world.store, world.organisation, held.id, Intent::Withdraw, None, None).await.unwrap();
        world.press("once more", &[1], &[]).await;
        world.settle().await;
        world.learn_address(1, ADA).await;
        world.settle().await;
        assert_eq!(world.factory.holds(BADGE, ADA), 1, "by the address that was pasted");
        world.press("known by now", &[1], &[]).await;
        world.settle().await;
        assert_eq!(world.factory.holds(BADGE, ADA), 1);
    }

    async fn an_intent_waits_for_the_lost_answer_and_then_acts(database: Database) {
        let mut world = World::new(&database, &[Some(ADA), Some(BOB)], Timing::default(), 1).await;
        world.factory.misbehave([Mishap::LostAfter(1_000), Mishap::LostBefore]);
        world.press("form", &[1, 2], &[]).await;
        world.drain().await;
        for line in world.awards().await {
            let state = issue::stop(&world.store, world.organisation, line.id, Intent::Withdraw, None, None).await;
            assert!(matches!(state.unwrap(), Some(AwardState::Sending | AwardState::Withdrawn)));
        }
        world.settle().await;
        assert_eq!(world.factory.holds(BADGE, ADA) + world.factory.holds(BADGE, BOB), 0);
        for face in faces(&world).await {
            assert!(matches!(face, Face::Revoked | Face::Withdrawn), "{face}");
        }
    }

    async fn a_badge_is_revoked_although_answers_are_lost_and_may_be_issued_again(database: Database) {
        let mut world = World::new(&database, &[Some(ADA)], Timing::default(), 50).await;
        world.press("form", &[1], &[]).await;
        world.settle().await;
        let award = world.awards().await[0].id;
        world.factory.fail_reads(2);
        let by = Some(world.members[0]);
        let reason = Some("the wrong person".to_owned());
        let state = issue::stop(&world.store, world.organisation, award, Intent::Revoke, by, reason).await;
        assert_eq!(state.unwrap(), Some(AwardState::Revoking));
        let audited = "audit WHERE action = 'award.revoke'";
        assert_eq!(count(&database.url, audited).await, 1, "who took it back is on record");
        world.settle().await;
        assert_eq!(faces(&world).await, [Face::Revoked]);
        assert_eq!(world.factory.holds(BADGE, ADA), 0);
        world.press("again", &[1], &[]).await;
        world.settle().await;
        assert_eq!(faces(&world).await, [Face::Sent, Face::Revoked]);
        assert_eq!(world.factory.holds(BADGE, ADA), 1);
    }

    async fn a_refused_certificate_stops_the_queue_until_a_ping_succeeds(database: Database) {
        let mut world = World::new(&database, &[Some(ADA)], Timing::default(), 50).await;
        world.factory.misbehave([Mishap::Credential]);
        world.press("form", &[1], &[]).await;
        world.drain().await;
        assert_eq!(world.problems().await, ["queue-stopped"]);
        assert_eq!(faces(&world).await, [Face::Queued]);
        world.settle().await;
        assert!(world.problems().await.is_empty());
        assert_eq!(world.factory.holds(BADGE, ADA), 1);
    }

    async fn while_the_factory_is_away_orders_wait_without_end(database: Database) {
        let mut world = World::new(&database, &[Some(ADA)], Timing::default(), 50).await;
        world.factory.misbehave([Mishap::NotReached; 9]);
        world.press("form", &[1], &[]).await;
        world.drain().await;
        let organisation = world.organisation;
        let queue = world.store.read(async |tx| tx.queue(organisation).await).await.unwrap();
        assert!(queue.away_since.is_some());
        let start = world.store.now().await.unwrap();
        world.settle().await;
        assert_eq!(faces(&world).await, [Face::Sent]);
        let waited = world.store.now().await.unwrap().since(start);
        assert!(waited > Duration::from_hours(4), "at last hourly, {waited:?}");
        let queue = world.store.read(async |tx| tx.queue(organisation).await).await.unwrap();
        assert_eq!(queue.away_since, None);
    }

    async fn an_identity_that_cannot_be_read_delays_orders_and_stops_nothing(database: Database) {
        let mut world = World::new(&database, &[Some(ADA)], Timing::default(), 50).await;
        world.factory.fail_identity(2);
        world.press("form", &[1], &[]).await;
        let organisation = world.organisation;
        for _ in 0..2 {
            assert!(world.worker.drain().await.is_err(), "the fault is told to the worker");
            let queue = world.store.read(async |tx| tx.queue(organisation).await).await.unwrap();
            assert_eq!((queue.stopped_at, queue.away_since), (None, None));
            assert!(world.problems().await.is_empty());
            assert_eq!(faces(&world).await, [Face::Queued]);
        }
        world.drain().await;
        assert_eq!(faces(&world).await, [Face::Sent], "at once, without waiting for a lease");
    }

    async fn a_request_left_half_made_goes_on_when_the_form_is_sent_again(database: Database) {
        let mut world = World::new(&database, &[Some(ADA), Some(BOB)], Timing::default(), 50).await;
        let request = world.press("form", &[1, 2], &[]).await;
        let given_up: Result<(), StoreError> = world.store.write(Durability::Full, async move |tx| {
            let (now, holder) = (tx.now().await?, random::id_at(1_i64));
            let job = tx.claim_job(holder, now, now.plus(Duration::from_secs(9))).await?.unwrap();
            assert!(tx.settle_job(&job, holder, JobEnd::GivenUp, now).await?);
            Ok(())
        }).await;
        given_up.unwrap();
        world.drain().await;
        assert!(!world.advance().await, "nothing is due any more");
        assert!(world.awards().await.is_empty());
        let stranger = OrganisationId::new(request.uuid());
        assert!(!issue::resume(&world.store, stranger, request).await.unwrap());
        assert_eq!(world.press("form", &[1, 2], &[]).await, request);
        world.settle().await;
        assert_eq!(faces(&world).await, [Face::Sent, Face::Sent]);
        assert!(!issue::resume(&world.store, world.organisation, request).await.unwrap(), "all of it is made");
    }

    async fn a_killed_worker_leaves_nothing_behind_and_sends_nothing_twice(database: Database) {
        let mut world = World::new(&database, &[Some(ADA), Some(BOB)], Timing::default(), 1).await;
        world.factory.misbehave([Mishap::KillAfter(60_000), Mishap::KillBefore]);
        world.press("form", &[1, 2], &[EVE]).await;
        world.settle().await;
        for address in [ADA, BOB, EVE] {
            assert_eq!(world.factory.holds(BADGE, address), 1, "{address}");
        }
    }

    async fn an_event_that_shows_up_too_late_is_told_as_issued_twice(database: Database) {
        let mut world = World::new(&database, &[Some(ADA)], Timing::default(), 50).await;
        world.factory.misbehave([Mishap::LostAfter(30 * 60_000)]);
        world.press("form", &[1], &[]).await;
        world.settle().await;
        assert_eq!(world.factory.holds(BADGE, ADA), 2, "outside of what is promised");
        assert_eq!(world.problems().await, ["issued-twice"]);
        let organisation = world.organisation;
        let problem = world.store.read(async |tx| tx.problems(organisation).await).await.unwrap().remove(0);
        assert_eq!(problem.detail["extra"].as_str(), Some(problem.subject.as_str()));
        let extra = extra_event(&world).await.unwrap();
        let own = world.awards().await[0].event.clone();
        assert_eq!((&extra.event, &extra.kept, extra.revocation), (&problem.subject, &own, Revocation::NotAsked));
        assert!(issue::revoke_extra(&world.store, organisation, problem.subject, None).await.unwrap());
        assert!(!issue::revoke_extra(&world.store, organisation, "E99".to_owned(), None).await.unwrap());
        assert_eq!(extra_event(&world).await.unwrap().revocation, Revocation::Asked);
        world.settle().await;
        assert_eq!(world.factory.holds(BADGE, ADA), 1);
        assert!(world.problems().await.is_empty());
        assert_eq!(extra_event(&world).await, None);
    }

    async fn an_event_that_shows_up_after_its_order_was_given_up_is_told_and_can_be_revoked(database: Database) {
        let mut world = World::new(&database, &[Some(ADA)], Timing::default(), 50).await;
        let day = 24 * 60 * 60_000;
        world.factory.misbehave([Mishap::LostBefore, Mishap::LostAfter(day / 2)]);
        world.press("form", &[1], &[]).await;
        world.drain().await;
        while !world.problems().await.contains(&"order-parked".to_owned()) {
            assert!(world.advance().await);
        }
        let order = world.awards().await[0].order.unwrap();
        issue::give_up(&world.store, world.organisation, order).await.unwrap();
        world.settle().await;
        assert_eq!(world.problems().await, ["issued-late"]);
        assert_eq!(world.factory.holds(BADGE, ADA), 1);
        let extra = extra_event(&world).await.unwrap();
        assert_eq!((extra.kept, extra.order), (None, order));
        assert!(issue::revoke_extra(&world.store, world.organisation, extra.event, None).await.unwrap());
        world.settle().await;
        assert_eq!(world.factory.holds(BADGE, ADA), 0);
        assert!(world.problems().await.is_empty());
    }

    async fn an_extra_event_that_hides_its_recipients_stays_a_problem_until_it_tells_them(database: Database) {
        let mut world = World::new(&database, &[Some(ADA)], Timing::default(), 50).await;
        world.factory.misbehave([Mishap::LostAfter(30 * 60_000)]);
        world.press("form", &[1], &[]).await;
        world.settle().await;
        let organisation = world.organisation;
        let extra = world.store.read(async |tx| tx.problems(organisation).await).await.unwrap().remove(0).subject;
        world.factory.hide_recipients(true);
        assert!(issue::revoke_extra(&world.store, organisation, extra, None).await.unwrap());
        world.drain().await;
        assert_eq!(world.problems().await, ["issued-twice"], "nothing was revoked, so nothing is cleared");
        assert_eq!(world.factory.holds(BADGE, ADA), 2);
        world.factory.hide_recipients(false);
        world.settle().await;
        assert_eq!(world.factory.holds(BADGE, ADA), 1);
        assert!(world.problems().await.is_empty());
    }

    async fn an_event_that_shows_up_after_its_order_was_given_up_can_be_revoked(database: Database) {
        let mut world = World::new(&database, &[Some(ADA)], Timing::default(), 50).await;
        world.factory.misbehave([Mishap::LostAfter(50 * 60_000), Mishap::LostBefore]);
        world.press("form", &[1], &[]).await;
        while world.problems().await.is_empty() {
            assert!(world.advance().await, "the order is parked before its work ends");
        }
        assert_eq!(world.problems().await, ["order-parked"]);
        let order = world.awards().await[0].order.unwrap();
        issue::give_up(&world.store, world.organisation, order).await.unwrap();
        assert_eq!(faces(&world).await, [Face::Withdrawn]);
        world.settle().await;
        assert_eq!(world.problems().await, ["issued-late"]);
        assert_eq!(world.factory.holds(BADGE, ADA), 1);
        let organisation = world.organisation;
        let event = world.store.read(async |tx| tx.problems(organisation).await).await.unwrap().remove(0).subject;
        assert!(issue::revoke_extra(&world.store, organisation, event, None).await.unwrap());
        world.settle().await;
        assert_eq!(world.factory.holds(BADGE, ADA), 0);
        assert!(world.problems().await.is_empty(), "and told no more");
    }

    async fn without_settling_people_get_a_badge_twice(database: Database) {
        let timing = Timing { looks: Vec::new(), ..Timing::default() };
        let mut world = World::new(&database, &[Some(ADA)], timing, 50).await;
        world.factory.misbehave([Mishap::LostAfter(1_000)]);
        world.press("form", &[1], &[]).await;
        world.settle().await;
        assert_eq!(world.factory.holds(BADGE, ADA), 2, "the tests above would not notice a missing look");
    }

    async fn a_refused_order_is_tried_again_by_a_person_or_a_new_request(database: Database) {
        let mut world = World::new(&database, &[Some(ADA), Some(BOB)], Timing::default(), 1).await;
        world.factory.misbehave([Mishap::NotFound, Mishap::Forbidden]);
        world.press("form", &[1, 2], &[]).await;
        world.settle().await;
        assert_eq!(faces(&world).await, [Face::Failed, Face::Failed]);
        let order = world.awards().await[0].order.unwrap();
        issue::retry(&world.store, world.organisation, order, &world.timing).await.unwrap();
        world.press("again", &[2], &[]).await;
        world.settle().await;
        assert_eq!(world.factory.holds(BADGE, ADA), 1);
        assert_eq!(world.factory.holds(BADGE, BOB), 1);
        assert!(world.problems().await.is_empty());
    }

    async fn an_award_that_two_workers_release_at_once_goes_out_once(database: Database) {
        let mut world = World::new(&database, &[None], Timing::default(), 1).await;
        world.press("form", &[1], &[]).await;
        world.settle().await;
        assert_eq!(faces(&world).await, [Face::NoEmail]);
        let (organisation, member) = (world.organisation, world.members[1]);
        let address = Address::parse(ADA).unwrap();
        let release = || issue::release(&world.store, world.marker(), organisation, member, address.clone());
        let released = tokio::join!(release(), release(), release(), release());
        let released = [released.0, released.1, released.2, released.3].map(Result::unwrap);
        assert_eq!(released.iter().sum::<usize>(), 1, "exactly one wins: {released:?}");
        assert_eq!(count(&database.url, "orders WHERE state = 'ready'").await, 1, "and one order is left");
        let second = world.second_worker();
        let (first, second) = tokio::join!(world.worker.drain(), second.drain());
        first.unwrap();
        second.unwrap();
        world.settle().await;
        assert_eq!(faces(&world).await, [Face::Sent]);
        assert_eq!(world.factory.holds(BADGE, ADA), 1);
    }

    async fn what_was_given_up_is_not_sent_any_more(database: Database) {
        let mut world = World::new(&database, &[Some(ADA)], Timing::default(), 1).await;
        world.factory.misbehave([Mishap::NotFound]);
        world.press("form", &[1], &[]).await;
        world.settle().await;
        let order = world.awards().await[0].order.unwrap();
        issue::give_up(&world.store, world.organisation, order).await.unwrap();
        world.settle().await;
        assert_eq!(faces(&world).await, [Face::Withdrawn]);
        assert_eq!(world.factory.holds(BADGE, ADA), 0);
        let twice = issue::give_up(&world.store, world.organisation, order).await;
        assert!(matches!(twice, Err(StepError::Impossible(_))));
    }
}
