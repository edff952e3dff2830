//! Samples of applying for a badge, and of reviewing applications.

use super::{HOSTILE, ago, ahead, badge, course, hostile, hostile_badge, name, staff};
use crate::web::clean::Clean;
use crate::web::pages::applications::{ApplicationPage, ApplicationsPage, Decided, Earlier, Entered, File, Row};
use crate::web::pages::apply::{ApplicationWord, ApplyPage, Hurdle, Latest, ShownField, ShownItem, ShownKind};
use crate::web::pages::{AwardWord, Flash, Frame, Mistake, Mistakes, SeatRole, Section};

fn field(id: &'static str, label: &str, kind: ShownKind, required: bool, value: &str) -> ShownItem {
    ShownItem::Field(ShownField {
        id,
        label: label.into(),
        kind,
        required,
        values: vec![value.into()],
    })
}

fn choices(count: usize) -> Vec<(String, String)> {
    (1..=count).map(|n| (n.to_string(), format!("{n} minutes"))).collect()
}

fn latest(word: ApplicationWord) -> Latest {
    Latest {
        word,
        at: ago(3_000),
        decided: Some(ago(60)),
        who: Some("Rae Reviewer".into()),
        message: None,
        award: None,
        answers: vec![("What did you do?".into(), "Six knots,\nall tight.".into())],
    }
}

impl ApplyPage {
    /// The form, refused, each state, each hurdle, hostile.
    pub fn samples() -> Vec<Self> {
        let page = Self {
            frame: course(None, SeatRole::Learner),
            action: "/c/01930f3e/apply/A7".into(),
            key: "c2FtcGxlLWtleQ".into(),
            badge: badge("B7", "Knots"),
            line: "Say what you did and send a picture.".into(),
            criteria: Clean::of("<p>Ties six knots.</p><ul><li>In class.</li></ul>"),
            who_decides: "apply-by-review",
            name: name(0),
            email: "amara@campus.example".into(),
            items: vec![
                ShownItem::Text("Be brief.".into()),
                field("q0", "What did you do?", ShownKind::Area, true, ""),
                field(
                    "q1",
                    "Where can it be seen?",
                    ShownKind::Line("url"),
                    false,
                    "https://x.example",
                ),
                field("q2", "How long?", ShownKind::Radios(choices(3)), true, "2"),
                field("q3", "Course", ShownKind::List(choices(9)), false, "2"),
                field("q4", "Tools", ShownKind::Ticks(choices(2)), false, "1"),
                field(
                    "q5",
                    "I did it myself",
                    ShownKind::Ticks(vec![("on".into(), "I did it myself".into())]),
                    true,
                    "",
                ),
                field("q6", "Picture", ShownKind::File("image/*,.pdf".into()), false, ""),
            ],
            asks_code: true,
            attach: Some(true),
            factory: "CanCred Factory".into(),
            ..Self::default()
        };
        let page_begun = page.clone();
        let mut mistakes = Mistakes::none();
        mistakes.note("q0", Mistake::Missing);
        mistakes.note("q2", Mistake::NotChosen);
        mistakes.note(
            "q6",
            Mistake::FileKind {
                kinds: "pdf, png".into(),
            },
        );
        mistakes.note("code", Mistake::NoCode);
        let refused = Self {
            mistakes,
            ..page.clone()
        };
        let again = Self {
            latest: Some(Latest {
                message: Some("Add a picture of the sixth.".into()),
                ..latest(ApplicationWord::Rejected)
            }),
            ..page.clone()
        };
        let hostile = Self {
            badge: hostile_badge(),
            line: HOSTILE.into(),
            criteria: Clean::of(HOSTILE),
            items: vec![field("q0", HOSTILE, ShownKind::Area, true, HOSTILE)],
            name: HOSTILE.into(),
            ..page.clone()
        };
        let mut all = vec![page.clone(), refused, again, hostile];
        for word in [
            ApplicationWord::Sending,
            ApplicationWord::Pending,
            ApplicationWord::Deciding,
            ApplicationWord::Approved,
        ] {
            all.push(Self {
                frame: Frame {
                    flash: Some(Flash::Applied),
                    ..page.frame.clone()
                },
                latest: Some(Latest {
                    award: (word == ApplicationWord::Approved).then_some(AwardWord::Sent),
                    ..latest(word)
                }),
                hurdle: Some(Hurdle::HasOne),
                ..page.clone()
            });
        }
        for word in [ApplicationWord::Lost, ApplicationWord::Refused, ApplicationWord::Gone] {
            all.push(Self {
                latest: Some(Latest {
                    message: (word == ApplicationWord::Refused).then(|| "wrong claim code".into()),
                    ..latest(word)
                }),
                ..page.clone()
            });
        }
        let window = |from, to| Hurdle::Closed { from, to };
        for hurdle in [
            Hurdle::NotALearner,
            Hurdle::TestStudent,
            Hurdle::Anonymous,
            Hurdle::NoEmail,
            window(Some(ago(9_000)), Some(ahead(9))),
            window(Some(ahead(9)), None),
            window(None, Some(ago(90))),
            Hurdle::Elsewhere,
            Hurdle::Gone,
        ] {
            all.push(Self {
                elsewhere: (hurdle == Hurdle::Elsewhere).then(|| "https://factory.example/c/apply".into()),
                hurdle: Some(hurdle),
                ..page.clone()
            });
        }
        all.push(Self {
            started: Some(ago(90)),
            is_checked: true,
            ..page_begun.clone()
        });
        all.push(Self {
            check: Some(vec![
                ("What did you do?".into(), "Six knots.".into()),
                (HOSTILE.into(), HOSTILE.into()),
            ]),
            ..page_begun
        });
        all
    }
}

