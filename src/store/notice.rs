//! Notices of LMSs: which service sends them, which were taken, and what they say of copied courses.

use sqlx::types::Json;
use uuid::Uuid;

use super::fingerprint::fingerprint;
use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::crypto::random;
use crate::model::{OrganisationId, RegistrationId};

/// A deployment's service of notices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeService {
    /// Where notices are asked for.
    pub url: String,
    /// The kinds that it offers; empty: it does not say.
    pub kinds: Vec<String>,
    /// When it was asked last.
    pub asked_at: Option<Timestamp>,
    /// Why it refused then.
    pub failure: Option<String>,
}

/// A course that was copied, as a notice tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopiedCourse<'a> {
    /// The deployment that told it.
    pub deployment: &'a str,
    /// The new course.
    pub context_id: &'a str,
    /// Its title, or empty.
    pub title: &'a str,
    /// Its short name, or empty.
    pub label: &'a str,
    /// Where it was copied from.
    pub origins: &'a [String],
}

const SERVICE: &str = "SELECT url, kinds, asked_at, failure FROM notice_service
    WHERE organisation_id = $1 AND registration_id = $2 AND lti_deployment_id = $3";
const SEE_SERVICE: &str = "INSERT INTO notice_service (organisation_id, registration_id, lti_deployment_id, url, kinds)
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (registration_id, lti_deployment_id) DO UPDATE SET url = excluded.url,
        kinds = excluded.kinds, organisation_id = excluded.organisation_id, asked_at = NULL, failure = NULL";
const ASKED: &str = "UPDATE notice_service SET asked_at = $4, failure = $5
    WHERE organisation_id = $1 AND registration_id = $2 AND lti_deployment_id = $3";
const TAKE: &str = "INSERT INTO notice (organisation_id, registration_id, notice_key, taken_at)
    VALUES ($1, $2, $3, $4) ON CONFLICT (registration_id, notice_key) DO NOTHING";
const FORGET_OLD: &str = "DELETE FROM notice WHERE (registration_id, notice_key) IN
    (SELECT registration_id, notice_key FROM notice WHERE taken_at < $1 LIMIT 500)";
/// The course itself comes with its first launch; until then it has its name and nobody in it.
const ADD_COURSE: &str = "INSERT INTO course (id, organisation_id, registration_id, context_id, title, label,
    lti_deployment_id, fingerprint, roster_generation, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9)
    ON CONFLICT (registration_id, organisation_id, context_id) DO NOTHING";
const ADD_ORIGIN: &str = "INSERT INTO course_origin (course_id, organisation_id, context_id)
    SELECT k.id, k.organisation_id, $4 FROM course k
    WHERE k.organisation_id = $1 AND k.registration_id = $2 AND k.context_id = $3
    ON CONFLICT (course_id, context_id) DO NOTHING";
/// A copy of a copy comes from where that one came from.
const ADD_ORIGINS_OF_ORIGIN: &str = "INSERT INTO course_origin (course_id, organisation_id, context_id)
    SELECT k.id, k.organisation_id, o.context_id FROM course k
    JOIN course earlier ON earlier.registration_id = k.registration_id AND earlier.organisation_id = k.organisation_id
        AND earlier.context_id = $4
    JOIN course_origin o ON o.course_id = earlier.id
    WHERE k.organisation_id = $1 AND k.registration_id = $2 AND k.context_id = $3 AND o.context_id <> k.context_id
    ON CONFLICT (course_id, context_id) DO NOTHING";

impl Tx<'_> {
    /// The service of a deployment, if a launch named one.
    pub async fn notice_service(
        &mut self,
        organisation: OrganisationId,
        registration: RegistrationId,
        deployment: &str,
    ) -> Result<Option<NoticeService>, StoreError> {
        type Row = (String, Json<Vec<String>>, Option<i64>, Option<String>);
        let row: Option<Row> = on!(self, sqlx::query_as(SERVICE).bind(organisation.uuid()).bind(registration.uuid())
            .bind(deployment) => fetch_optional)?;
        Ok(row.map(|(url, Json(kinds), asked_at, failure)| NoticeService {
            url,
            kinds,
            asked_at: asked_at.map(Timestamp::from_millis),
            failure,
        }))
    }

    /// Keeps the service that a launch named; it counts as not asked.
    pub async fn see_notice_service(
        &mut self,
        organisation: OrganisationId,
        registration: RegistrationId,
        deployment: &str,
        url: &str,
        kinds: &[String],
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(SEE_SERVICE).bind(organisation.uuid()).bind(registration.uuid()).bind(deployment)
            .bind(url).bind(Json(kinds)) => execute)?;
        Ok(())
    }

    /// Notes that the service was asked, and why it refused.
    pub async fn notices_asked(
        &mut self,
        organisation: OrganisationId,
        registration: RegistrationId,
        deployment: &str,
        failure: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(ASKED).bind(organisation.uuid()).bind(registration.uuid()).bind(deployment)
            .bind(now.millis()).bind(failure) => execute)?;
        Ok(())
    }

    /// Takes a notice; how many rows that were: 1, or 0 if it came before.
    pub async fn take_notice(
        &mut self,
        organisation: OrganisationId,
        registration: RegistrationId,
        key: &str,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        on!(self, sqlx::query(TAKE).bind(organisation.uuid()).bind(registration.uuid()).bind(key).bind(now.millis())
            => execute)
    }

    /// Notes where a course was copied from, also one that nobody has opened yet. Nothing is in use by that: its teacher
    /// is offered it.
    pub async fn note_copied_course(
        &mut self,
        organisation: OrganisationId,
        registration: RegistrationId,
        copied: &CopiedCourse<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (owner, lms): (Uuid, Uuid) = (organisation.uuid(), registration.uuid());
        on!(self, sqlx::query(ADD_COURSE).bind(random::id_at(now)).bind(owner).bind(lms).bind(copied.context_id)
            .bind(copied.title).bind(copied.label).bind(copied.deployment).bind(fingerprint(&[])).bind(now.millis())
            => execute)?;
        for origin in copied.origins {
            on!(self, sqlx::query(ADD_ORIGIN).bind(owner).bind(lms).bind(copied.context_id).bind(origin)
                => execute)?;
            on!(self, sqlx::query(ADD_ORIGINS_OF_ORIGIN).bind(owner).bind(lms).bind(copied.context_id).bind(origin)
                => execute)?;
        }
        Ok(())
    }

    /// Forgets up to 500 notices that were taken before this moment; how many.
    pub async fn forget_old_notices(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        on!(self, sqlx::query(FORGET_OLD).bind(before.millis()) => execute)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::plans;

    #[tokio::test]
    async fn no_notice_reads_a_table_from_end_to_end() {
        plans::without_scans(&[SERVICE, ASKED, FORGET_OLD, ADD_ORIGIN, ADD_ORIGINS_OF_ORIGIN]).await;
    }
}
