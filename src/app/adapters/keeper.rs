//! The port of administrators' pages over the Factory's API v1.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde_json::Value;

use super::catalog::{failure, validity};
use super::factory::{Connections, NoClient};
use crate::catalog::keeper::{Keeper, Keepers, Pictured, Written};
use crate::catalog::ports::ReadError;
use crate::factory::{
    Badge, BadgeContent, BadgeFilter, BadgeId, Event, EventId, EventOrder, EventSearch, FactoryClient, FactoryError,
    MessageParts, OrganisationProfile, Picture,
};
use crate::model::OrganisationId;
use crate::model::catalog::{BadgeMessage, BadgeValidity};
use crate::model::editing::{BadgeSheet, MARK, Profile, SeenBadge, SeenOrganisation};
use crate::model::found_event::{EventQuery, SeenEvent, SeenRecipient};

impl Keepers for Connections {
    fn of(&self, organisation: OrganisationId) -> BoxFuture<'_, Result<Arc<dyn Keeper>, ReadError>> {
        Box::pin(async move {
            match Connections::of(self, organisation).await {
                Ok(client) => {
                    let keeper: Arc<dyn Keeper> = Arc::new(V1Keeper(client));
                    Ok(keeper)
                }
                Err(NoClient::Store(error)) => Err(ReadError::Away {
                    reason: error.to_string(),
                    retry_after: None,
                }),
                Err(error) => Err(ReadError::Refused {
                    reason: error.to_string(),
                }),
            }
        })
    }
}

struct V1Keeper(Arc<FactoryClient>);

impl Keeper for V1Keeper {
    fn badge<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Pictured<SeenBadge>>, ReadError>> {
        Box::pin(async move {
            let Ok(id) = BadgeId::parse(id.to_owned()) else {
                return Ok(None);
            };
            match self.0.badge(&id).await {
                Ok(badge) if badge.is_deleted => Ok(None),
                Ok(badge) => Ok(Some(seen_badge(badge))),
                Err(FactoryError::NotFound { .. }) => Ok(None),
                Err(error) => Err(failure(&error)),
            }
        })
    }

    fn badge_marked<'a>(&'a self, mark: &'a str) -> BoxFuture<'a, Result<Option<String>, ReadError>> {
        Box::pin(async move {
            let filter = BadgeFilter {
                metadata: vec![(MARK.to_owned(), mark.to_owned())],
                ..BadgeFilter::default()
            };
            let mut lines = self.0.badges(&filter).await.map_err(|error| failure(&error))?;
            while let Some(badge) = lines.next().await.map_err(|error| failure(&error))? {
                // a Factory that does not know the filter shows all of them
                let is_it = badge.metadata.get(MARK).and_then(Value::as_str) == Some(mark);
                if is_it {
                    return Ok(Some(badge.id.as_str().to_owned()));
                }
            }
            Ok(None)
        })
    }

