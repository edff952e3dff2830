//! One trial: orders, misbehaviour, kills, and the count at the end.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

use badgebridge::app::Parts;
use badgebridge::awards::issue;
use badgebridge::clock::{Clock, SystemClock};
use badgebridge::config::{Config, File, Flags};
use badgebridge::crypto::random;
use badgebridge::crypto::seal::Keyring;
use badgebridge::factory::CertificateIdentity;
use badgebridge::model::award::Face;
use badgebridge::model::request::{Content, NewRequest, Person};
use badgebridge::model::{Address, OrganisationId, RequestId};
use badgebridge::sandbox::factory::{
    Aim, BADGE_SAFETY, BADGE_WELCOME, CLIENT, Factory, Fault, Kind, LogEntry, Options, Phase, Plan,
};

use crate::dice::Dice;
use crate::program::{Program, Recipe};
use crate::support::database::Database;

/// The longest that the simulator takes to show an accepted call, in milliseconds; the last look comes later.
const LATENESS: u64 = 700;
const LOOKS: &str = "0,300,900,2200";
/// How long settling everything may take after the last kill.
const PATIENCE: Duration = Duration::from_secs(150);

/// A trial.
#[derive(Debug)]
pub(crate) struct Trial {
    factory: Factory,
    parts: Parts,
    organisation: OrganisationId,
    recipes: Vec<Recipe>,
    requests: Vec<RequestId>,
    placed: Vec<(String, &'static str)>,
    dice: Dice,
    database: Database,
    _folder: tempfile::TempDir,
}

impl Trial {
    pub(crate) async fn new(database: &Database) -> Self {
        let seed = number("BADGEBRIDGE_CRASH_SEED", u64::from_le_bytes(random::bytes::<8>()) >> 16);
        println!("seed {seed} on {}", database.url.split(':').next().unwrap());
        let folder = tempfile::tempdir().unwrap();
        let factory = Factory::start(Options::default()).unwrap();
        let roots = folder.path().join("roots.pem");
        std::fs::write(&roots, factory.ca_pem()).unwrap();
        let settings = settings(database, &folder, &roots.display().to_string());
        let parts = Parts::open(config(&settings), Arc::new(SystemClock)).await.unwrap();
        let organisation = parts.organisation_called("Crash College").await.unwrap().id;
        let (certificate, key) = factory.issue_identity(CLIENT).unwrap();
        let now = SystemClock.now().seconds();
        let identity = CertificateIdentity::import(&certificate, &key, None, now).unwrap();
        parts
            .keep_certificate(organisation, &factory.url(), &identity)
            .await
            .unwrap();
        let recipe = |arguments: Vec<&'static str>| Recipe {
            arguments,
            settings: settings.clone(),
        };
        let recipes = if database.url.starts_with("sqlite") {
            vec![recipe(vec!["serve"])]
        } else {
            vec![recipe(vec!["worker"]), recipe(vec!["worker"])]
        };
        Self {
            factory,
            parts,
            organisation,
            recipes,
            requests: Vec::new(),
            placed: Vec::new(),
            dice: Dice::new(seed),
            database: database.clone(),
            _folder: folder,
        }
    }

    /// Kills while a Factory misbehaves that shows every accepted call in time.
    pub(crate) async fn run(mut self) {
        let kills = number("BADGEBRIDGE_CRASH_KILLS", 10);
        let awards = number("BADGEBRIDGE_CRASH_AWARDS", 300);
        let mut programs: Vec<Program> = self.recipes.iter().map(Program::start).collect();
        self.every_fault_thrice().await;
        self.factory.misbehave(Plan::Random {
            seed: self.dice.below(u64::MAX),
            percent: 35,
            weights: faults().into_iter().map(|fault| (fault, 1)).collect(),
            aim: Aim::Only(Kind::Issue),
        });
        let mut in_the_middle = 0;
        for kill in 0..kills {
            self.place_some(awards / kills).await;
            self.factory.set_manner(|manner| {
                manner.log_entry = [LogEntry::Object, LogEntry::Text, LogEntry::Null, LogEntry::Missing]
                    [usize::try_from(kill % 4).unwrap()];
            });
            let victim = usize::try_from(kill).unwrap() % programs.len();
            if kill % 3 == 2 {
                let after = Duration::from_millis(self.dice.below(600));
                tokio::time::sleep(after).await; // the moment of a kill is what the dice say
                programs[victim].kill();
            } else {
                self.kill_in_the_middle(&programs[victim]).await;
                in_the_middle += 1;
            }
            programs[victim] = Program::start(&self.recipes[victim]);
        }
        assert!(
            in_the_middle * 2 >= kills,
            "at least half of the kills fall between receipt and commit"
        );
        self.factory.misbehave(Plan::Calm);
        self.settle().await;
        drop(programs);
        self.count();
        self.agree().await;
        println!(
            "{kills} kills ({in_the_middle} between receipt and commit), {} awards, {:?}",
            self.placed.len(),
            self.factory.misbehaved()
        );
    }

