//! An organisation's sending queue: one worker holds it and takes errands from it.

use serde_json::json;
use uuid::Uuid;

use super::award::Revocation;
use super::order::{Parcel, StepError};
use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::dispatch::Dispatch;
use crate::model::order::{OrderState, Timing};
use crate::model::{OrderId, OrganisationId};

/// How an organisation's queue stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    /// Nothing is done before.
    pub next_at: Timestamp,
    /// Failures in a row to reach the Factory.
    pub tries: u32,
    /// Since when the Factory cannot be reached.
    pub away_since: Option<Timestamp>,
    /// Why nothing is sent until a ping succeeds.
    pub stopped_reason: Option<String>,
    /// Since when.
    pub stopped_at: Option<Timestamp>,
    /// The Factory's last answer.
    pub last_ok_at: Option<Timestamp>,
}

/// Something that a worker does for an organisation, by one or a few calls to its Factory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Errand {
    /// Send an order.
    Send {
        /// The order as claimed.
        dispatch: Box<Dispatch>,
        /// What it carries.
        parcel: Box<Parcel>,
    },
    /// Look for an unsure order.
    Look {
        /// The order.
        order: OrderId,
        /// Which look.
        look: u32,
        /// Whether it comes after a second sending, whatever the order's state.
        late: bool,
        /// The badge to search by.
        badge_id: String,
        /// The address to search by.
        address: String,
    },
    /// Read the event of a batch.
    ReadEvent {
        /// The order.
        order: OrderId,
        /// The event.
        event: String,
    },
    /// Revoke up to 50 awards of one event.
    Revoke {
        /// The event.
        event: String,
        /// The awards.
        awards: Vec<Revocation>,
    },
    /// Ask whether a stopped queue may go on.
    Ping,
}

/// What a worker may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appetite {
    /// Orders to send.
    pub send: bool,
    /// Looks, readings and revocations.
    pub read: bool,
}

/// What an errand's answer says about the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueueNews {
    /// The Factory took an issuing call.
    Heard,
    /// The Factory answered a reading call. That says nothing of issuing calls, whose pauses stay.
    Read,
    /// The Factory could not be reached.
    Away,
    /// The Factory asks for a pause until then.
    Pause(Timestamp),
    /// The Factory answers an issuing call with a fault of its own: pages say that it is away, and nothing is sent until
    /// then, nor before the pause of a Factory that is away.
    Faulty(Timestamp),
    /// The Factory does not know us: nothing is sent until a ping succeeds.
    Stop(String),
    /// A ping succeeded.
    Resume,
    /// Nothing.
    Nothing,
}

#[derive(sqlx::FromRow)]
struct QueueRow {
    next_at: i64,
    tries: i64,
    away_since: Option<i64>,
    stopped_reason: Option<String>,
    stopped_at: Option<i64>,
    last_ok_at: Option<i64>,
}

const HOLD: &str = "INSERT INTO organisation_queue (organisation_id, holder, lease_until) VALUES ($1, $2, $4)
    ON CONFLICT (organisation_id) DO UPDATE SET holder = excluded.holder, lease_until = excluded.lease_until
    WHERE organisation_queue.holder IS NULL OR organisation_queue.holder = $2 OR organisation_queue.lease_until <= $3";
const KEEP: &str =
    "UPDATE organisation_queue SET lease_until = $3 WHERE organisation_id = $1 AND holder = $2 AND lease_until > $4";
const LET_GO: &str = "UPDATE organisation_queue SET holder = NULL, lease_until = NULL
    WHERE organisation_id = $1 AND holder = $2";
const ONE: &str = "SELECT next_at, tries, away_since, stopped_reason, stopped_at, last_ok_at FROM organisation_queue
    WHERE organisation_id = $1";
const DUE: &str = "SELECT id FROM orders WHERE organisation_id = $1 AND state = $2 AND next_at <= $3
    ORDER BY next_at, id LIMIT 1";
const DUE_LATE: &str = "SELECT id FROM orders WHERE organisation_id = $1 AND late_at <= $2
    ORDER BY late_at, id LIMIT 1";
const ANY_READY: &str =
    "SELECT id FROM orders WHERE organisation_id = $1 AND state = 'ready' AND next_at <= $2 LIMIT 1";
