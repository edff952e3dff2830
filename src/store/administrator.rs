//! Administrators of organisations: who may, and since when.

use uuid::Uuid;

use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::{Administrator, AdministratorId, OrganisationId};

type Row = (Uuid, String, i64, Option<i64>);

const ALL: &str = "SELECT id, name, created_at, seen_at FROM administrator
    WHERE organisation_id = $1 AND revoked_at IS NULL ORDER BY name, id LIMIT 500";
const NAME: &str = "SELECT name FROM administrator WHERE organisation_id = $1 AND id = $2";
const ADD: &str = "INSERT INTO administrator (id, organisation_id, name, created_at) VALUES ($1, $2, $3, $4)";
const REVOKE: &str =
    "UPDATE administrator SET revoked_at = $3 WHERE organisation_id = $1 AND id = $2 AND revoked_at IS NULL";
const FORGET_LINKS: &str = "DELETE FROM sign_in_link WHERE administrator_id = $1";
const END_SESSIONS: &str = "DELETE FROM operator_session WHERE administrator_id = $1";

impl Tx<'_> {
    /// The administrators of an organisation, by name.
    pub async fn administrators(&mut self, organisation: OrganisationId) -> Result<Vec<Administrator>, StoreError> {
        let rows: Vec<Row> = on!(self, sqlx::query_as(ALL).bind(organisation.uuid()) => fetch_all)?;
        let administrator = |(id, name, created_at, seen_at): Row| Administrator {
            id: AdministratorId::new(id),
            organisation,
            name,
            created_at: Timestamp::from_millis(created_at),
            seen_at: seen_at.map(Timestamp::from_millis),
        };
        Ok(rows.into_iter().map(administrator).collect())
    }

    /// The name of somebody who administers the organisation, or did.
    pub async fn name_of_administrator(
        &mut self,
        organisation: OrganisationId,
        id: AdministratorId,
    ) -> Result<Option<String>, StoreError> {
        on!(self, sqlx::query_scalar(NAME).bind(organisation.uuid()).bind(id.uuid()) => fetch_optional)
    }

    /// Lets somebody administer an organisation.
    pub async fn add_administrator(
        &mut self,
        organisation: OrganisationId,
        id: AdministratorId,
        name: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(ADD).bind(id.uuid()).bind(organisation.uuid()).bind(name).bind(now.millis())
            => execute)?;
        Ok(())
    }

    /// Takes that back: sessions and links end at once. `false`: nobody of this organisation has this id.
    pub async fn revoke_administrator(
        &mut self,
        organisation: OrganisationId,
        id: AdministratorId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows =
            on!(self, sqlx::query(REVOKE).bind(organisation.uuid()).bind(id.uuid()).bind(now.millis()) => execute)?;
        if rows == 1 {
            on!(self, sqlx::query(FORGET_LINKS).bind(id.uuid()) => execute)?;
            on!(self, sqlx::query(END_SESSIONS).bind(id.uuid()) => execute)?;
        }
        Ok(rows == 1)
    }
}
