//! Launches a second: a launch is a login request and a launch request, of a browser that comes for the first time.
//! Signing is not timed. Ten orders a second are made, sent and settled meanwhile.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use badgebridge::sandbox::lms::LaunchSpec;
use serde::{Deserialize, Serialize};
use url::form_urlencoded;

use super::floor;
use super::http::{self, Answer};
use super::load;
use super::tool::Tool;
use super::world::{self, World};

/// Launches before the timed ones: keys are fetched, statements prepared.
const WARM_UP: usize = 200;
/// Spent launches that are posted again.
const REPEATS: usize = 1_000;
/// Requests to the floor.
const FLOOR: usize = 20_000;

/// What one run gave.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Run {
    /// N / (time of the logins + time of the launches).
    pub(crate) launches_per_s: f64,
    pub(crate) logins_alone_per_s: f64,
    pub(crate) launches_alone_per_s: f64,
    pub(crate) launch_p50_ms: f64,
    pub(crate) launch_p99_ms: f64,
    pub(crate) floor_per_s: f64,
    /// Launches to the floor's requests.
    pub(crate) ratio_to_floor: f64,
    /// Orders that the Factory received in the timed seconds, by second.
    pub(crate) orders_per_s: f64,
    pub(crate) seats: i64,
    pub(crate) repeats_refused: usize,
}

/// What the browser has after a login.
struct LoggedIn {
    state: String,
    nonce: String,
    cookies: String,
}

/// Measures `count` launches, each state once.
pub(crate) async fn run(world: &World, tool: &Tool, count: usize) -> anyhow::Result<Run> {
    let warm = log_in(world, tool, WARM_UP).await?;
    let (requests, _) = sign(world, &warm.answers)?;
    load::send(tool.address, requests, seated).await?;

    let before = world.seats().await?;
    let mut orders = Orders::begin(world).await?;
    let logins = log_in(world, tool, count).await?;
    orders.note(world);
    let (requests, mut bodies) = sign(world, &logins.answers)?;
    let repeats = requests.iter().take(REPEATS).cloned().collect();
    orders.resume(world).await?;
    let launches = load::send(tool.address, requests, seated).await?;
    orders.note(world);

    let seats = world.seats().await? - before;
    ensure!(seats == i64::try_from(count)?, "{count} launches made {seats} seats");
    let refused = load::send(tool.address, repeats, refused).await?.answers.len();
    ensure!(world.seats().await? - before == seats, "a repeated launch made a seat");
    bodies.truncate(FLOOR);
    let floor_per_s = floor::rate(&world.lms.key().public_pem(), &bodies).await?;
    let number = f64::from(u32::try_from(count)?);
    let launches_per_s = number / (logins.took + launches.took).as_secs_f64();
    Ok(Run {
        launches_per_s,
        logins_alone_per_s: number / logins.took.as_secs_f64(),
        launches_alone_per_s: number / launches.took.as_secs_f64(),
        launch_p50_ms: launches.percentile_ms(50),
        launch_p99_ms: launches.percentile_ms(99),
        floor_per_s,
        ratio_to_floor: launches_per_s / floor_per_s,
        orders_per_s: orders.rate(),
        seats,
        repeats_refused: refused,
    })
}

async fn log_in(world: &World, tool: &Tool, count: usize) -> anyhow::Result<load::Load<LoggedIn>> {
    let requests = (0..count).map(|number| {
        let asked = world.lms.begin(&world::person(number), &world::course(number))?;
        Ok(http::post("/lti/login", "", &asked.body()))
    });
    let requests = requests.collect::<anyhow::Result<Vec<_>>>()?;
    load::send(tool.address, requests, logged_in).await
}

fn logged_in(answer: &Answer) -> anyhow::Result<LoggedIn> {
    ensure!(answer.status == 303, "a login was answered with {}", answer.status);
    let (_, query) = answer.location()?.split_once('?').context("no query")?;
    let value = |wanted: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.into_owned())
    };
    Ok(LoggedIn {
        state: value("state").context("no state")?,
        nonce: value("nonce").context("no nonce")?,
        cookies: answer.cookies(),
    })
}

/// The launch requests, and their bodies alone.
fn sign(world: &World, logins: &[LoggedIn]) -> anyhow::Result<(Vec<Vec<u8>>, Vec<String>)> {
    let mut requests = Vec::with_capacity(logins.len());
    let mut bodies = Vec::with_capacity(logins.len());
    for (number, login) in logins.iter().enumerate() {
        let spec = LaunchSpec::new(&world::person(number), &world::course(number), &login.nonce);
        let body = form(&world.lms.id_token(&spec), &login.state);
        requests.push(http::post("/lti/launch", &login.cookies, &body));
        bodies.push(body);
    }
    ensure!(!bodies.is_empty(), "nobody logged in");
    Ok((requests, bodies))
}

/// A launch's form.
pub(crate) fn form(token: &str, state: &str) -> String {
    form_urlencoded::Serializer::new(String::new())
        .append_pair("id_token", token)
        .append_pair("state", state)
        .finish()
}

fn seated(answer: &Answer) -> anyhow::Result<()> {
    ensure!(
        answer.status == 303 && answer.location()?.starts_with("/c/"),
        "a launch was answered with {}: {}",
        answer.status,
        answer.body
    );
    Ok(())
}

fn refused(answer: &Answer) -> anyhow::Result<()> {
    ensure!(
        answer.status == 401,
        "a repeated launch was answered with {}",
        answer.status
    );
    Ok(())
}

/// The orders beside: ten a second for as long as a phase lasts, counted where they arrive.
struct Orders {
    begun: Instant,
    calls: u64,
    arrived: u64,
    lasted: Duration,
}

impl Orders {
    async fn begin(world: &World) -> anyhow::Result<Self> {
        let mut orders = Self {
            begun: Instant::now(),
            calls: 0,
            arrived: 0,
            lasted: Duration::ZERO,
        };
        orders.resume(world).await?;
        Ok(orders)
    }

    /// Places as many as 15 s need; what is left of them goes on while nothing is timed.
    async fn resume(&mut self, world: &World) -> anyhow::Result<()> {
        world.place(150, Duration::from_millis(100)).await?;
        (self.begun, self.calls) = (Instant::now(), world.issuing_calls());
        Ok(())
    }

    fn note(&mut self, world: &World) {
        self.arrived += world.issuing_calls() - self.calls;
        self.lasted += self.begun.elapsed();
    }

    fn rate(&self) -> f64 {
        f64::from(u32::try_from(self.arrived).unwrap_or(u32::MAX)) / self.lasted.as_secs_f64()
    }
}
