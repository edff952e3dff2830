//! Sign-in links and sessions of the administration (promise P1). Only digests of their tokens are stored.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::model::{AdministratorId, OperatorSession, OperatorSessionId, OrganisationId, Who};
use crate::store::tx::on;
use crate::store::{StoreError, Tx};

/// A session that begins.
#[derive(Clone)]
pub struct NewOperatorSession {
    /// Its id.
    pub id: OperatorSessionId,
    /// SHA-256 of its cookie.
    pub token_hash: [u8; 32],
    /// Whose it is; `None`: an operator's.
    pub administrator: Option<AdministratorId>,
    /// How the audit log tells this operator from others, where single sign-on let them in.
    pub operator: Option<String>,
    /// What its forms carry.
    pub csrf: String,
}

/// Without its secrets.
impl std::fmt::Debug for NewOperatorSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewOperatorSession")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Whom a sign-in link lets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invited {
    /// An operator.
    Operator,
    /// An administrator.
    Administrator {
        /// Who.
        id: AdministratorId,
        /// Their name.
        name: String,
        /// Their organisation's name.
        organisation: String,
    },
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    id: Uuid,
    administrator_id: Option<Uuid>,
    administrator_name: Option<String>,
    organisation_id: Option<Uuid>,
    organisation_name: Option<String>,
    csrf: String,
    operator: Option<String>,
    language: Option<String>,
    appearance: Option<String>,
    seen_at: i64,
}

type LinkRow = (Option<Uuid>, Option<String>, Option<String>);

const ADD_LINK: &str =
    "INSERT INTO sign_in_link (token_hash, administrator_id, expires_at, created_at) VALUES ($1, $2, $3, $4)";
const LINK: &str = "SELECT l.administrator_id, a.name, o.name AS organisation_name FROM sign_in_link l
    LEFT JOIN administrator a ON a.id = l.administrator_id LEFT JOIN organisation o ON o.id = a.organisation_id
    WHERE l.token_hash = $1 AND l.expires_at > $2 AND a.revoked_at IS NULL";
const SPEND_LINK: &str = "DELETE FROM sign_in_link WHERE token_hash = $1 AND expires_at > $2";
const FORGET_LINKS: &str = "DELETE FROM sign_in_link WHERE token_hash IN
    (SELECT token_hash FROM sign_in_link WHERE expires_at <= $1 LIMIT 500)";
const BEGIN: &str =
    "INSERT INTO operator_session (id, token_hash, administrator_id, csrf, created_at, seen_at, operator)
    VALUES ($1, $2, $3, $4, $5, $5, $6)";
const SIGNED_IN: &str = "UPDATE administrator SET seen_at = $2 WHERE id = $1";
const SESSION: &str = "SELECT s.id, s.administrator_id, a.name AS administrator_name, o.id AS organisation_id,
    o.name AS organisation_name, s.csrf, s.operator, s.language, s.appearance, s.seen_at
    FROM operator_session s LEFT JOIN administrator a ON a.id = s.administrator_id
    LEFT JOIN organisation o ON o.id = CASE WHEN s.administrator_id IS NULL THEN s.organisation_id
        ELSE a.organisation_id END
    WHERE s.token_hash = $1 AND s.seen_at > $2 AND s.created_at > $3 AND a.revoked_at IS NULL";
const SEE: &str = "UPDATE operator_session SET seen_at = $2 WHERE id = $1 AND seen_at < $2";
const LOOK_AT: &str = "UPDATE operator_session SET organisation_id = $2 WHERE id = $1 AND administrator_id IS NULL";
const PREFER: &str = "UPDATE operator_session SET language = $2, appearance = $3 WHERE id = $1";
const END: &str = "DELETE FROM operator_session WHERE token_hash = $1";
const FORGET_OLD: &str = "DELETE FROM operator_session WHERE id IN
    (SELECT id FROM operator_session WHERE seen_at <= $1 LIMIT 500)";