    /// The Factory shows a call only after the last look: the second sending makes a duplicate, which must be found.
    pub(crate) async fn run_too_late(mut self) {
        let program = Program::start(&self.recipes[0]);
        let unseen_for = Duration::from_secs(6);
        self.factory
            .misbehave(Plan::next_issue(Fault::LostAnswer { unseen_for }));
        self.place(BADGE_SAFETY, 1).await;
        let (organisation, begun) = (self.organisation, Instant::now());
        loop {
            let problems = self
                .parts
                .store
                .read(async |tx| tx.problems(organisation).await)
                .await
                .unwrap();
            if problems.iter().any(|problem| problem.kind == "issued-twice") {
                break;
            }
            assert!(begun.elapsed() < PATIENCE, "the duplicate was not found: {problems:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(
            self.factory.count_per_person().values().copied().collect::<Vec<_>>(),
            [2]
        );
        drop(program);
    }

    /// Each misbehaviour on its own, three times, before the dice decide.
    async fn every_fault_thrice(&mut self) {
        for fault in faults() {
            let aim = Aim::Only(Kind::Issue);
            self.factory.misbehave(Plan::Next { fault, times: 3, aim });
        }
        for _ in 0..faults().len() * 3 {
            self.place(BADGE_SAFETY, 1).await;
        }
        let wanted = faults();
        let begun = Instant::now();
        while wanted
            .iter()
            .any(|fault| self.factory.misbehaved().get(fault.name()).copied().unwrap_or(0) < 3)
        {
            assert!(
                begun.elapsed() < PATIENCE,
                "fewer than three of a fault: {:?}",
                self.factory.misbehaved()
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Kills at the instant when the simulator has received, or has just stored, an issuing call.
    async fn kill_in_the_middle(&mut self, program: &Program) {
        let phase = if self.dice.below(2) == 0 {
            Phase::Received
        } else {
            Phase::Stored
        };
        let countdown = Arc::new(AtomicI64::new(i64::try_from(1 + self.dice.below(3)).unwrap()));
        let done = Arc::new(AtomicBool::new(false));
        let (target, flag) = (program.clone(), Arc::clone(&done));
        self.factory.on_issue(move |issuing| {
            if issuing.phase == phase && countdown.fetch_sub(1, Ordering::SeqCst) == 1 {
                flag.store(target.kill(), Ordering::SeqCst);
            }
        });
        let begun = Instant::now();
        while !done.load(Ordering::SeqCst) {
            if begun.elapsed() > Duration::from_secs(20) {
                self.place(BADGE_WELCOME, 1).await;
            }
            assert!(begun.elapsed() < PATIENCE, "no issuing call came to be killed in");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.factory.off_issue();
    }

    async fn place_some(&mut self, count: u64) {
        let mut left = count;
        while left > 0 {
            let size = if self.dice.below(3) == 0 { left.min(12) } else { 1 };
            let badge = if self.dice.below(2) == 0 {
                BADGE_SAFETY
            } else {
                BADGE_WELCOME
            };
            self.place(badge, size).await;
            left -= size;
        }
    }

    async fn place(&mut self, badge: &'static str, size: u64) {
        let now = SystemClock.now();
        let mut people = Vec::new();
        for _ in 0..size {
            let address = format!("person{}@crash.example", self.placed.len());
            people.push(Person {
                member: None,
                address: Some(Address::parse(&address).unwrap()),
                name: "O'Neill \"Pat\" נועה".to_owned(),
                generation: 0,
            });
            self.placed.push((address, badge));
        }
        let request = NewRequest {
            id: RequestId::new(random::id_at(now)),
            organisation: self.organisation,
            course: None,
            author: None,
            form_key: random::token(),
            badge_id: badge.to_owned(),
            badge_name: badge.to_owned(),
            name: "crash".to_owned(),
            content: Content::default(),
            people,
            created_at: now,
        };
        let placed = issue::place(&self.parts.store, request).await.unwrap();
        self.requests.push(placed.id);
    }

    /// Waits until every award is issued. Orders whose second sending was lost as well wait for a person: that is us.
    async fn settle(&mut self) {
        let begun = Instant::now();
        let mut decided = 0;
        loop {
            let mut open = BTreeMap::new();
            for request in &self.requests {
                self.tally(*request, &mut open).await;
            }
            if open.keys().all(|face| *face == Face::Sent) && open.values().sum::<u64>() == self.total() {
                break;
            }
            decided += self.decide_parked().await;
            assert!(
                begun.elapsed() < PATIENCE,
                "not settled: {open:?}, {} of {}",
                open.values().sum::<u64>(),
                self.total()
            );
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        println!(
            "settled after {:?}; {decided} parked orders were tried again by a person",
            begun.elapsed()
        );
    }

    async fn tally(&self, request: RequestId, open: &mut BTreeMap<Face, u64>) {
        let organisation = self.organisation;
        let counts = self
            .parts
            .store
            .read(async |tx| tx.request_counts(organisation, request).await)
            .await
            .unwrap();
        for (face, count) in counts {
            *open.entry(face).or_default() += count;
        }
    }

    async fn decide_parked(&self) -> usize {
        let organisation = self.organisation;
        let timing = self.parts.timing();
        let mut decided = 0;
        for request in &self.requests {
            let lines = self
                .parts
                .store
                .read(async |tx| tx.request_lines(organisation, *request, 100, 0).await)
                .await
                .unwrap();
            for line in lines.iter().filter(|line| line.face == Face::Parked) {
                let Some(order) = line.order else { continue };
                if issue::retry(&self.parts.store, organisation, order, &timing)
                    .await
                    .is_ok()
                {
                    decided += 1;
                }
            }
        }
        decided
    }

    fn total(&self) -> u64 {
        u64::try_from(self.placed.len()).unwrap()
    }

    /// Each person has each badge exactly once, and nobody has anything else.
    fn count(&self) {
        let got = self.factory.count_per_person();
        let wrong: Vec<_> = self
            .placed
            .iter()
            .map(|(address, badge)| {
                (
                    address,
                    badge,
                    got.get(&(address.clone(), (*badge).to_owned())).copied().unwrap_or(0),
                )
            })
            .filter(|(_, _, count)| *count != 1)
            .collect();
        assert!(wrong.is_empty(), "lost or sent twice: {wrong:?}");
        assert_eq!(
            got.len(),
            self.placed.len(),
            "somebody got a badge that nobody asked for"
        );
    }
}

impl Trial {
    /// The database, opened anew, has every award as issued.
    async fn agree(&self) {
        let (store, organisation) = (self.database.store().await, self.organisation);
        let mut issued = 0;
        for request in &self.requests {
            let counts = store
                .read(async |tx| tx.request_counts(organisation, *request).await)
                .await
                .unwrap();
            issued += counts
                .iter()
                .filter(|(face, _)| *face == Face::Sent)
                .map(|(_, count)| count)
                .sum::<u64>();
        }
        assert_eq!(issued, self.total());
    }
}

/// What goes wrong. Durations are upper bounds where the dice draw.
fn faults() -> Vec<Fault> {
    let late = Duration::from_millis(LATENESS);
    vec![
        Fault::LostAnswer { unseen_for: late },
        Fault::Unseen { unseen_for: late },
        Fault::ExecutedLater { after: late },
        Fault::NoLocation,
        Fault::OddLocation,
        Fault::TooMany { retry_after: 1 },
        Fault::Closed { retry_after: 1 },
        Fault::StatusAfterWork(500),
        Fault::Status(502),
        Fault::Reset,
        Fault::Hang {
            span: Duration::from_secs(2),
            after_work: true,
        },
    ]
}

fn settings(database: &Database, folder: &tempfile::TempDir, roots: &str) -> Vec<(&'static str, String)> {
    let text = |value: &str| value.to_owned();
    let mut settings = vec![
        ("BADGEBRIDGE_PUBLIC_URL", text("http://127.0.0.1:0")),
        ("BADGEBRIDGE_LISTEN", text("127.0.0.1:0")),
        ("BADGEBRIDGE_DATA_DIR", folder.path().display().to_string()),
        ("BADGEBRIDGE_DATABASE_URL", database.url.clone()),
        ("BADGEBRIDGE_METRICS_LISTEN", text("off")),
        ("BADGEBRIDGE_LOG", text("error")),
        ("BADGEBRIDGE_EXTRA_CA", text(roots)),
        ("BADGEBRIDGE_ALLOWED_NETWORKS", text("127.0.0.0/8")),
        ("BADGEBRIDGE_SETTLE_LOOKS_MS", text(LOOKS)),
        ("BADGEBRIDGE_SETTLE_SECOND_LOOKS_MS", text("3000,8000")),
        ("BADGEBRIDGE_SETTLE_SEND_WINDOW_MS", text("400")),
        ("BADGEBRIDGE_SETTLE_ABORT_MS", text("800")),
        ("BADGEBRIDGE_SETTLE_LEASE_MS", text("1200")),
        ("BADGEBRIDGE_SETTLE_AWAY_MS", text("100,400")),
        ("BADGEBRIDGE_SETTLE_PROBE_MS", text("400")),
        ("BADGEBRIDGE_SETTLE_AGAIN_MS", text("200")),
        ("BADGEBRIDGE_JOBS_POLL_MS", text("50")),
        ("BADGEBRIDGE_JOBS_LEASE_MS", text("1500")),
        ("BADGEBRIDGE_JOBS_RETRY_MS", text("200,400,800,1600")),
        ("BADGEBRIDGE_FACTORY_CALLS_PER_SECOND", text("200")),
    ];
    if !database.url.starts_with("sqlite") {
        settings.push(("BADGEBRIDGE_SECRET_KEY", secret_key(folder)));
    }
    settings
}

/// A secret key in base64, as an operator of PostgreSQL makes it.
fn secret_key(folder: &tempfile::TempDir) -> String {
    let file = folder.path().join("secret.key");
    Keyring::generate_file(&file).unwrap();
    std::fs::read_to_string(&file).unwrap().trim().to_owned()
}

fn config(settings: &[(&'static str, String)]) -> Config {
    let environment = settings.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    Config::load(File::None, environment.collect::<Vec<_>>(), &Flags::new()).unwrap()
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}