    fn categories(&self) -> BoxFuture<'_, Result<Vec<String>, ReadError>> {
        Box::pin(async move { self.0.categories().await.map_err(|error| failure(&error)) })
    }

    fn organisation(&self) -> BoxFuture<'_, Result<Pictured<SeenOrganisation>, ReadError>> {
        Box::pin(async move {
            let read = self.0.organisation().await.map_err(|error| failure(&error))?;
            Ok(Pictured {
                picture: bytes(read.picture),
                thing: SeenOrganisation {
                    name: read.name,
                    profile: Profile {
                        url: read.url.unwrap_or_default(),
                        description: read.description,
                        email: read.email.unwrap_or_default(),
                    },
                    picture: None,
                    tier: read.tier,
                    paid_until: read.paid_until,
                    issuing_limit: read.issuing_limit,
                    country: read.country,
                    is_verified: read.is_verified,
                    is_suspended: read.is_suspended,
                },
            })
        })
    }

    fn event<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<SeenEvent>, ReadError>> {
        Box::pin(async move {
            let Ok(id) = EventId::parse(id.to_owned()) else {
                return Ok(None);
            };
            let event = match self.0.event(&id).await {
                Ok(event) => event,
                Err(FactoryError::NotFound { .. }) => return Ok(None),
                Err(error) => return Err(failure(&error)),
            };
            let revoked = self.0.revoked(&id).await.map_err(|error| failure(&error))?;
            let mut seen = seen_event(&Event { revoked, ..event });
            let everybody: [&str; 0] = [];
            let mut lines = match self.0.assertions(&id, &everybody).await {
                Ok(lines) => lines,
                // public clients rely on the call, the API's page does not have it
                Err(FactoryError::NotFound { .. } | FactoryError::Refused { .. }) => return Ok(Some(seen)),
                Err(error) => return Err(failure(&error)),
            };
            while let Some(one) = lines.next().await.map_err(|error| failure(&error))? {
                let same = |to: &&mut SeenRecipient| to.address.eq_ignore_ascii_case(one.address().trim());
                if let Some(to) = seen.recipients.iter_mut().find(same) {
                    to.status = Some(one.status.to_ascii_lowercase());
                    to.page = one.json.map(|page| page.trim_end_matches(".json").to_owned());
                }
            }
            Ok(Some(seen))
        })
    }

    fn count_events<'a>(&'a self, query: &'a EventQuery) -> BoxFuture<'a, Result<u64, ReadError>> {
        Box::pin(async move {
            let Some(search) = search(query) else { return Ok(0) };
            self.0.count_events(&search).await.map_err(|error| failure(&error))
        })
    }

    fn events<'a>(
        &'a self,
        query: &'a EventQuery,
        limit: u16,
        offset: u64,
    ) -> BoxFuture<'a, Result<Vec<SeenEvent>, ReadError>> {
        Box::pin(async move {
            let Some(search) = search(query) else {
                return Ok(Vec::new());
            };
            let search = EventSearch {
                limit: Some(limit),
                offset,
                ..search
            };
            let mut lines = self.0.event_page(&search).await.map_err(|error| failure(&error))?;
            let mut events = Vec::new();
            loop {
                match lines.next().await {
                    Ok(Some(event)) => events.push(seen_event(&event)),
                    Ok(None) => return Ok(events),
                    // one event that cannot be read does not hide the others, and keeps its place
                    Err(FactoryError::Unreadable { detail, .. }) => {
                        tracing::warn!(detail, "an event cannot be read");
                        events.push(SeenEvent {
                            id: format!(
                                "?{}",
                                offset.saturating_add(u64::try_from(events.len()).unwrap_or_default())
                            ),
                            ..SeenEvent::default()
                        });
                    }
                    Err(error) => return Err(failure(&error)),
                }
            }
        })
    }

    fn create<'a>(&'a self, sheet: &'a BadgeSheet, picture: Option<Vec<u8>>) -> BoxFuture<'a, Written> {
        Box::pin(async move {
            match self.0.create_badge(&content(sheet, picture)).await {
                Ok(id) => Written::Done {
                    badge: Some(id.as_str().to_owned()),
                },
                Err(error) => written(error),
            }
        })
    }

    fn change<'a>(&'a self, id: &'a str, sheet: &'a BadgeSheet, picture: Option<Vec<u8>>) -> BoxFuture<'a, Written> {
        Box::pin(async move {
            let Ok(id) = BadgeId::parse(id.to_owned()) else {
                return unusable();
            };
            let done = self.0.change_badge(&id, &content(sheet, picture)).await;
            done.map_or_else(written, |()| Written::Done { badge: None })
        })
    }

    fn delete<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Written> {
        Box::pin(async move {
            let Ok(id) = BadgeId::parse(id.to_owned()) else {
                return unusable();
            };
            match self.0.delete_badge(&id).await {
                // what was asked for is so
                Ok(()) | Err(FactoryError::NotFound { .. }) => Written::Done { badge: None },
                Err(error) => written(error),
            }
        })
    }

    fn change_organisation<'a>(&'a self, profile: &'a Profile, picture: Option<Vec<u8>>) -> BoxFuture<'a, Written> {
        Box::pin(async move {
            let profile = OrganisationProfile {
                url: profile.url.clone(),
                description: profile.description.clone(),
                email: profile.email.clone(),
                picture,
            };
            let done = self.0.change_organisation(&profile).await;
            done.map_or_else(written, |()| Written::Done { badge: None })
        })
    }
}

fn unusable() -> Written {
    Written::Refused {
        reason: "the badge's id cannot be used".to_owned(),
    }
}

