//! Orders that are not settled, with their tries; a person decides about refused and parked ones.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};
use serde_json::json;

use crate::awards::issue;
use crate::model::OrderId;
use crate::model::order::{OrderState, Timing};
use crate::store::attempt::{Attempt, AttemptKind};
use crate::store::order::StepError;
use crate::store::order_views::OrderView;
use crate::store::{Durability, StoreError};
use crate::web::course::answer;
use crate::web::course::fields::Fields;
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::operator::session::Admin;
use crate::web::pages::admin::queue::{OrderPage, OrderRow, QueuePage, Tab, TriedRow};
use crate::web::pages::{Flash, Frame, Room};

/// `GET /admin/queue`
#[tracing::instrument(name = "web.admin.queue", skip_all)]
pub(super) async fn list(deps: Data<Deps>, admin: Admin, query: Fields) -> Result<HttpResponse, WebError> {
    let frame = Frame {
        flash: query.flash(),
        ..admin.frame(Some(Room::Queue))
    };
    page(&deps, &admin, frame, Tab::parse(query.one("show")), false).await
}

/// `POST /admin/queue`: `do` is `retry` or `give-up`, for every `order`.
#[tracing::instrument(name = "web.admin.queue.decide", skip_all)]
pub(super) async fn decide(deps: Data<Deps>, admin: Admin, body: Bytes) -> Result<HttpResponse, WebError> {
    let fields = admin.form(&body)?;
    let is_retry = match fields.one("do") {
        "retry" => true,
        "give-up" => false,
        _ => return Err(Refusal::Unreadable { too_large: false }.into()),
    };
    let mut ids = Vec::new();
    for text in fields.all("order") {
        ids.push(text.parse::<OrderId>().map_err(|_| Refusal::NotFound)?);
    }
    let (mut done, mut refused) = (0, 0);
    for id in ids {
        match step(&deps, &admin, id, is_retry).await? {
            Some(state) => {
                done += 1;
                note(&deps, &admin, id, is_retry, state).await?;
            }
            None => refused += 1,
        }
    }
    deps.worker.wake();
    if done == 0 || refused > 0 {
        let frame = admin.frame(Some(Room::Queue));
        return page(&deps, &admin, frame, None, true).await;
    }
    let flash = if is_retry { Flash::Retried } else { Flash::GivenUp };
    Ok(answer::see_other_with("/admin/queue", &flash))
}

/// Takes one step; absent: the order does not wait for a person. One that is not there is not found.
async fn step(deps: &Deps, admin: &Admin, id: OrderId, is_retry: bool) -> Result<Option<OrderState>, WebError> {
    let organisation = admin.organisation;
    let outcome = if is_retry {
        let timing = Timing {
            looks: deps.config.settle.looks.clone(),
            ..Timing::default()
        };
        issue::retry(&deps.store, organisation, id, &timing).await
    } else {
        issue::give_up(&deps.store, organisation, id).await
    };
    match outcome {
        Ok(Some(state)) => Ok(Some(state)),
        Ok(None) => Err(Refusal::NotFound.into()),
        Err(StepError::Impossible(_) | StepError::Changed) => Ok(None),
        Err(StepError::Store(error)) => Err(error.into()),
    }
}

async fn note(deps: &Deps, admin: &Admin, id: OrderId, is_retry: bool, state: OrderState) -> Result<(), StoreError> {
    let action = if is_retry { "order.retry" } else { "order.give-up" };
    let entry = admin.entry(action, &id, json!({ "state": state.word() }));
    let owner = admin.organisation;
    deps.store
        .write(Durability::Full, async move |tx| {
            let now = tx.now().await?;
            tx.wake_queue(owner, now).await?;
            tx.add_audit(&entry, now).await
        })
        .await
}

/// `GET /admin/queue/{order}`
#[tracing::instrument(name = "web.admin.order", skip_all)]
pub(super) async fn show(deps: Data<Deps>, admin: Admin, path: Path<String>) -> Result<HttpResponse, WebError> {
    let id: OrderId = path.parse().map_err(|_| Refusal::NotFound)?;
    let organisation = admin.organisation;
    let (view, attempts) = deps
        .store
        .read(async |tx| {
            Ok::<_, StoreError>((
                tx.order_view(organisation, id).await?,
                tx.attempts(organisation, id).await?,
            ))
        })
        .await?;
    let view = view.ok_or(Refusal::NotFound)?;
    answer::page(&OrderPage {
        frame: admin.frame(Some(Room::Queue)),
        row: row(view),
        attempts: attempts.into_iter().map(tried).collect(),
    })
}

async fn page(
    deps: &Deps,
    admin: &Admin,
    frame: Frame,
    tab: Option<Tab>,
    is_refused: bool,
) -> Result<HttpResponse, WebError> {
    let organisation = admin.organisation;
    let orders = deps
        .store
        .read_one(async move |tx| tx.open_orders(organisation).await)
        .await?;
    let count = |tab| orders.iter().filter(|order| Tab::of(order.state) == tab).count();
    let counts = Tab::ALL.map(count);
    let first = Tab::ALL
        .into_iter()
        .zip(counts)
        .find_map(|(tab, count)| (count > 0).then_some(tab));
    let tab = tab.or(first).unwrap_or_default();
    answer::page(&QueuePage {
        frame,
        tab,
        counts,
        rows: orders
            .into_iter()
            .filter(|order| Tab::of(order.state) == tab)
            .take(100)
            .map(row)
            .collect(),
        is_refused,
    })
}

fn row(view: OrderView) -> OrderRow {
    OrderRow {
        id: view.id.to_string(),
        badge: view.badge,
        state: view.state,
        people: usize::try_from(view.people).unwrap_or_default(),
        since: view.created_at,
        sendings: usize::try_from(view.sendings).unwrap_or_default(),
        reason: view.reason.unwrap_or_default(),
        next: view.next_at,
        event: view.event.unwrap_or_default(),
    }
}

fn tried(attempt: Attempt) -> TriedRow {
    TriedRow {
        at: attempt.started_at,
        what: match attempt.kind {
            AttemptKind::Send => "attempt-send",
            AttemptKind::Look => "attempt-look",
            _ => "attempt-other",
        },
        by_person: attempt.by_person,
        took: usize::try_from(attempt.duration_ms).unwrap_or_default(),
        status: attempt.status,
        verdict: attempt.verdict,
        reply: attempt.reply.unwrap_or_default(),
    }
}
