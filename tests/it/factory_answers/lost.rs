//! The line "unsure": whatever leaves open whether a badge was issued is looked for before anything is sent again.

use std::time::Duration;

use badgebridge::model::order::OrderState;
use badgebridge::sandbox::factory::{Aim, BADGE_SAFETY, Fault, Kind, LogEntry, Plan};

use super::{
    ADA, BJORN, always, assert_recovers, assert_stands, assert_untroubled, for_both_credentials, ordered_despite,
    ordered_for, retry, sendings, with_credential,
};
use crate::support::database::{Database, on_both_databases, with_sqlite};
use crate::support::world::{Credential, Setup, World};

const MINUTE: Duration = Duration::from_mins(1);

/// The work was done and the answer lost: the event is found, nothing is sent a second time.
async fn assert_found(world: World, fault: Fault) {
    let request = ordered_despite(&world, fault).await;
    assert_stands(&world, request, OrderState::Unsure, "aw-checking", 1).await;
    assert_untroubled(&world).await;
    world.wait_out().await;
    assert_eq!(sendings(&world), 1, "sent once");
    assert_recovers(world, request).await;
}

/// No work was done and nobody can know: after the last look it is sent once more.
async fn assert_sent_again(world: World, fault: Fault) {
    let request = ordered_despite(&world, fault).await;
    assert_stands(&world, request, OrderState::Unsure, "aw-checking", 0).await;
    world.advance(Duration::from_secs(90) + 14 * MINUTE).await;
    assert_eq!(sendings(&world), 1, "not before the last look");
    assert_stands(&world, request, OrderState::Unsure, "aw-checking", 0).await;
    world.wait_out().await;
    assert_eq!(sendings(&world), 2);
    assert_recovers(world, request).await;
}

for_both_credentials! {
    async fn status_500_after_the_work_is_found(world: World) {
        assert_found(world, Fault::StatusAfterWork(500)).await;
    }

    async fn status_502_after_the_work_is_found(world: World) {
        assert_found(world, Fault::StatusAfterWork(502)).await;
    }

    async fn status_503_after_the_work_is_found(world: World) {
        assert_found(world, Fault::StatusAfterWork(503)).await;
    }

    async fn status_504_after_the_work_is_found(world: World) {
        assert_found(world, Fault::StatusAfterWork(504)).await;
    }

    async fn status_500_without_work_is_sent_again_after_the_last_look(world: World) {
        assert_sent_again(world, Fault::Status(500)).await;
    }

    async fn status_502_without_work_is_sent_again_after_the_last_look(world: World) {
        assert_sent_again(world, Fault::Status(502)).await;
    }

    async fn status_504_without_work_is_sent_again_after_the_last_look(world: World) {
        assert_sent_again(world, Fault::Status(504)).await;
    }

    async fn status_503_delays_the_look_as_long_as_the_factory_asks(world: World) {
        let request = ordered_despite(&world, Fault::Closed { retry_after: 600 }).await;
        assert_stands(&world, request, OrderState::Unsure, "aw-checking", 0).await;
        world.advance(9 * MINUTE).await;
        assert_eq!(world.factory.calls_by_kind().get(&Kind::EventRead), None, "no look before the pause is over");
        assert_recovers(world, request).await;
    }

    async fn status_503_pauses_the_queue_and_is_told(world: World) {
        let request = ordered_despite(&world, Fault::Closed { retry_after: 600 }).await;
        let queue = world.queue().await;
        assert!(queue.away_since.is_some(), "the order's page says so");
        let asked = world.parts.store.now().await.unwrap();
        let pause = queue.next_at.since(asked);
        assert!(pause > 8 * MINUTE && pause <= 10 * MINUTE, "{pause:?}");
        // another order is not tried in the pause
        let teacher = world.launch("teacher1", "BIO-2010").await;
        let other = world.issue(&teacher, BADGE_SAFETY, &[BJORN]).await;
        world.advance(8 * MINUTE).await;
        assert_eq!(sendings(&world), 1);
        world.factory.misbehave(Plan::Calm);
        world.wait_out().await;
        assert_eq!(world.times_held(BJORN, BADGE_SAFETY), 1);
        assert_eq!(world.order_state(other).await, OrderState::Issued);
        assert_recovers(world, request).await;
    }

    async fn an_answer_that_was_lost_is_found(world: World) {
        assert_found(world, Fault::LostAnswer { unseen_for: Duration::ZERO }).await;
    }

    async fn an_event_that_shows_up_late_is_found(world: World) {
        assert_found(world, Fault::LostAnswer { unseen_for: 14 * MINUTE }).await;
    }

    async fn a_reset_after_sending_began_is_settled_by_looks(world: World) {
        assert_sent_again(world, Fault::Reset).await;
    }

    async fn a_created_event_without_location_is_found(world: World) {
        assert_found(world, Fault::NoLocation).await;
    }

    async fn a_created_event_with_an_odd_location_is_found(world: World) {
        assert_found(world, Fault::OddLocation).await;
    }

    async fn a_call_that_was_executed_after_we_left_is_found(world: World) {
        let later = Fault::ExecutedLater { after: Duration::from_millis(50) };
        let request = ordered_despite(&world, later).await;
        assert_eq!(world.order_state(request).await, OrderState::Unsure);
        world.factory.wait_for(|factory| !factory.events().is_empty()).await;
        world.wait_out().await;
        assert_eq!(sendings(&world), 1);
        assert_recovers(world, request).await;
    }

    async fn an_order_that_is_lost_twice_is_parked_for_a_person(world: World) {
        world.factory.misbehave(always(Fault::Status(500), Aim::Only(Kind::Issue)));
        let request = ordered_for(&world, &[ADA]).await;
        world.wait_out().await;
        assert_stands(&world, request, OrderState::Parked, "aw-parked", 0).await;
        assert_eq!(sendings(&world), 2, "never a third time without a person");
        assert_eq!(world.problem_kinds().await, ["order-parked"]);
        world.factory.misbehave(Plan::Calm);
        retry(&world, request).await;
        assert_recovers(world, request).await;
    }

    async fn a_parked_order_whose_event_shows_up_is_not_sent_again(world: World) {
        let lost = Fault::LostAnswer { unseen_for: 40 * MINUTE };
        world.factory.misbehave(Plan::next_issue(Fault::Status(500)));
        world.factory.misbehave(Plan::next_issue(lost));
        let request = ordered_for(&world, &[ADA]).await;
        for _ in 0..100 {
            if world.order_state(request).await == OrderState::Parked {
                break;
            }
            world.advance(MINUTE).await;
        }
        assert_eq!(sendings(&world), 2);
        world.advance(40 * MINUTE).await;
        if world.order_state(request).await == OrderState::Parked {
            retry(&world, request).await;
        }
        world.wait_out().await;
        assert_eq!(sendings(&world), 2, "it was found");
        assert_recovers(world, request).await;
    }
}

