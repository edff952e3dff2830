//! Registrations and deployments.

use sqlx::types::Json;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::model::{AllowedNetwork, Deployment, DeploymentRowId, OrganisationId, Registration, RegistrationId};
use crate::store::tx::on;
use crate::store::{StoreError, Tx};

/// A deployment as a launch showed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeploymentSeen {
    /// The id it gets if it is new.
    pub id: DeploymentRowId,
    /// Of which registration.
    pub registration: RegistrationId,
    /// The LMS's text for it.
    pub deployment_id: String,
    /// Whose it is from now on; `None`: pending.
    pub organisation: Option<OrganisationId>,
    /// The LMS's own id of its installation.
    pub platform_guid: Option<String>,
    /// The LMS's name for itself.
    pub platform_name: Option<String>,
}

/// What became of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It belongs to the organisation from now on; as the LMS writes it.
    Done(String),
    /// There is no such deployment.
    Unknown,
    /// Its registration belongs to another organisation.
    Foreign,
    /// It belonged to the organisation already.
    Own,
    /// It belongs to another organisation.
    Taken,
}

#[derive(sqlx::FromRow)]
struct RegistrationRow {
    id: Uuid,
    handle: String,
    organisation_id: Option<Uuid>,
    lms: String,
    name: String,
    issuer: String,
    lti_client_id: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    token_audience: Option<String>,
    strict: bool,
    anonymous: bool,
    trust_email: bool,
    lms_administrators: bool,
    enabled: bool,
    frame_origins: Json<Vec<String>>,
    allowed_networks: Json<Vec<AllowedNetwork>>,
}

#[derive(sqlx::FromRow)]
struct DeploymentRow {
    id: Uuid,
    registration_id: Uuid,
    deployment_id: String,
    organisation_id: Option<Uuid>,
    platform_guid: Option<String>,
    platform_name: Option<String>,
    first_seen: i64,
    refused_at: Option<i64>,
}

const ALL: &str = "SELECT id, handle, organisation_id, lms, name, issuer, lti_client_id, authorization_endpoint,
    token_endpoint, jwks_uri, token_audience, strict, anonymous, trust_email, lms_administrators, enabled,
    frame_origins, allowed_networks FROM registration ORDER BY issuer, lti_client_id";
const ADD: &str = "INSERT INTO registration (id, handle, organisation_id, lms, name, issuer, lti_client_id,
    authorization_endpoint, token_endpoint, jwks_uri, token_audience, strict, anonymous, trust_email, enabled,
    frame_origins, allowed_networks, created_at, lms_administrators)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
    ON CONFLICT (issuer, lti_client_id) DO NOTHING";
const CHANGE: &str =
    "UPDATE registration SET name = $2, authorization_endpoint = $3, token_endpoint = $4, jwks_uri = $5,
    token_audience = $6, strict = $7, anonymous = $8, trust_email = $9, enabled = $10, frame_origins = $11,
    allowed_networks = $12, pending = pending AND NOT $10, lms_administrators = $13 WHERE id = $1";
const CHANGE_CLIENT: &str = "UPDATE registration SET lti_client_id = $2 WHERE id = $1 AND NOT EXISTS (SELECT 1
    FROM registration other WHERE other.issuer = registration.issuer AND other.lti_client_id = $2)";
const HOLD: &str = "UPDATE registration SET pending = TRUE WHERE id = $1 AND NOT enabled";
const HELD: &str = "SELECT id FROM registration WHERE pending";
const DEPLOYMENTS: &str = "SELECT id, registration_id, deployment_id, organisation_id, platform_guid, platform_name,
    first_seen, refused_at FROM deployment ORDER BY registration_id, first_seen, deployment_id";
