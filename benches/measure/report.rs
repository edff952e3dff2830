//! The figures: `docs/measured.json`, and from it the table in the README, which is never edited by hand.

use std::fmt::Write as _;
use std::fs;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use super::launches::Run;
use super::long::Long;
use super::roster::Roster;
use super::signals::Signals;

const FILE: &str = "docs/measured.json";
const README: &str = "README.md";
const BEGIN: &str = "<!-- figures: begin -->";
const END: &str = "<!-- figures: end -->";

/// Everything that was measured, and on what.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Figures {
    /// The processor, as the system names it.
    pub(crate) processor: String,
    pub(crate) cores: usize,
    /// The system's load before the first run: above 0 something else was running.
    pub(crate) load_before: String,
    pub(crate) launches_per_run: usize,
    pub(crate) runs: usize,
    pub(crate) binary_bytes: u64,
    pub(crate) sqlite: Option<DatabaseFigures>,
    pub(crate) postgres: Option<DatabaseFigures>,
    /// Single requests on an idle system, in order of length.
    pub(crate) dispatch_ms: Vec<f64>,
    pub(crate) roster: Option<Roster>,
    /// Single starts, in order of length.
    pub(crate) start_ms: Vec<f64>,
    /// What is measured by `scripts/measure long`.
    pub(crate) long: Option<Long>,
}

/// The runs on one database.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct DatabaseFigures {
    pub(crate) runs: Vec<Run>,
    pub(crate) memory_idle_kb: Vec<u64>,
    pub(crate) memory_peak_kb: Vec<u64>,
    pub(crate) signals: Option<Signals>,
}

impl Figures {
    pub(crate) fn new(launches_per_run: usize, runs: usize, binary_bytes: u64) -> Self {
        let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let named = |line: &&str| line.starts_with("model name");
        let processor = processors.lines().find(named).and_then(|line| line.split_once(':'));
        let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        Self {
            processor: processor.map_or("unknown", |(_, name)| name.trim()).to_owned(),
            cores: processors.lines().filter(named).count(),
            load_before: load.split_whitespace().next().unwrap_or_default().to_owned(),
            launches_per_run,
            runs,
            binary_bytes,
            sqlite: None,
            postgres: None,
            dispatch_ms: Vec::new(),
            roster: None,
            start_ms: Vec::new(),
            long: None,
        }
    }
}

pub(crate) fn write(figures: &Figures) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(figures)? + "\n";
    Ok(fs::write(FILE, text)?)
}

pub(crate) fn read() -> anyhow::Result<Figures> {
    Ok(serde_json::from_str(&fs::read_to_string(FILE)?)?)
}

/// Replaces what stands between the README's markers.
pub(crate) fn refresh_readme(figures: &Figures) -> anyhow::Result<()> {
    let readme = fs::read_to_string(README)?;
    let (before, rest) = readme.split_once(BEGIN).context("the README lacks its first marker")?;
    let (_, after) = rest.split_once(END).context("the README lacks its second marker")?;
    let table = table(figures)?;
    print!("{table}");
    Ok(fs::write(README, format!("{before}{BEGIN}\n{table}{END}{after}"))?)
}

/// One line of the table.
struct Row {
    what: String,
    target: String,
    measured: String,
    is_reached: bool,
}

fn table(figures: &Figures) -> anyhow::Result<String> {
    let mut text = introduction(figures)?;
    text += "\n| what | target | measured | reached |\n|---|---|---|---|\n";
    for row in rows(figures) {
        let reached = if row.is_reached { "yes" } else { "**no**" };
        writeln!(text, "| {} | {} | {} | {reached} |", row.what, row.target, row.measured)?;
    }
    Ok(text)
}

fn introduction(figures: &Figures) -> anyhow::Result<String> {
    let mut text = String::new();
    let (cores, processor) = (figures.cores, &figures.processor);
    writeln!(
        text,
        "`scripts/measure` writes this and [docs/measured.json](docs/measured.json)."
    )?;
    writeln!(
        text,
        "{cores} cores of {processor}, one for the tool, the other for the load, the demo LMS, the simulated Factory and \
         PostgreSQL."
    )?;
    if figures.load_before.parse::<f64>().is_ok_and(|load| load > 1.0) {
        writeln!(
            text,
            "Other programs were running (load {} before the first run): rates are lower and waits longer than on a quiet \
             machine. Read the ratio to the floor, which was measured in the same minutes.",
            figures.load_before
        )?;
    }
    writeln!(
        text,
        "A launch is a login request and a launch request of a new browser: {} launches over 32 connections by 1,000 people \
         in 50 courses, each state once, signing not timed, while 10 orders a second are made, sent and settled; then as many \
         seats were counted, and 1,000 repeats were all refused. Median of {} runs, the lowest and highest in brackets. The \
         floor is a server of the same framework on the same core that verifies one RS256 signature.",
        thousands(u64::try_from(figures.launches_per_run)?),
        figures.runs
    )?;
    Ok(text)
}

