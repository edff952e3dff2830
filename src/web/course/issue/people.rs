//! Step 2: who gets the badge. One form around everything, so that every button keeps the ticks.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::lines;
use super::roster::{ROWS, View, number, page, query};
use super::selection::{self, Selection};
use super::{Named, Open, choosing};
use crate::awards::issue::MOST_PEOPLE;
use crate::model::draft::LineFate;
use crate::model::request::Person;
use crate::model::{Course, EnrolmentStatus, MemberId};
use crate::store::{RosterQuery, RosterRow, StoreError};
use crate::web::course::fields::{FILE_LIMIT, Fields};
use crate::web::course::pasted::{self, ListError, Said};
use crate::web::course::{answer, refresh};
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::pages::parts::Step;
use crate::web::pages::{Flash, Mistake, Mistakes};
use crate::web::visit::Visit;

/// People read at a time where all are selected.
const STEP: usize = 500;

/// `GET /c/{seat}/issue/{draft}/people`, with `q`, `show`, `sort` and `page`.
#[tracing::instrument(name = "web.course.issue.people", skip_all)]
pub(in crate::web::course) async fn show(
    deps: Data<Deps>,
    visit: Visit,
    path: Path<Named>,
    query: Fields,
) -> Result<HttpResponse, WebError> {
    let open = Open::read(&deps, &visit, &path).await?;
    if open.badge().is_none() {
        return Ok(answer::see_other(&open.step(&visit, Step::Badge)));
    }
    let mut page = page(&deps, &visit, &open, &View::of(&query)).await?;
    page.frame.flash = query.flash();
    answer::page(&page)
}

/// `POST /c/{seat}/issue/{draft}/people`: keeps the ticks, then does what the pressed button says.
#[tracing::instrument(name = "web.course.issue.people.change", skip_all)]
pub(in crate::web::course) async fn change(
    deps: Data<Deps>,
    visit: Visit,
    path: Path<Named>,
    request: HttpRequest,
    body: Payload,
) -> Result<HttpResponse, WebError> {
    super::author(&visit)?;
    let fields = Fields::of_multipart(&request, body, &visit).await?;
    let mut open = Open::read(&deps, &visit, &path).await?;
    if open.badge().is_none() {
        return Ok(answer::see_other(&open.step(&visit, Step::Badge)));
    }
    let before = open.draft.clone();
    match press(&deps, &visit, &mut open, &fields).await? {
        Pressed::Next(answer) => {
            if open.draft != before {
                open.save(&deps).await?;
            }
            Ok(answer)
        }
        Pressed::Refused(mistakes) => {
            let mut page = page(&deps, &visit, &open, &View::of(&fields)).await?;
            fields.one("paste").clone_into(&mut page.paste);
            page.mistakes = mistakes;
            answer::page(&page)
        }
    }
}

/// What pressing a button leads to.
enum Pressed {
    /// What changed is kept, and this is answered.
    Next(HttpResponse),
    /// Nothing is kept; the form comes back.
    Refused(Mistakes),
}

async fn press(deps: &Deps, visit: &Visit, open: &mut Open, fields: &Fields) -> Result<Pressed, WebError> {
    take_ticks(deps, open, fields).await?;
    let view = View::of(fields);
    let here = format!("{}?{}", open.step(visit, Step::People), view.query());
    let next = |address: &str| Ok(Pressed::Next(answer::see_other(address)));
    fields.one("paste").clone_into(&mut open.draft.text.paste);
    if let Some(key) = fields.maybe("again") {
        issue_again(deps, open, key).await?;
        return next(&here);
    }
    if let Some(number) = fields.maybe("drop").and_then(|text| text.parse().ok()) {
        drop_line(open, number);
        return next(&here);
    }
    let button = fields.one("do");
    let brings_lines = fields.file().is_some() || fields.is_file_too_large() || !fields.one("paste").is_empty();
    if button == "add" || (button == "next" && brings_lines) {
        return add(deps, open, fields, &here, button == "next", visit).await;
    }
    match button {
        "read" => {
            let course = course(deps, open).await?;
            refresh::roster_now(deps, &course).await?;
            Ok(Pressed::Next(answer::see_other_with(&here, &Flash::RosterAsked)))
        }
        "all" => match select_all(deps, open).await? {
            Some(mistakes) => Ok(Pressed::Refused(mistakes)),
            None => next(&here),
        },
        "none" => {
            Selection::of(&mut open.draft.people).clear();
            open.draft.text.lines.clear();
            next(&here)
        }
        "later" => Ok(Pressed::Next(answer::see_other_with(&visit.base(), &Flash::DraftKept))),
        "next" => Ok(go_on(open, visit)),
        _ => next(&here),
    }
}

