//! What a rule looks at about people, what it decided, and the awards that it makes: held first, released when nothing
//! stands in the way, lapsed if the conditions fell away before anything went out. Every method takes the organisation.

use sqlx::types::Json;
use uuid::Uuid;

use super::award::state_of;
use super::dialect::both;
use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::award::{AwardState, AwardStatus, AwardStep, Hold, Intent};
use crate::model::fact::{Fact, FactClass, FactValue, Facts};
use crate::model::request::{Content, Recipient};
use crate::model::rule::{Decision, Dossier, Held, Rule, by_rule};
use crate::model::score::{Points, Score};
use crate::model::{
    Address, AwardId, CourseId, EnrolmentStatus, MemberId, OrderId, OrganisationId, Person, RuleId, SignalId, Standing,
};

/// Why an award that lapsed was withdrawn: stored in the award, and the mark by which it may be revived.
pub const LAPSED: &str = "conditions no longer met";

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

/// What a rule decided about somebody last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluation {
    /// The rule.
    pub rule: RuleId,
    /// In which version.
    pub version: u32,
    /// When.
    pub at: Timestamp,
    /// What, with the reasons.
    pub decision: Decision,
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

#[derive(sqlx::FromRow)]
struct PersonRow {
    id: Uuid,
    name: String,
    email: Option<String>,
    launch_standing: Option<String>,
    roster_standing: Option<String>,
    also_learner: bool,
    status: String,
    test: bool,
}

#[derive(sqlx::FromRow)]
struct AwardRow {
    for_id: Uuid,
    id: Uuid,
    badge_id: String,
    cause: String,
    period: String,
    state: String,
    hold: Option<String>,
    intent: Option<String>,
    reason: Option<String>,
    issued_at: Option<i64>,
    next_at: Option<i64>,
    dropped_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct ScoreRow {
    id: Uuid,
    member_id: Uuid,
    item: String,
    source: String,
    given: Option<i64>,
    maximum: i64,
    released: bool,
    overrides: bool,
    occurred_at: i64,
    received_at: i64,
}

const LOCK: (&str, &str) = both!(
    "SELECT member_id FROM enrolment WHERE organisation_id = $1 AND course_id = $2 AND member_id = $3",
    for_update
);
const PEOPLE: &str =
    "SELECT m.id, m.name, m.email, e.launch_standing, e.roster_standing, e.also_learner, e.status, e.test
    FROM enrolment e JOIN member m ON m.id = e.member_id
    WHERE e.organisation_id = $1 AND e.course_id = $2 AND e.member_id >= $3 AND e.member_id <= $4
    ORDER BY e.member_id";
const AWARDS: &str = "SELECT a.member_id AS for_id, a.id, a.badge_id, a.cause, a.period, a.state, a.hold, a.intent,
        a.reason, a.issued_at, a.next_at, r.dropped_at
    FROM award a LEFT JOIN rule_award r ON r.award_id = a.id
    WHERE a.organisation_id = $1 AND a.member_id >= $2 AND a.member_id <= $3
    UNION ALL SELECT m.id AS for_id, a.id, a.badge_id, a.cause, a.period, a.state, a.hold, a.intent, a.reason,
        a.issued_at, a.next_at, NULL
    FROM member m JOIN award a ON a.organisation_id = m.organisation_id AND a.address = m.email
    WHERE m.organisation_id = $1 AND m.id >= $2 AND m.id <= $3 AND (a.member_id IS NULL OR a.member_id <> m.id)";
const SCORES: &str = "SELECT id, member_id, item, source, given, maximum, released, overrides,
    CASE WHEN occurred_at > received_at + 300000 THEN received_at ELSE occurred_at END AS occurred_at, received_at
    FROM signal WHERE organisation_id = $1 AND course_id = $2 AND member_id >= $3 AND member_id <= $4
    AND kind = 'score' AND state = 'matched' ORDER BY member_id, id LIMIT 20000";
const SAVE: &str =
    "INSERT INTO evaluation (rule_id, member_id, organisation_id, course_id, version, at, outcome, decision)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (rule_id, member_id) DO UPDATE SET version = excluded.version, at = excluded.at,
        outcome = excluded.outcome, decision = excluded.decision";
const LAST: &str = "SELECT rule_id, version, at, decision FROM evaluation
    WHERE organisation_id = $1 AND rule_id = $2 AND member_id = $3";
const CHECKED: &str = "SELECT MAX(at) FROM evaluation WHERE organisation_id = $1 AND rule_id = $2";
const MAKE: &str = "INSERT INTO award (id, organisation_id, badge_id, badge_name, cause, recipient, address, period,
    generation, award_key, member_id, course_id, name, state, hold, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10, $11, $12, 'held', 'parked', $13, $13) ON CONFLICT DO NOTHING";
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
const RELEASE: &str = "UPDATE award SET state = 'queued', hold = NULL, next_at = NULL, reason = NULL, address = $3,
    order_id = $4, updated_at = $5 WHERE organisation_id = $1 AND id = $2 AND state = 'held' AND NOT EXISTS
        (SELECT 1 FROM award other WHERE other.organisation_id = award.organisation_id
            AND other.badge_id = award.badge_id AND other.cause = award.cause AND other.address = $3
            AND other.period = award.period AND (other.generation = award.generation
                OR other.state IN ('queued', 'sending', 'issued')))";