const HEARD: &str = "UPDATE organisation_queue SET away_since = NULL, tries = 0, last_ok_at = $2
    WHERE organisation_id = $1 AND (away_since IS NOT NULL OR tries > 0 OR last_ok_at IS NULL OR last_ok_at < $3)";
const READ: &str =
    "UPDATE organisation_queue SET away_since = CASE WHEN next_at > $2 AND tries > 0 THEN away_since ELSE NULL END,
    last_ok_at = $2 WHERE organisation_id = $1 AND (away_since IS NOT NULL OR last_ok_at IS NULL OR last_ok_at < $3)";
const AWAY: &str =
    "UPDATE organisation_queue SET away_since = COALESCE(away_since, $2), tries = tries + 1, next_at = $3
    WHERE organisation_id = $1 AND next_at <= $2";
const PAUSE: &str = "UPDATE organisation_queue SET next_at = $2 WHERE organisation_id = $1 AND next_at < $2";
const FAULTY: &str = "UPDATE organisation_queue SET away_since = COALESCE(away_since, $2), tries = tries + 1,
    next_at = CASE WHEN next_at < $3 THEN $3 ELSE next_at END WHERE organisation_id = $1";
const STOP: &str = "UPDATE organisation_queue SET stopped_reason = $2, stopped_at = COALESCE(stopped_at, $3),
    next_at = CASE WHEN next_at < $4 THEN $4 ELSE next_at END WHERE organisation_id = $1";
const RESUME: &str = "UPDATE organisation_queue SET stopped_reason = NULL, stopped_at = NULL, away_since = NULL,
    tries = 0, next_at = $2, last_ok_at = $2 WHERE organisation_id = $1";
const WAKE: &str = "UPDATE organisation_queue SET next_at = $2 WHERE organisation_id = $1 AND next_at > $2";
const AGENDA: &str = "SELECT d.organisation_id, MIN(d.at), MAX(COALESCE(q.next_at, 0)),
        MAX(CASE WHEN q.holder IS NULL OR q.holder = $1 THEN 0 ELSE q.lease_until END) FROM (
        SELECT organisation_id, MIN(next_at) AS at FROM orders WHERE next_at IS NOT NULL GROUP BY organisation_id
        UNION ALL SELECT organisation_id, MIN(late_at) FROM orders WHERE late_at IS NOT NULL GROUP BY organisation_id
        UNION ALL SELECT organisation_id, MIN(next_at) FROM award WHERE state = 'revoking' GROUP BY organisation_id
        UNION ALL SELECT organisation_id, next_at FROM organisation_queue WHERE stopped_at IS NOT NULL
    ) d LEFT JOIN organisation_queue q ON q.organisation_id = d.organisation_id
    GROUP BY d.organisation_id ORDER BY d.organisation_id";

