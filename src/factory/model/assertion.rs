//! One person's badge out of an event (relied on by public clients; not on the API page).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::super::lenient;
use super::Recipient;

/// One recipient's badge. The only way of API v1 to see whether a person has picked it up.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "Raw")]
pub struct Assertion {
    /// Its id: 40 hexadecimal digits where it was seen.
    pub id: String,
    /// The recipient as issued; [`Self::address`] is the bare address.
    pub recipient: String,
    /// Its state, as sent. Only `accepted` is known for sure.
    pub status: String,
    /// Where the picture is.
    pub image: Option<String>,
    /// Where the document is.
    pub json: Option<String>,
    /// Where printable versions are, by language or `default`.
    pub pdf: BTreeMap<String, String>,
}

impl Assertion {
    /// Whether the person has picked the badge up.
    pub fn is_accepted(&self) -> bool {
        self.status.eq_ignore_ascii_case("accepted")
    }

    /// The bare address of the recipient.
    pub fn address(&self) -> &str {
        Recipient::address_in(&self.recipient)
    }
}

#[derive(Deserialize)]
struct Raw {
    #[serde(default, deserialize_with = "lenient::text")]
    id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    recipient: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    status: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    image: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    json: Option<String>,
    #[serde(default, deserialize_with = "lenient::object")]
    pdf: Map<String, Value>,
}

impl From<Raw> for Assertion {
    fn from(raw: Raw) -> Self {
        let pdf = raw.pdf.into_iter();
        Self {
            id: raw.id.unwrap_or_default(),
            recipient: raw.recipient.unwrap_or_default(),
            status: raw.status.unwrap_or_default(),
            image: raw.image,
            json: raw.json,
            pdf: pdf
                .filter_map(|(key, url)| Some((key, lenient::text_of(url)?)))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_assertion_tells_whether_it_was_picked_up() {
        let read: Assertion = serde_json::from_value(json!({
            "id": "0f3a9c", "recipient": "Ada <ada@example.org>", "status": "accepted",
            "image": "https://factory.example/b.png", "json": "https://factory.example/a.json",
            "pdf": {"default": "https://factory.example/pdf/1", "fr": null},
        }))
        .unwrap();
        assert!(read.is_accepted());
        assert_eq!(read.address(), "ada@example.org");
        assert_eq!(read.pdf.keys().collect::<Vec<_>>(), ["default"]);
        let other: Assertion = serde_json::from_value(json!({"id": "1", "status": "pending", "pdf": []})).unwrap();
        assert!(!other.is_accepted() && other.pdf.is_empty());
    }
}
