//! Measures the real program: launches and signals on both databases beside their floors, start, memory, dispatch, a large
//! roster; and, asked for by `long`, what takes long.
//!
//! `scripts/measure` builds it and runs it; it needs two cores. The tool runs on the first, everything else (load, demo
//! LMS, simulated Factory, PostgreSQL) on the second. Its sub-command `floor` is the server that the tool is compared with.

mod dispatch;
mod floor;
mod http;
mod large;
mod launches;
mod load;
mod long;
mod report;
mod roster;
mod signals;
mod start;
mod tool;
mod visit;
mod world;

use std::path::PathBuf;

use anyhow::{Context, bail};

use report::{DatabaseFigures, Figures};
use tool::Tool;
use world::{Database, World};

/// What is run, from the environment.
struct Plan {
    binary: PathBuf,
    postgres: Option<String>,
    launches: usize,
    signals: usize,
    runs: usize,
    /// `launches` or `signals` alone; nothing of the figures is written then. Of what takes long: `pages` alone.
    only: Option<String>,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 1)]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        Some("floor") => floor::serve(&arguments.next().context("floor needs the public key")?).await,
        Some("print") => report::refresh_readme(&report::read()?),
        Some("long") => {
            let mut figures = report::read()?;
            figures.long = Some(long::run(&Plan::read()?, figures.long.take()).await?);
            report::write(&figures)?;
            report::refresh_readme(&figures)
        }
        Some(other) => bail!("unknown argument {other}"),
        None => measure(&Plan::read()?).await,
    }
}

impl Plan {
    fn read() -> anyhow::Result<Self> {
        let number = |name: &str, standard: usize| match std::env::var(name) {
            Ok(text) => text.parse().with_context(|| format!("{name} is no number")),
            Err(_) => Ok(standard),
        };
        Ok(Self {
            binary: std::env::var_os("MEASURE_BINARY")
                .context("MEASURE_BINARY names the program to measure")?
                .into(),
            postgres: std::env::var("BADGEBRIDGE_TEST_POSTGRES").ok(),
            launches: number("MEASURE_LAUNCHES", 20_000)?,
            signals: number("MEASURE_SIGNALS", 40_000)?,
            runs: number("MEASURE_RUNS", 3)?,
            only: std::env::var("MEASURE_ONLY").ok(),
        })
    }
}

async fn measure(plan: &Plan) -> anyhow::Result<()> {
    let mut figures = Figures::new(plan.launches, plan.runs, std::fs::metadata(&plan.binary)?.len());
    let sqlite = database(plan, &Database::Sqlite, Some(&mut figures)).await?;
    figures.sqlite = Some(sqlite);
    if let Some(url) = &plan.postgres {
        figures.postgres = Some(database(plan, &Database::Postgres(url.clone()), None).await?);
    }
    if plan.only.is_some() {
        return Ok(());
    }
    figures.long = report::read().ok().and_then(|before| before.long);
    report::write(&figures)?;
    report::refresh_readme(&figures)
}

/// All runs on one database; with `others`, what is measured once beside the launches, after the last run.
async fn database(plan: &Plan, database: &Database, others: Option<&mut Figures>) -> anyhow::Result<DatabaseFigures> {
    let mut figures = DatabaseFigures::default();
    let mut others = others;
    let is_wanted = |part| plan.only.as_deref().is_none_or(|only| only == part);
    let runs = if is_wanted("launches") { plan.runs } else { 0 };
    for run in 1..=runs {
        let world = World::make(database).await?;
        let mut tool = Tool::start(&plan.binary, &world).await?;
        let idle = tool.memory()?.now_kb;
        let measured = launches::run(&world, &tool, plan.launches).await?;
        figures.memory_idle_kb.push(idle);
        figures.memory_peak_kb.push(tool.memory()?.peak_kb);
        println!(
            "{} run {run}: {measured:?}, idle {idle} kB, {:?}",
            database.name(),
            tool.memory()?
        );
        figures.runs.push(measured);
        if run == plan.runs
            && plan.only.is_none()
            && let Some(others) = others.take()
        {
            others.dispatch_ms = dispatch::run(&world).await?;
            println!("dispatch {:?}", others.dispatch_ms);
            others.roster = Some(roster::run(&world, &tool).await?);
            println!("roster {:?}", others.roster);
            tool.stop().await?;
            others.start_ms = start::run(&plan.binary, &world).await?;
            println!("start {:?}", others.start_ms);
        } else {
            tool.stop().await?;
        }
        world.close().await;
    }
    if !is_wanted("signals") {
        return Ok(figures);
    }
    let world = World::make(database).await?;
    let mut tool = Tool::start(&plan.binary, &world).await?;
    let signals = signals::run(&world, &tool, plan.signals).await?;
    println!("{signals:?}");
    figures.signals = Some(signals);
    tool.stop().await?;
    world.close().await;
    Ok(figures)
}
