//! Samples of what the Factory has: badges, changes on their way, the issuer's profile.

use super::admin::{admin, hostile};
use super::{HOSTILE, NOW, ago, badge, hostile as in_hostile_course, hostile_badge, staff};
use crate::model::editing::{EditKind, EditState};
use crate::model::rule::RuleState;
use crate::web::clean::Clean;
use crate::web::pages::admin::badges::{
    Age, BadgeDeletePage, BadgeFormPage, BadgePage, BadgeRow, BadgesPage, EditPage, EditRow, EnteredBadge, IssuerPage,
};
use crate::web::pages::course_badge::{CourseBadgePage, RuleHere};
use crate::web::pages::history::HistoryRow;
use crate::web::pages::words::Cause;
use crate::web::pages::{AwardWord, Mistake, Mistakes, Pager, Room, Section};

const ID: &str = "01930f3e-0000-7000-8000-000000000001";

fn fresh() -> Age {
    Age {
        read: Some(ago(3)),
        failing: None,
    }
}

/// The Factory is away, and what it said before is shown; or nothing is.
pub(super) fn away(is_known: bool) -> Age {
    Age {
        read: is_known.then(|| ago(180)),
        failing: Some((ago(20), "the factory cannot be reached: connection refused".to_owned())),
    }
}

fn edit(kind: EditKind, state: EditState, name: &str) -> EditRow {
    EditRow {
        id: ID.to_owned(),
        kind,
        name: name.to_owned(),
        state,
    }
}

fn row(name: &str, tag: (&'static str, &'static str)) -> BadgeRow {
    BadgeRow {
        badge: badge(name, name),
        tag,
        categories: "Safety, Onboarding".to_owned(),
        language: "en".to_owned(),
        awards: Some(1_234),
        changed: Some(ago(60 * 24 * 9)),
    }
}

impl BadgesPage {
    /// Some, none, nothing that fits, away, hostile names.
    pub fn samples() -> Vec<Self> {
        let none = Self {
            frame: admin(Room::Badges),
            pager: Pager::of(0, 25, 1),
            age: away(false),
            ..Self::default()
        };
        let some = Self {
            categories: vec!["Onboarding".into(), "Safety".into()],
            rows: vec![
                row("Lab Safety", ("done", "badge-published")),
                row("Welcome", ("hold", "badge-draft")),
                BadgeRow {
                    awards: None,
                    changed: None,
                    categories: String::new(),
                    language: String::new(),
                    ..row("Old", ("off", "badge-deleted"))
                },
            ],
            pager: Pager::of(70, 25, 2),
            query: "search=lab&".into(),
            age: fresh(),
            edits: vec![
                edit(EditKind::Create, EditState::Unsure, "First Aid"),
                edit(EditKind::Delete, EditState::Parked, "Old"),
            ],
            ..none.clone()
        };
        let nothing_fits = Self {
            search: "nothing".into(),
            age: fresh(),
            ..none.clone()
        };
        let hostile = Self {
            frame: hostile(Room::Badges),
            search: HOSTILE.into(),
            category: HOSTILE.into(),
            categories: vec![HOSTILE.into()],
            rows: vec![BadgeRow {
                badge: hostile_badge(),
                categories: HOSTILE.into(),
                language: HOSTILE.into(),
                ..row("x", ("done", "badge-published"))
            }],
            pager: Pager::of(1, 25, 1),
            age: Age {
                failing: Some((ago(1), HOSTILE.into())),
                ..fresh()
            },
            edits: vec![edit(EditKind::Change, EditState::Refused, HOSTILE)],
            ..none.clone()
        };
        vec![none, some, nothing_fits, hostile]
    }
}

impl BadgePage {
    /// As read, not read yet, gone, with a change on its way, hostile words.
    pub fn samples() -> Vec<Self> {
        let plain = Self {
            frame: admin(Room::Badges),
            badge: badge("B1", "Lab Safety"),
            tag: ("done", "badge-published"),
            description: "Works safely in a wet lab.".into(),
            criteria: Clean::of("<p>Shown in <b>class</b>.</p><ul><li>Gloves</li></ul>"),
            facts: vec![("badge-validity", "12 months".into()), ("badge-tags", String::new())],
            message: vec![
                ("badge-subject", "You earned a badge".into()),
                ("badge-body", String::new()),
            ],
            metadata: vec![("course".into(), "BIO101".into())],
            is_read: true,
            age: fresh(),
            ..Self::default()
        };
        let unread = Self {
            is_read: false,
            age: away(false),
            ..plain.clone()
        };
        let gone = Self {
            is_gone: true,
            tag: ("off", "badge-deleted"),
            criteria: None,
            metadata: Vec::new(),
            ..plain.clone()
        };
        let changing = Self {
            edit: Some(edit(EditKind::Change, EditState::Sending, "Lab Safety")),
            age: away(true),
            ..plain.clone()
        };
        let hostile = Self {
            frame: hostile(Room::Badges),
            badge: hostile_badge(),
            description: HOSTILE.into(),
            criteria: Clean::of(HOSTILE),
            facts: vec![("badge-tags", HOSTILE.into())],
            message: vec![("badge-body", HOSTILE.into())],
            metadata: vec![(HOSTILE.into(), HOSTILE.into())],
            edit: Some(edit(EditKind::Change, EditState::Parked, HOSTILE)),
            ..plain.clone()
        };
        vec![plain, unread, gone, changing, hostile]
    }
}

