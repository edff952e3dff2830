//! Weighs an expression against what is known about a person. Three answers: met, not met, cannot be said.

use crate::clock::Timestamp;
use crate::model::award::AwardState;
use crate::model::fact::{Fact, FactClass, FactValue, Facts};
use crate::model::rule::{Attempt, Because, Condition, ConditionResult, Day, Dossier, Expression, Met, Percent, Rule};
use crate::model::score::{Points, Score};
use crate::model::signal::{Item, ItemId};

/// Whether an expression is met, and since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Truth {
    pub(super) met: Met,
    /// If it cannot be said: whether it would be met if hidden scores were released.
    pub(super) would: bool,
    pub(super) at: Option<Timestamp>,
    pub(super) offset_minutes: Option<i16>,
    pub(super) score: Option<Points>,
}

/// Whether the course, or this person's enrolment, ended in good order.
pub(super) fn is_concluded(facts: &Facts) -> bool {
    facts.holding(&Item::Course, FactClass::Conclusion).is_some()
}

/// The answer for the whole expression, and each condition's own, in the order in which they are written.
pub(super) fn weigh(rule: &Rule, dossier: &Dossier) -> (Truth, Vec<ConditionResult>) {
    let mut results = Vec::new();
    let truth = weigh_part(&rule.terms.when, rule, dossier, &mut results);
    (truth, results)
}

fn weigh_part(part: &Expression, rule: &Rule, dossier: &Dossier, results: &mut Vec<ConditionResult>) -> Truth {
    match part {
        Expression::One(condition) => {
            let (truth, result) = weigh_condition(condition, rule, dossier);
            results.push(result);
            truth
        }
        Expression::All(parts) => parts
            .iter()
            .map(|part| weigh_part(part, rule, dossier, results))
            .reduce(both)
            .unwrap_or_else(unknown),
        Expression::Any(parts) => parts
            .iter()
            .map(|part| weigh_part(part, rule, dossier, results))
            .reduce(either)
            .unwrap_or_else(unknown),
    }
}

const fn unknown() -> Truth {
    Truth {
        met: Met::Unknown,
        would: false,
        at: None,
        offset_minutes: None,
        score: None,
    }
}

/// Met when the later of the two was.
fn both(a: Truth, b: Truth) -> Truth {
    let met = match (a.met, b.met) {
        (Met::No, _) | (_, Met::No) => Met::No,
        (Met::Unknown, _) | (_, Met::Unknown) => Met::Unknown,
        (Met::Yes, Met::Yes) => Met::Yes,
    };
    let (score, would) = (a.score.or(b.score), a.is_or_would() && b.is_or_would());
    let later = if b.at > a.at { b } else { a };
    Truth {
        met,
        would,
        score,
        ..later
    }
}

/// Met when the earlier of the two was.
fn either(a: Truth, b: Truth) -> Truth {
    if a.met == Met::Yes && b.met == Met::Yes {
        let earlier = if b.at < a.at { &b } else { &a };
        return Truth {
            score: a.score.or(b.score),
            ..earlier.clone()
        };
    }
    match (a.met, b.met) {
        (Met::No | Met::Unknown, Met::Yes) | (Met::No, Met::Unknown) => b,
        (Met::Unknown, Met::Unknown) if b.would && !a.would => b,
        _ => a,
    }
}

impl Truth {
    fn is_or_would(&self) -> bool {
        self.met == Met::Yes || (self.met == Met::Unknown && self.would)
    }
}

/// What was found for one condition.
struct Finding<'a> {
    met: Met,
    would: bool,
    because: Because,
    fact: Option<&'a Fact>,
    at: Option<Timestamp>,
    score: Option<Points>,
}

impl<'a> Finding<'a> {
    fn new(met: Met, because: Because, fact: Option<&'a Fact>) -> Self {
        Self {
            met,
            would: false,
            because,
            fact,
            at: fact.map(|fact| fact.occurred_at),
            score: None,
        }
    }
}

fn weigh_condition(condition: &Condition, rule: &Rule, dossier: &Dossier) -> (Truth, ConditionResult) {
    let facts = &dossier.facts;
    let found = match condition {
        Condition::CourseCompleted => done(facts, &[Item::Course]),
        Condition::CourseConcluded => match facts.newest(&Item::Course, FactClass::Conclusion) {
            Some(fact) if fact.value == FactValue::Holds(true) => Finding::new(Met::Yes, Because::Met, Some(fact)),
            Some(fact) => Finding::new(Met::No, Because::Undone, Some(fact)),
            None => Finding::new(Met::No, Because::NoNews, None),
        },
        Condition::ModuleCompleted(id) => done(facts, &items(id, &[Item::Module])),
        Condition::ActivityCompleted(id) => done(facts, &items(id, &[Item::Activity, Item::LineItem])),
        Condition::CompletedBy(day) => in_time(done(facts, &[Item::Course]), *day),
        Condition::Holds(badge) => holds(dossier, badge),
        Condition::FinalGrade(least) => score(rule, dossier, &[Item::FinalGrade], *least),
        Condition::Score(id, least) => score(rule, dossier, &items(id, &[Item::Activity, Item::LineItem]), *least),
        Condition::OwnColumn(least) => score(rule, dossier, &[Item::OwnColumn(rule.id)], *least),
    };
    let result = ConditionResult {
        condition: condition.to_string(),
        met: found.met,
        because: found.because,
        found: found
            .score
            .filter(|_| found.because != Because::Unreleased)
            .map(|points| points.to_string()),
        needed: condition.threshold().map(|threshold| threshold.least.to_string()),
        source: found.fact.map(|fact| fact.source.word().to_owned()),
        at: found.at,
        heard_at: found.fact.map(|fact| fact.received_at),
        clock_suspect: found.fact.is_some_and(|fact| fact.clock_suspect),
    };
    let truth = Truth {
        met: found.met,
        would: found.would,
        at: found.at,
        offset_minutes: found.fact.and_then(|fact| fact.utc_offset_minutes),
        score: found.score,
    };
    (truth, result)
}

