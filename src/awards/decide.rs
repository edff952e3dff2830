//! Decides whether a person gets a rule's badge, and why. Pure: facts, person, rule and time in, a [`Decision`] out; the
//! same input is always the same answer, whatever order the facts came in.

mod conditions;
mod content;
#[cfg(test)]
mod tests;

pub use content::{content, period_of};

use conditions::Truth;

use crate::clock::Timestamp;
use crate::model::award::{AwardState, Hold};
use crate::model::rule::{
    Decision, Dossier, Gate, GateResult, Grant, Held, Met, Outcome, Passed, Rule, RuleState, by_rule,
};
use crate::model::{EnrolmentStatus, Standing};

/// What is decided on.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The rule in its present version.
    pub rule: &'a Rule,
    /// The person.
    pub dossier: &'a Dossier,
    /// A person's leave, if there is one.
    pub grant: Option<Grant>,
    /// The present moment.
    pub now: Timestamp,
}

/// The award that this rule made in the decision's period, or, where nothing is met, the newest one it made.
pub fn own_award<'a>(rule: &Rule, dossier: &'a Dossier, decision: &Decision) -> Option<&'a Held> {
    own(rule, dossier, decision.met_at.map(|_| decision.period.as_str()))
}

/// Decides. Gates are asked in the order in which they are shown; the first that does not let the person through gives
/// the answer, but all are answered.
pub fn decide(case: &Case<'_>) -> Decision {
    let (truth, results) = conditions::weigh(case.rule, case.dossier);
    let met_at = truth.at.filter(|_| truth.met != Met::No);
    let period = met_at.map_or_else(|| "-".to_owned(), |at| period_of(&case.rule.terms.options, at));
    let own = own(case.rule, case.dossier, met_at.map(|_| period.as_str()));
    let gates = Gates::of(case, &truth, own);
    Decision {
        outcome: gates.outcome(&truth),
        met: truth.met,
        met_at,
        offset_minutes: truth.offset_minutes,
        period,
        score: truth
            .score
            .filter(|_| truth.met != Met::No)
            .map(|score| score.to_string()),
        gates: gates.results(),
        conditions: results,
    }
}

fn own<'a>(rule: &Rule, dossier: &'a Dossier, period: Option<&str>) -> Option<&'a Held> {
    let cause = by_rule(rule.id);
    let mine = dossier.awards.iter().filter(|award| award.cause == cause);
    mine.filter(|award| period.is_none_or(|period| award.period == period))
        .max_by(|a, b| a.period.cmp(&b.period))
}

/// Each gate's answer.
struct Gates {
    role: Passed,
    enrolment: Passed,
    email: Passed,
    has_it: Passed,
    taken_back: Passed,
    rule_on: Passed,
    since: Passed,
    wait: Passed,
    breaker: Passed,
    wait_until: Option<Timestamp>,
}

impl Gates {
    fn of(case: &Case<'_>, truth: &Truth, own: Option<&Held>) -> Self {
        let Case { rule, dossier, .. } = *case;
        let grant = case.grant.filter(|grant| truth.at.is_none_or(|at| at <= grant.at));
        let yes_or = |fits: bool, otherwise: Passed| if fits { Passed::Yes } else { otherwise };
        let own_hold = own.and_then(|award| award.state.hold());
        let wait_until = wait_until(case, truth, own).filter(|_| grant.is_none());
        Self {
            role: role(dossier, grant),
            enrolment: yes_or(is_enrolled(dossier), Passed::No),
            email: yes_or(dossier.person.email.is_some(), Passed::Later),
            has_it: yes_or(!has_it(rule, dossier, own), Passed::No),
            taken_back: yes_or(!was_taken_back(rule, dossier, own), Passed::No),
            rule_on: match rule.state {
                RuleState::On => Passed::Yes,
                RuleState::Stopped => Passed::Later,
                _ => Passed::No,
            },
            since: yes_or(
                grant.is_some() || own_hold.is_some() || began_before(rule, truth.at),
                Passed::No,
            ),
            wait: yes_or(wait_until.is_none_or(|until| until <= case.now), Passed::Later),
            breaker: yes_or(
                rule.state != RuleState::Stopped && (grant.is_some() || own_hold != Some(Hold::Limit)),
                Passed::Later,
            ),
            wait_until,
        }
    }

