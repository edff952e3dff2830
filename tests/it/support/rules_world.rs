//! Rules and news for the world of awards: what tests of rules start from.

use badgebridge::awards::rules;
use badgebridge::clock::Timestamp;
use badgebridge::crypto::random;
use badgebridge::model::fact::{Fact, FactClass, FactValue};
use badgebridge::model::rule::{Options, Rule, Terms};
use badgebridge::model::score::{Points, Score};
use badgebridge::model::signal::{Item, Source};
use badgebridge::model::{MemberId, RuleId, SignalId};
use badgebridge::store::rule::NewRule;
use badgebridge::store::{Durability, StoreError};

use super::awards_world::{BADGE, World};

impl World {
    /// A rule that is on and gives the badge of this world; without a waiting time unless `options` says so.
    pub(crate) async fn rule(&self, when: &str, options: impl FnOnce(&mut Options)) -> RuleId {
        let mut chosen = Options {
            wait_hours: Some(0),
            ..Options::default()
        };
        options(&mut chosen);
        let (organisation, course, author) = (self.organisation, self.course, self.members[0]);
        let when = when.parse().unwrap();
        let added: Result<RuleId, StoreError> = self
            .store
            .write(Durability::Full, async move |tx| {
                let now = tx.now().await?;
                let id = RuleId::new(random::id_at(now));
                let registration = tx.course(organisation, course).await?.unwrap().registration;
                let since = Some(Timestamp::from_millis(now.millis() - 1000));
                let terms = Terms {
                    when,
                    options: chosen,
                    since,
                };
                let badge_id = BADGE.to_owned();
                let new = NewRule {
                    id,
                    organisation,
                    registration,
                    course,
                    badge_id,
                    terms,
                    author: Some(author),
                };
                tx.add_rule(&new, now).await?;
                Ok(id)
            })
            .await;
        added.unwrap()
    }

    /// The rule as it stands.
    pub(crate) async fn rule_now(&self, id: RuleId) -> Rule {
        let organisation = self.organisation;
        self.store
            .read(async |tx| tx.rule(organisation, id).await)
            .await
            .unwrap()
            .unwrap()
    }

    /// News about a learner (by place): so many milliseconds after now, as the sender says.
    pub(crate) async fn news(&self, at: usize, fact: Fact) {
        let (organisation, course, member) = (self.organisation, self.course, self.members[at]);
        let put: Result<bool, StoreError> = self
            .store
            .write(Durability::Full, async move |tx| {
                let now = tx.now().await?;
                tx.put_fact(organisation, course, member, &fact, now).await
            })
            .await;
        put.unwrap();
    }

    /// "Completed the course", now.
    pub(crate) async fn completed(&self) -> Fact {
        self.fact(Item::Course, FactClass::Completion, FactValue::Holds(true))
            .await
    }

    /// "So many percent in the course", now.
    pub(crate) async fn graded(&self, percent: i32) -> Fact {
        let score = Score::of(Points::whole(percent), Points::whole(100));
        self.fact(Item::FinalGrade, FactClass::Score, FactValue::Score(score))
            .await
    }

    async fn fact(&self, item: Item, class: FactClass, value: FactValue) -> Fact {
        let now = self.store.now().await.unwrap();
        Fact {
            item,
            class,
            value,
            occurred_at: now,
            utc_offset_minutes: None,
            received_at: now,
            clock_suspect: false,
            source: Source::Webhook,
            signal: SignalId::new(random::id_at(now)),
        }
    }

    /// The word of what a rule decided about a learner last.
    pub(crate) async fn outcome(&self, rule: RuleId, at: usize) -> Option<&'static str> {
        let (organisation, member) = (self.organisation, self.members[at]);
        let last = self
            .store
            .read(async |tx| tx.evaluation(organisation, rule, member).await)
            .await
            .unwrap();
        last.map(|evaluation| evaluation.decision.outcome.word())
    }

    /// Learners whose badge is flagged because the conditions are no longer met.
    pub(crate) async fn dropped(&self) -> Vec<MemberId> {
        let (organisation, course) = (self.organisation, self.course);
        let dropped = self
            .store
            .read(async |tx| tx.dropped_awards(organisation, course).await)
            .await
            .unwrap();
        dropped.into_iter().map(|award| award.member).collect()
    }

    /// How many people a dry run would give the badge to.
    pub(crate) async fn would_get_it(&self, rule: RuleId) -> usize {
        let (rule, now) = (self.rule_now(rule).await, self.store.now().await.unwrap());
        rules::backfillable(&rules::dry_run(&self.store, &rule, now).await.unwrap()).len()
    }
}
