//! Awards: made at most once, released, taken back, revoked. Keeps promise P2 through two unique indexes.

use sqlx::types::Json;
use uuid::Uuid;

use super::order::StepError;
use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::award::{AwardState, AwardStatus, AwardStep, ERASED, Hold, Intent};
use crate::model::dispatch::Dispatch;
use crate::model::request::{Content, Earlier, by_hand};
use crate::model::{Address, AwardId, CourseId, MemberId, OrderId, OrganisationId, RequestId};

/// An award to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAward {
    /// Its id.
    pub id: AwardId,
    /// The organisation.
    pub organisation: OrganisationId,
    /// The Factory's badge id.
    pub badge_id: String,
    /// The badge's name at the time.
    pub badge_name: String,
    /// Why: `hand:{badge}`, `rule:{id}`, `application:{earnable}:{id}`.
    pub cause: String,
    /// For whom: `member:{id}` or `address:{normalised}`.
    pub recipient: String,
    /// The address; without one the award is held.
    pub address: Option<Address>,
    /// What would stand for the address if this award had been made before, and erased.
    pub tombstone: Option<String>,
    /// `-` unless the cause repeats.
    pub period: String,
    /// Raised by a person's "issue again".
    pub generation: u32,
    /// HMAC of what makes the award unique; the same after a restore.
    pub key: [u8; 32],
    /// The member, if it is one.
    pub member: Option<MemberId>,
    /// The course it was made in.
    pub course: Option<CourseId>,
    /// The request that asked for it.
    pub request: Option<RequestId>,
    /// The order that will carry it, if it has an address.
    pub order: OrderId,
    /// The name to show and to send.
    pub name: String,
}

/// An award that was there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownAward {
    /// Its id.
    pub id: AwardId,
    /// Where it stands.
    pub state: AwardState,
    /// Its order.
    pub order: Option<OrderId>,
}

/// An award that a rule or an application gave, and that stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Otherwise {
    /// Its id.
    pub id: AwardId,
    /// Where it stands.
    pub state: AwardState,
    /// The course it was made in.
    pub course: Option<CourseId>,
}

/// An award that waits for its person's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldAward {
    /// Its id.
    pub id: AwardId,
    /// The Factory's badge id.
    pub badge_id: String,
    /// The request that asked for it.
    pub request: Option<RequestId>,
    /// Why it was made.
    pub cause: String,
    /// Its period.
    pub period: String,
    /// Its generation.
    pub generation: u32,
    /// What to send, if a rule made it.
    pub content: Option<Content>,
}

/// An award that is being revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// The award.
    pub award: AwardId,
    /// The order that issued it.
    pub order: Option<OrderId>,
    /// The address in the event.
    pub address: String,
    /// Tries that failed so far.
    pub tries: u32,
}

type HeldRow = (Uuid, String, Option<Uuid>, String, String, i64, Option<Json<Content>>);
type KnownRow = (Uuid, String, Option<String>, Option<Uuid>);

const ADD: &str = "INSERT INTO award (id, organisation_id, badge_id, badge_name, cause, recipient, address, period,
    generation, award_key, member_id, course_id, request_id, name, state, hold, order_id, created_at, updated_at, search)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $18, $19)
    ON CONFLICT DO NOTHING";
const BY_RECIPIENT: &str = "SELECT id, state, hold, order_id FROM award WHERE organisation_id = $1 AND badge_id = $2
    AND cause = $3 AND recipient = $4 AND period = $5 AND generation = $6";
const BY_ADDRESS: &str = "SELECT id, state, hold, order_id FROM award WHERE organisation_id = $1 AND badge_id = $2
    AND cause = $3 AND address = $4 AND period = $5 AND generation = $6";
const NEWER: &str = "SELECT id, state, hold, order_id FROM award WHERE organisation_id = $1 AND badge_id = $2
        AND cause = $3 AND recipient = $4 AND period = $5 AND generation > $6 AND state NOT IN ('revoked', 'withdrawn')
    UNION ALL SELECT id, state, hold, order_id FROM award WHERE organisation_id = $1 AND badge_id = $2
        AND cause = $3 AND address = $7 AND period = $5 AND generation > $6 AND state NOT IN ('revoked', 'withdrawn')
    LIMIT 1";