impl Tx<'_> {
    /// Stores a one-time link; `administrator` absent: an operator's.
    pub async fn add_sign_in_link(
        &mut self,
        token_hash: [u8; 32],
        administrator: Option<AdministratorId>,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(ADD_LINK).bind(token_hash.to_vec()).bind(administrator.map(AdministratorId::uuid))
            .bind(expires_at.millis()).bind(now.millis()) => execute)?;
        Ok(())
    }

    /// Whom a link lets in, unless it is spent, expired or of somebody who may no longer.
    pub async fn sign_in_link(&mut self, token_hash: [u8; 32], now: Timestamp) -> Result<Option<Invited>, StoreError> {
        let row: Option<LinkRow> =
            on!(self, sqlx::query_as(LINK).bind(token_hash.to_vec()).bind(now.millis()) => fetch_optional)?;
        Ok(row.map(|(id, name, organisation)| match id {
            None => Invited::Operator,
            Some(id) => Invited::Administrator {
                id: AdministratorId::new(id),
                name: name.unwrap_or_default(),
                organisation: organisation.unwrap_or_default(),
            },
        }))
    }

    /// Spends a link; `false` if somebody was first. Goes into the transaction that begins the session.
    pub async fn spend_sign_in_link(&mut self, token_hash: [u8; 32], now: Timestamp) -> Result<bool, StoreError> {
        let rows = on!(self, sqlx::query(SPEND_LINK).bind(token_hash.to_vec()).bind(now.millis()) => execute)?;
        Ok(rows == 1)
    }

    /// Begins a session.
    pub async fn begin_operator_session(&mut self, new: &NewOperatorSession, now: Timestamp) -> Result<(), StoreError> {
        let administrator = new.administrator.map(AdministratorId::uuid);
        on!(self, sqlx::query(BEGIN).bind(new.id.uuid()).bind(new.token_hash.to_vec()).bind(administrator)
            .bind(&new.csrf).bind(now.millis()).bind(&new.operator) => execute)?;
        if let Some(id) = administrator {
            on!(self, sqlx::query(SIGNED_IN).bind(id).bind(now.millis()) => execute)?;
        }
        Ok(())
    }

    /// The session of a cookie; `None`: there is none, or it has ended (seen before `idle_since` or begun before
    /// `begun_since`), or its administrator may no longer.
    pub async fn operator_session(
        &mut self,
        token_hash: [u8; 32],
        idle_since: Timestamp,
        begun_since: Timestamp,
    ) -> Result<Option<OperatorSession>, StoreError> {
        let row: Option<SessionRow> = on!(self, sqlx::query_as(SESSION).bind(token_hash.to_vec())
            .bind(idle_since.millis()).bind(begun_since.millis()) => fetch_optional)?;
        Ok(row.map(SessionRow::into_session))
    }

    /// Notes that a session is in use.
    pub async fn see_operator_session(&mut self, id: OperatorSessionId, now: Timestamp) -> Result<(), StoreError> {
        on!(self, sqlx::query(SEE).bind(id.uuid()).bind(now.millis()) => execute)?;
        Ok(())
    }

    /// An operator turns to an organisation. An administrator's session never changes its organisation.
    pub async fn look_at_organisation(
        &mut self,
        id: OperatorSessionId,
        organisation: OrganisationId,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(LOOK_AT).bind(id.uuid()).bind(organisation.uuid()) => execute)?;
        Ok(())
    }

    /// Keeps the choice of language and appearance.
    pub async fn prefer_as_operator(
        &mut self,
        id: OperatorSessionId,
        language: Option<String>,
        appearance: Option<String>,
    ) -> Result<(), StoreError> {
        on!(self, sqlx::query(PREFER).bind(id.uuid()).bind(language).bind(appearance) => execute)?;
        Ok(())
    }

    /// Ends the session of a cookie.
    pub async fn end_operator_session(&mut self, token_hash: [u8; 32]) -> Result<(), StoreError> {
        on!(self, sqlx::query(END).bind(token_hash.to_vec()) => execute)?;
        Ok(())
    }

    /// Deletes up to 500 sessions that were not used since `idle_since`, and as many links that expired; how many.
    pub async fn forget_old_operators(&mut self, idle_since: Timestamp, now: Timestamp) -> Result<u64, StoreError> {
        let sessions = on!(self, sqlx::query(FORGET_OLD).bind(idle_since.millis()) => execute)?;
        let links = on!(self, sqlx::query(FORGET_LINKS).bind(now.millis()) => execute)?;
        Ok(sessions + links)
    }
}

impl SessionRow {
    fn into_session(self) -> OperatorSession {
        OperatorSession {
            id: OperatorSessionId::new(self.id),
            who: match self.administrator_id {
                None => Who::Operator,
                Some(id) => Who::Administrator {
                    id: AdministratorId::new(id),
                    name: self.administrator_name.unwrap_or_default(),
                },
            },
            organisation: self
                .organisation_id
                .map(|id| (OrganisationId::new(id), self.organisation_name.unwrap_or_default())),
            operator: self.operator,
            csrf: self.csrf,
            language: self.language,
            appearance: self.appearance,
            seen_at: Timestamp::from_millis(self.seen_at),
        }
    }
}
