//! What takes long to measure: a database with a million awards, 10,000 orders at the Factory's pace, a catalog of large
//! pictures. On SQLite.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use badgebridge::sandbox::lms::{Course, Person, Role};
use serde::{Deserialize, Serialize};

use super::Plan;
use super::large;
use super::load::percentile_ms;
use super::roster::until_stored;
use super::tool::Tool;
use super::visit::Visit;
use super::world::{Database, LARGE_COURSE, TEACHER, World};

/// Orders for one person each.
const ORDERS: u32 = 10_000;
/// The Factory's limit, and the tool's pace: calls a second.
const PACE: u32 = 10;
/// Badges with pictures of 200 kB each.
const HEAVY_BADGES: u32 = 1_000;

/// What was measured.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Long {
    pub(crate) pages: Vec<Page>,
    /// Awards in that database.
    pub(crate) awards: u32,
    /// Signals in that database.
    pub(crate) signals: u32,
    pub(crate) orders: Option<Orders>,
    pub(crate) catalog: Option<Catalog>,
}

/// One page, 20 times.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Page {
    pub(crate) name: String,
    pub(crate) p50_ms: f64,
    pub(crate) p95_ms: f64,
}

/// Orders at the Factory's pace.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Orders {
    pub(crate) count: u32,
    /// Until the Factory had them all.
    pub(crate) took_s: f64,
    /// Resident after a tenth, and at the end.
    pub(crate) memory_early_kb: u64,
    pub(crate) memory_late_kb: u64,
}

/// A catalog of large pictures.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Catalog {
    pub(crate) badges: u32,
    /// Until all of them could be issued.
    pub(crate) took_s: f64,
    pub(crate) memory_peak_kb: u64,
}

/// Everything of this file: about 25 minutes. Of `before`, what the plan leaves out is kept.
pub(crate) async fn run(plan: &Plan, before: Option<Long>) -> anyhow::Result<Long> {
    let mut long = Long {
        pages: pages(plan).await?,
        awards: large::AWARDS,
        signals: large::SIGNALS,
        ..before.unwrap_or_default()
    };
    if plan.only.as_deref() != Some("pages") {
        long.catalog = Some(catalog(plan).await?);
        println!("{:?}", long.catalog);
        long.orders = Some(orders(plan).await?);
        println!("{:?}", long.orders);
    }
    Ok(long)
}

async fn catalog(plan: &Plan) -> anyhow::Result<Catalog> {
    let world = World::with_badges(&Database::Sqlite, HEAVY_BADGES).await?;
    let begun = Instant::now();
    let mut tool = Tool::start(&plan.binary, &world).await?;
    let (store, organisation) = (&world.parts.store, world.organisation);
    loop {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let badges = store
            .read_one(async move |tx| tx.catalog_badges(organisation).await)
            .await?;
        let with_picture = badges.iter().filter(|badge| badge.picture.is_some()).count();
        if with_picture >= usize::try_from(HEAVY_BADGES)? {
            break;
        }
        ensure!(
            begun.elapsed() < Duration::from_mins(10),
            "{with_picture} badges with a picture after ten minutes"
        );
    }
    let took_s = begun.elapsed().as_secs_f64();
    let memory_peak_kb = tool.memory()?.peak_kb;
    tool.stop().await?;
    world.close().await;
    Ok(Catalog {
        badges: HEAVY_BADGES,
        took_s,
        memory_peak_kb,
    })
}

async fn pages(plan: &Plan) -> anyhow::Result<Vec<Page>> {
    let world = World::make(&Database::Sqlite).await?;
    let course = Course::new(LARGE_COURSE, LARGE_COURSE, "Everybody", "link-large");
    world.lms.add_course(course);
    let teacher = Person::new(TEACHER, TEACHER, "Teodora", "Marsh");
    world.lms.add_person(LARGE_COURSE, teacher, Role::Teacher);
    let learners = world.lms.seed_people(LARGE_COURSE, large::MEMBERS.try_into()?);
    let mut tool = Tool::start(&plan.binary, &world).await?;
    let mut visit = Visit::begin(&world, &tool, TEACHER, LARGE_COURSE).await?;
    visit.page("").await?;
    until_stored(&world, visit.course, Instant::now()).await?;
    tool.stop().await?;
    let begun = Instant::now();
    large::fill(&world, visit.course).await?;
    println!("filled in {:?}", begun.elapsed());

    let mut tool = Tool::start(&plan.binary, &world).await?;
    let mut visit = Visit::begin(&world, &tool, TEACHER, LARGE_COURSE).await?;
    let member = large::member(&world, learners.first().context("no learner")?).await?;
    let (award, event) = (large::award(0), large::event(0));
    let wanted = [
        ("home", String::new()),
        ("needs", "/needs".to_owned()),
        ("history", "/history".to_owned()),
        ("history, last page", "/history?page=100000".to_owned()),
        ("history, by name", "/history?sort=name".to_owned()),
        ("history, a name searched", "/history?q=No100042".to_owned()),
        ("award", format!("/awards/{award}")),
        ("event", format!("/events/{event}")),
        ("person", format!("/people/{member}")),
        ("rules", "/rules".to_owned()),
        ("history, one badge", "/history?badge=B0-0".to_owned()),
        ("history, what failed", "/history?state=failed".to_owned()),
    ];
    let mut pages = Vec::new();
    for (name, path) in wanted {
        let mut times = Vec::new();
        for _ in 0..20 {
            let begun = Instant::now();
            visit.page(&path).await?;
            times.push(begun.elapsed());
        }
        times.sort_unstable();
        let page = Page {
            name: name.to_owned(),
            p50_ms: percentile_ms(&times, 50),
            p95_ms: percentile_ms(&times, 95),
        };
        println!("{page:?}");
        pages.push(page);
    }
    tool.stop().await?;
    world.close().await;
    Ok(pages)
}

async fn orders(plan: &Plan) -> anyhow::Result<Orders> {
    let world = World::make(&Database::Sqlite).await?;
    world.factory.set_manner(|manner| manner.calls_per_second = Some(PACE));
    let mut tool = Tool::start(&plan.binary, &world).await?;
    let begun = Instant::now();
    for _ in 0..ORDERS / 100 {
        world.place(100, Duration::ZERO).await?;
    }
    let mut early = 0;
    while world.issued() < u64::from(ORDERS) {
        tokio::time::sleep(Duration::from_secs(1)).await;
        if early == 0 && world.issued() >= u64::from(ORDERS / 10) {
            early = tool.memory()?.now_kb;
        }
        ensure!(begun.elapsed() < Duration::from_mins(30), "not all orders were sent");
    }
    let took_s = begun.elapsed().as_secs_f64();
    let memory_late_kb = tool.memory()?.now_kb;
    tool.stop().await?;
    world.close().await;
    Ok(Orders {
        count: ORDERS,
        took_s,
        memory_early_kb: early,
        memory_late_kb,
    })
}
