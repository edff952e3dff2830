//! Matching signals to courses and people, and keeping what they say as facts (promise P4: each step can be repeated).
//!
//! What is to be done is found in a reading transaction and written in a short one; a signal that would be parked is
//! looked at again there, and once more after the COMMIT, so that a launch or roster at the same moment is not missed.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::clock::{Clock, Timestamp};
use crate::jobs::calm::MAKES_WAY;
use crate::jobs::{Calm, Handler, Job, NewJob, Verdict, work};
use crate::model::fact::Fact;
use crate::model::feed::FeedCount;
use crate::model::matching::{Decision, Found, FoundCourse, Outcome, Parked, course, person};
use crate::model::signal::{CourseRef, SignalKind};
use crate::model::{CourseId, FeedId, MemberId, OrganisationId, RegistrationId, SignalId};
use crate::store::signal::StoredSignal;
use crate::store::{Durability, Store, StoreError, Tx};

/// Signals that are read at once.
const PAGE: i64 = 500;
/// Signals, or people of one signal, that one transaction writes.
const STEP: usize = 50;
/// Pages of one run: then the worker may do something else.
const PAGES: usize = 20;

/// Matches what came in.
#[derive(Clone, Debug)]
pub struct MatchSignals {
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What came in is stored before what is there is matched.
    pub calm: Calm,
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
            self.calm.wait(MAKES_WAY).await;
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
                let mut courses = Courses::default();
                for signal in signals {
                    let decision = courses.decision(tx, &signal).await?;
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
                let (mut parked, mut known) = (Vec::new(), Known::default());
                for (signal, decided) in decided {
                    // whoever became known meanwhile is found now
                    let decided = match decided {
                        Decision::Parked(..) => decision(tx, &signal).await?,
                        other => other,
                    };
                    if known.settle(tx, &signal, decided, now).await? {
                        parked.push(signal);
                    }
                }
                known.count(tx).await?;
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
                        tx.stop_waiting(organisation, stored.id).await?;
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
    Courses::default().decision(tx, stored).await
}

/// Which courses senders mean, as found in one transaction: most of a flood is about few of them.
#[derive(Default)]
struct Courses {
    found: Vec<(Asked, Result<FoundCourse, Decision>)>,
}

/// What a course is found by: the feed's own course and registration, and the names that the sender gave.
type Asked = (Option<CourseId>, Option<RegistrationId>, CourseRef);

impl Courses {
    async fn decision(&mut self, tx: &mut Tx<'_>, stored: &StoredSignal) -> Result<Decision, StoreError> {
        let (organisation, signal) = (stored.organisation, &stored.signal);
        let found = match self.course(tx, stored).await? {
            Ok(found) => found,
            Err(decision) => return Ok(decision),
        };
        if signal.person.is_empty() {
            return Ok(Decision::Everybody(found.id));
        }
        Ok(
            match tx
                .find_member(organisation, stored.registration, found, &signal.person)
                .await?
            {
                Found::One(member) => person(found.id, tx.enrolment(organisation, found.id, member).await?),
                Found::None => Decision::Parked(Parked::PersonUnknown, Some(found.id)),
                Found::Several => Decision::Parked(Parked::PersonAmbiguous, Some(found.id)),
            },
        )
    }

