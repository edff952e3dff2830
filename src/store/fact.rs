//! What is known about people in courses: the newest news of each source, and the evaluation that it makes necessary.

use uuid::Uuid;

use super::job::NewJob;
use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::fact::{Fact, FactValue, Facts};
use crate::model::score::{Points, Score};
use crate::model::{CourseId, MemberId, OrganisationId, SignalId};

#[derive(sqlx::FromRow)]
struct Row {
    member_id: Uuid,
    item: String,
    class: String,
    source: String,
    holds: Option<bool>,
    given: Option<i64>,
    maximum: Option<i64>,
    released: Option<bool>,
    occurred_at: i64,
    utc_offset_minutes: Option<i64>,
    received_at: i64,
    clock_suspect: bool,
    signal_id: Uuid,
}

// The row is left alone if it is newer: by time, then by arrival, then by id, so that any order of arrival ends in the
// same row. The same signal again, by a replay, is written again and evaluated again.
const PUT: &str = "INSERT INTO fact (organisation_id, course_id, member_id, item, class, source, holds, given, maximum,
    released, occurred_at, utc_offset_minutes, received_at, clock_suspect, signal_id, changed_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
    ON CONFLICT (organisation_id, course_id, member_id, item, class, source) DO UPDATE SET holds = excluded.holds,
        given = excluded.given, maximum = excluded.maximum, released = excluded.released,
        occurred_at = excluded.occurred_at, utc_offset_minutes = excluded.utc_offset_minutes,
        received_at = excluded.received_at, clock_suspect = excluded.clock_suspect, signal_id = excluded.signal_id,
        changed_at = excluded.changed_at
    WHERE (excluded.occurred_at, excluded.received_at, excluded.signal_id)
        >= (fact.occurred_at, fact.received_at, fact.signal_id)";
const OF_PERSON: &str = "SELECT member_id, item, class, source, holds, given, maximum, released, occurred_at,
    utc_offset_minutes, received_at, clock_suspect, signal_id FROM fact
    WHERE organisation_id = $1 AND course_id = $2 AND member_id = $3 ORDER BY item, class, source";
const OF_COURSE: &str = "SELECT member_id, item, class, source, holds, given, maximum, released, occurred_at,
    utc_offset_minutes, received_at, clock_suspect, signal_id FROM fact
    WHERE organisation_id = $1 AND course_id = $2 AND member_id IN (SELECT DISTINCT member_id FROM fact
        WHERE organisation_id = $1 AND course_id = $2 AND member_id > $3 ORDER BY member_id LIMIT $4)
    ORDER BY member_id, item, class, source";

impl Tx<'_> {
    /// Keeps a fact if it is newer than what its source said before, and queues the evaluation of this person in this
    /// course, if the course has a rule. `false`: older news, no fact changed.
    pub async fn put_fact(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        member: MemberId,
        fact: &Fact,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (is_newer, is_worth) = self.keep_fact(organisation, course, member, fact, now).await?;
        if is_worth && self.wants_evaluation(organisation, course).await? {
            self.enqueue(&NewJob::evaluate(organisation, course, member, now), now)
                .await?;
        }
        Ok(is_newer)
    }

    /// Keeps a fact if it is newer than what its source said before: whether it was, and whether the person is worth
    /// another look: an older score is an attempt that a rule may choose. Queues nothing.
    pub async fn keep_fact(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        member: MemberId,
        fact: &Fact,
        now: Timestamp,
    ) -> Result<(bool, bool), StoreError> {
        let (holds, score) = match fact.value {
            FactValue::Holds(holds) => (Some(holds), None),
            FactValue::Score(score) => (None, Some(score)),
        };
        let given = score.and_then(|score| score.given).map(Points::millionths);
        let rows = on!(self, sqlx::query(PUT).bind(organisation.uuid()).bind(course.uuid()).bind(member.uuid())
            .bind(fact.item.to_string()).bind(fact.class.word()).bind(fact.source.word()).bind(holds).bind(given)
            .bind(score.map(|score| score.maximum.millionths())).bind(score.map(|score| score.released))
            .bind(fact.occurred_at.millis()).bind(fact.utc_offset_minutes.map(i64::from))
            .bind(fact.received_at.millis()).bind(fact.clock_suspect).bind(fact.signal.uuid())
            .bind(now.millis()) => execute)?;
        Ok((rows == 1, rows == 1 || score.is_some()))
    }

    /// Whether news about a course is evaluated: it has an active rule.
    pub async fn wants_evaluation(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
    ) -> Result<bool, StoreError> {
        self.course_has_rules(organisation, course).await
    }

    /// All that is known about one person in one course.
    pub async fn facts(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        member: MemberId,
    ) -> Result<Facts, StoreError> {
        let rows: Vec<Row> = on!(self, sqlx::query_as(OF_PERSON).bind(organisation.uuid()).bind(course.uuid())
            .bind(member.uuid()) => fetch_all)?;
        let facts: Result<Vec<Fact>, StoreError> = rows.into_iter().map(Row::into_fact).collect();
        Ok(Facts::new(facts?))
    }

    /// All that is known about up to `limit` people of a course, in the order of their ids from the one after `after`:
    /// for dry runs and backfills. People about whom nothing is known are not among them.
    pub async fn facts_of_course(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        after: Option<MemberId>,
        limit: i64,
    ) -> Result<Vec<(MemberId, Facts)>, StoreError> {
        let after = after.map_or(Uuid::nil(), MemberId::uuid);
        let rows: Vec<Row> = on!(self, sqlx::query_as(OF_COURSE).bind(organisation.uuid()).bind(course.uuid())
            .bind(after).bind(limit) => fetch_all)?;
        let mut people: Vec<(MemberId, Vec<Fact>)> = Vec::new();
        for row in rows {
            let member = MemberId::new(row.member_id);
            let fact = row.into_fact()?;
            match people.last_mut() {
                Some((last, facts)) if *last == member => facts.push(fact),
                _ => people.push((member, vec![fact])),
            }
        }
        Ok(people
            .into_iter()
            .map(|(member, facts)| (member, Facts::new(facts)))
            .collect())
    }
}

impl Row {
    fn into_fact(self) -> Result<Fact, StoreError> {
        let unreadable = |what| StoreError::Unreadable { what };
        let value = match (self.holds, self.maximum, self.released) {
            (Some(holds), None, _) => FactValue::Holds(holds),
            (None, Some(maximum), Some(released)) => FactValue::Score(Score {
                given: self.given.and_then(Points::from_millionths),
                maximum: Points::from_millionths(maximum).ok_or_else(|| unreadable("fact.maximum"))?,
                released,
                overrides: self.class == "override",
            }),
            _ => return Err(unreadable("fact.holds")),
        };
        Ok(Fact {
            item: self.item.parse().map_err(|_| unreadable("fact.item"))?,
            class: self.class.parse().map_err(|_| unreadable("fact.class"))?,
            value,
            occurred_at: Timestamp::from_millis(self.occurred_at),
            utc_offset_minutes: self.utc_offset_minutes.and_then(|minutes| i16::try_from(minutes).ok()),
            received_at: Timestamp::from_millis(self.received_at),
            clock_suspect: self.clock_suspect,
            source: self.source.parse().map_err(|_| unreadable("fact.source"))?,
            signal: SignalId::new(self.signal_id),
        })
    }
}
