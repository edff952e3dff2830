//! Brightspace's REST API: course completion records, required content, grades that changed, final grades, the class list.
//!
//! A client of the service kind: a signed assertion brings its tokens (`oauth`). Versions are asked for, not assumed. Lists
//! are paged in two ways: by a bookmark, and by the next address.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::form_urlencoded::byte_serialize;

use super::site::{MOST_PAGES, Pages, append, readable};
use super::{AskError, Site, lenient};

/// What the client must be allowed, each with what it is for.
pub const SCOPES: &[(&str, &str)] = &[
    ("grades:coursecompletion:read", "who completed a course"),
    ("content:completions:read", "who completed the required content"),
    ("grades:gradevalues:read", "grades and final grades"),
    ("grades:gradeobjects:read", "which grade is which"),
    ("enrollment:orgunit:read", "ids and addresses of people"),
    ("orgunits:course:read", "the end of a course"),
];

/// Where tokens come from, everywhere.
pub const TOKEN_URL: &str = "https://auth.brightspace.com/core/connect/token";
/// Where tokens come from, at each server that gives them.
pub const TOKEN_PATH: &str = "/core/connect/token";
/// Where a consent is given there.
const AUTHORIZE_PATH: &str = "/oauth2/auth";
/// Whom an assertion is meant for, at that address.
pub const TOKEN_AUDIENCE: &str = "https://api.brightspace.com/auth/token";

/// People named in one call.
const PEOPLE_AT_ONCE: usize = 100;

/// Where a service account gives its consent, at the server that gives tokens at `token_url`; `None`: it is not known.
pub fn authorize_url(token_url: &str) -> Option<String> {
    let server = token_url.strip_suffix(TOKEN_PATH)?;
    Some(format!("{server}{AUTHORIZE_PATH}"))
}

/// Asks one Brightspace in the versions that it speaks.
#[derive(Clone, Debug)]
pub struct Brightspace<'a> {
    site: &'a Site,
    le: String,
    lp: String,
}

/// A record that somebody completed a course.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "PascalCase")]
pub struct Completion {
    /// The learner's id.
    #[serde(rename = "UserId", deserialize_with = "lenient::id")]
    pub user: String,
    /// When, RFC 3339.
    #[serde(default, deserialize_with = "lenient::maybe_text")]
    pub completed_date: Option<String>,
}

/// How much of the required content somebody completed.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "PascalCase")]
pub struct Content {
    /// The learner's id.
    #[serde(rename = "UserId", deserialize_with = "lenient::id")]
    pub user: String,
    /// Items that are required.
    #[serde(default)]
    pub required_items: u64,
    /// Those of them that are completed.
    #[serde(default)]
    pub completed_items: u64,
}

/// One completed topic.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "PascalCase")]
pub struct Topic {
    /// The learner's id.
    #[serde(rename = "UserId", deserialize_with = "lenient::id")]
    pub user: String,
    /// When, RFC 3339; absent: not completed.
    #[serde(default, deserialize_with = "lenient::maybe_text")]
    pub completion_date: Option<String>,
}

/// One grade.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "PascalCase")]
pub struct Grade {
    /// The learner's id; absent in lists that name the learner beside it.
    #[serde(rename = "UserId", default, deserialize_with = "lenient::maybe_id")]
    pub user: Option<String>,
    /// Which grade.
    #[serde(rename = "GradeObjectIdentifier", deserialize_with = "lenient::id")]
    pub object: String,
    /// `Numeric`, `FinalCalculated`, `FinalAdjusted`, …
    #[serde(default, deserialize_with = "lenient::maybe_text")]
    pub grade_object_type_name: Option<String>,
    /// Points given.
    #[serde(default, deserialize_with = "lenient::maybe_number")]
    pub points_numerator: Option<f64>,
    /// Of how many.
    #[serde(default, deserialize_with = "lenient::maybe_number")]
    pub points_denominator: Option<f64>,
    /// Points given, weighted.
    #[serde(default, deserialize_with = "lenient::maybe_number")]
    pub weighted_numerator: Option<f64>,
    /// Of how many, weighted.
    #[serde(default, deserialize_with = "lenient::maybe_number")]
    pub weighted_denominator: Option<f64>,
    /// When it changed last, RFC 3339.
    #[serde(default, deserialize_with = "lenient::maybe_text")]
    pub last_modified: Option<String>,
    /// When learners were allowed to see it, RFC 3339; absent: not yet.
    #[serde(default, deserialize_with = "lenient::maybe_text")]
    pub released_date: Option<String>,
}

