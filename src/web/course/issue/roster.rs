//! The page of step 2: the people of the course, found and sorted, with the state of the badge for each.

use super::Open;
use super::lines::{self, Policy};
use super::selection;
use crate::awards::issue::MOST_PEOPLE;
use crate::model::request::{Person, by_hand};
use crate::model::{Course, EnrolmentStatus};
use crate::store::{RosterQuery, RosterRow, RosterSort, StoreError};
use crate::web::course::fields::Fields;
use crate::web::course::surroundings::Surroundings;
use crate::web::course::{badge, refresh};
use crate::web::deps::Deps;
use crate::web::error::WebError;
use crate::web::pages::issue_people::{Column, IssuePeoplePage, PersonRow, Roster, Show, Sort, Standing};
use crate::web::pages::parts::Direction;
use crate::web::pages::{Mistakes, Pager, Section};
use crate::web::visit::Visit;

/// Rows a page, in low frames too: how high a frame is no request says, and pages work without script.
pub(super) const ROWS: usize = 25;

/// Everybody of the course, with the state of the draft's badge.
pub(super) fn query(open: &Open) -> RosterQuery {
    let badge = open.draft.badge.clone().unwrap_or_default();
    RosterQuery {
        organisation: open.author.organisation,
        course: open.course,
        cause: by_hand(&badge),
        badge,
        search: String::new(),
        without_badge: false,
        without_email: false,
        active_only: false,
        sort: RosterSort::Name,
    }
}

/// What of the course's people is shown.
pub(super) struct View {
    search: String,
    show: Show,
    sort: Sort,
    page: usize,
}

impl View {
    pub(super) fn of(fields: &Fields) -> Self {
        let sort = fields.maybe("go-sort").unwrap_or_else(|| fields.one("sort"));
        let is_new_list = fields.one("do") == "search" || fields.maybe("go-sort").is_some();
        let page = match fields.maybe("go-page") {
            Some(page) => page.parse().unwrap_or(1),
            None if is_new_list => 1,
            None => fields.number("page", 1),
        };
        Self {
            search: fields.one("q").chars().take(200).collect(),
            show: Show::parse(fields.one("show")),
            sort: Sort::parse(sort),
            page,
        }
    }

    pub(super) fn query(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if !self.search.is_empty() {
            query.append_pair("q", &self.search);
        }
        query.append_pair("show", self.show.code());
        query.append_pair("sort", self.sort.code());
        query.append_pair("page", &self.page.to_string());
        query.finish()
    }
}

/// The page of step 2.
pub(super) async fn page(deps: &Deps, visit: &Visit, open: &Open, view: &View) -> Result<IssuePeoplePage, WebError> {
    let around = Surroundings::read(deps, visit, Some(Section::Issue)).await?;
    refresh::roster(deps, around.course()?).await;
    let listed = RosterQuery {
        search: view.search.clone(),
        without_badge: view.show == Show::Without,
        without_email: view.show == Show::NoEmail,
        sort: sorted(view.sort),
        ..query(open)
    };
    let without = RosterQuery {
        without_badge: true,
        active_only: true,
        ..query(open)
    };
    let (people, without, policy, total, rows) = deps
        .store
        .read(async |tx| {
            let everybody = query(open);
            let people = tx.roster_count(&everybody).await?;
            let without = tx.roster_count(&without).await?;
            let policy = Policy::read(tx, open.author).await?;
            if view.show == Show::Selected {
                return Ok((people, without, policy, 0, Vec::new()));
            }
            let sort = everybody.sort;
            let total = if (RosterQuery { sort, ..listed.clone() }) == everybody {
                people
            } else {
                tx.roster_count(&listed).await?
            };
            let pager = Pager::of(size(total), ROWS, view.page);
            let offset = number((pager.page - 1) * ROWS);
            let rows = tx.roster_rows(&listed, offset, number(ROWS)).await?;
            Ok::<_, StoreError>((people, without, policy, total, rows))
        })
        .await?;
    let (rows, pager) = if view.show == Show::Selected {
        selected_rows(open, view)
    } else {
        let rows = rows.iter().map(|row| person_row(open, row)).collect();
        (rows, Pager::of(size(total), ROWS, view.page))
    };
    let chosen = open.badge().map(|known| badge::view(visit, known)).unwrap_or_default();
    let nameless = open.draft.people.iter().filter(|person| person.address.is_none());
    Ok(IssuePeoplePage {
        draft: open.draft.id.to_string(),
        reached: open.reached(),
        badge: chosen,
        can_change_badge: open.has_choice(),
        search: view.search.clone(),
        show: view.show,
        sort: view.sort,
        roster: roster(around.course()?),
        people: size(people),
        without: size(without),
        selected: open.draft.people.len(),
        rows,
        pager,
        pasting: policy.view(),
        paste: open.draft.text.paste.clone(),
        lines: open.draft.text.lines.iter().map(lines::view).collect(),
        limit: MOST_PEOPLE,
        without_email: nameless.map(selection::name).collect(),
        mistakes: Mistakes::none(),
        frame: around.frame,
    })
}

