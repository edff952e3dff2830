//! Which addresses may be reached.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// What one registration may reach beyond the public network: hosts, each with a network.
///
/// The text form of an entry is `host=network`, for example `lms.campus.example=10.20.0.0/16`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Allowed(Vec<(String, IpNet)>);

/// An entry that is not `host=network`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not like lms.campus.example=10.20.0.0/16")]
pub struct InvalidAllowed(pub String);

impl Allowed {
    /// Nothing beyond the public network.
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Reads entries of the form `host=network`; a single address counts as a network of one.
    pub fn parse<'a>(entries: impl IntoIterator<Item = &'a str>) -> Result<Self, InvalidAllowed> {
        let mut parsed = entries
            .into_iter()
            .map(|entry| parse_entry(entry).ok_or_else(|| InvalidAllowed(entry.to_owned())))
            .collect::<Result<Vec<_>, _>>()?;
        parsed.sort();
        parsed.dedup();
        Ok(Self(parsed))
    }

    /// Whether `host` may be reached at `address`.
    pub(super) fn permits(&self, host: &str, address: IpAddr) -> bool {
        self.0
            .iter()
            .any(|(name, network)| name.eq_ignore_ascii_case(host) && network.contains(&address))
    }

    /// Whether there is any entry for `host`.
    pub(super) fn names(&self, host: &str) -> bool {
        self.0.iter().any(|(name, _)| name.eq_ignore_ascii_case(host))
    }
}

impl fmt::Display for Allowed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (host, network)) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { " " };
            write!(out, "{separator}{host}={network}")?;
        }
        Ok(())
    }
}

fn parse_entry(entry: &str) -> Option<(String, IpNet)> {
    let (host, network) = entry.trim().split_once('=')?;
    let host = host
        .trim()
        .trim_start_matches('[')
        .trim_end_matches(']')
        .to_ascii_lowercase();
    let network = network.trim();
    let network = match network.parse::<IpNet>() {
        Ok(network) => network.trunc(),
        Err(_) => IpNet::from(network.parse::<IpAddr>().ok()?),
    };
    (!host.is_empty() && !host.contains(char::is_whitespace)).then_some((host, network))
}

/// Why an address is not public; nothing if it is. Sources: the special-purpose address registries of IANA
/// (RFC 6890) for IPv4 and IPv6, RFC 6052 (NAT64), RFC 3056 (6to4).
pub(super) fn peculiarity(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => peculiarity_v4(address),
        IpAddr::V6(address) => peculiarity_v6(address),
    }
}

fn peculiarity_v4(address: Ipv4Addr) -> Option<&'static str> {
    Some(match address.octets() {
        [0, ..] => "stands for this network",
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => "is private",
        [100, 64..=127, ..] => "is shared by a provider's customers",
        [127, ..] => "is this machine",
        [169, 254, ..] => "is link-local",
        [192, 0, 0, _] | [192, 88, 99, _] => "is reserved for protocols",
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => "is for documentation",
        [198, 18..=19, ..] => "is for benchmarks",
        [224..=239, ..] => "is multicast",
        [240..=255, ..] => "is reserved",
        _ => return None,
    })
}

/// Only `2000::/3` is given out as public; all else is refused, the mapped and compatible forms of IPv4 (`::/96`), ULA,
/// link-local, multicast and NAT64 among it. NAT64 is refused whatever it embeds: the translator is a router of ours.
fn peculiarity_v6(address: Ipv6Addr) -> Option<&'static str> {
    if address.is_loopback() {
        return Some("is this machine");
    }
    Some(match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, ..] => "is IPv4 in the clothes of IPv6",
        [0, 0, 0, 0, 0, 0, ..] => "is IPv4 in the clothes of IPv6, or unspecified",
        [0x64, 0xff9b, ..] => "is translated to IPv4",
        [0xfc00..=0xfdff, ..] => "is private",
        [0xfe80..=0xfeff, ..] => "is link-local or site-local",
        [0xff00..=0xffff, ..] => "is multicast",
        [0x2001, 0..=0x01ff, ..] => "is reserved for protocols",
        [0x2001, 0x0db8, ..] | [0x3fff, 0..=0x0fff, ..] => "is for documentation",
        [0x2002, ..] => "is 6to4",
        [0x2000..=0x3fff, ..] => return None,
        _ => "is not given out to the public",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_peculiar_address_is_known() {
        for text in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::ffff:0:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::1",
            "100::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:10::1",
            "2001:1ff::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
            "5f00::1",
            "4000::1",
        ] {
            assert!(peculiarity(text.parse().unwrap()).is_some(), "{text}");
        }
    }

    #[test]
    fn public_addresses_are_public() {
        for text in [
            "8.8.8.8",
            "1.1.1.1",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "192.167.1.1",
            "198.17.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "2001:4860:4860::8888",
            "2606:4700::1111",
            "2a00::1",
            "3fff:1000::1",
        ] {
            assert_eq!(peculiarity(text.parse().unwrap()), None, "{text}");
        }
    }

    #[test]
    fn allowances_are_by_host_and_network() {
        let allowed = Allowed::parse(["LMS.example=10.1.0.0/16", " other.example=fd00::/8"]).unwrap();
        assert!(allowed.permits("lms.Example", "10.1.2.3".parse().unwrap()));
        assert!(!allowed.permits("lms.example", "10.2.2.3".parse().unwrap()));
        assert!(!allowed.permits("other.example", "10.1.2.3".parse().unwrap()));
        assert!(allowed.names("other.example") && !allowed.names("third.example"));
        assert_eq!(allowed.to_string(), "lms.example=10.1.0.0/16 other.example=fd00::/8");
        for bad in [
            "lms.example",
            "=10.0.0.0/8",
            "lms.example=10.0.0.0/99",
            "a b=10.0.0.0/8",
        ] {
            assert_eq!(Allowed::parse([bad]), Err(InvalidAllowed(bad.to_owned())));
        }
    }
}
