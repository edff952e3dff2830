//! What a rule's award says: its dates, its message, its addition to the criteria.

use crate::clock::Timestamp;
use crate::model::request::Content;
use crate::model::rule::{Day, Decision, Grant, Options};

/// The period in which something was met: `-` for a badge that is given once, else the month in which the period
/// began and its length.
pub fn period_of(options: &Options, met_at: Timestamp) -> String {
    let (Some(months), Some(day)) = (options.repeat_months, Day::of(met_at)) else {
        return "-".to_owned();
    };
    let (year, month) = day.month();
    let length = i64::from(months.max(1));
    let counted = i64::from(year) * 12 + i64::from(month) - 1;
    let start = counted - counted.rem_euclid(length);
    format!("{:04}-{:02}/{length}", start.div_euclid(12), start.rem_euclid(12) + 1)
}

/// The content of the order of one award. The badge is dated when the conditions were met, not when we heard of it,
/// unless a person's backfill says today.
pub fn content(options: &Options, decision: &Decision, grant: Option<Grant>, course: &str, now: Timestamp) -> Content {
    let dated_today = grant.is_some_and(|grant| grant.dated_today);
    let met_at = decision.met_at.unwrap_or(now).min(now);
    let at = if dated_today { now } else { met_at };
    let offset = if dated_today {
        0
    } else {
        decision.offset_minutes.unwrap_or(0)
    };
    let local = Timestamp::from_seconds(at.seconds().saturating_add(i64::from(offset) * 60));
    let date = Day::of(local).map(|day| day.to_string()).unwrap_or_default();
    let is_french = options.language.as_deref().is_some_and(|code| code.starts_with("fr"));
    let percent_sign = if is_french { "\u{a0}%" } else { "%" };
    let score = decision
        .score
        .as_deref()
        .map(shown)
        .map(|score| format!("{score}{percent_sign}"));
    Content {
        issued_on: Some(at.seconds()),
        expires: options.expires_months.and_then(|months| later(at, months)),
        email_subject: options.subject.clone(),
        email_body: options.body.clone(),
        criteria_add: options.criteria_for(score.as_deref().unwrap_or_default(), course, &date),
        ..Content::default()
    }
}

/// A score as it is shown: not above the full one, two digits behind the point at most.
fn shown(score: &str) -> String {
    let (whole, part) = score.split_once('.').unwrap_or((score, ""));
    if whole.parse::<i64>().is_ok_and(|whole| whole >= 100) {
        return "100".to_owned();
    }
    let part: String = part.chars().take(2).collect();
    match part.trim_end_matches('0') {
        "" => whole.to_owned(),
        part => format!("{whole}.{part}"),
    }
}

/// The same day and time so many months later, or that month's last day; in Unix seconds.
fn later(at: Timestamp, months: u32) -> Option<i64> {
    let then = time::OffsetDateTime::from_unix_timestamp(at.seconds()).ok()?;
    let counted = i64::from(then.year()) * 12 + i64::from(u8::from(then.month())) - 1 + i64::from(months);
    let year = i32::try_from(counted.div_euclid(12)).ok()?;
    let month = time::Month::try_from(u8::try_from(counted.rem_euclid(12) + 1).ok()?).ok()?;
    let day = then.day().min(month.length(year));
    let date = time::Date::from_calendar_date(year, month, day).ok()?;
    Some(date.with_time(then.time()).assume_utc().unix_timestamp())
}
