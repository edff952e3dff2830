//! What awards need of a Factory. Implemented over its API v1 in `app`, and so shaped that v2 can be a second one.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::Value;

use crate::model::OrganisationId;
use crate::model::request::Content;
use crate::store::StoreError;

/// Checked right before the first byte of an issuing call leaves: closed means that nothing may be sent any more.
#[derive(Clone)]
pub struct Gate(Arc<dyn Fn() -> bool + Send + Sync>);

impl Gate {
    /// A gate that is open while `is_open` says so.
    pub fn new(is_open: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(is_open))
    }

    /// Whether the call may leave now.
    pub fn is_open(&self) -> bool {
        (self.0)()
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gate")
    }
}

/// One recipient of an issuing call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receiver {
    /// The normalised address.
    pub address: String,
    /// The name, or empty.
    pub name: String,
}

/// One issuing call. The port makes it once and repeats nothing by itself, a stale bearer token apart.
#[derive(Clone, Debug)]
pub struct Issue {
    /// The Factory's badge id.
    pub badge_id: String,
    /// To whom.
    pub recipients: Vec<Receiver>,
    /// Message, dates, options.
    pub content: Content,
    /// The marker, to be stored with the event.
    pub log_entry: Value,
    /// What the integration calls itself.
    pub api_consumer_id: &'static str,
    /// Closed: answer [`Answer::TooLate`] instead of sending.
    pub gate: Gate,
}

/// How an issuing call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Created, with a readable event id.
    Issued {
        /// The event.
        event: String,
    },
    /// The Factory saw nothing of it: no connection, no name, its certificate refused.
    NotSent {
        /// What happened.
        reason: String,
    },
    /// The order's time to be sent was over before its first byte left: ours to blame, no news about the Factory.
    TooLate {
        /// What happened.
        reason: String,
    },
    /// Our certificate or token was refused: 495, 496, a TLS alert about it.
    Credential {
        /// What happened.
        reason: String,
    },
    /// 429.
    Busy {
        /// The pause that the Factory asked for.
        retry_after: Option<Duration>,
    },
    /// 5xx, a time-out or a reset after sending began, a success without a readable event id.
    Unsure {
        /// The status, if there was an answer.
        status: Option<u16>,
        /// What happened.
        reason: String,
        /// The pause that the Factory asked for.
        retry_after: Option<Duration>,
    },
    /// A reset before any byte of an answer: a ping decides.
    Reset {
        /// What happened.
        reason: String,
    },
    /// 403, after a new bearer token was tried once: a ping decides.
    Forbidden {
        /// The Factory's reason.
        reason: String,
    },
    /// The Factory refused this order: 3xx, 400, 404, other 4xx.
    Refused {
        /// The status.
        status: u16,
        /// The Factory's reason.
        reason: String,
    },
}

/// What events are searched by. Never by dates: whether they mean the call or the nominal date is unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// The integration.
    pub api_consumer_id: &'static str,
    /// The Factory's badge id.
    pub badge_id: String,
    /// One recipient's address.
    pub address: String,
}

/// An event as a list or a reading shows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// The event.
    pub event: String,
    /// Recipients as the Factory writes them; empty if it does not tell.
    pub recipients: Vec<String>,
    /// The log entry as the Factory gives it: an object, a string with one, or nothing.
    pub log_entry: Option<Value>,
    /// When the call was made, in Unix seconds.
    pub at: Option<i64>,
}

/// One page of a search, the oldest events first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// The events.
    pub events: Vec<Seen>,
    /// Whether there may be another page.
    pub more: bool,
}

/// Why another call than the issuing one failed. All of them may be repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The Factory could not be reached, or gave no answer in time.
    #[error("the factory cannot be reached: {reason}")]
    Away {
        /// What happened.
        reason: String,
    },
    /// Our certificate or token was refused.
    #[error("the factory does not accept our credential: {reason}")]
    Credential {
        /// What happened.
        reason: String,
    },
    /// 403, after a new bearer token was tried once.
    #[error("the factory forbids it: {reason}")]
    Forbidden {
        /// The Factory's reason.
        reason: String,
    },
    /// 429.
    #[error("the factory asks for a pause")]
    Busy {
        /// How long.
        retry_after: Option<Duration>,
    },
    /// 404: there is no such event.
    #[error("the factory does not have it")]
    Gone,
    /// Any other answer.
    #[error("the factory answered: {reason}")]
    Failed {
        /// What it answered.
        reason: String,
    },
}

/// One organisation's Factory.
pub trait Issuer: fmt::Debug + Send + Sync {
    /// Issues once.
    fn issue(&self, issue: Issue) -> BoxFuture<'_, Answer>;
    /// A page of the events that a search finds; `page` counts from 0.
    fn find<'a>(&'a self, search: &'a Search, page: u32) -> BoxFuture<'a, Result<Page, CallError>>;
    /// One event.
    fn event<'a>(&'a self, event: &'a str) -> BoxFuture<'a, Result<Seen, CallError>>;
    /// Revokes up to 50 addresses of an event. Repeating it is harmless.
    fn revoke<'a>(&'a self, event: &'a str, addresses: &'a [String]) -> BoxFuture<'a, Result<(), CallError>>;
    /// The addresses of an event that are revoked.
    fn revoked<'a>(&'a self, event: &'a str) -> BoxFuture<'a, Result<Vec<String>, CallError>>;
    /// Whether the Factory knows us.
    fn ping(&self) -> BoxFuture<'_, Result<(), CallError>>;
}

/// Why an organisation's Factory cannot be called.
#[derive(Debug, thiserror::Error)]
pub enum NoIssuer {
    /// There is no usable identity: a person must act, and the queue stops.
    #[error("{reason}")]
    NoIdentity {
        /// Why, for that person.
        reason: String,
    },
    /// The identity could not be read: it may well be there. Nothing stops, the same is tried again soon.
    #[error("the factory identity could not be read")]
    Store(#[from] StoreError),
}

/// The Factories of all organisations.
pub trait Issuers: fmt::Debug + Send + Sync {
    /// The organisation's Factory, with its present identity.
    fn of(&self, organisation: OrganisationId) -> BoxFuture<'_, Result<Arc<dyn Issuer>, NoIssuer>>;
}
