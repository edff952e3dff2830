//! Senders of signals that resend until they are answered with 2xx, and then now and then once more.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use aws_lc_rs::hmac;
use badgebridge::app::MadeFeed;
use badgebridge::clock::{Clock, SystemClock};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::dice::Dice;

/// Senders at once.
const SENDERS: u64 = 8;
/// How long one message may take to be taken.
const PATIENCE: Duration = Duration::from_mins(1);

/// Where a sender sends to, and how it signs.
#[derive(Clone, Debug)]
pub(crate) struct Feed {
    path: String,
    key: hmac::Key,
}

impl Feed {
    pub(crate) fn new(made: &MadeFeed) -> Self {
        let secret = made.secret.as_deref().unwrap().strip_prefix("whsec_").unwrap();
        let secret = STANDARD.decode(secret).unwrap();
        Self {
            path: format!("/feeds/{}/{}", made.feed.id, made.feed.kind),
            key: hmac::Key::new(hmac::HMAC_SHA256, &secret),
        }
    }
}

/// One message, the same in every try.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) feed: Feed,
    pub(crate) id: String,
    pub(crate) body: Value,
}

impl Message {
    /// Whether both go to the same feed: then one request may bring them.
    pub(crate) fn is_for_feed_of(&self, other: &Self) -> bool {
        self.feed.path == other.feed.path
    }
}

/// What came of the sending.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    /// Tries that were not answered with 2xx.
    pub(crate) failed: usize,
    /// Messages that were sent again although they had been taken.
    pub(crate) again: usize,
    /// Messages that two senders sent at the same time.
    pub(crate) at_once: usize,
}

/// Tries so far that were not answered with 2xx. Clones are the same count.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trouble(Arc<AtomicUsize>);

impl Trouble {
    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// Sends all messages, in their order and by several senders, to any of the servers; pauses of up to `pace` in between.
pub(crate) async fn send_all(
    servers: Vec<String>,
    messages: Vec<Message>,
    seed: u64,
    pace: Duration,
    trouble: Trouble,
) -> Sent {
    let (servers, messages) = (Arc::new(servers), Arc::new(messages));
    let next = Arc::new(AtomicUsize::new(0));
    let mut senders = tokio::task::JoinSet::new();
    for number in 0..SENDERS {
        let mut sender = Sender {
            client: reqwest::Client::new(),
            servers: Arc::clone(&servers),
            dice: Dice::new(seed.wrapping_add(number)),
            sent: Sent::default(),
            trouble: trouble.clone(),
        };
        let (messages, next) = (Arc::clone(&messages), Arc::clone(&next));
        senders.spawn(async move {
            while let Some(message) = messages.get(next.fetch_add(1, Ordering::SeqCst)) {
                sender.deliver(message).await;
                let pause = sender.dice.below(u64::try_from(pace.as_millis()).unwrap() + 1);
                tokio::time::sleep(Duration::from_millis(pause)).await; // a sender's own pace
            }
            sender.sent
        });
    }
    let mut all = Sent::default();
    while let Some(sent) = senders.join_next().await {
        let sent = sent.unwrap();
        all.again += sent.again;
        all.at_once += sent.at_once;
    }
    all.failed = trouble.count();
    all
}

struct Sender {
    client: reqwest::Client,
    servers: Arc<Vec<String>>,
    dice: Dice,
    sent: Sent,
    trouble: Trouble,
}

impl Sender {
    /// Until it is taken; then, as senders do that missed the answer, once more.
    async fn deliver(&mut self, message: &Message) {
        if self.dice.below(10) == 0 {
            let servers = [self.server(), self.server()];
            // whichever comes second finds the first's
            let _: (bool, bool) = tokio::join!(self.once(&servers[0], message), self.once(&servers[1], message));
            self.sent.at_once += 1;
        }
        let begun = Instant::now();
        loop {
            let server = self.server();
            if self.once(&server, message).await {
                break;
            }
            self.trouble.0.fetch_add(1, Ordering::SeqCst);
            assert!(begun.elapsed() < PATIENCE, "a message was never taken");
            tokio::time::sleep(Duration::from_millis(20)).await; // nobody listens while a server starts
        }
        if self.dice.below(5) == 0 {
            let server = self.server();
            self.once(&server, message).await;
            self.sent.again += 1;
        }
    }

    fn server(&mut self) -> String {
        let count = u64::try_from(self.servers.len()).unwrap();
        self.servers[usize::try_from(self.dice.below(count)).unwrap()].clone()
    }

    /// One try; whether it was answered with 2xx.
    async fn once(&self, server: &str, message: &Message) -> bool {
        let (body, at) = (message.body.to_string(), SystemClock.now().seconds());
        let tag = hmac::sign(&message.feed.key, format!("{}.{at}.{body}", message.id).as_bytes());
        let request = self
            .client
            .post(format!("{server}{}", message.feed.path))
            .header("content-type", "application/json")
            .header("webhook-id", &message.id)
            .header("webhook-timestamp", at.to_string())
            .header("webhook-signature", format!("v1,{}", STANDARD.encode(tag)));
        match request.body(body).send().await {
            Ok(answer) => {
                let status = answer.status().as_u16();
                assert!(
                    (200..300).contains(&status) || matches!(status, 429 | 500 | 503),
                    "answered {status}"
                );
                status < 300
            }
            Err(_) => false,
        }
    }
}
