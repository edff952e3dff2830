//! The audit log: who changed what, kept for as long as the settings say.

use uuid::Uuid;

use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::crypto::random;
use crate::model::{MemberId, OrganisationId};

/// One deed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Whose settings or data it concerns; `None`: the installation's.
    pub organisation: Option<OrganisationId>,
    /// Who did it: `command line`, or a person's id.
    pub actor: String,
    /// What was done, for example `registration.add`.
    pub action: &'static str,
    /// What it was done to: an id or a name of ours.
    pub subject: String,
    /// Facts. No secrets, no people's names or addresses.
    pub detail: serde_json::Value,
}

/// A deed as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// Its id; a later deed's is greater.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// Who did it, as in [`AuditEntry::actor`].
    pub actor: String,
    /// What was done.
    pub action: String,
    /// What it was done to.
    pub subject: String,
    /// Facts, as JSON.
    pub detail: String,
}

/// Which deeds are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeedFilter {
    /// A word of who, what, or on which thing; empty: any.
    pub search: String,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
}

type DeedRow = (Uuid, i64, String, String, String, String);

const LIST: &str = "SELECT id, at, actor, action, subject, detail FROM audit
    WHERE organisation_id = $1 AND at >= $2 AND at < $3
    AND (LOWER(action) LIKE $4 ESCAPE '!' OR LOWER(subject) LIKE $4 ESCAPE '!' OR LOWER(actor) LIKE $4 ESCAPE '!'
        OR LOWER(detail) LIKE $4 ESCAPE '!')
    ORDER BY at DESC, id DESC LIMIT $5 OFFSET $6";
const COUNT: &str = "SELECT COUNT(*) FROM audit WHERE organisation_id = $1 AND at >= $2 AND at < $3
    AND (LOWER(action) LIKE $4 ESCAPE '!' OR LOWER(subject) LIKE $4 ESCAPE '!' OR LOWER(actor) LIKE $4 ESCAPE '!'
        OR LOWER(detail) LIKE $4 ESCAPE '!')";
const MEMBER_NAME: &str = "SELECT name FROM member WHERE organisation_id = $1 AND id = $2";
const ADD: &str = "INSERT INTO audit (id, organisation_id, at, actor, action, subject, detail)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
// Ids begin with the time, so that the oldest come first without an index of their own.
const FORGET: &str = "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < $1 ORDER BY id LIMIT 500)";

impl Tx<'_> {
    /// Notes a deed. Goes into the transaction that does it.
    pub async fn add_audit(&mut self, entry: &AuditEntry, now: Timestamp) -> Result<(), StoreError> {
        on!(self, sqlx::query(ADD).bind(random::id_at(now)).bind(entry.organisation.map(OrganisationId::uuid))
            .bind(now.millis()).bind(&entry.actor).bind(entry.action).bind(&entry.subject)
            .bind(entry.detail.to_string()) => execute)?;
        Ok(())
    }

    /// Forgets deeds from before `before`, at most 500 a call; how many.
    pub async fn forget_audit(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        on!(self, sqlx::query(FORGET).bind(before.millis()) => execute)
    }

    /// The deeds of an organisation, the latest first.
    pub async fn deeds(
        &mut self,
        organisation: OrganisationId,
        filter: &DeedFilter,
        limit: i64,
        offset: i64,
    ) -> Result<Vec<Deed>, StoreError> {
        let (from, until, search) = filter.bounds();
        let rows: Vec<DeedRow> = on!(self, sqlx::query_as(LIST).bind(organisation.uuid()).bind(from).bind(until)
            .bind(&search).bind(limit).bind(offset) => fetch_all)?;
        let deed = |(id, at, actor, action, subject, detail): DeedRow| Deed {
            id,
            at: Timestamp::from_millis(at),
            actor,
            action,
            subject,
            detail,
        };
        Ok(rows.into_iter().map(deed).collect())
    }

    /// How many deeds of an organisation fit.
    pub async fn deed_count(&mut self, organisation: OrganisationId, filter: &DeedFilter) -> Result<i64, StoreError> {
        let (from, until, search) = filter.bounds();
        on!(self, sqlx::query_scalar(COUNT).bind(organisation.uuid()).bind(from).bind(until)
            .bind(&search) => fetch_one)
    }

    /// The name of a member who did something in their organisation.
    pub async fn name_of_member(
        &mut self,
        organisation: OrganisationId,
        member: MemberId,
    ) -> Result<Option<String>, StoreError> {
        on!(self, sqlx::query_scalar(MEMBER_NAME).bind(organisation.uuid()).bind(member.uuid()) => fetch_optional)
    }
}

impl DeedFilter {
    fn bounds(&self) -> (i64, i64, String) {
        let search: String = self
            .search
            .to_lowercase()
            .chars()
            .flat_map(|sign| matches!(sign, '%' | '_' | '!').then_some('!').into_iter().chain([sign]))
            .collect();
        (
            self.from.map_or(i64::MIN, Timestamp::millis),
            self.until.map_or(i64::MAX, Timestamp::millis),
            format!("%{search}%"),
        )
    }
}
