//! Issuing, step 2: who gets the badge.

use askama::Template;

use super::parts::{Direction, Step};
use super::{Badge, Frame, Mistakes, Page, Pager, framed};
use crate::clock::Timestamp;

/// `/c/{seat}/issue/{draft}/people`. One form (multipart) around everything, so that every button keeps the ticks.
///
/// It posts: `csrf`; `shown` (the ids of the pickable rows on this page) and `person` (the ticked ones among them);
/// `q`, `show`, `sort` and `page` as they were (hidden) or as the pressed button says; `paste`, `csv`; and one of the
/// buttons `do` = `search | read | all | none | add | next | later`, `go-sort`, `go-page`, `again` (an id), `drop`
/// (the number of a line).
#[derive(Clone, Debug, Default, Template)]
#[template(path = "issue/people.html")]
pub struct IssuePeoplePage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The draft's id.
    pub draft: String,
    /// The furthest step that was reached.
    pub reached: Step,
    /// The chosen badge.
    pub badge: Badge,
    /// Whether another badge can be chosen.
    pub can_change_badge: bool,
    /// The search text.
    pub search: String,
    /// Which people are listed.
    pub show: Show,
    /// The sorted column and its direction.
    pub sort: Sort,
    /// How the roster stands.
    pub roster: Roster,
    /// How many people the course has (without staff and test users).
    pub people: usize,
    /// How many of them could be ticked and are without this badge.
    pub without: usize,
    /// How many are selected in all, pasted ones included.
    pub selected: usize,
    /// The rows of this page.
    pub rows: Vec<PersonRow>,
    /// The pages of the found people.
    pub pager: Pager,
    /// Whether addresses may be added.
    pub pasting: Pasting,
    /// What was pasted and could not be added; shown again in the field.
    pub paste: String,
    /// Every line of what was added.
    pub lines: Vec<Line>,
    /// The most people that one order may have.
    pub limit: usize,
    /// Names of selected people without an address; the first is named.
    pub without_email: Vec<String>,
    /// What was wrong.
    pub mistakes: Mistakes,
}

/// Which people are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Show {
    /// Everyone.
    #[default]
    Everyone,
    /// Who does not have the badge.
    Without,
    /// Who has no address.
    NoEmail,
    /// Who is selected.
    Selected,
}

impl Show {
    /// Every choice.
    pub const ALL: [Self; 4] = [Self::Everyone, Self::Without, Self::NoEmail, Self::Selected];

    /// The value of the field.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::Without => "without",
            Self::NoEmail => "no-email",
            Self::Selected => "selected",
        }
    }

    /// The choice with this code; everyone for any other.
    pub fn parse(code: &str) -> Self {
        Self::ALL.into_iter().find(|s| s.code() == code).unwrap_or_default()
    }

    /// The message that names it.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Everyone => "show-everyone",
            Self::Without => "show-without",
            Self::NoEmail => "show-no-email",
            Self::Selected => "show-selected",
        }
    }
}

/// The columns that can be sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// By which column.
    pub column: Column,
    /// Which way.
    pub direction: Direction,
}

impl Default for Sort {
    fn default() -> Self {
        Self {
            column: Column::Name,
            direction: Direction::Up,
        }
    }
}

impl Sort {
    /// The value of the `sort` field: `name`, `-name`, `state` …
    pub const fn code(self) -> &'static str {
        match (self.column, self.direction) {
            (Column::Name, Direction::Up) => "name",
            (Column::Name, Direction::Down) => "-name",
            (Column::State, Direction::Up) => "state",
            (Column::State, Direction::Down) => "-state",
        }
    }

    /// The order with this code; by name for any other.
    pub fn parse(code: &str) -> Self {
        let every = [Column::Name, Column::State]
            .into_iter()
            .flat_map(|column| [Direction::Up, Direction::Down].map(|direction| Self { column, direction }));
        every.into_iter().find(|s| s.code() == code).unwrap_or_default()
    }

    /// The direction if `column` is the sorted one.
    pub fn of(self, column: Column) -> Option<Direction> {
        (self.column == column).then_some(self.direction)
    }

    /// What pressing the heading of `column` asks for.
    #[must_use]
    pub fn next(self, column: Column) -> Self {
        let direction = match self.of(column) {
            Some(Direction::Up) => Direction::Down,
            _ => Direction::Up,
        };
        Self { column, direction }
    }
}

/// A column of the roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// The person.
    Name,
    /// The state of this badge.
    State,
}

/// How the roster stands.
#[derive(Clone, Copy, Debug, Default)]
pub enum Roster {
    /// It was read.
    Read {
        /// When.
        at: Timestamp,
    },
    /// It is being read for the first time.
    #[default]
    Reading,
    /// It is being read again; what is shown was read earlier.
    Rereading {
        /// When what is shown was read.
        at: Timestamp,
    },
    /// The last try failed; what is shown was read earlier, or never.
    Failed {
        /// When what is shown was read.
        at: Option<Timestamp>,
    },
    /// The LMS offers no roster to this tool.
    NotOffered,
}

