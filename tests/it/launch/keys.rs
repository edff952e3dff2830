//! The platform's key set: unknown, rotated, slow or not there (rows 2, 70, 71).

use std::sync::OnceLock;
use std::time::Duration;

use badgebridge::sandbox::lms::{JwksMode, SigningKey};
use serde_json::json;

use super::{TEACHER, assert_refused, assert_refused_after, launch_bent, seat_after};
use crate::support::database::{Database, with_sqlite};
use crate::support::world::{Credential, Setup, World};

fn next_key() -> SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::generate().unwrap()).clone()
}

/// A tool that does not wait long for a key set.
async fn hasty(database: &Database) -> World {
    let setup = Setup {
        credential: Credential::Nothing,
        settings: vec![("launch.keys_wait_ms", "100".to_owned())],
        ..Setup::default()
    };
    World::start_with(database, setup).await
}

#[tokio::test]
async fn an_unknown_key_id_is_refused_after_one_more_fetch() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        seat_after(&world, TEACHER, |_| {}).await;
        assert_eq!(world.lms.counters().jwks_fetches, 1);
        for _ in 0..5 {
            let answer = launch_bent(&world, TEACHER, |token| token.header["kid"] = json!("made-up")).await;
            assert_refused_after(&world, 1, &answer, 401, "kid_unknown").await;
        }
        assert_eq!(
            world.lms.counters().jwks_fetches,
            2,
            "made-up key ids cannot make us call again and again"
        );
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_rotated_key_is_fetched_and_the_old_one_ends() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        seat_after(&world, TEACHER, |_| {}).await;
        world.lms.set_key(next_key());
        seat_after(&world, TEACHER, |_| {}).await;
        assert_eq!(world.lms.counters().jwks_fetches, 2);
        let old = crate::support::world::lms_key();
        let answer = launch_bent(&world, TEACHER, |token| {
            token.header["kid"] = json!(old.kid());
            token.signer = badgebridge::sandbox::lms::Signer::Previous;
        })
        .await;
        assert_refused_after(&world, 2, &answer, 401, "kid_unknown").await;
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn without_the_platforms_keys_a_launch_waits_for_better_times() {
    with_sqlite(async |database: Database| {
        let world = hasty(&database).await;
        for mode in [
            JwksMode::Hang,
            JwksMode::Status(500),
            JwksMode::Html,
            JwksMode::Raw("{}".to_owned()),
            JwksMode::Redirect("http://10.0.0.1/keys".to_owned()),
            JwksMode::Redirect(world.lms.jwks_url()),
        ] {
            world.lms.jwks_mode(mode.clone());
            let answer = launch_bent(&world, TEACHER, |_| {}).await;
            assert_refused(&world, &answer, 502, "key_set_unavailable").await;
            // a failure is remembered for a short while
            world.advance(Duration::from_secs(11)).await;
        }
        world.lms.jwks_mode(JwksMode::Normal);
        seat_after(&world, TEACHER, |_| {}).await;
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_key_set_that_is_no_longer_fresh_serves_while_the_platform_is_silent() {
    with_sqlite(async |database: Database| {
        let world = hasty(&database).await;
        seat_after(&world, TEACHER, |_| {}).await;
        for mode in [JwksMode::Hang, JwksMode::Status(500), JwksMode::Html] {
            world.lms.jwks_mode(mode);
            world.advance(Duration::from_hours(2)).await;
            seat_after(&world, TEACHER, |_| {}).await;
        }
        world.advance(Duration::from_hours(24)).await;
        let before = world.seats().await;
        let answer = launch_bent(&world, TEACHER, |_| {}).await;
        assert_refused_after(&world, before, &answer, 502, "key_set_unavailable").await;
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_key_set_at_a_forbidden_address_is_not_fetched() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        for address in [
            "http://10.255.255.1/keys",
            "http://[::ffff:10.0.0.1]/keys",
            "https://192.168.1.1/keys",
        ] {
            world
                .change_registration(|registration| registration.jwks_uri = address.to_owned())
                .await;
            let answer = launch_bent(&world, TEACHER, |_| {}).await;
            assert_refused(&world, &answer, 502, "key_set_unavailable").await;
        }
        world.finish().await;
    })
    .await;
}
