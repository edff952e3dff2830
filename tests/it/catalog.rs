//! What a read of the Factory's badges takes away, and what it must not.

use std::sync::Arc;

use badgebridge::catalog::ports::{Badges, ReadBadge, ReadError, Reader, Readers};
use badgebridge::catalog::refresh;
use badgebridge::clock::{Clock, SystemClock};
use badgebridge::model::OrganisationId;
use badgebridge::model::catalog::{BadgeMessage, BadgeValidity, CatalogBadge};
use futures_util::future::BoxFuture;

use crate::support::course_world::CourseWorld;
use crate::support::database::on_both_databases;

/// A Factory with these badges; not whole where a line could not be read.
#[derive(Clone)]
struct Shelf {
    badges: Vec<&'static str>,
    is_whole: bool,
}

impl Readers for Shelf {
    fn of(&self, _: OrganisationId) -> BoxFuture<'_, Result<Arc<dyn Reader>, ReadError>> {
        let reader: Arc<dyn Reader> = Arc::new(self.clone());
        Box::pin(async move { Ok(reader) })
    }
}

impl Reader for Shelf {
    fn badges(&self) -> BoxFuture<'_, Result<Box<dyn Badges>, ReadError>> {
        let badges: Box<dyn Badges> = Box::new(self.clone());
        Box::pin(async move { Ok(badges) })
    }
}

impl Badges for Shelf {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<ReadBadge>, ReadError>> {
        let read = self.badges.pop().map(|id| ReadBadge {
            badge: CatalogBadge {
                id: id.to_owned(),
                name: id.to_owned(),
                description: String::new(),
                draft: false,
                gone: false,
                language: None,
                validity: BadgeValidity::Endless,
                message: BadgeMessage::default(),
                picture: None,
                categories: Vec::new(),
                tags: Vec::new(),
                changed_at: None,
            },
            picture: None,
        });
        Box::pin(async move { Ok(read) })
    }

    fn is_whole(&self) -> bool {
        self.is_whole
    }
}

on_both_databases! {
    async fn a_line_that_cannot_be_read_takes_no_badge_away(database: Database) {
        let world = CourseWorld::start(&database).await;
        let (store, organisation) = (&world.store, world.organisation);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        for (is_whole, is_gone) in [(false, false), (true, true)] {
            let shelf = Shelf { badges: vec!["B-welcome"], is_whole };
            assert_eq!(refresh(store, &shelf, &clock, organisation, 64).await.unwrap().badges, 1);
            let known = store.read_one(async |tx| tx.catalog_badge(organisation, "B-safety").await).await.unwrap();
            assert_eq!(known.unwrap().gone, is_gone, "whole: {is_whole}");
        }
    }
}
