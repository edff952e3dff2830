//! What pages read about awards. Every method takes the organisation, and the course where the reader has one (P5).

use uuid::Uuid;

use super::attempt::Attempt;
use super::award::state_of;
use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::award::{AwardState, Face, Intent};
use crate::model::order::OrderState;
use crate::model::{AwardId, CourseId, MemberId, OrderId, OrganisationId, RequestId};

/// One award as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwardLine {
    /// The award.
    pub id: AwardId,
    /// The word that pages show.
    pub face: Face,
    /// Where it stands.
    pub state: AwardState,
    /// What a person asked for.
    pub intent: Option<Intent>,
    /// The member, if it is one.
    pub member: Option<MemberId>,
    /// The person's name.
    pub name: String,
    /// The address, if there is one.
    pub address: Option<String>,
    /// The Factory's badge id.
    pub badge_id: String,
    /// The badge's name at the time.
    pub badge_name: String,
    /// `hand:…`, `rule:…` or `application:…`.
    pub cause: String,
    /// The request that made it.
    pub request: Option<RequestId>,
    /// Who made that.
    pub author: Option<String>,
    /// Its order.
    pub order: Option<OrderId>,
    /// The Factory's event.
    pub event: Option<String>,
    /// The Factory's words, or ours.
    pub reason: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was known to be issued.
    pub issued_at: Option<Timestamp>,
    /// When it was known to be revoked.
    pub revoked_at: Option<Timestamp>,
    /// Whether a request found it there already.
    pub existing: bool,
}

/// One award with each try of its orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwardStory {
    /// The award.
    pub line: AwardLine,
    /// Why it was taken back, in the person's words.
    pub intent_reason: Option<String>,
    /// When that was asked for.
    pub intent_at: Option<Timestamp>,
    /// The tries, oldest first.
    pub attempts: Vec<Attempt>,
}

/// A request as its page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestHead {
    /// The request.
    pub id: RequestId,
    /// The course.
    pub course: Option<CourseId>,
    /// The Factory's badge id.
    pub badge_id: String,
    /// The badge's name at the time.
    pub badge_name: String,
    /// The order's name.
    pub name: String,
    /// Who made it.
    pub author: Option<String>,
    /// How many people it names.
    pub people: u64,
    /// How many of them were worked off.
    pub made: u64,
    /// When it was placed.
    pub created_at: Timestamp,
}

/// Who has a badge, or will have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The member.
    pub member: MemberId,
    /// The award.
    pub award: AwardId,
    /// The word that pages show.
    pub face: Face,
    /// Which generation.
    pub generation: u32,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Awards of one badge in a course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadgeCount {
    /// The Factory's badge id.
    pub badge_id: String,
    /// Issued.
    pub issued: u64,
    /// Held, queued or being sent.
    pub waiting: u64,
    /// Refused.
    pub refused: u64,
}

/// Which awards of a course a history shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryFilter {
    /// Of this badge.
    pub badge_id: Option<String>,
    /// Whose name or address contains this.
    pub person: Option<String>,
    /// Whether `person` is looked for in names only: for who may not see addresses.
    pub names_only: bool,
    /// With one of these words.
    pub group: Option<HistoryGroup>,
    /// Made at or after.
    pub from: Option<Timestamp>,
    /// Made before.
    pub until: Option<Timestamp>,
}

/// Words that a history is filtered by together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistoryGroup {
    /// Queued, sending, checking.
    OnItsWay,
    /// Issued.
    Sent,
    /// Held, or a person must decide about the order.
    Held,
    /// Refused.
    Failed,
    /// Revoked, or being revoked.
    Revoked,
    /// Taken back before it was sent.
    Withdrawn,
}

impl HistoryGroup {
    /// The states it stands for, between commas; `parked` is a sending award whose order is parked.
    const fn states(self) -> &'static str {
        match self {
            Self::OnItsWay => ",queued,sending,",
            Self::Sent => ",issued,",
            Self::Held => ",held,parked,",
            Self::Failed => ",refused,",
            Self::Revoked => ",revoking,revoked,",
            Self::Withdrawn => ",withdrawn,",
        }
    }
}

