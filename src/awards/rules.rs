//! What people ask of rules: make, change, switch, try without effect, award to those who met it before, release.

use crate::awards::decide::{Case, decide};
use crate::awards::evaluate::STOPPED;
use crate::clock::Timestamp;
use crate::crypto::random;
use crate::model::award::{Hold, Intent};
use crate::model::rule::{Attempt, Decision, Grant, Outcome, Rule, RuleState, Terms};
use crate::model::{MemberId, OrganisationId, Person, RuleId};
use crate::store::order::StepError;
use crate::store::rule::Run;
use crate::store::{Durability, Store, StoreError};

/// People that one transaction queues.
const STEP: usize = 100;
/// People that a dry run reads at once.
const PAGE: i64 = 500;
/// People in one backfill at most.
pub const MOST_PEOPLE: usize = 10_000;

/// Why something asked of a rule was not done.
#[derive(Debug, thiserror::Error)]
pub enum RuleError {
    /// There is no such rule.
    #[error("there is no such rule")]
    NoRule,
    /// It stands where this cannot follow.
    #[error("the rule is {state}: {hint}")]
    State {
        /// Where it stands.
        state: RuleState,
        /// What to do instead.
        hint: &'static str,
    },
    /// Somebody changed it meanwhile.
    #[error("somebody changed the rule meanwhile: look at it again")]
    Changed,
    /// The people who would get it are others by now.
    #[error("{now} people would get it now, not {expected}: check the list again")]
    OtherPeople {
        /// How many a person has seen.
        expected: usize,
        /// How many it are now.
        now: usize,
    },
    /// More than [`MOST_PEOPLE`].
    #[error("{0} people are too many at once: at most {MOST_PEOPLE}")]
    TooMany(usize),
    /// An award could not be taken back.
    #[error(transparent)]
    Step(#[from] StepError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a rule would do for one person now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// Who.
    pub person: Person,
    /// What, with the reasons.
    pub decision: Decision,
}

impl Tried {
    /// Whether a backfill would award to them: the conditions are met and nothing but time or a person stands between.
    pub const fn would_get_it(&self) -> bool {
        matches!(
            self.decision.outcome,
            Outcome::Award | Outcome::Wait(_) | Outcome::NoEmail | Outcome::Earlier | Outcome::Limit
        )
    }
}

/// What a rule would do now for everybody in its course, in the order of names; nothing is written. A rule that is not
/// switched on is tried as if it were, from now on: who meets it today is [`Outcome::Earlier`].
pub async fn dry_run(store: &Store, rule: &Rule, now: Timestamp) -> Result<Vec<Tried>, StoreError> {
    let rule = as_if_on(rule, now);
    let past = rule.terms.options.attempt != Attempt::Latest;
    let (mut tried, mut after) = (Vec::new(), None);
    loop {
        let page = store
            .read(async |tx| tx.dossiers(rule.organisation, rule.course, after, PAGE, past).await)
            .await?;
        let Some(last) = page.last() else { break };
        after = Some(last.person.member);
        for dossier in page {
            let decision = decide(&Case {
                rule: &rule,
                dossier: &dossier,
                grant: None,
                now,
            });
            if decision.outcome != Outcome::NotALearner {
                tried.push(Tried {
                    person: dossier.person,
                    decision,
                });
            }
        }
    }
    tried.sort_by(|a, b| (&a.person.name, a.person.member).cmp(&(&b.person.name, b.person.member)));
    Ok(tried)
}

/// What a rule would do for one person now; absent: not in the course.
pub async fn why(store: &Store, rule: &Rule, member: MemberId, now: Timestamp) -> Result<Option<Tried>, StoreError> {
    let past = rule.terms.options.attempt != Attempt::Latest;
    let (organisation, course) = (rule.organisation, rule.course);
    store
        .read(async |tx| {
            let Some(dossier) = tx.dossier(organisation, course, member, past).await? else {
                return Ok(None);
            };
            let grant = tx.granted(organisation, rule.id, member).await?;
            let decision = decide(&Case {
                rule,
                dossier: &dossier,
                grant,
                now,
            });
            Ok(Some(Tried {
                person: dossier.person,
                decision,
            }))
        })
        .await
}

/// Looks at everybody of a rule's course again. Goes on after a stop.
pub async fn weigh_all(store: &Store, rule: &Rule, by: Option<MemberId>) -> Result<(), StoreError> {
    let (organisation, id) = (rule.organisation, rule.id);
    store
        .write(Durability::Full, async move |tx| {
            let now = tx.now().await?;
            tx.add_run(organisation, &run_of(id, None, false, by, now), now).await
        })
        .await
}

/// Switches a rule on, off for a while, or ends it. Resuming looks at everybody again; ending withdraws what waits.
pub async fn turn(store: &Store, rule: &Rule, to: RuleState, by: Option<MemberId>) -> Result<(), RuleError> {
    let fits = match to {
        RuleState::On => matches!(rule.state, RuleState::Draft | RuleState::Paused),
        RuleState::Paused => matches!(rule.state, RuleState::On | RuleState::Stopped),
        RuleState::Archived => rule.state != RuleState::Archived,
        RuleState::Draft | RuleState::Stopped => false,
    };
    if !fits {
        let hint = match rule.state {
            RuleState::Stopped => "release or discard what it holds first",
            RuleState::Archived => "make a new one",
            _ => "nothing is to be done",
        };
        return Err(RuleError::State {
            state: rule.state,
            hint,
        });
    }
    if to == RuleState::Archived {
        discard(store, rule, by).await?;
    }
    let copy = rule.clone();
    let turned = store
        .write(Durability::Full, async move |tx| {
            let now = tx.now().await?;
            let turned = tx.turn_rule(&copy, to, now).await?;
            if turned {
                tx.clear_problem(copy.organisation, STOPPED, &copy.id.to_string(), now)
                    .await?;
            }
            if turned && to == RuleState::On && copy.state == RuleState::Paused {
                tx.add_run(copy.organisation, &run_of(copy.id, None, false, by, now), now)
                    .await?;
            }
            Ok::<_, StoreError>(turned)
        })
        .await?;
    if turned { Ok(()) } else { Err(RuleError::Changed) }
}

/// Replaces what a rule says, by a new version; awards that were made keep theirs. People who meet the new one already
/// are left, unless a backfill follows.
pub async fn change(store: &Store, rule: &Rule, mut terms: Terms, by: Option<MemberId>) -> Result<(), RuleError> {
    let rule = rule.clone();
    let changed = store
        .write(Durability::Full, async move |tx| {
            let now = tx.now().await?;
            terms.since = rule
                .terms
                .since
                .map(|since| if terms.when == rule.terms.when { since } else { now });
            let changed = tx
                .change_rule(rule.organisation, rule.id, rule.version, &terms, by, now)
                .await?;
            Ok::<_, StoreError>(changed)
        })
        .await?;
    if changed { Ok(()) } else { Err(RuleError::Changed) }
}

/// Awards to these people although they met the conditions before the rule began, or although its breaker tripped: a
/// person has seen the list. Goes on after a stop; nobody gets it twice.
pub async fn grant(
    store: &Store,
    rule: &Rule,
    members: Vec<MemberId>,
    dated_today: bool,
    by: Option<MemberId>,
) -> Result<(), RuleError> {
    if members.len() > MOST_PEOPLE {
        return Err(RuleError::TooMany(members.len()));
    }
    if !matches!(rule.state, RuleState::On | RuleState::Stopped) {
        let hint = "switch it on first";
        return Err(RuleError::State {
            state: rule.state,
            hint,
        });
    }
    let rule = rule.clone();
    let turned = store
        .write(Durability::Full, async move |tx| {
            let now = tx.now().await?;
            if rule.state == RuleState::Stopped {
                if !tx.turn_rule(&rule, RuleState::On, now).await? {
                    return Ok::<_, StoreError>(false);
                }
                tx.count_anew(rule.organisation, rule.id, now).await?;
                tx.clear_problem(rule.organisation, STOPPED, &rule.id.to_string(), now)
                    .await?;
            }
            tx.add_run(
                rule.organisation,
                &run_of(rule.id, Some(members), dated_today, by, now),
                now,
            )
            .await?;
            Ok(true)
        })
        .await?;
    if turned { Ok(()) } else { Err(RuleError::Changed) }
}

/// A backfill of everybody who would get it now, if they are as many as a person has seen; how many.
pub async fn backfill(
    store: &Store,
    rule: &Rule,
    expected: usize,
    dated_today: bool,
    by: Option<MemberId>,
) -> Result<usize, RuleError> {
    let now = store.now().await?;
    let members = backfillable(&dry_run(store, rule, now).await?);
    if members.len() != expected {
        return Err(RuleError::OtherPeople {
            expected,
            now: members.len(),
        });
    }
    grant(store, rule, members, dated_today, by).await?;
    Ok(expected)
}

/// The people of a dry run whom a backfill would award to.
pub fn backfillable(tried: &[Tried]) -> Vec<MemberId> {
    tried
        .iter()
        .filter(|tried| tried.would_get_it())
        .map(|tried| tried.person.member)
        .collect()
}

/// Releases everything that a stopped rule holds; how many.
pub async fn release(store: &Store, rule: &Rule, by: Option<MemberId>) -> Result<usize, RuleError> {
    if rule.state != RuleState::Stopped {
        let hint = "only a stopped rule holds something to release";
        return Err(RuleError::State {
            state: rule.state,
            hint,
        });
    }
    let held = held(store, rule).await?;
    let count = held.len();
    grant(store, rule, held, false, by).await?;
    Ok(count)
}

async fn held(store: &Store, rule: &Rule) -> Result<Vec<MemberId>, StoreError> {
    let (organisation, id) = (rule.organisation, rule.id);
    let held = store
        .read(async |tx| tx.held_by_rule(organisation, id, Hold::Limit).await)
        .await?;
    Ok(held.into_iter().map(|award| award.member).collect())
}

/// Withdraws everything that a rule holds and has not sent; how many. A rule does not give it to these people again.
pub async fn discard(store: &Store, rule: &Rule, by: Option<MemberId>) -> Result<usize, RuleError> {
    let (organisation, id) = (rule.organisation, rule.id);
    let mut count = 0;
    for hold in Hold::ALL {
        let held = store
            .read(async |tx| tx.held_by_rule(organisation, id, *hold).await)
            .await?;
        for award in held {
            let reason = Some("discarded with its rule".to_owned());
            super::issue::stop(store, organisation, award.award, Intent::Withdraw, by, reason).await?;
            count += 1;
        }
    }
    Ok(count)
}

/// Works a run over many people off, step by step; each step is a transaction and moves the run on, so that it goes on
/// after a stop.
pub async fn work_off(store: &Store, organisation: OrganisationId, run: uuid::Uuid) -> Result<(), StoreError> {
    loop {
        let found = store
            .read(async |tx| {
                let Some(run) = tx.run(organisation, run).await? else {
                    return Ok::<_, StoreError>(None);
                };
                let rule = tx.rule(organisation, run.rule).await?;
                Ok(rule.filter(|_| run.ended_at.is_none()).map(|rule| (run, rule)))
            })
            .await?;
        let Some((run, rule)) = found else { return Ok(()) };
        let step: Vec<MemberId> = if let Some(members) = &run.members {
            members.iter().skip(run.done).take(STEP).copied().collect()
        } else {
            let limit = i64::try_from(STEP).unwrap_or(i64::MAX);
            store
                .read(async |tx| tx.enrolled(organisation, rule.course, run.after, limit).await)
                .await?
        };
        if !store
            .write(Durability::Full, async move |tx| work_step(tx, &rule, &run, step).await)
            .await?
        {
            return Ok(());
        }
    }
}

/// `false`: that was all, or another worker is ahead.
async fn work_step(
    tx: &mut crate::store::Tx<'_>,
    rule: &Rule,
    run: &Run,
    step: Vec<MemberId>,
) -> Result<bool, StoreError> {
    let now = tx.now().await?;
    let Some(last) = step.last().copied() else {
        tx.end_run(rule.organisation, run.id, now).await?;
        return Ok(false);
    };
    if !tx
        .advance_run(rule.organisation, run, run.done + step.len(), Some(last))
        .await?
    {
        return Ok(false);
    }
    for member in step {
        if run.members.is_some() {
            let grant = Grant {
                at: run.created_at,
                dated_today: run.dated_today,
            };
            tx.grant(rule.organisation, rule.id, member, grant, run.by).await?;
        }
        let job = crate::store::job::NewJob::evaluate(rule.organisation, rule.course, member, now);
        tx.enqueue(&job, now).await?;
    }
    Ok(true)
}

fn run_of(
    rule: RuleId,
    members: Option<Vec<MemberId>>,
    dated_today: bool,
    by: Option<MemberId>,
    now: Timestamp,
) -> Run {
    Run {
        id: random::id_at(now),
        rule,
        members,
        done: 0,
        after: None,
        dated_today,
        by,
        created_at: now,
        ended_at: None,
    }
}

fn as_if_on(rule: &Rule, now: Timestamp) -> Rule {
    let mut rule = rule.clone();
    if rule.state != RuleState::Stopped {
        rule.state = RuleState::On;
    }
    rule.terms.since = rule.terms.since.or(Some(now));
    rule
}