const BY_ID: &str = "SELECT state, hold, intent, order_id, address FROM award WHERE organisation_id = $1 AND id = $2";
const EARLIER: &str = "SELECT id, state, hold, generation, MAX(generation) OVER () FROM (
    SELECT id, state, hold, generation FROM award WHERE organisation_id = $1 AND badge_id = $2 AND cause = $3
        AND recipient = $4 AND period = '-'
    UNION ALL SELECT id, state, hold, generation FROM award WHERE organisation_id = $1 AND badge_id = $2 AND cause = $3
        AND address = $5 AND period = '-') earlier
    ORDER BY CASE WHEN state IN ('revoked', 'withdrawn') THEN 1 ELSE 0 END, generation DESC, id LIMIT 1";
const OTHERWISE: &str = "SELECT id, state, hold, course_id FROM (
    SELECT id, state, hold, course_id, created_at FROM award WHERE organisation_id = $1 AND badge_id = $2 AND cause <> $3
        AND member_id = $4 AND state NOT IN ('revoked', 'withdrawn', 'refused')
    UNION ALL SELECT id, state, hold, course_id, created_at FROM award WHERE organisation_id = $1 AND badge_id = $2
        AND cause <> $3 AND address = $5 AND state NOT IN ('revoked', 'withdrawn', 'refused')) earlier
    ORDER BY created_at DESC, id DESC LIMIT 1";
const REQUEUE: &str =
    "UPDATE award SET state = 'queued', order_id = $3, reason = NULL, updated_at = $4, request_id = $5,
    course_id = (SELECT course_id FROM request WHERE organisation_id = $1 AND id = $5)
    WHERE organisation_id = $1 AND id = $2 AND state = 'refused'";
const ABANDON: &str = "UPDATE orders SET state = 'withdrawn', next_at = NULL, version = version + 1,
    reason = 'moved to another order', updated_at = $3
    WHERE organisation_id = $1 AND id = $2 AND state = 'refused'
    AND NOT EXISTS (SELECT 1 FROM award WHERE order_id = $2 AND state = 'refused')";
const HELD: &str = "SELECT a.id, a.badge_id, a.request_id, a.cause, a.period, a.generation, r.content
    FROM award a LEFT JOIN rule_award r ON r.award_id = a.id WHERE a.organisation_id = $1 AND a.member_id = $2
    AND a.state = 'held' AND a.hold = 'no_email' ORDER BY a.created_at, a.id LIMIT 100";
const RELEASABLE: &str = "SELECT DISTINCT a.member_id FROM request_award p JOIN award a ON a.id = p.award_id
    JOIN member m ON m.id = a.member_id WHERE a.organisation_id = $1 AND p.request_id = $2 AND a.state = 'held'
    AND a.hold = 'no_email' AND m.email IS NOT NULL LIMIT 500";
const ADDRESS: &str = "SELECT email FROM member WHERE organisation_id = $1 AND id = $2";
const RELEASE: &str = "UPDATE award SET state = 'queued', hold = NULL, next_at = NULL, reason = NULL, address = $3,
    order_id = $4, updated_at = $5
    WHERE organisation_id = $1 AND id = $2 AND state = 'held' AND ($6 IS NULL OR hold = $6) AND NOT EXISTS
        (SELECT 1 FROM award other WHERE other.organisation_id = award.organisation_id
            AND other.badge_id = award.badge_id AND other.cause = award.cause AND other.address IN ($3, $7)
            AND other.period = award.period AND (other.generation = award.generation
                OR other.state IN ('queued', 'sending', 'issued')))";
