//! A browser without a window: it keeps cookies as real ones do, follows no redirect by itself, and shows every answer.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use badgebridge::model::SeatId;
use scraper::{Html, Selector};

use super::boxed;

/// One browser partition: what one LMS's frame sees of the tool.
#[derive(Debug)]
pub(crate) struct Browser {
    http: reqwest::Client,
    base: String,
    jar: Mutex<BTreeMap<String, String>>,
}

/// An answer of the tool.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: String,
}

impl Browser {
    /// A browser that opens addresses of the tool at `base`.
    pub(crate) fn at(base: &str) -> Self {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self {
            http,
            base: base.to_owned(),
            jar: Mutex::default(),
        }
    }

    /// Opens a path or a whole address.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.http.get(self.address(path))).await
    }

    /// Sends a form, as a page of the tool itself would.
    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let request = self.http.post(self.address(path)).form(form);
        self.send(request.header("Sec-Fetch-Site", "same-origin")).await
    }

    /// Sends a form from a page of another site: the LMS's logins and launches.
    pub(crate) async fn post_from_elsewhere(&self, path: &str, form: &[(String, String)]) -> Answer {
        let request = self.http.post(self.address(path)).form(form);
        self.send(request.header("Sec-Fetch-Site", "cross-site")).await
    }

    /// Sends a request of its own kind, with the cookies.
    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        boxed(async move {
            let cookies: Vec<String> = self
                .jar()
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            let request = if cookies.is_empty() {
                request
            } else {
                request.header("Cookie", cookies.join("; "))
            };
            let answer = request.send().await.unwrap();
            let status = answer.status().as_u16();
            let text = |value: &reqwest::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
            let headers: Vec<(String, String)> = answer
                .headers()
                .iter()
                .map(|(name, value)| (name.as_str().to_owned(), text(value)))
                .collect();
            for (_, cookie) in headers.iter().filter(|(name, _)| name == "set-cookie") {
                self.keep(cookie);
            }
            let body = String::from_utf8_lossy(&answer.bytes().await.unwrap()).into_owned();
            Answer { status, headers, body }
        })
        .await
    }

    /// A request to be sent with [`Browser::send`].
    pub(crate) fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, self.address(path))
    }

    /// The cookies that are kept, by name.
    pub(crate) fn cookies(&self) -> BTreeMap<String, String> {
        self.jar().clone()
    }

    /// Has a cookie that the tool did not set.
    pub(crate) fn plant(&self, name: &str, value: &str) {
        self.jar().insert(name.to_owned(), value.to_owned());
    }

    fn jar(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, String>> {
        self.jar.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn address(&self, path: &str) -> String {
        if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.base)
        }
    }

    /// Keeps a cookie as a browser does: a `__Host-` cookie must be secure, for the whole host and no other.
    fn keep(&self, text: &str) {
        let cookie = cookie::Cookie::parse(text.to_owned()).unwrap();
        assert!(cookie.name().starts_with("__Host-"), "{text}");
        assert_eq!(
            (
                cookie.secure(),
                cookie.http_only(),
                cookie.partitioned(),
                cookie.path(),
                cookie.domain()
            ),
            (Some(true), Some(true), Some(true), Some("/"), None),
            "{text}"
        );
        let over = cookie.max_age() == Some(cookie::time::Duration::ZERO);
        if over {
            self.jar().remove(cookie.name());
        } else {
            self.jar().insert(cookie.name().to_owned(), cookie.value().to_owned());
        }
    }
}

impl Answer {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Where a redirect leads.
    pub(crate) fn location(&self) -> &str {
        self.header("location")
            .unwrap_or_else(|| panic!("no redirect but {}: {}", self.status, self.body))
    }

    /// A parameter in the query of [`Answer::location`].
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let address = url::Url::parse(self.location()).unwrap();
        address
            .query_pairs()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.into_owned())
    }

    /// The names of the cookies that the answer sets, deletions left out.
    pub(crate) fn cookies_set(&self) -> Vec<&str> {
        let set = self.headers.iter().filter(|(name, _)| name == "set-cookie");
        set.filter(|(_, text)| !text.contains("Max-Age=0"))
            .filter_map(|(_, text)| text.split('=').next())
            .collect()
    }

    /// The reason code that a refusal's page shows beside its reference.
    pub(crate) fn reason(&self) -> String {
        let page = Html::parse_document(&self.body);
        let codes = Selector::parse("p.part > code").unwrap();
        let reference: String = page
            .select(&codes)
            .next()
            .unwrap_or_else(|| panic!("no reference in {}: {}", self.status, self.body))
            .text()
            .collect();
        reference.split_whitespace().last().unwrap_or_default().to_owned()
    }

    /// The text of the page's only `h1`.
    pub(crate) fn heading(&self) -> String {
        let page = Html::parse_document(&self.body);
        let headings: Vec<String> = page
            .select(&Selector::parse("h1").unwrap())
            .map(|heading| heading.text().collect::<String>().trim().to_owned())
            .collect();
        assert_eq!(headings.len(), 1, "{}", self.body);
        headings[0].clone()
    }

    /// The seat to which a launch led.
    pub(crate) fn seat(&self) -> SeatId {
        assert_eq!(self.status, 303, "{}: {}", self.status, self.body);
        let seat = self
            .location()
            .strip_prefix("/c/")
            .unwrap_or_else(|| panic!("{self:?}"));
        seat.parse().unwrap()
    }
}
