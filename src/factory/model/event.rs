//! An event: one issuing, with its recipients (API page, "Issuing events"), and the search for it.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::super::id::{BadgeId, EventId};
use super::super::lenient;
use super::super::query::Query;
use super::{MessageParts, Recipient};

/// An event as the Factory shows it, in a list or alone. Lists may lack `log_entry` and the message, a single event
/// may lack `revoked`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(from = "Raw")]
pub struct Event {
    /// The event's id.
    pub id: EventId,
    /// What was issued.
    pub badge_id: Option<BadgeId>,
    /// The badge's name when it was issued.
    pub name: String,
    /// Whom it was issued to, as sent: bare addresses or `Name <address>`.
    pub recipients: Vec<String>,
    /// The nominal date, in Unix seconds; may be midnight.
    pub issued_on: Option<i64>,
    /// When the call was made, in Unix seconds.
    pub called_at: Option<i64>,
    /// Until when the issued badge is valid, in Unix seconds.
    pub expires: Option<i64>,
    /// Revoked addresses, each with the moment of it in Unix seconds (0 if unknown).
    pub revoked: BTreeMap<String, i64>,
    /// What the issuer stored with the event. `None` may also mean that this list does not show it: ask for the
    /// single event then.
    pub log_entry: Option<Value>,
    /// Which integration issued it.
    pub api_consumer_id: Option<String>,
    /// The message that was sent.
    pub message: MessageParts,
    /// The application form through which it was earned.
    pub earnable_application_id: Option<String>,
    /// Whether the Factory counts it in its reports; unknown in lists.
    pub show_report: bool,
    /// Whether it was deleted.
    pub is_deleted: bool,
}

impl Event {
    /// The bare addresses of the recipients, as issued.
    pub fn addresses(&self) -> impl Iterator<Item = &str> {
        self.recipients.iter().map(|recipient| Recipient::address_in(recipient))
    }

    /// Whether `address` is among the recipients. The Factory keeps addresses as issued, so case does not count.
    pub fn has_recipient(&self, address: &str) -> bool {
        self.addresses().any(|issued| same_address(issued, address))
    }

    /// When the badge of `address` was revoked, in Unix seconds (0 if unknown); `None` if it was not.
    pub fn revoked_at(&self, address: &str) -> Option<i64> {
        let found = self
            .revoked
            .iter()
            .find(|(revoked, _)| same_address(Recipient::address_in(revoked), address));
        found.map(|(_, moment)| *moment)
    }
}

/// Whether two addresses are the same in the Factory's eyes.
fn same_address(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// The order of a list of events, by date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventOrder {
    /// Oldest first.
    Ascending,
    /// Newest first.
    Descending,
}

/// What to search events for; the default finds all (API page, "Issuing events").
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventSearch {
    /// Issued by this integration.
    pub api_consumer_id: Option<String>,
    /// Of this badge.
    pub badge_id: Option<BadgeId>,
    /// To this address.
    pub email: Option<String>,
    /// From this moment on, in Unix seconds. Whether the issue date or the call counts is not documented: do not
    /// rely on it to find an event again.
    pub begin: Option<i64>,
    /// Up to this moment, in Unix seconds; as uncertain as `begin`.
    pub end: Option<i64>,
    /// The order; the Factory's own if absent.
    pub order: Option<EventOrder>,
    /// Events a page, at most 1000.
    pub limit: Option<u16>,
    /// Events to leave out at the beginning.
    pub offset: u64,
}

impl EventSearch {
    /// The most events that a page can hold.
    pub const PAGE_LIMIT: u16 = 1000;

    pub(in super::super) fn query(&self) -> Query {
        let mut query = Query::default();
        query.push_some("api_consumer_id", self.api_consumer_id.as_deref());
        query.push_some("badge_id", self.badge_id.as_ref().map(BadgeId::as_str));
        query.push_some("email", self.email.as_deref());
        query.push_some("begin", self.begin.map(|moment| moment.to_string()).as_deref());
        query.push_some("end", self.end.map(|moment| moment.to_string()).as_deref());
        let order = self.order.map(|order| match order {
            EventOrder::Ascending => "asc",
            EventOrder::Descending => "desc",
        });
        query.push_some("order_by", order);
        query.push_some("limit", self.limit.map(|limit| limit.to_string()).as_deref());
        if self.offset > 0 {
            query.push("offset", &self.offset.to_string());
        }
        query
    }
}

#[derive(Deserialize)]
struct Raw {
    id: EventId,
    #[serde(default, deserialize_with = "lenient::text")]
    badge_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    name: Option<String>,
    #[serde(default, deserialize_with = "recipients")]
    recipient: Vec<String>,
    #[serde(default, deserialize_with = "lenient::int")]
    issued_on: Option<i64>,
    #[serde(default, deserialize_with = "lenient::int")]
    timestamp: Option<i64>,
    #[serde(default, deserialize_with = "lenient::int")]
    expires: Option<i64>,
    #[serde(default, deserialize_with = "lenient::moments")]
    revoked: BTreeMap<String, i64>,
    #[serde(default, deserialize_with = "log_entry")]
    log_entry: Option<Value>,
    #[serde(default, deserialize_with = "lenient::text")]
    api_consumer_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    email_subject: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    email_body: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    email_link_text: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    email_footer: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    earnable_application_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::flag")]
    show_report: bool,
    #[serde(default, deserialize_with = "lenient::flag")]
    deleted: bool,
}

/// Texts, or objects with an `email` as API v2 has them.
fn recipients<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let address = |value: Value| match value {
        Value::Object(mut object) => lenient::text_of(object.remove("email")?),
        other => lenient::text_of(other),
    };
    Ok(match Value::deserialize(from)? {
        Value::Array(values) => values.into_iter().filter_map(address).collect(),
        other => address(other).into_iter().collect(),
    })
}

