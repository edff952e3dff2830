//! Content that was placed by deep linking: requests to place it, its links, and its copies in copied courses.

use sqlx::types::Json;
use uuid::Uuid;

use super::fingerprint::fingerprint;
use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::crypto::random;
use crate::lti::deep_link::Settings;
use crate::model::content::{Content, GradeFacts, Placed, Shows};
use crate::model::{ContentId, CourseId, LinkId, MemberId, OrganisationId, RegistrationId, SeatId};

/// The most contexts of a course's history that are kept.
const MOST_ORIGINS: usize = 20;

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    organisation_id: Uuid,
    registration_id: Uuid,
    course_id: Option<Uuid>,
    kind: String,
    badge_id: Option<String>,
    title: String,
    graded: bool,
    applies_for: Option<String>,
    author_id: Option<Uuid>,
}

/// A request to place something.
#[derive(Clone, Debug, PartialEq)]
pub struct Pick {
    /// The deployment that asked, as the LMS names it.
    pub lti_deployment_id: String,
    /// What it takes.
    pub settings: Settings,
    /// It was answered: there is no second answer.
    pub answered: bool,
}

/// Content of an earlier course that a copied one may take over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The earlier content.
    pub content: Content,
    /// The earlier course's title; empty for who is not staff there.
    pub course_title: String,
}

const ADD_PICK: &str =
    "INSERT INTO pick (seat_id, organisation_id, lti_deployment_id, settings) VALUES ($1, $2, $3, $4)";
const PICK: &str = "SELECT lti_deployment_id, settings, answered_at IS NOT NULL FROM pick
    WHERE organisation_id = $1 AND seat_id = $2";
const ANSWER: &str =
    "UPDATE pick SET answered_at = $3 WHERE organisation_id = $1 AND seat_id = $2 AND answered_at IS NULL";
const ADD: &str = "INSERT INTO content (id, organisation_id, registration_id, course_id, kind, badge_id, title, graded,
    scored, applies_for, author_id, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
const FIND: &str =
    "SELECT id, organisation_id, registration_id, course_id, kind, badge_id, title, (graded OR scored) AS graded,
    applies_for, author_id
    FROM content WHERE organisation_id = $1 AND id = $2";
const COPY_OF: &str =
    "SELECT id, organisation_id, registration_id, course_id, kind, badge_id, title, (graded OR scored) AS graded,
    applies_for, author_id
    FROM content WHERE organisation_id = $1 AND copied_from = $2 AND course_id = $3";
const SETTLE: &str = "UPDATE content SET course_id = $3 WHERE organisation_id = $1 AND id = $2 AND course_id IS NULL";
const COPY: &str =
    "INSERT INTO content (id, organisation_id, registration_id, course_id, kind, badge_id, title, graded,
    scored, applies_for, copied_from, author_id, created_at)
    SELECT $3, c.organisation_id, c.registration_id, $4, c.kind, c.badge_id, c.title, c.graded, c.scored, c.applies_for,
        c.id, $5, $6
    FROM content c JOIN course k ON k.id = $4 AND k.organisation_id = c.organisation_id
        AND k.registration_id = c.registration_id
    WHERE c.organisation_id = $1 AND c.id = $2 AND c.course_id IS NOT NULL AND c.course_id <> $4
    ON CONFLICT DO NOTHING";
const PLACEMENT: &str = "SELECT fingerprint FROM placement WHERE content_id = $1 AND link_id = $2";
const PLACE: &str =
    "INSERT INTO placement (content_id, link_id, organisation_id, course_id, lineitems_url, lineitem_url,
    scopes, fingerprint, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (content_id, link_id) DO UPDATE SET lineitems_url = excluded.lineitems_url,
        lineitem_url = excluded.lineitem_url, scopes = excluded.scopes, fingerprint = excluded.fingerprint";
const ADD_ORIGIN: &str = "INSERT INTO course_origin (course_id, organisation_id, context_id) VALUES ($1, $2, $3)
    ON CONFLICT (course_id, context_id) DO NOTHING";
/// The launch of a copied link says where its course comes from, as the history does.
const ADD_ORIGIN_OF: &str = "INSERT INTO course_origin (course_id, organisation_id, context_id)
    SELECT $1, $2, k.context_id FROM course k WHERE k.id = $3 AND k.organisation_id = $2
    ON CONFLICT (course_id, context_id) DO NOTHING";
