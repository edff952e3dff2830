//! Reading JSON that others wrote: ids as text or numbers, numbers as text, absent as `null` or empty.

use serde_json::Value;

use crate::model::Address;
use crate::model::score::Points;

/// The longest text that is taken as an id or a name.
const LONGEST: usize = 1024;

/// The value at a path of field names.
pub(super) fn at<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter()
        .try_fold(value, |value, name| value.get(name))
        .filter(|value| !value.is_null())
}

/// Text, trimmed; an empty one, an overlong one and one with control characters counts as absent.
pub(super) fn text(value: &Value, path: &[&str]) -> Option<String> {
    clean(at(value, path)?.as_str()?)
}

/// An id: text or a whole number.
pub(super) fn id(value: &Value, path: &[&str]) -> Option<String> {
    match at(value, path)? {
        Value::String(text) => clean(text),
        Value::Number(number) if number.is_i64() || number.is_u64() => Some(number.to_string()),
        _ => None,
    }
}

/// A number of points, as a number or as text.
pub(super) fn points(value: &Value, path: &[&str]) -> Option<Points> {
    match at(value, path)? {
        Value::String(text) => Points::parse(text.trim()).ok(),
        Value::Number(number) => Points::from_number(number.as_f64()?).ok(),
        _ => None,
    }
}

/// A truth value; also as 0, 1 and text.
pub(super) fn flag(value: &Value, path: &[&str]) -> Option<bool> {
    match at(value, path)? {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => number.as_i64().map(|number| number != 0),
        Value::String(text) => match text.as_str() {
            "true" | "1" => Some(true),
            "false" | "0" | "" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// An address that something can be sent to.
pub(super) fn email(value: &Value, path: &[&str]) -> Option<Address> {
    Address::parse(at(value, path)?.as_str()?).ok()
}

fn clean(text: &str) -> Option<String> {
    let text = text.trim();
    let is_usable = !text.is_empty() && text.len() <= LONGEST && !text.chars().any(char::is_control);
    is_usable.then(|| text.to_owned())
}
