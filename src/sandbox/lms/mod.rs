//! A demo LMS that speaks LTI 1.3: for trying Badgebridge out, and the platform double of all tests.
//!
//! It serves plain http on loopback only, under the name `localhost`, so that a tool at `127.0.0.1` is another site,
//! as it is in real life. It shares no code with the tool's LTI client: what both got wrong would go unseen.
//!
//! ```no_run
//! # use std::sync::Arc;
//! # use badgebridge::clock::SystemClock;
//! use badgebridge::sandbox::lms::{Dialect, LaunchSpec, Lms, Options, Tool};
//!
//! let lms = Lms::start(Options::new(Tool::at("http://127.0.0.1:8080"), Arc::new(SystemClock)))?;
//! lms.set_dialect(Dialect::Moodle);
//! let token = lms.id_token(&LaunchSpec::new("teacher1", "BIO-2010", "nonce-of-the-login"));
//! # Ok::<(), badgebridge::sandbox::lms::LmsError>(())
//! ```

mod ags;
mod api;
mod campus;
mod claims;
mod deep_link;
mod dialects;
mod key;
mod launch;
mod notices;
mod nrps;
mod oidc;
mod options;
mod pages;
mod progress;
mod push;
mod registering;
mod seed;
mod server;
mod state;
mod storage;
mod study;
mod token;

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

pub use self::ags::{AGS_CLAIM, AGS_SCOPES, AgsMode, Column};
pub use self::api::{API_CLIENT, API_SECRET, API_TOKEN, ApiFault};
pub use self::campus::{Campus, Course, Person, Role};
pub use self::claims::{CLAIM, NRPS_CLAIM, NRPS_SCOPE};
pub use self::deep_link::{Picking, PlacedItem};
pub use self::key::{ELLIPTIC_KID, ENCRYPTION_KID, KeyError, Signer, SigningKey};
pub use self::launch::{Dialect, LaunchSpec, Target};
pub use self::notices::{COPY_NOTICE, HELLO_NOTICE, NOTICES_CLAIM, NOTICES_SCOPE};
pub use self::nrps::Differences;
pub use self::oidc::{FormPost, LoginRequest, Refused};
pub use self::options::{LmsError, Options};
pub use self::progress::{Activity, Grade, Progress, Standing};
pub use self::push::{Channel, News, Outlet, Pushed};
pub use self::registering::{Habit, RegisteredTool, RegistrationMode};
pub use self::state::{Counters, JwksMode, LoginMethod, NrpsMode, Registration, Tool};
use self::state::{Shared, State, Tally};
pub use self::storage::StorageMode;
use crate::crypto::random;

/// How long the tool may take to show its key set.
const OUTBOUND_TIMEOUT: Duration = Duration::from_secs(5);

/// A running LMS. Clones are the same LMS; it stops when the last one is dropped.
#[derive(Clone, Debug)]
pub struct Lms {
    running: Arc<Running>,
}

struct Running {
    shared: Arc<Shared>,
    server: actix_web::dev::ServerHandle,
}

impl fmt::Debug for Running {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Running")
            .field("base", &self.shared.base)
            .finish_non_exhaustive()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The command is sent at once; nobody waits for the open connections.
        drop(self.server.stop(false));
    }
}

impl Lms {
    /// Starts the LMS on threads of its own; it answers when this returns. Needs no runtime.
    pub fn start(options: Options) -> Result<Self, LmsError> {
        let address = options.listen;
        if !address.ip().is_loopback() {
            return Err(LmsError::NotLoopback(address));
        }
        let key = match (options.key, &options.data_dir) {
            (Some(key), _) => key,
            (None, Some(directory)) => options::kept_key(directory)?,
            (None, None) => SigningKey::generate()?,
        };
        let outbound = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(OUTBOUND_TIMEOUT)
            .build()
            .map_err(LmsError::Outbound)?;
        let listen_error = |source| LmsError::Listen { address, source };
        let listener = std::net::TcpListener::bind(address).map_err(listen_error)?;
        let port = listener.local_addr().map_err(listen_error)?.port();
        let first = Registration {
            client_id: options.client_id,
            deployment_ids: vec![options.deployment_id],
            tool: options.tool,
        };
        let shared = Arc::new(Shared {
            base: format!("http://localhost:{port}"),
            clock: options.clock,
            outbound,
            tally: Tally::default(),
            progress: options.progress,
            state: Mutex::new(State::new(options.dialect, first, options.campus, key)),
        });
        let server = server::spawn(listener, Arc::clone(&shared)).map_err(listen_error)?;
        Ok(Self {
            running: Arc::new(Running { shared, server }),
        })
    }

