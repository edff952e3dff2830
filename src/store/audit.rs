//! The audit log: who changed what, kept for as long as the settings say.

use super::tx::on;
use super::{StoreError, Tx};
use crate::clock::Timestamp;
use crate::crypto::random;
use crate::model::OrganisationId;

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
}