const OFFERS: &str =
    "SELECT c.id, c.organisation_id, c.registration_id, c.course_id, c.kind, c.badge_id, c.title,
    (c.graded OR c.scored) AS graded, c.applies_for, c.author_id, CASE WHEN e.member_id IS NULL THEN '' ELSE k.title END AS course_title
    FROM course here JOIN course_origin o ON o.course_id = here.id AND o.context_id <> here.context_id
    JOIN course k ON k.registration_id = here.registration_id AND k.organisation_id = here.organisation_id
        AND k.context_id = o.context_id
    JOIN content c ON c.course_id = k.id AND c.organisation_id = here.organisation_id
    LEFT JOIN enrolment e ON e.course_id = k.id AND e.member_id = $3
        AND COALESCE(e.launch_standing, e.roster_standing) = 'staff'
    WHERE here.organisation_id = $1 AND here.id = $2 AND NOT EXISTS
        (SELECT 1 FROM content copy WHERE copy.copied_from = c.id AND copy.course_id = here.id)
    ORDER BY c.created_at, c.id LIMIT 100";
const IN_COURSE: &str =
    "SELECT id, organisation_id, registration_id, course_id, kind, badge_id, title, (graded OR scored) AS graded,
    applies_for, author_id
    FROM content WHERE organisation_id = $1 AND course_id = $2 ORDER BY created_at, id LIMIT 500";

