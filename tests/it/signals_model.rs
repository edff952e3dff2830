//! Random lives of signals: they come in any order and repeatedly, nobody is told of them, matching and evaluation are cut
//! off anywhere and begin anew, answers of the Factory are lost, badges are taken back. Whatever happens, the newest news
//! decides, and nobody ever gets a badge twice.

use badgebridge::awards::issue;
use badgebridge::clock::Timestamp;
use badgebridge::crypto::random;
use badgebridge::jobs::{Worker, work};
use badgebridge::model::award::Intent;
use badgebridge::model::order::Timing;
use badgebridge::model::score::{Points, Score};
use badgebridge::model::signal::{CourseRef, Item, PersonRef, Signal, SignalKind, Source};
use badgebridge::model::{MemberId, SignalId};
use badgebridge::store::signal::NewSignal;
use badgebridge::store::{Durability, Store, StoreError};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};

use crate::support::awards_world::{BADGE, World};
use crate::support::database::{Database, on_both_databases, with_postgres};
use crate::support::model_factory::Mishap;

/// Lives on each database.
const LIVES: usize = 6;
/// Simpler lives that are tried after one that ended badly.
const SIMPLER: usize = 12;

/// What a sender says of somebody.
#[derive(Clone, Copy, Debug)]
enum Said {
    Completed(bool),
    Percent(i32),
}

/// What is said of each person, in the order in which it happened; in which order it is sent, by sorting; and what goes
/// wrong after each sending.
#[derive(Clone, Debug)]
struct Life {
    people: Vec<Vec<(Said, u16, bool)>>,
    mishaps: Vec<u8>,
}

fn lives() -> impl Strategy<Value = Life> {
    let said = prop_oneof![
        3 => Just(Said::Completed(true)),
        1 => Just(Said::Completed(false)),
        4 => (60..100_i32).prop_map(Said::Percent),
    ];
    let story = prop::collection::vec((said, any::<u16>(), any::<bool>()), 1..5);
    let people = prop::collection::vec(story, 1..8);
    (people, prop::collection::vec(any::<u8>(), 0..40)).prop_map(|(people, mishaps)| Life { people, mishaps })
}

/// Whether the newest of it is enough, and whether some of it could be.
fn owed(story: &[(Said, u16, bool)]) -> (bool, bool) {
    let completed = story.iter().filter_map(|(said, ..)| match said {
        Said::Completed(holds) => Some(*holds),
        Said::Percent(_) => None,
    });
    let enough = story.iter().filter_map(|(said, ..)| match said {
        Said::Percent(percent) => Some(*percent >= 80),
        Said::Completed(_) => None,
    });
    let last = |mut all: Vec<bool>| all.pop() == Some(true);
    let (completed, enough): (Vec<bool>, Vec<bool>) = (completed.collect(), enough.collect());
    let could = completed.contains(&true) && enough.contains(&true);
    (last(completed) && last(enough), could)
}

/// The signal as its feed stores it; sent again it has another id and is the same news.
fn signal(world: &World, at: usize, number: usize, said: Said, begun: Timestamp) -> NewSignal {
    let (kind, item, score) = match said {
        Said::Completed(true) => (SignalKind::Completed, Item::Course, None),
        Said::Completed(false) => (SignalKind::Uncompleted, Item::Course, None),
        Said::Percent(percent) => {
            let score = Score::of(Points::whole(percent), Points::whole(100));
            (SignalKind::Score, Item::FinalGrade, Some(score))
        }
    };
    let occurred_at = Timestamp::from_millis(begun.millis() + i64::try_from(number).unwrap());
    NewSignal {
        id: SignalId::new(random::id_at(begun)),
        organisation: world.organisation,
        feed: None,
        registration: None,
        course: None,
        position: 0,
        signal: Signal {
            source: Source::Webhook,
            source_event_id: format!("{at}-{number}"),
            kind,
            item,
            person: PersonRef {
                sub: Some(world.members[at].to_string()),
                ..PersonRef::default()
            },
            course: CourseRef {
                context_id: Some("2".to_owned()),
                ..CourseRef::default()
            },
            score,
            occurred_at,
            utc_offset_minutes: None,
            received_at: begun,
        },
        raw: None,
    }
}

