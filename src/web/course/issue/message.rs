//! Step 3: the message, the dates and the options.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};
use time::Date;

use super::{Named, Open};
use crate::clock::Timestamp;
use crate::model::catalog::{BadgeMessage, BadgeValidity, CatalogBadge};
use crate::model::draft::{DraftText, DraftValidity};
use crate::model::request::Content;
use crate::web::course::fields::Fields;
use crate::web::course::surroundings::Surroundings;
use crate::web::course::{answer, badge, day};
use crate::web::deps::Deps;
use crate::web::error::WebError;
use crate::web::pages::issue_message::{IssueMessagePage, MessageFields, OwnValidity, Validity};
use crate::web::pages::parts::Step;
use crate::web::pages::{Mistake, Mistakes, Section};
use crate::web::visit::Visit;

/// The longest texts, in characters.
const SUBJECT_LIMIT: usize = 200;
const BODY_LIMIT: usize = 10_000;
const LINK_LIMIT: usize = 100;
const FOOTER_LIMIT: usize = 1_000;
const CRITERIA_LIMIT: usize = 1_000;
const NAME_LIMIT: usize = 100;

/// How far back an award date may lie, in years.
const YEARS_BACK: i32 = 5;

/// The longest validity, in months.
const MOST_MONTHS: u32 = 600;

/// `GET /c/{seat}/issue/{draft}/message`, with `?preview=1` the mail as it will be sent.
#[tracing::instrument(name = "web.course.issue.message", skip_all)]
pub(in crate::web::course) async fn show(
    deps: Data<Deps>,
    visit: Visit,
    path: Path<Named>,
    query: Fields,
) -> Result<HttpResponse, WebError> {
    let open = Open::read(&deps, &visit, &path).await?;
    let Some(known) = open.badge() else {
        return Ok(answer::see_other(&open.step(&visit, Step::Badge)));
    };
    if open.draft.people.is_empty() {
        return Ok(answer::see_other(&open.step(&visit, Step::People)));
    }
    let now = deps.clock.now();
    let fields = prefilled(&open.draft.text, known, &visit, day::of(now));
    let preview = query.one("preview") == "1";
    // A draft that had passed this step may have grown too old for it: then it says why it is back here.
    let mistakes = if open.draft.text.passed {
        read(&fields, known, now).1
    } else {
        Mistakes::none()
    };
    page(&deps, &visit, &open, known, fields, preview, mistakes).await
}

/// `POST /c/{seat}/issue/{draft}/message`
#[tracing::instrument(name = "web.course.issue.message.keep", skip_all)]
pub(in crate::web::course) async fn keep(
    deps: Data<Deps>,
    visit: Visit,
    path: Path<Named>,
    body: Bytes,
) -> Result<HttpResponse, WebError> {
    let fields = Fields::of_form(&body, &visit)?;
    let mut open = Open::read(&deps, &visit, &path).await?;
    let Some(known) = open.badge().cloned() else {
        return Ok(answer::see_other(&open.step(&visit, Step::Badge)));
    };
    let button = fields.one("do");
    let mut entered = entered(&fields);
    if button == "reset" {
        let own = own_texts(&known.message, &visit);
        (entered.subject, entered.body) = (own.subject.unwrap_or_default(), own.body.unwrap_or_default());
        (entered.link_text, entered.footer) = (own.link_text.unwrap_or_default(), own.footer.unwrap_or_default());
    }
    let (mut text, mistakes) = read(&entered, &known, deps.clock.now());
    let only_missing = mistakes.all().iter().all(|(_, mistake)| *mistake == Mistake::Missing);
    let may_stay = button == "reset" && only_missing;
    if !mistakes.is_empty() && !may_stay {
        return page(&deps, &visit, &open, &known, entered, false, mistakes).await;
    }
    text.passed = open.draft.text.passed || button == "next";
    text.lines = std::mem::take(&mut open.draft.text.lines);
    text.paste = std::mem::take(&mut open.draft.text.paste);
    open.draft.text = text;
    open.save(&deps).await?;
    Ok(answer::see_other(&match button {
        "preview" => format!("{}?preview=1#preview", open.step(&visit, Step::Message)),
        "reset" => open.step(&visit, Step::Message),
        _ => open.step(&visit, Step::Check),
    }))
}

async fn page(
    deps: &Deps,
    visit: &Visit,
    open: &Open,
    known: &CatalogBadge,
    fields: MessageFields,
    preview: bool,
    mistakes: Mistakes,
) -> Result<HttpResponse, WebError> {
    let around = Surroundings::read(deps, visit, Some(Section::Issue)).await?;
    let now = deps.clock.now();
    answer::page(&IssueMessagePage {
        frame: around.frame,
        draft: open.draft.id.to_string(),
        reached: open.reached(),
        badge: badge::view(visit, known),
        fields,
        own: match known.validity {
            BadgeValidity::Endless => OwnValidity::Endless,
            BadgeValidity::Months(months) => OwnValidity::Months(months),
            BadgeValidity::Until(seconds) => OwnValidity::Until(Timestamp::from_seconds(seconds)),
        },
        earliest: day::write(earliest(day::of(now))),
        latest: day::write(day::latest(now)),
        preview,
        mistakes,
    })
}

