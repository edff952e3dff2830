//! What an answer means. For the issuing call this is decided here and nowhere else, as a pure function: whether the
//! order surely was not carried out, surely was, or may have been.

use std::time::Duration;

use futures_util::StreamExt as _;

use super::error::FactoryError;
use super::id::{ClientId, EventId};
use super::transport::{NotSent, Response, TransportError};

/// Error bodies are one short JSON object; what is longer is not read.
const ERROR_BODY_LIMIT: usize = 64 * 1024;
/// Longest reason kept of an answer, in characters.
const REASON_LIMIT: usize = 500;
/// The longest pause that a `Retry-After` can ask for.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);

/// What came back, as far as a decision needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The `Location` header.
    pub location: Option<String>,
    /// `Retry-After` in seconds, at most one hour. The other form of the header, a date, is not read: only seconds
    /// are documented (API page, "Status codes").
    pub retry_after: Option<Duration>,
    /// The `error` of the body (relied on by public clients).
    pub reason: Option<String>,
}

impl Answer {
    /// Reads the headers, and the body if the status is no success. A body that is absent, broken off, not JSON or
    /// without `error` leaves the status to speak for itself.
    pub async fn read(response: Response) -> Self {
        let status = response.status;
        let location = response.header("location").map(str::to_owned);
        let retry_after = response.header("retry-after").and_then(seconds);
        let is_success = response.is_success();
        let reason = if is_success { None } else { reason_in(response).await };
        Self {
            status,
            location,
            retry_after,
            reason,
        }
    }

    /// The Factory's own words, or the status.
    pub fn in_words(&self) -> String {
        let meaning = match self.status {
            400 => "a parameter is missing or of the wrong kind",
            401 | 403 => "not authorised for this",
            404 => "there is no such thing there",
            405 => "the call is not supported",
            411 | 413 => "the call is too long or has no length",
            429 => "too many calls a second",
            495 => "the client certificate is not valid",
            496 => "there was no client certificate",
            500 => "an unexpected fault there",
            503 => "it is closed for the moment",
            _ => "no reason given",
        };
        match &self.reason {
            Some(reason) => format!("{reason} (status {})", self.status),
            None => format!("{meaning} (status {})", self.status),
        }
    }
}

/// What the outcome of the issuing call means for the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IssueAnswer {
    /// 201 with an event id: done.
    Issued(EventId),
    /// The Factory saw nothing of it, or surely did nothing: send it again later.
    NotSent {
        /// What happened.
        reason: String,
    },
    /// Its gate was closed before the first byte left: nothing is known about the Factory.
    TooLate {
        /// What happened.
        reason: String,
    },
    /// Our certificate or token was refused: nothing was done, and nothing will be until a person acts.
    Credential {
        /// What happened.
        reason: String,
    },
    /// 429: nothing was done; send it again after the pause.
    Busy {
        /// The pause that the Factory asked for.
        retry_after: Option<Duration>,
    },
    /// The order may have been carried out: search before anything is sent again.
    Unsure {
        /// The status, if there was an answer.
        status: Option<u16>,
        /// What happened.
        reason: String,
        /// The pause that the Factory asked for, before the search.
        retry_after: Option<Duration>,
    },
    /// The connection closed before any answer. Only a ping can tell whether the certificate was refused; else the
    /// call may have been carried out.
    Reset {
        /// What happened.
        reason: String,
    },
    /// 403, or 401: nothing was done. Only a ping can tell whether the credential or this order is at
    /// fault.
    Forbidden {
        /// The Factory's reason.
        reason: String,
    },
    /// The Factory refused this order: nothing was done, and the same call would be refused again.
    Refused {
        /// The status, 400 for a fault in the order.
        status: u16,
        /// The Factory's reason.
        reason: String,
    },
}

impl IssueAnswer {
    /// What `answer` to an issuing call of `client_id` means.
    pub fn of_answer(client_id: &ClientId, answer: &Answer) -> Self {
        let reason = answer.in_words();
        let retry_after = answer.retry_after;
        match answer.status {
            201 => match answer
                .location
                .as_deref()
                .and_then(|raw| event_id_in_location(client_id, raw))
            {
                Some(event) => Self::Issued(event),
                None => Self::unsure(
                    Some(201),
                    "created (status 201), but the answer names no event",
                    retry_after,
                ),
            },
            200..=299 => Self::unsure(
                Some(answer.status),
                &format!("an unexpected success (status {})", answer.status),
                retry_after,
            ),
            429 => Self::Busy { retry_after },
            401 | 403 => Self::Forbidden { reason },
            495 | 496 => Self::Credential { reason },
            status @ 300..=499 => Self::Refused { status, reason },
            // 5xx, and what no server should send: it may have been carried out.
            status => Self::Unsure {
                status: Some(status),
                reason,
                retry_after,
            },
        }
    }

