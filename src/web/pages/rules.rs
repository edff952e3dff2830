//! Rules: the list, the editor with its dry run, backfill, a stopped rule, and why somebody got a badge or not.

use askama::Template;

use super::{Badge, Frame, Mistakes, Page, framed};
use crate::clock::Timestamp;
use crate::model::rule::{
    Because, Condition, ConditionResult, Decision, Expression, Gate, Met, Outcome, Passed, RuleState,
};
use crate::model::signal::Source;
use crate::web::text::{Locale, Text};

/// The word and colour of a rule's state.
pub fn state_key(state: RuleState) -> (&'static str, &'static str) {
    match state {
        RuleState::Draft => ("off", "ru-draft"),
        RuleState::On => ("done", "ru-on"),
        RuleState::Paused => ("off", "ru-paused"),
        RuleState::Stopped => ("hold", "ru-stopped"),
        RuleState::Archived => ("off", "ru-archived"),
    }
}

/// An expression in plain words.
pub fn in_words(when: &Expression, text: &Text) -> String {
    match when {
        Expression::One(condition) => condition_in_words(condition, text),
        Expression::All(parts) => joined(parts, "rule-and", text),
        Expression::Any(parts) => joined(parts, "rule-or", text),
    }
}

fn joined(parts: &[Expression], word: &str, text: &Text) -> String {
    let part = |part: &Expression| match part {
        Expression::One(condition) => condition_in_words(condition, text),
        group => format!("({})", in_words(group, text)),
    };
    let words: Vec<String> = parts.iter().map(part).collect();
    words.join(&format!(" {} ", text.say(word)))
}

fn condition_in_words(condition: &Condition, text: &Text) -> String {
    let share = |least: &dyn std::fmt::Display| percent(&least.to_string(), text);
    match condition {
        Condition::CourseCompleted => text.say("cond-course-completed"),
        Condition::CourseConcluded => text.say("cond-course-concluded"),
        Condition::FinalGrade(least) => text.msg("cond-final-grade").with("n", share(least)).to_string(),
        Condition::Score(item, least) => text
            .msg("cond-score")
            .with("item", item)
            .with("n", share(least))
            .to_string(),
        Condition::ModuleCompleted(item) => text.msg("cond-module").with("item", item).to_string(),
        Condition::ActivityCompleted(item) => text.msg("cond-activity").with("item", item).to_string(),
        Condition::OwnColumn(least) => text.msg("cond-own-column").with("n", share(least)).to_string(),
        Condition::Holds(badge) => text.msg("cond-holds").with("badge", badge).to_string(),
        Condition::CompletedBy(day) => text.msg("cond-by").with("date", text.date(day.end())).to_string(),
    }
}

/// A number of percent as its language writes it.
fn percent(number: &str, text: &Text) -> String {
    match text.locale {
        Locale::En => format!("{number}%"),
        Locale::Fr => format!("{}\u{a0}%", number.replace('.', ",")),
    }
}

/// What a dry run says of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Would get it.
    Would,
    /// Cannot be said, or a person decides.
    Unknown,
    /// Not yet, or not at all.
    Not,
    /// Has it.
    Has,
}

impl Verdict {
    /// Of a decision.
    pub const fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Award | Outcome::Wait(_) | Outcome::NoEmail | Outcome::Earlier | Outcome::Limit => Self::Would,
            Outcome::CannotTell | Outcome::NotReleased | Outcome::Parked => Self::Unknown,
            Outcome::NotYet | Outcome::TakenBack | Outcome::NotALearner | Outcome::NotActive | Outcome::RuleOff => {
                Self::Not
            }
            Outcome::HasIt => Self::Has,
        }
    }

    /// The colour's class.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Would => "wait",
            Self::Unknown => "hold",
            Self::Not => "off",
            Self::Has => "done",
        }
    }

    /// The message of the tag.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Would => "dry-would",
            Self::Unknown => "dry-unknown",
            Self::Not => "dry-not",
            Self::Has => "dry-has",
        }
    }
}