impl Tx<'_> {
    /// Each organisation with something to do, and when. Nothing is due before its queue's pause ends, or while
    /// another than `holder` has it.
    pub async fn agenda(&mut self, holder: Uuid) -> Result<Vec<(OrganisationId, Timestamp)>, StoreError> {
        let rows: Vec<(Uuid, i64, i64, i64)> = on!(self, sqlx::query_as(AGENDA).bind(holder) => fetch_all)?;
        let entry = |(id, at, pause, lease): (Uuid, i64, i64, i64)| {
            let at = at.max(pause).max(lease);
            (OrganisationId::new(id), Timestamp::from_millis(at))
        };
        Ok(rows.into_iter().map(entry).collect())
    }

    /// Takes an organisation's queue, or keeps it, until `until`; `false` while another worker has it.
    pub async fn hold_queue(
        &mut self,
        organisation: OrganisationId,
        holder: Uuid,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(HOLD).bind(organisation.uuid()).bind(holder).bind(now.millis())
            .bind(until.millis()) => execute)?;
        Ok(rows == 1)
    }

    /// Lets the queue go.
    pub async fn let_queue_go(&mut self, organisation: OrganisationId, holder: Uuid) -> Result<(), StoreError> {
        on!(self, sqlx::query(LET_GO).bind(organisation.uuid()).bind(holder) => execute)?;
        Ok(())
    }

    /// How an organisation's queue stands; the default if nothing was ever sent.
    pub async fn queue(&mut self, organisation: OrganisationId) -> Result<Queue, StoreError> {
        let row: Option<QueueRow> = on!(self, sqlx::query_as(ONE).bind(organisation.uuid()) => fetch_optional)?;
        Ok(row.map(queue).unwrap_or_default())
    }

    /// Whether an order waits to be sent now.
    pub async fn order_waits(&mut self, organisation: OrganisationId, now: Timestamp) -> Result<bool, StoreError> {
        let id: Option<Uuid> = on!(self, sqlx::query_scalar(ANY_READY).bind(organisation.uuid()).bind(now.millis())
            => fetch_optional)?;
        Ok(id.is_some())
    }

    /// Ends a pause: a person wants it tried now, or a new identity was stored.
    pub async fn wake_queue(&mut self, organisation: OrganisationId, now: Timestamp) -> Result<(), StoreError> {
        on!(self, sqlx::query(WAKE).bind(organisation.uuid()).bind(now.millis()) => execute)?;
        Ok(())
    }

    /// Takes the next errand; nothing if none is due, or `holder` lost the queue.
    pub async fn claim_errand(
        &mut self,
        organisation: OrganisationId,
        holder: Uuid,
        appetite: Appetite,
        timing: &Timing,
    ) -> Result<Option<Errand>, StepError> {
        let now = self.now().await?;
        let until = now.plus(timing.lease);
        let kept = on!(self, sqlx::query(KEEP).bind(organisation.uuid()).bind(holder).bind(until.millis())
            .bind(now.millis()) => execute)?;
        if kept != 1 {
            return Ok(None);
        }
        self.end_leases(organisation, timing, now).await?;
        let queue = self.queue(organisation).await?;
        if queue.next_at > now {
            return Ok(None);
        }
        if queue.stopped_at.is_some() {
            let probe = now.plus(timing.probe);
            on!(self, sqlx::query(PAUSE).bind(organisation.uuid()).bind(probe.millis()) => execute)?;
            return Ok(Some(Errand::Ping));
        }
        if appetite.send
            && let Some(errand) = self.claim_sending(organisation, holder, timing, now).await?
        {
            return Ok(Some(errand));
        }
        if appetite.read {
            return self.claim_reading(organisation, timing, now).await;
        }
        Ok(None)
    }

    /// Stores what an errand's answer says about the queue.
    pub async fn queue_news(
        &mut self,
        organisation: OrganisationId,
        news: &QueueNews,
        timing: &Timing,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let id = organisation.uuid();
        match news {
            QueueNews::Nothing => {}
            QueueNews::Heard => {
                let stale = now.minus(timing.again);
                on!(self, sqlx::query(HEARD).bind(id).bind(now.millis()).bind(stale.millis()) => execute)?;
            }
            QueueNews::Away => {
                let tries = self.queue(organisation).await?.tries;
                let next = now.plus(timing.pause(tries));
                on!(self, sqlx::query(AWAY).bind(id).bind(now.millis()).bind(next.millis()) => execute)?;
            }
            QueueNews::Pause(until) => {
                on!(self, sqlx::query(PAUSE).bind(id).bind(until.millis()) => execute)?;
            }
            QueueNews::Read => {
                let stale = now.minus(timing.again);
                on!(self, sqlx::query(READ).bind(id).bind(now.millis()).bind(stale.millis()) => execute)?;
            }
            QueueNews::Faulty(until) => {
                // a Factory that is broken for long must not be given one order after the other, to be unsure of each
                let tries = self.queue(organisation).await?.tries;
                let until = (*until).max(now.plus(timing.pause(tries)));
                on!(self, sqlx::query(FAULTY).bind(id).bind(now.millis()).bind(until.millis()) => execute)?;
            }
            QueueNews::Stop(reason) => {
                let probe = now.plus(timing.probe);
                on!(self, sqlx::query(STOP).bind(id).bind(reason).bind(now.millis()).bind(probe.millis())
                    => execute)?;
                self.raise_problem(
                    organisation,
                    "queue-stopped",
                    "factory",
                    &json!({ "reason": reason }),
                    now,
                )
                .await?;
            }
            QueueNews::Resume => {
                on!(self, sqlx::query(RESUME).bind(id).bind(now.millis()) => execute)?;
                self.clear_problem(organisation, "queue-stopped", "factory", now)
                    .await?;
            }
        }
        Ok(())
    }

    async fn end_leases(
        &mut self,
        organisation: OrganisationId,
        timing: &Timing,
        now: Timestamp,
    ) -> Result<(), StepError> {
        for _ in 0..20 {
            let Some(before) = self.due(organisation, OrderState::Sending, now).await? else {
                break;
            };
            let after = before.clone().lease_ended(timing)?;
            self.save_dispatch(organisation, &before, &after, now).await?;
        }
        Ok(())
    }

    async fn claim_sending(
        &mut self,
        organisation: OrganisationId,
        holder: Uuid,
        timing: &Timing,
        now: Timestamp,
    ) -> Result<Option<Errand>, StepError> {
        for _ in 0..20 {
            let Some(before) = self.due(organisation, OrderState::Ready, now).await? else {
                break;
            };
            let mut after = before.clone().claim(holder, now, timing)?;
            self.save_dispatch(organisation, &before, &after, now).await?;
            after.order.version += 1;
            if after.order.state == OrderState::Sending
                && let Some(parcel) = self.parcel(organisation, after.order.id).await?
            {
                return Ok(Some(Errand::Send {
                    dispatch: Box::new(after),
                    parcel: Box::new(parcel),
                }));
            }
        }
        Ok(None)
    }

    async fn claim_reading(
        &mut self,
        organisation: OrganisationId,
        timing: &Timing,
        now: Timestamp,
    ) -> Result<Option<Errand>, StepError> {
        let until = now.plus(timing.lease);
        if let Some(before) = self.due(organisation, OrderState::Unsure, now).await? {
            let mut after = before.clone();
            after.order.next_at = Some(until);
            self.save_dispatch(organisation, &before, &after, now).await?;
            let terms = self.search_terms(organisation, after.order.id).await?;
            return Ok(terms.map(|(badge_id, address)| Errand::Look {
                order: after.order.id,
                look: after.order.look,
                late: false,
                badge_id,
                address,
            }));
        }
        if let Some(before) = self.due(organisation, OrderState::Issued, now).await? {
            let mut after = before.clone();
            after.order.next_at = Some(until);
            self.save_dispatch(organisation, &before, &after, now).await?;
            return Ok(after.order.event.map(|event| Errand::ReadEvent {
                order: after.order.id,
                event,
            }));
        }
        if let Some((event, awards)) = self.claim_revocations(organisation, now, until).await? {
            return Ok(Some(Errand::Revoke { event, awards }));
        }
        self.claim_late_look(organisation, until, now).await
    }

    async fn claim_late_look(
        &mut self,
        organisation: OrganisationId,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Errand>, StepError> {
        let id: Option<Uuid> = on!(self, sqlx::query_scalar(DUE_LATE).bind(organisation.uuid()).bind(now.millis())
            => fetch_optional)?;
        let Some(id) = id else { return Ok(None) };
        let Some(before) = self.dispatch(organisation, OrderId::new(id)).await? else {
            return Ok(None);
        };
        if before.order.state == OrderState::Sending {
            // Not while it is being sent: after its lease.
            let mut after = before.clone();
            after.order.late_at = after.order.lease_until;
            self.save_dispatch(organisation, &before, &after, now).await?;
            return Ok(None);
        }
        let terms = self.search_terms(organisation, before.order.id).await?;
        let mut after = before.clone();
        // Without an address there is nothing to search by: it was erased.
        after.order.late_at = terms.is_some().then_some(until);
        self.save_dispatch(organisation, &before, &after, now).await?;
        Ok(terms.map(|(badge_id, address)| Errand::Look {
            order: after.order.id,
            look: after.order.late_look,
            late: true,
            badge_id,
            address,
        }))
    }

    async fn due(
        &mut self,
        organisation: OrganisationId,
        state: OrderState,
        now: Timestamp,
    ) -> Result<Option<Dispatch>, StoreError> {
        let id: Option<Uuid> = on!(self, sqlx::query_scalar(DUE).bind(organisation.uuid()).bind(state.word())
            .bind(now.millis()) => fetch_optional)?;
        match id {
            Some(id) => self.dispatch(organisation, OrderId::new(id)).await,
            None => Ok(None),
        }
    }
}

fn queue(row: QueueRow) -> Queue {
    Queue {
        next_at: Timestamp::from_millis(row.next_at),
        tries: u32::try_from(row.tries).unwrap_or(u32::MAX),
        away_since: row.away_since.map(Timestamp::from_millis),
        stopped_reason: row.stopped_reason,
        stopped_at: row.stopped_at.map(Timestamp::from_millis),
        last_ok_at: row.last_ok_at.map(Timestamp::from_millis),
    }
}
