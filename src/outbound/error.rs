//! Why there is no answer, told so that a caller knows whether the other side may have acted.

use std::error::Error as StdError;
use std::io;
use std::path::PathBuf;

use rustls::AlertDescription;

use super::body::Departure;
use super::resolver::Refusal;

type Cause = Box<dyn StdError + Send + Sync>;

/// Why there is no (whole) answer. No text of it holds a query, a header value or a body.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// We refused the address; nothing left.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The address or a header is malformed; nothing left.
    #[error("the request cannot be made: {0}")]
    Malformed(String),
    /// The host's name has no address; nothing left.
    #[error("the name {host} has no address")]
    Dns {
        /// The host.
        host: String,
        /// What the system says.
        #[source]
        source: Cause,
    },
    /// No connection: refused, unreachable, too slow, or TLS failed for another reason than a certificate; nothing left.
    #[error("no connection to {host}")]
    Connect {
        /// The host.
        host: String,
        /// What went wrong.
        #[source]
        source: Cause,
    },
    /// We do not accept the host's certificate; nothing left.
    #[error("the certificate of {host} is not accepted")]
    ServerCertificate {
        /// The host.
        host: String,
        /// What is wrong with it.
        #[source]
        source: Cause,
    },
    /// The host refused our certificate, or that we have none, with this TLS alert. The request was not looked at.
    #[error("{host} refused the client certificate ({alert})")]
    ClientCertificate {
        /// The host.
        host: String,
        /// The alert's name.
        alert: String,
    },
    /// The request's gate was closed; nothing left.
    #[error("the time to send had passed")]
    GateClosed,
    /// The connection ended before an answer began. The request may have been carried out. (With TLS 1.3 a refused
    /// client certificate can look like this, and so can an answer that breaks off within its headers.)
    #[error("the connection to {host} ended before any answer")]
    ResetBeforeAnswer {
        /// The host.
        host: String,
        /// What was seen.
        #[source]
        source: Cause,
    },
    /// The limit on time passed.
    #[error("no complete answer came in time")]
    TimedOut {
        /// False: it is certain that nothing left. True: the request may have been carried out.
        may_have_left: bool,
    },
    /// The connection broke within the answer's body.
    #[error("the answer broke off")]
    BrokeOff(#[source] Cause),
    /// The answer is longer than the caller takes.
    #[error("the answer is longer than {limit} bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The file of further roots cannot be used.
    #[error("BADGEBRIDGE_EXTRA_CA: {} cannot be used: {reason}", path.display())]
    ExtraCa {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The client certificate or its key cannot be used.
    #[error("the client certificate cannot be used: {0}")]
    Identity(String),
    /// TLS or the HTTP client cannot be set up.
    #[error("the http client cannot be set up")]
    Client(#[source] Cause),
}

impl Error {
    /// Whether it is certain that the other side saw nothing of the request, or did not look at it.
    pub const fn is_before_sending(&self) -> bool {
        match self {
            Self::Refused(_)
            | Self::Malformed(_)
            | Self::Dns { .. }
            | Self::Connect { .. }
            | Self::ServerCertificate { .. }
            | Self::ClientCertificate { .. }
            | Self::GateClosed
            | Self::TimedOut { may_have_left: false } => true,
            Self::ResetBeforeAnswer { .. }
            | Self::TimedOut { may_have_left: true }
            | Self::BrokeOff(_)
            | Self::TooLarge { .. } => false,
        }
    }

    /// An error that came before the head of an answer.
    pub(super) fn before_answer(host: &str, error: reqwest::Error, departure: &Departure) -> Self {
        let nothing_left = departure.stop();
        let error = error.without_url();
        let host = host.to_owned();
        if let Some(refusal) = find::<Refusal>(&error) {
            return Self::Refused(refusal.clone());
        }
        if departure.was_closed() {
            return Self::GateClosed;
        }
        match find::<rustls::Error>(&error) {
            Some(rustls::Error::AlertReceived(alert)) if is_about_our_certificate(*alert) => {
                return Self::ClientCertificate {
                    host,
                    alert: format!("{alert:?}"),
                };
            }
            Some(rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented) => {
                let source = error.into();
                return Self::ServerCertificate { host, source };
            }
            _ => {}
        }
        let (dns, connecting, malformed) = (error.is_dns(), error.is_connect(), error.is_builder());
        if malformed {
            return Self::Malformed(error.to_string());
        }
        let source = error.into();
        if dns {
            Self::Dns { host, source }
        } else if connecting || nothing_left {
            Self::Connect { host, source }
        } else {
            Self::ResetBeforeAnswer { host, source }
        }
    }

    /// An error within the body of an answer.
    pub(super) fn while_answering(error: reqwest::Error) -> Self {
        Self::BrokeOff(error.without_url().into())
    }
}

/// RFC 8446 section 6.2: the alerts that speak of a certificate, where the one who receives them is the client.
fn is_about_our_certificate(alert: AlertDescription) -> bool {
    matches!(
        alert,
        AlertDescription::NoCertificate
            | AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied
            | AlertDescription::DecryptError
            | AlertDescription::CertificateRequired
    )
}

/// The first error of type `T` in the chain. An `io::Error` hides the error that it carries from `source`.
fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        let carried = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match carried {
            Some(carried) => Some(carried),
            None => error.source(),
        };
    }
    None
}