/// A tool that gives an issuing call a second and a half.
async fn impatient(credential: Credential, body: impl AsyncFnOnce(World)) {
    with_sqlite(async |database: Database| {
        let setup = Setup {
            credential,
            settings: vec![
                ("settle.send_window_ms", "1000".to_owned()),
                ("settle.abort_ms", "1500".to_owned()),
                ("settle.lease_ms", "90000".to_owned()),
            ],
            ..Setup::default()
        };
        body(World::start_with(&database, setup).await).await;
    })
    .await;
}

const HANG: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_call_without_an_answer_in_time_is_found_with_a_certificate() {
    impatient(Credential::Certificate, async |world| {
        assert_found(
            world,
            Fault::Hang {
                span: HANG,
                after_work: true,
            },
        )
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_call_without_an_answer_in_time_is_found_with_a_token() {
    impatient(Credential::Token, async |world| {
        assert_found(
            world,
            Fault::Hang {
                span: HANG,
                after_work: true,
            },
        )
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_call_that_hung_without_work_is_sent_again() {
    impatient(Credential::Certificate, async |world| {
        assert_sent_again(
            world,
            Fault::Hang {
                span: HANG,
                after_work: false,
            },
        )
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_call_that_hung_without_work_is_sent_again_with_a_token() {
    impatient(Credential::Token, async |world| {
        assert_sent_again(
            world,
            Fault::Hang {
                span: HANG,
                after_work: false,
            },
        )
        .await;
    })
    .await;
}

on_both_databases! {
    async fn an_event_that_stays_unseen_too_long_is_told_as_issued_twice(database: Database) {
        let world = World::start(&database).await;
        let request = ordered_despite(&world, Fault::LostAnswer { unseen_for: 30 * MINUTE }).await;
        world.wait_out().await;
        assert_eq!(sendings(&world), 2);
        assert_stands(&world, request, OrderState::Issued, "aw-sent", 2).await;
        let problems = world.problems().await;
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(problems[0].kind, "issued-twice");
        assert!(!problems[0].detail.to_string().contains('@'), "no address in a problem");
        world.finish().await;
    }

    async fn a_lost_answer_is_settled_on_each_database(database: Database) {
        let world = World::start(&database).await;
        assert_found(world, Fault::LostAnswer { unseen_for: 5 * MINUTE }).await;
    }

    async fn a_worker_that_died_while_sending_leaves_an_order_to_be_looked_for(database: Database) {
        let world = World::start(&database).await;
        let teacher = world.launch("teacher1", "BIO-2010").await;
        let request = world.issue(&teacher, BADGE_SAFETY, &[ADA, BJORN]).await;
        // the worker is dropped in the middle of its call, as a kill would do
        world.factory.misbehave(Plan::next_issue(Fault::Hang { span: Duration::from_secs(3), after_work: true }));
        tokio::select! {
            done = world.worker.drain() => panic!("the call hangs, but {done:?}"),
            () = world.factory.wait_for(|factory| !factory.events().is_empty()) => {}
        }
        assert_eq!(world.order_state(request).await, OrderState::Sending);
        world.restart_worker().await;
        world.wait_out().await;
        assert_eq!(sendings(&world), 1);
        for address in [ADA, BJORN] {
            assert_eq!(world.times_held(address, BADGE_SAFETY), 1);
        }
        world.finish().await;
    }
}

#[tokio::test]
async fn the_marker_is_found_in_whatever_shape_it_comes_back() {
    for shape in [LogEntry::Object, LogEntry::Text, LogEntry::Null, LogEntry::Missing] {
        with_credential(Credential::Certificate, async |world: World| {
            world.factory.set_manner(|manner| manner.log_entry = shape);
            // an older event of the same badge and person, which carries another marker
            ordered_for(&world, &[ADA]).await;
            let teacher = world.launch("teacher1", "BIO-2010").await;
            world
                .factory
                .misbehave(Plan::next_issue(Fault::LostAnswer { unseen_for: MINUTE }));
            let request = world.issue(&teacher, BADGE_SAFETY, &[BJORN]).await;
            world.drain_jobs().await;
            assert_eq!(world.order_state(request).await, OrderState::Unsure, "{shape:?}");
            world.wait_out().await;
            assert_eq!(world.order_state(request).await, OrderState::Issued, "{shape:?}");
            assert_eq!(
                (sendings(&world), world.times_held(BJORN, BADGE_SAFETY)),
                (2, 1),
                "{shape:?}"
            );
            world.finish().await;
        })
        .await;
    }
}
