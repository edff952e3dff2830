//! Requests as their pages show them, and the awards that one press of *Issue* asked for.

use uuid::Uuid;

use super::{AwardLine, LineRow, face, line, number, select_lines};
use crate::clock::Timestamp;
use crate::model::award::Face;
use crate::model::{CourseId, OrganisationId, RequestId};
use crate::store::tx::on;
use crate::store::{StoreError, Tx};

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

// What needs a person comes first.
const OF_REQUEST: &str = select_lines!(
    "p.outcome",
    "request_award p JOIN award a ON a.id = p.award_id",
    "a.organisation_id = $1 AND p.request_id = $2
    ORDER BY CASE WHEN a.state IN ('refused', 'held') OR o.state = 'parked' THEN 0 ELSE 1 END, p.position
    LIMIT $3 OFFSET $4"
);
const REQUEST_EVENTS: &str = "SELECT a.event_id FROM request_award p JOIN award a ON a.id = p.award_id
    WHERE a.organisation_id = $1 AND a.course_id = $2 AND p.request_id = $3 AND a.event_id IS NOT NULL
    GROUP BY a.event_id ORDER BY MIN(p.position), a.event_id LIMIT 100";
const REQUEST_HEAD: &str = "SELECT r.id, r.course_id, r.badge_id, r.badge_name, r.name, author.name, r.people_count,
    r.made, r.created_at FROM request r LEFT JOIN member author ON author.id = r.author_id
    WHERE r.organisation_id = $1 AND r.id = $2";
const OPEN_REQUESTS: &str = "SELECT r.id, r.course_id, r.badge_id, r.badge_name, r.name, author.name, r.people_count,
    r.made, r.created_at FROM request r LEFT JOIN member author ON author.id = r.author_id
    WHERE r.organisation_id = $1 AND r.course_id = $2 ORDER BY r.created_at DESC LIMIT $3";
const REQUEST_COUNTS: &str = "SELECT a.state, a.hold, o.state, COUNT(*) FROM request_award p
    JOIN award a ON a.id = p.award_id LEFT JOIN orders o ON o.id = a.order_id
    WHERE a.organisation_id = $1 AND p.request_id = $2 GROUP BY a.state, a.hold, o.state";

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

    /// The Factory's events that hold awards of a request made in this course, in the order of people, at most 100.
    pub async fn request_events(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        id: RequestId,
    ) -> Result<Vec<String>, StoreError> {
        on!(self, sqlx::query_scalar(REQUEST_EVENTS).bind(organisation.uuid()).bind(course.uuid()).bind(id.uuid())
            => fetch_all)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::plans;

    #[tokio::test]
    async fn no_page_reads_a_table_from_end_to_end() {
        plans::without_scans(&[OF_REQUEST, REQUEST_EVENTS, REQUEST_HEAD, OPEN_REQUESTS, REQUEST_COUNTS]).await;
    }
}