/// In which order a history is listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HistorySort {
    /// The newest first.
    #[default]
    NewestFirst,
    /// The oldest first.
    OldestFirst,
    /// By the person's name.
    Person,
    /// By the person's name, from the end of the alphabet.
    PersonDown,
    /// By the badge's name, the oldest first within.
    Badge,
    /// By the badge's name from the end of the alphabet, the newest first within.
    BadgeDown,
}

#[derive(sqlx::FromRow)]
struct LineRow {
    id: Uuid,
    state: String,
    hold: Option<String>,
    intent: Option<String>,
    member_id: Option<Uuid>,
    name: String,
    address: String,
    badge_id: String,
    badge_name: String,
    cause: String,
    request_id: Option<Uuid>,
    author: Option<String>,
    order_id: Option<Uuid>,
    order_state: Option<String>,
    event_id: Option<String>,
    reason: Option<String>,
    created_at: i64,
    issued_at: Option<i64>,
    revoked_at: Option<i64>,
    outcome: Option<String>,
}

macro_rules! line {
    ($outcome:literal, $from:literal, $($rest:literal),+) => {
        concat!(
            "SELECT a.id, a.state, a.hold, a.intent, a.member_id, a.name, a.address, a.badge_id, a.badge_name, a.cause,
            a.request_id, author.name AS author, a.order_id, o.state AS order_state, a.event_id,
            COALESCE(a.reason, CASE WHEN a.state IN ('queued', 'sending') THEN o.reason END) AS reason, a.created_at,
            a.issued_at, a.revoked_at, ",
            $outcome,
            " AS outcome FROM ",
            $from,
            " LEFT JOIN orders o ON o.id = a.order_id LEFT JOIN request r ON r.id = a.request_id
            LEFT JOIN member author ON author.id = r.author_id WHERE ",
            $($rest),+
        )
    };
}

// One text for each sort: sqlx takes static texts only. $3 badge, $4 name, $5 from, $6 until, $7 address, $8 states.
macro_rules! filtered {
    ($($sort:literal),*) => {
        line!(
            "NULL",
            "award a",
            "a.organisation_id = $1 AND a.course_id = $2
            AND ($3 IS NULL OR a.badge_id = $3)
            AND ($4 IS NULL OR LOWER(a.name) LIKE $4 OR a.address LIKE $7
                OR EXISTS (SELECT 1 FROM member m WHERE m.id = a.member_id AND m.sort_name LIKE $4))
            AND ($5 IS NULL OR a.created_at >= $5) AND ($6 IS NULL OR a.created_at < $6)
            AND ($8 IS NULL OR $8 LIKE '%,' || CASE WHEN a.state = 'sending' AND o.state = 'parked' THEN 'parked'
                ELSE a.state END || ',%')"
            $(, $sort)*
        )
    };
}

const NEWEST: &str = filtered!(" ORDER BY a.created_at DESC, a.id DESC LIMIT $9 OFFSET $10");
const OLDEST: &str = filtered!(" ORDER BY a.created_at, a.id LIMIT $9 OFFSET $10");
const BY_PERSON: &str = filtered!(" ORDER BY a.name, a.id LIMIT $9 OFFSET $10");
const BY_PERSON_DOWN: &str = filtered!(" ORDER BY a.name DESC, a.id DESC LIMIT $9 OFFSET $10");
const BY_BADGE: &str = filtered!(" ORDER BY a.badge_name, a.created_at, a.id LIMIT $9 OFFSET $10");
const BY_BADGE_DOWN: &str = filtered!(" ORDER BY a.badge_name DESC, a.created_at DESC, a.id DESC LIMIT $9 OFFSET $10");
const COUNT: &str = "SELECT COUNT(*) FROM award a LEFT JOIN orders o ON o.id = a.order_id
    WHERE a.organisation_id = $1 AND a.course_id = $2
    AND ($3 IS NULL OR a.badge_id = $3)
    AND ($4 IS NULL OR LOWER(a.name) LIKE $4 OR a.address LIKE $7
                OR EXISTS (SELECT 1 FROM member m WHERE m.id = a.member_id AND m.sort_name LIKE $4))
    AND ($5 IS NULL OR a.created_at >= $5) AND ($6 IS NULL OR a.created_at < $6)
    AND ($8 IS NULL OR $8 LIKE '%,' || CASE WHEN a.state = 'sending' AND o.state = 'parked' THEN 'parked'
        ELSE a.state END || ',%')";
