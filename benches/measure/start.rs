//! Start: from the start of the process to the first good answer of `/readyz`, with an existing database.

use std::path::Path;

use super::tool::Tool;
use super::world::World;

/// Ten starts in milliseconds, in order of length.
pub(crate) async fn run(binary: &Path, world: &World) -> anyhow::Result<Vec<f64>> {
    let mut times = Vec::new();
    for _ in 0..10 {
        let mut tool = Tool::start(binary, world).await?;
        times.push(tool.ready_after.as_secs_f64() * 1e3);
        tool.stop().await?;
    }
    times.sort_unstable_by(f64::total_cmp);
    Ok(times)
}
