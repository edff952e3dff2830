//! Reads pasted addresses and CSV files. Pure: what a line says, not what may be done with it. Nothing is left out: each
//! line that holds something gives a result under its number.

use crate::model::Address;

/// The most lines that are read.
pub const MOST_LINES: usize = 2_500;

/// The longest name that is kept, in characters.
const NAME_LIMIT: usize = 200;

/// How much of a line is repeated, in characters.
const SAID_LIMIT: usize = 200;

/// What one line says. A line of several addresses gives several of these under one number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The line's number, from 1.
    pub number: usize,
    /// Its text, shortened.
    pub text: String,
    /// The address, unless it cannot be read, and the name beside it, or empty.
    pub person: Option<(Address, String)>,
}

/// Why nothing was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// More than [`MOST_LINES`].
    #[error("more than {MOST_LINES} lines")]
    TooManyLines,
    /// No text in UTF-8.
    #[error("not a text in UTF-8")]
    NotText,
    /// A table without a column of addresses.
    #[error("no column with addresses")]
    WithoutAddresses,
}

/// Reads pasted text: `a@b` or `Name <a@b>`, separated by line breaks, commas or semicolons (outside of quotes and angle
/// brackets).
pub fn text(pasted: &str) -> Result<Vec<Said>, ListError> {
    let mut said = Vec::new();
    for (index, line) in pasted.trim_start_matches('\u{feff}').lines().enumerate() {
        for entry in entries(line) {
            said.push(Said {
                number: index + 1,
                text: shortened(entry),
                person: person(entry),
            });
            if said.len() > MOST_LINES {
                return Err(ListError::TooManyLines);
            }
        }
    }
    Ok(said)
}

/// Reads a CSV file (RFC 4180, also with semicolons or tabs) in UTF-8, with a header that names the columns `email` and
/// perhaps `name`, in any order and case. Without a header, the first column that holds an address is taken.
pub fn file(bytes: &[u8]) -> Result<Vec<Said>, ListError> {
    let text = std::str::from_utf8(bytes).map_err(|_| ListError::NotText)?;
    if text.contains('\0') {
        return Err(ListError::NotText);
    }
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = ::csv::ReaderBuilder::new()
        .delimiter(delimiter(text))
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let (mut said, mut columns, mut lines) = (Vec::new(), None, Lines::of(text));
    for record in reader.records() {
        let record = record.map_err(|_| ListError::NotText)?;
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let known = if let Some(known) = columns {
            known
        } else {
            let (found, is_header) = Columns::of(&record).ok_or(ListError::WithoutAddresses)?;
            columns = Some(found);
            if is_header {
                continue;
            }
            found
        };
        let at = record.position().map_or(0, ::csv::Position::byte);
        said.push(known.read(&record, lines.number(at)));
        if said.len() > MOST_LINES {
            return Err(ListError::TooManyLines);
        }
    }
    Ok(said)
}

/// Numbers the lines of a text from the front. The reader's own count lags behind by one after `\r\n` and does not see
/// empty lines.
struct Lines<'a> {
    rest: &'a [u8],
    at: u64,
    number: usize,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        Self {
            rest: text.as_bytes(),
            at: 0,
            number: 1,
        }
    }

    /// The line of the first sign at or after `byte` that ends no line; `byte` never goes back.
    fn number(&mut self, byte: u64) -> usize {
        while let Some((sign, rest)) = self.rest.split_first() {
            if self.at >= byte && !matches!(sign, b'\r' | b'\n') {
                break;
            }
            self.number += usize::from(*sign == b'\n');
            (self.rest, self.at) = (rest, self.at + 1);
        }
        self.number
    }
}

#[derive(Clone, Copy)]
struct Columns {
    email: usize,
    name: Option<usize>,
}

