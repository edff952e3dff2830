//! The page of one feed, wherever it stands: what it has seen, its last deliveries and errors, and a test that stores
//! nothing.

use actix_web::HttpResponse;

use super::answer;
use crate::clock::Timestamp;
use crate::crypto::random;
use crate::jobs::kinds::decision;
use crate::model::SignalId;
use crate::model::feed::{Feed, FeedCount, FeedKind};
use crate::model::matching::Decision;
use crate::store::StoreError;
use crate::store::signal::StoredSignal;
use crate::web::deps::Deps;
use crate::web::error::WebError;
use crate::web::feeds::read_unproven;
use crate::web::pages::feeds::{FeedLine, FeedPage, Kept, LatestSignal, Tried, TriedFound, TriedSignal};
use crate::web::pages::{Frame, Mistake, Mistakes};

/// Signals that a feed's page counts, the newest ones: the text says so.
const NEWEST: i64 = 10_000;
/// Signals that it lists.
const LISTED: i64 = 20;

/// The page, with a body to begin with.
pub(in crate::web) async fn show(deps: &Deps, frame: Frame, feed: &Feed) -> Result<HttpResponse, WebError> {
    let body = sample(feed.kind, deps.clock.now());
    page(deps, frame, feed, body, None, Mistakes::none()).await
}

/// The page with what this body would bring, if it came in.
pub(in crate::web) async fn test(deps: &Deps, frame: Frame, feed: &Feed, body: &str) -> Result<HttpResponse, WebError> {
    let (text, now) = (body.to_owned(), deps.clock.now());
    let delivery = match read_unproven(feed.kind, text.as_bytes(), now) {
        Ok(delivery) => delivery,
        Err(unreadable) => {
            let place = unreadable.to_string();
            let mistakes = Mistakes::one("body", Mistake::FeedBody { place });
            return page(deps, frame, feed, text, None, mistakes).await;
        }
    };
    let mut signals = Vec::new();
    for signal in delivery.events.into_iter().flat_map(|event| event.signals) {
        let (kind, item) = (signal.kind, signal.item.to_string());
        let stored = StoredSignal {
            id: SignalId::new(random::id_at(now)),
            organisation: feed.organisation,
            feed: Some(feed.id),
            registration: feed.registration,
            course: feed.course,
            signal,
            waits: false,
        };
        let found = deps.store.read(async |tx| decision(tx, &stored).await).await?;
        signals.push(TriedSignal {
            kind,
            item,
            found: match found {
                Decision::Matched(..) | Decision::Everybody(_) => TriedFound::Taken,
                Decision::Parked(why, _) => TriedFound::Waits(why),
                Decision::Dropped(why) => TriedFound::Dropped(why),
            },
        });
    }
    let tried = Tried {
        signals,
        ignored: delivery.ignored,
    };
    page(deps, frame, feed, text, Some(tried), Mistakes::none()).await
}

async fn page(
    deps: &Deps,
    frame: Frame,
    feed: &Feed,
    body: String,
    tried: Option<Tried>,
    mistakes: Mistakes,
) -> Result<HttpResponse, WebError> {
    let (organisation, id) = (feed.organisation, feed.id);
    let (count, states, latest) = deps
        .store
        .read(async |tx| {
            Ok::<_, StoreError>((
                tx.feed_count(organisation, id).await?,
                tx.newest_signal_counts(organisation, id, NEWEST).await?,
                tx.newest_signals(organisation, id, LISTED).await?,
            ))
        })
        .await?;
    let of = |state: &str| {
        states
            .iter()
            .filter(|row| row.state == state)
            .map(|row| row.count)
            .sum()
    };
    answer::page(&FeedPage {
        frame,
        address: deps.public_url.join(&format!("/feeds/{id}/{}", feed.kind)),
        has_key: feed.address_key.is_some(),
        rotated: feed.rotated_at,
        refused_at: count.refused_at,
        repeated: number(count.repeated),
        ignored: number(count.ignored),
        limited: number(count.limited),
        dropped: number(count.dropped),
        kept: Kept {
            new: number(of("stored")),
            matched: number(of("matched")),
            waiting: number(of("parked")),
            dropped: number(of("dropped")),
        },
        latest: latest
            .into_iter()
            .map(|row| LatestSignal {
                at: row.received_at,
                kind: row.kind,
                item: row.item,
                state: row.state,
                reason: row.reason.unwrap_or_default(),
            })
            .collect(),
        line: line(feed, count),
        body,
        tried,
        mistakes,
    })
}

/// A feed in a list.
pub(in crate::web) fn line(feed: &Feed, count: FeedCount) -> FeedLine {
    FeedLine {
        id: feed.id.to_string(),
        name: feed.name.clone(),
        kind: feed.kind.word(),
        enabled: feed.enabled,
        accepted: number(count.accepted),
        refused: number(count.refused),
        unreadable: number(count.unreadable),
        last: count.accepted_at,
        error: count.error,
    }
}

fn number(count: i64) -> usize {
    usize::try_from(count).unwrap_or(0)
}

/// A body to begin with, as a sender of this kind would send it.
fn sample(kind: FeedKind, now: Timestamp) -> String {
    match kind {
        FeedKind::Webhook => r#"{"type": "course.completed",
 "data": {"context": {"lti_context_id": "…"}, "user": {"lti_sub": "…"}}}"#
            .to_owned(),
        FeedKind::Canvas => r#"{"metadata": {"event_name": "course_completed", "event_time": "2026-01-01T00:00:00Z"},
 "body": {"course": {"id": "…"}, "user": {"id": "…"},
  "progress": {"completed_at": "2026-01-01T00:00:00Z"}}}"#
            .to_owned(),
        FeedKind::Moodle => format!(
            r#"[{{"eventname": "\\core\\event\\course_completed", "courseid": "…",
  "relateduserid": "…", "timecreated": {}}}]"#,
            now.seconds()
        ),
    }
}
