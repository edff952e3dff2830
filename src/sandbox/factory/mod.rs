//! The simulated Factory: the whole v1 API over real mutual TLS, a mailbox instead of mail, and misbehaviours on demand.
//!
//! It stands for the Factory in `badgebridge sandbox` and in tests. It shares no type with the client, because a double
//! that shares the client's types shares its bugs. It runs on its own thread: usable from blocking and async tests.

mod admin;
mod badges;
pub(super) mod chance;
mod earnables;
mod enrol;
mod events;
mod faults;
mod http;
mod issuing;
mod multipart;
mod pictures;
mod public;
mod routes;
mod seed;
mod server;
mod views;
mod world;

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::authority::Authority;
use crate::clock::{Clock, SystemClock, Timestamp};
use enrol::ApiKeys;
pub use faults::{Aim, Fault, Kind, LogEntry, Manner, Plan};
pub use seed::{
    BADGE_DRAFT, BADGE_NO_MESSAGE, BADGE_SAFETY, BADGE_SHARED, BADGE_WELCOME, CLIENT, EARNABLE_INSTANT, EARNABLE_PEER,
    EARNABLE_REVIEW, EARNABLE_SECRET, EARNABLE_SECRET_CODE, OTHER_BADGE, OTHER_CLIENT,
};
pub use views::{ApplicationView, EarnableChange, EventView, Issuing, Mail, Phase, RequestView};
use world::World;

/// How long a client certificate of the Factory holds.
const CERTIFICATE_DAYS: u64 = 1095;

/// How to start it.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the API listens (TLS); port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the pages for people listen (plain http: loopback only); port 0 takes a free one.
    pub admin: SocketAddr,
    /// Where authority, badges, events and mail are kept; `None` keeps them in memory.
    pub data: Option<PathBuf>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Further badges, each with a picture of about 200 KB: for measurements.
    pub heavy_badges: u32,
}

impl Default for Options {
    fn default() -> Self {
        let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
        Self {
            listen: loopback,
            admin: loopback,
            data: None,
            clock: Arc::new(SystemClock),
            heavy_badges: 0,
        }
    }
}

/// A running simulator. Clones are the same one; it stops when the last one is dropped or [`Factory::stop`] is called.
#[derive(Clone)]
pub struct Factory {
    shared: Arc<Shared>,
    running: Arc<server::Running>,
}

impl fmt::Debug for Factory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Factory")
            .field("url", &self.url())
            .finish_non_exhaustive()
    }
}

/// What the handle, the API and the pages share.
struct Shared {
    clock: Arc<dyn Clock>,
    authority: Authority,
    keys: ApiKeys,
    url: String,
    admin_url: String,
    world: Mutex<World>,
    desk: Mutex<Desk>,
    changed: watch::Sender<u64>,
}

type Hook = Arc<dyn Fn(&Issuing) + Send + Sync>;

/// Faults, manners and what was counted: apart from the world, so that a hook may look at the world.
#[derive(Default)]
struct Desk {
    faults: faults::Faults,
    manner: Manner,
    calls: BTreeMap<Kind, u64>,
    second: (i64, u32),
    requests: Vec<RequestView>,
    writes: Vec<RequestView>,
    reads: VecDeque<String>,
    hook: Option<Hook>,
}

impl Shared {
    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn manner(&self) -> Manner {
        self.desk().manner.clone()
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Wakes whoever waits in [`Factory::wait_for`].
    fn touch(&self) {
        self.changed.send_modify(|count| *count = count.wrapping_add(1));
    }
}

impl Factory {
    /// Starts a simulator with sample data, or with what `options.data` holds.
    ///
    /// # Errors
    /// If an address cannot be bound or the data directory cannot be read or written.
    pub fn start(options: Options) -> io::Result<Self> {
        let api = server::bind(options.listen)?;
        let pages = server::bind(options.admin)?;
        let (authority, keys, mut world) = match &options.data {
            None => (Authority::make()?, ApiKeys::shared()?, World::default()),
            Some(directory) => {
                std::fs::create_dir_all(directory)?;
                let world = World::stored_at(&directory.join("journal.jsonl"))?;
                (Authority::stored_in(directory)?, ApiKeys::stored_in(directory)?, world)
            }
        };
        if world.is_empty() {
            seed::fill(&mut world, options.clock.now(), options.heavy_badges)?;
        }
        let shared = Arc::new(Shared {
            clock: options.clock,
            url: format!("https://{}", api.local_addr()?),
            admin_url: format!("http://{}", pages.local_addr()?),
            authority,
            keys,
            world: Mutex::new(world),
            desk: Mutex::default(),
            changed: watch::Sender::new(0),
        });
        let running = server::run(Arc::clone(&shared), api, pages)?;
        Ok(Self {
            shared,
            running: Arc::new(running),
        })
    }

