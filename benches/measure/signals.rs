//! Signals: taken durably, one signed webhook a request; from one signal to its order; many awards by one rule.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use aws_lc_rs::hmac;
use badgebridge::app::{MadeFeed, NewFeed};
use badgebridge::awards::rules;
use badgebridge::clock::Timestamp;
use badgebridge::crypto::random;
use badgebridge::model::award::Hold;
use badgebridge::model::feed::FeedKind;
use badgebridge::model::rule::{Expression, Options, Rule, RuleState, Terms};
use badgebridge::model::signal::Source;
use badgebridge::model::{RegistrationId, RuleId, SignalId};
use badgebridge::sandbox::factory::BADGE_WELCOME;
use badgebridge::sandbox::lms::{Course, Person, Role};
use badgebridge::signals::webhook::{self, Envelope};
use badgebridge::store::Durability;
use badgebridge::store::rule::NewRule;
use badgebridge::store::signal::NewSignal;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::http::Answer;
use super::load;
use super::roster::until_stored;
use super::tool::Tool;
use super::visit::Visit;
use super::world::{LARGE_COURSE, TEACHER, World};

/// Connections of senders.
const SENDERS: usize = 64;
/// Signals that are committed alone, one after the other.
const ALONE: usize = 2_000;
/// Learners of the course with a rule.
const LEARNERS: usize = 10_000;
/// Of them, those that complete one by one.
const SINGLE: usize = 20;

/// What one database gave.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Signals {
    pub(crate) requests: usize,
    pub(crate) taken_per_s: f64,
    pub(crate) taken_p50_ms: f64,
    pub(crate) taken_p99_ms: f64,
    /// The same statement, each committed alone, in the same run.
    pub(crate) alone_per_s: f64,
    /// From the first request until all were matched.
    pub(crate) matched_s: f64,
    /// From one signal's request to its order's arrival at the Factory, in order of length.
    pub(crate) to_order_ms: Vec<f64>,
    pub(crate) awards: usize,
    /// From the first signal until the rule's limit held every award.
    pub(crate) held_s: f64,
    /// From the press that releases them until each had its order; orders leave at the Factory's pace.
    pub(crate) released_s: f64,
    pub(crate) memory_peak_kb: u64,
}

/// Measures in a course of 10,000 learners with one rule.
pub(crate) async fn run(world: &World, tool: &Tool, count: usize) -> anyhow::Result<Signals> {
    let mut learners = course_of_learners(world);
    let mut teacher = Visit::begin(world, tool, TEACHER, LARGE_COURSE).await?;
    teacher.page("").await?;
    until_stored(world, teacher.course, Instant::now()).await?;
    let (feed, registration) = add_feed(world).await?;
    let rule = add_rule(world, registration, &teacher).await?;
    until_known(world, tool, &feed).await?;

    let alone_per_s = alone(world, &feed, registration).await?;
    let scores = (0..count).map(|number| {
        let learner = learners.get(number % learners.len()).map_or("", String::as_str);
        signed(&feed, &format!("score-{number}"), &score(learner, number))
    });
    let scores = scores.collect::<anyhow::Result<Vec<_>>>()?;
    let begun = Instant::now();
    let load = load::send_over(SENDERS, tool.address, scores, taken).await?;
    until_matched(world, &feed, count).await?;
    let matched = begun.elapsed();
    until_weighed(world).await?;

    let to_order_ms = single(world, tool, &feed, &mut learners).await?;
    let (held, released) = many(world, tool, &feed, &rule, &learners).await?;
    Ok(Signals {
        requests: count,
        taken_per_s: f64::from(u32::try_from(count)?) / load.took.as_secs_f64(),
        taken_p50_ms: load.percentile_ms(50),
        taken_p99_ms: load.percentile_ms(99),
        alone_per_s,
        matched_s: matched.as_secs_f64(),
        to_order_ms,
        awards: learners.len(),
        held_s: held.as_secs_f64(),
        released_s: released.as_secs_f64(),
        memory_peak_kb: tool.memory()?.peak_kb,
    })
}

fn course_of_learners(world: &World) -> Vec<String> {
    let course = Course::new(LARGE_COURSE, LARGE_COURSE, "Everybody", "link-large");
    world.lms.add_course(course);
    let teacher = Person::new(TEACHER, TEACHER, "Teodora", "Marsh");
    world.lms.add_person(LARGE_COURSE, teacher, Role::Teacher);
    world.lms.seed_people(LARGE_COURSE, LEARNERS)
}

