//! What administrators want changed at the Factory: stored before anything leaves, changed only by who read the present
//! version.

use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::editing::Edit;
use crate::model::{EditId, OrganisationId};

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    organisation_id: Uuid,
    form_key: String,
    kind: String,
    badge_id: Option<String>,
    name: String,
    content: Json<Value>,
    state: String,
    version: i64,
    sendings: i64,
    look: i64,
    called_at: Option<i64>,
    reason: Option<String>,
    actor: String,
    created_at: i64,
    updated_at: i64,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, organisation_id, form_key, kind, badge_id, name, content, state, version, sendings, look,
            called_at, reason, actor, created_at, updated_at FROM factory_edit WHERE ",
            $rest
        )
    };
}

const ADD: &str =
    "INSERT INTO factory_edit (id, organisation_id, form_key, kind, target, badge_id, name, content, picture,
    state, actor, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'ready', $10, $11, $11)
    ON CONFLICT DO NOTHING";
const SAVE: &str =
    "UPDATE factory_edit SET badge_id = $4, state = $5, sendings = $6, look = $7, called_at = $8, reason = $9,
    updated_at = $10, version = version + 1 WHERE organisation_id = $1 AND id = $2 AND version = $3";
const ONE: &str = select!("organisation_id = $1 AND id = $2");
const BY_KEY: &str = select!("organisation_id = $1 AND form_key = $2");
const OPEN: &str =
    select!("organisation_id = $1 AND target = $2 AND state IN ('ready', 'sending', 'unsure', 'parked')");
const ALL_OPEN: &str =
    select!("organisation_id = $1 AND state IN ('ready', 'sending', 'unsure', 'parked') ORDER BY target LIMIT 50");
const PICTURE: &str = "SELECT picture FROM factory_edit WHERE organisation_id = $1 AND id = $2";
const FORGET: &str = "DELETE FROM factory_edit WHERE id IN (SELECT id FROM factory_edit WHERE updated_at < $1
    AND state IN ('done', 'refused', 'dropped') LIMIT 500)";

impl Tx<'_> {
    /// Stores an edit; `false`: this form was sent before, or another edit changes the same.
    pub async fn add_edit(&mut self, edit: &Edit, picture: Option<&[u8]>) -> Result<bool, StoreError> {
        let organisation = edit.organisation.uuid();
        let rows = on!(self, sqlx::query(ADD).bind(edit.id.uuid()).bind(organisation).bind(&edit.form_key)
            .bind(edit.kind.word()).bind(edit.target()).bind(&edit.badge).bind(&edit.name).bind(Json(&edit.content))
            .bind(picture).bind(&edit.actor).bind(edit.created_at.millis()) => execute)?;
        Ok(rows == 1)
    }

    /// Stores what became of an edit that was read as `after.version`; `false`: somebody was faster.
    pub async fn save_edit(&mut self, after: &Edit, now: Timestamp) -> Result<bool, StoreError> {
        let organisation = after.organisation.uuid();
        let rows = on!(self, sqlx::query(SAVE).bind(organisation).bind(after.id.uuid()).bind(i64::from(after.version))
            .bind(&after.badge).bind(after.state.word()).bind(i64::from(after.sendings)).bind(i64::from(after.look))
            .bind(after.called_at.map(Timestamp::millis)).bind(&after.reason).bind(now.millis()) => execute)?;
        Ok(rows == 1)
    }

    /// One edit.
    pub async fn edit(&mut self, organisation: OrganisationId, id: EditId) -> Result<Option<Edit>, StoreError> {
        let row: Option<Row> =
            on!(self, sqlx::query_as(ONE).bind(organisation.uuid()).bind(id.uuid()) => fetch_optional)?;
        row.map(Row::into_edit).transpose()
    }

    /// The edit of a form.
    pub async fn edit_of_key(&mut self, organisation: OrganisationId, key: &str) -> Result<Option<Edit>, StoreError> {
        let row: Option<Row> = on!(self, sqlx::query_as(BY_KEY).bind(organisation.uuid()).bind(key) => fetch_optional)?;
        row.map(Row::into_edit).transpose()
    }

    /// The edit that changes this now, as [`Edit::target`] names it.
    pub async fn open_edit(&mut self, organisation: OrganisationId, target: &str) -> Result<Option<Edit>, StoreError> {
        let row: Option<Row> =
            on!(self, sqlx::query_as(OPEN).bind(organisation.uuid()).bind(target) => fetch_optional)?;
        row.map(Row::into_edit).transpose()
    }

    /// All edits that are not at their end, at most 50.
    pub async fn open_edits(&mut self, organisation: OrganisationId) -> Result<Vec<Edit>, StoreError> {
        let rows: Vec<Row> = on!(self, sqlx::query_as(ALL_OPEN).bind(organisation.uuid()) => fetch_all)?;
        rows.into_iter().map(Row::into_edit).collect()
    }

    /// The picture (PNG) that an edit brings.
    pub async fn edit_picture(
        &mut self,
        organisation: OrganisationId,
        id: EditId,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let found: Option<Option<Vec<u8>>> =
            on!(self, sqlx::query_scalar(PICTURE).bind(organisation.uuid()).bind(id.uuid()) => fetch_optional)?;
        Ok(found.flatten())
    }

    /// Forgets edits that ended before `before`, at most 500 a call; how many.
    pub async fn forget_edits(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        on!(self, sqlx::query(FORGET).bind(before.millis()) => execute)
    }
}

impl Row {
    fn into_edit(self) -> Result<Edit, StoreError> {
        let unreadable = || StoreError::Unreadable { what: "factory_edit" };
        let number = |n: i64| u32::try_from(n).map_err(|_| unreadable());
        Ok(Edit {
            id: EditId::new(self.id),
            organisation: OrganisationId::new(self.organisation_id),
            form_key: self.form_key,
            kind: self.kind.parse().map_err(|_| unreadable())?,
            badge: self.badge_id,
            name: self.name,
            content: self.content.0,
            state: self.state.parse().map_err(|_| unreadable())?,
            version: number(self.version)?,
            sendings: number(self.sendings)?,
            look: number(self.look)?,
            called_at: self.called_at.map(Timestamp::from_millis),
            reason: self.reason,
            actor: self.actor,
            created_at: Timestamp::from_millis(self.created_at),
            updated_at: Timestamp::from_millis(self.updated_at),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::plans;

    #[tokio::test]
    async fn queries_find_few_rows() {
        plans::finding_few(&[SAVE, ONE, BY_KEY, OPEN, PICTURE, FORGET]).await;
    }
}