    /// All signals of one transaction are of one organisation.
    async fn course(
        &mut self,
        tx: &mut Tx<'_>,
        stored: &StoredSignal,
    ) -> Result<Result<FoundCourse, Decision>, StoreError> {
        let is_same = |asked: &Asked| {
            asked.0 == stored.course && asked.1 == stored.registration && asked.2 == stored.signal.course
        };
        if let Some((_, found)) = self.found.iter().find(|(asked, _)| is_same(asked)) {
            return Ok(*found);
        }
        let (organisation, named) = (stored.organisation, &stored.signal.course);
        let own = match stored.course {
            Some(course) => tx.own_course(organisation, course).await?,
            None => None,
        };
        let by_name = tx.find_course(organisation, stored.registration, named).await?;
        let found = course(by_name, !named.is_empty(), own);
        self.found
            .push(((stored.course, stored.registration, named.clone()), found));
        Ok(found)
    }
}

/// What one writing transaction has asked about courses, and what it has still to count.
#[derive(Default)]
struct Known {
    has_rules: BTreeMap<CourseId, bool>,
    asks: BTreeMap<CourseId, bool>,
    dropped: BTreeMap<FeedId, (OrganisationId, i64)>,
}

impl Known {
    /// Writes one decision; `true` if the signal was parked.
    async fn settle(
        &mut self,
        tx: &mut Tx<'_>,
        stored: &StoredSignal,
        decided: Decision,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (organisation, id) = (stored.organisation, stored.id);
        match decided {
            Decision::Matched(course, member) => self.matched(tx, stored, course, member, now).await?,
            Decision::Parked(_, Some(course)) if !self.has_rules(tx, organisation, course).await? => {
                self.forget(tx, stored).await?;
            }
            Decision::Parked(why, course) => {
                tx.park_signal(stored, why, course, now).await?;
                return Ok(true);
            }
            Decision::Dropped(why) => {
                tx.drop_signal(organisation, id, why, now).await?;
                self.dropped(stored);
            }
            Decision::Everybody(_) => {}
        }
        Ok(false)
    }

    async fn matched(
        &mut self,
        tx: &mut Tx<'_>,
        stored: &StoredSignal,
        course: CourseId,
        member: MemberId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (organisation, id) = (stored.organisation, stored.id);
        let has_rules = self.has_rules(tx, organisation, course).await?;
        let outcome = match Fact::of(&stored.signal, id) {
            None => Outcome::Hint,
            Some(fact) => {
                let (is_newer, is_worth) = tx.keep_fact(organisation, course, member, &fact, now).await?;
                if is_worth && has_rules {
                    tx.enqueue(&NewJob::evaluate(organisation, course, member, now), now)
                        .await?;
                }
                if is_newer { Outcome::Fact } else { Outcome::Older }
            }
        };
        if outcome == Outcome::Hint && self.asks(tx, organisation, course).await? {
            tx.enqueue(&work::pull(organisation, course, now), now).await?;
        }
        if !has_rules {
            return self.forget(tx, stored).await;
        }
        tx.match_signal(organisation, id, outcome, course, Some(member), now)
            .await?;
        if stored.waits {
            tx.stop_waiting(organisation, id).await?;
        }
        Ok(())
    }

    async fn has_rules(
        &mut self,
        tx: &mut Tx<'_>,
        organisation: OrganisationId,
        course: CourseId,
    ) -> Result<bool, StoreError> {
        if let Some(known) = self.has_rules.get(&course) {
            return Ok(*known);
        }
        let found = tx.keeps_signals(organisation, course).await?;
        self.has_rules.insert(course, found);
        Ok(found)
    }

    async fn asks(
        &mut self,
        tx: &mut Tx<'_>,
        organisation: OrganisationId,
        course: CourseId,
    ) -> Result<bool, StoreError> {
        if let Some(known) = self.asks.get(&course) {
            return Ok(*known);
        }
        let found = tx.asks_about_course(organisation, course).await?;
        self.asks.insert(course, found);
        Ok(found)
    }

    /// A signal of a course without a rule is counted and not kept.
    async fn forget(&mut self, tx: &mut Tx<'_>, stored: &StoredSignal) -> Result<(), StoreError> {
        tx.forget_signal(stored.organisation, stored.id).await?;
        self.dropped(stored);
        Ok(())
    }

    fn dropped(&mut self, stored: &StoredSignal) {
        if let Some(feed) = stored.feed {
            self.dropped.entry(feed).or_insert((stored.organisation, 0)).1 += 1;
        }
    }

    /// Writes what was counted, once for each feed.
    async fn count(self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        for (feed, (organisation, dropped)) in self.dropped {
            let more = FeedCount {
                dropped,
                ..FeedCount::default()
            };
            tx.count_feed(organisation, feed, &more).await?;
        }
        Ok(())
    }
}