const ONE: &str = line!(
    "NULL",
    "award a",
    "a.organisation_id = $1 AND a.course_id = $2 AND a.id = $3"
);
const OF_EVENT: &str = line!(
    "NULL",
    "award a",
    "a.organisation_id = $1 AND a.course_id = $2 AND a.event_id = $3 ORDER BY a.name, a.id LIMIT 500"
);
const OF_MEMBER: &str = line!(
    "NULL",
    "award a",
    "a.organisation_id = $1 AND a.member_id = $2 ORDER BY a.created_at DESC, a.id DESC LIMIT 200"
);
const OF_ORDER: &str = line!(
    "NULL",
    "award a",
    "a.organisation_id = $1 AND a.order_id = $2 ORDER BY a.name, a.id LIMIT 200"
);
// Also those that were moved to another order since.
const EVER_IN_ORDER: &str = line!(
    "NULL",
    "order_award p JOIN award a ON a.id = p.award_id",
    "a.organisation_id = $1 AND a.course_id = $2 AND p.order_id = $3 ORDER BY a.name, a.id LIMIT 200"
);
const NEEDS: &str = line!(
    "NULL",
    "award a",
    "a.organisation_id = $1 AND a.course_id = $2 AND a.state IN ('held', 'refused', 'sending')
    AND (a.state <> 'sending' OR o.state = 'parked') AND (a.hold IS NULL OR a.hold IN ('no_email', 'parked'))
    ORDER BY a.created_at, a.id LIMIT $3"
);
const NEEDS_COUNT: &str = "SELECT COUNT(*) FROM award a LEFT JOIN orders o ON o.id = a.order_id
    WHERE a.organisation_id = $1 AND a.course_id = $2 AND a.state IN ('held', 'refused', 'sending')
    AND (a.state <> 'sending' OR o.state = 'parked') AND (a.hold IS NULL OR a.hold IN ('no_email', 'parked'))";
// What needs a person comes first.
const OF_REQUEST: &str = line!(
    "p.outcome",
    "request_award p JOIN award a ON a.id = p.award_id",
    "a.organisation_id = $1 AND p.request_id = $2
    ORDER BY CASE WHEN a.state IN ('refused', 'held') OR o.state = 'parked' THEN 0 ELSE 1 END, p.position
    LIMIT $3 OFFSET $4"
);
const REQUEST_HEAD: &str = "SELECT r.id, r.course_id, r.badge_id, r.badge_name, r.name, author.name, r.people_count,
    r.made, r.created_at FROM request r LEFT JOIN member author ON author.id = r.author_id
    WHERE r.organisation_id = $1 AND r.id = $2";
const OPEN_REQUESTS: &str = "SELECT r.id, r.course_id, r.badge_id, r.badge_name, r.name, author.name, r.people_count,
    r.made, r.created_at FROM request r LEFT JOIN member author ON author.id = r.author_id
    WHERE r.organisation_id = $1 AND r.course_id = $2 ORDER BY r.created_at DESC LIMIT $3";
const REQUEST_COUNTS: &str = "SELECT a.state, a.hold, o.state, COUNT(*) FROM request_award p
    JOIN award a ON a.id = p.award_id LEFT JOIN orders o ON o.id = a.order_id
    WHERE a.organisation_id = $1 AND p.request_id = $2 GROUP BY a.state, a.hold, o.state";
const STORY: &str = "SELECT intent_reason, intent_at FROM award WHERE organisation_id = $1 AND id = $2";
const ATTEMPTS: &str = "SELECT t.kind, t.started_by, t.started_at, t.duration_ms, t.status, t.verdict, t.reply
    FROM order_award p JOIN order_attempt t ON t.order_id = p.order_id
    WHERE t.organisation_id = $1 AND p.award_id = $2 ORDER BY t.started_at, t.id LIMIT 200";
