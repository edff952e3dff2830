//! Badges as grades: what an item's link is owed at the LMS, and what was sent there.

use sqlx::types::Json;
use uuid::Uuid;

use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::crypto::random;
use crate::model::{ContentId, CourseId, LinkId, MemberId, OrganisationId, RegistrationId};

/// A link whose content is graded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GradedLink {
    /// The content.
    pub content: ContentId,
    /// Its link.
    pub link: LinkId,
    /// The LMS's id of the link.
    pub resource_link_id: String,
    /// The course.
    pub course: CourseId,
    /// Through which registration the LMS is called.
    pub registration: RegistrationId,
    /// The badge.
    pub badge: String,
    /// What the link is called.
    pub title: String,
    /// Where columns are listed and made.
    pub lineitems_url: Option<String>,
    /// The link's own column, as the last launch named it.
    pub lineitem_url: Option<String>,
    /// The column that we made.
    pub own_lineitem_url: Option<String>,
    /// What may be asked for.
    pub scopes: Vec<String>,
}

/// What the LMS was told of a person last, or is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The badge: the full score.
    Full,
    /// No score: the badge was revoked.
    Cleared,
    /// The LMS has a newer score than ours: it is left alone from now on.
    Theirs,
}

impl Mark {
    const fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Cleared => "cleared",
            Self::Theirs => "theirs",
        }
    }
}

/// A score that the LMS is owed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owed {
    /// The person.
    pub member: MemberId,
    /// The LMS's id of the person.
    pub sub: String,
    /// What to say.
    pub mark: Mark,
    /// The date of the last score.
    pub last: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct LinkRow {
    content_id: Uuid,
    link_id: Uuid,
    resource_link_id: String,
    course_id: Uuid,
    registration_id: Uuid,
    badge_id: String,
    title: String,
    lineitems_url: Option<String>,
    lineitem_url: Option<String>,
    own_lineitem_url: Option<String>,
    scopes: Json<Vec<String>>,
}

const LINKS: &str =
    "SELECT p.content_id, p.link_id, l.resource_link_id, p.course_id, c.registration_id,
    COALESCE(c.applies_for, c.badge_id) AS badge_id, c.title,
    p.lineitems_url, p.lineitem_url, p.own_lineitem_url, p.scopes
    FROM content c JOIN placement p ON p.content_id = c.id JOIN link l ON l.id = p.link_id
    WHERE c.organisation_id = $1 AND (c.graded OR c.scored) AND c.badge_id IS NOT NULL ORDER BY p.content_id, p.link_id LIMIT 2000";
/// Learners of the course who have the badge from here and no score of it. A test user and staff get none.
const OWED_FULL: &str = "SELECT DISTINCT m.id, m.sub, g.sent_at FROM award a
    JOIN member m ON m.id = a.member_id
    JOIN enrolment e ON e.course_id = a.course_id AND e.member_id = a.member_id
    LEFT JOIN grade g ON g.content_id = $4 AND g.link_id = $5 AND g.member_id = a.member_id
    WHERE a.organisation_id = $1 AND a.course_id = $2 AND a.badge_id = $3 AND a.state = 'issued'
        AND NOT e.test AND COALESCE(e.launch_standing, e.roster_standing) = 'learner'
        AND COALESCE(g.score, 'none') NOT IN ('full', 'theirs') AND (g.refused_at IS NULL OR g.refused_at < $6)
    ORDER BY m.id LIMIT $7";
/// People whose full score came from us and who have the badge no more.
const OWED_CLEARED: &str = "SELECT m.id, m.sub, g.sent_at FROM grade g JOIN member m ON m.id = g.member_id
    WHERE g.organisation_id = $1 AND g.content_id = $4 AND g.link_id = $5 AND g.score = 'full'
        AND (g.refused_at IS NULL OR g.refused_at < $6)
        AND NOT EXISTS (SELECT 1 FROM award a WHERE a.organisation_id = $1 AND a.course_id = $2 AND a.badge_id = $3
            AND a.member_id = g.member_id AND a.state IN ('issued', 'revoking'))
    ORDER BY m.id LIMIT $7";
const SENT: &str = "INSERT INTO grade (content_id, link_id, member_id, organisation_id, score, sent_at)
    VALUES ($2, $3, $4, $1, $5, $6)
    ON CONFLICT (content_id, link_id, member_id) DO UPDATE SET score = excluded.score, sent_at = excluded.sent_at,
        refused = NULL, refused_at = NULL";
const REFUSED: &str = "INSERT INTO grade (content_id, link_id, member_id, organisation_id, refused, refused_at)
    VALUES ($2, $3, $4, $1, $5, $6)
    ON CONFLICT (content_id, link_id, member_id) DO UPDATE SET refused = excluded.refused,
        refused_at = excluded.refused_at";
