//! Events that plugins of Moodle push: `local_webhooks` (the token stands in the body) and `tool_trigger` (a bearer
//! token in a header; its body is the event, or the body of our own webhooks).
//!
//! `relateduserid` is the learner; `userid` is whoever caused it: nobody, an administrator, a teacher.

use serde_json::{Map, Value};

use super::json::{at, id, text};
use super::moment::Moment;
use super::{Delivery, Unreadable, each_event, webhook};
use crate::clock::Timestamp;
use crate::crypto::digest;
use crate::model::signal::{CourseRef, Item, ItemId, PersonRef, Signal, SignalKind, Source};

/// The token that every event of a body carries; `None` if one carries none or they differ.
pub fn token(body: &[u8]) -> Result<Option<String>, Unreadable> {
    let value: Value = serde_json::from_slice(body)?;
    let token = |event: &Value| text(event, &["token"]);
    let Value::Array(events) = &value else {
        return Ok(token(&value));
    };
    let first = events.first().and_then(token);
    Ok(first.filter(|first| events.iter().all(|event| token(event).as_ref() == Some(first))))
}

/// Reads a body: one event, or a list of them.
pub fn parse(body: &[u8], received_at: Timestamp) -> Result<Delivery, Unreadable> {
    let mut delivery = each_event(body, |event, index| {
        if at(event, &["eventname"]).is_some() {
            return read(event, received_at);
        }
        let envelope = webhook::Envelope {
            source: Source::MoodleEvents,
            id: None,
            sent_at: received_at,
            received_at,
        };
        webhook::read(&Value::Object(content(event)), index, &envelope)
    })?;
    for event in &mut delivery.events {
        if let Ok(value) = serde_json::from_slice::<Value>(&event.raw) {
            event.raw = Value::Object(content(&value)).to_string().into_bytes();
        }
    }
    Ok(delivery)
}

/// The event without the sender's token.
fn content(event: &Value) -> Map<String, Value> {
    let mut fields = event.as_object().cloned().unwrap_or_default();
    fields.remove("token");
    fields
}

fn read(event: &Value, received_at: Timestamp) -> Result<Vec<Signal>, &'static str> {
    let name = text(event, &["eventname"]).ok_or("eventname")?;
    let news: &[SignalKind] = match name.trim_start_matches('\\') {
        "core\\event\\course_completed" => &[SignalKind::Completed],
        "core\\event\\course_module_completion_updated" => module_news(event)?,
        // has a mark and no maximum
        "core\\event\\user_graded" => &[SignalKind::Hint],
        _ => return Ok(Vec::new()),
    };
    let learner = real_id(event, "relateduserid").ok_or("relateduserid")?;
    let course = real_id(event, "courseid").ok_or("courseid")?;
    let item = if name.ends_with("course_module_completion_updated") {
        let id = real_id(event, "contextinstanceid").ok_or("contextinstanceid")?;
        ItemId::parse(&id)
            .map(Item::Activity)
            .map_err(|_| "contextinstanceid")?
    } else {
        Item::Course
    };
    let seconds = id(event, &["timecreated"]).and_then(|text| text.parse().ok());
    let moment = seconds.and_then(Moment::of_seconds).ok_or("timecreated")?;
    let same = Value::Object(content(event)).to_string();
    let source_event_id = format!("sha256:{}", digest::sha256_hex(same.as_bytes()));
    // Moodle's LTI `sub` and context id are its own ids of the user and the course
    let signal = |kind: &SignalKind| Signal {
        source: Source::MoodleEvents,
        source_event_id: source_event_id.clone(),
        kind: *kind,
        item: item.clone(),
        person: PersonRef {
            sub: Some(learner.clone()),
            lms_id: Some(learner.clone()),
            ..PersonRef::default()
        },
        course: CourseRef {
            context_id: Some(course.clone()),
            lms_id: Some(course.clone()),
            ..CourseRef::default()
        },
        score: None,
        occurred_at: moment.at,
        utc_offset_minutes: None,
        received_at,
    };
    Ok(news.iter().map(signal).collect())
}

/// Moodle's completion states: 0 incomplete, 1 complete, 2 complete with a pass, 3 complete with a fail; Moodle itself
/// does not count the last one towards the course.
fn module_news(event: &Value) -> Result<&'static [SignalKind], &'static str> {
    const FIELD: &str = "other.completionstate";
    // some versions of the plugin send `other` as text
    let parsed = match event.get("other") {
        Some(Value::String(text)) => serde_json::from_str(text).map_err(|_| "other")?,
        Some(other) => other.clone(),
        None => Value::Null,
    };
    match id(&parsed, &["completionstate"]).as_deref() {
        Some("0") => Ok(&[SignalKind::Uncompleted]),
        Some("1") => Ok(&[SignalKind::Completed]),
        Some("2") => Ok(&[SignalKind::Completed, SignalKind::Passed]),
        Some("3") => Ok(&[SignalKind::Uncompleted, SignalKind::Failed]),
        _ => Err(FIELD),
    }
}

