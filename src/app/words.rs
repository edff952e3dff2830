//! Moments in the words of commands.

use time::OffsetDateTime;

use crate::clock::Timestamp;

/// The day of a moment, UTC: `2027-03-01`.
pub(crate) fn day(moment: Timestamp) -> String {
    OffsetDateTime::from_unix_timestamp(moment.seconds()).map_or_else(
        |_| moment.millis().to_string(),
        |at| format!("{:04}-{:02}-{:02}", at.year(), u8::from(at.month()), at.day()),
    )
}

/// The minute of a moment, UTC: `2027-03-01 14:05 UTC`.
pub(crate) fn minute(moment: Timestamp) -> String {
    let clock = OffsetDateTime::from_unix_timestamp(moment.seconds()).map_or_else(
        |_| String::new(),
        |at| format!(" {:02}:{:02} UTC", at.hour(), at.minute()),
    );
    format!("{}{clock}", day(moment))
}

/// How long ago a moment was: `12 min`.
pub(crate) fn age(now: Timestamp, since: Timestamp) -> String {
    let seconds = now.since(since).as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// Whole days until `end`; negative after it.
pub(crate) fn days_left(now: Timestamp, end: Timestamp) -> i64 {
    end.millis().saturating_sub(now.millis()).div_euclid(86_400_000)
}

#[cfg(test)]
mod tests {
    use super::{age, day, minute};
    use crate::clock::Timestamp;

    #[test]
    fn moments_are_printed_as_days_and_ages() {
        let moment = Timestamp::from_seconds(1_804_000_000);
        assert_eq!(day(moment), "2027-03-02");
        assert_eq!(minute(moment), "2027-03-02 15:06 UTC");
        assert_eq!(age(Timestamp::from_seconds(1_804_000_059), moment), "59 s");
        assert_eq!(age(Timestamp::from_seconds(1_804_007_199), moment), "119 min");
        assert_eq!(age(Timestamp::from_seconds(1_804_172_800), moment), "2 days");
    }
}
