//! The calls of API v1. One [`FactoryClient`] speaks for one organisation with one identity.
//!
//! Nothing is repeated here, one case apart: with a bearer token, 401 and 403 lead to another token once, and the call
//! is made again with it. That is safe for every call, since what was refused was not done.

mod applications;
mod badges;
mod events;
mod issuing;
mod open;
mod organisation;
mod writing;

use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::answer::{Answer, read_body};
use super::error::FactoryError;
use super::id::ClientId;
use super::lines::{Lines, ListLimits};
use super::token::TokenSource;
use super::transport::{Method, Request, Response, Transport, TransportError};

pub use events::EventPages;
pub use issuing::Sending;
pub use open::{public_key, sign_request};

/// A single object may carry a picture.
const OBJECT_LIMIT: usize = 8 << 20;
/// Addresses in the query of one revocation: 50 of them, and no more than a request line can safely hold.
const ADDRESSES_A_CALL: usize = 50;
const ADDRESS_BYTES_A_CALL: usize = 6000;

/// The client of one organisation. Cheap to clone.
#[derive(Clone, Debug)]
pub struct FactoryClient {
    transport: Arc<dyn Transport>,
    client_id: ClientId,
    tokens: Option<TokenSource>,
    deadline: Duration,
    list_deadline: Duration,
    limits: ListLimits,
}

impl FactoryClient {
    /// A client whose `transport` presents the organisation's certificate.
    pub fn with_certificate(transport: Arc<dyn Transport>, client_id: ClientId) -> Self {
        Self {
            transport,
            client_id,
            tokens: None,
            deadline: Duration::from_secs(30),
            list_deadline: Duration::from_mins(3),
            limits: ListLimits::default(),
        }
    }

    /// A client that sends a bearer token with each call.
    pub fn with_tokens(transport: Arc<dyn Transport>, tokens: TokenSource) -> Self {
        let client_id = tokens.client_id().clone();
        Self {
            tokens: Some(tokens),
            ..Self::with_certificate(transport, client_id)
        }
    }

    /// The same client with other limits of time: for a call with a short answer (30 s by default) and for a whole
    /// list (180 s by default).
    #[must_use]
    pub fn with_deadlines(mut self, call: Duration, list: Duration) -> Self {
        self.deadline = call;
        self.list_deadline = list;
        self
    }

    /// The same client with other limits of size for lists.
    #[must_use]
    pub fn with_limits(mut self, limits: ListLimits) -> Self {
        self.limits = limits;
        self
    }

    /// The organisation.
    pub fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// Asks whether the Factory knows this organisation by this identity; the answer must be its client id (API
    /// page, "Ping").
    pub async fn ping(&self) -> Result<(), FactoryError> {
        let path = format!("/v1/ping/{}", self.client_id);
        let response = self.call(Request::new(Method::Get, path, self.deadline)).await?;
        let body = whole(response, "ping").await?;
        let told = String::from_utf8_lossy(&body);
        if told.trim().trim_matches('"') == self.client_id.as_str() {
            Ok(())
        } else {
            Err(FactoryError::unreadable("ping", "it does not name this organisation"))
        }
    }

    fn get(&self, path_and_query: String) -> Request {
        Request::new(Method::Get, path_and_query, self.deadline)
    }

    /// Reads one JSON object.
    async fn object<T: DeserializeOwned>(&self, path: String, what: &'static str) -> Result<T, FactoryError> {
        let body = whole(self.call(self.get(path)).await?, what).await?;
        serde_json::from_slice(&body).map_err(|error| {
            // serde's own text can quote a value of the body.
            FactoryError::unreadable(what, format!("line {}, column {}", error.line(), error.column()))
        })
    }

    /// Reads a list.
    async fn list<T: DeserializeOwned>(&self, path: String, what: &'static str) -> Result<Lines<T>, FactoryError> {
        let request = Request {
            deadline: self.list_deadline,
            ..self.get(path)
        };
        Ok(Lines::new(self.call(request).await?, what, self.limits))
    }

    /// Sends a JSON body within the deadline of a short call; only the success counts.
    async fn put(&self, path: String, body: &Value) -> Result<(), FactoryError> {
        let request = Request::new(Method::Put, path, self.deadline).with_json(body);
        self.call(request).await.map(|_| ())
    }

    /// Sends `request`; an answer without success is an error.
    async fn call(&self, request: Request) -> Result<Response, FactoryError> {
        let response = self.send(request).await.map_err(|failure| match failure {
            Failure::NoToken(failure) => failure,
            Failure::Call(failure) => failure.into(),
        })?;
        successful(response).await
    }

    /// Sends `request` with the identity of this client.
    async fn send(&self, mut request: Request) -> Result<Response, Failure> {
        let Some(tokens) = &self.tokens else {
            return self.transport.send(request).await.map_err(Failure::Call);
        };
        let token = tokens
            .current(&*self.transport, self.deadline)
            .await
            .map_err(Failure::NoToken)?;
        request.bearer = Some(token.secret.clone());
        let response = self.transport.send(request.clone()).await.map_err(Failure::Call)?;
        if !matches!(response.status, 401 | 403) {
            return Ok(response);
        }
        let token = tokens
            .another(&token, &*self.transport, self.deadline)
            .await
            .map_err(Failure::NoToken)?;
        request.bearer = Some(token.secret);
        self.transport.send(request).await.map_err(Failure::Call)
    }
}

