//! One trial of signals: feeds, rules, kills while senders send and orders run, and the count at the end.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use badgebridge::app::{NewFeed, Parts};
use badgebridge::awards::{issue, rules};
use badgebridge::clock::{Clock, SystemClock, Timestamp};
use badgebridge::crypto::random;
use badgebridge::factory::CertificateIdentity;
use badgebridge::model::award::Face;
use badgebridge::model::fact::FactClass;
use badgebridge::model::feed::FeedKind;
use badgebridge::model::order::OrderState;
use badgebridge::model::rule::{Options as RuleOptions, RuleState, Terms};
use badgebridge::model::signal::Item;
use badgebridge::model::{CourseId, FeedId, MemberId, OrganisationId, RegistrationId, RuleId};
use badgebridge::sandbox::factory::{Aim, BADGE_SAFETY, BADGE_WELCOME, CLIENT, Factory, Kind, Options, Phase, Plan};
use badgebridge::store::rule::NewRule;
use badgebridge::store::{Durability, StoreError};
use serde_json::{Value, json};

use crate::dice::Dice;
use crate::misbehaviour::{self, faults};
use crate::program::{Program, Recipe};
use crate::seed::{execute, seed};
use crate::senders::{Feed, Message, Trouble, send_all};
use crate::setting::{config, number, settings};
use crate::support::database::Database;

/// An address that stays the same over restarts, since the senders know it: none of the ports that the system gives to calls
/// that go out, which would take it while its server is down.
fn address() -> SocketAddr {
    let free = || {
        let port = 20_000 + u16::from_le_bytes(random::bytes::<2>()) % 10_000;
        TcpListener::bind(("127.0.0.1", port)).ok()?.local_addr().ok()
    };
    std::iter::repeat_with(free).flatten().next().unwrap()
}

/// How long settling may take after the last kill, and longer for each person.
const PATIENCE: Duration = Duration::from_mins(2);

/// A person, what is sent about them, and what they should have.
#[derive(Debug)]
struct Story {
    member: MemberId,
    address: String,
    badge: &'static str,
    is_owed: bool,
    completed: bool,
    /// The newest of the grades.
    percent: i32,
}

/// A course with a feed of its own.
struct Place {
    course: CourseId,
    feed: Feed,
    feed_id: FeedId,
    badge: &'static str,
}

/// Kills every server, and waits until a sender has missed them: the few kills of a short run may all fall between two
/// messages.
async fn down_until_missed(programs: &[Program], trouble: &Trouble) {
    for program in programs {
        program.kill();
    }
    let (before, begun) = (trouble.count(), Instant::now());
    while trouble.count() == before {
        assert!(begun.elapsed() < PATIENCE, "nobody sends");
        tokio::time::sleep(Duration::from_millis(5)).await; // until a sender tries
    }
}

/// A trial.
pub(crate) struct SignalTrial {
    factory: Factory,
    parts: Parts,
    organisation: OrganisationId,
    recipes: Vec<Recipe>,
    servers: Vec<String>,
    places: Vec<Place>,
    stories: Vec<Story>,
    messages: Vec<Message>,
    /// Signals in all messages.
    signals: usize,
    dice: Dice,
    database: Database,
    _folder: tempfile::TempDir,
}

impl SignalTrial {
    pub(crate) async fn new(database: &Database) -> Self {
        let seed = number("BADGEBRIDGE_CRASH_SEED", u64::from_le_bytes(random::bytes::<8>()) >> 16);
        println!("signals: seed {seed} on {}", database.url.split(':').next().unwrap());
        let folder = tempfile::tempdir().unwrap();
        let factory = Factory::start(Options::default()).unwrap();
        let roots = folder.path().join("roots.pem");
        std::fs::write(&roots, factory.ca_pem()).unwrap();
        let mut settings = settings(database, &folder, &roots.display().to_string());
        settings.push(("BADGEBRIDGE_FEEDS_REQUESTS_PER_SECOND", "100000".to_owned()));
        let parts = Parts::open(config(&settings), Arc::new(SystemClock)).await.unwrap();
        let organisation = parts.organisation_called("Signal College").await.unwrap().id;
        let (certificate, key) = factory.issue_identity(CLIENT).unwrap();
        let identity = CertificateIdentity::import(&certificate, &key, None, SystemClock.now().seconds()).unwrap();
        parts
            .keep_certificate(organisation, &factory.url(), &identity)
            .await
            .unwrap();
        let processes = if database.url.starts_with("sqlite") { 1 } else { 2 };
        let (mut recipes, mut servers) = (Vec::new(), Vec::new());
        for _ in 0..processes {
            let address = address();
            let mut own = settings.clone();
            own.retain(|(name, _)| *name != "BADGEBRIDGE_LISTEN");
            own.push(("BADGEBRIDGE_LISTEN", address.to_string()));
            recipes.push(Recipe {
                arguments: vec!["serve"],
                settings: own,
            });
            servers.push(format!("http://{address}"));
        }
        Self {
            factory,
            parts,
            organisation,
            recipes,
            servers,
            places: Vec::new(),
            stories: Vec::new(),
            messages: Vec::new(),
            signals: 0,
            dice: Dice::new(seed),
            database: database.clone(),
            _folder: folder,
        }
    }

