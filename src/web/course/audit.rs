//! What the audit log keeps of a person's deed on a page of a course.

use serde_json::Value;

use crate::store::audit::AuditEntry;
use crate::store::{Durability, StoreError};
use crate::web::deps::Deps;
use crate::web::visit::Visit;

/// The entry: by the visitor, for their organisation. `detail` has no names and no addresses.
pub(super) fn entry(visit: &Visit, action: &'static str, subject: &impl ToString, detail: Value) -> AuditEntry {
    AuditEntry {
        organisation: Some(visit.organisation()),
        actor: visit.seat.member.map_or_else(String::new, |member| member.to_string()),
        action,
        subject: subject.to_string(),
        detail,
    }
}

/// Notes a deed that is done already.
pub(super) async fn note(
    deps: &Deps,
    visit: &Visit,
    action: &'static str,
    subject: &impl ToString,
    detail: Value,
) -> Result<(), StoreError> {
    let entry = entry(visit, action, subject, detail);
    deps.store
        .write(Durability::Full, async move |tx| {
            let now = tx.now().await?;
            tx.add_audit(&entry, now).await
        })
        .await
}
