//! An organisation's awards and applications counted over a span of time. Goes through all of them: made beside pages,
//! which show what was counted last.

use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::OrganisationId;
use crate::model::found_event::Report;

// $2 from, $3 until; of awards the moment of issuing counts.
const DAYS: &str = "SELECT issued_at / 86400000, COUNT(*) FROM award WHERE organisation_id = $1 AND issued_at >= $2
    AND issued_at < $3 GROUP BY issued_at / 86400000 ORDER BY 1";
const BADGES: &str = "SELECT badge_id, COUNT(*) FROM award WHERE organisation_id = $1 AND issued_at >= $2
    AND issued_at < $3 GROUP BY badge_id ORDER BY 2 DESC, 1 LIMIT 200";
const COURSES: &str = "SELECT COALESCE(c.title, ''), n.n FROM (SELECT course_id, COUNT(*) AS n FROM award
    WHERE organisation_id = $1 AND issued_at >= $2 AND issued_at < $3 GROUP BY course_id
    ORDER BY 2 DESC LIMIT 200) n LEFT JOIN course c ON c.id = n.course_id ORDER BY n.n DESC, 1";
const FUNNEL: &str = "SELECT COUNT(*), COALESCE(SUM(CASE WHEN stage IN ('approved', 'rejected') THEN 1 ELSE 0 END), 0),
    COALESCE(SUM(CASE WHEN stage = 'approved' THEN 1 ELSE 0 END), 0) FROM application
    WHERE organisation_id = $1 AND created_at >= $2 AND created_at < $3";
const APPROVED: &str = "SELECT event_id, address FROM application WHERE organisation_id = $1 AND created_at >= $2
    AND created_at < $3 AND stage = 'approved' AND event_id IS NOT NULL ORDER BY created_at DESC LIMIT 500";
const AWARDS_OF_BADGE: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM award WHERE organisation_id = $1 AND badge_id = $2
    LIMIT $3) few";
const RULES_OF_BADGE: &str = "SELECT COUNT(*) FROM rule WHERE organisation_id = $1 AND badge_id = $2
    AND state IN ('on', 'paused', 'stopped')";
const FORMS_OF_BADGE: &str =
    "SELECT COUNT(*) FROM catalog_form WHERE organisation_id = $1 AND badge_id = $2 AND NOT gone";

type Pairs = Vec<(String, i64)>;

impl Tx<'_> {
    /// Counts what was issued and applied for from `from` to `until`. What was collected is not counted here.
    pub async fn report(
        &mut self,
        organisation: OrganisationId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Report, StoreError> {
        let (id, from, until) = (organisation.uuid(), from.millis(), until.millis());
        let days: Vec<(i64, i64)> = on!(self, sqlx::query_as(DAYS).bind(id).bind(from).bind(until) => fetch_all)?;
        let badges: Pairs = on!(self, sqlx::query_as(BADGES).bind(id).bind(from).bind(until) => fetch_all)?;
        let courses: Pairs = on!(self, sqlx::query_as(COURSES).bind(id).bind(from).bind(until) => fetch_all)?;
        let (applied, decided, approved): (i64, i64, i64) =
            on!(self, sqlx::query_as(FUNNEL).bind(id).bind(from).bind(until) => fetch_one)?;
        let counted = |pairs: Pairs| pairs.into_iter().map(|(name, n)| (name, count(n))).collect();
        Ok(Report {
            days: days.into_iter().map(|(day, n)| (day, count(n))).collect(),
            badges: counted(badges),
            courses: counted(courses),
            applied: count(applied),
            decided: count(decided),
            approved: count(approved),
            ..Report::default()
        })
    }

    /// The events of the latest approved applications that were made from `from` to `until`, each with the applicant's
    /// address; at most 500.
    pub async fn approved_events(
        &mut self,
        organisation: OrganisationId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<(String, String)>, StoreError> {
        on!(self, sqlx::query_as(APPROVED).bind(organisation.uuid()).bind(from.millis())
            .bind(until.millis()) => fetch_all)
    }

    /// How many awards a badge has, counted up to `most`.
    pub async fn awards_of_badge(
        &mut self,
        organisation: OrganisationId,
        badge: &str,
        most: u32,
    ) -> Result<u64, StoreError> {
        let n: i64 = on!(self, sqlx::query_scalar(AWARDS_OF_BADGE).bind(organisation.uuid()).bind(badge)
            .bind(i64::from(most)) => fetch_one)?;
        Ok(count(n))
    }

    /// How many rules and how many application forms give a badge.
    pub async fn givers_of_badge(
        &mut self,
        organisation: OrganisationId,
        badge: &str,
    ) -> Result<(u64, u64), StoreError> {
        let rules: i64 =
            on!(self, sqlx::query_scalar(RULES_OF_BADGE).bind(organisation.uuid()).bind(badge) => fetch_one)?;
        let forms: i64 =
            on!(self, sqlx::query_scalar(FORMS_OF_BADGE).bind(organisation.uuid()).bind(badge) => fetch_one)?;
        Ok((count(rules), count(forms)))
    }
}

fn count(n: i64) -> u64 {
    u64::try_from(n).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::plans;

    #[tokio::test]
    async fn queries_go_by_an_index() {
        plans::without_scans(&[
            DAYS,
            BADGES,
            FUNNEL,
            APPROVED,
            AWARDS_OF_BADGE,
            RULES_OF_BADGE,
            FORMS_OF_BADGE,
        ])
        .await;
    }
}
