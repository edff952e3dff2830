//! Launches of people who are known, from where they were before: seated the same, and spent as strictly.

use std::time::Duration;

use badgebridge::clock::{Clock, Timestamp};
use badgebridge::model::{Address, LaunchFacts, Seated, Standing};
use badgebridge::sandbox::lms::LaunchSpec;
use badgebridge::store::installation::LoginRecord;
use badgebridge::store::{Durability, SessionOffer, StoreError};
use serde_json::json;

use super::{COURSE, LEARNER, assert_refused_after, launch_bent};
use crate::support::course_world::CourseWorld;
use crate::support::database::{on_both_databases, with_postgres};
use crate::support::world::World;

on_both_databases! {
    async fn whoever_launches_again_has_the_same_place_in_a_session_of_its_own(database: Database) {
        let world = World::unconnected(&database).await;
        let mut seats = Vec::new();
        for _ in 0..3 {
            let answer = launch_bent(&world, LEARNER, |_| {}).await;
            assert_eq!(answer.cookies_set().len(), 1, "a session begins");
            seats.push(world.seat(answer.seat()).await);
        }
        let [first, second, third] = &seats[..] else { panic!("three seats") };
        for other in [second, third] {
            assert_eq!((other.course, other.member), (first.course, first.member));
            assert_eq!((other.standing, other.test, &other.locale), (first.standing, first.test, &first.locale));
            assert_ne!(other.session, first.session);
        }
        let renamed = launch_bent(&world, LEARNER, |token| token.claims["name"] = json!("Ada King")).await;
        assert_eq!(world.seat(renamed.seat()).await.member, first.member);
        world.finish().await;
    }

    async fn a_known_persons_launch_is_spent_once_and_only_while_it_is_young(database: Database) {
        let world = World::unconnected(&database).await;
        launch_bent(&world, LEARNER, |_| {}).await.seat();
        let browser = world.browser();
        for _ in 0..10 {
            let browser = world.browser();
            let before = world.seats().await;
            let begun = world.begin(&browser, LaunchSpec::new(LEARNER, COURSE, "")).await;
            let token = world.lms.id_token(&LaunchSpec::new(LEARNER, COURSE, &begun.nonce));
            let (one, other) = tokio::join!(
                world.answer(&browser, &begun.state, &token),
                world.answer(&browser, &begun.state, &token)
            );
            let mut statuses = [one.status, other.status];
            statuses.sort_unstable();
            assert_eq!(statuses, [303, 401]);
            assert_eq!(world.seats().await, before + 1);
        }
        let begun = world.begin(&browser, LaunchSpec::new(LEARNER, COURSE, "")).await;
        world.advance(Duration::from_secs(601)).await;
        let token = world.lms.id_token(&LaunchSpec::new(LEARNER, COURSE, &begun.nonce));
        let answer = world.answer(&browser, &begun.state, &token).await;
        assert_refused_after(&world, 11, &answer, 401, "state_unknown").await;
        world.finish().await;
    }
}

/// Stores a login of its own and seats its launch by one statement, if that can be.
async fn seat_known(
    world: &CourseWorld,
    facts: &LaunchFacts,
    shown: Option<[u8; 32]>,
    ends: Timestamp,
    count: u8,
) -> Option<Seated> {
    let now = world.clock.now();
    let login = LoginRecord {
        state_hash: [count; 32],
        registration: facts.registration,
        nonce: format!("nonce-{count}"),
        binding_hash: [0; 32],
        target_link_uri: None,
        expires_at: ends,
        storage_target: None,
    };
    let offer = SessionOffer {
        shown,
        fresh: [count; 32],
        csrf: "csrf".to_owned(),
        idle_since: Timestamp::default(),
        begun_since: Timestamp::default(),
    };
    let facts = facts.clone();
    let outcome = world.store.write(Durability::Full, async move |tx| {
        tx.add_login(&login).await?;
        tx.seat_known(login.state_hash, &facts, &offer, now).await
    });
    outcome.await.expect("the statement")
}

