//! What a person must have done: conditions joined by *all of* and *any of*, with a text form that reads back.

use std::fmt;

use crate::clock::Timestamp;

/// Conditions in one expression at most.
pub const MOST_CONDITIONS: usize = 30;

/// Who gets the badge. Always in its plain form: no group of one, no group inside a group of its own kind; so two
/// expressions that read alike are equal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Expression {
    /// One condition.
    One(Condition),
    /// All of these.
    All(Vec<Expression>),
    /// Any of these.
    Any(Vec<Expression>),
}

/// One thing that must be so.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Condition {
    /// The LMS says that the course is completed.
    CourseCompleted,
    /// The course is over.
    CourseConcluded,
    /// The final grade (posted; an override wins) is at least this.
    FinalGrade(Percent),
    /// The score in one activity or line item, by the LMS's id, is at least this.
    Score(String, Percent),
    /// A module, by the LMS's id, is completed.
    ModuleCompleted(String),
    /// An activity, by the LMS's id, is completed.
    ActivityCompleted(String),
    /// The mark in our own column is at least this.
    OwnColumn(Percent),
    /// The person holds this badge.
    Holds(String),
    /// The course was completed on this day or before (UTC).
    CompletedBy(Day),
}

/// What a score is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// The least score that counts.
    pub least: Percent,
}

impl Condition {
    /// The score that is needed, where one is.
    pub const fn threshold(&self) -> Option<Threshold> {
        match self {
            Self::FinalGrade(least) | Self::Score(_, least) | Self::OwnColumn(least) => {
                Some(Threshold { least: *least })
            }
            _ => None,
        }
    }

    /// The item of the LMS that it names.
    pub fn item(&self) -> Option<&str> {
        match self {
            Self::Score(item, _) | Self::ModuleCompleted(item) | Self::ActivityCompleted(item) => Some(item),
            _ => None,
        }
    }
}

impl Expression {
    /// All of `parts`; absent: there are none.
    pub fn all(parts: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut flat = Vec::new();
        for part in parts {
            match part {
                Self::All(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        Self::grouped(flat, Self::All)
    }

    /// Any of `parts`; absent: there are none.
    pub fn any(parts: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut flat = Vec::new();
        for part in parts {
            match part {
                Self::Any(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        Self::grouped(flat, Self::Any)
    }

    fn grouped(mut flat: Vec<Self>, group: fn(Vec<Self>) -> Self) -> Option<Self> {
        if flat.len() > 1 { Some(group(flat)) } else { flat.pop() }
    }

    /// Its conditions, in the order in which they are written.
    pub fn conditions(&self) -> Vec<&Condition> {
        match self {
            Self::One(condition) => vec![condition],
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::conditions).collect(),
        }
    }

    /// Whether a score decides somewhere in it: then waiting is the default, so that a grade can be corrected.
    pub fn looks_at_scores(&self) -> bool {
        self.conditions()
            .iter()
            .any(|condition| condition.threshold().is_some())
    }

    /// Whether it depends on other badges.
    pub fn looks_at_badges(&self) -> bool {
        self.conditions()
            .iter()
            .any(|condition| matches!(condition, Condition::Holds(_)))
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (parts, word) = match self {
            Self::One(condition) => return condition.fmt(f),
            Self::All(parts) => (parts, " and "),
            Self::Any(parts) => (parts, " or "),
        };
        for (position, part) in parts.iter().enumerate() {
            if position > 0 {
                f.write_str(word)?;
            }
            match part {
                Self::One(condition) => condition.fmt(f)?,
                group => write!(f, "({group})")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CourseCompleted => f.write_str("course-completed"),
            Self::CourseConcluded => f.write_str("course-concluded"),
            Self::FinalGrade(least) => write!(f, "final-grade >= {least}"),
            Self::Score(item, least) => write!(f, "score({}) >= {least}", Name(item)),
            Self::ModuleCompleted(item) => write!(f, "module-completed({})", Name(item)),
            Self::ActivityCompleted(item) => write!(f, "activity-completed({})", Name(item)),
            Self::OwnColumn(least) => write!(f, "own-column >= {least}"),
            Self::Holds(badge) => write!(f, "holds({})", Name(badge)),
            Self::CompletedBy(day) => write!(f, "completed-by {day}"),
        }
    }
}

/// An id of the LMS or the Factory: bare where that is safe, else in quotes.
struct Name<'a>(&'a str);

/// Whether a sign may stand in an id without quotes.
pub(super) fn is_plain(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_' | '.' | ':' | '/' | '+')
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.is_empty() && self.0.chars().all(is_plain) {
            return f.write_str(self.0);
        }
        f.write_str("\"")?;
        for sign in self.0.chars() {
            if matches!(sign, '"' | '\\') {
                f.write_str("\\")?;
            }
            write!(f, "{sign}")?;
        }
        f.write_str("\"")
    }
}

/// A share of the full score in hundredths of a percent: 80 % is 8,000. More than 100 % is allowed (extra credit).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent(u32);

impl Percent {
    /// The most that can be asked for: ten times the full score.
    pub const MOST: Self = Self(100_000);
    /// The full score.
    pub const FULL: Self = Self(10_000);
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// From hundredths of a percent; absent beyond [`Self::MOST`].
    pub const fn from_hundredths(hundredths: u32) -> Option<Self> {
        if hundredths <= Self::MOST.0 {
            Some(Self(hundredths))
        } else {
            None
        }
    }

    /// In hundredths of a percent.
    pub const fn hundredths(self) -> u32 {
        self.0
    }

    /// Reads `80`, `80.5`, `70,5` or `80 %`; at most two digits behind the point.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches('%').trim_end();
        let (whole, part) = text.split_once(['.', ',']).unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 5 || part.len() > 2 || !digits(whole) || !digits(part) {
            return None;
        }
        if part.is_empty() && whole.len() != text.len() {
            return None;
        }
        let part: u32 = format!("{part:0<2}").parse().ok()?;
        Self::from_hundredths(whole.parse::<u32>().ok()?.checked_mul(100)?.checked_add(part)?)
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0 / 100, self.0 % 100);
        match part {
            0 => write!(f, "{whole}"),
            tens if tens % 10 == 0 => write!(f, "{whole}.{}", tens / 10),
            part => write!(f, "{whole}.{part:02}"),
        }
    }
}

/// A day of the calendar, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(time::Date);

impl Day {
    /// Reads `2026-11-21`; years from 1970 to 9999.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let mut number = |length: usize| {
            parts
                .next()
                .filter(|part| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit()))
        };
        let year: i32 = number(4)?.parse().ok()?;
        let month: u8 = number(2)?.parse().ok()?;
        let day: u8 = number(2)?.parse().ok()?;
        if parts.next().is_some() || year < 1970 {
            return None;
        }
        let month = time::Month::try_from(month).ok()?;
        time::Date::from_calendar_date(year, month, day).ok().map(Self)
    }

    /// The day on which a moment falls.
    pub fn of(moment: Timestamp) -> Option<Self> {
        let at = time::OffsetDateTime::from_unix_timestamp(moment.seconds()).ok()?;
        Some(Self(at.date()))
    }

    /// Its last millisecond.
    pub fn end(self) -> Timestamp {
        let start = self.0.midnight().assume_utc().unix_timestamp();
        Timestamp::from_millis(start.saturating_add(86_400).saturating_mul(1000) - 1)
    }

    /// Year and month.
    pub fn month(self) -> (i32, u8) {
        (self.0.year(), u8::from(self.0.month()))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:04}-{:02}-{:02}",
            self.0.year(),
            u8::from(self.0.month()),
            self.0.day()
        )
    }
}
