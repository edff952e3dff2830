//! Rules: their list, and how they and what they decided are said. The editor with its dry run and what a person confirms
//! stand in `editor`, why somebody got a badge or not in `person`.

mod editor;
mod person;

use askama::Template;

pub use self::editor::{ChosenRow, DryRun, KINDS, Row, RuleForm, RulePage, RulePeoplePage, TriedRow};
pub use self::person::{PersonPage, WhyAnswer, WhyCondition};
use super::{Badge, Frame, Page, framed};
use crate::clock::Timestamp;
use crate::model::rule::{Because, Condition, ConditionResult, Decision, Expression, Met, Outcome, RuleState};
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
pub(super) fn percent(number: &str, text: &Text) -> String {
    match text.locale {
        Locale::En => format!("{number}%"),
        Locale::Fr | Locale::Fi => format!("{}\u{a0}%", number.replace('.', ",")),
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