impl Grade {
    /// Points given and of how many: the points, else the weighted ones; `None`: no grade, or none to compare with.
    pub fn score(&self) -> Option<(f64, f64)> {
        let points = self.points_numerator.zip(self.points_denominator);
        let weighted = self.weighted_numerator.zip(self.weighted_denominator);
        [points, weighted].into_iter().flatten().find(|(_, full)| *full > 0.0)
    }

    /// A final grade that a person adjusted.
    pub fn is_adjusted(&self) -> bool {
        self.grade_object_type_name.as_deref() == Some("FinalAdjusted")
    }

    /// A final grade of either kind.
    pub fn is_final(&self) -> bool {
        self.is_adjusted() || self.grade_object_type_name.as_deref() == Some("FinalCalculated")
    }
}

/// A person of the class list.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "PascalCase")]
pub struct Person {
    /// The person's id.
    #[serde(rename = "Identifier", deserialize_with = "lenient::id")]
    pub id: String,
    /// The organisation's own id of them.
    #[serde(default, deserialize_with = "lenient::maybe_id")]
    pub org_defined_id: Option<String>,
    /// The address.
    #[serde(default, deserialize_with = "lenient::maybe_text")]
    pub email: Option<String>,
    /// The name.
    #[serde(default, deserialize_with = "lenient::maybe_text")]
    pub display_name: Option<String>,
}

