//! Badges of the catalog as pages show them.

use crate::model::catalog::CatalogBadge;
use crate::web::pages::Badge;
use crate::web::visit::Visit;

/// The badge with the address of its picture on our own host.
pub(super) fn view(visit: &Visit, badge: &CatalogBadge) -> Badge {
    Badge {
        id: badge.id.clone(),
        name: badge.name.clone(),
        picture: badge.picture.as_ref().map(|hash| {
            let id: String = url::form_urlencoded::byte_serialize(badge.id.as_bytes()).collect();
            visit.url(&format!("/pic/{id}/{hash}.png"))
        }),
    }
}

/// A badge as an award names it, with its picture if the catalog still has one.
pub(super) fn named(visit: &Visit, known: Option<&CatalogBadge>, id: &str, name: &str) -> Badge {
    let picture = known.and_then(|badge| view(visit, badge).picture);
    Badge {
        id: id.to_owned(),
        name: name.to_owned(),
        picture,
    }
}

/// The first line of a badge's description, at most 160 characters.
pub(super) fn line(badge: &CatalogBadge) -> String {
    let first = badge
        .description
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or_default();
    if first.chars().count() <= 160 {
        return first.to_owned();
    }
    first.chars().take(159).chain(['…']).collect()
}
