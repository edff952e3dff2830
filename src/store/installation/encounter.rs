//! What arrived last for each registration, and the addresses of the page that shows it.

use sqlx::types::Json;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::model::RegistrationId;
use crate::model::encounter::{Arrived, Encounter, Step};
use crate::store::tx::on;
use crate::store::{StoreError, Tx};

const PUT: &str = "INSERT INTO encounter (registration_id, step, at, reason, facts) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (registration_id, step) DO UPDATE SET at = excluded.at, reason = excluded.reason, facts = excluded.facts";
const OF: &str = "SELECT step, at, reason, facts FROM encounter WHERE registration_id = $1 ORDER BY at";
const ADD_LINK: &str = "INSERT INTO setup_link (token_hash, registration_id, expires_at) VALUES ($1, $2, $3)";
const LINK: &str = "SELECT registration_id FROM setup_link WHERE token_hash = $1 AND expires_at > $2";
const FORGET_LINKS: &str = "DELETE FROM setup_link WHERE expires_at <= $1";

impl Tx<'_> {
    /// Notes an arrival in place of the earlier one of the same step.
    pub async fn put_encounter(&mut self, new: &Encounter) -> Result<(), StoreError> {
        on!(self, sqlx::query(PUT).bind(new.registration.uuid()).bind(new.step.word()).bind(new.at.millis())
            .bind(&new.reason).bind(Json(&new.arrived)) => execute)?;
        Ok(())
    }

    /// The last arrivals of a registration, at most one of each step, the latest last.
    pub async fn encounters(&mut self, registration: RegistrationId) -> Result<Vec<Encounter>, StoreError> {
        let rows: Vec<(String, i64, Option<String>, Json<Arrived>)> =
            on!(self, sqlx::query_as(OF).bind(registration.uuid()) => fetch_all)?;
        Ok(rows
            .into_iter()
            .map(|(step, at, reason, Json(arrived))| Encounter {
                registration,
                step: if step == Step::Login.word() {
                    Step::Login
                } else {
                    Step::Launch
                },
                at: Timestamp::from_millis(at),
                reason,
                arrived,
            })
            .collect())
    }

    /// Stores the address of a registration's set-up page, and forgets expired ones.
    pub async fn add_setup_link(
        &mut self,
        token_hash: [u8; 32],
        registration: RegistrationId,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(FORGET_LINKS).bind(now.millis()) => execute)?;
        on!(self, sqlx::query(ADD_LINK).bind(token_hash.to_vec()).bind(registration.uuid())
            .bind(expires_at.millis()) => execute)?;
        Ok(())
    }

    /// Whose set-up page has this address.
    pub async fn setup_link(
        &mut self,
        token_hash: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<RegistrationId>, StoreError> {
        let id: Option<Uuid> =
            on!(self, sqlx::query_scalar(LINK).bind(token_hash.to_vec()).bind(now.millis()) => fetch_optional)?;
        Ok(id.map(RegistrationId::new))
    }
}
