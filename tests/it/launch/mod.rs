//! Launches, good ones and attacks, through the real server: the launch checklist.
//!
//! `docs/launch-checklist.toml` says which test stands for which row. Every refusal asserts its status, the reason that
//! the page shows, that no session or seat came to be, and that no session cookie was set.

mod full;
mod keys;
mod known;
mod login;
mod message;
mod people;
mod registrations;
mod samples;
mod single_use;
pub(crate) mod storage;
mod token;
mod way_back;

use badgebridge::model::{Seat, Standing};
use badgebridge::sandbox::lms::{LaunchSpec, Signer};
use serde_json::Value;

use crate::support::browser::{Answer, Browser};
use crate::support::database::{Database, with_postgres, with_sqlite};
use crate::support::world::{Begun, World};

const TEACHER: &str = "teacher1";
const LEARNER: &str = "ada";
const COURSE: &str = "BIO-2010";

/// Runs `body` on a fresh SQLite file, then on a fresh PostgreSQL database.
async fn with_each<F: Future<Output = ()>>(body: impl Fn(Database) -> F) {
    with_sqlite(&body).await;
    with_postgres(&body).await;
}

/// The login of a teacher.
async fn begin(world: &World, browser: &Browser) -> Begun {
    world.begin(browser, LaunchSpec::new(TEACHER, COURSE, "")).await
}

/// A token: header, claims and what signs it.
struct Token {
    header: Value,
    claims: Value,
    signer: Signer,
}

/// Launches with a token that differs from the good one in what `change` does to it.
async fn launch_bent(world: &World, person: &str, change: impl FnOnce(&mut Token)) -> Answer {
    launch_bent_in(world, &world.browser(), person, change).await
}

async fn launch_bent_in(world: &World, browser: &Browser, person: &str, change: impl FnOnce(&mut Token)) -> Answer {
    let begun = world.begin(browser, LaunchSpec::new(person, COURSE, "")).await;
    let mut token = Token {
        header: world.lms.header(),
        claims: world.lms.claims(&LaunchSpec::new(person, COURSE, &begun.nonce)),
        signer: Signer::Own,
    };
    change(&mut token);
    let token = world.lms.sign(&token.header, &token.claims, &token.signer);
    world.answer(browser, &begun.state, &token).await
}

/// The seat of a launch whose claims differ from the good ones in what `change` does to them. Its page is shown.
async fn seat_after(world: &World, person: &str, change: impl FnOnce(&mut Value)) -> Seat {
    let browser = world.browser();
    let answer = launch_bent_in(world, &browser, person, |token| change(&mut token.claims)).await;
    let seat = world.seat(answer.seat()).await;
    let mut page = browser.get(answer.location()).await;
    if page.status == 303 {
        page = browser.get(page.location()).await;
    }
    let role = match seat.standing {
        Standing::Staff => "staff",
        Standing::LimitedStaff => "limited-staff",
        Standing::Learner => "learner",
        Standing::None => "none",
    };
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(
        page.body.contains(&format!("<body data-role=\"{role}\"")),
        "{}",
        page.body
    );
    seat
}

/// The status, the reason on the page, and that nothing came to be: no seat beyond `before`, no session cookie.
async fn assert_refused_after(world: &World, before: i64, answer: &Answer, status: u16, reason: &str) {
    assert_eq!(
        (answer.status, answer.reason().as_str()),
        (status, reason),
        "{}",
        answer.body
    );
    assert!(!answer.heading().is_empty());
    assert_eq!(world.seats().await, before, "a seat came to be");
    assert_eq!(answer.cookies_set(), Vec::<&str>::new(), "a cookie was set");
    assert_eq!(answer.header("location"), None);
}

/// The same where nothing was there before.
async fn assert_refused(world: &World, answer: &Answer, status: u16, reason: &str) {
    assert_refused_after(world, 0, answer, status, reason).await;
}

/// What the seat gives: course rights and whether it is a test user's.
fn rights(seat: &Seat) -> (Standing, bool) {
    (seat.standing, seat.test)
}
