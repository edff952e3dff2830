//! Events: searching, reading, revoking (API page, "Issuing events").

use std::collections::BTreeMap;

use serde::Deserialize;

use super::super::error::FactoryError;
use super::super::id::EventId;
use super::super::lenient;
use super::super::lines::Lines;
use super::super::model::{Assertion, Event, EventOrder, EventSearch};
use super::super::query::{Query, encoded_len};
use super::super::transport::{Method, Request};
use super::{ADDRESS_BYTES_A_CALL, ADDRESSES_A_CALL, FactoryClient};

impl FactoryClient {
    /// One page of events, as `search` says: `GET /v1/event/{client_id}`.
    pub async fn event_page(&self, search: &EventSearch) -> Result<Lines<Event>, FactoryError> {
        let path = search.query().behind(&format!("/v1/event/{}", self.client_id));
        self.list(path, "event").await
    }

    /// All events that `search` finds, page after page until one has fewer than its limit. Without an order they
    /// come oldest first, so that events made meanwhile cannot push others from one page to the next.
    pub fn events(&self, search: EventSearch) -> EventPages<'_> {
        let limit = search
            .limit
            .unwrap_or(EventSearch::PAGE_LIMIT)
            .clamp(1, EventSearch::PAGE_LIMIT);
        let order = search.order.or(Some(EventOrder::Ascending));
        let next = Some(EventSearch {
            limit: Some(limit),
            order,
            ..search
        });
        EventPages {
            client: self,
            next,
            page: None,
            first: None,
        }
    }

    /// How many events `search` finds (`count_only=1`); its limit and offset do not matter.
    pub async fn count_events(&self, search: &EventSearch) -> Result<u64, FactoryError> {
        let mut query = EventSearch {
            limit: None,
            offset: 0,
            order: None,
            ..search.clone()
        }
        .query();
        query.push_flag("count_only", Some(true));
        let path = query.behind(&format!("/v1/event/{}", self.client_id));
        let found: Count = self.object(path, "count of events").await?;
        let count = found.result_count.and_then(|count| u64::try_from(count).ok());
        count.ok_or_else(|| FactoryError::unreadable("count of events", "there is no count in it"))
    }

    /// One event with its message and `log_entry`: `GET /v1/event/{client_id}/{event_id}`.
    pub async fn event(&self, id: &EventId) -> Result<Event, FactoryError> {
        self.object(format!("/v1/event/{}/{id}", self.client_id), "event").await
    }

    /// Who of an event was revoked, each with the moment in Unix seconds (0 if unknown):
    /// `GET /v1/event/{client_id}/{event_id}/revoked`. A single event may not tell.
    pub async fn revoked(&self, id: &EventId) -> Result<BTreeMap<String, i64>, FactoryError> {
        let found: Revoked = self
            .object(format!("/v1/event/{}/{id}/revoked", self.client_id), "revocations")
            .await?;
        Ok(found.revoked)
    }

    /// The badges of an event's recipients, all of them or those of `addresses`, one at a time:
    /// `GET /v1/event/{client_id}/{event_id}/assertion` (relied on by public clients). At most 50 addresses, each
    /// encoded; more are left out.
    pub async fn assertions<A: AsRef<str> + Sync>(
        &self,
        id: &EventId,
        addresses: &[A],
    ) -> Result<Lines<Assertion>, FactoryError> {
        let mut query = Query::default();
        query.push_joined("email", addresses.iter().map(AsRef::as_ref).take(ADDRESSES_A_CALL));
        let path = query.behind(&format!("/v1/event/{}/{id}/assertion", self.client_id));
        self.list(path, "assertion").await
    }

    /// Revokes the badges of `addresses` in an event: `DELETE /v1/event/{client_id}/{event_id}/?email=…`, at most 50
    /// addresses a call. Calls are made one after another until one fails; repeating is harmless, so after an error
    /// revoke all of them again. Without addresses no call is made: the Factory would perhaps revoke everybody.
    pub async fn revoke<A: AsRef<str> + Sync>(&self, id: &EventId, addresses: &[A]) -> Result<(), FactoryError> {
        for batch in batches(addresses.iter().map(AsRef::as_ref)) {
            let mut query = Query::default();
            query.push_joined("email", batch);
            let path = query.behind(&format!("/v1/event/{}/{id}/", self.client_id));
            self.call(Request::new(Method::Delete, path, self.deadline)).await?;
        }
        Ok(())
    }
}

