//! Requests: what one press of *Issue* asked for, stored once under the form's key and worked off in pieces.

use sqlx::types::Json;
use uuid::Uuid;

use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::request::{Content, NewRequest, Outcome, Person};
use crate::model::{AwardId, CourseId, MemberId, OrganisationId, RequestId};

/// A request as the job that makes its awards reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its id.
    pub id: RequestId,
    /// The course it was made in.
    pub course: Option<CourseId>,
    /// Who made it.
    pub author: Option<MemberId>,
    /// The Factory's badge id.
    pub badge_id: String,
    /// The badge's name at the time.
    pub badge_name: String,
    /// The order's name.
    pub name: String,
    /// What to send.
    pub content: Content,
    /// To whom.
    pub people: Vec<Person>,
    /// How many of them were worked off.
    pub made: usize,
    /// When it was placed.
    pub created_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct RequestRow {
    id: Uuid,
    course_id: Option<Uuid>,
    author_id: Option<Uuid>,
    badge_id: String,
    badge_name: String,
    name: String,
    content: Json<Content>,
    people: Json<Vec<Person>>,
    made: i64,
    created_at: i64,
}

const ADD: &str =
    "INSERT INTO request (id, organisation_id, course_id, author_id, form_key, badge_id, badge_name, name,
    content, people, people_count, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
    ON CONFLICT (organisation_id, form_key) DO NOTHING";
const BY_KEY: &str = "SELECT id FROM request WHERE organisation_id = $1 AND form_key = $2";
const ONE: &str = "SELECT id, course_id, author_id, badge_id, badge_name, name, content, people, made, created_at
    FROM request WHERE organisation_id = $1 AND id = $2";
const ADVANCE: &str = "UPDATE request SET made = $4, made_at = CASE WHEN people_count = $4 THEN $5 ELSE NULL END
    WHERE organisation_id = $1 AND id = $2 AND made = $3";
const LINK: &str = "INSERT INTO request_award (request_id, position, award_id, outcome) SELECT r.id, $3, a.id, $5
    FROM request r JOIN award a ON a.organisation_id = r.organisation_id
    WHERE r.organisation_id = $1 AND r.id = $2 AND a.id = $4";

impl Tx<'_> {
    /// Stores a request, unless one with its form key is there; gives the stored one's id and whether it is this one.
    pub async fn add_request(&mut self, new: &NewRequest) -> Result<(RequestId, bool), StoreError> {
        let count = i64::try_from(new.people.len()).unwrap_or(i64::MAX);
        let rows = on!(self, sqlx::query(ADD).bind(new.id.uuid()).bind(new.organisation.uuid())
            .bind(new.course.map(CourseId::uuid)).bind(new.author.map(MemberId::uuid)).bind(&new.form_key)
            .bind(&new.badge_id).bind(&new.badge_name).bind(&new.name).bind(Json(&new.content))
            .bind(Json(&new.people)).bind(count).bind(new.created_at.millis()) => execute)?;
        if rows == 1 {
            return Ok((new.id, true));
        }
        let id: Uuid = on!(self, sqlx::query_scalar(BY_KEY).bind(new.organisation.uuid()).bind(&new.form_key)
            => fetch_one)?;
        Ok((RequestId::new(id), false))
    }

    /// A whole request, people and all.
    pub async fn request(
        &mut self,
        organisation: OrganisationId,
        id: RequestId,
    ) -> Result<Option<Request>, StoreError> {
        let row: Option<RequestRow> =
            on!(self, sqlx::query_as(ONE).bind(organisation.uuid()).bind(id.uuid()) => fetch_optional)?;
        row.map(request).transpose()
    }

    /// Moves the cursor over the people from `from` to `to`; `false` if it does not stand at `from`.
    pub async fn advance_request(
        &mut self,
        organisation: OrganisationId,
        id: RequestId,
        from: usize,
        to: usize,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let place = |at: usize| i64::try_from(at).unwrap_or(i64::MAX);
        let rows = on!(self, sqlx::query(ADVANCE).bind(organisation.uuid()).bind(id.uuid()).bind(place(from))
            .bind(place(to)).bind(now.millis()) => execute)?;
        Ok(rows == 1)
    }

    /// Notes which award the person at `position` led to; `false` if the organisation does not have both.
    pub async fn link_award(
        &mut self,
        organisation: OrganisationId,
        request: RequestId,
        position: usize,
        award: AwardId,
        outcome: Outcome,
    ) -> Result<bool, StoreError> {
        let position = i64::try_from(position).unwrap_or(i64::MAX);
        let rows = on!(self, sqlx::query(LINK).bind(organisation.uuid()).bind(request.uuid()).bind(position)
            .bind(award.uuid()).bind(outcome.word()) => execute)?;
        Ok(rows == 1)
    }
}

fn request(row: RequestRow) -> Result<Request, StoreError> {
    Ok(Request {
        id: RequestId::new(row.id),
        course: row.course_id.map(CourseId::new),
        author: row.author_id.map(MemberId::new),
        badge_id: row.badge_id,
        badge_name: row.badge_name,
        name: row.name,
        content: row.content.0,
        people: row.people.0,
        made: usize::try_from(row.made).map_err(|_| StoreError::Unreadable { what: "request.made" })?,
        created_at: Timestamp::from_millis(row.created_at),
    })
}