fn rows(figures: &Figures) -> Vec<Row> {
    let mut rows = Vec::new();
    let databases = [
        ("SQLite", 2_500.0, &figures.sqlite),
        ("PostgreSQL on the same machine", 1_500.0, &figures.postgres),
    ];
    for (name, target, measured) in databases {
        if let Some(measured) = measured {
            rows.extend(launch_rows(name, target, &measured.runs));
        }
    }
    if let Some(sqlite) = &figures.sqlite {
        rows.push(memory("memory after start, idle", 40, &sqlite.memory_idle_kb));
        rows.push(memory(
            "memory at most during the launches",
            120,
            &sqlite.memory_peak_kb,
        ));
    }
    rows.push(Row {
        what: "binary, stripped".to_owned(),
        target: "< 40 MB".to_owned(),
        measured: format!("{:.1} MB", megabytes(figures.binary_bytes)),
        is_reached: megabytes(figures.binary_bytes) < 40.0,
    });
    let start = quantile(&figures.start_ms, 50);
    rows.push(Row {
        what: "start to `/readyz`, existing database".to_owned(),
        target: "< 300 ms".to_owned(),
        measured: format!("{start:.0} ms (10 starts)"),
        is_reached: start < 300.0,
    });
    let (median, late) = (quantile(&figures.dispatch_ms, 50), quantile(&figures.dispatch_ms, 95));
    rows.push(Row {
        what: "stored request to its order at the Factory, idle system, nobody woke the worker".to_owned(),
        target: "p95 < 1.5 s".to_owned(),
        measured: format!("p50 {median:.0} ms, p95 {late:.0} ms (20 requests)"),
        is_reached: late < 1_500.0,
    });
    rows.extend(figures.roster.as_ref().map(|roster| Row {
        what: "page of people in a course of 10,000".to_owned(),
        target: "< 150 ms".to_owned(),
        measured: format!(
            "p50 {:.0} ms, p95 {:.0} ms; read from the LMS and stored in {:.1} s, {:.0} MB at most",
            roster.people_page_p50_ms,
            roster.people_page_p95_ms,
            roster.read_and_stored_s,
            megabytes(roster.memory_peak_kb.saturating_mul(1_024))
        ),
        is_reached: roster.people_page_p95_ms < 150.0,
    }));
    let databases = [
        ("SQLite", 8_000.0, &figures.sqlite),
        ("PostgreSQL on the same machine", 4_000.0, &figures.postgres),
    ];
    for (name, target, measured) in databases {
        if let Some(signals) = measured.as_ref().and_then(|measured| measured.signals.as_ref()) {
            rows.extend(signal_rows(name, target, signals));
        }
    }
    rows.extend(figures.long.iter().flat_map(long_rows));
    rows
}

fn signal_rows(name: &str, target: f64, signals: &Signals) -> [Row; 4] {
    let late = quantile(&signals.to_order_ms, 95);
    [
        Row {
            what: format!("signed webhooks taken/s on one core, durable, 64 connections, {name}"),
            target: format!("≥ {target:.0}"),
            measured: format!(
                "**{:.0}** ({} requests; all matched after {:.1} s); the same statement committed alone {:.0}/s; ratio {:.1}",
                signals.taken_per_s,
                thousands(u64::try_from(signals.requests).unwrap_or(u64::MAX)),
                signals.matched_s,
                signals.alone_per_s,
                signals.taken_per_s / signals.alone_per_s
            ),
            is_reached: signals.taken_per_s >= target,
        },
        Row {
            what: format!("p99 of webhooks, {name}"),
            target: "< 50 ms".to_owned(),
            measured: format!("{:.0} ms (p50 {:.0} ms)", signals.taken_p99_ms, signals.taken_p50_ms),
            is_reached: signals.taken_p99_ms < 50.0,
        },
        Row {
            what: format!("one signal to its order at the Factory, idle system, {name}"),
            target: "p95 < 1.5 s".to_owned(),
            measured: format!(
                "p50 {:.0} ms, p95 {late:.0} ms ({} signals)",
                quantile(&signals.to_order_ms, 50),
                signals.to_order_ms.len()
            ),
            is_reached: late < 1_500.0,
        },
        Row {
            what: format!(
                "{} awards by one rule, {name}",
                thousands(u64::try_from(signals.awards).unwrap_or(u64::MAX))
            ),
            target: "none".to_owned(),
            measured: format!(
                "from the first signal until the rule's limit held them all {:.1} s; from their release until each had its \
                 order {:.1} s (orders leave at the Factory's pace); {:.0} MB at most",
                signals.held_s,
                signals.released_s,
                megabytes(signals.memory_peak_kb.saturating_mul(1_024))
            ),
            is_reached: true,
        },
    ]
}