/// An id that names somebody or something: not 0.
fn real_id(event: &Value, name: &str) -> Option<String> {
    id(event, &[name]).filter(|id| id != "0")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{check, json_value};
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_772_442_849);

    fn completed() -> Value {
        json!({"eventname": "\\core\\event\\course_completed", "courseid": "51", "relateduserid": "482", "userid": "0",
            "timecreated": 1_772_442_721, "objecttable": "course_completions", "objectid": "9912",
            "host": "moodle.example.edu", "token": "secret", "extra": ""})
    }

    fn module(state: &Value) -> Value {
        json!({"eventname": "\\core\\event\\course_module_completion_updated", "courseid": 51, "relateduserid": 482,
            "userid": 2, "contextinstanceid": 77, "timecreated": "1772442721", "other": {"completionstate": state}})
    }

    #[test]
    fn a_completed_course_names_the_learner_and_not_the_actor() {
        let body = completed().to_string();
        let delivery = parse(body.as_bytes(), NOW).unwrap();
        let signal = &delivery.events[0].signals[0];
        assert_eq!((signal.kind, &signal.item), (SignalKind::Completed, &Item::Course));
        assert_eq!(signal.person.sub.as_deref(), Some("482"));
        assert_eq!(signal.course.context_id.as_deref(), Some("51"));
        assert_eq!(signal.occurred_at, Timestamp::from_seconds(1_772_442_721));
        assert_eq!(token(body.as_bytes()), Ok(Some("secret".to_owned())));
        let raw = String::from_utf8(delivery.events[0].raw.clone()).unwrap();
        assert!(!raw.contains("secret"), "the token is not kept");
    }

    #[test]
    fn a_repetition_is_known_by_its_content_whatever_the_token() {
        let id = |event: &Value| read(event, NOW).unwrap().remove(0).source_event_id;
        let mut again = completed();
        again["token"] = json!("rotated");
        assert_eq!(id(&again), id(&completed()));
        again["objectid"] = json!("9913");
        assert_ne!(id(&again), id(&completed()));
    }

    #[test]
    fn each_state_of_an_activity_is_told() {
        for (state, expected) in [
            (json!(0), vec![SignalKind::Uncompleted]),
            (json!("1"), vec![SignalKind::Completed]),
            (json!(2), vec![SignalKind::Completed, SignalKind::Passed]),
            (json!(3), vec![SignalKind::Uncompleted, SignalKind::Failed]),
        ] {
            let signals = read(&module(&state), NOW).unwrap();
            assert_eq!(signals.iter().map(|signal| signal.kind).collect::<Vec<_>>(), expected);
            assert_eq!(signals[0].item.to_string(), "activity:77");
        }
        assert_eq!(read(&module(&json!(9)), NOW), Err("other.completionstate"));
        let mut text = module(&json!(1));
        text["other"] = json!("{\"completionstate\":1}");
        assert_eq!(read(&text, NOW).unwrap().len(), 1);
    }

    #[test]
    fn a_mark_is_a_hint_and_other_events_say_nothing() {
        let mut event = completed();
        event["eventname"] = json!("\\core\\event\\user_graded");
        assert_eq!(read(&event, NOW).unwrap()[0].kind, SignalKind::Hint);
        event["eventname"] = json!("\\core\\event\\user_loggedin");
        assert_eq!(read(&event, NOW), Ok(Vec::new()));
        let mut nobody = completed();
        nobody["relateduserid"] = json!("0");
        assert_eq!(read(&nobody, NOW), Err("relateduserid"));
    }

    #[test]
    fn a_templated_body_of_our_own_form_is_read() {
        let body = json!({"type": "course.completed", "token": "secret", "data": {"user": {"lti_sub": "482"}, "course": "51"}});
        let delivery = parse(body.to_string().as_bytes(), NOW).unwrap();
        let signal = &delivery.events[0].signals[0];
        assert_eq!((signal.source, signal.occurred_at), (Source::MoodleEvents, NOW));
        assert!(signal.source_event_id.starts_with("sha256:"));
    }

    #[test]
    fn events_with_different_tokens_carry_none() {
        let mut other = completed();
        other["token"] = json!("other");
        let both = json!([completed(), other]).to_string();
        assert_eq!(token(both.as_bytes()), Ok(None));
    }

    #[test]
    fn any_body_is_read_or_refused() {
        check("moodle body", &json_value(), |value| {
            let mut event = module(&json!(1));
            event["other"] = value.clone();
            event["relateduserid"] = value.clone();
            let _ = parse(event.to_string().as_bytes(), NOW);
            let _ = parse(value.to_string().as_bytes(), NOW);
            let _ = token(value.to_string().as_bytes());
            Ok(())
        });
        check(
            "moodle bytes",
            &proptest::collection::vec(proptest::num::u8::ANY, 0..80),
            |bytes| {
                let _ = (parse(&bytes, NOW), token(&bytes));
                Ok(())
            },
        );
    }
}
