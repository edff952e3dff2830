//! Finding an order's event again at the Factory, by its marker.

use std::collections::BTreeSet;

use crate::awards::marker::{CONSUMER, Marker, Match};
use crate::awards::pace::Pace;
use crate::awards::ports::{CallError, Issuer, Search, Seen};
use crate::model::dispatch::Sighting;
use crate::model::{Address, OrderId};

/// Pages read at most in one look; more than any person's events of one badge.
const PAGES: u32 = 100;

/// The events that carry the marker of `order`: all pages of a search by badge and address, asking the event itself
/// where the list does not tell its log entry. An error means that nothing is known, not that nothing is there.
pub async fn sightings(
    issuer: &dyn Issuer,
    pace: &Pace,
    marker: &Marker,
    order: OrderId,
    badge_id: String,
    address: String,
) -> Result<Vec<Sighting>, CallError> {
    let search = Search {
        api_consumer_id: CONSUMER,
        badge_id,
        address,
    };
    let mut known = BTreeSet::new();
    let mut found = Vec::new();
    for number in 0..PAGES {
        // The caller has waited for the first call.
        if number > 0 {
            pace.call().await;
        }
        let listed = issuer.find(&search, number).await?;
        for seen in listed.events {
            if known.insert(seen.event.clone())
                && let Some(sighting) = check(issuer, pace, marker, order, seen).await?
            {
                found.push(sighting);
            }
        }
        if !listed.more {
            return Ok(found);
        }
    }
    Err(CallError::Failed {
        reason: "the search gives pages without end".to_owned(),
    })
}

async fn check(
    issuer: &dyn Issuer,
    pace: &Pace,
    marker: &Marker,
    order: OrderId,
    seen: Seen,
) -> Result<Option<Sighting>, CallError> {
    let seen = match marker.check(seen.log_entry.as_ref(), order) {
        Match::Other => return Ok(None),
        Match::Ours if !seen.recipients.is_empty() => seen,
        known => {
            pace.call().await;
            let whole = match issuer.event(&seen.event).await {
                // Listed and not there: nothing that could be ours and last.
                Err(CallError::Gone) if known == Match::Unknown => return Ok(None),
                Err(CallError::Gone) => seen.clone(),
                whole => whole?,
            };
            if known == Match::Unknown && marker.check(whole.log_entry.as_ref(), order) != Match::Ours {
                return Ok(None);
            }
            Seen {
                event: seen.event,
                at: seen.at.or(whole.at),
                ..whole
            }
        }
    };
    Ok(Some(Sighting {
        recipients: normalised(&seen.recipients),
        event: seen.event,
        at: seen.at,
    }))
}

/// Recipients as the Factory writes them (`a@b` or `Name <a@b>`), as normalised addresses. What is no address is left
/// out, and an event that names nobody proves nothing.
pub fn normalised(recipients: &[String]) -> Vec<String> {
    let bare = |text: &String| {
        let inner = text
            .rsplit_once('<')
            .and_then(|(_, rest)| rest.split_once('>'))
            .map(|(inner, _)| inner);
        Address::parse(inner.unwrap_or(text)).ok().map(String::from)
    };
    recipients.iter().filter_map(bare).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipients_are_compared_by_their_normalised_address() {
        let written = ["Ada Example <ADA@example.org>", "bob@example.org", "nobody"].map(str::to_owned);
        assert_eq!(normalised(&written), ["ada@example.org", "bob@example.org"]);
    }
}
