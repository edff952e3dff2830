//! A request body that knows whether any byte of its request may have left.
//!
//! Over HTTP/1.1 the head is written to a buffer, then the body is asked for its first piece, and only then the buffer
//! goes to the socket. So the first question to the body is the last moment at which nothing has left.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::request::Gate;

const WAITING: u8 = 0;
const LEFT: u8 = 1;
const STOPPED: u8 = 2;
const GATE_CLOSED: u8 = 3;

/// How far a request got. One of "it leaves" and "it never will" is decided once, for good.
#[derive(Clone, Debug)]
pub(super) struct Departure(Arc<AtomicU8>);

impl Departure {
    /// A request that waits for its connection.
    pub(super) fn waiting() -> Self {
        Self(Arc::new(AtomicU8::new(WAITING)))
    }

    /// A request without a body: it gives no sign when it leaves, so it counts as gone from the start.
    pub(super) fn unknown() -> Self {
        Self(Arc::new(AtomicU8::new(LEFT)))
    }

    /// Forbids the request to leave from now on. True if it is certain that nothing of it left.
    pub(super) fn stop(&self) -> bool {
        self.decide(STOPPED) || self.0.load(Ordering::SeqCst) != LEFT
    }

    /// Whether the gate stopped it.
    pub(super) fn was_closed(&self) -> bool {
        self.0.load(Ordering::SeqCst) == GATE_CLOSED
    }

    fn decide(&self, state: u8) -> bool {
        self.0
            .compare_exchange(WAITING, state, Ordering::SeqCst, Ordering::SeqCst)
            .is_ok()
    }
}

/// The body of one request.
pub(super) struct GatedBody {
    pub(super) content: Option<Bytes>,
    pub(super) gate: Option<Gate>,
    pub(super) departure: Departure,
}

/// The request was stopped before any byte of it left.
#[derive(Debug, thiserror::Error)]
#[error("the request was stopped before it left")]
pub(super) struct Stopped;

impl Body for GatedBody {
    type Data = Bytes;
    type Error = Stopped;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Stopped>>> {
        let Some(content) = self.content.take() else {
            return Poll::Ready(None);
        };
        let open = self.gate.as_ref().is_none_or(Gate::is_open);
        let leaves = self.departure.decide(if open { LEFT } else { GATE_CLOSED });
        Poll::Ready(Some(if open && leaves {
            Ok(Frame::data(content))
        } else {
            Err(Stopped)
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.content.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        let length = self.content.as_ref().map_or(0, Bytes::len);
        SizeHint::with_exact(u64::try_from(length).unwrap_or(u64::MAX))
    }
}
