//! What arrived last for a registration, beside what is stored; which services a launch may name; what a silent list of
//! people is asked again.

use std::time::Duration;

use badgebridge::crypto::{digest, random};
use badgebridge::model::Registration;
use badgebridge::model::encounter::{Arrived, Encounter, Step};
use badgebridge::sandbox::lms::{AGS_CLAIM, Dialect, LaunchSpec, NRPS_CLAIM, NrpsMode};
use badgebridge::store::{Durability, RosterQuery, RosterSort, StoreError};
use serde_json::json;

use crate::support::browser::Answer;
use crate::support::database::{Database, on_both_databases, with_sqlite};
use crate::support::office::Desk;
use crate::support::world::World;

const TEACHER: &str = "teacher1";
const COURSE: &str = "BIO-2010";

/// What is stored, once it was written.
async fn encounters(world: &World) -> Vec<Encounter> {
    world
        .deps
        .encounters
        .write(&world.parts.store, world.now())
        .await
        .unwrap();
    let id = world.registration.id;
    world
        .parts
        .store
        .read_one(async move |tx| tx.encounters(id).await)
        .await
        .unwrap()
}

fn of(step: Step, all: &[Encounter]) -> Encounter {
    all.iter().find(|one| one.step == step).unwrap().clone()
}

/// A login at the registration's own address.
pub(super) async fn login(world: &World, issuer: &str, client_id: &str) -> Answer {
    let fields = [("iss", issuer), ("login_hint", "3"), ("client_id", client_id)];
    let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let address = format!("/lti/login/{}", world.registration.handle);
    world.browser().post_from_elsewhere(&address, &fields).await
}

/// The set-up page at an address made for the registration.
pub(super) async fn setup_page(world: &World) -> Answer {
    let (token, now, id) = (random::token(), world.now(), world.registration.id);
    let hash = digest::sha256(token.as_bytes());
    let until = now.plus(Duration::from_hours(1));
    let stored: Result<(), StoreError> = world
        .parts
        .store
        .write(Durability::Full, async move |tx| {
            tx.add_setup_link(hash, id, until, now).await
        })
        .await;
    stored.unwrap();
    world.browser().get(&format!("/lti/setup/{token}")).await
}

on_both_databases! {
    async fn a_wrong_issuer_is_shown_beside_the_stored_one(database: Database) {
        let world = World::unconnected(&database).await;
        let (issuer, client) = (world.registration.issuer.clone(), world.registration.lti_client_id.clone());
        let page = setup_page(&world).await;
        assert!(page.body.contains("No launch has arrived yet"), "{}", page.body);
        assert!(page.body.contains(&format!("/lti/login/{}", world.registration.handle)), "{}", page.body);

        let refused = login(&world, &format!("{issuer}/"), &client).await;
        assert_eq!(refused.reason(), "unknown_platform");
        let seen = of(Step::Login, &encounters(&world).await);
        assert_eq!(seen.reason.as_deref(), Some("unknown_platform"));
        assert_eq!(seen.arrived.issuer, Some(format!("{issuer}/")));
        let page = setup_page(&world).await;
        assert!(page.body.contains("Differs: a slash at the end"), "{}", page.body);

        world.advance(Duration::from_secs(6)).await;
        login(&world, &issuer, "another<b>").await;
        encounters(&world).await;
        let page = setup_page(&world).await;
        assert!(page.body.contains("another&#60;b&#62;") && !page.body.contains("another<b>"), "{}", page.body);
        world.finish().await;
    }
}