/// The selected people that the search finds, bare addresses too.
fn selected_rows(open: &Open, view: &View) -> (Vec<PersonRow>, Pager) {
    let search = view.search.to_lowercase();
    let finds = |person: &&Person| {
        let address = person.address.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{} {address}", person.name.to_lowercase()).contains(&search)
    };
    let mut found: Vec<&Person> = open.draft.people.iter().filter(finds).collect();
    found.sort_by_key(|person| selection::name(person).to_lowercase());
    if view.sort.direction == Direction::Down {
        found.reverse();
    }
    let pager = Pager::of(found.len(), ROWS, view.page);
    let row = |person: &&Person| PersonRow {
        id: selection::key(person),
        name: selection::name(person),
        email: person.address.as_ref().map(ToString::to_string),
        is_picked: true,
        standing: Standing::None,
        again: false,
    };
    let rows = found.iter().skip((pager.page - 1) * ROWS).take(ROWS).map(row);
    (rows.collect(), pager)
}

fn person_row(open: &Open, row: &RosterRow) -> PersonRow {
    let id = row.member.to_string();
    let picked = open
        .draft
        .people
        .iter()
        .find(|person| person.member == Some(row.member.uuid()));
    let standing = standing(row);
    let has_it = matches!(standing, Standing::Has { .. } | Standing::OnItsWay | Standing::Held);
    let email = row.email.as_ref().map(ToString::to_string);
    PersonRow {
        name: if row.name.is_empty() {
            email.clone().unwrap_or_default()
        } else {
            row.name.clone()
        },
        email,
        is_picked: picked.is_some(),
        again: has_it && picked.is_some(),
        standing,
        id,
    }
}

fn standing(row: &RosterRow) -> Standing {
    if row.status != EnrolmentStatus::Active {
        return Standing::Invited;
    }
    match &row.award {
        Some(award) if award.held_by_rule => Standing::Held,
        Some(award) if award.stands() => match (award.state.as_str(), award.issued_at) {
            ("issued" | "revoking", Some(since)) => Standing::Has { since },
            _ => Standing::OnItsWay,
        },
        _ => Standing::None,
    }
}

fn roster(course: &Course) -> Roster {
    let state = &course.roster;
    if course.memberships_url.is_none() {
        return Roster::NotOffered;
    }
    match (state.read_at, state.so_far, state.failing_since) {
        (Some(at), Some(_), _) => Roster::Rereading { at },
        (at, None, Some(_)) => Roster::Failed { at },
        (Some(at), None, None) => Roster::Read { at },
        (None, Some(_), _) | (None, None, None) => Roster::Reading,
    }
}

const fn sorted(sort: Sort) -> RosterSort {
    match (sort.column, sort.direction) {
        (Column::Name, Direction::Up) => RosterSort::Name,
        (Column::Name, Direction::Down) => RosterSort::NameDown,
        (Column::State, Direction::Up) => RosterSort::State,
        (Column::State, Direction::Down) => RosterSort::StateDown,
    }
}

fn size(count: i64) -> usize {
    usize::try_from(count).unwrap_or(0)
}

/// A count as the store takes it.
pub(super) fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
