//! The way to one LMS: calls with a token, limits on time and size, throttling both ways, pages.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::AskError;
use crate::outbound::{self, Allowed, Client, Method, Request};

/// Bytes of one answer.
const SIZE_LIMIT: usize = 16 * 1024 * 1024;
/// The most pages of one list.
pub(super) const MOST_PAGES: usize = 2_000;
/// The most rows of one list: people of a course, or what is known about them.
pub(super) const MOST_ROWS: usize = 50_000;
/// From the first look at the address to the last byte of an answer.
const TIME_LIMIT: Duration = Duration::from_mins(1);
/// The pause where an LMS throttles and does not say for how long.
const UNSAID: Duration = Duration::from_secs(15);

/// How long an LMS is waited for.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// The longest pause within one read; where more is asked for, the read ends and begins anew later.
    pub longest: Duration,
    /// The pause before the next call where the LMS says that little is left.
    pub breath: Duration,
    /// Calls that one throttled call becomes at most.
    pub tries: u32,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            longest: Duration::from_secs(30),
            breath: Duration::from_secs(1),
            tries: 4,
        }
    }
}

/// Brings the token of an LMS.
pub trait Credentials: fmt::Debug + Send + Sync {
    /// The token to call with.
    fn token(&self) -> BoxFuture<'_, Result<SecretString, AskError>>;

    /// Another one in place of this one, which the LMS refused.
    fn renewed<'a>(&'a self, refused: &'a SecretString) -> BoxFuture<'a, Result<SecretString, AskError>>;
}

/// The ways to all LMSs, over the checked HTTP client.
#[derive(Clone, Debug)]
pub struct Doors {
    client: Client,
    patience: Patience,
}

impl Doors {
    /// Over this client, waiting so long.
    pub const fn new(client: Client, patience: Patience) -> Self {
        Self { client, patience }
    }

    /// The way to the LMS at `base`, with what calls to it may reach beyond the public network (`host=network`).
    pub fn site<'a>(&self, base: &str, allowed: impl IntoIterator<Item = &'a str>) -> Result<Site, AskError> {
        let malformed = || AskError::Refused("the LMS's address must begin with https://".to_owned());
        let url = Url::parse(base).map_err(|_| malformed())?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() || url.query().is_some() {
            return Err(malformed());
        }
        Ok(Site {
            client: self.client.clone(),
            allowed: Allowed::parse(allowed).unwrap_or_else(|_| Allowed::none()),
            base: url.as_str().trim_end_matches('/').to_owned(),
            patience: self.patience,
            credentials: None,
        })
    }
}

/// The way to one LMS.
#[derive(Clone)]
pub struct Site {
    client: Client,
    allowed: Allowed,
    base: String,
    patience: Patience,
    credentials: Option<Arc<dyn Credentials>>,
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site").field("base", &self.base).finish_non_exhaustive()
    }
}

/// What came back.
#[derive(Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    body: Bytes,
}

/// Without headers and body: they carry tokens and names.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with {} bytes", self.status, self.body.len())
    }
}

impl Answer {
    /// The values of a header, by its name in lower case.
    pub(super) fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        let named = self.headers.iter().filter(move |(known, _)| known == name);
        named.map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    pub(super) fn read<T: DeserializeOwned>(&self, about: &'static str) -> Result<T, AskError> {
        serde_json::from_slice(&self.body).map_err(|error| {
            // where, never what: the text of the error may repeat a value
            tracing::debug!(
                line = error.line(),
                column = error.column(),
                about,
                "an answer of an LMS cannot be read"
            );
            AskError::Unreadable(about)
        })
    }

    /// The body as a list; see [`readable`].
    pub(super) fn rows<T: DeserializeOwned>(&self, about: &'static str) -> Result<Vec<T>, AskError> {
        readable(self.read(about)?, about)
    }

    fn number(&self, name: &str) -> Option<f64> {
        self.header(name).next()?.trim().parse().ok()
    }