/// The events of a search, across its pages.
#[derive(Debug)]
pub struct EventPages<'a> {
    client: &'a FactoryClient,
    next: Option<EventSearch>,
    page: Option<Lines<Event>>,
    /// The first event of the page: one that comes again means that the Factory counts pages differently.
    first: Option<EventId>,
}

impl EventPages<'_> {
    /// The next event, `None` behind the last one. After an error the search is not complete: whoever looks for a
    /// certain event must then count it as not looked for.
    pub async fn next(&mut self) -> Result<Option<Event>, FactoryError> {
        loop {
            let Some(page) = &mut self.page else {
                let Some(search) = &self.next else { return Ok(None) };
                self.page = Some(self.client.event_page(search).await?);
                continue;
            };
            let is_first = page.count() == 0;
            match page.next().await? {
                Some(event) if is_first && self.first.as_ref() == Some(&event.id) => {
                    (self.page, self.next) = (None, None);
                }
                Some(event) => {
                    if is_first {
                        self.first = Some(event.id.clone());
                    }
                    return Ok(Some(event));
                }
                None => {
                    let count = page.count();
                    self.page = None;
                    self.next = self.next.take().and_then(|search| behind(search, count));
                }
            }
        }
    }

    /// All events that are left, in memory.
    pub async fn all(mut self) -> Result<Vec<Event>, FactoryError> {
        let mut all = Vec::new();
        while let Some(event) = self.next().await? {
            all.push(event);
        }
        Ok(all)
    }
}

/// The search for the page behind one of `count` events, if that one was full.
fn behind(search: EventSearch, count: u64) -> Option<EventSearch> {
    let is_full = count >= u64::from(search.limit?);
    is_full.then(|| EventSearch {
        offset: search.offset.saturating_add(count),
        ..search
    })
}

/// Addresses in the groups that one call each can carry.
fn batches<'a>(addresses: impl Iterator<Item = &'a str>) -> Vec<Vec<&'a str>> {
    let mut batches: Vec<Vec<&str>> = Vec::new();
    let mut bytes = 0;
    for address in addresses.filter(|address| !address.trim().is_empty()) {
        let length = encoded_len(address) + 1;
        match batches.last_mut() {
            Some(batch) if batch.len() < ADDRESSES_A_CALL && bytes + length <= ADDRESS_BYTES_A_CALL => {
                bytes += length;
                batch.push(address);
            }
            _ => {
                bytes = length;
                batches.push(vec![address]);
            }
        }
    }
    batches
}

#[derive(Deserialize)]
struct Count {
    #[serde(default, deserialize_with = "lenient::int")]
    result_count: Option<i64>,
}

#[derive(Deserialize)]
struct Revoked {
    #[serde(default, deserialize_with = "lenient::moments")]
    revoked: BTreeMap<String, i64>,
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::super::id::ClientId;
    use super::super::super::testing::Script;
    use super::*;

    fn client(script: &Arc<Script>) -> FactoryClient {
        FactoryClient::with_certificate(script.transport(), ClientId::parse("C8Xk2Demo").unwrap())
    }

    fn event_id() -> EventId {
        EventId::parse("E9wzDemo77").unwrap()
    }

    fn page(numbers: std::ops::Range<u32>) -> String {
        let lines: Vec<_> = numbers.map(|number| format!("{{\"id\":\"E{number}\"}}\r\n")).collect();
        lines.concat()
    }

    fn ids(events: &[Event]) -> Vec<&str> {
        events.iter().map(|event| event.id.as_str()).collect()
    }

