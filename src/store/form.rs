//! The catalog: application forms as last read from the Factory.

use sqlx::types::Json;

use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::OrganisationId;
use crate::model::form::{CatalogForm, FormsShown, Method, Questions};

#[derive(sqlx::FromRow)]
struct Row {
    form_id: String,
    badge_id: String,
    name: String,
    description: String,
    language: Option<String>,
    method: String,
    evidence: String,
    visible: bool,
    draft: bool,
    gone: bool,
    not_before: Option<i64>,
    not_after: Option<i64>,
    apply_url: Option<String>,
    questions: Json<Questions>,
    criteria: Option<String>,
}

const LIST: &str = "SELECT form_id, badge_id, name, description, language, method, evidence, visible, draft, gone,
    not_before, not_after, apply_url, questions, criteria FROM catalog_form WHERE organisation_id = $1
    ORDER BY sort_name, form_id LIMIT 500";
const ONE: &str = "SELECT form_id, badge_id, name, description, language, method, evidence, visible, draft, gone,
    not_before, not_after, apply_url, questions, criteria FROM catalog_form WHERE organisation_id = $1 AND form_id = $2";
const PUT: &str =
    "INSERT INTO catalog_form (organisation_id, form_id, badge_id, name, sort_name, description, language,
    method, evidence, visible, draft, gone, not_before, not_after, apply_url, questions, criteria, generation)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, FALSE, $12, $13, $14, $15, $16, $17)
    ON CONFLICT (organisation_id, form_id) DO UPDATE SET badge_id = excluded.badge_id, name = excluded.name,
        sort_name = excluded.sort_name, description = excluded.description, language = excluded.language,
        method = excluded.method, evidence = excluded.evidence, visible = excluded.visible, draft = excluded.draft,
        gone = FALSE, not_before = excluded.not_before, not_after = excluded.not_after,
        apply_url = excluded.apply_url, questions = excluded.questions, criteria = excluded.criteria,
        generation = excluded.generation";
const GONE: &str = "UPDATE catalog_form SET gone = TRUE WHERE organisation_id = $1 AND generation < $2 AND NOT gone";
const SHOWN: &str = "SELECT application_forms FROM organisation WHERE id = $1";
const SHOW: &str = "UPDATE organisation SET application_forms = $2 WHERE id = $1";

impl Tx<'_> {
    /// The application forms of the organisation by name, at most 500; also drafts and those that are gone.
    pub async fn catalog_forms(&mut self, organisation: OrganisationId) -> Result<Vec<CatalogForm>, StoreError> {
        let rows: Vec<Row> = on!(self, sqlx::query_as(LIST).bind(organisation.uuid()) => fetch_all)?;
        rows.into_iter().map(Row::into_form).collect()
    }

    /// One application form of the organisation.
    pub async fn catalog_form(
        &mut self,
        organisation: OrganisationId,
        form: &str,
    ) -> Result<Option<CatalogForm>, StoreError> {
        let row: Option<Row> = on!(self, sqlx::query_as(ONE).bind(organisation.uuid()).bind(form) => fetch_optional)?;
        row.map(Row::into_form).transpose()
    }

    /// Stores a form as read in the read `generation`.
    pub async fn put_catalog_form(
        &mut self,
        organisation: OrganisationId,
        form: &CatalogForm,
        generation: i64,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(PUT).bind(organisation.uuid()).bind(&form.id).bind(&form.badge_id).bind(&form.name)
            .bind(form.name.to_lowercase()).bind(&form.description).bind(&form.language).bind(form.method.word())
            .bind(form.evidence.word()).bind(form.visible).bind(form.draft)
            .bind(form.not_before.map(Timestamp::millis)).bind(form.not_after.map(Timestamp::millis))
            .bind(&form.apply_url).bind(Json(&form.questions)).bind(&form.criteria).bind(generation) => execute)?;
        Ok(())
    }

    /// Ends a whole read of the forms: those that it did not name are gone.
    pub async fn finish_catalog_forms(
        &mut self,
        organisation: OrganisationId,
        generation: i64,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(GONE).bind(organisation.uuid()).bind(generation) => execute)?;
        Ok(())
    }

    /// Whose form the organisation's learners fill in.
    pub async fn forms_shown(&mut self, organisation: OrganisationId) -> Result<FormsShown, StoreError> {
        let word: Option<String> = on!(self, sqlx::query_scalar(SHOWN).bind(organisation.uuid()) => fetch_optional)?;
        word.map_or(Ok(FormsShown::Own), |word| {
            word.parse().map_err(|_| StoreError::Unreadable {
                what: "organisation.application_forms",
            })
        })
    }

    /// Changes whose form the organisation's learners fill in; `false` if there is no such organisation.
    pub async fn show_forms(&mut self, organisation: OrganisationId, shown: FormsShown) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(SHOW).bind(organisation.uuid()).bind(shown.word()) => execute)?;
        Ok(rows == 1)
    }
}

impl Row {
    fn into_form(self) -> Result<CatalogForm, StoreError> {
        Ok(CatalogForm {
            id: self.form_id,
            badge_id: self.badge_id,
            name: self.name,
            description: self.description,
            language: self.language,
            method: self.method.parse().unwrap_or(Method::Other),
            evidence: self.evidence.parse().map_err(|_| StoreError::Unreadable {
                what: "catalog_form.evidence",
            })?,
            visible: self.visible,
            draft: self.draft,
            gone: self.gone,
            not_before: self.not_before.map(Timestamp::from_millis),
            not_after: self.not_after.map(Timestamp::from_millis),
            apply_url: self.apply_url,
            questions: self.questions.0,
            criteria: self.criteria,
        })
    }
}
