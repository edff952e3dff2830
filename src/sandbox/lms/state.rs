//! What the running LMS remembers: registrations, sessions, launches under way, tokens given out, and the switches
//! that tests turn.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::ags::{AgsMode, Column};
use super::api::Apis;
use super::campus::Campus;
use super::claims::{self, Setting};
use super::deep_link::{self, Picking, PlacedItem};
use super::key::{self, SigningKey};
use super::launch::{Dialect, LaunchSpec};
use super::notices::Bell;
use super::nrps::Readings;
use super::progress::Progress;
use super::push::Post;
use super::registering::Desk;
use super::storage::StorageMode;
use crate::clock::{Clock, Timestamp};

/// Launches under way that are remembered; the oldest are forgotten first.
const PENDING_LIMIT: usize = 100_000;

/// A tool's addresses, as an administrator would type them into the LMS.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "the words of every LMS's registration form")]
pub struct Tool {
    /// Where a login is started.
    pub login_url: String,
    /// The one redirect address, compared as a whole string; also the default target.
    pub launch_url: String,
    /// The tool's key set.
    pub jwks_url: String,
}

impl Tool {
    /// The addresses of a Badgebridge at `base`, for example `http://127.0.0.1:8080`.
    pub fn at(base: &str) -> Self {
        let base = base.trim_end_matches('/');
        Self {
            login_url: format!("{base}/lti/login"),
            launch_url: format!("{base}/lti/launch"),
            jwks_url: format!("{base}/.well-known/jwks.json"),
        }
    }
}

/// A tool under a client id, with one or several deployments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// The tool's name here.
    pub client_id: String,
    /// Not empty; the first is used where none is named.
    pub deployment_ids: Vec<String>,
    /// Where the tool is.
    pub tool: Tool,
}

/// How a login is started at the tool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LoginMethod {
    /// By a form, as Moodle does.
    #[default]
    Post,
    /// By a redirect.
    Get,
}

/// What the key set address answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum JwksMode {
    /// The key set.
    #[default]
    Normal,
    /// Nothing, for ever.
    Hang,
    /// This status with a short text.
    Status(u16),
    /// A web page with status 200.
    Html,
    /// A redirect (302) to this address.
    Redirect(String),
    /// The key set with unusable keys before and after the right one; see [`super::ELLIPTIC_KID`] and
    /// [`super::ENCRYPTION_KID`].
    WithJunkKeys,
    /// This text as `application/json`.
    Raw(String),
}

/// What the roster addresses answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum NrpsMode {
    /// The roster.
    #[default]
    Normal,
    /// Status 500 for every page after the first `n`, counted from the change to this mode.
    FailAfterPage(u64),
    /// Nothing, for ever.
    Hang,
    /// This status with a short text.
    Status(u16),
    /// Names and addresses only where a link is named, as Moodle's "delegate to teacher".
    ByLink,
    /// Every page names itself as the next one.
    Loop,
    /// Every page names this address as the next one.
    Next(String),
}

/// How often the LMS was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Requests for the key set, whatever the answer.
    pub jwks_fetches: u64,
    /// Requests for an access token, whatever the answer.
    pub token_requests: u64,
    /// Access tokens given out.
    pub tokens_issued: u64,
    /// Requests for a page of a roster, whatever the answer.
    pub nrps_pages: u64,
    /// Requests at the authorization endpoint that ended in a signed token.
    pub launches: u64,
}

#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) jwks_fetches: AtomicU64,
    pub(super) token_requests: AtomicU64,
    pub(super) tokens_issued: AtomicU64,
    pub(super) nrps_pages: AtomicU64,
    pub(super) launches: AtomicU64,
}

impl Tally {
    pub(super) fn read(&self) -> Counters {
        let of = |counter: &AtomicU64| counter.load(Ordering::SeqCst);
        Counters {
            jwks_fetches: of(&self.jwks_fetches),
            token_requests: of(&self.token_requests),
            tokens_issued: of(&self.tokens_issued),
            nrps_pages: of(&self.nrps_pages),
            launches: of(&self.launches),
        }
    }

    pub(super) fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::SeqCst);
    }
}

#[derive(Clone, Debug)]
pub(super) struct AccessToken {
    pub(super) client_id: String,
    pub(super) scopes: Vec<String>,
    pub(super) expires: Timestamp,
}

/// Shared by the handle and the server's threads. The lock is never held across a wait.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) base: String,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) outbound: reqwest::Client,
    pub(super) tally: Tally,
    pub(super) progress: Progress,
    pub(super) state: Mutex<State>,
}

impl Shared {
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The claims of a launch at this moment.
    pub(super) fn claims(&self, spec: &LaunchSpec) -> Value {
        let mut state = self.lock();
        let now = self.clock.now();
        state.claims(&self.base, now, spec)
    }

