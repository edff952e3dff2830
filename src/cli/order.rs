//! `order`: what is not settled, and what a person decides about it.

use anyhow::{bail, ensure};
use clap::Subcommand;
use serde::Serialize;
use serde_json::json;

use super::organisation::named;
use super::{Shell, change, output};
use crate::app::Parts;
use crate::awards::issue;
use crate::clock::Timestamp;
use crate::model::order::{OrderState, Timing};
use crate::model::{OrderId, Organisation, RequestId};
use crate::store::attempt::Attempt;
use crate::store::order_views::OrderView;
use crate::store::{Durability, Store, StoreError};

#[derive(Debug, Subcommand)]
pub(super) enum Order {
    /// Orders that are not settled: waiting, unsure, refused, parked
    List {
        /// Only this organisation's
        #[arg(long)]
        organisation: Option<String>,
    },
    /// One order with its tries
    Show {
        /// Its id
        id: OrderId,
    },
    /// Try a refused or parked order again
    Retry {
        /// Its id
        id: OrderId,
    },
    /// Give a refused or parked order up: its awards are withdrawn
    GiveUp {
        /// Its id
        id: OrderId,
    },
    /// Go on with a request whose awards were not all made because the work was given up; `doctor` names it
    Resume {
        /// Its id
        request: RequestId,
    },
    /// Revoke an event that the Factory made beside the one that was asked for; `doctor` names it
    RevokeExtra {
        /// The Factory's id of the event
        event: String,
    },
}

#[derive(Serialize)]
struct Listed {
    id: String,
    organisation: String,
    badge: String,
    people: i64,
    state: &'static str,
    made: Timestamp,
    age: String,
    sendings: i64,
    reason: Option<String>,
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    order: Listed,
    event: Option<String>,
    changed: Timestamp,
    next: Option<Timestamp>,
    attempts: Vec<Tried>,
}

#[derive(Serialize)]
struct Tried {
    at: Timestamp,
    age: String,
    kind: &'static str,
    by: &'static str,
    duration_ms: i64,
    status: Option<u16>,
    verdict: String,
    reply: Option<String>,
}

pub(super) async fn run(shell: &Shell, command: Order) -> anyhow::Result<()> {
    match command {
        Order::List { organisation } => list(shell, organisation.as_deref()).await,
        Order::Show { id } => show(shell, id).await,
        Order::Retry { id } => retry(shell, id).await,
        Order::GiveUp { id } => give_up(shell, id).await,
        Order::Resume { request } => resume(shell, request).await,
        Order::RevokeExtra { event } => revoke_extra(shell, event).await,
    }
}

async fn list(shell: &Shell, only: Option<&str>) -> anyhow::Result<()> {
    let store = shell.store().await?;
    let organisations = match only {
        Some(name) => vec![named(&store, name).await?],
        None => store.read_one(async |tx| tx.organisations().await).await?,
    };
    let now = store.now().await?;
    let mut rows = Vec::new();
    for organisation in &organisations {
        let orders = store.read_one(async |tx| tx.open_orders(organisation.id).await).await?;
        rows.extend(orders.into_iter().map(|order| listed(organisation, order, now)));
    }
    let head = ["ID", "ORGANISATION", "BADGE", "PEOPLE", "STATE", "AGE", "REASON"];
    output::list(shell.json, &head, &rows, |row| {
        vec![
            row.id.clone(),
            row.organisation.clone(),
            row.badge.clone(),
            row.people.to_string(),
            row.state.to_owned(),
            row.age.clone(),
            output::or_dash(row.reason.as_deref()),
        ]
    })
}

fn listed(organisation: &Organisation, order: OrderView, now: Timestamp) -> Listed {
    Listed {
        id: order.id.to_string(),
        organisation: organisation.name.clone(),
        badge: order.badge,
        people: order.people,
        state: order.state.word(),
        made: order.created_at,
        age: output::age(now, order.created_at),
        sendings: order.sendings,
        reason: order.reason,
    }
}

async fn show(shell: &Shell, id: OrderId) -> anyhow::Result<()> {
    let store = shell.store().await?;
    let (organisation, order) = find(&store, id).await?;
    let now = store.now().await?;
    let attempts = store
        .read_one(async |tx| tx.attempts(organisation.id, id).await)
        .await?;
    let (event, changed, next) = (order.event.clone(), order.updated_at, order.next_at);
    let shown = Shown {
        order: listed(&organisation, order, now),
        event,
        changed,
        next,
        attempts: attempts.into_iter().map(|attempt| tried(attempt, now)).collect(),
    };
    if shell.json {
        return output::one(true, &shown, "");
    }
    let order = &shown.order;
    println!("order         {}", order.id);
    println!("organisation  {}", order.organisation);
    println!("badge         {}", order.badge);
    println!("people        {}", order.people);
    println!(
        "state         {}, made {} ago, sent {} times",
        order.state, order.age, order.sendings
    );
    println!("reason        {}", output::or_dash(order.reason.as_deref()));
    println!("event         {}\n", output::or_dash(shown.event.as_deref()));
    output::list(
        false,
        &["AGO", "WHAT", "BY", "MS", "STATUS", "VERDICT"],
        &shown.attempts,
        |row| {
            vec![
                row.age.clone(),
                row.kind.to_owned(),
                row.by.to_owned(),
                row.duration_ms.to_string(),
                row.status.map_or_else(|| "-".to_owned(), |status| status.to_string()),
                row.verdict.clone(),
            ]
        },
    )
}

