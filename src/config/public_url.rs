//! The address under which platforms and browsers see the program.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

/// `https://host[:port]`; `http` only on loopback, where the port may be 0 until a free one is known.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicUrl(Url);

/// Why an address cannot be the public one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPublicUrl {
    /// Not an address at all, or neither https nor http.
    #[error("an address like https://badges.example.org is needed")]
    NotAnAddress,
    /// http to somewhere else.
    #[error("http is allowed only on loopback; use https")]
    NotSecure,
    /// A path, query, fragment or user name.
    #[error("the address must end after the host and port")]
    TooMuch,
    /// Port 0 for an address that others see.
    #[error("port 0 is allowed only on loopback")]
    NoPort,
}

impl PublicUrl {
    /// The same address with `port`: for port 0, once the program listens.
    #[must_use]
    pub fn with_port(mut self, port: u16) -> Self {
        // A host is there, so that a port can be set.
        let _ = self.0.set_port(Some(port));
        self
    }

    /// The port, written or implied.
    pub fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or(443)
    }

    /// Whether the address is plain http (then it is on loopback).
    pub fn is_http(&self) -> bool {
        self.0.scheme() == "http"
    }

    /// Whether the address leads to this machine.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }

    /// The origin without a slash at its end: `https://badges.example.org`.
    pub fn origin(&self) -> String {
        self.0.as_str().trim_end_matches('/').to_owned()
    }

    /// The host as written in the address.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The full address of `path`, which begins with a slash.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.origin())
    }
}

impl FromStr for PublicUrl {
    type Err = InvalidPublicUrl;

    fn from_str(text: &str) -> Result<Self, InvalidPublicUrl> {
        let url = Url::parse(text.trim()).map_err(|_| InvalidPublicUrl::NotAnAddress)?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(InvalidPublicUrl::NotAnAddress);
        }
        if url.path() != "/"
            || url.query().is_some()
            || url.fragment().is_some()
            || !url.username().is_empty()
            || url.password().is_some()
        {
            return Err(InvalidPublicUrl::TooMuch);
        }
        if !is_loopback(&url) {
            if url.scheme() == "http" {
                return Err(InvalidPublicUrl::NotSecure);
            }
            if url.port() == Some(0) {
                return Err(InvalidPublicUrl::NoPort);
            }
        }
        Ok(Self(url))
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.origin())
    }
}

impl fmt::Debug for PublicUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "PublicUrl({self})")
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_anywhere_and_http_on_loopback_only() {
        for good in [
            "https://badges.example",
            "https://badges.example:8443/",
            "http://localhost:8080",
            "http://tool.localhost:8080",
            "http://127.0.0.1:0",
            "http://[::1]:8080",
        ] {
            assert!(good.parse::<PublicUrl>().is_ok(), "{good}");
        }
        for (bad, reason) in [
            ("badges.example", InvalidPublicUrl::NotAnAddress),
            ("ftp://badges.example", InvalidPublicUrl::NotAnAddress),
            ("http://badges.example", InvalidPublicUrl::NotSecure),
            ("http://localhost.badges.example", InvalidPublicUrl::NotSecure),
            ("https://badges.example/path", InvalidPublicUrl::TooMuch),
            ("https://badges.example?a", InvalidPublicUrl::TooMuch),
            ("https://me@badges.example", InvalidPublicUrl::TooMuch),
            ("https://badges.example:0", InvalidPublicUrl::NoPort),
        ] {
            assert_eq!(bad.parse::<PublicUrl>(), Err(reason), "{bad}");
        }
    }

    #[test]
    fn a_free_port_takes_the_place_of_zero() {
        let url: PublicUrl = "http://127.0.0.1:0".parse().unwrap();
        assert_eq!(url.port(), 0);
        let url = url.with_port(4711);
        assert_eq!(url.origin(), "http://127.0.0.1:4711");
        assert_eq!(url.join("/lti/launch"), "http://127.0.0.1:4711/lti/launch");
    }
}
