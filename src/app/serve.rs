//! Runs the web server, with or without workers, until it is told to stop.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use actix_web::{App, HttpServer};
use anyhow::Context;
use tokio::sync::watch;
use tracing_actix_web::TracingLogger;

use super::build::Parts;
use super::unclean::RunningMark;
use crate::clock::SystemClock;
use crate::config::{Config, Database, PublicUrl};
use crate::jobs::Worker;
use crate::store::{ServerLock, Store, StoreError};
use crate::telemetry;
use crate::web::deps::Deps;
use crate::web::routes;

/// How often settings, and logins that nobody came back for, are looked at.
const FOLLOW: Duration = Duration::from_secs(1);
/// How often it is looked whether tables have grown.
const GROWTH: Duration = Duration::from_secs(5);

/// How a server is run.
#[derive(Clone, Copy, Debug)]
pub struct How {
    /// Whether this process also sends, reads and cleans up.
    pub with_workers: bool,
    /// Threads of the web server; absent: one per core.
    pub web_threads: Option<usize>,
}

/// A running server.
#[derive(Debug)]
pub struct Running {
    /// The address that LMSs see.
    pub public_url: PublicUrl,
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<anyhow::Result<()>>,
}

impl Running {
    /// Stops: takes nothing new, finishes what runs, closes the database.
    pub async fn stop(self) -> anyhow::Result<()> {
        let _ = self.stop.send(true);
        self.task.await?
    }

    /// Waits until the server ends by itself or by a signal.
    pub async fn ended(self) -> anyhow::Result<()> {
        self.task.await?
    }
}

/// Opens everything and starts to serve.
pub async fn start(config: Config, how: How) -> anyhow::Result<Running> {
    let listener = TcpListener::bind(config.server.listen)
        .with_context(|| format!("cannot listen on {}", config.server.listen))?;
    let address = listener.local_addr()?;
    let parts = Arc::new(Parts::open(config, Arc::new(SystemClock)).await?);
    let lock = parts
        .store
        .hold_server_lock()
        .context("only one server may use a SQLite file")?;
    let mark = match &parts.config.server.database {
        Database::Sqlite(file) => Some(RunningMark::set(file, &parts.store).await?),
        Database::Postgres(_) => None,
    };
    let public_url = public_url(&parts.config, address)?;
    let worker = parts.worker();
    let deps = Data::new(parts.deps(public_url.clone(), worker.clone()).await?);
    let (stop, stopped) = watch::channel(false);
    let http = http_server(&parts.config, deps.clone(), listener, how.web_threads)?;
    let server = Server {
        with_workers: how.with_workers,
        parts,
        worker,
        deps,
        http,
        mark,
        lock,
    };
    let task = tokio::spawn(server.run(stopped));
    Ok(Running { public_url, stop, task })
}

/// The public address; port 0 stands for the one that the system chose.
fn public_url(config: &Config, address: SocketAddr) -> anyhow::Result<PublicUrl> {
    let url = config.server.require_public_url()?.clone();
    Ok(if url.port() == 0 {
        url.with_port(address.port())
    } else {
        url
    })
}

fn http_server(
    config: &Config,
    deps: Data<Deps>,
    listener: TcpListener,
    threads: Option<usize>,
) -> anyhow::Result<actix_web::dev::Server> {
    let mut server = HttpServer::new(move || {
        App::new()
            .wrap(TracingLogger::<telemetry::RootSpan>::new())
            .configure(routes::configure(deps.clone()))
    })
    .disable_signals()
    .keep_alive(Duration::from_secs(75))
    .client_request_timeout(Duration::from_secs(10))
    .shutdown_timeout(5);
    if let Some(threads) = threads {
        server = server.workers(threads);
    }
    let server = match &config.server.tls {
        Some((certificate, key)) => {
            server.listen_rustls_0_23(listener, super::tls::server_config(certificate, key)?)?
        }
        None => server.listen(listener)?,
    };
    Ok(server.run())
}

/// What a running server is made of.
struct Server {
    parts: Arc<Parts>,
    worker: Worker,
    with_workers: bool,
    deps: Data<Deps>,
    http: actix_web::dev::Server,
    mark: Option<RunningMark>,
    lock: ServerLock,
}

