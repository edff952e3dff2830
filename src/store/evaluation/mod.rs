//! What a rule looks at about people, and what it decided. Every method takes the organisation.

mod awards;

use sqlx::types::Json;
use uuid::Uuid;

pub use self::awards::{Replaced, RuleAward, ToLookAt};
use super::award::state_of;
use super::dialect::both;
use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::award::{AwardState, Hold, Intent};
use crate::model::fact::{Fact, FactClass, FactValue, Facts};
use crate::model::rule::{Decision, Dossier, Held, Rule};
use crate::model::score::{Points, Score};
use crate::model::{
    Address, AwardId, CourseId, EnrolmentStatus, MemberId, OrganisationId, Person, RuleId, SignalId, Standing,
};

/// Why an award that lapsed was withdrawn: stored in the award, and the mark by which it may be revived.
pub const LAPSED: &str = "conditions no longer met";

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
macro_rules! awards {
    ($of:literal, $whose:literal) => {
        concat!(
            "SELECT a.member_id AS for_id, a.id, a.badge_id, a.cause, a.period, a.state, a.hold, a.intent,
        a.reason, a.issued_at, a.next_at, r.dropped_at
    FROM award a LEFT JOIN rule_award r ON r.award_id = a.id
    WHERE a.organisation_id = $1 AND a.member_id ",
            $of,
            " UNION ALL SELECT m.id AS for_id, a.id, a.badge_id, a.cause, a.period, a.state, a.hold, a.intent, a.reason,
        a.issued_at, a.next_at, NULL
    FROM member m JOIN award a ON a.organisation_id = m.organisation_id AND a.address = m.email
    WHERE m.organisation_id = $1 AND m.id ",
            $whose,
            " AND (a.member_id IS NULL OR a.member_id <> m.id)"
        )
    };
}
const AWARDS: &str = awards!(">= $2 AND a.member_id <= $3", ">= $2 AND m.id <= $3");
// PostgreSQL takes any span of people to be a two-hundredth of all, and then rather reads the awards of all rules.
const AWARDS_OF_ONE: &str = awards!("= $2", "= $2");
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
        let awards: Vec<AwardRow> = if first == last {
            on!(self, sqlx::query_as(AWARDS_OF_ONE).bind(organisation.uuid()).bind(first.uuid()) => fetch_all)?
        } else {
            on!(self, sqlx::query_as(AWARDS).bind(organisation.uuid()).bind(first.uuid()).bind(last.uuid())
                => fetch_all)?
        };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::plans;

    #[tokio::test]
    async fn queries_find_few_rows() {
        plans::finding_few(&[PEOPLE, AWARDS, AWARDS_OF_ONE, SCORES, LAST, CHECKED]).await;
    }
}
