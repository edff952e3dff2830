//! Reads an expression from its text: `course-completed and (final-grade >= 80 or holds(lab-safety))`. `and` binds
//! stronger than `or`. An error names the position and what to write instead.

use std::fmt;
use std::str::FromStr;

use super::expression::{Condition, Day, Expression, MOST_CONDITIONS, Percent, is_plain};

/// Signs in one expression at most.
const MOST_SIGNS: usize = 4_000;
/// Parentheses inside parentheses at most.
const MOST_DEPTH: usize = 16;
/// Signs in one id at most.
const MOST_ID: usize = 255;

/// Why a text is no expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at character {position}: {problem}")]
pub struct ParseError {
    /// Where, counted in characters from 1.
    pub position: usize,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A condition is missing.
    NoCondition(Found),
    /// A word that names no condition.
    UnknownCondition(String),
    /// `>=` is missing after this condition.
    NoComparison(&'static str, Found),
    /// A comparison other than `>=`.
    OtherComparison(String),
    /// A percentage is missing or cannot be read.
    NoPercent(Found),
    /// `(id)` is missing after this condition.
    NoId(&'static str, Found),
    /// A quoted id has no end.
    OpenQuote,
    /// An id is empty or too long.
    BadId,
    /// A day is missing or cannot be read.
    NoDay(Found),
    /// `)` is missing.
    NoClose(Found),
    /// Something stands where `and`, `or` or the end was expected.
    NoJoin(Found),
    /// Longer than allowed.
    TooLong,
    /// More conditions than allowed.
    TooMany,
    /// Deeper than allowed.
    TooDeep,
}

/// What stands at a position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found(Option<String>);

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(word) => write!(f, "found \"{word}\""),
            None => f.write_str("found the end"),
        }
    }
}

const CONDITIONS: &str = "course-completed, course-concluded, final-grade >= N, score(ID) >= N, module-completed(ID), \
    activity-completed(ID), own-column >= N, holds(BADGE) or completed-by YYYY-MM-DD";

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCondition(found) => write!(f, "a condition is missing, {found}; write {CONDITIONS}"),
            Self::UnknownCondition(word) => write!(f, "\"{word}\" is no condition; write {CONDITIONS}"),
            Self::NoComparison(name, found) => {
                write!(
                    f,
                    "\">=\" is missing after {name}, {found}; write for example {name} >= 80"
                )
            }
            Self::OtherComparison(sign) => write!(f, "\"{sign}\" is not understood; write >= and a percentage"),
            Self::NoPercent(found) => write!(
                f,
                "a percentage is missing, {found}; write a number from 0 to 1000, such as 80 or 72.5"
            ),
            Self::NoId(name, found) => write!(
                f,
                "{name} needs an id in parentheses, {found}; write for example {name}(42)"
            ),
            Self::OpenQuote => f.write_str("the quoted id does not end; add a \""),
            Self::BadId => write!(
                f,
                "the id is empty or longer than {MOST_ID} characters; write the LMS's id"
            ),
            Self::NoDay(found) => write!(f, "a day is missing, {found}; write it as 2026-11-21"),
            Self::NoClose(found) => write!(f, "\")\" is missing, {found}; close the parenthesis"),
            Self::NoJoin(found) => write!(
                f,
                "\"and\" or \"or\" is missing, {found}; join conditions with one of them"
            ),
            Self::TooLong => write!(f, "the text is too long; use at most {MOST_SIGNS} characters"),
            Self::TooMany => write!(f, "there are too many conditions; use at most {MOST_CONDITIONS}"),
            Self::TooDeep => write!(f, "parentheses are nested too deep; use at most {MOST_DEPTH}"),
        }
    }
}

impl FromStr for Expression {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let mut reader = Reader {
            signs: text.chars().collect(),
            at: 0,
            conditions: 0,
        };
        if reader.signs.len() > MOST_SIGNS {
            return Err(reader.error_at(MOST_SIGNS, Problem::TooLong));
        }
        let expression = reader.any(0)?;
        reader.skip_space();
        if reader.at < reader.signs.len() {
            return Err(reader.error(Problem::NoJoin(reader.found())));
        }
        Ok(expression)
    }
}

struct Reader {
    signs: Vec<char>,
    at: usize,
    conditions: usize,
}

impl Reader {
    fn any(&mut self, depth: usize) -> Result<Expression, ParseError> {
        let mut parts = vec![self.all(depth)?];
        while self.takes_word("or") {
            parts.push(self.all(depth)?);
        }
        Expression::any(parts).ok_or_else(|| self.error(Problem::NoCondition(self.found())))
    }

    fn all(&mut self, depth: usize) -> Result<Expression, ParseError> {
        let mut parts = vec![self.part(depth)?];
        while self.takes_word("and") {
            parts.push(self.part(depth)?);
        }
        Expression::all(parts).ok_or_else(|| self.error(Problem::NoCondition(self.found())))
    }

    fn part(&mut self, depth: usize) -> Result<Expression, ParseError> {
        self.skip_space();
        if !self.takes('(') {
            return self.condition().map(Expression::One);
        }
        if depth >= MOST_DEPTH {
            return Err(self.error(Problem::TooDeep));
        }
        let inner = self.any(depth + 1)?;
        self.skip_space();
        if self.takes(')') {
            Ok(inner)
        } else {
            Err(self.error(Problem::NoClose(self.found())))
        }
    }

