//! Addresses given as arguments: checked before anything is stored, with the argument's name in every refusal.

use std::net::IpAddr;

use anyhow::{Context, bail};
use url::{Host, Url};

use crate::config::Network;
use crate::model::{AllowedNetwork, may_be_http};

/// A Factory's address: https, host and port, nothing behind. Gives it without the last slash.
pub(super) fn factory(text: &str) -> anyhow::Result<String> {
    let url = Url::parse(text.trim())
        .with_context(|| format!("--url: `{text}` is no address; one like https://openbadgefactory.com is needed"))?;
    if url.scheme() != "https" || url.host().is_none() {
        bail!("--url: the Factory is reached by https only, like https://openbadgefactory.com");
    }
    bare(&url)
        .with_context(|| format!("--url: `{text}` must end after the host, like https://openbadgefactory.com"))?;
    Ok(url.origin().ascii_serialization())
}

/// An address of an LMS that we call or send browsers to: https, or http where the network is allowed. Kept as it is
/// written.
pub(super) fn platform(
    flag: &str,
    text: &str,
    networks: &[Network],
    hosts: &[AllowedNetwork],
) -> anyhow::Result<String> {
    let url = parse(flag, text)?;
    let is_free = url.host().is_some_and(|host| may_be_http(&host, networks, hosts));
    if url.scheme() != "https" && !is_free {
        bail!(
            "{flag}: `{text}` must begin with https:// (http only to this machine or to an allowed network: \
             --allow-network HOST=NETWORK)"
        );
    }
    if url.fragment().is_some() {
        bail!("{flag}: `{text}` must not have a part after #");
    }
    Ok(text.to_owned())
}

/// An issuer: an address by its form, compared as the exact text ever after, so that it is kept as it is written.
pub(super) fn issuer(text: &str) -> anyhow::Result<String> {
    let url = parse("--issuer", text)?;
    if url.query().is_some() || url.fragment().is_some() {
        bail!("--issuer: `{text}` must not have a part after ? or #; copy it exactly as the LMS shows it");
    }
    Ok(text.to_owned())
}

/// An origin that may frame our pages, such as `https://lms.campus.example`.
pub(super) fn frame_origin(text: &str) -> anyhow::Result<String> {
    let url = parse("--frame-origin", text)?;
    let loopback = url.host().is_some_and(|host| is_loopback(&host));
    if bare(&url).is_err() || (url.scheme() != "https" && !loopback) {
        bail!("--frame-origin: `{text}` must be https:// and a host, with nothing behind");
    }
    Ok(url.origin().ascii_serialization())
}

/// `host=network`, such as `lms.campus.example=10.20.0.0/16`.
pub(super) fn allowed_network(text: &str) -> anyhow::Result<AllowedNetwork> {
    let refusal = || format!("--allow-network: `{text}` is not like lms.campus.example=10.20.0.0/16");
    let (host, network) = text.split_once('=').with_context(refusal)?;
    let host = host
        .trim()
        .trim_start_matches('[')
        .trim_end_matches(']')
        .to_ascii_lowercase();
    let network = network.trim();
    let network = match network.parse::<Network>() {
        Ok(network) => network.trunc(),
        Err(_) => Network::from(network.parse::<IpAddr>().ok().with_context(refusal)?),
    };
    if host.is_empty() || host.contains(|c: char| c.is_whitespace() || c == '/') {
        bail!(refusal());
    }
    Ok(AllowedNetwork { host, network })
}

/// A domain of e-mail addresses, in its ASCII form.
pub(super) fn domain(text: &str) -> anyhow::Result<String> {
    let refusal = || format!("--domain: `{text}` is no domain, like campus.example");
    crate::model::Address::parse(&format!("a@{}", text.trim().trim_start_matches('@')))
        .map(|address| address.domain().to_owned())
        .with_context(refusal)
}

fn parse(flag: &str, text: &str) -> anyhow::Result<Url> {
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        bail!("{flag}: `{text}` has a space in it");
    }
    let url = Url::parse(text).with_context(|| format!("{flag}: `{text}` is no address; it begins with https://"))?;
    if !matches!(url.scheme(), "https" | "http") || url.host().is_none() {
        bail!("{flag}: `{text}` is no address of a web server; it begins with https://");
    }
    if !url.username().is_empty() || url.password().is_some() {
        bail!("{flag}: the address must not have a user name or password in it");
    }
    Ok(url)
}

fn bare(url: &Url) -> anyhow::Result<()> {
    let bare = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    anyhow::ensure!(bare, "there is something behind the host, or a user name before it");
    Ok(())
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factory_is_a_host_behind_https() {
        assert_eq!(
            factory(" https://openbadgefactory.com/ ").unwrap(),
            "https://openbadgefactory.com"
        );
        assert_eq!(factory("https://localhost:8443").unwrap(), "https://localhost:8443");
        for wrong in [
            "openbadgefactory.com",
            "http://factory.example",
            "https://factory.example/v1",
            "https://a@b.example",
            "",
            "https://",
        ] {
            assert!(
                format!("{:#}", factory(wrong).unwrap_err()).contains("--url"),
                "{wrong}"
            );
        }
    }

    #[test]
    fn an_lms_is_reached_by_http_only_where_that_is_allowed() {
        let campus = [allowed_network("LMS.campus.example=10.20.30.40/16").unwrap()];
        let networks = ["10.0.0.0/8".parse().unwrap()];
        let check = |text: &str| platform("--jwks-uri", text, &networks, &campus);
        for right in [
            "https://lms.example/certs?a=1",
            "http://localhost:3/x",
            "http://127.0.0.1/x",
            "http://10.1.1.1/x",
            "http://lms.campus.example/x",
        ] {
            assert_eq!(check(right).unwrap(), right);
        }
        for wrong in [
            "http://lms.example/x",
            "http://11.0.0.1/",
            "ftp://lms.example",
            "https://lms.example/#a",
            "lms",
            "https://a:b@lms.example/",
        ] {
            assert!(check(wrong).unwrap_err().to_string().contains("--jwks-uri"), "{wrong}");
        }
        assert_eq!(campus[0].network.to_string(), "10.20.0.0/16");
    }

    #[test]
    fn issuers_are_kept_to_the_letter() {
        for right in [
            "https://lms.example",
            "https://lms.example/",
            "https://LMS.example/moodle",
        ] {
            assert_eq!(issuer(right).unwrap(), right);
        }
        for wrong in [
            "lms.example",
            "https://lms.example?x",
            "https://lms.example /",
            "urn:lms",
        ] {
            assert!(issuer(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn origins_networks_and_domains_are_checked() {
        assert_eq!(frame_origin("https://LMS.example/").unwrap(), "https://lms.example");
        for wrong in ["http://lms.example", "https://lms.example/a", "lms.example", "*"] {
            assert!(frame_origin(wrong).is_err(), "{wrong}");
        }
        for wrong in ["lms.example", "=10.0.0.0/8", "lms.example=ten", "a b=10.0.0.0/8"] {
            assert!(allowed_network(wrong).is_err(), "{wrong}");
        }
        assert_eq!(domain("@Exämple.Example").unwrap(), "xn--exmple-cua.example");
        assert!(domain("example").is_err() && domain("a b.example").is_err());
    }
}