    pub(crate) async fn run(mut self) {
        let kills = number("BADGEBRIDGE_CRASH_KILLS", 5);
        let signals = usize::try_from(number("BADGEBRIDGE_CRASH_SIGNALS", 150)).unwrap();
        self.prepare(signals / 3).await;
        let begun = Instant::now();
        let mut programs: Vec<Program> = self.recipes.iter().map(Program::start).collect();
        self.factory.misbehave(Plan::Random {
            seed: self.dice.below(u64::MAX),
            percent: 25,
            weights: faults().into_iter().map(|fault| (fault, 1)).collect(),
            aim: Aim::Only(Kind::Issue),
        });
        // the kills fall into the time of sending
        let pace = Duration::from_millis(60 * kills).max(Duration::from_secs(30)) / 100;
        let trouble = Trouble::default();
        let sending = send_all(
            self.servers.clone(),
            std::mem::take(&mut self.messages),
            self.dice.below(u64::MAX),
            pace.min(Duration::from_millis(300)),
            trouble.clone(),
        );
        let sending = tokio::spawn(sending);
        down_until_missed(&programs, &trouble).await;
        self.start_again(&mut programs);
        let mut in_the_middle = 0;
        for kill in 0..kills {
            misbehaviour::stand_for(&self.factory, kill);
            let victim = usize::try_from(kill).unwrap() % programs.len();
            if kill % 2 == 0 {
                let after = Duration::from_millis(100 + self.dice.below(500));
                tokio::time::sleep(after).await; // the moment of a kill is what the dice say
                programs[victim].kill();
            } else if self.kill_in_the_middle(&programs).await {
                in_the_middle += 1;
            }
            self.start_again(&mut programs);
        }
        let sent = sending.await.unwrap();
        println!(
            "killed {kills} times ({in_the_middle} while an order was on its way), sent after {:?}: {sent:?}",
            begun.elapsed()
        );
        assert!(sent.again > 0, "nothing was sent again");
        assert!(sent.failed > 0, "the senders had no trouble");
        self.factory.misbehave(Plan::Calm);
        misbehaviour::refuse_nothing(&self.factory);
        self.settle().await;
        drop(programs);
        self.count();
        self.agree().await;
        let owed = self.stories.iter().filter(|story| story.is_owed).count();
        println!(
            "{} signals about {} people, {owed} awards after {:?}, {:?}",
            self.signals,
            self.stories.len(),
            begun.elapsed(),
            self.factory.misbehaved()
        );
    }

    fn start_again(&self, programs: &mut [Program]) {
        for (program, recipe) in programs.iter_mut().zip(&self.recipes) {
            if !program.is_running() {
                *program = Program::start(recipe);
            }
        }
    }

    /// Two courses with a feed and a rule each, people, and what will be sent about them.
    async fn prepare(&mut self, people: usize) {
        let now = SystemClock.now();
        let each = people.div_ceil(2);
        for (when, badge) in [
            ("course-completed and final-grade >= 80", BADGE_SAFETY),
            ("course-completed", BADGE_WELCOME),
        ] {
            let (registration, course) = (
                RegistrationId::new(random::id_at(now)),
                CourseId::new(random::id_at(now)),
            );
            let members: Vec<MemberId> = (0..=each).map(|_| MemberId::new(random::id_at(now))).collect();
            let first = self.stories.len();
            let addresses: Vec<String> = (first..first + each)
                .map(|at| format!("learner{at}@crash.example"))
                .collect();
            let learners: Vec<Option<&str>> = addresses.iter().map(|text| Some(text.as_str())).collect();
            let rows = seed(
                &self.database.url,
                self.organisation,
                registration,
                course,
                &members,
                &learners,
            );
            execute(&self.database.url, rows).await;
            let rule = NewRule {
                id: RuleId::new(random::id_at(now)),
                organisation: self.organisation,
                registration,
                course,
                badge_id: badge.to_owned(),
                terms: Terms {
                    when: when.parse().unwrap(),
                    options: RuleOptions {
                        wait_hours: Some(0),
                        breaker: Some(100_000),
                        ..RuleOptions::default()
                    },
                    since: Some(now.minus(Duration::from_hours(24))),
                },
                author: None,
            };
            let added: Result<(), StoreError> = self
                .parts
                .store
                .write(Durability::Full, async move |tx| tx.add_rule(&rule, now).await)
                .await;
            added.unwrap();
            let made = self
                .parts
                .add_feed(NewFeed {
                    organisation: self.organisation,
                    kind: FeedKind::Webhook,
                    name: badge.to_owned(),
                    registration: Some(registration),
                    course: None,
                    key_in_address: false,
                })
                .await
                .unwrap();
            let place = Place {
                course,
                feed: Feed::new(&made),
                feed_id: made.feed.id,
                badge,
            };
            for (member, address) in members.into_iter().skip(1).zip(addresses) {
                self.tell(&place, member, address, now);
            }
            self.places.push(place);
        }
        self.mix();
    }

