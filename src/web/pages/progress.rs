//! How far a learner is with a badge: for each rule what is needed, reached and missing, in words and a bar.

use askama::Template;

use super::rules::{in_words, percent};
use super::{AwardWord, Badge, Frame, Page, framed};
use crate::clock::Timestamp;
use crate::model::rule::{Because, ConditionResult, Decision, Expression, Met, Outcome, RuleState};
use crate::model::score::Points;
use crate::web::text::Text;

/// `/c/{seat}/progress/{badge}`: how far the learner is with one badge.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "learner/progress.html")]
pub struct ProgressPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The badge, and what is known.
    pub card: ProgressCard,
}

/// A badge of the course that the learner may earn, has or had.
#[derive(Clone, Debug, Default)]
pub struct ProgressCard {
    /// The badge.
    pub badge: Badge,
    /// The first line of its description; may be empty.
    pub line: String,
    /// The learner's award of it, and since when.
    pub award: Option<(AwardWord, Timestamp)>,
    /// The rules by which it can be earned here.
    pub ways: Vec<Way>,
    /// Where it can be applied for.
    pub apply: Option<String>,
}

/// A rule, and how the learner stands.
#[derive(Clone, Debug)]
pub struct Way {
    /// Where the rule stands.
    pub state: RuleState,
    /// Each condition in the order of the decision's results, with badges by name.
    pub conditions: Vec<Expression>,
    /// Whether one condition is enough.
    pub any: bool,
    /// What the rule says of the learner, without what the LMS hides from learners.
    pub decision: Decision,
    /// When the LMS was asked last, if it is asked.
    pub asked: Option<Timestamp>,
}

/// A condition, as the learner reads it.
#[derive(Clone, Debug)]
pub struct Part {
    /// The condition in words.
    pub words: String,
    /// The message that says whether it is met.
    pub word: &'static str,
    /// The class of its mark.
    pub class: &'static str,
    /// What was found.
    pub found: Option<String>,
}

/// A score that is not enough yet.
#[derive(Clone, Debug)]
pub struct Bar {
    /// What the learner has, in percent.
    pub have: String,
    /// What is needed.
    pub goal: String,
    /// What is missing.
    pub missing: String,
    /// The learner's score as a length, 0 to 100.
    pub have_length: String,
    /// The goal as a length.
    pub goal_length: String,
}

impl ProgressCard {
    /// Whether the badge is the learner's, or on its way.
    pub fn is_got(&self) -> bool {
        matches!(self.award, Some((word, _)) if !matches!(word, AwardWord::Revoked { .. } | AwardWord::Revoking
            | AwardWord::Expired { .. }))
    }

    /// A badge that is not the learner's (yet, or any more) is greyed.
    fn is_dim(&self) -> bool {
        !matches!(self.award, Some((AwardWord::Sent | AwardWord::Collected, _)))
    }
}

impl Way {
    /// What stands in the way, or what happens next.
    pub fn say(&self, text: &Text) -> String {
        if matches!(self.state, RuleState::Paused | RuleState::Stopped) && self.decision.met != Met::Yes {
            return text.say("card-paused");
        }
        match self.decision.outcome {
            Outcome::Award => text.say("card-soon"),
            Outcome::Wait(until) => text.msg("card-wait").with("date", text.date(until)).to_string(),
            Outcome::NoEmail => text.say("card-noemail"),
            Outcome::NotReleased => text.say("why-unreleased"),
            Outcome::RuleOff | Outcome::Limit => text.say("card-paused"),
            Outcome::Earlier | Outcome::Parked => text.say("card-teacher"),
            Outcome::HasIt => text.say("card-has"),
            Outcome::TakenBack => text.say("card-taken"),
            Outcome::NotALearner => text.say("card-not-learner"),
            Outcome::NotActive => text.say("card-not-active"),
            Outcome::NotYet | Outcome::CannotTell => self.distance(text),
        }
    }

