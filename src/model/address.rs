//! E-mail addresses: parsed where they come in, compared in one normal form (promise P2).

use std::fmt;

use serde::{Deserialize, Serialize};

/// An e-mail address, normalised: trimmed, the domain in IDNA ASCII form, all in lower case.
///
/// Two people with the same normalised address get one badge, so the form is part of the unique keys of an award.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address(String);

/// The text is no address that a badge can be sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address")]
pub struct InvalidAddress;

impl Address {
    /// Reads a bare address such as `Ada@Example.org`.
    ///
    /// At most 254 characters (RFC 5321, section 4.5.3.1.3), one `@`, a dot-atom before it (RFC 5322, section 3.2.3,
    /// with RFC 6531's letters beyond ASCII) and a host name with at least one dot after it.
    pub fn parse(text: &str) -> Result<Self, InvalidAddress> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or(InvalidAddress)?;
        if local.is_empty() || local.len() > 64 || !is_dot_atom(local) {
            return Err(InvalidAddress);
        }
        let domain = idna::domain_to_ascii_strict(domain.trim_end_matches('.')).map_err(|_| InvalidAddress)?;
        if !is_host(&domain) {
            return Err(InvalidAddress);
        }
        let address = format!("{}@{}", local.to_lowercase(), domain.to_lowercase());
        if address.len() > 254 {
            return Err(InvalidAddress);
        }
        Ok(Self(address))
    }

    /// The normalised text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part after the `@`, in IDNA ASCII form.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

fn is_dot_atom(local: &str) -> bool {
    local.split('.').all(|atom| {
        !atom.is_empty()
            && atom
                .chars()
                .all(|c| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c))
    })
}

fn is_host(domain: &str) -> bool {
    domain.contains('.')
        && domain.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        })
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Address {
    type Error = InvalidAddress;

    fn try_from(text: String) -> Result<Self, InvalidAddress> {
        Self::parse(&text)
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::support::cases::properties;

    #[test]
    fn addresses_are_compared_in_one_form() {
        let plain = Address::parse("  Ada.Lovelace@EXAMPLE.org ").unwrap();
        assert_eq!(plain.as_str(), "ada.lovelace@example.org");
        assert_eq!(
            Address::parse("ada@bücher.example").unwrap().as_str(),
            "ada@xn--bcher-kva.example"
        );
        assert_eq!(
            Address::parse("o'hara+lab@example.org").unwrap().as_str(),
            "o'hara+lab@example.org"
        );
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "ada",
            "ada@",
            "@example.org",
            "a b@example.org",
            "ada@host",
            "ada@-x.org",
            "a..b@example.org",
        ] {
            assert_eq!(Address::parse(text), Err(InvalidAddress), "{text}");
        }
        for text in [
            "<ada@example.org>",
            "ada@example.org,bob@example.org",
            "ada@example.org|bob@example.org",
        ] {
            assert_eq!(Address::parse(text), Err(InvalidAddress), "{text}");
        }
    }

    properties! {
        #[test]
        fn normalising_twice_changes_nothing(text in "\\PC{0,20}@?\\PC{0,20}(\\.[a-zA-Zé]{1,5})?") {
            if let Ok(address) = Address::parse(&text) {
                prop_assert_eq!(Address::parse(address.as_str()), Ok(address));
            }
        }
    }
}
