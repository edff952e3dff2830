//! Random histories: presses, intents, addresses that arrive, retries, lost and late answers, kills. Afterwards each
//! person has the badge exactly once where the award says so, and not at all where it says otherwise.

use std::collections::BTreeMap;

use badgebridge::awards::issue;
use badgebridge::model::award::{AwardState, Intent};
use badgebridge::model::order::Timing;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};

use crate::support::awards_world::{BADGE, World};
use crate::support::cases;
use crate::support::database::with_sqlite;
use crate::support::model_factory::Mishap;

/// Each case is a life of several days on a database of its own (some 60 ms): 10,000 of them would take ten minutes. What
/// needs no database runs 10,000 times in `orders_model`; `PROPTEST_SEED` and a loop try more of these.
const CASES: u32 = 96;
const LEARNERS: [Option<&str>; 4] = [
    Some("ada@example.org"),
    Some("bob@example.org"),
    None,
    Some("bad@example.org"),
];
const LATER: &str = "cyd@example.org";
const PASTED: [&str; 3] = ["ada@example.org", "eve@example.org", LATER];

#[derive(Clone, Debug)]
enum Act {
    Press { form: u8, learners: u8, pasted: u8 },
    Stop { award: usize, revoke: bool },
    Retry { award: usize },
    GiveUp { award: usize },
    LearnAddress,
    FailReads(u32),
    Drain,
    Advance(u8),
}

#[derive(Clone, Debug)]
struct Plan {
    batch: usize,
    mishaps: Vec<Mishap>,
    acts: Vec<Act>,
}

fn mishap() -> impl Strategy<Value = Mishap> {
    // An accepted call is shown within 15 minutes: that is what the promise rests on.
    let shown = 0_u32..=15 * 60_000;
    prop_oneof![
        2 => Just(Mishap::Fine),
        3 => shown.clone().prop_map(Mishap::LostAfter),
        2 => Just(Mishap::LostBefore),
        1 => Just(Mishap::NotReached),
        1 => Just(Mishap::Busy),
        1 => Just(Mishap::NotFound),
        1 => Just(Mishap::Forbidden),
        1 => Just(Mishap::Credential),
        2 => Just(Mishap::FaultBefore),
        2 => shown.clone().prop_map(Mishap::FaultAfter),
        1 => Just(Mishap::NoLocation),
        1 => Just(Mishap::LeavesOneOut),
        2 => shown.prop_map(Mishap::KillAfter),
        1 => Just(Mishap::KillBefore),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => (0_u8..4, 0_u8..16, 0_u8..8).prop_map(|(form, learners, pasted)| Act::Press { form, learners, pasted }),
        3 => (0_usize..8, any::<bool>()).prop_map(|(award, revoke)| Act::Stop { award, revoke }),
        2 => (0_usize..8).prop_map(|award| Act::Retry { award }),
        1 => (0_usize..8).prop_map(|award| Act::GiveUp { award }),
        1 => Just(Act::LearnAddress),
        1 => (1_u32..4).prop_map(Act::FailReads),
        3 => Just(Act::Drain),
        4 => (1_u8..5).prop_map(Act::Advance),
    ]
}

fn plan() -> impl Strategy<Value = Plan> {
    (
        1_usize..4,
        prop::collection::vec(mishap(), 0..10),
        prop::collection::vec(act(), 1..14),
    )
        .prop_map(|(batch, mishaps, mut acts)| {
            acts.insert(
                0,
                Act::Press {
                    form: 9,
                    learners: 0b1011,
                    pasted: 0b010,
                },
            );
            Plan { batch, mishaps, acts }
        })
}

async fn play(world: &mut World, plan: &Plan) {
    world.factory.refuse("bad@example.org");
    world.factory.misbehave(plan.mishaps.iter().copied());
    for act in &plan.acts {
        match act {
            Act::Press { form, learners, pasted } => {
                let learners: Vec<usize> = (0..4).filter(|at| learners & (1 << at) != 0).map(|at| at + 1).collect();
                let pasted: Vec<&str> = PASTED
                    .iter()
                    .enumerate()
                    .filter(|(at, _)| pasted & (1 << at) != 0)
                    .map(|(_, text)| *text)
                    .collect();
                if !(learners.is_empty() && pasted.is_empty()) {
                    world.press(&format!("form {form}"), &learners, &pasted).await;
                }
            }
            Act::Stop { award, revoke } => {
                let intent = if *revoke { Intent::Revoke } else { Intent::Withdraw };
                if let Some(line) = world.awards().await.get(*award) {
                    // Refused where it is too late, which is fine.
                    let _ = issue::stop(&world.store, world.organisation, line.id, intent, None, None).await;
                }
            }
            Act::Retry { award } => {
                if let Some(order) = world.awards().await.get(*award).and_then(|line| line.order) {
                    let _ = issue::retry(&world.store, world.organisation, order, &world.timing).await;
                }
            }
            Act::GiveUp { award } => {
                if let Some(order) = world.awards().await.get(*award).and_then(|line| line.order) {
                    let _ = issue::give_up(&world.store, world.organisation, order).await;
                }
            }
            Act::LearnAddress => world.learn_address(3, LATER).await,
            Act::FailReads(count) => world.factory.fail_reads(*count),
            Act::Drain => world.drain().await,
            Act::Advance(steps) => {
                for _ in 0..*steps {
                    world.advance().await;
                }
            }
        }
    }
    world.factory.heal();
    world.settle().await;
}

