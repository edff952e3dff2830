//! The ports of applications over the Factory's API v1.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use secrecy::SecretString;
use serde_json::Value;

use super::factory::Connections;
use super::issuer::{failed, failure};
use crate::awards::applications::ports::{
    Entry, FilledForm, FormDesk, FormDesks, Reply, SeenApplication, SeenEvent, SeenStatus, Verdict, Wanted,
};
use crate::awards::ports::{CallError, Gate, NoIssuer};
use crate::crypto::{digest, random};
use crate::factory::{
    self, Application, ApplicationId, ApplicationStatus, Approval, BadgeId, EarnableId, Event, EventId, EventOrder,
    EventSearch, FactoryClient, FactoryError, MessageParts, Part, PartContent, Rejection, SendGate, Sending,
};
use crate::model::OrganisationId;

/// Events that are looked at for one application.
const LATEST: u16 = 20;
/// The longest that a call may take.
const LONGEST: Duration = Duration::from_mins(1);

/// The form desks of all organisations.
#[derive(Debug)]
pub struct V1FormDesks {
    connections: Arc<Connections>,
    abort: Duration,
}

impl V1FormDesks {
    /// Over these connections; `abort` ends a call that gets no answer.
    pub fn new(connections: Arc<Connections>, abort: Duration) -> Self {
        Self {
            connections,
            abort: abort.min(LONGEST),
        }
    }
}

impl FormDesks for V1FormDesks {
    fn of(&self, organisation: OrganisationId) -> BoxFuture<'_, Result<Arc<dyn FormDesk>, NoIssuer>> {
        Box::pin(async move {
            let client = self.connections.of(organisation).await?;
            let desk: Arc<dyn FormDesk> = Arc::new(V1FormDesk {
                client,
                abort: self.abort,
            });
            Ok(desk)
        })
    }
}

#[derive(Debug)]
struct V1FormDesk {
    client: Arc<FactoryClient>,
    abort: Duration,
}

impl V1FormDesk {
    fn sending(&self, gate: Gate) -> Sending {
        Sending {
            deadline: self.abort,
            gate: Some(SendGate::new(move || gate.is_open())),
        }
    }
}

impl FormDesk for V1FormDesk {
    fn hand_in(&self, form: FilledForm) -> BoxFuture<'_, Reply> {
        Box::pin(async move {
            let Ok(id) = EarnableId::parse(form.form_id.clone()) else {
                return refused("the form's id cannot be used");
            };
            let sending = self.sending(form.gate.clone());
            let filled = factory::FilledForm {
                applicant: form.applicant,
                email: form.address,
                attach_evidence: form.attach_evidence,
                secret_token: form.claim_code.map(|code| SecretString::from(code.to_string())),
                fields: form.fields.into_iter().map(|(name, entry)| part(name, entry)).collect(),
            };
            let boundary = digest::hex(&random::bytes::<20>());
            match self.client.apply(&id, &filled, &boundary, sending).await {
                Ok(id) => Reply::Taken {
                    id: id.map(|id| id.as_str().to_owned()),
                },
                Err(error) => reply(&error),
            }
        })
    }

    fn decide(&self, verdict: Verdict) -> BoxFuture<'_, Reply> {
        Box::pin(async move {
            let ids = (
                EarnableId::parse(verdict.form_id.clone()),
                ApplicationId::parse(verdict.application.clone()),
            );
            let (Ok(form), Ok(application)) = ids else {
                return refused("the application's id cannot be used");
            };
            let (sending, content) = (self.sending(verdict.gate.clone()), verdict.content);
            let decided = if verdict.approve {
                let approval = Approval {
                    reviewer: verdict.reviewer,
                    issued_on: content.issued_on,
                    expires: content.expires,
                    message: MessageParts {
                        subject: content.email_subject,
                        body: content.email_body,
                        link_text: content.email_link_text,
                        footer: content.email_footer,
                    },
                    log_entry: verdict.log_entry.as_object().cloned(),
                    api_consumer_id: Some(verdict.api_consumer_id.to_owned()),
                };
                let call = self.client.approve_application(&form, &application, &approval, sending);
                call.await
            } else {
                let rejection = Rejection {
                    reviewer: verdict.reviewer,
                    message: content.email_subject.zip(content.email_body),
                };
                let call = self.client.reject_application(&form, &application, &rejection, sending);
                call.await
            };
            decided.map_or_else(|error| reply(&error), |()| Reply::Taken { id: None })
        })
    }

    fn applications<'a>(
        &'a self,
        form: &'a str,
        pending_only: bool,
        wanted: Wanted,
    ) -> BoxFuture<'a, Result<Vec<SeenApplication>, CallError>> {
        Box::pin(async move {
            let id = EarnableId::parse(form).map_err(|error| failed(&error))?;
            let status = pending_only.then_some(ApplicationStatus::Pending);
            let mut lines = self.client.applications(&id, status.as_ref()).await.map_err(failure)?;
            let mut kept = Vec::new();
            while let Some(line) = lines.next().await.map_err(failure)? {
                let seen = seen(line);
                // a Factory that does not know the filter must not fill the queue with what is decided
                let is_meant = !pending_only || seen.status == SeenStatus::Pending;
                if is_meant && wanted(&seen) {
                    kept.push(seen);
                }
            }
            Ok(kept)
        })
    }

    fn application<'a>(
        &'a self,
        form: &'a str,
        application: &'a str,
    ) -> BoxFuture<'a, Result<SeenApplication, CallError>> {
        Box::pin(async move {
            let form = EarnableId::parse(form).map_err(|error| failed(&error))?;
            let id = ApplicationId::parse(application).map_err(|error| failed(&error))?;
            self.client.application(&form, &id).await.map(seen).map_err(failure)
        })
    }

    fn events<'a>(&'a self, badge: &'a str, address: &'a str) -> BoxFuture<'a, Result<Vec<SeenEvent>, CallError>> {
        Box::pin(async move {
            let search = EventSearch {
                badge_id: Some(BadgeId::parse(badge).map_err(|error| failed(&error))?),
                email: Some(address.to_owned()),
                order: Some(EventOrder::Descending),
                limit: Some(LATEST),
                ..EventSearch::default()
            };
            let page = self.client.event_page(&search).await.map_err(failure)?;
            let events = page.all().await.map_err(failure)?;
            Ok(events.into_iter().map(seen_event).collect())
        })
    }

    fn event<'a>(&'a self, event: &'a str) -> BoxFuture<'a, Result<SeenEvent, CallError>> {
        Box::pin(async move {
            let id = EventId::parse(event).map_err(|error| failed(&error))?;
            self.client.event(&id).await.map(seen_event).map_err(failure)
        })
    }

    fn ping(&self) -> BoxFuture<'_, Result<(), CallError>> {
        Box::pin(async move { self.client.ping().await.map_err(failure) })
    }
}

