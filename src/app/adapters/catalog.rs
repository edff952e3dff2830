//! The catalog's ports over the Factory's API v1.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::factory::{Connections, NoClient};
use crate::catalog::ports::{Badges, ReadBadge, ReadError, Reader, Readers};
use crate::factory::{Badge, BadgeFilter, FactoryClient, FactoryError, Lines, Picture, ValidityDefault};
use crate::model::OrganisationId;
use crate::model::catalog::{BadgeMessage, BadgeValidity, CatalogBadge};

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

fn translate(badge: Badge) -> ReadBadge {
    let picture = match badge.picture {
        Some(Picture::Inline { bytes, .. }) => Some(bytes),
        Some(Picture::Url(_)) | None => None,
    };
    let message = badge.message;
    ReadBadge {
        badge: CatalogBadge {
            id: badge.id.as_str().to_owned(),
            name: badge.name,
            description: badge.description,
            draft: badge.is_draft || badge.is_deleted,
            gone: false,
            language: badge.language,
            validity: match badge.validity {
                ValidityDefault::None => BadgeValidity::Endless,
                ValidityDefault::Months(months) => BadgeValidity::Months(u32::from(months)),
                ValidityDefault::Until(seconds) => BadgeValidity::Until(seconds),
            },
            message: BadgeMessage {
                subject: message.subject,
                body: message.body,
                link_text: message.link_text,
                footer: message.footer,
            },
            picture: None,
        },
        picture,
    }
}

fn failure(error: &FactoryError) -> ReadError {
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
