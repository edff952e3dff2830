//! Answers of an application form: checked against its questions, the files against their kinds.

use std::sync::LazyLock;

use super::fields::Fields;
use super::upload::{FILE_LIMIT, Upload, UploadedFile};
use crate::clock::Timestamp;
use crate::crypto::random;
use crate::model::Address;
use crate::model::application::{Answer, FileFacts};
use crate::model::form::{Choice, Item, Kind, Line, Question, Questions};
use crate::web::pages::apply::{ShownField, ShownItem, ShownKind};
use crate::web::pages::{Mistake, Mistakes};

/// The longest answer in one line, in characters.
const LINE_LIMIT: usize = 2_000;
/// The longest answer in several lines, in characters.
const AREA_LIMIT: usize = 20_000;
/// More radio buttons become a list.
const MOST_RADIOS: usize = 6;

/// The names of our fields, by the place of the question: the Factory's names never stand in our pages.
static FIELDS: LazyLock<Vec<String>> = LazyLock::new(|| (0..200).map(|at| format!("q{at}")).collect());

/// Kinds of files that are taken: ending, media type, and how the bytes begin where that is known.
const KINDS: &[(&str, &str, &[u8])] = &[
    ("pdf", "application/pdf", b"%PDF"),
    ("png", "image/png", b"\x89PNG"),
    ("jpg", "image/jpeg", b"\xFF\xD8\xFF"),
    ("jpeg", "image/jpeg", b"\xFF\xD8\xFF"),
    ("gif", "image/gif", b"GIF8"),
    ("webp", "image/webp", b"RIFF"),
    ("heic", "image/heic", b""),
    ("txt", "text/plain", b""),
    ("md", "text/markdown", b""),
    ("csv", "text/csv", b""),
    ("rtf", "application/rtf", b"{\\rtf"),
    ("doc", "application/msword", b"\xD0\xCF\x11\xE0"),
    ("xls", "application/vnd.ms-excel", b"\xD0\xCF\x11\xE0"),
    ("ppt", "application/vnd.ms-powerpoint", b"\xD0\xCF\x11\xE0"),
    (
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        b"PK",
    ),
    (
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        b"PK",
    ),
    (
        "pptx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        b"PK",
    ),
    ("odt", "application/vnd.oasis.opendocument.text", b"PK"),
    ("ods", "application/vnd.oasis.opendocument.spreadsheet", b"PK"),
    ("odp", "application/vnd.oasis.opendocument.presentation", b"PK"),
    ("zip", "application/zip", b"PK"),
    ("mp3", "audio/mpeg", b""),
    ("m4a", "audio/mp4", b""),
    ("ogg", "audio/ogg", b"OggS"),
    ("wav", "audio/wav", b"RIFF"),
    ("mp4", "video/mp4", b""),
    ("mov", "video/quicktime", b""),
    ("webm", "video/webm", b"\x1A\x45\xDF\xA3"),
];

/// What was answered, and the bytes of the files, by the ids in the answers.
#[derive(Debug, Default)]
pub(super) struct Filled {
    /// The answers, in the form's order.
    pub(super) answers: Vec<Answer>,
    /// The files.
    pub(super) files: Vec<(FileFacts, Vec<u8>)>,
}

/// Checks what came in against the questions; notes what is wrong.
pub(super) fn read(questions: &Questions, upload: &Upload, now: Timestamp, mistakes: &mut Mistakes) -> Filled {
    let mut filled = Filled::default();
    for (question, field) in questions.questions().zip(FIELDS.iter()) {
        if let Kind::File(kinds) = &question.kind {
            let mut count = 0;
            for file in upload.files.iter().filter(|file| file.field == *field) {
                count += 1;
                match checked(file, kinds, now) {
                    Ok(facts) => {
                        filled.answers.push(Answer {
                            file: Some(facts.clone()),
                            shown: facts.name.clone(),
                            ..answer(question, Vec::new())
                        });
                        filled.files.push((facts, file.bytes.clone()));
                    }
                    Err(mistake) => mistakes.note(field, mistake),
                }
            }
            if question.required && count == 0 {
                mistakes.note(field, Mistake::NoFile);
            }
            continue;
        }
        match values(question, field, &upload.fields) {
            Ok(Some(answer)) => filled.answers.push(answer),
            Ok(None) if question.required => mistakes.note(
                field,
                match question.kind {
                    Kind::One(_) | Kind::Several(_) => Mistake::NotChosen,
                    _ => Mistake::Missing,
                },
            ),
            Ok(None) => {}
            Err(mistake) => mistakes.note(field, mistake),
        }
    }
    filled
}