impl Server {
    /// Runs until told to stop, until a signal, or until the database's writer ends.
    async fn run(self, mut stopped: watch::Receiver<bool>) -> anyhow::Result<()> {
        let handle = self.http.handle();
        let serving = tokio::spawn(self.http);
        let deps = self.deps;
        let following = tokio::spawn(follow(Arc::clone(&self.parts), deps.clone(), stopped.clone()));
        let announcing = tokio::spawn({
            let deps = deps.clone();
            async move { deps.feeds.announce(&deps.store, &deps.worker).await }
        });
        let growing = tokio::spawn(look_at_growth(self.parts.store.clone()));
        let working = self.with_workers.then(|| {
            let worker = self.worker.clone();
            tokio::spawn(async move { worker.serve().await })
        });
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => {}
            () = signal() => {}
            () = self.parts.store.ended() => tracing::error!("the database's writer ended: this process stops"),
        }
        handle.stop(true).await;
        following.abort();
        announcing.abort();
        growing.abort();
        if let Err(error) = tell_the_rest(&deps).await {
            tracing::warn!(%error, "what feeds counted last was not written");
        }
        if let Some(working) = working {
            self.worker.stop();
            working.await?;
        }
        serving.await??;
        self.parts.store.close().await;
        if let Some(mark) = self.mark {
            mark.remove();
        }
        drop(self.lock);
        Ok(())
    }
}

/// Lets the database know how full its tables are. Nothing stops if it cannot: it learns that by itself, later.
async fn look_at_growth(store: Store) {
    let mut tick = tokio::time::interval(GROWTH);
    loop {
        tick.tick().await;
        if let Err(error) = store.look_at_growth().await {
            tracing::debug!(%error, "tables that have grown were not looked at");
        }
    }
}

/// Follows changes of settings that a command or another server made.
async fn follow(parts: Arc<Parts>, deps: Data<Deps>, stopped: watch::Receiver<bool>) {
    let mut tick = tokio::time::interval(FOLLOW);
    let mut counted_from = deps.clock.now();
    while !*stopped.borrow() {
        tick.tick().await;
        if let Err(error) = deps.directory.follow(&deps.store).await {
            tracing::warn!(%error, "settings were not read");
        }
        if let Err(error) = parts.follow_signing_keys().await {
            tracing::warn!(%error, "signing keys were not read");
        }
        if let Err(error) = deps.encounters.write(&deps.store, deps.clock.now()).await {
            tracing::warn!(%error, "what arrived last was not written");
        }
        if let Err(error) = follow_feeds(&deps).await {
            tracing::warn!(%error, "feeds were not read, or what they counted was not written");
        }
        if deps.clock.now().since(counted_from) > deps.config.launch.login_life {
            counted_from = deps.clock.now();
            deps.open_logins.forget(counted_from);
        }
    }
}

async fn follow_feeds(deps: &Deps) -> Result<(), StoreError> {
    let version = deps.directory.entries().version();
    deps.feeds.follow(&deps.store, version).await?;
    deps.feeds.write_counts(&deps.store).await
}

/// What came in since the last tick, before the database is closed.
async fn tell_the_rest(deps: &Deps) -> Result<(), StoreError> {
    deps.feeds.publish(&deps.store, &deps.worker).await?;
    deps.feeds.write_counts(&deps.store).await
}

/// Waits for an interrupt or a request to end.
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

/// Follows a rotation of signing keys, where no web server does.
async fn follow_keys(parts: Parts) {
    let mut tick = tokio::time::interval(FOLLOW);
    loop {
        tick.tick().await;
        if let Err(error) = parts.follow_signing_keys().await {
            tracing::warn!(%error, "signing keys were not read");
        }
    }
}

/// Runs workers only, until a signal.
pub async fn work(config: Config) -> anyhow::Result<()> {
    let parts = Parts::open(config, Arc::new(SystemClock)).await?;
    let worker = parts.worker();
    let working = tokio::spawn({
        let worker = worker.clone();
        async move { worker.serve().await }
    });
    let following = tokio::spawn(follow_keys(parts.clone()));
    let growing = tokio::spawn(look_at_growth(parts.store.clone()));
    println!("Badgebridge works");
    signal().await;
    following.abort();
    growing.abort();
    worker.stop();
    working.await?;
    parts.store.close().await;
    Ok(())
}
