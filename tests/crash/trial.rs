//! One trial: orders, misbehaviour, kills, and the count at the end.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

use badgebridge::app::Parts;
use badgebridge::awards::issue;
use badgebridge::clock::{Clock, SystemClock};
use badgebridge::crypto::random;
use badgebridge::factory::CertificateIdentity;
use badgebridge::model::award::Face;
use badgebridge::model::request::{Content, NewRequest, Person};
use badgebridge::model::{Address, OrganisationId, RequestId};
use badgebridge::sandbox::factory::{
    Aim, BADGE_SAFETY, BADGE_WELCOME, CLIENT, Factory, Fault, Kind, Options, Phase, Plan,
};

use crate::dice::Dice;
use crate::misbehaviour::{self, faults};
use crate::program::{Program, Recipe};
use crate::setting::{LOOKS, NO_LOOKS, config, number, settings};
use crate::support::database::Database;

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
    people: BTreeMap<RequestId, u64>,
    placed: Vec<(String, &'static str)>,
    dice: Dice,
    database: Database,
    _folder: tempfile::TempDir,
}

impl Trial {
    pub(crate) async fn new(database: &Database) -> Self {
        Self::with_looks(database, LOOKS).await
    }

    /// A trial whose programs do not settle: the lateness that the others bear ends in duplicates.
    pub(crate) async fn without_settling(database: &Database) -> Self {
        Self::with_looks(database, NO_LOOKS).await
    }

