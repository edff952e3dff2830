//! The grade book, as far as the tool may see it (assignment and grade services 2.0): columns, scores, results.
//!
//! The tool sees its own columns only, and deletes none that it did not make: on Moodle a link's own column goes with
//! all its grades. There is no score that says progress only: after a final one it would clear the grade there.

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use serde_json::{Map, Value, json};
use url::Url;

use super::address::{parse_http, same_origin, with_query};
use super::claims::{self};
use super::fetch::{Body, Method, Request, Response};
use super::link_header;
use super::registration::Subject;
use super::service_token::{ServiceCaller, ServiceError, accepted};

/// Makes, changes and reads columns.
pub const SCOPE_COLUMNS: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem";
/// Reads columns.
pub const SCOPE_COLUMNS_READ: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly";
/// Reads results.
pub const SCOPE_RESULTS: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly";
/// Gives scores.
pub const SCOPE_SCORES: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/score";

/// The most pages of one list.
pub const MAX_PAGES: usize = 200;
const PAGE_SIZE: &str = "100";
const CONTAINER_TYPE: &str = "application/vnd.ims.lis.v2.lineitemcontainer+json";
const COLUMN_TYPE: &str = "application/vnd.ims.lis.v2.lineitem+json";
const SCORE_TYPE: &str = "application/vnd.ims.lis.v1.score+json";
const RESULTS_TYPE: &str = "application/vnd.ims.lis.v2.resultcontainer+json";
const TIME_LIMIT: Duration = Duration::from_secs(15);
const SIZE_LIMIT: usize = 8 * 1024 * 1024;

/// Those of the `wanted` scopes that a launch offered: one unknown scope can spoil a whole token request.
pub fn offered(wanted: &[&str], offered: &[String]) -> BTreeSet<String> {
    let is_offered = |scope: &&&str| offered.iter().any(|known| known == **scope);
    wanted
        .iter()
        .filter(is_offered)
        .map(|scope| (*scope).to_owned())
        .collect()
}

/// What a platform does differently from the specification.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// Nothing that matters here: Brightspace, Sakai and any other.
    #[default]
    Plain,
    /// Every score is a new submission unless it says otherwise.
    Canvas,
    /// Lists come whole; `limit` breaks results.
    Moodle,
    /// No `resourceLinkId` on new columns; its page names another media type for scores; `user_id` drops comments.
    Blackboard,
    /// Says 400 to an older score; clears no grade; deletes no column; cuts lists without a next page.
    OpenEdx,
}

impl Dialect {
    /// The dialect of the family `canvas`, `moodle`, `blackboard`, `openedx`; of any other the plain one.
    pub fn named(family: &str) -> Self {
        match family {
            "canvas" => Self::Canvas,
            "moodle" => Self::Moodle,
            "blackboard" => Self::Blackboard,
            "openedx" => Self::OpenEdx,
            _ => Self::Plain,
        }
    }

    const fn pages_results(self) -> bool {
        !matches!(self, Self::Moodle | Self::OpenEdx)
    }
}

/// Why the grade book was not read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GradeError {
    #[error("the address is no http address")]
    InvalidAddress,
    #[error(transparent)]
    Service(#[from] ServiceError),
    #[error("the answer cannot be read")]
    Unreadable,
    #[error("an address is on another server")]
    Foreign,
    #[error("the pages go round in a circle or have no end")]
    NoEnd,
    /// The platform takes no score for this person or column; asking again changes nothing.
    #[error("the platform takes no such score: {status}")]
    NotGradable { status: u16 },
    /// Columns cannot be deleted there.
    #[error("the platform deletes no column")]
    NotDeletable,
}

/// A column of the grade book. What the platform says beside the known fields is kept, and goes back with a change.
#[derive(Clone, Debug, PartialEq)]
pub struct Column(Map<String, Value>);

impl Column {
    /// A column to be made. The full score is a whole number: Open edX takes no other.
    pub fn new(label: &str, maximum: u32, resource_id: &str) -> Self {
        let mut fields = Map::new();
        fields.insert("label".to_owned(), json!(label));
        fields.insert("scoreMaximum".to_owned(), json!(maximum));
        fields.insert("resourceId".to_owned(), json!(resource_id));
        Self(fields)
    }

    /// The same, for this link.
    #[must_use]
    pub fn of_link(mut self, resource_link_id: &str) -> Self {
        self.0.insert("resourceLinkId".to_owned(), json!(resource_link_id));
        self
    }

    /// Its address.
    pub fn address(&self) -> Option<&str> {
        self.0.get("id").and_then(Value::as_str)
    }

