//! What pages read about awards. Every method takes the organisation, and the course where the reader has one (P5).

mod badges;
mod history;
mod requests;

use uuid::Uuid;

pub use self::badges::{BadgeCount, Holder};
pub use self::history::{HistoryFilter, HistoryGroup, HistoryOrigin, HistorySort};
pub use self::requests::RequestHead;
use super::attempt::Attempt;
use super::award::state_of;
use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::award::{AwardState, ERASED, Face, Intent};
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
    /// The course that made it.
    pub course: Option<CourseId>,
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
    course_id: Option<Uuid>,
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

macro_rules! select_lines {
    ($outcome:literal, $from:expr, $($rest:literal),+) => {
        concat!(
            "SELECT a.id, a.state, a.hold, a.intent, a.member_id, a.name, a.address, a.badge_id, a.badge_name, a.cause,
            a.course_id, a.request_id, author.name AS author, a.order_id, o.state AS order_state, a.event_id,
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

use select_lines;

const ONE: &str = select_lines!(
    "NULL",
    "award a",
    "a.organisation_id = $1 AND a.course_id = $2 AND a.id = $3"
);
const OF_EVENT: &str = select_lines!(
    "NULL",
    "award a",
    "a.organisation_id = $1 AND a.course_id = $2 AND a.event_id = $3 ORDER BY a.name, a.id LIMIT 500"
);
const OF_MEMBER: &str = select_lines!(
    "NULL",
    "award a",
    "a.organisation_id = $1 AND a.member_id = $2 ORDER BY a.created_at DESC, a.id DESC LIMIT 200"
);
const OF_MEMBER_HERE: &str = select_lines!(
    "NULL",
    "award a",
    "a.organisation_id = $1 AND a.member_id = $2 AND a.course_id = $3 ORDER BY a.created_at DESC, a.id DESC LIMIT 200"
);
const OF_ORDER: &str = select_lines!(
    "NULL",
    "award a",
    "a.organisation_id = $1 AND a.order_id = $2 ORDER BY a.name, a.id LIMIT 200"
);
// Also those that were moved to another order since.
const EVER_IN_ORDER: &str = select_lines!(
    "NULL",
    "order_award p JOIN award a ON a.id = p.award_id",
    "a.organisation_id = $1 AND a.course_id = $2 AND p.order_id = $3 ORDER BY a.name, a.id LIMIT 200"
);
const NEEDS: &str = select_lines!(
    "NULL",
    "award a",
    "a.organisation_id = $1 AND a.course_id = $2 AND a.state IN ('held', 'refused', 'sending')
    AND (a.state <> 'sending' OR o.state = 'parked') AND (a.hold IS NULL OR a.hold IN ('no_email', 'parked'))
    ORDER BY a.created_at, a.id LIMIT $3"
);
const NEEDS_COUNT: &str = "SELECT COUNT(*) FROM award a LEFT JOIN orders o ON o.id = a.order_id
    WHERE a.organisation_id = $1 AND a.course_id = $2 AND a.state IN ('held', 'refused', 'sending')
    AND (a.state <> 'sending' OR o.state = 'parked') AND (a.hold IS NULL OR a.hold IN ('no_email', 'parked'))";
const STORY: &str = "SELECT intent_reason, intent_at FROM award WHERE organisation_id = $1 AND id = $2";
const ATTEMPTS: &str = "SELECT t.kind, t.started_by, t.started_at, t.duration_ms, t.status, t.verdict, t.reply
    FROM order_award p JOIN order_attempt t ON t.order_id = p.order_id
    WHERE t.organisation_id = $1 AND p.award_id = $2 ORDER BY t.started_at, t.id LIMIT 200";
impl Tx<'_> {
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

    /// A member's own awards of every course, the newest first, at most 200: for the person themself and the command line.
    pub async fn member_awards(
        &mut self,
        organisation: OrganisationId,
        member: MemberId,
    ) -> Result<Vec<AwardLine>, StoreError> {
        let rows: Vec<LineRow> =
            on!(self, sqlx::query_as(OF_MEMBER).bind(organisation.uuid()).bind(member.uuid()) => fetch_all)?;
        rows.into_iter().map(line).collect()
    }

    /// A member's awards that this course made, the newest first, at most 200.
    pub async fn course_member_awards(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        member: MemberId,
    ) -> Result<Vec<AwardLine>, StoreError> {
        let rows: Vec<LineRow> = on!(self, sqlx::query_as(OF_MEMBER_HERE).bind(organisation.uuid())
            .bind(member.uuid()).bind(course.uuid()) => fetch_all)?;
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
        address: (!row.address.starts_with("none:") && !row.address.starts_with(ERASED)).then_some(row.address),
        badge_id: row.badge_id,
        badge_name: row.badge_name,
        cause: row.cause,
        course: row.course_id.map(CourseId::new),
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

fn number(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::plans;

    #[tokio::test]
    async fn no_page_reads_a_table_from_end_to_end() {
        plans::without_scans(&[
            ONE,
            OF_EVENT,
            OF_MEMBER,
            OF_MEMBER_HERE,
            OF_ORDER,
            EVER_IN_ORDER,
            NEEDS,
            NEEDS_COUNT,
            STORY,
            ATTEMPTS,
        ])
        .await;
    }
}
