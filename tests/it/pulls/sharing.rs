//! Several processes share the work: one LMS is asked by one of them at a time, and one of them renews its token.

use std::time::Duration;

use badgebridge::app::{NewConnection, Parts};
use badgebridge::crypto::random;
use badgebridge::model::connection::{Connection, ConnectionKind};
use badgebridge::sandbox::factory::BADGE_SAFETY;
use badgebridge::sandbox::lms::{API_CLIENT, API_SECRET};
use badgebridge::store::{Durability, StoreError};
use futures_util::future::join_all;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{ADA, ADA_MAIL, BIO, COURSE, world};
use crate::support::boxed;
use crate::support::database::on_both_databases;
use crate::support::world::{Tab, World};

impl World {
    /// Another process takes the turn at an LMS for `lasts`, for a course that nobody calls.
    async fn turn_of_another(&self, connection: &Connection, tab: &Tab, lasts: Duration) -> Uuid {
        let (asked, course) = (connection.clone(), tab.seat.course.unwrap());
        let taken: Result<Uuid, StoreError> = self
            .parts
            .store
            .write(Durability::Full, async move |tx| {
                let now = tx.now().await?;
                let holder = random::id_at(now);
                assert!(tx.take_turn(&asked, course, holder, now, now.plus(lasts)).await?);
                assert!(
                    !tx.take_turn(&asked, course, random::id_at(now), now, now.plus(lasts))
                        .await?
                );
                assert!(
                    tx.take_turn(&asked, course, holder, now, now.plus(lasts)).await?,
                    "it holds it"
                );
                Ok(holder)
            })
            .await;
        taken.unwrap()
    }

    /// A connection to the Brightspace of the demo LMS that a service account agreed to: what refreshes is good once.
    async fn agreed(&self) -> Connection {
        boxed(async move {
            let made = self
                .parts
                .add_connection(NewConnection {
                    organisation: self.organisation,
                    registration: self.registration.id,
                    kind: ConnectionKind::Brightspace,
                    base_url: self.lms.url().to_owned(),
                    token_url: Some(format!("{}/core/connect/token", self.lms.url())),
                    client_id: Some(API_CLIENT.to_owned()),
                    secret: Some(Zeroizing::new(API_SECRET.to_owned())),
                })
                .await
                .unwrap();
            assert!(!made.is_open(), "it waits for consent");
            self.consent(&made).await;
            self.connection(&made).await
        })
        .await
    }
}

