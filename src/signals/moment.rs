//! Moments as senders write them: RFC 3339, and seconds since 1970.

use time::{Date, Month, PrimitiveDateTime, Time, UtcOffset};

use crate::clock::Timestamp;

/// A moment with the offset it was written in, in minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) at: Timestamp,
    pub(super) offset: Option<i16>,
}

/// The latest moment that is believed to be one: 9999-12-31.
const LAST_SECOND: i64 = 253_402_300_799;

impl Moment {
    /// Reads RFC 3339 (section 5.6), a fraction of any length included; a blank may stand for `T`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (date, rest) = text.trim().split_at_checked(10)?;
        let [year, month, day] = numbers(date, '-', &[4, 2, 2])?;
        let rest = rest.strip_prefix(['T', 't', ' '])?;
        let (clock, zone) = rest.split_at_checked(8)?;
        let [hour, minute, second] = numbers(clock, ':', &[2, 2, 2])?;
        let (milli, zone) = fraction(zone)?;
        let offset = offset(zone)?;
        let date = Date::from_calendar_date(
            i32::try_from(year).ok()?,
            Month::try_from(u8::try_from(month).ok()?).ok()?,
            u8::try_from(day).ok()?,
        );
        // a leap second is taken as the one before
        let second = if second == 60 { 59 } else { second };
        let time = Time::from_hms_milli(
            u8::try_from(hour).ok()?,
            u8::try_from(minute).ok()?,
            u8::try_from(second).ok()?,
            milli,
        );
        let zone = UtcOffset::from_whole_seconds(i32::from(offset) * 60).ok()?;
        let moment = PrimitiveDateTime::new(date.ok()?, time.ok()?).assume_offset(zone);
        let millis = moment.unix_timestamp_nanos().div_euclid(1_000_000);
        Some(Self {
            at: Timestamp::from_millis(i64::try_from(millis).ok()?),
            offset: Some(offset),
        })
    }

    /// Seconds since 1970, after that and before the year 10000.
    pub(super) fn of_seconds(seconds: i64) -> Option<Self> {
        (1..=LAST_SECOND).contains(&seconds).then_some(Self {
            at: Timestamp::from_seconds(seconds),
            offset: None,
        })
    }
}

fn numbers<const N: usize>(text: &str, between: char, lengths: &[usize; N]) -> Option<[u32; N]> {
    let mut found = [0; N];
    let mut parts = text.split(between);
    for (number, length) in found.iter_mut().zip(lengths) {
        let part = parts.next()?;
        if part.len() != *length || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(found)
}

/// Milliseconds, and what follows the fraction.
fn fraction(text: &str) -> Option<(u16, &str)> {
    let Some(digits) = text.strip_prefix('.') else {
        return Some((0, text));
    };
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let (fraction, rest) = digits
        .split_at_checked(end)
        .filter(|(fraction, _)| !fraction.is_empty())?;
    let three: String = fraction.chars().chain("000".chars()).take(3).collect();
    Some((three.parse().ok()?, rest))
}

fn offset(zone: &str) -> Option<i16> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let (sign, rest) = match zone.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let [hours, minutes] = numbers(rest, ':', &[2, 2])?;
    if hours > 23 || minutes > 59 {
        return None;
    }
    i16::try_from(hours * 60 + minutes).ok().map(|minutes| sign * minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_keep_their_offset() {
        for (text, millis, offset) in [
            ("1970-01-01T00:00:01Z", 1_000, 0),
            ("2026-03-02T09:12:01.123+00:00", 1_772_442_721_123, 0),
            ("2026-03-02T10:12:01.1239999+01:00", 1_772_442_721_123, 60),
            ("2026-03-02 03:42:01-05:30", 1_772_442_721_000, -330),
            ("2016-12-31T23:59:60Z", 1_483_228_799_000, 0),
        ] {
            let moment = Moment::parse(text).unwrap();
            assert_eq!((moment.at.millis(), moment.offset), (millis, Some(offset)), "{text}");
        }
        for text in [
            "",
            "2026-03-02",
            "2026-13-02T09:12:01Z",
            "2026-02-30T09:12:01Z",
            "2026-03-02T09:12:01",
            "2026-03-02T24:12:01Z",
            "2026-03-02T09:12:01.Z",
            "2026-03-02T09:12:01+25:00",
            "+026-03-02T09:12:01Z",
            "2026-03-0é2T09:12:01Z",
        ] {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
        assert_eq!(Moment::of_seconds(0), None);
        assert_eq!(Moment::of_seconds(i64::MAX), None);
    }
}