    fn condition(&mut self) -> Result<Condition, ParseError> {
        let start = self.at;
        let word = self.word();
        if word.is_empty() {
            return Err(self.error_at(start, Problem::NoCondition(self.found())));
        }
        self.conditions += 1;
        if self.conditions > MOST_CONDITIONS {
            return Err(self.error_at(start, Problem::TooMany));
        }
        Ok(match word.to_ascii_lowercase().as_str() {
            "course-completed" => Condition::CourseCompleted,
            "course-concluded" => Condition::CourseConcluded,
            "final-grade" => Condition::FinalGrade(self.percent("final-grade")?),
            "score" => {
                let item = self.id("score")?;
                Condition::Score(item, self.percent("score(ID)")?)
            }
            "module-completed" => Condition::ModuleCompleted(self.id("module-completed")?),
            "activity-completed" => Condition::ActivityCompleted(self.id("activity-completed")?),
            "own-column" => Condition::OwnColumn(self.percent("own-column")?),
            "holds" => Condition::Holds(self.id("holds")?),
            "completed-by" => Condition::CompletedBy(self.day()?),
            _ => return Err(self.error_at(start, Problem::UnknownCondition(word))),
        })
    }

    fn percent(&mut self, name: &'static str) -> Result<Percent, ParseError> {
        self.skip_space();
        let start = self.at;
        let sign = self.run(|sign| matches!(sign, '<' | '>' | '=' | '!' | '≥' | '≤'));
        match sign.as_str() {
            ">=" | "≥" => {}
            "" => return Err(self.error_at(start, Problem::NoComparison(name, self.found()))),
            _ => return Err(self.error_at(start, Problem::OtherComparison(sign))),
        }
        self.skip_space();
        let start = self.at;
        let found = self.found();
        let number = self.run(|sign| sign.is_ascii_alphanumeric() || matches!(sign, '.' | ',' | '-' | '+'));
        let percent = Percent::parse(&number).ok_or_else(|| self.error_at(start, Problem::NoPercent(found)))?;
        self.skip_space();
        self.takes('%');
        Ok(percent)
    }

    fn id(&mut self, name: &'static str) -> Result<String, ParseError> {
        self.skip_space();
        if !self.takes('(') {
            return Err(self.error(Problem::NoId(name, self.found())));
        }
        self.skip_space();
        let start = self.at;
        let id = if self.takes('"') {
            self.quoted(start)?
        } else {
            self.run(is_plain)
        };
        if id.trim().is_empty() || id.chars().count() > MOST_ID || id.chars().any(char::is_control) {
            return Err(self.error_at(start, Problem::BadId));
        }
        self.skip_space();
        if self.takes(')') {
            Ok(id)
        } else {
            Err(self.error(Problem::NoClose(self.found())))
        }
    }

    fn quoted(&mut self, start: usize) -> Result<String, ParseError> {
        let mut id = String::new();
        while let Some(sign) = self.next() {
            match sign {
                '"' => return Ok(id),
                '\\' => id.extend(self.next()),
                sign => id.push(sign),
            }
        }
        Err(self.error_at(start, Problem::OpenQuote))
    }

    fn day(&mut self) -> Result<Day, ParseError> {
        self.skip_space();
        let (start, found) = (self.at, self.found());
        let text = self.run(|sign| sign.is_ascii_alphanumeric() || sign == '-');
        Day::parse(&text).ok_or_else(|| self.error_at(start, Problem::NoDay(found)))
    }

    fn word(&mut self) -> String {
        self.run(|sign| sign.is_alphanumeric() || matches!(sign, '-' | '_'))
    }

    fn takes_word(&mut self, wanted: &str) -> bool {
        self.skip_space();
        let start = self.at;
        if self.word().eq_ignore_ascii_case(wanted) {
            return true;
        }
        self.at = start;
        false
    }

    fn takes(&mut self, wanted: char) -> bool {
        let is_there = self.signs.get(self.at) == Some(&wanted);
        self.at += usize::from(is_there);
        is_there
    }

    fn next(&mut self) -> Option<char> {
        let sign = self.signs.get(self.at).copied();
        self.at += usize::from(sign.is_some());
        sign
    }

    fn run(&mut self, fits: impl Fn(char) -> bool) -> String {
        let mut run = String::new();
        while let Some(sign) = self.signs.get(self.at).copied().filter(|sign| fits(*sign)) {
            run.push(sign);
            self.at += 1;
        }
        run
    }

    fn skip_space(&mut self) {
        self.run(char::is_whitespace);
    }

    /// The word at the present position, cut short.
    fn found(&self) -> Found {
        let rest = self.signs.get(self.at..).unwrap_or_default();
        let Some(first) = rest.first() else {
            return Found(None);
        };
        let joins = |sign: &char| sign.is_alphanumeric() || matches!(sign, '-' | '_' | '.' | ',' | '%');
        let word: String = if joins(first) {
            rest.iter().take_while(|sign| joins(sign)).take(40).collect()
        } else {
            first.to_string()
        };
        Found(Some(word))
    }

    fn error(&self, problem: Problem) -> ParseError {
        self.error_at(self.at, problem)
    }

    #[expect(clippy::unused_self, reason = "reads like its sibling")]
    fn error_at(&self, at: usize, problem: Problem) -> ParseError {
        ParseError {
            position: at + 1,
            problem,
        }
    }
}
