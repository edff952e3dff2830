//! What applications need of a Factory; implemented in `app` over its API v1.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use zeroize::Zeroizing;

use crate::awards::ports::{CallError, Gate, NoIssuer};
use crate::model::OrganisationId;
use crate::model::request::Content;

/// A filled form on its way.
#[derive(Clone)]
pub struct FilledForm {
    /// The Factory's form.
    pub form_id: String,
    /// Who applies.
    pub applicant: String,
    /// The normalised address.
    pub address: String,
    /// Whether it becomes evidence, where the applicant may say.
    pub attach_evidence: Option<bool>,
    /// The claim code.
    pub claim_code: Option<Zeroizing<String>>,
    /// The form's own fields, by the names it gives them.
    pub fields: Vec<(String, Entry)>,
    /// Closed: answer [`Reply::NotSent`] instead of sending.
    pub gate: Gate,
}

/// What a field holds.
#[derive(Clone)]
pub enum Entry {
    /// Text.
    Text(String),
    /// A file.
    File {
        /// Its name.
        name: String,
        /// Its media type.
        media_type: String,
        /// The bytes.
        bytes: Vec<u8>,
    },
}

/// Nothing of what a person entered.
impl fmt::Debug for FilledForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FilledForm")
            .field("form_id", &self.form_id)
            .field("fields", &self.fields.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entry")
    }
}

/// A decision on its way.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The Factory's form.
    pub form_id: String,
    /// The Factory's id of the application.
    pub application: String,
    /// Whether the person gets the badge.
    pub approve: bool,
    /// Who decides.
    pub reviewer: String,
    /// Dates and message; of a rejection subject and text alone count.
    pub content: Content,
    /// The marker, stored with the event of an approval.
    pub log_entry: serde_json::Value,
    /// What the integration calls itself.
    pub api_consumer_id: &'static str,
    /// Closed: answer [`Reply::NotSent`] instead of sending.
    pub gate: Gate,
}

/// How a call that changes something ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Taken; with the application's id where the answer names it.
    Taken {
        /// The Factory's id.
        id: Option<String>,
    },
    /// The Factory saw nothing of it, or surely did nothing; later the same may succeed.
    NotSent {
        /// What happened.
        reason: String,
        /// The pause that the Factory asked for.
        retry_after: Option<Duration>,
    },
    /// It may have been carried out.
    Unsure {
        /// What happened.
        reason: String,
    },
    /// 403: a ping tells whether it is about us or about this call.
    Forbidden {
        /// The Factory's reason.
        reason: String,
    },
    /// The Factory refused this call.
    Refused {
        /// The Factory's reason.
        reason: String,
    },
}

/// An application as the Factory shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct SeenApplication {
    /// The Factory's id.
    pub id: String,
    /// The badge.
    pub badge_id: Option<String>,
    /// Who applied.
    pub name: String,
    /// The address, as sent.
    pub address: String,
    /// Whether it is decided.
    pub status: SeenStatus,
    /// Who decided.
    pub reviewer: Option<String>,
    /// What was answered, by the fields' names. Lists may lack it.
    pub answers: Vec<(String, String)>,
    /// The event that approving made, if the Factory names it.
    pub event: Option<String>,
    /// When it arrived, in Unix seconds.
    pub at: Option<i64>,
}

impl fmt::Debug for SeenApplication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeenApplication")
            .field("id", &self.id)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// Whether the Factory has an application decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeenStatus {
    /// Not yet, or in a way that is not known.
    Pending,
    /// The badge was issued.
    Approved,
    /// It was not.
    Rejected,
}

/// One organisation's forms at its Factory.
pub trait FormDesk: fmt::Debug + Send + Sync {
    /// Hands a form in, once.
    fn hand_in(&self, form: FilledForm) -> BoxFuture<'_, Reply>;
    /// Tells a decision, once.
    fn decide(&self, verdict: Verdict) -> BoxFuture<'_, Reply>;
    /// The applications with a form, all or the pending ones alone, that `wanted` lets through.
    fn applications<'a>(
        &'a self,
        form: &'a str,
        pending_only: bool,
        wanted: Wanted,
    ) -> BoxFuture<'a, Result<Vec<SeenApplication>, CallError>>;
    /// One application with what was answered.
    fn application<'a>(
        &'a self,
        form: &'a str,
        application: &'a str,
    ) -> BoxFuture<'a, Result<SeenApplication, CallError>>;
    /// The latest events of a badge to an address, whoever issued them. Lists may not tell where they came from.
    fn events<'a>(&'a self, badge: &'a str, address: &'a str) -> BoxFuture<'a, Result<Vec<SeenEvent>, CallError>>;
    /// One event with everything that tells where it came from.
    fn event<'a>(&'a self, event: &'a str) -> BoxFuture<'a, Result<SeenEvent, CallError>>;
    /// Whether the Factory knows us.
    fn ping(&self) -> BoxFuture<'_, Result<(), CallError>>;
}

/// Which applications of a list are kept: a list may be long.
pub type Wanted = Arc<dyn Fn(&SeenApplication) -> bool + Send + Sync>;

/// An event, as far as it tells which application it came from.
#[derive(Clone, Debug, PartialEq)]
pub struct SeenEvent {
    /// The event.
    pub event: String,
    /// The application.
    pub application: Option<String>,
    /// The log entry as the Factory gives it.
    pub log_entry: Option<serde_json::Value>,
}

/// The form desks of all organisations.
pub trait FormDesks: fmt::Debug + Send + Sync {
    /// The organisation's desk, with its present identity.
    fn of(&self, organisation: OrganisationId) -> BoxFuture<'_, Result<Arc<dyn FormDesk>, NoIssuer>>;
}
