//! Canvas Live Events in the raw format: plain JSON, or a token signed by Canvas.
//!
//! A valid signature proves Canvas, not the institution: whoever takes an event compares [`tenant`] with what the
//! institution's launches said. The actor in `metadata` is never the learner, and ids come as local or global ones.

use serde_json::{Value, json};

use super::json::{at, email, flag, id, points, text};
use super::moment::Moment;
use super::{Delivery, Unreadable, each_event};
use crate::clock::Timestamp;
use crate::crypto::digest;
use crate::lti::LaunchError;
use crate::lti::keys::KeySet;
use crate::lti::token::UnverifiedToken;
use crate::model::score::{Points, Score};
use crate::model::signal::{CourseRef, Item, ItemId, PersonRef, Signal, SignalKind, Source, canvas_local_id};

/// Whether a body is a signed token and not JSON.
pub fn is_token(body: &[u8]) -> bool {
    !matches!(body.trim_ascii_start().first(), None | Some(b'{' | b'['))
}

/// Reads a signed body up to its key id. RS256 only.
pub fn token(body: &[u8]) -> Result<UnverifiedToken, LaunchError> {
    let text = std::str::from_utf8(body).map_err(|_| LaunchError::NotAToken)?;
    UnverifiedToken::parse(text.trim())
}

/// The JSON that a token signs, proven by a key of `keys`.
pub fn verified(token: &UnverifiedToken, keys: &KeySet) -> Result<Vec<u8>, LaunchError> {
    token.signed_payload(keys)
}

/// The institution that every event of a body names (`metadata.root_account_lti_guid`); `None` if one names none or
/// they differ.
pub fn tenant(body: &[u8]) -> Result<Option<String>, Unreadable> {
    let value: Value = serde_json::from_slice(body)?;
    let guid = |event: &Value| text(event, &["metadata", "root_account_lti_guid"]);
    let Value::Array(events) = &value else {
        return Ok(guid(&value));
    };
    let first = events.first().and_then(guid);
    Ok(first.filter(|first| events.iter().all(|event| guid(event).as_ref() == Some(first))))
}

/// Reads a body: one event, or a list of them.
pub fn parse(body: &[u8], received_at: Timestamp) -> Result<Delivery, Unreadable> {
    each_event(body, |event, _| read(event, received_at))
}

fn read(event: &Value, received_at: Timestamp) -> Result<Vec<Signal>, &'static str> {
    let name = text(event, &["metadata", "event_name"]).ok_or("metadata.event_name")?;
    let news = Reader { event, received_at };
    match name.as_str() {
        "course_completed" => news.course_completed(true),
        "course_progress" => news.course_completed(false),
        "course_grade_change" => news.course_grade(),
        "grade_override" => news.grade_override(),
        "grade_change" => news.grade(),
        "submission_updated" => news.submission(),
        "enrollment_created" | "enrollment_updated" => news.enrolment(),
        "course_updated" => news.course_updated(),
        _ => Ok(Vec::new()),
    }
}

struct Reader<'a> {
    event: &'a Value,
    received_at: Timestamp,
}

