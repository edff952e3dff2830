//! The issuing call (API page, "Issuing"): made once, and its answer told exactly.

use std::time::Duration;

use super::super::answer::{Answer, IssueAnswer};
use super::super::id::BadgeId;
use super::super::model::Issue;
use super::super::transport::{Method, Request, SendGate};
use super::{FactoryClient, Failure};

/// How an issuing call may be sent.
#[derive(Clone, Debug)]
pub struct Sending {
    /// How long the call may take from here on.
    pub deadline: Duration,
    /// Asked right before the first byte leaves; closed, the answer is [`IssueAnswer::NotSent`].
    pub gate: Option<SendGate>,
}

impl Default for Sending {
    /// 30 seconds, no gate.
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(30),
            gate: None,
        }
    }
}

impl FactoryClient {
    /// Issues `badge` to the recipients of `order`: `POST /v1/badge/{client_id}/{badge_id}`.
    ///
    /// The call is made once. There is no idempotency key, so on [`IssueAnswer::Unsure`] search the event by its
    /// `log_entry` before anything is sent again. After [`IssueAnswer::Forbidden`] and
    /// [`IssueAnswer::Reset`] a [`Self::ping`] tells whether the credential is at fault. Dropping the future may leave
    /// the call carried out: count that as unsure.
    pub async fn issue(&self, badge: &BadgeId, order: &Issue, sending: Sending) -> IssueAnswer {
        let path = format!("/v1/badge/{}/{badge}", self.client_id);
        let mut request = Request::new(Method::Post, path, sending.deadline).with_json(&order.to_json());
        request.gate = sending.gate;
        match self.send(request).await {
            Ok(response) => IssueAnswer::of_answer(&self.client_id, &Answer::read(response).await),
            Err(Failure::Call(failure)) => IssueAnswer::of_failure(&failure),
            Err(Failure::NoToken(failure)) => IssueAnswer::of_missing_token(&failure),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::super::super::id::{ClientId, EventId};
    use super::super::super::model::Recipient;
    use super::super::super::testing::Script;
    use super::super::super::token::TokenSource;
    use super::super::super::transport::{AfterSending, TransportError};
    use super::*;

    const CREATED: &[(&str, &str)] = &[("Location", "/v1/event/C8Xk2Demo/E9wzDemo77")];

    fn id() -> ClientId {
        ClientId::parse("C8Xk2Demo").unwrap()
    }

    async fn issue_with(client: FactoryClient, sending: Sending) -> IssueAnswer {
        let recipients = vec![Recipient::new("ada@example.org", None).unwrap()];
        let order = Issue {
            recipients,
            ..Issue::default()
        };
        client
            .issue(&BadgeId::parse("B4tqDemo01").unwrap(), &order, sending)
            .await
    }

    async fn issue(script: &Arc<Script>) -> IssueAnswer {
        issue_with(
            FactoryClient::with_certificate(script.transport(), id()),
            Sending::default(),
        )
        .await
    }

    async fn issue_with_token(script: &Arc<Script>, sending: Sending) -> IssueAnswer {
        let tokens = TokenSource::new(id(), "hush".into(), || 0);
        issue_with(FactoryClient::with_tokens(script.transport(), tokens), sending).await
    }

    fn issued() -> IssueAnswer {
        IssueAnswer::Issued(EventId::parse("E9wzDemo77").unwrap())
    }

    #[tokio::test]
    async fn an_order_goes_out_as_json_and_comes_back_as_an_event() {
        let script = Script::new().answers(201, CREATED, "");
        assert_eq!(issue(&script).await, issued());
        let seen = script.seen();
        assert_eq!(seen[0].path_and_query, "/v1/badge/C8Xk2Demo/B4tqDemo01");
        assert_eq!(seen[0].method, Method::Post);
        assert_eq!(seen[0].headers, [("content-type", "application/json".to_owned())]);
        assert_eq!(
            seen[0].body.as_deref(),
            Some(&br#"{"recipient":["ada@example.org"]}"#[..])
        );
    }

    #[tokio::test]
    async fn nothing_is_repeated_by_itself() {
        for (status, told) in [
            (500, "unsure"),
            (503, "unsure"),
            (429, "busy"),
            (403, "forbidden"),
            (495, "credential"),
        ] {
            let script = Script::new().answers(status, &[("Retry-After", "9")], "");
            let answer = issue(&script).await;
            let pause = Some(Duration::from_secs(9));
            let is_so = match told {
                "unsure" => matches!(answer, IssueAnswer::Unsure { retry_after, .. } if retry_after == pause),
                "busy" => matches!(answer, IssueAnswer::Busy { retry_after } if retry_after == pause),
                "forbidden" => matches!(answer, IssueAnswer::Forbidden { .. }),
                _ => matches!(answer, IssueAnswer::Credential { .. }),
            };
            assert!(is_so, "{status}: {answer:?}");
            assert_eq!(script.seen().len(), 1);
        }
        let lost = TransportError::AfterSending {
            why: AfterSending::TimedOut,
            source: None,
        };
        let script = Script::new().fails(lost);
        assert!(matches!(issue(&script).await, IssueAnswer::Unsure { .. }));
        assert_eq!(script.seen().len(), 1);
    }

    #[tokio::test]
    async fn a_closed_gate_sends_nothing() {
        let script = Script::new();
        let client = FactoryClient::with_certificate(script.transport(), id());
        let sending = Sending {
            gate: Some(SendGate::new(|| false)),
            ..Sending::default()
        };
        assert!(matches!(issue_with(client, sending).await, IssueAnswer::TooLate { .. }));
        assert!(script.seen().is_empty());
    }

    #[tokio::test]
    async fn a_stale_token_is_replaced_once_before_an_order_is_forbidden() {
        let script = Script::new()
            .answers(200, &[], r#"{"access_token":"one"}"#)
            .answers(403, &[], "")
            .answers(200, &[], r#"{"access_token":"two"}"#)
            .answers(201, CREATED, "");
        assert_eq!(issue_with_token(&script, Sending::default()).await, issued());
        assert_eq!(script.seen().len(), 4);
        let script = Script::new()
            .answers(200, &[], r#"{"access_token":"one"}"#)
            .answers(403, &[], "")
            .answers(200, &[], r#"{"access_token":"two"}"#)
            .answers(403, &[], "");
        assert!(matches!(
            issue_with_token(&script, Sending::default()).await,
            IssueAnswer::Forbidden { .. }
        ));
        assert_eq!(script.seen().len(), 4);
    }

    #[tokio::test]
    async fn the_gate_is_asked_again_before_the_second_sending() {
        let open = Arc::new(AtomicBool::new(true));
        let (seen, close) = (Arc::clone(&open), Arc::clone(&open));
        let script = Script::new()
            .answers(200, &[], r#"{"access_token":"one"}"#)
            .answers(403, &[], "")
            .then(move |_| {
                close.store(false, Ordering::SeqCst);
                Ok(super::super::super::testing::response(
                    200,
                    &[],
                    super::super::super::testing::body(r#"{"access_token":"two"}"#),
                ))
            });
        let gate = Some(SendGate::new(move || seen.load(Ordering::SeqCst)));
        let answer = issue_with_token(
            &script,
            Sending {
                gate,
                ..Sending::default()
            },
        )
        .await;
        assert!(matches!(answer, IssueAnswer::TooLate { .. }), "{answer:?}");
    }

    #[tokio::test]
    async fn without_a_token_nothing_is_unsure() {
        let lost = TransportError::AfterSending {
            why: AfterSending::Lost,
            source: None,
        };
        let script = Script::new().fails(lost);
        assert!(matches!(
            issue_with_token(&script, Sending::default()).await,
            IssueAnswer::NotSent { .. }
        ));
        let script = Script::new().answers(403, &[], r#"{"error":"wrong secret"}"#);
        let answer = issue_with_token(&script, Sending::default()).await;
        assert!(matches!(answer, IssueAnswer::Credential { reason } if reason.contains("wrong secret")));
    }
}