/// A person of the roster.
#[derive(Clone, Debug, Default)]
pub struct PersonRow {
    /// The member's id; safe as part of an HTML id.
    pub id: String,
    /// The name, or the address where no name is known.
    pub name: String,
    /// The address, if one is known.
    pub email: Option<String>,
    /// Whether the box is ticked.
    pub is_picked: bool,
    /// How this badge stands with the person.
    pub standing: Standing,
    /// Whether the person has the badge, or a rule holds it for them, and was picked to get it all the same.
    pub again: bool,
}

impl PersonRow {
    /// Whether the row has a box to tick.
    pub fn is_pickable(&self) -> bool {
        match self.standing {
            Standing::None => true,
            Standing::Has { .. } | Standing::OnItsWay | Standing::Held => self.again,
            Standing::Invited => false,
        }
    }
}

/// How a badge stands with a person.
#[derive(Clone, Copy, Debug, Default)]
pub enum Standing {
    /// Not awarded.
    #[default]
    None,
    /// Has it.
    Has {
        /// Since when.
        since: Timestamp,
    },
    /// An award is queued, sending or held.
    OnItsWay,
    /// A rule of this course holds it; it can be issued by hand instead.
    Held,
    /// The person has not joined the course.
    Invited,
}

/// Whether people outside the roster may be added.
#[derive(Clone, Debug, Default)]
pub enum Pasting {
    /// No: only addresses that are found in the roster count.
    #[default]
    Off,
    /// Addresses of these domains.
    Domains(Vec<String>),
    /// Any address.
    Any,
}

/// A pasted or uploaded line and what became of it.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its number in the text or file, from 1.
    pub number: usize,
    /// What it said, shortened.
    pub said: String,
    /// What became of it.
    pub fate: Fate,
}

/// What became of a line.
#[derive(Clone, Debug)]
pub enum Fate {
    /// It names somebody of the roster, who was selected.
    Found {
        /// The name.
        name: String,
    },
    /// It is an address outside the roster, and was added.
    Added {
        /// The address.
        email: String,
    },
    /// It is an address outside the roster, which may not be added.
    Outside,
    /// The person has the badge.
    HasIt {
        /// Since when.
        since: Timestamp,
    },
    /// The same address stands in an earlier line.
    Again {
        /// That line's number.
        first: usize,
    },
    /// It is no address.
    Unreadable,
}

impl Fate {
    /// The colour's class.
    pub const fn class(&self) -> &'static str {
        match self {
            Self::Found { .. } | Self::Added { .. } => "done",
            Self::Again { .. } => "off",
            Self::Outside | Self::HasIt { .. } => "hold",
            Self::Unreadable => "fail",
        }
    }

    /// Whether the line is part of the selection and can be taken out.
    pub const fn is_in(&self) -> bool {
        matches!(self, Self::Found { .. } | Self::Added { .. })
    }

    /// What became of it, in words.
    pub fn say(&self, text: &crate::web::text::Text) -> String {
        match self {
            Self::Found { name } => text.msg("line-found").with("name", name).to_string(),
            Self::Added { email } => text.msg("line-added").with("email", email).to_string(),
            Self::Outside => text.say("line-outside"),
            Self::HasIt { since } => text.msg("row-hasit").with("date", text.date(since)).to_string(),
            Self::Again { first } => text.msg("line-again").with("n", first).to_string(),
            Self::Unreadable => text.say("line-unreadable"),
        }
    }
}

impl Page for IssuePeoplePage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("people-title")
    }

    fn title_end(&self) -> Option<String> {
        Some(
            self.frame
                .text
                .msg("step-n-of-m")
                .with("n", Step::People.number())
                .with("m", Step::ALL.len())
                .to_string(),
        )
    }

    fn is_refused(&self) -> bool {
        !self.mistakes.is_empty()
    }
}

/// A heading of the table, ready to print.
struct Head {
    words: String,
    next: &'static str,
    aria: &'static str,
    arrow: &'static str,
}

impl IssuePeoplePage {
    fn refused_lines(&self) -> usize {
        self.lines.iter().filter(|line| !line.fate.is_in()).count()
    }

    fn heads(&self) -> [Head; 2] {
        [(Column::Name, "col-name"), (Column::State, "col-this-badge")].map(|(column, key)| {
            let sorted = self.sort.of(column);
            Head {
                words: self.frame.text.say(key),
                next: self.sort.next(column).code(),
                aria: sorted.map_or("none", Direction::aria),
                arrow: sorted.map_or("", Direction::arrow),
            }
        })
    }

    fn domains(&self) -> Option<String> {
        match &self.pasting {
            Pasting::Domains(domains) => Some(domains.join(", ")),
            Pasting::Off | Pasting::Any => None,
        }
    }
}