/// What is wrong in the end, if anything.
async fn wrong(world: &World) -> Option<String> {
    let lines = world.awards().await;
    let mut owed: BTreeMap<String, usize> = BTreeMap::new();
    for line in &lines {
        let has = match line.state {
            AwardState::Issued => 1,
            AwardState::Revoked | AwardState::Refused | AwardState::Withdrawn | AwardState::Held(_) => 0,
            AwardState::Sending if line.face == badgebridge::model::award::Face::Parked => 0,
            state => return Some(format!("an award is left {state}: {line:?}")),
        };
        if line.state == AwardState::Issued && line.intent.is_some() {
            return Some(format!("an intent was forgotten: {line:?}"));
        }
        if let Some(address) = &line.address {
            *owed.entry(address.clone()).or_default() += has;
        }
    }
    for (address, owed) in &owed {
        let holds = world.factory.holds(BADGE, address);
        if holds != *owed || holds > 1 {
            return Some(format!("{address} holds {holds} badges and is owed {owed}: {lines:#?}"));
        }
    }
    let problems = world.problems().await;
    let false_alarm = problems.iter().any(|kind| kind.starts_with("issued-"));
    false_alarm.then(|| format!("false alarm: {problems:?}"))
}

fn run(plan: &Plan, timing: &Timing, counts: &mut BTreeMap<String, u32>) -> Option<String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut outcome = None;
        let sum = std::sync::Mutex::new(counts);
        with_sqlite(async |database| {
            let mut world = World::new(&database, &LEARNERS, timing.clone(), plan.batch).await;
            play(&mut world, plan).await;
            for (mishap, count) in world.factory.counts() {
                *sum.lock().unwrap().entry(mishap).or_default() += count;
            }
            outcome = wrong(&world).await;
            world.store.close().await;
        })
        .await;
        outcome
    })
}

#[test]
fn whatever_happens_each_person_has_each_badge_exactly_once_or_not_at_all() {
    let mut counts = BTreeMap::new();
    let seed = cases::seed("awards_model");
    let mut runner = TestRunner::new(Config {
        cases: CASES,
        rng_seed: RngSeed::Fixed(seed),
        max_shrink_iters: 60,
        // The shortest history that fails is printed whole, and lasts.
        failure_persistence: None,
        ..Config::default()
    });
    let shared = std::cell::RefCell::new(&mut counts);
    let result = runner.run(&plan(), |plan| {
        match run(&plan, &Timing::default(), &mut shared.borrow_mut()) {
            None => Ok(()),
            Some(wrong) => Err(TestCaseError::fail(wrong)),
        }
    });
    if let Err(error) = result {
        panic!("{error}\nmishaps: {counts:?}");
    }
    println!("mishaps: {counts:?}");
    for mishap in [
        "LostAfter",
        "LostBefore",
        "FaultAfter",
        "KillAfter",
        "KillBefore",
        "NoLocation",
        "LeavesOneOut",
    ] {
        assert!(counts.contains_key(mishap), "{mishap} was not tried: {counts:?}");
    }
}

#[test]
fn with_settling_switched_off_the_same_histories_give_duplicates() {
    let timing = Timing {
        looks: Vec::new(),
        late_looks: Vec::new(),
        ..Timing::default()
    };
    let mut runner = TestRunner::deterministic();
    let mut counts = BTreeMap::new();
    let duplicates = (0..24).filter(|_| {
        let plan = plan().new_tree(&mut runner).unwrap().current();
        run(&plan, &timing, &mut counts).is_some_and(|wrong| wrong.contains("badges and is owed"))
    });
    assert!(duplicates.count() >= 3, "the test above would not notice a duplicate");
}