async fn add_feed(world: &World) -> anyhow::Result<(MadeFeed, RegistrationId)> {
    let store = &world.parts.store;
    let registrations = store.read_one(async |tx| tx.registrations().await).await?;
    let registration = registrations.first().context("no registration")?.id;
    let new = NewFeed {
        organisation: world.organisation,
        kind: FeedKind::Webhook,
        name: "measured".to_owned(),
        registration: Some(registration),
        course: None,
        key_in_address: false,
    };
    Ok((world.parts.add_feed(new).await?, registration))
}

/// On, at once, and stopped by more than 500 awards in a short time.
async fn add_rule(world: &World, registration: RegistrationId, teacher: &Visit) -> anyhow::Result<Rule> {
    let (store, now) = (&world.parts.store, world.parts.clock.now());
    let (organisation, id) = (world.organisation, RuleId::new(random::id_at(now)));
    let when: Expression = "course-completed".parse()?;
    let options = Options {
        wait_hours: Some(0),
        breaker: Some(500),
        ..Options::default()
    };
    let new = NewRule {
        id,
        organisation,
        registration,
        course: teacher.course,
        badge_id: BADGE_WELCOME.to_owned(),
        terms: Terms {
            when,
            options,
            since: Some(now),
        },
        author: None,
    };
    store
        .write(Durability::Full, async move |tx| tx.add_rule(&new, now).await)
        .await?;
    rule(world, id).await
}

async fn rule(world: &World, id: RuleId) -> anyhow::Result<Rule> {
    let (store, organisation) = (&world.parts.store, world.organisation);
    let rule = store.read(async |tx| tx.rule(organisation, id).await).await?;
    rule.context("no rule")
}

