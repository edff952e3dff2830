//! The awards' ports over the Factory's API v1.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::factory::Connections;
use crate::awards::ports::{Answer, CallError, Issue as IssueOrder, Issuer, Issuers, NoIssuer, Page, Search, Seen};
use crate::factory::{
    BadgeId, BadgeOverride, Event, EventId, EventSearch, FactoryClient, FactoryError, Issue, IssueAnswer, MessageParts,
    Recipient, SendGate, Sending,
};
use crate::model::OrganisationId;

/// How many events a page of a search has: the most that the API gives.
const PAGE: u16 = 1_000;

/// The longest that one issuing call may take.
const SENDING: Duration = Duration::from_mins(1);

/// The Factories of all organisations, as awards see them. `abort` ends an issuing call that gets no answer.
#[derive(Debug)]
pub struct V1Issuers {
    connections: Arc<Connections>,
    abort: Duration,
}

impl V1Issuers {
    /// Over these connections.
    pub fn new(connections: Arc<Connections>, abort: Duration) -> Self {
        Self {
            connections,
            abort: abort.min(SENDING),
        }
    }
}

impl Issuers for V1Issuers {
    fn of(&self, organisation: OrganisationId) -> BoxFuture<'_, Result<Arc<dyn Issuer>, NoIssuer>> {
        Box::pin(async move {
            let client = self.connections.of(organisation).await?;
            let issuer: Arc<dyn Issuer> = Arc::new(V1Issuer {
                client,
                abort: self.abort,
            });
            Ok(issuer)
        })
    }
}

#[derive(Debug)]
struct V1Issuer {
    client: Arc<FactoryClient>,
    abort: Duration,
}

impl Issuer for V1Issuer {
    fn issue(&self, order: IssueOrder) -> BoxFuture<'_, Answer> {
        Box::pin(async move {
            let gate = order.gate.clone();
            let sending = Sending {
                deadline: self.abort,
                gate: Some(SendGate::new(move || gate.is_open())),
            };
            let Ok(badge) = BadgeId::parse(order.badge_id.clone()) else {
                return Answer::Refused {
                    status: 400,
                    reason: "the badge's id cannot be used".to_owned(),
                };
            };
            match translate(order) {
                Ok(issue) => answer(self.client.issue(&badge, &issue, sending).await),
                Err(reason) => Answer::Refused { status: 400, reason },
            }
        })
    }

    fn find<'a>(&'a self, search: &'a Search, page: u32) -> BoxFuture<'a, Result<Page, CallError>> {
        Box::pin(async move {
            let badge_id = BadgeId::parse(search.badge_id.clone()).map_err(|error| failed(&error))?;
            let asked = EventSearch {
                api_consumer_id: Some(search.api_consumer_id.to_owned()),
                badge_id: Some(badge_id),
                email: Some(search.address.clone()),
                limit: Some(PAGE),
                offset: u64::from(page).saturating_mul(u64::from(PAGE)),
                ..EventSearch::default()
            };
            let events = self
                .client
                .event_page(&asked)
                .await
                .map_err(failure)?
                .all()
                .await
                .map_err(failure)?;
            let more = u16::try_from(events.len()).is_ok_and(|count| count >= PAGE);
            Ok(Page {
                events: events.into_iter().map(seen).collect(),
                more,
            })
        })
    }

    fn event<'a>(&'a self, event: &'a str) -> BoxFuture<'a, Result<Seen, CallError>> {
        Box::pin(async move {
            let id = EventId::parse(event).map_err(|error| failed(&error))?;
            self.client.event(&id).await.map(seen).map_err(failure)
        })
    }

    fn revoke<'a>(&'a self, event: &'a str, addresses: &'a [String]) -> BoxFuture<'a, Result<(), CallError>> {
        Box::pin(async move {
            let id = EventId::parse(event).map_err(|error| failed(&error))?;
            self.client.revoke(&id, addresses).await.map_err(failure)
        })
    }

    fn revoked<'a>(&'a self, event: &'a str) -> BoxFuture<'a, Result<Vec<String>, CallError>> {
        Box::pin(async move {
            let id = EventId::parse(event).map_err(|error| failed(&error))?;
            Ok(self.client.revoked(&id).await.map_err(failure)?.into_keys().collect())
        })
    }

    fn ping(&self) -> BoxFuture<'_, Result<(), CallError>> {
        Box::pin(async move { self.client.ping().await.map_err(failure) })
    }
}

/// The order as the API takes it. A name that cannot stand in a recipient is left out, as the API asks.
fn translate(order: IssueOrder) -> Result<Issue, String> {
    let mut recipients = Vec::with_capacity(order.recipients.len());
    for receiver in order.recipients {
        let name = Some(receiver.name.as_str()).filter(|name| !name.is_empty());
        recipients.push(Recipient::new(&receiver.address, name).map_err(|error| error.to_string())?);
    }
    let content = order.content;
    Ok(Issue {
        recipients,
        issued_on: content.issued_on,
        expires: content.expires,
        message: MessageParts {
            subject: content.email_subject,
            body: content.email_body,
            link_text: content.email_link_text,
            footer: content.email_footer,
        },
        badge_override: BadgeOverride {
            criteria_add: content.criteria_add,
            ..BadgeOverride::default()
        },
        log_entry: order.log_entry.as_object().cloned(),
        api_consumer_id: Some(order.api_consumer_id.to_owned()),
        send_email: content.send_email,
        ..Issue::default()
    })
}

fn answer(answer: IssueAnswer) -> Answer {
    match answer {
        IssueAnswer::Issued(event) => Answer::Issued {
            event: event.as_str().to_owned(),
        },
        IssueAnswer::NotSent { reason } => Answer::NotSent { reason },
        IssueAnswer::TooLate { reason } => Answer::TooLate { reason },
        IssueAnswer::Credential { reason } => Answer::Credential { reason },
        IssueAnswer::Busy { retry_after } => Answer::Busy { retry_after },
        IssueAnswer::Unsure {
            status,
            reason,
            retry_after,
        } => Answer::Unsure {
            status,
            reason,
            retry_after,
        },
        IssueAnswer::Reset { reason } => Answer::Reset { reason },
        IssueAnswer::Forbidden { reason } => Answer::Forbidden { reason },
        IssueAnswer::Refused { status, reason } => Answer::Refused { status, reason },
    }
}

fn seen(event: Event) -> Seen {
    Seen {
        event: event.id.as_str().to_owned(),
        recipients: event.addresses().map(str::to_owned).collect(),
        at: event.called_at,
        log_entry: event.log_entry,
    }
}

pub(super) fn failed(error: &dyn std::fmt::Display) -> CallError {
    CallError::Failed {
        reason: error.to_string(),
    }
}

pub(super) fn failure(error: FactoryError) -> CallError {
    match error {
        FactoryError::Credential { reason } => CallError::Credential { reason },
        FactoryError::Forbidden { reason } => CallError::Forbidden { reason },
        FactoryError::NotFound { .. } => CallError::Gone,
        FactoryError::Busy { retry_after } => CallError::Busy { retry_after },
        FactoryError::NotSent(_) | FactoryError::Lost(_) | FactoryError::Unavailable { .. } => CallError::Away {
            reason: error.to_string(),
        },
        other => CallError::Failed {
            reason: other.to_string(),
        },
    }
}
