//! How a rule awards: message, dates, and the care it takes before anything goes out.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::expression::Expression;

/// The longest waiting time, in hours: seven days.
pub const WAIT_MOST_HOURS: u32 = 7 * 24;
/// The highest limit of the breaker.
pub const BREAKER_MOST: u32 = 500;
/// The least default limit of the breaker.
const BREAKER_LEAST_DEFAULT: u32 = 25;
/// The default limit of the breaker, in percent of the course.
const BREAKER_SHARE: u32 = 30;
/// The default waiting time where a score decides, in hours.
const WAIT_FOR_SCORES_HOURS: u32 = 24;
/// Months at most: expiry and repetition.
const MOST_MONTHS: u32 = 600;
/// Signs of a text at most.
const MOST_TEXT: usize = 10_000;
/// What may stand in braces in the addition to the criteria.
const PLACEHOLDERS: [&str; 3] = ["score", "course", "date"];

/// How a rule awards. What is absent is the default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// The mail's subject; absent: the badge's.
    pub subject: Option<String>,
    /// The mail's text; absent: the badge's.
    pub body: Option<String>,
    /// The language of subject and text, such as `fr`; absent: the badge's.
    pub language: Option<String>,
    /// Added to the badge's criteria, with `{score}`, `{course}` and `{date}`.
    pub criteria_add: Option<String>,
    /// The badge holds for so many months from the award; absent: as the badge says.
    pub expires_months: Option<u32>,
    /// The badge can be earned again in each period of so many months; absent: once.
    pub repeat_months: Option<u32>,
    /// Hours between meeting the conditions and the award; absent: 24 where a score decides, else none.
    pub wait_hours: Option<u32>,
    /// More awards than this at once stop the rule; absent: 25 or 30 % of the course, whichever is larger.
    pub breaker: Option<u32>,
    /// What happens if the conditions are no longer met after the award.
    pub on_drop: OnDrop,
    /// Which of several attempts counts.
    pub attempt: Attempt,
    /// Whether a score counts only after it is released to learners.
    pub released_only: bool,
    /// Whether somebody who has the badge already, from wherever, is passed over.
    pub skip_holders: bool,
}

/// What happens if the conditions are no longer met after the award.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnDrop {
    /// The badge is kept and a person is told.
    #[default]
    Keep,
    /// The badge is revoked.
    Revoke,
}

/// Which of several attempts counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Attempt {
    /// The one that happened last.
    #[default]
    Latest,
    /// The highest.
    Best,
    /// The one that happened first.
    First,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            subject: None,
            body: None,
            language: None,
            criteria_add: None,
            expires_months: None,
            repeat_months: None,
            wait_hours: None,
            breaker: None,
            on_drop: OnDrop::Keep,
            attempt: Attempt::Latest,
            released_only: true,
            skip_holders: true,
        }
    }
}

/// An option that is not allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OptionsError {
    /// Longer than seven days.
    #[error("the waiting time is longer than seven days: give 0 to {WAIT_MOST_HOURS} hours")]
    Wait,
    /// Off, or higher than allowed.
    #[error("the limit of awards at once cannot be off: give a number from 1 to {BREAKER_MOST}")]
    Breaker,
    /// No number of months.
    #[error("give a number of months from 1 to {MOST_MONTHS}")]
    Months,
    /// A text is too long.
    #[error("a text is longer than {MOST_TEXT} characters")]
    Text,
    /// No such placeholder.
    #[error("there is no {{{0}}}: use {{score}}, {{course}} or {{date}}")]
    Placeholder(String),
    /// No such language.
    #[error("{0:?} is no language: give a code such as en or fr-CA")]
    Language(String),
}

impl Options {
    /// Whether every value is allowed.
    pub fn check(&self) -> Result<(), OptionsError> {
        if self.wait_hours.is_some_and(|hours| hours > WAIT_MOST_HOURS) {
            return Err(OptionsError::Wait);
        }
        if self.breaker.is_some_and(|limit| limit == 0 || limit > BREAKER_MOST) {
            return Err(OptionsError::Breaker);
        }
        for months in [self.expires_months, self.repeat_months].into_iter().flatten() {
            if months == 0 || months > MOST_MONTHS {
                return Err(OptionsError::Months);
            }
        }
        for text in [&self.subject, &self.body, &self.criteria_add].into_iter().flatten() {
            if text.chars().count() > MOST_TEXT {
                return Err(OptionsError::Text);
            }
        }
        if let Some(language) = &self.language
            && (language.len() > 35
                || !language
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
        {
            return Err(OptionsError::Language(language.clone()));
        }
        for name in self.criteria_add.as_deref().map(placeholders).unwrap_or_default() {
            if !PLACEHOLDERS.contains(&name) {
                return Err(OptionsError::Placeholder(name.to_owned()));
            }
        }
        Ok(())
    }

    /// The waiting time of a rule with this expression.
    pub fn wait(&self, when: &Expression) -> Duration {
        let default = if when.looks_at_scores() {
            WAIT_FOR_SCORES_HOURS
        } else {
            0
        };
        let hours = self.wait_hours.unwrap_or(default).min(WAIT_MOST_HOURS);
        Duration::from_hours(u64::from(hours))
    }

    /// The most awards at once in a course of so many learners: never more than [`BREAKER_MOST`].
    pub fn limit(&self, learners: u32) -> u32 {
        let share = learners.saturating_mul(BREAKER_SHARE).div_ceil(100);
        self.breaker
            .unwrap_or(share.max(BREAKER_LEAST_DEFAULT))
            .clamp(1, BREAKER_MOST)
    }

    /// The addition to the criteria for one person.
    pub fn criteria_for(&self, score: &str, course: &str, date: &str) -> Option<String> {
        let text = self.criteria_add.as_deref()?;
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let Some((name, behind)) = after.split_once('}') else {
                filled.push('{');
                rest = after;
                continue;
            };
            filled.push_str(match name {
                "score" => score,
                "course" => course,
                "date" => date,
                _ => "",
            });
            rest = behind;
        }
        filled.push_str(rest);
        Some(filled)
    }
}

fn placeholders(text: &str) -> Vec<&str> {
    text.split('{')
        .skip(1)
        .filter_map(|after| after.split_once('}').map(|(name, _)| name))
        .collect()
}
