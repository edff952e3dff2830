//! What can be queued, with its kind, its key and its payload: written once, so that the same work has the same key.

use serde_json::json;

use super::NewJob;
use crate::clock::Timestamp;
use crate::model::{CourseId, MemberId, OrganisationId};

/// The kind that reads an organisation's badges.
pub const CATALOG: &str = "catalog";
/// The kind that reads a course's roster.
pub const ROSTER: &str = "roster";
/// The kind that gives held awards an address.
pub const RELEASE: &str = "release";

/// Give a member's held awards the address that is known by now. Goes into the transaction that brings the address.
pub fn release(organisation: OrganisationId, member: MemberId, now: Timestamp) -> NewJob {
    NewJob {
        organisation: Some(organisation),
        kind: RELEASE,
        dedup_key: format!("{RELEASE}:{member}"),
        payload: json!({ "member": member }),
        due_at: now,
    }
}

/// Read an organisation's badges from the Factory.
pub fn catalog(organisation: OrganisationId, now: Timestamp) -> NewJob {
    NewJob {
        organisation: Some(organisation),
        kind: CATALOG,
        dedup_key: format!("{CATALOG}:{organisation}"),
        payload: json!({}),
        due_at: now,
    }
}

/// Read a course's roster from its LMS.
pub fn roster(organisation: OrganisationId, course: CourseId, now: Timestamp) -> NewJob {
    NewJob {
        organisation: Some(organisation),
        kind: ROSTER,
        dedup_key: format!("{ROSTER}:{course}"),
        payload: json!({ "course": course }),
        due_at: now,
    }
}
