//! Assignment and grade services 2.0: columns, scores and results, plain and as Moodle 4.5 does it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::campus::Role;
use super::dialects;
use super::launch::Dialect;
use super::state::{Shared, State};

/// The claim with the addresses of grades.
pub const AGS_CLAIM: &str = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint";
const WRITE: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem";
const READ: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly";
const READ_RESULTS: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly";
const GIVE_SCORES: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/score";
/// What the LMS lets the tool do with grades.
pub const AGS_SCOPES: [&str; 4] = [WRITE, READ, READ_RESULTS, GIVE_SCORES];

const CONTAINER: &str = "application/vnd.ims.lis.v2.lineitemcontainer+json";
const COLUMN: &str = "application/vnd.ims.lis.v2.lineitem+json";
const SCORE: &str = "application/vnd.ims.lis.v1.score+json";
const RESULTS: &str = "application/vnd.ims.lis.v2.resultcontainer+json";

/// What the addresses of grades answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AgsMode {
    /// As it should be.
    #[default]
    Normal,
    /// This status with a short text.
    Status(u16),
}

/// A column of the grade book.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its number, in its address.
    pub id: u64,
    /// The course.
    pub course: String,
    /// Everything that was said of it, `id` left out.
    pub fields: Map<String, Value>,
    /// It came with a link: not the tool's to delete.
    pub coupled: bool,
    /// By person: the last score that was taken, and its moment in milliseconds.
    pub scores: BTreeMap<String, (Value, i64)>,
}

impl Column {
    /// A person's score, if they have one.
    pub fn score(&self, person: &str) -> Option<f64> {
        self.scores.get(person)?.0.get("scoreGiven")?.as_f64()
    }
}

/// A call, as it came.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) method: &'a str,
    pub(super) course: &'a str,
    pub(super) column: Option<u64>,
    pub(super) part: &'a str,
    pub(super) query: &'a str,
    pub(super) accept: Option<&'a str>,
    pub(super) content_type: Option<&'a str>,
    pub(super) body: &'a [u8],
}

/// An answer: status, media type, body, and the address of the next page.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) kind: &'static str,
    pub(super) body: String,
    pub(super) link: Option<String>,
}

/// Which scopes open a call, any of them.
pub(super) fn scopes(method: &str, part: &str) -> &'static [&'static str] {
    match (method, part) {
        (_, "scores") => &[GIVE_SCORES],
        (_, "results") => &[READ_RESULTS],
        ("GET", _) => &[WRITE, READ],
        _ => &[WRITE],
    }
}

/// Answers a call whose token was good.
pub(super) fn answer(shared: &Shared, call: &Call<'_>) -> Answer {
    let base = shared.base.clone();
    let mut state = shared.lock();
    let dialect = state.dialect;
    let moodle = dialect == Dialect::Moodle;
    let is_sent = |kind: &str| {
        let given = call.content_type.unwrap_or_default();
        given.split(';').next().is_some_and(|given| given.trim() == kind)
    };
    match (call.method, call.column, call.part) {
        ("GET", None, _) => {
            if moodle && call.accept.is_some_and(|accept| accept != CONTAINER) {
                return plain(400);
            }
            if dialect == Dialect::OpenEdx && call.accept == Some("application/json") {
                return plain(406);
            }
            state.list(&base, call)
        }
        ("POST", None, _) if !is_sent(COLUMN) => plain(400),
        ("POST", None, _) => match serde_json::from_slice::<Map<String, Value>>(call.body) {
            Ok(fields) if is_column(&fields) => {
                let known: Vec<&Column> = state.columns.iter().filter(|one| one.course == call.course).collect();
                if let Some(status) = dialects::refuses_column(dialect, &fields, &known) {
                    return plain(status);
                }
                let id = state.add_column(call.course, fields, false);
                state.shown(&base, id, 201)
            }
            _ => plain(400),
        },
        (_, Some(id), _)
            if !state
                .columns
                .iter()
                .any(|column| column.id == id && column.course == call.course) =>
        {
            plain(404)
        }
        ("GET", Some(id), "") => state.shown(&base, id, 200),
        ("PUT", Some(_), "") if !is_sent(COLUMN) => plain(400),
        ("PUT", Some(id), "") => match serde_json::from_slice::<Map<String, Value>>(call.body) {
            Ok(mut fields) if is_column(&fields) => {
                fields.remove("id");
                if let Some(column) = state.columns.iter_mut().find(|column| column.id == id) {
                    column.fields = fields;
                }
                state.shown(&base, id, 200)
            }
            _ => plain(400),
        },
        ("DELETE", Some(_), "") if dialect == Dialect::OpenEdx => plain(403),
        ("DELETE", Some(id), "") => {
            // Moodle really deletes a link's own column, with all its grades
            let is_kept = state.columns.iter().any(|column| column.id == id && column.coupled) && !moodle;
            if is_kept {
                return plain(401);
            }
            state.columns.retain(|column| column.id != id);
            plain(204)
        }
        ("POST", Some(_), "scores") if !is_sent(score_type(dialect)) && dialect != Dialect::OpenEdx => plain(415),
        ("POST", Some(id), "scores") => state.take_score(id, call, moodle),
        ("GET", Some(_), "results") if moodle && call.query.contains("limit=") => Answer {
            status: 404,
            kind: "text/html",
            body: "<p>Call to a member function out() on null</p>".to_owned(),
            link: None,
        },
        ("GET", Some(id), "results") => state.results(&base, id, call),
        _ => plain(405),
    }
}

