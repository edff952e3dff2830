//! Samples of the list of people.

use super::super::people::{PeoplePage, PersonRow};
use super::super::{Pager, SeatRole, Section};
use super::{HOSTILE, NAMES, course, hostile, staff};

impl PeoplePage {
    /// Several pages, for limited staff, hostile, nobody.
    pub fn samples() -> Vec<Self> {
        let row = |(at, name): (usize, &&str), sees: bool| PersonRow {
            member: format!("01J{at}"),
            name: (*name).to_owned(),
            email: (sees && at != 1).then(|| format!("p{at}@marlowe.example")),
            is_active: at != 2,
        };
        let rows = |sees| NAMES.iter().enumerate().map(|one| row(one, sees)).collect();
        vec![
            Self {
                frame: staff(Section::People),
                rows: rows(true),
                pager: Pager::of(640, 50, 3),
                searches: true,
                search: String::new(),
            },
            Self {
                frame: course(Some(Section::People), SeatRole::LimitedStaff),
                rows: rows(false),
                pager: Pager::of(12, 50, 1),
                searches: false,
                search: String::new(),
            },
            Self {
                frame: hostile(Section::People),
                rows: vec![PersonRow {
                    member: "01J".to_owned(),
                    name: HOSTILE.to_owned(),
                    email: Some(HOSTILE.to_owned()),
                    is_active: false,
                }],
                pager: Pager::of(1, 50, 1),
                searches: true,
                search: HOSTILE.to_owned(),
            },
            Self {
                frame: staff(Section::People),
                pager: Pager::of(0, 50, 1),
                searches: true,
                search: "nobody".to_owned(),
                ..Self::default()
            },
        ]
    }
}
