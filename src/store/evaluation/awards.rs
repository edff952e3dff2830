//! The awards that rules make: held first, released when nothing stands in the way, lapsed if the conditions fell away
//! before anything went out. Every method takes the organisation.

use sqlx::types::Json;
use uuid::Uuid;

use super::LAPSED;
use crate::clock::Timestamp;
use crate::model::award::{AwardStatus, AwardStep, Hold};
use crate::model::request::{Content, Recipient};
use crate::model::rule::{Held, Rule, by_rule};
use crate::model::{AwardId, CourseId, MemberId, OrganisationId, RuleId};
use crate::store::dialect::both;
use crate::store::tx::on;
use crate::store::{StoreError, Tx};

/// An award that a rule makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleAward {
    /// Its id.
    pub id: AwardId,
    /// The badge's name at the time.
    pub badge_name: String,
    /// For whom.
    pub member: MemberId,
    /// The name to show and to send.
    pub name: String,
    /// Its period.
    pub period: String,
    /// HMAC of what makes the award unique.
    pub key: [u8; 32],
    /// What to send.
    pub content: Content,
    /// When the conditions were met.
    pub met_at: Timestamp,
    /// Whether the breaker counts it.
    pub counts: bool,
}

/// What a person replaces by an award by hand.
#[derive(Clone, Copy, Debug)]
pub struct Replaced<'a> {
    /// The award that a rule holds.
    pub award: AwardId,
    /// The course of both.
    pub course: CourseId,
    /// The badge of both.
    pub badge_id: &'a str,
    /// For whom both are.
    pub member: MemberId,
    /// Who asked.
    pub by: Option<MemberId>,
}

/// An award of a rule that a person should look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToLookAt {
    /// The award.
    pub award: AwardId,
    /// The rule.
    pub rule: RuleId,
    /// For whom.
    pub member: MemberId,
    /// The person's name.
    pub name: String,
    /// The badge's name.
    pub badge_name: String,
    /// Since when.
    pub at: Timestamp,
    /// When the conditions were met.
    pub met_at: Timestamp,
}

const MAKE: &str = "INSERT INTO award (id, organisation_id, badge_id, badge_name, cause, recipient, address, period,
    generation, award_key, member_id, course_id, name, state, hold, created_at, updated_at, search)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10, $11, $12, 'held', 'parked', $13, $13, $14) ON CONFLICT DO NOTHING";
// What was made before keeps its place in the breaker's count, unless a person gave leave; what lapsed begins anew.
const NOTE: &str = "INSERT INTO rule_award (award_id, organisation_id, rule_id, course_id, member_id, version, content,
    met_at, made_at, counts) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT (award_id) DO UPDATE SET version = excluded.version, content = excluded.content,
        met_at = excluded.met_at, dropped_at = NULL,
        made_at = CASE WHEN $11 THEN excluded.made_at ELSE rule_award.made_at END,
        counts = CASE WHEN $11 THEN excluded.counts ELSE rule_award.counts AND excluded.counts END";
const HOLD: &str =
    "UPDATE award SET state = 'held', hold = $3, next_at = $4, reason = NULL, address = $7, updated_at = $5
    WHERE organisation_id = $1 AND id = $2 AND state = $6 AND intent IS NULL";
const LAPSE: &str = "UPDATE award SET state = 'withdrawn', hold = NULL, next_at = NULL, reason = $3, updated_at = $4
    WHERE organisation_id = $1 AND id = $2 AND state = 'held'";
const REPLACE: &str =
    "UPDATE award SET state = 'withdrawn', hold = NULL, next_at = NULL, reason = NULL, intent = 'withdraw',
    intent_reason = 'issued by hand', intent_by = $6, intent_at = $7, updated_at = $7
    WHERE organisation_id = $1 AND course_id = $2 AND id = $3 AND badge_id = $4 AND member_id = $5 AND state = 'held'
    AND cause LIKE 'rule:%' AND intent IS NULL";
const STANDS: &str = "SELECT 1 FROM award WHERE organisation_id = $1 AND id = $2
    AND state IN ('held', 'queued', 'sending', 'issued')";
const RECENT: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM rule_award WHERE organisation_id = $1 AND rule_id = $2
    AND made_at >= $3 AND counts LIMIT 1001) recent";
const STOP_WAITING: &str = "UPDATE award SET hold = 'limit', next_at = NULL, updated_at = $4 WHERE organisation_id = $1
    AND state = 'held' AND hold = 'wait' AND id IN (SELECT award_id FROM rule_award
        WHERE organisation_id = $1 AND rule_id = $2 AND made_at >= $3 AND counts ORDER BY made_at DESC LIMIT 400)";
