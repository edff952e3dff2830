//! What one look asks of each LMS, and in which order.

use std::collections::BTreeSet;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use time::OffsetDateTime;

use super::People;
use crate::clock::Timestamp;
use crate::crypto::digest;
use crate::lms::brightspace::{self, Brightspace};
use crate::lms::canvas::{Canvas, Named, Progress};
use crate::lms::moodle::Moodle;
use crate::lms::{AskError, Site};
use crate::model::connection::{Cursor, Pull};
use crate::model::fact::FactClass;
use crate::model::signal::Item;
use crate::signals::pull::{self as news, Called, Change, Observation, Seen, Wanted, conclusion, end_of};
use crate::store::pull::PulledRow;

/// People asked about one by one in one look.
const ONE_BY_ONE: usize = 200;
/// So many odd people and nobody else: it is not about them.
const ODD_AT_FIRST: usize = 10;
/// Changes of so long before the last look are asked for again: clocks differ.
const OVERLAP: Duration = Duration::from_mins(5);
/// A list that costs a call for each hundred people is read so often.
const SLOW: Duration = Duration::from_hours(1);
/// The item under which it is kept how far a learner was; no signal.
const PROGRESS: &str = "progress";

/// What is asked.
pub(super) struct Question<'a> {
    /// The course, as the LMS names it in its signed launches. No other name of it is asked by: a teacher may write what
    /// a link's custom parameters say, and could have us ask about the course of somebody else.
    pub(super) context: &'a str,
    /// What the rules look at.
    pub(super) wanted: &'a Wanted,
    /// What was seen last.
    pub(super) seen: &'a Seen,
    /// How it was asked last.
    pub(super) pull: &'a Pull,
    /// Everything, not only what changed.
    pub(super) all: bool,
    /// When.
    pub(super) now: Timestamp,
}

/// What was answered.
#[derive(Debug, Default)]
pub(super) struct Harvest {
    pub(super) observations: Vec<Observation>,
    /// The changes among them.
    pub(super) changes: Vec<Change>,
    /// Further things that were seen, for the next look only.
    pub(super) marks: Vec<PulledRow>,
    /// What people are called, as far as the answers told.
    pub(super) people: People,
    pub(super) ends_at: Option<Timestamp>,
    pub(super) cursor: Cursor,
    /// The course's id at the LMS.
    pub(super) lms_id: Option<String>,
    /// Not everything was asked.
    pub(super) more: bool,
}

impl Question<'_> {
    /// What goes on after this look.
    fn cursor(&self) -> Cursor {
        let now = Some(self.now.millis());
        Cursor {
            since_ms: now,
            full_ms: if self.all { now } else { self.pull.cursor.full_ms },
            slow_ms: self.pull.cursor.slow_ms,
            after: None,
        }
    }

    fn was_seen(&self, subject: &str, item: &str, class: FactClass) -> Option<&[u8]> {
        let key = (subject.to_owned(), item.to_owned(), class.word().to_owned());
        self.seen.get(&key).map(|(digest, _)| digest.as_slice())
    }
}

/// Asks Canvas: the course, progress, enrolments with grades; modules of learners who are further than last time; scores.
pub(super) async fn canvas(site: &Site, question: &Question<'_>) -> Result<Harvest, AskError> {
    let (canvas, wanted) = (Canvas(site), question.wanted);
    let named = Named::Context(question.context);
    let course = canvas.course(named).await?.ok_or(AskError::NotFound("course"))?;
    let end = end_of(course.end_at.as_deref());
    let mut harvest = Harvest {
        cursor: question.cursor(),
        // a course may go on behind its end: it is over when Canvas says so
        ends_at: if course.is_over() {
            let known = question.pull.ends_at.filter(|at| *at <= question.now);
            Some(end.filter(|at| *at <= question.now).or(known).unwrap_or(question.now))
        } else {
            end.filter(|at| *at > question.now)
        },
        ..Harvest::default()
    };
    if wanted.conclusion && course.is_over() {
        harvest.observations.push(conclusion(harvest.ends_at));
    }
    if wanted.completion || !wanted.modules.is_empty() {
        let progress = canvas.progress(&course.id).await?;
        if wanted.completion {
            harvest.observations.extend(news::canvas::completions(&progress));
        }
        if !wanted.modules.is_empty() {
            modules(canvas, &course.id, question, &progress, &mut harvest).await?;
        }
    }
    if wanted.final_grade {
        let enrolments = canvas.enrolments(&course.id).await?;
        harvest.observations.extend(news::canvas::grades(&enrolments));
    }
    for assignment in &wanted.scores {
        // a rule may name a thing of another kind, or one that is gone
        if let Some((full, submissions)) = canvas.submissions(&course.id, assignment).await? {
            let scores = news::canvas::scores(assignment, full, &submissions);
            harvest.observations.extend(scores);
        }
    }
    harvest.lms_id = Some(course.id);
    Ok(harvest)
}

