//! The whole tool between a demo LMS and a simulated Factory: the real server on a free port, the real worker drained by
//! hand, one clock that stands still until a test moves it.
//!
//! ```ignore
//! on_both_databases! {
//!     async fn a_badge_reaches_its_learner(database: Database) {
//!         let world = World::start(&database).await;
//!         let teacher = world.launch("teacher1", "BIO-2010").await;
//!         let request = world.issue(&teacher, BADGE_SAFETY, &["ada@campus.example"]).await;
//!         world.drain_jobs().await;
//!         assert_eq!(world.faces(request).await, ["aw-sent"]);
//!         world.finish().await;
//!     }
//! }
//! ```

use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use actix_web::web::Data;
use actix_web::{App, HttpServer};
use badgebridge::app::{Parts, demo_registration};
use badgebridge::clock::{Clock, ManualClock, SystemClock, Timestamp};
use badgebridge::config::{Config, Flags};
use badgebridge::crypto::random;
use badgebridge::factory::CertificateIdentity;
use badgebridge::jobs::kinds::{FORGET, HOUSEKEEPING, PLAN_PULLS};
use badgebridge::jobs::{NewJob, Worker, work};
use badgebridge::model::{
    CourseId, Deployment, DeploymentRowId, IdentityKind, OrganisationId, Registration, Seat, SeatId,
};
use badgebridge::sandbox::factory::{self, CLIENT, Factory};
use badgebridge::sandbox::lms::{Dialect, LaunchSpec, Lms, Options, SigningKey, Tool};
use badgebridge::store::installation::DeploymentSeen;
use badgebridge::store::{Durability, Store, StoreError};
use badgebridge::web::deps::Deps;
use badgebridge::web::routes;
use serde_json::Value;
use tempfile::TempDir;

use super::boxed;
use super::browser::{Answer, Browser};
use super::database::Database;

/// When every world on SQLite begins. PostgreSQL has a clock of its own: there it is the present.
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_795_000_000);

/// With what the organisation speaks to the Factory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Credential {
    Certificate,
    Token,
    /// It was never connected.
    Nothing,
}

/// What may differ from one world to the next.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub credential: Credential,
    pub dialect: Dialect,
    /// Whose habits the registration names.
    pub family: badgebridge::model::Lms,
    /// Whom service assertions are meant for, where it is not the token address.
    pub token_audience: Option<&'static str>,
    /// Settings by their dotted names.
    pub settings: Vec<(&'static str, String)>,
    /// How much the SQLite file may grow before its disk is full, in pages of 4,096 bytes. [`World::abandon`] ends it.
    pub spare_pages: Option<u32>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            credential: Credential::Certificate,
            dialect: Dialect::Plain,
            family: badgebridge::model::Lms::Generic,
            token_audience: None,
            settings: Vec::new(),
            spare_pages: None,
        }
    }
}

/// The world. Call [`World::finish`] at the end: it fails if work was left behind.
pub(crate) struct World {
    pub clock: Arc<ManualClock>,
    pub lms: Lms,
    pub factory: Factory,
    pub parts: Arc<Parts>,
    pub worker: Worker,
    pub deps: Data<Deps>,
    pub organisation: OrganisationId,
    /// The demo LMS's registration.
    pub registration: Registration,
    /// The tool's address.
    pub url: String,
    successor: Mutex<Option<Worker>>,
    server: actix_web::dev::ServerHandle,
    finished: AtomicBool,
    _folder: TempDir,
}

/// A launch that led to a seat: one tab of a browser.
pub(crate) struct Tab {
    pub browser: Arc<Browser>,
    pub seat: Seat,
    /// `/c/{seat}`.
    pub url: String,
}

