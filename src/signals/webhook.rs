//! Webhooks signed as Standard Webhooks say (version 1.0.0), with a body of our own making.

use std::fmt;

use aws_lc_rs::hmac;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::Value;
use zeroize::Zeroizing;

use super::json::{at, email, flag, id, points, text};
use super::moment::Moment;
use super::{Delivery, Unreadable, each_event};
use crate::clock::Timestamp;
use crate::model::score::Score;
use crate::model::signal::{CourseRef, Item, ItemId, PersonRef, Signal, SignalKind, Source};

/// How far the sender's clock may be from ours, in seconds.
const TOLERANCE_S: i64 = 5 * 60;
/// The longest `webhook-id`.
const LONGEST_ID: usize = 256;
const PREFIX: &str = "whsec_";

/// The shared secret: 24 to 64 bytes, written `whsec_` and base64.
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

/// The text is no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected whsec_ and 24 to 64 bytes in base64")]
pub struct InvalidSecret;

/// Why a request is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    /// One of the three headers is missing or cannot be read.
    #[error("webhook-id, webhook-timestamp or webhook-signature is missing or cannot be read")]
    Headers,
    /// The timestamp is more than five minutes from now.
    #[error("webhook-timestamp is more than five minutes from now")]
    Time,
    /// No signature fits.
    #[error("no signature fits")]
    Signature,
}

impl Secret {
    /// A secret of these bytes.
    pub fn new(bytes: &[u8]) -> Self {
        Self(Zeroizing::new(bytes.to_vec()))
    }

    /// Reads `whsec_…`.
    pub fn parse(text: &str) -> Result<Self, InvalidSecret> {
        let encoded = text.strip_prefix(PREFIX).ok_or(InvalidSecret)?;
        let bytes = Zeroizing::new(BASE64_STANDARD.decode(encoded).map_err(|_| InvalidSecret)?);
        if !(24..=64).contains(&bytes.len()) {
            return Err(InvalidSecret);
        }
        Ok(Self(bytes))
    }

    /// `whsec_…`, to be shown once.
    pub fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{PREFIX}{}", BASE64_STANDARD.encode(self.0.as_slice())))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// The headers of a signed request.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'a> {
    /// `webhook-id`: the same for every try of one message.
    pub id: &'a str,
    /// `webhook-timestamp`: seconds since 1970.
    pub timestamp: &'a str,
    /// `webhook-signature`: a list of versions and signatures.
    pub signature: &'a str,
}

impl Signed<'_> {
    /// Whether `body` was signed with one of `secrets`, at about `now`; any signature of the list may fit. Gives the
    /// moment of sending.
    pub fn verify(&self, body: &[u8], secrets: &[Secret], now: Timestamp) -> Result<Timestamp, NotSigned> {
        let is_plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| (0x21..=0x7e).contains(&byte));
        if !is_plain(self.id) || self.id.len() > LONGEST_ID {
            return Err(NotSigned::Headers);
        }
        let digits = self.timestamp.bytes().all(|byte| byte.is_ascii_digit());
        let seconds: i64 = self
            .timestamp
            .parse()
            .ok()
            .filter(|_| digits)
            .ok_or(NotSigned::Headers)?;
        if now.seconds().abs_diff(seconds) > TOLERANCE_S.unsigned_abs() {
            return Err(NotSigned::Time);
        }
        let mut content = Vec::with_capacity(self.id.len() + self.timestamp.len() + body.len() + 2);
        for part in [self.id.as_bytes(), b".", self.timestamp.as_bytes(), b".", body] {
            content.extend_from_slice(part);
        }
        let fits = |signature: &Vec<u8>| {
            secrets.iter().any(|secret| {
                let key = hmac::Key::new(hmac::HMAC_SHA256, &secret.0);
                hmac::verify(&key, &content, signature).is_ok()
            })
        };
        // a handful is plenty for a rotation; a long list would only make us compute
        let signatures = self.signature.split_ascii_whitespace().take(5);
        signatures
            .filter_map(|entry| BASE64_STANDARD.decode(entry.strip_prefix("v1,")?).ok())
            .any(|signature| fits(&signature))
            .then(|| Timestamp::from_seconds(seconds))
            .ok_or(NotSigned::Signature)
    }
}

/// What a body without a signature of its own is read with: by whom and when it was sent.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a> {
    /// The source of its signals.
    pub source: Source,
    /// What makes a repetition known; `None`: the content of each event.
    pub id: Option<&'a str>,
    /// The moment of sending, for events that tell none.
    pub sent_at: Timestamp,
    /// The moment of arrival.
    pub received_at: Timestamp,
}

