//! Many requests over a fixed number of connections, each sent once, each timed.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::http::{Answer, Connection};

/// Connections at once.
pub(crate) const CONNECTIONS: usize = 32;

/// What a load gave.
pub(crate) struct Load<T> {
    /// From the first request to the last answer.
    pub(crate) took: Duration,
    /// What was kept of each answer, in the order of the requests.
    pub(crate) answers: Vec<T>,
    /// How long each answer took, in order of length.
    pub(crate) times: Vec<Duration>,
}

impl<T> Load<T> {
    /// The time that so many of a hundred answers did not exceed, in milliseconds.
    pub(crate) fn percentile_ms(&self, percent: usize) -> f64 {
        percentile_ms(&self.times, percent)
    }
}

/// As [`Load::percentile_ms`], of times in order of length.
pub(crate) fn percentile_ms(times: &[Duration], percent: usize) -> f64 {
    let at = (times.len() * percent / 100).min(times.len().saturating_sub(1));
    times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1e3)
}

/// Sends every request once over [`CONNECTIONS`] connections; `keep` says what is kept of an answer.
pub(crate) async fn send<T: Send + 'static>(
    address: SocketAddr,
    requests: Vec<Vec<u8>>,
    keep: fn(&Answer) -> anyhow::Result<T>,
) -> anyhow::Result<Load<T>> {
    send_over(CONNECTIONS, address, requests, keep).await
}

/// As [`send`], over so many connections.
pub(crate) async fn send_over<T: Send + 'static>(
    count: usize,
    address: SocketAddr,
    requests: Vec<Vec<u8>>,
    keep: fn(&Answer) -> anyhow::Result<T>,
) -> anyhow::Result<Load<T>> {
    let (requests, next) = (Arc::new(requests), Arc::new(AtomicUsize::new(0)));
    let mut connections = Vec::with_capacity(count);
    for _ in 0..count {
        connections.push(Connection::open(address).await?);
    }
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for mut connection in connections {
        let (requests, next) = (Arc::clone(&requests), Arc::clone(&next));
        tasks.spawn(async move {
            let mut kept = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(request) = requests.get(at) else {
                    return Ok::<_, anyhow::Error>(kept);
                };
                let sent = Instant::now();
                let answer = connection.call(request).await?;
                kept.push((at, sent.elapsed(), keep(&answer)?));
            }
        });
    }
    let mut all = Vec::with_capacity(requests.len());
    while let Some(part) = tasks.join_next().await {
        all.extend(part??);
    }
    let took = begun.elapsed();
    all.sort_unstable_by_key(|(at, _, _)| *at);
    let mut times: Vec<Duration> = all.iter().map(|(_, time, _)| *time).collect();
    times.sort_unstable();
    Ok(Load {
        took,
        answers: all.into_iter().map(|(_, _, kept)| kept).collect(),
        times,
    })
}
