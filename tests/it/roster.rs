//! Reading a roster that does not come to its end.

use std::sync::Arc;
use std::time::Duration;

use badgebridge::jobs::kinds::{RosterFailure, RosterReader};
use badgebridge::lti::nrps::Limits;
use badgebridge::lti::service_token::ServiceTokens;
use badgebridge::sandbox::lms::NrpsMode;

use crate::support::database::on_both_databases;
use crate::support::world::World;

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
            Arc::clone(&parts.identity.signing_key),
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
}
