//! Looks at one person with the eyes of their course's rules, and makes, holds, releases or takes back what follows.
//! One transaction, safe to repeat: the same facts lead to the same awards (promise P2).

use std::time::Duration;

use crate::awards::decide::{Case, content, decide, own_award};
use crate::awards::marker::{AwardTerms, Marker};
use crate::clock::Timestamp;
use crate::crypto::random;
use crate::model::award::{AwardState, Hold, Intent};
use crate::model::request::Recipient;
use crate::model::rule::{Attempt, Decision, Dossier, Grant, Held, Met, OnDrop, Outcome, Rule, RuleState, by_rule};
use crate::model::{AwardId, CourseId, MemberId, OrderId, OrganisationId};
use crate::store::evaluation::RuleAward;
use crate::store::order::{NewOrder, StepError};
use crate::store::{Durability, Store, StoreError, Tx};

/// Awards that a rule makes within this time are "at once" for its breaker.
const AT_ONCE: Duration = Duration::from_mins(10);

/// While more people than the breaker's limit are about to be looked at, awards gather for this long before anything is
/// sent, so that a flood is counted before its first badge leaves.
const GATHER: Duration = Duration::from_secs(2);

/// The problem that a stopped rule raises.
pub const STOPPED: &str = "rule-stopped";

/// Evaluates a person of a course; when to do so again, if an award waits. Repeated by the caller on
/// [`StepError::Changed`].
pub async fn evaluate(
    store: &Store,
    marker: &std::sync::Arc<Marker>,
    organisation: OrganisationId,
    course: CourseId,
    member: MemberId,
) -> Result<Option<Timestamp>, StepError> {
    let marker = std::sync::Arc::clone(marker);
    store
        .write(Durability::Full, async move |tx| {
            evaluate_in(tx, &marker, organisation, course, member).await
        })
        .await
}

async fn evaluate_in(
    tx: &mut Tx<'_>,
    marker: &Marker,
    organisation: OrganisationId,
    course: CourseId,
    member: MemberId,
) -> Result<Option<Timestamp>, StepError> {
    if !tx.lock_enrolment(organisation, course, member).await? {
        return Ok(None);
    }
    let rules = tx.rules_of_course(organisation, course).await?;
    let rules: Vec<Rule> = rules.into_iter().filter(|rule| rule.state.is_weighed()).collect();
    let mut again: Option<Timestamp> = None;
    for rule in rules {
        // Taken before anything is read that it guards: state, count, awards.
        let Some(counts_from) = tx.lock_rule(organisation, rule.id).await? else {
            continue;
        };
        let Some(rule) = tx.rule(organisation, rule.id).await? else {
            continue;
        };
        let past = rule.terms.options.attempt != Attempt::Latest;
        let Some(dossier) = tx.dossier(organisation, course, member, past).await? else {
            return Ok(again);
        };
        let look = Look {
            grant: tx.granted(organisation, rule.id, member).await?,
            now: tx.now().await?,
            rule,
            dossier,
            counts_from,
        };
        again = [again, look.apply(tx, marker).await?].into_iter().flatten().min();
    }
    Ok(again)
}

/// One rule's look at one person.
struct Look {
    rule: Rule,
    dossier: Dossier,
    grant: Option<Grant>,
    now: Timestamp,
    counts_from: Timestamp,
}

impl Look {
    async fn apply(&self, tx: &mut Tx<'_>, marker: &Marker) -> Result<Option<Timestamp>, StepError> {
        let (rule, now) = (&self.rule, self.now);
        let mut decision = decide(&Case {
            rule,
            dossier: &self.dossier,
            grant: self.grant,
            now,
        });
        let own = own_award(rule, &self.dossier, &decision).cloned();
        let again = if decision.outcome.owes() {
            self.owe(tx, marker, &mut decision, own.as_ref()).await?
        } else {
            self.owe_nothing(tx, &decision, own.as_ref()).await?;
            None
        };
        tx.save_evaluation(rule, self.dossier.person.member, &decision, now)
            .await?;
        Ok(again)
    }

