//! What an answer to the issuing call means for the order and for the queue. Pure.

use std::time::Duration;

use crate::awards::ports::{Answer, CallError};
use crate::clock::Timestamp;
use crate::model::dispatch::Meaning;
use crate::store::queue::QueueNews;

/// What follows from an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// For the order.
    pub meaning: Meaning,
    /// For the queue.
    pub news: QueueNews,
}

impl Answer {
    /// Whether a ping must decide what this means.
    pub const fn needs_ping(&self) -> bool {
        matches!(self, Self::Reset { .. } | Self::Forbidden { .. })
    }

    /// The HTTP status, where it is known.
    pub const fn status(&self) -> Option<u16> {
        match self {
            Self::Issued { .. } => Some(201),
            Self::Busy { .. } => Some(429),
            Self::Forbidden { .. } => Some(403),
            Self::Refused { status, .. } => Some(*status),
            Self::Unsure { status, .. } => *status,
            Self::NotSent { .. } | Self::TooLate { .. } | Self::Credential { .. } | Self::Reset { .. } => None,
        }
    }

    /// What happened, in words, without addresses.
    pub fn in_words(&self) -> String {
        match self {
            Self::Issued { event } => format!("issued as event {event}"),
            Self::Busy { .. } => "the factory asks for a pause".to_owned(),
            Self::NotSent { reason }
            | Self::TooLate { reason }
            | Self::Credential { reason }
            | Self::Unsure { reason, .. }
            | Self::Reset { reason }
            | Self::Forbidden { reason }
            | Self::Refused { reason, .. } => without_addresses(reason),
        }
    }
}

/// What `answer` means. `ping` is what a ping after it gave, where [`Answer::needs_ping`]; `pauses` bounds what the
/// Factory may ask for.
pub fn meaning(answer: &Answer, ping: Option<&Result<(), CallError>>, now: Timestamp, pauses: Pauses) -> Verdict {
    let reason = answer.in_words();
    let ping_refused = matches!(
        ping,
        Some(Err(CallError::Credential { .. } | CallError::Forbidden { .. }))
    );
    let ping_on_certificate = matches!(ping, Some(Err(CallError::Credential { .. })));
    let (meaning, news) = match answer {
        Answer::Issued { event } => (Meaning::Issued { event: event.clone() }, QueueNews::Heard),
        Answer::NotSent { .. } => (Meaning::NotSent { reason }, QueueNews::Away),
        Answer::TooLate { .. } => (Meaning::NotSent { reason }, QueueNews::Nothing),
        Answer::Credential { .. } => stopped(reason),
        Answer::Busy { retry_after } => (
            Meaning::NotSent { reason },
            QueueNews::Pause(now.plus(pauses.within(*retry_after))),
        ),
        Answer::Unsure {
            status, retry_after, ..
        } => {
            // A Factory that answers nothing, or only faults, is not given one order after the other.
            let news = match status {
                None => QueueNews::Away,
                Some(200..=299) => QueueNews::Heard,
                Some(_) => QueueNews::Faulty(now.plus(pauses.within(*retry_after))),
            };
            let look_after = retry_after.map(|pause| pauses.within(Some(pause)));
            (Meaning::Unsure { look_after }, news)
        }
        Answer::Reset { .. } if ping_on_certificate => stopped(reason),
        Answer::Reset { .. } => (Meaning::Unsure { look_after: None }, QueueNews::Away),
        Answer::Forbidden { .. } if ping_refused => stopped(reason),
        Answer::Forbidden { .. } => match ping {
            Some(Ok(())) => (Meaning::Refused { reason }, QueueNews::Heard),
            // The ping gave no clear answer: nothing was done, so the order waits.
            _ => (Meaning::NotSent { reason }, QueueNews::Away),
        },
        Answer::Refused { status: 400, .. } => (Meaning::Split { reason }, QueueNews::Heard),
        Answer::Refused { .. } => (Meaning::Refused { reason }, QueueNews::Heard),
    };
    Verdict { meaning, news }
}

/// What a failed call other than the issuing one says about the queue.
pub fn news_of_failure(
    error: &CallError,
    ping: Option<&Result<(), CallError>>,
    now: Timestamp,
    pauses: Pauses,
) -> QueueNews {
    match (error, ping) {
        (CallError::Away { .. }, _) => QueueNews::Away,
        (CallError::Credential { .. }, _)
        | (CallError::Forbidden { .. }, Some(Err(CallError::Credential { .. } | CallError::Forbidden { .. }))) => {
            QueueNews::Stop(without_addresses(&error.to_string()))
        }
        (CallError::Busy { retry_after }, _) => QueueNews::Pause(now.plus(pauses.within(*retry_after))),
        (CallError::Forbidden { .. } | CallError::Gone | CallError::Failed { .. }, _) => QueueNews::Nothing,
    }
}

/// Bounds for pauses that the Factory asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pauses {
    /// Without a wish, or for a shorter one.
    pub least: Duration,
    /// For a longer one.
    pub most: Duration,
}

impl Pauses {
    fn within(self, wish: Option<Duration>) -> Duration {
        wish.unwrap_or(self.least).max(self.least).min(self.most)
    }
}

fn stopped(reason: String) -> (Meaning, QueueNews) {
    (Meaning::NotSent { reason: reason.clone() }, QueueNews::Stop(reason))
}

