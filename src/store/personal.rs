//! What is stored about people: found, shown to them, given to them. Every method takes the organisation.

use uuid::Uuid;

use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::{MemberId, OrganisationId, RegistrationId};

/// People that a search shows at most.
pub const MOST_FOUND: i64 = 50;

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

/// Somebody whom a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundMember {
    /// The member.
    pub id: MemberId,
    /// The name; empty where the LMS tells none, and after erasing.
    pub name: String,
    /// The address.
    pub email: Option<String>,
    /// The LMS's id of the person.
    pub sub: String,
    /// What the LMS is called here.
    pub lms: String,
}

/// An award as its person gets it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct PersonalAward {
    badge_id: String,
    badge_name: String,
    cause: String,
    state: String,
    hold: Option<String>,
    name: String,
    address: String,
    event_id: Option<String>,
    course: Option<String>,
    created_at: i64,
    issued_at: Option<i64>,
    revoked_at: Option<i64>,
}

/// A result or completion as its person gets it; scores are in millionths of a point.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct PersonalFact {
    course: String,
    item: String,
    class: String,
    holds: Option<bool>,
    given: Option<i64>,
    maximum: Option<i64>,
    released: Option<bool>,
    source: String,
    occurred_at: i64,
    received_at: i64,
}

/// What a rule last said about somebody, as they get it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct PersonalDecision {
    course: String,
    badge_id: String,
    outcome: String,
    at: i64,
}

type FoundRow = (Uuid, String, Option<String>, String, String);
type ProfileRow = (Uuid, String, String, String, Option<String>, i64);

const PROFILE: &str = "SELECT m.registration_id, g.name, m.sub, m.name, m.email, m.created_at FROM member m
    JOIN registration g ON g.id = m.registration_id WHERE m.organisation_id = $1 AND m.id = $2";
const FIND: &str = "SELECT m.id, m.name, m.email, m.sub, g.name FROM member m
    JOIN registration g ON g.id = m.registration_id
    WHERE m.organisation_id = $1 AND (m.search LIKE $2 ESCAPE '!' OR m.sub = $3) ORDER BY m.sort_name, m.id LIMIT $4";
const EXPORT_AWARDS: &str = "SELECT a.badge_id, a.badge_name, a.cause, a.state, a.hold, a.name, a.address, a.event_id,
    c.title AS course, a.created_at, a.issued_at, a.revoked_at FROM award a LEFT JOIN course c ON c.id = a.course_id
    WHERE a.organisation_id = $1 AND a.member_id = $2 ORDER BY a.created_at, a.id";
const EXPORT_FACTS: &str = "SELECT c.title AS course, f.item, f.class, f.holds, f.given, f.maximum, f.released,
    f.source, f.occurred_at, f.received_at FROM fact f JOIN course c ON c.id = f.course_id
    WHERE f.organisation_id = $1 AND f.member_id = $2 ORDER BY f.occurred_at";
const EXPORT_DECISIONS: &str = "SELECT c.title AS course, r.badge_id, e.outcome, e.at FROM enrolment n
    JOIN evaluation e ON e.organisation_id = n.organisation_id AND e.course_id = n.course_id
        AND e.member_id = n.member_id
    JOIN rule r ON r.id = e.rule_id JOIN course c ON c.id = e.course_id
    WHERE n.organisation_id = $1 AND n.member_id = $2 ORDER BY e.at";
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

    /// People of the organisation whose name or address has `search` in it, or whose number at the LMS it is, by name, at
    /// most [`MOST_FOUND`].
    pub async fn find_members(
        &mut self,
        organisation: OrganisationId,
        search: &str,
    ) -> Result<Vec<FoundMember>, StoreError> {
        let wanted = search.trim();
        let mut pattern = String::from("%");
        for sign in wanted.to_lowercase().chars() {
            if matches!(sign, '%' | '_' | '!') {
                pattern.push('!');
            }
            pattern.push(sign);
        }
        pattern.push('%');
        let rows: Vec<FoundRow> = on!(self, sqlx::query_as(FIND).bind(organisation.uuid()).bind(pattern).bind(wanted)
            .bind(MOST_FOUND) => fetch_all)?;
        let found = |(id, name, email, sub, lms): FoundRow| FoundMember {
            id: MemberId::new(id),
            name,
            email,
            sub,
            lms,
        };
        Ok(rows.into_iter().map(found).collect())
    }

    /// All awards of somebody, the oldest first.
    pub async fn personal_awards(
        &mut self,
        organisation: OrganisationId,
        member: MemberId,
    ) -> Result<Vec<PersonalAward>, StoreError> {
        on!(self, sqlx::query_as(EXPORT_AWARDS).bind(organisation.uuid()).bind(member.uuid()) => fetch_all)
    }

    /// All results and completions of somebody, the oldest first.
    pub async fn personal_facts(
        &mut self,
        organisation: OrganisationId,
        member: MemberId,
    ) -> Result<Vec<PersonalFact>, StoreError> {
        on!(self, sqlx::query_as(EXPORT_FACTS).bind(organisation.uuid()).bind(member.uuid()) => fetch_all)
    }

    /// What rules last said about somebody.
    pub async fn personal_decisions(
        &mut self,
        organisation: OrganisationId,
        member: MemberId,
    ) -> Result<Vec<PersonalDecision>, StoreError> {
        on!(self, sqlx::query_as(EXPORT_DECISIONS).bind(organisation.uuid()).bind(member.uuid()) => fetch_all)
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
            EXPORT_AWARDS,
            EXPORT_FACTS,
            EXPORT_DECISIONS,
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
        plans::without_scans(&[FIND]).await;
    }
}
