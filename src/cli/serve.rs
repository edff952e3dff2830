//! Running servers: the real one, workers beside it, the sandbox.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;

use super::Shell;
use super::settings::Settings;
use crate::app::{self, How, sandbox};
use crate::config::Database;
use crate::telemetry;

/// Arguments of `serve`.
#[derive(Debug, Default, Args)]
pub(super) struct Serve {
    /// Serve pages only; `badgebridge worker` sends and reads (PostgreSQL)
    #[arg(long)]
    no_workers: bool,
    /// Threads of the web server (default: one per core)
    #[arg(long, value_name = "N")]
    web_threads: Option<usize>,
    #[command(flatten)]
    settings: Settings,
}

/// Arguments of `sandbox`.
#[derive(Debug, Args)]
pub(super) struct Sandbox {
    /// The tool's port; LMS and Factory take others. 0 takes free ones
    #[arg(long, default_value_t = 8080, value_name = "P")]
    port: u16,
    /// Where the sandbox keeps its data
    #[arg(long, default_value = "sandbox-data", value_name = "DIR")]
    data_dir: PathBuf,
}

pub(super) async fn serve(shell: &Shell, arguments: &Serve) -> anyhow::Result<()> {
    let config = shell.config_with(&arguments.settings.flags())?;
    telemetry::start_logging(&config.server)?;
    if arguments.no_workers && matches!(config.server.database, Database::Sqlite(_)) {
        bail!("--no-workers needs PostgreSQL: on SQLite no other process could send what this one queues");
    }
    if let Some(address) = config.server.metrics_listen {
        app::serve_metrics(address)?;
    }
    let how = How {
        with_workers: !arguments.no_workers,
        web_threads: arguments.web_threads,
    };
    let running = app::start(config, how).await?;
    println!("Badgebridge serves {}", running.public_url.origin());
    running.ended().await
}

pub(super) async fn worker(shell: &Shell) -> anyhow::Result<()> {
    let config = shell.config()?;
    telemetry::start_logging(&config.server)?;
    if matches!(config.server.database, Database::Sqlite(_)) {
        bail!("a worker of its own needs PostgreSQL: a SQLite file has one server process, which works itself");
    }
    app::work(config).await
}

pub(super) async fn sandbox(arguments: Sandbox) -> anyhow::Result<()> {
    let place = sandbox::Place {
        port: arguments.port,
        data_dir: arguments.data_dir,
    };
    let started = sandbox::start(&place).await?;
    println!("This is a sandbox: a demo LMS, a simulated Factory and sample people. Nothing leaves this machine.");
    println!();
    println!("  Open this first:      {}", started.lms.url());
    println!("  Learners' mailboxes:  {}", started.factory.admin_url());
    println!("  The tool itself:      {}", started.tool.public_url.origin());
    println!("  Administration, once: {}", started.operator);
    println!();
    println!(
        "Sign in as a teacher, open a course, choose Badges. Stop with Ctrl-C; the data stays in {}.",
        place.data_dir.display()
    );
    started.tool.ended().await
}
