//! What people ask for: issue, release, take back, retry, give up.

use crate::awards::marker::{AwardTerms, Marker};
use crate::clock::Timestamp;
use crate::crypto::random;
use crate::model::award::{AwardState, Hold, Intent};
use crate::model::order::{OrderState, Timing};
use crate::model::request::{NewRequest, Outcome, Person, by_hand};
use crate::model::{Address, AwardId, MemberId, OrderId, OrganisationId, RequestId};
use crate::store::attempt::{Attempt, AttemptKind};
use crate::store::audit::AuditEntry;
use crate::store::award::NewAward;
use crate::store::evaluation::Replaced;
use crate::store::extra::Revocation;
use crate::store::job::NewJob;
use crate::store::order::{NewOrder, StepError};
use crate::store::request::Request;
use crate::store::{Durability, Store, StoreError, Tx};

/// People in one request at most.
pub const MOST_PEOPLE: usize = 2_500;

/// People in one order at most: the Factory revokes as many addresses in one call.
pub const MOST_RECIPIENTS: usize = 50;

/// What became of a press of *Issue*.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The stored request.
    pub id: RequestId,
    /// Whether this press stored it; else it was there under the same form key.
    pub first: bool,
}

/// Why a request was not stored.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// Nobody to issue to.
    #[error("the request names nobody")]
    Nobody,
    /// More than [`MOST_PEOPLE`].
    #[error("the request names {0} people, at most {MOST_PEOPLE} are allowed")]
    TooMany(usize),
    /// Someone is neither a member nor an address; counted from 0.
    #[error("person {0} of the request is neither a member nor an address")]
    Unnamed(usize),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Stores a request durably, together with the job that makes its awards. The same form key is the same request; pressed
/// again, what of it is not made yet is gone on with.
/// The caller wakes the worker afterwards.
pub async fn place(store: &Store, new: NewRequest) -> Result<Placed, PlaceError> {
    if new.people.is_empty() {
        return Err(PlaceError::Nobody);
    }
    if new.people.len() > MOST_PEOPLE {
        return Err(PlaceError::TooMany(new.people.len()));
    }
    if let Some(at) = new.people.iter().position(|person| person.recipient().is_none()) {
        return Err(PlaceError::Unnamed(at));
    }
    let organisation = new.organisation;
    let (id, first) = store
        .write(Durability::Full, async move |tx| {
            let (id, first) = tx.add_request(&new).await?;
            if first {
                let now = tx.now().await?;
                tx.enqueue(&NewJob::make_awards(new.organisation, id, now), now).await?;
            }
            Ok::<_, StoreError>((id, first))
        })
        .await?;
    if !first {
        resume(store, organisation, id).await?;
    }
    Ok(Placed { id, first })
}

/// Queues the making of a request's awards again where it ended half way: a job that was given up left people without
/// an award. `false` if there is no such request, or all of it is made. One that still waits comes sooner. The caller
/// wakes the worker afterwards.
pub async fn resume(store: &Store, organisation: OrganisationId, request: RequestId) -> Result<bool, StoreError> {
    let head = store
        .read_one(async |tx| tx.request_head(organisation, request).await)
        .await?;
    if head.is_none_or(|head| head.made >= head.people) {
        return Ok(false);
    }
    store
        .write(Durability::Full, async move |tx| {
            let now = tx.now().await?;
            tx.enqueue(&NewJob::make_awards(organisation, request, now), now)
                .await?;
            Ok::<_, StoreError>(true)
        })
        .await
}

