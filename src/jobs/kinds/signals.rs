//! Matching signals to courses and people, and keeping what they say as facts (promise P4: each step can be repeated).
//!
//! What is to be done is found in a reading transaction and written in a short one; a signal that would be parked is
//! looked at again there, and once more after the COMMIT, so that a launch or roster at the same moment is not missed.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::clock::{Clock, Timestamp};
use crate::jobs::{Handler, Job, Verdict, work};
use crate::model::fact::Fact;
use crate::model::feed::FeedCount;
use crate::model::matching::{Decision, Found, FoundCourse, Outcome, course, person};
use crate::model::signal::SignalKind;
use crate::model::{CourseId, MemberId, OrganisationId, SignalId};
use crate::store::signal::StoredSignal;
use crate::store::{Durability, Store, StoreError, Tx};

/// Signals that are read at once.
const PAGE: i64 = 500;
/// Signals, or people of one signal, that one transaction writes.
const STEP: usize = 25;
/// Pages of one run: then the worker may do something else.
const PAGES: usize = 20;

/// Matches what came in.
#[derive(Clone, Debug)]
pub struct MatchSignals {
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// Looks again at what was parked, when a course or a person became known.
#[derive(Clone, Debug)]
pub struct RematchSignals {
    /// The matching.
    pub matching: MatchSignals,
}

impl Handler for MatchSignals {
    fn kind(&self) -> &'static str {
        work::MATCH_SIGNALS
    }

    fn run<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Verdict> {
        async move {
            let Some(organisation) = job.organisation else {
                return unreadable();
            };
            match self.pages(organisation).await {
                Ok(true) => Verdict::Done,
                Ok(false) => Verdict::Again {
                    after: std::time::Duration::ZERO,
                },
                Err(error) => error.into(),
            }
        }
        .boxed()
    }
}

impl Handler for RematchSignals {
    fn kind(&self) -> &'static str {
        work::REMATCH_SIGNALS
    }

    fn run<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Verdict> {
        async move {
            let id = |name: &str| job.payload.get(name).and_then(serde_json::Value::as_str);
            let outcome = match (job.organisation, id("course"), id("member")) {
                (Some(organisation), Some(course), _) => match course.parse() {
                    Ok(course) => self.course(organisation, course).await,
                    Err(_) => return unreadable(),
                },
                (Some(organisation), None, Some(member)) => match member.parse() {
                    Ok(member) => self.member(organisation, member).await,
                    Err(_) => return unreadable(),
                },
                _ => return unreadable(),
            };
            outcome.map_or_else(Verdict::from, |()| Verdict::Done)
        }
        .boxed()
    }
}

fn unreadable() -> Verdict {
    Verdict::GiveUp {
        reason: "the job cannot be read".to_owned(),
    }
}

impl MatchSignals {
    /// Matches page by page; `false` if there may be more.
    async fn pages(&self, organisation: OrganisationId) -> Result<bool, StoreError> {
        for _ in 0..PAGES {
            let page = self
                .store
                .read_one(async move |tx| tx.stored_signals(organisation, PAGE).await)
                .await?;
            if page.is_empty() {
                return Ok(true);
            }
            self.take(page).await?;
        }
        Ok(false)
    }

    /// Decides about signals and writes what follows.
    async fn take(&self, page: Vec<StoredSignal>) -> Result<(), StoreError> {
        for step in page.chunks(STEP) {
            let decided = self.decide(step.to_vec()).await?;
            let (everybody, others): (Vec<_>, Vec<_>) = decided
                .into_iter()
                .partition(|(_, decision)| matches!(decision, Decision::Everybody(_)));
            let parked = self.write(others).await?;
            self.look_again(parked).await?;
            for (signal, decision) in everybody {
                if let Decision::Everybody(course) = decision {
                    self.everybody(&signal, course).await?;
                }
            }
        }
        Ok(())
    }

    async fn decide(&self, signals: Vec<StoredSignal>) -> Result<Vec<(StoredSignal, Decision)>, StoreError> {
        self.store
            .read(async |tx| {
                let mut decided = Vec::with_capacity(signals.len());
                for signal in signals {
                    let decision = decision(tx, &signal).await?;
                    decided.push((signal, decision));
                }
                Ok(decided)
            })
            .await
    }

    /// Writes what was decided; the signals that were parked.
    async fn write(&self, decided: Vec<(StoredSignal, Decision)>) -> Result<Vec<StoredSignal>, StoreError> {
        if decided.is_empty() {
            return Ok(Vec::new());
        }
        let now = self.clock.now();
        self.store
            .write(Durability::Full, async move |tx| {
                let mut parked = Vec::new();
                for (signal, decided) in decided {
                    // whoever became known meanwhile is found now
                    let decided = match decided {
                        Decision::Parked(..) => decision(tx, &signal).await?,
                        other => other,
                    };
                    if settle(tx, &signal, decided, now).await? {
                        parked.push(signal);
                    }
                }
                Ok::<_, StoreError>(parked)
            })
            .await
    }

    /// Once more after the COMMIT: on PostgreSQL a launch may have been committed between look and COMMIT.
    async fn look_again(&self, parked: Vec<StoredSignal>) -> Result<(), StoreError> {
        if parked.is_empty() || self.store.is_sqlite() {
            return Ok(());
        }
        let decided = self.decide(parked).await?;
        let is_found = |(_, decision): &(StoredSignal, Decision)| matches!(decision, Decision::Matched(..));
        self.write(decided.into_iter().filter(is_found).collect()).await?;
        Ok(())
    }