const DROP: &str = "UPDATE rule_award SET dropped_at = $3 WHERE organisation_id = $1 AND award_id = $2
    AND (dropped_at IS NULL) <> ($3 IS NULL)";
const KEEP: &str = "UPDATE rule_award SET kept_at = $3 WHERE organisation_id = $1 AND award_id = $2
    AND dropped_at IS NOT NULL";
const DROPPED: &str =
    "SELECT a.id, r.rule_id, r.member_id, a.name, a.badge_name, r.dropped_at, r.met_at FROM rule_award r
    JOIN award a ON a.id = r.award_id WHERE r.organisation_id = $1 AND r.course_id = $2 AND r.dropped_at IS NOT NULL
    AND (r.kept_at IS NULL OR r.kept_at < r.dropped_at) AND a.state IN ('queued', 'sending', 'issued')
    ORDER BY r.dropped_at LIMIT 100";
const HELD: &str = "SELECT a.id, r.rule_id, r.member_id, a.name, a.badge_name, r.made_at, r.met_at FROM rule_award r
    JOIN award a ON a.id = r.award_id WHERE r.organisation_id = $1 AND r.rule_id = $2 AND a.state = 'held'
    AND a.hold = $3 ORDER BY a.name, a.id LIMIT 10000";
const MADE: &str = "SELECT COUNT(*) FROM rule_award r JOIN award a ON a.id = r.award_id
    WHERE r.organisation_id = $1 AND r.rule_id = $2 AND a.state IN ('held', 'queued', 'sending', 'issued')";
const PENDING: (&str, &str) = both!(
    "SELECT COUNT(*) FROM (SELECT 1 FROM job WHERE kind = 'evaluate' AND dedup_key",
    (postgres " COLLATE \"C\""),
    " > $1 AND dedup_key",
    (postgres " COLLATE \"C\""),
    " < $2 AND due_at <= $3 LIMIT 1001) waiting"
);

type LookRow = (Uuid, Uuid, Uuid, String, String, i64, i64);