    /// The signed token of a launch at this moment.
    pub(super) fn id_token(&self, spec: &LaunchSpec) -> String {
        let (claims, header, own) = {
            let mut state = self.lock();
            let now = self.clock.now();
            (state.claims(&self.base, now, spec), state.header(), state.key.clone())
        };
        key::sign(&header, &claims, &own, &own, &key::Signer::Own)
    }
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) dialect: Dialect,
    pub(super) login_method: LoginMethod,
    pub(super) storage: StorageMode,
    pub(super) registrations: Vec<Registration>,
    pub(super) campus: Campus,
    pub(super) key: SigningKey,
    pub(super) previous_key: Option<SigningKey>,
    pub(super) jwks_mode: JwksMode,
    pub(super) nrps_mode: NrpsMode,
    /// Pages of rosters asked for since the mode was last changed.
    pub(super) pages_in_mode: u64,
    pub(super) page_size: Option<usize>,
    /// Cookie value to person.
    pub(super) sessions: HashMap<String, String>,
    pub(super) access_tokens: HashMap<String, AccessToken>,
    pub(super) tool_keys: HashMap<String, Value>,
    pub(super) spent_assertions: HashSet<(String, String)>,
    /// With which keys the tool proved itself, one after the other.
    pub(super) assertion_kids: Vec<String>,
    pub(super) serial: u64,
    /// Requests to place something that were not answered yet, by the token in their data.
    pub(super) open_picks: HashMap<String, Picking>,
    pub(super) placed: Vec<PlacedItem>,
    pub(super) columns: Vec<Column>,
    /// Scores that were taken, as they came.
    pub(super) score_log: Vec<Value>,
    /// Who handed something in by a score.
    pub(super) submissions: Vec<String>,
    pub(super) ags_mode: AgsMode,
    pub(super) desk: Desk,
    pub(super) post: Post,
    pub(super) bell: Bell,
    pub(super) readings: Readings,
    /// The LMS's own interfaces.
    pub(super) apis: Apis,
    pending: HashMap<String, LaunchSpec>,
    pending_order: VecDeque<String>,
}

impl State {
    pub(super) fn new(dialect: Dialect, first: Registration, campus: Campus, key: SigningKey) -> Self {
        Self {
            dialect,
            login_method: LoginMethod::default(),
            storage: StorageMode::default(),
            registrations: vec![first],
            campus,
            key,
            previous_key: None,
            jwks_mode: JwksMode::default(),
            nrps_mode: NrpsMode::default(),
            pages_in_mode: 0,
            page_size: None,
            sessions: HashMap::new(),
            access_tokens: HashMap::new(),
            tool_keys: HashMap::new(),
            spent_assertions: HashSet::new(),
            assertion_kids: Vec::new(),
            serial: 0,
            open_picks: HashMap::new(),
            placed: Vec::new(),
            columns: Vec::new(),
            score_log: Vec::new(),
            submissions: Vec::new(),
            ags_mode: AgsMode::default(),
            desk: Desk::default(),
            post: Post::default(),
            bell: Bell::default(),
            readings: Readings::default(),
            apis: Apis::default(),
            pending: HashMap::new(),
            pending_order: VecDeque::new(),
        }
    }

    /// The registration with this client id; the first one if none is named.
    pub(super) fn registration(&self, client_id: Option<&str>) -> Option<&Registration> {
        match client_id {
            Some(wanted) => self.registrations.iter().find(|known| known.client_id == wanted),
            None => self.registrations.first(),
        }
    }

    pub(super) fn header(&self) -> Value {
        json!({"typ": "JWT", "alg": "RS256", "kid": self.key.kid()})
    }

    fn claims(&mut self, base: &str, now: Timestamp, spec: &LaunchSpec) -> Value {
        self.serial += 1;
        let registration = self.registration(spec.client_id.as_deref());
        let client_id = spec
            .client_id
            .as_deref()
            .or(registration.map(|known| known.client_id.as_str()));
        let first = registration.and_then(|known| known.deployment_ids.first());
        let deployment_id = spec.deployment_id.as_deref().or(first.map(String::as_str));
        let launch_url = registration.map(|known| known.tool.launch_url.as_str());
        let item = spec
            .item
            .as_deref()
            .and_then(|id| self.placed.iter().find(|item| item.id == id));
        let opened = item.map(|item| item.url.as_str()).or(launch_url);
        let course = self.campus.course(&spec.course).map(|course| course.id.clone());
        let of_item = |column: &&Column| {
            let link = column.fields.get("resourceLinkId").and_then(Value::as_str);
            item.is_some_and(|item| link == Some(item.id.as_str()))
        };
        // one column of its own is named; with several, none is
        let mut columns = self.columns.iter().filter(of_item);
        let column = match (columns.next(), columns.next()) {
            (Some(only), None) => Some(only.id),
            _ => None,
        };
        let setting = Setting {
            dialect: self.dialect,
            base,
            campus: &self.campus,
            client_id: client_id.unwrap_or_default(),
            deployment_id: deployment_id.unwrap_or_default(),
            target_link_uri: spec.target_link_uri.as_deref().or(opened).unwrap_or_default(),
            now,
            with_ids: !self.post.outlets.is_empty(),
            serial: self.serial,
            item,
            column,
        };
        let mut said = claims::claims(&setting, spec);
        if let Some(claims) = said.as_object_mut() {
            self.bell.offer(base, claims);
        }
        if let (Some(picking), Some(claims), Some(course)) = (spec.picking, said.as_object_mut(), course) {
            deep_link::request(base, self.dialect, &course, picking, &mut self.open_picks, claims);
            claims::bend(spec, claims);
        }
        said
    }

    /// Remembers a launch under way.
    pub(super) fn remember(&mut self, launch_id: String, spec: LaunchSpec) {
        self.pending_order.push_back(launch_id.clone());
        self.pending.insert(launch_id, spec);
        while self.pending_order.len() > PENDING_LIMIT {
            if let Some(oldest) = self.pending_order.pop_front() {
                self.pending.remove(&oldest);
            }
        }
    }

    /// The launch under way. Moodle forgets it by looking; plain LTI can be reloaded.
    pub(super) fn recall(&mut self, launch_id: &str) -> Option<LaunchSpec> {
        match self.dialect {
            Dialect::Moodle => self.pending.remove(launch_id),
            _ => self.pending.get(launch_id).cloned(),
        }
    }
}