/// The modules of learners who are further than last time, or of everybody who has begun, if everything is asked or rules
/// look at other modules: a call for each of them.
async fn modules(
    canvas: Canvas<'_>,
    course: &str,
    question: &Question<'_>,
    progress: &[Progress],
    harvest: &mut Harvest,
) -> Result<(), AskError> {
    let mut progress: Vec<&Progress> = progress.iter().collect();
    progress.sort_by(|one, other| one.user.cmp(&other.user));
    // where everything is asked the marks say nothing of whom this round has asked
    let after = question.pull.cursor.after.as_deref().filter(|_| question.all);
    let (mut asked, mut last, mut odd) = (0, None, Odd::default());
    for learner in progress {
        if after.is_some_and(|after| learner.user.as_str() <= after) {
            continue;
        }
        let text = format!(
            "{} {:?} {:?}",
            learner.fulfilled, learner.completed_at, question.wanted.modules
        );
        let digest = digest::sha256(text.as_bytes());
        let before = question.was_seen(&learner.user, PROGRESS, FactClass::Completion);
        let is_same = before == Some(digest.as_slice());
        if (is_same && !question.all) || (before.is_none() && learner.fulfilled == 0) {
            continue;
        }
        if asked >= ONE_BY_ONE {
            harvest.more = true;
            if question.all {
                harvest.cursor.after = last;
                harvest.cursor.full_ms = question.pull.cursor.full_ms;
            }
            return Ok(());
        }
        asked += 1;
        last = Some(learner.user.clone());
        let modules = match canvas.modules(course, &learner.user).await {
            Ok(modules) => modules,
            // another look asks again: nothing is marked as seen
            Err(error) if error.is_about_one() => {
                odd.note(error)?;
                continue;
            }
            Err(error) => return Err(error),
        };
        odd.has_good = true;
        let is_wanted = |id: &str| question.wanted.modules.contains(id);
        harvest
            .observations
            .extend(news::canvas::modules(&learner.user, &modules, is_wanted));
        if is_same {
            continue;
        }
        harvest.marks.push(PulledRow {
            subject: learner.user.clone(),
            item: PROGRESS.to_owned(),
            class: FactClass::Completion.word().to_owned(),
            digest: digest.to_vec(),
            at: question.now,
        });
    }
    odd.none_was_good()
}

/// What these people of a course in Canvas are called. Where the service account may not see that, nobody is.
pub(super) async fn people(site: &Site, course: Option<&str>, subjects: Vec<String>) -> Result<People, AskError> {
    let subjects: BTreeSet<String> = subjects.into_iter().filter(|subject| !subject.is_empty()).collect();
    let (Some(course), false) = (course, subjects.is_empty()) else {
        return Ok(People::new());
    };
    let subjects: Vec<String> = subjects.into_iter().collect();
    let people = match Canvas(site).people(course, &subjects).await {
        Ok(people) => people,
        Err(AskError::NotPermitted(_)) => return Ok(People::new()),
        Err(error) => return Err(error),
    };
    let called = |person: crate::lms::canvas::Person| {
        let called = Called {
            sis_id: person.sis_user_id,
            email: person.email,
            name: person.name,
        };
        (person.id, called)
    };
    Ok(people.into_iter().map(called).collect())
}

