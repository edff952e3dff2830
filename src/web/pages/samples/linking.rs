//! Samples of what launches without cookies and placing content show.

use super::{HOSTILE, badge, course, hostile_badge, outside, staff};
use crate::model::rule::{Condition, Expression};
use crate::web::pages::place::{Choice, CopiedItem, CopiedPage, CopiedRule, PickPage, ReplyPage};
use crate::web::pages::storage::{StoragePage, WindowPage};
use crate::web::pages::{Badge, Flash, Frame, Mistake, Mistakes, SeatRole, Section};

impl StoragePage {
    /// An ordinary one, and one whose platform names odd things.
    pub fn samples() -> Vec<Self> {
        let page = Self {
            frame: outside(),
            target: "_parent".into(),
            origin: "https://lms.example".into(),
            key: "lti_state_c2FtcGxl".into(),
            value: "c2FtcGxlLXNlY3JldA".into(),
            next: "https://lms.example/auth?scope=openid&state=c2FtcGxl".into(),
        };
        let hostile = Self {
            target: HOSTILE.into(),
            next: format!("https://lms.example/auth?hint={HOSTILE}"),
            ..page.clone()
        };
        vec![page, hostile]
    }
}

impl WindowPage {
    /// The only one there is.
    pub fn samples() -> Vec<Self> {
        vec![Self {
            frame: outside(),
            ticket: "c2FtcGxlLXRpY2tldA".into(),
        }]
    }
}

impl PickPage {
    /// Several with badges, one that was refused, a place that takes no links, hostile names.
    pub fn samples() -> Vec<Self> {
        let choice = |value: &str, title: &str, line: &str| Choice {
            value: value.into(),
            title: title.into(),
            line: line.into(),
            ..Choice::default()
        };
        let about = |badge: Badge, chosen: bool| Choice {
            badge: Some(badge.clone()),
            chosen,
            ..choice(&badge.id, &badge.name, "Shows each learner whether they have it.")
        };
        let page = Self {
            frame: course(None, SeatRole::Staff),
            action: "/lti/pick/01930f3e".into(),
            choices: vec![
                choice(
                    "teachers",
                    "Badges for teachers",
                    "Opens the badges of this course for teachers.",
                ),
                choice("mine", "My badges", "Shows each learner their own badges."),
                about(badge("b1", "Lab Safety"), true),
                about(badge("b2", "Data Literacy"), false),
            ],
            total: 2,
            several: true,
            takes_grades: true,
            graded: true,
            takes_links: true,
            lms: "Campus Moodle".into(),
            host: "moodle.campus.example".into(),
            ..Self::default()
        };
        let refused = Self {
            several: false,
            takes_grades: false,
            mistakes: Mistakes::one("item-0", Mistake::NotChosen),
            ..page.clone()
        };
        let elsewhere = Self {
            takes_links: false,
            ..page.clone()
        };
        let hostile = Self {
            choices: vec![choice("mine", HOSTILE, HOSTILE), about(hostile_badge(), false)],
            total: 40,
            search: HOSTILE.into(),
            lms: HOSTILE.into(),
            host: HOSTILE.into(),
            ..page.clone()
        };
        vec![page, refused, elsewhere, hostile]
    }
}

impl ReplyPage {
    /// Two items, none, no answer at all, a hostile name.
    pub fn samples() -> Vec<Self> {
        let page = Self {
            frame: course(None, SeatRole::Staff),
            answer: Some(("https://lms.example/return?x=1&y=\"2\"".into(), "e30.e30.e30".into())),
            count: 2,
            lms: "Campus Moodle".into(),
            host: "lms.example".into(),
        };
        let none = Self {
            count: 0,
            ..page.clone()
        };
        let silent = Self {
            answer: None,
            ..none.clone()
        };
        let hostile = Self {
            lms: HOSTILE.into(),
            host: HOSTILE.into(),
            ..page.clone()
        };
        vec![page, none, silent, hostile]
    }
}

impl CopiedPage {
    /// Two items, none any more, a hostile one.
    pub fn samples() -> Vec<Self> {
        let item = |title: &str, graded: bool| CopiedItem {
            id: "01930f3e".into(),
            title: title.into(),
            course: "Cell Biology Lab, spring 2026".into(),
            graded,
        };
        let page = Self {
            frame: staff(Section::Home),
            items: vec![item("Lab Safety: progress", true), item("My badges", false)],
            rules: vec![CopiedRule {
                id: "01930f3f".into(),
                badge: HOSTILE.into(),
                when: Expression::One(Condition::Holds(HOSTILE.to_owned())),
                course: HOSTILE.into(),
            }],
        };
        let taken = Frame {
            flash: Some(Flash::ItemTaken),
            ..staff(Section::Home)
        };
        let hostile = Self {
            items: vec![CopiedItem {
                course: HOSTILE.into(),
                ..item(HOSTILE, true)
            }],
            ..page.clone()
        };
        let empty = Self {
            frame: taken,
            rules: Vec::new(),
            items: Vec::new(),
        };
        vec![page, empty, hostile]
    }
}
