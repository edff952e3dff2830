//! What a form or a query brings: names and values in the order in which they came.

use actix_web::web::{Bytes, Payload};
use actix_web::{FromRequest, HttpRequest, dev};
use futures_util::StreamExt;
use std::future::{Ready, ready};

use crate::web::error::{Refusal, WebError};
use crate::web::pages::Flash;
use crate::web::visit::Visit;

/// The largest form that is read, in bytes.
pub(in crate::web) const FORM_LIMIT: usize = 256 * 1024;

/// The largest file, in bytes.
pub(in crate::web) const FILE_LIMIT: usize = 1024 * 1024;

/// A larger file is not even read to its end, in bytes.
const READ_LIMIT: usize = 16 * 1024 * 1024;

/// The most parts of a form with a file.
const MOST_PARTS: usize = 500;

/// Names and values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::web) struct Fields {
    pairs: Vec<(String, String)>,
    file: Option<Vec<u8>>,
    file_too_large: bool,
}

impl Fields {
    /// Reads `application/x-www-form-urlencoded`.
    pub(in crate::web) fn read(bytes: &[u8]) -> Self {
        let pairs = url::form_urlencoded::parse(bytes).into_owned().collect();
        Self {
            pairs,
            ..Self::default()
        }
    }

    /// These names and values.
    pub(super) fn of_pairs(pairs: Vec<(String, String)>) -> Self {
        Self {
            pairs,
            ..Self::default()
        }
    }

    /// A form of this visit: refused unless it carries the session's secret.
    pub(in crate::web) fn of_form(body: &Bytes, visit: &Visit) -> Result<Self, WebError> {
        if body.len() > FORM_LIMIT {
            return Err(Refusal::Unreadable { too_large: true }.into());
        }
        let fields = Self::read(body);
        visit.check_form(fields.one("csrf"))?;
        Ok(fields)
    }

    /// A form of this visit that may carry a file (RFC 7578). Refused unless it carries the session's secret.
    pub(in crate::web) async fn of_multipart(
        request: &HttpRequest,
        body: Payload,
        visit: &Visit,
    ) -> Result<Self, WebError> {
        let fields = Self::of_body(request, body).await?;
        visit.check_form(fields.one("csrf"))?;
        Ok(fields)
    }

    /// A form that may carry a file, as it came: whoever calls this checks its secret.
    pub(in crate::web) async fn of_body(request: &HttpRequest, body: Payload) -> Result<Self, WebError> {
        let is_multipart = request
            .headers()
            .get(actix_web::http::header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("multipart/form-data"));
        if is_multipart {
            multipart(request, body).await
        } else {
            Ok(Self::read(&plain(body).await?))
        }
    }

    /// The first value of `name`, trimmed; empty if there is none.
    pub(in crate::web) fn one(&self, name: &str) -> &str {
        self.maybe(name).unwrap_or_default()
    }

    /// The first value of `name`, trimmed.
    pub(in crate::web) fn maybe(&self, name: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.trim())
    }

    /// All values of `name`.
    pub(in crate::web) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs
            .iter()
            .filter(move |(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// A number; `default` if there is none or it cannot be read.
    pub(in crate::web) fn number(&self, name: &str, default: usize) -> usize {
        self.one(name).parse().unwrap_or(default)
    }

    /// The file, unless none was chosen.
    pub(in crate::web) fn file(&self) -> Option<&[u8]> {
        self.file.as_deref().filter(|bytes| !bytes.is_empty())
    }

    /// Whether a file came that is larger than is read.
    pub(in crate::web) const fn is_file_too_large(&self) -> bool {
        self.file_too_large
    }

    /// What the last post did, as its redirection says.
    pub(in crate::web) fn flash(&self) -> Option<Flash> {
        Flash::parse(self.one("did"), self.number("n", 0))
    }
}

/// The query of a request.
impl FromRequest for Fields {
    type Error = WebError;
    type Future = Ready<Result<Self, WebError>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(Ok(Self::read(request.query_string().as_bytes())))
    }
}

async fn plain(mut body: Payload) -> Result<Vec<u8>, WebError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|_| Refusal::Unreadable { too_large: false })?;
        if bytes.len() + chunk.len() > FORM_LIMIT {
            return Err(Refusal::Unreadable { too_large: true }.into());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

async fn multipart(request: &HttpRequest, body: Payload) -> Result<Fields, WebError> {
    let unreadable = || WebError::from(Refusal::Unreadable { too_large: false });
    let mut parts = actix_multipart::Multipart::new(request.headers(), body);
    let mut fields = Fields::default();
    let mut room = FORM_LIMIT;
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(|_| unreadable())?;
        let name = part.name().ok_or_else(unreadable)?.to_owned();
        let is_file = part
            .content_disposition()
            .is_some_and(|disposition| disposition.get_filename().is_some());
        let limit = if is_file { FILE_LIMIT } else { room };
        let (mut value, mut seen) = (Vec::new(), 0);
        while let Some(chunk) = part.next().await {
            let chunk = chunk.map_err(|_| unreadable())?;
            seen += chunk.len();
            if seen <= limit {
                value.extend_from_slice(&chunk);
            } else if is_file && seen <= READ_LIMIT {
                // read on to the end, so that the rest of the form and its ticks are kept
                fields.file_too_large = true;
            } else {
                return Err(Refusal::Unreadable { too_large: true }.into());
            }
        }
        if is_file {
            fields.file = (!fields.file_too_large).then_some(value);
            continue;
        }
        room -= value.len();
        let value = String::from_utf8(value).map_err(|_| unreadable())?;
        fields.pairs.push((name, value));
        if fields.pairs.len() > MOST_PARTS {
            return Err(Refusal::Unreadable { too_large: true }.into());
        }
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_name_in_their_order() {
        let fields = Fields::read(b"a=1&b=+x+&a=2");
        assert_eq!(fields.one("b"), "x");
        assert_eq!(fields.all("a").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(fields.one("c"), "");
        assert_eq!(fields.number("b", 7), 7);
    }
}