/// `text` with whatever contains an `@` left out, at most 2,000 characters: replies name recipients.
pub fn without_addresses(text: &str) -> String {
    let clean: Vec<&str> = text
        .split_whitespace()
        .map(|word| {
            if word.contains('@') || word.contains("%40") {
                "…"
            } else {
                word
            }
        })
        .collect();
    clean.join(" ").chars().take(2_000).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_000);
    const PAUSES: Pauses = Pauses {
        least: Duration::from_secs(1),
        most: Duration::from_mins(1),
    };

    fn reason() -> String {
        "why".to_owned()
    }

    fn of(answer: &Answer, ping: Option<&Result<(), CallError>>) -> (Meaning, QueueNews) {
        let Verdict { meaning, news } = meaning(answer, ping, NOW, PAUSES);
        (meaning, news)
    }

    #[test]
    fn what_never_reached_the_factory_is_sent_later() {
        let (order, queue) = of(&Answer::NotSent { reason: reason() }, None);
        assert_eq!(order, Meaning::NotSent { reason: reason() });
        assert_eq!(queue, QueueNews::Away);
    }

    #[test]
    fn a_gate_that_closed_is_no_news_about_the_factory() {
        let (order, queue) = of(&Answer::TooLate { reason: reason() }, None);
        assert_eq!(
            (order, queue),
            (Meaning::NotSent { reason: reason() }, QueueNews::Nothing)
        );
    }

    #[test]
    fn a_refused_credential_stops_the_queue_and_keeps_the_order() {
        let credential = CallError::Credential { reason: reason() };
        let forbidden = CallError::Forbidden { reason: reason() };
        for (answer, ping) in [
            (Answer::Credential { reason: reason() }, None),
            (Answer::Reset { reason: reason() }, Some(Err(credential.clone()))),
            (Answer::Forbidden { reason: reason() }, Some(Err(credential))),
            (Answer::Forbidden { reason: reason() }, Some(Err(forbidden))),
        ] {
            let (order, queue) = of(&answer, ping.as_ref());
            assert_eq!(order, Meaning::NotSent { reason: reason() }, "{answer:?}");
            assert_eq!(queue, QueueNews::Stop(reason()), "{answer:?}");
        }
    }

    #[test]
    fn too_many_calls_wait_as_long_as_the_factory_asks() {
        let retry_after = Some(Duration::from_secs(7));
        let (order, queue) = of(&Answer::Busy { retry_after }, None);
        assert!(matches!(order, Meaning::NotSent { .. }));
        assert_eq!(queue, QueueNews::Pause(NOW.plus(Duration::from_secs(7))));
        let retry_after = Some(Duration::from_secs(7_000_000));
        assert_eq!(
            of(&Answer::Busy { retry_after }, None).1,
            QueueNews::Pause(NOW.plus(PAUSES.most))
        );
    }

    #[test]
    fn faults_time_outs_and_resets_leave_it_open_whether_it_was_issued() {
        for status in [
            None,
            Some(500),
            Some(502),
            Some(503),
            Some(504),
            Some(599),
            Some(200),
            Some(201),
        ] {
            let answer = Answer::Unsure {
                status,
                reason: reason(),
                retry_after: None,
            };
            assert_eq!(of(&answer, None).0, Meaning::Unsure { look_after: None }, "{status:?}");
        }
        for (status, news) in [
            (None, QueueNews::Away),
            (Some(201), QueueNews::Heard),
            (Some(503), QueueNews::Faulty(NOW.plus(PAUSES.least))),
        ] {
            let answer = Answer::Unsure {
                status,
                reason: reason(),
                retry_after: None,
            };
            assert_eq!(of(&answer, None).1, news, "{status:?}");
        }
        let away = CallError::Away { reason: reason() };
        for ping in [Some(Ok(())), Some(Err(away)), None] {
            assert_eq!(
                of(&Answer::Reset { reason: reason() }, ping.as_ref()).0,
                Meaning::Unsure { look_after: None }
            );
        }
    }

    #[test]
    fn retry_after_on_a_fault_delays_the_look() {
        let pause = Duration::from_secs(9);
        let answer = Answer::Unsure {
            status: Some(503),
            reason: reason(),
            retry_after: Some(pause),
        };
        let (order, queue) = of(&answer, None);
        let look_after = Some(pause);
        assert_eq!(order, Meaning::Unsure { look_after });
        assert_eq!(
            queue,
            QueueNews::Faulty(NOW.plus(pause)),
            "and nothing else is sent meanwhile"
        );
    }

    #[test]
    fn a_created_event_is_issued() {
        let (order, queue) = of(&Answer::Issued { event: "E1".to_owned() }, None);
        assert_eq!(order, Meaning::Issued { event: "E1".to_owned() });
        assert_eq!(queue, QueueNews::Heard);
    }

    #[test]
    fn what_the_factory_refuses_is_refused_and_400_splits_a_batch() {
        for status in [301, 404, 405, 411, 413, 422] {
            let answer = Answer::Refused {
                status,
                reason: reason(),
            };
            assert_eq!(of(&answer, None).0, Meaning::Refused { reason: reason() }, "{status}");
        }
        let answer = Answer::Refused {
            status: 400,
            reason: reason(),
        };
        assert_eq!(of(&answer, None).0, Meaning::Split { reason: reason() });
    }

    #[test]
    fn forbidden_with_a_good_ping_is_refused() {
        let (order, _) = of(&Answer::Forbidden { reason: reason() }, Some(&Ok(())));
        assert_eq!(order, Meaning::Refused { reason: reason() });
        let away = CallError::Away { reason: reason() };
        let (order, _) = of(&Answer::Forbidden { reason: reason() }, Some(&Err(away)));
        assert_eq!(order, Meaning::NotSent { reason: reason() });
    }

    #[test]
    fn addresses_are_left_out_of_what_is_kept() {
        assert_eq!(
            without_addresses("bad recipient ada@example.org here"),
            "bad recipient … here"
        );
    }
}