/// Reads a body: one event, or a list of them.
pub fn parse(body: &[u8], envelope: &Envelope<'_>) -> Result<Delivery, Unreadable> {
    each_event(body, |event, index| read(event, index, envelope))
}

/// Reads one event. Of a type that is not known here: nothing.
pub(super) fn read(event: &Value, index: usize, envelope: &Envelope<'_>) -> Result<Vec<Signal>, &'static str> {
    let kind = text(event, &["type"]).ok_or("type")?;
    let data = at(event, &["data"]);
    let item = |word: fn(ItemId) -> Item| {
        let id = data.and_then(|data| id(data, &["item", "id"])).ok_or("data.item.id")?;
        ItemId::parse(&id).map(word).map_err(|_| "data.item.id")
    };
    let has_item = data.is_some_and(|data| at(data, &["item"]).is_some());
    let is_module = data.and_then(|data| text(data, &["item", "type"])).as_deref() == Some("module");
    let any_item = || match (has_item, is_module) {
        (false, _) => Ok(None),
        (true, false) => item(Item::Activity).map(Some),
        (true, true) => item(Item::Module).map(Some),
    };
    let (kind, item) = match kind.as_str() {
        "course.completed" => (SignalKind::Completed, Item::Course),
        "module.completed" => (SignalKind::Completed, item(Item::Module)?),
        "activity.completed" => (SignalKind::Completed, item(Item::Activity)?),
        "completion.revoked" => (SignalKind::Uncompleted, any_item()?.unwrap_or(Item::Course)),
        "grade.recorded" => (SignalKind::Score, any_item()?.unwrap_or(Item::FinalGrade)),
        _ => return Ok(Vec::new()),
    };
    let data = data.ok_or("data")?;
    let score = if kind == SignalKind::Score {
        Some(score(data)?)
    } else {
        None
    };
    let moment = moment(event, data)?;
    Ok(vec![Signal {
        source: envelope.source,
        source_event_id: event_id(event, index, envelope),
        kind,
        item,
        person: person(data)?,
        course: course(data),
        score,
        occurred_at: moment.map_or(envelope.sent_at, |moment| moment.at),
        utc_offset_minutes: moment.and_then(|moment| moment.offset),
        received_at: envelope.received_at,
    }])
}

fn event_id(event: &Value, index: usize, envelope: &Envelope<'_>) -> String {
    match envelope.id {
        Some(id) if index == 0 => id.to_owned(),
        Some(id) => format!("{id}#{index}"),
        None => format!(
            "sha256:{}",
            crate::crypto::digest::sha256_hex(event.to_string().as_bytes())
        ),
    }
}

/// When it happened: `data.completed_at`, else `timestamp`. A moment that cannot be read is not passed over: it would
/// be replaced by a wrong one.
fn moment(event: &Value, data: &Value) -> Result<Option<Moment>, &'static str> {
    let read = |value: &Value| match value {
        Value::String(text) => Moment::parse(text),
        Value::Number(number) => number.as_i64().and_then(Moment::of_seconds),
        _ => None,
    };
    if let Some(value) = at(data, &["completed_at"]) {
        return read(value).map(Some).ok_or("data.completed_at");
    }
    match at(event, &["timestamp"]) {
        Some(value) => read(value).map(Some).ok_or("timestamp"),
        None => Ok(None),
    }
}

fn person(data: &Value) -> Result<PersonRef, &'static str> {
    let user = at(data, &["user"]).ok_or("data.user")?;
    let person = PersonRef {
        sub: id(user, &["lti_sub"]),
        lms_id: id(user, &["lms_id"]),
        sis_id: id(user, &["sis_id"]),
        legacy_id: None,
        email: email(user, &["email"]),
        name: text(user, &["name"]),
    };
    if person.is_empty() {
        return Err("data.user");
    }
    Ok(person)
}

fn course(data: &Value) -> CourseRef {
    CourseRef {
        context_id: id(data, &["context", "lti_context_id"]),
        lms_id: id(data, &["context", "lms_id"]),
        sis_id: id(data, &["context", "sis_id"]),
        alias: id(data, &["course"]).or_else(|| id(data, &["context", "alias"])),
    }
}

