//! Why a call to the Factory did not do what was asked; a variant where the caller decides differently.

use std::time::Duration;

use super::answer::Answer;
use super::transport::TransportError;

/// The failure of a call other than issuing (which answers with an [`IssueAnswer`](super::IssueAnswer)).
#[derive(Debug, thiserror::Error)]
pub enum FactoryError {
    /// The Factory saw nothing of the call.
    #[error("the factory cannot be reached: {0}")]
    NotSent(#[source] TransportError),
    /// No complete answer came; what was asked may have been done.
    #[error("no complete answer came from the factory: {0}")]
    Lost(#[source] TransportError),
    /// The certificate was refused (TLS alert, 495, 496), or no token is given for the client secret.
    #[error("the factory does not accept this organisation's certificate or secret: {reason}")]
    Credential {
        /// The Factory's reason, or what the transport saw.
        reason: String,
    },
    /// 429.
    #[error("the factory asks for fewer calls")]
    Busy {
        /// The pause it asked for.
        retry_after: Option<Duration>,
    },
    /// 5xx.
    #[error("the factory has trouble of its own: {reason}")]
    Unavailable {
        /// The status.
        status: u16,
        /// The Factory's reason.
        reason: String,
        /// The pause it asked for.
        retry_after: Option<Duration>,
    },
    /// 401 or 403: not authorised for this.
    #[error("the factory does not permit this: {reason}")]
    Forbidden {
        /// The Factory's reason.
        reason: String,
    },
    /// 404 or 410.
    #[error("the factory does not know this: {reason}")]
    NotFound {
        /// The Factory's reason.
        reason: String,
    },
    /// 3xx and the other 4xx.
    #[error("the factory refused the call: {reason}")]
    Refused {
        /// The status.
        status: u16,
        /// The Factory's reason.
        reason: String,
    },
    /// The answer is not what the API describes. For a list: this line; the next one can still be read.
    #[error("the factory's answer cannot be read ({what}): {detail}")]
    Unreadable {
        /// What was read.
        what: &'static str,
        /// What is wrong with it.
        detail: String,
    },
    /// The answer, or one line of it, is longer than is accepted.
    #[error("the factory's answer is too long ({what}, more than {limit} bytes)")]
    TooLarge {
        /// What was read.
        what: &'static str,
        /// The limit, in bytes.
        limit: u64,
    },
}

impl FactoryError {
    /// Whether the same call can succeed later without anybody changing anything.
    pub const fn is_temporary(&self) -> bool {
        matches!(
            self,
            Self::NotSent(_) | Self::Lost(_) | Self::Busy { .. } | Self::Unavailable { .. }
        )
    }

    /// The pause that the Factory asked for.
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Busy { retry_after } | Self::Unavailable { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    pub(super) fn unreadable(what: &'static str, detail: impl Into<String>) -> Self {
        Self::Unreadable {
            what,
            detail: detail.into(),
        }
    }
}

impl From<TransportError> for FactoryError {
    fn from(failure: TransportError) -> Self {
        match failure {
            TransportError::NotSent { .. } => Self::NotSent(failure),
            TransportError::ClientCertificate { .. } => Self::Credential {
                reason: failure.to_string(),
            },
            TransportError::TooLarge { limit } => Self::TooLarge { what: "answer", limit },
            TransportError::ResetBeforeAnswer { .. } | TransportError::AfterSending { .. } => Self::Lost(failure),
        }
    }
}

impl From<Answer> for FactoryError {
    /// What an answer without success means; an unexpected success counts as unreadable.
    fn from(answer: Answer) -> Self {
        let reason = answer.in_words();
        let retry_after = answer.retry_after;
        match answer.status {
            401 | 403 => Self::Forbidden { reason },
            404 | 410 => Self::NotFound { reason },
            429 => Self::Busy { retry_after },
            495 | 496 => Self::Credential { reason },
            status @ 300..=499 => Self::Refused { status, reason },
            status @ 500.. => Self::Unavailable {
                status,
                reason,
                retry_after,
            },
            status => Self::unreadable("status", status.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::transport::{AfterSending, NotSent};
    use super::*;

    fn of_status(status: u16) -> FactoryError {
        FactoryError::from(Answer {
            status,
            location: None,
            retry_after: Some(Duration::from_secs(2)),
            reason: None,
        })
    }

    #[test]
    fn what_passes_by_itself_is_temporary() {
        assert!(of_status(429).is_temporary() && of_status(502).is_temporary() && of_status(503).is_temporary());
        assert!(
            FactoryError::from(TransportError::NotSent {
                why: NotSent::Name,
                source: None
            })
            .is_temporary()
        );
        let lost = TransportError::AfterSending {
            why: AfterSending::TimedOut,
            source: None,
        };
        assert!(FactoryError::from(lost).is_temporary());
        for status in [302, 400, 401, 403, 404, 405, 410, 411, 413, 495, 496] {
            assert!(!of_status(status).is_temporary(), "{status}");
        }
        assert_eq!(of_status(503).retry_after(), Some(Duration::from_secs(2)));
        assert_eq!(of_status(400).retry_after(), None);
    }

    #[test]
    fn the_certificate_is_told_from_permission() {
        assert!(matches!(of_status(495), FactoryError::Credential { .. }));
        assert!(matches!(of_status(496), FactoryError::Credential { .. }));
        let alert = TransportError::ClientCertificate { source: None };
        assert!(matches!(FactoryError::from(alert), FactoryError::Credential { .. }));
        assert!(matches!(of_status(403), FactoryError::Forbidden { .. }));
        assert!(matches!(of_status(410), FactoryError::NotFound { .. }));
    }
}
