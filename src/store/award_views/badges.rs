//! Who of a course has a badge, and how many have each.

use uuid::Uuid;

use super::{face, number};
use crate::clock::Timestamp;
use crate::model::award::Face;
use crate::model::{AwardId, CourseId, MemberId, OrganisationId};
use crate::store::tx::on;
use crate::store::{StoreError, Tx};

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

// The people of a course who count.
macro_rules! learners {
    () => {
        "(SELECT e.member_id FROM enrolment e WHERE e.organisation_id = $1 AND e.course_id = $2 AND e.status = 'active'
            AND NOT e.test AND COALESCE(e.launch_standing, e.roster_standing) = 'learner')"
    };
}

// One person counts once for each badge: as who has it, else as who waits for it. Both in the order of one index.
const LEARNER_COUNTS: &str = concat!(
    "SELECT badge_id, CAST(SUM(has) AS BIGINT), CAST(SUM(waits) AS BIGINT) FROM (
        SELECT a.badge_id, COUNT(DISTINCT a.member_id) AS has, 0 AS waits FROM award a
        WHERE a.organisation_id = $1 AND a.course_id = $2 AND a.state = 'issued' AND a.member_id IN ",
    learners!(),
    " GROUP BY a.badge_id
        UNION ALL SELECT a.badge_id, 0, COUNT(DISTINCT a.member_id) FROM award a
        WHERE a.organisation_id = $1 AND a.course_id = $2 AND a.state IN ('held', 'queued', 'sending') AND a.member_id IN ",
    learners!(),
    " AND NOT EXISTS (SELECT 1 FROM award i WHERE i.organisation_id = $1 AND i.course_id = $2
            AND i.badge_id = a.badge_id AND i.state = 'issued' AND i.member_id = a.member_id)
        GROUP BY a.badge_id) held GROUP BY badge_id ORDER BY badge_id"
);

type HolderRow = (Uuid, Uuid, String, Option<String>, Option<String>, i64, i64);

impl Tx<'_> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::plans;

    #[tokio::test]
    async fn no_page_reads_a_table_from_end_to_end() {
        plans::finding_few(&[HOLDERS, BADGE_COUNTS, LEARNER_COUNTS]).await;
    }
}
