//! A connection that is removed takes along what was seen through it.

use badgebridge::model::connection::ConnectionKind;
use badgebridge::model::signal::Source;
use badgebridge::store::pull::PulledRow;
use badgebridge::store::{Durability, StoreError};

use super::{ADA, BIO, COURSE, world};
use crate::support::database::on_both_databases;

on_both_databases! {
    async fn what_was_seen_goes_with_the_connection_and_other_marks_stay(database: Database) {
        let world = world(&database).await;
        let ada = world.launch("ada", COURSE).await;
        let connection = world.connected(ConnectionKind::Moodle).await;
        let rule = world.when(&ada, "course-completed").await;
        world.lms.progress().complete(BIO, ADA, world.now());
        assert_eq!(world.plan().await, 1);
        world.advance(std::time::Duration::from_mins(12)).await;
        let (organisation, course) = (world.organisation, ada.seat.course.unwrap());
        let seen = async |source| {
            let read = world.parts.store.read(async |tx| tx.pulled(organisation, course, source).await);
            read.await.unwrap().len()
        };
        assert!(seen(Source::MoodleApi).await > 0);
        let mark = PulledRow {
            subject: ADA.to_owned(),
            item: format!("own-column:{rule}"),
            class: "score".to_owned(),
            digest: vec![1],
            at: world.now(),
        };
        let id = connection.id;
        let removed: Result<bool, StoreError> = world
            .parts
            .store
            .write(Durability::Full, async move |tx| {
                tx.see(organisation, course, Source::OwnColumn, &mark).await?;
                tx.remove_connection(organisation, id).await
            })
            .await;
        assert!(removed.unwrap());
        assert_eq!((seen(Source::MoodleApi).await, seen(Source::OwnColumn).await), (0, 1));
        // the next one begins anew, and gives nothing twice
        world.connected(ConnectionKind::Moodle).await;
        world.check(&ada).await;
        world.advance(std::time::Duration::from_mins(12)).await;
        assert!(seen(Source::MoodleApi).await > 0);
        assert_eq!(world.times_held(super::ADA_MAIL, badgebridge::sandbox::factory::BADGE_SAFETY), 1);
        world.over(&[rule]).await;
    }
}
