//! Days as people type them. A day stands for its noon in UTC, which is the same day in nearly all of the world.

use std::time::Duration;

use time::{Date, Month, OffsetDateTime, Time};

use crate::clock::Timestamp;

/// Reads `2026-11-21`, also with dots or slashes between; `None` for anything else.
pub(in crate::web) fn parse(text: &str) -> Option<Date> {
    let mut parts = text.trim().split(['-', '.', '/']).map(str::trim);
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()
}

/// The day of a moment, in UTC.
pub(in crate::web) fn of(at: Timestamp) -> Date {
    OffsetDateTime::from_unix_timestamp(at.seconds()).map_or(Date::MIN, OffsetDateTime::date)
}

/// The latest day that it is anywhere at this moment: that of UTC+14, the Line Islands. Who types today's date there
/// must not be told that it lies ahead.
pub(in crate::web) fn latest(at: Timestamp) -> Date {
    of(at.plus(Duration::from_hours(14)))
}

/// As form fields write it: `2026-11-21`.
pub(in crate::web) fn write(day: Date) -> String {
    format!("{:04}-{:02}-{:02}", day.year(), u8::from(day.month()), day.day())
}

/// The day's noon.
pub(in crate::web) fn noon(day: Date) -> Timestamp {
    Timestamp::from_seconds(start(day).seconds() + 12 * 3600)
}

/// The day's first moment.
pub(in crate::web) fn start(day: Date) -> Timestamp {
    Timestamp::from_seconds(day.with_time(Time::MIDNIGHT).assume_utc().unix_timestamp())
}

/// The day's last second.
pub(in crate::web) fn end(day: Date) -> Timestamp {
    Timestamp::from_seconds(start(day).seconds() + 24 * 3600 - 1)
}

/// The same day so many months later (earlier, if negative); the last day of a shorter month.
pub(in crate::web) fn plus_months(day: Date, months: i32) -> Date {
    let index = day.year() * 12 + i32::from(u8::from(day.month())) - 1 + months;
    let (year, month) = (index.div_euclid(12), index.rem_euclid(12) + 1);
    let month = u8::try_from(month)
        .ok()
        .and_then(|number| Month::try_from(number).ok())
        .unwrap_or(Month::January);
    let last = month.length(year);
    Date::from_calendar_date(year, month, day.day().min(last)).unwrap_or(Date::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_reads_back_from_what_is_written() {
        let day = parse("2026-11-21").unwrap();
        assert_eq!(write(day), "2026-11-21");
        assert_eq!(parse(" 2026/11/21 "), Some(day));
        assert_eq!(of(noon(day)), day);
        assert_eq!(of(end(day)), day);
        assert_eq!(of(start(day)), day);
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in [
            "",
            "tomorrow",
            "2026-02-30",
            "21-11-2026",
            "2026-11-21-1",
            "99999-01-01",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_latest_day_is_that_of_the_far_east() {
        let day = parse("2026-11-21").unwrap();
        let ten = Timestamp::from_seconds(start(day).seconds() + 10 * 3600);
        assert_eq!(write(latest(ten.minus(Duration::from_secs(1)))), "2026-11-21");
        assert_eq!(write(latest(ten)), "2026-11-22");
    }

    #[test]
    fn months_end_where_the_month_ends() {
        let day = parse("2024-01-31").unwrap();
        assert_eq!(write(plus_months(day, 1)), "2024-02-29");
        assert_eq!(write(plus_months(day, -2)), "2023-11-30");
        assert_eq!(write(plus_months(day, 12)), "2025-01-31");
    }
}