fn values(question: &Question, field: &str, fields: &Fields) -> Result<Option<Answer>, Mistake> {
    let text = fields.one(field).replace("\r\n", "\n");
    let (values, shown) = match &question.kind {
        Kind::Fixed(value) => {
            return Ok(Some(Answer {
                hidden: true,
                ..answer(question, vec![value.clone()])
            }));
        }
        Kind::File(_) => return Ok(None),
        Kind::Line(_) | Kind::Area if text.is_empty() => return Ok(None),
        Kind::Line(line) => (vec![line_of(*line, &text)?], None),
        Kind::Area if text.chars().count() > AREA_LIMIT => return Err(Mistake::TooLong { limit: AREA_LIMIT }),
        Kind::Area => (vec![text], None),
        Kind::One(choices) => {
            let chosen: Vec<&Choice> = choices.iter().filter(|choice| choice.value == text).take(1).collect();
            if chosen.is_empty() && !text.is_empty() {
                return Err(Mistake::NotChosen);
            }
            of_choices(&chosen)
        }
        Kind::Several(choices) => {
            let sent: Vec<&str> = fields.all(field).collect();
            if sent
                .iter()
                .any(|value| !choices.iter().any(|choice| choice.value == *value))
            {
                return Err(Mistake::NotChosen);
            }
            let chosen: Vec<&Choice> = choices
                .iter()
                .filter(|choice| sent.contains(&choice.value.as_str()))
                .collect();
            of_choices(&chosen)
        }
    };
    if values.is_empty() {
        return Ok(None);
    }
    let shown = shown.unwrap_or_else(|| values.join(", "));
    Ok(Some(Answer {
        shown,
        ..answer(question, values)
    }))
}

fn of_choices(chosen: &[&Choice]) -> (Vec<String>, Option<String>) {
    let labels: Vec<&str> = chosen.iter().map(|choice| choice.label.as_str()).collect();
    let values = chosen.iter().map(|choice| choice.value.clone()).collect();
    (values, Some(labels.join(", ")))
}

fn line_of(line: Line, text: &str) -> Result<String, Mistake> {
    if text.chars().count() > LINE_LIMIT {
        return Err(Mistake::TooLong { limit: LINE_LIMIT });
    }
    let line_text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line {
        Line::Email if Address::parse(text).is_err() => Err(Mistake::NotAnAddress),
        Line::Url => match url::Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(line_text),
            _ => Err(Mistake::NotALink),
        },
        Line::Number => {
            let number = line_text.replace(',', ".");
            match number.parse::<f64>() {
                Ok(value) if value.is_finite() => Ok(number),
                _ => Err(Mistake::NotANumber),
            }
        }
        Line::Date if super::day::parse(text).is_none() => Err(Mistake::NotADate),
        Line::Text | Line::Email | Line::Date | Line::Tel => Ok(line_text),
    }
}

fn answer(question: &Question, values: Vec<String>) -> Answer {
    Answer {
        name: question.name.clone(),
        label: question.label.clone(),
        values,
        shown: String::new(),
        file: None,
        hidden: false,
    }
}

/// A file whose size, ending and first bytes are such as are taken.
fn checked(file: &UploadedFile, wanted: &[String], now: Timestamp) -> Result<FileFacts, Mistake> {
    if file.too_large {
        return Err(Mistake::FileTooLarge {
            megabytes: FILE_LIMIT / (1024 * 1024),
        });
    }
    let name = safe_name(&file.name);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending).to_lowercase();
    let kind = KINDS.iter().find(|(known, _, _)| *known == ending);
    let Some((ending, media_type, start)) = kind else {
        return Err(Mistake::FileKind {
            kinds: kinds_of(wanted),
        });
    };
    let is_wanted = wanted.is_empty() || wanted.iter().any(|one| accepts(one, ending, media_type));
    if !is_wanted || file.bytes.is_empty() || !file.bytes.starts_with(start) {
        return Err(Mistake::FileKind {
            kinds: kinds_of(wanted),
        });
    }
    Ok(FileFacts {
        id: random::id_at(now),
        name,
        media_type: (*media_type).to_owned(),
        size: u64::try_from(file.bytes.len()).unwrap_or(u64::MAX),
    })
}

/// Whether one entry of `accept` (HTML, "accept") lets a kind through: `.pdf`, `image/*`, `application/pdf`.
fn accepts(entry: &str, ending: &str, media_type: &str) -> bool {
    if let Some(wanted) = entry.strip_prefix('.') {
        return wanted == ending || (wanted == "jpg" && ending == "jpeg") || (wanted == "jpeg" && ending == "jpg");
    }
    match entry.strip_suffix("/*") {
        Some(group) => media_type.split('/').next() == Some(group),
        None => entry == media_type,
    }
}

