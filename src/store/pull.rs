//! How courses are asked at their LMSs, and what was seen there last.

use sqlx::types::Json;
use uuid::Uuid;

use super::dialect::both;
use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::connection::{Cursor, Pull};
use crate::model::signal::Source;
use crate::model::{CourseId, OrganisationId, RegistrationId, RuleId};

/// What was seen last about a person and an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PulledRow {
    /// The person, by the LMS's id; empty: everybody.
    pub subject: String,
    /// The item, as stored.
    pub item: String,
    /// The class of what it says, as stored.
    pub class: String,
    /// Digest of what was seen.
    pub digest: Vec<u8>,
    /// When it happened.
    pub at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct Row {
    course_id: Uuid,
    organisation_id: Uuid,
    asked_at: Option<i64>,
    ok_at: Option<i64>,
    news_at: Option<i64>,
    idle: i64,
    failures: i64,
    error: Option<String>,
    error_at: Option<i64>,
    next_at: Option<i64>,
    ends_at: Option<i64>,
    swept: String,
    cursor: Json<Cursor>,
    generation: i64,
    anew_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct AskedRow {
    title: String,
    #[sqlx(flatten)]
    pull: Row,
}

/// Courses that have something to ask: a rule that is weighed, and an open connection of their registration that wants no
/// pause, or a rule about our own column; that are not over; and that were never asked, have a newer rule, or were forgotten
/// (a job that was lost). What waits and is due in a moment need not be planned, and takes no place from others.
const DUE: (&str, &str) = both!(
    "SELECT c.organisation_id, c.id FROM course c
    JOIN registration g ON g.id = c.registration_id AND g.enabled LEFT JOIN pull p ON p.course_id = c.id
    WHERE EXISTS (SELECT 1 FROM rule r JOIN rule_version v ON v.rule_id = r.id AND v.version = r.version
        WHERE r.organisation_id = c.organisation_id AND r.course_id = c.id AND r.state IN ('on', 'paused', 'stopped')
        AND (v.expression LIKE '%own-column%' OR ((v.expression LIKE '%complet%' OR v.expression LIKE '%conclud%'
            OR v.expression LIKE '%final-grade%' OR v.expression LIKE '%score%') AND EXISTS (SELECT 1 FROM connection k
            WHERE k.organisation_id = c.organisation_id AND k.registration_id = c.registration_id AND k.enabled
            AND k.connected_at IS NOT NULL AND (k.throttled_until IS NULL OR k.throttled_until <= $2))))
        AND (p.course_id IS NULL OR r.state_at > COALESCE(p.asked_at, 0) OR v.written_at > COALESCE(p.asked_at, 0)
            OR (p.swept <> 'late' AND (p.next_at IS NULL OR p.next_at < $1))))
    AND (p.course_id IS NULL OR p.failures = 0 OR p.next_at IS NULL OR p.next_at <= $2)
    AND NOT EXISTS (SELECT 1 FROM job j WHERE j.lease_until IS NULL AND j.due_at <= $3 AND j.dedup_key = 'pull:' || ",
    (sqlite "lower(substr(hex(c.id), 1, 8) || '-' || substr(hex(c.id), 9, 4) || '-' || substr(hex(c.id), 13, 4)
        || '-' || substr(hex(c.id), 17, 4) || '-' || substr(hex(c.id), 21))"),
    (postgres "CAST(c.id AS TEXT)"),
    ") ORDER BY c.id LIMIT $4",
);
/// Whether a course has a rule that is weighed and a source to ask about it.
const ASKS: &str = "SELECT COUNT(*) FROM course c WHERE c.organisation_id = $1 AND c.id = $2
    AND EXISTS (SELECT 1 FROM rule r JOIN rule_version v ON v.rule_id = r.id AND v.version = r.version
        WHERE r.organisation_id = c.organisation_id AND r.course_id = c.id AND r.state IN ('on', 'paused', 'stopped')
        AND (v.expression LIKE '%own-column%' OR EXISTS (SELECT 1 FROM connection k
            WHERE k.organisation_id = c.organisation_id AND k.registration_id = c.registration_id AND k.enabled
            AND k.connected_at IS NOT NULL)))";
const ONE: &str = "SELECT course_id, organisation_id, asked_at, ok_at, news_at, idle, failures, error, error_at,
    next_at, ends_at, swept, cursor, generation, anew_at FROM pull WHERE organisation_id = $1 AND course_id = $2";
const OF_ORGANISATION: &str =
    "SELECT p.course_id, p.organisation_id, p.asked_at, p.ok_at, p.news_at, p.idle, p.failures,
    p.error, p.error_at, p.next_at, p.ends_at, p.swept, p.cursor, p.generation, p.anew_at FROM pull p WHERE p.organisation_id = $1
    ORDER BY p.asked_at DESC LIMIT $2";
const ASKED: &str =
    "SELECT c.title, p.course_id, p.organisation_id, p.asked_at, p.ok_at, p.news_at, p.idle, p.failures,
    p.error, p.error_at, p.next_at, p.ends_at, p.swept, p.cursor, p.generation, p.anew_at
    FROM pull p JOIN course c ON c.id = p.course_id WHERE p.organisation_id = $1 AND c.registration_id = $2
    ORDER BY COALESCE(p.asked_at, 0) DESC, p.course_id LIMIT $3";
const NEWEST: &str = "SELECT id, title FROM course WHERE organisation_id = $1 AND registration_id = $2
    ORDER BY id DESC LIMIT $3";
const PUT: &str = "INSERT INTO pull (course_id, organisation_id, asked_at, ok_at, news_at, idle, failures, error,
    error_at, next_at, ends_at, swept, cursor, generation)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
    ON CONFLICT (course_id) DO UPDATE SET asked_at = excluded.asked_at, ok_at = excluded.ok_at,
        news_at = excluded.news_at, idle = excluded.idle, failures = excluded.failures, error = excluded.error,
        error_at = excluded.error_at, next_at = CASE WHEN pull.generation = $14 THEN excluded.next_at END,
        ends_at = excluded.ends_at, swept = excluded.swept,
        cursor = CASE WHEN pull.generation = $14 THEN excluded.cursor ELSE pull.cursor END
    RETURNING generation";
const SEEN: &str = "SELECT subject, item, class, digest, at FROM pulled
    WHERE organisation_id = $1 AND course_id = $2 AND source = $3";
const SEE: &str = "INSERT INTO pulled (organisation_id, course_id, source, subject, item, class, digest, at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (course_id, source, subject, item, class) DO UPDATE SET digest = excluded.digest, at = excluded.at";
const ASK_ANEW: &str = "INSERT INTO pull (organisation_id, course_id, cursor, generation, anew_at)
    SELECT $1, $2, '{}', 1, $3 WHERE EXISTS (SELECT 1 FROM course WHERE organisation_id = $1 AND id = $2)
    ON CONFLICT (course_id) DO UPDATE SET cursor = excluded.cursor, next_at = NULL,
        generation = pull.generation + 1, anew_at = excluded.anew_at";
const TRY_AGAIN: &str = "UPDATE pull SET next_at = NULL, failures = 0 WHERE organisation_id = $1 AND swept <> 'late'
    AND course_id IN (SELECT id FROM course WHERE registration_id = $2)";
const COLUMN_SERVICE: &str = "SELECT lineitems_url, lineitem_scopes FROM course WHERE organisation_id = $1 AND id = $2
    AND lineitems_url IS NOT NULL AND lineitem_scopes IS NOT NULL";
const COLUMN: &str = "SELECT k.address, b.name FROM rule r LEFT JOIN rule_column k ON k.rule_id = r.id
    LEFT JOIN catalog_badge b ON b.organisation_id = r.organisation_id AND b.badge_id = r.badge_id
    WHERE r.organisation_id = $1 AND r.id = $2";
const KEEP_COLUMN: &str = "INSERT INTO rule_column (rule_id, organisation_id, course_id, address)
    VALUES ($1, $2, $3, $4) ON CONFLICT (rule_id) DO UPDATE SET address = excluded.address";
const FORGET_COLUMN: &str = "DELETE FROM rule_column WHERE organisation_id = $1 AND rule_id = $2";
const CONTEXT: &str = "SELECT context_id FROM course WHERE organisation_id = $1 AND id = $2";

impl Tx<'_> {
    /// Courses that should be asked and whose job is missing, or which have a newer rule than when they were asked.
    /// `lost`: a job that should have run before this moment is missing. `soon`: what is due by then is planned.
    pub async fn courses_to_ask(
        &mut self,
        lost: Timestamp,
        now: Timestamp,
        soon: Timestamp,
        limit: i64,
    ) -> Result<Vec<(OrganisationId, CourseId)>, StoreError> {
        let due = self.pick(DUE);
        let rows: Vec<(Uuid, Uuid)> = on!(self, sqlx::query_as(due).bind(lost.millis()).bind(now.millis())
            .bind(soon.millis()).bind(limit) => fetch_all)?;
        let ids = |(organisation, course)| (OrganisationId::new(organisation), CourseId::new(course));
        Ok(rows.into_iter().map(ids).collect())
    }

    /// Whether there is anything to ask about a course: a rule that is weighed, and an open connection or our own column.
    pub async fn asks_about_course(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
    ) -> Result<bool, StoreError> {
        let known: i64 =
            on!(self, sqlx::query_scalar(ASKS).bind(organisation.uuid()).bind(course.uuid()) => fetch_one)?;
        Ok(known > 0)
    }

    /// How a course is asked; `None`: it never was.
    pub async fn pull(&mut self, organisation: OrganisationId, course: CourseId) -> Result<Option<Pull>, StoreError> {
        let row: Option<Row> =
            on!(self, sqlx::query_as(ONE).bind(organisation.uuid()).bind(course.uuid()) => fetch_optional)?;
        row.map(Row::into_pull).transpose()
    }

    /// How an organisation's courses are asked, those asked last first.
    pub async fn pulls(&mut self, organisation: OrganisationId, limit: i64) -> Result<Vec<Pull>, StoreError> {
        let rows: Vec<Row> =
            on!(self, sqlx::query_as(OF_ORGANISATION).bind(organisation.uuid()).bind(limit) => fetch_all)?;
        rows.into_iter().map(Row::into_pull).collect()
    }

    /// The courses of a registration that are asked, with their titles, those asked last first.
    pub async fn asked_courses(
        &mut self,
        organisation: OrganisationId,
        registration: RegistrationId,
        limit: i64,
    ) -> Result<Vec<(String, Pull)>, StoreError> {
        let rows: Vec<AskedRow> = on!(self, sqlx::query_as(ASKED).bind(organisation.uuid()).bind(registration.uuid())
            .bind(limit) => fetch_all)?;
        rows.into_iter()
            .map(|row| Ok((row.title, row.pull.into_pull()?)))
            .collect()
    }

    /// The newest courses of a registration, with their titles.
    pub async fn newest_courses(
        &mut self,
        organisation: OrganisationId,
        registration: RegistrationId,
        limit: i64,
    ) -> Result<Vec<(CourseId, String)>, StoreError> {
        let rows: Vec<(Uuid, String)> = on!(self, sqlx::query_as(NEWEST).bind(organisation.uuid())
            .bind(registration.uuid()).bind(limit) => fetch_all)?;
        Ok(rows.into_iter().map(|(id, title)| (CourseId::new(id), title)).collect())
    }

    /// Stores how a course of its organisation is asked. `false`: somebody asked for everything since it was read; then
    /// that stays, and the rest is stored.
    pub async fn put_pull(&mut self, pull: &Pull) -> Result<bool, StoreError> {
        let moment = |at: Option<Timestamp>| at.map(Timestamp::millis);
        let (error, error_at) = match &pull.error {
            Some((error, at)) => (Some(error), Some(at.millis())),
            None => (None, None),
        };
        let generation: i64 = on!(self, sqlx::query_scalar(PUT).bind(pull.course.uuid()).bind(pull.organisation.uuid()).bind(moment(pull.asked_at))
            .bind(moment(pull.ok_at)).bind(moment(pull.news_at)).bind(i64::from(pull.idle))
            .bind(i64::from(pull.failures)).bind(error).bind(error_at).bind(moment(pull.next_at))
            .bind(moment(pull.ends_at)).bind(pull.swept.word()).bind(Json(&pull.cursor)).bind(pull.generation)
            => fetch_one)?;
        Ok(generation == pull.generation)
    }

    /// Everything is to be looked at next time, not only what changed; also where a look is under way.
    pub async fn ask_anew(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(ASK_ANEW).bind(organisation.uuid()).bind(course.uuid()).bind(now.millis())
            => execute)?;
        Ok(())
    }

    /// The courses of a registration are planned anew, without waiting for the end of a pause after failures.
    pub async fn ask_again(
        &mut self,
        organisation: OrganisationId,
        registration: RegistrationId,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(TRY_AGAIN).bind(organisation.uuid()).bind(registration.uuid()) => execute)?;
        Ok(())
    }

    /// What was seen last in a course by a source.
    pub async fn pulled(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        source: Source,
    ) -> Result<Vec<PulledRow>, StoreError> {
        let rows: Vec<(String, String, String, Vec<u8>, i64)> = on!(self, sqlx::query_as(SEEN).bind(organisation.uuid())
            .bind(course.uuid()).bind(source.word()) => fetch_all)?;
        let row = |(subject, item, class, digest, at)| PulledRow {
            subject,
            item,
            class,
            digest,
            at: Timestamp::from_millis(at),
        };
        Ok(rows.into_iter().map(row).collect())
    }

    /// Notes what was seen now.
    pub async fn see(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        source: Source,
        row: &PulledRow,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(SEE).bind(organisation.uuid()).bind(course.uuid()).bind(source.word())
            .bind(&row.subject).bind(&row.item).bind(&row.class).bind(&row.digest).bind(row.at.millis()) => execute)?;
        Ok(())
    }

    /// Where a course's columns are listed and made, and what may be asked for there; `None`: no launch offered any.
    pub async fn column_service(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
    ) -> Result<Option<(String, Vec<String>)>, StoreError> {
        let row: Option<(String, Json<Vec<String>>)> = on!(self, sqlx::query_as(COLUMN_SERVICE)
            .bind(organisation.uuid()).bind(course.uuid()) => fetch_optional)?;
        Ok(row.map(|(address, Json(scopes))| (address, scopes)))
    }

    /// The address of a rule's own column, if it is known, and the name of the rule's badge, if that is. `None`: no rule.
    pub async fn column_of_rule(
        &mut self,
        organisation: OrganisationId,
        rule: RuleId,
    ) -> Result<Option<(Option<String>, Option<String>)>, StoreError> {
        on!(self, sqlx::query_as(COLUMN).bind(organisation.uuid()).bind(rule.uuid()) => fetch_optional)
    }

    /// Keeps the address of a rule's own column.
    pub async fn keep_column_of_rule(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        rule: RuleId,
        address: &str,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(KEEP_COLUMN).bind(rule.uuid()).bind(organisation.uuid()).bind(course.uuid())
            .bind(address) => execute)?;
        Ok(())
    }

    /// Forgets the address of a rule's own column: it is gone at the LMS.
    pub async fn forget_column_of_rule(
        &mut self,
        organisation: OrganisationId,
        rule: RuleId,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(FORGET_COLUMN).bind(organisation.uuid()).bind(rule.uuid()) => execute)?;
        Ok(())
    }

    /// A course's id as launches name it; what they say is signed, and a person cannot write it.
    pub async fn context_of_course(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
    ) -> Result<Option<String>, StoreError> {
        on!(self, sqlx::query_scalar(CONTEXT).bind(organisation.uuid()).bind(course.uuid()) => fetch_optional)
    }
}

impl Row {
    fn into_pull(self) -> Result<Pull, StoreError> {
        let moment = |millis: Option<i64>| millis.map(Timestamp::from_millis);
        Ok(Pull {
            course: CourseId::new(self.course_id),
            organisation: OrganisationId::new(self.organisation_id),
            asked_at: moment(self.asked_at),
            ok_at: moment(self.ok_at),
            news_at: moment(self.news_at),
            idle: u32::try_from(self.idle).unwrap_or(0),
            failures: u32::try_from(self.failures).unwrap_or(0),
            error: self.error.zip(moment(self.error_at)),
            next_at: moment(self.next_at),
            ends_at: moment(self.ends_at),
            swept: self
                .swept
                .parse()
                .map_err(|_| StoreError::Unreadable { what: "pull.swept" })?,
            cursor: self.cursor.0,
            generation: self.generation,
            anew_at: moment(self.anew_at),
        })
    }
}