    fn distance(&self, text: &Text) -> String {
        let open = || self.decision.conditions.iter().filter(|result| result.met != Met::Yes);
        if open().any(|result| result.because == Because::Unreleased) {
            return text.say("why-unreleased");
        }
        if let Some(bar) = self.bar(text) {
            return text.msg("card-togo").with("n", bar.missing).to_string();
        }
        if self.heard().is_none() {
            return text.say("card-unknown");
        }
        let left = open().count();
        let total = self.decision.conditions.len();
        text.msg("card-left")
            .with("n", total.saturating_sub(left))
            .with("m", total)
            .to_string()
    }

    /// Whether a picture of the distance is drawn: not for a rule that awards nothing now.
    pub fn is_moving(&self) -> bool {
        self.state == RuleState::On
    }

    /// The score that is nearest to what it needs.
    pub fn bar(&self, text: &Text) -> Option<Bar> {
        let bars = self.decision.conditions.iter().filter_map(measured);
        let (have, goal) = bars.max_by_key(|(have, goal)| have.saturating_mul(10_000) / (*goal).max(1))?;
        Some(Bar {
            have: share(have, text),
            goal: share(goal, text),
            missing: points((goal - have).max(0), text),
            have_length: length(have),
            goal_length: length(goal),
        })
    }

    /// The conditions, each with how it stands; where one is enough, the nearest come first.
    pub fn parts(&self, text: &Text) -> Vec<Part> {
        let part = |(result, when): (&ConditionResult, &Expression)| Part {
            words: in_words(when, text),
            class: match result.met {
                Met::Yes => "yes",
                Met::No | Met::Unknown => "idle",
            },
            word: match result.met {
                Met::Yes => "card-done",
                Met::No => "card-open",
                Met::Unknown => "met-unknown",
            },
            found: hundredths(result.found.as_deref()).map(|found| share(found, text)),
        };
        let mut both: Vec<(&ConditionResult, &Expression)> =
            self.decision.conditions.iter().zip(&self.conditions).collect();
        if self.any {
            let near = |result: &ConditionResult| {
                measured(result).map_or(0, |(have, goal)| have.saturating_mul(10_000) / goal.max(1))
            };
            both.sort_by_key(|(result, _)| std::cmp::Reverse((result.met == Met::Yes, near(result))));
        }
        both.into_iter().map(part).collect()
    }

    /// The newest news that this rests on.
    pub fn heard(&self) -> Option<Timestamp> {
        self.decision
            .conditions
            .iter()
            .filter_map(|result| result.heard_at)
            .max()
    }

    /// How old what is shown is: when the LMS was asked, or was heard last.
    pub fn age(&self) -> Option<Timestamp> {
        self.asked.max(self.heard())
    }
}

/// Found and needed, in hundredths of a percent, of a score that is not enough.
fn measured(result: &ConditionResult) -> Option<(i64, i64)> {
    let short = result.met == Met::No && result.because == Because::Short;
    let (have, goal) = (
        hundredths(result.found.as_deref())?,
        hundredths(result.needed.as_deref())?,
    );
    short.then_some((have, goal))
}

fn hundredths(text: Option<&str>) -> Option<i64> {
    let points = Points::parse(text?).ok()?;
    Some(points.millionths().div_euclid(10_000))
}

fn number(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let (whole, rest) = (hundredths.unsigned_abs() / 100, hundredths.unsigned_abs() % 100);
    match rest {
        0 => format!("{sign}{whole}"),
        _ if rest % 10 == 0 => format!("{sign}{whole}.{}", rest / 10),
        _ => format!("{sign}{whole}.{rest:02}"),
    }
}

/// Points alone, with the language's decimal sign.
fn points(hundredths: i64, text: &Text) -> String {
    let percent = share(hundredths, text);
    percent.trim_end_matches(['%', '\u{a0}', '\u{202f}', ' ']).to_owned()
}

fn share(hundredths: i64, text: &Text) -> String {
    percent(&number(hundredths), text)
}

fn length(hundredths: i64) -> String {
    let tenths = hundredths.clamp(0, 10_000) / 10;
    format!("{}.{}", tenths / 10, tenths % 10)
}

impl Page for ProgressPage {
    framed!();

    fn heading(&self) -> String {
        self.card.badge.name.clone()
    }
}