impl Tab {
    /// Opens a page below the seat: `tab.get("/history")`.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.browser.get(&format!("{}{path}", self.url)).await
    }

    /// Sends a form below the seat, with the session's secret.
    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let mut fields = vec![("csrf", self.seat.csrf.as_str())];
        fields.extend_from_slice(form);
        self.browser.post(&format!("{}{path}", self.url), &fields).await
    }

    /// Sends a form with files below the seat: texts, and field, file name and bytes of each file.
    pub(crate) async fn post_files(&self, path: &str, form: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> Answer {
        let mut body = Vec::new();
        let mut part = |head: &str, value: &[u8]| {
            body.extend_from_slice(format!("--bound\r\nContent-Disposition: form-data; {head}\r\n\r\n").as_bytes());
            body.extend_from_slice(value);
            body.extend_from_slice(b"\r\n");
        };
        part("name=\"csrf\"", self.seat.csrf.as_bytes());
        for (name, value) in form {
            part(&format!("name=\"{name}\""), value.as_bytes());
        }
        for (field, name, bytes) in files {
            part(&format!("name=\"{field}\"; filename=\"{name}\""), bytes);
        }
        body.extend_from_slice(b"--bound--\r\n");
        let address = format!("{}{path}", self.url);
        let request = self.browser.request(reqwest::Method::POST, &address);
        let request = request
            .header("Sec-Fetch-Site", "same-origin")
            .header("Content-Type", "multipart/form-data; boundary=bound")
            .body(body);
        self.browser.send(request).await
    }
}

/// A login that the tool answered: what the platform would have to sign.
#[derive(Clone, Debug)]
pub(crate) struct Begun {
    pub state: String,
    pub nonce: String,
    /// The whole authentication request.
    pub address: String,
}

impl Drop for World {
    fn drop(&mut self) {
        drop(self.server.stop(false));
        let is_over = self.finished.load(Ordering::SeqCst) || std::thread::panicking();
        assert!(is_over, "a test ends with world.finish()");
    }
}

impl World {
    /// The usual world: a client certificate, a plain LMS.
    pub(crate) async fn start(database: &Database) -> Self {
        Self::start_with(database, Setup::default()).await
    }

    /// A world whose organisation was never connected to the Factory: launches need none.
    pub(crate) async fn unconnected(database: &Database) -> Self {
        let setup = Setup {
            credential: Credential::Nothing,
            ..Setup::default()
        };
        Self::start_with(database, setup).await
    }

    /// A world of one's own.
    pub(crate) async fn start_with(database: &Database, setup: Setup) -> Self {
        boxed(async move {
            let folder = TempDir::new().unwrap();
            let begin = if database.url.starts_with("sqlite") {
                NOW
            } else {
                SystemClock.now()
            };
            let clock = Arc::new(ManualClock::at(begin));
            let factory = Factory::start(factory::Options {
                clock: clock.clone(),
                ..factory::Options::default()
            })
            .unwrap();
            let roots = folder.path().join("roots.pem");
            std::fs::write(&roots, factory.ca_pem()).unwrap();
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let url = format!("http://{}", listener.local_addr().unwrap());
            let lms = Lms::start(Options {
                dialect: setup.dialect,
                key: Some(lms_key()),
                ..Options::new(Tool::at(&url), clock.clone())
            })
            .unwrap();
            let mut flags = Flags::new()
                .with("server.public_url", &url)
                .with("server.data_dir", folder.path().display())
                .with("server.database_url", &database.url)
                .with("server.secret_key", "q7pOZxgkJzR5w1Qb0Vw7m3c2yS9uTn4eLh8aXd6fKiM=")
                .with("server.metrics_listen", "off")
                .with("outbound.extra_ca", roots.display())
                .with("outbound.allowed_networks", "127.0.0.0/8,::1/128")
                .with("factory.calls_per_second", 1000);
            for (key, value) in &setup.settings {
                flags = flags.with(*key, value);
            }
            let config = Config::from_flags(&flags).unwrap();
            let mut parts = Parts::open(config.clone(), clock.clone()).await.unwrap();
            if let Some(spare) = setup.spare_pages {
                parts.store = limited(database, &clock, spare).await;
            }
            let parts = Arc::new(parts);
            let organisation = parts.organisation_called("Marlowe Polytechnic").await.unwrap().id;
            let registration = Registration {
                lms: setup.family,
                token_audience: setup.token_audience.map(str::to_owned),
                ..demo_registration(&lms, "demo", Some(organisation), clock.now())
            };
            let worker = parts.worker();
            let public_url = config.server.require_public_url().unwrap().clone();
            let deps = Data::new(parts.deps(public_url, worker.clone()).await.unwrap());
            let server = serve(listener, deps.clone());
            let world = Self {
                clock,
                lms,
                factory,
                parts,
                worker,
                deps,
                organisation,
                registration: registration.clone(),
                url,
                successor: Mutex::default(),
                server,
                finished: AtomicBool::new(false),
                _folder: folder,
            };
            let deployment = world.lms.deployment_id();
            world.register(&registration, &[&deployment]).await;
            world.connect(organisation, CLIENT, setup.credential).await;
            world
        })
        .await
    }