// From each person of the course to their awards: by member, and by the address that was pasted.
const HOLDERS: &str = "SELECT member_id, id, state, hold, order_state, generation, created_at FROM (
    SELECT e.member_id, a.id, a.state, a.hold, o.state AS order_state, a.generation, a.created_at FROM enrolment e
        CROSS JOIN award a LEFT JOIN orders o ON o.id = a.order_id
        WHERE e.organisation_id = $1 AND e.course_id = $2 AND a.organisation_id = $1 AND a.member_id = e.member_id
        AND a.badge_id = $3
    UNION ALL SELECT m.id, a.id, a.state, a.hold, o.state, a.generation, a.created_at FROM enrolment e
        JOIN member m ON m.id = e.member_id CROSS JOIN award a LEFT JOIN orders o ON o.id = a.order_id
        WHERE e.organisation_id = $1 AND e.course_id = $2 AND a.organisation_id = $1 AND a.badge_id = $3
        AND a.cause = $4 AND a.address = m.email AND a.member_id IS NULL
    ) held WHERE state NOT IN ('withdrawn', 'revoked') ORDER BY member_id, generation, created_at";
const BADGE_COUNTS: &str = "SELECT badge_id, state, COUNT(*) FROM award
    WHERE organisation_id = $1 AND course_id = $2 GROUP BY badge_id, state ORDER BY badge_id";

// One person counts once for each badge; "held" is what the subquery holds, as in the other list of holders.
const LEARNER_COUNTS: &str = "SELECT badge_id, SUM(has), SUM(CASE WHEN has = 0 THEN waits ELSE 0 END) FROM (
    SELECT a.badge_id, a.member_id, MAX(CASE WHEN a.state = 'issued' THEN 1 ELSE 0 END) AS has,
        MAX(CASE WHEN a.state IN ('held', 'queued', 'sending') THEN 1 ELSE 0 END) AS waits
    FROM award a JOIN enrolment e ON e.course_id = a.course_id AND e.member_id = a.member_id
    WHERE a.organisation_id = $1 AND a.course_id = $2 AND e.status = 'active' AND NOT e.test
        AND COALESCE(e.launch_standing, e.roster_standing) = 'learner'
    GROUP BY a.badge_id, a.member_id) held GROUP BY badge_id ORDER BY badge_id";

type HeadRow = (
    Uuid,
    Option<Uuid>,
    String,
    String,
    String,
    Option<String>,
    i64,
    i64,
    i64,
);
type HolderRow = (Uuid, Uuid, String, Option<String>, Option<String>, i64, i64);

