//! Progress and result of one request.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};
use futures_util::stream;

use super::fields::Fields;
use super::surroundings::Surroundings;
use super::{answer, badge, csv, who};
use crate::model::award::Face;
use crate::model::{CourseId, RequestId};
use crate::store::StoreError;
use crate::store::award_views::{AwardLine, RequestHead};
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::pages::order::{Counts, OrderLive, OrderPage, OrderRow, Progress};
use crate::web::pages::{Pager, Section};
use crate::web::visit::Visit;

/// Rows a page.
const ROWS: usize = 50;

/// The name of a request in an address.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Named {
    request: String,
}

impl Named {
    fn id(&self) -> Result<RequestId, WebError> {
        self.request.parse().map_err(|_| Refusal::NotFound.into())
    }
}

/// `GET /c/{seat}/orders/{request}`, also with `?live=0` and `?page=`.
#[tracing::instrument(name = "web.course.order", skip_all)]
pub(super) async fn order(
    deps: Data<Deps>,
    visit: Visit,
    path: Path<Named>,
    query: Fields,
) -> Result<HttpResponse, WebError> {
    let course = visit.sees_course()?;
    let around = Surroundings::with_flash(&deps, &visit, Some(Section::History), query.flash()).await?;
    let found = Found::read(&deps, &visit, course, path.id()?, query.number("page", 1)).await?;
    let known = deps
        .store
        .read_one(async |tx| tx.catalog_badge(visit.organisation(), &found.head.badge_id).await)
        .await?;
    let live = query.one("live") != "0";
    let head = &found.head;
    answer::page(&OrderPage {
        badge: badge::named(&visit, known.as_ref(), &head.badge_id, &head.badge_name),
        by: head.author.clone().unwrap_or_default(),
        at: head.created_at,
        reference: head.id.to_string(),
        live,
        progress: found.progress(&visit, &around, !live),
        frame: around.frame,
    })
}

/// `GET /c/{seat}/orders/{request}/live`: the changing part alone.
#[tracing::instrument(name = "web.course.order.live", skip_all)]
pub(super) async fn live(
    deps: Data<Deps>,
    visit: Visit,
    path: Path<Named>,
    query: Fields,
) -> Result<HttpResponse, WebError> {
    let course = visit.sees_course()?;
    let around = Surroundings::read(&deps, &visit, None).await?;
    let found = Found::read(&deps, &visit, course, path.id()?, query.number("page", 1)).await?;
    answer::part(&OrderLive {
        progress: found.progress(&visit, &around, false),
        frame: around.frame.clone(),
    })
}

/// `GET /c/{seat}/orders/{request}.csv`: all awards of the request.
#[tracing::instrument(name = "web.course.order.csv", skip_all)]
pub(super) async fn table(deps: Data<Deps>, visit: Visit, path: Path<Named>) -> Result<HttpResponse, WebError> {
    let (course, id) = (visit.exports()?, path.id()?);
    head(&deps, &visit, course, id).await?;
    let start = (deps, visit, 0_u32, true);
    let rows = stream::try_unfold(start, move |(deps, visit, offset, more)| async move {
        if !more {
            return Ok(None);
        }
        let organisation = visit.organisation();
        let lines = deps
            .store
            .read_one(async |tx| tx.request_lines(organisation, id, csv::STEP, offset).await)
            .await?;
        let mut text = if offset == 0 {
            super::history::csv_head(&visit)
        } else {
            String::new()
        };
        text.extend(lines.iter().map(|line| super::history::csv_row(&visit, line)));
        let more = lines.len() == usize::try_from(csv::STEP).unwrap_or(usize::MAX);
        Ok::<_, WebError>(Some((Bytes::from(text), (deps, visit, offset + csv::STEP, more))))
    });
    Ok(csv::answer("order.csv", rows))
}

