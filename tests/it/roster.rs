//! Reading a roster that does not come to its end.

use std::sync::Arc;
use std::time::Duration;

use badgebridge::jobs::kinds::{RosterFailure, RosterReader};
use badgebridge::lti::nrps::Limits;
use badgebridge::lti::service_token::ServiceTokens;
use badgebridge::model::matching::{Found, FoundCourse};
use badgebridge::model::signal::PersonRef;
use badgebridge::sandbox::lms::{Differences, NrpsMode, Person, Role};

use crate::support::boxed;
use crate::support::database::on_both_databases;
use crate::support::world::{Tab, World};

const COURSE: &str = "BIO-2010";

on_both_databases! {
    async fn a_roster_that_takes_too_long_fails_with_the_reason_and_the_earlier_one_stays(database: Database) {
        let world = World::start(&database).await;
        let teacher = world.launch("teacher1", "BIO-2010").await;
        let (organisation, course) = (world.organisation, teacher.seat.course.unwrap());
        world.queue_roster(course).await;
        world.drain_jobs().await;
        let people = teacher.get("/people").await.body;
        assert!(people.contains("Ada Lindqvist"), "{people}");

        world.lms.nrps_mode(NrpsMode::Hang);
        let limits = Limits { page_size: 50, pages: 10 };
        let parts = &world.parts;
        let reader = RosterReader::new(
            parts.store.clone(),
            Arc::clone(&parts.platforms),
            Arc::new(ServiceTokens::default()),
            parts.identity.signing.keys(),
            Arc::clone(&parts.clock),
            limits,
        );
        let outcome = reader.patient_for(Duration::from_millis(1)).read(organisation, course).await;
        let Err(RosterFailure::Away { reason, .. }) = outcome else {
            panic!("{outcome:?}");
        };
        assert!(reason.starts_with("reading took longer than"), "{reason}");
        let read = parts.store.read_one(async |tx| tx.course(organisation, course).await).await;
        let roster = read.unwrap().unwrap().roster;
        assert!(roster.failing_since.is_some() && roster.read_at.is_some(), "{roster:?}");
        assert_eq!(roster.error.as_deref(), Some(reason.as_str()));
        assert_eq!(teacher.get("/people").await.body.matches("/people/").count(), people.matches("/people/").count());
        let begun = teacher.post("/issue", &[("badge", badgebridge::sandbox::factory::BADGE_SAFETY)]).await;
        let chosen = teacher.browser.get(begun.location()).await;
        assert!(chosen.body.contains("The last try failed."), "{}", chosen.body);
        world.lms.nrps_mode(NrpsMode::Normal);
        world.drain_jobs().await;
        world.finish().await;
    }

    async fn differences_refresh_a_roster_and_a_whole_read_alone_finds_who_is_missing(database: Database) {
        let world = World::start(&database).await;
        world.lms.tell_differences(Differences::Told);
        world.lms.set_page_size(5);
        let teacher = world.launch("teacher1", COURSE).await;
        refresh(&world, &teacher).await;
        let whole = world.lms.counters().nrps_pages;
        assert!(whole >= 3, "{whole}");
        world.lms.add_person(COURSE, Person::new("501", "newcomer", "Nell", "Newcomer"), Role::Learner);
        world.lms.remove_person(COURSE, "bjorn");
        let people = refresh(&world, &teacher).await;
        assert_eq!(world.lms.counters().nrps_pages, whole + 1, "one page, not all");
        assert!(people.contains("Nell Newcomer") && people.contains("Ada Lindqvist"), "{people}");
        assert!(!people.contains("Bjørn"), "named as deleted: {people}");

        // whoever is merely missing among the changes has not left before a whole read says so
        world.lms.tell_differences(Differences::WithoutLeavers);
        world.lms.remove_person(COURSE, "501");
        assert!(refresh(&world, &teacher).await.contains("Nell Newcomer"));
        assert_eq!(world.lms.counters().nrps_pages, whole + 2);
        world.advance(Duration::from_hours(7)).await;
        let teacher = world.launch("teacher1", COURSE).await;
        assert!(!refresh(&world, &teacher).await.contains("Nell Newcomer"));
        assert!(world.lms.counters().nrps_pages >= whole + 2 + 3, "read whole");

        // changes that cannot be read cost nothing but a whole read
        world.lms.tell_differences(Differences::Failing);
        world.lms.remove_person(COURSE, "ada");
        assert!(!refresh(&world, &teacher).await.contains("Ada Lindqvist"));
        world.finish().await;
    }

    async fn a_members_launch_values_tell_the_lmss_own_ids(database: Database) {
        let world = World::start(&database).await;
        let teacher = world.launch("teacher1", COURSE).await;
        world.lms.nrps_mode(NrpsMode::ByLink);
        refresh(&world, &teacher).await;
        let (organisation, registration) = (world.organisation, world.registration.id);
        let place = FoundCourse { id: teacher.seat.course.unwrap(), registration };
        let ada = PersonRef {
            lms_id: Some("6".to_owned()),
            ..PersonRef::default()
        };
        let found = boxed(async {
            let found = world.parts.store.read_one(async |tx| tx.find_member(organisation, Some(registration), place, &ada).await);
            found.await.unwrap()
        });
        assert!(matches!(found.await, Found::One(_)), "Ada is known by the id that her launches would carry");
        world.finish().await;
    }
}

/// Reads the roster as when staff asks for it; the page of people then.
async fn refresh(world: &World, teacher: &Tab) -> String {
    world.queue_roster(teacher.seat.course.unwrap()).await;
    world.drain_jobs().await;
    teacher.get("/people").await.body
}