    /// Stops it; open connections are cut.
    pub fn stop(&self) {
        self.running.stop();
    }

    /// The address of the API, for example `https://127.0.0.1:8443`; no slash at the end.
    pub fn url(&self) -> String {
        self.shared.url.clone()
    }

    /// The address of the pages for people: mailbox, events, misbehaviours, API keys.
    pub fn admin_url(&self) -> String {
        self.shared.admin_url.clone()
    }

    /// The root certificate (PEM) that a client must trust.
    pub fn ca_pem(&self) -> String {
        self.shared.authority.pem().to_owned()
    }

    /// An API key for `client_id`, as an administrator of the Factory generates it: valid for ten minutes, once.
    pub fn mint_api_key(&self, client_id: &str) -> String {
        self.shared.keys.mint(client_id, self.shared.now())
    }

    /// A client certificate and its key (PEM both), without enrolment. The key is the same at each call.
    ///
    /// # Errors
    /// If the certificate cannot be made.
    pub fn issue_identity(&self, client_id: &str) -> io::Result<(String, String)> {
        let now = self.shared.now();
        self.identity_valid(client_id, now.minus(days(1)), now.plus(days(CERTIFICATE_DAYS)))
    }

    /// The same, valid between two moments: for expired certificates and such as end soon.
    ///
    /// # Errors
    /// If the certificate cannot be made.
    pub fn identity_valid(&self, client_id: &str, from: Timestamp, until: Timestamp) -> io::Result<(String, String)> {
        let made = self.shared.authority.client(client_id, (from, until))?;
        Ok((made.certificate, made.key))
    }

    /// A client certificate that another authority signed: answered with 495.
    ///
    /// # Errors
    /// If the certificate cannot be made.
    pub fn foreign_identity(&self, client_id: &str) -> io::Result<(String, String)> {
        let now = self.shared.now();
        let made = Authority::make()?.client(client_id, (now.minus(days(1)), now.plus(days(1))))?;
        Ok((made.certificate, made.key))
    }

    /// The secret with which a client gets bearer tokens; `None` for an unknown client.
    pub fn client_secret(&self, client_id: &str) -> Option<String> {
        let world = self.shared.world();
        world
            .organisations
            .get(client_id)
            .map(|organisation| organisation.secret.clone())
    }

    /// Makes every bearer token handed out so far stale.
    pub fn expire_tokens(&self) {
        self.shared.world().tokens.clear();
    }

    /// The addresses that hold a badge now, each as often as they hold it, in order of issuing.
    pub fn issued(&self, badge_id: &str) -> Vec<String> {
        let world = self.shared.world();
        let events = world.events.iter().filter(|event| event.badge_id == badge_id);
        let live = events.flat_map(|event| event.recipients.iter().filter(|one| one.revoked.is_none()));
        live.map(|recipient| recipient.address.clone()).collect()
    }

    /// Every event there is, oldest first, whether searches show it yet or not.
    pub fn events(&self) -> Vec<EventView> {
        self.shared.world().events.iter().map(EventView::of).collect()
    }

    /// How often each (address in lower case, badge id) holds a badge that is not revoked.
    pub fn count_per_person(&self) -> BTreeMap<(String, String), u32> {
        let world = self.shared.world();
        let mut counts = BTreeMap::new();
        for event in &world.events {
            for recipient in event.recipients.iter().filter(|recipient| recipient.revoked.is_none()) {
                let person = (recipient.address.to_lowercase(), event.badge_id.clone());
                let count: &mut u32 = counts.entry(person).or_default();
                *count = count.saturating_add(1);
            }
        }
        counts
    }

    /// Every mail that would have been sent, oldest first.
    pub fn mailbox(&self) -> Vec<Mail> {
        let world = self.shared.world();
        world
            .letters
            .iter()
            .map(|letter| Mail::of(letter, &self.shared.url))
            .collect()
    }

    /// The issuing and revoking requests that passed the door, in order of arrival, whatever became of them.
    pub fn requests(&self) -> Vec<RequestView> {
        self.shared.desk().requests.clone()
    }

    /// The requests beside those that wrote something or meant to: badges, the organisation, applications; in order of
    /// arrival, whatever became of them. The body of a form is `Null`.
    pub fn other_writes(&self) -> Vec<RequestView> {
        self.shared.desk().writes.clone()
    }

    /// The latest requests that read something, path and query as they came; at most 500.
    pub fn reads(&self) -> Vec<String> {
        self.shared.desk().reads.iter().cloned().collect()
    }

