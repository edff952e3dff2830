//! One person: why they get badges by the rules of the course, or not.

use askama::Template;

use super::{Verdict, because, percent, shortened, spoken};
use crate::clock::Timestamp;
use crate::model::rule::{ConditionResult, Decision, Gate, Met, Passed};
use crate::model::signal::Source;
use crate::web::pages::{AwardWord, Badge, Frame, Page, framed};
use crate::web::text::Text;

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
    pub award: Option<(String, AwardWord)>,
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
