//! Feeds of the whole organisation: listed, and each with its last deliveries, errors and a test. Commands make them.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};

use crate::model::FeedId;
use crate::model::feed::Feed;
use crate::store::StoreError;
use crate::store::given::ParkedScope;
use crate::web::course::{answer, feed_page};
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::operator::session::Admin;
use crate::web::pages::Room;
use crate::web::pages::feeds::FeedsPage;

/// Signals that are counted as waiting.
const MOST: i64 = 100;

/// `GET /admin/feeds`
#[tracing::instrument(name = "web.admin.feeds", skip_all)]
pub(super) async fn list(deps: Data<Deps>, admin: Admin) -> Result<HttpResponse, WebError> {
    let organisation = admin.organisation;
    let scope = ParkedScope {
        registration: None,
        course: None,
    };
    let (feeds, waiting) = deps
        .store
        .read(async |tx| {
            let mut lines = Vec::new();
            for feed in tx.feeds_everywhere().await? {
                if feed.organisation == organisation {
                    let count = tx.feed_count(organisation, feed.id).await?;
                    lines.push(feed_page::line(&feed, count));
                }
            }
            let waiting = tx.parked_signals(organisation, scope, MOST).await?;
            Ok::<_, StoreError>((lines, waiting.len()))
        })
        .await?;
    answer::page(&FeedsPage {
        frame: admin.frame(Some(Room::Lms)),
        administers: true,
        feeds,
        waiting,
    })
}

/// `GET /admin/feeds/{feed}`
#[tracing::instrument(name = "web.admin.feed", skip_all)]
pub(super) async fn show(deps: Data<Deps>, admin: Admin, path: Path<String>) -> Result<HttpResponse, WebError> {
    let feed = find(&deps, &admin, &path).await?;
    feed_page::show(&deps, admin.frame(Some(Room::Lms)), &feed).await
}

/// `POST /admin/feeds/{feed}`: reads a body as if the sender had sent it; nothing is stored.
#[tracing::instrument(name = "web.admin.feed.test", skip_all)]
pub(super) async fn test(
    deps: Data<Deps>,
    admin: Admin,
    path: Path<String>,
    body: Bytes,
) -> Result<HttpResponse, WebError> {
    let fields = admin.form(&body)?;
    let feed = find(&deps, &admin, &path).await?;
    feed_page::test(&deps, admin.frame(Some(Room::Lms)), &feed, fields.one("body")).await
}

async fn find(deps: &Deps, admin: &Admin, named: &str) -> Result<Feed, WebError> {
    let (organisation, id): (_, FeedId) = (admin.organisation, named.parse().map_err(|_| Refusal::NotFound)?);
    let found = deps
        .store
        .read_one(async move |tx| tx.feed(organisation, id).await)
        .await?;
    found.ok_or_else(|| Refusal::NotFound.into())
}