    /// Whether it asks for a pause. Canvas says 429 or, as it did earlier, 403 with words; any other 403 is about rights.
    fn is_throttled(&self) -> bool {
        let says_so = || {
            let head = self.body.get(..self.body.len().min(2_048)).unwrap_or_default();
            String::from_utf8_lossy(head)
                .to_ascii_lowercase()
                .contains("rate limit exceeded")
        };
        matches!(self.status, 429 | 503) || (self.status == 403 && says_so())
    }

    /// How long, if it says so: Brightspace does on 429.
    fn pause(&self) -> Option<Duration> {
        let seconds = self.number("retry-after").or_else(|| self.number("x-rate-limit-reset"));
        let seconds = seconds.filter(|seconds| (0.0..=86_400.0).contains(seconds));
        seconds.map(Duration::from_secs_f64)
    }

    /// Whether little is left of what the LMS allows: Canvas' bucket holds 700, Brightspace gives 50,000 a minute.
    fn is_nearly_empty(&self) -> bool {
        self.number("x-rate-limit-remaining").is_some_and(|left| left < 100.0)
    }
}

impl Site {
    /// The same with these credentials.
    #[must_use]
    pub fn with_credentials(mut self, credentials: Arc<dyn Credentials>) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Its address, without a slash at the end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The full address of a path.
    pub(super) fn address(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Whether an address is on the LMS's own server: a token goes along with each call.
    pub(super) fn is_own(&self, address: &str) -> bool {
        let (Ok(own), Ok(other)) = (Url::parse(&self.base), Url::parse(address)) else {
            return false;
        };
        own.scheme() == other.scheme()
            && own.host() == other.host()
            && own.port_or_known_default() == other.port_or_known_default()
    }

    /// Reads an address with the token; 404 is an answer, as are 2xx.
    pub(super) async fn get(&self, address: &str, about: &'static str) -> Result<Answer, AskError> {
        let Some(credentials) = &self.credentials else {
            return Err(AskError::NotAuthorised("none are known".to_owned()));
        };
        let mut token = credentials.token().await?;
        let mut is_renewed = false;
        loop {
            let header = format!("Bearer {}", token.expose_secret());
            let request = Request::get(address)
                .header("Accept", "application/json")
                .header("Authorization", header);
            let answer = self.send(request).await?;
            match answer.status {
                200..=299 | 404 => return Ok(answer),
                401 if !is_renewed => {
                    token = credentials.renewed(&token).await?;
                    is_renewed = true;
                }
                401 => return Err(AskError::NotAuthorised(about.to_owned())),
                403 => return Err(AskError::NotPermitted(about)),
                status @ 500..=599 => return Err(AskError::Away(format!("it answered {status}"))),
                status => return Err(AskError::Answered { status, about }),
            }
        }
    }

    /// Posts a form without a token.
    pub(super) async fn post(&self, address: &str, form: &[(&str, &str)]) -> Result<Answer, AskError> {
        let request = Request::new(Method::Post, address)
            .header("Accept", "application/json")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(encoded_pairs(form.iter().copied()).into_bytes());
        self.send(request).await
    }

    /// One call, repeated while the LMS throttles and its pauses are short.
    async fn send(&self, request: Request) -> Result<Answer, AskError> {
        let mut tries = 0;
        loop {
            let answer = self.once(request.clone()).await?;
            if !answer.is_throttled() {
                if answer.is_nearly_empty() {
                    tokio::time::sleep(self.patience.breath).await;
                }
                return Ok(answer);
            }
            tries += 1;
            let after = answer.pause();
            let pause = after.unwrap_or(UNSAID);
            if tries >= self.patience.tries || pause > self.patience.longest {
                return Err(AskError::Throttled { after });
            }
            tokio::time::sleep(pause).await;
        }
    }

    async fn once(&self, request: Request) -> Result<Answer, AskError> {
        let sent = self.client.send(request.time_limit(TIME_LIMIT), &self.allowed).await;
        let response = sent.map_err(|error| away(&error))?;
        let status = response.status();
        let headers = response.headers();
        let headers = headers
            .map(|(name, value)| (name.to_ascii_lowercase(), value))
            .collect();
        let body = response.bytes(SIZE_LIMIT).await.map_err(|error| away(&error))?;
        Ok(Answer { status, headers, body })
    }
}

/// The rows that can be read; an error if there are some and none can.
pub(super) fn readable<T: DeserializeOwned>(rows: Vec<Value>, about: &'static str) -> Result<Vec<T>, AskError> {
    let count = rows.len();
    let read: Vec<T> = rows
        .into_iter()
        .filter_map(|row| serde_json::from_value(row).ok())
        .collect();
    match count - read.len() {
        0 => Ok(read),
        odd if odd == count => Err(AskError::Unreadable(about)),
        odd => {
            // how many, never what
            tracing::warn!(
                odd,
                of = count,
                about,
                "rows of an LMS's answer cannot be read and are left out"
            );
            Ok(read)
        }
    }
}

/// Adds a page to a list that is held in memory, while that is not too long.
pub(super) fn append<T>(all: &mut Vec<T>, page: Vec<T>, about: &'static str) -> Result<(), AskError> {
    if all.len().saturating_add(page.len()) > MOST_ROWS {
        return Err(AskError::TooMany(about));
    }
    all.extend(page);
    Ok(())
}

/// Pairs as in a form or a query.
pub(super) fn encoded_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(pairs);
    text.finish()
}