/// The endings that a field takes, to be told.
fn kinds_of(wanted: &[String]) -> String {
    let fits = |(ending, media, _): &&(&str, &str, &[u8])| {
        wanted.is_empty() || wanted.iter().any(|one| accepts(one, ending, media))
    };
    let endings: Vec<&str> = KINDS.iter().filter(fits).map(|(ending, _, _)| *ending).collect();
    endings.join(", ")
}

/// A file's name without its folder and without anything that means something in a header, a path or a page.
fn safe_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let safe: String = last
        .chars()
        .map(|character| {
            if character.is_alphanumeric() || " .-_()".contains(character) {
                character
            } else {
                '_'
            }
        })
        .collect();
    let safe = safe.trim_matches(|character: char| character == '.' || character.is_whitespace());
    let count = safe.chars().count();
    let short: String = safe.chars().skip(count.saturating_sub(100)).collect();
    if short.is_empty() { "file".to_owned() } else { short }
}

/// The questions as the page shows them, with what was entered or answered before.
pub(super) fn shown(questions: &Questions, entered: Option<&Fields>, earlier: &[Answer]) -> Vec<ShownItem> {
    let mut names = FIELDS.iter();
    let mut shown = Vec::new();
    for item in &questions.items {
        let question = match item {
            Item::Text(text) => {
                shown.push(ShownItem::Text(text.clone()));
                continue;
            }
            Item::Question(question) => question,
        };
        let Some(field) = names.next() else { break };
        let kind = match &question.kind {
            Kind::Fixed(_) => continue,
            Kind::Line(line) => ShownKind::Line(line.word()),
            Kind::Area => ShownKind::Area,
            Kind::One(choices) if choices.len() > MOST_RADIOS => ShownKind::List(pairs(choices)),
            Kind::One(choices) => ShownKind::Radios(pairs(choices)),
            Kind::Several(choices) => ShownKind::Ticks(pairs(choices)),
            Kind::File(kinds) => ShownKind::File(kinds.join(",")),
        };
        let values: Vec<String> = match entered {
            Some(entered) => entered.all(field).map(str::to_owned).collect(),
            None => earlier
                .iter()
                .filter(|answer| answer.name == question.name)
                .flat_map(|answer| answer.values.clone())
                .collect(),
        };
        shown.push(ShownItem::Field(ShownField {
            id: field,
            label: question.label.clone(),
            kind,
            required: question.required,
            values,
        }));
    }
    shown
}