    fn outcome(&self, truth: &Truth) -> Outcome {
        if self.role == Passed::No {
            return Outcome::NotALearner;
        }
        if self.has_it == Passed::No {
            return Outcome::HasIt;
        }
        if self.taken_back == Passed::No {
            return Outcome::TakenBack;
        }
        if self.enrolment == Passed::No {
            return Outcome::NotActive;
        }
        match truth.met {
            Met::No => return Outcome::NotYet,
            Met::Unknown if !truth.would => return Outcome::CannotTell,
            Met::Unknown | Met::Yes => {}
        }
        if self.rule_on == Passed::No {
            return Outcome::RuleOff;
        }
        if self.since == Passed::No {
            return Outcome::Earlier;
        }
        if truth.met == Met::Unknown {
            return Outcome::NotReleased;
        }
        if self.breaker == Passed::Later {
            return Outcome::Limit;
        }
        if self.role == Passed::Later {
            return Outcome::Parked;
        }
        match self.wait_until {
            Some(until) if self.wait == Passed::Later => Outcome::Wait(until),
            _ if self.email == Passed::Later => Outcome::NoEmail,
            _ => Outcome::Award,
        }
    }

    fn results(&self) -> Vec<GateResult> {
        [
            (Gate::Role, self.role),
            (Gate::Enrolment, self.enrolment),
            (Gate::Email, self.email),
            (Gate::HasIt, self.has_it),
            (Gate::TakenBack, self.taken_back),
            (Gate::RuleOn, self.rule_on),
            (Gate::Since, self.since),
            (Gate::Wait, self.wait),
            (Gate::Breaker, self.breaker),
        ]
        .into_iter()
        .map(|(gate, passed)| GateResult { gate, passed })
        .collect()
    }
}

/// Rules award to learners and to nobody else. Who is staff as well is a case for a person.
fn role(dossier: &Dossier, grant: Option<Grant>) -> Passed {
    if dossier.person.test {
        return Passed::No;
    }
    match dossier.person.standing {
        Standing::Learner if !dossier.also_learner => Passed::Yes,
        Standing::Learner | Standing::Staff | Standing::LimitedStaff if dossier.also_learner => {
            if grant.is_some() {
                Passed::Yes
            } else {
                Passed::Later
            }
        }
        _ => Passed::No,
    }
}

/// In the course; or gone from its roster because it, or the enrolment, ended in good order.
fn is_enrolled(dossier: &Dossier) -> bool {
    match dossier.person.status {
        EnrolmentStatus::Active => true,
        EnrolmentStatus::Inactive => false,
        EnrolmentStatus::Gone => conditions::is_concluded(&dossier.facts),
    }
}

fn has_it(rule: &Rule, dossier: &Dossier, own: Option<&Held>) -> bool {
    let own_counts = own.is_some_and(|award| match award.state {
        AwardState::Held(_) | AwardState::Withdrawn | AwardState::Revoking | AwardState::Revoked => false,
        AwardState::Queued | AwardState::Sending | AwardState::Issued | AwardState::Refused => true,
    });
    let cause = by_rule(rule.id);
    let recurs = rule.terms.options.repeat_months.is_some();
    let elsewhere = dossier
        .awards
        .iter()
        .filter(|award| award.badge_id == rule.badge_id && award.state.is_alive())
        .any(|award| award.cause != cause && !recurs);
    own_counts || (rule.terms.options.skip_holders && elsewhere)
}

/// A badge that was taken back, by a person or at the Factory, is given again by a person only.
fn was_taken_back(rule: &Rule, dossier: &Dossier, own: Option<&Held>) -> bool {
    let is_taken = |award: &Held| match award.state {
        AwardState::Revoking | AwardState::Revoked => true,
        AwardState::Withdrawn => !award.lapsed,
        _ => false,
    };
    let recurs = rule.terms.options.repeat_months.is_some();
    let revoked_elsewhere = |award: &Held| {
        award.badge_id == rule.badge_id && matches!(award.state, AwardState::Revoking | AwardState::Revoked)
    };
    own.is_some_and(is_taken) || (!recurs && dossier.awards.iter().any(revoked_elsewhere))
}

/// Whether the rule had begun when the conditions were met.
fn began_before(rule: &Rule, at: Option<Timestamp>) -> bool {
    match (rule.terms.since, at) {
        (Some(since), Some(at)) => at >= since,
        (None, _) => false,
        (Some(_), None) => true,
    }
}

/// The end of the waiting time. It is fixed when the award is made: a grade that is touched every day does not move it.
fn wait_until(case: &Case<'_>, truth: &Truth, own: Option<&Held>) -> Option<Timestamp> {
    let terms = &case.rule.terms;
    let wait = terms.options.wait(&terms.when);
    match own.filter(|award| award.state.hold().is_some()) {
        Some(award) if award.wait_until.is_some() => award.wait_until,
        // It was held for something else after its waiting time, or was released by a person.
        Some(award) if matches!(award.state.hold(), Some(Hold::NoEmail)) => None,
        _ if wait.is_zero() => None,
        _ => truth.at.map(|at| at.plus(wait)),
    }
}