fn score(data: &Value) -> Result<Score, &'static str> {
    let given = match at(data, &["score", "given"]) {
        None => None,
        Some(_) => Some(points(data, &["score", "given"]).ok_or("data.score.given")?),
    };
    at(data, &["score"]).ok_or("data.score")?;
    Ok(Score {
        given,
        maximum: points(data, &["score", "maximum"]).ok_or("data.score.maximum")?,
        released: flag(data, &["score", "released"]).unwrap_or(true),
        overrides: false,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{check, json_value};
    use super::*;

    const SECRET: &str = "whsec_YmFkZ2UtYnJpZGdlLWRlbW8tc2lnbmluZy1rZXktMDE=";
    const BODY: &str = r#"{"type":"course.completed","timestamp":"2026-01-01T12:00:00.000Z","data":{"course":"BIO-101","user":{"email":"ada@example.edu"}}}"#;
    const SIGNATURE: &str = "v1,5zCoMCTEDVkC8EWZSNO5MhO9q/niOfNu1lKuedDRLvE=";
    const NOW: Timestamp = Timestamp::from_seconds(1_767_268_800);

    fn signed<'a>(id: &'a str, timestamp: &'a str, signature: &'a str) -> Signed<'a> {
        Signed {
            id,
            timestamp,
            signature,
        }
    }

    fn envelope() -> Envelope<'static> {
        Envelope {
            source: Source::Webhook,
            id: Some("msg_2f9c1e70d4"),
            sent_at: NOW,
            received_at: NOW,
        }
    }

    fn one(event: &Value) -> Result<Vec<Signal>, &'static str> {
        read(event, 0, &envelope())
    }

    #[test]
    fn the_published_vector_holds() {
        let secrets = [Secret::parse(SECRET).unwrap()];
        let verify = |signed: Signed<'_>, now| signed.verify(BODY.as_bytes(), &secrets, now);
        let good = signed("msg_2f9c1e70d4", "1767268800", SIGNATURE);
        assert_eq!(verify(good, NOW), Ok(NOW));
        let several = format!("v1a,AAAA v1,AAAA {SIGNATURE}");
        assert_eq!(verify(signed("msg_2f9c1e70d4", "1767268800", &several), NOW), Ok(NOW));
        for later in [-301, 301] {
            let now = Timestamp::from_seconds(NOW.seconds() + later);
            assert_eq!(verify(good, now), Err(NotSigned::Time));
        }
        for (id, timestamp, signature, error) in [
            ("msg_2f9c1e70d5", "1767268800", SIGNATURE, NotSigned::Signature),
            ("msg_2f9c1e70d4", "1767268801", SIGNATURE, NotSigned::Signature),
            ("msg_2f9c1e70d4", "1767268800", "", NotSigned::Signature),
            ("msg_2f9c1e70d4", "1767268800", &SIGNATURE[3..], NotSigned::Signature),
            ("", "1767268800", SIGNATURE, NotSigned::Headers),
            ("a b", "1767268800", SIGNATURE, NotSigned::Headers),
            ("msg_2f9c1e70d4", "+1767268800", SIGNATURE, NotSigned::Headers),
            ("msg_2f9c1e70d4", "soon", SIGNATURE, NotSigned::Headers),
        ] {
            assert_eq!(
                verify(signed(id, timestamp, signature), NOW),
                Err(error),
                "{id} {timestamp}"
            );
        }
    }

    #[test]
    fn an_earlier_secret_is_good_beside_the_new_one() {
        let secrets = [Secret::new(&[7; 32]), Secret::parse(SECRET).unwrap()];
        let good = signed("msg_2f9c1e70d4", "1767268800", SIGNATURE);
        assert_eq!(good.verify(BODY.as_bytes(), &secrets, NOW), Ok(NOW));
        assert_eq!(
            good.verify(BODY.as_bytes(), &secrets[..1], NOW),
            Err(NotSigned::Signature)
        );
    }

    #[test]
    fn a_secret_reads_back_and_is_not_printed() {
        let secret = Secret::parse(SECRET).unwrap();
        assert_eq!(secret.text().as_str(), SECRET);
        assert_eq!(format!("{secret:?}"), "Secret(..)");
        for text in [
            "",
            "whsec_",
            "whsec_AAAA",
            "YmFkZ2UtYnJpZGdlLWRlbW8tc2lnbmluZy1rZXktMDE=",
        ] {
            assert_eq!(Secret::parse(text).err(), Some(InvalidSecret), "{text}");
        }
    }

    #[test]
    fn the_vectors_body_is_a_completed_course() {
        let delivery = parse(BODY.as_bytes(), &envelope()).unwrap();
        let signal = &delivery.events[0].signals[0];
        assert_eq!((signal.kind, &signal.item), (SignalKind::Completed, &Item::Course));
        assert_eq!(signal.source_event_id, "msg_2f9c1e70d4");
        assert_eq!(signal.course.alias.as_deref(), Some("BIO-101"));
        assert_eq!(signal.person.email.as_ref().unwrap().as_str(), "ada@example.edu");
        assert_eq!((signal.occurred_at, signal.utc_offset_minutes), (NOW, Some(0)));
    }

    #[test]
    fn each_type_says_what_it_says() {
        let user = json!({"lti_sub": "u-1"});
        for (kind, data, expected) in [
            (
                "module.completed",
                json!({"user": user, "item": {"id": 7}}),
                (SignalKind::Completed, "module:7"),
            ),
            (
                "activity.completed",
                json!({"user": user, "item": {"id": "q1"}}),
                (SignalKind::Completed, "activity:q1"),
            ),
            (
                "completion.revoked",
                json!({"user": user}),
                (SignalKind::Uncompleted, "course"),
            ),
            (
                "completion.revoked",
                json!({"user": user, "item": {"id": "3", "type": "module"}}),
                (SignalKind::Uncompleted, "module:3"),
            ),
            (
                "grade.recorded",
                json!({"user": user, "score": {"given": "88.5", "maximum": 100}}),
                (SignalKind::Score, "final-grade"),
            ),
            (
                "grade.recorded",
                json!({"user": user, "item": {"id": "q1"}, "score": {"given": null, "maximum": 10, "released": false}}),
                (SignalKind::Score, "activity:q1"),
            ),
        ] {
            let signals = one(&json!({"type": kind, "data": data})).unwrap();
            assert_eq!((signals[0].kind, signals[0].item.to_string().as_str()), expected);
        }
        assert_eq!(one(&json!({"type": "user.created"})), Ok(Vec::new()));
    }

    #[test]
    fn what_cannot_be_read_is_named_by_its_place() {
        let user = json!({"lti_sub": "u-1"});
        for (event, field) in [
            (json!({}), "type"),
            (json!({"type": "course.completed"}), "data"),
            (json!({"type": "course.completed", "data": {}}), "data.user"),
            (
                json!({"type": "course.completed", "data": {"user": {"name": "Ada"}}}),
                "data.user",
            ),
            (
                json!({"type": "course.completed", "data": {"user": user, "completed_at": "soon"}}),
                "data.completed_at",
            ),
            (
                json!({"type": "course.completed", "timestamp": "x", "data": {"user": user}}),
                "timestamp",
            ),
            (
                json!({"type": "module.completed", "data": {"user": user}}),
                "data.item.id",
            ),
            (json!({"type": "grade.recorded", "data": {"user": user}}), "data.score"),
            (
                json!({"type": "grade.recorded", "data": {"user": user, "score": {"given": "A", "maximum": 1}}}),
                "data.score.given",
            ),
            (
                json!({"type": "grade.recorded", "data": {"user": user, "score": {"given": 1}}}),
                "data.score.maximum",
            ),
        ] {
            assert_eq!(one(&event).unwrap_err(), field, "{event}");
        }
        assert_eq!(
            parse(b"{\n  \"type\" }", &envelope()),
            Err(Unreadable::NotJson { line: 2, column: 10 })
        );
        let list = json!([{"type": "x"}, {"type": "course.completed"}]).to_string();
        assert_eq!(
            parse(list.as_bytes(), &envelope()),
            Err(Unreadable::Field {
                event: 2,
                field: "data"
            })
        );
        let many = Value::Array(vec![json!({"type": "x"}); 501]).to_string();
        assert_eq!(parse(many.as_bytes(), &envelope()), Err(Unreadable::TooMany));
    }

    #[test]
    fn any_body_is_read_or_refused() {
        check("webhook body", &json_value(), |value| {
            let data = json!({"type": "grade.recorded", "data": value});
            let _ = parse(data.to_string().as_bytes(), &envelope());
            let _ = parse(value.to_string().as_bytes(), &envelope());
            Ok(())
        });
        check(
            "webhook bytes",
            &proptest::collection::vec(proptest::num::u8::ANY, 0..80),
            |bytes| {
                let _ = parse(&bytes, &envelope());
                Ok(())
            },
        );
        check(
            "webhook headers",
            &("\\PC{0,12}", "\\PC{0,12}", "\\PC{0,60}"),
            |(id, at, signature)| {
                let secrets = [Secret::new(&[1; 32])];
                assert!(signed(&id, &at, &signature).verify(b"{}", &secrets, NOW).is_err());
                Ok(())
            },
        );
    }
}
