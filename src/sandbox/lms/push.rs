//! What the demo LMS tells others when a learner gets on: one message for each piece of news, in the form of a signed
//! webhook, of Canvas' Live Events, or of Moodle's plugins. What was sent and what was answered is kept for its page.

use std::collections::VecDeque;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};

use super::claims;
use super::key::{self, Signer};
use super::launch::Dialect;
use super::state::Shared;
use crate::clock::Timestamp;
use crate::crypto::random;

/// Messages that are kept; the oldest are forgotten first.
const KEPT: usize = 50;
/// What Canvas adds to the ids of its first shard's root account, here to all ids of request-made events.
const SHARD: u64 = 31_420_000_000_000_000;

/// How the LMS tells of progress.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Channel {
    /// Webhooks signed as Standard Webhooks say.
    #[default]
    Webhook,
    /// Live Events, signed with the LMS's own key.
    Canvas,
    /// `local_webhooks`, with the token in the body; scores as a `tool_trigger` template, with a bearer token.
    Moodle,
    /// Nothing is sent: whoever wants to know has to ask.
    Silent,
}

impl Channel {
    /// All, for the page of settings.
    pub const ALL: [Self; 4] = [Self::Webhook, Self::Canvas, Self::Moodle, Self::Silent];

    /// Its word in forms.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Canvas => "canvas",
            Self::Moodle => "moodle",
            Self::Silent => "silent",
        }
    }

    /// What it is, for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Webhook => "a signed webhook, as any program can send it",
            Self::Canvas => "Live Events, as Canvas sends them",
            Self::Moodle => "plugins, as Moodle has them",
            Self::Silent => "not at all",
        }
    }

    /// The one with this word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.name() == word)
    }
}

/// Where the messages of one channel go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlet {
    /// Which.
    pub channel: Channel,
    /// The address that an administrator of the receiver gave.
    pub url: String,
    /// The secret that came with it; Canvas has none.
    pub secret: String,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// The course is completed.
    Completed,
    /// The course is not completed any more.
    Reopened,
    /// A final grade, in percent.
    Grade(f64),
    /// An activity is completed, by its id.
    ActivityCompleted(String),
    /// Points in an activity, by its id: given and maximum.
    Score(String, f64, f64),
}

/// A message that was sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Pushed {
    /// Counted from 1.
    pub number: u64,
    /// The same for every try.
    pub id: String,
    /// How.
    pub channel: Channel,
    /// Who did what where, for people.
    pub what: String,
    /// What was sent, without signature or token.
    pub event: Value,
    /// When it was sent last, and how often so far.
    pub sent_at: Timestamp,
    /// How often it was sent so far.
    pub tries: u32,
    /// The status and the beginning of the last answer, or why there was none.
    pub answer: Result<(u16, String), String>,
}

/// Messages that were sent, where they go, and by which channel the next ones do.
#[derive(Debug, Default)]
pub(super) struct Post {
    pub(super) channel: Channel,
    pub(super) outlets: Vec<Outlet>,
    pub(super) sent: VecDeque<Pushed>,
    count: u64,
}

/// Tells of one piece of news by the channel that is chosen; gives the message's number. None: nothing is sent, since
/// nobody is to be told, or since the LMS that is imitated has no such message.
pub(super) async fn tell(shared: &Shared, course: &str, person: &str, news: &News) -> Option<u64> {
    let number = {
        let mut state = shared.lock();
        let channel = state.post.channel;
        state.post.outlets.iter().find(|outlet| outlet.channel == channel)?;
        let now = shared.clock.now();
        let told = Told {
            course: state.campus.course(course)?.clone(),
            person: state.campus.person(person)?.clone(),
            dialect: state.dialect,
            now,
        };
        let event = match channel {
            Channel::Webhook => told.webhook(news),
            Channel::Canvas => told.canvas(news)?,
            Channel::Moodle => told.moodle(news),
            Channel::Silent => return None,
        };
        state.post.count += 1;
        let number = state.post.count;
        state.post.sent.push_back(Pushed {
            number,
            id: format!("msg_{}", random::token()),
            channel,
            what: told.in_words(news),
            event,
            sent_at: now,
            tries: 0,
            answer: Err("not sent yet".to_owned()),
        });
        while state.post.sent.len() > KEPT {
            state.post.sent.pop_front();
        }
        number
    };
    send(shared, number).await;
    Some(number)
}