/// An object, the same as a JSON text (API v2), null or nothing. Empty ones count as absent: the marker of an order
/// is never empty, so the single event is worth a look.
fn log_entry<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Value>, D::Error> {
    let read = match Value::deserialize(from)? {
        Value::String(text) => match serde_json::from_str(&text) {
            Ok(inner @ (Value::Object(_) | Value::Array(_) | Value::Null)) => inner,
            _ => Value::String(text),
        },
        other => other,
    };
    let is_empty = match &read {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    };
    Ok((!is_empty).then_some(read))
}

impl From<Raw> for Event {
    fn from(raw: Raw) -> Self {
        Self {
            id: raw.id,
            badge_id: raw.badge_id.and_then(|id| BadgeId::parse(id).ok()),
            name: raw.name.unwrap_or_default(),
            recipients: raw.recipient,
            issued_on: raw.issued_on,
            called_at: raw.timestamp,
            expires: raw.expires.filter(|moment| *moment > 0),
            revoked: raw.revoked,
            log_entry: raw.log_entry,
            api_consumer_id: raw.api_consumer_id,
            message: MessageParts {
                subject: raw.email_subject,
                body: raw.email_body,
                link_text: raw.email_link_text,
                footer: raw.email_footer,
            },
            earnable_application_id: raw.earnable_application_id,
            show_report: raw.show_report,
            is_deleted: raw.deleted,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(mut keys: Value) -> Event {
        keys["id"] = json!("E9wzDemo77");
        serde_json::from_value(keys).unwrap()
    }

    #[test]
    fn an_event_of_a_list_is_read() {
        let read = event(
            json!({"badge_id": "B4tqDemo01", "name": "Lab Safety", "recipient": ["ada@example.org"],
            "issued_on": 1_767_225_600, "expires": null, "revoked": {}, "log_entry": {"rule_id": "r-3"},
            "timestamp": "1767225604", "token": "k3Jd0Pq7Zx"}),
        );
        assert_eq!(read.badge_id.as_ref().map(BadgeId::as_str), Some("B4tqDemo01"));
        assert_eq!(
            (read.issued_on, read.called_at, read.expires),
            (Some(1_767_225_600), Some(1_767_225_604), None)
        );
        assert_eq!(read.log_entry, Some(json!({"rule_id": "r-3"})));
        assert!(!format!("{read:?}").contains("k3Jd0Pq7Zx"));
    }

    #[test]
    fn a_log_entry_comes_as_an_object_as_text_as_null_or_not_at_all() {
        let marker = json!({"order": "o-1", "awards": ["a"]});
        assert_eq!(event(json!({"log_entry": marker})).log_entry, Some(marker.clone()));
        assert_eq!(event(json!({"log_entry": marker.to_string()})).log_entry, Some(marker));
        for absent in [
            json!(null),
            json!(""),
            json!([]),
            json!({}),
            json!("{}"),
            json!("[]"),
            json!("null"),
        ] {
            assert_eq!(event(json!({"log_entry": absent})).log_entry, None, "{absent}");
        }
        assert_eq!(event(json!({})).log_entry, None);
        assert_eq!(event(json!({"log_entry": "by hand"})).log_entry, Some(json!("by hand")));
        assert_eq!(event(json!({"log_entry": "42"})).log_entry, Some(json!("42")));
    }

    #[test]
    fn revocations_come_as_a_map_as_an_empty_array_or_not_at_all() {
        let read = event(json!({"revoked": {"Ada@Example.org": "1767312000", "Bo <bo@example.org>": null}}));
        assert_eq!(read.revoked_at("ada@example.org"), Some(1_767_312_000));
        assert_eq!(read.revoked_at("bo@example.org"), Some(0));
        assert_eq!(read.revoked_at("cy@example.org"), None);
        for nothing in [json!({}), json!([]), json!(null), json!("")] {
            assert!(event(json!({"revoked": nothing})).revoked.is_empty());
        }
        assert!(event(json!({})).revoked.is_empty());
    }

    #[test]
    fn recipients_come_bare_with_a_name_or_as_objects() {
        let read =
            event(json!({"recipient": ["ada@example.org", "Bo B <Bo@Example.org>", {"email": "cy@example.org"}, 7]}));
        assert_eq!(
            read.addresses().collect::<Vec<_>>(),
            ["ada@example.org", "Bo@Example.org", "cy@example.org", "7"]
        );
        assert!(read.has_recipient("bo@example.org") && read.has_recipient("ADA@example.org"));
        assert!(!read.has_recipient("b@example.org"));
        assert_eq!(
            event(json!({"recipient": "one@example.org"})).recipients,
            ["one@example.org"]
        );
        assert!(event(json!({"recipient": null})).recipients.is_empty());
    }

    #[test]
    fn every_parameter_of_the_search_stands_in_the_query() {
        let search = EventSearch {
            api_consumer_id: Some("badgebridge".into()),
            badge_id: Some(BadgeId::parse("B1").unwrap()),
            email: Some("ada+x@example.org".into()),
            begin: Some(1),
            end: Some(2),
            order: Some(EventOrder::Descending),
            limit: Some(1000),
            offset: 2000,
        };
        assert_eq!(
            search.query().behind("/v1/event/C"),
            "/v1/event/C?api_consumer_id=badgebridge&badge_id=B1&email=ada%2Bx%40example.org&begin=1&end=2\
             &order_by=desc&limit=1000&offset=2000"
        );
        assert_eq!(EventSearch::default().query().behind("/v1/event/C"), "/v1/event/C");
    }
}
