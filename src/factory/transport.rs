//! What the client needs of HTTP: one request, one answer whose body arrives in pieces, and errors that say how far
//! the request came. Everything about issuing exactly once rests on that last point.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use futures_util::future::BoxFuture;
use secrecy::SecretString;

/// Sends requests to one Factory host. The implementation knows the host, and presents the client certificate if it
/// was made with one; redirects are not followed, nothing is repeated.
pub trait Transport: fmt::Debug + Send + Sync {
    /// Sends `request` and gives the answer as soon as its status and headers are there.
    ///
    /// [`Request::deadline`] covers the whole exchange, the last byte of the body included: a body that is not
    /// finished by then ends with [`TransportError::AfterSending`]. Just before the first byte leaves, the
    /// implementation asks [`Request::may_be_sent`] and refuses with [`NotSent::GateClosed`] if not.
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>>;
}

/// The method of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates, issues, asks for a certificate or a token.
    Post,
    /// Replaces.
    Put,
    /// Deletes or revokes.
    Delete,
}

impl Method {
    /// The method as it stands on the request line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// One request to the Factory. `Debug` shows neither the token nor the body nor the query.
#[derive(Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Path and query, beginning with `/v1/`, ready to stand on the request line (percent-encoded; may hold a raw `|`).
    pub path_and_query: String,
    /// Headers beside the ones that HTTP itself needs; names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The token for `Authorization: Bearer`.
    pub bearer: Option<SecretString>,
    /// The body; its length goes out as `Content-Length` (the Factory answers 411 without one).
    pub body: Option<Bytes>,
    /// How long the whole exchange may take.
    pub deadline: Duration,
    /// Asked right before the first byte leaves.
    pub gate: Option<SendGate>,
}

impl Request {
    /// A request without headers, body or gate.
    pub fn new(method: Method, path_and_query: impl Into<String>, deadline: Duration) -> Self {
        Self {
            method,
            path_and_query: path_and_query.into(),
            headers: Vec::new(),
            bearer: None,
            body: None,
            deadline,
            gate: None,
        }
    }

    /// The same request with a JSON body.
    #[must_use]
    pub fn with_json(mut self, body: &serde_json::Value) -> Self {
        self.headers.push(("content-type", "application/json".to_owned()));
        self.body = Some(Bytes::from(body.to_string()));
        self
    }

    /// Whether the gate, if there is one, is open now.
    pub fn may_be_sent(&self) -> bool {
        self.gate.as_ref().is_none_or(SendGate::is_open)
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path_and_query.split('?').next().unwrap_or_default();
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("path", &path)
            .field("has_bearer", &self.bearer.is_some())
            .field("body_bytes", &self.body.as_ref().map_or(0, Bytes::len))
            .field("deadline", &self.deadline)
            .field("gate", &self.gate)
            .finish_non_exhaustive()
    }
}

/// A check that a transport makes right before the first byte of a request leaves, so that a sender whose lease ran
/// out while it waited for a connection sends nothing any more.
#[derive(Clone)]
pub struct SendGate(Arc<dyn Fn() -> bool + Send + Sync>);

impl SendGate {
    /// A gate that is open while `is_open` says so.
    pub fn new(is_open: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(is_open))
    }

    /// Whether the request may leave now.
    pub fn is_open(&self) -> bool {
        (self.0)()
    }
}

impl fmt::Debug for SendGate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SendGate")
    }
}

/// The body of an answer, in pieces as they arrive.
pub type BodyStream = Pin<Box<dyn Stream<Item = Result<Bytes, TransportError>> + Send>>;

/// The answer to a [`Request`].
pub struct Response {
    /// The status. The Factory's front end uses 495 and 496 as well, so this is a plain number.
    pub status: u16,
    headers: Vec<(String, String)>,
    /// The body.
    pub body: BodyStream,
}

impl Response {
    /// An answer; header names are compared without regard to case.
    pub fn new(status: u16, headers: Vec<(String, String)>, body: BodyStream) -> Self {
        Self { status, headers, body }
    }