    /// Every application that was handed in, in the order of their ids.
    pub fn applications(&self) -> Vec<ApplicationView> {
        self.shared
            .world()
            .applications
            .values()
            .map(ApplicationView::of)
            .collect()
    }

    /// Changes an application form: its window, its method, its fields. Nothing happens to one that is not there.
    pub fn change_earnable(&self, id: &str, change: EarnableChange) {
        let mut world = self.shared.world();
        if let Some(mut earnable) = world.earnables.get(id).cloned() {
            change.apply(&mut earnable);
            world.record(world::Change::Earnable(earnable));
        }
    }

    /// Adds so many events of a badge with one recipient each, as another program would have issued them long ago.
    pub fn add_events(&self, badge_id: &str, count: u32) {
        let mut world = self.shared.world();
        let Some(badge) = world.badges.get(badge_id).cloned() else {
            return;
        };
        for number in 0..count {
            let event = world::Event {
                id: format!("E{number:08}"),
                client_id: badge.client_id.clone(),
                badge_id: badge.id.clone(),
                name: badge.name.clone(),
                recipients: vec![world::Recipient {
                    address: format!("person{number}@elsewhere.example"),
                    name: None,
                    assertion: chance::assertion_id(),
                    salt: chance::secret(),
                    token: chance::secret(),
                    accepted: false,
                    revoked: None,
                }],
                issued_on: 1_600_000_000 + i64::from(number),
                expires: None,
                message: world::Message::default(),
                badge_override: serde_json::Value::Null,
                log_entry: serde_json::Value::Null,
                api_consumer_id: "elsewhere".to_owned(),
                show_report: false,
                send_email: false,
                earnable_application_id: None,
                timestamp: 1_600_000_000 + i64::from(number),
                token: chance::secret(),
                visible_from: Timestamp::default(),
            };
            world.record(world::Change::Event(event));
        }
    }

    /// Publishes a badge, or makes it a draft, as somebody at the Factory would. Nothing happens to one that is not there.
    pub fn set_draft(&self, badge_id: &str, draft: bool) {
        self.change_badge(badge_id, |badge| badge.draft = draft);
    }

    /// Deletes a badge there.
    pub fn delete_badge(&self, badge_id: &str) {
        self.change_badge(badge_id, |badge| badge.deleted = true);
    }

    fn change_badge(&self, id: &str, change: impl FnOnce(&mut world::Badge)) {
        let mut world = self.shared.world();
        if let Some(known) = world.badges.get(id).cloned() {
            let mut badge = Arc::unwrap_or_clone(known);
            change(&mut badge);
            world.record(world::Change::Badge(badge));
        }
    }

    /// How many calls of each kind came.
    pub fn calls_by_kind(&self) -> BTreeMap<Kind, u64> {
        self.shared.desk().calls.clone()
    }

    /// Adds a plan of misbehaviour; [`Plan::Calm`] ends all of them.
    pub fn misbehave(&self, plan: Plan) {
        self.shared.desk().faults.add(plan);
    }

    /// How often each misbehaviour happened: faults by [`Fault::name`], `bad_address` and `forbidden_badge` by refused
    /// calls, `log_entry_text`, `log_entry_null` and `log_entry_missing` by searches that showed an event.
    pub fn misbehaved(&self) -> BTreeMap<&'static str, u64> {
        self.shared.desk().faults.counts()
    }

    /// The standing manners.
    pub fn manner(&self) -> Manner {
        self.shared.manner()
    }

    /// Changes the standing manners.
    pub fn set_manner(&self, change: impl FnOnce(&mut Manner)) {
        change(&mut self.shared.desk().manner);
    }

    /// Calls `hook` for each issuing call: when it was received ([`Phase::Received`], before anything is stored) and
    /// after its event was stored ([`Phase::Stored`], before the answer). It runs on the simulator's thread: the call
    /// waits for it. A crash test kills its tool there. A later hook replaces an earlier one.
    pub fn on_issue(&self, hook: impl Fn(&Issuing) + Send + Sync + 'static) {
        self.shared.desk().hook = Some(Arc::new(hook));
    }

    /// Ends the hook.
    pub fn off_issue(&self) {
        self.shared.desk().hook = None;
    }

    /// Waits until `condition` holds; looked at again after each call that changed or counted something.
    pub async fn wait_for(&self, condition: impl Fn(&Self) -> bool) {
        let mut changed = self.shared.changed.subscribe();
        while !condition(self) {
            if changed.changed().await.is_err() {
                return;
            }
        }
    }
}

fn days(count: u64) -> Duration {
    Duration::from_secs(count.saturating_mul(86_400))
}
