//! What the pages of a course read beyond awards and people. Every method takes the organisation, and the course or the
//! member (P5).

use sqlx::types::Json;
use uuid::Uuid;

use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::request::Content;
use crate::model::{AwardId, CourseId, MemberId, OrganisationId, RequestId};

/// What was asked for with an award, for its person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnAward {
    /// The award.
    pub id: AwardId,
    /// The course it was given in.
    pub course: Option<CourseId>,
    /// The course's name.
    pub course_title: String,
    /// Message, dates and options; the defaults where no request asked for it.
    pub content: Content,
}

const BY_KEY: &str = "SELECT id FROM request WHERE organisation_id = $1 AND form_key = $2 AND course_id = $3";
const CONTENT: &str = "SELECT content FROM request WHERE organisation_id = $1 AND course_id = $2 AND id = $3";
const FIRST: &str = "SELECT MIN(created_at) FROM award WHERE organisation_id = $1 AND course_id = $2";
const SINCE: &str = "SELECT COALESCE(issued_at, created_at) FROM award WHERE organisation_id = $1 AND id = $2";
const OWN: &str = "SELECT a.id, a.course_id, c.title, r.content FROM award a LEFT JOIN course c ON c.id = a.course_id
    LEFT JOIN request r ON r.id = a.request_id WHERE a.organisation_id = $1 AND a.member_id = $2
    ORDER BY a.created_at DESC, a.id DESC LIMIT 200";

type OwnRow = (Uuid, Option<Uuid>, Option<String>, Option<Json<Content>>);

const COUNT: &str = "SELECT COUNT(*) FROM course WHERE organisation_id = $1";

impl Tx<'_> {
    /// How many courses of the organisation were opened.
    pub async fn course_count(&mut self, organisation: OrganisationId) -> Result<i64, StoreError> {
        on!(self, sqlx::query_scalar(COUNT).bind(organisation.uuid()) => fetch_one)
    }

    /// The request of a course that was placed under a form's key.
    pub async fn request_of_key(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        form_key: &str,
    ) -> Result<Option<RequestId>, StoreError> {
        let id: Option<Uuid> = on!(self, sqlx::query_scalar(BY_KEY).bind(organisation.uuid()).bind(form_key)
            .bind(course.uuid()) => fetch_optional)?;
        Ok(id.map(RequestId::new))
    }

    /// What a request of a course sends, without its people.
    pub async fn request_content(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        id: RequestId,
    ) -> Result<Option<Content>, StoreError> {
        let content: Option<Json<Content>> = on!(self, sqlx::query_scalar(CONTENT).bind(organisation.uuid())
            .bind(course.uuid()).bind(id.uuid()) => fetch_optional)?;
        Ok(content.map(|Json(content)| content))
    }

    /// When the first award of a course was asked for.
    pub async fn first_award(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
    ) -> Result<Option<Timestamp>, StoreError> {
        let at: Option<i64> =
            on!(self, sqlx::query_scalar(FIRST).bind(organisation.uuid()).bind(course.uuid()) => fetch_one)?;
        Ok(at.map(Timestamp::from_millis))
    }

    /// Since when an award is there: issued, or else asked for.
    pub async fn award_since(
        &mut self,
        organisation: OrganisationId,
        id: AwardId,
    ) -> Result<Option<Timestamp>, StoreError> {
        let at: Option<i64> =
            on!(self, sqlx::query_scalar(SINCE).bind(organisation.uuid()).bind(id.uuid()) => fetch_optional)?;
        Ok(at.map(Timestamp::from_millis))
    }

    /// Where a member's awards come from, the newest first, at most 200: beside [`Tx::member_awards`].
    pub async fn own_awards(
        &mut self,
        organisation: OrganisationId,
        member: MemberId,
    ) -> Result<Vec<OwnAward>, StoreError> {
        let rows: Vec<OwnRow> =
            on!(self, sqlx::query_as(OWN).bind(organisation.uuid()).bind(member.uuid()) => fetch_all)?;
        let own = |(id, course, title, content): OwnRow| OwnAward {
            id: AwardId::new(id),
            course: course.map(CourseId::new),
            course_title: title.unwrap_or_default(),
            content: content.map(|Json(content)| content).unwrap_or_default(),
        };
        Ok(rows.into_iter().map(own).collect())
    }
}