impl BadgeFormPage {
    /// New, of a badge, with a preview, refused.
    pub fn samples() -> Vec<Self> {
        let new = Self {
            frame: admin(Room::Badges),
            action: "/admin/badges/new".into(),
            back: "/admin/badges".into(),
            key: "c2FtcGxlLWtleQ".into(),
            ..Self::default()
        };
        let entered = EnteredBadge {
            name: "Lab Safety".into(),
            description: "Works safely in a wet lab.".into(),
            criteria: "Show it in **class**.".into(),
            validity: "months".into(),
            months: "12".into(),
            tags: "lab, safety".into(),
            metadata: "course: BIO101".into(),
            draft: true,
            ..EnteredBadge::default()
        };
        let of_badge = Self {
            action: "/admin/badges/B1/edit".into(),
            badge: Some(badge("B1", "Lab Safety")),
            entered: entered.clone(),
            translations: "fr, fi".into(),
            ..new.clone()
        };
        let preview = Self {
            is_preview: true,
            preview: Clean::of("<p>Show it in <b>class</b>.</p>"),
            ..of_badge.clone()
        };
        let empty_preview = Self {
            is_preview: true,
            ..new.clone()
        };
        let mut mistakes = Mistakes::none();
        for (field, mistake) in [
            ("name", Mistake::UnderWay),
            ("description", Mistake::Missing),
            ("picture", Mistake::NotAPicture),
            ("criteria", Mistake::ActiveHtml),
            ("months", Mistake::Months { most: 600 }),
            ("until", Mistake::NotADate),
            ("tags", Mistake::TooLong { limit: 255 }),
            ("subject", Mistake::TooLong { limit: 255 }),
            ("body", Mistake::TooLong { limit: 20_000 }),
            ("metadata", Mistake::MetadataLine { n: 2 }),
            ("css", Mistake::ActiveHtml),
        ] {
            mistakes.note(field, mistake);
        }
        let refused = Self {
            frame: hostile(Room::Badges),
            badge: Some(hostile_badge()),
            entered: EnteredBadge {
                name: HOSTILE.into(),
                description: HOSTILE.into(),
                criteria: HOSTILE.into(),
                css: HOSTILE.into(),
                subject: HOSTILE.into(),
                body: HOSTILE.into(),
                link: HOSTILE.into(),
                footer: HOSTILE.into(),
                validity: "until".into(),
                tags: HOSTILE.into(),
                metadata: HOSTILE.into(),
                ..entered
            },
            edit: Some(edit(EditKind::Change, EditState::Ready, HOSTILE)),
            mistakes,
            ..of_badge.clone()
        };
        vec![new, of_badge, preview, empty_preview, refused]
    }
}

impl BadgeDeletePage {
    /// A draft, a published badge, refused.
    pub fn samples() -> Vec<Self> {
        let draft = Self {
            frame: admin(Room::Badges),
            badge: badge("B1", "Lab Safety"),
            key: "c2FtcGxlLWtleQ".into(),
            ..Self::default()
        };
        let published = Self {
            asks_name: true,
            rules: 1,
            forms: 2,
            ..draft.clone()
        };
        let refused = Self {
            frame: hostile(Room::Badges),
            badge: hostile_badge(),
            typed: HOSTILE.into(),
            mistakes: Mistakes::one("name", Mistake::OtherName),
            ..published.clone()
        };
        let under_way = Self {
            mistakes: Mistakes::one("name", Mistake::UnderWay),
            ..draft.clone()
        };
        vec![draft, published, refused, under_way]
    }
}

