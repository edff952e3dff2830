//! One call at a time for many who wait: whoever comes while it runs waits for the same answer.

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared, WeakShared};

/// The call under way, if any. Held weakly: when everybody who waited has gone, it is gone too, and the next one to
/// come starts afresh instead of inheriting a call that stood still.
pub(super) struct Flight<T: Clone>(Option<WeakShared<BoxFuture<'static, T>>>);

impl<T: Clone> Default for Flight<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Clone + Send + 'static> Flight<T> {
    /// The call under way.
    pub(super) fn current(&self) -> Option<Shared<BoxFuture<'static, T>>> {
        let shared = self.0.as_ref()?.upgrade()?;
        shared.peek().is_none().then_some(shared)
    }

    /// The call under way, or `start` as the new one.
    pub(super) fn join(&mut self, start: impl FnOnce() -> BoxFuture<'static, T>) -> Shared<BoxFuture<'static, T>> {
        if let Some(current) = self.current() {
            return current;
        }
        let shared = start().shared();
        self.0 = shared.downgrade();
        shared
    }
}
