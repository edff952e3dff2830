//! Organisations and their Factory identities.

use sqlx::types::Json;
use uuid::Uuid;

use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::{FactoryIdentity, IdentityId, IdentityKind, Organisation, OrganisationId, PastedAddresses};

#[derive(sqlx::FromRow)]
struct IdentityRow {
    id: Uuid,
    organisation_id: Uuid,
    url: String,
    factory_client_id: String,
    kind: String,
    certificate: Option<String>,
    secret: Vec<u8>,
    not_after: Option<i64>,
    fingerprint: Option<String>,
    created_at: i64,
}

type OrganisationRow = (Uuid, String, String, Json<Vec<String>>);

const ALL: &str = "SELECT id, name, pasted_addresses, domains FROM organisation ORDER BY name";
const ONE: &str = "SELECT id, name, pasted_addresses, domains FROM organisation WHERE id = $1";
const ADD: &str = "INSERT INTO organisation (id, name, pasted_addresses, domains, created_at)
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (name) DO NOTHING";
const CHANGE: &str = "UPDATE organisation SET name = $2, pasted_addresses = $3, domains = $4 WHERE id = $1";
const ACTIVE: &str = "SELECT id, organisation_id, url, factory_client_id, kind, certificate, secret, not_after,
    fingerprint, created_at FROM factory_identity WHERE organisation_id = $1 AND state = 'active'";
const PENDING: &str = "SELECT id, organisation_id, url, factory_client_id, kind, certificate, secret, not_after,
    fingerprint, created_at FROM factory_identity WHERE organisation_id = $1 AND state = 'pending'";
const FORMER: &str = "SELECT id, organisation_id, url, factory_client_id, kind, certificate, secret, not_after,
    fingerprint, created_at FROM factory_identity WHERE organisation_id = $1 AND state = 'retired'
    AND kind = 'certificate' AND retired_at > $2 AND length(secret) > 0 ORDER BY retired_at DESC LIMIT 1";
const RETIRED_AT: &str = "SELECT retired_at FROM factory_identity WHERE organisation_id = $1 AND id = $2";
const RETIRE: &str = "UPDATE factory_identity SET state = 'retired', retired_at = $3
    WHERE organisation_id = $1 AND state = 'active' AND id <> $2";
const LAST: &str = "SELECT id, organisation_id, url, factory_client_id, kind, certificate, secret, not_after,
    fingerprint, created_at FROM factory_identity WHERE organisation_id = $1 AND state <> 'pending'
    ORDER BY CASE state WHEN 'active' THEN 0 ELSE 1 END, created_at DESC, id DESC LIMIT 1";
// what was sealed is gone for good; which client it was stays, so that the next connection is to the same one
const BLANK: &str = "UPDATE factory_identity SET state = 'retired', retired_at = COALESCE(retired_at, $2), secret = $3
    WHERE organisation_id = $1";
const FORGET_TRY: &str = "DELETE FROM connecting WHERE organisation_id = $1";
const GIVE_WAY: &str = "DELETE FROM factory_identity WHERE organisation_id = $1 AND state = 'pending'";
const ACTIVATE: &str =
    "UPDATE factory_identity SET state = 'active' WHERE organisation_id = $1 AND id = $2 AND state = 'pending'";
const ADD_IDENTITY: &str =
    "INSERT INTO factory_identity (id, organisation_id, url, factory_client_id, kind, certificate,
    secret, not_after, fingerprint, state, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