/// What is sent, and when it counts from and to.
#[derive(Clone, Debug)]
pub(super) struct Message {
    /// As the Factory gets it.
    pub(super) content: Content,
    /// The award date.
    pub(super) award_date: Timestamp,
    /// Until when it holds.
    pub(super) valid_until: Option<Timestamp>,
    /// The mail's subject.
    pub(super) subject: String,
    /// The mail's text.
    pub(super) body: String,
}

/// The message of a draft; `None` while something is missing or not right any more.
pub(super) fn message(deps: &Deps, visit: &Visit, text: &DraftText, known: &CatalogBadge) -> Option<Message> {
    let now = deps.clock.now();
    let today = day::of(now);
    let fields = prefilled(text, known, visit, today);
    let (_, mistakes) = read(&fields, known, now);
    if !mistakes.is_empty() {
        return None;
    }
    let given = text
        .issued_on
        .as_deref()
        .and_then(day::parse)
        .filter(|given| *given != today);
    let from = given.unwrap_or(today);
    let valid_until = end(&text.validity, known.validity, from);
    let own = own_texts(&known.message, visit);
    // what the badge itself says is left to the Factory; what it lacks must be given
    let part = |given: &Option<String>, stored: &Option<String>, own: Option<String>| {
        given.clone().or_else(|| own.filter(|_| stored.is_none()))
    };
    Some(Message {
        content: Content {
            issued_on: given.map(|day| day::noon(day).seconds()),
            expires: valid_until.map(Timestamp::seconds),
            email_subject: part(&text.subject, &known.message.subject, own.subject),
            email_body: part(&text.body, &known.message.body, own.body),
            email_link_text: part(&text.link_text, &known.message.link_text, own.link_text),
            email_footer: part(&text.footer, &known.message.footer, own.footer),
            criteria_add: text.criteria_add.clone(),
            send_email: None,
        },
        award_date: given.map_or(now, day::noon),
        valid_until,
        subject: fields.subject,
        body: fields.body,
    })
}

/// When the badge ends; `None`: never.
fn end(validity: &DraftValidity, own: BadgeValidity, from: Date) -> Option<Timestamp> {
    match validity {
        DraftValidity::Badge => own_end(own, from),
        DraftValidity::Months(months) => Some(after(from, *months)),
        DraftValidity::Until(last) => day::parse(last).map(day::end),
        DraftValidity::Endless => None,
    }
}

pub(in super::super) fn own_end(validity: BadgeValidity, from: Date) -> Option<Timestamp> {
    match validity {
        BadgeValidity::Endless => None,
        BadgeValidity::Months(months) => Some(after(from, months)),
        BadgeValidity::Until(seconds) => Some(Timestamp::from_seconds(seconds)),
    }
}

fn after(from: Date, months: u32) -> Timestamp {
    day::end(day::plus_months(from, i32::try_from(months).unwrap_or(i32::MAX / 2)))
}

/// The badge's texts. It may lack the words of the link and the footer: then ours stand in.
pub(in super::super) fn own_texts(message: &BadgeMessage, visit: &Visit) -> BadgeMessage {
    let link = || visit.text.say("preview-link");
    BadgeMessage {
        link_text: Some(message.link_text.clone().unwrap_or_else(link)),
        footer: Some(
            message
                .footer
                .clone()
                .unwrap_or_else(|| visit.seat.organisation_name.clone()),
        ),
        ..message.clone()
    }
}

fn prefilled(text: &DraftText, known: &CatalogBadge, visit: &Visit, today: Date) -> MessageFields {
    let own = own_texts(&known.message, visit);
    let first = |given: &Option<String>, own: Option<String>| given.clone().or(own).unwrap_or_default();
    let (valid, valid_months, valid_date) = match &text.validity {
        DraftValidity::Badge => (Validity::Own, String::new(), String::new()),
        DraftValidity::Months(months) => (Validity::Months, months.to_string(), String::new()),
        DraftValidity::Until(last) => (Validity::Date, String::new(), last.clone()),
        DraftValidity::Endless => (Validity::Forever, String::new(), String::new()),
    };
    MessageFields {
        award_date: text.issued_on.clone().unwrap_or_else(|| day::write(today)),
        valid,
        valid_months,
        valid_date,
        subject: first(&text.subject, own.subject),
        body: first(&text.body, own.body),
        link_text: first(&text.link_text, own.link_text),
        footer: first(&text.footer, own.footer),
        criteria_add: text.criteria_add.clone().unwrap_or_default(),
        order_name: text.name.clone().unwrap_or_default(),
    }
}