/// Blackboard's documentation names the type of columns for scores.
const fn score_type(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Blackboard => COLUMN,
        _ => SCORE,
    }
}

fn plain(status: u16) -> Answer {
    Answer {
        status,
        kind: "text/plain",
        body: String::new(),
        link: None,
    }
}

fn is_column(fields: &Map<String, Value>) -> bool {
    let label = fields.get("label").and_then(Value::as_str).unwrap_or_default();
    let maximum = fields.get("scoreMaximum").and_then(Value::as_f64).unwrap_or_default();
    !label.is_empty() && maximum > 0.0
}

/// Where the columns of a course are.
pub(super) fn columns_url(dialect: Dialect, base: &str, course: &str) -> String {
    let query = if dialect == Dialect::Moodle { "?type_id=1" } else { "" };
    format!("{base}{}{query}", dialects::columns_path(dialect, course))
}

/// Where a column is.
pub(super) fn column_url(dialect: Dialect, base: &str, course: &str, id: u64) -> String {
    let query = if dialect == Dialect::Moodle { "?type_id=1" } else { "" };
    format!("{base}{}{query}", dialects::column_path(dialect, course, id))
}

impl State {
    /// Adds a column; gives its number.
    pub(super) fn add_column(&mut self, course: &str, mut fields: Map<String, Value>, coupled: bool) -> u64 {
        self.serial += 1;
        fields.remove("id");
        dialects::bend_column(self.dialect, &mut fields);
        self.columns.push(Column {
            id: self.serial,
            course: course.to_owned(),
            fields,
            coupled,
            scores: BTreeMap::new(),
        });
        self.serial
    }

    fn json(&self, base: &str, column: &Column) -> Value {
        let mut fields = column.fields.clone();
        let address = column_url(self.dialect, base, &column.course, column.id);
        fields.insert("id".to_owned(), json!(address));
        Value::Object(fields)
    }

    fn shown(&self, base: &str, id: u64, status: u16) -> Answer {
        let column = self.columns.iter().find(|column| column.id == id);
        Answer {
            status,
            kind: COLUMN,
            body: column.map_or(Value::Null, |column| self.json(base, column)).to_string(),
            link: None,
        }
    }

    fn list(&self, base: &str, call: &Call<'_>) -> Answer {
        let asked: Vec<(String, String)> = url::form_urlencoded::parse(call.query.as_bytes())
            .into_owned()
            .collect();
        let given = |name: &str| asked.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        let fits = |column: &&Column| {
            let same = |parameter: &str, field: &str| {
                given(parameter).is_none_or(|wanted| column.fields.get(field).and_then(Value::as_str) == Some(wanted))
            };
            column.course == call.course
                && same("resource_link_id", "resourceLinkId")
                && same("resource_id", "resourceId")
                && same("tag", "tag")
        };
        let all: Vec<Value> = self
            .columns
            .iter()
            .filter(fits)
            .map(|column| self.json(base, column))
            .collect();
        let address = format!("{base}{}", dialects::columns_path(self.dialect, call.course));
        self.paged(&address, all, &asked, CONTAINER)
    }