const SEE_DEPLOYMENT: &str =
    "INSERT INTO deployment (id, registration_id, deployment_id, organisation_id, platform_guid,
    platform_name, first_seen) VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (registration_id, deployment_id) DO UPDATE SET
        platform_guid = COALESCE(excluded.platform_guid, deployment.platform_guid),
        platform_name = COALESCE(excluded.platform_name, deployment.platform_name),
        organisation_id = CASE WHEN deployment.refused_at IS NULL
            THEN COALESCE(deployment.organisation_id, excluded.organisation_id) ELSE deployment.organisation_id END";
const CLAIM: &str =
    "UPDATE deployment SET organisation_id = $2, refused_at = NULL WHERE id = $1 AND organisation_id IS NULL";
const REFUSE: &str =
    "UPDATE deployment SET refused_at = $2 WHERE id = $1 AND organisation_id IS NULL AND refused_at IS NULL";
const REOPEN: &str = "UPDATE deployment SET refused_at = NULL WHERE id = $1 AND refused_at IS NOT NULL";

impl Tx<'_> {
    /// All registrations; an installation has at most some hundred.
    pub async fn registrations(&mut self) -> Result<Vec<Registration>, StoreError> {
        let rows: Vec<RegistrationRow> = on!(self, sqlx::query_as(ALL) => fetch_all)?;
        rows.into_iter().map(RegistrationRow::into_registration).collect()
    }

    /// Stores a registration; `false` if its issuer has this client id already.
    pub async fn add_registration(&mut self, new: &Registration, now: Timestamp) -> Result<bool, StoreError> {
        let added = on!(self, sqlx::query(ADD).bind(new.id.uuid()).bind(&new.handle)
            .bind(new.organisation.map(OrganisationId::uuid)).bind(new.lms.word()).bind(&new.name).bind(&new.issuer)
            .bind(&new.lti_client_id).bind(&new.authorization_endpoint).bind(&new.token_endpoint).bind(&new.jwks_uri)
            .bind(&new.token_audience).bind(new.strict).bind(new.anonymous).bind(new.trust_email).bind(new.enabled)
            .bind(Json(&new.frame_origins)).bind(Json(&new.allowed_networks)).bind(now.millis())
            .bind(new.lms_administrators) => execute)?;
        Ok(added == 1)
    }

    /// Changes what may change of a registration: everything but its identity and owner. `false`: there is none.
    pub async fn change_registration(&mut self, changed: &Registration) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(CHANGE).bind(changed.id.uuid()).bind(&changed.name)
            .bind(&changed.authorization_endpoint).bind(&changed.token_endpoint).bind(&changed.jwks_uri)
            .bind(&changed.token_audience).bind(changed.strict).bind(changed.anonymous).bind(changed.trust_email)
            .bind(changed.enabled).bind(Json(&changed.frame_origins)).bind(Json(&changed.allowed_networks))
            .bind(changed.lms_administrators) => execute)?;
        Ok(rows == 1)
    }

    /// Gives a registration another client id; `false` if there is none, or its issuer has that one already.
    pub async fn change_lti_client_id(&mut self, id: RegistrationId, client_id: &str) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(CHANGE_CLIENT).bind(id.uuid()).bind(client_id) => execute)?;
        Ok(rows == 1)
    }

    /// Marks a new registration as one that waits to be enabled for the first time; enabling it ends that.
    pub async fn hold_registration(&mut self, id: RegistrationId) -> Result<(), StoreError> {
        on!(self, sqlx::query(HOLD).bind(id.uuid()) => execute)?;
        Ok(())
    }

    /// The registrations that wait to be enabled for the first time.
    pub async fn held_registrations(&mut self) -> Result<Vec<RegistrationId>, StoreError> {
        let ids: Vec<Uuid> = on!(self, sqlx::query_scalar(HELD) => fetch_all)?;
        Ok(ids.into_iter().map(RegistrationId::new).collect())
    }

    /// All deployments, also those that nobody claimed.
    pub async fn deployments(&mut self) -> Result<Vec<Deployment>, StoreError> {
        let rows: Vec<DeploymentRow> = on!(self, sqlx::query_as(DEPLOYMENTS) => fetch_all)?;
        Ok(rows
            .into_iter()
            .map(|row| Deployment {
                id: DeploymentRowId::new(row.id),
                registration: RegistrationId::new(row.registration_id),
                deployment_id: row.deployment_id,
                organisation: row.organisation_id.map(OrganisationId::new),
                platform_guid: row.platform_guid,
                platform_name: row.platform_name,
                first_seen: Timestamp::from_millis(row.first_seen),
                refused_at: row.refused_at.map(Timestamp::from_millis),
            })
            .collect())
    }

    /// Records a deployment, adopted or pending. One that is known keeps its owner; one that was refused gets none.
    pub async fn see_deployment(&mut self, seen: &DeploymentSeen, now: Timestamp) -> Result<(), StoreError> {
        on!(self, sqlx::query(SEE_DEPLOYMENT).bind(seen.id.uuid()).bind(seen.registration.uuid())
            .bind(&seen.deployment_id).bind(seen.organisation.map(OrganisationId::uuid)).bind(&seen.platform_guid)
            .bind(&seen.platform_name).bind(now.millis()) => execute)?;
        Ok(())
    }

    /// Gives a pending deployment to an organisation, if it may have it. Belongs into the transaction that notes it.
    pub async fn claim_for(&mut self, id: DeploymentRowId, owner: OrganisationId) -> Result<Claim, StoreError> {
        let deployments = self.deployments().await?;
        let Some(row) = deployments.into_iter().find(|row| row.id == id) else {
            return Ok(Claim::Unknown);
        };
        let registrations = self.registrations().await?;
        let dedicated = registrations.iter().find(|known| known.id == row.registration);
        if dedicated
            .and_then(|known| known.organisation)
            .is_some_and(|only| only != owner)
        {
            return Ok(Claim::Foreign);
        }
        match row.organisation {
            Some(same) if same == owner => Ok(Claim::Own),
            None if self.claim_deployment(id, owner).await? => Ok(Claim::Done(row.deployment_id)),
            Some(_) | None => Ok(Claim::Taken),
        }
    }

    /// Remembers that a pending deployment is not ours; `false` if there is none that waits.
    pub async fn refuse_deployment(&mut self, id: DeploymentRowId, now: Timestamp) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(REFUSE).bind(id.uuid()).bind(now.millis()) => execute)?;
        Ok(rows == 1)
    }

    /// Lets a refused deployment wait again; `false` if there is none that was refused.
    pub async fn reopen_deployment(&mut self, id: DeploymentRowId) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(REOPEN).bind(id.uuid()) => execute)?;
        Ok(rows == 1)
    }

    /// Gives a deployment that waits or was refused to an organisation; `false` if there is none, or it has an owner.
    pub async fn claim_deployment(&mut self, id: DeploymentRowId, owner: OrganisationId) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(CLAIM).bind(id.uuid()).bind(owner.uuid()) => execute)?;
        Ok(rows == 1)
    }
}

impl RegistrationRow {
    fn into_registration(self) -> Result<Registration, StoreError> {
        Ok(Registration {
            id: RegistrationId::new(self.id),
            handle: self.handle,
            organisation: self.organisation_id.map(OrganisationId::new),
            lms: self.lms.parse().map_err(|_| StoreError::Unreadable {
                what: "registration.lms",
            })?,
            name: self.name,
            issuer: self.issuer,
            lti_client_id: self.lti_client_id,
            authorization_endpoint: self.authorization_endpoint,
            token_endpoint: self.token_endpoint,
            jwks_uri: self.jwks_uri,
            token_audience: self.token_audience,
            strict: self.strict,
            anonymous: self.anonymous,
            trust_email: self.trust_email,
            lms_administrators: self.lms_administrators,
            enabled: self.enabled,
            frame_origins: self.frame_origins.0,
            allowed_networks: self.allowed_networks.0,
        })
    }
}