    /// What it is called.
    pub fn label(&self) -> Option<String> {
        claims::text(&self.0, "label")
    }

    /// The full score.
    pub fn maximum(&self) -> Option<f64> {
        number(self.0.get("scoreMaximum")).filter(|maximum| *maximum > 0.0)
    }

    /// Our name for what is graded.
    pub fn resource_id(&self) -> Option<String> {
        claims::text(&self.0, "resourceId")
    }

    /// The link that it belongs to.
    pub fn resource_link_id(&self) -> Option<String> {
        claims::text(&self.0, "resourceLinkId")
    }

    /// Calls it something else.
    pub fn rename(&mut self, label: &str) {
        self.0.insert("label".to_owned(), json!(label));
    }
}

/// The address of a column that the tool made itself: the only kind that it deletes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnColumn(String);

impl OwnColumn {
    /// One that was made earlier, as the tool's own records say.
    pub fn recorded(address: String) -> Self {
        Self(address)
    }

    /// Its address.
    pub fn address(&self) -> &str {
        &self.0
    }
}

/// Which columns are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter<'a> {
    pub resource_id: Option<&'a str>,
    pub resource_link_id: Option<&'a str>,
}

/// A score to give: a final one, or none at all.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    user: String,
    given: Option<f64>,
    maximum: f64,
    at_ms: i64,
    comment: Option<String>,
}

impl Score {
    /// A final score. Nothing unless `given` is at least 0 and `maximum` more than that.
    pub fn points(user: &Subject, given: f64, maximum: f64, at_ms: i64) -> Option<Self> {
        let holds = given.is_finite() && given >= 0.0 && maximum.is_finite() && maximum > 0.0;
        holds.then(|| Self {
            user: user.as_str().to_owned(),
            given: Some(given),
            maximum,
            at_ms,
            comment: None,
        })
    }

    /// Takes a final score back.
    pub fn cleared(user: &Subject, maximum: f64, at_ms: i64) -> Self {
        Self {
            user: user.as_str().to_owned(),
            given: None,
            maximum,
            at_ms,
            comment: None,
        }
    }

    /// With a line for the learner.
    #[must_use]
    pub fn with_comment(mut self, comment: &str) -> Self {
        self.comment = Some(comment.to_owned());
        self
    }

    fn to_json(&self, dialect: Dialect) -> Value {
        // Open edX keeps an earlier grade unless it gets another one
        let given = self.given.or((dialect == Dialect::OpenEdx).then_some(0.0));
        let (activity, grading) = match given {
            Some(_) => ("Completed", "FullyGraded"),
            None => ("Initialized", "NotReady"),
        };
        let mut score = json!({
            "userId": self.user,
            "timestamp": timestamp(self.at_ms),
            "activityProgress": activity,
            "gradingProgress": grading,
        });
        if let Some(fields) = score.as_object_mut() {
            if let Some(given) = given {
                fields.insert("scoreGiven".to_owned(), json!(given));
                fields.insert("scoreMaximum".to_owned(), json!(self.maximum));
            }
            if let Some(comment) = &self.comment {
                fields.insert("comment".to_owned(), json!(comment));
            }
            if dialect == Dialect::Canvas {
                let extension = json!({"new_submission": false});
                fields.insert("https://canvas.instructure.com/lti/submission".to_owned(), extension);
            }
        }
        score
    }
}

/// What became of a score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// It was taken.
    Taken,
    /// There is one of the same or a later time: nothing to do.
    AlreadyNewer,
}

/// A result, as the platform shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct GradeResult {
    pub user: String,
    pub score: Option<f64>,
    /// 1 if the platform does not say.
    pub maximum: f64,
    pub comment: Option<String>,
}

/// When the next score of one person and column may be dated, in Unix milliseconds: in a later second than the last one,
/// because some platforms compare whole seconds, and never in the future, because that would lock out what follows. Else
/// how long to wait.
pub fn next_moment(last_ms: Option<i64>, now_ms: i64) -> Result<i64, Duration> {
    let Some(last) = last_ms else { return Ok(now_ms) };
    let from = (last.div_euclid(1000) + 1).saturating_mul(1000);
    if now_ms >= from {
        Ok(now_ms)
    } else {
        let wait = from.saturating_sub(now_ms);
        Err(Duration::from_millis(u64::try_from(wait).unwrap_or(1000)))
    }
}

/// Calls to one platform's grade book.
#[derive(Debug)]
pub struct GradeBook<'a> {
    pub caller: &'a ServiceCaller<'a>,
    pub dialect: Dialect,
}