fn row(index: usize, word: ApplicationWord, method: &'static str) -> Row {
    Row {
        id: format!("01930f3e-{index}"),
        name: name(index),
        badge: "Knots".into(),
        at: ago(600),
        word,
        method,
        was_refused: index == 2,
        ticked: index == 1,
    }
}

impl ApplicationsPage {
    /// Some of each, refused, read only, none, hostile.
    pub fn samples() -> Vec<Self> {
        let page = Self {
            frame: Frame {
                applications: 3,
                flash: Some(Flash::Decided { n: 2 }),
                ..staff(Section::Applications)
            },
            waiting: (0..3).map(|at| row(at, ApplicationWord::Pending, "")).collect(),
            elsewhere: vec![row(4, ApplicationWord::Pending, "app-by-peer")],
            others: vec![
                row(5, ApplicationWord::Deciding, ""),
                row(6, ApplicationWord::Approved, ""),
                row(7, ApplicationWord::Rejected, ""),
                row(8, ApplicationWord::Lost, ""),
            ],
            read: Some(ago(4)),
            factory: "CanCred Factory".into(),
            ..Self::default()
        };
        let mut mistakes = Mistakes::none();
        mistakes.note("tick-0", Mistake::NothingTicked);
        mistakes.note("approve", Mistake::NotChosen);
        mistakes.note("message", Mistake::MessageNeeded);
        let refused = Self {
            mistakes,
            entered: Entered {
                decision: "reject".into(),
                message: "No.".into(),
            },
            ..page.clone()
        };
        let assistant = Self {
            frame: course(Some(Section::Applications), SeatRole::LimitedStaff),
            is_away: true,
            ..page.clone()
        };
        let none = Self {
            frame: staff(Section::Applications),
            factory: "CanCred Factory".into(),
            ..Self::default()
        };
        let mut odd = row(0, ApplicationWord::Pending, "");
        (odd.name, odd.badge) = (HOSTILE.into(), HOSTILE.into());
        let hostile = Self {
            frame: hostile(Section::Applications),
            waiting: vec![odd.clone()],
            others: vec![odd],
            factory: HOSTILE.into(),
            ..Self::default()
        };
        vec![page, refused, assistant, none, hostile]
    }
}

impl ApplicationPage {
    /// One to decide, refused, decided by somebody else, read only, hostile.
    pub fn samples() -> Vec<Self> {
        let file = |name: &str, size| File {
            href: "/c/01930f3e/applications/01930f3f/files/01930f40".into(),
            name: name.into(),
            ending: "PDF".into(),
            size,
        };
        let page = Self {
            frame: Frame {
                applications: 3,
                ..staff(Section::Applications)
            },
            action: "/c/01930f3e/applications/01930f3f".into(),
            name: name(7),
            email: Some("hana@campus.example".into()),
            person: Some("/c/01930f3e/people/01930f41".into()),
            badge: badge("B7", "Knots"),
            criteria: Clean::of("<p>Ties six knots.</p>"),
            at: ago(600),
            word: Some(ApplicationWord::Pending),
            answers: vec![("What did you do?".into(), "Six knots,\nall tight.".into())],
            files: vec![file("knots.pdf", 2_400_000), file("list.csv", 18_000)],
            is_evidence: true,
            earlier: vec![Earlier {
                at: ago(90_000),
                word: ApplicationWord::Rejected,
                message: Some("Five are not six.".into()),
            }],
            is_open: true,
            queue: vec![("01930f42".into(), name(1)), ("01930f43".into(), name(2))],
            skip: "/c/01930f3e/applications/01930f42".into(),
            factory: "CanCred Factory".into(),
            ..Self::default()
        };
        let mut mistakes = Mistakes::none();
        mistakes.note("approve", Mistake::NotChosen);
        mistakes.note("message", Mistake::MessageNeeded);
        let refused = Self {
            mistakes,
            reason: Some("email_subject: required parameter missing".into()),
            ..page.clone()
        };
        let decided = Self {
            word: Some(ApplicationWord::Rejected),
            decided: Some(Decided {
                who: "Rae Reviewer".into(),
                at: ago(5),
                message: Some("Add a picture.".into()),
                elsewhere: true,
            }),
            from_factory: true,
            is_open: false,
            award: Some("/c/01930f3e/awards/01930f44".into()),
            method: "app-by-peer",
            answers: Vec::new(),
            ..page.clone()
        };
        let assistant = Self {
            frame: course(Some(Section::Applications), SeatRole::LimitedStaff),
            email: None,
            queue: Vec::new(),
            ..page.clone()
        };
        let odd = Self {
            frame: hostile(Section::Applications),
            name: HOSTILE.into(),
            badge: hostile_badge(),
            criteria: Clean::of(HOSTILE),
            answers: vec![(HOSTILE.into(), HOSTILE.into())],
            files: vec![file(HOSTILE, 1)],
            reason: Some(HOSTILE.into()),
            ..page.clone()
        };
        vec![page, refused, decided, assistant, odd]
    }
}
