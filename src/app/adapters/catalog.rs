//! The catalog's ports over the Factory's API v1.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::factory::{Connections, NoClient};
use super::holdings;
use crate::catalog::ports::{Badges, Proof, ReadBadge, ReadError, ReadForm, Reader, Readers};
use crate::clock::Timestamp;
use crate::factory::{
    ApprovalMethod, AttachEvidence, Badge, BadgeFilter, Earnable, EarnableFilter, FactoryClient, FactoryError, Lines,
    Picture, ValidityDefault,
};
use crate::model::OrganisationId;
use crate::model::catalog::{BadgeMessage, BadgeValidity, CatalogBadge};
use crate::model::form::{CatalogForm, Evidence, Method, Questions};
use crate::model::holding::Holding;

/// Application forms that are read at most: each takes a call of its own.
const MOST_FORMS: usize = 200;

impl Readers for Connections {
    fn of(&self, organisation: OrganisationId) -> BoxFuture<'_, Result<Arc<dyn Reader>, ReadError>> {
        Box::pin(async move {
            match Connections::of(self, organisation).await {
                Ok(client) => {
                    let reader: Arc<dyn Reader> = Arc::new(V1Reader(client));
                    Ok(reader)
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

struct V1Reader(Arc<FactoryClient>);

impl Reader for V1Reader {
    fn badges(&self) -> BoxFuture<'_, Result<Box<dyn Badges>, ReadError>> {
        Box::pin(async move {
            let lines = self
                .0
                .badges(&BadgeFilter::default())
                .await
                .map_err(|error| failure(&error))?;
            let badges: Box<dyn Badges> = Box::new(V1Badges { lines, is_whole: true });
            Ok(badges)
        })
    }

    fn forms(&self) -> BoxFuture<'_, Result<Vec<ReadForm>, ReadError>> {
        Box::pin(async move {
            let listed = self
                .0
                .earnables(&EarnableFilter::default())
                .await
                .map_err(|error| failure(&error))?
                .all()
                .await
                .map_err(|error| failure(&error))?;
            let mut forms = Vec::new();
            let mut criteria: HashMap<String, Option<String>> = HashMap::new();
            for one in listed.into_iter().take(MOST_FORMS) {
                let Some(badge) = one.badge_id.clone() else { continue };
                let whole = if one.is_draft {
                    one
                } else {
                    match self.0.earnable_with_form(&one.id).await {
                        Ok(whole) => whole,
                        Err(FactoryError::NotFound { .. }) => continue,
                        Err(error) => return Err(failure(&error)),
                    }
                };
                let known = criteria.get(badge.as_str()).cloned();
                let text = match known {
                    Some(text) => text,
                    None => match self.0.badge(&badge).await {
                        Ok(badge) => badge.criteria_html,
                        Err(error) if error.is_temporary() => return Err(failure(&error)),
                        Err(_) => None,
                    },
                };
                criteria.insert(badge.as_str().to_owned(), text.clone());
                forms.push(form(whole, badge.as_str(), text));
            }
            Ok(forms)
        })
    }

    fn held_by<'a>(&'a self, address: &'a str, most: usize) -> BoxFuture<'a, Result<Vec<Holding>, ReadError>> {
        Box::pin(holdings::held_by(&self.0, address, most))
    }

    fn proof<'a>(&'a self, event: &'a str, address: &'a str) -> BoxFuture<'a, Result<Option<Proof>, ReadError>> {
        Box::pin(holdings::proof(&self.0, event, address))
    }
}

/// A form as the catalog keeps it; its window is checked by our own clock.
fn form(read: Earnable, badge: &str, criteria: Option<String>) -> ReadForm {
    ReadForm {
        html: read.form_html,
        form: CatalogForm {
            id: read.id.as_str().to_owned(),
            badge_id: badge.to_owned(),
            name: read.name,
            description: read.description,
            language: read.language,
            method: match read.approval_method {
                ApprovalMethod::Review => Method::Review,
                ApprovalMethod::Instant => Method::Instant,
                ApprovalMethod::Secret => Method::Secret,
                ApprovalMethod::Peer => Method::Peer,
                ApprovalMethod::Other(_) => Method::Other,
            },
            evidence: match read.attach_evidence {
                AttachEvidence::Yes => Evidence::Yes,
                AttachEvidence::No => Evidence::No,
                AttachEvidence::Optional => Evidence::Optional,
            },
            visible: read.is_visible,
            draft: read.is_draft,
            gone: false,
            not_before: read.not_before.map(Timestamp::from_seconds),
            not_after: read.not_after.map(Timestamp::from_seconds),
            // a link that pages print must not run anything
            apply_url: read.apply_url.filter(|url| url.starts_with("https://")),
            questions: Questions::default(),
            criteria,
        },
    }
}

struct V1Badges {
    lines: Lines<Badge>,
    is_whole: bool,
}

impl Badges for V1Badges {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<ReadBadge>, ReadError>> {
        Box::pin(async move {
            loop {
                match self.lines.next().await {
                    Ok(badge) => return Ok(badge.map(translate)),
                    // one badge that cannot be read does not hide the others
                    Err(FactoryError::Unreadable { detail, .. }) => {
                        self.is_whole = false;
                        tracing::warn!(detail, "a badge cannot be read");
                    }
                    Err(error) => return Err(failure(&error)),
                }
            }
        })
    }

    fn is_whole(&self) -> bool {
        self.is_whole
    }
}

/// The longest name of a badge that is kept, in characters: an index of PostgreSQL holds 2,704 bytes.
const MAX_NAME: usize = 255;

fn translate(badge: Badge) -> ReadBadge {
    let picture = match badge.picture {
        Some(Picture::Inline { bytes, .. }) => Some(bytes),
        Some(Picture::Url(_)) | None => None,
    };
    let message = badge.message;
    ReadBadge {
        badge: CatalogBadge {
            id: badge.id.as_str().to_owned(),
            name: badge.name.chars().take(MAX_NAME).collect(),
            description: badge.description,
            draft: badge.is_draft || badge.is_deleted,
            gone: false,
            language: badge.language,
            validity: validity(badge.validity),
            message: BadgeMessage {
                subject: message.subject,
                body: message.body,
                link_text: message.link_text,
                footer: message.footer,
            },
            picture: None,
            categories: badge.categories,
            tags: badge.tags,
            changed_at: badge.changed_at,
        },
        picture,
    }
}

pub(super) fn validity(read: ValidityDefault) -> BadgeValidity {
    match read {
        ValidityDefault::None => BadgeValidity::Endless,
        ValidityDefault::Months(months) => BadgeValidity::Months(u32::from(months)),
        ValidityDefault::Until(seconds) => BadgeValidity::Until(seconds),
    }
}

pub(super) fn failure(error: &FactoryError) -> ReadError {
    let reason = error.to_string();
    if error.is_temporary() {
        ReadError::Away {
            reason,
            retry_after: error.retry_after(),
        }
    } else {
        ReadError::Refused { reason }
    }
}
