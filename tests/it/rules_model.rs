//! Random lives of people under rules: news in any order and repeated, jobs that run again, lost answers, people who
//! take badges back. Whatever happens, the same awards are there at the end, and nobody ever got one twice.

use badgebridge::awards::issue;
use badgebridge::clock::Timestamp;
use badgebridge::model::award::{Face, Intent};
use badgebridge::model::fact::{Fact, FactValue};
use badgebridge::model::order::Timing;
use badgebridge::store::job::NewJob;
use badgebridge::store::{Durability, StoreError};

use crate::support::awards_world::{BADGE, World};
use crate::support::database::on_both_databases;
use crate::support::model_factory::Mishap;

/// People whose lives are tried at once.
const PEOPLE: usize = 24;

/// Small numbers from one seed, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }
}

/// What the sender says of one person, and whether the newest of it is enough.
async fn story(world: &World, dice: &mut Dice) -> (Vec<Fact>, bool) {
    let mut facts = Vec::new();
    for step in 0..=dice.below(3) {
        let mut fact = world.graded(i32::try_from(60 + dice.below(40)).unwrap()).await;
        fact.occurred_at = Timestamp::from_millis(fact.received_at.millis() + i64::try_from(step).unwrap());
        facts.push(fact);
    }
    let is_completed = dice.below(4) > 0;
    let enough = |fact: &Fact| match fact.value {
        FactValue::Score(score) => score.is_at_least(badgebridge::model::score::Points::whole(80)) == Some(true),
        FactValue::Holds(holds) => holds,
    };
    let meets = is_completed && facts.last().is_some_and(enough);
    if is_completed {
        facts.push(world.completed().await);
    }
    (facts, meets)
}

/// The job of a person is run once more, as after a worker that died before it could settle it.
async fn repeat(world: &World, at: usize) {
    let (organisation, course, member) = (world.organisation, world.course, world.members[at]);
    let queued: Result<(), StoreError> = world
        .store
        .write(Durability::Full, async move |tx| {
            let now = tx.now().await?;
            tx.enqueue(&NewJob::evaluate(organisation, course, member, now), now)
                .await
        })
        .await;
    queued.unwrap();
}

async fn live(world: &mut World, seed: u64) {
    let mut dice = Dice(seed);
    let mut news = Vec::new();
    let mut meets = vec![false];
    for at in 1..=PEOPLE {
        let (facts, enough) = story(world, &mut dice).await;
        meets.push(enough);
        for fact in facts {
            for _ in 0..=dice.below(2) {
                news.push((at, fact.clone()));
            }
        }
    }
    dice.shuffle(&mut news);
    let mut taken_back = Vec::new();
    for (at, fact) in news {
        world.news(at, fact).await;
        match dice.below(6) {
            0 => world.factory.misbehave([Mishap::LostAfter(30_000)]),
            1 => world.drain().await,
            2 => repeat(world, at).await,
            3 => world.restart(),
            4 if dice.below(3) == 0 => {
                let awards = world.awards().await;
                if let Some(award) = awards.get(dice.below(awards.len().max(1))) {
                    let by = Some(world.members[0]);
                    drop(issue::stop(&world.store, world.organisation, award.id, Intent::Revoke, by, None).await);
                    taken_back.extend(award.member);
                }
            }
            _ => {}
        }
    }
    world.settle().await;
    let (awards, dropped) = (world.awards().await, world.dropped().await);
    for (at, enough) in meets.iter().enumerate().skip(1) {
        let (member, address) = (world.members[at], format!("p{at}@example.org"));
        let holds = world.factory.holds(BADGE, &address);
        let own: Vec<_> = awards.iter().filter(|award| award.member == Some(member)).collect();
        assert!(own.len() <= 1, "seed {seed}: person {at} has {} awards", own.len());
        if taken_back.contains(&member) {
            assert_eq!(holds, 0, "seed {seed}: person {at} has what was taken back");
        } else if *enough {
            assert_eq!(holds, 1, "seed {seed}: person {at} meets it");
            assert!(!dropped.contains(&member), "seed {seed}: person {at} is flagged");
        } else {
            // Who met it for a while has the badge and is flagged; who never did has none.
            assert_eq!(holds == 1, dropped.contains(&member), "seed {seed}: person {at}");
            assert!(
                own.iter().all(|award| holds == 1 || award.face == Face::Withdrawn),
                "seed {seed}: {own:?}"
            );
        }
    }
}

on_both_databases! {
    async fn any_order_of_news_ends_in_the_same_awards(database: Database) {
        let addresses: Vec<String> = (1..=PEOPLE).map(|at| format!("p{at}@example.org")).collect();
        let learners: Vec<Option<&str>> = addresses.iter().map(|text| Some(text.as_str())).collect();
        let first = std::env::var("RULES_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1_u64);
        for seed in first..first + 3 {
            let mut world = World::new(&database, &learners, Timing::default(), 50).await;
            world.rule("course-completed and final-grade >= 80", |options| options.breaker = Some(500)).await;
            live(&mut world, seed).await;
        }
    }
}
