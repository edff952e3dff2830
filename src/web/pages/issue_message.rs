//! Issuing, step 3: message and options.

use askama::Template;

use super::parts::Step;
use super::{Badge, Frame, Mistakes, Page, framed};
use crate::clock::Timestamp;

/// `/c/{seat}/issue/{draft}/message`. Posts the fields below under their names, and `do` = `preview`, `reset` (the
/// badge's own text) or `next`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "issue/message.html")]
pub struct IssueMessagePage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The draft's id.
    pub draft: String,
    /// The furthest step that was reached.
    pub reached: Step,
    /// The chosen badge.
    pub badge: Badge,
    /// The values of the fields, as they were entered.
    pub fields: MessageFields,
    /// How long the badge is valid by its own setting.
    pub own: OwnValidity,
    /// The earliest award date, as `2021-11-21`.
    pub earliest: String,
    /// The latest award date: today, wherever in the world that begins first.
    pub latest: String,
    /// Whether the email is shown as it will be sent.
    pub preview: bool,
    /// What was wrong.
    pub mistakes: Mistakes,
}

/// What the form holds. Field names equal the HTML names, with hyphens.
#[derive(Clone, Debug, Default)]
pub struct MessageFields {
    /// `award-date`: `2026-11-21`, or what was typed.
    pub award_date: String,
    /// `valid`: how long it is valid.
    pub valid: Validity,
    /// `valid-months`: a number, or what was typed.
    pub valid_months: String,
    /// `valid-date`: a date, or what was typed.
    pub valid_date: String,
    /// `subject`
    pub subject: String,
    /// `body`
    pub body: String,
    /// `link-text`: the words of the link that collects the badge.
    pub link_text: String,
    /// `footer`
    pub footer: String,
    /// `criteria-add`: a line added to the criteria.
    pub criteria_add: String,
    /// `order-name`
    pub order_name: String,
}

/// How long a badge is valid by its own setting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OwnValidity {
    /// Without end.
    #[default]
    Endless,
    /// So many months from the award date.
    Months(u32),
    /// Until a moment, whenever it is awarded.
    Until(Timestamp),
}

/// How long the badge will be valid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Validity {
    /// As the badge says.
    #[default]
    Own,
    /// A number of months.
    Months,
    /// Until a date.
    Date,
    /// Without end.
    Forever,
}

impl Validity {
    /// The value of the field.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Months => "months",
            Self::Date => "date",
            Self::Forever => "forever",
        }
    }

    /// The choice with this code.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Own, Self::Months, Self::Date, Self::Forever]
            .into_iter()
            .find(|v| v.code() == code)
    }
}

impl Page for IssueMessagePage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("message-title")
    }

    fn title_end(&self) -> Option<String> {
        Some(
            self.frame
                .text
                .msg("step-n-of-m")
                .with("n", Step::Message.number())
                .with("m", Step::ALL.len())
                .to_string(),
        )
    }

    fn is_refused(&self) -> bool {
        !self.mistakes.is_empty()
    }
}

impl IssueMessagePage {
    fn is_valid(&self, code: &str) -> bool {
        self.fields.valid.code() == code
    }

    /// What "as the badge says" means for this badge.
    fn own_words(&self) -> String {
        let t = &self.frame.text;
        match self.own {
            OwnValidity::Endless => t.say("valid-own-forever"),
            OwnValidity::Months(months) => t.msg("valid-own-months").with("n", months).to_string(),
            OwnValidity::Until(end) => t.msg("valid-own-until").with("date", t.date(end)).to_string(),
        }
    }
}
