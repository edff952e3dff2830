//! What a sender is answered: a status that its queue understands, and one line for whoever reads its log.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use serde_json::json;

use crate::signals::Unreadable;

/// The answer to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Everything that counts is durable.
    Taken {
        accepted: usize,
        repeated: usize,
        ignored: usize,
    },
    /// No such feed, or not of this kind.
    Unknown,
    /// The feed is switched off: the sender should stop.
    Off,
    /// The sender did not prove itself.
    Refused(&'static str),
    /// A content type that is not read here.
    Type,
    /// More than is read, or not to its end.
    TooLarge,
    /// The connection broke off.
    Broken,
    /// Not to be read, and where.
    Unreadable(Unreadable),
    /// Beyond the rate.
    Limited,
    /// The database, or Canvas' key set, has no time: again later.
    Busy,
    /// Our fault.
    Failed,
}

impl Answer {
    fn status(&self) -> StatusCode {
        match self {
            // some senders count anything but 200 as a failure
            Self::Taken { .. } => StatusCode::OK,
            Self::Unknown => StatusCode::NOT_FOUND,
            Self::Off => StatusCode::GONE,
            Self::Refused(_) => StatusCode::UNAUTHORIZED,
            Self::Type => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Broken | Self::Unreadable(_) => StatusCode::BAD_REQUEST,
            Self::Limited => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Failed => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn reason(&self) -> String {
        match self {
            Self::Taken { .. } => String::new(),
            Self::Unknown => "there is no such feed".to_owned(),
            Self::Off => "this feed is switched off".to_owned(),
            Self::Refused(why) => (*why).to_owned(),
            Self::Type => "this content type is not read here".to_owned(),
            Self::TooLarge => "the body is larger than 1 MiB".to_owned(),
            Self::Broken => "the body did not arrive whole".to_owned(),
            Self::Unreadable(place) => place.to_string(),
            Self::Limited => "too many requests: come back in a second".to_owned(),
            Self::Busy => "busy: come back in a moment".to_owned(),
            Self::Failed => "something broke on our side".to_owned(),
        }
    }
}

impl From<Answer> for HttpResponse {
    fn from(answer: Answer) -> Self {
        let mut response = Self::build(answer.status());
        match &answer {
            Answer::Limited => {
                response.insert_header((header::RETRY_AFTER, "1"));
            }
            Answer::Busy => {
                response.insert_header((header::RETRY_AFTER, "2"));
            }
            _ => {}
        }
        match answer {
            Answer::Taken {
                accepted,
                repeated,
                ignored,
            } => response.json(json!({"accepted": accepted, "repeated": repeated, "ignored": ignored})),
            other => response.json(json!({"error": other.reason()})),
        }
    }
}