impl EditPage {
    /// Each state, each kind, hostile words.
    pub fn samples() -> Vec<Self> {
        let of = |kind, state: EditState| Self {
            frame: admin(Room::Badges),
            edit: edit(kind, state, "Lab Safety"),
            at: NOW,
            reason: matches!(state, EditState::Refused | EditState::Unsure | EditState::Parked)
                .then(|| "name: required parameter missing".to_owned()),
            thing: (state == EditState::Done).then(|| "/admin/badges/B1".to_owned()),
            form: (state == EditState::Refused).then(|| format!("/admin/badges/new?from={ID}")),
            may_drop: state == EditState::Parked,
        };
        let mut all: Vec<Self> = EditState::ALL
            .iter()
            .map(|state| of(EditKind::Create, *state))
            .collect();
        all.push(of(EditKind::Delete, EditState::Done));
        all.push(of(EditKind::Profile, EditState::Ready));
        all.push(Self {
            frame: hostile(Room::Badges),
            edit: edit(EditKind::Change, EditState::Parked, HOSTILE),
            reason: Some(HOSTILE.to_owned()),
            ..of(EditKind::Change, EditState::Parked)
        });
        all
    }
}

impl IssuerPage {
    /// As read, not read yet, refused.
    pub fn samples() -> Vec<Self> {
        let plain = Self {
            frame: admin(Room::Issuer),
            name: "Marlowe Polytechnic".into(),
            picture: Some("/admin/pic/0a1b2c3d.png".into()),
            facts: vec![("issuer-tier", "pro".into()), ("issuer-paid", String::new())],
            key: "c2FtcGxlLWtleQ".into(),
            url: "https://marlowe.example".into(),
            description: "A polytechnic.".into(),
            email: "badges@marlowe.example".into(),
            is_read: true,
            age: fresh(),
            ..Self::default()
        };
        let unread = Self {
            is_read: false,
            age: away(false),
            ..plain.clone()
        };
        let mut mistakes = Mistakes::none();
        mistakes.note("url", Mistake::NotALink);
        mistakes.note("description", Mistake::Missing);
        mistakes.note("email", Mistake::NotAnAddress);
        mistakes.note("picture", Mistake::PictureNotSquare);
        let refused = Self {
            frame: hostile(Room::Issuer),
            name: HOSTILE.into(),
            picture: None,
            facts: vec![("issuer-tier", HOSTILE.into())],
            url: HOSTILE.into(),
            description: HOSTILE.into(),
            email: HOSTILE.into(),
            edit: Some(edit(EditKind::Profile, EditState::Unsure, "")),
            mistakes,
            ..plain.clone()
        };
        vec![plain, unread, refused]
    }
}

fn rule(id: &str, state: RuleState) -> RuleHere {
    RuleHere {
        id: id.to_owned(),
        state,
    }
}

impl CourseBadgePage {
    /// With awards and rules, without, not offered any more, hostile words.
    pub fn samples() -> Vec<Self> {
        let row = |person: &str, word| HistoryRow {
            award: Some(ID.to_owned()),
            at: ago(60 * 24),
            person: person.to_owned(),
            badge: "Lab Safety".into(),
            cause: Cause::Rule,
            by: String::new(),
            word,
        };
        let plain = Self {
            frame: staff(Section::Home),
            factory: "CanCred Factory".into(),
            badge: badge("B1", "Lab Safety"),
            description: "Works safely in a wet lab.".into(),
            validity: "12 months".into(),
            criteria: Clean::of("<p>Shown in <b>class</b>.</p>"),
            is_read: true,
            age: fresh(),
            is_offered: true,
            rules: vec![rule("r1", RuleState::On), rule("r2", RuleState::Stopped)],
            placed: vec!["Lab Safety: progress".into()],
            rows: vec![row("Amara Nwosu", AwardWord::Sent), row("Hana Sato", AwardWord::Failed)],
            total: 40,
        };
        let bare = Self {
            rules: Vec::new(),
            placed: Vec::new(),
            rows: Vec::new(),
            total: 0,
            criteria: None,
            is_read: false,
            age: away(false),
            ..plain.clone()
        };
        let gone = Self {
            is_offered: false,
            criteria: None,
            rules: vec![
                rule("r1", RuleState::Paused),
                rule("r2", RuleState::Draft),
                rule("r3", RuleState::Archived),
            ],
            ..plain.clone()
        };
        let hostile = Self {
            frame: in_hostile_course(Section::Home),
            factory: HOSTILE.into(),
            badge: hostile_badge(),
            description: HOSTILE.into(),
            validity: HOSTILE.into(),
            placed: vec![HOSTILE.into()],
            rows: vec![row(HOSTILE, AwardWord::Sent)],
            total: 1,
            ..plain.clone()
        };
        vec![plain, bare, gone, hostile]
    }
}
