//! When jobs are tried again, and which repeat by themselves: data.

use std::time::Duration;

use super::calm::Calm;

/// How jobs are run.
#[derive(Clone, Debug)]
pub struct JobSettings {
    /// Waiting times between tries; after the last a person is told.
    pub retry: Vec<Duration>,
    /// The longest waiting time that another server may ask for.
    pub retry_after_max: Duration,
    /// How long a try may take.
    pub lease: Duration,
    /// How often the worker looks for work that nobody announced.
    pub poll: Duration,
    /// Jobs at once in this process.
    pub concurrency: usize,
    /// How long a stopping worker waits for what runs.
    pub stop_wait: Duration,
    /// What repeats by itself.
    pub repeats: Vec<Repeat>,
    /// Whether senders crowd in: then jobs make way, each for a moment.
    pub calm: Calm,
}

/// A job of the installation that repeats by itself: its handler answers `Again`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// Its kind, which is also its key.
    pub kind: &'static str,
    /// From the start of the program until it runs first.
    pub first: Duration,
}

impl Default for JobSettings {
    fn default() -> Self {
        let minutes = Duration::from_mins;
        Self {
            retry: vec![
                Duration::from_secs(10),
                minutes(1),
                minutes(5),
                minutes(15),
                minutes(60),
            ],
            retry_after_max: minutes(60),
            lease: minutes(2),
            poll: Duration::from_millis(500),
            concurrency: 8,
            stop_wait: Duration::from_secs(20),
            repeats: Vec::new(),
            calm: Calm::default(),
        }
    }
}

impl JobSettings {
    /// The time until the next try after `tries` that failed; none after the last.
    pub(super) fn pause(&self, tries: u32, asked: Option<Duration>) -> Option<Duration> {
        let at = usize::try_from(tries).unwrap_or(usize::MAX);
        let pause = self.retry.get(at).copied()?;
        Some(asked.map_or(pause, |asked| {
            asked.min(self.retry_after_max).max(pause.min(self.retry_after_max))
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_end_with_the_list() {
        let settings = JobSettings {
            retry: vec![Duration::from_secs(1), Duration::from_secs(5)],
            ..JobSettings::default()
        };
        assert_eq!(settings.pause(0, None), Some(Duration::from_secs(1)));
        assert_eq!(
            settings.pause(1, Some(Duration::from_mins(1))),
            Some(Duration::from_mins(1))
        );
        assert_eq!(
            settings.pause(1, Some(Duration::from_hours(99))),
            Some(settings.retry_after_max)
        );
        assert_eq!(settings.pause(2, None), None);
    }
}
