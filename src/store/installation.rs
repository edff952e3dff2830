//! What belongs to the installation and to no organisation: its identity and keys, registrations, deployments, login
//! records, pending launches, invitations, sign-in links and sessions of operators. Methods without an organisation stand here and in this module's files only (promise P5).

mod encounter;
mod invitation;
mod login;
mod operator;
mod pending;
mod registration;

pub use invitation::{Invitation, NewInvitation};
pub use login::LoginRecord;
pub use operator::{Invited, NewOperatorSession};
pub use pending::PendingLaunch;
pub use registration::{Claim, DeploymentSeen};

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
    /// Whether it is the one that signs.
    pub signs: bool,
}

const INSTALLATION: &str = "SELECT id, key_fingerprint, marker_key, settings_version FROM installation WHERE one = 1";
const MAKE_INSTALLATION: &str =
    "INSERT INTO installation (one, id, key_fingerprint, marker_key, settings_version, created_at)
    VALUES (1, $1, $2, $3, 1, $4) ON CONFLICT (one) DO NOTHING";
const SIGNING_KEYS: &str =
    "SELECT kid, private_key, public_jwk, signs FROM signing_key ORDER BY signs DESC, created_at DESC";
const ADD_SIGNING_KEY: &str = "INSERT INTO signing_key (kid, private_key, public_jwk, signs, created_at)
    SELECT $1, $2, $3, $4, $5 WHERE NOT EXISTS (SELECT 1 FROM signing_key)";
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

    /// The signing keys, the one that signs first.
    pub async fn signing_keys(&mut self) -> Result<Vec<SigningKeyRow>, StoreError> {
        let rows: Vec<(String, Vec<u8>, Json<serde_json::Value>, bool)> =
            on!(self, sqlx::query_as(SIGNING_KEYS) => fetch_all)?;
        Ok(rows
            .into_iter()
            .map(|(kid, sealed_private_key, Json(public_jwk), signs)| SigningKeyRow {
                kid,
                sealed_private_key,
                public_jwk,
                signs,
            })
            .collect())
    }

    /// Stores the first signing key, unless another process was first.
    pub async fn add_first_signing_key(&mut self, key: &SigningKeyRow, now: Timestamp) -> Result<(), StoreError> {
        on!(self, sqlx::query(ADD_SIGNING_KEY).bind(&key.kid).bind(&key.sealed_private_key)
            .bind(Json(&key.public_jwk)).bind(key.signs).bind(now.millis()) => execute)?;
        Ok(())
    }
}
