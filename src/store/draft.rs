//! Drafts: seen by their author only.

use sqlx::types::Json;
use uuid::Uuid;

use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::draft::{Draft, DraftText};
use crate::model::request::Person;
use crate::model::{CourseId, DraftId, MemberId, OrganisationId};

/// Whose drafts: the author, in one course.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Author {
    /// The organisation.
    pub organisation: OrganisationId,
    /// The course.
    pub course: CourseId,
    /// The member.
    pub member: MemberId,
}

#[derive(sqlx::FromRow)]
struct DraftRow {
    id: Uuid,
    badge_id: Option<String>,
    people: Json<Vec<Person>>,
    message: Json<DraftText>,
    form_key: String,
    updated_at: i64,
}

const ONE: &str = "SELECT id, badge_id, people, message, form_key, updated_at FROM draft
    WHERE organisation_id = $1 AND course_id = $2 AND member_id = $3 AND id = $4";
const NEWEST: &str = "SELECT id, badge_id, people, message, form_key, updated_at FROM draft
    WHERE organisation_id = $1 AND course_id = $2 AND member_id = $3 AND updated_at > $4
    ORDER BY updated_at DESC LIMIT 5";
const ADD: &str = "INSERT INTO draft (id, organisation_id, course_id, member_id, badge_id, people, message, form_key,
    created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)";
const CHANGE: &str = "UPDATE draft SET badge_id = $5, people = $6, message = $7, updated_at = $8
    WHERE organisation_id = $1 AND course_id = $2 AND member_id = $3 AND id = $4";
const DROP: &str = "DELETE FROM draft WHERE organisation_id = $1 AND course_id = $2 AND member_id = $3 AND id = $4";
const FORGET_OLD: &str = "DELETE FROM draft WHERE id IN (SELECT id FROM draft WHERE updated_at <= $1 LIMIT 500)";

impl Tx<'_> {
    /// One draft of its author.
    pub async fn draft(&mut self, author: Author, id: DraftId) -> Result<Option<Draft>, StoreError> {
        let row: Option<DraftRow> = on!(self, sqlx::query_as(ONE).bind(author.organisation.uuid())
            .bind(author.course.uuid()).bind(author.member.uuid()).bind(id.uuid()) => fetch_optional)?;
        Ok(row.map(|row| row.into_draft(author)))
    }

    /// The author's newest drafts changed after `since`, at most 5.
    pub async fn drafts(&mut self, author: Author, since: Timestamp) -> Result<Vec<Draft>, StoreError> {
        let rows: Vec<DraftRow> = on!(self, sqlx::query_as(NEWEST).bind(author.organisation.uuid())
            .bind(author.course.uuid()).bind(author.member.uuid()).bind(since.millis()) => fetch_all)?;
        Ok(rows.into_iter().map(|row| row.into_draft(author)).collect())
    }

    /// Stores a new draft.
    pub async fn add_draft(&mut self, draft: &Draft) -> Result<(), StoreError> {
        on!(self, sqlx::query(ADD).bind(draft.id.uuid()).bind(draft.organisation.uuid()).bind(draft.course.uuid())
            .bind(draft.author.uuid()).bind(&draft.badge).bind(Json(&draft.people)).bind(Json(&draft.text))
            .bind(&draft.form_key).bind(draft.updated_at.millis()) => execute)?;
        Ok(())
    }

    /// Stores what changed; `false` if the draft is gone.
    pub async fn change_draft(&mut self, draft: &Draft) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(CHANGE).bind(draft.organisation.uuid()).bind(draft.course.uuid())
            .bind(draft.author.uuid()).bind(draft.id.uuid()).bind(&draft.badge).bind(Json(&draft.people))
            .bind(Json(&draft.text)).bind(draft.updated_at.millis()) => execute)?;
        Ok(rows == 1)
    }

    /// Deletes a draft, once its request is placed.
    pub async fn drop_draft(&mut self, author: Author, id: DraftId) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(DROP).bind(author.organisation.uuid()).bind(author.course.uuid())
            .bind(author.member.uuid()).bind(id.uuid()) => execute)?;
        Ok(rows == 1)
    }

    /// Deletes up to 500 drafts not changed since `before`; how many.
    pub async fn forget_old_drafts(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        on!(self, sqlx::query(FORGET_OLD).bind(before.millis()) => execute)
    }
}

impl DraftRow {
    fn into_draft(self, author: Author) -> Draft {
        Draft {
            id: DraftId::new(self.id),
            organisation: author.organisation,
            course: author.course,
            author: author.member,
            badge: self.badge_id,
            people: self.people.0,
            text: self.message.0,
            form_key: self.form_key,
            updated_at: Timestamp::from_millis(self.updated_at),
        }
    }
}