    #[tokio::test]
    async fn pages_follow_one_another_until_one_is_not_full() {
        let script = Script::new()
            .answers(200, &[], &page(0..2))
            .answers(200, &[], &page(2..4))
            .answers(200, &[], &page(4..5));
        let client = client(&script);
        let search = EventSearch {
            api_consumer_id: Some("badgebridge".into()),
            limit: Some(2),
            ..EventSearch::default()
        };
        assert_eq!(
            ids(&client.events(search).all().await.unwrap()),
            ["E0", "E1", "E2", "E3", "E4"]
        );
        let start = "GET /v1/event/C8Xk2Demo?api_consumer_id=badgebridge&order_by=asc&limit=2";
        assert_eq!(
            script.paths(),
            [
                start.to_owned(),
                format!("{start}&offset=2"),
                format!("{start}&offset=4")
            ]
        );
    }

    #[tokio::test]
    async fn a_full_last_page_is_followed_by_an_empty_one() {
        let script = Script::new().answers(200, &[], &page(0..2)).answers(200, &[], "");
        let search = EventSearch {
            limit: Some(2),
            ..EventSearch::default()
        };
        assert_eq!(client(&script).events(search).all().await.unwrap().len(), 2);
        assert_eq!(script.seen().len(), 2);
    }

    #[tokio::test]
    async fn a_factory_that_ignores_pages_does_not_hold_us_for_ever() {
        let script = Script::new()
            .answers(200, &[], &page(0..3))
            .answers(200, &[], &page(0..3));
        let search = EventSearch {
            limit: Some(2),
            ..EventSearch::default()
        };
        assert_eq!(
            ids(&client(&script).events(search).all().await.unwrap()),
            ["E0", "E1", "E2"]
        );
    }

    #[tokio::test]
    async fn limits_are_brought_within_bounds() {
        for (limit, sent) in [(None, 1000), (Some(0), 1), (Some(5000), 1000)] {
            let script = Script::new().answers(200, &[], "");
            let search = EventSearch {
                limit,
                order: Some(EventOrder::Descending),
                ..EventSearch::default()
            };
            client(&script).events(search).all().await.unwrap();
            assert_eq!(
                script.paths(),
                [format!("GET /v1/event/C8Xk2Demo?order_by=desc&limit={sent}")]
            );
        }
    }

    #[tokio::test]
    async fn a_page_that_fails_fails_the_search() {
        let script = Script::new().answers(200, &[], &page(0..2)).answers(503, &[], "");
        let search = EventSearch {
            limit: Some(2),
            ..EventSearch::default()
        };
        assert!(client(&script).events(search).all().await.is_err());
    }

    #[tokio::test]
    async fn a_count_is_an_object() {
        for body in ["{\"result_count\": 42}", "{\"result_count\":\"42\"}\r\n"] {
            let script = Script::new().answers(200, &[], body);
            let search = EventSearch {
                email: Some("a@x.example".into()),
                limit: Some(3),
                offset: 9,
                ..EventSearch::default()
            };
            assert_eq!(client(&script).count_events(&search).await.unwrap(), 42);
            assert_eq!(
                script.paths(),
                ["GET /v1/event/C8Xk2Demo?email=a%40x.example&count_only=1"]
            );
        }
        for body in ["", "{}", "{\"result_count\":-1}", "{\"id\":\"E1\"}"] {
            let script = Script::new().answers(200, &[], body);
            assert!(
                client(&script).count_events(&EventSearch::default()).await.is_err(),
                "{body}"
            );
        }
    }