/// A running tool learns of a new feed within a second.
async fn until_known(world: &World, tool: &Tool, feed: &MadeFeed) -> anyhow::Result<()> {
    let begun = Instant::now();
    for number in 0.. {
        let request = signed(feed, &format!("first-{number}"), &score("nobody", 0))?;
        let answers = load::send_over(1, tool.address, vec![request], |answer| Ok(answer.status)).await?;
        if answers.answers.first() == Some(&200) {
            break;
        }
        ensure!(begun.elapsed() < Duration::from_secs(10), "the feed is not known");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    until_matched(world, feed, 1).await
}

/// The floor: the same signals stored by this program, each synced before the next.
async fn alone(world: &World, feed: &MadeFeed, registration: RegistrationId) -> anyhow::Result<f64> {
    let store = &world.parts.store;
    let organisation = world.organisation;
    let mut stored = Duration::ZERO;
    for number in 0..ALONE {
        let (now, id) = (world.parts.clock.now(), format!("alone-{number}"));
        let body = score("nobody", number).to_string();
        let envelope = Envelope {
            source: Source::Webhook,
            id: Some(&id),
            sent_at: now,
            received_at: now,
        };
        let mut delivery = webhook::parse(body.as_bytes(), &envelope)?;
        let signal = delivery.events.pop().and_then(|mut event| event.signals.pop());
        let new = NewSignal {
            id: SignalId::new(random::id_at(now)),
            organisation,
            feed: Some(feed.feed.id),
            registration: Some(registration),
            course: None,
            position: 0,
            signal: signal.context("no signal")?,
            raw: Some(body.into_bytes()),
        };
        let begun = Instant::now();
        let added = store.write_one(Durability::Full, async move |tx| tx.add_signal(&new).await);
        ensure!(added.await?, "a signal was there already");
        stored += begun.elapsed();
    }
    Ok(f64::from(u32::try_from(ALONE)?) / stored.as_secs_f64())
}

/// Learners who complete the course one by one; they are taken from the list.
async fn single(world: &World, tool: &Tool, feed: &MadeFeed, learners: &mut Vec<String>) -> anyhow::Result<Vec<f64>> {
    let mut times = Vec::new();
    for number in 0..SINGLE {
        let learner = learners.pop().context("nobody is left")?;
        // spread over the workers' interval
        let pause = 400 + u64::try_from(number * 137 % 500)?;
        tokio::time::sleep(Duration::from_millis(pause)).await;
        let calls = world.issuing_calls();
        let request = signed(feed, &format!("single-{number}"), &completed(&learner))?;
        let begun = Instant::now();
        load::send_over(1, tool.address, vec![request], taken).await?;
        world.factory.wait_for(|_| world.issuing_calls() > calls).await;
        times.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_unstable_by(f64::total_cmp);
    Ok(times)
}

/// Everybody completes the course; the rule stops itself, and everything is released by one press.
async fn many(
    world: &World,
    tool: &Tool,
    feed: &MadeFeed,
    made: &Rule,
    learners: &[String],
) -> anyhow::Result<(Duration, Duration)> {
    let requests = learners
        .iter()
        .map(|learner| signed(feed, &format!("many-{learner}"), &completed(learner)));
    let requests = requests.collect::<anyhow::Result<Vec<_>>>()?;
    let begun = Instant::now();
    load::send_over(SENDERS, tool.address, requests, taken).await?;
    let (store, organisation, limit) = (&world.parts.store, world.organisation, Duration::from_mins(10));
    loop {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let is_over = !weighs(world).await?;
        let stopped = rule(world, made.id).await?.state == RuleState::Stopped;
        let waiting = store
            .read_one(async move |tx| tx.stored_signals(organisation, 1).await)
            .await?;
        if is_over && stopped && waiting.is_empty() {
            break;
        }
        ensure!(begun.elapsed() < limit, "the rule did not come to an end");
    }
    let held = begun.elapsed();
    let begun = Instant::now();
    rules::release(store, &rule(world, made.id).await?, None).await?;
    let id = made.id;
    while !store
        .read(async |tx| tx.held_by_rule(organisation, id, Hold::Limit).await)
        .await?
        .is_empty()
    {
        tokio::time::sleep(Duration::from_millis(50)).await;
        ensure!(begun.elapsed() < limit, "the rule still holds awards");
    }
    let released = begun.elapsed();
    let people = world.factory.count_per_person();
    ensure!(people.values().all(|count| *count == 1), "somebody has the badge twice");
    Ok((held, released))
}

async fn until_matched(world: &World, feed: &MadeFeed, count: usize) -> anyhow::Result<()> {
    let (store, organisation, begun) = (&world.parts.store, world.organisation, Instant::now());
    loop {
        let waiting = store
            .read_one(async move |tx| tx.stored_signals(organisation, 1).await)
            .await?;
        let id = feed.feed.id;
        if waiting.is_empty() {
            let counts = store
                .read_one(async move |tx| tx.signal_counts(organisation, id).await)
                .await?;
            let stored: i64 = counts.iter().map(|count| count.count).sum();
            ensure!(stored >= i64::try_from(count)?, "{stored} of {count} signals are there");
            return Ok(());
        }
        ensure!(begun.elapsed() < Duration::from_mins(10), "signals are not matched");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Whether somebody is still to be looked at by a rule.
async fn weighs(world: &World) -> anyhow::Result<bool> {
    let keys = world.parts.store.read_one(async |tx| tx.job_keys().await).await?;
    Ok(keys.iter().any(|key| key.starts_with("evaluate")))
}

/// Waits until the system is idle again.
async fn until_weighed(world: &World) -> anyhow::Result<()> {
    let begun = Instant::now();
    while weighs(world).await? {
        ensure!(
            begun.elapsed() < Duration::from_mins(10),
            "the rule looks at people for ever"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

fn completed(learner: &str) -> Value {
    json!({"type": "course.completed",
        "data": {"context": {"lti_context_id": LARGE_COURSE}, "user": {"lti_sub": learner}}})
}

fn score(learner: &str, number: usize) -> Value {
    json!({"type": "grade.recorded", "data": {"context": {"lti_context_id": LARGE_COURSE},
        "user": {"lti_sub": learner}, "score": {"given": number % 100, "maximum": 100}}})
}

/// A request signed as Standard Webhooks say.
fn signed(made: &MadeFeed, id: &str, event: &Value) -> anyhow::Result<Vec<u8>> {
    let secret = made.secret.as_deref().context("no secret")?;
    let key = STANDARD.decode(secret.strip_prefix("whsec_").context("another secret")?)?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let (body, at) = (event.to_string(), now().seconds());
    let tag = hmac::sign(&key, format!("{id}.{at}.{body}").as_bytes());
    let (path, length) = (format!("/feeds/{}/webhook", made.feed.id), body.len());
    Ok(format!(
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
         webhook-id: {id}\r\nwebhook-timestamp: {at}\r\nwebhook-signature: v1,{}\r\n\r\n{body}",
        STANDARD.encode(tag.as_ref())
    )
    .into_bytes())
}

fn now() -> Timestamp {
    use badgebridge::clock::{Clock as _, SystemClock};
    SystemClock.now()
}

fn taken(answer: &Answer) -> anyhow::Result<()> {
    ensure!(answer.status == 200, "a signal was answered with {}", answer.status);
    Ok(())
}
