//! A person in a course, as their browser would be.

use anyhow::{Context, ensure};
use badgebridge::clock::Timestamp;
use badgebridge::model::CourseId;
use badgebridge::sandbox::lms::LaunchSpec;
use url::form_urlencoded;

use super::http::{self, Answer, Connection};
use super::launches::form;
use super::tool::Tool;
use super::world::World;

/// A launched person.
pub(crate) struct Visit {
    connection: Connection,
    cookies: String,
    /// The path of their pages.
    pub(crate) seat: String,
    /// The course that they came from.
    pub(crate) course: CourseId,
}

impl Visit {
    /// Logs in and launches.
    pub(crate) async fn begin(world: &World, tool: &Tool, person: &str, course: &str) -> anyhow::Result<Self> {
        let mut connection = Connection::open(tool.address).await?;
        let asked = world.lms.begin(person, course)?;
        let answer = connection.call(&http::post("/lti/login", "", &asked.body())).await?;
        let (_, query) = answer.location()?.split_once('?').context("no query")?;
        let value = |wanted: &str| {
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            pairs
                .find(|(name, _)| name == wanted)
                .map(|(_, value)| value.into_owned())
        };
        let spec = LaunchSpec::new(person, course, &value("nonce").context("no nonce")?);
        let body = form(&world.lms.id_token(&spec), &value("state").context("no state")?);
        let launch = http::post("/lti/launch", &answer.cookies(), &body);
        let answer = connection.call(&launch).await?;
        let seat = answer.location()?.to_owned();
        Ok(Self {
            connection,
            cookies: answer.cookies(),
            course: course_of(world, &seat).await?,
            seat,
        })
    }

    /// A page of theirs; `path` as it follows the seat.
    pub(crate) async fn page(&mut self, path: &str) -> anyhow::Result<Answer> {
        let path = format!("{}{path}", self.seat);
        self.page_at(&path).await
    }

    /// A page by its whole path.
    pub(crate) async fn page_at(&mut self, path: &str) -> anyhow::Result<Answer> {
        let answer = self.connection.call(&http::get(path, &self.cookies)).await?;
        ensure!(answer.status == 200, "{path} answered {}", answer.status);
        Ok(answer)
    }

    /// Sends a form of `page` to `path`, as it follows the seat.
    pub(crate) async fn press(&mut self, page: &Answer, path: &str, fields: &[(&str, &str)]) -> anyhow::Result<Answer> {
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("csrf", csrf(&page.body)?)
            .extend_pairs(fields)
            .finish();
        let request = http::post(&format!("{}{path}", self.seat), &self.cookies, &body);
        self.connection.call(&request).await
    }
}

/// The secret of a page's forms.
fn csrf(page: &str) -> anyhow::Result<&str> {
    let (_, rest) = page
        .split_once("name=\"csrf\" value=\"")
        .context("no form on the page")?;
    let (csrf, _) = rest.split_once('"').context("a form that does not end")?;
    Ok(csrf)
}

async fn course_of(world: &World, seat: &str) -> anyhow::Result<CourseId> {
    let id = seat.strip_prefix("/c/").context("no seat")?.parse()?;
    let (since, store) = (Timestamp::default(), &world.parts.store);
    let seat = store.read_one(async |tx| tx.seat(id, since, since).await).await?;
    seat.and_then(|(seat, _)| seat.course)
        .context("a seat without a course")
}