/// Makes a request's awards and orders, `batch` people to an order, each order in a transaction of its own. May be
/// repeated, and killed at any instruction: it goes on where the last transaction ended.
pub async fn make_awards(
    store: &Store,
    marker: &std::sync::Arc<Marker>,
    organisation: OrganisationId,
    id: RequestId,
    batch: usize,
) -> Result<(), StoreError> {
    let Some(request) = store.read(async |tx| tx.request(organisation, id).await).await? else {
        return Ok(());
    };
    let request = std::sync::Arc::new(request);
    let batch = batch.clamp(1, MOST_RECIPIENTS);
    let mut from = request.made;
    while from < request.people.len() {
        let to = (from + batch).min(request.people.len());
        let (request, marker) = (std::sync::Arc::clone(&request), std::sync::Arc::clone(marker));
        let advanced = store
            .write(Durability::Full, async move |tx| {
                make_order(tx, &marker, organisation, &request, from, to).await
            })
            .await?;
        if !advanced {
            // Another run of the same job is ahead: it makes the rest.
            return Ok(());
        }
        from = to;
    }
    release_late_addresses(store, organisation, id).await
}

/// An address that came while the awards were made found nothing to release then.
async fn release_late_addresses(
    store: &Store,
    organisation: OrganisationId,
    request: RequestId,
) -> Result<(), StoreError> {
    let members = store
        .read(async |tx| tx.releasable_members(organisation, request).await)
        .await?;
    if members.is_empty() {
        return Ok(());
    }
    store
        .write(Durability::Full, async move |tx| {
            let now = tx.now().await?;
            for member in members {
                tx.enqueue_release(organisation, member, now).await?;
            }
            Ok(())
        })
        .await
}

/// Releases a member's awards that waited for an address; gives how many were queued.
pub async fn release(
    store: &Store,
    marker: &std::sync::Arc<Marker>,
    organisation: OrganisationId,
    member: MemberId,
    address: Address,
) -> Result<usize, StoreError> {
    let marker = std::sync::Arc::clone(marker);
    store
        .write(Durability::Full, async move |tx| {
            let now = tx.now().await?;
            let mut released = 0;
            for held in tx.held_awards(organisation, member).await? {
                let order = NewOrder {
                    id: OrderId::new(random::id_at(now)),
                    organisation,
                    request: held.request,
                    badge_id: held.badge_id,
                    content: held.content.or_else(|| held.request.is_none().then(Default::default)),
                };
                let terms = AwardTerms {
                    organisation,
                    badge_id: &order.badge_id,
                    cause: &held.cause,
                    recipient: "",
                    period: &held.period,
                    generation: held.generation,
                };
                let tombstone = marker.tombstone(&terms, &address);
                tx.add_order(&order, now).await?;
                let hold = Some(Hold::NoEmail);
                if tx
                    .release_award(organisation, held.id, hold, &address, &tombstone, order.id, now)
                    .await?
                {
                    let placed = tx.add_order_award(organisation, order.id, held.id, 0).await?;
                    released += usize::from(placed);
                } else {
                    tx.drop_order(organisation, order.id).await?;
                }
            }
            Ok(released)
        })
        .await
}

/// Takes an award back, now or as soon as it is known whether it was sent; gives its state. Absent: no such award.
/// [`StepError::Impossible`]: `withdraw` on one that is issued already.
pub async fn stop(
    store: &Store,
    organisation: OrganisationId,
    award: AwardId,
    intent: Intent,
    by: Option<MemberId>,
    reason: Option<String>,
) -> Result<Option<AwardState>, StepError> {
    anew(async || {
        let reason = reason.clone();
        store
            .write(Durability::Full, async move |tx| {
                let now = tx.now().await?;
                let uuid = by.map(MemberId::uuid);
                let state = tx
                    .stop_award(organisation, award, intent, uuid, reason.as_deref(), now)
                    .await?;
                if let Some(state) = state {
                    let entry = AuditEntry {
                        organisation: Some(organisation),
                        actor: by.map_or_else(|| "command line".to_owned(), |member| member.to_string()),
                        action: match intent {
                            Intent::Revoke => "award.revoke",
                            Intent::Withdraw => "award.withdraw",
                        },
                        subject: award.to_string(),
                        detail: serde_json::json!({ "state": state.word() }),
                    };
                    tx.add_audit(&entry, now).await?;
                }
                Ok(state)
            })
            .await
    })
    .await
}