/// Sends a message that is kept, for the first time or again. False: it is forgotten, or has nowhere to go.
pub(super) async fn send(shared: &Shared, number: u64) -> bool {
    let now = shared.clock.now();
    let request = {
        let state = shared.lock();
        let Some(message) = state.post.sent.iter().find(|message| message.number == number) else {
            return false;
        };
        let mut outlets = state.post.outlets.iter();
        let Some(outlet) = outlets.find(|outlet| outlet.channel == message.channel) else {
            return false;
        };
        let (headers, body) = match message.channel {
            Channel::Canvas => {
                let token = key::sign(&state.header(), &message.event, &state.key, &state.key, &Signer::Own);
                (vec![("content-type", "application/jwt".to_owned())], token)
            }
            Channel::Moodle => by_plugin(message, &outlet.secret),
            Channel::Webhook | Channel::Silent => signed(message, &outlet.secret, now),
        };
        let request = shared.outbound.post(&outlet.url).body(body);
        headers
            .into_iter()
            .fold(request, |request, (name, value)| request.header(name, value))
    };
    let answer = match request.send().await {
        Ok(answer) => {
            let status = answer.status().as_u16();
            let text = answer.text().await.unwrap_or_default();
            Ok((status, text.chars().take(300).collect()))
        }
        Err(error) => Err(error.to_string()),
    };
    let mut state = shared.lock();
    if let Some(message) = state.post.sent.iter_mut().find(|message| message.number == number) {
        message.answer = answer;
        message.sent_at = now;
        message.tries += 1;
    }
    true
}

