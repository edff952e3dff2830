//! Query strings as the Factory reads them: each value percent-encoded, several values of one key joined by `|`
//! (API page, "Badges").

use std::fmt::Write as _;

use bytes::Bytes;

/// A query under construction.
#[derive(Debug, Default)]
pub(super) struct Query(String);

impl Query {
    /// Adds `key=value`.
    pub(super) fn push(&mut self, key: &str, value: &str) {
        self.key(key);
        encode_into(&mut self.0, value);
    }

    /// Adds `key=value` when there is a value.
    pub(super) fn push_some(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.push(key, value);
        }
    }

    /// Adds `key=0` or `key=1` when there is a value.
    pub(super) fn push_flag(&mut self, key: &str, value: Option<bool>) {
        self.push_some(key, value.map(|on| if on { "1" } else { "0" }));
    }

    /// Adds `key=a|b|c`, unless there is no value at all.
    pub(super) fn push_joined<'a>(&mut self, key: &str, values: impl IntoIterator<Item = &'a str>) {
        let mut values = values.into_iter();
        let Some(first) = values.next() else { return };
        self.push(key, first);
        for value in values {
            self.0.push('|');
            encode_into(&mut self.0, value);
        }
    }

    /// `path` with this query behind it.
    pub(super) fn behind(self, path: &str) -> String {
        if self.0.is_empty() {
            return path.to_owned();
        }
        format!("{path}?{}", self.0)
    }

    /// The pairs as the body of a form.
    pub(super) fn into_bytes(self) -> Bytes {
        Bytes::from(self.0)
    }

    fn key(&mut self, key: &str) {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        encode_into(&mut self.0, key);
        self.0.push('=');
    }
}

/// Percent-encodes all but the unreserved characters (RFC 3986, section 2.3). A colon stays as well: it is allowed
/// in a query, and the Factory's `meta:{key}` is written with one.
pub(super) fn encode_into(into: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            into.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(into, "%{byte:02X}");
        }
    }
}

/// The length of `text` once encoded, in bytes.
pub(super) fn encoded_len(text: &str) -> usize {
    let mut encoded = String::new();
    encode_into(&mut encoded, text);
    encoded.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::support::cases::properties;

    #[test]
    fn values_are_encoded_one_by_one_and_joined_by_a_bar() {
        let mut query = Query::default();
        query.push_flag("draft", Some(false));
        query.push_joined("category", ["On boarding", "A|B", "Säfe"]);
        query.push_joined("id", []);
        query.push("meta:course", "BIO&101=+");
        query.push_some("query", None);
        assert_eq!(
            query.behind("/v1/badge/C"),
            "/v1/badge/C?draft=0&category=On%20boarding|A%7CB|S%C3%A4fe&meta:course=BIO%26101%3D%2B"
        );
        assert_eq!(Query::default().behind("/v1/badge/C"), "/v1/badge/C");
    }

    properties! {
        #[test]
        fn whatever_is_encoded_decodes_to_itself(text in any::<String>()) {
            let mut query = Query::default();
            query.push("k", &text);
            let address = query.behind("http://factory.example/");
            let url = url::Url::parse(&address).unwrap();
            let pairs: Vec<_> = url.query_pairs().into_owned().collect();
            prop_assert_eq!(pairs, vec![("k".to_owned(), text.clone())]);
            prop_assert_eq!(encoded_len(&text), url.query().unwrap().len() - 2);
        }
    }
}
