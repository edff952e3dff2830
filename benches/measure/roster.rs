//! A course of 10,000 people: read from the LMS in pages, stored, and shown in pages.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use badgebridge::model::CourseId;
use badgebridge::sandbox::factory::BADGE_WELCOME;
use badgebridge::sandbox::lms::{Course, Person, Role};
use serde::{Deserialize, Serialize};

use super::load::percentile_ms;
use super::tool::Tool;
use super::visit::Visit;
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
    let mut teacher = Visit::begin(world, tool, TEACHER, LARGE_COURSE).await?;

    let begun = Instant::now();
    let home = teacher.page("").await?;
    let read_and_stored = until_stored(world, teacher.course, begun).await?;

    let people = teacher.press(&home, "/issue", &[("badge", BADGE_WELCOME)]).await?;
    let people = people.location()?.to_owned();
    let mut times = Vec::new();
    for _ in 0..40 {
        let begun = Instant::now();
        teacher.page_at(&people).await?;
        times.push(begun.elapsed());
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

/// Waits until the roster is read: the LMS's last person is stored then.
pub(crate) async fn until_stored(world: &World, course: CourseId, begun: Instant) -> anyhow::Result<Duration> {
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