/// Why a call got no answer.
enum Failure {
    /// No token could be had: the call was not made, or refused before.
    NoToken(FactoryError),
    Call(TransportError),
}

/// The answer if it is a success, else what it means.
async fn successful(response: Response) -> Result<Response, FactoryError> {
    if response.is_success() {
        Ok(response)
    } else {
        Err(Answer::read(response).await.into())
    }
}

async fn whole(response: Response, what: &'static str) -> Result<Vec<u8>, FactoryError> {
    let limit = u64::try_from(OBJECT_LIMIT).unwrap_or(u64::MAX);
    read_body(response, OBJECT_LIMIT)
        .await?
        .ok_or(FactoryError::TooLarge { what, limit })
}

#[cfg(test)]
mod tests {
    use super::super::model::FilledForm;
    use super::super::multipart::Part;
    use super::super::testing::Script;
    use super::*;

    fn id() -> ClientId {
        ClientId::parse("C8Xk2Demo").unwrap()
    }

    pub(super) fn filled() -> FilledForm {
        FilledForm {
            applicant: "Ada Example".into(),
            email: "ada@example.org".into(),
            attach_evidence: Some(true),
            secret_token: None,
            fields: vec![Part::text("why", "So")],
        }
    }

    fn with_token(script: &Arc<Script>) -> FactoryClient {
        FactoryClient::with_tokens(script.transport(), TokenSource::new(id(), "hush".into(), || 0))
    }

    /// Workers run the calls on any thread; checked by the compiler alone.
    #[test]
    fn every_call_can_move_between_threads() {
        use super::super::id::{BadgeId, EarnableId, EventId};
        use super::super::model::{BadgeContent, BadgeFilter, EventSearch, Issue};
        fn movable<F: Future + Send>(_: F) {}
        let script = Script::new();
        let client = FactoryClient::with_certificate(script.transport(), id());
        let (badge, event) = (BadgeId::parse("B1").unwrap(), EventId::parse("E1").unwrap());
        movable(client.ping());
        movable(client.badge(&badge));
        movable(client.categories());
        movable(async { client.badges(&BadgeFilter::default()).await?.next().await });
        movable(client.issue(&badge, &Issue::default(), Sending::default()));
        movable(client.event(&event));
        movable(client.revoke(&event, &["ann@example.org"]));
        movable(client.events(EventSearch::default()).all());
        movable(async { client.events(EventSearch::default()).next().await });
        movable(client.organisation());
        movable(client.create_badge(&BadgeContent::default()));
        movable(client.delete_all_badges_of_the_organisation());
        let form = EarnableId::parse("A1").unwrap();
        movable(client.earnable(&form));
        movable(async { client.applications(&form, None).await?.next().await });
        let (filled, sending) = (filled(), Sending::default());
        movable(client.apply(&form, &filled, "edge", sending));
    }

    #[tokio::test]
    async fn a_ping_is_answered_with_the_bare_client_id() {
        for answer in ["C8Xk2Demo", "C8Xk2Demo\n", "\"C8Xk2Demo\""] {
            let script = Script::new().answers(200, &[], answer);
            FactoryClient::with_certificate(script.transport(), id())
                .ping()
                .await
                .unwrap();
            assert_eq!(script.paths(), ["GET /v1/ping/C8Xk2Demo"]);
        }
        let script = Script::new().answers(200, &[], "<html>Welcome to the hotel</html>");
        let refused = FactoryClient::with_certificate(script, id()).ping().await;
        assert!(matches!(refused, Err(FactoryError::Unreadable { .. })));
    }

    #[tokio::test]
    async fn a_stale_token_is_replaced_once_and_the_call_made_again() {
        use secrecy::ExposeSecret as _;
        let script = Script::new()
            .answers(200, &[], r#"{"access_token":"one"}"#)
            .answers(403, &[], "403 Forbidden")
            .answers(200, &[], r#"{"access_token":"two"}"#)
            .answers(200, &[], "C8Xk2Demo");
        with_token(&script).ping().await.unwrap();
        let bearers = script
            .seen()
            .into_iter()
            .map(|seen| seen.bearer.map(|it| it.expose_secret().to_owned()));
        assert_eq!(
            bearers.collect::<Vec<_>>(),
            [None, Some("one".into()), None, Some("two".into())]
        );
    }

    #[tokio::test]
    async fn a_second_refusal_is_final() {
        let script = Script::new()
            .answers(200, &[], r#"{"access_token":"one"}"#)
            .answers(403, &[], "")
            .answers(200, &[], r#"{"access_token":"two"}"#)
            .answers(403, &[], r#"{"error":"not yours"}"#);
        let refused = with_token(&script).ping().await;
        assert!(matches!(refused, Err(FactoryError::Forbidden { reason }) if reason.contains("not yours")));
        assert_eq!(script.seen().len(), 4);
    }

    #[tokio::test]
    async fn with_a_certificate_a_refusal_is_not_repeated() {
        let script = Script::new().answers(403, &[], "");
        let client = FactoryClient::with_certificate(script.transport(), id());
        assert!(matches!(client.ping().await, Err(FactoryError::Forbidden { .. })));
        assert_eq!(script.seen().len(), 1);
    }
}