/// The next step, unless nobody or too many are selected.
fn go_on(open: &Open, visit: &Visit) -> Pressed {
    let count = open.draft.people.len();
    if count == 0 {
        return Pressed::Refused(Mistakes::one("roster", Mistake::Nobody));
    }
    if count > MOST_PEOPLE {
        return Pressed::Refused(too_many());
    }
    Pressed::Next(answer::see_other(&open.step(visit, Step::Message)))
}

fn too_many() -> Mistakes {
    Mistakes::one("roster", Mistake::TooManyPeople { limit: MOST_PEOPLE })
}

/// Brings the selection in line with the boxes of the page that was sent.
async fn take_ticks(deps: &Deps, open: &mut Open, fields: &Fields) -> Result<(), WebError> {
    let ticked: Vec<&str> = fields.all("person").collect();
    let mut selection = Selection::of(&mut open.draft.people);
    for shown in fields.all("shown").filter(|shown| !ticked.contains(shown)) {
        selection.remove(shown);
    }
    let new: Vec<MemberId> = ticked
        .into_iter()
        .filter(|key| !selection.has(key))
        .filter_map(|key| selection::member(key).map(MemberId::new))
        .take(2 * ROWS)
        .collect();
    for member in new {
        select(deps, open, member, false).await?;
    }
    Ok(())
}

/// Selects a learner of this course who has joined it, unless they have the badge and are not to get it again.
async fn select(deps: &Deps, open: &mut Open, member: MemberId, again: bool) -> Result<(), WebError> {
    let (author, badge) = (open.author, open.draft.badge.clone().unwrap_or_default());
    let chosen = deps.store.read(async |tx| {
        let known = tx.person(author.organisation, author.course, member).await?;
        let Some(known) = known.filter(|known| known.status == EnrolmentStatus::Active && !known.test) else {
            return Ok::<_, StoreError>(None);
        };
        let person = Person {
            member: Some(known.member.uuid()),
            address: known.email,
            name: known.name,
            generation: 0,
            instead: None,
        };
        Ok(choosing::choose(tx, author, &badge, person, again).await?.person)
    });
    if let Some(person) = chosen.await? {
        Selection::of(&mut open.draft.people).add(person);
    }
    Ok(())
}

async fn issue_again(deps: &Deps, open: &mut Open, key: &str) -> Result<(), WebError> {
    match selection::member(key) {
        Some(member) => select(deps, open, MemberId::new(member), true).await,
        None => Ok(()),
    }
}

/// Takes out what a line added.
fn drop_line(open: &mut Open, number: usize) {
    let mut selection = Selection::of(&mut open.draft.people);
    for line in open.draft.text.lines.iter().filter(|line| line.number == number) {
        match &line.fate {
            LineFate::Found { member, .. } => selection.remove(&member.to_string()),
            LineFate::Added { email } => {
                let person = Person {
                    member: None,
                    address: Some(email.clone()),
                    name: String::new(),
                    generation: 0,
                    instead: None,
                };
                selection.remove(&selection::key(&person));
            }
            _ => {}
        }
    }
    open.draft
        .text
        .lines
        .retain(|line| line.number != number || !lines::is_in(&line.fate));
}

