//! The lines "refused": the Factory's reason is kept, the awards are kept for another try.

use badgebridge::model::order::OrderState;
use badgebridge::sandbox::factory::{Aim, BADGE_DRAFT, BADGE_SAFETY, Fault, Kind};

use super::{
    ADA, BJORN, CHLOE, always, assert_recovers, assert_stands, assert_stopped, for_both_credentials, ordered_despite,
    ordered_for, retry, sendings,
};
use crate::support::world::World;

/// Refused with a reason; a person tries again; issued once.
async fn assert_refused(world: World, status: u16) {
    let request = ordered_despite(&world, Fault::Status(status)).await;
    assert_stands(&world, request, OrderState::Refused, "aw-failed", 0).await;
    assert_eq!(world.problem_kinds().await, ["order-refused"]);
    assert_eq!(world.queue().await.stopped_at, None);
    let reason = world.award(request).await.reason.unwrap();
    assert!(reason.contains(&status.to_string()), "{reason}");
    world.wait_out().await;
    assert_eq!(sendings(&world), 1, "never again without a person");
    retry(&world, request).await;
    assert_recovers(world, request).await;
}

for_both_credentials! {
    async fn a_redirect_is_refused_and_not_followed(world: World) {
        assert_refused(world, 302).await;
    }

    async fn status_400_is_refused(world: World) {
        assert_refused(world, 400).await;
    }

    async fn status_404_is_refused(world: World) {
        assert_refused(world, 404).await;
    }

    async fn status_405_is_refused(world: World) {
        assert_refused(world, 405).await;
    }

    async fn status_411_is_refused(world: World) {
        assert_refused(world, 411).await;
    }

    async fn status_413_is_refused(world: World) {
        assert_refused(world, 413).await;
    }

    async fn a_batch_with_a_bad_address_is_split(world: World) {
        world.factory.set_manner(|manner| {
            manner.refused_addresses.insert(BJORN.to_owned());
        });
        let request = ordered_for(&world, &[ADA, BJORN, CHLOE]).await;
        world.wait_out().await;
        assert_eq!(world.faces(request).await, ["aw-sent", "aw-failed", "aw-sent"]);
        assert_eq!(sendings(&world), 4, "the batch, then each alone");
        for (address, times) in [(ADA, 1), (BJORN, 0), (CHLOE, 1)] {
            assert_eq!(world.times_held(address, BADGE_SAFETY), times, "{address}");
        }
        let markers: std::collections::BTreeSet<String> = world
            .factory
            .requests()
            .iter()
            .filter(|one| one.kind == Kind::Issue)
            .map(|one| one.body["log_entry"]["order"].to_string())
            .collect();
        assert_eq!(markers.len(), 4, "each order has a marker of its own");
        assert_eq!(world.problem_kinds().await, ["order-refused"]);
        // the address is accepted later, and a person tries again
        world.factory.set_manner(|manner| manner.refused_addresses.clear());
        let refused = world.awards(request).await[1].order.unwrap();
        world.retry(refused).await;
        world.wait_out().await;
        assert_eq!(world.faces(request).await, ["aw-sent"; 3]);
        assert_eq!(world.times_held(BJORN, BADGE_SAFETY), 1);
        assert_eq!(world.problem_kinds().await, Vec::<String>::new());
        world.finish().await;
    }

    async fn status_403_while_the_ping_is_fine_refuses_the_order(world: World) {
        world.factory.set_manner(|manner| {
            manner.forbidden_badges.insert(BADGE_SAFETY.to_owned());
        });
        let request = ordered_for(&world, &[ADA]).await;
        assert_stands(&world, request, OrderState::Refused, "aw-failed", 0).await;
        assert_eq!(world.problem_kinds().await, ["order-refused"]);
        assert_eq!(world.queue().await.stopped_at, None);
        world.factory.set_manner(|manner| manner.forbidden_badges.clear());
        retry(&world, request).await;
        assert_recovers(world, request).await;
    }

    async fn status_403_while_the_ping_is_refused_stops_the_queue(world: World) {
        world.factory.misbehave(always(Fault::Status(403), Aim::Any));
        let request = ordered_for(&world, &[ADA]).await;
        assert_stands(&world, request, OrderState::Ready, "aw-queued", 0).await;
        assert_stopped(&world).await;
        assert_recovers(world, request).await;
    }

    async fn a_draft_is_refused_with_the_factorys_words_and_issued_once_it_is_published(world: World) {
        let teacher = world.launch("teacher1", "BIO-2010").await;
        let request = world.issue(&teacher, BADGE_DRAFT, &[ADA]).await;
        world.drain_jobs().await;
        assert_eq!(world.faces(request).await, ["aw-failed"]);
        let reason = world.award(request).await.reason.unwrap();
        assert!(reason.contains("draft"), "{reason}");
        assert_eq!(world.factory.issued(BADGE_DRAFT), Vec::<String>::new());
        // the award was kept: published meanwhile, the same one goes out
        world.factory.set_draft(BADGE_DRAFT, false);
        let award = world.award(request).await.id;
        retry(&world, request).await;
        world.wait_out().await;
        assert_eq!(world.faces(request).await, ["aw-sent"]);
        assert_eq!(world.award(request).await.id, award);
        assert_eq!((sendings(&world), world.times_held(ADA, BADGE_DRAFT)), (2, 1));
        assert_eq!(world.problem_kinds().await, Vec::<String>::new());
        world.finish().await;
    }

    async fn a_badge_that_is_deleted_after_the_check_is_refused_and_the_award_kept(world: World) {
        let teacher = world.launch("teacher1", "BIO-2010").await;
        let request = world.issue(&teacher, BADGE_SAFETY, &[ADA]).await;
        world.factory.delete_badge(BADGE_SAFETY);
        world.drain_jobs().await;
        assert_stands(&world, request, OrderState::Refused, "aw-failed", 0).await;
        let award = world.award(request).await;
        let reason = award.reason.expect("the Factory's reason");
        assert!(reason.contains("404"), "{reason}");
        let page = teacher.get(&format!("/awards/{}", award.id)).await;
        assert!(page.status == 200 && page.body.contains("404"), "{}", page.body);
        assert_eq!(world.queue().await.stopped_at, None);
        // tried again while it is gone: refused again, and still kept
        retry(&world, request).await;
        world.wait_out().await;
        assert_stands(&world, request, OrderState::Refused, "aw-failed", 0).await;
        assert_eq!(world.award(request).await.id, award.id);
        world.finish().await;
    }
}
