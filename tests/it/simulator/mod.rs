//! The simulated Factory, driven over real mutual TLS by a plain HTTP client: what it promises to whoever tests with it.

mod applications;
mod badges;
mod enrolment;
mod faults;
mod issuing;
mod pages;

use badgebridge::clock::{ManualClock, Timestamp};
use badgebridge::sandbox::factory::{CLIENT, Factory, Options};
use reqwest::{Client, Method, Response, redirect};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

const START: Timestamp = Timestamp::from_seconds(1_900_000_000);

struct World {
    factory: Factory,
    clock: Arc<ManualClock>,
    http: Client,
}

impl World {
    fn start() -> Self {
        let clock = Arc::new(ManualClock::at(START));
        Self::with(
            Options {
                clock: clock.clone(),
                ..Options::default()
            },
            clock,
        )
    }

    fn with(options: Options, clock: Arc<ManualClock>) -> Self {
        let factory = Factory::start(options).unwrap();
        let http = client(&factory, Some(factory.issue_identity(CLIENT).unwrap()));
        Self { factory, clock, http }
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Response {
        send(&self.http, &self.factory, method, path, body).await.unwrap()
    }

    async fn get(&self, path: &str) -> Response {
        self.send(Method::GET, path, None).await
    }

    async fn lines(&self, path: &str) -> Vec<Value> {
        lines(&self.get(path).await.text().await.unwrap())
    }

    async fn issue(&self, badge: &str, body: Value) -> reqwest::Result<Response> {
        let path = format!("/v1/badge/{CLIENT}/{badge}");
        send(&self.http, &self.factory, Method::POST, &path, Some(body)).await
    }

    /// Issues and returns the event's id.
    async fn issued(&self, badge: &str, body: Value) -> String {
        let answer = self.issue(badge, body).await.unwrap();
        assert_eq!(answer.status(), 201);
        let location = answer.headers()["location"].to_str().unwrap().to_owned();
        location
            .strip_prefix(&format!("/v1/event/{CLIENT}/"))
            .unwrap()
            .to_owned()
    }

    async fn refused(&self, badge: &str, body: Value) -> (u16, String) {
        let answer = self.issue(badge, body).await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        let reason: Value = serde_json::from_str(&text).unwrap_or_default();
        (status, reason["error"].as_str().unwrap_or_default().to_owned())
    }
}

fn client(factory: &Factory, identity: Option<(String, String)>) -> Client {
    let root = reqwest::Certificate::from_pem(factory.ca_pem().as_bytes()).unwrap();
    let mut builder = Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .tls_certs_only([root])
        .timeout(Duration::from_secs(20));
    if let Some((certificate, key)) = identity {
        builder = builder.identity(reqwest::Identity::from_pem(format!("{certificate}{key}").as_bytes()).unwrap());
    }
    builder.build().unwrap()
}

async fn send(
    http: &Client,
    factory: &Factory,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> reqwest::Result<Response> {
    let mut request = http.request(method, format!("{}{path}", factory.url()));
    if let Some(body) = body {
        request = request.body(body.to_string());
    }
    request.send().await
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn to(address: &str) -> Value {
    json!({"recipient": [address]})
}