fn away(error: &outbound::Error) -> AskError {
    match error {
        outbound::Error::Refused(refusal) => AskError::Refused(refusal.to_string()),
        outbound::Error::Malformed(what) => AskError::Refused(what.clone()),
        outbound::Error::TooLarge { .. } => AskError::TooLarge("this"),
        other => AskError::Away(other.to_string()),
    }
}

/// The addresses that follow one another from `first`, by what each answer names as the next one.
pub(super) struct Pages<'a> {
    site: &'a Site,
    about: &'static str,
    seen: std::collections::HashSet<String>,
    next: Option<String>,
}

impl<'a> Pages<'a> {
    pub(super) fn from(site: &'a Site, first: String, about: &'static str) -> Self {
        Self {
            site,
            about,
            seen: std::collections::HashSet::new(),
            next: Some(first),
        }
    }

    /// The next page, of which `next` tells the one behind it.
    pub(super) async fn page(
        &mut self,
        next: impl FnOnce(&Answer) -> Result<Option<String>, AskError>,
    ) -> Result<Option<Answer>, AskError> {
        let Some(address) = self.next.take() else {
            return Ok(None);
        };
        let is_new = self.seen.insert(address.clone());
        if !is_new || self.seen.len() > MOST_PAGES || !self.site.is_own(&address) {
            return Err(AskError::NoEnd(self.about));
        }
        let answer = self.site.get(&address, self.about).await?;
        if answer.status != 404 {
            self.next = next(&answer)?;
        }
        Ok(Some(answer))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_odd_row_is_left_out_and_a_list_of_odd_rows_is_no_list() {
        let read = |rows: Value| readable::<u8>(serde_json::from_value(rows).unwrap(), "numbers");
        assert_eq!(read(json!([1, "odd", 3])), Ok(vec![1, 3]));
        assert_eq!(read(json!([])), Ok(Vec::new()));
        assert_eq!(read(json!(["odd"])), Err(AskError::Unreadable("numbers")));
    }

    #[test]
    fn a_list_without_end_is_refused_with_words_before_it_fills_the_memory() {
        let mut all = vec![0_u8; MOST_ROWS - 1];
        assert_eq!(append(&mut all, vec![0], "people"), Ok(()));
        let error = append(&mut all, vec![0], "people").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the LMS lists more people than are read of one course (50000)"
        );
        assert_eq!(all.len(), MOST_ROWS);
    }
}
