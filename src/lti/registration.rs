//! Who is who: the identifiers that platforms give, the terms of a registration, and which unknown deployments may
//! be adopted.

use std::fmt;

use openidconnect::ClientId;

/// A text that cannot be an identifier: empty, longer than its limit, or with control characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the identifier is empty, too long or contains control characters")]
pub struct InvalidIdentifier;

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $limit:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The longest that is accepted, in characters.
            pub const LIMIT: usize = $limit;

            /// Takes the text as it is: never trimmed, never normalised.
            pub fn parse(raw: impl Into<String>) -> Result<Self, InvalidIdentifier> {
                let raw = raw.into();
                // a control character is no part of any known identifier, and NUL cannot be stored everywhere
                if raw.is_empty() || raw.chars().count() > $limit || raw.contains(char::is_control) {
                    return Err(InvalidIdentifier);
                }
                Ok(Self(raw))
            }

            /// The text as the platform gave it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidIdentifier;

            fn try_from(raw: String) -> Result<Self, InvalidIdentifier> {
                Self::parse(raw)
            }
        }

        impl From<$name> for String {
            fn from(known: $name) -> Self {
                known.0
            }
        }
    };
}

identifier!(
    /// A platform's issuer (`iss`). Compared as an exact string: a trailing slash matters.
    Issuer,
    1024
);
identifier!(
    /// The client id that a platform gave the tool (`aud` of its tokens).
    LtiClientId,
    255
);
identifier!(
    /// A deployment of the tool; unique only inside one registration (LTI 1.3 section 3.1.3).
    DeploymentId,
    255
);
identifier!(
    /// A person as the platform names them (`sub`); unique only inside one registration.
    Subject,
    255
);
identifier!(
    /// A course or other context; unique only inside one registration and organisation.
    ContextId,
    255
);
identifier!(
    /// A link to the tool inside a context.
    ResourceLinkId,
    255
);

impl From<&LtiClientId> for ClientId {
    fn from(id: &LtiClientId) -> Self {
        Self::new(id.0.clone())
    }
}

impl Issuer {
    /// Whether many customers of one vendor share this issuer, so that it says nothing about whose platform it is.
    pub fn is_vendor_wide(&self) -> bool {
        const VENDOR_WIDE: [&str; 4] = [
            "https://canvas.instructure.com",
            "https://canvas.beta.instructure.com",
            "https://canvas.test.instructure.com",
            "https://blackboard.com",
        ];
        VENDOR_WIDE.contains(&self.0.trim_end_matches('/'))
    }
}

/// What a registration demands of every token: the part of it that verification needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    pub issuer: Issuer,
    pub client_id: LtiClientId,
    /// Refuse a second audience even beside `azp`, and a `target_link_uri` that differs from the login's.
    pub is_strict: bool,
    /// Accept launches without `sub`.
    pub allows_anonymous: bool,
}

/// What to do with a deployment that the registration does not know yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adoption {
    /// Take it over as the organisation's.
    Adopt,
    /// Keep it for an administrator to claim; the launch is refused.
    Pending,
}

/// Whether an unknown deployment may be adopted: only for a registration dedicated to one organisation, and only if the
/// platform's `guid` is that of a deployment adopted before, or the issuer is that platform's own host.
pub fn adoption(
    is_shared: bool,
    issuer: &Issuer,
    guid: Option<&str>,
    mut adopted_guids: impl Iterator<Item = impl AsRef<str>>,
) -> Adoption {
    let is_known_platform = guid.is_some_and(|guid| adopted_guids.any(|known| known.as_ref() == guid));
    if !is_shared && (is_known_platform || !issuer.is_vendor_wide()) {
        Adoption::Adopt
    } else {
        Adoption::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_kept_byte_for_byte_within_their_limits() {
        assert_eq!(
            Issuer::parse("https://lms.example/").unwrap().as_str(),
            "https://lms.example/"
        );
        assert_ne!(
            Issuer::parse("https://lms.example/"),
            Issuer::parse("https://lms.example")
        );
        assert_eq!(Subject::parse(" a ").unwrap().as_str(), " a ");
        assert!(Subject::parse("é".repeat(255)).is_ok());
        assert_eq!(Subject::parse("a".repeat(256)), Err(InvalidIdentifier));
        assert_eq!(DeploymentId::parse(""), Err(InvalidIdentifier));
        assert_eq!(ContextId::parse("a\0b"), Err(InvalidIdentifier));
        assert!(serde_json::from_str::<Subject>("\"\"").is_err());
        assert_eq!(
            serde_json::to_string(&Subject::parse("u 1").unwrap()).unwrap(),
            "\"u 1\""
        );
    }

    #[test]
    fn an_unknown_deployment_is_adopted_only_where_it_must_be_ours() {
        let own = Issuer::parse("https://moodle.campus.example").unwrap();
        let vendor = Issuer::parse("https://canvas.instructure.com").unwrap();
        let none: [&str; 0] = [];
        assert_eq!(adoption(false, &own, None, none.iter()), Adoption::Adopt);
        assert_eq!(adoption(false, &vendor, Some("g"), none.iter()), Adoption::Pending);
        assert_eq!(adoption(false, &vendor, Some("g"), ["f", "g"].iter()), Adoption::Adopt);
        assert_eq!(adoption(false, &vendor, None, ["g"].iter()), Adoption::Pending);
        assert_eq!(adoption(true, &own, Some("g"), ["g"].iter()), Adoption::Pending);
    }
}
