//! Samples of the administration's pages about people.

use super::super::admin::members::{ErasePage, MemberPage, MemberRow, MembersPage};
use super::super::{Flash, Frame, Office, Room};
use super::{HOSTILE, ago, outside};

fn office() -> Frame {
    Frame {
        csrf: "c2FtcGxlLXRva2Vu".to_owned(),
        place: "Marlowe Polytechnic".to_owned(),
        office: Some(Office {
            name: "Claire Bouchard".to_owned(),
            room: Some(Room::Courses),
            of_organisation: true,
        }),
        ..outside()
    }
}

impl MembersPage {
    /// Found, nobody, nothing searched, hostile.
    pub fn samples() -> Vec<Self> {
        let row = |name: &str, address: Option<&str>| MemberRow {
            id: "01930f3e".into(),
            name: name.into(),
            address: address.map(str::to_owned),
            sub: "29123".into(),
            lms: "Campus Moodle".into(),
        };
        let page = |search: &str, rows| Self {
            frame: office(),
            search: search.into(),
            rows,
        };
        vec![
            page(
                "nw",
                vec![row("Amara Nwosu", Some("amara.nwosu@marlowe.example")), row("", None)],
            ),
            page("nobody", vec![]),
            page("", vec![]),
            page(HOSTILE, vec![row(HOSTILE, Some(HOSTILE))]),
        ]
    }
}

impl MemberPage {
    /// As stored, to be erased, erased, hostile.
    pub fn samples() -> Vec<Self> {
        let page = Self {
            frame: office(),
            id: "01930f3e".into(),
            name: "Amara Nwosu".into(),
            address: Some("amara.nwosu@marlowe.example".into()),
            sub: "29123".into(),
            lms: "Campus Moodle".into(),
            courses: vec!["BIO-2010 Cell Biology Lab, autumn 2026".into()],
            counts: vec![("data-awards", 3), ("data-applications", 0)],
            ..Self::default()
        };
        let waits = Self {
            frame: Frame {
                flash: Some(Flash::Saved),
                ..office()
            },
            asked: Some(ago(3)),
            ..page.clone()
        };
        let erased = Self {
            name: String::new(),
            address: None,
            courses: vec![],
            asked: Some(ago(3)),
            erased: Some(ago(1)),
            ..page.clone()
        };
        let hostile = Self {
            name: HOSTILE.into(),
            sub: HOSTILE.into(),
            lms: HOSTILE.into(),
            courses: vec![HOSTILE.into()],
            ..page.clone()
        };
        vec![page, waits, erased, hostile]
    }
}

impl ErasePage {
    /// An ordinary name, and a hostile one.
    pub fn samples() -> Vec<Self> {
        let page = |name: &str| Self {
            frame: office(),
            id: "01930f3e".into(),
            name: name.into(),
        };
        vec![page("Amara Nwosu"), page(HOSTILE)]
    }
}
