//! Identities of what this installation stores: UUID v7, one type for each kind of row.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text is no id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id: expected 32 hexadecimal digits")]
pub struct InvalidId;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// The id with this value; new values come from `crypto::random::id_at`.
            pub const fn new(value: Uuid) -> Self {
                Self(value)
            }

            /// The bare value, as it is stored.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Uuid::try_parse(text.trim()).map(Self).map_err(|_| InvalidId)
            }
        }
    )+ };
}

ids! {
    /// An organisation: one Factory client and all that belongs to it.
    OrganisationId,
    /// Somebody who administers an organisation.
    AdministratorId,
    /// A session of the administration.
    OperatorSessionId,
    /// A Factory identity: a certificate or a client secret of an organisation.
    IdentityId,
    /// A registration: one `(issuer, client_id)` that an LMS gave us.
    RegistrationId,
    /// A deployment of a registration (our row, not the LMS's text).
    DeploymentRowId,
    /// A connection to the REST API of an LMS.
    ConnectionId,
    /// A course: `(registration, organisation, context.id)`.
    CourseId,
    /// A member: `(registration, organisation, sub)`.
    MemberId,
    /// A resource link in a course.
    LinkId,
    /// Content that a teacher placed in a course.
    ContentId,
    /// A session: one browser partition, registration and person.
    SessionId,
    /// A seat: what one launch gave one tab.
    SeatId,
    /// A draft of a request.
    DraftId,
    /// A change of something at the Factory.
    EditId,
    /// A search for the Factory's events.
    SearchId,
    /// A request: what one press of *Issue* asked for.
    RequestId,
    /// An award: one badge owed to one recipient.
    AwardId,
    /// An order: one issuing call to the Factory; also the marker in its `log_entry`.
    OrderId,
    /// An application for a badge: our row, not the Factory's id.
    ApplicationId,
    /// A file that was handed in with an application.
    FileId,
    /// A rule: whoever does X in this course gets this badge.
    RuleId,
    /// A feed: an inbound address that accepts signals.
    FeedId,
    /// A signal, as it was stored.
    SignalId,
    /// One try of an order or of a job.
    AttemptId,
    /// A job.
    JobId,
    /// This installation, made with the database.
    InstallationId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_from_its_text() {
        let id = OrderId::new(Uuid::from_u128(7));
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!("order-7".parse::<OrderId>(), Err(InvalidId));
    }
}
