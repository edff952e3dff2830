//! Runs one unit of work within its bounds: a time limit, no panic outwards, no success after a failed statement.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;

use super::error::StoreError;
use super::tx::Tx;

/// Runs `unit` on `tx`. An error means that the caller must roll back what the unit did.
pub(super) async fn run<T, E, F>(unit: F, tx: &mut Tx<'_>, limit: Duration) -> Result<T, E>
where
    F: AsyncFnOnce(&mut Tx<'_>) -> Result<T, E>,
    E: From<StoreError>,
{
    // AssertUnwindSafe: after a panic `tx` is used for nothing but its counts, and the transaction is rolled back.
    let work = AssertUnwindSafe(async { unit(&mut *tx).await }).catch_unwind();
    let outcome = match tokio::time::timeout(limit, work).await {
        Err(_elapsed) => Err(StoreError::TooLong.into()),
        Ok(Err(_panic)) => Err(StoreError::Panicked.into()),
        Ok(Ok(outcome)) => outcome,
    };
    match outcome {
        Ok(_) if tx.is_spoiled() => Err(StoreError::Spoiled.into()),
        outcome => outcome,
    }
}