    #[tokio::test]
    async fn one_event_and_its_revocations_are_read() {
        let script = Script::new()
            .answers(
                200,
                &[],
                "{\"id\":\"E9wzDemo77\",\"email_subject\":\"Hi\",\"log_entry\":\"{\\\"order\\\":1}\"}",
            )
            .answers(200, &[], "{\"revoked\": {\"ada@example.org\": 1767312000}}")
            .answers(200, &[], "{\"revoked\": []}")
            .answers(200, &[], "{}");
        let client = client(&script);
        let event = client.event(&event_id()).await.unwrap();
        assert_eq!(event.message.subject.as_deref(), Some("Hi"));
        assert_eq!(event.log_entry, Some(serde_json::json!({"order": 1})));
        assert_eq!(
            client.revoked(&event_id()).await.unwrap()["ada@example.org"],
            1_767_312_000
        );
        assert!(client.revoked(&event_id()).await.unwrap().is_empty());
        assert!(client.revoked(&event_id()).await.unwrap().is_empty());
        assert_eq!(script.paths()[1], "GET /v1/event/C8Xk2Demo/E9wzDemo77/revoked");
    }

    #[tokio::test]
    async fn assertions_are_read_for_everybody_or_for_some() {
        let line = "{\"id\":\"0f3a\",\"recipient\":\"ada@example.org\",\"status\":\"accepted\"}\r\n";
        let script = Script::new().answers(200, &[], line).answers(200, &[], "");
        let client = client(&script);
        let all = client
            .assertions(&event_id(), &[""; 0])
            .await
            .unwrap()
            .all()
            .await
            .unwrap();
        assert!(all[0].is_accepted());
        let some = client
            .assertions(&event_id(), &["a+b@x.example", "c@y.example"])
            .await
            .unwrap();
        assert!(some.all().await.unwrap().is_empty());
        let path = "GET /v1/event/C8Xk2Demo/E9wzDemo77/assertion";
        assert_eq!(
            script.paths(),
            [path.to_owned(), format!("{path}?email=a%2Bb%40x.example|c%40y.example")]
        );
    }

    #[tokio::test]
    async fn addresses_to_revoke_are_encoded_one_by_one() {
        let script = Script::new().answers(204, &[], "");
        client(&script)
            .revoke(&event_id(), &["a+b@x.example", "o'neil&|@y.example"])
            .await
            .unwrap();
        let expected = "DELETE /v1/event/C8Xk2Demo/E9wzDemo77/?email=a%2Bb%40x.example|o%27neil%26%7C%40y.example";
        assert_eq!(script.paths(), [expected]);
    }

    #[tokio::test]
    async fn revocations_go_in_calls_of_fifty() {
        let script = Script::new()
            .answers(204, &[], "")
            .answers(204, &[], "")
            .answers(204, &[], "");
        let addresses: Vec<_> = (0..101).map(|number| format!("a{number}@x.example")).collect();
        client(&script).revoke(&event_id(), &addresses).await.unwrap();
        let counts = script.paths().into_iter().map(|path| path.split('|').count());
        assert_eq!(counts.collect::<Vec<_>>(), [50, 50, 1]);
    }

    #[tokio::test]
    async fn long_addresses_make_smaller_calls() {
        let long = format!("{}@x.example", "é".repeat(100));
        let found = batches([long.as_str(); 50].into_iter());
        assert_eq!(found.iter().map(Vec::len).sum::<usize>(), 50);
        assert!(
            found
                .iter()
                .all(|batch| batch.iter().map(|it| encoded_len(it) + 1).sum::<usize>() <= 6000)
        );
    }

    #[tokio::test]
    async fn without_addresses_nothing_is_revoked() {
        let script = Script::new();
        client(&script).revoke(&event_id(), &[""; 0]).await.unwrap();
        client(&script).revoke(&event_id(), &["", " "]).await.unwrap();
        assert!(script.seen().is_empty());
    }

    #[tokio::test]
    async fn a_refused_revocation_stops_and_says_so() {
        let script = Script::new()
            .answers(204, &[], "")
            .answers(429, &[("Retry-After", "1")], "");
        let addresses: Vec<_> = (0..150).map(|number| format!("a{number}@x.example")).collect();
        let refused = client(&script).revoke(&event_id(), &addresses).await.unwrap_err();
        assert!(refused.is_temporary());
        assert_eq!(script.seen().len(), 2);
    }
}