/// Adds pasted and uploaded lines. With `goes_on` the next step follows if every line was taken.
async fn add(
    deps: &Deps,
    open: &mut Open,
    fields: &Fields,
    here: &str,
    goes_on: bool,
    visit: &Visit,
) -> Result<Pressed, WebError> {
    let said = match said(fields) {
        Ok(said) => said,
        Err(mistakes) => return Ok(Pressed::Refused(mistakes)),
    };
    let (author, badge) = (open.author, open.draft.badge.clone().unwrap_or_default());
    let before = open.draft.people.len();
    let mut people = std::mem::take(&mut open.draft.people);
    let mut selection = Selection::of(&mut people);
    let decided = lines::decide(deps, author, &badge, said, &mut selection).await;
    let is_too_many = selection.len() > MOST_PEOPLE;
    open.draft.people = people;
    if is_too_many {
        return Ok(Pressed::Refused(too_many()));
    }
    let decided = decided?;
    let all_in = decided.iter().all(|line| lines::is_in(&line.fate));
    open.draft.text.lines = decided;
    open.draft.text.paste = String::new();
    if goes_on && all_in {
        return Ok(go_on(open, visit));
    }
    let n = open.draft.people.len().saturating_sub(before);
    Ok(Pressed::Next(answer::see_other_with(here, &Flash::PeopleAdded { n })))
}

/// The lines of the field and of the file. Where both are given, the file's follow.
fn said(fields: &Fields) -> Result<Vec<Said>, Mistakes> {
    if fields.is_file_too_large() {
        let megabytes = FILE_LIMIT / (1024 * 1024);
        return Err(Mistakes::one("csv", Mistake::FileTooLarge { megabytes }));
    }
    let mistake = |error: ListError| match error {
        ListError::TooManyLines => Mistake::TooManyLines {
            limit: pasted::MOST_LINES,
        },
        ListError::NotText => Mistake::FileUnreadable,
        ListError::WithoutAddresses => Mistake::FileWithoutEmail,
    };
    let mut said = pasted::text(fields.one("paste")).map_err(|error| Mistakes::one("paste", mistake(error)))?;
    if let Some(bytes) = fields.file() {
        said.extend(pasted::file(bytes).map_err(|error| Mistakes::one("csv", mistake(error)))?);
    }
    if said.is_empty() {
        return Err(Mistakes::one("paste", Mistake::NothingToAdd));
    }
    Ok(said)
}

/// Selects everybody without the badge; the mistake, if those are too many.
async fn select_all(deps: &Deps, open: &mut Open) -> Result<Option<Mistakes>, WebError> {
    let query = RosterQuery {
        without_badge: true,
        active_only: true,
        ..query(open)
    };
    let mut people = open.draft.people.clone();
    let mut offset = 0;
    loop {
        let (start, limit) = (number(offset), number(STEP));
        let rows = deps
            .store
            .read_one(async |tx| tx.roster_rows(&query, start, limit).await)
            .await?;
        let mut selection = Selection::of(&mut people);
        for row in &rows {
            selection.add(chosen_row(row));
        }
        if selection.len() > MOST_PEOPLE {
            return Ok(Some(too_many()));
        }
        if rows.len() < STEP {
            break;
        }
        offset += STEP;
    }
    open.draft.people = people;
    Ok(None)
}

/// A row without the badge as a person of the draft: after a revoked or withdrawn award comes the next generation.
fn chosen_row(row: &RosterRow) -> Person {
    let generation = row.award.as_ref().map_or(0, |award| {
        let has_ended = matches!(award.state.as_str(), "revoked" | "withdrawn");
        award.generation + u32::from(has_ended)
    });
    Person {
        member: Some(row.member.uuid()),
        address: row.email.clone(),
        name: row.name.clone(),
        generation,
        instead: None,
    }
}

async fn course(deps: &Deps, open: &Open) -> Result<Course, WebError> {
    let (organisation, course) = (open.author.organisation, open.course);
    let course = deps
        .store
        .read_one(async |tx| tx.course(organisation, course).await)
        .await?;
    course.ok_or_else(|| Refusal::NotFound.into())
}