const SAME_ADDRESS: &str =
    "UPDATE award SET state = 'withdrawn', hold = NULL, next_at = NULL, reason = 'same address', updated_at = $3
    WHERE organisation_id = $1 AND id = $2 AND state = 'held'";
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
    /// Locks a person's place in a course until the end of the transaction; `false`: not in the course. Facts are read
    /// after it, so that of two evaluations the later one sees everything.
    pub async fn lock_enrolment(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        member: MemberId,
    ) -> Result<bool, StoreError> {
        let sql = self.pick(LOCK);
        let known: Option<Uuid> = on!(self, sqlx::query_scalar(sql).bind(organisation.uuid()).bind(course.uuid())
            .bind(member.uuid()) => fetch_optional)?;
        Ok(known.is_some())
    }

    /// Everything that rules look at about one person.
    pub async fn dossier(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        member: MemberId,
        past_scores: bool,
    ) -> Result<Option<Dossier>, StoreError> {
        let facts = self.facts(organisation, course, member).await?;
        let mut found = self
            .dossiers_between(
                organisation,
                course,
                (member, member),
                vec![(member, facts)],
                past_scores,
            )
            .await?;
        Ok(found.pop())
    }

    /// The same for up to `limit` people by their ids, from the one after `after`: for dry runs and backfills.
    pub async fn dossiers(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        after: Option<MemberId>,
        limit: i64,
        past_scores: bool,
    ) -> Result<Vec<Dossier>, StoreError> {
        let ids = self.enrolled(organisation, course, after, limit).await?;
        let (Some(first), Some(last)) = (ids.first().copied(), ids.last().copied()) else {
            return Ok(Vec::new());
        };
        let facts = self.facts_of_course(organisation, course, after, limit).await?;
        self.dossiers_between(organisation, course, (first, last), facts, past_scores)
            .await
    }

    async fn dossiers_between(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        (first, last): (MemberId, MemberId),
        facts: Vec<(MemberId, Facts)>,
        past_scores: bool,
    ) -> Result<Vec<Dossier>, StoreError> {
        let people: Vec<PersonRow> = on!(self, sqlx::query_as(PEOPLE).bind(organisation.uuid()).bind(course.uuid())
            .bind(first.uuid()).bind(last.uuid()) => fetch_all)?;
        let awards: Vec<AwardRow> = on!(self, sqlx::query_as(AWARDS).bind(organisation.uuid()).bind(first.uuid())
            .bind(last.uuid()) => fetch_all)?;
        let scores: Vec<ScoreRow> = if past_scores {
            on!(self, sqlx::query_as(SCORES).bind(organisation.uuid()).bind(course.uuid())
                .bind(first.uuid()).bind(last.uuid()) => fetch_all)?
        } else {
            Vec::new()
        };
        let mut facts: std::collections::HashMap<MemberId, Facts> = facts.into_iter().collect();
        let mut dossiers: Vec<Dossier> = people
            .into_iter()
            .map(|row| {
                let member = MemberId::new(row.id);
                row.into_dossier(facts.remove(&member).unwrap_or_default())
            })
            .collect();
        let place: std::collections::HashMap<Uuid, usize> = dossiers
            .iter()
            .enumerate()
            .map(|(at, dossier)| (dossier.person.member.uuid(), at))
            .collect();
        for row in awards {
            if let Some(dossier) = place.get(&row.for_id).and_then(|at| dossiers.get_mut(*at)) {
                dossier.awards.push(row.into_held()?);
            }
        }
        for row in scores {
            if let Some(dossier) = place.get(&row.member_id).and_then(|at| dossiers.get_mut(*at)) {
                dossier.scores.push(row.into_fact()?);
            }
        }
        Ok(dossiers)
    }

    /// Keeps what was decided about somebody, in place of what was decided before.
    pub async fn save_evaluation(
        &mut self,
        rule: &Rule,
        member: MemberId,
        decision: &Decision,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(SAVE).bind(rule.id.uuid()).bind(member.uuid()).bind(rule.organisation.uuid())
            .bind(rule.course.uuid()).bind(i64::from(rule.version)).bind(now.millis()).bind(decision.outcome.word())
            .bind(Json(decision)) => execute)?;
        Ok(())
    }

    /// What a rule decided about somebody last.
    pub async fn evaluation(
        &mut self,
        organisation: OrganisationId,
        rule: RuleId,
        member: MemberId,
    ) -> Result<Option<Evaluation>, StoreError> {
        let row: Option<(Uuid, i64, i64, Json<Decision>)> = on!(self, sqlx::query_as(LAST).bind(organisation.uuid())
            .bind(rule.uuid()).bind(member.uuid()) => fetch_optional)?;
        Ok(row.map(|(rule, version, at, Json(decision))| Evaluation {
            rule: RuleId::new(rule),
            version: u32::try_from(version).unwrap_or(0),
            at: Timestamp::from_millis(at),
            decision,
        }))
    }

    /// When a rule last looked at anybody.
    pub async fn rule_checked_at(
        &mut self,
        organisation: OrganisationId,
        rule: RuleId,
    ) -> Result<Option<Timestamp>, StoreError> {
        let at: Option<i64> =
            on!(self, sqlx::query_scalar(CHECKED).bind(organisation.uuid()).bind(rule.uuid()) => fetch_one)?;
        Ok(at.map(Timestamp::from_millis))
    }

    /// How many awards of a rule stand.
    pub async fn rule_award_count(&mut self, organisation: OrganisationId, rule: RuleId) -> Result<i64, StoreError> {
        on!(self, sqlx::query_scalar(MADE).bind(organisation.uuid()).bind(rule.uuid()) => fetch_one)
    }

    /// Makes an award, held for a person until [`Self::hold_rule_award`] or [`Self::release_rule_award`] says more;
    /// `false` if it is there already.
    pub async fn make_rule_award(&mut self, rule: &Rule, new: &RuleAward, now: Timestamp) -> Result<bool, StoreError> {
        let recipient = Recipient::Member(new.member).key();
        let rows = on!(self, sqlx::query(MAKE).bind(new.id.uuid()).bind(rule.organisation.uuid())
            .bind(&rule.badge_id).bind(&new.badge_name).bind(by_rule(rule.id)).bind(&recipient)
            .bind(format!("none:{}", new.id)).bind(&new.period).bind(new.key.as_slice()).bind(new.member.uuid())
            .bind(rule.course.uuid()).bind(&new.name).bind(now.millis()) => execute)?;
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

    /// Queues a held award with its order and address. If the address has this award already it is withdrawn: `false`.
    pub async fn release_rule_award(
        &mut self,
        organisation: OrganisationId,
        award: AwardId,
        address: &Address,
        order: OrderId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(RELEASE).bind(organisation.uuid()).bind(award.uuid()).bind(address.as_str())
            .bind(order.uuid()).bind(now.millis()) => execute)?;
        if rows == 0 {
            on!(self, sqlx::query(SAME_ADDRESS).bind(organisation.uuid()).bind(award.uuid()).bind(now.millis())
                => execute)?;
        }
        Ok(rows == 1)
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

impl PersonRow {
    /// Staff by either source is staff: a teacher who looks at the course as a learner is none.
    fn into_dossier(self, facts: Facts) -> Dossier {
        let read = |word: Option<String>| word.and_then(|word| word.parse().ok());
        let (launch, roster): (Option<Standing>, Option<Standing>) =
            (read(self.launch_standing), read(self.roster_standing));
        let staff = [launch, roster]
            .into_iter()
            .flatten()
            .find(|standing| standing.sees_course());
        Dossier {
            person: Person {
                member: MemberId::new(self.id),
                name: self.name,
                email: self.email.and_then(|text| Address::parse(&text).ok()),
                standing: staff.or(launch).or(roster).unwrap_or(Standing::None),
                status: EnrolmentStatus::of(&self.status),
                test: self.test,
            },
            also_learner: self.also_learner && staff.is_some(),
            facts,
            scores: Vec::new(),
            awards: Vec::new(),
        }
    }
}

impl AwardRow {
    fn into_held(self) -> Result<Held, StoreError> {
        let state = state_of(&self.state, self.hold.as_deref())?;
        let asked = self
            .intent
            .as_deref()
            .is_some_and(|word| word.parse::<Intent>().is_ok());
        let waits = state == AwardState::Held(Hold::Wait);
        Ok(Held {
            award: AwardId::new(self.id),
            badge_id: self.badge_id,
            cause: self.cause,
            period: self.period,
            state,
            lapsed: state == AwardState::Withdrawn && !asked && self.reason.as_deref() == Some(LAPSED),
            issued_at: self.issued_at.map(Timestamp::from_millis),
            wait_until: self.next_at.filter(|_| waits).map(Timestamp::from_millis),
            dropped: self.dropped_at.is_some(),
        })
    }
}

impl ScoreRow {
    fn into_fact(self) -> Result<Fact, StoreError> {
        let unreadable = |what| StoreError::Unreadable { what };
        let score = Score {
            given: self.given.and_then(Points::from_millionths),
            maximum: Points::from_millionths(self.maximum).ok_or_else(|| unreadable("signal.maximum"))?,
            released: self.released,
            overrides: self.overrides,
        };
        Ok(Fact {
            item: self.item.parse().map_err(|_| unreadable("signal.item"))?,
            class: if self.overrides {
                FactClass::Override
            } else {
                FactClass::Score
            },
            value: FactValue::Score(score),
            occurred_at: Timestamp::from_millis(self.occurred_at),
            utc_offset_minutes: None,
            received_at: Timestamp::from_millis(self.received_at),
            clock_suspect: false,
            source: self.source.parse().map_err(|_| unreadable("signal.source"))?,
            signal: SignalId::new(self.id),
        })
    }
}