const OWN_COLUMN: &str = "UPDATE placement SET own_lineitem_url = $4
    WHERE organisation_id = $1 AND content_id = $2 AND link_id = $3";
const ENQUEUE: &str = "INSERT INTO job (id, organisation_id, kind, dedup_key, payload, due_at, created_at)
    SELECT $1, $2, 'grades', $3, $4, $5, $5 WHERE EXISTS (SELECT 1 FROM content WHERE organisation_id = $2 AND (graded OR scored))
    ON CONFLICT (dedup_key) DO UPDATE SET failed_at = NULL, dirty = job.lease_until IS NOT NULL,
        due_at = CASE WHEN job.lease_until IS NULL AND (job.due_at IS NULL OR job.due_at > excluded.due_at)
            THEN excluded.due_at ELSE job.due_at END";

impl Tx<'_> {
    /// The links whose content is graded, at most 2,000.
    pub async fn graded_links(&mut self, organisation: OrganisationId) -> Result<Vec<GradedLink>, StoreError> {
        let rows: Vec<LinkRow> = on!(self, sqlx::query_as(LINKS).bind(organisation.uuid()) => fetch_all)?;
        let link = |row: LinkRow| GradedLink {
            content: ContentId::new(row.content_id),
            link: LinkId::new(row.link_id),
            resource_link_id: row.resource_link_id,
            course: CourseId::new(row.course_id),
            registration: RegistrationId::new(row.registration_id),
            badge: row.badge_id,
            title: row.title,
            lineitems_url: row.lineitems_url,
            lineitem_url: row.lineitem_url,
            own_lineitem_url: row.own_lineitem_url,
            scopes: row.scopes.0,
        };
        Ok(rows.into_iter().map(link).collect())
    }

    /// What the LMS is owed for a link, at most `limit` of each mark. Who was refused since `refused_since` is left out.
    pub async fn owed_scores(
        &mut self,
        organisation: OrganisationId,
        link: &GradedLink,
        refused_since: Timestamp,
        limit: i64,
    ) -> Result<Vec<Owed>, StoreError> {
        let mut owed = Vec::new();
        for (sql, mark) in [(OWED_CLEARED, Mark::Cleared), (OWED_FULL, Mark::Full)] {
            let rows: Vec<(Uuid, String, Option<i64>)> = on!(self, sqlx::query_as(sql).bind(organisation.uuid())
                .bind(link.course.uuid()).bind(&link.badge).bind(link.content.uuid()).bind(link.link.uuid())
                .bind(refused_since.millis()).bind(limit) => fetch_all)?;
            owed.extend(rows.into_iter().map(|(member, sub, last)| Owed {
                member: MemberId::new(member),
                sub,
                mark,
                last: last.map(Timestamp::from_millis),
            }));
        }
        Ok(owed)
    }

    /// The LMS took a score, dated `at`.
    pub async fn score_sent(
        &mut self,
        organisation: OrganisationId,
        (content, link): (ContentId, LinkId),
        member: MemberId,
        mark: Mark,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(SENT).bind(organisation.uuid()).bind(content.uuid()).bind(link.uuid()).bind(member.uuid())
            .bind(mark.word()).bind(at.millis()) => execute)?;
        Ok(())
    }

    /// The LMS takes no score of this person.
    pub async fn score_refused(
        &mut self,
        organisation: OrganisationId,
        (content, link): (ContentId, LinkId),
        member: MemberId,
        why: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(REFUSED).bind(organisation.uuid()).bind(content.uuid()).bind(link.uuid())
            .bind(member.uuid()).bind(why).bind(now.millis()) => execute)?;
        Ok(())
    }

    /// Keeps the address of a column that we made for a link.
    pub async fn keep_own_column(
        &mut self,
        organisation: OrganisationId,
        (content, link): (ContentId, LinkId),
        address: &str,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(OWN_COLUMN).bind(organisation.uuid()).bind(content.uuid()).bind(link.uuid())
            .bind(address) => execute)?;
        Ok(())
    }

    /// Queues the sending of scores, if anything of the organisation is graded: one statement, for whatever makes or
    /// revokes awards. News that come while it runs make it run again.
    pub async fn enqueue_grades(&mut self, organisation: OrganisationId, now: Timestamp) -> Result<(), StoreError> {
        let payload = Json(serde_json::json!({}));
        on!(self, sqlx::query(ENQUEUE).bind(random::id_at(now)).bind(organisation.uuid())
            .bind(format!("grades:{organisation}")).bind(payload).bind(now.millis()) => execute)?;
        Ok(())
    }
}
