//! One person's badges over the Factory's API v1: events found by an address, and their assertions.

use std::collections::BTreeMap;

use super::catalog::failure;
use crate::catalog::ports::{Proof, ReadError};
use crate::clock::Timestamp;
use crate::factory::{Assertion, Event, EventId, EventOrder, EventSearch, FactoryClient};
use crate::model::Address;
use crate::model::holding::{Holding, HoldingState};

/// Events a search brings at most.
const PAGE: u16 = 1_000;

/// The badges of one address, the newest first.
pub(super) async fn held_by(client: &FactoryClient, address: &str, most: usize) -> Result<Vec<Holding>, ReadError> {
    let search = EventSearch {
        email: Some(address.to_owned()),
        order: Some(EventOrder::Descending),
        limit: Some(PAGE),
        ..EventSearch::default()
    };
    let page = client.event_page(&search).await.map_err(|error| failure(&error))?;
    let events = page.all().await.map_err(|error| failure(&error))?;
    // whether the Factory searches for whole addresses is not documented: only what names this one is theirs
    let theirs = |event: &Event| !event.is_deleted && event.has_recipient(address);
    let mut held: Vec<Holding> = events
        .into_iter()
        .filter(theirs)
        .filter_map(|event| holding(event, address))
        .collect();
    held.sort_by_key(|one| std::cmp::Reverse(one.issued_at));
    held.truncate(most);
    Ok(held)
}

fn holding(event: Event, address: &str) -> Option<Holding> {
    let revoked = event.revoked_at(address);
    Some(Holding {
        address: Address::parse(address).ok()?.to_string(),
        badge_id: event.badge_id?.as_str().to_owned(),
        event: event.id.as_str().to_owned(),
        name: event.name,
        found: true,
        state: if revoked.is_some() {
            HoldingState::Revoked
        } else {
            HoldingState::Sent
        },
        issued_at: event.issued_on.or(event.called_at).map(Timestamp::from_seconds),
        expires_at: event.expires.filter(|at| *at > 0).map(Timestamp::from_seconds),
        revoked_at: revoked.filter(|at| *at > 0).map(Timestamp::from_seconds),
        page_url: None,
        proof_url: None,
        pdf: BTreeMap::new(),
    })
}

/// The assertion of one address in an event.
pub(super) async fn proof(client: &FactoryClient, event: &str, address: &str) -> Result<Option<Proof>, ReadError> {
    let Ok(id) = EventId::parse(event) else { return Ok(None) };
    let mut lines = match client.assertions(&id, &[address]).await {
        Ok(lines) => lines,
        Err(crate::factory::FactoryError::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(failure(&error)),
    };
    let wanted = Address::parse(address).ok();
    while let Some(assertion) = lines.next().await.map_err(|error| failure(&error))? {
        if wanted.is_some() && Address::parse(assertion.address()).ok() == wanted {
            return Ok(Some(told(assertion)));
        }
    }
    Ok(None)
}

fn told(assertion: Assertion) -> Proof {
    let document = assertion.json.as_deref().and_then(web_address);
    Proof {
        is_collected: assertion.is_accepted(),
        is_revoked: assertion.status.eq_ignore_ascii_case("revoked"),
        // the hosted assertion is a page under the same name (relied on by public clients)
        page_url: document
            .as_deref()
            .and_then(|url| url.strip_suffix(".json"))
            .map(|base| format!("{base}.html")),
        document_url: document,
        pdf: assertion
            .pdf
            .into_iter()
            .filter_map(|(language, url)| Some((language, web_address(&url)?)))
            .collect(),
    }
}

/// A link that pages print must not run anything.
fn web_address(url: &str) -> Option<String> {
    let parsed = url::Url::parse(url).ok()?;
    (parsed.scheme() == "https").then(|| parsed.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_become_links() {
        assert_eq!(web_address("javascript:alert(1)//.json"), None);
        assert_eq!(web_address("/v1/assertion/1.json"), None);
        assert_eq!(
            web_address("https://factory.example/v1/assertion/1.json").as_deref(),
            Some("https://factory.example/v1/assertion/1.json")
        );
    }
}
