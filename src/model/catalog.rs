//! A badge as the catalog keeps it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// A badge of an organisation, as last read from the Factory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogBadge {
    /// The Factory's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its description, as text.
    pub description: String,
    /// Not published: cannot be issued.
    pub draft: bool,
    /// Missing from the last complete read: deleted at the Factory.
    pub gone: bool,
    /// Its primary language, such as `en`.
    pub language: Option<String>,
    /// How long it holds unless the issuer says otherwise.
    pub validity: BadgeValidity,
    /// The message stored with it.
    pub message: BadgeMessage,
    /// The digest that names its picture.
    pub picture: Option<String>,
    /// The organisation's own groups it is in.
    pub categories: Vec<String>,
    /// Its tags.
    pub tags: Vec<String>,
    /// When it was changed at the Factory, in Unix seconds.
    pub changed_at: Option<i64>,
}

impl CatalogBadge {
    /// May be offered for issuing.
    pub const fn can_be_issued(&self) -> bool {
        !self.draft && !self.gone
    }
}

/// How long a badge holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum BadgeValidity {
    /// Without end.
    #[default]
    Endless,
    /// So many months from its date.
    Months(u32),
    /// Until a moment, in Unix seconds.
    Until(i64),
}

impl fmt::Display for BadgeValidity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Endless => f.write_str("endless"),
            Self::Months(months) => write!(f, "months:{months}"),
            Self::Until(seconds) => write!(f, "until:{seconds}"),
        }
    }
}

impl From<BadgeValidity> for String {
    fn from(validity: BadgeValidity) -> Self {
        validity.to_string()
    }
}

impl TryFrom<String> for BadgeValidity {
    type Error = InvalidValidity;

    fn try_from(text: String) -> Result<Self, InvalidValidity> {
        text.parse()
    }
}

/// The text is no validity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a validity")]
pub struct InvalidValidity;

impl FromStr for BadgeValidity {
    type Err = InvalidValidity;

    fn from_str(text: &str) -> Result<Self, InvalidValidity> {
        match text.split_once(':') {
            None if text == "endless" => Ok(Self::Endless),
            Some(("months", months)) => months.parse().map(Self::Months).map_err(|_| InvalidValidity),
            Some(("until", seconds)) => seconds.parse().map(Self::Until).map_err(|_| InvalidValidity),
            _ => Err(InvalidValidity),
        }
    }
}

/// The four parts of an issuing message; a part that is missing must be given when issuing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BadgeMessage {
    /// The mail's subject.
    pub subject: Option<String>,
    /// The mail's text.
    pub body: Option<String>,
    /// The text of the mail's link.
    pub link_text: Option<String>,
    /// The mail's footer.
    pub footer: Option<String>,
}

/// How fresh the catalog is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CatalogState {
    /// Counts complete reads.
    pub generation: i64,
    /// The last complete read.
    pub read_at: Option<Timestamp>,
    /// Since when reading fails.
    pub failing_since: Option<Timestamp>,
    /// Why, in words.
    pub error: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_validity_reads_back_from_its_text() {
        for validity in [
            BadgeValidity::Endless,
            BadgeValidity::Months(12),
            BadgeValidity::Until(1_800_000_000),
        ] {
            assert_eq!(validity.to_string().parse(), Ok(validity));
        }
        assert_eq!("months:".parse::<BadgeValidity>(), Err(InvalidValidity));
    }
}