#[tokio::test]
async fn the_client_id_that_arrived_is_taken_over_by_a_press_that_shows_both() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let other = world.second_registration("taken", Some(world.organisation));
        world.register(&other, &[]).await;
        let desk = Desk::administrator(&world, world.organisation, "Claire Bouchard").await;
        let (issuer, id) = (world.registration.issuer.clone(), world.registration.id);
        let (page, client) = (format!("/admin/lms/{id}"), format!("/admin/lms/{id}/client"));
        assert_eq!(desk.get(&client).await.status, 404, "nothing else arrived");
        // from another issuer it is nothing to take over
        login(&world, "https://elsewhere.example", "elsewhere").await;
        encounters(&world).await;
        assert_eq!(desk.get(&client).await.status, 404);
        let arrives = async |client_id: &str| {
            world.advance(Duration::from_secs(6)).await;
            login(&world, &issuer, client_id).await;
            encounters(&world).await;
        };
        arrives("taken").await;
        let refused = desk.post(&client, &[("client_id", "taken")]).await;
        assert_eq!(refused.status, 422, "{}", refused.body);
        let stored = world.registration.lti_client_id.clone();
        let new = format!("{stored}9");
        arrives(&new).await;
        let shown = desk.get(&page).await;
        assert!(shown.body.contains("Use the client ID that arrived"), "{}", shown.body);
        assert!(
            shown.body.contains(&format!("{stored}<mark>9</mark>")),
            "{}",
            shown.body
        );
        // only what was shown is taken over
        assert_eq!(
            desk.send(&client, &client, &[("client_id", "another")]).await.status,
            404
        );
        assert_eq!(desk.post(&client, &[("client_id", &new)]).await.status, 303);
        let known = world.registrations().await;
        assert_eq!(known.iter().find(|row| row.id == id).unwrap().lti_client_id, new);
        let log = desk.get("/admin/audit?search=registration.client-id").await;
        assert!(log.body.contains(&new), "{}", log.body);
        assert_eq!(login(&world, &issuer, &new).await.status, 303, "known at once");
        assert_eq!(login(&world, &issuer, &stored).await.reason(), "unknown_platform");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn the_last_launch_tells_what_it_brought_and_why_it_was_refused() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        world.launch(TEACHER, COURSE).await;
        let seen = of(Step::Launch, &encounters(&world).await);
        assert_eq!((seen.reason, seen.arrived.brought.len()), (None, 5));
        assert_eq!(seen.arrived.deployment, Some(world.lms.deployment_id()));
        let browser = world.browser();
        let begun = world.begin(&browser, LaunchSpec::new(TEACHER, COURSE, "")).await;
        let spec = LaunchSpec::new(TEACHER, COURSE, &begun.nonce).with("aud", json!("somebody"));
        let spec = spec.with("azp", json!("somebody"));
        let answer = world.answer(&browser, &begun.state, &world.lms.id_token(&spec)).await;
        assert_eq!(answer.reason(), "aud_mismatch");
        world.advance(Duration::from_secs(5)).await;
        let seen = of(Step::Launch, &encounters(&world).await);
        assert_eq!(seen.reason.as_deref(), Some("aud_mismatch"));
        assert_eq!(seen.arrived.client_id.as_deref(), Some("somebody"));
        // no person's name is kept
        let text = serde_json::to_string(&seen.arrived).unwrap();
        assert!(!text.contains("Teodora") && !text.contains("campus.example"), "{text}");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn good_launches_cost_no_writes_and_a_flood_of_bad_ones_few() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        world.launch(TEACHER, COURSE).await;
        let first = of(Step::Launch, &encounters(&world).await);
        world.clock.advance(Duration::from_secs(3));
        world.launch(TEACHER, COURSE).await;
        assert_eq!(
            of(Step::Launch, &encounters(&world).await),
            first,
            "not noted again so soon"
        );
        for number in 0..5 {
            login(&world, "https://wrong.example", &format!("c-{number}")).await;
        }
        let issuer = of(Step::Login, &encounters(&world).await).arrived.issuer;
        assert_eq!(
            issuer.as_deref(),
            Some(world.lms.issuer()),
            "written a moment ago: not again so soon"
        );
        world.clock.advance(Duration::from_secs(5));
        let seen = of(Step::Login, &encounters(&world).await);
        assert_eq!(seen.arrived.client_id.as_deref(), Some("c-4"), "the last one");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_set_up_page_is_shown_to_whom_its_address_was_given_and_for_a_while() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let browser = world.browser();
        let public = browser.get("/lti/setup").await;
        assert!(
            public.status == 200 && public.body.contains("/lti/canvas.json"),
            "{}",
            public.body
        );
        assert!(
            !public.body.contains(&world.registration.lti_client_id),
            "{}",
            public.body
        );
        assert_eq!(browser.get("/lti/setup/guess").await.status, 404);
        assert_eq!(setup_page(&world).await.status, 200);
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn the_page_of_a_shared_registration_shows_no_deployment_and_no_frame_shows_it() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let shared = Registration {
            organisation: None,
            ..world.second_registration("shared", None)
        };
        world.register(&shared, &["deployment-of-somebody"]).await;
        let (token, now, id) = (random::token(), world.now(), shared.id);
        let hash = digest::sha256(token.as_bytes());
        let arrived = Encounter {
            registration: id,
            step: Step::Launch,
            at: now,
            reason: None,
            arrived: Arrived {
                deployment: Some("deployment-of-another".to_owned()),
                ..Arrived::default()
            },
        };
        let stored: Result<(), StoreError> = world
            .parts
            .store
            .write(Durability::Full, async move |tx| {
                tx.put_encounter(&arrived).await?;
                tx.add_setup_link(hash, id, now.plus(Duration::from_hours(1)), now)
                    .await
            })
            .await;
        stored.unwrap();
        let page = world.browser().get(&format!("/lti/setup/{token}")).await;
        assert_eq!(page.status, 200, "{}", page.body);
        assert!(page.body.contains(&shared.lti_client_id), "{}", page.body);
        assert!(!page.body.contains("deployment-of"), "{}", page.body);
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn services_of_foreign_hosts_are_not_used() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        let course = async |spec: LaunchSpec| {
            let tab = world.launch_in(&world.browser(), spec).await;
            let (organisation, id) = (world.organisation, tab.seat.course.unwrap());
            let read = world
                .parts
                .store
                .read_one(async move |tx| tx.course(organisation, id).await);
            read.await.unwrap().unwrap().memberships_url
        };
        let spec = || LaunchSpec::new(TEACHER, COURSE, "");
        let own = course(spec()).await;
        assert!(own.is_some_and(|url| url.starts_with(world.lms.issuer())));
        let foreign = json!({"context_memberships_url": "https://evil.example/roster", "service_versions": ["2.0"]});
        let grades = json!({"scope": [], "lineitems": "https://evil.example/lineitems"});
        let kept = course(spec().with(NRPS_CLAIM, foreign).with(AGS_CLAIM, grades)).await;
        assert!(kept.is_none_or(|url| !url.contains("evil")));
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_list_without_names_is_asked_by_a_link() {
    with_sqlite(async |database: Database| {
        let world = World::unconnected(&database).await;
        world.lms.set_dialect(Dialect::Moodle);
        world.lms.nrps_mode(NrpsMode::ByLink);
        let tab = world.launch(TEACHER, COURSE).await;
        let (organisation, course) = (world.organisation, tab.seat.course.unwrap());
        world.queue_roster(course).await;
        world.drain_jobs().await;
        let query = RosterQuery {
            organisation,
            course,
            badge: String::new(),
            cause: String::new(),
            search: "ada".to_owned(),
            without_badge: false,
            without_email: false,
            active_only: true,
            sort: RosterSort::Name,
        };
        let read = world
            .parts
            .store
            .read_one(async move |tx| tx.roster_rows(&query, 0, 10).await);
        let people = read.await.unwrap();
        let ada = people.iter().find(|person| person.name == "Ada Lindqvist");
        assert!(ada.is_some_and(|ada| ada.email.is_some()), "{people:?}");
        world.finish().await;
    })
    .await;
}
