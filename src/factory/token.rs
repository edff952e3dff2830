//! The second kind of identity: a client secret that is exchanged for bearer tokens (`OAuth2` client credentials,
//! RFC 6749 section 4.4; the address and the 403 of a stale token are relied on by public clients).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Deserializer};
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use super::answer::{Answer, read_body};
use super::error::FactoryError;
use super::id::ClientId;
use super::lenient;
use super::query::Query;
use super::transport::{Method, Request, Transport};

/// Life of a token that does not state one, in seconds.
const UNSTATED_LIFE: i64 = 3600;
/// Longest life that is believed, in seconds.
const LONGEST_LIFE: i64 = 86_400;
/// A token this near its end is not used any more, in seconds.
const MARGIN: i64 = 60;
const TOKEN_BODY_LIMIT: usize = 64 * 1024;

/// Gives bearer tokens for one organisation and keeps the last one. Clones share it; one request for a token is
/// under way at a time, and whoever needs one meanwhile waits for it.
#[derive(Clone)]
pub struct TokenSource(Arc<Inner>);

struct Inner {
    client_id: ClientId,
    client_secret: SecretString,
    now: Box<dyn Fn() -> i64 + Send + Sync>,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    token: Option<Token>,
    /// In Unix seconds.
    good_until: i64,
    fetched: u64,
}

/// A token, and which one in the order of fetching it is.
#[derive(Clone)]
pub(super) struct Token {
    pub(super) secret: SecretString,
    number: u64,
}

impl TokenSource {
    /// A source for `client_id` with its secret; `now` gives the present in Unix seconds.
    pub fn new(
        client_id: ClientId,
        client_secret: SecretString,
        now: impl Fn() -> i64 + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Inner {
            client_id,
            client_secret,
            now: Box::new(now),
            held: Mutex::default(),
        }))
    }

    /// The organisation.
    pub fn client_id(&self) -> &ClientId {
        &self.0.client_id
    }

    /// The token that is held, or a new one.
    pub(super) async fn current(&self, transport: &dyn Transport, deadline: Duration) -> Result<Token, FactoryError> {
        let mut held = self.0.held.lock().await;
        match &held.token {
            Some(token) if (self.0.now)() < held.good_until => Ok(token.clone()),
            _ => self.fetch(&mut held, transport, deadline).await,
        }
    }

    /// Another token than `stale`, which was refused: the one that somebody else got meanwhile, or a new one.
    pub(super) async fn another(
        &self,
        stale: &Token,
        transport: &dyn Transport,
        deadline: Duration,
    ) -> Result<Token, FactoryError> {
        let mut held = self.0.held.lock().await;
        match &held.token {
            Some(token) if token.number != stale.number => Ok(token.clone()),
            _ => self.fetch(&mut held, transport, deadline).await,
        }
    }

    async fn fetch(
        &self,
        held: &mut Held,
        transport: &dyn Transport,
        deadline: Duration,
    ) -> Result<Token, FactoryError> {
        held.token = None;
        let response = transport.send(self.request(deadline)).await?;
        if !response.is_success() {
            return Err(refusal(Answer::read(response).await));
        }
        let unreadable = |what: &str| FactoryError::unreadable("token", what);
        let body = read_body(response, TOKEN_BODY_LIMIT)
            .await?
            .ok_or_else(|| unreadable("too long"))?;
        let granted: Granted = serde_json::from_slice(&body).map_err(|_| unreadable("no token in the answer"))?;
        let life = granted.expires_in.unwrap_or(UNSTATED_LIFE).clamp(0, LONGEST_LIFE);
        held.good_until = (self.0.now)().saturating_add(life).saturating_sub(MARGIN);
        held.fetched = held.fetched.wrapping_add(1);
        let token = Token {
            secret: granted.access_token.as_str().into(),
            number: held.fetched,
        };
        held.token = Some(token.clone());
        Ok(token)
    }

    fn request(&self, deadline: Duration) -> Request {
        let mut form = Query::default();
        form.push("grant_type", "client_credentials");
        form.push("client_id", self.0.client_id.as_str());
        form.push("client_secret", self.0.client_secret.expose_secret());
        let mut request = Request::new(Method::Post, "/v1/client/oauth2/token", deadline);
        request
            .headers
            .push(("content-type", "application/x-www-form-urlencoded".to_owned()));
        request.body = Some(form.into_bytes());
        request
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSource")
            .field("client_id", &self.0.client_id)
            .finish_non_exhaustive()
    }
}