/// The workers are told, as the server and the tidying up do.
async fn announce(world: &World) {
    let organisation = world.organisation;
    let queued: Result<(), StoreError> = world
        .store
        .write(Durability::Full, async move |tx| {
            let now = tx.now().await?;
            tx.enqueue(&work::match_signals(organisation, now), now).await
        })
        .await;
    queued.unwrap();
}

/// Works until it is cut off, anywhere: what runs is dropped, and what it leased waits for the lease to end.
async fn cut_off(worker: &Worker, after: u8) {
    tokio::select! {
        biased;
        done = worker.drain() => drop(done),
        () = async { for _ in 0..after { tokio::task::yield_now().await; } } => {}
    }
}

async fn mishap(world: &mut World, mishap: u8, taken_back: &mut Vec<MemberId>) {
    match mishap {
        0..40 => announce(world).await,
        40..90 => {
            announce(world).await;
            cut_off(&world.worker, mishap).await;
            world.restart();
        }
        90..130 => {
            announce(world).await;
            world.drain().await;
        }
        130..160 => world.factory.misbehave([Mishap::LostAfter(30_000)]),
        160..180 => world.restart(),
        180..200 => {
            let awards = world.awards().await;
            if let Some(award) = awards.get(usize::from(mishap) % awards.len().max(1)) {
                let by = Some(world.members[0]);
                drop(issue::stop(&world.store, world.organisation, award.id, Intent::Revoke, by, None).await);
                taken_back.extend(award.member);
            }
        }
        // nobody is told: the server died between storing and announcing
        200.. => {}
    }
}

/// Lives it; what is wrong at its end.
async fn live(database: &Database, life: &Life) -> Result<(), String> {
    let addresses: Vec<String> = (1..=life.people.len()).map(|at| format!("p{at}@example.org")).collect();
    let learners: Vec<Option<&str>> = addresses.iter().map(|text| Some(text.as_str())).collect();
    let mut world = World::new(database, &learners, Timing::default(), 50).await;
    world
        .rule("course-completed and final-grade >= 80", |options| {
            options.breaker = Some(500);
        })
        .await;
    let begun = world.store.now().await.unwrap();
    let mut sent = Vec::new();
    for (at, story) in (1..).zip(&life.people) {
        for (number, (said, place, is_twice)) in story.iter().enumerate() {
            sent.push((*place, at, number, *said));
            if *is_twice {
                sent.push((place.rotate_left(7), at, number, *said));
            }
        }
    }
    sent.sort_by_key(|(place, at, number, _)| (*place, *at, *number));
    let (mut taken_back, mut mishaps) = (Vec::new(), life.mishaps.iter());
    for (_, at, number, said) in &sent {
        let new = signal(&world, *at, *number, *said, begun);
        world.store.add_signals(vec![new]).await.unwrap();
        if let Some(next) = mishaps.next() {
            mishap(&mut world, *next, &mut taken_back).await;
        }
    }
    announce(&world).await;
    world.settle().await;
    let (awards, dropped) = (world.awards().await, world.dropped().await);
    for ((at, story), address) in (1..).zip(&life.people).zip(&addresses) {
        let member = world.members[at];
        let holds = world.factory.holds(BADGE, address);
        let own = awards.iter().filter(|award| award.member == Some(member)).count();
        let (is_owed, could_be) = owed(story);
        let expected = match (taken_back.contains(&member), is_owed, could_be) {
            (true, ..) | (false, false, false) => holds == 0,
            (false, true, _) => holds == 1 && !dropped.contains(&member),
            // who met it for a while has the badge, and is flagged
            (false, false, true) => holds == usize::from(dropped.contains(&member)),
        };
        if !expected || own > 1 {
            return Err(format!(
                "person {at} holds {holds}, has {own} awards, flagged {}: {story:?}",
                dropped.contains(&member)
            ));
        }
    }
    Ok(())
}