    fn results(&self, base: &str, id: u64, call: &Call<'_>) -> Answer {
        let asked: Vec<(String, String)> = url::form_urlencoded::parse(call.query.as_bytes())
            .into_owned()
            .collect();
        let wanted = asked.iter().find(|(name, _)| name == "user_id").map(|(_, value)| value);
        let Some(column) = self.columns.iter().find(|column| column.id == id) else {
            return plain(404);
        };
        let address = format!("{base}{}", dialects::column_path(self.dialect, call.course, id));
        // Open edX looks at nobody's name
        let wanted = wanted.filter(|_| self.dialect != Dialect::OpenEdx);
        let result = |(person, (score, _)): (&String, &(Value, i64))| {
            let given = score.get("scoreGiven")?;
            Some(json!({
                "id": format!("{address}/results/{person}"), "userId": person, "scoreOf": address,
                "resultScore": given, "resultMaximum": score.get("scoreMaximum"), "comment": score.get("comment"),
            }))
        };
        let all = column
            .scores
            .iter()
            .filter(|(person, _)| wanted.is_none_or(|wanted| wanted == *person));
        let all = all.filter_map(result).collect();
        self.paged(&format!("{address}/results"), all, &asked, RESULTS)
    }

    fn paged(&self, address: &str, all: Vec<Value>, asked: &[(String, String)], kind: &'static str) -> Answer {
        let number = |name: &str| -> Option<usize> {
            let found = asked.iter().find(|(known, _)| known == name);
            found.and_then(|(_, value)| value.parse().ok())
        };
        let moodle = self.dialect == Dialect::Moodle;
        let most = self.page_size.unwrap_or(100);
        let size = number("limit")
            .map_or(if moodle { usize::MAX } else { most }, |limit| limit.min(most))
            .max(1);
        let from = number("from").unwrap_or(0);
        let rest = all.len().saturating_sub(from) > size;
        let page: Vec<Value> = all.into_iter().skip(from).take(size).collect();
        let next = rest.then(|| {
            let next = format!("{address}?limit={size}&from={}", from + size);
            // curly quotes and an entity, as one Moodle writes them
            if moodle {
                format!("<{}>; rel=“next”", next.replace('&', "&amp;"))
            } else {
                format!("<{next}>; rel=\"next\"")
            }
        });
        Answer {
            status: 200,
            kind,
            body: json!(page).to_string(),
            link: next,
        }
    }

    fn take_score(&mut self, id: u64, call: &Call<'_>, moodle: bool) -> Answer {
        let Ok(score) = serde_json::from_slice::<Value>(call.body) else {
            return plain(400);
        };
        let text = |name: &str| score.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let person = text("userId");
        let role = self.campus.role(call.course, &person);
        if !matches!(role, Some(Role::Learner)) {
            return plain(dialects::not_gradable(self.dialect));
        }
        let is_whole = !text("activityProgress").is_empty() && !text("gradingProgress").is_empty();
        let maximum = score.get("scoreGiven").is_none() || score.get("scoreMaximum").is_some();
        let Some(at) = moment(&text("timestamp")).filter(|_| is_whole && maximum) else {
            return plain(400);
        };
        let Some(column) = self.columns.iter_mut().find(|column| column.id == id) else {
            return plain(404);
        };
        let is_older = |known: i64| if moodle { at / 1000 <= known / 1000 } else { at <= known };
        if column.scores.get(&person).is_some_and(|(_, known)| is_older(*known)) {
            let (status, said) = dialects::older(self.dialect);
            return Answer {
                body: said.to_owned(),
                ..plain(status)
            };
        }
        self.score_log.push(score.clone());
        if dialects::is_submission(self.dialect, &score) {
            self.submissions.push(person.clone());
        }
        let (status, said) = dialects::taken(self.dialect, &score);
        let has_none = score.get("scoreGiven").is_none();
        if moodle && (text("gradingProgress") != "FullyGraded" || has_none) {
            // answered like a success, and the grade is gone
            column.scores.remove(&person);
        } else if !(has_none && self.dialect == Dialect::OpenEdx) {
            // (there an earlier grade cannot be taken away)
            column.scores.insert(person, (score, at));
        }
        Answer {
            body: said,
            ..plain(status)
        }
    }
}

/// An ISO 8601 moment with a zone, in milliseconds.
fn moment(text: &str) -> Option<i64> {
    let parsed = time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).ok()?;
    i64::try_from(parsed.unix_timestamp_nanos() / 1_000_000).ok()
}
