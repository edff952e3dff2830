//! Registrations and deployments: how an LMS is known to us.

use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::Host;

use super::{DeploymentRowId, OrganisationId, RegistrationId};
use crate::clock::Timestamp;

/// The family of an LMS: its dialect of LTI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lms {
    /// Instructure Canvas.
    Canvas,
    /// D2L Brightspace.
    Brightspace,
    /// Moodle.
    Moodle,
    /// Anthology Blackboard Learn.
    Blackboard,
    /// Sakai.
    Sakai,
    /// Open edX.
    OpenEdx,
    /// Any other conformant platform.
    Generic,
}

impl Lms {
    /// All families, in the order of the command line's help.
    pub const ALL: [Self; 7] = [
        Self::Canvas,
        Self::Brightspace,
        Self::Moodle,
        Self::Blackboard,
        Self::Sakai,
        Self::OpenEdx,
        Self::Generic,
    ];

    /// The stored and printed word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Canvas => "canvas",
            Self::Brightspace => "brightspace",
            Self::Moodle => "moodle",
            Self::Blackboard => "blackboard",
            Self::Sakai => "sakai",
            Self::OpenEdx => "openedx",
            Self::Generic => "generic",
        }
    }

    /// Whether many customers of the vendor share one issuer: then an unknown deployment proves nothing about whose
    /// it is (all hosted Canvas accounts, all Blackboard sites).
    pub fn has_vendor_wide_issuer(self, issuer: &str) -> bool {
        match self {
            Self::Blackboard => true,
            Self::Canvas => issuer.contains(".instructure.com"),
            _ => false,
        }
    }
}

/// The text names no family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected canvas, brightspace, moodle, blackboard, sakai, openedx or generic")]
pub struct InvalidLms;

impl FromStr for Lms {
    type Err = InvalidLms;

    fn from_str(text: &str) -> Result<Self, InvalidLms> {
        Self::ALL.into_iter().find(|lms| lms.word() == text).ok_or(InvalidLms)
    }
}

/// A private network that calls to one host of an LMS may reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllowedNetwork {
    /// The host name, as written in the registration's addresses.
    pub host: String,
    /// The network, such as `10.1.0.0/16`.
    pub network: ipnet::IpNet,
}

/// Whether an LMS at `host` may be reached by plain http: on this machine, in one of `networks` by its literal address, or
/// where one of `hosts` names it. Each call checks what the name leads to once more.
pub fn may_be_http(host: &Host<&str>, networks: &[ipnet::IpNet], hosts: &[AllowedNetwork]) -> bool {
    let named = host.to_string();
    let named = named.trim_start_matches('[').trim_end_matches(']');
    let literal = named.parse::<IpAddr>().ok();
    let is_loopback = match host {
        Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(_) | Host::Ipv6(_) => literal.is_some_and(|address| address.is_loopback()),
    };
    is_loopback
        || literal.is_some_and(|address| networks.iter().any(|network| network.contains(&address)))
        || hosts.iter().any(|allowed| allowed.host.eq_ignore_ascii_case(named))
}

/// One `(issuer, client_id)` that an LMS gave us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// Our id.
    pub id: RegistrationId,
    /// Names this registration in its own login address, `/lti/login/{handle}`.
    pub handle: String,
    /// Dedicated to this organisation; `None`: shared, each deployment is claimed.
    pub organisation: Option<OrganisationId>,
    /// The LMS's family.
    pub lms: Lms,
    /// The name that administrators gave it.
    pub name: String,
    /// The issuer, compared as a raw string.
    pub issuer: String,
    /// The client id that the LMS gave us.
    pub lti_client_id: String,
    /// Where the authentication request goes.
    pub authorization_endpoint: String,
    /// Where service tokens come from.
    pub token_endpoint: String,
    /// The LMS's key set.
    pub jwks_uri: String,
    /// The audience of our client assertions, if not the token endpoint.
    pub token_audience: Option<String>,
    /// Refuse further audiences and a changed target.
    pub strict: bool,
    /// Accept launches that do not say who the person is.
    pub anonymous: bool,
    /// The LMS's e-mail addresses are proof enough to find a person's earlier badges.
    pub trust_email: bool,
    /// Whether administrators of the LMS may look after its settings, deployments and feeds. Never for Open edX, whose course teams arrive as such.
    pub lms_administrators: bool,
    /// Switched off: logins, launches and service calls are refused.
    pub enabled: bool,
    /// Further origins that may frame our pages.
    pub frame_origins: Vec<String>,
    /// Private networks that calls to this LMS may reach.
    pub allowed_networks: Vec<AllowedNetwork>,
}

/// A deployment of a registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// Our id.
    pub id: DeploymentRowId,
    /// Of which registration.
    pub registration: RegistrationId,
    /// The LMS's text for it; unique only within the registration.
    pub deployment_id: String,
    /// Whose it is; `None`: pending, nobody claimed it yet.
    pub organisation: Option<OrganisationId>,
    /// The LMS's own id of its installation, if it said so.
    pub platform_guid: Option<String>,
    /// The LMS's name for itself, if it said so.
    pub platform_name: Option<String>,
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// When somebody said that it is not theirs; it does not wait then, and can still be claimed.
    pub refused_at: Option<Timestamp>,
}

impl Deployment {
    /// Whether it waits to be claimed or refused.
    pub fn waits(&self) -> bool {
        self.organisation.is_none() && self.refused_at.is_none()
    }
}
