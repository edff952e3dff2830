//! Around the table: people without an address, intents, revocation, the same address twice, other organisations.

use std::time::Duration;

use badgebridge::model::award::Intent;
use badgebridge::model::order::OrderState;
use badgebridge::model::{AwardId, RequestId};
use badgebridge::sandbox::factory::{Aim, BADGE_SAFETY, Fault, Kind, OTHER_BADGE, OTHER_CLIENT, Plan};
use badgebridge::sandbox::lms::LaunchSpec;

use super::{ADA, BJORN, ordered_despite, ordered_for, sendings};
use crate::support::database::on_both_databases;
use crate::support::world::{Credential, World};

async fn only_award(world: &World, request: RequestId) -> AwardId {
    world.award(request).await.id
}

async fn stop(world: &World, award: AwardId, intent: Intent) {
    assert!(world.stop(world.organisation, award, intent).await.is_some());
}

on_both_databases! {
    async fn who_has_no_address_is_released_by_the_launch_that_brings_one(database: Database) {
        let world = World::start(&database).await;
        let teacher = world.launch("teacher1", "BIO-2010").await;
        let nadia = world.launch("nomail", "BIO-2010").await.seat.member.unwrap();
        let request = world.issue_to_members(&teacher, BADGE_SAFETY, &[nadia]).await;
        world.drain_jobs().await;
        assert_eq!(world.faces(request).await, ["aw-noemail"]);
        world.launch("nomail", "BIO-2010").await;
        world.drain_jobs().await;
        assert_eq!(sendings(&world), 0, "a launch without an address changes nothing");
        world.lms.set_email("nomail", Some("nadia@campus.example"));
        world.launch("nomail", "BIO-2010").await;
        world.drain_jobs().await;
        assert_eq!(world.faces(request).await, ["aw-sent"]);
        assert_eq!(world.times_held("nadia@campus.example", BADGE_SAFETY), 1);
        world.launch("nomail", "BIO-2010").await;
        world.wait_out().await;
        assert_eq!(sendings(&world), 1);
        world.finish().await;
    }

    async fn who_has_no_address_is_released_by_the_roster_that_brings_one(database: Database) {
        let world = World::start(&database).await;
        let teacher = world.launch("teacher1", "BIO-2010").await;
        let nadia = world.launch("nomail", "BIO-2010").await.seat.member.unwrap();
        let request = world.issue_to_members(&teacher, BADGE_SAFETY, &[nadia]).await;
        world.drain_jobs().await;
        assert_eq!(world.faces(request).await, ["aw-noemail"]);
        world.lms.set_email("nomail", Some("nadia@campus.example"));
        world.queue_roster(teacher.seat.course.unwrap()).await;
        world.wait_out().await;
        assert_eq!(world.faces(request).await, ["aw-sent"]);
        assert_eq!(world.times_held("nadia@campus.example", BADGE_SAFETY), 1);
        world.finish().await;
    }

    async fn an_address_that_is_named_twice_gets_one_badge(database: Database) {
        let world = World::start(&database).await;
        world.factory.set_manner(|manner| manner.merge_duplicates = true);
        let teacher = world.launch("teacher1", "BIO-2010").await;
        let request = world.issue(&teacher, BADGE_SAFETY, &[ADA, " Ada@CAMPUS.example ", ADA, BJORN]).await;
        world.wait_out().await;
        // again, by another press
        let again = world.issue(&teacher, BADGE_SAFETY, &[ADA]).await;
        world.wait_out().await;
        assert_eq!(world.faces(again).await, ["aw-sent"]);
        assert!(world.award(again).await.existing);
        for address in [ADA, BJORN] {
            assert_eq!(world.times_held(address, BADGE_SAFETY), 1, "{address}");
        }
        let addresses: Vec<_> = world.awards(request).await.into_iter().map(|line| line.address.unwrap()).collect();
        assert!(addresses.contains(&ADA.to_owned()) && addresses.contains(&BJORN.to_owned()), "{addresses:?}");
        world.finish().await;
    }

    async fn a_member_and_their_pasted_address_get_one_badge(database: Database) {
        let world = World::start(&database).await;
        let teacher = world.launch("teacher1", "BIO-2010").await;
        let ada = world.launch("ada", "BIO-2010").await.seat.member.unwrap();
        world.issue_to_members(&teacher, BADGE_SAFETY, &[ada]).await;
        world.issue(&teacher, BADGE_SAFETY, &[ADA]).await;
        world.wait_out().await;
        assert_eq!(world.times_held(ADA, BADGE_SAFETY), 1);
        world.finish().await;
    }

    async fn a_revocation_whose_answer_is_lost_is_repeated(database: Database) {
        let world = World::start(&database).await;
        let request = ordered_for(&world, &[ADA]).await;
        let award = only_award(&world, request).await;
        let lost = Fault::LostAnswer { unseen_for: Duration::ZERO };
        world.factory.misbehave(Plan::Next { fault: lost, times: 1, aim: Aim::Only(Kind::Revoke) });
        stop(&world, award, Intent::Revoke).await;
        world.drain_jobs().await;
        assert_eq!(world.faces(request).await, ["aw-revoking"]);
        world.wait_out().await;
        assert_eq!(world.faces(request).await, ["aw-revoked"]);
        assert_eq!(world.times_held(ADA, BADGE_SAFETY), 0);
        assert_eq!(world.factory.events().len(), 1);
        // a person may issue it anew
        let teacher = world.launch("teacher1", "BIO-2010").await;
        let again = world.issue(&teacher, BADGE_SAFETY, &[ADA]).await;
        world.wait_out().await;
        assert_eq!(world.faces(again).await, ["aw-sent"]);
        assert_eq!(world.times_held(ADA, BADGE_SAFETY), 1);
        world.finish().await;
    }

    async fn a_revocation_waits_while_it_is_unknown_whether_the_badge_was_issued(database: Database) {
        let world = World::start(&database).await;
        let request = ordered_despite(&world, Fault::LostAnswer { unseen_for: Duration::ZERO }).await;
        let award = only_award(&world, request).await;
        stop(&world, award, Intent::Revoke).await;
        world.drain_jobs().await;
        assert_eq!(world.faces(request).await, ["aw-checking"]);
        assert_eq!(world.times_held(ADA, BADGE_SAFETY), 1, "nothing is known yet");
        world.wait_out().await;
        assert_eq!(world.faces(request).await, ["aw-revoked"]);
        assert_eq!(world.times_held(ADA, BADGE_SAFETY), 0);
        world.finish().await;
    }

    async fn a_withdrawal_of_an_order_that_never_arrived_sends_nothing_more(database: Database) {
        let world = World::start(&database).await;
        let request = ordered_despite(&world, Fault::Status(500)).await;
        let award = only_award(&world, request).await;
        stop(&world, award, Intent::Withdraw).await;
        world.wait_out().await;
        assert_eq!(world.faces(request).await, ["aw-withdrawn"]);
        assert_eq!((sendings(&world), world.times_held(ADA, BADGE_SAFETY)), (1, 0));
        world.finish().await;
    }

    async fn a_withdrawal_before_sending_sends_nothing(database: Database) {
        let world = World::start(&database).await;
        let request = ordered_despite(&world, Fault::TooMany { retry_after: 60 }).await;
        let award = only_award(&world, request).await;
        stop(&world, award, Intent::Withdraw).await;
        world.wait_out().await;
        assert_eq!(world.faces(request).await, ["aw-withdrawn"]);
        assert_eq!(world.times_held(ADA, BADGE_SAFETY), 0);
        world.finish().await;
    }

    async fn a_refused_award_that_another_course_sends_again_is_that_courses(database: Database) {
        let world = World::start(&database).await;
        let biology = world.launch("teacher1", "BIO-2010").await.seat;
        let refused = ordered_despite(&world, Fault::Status(404)).await;
        assert_eq!(world.faces(refused).await, ["aw-failed"]);
        let safety = world.launch("teacher2", "SAF-1000").await;
        let sent = world.issue(&safety, BADGE_SAFETY, &[ADA]).await;
        world.wait_out().await;
        assert_eq!(world.faces(sent).await, ["aw-sent"]);
        assert_eq!(world.times_held(ADA, BADGE_SAFETY), 1);
        // the course that had it sent sees it and can revoke it; the first one has it no more
        let award = only_award(&world, sent).await;
        for (seat, is_theirs) in [(&safety.seat, true), (&biology, false)] {
            let (organisation, course) = (seat.organisation, seat.course.unwrap());
            let read = world.parts.store.read(async |tx| tx.award_story(organisation, course, award).await);
            let story = read.await.unwrap();
            assert_eq!(story.is_some(), is_theirs);
            assert!(story.is_none_or(|story| story.line.request == Some(sent)), "by its request");
        }
        world.finish().await;
    }

    async fn one_organisation_neither_sees_nor_stops_another(database: Database) {
        let world = World::start(&database).await;
        let other = world.organisation_called("Fernhill College").await;
        world.connect(other, OTHER_CLIENT, Credential::Certificate).await;
        let second = world.second_registration("fernhill", Some(other));
        let deployment = world.lms.deployment_id();
        world.register(&second, &[&deployment]).await;
        let theirs = world
            .launch_in(&world.browser(), LaunchSpec::new("teacher1", "BIO-2010", "").client("fernhill"))
            .await;
        let ours = world.launch("teacher1", "BIO-2010").await;
        // each issues through its own client: the other's badge is not there
        let wrong = world.issue(&theirs, BADGE_SAFETY, &[ADA]).await;
        let right = world.issue(&theirs, OTHER_BADGE, &[ADA]).await;
        world.factory.misbehave(Plan::Calm);
        world.wait_out().await;
        let faces = |lines: Vec<badgebridge::store::award_views::AwardLine>| -> Vec<String> {
            lines.iter().map(|line| line.face.word().to_owned()).collect()
        };
        assert_eq!(faces(world.awards_of(other, wrong).await), ["aw-failed"]);
        assert_eq!(faces(world.awards_of(other, right).await), ["aw-sent"]);
        assert_eq!(world.times_held(ADA, BADGE_SAFETY), 0);
        assert_eq!(world.awards(right).await.len(), 0, "our organisation has no such request");
        let award = world.awards_of(other, right).await[0].id;
        let stopped = world.stop(world.organisation, award, Intent::Revoke).await;
        assert_eq!(stopped, None, "nor such an award");
        // their queue stops, ours goes on
        let foreign = world.factory.foreign_identity(OTHER_CLIENT).unwrap();
        // twice: the identity before the present one is tried, too
        world.connect_with(other, &world.factory.url(), foreign.clone()).await;
        world.advance(Duration::from_secs(1)).await;
        world.connect_with(other, &world.factory.url(), foreign).await;
        let stuck = world.issue(&theirs, OTHER_BADGE, &[BJORN]).await;
        let mine = world.issue(&ours, BADGE_SAFETY, &[ADA]).await;
        world.drain_jobs().await;
        assert_eq!(faces(world.awards_of(other, stuck).await), ["aw-queued"]);
        assert_eq!(world.order_state(mine).await, OrderState::Issued);
        assert_eq!(world.problem_kinds().await, Vec::<String>::new(), "their problem is theirs");
        world.connect(other, OTHER_CLIENT, Credential::Certificate).await;
        world.wait_out().await;
        assert_eq!(faces(world.awards_of(other, stuck).await), ["aw-sent"]);
        world.finish().await;
    }
}
