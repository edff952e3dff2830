//! Applications that were begun and not sent: one for each person and form.

use sqlx::types::Json;
use uuid::Uuid;

use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::application::{Answer, Started};
use crate::model::{ApplicationId, MemberId, OrganisationId};

type Row = (Uuid, String, Json<Vec<Answer>>, bool, Option<Vec<u8>>, bool, i64);

const ONE: &str = "SELECT application_id, form_key, answers, attach_evidence, claim_code, ready, updated_at
    FROM started_application WHERE organisation_id = $1 AND member_id = $2 AND form_id = $3";
const PUT: &str =
    "INSERT INTO started_application (organisation_id, member_id, form_id, application_id, form_key, answers,
    attach_evidence, claim_code, ready, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT (organisation_id, member_id, form_id) DO UPDATE SET application_id = excluded.application_id,
        form_key = excluded.form_key, answers = excluded.answers, attach_evidence = excluded.attach_evidence,
        claim_code = excluded.claim_code, ready = excluded.ready, updated_at = excluded.updated_at";
const DROP: &str = "DELETE FROM started_application WHERE organisation_id = $1 AND member_id = $2 AND form_id = $3";
const FORGET: &str = "DELETE FROM started_application WHERE (organisation_id, member_id, form_id) IN
    (SELECT organisation_id, member_id, form_id FROM started_application WHERE updated_at < $1 LIMIT 500)";

impl Tx<'_> {
    /// What a person began with a form.
    pub async fn started_application(
        &mut self,
        organisation: OrganisationId,
        member: MemberId,
        form: &str,
    ) -> Result<Option<Started>, StoreError> {
        let row: Option<Row> = on!(self, sqlx::query_as(ONE).bind(organisation.uuid()).bind(member.uuid()).bind(form)
            => fetch_optional)?;
        Ok(row.map(
            |(id, form_key, answers, attach, claim_code, is_ready, updated_at)| Started {
                id: ApplicationId::new(id),
                form_key,
                answers: answers.0,
                attach,
                claim_code,
                is_ready,
                updated_at: Timestamp::from_millis(updated_at),
            },
        ))
    }

    /// Keeps what a person began with a form, in place of what was kept before.
    pub async fn keep_started_application(
        &mut self,
        organisation: OrganisationId,
        member: MemberId,
        form: &str,
        started: &Started,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(PUT).bind(organisation.uuid()).bind(member.uuid()).bind(form).bind(started.id.uuid())
            .bind(&started.form_key).bind(Json(&started.answers)).bind(started.attach).bind(&started.claim_code)
            .bind(started.is_ready).bind(started.updated_at.millis()) => execute)?;
        Ok(())
    }

    /// Forgets what a person began with a form.
    pub async fn drop_started_application(
        &mut self,
        organisation: OrganisationId,
        member: MemberId,
        form: &str,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(DROP).bind(organisation.uuid()).bind(member.uuid()).bind(form) => execute)?;
        Ok(())
    }

    /// Forgets what was begun and not changed since `before`, at most 500 a call; how many.
    pub async fn forget_started_applications(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        on!(self, sqlx::query(FORGET).bind(before.millis()) => execute)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::plans;

    #[tokio::test]
    async fn queries_find_few_rows() {
        plans::finding_few(&[ONE, DROP, FORGET]).await;
    }
}
