//! Which badges a course may use, and the courses of an organisation as its administrators see them.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::tx::on;
use super::{StoreError, Tx};
use crate::model::catalog::CatalogBadge;
use crate::model::{CourseId, OrganisationId, RegistrationId};

/// A course in an administrator's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CourseLine {
    /// Its id.
    pub id: CourseId,
    /// Of which registration.
    pub registration: RegistrationId,
    /// Its title.
    pub title: String,
    /// Its code; may be empty.
    pub label: String,
    /// How many badges it may use; `None`: every published one.
    pub badges: Option<i64>,
    /// How many of its rules are on.
    pub rules: i64,
}

type Row = (Uuid, Uuid, String, String, bool, i64, i64);

const COURSES: &str = "SELECT c.id, c.registration_id, c.title, c.label, c.badges_limited,
    (SELECT COUNT(*) FROM course_badge b WHERE b.course_id = c.id) AS badges,
    (SELECT COUNT(*) FROM rule r WHERE r.organisation_id = $1 AND r.course_id = c.id AND r.state = 'on') AS rules
    FROM course c WHERE c.organisation_id = $1 AND (LOWER(c.title) LIKE $2 ESCAPE '!' OR LOWER(c.label) LIKE $2 ESCAPE '!')
    ORDER BY c.title, c.id LIMIT $3 OFFSET $4";
const LIMITED: &str = "SELECT badges_limited FROM course WHERE organisation_id = $1 AND id = $2";
const BADGES: &str = "SELECT badge_id FROM course_badge WHERE organisation_id = $1 AND course_id = $2";
const LIMIT: &str = "UPDATE course SET badges_limited = $3 WHERE organisation_id = $1 AND id = $2";
const CLEAR: &str = "DELETE FROM course_badge WHERE organisation_id = $1 AND course_id = $2";
const ADD: &str = "INSERT INTO course_badge (course_id, badge_id, organisation_id) VALUES ($1, $2, $3)";

impl Tx<'_> {
    /// The organisation's courses whose title or code has `search` in it, by title.
    pub async fn course_lines(
        &mut self,
        organisation: OrganisationId,
        search: &str,
        limit: i64,
        offset: i64,
    ) -> Result<Vec<CourseLine>, StoreError> {
        let rows: Vec<Row> = on!(self, sqlx::query_as(COURSES).bind(organisation.uuid()).bind(pattern(search))
            .bind(limit).bind(offset) => fetch_all)?;
        let line = |(id, registration, title, label, is_limited, badges, rules): Row| CourseLine {
            id: CourseId::new(id),
            registration: RegistrationId::new(registration),
            title,
            label,
            badges: is_limited.then_some(badges),
            rules,
        };
        Ok(rows.into_iter().map(line).collect())
    }

    /// The ids of the badges that a course may use; `None`: every published one.
    pub async fn badge_choice(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
    ) -> Result<Option<BTreeSet<String>>, StoreError> {
        let is_limited: Option<bool> = on!(self, sqlx::query_scalar(LIMITED).bind(organisation.uuid())
            .bind(course.uuid()) => fetch_optional)?;
        if is_limited != Some(true) {
            return Ok(None);
        }
        let ids: Vec<String> = on!(self, sqlx::query_scalar(BADGES).bind(organisation.uuid())
            .bind(course.uuid()) => fetch_all)?;
        Ok(Some(ids.into_iter().collect()))
    }

    /// The organisation's badges that a course may use, also drafts and those that are gone; without a course all.
    pub async fn badges_for(
        &mut self,
        organisation: OrganisationId,
        course: Option<CourseId>,
    ) -> Result<Vec<CatalogBadge>, StoreError> {
        let choice = match course {
            Some(course) => self.badge_choice(organisation, course).await?,
            None => None,
        };
        let mut badges = self.catalog_badges(organisation).await?;
        if let Some(choice) = choice {
            badges.retain(|badge| choice.contains(&badge.id));
        }
        Ok(badges)
    }

    /// Chooses the badges that a course may use; `None`: every published one. `false`: the organisation has no such
    /// course.
    pub async fn choose_badges(
        &mut self,
        organisation: OrganisationId,
        course: CourseId,
        choice: Option<&BTreeSet<String>>,
    ) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(LIMIT).bind(organisation.uuid()).bind(course.uuid())
            .bind(choice.is_some()) => execute)?;
        if rows == 0 {
            return Ok(false);
        }
        on!(self, sqlx::query(CLEAR).bind(organisation.uuid()).bind(course.uuid()) => execute)?;
        for badge in choice.into_iter().flatten() {
            on!(self, sqlx::query(ADD).bind(course.uuid()).bind(badge).bind(organisation.uuid()) => execute)?;
        }
        Ok(true)
    }
}

/// A pattern of LIKE that finds `search` anywhere, taken literally.
fn pattern(search: &str) -> String {
    let mut pattern = "%".to_owned();
    for sign in search.to_lowercase().chars() {
        if matches!(sign, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(sign);
    }
    pattern.push('%');
    pattern
}
