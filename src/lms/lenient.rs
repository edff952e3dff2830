//! Fields as LMSs write them: ids as numbers or text, numbers as text, absent as `null` or empty.

use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;

/// The longest text that is taken as an id, a name or a moment.
const LONGEST: usize = 1024;

/// An id that must be there: text or a whole number.
pub(super) fn id<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    maybe_id(from)?.ok_or_else(|| D::Error::custom("an id is missing"))
}

/// An id: text or a whole number.
pub(super) fn maybe_id<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    match Value::deserialize(from)? {
        Value::Null => Ok(None),
        Value::String(text) => Ok(clean(&text)),
        Value::Number(number) if number.is_i64() || number.is_u64() => Ok(Some(number.to_string())),
        _ => Err(D::Error::custom("not an id")),
    }
}

/// Text; an empty or overlong one and one with control characters counts as absent.
pub(super) fn maybe_text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    match Value::deserialize(from)? {
        Value::Null => Ok(None),
        Value::String(text) => Ok(clean(&text)),
        _ => Err(D::Error::custom("not a text")),
    }
}

/// A number, also as text; an empty text and `-` count as absent.
pub(super) fn maybe_number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    let number = match Value::deserialize(from)? {
        Value::Null => return Ok(None),
        Value::Number(number) => number.as_f64(),
        Value::String(text) if matches!(text.trim(), "" | "-") => return Ok(None),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number
        .filter(|number| number.is_finite())
        .map(Some)
        .ok_or_else(|| D::Error::custom("not a number"))
}

/// A truth value, also as 0, 1 and text; absent is no.
pub(super) fn flag<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::Bool(flag) => flag,
        Value::Number(number) => number.as_i64() != Some(0),
        Value::String(text) => !matches!(text.trim(), "" | "0" | "false"),
        _ => false,
    })
}

/// Seconds since 1970; zero counts as absent.
pub(super) fn maybe_seconds<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    let seconds = match Value::deserialize(from)? {
        Value::Null => None,
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => return Err(D::Error::custom("not a time")),
    };
    Ok(seconds.filter(|seconds| *seconds > 0))
}

fn clean(text: &str) -> Option<String> {
    let text = text.trim();
    let is_usable = !text.is_empty() && text.len() <= LONGEST && !text.chars().any(char::is_control);
    is_usable.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Row {
        #[serde(deserialize_with = "id")]
        id: String,
        #[serde(default, deserialize_with = "maybe_number")]
        score: Option<f64>,
        #[serde(default, deserialize_with = "flag")]
        hidden: bool,
        #[serde(default, deserialize_with = "maybe_seconds")]
        at: Option<i64>,
    }

    #[test]
    fn fields_come_in_every_spelling_and_unknown_ones_are_passed_over() {
        let row = |text: &str| serde_json::from_str::<Row>(text);
        let full = row(r#"{"id": 482, "score": "88.5", "hidden": "1", "at": 7, "new": {"x": []}}"#).unwrap();
        assert_eq!(
            (full.id.as_str(), full.score, full.hidden, full.at),
            ("482", Some(88.5), true, Some(7))
        );
        let bare = row(r#"{"id": " a ", "score": null, "at": 0}"#).unwrap();
        assert_eq!(
            (bare.id.as_str(), bare.score, bare.hidden, bare.at),
            ("a", None, false, None)
        );
        for text in [
            r#"{"id": null}"#,
            r#"{"id": ""}"#,
            r#"{"id": 1.5}"#,
            r#"{"id": 1, "score": "much"}"#,
            "{}",
        ] {
            assert!(row(text).is_err(), "{text}");
        }
    }
}