impl GradeBook<'_> {
    /// The columns below `lineitems` that fit.
    pub async fn columns(&self, lineitems: &str, filter: Filter<'_>) -> Result<Vec<Column>, GradeError> {
        let mut query = Vec::new();
        if let Some(id) = filter.resource_id {
            query.push(("resource_id", id));
        }
        if let Some(id) = filter.resource_link_id {
            query.push(("resource_link_id", id));
        }
        if !matches!(self.dialect, Dialect::Moodle | Dialect::OpenEdx) {
            query.push(("limit", PAGE_SIZE));
        }
        let first = if query.is_empty() {
            lineitems.to_owned()
        } else {
            with_query(lineitems, &query)
        };
        let entries = self.pages(lineitems, first, CONTAINER_TYPE).await?;
        // a platform may ignore the filter
        let fits = |column: &Column| {
            let same =
                |wanted: Option<&str>, given: Option<String>| wanted.is_none_or(|id| given.as_deref() == Some(id));
            same(filter.resource_id, column.resource_id()) && same(filter.resource_link_id, column.resource_link_id())
        };
        Ok(entries.into_iter().map(Column).filter(fits).collect())
    }

    /// Makes a column. What comes back may be deleted later.
    pub async fn make(&self, lineitems: &str, column: &Column) -> Result<(OwnColumn, Column), GradeError> {
        let service = parse_http(lineitems).ok_or(GradeError::InvalidAddress)?;
        let mut fields = column.0.clone();
        if self.dialect == Dialect::Blackboard {
            fields.remove("resourceLinkId");
        }
        let request = call(
            Method::Post,
            lineitems,
            COLUMN_TYPE,
            Some((COLUMN_TYPE, &Value::Object(fields))),
        );
        let made = read_column(&self.caller.send(request).await?)?;
        let address = made.address().ok_or(GradeError::Unreadable)?;
        let parsed = parse_http(address).ok_or(GradeError::Unreadable)?;
        if !same_origin(&parsed, &service) {
            return Err(GradeError::Foreign);
        }
        Ok((OwnColumn(address.to_owned()), made))
    }

    /// Reads one column.
    pub async fn column(&self, lineitem: &str) -> Result<Column, GradeError> {
        parse_http(lineitem).ok_or(GradeError::InvalidAddress)?;
        read_column(&self.caller.send(call(Method::Get, lineitem, COLUMN_TYPE, None)).await?)
    }

    /// Changes one column: reads it, and sends all of it back, with what this tool does not know.
    pub async fn change(&self, lineitem: &str, change: impl FnOnce(&mut Column)) -> Result<Column, GradeError> {
        let mut column = self.column(lineitem).await?;
        change(&mut column);
        let whole = Value::Object(column.0);
        let request = call(Method::Put, lineitem, COLUMN_TYPE, Some((COLUMN_TYPE, &whole)));
        read_column(&self.caller.send(request).await?)
    }

    /// Deletes a column that the tool made. One that is gone is as good as deleted.
    pub async fn delete(&self, own: &OwnColumn) -> Result<(), GradeError> {
        if self.dialect == Dialect::OpenEdx {
            return Err(GradeError::NotDeletable);
        }
        match self.caller.send(call(Method::Delete, &own.0, "*/*", None)).await {
            Ok(_) | Err(ServiceError::Answered { status: 404 | 410 }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives a score.
    pub async fn give(&self, lineitem: &str, score: &Score) -> Result<Given, GradeError> {
        let address = below(lineitem, "scores").ok_or(GradeError::InvalidAddress)?;
        let body = score.to_json(self.dialect);
        let post = |kind: &'static str| call(Method::Post, &address, "*/*", Some((kind, &body)));
        let mut response = self.caller.exchange(post(SCORE_TYPE)).await?;
        if response.status == 415 && self.dialect == Dialect::Blackboard {
            response = self.caller.exchange(post(COLUMN_TYPE)).await?;
        }
        match response.status {
            409 => Ok(Given::AlreadyNewer),
            400 if says_older(&response) => Ok(Given::AlreadyNewer),
            status @ (400 | 404 | 410 | 415 | 422) => Err(GradeError::NotGradable { status }),
            _ => {
                accepted(response)?;
                Ok(Given::Taken)
            }
        }
    }

    /// The results of a column, of one person or of all.
    pub async fn results(&self, lineitem: &str, user: Option<&Subject>) -> Result<Vec<GradeResult>, GradeError> {
        let address = below(lineitem, "results").ok_or(GradeError::InvalidAddress)?;
        let mut query = Vec::new();
        // Blackboard's answer to one person lacks comments, Open edX ignores the question
        if let Some(user) = user.filter(|_| !matches!(self.dialect, Dialect::Blackboard | Dialect::OpenEdx)) {
            query.push(("user_id", user.as_str()));
        }
        if self.dialect.pages_results() {
            query.push(("limit", PAGE_SIZE));
        }
        let first = if query.is_empty() {
            address
        } else {
            with_query(&address, &query)
        };
        let entries = self.pages(lineitem, first, RESULTS_TYPE).await?;
        let results = entries.iter().filter_map(read_result);
        Ok(results
            .filter(|result| user.is_none_or(|user| result.user == user.as_str()))
            .collect())
    }

    /// All entries of a list, page after page on the service's own server.
    async fn pages(&self, service: &str, first: String, accept: &str) -> Result<Vec<Map<String, Value>>, GradeError> {
        let service = parse_http(service).ok_or(GradeError::InvalidAddress)?;
        let (mut entries, mut seen, mut next) = (Vec::new(), HashSet::new(), Some(first));
        while let Some(address) = next.take() {
            let asked = parse_http(&address).ok_or(GradeError::InvalidAddress)?;
            if seen.len() >= MAX_PAGES || !seen.insert(address.clone()) {
                return Err(GradeError::NoEnd);
            }
            let response = self.caller.send(call(Method::Get, &address, accept, None)).await?;
            let page: Vec<Value> = serde_json::from_slice(&response.body).map_err(|_| GradeError::Unreadable)?;
            entries.extend(page.into_iter().filter_map(|entry| match entry {
                Value::Object(fields) => Some(fields),
                _ => None,
            }));
            next = next_page(&service, &asked, &response)?;
        }
        Ok(entries)
    }
}

/// The address of `part` below a column: in front of its query (`…/lineitem?type_id=1` is a real one).
fn below(lineitem: &str, part: &str) -> Option<String> {
    parse_http(lineitem)?;
    let whole = lineitem.split_once('#').map_or(lineitem, |(whole, _)| whole);
    let (path, query) = match whole.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (whole, None),
    };
    let path = format!("{}/{part}", path.trim_end_matches('/'));
    Some(match query {
        Some(query) => format!("{path}?{query}"),
        None => path,
    })
}

/// The next page, if it is on the service's own server: a token goes along with it.
fn next_page(service: &Url, asked: &Url, response: &Response) -> Result<Option<String>, GradeError> {
    let links: Vec<_> = response.header_values("Link").flat_map(link_header::parse).collect();
    let Some(next) = links.iter().find(|link| link.is("next")) else {
        return Ok(None);
    };
    let full = asked.join(&next.target).map_err(|_| GradeError::Foreign)?;
    let full = parse_http(full.as_str()).ok_or(GradeError::Foreign)?;
    if same_origin(&full, service) {
        Ok(Some(full.into()))
    } else {
        Err(GradeError::Foreign)
    }
}

fn call(method: Method, url: &str, accept: &str, body: Option<(&str, &Value)>) -> Request {
    Request {
        method,
        body: body.map(|(kind, value)| Body {
            content_type: kind.to_owned(),
            bytes: value.to_string().into_bytes(),
        }),
        ..Request::get(url, accept, TIME_LIMIT, SIZE_LIMIT)
    }
}

fn read_column(response: &Response) -> Result<Column, GradeError> {
    serde_json::from_slice(&response.body)
        .map(Column)
        .map_err(|_| GradeError::Unreadable)
}

fn read_result(entry: &Map<String, Value>) -> Option<GradeResult> {
    Some(GradeResult {
        user: claims::identifier(entry, "userId")?,
        score: number(entry.get("resultScore")),
        maximum: number(entry.get("resultMaximum")).unwrap_or(1.0),
        comment: claims::text(entry, "comment"),
    })
}

fn number(value: Option<&Value>) -> Option<f64> {
    let value = match value? {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    value.is_finite().then_some(value)
}

/// Open edX and Canvas say 400 where others say 409. Their words are looked at, and never logged: a platform may repeat the
/// whole score in them.
fn says_older(response: &Response) -> bool {
    let said = String::from_utf8_lossy(&response.body).to_ascii_lowercase();
    ["later point in time", "already exists", "timestamp"]
        .iter()
        .any(|words| said.contains(words))
}

/// ISO 8601 in UTC with milliseconds.
fn timestamp(at_ms: i64) -> String {
    let nanoseconds = i128::from(at_ms).saturating_mul(1_000_000);
    let at = time::OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second(),
        at.millisecond()
    )
}

#[cfg(test)]
mod tests;