    /// An award should exist: makes it if it does not, and holds or releases it.
    async fn owe(
        &self,
        tx: &mut Tx<'_>,
        marker: &Marker,
        decision: &mut Decision,
        own: Option<&Held>,
    ) -> Result<Option<Timestamp>, StepError> {
        let organisation = self.rule.organisation;
        let is_new = own.is_none_or(|award| award.lapsed);
        let (award, id) = if let Some(own) = own {
            (own.clone(), own.award)
        } else {
            let id = AwardId::new(random::id_at(self.now));
            (self.fresh(decision, id), id)
        };
        let new = self.terms(tx, marker, decision, id).await?;
        if own.is_none() {
            if !tx.make_rule_award(&self.rule, &new, self.now).await? {
                // The unique index knew better: somebody has it under the same key.
                decision.outcome = Outcome::HasIt;
                return Ok(None);
            }
        } else {
            tx.note_rule_award(&self.rule, &new, is_new, self.now).await?;
        }
        let waited = own.is_some_and(|award| award.state == AwardState::Held(Hold::Wait));
        let begins = is_new && decision.outcome != Outcome::Limit;
        if new.counts && (begins || (waited && decision.outcome == Outcome::Award)) {
            self.mind_the_breaker(tx, decision).await?;
        }
        let hold = match decision.outcome {
            Outcome::Wait(until) => {
                tx.hold_rule_award(organisation, &award, Hold::Wait, Some(until), self.now)
                    .await?;
                return Ok(Some(until));
            }
            Outcome::NoEmail => Hold::NoEmail,
            Outcome::NotReleased => Hold::NotReleased,
            Outcome::Limit => Hold::Limit,
            Outcome::Parked => Hold::Parked,
            _ => {
                // What lapsed is held again first: only what is held can be released.
                if award.lapsed {
                    tx.hold_rule_award(organisation, &award, Hold::Wait, None, self.now)
                        .await?;
                }
                self.release(tx, marker, decision, id, new).await?;
                return Ok(None);
            }
        };
        tx.hold_rule_award(organisation, &award, hold, None, self.now).await?;
        Ok(None)
    }

    fn fresh(&self, decision: &Decision, award: AwardId) -> Held {
        Held {
            award,
            badge_id: self.rule.badge_id.clone(),
            cause: by_rule(self.rule.id),
            period: decision.period.clone(),
            state: AwardState::Held(Hold::Parked),
            lapsed: false,
            issued_at: None,
            wait_until: None,
            dropped: false,
        }
    }

    async fn terms(
        &self,
        tx: &mut Tx<'_>,
        marker: &Marker,
        decision: &Decision,
        id: AwardId,
    ) -> Result<RuleAward, StoreError> {
        let (rule, person) = (&self.rule, &self.dossier.person);
        let course = tx.course(rule.organisation, rule.course).await?;
        let course = course.map(|course| course.title).unwrap_or_default();
        let badge = tx.catalog_badge(rule.organisation, &rule.badge_id).await?;
        let (cause, recipient) = (by_rule(rule.id), Recipient::Member(person.member).key());
        let key = marker.award_key(&AwardTerms {
            organisation: rule.organisation,
            badge_id: &rule.badge_id,
            cause: &cause,
            recipient: &recipient,
            period: &decision.period,
            generation: 0,
        });
        let granted = self
            .grant
            .filter(|grant| decision.met_at.is_none_or(|at| at <= grant.at));
        Ok(RuleAward {
            id,
            badge_name: badge.map_or_else(|| rule.badge_id.clone(), |badge| badge.name),
            member: person.member,
            name: person.name.clone(),
            period: decision.period.clone(),
            key,
            content: content(&rule.terms.options, decision, granted, &course, self.now),
            met_at: decision.met_at.unwrap_or(self.now),
            counts: granted.is_none(),
        })
    }

