//! What belongs to the installation and to no organisation: its identity and keys, registrations, deployments, login
//! records, pending launches, invitations, sign-in links and sessions of operators. Methods without an organisation stand here and in this module's files only (promise P5).

mod encounter;
mod invitation;
mod login;
mod operator;
mod pending;
mod registration;
mod sso;

pub use invitation::{Invitation, NewInvitation};
pub use login::LoginRecord;
pub use operator::{Invited, NewOperatorSession};
pub use pending::PendingLaunch;
pub use registration::{Claim, DeploymentSeen};
pub use sso::SsoLogin;

use sqlx::types::Json;
use uuid::Uuid;

use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::InstallationId;

/// The installation's own row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    /// A UUID made with the database; part of every marker.
    pub id: InstallationId,
    /// Which secret key seals: another key is refused.
    pub key_fingerprint: Vec<u8>,
    /// The key of the award keys, sealed.
    pub sealed_marker_key: Vec<u8>,
    /// Raised by every change of settings: servers that see a new number read their settings again.
    pub settings_version: i64,
}

/// A signing key of the installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKeyRow {
    /// Its name in the key set (RFC 7638 thumbprint).
    pub kid: String,
    /// The private key (PKCS#8, DER), sealed.
    pub sealed_private_key: Vec<u8>,
    /// The public key as published.
    pub public_jwk: serde_json::Value,
    /// When it was made; it is published since.
    pub created_at: Timestamp,
    /// When it begins to sign. The newest key that has begun is the one.
    pub signs_from: Timestamp,
}

const INSTALLATION: &str = "SELECT id, key_fingerprint, marker_key, settings_version FROM installation WHERE one = 1";
const MAKE_INSTALLATION: &str =
    "INSERT INTO installation (one, id, key_fingerprint, marker_key, settings_version, created_at)
    VALUES (1, $1, $2, $3, 1, $4) ON CONFLICT (one) DO NOTHING";
const SIGNING_KEYS: &str =
    "SELECT kid, private_key, public_jwk, created_at, signs_from FROM signing_key ORDER BY signs_from, kid";
const ADD_SIGNING_KEY: &str = "INSERT INTO signing_key (kid, private_key, public_jwk, created_at, signs_from)
    SELECT $1, $2, $3, $4, $5 WHERE NOT EXISTS (SELECT 1 FROM signing_key WHERE signs_from > $6)";
// who was relieved that long ago by a key that signs
const FORGET_SIGNING_KEYS: &str = "DELETE FROM signing_key WHERE signs_from <
    (SELECT MAX(signs_from) FROM signing_key WHERE signs_from <= $1)";
const RAISE_SETTINGS: &str = "UPDATE installation SET settings_version = settings_version + 1 WHERE one = 1";

impl Tx<'_> {
    /// The installation's row; `None` before the first start.
    pub async fn installation(&mut self) -> Result<Option<Installation>, StoreError> {
        let row: Option<(Uuid, Vec<u8>, Vec<u8>, i64)> = on!(self, sqlx::query_as(INSTALLATION) => fetch_optional)?;
        Ok(row.map(
            |(id, key_fingerprint, sealed_marker_key, settings_version)| Installation {
                id: InstallationId::new(id),
                key_fingerprint,
                sealed_marker_key,
                settings_version,
            },
        ))
    }

    /// Makes the installation's row, unless another process was first.
    pub async fn make_installation(&mut self, new: &Installation, now: Timestamp) -> Result<(), StoreError> {
        on!(self, sqlx::query(MAKE_INSTALLATION).bind(new.id.uuid()).bind(&new.key_fingerprint)
            .bind(&new.sealed_marker_key).bind(now.millis()) => execute)?;
        Ok(())
    }

    /// Tells running servers that settings changed. Goes into the transaction that changes them.
    pub async fn raise_settings_version(&mut self) -> Result<(), StoreError> {
        on!(self, sqlx::query(RAISE_SETTINGS) => execute)?;
        Ok(())
    }

    /// The signing keys by when they begin to sign.
    pub async fn signing_keys(&mut self) -> Result<Vec<SigningKeyRow>, StoreError> {
        let rows: Vec<(String, Vec<u8>, Json<serde_json::Value>, i64, i64)> =
            on!(self, sqlx::query_as(SIGNING_KEYS) => fetch_all)?;
        Ok(rows
            .into_iter()
            .map(
                |(kid, sealed_private_key, Json(public_jwk), created_at, signs_from)| SigningKeyRow {
                    kid,
                    sealed_private_key,
                    public_jwk,
                    created_at: Timestamp::from_millis(created_at),
                    signs_from: Timestamp::from_millis(signs_from),
                },
            )
            .collect())
    }

    /// Stores the first signing key, unless another process was first.
    pub async fn add_first_signing_key(&mut self, key: &SigningKeyRow) -> Result<(), StoreError> {
        self.insert_signing_key(key, Timestamp::from_millis(i64::MIN)).await?;
        Ok(())
    }

    /// Stores a key that will sign; `false`: another one waits already, and this one is not stored. Running servers are
    /// told in any case.
    pub async fn add_next_signing_key(&mut self, key: &SigningKeyRow, now: Timestamp) -> Result<bool, StoreError> {
        // first: its row keeps two that rotate at once apart
        self.raise_settings_version().await?;
        self.insert_signing_key(key, now).await
    }

    /// Stores a key if no other begins to sign after `moment`.
    async fn insert_signing_key(&mut self, key: &SigningKeyRow, moment: Timestamp) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(ADD_SIGNING_KEY).bind(&key.kid).bind(&key.sealed_private_key)
            .bind(Json(&key.public_jwk)).bind(key.created_at.millis()).bind(key.signs_from.millis())
            .bind(moment.millis()) => execute)?;
        Ok(rows == 1)
    }

    /// Deletes keys that another one relieved by `relieved`; how many.
    pub async fn forget_signing_keys(&mut self, relieved: Timestamp) -> Result<u64, StoreError> {
        on!(self, sqlx::query(FORGET_SIGNING_KEYS).bind(relieved.millis()) => execute)
    }
}