impl Tx<'_> {
    /// A request's head; its people are not read.
    pub async fn request_head(
        &mut self,
        organisation: OrganisationId,
        id: RequestId,
    ) -> Result<Option<RequestHead>, StoreError> {
        let row: Option<HeadRow> =
            on!(self, sqlx::query_as(REQUEST_HEAD).bind(organisation.uuid()).bind(id.uuid()) => fetch_optional)?;
        Ok(row.map(head))
    }

    /// The newest requests of a course.
    pub async fn course_requests(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        limit: u32,
    ) -> Result<Vec<RequestHead>, StoreError> {
        let rows: Vec<HeadRow> = on!(self, sqlx::query_as(OPEN_REQUESTS).bind(organisation.uuid())
            .bind(course.uuid()).bind(i64::from(limit)) => fetch_all)?;
        Ok(rows.into_iter().map(head).collect())
    }

    /// How many of a request's awards show which word. What was not worked off yet is not among them.
    pub async fn request_counts(
        &mut self,
        organisation: OrganisationId,
        id: RequestId,
    ) -> Result<Vec<(Face, u64)>, StoreError> {
        let rows: Vec<(String, Option<String>, Option<String>, i64)> =
            on!(self, sqlx::query_as(REQUEST_COUNTS).bind(organisation.uuid()).bind(id.uuid()) => fetch_all)?;
        let mut counts: Vec<(Face, u64)> = Vec::new();
        for (state, hold, order, count) in rows {
            let face = face(&state, hold.as_deref(), order.as_deref())?;
            match counts.iter_mut().find(|(known, _)| *known == face) {
                Some((_, sum)) => *sum += number(count),
                None => counts.push((face, number(count))),
            }
        }
        counts.sort_unstable();
        Ok(counts)
    }

    /// A page of a request's awards: what needs a person first, then in the order of people.
    pub async fn request_lines(
        &mut self,
        organisation: OrganisationId,
        id: RequestId,
        limit: u32,
        offset: u32,
    ) -> Result<Vec<AwardLine>, StoreError> {
        let rows: Vec<LineRow> = on!(self, sqlx::query_as(OF_REQUEST).bind(organisation.uuid()).bind(id.uuid())
            .bind(i64::from(limit)).bind(i64::from(offset)) => fetch_all)?;
        rows.into_iter().map(line).collect()
    }

    /// A page of a course's awards.
    pub async fn course_history(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        filter: &HistoryFilter,
        sort: HistorySort,
        limit: u32,
        offset: u32,
    ) -> Result<Vec<AwardLine>, StoreError> {
        let sql = match sort {
            HistorySort::NewestFirst => NEWEST,
            HistorySort::OldestFirst => OLDEST,
            HistorySort::Person => BY_PERSON,
            HistorySort::PersonDown => BY_PERSON_DOWN,
            HistorySort::Badge => BY_BADGE,
            HistorySort::BadgeDown => BY_BADGE_DOWN,
        };
        let rows: Vec<LineRow> = on!(self, sqlx::query_as(sql).bind(organisation.uuid()).bind(course.uuid())
            .bind(&filter.badge_id).bind(filter.pattern()).bind(filter.from.map(Timestamp::millis))
            .bind(filter.until.map(Timestamp::millis)).bind(filter.address_pattern())
            .bind(filter.group.map(HistoryGroup::states)).bind(i64::from(limit)).bind(i64::from(offset)) => fetch_all)?;
        rows.into_iter().map(line).collect()
    }

    /// How many awards of a course a filter lets through.
    pub async fn course_history_count(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        filter: &HistoryFilter,
    ) -> Result<u64, StoreError> {
        let count: i64 = on!(self, sqlx::query_scalar(COUNT).bind(organisation.uuid()).bind(course.uuid())
            .bind(&filter.badge_id).bind(filter.pattern()).bind(filter.from.map(Timestamp::millis))
            .bind(filter.until.map(Timestamp::millis)).bind(filter.address_pattern())
            .bind(filter.group.map(HistoryGroup::states)) => fetch_one)?;
        Ok(number(count))
    }

    /// One award of a course, with each try.
    pub async fn award_story(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        id: AwardId,
    ) -> Result<Option<AwardStory>, StoreError> {
        let row: Option<LineRow> = on!(self, sqlx::query_as(ONE).bind(organisation.uuid()).bind(course.uuid())
            .bind(id.uuid()) => fetch_optional)?;
        let Some(row) = row else { return Ok(None) };
        let (intent_reason, intent_at): (Option<String>, Option<i64>) =
            on!(self, sqlx::query_as(STORY).bind(organisation.uuid()).bind(id.uuid()) => fetch_one)?;
        let attempts: Vec<super::attempt::Row> =
            on!(self, sqlx::query_as(ATTEMPTS).bind(organisation.uuid()).bind(id.uuid()) => fetch_all)?;
        Ok(Some(AwardStory {
            line: line(row)?,
            intent_reason,
            intent_at: intent_at.map(Timestamp::from_millis),
            attempts: attempts
                .into_iter()
                .map(super::attempt::attempt)
                .collect::<Result<_, _>>()?,
        }))
    }

    /// The awards of this course in one event, by name, at most 500.
    pub async fn event_lines(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        event: &str,
    ) -> Result<Vec<AwardLine>, StoreError> {
        let rows: Vec<LineRow> = on!(self, sqlx::query_as(OF_EVENT).bind(organisation.uuid()).bind(course.uuid())
            .bind(event) => fetch_all)?;
        rows.into_iter().map(line).collect()
    }

    /// The awards of an order, by name, at most 200: for `order show`.
    pub async fn order_lines(
        &mut self,
        organisation: OrganisationId,
        order: OrderId,
    ) -> Result<Vec<AwardLine>, StoreError> {
        let rows: Vec<LineRow> =
            on!(self, sqlx::query_as(OF_ORDER).bind(organisation.uuid()).bind(order.uuid()) => fetch_all)?;
        rows.into_iter().map(line).collect()
    }

    /// The awards of this course that an order carries or once carried, by name, at most 200.
    pub async fn lines_ever_in_order(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        order: OrderId,
    ) -> Result<Vec<AwardLine>, StoreError> {
        let rows: Vec<LineRow> = on!(self, sqlx::query_as(EVER_IN_ORDER).bind(organisation.uuid())
            .bind(course.uuid()).bind(order.uuid()) => fetch_all)?;
        rows.into_iter().map(line).collect()
    }

    /// A member's own awards, the newest first, at most 200.
    pub async fn member_awards(
        &mut self,
        organisation: OrganisationId,
        member: MemberId,
    ) -> Result<Vec<AwardLine>, StoreError> {
        let rows: Vec<LineRow> =
            on!(self, sqlx::query_as(OF_MEMBER).bind(organisation.uuid()).bind(member.uuid()) => fetch_all)?;
        rows.into_iter().map(line).collect()
    }

    /// The awards of a course that need a person, the oldest first, and how many there are.
    pub async fn course_needs(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        limit: u32,
    ) -> Result<(Vec<AwardLine>, u64), StoreError> {
        let rows: Vec<LineRow> = on!(self, sqlx::query_as(NEEDS).bind(organisation.uuid()).bind(course.uuid())
            .bind(i64::from(limit)) => fetch_all)?;
        let count: i64 = on!(self, sqlx::query_scalar(NEEDS_COUNT).bind(organisation.uuid()).bind(course.uuid())
            => fetch_one)?;
        Ok((rows.into_iter().map(line).collect::<Result<_, _>>()?, number(count)))
    }

    /// Who of a course has a badge, will have it or was refused it, wherever it was made: one row for each person, the
    /// newest generation.
    pub async fn badge_holders(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        badge_id: &str,
    ) -> Result<Vec<Holder>, StoreError> {
        let rows: Vec<HolderRow> = on!(self, sqlx::query_as(HOLDERS).bind(organisation.uuid()).bind(course.uuid())
            .bind(badge_id).bind(crate::model::request::by_hand(badge_id)) => fetch_all)?;
        let mut holders: Vec<Holder> = Vec::with_capacity(rows.len());
        for (member, award, state, hold, order, generation, created_at) in rows {
            let holder = Holder {
                member: MemberId::new(member),
                award: AwardId::new(award),
                face: face(&state, hold.as_deref(), order.as_deref())?,
                generation: u32::try_from(generation).unwrap_or(u32::MAX),
                created_at: Timestamp::from_millis(created_at),
            };
            match holders.last_mut() {
                Some(last) if last.member == holder.member => *last = holder,
                _ => holders.push(holder),
            }
        }
        Ok(holders)
    }

    /// How many learners of a course have each badge from here, and how many more will: `n` of the active learners that
    /// [`Self::learner_count`] counts. Staff, test users, inactive people and guests are left out.
    pub async fn badge_learner_counts(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
    ) -> Result<Vec<BadgeCount>, StoreError> {
        let rows: Vec<(String, i64, i64)> = on!(self, sqlx::query_as(LEARNER_COUNTS).bind(organisation.uuid())
            .bind(course.uuid()) => fetch_all)?;
        let count = |(badge_id, issued, waiting): (String, i64, i64)| BadgeCount {
            badge_id,
            issued: number(issued),
            waiting: number(waiting),
            refused: 0,
        };
        Ok(rows.into_iter().map(count).collect())
    }

    /// How many awards of each badge a course has.
    pub async fn badge_counts(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
    ) -> Result<Vec<BadgeCount>, StoreError> {
        let rows: Vec<(String, String, i64)> =
            on!(self, sqlx::query_as(BADGE_COUNTS).bind(organisation.uuid()).bind(course.uuid()) => fetch_all)?;
        let mut counts: Vec<BadgeCount> = Vec::new();
        for (badge_id, state, count) in rows {
            if counts.last().is_none_or(|last| last.badge_id != badge_id) {
                counts.push(BadgeCount {
                    badge_id,
                    issued: 0,
                    waiting: 0,
                    refused: 0,
                });
            }
            let Some(last) = counts.last_mut() else { continue };
            match state.as_str() {
                "issued" => last.issued += number(count),
                "held" | "queued" | "sending" => last.waiting += number(count),
                "refused" => last.refused += number(count),
                _ => {}
            }
        }
        Ok(counts)
    }
}

