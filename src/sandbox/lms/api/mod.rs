//! The demo LMS's own interfaces, as Canvas, Brightspace and Moodle speak: written from their manuals and apart from the
//! tool's clients. They page, throttle, fail and deliver twice when they are told to.
//!
//! What learners did stands in the book that the LMS's pages write ([`super::Progress`]); grades that a teacher put in
//! place of the computed ones, and the ends of courses, are told here.

mod brightspace;
mod canvas;
mod moodle;

use std::collections::{HashMap, VecDeque};

use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::{Bytes, Data, ServiceConfig, get, post};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::campus::{Person, Role};
use super::state::{Shared, State};
use crate::clock::Timestamp;

/// The client id of the interfaces that have one, and its secret where it has one.
pub const API_CLIENT: &str = "10000000000007";
/// The secret of that client.
pub const API_SECRET: &str = "secret-of-the-demo-key";
/// The token of the web service.
pub const API_TOKEN: &str = "demo0web0service0token0";

/// How long an access token lasts.
const LIFETIME: std::time::Duration = std::time::Duration::from_hours(1);

/// What goes wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiFault {
    /// 429 with `Retry-After` of so many seconds.
    Throttle(u32),
    /// 403 with the words that Canvas had for it.
    OldThrottle,
    /// This status.
    Status(u16),
    /// A web page with status 200.
    Html,
    /// 200 with the first half of the answer.
    Half,
}

/// The state of the interfaces.
#[derive(Debug, Default)]
pub(super) struct Apis {
    /// Faults to come: after so many calls that go well, so often.
    faults: VecDeque<(usize, usize, ApiFault)>,
    /// Entries of a page; none: as many as are asked for.
    page_size: Option<usize>,
    /// Each page begins with the last entry of the one before.
    twice: bool,
    /// Nearly nothing is left of what may be asked.
    low: bool,
    /// Scores in place of the computed ones, by course and person.
    overrides: HashMap<(String, String), f64>,
    /// Ends of courses, and whether they are over.
    ends: HashMap<String, (Timestamp, bool)>,
    /// Good access tokens and their ends.
    tokens: HashMap<String, Timestamp>,
    /// Codes of consents, with the address that they went to.
    codes: HashMap<String, String>,
    refresh: Option<String>,
    /// How often something that refreshes was sent that is not good any more.
    spent: usize,
    /// What was asked, in order, without the query; of web services the function.
    asked: Vec<String>,
    /// How long an answer takes, how many are under way, and how many were at most.
    slow: std::time::Duration,
    at_once: usize,
    at_once_most: usize,
    serial: u64,
}

impl Apis {
    fn token(&mut self, now: Timestamp) -> String {
        self.serial += 1;
        let token = format!("access-{}", self.serial);
        self.tokens.insert(token.clone(), now.plus(LIFETIME));
        token
    }

    fn fault(&mut self) -> Option<ApiFault> {
        let (after, times, fault) = self.faults.front_mut()?;
        if *after > 0 {
            *after -= 1;
            return None;
        }
        let fault = *fault;
        *times -= 1;
        if *times == 0 {
            self.faults.pop_front();
        }
        Some(fault)
    }
}

impl super::Lms {
    /// Lets calls of the interfaces fail: after `after` calls that go well, `times` times. Several follow one another.
    pub fn api_fault(&self, after: usize, times: usize, fault: ApiFault) {
        self.shared().lock().apis.faults.push_back((after, times.max(1), fault));
    }

    /// At most so many entries a page, and whether each page begins with the last entry of the one before.
    pub fn api_pages(&self, size: Option<usize>, twice: bool) {
        let mut state = self.shared().lock();
        state.apis.page_size = size;
        state.apis.twice = twice;
    }

    /// Whether the interfaces say that nearly nothing is left of what may be asked.
    pub fn api_low(&self, low: bool) {
        self.shared().lock().apis.low = low;
    }

    /// All access tokens are refused from now on; what refreshes stays good.
    pub fn api_expire(&self) {
        self.shared().lock().apis.tokens.clear();
    }

    /// The service account is gone: nothing refreshes any more.
    pub fn api_revoke(&self) {
        let mut state = self.shared().lock();
        state.apis.tokens.clear();
        state.apis.refresh = None;
    }

    /// Lets each answer of the web services take so long.
    pub fn api_slow(&self, span: std::time::Duration) {
        self.shared().lock().apis.slow = span;
    }