fn tried(attempt: Attempt, now: Timestamp) -> Tried {
    Tried {
        at: attempt.started_at,
        age: output::age(now, attempt.started_at),
        kind: attempt.kind.word(),
        by: if attempt.by_person { "person" } else { "worker" },
        duration_ms: attempt.duration_ms,
        status: attempt.status,
        verdict: attempt.verdict,
        reply: attempt.reply,
    }
}

async fn retry(shell: &Shell, id: OrderId) -> anyhow::Result<()> {
    let parts = shell.parts().await?;
    let (organisation, order) = find(&parts.store, id).await?;
    may_decide(&order, "tried again")?;
    let timing = Timing {
        looks: parts.config.settle.looks.clone(),
        ..Timing::default()
    };
    let state = issue::retry(&parts.store, organisation.id, id, &timing).await?;
    let sentence = match state {
        Some(OrderState::Unsure) => format!("order {id} is looked for at the Factory once more, then sent again"),
        Some(OrderState::Withdrawn) => format!("order {id} has nobody left to send to, and is closed"),
        _ => format!("order {id} waits to be sent"),
    };
    decided(shell, &parts, &organisation, id, "order.retry", state, &sentence).await
}

async fn give_up(shell: &Shell, id: OrderId) -> anyhow::Result<()> {
    let parts = shell.parts().await?;
    let (organisation, order) = find(&parts.store, id).await?;
    may_decide(&order, "given up")?;
    let state = issue::give_up(&parts.store, organisation.id, id).await?;
    let sentence = format!("order {id} is given up; its awards are withdrawn");
    decided(shell, &parts, &organisation, id, "order.give-up", state, &sentence).await
}

async fn resume(shell: &Shell, request: RequestId) -> anyhow::Result<()> {
    let store = shell.store().await?;
    let organisations = store.read_one(async |tx| tx.organisations().await).await?;
    for organisation in organisations {
        if issue::resume(&store, organisation.id, request).await? {
            store
                .write(Durability::Full, async move |tx| {
                    change::record(tx, Some(organisation.id), "order.resume", request, json!({})).await
                })
                .await?;
            let sentence = format!("the running server makes the rest of request {request}");
            return output::one(shell.json, &json!({ "request": request }), &sentence);
        }
    }
    bail!("there is no request {request} whose awards are not all made")
}

async fn revoke_extra(shell: &Shell, event: String) -> anyhow::Result<()> {
    let store = shell.store().await?;
    let organisations = store.read_one(async |tx| tx.organisations().await).await?;
    for organisation in organisations {
        if issue::revoke_extra(&store, organisation.id, event.clone(), None).await? {
            let sentence = format!("event {event} is revoked by the running server; `doctor` tells when it could not");
            return output::one(shell.json, &json!({ "event": event }), &sentence);
        }
    }
    bail!("no open problem names event {event}: an order's own event is revoked from the course's history")
}

/// Only what the program has ended is a person's to decide: else a badge could be issued twice.
fn may_decide(order: &OrderView, what: &str) -> anyhow::Result<()> {
    let why = match order.state {
        OrderState::Refused | OrderState::Parked => return Ok(()),
        OrderState::Ready | OrderState::Sending => "it waits or is being sent",
        OrderState::Unsure => "the Factory is being asked whether it was carried out",
        OrderState::Issued => "it was issued; an award is revoked from the course's history",
        OrderState::Withdrawn => "it is closed",
    };
    bail!(
        "order {} is {}: {why}. Only refused or parked orders can be {what}",
        order.id,
        order.state
    )
}

async fn decided(
    shell: &Shell,
    parts: &Parts,
    organisation: &Organisation,
    id: OrderId,
    action: &'static str,
    state: Option<OrderState>,
    sentence: &str,
) -> anyhow::Result<()> {
    ensure!(state.is_some(), "order {id} is gone");
    let owner = organisation.id;
    let state = state.map(OrderState::word);
    parts
        .store
        .write(Durability::Full, async move |tx| {
            let now = tx.now().await?;
            tx.wake_queue(owner, now).await?;
            change::record(tx, Some(owner), action, id, json!({ "state": state })).await
        })
        .await?;
    output::one(shell.json, &json!({ "id": id, "state": state }), sentence)
}

/// The order, whichever organisation it belongs to.
async fn find(store: &Store, id: OrderId) -> anyhow::Result<(Organisation, OrderView)> {
    let found = store
        .read(async |tx| {
            for organisation in tx.organisations().await? {
                if let Some(order) = tx.order_view(organisation.id, id).await? {
                    return Ok::<_, StoreError>(Some((organisation, order)));
                }
            }
            Ok(None)
        })
        .await?;
    match found {
        Some(found) => Ok(found),
        None => bail!("there is no order {id}; `order list` shows those that are not settled"),
    }
}
