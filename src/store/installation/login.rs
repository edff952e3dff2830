//! Login records: what a login leaves behind until its launch spends it (promise P1).

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::model::RegistrationId;
use crate::store::tx::on;
use crate::store::{StoreError, Tx};

/// One login, waiting for its launch. Its state is kept only as a digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginRecord {
    /// The key of the state (`digest::index_key`).
    pub state_hash: [u8; 32],
    /// Which registration every later step is checked against.
    pub registration: RegistrationId,
    /// The nonce that the token must carry.
    pub nonce: String,
    /// SHA-256 of the secret in the binding cookie.
    pub binding_hash: [u8; 32],
    /// What the login named as its target.
    pub target_link_uri: Option<String>,
    /// The frame that keeps values for the tool, where the platform offers it.
    pub storage_target: Option<String>,
    /// When it can no longer be spent.
    pub expires_at: Timestamp,
}

type Row = (Uuid, String, Vec<u8>, Option<String>, i64, Option<String>);

const ADD: &str = "INSERT INTO login (state_hash, registration_id, nonce, binding_hash, target_link_uri, expires_at,
    storage_target) VALUES ($1, $2, $3, $4, $5, $6, $7)";
const FIND: &str = "SELECT registration_id, nonce, binding_hash, target_link_uri, expires_at, storage_target FROM login
    WHERE state_hash = $1 AND expires_at > $2";
const FORGET_OLD: &str =
    "DELETE FROM login WHERE state_hash IN (SELECT state_hash FROM login WHERE expires_at <= $1 LIMIT 500)";
const FORGET_ALL: &str = "DELETE FROM login";
const OPEN_COUNT: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM login WHERE expires_at > $1 LIMIT $2) AS open";

impl Tx<'_> {
    /// Stores a login: exactly one statement.
    pub async fn add_login(&mut self, login: &LoginRecord) -> Result<(), StoreError> {
        on!(self, sqlx::query(ADD).bind(login.state_hash.to_vec()).bind(login.registration.uuid()).bind(&login.nonce)
            .bind(login.binding_hash.to_vec()).bind(&login.target_link_uri).bind(login.expires_at.millis())
            .bind(&login.storage_target) => execute)?;
        Ok(())
    }

    /// The login of this state, if it was made by us, is not spent and has not expired.
    pub async fn login(&mut self, state_hash: [u8; 32], now: Timestamp) -> Result<Option<LoginRecord>, StoreError> {
        let row: Option<Row> =
            on!(self, sqlx::query_as(FIND).bind(state_hash.to_vec()).bind(now.millis()) => fetch_optional)?;
        row.map(
            |(registration, nonce, binding_hash, target_link_uri, expires_at, storage_target)| {
                Ok(LoginRecord {
                    state_hash,
                    registration: RegistrationId::new(registration),
                    nonce,
                    binding_hash: binding_hash.try_into().map_err(|_| StoreError::Unreadable {
                        what: "login.binding_hash",
                    })?,
                    target_link_uri,
                    storage_target,
                    expires_at: Timestamp::from_millis(expires_at),
                })
            },
        )
        .transpose()
    }

    /// Deletes up to 500 expired logins; how many they were.
    pub async fn forget_old_logins(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        on!(self, sqlx::query(FORGET_OLD).bind(now.millis()) => execute)
    }

    /// Deletes all logins: after an unclean stop of the only server, since a spent one may have come back.
    pub async fn forget_all_logins(&mut self) -> Result<u64, StoreError> {
        on!(self, sqlx::query(FORGET_ALL) => execute)
    }

    /// How many logins are open, counted up to `limit`.
    pub async fn open_logins(&mut self, now: Timestamp, limit: i64) -> Result<i64, StoreError> {
        on!(self, sqlx::query_scalar(OPEN_COUNT).bind(now.millis()).bind(limit) => fetch_one)
    }
}
