//! The store's contract on both databases, for methods that commands and the house itself call: what `doctor` asks, orders
//! as an operator sees them, the audit log, what is forgotten. The other methods are called through the use cases.

use std::time::Duration;

use badgebridge::awards::issue;
use badgebridge::clock::Timestamp;
use badgebridge::crypto::random;
use badgebridge::model::order::{OrderState, Timing};
use badgebridge::model::{Address, EnrolmentStatus, Organisation, OrganisationId, PastedAddresses, SeatId, Standing};
use badgebridge::store::audit::AuditEntry;
use badgebridge::store::installation::LoginRecord;
use badgebridge::store::queue::QueueNews;
use badgebridge::store::{Durability, RosterEntry, Store, StoreError};
use serde_json::json;

use crate::support::awards_world::{World, count};
use crate::support::course_world::{CourseWorld, NOON};
use crate::support::database::on_both_databases;
use crate::support::model_factory::Mishap;

const ADA: &str = "ada@example.org";

/// An organisation beside the world's.
async fn another(store: &Store) -> OrganisationId {
    let now = store.now().await.unwrap();
    let new = Organisation {
        id: OrganisationId::new(random::id_at(now)),
        name: "Fernhill College".to_owned(),
        pasted: PastedAddresses::Off,
        domains: vec!["fernhill.example".to_owned()],
    };
    let id = new.id;
    let added: Result<bool, StoreError> = store
        .write(Durability::Full, async move |tx| {
            assert!(tx.add_organisation(&new, now).await?);
            // the name is taken: nothing is stored, nothing is spoiled
            let same = Organisation {
                id: OrganisationId::new(random::id_at(now)),
                ..new.clone()
            };
            tx.add_organisation(&same, now).await
        })
        .await;
    assert!(!added.unwrap());
    id
}

/// A world with one order that the Factory refused.
async fn refused(database: &crate::support::database::Database) -> World {
    let mut world = World::new(database, &[Some(ADA)], Timing::default(), 50).await;
    world.factory.misbehave([Mishap::NotFound]);
    world.press("form", &[1], &[]).await;
    world.settle().await;
    world
}