    /// The moment that the clock shows.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Gives an organisation a credential for a client of the Factory, as enrolment would, and reads its badges.
    pub(crate) async fn connect(&self, organisation: OrganisationId, client: &str, credential: Credential) {
        self.connect_at(organisation, &self.factory.url(), client, credential)
            .await;
    }

    /// The same, with the Factory at another address.
    pub(crate) async fn connect_at(
        &self,
        organisation: OrganisationId,
        url: &str,
        client: &str,
        credential: Credential,
    ) {
        boxed(async move {
            match credential {
                Credential::Certificate => {
                    let identity = self.factory.issue_identity(client).unwrap();
                    self.connect_with(organisation, url, identity).await;
                }
                Credential::Token => {
                    let secret = self.factory.client_secret(client).unwrap();
                    let kept =
                        self.parts
                            .keep_identity(organisation, url, client, IdentityKind::Token, secret.as_bytes());
                    kept.await.unwrap();
                    self.drain_jobs().await;
                }
                Credential::Nothing => {}
            }
        })
        .await;
    }

    /// Gives an organisation this certificate and key (PEM).
    pub(crate) async fn connect_with(
        &self,
        organisation: OrganisationId,
        url: &str,
        (certificate, key): (String, String),
    ) {
        boxed(async move {
            let now = self.now().seconds();
            let identity = CertificateIdentity::import(&certificate, &key, None, now).unwrap();
            self.parts.keep_certificate(organisation, url, &identity).await.unwrap();
            self.drain_jobs().await;
        })
        .await;
    }

    /// Another process takes over: the worker that was is gone, with whatever it had in its hands.
    pub(crate) async fn restart_worker(&self) {
        boxed(async move {
            let holder = self.parts.worker();
            *self.successor.lock().unwrap() = Some(holder);
            self.drain_jobs().await;
        })
        .await;
    }

    /// The organisation with this name, made if there is none.
    pub(crate) async fn organisation_called(&self, name: &str) -> OrganisationId {
        boxed(async move { self.parts.organisation_called(name).await.unwrap().id }).await
    }

    /// What the organisation speaks to the Factory with.
    pub(crate) async fn credential(&self) -> Credential {
        let organisation = self.organisation;
        boxed(async move {
            let identity = self
                .parts
                .store
                .read_one(async |tx| tx.active_identity(organisation).await)
                .await;
            match identity.unwrap().map(|identity| identity.kind) {
                None => Credential::Nothing,
                Some(IdentityKind::Token) => Credential::Token,
                Some(IdentityKind::Certificate { .. }) => Credential::Certificate,
            }
        })
        .await
    }

    /// All registrations.
    pub(crate) async fn registrations(&self) -> Vec<Registration> {
        boxed(async move {
            let all = self.parts.store.read_one(async |tx| tx.registrations().await).await;
            all.unwrap()
        })
        .await
    }

