//! The answer to a call.

use std::fmt;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::Stream;
use tokio::time::{Instant, timeout_at};

use super::error::Error;

/// The answer to a call: status and headers are there, the body is read on demand. `Debug` shows the status only.
pub struct Response {
    answer: reqwest::Response,
    deadline: Instant,
    stall: Duration,
}

impl Response {
    pub(super) fn new(answer: reqwest::Response, deadline: Instant, stall: Duration) -> Self {
        Self {
            answer,
            deadline,
            stall,
        }
    }

    /// The status.
    pub fn status(&self) -> u16 {
        self.answer.status().as_u16()
    }

    /// The first header called `name`, in any case, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.answer.headers().get(name)?.to_str().ok()
    }

    /// Every header with its value; bytes that are not UTF-8 are replaced.
    pub fn headers(&self) -> impl Iterator<Item = (&str, String)> {
        let headers = self.answer.headers().iter();
        headers.map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
    }

    /// The next piece of the body; nothing at its end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        let until = self.deadline.min(Instant::now() + self.stall);
        match timeout_at(until, self.answer.chunk()).await {
            Ok(Ok(piece)) => Ok(piece),
            Ok(Err(error)) => Err(Error::while_answering(error)),
            Err(_) => Err(Error::TimedOut { may_have_left: true }),
        }
    }

    /// The whole body, which may have at most `limit` bytes.
    pub async fn bytes(mut self, limit: usize) -> Result<Bytes, Error> {
        let announced = self
            .answer
            .content_length()
            .and_then(|length| usize::try_from(length).ok());
        if announced.is_some_and(|length| length > limit) {
            return Err(Error::TooLarge { limit });
        }
        let mut body = BytesMut::with_capacity(announced.unwrap_or(0));
        while let Some(piece) = self.chunk().await? {
            if body.len() + piece.len() > limit {
                return Err(Error::TooLarge { limit });
            }
            body.extend_from_slice(&piece);
        }
        Ok(body.freeze())
    }

    /// The pieces of the body as they arrive.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, Error>> + Send + 'static {
        futures_util::stream::try_unfold(self, |mut answer| async move {
            Ok(answer.chunk().await?.map(|piece| (piece, answer)))
        })
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Response({})", self.status())
    }
}
