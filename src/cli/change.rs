//! What every change by command has in common: a line in the audit log, and running servers that read settings again.

use serde_json::{Value, json};

use super::{Shell, output};
use crate::model::OrganisationId;
use crate::store::audit::AuditEntry;
use crate::store::{StoreError, Tx};

/// Notes a change and tells running servers. Goes into the transaction of the change.
pub(super) async fn record(
    tx: &mut Tx<'_>,
    organisation: Option<OrganisationId>,
    action: &'static str,
    subject: impl ToString,
    detail: Value,
) -> Result<(), StoreError> {
    let entry = AuditEntry {
        organisation,
        actor: "command line".to_owned(),
        action,
        subject: subject.to_string(),
        detail,
    };
    let now = tx.now().await?;
    tx.add_audit(&entry, now).await?;
    tx.raise_settings_version().await
}

/// Says that something was switched on or off.
pub(super) fn switched(shell: &Shell, what: &str, id: &impl ToString, enabled: bool) -> anyhow::Result<()> {
    let (id, state) = (id.to_string(), if enabled { "enabled" } else { "disabled" });
    let value = json!({"id": id, "state": state});
    output::one(shell.json, &value, &format!("{what} {id} is {state}"))
}
