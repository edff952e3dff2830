//! The lines of the table: not reached, not known, too many, issued.

use std::net::TcpListener;
use std::time::Duration;

use badgebridge::model::order::OrderState;
use badgebridge::sandbox::factory::{Aim, BADGE_SAFETY, CLIENT, Factory, Fault, Kind, Options, Plan};

use super::{
    ADA, always, assert_recovers, assert_stands, assert_stopped, assert_untroubled, for_both_credentials,
    ordered_despite, ordered_for, sendings,
};
use crate::support::database::on_both_databases;
use crate::support::world::{Credential, World};

/// The Factory is somewhere where nothing can be sent: the order waits, for hours and days, and goes out afterwards.
async fn assert_waits_for(world: World, url: &str) {
    let credential = world.credential().await;
    world.connect_at(world.organisation, url, CLIENT, credential).await;
    let request = ordered_for(&world, &[ADA]).await;
    for _ in 0..5 {
        assert_stands(&world, request, OrderState::Ready, "aw-queued", 0).await;
        assert!(world.queue().await.away_since.is_some());
        assert_eq!(world.queue().await.stopped_at, None);
        world.advance(Duration::from_mins(61)).await;
    }
    assert_eq!(sendings(&world), 0);
    world
        .connect_at(world.organisation, &world.factory.url(), CLIENT, credential)
        .await;
    assert_recovers(world, request).await;
}

/// The connection was reset, and the ping tells why: nothing was done, the order waits for a person.
async fn assert_reset_stops(world: World, said_to_the_ping: Fault) {
    world.factory.misbehave(always(said_to_the_ping, Aim::Only(Kind::Ping)));
    let request = ordered_despite(&world, Fault::Reset).await;
    assert_stands(&world, request, OrderState::Ready, "aw-queued", 0).await;
    assert_stopped(&world).await;
    assert_eq!(sendings(&world), 1);
    assert_recovers(world, request).await;
}

for_both_credentials! {
    async fn a_factory_that_nobody_reaches_is_tried_without_end(world: World) {
        let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert_waits_for(world, &format!("https://{nobody}")).await;
    }

    async fn a_factory_without_a_name_is_tried_without_end(world: World) {
        assert_waits_for(world, "https://factory.invalid").await;
    }

    async fn a_factory_whose_certificate_is_not_trusted_is_tried_without_end(world: World) {
        let stranger = Factory::start(Options { clock: world.clock.clone(), ..Options::default() }).unwrap();
        assert_waits_for(world, &stranger.url()).await;
        assert_eq!(stranger.calls_by_kind().len(), 0, "nothing was said to it");
    }

    async fn status_495_stops_the_queue_until_a_ping_succeeds(world: World) {
        world.factory.misbehave(always(Fault::CertificateInvalid, Aim::Any));
        let request = ordered_for(&world, &[ADA]).await;
        assert_stands(&world, request, OrderState::Ready, "aw-queued", 0).await;
        assert_stopped(&world).await;
        let before = sendings(&world);
        world.advance(Duration::from_hours(3)).await;
        assert_eq!(sendings(&world), before, "a stopped queue pings and sends nothing");
        assert_stopped(&world).await;
        assert_recovers(world, request).await;
    }

    async fn status_496_stops_the_queue_until_a_ping_succeeds(world: World) {
        world.factory.misbehave(always(Fault::CertificateMissing, Aim::Any));
        let request = ordered_for(&world, &[ADA]).await;
        assert_stands(&world, request, OrderState::Ready, "aw-queued", 0).await;
        assert_stopped(&world).await;
        assert_recovers(world, request).await;
    }

    async fn a_reset_followed_by_a_ping_answered_495_stops_the_queue(world: World) {
        assert_reset_stops(world, Fault::CertificateInvalid).await;
    }

    async fn a_reset_followed_by_a_ping_answered_496_stops_the_queue(world: World) {
        assert_reset_stops(world, Fault::CertificateMissing).await;
    }

    async fn a_stopped_queue_goes_on_with_a_new_credential(world: World) {
        world.factory.misbehave(Plan::next_issue(Fault::CertificateInvalid));
        let request = ordered_for(&world, &[ADA]).await;
        assert_stopped(&world).await;
        let credential = world.credential().await;
        world.connect(world.organisation, CLIENT, credential).await;
        world.drain_jobs().await;
        assert_recovers(world, request).await;
    }

    async fn too_many_calls_wait_as_long_as_the_factory_asks(world: World) {
        let request = ordered_despite(&world, Fault::TooMany { retry_after: 7 }).await;
        assert_stands(&world, request, OrderState::Ready, "aw-queued", 0).await;
        assert_untroubled(&world).await;
        world.advance(Duration::from_secs(6)).await;
        assert_eq!(sendings(&world), 1, "not before the pause is over");
        world.advance(Duration::from_secs(2)).await;
        assert_eq!(sendings(&world), 2);
        assert_recovers(world, request).await;
    }

    async fn a_created_event_is_issued(world: World) {
        let request = ordered_for(&world, &[ADA]).await;
        assert_stands(&world, request, OrderState::Issued, "aw-sent", 1).await;
        assert_eq!(sendings(&world), 1);
        assert_eq!(world.factory.calls_by_kind().get(&Kind::EventRead), None, "nothing needs to be looked for");
        assert_recovers(world, request).await;
    }

    async fn a_location_with_host_and_scheme_is_read(world: World) {
        world.factory.set_manner(|manner| manner.absolute_location = true);
        let request = ordered_for(&world, &[ADA]).await;
        assert_stands(&world, request, OrderState::Issued, "aw-sent", 1).await;
        assert_recovers(world, request).await;
    }
}