    async fn with_looks(database: &Database, looks: &str) -> Self {
        let seed = number("BADGEBRIDGE_CRASH_SEED", u64::from_le_bytes(random::bytes::<8>()) >> 16);
        println!("seed {seed} on {}", database.url.split(':').next().unwrap());
        let folder = tempfile::tempdir().unwrap();
        let factory = Factory::start(Options::default()).unwrap();
        let roots = folder.path().join("roots.pem");
        std::fs::write(&roots, factory.ca_pem()).unwrap();
        let mut settings = settings(database, &folder, &roots.display().to_string());
        for (name, value) in &mut settings {
            if *name == "BADGEBRIDGE_SETTLE_LOOKS_MS" {
                looks.clone_into(value);
            }
        }
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
            people: BTreeMap::new(),
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
        let begun = Instant::now();
        let mut programs: Vec<Program> = self.recipes.iter().map(Program::start).collect();
        // the program sends no address twice in one call: the manner stands to show that nothing hangs on it
        self.factory.set_manner(|manner| manner.merge_duplicates = true);
        self.everything_thrice().await;
        println!("everything went wrong three times after {:?}", begun.elapsed());
        self.factory.misbehave(Plan::Random {
            seed: self.dice.below(u64::MAX),
            percent: 25,
            weights: faults().into_iter().map(|fault| (fault, 1)).collect(),
            aim: Aim::Only(Kind::Issue),
        });
        let mut in_the_middle = 0;
        for kill in 0..kills {
            self.place_some(awards / kills).await;
            misbehaviour::stand_for(&self.factory, kill);
            let victim = usize::try_from(kill).unwrap() % programs.len();
            match kill % 4 {
                1 => {
                    let after = Duration::from_millis(self.dice.below(600));
                    tokio::time::sleep(after).await; // the moment of a kill is what the dice say
                    programs[victim].kill();
                }
                // the one that sent it, or the other: who is left goes on
                2 => {
                    self.kill_in_the_middle(&programs[victim..=victim]).await;
                    in_the_middle += u64::from(programs.len() == 1);
                    if programs.iter().any(Program::is_running) {
                        self.until_one_more_is_issued().await;
                    }
                }
                _ => {
                    self.kill_in_the_middle(&programs).await;
                    in_the_middle += 1;
                }
            }
            for (program, recipe) in programs.iter_mut().zip(&self.recipes) {
                if !program.is_running() {
                    *program = Program::start(recipe);
                }
            }
        }
        assert!(
            in_the_middle >= kills / 2,
            "at least half of the kills fall between receipt and commit"
        );
        println!("killed {kills} times after {:?}", begun.elapsed());
        self.factory.misbehave(Plan::Calm);
        misbehaviour::refuse_nothing(&self.factory);
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

    /// The same count as after every trial, where answers are lost and events show up later than the only look: each person
    /// has the badge twice. A count that is blind to this would prove nothing.
    pub(crate) async fn run_unsettled(mut self) {
        let program = Program::start(&self.recipes[0]);
        let (people, aim) = (4, Aim::Only(Kind::Issue));
        let unseen_for = Duration::from_secs(2);
        self.factory.misbehave(Plan::Next {
            fault: Fault::LostAnswer { unseen_for },
            times: people,
            aim,
        });
        for _ in 0..people {
            self.place(BADGE_SAFETY, 1).await;
        }
        let begun = Instant::now();
        let twice = |trial: &Self| trial.wrong().iter().filter(|(_, _, count)| *count == 2).count();
        while twice(&self) < self.placed.len() {
            assert!(
                begun.elapsed() < PATIENCE,
                "no duplicates came to be: {:?}",
                self.wrong()
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        drop(program);
    }

    /// Each misbehaviour on its own, three times, before the dice decide.
    async fn everything_thrice(&mut self) {
        for fault in faults() {
            let aim = Aim::Only(Kind::Issue);
            self.factory.misbehave(Plan::Next { fault, times: 3, aim });
        }
        for _ in 0..faults().len() * 3 {
            self.place(BADGE_SAFETY, 1).await;
        }
        self.factory.set_manner(|manner| {
            manner.forbidden_badges.insert(BADGE_WELCOME.to_owned());
        });
        for _ in 0..3 {
            self.place(BADGE_WELCOME, 1).await;
            self.place_with_a_bad_address(BADGE_SAFETY, 3).await;
        }
        let begun = Instant::now();
        loop {
            let missing = misbehaviour::missing(&self.factory);
            if missing.is_empty() {
                break;
            }
            assert!(begun.elapsed() < PATIENCE, "fewer than three of a kind: {missing:?}");
            misbehaviour::vary_markers(&self.factory);
            if missing.iter().all(|(name, _)| name.starts_with("log_entry")) {
                // markers are read only of what has to be looked for
                self.factory.misbehave(Plan::next_issue(Fault::NoLocation));
                self.place(BADGE_SAFETY, 1).await;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Kills at the instant when the simulator has received, or has just stored, an issuing call. Nobody can tell from
    /// outside which process sent it: certain only where `programs` are all of them.
    async fn kill_in_the_middle(&mut self, programs: &[Program]) {
        let phase = if self.dice.below(2) == 0 {
            Phase::Received
        } else {
            Phase::Stored
        };
        let countdown = Arc::new(AtomicI64::new(i64::try_from(1 + self.dice.below(3)).unwrap()));
        let done = Arc::new(AtomicBool::new(false));
        let (targets, flag) = (programs.to_vec(), Arc::clone(&done));
        self.factory.on_issue(move |issuing| {
            if issuing.phase == phase && countdown.fetch_sub(1, Ordering::SeqCst) == 1 {
                let killed = targets.iter().filter(|program| program.kill()).count();
                flag.store(killed == targets.len(), Ordering::SeqCst);
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

    /// A survivor goes on: with what the other sent, once its lease is over, and with what is new.
    async fn until_one_more_is_issued(&mut self) {
        let issued = |trial: &Self| {
            trial
                .factory
                .count_per_person()
                .values()
                .copied()
                .map(u64::from)
                .sum::<u64>()
        };
        let (before, begun) = (issued(self), Instant::now());
        self.place(BADGE_SAFETY, 1).await;
        while issued(self) == before {
            assert!(begun.elapsed() < PATIENCE, "the survivor sends nothing");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
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
            if size > 1 && self.dice.below(3) == 0 {
                self.place_with_a_bad_address(badge, size).await;
            } else {
                self.place(badge, size).await;
            }
            left -= size;
        }
    }

    /// The Factory refuses the whole call for the sake of one address.
    async fn place_with_a_bad_address(&mut self, badge: &'static str, size: u64) {
        let bad = address(self.placed.len());
        self.factory.set_manner(|manner| {
            manner.refused_addresses.insert(bad);
        });
        self.place(badge, size).await;
    }

    async fn place(&mut self, badge: &'static str, size: u64) {
        let now = SystemClock.now();
        let mut people = Vec::new();
        for _ in 0..size {
            let address = address(self.placed.len());
            people.push(Person {
                member: None,
                address: Some(Address::parse(&address).unwrap()),
                name: "O'Neill \"Pat\" נועה".to_owned(),
                generation: 0,
                instead: None,
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
        self.people.insert(placed.id, size);
    }

    /// Waits until every award is issued. Orders that were refused, or whose second sending was lost as well, wait for a
    /// person: that is us.
    async fn settle(&mut self) {
        let begun = Instant::now();
        let patience = PATIENCE + Duration::from_millis(50) * u32::try_from(self.placed.len()).unwrap();
        let (mut parked, mut refused) = (0, 0);
        let mut open = self.requests.clone();
        while !open.is_empty() {
            let mut still_open = Vec::new();
            for request in open {
                let counts = self.counts(request).await;
                let people = self.people.get(&request).copied().unwrap();
                if counts.get(&Face::Sent) == Some(&people) {
                    continue;
                }
                if counts.contains_key(&Face::Parked) || counts.contains_key(&Face::Failed) {
                    parked += self.try_again(request, Face::Parked).await;
                    refused += self.try_again(request, Face::Failed).await;
                }
                still_open.push(request);
            }
            open = still_open;
            assert!(
                begun.elapsed() < patience,
                "{} requests are not settled, the first of them {:?}",
                open.len(),
                self.counts(open[0]).await
            );
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        let took = begun.elapsed();
        println!("settled after {took:?}; tried again by a person: {parked} parked orders, {refused} refused ones");
    }

    async fn counts(&self, request: RequestId) -> BTreeMap<Face, u64> {
        let organisation = self.organisation;
        let counts = self
            .parts
            .store
            .read(async move |tx| tx.request_counts(organisation, request).await)
            .await;
        counts.unwrap().into_iter().collect()
    }

    async fn try_again(&self, request: RequestId, face: Face) -> usize {
        let organisation = self.organisation;
        let timing = self.parts.timing();
        let lines = self
            .parts
            .store
            .read(async move |tx| tx.request_lines(organisation, request, 100, 0).await)
            .await
            .unwrap();
        let mut decided = 0;
        for order in lines
            .iter()
            .filter(|line| line.face == face)
            .filter_map(|line| line.order)
        {
            // an order of several people is decided about once
            let answer = issue::retry(&self.parts.store, organisation, order, &timing).await;
            decided += usize::from(answer.is_ok());
        }
        decided
    }

    fn total(&self) -> u64 {
        u64::try_from(self.placed.len()).unwrap()
    }

    /// Who does not have the badge exactly once, and how often.
    fn wrong(&self) -> Vec<(String, &'static str, u32)> {
        let got = self.factory.count_per_person();
        let counted = self.placed.iter().map(|(address, badge)| {
            let count = got.get(&(address.clone(), (*badge).to_owned())).copied();
            (address.clone(), *badge, count.unwrap_or(0))
        });
        counted.filter(|(_, _, count)| *count != 1).collect()
    }

    /// Each person has each badge exactly once, and nobody has anything else.
    fn count(&self) {
        let wrong = self.wrong();
        assert!(wrong.is_empty(), "lost or sent twice: {wrong:?}");
        assert_eq!(
            self.factory.count_per_person().len(),
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

fn address(person: usize) -> String {
    format!("person{person}@crash.example")
}