impl Tx<'_> {
    /// How many awards of a rule stand.
    pub async fn rule_award_count(&mut self, organisation: OrganisationId, rule: RuleId) -> Result<i64, StoreError> {
        on!(self, sqlx::query_scalar(MADE).bind(organisation.uuid()).bind(rule.uuid()) => fetch_one)
    }

    /// Makes an award, held for a person until [`Self::hold_rule_award`] or [`Self::release_award`] says more;
    /// `false` if it is there already.
    pub async fn make_rule_award(&mut self, rule: &Rule, new: &RuleAward, now: Timestamp) -> Result<bool, StoreError> {
        let recipient = Recipient::Member(new.member).key();
        let rows = on!(self, sqlx::query(MAKE).bind(new.id.uuid()).bind(rule.organisation.uuid())
            .bind(&rule.badge_id).bind(&new.badge_name).bind(by_rule(rule.id)).bind(&recipient)
            .bind(format!("none:{}", new.id)).bind(&new.period).bind(new.key.as_slice()).bind(new.member.uuid())
            .bind(rule.course.uuid()).bind(&new.name).bind(now.millis()).bind(new.name.to_lowercase()) => execute)?;
        if rows == 1 {
            self.note_rule_award(rule, new, true, now).await?;
        }
        Ok(rows == 1)
    }

    /// Brings up to date what an award that was not sent yet will say.
    /// `anew`: it counts from now on.
    pub async fn note_rule_award(
        &mut self,
        rule: &Rule,
        new: &RuleAward,
        anew: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(NOTE).bind(new.id.uuid()).bind(rule.organisation.uuid()).bind(rule.id.uuid())
            .bind(rule.course.uuid()).bind(new.member.uuid()).bind(i64::from(rule.version)).bind(Json(&new.content))
            .bind(new.met_at.millis()).bind(now.millis()).bind(new.counts).bind(anew) => execute)?;
        Ok(())
    }

    /// Holds an award that was not sent, or revives one that lapsed; `false` if it stands elsewhere by now.
    pub async fn hold_rule_award(
        &mut self,
        organisation: OrganisationId,
        award: &Held,
        hold: Hold,
        until: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let status = AwardStatus {
            state: award.state,
            intent: None,
        };
        if status.after(AwardStep::Waits(hold)).is_err() {
            return Ok(false);
        }
        let rows = on!(self, sqlx::query(HOLD).bind(organisation.uuid()).bind(award.award.uuid()).bind(hold.word())
            .bind(until.map(Timestamp::millis)).bind(now.millis()).bind(award.state.word())
            .bind(format!("none:{}", award.award)) => execute)?;
        Ok(rows == 1)
    }

    /// Takes back an award that was not sent, because its conditions fell away; it may be revived.
    pub async fn lapse_rule_award(
        &mut self,
        organisation: OrganisationId,
        award: &Held,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let status = AwardStatus {
            state: award.state,
            intent: None,
        };
        if status.after(AwardStep::Lapsed).is_err() {
            return Ok(false);
        }
        let rows = on!(self, sqlx::query(LAPSE).bind(organisation.uuid()).bind(award.award.uuid()).bind(LAPSED)
            .bind(now.millis()) => execute)?;
        Ok(rows == 1)
    }

    /// Takes back what a rule holds for a person of a course, because `by` issues the badge by hand instead. `false` if it
    /// stands all the same: it was released meanwhile, and the person gets it that way.
    pub async fn replace_rule_award(
        &mut self,
        organisation: OrganisationId,
        replaced: &Replaced<'_>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(REPLACE).bind(organisation.uuid()).bind(replaced.course.uuid())
            .bind(replaced.award.uuid()).bind(replaced.badge_id).bind(replaced.member.uuid())
            .bind(replaced.by.map(MemberId::uuid)).bind(now.millis()) => execute)?;
        if rows == 1 {
            return Ok(true);
        }
        let stands: Option<i32> = on!(self, sqlx::query_scalar(STANDS).bind(organisation.uuid())
            .bind(replaced.award.uuid()) => fetch_optional)?;
        Ok(stands.is_none())
    }

    /// How many awards a rule made by itself after `from`, counted up to 1,001.
    pub async fn recent_rule_awards(
        &mut self,
        organisation: OrganisationId,
        rule: RuleId,
        from: Timestamp,
    ) -> Result<u32, StoreError> {
        let count: i64 = on!(self, sqlx::query_scalar(RECENT).bind(organisation.uuid()).bind(rule.uuid())
            .bind(from.millis()) => fetch_one)?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// Holds what a rule made after `from` and what still waits, because its breaker tripped.
    pub async fn stop_waiting_awards(
        &mut self,
        organisation: OrganisationId,
        rule: RuleId,
        from: Timestamp,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        on!(self, sqlx::query(STOP_WAITING).bind(organisation.uuid()).bind(rule.uuid()).bind(from.millis())
            .bind(now.millis()) => execute)
    }

    /// How many people of a course are about to be looked at, counted up to 1,001.
    pub async fn pending_evaluations(
        &mut self,
        _organisation: OrganisationId,
        course: CourseId,
        now: Timestamp,
    ) -> Result<u32, StoreError> {
        let sql = self.pick(PENDING);
        let count: i64 = on!(self, sqlx::query_scalar(sql).bind(format!("evaluate:{course}:"))
            .bind(format!("evaluate:{course};")).bind(now.millis()) => fetch_one)?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// Notes since when the conditions of an award are no longer met, or that they are again; `false`: nothing new.
    pub async fn note_drop(
        &mut self,
        organisation: OrganisationId,
        award: AwardId,
        dropped_at: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(DROP).bind(organisation.uuid()).bind(award.uuid())
            .bind(dropped_at.map(Timestamp::millis)) => execute)?;
        Ok(rows == 1)
    }

    /// Notes that a person wants the badge kept although the conditions are no longer met.
    pub async fn keep_dropped(
        &mut self,
        organisation: OrganisationId,
        award: AwardId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(KEEP).bind(organisation.uuid()).bind(award.uuid())
            .bind(now.millis()) => execute)?;
        Ok(rows == 1)
    }

    /// Awards of a course whose conditions are no longer met, oldest first, at most 100.
    pub async fn dropped_awards(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
    ) -> Result<Vec<ToLookAt>, StoreError> {
        let rows: Vec<LookRow> =
            on!(self, sqlx::query_as(DROPPED).bind(organisation.uuid()).bind(course.uuid()) => fetch_all)?;
        Ok(rows.into_iter().map(to_look_at).collect())
    }

    /// Awards of a rule that are held for one reason, by name.
    pub async fn held_by_rule(
        &mut self,
        organisation: OrganisationId,
        rule: RuleId,
        hold: Hold,
    ) -> Result<Vec<ToLookAt>, StoreError> {
        let rows: Vec<LookRow> = on!(self, sqlx::query_as(HELD).bind(organisation.uuid()).bind(rule.uuid())
            .bind(hold.word()) => fetch_all)?;
        Ok(rows.into_iter().map(to_look_at).collect())
    }
}

fn to_look_at((award, rule, member, name, badge_name, at, met_at): LookRow) -> ToLookAt {
    ToLookAt {
        award: AwardId::new(award),
        rule: RuleId::new(rule),
        member: MemberId::new(member),
        name,
        badge_name,
        at: Timestamp::from_millis(at),
        met_at: Timestamp::from_millis(met_at),
    }
}
