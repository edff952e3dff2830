//! The marker by which an order's event is known again, and the key by which an award is.

use std::fmt;

use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::crypto::digest;
use crate::model::award::ERASED;
use crate::model::request::Recipient;
use crate::model::{Address, InstallationId, OrderId, OrganisationId};

/// What this program calls itself at the Factory.
pub const CONSUMER: &str = "badgebridge";

/// Makes and recognises markers of this installation.
pub struct Marker {
    installation: InstallationId,
    key: Zeroizing<Vec<u8>>,
}

/// What the unique key of an award consists of (promise P2).
#[derive(Clone, Copy, Debug)]
pub struct AwardTerms<'a> {
    /// The organisation.
    pub organisation: OrganisationId,
    /// The Factory's badge id.
    pub badge_id: &'a str,
    /// Why.
    pub cause: &'a str,
    /// For whom.
    pub recipient: &'a str,
    /// Which period.
    pub period: &'a str,
    /// Which generation.
    pub generation: u32,
}

/// Whether a log entry carries an order's marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// It does.
    Ours,
    /// It carries another one.
    Other,
    /// There is no log entry to read: the event itself must be asked.
    Unknown,
}

impl Marker {
    /// The markers of this installation; `key` is its marker key, which never changes.
    pub fn new(installation: InstallationId, key: Zeroizing<Vec<u8>>) -> Self {
        Self { installation, key }
    }

    /// The key of an award: the same for the same terms, also after a restore.
    pub fn award_key(&self, terms: &AwardTerms<'_>) -> [u8; 32] {
        digest::hmac_sha256(
            &self.key,
            &[
                terms.organisation.uuid().as_bytes(),
                terms.badge_id.as_bytes(),
                terms.cause.as_bytes(),
                terms.recipient.as_bytes(),
                terms.period.as_bytes(),
                &terms.generation.to_be_bytes(),
            ],
        )
    }

    /// What stands for an address in an award that was erased: the same for the same terms, so that nobody gets the award
    /// under that address again (promise P2), and no way back to the address without this installation's key.
    pub fn tombstone(&self, terms: &AwardTerms<'_>, address: &Address) -> String {
        let recipient = Recipient::Address(address.clone()).key();
        let key = self.award_key(&AwardTerms {
            recipient: &recipient,
            ..*terms
        });
        format!("{ERASED}{}", digest::hex(&key))
    }

    /// The log entry of an order.
    pub fn log_entry<'a>(&self, order: OrderId, keys: impl Iterator<Item = &'a [u8]>) -> Value {
        let keys: Vec<String> = keys.map(digest::hex).collect();
        json!({ "installation": self.installation.to_string(), "order": order.to_string(), "awards": keys })
    }

    /// Whether `log_entry` (an object, a string that holds one, null or nothing) carries the marker of `order`.
    pub fn check(&self, log_entry: Option<&Value>, order: OrderId) -> Match {
        let parsed;
        let entry = match log_entry {
            Some(Value::String(text)) => match serde_json::from_str::<Value>(text) {
                Ok(value) => {
                    parsed = value;
                    &parsed
                }
                Err(_) => return Match::Unknown,
            },
            Some(value) => value,
            None => return Match::Unknown,
        };
        if !entry.is_object() {
            return Match::Unknown;
        }
        let is = |name: &str, id: &str| {
            entry
                .get(name)
                .and_then(Value::as_str)
                .is_some_and(|text| text.eq_ignore_ascii_case(id))
        };
        if is("installation", &self.installation.to_string()) && is("order", &order.to_string()) {
            Match::Ours
        } else {
            Match::Other
        }
    }
}

impl fmt::Debug for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Marker")
            .field("installation", &self.installation)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn marker(installation: u128) -> Marker {
        Marker::new(
            InstallationId::new(Uuid::from_u128(installation)),
            Zeroizing::new(vec![7; 32]),
        )
    }

    #[test]
    fn a_marker_is_recognised_as_an_object_and_as_text() {
        let order = OrderId::new(Uuid::from_u128(3));
        let entry = marker(1).log_entry(order, [[1_u8, 2].as_slice()].into_iter());
        assert_eq!(marker(1).check(Some(&entry), order), Match::Ours);
        assert_eq!(
            marker(1).check(Some(&Value::String(entry.to_string())), order),
            Match::Ours
        );
        assert_eq!(entry["awards"], json!(["0102"]));
    }

    #[test]
    fn what_is_missing_or_unreadable_proves_nothing() {
        let order = OrderId::new(Uuid::from_u128(3));
        for entry in [
            None,
            Some(Value::Null),
            Some(json!("no json")),
            Some(json!("null")),
            Some(json!(7)),
        ] {
            assert_eq!(marker(1).check(entry.as_ref(), order), Match::Unknown, "{entry:?}");
        }
    }

    #[test]
    fn another_order_or_installation_does_not_match() {
        let order = OrderId::new(Uuid::from_u128(3));
        let entry = marker(1).log_entry(order, std::iter::empty());
        assert_eq!(marker(2).check(Some(&entry), order), Match::Other);
        assert_eq!(
            marker(1).check(Some(&entry), OrderId::new(Uuid::from_u128(4))),
            Match::Other
        );
        assert_eq!(marker(1).check(Some(&json!({ "rule_id": "r-3" })), order), Match::Other);
    }

    #[test]
    fn award_keys_differ_in_each_term() {
        let terms = AwardTerms {
            organisation: OrganisationId::new(Uuid::from_u128(1)),
            badge_id: "b",
            cause: "hand:b",
            recipient: "address:a@example.org",
            period: "-",
            generation: 0,
        };
        let key = |terms: AwardTerms<'_>| marker(1).award_key(&terms);
        assert_eq!(key(terms), marker(2).award_key(&terms));
        assert_ne!(key(terms), key(AwardTerms { generation: 1, ..terms }));
        assert_ne!(
            key(terms),
            key(AwardTerms {
                period: "2027",
                ..terms
            })
        );
        assert_ne!(
            key(terms),
            key(AwardTerms {
                badge_id: "bh",
                cause: "and:b",
                ..terms
            })
        );
    }
}