    /// What it means that the issuing call got no answer.
    pub fn of_failure(failure: &TransportError) -> Self {
        let reason = failure.to_string();
        match failure {
            TransportError::NotSent {
                why: NotSent::GateClosed,
                ..
            } => Self::TooLate { reason },
            TransportError::NotSent { .. } => Self::NotSent { reason },
            TransportError::ClientCertificate { .. } => Self::Credential { reason },
            TransportError::ResetBeforeAnswer { .. } => Self::Reset { reason },
            TransportError::AfterSending { .. } | TransportError::TooLarge { .. } => Self::unsure(None, &reason, None),
        }
    }

    /// What it means that no bearer token could be had. The issuing call was not made then (or was refused before
    /// with 403), so this is never unsure.
    pub(super) fn of_missing_token(failure: &FactoryError) -> Self {
        let reason = failure.to_string();
        match failure {
            FactoryError::Credential { .. } => Self::Credential { reason },
            FactoryError::Busy { retry_after, .. } => Self::Busy {
                retry_after: *retry_after,
            },
            _ => Self::NotSent { reason },
        }
    }

    fn unsure(status: Option<u16>, reason: &str, retry_after: Option<Duration>) -> Self {
        Self::Unsure {
            status,
            reason: reason.to_owned(),
            retry_after,
        }
    }
}

/// The event id in a `Location` header: everything after `/event/{client_id}/`, without query and trailing slash.
/// The value is a path in the service, an absolute address in the tests of another client (relied on by public
/// clients).
pub fn event_id_in_location(client_id: &ClientId, location: &str) -> Option<EventId> {
    let path = location.trim().split(['?', '#']).next()?;
    let (_, id) = path.rsplit_once(&format!("/event/{client_id}/"))?;
    EventId::parse(id.trim_end_matches('/')).ok()
}

/// At most `limit` bytes of a body; `None` if it is longer.
pub(super) async fn read_body(response: Response, limit: usize) -> Result<Option<Vec<u8>>, TransportError> {
    let mut body = response.body;
    let mut all = Vec::new();
    while let Some(chunk) = body.next().await {
        let chunk = chunk?;
        if chunk.len() > limit.saturating_sub(all.len()) {
            return Ok(None);
        }
        all.extend_from_slice(&chunk);
    }
    Ok(Some(all))
}

async fn reason_in(response: Response) -> Option<String> {
    let body = read_body(response, ERROR_BODY_LIMIT).await.ok()??;
    let json: serde_json::Value = serde_json::from_slice(&body).ok()?;
    let reason: String = json.get("error")?.as_str()?.trim().chars().take(REASON_LIMIT).collect();
    (!reason.is_empty()).then_some(reason)
}