fn pairs(choices: &[Choice]) -> Vec<(String, String)> {
    choices
        .iter()
        .map(|choice| (choice.value.clone(), choice.label.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(kind: Kind, required: bool) -> Questions {
        Questions {
            items: vec![Item::Question(Question {
                name: "x".into(),
                label: "X?".into(),
                kind,
                required,
            })],
            is_foreign: false,
        }
    }

    fn answered(questions: &Questions, texts: &[&str], files: Vec<UploadedFile>) -> (Filled, Option<Mistake>) {
        let pairs = texts.iter().map(|text| ("q0".to_owned(), (*text).to_owned())).collect();
        let upload = Upload {
            fields: Fields::of_pairs(pairs),
            files,
        };
        let mut mistakes = Mistakes::none();
        let filled = read(questions, &upload, Timestamp::from_seconds(1), &mut mistakes);
        (filled, mistakes.of("q0").cloned())
    }

    fn file(name: &str, bytes: &[u8]) -> Vec<UploadedFile> {
        vec![UploadedFile {
            field: "q0".into(),
            name: name.into(),
            bytes: bytes.to_vec(),
            too_large: false,
        }]
    }

    #[test]
    fn lines_hold_what_they_are_for() {
        for (line, good, bad, mistake) in [
            (Line::Email, "a@campus.example", "a@", Mistake::NotAnAddress),
            (
                Line::Url,
                "https://x.example/a",
                "javascript:alert(1)",
                Mistake::NotALink,
            ),
            (Line::Number, "3,5", "many", Mistake::NotANumber),
            (Line::Date, "2026-11-22", "22.11.", Mistake::NotADate),
        ] {
            let questions = asked(Kind::Line(line), true);
            assert_eq!(answered(&questions, &[good], Vec::new()).1, None, "{good}");
            assert_eq!(answered(&questions, &[bad], Vec::new()).1, Some(mistake));
            assert_eq!(answered(&questions, &[" "], Vec::new()).1, Some(Mistake::Missing));
        }
        let long = "x".repeat(LINE_LIMIT + 1);
        let (_, mistake) = answered(&asked(Kind::Line(Line::Text), false), &[&long], Vec::new());
        assert_eq!(mistake, Some(Mistake::TooLong { limit: LINE_LIMIT }));
    }

    #[test]
    fn only_what_was_offered_can_be_chosen() {
        let choices = vec![
            Choice {
                value: "1".into(),
                label: "One".into(),
            },
            Choice {
                value: "2".into(),
                label: "Two".into(),
            },
        ];
        let (filled, mistake) = answered(&asked(Kind::One(choices.clone()), true), &["2"], Vec::new());
        assert_eq!((mistake, filled.answers[0].shown.as_str()), (None, "Two"));
        let several = asked(Kind::Several(choices.clone()), false);
        let (filled, _) = answered(&several, &["2", "1"], Vec::new());
        assert_eq!(
            (filled.answers[0].values.as_slice(), filled.answers[0].shown.as_str()),
            (&["1".to_owned(), "2".to_owned()][..], "One, Two")
        );
        assert!(answered(&several, &[], Vec::new()).0.answers.is_empty());
        for (kind, sent) in [(Kind::One(choices.clone()), "3"), (Kind::Several(choices), "3")] {
            assert_eq!(
                answered(&asked(kind, false), &[sent], Vec::new()).1,
                Some(Mistake::NotChosen)
            );
        }
        let (filled, _) = answered(&asked(Kind::Fixed("7".into()), false), &["8"], Vec::new());
        assert_eq!(
            (filled.answers[0].values[0].as_str(), filled.answers[0].hidden),
            ("7", true)
        );
    }

    #[test]
    fn files_are_what_they_say_and_have_harmless_names() {
        let any = asked(Kind::File(Vec::new()), true);
        let (filled, mistake) = answered(&any, &[], file("../../Mein \"Beweis\"; x=1.PDF", b"%PDF-1.7"));
        assert_eq!(mistake, None);
        let facts = filled.answers[0].file.clone().unwrap();
        assert_eq!(
            (facts.name.as_str(), facts.media_type.as_str(), facts.size),
            ("Mein _Beweis__ x_1.PDF", "application/pdf", 8)
        );
        assert_eq!(filled.files[0].1, b"%PDF-1.7");
        for (name, bytes) in [
            ("a.html", &b"<script>"[..]),
            ("a.exe", b"MZ"),
            ("a.svg", b"<svg/>"),
            ("a.pdf", b"<script>alert(1)</script>"),
            ("a.png", b"%PDF"),
            ("noend", b"x"),
            ("a.txt", b""),
        ] {
            let (filled, mistake) = answered(&any, &[], file(name, bytes));
            assert!(matches!(mistake, Some(Mistake::FileKind { .. })), "{name}: {mistake:?}");
            assert!(filled.files.is_empty());
        }
        let pictures = asked(Kind::File(vec!["image/*".into(), ".pdf".into()]), false);
        assert_eq!(answered(&pictures, &[], file("a.jpg", b"\xFF\xD8\xFF")).1, None);
        let (_, mistake) = answered(&pictures, &[], file("a.txt", b"x"));
        assert_eq!(
            mistake,
            Some(Mistake::FileKind {
                kinds: "pdf, png, jpg, jpeg, gif, webp, heic".into()
            })
        );
        let mut large = file("a.pdf", b"");
        large[0].too_large = true;
        assert_eq!(
            answered(&any, &[], large).1,
            Some(Mistake::FileTooLarge { megabytes: 5 })
        );
        assert_eq!(answered(&any, &[], Vec::new()).1, Some(Mistake::NoFile));
        assert_eq!(safe_name("..."), "file");
    }

    #[test]
    fn what_was_entered_or_answered_before_is_filled_in() {
        let questions = asked(Kind::Area, true);
        let earlier = [Answer {
            values: vec!["Before".into()],
            ..answer(questions.questions().next().unwrap(), Vec::new())
        }];
        let ShownItem::Field(field) = &shown(&questions, None, &earlier)[0] else {
            panic!()
        };
        assert_eq!((field.id, field.values.as_slice()), ("q0", &["Before".to_owned()][..]));
        let entered = Fields::of_pairs(vec![("q0".into(), "Now".into())]);
        let ShownItem::Field(field) = &shown(&questions, Some(&entered), &earlier)[0] else {
            panic!()
        };
        assert_eq!(field.values, ["Now"]);
    }
}
