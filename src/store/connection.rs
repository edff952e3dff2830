//! Connections to the REST APIs of LMSs. Their secrets come and go sealed.

use uuid::Uuid;

use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::model::connection::Connection;
use crate::model::signal::Source;
use crate::model::{ConnectionId, OrganisationId, RegistrationId};

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    organisation_id: Uuid,
    registration_id: Uuid,
    kind: String,
    base_url: String,
    token_url: Option<String>,
    client_id: Option<String>,
    secret: Option<Vec<u8>>,
    refresh: Option<Vec<u8>>,
    access: Option<Vec<u8>>,
    access_until: Option<i64>,
    account: Option<String>,
    state_until: Option<i64>,
    code: Option<Vec<u8>>,
    redirect_uri: Option<String>,
    connected_at: Option<i64>,
    enabled: bool,
    throttled_until: Option<i64>,
    ok_at: Option<i64>,
    error: Option<String>,
    error_at: Option<i64>,
    failing_since: Option<i64>,
    created_at: i64,
}

macro_rules! connections {
    ($tail:literal) => {
        concat!(
            "SELECT id, organisation_id, registration_id, kind, base_url, token_url, client_id, secret, refresh,
            access, access_until, account, state_until, code, redirect_uri, connected_at, enabled, throttled_until,
            ok_at, error, error_at, failing_since, created_at FROM connection ",
            $tail
        )
    };
}

const EVERYWHERE: &str = connections!("ORDER BY created_at, id LIMIT 1000");
const ONE: &str = connections!("WHERE organisation_id = $1 AND id = $2");
const OF_REGISTRATION: &str = connections!("WHERE organisation_id = $1 AND registration_id = $2");
const ADD: &str = "INSERT INTO connection (id, organisation_id, registration_id, kind, base_url, token_url, client_id,
    secret, connected_at, enabled, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, TRUE, $10)
    ON CONFLICT (organisation_id, registration_id) DO NOTHING";
const REMOVE: &str = "DELETE FROM connection WHERE organisation_id = $1 AND id = $2";
/// What it saw: another connection begins anew. Marks in our own columns are seen without one.
const FORGET_SEEN: &str = "DELETE FROM pulled WHERE organisation_id = $1 AND source <> $3 AND course_id IN
    (SELECT c.id FROM course c JOIN connection k ON k.registration_id = c.registration_id
        WHERE k.organisation_id = $1 AND k.id = $2)";
const LOOK_ANEW: &str = "UPDATE pull SET cursor = '{}' WHERE organisation_id = $1 AND course_id IN
    (SELECT c.id FROM course c JOIN connection k ON k.registration_id = c.registration_id
        WHERE k.organisation_id = $1 AND k.id = $2)";
const SWITCH: &str = "UPDATE connection SET enabled = $3 WHERE organisation_id = $1 AND id = $2";
const ASK_CONSENT: &str = "UPDATE connection SET state_hash = $3, state_until = $4, redirect_uri = $5, code = NULL
    WHERE organisation_id = $1 AND id = $2";
const BY_STATE: &str = connections!("WHERE state_hash = $1 AND state_until > $2");
const TAKE_CODE: &str = "UPDATE connection SET code = $3, state_hash = NULL, state_until = NULL
    WHERE organisation_id = $1 AND id = $2 AND state_hash = $4";
const CONNECT: &str = "UPDATE connection SET refresh = $3, access = $4, access_until = $5, account = $6, code = NULL,
    connected_at = $7, throttled_until = NULL, error = NULL, error_at = NULL, failing_since = NULL,
    renewal_holder = NULL, renewal_until = NULL WHERE organisation_id = $1 AND id = $2";
const THROTTLE: &str = "UPDATE connection SET throttled_until = $3 WHERE organisation_id = $1 AND id = $2";
const WORKED: &str = "UPDATE connection SET ok_at = $3, throttled_until = NULL, error = NULL, error_at = NULL,
    failing_since = NULL WHERE organisation_id = $1 AND id = $2";
