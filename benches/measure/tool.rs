//! The real program, run as in production with one web thread, on the first core.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tokio::process::{Child, Command};

use super::http::{self, Connection};
use super::world::World;

/// A running server.
pub(crate) struct Tool {
    process: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// From the start of the process to the first good answer of `/readyz`.
    pub(crate) ready_after: Duration,
}

/// What a process occupies, in kB.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    /// Resident now.
    pub(crate) now_kb: u64,
    /// Resident at most so far.
    pub(crate) peak_kb: u64,
}

impl Tool {
    /// Starts it and waits until it is ready.
    pub(crate) async fn start(binary: &Path, world: &World) -> anyhow::Result<Self> {
        let log = std::fs::File::create(world.folder().join("tool.log"))?;
        let begun = Instant::now();
        let process = Command::new("taskset")
            .args(["-c", "0"])
            .arg(binary)
            .args(["serve", "--web-threads", "1"])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(world.environment())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .context("cannot run taskset and the program")?;
        let mut tool = Self {
            process,
            address: world.tool_address,
            ready_after: Duration::ZERO,
        };
        while !tool.is_ready().await {
            if begun.elapsed() > Duration::from_secs(30) {
                bail!("the program is not ready after 30 s");
            }
            if let Some(status) = tool.process.try_wait()? {
                let log = std::fs::read_to_string(world.folder().join("tool.log"))?;
                bail!("the program ended: {status}\n{log}");
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tool.ready_after = begun.elapsed();
        Ok(tool)
    }

    async fn is_ready(&self) -> bool {
        let Ok(mut connection) = Connection::open(self.address).await else {
            return false;
        };
        let answer = connection.call(&http::get("/readyz", "")).await;
        answer.is_ok_and(|answer| answer.status == 200)
    }

    /// What it occupies.
    pub(crate) fn memory(&self) -> anyhow::Result<Memory> {
        let id = self.process.id().context("the program has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let field = |name: &str| -> anyhow::Result<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let number = line.and_then(|line| line.split_whitespace().next());
            Ok(number.with_context(|| format!("no {name}"))?.parse()?)
        };
        Ok(Memory {
            now_kb: field("VmRSS:")?,
            peak_kb: field("VmHWM:")?,
        })
    }

    /// Asks it to stop and waits for its end.
    pub(crate) async fn stop(&mut self) -> anyhow::Result<()> {
        let id = self.process.id().context("the program has ended")?;
        Command::new("kill").arg(id.to_string()).status().await?;
        self.process.wait().await?;
        Ok(())
    }
}