fn long_rows(long: &Long) -> Vec<Row> {
    let mut rows = Vec::new();
    let slowest = long
        .pages
        .iter()
        .max_by(|one, other| one.p95_ms.total_cmp(&other.p95_ms));
    if let Some(slowest) = slowest {
        let pages = long
            .pages
            .iter()
            .map(|page| format!("{} {:.0}", page.name, page.p95_ms));
        rows.push(Row {
            what: format!(
                "pages over {} awards and {} signals",
                thousands(long.awards.into()),
                thousands(long.signals.into())
            ),
            target: "< 200 ms".to_owned(),
            measured: format!("p95 in ms: {}", pages.collect::<Vec<_>>().join(", ")),
            is_reached: slowest.p95_ms < 200.0,
        });
    }
    rows.extend(long.orders.as_ref().map(|orders| Row {
        what: format!(
            "{} single orders, the Factory allows 10 calls/s",
            thousands(orders.count.into())
        ),
        target: "≤ 1200 s, memory flat".to_owned(),
        measured: format!(
            "{:.0} s; {:.0} MB after a tenth, {:.0} MB at the end",
            orders.took_s,
            megabytes(orders.memory_early_kb.saturating_mul(1_024)),
            megabytes(orders.memory_late_kb.saturating_mul(1_024))
        ),
        is_reached: orders.took_s <= 1_200.0,
    }));
    rows.extend(long.catalog.as_ref().map(|catalog| Row {
        what: format!("{} badges with pictures of 200 kB", thousands(catalog.badges.into())),
        target: "< 120 MB".to_owned(),
        measured: format!(
            "{:.0} MB at most; read in {:.0} s",
            megabytes(catalog.memory_peak_kb.saturating_mul(1_024)),
            catalog.took_s
        ),
        is_reached: megabytes(catalog.memory_peak_kb.saturating_mul(1_024)) < 120.0,
    }));
    rows
}

fn launch_rows(name: &str, target: f64, runs: &[Run]) -> [Row; 2] {
    let of = |figure: fn(&Run) -> f64| {
        let mut all: Vec<f64> = runs.iter().map(figure).collect();
        all.sort_unstable_by(f64::total_cmp);
        all
    };
    let (rate, floor, late) = (
        of(|run| run.launches_per_s),
        of(|run| run.floor_per_s),
        of(|run| run.launch_p99_ms),
    );
    let (ratio, alone) = (of(|run| run.ratio_to_floor), of(|run| run.launches_alone_per_s));
    let waits = quantile(&late, 50);
    [
        Row {
            what: format!("launches/s on one core, {name}"),
            target: format!("≥ {target:.0}"),
            measured: format!(
                "{}; launch request alone {:.0}; floor {}; ratio {:.2}",
                spread(&rate),
                quantile(&alone, 50),
                spread(&floor),
                quantile(&ratio, 50)
            ),
            is_reached: quantile(&rate, 50) >= target,
        },
        Row {
            what: format!("p99 of launch requests, {name}"),
            target: "< 50 ms".to_owned(),
            measured: format!(
                "{waits:.0} ms (p50 {:.0} ms)",
                quantile(&of(|run| run.launch_p50_ms), 50)
            ),
            is_reached: waits < 50.0,
        },
    ]
}

fn memory(what: &str, target_mb: u32, measured_kb: &[u64]) -> Row {
    let most = measured_kb.iter().copied().max().unwrap_or(0);
    let most = megabytes(most.saturating_mul(1_024));
    Row {
        what: what.to_owned(),
        target: format!("< {target_mb} MB"),
        measured: format!("{most:.0} MB"),
        is_reached: most < f64::from(target_mb),
    }
}

fn spread(sorted: &[f64]) -> String {
    let (lowest, highest) = (quantile(sorted, 0), quantile(sorted, 100));
    format!("**{:.0}** ({lowest:.0} to {highest:.0})", quantile(sorted, 50))
}

/// The value below which so many of a hundred lie, of values in order.
fn quantile(sorted: &[f64], percent: usize) -> f64 {
    let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or(0.0)
}

fn megabytes(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes / 1_000).unwrap_or(u32::MAX)) / 1e3
}

fn thousands(number: u64) -> String {
    if number < 1_000 {
        return number.to_string();
    }
    format!("{},{:03}", thousands(number / 1_000), number % 1_000)
}
