//! What reads from the Factory and from LMSs, with its kind, its key and its payload. The jobs that awards queue stand
//! at [`NewJob`]. Each is written once, so that the same work has the same key.

use serde_json::json;

use super::NewJob;
use crate::clock::Timestamp;
use crate::model::{CourseId, OrganisationId};

/// The kind that reads an organisation's badges.
pub const CATALOG: &str = "catalog";
/// The kind that reads a course's roster.
pub const ROSTER: &str = "roster";

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