impl HistoryFilter {
    fn pattern(&self) -> Option<String> {
        let person = self.person.as_deref()?.trim().to_lowercase();
        // A wildcard in what was typed finds too much, never too little.
        (!person.is_empty()).then(|| format!("%{person}%"))
    }

    fn address_pattern(&self) -> Option<String> {
        self.pattern().filter(|_| !self.names_only)
    }
}

fn face(state: &str, hold: Option<&str>, order: Option<&str>) -> Result<Face, StoreError> {
    let order = order
        .map(str::parse::<OrderState>)
        .transpose()
        .map_err(|_| StoreError::Unreadable { what: "orders.state" })?;
    Ok(Face::of(state_of(state, hold)?, order))
}

fn line(row: LineRow) -> Result<AwardLine, StoreError> {
    let intent = row.intent.as_deref().map(str::parse::<Intent>).transpose();
    Ok(AwardLine {
        id: AwardId::new(row.id),
        face: face(&row.state, row.hold.as_deref(), row.order_state.as_deref())?,
        state: state_of(&row.state, row.hold.as_deref())?,
        intent: intent.map_err(|_| StoreError::Unreadable { what: "award.intent" })?,
        member: row.member_id.map(MemberId::new),
        name: row.name,
        address: (!row.address.starts_with("none:")).then_some(row.address),
        badge_id: row.badge_id,
        badge_name: row.badge_name,
        cause: row.cause,
        request: row.request_id.map(RequestId::new),
        author: row.author,
        order: row.order_id.map(OrderId::new),
        event: row.event_id,
        reason: row.reason,
        created_at: Timestamp::from_millis(row.created_at),
        issued_at: row.issued_at.map(Timestamp::from_millis),
        revoked_at: row.revoked_at.map(Timestamp::from_millis),
        existing: row.outcome.as_deref() == Some("existing"),
    })
}