    /// Makes up one person's story: older news, newer news, and what they should have at the end.
    fn tell(&mut self, place: &Place, member: MemberId, address: String, now: Timestamp) {
        let needs_grade = place.badge == BADGE_SAFETY;
        let completed = self.dice.below(5) > 0;
        let enough = self.dice.below(4) > 0;
        let grade = |dice: &mut Dice, from: u64, to: u64| i32::try_from(from + dice.below(to - from)).unwrap();
        let percent = if enough {
            grade(&mut self.dice, 80, 101)
        } else {
            grade(&mut self.dice, 0, 80)
        };
        // no state in between may earn what the last one does not
        let before = if enough {
            grade(&mut self.dice, 0, 101)
        } else {
            grade(&mut self.dice, 0, 80)
        };
        let at = |seconds: i64| now.seconds() - 3_600 + seconds;
        let event = |kind: &str, seconds: i64, score: Option<i32>| {
            let mut data = json!({"context": {"lti_context_id": "2"}, "user": {"lti_sub": member.to_string()},
                "completed_at": at(seconds)});
            if let Some(given) = score {
                data["score"] = json!({"given": given, "maximum": 100});
            }
            json!({"type": kind, "data": data})
        };
        let mut events = vec![
            event("grade.recorded", 10, Some(before)),
            event("grade.recorded", 20, Some(percent)),
        ];
        if completed {
            events.push(event("course.completed", 15, None));
        }
        self.signals += events.len();
        for (number, body) in events.into_iter().enumerate() {
            self.messages.push(Message {
                feed: place.feed.clone(),
                id: format!("{member}-{number}"),
                body,
            });
        }
        self.stories.push(Story {
            member,
            address,
            badge: place.badge,
            is_owed: completed && (enough || !needs_grade),
            completed,
            percent,
        });
    }

    /// Any order; some messages bring several events.
    fn mix(&mut self) {
        for at in (1..self.messages.len()).rev() {
            let other = usize::try_from(self.dice.below(u64::try_from(at).unwrap() + 1)).unwrap();
            self.messages.swap(at, other);
        }
        let mut mixed: Vec<Message> = Vec::new();
        for message in std::mem::take(&mut self.messages) {
            match mixed.last_mut() {
                Some(last) if self.dice.below(4) == 0 && message.is_for_feed_of(last) => match &mut last.body {
                    Value::Array(events) => events.push(message.body),
                    one => *one = Value::Array(vec![one.take(), message.body]),
                },
                _ => mixed.push(message),
            }
        }
        self.messages = mixed;
    }

    /// Kills every process while an issuing call is on its way; `false`: none came, and they were killed all the same.
    async fn kill_in_the_middle(&mut self, programs: &[Program]) -> bool {
        let phase = if self.dice.below(2) == 0 {
            Phase::Received
        } else {
            Phase::Stored
        };
        let done = Arc::new(AtomicBool::new(false));
        let (targets, flag) = (programs.to_vec(), Arc::clone(&done));
        self.factory.on_issue(move |issuing| {
            if issuing.phase == phase && !flag.swap(true, Ordering::SeqCst) {
                for program in &targets {
                    program.kill();
                }
            }
        });
        let begun = Instant::now();
        while !done.load(Ordering::SeqCst) && begun.elapsed() < Duration::from_secs(3) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.factory.off_issue();
        let was_on_its_way = done.swap(true, Ordering::SeqCst);
        for program in programs {
            program.kill();
        }
        was_on_its_way
    }

