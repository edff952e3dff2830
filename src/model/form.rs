//! An application form as the catalog keeps it: what is asked, in kinds that our pages can show.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::model::award::words;

words! {
    /// Who decides about an application.
    Method {
        /// A person.
        Review = "review",
        /// Nobody: the badge is issued at once.
        Instant = "instant",
        /// Whoever knows the claim code has it at once.
        Secret = "secret",
        /// Other applicants.
        Peer = "peer",
        /// In a way that this program does not know: by the Factory.
        Other = "other",
    }
}

impl Method {
    /// Whether staff of the course decide here.
    pub const fn is_decided_here(self) -> bool {
        matches!(self, Self::Review)
    }

    /// Whether the badge is issued as soon as the form is taken.
    pub const fn is_at_once(self) -> bool {
        matches!(self, Self::Instant | Self::Secret)
    }
}

words! {
    /// Whether a filled form becomes evidence of the badge.
    Evidence {
        /// Always.
        Yes = "yes",
        /// Never.
        No = "no",
        /// As the applicant says.
        Optional = "optional",
    }
}

words! {
    /// Whose form learners fill in.
    FormsShown {
        /// Ours, made from the Factory's.
        Own = "own",
        /// The Factory's page, in a window of its own.
        Factory = "factory",
    }
}

/// A form of an organisation, as last read from the Factory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogForm {
    /// The Factory's id.
    pub id: String,
    /// The badge that is applied for.
    pub badge_id: String,
    /// Its name.
    pub name: String,
    /// Its description, as text.
    pub description: String,
    /// Its language, such as `en`.
    pub language: Option<String>,
    /// Who decides.
    pub method: Method,
    /// Whether what is handed in becomes evidence.
    pub evidence: Evidence,
    /// Whether the Factory lists it.
    pub visible: bool,
    /// Not published.
    pub draft: bool,
    /// Missing from the last complete read.
    pub gone: bool,
    /// Open from this moment on.
    pub not_before: Option<Timestamp>,
    /// Open up to this moment.
    pub not_after: Option<Timestamp>,
    /// The Factory's own page.
    pub apply_url: Option<String>,
    /// What is asked.
    pub questions: Questions,
    /// The badge's criteria: HTML from outside.
    pub criteria: Option<String>,
}

impl CatalogForm {
    /// May be shown at all.
    pub const fn is_offered(&self) -> bool {
        !self.draft && !self.gone
    }

    /// Whether applications are taken at `now`.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.not_before.is_none_or(|from| from <= now) && self.not_after.is_none_or(|to| now <= to)
    }
}

/// What a form asks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Questions {
    /// Texts and questions, in the form's order.
    pub items: Vec<Item>,
    /// Whether something in it cannot be shown by us: then only the Factory's own page can be filled in.
    pub is_foreign: bool,
}

impl Questions {
    /// The questions alone.
    pub fn questions(&self) -> impl Iterator<Item = &Question> {
        self.items.iter().filter_map(|item| match item {
            Item::Question(question) => Some(question),
            Item::Text(_) => None,
        })
    }
}

/// A piece of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Item {
    /// A text between questions.
    Text(String),
    /// A question.
    Question(Question),
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The field's name at the Factory.
    pub name: String,
    /// What is asked, in words.
    pub label: String,
    /// How it is answered.
    pub kind: Kind,
    /// Whether it must be answered.
    #[serde(default)]
    pub required: bool,
}

/// How a question is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One line.
    Line(Line),
    /// Several lines.
    Area,
    /// One of these.
    One(Vec<Choice>),
    /// Any of these.
    Several(Vec<Choice>),
    /// A file, of these kinds where any are named (as in the `accept` of HTML).
    File(Vec<String>),
    /// Nobody is asked: a value that goes along.
    Fixed(String),
}

words! {
    /// What one line holds.
    Line {
        /// Any text.
        Text = "text",
        /// An address.
        Email = "email",
        /// An address on the web.
        Url = "url",
        /// A number.
        Number = "number",
        /// A day, `2026-11-21`.
        Date = "date",
        /// A telephone number.
        Tel = "tel",
    }
}

impl Serialize for Line {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.word())
    }
}

impl<'de> Deserialize<'de> for Line {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let word = String::deserialize(from)?;
        word.parse().map_err(serde::de::Error::custom)
    }
}

/// A choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_read_back_from_their_json() {
        let questions = Questions {
            items: vec![
                Item::Text("Be brief.".into()),
                Item::Question(Question {
                    name: "mail".into(),
                    label: "Mail".into(),
                    kind: Kind::Line(Line::Email),
                    required: true,
                }),
                Item::Question(Question {
                    name: "what".into(),
                    label: "What".into(),
                    kind: Kind::One(vec![Choice {
                        value: "1".into(),
                        label: "One".into(),
                    }]),
                    required: false,
                }),
            ],
            is_foreign: false,
        };
        let json = serde_json::to_string(&questions).unwrap();
        assert_eq!(serde_json::from_str::<Questions>(&json).unwrap(), questions);
        assert_eq!(questions.questions().count(), 2);
    }
}
