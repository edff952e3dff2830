//! Addresses as text: encoding, adding parameters without touching what is there, comparing origins.

use std::fmt::Write as _;

use url::Url;

/// `text` with every byte but the unreserved ones of RFC 3986 section 2.3 as `%XX`; a space becomes `%20`, which
/// readers of queries and of forms both understand.
pub(super) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// `pairs` as a query or a form body.
pub(super) fn encode_pairs(pairs: &[(&str, &str)]) -> String {
    let mut encoded = String::new();
    for (name, value) in pairs {
        if !encoded.is_empty() {
            encoded.push('&');
        }
        encoded.push_str(&encode(name));
        encoded.push('=');
        encoded.push_str(&encode(value));
    }
    encoded
}

/// `address` with `pairs` added to its query. What stands in `address` stays byte for byte in front
/// (`http://host/?lti-platform&auth` is a real one); a fragment is dropped, as it never reaches a server.
pub(super) fn with_query(address: &str, pairs: &[(&str, &str)]) -> String {
    let base = address.split_once('#').map_or(address, |(base, _)| base);
    let join = match base.split_once('?') {
        None => "?",
        Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
        Some(_) => "&",
    };
    format!("{base}{join}{}", encode_pairs(pairs))
}

/// The http(s) address in `text`, without user name, password, white space or control characters; else nothing.
pub(super) fn parse_http(text: &str) -> Option<Url> {
    if text.len() > 4096 || text.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\\') {
        return None;
    }
    // the scheme with both slashes, in the text itself: the parser would also take `https:evil.example`
    let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    if !lower.starts_with("http://") && !lower.starts_with("https://") {
        return None;
    }
    let url = Url::parse(text).ok()?;
    (url.has_host() && url.username().is_empty() && url.password().is_none()).then_some(url)
}

/// Whether both have the same scheme, host and port.
pub(super) fn same_origin(one: &Url, other: &Url) -> bool {
    one.scheme() == other.scheme()
        && one.host() == other.host()
        && one.port_or_known_default() == other.port_or_known_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_existing_query_stays_in_front_and_is_extended() {
        let pairs = [("a", "1 2"), ("b", "x&y")];
        assert_eq!(with_query("http://h/p", &pairs), "http://h/p?a=1%202&b=x%26y");
        assert_eq!(
            with_query("http://h/?lti-platform&auth", &pairs),
            "http://h/?lti-platform&auth&a=1%202&b=x%26y"
        );
        assert_eq!(with_query("http://h/?", &pairs), "http://h/?a=1%202&b=x%26y");
        assert_eq!(
            with_query("http://h/?x=1&#top", &pairs),
            "http://h/?x=1&a=1%202&b=x%26y"
        );
    }

    #[test]
    fn only_plain_http_addresses_are_taken() {
        assert!(parse_http("https://lms.example/a?b=c").is_some());
        assert!(parse_http("HTTP://127.0.0.1:8080/").is_some());
        for bad in [
            "",
            "//evil.example",
            "https:evil.example",
            "https:/evil.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://user@lms.example/",
            "https://a:b@lms.example/",
            "https://lms.example\\@evil.example/",
            "https://lms.example/a b",
            " https://lms.example/",
            "https://lms.example/\r\nX: y",
            "ftp://lms.example/",
        ] {
            assert!(parse_http(bad).is_none(), "{bad}");
        }
    }
}