on_both_databases! {
    async fn an_lms_that_another_process_asks_is_waited_for_and_a_lost_turn_ends(database: Database) {
        let world = world(&database).await;
        let ada = world.launch("ada", COURSE).await;
        let connection = world.connected(ConnectionKind::Moodle).await;
        let rule = world.when(&ada, "course-completed").await;
        let (organisation, id) = (world.organisation, connection.id);
        let holder = world.turn_of_another(&connection, &ada, Duration::from_mins(30)).await;
        assert_eq!(world.plan().await, 1);
        assert_eq!(world.lms.api_asked().len(), 0, "it is busy");
        // the other one ends: the course that waits is called, not polled
        let next: Result<_, StoreError> = world
            .parts
            .store
            .write(Durability::Full, async move |tx| {
                assert!(tx.keep_turn(organisation, id, holder, far()).await?);
                assert_eq!(tx.end_turn(organisation, id, Uuid::nil()).await?, None, "of somebody else");
                tx.end_turn(organisation, id, holder).await
            })
            .await;
        assert_eq!(next.unwrap(), ada.seat.course, "it waits");
        world.check(&ada).await;
        let asked = world.lms.api_asked().len();
        assert!(asked > 0);
        // another one is killed: its turn ends by itself
        world.turn_of_another(&connection, &ada, Duration::from_mins(2)).await;
        world.check(&ada).await;
        assert_eq!(world.lms.api_asked().len(), asked);
        world.lms.progress().complete(BIO, ADA, world.now());
        world.advance(Duration::from_mins(6)).await;
        assert_eq!(world.factory.issued(BADGE_SAFETY), [ADA_MAIL]);
        world.over(&[rule]).await;
    }

    async fn two_workers_ask_an_lms_about_one_course_after_the_other(database: Database) {
        let world = world(&database).await;
        let (mut rules, mut tabs) = (Vec::new(), Vec::new());
        for course in [COURSE, "BIO-2011", "BIO-2012", "BIO-2013"] {
            if course != COURSE {
                let id = course.trim_start_matches("BIO-20");
                world.lms.copy_course(COURSE, &format!("7{id}"), course);
            }
            tabs.push(world.launch("ada", course).await);
        }
        world.connected(ConnectionKind::Moodle).await;
        for tab in &tabs {
            rules.push(world.when(tab, "course-completed").await);
        }
        let other = Parts::open(world.parts.config.clone(), world.clock.clone()).await.unwrap();
        let workers = [world.parts.worker(), other.worker()];
        world.lms.api_slow(Duration::from_millis(3));
        for tab in &tabs {
            let (organisation, course) = (world.organisation, tab.seat.course.unwrap());
            let queued: Result<(), StoreError> = world
                .parts
                .store
                .write(Durability::Full, async move |tx| {
                    let now = tx.now().await?;
                    tx.enqueue(&badgebridge::jobs::work::pull(organisation, course, now), now).await
                })
                .await;
            queued.unwrap();
        }
        boxed(join_all(workers.iter().map(badgebridge::jobs::Worker::drain))).await;
        world.drain_jobs().await;
        assert_eq!(world.lms.api_at_once(), 1, "one after the other");
        for tab in &tabs {
            assert!(world.pull(tab).await.ok_at.is_some(), "each was asked without waiting for the clock");
        }
        other.store.close().await;
        world.over(&rules).await;
    }

    async fn what_refreshes_once_is_used_by_one_process_and_all_go_on_with_its_token(database: Database) {
        let world = world(&database).await;
        let ada = world.launch("ada", COURSE).await;
        let connection = world.agreed().await;
        assert!(connection.is_open());
        let other = Parts::open(world.parts.config.clone(), world.clock.clone()).await.unwrap();
        for round in 0..3 {
            let before = world.connection(&connection).await;
            // the LMS refuses the token that everybody holds
            world.lms.api_expire();
            let tried = join_all((0..4).map(|n| {
                let parts = if n % 2 == 0 { &*world.parts } else { &other };
                parts.try_connection(&before, &world.registration, ada.seat.course)
            }));
            for tried in boxed(tried).await {
                let tried = tried.unwrap();
                assert!(tried.iter().all(|tried| tried.error.is_none()), "{round}: {tried:?}");
            }
            let after = world.connection(&connection).await;
            assert!(after.access != before.access && after.refresh != before.refresh);
        }
        assert_eq!(world.lms.api_spent(), 0, "nothing was sent twice");
        // and where it ends by itself
        let rule = world.when(&ada, "course-completed").await;
        world.plan().await;
        world.lms.progress().complete(BIO, ADA, world.now());
        for _ in 0..3 {
            world.advance(Duration::from_mins(70)).await;
        }
        assert_eq!(world.factory.issued(BADGE_SAFETY), [ADA_MAIL]);
        assert_eq!((world.lms.api_spent(), world.connection(&connection).await.error), (0, None));
        other.store.close().await;
        world.over(&[rule]).await;
    }

    async fn a_renewal_that_another_consent_overtook_is_put_aside(database: Database) {
        let world = world(&database).await;
        let connection = world.agreed().await;
        let (organisation, id) = (connection.organisation, connection.id);
        let holder = Uuid::from_u128(7);
        let taken: Result<(), StoreError> = world
            .parts
            .store
            .write(Durability::Full, async move |tx| {
                let now = tx.now().await?;
                let until = now.plus(Duration::from_secs(90));
                assert!(tx.take_renewal(organisation, id, holder, now, until).await?);
                assert!(!tx.take_renewal(organisation, id, Uuid::from_u128(8), now, until).await?, "one at a time");
                assert!(tx.take_renewal(organisation, id, Uuid::from_u128(8), until, until).await?, "its lease ended");
                assert!(!tx.keep_token(organisation, id, holder, None, (b"late", until)).await?);
                assert!(tx.take_renewal(organisation, id, holder, until, until.plus(Duration::from_secs(90))).await?);
                Ok(())
            })
            .await;
        taken.unwrap();
        world.consent(&connection).await;
        let kept: Result<bool, StoreError> = world
            .parts
            .store
            .write(Durability::Full, async move |tx| {
                let until = tx.now().await?.plus(Duration::from_hours(1));
                tx.keep_token(organisation, id, holder, Some(b"old"), (b"old", until)).await
            })
            .await;
        assert!(!kept.unwrap());
        assert_ne!(world.connection(&connection).await.refresh.as_deref(), Some(b"old".as_slice()));
        world.finish().await;
    }
}

/// The end of a turn that is prolonged: far away.
fn far() -> badgebridge::clock::Timestamp {
    badgebridge::clock::Timestamp::from_seconds(4_000_000_000)
}

#[test]
fn an_address_of_consent_stands_beside_the_tokens() {
    let known = badgebridge::lms::brightspace::authorize_url(badgebridge::lms::brightspace::TOKEN_URL);
    assert_eq!(known.as_deref(), Some("https://auth.brightspace.com/oauth2/auth"));
    assert_eq!(
        badgebridge::lms::brightspace::authorize_url("https://auth.example/tokens"),
        None
    );
}