on_both_databases! {
    async fn what_doctor_asks_is_told_for_each_organisation_alone(database: Database) {
        let world = refused(&database).await;
        let (store, organisation, course) = (&world.store, world.organisation, world.course);
        let other = another(store).await;
        let now = store.now().await.unwrap();
        let failed: Result<(), StoreError> = store
            .write(Durability::Full, async move |tx| {
                tx.fail_roster(organisation, course, "the LMS does not answer", now).await?;
                tx.fail_roster(organisation, course, "still not", now.plus(Duration::from_secs(9))).await
            })
            .await;
        failed.unwrap();
        let ask = async |organisation| {
            let read = store.read(async |tx| {
                let waiting = tx.waiting_orders(organisation).await?;
                let waiting: Vec<(String, i64)> = waiting.into_iter().map(|row| (row.state, row.count)).collect();
                let rosters = tx.failing_rosters(organisation).await?;
                Ok::<_, StoreError>((waiting, rosters, tx.given_up_jobs(organisation).await?))
            });
            read.await.unwrap()
        };
        let ours = ask(organisation).await;
        assert_eq!(ours, (vec![("refused".to_owned(), 1)], Some((1, now)), Vec::new()), "failing since the first time");
        assert_eq!(ask(other).await, (Vec::new(), None, Vec::new()));
        let everywhere = store.read(async |tx| tx.problems_everywhere().await).await.unwrap();
        let told: Vec<_> = everywhere.iter().map(|problem| (problem.organisation, problem.kind.as_str())).collect();
        assert_eq!(told, [(organisation, "order-refused")]);
        let sizes = store.read(async |tx| Ok::<_, StoreError>((tx.schema_version().await?, tx.size().await?))).await;
        let (version, size) = sizes.unwrap();
        assert!(version.is_some_and(|version| version >= 2) && size > 4096, "{version:?} {size}");
        store.close().await;
    }

    async fn orders_are_listed_until_they_are_settled_and_shown_to_their_organisation(database: Database) {
        let mut world = refused(&database).await;
        let (store, organisation) = (world.store.clone(), world.organisation);
        let other = another(&store).await;
        let open = store.read(async |tx| tx.open_orders(organisation).await).await.unwrap();
        assert_eq!(open.len(), 1);
        let order = &open[0];
        assert_eq!((order.badge.as_str(), order.state, order.people), ("Lab Safety", OrderState::Refused, 1));
        assert!(order.reason.is_some() && order.event.is_none() && order.sendings == 0, "{order:?}");
        let id = order.id;
        let show = async |organisation| {
            let read = store.read(async |tx| tx.order_view(organisation, id).await);
            read.await.unwrap()
        };
        assert_eq!(show(organisation).await.as_ref(), Some(order));
        assert_eq!(show(other).await, None);
        assert!(store.read(async |tx| tx.open_orders(other).await).await.unwrap().is_empty());
        issue::retry(&store, organisation, id, &world.timing).await.unwrap();
        assert_eq!(show(organisation).await.unwrap().state, OrderState::Ready);
        world.settle().await;
        let settled = show(organisation).await.unwrap();
        assert!(settled.state == OrderState::Issued && settled.event.is_some(), "{settled:?}");
        assert!(store.read(async |tx| tx.open_orders(organisation).await).await.unwrap().is_empty());
        store.close().await;
    }

    async fn deeds_are_noted_with_their_organisation_or_without(database: Database) {
        let store = database.store().await;
        let organisation = another(&store).await;
        let now = store.now().await.unwrap();
        let deed = move |organisation| AuditEntry {
            organisation,
            actor: "command line".to_owned(),
            action: "organisation.edit",
            subject: "Fernhill College".to_owned(),
            detail: json!({ "domains": ["fernhill.example"], "quote": "it's \"so\"" }),
        };
        let noted: Result<(), StoreError> = store
            .write(Durability::Full, async move |tx| {
                tx.add_audit(&deed(Some(organisation)), now).await?;
                tx.add_audit(&deed(None), now).await
            })
            .await;
        noted.unwrap();
        assert_eq!(count(&database.url, "audit WHERE organisation_id IS NOT NULL").await, 1);
        assert_eq!(count(&database.url, "audit WHERE detail LIKE '%fernhill.example%'").await, 2);
        // a deed belongs to what it tells: undone together
        let undone: Result<(), StoreError> = store
            .write(Durability::Full, async move |tx| {
                tx.add_audit(&deed(None), now).await?;
                Err(StoreError::Busy)
            })
            .await;
        assert!(undone.is_err());
        assert_eq!(count(&database.url, "audit").await, 2);
        store.close().await;
    }

    async fn an_organisation_is_changed_and_another_stays(database: Database) {
        let world = World::new(&database, &[], Timing::default(), 50).await;
        let store = &world.store;
        let other = another(store).await;
        let known = store.read_one(async |tx| tx.organisation(other).await).await.unwrap().unwrap();
        let changed = Organisation { name: "Fernhill".to_owned(), pasted: PastedAddresses::Any, domains: Vec::new(), ..known };
        let stored = changed.clone();
        let done = store.write(Durability::Full, async move |tx| tx.change_organisation(&stored).await).await;
        assert!(done.unwrap());
        let all = store.read_one(async |tx| tx.organisations().await).await.unwrap();
        assert_eq!(all.len(), 2);
        assert!(all.contains(&changed), "{all:?}");
        let nobody = Organisation { id: OrganisationId::new(random::id_at(NOON)), name: "Nobody".to_owned(), ..changed };
        let done = store.write(Durability::Full, async move |tx| tx.change_organisation(&nobody).await).await;
        assert!(!done.unwrap(), "there is none");
        store.close().await;
    }

    async fn what_is_old_is_forgotten_and_nothing_younger(database: Database) {
        let world = CourseWorld::start(&database).await;
        let teacher = world.launch("one", Standing::Staff, "Tess Teacher", None).await;
        let page = world.post(&teacher, "/issue", &[("badge", "B-safety")]).await;
        assert_eq!(page.status, 303);
        let registration = world.store.read_one(async |tx| tx.registrations().await).await.unwrap()[0].id;
        for (number, life) in [(0, 0), (1, 1), (2, 3600)] {
            let login = LoginRecord {
                state_hash: [number; 32],
                registration,
                nonce: "n".to_owned(),
                binding_hash: [8; 32],
                target_link_uri: None,
                storage_target: None,
                expires_at: NOON.plus(Duration::from_secs(life)),
            };
            let added = world.store.write_one(Durability::Login, async move |tx| tx.add_login(&login).await).await;
            added.unwrap();
        }
        let forget = async |before: Timestamp| {
            let forgotten = world.store.write(Durability::Launch, async move |tx| {
                let logins = tx.forget_old_logins(before).await?;
                let drafts = tx.forget_old_drafts(before).await?;
                let sessions = tx.forget_old_sessions(before).await?;
                Ok::<_, StoreError>((logins, drafts, sessions))
            });
            forgotten.await.unwrap()
        };
        assert_eq!(forget(NOON.minus(Duration::from_secs(1))).await, (0, 0, 0));
        assert_eq!(world.get(&teacher, "/help").await.status, 200);
        let left = async || world.store.read_one(async |tx| tx.open_logins(Timestamp::default(), 10).await).await.unwrap();
        assert_eq!(left().await, 3);
        // a session that is used is not old
        world.clock.advance(Duration::from_mins(6));
        assert_eq!(world.get(&teacher, "/help").await.status, 200);
        assert_eq!(forget(NOON.plus(Duration::from_secs(1))).await, (2, 1, 0));
        assert_eq!(forget(NOON.plus(Duration::from_mins(7))).await, (0, 0, 1));
        let all = world.store.write_one(Durability::Full, async |tx| tx.forget_all_logins().await).await;
        assert_eq!((all.unwrap(), left().await), (1, 0));
        assert_eq!(world.get(&teacher, "/help").await.status, 401, "the session ended");
        let seat: SeatId = teacher.base.strip_prefix("/c/").unwrap().parse().unwrap();
        let never = Timestamp::from_millis(-1);
        assert!(world.store.read_one(async |tx| tx.seat(seat, never, never).await).await.unwrap().is_none());
        world.stop().await;
    }

    async fn old_tries_are_forgotten(database: Database) {
        let world = refused(&database).await;
        let (store, organisation) = (&world.store, world.organisation);
        let order = world.awards().await[0].order.unwrap();
        let tries = async || store.read(async |tx| tx.attempts(organisation, order).await).await.unwrap().len();
        assert_eq!(tries().await, 1);
        let forget = async |before: Timestamp| {
            let forgotten = store.write(Durability::Launch, async move |tx| {
                Ok::<_, StoreError>((tx.forget_attempts(before).await?, tx.forget_job_attempts(before).await?))
            });
            forgotten.await.unwrap()
        };
        assert_eq!(forget(Timestamp::default()).await, (0, 0));
        assert_eq!(tries().await, 1);
        let later = store.now().await.unwrap().plus(Duration::from_secs(1));
        assert_eq!(forget(later).await, (1, 1), "one sending, one job that made the awards");
        assert_eq!(tries().await, 0);
        store.close().await;
    }

    async fn a_factory_with_faults_is_tried_less_and_less_until_it_takes_an_order(database: Database) {
        let world = refused(&database).await;
        let (store, organisation, timing) = (&world.store, world.organisation, Timing::default());
        let now = store.now().await.unwrap();
        let tell = async |news: QueueNews| {
            let timing = timing.clone();
            let told = store.write(Durability::Full, async move |tx| {
                tx.queue_news(organisation, &news, &timing, now).await?;
                tx.queue(organisation).await
            });
            let queue: Result<_, StoreError> = told.await;
            queue.unwrap()
        };
        let until = now.plus(Duration::from_secs(1));
        let mut pauses = Vec::new();
        for _ in 0..3 {
            let queue = tell(QueueNews::Faulty(until)).await;
            assert_eq!(queue.away_since, Some(now));
            pauses.push(queue.next_at.since(now));
        }
        assert_eq!(pauses, timing.away[..3], "as long as for a Factory that is away");
        let long = now.plus(Duration::from_hours(5));
        assert_eq!(tell(QueueNews::Faulty(long)).await.next_at, long, "what it asks for, where that is longer");
        let read = tell(QueueNews::Read).await;
        assert_eq!((read.away_since, read.next_at), (Some(now), long), "reading does not show that it takes orders");
        let heard = tell(QueueNews::Heard).await;
        assert_eq!((heard.away_since, heard.tries), (None, 0));
        store.close().await;
    }

    async fn a_roster_keeps_test_users_and_brings_nobody_unknown_an_address(database: Database) {
        let world = CourseWorld::start(&database).await;
        let test = world.launch_as("one", Standing::Learner, "preview", None, |facts| facts.test = true).await;
        let (store, organisation, course) = (&world.store, world.organisation, test.course);
        let entry = |sub: &str, email: Option<&str>, status| RosterEntry {
            sub: sub.to_owned(),
            name: sub.to_owned(),
            email: email.map(|text| Address::parse(text).unwrap()),
            standing: Standing::Learner,
            also_learner: false,
            status,
            test: false,
            sis_id: None,
            legacy_id: None,
                lms_id: None,
        };
        let take = async |generation: i64, entries: Vec<RosterEntry>| {
            let taken = store.write(Durability::Launch, async move |tx| {
                let course = tx.course(organisation, course).await?.expect("the course");
                tx.take_roster_entries(&course, generation, 0, &entries, NOON).await
            });
            let taken: Result<_, StoreError> = taken.await;
            taken.unwrap()
        };
        let first = vec![
            entry("preview", None, EnrolmentStatus::Inactive),
            entry("ada", Some(ADA), EnrolmentStatus::Active),
            entry("bo", None, EnrolmentStatus::Active),
        ];
        assert_eq!(take(1, first).await, [], "nobody new can wait for an address");
        let person = async || {
            let read = store.read_one(async |tx| tx.person(organisation, course, test.member).await).await;
            let person = read.unwrap().expect("the person");
            (person.test, person.status)
        };
        assert_eq!(person().await, (true, EnrolmentStatus::Inactive), "a test user stays one");
        let known = take(2, vec![entry("bo", Some("bo@example.org"), EnrolmentStatus::Active)]).await;
        assert_eq!(known.len(), 1, "an address for somebody who was known");
        // whom the roster calls inactive and who launches again is there
        world.launch_as("one", Standing::Learner, "preview", None, |facts| facts.test = true).await;
        assert_eq!(person().await, (true, EnrolmentStatus::Active));
        world.stop().await;
    }
}