impl Tx<'_> {
    /// All organisations, by name.
    pub async fn organisations(&mut self) -> Result<Vec<Organisation>, StoreError> {
        let rows: Vec<OrganisationRow> = on!(self, sqlx::query_as(ALL) => fetch_all)?;
        rows.into_iter().map(organisation).collect()
    }

    /// One organisation.
    pub async fn organisation(&mut self, id: OrganisationId) -> Result<Option<Organisation>, StoreError> {
        let row: Option<OrganisationRow> = on!(self, sqlx::query_as(ONE).bind(id.uuid()) => fetch_optional)?;
        row.map(organisation).transpose()
    }

    /// Stores an organisation; `false` if the name is taken.
    pub async fn add_organisation(&mut self, new: &Organisation, now: Timestamp) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(ADD).bind(new.id.uuid()).bind(&new.name).bind(new.pasted.word())
            .bind(Json(&new.domains)).bind(now.millis()) => execute)?;
        Ok(rows == 1)
    }

    /// Changes name and policies; `false` if there is none.
    pub async fn change_organisation(&mut self, changed: &Organisation) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(CHANGE).bind(changed.id.uuid()).bind(&changed.name)
            .bind(changed.pasted.word()).bind(Json(&changed.domains)) => execute)?;
        Ok(rows == 1)
    }

    /// The identity in use, if the organisation has one.
    pub async fn active_identity(
        &mut self,
        organisation: OrganisationId,
    ) -> Result<Option<FactoryIdentity>, StoreError> {
        let row: Option<IdentityRow> = on!(self, sqlx::query_as(ACTIVE).bind(organisation.uuid()) => fetch_optional)?;
        row.map(identity).transpose()
    }

    /// The new identity that is not proven yet, if there is one.
    pub async fn pending_identity(
        &mut self,
        organisation: OrganisationId,
    ) -> Result<Option<FactoryIdentity>, StoreError> {
        let row: Option<IdentityRow> = on!(self, sqlx::query_as(PENDING).bind(organisation.uuid()) => fetch_optional)?;
        row.map(identity).transpose()
    }

    /// The certificate that was in use before, if it was retired after `since`, and when that was.
    pub async fn former_identity(
        &mut self,
        organisation: OrganisationId,
        since: Timestamp,
    ) -> Result<Option<(FactoryIdentity, Timestamp)>, StoreError> {
        let row: Option<IdentityRow> =
            on!(self, sqlx::query_as(FORMER).bind(organisation.uuid()).bind(since.millis()) => fetch_optional)?;
        let Some(former) = row.map(identity).transpose()? else {
            return Ok(None);
        };
        let at: Option<i64> = on!(self, sqlx::query_scalar(RETIRED_AT).bind(organisation.uuid())
            .bind(former.id.uuid()) => fetch_one)?;
        Ok(Some((former, Timestamp::from_millis(at.unwrap_or_default()))))
    }

    /// The identity in use, else the one that was in use last.
    pub async fn last_identity(&mut self, organisation: OrganisationId) -> Result<Option<FactoryIdentity>, StoreError> {
        let row: Option<IdentityRow> = on!(self, sqlx::query_as(LAST).bind(organisation.uuid()) => fetch_optional)?;
        row.map(identity).transpose()
    }

    /// Ends the connection: no identity is in use or waits any more, and no secret of any is left.
    pub async fn disconnect_factory(&mut self, organisation: OrganisationId, now: Timestamp) -> Result<(), StoreError> {
        on!(self, sqlx::query(GIVE_WAY).bind(organisation.uuid()) => execute)?;
        on!(self, sqlx::query(BLANK).bind(organisation.uuid()).bind(now.millis()).bind(Vec::<u8>::new())
            => execute)?;
        on!(self, sqlx::query(FORGET_TRY).bind(organisation.uuid()) => execute)?;
        Ok(())
    }

    /// Keeps a new identity until it is proven; an earlier one that waited gives way.
    pub async fn add_pending_identity(&mut self, new: &FactoryIdentity) -> Result<(), StoreError> {
        on!(self, sqlx::query(GIVE_WAY).bind(new.organisation.uuid()) => execute)?;
        self.add_identity(new, "pending").await
    }

    /// Puts the identity that was proven in use for new calls; the earlier one is kept, retired. `false`: it does not
    /// wait any more.
    pub async fn activate_identity(
        &mut self,
        organisation: OrganisationId,
        id: IdentityId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let waiting = self.pending_identity(organisation).await?;
        if waiting.is_none_or(|waiting| waiting.id != id) {
            return Ok(false);
        }
        on!(self, sqlx::query(RETIRE).bind(organisation.uuid()).bind(id.uuid()).bind(now.millis()) => execute)?;
        let rows = on!(self, sqlx::query(ACTIVATE).bind(organisation.uuid()).bind(id.uuid()) => execute)?;
        Ok(rows == 1)
    }

    /// Puts a new identity in use; the earlier one is kept, retired.
    pub async fn put_identity(&mut self, new: &FactoryIdentity) -> Result<(), StoreError> {
        on!(self, sqlx::query(RETIRE).bind(new.organisation.uuid()).bind(new.id.uuid())
            .bind(new.created_at.millis()) => execute)?;
        self.add_identity(new, "active").await
    }

    async fn add_identity(&mut self, new: &FactoryIdentity, state: &'static str) -> Result<(), StoreError> {
        let (kind, certificate, not_after, fingerprint) = match &new.kind {
            IdentityKind::Certificate {
                certificate,
                not_after,
                fingerprint,
            } => (
                "certificate",
                Some(certificate),
                Some(not_after.millis()),
                Some(fingerprint),
            ),
            IdentityKind::Token => ("token", None, None, None),
        };
        on!(self, sqlx::query(ADD_IDENTITY).bind(new.id.uuid()).bind(new.organisation.uuid()).bind(&new.url)
            .bind(&new.factory_client_id).bind(kind).bind(certificate).bind(&new.sealed_secret).bind(not_after)
            .bind(fingerprint).bind(state).bind(new.created_at.millis()) => execute)?;
        Ok(())
    }
}

fn organisation((id, name, pasted, Json(domains)): OrganisationRow) -> Result<Organisation, StoreError> {
    let pasted: PastedAddresses = pasted.parse().map_err(|_| StoreError::Unreadable {
        what: "organisation.pasted_addresses",
    })?;
    Ok(Organisation {
        id: OrganisationId::new(id),
        name,
        pasted,
        domains,
    })
}

fn identity(row: IdentityRow) -> Result<FactoryIdentity, StoreError> {
    let kind = match (row.kind.as_str(), row.certificate, row.not_after, row.fingerprint) {
        ("token", ..) => IdentityKind::Token,
        ("certificate", Some(certificate), Some(not_after), Some(fingerprint)) => IdentityKind::Certificate {
            certificate,
            not_after: Timestamp::from_millis(not_after),
            fingerprint,
        },
        _ => {
            return Err(StoreError::Unreadable {
                what: "factory_identity.kind",
            });
        }
    };
    Ok(FactoryIdentity {
        id: IdentityId::new(row.id),
        organisation: OrganisationId::new(row.organisation_id),
        url: row.url,
        factory_client_id: row.factory_client_id,
        kind,
        sealed_secret: row.secret,
        created_at: Timestamp::from_millis(row.created_at),
    })
}
