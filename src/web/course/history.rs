//! All awards of a course, with filters, and as a table for spreadsheets.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data};
use futures_util::stream;

use super::fields::Fields;
use super::surroundings::Surroundings;
use super::{answer, badge, csv, day, who};
use crate::model::CourseId;
use crate::store::StoreError;
use crate::store::award_views::{self, AwardLine, HistoryGroup, HistoryOrigin};
use crate::web::deps::Deps;
use crate::web::error::WebError;
use crate::web::pages::history::{
    HistoryColumn, HistoryFilter, HistoryPage, HistoryRow, HistorySort, HistoryState, ORIGINS, SIZES,
};
use crate::web::pages::parts::Direction;
use crate::web::pages::plot::OverTime;
use crate::web::pages::words::Cause;
use crate::web::pages::{Pager, Section};
use crate::web::visit::Visit;

/// `GET /c/{seat}/history`
#[tracing::instrument(name = "web.course.history", skip_all)]
pub(super) async fn history(deps: Data<Deps>, visit: Visit, query: Fields) -> Result<HttpResponse, WebError> {
    let course = visit.sees_course()?;
    let around = Surroundings::with_flash(&deps, &visit, Some(Section::History), query.flash()).await?;
    let (filter, sort) = (filter_of(&query), HistorySort::parse(query.one("sort")));
    let size = query.number("size", 25);
    let size = if SIZES.contains(&size) { size } else { 25 };
    let wanted = Wanted::of(&visit, course, &filter, sort);
    let (pager, lines, badges, days) = deps
        .store
        .read(async |tx| {
            let total = tx
                .course_history_count(wanted.organisation, course, &wanted.filter)
                .await?;
            let pager = Pager::of(
                usize::try_from(total).unwrap_or(usize::MAX),
                size,
                query.number("page", 1),
            );
            let (limit, offset) = (number(size), number((pager.page - 1) * size));
            let lines = tx
                .course_history(wanted.organisation, course, &wanted.filter, wanted.sort, limit, offset)
                .await?;
            let days = tx
                .course_history_days(wanted.organisation, course, &wanted.filter)
                .await?;
            let badges = tx.catalog_badges(wanted.organisation).await?;
            Ok::<_, StoreError>((pager, lines, badges, days))
        })
        .await?;
    answer::page(&HistoryPage {
        frame: around.frame,
        filter,
        badges: badges.iter().map(|known| badge::view(&visit, known)).collect(),
        rows: lines.iter().map(|line| row(&visit, line)).collect(),
        pager,
        sort,
        size,
        over_time: OverTime::of(&days),
    })
}

/// `GET /c/{seat}/history.csv`: the same filter, all pages.
#[tracing::instrument(name = "web.course.history.csv", skip_all)]
pub(super) async fn table(deps: Data<Deps>, visit: Visit, query: Fields) -> Result<HttpResponse, WebError> {
    let course = visit.exports()?;
    let wanted = Wanted::of(
        &visit,
        course,
        &filter_of(&query),
        HistorySort::parse(query.one("sort")),
    );
    let start = (deps, visit, wanted, 0_u32, true);
    let rows = stream::try_unfold(start, |(deps, visit, wanted, offset, more)| async move {
        if !more {
            return Ok(None);
        }
        let lines = deps
            .store
            .read_one(async |tx| {
                let (organisation, course) = (wanted.organisation, wanted.course);
                tx.course_history(organisation, course, &wanted.filter, wanted.sort, csv::STEP, offset)
                    .await
            })
            .await?;
        let mut text = if offset == 0 { csv_head(&visit) } else { String::new() };
        text.extend(lines.iter().map(|line| csv_row(&visit, line)));
        let more = lines.len() == usize::try_from(csv::STEP).unwrap_or(usize::MAX);
        let next = (deps, visit, wanted, offset + csv::STEP, more);
        Ok::<_, WebError>(Some((Bytes::from(text), next)))
    });
    Ok(csv::answer("history.csv", rows))
}