/// Asks Brightspace: records of completion, required content (once an hour), grades that changed, and with them the final
/// grades.
pub(super) async fn brightspace(site: &Site, question: &Question<'_>) -> Result<Harvest, AskError> {
    let (api, wanted) = (Brightspace::open(site).await?, question.wanted);
    // launches name the org unit
    let course = question.context;
    let mut harvest = Harvest {
        cursor: question.cursor(),
        ends_at: match api.course(course).await {
            Ok(found) => end_of(found.ok_or(AskError::NotFound("course"))?.end_date.as_deref()),
            // one permission less: then the end is not known
            Err(AskError::NotPermitted(_)) => None,
            Err(error) => return Err(error),
        },
        ..Harvest::default()
    };
    if wanted.conclusion && harvest.ends_at.is_some_and(|end| end <= question.now) {
        harvest.observations.push(conclusion(harvest.ends_at));
    }
    let people = api.people(course).await?;
    if wanted.completion {
        let records = api.completions(course).await?;
        let slow = question.pull.cursor.slow_ms.map(Timestamp::from_millis);
        let content = if question.all || slow.is_none_or(|at| at.plus(SLOW) <= question.now) {
            harvest.cursor.slow_ms = Some(question.now.millis());
            let ids: Vec<String> = people.iter().map(|person| person.id.clone()).collect();
            api.content(course, &ids).await?
        } else {
            Vec::new()
        };
        harvest
            .observations
            .extend(news::brightspace::completions(&records, &content));
    }
    for topic in &wanted.activities {
        let rows = api.topic(course, topic).await?;
        harvest.observations.extend(news::brightspace::topic(topic, &rows));
    }
    if wanted.final_grade || !wanted.scores.is_empty() {
        let since = question.pull.cursor.since_ms.filter(|_| !question.all);
        let since = since.map(|ms| written(Timestamp::from_millis(ms).minus(OVERLAP)));
        let grades = api.grades(course, since.as_deref()).await?;
        let is_wanted = |id: &str| wanted.scores.contains(id);
        harvest
            .observations
            .extend(news::brightspace::scores(&grades, is_wanted));
        if wanted.final_grade && (question.all || !grades.is_empty()) {
            for (person, grade) in api.finals(course).await? {
                let seen = news::brightspace::final_grade(&person.id, grade.as_ref());
                harvest.observations.extend(seen);
            }
        }
    }
    harvest.people = people.into_iter().map(called).collect();
    Ok(harvest)
}

fn called(person: brightspace::Person) -> (String, Called) {
    let called = Called {
        sis_id: person.org_defined_id,
        email: person.email,
        name: person.display_name,
    };
    (person.id, called)
}

/// Asks Moodle: grades of everybody at once; completion of one person after the other, some each time.
pub(super) async fn moodle(site: &Site, token: &SecretString, question: &Question<'_>) -> Result<Harvest, AskError> {
    let token = token.expose_secret();
    let (moodle, wanted) = (Moodle { site, token }, question.wanted);
    // launches name Moodle's own id
    let course = question.context;
    let end = match moodle.end_of(course).await {
        Ok(end) => end.map(Timestamp::from_seconds),
        Err(AskError::NotPermitted(_)) => None,
        Err(error) => return Err(error),
    };
    let mut harvest = Harvest {
        cursor: question.cursor(),
        ends_at: end,
        ..Harvest::default()
    };
    if wanted.conclusion && end.is_some_and(|end| end <= question.now) {
        harvest.observations.push(conclusion(end));
    }
    let wants_grades = wanted.final_grade || !wanted.scores.is_empty();
    let mut grades_too = false;
    if wants_grades {
        match moodle.grades(course, None).await {
            Ok(grades) => harvest.observations.extend(graded(wanted, &grades)),
            // too many at once: one after the other
            Err(AskError::TooLarge(_)) => grades_too = true,
            Err(error) => return Err(error),
        }
    }
    if wanted.completion || !wanted.activities.is_empty() || grades_too {
        one_by_one(moodle, course, question, grades_too, &mut harvest).await?;
    }
    Ok(harvest)
}

