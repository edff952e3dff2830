//! Names to addresses, checked before any connection is made: the connection goes to what was checked, so that a name
//! that changes its address between a check and a call changes nothing.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address::{Allowed, peculiarity};

/// A call that was not made because of its address. The text names the host, the address and the setting to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The host of the call.
    pub host: String,
    /// Its address, if it was known.
    pub address: Option<IpAddr>,
    reason: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.reason)
    }
}

impl std::error::Error for Refusal {}

/// What may be reached by calls of one kind.
#[derive(Clone, Debug)]
pub(super) struct Check {
    /// Allowed for every call.
    pub(super) networks: Vec<IpNet>,
    /// Allowed for this call.
    pub(super) allowed: Allowed,
    /// Without TLS: then only what is allowed expressly may be reached.
    pub(super) plain: bool,
}

impl Check {
    /// Whether `host` may be reached at `address`.
    pub(super) fn examine(&self, host: &str, address: IpAddr) -> Result<(), Refusal> {
        if self.permits(host, address) {
            return Ok(());
        }
        match peculiarity(address) {
            Some(peculiarity) => Err(Refusal::address(host, address, peculiarity)),
            None if self.plain => Err(Refusal::plain(host, Some(address))),
            None => Ok(()),
        }
    }

    /// Whether a setting or the registration allows the address expressly.
    pub(super) fn permits(&self, host: &str, address: IpAddr) -> bool {
        let canonical = address.to_canonical();
        self.networks.iter().any(|network| network.contains(&canonical)) || self.allowed.permits(host, canonical)
    }
}

impl Refusal {
    fn address(host: &str, address: IpAddr, peculiarity: &str) -> Self {
        let at = if host == address.to_string() {
            host.to_owned()
        } else {
            format!("{host} has the address {address}, which")
        };
        let network = IpNet::from(address.to_canonical());
        Self {
            reason: format!(
                "{at} {peculiarity}: allow it for one registration with --allow-network {host}={network}, or for all \
                 calls with BADGEBRIDGE_ALLOWED_NETWORKS={network}"
            ),
            host: host.to_owned(),
            address: Some(address),
        }
    }

    /// Plain http to a place that is not allowed expressly.
    pub(super) fn plain(host: &str, address: Option<IpAddr>) -> Self {
        let at = address.map_or_else(String::new, |address| format!(" ({address})"));
        Self {
            reason: format!(
                "{host}{at} is addressed by http, which is allowed only in networks named with --allow-network or \
                 BADGEBRIDGE_ALLOWED_NETWORKS: use https"
            ),
            host: host.to_owned(),
            address,
        }
    }
}

/// The addresses of a name.
pub(super) type Addresses = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// A way to look names up; tests have their own.
pub(super) type Lookup = Arc<dyn Fn(String) -> Addresses + Send + Sync>;

/// The system's way to look names up.
pub(super) fn system_lookup() -> Lookup {
    Arc::new(|name| {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    })
}

/// Looks names up and gives only the addresses that may be reached.
pub(super) struct CheckedResolver {
    pub(super) lookup: Lookup,
    /// Nothing for calls through a proxy: there only the proxy's own name is looked up.
    pub(super) check: Option<Check>,
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str().to_owned();
        let found = (self.lookup)(name.clone());
        let check = self.check.clone();
        Box::pin(async move {
            let found = found.await?;
            let addresses = match check {
                Some(check) => reachable(&check, &name, found)?,
                None => found,
            };
            let addresses: Addrs = Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}

/// Those of `found` that may be reached; the first refusal if none may.
fn reachable(check: &Check, name: &str, found: Vec<IpAddr>) -> Result<Vec<IpAddr>, Refusal> {
    let mut refusal = None;
    let mut good = Vec::new();
    for address in found {
        match check.examine(name, address) {
            Ok(()) => good.push(address),
            Err(refused) => refusal = refusal.or(Some(refused)),
        }
    }
    match refusal {
        Some(refusal) if good.is_empty() => Err(refusal),
        _ => Ok(good),
    }
}