fn entered(fields: &Fields) -> MessageFields {
    let one = |name: &str| fields.one(name).replace("\r\n", "\n");
    MessageFields {
        award_date: one("award-date"),
        valid: Validity::parse(fields.one("valid")).unwrap_or_default(),
        valid_months: one("valid-months"),
        valid_date: one("valid-date"),
        subject: one("subject"),
        body: one("body"),
        link_text: one("link-text"),
        footer: one("footer"),
        criteria_add: one("criteria-add"),
        order_name: one("order-name"),
    }
}

/// The fields as a draft keeps them, and what is wrong with them. A text that equals the badge's own is not kept: should
/// the badge change, its new text counts.
fn read(fields: &MessageFields, known: &CatalogBadge, now: Timestamp) -> (DraftText, Mistakes) {
    let today = day::of(now);
    let mut mistakes = Mistakes::none();
    let stored = &known.message;
    let mut part = |field: &'static str, given: &str, stored: Option<&String>, limit: usize, needed: bool| {
        if given.chars().count() > limit {
            mistakes.note(field, Mistake::TooLong { limit });
        }
        if given.is_empty() && stored.is_none() && needed {
            mistakes.note(field, Mistake::Missing);
        }
        let is_own = stored.is_some_and(|stored| stored == given);
        (!given.is_empty() && !is_own).then(|| given.to_owned())
    };
    let subject = part("subject", &fields.subject, stored.subject.as_ref(), SUBJECT_LIMIT, true);
    let body = part("body", &fields.body, stored.body.as_ref(), BODY_LIMIT, true);
    let link_text = part(
        "link-text",
        &fields.link_text,
        stored.link_text.as_ref(),
        LINK_LIMIT,
        false,
    );
    let footer = part("footer", &fields.footer, stored.footer.as_ref(), FOOTER_LIMIT, false);
    let criteria_add = part("criteria-add", &fields.criteria_add, None, CRITERIA_LIMIT, false);
    let name = part("order-name", &fields.order_name, None, NAME_LIMIT, false);
    let issued_on = award_day(&fields.award_date, now, &mut mistakes);
    let from = issued_on.unwrap_or(today);
    let validity = validity(fields, from, &mut mistakes);
    if mistakes.is_empty() && end(&validity, known.validity, from).is_some_and(|end| end <= now) {
        mistakes.note(validity_field(&validity), Mistake::HasEnded);
    }
    let text = DraftText {
        issued_on: issued_on.filter(|day| *day != today).map(day::write),
        validity,
        subject,
        body,
        link_text,
        footer,
        criteria_add,
        name,
        ..DraftText::default()
    };
    (text, mistakes)
}

/// The field to change when the badge would have ended.
const fn validity_field(validity: &DraftValidity) -> &'static str {
    match validity {
        DraftValidity::Badge | DraftValidity::Endless => "valid-own",
        DraftValidity::Months(_) => "valid-months",
        DraftValidity::Until(_) => "valid-date",
    }
}

fn award_day(typed: &str, now: Timestamp, mistakes: &mut Mistakes) -> Option<Date> {
    if typed.is_empty() {
        return None;
    }
    let Some(day) = day::parse(typed) else {
        mistakes.note("award-date", Mistake::NotADate);
        return None;
    };
    if day > day::latest(now) {
        mistakes.note("award-date", Mistake::DateAhead);
    } else if day < earliest(day::of(now)) {
        let years = usize::try_from(YEARS_BACK).unwrap_or_default();
        mistakes.note("award-date", Mistake::DateTooOld { years });
    }
    Some(day)
}

fn validity(fields: &MessageFields, from: Date, mistakes: &mut Mistakes) -> DraftValidity {
    match fields.valid {
        Validity::Own => DraftValidity::Badge,
        Validity::Forever => DraftValidity::Endless,
        Validity::Months => match fields.valid_months.parse::<u32>() {
            Ok(months) if (1..=MOST_MONTHS).contains(&months) => DraftValidity::Months(months),
            _ => {
                let most = usize::try_from(MOST_MONTHS).unwrap_or_default();
                mistakes.note("valid-months", Mistake::Months { most });
                DraftValidity::Badge
            }
        },
        Validity::Date => match day::parse(&fields.valid_date) {
            Some(last) if last > from => DraftValidity::Until(day::write(last)),
            Some(_) => {
                mistakes.note("valid-date", Mistake::EndsBeforeAward);
                DraftValidity::Badge
            }
            None => {
                mistakes.note("valid-date", Mistake::NotADate);
                DraftValidity::Badge
            }
        },
    }
}

fn earliest(today: Date) -> Date {
    day::plus_months(today, -12 * YEARS_BACK)
}