/// The header of a table of awards, in the visitor's language.
pub(super) fn csv_head(visit: &Visit) -> String {
    let t = &visit.text;
    let keys = [
        "col-date",
        "col-person",
        "col-badge",
        "col-how",
        "event-by",
        "col-state",
        "event-id",
        "col-mail",
    ];
    let names = keys.map(|key| t.say(key));
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    format!("{}{}", csv::MARK, csv::row(&names))
}

/// An award as a row of that table.
pub(super) fn csv_row(visit: &Visit, line: &AwardLine) -> String {
    let t = &visit.text;
    let (at, person) = (t.machine(line.created_at), who::name(visit, line));
    let (how, state) = (t.say(Cause::of(&line.cause).key()), who::word(line).staff(t));
    // of what another course made only the state is this one's to know
    let is_here = line.course == visit.seat.course;
    let by = line.author.clone().filter(|_| is_here).unwrap_or_default();
    let event = line.event.clone().filter(|_| is_here).unwrap_or_default();
    let address = who::address(visit, line).unwrap_or_default();
    csv::row(&[
        at.as_str(),
        &person,
        &line.badge_name,
        &how,
        &by,
        &state,
        &event,
        &address,
    ])
}

#[derive(Clone, Debug)]
struct Wanted {
    organisation: crate::model::OrganisationId,
    course: CourseId,
    filter: award_views::HistoryFilter,
    sort: award_views::HistorySort,
}

impl Wanted {
    fn of(visit: &Visit, course: CourseId, filter: &HistoryFilter, sort: HistorySort) -> Self {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Self {
            organisation: visit.organisation(),
            course,
            filter: award_views::HistoryFilter {
                badge_id: text(&filter.badge),
                person: text(&filter.person),
                names_only: !who::sees_addresses(visit),
                group: filter.state.map(group),
                origin: filter.how.and_then(origin),
                from: day::parse(&filter.from).map(day::start),
                until: day::parse(&filter.to).and_then(time::Date::next_day).map(day::start),
            },
            sort: sorted(sort),
        }
    }
}

fn filter_of(query: &Fields) -> HistoryFilter {
    HistoryFilter {
        badge: short(query.one("badge")),
        person: short(query.one("person")),
        state: HistoryState::parse(query.one("state")),
        how: ORIGINS
            .iter()
            .find(|(code, _)| *code == query.one("how"))
            .map(|(_, cause)| *cause),
        from: short(query.one("from")),
        to: short(query.one("to")),
    }
}

fn short(text: &str) -> String {
    text.chars().take(200).collect()
}

pub(super) fn row(visit: &Visit, line: &AwardLine) -> HistoryRow {
    HistoryRow {
        award: Some(line.id.to_string()),
        at: line.created_at,
        person: who::name(visit, line),
        badge: line.badge_name.clone(),
        cause: Cause::of(&line.cause),
        by: line.author.clone().unwrap_or_default(),
        word: who::word(line),
    }
}

const fn group(state: HistoryState) -> HistoryGroup {
    match state {
        HistoryState::OnItsWay => HistoryGroup::OnItsWay,
        HistoryState::Sent => HistoryGroup::Sent,
        HistoryState::Held => HistoryGroup::Held,
        HistoryState::Failed => HistoryGroup::Failed,
        HistoryState::Revoked => HistoryGroup::Revoked,
        HistoryState::Withdrawn => HistoryGroup::Withdrawn,
    }
}

const fn origin(cause: Cause) -> Option<HistoryOrigin> {
    match cause {
        Cause::Hand => Some(HistoryOrigin::Hand),
        Cause::Rule => Some(HistoryOrigin::Rule),
        Cause::Application => Some(HistoryOrigin::Application),
        Cause::Elsewhere => None,
    }
}

const fn sorted(sort: HistorySort) -> award_views::HistorySort {
    use award_views::HistorySort as Stored;
    match (sort.column, sort.direction) {
        (HistoryColumn::Date, Direction::Down) => Stored::NewestFirst,
        (HistoryColumn::Date, Direction::Up) => Stored::OldestFirst,
        (HistoryColumn::Person, Direction::Up) => Stored::Person,
        (HistoryColumn::Person, Direction::Down) => Stored::PersonDown,
        (HistoryColumn::Badge, Direction::Up) => Stored::Badge,
        (HistoryColumn::Badge, Direction::Down) => Stored::BadgeDown,
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
