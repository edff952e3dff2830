//! Reports: what was issued and applied for, counted beside the page and shown with its age; and as tables for
//! spreadsheets.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data};
use futures_util::stream;
use time::Date;

use super::glance::{Glance, glance};
use crate::catalog::looking::Wanted;
use crate::clock::Timestamp;
use crate::model::catalog::CatalogBadge;
use crate::model::found_event::Report;
use crate::web::course::fields::Fields;
use crate::web::course::{answer, csv, day};
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::operator::session::Admin;
use crate::web::pages::admin::reports::ReportsPage;
use crate::web::pages::plot::{Bars, OverTime};
use crate::web::pages::{Mistake, Mistakes, Room};
use crate::web::text::Text;

const DAY: i64 = 86_400;

/// `GET /admin/reports`, also with `from` and `to`.
#[tracing::instrument(name = "web.admin.reports", skip_all)]
pub(super) async fn show(deps: Data<Deps>, admin: Admin, query: Fields) -> Result<HttpResponse, WebError> {
    let text = *admin.text();
    let mut page = ReportsPage {
        frame: admin.frame(Some(Room::Reports)),
        ..ReportsPage::default()
    };
    let span = match Span::of(&query, deps.clock.now()) {
        Ok(span) => span,
        Err(mistakes) => {
            query.one("from").clone_into(&mut page.from);
            query.one("to").clone_into(&mut page.to);
            page.mistakes = mistakes;
            return answer::page(&page);
        }
    };
    (page.from, page.to) = (day::write(span.from), day::write(span.to));
    let counted: Glance<Report> = glance(&deps, admin.organisation, span.wanted()).await?;
    page.age = counted.age;
    if let Some(report) = counted.thing {
        let badges = catalog(&deps, &admin).await?;
        fill(&mut page, &report, &badges, &text);
    }
    answer::page(&page)
}

/// From one day to another, both included.
struct Span {
    from: Date,
    to: Date,
}

impl Span {
    /// The last twelve months unless something else is asked for.
    fn of(query: &Fields, now: Timestamp) -> Result<Self, Mistakes> {
        let mut mistakes = Mistakes::none();
        let mut date = |field, default: Date| {
            let text = query.one(field);
            let read = day::parse(text);
            if read.is_none() && !text.is_empty() {
                mistakes.note(field, Mistake::NotADate);
            }
            read.unwrap_or(default)
        };
        let today = day::of(now);
        let to = date("to", today);
        let from = date("from", day::plus_months(today, -12));
        if mistakes.is_empty() && to < from {
            mistakes.note("to", Mistake::DatesCross);
        }
        if mistakes.is_empty() {
            Ok(Self { from, to })
        } else {
            Err(mistakes)
        }
    }

    fn wanted(&self) -> Wanted {
        let until = Timestamp::from_seconds(day::end(self.to).seconds() + 1);
        Wanted::Report(day::start(self.from), until)
    }
}

async fn catalog(deps: &Deps, admin: &Admin) -> Result<Vec<CatalogBadge>, WebError> {
    let organisation = admin.organisation;
    let read = deps.store.read_one(async |tx| tx.catalog_badges(organisation).await);
    Ok(read.await?)
}

fn fill(page: &mut ReportsPage, report: &Report, badges: &[CatalogBadge], text: &Text) {
    page.is_read = true;
    page.total = report.days.iter().map(|(_, n)| n).sum();
    let days: Vec<(Timestamp, u64)> = report.days.iter().map(|(day, n)| (moment(*day), *n)).collect();
    page.over_time = OverTime::of(&days);
    page.badges = Bars {
        id: "badges",
        title: text.say("reports-by-badge"),
        column: text.say("col-badge"),
        counted: text.say("badges-awards"),
        rows: named(report, badges),
    };
    page.courses = Bars {
        id: "courses",
        title: text.say("reports-by-course"),
        column: text.say("courses-course"),
        counted: text.say("badges-awards"),
        rows: courses(report, text),
    };
    page.funnel = Bars {
        id: "applications",
        title: text.say("reports-funnel"),
        column: text.say("funnel-step"),
        counted: text.say("reports-applications"),
        rows: funnel(report, text),
    };
    (page.asked, page.approved) = (report.asked, report.approved);
}

fn moment(day: i64) -> Timestamp {
    Timestamp::from_seconds(day * DAY)
}

fn named(report: &Report, badges: &[CatalogBadge]) -> Vec<(String, u64)> {
    let name = |id: &String| {
        let known = badges.iter().find(|badge| badge.id == *id);
        known.map_or_else(|| id.clone(), |badge| badge.name.clone())
    };
    report.badges.iter().map(|(id, n)| (name(id), *n)).collect()
}

fn courses(report: &Report, text: &Text) -> Vec<(String, u64)> {
    let title = |title: &String| {
        if title.is_empty() {
            text.say("reports-no-course")
        } else {
            title.clone()
        }
    };
    report.courses.iter().map(|(one, n)| (title(one), *n)).collect()
}

/// Applied, decided, approved; collected only where the Factory was asked about one at least.
fn funnel(report: &Report, text: &Text) -> Vec<(String, u64)> {
    if report.applied == 0 {
        return Vec::new();
    }
    let mut steps = vec![
        (text.say("reports-applied"), report.applied),
        (text.say("reports-decided"), report.decided),
        (text.say("reports-approved"), report.approved),
    ];
    if report.asked > 0 {
        steps.push((text.say("aw-collected"), report.collected));
    }
    steps
}

/// `GET /admin/reports.csv`: `part` is `days`, `badges`, `courses` or `funnel`.
#[tracing::instrument(name = "web.admin.reports.csv", skip_all)]
pub(super) async fn table(deps: Data<Deps>, admin: Admin, query: Fields) -> Result<HttpResponse, WebError> {
    let text = *admin.text();
    let span = Span::of(&query, deps.clock.now()).map_err(|_| Refusal::Unreadable { too_large: false })?;
    let counted: Glance<Report> = glance(&deps, admin.organisation, span.wanted()).await?;
    let report = counted.thing.unwrap_or_default();
    let (head, rows) = match query.one("part") {
        "badges" => ("col-badge", named(&report, &catalog(&deps, &admin).await?)),
        "courses" => ("courses-course", courses(&report, &text)),
        "funnel" => ("funnel-step", funnel(&report, &text)),
        _ => {
            let day = |(day, n): &(i64, u64)| (text.iso_date(moment(*day)), *n);
            ("plot-day", report.days.iter().map(day).collect())
        }
    };
    let mut lines = format!("{}{}", csv::MARK, csv::row(&[&text.say(head), &text.say("csv-count")]));
    for (name, n) in rows {
        lines.push_str(&csv::row(&[&name, &n.to_string()]));
    }
    let all = stream::once(async { Ok::<_, WebError>(Bytes::from(lines)) });
    Ok(csv::answer("report.csv", all))
}