/// What a failed call that changes something means.
fn written(error: FactoryError) -> Written {
    let (reason, retry_after) = (error.to_string(), error.retry_after());
    match error {
        FactoryError::NotSent(_) | FactoryError::Busy { .. } | FactoryError::Credential { .. } => {
            Written::NotSent { reason, retry_after }
        }
        FactoryError::Lost(_)
        | FactoryError::Unavailable { .. }
        | FactoryError::Unreadable { .. }
        | FactoryError::TooLarge { .. } => Written::Unsure { reason },
        FactoryError::Forbidden { reason }
        | FactoryError::NotFound { reason }
        | FactoryError::Refused { reason, .. } => Written::Refused { reason },
    }
}

fn search(query: &EventQuery) -> Option<EventSearch> {
    let badge_id = match &query.badge {
        // an id that cannot be one is of no event
        Some(id) => Some(BadgeId::parse(id.clone()).ok()?),
        None => None,
    };
    Some(EventSearch {
        api_consumer_id: query.consumer.clone(),
        badge_id,
        email: query.email.clone(),
        begin: query.begin,
        end: query.end,
        order: Some(if query.newest_first {
            EventOrder::Descending
        } else {
            EventOrder::Ascending
        }),
        limit: None,
        offset: 0,
    })
}

fn content(sheet: &BadgeSheet, picture: Option<Vec<u8>>) -> BadgeContent {
    BadgeContent {
        name: sheet.name.clone(),
        description: sheet.description.clone(),
        is_draft: sheet.draft,
        picture,
        css: Some(sheet.css.clone()),
        criteria_html: sheet.criteria.clone(),
        message: MessageParts {
            subject: Some(sheet.message.subject.clone().unwrap_or_default()),
            body: Some(sheet.message.body.clone().unwrap_or_default()),
            link_text: Some(sheet.message.link_text.clone().unwrap_or_default()),
            footer: Some(sheet.message.footer.clone().unwrap_or_default()),
        },
        // months, as the vendor's own programs read them back
        expires: Some(match sheet.validity {
            BadgeValidity::Endless => 0,
            BadgeValidity::Months(months) => i64::from(months),
            BadgeValidity::Until(seconds) => seconds,
        }),
        tags: Some(sheet.tags.clone()),
        categories: None,
        metadata: Some(sheet.metadata.clone()),
    }
}

fn seen_badge(badge: Badge) -> Pictured<SeenBadge> {
    let message = badge.message;
    Pictured {
        picture: bytes(badge.picture),
        thing: SeenBadge {
            sheet: BadgeSheet {
                name: badge.name,
                description: badge.description,
                draft: badge.is_draft,
                criteria: badge.criteria_html,
                css: badge.css.unwrap_or_default(),
                message: BadgeMessage {
                    subject: message.subject,
                    body: message.body,
                    link_text: message.link_text,
                    footer: message.footer,
                },
                validity: validity(badge.validity),
                tags: badge.tags,
                metadata: badge.metadata,
            },
            categories: badge.categories,
            language: badge.language,
            translations: badge.translations.into_keys().collect(),
            picture: None,
            created_at: badge.created_at,
            changed_at: badge.changed_at,
        },
    }
}

fn seen_event(event: &Event) -> SeenEvent {
    let recipient = |address: &str| SeenRecipient {
        address: address.trim().to_owned(),
        revoked_at: event.revoked_at(address),
        status: None,
        page: None,
    };
    let subject = event.message.subject.clone().unwrap_or_default();
    let body = event.message.body.clone().unwrap_or_default();
    SeenEvent {
        id: event.id.as_str().to_owned(),
        badge: event
            .badge_id
            .as_ref()
            .map(|id| id.as_str().to_owned())
            .unwrap_or_default(),
        name: event.name.clone(),
        issued_on: event.issued_on,
        called_at: event.called_at,
        expires: event.expires,
        consumer: event.api_consumer_id.clone(),
        message: (!subject.is_empty() || !body.is_empty()).then_some((subject, body)),
        log: event.log_entry.as_ref().map(|log| match log {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }),
        recipients: event.addresses().map(recipient).collect(),
    }
}

fn bytes(picture: Option<Picture>) -> Option<Vec<u8>> {
    match picture {
        Some(Picture::Inline { bytes, .. }) => Some(bytes),
        Some(Picture::Url(_)) | None => None,
    }
}