const SAME_ADDRESS: &str =
    "UPDATE award SET state = 'withdrawn', hold = NULL, next_at = NULL, reason = 'same address', updated_at = $3
    WHERE organisation_id = $1 AND id = $2 AND state = 'held' AND ($5 IS NULL OR hold = $5) AND EXISTS
        (SELECT 1 FROM award other WHERE other.organisation_id = award.organisation_id
            AND other.badge_id = award.badge_id AND other.cause = award.cause AND other.address IN ($4, $6)
            AND other.period = award.period AND (other.generation = award.generation
                OR other.state IN ('queued', 'sending', 'issued')))";
const STOP: &str = "UPDATE award SET state = $3, hold = NULL, intent = $4, updated_at = $5
    WHERE organisation_id = $1 AND id = $2 AND state = $6 AND order_id IS NULL";
const NOTE_INTENT: &str = "UPDATE award SET intent_reason = $3, intent_by = $4, intent_at = $5
    WHERE organisation_id = $1 AND id = $2 AND intent_at IS NULL";
const NEXT_EVENT: &str = "SELECT event_id FROM award WHERE organisation_id = $1 AND state = 'revoking'
    AND next_at <= $2 ORDER BY next_at LIMIT 1";
const REVOKING: &str = "UPDATE award SET next_at = $4 WHERE id IN (SELECT id FROM award WHERE organisation_id = $1
    AND event_id = $2 AND state = 'revoking' AND next_at <= $3 ORDER BY next_at, id LIMIT 50)
    RETURNING id, order_id, address, tries";
const REVOKED: &str = "UPDATE award SET state = 'revoked', next_at = NULL, reason = NULL, revoked_at = $3,
    updated_at = $3 WHERE organisation_id = $1 AND id = $2 AND state = 'revoking'";
const REVOKE_LATER: &str = "UPDATE award SET next_at = $3, tries = $4, reason = $5
    WHERE organisation_id = $1 AND id = $2 AND state = 'revoking'";

