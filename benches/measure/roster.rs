//! A course of 10,000 people: read from the LMS in pages, stored, and shown in pages.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use badgebridge::clock::Timestamp;
use badgebridge::model::CourseId;
use badgebridge::sandbox::factory::BADGE_WELCOME;
use badgebridge::sandbox::lms::{Course, LaunchSpec, Person, Role};
use serde::{Deserialize, Serialize};
use url::form_urlencoded;

use super::http::{self, Connection};
use super::launches::form;
use super::load::percentile_ms;
use super::tool::Tool;
use super::world::{LARGE_COURSE, TEACHER, World};

const PEOPLE: usize = 10_000;

/// What the course took.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Roster {
    pub(crate) people: usize,
    /// From the first page that wants the roster until all people are stored.
    pub(crate) read_and_stored_s: f64,
    /// The first page of people, by name.
    pub(crate) people_page_p50_ms: f64,
    pub(crate) people_page_p95_ms: f64,
    /// The tool's peak since its start.
    pub(crate) memory_peak_kb: u64,
}

/// Opens the course as its teacher, as a browser would.
pub(crate) async fn run(world: &World, tool: &Tool) -> anyhow::Result<Roster> {
    world
        .lms
        .add_course(Course::new(LARGE_COURSE, LARGE_COURSE, "Everybody", "link-large"));
    world.lms.add_person(
        LARGE_COURSE,
        Person::new(TEACHER, TEACHER, "Teodora", "Marsh"),
        Role::Teacher,
    );
    world.lms.seed_people(LARGE_COURSE, PEOPLE);
    let mut connection = Connection::open(tool.address).await?;
    let asked = world.lms.begin(TEACHER, LARGE_COURSE)?;
    let answer = connection.call(&http::post("/lti/login", "", &asked.body())).await?;
    let (_, query) = answer.location()?.split_once('?').context("no query")?;
    let value = |wanted: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.into_owned())
    };
    let spec = LaunchSpec::new(TEACHER, LARGE_COURSE, &value("nonce").context("no nonce")?);
    let body = form(&world.lms.id_token(&spec), &value("state").context("no state")?);
    let answer = connection
        .call(&http::post("/lti/launch", &answer.cookies(), &body))
        .await?;
    let (seat, cookies) = (answer.location()?.to_owned(), answer.cookies());

    let begun = Instant::now();
    let home = connection.call(&http::get(&seat, &cookies)).await?;
    ensure!(home.status == 200, "the home page answered {}", home.status);
    let read_and_stored = until_stored(world, course_of(world, &seat).await?, begun).await?;

    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("csrf", csrf(&home.body)?)
        .append_pair("badge", BADGE_WELCOME)
        .finish();
    let choose = http::post(&format!("{seat}/issue"), &cookies, &body);
    let people = connection.call(&choose).await?.location()?.to_owned();
    let mut times = Vec::new();
    for _ in 0..40 {
        let begun = Instant::now();
        let page = connection.call(&http::get(&people, &cookies)).await?;
        times.push(begun.elapsed());
        ensure!(page.status == 200, "the page of people answered {}", page.status);
    }
    times.sort_unstable();
    Ok(Roster {
        people: PEOPLE,
        read_and_stored_s: read_and_stored.as_secs_f64(),
        people_page_p50_ms: percentile_ms(&times, 50),
        people_page_p95_ms: percentile_ms(&times, 95),
        memory_peak_kb: tool.memory()?.peak_kb,
    })
}

/// The secret of the page's forms.
fn csrf(page: &str) -> anyhow::Result<&str> {
    let (_, rest) = page
        .split_once("name=\"csrf\" value=\"")
        .context("no form on the home page")?;
    let (csrf, _) = rest.split_once('"').context("a form that does not end")?;
    Ok(csrf)
}

/// The course of the seat at this address.
async fn course_of(world: &World, seat: &str) -> anyhow::Result<CourseId> {
    let id = seat.strip_prefix("/c/").context("no seat")?.parse()?;
    let (since, store) = (Timestamp::default(), &world.parts.store);
    let seat = store.read_one(async |tx| tx.seat(id, since, since).await).await?;
    seat.and_then(|(seat, _)| seat.course)
        .context("a seat without a course")
}

/// Waits until the roster is read: the LMS's last person is stored then.
async fn until_stored(world: &World, course: CourseId, begun: Instant) -> anyhow::Result<Duration> {
    let organisation = world.organisation;
    loop {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let store = &world.parts.store;
        let course = store.read_one(async |tx| tx.course(organisation, course).await).await?;
        if course.context("no course")?.roster.read_at.is_some() {
            return Ok(begun.elapsed());
        }
        ensure!(begun.elapsed() < Duration::from_mins(2), "the roster was not read");
    }
}
