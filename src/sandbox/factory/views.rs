//! What tests and pages see of the simulator.

use serde_json::Value;

use super::faults::Kind;
use super::world::{Application, Earnable, Event, Letter};
use crate::clock::Timestamp;

/// An issuing event.
#[derive(Clone, Debug)]
pub struct EventView {
    /// Event id.
    pub id: String,
    /// Whose event.
    pub client_id: String,
    /// Badge id.
    pub badge_id: String,
    /// The badge's name when it was issued.
    pub name: String,
    /// The addresses as issued.
    pub recipients: Vec<String>,
    /// The addresses that are revoked.
    pub revoked: Vec<String>,
    /// Nominal date, Unix seconds.
    pub issued_on: i64,
    /// End, Unix seconds.
    pub expires: Option<i64>,
    /// As sent.
    pub log_entry: Value,
    /// As sent; empty if absent.
    pub api_consumer_id: String,
    /// As sent.
    pub badge_override: Value,
    /// When the call was carried out, Unix seconds.
    pub timestamp: i64,
    /// Searches show it from then on.
    pub visible_from: Timestamp,
    /// The badge application that led to it.
    pub application_id: Option<String>,
}

impl EventView {
    pub(super) fn of(event: &Event) -> Self {
        Self {
            id: event.id.clone(),
            client_id: event.client_id.clone(),
            badge_id: event.badge_id.clone(),
            name: event.name.clone(),
            recipients: event.recipients.iter().map(|one| one.address.clone()).collect(),
            revoked: event
                .recipients
                .iter()
                .filter(|one| one.revoked.is_some())
                .map(|one| one.address.clone())
                .collect(),
            issued_on: event.issued_on,
            expires: event.expires,
            log_entry: event.log_entry.clone(),
            api_consumer_id: event.api_consumer_id.clone(),
            badge_override: event.badge_override.clone(),
            timestamp: event.timestamp,
            visible_from: event.visible_from,
            application_id: event.earnable_application_id.clone(),
        }
    }
}

/// A mail that would have been sent.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Bare address.
    pub to: String,
    /// Subject line.
    pub subject: String,
    /// Text above the button.
    pub body: String,
    /// Text of the button.
    pub link_text: String,
    /// Text below.
    pub footer: String,
    /// Badge id.
    pub badge: String,
    /// The badge's name.
    pub badge_name: String,
    /// Event id; `None` for the mail about a rejected application.
    pub event: Option<String>,
    /// Where the button leads.
    pub link: Option<String>,
    /// When.
    pub time: Timestamp,
}

impl Mail {
    pub(super) fn of(letter: &Letter, url: &str) -> Self {
        Self {
            to: letter.to.clone(),
            subject: letter.message.subject.clone(),
            body: letter.message.body.clone(),
            link_text: letter.message.link_text.clone(),
            footer: letter.message.footer.clone(),
            badge: letter.badge_id.clone(),
            badge_name: letter.badge_name.clone(),
            event: letter.event_id.clone(),
            link: letter.token.as_ref().map(|token| format!("{url}/c/receive?tk={token}")),
            time: letter.time,
        }
    }
}

/// An issuing or revoking request that passed the door.
#[derive(Clone, Debug)]
pub struct RequestView {
    /// [`Kind::Issue`] or [`Kind::Revoke`].
    pub kind: Kind,
    /// Method.
    pub method: String,
    /// Path.
    pub path: String,
    /// Query as it came, without the question mark.
    pub query: String,
    /// The JSON body; `Null` if there is none.
    pub body: Value,
    /// The credential's client.
    pub client_id: String,
    /// When it came.
    pub time: Timestamp,
}

/// An application for a badge.
#[derive(Clone, Debug)]
pub struct ApplicationView {
    /// Its id.
    pub id: String,
    /// The form.
    pub earnable_id: String,
    /// Who applied.
    pub applicant: String,
    /// The applicant's address.
    pub email: String,
    /// `pending`, `approved` or `rejected`.
    pub status: String,
    /// Who decided.
    pub reviewer: Option<String>,
    /// Whether the form becomes evidence.
    pub attach_evidence: bool,
    /// What was entered; a file is an object with its name and size.
    pub form_data: Value,
    /// The event that approving made.
    pub event_id: Option<String>,
}

impl ApplicationView {
    pub(super) fn of(one: &Application) -> Self {
        Self {
            id: one.id.clone(),
            earnable_id: one.earnable_id.clone(),
            applicant: one.applicant.clone(),
            email: one.email.clone(),
            status: one.status.clone(),
            reviewer: one.reviewer.clone(),
            attach_evidence: one.attach_evidence,
            form_data: Value::Object(one.form_data.clone()),
            event_id: one.event_id.clone(),
        }
    }
}

/// What a test changes of an application form; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct EarnableChange {
    /// The opening window, Unix seconds.
    pub window: Option<(Option<i64>, Option<i64>)>,
    /// The fields' HTML.
    pub form_html: Option<String>,
    /// Whether it is listed.
    pub visible: Option<bool>,
    /// The method of approval.
    pub approval_method: Option<String>,
}

impl EarnableChange {
    pub(super) fn apply(self, earnable: &mut Earnable) {
        if let Some((from, to)) = self.window {
            (earnable.not_before, earnable.not_after) = (from, to);
        }
        if let Some(html) = self.form_html {
            earnable.form_html = html;
        }
        if let Some(visible) = self.visible {
            earnable.visible = visible;
        }
        if let Some(method) = self.approval_method {
            earnable.approval_method = method;
        }
    }
}

/// How far an issuing call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Read and let in; nothing is stored yet.
    Received,
    /// The event is stored; nothing is answered yet.
    Stored,
}

/// An issuing call, as a hook sees it.
#[derive(Clone, Debug)]
pub struct Issuing {
    /// How far it is.
    pub phase: Phase,
    /// Badge id.
    pub badge_id: String,
    /// The JSON body.
    pub body: Value,
}