    /// The deployment of a registration that bears this text, if a launch or an administrator made it known.
    pub(crate) async fn deployment(&self, registration: &Registration, id: &str) -> Option<Deployment> {
        boxed(async move {
            let all = self.parts.store.read_one(async |tx| tx.deployments().await).await;
            all.unwrap()
                .into_iter()
                .find(|row| row.registration == registration.id && row.deployment_id == id)
        })
        .await
    }

    /// An administrator claims a pending deployment for the organisation.
    pub(crate) async fn claim_deployment(&self, registration: &Registration, id: &str) {
        self.claim_deployment_for(registration, id, self.organisation).await;
    }

    /// The same for another organisation.
    pub(crate) async fn claim_deployment_for(
        &self,
        registration: &Registration,
        id: &str,
        organisation: OrganisationId,
    ) {
        boxed(async move {
            let row = self
                .deployment(registration, id)
                .await
                .expect("the deployment is known");
            let claimed: Result<bool, StoreError> = self
                .parts
                .store
                .write(Durability::Full, async move |tx| {
                    tx.raise_settings_version().await?;
                    tx.claim_deployment(row.id, organisation).await
                })
                .await;
            assert!(claimed.unwrap());
            self.deps.directory.follow(&self.parts.store).await.unwrap();
        })
        .await;
    }

    /// Queues the reading of a course's roster.
    pub(crate) async fn queue_roster(&self, course: CourseId) {
        self.queue_job(work::roster(self.organisation, course, self.now()))
            .await;
    }

    /// Queues the reading of the organisation's badges, also where it was given up.
    pub(crate) async fn queue_catalog(&self) {
        self.queue_job(work::catalog(self.organisation, self.now())).await;
    }

    async fn queue_job(&self, job: NewJob) {
        boxed(async move {
            let queued: Result<(), StoreError> = self
                .parts
                .store
                .write(Durability::Full, async move |tx| {
                    let now = tx.now().await?;
                    tx.enqueue(&job, now).await
                })
                .await;
            queued.unwrap();
        })
        .await;
    }

    /// Stores a registration with deployments that belong to its organisation, or wait if it is shared.
    pub(crate) async fn register(&self, registration: &Registration, deployments: &[&str]) {
        boxed(async move {
            let now = self.now();
            let new = registration.clone();
            let seen: Vec<DeploymentSeen> = deployments
                .iter()
                .map(|deployment| DeploymentSeen {
                    id: DeploymentRowId::new(random::id_at(now)),
                    registration: new.id,
                    deployment_id: (*deployment).to_owned(),
                    organisation: new.organisation,
                    platform_guid: None,
                    platform_name: None,
                })
                .collect();
            let stored: Result<(), StoreError> = self
                .parts
                .store
                .write(Durability::Full, async move |tx| {
                    assert!(tx.add_registration(&new, now).await?, "known already");
                    for deployment in &seen {
                        tx.see_deployment(deployment, now).await?;
                    }
                    tx.raise_settings_version().await
                })
                .await;
            stored.unwrap();
            self.deps.directory.follow(&self.parts.store).await.unwrap();
        })
        .await;
    }

    /// Changes the demo LMS's registration.
    pub(crate) async fn change_registration(&self, change: impl FnOnce(&mut Registration)) {
        boxed(async move {
            let mut changed = self.registration.clone();
            change(&mut changed);
            let stored: Result<(), StoreError> = self
                .parts
                .store
                .write(Durability::Full, async move |tx| {
                    assert!(tx.change_registration(&changed).await?);
                    tx.raise_settings_version().await
                })
                .await;
            stored.unwrap();
            self.deps.directory.follow(&self.parts.store).await.unwrap();
        })
        .await;
    }

    /// Another registration of the same LMS, with its own client id; the LMS knows it, the tool does not yet.
    pub(crate) fn second_registration(&self, client_id: &str, organisation: Option<OrganisationId>) -> Registration {
        self.lms.register(badgebridge::sandbox::lms::Registration {
            client_id: client_id.to_owned(),
            deployment_ids: vec![self.lms.deployment_id()],
            tool: Tool::at(&self.url),
        });
        Registration {
            lti_client_id: client_id.to_owned(),
            handle: format!("handle-{client_id}"),
            ..demo_registration(&self.lms, "demo", organisation, self.now())
        }
    }