    /// The address to open: the sign-in page.
    pub fn url(&self) -> &str {
        &self.shared().base
    }

    /// The `iss` of everything the LMS signs.
    pub fn issuer(&self) -> &str {
        &self.shared().base
    }

    /// The first registration's client id.
    pub fn client_id(&self) -> String {
        self.first().client_id
    }

    /// The first registration's first deployment.
    pub fn deployment_id(&self) -> String {
        self.first().deployment_ids.into_iter().next().unwrap_or_default()
    }

    /// The authorization endpoint.
    pub fn auth_url(&self) -> String {
        format!("{}/lti/auth", self.url())
    }

    /// The token endpoint.
    pub fn token_url(&self) -> String {
        format!("{}/lti/token", self.url())
    }

    /// The key set.
    pub fn jwks_url(&self) -> String {
        format!("{}/lti/keys", self.url())
    }

    /// Where the roster of a course (id or short name) is read, as launches of the first deployment say.
    pub fn memberships_url(&self, course: &str) -> String {
        let dialect = self.dialect();
        let id = self.course(course).map_or_else(|| course.to_owned(), |found| found.id);
        claims::memberships_url(dialect, self.url(), &id, &self.deployment_id())
    }

    /// How the LMS speaks now.
    pub fn dialect(&self) -> Dialect {
        self.shared().lock().dialect
    }

    /// Changes how the LMS speaks from now on.
    pub fn set_dialect(&self, dialect: Dialect) {
        self.shared().lock().dialect = dialect;
    }

    /// Changes how logins are started at the tool.
    pub fn set_login_method(&self, method: LoginMethod) {
        self.shared().lock().login_method = method;
    }

    /// Changes who keeps values for the tool from now on.
    pub fn set_storage(&self, mode: StorageMode) {
        self.shared().lock().storage = mode;
    }

    /// Adds a registration, or replaces the one with the same client id.
    pub fn register(&self, registration: Registration) {
        let mut state = self.shared().lock();
        let known = state
            .registrations
            .iter_mut()
            .find(|known| known.client_id == registration.client_id);
        match known {
            Some(known) => *known = registration,
            None => state.registrations.push(registration),
        }
    }

    /// Makes a registration the one that launches use which name none. False if there is none with this client id.
    pub fn prefer(&self, client_id: &str) -> bool {
        let mut state = self.shared().lock();
        let found = state
            .registrations
            .iter()
            .position(|known| known.client_id == client_id);
        if let Some(place) = found {
            let known = state.registrations.remove(place);
            state.registrations.insert(0, known);
        }
        found.is_some()
    }

    /// Begins a dynamic registration at the tool's address: what the LMS opens for its administrator.
    pub fn begin_registration(&self, tool: &str, habit: Habit) -> String {
        registering::begin(self.shared(), tool, habit)
    }

    /// Changes what the registration addresses answer.
    pub fn registration_mode(&self, mode: RegistrationMode) {
        self.shared().lock().desk.mode = mode;
    }

    /// The tools that registered themselves, oldest first.
    pub fn registered_tools(&self) -> Vec<RegisteredTool> {
        self.shared().lock().desk.tools.clone()
    }

    /// Switches a tool on that registered itself. False if there is none with this client id.
    pub fn activate(&self, client_id: &str) -> bool {
        registering::activate(self.shared(), client_id)
    }

    /// Moves the tool of the first registration, for a tool whose port is known only after the LMS runs.
    pub fn set_tool(&self, tool: Tool) {
        let mut state = self.shared().lock();
        state.tool_keys.clear();
        if let Some(first) = state.registrations.first_mut() {
            first.tool = tool;
        }
    }

    /// The course with this id or short name.
    pub fn course(&self, id_or_label: &str) -> Option<Course> {
        self.shared().lock().campus.course(id_or_label).cloned()
    }

    /// All courses.
    pub fn courses(&self) -> Vec<Course> {
        self.shared().lock().campus.courses().cloned().collect()
    }

    /// The person with this id or sign-in name.
    pub fn person(&self, id_or_username: &str) -> Option<Person> {
        self.shared().lock().campus.person(id_or_username).cloned()
    }