/// The deciding fact of a decision, in a sentence.
pub fn because(decision: &Decision, text: &Text) -> String {
    let on = |key: &str, at: Option<Timestamp>| match at {
        Some(at) => text.msg(key).with("date", text.date(at)).to_string(),
        None => text.say("why-met"),
    };
    match decision.outcome {
        Outcome::Award => on("why-met-on", decision.met_at),
        Outcome::Wait(until) => text.msg("why-wait").with("date", text.date(until)).to_string(),
        Outcome::NoEmail => text.say("why-noemail"),
        Outcome::Earlier => on("why-earlier", decision.met_at),
        Outcome::Limit => text.say("why-limit"),
        Outcome::Parked => text.say("why-parked"),
        Outcome::HasIt => text.say("why-hasit"),
        Outcome::TakenBack => text.say("why-taken"),
        Outcome::NotALearner => text.say("why-staff"),
        Outcome::NotActive => text.say("why-inactive"),
        Outcome::RuleOff => text.say("why-paused"),
        Outcome::NotReleased => text.say("why-unreleased"),
        Outcome::NotYet | Outcome::CannotTell => decision
            .conditions
            .iter()
            .find(|result| result.met != Met::Yes)
            .map_or_else(|| text.say("why-met"), |result| result_in_words(result, text)),
    }
}

fn result_in_words(result: &ConditionResult, text: &Text) -> String {
    let item = spoken(&result.condition, text);
    match (result.because, &result.found, &result.needed) {
        (Because::Short, Some(value), Some(goal)) => text
            .msg("why-short")
            .with("value", percent(&shortened(value), text))
            .with("goal", percent(goal, text))
            .to_string(),
        (Because::Unreleased, ..) => text.say("why-unreleased"),
        (Because::NoScore, ..) => text.say("why-noscore"),
        (Because::NoMaximum, ..) => text.say("why-nomaximum"),
        (Because::TooLate, ..) => text.say("why-late"),
        (Because::Undone, ..) => text.msg("why-undone").with("item", item).to_string(),
        _ => text.msg("why-missing").with("item", item).to_string(),
    }
}

/// A score with at most two digits behind the point.
fn shortened(score: &str) -> String {
    match score.split_once('.') {
        Some((whole, part)) if part.len() > 2 => format!("{whole}.{}", part.chars().take(2).collect::<String>()),
        _ => score.to_owned(),
    }
}

/// A stored condition in plain words.
fn spoken(condition: &str, text: &Text) -> String {
    condition
        .parse::<Expression>()
        .map_or_else(|_| condition.to_owned(), |when| in_words(&when, text))
}

/// `/c/{seat}/rules`
#[derive(Clone, Debug, Default, Template)]
#[template(path = "course/rules.html")]
pub struct RulesPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The rules, oldest first.
    pub rules: Vec<RuleLine>,
    /// How the LMS was asked about this course last, where it is asked.
    pub asked: Option<Asked>,
}

/// How an LMS was asked last.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// When.
    pub at: Timestamp,
    /// Whether it failed.
    pub failed: bool,
}

/// A rule in the list.
#[derive(Clone, Debug)]
pub struct RuleLine {
    /// Its id.
    pub rule: String,
    /// Its badge.
    pub badge: Badge,
    /// Who gets it.
    pub when: Expression,
    /// Where it stands.
    pub state: RuleState,
    /// Awards that stand.
    pub awards: usize,
    /// When it last looked at anybody.
    pub checked: Option<Timestamp>,
}

impl RuleLine {
    fn sentence(&self, text: &Text) -> String {
        in_words(&self.when, text)
    }

    fn state_class(&self) -> &'static str {
        state_key(self.state).0
    }

    fn state_word(&self) -> &'static str {
        state_key(self.state).1
    }
}

impl Page for RulesPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("rules-title")
    }
}

/// A condition in the editor, as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Which kind; empty: none chosen.
    pub kind: String,
    /// The id, badge or day.
    pub item: String,
    /// The percentage.
    pub least: String,
}

/// The kinds of conditions, with the messages that name them.
pub const KINDS: [(&str, &str); 9] = [
    ("course-completed", "kind-course-completed"),
    ("final-grade", "kind-final-grade"),
    ("score", "kind-score"),
    ("module-completed", "kind-module"),
    ("activity-completed", "kind-activity"),
    ("own-column", "kind-own-column"),
    ("holds", "kind-holds"),
    ("completed-by", "kind-by"),
    ("course-concluded", "kind-concluded"),
];