    /// Waits until nothing is left to do. Orders that were refused, or whose second sending was lost as well, wait for a
    /// person: that is us.
    async fn settle(&mut self) {
        let (begun, organisation) = (Instant::now(), self.organisation);
        let patience = PATIENCE + Duration::from_millis(100) * u32::try_from(self.stories.len()).unwrap();
        let (timing, mut decided, mut calm) = (self.parts.timing(), 0, 0);
        while calm < 3 {
            let (orders, waiting, jobs, known) = self
                .parts
                .store
                .read(async |tx| {
                    Ok::<_, StoreError>((
                        tx.open_orders(organisation).await?,
                        tx.stored_signals(organisation, 1).await?,
                        tx.job_keys().await?,
                        tx.rules(organisation).await?,
                    ))
                })
                .await
                .unwrap();
            for order in &orders {
                if matches!(order.state, OrderState::Parked | OrderState::Refused) {
                    let again = issue::retry(&self.parts.store, organisation, order.id, &timing).await;
                    decided += usize::from(again.is_ok());
                }
            }
            // so many at once stop a rule: a person lets it go on
            for rule in known.iter().filter(|rule| rule.state == RuleState::Stopped) {
                rules::release(&self.parts.store, rule, None).await.unwrap();
            }
            let is_busy = jobs.iter().any(|key| {
                ["evaluate", "match-signals", "rule-run", "release"]
                    .iter()
                    .any(|kind| key.starts_with(kind))
            });
            let is_stopped = known.iter().any(|rule| rule.state == RuleState::Stopped);
            calm = if orders.is_empty() && waiting.is_empty() && !is_busy && !is_stopped {
                calm + 1
            } else {
                0
            };
            assert!(
                begun.elapsed() < patience,
                "not settled: {} orders, {} signals, {jobs:?}",
                orders.len(),
                waiting.len()
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        println!(
            "settled after {:?}; {decided} orders tried again by a person",
            begun.elapsed()
        );
    }

    /// Whoever should have a badge has it once, and nobody has anything else.
    fn count(&self) {
        let owed: BTreeMap<(String, String), usize> = self
            .stories
            .iter()
            .filter(|story| story.is_owed)
            .map(|story| ((story.address.clone(), story.badge.to_owned()), 1))
            .collect();
        let got: BTreeMap<(String, String), usize> = self
            .factory
            .count_per_person()
            .into_iter()
            .map(|(who, count)| (who, usize::try_from(count).unwrap()))
            .collect();
        let wrong = |one: &BTreeMap<(String, String), usize>, other: &BTreeMap<(String, String), usize>| {
            let differs = one.iter().filter(|(who, count)| other.get(*who) != Some(*count));
            differs.map(|(who, count)| (who.clone(), *count)).collect::<Vec<_>>()
        };
        assert_eq!(wrong(&owed, &got), [], "owed and not given once");
        assert_eq!(wrong(&got, &owed), [], "given and not owed");
    }

    /// The database, opened anew, holds every signal that was acknowledged, what they say, and the awards of the Factory.
    async fn agree(&self) {
        let (store, organisation) = (self.database.store().await, self.organisation);
        let mut kept = 0;
        for place in &self.places {
            let counts = store
                .read(async |tx| tx.signal_counts(organisation, place.feed_id).await)
                .await
                .unwrap();
            assert!(counts.iter().all(|count| count.state == "matched"), "{counts:?}");
            kept += counts.iter().map(|count| count.count).sum::<i64>();
        }
        assert_eq!(usize::try_from(kept).unwrap(), self.signals, "each once");
        for story in &self.stories {
            let place = self.places.iter().find(|place| place.badge == story.badge).unwrap();
            let (course, member) = (place.course, story.member);
            let (facts, awards) = store
                .read(async |tx| {
                    Ok::<_, StoreError>((
                        tx.facts(organisation, course, member).await?,
                        tx.course_member_awards(organisation, course, member).await?,
                    ))
                })
                .await
                .unwrap();
            let completed = facts.holding(&Item::Course, FactClass::Completion).is_some();
            assert_eq!(completed, story.completed, "{story:?}");
            let percent = facts.score(&Item::FinalGrade).and_then(|(_, score)| score.percent());
            assert_eq!(percent.unwrap().to_string(), story.percent.to_string(), "{story:?}");
            let sent: Vec<Face> = awards.iter().map(|award| award.face).collect();
            let expected: &[Face] = if story.is_owed { &[Face::Sent] } else { &[] };
            assert_eq!(sent, expected, "{story:?}");
        }
    }
}
