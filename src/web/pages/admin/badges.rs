//! An organisation's badges at the Factory: listed, shown, made, changed, deleted; and how far a change is.

use askama::Template;

use crate::clock::Timestamp;
use crate::model::editing::{EditKind, EditState};
use crate::web::clean::Clean;
use crate::web::pages::{Badge, Frame, Mistakes, Page, Pager, framed};

/// How old what a page shows is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Age {
    /// When it was read.
    pub read: Option<Timestamp>,
    /// Since when reading fails, and why.
    pub failing: Option<(Timestamp, String)>,
}

/// A change on its way.
#[derive(Clone, Debug)]
pub struct EditRow {
    /// Its id.
    pub id: String,
    /// What it does.
    pub kind: EditKind,
    /// The badge's name.
    pub name: String,
    /// Where it stands.
    pub state: EditState,
}

impl EditRow {
    /// The class of the tag and the message in it.
    pub const fn tag(&self) -> (&'static str, &'static str) {
        match self.state {
            EditState::Ready => ("wait", "edit-ready"),
            EditState::Sending => ("wait", "edit-sending"),
            EditState::Unsure => ("wait", "edit-unsure"),
            EditState::Done => ("done", "edit-done"),
            EditState::Refused => ("fail", "edit-refused"),
            EditState::Parked => ("hold", "edit-parked"),
            EditState::Dropped => ("off", "edit-dropped"),
        }
    }

    /// What it does, with the badge's name.
    pub const fn key(&self) -> &'static str {
        match self.kind {
            EditKind::Create => "edit-create",
            EditKind::Change => "edit-change",
            EditKind::Delete => "edit-delete",
            EditKind::Profile => "edit-profile",
        }
    }
}

/// `/admin/badges`
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin/badges.html")]
pub struct BadgesPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// What is searched for.
    pub search: String,
    /// Which state: `published`, `draft`, `gone`, or empty.
    pub state: String,
    /// Which group; may be empty.
    pub category: String,
    /// All groups.
    pub categories: Vec<String>,
    /// The badges of this page, by name.
    pub rows: Vec<BadgeRow>,
    /// Which page of the list.
    pub pager: Pager,
    /// The filters as a query, without the page.
    pub query: String,
    /// How old the list is.
    pub age: Age,
    /// Changes on their way.
    pub edits: Vec<EditRow>,
}

/// A badge in the list.
#[derive(Clone, Debug)]
pub struct BadgeRow {
    /// The badge.
    pub badge: Badge,
    /// The class of the tag and the message in it.
    pub tag: (&'static str, &'static str),
    /// Its groups.
    pub categories: String,
    /// Its language.
    pub language: String,
    /// How many awards were made here; `None`: more than are counted.
    pub awards: Option<u64>,
    /// When it was changed at the Factory.
    pub changed: Option<Timestamp>,
}

impl BadgesPage {
    fn is_filtered(&self) -> bool {
        !self.search.is_empty() || !self.state.is_empty() || !self.category.is_empty()
    }

    fn states() -> [(&'static str, &'static str); 3] {
        [
            ("published", "badge-published"),
            ("draft", "badge-draft"),
            ("gone", "badge-deleted"),
        ]
    }

    fn is_state(&self, word: &str) -> bool {
        self.state == word
    }

    fn is_category(&self, name: &str) -> bool {
        self.category == name
    }

    fn previous(&self) -> Option<String> {
        self.pager.previous().map(|page| self.address(page))
    }

    fn next(&self) -> Option<String> {
        self.pager.next().map(|page| self.address(page))
    }

    fn address(&self, page: usize) -> String {
        format!("/admin/badges?{}page={page}", self.query)
    }
}

/// `/admin/badges/{badge}`
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin/badge.html")]
pub struct BadgePage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The badge.
    pub badge: Badge,
    /// The class of the tag and the message in it.
    pub tag: (&'static str, &'static str),
    /// Its description.
    pub description: String,
    /// Its criteria, cleaned.
    pub criteria: Option<Clean>,
    /// Messages and values: tags, groups, languages, validity and the like.
    pub facts: Vec<(&'static str, String)>,
    /// The message stored with it.
    pub message: Vec<(&'static str, String)>,
    /// The organisation's own data.
    pub metadata: Vec<(String, String)>,
    /// Whether everything about it was read.
    pub is_read: bool,
    /// Whether it was deleted at the Factory.
    pub is_gone: bool,
    /// How old this is.
    pub age: Age,
    /// A change on its way.
    pub edit: Option<EditRow>,
}

/// `/admin/badges/new`, `/admin/badges/{badge}/edit`. Posts `key`, `do` (`preview`, `save`) and the fields.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin/badge_form.html")]
pub struct BadgeFormPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// Where the form goes.
    pub action: String,
    /// Where *Cancel* leads.
    pub back: String,
    /// The one-time key of this form.
    pub key: String,
    /// When the badge was changed last, as it was read; tells of changes meanwhile.
    pub seen: String,
    /// The badge that is changed; `None`: a new one.
    pub badge: Option<Badge>,
    /// What stands in the fields.
    pub entered: EnteredBadge,
    /// The criteria as they would look.
    pub preview: Option<Clean>,
    /// Whether that was asked for.
    pub is_preview: bool,
    /// Languages that this form does not change.
    pub translations: String,
    /// A change on its way.
    pub edit: Option<EditRow>,
    /// What was wrong.
    pub mistakes: Mistakes,
}

