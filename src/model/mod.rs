//! Plain types and pure state machines; no IO.

pub mod address;
pub mod application;
pub mod award;
pub mod catalog;
pub mod connecting;
pub mod connection;
pub mod content;
pub mod course;
pub mod dispatch;
pub mod draft;
pub mod editing;
pub mod encounter;
pub mod fact;
pub mod feed;
pub mod finding;
pub mod form;
pub mod found_event;
pub mod holding;
pub mod ids;
pub mod matching;
pub mod operator;
pub mod order;
pub mod organisation;
pub mod people;
pub mod registration;
pub mod request;
pub mod rule;
pub mod score;
pub mod signal;

pub use address::Address;
pub use course::{Course, CourseFacts, EnrolmentStatus, LaunchFacts, Person, PersonFacts, RosterState, Seat, Seated};
pub use finding::{Finding, Health};
pub use ids::{
    AdministratorId, ApplicationId, AttemptId, AwardId, ConnectionId, ContentId, CourseId, DeploymentRowId, DraftId,
    EditId, FeedId, FileId, IdentityId, InstallationId, JobId, LinkId, MemberId, OperatorSessionId, OrderId,
    OrganisationId, RegistrationId, RequestId, RuleId, SearchId, SeatId, SessionId, SignalId,
};
pub use operator::{Administrator, OperatorSession, Who};
pub use organisation::{FactoryIdentity, IdentityKind, Organisation, PastedAddresses};
pub use people::{Standing, StandingParseError};
pub use registration::{AllowedNetwork, Deployment, Lms, Registration, may_be_http};
