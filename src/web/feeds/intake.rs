//! One request of a sender: found, proven, read, stored, and only then answered.

use actix_web::http::{StatusCode, header};
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use super::answer::Answer;
use super::book::OpenFeed;
use super::proof::{self, Sent};
use crate::clock::Timestamp;
use crate::crypto::{digest, random};
use crate::model::SignalId;
use crate::model::feed::Feed;
use crate::signals::Delivery;
use crate::store::StoreError;
use crate::store::signal::NewSignal;
use crate::web::deps::Deps;

/// Signals that one transaction stores.
const STEP: usize = 100;

/// `POST /feeds/{id}/{kind}`.
#[tracing::instrument(name = "web.feed", skip_all, fields(feed.id = %path.0))]
pub(super) async fn take(
    deps: Data<Deps>,
    path: Path<(String, String)>,
    request: HttpRequest,
    body: Result<Bytes, actix_web::Error>,
) -> HttpResponse {
    let (id, kind) = path.into_inner();
    answer(&deps, &request, body, &id, &kind, None).await.into()
}

/// `POST /feeds/{id}/k/{key}/{kind}`. The key stands in no log: spans name the route's pattern.
#[tracing::instrument(name = "web.feed", skip_all, fields(feed.id = %path.0))]
pub(super) async fn take_keyed(
    deps: Data<Deps>,
    path: Path<(String, String, String)>,
    request: HttpRequest,
    body: Result<Bytes, actix_web::Error>,
) -> HttpResponse {
    let (id, key, kind) = path.into_inner();
    answer(&deps, &request, body, &id, &kind, Some(&key)).await.into()
}

async fn answer(
    deps: &Deps,
    request: &HttpRequest,
    body: Result<Bytes, actix_web::Error>,
    id: &str,
    kind: &str,
    key: Option<&str>,
) -> Answer {
    let found = id.parse().ok().and_then(|id| deps.feeds.find(id));
    let Some(feed) = found.filter(|feed| feed.feed.kind.word() == kind) else {
        return Answer::Unknown;
    };
    let now = deps.clock.now();
    let given = match given(&feed.feed, request, body, key) {
        Ok(body) => delivered(deps, &feed, request, &body, key.is_some(), now).await,
        Err(answer) => answer,
    };
    count(deps, &feed.feed, &given, now);
    given
}

/// The body, if the request is one that this feed looks at.
fn given(
    feed: &Feed,
    request: &HttpRequest,
    body: Result<Bytes, actix_web::Error>,
    key: Option<&str>,
) -> Result<Bytes, Answer> {
    match (key, &feed.address_key) {
        (None, _) => {}
        (Some(_), None) => return Err(Answer::Unknown),
        (Some(key), Some(known)) if digest::same(&digest::sha256(key.as_bytes()), known) => {}
        (Some(_), Some(_)) => return Err(Answer::Refused("the key in the address does not fit")),
    }
    if !feed.enabled {
        return Err(Answer::Off);
    }
    let content_type = request.headers().get(header::CONTENT_TYPE);
    if !proof::is_readable(feed.kind, content_type.and_then(|value| value.to_str().ok())) {
        return Err(Answer::Type);
    }
    body.map_err(|error| match error.as_response_error().status_code() {
        StatusCode::PAYLOAD_TOO_LARGE => Answer::TooLarge,
        _ => Answer::Broken,
    })
}

async fn delivered(
    deps: &Deps,
    feed: &OpenFeed,
    request: &HttpRequest,
    body: &[u8],
    has_key: bool,
    now: Timestamp,
) -> Answer {
    let sent = Sent {
        request,
        body,
        has_key,
        now,
    };
    let delivery = match proof::delivery(deps, feed, &sent).await {
        Ok(delivery) => delivery,
        Err(answer) => return answer,
    };
    // after the proof: who cannot prove itself does not use up the sender's share
    if !feed.admits() {
        return Answer::Limited;
    }
    match store(deps, feed, &delivery, now).await {
        Ok(answer) => answer,
        Err(
            StoreError::Busy
            | StoreError::TooLong
            | StoreError::NotCommitted(_)
            | StoreError::Full(_)
            | StoreError::Conflict(_)
            | StoreError::Stopped,
        ) => Answer::Busy,
        Err(error) => {
            tracing::error!(feed.id = %feed.feed.id, error = ?error, "a signal was not stored");
            Answer::Failed
        }
    }
}

/// Stores what a delivery says; answers after the COMMIT.
async fn store(deps: &Deps, feed: &OpenFeed, delivery: &Delivery, now: Timestamp) -> Result<Answer, StoreError> {
    let mut rows = rows(feed, delivery, now);
    let mut accepted = 0;
    let all = rows.len();
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(STEP));
        accepted += deps.feeds.store(&deps.store, rows).await?;
        rows = rest;
    }
    if accepted > 0 {
        deps.feeds.tell(feed.feed.organisation);
    }
    Ok(Answer::Taken {
        accepted,
        repeated: all - accepted,
        ignored: delivery.ignored,
    })
}

/// A row for each signal; the event itself is kept with its first one.
fn rows(feed: &OpenFeed, delivery: &Delivery, now: Timestamp) -> Vec<NewSignal> {
    let mut rows = Vec::new();
    for event in &delivery.events {
        for (position, signal) in (0_u16..).zip(&event.signals) {
            let id = SignalId::new(random::id_at(now));
            rows.push(NewSignal {
                id,
                organisation: feed.feed.organisation,
                feed: Some(feed.feed.id),
                registration: feed.feed.registration,
                course: feed.feed.course,
                position,
                signal: signal.clone(),
                raw: (position == 0).then(|| feed.seal(id, &event.raw)),
            });
        }
    }
    rows
}

fn count(deps: &Deps, feed: &Feed, answer: &Answer, now: Timestamp) {
    let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    deps.feeds.count(feed, |count| match answer {
        Answer::Taken {
            accepted,
            repeated,
            ignored,
        } => {
            count.accepted += number(*accepted);
            count.repeated += number(*repeated);
            count.ignored += number(*ignored);
            if *accepted > 0 {
                count.accepted_at = Some(now);
            }
        }
        Answer::Refused(_) => {
            count.refused += 1;
            count.refused_at = Some(now);
        }
        Answer::Unreadable(place) => {
            count.unreadable += 1;
            count.error = Some((place.to_string(), now));
        }
        Answer::Type | Answer::TooLarge | Answer::Broken => count.unreadable += 1,
        Answer::Limited => count.limited += 1,
        Answer::Unknown | Answer::Off | Answer::Busy | Answer::Failed => {}
    });
}