async fn head(deps: &Deps, visit: &Visit, course: CourseId, id: RequestId) -> Result<RequestHead, WebError> {
    let head = deps
        .store
        .read_one(async |tx| tx.request_head(visit.organisation(), id).await)
        .await?;
    head.filter(|head| head.course == Some(course))
        .ok_or_else(|| Refusal::NotFound.into())
}

struct Found {
    head: RequestHead,
    counts: Counts,
    lines: Vec<AwardLine>,
    events: Vec<String>,
    pager: Pager,
    now: crate::clock::Timestamp,
}

impl Found {
    async fn read(deps: &Deps, visit: &Visit, course: CourseId, id: RequestId, page: usize) -> Result<Self, WebError> {
        let head = head(deps, visit, course, id).await?;
        let organisation = visit.organisation();
        let total = usize::try_from(head.made).unwrap_or(usize::MAX);
        let pager = Pager::of(total, ROWS, page);
        let offset = u32::try_from((pager.page - 1) * ROWS).unwrap_or(u32::MAX);
        let rows = u32::try_from(ROWS).unwrap_or(u32::MAX);
        let (faces, lines, events) = deps
            .store
            .read(async |tx| {
                let faces = tx.request_counts(organisation, id).await?;
                let lines = tx.request_lines(organisation, id, rows, offset).await?;
                let events = tx.request_events(organisation, course, id).await?;
                Ok::<_, StoreError>((faces, lines, events))
            })
            .await?;
        Ok(Self {
            counts: counts(&faces, usize::try_from(head.people).unwrap_or(usize::MAX)),
            head,
            lines,
            events,
            pager,
            now: deps.clock.now(),
        })
    }

    fn progress(&self, visit: &Visit, around: &Surroundings, stopped: bool) -> Progress {
        let is_away = around.queue.away_since.is_some() || around.queue.stopped_at.is_some();
        Progress {
            request: self.head.id.to_string(),
            badge_name: self.head.badge_name.clone(),
            counts: self.counts,
            seconds_left: self.seconds_left(),
            factory_away: is_away.then(|| around.factory.clone()),
            rows: self.lines.iter().map(|line| row(visit, line)).collect(),
            pager: self.pager,
            events: self.events.clone(),
            stopped,
        }
    }

    /// By the speed so far; nothing in the first three seconds, and nothing before something was sent.
    fn seconds_left(&self) -> Option<u64> {
        let passed = self.now.since(self.head.created_at).as_secs();
        let sent = u64::try_from(self.counts.sent).unwrap_or(u64::MAX);
        let left = u64::try_from(self.counts.going().saturating_sub(self.counts.sent)).unwrap_or(0);
        (passed >= 3 && sent > 0 && left > 0).then(|| (left * passed).div_ceil(sent))
    }
}

fn counts(faces: &[(Face, u64)], total: usize) -> Counts {
    let mut counts = Counts {
        total,
        ..Counts::default()
    };
    for (face, n) in faces {
        let n = usize::try_from(*n).unwrap_or(0);
        match face {
            Face::Sent | Face::Revoking | Face::Revoked => counts.sent += n,
            Face::NoEmail | Face::Waiting | Face::Breaker | Face::Unreleased | Face::Parked => counts.held += n,
            Face::Failed => counts.failed += n,
            Face::Withdrawn => counts.withdrawn += n,
            Face::Queued | Face::Sending | Face::Checking => {}
        }
    }
    counts
}

fn row(visit: &Visit, line: &AwardLine) -> OrderRow {
    let at = match line.face {
        Face::Queued | Face::Sending | Face::Checking => None,
        _ => line.revoked_at.or(line.issued_at),
    };
    let is_here = line.course == visit.seat.course;
    OrderRow {
        award: is_here.then(|| line.id.to_string()),
        person: who::name(visit, line),
        word: who::word(line),
        reason: line.reason.clone().filter(|_| is_here).unwrap_or_default(),
        at,
    }
}