fn seconds(raw: &str) -> Option<Duration> {
    let raw = raw.trim();
    if raw.is_empty() || !raw.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // More digits than a number holds is still a request for a long pause.
    let seconds = raw.parse().unwrap_or(u64::MAX);
    Some(Duration::from_secs(seconds).min(LONGEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::{body, cut_body, response};
    use super::super::transport::AfterSending;
    use super::*;
    use crate::support::cases::properties;

    fn client() -> ClientId {
        ClientId::parse("C8Xk2Demo").unwrap()
    }

    fn answer(status: u16) -> Answer {
        Answer {
            status,
            location: None,
            retry_after: None,
            reason: None,
        }
    }

    fn meaning(status: u16) -> IssueAnswer {
        IssueAnswer::of_answer(&client(), &answer(status))
    }

    #[test]
    fn created_with_an_event_id_is_issued() {
        let location = Some("/v1/event/C8Xk2Demo/E9wzDemo77".to_owned());
        let found = IssueAnswer::of_answer(
            &client(),
            &Answer {
                location,
                ..answer(201)
            },
        );
        assert_eq!(found, IssueAnswer::Issued(EventId::parse("E9wzDemo77").unwrap()));
    }

    #[test]
    fn created_without_a_readable_event_id_and_other_successes_are_unsure() {
        assert!(matches!(meaning(201), IssueAnswer::Unsure { .. }));
        let location = Some("/v1/badge/C8Xk2Demo/B1".to_owned());
        let found = IssueAnswer::of_answer(
            &client(),
            &Answer {
                location,
                ..answer(201)
            },
        );
        assert!(matches!(found, IssueAnswer::Unsure { .. }));
        for status in [200, 202, 204] {
            assert!(matches!(meaning(status), IssueAnswer::Unsure { .. }), "{status}");
        }
    }

    #[test]
    fn faults_of_the_server_are_unsure_and_keep_the_pause() {
        for status in [500, 501, 502, 503, 504, 599, 100, 600] {
            let pause = Some(Duration::from_secs(7));
            let found = IssueAnswer::of_answer(
                &client(),
                &Answer {
                    retry_after: pause,
                    ..answer(status)
                },
            );
            assert!(
                matches!(found, IssueAnswer::Unsure { retry_after, .. } if retry_after == pause),
                "{status}"
            );
        }
    }

    #[test]
    fn refusals_are_refusals_with_the_reason() {
        for status in [301, 302, 307, 400, 404, 405, 411, 413, 418, 422, 499] {
            let reason = Some("recipient: required parameter missing".to_owned());
            let found = IssueAnswer::of_answer(
                &client(),
                &Answer {
                    reason,
                    ..answer(status)
                },
            );
            let IssueAnswer::Refused { status: told, reason } = found else {
                panic!("{status}: {found:?}")
            };
            assert_eq!(told, status);
            assert!(reason.contains("recipient: required"));
        }
    }

    #[test]
    fn too_many_calls_wait_and_certificate_trouble_stops() {
        let pause = Some(Duration::from_secs(3));
        let found = IssueAnswer::of_answer(
            &client(),
            &Answer {
                retry_after: pause,
                ..answer(429)
            },
        );
        assert_eq!(found, IssueAnswer::Busy { retry_after: pause });
        for status in [495, 496] {
            assert!(matches!(meaning(status), IssueAnswer::Credential { .. }));
        }
    }

    #[test]
    fn a_failure_before_sending_is_not_sent_and_after_it_unsure() {
        for why in [
            NotSent::Connect,
            NotSent::Name,
            NotSent::ServerCertificate,
            NotSent::AddressNotAllowed,
            NotSent::Cancelled,
        ] {
            let failure = TransportError::NotSent { why, source: None };
            assert!(matches!(IssueAnswer::of_failure(&failure), IssueAnswer::NotSent { .. }));
        }
        let closed = TransportError::NotSent {
            why: NotSent::GateClosed,
            source: None,
        };
        assert!(matches!(IssueAnswer::of_failure(&closed), IssueAnswer::TooLate { .. }));
        for why in [AfterSending::TimedOut, AfterSending::Lost, AfterSending::Cancelled] {
            let failure = TransportError::AfterSending { why, source: None };
            assert!(matches!(IssueAnswer::of_failure(&failure), IssueAnswer::Unsure { .. }));
        }
        let failure = TransportError::TooLarge { limit: 1 };
        assert!(matches!(IssueAnswer::of_failure(&failure), IssueAnswer::Unsure { .. }));
        let failure = TransportError::ClientCertificate { source: None };
        assert!(matches!(
            IssueAnswer::of_failure(&failure),
            IssueAnswer::Credential { .. }
        ));
    }

    #[test]
    fn what_only_a_ping_can_decide_is_told_apart() {
        for status in [401, 403] {
            assert!(matches!(meaning(status), IssueAnswer::Forbidden { .. }));
        }
        let reset = IssueAnswer::of_failure(&TransportError::ResetBeforeAnswer { source: None });
        assert!(matches!(reset, IssueAnswer::Reset { .. }));
    }

    #[test]
    fn a_missing_token_is_never_unsure() {
        let lost = FactoryError::from(TransportError::AfterSending {
            why: AfterSending::Lost,
            source: None,
        });
        assert!(matches!(
            IssueAnswer::of_missing_token(&lost),
            IssueAnswer::NotSent { .. }
        ));
        assert!(matches!(
            IssueAnswer::of_missing_token(&FactoryError::from(answer(500))),
            IssueAnswer::NotSent { .. }
        ));
        assert!(matches!(
            IssueAnswer::of_missing_token(&FactoryError::from(answer(429))),
            IssueAnswer::Busy { .. }
        ));
        let refused = FactoryError::from(answer(496));
        assert!(matches!(
            IssueAnswer::of_missing_token(&refused),
            IssueAnswer::Credential { .. }
        ));
    }

    #[test]
    fn the_event_id_is_found_in_every_form_of_location() {
        for raw in [
            "/v1/event/C8Xk2Demo/E9wzDemo77",
            "/v1/event/C8Xk2Demo/E9wzDemo77/",
            " /v1/event/C8Xk2Demo/E9wzDemo77?x=/y ",
            "https://factory.example/v1/event/C8Xk2Demo/E9wzDemo77",
            "https://factory.example/v1/event/C8Xk2Demo/E9wzDemo77/#top",
        ] {
            let found = event_id_in_location(&client(), raw);
            assert_eq!(found.as_ref().map(EventId::as_str), Some("E9wzDemo77"), "{raw}");
        }
        for raw in [
            "",
            "/",
            "E9wzDemo77",
            "/v1/event/C8Xk2Demo/",
            "/v1/event/Other/E9wzDemo77",
            "/v1/event/C8Xk2Demo/E9wz/revoked",
            "/v1/badge/C8Xk2Demo/B4tqDemo01",
            "/v1/event/C8Xk2Demo/..",
        ] {
            assert_eq!(event_id_in_location(&client(), raw), None, "{raw}");
        }
    }

    #[tokio::test]
    async fn the_reason_is_read_when_it_is_there_and_missed_when_it_is_not() {
        let read = |status, bytes: &str| Answer::read(response(status, &[("Retry-After", "5")], body(bytes)));
        let told = read(400, r#"{"error": "no such badge"}"#).await;
        assert_eq!(told.reason.as_deref(), Some("no such badge"));
        assert_eq!(told.retry_after, Some(Duration::from_secs(5)));
        assert_eq!(told.in_words(), "no such badge (status 400)");
        for silent in [
            "",
            "<html>Bad</html>",
            "{}",
            r#"{"error":""}"#,
            r#"{"error":{"a":1}}"#,
            "[]",
        ] {
            assert_eq!(read(403, silent).await.reason, None, "{silent}");
        }
        let long = format!(r#"{{"error":"{}"}}"#, "x".repeat(ERROR_BODY_LIMIT));
        assert_eq!(read(403, &long).await.reason, None);
        let cut = Answer::read(response(500, &[], cut_body("{\"err"))).await;
        assert_eq!((cut.status, cut.reason), (500, None));
    }

    #[test]
    fn pauses_are_seconds_within_bounds() {
        assert_eq!(seconds("0"), Some(Duration::ZERO));
        assert_eq!(seconds(" 12 "), Some(Duration::from_secs(12)));
        assert_eq!(seconds("99999999999999999999999"), Some(LONGEST_PAUSE));
        for bad in ["", "-1", "1.5", "Wed, 21 Oct 2026 07:28:00 GMT"] {
            assert_eq!(seconds(bad), None, "{bad}");
        }
    }

    properties! {
        #[test]
        fn any_location_gives_an_id_or_nothing(raw in "[ -~]{0,60}|(/v1)?/event/C8Xk2Demo/[ -~]{0,20}|\\PC{0,40}") {
            if let Some(id) = event_id_in_location(&client(), &raw) {
                prop_assert!(EventId::parse(id.as_str()).is_ok());
                let at_its_place = format!("/event/C8Xk2Demo/{id}");
                prop_assert!(raw.contains(&at_its_place));
            }
        }

        #[test]
        fn an_event_id_survives_the_journey(id in "[A-Za-z0-9_]{1,40}", host in "(https://[a-z]{1,9}\\.example)?", tail in "/{0,3}", query in "(\\?[a-z=/]{0,9})?") {
            let raw = format!("{host}/v1/event/C8Xk2Demo/{id}{tail}{query}");
            prop_assert_eq!(event_id_in_location(&client(), &raw), Some(EventId::parse(id).unwrap()));
        }

        #[test]
        fn every_status_has_a_meaning_and_only_201_is_issued(status in 0_u16..1000) {
            let location = Some("/v1/event/C8Xk2Demo/E1".to_owned());
            let found = IssueAnswer::of_answer(&client(), &Answer { location, ..answer(status) });
            prop_assert_eq!(matches!(found, IssueAnswer::Issued(_)), status == 201);
            let surely_nothing = matches!(
                found,
                IssueAnswer::NotSent { .. } | IssueAnswer::Busy { .. } | IssueAnswer::Refused { .. }
                    | IssueAnswer::Forbidden { .. } | IssueAnswer::Credential { .. }
            );
            prop_assert_eq!(surely_nothing, (300..=499).contains(&status));
        }
    }
}
