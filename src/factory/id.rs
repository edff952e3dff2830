//! The Factory's identifiers: opaque, case-sensitive, safe to stand in a path.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

/// The text is no identifier of the Factory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a factory id has 1 to 128 letters, digits, hyphens or underscores")]
pub struct InvalidId;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes 1 to 128 ASCII letters, digits, `-` or `_`. The ids seen are `\w+` of 10 to 20 characters;
            /// whatever could leave its place in a path is refused.
            pub fn parse(raw: impl Into<String>) -> Result<Self, InvalidId> {
                let raw = raw.into();
                if is_id(&raw) { Ok(Self(raw)) } else { Err(InvalidId) }
            }

            /// The id as the Factory writes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let raw = match serde_json::Value::deserialize(from)? {
                    serde_json::Value::String(raw) => raw,
                    serde_json::Value::Number(number) => number.to_string(),
                    _ => return Err(serde::de::Error::custom(InvalidId)),
                };
                Self::parse(raw).map_err(serde::de::Error::custom)
            }
        }
    };
}

id! {
    /// An organisation at the Factory: its `client_id`.
    ClientId
}
id! {
    /// A badge at the Factory.
    BadgeId
}
id! {
    /// One issuing at the Factory.
    EventId
}
id! {
    /// A public application form for a badge at the Factory ("earnable badge").
    EarnableId
}
id! {
    /// One filled application form at the Factory.
    ApplicationId
}

fn is_id(raw: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=128).contains(&raw.len()) && raw.bytes().all(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_cannot_leave_its_place_in_a_path() {
        for bad in ["", ".", "..", "a/b", "a?b", "a b", "a%2fb", "é", &"x".repeat(129)] {
            assert_eq!(BadgeId::parse(bad), Err(InvalidId), "{bad}");
        }
        assert_eq!(BadgeId::parse("B4tqDemo01").unwrap().as_str(), "B4tqDemo01");
    }

    #[test]
    fn an_id_may_arrive_as_a_number() {
        assert_eq!(serde_json::from_str::<EventId>("123").unwrap().as_str(), "123");
        assert!(serde_json::from_str::<EventId>("null").is_err());
    }
}