/// A body with the three headers of Standard Webhooks.
fn signed(message: &Pushed, secret: &str, now: Timestamp) -> (Vec<(&'static str, String)>, String) {
    let body = message.event.to_string();
    let secret = secret.strip_prefix("whsec_").unwrap_or(secret);
    let secret = BASE64_STANDARD.decode(secret).unwrap_or_default();
    let (id, at) = (&message.id, now.seconds());
    let mac = key::mac(&secret, format!("{id}.{at}.{body}").as_bytes());
    let headers = vec![
        ("content-type", "application/json".to_owned()),
        ("webhook-id", id.clone()),
        ("webhook-timestamp", at.to_string()),
        ("webhook-signature", format!("v1,{}", BASE64_STANDARD.encode(mac))),
    ];
    (headers, body)
}

/// `local_webhooks` puts the token into each event; a template of `tool_trigger` has a header for it.
fn by_plugin(message: &Pushed, token: &str) -> (Vec<(&'static str, String)>, String) {
    let mut headers = vec![("content-type", "application/json".to_owned())];
    let mut event = message.event.clone();
    if event.get("eventname").is_none() {
        headers.push(("authorization", format!("Bearer {token}")));
        return (headers, event.to_string());
    }
    if let Some(fields) = event.as_object_mut() {
        fields.insert("token".to_owned(), json!(token));
    }
    (headers, Value::Array(vec![event]).to_string())
}

/// Who did something, and where and when.
struct Told {
    course: super::Course,
    person: super::Person,
    dialect: Dialect,
    now: Timestamp,
}

impl Told {
    fn in_words(&self, news: &News) -> String {
        let (name, course) = (self.person.name(), &self.course.title);
        match news {
            News::Completed => format!("{name} completed {course}"),
            News::Reopened => format!("{name} has not completed {course} after all"),
            News::Grade(percent) => format!("{name} has {percent} % in {course}"),
            News::ActivityCompleted(id) => format!("{name} completed activity {id} of {course}"),
            News::Score(id, given, maximum) => format!("{name} has {given} of {maximum} points in activity {id}"),
        }
    }

    /// A body of the tool's own making.
    fn webhook(&self, news: &News) -> Value {
        let user = json!({"lti_sub": self.person.id, "name": self.person.name()});
        let context = json!({"lti_context_id": self.course.id, "title": self.course.title});
        let mut data = json!({"user": user, "context": context, "completed_at": written(self.now)});
        let more = |data: &mut Value, name: &str, value: Value| {
            if let Some(fields) = data.as_object_mut() {
                fields.insert(name.to_owned(), value);
            }
        };
        let kind = match news {
            News::Completed => "course.completed",
            News::Reopened => "completion.revoked",
            News::Grade(percent) => {
                more(&mut data, "score", json!({"given": percent, "maximum": 100}));
                "grade.recorded"
            }
            News::ActivityCompleted(id) => {
                more(&mut data, "item", json!({"id": id}));
                "activity.completed"
            }
            News::Score(id, given, maximum) => {
                more(&mut data, "item", json!({"id": id}));
                more(&mut data, "score", json!({"given": given, "maximum": maximum}));
                "grade.recorded"
            }
        };
        json!({"type": kind, "timestamp": written(self.now), "data": data})
    }

    /// The raw format. Job-made events have local ids in the body only; request-made ones global ids and the course in
    /// `metadata`. There is none for one activity that is completed, and none that takes a completion back.
    fn canvas(&self, news: &News) -> Option<Value> {
        let (user, course) = (&self.person.id, &self.course.id);
        let global = |id: &str| {
            id.parse::<u64>()
                .map_or_else(|_| id.to_owned(), |id| (SHARD + id).to_string())
        };
        let mut context = Value::Null;
        let (name, body) = match news {
            News::Completed => (
                "course_completed",
                json!({
                    "course": {"id": course, "account_id": "1", "name": self.course.title},
                    "progress": {"requirement_count": 1, "requirement_completed_count": 1,
                        "completed_at": written(self.now), "next_requirement_url": null},
                    "user": {"id": user, "name": self.person.name(), "email": self.person.email},
                }),
            ),
            News::Grade(percent) => (
                "course_grade_change",
                json!({"user_id": user, "course_id": course, "workflow_state": "active", "current_score": percent,
                    "final_score": percent, "unposted_current_score": percent, "unposted_final_score": percent}),
            ),
            News::Score(id, given, maximum) => {
                context = json!(global(course));
                (
                    "grade_change",
                    json!({"user_id": global(user), "student_id": global(user), "assignment_id": global(id),
                        "score": given, "points_possible": maximum, "grading_complete": true, "muted": false}),
                )
            }
            News::Reopened | News::ActivityCompleted(_) => return None,
        };
        let mut metadata = json!({"event_name": name, "event_time": written(self.now), "producer": "canvas",
            "root_account_lti_guid": claims::guid(self.dialect), "root_account_id": SHARD.to_string()});
        if let (Some(fields), Value::String(_)) = (metadata.as_object_mut(), &context) {
            fields.insert("context_type".to_owned(), json!("Course"));
            fields.insert("context_id".to_owned(), context);
        }
        Some(json!({"metadata": metadata, "body": body}))
    }

    /// Events as Moodle's plugins pass them on. Its event of a grade says no grade: a template of `tool_trigger`
    /// tells it in the tool's own form.
    fn moodle(&self, news: &News) -> Value {
        let event = |name: &str| {
            json!({"eventname": format!("\\core\\event\\{name}"), "courseid": self.course.id,
                "relateduserid": self.person.id, "userid": "0", "timecreated": self.now.seconds(),
                "host": "demo-lms.example", "extra": ""})
        };
        match news {
            News::Completed => event("course_completed"),
            News::ActivityCompleted(id) => {
                let mut event = event("course_module_completion_updated");
                if let Some(fields) = event.as_object_mut() {
                    fields.insert("contextinstanceid".to_owned(), json!(id));
                    fields.insert("other".to_owned(), json!({"completionstate": 1}));
                }
                event
            }
            News::Reopened | News::Grade(_) | News::Score(..) => self.webhook(news),
        }
    }
}

/// As RFC 3339 writes it, in UTC.
fn written(at: Timestamp) -> String {
    let nanos = i128::from(at.millis()) * 1_000_000;
    time::OffsetDateTime::from_unix_timestamp_nanos(nanos)
        .ok()
        .and_then(|moment| moment.format(&time::format_description::well_known::Rfc3339).ok())
        .unwrap_or_default()
}