/// What stands in the editor's fields.
#[derive(Clone, Debug, Default)]
pub struct RuleForm {
    /// The badge's id.
    pub badge: String,
    /// Any one condition is enough.
    pub any: bool,
    /// The conditions.
    pub rows: Vec<Row>,
    /// The rule as text, for what rows cannot say.
    pub when: String,
    /// Hours to wait.
    pub wait: String,
    /// The breaker's limit.
    pub breaker: String,
    /// Scores count only after release.
    pub released: bool,
    /// A later drop revokes.
    pub revokes: bool,
    /// Which attempt counts.
    pub attempt: String,
    /// The mail's subject.
    pub subject: String,
    /// The mail's text.
    pub body: String,
    /// Added to the criteria.
    pub criteria: String,
    /// Months that the badge holds.
    pub expires: String,
    /// Months after which it can be earned again.
    pub repeat: String,
    /// Whoever meets it today is included.
    pub backfill: bool,
    /// The version that was shown; 0: a new rule.
    pub version: u32,
}

/// One person of a dry run.
#[derive(Clone, Debug)]
pub struct TriedRow {
    /// The member's id.
    pub member: String,
    /// The name.
    pub name: String,
    /// What would happen, with the reasons.
    pub decision: Decision,
}

impl TriedRow {
    fn verdict(&self) -> Verdict {
        Verdict::of(self.decision.outcome)
    }

    fn because(&self, text: &Text) -> String {
        because(&self.decision, text)
    }
}

/// What a dry run found.
#[derive(Clone, Debug, Default)]
pub struct DryRun {
    /// How many would get it, have it, not yet, cannot tell.
    pub counts: (usize, usize, usize, usize),
    /// The first people, those who would get it first.
    pub rows: Vec<TriedRow>,
    /// How many there are in all.
    pub total: usize,
}

/// `/c/{seat}/rules/new` and `/c/{seat}/rules/{rule}`. Posts the fields of [`RuleForm`] and `do`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "course/rule.html")]
pub struct RulePage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The page's own address.
    pub action: String,
    /// The rule's badge; absent: still to be chosen.
    pub badge: Option<Badge>,
    /// Badges to choose from, for a new rule.
    pub badges: Vec<Badge>,
    /// Where the rule stands; absent: new.
    pub state: Option<RuleState>,
    /// What was typed, or what the rule says.
    pub form: RuleForm,
    /// Sources that tell what the conditions look at: condition and source words; no words: none does yet.
    pub sources: Vec<(Condition, String)>,
    /// Who would get it now; absent: nothing to try yet.
    pub dry: Option<DryRun>,
    /// What was wrong.
    pub mistakes: Mistakes,
    /// Somebody else changed the rule meanwhile: what it says now.
    pub conflict: Option<Expression>,
}

impl Page for RulePage {
    framed!();

    fn heading(&self) -> String {
        let t = &self.frame.text;
        match &self.badge {
            Some(badge) => t.msg("rule-title").with("badge", &badge.name).to_string(),
            None => t.say("rule-new"),
        }
    }

    fn is_refused(&self) -> bool {
        !self.mistakes.is_empty()
    }
}

impl RulePage {
    #[expect(clippy::unused_self, reason = "templates call it like its siblings")]
    fn same(&self, a: impl AsRef<str>, b: impl AsRef<str>) -> bool {
        a.as_ref() == b.as_ref()
    }

    fn state_class(&self) -> &'static str {
        self.state.map_or("off", |state| state_key(state).0)
    }

    fn state_word(&self) -> &'static str {
        self.state.map_or("ru-draft", |state| state_key(state).1)
    }

    fn is_state(&self, word: &str) -> bool {
        self.state.is_some_and(|state| state.word() == word)
    }

    fn source_line(&self, condition: &Condition, words: &str) -> String {
        let t = &self.frame.text;
        let condition = condition_in_words(condition, t);
        if words.is_empty() {
            t.msg("source-none").with("condition", condition).to_string()
        } else {
            t.msg("source-some")
                .with("condition", condition)
                .with("sources", words)
                .to_string()
        }
    }

    fn conflict_words(&self) -> Option<String> {
        self.conflict.as_ref().map(|when| in_words(when, &self.frame.text))
    }
}

/// `/c/{seat}/rules/{rule}/backfill` and `/c/{seat}/rules/{rule}/release`: a list that a person confirms. Posts
/// `member` for each person, `dated` and `do`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "course/rule_people.html")]
pub struct RulePeoplePage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The page's own address.
    pub action: String,
    /// The rule's address.
    pub back: String,
    /// The badge.
    pub badge: Badge,
    /// Whether this is a stopped rule's list, else a backfill.
    pub is_stopped: bool,
    /// Since when it is stopped.
    pub since: Option<Timestamp>,
    /// The people.
    pub people: Vec<ChosenRow>,
    /// What was wrong.
    pub mistakes: Mistakes,
}

