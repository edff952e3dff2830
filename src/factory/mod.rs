//! Client of the Factory's REST API v1 (Open Badge Factory, `CanCred` Factory). Knows no LTI and nothing else of this
//! crate: time and chance are arguments, HTTP is the [`Transport`] that the caller brings along, so that this module
//! could be a crate of its own.
//!
//! * [`enrol`] turns a pasted API key into a [`CertificateIdentity`]; [`TokenSource`] is the second kind of identity.
//! * [`FactoryClient`] makes the calls. It repeats nothing by itself, one case apart: a refused bearer token is
//!   replaced once.
//! * [`IssueAnswer`] says what an answer to the issuing call means. There is no idempotency key, so whatever may have
//!   been carried out is [`IssueAnswer::Unsure`], never a failure.
//!
//! Sources of the rules: "API page" is the vendor's public page about API v1; "relied on by public clients" means
//! that published programs work by it though the page does not say so. Where neither is certain, both are read.

mod answer;
mod api_key;
mod client;
mod enrol;
mod error;
mod id;
mod identity;
mod lenient;
mod lines;
mod model;
mod multipart;
mod query;
mod signing_request;
#[cfg(test)]
mod testing;
mod token;
mod transport;

pub use answer::{Answer, IssueAnswer, event_id_in_location};
pub use api_key::{ApiKey, ApiKeyError, FactoryPublicKey, PastedApiKey};
pub use client::{EventPages, FactoryClient, Sending, public_key, sign_request};
pub use enrol::{Connect, EnrolError, EnrolStep, Enrolled, enrol};
pub use error::FactoryError;
pub use id::{ApplicationId, BadgeId, ClientId, EarnableId, EventId, InvalidId};
pub use identity::{CertificateFacts, CertificateIdentity, IdentityError, PrivateKey};
pub use lines::{Lines, ListLimits};
pub use model::{
    Application, ApplicationStatus, Approval, ApprovalMethod, Assertion, AttachEvidence, Badge, BadgeContent,
    BadgeFilter, BadgeOverride, Earnable, EarnableFilter, Event, EventOrder, EventSearch, FilledForm, InvalidRecipient,
    Issue, MessageParts, Organisation, OrganisationProfile, Picture, Recipient, Rejection, Translation,
    ValidityDefault,
};
pub use multipart::{Part, PartContent};
pub use signing_request::{KeyMakingFailed, KeySource, SigningRequest, SystemKeys};
pub use token::TokenSource;
pub use transport::{
    AfterSending, BodyStream, Cause, Method, NotSent, Request, Response, SendGate, Transport, TransportError,
};
