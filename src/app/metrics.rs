//! The private address for metrics, apart from the one that the world sees.

use std::net::SocketAddr;
use std::time::Duration;

use actix_web::web::{Data, get};
use actix_web::{App, HttpResponse, HttpServer};
use anyhow::Context;

use crate::telemetry::Metrics;

/// How often old samples are freed.
const TIDY: Duration = Duration::from_secs(5);

/// Serves what the process counts, until the process ends.
pub fn serve(address: SocketAddr) -> anyhow::Result<()> {
    let metrics = Metrics::start()?;
    let page = Data::new(metrics.clone());
    let server = HttpServer::new(move || App::new().app_data(page.clone()).route("/metrics", get().to(show)))
        .disable_signals()
        .workers(1)
        .bind(address)
        .with_context(|| format!("cannot listen on {address} (BADGEBRIDGE_METRICS_LISTEN; off switches it off)"))?
        .run();
    tokio::spawn(server);
    tokio::spawn(async move {
        let mut tick = tokio::time::interval(TIDY);
        loop {
            tick.tick().await;
            metrics.tidy();
        }
    });
    Ok(())
}

async fn show(metrics: Data<Metrics>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4")
        .body(metrics.render())
}