fn head((id, course, badge_id, badge_name, name, author, people, made, created_at): HeadRow) -> RequestHead {
    RequestHead {
        id: RequestId::new(id),
        course: course.map(CourseId::new),
        badge_id,
        badge_name,
        name,
        author,
        people: number(people),
        made: number(made),
        created_at: Timestamp::from_millis(created_at),
    }
}

fn number(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

    use super::*;

    #[tokio::test]
    async fn no_page_reads_a_table_from_end_to_end() {
        let mut conn = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        for migration in [
            include_str!("../../migrations/sqlite/0001_base.sql"),
            include_str!("../../migrations/sqlite/0002_awards.sql"),
        ] {
            sqlx::raw_sql(migration).execute(&mut conn).await.unwrap();
        }
        for sql in [
            NEWEST,
            OLDEST,
            BY_PERSON,
            BY_PERSON_DOWN,
            BY_BADGE,
            BY_BADGE_DOWN,
            COUNT,
            ONE,
            OF_EVENT,
            OF_MEMBER,
            OF_ORDER,
            EVER_IN_ORDER,
            NEEDS,
            NEEDS_COUNT,
            OF_REQUEST,
            REQUEST_HEAD,
            OPEN_REQUESTS,
            REQUEST_COUNTS,
            STORY,
            ATTEMPTS,
            HOLDERS,
            BADGE_COUNTS,
            LEARNER_COUNTS,
        ] {
            let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
            let plan: Vec<(i64, i64, i64, String)> = sqlx::query_as(explain).fetch_all(&mut conn).await.unwrap();
            for (_, _, _, step) in plan {
                let scans = step.starts_with("SCAN") && !step.starts_with("SCAN held");
                assert!(!scans, "{step} in {sql}");
            }
        }
    }
}