fn items(id: &str, kinds: &[fn(ItemId) -> Item]) -> Vec<Item> {
    match ItemId::parse(id) {
        Ok(id) => kinds.iter().map(|kind| kind(id.clone())).collect(),
        Err(_) => Vec::new(),
    }
}

/// Completed or passed, by the newest news of either kind; of two at one moment the one that says no.
fn done<'a>(facts: &'a Facts, of: &[Item]) -> Finding<'a> {
    let news = of.iter().flat_map(|item| {
        [FactClass::Completion, FactClass::Outcome]
            .into_iter()
            .filter_map(|class| facts.newest(item, class))
    });
    match news.max_by_key(|fact| (fact.occurred_at, fact.value == FactValue::Holds(false))) {
        Some(fact) if fact.value == FactValue::Holds(true) => Finding::new(Met::Yes, Because::Met, Some(fact)),
        Some(fact) => Finding::new(Met::No, Because::Undone, Some(fact)),
        None => Finding::new(Met::No, Because::NoNews, None),
    }
}

fn in_time(mut found: Finding<'_>, day: Day) -> Finding<'_> {
    if found.met == Met::Yes && found.at.is_some_and(|at| at > day.end()) {
        (found.met, found.because) = (Met::No, Because::TooLate);
    }
    found
}

fn holds<'a>(dossier: &Dossier, badge: &str) -> Finding<'a> {
    let issued = |award: &&crate::model::rule::Held| award.badge_id == badge && award.state == AwardState::Issued;
    let first = dossier.awards.iter().filter(issued).min_by_key(|award| award.issued_at);
    match first {
        Some(award) => Finding {
            at: award.issued_at,
            ..Finding::new(Met::Yes, Because::Met, None)
        },
        None => Finding::new(Met::No, Because::NoNews, None),
    }
}

/// At least so much, exactly and unclamped. A score that a person put in wins over every attempt.
fn score<'a>(rule: &Rule, dossier: &'a Dossier, of: &[Item], least: Percent) -> Finding<'a> {
    let Some(least) = Points::from_millionths(i64::from(least.hundredths()) * 10_000) else {
        return Finding::new(Met::Unknown, Because::NoScore, None);
    };
    let released_only = rule.terms.options.released_only;
    let tries = attempts(rule.terms.options.attempt, dossier, of);
    let reaches = |score: Score| score.is_at_least(least);
    let told = |score: Score| score.released || !released_only;
    let with = |met, because, (fact, score): (&'a Fact, Score)| Finding {
        score: score.percent(),
        ..Finding::new(met, because, Some(fact))
    };
    let seen = tries.iter().copied().filter(|(_, score)| told(*score));
    let enough = seen
        .clone()
        .filter(|(_, score)| reaches(*score) == Some(true))
        .min_by_key(|(fact, _)| fact.order());
    if let Some(found) = enough {
        return with(Met::Yes, Because::Met, found);
    }
    let mut hidden = tries.iter().copied().filter(|(_, score)| !told(*score)).peekable();
    if let Some(first) = hidden.peek().copied() {
        let best = hidden.find(|(_, score)| reaches(*score) == Some(true));
        return Finding {
            would: best.is_some(),
            ..with(Met::Unknown, Because::Unreleased, best.unwrap_or(first))
        };
    }
    let best = seen.max_by_key(|(fact, score)| (score.percent(), fact.order()));
    match best {
        Some(found) if reaches(found.1).is_none() => with(Met::Unknown, Because::NoMaximum, found),
        Some(found) => with(Met::No, Because::Short, found),
        None => {
            let cleared = of
                .iter()
                .filter_map(|item| dossier.facts.newest(item, FactClass::Score))
                .max_by_key(|fact| fact.order());
            match cleared {
                Some(fact) => Finding::new(Met::No, Because::NoScore, Some(fact)),
                None => Finding::new(Met::No, Because::NoNews, None),
            }
        }
    }
}

/// The scores among which the rule chooses.
fn attempts<'a>(attempt: Attempt, dossier: &'a Dossier, of: &[Item]) -> Vec<(&'a Fact, Score)> {
    let newest = of
        .iter()
        .filter_map(|item| dossier.facts.score(item))
        .max_by_key(|(fact, _)| (fact.class == FactClass::Override, fact.order()));
    let is_overridden = newest.is_some_and(|(fact, _)| fact.class == FactClass::Override);
    if attempt == Attempt::Latest || is_overridden {
        return newest.into_iter().collect();
    }
    let past = dossier
        .scores
        .iter()
        .filter(|fact| of.contains(&fact.item) && fact.class == FactClass::Score)
        .filter_map(|fact| match fact.value {
            FactValue::Score(score) if score.given.is_some() => Some((fact, score)),
            _ => None,
        });
    let mut all: Vec<(&Fact, Score)> = past.chain(newest).collect();
    all.sort_by_key(|(fact, _)| fact.order());
    if attempt == Attempt::First {
        all.truncate(1);
    }
    all
}