    /// Counts what the rule awards at once. Beyond its limit the rule stops and nothing that waits is sent; while many
    /// people are about to be looked at, awards gather first.
    async fn mind_the_breaker(&self, tx: &mut Tx<'_>, decision: &mut Decision) -> Result<(), StoreError> {
        let (rule, now) = (&self.rule, self.now);
        // counted only where the limit is a share of the course: in a large one that is work for every award
        let learners = match rule.terms.options.breaker {
            Some(_) => 0,
            None => tx.learner_count(rule.organisation, rule.course).await?,
        };
        let limit = rule.terms.options.limit(u32::try_from(learners).unwrap_or(u32::MAX));
        let from = now.minus(AT_ONCE).max(self.counts_from);
        let recent = tx.recent_rule_awards(rule.organisation, rule.id, from).await?;
        if recent > limit {
            decision.outcome = Outcome::Limit;
            return self.stop(tx, recent, limit, from).await;
        }
        if decision.outcome == Outcome::Award
            && tx.pending_evaluations(rule.organisation, rule.course, now).await? > limit
        {
            decision.outcome = Outcome::Wait(now.plus(GATHER));
        }
        Ok(())
    }

    async fn stop(&self, tx: &mut Tx<'_>, count: u32, limit: u32, from: Timestamp) -> Result<(), StoreError> {
        let (rule, now) = (&self.rule, self.now);
        tx.turn_rule(rule, RuleState::Stopped, now).await?;
        tx.stop_waiting_awards(rule.organisation, rule.id, from, now).await?;
        let detail = serde_json::json!({ "rule": rule.id, "badge": rule.badge_id, "count": count, "limit": limit });
        let subject = rule.id.to_string();
        tx.raise_problem(rule.organisation, STOPPED, &subject, &detail, now)
            .await
    }

    async fn release(
        &self,
        tx: &mut Tx<'_>,
        marker: &Marker,
        decision: &mut Decision,
        award: AwardId,
        terms: RuleAward,
    ) -> Result<(), StoreError> {
        let organisation = self.rule.organisation;
        let Some(address) = &self.dossier.person.email else {
            return Ok(());
        };
        let order = NewOrder {
            id: OrderId::new(random::id_at(self.now)),
            organisation,
            request: None,
            badge_id: self.rule.badge_id.clone(),
            content: Some(terms.content),
        };
        let cause = by_rule(self.rule.id);
        let tombstone = marker.tombstone(
            &AwardTerms {
                organisation,
                badge_id: &self.rule.badge_id,
                cause: &cause,
                recipient: "",
                period: &terms.period,
                generation: 0,
            },
            address,
        );
        tx.add_order(&order, self.now).await?;
        if tx
            .release_award(organisation, award, None, address, &tombstone, order.id, self.now)
            .await?
        {
            tx.add_order_award(organisation, order.id, award, 0).await?;
        } else {
            tx.drop_order(organisation, order.id).await?;
            decision.outcome = Outcome::HasIt;
        }
        Ok(())
    }

    /// No award should be made: what was not sent lapses, what was sent is flagged, or revoked if the rule says so.
    async fn owe_nothing(&self, tx: &mut Tx<'_>, decision: &Decision, own: Option<&Held>) -> Result<(), StepError> {
        let (Some(own), organisation) = (own, self.rule.organisation) else {
            return Ok(());
        };
        match own.state {
            // A rule that is off, or that cannot tell, leaves things as they are.
            AwardState::Held(_) if !matches!(decision.outcome, Outcome::RuleOff | Outcome::CannotTell) => {
                tx.lapse_rule_award(organisation, own, self.now).await?;
            }
            AwardState::Queued | AwardState::Sending | AwardState::Issued
                if decision.met == Met::Yes && own.dropped =>
            {
                tx.note_drop(organisation, own.award, None).await?;
            }
            AwardState::Queued | AwardState::Sending | AwardState::Issued if decision.met == Met::No => {
                tx.note_drop(organisation, own.award, Some(self.now)).await?;
                if self.rule.terms.options.on_drop == OnDrop::Revoke && self.rule.state == RuleState::On {
                    let reason = Some("the conditions of the rule are no longer met");
                    tx.stop_award(organisation, own.award, Intent::Revoke, None, reason, self.now)
                        .await?;
                }
            }
            _ => {}
        }
        Ok(())
    }
}