on_both_databases! {
    async fn a_tls_alert_about_our_certificate_stops_the_queue(database: Database) {
        let world = World::start(&database).await;
        world.factory.set_manner(|manner| manner.alert_certificates = true);
        // a new identity makes a new handshake
        world.connect(world.organisation, CLIENT, Credential::Certificate).await;
        let request = ordered_for(&world, &[ADA]).await;
        assert_stands(&world, request, OrderState::Ready, "aw-queued", 0).await;
        assert_stopped(&world).await;
        world.factory.set_manner(|manner| manner.alert_certificates = false);
        // its badges could not be read either
        world.queue_catalog().await;
        assert_recovers(world, request).await;
    }

    async fn a_reset_followed_by_a_ping_that_fails_on_the_certificate_stops_the_queue(database: Database) {
        let world = World::start(&database).await;
        let request = ordered_despite(&world, Fault::TlsAlert).await;
        assert_stands(&world, request, OrderState::Ready, "aw-queued", 0).await;
        assert_stopped(&world).await;
        assert_recovers(world, request).await;
    }

    async fn a_certificate_of_another_authority_stops_the_queue(database: Database) {
        let world = World::start(&database).await;
        let foreign = world.factory.foreign_identity(CLIENT).unwrap();
        // twice: the identity before the present one is tried, too
        world.connect_with(world.organisation, &world.factory.url(), foreign.clone()).await;
        world.advance(Duration::from_secs(1)).await;
        world.connect_with(world.organisation, &world.factory.url(), foreign).await;
        let request = ordered_for(&world, &[ADA]).await;
        assert_stands(&world, request, OrderState::Ready, "aw-queued", 0).await;
        assert_stopped(&world).await;
        world.connect(world.organisation, CLIENT, Credential::Certificate).await;
        assert_recovers(world, request).await;
    }
}

#[tokio::test]
async fn a_stale_token_is_renewed_once_and_nobody_notices() {
    super::with_credential(Credential::Token, async |world: World| {
        let request = ordered_despite(&world, Fault::StaleToken).await;
        assert_stands(&world, request, OrderState::Issued, "aw-sent", 1).await;
        world.factory.expire_tokens();
        let teacher = world.launch("teacher1", "BIO-2010").await;
        let second = world.issue(&teacher, BADGE_SAFETY, &["mei@campus.example"]).await;
        world.drain_jobs().await;
        assert_eq!(world.order_state(second).await, OrderState::Issued);
        assert_recovers(world, request).await;
    })
    .await;
}