/// Tries a refused or parked order again; gives its state. Absent: no such order.
pub async fn retry(
    store: &Store,
    organisation: OrganisationId,
    order: OrderId,
    timing: &Timing,
) -> Result<Option<OrderState>, StepError> {
    anew(async || {
        let timing = timing.clone();
        store
            .write(Durability::Full, async move |tx| {
                let now = tx.now().await?;
                let Some(before) = tx.dispatch(organisation, order).await? else {
                    return Ok(None);
                };
                let after = before.clone().retried(now, &timing)?;
                tx.save_dispatch(organisation, &before, &after, now).await?;
                note(tx, organisation, order, "a person asked to try again", now).await?;
                Ok(Some(after.order.state))
            })
            .await
    })
    .await
}

/// Has the second event of an order, or one that came after its order was given up, revoked at the Factory; `false` if
/// no open problem names it. The problem is cleared when it is done. `by`: who asked; `None` for the command line. The
/// caller wakes the worker afterwards.
pub async fn revoke_extra(
    store: &Store,
    organisation: OrganisationId,
    event: String,
    by: Option<MemberId>,
) -> Result<bool, StoreError> {
    store
        .write(Durability::Full, async move |tx| {
            let now = tx.now().await?;
            let Some(extra) = tx.extra_event(organisation, &event).await? else {
                return Ok(false);
            };
            if extra.revocation != Revocation::Asked {
                let job = NewJob::revoke_extra(organisation, &event, now);
                tx.enqueue(&job, now).await?;
                let entry = AuditEntry {
                    organisation: Some(organisation),
                    actor: by.map_or_else(|| "command line".to_owned(), |member| member.to_string()),
                    action: "order.revoke-extra",
                    subject: event,
                    detail: serde_json::json!({ "order": extra.order, "kept": extra.kept }),
                };
                tx.add_audit(&entry, now).await?;
            }
            Ok(true)
        })
        .await
}

/// Gives a refused or parked order up: its awards are withdrawn. Absent: no such order.
pub async fn give_up(
    store: &Store,
    organisation: OrganisationId,
    order: OrderId,
) -> Result<Option<OrderState>, StepError> {
    anew(async || {
        store
            .write(Durability::Full, async move |tx| {
                let now = tx.now().await?;
                let Some(before) = tx.dispatch(organisation, order).await? else {
                    return Ok(None);
                };
                let after = before.clone().given_up()?;
                tx.save_dispatch(organisation, &before, &after, now).await?;
                note(tx, organisation, order, "a person gave it up", now).await?;
                Ok(Some(after.order.state))
            })
            .await
    })
    .await
}

async fn make_order(
    tx: &mut Tx<'_>,
    marker: &Marker,
    organisation: OrganisationId,
    request: &Request,
    from: usize,
    to: usize,
) -> Result<bool, StoreError> {
    let now = tx.now().await?;
    if !tx.advance_request(organisation, request.id, from, to, now).await? {
        return Ok(false);
    }
    let order = NewOrder {
        id: OrderId::new(random::id_at(now)),
        organisation,
        request: Some(request.id),
        badge_id: request.badge_id.clone(),
        content: None,
    };
    tx.add_order(&order, now).await?;
    let mut carried = 0_i64;
    for (position, person) in request.people.iter().enumerate().take(to).skip(from) {
        let Some(new) = new_award(marker, organisation, request, person, order.id, now) else {
            continue;
        };
        if let Some(standing) = still_given_by_rule(tx, &new, request, person, now).await? {
            tx.link_award(organisation, request.id, position, standing, Outcome::Existing)
                .await?;
            continue;
        }
        let in_order = if let Some(newer) = tx.newer_award(&new).await? {
            tx.link_award(organisation, request.id, position, newer.id, Outcome::Existing)
                .await?;
            None
        } else if tx.add_award(&new, now).await? {
            tx.link_award(organisation, request.id, position, new.id, Outcome::Made)
                .await?;
            new.address.is_some().then_some(new.id)
        } else if let Some(known) = tx.same_award(&new).await? {
            tx.link_award(organisation, request.id, position, known.id, Outcome::Existing)
                .await?;
            let again = known.state == AwardState::Refused
                && tx
                    .requeue_refused(organisation, &known, order.id, request.id, now)
                    .await?;
            again.then_some(known.id)
        } else {
            None
        };
        if let Some(award) = in_order {
            let placed = tx.add_order_award(organisation, order.id, award, carried).await?;
            carried += i64::from(placed);
        }
    }
    if carried == 0 {
        tx.drop_order(organisation, order.id).await?;
    }
    Ok(true)
}