impl Columns {
    /// From the first row, and whether that was a header.
    fn of(row: &::csv::StringRecord) -> Option<(Self, bool)> {
        let is = |cell: &str, names: &[&str]| names.contains(&cell.trim().to_lowercase().as_str());
        let column = |names: &[&str]| row.iter().position(|cell| is(cell, names));
        let name = column(&["name", "nom", "full name", "fullname", "display name", "nom complet"]);
        let email = column(&[
            "email",
            "e-mail",
            "mail",
            "email address",
            "address",
            "courriel",
            "adresse courriel",
        ]);
        if let Some(email) = email {
            return Some((Self { email, name }, true));
        }
        let email = row.iter().position(|cell| person(cell).is_some())?;
        let name = (0..row.len()).find(|column| *column != email);
        Some((Self { email, name }, false))
    }

    fn read(self, row: &::csv::StringRecord, number: usize) -> Said {
        let beside = self
            .name
            .and_then(|column| row.get(column))
            .map(clean_name)
            .unwrap_or_default();
        let read = row.get(self.email).and_then(person);
        let all: Vec<&str> = row.iter().map(str::trim).filter(|cell| !cell.is_empty()).collect();
        Said {
            number,
            text: shortened(&all.join(", ")),
            person: read.map(|(address, name)| (address, if beside.is_empty() { name } else { beside })),
        }
    }
}

/// The sign that the first line has most of.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |sign: char| first.matches(sign).count();
    let (comma, semicolon, tab) = (count(','), count(';'), count('\t'));
    if tab > comma && tab > semicolon {
        b'\t'
    } else if semicolon > comma {
        b';'
    } else {
        b','
    }
}

/// The parts of a line, without empty ones.
fn entries(line: &str) -> Vec<&str> {
    let (mut parts, mut quoted, mut angled) = (Vec::new(), false, false);
    // A sign that is never closed on its line closes nothing off.
    let has_pairs = line.matches('"').count().is_multiple_of(2);
    let mut rest = line;
    let mut from = 0;
    for (at, sign) in line.char_indices() {
        match sign {
            '"' if has_pairs => quoted = !quoted,
            '<' if line.get(at..).is_some_and(|after| after.contains('>')) => angled = true,
            '>' => angled = false,
            ',' | ';' if !quoted && !angled => {
                parts.push(line.get(from..at).unwrap_or_default());
                from = at + 1;
                rest = line.get(from..).unwrap_or_default();
            }
            _ => {}
        }
    }
    parts.push(rest);
    parts
        .into_iter()
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect()
}

/// `a@b` or `Name <a@b>`; also `<a@b>`, `mailto:a@b` and a quoted address.
fn person(entry: &str) -> Option<(Address, String)> {
    let entry = entry.trim();
    if let Some((name, after)) = entry.rsplit_once('<') {
        let (address, beyond) = after.split_once('>')?;
        if !beyond.trim().is_empty() {
            return None;
        }
        return Some((bare(address)?, clean_name(name)));
    }
    Some((bare(entry)?, String::new()))
}

fn bare(text: &str) -> Option<Address> {
    let text = text.trim().trim_matches(['"', '\'']).trim();
    let text = text.strip_prefix("mailto:").unwrap_or(text);
    Address::parse(text).ok()
}

