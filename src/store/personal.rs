//! What is stored about one person: to be shown to them and given to them. Every method takes the organisation.

use uuid::Uuid;

use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::{MemberId, OrganisationId, RegistrationId};

/// Who somebody is, as their LMS says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Through which registration.
    pub registration: RegistrationId,
    /// What the LMS is called here.
    pub lms: String,
    /// The LMS's id of the person.
    pub sub: String,
    /// The name; empty where the LMS tells none.
    pub name: String,
    /// The address.
    pub email: Option<String>,
    /// Other names of the person at the LMS: kind and value.
    pub aliases: Vec<(String, String)>,
    /// When they were seen first.
    pub created_at: Timestamp,
}

/// How much of each kind is stored about somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// Awards, withdrawn ones too.
    pub awards: i64,
    /// Applications for badges.
    pub applications: i64,
    /// Files handed in with them.
    pub files: i64,
    /// Results and completions.
    pub facts: i64,
    /// Signals.
    pub signals: i64,
    /// Grades sent back.
    pub grades: i64,
}

type ProfileRow = (Uuid, String, String, String, Option<String>, i64);

const PROFILE: &str = "SELECT m.registration_id, g.name, m.sub, m.name, m.email, m.created_at FROM member m
    JOIN registration g ON g.id = m.registration_id WHERE m.organisation_id = $1 AND m.id = $2";
const ALIASES: &str = "SELECT kind, value FROM member_alias WHERE organisation_id = $1 AND member_id = $2
    ORDER BY kind, value LIMIT 50";
const COURSES: &str = "SELECT c.title FROM enrolment e JOIN course c ON c.id = e.course_id
    WHERE e.organisation_id = $1 AND e.member_id = $2 ORDER BY c.title LIMIT 200";
const AWARDS: &str = "SELECT COUNT(*) FROM award WHERE organisation_id = $1 AND member_id = $2";
const APPLICATIONS: &str = "SELECT COUNT(*) FROM application WHERE organisation_id = $1 AND member_id = $2";
const FILES: &str =
    "SELECT COUNT(*) FROM application a JOIN application_file f ON f.organisation_id = a.organisation_id
    AND f.application_id = a.id WHERE a.organisation_id = $1 AND a.member_id = $2";
const FACTS: &str = "SELECT COUNT(*) FROM fact WHERE organisation_id = $1 AND member_id = $2";
const SIGNALS: &str = "SELECT COUNT(*) FROM enrolment e JOIN signal s ON s.organisation_id = e.organisation_id
    AND s.course_id = e.course_id AND s.member_id = e.member_id WHERE e.organisation_id = $1 AND e.member_id = $2";
const GRADES: &str = "SELECT COUNT(*) FROM grade WHERE organisation_id = $1 AND member_id = $2";

impl Tx<'_> {
    /// Who somebody is; absent: nobody of this organisation.
    pub async fn profile(
        &mut self,
        organisation: OrganisationId,
        member: MemberId,
    ) -> Result<Option<Profile>, StoreError> {
        let row: Option<ProfileRow> =
            on!(self, sqlx::query_as(PROFILE).bind(organisation.uuid()).bind(member.uuid()) => fetch_optional)?;
        let Some((registration, lms, sub, name, email, created_at)) = row else {
            return Ok(None);
        };
        let aliases = on!(self, sqlx::query_as(ALIASES).bind(organisation.uuid()).bind(member.uuid()) => fetch_all)?;
        Ok(Some(Profile {
            registration: RegistrationId::new(registration),
            lms,
            sub,
            name,
            email,
            aliases,
            created_at: Timestamp::from_millis(created_at),
        }))
    }

    /// The titles of somebody's courses, at most 200.
    pub async fn courses_of_member(
        &mut self,
        organisation: OrganisationId,
        member: MemberId,
    ) -> Result<Vec<String>, StoreError> {
        on!(self, sqlx::query_scalar(COURSES).bind(organisation.uuid()).bind(member.uuid()) => fetch_all)
    }

    /// How much is stored about somebody.
    pub async fn amounts(&mut self, organisation: OrganisationId, member: MemberId) -> Result<Amounts, StoreError> {
        Ok(Amounts {
            awards: self.count_of(AWARDS, organisation, member).await?,
            applications: self.count_of(APPLICATIONS, organisation, member).await?,
            files: self.count_of(FILES, organisation, member).await?,
            facts: self.count_of(FACTS, organisation, member).await?,
            signals: self.count_of(SIGNALS, organisation, member).await?,
            grades: self.count_of(GRADES, organisation, member).await?,
        })
    }

    async fn count_of(
        &mut self,
        sql: &'static str,
        organisation: OrganisationId,
        member: MemberId,
    ) -> Result<i64, StoreError> {
        on!(self, sqlx::query_scalar(sql).bind(organisation.uuid()).bind(member.uuid()) => fetch_one)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::plans;

    #[tokio::test]
    async fn queries_find_few_rows() {
        plans::finding_few(&[
            PROFILE,
            ALIASES,
            COURSES,
            AWARDS,
            APPLICATIONS,
            FILES,
            FACTS,
            SIGNALS,
            GRADES,
        ])
        .await;
    }
}