impl Reader<'_> {
    /// Both come from one job about two minutes after the last step, without request fields: person and course stand
    /// in the body. Only one with a moment of completion says that the course is completed.
    fn course_completed(&self, is_completed: bool) -> Result<Vec<Signal>, &'static str> {
        let completed_at = at(self.event, &["body", "progress", "completed_at"]);
        let completed_at = match completed_at {
            Some(value) => Some(
                value
                    .as_str()
                    .and_then(Moment::parse)
                    .ok_or("body.progress.completed_at")?,
            ),
            None if is_completed => None,
            None => return Ok(Vec::new()),
        };
        let person = PersonRef {
            lms_id: self.local(&["body", "user", "id"]),
            email: email(self.event, &["body", "user", "email"]),
            name: text(self.event, &["body", "user", "name"]),
            ..PersonRef::default()
        };
        let course = CourseRef {
            lms_id: self.local(&["body", "course", "id"]),
            sis_id: id(self.event, &["body", "course", "sis_source_id"]),
            ..CourseRef::default()
        };
        if person.is_empty() {
            return Err("body.user.id");
        }
        if course.is_empty() {
            return Err("body.course.id");
        }
        let moment = match completed_at {
            Some(moment) => moment,
            None => self.event_time()?,
        };
        Ok(vec![self.signal(
            SignalKind::Completed,
            Item::Course,
            person,
            course,
            moment,
        )?])
    }

    /// The posted total that counts missing work as zero; the running one would be full after one good quiz.
    fn course_grade(&self) -> Result<Vec<Signal>, &'static str> {
        let given = self.optional_points(&["body", "final_score"], "body.final_score")?;
        self.total(given, false)
    }

    fn grade_override(&self) -> Result<Vec<Signal>, &'static str> {
        if at(self.event, &["body", "grading_period_id"]).is_some() {
            // of one grading period, not of the course
            return Ok(Vec::new());
        }
        let given = self.optional_points(&["body", "override_score"], "body.override_score")?;
        self.total(given, true)
    }

    fn total(&self, given: Option<Points>, overrides: bool) -> Result<Vec<Signal>, &'static str> {
        let person = self.person(&["body", "user_id"], "body.user_id")?;
        let course = self.course()?;
        let mut signal = self.signal(SignalKind::Score, Item::FinalGrade, person, course, self.event_time()?)?;
        signal.score = Some(Score {
            given,
            maximum: Points::whole(100),
            released: true,
            overrides,
        });
        Ok(vec![signal])
    }

    fn grade(&self) -> Result<Vec<Signal>, &'static str> {
        let mut person = self
            .person(&["body", "student_id"], "body.student_id")
            .or_else(|_| self.person(&["body", "user_id"], "body.student_id"))?;
        person.sis_id = id(self.event, &["body", "student_sis_id"]);
        let item = self.assignment()?;
        let course = self.course()?;
        let moment = self.event_time()?;
        let Some(maximum) = self.optional_points(&["body", "points_possible"], "body.points_possible")? else {
            return Ok(vec![self.signal(SignalKind::Hint, item, person, course, moment)?]);
        };
        let mut signal = self.signal(SignalKind::Score, item, person, course, moment)?;
        let is_muted = flag(self.event, &["body", "muted"]).unwrap_or(false);
        let is_complete = flag(self.event, &["body", "grading_complete"]).unwrap_or(true);
        signal.score = Some(Score {
            given: self.optional_points(&["body", "score"], "body.score")?,
            maximum,
            released: is_complete && !is_muted,
            overrides: false,
        });
        Ok(vec![signal])
    }

    /// Has no maximum to compare a score with: something may have changed.
    fn submission(&self) -> Result<Vec<Signal>, &'static str> {
        if text(self.event, &["body", "workflow_state"]).as_deref() != Some("graded") {
            return Ok(Vec::new());
        }
        let mut person = self.person(&["body", "user_id"], "body.user_id")?;
        person.legacy_id = id(self.event, &["body", "lti_user_id"]);
        let (item, course, moment) = (self.assignment()?, self.course()?, self.event_time()?);
        Ok(vec![self.signal(SignalKind::Hint, item, person, course, moment)?])
    }

    /// Only a learner's enrolment that has ended in good order counts; observers, staff and the test student do not.
    fn enrolment(&self) -> Result<Vec<Signal>, &'static str> {
        let is_learner = text(self.event, &["body", "type"]).as_deref() == Some("StudentEnrollment");
        let is_concluded = text(self.event, &["body", "workflow_state"]).as_deref() == Some("completed");
        if !is_learner || !is_concluded {
            return Ok(Vec::new());
        }
        let person = self.person(&["body", "user_id"], "body.user_id")?;
        let (course, moment) = (self.course()?, self.event_time()?);
        Ok(vec![self.signal(
            SignalKind::Concluded,
            Item::Course,
            person,
            course,
            moment,
        )?])
    }

    fn course_updated(&self) -> Result<Vec<Signal>, &'static str> {
        if text(self.event, &["body", "workflow_state"]).as_deref() != Some("completed") {
            return Ok(Vec::new());
        }
        let (course, moment) = (self.course()?, self.event_time()?);
        let everybody = PersonRef::default();
        Ok(vec![self.signal(
            SignalKind::Concluded,
            Item::Course,
            everybody,
            course,
            moment,
        )?])
    }

    fn signal(
        &self,
        kind: SignalKind,
        item: Item,
        person: PersonRef,
        course: CourseRef,
        moment: Moment,
    ) -> Result<Signal, &'static str> {
        Ok(Signal {
            source: Source::CanvasEvents,
            source_event_id: self.event_id()?,
            kind,
            item,
            person,
            course,
            score: None,
            occurred_at: moment.at,
            utc_offset_minutes: moment.offset,
            received_at: self.received_at,
        })
    }

    /// Raw events have no id: a repetition has the same name, time, account and body. What only tells how it was
    /// delivered is left out.
    fn event_id(&self) -> Result<String, &'static str> {
        let part = |name: &str| at(self.event, &["metadata", name]).cloned().unwrap_or(Value::Null);
        let body = at(self.event, &["body"]).ok_or("body")?;
        let same = json!([part("event_name"), part("event_time"), part("root_account_uuid"), body]);
        Ok(format!("sha256:{}", digest::sha256_hex(same.to_string().as_bytes())))
    }

    fn event_time(&self) -> Result<Moment, &'static str> {
        text(self.event, &["metadata", "event_time"])
            .and_then(|text| Moment::parse(&text))
            .ok_or("metadata.event_time")
    }

    fn person(&self, path: &[&str], field: &'static str) -> Result<PersonRef, &'static str> {
        Ok(PersonRef {
            lms_id: Some(self.local(path).ok_or(field)?),
            ..PersonRef::default()
        })
    }

    /// The body's course; else the one the request was made in.
    fn course(&self) -> Result<CourseRef, &'static str> {
        let in_course = text(self.event, &["metadata", "context_type"]).as_deref() == Some("Course");
        let around = || self.local(&["metadata", "context_id"]).filter(|_| in_course);
        Ok(CourseRef {
            lms_id: Some(
                self.local(&["body", "course_id"])
                    .or_else(around)
                    .ok_or("body.course_id")?,
            ),
            sis_id: id(self.event, &["metadata", "context_sis_source_id"]).filter(|_| in_course),
            ..CourseRef::default()
        })
    }

    fn assignment(&self) -> Result<Item, &'static str> {
        let id = self.local(&["body", "assignment_id"]).ok_or("body.assignment_id")?;
        ItemId::parse(&id).map(Item::Activity).map_err(|_| "body.assignment_id")
    }

    fn local(&self, path: &[&str]) -> Option<String> {
        id(self.event, path).map(|id| canvas_local_id(&id))
    }

    /// `None` if absent or `null`; an error if something else than a number stands there.
    fn optional_points(&self, path: &[&str], field: &'static str) -> Result<Option<Points>, &'static str> {
        match at(self.event, path) {
            None => Ok(None),
            Some(_) => points(self.event, path).map(Some).ok_or(field),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, json_value};
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_772_442_849);

    fn event(name: &str, body: &Value) -> Value {
        json!({"metadata": {
            "event_name": name, "event_time": "2026-03-02T09:14:07.331Z", "producer": "canvas",
            "root_account_uuid": "pXq7", "root_account_lti_guid": "pXq7.lms.example",
            "user_id": "31420000000000005", "context_type": "Course", "context_id": "31420000000000903",
        }, "body": body})
    }

    fn one(name: &str, body: &Value) -> Signal {
        let mut signals = read(&event(name, body), NOW).unwrap();
        assert_eq!(signals.len(), 1, "{name}");
        signals.remove(0)
    }

    fn completed() -> Value {
        json!({"metadata": {
            "event_name": "course_completed", "event_time": "2026-03-02T09:14:07.331Z", "producer": "canvas",
            "job_id": "1020005551234", "job_tag": "CourseProgress.dispatch_live_event",
            "root_account_id": "31420000000000001", "root_account_uuid": "pXq7",
            "root_account_lti_guid": "pXq7.lms.example",
        }, "body": {
            "course": {"id": "903", "account_id": "12", "name": "Lab Safety", "sis_source_id": "BIO-101-2026S"},
            "progress": {"requirement_count": 8, "requirement_completed_count": 8,
                "completed_at": "2026-03-02T09:12:01Z", "next_requirement_url": null},
            "user": {"id": "482", "name": "Ada Park", "email": "ada@example.edu"},
        }})
    }

    #[test]
    fn a_completed_course_needs_no_request_fields() {
        let signal = read(&completed(), NOW).unwrap().remove(0);
        assert_eq!((signal.kind, signal.item), (SignalKind::Completed, Item::Course));
        assert_eq!(signal.person.lms_id.as_deref(), Some("482"));
        assert_eq!(signal.course.sis_id.as_deref(), Some("BIO-101-2026S"));
        assert_eq!(signal.occurred_at, Timestamp::from_seconds(1_772_442_721));
        assert_eq!(
            tenant(completed().to_string().as_bytes()),
            Ok(Some("pXq7.lms.example".to_owned()))
        );
    }

    #[test]
    fn a_repetition_has_the_same_id_and_other_news_another() {
        let id = |event: &Value| read(event, NOW).unwrap().remove(0).source_event_id;
        let mut again = completed();
        again["metadata"]["job_id"] = json!("1020005559999");
        assert_eq!(id(&again), id(&completed()));
        again["body"]["progress"]["completed_at"] = json!("2026-03-02T09:13:01Z");
        assert_ne!(id(&again), id(&completed()));
    }

    #[test]
    fn progress_without_a_moment_of_completion_says_nothing() {
        let mut progress = completed();
        progress["metadata"]["event_name"] = json!("course_progress");
        assert_eq!(read(&progress, NOW).unwrap()[0].kind, SignalKind::Completed);
        progress["body"]["progress"]["completed_at"] = Value::Null;
        assert_eq!(read(&progress, NOW), Ok(Vec::new()));
    }

    #[test]
    fn ids_are_local_and_the_learner_is_not_the_actor() {
        let signal = one(
            "grade_change",
            &json!({"student_id": "31420000000000482", "user_id": "31420000000000482", "assignment_id": "31420000000000077",
                "grader_id": "31420000000000005", "score": 8.5, "points_possible": 10, "grading_complete": true}),
        );
        assert_eq!(signal.person.lms_id.as_deref(), Some("482"));
        assert_eq!(signal.course.lms_id.as_deref(), Some("903"));
        assert_eq!(signal.item.to_string(), "activity:77");
        let score = signal.score.unwrap();
        assert_eq!(
            (score.given.unwrap().to_string(), score.released),
            ("8.5".to_owned(), true)
        );
    }

    #[test]
    fn a_muted_or_unfinished_grade_is_not_released() {
        for hidden in [json!({"muted": true}), json!({"grading_complete": false})] {
            let mut body = json!({"student_id": "482", "assignment_id": "77", "score": 8, "points_possible": 10});
            body.as_object_mut()
                .unwrap()
                .extend(hidden.as_object().unwrap().clone());
            assert!(!one("grade_change", &body).score.unwrap().released);
        }
    }

    #[test]
    fn the_total_is_the_final_score_and_an_override_is_told_apart() {
        let body = json!({"user_id": "482", "course_id": "903", "current_score": 100, "final_score": 61.25,
            "unposted_final_score": 90});
        let score = one("course_grade_change", &body).score.unwrap();
        assert_eq!((score.given, score.overrides), (Points::parse("61.25").ok(), false));
        let body = json!({"user_id": "482", "course_id": "903", "override_score": 93, "old_override_score": null});
        let score = one("grade_override", &body).score.unwrap();
        assert_eq!((score.given, score.overrides), (Some(Points::whole(93)), true));
        let body = json!({"user_id": "482", "course_id": "903", "override_score": null});
        assert_eq!(one("grade_override", &body).score.unwrap().given, None);
        let of_period = json!({"user_id": "482", "course_id": "903", "override_score": 93, "grading_period_id": "4"});
        assert_eq!(read(&event("grade_override", &of_period), NOW), Ok(Vec::new()));
    }

    #[test]
    fn only_a_learners_concluded_enrolment_counts() {
        let body = |kind: &str, state: &str| json!({"user_id": "31420000000000482", "course_id": "31420000000000903", "type": kind, "workflow_state": state});
        let signal = one("enrollment_updated", &body("StudentEnrollment", "completed"));
        assert_eq!(
            (signal.kind, signal.person.lms_id.as_deref()),
            (SignalKind::Concluded, Some("482"))
        );
        for (kind, state) in [
            ("StudentViewEnrollment", "completed"),
            ("TeacherEnrollment", "completed"),
            ("ObserverEnrollment", "completed"),
            ("StudentEnrollment", "invited"),
            ("StudentEnrollment", "deleted"),
        ] {
            assert_eq!(
                read(&event("enrollment_updated", &body(kind, state)), NOW),
                Ok(Vec::new()),
                "{kind} {state}"
            );
        }
        let everybody = one(
            "course_updated",
            &json!({"course_id": "903", "workflow_state": "completed"}),
        );
        assert!(everybody.person.is_empty());
        assert_eq!(
            read(&event("enrollment_state_updated", &json!({"enrollment_id": "5"})), NOW),
            Ok(Vec::new())
        );
    }

    #[test]
    fn a_submission_is_a_hint() {
        let body = json!({"user_id": "482", "lti_user_id": "f0c2", "assignment_id": "77", "workflow_state": "graded", "score": 3});
        let signal = one("submission_updated", &body);
        assert_eq!(
            (signal.kind, signal.person.legacy_id.as_deref()),
            (SignalKind::Hint, Some("f0c2"))
        );
    }

    #[test]
    fn events_of_two_institutions_name_none() {
        let mut other = completed();
        other["metadata"]["root_account_lti_guid"] = json!("other.lms.example");
        let both = json!([completed(), other]).to_string();
        assert_eq!(tenant(both.as_bytes()), Ok(None));
        assert_eq!(tenant(b"[]"), Ok(None));
    }

    #[test]
    fn any_body_is_read_or_refused() {
        let names = proptest::sample::select(
            &[
                "course_completed",
                "course_grade_change",
                "grade_override",
                "grade_change",
                "submission_updated",
                "enrollment_updated",
                "course_updated",
            ][..],
        );
        check("canvas body", &(names, json_value()), |(name, value)| {
            let _ = parse(event(name, &value).to_string().as_bytes(), NOW);
            let _ = parse(value.to_string().as_bytes(), NOW);
            let _ = tenant(value.to_string().as_bytes());
            Ok(())
        });
        check(
            "canvas bytes",
            &proptest::collection::vec(proptest::num::u8::ANY, 0..80),
            |bytes| {
                let _ = (is_token(&bytes), token(&bytes), parse(&bytes, NOW));
                Ok(())
            },
        );
    }
}