    /// The first header called `name`.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// Whether the status is 2xx.
    pub const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// What a transport knows beneath its own verdict.
pub type Cause = Box<dyn Error + Send + Sync>;

/// Why no complete answer came, told by how far the request got.
///
/// When an implementation is not sure, it must choose the later stage: [`Self::NotSent`] promises that the Factory
/// saw nothing of the request.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// Nothing of the request left this machine.
    #[error("the request was not sent: {why}")]
    NotSent {
        /// The reason.
        why: NotSent,
        /// What the transport knows.
        #[source]
        source: Option<Cause>,
    },
    /// The server refused our client certificate with a TLS alert.
    #[error("the factory refused the client certificate in the TLS handshake")]
    ClientCertificate {
        /// What the transport knows.
        #[source]
        source: Option<Cause>,
    },
    /// The connection was reset or closed after sending began and before any byte of an answer. With TLS 1.3 this is
    /// also what a refused client certificate can look like.
    #[error("the connection was closed before any answer")]
    ResetBeforeAnswer {
        /// What the transport knows.
        #[source]
        source: Option<Cause>,
    },
    /// Sending had begun; whether the Factory did what was asked is not known.
    #[error("no complete answer came: {why}")]
    AfterSending {
        /// The reason.
        why: AfterSending,
        /// What the transport knows.
        #[source]
        source: Option<Cause>,
    },
    /// The answer passed the transport's own limit.
    #[error("the answer is longer than {limit} bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
}

impl TransportError {
    /// [`Self::NotSent`] with a cause.
    pub fn not_sent(why: NotSent, cause: impl Into<Cause>) -> Self {
        let source = Some(cause.into());
        Self::NotSent { why, source }
    }

    /// [`Self::AfterSending`] with a cause.
    pub fn after_sending(why: AfterSending, cause: impl Into<Cause>) -> Self {
        let source = Some(cause.into());
        Self::AfterSending { why, source }
    }

    /// Whether it is certain that the Factory saw nothing of the request.
    pub const fn is_before_sending(&self) -> bool {
        matches!(self, Self::NotSent { .. } | Self::ClientCertificate { .. })
    }
}

/// Why nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// No connection: refused, unreachable, or not within the time.
    #[error("the factory cannot be reached")]
    Connect,
    /// The host name has no address.
    #[error("the name of the factory's host is not known")]
    Name,
    /// The server's certificate is not accepted.
    #[error("the certificate of the factory's host is not accepted")]
    ServerCertificate,
    /// The address is not one that this installation may reach.
    #[error("the address of the factory's host is not allowed")]
    AddressNotAllowed,
    /// The request's gate was closed.
    #[error("its time to be sent had passed")]
    GateClosed,
    /// The caller stopped before sending began.
    #[error("it was cancelled")]
    Cancelled,
}

/// Why no complete answer came after sending had begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AfterSending {
    /// The deadline passed.
    #[error("the factory took too long")]
    TimedOut,
    /// The connection broke.
    #[error("the connection broke")]
    Lost,
    /// The caller stopped.
    #[error("waiting for it was cancelled")]
    Cancelled,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_shows_no_secret() {
        let mut request = Request::new(Method::Post, "/v1/x?email=ann@example.org", Duration::from_secs(1))
            .with_json(&serde_json::json!({"client_secret": "hush"}));
        request.bearer = Some("hush".into());
        let shown = format!("{request:?}");
        assert!(!shown.contains("hush") && !shown.contains("ann@"), "{shown}");
    }

    #[test]
    fn a_gate_is_asked_each_time() {
        let open = Arc::new(std::sync::atomic::AtomicBool::new(true));
        let seen = Arc::clone(&open);
        let mut request = Request::new(Method::Get, "/", Duration::from_secs(1));
        assert!(request.may_be_sent());
        request.gate = Some(SendGate::new(move || seen.load(std::sync::atomic::Ordering::SeqCst)));
        assert!(request.may_be_sent());
        open.store(false, std::sync::atomic::Ordering::SeqCst);
        assert!(!request.may_be_sent());
    }

    #[test]
    fn headers_are_found_in_any_case() {
        let body: BodyStream = Box::pin(futures_util::stream::empty());
        let response = Response::new(201, vec![("LOCATION".into(), "/v1/x".into())], body);
        assert_eq!(response.header("location"), Some("/v1/x"));
        assert!(response.is_success());
    }
}