    /// News about everybody: a fact for each learner, then the signal is done.
    async fn everybody(&self, signal: &StoredSignal, course: CourseId) -> Result<(), StoreError> {
        let organisation = signal.organisation;
        let mut after: Option<MemberId> = None;
        loop {
            let (stored, now) = (signal.clone(), self.clock.now());
            let last = self
                .store
                .write(Durability::Full, async move |tx| {
                    let limit = i64::try_from(STEP).unwrap_or(i64::MAX);
                    let learners = tx.learners_of_course(organisation, course, after, limit).await?;
                    let Some(last) = learners.last().copied() else {
                        let outcome = if stored.signal.score.is_none() {
                            Outcome::Fact
                        } else {
                            Outcome::Hint
                        };
                        tx.match_signal(organisation, stored.id, outcome, course, None, now)
                            .await?;
                        if stored.signal.kind == SignalKind::Hint && tx.asks_about_course(organisation, course).await? {
                            tx.enqueue(&work::pull(organisation, course, now), now).await?;
                        }
                        return Ok(None);
                    };
                    if let Some(fact) = Fact::of(&stored.signal, stored.id) {
                        for learner in learners {
                            tx.put_fact(organisation, course, learner, &fact, now).await?;
                        }
                    }
                    Ok::<_, StoreError>(Some(last))
                })
                .await?;
            if last.is_none() {
                return Ok(());
            }
            after = last;
        }
    }
}

impl RematchSignals {
    async fn course(&self, organisation: OrganisationId, course: CourseId) -> Result<(), StoreError> {
        let names = self
            .matching
            .store
            .read(async |tx| tx.names_of_course(organisation, course).await)
            .await?;
        self.named(organisation, names).await?;
        let mut after: Option<SignalId> = None;
        loop {
            let page = self
                .matching
                .store
                .read_one(async move |tx| tx.parked_of_course(organisation, course, after, PAGE).await)
                .await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.id);
            self.matching.take(page).await?;
        }
    }

    async fn member(&self, organisation: OrganisationId, member: MemberId) -> Result<(), StoreError> {
        let names = self
            .matching
            .store
            .read(async |tx| tx.names_of_member(organisation, member).await)
            .await?;
        self.named(organisation, names).await
    }

    async fn named(&self, organisation: OrganisationId, names: Vec<String>) -> Result<(), StoreError> {
        for name in names {
            let mut after: Option<SignalId> = None;
            loop {
                let page = self
                    .matching
                    .store
                    .read_one(async |tx| tx.waiting_signals(organisation, &name, after, PAGE).await)
                    .await?;
                let Some(last) = page.last() else { break };
                after = Some(last.id);
                self.matching.take(page).await?;
            }
        }
        Ok(())
    }
}

/// What is to be done with a signal, by what is known now.
pub async fn decision(tx: &mut Tx<'_>, stored: &StoredSignal) -> Result<Decision, StoreError> {
    let (organisation, signal) = (stored.organisation, &stored.signal);
    let own = match stored.course {
        Some(course) => tx.own_course(organisation, course).await?,
        None => None,
    };
    let named = tx
        .find_course(organisation, stored.registration, &signal.course)
        .await?;
    let found: FoundCourse = match course(named, !signal.course.is_empty(), own) {
        Ok(found) => found,
        Err(decision) => return Ok(decision),
    };
    if signal.person.is_empty() {
        return Ok(Decision::Everybody(found.id));
    }
    Ok(match tx.find_member(organisation, found, &signal.person).await? {
        Found::One(member) => person(found.id, tx.enrolment(organisation, found.id, member).await?),
        Found::None => Decision::Parked(crate::model::matching::Parked::PersonUnknown, Some(found.id)),
        Found::Several => Decision::Parked(crate::model::matching::Parked::PersonAmbiguous, Some(found.id)),
    })
}

/// Writes one decision; `true` if the signal was parked.
async fn settle(tx: &mut Tx<'_>, stored: &StoredSignal, decided: Decision, now: Timestamp) -> Result<bool, StoreError> {
    let (organisation, id) = (stored.organisation, stored.id);
    match decided {
        Decision::Matched(course, member) => {
            let outcome = match Fact::of(&stored.signal, id) {
                None => Outcome::Hint,
                Some(fact) if tx.put_fact(organisation, course, member, &fact, now).await? => Outcome::Fact,
                Some(_) => Outcome::Older,
            };
            if outcome == Outcome::Hint && tx.asks_about_course(organisation, course).await? {
                tx.enqueue(&work::pull(organisation, course, now), now).await?;
            }
            if tx.keeps_signals(organisation, course).await? {
                tx.match_signal(organisation, id, outcome, course, Some(member), now)
                    .await?;
            } else {
                forget(tx, stored).await?;
            }
        }
        Decision::Parked(_, Some(course)) if !tx.keeps_signals(organisation, course).await? => {
            forget(tx, stored).await?;
        }
        Decision::Parked(why, course) => {
            tx.park_signal(stored, why, course, now).await?;
            return Ok(true);
        }
        Decision::Dropped(why) => {
            tx.drop_signal(organisation, id, why, now).await?;
            count_dropped(tx, stored).await?;
        }
        Decision::Everybody(_) => {}
    }
    Ok(false)
}

/// A signal of a course without a rule is counted and not kept.
async fn forget(tx: &mut Tx<'_>, stored: &StoredSignal) -> Result<(), StoreError> {
    tx.forget_signal(stored.organisation, stored.id).await?;
    count_dropped(tx, stored).await
}

async fn count_dropped(tx: &mut Tx<'_>, stored: &StoredSignal) -> Result<(), StoreError> {
    let Some(feed) = stored.feed else { return Ok(()) };
    let one = FeedCount {
        dropped: 1,
        ..FeedCount::default()
    };
    tx.count_feed(stored.organisation, feed, &one).await
}