/// One person of a list that a person confirms.
#[derive(Clone, Debug)]
pub struct ChosenRow {
    /// The member's id.
    pub member: String,
    /// The name.
    pub name: String,
    /// When the conditions were met.
    pub met: Option<Timestamp>,
}

impl Page for RulePeoplePage {
    framed!();

    fn heading(&self) -> String {
        let key = if self.is_stopped {
            "stopped-title"
        } else {
            "backfill-title"
        };
        self.frame.text.msg(key).with("badge", &self.badge.name).to_string()
    }

    fn is_refused(&self) -> bool {
        !self.mistakes.is_empty()
    }
}

/// `/c/{seat}/people/{person}`: why or why not, for each rule of the course. Posts `do` and `award`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "course/person.html")]
pub struct PersonPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The person's name.
    pub name: String,
    /// The address, if it may be seen.
    pub email: Option<String>,
    /// The page's own address.
    pub action: String,
    /// One answer for each rule.
    pub answers: Vec<WhyAnswer>,
}

/// Why somebody gets a badge by a rule, or not.
#[derive(Clone, Debug)]
pub struct WhyAnswer {
    /// The rule's id.
    pub rule: String,
    /// The badge.
    pub badge: Badge,
    /// What the rule says now.
    pub decision: Decision,
    /// When it last looked.
    pub looked: Option<Timestamp>,
    /// The award that exists: its id and word.
    pub award: Option<(String, super::AwardWord)>,
    /// The award's conditions are no longer met.
    pub dropped: bool,
    /// The award was sent to this address, which is no longer the person's.
    pub sent_elsewhere: Option<String>,
    /// Whether it can be issued by hand beside that one.
    pub may_reissue: bool,
}

impl WhyAnswer {
    fn verdict(&self) -> Verdict {
        Verdict::of(self.decision.outcome)
    }

    fn because(&self, text: &Text) -> String {
        because(&self.decision, text)
    }

    fn conditions(&self, text: &Text) -> Vec<WhyCondition> {
        let line = |result: &ConditionResult| WhyCondition {
            words: spoken(&result.condition, text),
            found: result.found.as_deref().map(|found| percent(&shortened(found), text)),
            class: if result.met == Met::Yes {
                "done"
            } else if result.met == Met::No {
                "off"
            } else {
                "hold"
            },
            word: match result.met {
                Met::Yes => "met-yes",
                Met::No => "met-no",
                Met::Unknown => "met-unknown",
            },
            source: result.source.as_deref().and_then(source_key),
            at: result.at,
        };
        self.decision.conditions.iter().map(line).collect()
    }

    fn gates(&self) -> Vec<(&'static str, &'static str, &'static str)> {
        self.decision
            .gates
            .iter()
            .map(|result| {
                let (class, word) = match result.passed {
                    Passed::Yes => ("done", "gate-passed"),
                    Passed::No => ("off", "gate-closed"),
                    Passed::Later => ("hold", "gate-later"),
                };
                (gate_key(result.gate), class, word)
            })
            .collect()
    }
}

const fn gate_key(gate: Gate) -> &'static str {
    match gate {
        Gate::Role => "gate-role",
        Gate::Enrolment => "gate-enrolment",
        Gate::Email => "gate-email",
        Gate::HasIt => "gate-has-it",
        Gate::TakenBack => "gate-taken-back",
        Gate::RuleOn => "gate-rule-on",
        Gate::Since => "gate-since",
        Gate::Wait => "gate-wait",
        Gate::Breaker => "gate-breaker",
    }
}

/// The message that names a stored source; absent: unknown to this program.
fn source_key(word: &str) -> Option<&'static str> {
    Some(match word.parse::<Source>().ok()? {
        Source::Webhook => "source-webhook",
        Source::CanvasEvents => "source-canvas-events",
        Source::MoodleEvents => "source-moodle-events",
        Source::CanvasApi => "source-canvas-api",
        Source::BrightspaceApi => "source-brightspace-api",
        Source::MoodleApi => "source-moodle-api",
        Source::OwnColumn => "source-own-column",
    })
}

/// One condition on a person's page.
#[derive(Clone, Debug)]
pub struct WhyCondition {
    /// The condition.
    pub words: String,
    /// The value found.
    pub found: Option<String>,
    /// The colour's class.
    pub class: &'static str,
    /// The message of the tag.
    pub word: &'static str,
    /// The message that names the source.
    pub source: Option<&'static str>,
    /// When it happened.
    pub at: Option<Timestamp>,
}

impl Page for PersonPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.msg("person-title").with("name", &self.name).to_string()
    }
}
