//! Sign-ins of operators that wait for the answer of an OpenID Connect provider (promise P1).

use crate::clock::Timestamp;
use crate::store::tx::on;
use crate::store::{StoreError, Tx};

/// A sign-in that was begun. Its state and the browser's secret are kept only as digests.
#[derive(Clone, PartialEq, Eq)]
pub struct SsoLogin {
    /// SHA-256 of the state.
    pub state_hash: [u8; 32],
    /// SHA-256 of the secret in the browser's cookie.
    pub binding_hash: [u8; 32],
    /// The nonce that the token must carry.
    pub nonce: String,
    /// The secret of PKCE (RFC 7636), sealed.
    pub sealed_verifier: Vec<u8>,
    /// When it can no longer be spent.
    pub expires_at: Timestamp,
}

/// Without its secrets.
impl std::fmt::Debug for SsoLogin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SsoLogin")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

const ADD: &str = "INSERT INTO sso_login (state_hash, binding_hash, nonce, verifier, expires_at)
    SELECT $1, $2, $3, $4, $5 WHERE (SELECT COUNT(*) FROM (SELECT 1 FROM sso_login WHERE expires_at > $7 LIMIT $6) AS open) < $6";
const SPEND: &str = "DELETE FROM sso_login WHERE state_hash = $1 AND binding_hash = $2 AND expires_at > $3
    RETURNING nonce, verifier";
const FORGET: &str = "DELETE FROM sso_login WHERE state_hash IN
    (SELECT state_hash FROM sso_login WHERE expires_at <= $1 LIMIT 500)";

impl Tx<'_> {
    /// Stores a sign-in; `false`: `limit` of them wait already, and this one was not stored.
    pub async fn add_sso_login(&mut self, login: &SsoLogin, now: Timestamp, limit: i64) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(ADD).bind(login.state_hash.to_vec()).bind(login.binding_hash.to_vec())
            .bind(&login.nonce).bind(&login.sealed_verifier).bind(login.expires_at.millis()).bind(limit)
            .bind(now.millis()) => execute)?;
        Ok(rows == 1)
    }

    /// Spends the sign-in of this state, if it was begun in the browser that has this secret and has not expired: its
    /// nonce and sealed verifier. Another browser spends nothing.
    pub async fn spend_sso_login(
        &mut self,
        state_hash: [u8; 32],
        binding_hash: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<(String, Vec<u8>)>, StoreError> {
        on!(self, sqlx::query_as(SPEND).bind(state_hash.to_vec()).bind(binding_hash.to_vec())
            .bind(now.millis()) => fetch_optional)
    }

    /// Deletes up to 500 expired sign-ins; how many they were.
    pub async fn forget_sso_logins(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        on!(self, sqlx::query(FORGET).bind(now.millis()) => execute)
    }
}