    /// How many calls of the web services were under way at once, at most.
    pub fn api_at_once(&self) -> usize {
        self.shared().lock().apis.at_once_most
    }

    /// How often something that refreshes was sent that is not good any more.
    pub fn api_spent(&self) -> usize {
        self.shared().lock().apis.spent
    }

    /// A teacher puts a final grade in place of the computed one, or takes it away.
    pub fn api_override(&self, course: &str, person: &str, percent: Option<f64>) {
        let mut state = self.shared().lock();
        let key = (course.to_owned(), person.to_owned());
        match percent {
            Some(percent) => state.apis.overrides.insert(key, percent),
            None => state.apis.overrides.remove(&key),
        };
    }

    /// When a course (id) ends, and whether it is over by now.
    pub fn api_end(&self, course: &str, at: Timestamp, is_over: bool) {
        self.shared().lock().apis.ends.insert(course.to_owned(), (at, is_over));
    }

    /// What the interfaces were asked so far, in order.
    pub fn api_asked(&self) -> Vec<String> {
        self.shared().lock().apis.asked.clone()
    }
}

/// An answer: status, further headers, body.
struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Value,
}

impl Reply {
    fn ok(body: Value) -> Self {
        Self {
            status: 200,
            headers: Vec::new(),
            body,
        }
    }

    fn refused(status: u16, body: Value) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body,
        }
    }
}

/// What a call says.
struct Call<'a> {
    /// The LMS's own address.
    base: &'a str,
    /// The parts of the path behind the interface's root.
    path: Vec<String>,
    /// The whole path.
    whole: &'a str,
    query: Vec<(String, String)>,
}

impl Call<'_> {
    fn one(&self, name: &str) -> Option<&str> {
        let named = self.query.iter().find(|(known, _)| known == name);
        named.map(|(_, value)| value.as_str())
    }

    fn all(&self, name: &str) -> Vec<&str> {
        let named = self.query.iter().filter(|(known, _)| known == name);
        named.map(|(_, value)| value.as_str()).collect()
    }

    /// The same address with one parameter of another value.
    fn with(&self, name: &str, value: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.query.iter().filter(|(known, _)| known != name));
        query.append_pair(name, value);
        format!("{}{}?{}", self.base, self.whole, query.finish())
    }
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/login/oauth2/auth", get().to(consent))
        .route("/oauth2/auth", get().to(consent))
        .route("/login/oauth2/token", post().to(canvas_token))
        .route("/core/connect/token", post().to(brightspace_token))
        .route("/webservice/rest/server.php", post().to(web_service))
        .route("/api/v1/{tail:.*}", get().to(api))
        .route("/d2l/api/{tail:.*}", get().to(api));
}

/// The service account is signed in and agrees.
async fn consent(shared: Data<Shared>, request: HttpRequest) -> HttpResponse {
    let query = pairs(request.query_string().as_bytes());
    let to = agreed(&mut shared.lock().apis, &query);
    match to {
        Some(to) => HttpResponse::Found().insert_header(("Location", to)).finish(),
        None => HttpResponse::BadRequest().body("no such client"),
    }
}

/// Where the service account is sent back to, with a code.
fn agreed(apis: &mut Apis, query: &[(String, String)]) -> Option<String> {
    let given = |name: &str| {
        query
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    };
    let to = given("redirect_uri")?;
    if given("client_id") != Some(API_CLIENT) || given("response_type") != Some("code") || given("scope").is_none() {
        return None;
    }
    apis.serial += 1;
    let code = format!("code-{}", apis.serial);
    apis.codes.insert(code.clone(), to.to_owned());
    let mut answer = url::form_urlencoded::Serializer::new(String::new());
    answer
        .append_pair("code", &code)
        .append_pair("state", given("state").unwrap_or_default());
    Some(format!("{to}?{}", answer.finish()))
}

async fn canvas_token(shared: Data<Shared>, body: Bytes) -> HttpResponse {
    let now = shared.clock.now();
    let reply = canvas::token(&mut shared.lock().apis, &pairs(&body), now);
    respond(&reply, None)
}

async fn brightspace_token(shared: Data<Shared>, body: Bytes) -> HttpResponse {
    let form = pairs(&body);
    respond(&brightspace::token(&shared, &form).await, None)
}