/// Takes back what a rule holds for the person, if the request replaces it. It is given instead where it was released
/// before: nobody gets the badge twice.
async fn still_given_by_rule(
    tx: &mut Tx<'_>,
    new: &NewAward,
    request: &Request,
    person: &Person,
    now: Timestamp,
) -> Result<Option<AwardId>, StoreError> {
    let (Some(held), Some(course), Some(member)) = (person.instead, new.course, new.member) else {
        return Ok(None);
    };
    let replaced = Replaced {
        award: AwardId::new(held),
        course,
        badge_id: &new.badge_id,
        member,
        by: request.author,
    };
    if !tx.replace_rule_award(new.organisation, &replaced, now).await? {
        return Ok(Some(replaced.award));
    }
    let entry = AuditEntry {
        organisation: Some(new.organisation),
        actor: request
            .author
            .map_or_else(|| "command line".to_owned(), |member| member.to_string()),
        action: "award.replace",
        subject: replaced.award.to_string(),
        detail: serde_json::json!({ "request": request.id, "award": new.id }),
    };
    tx.add_audit(&entry, now).await?;
    Ok(None)
}

fn new_award(
    marker: &Marker,
    organisation: OrganisationId,
    request: &Request,
    person: &Person,
    order: OrderId,
    now: Timestamp,
) -> Option<NewAward> {
    let (cause, recipient) = (by_hand(&request.badge_id), person.recipient()?.key());
    let terms = AwardTerms {
        organisation,
        badge_id: &request.badge_id,
        cause: &cause,
        recipient: &recipient,
        period: "-",
        generation: person.generation,
    };
    let key = marker.award_key(&terms);
    let tombstone = person.address.as_ref().map(|address| marker.tombstone(&terms, address));
    Some(NewAward {
        tombstone,
        id: AwardId::new(random::id_at(now)),
        organisation,
        badge_id: request.badge_id.clone(),
        badge_name: request.badge_name.clone(),
        cause,
        recipient,
        address: person.address.clone(),
        period: "-".to_owned(),
        generation: person.generation,
        key,
        member: person.member.map(MemberId::new),
        course: request.course,
        request: Some(request.id),
        order,
        name: person.name.clone(),
    })
}

async fn note(
    tx: &mut Tx<'_>,
    organisation: OrganisationId,
    order: OrderId,
    verdict: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let attempt = Attempt {
        kind: AttemptKind::Send,
        by_person: true,
        started_at: now,
        duration_ms: 0,
        status: None,
        verdict: verdict.to_owned(),
        reply: None,
    };
    tx.add_attempt(organisation, order, &attempt).await
}

/// Repeats what somebody else's change came between.
pub(super) async fn anew<T>(unit: impl AsyncFn() -> Result<T, StepError>) -> Result<T, StepError> {
    for _ in 0..8 {
        match unit().await {
            Err(StepError::Changed | StepError::Store(StoreError::Conflict(_))) => {}
            done => return done,
        }
    }
    Err(StepError::Changed)
}