    /// Adds a course or replaces the one with the same id.
    pub fn add_course(&self, course: Course) {
        self.shared().lock().campus.add_course(course);
    }

    /// Adds a person to the LMS (or replaces them) and to a course. False if there is no such course.
    pub fn add_person(&self, course: &str, person: Person, role: Role) -> bool {
        let id = person.id.clone();
        let mut state = self.shared().lock();
        state.campus.add_person(person);
        state.campus.enrol(course, &id, role)
    }

    /// Takes a person out of a course: they are gone from its roster. False if they were not in it.
    pub fn remove_person(&self, course: &str, person: &str) -> bool {
        self.shared().lock().campus.withdraw(course, person)
    }

    /// Changes or takes away a person's address. False if there is no such person.
    pub fn set_email(&self, person: &str, email: Option<&str>) -> bool {
        self.shared().lock().campus.set_email(person, email)
    }

    /// Fills a course with `count` invented learners; gives their ids.
    pub fn seed_people(&self, course: &str, count: usize) -> Vec<String> {
        self.shared().lock().campus.seed_people(course, count)
    }

    /// The start of a login as the browser of `person` would send it when they open the link in `course`.
    pub fn begin(&self, person: &str, course: &str) -> Result<LoginRequest, Refused> {
        self.begin_with(LaunchSpec::new(person, course, ""))
    }

    /// As [`Lms::begin`], for any client id, deployment or target. Claims that the spec changes are changed in the token
    /// of this launch, however it is fetched; the nonce is the tool's.
    pub fn begin_with(&self, spec: LaunchSpec) -> Result<LoginRequest, Refused> {
        oidc::begin(self.shared(), spec)
    }

    /// What the browser posts to the tool after it was sent to `address`, the authorization endpoint with the tool's
    /// query; as if the person of the login hint were signed in. Without HTTP: for many launches.
    pub fn answer(&self, address: &str) -> Result<FormPost, Refused> {
        let parameters = oidc::query(address);
        let hint = parameters
            .iter()
            .find(|(name, _)| name == "login_hint")
            .map(|(_, value)| value.clone());
        oidc::answer(self.shared(), &parameters, hint.as_deref())
    }

    /// What learners have done; whoever has it reads and writes the same book as the LMS's pages.
    pub fn progress(&self) -> Progress {
        self.shared().progress.clone()
    }

    /// Where news of learners goes, by channel. From now on launches name the LMS's own ids of person and course, too.
    pub fn set_outlets(&self, outlets: Vec<Outlet>) {
        self.shared().lock().post.outlets = outlets;
    }

    /// Chooses the channel of all further news.
    pub fn set_channel(&self, channel: Channel) {
        self.shared().lock().post.channel = channel;
    }

    /// Tells of one piece of news by the chosen channel, as a learner's or a teacher's page does; gives the message
    /// with its answer. None: there is nobody to tell, or no such message in that channel. Course and person are ids.
    pub async fn tell(&self, course: &str, person: &str, news: &News) -> Option<Pushed> {
        let number = push::tell(self.shared(), course, person, news).await?;
        let sent = self.pushed();
        sent.into_iter().find(|message| message.number == number)
    }

    /// What was sent so far, oldest first.
    pub fn pushed(&self) -> Vec<Pushed> {
        self.shared().lock().post.sent.iter().cloned().collect()
    }

    /// What the tool placed in a course (id or short name), oldest first.
    pub fn placed(&self, course: &str) -> Vec<PlacedItem> {
        let state = self.shared().lock();
        let id = state.campus.course(course).map(|course| course.id.clone());
        let of_course = |item: &&PlacedItem| Some(&item.course) == id.as_ref();
        state.placed.iter().filter(of_course).cloned().collect()
    }

    /// The columns of a course's grade book (id or short name) that the tool may see.
    pub fn columns(&self, course: &str) -> Vec<Column> {
        let state = self.shared().lock();
        let id = state.campus.course(course).map(|course| course.id.clone());
        let of_course = |column: &&Column| Some(&column.course) == id.as_ref();
        state.columns.iter().filter(of_course).cloned().collect()
    }

    /// Forgets all columns of a course, as an LMS does that takes none with an item.
    pub fn drop_columns(&self, course: &str) {
        let mut state = self.shared().lock();
        let id = state.campus.course(course).map(|course| course.id.clone());
        state.columns.retain(|column| Some(&column.course) != id.as_ref());
    }