async fn web_service(shared: Data<Shared>, body: Bytes) -> HttpResponse {
    let slow = {
        let apis = &mut shared.lock().apis;
        apis.at_once += 1;
        apis.at_once_most = apis.at_once_most.max(apis.at_once);
        apis.slow
    };
    if !slow.is_zero() {
        actix_web::rt::time::sleep(slow).await;
    }
    let answer = serve(&shared, &body);
    shared.lock().apis.at_once -= 1;
    answer
}

fn serve(shared: &Shared, body: &[u8]) -> HttpResponse {
    let form = pairs(body);
    let now = shared.clock.now();
    let (reply, fault) = {
        let mut state = shared.lock();
        let function = form.iter().find(|(name, _)| name == "wsfunction");
        let function = function.map(|(_, value)| value.clone()).unwrap_or_default();
        state.apis.asked.push(function);
        let fault = state.apis.fault();
        (moodle::answer(&state, &shared.progress, &form, now), fault)
    };
    respond(&reply, fault)
}

async fn api(shared: Data<Shared>, request: HttpRequest) -> HttpResponse {
    let whole = request.path().to_owned();
    let header = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let token = header
        .and_then(|header| header.strip_prefix("Bearer "))
        .unwrap_or_default();
    let now = shared.clock.now();
    let mut state = shared.lock();
    state.apis.asked.push(whole.clone());
    let fault = state.apis.fault();
    let is_good = state.apis.tokens.get(token).is_some_and(|until| *until > now);
    let is_canvas = whole.starts_with("/api/v1/");
    let root = if is_canvas { "/api/v1/" } else { "/d2l/api/" };
    let call = Call {
        base: &shared.base,
        path: whole
            .strip_prefix(root)
            .unwrap_or_default()
            .split('/')
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect(),
        whole: &whole,
        query: pairs(request.query_string().as_bytes()),
    };
    let mut reply = match (is_good, is_canvas) {
        (false, _) => Reply::refused(401, json!({"errors": [{"message": "Invalid access token."}]})),
        (true, true) => canvas::answer(&state, &shared.progress, &call),
        (true, false) => brightspace::answer(&state, &shared.progress, &call),
    };
    let left = if state.apis.low { "12.5" } else { "699.8" };
    reply.headers.push(("X-Rate-Limit-Remaining", left.to_owned()));
    drop(state);
    respond(&reply, fault)
}

fn respond(reply: &Reply, fault: Option<ApiFault>) -> HttpResponse {
    let text = reply.body.to_string();
    let build = |status: u16| {
        let mut answer = HttpResponse::build(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY));
        answer.content_type("application/json; charset=utf-8");
        answer
    };
    match fault {
        Some(ApiFault::Throttle(seconds)) => build(429)
            .insert_header(("Retry-After", seconds.to_string()))
            .body("{\"errors\":[{\"message\":\"Too many\"}]}"),
        Some(ApiFault::OldThrottle) => build(403).body("403 Forbidden (Rate Limit Exceeded)\n"),
        Some(ApiFault::Status(status)) => build(status).body("{}"),
        Some(ApiFault::Html) => build(200)
            .content_type("text/html")
            .body("<!doctype html><title>Hello</title>"),
        Some(ApiFault::Half) => {
            let half = text.chars().take(text.chars().count() / 2).collect::<String>();
            build(200).body(half)
        }
        None => {
            let mut answer = build(reply.status);
            for (name, value) in &reply.headers {
                answer.insert_header((*name, value.as_str()));
            }
            answer.body(text)
        }
    }
}

fn pairs(text: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text).into_owned().collect()
}

/// The learners of a course (id), the test student too, by id.
fn learners<'a>(state: &'a State, course: &str) -> Vec<(&'a Person, Role)> {
    let mut people = state.campus.roster(course, 0, usize::MAX);
    people.retain(|(_, role)| matches!(role, Role::Learner | Role::TestStudent));
    people.sort_by_key(|(person, _)| person.id.parse::<u64>().unwrap_or(u64::MAX));
    people
}

/// One page of a list, from this place; and where the next one begins.
fn page(state: &Apis, rows: Vec<Value>, from: usize, asked: usize) -> (Vec<Value>, Option<usize>) {
    let size = state.page_size.unwrap_or(asked).max(1);
    let all = rows.len();
    let begin = if state.twice { from.saturating_sub(1) } else { from };
    let end = from.saturating_add(size);
    let part = rows.into_iter().take(end).skip(begin).collect();
    (part, (end < all).then_some(end))
}

/// A moment in UTC, to the second.
fn written(at: Timestamp) -> String {
    let at = OffsetDateTime::from_unix_timestamp(at.seconds()).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}
