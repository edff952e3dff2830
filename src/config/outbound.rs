//! Calls to others.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use secrecy::SecretString;

use super::keys::Keys;
use super::load::ConfigError;

/// A network in CIDR notation; a single address counts as a network of one.
pub type Network = IpNet;

/// Calls to others.
#[derive(Clone, Debug)]
pub struct Outbound {
    /// The only proxy (it may carry a password).
    pub proxy: Option<SecretString>,
    /// A PEM file of further roots.
    pub extra_ca: Option<PathBuf>,
    /// Private networks that any call may reach, by http as well.
    pub allowed_networks: Vec<Network>,
    /// Longest time until connected, the TLS handshake included.
    pub connect: Duration,
    /// Longest time of a call, its answer included.
    pub call: Duration,
    /// Longest silence within a long answer.
    pub stall: Duration,
}

impl Outbound {
    pub(super) fn read(keys: &Keys) -> Result<Self, ConfigError> {
        let outbound = Self {
            proxy: keys.optional_secret("outbound.proxy")?,
            extra_ca: keys.optional_path("outbound.extra_ca")?,
            allowed_networks: keys.list("outbound.allowed_networks", "a network like 10.0.0.0/8", network)?,
            connect: keys.millis("outbound.connect_ms")?,
            call: keys.millis("outbound.call_ms")?,
            stall: keys.millis("outbound.stall_ms")?,
        };
        if let Some(text) = keys.optional_text("outbound.proxy")?
            && !url::Url::parse(&text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        {
            return Err(keys.invalid("outbound.proxy", "an address like http://proxy.example:3128 is needed"));
        }
        if outbound.connect > outbound.call {
            return Err(keys.contradiction(
                "outbound.connect_ms",
                "outbound.call_ms",
                "connecting cannot take longer than the call",
            ));
        }
        Ok(outbound)
    }
}

/// Reads `10.0.0.0/8`, `fd00::/8` or a single address.
pub(super) fn network(text: &str) -> Option<Network> {
    text.parse::<IpNet>()
        .ok()
        .map(|network| network.trunc())
        .or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}