/// What stands in the fields of a badge's form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnteredBadge {
    /// Name.
    pub name: String,
    /// Description.
    pub description: String,
    /// Criteria: plain text with marks, or HTML.
    pub criteria: String,
    /// Style of the criteria page.
    pub css: String,
    /// Parts of the message.
    pub subject: String,
    /// Its text.
    pub body: String,
    /// The words of its link.
    pub link: String,
    /// Its footer.
    pub footer: String,
    /// `none`, `months` or `until`.
    pub validity: String,
    /// So many months.
    pub months: String,
    /// Until this day.
    pub until: String,
    /// Tags, with commas between.
    pub tags: String,
    /// `key: value` in each line.
    pub metadata: String,
    /// Not published.
    pub draft: bool,
}

impl BadgeFormPage {
    fn is_wrong(&self, field: &str) -> bool {
        self.mistakes.of(field).is_some()
    }

    fn is_validity(&self, word: &str) -> bool {
        self.entered.validity == word || (word == "none" && self.entered.validity.is_empty())
    }

    /// The parts of the message: name of the field, message, value, whether it is long.
    fn parts(&self) -> [(&'static str, &'static str, &str, bool); 4] {
        let entered = &self.entered;
        [
            ("subject", "badge-subject", &entered.subject, false),
            ("body", "badge-body", &entered.body, true),
            ("link", "badge-link", &entered.link, false),
            ("footer", "badge-footer", &entered.footer, false),
        ]
    }
}

/// `/admin/badges/{badge}/delete`. Posts `key` and `name`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin/badge_delete.html")]
pub struct BadgeDeletePage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The badge.
    pub badge: Badge,
    /// The one-time key of this form.
    pub key: String,
    /// Whether its name must be typed: it is published.
    pub asks_name: bool,
    /// Rules that stop.
    pub rules: u64,
    /// Application forms that stop.
    pub forms: u64,
    /// What was typed.
    pub typed: String,
    /// What was wrong.
    pub mistakes: Mistakes,
}

/// `/admin/edits/{edit}`: how far a change is. Posts `do` (`again`, `drop`).
#[derive(Clone, Debug, Template)]
#[template(path = "admin/edit.html")]
pub struct EditPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The change.
    pub edit: EditRow,
    /// When it was asked for.
    pub at: Timestamp,
    /// The Factory's words about it.
    pub reason: Option<String>,
    /// The thing that is changed, where there is a page of it.
    pub thing: Option<String>,
    /// The form with what was entered.
    pub form: Option<String>,
    /// Whether it may be given up.
    pub may_drop: bool,
}

impl EditPage {
    fn is_parked(&self) -> bool {
        self.edit.state == EditState::Parked
    }

    /// The message that says what the state means.
    const fn says(&self) -> &'static str {
        match (self.edit.state, self.edit.kind) {
            (EditState::Ready, _) => "edit-says-ready",
            (EditState::Sending, _) => "edit-says-sending",
            (EditState::Unsure, _) => "edit-says-unsure",
            (EditState::Done, EditKind::Delete) => "edit-says-deleted",
            (EditState::Done, _) => "edit-says-done",
            (EditState::Refused, _) => "edit-says-refused",
            (EditState::Parked, _) => "edit-says-parked",
            (EditState::Dropped, _) => "edit-says-dropped",
        }
    }
}

/// `/admin/issuer`. Posts `key`, `url`, `description`, `email` and a picture.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "admin/issuer.html")]
pub struct IssuerPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The organisation's name at the Factory.
    pub name: String,
    /// Its picture.
    pub picture: Option<String>,
    /// Messages and values: the plan and the like.
    pub facts: Vec<(&'static str, String)>,
    /// The one-time key of this form.
    pub key: String,
    /// Its web address.
    pub url: String,
    /// What it is.
    pub description: String,
    /// Its address for mail.
    pub email: String,
    /// Whether it was read.
    pub is_read: bool,
    /// How old this is.
    pub age: Age,
    /// A change on its way.
    pub edit: Option<EditRow>,
    /// What was wrong.
    pub mistakes: Mistakes,
}

impl IssuerPage {
    fn is_wrong(&self, field: &str) -> bool {
        self.mistakes.of(field).is_some()
    }

    fn badge(&self) -> Badge {
        Badge {
            id: String::new(),
            name: self.name.clone(),
            picture: self.picture.clone(),
        }
    }
}

impl Page for BadgesPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("badges-admin")
    }
}

impl Page for BadgePage {
    framed!();

    fn heading(&self) -> String {
        self.badge.name.clone()
    }
}

impl Page for BadgeFormPage {
    framed!();

    fn heading(&self) -> String {
        match &self.badge {
            Some(badge) => self.frame.text.msg("badge-edit").with("name", &badge.name).to_string(),
            None => self.frame.text.say("badge-new"),
        }
    }

    fn is_refused(&self) -> bool {
        !self.mistakes.is_empty()
    }
}

impl Page for BadgeDeletePage {
    framed!();

    fn heading(&self) -> String {
        self.frame
            .text
            .msg("badge-delete-title")
            .with("name", &self.badge.name)
            .to_string()
    }

    fn is_refused(&self) -> bool {
        !self.mistakes.is_empty()
    }
}

impl Page for EditPage {
    framed!();

    fn heading(&self) -> String {
        self.frame
            .text
            .msg(self.edit.key())
            .with("name", &self.edit.name)
            .to_string()
    }

    fn is_live(&self) -> bool {
        self.edit.state.moves()
    }
}

impl Page for IssuerPage {
    framed!();

    fn heading(&self) -> String {
        self.frame.text.say("issuer-title")
    }

    fn is_refused(&self) -> bool {
        !self.mistakes.is_empty()
    }
}
