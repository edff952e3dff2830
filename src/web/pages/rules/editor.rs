//! A rule: its editor with the dry run, and the people to whom a person lets it award.

use askama::Template;

use super::{Verdict, because, condition_in_words, in_words, state_key};
use crate::clock::Timestamp;
use crate::model::rule::{Condition, Decision, Expression, RuleState};
use crate::web::pages::{Badge, Frame, Mistakes, Page, framed};
use crate::web::text::Text;

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