    /// A teacher writes a score into a column by hand, at this moment (milliseconds).
    pub fn set_score(&self, column: u64, person: &str, points: f64, at_ms: i64) {
        let mut state = self.shared().lock();
        if let Some(column) = state.columns.iter_mut().find(|known| known.id == column) {
            let score = serde_json::json!({"scoreGiven": points, "scoreMaximum": 100});
            column.scores.insert(person.to_owned(), (score, at_ms));
        }
    }

    /// The scores that were taken so far, as they came.
    pub fn score_log(&self) -> Vec<Value> {
        self.shared().lock().score_log.clone()
    }

    /// Changes what the addresses of grades answer.
    pub fn ags_mode(&self, mode: AgsMode) {
        self.shared().lock().ags_mode = mode;
    }

    /// Signs a person in; gives the value of the `Cookie` header that a client sends to be them. None if unknown.
    pub fn sign_in(&self, person: &str) -> Option<String> {
        let mut state = self.shared().lock();
        let id = state.campus.person(person)?.id.clone();
        let session = random::token();
        state.sessions.insert(session.clone(), id);
        Some(format!("{}={session}", server::COOKIE))
    }

    /// The header that the LMS puts before its claims.
    pub fn header(&self) -> Value {
        self.shared().lock().header()
    }

    /// The claims of a launch at this moment.
    pub fn claims(&self, spec: &LaunchSpec) -> Value {
        self.shared().claims(spec)
    }

    /// The signed token of a launch at this moment.
    pub fn id_token(&self, spec: &LaunchSpec) -> String {
        self.shared().id_token(spec)
    }

    /// A JWT of exactly this header and these claims; nothing is checked or added.
    pub fn sign(&self, header: &Value, claims: &Value, signer: &Signer) -> String {
        let (own, previous) = {
            let state = self.shared().lock();
            (
                state.key.clone(),
                state.previous_key.clone().unwrap_or_else(|| state.key.clone()),
            )
        };
        key::sign(header, claims, &own, &previous, signer)
    }

    /// The key that signs now.
    pub fn key(&self) -> SigningKey {
        self.shared().lock().key.clone()
    }

    /// Signs with a new key from now on and publishes it instead of the old one; gives its `kid`.
    pub fn rotate_key(&self) -> Result<String, KeyError> {
        let key = SigningKey::generate()?;
        let kid = key.kid().to_owned();
        self.set_key(key);
        Ok(kid)
    }

    /// Signs with this key from now on and publishes it instead of the old one.
    pub fn set_key(&self, key: SigningKey) {
        let mut state = self.shared().lock();
        state.previous_key = Some(std::mem::replace(&mut state.key, key));
    }

    /// Changes what the key set address answers.
    pub fn jwks_mode(&self, mode: JwksMode) {
        self.shared().lock().jwks_mode = mode;
    }

    /// Changes what the roster addresses answer.
    pub fn nrps_mode(&self, mode: NrpsMode) {
        let mut state = self.shared().lock();
        state.nrps_mode = mode;
        state.pages_in_mode = 0;
    }

    /// Changes whether rosters tell what changed since a reading.
    pub fn tell_differences(&self, mode: Differences) {
        self.shared().lock().readings.mode = mode;
    }

    /// The most people on a page of a roster (in Moodle's dialect: on a page whose size the tool did not choose).
    pub fn set_page_size(&self, people: usize) {
        self.shared().lock().page_size = Some(people.max(1));
    }

    /// Forgets all access tokens: the next use of one is refused with 401.
    pub fn revoke_access_tokens(&self) {
        self.shared().lock().access_tokens.clear();
    }

    /// How often the LMS was asked so far.
    pub fn counters(&self) -> Counters {
        self.shared().tally.read()
    }

    /// Who handed something in by a score of the tool, in order.
    pub fn submissions(&self) -> Vec<String> {
        self.shared().lock().submissions.clone()
    }

    /// The ids of the keys with which tools asked for tokens, in order.
    pub fn assertion_kids(&self) -> Vec<String> {
        self.shared().lock().assertion_kids.clone()
    }

    fn shared(&self) -> &Shared {
        &self.running.shared
    }

    fn first(&self) -> Registration {
        let state = self.shared().lock();
        state.registrations.first().cloned().unwrap_or_else(|| Registration {
            client_id: String::new(),
            deployment_ids: Vec::new(),
            tool: Tool::at(""),
        })
    }
}