impl Tx<'_> {
    /// Keeps what a launch asked to place, for the seat that it made.
    pub async fn add_pick(
        &mut self,
        organisation: OrganisationId,
        seat: SeatId,
        lti_deployment_id: &str,
        settings: &Settings,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(ADD_PICK).bind(seat.uuid()).bind(organisation.uuid()).bind(lti_deployment_id)
            .bind(Json(settings)) => execute)?;
        Ok(())
    }

    /// What this seat's launch asked to place; `None` if it did not.
    pub async fn pick_of_seat(
        &mut self,
        organisation: OrganisationId,
        seat: SeatId,
    ) -> Result<Option<Pick>, StoreError> {
        let row: Option<(String, Json<Settings>, bool)> =
            on!(self, sqlx::query_as(PICK).bind(organisation.uuid()).bind(seat.uuid()) => fetch_optional)?;
        Ok(row.map(|(lti_deployment_id, Json(settings), answered)| Pick {
            lti_deployment_id,
            settings,
            answered,
        }))
    }

    /// Spends the request; how many rows that were: 1, or 0 if it was answered before.
    pub async fn answer_pick(
        &mut self,
        organisation: OrganisationId,
        seat: SeatId,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        on!(self, sqlx::query(ANSWER).bind(organisation.uuid()).bind(seat.uuid()).bind(now.millis()) => execute)
    }

    /// Stores content that is about to be placed, under its organisation.
    pub async fn add_content(
        &mut self,
        organisation: OrganisationId,
        new: &Content,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let is_form = matches!(new.shows, Shows::Apply(_));
        on!(self, sqlx::query(ADD).bind(new.id.uuid()).bind(organisation.uuid()).bind(new.registration.uuid())
            .bind(new.course.map(CourseId::uuid)).bind(new.shows.word()).bind(new.shows.subject()).bind(&new.title)
            .bind(new.graded && !is_form).bind(new.graded && is_form).bind(&new.applies_for).bind(new.author.map(MemberId::uuid)).bind(now.millis()) => execute)?;
        Ok(())
    }

    /// The content with this id.
    pub async fn content(
        &mut self,
        organisation: OrganisationId,
        id: ContentId,
    ) -> Result<Option<Content>, StoreError> {
        let row: Option<Row> =
            on!(self, sqlx::query_as(FIND).bind(organisation.uuid()).bind(id.uuid()) => fetch_optional)?;
        Ok(row.and_then(Row::content))
    }

    /// What is placed in a course, oldest first, at most 500.
    pub async fn course_contents(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
    ) -> Result<Vec<Content>, StoreError> {
        let rows: Vec<Row> =
            on!(self, sqlx::query_as(IN_COURSE).bind(organisation.uuid()).bind(course.uuid()) => fetch_all)?;
        Ok(rows.into_iter().filter_map(Row::content).collect())
    }

    /// A launch of placed content: binds it to its link at the first one, and keeps the addresses of its grades fresh.
    /// `None`: there is no such content in this organisation and registration. In a copied course nothing is bound
    /// before a teacher of it said so.
    pub async fn place_content(
        &mut self,
        organisation: OrganisationId,
        registration: RegistrationId,
        id: ContentId,
        (course, link): (CourseId, LinkId),
        grades: &GradeFacts,
        now: Timestamp,
    ) -> Result<Option<Placed>, StoreError> {
        let found = self.content(organisation, id).await?;
        let Some(content) = found.filter(|content| content.registration == registration) else {
            return Ok(None);
        };
        let own = match content.course {
            Some(its) if its == course => content,
            None => {
                on!(self, sqlx::query(SETTLE).bind(organisation.uuid()).bind(id.uuid()).bind(course.uuid())
                    => execute)?;
                content
            }
            Some(from) => {
                let Some(copy) = self.content_copy(organisation, id, course).await? else {
                    on!(self, sqlx::query(ADD_ORIGIN_OF).bind(course.uuid()).bind(organisation.uuid())
                        .bind(from.uuid()) => execute)?;
                    return Ok(Some(Placed::Copied(id)));
                };
                copy
            }
        };
        self.keep_placement(organisation, own.id, course, link, grades, now)
            .await?;
        Ok(Some(Placed::Here(own.shows)))
    }

    async fn keep_placement(
        &mut self,
        organisation: OrganisationId,
        content: ContentId,
        course: CourseId,
        link: LinkId,
        grades: &GradeFacts,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut parts = vec![grades.lineitems_url.as_deref(), grades.lineitem_url.as_deref()];
        parts.extend(grades.scopes.iter().map(|scope| Some(scope.as_str())));
        let print = fingerprint(&parts);
        let known: Option<i64> =
            on!(self, sqlx::query_scalar(PLACEMENT).bind(content.uuid()).bind(link.uuid()) => fetch_optional)?;
        if known == Some(print) {
            return Ok(());
        }
        on!(self, sqlx::query(PLACE).bind(content.uuid()).bind(link.uuid()).bind(organisation.uuid())
            .bind(course.uuid()).bind(&grades.lineitems_url).bind(&grades.lineitem_url).bind(Json(&grades.scopes))
            .bind(print).bind(now.millis()) => execute)?;
        // people may have the badge already
        self.enqueue_grades(organisation, now).await
    }

    /// Takes content of an earlier course over into a copied one: the teacher said so. How many rows that were: 1, or 0 if
    /// it was taken over before, or is none of this registration's.
    pub async fn copy_content(
        &mut self,
        organisation: OrganisationId,
        id: ContentId,
        course: CourseId,
        author: MemberId,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        on!(self, sqlx::query(COPY).bind(organisation.uuid()).bind(id.uuid()).bind(random::id_at(now))
            .bind(course.uuid()).bind(author.uuid()).bind(now.millis()) => execute)
    }

    /// The copy of content that a course has taken over.
    pub async fn content_copy(
        &mut self,
        organisation: OrganisationId,
        id: ContentId,
        course: CourseId,
    ) -> Result<Option<Content>, StoreError> {
        let row: Option<Row> = on!(self, sqlx::query_as(COPY_OF).bind(organisation.uuid()).bind(id.uuid())
            .bind(course.uuid()) => fetch_optional)?;
        Ok(row.and_then(Row::content))
    }

    /// Notes which contexts a course was copied from.
    pub async fn note_origins(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        contexts: &[String],
    ) -> Result<(), StoreError> {
        for context in contexts.iter().take(MOST_ORIGINS) {
            on!(self, sqlx::query(ADD_ORIGIN).bind(course.uuid()).bind(organisation.uuid()).bind(context) => execute)?;
        }
        Ok(())
    }

    /// Content of the courses that this one was copied from, which it has not taken over; at most 100. An earlier course is
    /// named only to who is staff there: what a launch says of a course's history may be a teacher's own word.
    pub async fn content_offers(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        reader: MemberId,
    ) -> Result<Vec<Offer>, StoreError> {
        #[derive(sqlx::FromRow)]
        struct OfferRow {
            #[sqlx(flatten)]
            content: Row,
            course_title: String,
        }
        let rows: Vec<OfferRow> = on!(self, sqlx::query_as(OFFERS).bind(organisation.uuid()).bind(course.uuid())
                .bind(reader.uuid()) => fetch_all)?;
        let offer = |row: OfferRow| {
            Some(Offer {
                content: row.content.content()?,
                course_title: row.course_title,
            })
        };
        Ok(rows.into_iter().filter_map(offer).collect())
    }
}

impl Row {
    fn content(self) -> Option<Content> {
        Some(Content {
            id: ContentId::new(self.id),
            organisation: OrganisationId::new(self.organisation_id),
            registration: RegistrationId::new(self.registration_id),
            course: self.course_id.map(CourseId::new),
            shows: Shows::of(&self.kind, self.badge_id)?,
            title: self.title,
            graded: self.graded,
            applies_for: self.applies_for,
            author: self.author_id.map(MemberId::new),
        })
    }
}
