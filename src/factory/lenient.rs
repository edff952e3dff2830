//! Reading of JSON that is written by a dynamic language: numbers as strings, flags as 0 and 1, empty objects as
//! `[]`, null for everything. What makes no sense in a field counts as absent; identifiers are not read this way.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// A whole number, or a text that is one.
pub(super) fn int<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    Ok(int_of(&Value::deserialize(from)?))
}

/// `true`, 1, "1" or "true"; everything else is false.
pub(super) fn flag<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::Bool(on) => on,
        Value::String(text) if text.eq_ignore_ascii_case("true") => true,
        other => int_of(&other).is_some_and(|number| number != 0),
    })
}

/// A text that is not blank, or a number as text.
pub(super) fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(text_of(Value::deserialize(from)?))
}

/// Texts in an array; a single text is an array of one.
pub(super) fn texts<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    Ok(texts_of(Value::deserialize(from)?))
}

/// Any values in an array; null is an empty one.
pub(super) fn values<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Value>, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::Array(values) => values,
        _ => Vec::new(),
    })
}

/// An object; `[]` and null are empty ones.
pub(super) fn object<'de, D: Deserializer<'de>>(from: D) -> Result<Map<String, Value>, D::Error> {
    Ok(object_of(Value::deserialize(from)?))
}

/// An object of moments: `{}`, `[]`, null or `{"ann@example.org": 1767312000}`. A moment that cannot be read is 0:
/// that the key stands there is what counts.
pub(super) fn moments<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, i64>, D::Error> {
    let moments = object_of(Value::deserialize(from)?);
    Ok(moments
        .into_iter()
        .map(|(key, value)| (key, int_of(&value).unwrap_or(0)))
        .collect())
}

pub(super) fn int_of(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

pub(super) fn text_of(value: Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

pub(super) fn texts_of(value: Value) -> Vec<String> {
    match value {
        Value::Array(values) => values.into_iter().filter_map(text_of).collect(),
        other => text_of(other).into_iter().collect(),
    }
}

pub(super) fn object_of(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn whole(number: f64) -> Option<i64> {
    format!("{number:.0}").parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_come_as_numbers_and_as_text() {
        for (raw, read) in [
            (json!(12), Some(12)),
            (json!("12"), Some(12)),
            (json!(12.0), Some(12)),
            (json!(" -3 "), Some(-3)),
            (json!(""), None),
            (json!(null), None),
            (json!([]), None),
            (json!(true), None),
        ] {
            assert_eq!(int_of(&raw), read, "{raw}");
        }
    }

    #[test]
    fn flags_come_in_every_spelling() {
        let read = |raw: Value| flag(raw).unwrap();
        assert!([json!(true), json!(1), json!("1"), json!("true")].into_iter().all(read));
        let read = |raw: Value| flag(raw).unwrap();
        assert!(
            ![json!(false), json!(0), json!("0"), json!(""), json!(null), json!([])]
                .into_iter()
                .any(read)
        );
    }

    #[test]
    fn empty_objects_come_as_arrays() {
        assert!(object(json!([])).unwrap().is_empty());
        assert!(moments(json!([])).unwrap().is_empty());
        assert_eq!(
            moments(json!({"a@x.example": "7", "b@x.example": true})).unwrap().len(),
            2
        );
    }
}
