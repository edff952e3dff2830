//! What commands print: tables for people, one JSON document for programs, complaints on stderr.

use serde::Serialize;
use time::OffsetDateTime;

use crate::clock::Timestamp;

/// Says what went wrong, with its causes, on stderr.
pub(super) fn complain(error: &anyhow::Error) {
    let mut text = format!("badgebridge: {error}");
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        if !text.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
    }
    eprintln!("{text}");
}

/// A listing: its rows as a table, or as a JSON array.
pub(super) fn list<T: Serialize>(
    json: bool,
    head: &[&str],
    rows: &[T],
    cells: impl Fn(&T) -> Vec<String>,
) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string_pretty(rows)?);
        return Ok(());
    }
    if rows.is_empty() {
        println!("none");
        return Ok(());
    }
    let mut lines = vec![head.iter().map(|&text| text.to_owned()).collect::<Vec<_>>()];
    lines.extend(rows.iter().map(cells));
    print!("{}", columns(&lines));
    Ok(())
}

/// One thing: a sentence, or a JSON object.
pub(super) fn one<T: Serialize>(json: bool, value: &T, sentence: &str) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string_pretty(value)?);
    } else {
        println!("{sentence}");
    }
    Ok(())
}

/// The day of a moment, UTC: `2027-03-01`.
pub(super) fn day(moment: Timestamp) -> String {
    OffsetDateTime::from_unix_timestamp(moment.seconds()).map_or_else(
        |_| moment.millis().to_string(),
        |at| format!("{:04}-{:02}-{:02}", at.year(), u8::from(at.month()), at.day()),
    )
}

/// How long ago a moment was: `12 min`.
pub(super) fn age(now: Timestamp, since: Timestamp) -> String {
    let seconds = now.since(since).as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// What may be absent, in a table.
pub(super) fn or_dash(text: Option<&str>) -> String {
    text.unwrap_or("-").to_owned()
}

fn columns(lines: &[Vec<String>]) -> String {
    let count = lines.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        lines
            .iter()
            .filter_map(|line| line.get(column))
            .map(|cell| cell.chars().count())
            .max()
    };
    let widths: Vec<usize> = (0..count).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for line in lines {
        let cells = line.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}"));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{age, columns, day};
    use crate::clock::Timestamp;

    #[test]
    fn moments_are_printed_as_days_and_ages() {
        let moment = Timestamp::from_seconds(1_804_000_000);
        assert_eq!(day(moment), "2027-03-02");
        assert_eq!(age(Timestamp::from_seconds(1_804_000_059), moment), "59 s");
        assert_eq!(age(Timestamp::from_seconds(1_804_007_199), moment), "119 min");
        assert_eq!(age(Timestamp::from_seconds(1_804_172_800), moment), "2 days");
    }

    #[test]
    fn columns_stand_under_their_heads() {
        let lines = [
            vec!["ID".to_owned(), "NAME".to_owned()],
            vec!["1234".to_owned(), "é".to_owned()],
        ];
        assert_eq!(columns(&lines), "ID    NAME\n1234  é\n");
    }
}