/// What a refused request for a token means: the secret is at fault, as with a refused certificate.
fn refusal(answer: Answer) -> FactoryError {
    match answer.status {
        400 | 401 | 403 => FactoryError::Credential {
            reason: answer.in_words(),
        },
        _ => answer.into(),
    }
}

#[derive(Deserialize)]
struct Granted {
    #[serde(deserialize_with = "wiped")]
    access_token: Zeroizing<String>,
    #[serde(default, deserialize_with = "lenient::int")]
    expires_in: Option<i64>,
}

fn wiped<'de, D: Deserializer<'de>>(from: D) -> Result<Zeroizing<String>, D::Error> {
    String::deserialize(from).map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::super::testing::Script;
    use super::*;

    const DEADLINE: Duration = Duration::from_secs(5);

    fn source(now: &Arc<AtomicI64>) -> TokenSource {
        let now = Arc::clone(now);
        let client_id = ClientId::parse("C8Xk2Demo").unwrap();
        TokenSource::new(client_id, "s3cret&".into(), move || now.load(Ordering::SeqCst))
    }

    fn shown(token: &Token) -> &str {
        token.secret.expose_secret()
    }

    #[tokio::test]
    async fn a_token_is_kept_until_shortly_before_its_end() {
        let script = Script::new()
            .answers(
                200,
                &[],
                r#"{"access_token":"one","token_type":"bearer","expires_in":36000}"#,
            )
            .answers(200, &[], r#"{"access_token":"two","expires_in":"36000"}"#);
        let now = Arc::new(AtomicI64::new(1000));
        let source = source(&now);
        assert_eq!(shown(&source.current(&*script, DEADLINE).await.unwrap()), "one");
        now.store(1000 + 36_000 - 61, Ordering::SeqCst);
        assert_eq!(shown(&source.current(&*script, DEADLINE).await.unwrap()), "one");
        now.store(1000 + 36_000 - 60, Ordering::SeqCst);
        assert_eq!(shown(&source.current(&*script, DEADLINE).await.unwrap()), "two");
        let seen = script.seen();
        assert_eq!(seen[0].path_and_query, "/v1/client/oauth2/token");
        assert_eq!(
            seen[0].headers,
            [("content-type", "application/x-www-form-urlencoded".to_owned())]
        );
        let form = b"grant_type=client_credentials&client_id=C8Xk2Demo&client_secret=s3cret%26";
        assert_eq!(seen[0].body.as_deref(), Some(&form[..]));
    }

    #[tokio::test]
    async fn many_who_need_a_token_ask_once() {
        let script = Script::new().answers(200, &[], r#"{"access_token":"one"}"#);
        let source = source(&Arc::new(AtomicI64::new(0)));
        let asks = (0..20).map(|_| source.current(&*script, DEADLINE));
        let tokens = futures_util::future::join_all(asks).await;
        assert!(tokens.iter().all(|token| shown(token.as_ref().unwrap()) == "one"));
        assert_eq!(script.seen().len(), 1);
    }

    #[tokio::test]
    async fn a_stale_token_is_replaced_once_for_all_who_hold_it() {
        let script =
            Script::new()
                .answers(200, &[], r#"{"access_token":"one"}"#)
                .answers(200, &[], r#"{"access_token":"two"}"#);
        let source = source(&Arc::new(AtomicI64::new(0)));
        let stale = source.current(&*script, DEADLINE).await.unwrap();
        for _ in 0..3 {
            assert_eq!(shown(&source.another(&stale, &*script, DEADLINE).await.unwrap()), "two");
        }
        assert_eq!(script.seen().len(), 2);
    }

    #[tokio::test]
    async fn a_wrong_secret_is_a_matter_of_the_credential() {
        for status in [400, 401, 403] {
            let script = Script::new().answers(status, &[], r#"{"error":"unknown client"}"#);
            let refused = source(&Arc::default()).current(&*script, DEADLINE).await.err().unwrap();
            assert!(matches!(&refused, FactoryError::Credential { reason } if reason.contains("unknown client")));
        }
        let script = Script::new().answers(503, &[], "");
        let closed = source(&Arc::default()).current(&*script, DEADLINE).await.err().unwrap();
        assert!(closed.is_temporary());
        let script = Script::new().answers(200, &[], "<html>");
        let strange = source(&Arc::default()).current(&*script, DEADLINE).await.err().unwrap();
        assert!(matches!(strange, FactoryError::Unreadable { .. }));
    }

    #[test]
    fn nothing_secret_is_shown() {
        assert!(!format!("{:?}", source(&Arc::default())).contains("s3cret"));
    }
}
