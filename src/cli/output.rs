//! What commands print: tables for people, one JSON document for programs, complaints on stderr.

use serde::Serialize;

pub(super) use crate::app::words::{age, day, minute};

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
    use super::columns;

    #[test]
    fn columns_stand_under_their_heads() {
        let lines = [
            vec!["ID".to_owned(), "NAME".to_owned()],
            vec!["1234".to_owned(), "é".to_owned()],
        ];
        assert_eq!(columns(&lines), "ID    NAME\n1234  é\n");
    }
}