fn part(name: String, entry: Entry) -> Part {
    let content = match entry {
        Entry::Text(text) => PartContent::Text(text),
        Entry::File {
            name,
            media_type,
            bytes,
        } => PartContent::File {
            name,
            media_type,
            bytes: Bytes::from(bytes),
        },
    };
    Part { name, content }
}

/// What a failure means for a call that changes something.
fn reply(error: &FactoryError) -> Reply {
    let reason = error.to_string();
    match error {
        FactoryError::NotSent(_) | FactoryError::Credential { .. } => Reply::NotSent {
            reason,
            retry_after: None,
        },
        FactoryError::Busy { retry_after } => Reply::NotSent {
            reason,
            retry_after: *retry_after,
        },
        FactoryError::Lost(_)
        | FactoryError::Unavailable { .. }
        | FactoryError::Unreadable { .. }
        | FactoryError::TooLarge { .. } => Reply::Unsure { reason },
        FactoryError::Forbidden { .. } => Reply::Forbidden { reason },
        FactoryError::NotFound { .. } | FactoryError::Refused { .. } => Reply::Refused { reason },
    }
}

fn refused(reason: &str) -> Reply {
    Reply::Refused {
        reason: reason.to_owned(),
    }
}

fn seen(application: Application) -> SeenApplication {
    let answers = application.form_data.into_iter();
    SeenApplication {
        id: application.id.as_str().to_owned(),
        badge_id: application.badge_id.map(|id| id.as_str().to_owned()),
        name: application.applicant,
        address: application.email,
        status: match application.status {
            ApplicationStatus::Approved => SeenStatus::Approved,
            ApplicationStatus::Rejected => SeenStatus::Rejected,
            ApplicationStatus::Pending | ApplicationStatus::Other(_) => SeenStatus::Pending,
        },
        reviewer: application.reviewer,
        answers: answers.map(|(name, value)| (name, in_words(&value))).collect(),
        event: application.event_id.map(|id| id.as_str().to_owned()),
        at: application.created_at,
    }
}

/// An answer as the Factory keeps it: text, a list, or what it says of a file.
fn in_words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(in_words).collect::<Vec<_>>().join(", "),
        Value::Object(map) => map
            .get("file")
            .and_then(Value::as_str)
            .map_or_else(|| value.to_string(), str::to_owned),
        other => other.to_string(),
    }
}

fn seen_event(event: Event) -> SeenEvent {
    SeenEvent {
        event: event.id.as_str().to_owned(),
        application: event.earnable_application_id,
        log_entry: event.log_entry,
    }
}
