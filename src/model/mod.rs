//! Plain types and pure state machines; no IO.

pub mod address;
pub mod ids;
pub mod people;

pub use address::Address;
pub use ids::{
    AttemptId, AwardId, CourseId, DeploymentRowId, DraftId, IdentityId, InstallationId, JobId, LinkId, MemberId,
    OrderId, OrganisationId, RegistrationId, RequestId, SeatId, SessionId,
};
pub use people::{Standing, StandingParseError};
