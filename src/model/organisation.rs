//! Organisations and their identities at the Factory.

use std::fmt;
use std::str::FromStr;

use crate::clock::Timestamp;

use super::{IdentityId, OrganisationId};

/// One Factory client and all that belongs to it: the tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organisation {
    /// Our id.
    pub id: OrganisationId,
    /// The name that administrators gave it; unique.
    pub name: String,
    /// Which addresses outside the roster may be given badges.
    pub pasted: PastedAddresses,
    /// The domains that [`PastedAddresses::Domains`] allows; empty: those of the course's roster.
    pub domains: Vec<String>,
}

/// Whether staff may issue to addresses that are not in the course's roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PastedAddresses {
    /// Never.
    Off,
    /// Only at listed domains (the default).
    Domains,
    /// Any address.
    Any,
}

impl PastedAddresses {
    /// The stored and printed word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Domains => "domains",
            Self::Any => "any",
        }
    }
}

/// The text names no policy for pasted addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected off, domains or any")]
pub struct InvalidPastedAddresses;

impl FromStr for PastedAddresses {
    type Err = InvalidPastedAddresses;

    fn from_str(text: &str) -> Result<Self, InvalidPastedAddresses> {
        [Self::Off, Self::Domains, Self::Any]
            .into_iter()
            .find(|policy| policy.word() == text)
            .ok_or(InvalidPastedAddresses)
    }
}

/// How an organisation proves itself to the Factory.
#[derive(Clone)]
pub struct FactoryIdentity {
    /// Our id; the secret is sealed to it.
    pub id: IdentityId,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// The Factory's address, such as `https://openbadgefactory.com`.
    pub url: String,
    /// The client id at the Factory.
    pub factory_client_id: String,
    /// The kind, with what is public of it.
    pub kind: IdentityKind,
    /// The private key (PEM) or the client secret, sealed.
    pub sealed_secret: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl fmt::Debug for FactoryIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FactoryIdentity")
            .field("id", &self.id)
            .field("url", &self.url)
            .field("factory_client_id", &self.factory_client_id)
            .finish_non_exhaustive()
    }
}

/// The two kinds of identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentityKind {
    /// A client certificate (mutual TLS).
    Certificate {
        /// The certificate, PEM.
        certificate: String,
        /// Its last moment.
        not_after: Timestamp,
        /// SHA-256 of the certificate, hexadecimal.
        fingerprint: String,
    },
    /// `OAuth2` client credentials.
    Token,
}

/// The name that people know a Factory by, from its address.
pub fn factory_name(url: &str) -> &'static str {
    if url.contains("openbadgefactory.com") {
        "Open Badge Factory"
    } else if url.contains("cancred.ca") {
        "CanCred Factory"
    } else {
        "Badge Factory"
    }
}
