//! What reads from the Factory and from LMSs, with its kind, its key and its payload. The jobs that awards queue stand
//! at [`NewJob`]. Each is written once, so that the same work has the same key.

use serde_json::json;

use super::NewJob;
use crate::clock::Timestamp;
use crate::model::{ConnectionId, CourseId, MemberId, OrganisationId, RegistrationId, SearchId};

/// The kind that reads an organisation's badges.
pub use crate::store::job::CATALOG;
/// The kind that reads what is searched for among the Factory's events.
pub const EVENT_SEARCH: &str = "event-search";
/// The kind that reads a course's roster.
pub const ROSTER: &str = "roster";
/// The kind that matches signals to people and courses.
pub const MATCH_SIGNALS: &str = "match-signals";
/// The kind that looks again at signals that were parked.
pub const REMATCH_SIGNALS: &str = "rematch-signals";
/// The kind that asks an LMS about a course.
pub const PULL: &str = "pull";
/// The kind that has an LMS send notices.
pub const NOTICES: &str = "notices";
/// The kind that reads an organisation's applications for badges.
pub const APPLICATIONS: &str = "applications";
/// The kind that reads one person's badges.
pub const HOLDINGS: &str = "holdings";
/// The kind that erases a person.
pub use crate::store::job::ERASE;
/// The kind that turns a consent into tokens.
pub const CONSENT: &str = "consent";

/// Match an organisation's signals that nobody looked at yet.
pub fn match_signals(organisation: OrganisationId, now: Timestamp) -> NewJob {
    NewJob {
        organisation: Some(organisation),
        kind: MATCH_SIGNALS,
        dedup_key: format!("{MATCH_SIGNALS}:{organisation}"),
        payload: json!({}),
        due_at: now,
    }
}

/// Look again at signals that wait for a course, or for somebody in it. After the transaction that made it known.
pub fn rematch_course(organisation: OrganisationId, course: CourseId, now: Timestamp) -> NewJob {
    NewJob {
        organisation: Some(organisation),
        kind: REMATCH_SIGNALS,
        dedup_key: format!("{REMATCH_SIGNALS}:course:{course}"),
        payload: json!({ "course": course }),
        due_at: now,
    }
}

/// Look again at signals that wait for a person. After the transaction that made them known.
pub fn rematch_member(organisation: OrganisationId, member: MemberId, now: Timestamp) -> NewJob {
    NewJob {
        organisation: Some(organisation),
        kind: REMATCH_SIGNALS,
        dedup_key: format!("{REMATCH_SIGNALS}:member:{member}"),
        payload: json!({ "member": member }),
        due_at: now,
    }
}

/// Read an organisation's badges from the Factory.
pub fn catalog(organisation: OrganisationId, now: Timestamp) -> NewJob {
    NewJob::catalog(organisation, now)
}

/// Read what is searched for among the Factory's events.
pub fn event_search(organisation: OrganisationId, search: SearchId, now: Timestamp) -> NewJob {
    NewJob {
        organisation: Some(organisation),
        kind: EVENT_SEARCH,
        dedup_key: format!("{EVENT_SEARCH}:{search}"),
        payload: json!({ "search": search }),
        due_at: now,
    }
}

/// Read an organisation's applications for badges from the Factory.
pub fn applications(organisation: OrganisationId, now: Timestamp) -> NewJob {
    NewJob {
        organisation: Some(organisation),
        kind: APPLICATIONS,
        dedup_key: format!("{APPLICATIONS}:{organisation}"),
        payload: json!({}),
        due_at: now,
    }
}

/// Read one person's badges from the Factory.
pub fn holdings(organisation: OrganisationId, member: MemberId, now: Timestamp) -> NewJob {
    NewJob {
        organisation: Some(organisation),
        kind: HOLDINGS,
        dedup_key: format!("{HOLDINGS}:{member}"),
        payload: json!({ "member": member }),
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

/// Ask a course's LMS about it.
pub fn pull(organisation: OrganisationId, course: CourseId, due_at: Timestamp) -> NewJob {
    NewJob {
        organisation: Some(organisation),
        kind: PULL,
        dedup_key: format!("{PULL}:{course}"),
        payload: json!({ "course": course }),
        due_at,
    }
}

/// Have an LMS send its notices about a deployment to `handler`.
pub fn notices(
    organisation: OrganisationId,
    registration: RegistrationId,
    deployment: &str,
    handler: &str,
    now: Timestamp,
) -> NewJob {
    NewJob {
        organisation: Some(organisation),
        kind: NOTICES,
        dedup_key: format!("{NOTICES}:{registration}:{deployment}"),
        payload: json!({ "registration": registration, "deployment": deployment, "handler": handler }),
        due_at: now,
    }
}

/// Turn the consent that came back for a connection into tokens.
pub fn consent(organisation: OrganisationId, connection: ConnectionId, now: Timestamp) -> NewJob {
    NewJob {
        organisation: Some(organisation),
        kind: CONSENT,
        dedup_key: format!("{CONSENT}:{connection}"),
        payload: json!({ "connection": connection }),
        due_at: now,
    }
}