    /// A browser with nothing in it.
    pub(crate) fn browser(&self) -> Arc<Browser> {
        Arc::new(Browser::at(&self.url))
    }

    /// Opens the link of a course in a browser of its own.
    pub(crate) async fn launch(&self, person: &str, course: &str) -> Tab {
        self.launch_in(&self.browser(), LaunchSpec::new(person, course, ""))
            .await
    }

    /// Opens a link in this browser.
    pub(crate) async fn launch_in(&self, browser: &Arc<Browser>, spec: LaunchSpec) -> Tab {
        let answer = self.try_launch(browser, spec).await;
        let seat = self.seat(answer.seat()).await;
        Tab {
            browser: Arc::clone(browser),
            url: format!("/c/{}", seat.id),
            seat,
        }
    }

    /// The whole launch, whatever comes of it: the answer to the platform's form.
    pub(crate) async fn try_launch(&self, browser: &Browser, spec: LaunchSpec) -> Answer {
        boxed(async move {
            let begun = self.begin(browser, spec).await;
            let post = self.lms.answer(&begun.address).unwrap();
            browser.post_from_elsewhere(&post.url, &post.fields).await
        })
        .await
    }

    /// The first half of a launch: the login, up to the platform's authorization endpoint.
    pub(crate) async fn begin(&self, browser: &Browser, spec: LaunchSpec) -> Begun {
        boxed(async move {
            let login = self.lms.begin_with(spec).unwrap();
            let answer = browser.post_from_elsewhere(&login.url, &login.parameters).await;
            assert_eq!(answer.status, 303, "{}", answer.body);
            Begun {
                state: answer.parameter("state").unwrap(),
                nonce: answer.parameter("nonce").unwrap(),
                address: answer.location().to_owned(),
            }
        })
        .await
    }

    /// The second half, with this token.
    pub(crate) async fn answer(&self, browser: &Browser, state: &str, id_token: &str) -> Answer {
        boxed(async move {
            let fields = [("state", state), ("id_token", id_token)].map(|(name, value)| (name.into(), value.into()));
            browser.post_from_elsewhere("/lti/launch", &fields).await
        })
        .await
    }

    /// The stored seat.
    pub(crate) async fn seat(&self, id: SeatId) -> Seat {
        boxed(async move {
            let never = Timestamp::from_millis(-1);
            let found = self
                .parts
                .store
                .read_one(async |tx| tx.seat(id, never, never).await)
                .await;
            found.unwrap().expect("the seat is stored").0
        })
        .await
    }

    /// How many seats there are.
    pub(crate) async fn seats(&self) -> i64 {
        boxed(async move {
            let count = self.parts.store.read_one(async |tx| tx.seat_count().await).await;
            count.unwrap()
        })
        .await
    }

    /// Does everything that is due now.
    pub(crate) async fn drain_jobs(&self) {
        boxed(async move {
            self.present_worker().drain().await.unwrap();
        })
        .await;
    }

    fn present_worker(&self) -> Worker {
        self.successor
            .lock()
            .unwrap()
            .clone()
            .unwrap_or_else(|| self.worker.clone())
    }

    /// Moves the time of everybody, then does everything that is due.
    pub(crate) async fn advance(&self, by: Duration) {
        boxed(async move {
            self.clock.advance(by);
            if !self.parts.store.is_sqlite() {
                // SQLite's time is the clock's
                self.parts.store.move_clock(by);
            }
            self.drain_jobs().await;
        })
        .await;
    }