/// A name on one line, without quotes around it.
fn clean_name(name: &str) -> String {
    let name = name.trim().trim_matches('"').replace("\"\"", "\"");
    let words: Vec<&str> = name
        .split(|sign: char| sign.is_whitespace() || sign.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ").chars().take(NAME_LIMIT).collect()
}

fn shortened(text: &str) -> String {
    let text: String = text
        .trim()
        .chars()
        .map(|sign| if sign.is_control() { ' ' } else { sign })
        .collect();
    if text.chars().count() <= SAID_LIMIT {
        return text;
    }
    text.chars().take(SAID_LIMIT - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::support::cases::properties;

    fn people(said: &[Said]) -> Vec<(usize, String, String)> {
        let person = |line: &Said| match &line.person {
            Some((address, name)) => (line.number, address.to_string(), name.clone()),
            None => (line.number, String::new(), line.text.clone()),
        };
        said.iter().map(person).collect()
    }

    fn is(said: &[Said], expected: &[(usize, &str, &str)]) {
        let expected: Vec<_> = expected
            .iter()
            .map(|(n, address, name)| (*n, (*address).to_owned(), (*name).to_owned()))
            .collect();
        assert_eq!(people(said), expected);
    }

    #[test]
    fn addresses_are_separated_by_lines_commas_and_semicolons() {
        let said =
            text("a@marlowe.example, B@Marlowe.Example;\n\n\"Marchetti, Sofia\" <sofia@marlowe.example>").unwrap();
        is(
            &said,
            &[
                (1, "a@marlowe.example", ""),
                (1, "b@marlowe.example", ""),
                (3, "sofia@marlowe.example", "Marchetti, Sofia"),
            ],
        );
    }

    #[test]
    fn what_is_no_address_is_named_by_its_line() {
        let said = text("ann@marlowe.example\nnobody\n<a@b> x@y.example\n\"open@marlowe.example").unwrap();
        is(
            &said,
            &[
                (1, "ann@marlowe.example", ""),
                (2, "", "nobody"),
                (3, "", "<a@b> x@y.example"),
                (4, "open@marlowe.example", ""),
            ],
        );
    }

    #[test]
    fn a_table_is_read_by_its_header() {
        let said = file("\u{feff}E-Mail;Name\r\nann@marlowe.example;\"Ann; B.\"\r\n\r\n;Bo\r\n".as_bytes()).unwrap();
        is(&said, &[(2, "ann@marlowe.example", "Ann; B."), (4, "", "Bo")]);
        let said = file(b"NAME,group,EMAIL\nAnn,1,ann@marlowe.example\nBo,2,bo(at)x\n").unwrap();
        is(&said, &[(2, "ann@marlowe.example", "Ann"), (3, "", "Bo, 2, bo(at)x")]);
    }

    #[test]
    fn a_table_without_header_is_read_by_its_first_address() {
        let said = file(b"Ann,ann@marlowe.example\n").unwrap();
        is(&said, &[(1, "ann@marlowe.example", "Ann")]);
        assert_eq!(file(b"a,b\nc,d\n"), Err(ListError::WithoutAddresses));
    }

    #[test]
    fn what_is_no_text_or_too_long_is_refused() {
        assert_eq!(file(b"PK\x03\x04\0\0"), Err(ListError::NotText));
        assert_eq!(file(&[0xff, 0xfe, 0x41]), Err(ListError::NotText));
        assert_eq!(
            text(&"a@marlowe.example\n".repeat(MOST_LINES + 1)),
            Err(ListError::TooManyLines)
        );
        assert_eq!(
            text(&"a@marlowe.example\n".repeat(MOST_LINES)).unwrap().len(),
            MOST_LINES
        );
        assert_eq!(text("").unwrap(), []);
        assert_eq!(file(b"").unwrap(), []);
    }

    properties! {
        #[test]
        fn every_line_that_holds_something_has_a_result(
            pasted in "([a-zA-Z0-9@.<>\"',; é\u{202e}-]{0,24}\n?){0,8}",
        ) {
            let said = text(&pasted).unwrap();
            for (index, line) in pasted.lines().enumerate() {
                let holds = line.chars().any(|sign| !sign.is_whitespace() && sign != ',' && sign != ';');
                let found = said.iter().any(|entry| entry.number == index + 1);
                prop_assert_eq!(holds, found, "line {} of {:?}", index + 1, pasted);
            }
        }

        #[test]
        fn a_name_and_an_address_read_back(name in "[A-Za-z][A-Za-z .'-]{0,30}", local in "[a-z0-9]{1,12}") {
            let said = text(&format!("{name} <{local}@marlowe.example>")).unwrap();
            let words: Vec<&str> = name.split_whitespace().collect();
            prop_assert_eq!(people(&said), vec![(1, format!("{local}@marlowe.example"), words.join(" "))]);
        }

        #[test]
        fn no_file_makes_it_stumble(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = file(&bytes);
            let _ = text(&String::from_utf8_lossy(&bytes));
        }
    }
}