impl Tx<'_> {
    /// Makes an award; `false` if the recipient or the address has it already.
    pub async fn add_award(&mut self, new: &NewAward, now: Timestamp) -> Result<bool, StoreError> {
        if self.erased_award(new).await?.is_some() {
            return Ok(false);
        }
        let (state, order) = match &new.address {
            Some(_) => (AwardState::Queued, Some(new.order.uuid())),
            None => (AwardState::Held(Hold::NoEmail), None),
        };
        let address = new
            .address
            .as_ref()
            .map_or_else(|| format!("none:{}", new.id), ToString::to_string);
        let rows = on!(self, sqlx::query(ADD).bind(new.id.uuid()).bind(new.organisation.uuid()).bind(&new.badge_id)
            .bind(&new.badge_name).bind(&new.cause).bind(&new.recipient).bind(&address).bind(&new.period)
            .bind(i64::from(new.generation)).bind(new.key.as_slice()).bind(new.member.map(MemberId::uuid))
            .bind(new.course.map(CourseId::uuid)).bind(new.request.map(RequestId::uuid)).bind(&new.name)
            .bind(state.word()).bind(state.hold().map(Hold::word)).bind(order).bind(now.millis())
            .bind(new.name.to_lowercase()) => execute)?;
        Ok(rows == 1)
    }

    /// The award that stood in the way of [`Self::add_award`]; one that is alive, if there are two.
    pub async fn same_award(&mut self, new: &NewAward) -> Result<Option<KnownAward>, StoreError> {
        let by_recipient: Option<KnownRow> = on!(self, sqlx::query_as(BY_RECIPIENT).bind(new.organisation.uuid())
            .bind(&new.badge_id).bind(&new.cause).bind(&new.recipient).bind(&new.period)
            .bind(i64::from(new.generation)) => fetch_optional)?;
        let by_recipient = by_recipient.map(known).transpose()?;
        let (Some(address), false) = (&new.address, by_recipient.is_some_and(|award| award.state.is_alive())) else {
            return Ok(by_recipient);
        };
        let by_address: Option<KnownRow> = on!(self, sqlx::query_as(BY_ADDRESS).bind(new.organisation.uuid())
            .bind(&new.badge_id).bind(&new.cause).bind(address.as_str()).bind(&new.period)
            .bind(i64::from(new.generation)) => fetch_optional)?;
        let by_address = by_address.map(known).transpose()?;
        Ok(match (by_recipient, by_address) {
            (Some(_), Some(second)) if second.state.is_alive() => Some(second),
            (Some(first), _) => Some(first),
            (None, Some(second)) => Some(second),
            (None, None) => self.erased_award(new).await?,
        })
    }

    /// The award that was made under the same terms and whose address was erased since.
    async fn erased_award(&mut self, new: &NewAward) -> Result<Option<KnownAward>, StoreError> {
        let Some(tombstone) = &new.tombstone else {
            return Ok(None);
        };
        let row: Option<KnownRow> = on!(self, sqlx::query_as(BY_ADDRESS).bind(new.organisation.uuid())
            .bind(&new.badge_id).bind(&new.cause).bind(tombstone).bind(&new.period)
            .bind(i64::from(new.generation)) => fetch_optional)?;
        row.map(known).transpose()
    }

    /// An award of a higher generation that the recipient or the address has, or will have: who asks for a lower one
    /// chose from a page that is out of date.
    pub async fn newer_award(&mut self, new: &NewAward) -> Result<Option<KnownAward>, StoreError> {
        let row: Option<KnownRow> = on!(self, sqlx::query_as(NEWER).bind(new.organisation.uuid()).bind(&new.badge_id)
            .bind(&new.cause).bind(&new.recipient).bind(&new.period).bind(i64::from(new.generation))
            .bind(new.address.as_ref().map(Address::as_str)) => fetch_optional)?;
        row.map(known).transpose()
    }

    /// The award that counts of a badge by hand to this recipient or address: see [`Earlier::next_generation`].
    pub async fn earlier_award(
        &mut self,
        organisation: OrganisationId,
        badge_id: &str,
        recipient: &str,
        address: Option<&Address>,
    ) -> Result<Option<Earlier>, StoreError> {
        let row: Option<(Uuid, String, Option<String>, i64, i64)> = on!(self, sqlx::query_as(EARLIER)
            .bind(organisation.uuid()).bind(badge_id).bind(by_hand(badge_id)).bind(recipient)
            .bind(address.map(Address::as_str)) => fetch_optional)?;
        let number = |generation: i64| {
            u32::try_from(generation).map_err(|_| StoreError::Unreadable {
                what: "award.generation",
            })
        };
        row.map(|(id, state, hold, generation, highest)| {
            Ok(Earlier {
                award: AwardId::new(id),
                state: state_of(&state, hold.as_deref())?,
                generation: number(generation)?,
                highest: number(highest)?,
            })
        })
        .transpose()
    }

    /// The newest award of a badge that a rule or an application gave to this member or address, and that stands.
    pub async fn award_otherwise(
        &mut self,
        organisation: OrganisationId,
        badge_id: &str,
        member: Option<MemberId>,
        address: Option<&Address>,
    ) -> Result<Option<Otherwise>, StoreError> {
        let row: Option<(Uuid, String, Option<String>, Option<Uuid>)> = on!(self, sqlx::query_as(OTHERWISE)
            .bind(organisation.uuid()).bind(badge_id).bind(by_hand(badge_id)).bind(member.map(MemberId::uuid))
            .bind(address.map(Address::as_str)) => fetch_optional)?;
        row.map(|(id, state, hold, course)| {
            Ok(Otherwise {
                id: AwardId::new(id),
                state: state_of(&state, hold.as_deref())?,
                course: course.map(CourseId::new),
            })
        })
        .transpose()
    }

    /// Moves a refused award into another order: a person asked for it again. `false` if it is refused no more.
    pub async fn requeue_refused(
        &mut self,
        organisation: OrganisationId,
        award: &KnownAward,
        order: OrderId,
        request: RequestId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(REQUEUE).bind(organisation.uuid()).bind(award.id.uuid()).bind(order.uuid())
            .bind(now.millis()).bind(request.uuid()) => execute)?;
        if let (1, Some(old)) = (rows, award.order) {
            let ended = on!(self, sqlx::query(ABANDON).bind(organisation.uuid()).bind(old.uuid())
                .bind(now.millis()) => execute)?;
            if ended == 1 {
                self.clear_problem(organisation, "order-refused", &old.to_string(), now)
                    .await?;
            }
        }
        Ok(rows == 1)
    }

    /// A member's awards that wait for an address, oldest first, at most 100.
    pub async fn held_awards(
        &mut self,
        organisation: OrganisationId,
        member: MemberId,
    ) -> Result<Vec<HeldAward>, StoreError> {
        let rows: Vec<HeldRow> =
            on!(self, sqlx::query_as(HELD).bind(organisation.uuid()).bind(member.uuid()) => fetch_all)?;
        let held = |(id, badge_id, request, cause, period, generation, content): HeldRow| HeldAward {
            id: AwardId::new(id),
            badge_id,
            request: request.map(RequestId::new),
            cause,
            period,
            generation: u32::try_from(generation).unwrap_or(u32::MAX),
            content: content.map(|Json(content)| content),
        };
        Ok(rows.into_iter().map(held).collect())
    }

    /// Members whose awards of a request wait for an address that is known by now: it came while they were made.
    pub async fn releasable_members(
        &mut self,
        organisation: OrganisationId,
        request: RequestId,
    ) -> Result<Vec<MemberId>, StoreError> {
        let ids: Vec<Uuid> = on!(self, sqlx::query_scalar(RELEASABLE).bind(organisation.uuid()).bind(request.uuid())
            => fetch_all)?;
        Ok(ids.into_iter().map(MemberId::new).collect())
    }

    /// A member's address as the LMS gave it last.
    pub async fn member_address(
        &mut self,
        organisation: OrganisationId,
        member: MemberId,
    ) -> Result<Option<Address>, StoreError> {
        let row: Option<Option<String>> = on!(self, sqlx::query_scalar(ADDRESS).bind(organisation.uuid())
            .bind(member.uuid()) => fetch_optional)?;
        Ok(row.flatten().and_then(|email| Address::parse(&email).ok()))
    }

    /// Queues a held award with its address and order; `hold`: only one that is held for this. If the address has this
    /// award already, or had it before it was erased (`tombstone`), it is withdrawn: `false`.
    #[expect(clippy::too_many_arguments, reason = "each of another kind")]
    pub async fn release_award(
        &mut self,
        organisation: OrganisationId,
        award: AwardId,
        hold: Option<Hold>,
        address: &Address,
        tombstone: &str,
        order: OrderId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(RELEASE).bind(organisation.uuid()).bind(award.uuid()).bind(address.as_str())
            .bind(order.uuid()).bind(now.millis()).bind(hold.map(Hold::word)).bind(tombstone) => execute)?;
        if rows == 0 {
            // nothing follows where it is held for something else by now, or held no more
            on!(self, sqlx::query(SAME_ADDRESS).bind(organisation.uuid()).bind(award.uuid()).bind(now.millis())
                .bind(address.as_str()).bind(hold.map(Hold::word)).bind(tombstone) => execute)?;
        }
        Ok(rows == 1)
    }

    /// Stores a person's intent; gives the state that follows at once. Absent if there is no such award. One that was erased
    /// stays as it is: nobody can name its address to the Factory any more.
    pub async fn stop_award(
        &mut self,
        organisation: OrganisationId,
        award: AwardId,
        intent: Intent,
        by: Option<Uuid>,
        reason: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<AwardState>, StepError> {
        let row: Option<(String, Option<String>, Option<String>, Option<Uuid>, String)> =
            on!(self, sqlx::query_as(BY_ID).bind(organisation.uuid()).bind(award.uuid()) => fetch_optional)?;
        let Some((state, hold, old_intent, order, address)) = row else {
            return Ok(None);
        };
        let state = state_of(&state, hold.as_deref())?;
        if address.starts_with(ERASED) {
            return Ok(Some(state));
        }
        let dispatch = match order {
            Some(order) => self.dispatch(organisation, OrderId::new(order)).await?,
            None => None,
        };
        let after = if let Some(before) = dispatch {
            let after = before.clone().stop(award, intent)?;
            self.save_dispatch(organisation, &before, &after, now).await?;
            part_state(&after, award).unwrap_or(state)
        } else {
            let after = AwardStatus { state, intent: None }.after(AwardStep::Stopped)?;
            let intent = old_intent.as_deref().unwrap_or(intent.word());
            let rows = on!(self, sqlx::query(STOP).bind(organisation.uuid()).bind(award.uuid())
                .bind(after.word()).bind(intent).bind(now.millis()).bind(state.word()) => execute)?;
            if rows != 1 {
                return Err(StepError::Changed);
            }
            after
        };
        on!(self, sqlx::query(NOTE_INTENT).bind(organisation.uuid()).bind(award.uuid()).bind(reason).bind(by)
            .bind(now.millis()) => execute)?;
        Ok(Some(after))
    }

    /// Takes up to 50 awards of one event that are to be revoked, until `until`.
    pub async fn claim_revocations(
        &mut self,
        organisation: OrganisationId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<(String, Vec<Revocation>)>, StoreError> {
        let event: Option<String> = on!(self, sqlx::query_scalar(NEXT_EVENT).bind(organisation.uuid())
            .bind(now.millis()) => fetch_optional)?;
        let Some(event) = event else {
            return Ok(None);
        };
        let rows: Vec<(Uuid, Option<Uuid>, String, i64)> = on!(self, sqlx::query_as(REVOKING)
            .bind(organisation.uuid()).bind(&event).bind(now.millis()).bind(until.millis()) => fetch_all)?;
        let revocation = |(award, order, address, tries): (Uuid, Option<Uuid>, String, i64)| Revocation {
            award: AwardId::new(award),
            order: order.map(OrderId::new),
            address,
            tries: u32::try_from(tries).unwrap_or(u32::MAX),
        };
        Ok(Some((event, rows.into_iter().map(revocation).collect())))
    }

    /// The Factory confirmed a revocation; `false` if the award was not being revoked.
    pub async fn award_revoked(
        &mut self,
        organisation: OrganisationId,
        award: AwardId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(REVOKED).bind(organisation.uuid()).bind(award.uuid()).bind(now.millis())
            => execute)?;
        // a grade that came with the badge goes with it
        self.enqueue_grades(organisation, now).await?;
        Ok(rows == 1)
    }

    /// A revocation failed and is tried again at `at`.
    pub async fn revoke_later(
        &mut self,
        organisation: OrganisationId,
        revocation: &Revocation,
        at: Timestamp,
        reason: &str,
    ) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(REVOKE_LATER).bind(organisation.uuid()).bind(revocation.award.uuid())
            .bind(at.millis()).bind(i64::from(revocation.tries) + 1).bind(reason) => execute)?;
        Ok(rows == 1)
    }
}

fn known((id, state, hold, order): KnownRow) -> Result<KnownAward, StoreError> {
    Ok(KnownAward {
        id: AwardId::new(id),
        state: state_of(&state, hold.as_deref())?,
        order: order.map(OrderId::new),
    })
}

pub(super) fn state_of(state: &str, hold: Option<&str>) -> Result<AwardState, StoreError> {
    AwardState::read(state, hold).map_err(|_| StoreError::Unreadable { what: "award.state" })
}

fn part_state(dispatch: &Dispatch, award: AwardId) -> Option<AwardState> {
    dispatch
        .parts
        .iter()
        .find(|part| part.award == award)
        .map(|part| part.status.state)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::plans;

    #[tokio::test]
    async fn queries_find_few_rows() {
        plans::finding_few(&[
            BY_RECIPIENT,
            BY_ADDRESS,
            NEWER,
            EARLIER,
            OTHERWISE,
            HELD,
            RELEASABLE,
            RELEASE,
            SAME_ADDRESS,
            NEXT_EVENT,
            REVOKING,
        ])
        .await;
    }
}
