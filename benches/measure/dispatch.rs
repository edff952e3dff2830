//! Dispatch: from a stored request on an idle system, which nobody announced to the worker, to the issuing call's arrival
//! at the Factory.

use std::time::{Duration, Instant};

use super::world::World;

/// The times of 20 single requests in milliseconds, in order of length.
pub(crate) async fn run(world: &World) -> anyhow::Result<Vec<f64>> {
    quiet(world).await;
    let mut times = Vec::new();
    for number in 0..20_u32 {
        // spread over the worker's interval
        tokio::time::sleep(Duration::from_millis(600 + u64::from(number * 137 % 500))).await;
        let calls = world.issuing_calls();
        let begun = Instant::now();
        world.place(1, Duration::ZERO).await?;
        world.factory.wait_for(|_| world.issuing_calls() > calls).await;
        times.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_unstable_by(f64::total_cmp);
    Ok(times)
}

/// Waits until no issuing call came for two seconds.
async fn quiet(world: &World) {
    let mut calls = world.issuing_calls();
    loop {
        tokio::time::sleep(Duration::from_secs(2)).await;
        let now = world.issuing_calls();
        if now == calls {
            return;
        }
        calls = now;
    }
}
