//! Launches that wait for the proof of their browser: the token held, the cookie did not come back (promise P1).

use crate::clock::Timestamp;
use crate::store::tx::on;
use crate::store::{StoreError, Tx};

/// A launch that waits. Its login is not spent yet.
#[derive(Clone, PartialEq, Eq)]
pub struct PendingLaunch {
    /// The key of the state (`digest::index_key`): which login it belongs to.
    pub state_hash: [u8; 32],
    /// SHA-256 of the one-time id.
    pub id_hash: [u8; 32],
    /// Whether the browser was proven.
    pub proven: bool,
    /// The proven claims, as `lti` wrote them.
    pub claims: String,
    /// When it can no longer be used.
    pub expires_at: Timestamp,
}

/// Without the claims: they name people.
impl std::fmt::Debug for PendingLaunch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PendingLaunch")
            .field("proven", &self.proven)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

const ADD: &str = "INSERT INTO pending (state_hash, id_hash, proven, claims, expires_at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (state_hash) DO UPDATE SET id_hash = excluded.id_hash, proven = excluded.proven,
        claims = excluded.claims, expires_at = excluded.expires_at";
const FIND: &str = "SELECT state_hash, proven, claims, expires_at FROM pending WHERE id_hash = $1 AND expires_at > $2";
const PROVE: &str =
    "UPDATE pending SET proven = TRUE, id_hash = $2 WHERE id_hash = $1 AND NOT proven AND expires_at > $3";
const SPEND: &str = "DELETE FROM pending WHERE id_hash = $1 AND proven AND expires_at > $2";
const DROP: &str = "DELETE FROM pending WHERE id_hash = $1";
const FORGET_OLD: &str =
    "DELETE FROM pending WHERE state_hash IN (SELECT state_hash FROM pending WHERE expires_at <= $1 LIMIT 500)";

impl Tx<'_> {
    /// Keeps a launch back: exactly one statement. The same login's earlier one gives way.
    pub async fn add_pending(&mut self, launch: &PendingLaunch) -> Result<(), StoreError> {
        on!(self, sqlx::query(ADD).bind(launch.state_hash.to_vec()).bind(launch.id_hash.to_vec()).bind(launch.proven)
            .bind(&launch.claims).bind(launch.expires_at.millis()) => execute)?;
        Ok(())
    }

    /// The launch with this one-time id, if it has not expired.
    pub async fn pending(&mut self, id_hash: [u8; 32], now: Timestamp) -> Result<Option<PendingLaunch>, StoreError> {
        let row: Option<(Vec<u8>, bool, String, i64)> =
            on!(self, sqlx::query_as(FIND).bind(id_hash.to_vec()).bind(now.millis()) => fetch_optional)?;
        row.map(|(state_hash, proven, claims, expires_at)| {
            Ok(PendingLaunch {
                state_hash: state_hash.try_into().map_err(|_| StoreError::Unreadable {
                    what: "pending.state_hash",
                })?,
                id_hash,
                proven,
                claims,
                expires_at: Timestamp::from_millis(expires_at),
            })
        })
        .transpose()
    }

    /// Notes that the browser was proven and gives the launch its next one-time id; how many rows that were: 1, or 0 if
    /// somebody was there before.
    pub async fn prove_pending(
        &mut self,
        id_hash: [u8; 32],
        next_hash: [u8; 32],
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        on!(self, sqlx::query(PROVE).bind(id_hash.to_vec()).bind(next_hash.to_vec()).bind(now.millis()) => execute)
    }

    /// Takes a proven launch away; how many rows that were: 1, or 0. Belongs into the transaction that spends its login.
    pub async fn spend_pending(&mut self, id_hash: [u8; 32], now: Timestamp) -> Result<u64, StoreError> {
        on!(self, sqlx::query(SPEND).bind(id_hash.to_vec()).bind(now.millis()) => execute)
    }

    /// Takes a launch away whose browser showed something else: there is no second try.
    pub async fn drop_pending(&mut self, id_hash: [u8; 32]) -> Result<(), StoreError> {
        on!(self, sqlx::query(DROP).bind(id_hash.to_vec()) => execute)?;
        Ok(())
    }

    /// Deletes up to 500 expired ones; how many they were.
    pub async fn forget_old_pending(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        on!(self, sqlx::query(FORGET_OLD).bind(now.millis()) => execute)
    }
}