/// Whether the login that [`seat_known`] stored is there still.
async fn is_open(world: &CourseWorld, count: u8) -> bool {
    let found = world
        .store
        .read_one(async |tx| tx.login([count; 32], Timestamp::default()).await)
        .await;
    found.expect("the login").is_some()
}

#[tokio::test]
async fn one_statement_seats_only_who_stands_in_the_database_as_launched() {
    with_postgres(async |database| {
        let world = CourseWorld::start(&database).await;
        let mut known = None;
        let link = || Some(("link-1".to_owned(), "Badges".to_owned()));
        let tab = world
            .launch_as("one", Standing::Learner, "Ada", Some("ada@campus.example"), |facts| {
                facts.link = link();
                known = Some(facts.clone());
            })
            .await;
        let known = known.expect("the facts");
        let later = world.clock.now().plus(Duration::from_mins(10));

        let seated = seat_known(&world, &known, None, later, 1).await.expect("a seat");
        assert_eq!((seated.course, seated.member), (Some(tab.course), Some(tab.member)));
        assert!(seated.link.is_some() && seated.new_session && !seated.is_news && !seated.new_address);
        assert!(!is_open(&world, 1).await, "the login is spent");
        let spent = seat_known_again(&world, &known, 1).await.expect("the statement");
        assert!(spent.is_none(), "a login counts once");

        let changes: [(&str, Box<dyn Fn(&mut LaunchFacts)>); 10] = [
            (
                "name",
                Box::new(|facts| facts.person.as_mut().expect("a person").name = "Ada King".to_owned()),
            ),
            (
                "address",
                Box::new(|facts| {
                    facts.person.as_mut().expect("a person").email = Address::parse("king@campus.example").ok();
                }),
            ),
            (
                "person",
                Box::new(|facts| facts.person.as_mut().expect("a person").sub = "Bob".to_owned()),
            ),
            ("nobody", Box::new(|facts| facts.person = None)),
            (
                "title",
                Box::new(|facts| facts.course.as_mut().expect("a course").title = "Other".to_owned()),
            ),
            (
                "course",
                Box::new(|facts| facts.course.as_mut().expect("a course").context_id = "two".to_owned()),
            ),
            ("role", Box::new(|facts| facts.standing = Standing::Staff)),
            (
                "link",
                Box::new(|facts| facts.link = Some(("link-2".to_owned(), "Badges".to_owned()))),
            ),
            (
                "link's title",
                Box::new(|facts| facts.link = Some(("link-1".to_owned(), "Other".to_owned()))),
            ),
            ("origin", Box::new(|facts| facts.origins = vec!["zero".to_owned()])),
        ];
        for (count, (what, change)) in (10_u8..).zip(changes) {
            let mut facts = known.clone();
            change(&mut facts);
            let seated = seat_known(&world, &facts, None, later, count).await;
            assert!(seated.is_none(), "{what} has changed");
            assert!(is_open(&world, count).await, "{what}: the login must stay");
        }
        assert!(
            seat_known(&world, &known, Some([9; 32]), later, 30).await.is_none(),
            "a session came along"
        );
        assert!(
            seat_known(&world, &known, None, world.clock.now(), 31).await.is_none(),
            "the login has expired"
        );
        world.stop().await;
    })
    .await;
}

/// Tries the login of `count` once more.
async fn seat_known_again(world: &CourseWorld, facts: &LaunchFacts, count: u8) -> Result<Option<Seated>, StoreError> {
    let (facts, now) = (facts.clone(), world.clock.now());
    let offer = SessionOffer {
        shown: None,
        fresh: [200; 32],
        csrf: "csrf".to_owned(),
        idle_since: Timestamp::default(),
        begun_since: Timestamp::default(),
    };
    world
        .store
        .write_one(Durability::Launch, async move |tx| {
            tx.seat_known([count; 32], &facts, &offer, now).await
        })
        .await
}