on_both_databases! {
    async fn signals_in_any_order_cut_off_anywhere_end_in_the_same_awards(database: Database) {
        let mut runner = TestRunner::new(Config::default());
        for _ in 0..LIVES {
            let mut tree = lives().new_tree(&mut runner).unwrap();
            let Err(mut wrong) = live(&database, &tree.current()).await else { continue };
            let mut worst = tree.current();
            for _ in 0..SIMPLER {
                if !tree.simplify() {
                    break;
                }
                while let Ok(()) = live(&database, &tree.current()).await {
                    if !tree.complicate() {
                        break;
                    }
                }
                if let Err(still) = live(&database, &tree.current()).await {
                    (wrong, worst) = (still, tree.current());
                }
            }
            panic!("{wrong}\n{worst:#?}");
        }
    }
}

/// What is written alone right after somebody gave up is committed: no transaction of theirs is open around it.
#[tokio::test]
async fn whoever_gives_up_leaves_no_open_transaction_to_the_next_one() {
    with_postgres(async |database: Database| {
        let world = World::new(&database, &[None], Timing::default(), 50).await;
        let mut options = database.options();
        options.postgres_connections = 1;
        let (store, organisation) = (Store::open(&options).await.unwrap(), world.organisation);
        let begun = store.now().await.unwrap();
        for moment in 0..40 {
            for writes in [false, true] {
                let given_up = async {
                    if writes {
                        let none: Result<(), StoreError> = store.write(Durability::Full, async move |_tx| Ok(())).await;
                        none.unwrap();
                    } else {
                        store
                            .read(async |tx| tx.stored_signals(organisation, 1).await)
                            .await
                            .unwrap();
                    }
                };
                tokio::select! {
                    biased;
                    () = given_up => {}
                    () = async { for _ in 0..moment { tokio::task::yield_now().await; } } => {}
                }
                let number = moment * 2 + usize::from(writes);
                let new = signal(&world, 1, number, Said::Completed(true), begun);
                assert_eq!(store.add_signals(vec![new]).await.unwrap(), [true]);
                let seen = world
                    .store
                    .read(async |tx| tx.stored_signals(organisation, 1_000).await)
                    .await
                    .unwrap();
                assert_eq!(seen.len(), number + 1, "everybody sees it, at moment {moment}");
            }
        }
    })
    .await;
}

/// Each person: a grade that is not enough, a better one, and the completion of the course.
#[tokio::test]
async fn two_workers_and_two_senders_in_opposite_orders_make_the_same_awards() {
    with_postgres(|database: Database| {
        Box::pin(async move {
            let addresses: Vec<String> = (1..=20).map(|at| format!("p{at}@example.org")).collect();
            let learners: Vec<Option<&str>> = addresses.iter().map(|text| Some(text.as_str())).collect();
            let mut world = World::new(&database, &learners, Timing::default(), 50).await;
            world
                .rule("course-completed and final-grade >= 80", |options| {
                    options.breaker = Some(500);
                })
                .await;
            let begun = world.store.now().await.unwrap();
            let told = [Said::Percent(70), Said::Percent(90), Said::Completed(true)];
            let sent = |at: usize| (0..).zip(told).map(move |(number, said)| (at, number, said));
            let sent: Vec<_> = (1..=addresses.len()).flat_map(sent).collect();
            let forward = async {
                for (at, number, said) in &sent {
                    world
                        .store
                        .add_signals(vec![signal(&world, *at, *number, *said, begun)])
                        .await
                        .unwrap();
                    announce(&world).await;
                }
            };
            let backward = async {
                for group in sent.rchunks(7) {
                    let group = group.iter().rev();
                    let group = group.map(|(at, number, said)| signal(&world, *at, *number, *said, begun));
                    world.store.add_signals(group.collect()).await.unwrap();
                    announce(&world).await;
                }
            };
            let second = world.second_worker();
            let works = async |worker: &Worker| {
                for _ in 0..20 {
                    worker.drain().await.unwrap();
                    tokio::task::yield_now().await;
                }
            };
            tokio::join!(forward, backward, works(&world.worker), works(&second));
            announce(&world).await;
            world.settle().await;
            for address in &addresses {
                assert_eq!(world.factory.holds(BADGE, address), 1, "{address}");
            }
            assert_eq!(world.awards().await.len(), addresses.len());
            assert!(world.dropped().await.is_empty());
        })
    })
    .await;
}