/// Asks about participants one after the other, from the one behind whom the last look ended. Who completed the course is
/// asked about again only when everything is.
async fn one_by_one(
    moodle: Moodle<'_>,
    course: &str,
    question: &Question<'_>,
    grades_too: bool,
    harvest: &mut Harvest,
) -> Result<(), AskError> {
    let wanted = question.wanted;
    let completed = digest_of_completed();
    let is_done = |user: &str| {
        let was = question.was_seen(user, &Item::Course.to_string(), FactClass::Completion);
        wanted.activities.is_empty() && !grades_too && !question.all && was == Some(completed.as_slice())
    };
    let mut people: Vec<String> = moodle
        .people(course)
        .await?
        .into_iter()
        .map(|person| person.id)
        .collect();
    people.sort();
    let after = question.pull.cursor.after.clone().unwrap_or_default();
    people.retain(|user| *user > after && !is_done(user));
    harvest.more = people.len() > ONE_BY_ONE;
    people.truncate(ONE_BY_ONE);
    let mut odd = Odd::default();
    for user in &people {
        match person(moodle, course, wanted, grades_too, user).await {
            Ok(seen) => {
                odd.has_good = true;
                harvest.observations.extend(seen);
            }
            Err(error) if error.is_about_one() => odd.note(error)?,
            Err(error) => return Err(error),
        }
    }
    odd.none_was_good()?;
    if harvest.more {
        harvest.cursor.after = people.pop();
        harvest.cursor.full_ms = question.pull.cursor.full_ms;
    }
    Ok(())
}

/// What Moodle tells about one person.
async fn person(
    moodle: Moodle<'_>,
    course: &str,
    wanted: &Wanted,
    grades_too: bool,
    user: &str,
) -> Result<Vec<Observation>, AskError> {
    let mut seen = Vec::new();
    if wanted.completion
        && let Some(completion) = moodle.course_completion(course, user).await?
    {
        seen.push(news::moodle::completion(user, completion));
    }
    if !wanted.activities.is_empty() {
        let statuses = moodle.activities(course, user).await?;
        let is_wanted = |id: &str| wanted.activities.contains(id);
        seen.extend(news::moodle::activities(user, &statuses, is_wanted));
    }
    if grades_too {
        let grades = moodle.grades(course, Some(user)).await?;
        seen.extend(graded(wanted, &grades));
    }
    Ok(seen)
}

/// People about whom an LMS answers oddly: they are left out, unless it answers so about everybody.
#[derive(Debug, Default)]
struct Odd {
    count: usize,
    has_good: bool,
    last: Option<AskError>,
}

impl Odd {
    /// One more; an error if these are too many for chance, and nobody was answered about well.
    fn note(&mut self, error: AskError) -> Result<(), AskError> {
        self.count += 1;
        if self.count >= ODD_AT_FIRST && !self.has_good {
            return Err(error);
        }
        tracing::warn!(%error, "an LMS answers oddly about one person, who is left out");
        self.last = Some(error);
        Ok(())
    }

    /// The error, if everybody who was asked about was odd.
    fn none_was_good(self) -> Result<(), AskError> {
        match self.last {
            Some(error) if !self.has_good => Err(error),
            _ => Ok(()),
        }
    }
}

fn graded(wanted: &Wanted, grades: &[crate::lms::moodle::Grade]) -> Vec<Observation> {
    news::moodle::grades(grades, wanted.final_grade, |id| wanted.scores.contains(id))
}

/// What is kept of somebody who completed something.
fn digest_of_completed() -> [u8; 32] {
    news::digest_of(news::Says::Holds(true))
}

/// A moment in UTC, RFC 3339 with milliseconds.
fn written(at: Timestamp) -> String {
    let nanoseconds = i128::from(at.millis()).saturating_mul(1_000_000);
    let at = OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second(),
        at.millisecond()
    )
}