/// A course offering.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "PascalCase")]
pub struct Course {
    /// When it ends, RFC 3339.
    #[serde(default, deserialize_with = "lenient::maybe_text")]
    pub end_date: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Product {
    product_code: String,
    latest_version: String,
}

#[derive(Deserialize)]
struct Final {
    #[serde(rename = "User")]
    user: Person,
    #[serde(rename = "GradeValue", default)]
    grade: Option<Grade>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Bookmarked {
    paging_info: PagingInfo,
    items: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PagingInfo {
    #[serde(default, deserialize_with = "lenient::maybe_id")]
    bookmark: Option<String>,
    #[serde(default, deserialize_with = "lenient::flag")]
    has_more_items: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Paged {
    objects: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Next {
    #[serde(default, deserialize_with = "lenient::maybe_text")]
    next: Option<String>,
}

impl<'a> Brightspace<'a> {
    /// Asks which versions the site speaks, and takes the latest ones.
    pub async fn open(site: &'a Site) -> Result<Self, AskError> {
        const ABOUT: &str = "versions";
        let answer = site.get(&site.address("/d2l/api/versions/"), ABOUT).await?;
        let products: Vec<Product> = answer.read(ABOUT)?;
        let version = |code: &str| {
            let product = products.iter().find(|product| product.product_code == code)?;
            let version = product.latest_version.clone();
            let is_version = version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            (is_version && !version.is_empty()).then_some(version)
        };
        match (version("le"), version("lp")) {
            (Some(le), Some(lp)) => Ok(Self { site, le, lp }),
            _ => Err(AskError::Unreadable(ABOUT)),
        }
    }

    /// A course offering; `None`: there is none.
    pub async fn course(&self, course: &str) -> Result<Option<Course>, AskError> {
        const ABOUT: &str = "the course";
        let path = format!("/d2l/api/lp/{}/courses/{}", self.lp, encoded(course));
        let answer = self.site.get(&self.site.address(&path), ABOUT).await?;
        if answer.status == 404 {
            return Ok(None);
        }
        answer.read(ABOUT).map(Some)
    }

    /// All records of completion of a course.
    pub async fn completions(&self, course: &str) -> Result<Vec<Completion>, AskError> {
        const ABOUT: &str = "course completions";
        let address = self.le(course, "grades/courseCompletion/");
        self.bookmarked(&address, ABOUT).await
    }

    /// How much of the required content these people completed.
    pub async fn content(&self, course: &str, people: &[String]) -> Result<Vec<Content>, AskError> {
        const ABOUT: &str = "completed content";
        let mut all = Vec::new();
        for people in people.chunks(PEOPLE_AT_ONCE) {
            let tail = format!("content/completions/?userIdsCSV={}", encoded(&people.join(",")));
            let answer = self.site.get(&self.le(course, &tail), ABOUT).await?;
            if answer.status == 404 {
                return Err(AskError::NotFound("course"));
            }
            append(&mut all, answer.rows::<Content>(ABOUT)?, ABOUT)?;
        }
        Ok(all)
    }

    /// Who completed a topic.
    pub async fn topic(&self, course: &str, topic: &str) -> Result<Vec<Topic>, AskError> {
        let tail = format!("content/topics/{}/completions/", encoded(topic));
        self.paged(self.le(course, &tail), "completions of a topic").await
    }

    /// Grades of a course, or those that changed since a moment (RFC 3339).
    pub async fn grades(&self, course: &str, since: Option<&str>) -> Result<Vec<Grade>, AskError> {
        let tail = match since {
            Some(since) => format!("grades/values/?pageSize=200&modifiedSince={}", encoded(since)),
            None => "grades/values/?pageSize=200".to_owned(),
        };
        self.paged(self.le(course, &tail), "grades").await
    }

    /// Everybody's final grade, with the learner's id in it; who has none is there without points.
    pub async fn finals(&self, course: &str) -> Result<Vec<(Person, Option<Grade>)>, AskError> {
        let rows: Vec<Final> = self
            .paged(self.le(course, "grades/final/values/?pageSize=200"), "final grades")
            .await?;
        Ok(rows.into_iter().map(|row| (row.user, row.grade)).collect())
    }

    /// The class list.
    pub async fn people(&self, course: &str) -> Result<Vec<Person>, AskError> {
        self.paged(self.le(course, "classlist/paged/"), "the class list").await
    }

    fn le(&self, course: &str, tail: &str) -> String {
        let path = format!("/d2l/api/le/{}/{}/{tail}", self.le, encoded(course));
        self.site.address(&path)
    }

    async fn bookmarked<T: DeserializeOwned>(&self, address: &str, about: &'static str) -> Result<Vec<T>, AskError> {
        let (mut all, mut bookmark): (Vec<T>, Option<String>) = (Vec::new(), None);
        for _ in 0..MOST_PAGES {
            let page = match &bookmark {
                Some(bookmark) => format!("{address}?bookmark={}", encoded(bookmark)),
                None => address.to_owned(),
            };
            let answer = self.site.get(&page, about).await?;
            // no completion records at all
            if answer.status == 404 {
                return Ok(all);
            }
            let page: Bookmarked = answer.read(about)?;
            append(&mut all, readable(page.items, about)?, about)?;
            if !page.paging_info.has_more_items {
                return Ok(all);
            }
            let next = page.paging_info.bookmark;
            if next.is_none() || next == bookmark {
                return Err(AskError::NoEnd(about));
            }
            bookmark = next;
        }
        Err(AskError::NoEnd(about))
    }

    async fn paged<T: DeserializeOwned>(&self, first: String, about: &'static str) -> Result<Vec<T>, AskError> {
        let mut pages = Pages::from(self.site, first, about);
        let mut all = Vec::new();
        loop {
            let page = pages.page(|answer| {
                let next = answer.read::<Next>(about)?.next;
                Ok(next.map(|next| self.absolute(&next)))
            });
            let Some(answer) = page.await? else { return Ok(all) };
            // "no grade", "nothing completed"
            if answer.status == 404 {
                return Ok(all);
            }
            append(&mut all, readable(answer.read::<Paged>(about)?.objects, about)?, about)?;
        }
    }

    /// The next address is a whole one, or begins at the root.
    fn absolute(&self, next: &str) -> String {
        if next.starts_with('/') {
            self.site.address(next)
        } else {
            next.to_owned()
        }
    }
}

fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grade_is_read_with_points_or_weights_and_never_divided_by_nothing() {
        let grade = |text: &str| serde_json::from_str::<Grade>(text).unwrap();
        let released = grade(
            r#"{"GradeObjectIdentifier":"4410","GradeObjectTypeName":"FinalCalculated","DisplayedGrade":"88 %",
                "PointsNumerator":88,"PointsDenominator":100,"WeightedNumerator":44,"WeightedDenominator":50,
                "LastModified":"2026-03-02T09:10:00.000Z","ReleasedDate":null}"#,
        );
        assert_eq!(released.score(), Some((88.0, 100.0)));
        assert!(released.is_final() && !released.is_adjusted() && released.released_date.is_none());
        let weighted = grade(
            r#"{"GradeObjectIdentifier":7,"PointsNumerator":5,"PointsDenominator":0,"WeightedNumerator":"44","WeightedDenominator":50}"#,
        );
        assert_eq!(weighted.score(), Some((44.0, 50.0)));
        assert_eq!(
            grade(r#"{"GradeObjectIdentifier":7,"PointsNumerator":5,"PointsDenominator":0}"#).score(),
            None
        );
    }
}