    /// Lets time pass from one piece of work to the next until nothing is left to do.
    pub(crate) async fn wait_out(&self) {
        boxed(async move {
            self.drain_jobs().await;
            for _ in 0..200 {
                let Some(at) = self.present_worker().next_due().await.unwrap() else {
                    return;
                };
                let now = self.parts.store.now().await.unwrap();
                self.advance(at.since(now) + Duration::from_millis(1)).await;
            }
            panic!("the work does not end: {:?}", self.left_over().await);
        })
        .await;
    }

    /// The keys of the jobs that are not done.
    pub(crate) async fn left_over(&self) -> Vec<String> {
        boxed(async move {
            let keys = self.parts.store.read_one(async |tx| tx.job_keys().await).await;
            keys.unwrap()
        })
        .await
    }

    /// The end of a test: no job may be left, not even one that was given up, and no order may wait. What repeats by
    /// its schedule stays; so does the reading of badges in a world that was never connected to a Factory.
    pub(crate) async fn finish(self) {
        self.drain_jobs().await;
        let mut left = Vec::new();
        if self.credential().await == Credential::Nothing {
            left = self.left_over().await;
            left.retain(|key| key.starts_with(work::CATALOG));
        }
        let kinds: &[&str] = if left.is_empty() { &[] } else { &[work::CATALOG] };
        self.finish_with_given_up(kinds).await;
    }

    /// The same for a test in which these kinds of jobs were given up: they, and no others, are left.
    pub(crate) async fn finish_with_given_up(self, kinds: &[&str]) {
        boxed(async move {
            self.drain_jobs().await;
            let next = self.present_worker().next_due().await.unwrap();
            assert_eq!(next, None, "work was left behind: {:?}", self.left_over().await);
            assert_given_up(&self.left_over().await, kinds);
            self.end().await;
        })
        .await;
    }

    /// The end of a test on a full disk: what is left to do cannot be done.
    pub(crate) async fn abandon(self) {
        self.end().await;
    }

    async fn end(self) {
        boxed(async move {
            self.finished.store(true, Ordering::SeqCst);
            self.server.stop(false).await;
            self.parts.store.close().await;
        })
        .await;
    }
}

/// The same database on a disk with this much room left.
async fn limited(database: &Database, clock: &Arc<ManualClock>, spare: u32) -> Store {
    let file = database.url.strip_prefix("sqlite://").unwrap();
    let pages = std::fs::metadata(file).unwrap().len() / 4_096;
    let mut options = database.options();
    let clock: Arc<dyn Clock> = clock.clone();
    options.clock = clock;
    options.sqlite_max_pages = Some(u32::try_from(pages).unwrap() + spare);
    Store::open(&options).await.unwrap()
}

/// Fails if other jobs are left than those of these kinds, or none of one of them.
pub(crate) fn assert_given_up(keys: &[String], kinds: &[&str]) {
    let repeats = [FORGET, HOUSEKEEPING, PLAN_PULLS];
    let mut left: Vec<&str> = keys
        .iter()
        .filter_map(|key| key.split(':').next())
        .filter(|kind| !repeats.contains(kind))
        .collect();
    left.sort_unstable();
    left.dedup();
    assert_eq!(left, kinds, "jobs were left behind: {keys:?}");
}

/// The claims of a launch, to be bent before they are signed.
pub(crate) fn claim(name: &str) -> String {
    format!("{}{name}", badgebridge::sandbox::lms::CLAIM)
}

/// Takes a claim away.
pub(crate) fn without(claims: &mut Value, name: &str) {
    claims.as_object_mut().unwrap().remove(name);
}

/// One RSA key for all LMSs of the tests: making one takes a while.
pub(crate) fn lms_key() -> SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::generate().unwrap()).clone()
}

fn serve(listener: TcpListener, deps: Data<Deps>) -> actix_web::dev::ServerHandle {
    let server = HttpServer::new(move || App::new().configure(routes::configure(deps.clone())))
        .workers(1)
        .disable_signals()
        .shutdown_timeout(1)
        .listen(listener)
        .unwrap()
        .run();
    let handle = server.handle();
    tokio::spawn(server);
    handle
}