const FAILED: &str = "UPDATE connection SET error = $3, error_at = $4,
    failing_since = COALESCE(failing_since, $4) WHERE organisation_id = $1 AND id = $2";
const FORGET_CODE: &str = "UPDATE connection SET code = NULL WHERE organisation_id = $1 AND id = $2";
const NAME_ACCOUNT: &str = "UPDATE connection SET account = $3 WHERE organisation_id = $1 AND id = $2";

impl Tx<'_> {
    /// All connections of the installation, at most 1,000: for the operator's commands.
    pub async fn connections_everywhere(&mut self) -> Result<Vec<Connection>, StoreError> {
        let rows: Vec<Row> = on!(self, sqlx::query_as(EVERYWHERE) => fetch_all)?;
        rows.into_iter().map(Row::into_connection).collect()
    }

    /// One connection of the organisation.
    pub async fn connection(
        &mut self,
        organisation: OrganisationId,
        id: ConnectionId,
    ) -> Result<Option<Connection>, StoreError> {
        let row: Option<Row> =
            on!(self, sqlx::query_as(ONE).bind(organisation.uuid()).bind(id.uuid()) => fetch_optional)?;
        row.map(Row::into_connection).transpose()
    }

    /// The organisation's connection to the LMS of a registration.
    pub async fn connection_of(
        &mut self,
        organisation: OrganisationId,
        registration: RegistrationId,
    ) -> Result<Option<Connection>, StoreError> {
        let row: Option<Row> = on!(self, sqlx::query_as(OF_REGISTRATION).bind(organisation.uuid())
            .bind(registration.uuid()) => fetch_optional)?;
        row.map(Row::into_connection).transpose()
    }

    /// Stores a new connection of its organisation; `false` if the registration has one already.
    pub async fn add_connection(&mut self, new: &Connection) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(ADD).bind(new.id.uuid()).bind(new.organisation.uuid())
            .bind(new.registration.uuid()).bind(new.kind.word()).bind(&new.base_url).bind(&new.token_url)
            .bind(&new.client_id).bind(&new.secret).bind(new.connected_at.map(Timestamp::millis))
            .bind(new.created_at.millis()) => execute)?;
        Ok(rows == 1)
    }

    /// Forgets a connection with its secrets, and what was seen through it; `false`: the organisation has no such
    /// connection.
    pub async fn remove_connection(
        &mut self,
        organisation: OrganisationId,
        id: ConnectionId,
    ) -> Result<bool, StoreError> {
        on!(self, sqlx::query(FORGET_SEEN).bind(organisation.uuid()).bind(id.uuid()).bind(Source::OwnColumn.word())
            => execute)?;
        on!(self, sqlx::query(LOOK_ANEW).bind(organisation.uuid()).bind(id.uuid()) => execute)?;
        self.forget_waiting(organisation, id).await?;
        let rows = on!(self, sqlx::query(REMOVE).bind(organisation.uuid()).bind(id.uuid()) => execute)?;
        Ok(rows == 1)
    }

    /// Switches a connection on or off; `false`: the organisation has no such connection.
    pub async fn switch_connection(
        &mut self,
        organisation: OrganisationId,
        id: ConnectionId,
        enabled: bool,
    ) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(SWITCH).bind(organisation.uuid()).bind(id.uuid()).bind(enabled) => execute)?;
        Ok(rows == 1)
    }

    /// Notes that a consent was asked for: the digest of its state, until when it may come back, and where to.
    pub async fn ask_consent(
        &mut self,
        organisation: OrganisationId,
        id: ConnectionId,
        state_hash: [u8; 32],
        until: Timestamp,
        redirect_uri: &str,
    ) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(ASK_CONSENT).bind(organisation.uuid()).bind(id.uuid())
            .bind(state_hash.to_vec()).bind(until.millis()).bind(redirect_uri) => execute)?;
        Ok(rows == 1)
    }

    /// The connection whose consent has this state: only whom the LMS sent back knows it.
    pub async fn connection_by_state(
        &mut self,
        state_hash: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<Connection>, StoreError> {
        let row: Option<Row> = on!(self, sqlx::query_as(BY_STATE).bind(state_hash.to_vec()).bind(now.millis())
            => fetch_optional)?;
        row.map(Row::into_connection).transpose()
    }

    /// Keeps the code of a consent, sealed, and spends its state; `false` if somebody else did.
    pub async fn take_consent(
        &mut self,
        organisation: OrganisationId,
        id: ConnectionId,
        state_hash: [u8; 32],
        code: &[u8],
    ) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(TAKE_CODE).bind(organisation.uuid()).bind(id.uuid()).bind(code)
            .bind(state_hash.to_vec()) => execute)?;
        Ok(rows == 1)
    }

    /// Keeps the first tokens of a connection (sealed: what refreshes, and the access token with its end). A renewal of
    /// earlier ones that is under way is void.
    pub async fn connect(
        &mut self,
        organisation: OrganisationId,
        id: ConnectionId,
        refresh: Option<&[u8]>,
        (access, until): (&[u8], Timestamp),
        account: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(CONNECT).bind(organisation.uuid()).bind(id.uuid()).bind(refresh).bind(access)
            .bind(until.millis()).bind(account).bind(now.millis()) => execute)?;
        Ok(())
    }

    /// Notes the name of the account that asks.
    pub async fn name_account(
        &mut self,
        organisation: OrganisationId,
        id: ConnectionId,
        account: &str,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(NAME_ACCOUNT).bind(organisation.uuid()).bind(id.uuid()).bind(account) => execute)?;
        Ok(())
    }

    /// Forgets the code of a consent that brought nothing: it is good once.
    pub async fn forget_consent(&mut self, organisation: OrganisationId, id: ConnectionId) -> Result<(), StoreError> {
        on!(self, sqlx::query(FORGET_CODE).bind(organisation.uuid()).bind(id.uuid()) => execute)?;
        Ok(())
    }

    /// Notes that the LMS is not to be asked before a moment.
    pub async fn throttle_connection(
        &mut self,
        organisation: OrganisationId,
        id: ConnectionId,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(THROTTLE).bind(organisation.uuid()).bind(id.uuid()).bind(until.millis()) => execute)?;
        Ok(())
    }

    /// Notes that a connection works.
    pub async fn connection_worked(
        &mut self,
        organisation: OrganisationId,
        id: ConnectionId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(WORKED).bind(organisation.uuid()).bind(id.uuid()).bind(now.millis()) => execute)?;
        Ok(())
    }

    /// Notes why a connection does not work.
    pub async fn connection_failed(
        &mut self,
        organisation: OrganisationId,
        id: ConnectionId,
        why: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(FAILED).bind(organisation.uuid()).bind(id.uuid()).bind(why).bind(now.millis())
            => execute)?;
        Ok(())
    }
}

impl Row {
    fn into_connection(self) -> Result<Connection, StoreError> {
        let moment = |millis: Option<i64>| millis.map(Timestamp::from_millis);
        Ok(Connection {
            id: ConnectionId::new(self.id),
            organisation: OrganisationId::new(self.organisation_id),
            registration: RegistrationId::new(self.registration_id),
            kind: self.kind.parse().map_err(|_| StoreError::Unreadable {
                what: "connection.kind",
            })?,
            base_url: self.base_url,
            token_url: self.token_url,
            client_id: self.client_id,
            secret: self.secret,
            refresh: self.refresh,
            access: self.access.zip(moment(self.access_until)),
            account: self.account,
            code: self.code.zip(self.redirect_uri),
            consent_until: moment(self.state_until),
            connected_at: moment(self.connected_at),
            enabled: self.enabled,
            throttled_until: moment(self.throttled_until),
            ok_at: moment(self.ok_at),
            error: self.error.zip(moment(self.error_at)),
            failing_since: moment(self.failing_since),
            created_at: Timestamp::from_millis(self.created_at),
        })
    }
}
