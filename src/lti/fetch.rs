//! The HTTP that this module needs, as a trait: whoever builds the program brings a client that checks addresses,
//! follows no redirect and keeps the limits.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// What a fetch will give.
pub type Fetching<'a> = Pin<Box<dyn Future<Output = Result<Response, FetchError>> + Send + 'a>>;

/// One HTTP call with its limits. No redirect is followed: a 3xx is an answer like any other.
pub trait Fetch: Send + Sync {
    /// Sends `request` and reads the whole answer, whatever its status, within the request's limits on time and size.
    fn fetch(&self, request: Request) -> Fetching<'_>;
}

/// The method of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Put,
    Delete,
}

impl Method {
    /// As on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// A call to make.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    pub method: Method,
    pub url: String,
    /// All headers to send, `Accept` and `Authorization` included, `Content-Type` and `Content-Length` not.
    pub headers: Vec<(&'static str, String)>,
    pub body: Option<Body>,
    /// From the first look at the address to the last byte of the answer.
    pub time_limit: Duration,
    /// Bytes of the answer's body.
    pub size_limit: usize,
}

/// The body of a call.
#[derive(Clone, PartialEq, Eq)]
pub struct Body {
    pub content_type: String,
    pub bytes: Vec<u8>,
}

impl Request {
    /// A GET with `accept` as its `Accept` header.
    pub fn get(url: impl Into<String>, accept: &str, time_limit: Duration, size_limit: usize) -> Self {
        Self {
            method: Method::Get,
            url: url.into(),
            headers: vec![("Accept", accept.to_owned())],
            body: None,
            time_limit,
            size_limit,
        }
    }

    /// A POST of a form.
    pub fn post_form(
        url: impl Into<String>,
        form: &[(&str, &str)],
        accept: &str,
        time_limit: Duration,
        size_limit: usize,
    ) -> Self {
        Self {
            method: Method::Post,
            url: url.into(),
            headers: vec![("Accept", accept.to_owned())],
            body: Some(Body {
                // exactly this: Moodle's token endpoint takes no parameter after it
                content_type: "application/x-www-form-urlencoded".to_owned(),
                bytes: super::address::encode_pairs(form).into_bytes(),
            }),
            time_limit,
            size_limit,
        }
    }

    /// The same with one more header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// Without query, header values and body: they carry tokens and names.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self
            .url
            .split_once('?')
            .map_or(self.url.as_str(), |(address, _)| address);
        write!(f, "{} {address}", self.method.as_str())
    }
}

/// Without the bytes: they carry assertions.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} bytes", self.content_type, self.bytes.len())
    }
}

/// What came back.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    /// Names in any case; values as UTF-8, unreadable bytes replaced.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Response {
    /// Every value of the header `name`, in order, whatever the case of the name.
    pub fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.headers
            .iter()
            .filter(move |(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Seconds to wait as `Retry-After` says, if it says so in seconds.
    pub fn retry_after_seconds(&self) -> Option<u64> {
        self.header_values("Retry-After")
            .next()
            .and_then(|value| value.trim().parse().ok())
    }
}

/// Without headers and body: they carry tokens and names.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with {} bytes", self.status, self.body.len())
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The address may not be reached from here; the text names host, address and the setting that would allow it.
    #[error("the address was refused: {0}")]
    Refused(String),
    /// No connection, no DNS answer, a TLS failure, or a connection that broke.
    #[error("the server cannot be reached")]
    Unreachable,
    #[error("the server did not answer in time")]
    TimedOut,
    #[error("the answer is too large")]
    TooLarge,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_shows_no_query_header_or_body() {
        let request = Request::post_form(
            "https://lms.example/token?secret=query",
            &[("assertion", "secret-body")],
            "*/*",
            Duration::from_secs(1),
            10,
        )
        .with_header("Authorization", "Bearer secret-token");
        let shown = format!("{request:?} {:?}", request.body);
        assert!(!shown.contains("secret"), "{shown}");
        assert!(shown.contains("POST https://lms.example/token"));
    }

    #[test]
    fn headers_are_found_in_any_case() {
        let response = Response {
            status: 200,
            headers: vec![
                ("LINK".into(), "a".into()),
                ("retry-after".into(), " 7 ".into()),
                ("link".into(), "b".into()),
            ],
            body: Vec::new(),
        };
        assert_eq!(response.header_values("Link").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(response.retry_after_seconds(), Some(7));
    }
}
