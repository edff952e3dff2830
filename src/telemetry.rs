//! Logs and metrics.
//!
//! A log line holds no query string, no cookie, no address of a person: requests are named by the route that answered,
//! not by the address that was asked for, because some addresses carry a key.

use std::io;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::{Error, HttpMessage as _};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing::{Span, Subscriber};
use tracing_actix_web::{RequestId, RootSpanBuilder};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config;

/// Why logs or metrics cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The directives of `BADGEBRIDGE_LOG` cannot be read.
    #[error("BADGEBRIDGE_LOG: {0}")]
    Filter(String),
    /// The process has a subscriber or recorder already.
    #[error("logs or metrics are set up already: {0}")]
    Taken(String),
}

/// Sends the process's log lines to standard error, in the format and with the filter of the settings.
pub fn start_logging(settings: &config::Server) -> Result<(), TelemetryError> {
    subscriber(&settings.log, settings.log_format, io::stderr)?
        .try_init()
        .map_err(|error| TelemetryError::Taken(error.to_string()))
}

fn subscriber<W>(
    directives: &str,
    format: config::LogFormat,
    writer: W,
) -> Result<Box<dyn Subscriber + Send + Sync>, TelemetryError>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = EnvFilter::try_new(directives).map_err(|error| TelemetryError::Filter(error.to_string()))?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    Ok(match format {
        config::LogFormat::Text => Box::new(builder.with_ansi(false).finish()),
        config::LogFormat::Json => Box::new(builder.json().flatten_event(true).finish()),
    })
}

/// The span around one request: method, route, request id, and at its end the status. No address, no header.
#[derive(Clone, Copy, Debug)]
pub struct RootSpan;

impl RootSpanBuilder for RootSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let method = method_name(request.method());
        let route = request.match_pattern().unwrap_or_else(|| "none".to_owned());
        let id = request.extensions().get::<RequestId>().copied();
        let id = id.map_or_else(String::new, |id| id.to_string());
        tracing::info_span!(
            "request",
            http.method = method,
            http.route = route,
            http.status = tracing::field::Empty,
            request.id = id
        )
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let status = match outcome {
            Ok(response) => response.status(),
            Err(error) => error.as_response_error().status_code(),
        };
        span.record("http.status", status.as_u16());
    }
}

/// The method, or `other`: an invented one comes from outside and could be anything.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::HEAD => "HEAD",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// What the process counts, in the text format of Prometheus. Counted with the macros of the `metrics` crate.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Becomes the process's recorder. Durations are given in seconds and land in buckets from 1 ms to 60 s.
    pub fn start() -> Result<Self, TelemetryError> {
        let handle = builder()?
            .install_recorder()
            .map_err(|error| TelemetryError::Taken(error.to_string()))?;
        Ok(Self(handle))
    }

    /// The page that Prometheus reads.
    pub fn render(&self) -> String {
        self.0.render()
    }

    /// Frees what old samples occupy; to be called every few seconds.
    pub fn tidy(&self) {
        self.0.run_upkeep();
    }
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Metrics")
    }
}

fn builder() -> Result<PrometheusBuilder, TelemetryError> {
    const SECONDS: [f64; 12] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0];
    PrometheusBuilder::new()
        .set_buckets(&SECONDS)
        .map_err(|error| TelemetryError::Taken(error.to_string()))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use actix_web::{App, HttpResponse, test, web};
    use tracing_actix_web::TracingLogger;

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    async fn log_of_one_request(format: config::LogFormat) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = subscriber("info", format, move || writer.clone()).unwrap();
        let guard = tracing::subscriber::set_default(subscriber);
        let handler = || async {
            tracing::info!("answered");
            HttpResponse::Ok().finish()
        };
        let app = App::new()
            .wrap(TracingLogger::<RootSpan>::new())
            .route("/feeds/{id}/k/{key}", web::get().to(handler));
        let app = test::init_service(app).await;
        let request = test::TestRequest::get().uri("/feeds/7/k/hush-key?token=hush-query");
        let request = request.insert_header(("cookie", "hush-cookie=1"));
        assert!(
            test::call_service(&app, request.to_request())
                .await
                .status()
                .is_success()
        );
        drop(guard);
        let written = lines.0.lock().unwrap().clone();
        String::from_utf8(written).unwrap()
    }

    #[actix_web::test]
    async fn a_request_is_logged_by_its_route_and_never_by_its_address() {
        for format in [config::LogFormat::Text, config::LogFormat::Json] {
            let log = log_of_one_request(format).await;
            assert!(log.contains("answered") && log.contains("/feeds/{id}/k/{key}"), "{log}");
            assert!(!log.contains("hush"), "{log}");
        }
        let line = log_of_one_request(config::LogFormat::Json).await;
        let line: serde_json::Value = serde_json::from_str(line.lines().next().unwrap()).unwrap();
        assert_eq!(line["message"], "answered");
        assert_eq!(line["span"]["http.method"], "GET");
        assert!(!line["span"]["request.id"].as_str().unwrap().is_empty());
    }

    #[::core::prelude::v1::test]
    fn malformed_directives_are_refused_by_the_settings_name() {
        let refused = subscriber("info,=x=y", config::LogFormat::Text, io::sink)
            .err()
            .unwrap();
        assert!(refused.to_string().starts_with("BADGEBRIDGE_LOG: "), "{refused}");
    }

    #[::core::prelude::v1::test]
    fn counted_things_are_rendered_with_their_buckets() {
        let recorder = builder().unwrap().build_recorder();
        let metrics = Metrics(recorder.handle());
        metrics::with_local_recorder(&recorder, || {
            metrics::counter!("launches_total").increment(2);
            metrics::histogram!("launch_seconds").record(0.004);
        });
        metrics.tidy();
        let page = metrics.render();
        assert!(page.contains("launches_total 2"), "{page}");
        assert!(page.contains("launch_seconds_bucket{le=\"0.005\"} 1"), "{page}");
    }
}
