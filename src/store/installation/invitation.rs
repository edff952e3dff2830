//! Invitations to register an LMS: one-time addresses, each for one organisation. Only the token's digest is stored.

use sqlx::types::Json;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::model::{AllowedNetwork, OrganisationId, RegistrationId};
use crate::store::tx::on;
use crate::store::{StoreError, Tx};

/// A new invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewInvitation {
    /// Its id.
    pub id: Uuid,
    /// SHA-256 of the token in its address.
    pub token_hash: [u8; 32],
    /// Whose the registration will be.
    pub organisation: OrganisationId,
    /// Private networks that calls to the LMS may reach.
    pub allowed_networks: Vec<AllowedNetwork>,
    /// The registration may launch at once; else it waits to be enabled.
    pub enables: bool,
    /// Until when it can be used.
    pub expires_at: Timestamp,
}

/// An invitation as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Whose the registration will be.
    pub organisation: OrganisationId,
    /// Private networks that calls to the LMS may reach.
    pub allowed_networks: Vec<AllowedNetwork>,
    /// The registration may launch at once.
    pub enables: bool,
    /// Until when it can be used.
    pub expires_at: Timestamp,
    /// An LMS is being asked until then.
    pub asking_until: Option<Timestamp>,
    /// Why the last try failed: a short word.
    pub failure: Option<String>,
    /// What became of it.
    pub registration: Option<RegistrationId>,
}

type Row = (
    Uuid,
    Json<Vec<AllowedNetwork>>,
    bool,
    i64,
    Option<i64>,
    Option<String>,
    Option<Uuid>,
);

const ADD: &str =
    "INSERT INTO invitation (id, token_hash, organisation_id, allowed_networks, enables, expires_at, looks,
    created_at) VALUES ($1, $2, $3, $4, $5, $6, 0, $7)";
const FIND: &str =
    "SELECT organisation_id, allowed_networks, enables, expires_at, asking_until, failure, registration_id
    FROM invitation WHERE token_hash = $1";
const LOOK: &str = "UPDATE invitation SET looks = looks + 1
    WHERE token_hash = $1 AND registration_id IS NULL AND expires_at > $2 AND looks < $3";
const ASK: &str = "UPDATE invitation SET asking_until = $3, failure = NULL WHERE token_hash = $1
    AND registration_id IS NULL AND expires_at > $2 AND (asking_until IS NULL OR asking_until <= $2)";
const FAIL: &str = "UPDATE invitation SET asking_until = NULL, failure = $2
    WHERE token_hash = $1 AND registration_id IS NULL";
const SPEND: &str = "UPDATE invitation SET asking_until = NULL, registration_id = $2
    WHERE token_hash = $1 AND registration_id IS NULL AND asking_until IS NOT NULL";
const FORGET_OLD: &str =
    "DELETE FROM invitation WHERE id IN (SELECT id FROM invitation WHERE expires_at <= $1 ORDER BY id LIMIT 500)";

impl Tx<'_> {
    /// Stores an invitation.
    pub async fn add_invitation(&mut self, new: &NewInvitation, now: Timestamp) -> Result<(), StoreError> {
        on!(self, sqlx::query(ADD).bind(new.id).bind(new.token_hash.to_vec()).bind(new.organisation.uuid())
            .bind(Json(&new.allowed_networks)).bind(new.enables).bind(new.expires_at.millis())
            .bind(now.millis()) => execute)?;
        Ok(())
    }

    /// The invitation with this token, used or expired ones as well.
    pub async fn invitation(&mut self, token_hash: [u8; 32]) -> Result<Option<Invitation>, StoreError> {
        let row: Option<Row> = on!(self, sqlx::query_as(FIND).bind(token_hash.to_vec()) => fetch_optional)?;
        Ok(row.map(
            |(organisation, Json(allowed_networks), enables, expires_at, asking_until, failure, registration)| {
                Invitation {
                    organisation: OrganisationId::new(organisation),
                    allowed_networks,
                    enables,
                    expires_at: Timestamp::from_millis(expires_at),
                    asking_until: asking_until.map(Timestamp::from_millis),
                    failure,
                    registration: registration.map(RegistrationId::new),
                }
            },
        ))
    }

    /// Counts a look at an LMS, as long as there were fewer than `most`; `false`: no more.
    pub async fn look_by_invitation(
        &mut self,
        token_hash: [u8; 32],
        most: i64,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(LOOK).bind(token_hash.to_vec()).bind(now.millis()).bind(most) => execute)?;
        Ok(rows == 1)
    }

    /// Begins to ask an LMS, until `until` at most; `false` if the invitation is used or expired, or somebody asks already.
    pub async fn ask_by_invitation(
        &mut self,
        token_hash: [u8; 32],
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(ASK).bind(token_hash.to_vec()).bind(now.millis())
            .bind(until.millis()) => execute)?;
        Ok(rows == 1)
    }

    /// Notes that asking came to nothing: the invitation can be used again.
    pub async fn fail_invitation(&mut self, token_hash: [u8; 32], failure: &str) -> Result<(), StoreError> {
        on!(self, sqlx::query(FAIL).bind(token_hash.to_vec()).bind(failure) => execute)?;
        Ok(())
    }

    /// Spends the invitation; `false` if that was done before. Belongs into the transaction that stores the registration.
    pub async fn spend_invitation(
        &mut self,
        token_hash: [u8; 32],
        registration: RegistrationId,
    ) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(SPEND).bind(token_hash.to_vec()).bind(registration.uuid()) => execute)?;
        Ok(rows == 1)
    }

    /// Deletes up to 500 invitations that expired before `before`; how many they were.
    pub async fn forget_old_invitations(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        on!(self, sqlx::query(FORGET_OLD).bind(before.millis()) => execute)
    }
}
