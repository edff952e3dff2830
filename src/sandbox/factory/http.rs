//! Requests and answers as the simulator's calls see them.

use std::collections::BTreeMap;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use hyper::{Response, StatusCode};
use serde_json::{Value, json};

use std::convert::Infallible;

/// A request, read whole.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query_text: String,
    query: Vec<(String, String)>,
    pub(super) bearer: Option<String>,
    pub(super) content_type: String,
    pub(super) body: Bytes,
}

impl Call {
    pub(super) fn new(parts: &hyper::http::request::Parts, body: Bytes) -> Self {
        let header = |name: &str| {
            parts
                .headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
        };
        let query_text = parts.uri.query().unwrap_or_default().to_owned();
        Self {
            method: parts.method.as_str().to_owned(),
            path: parts.uri.path().to_owned(),
            query: url::form_urlencoded::parse(query_text.as_bytes())
                .into_owned()
                .collect(),
            query_text,
            bearer: bearer(header("authorization")),
            content_type: header("content-type").to_owned(),
            body,
        }
    }

    /// The first value of a query parameter.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The values of a parameter whose values are joined by `|`; `None` if it is absent or empty.
    pub(super) fn several(&self, name: &str) -> Option<Vec<&str>> {
        self.query(name)
            .filter(|joined| !joined.is_empty())
            .map(|joined| joined.split('|').collect())
    }

    /// A `0` or `1`; anything else is refused.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.query(name) {
            None | Some("") => Ok(None),
            Some("0") => Ok(Some(false)),
            Some("1") => Ok(Some(true)),
            Some(_) => Err(Refusal::bad(&format!("{name}: must be 0 or 1"))),
        }
    }

    /// A whole number; anything else is refused.
    pub(super) fn number(&self, name: &str) -> Result<Option<i64>, Refusal> {
        match self.query(name) {
            None | Some("") => Ok(None),
            Some(text) => {
                let number = text
                    .parse()
                    .map_err(|_| Refusal::bad(&format!("{name}: must be a number")))?;
                Ok(Some(number))
            }
        }
    }

    /// All parameters whose name begins with `prefix`, without it.
    pub(super) fn prefixed<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.query
            .iter()
            .filter_map(move |(key, value)| Some((key.strip_prefix(prefix)?, value.as_str())))
    }

    /// The body as a JSON object, whatever the content type says.
    pub(super) fn json(&self) -> Result<serde_json::Map<String, Value>, Refusal> {
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) => Err(Refusal::bad("the body must be a JSON object")),
            Err(why) => Err(Refusal::bad(&format!("the body is not JSON: {why}"))),
        }
    }

    /// The body as a form.
    pub(super) fn form(&self) -> BTreeMap<String, String> {
        url::form_urlencoded::parse(&self.body).into_owned().collect()
    }
}

fn bearer(header: &str) -> Option<String> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

/// A call that is not carried out: a status and a sentence.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) reason: String,
}

impl Refusal {
    pub(super) fn new(status: u16, reason: &str) -> Self {
        Self {
            status,
            reason: reason.to_owned(),
        }
    }

    pub(super) fn bad(reason: &str) -> Self {
        Self::new(400, reason)
    }

    pub(super) fn missing() -> Self {
        Self::new(404, "not found")
    }

    pub(super) fn forbidden(reason: &str) -> Self {
        Self::new(403, reason)
    }
}

/// An answer.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Body,
}

/// What an answer carries.
pub(super) enum Body {
    Empty,
    Whole(&'static str, Vec<u8>),
    /// Line by line, so that a list of many pictures is never in memory whole.
    Lines(Box<dyn Iterator<Item = Value> + Send>),
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => f.write_str("Empty"),
            Self::Whole(media, body) => write!(f, "Whole({media}, {} bytes)", body.len()),
            Self::Lines(_) => f.write_str("Lines"),
        }
    }
}

impl Reply {
    pub(super) fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Body::Empty,
        }
    }

    /// 201 with a `Location` and no body.
    pub(super) fn created(location: String) -> Self {
        Self::empty(201).with("location", location)
    }

    pub(super) fn json(value: &Value) -> Self {
        Self::whole(200, "application/json", value.to_string().into_bytes())
    }

    pub(super) fn text(media: &'static str, text: impl Into<String>) -> Self {
        Self::whole(200, media, text.into().into_bytes())
    }

    pub(super) fn html(status: u16, page: String) -> Self {
        Self::whole(status, "text/html; charset=utf-8", page.into_bytes())
    }

    pub(super) fn whole(status: u16, media: &'static str, body: Vec<u8>) -> Self {
        Self {
            body: Body::Whole(media, body),
            ..Self::empty(status)
        }
    }

    pub(super) fn lines(lines: impl Iterator<Item = Value> + Send + 'static) -> Self {
        Self {
            body: Body::Lines(Box::new(lines)),
            ..Self::empty(200)
        }
    }

    pub(super) fn refusal(refusal: &Refusal, with_body: bool) -> Self {
        if !with_body {
            return Self::empty(refusal.status);
        }
        let body = json!({"error": refusal.reason}).to_string();
        Self::whole(refusal.status, "application/json", body.into_bytes())
    }

    pub(super) fn with(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// As hyper sends it; lists as JSON or as bytes.
    pub(super) fn into_response(self, lists_as_json: bool) -> Response<UnsyncBoxBody<Bytes, Infallible>> {
        let (media, body) = match self.body {
            Body::Empty => (None, Full::default().boxed_unsync()),
            Body::Whole(media, body) => (Some(media), Full::from(body).boxed_unsync()),
            Body::Lines(lines) => {
                let media = if lists_as_json {
                    "application/json"
                } else {
                    "application/octet-stream"
                };
                let frames = lines.map(|line| Ok(Frame::data(Bytes::from(format!("{line}\r\n")))));
                (
                    Some(media),
                    StreamBody::new(futures_util::stream::iter(frames)).boxed_unsync(),
                )
            }
        };
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let all = media
            .map(|media| ("content-type", media.to_owned()))
            .into_iter()
            .chain(self.headers);
        for (name, value) in all {
            if let Ok(value) = value.parse() {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}
