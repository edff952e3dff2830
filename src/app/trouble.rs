//! Stored problems in words: what happened, and what to do.

use crate::store::problem::Problem;

/// What happened, in a sentence without a full stop.
pub(crate) fn sentence(problem: &Problem) -> String {
    let subject = &problem.subject;
    let what = match problem.kind.as_str() {
        "queue-stopped" => "nothing is sent to the Factory".to_owned(),
        "order-refused" => format!("the Factory refused order {subject}"),
        "order-parked" => format!("order {subject} was sent twice and not found at the Factory"),
        "issued-twice" => format!("the Factory issued twice for one order; event {subject} is the extra one"),
        "job-failed" if half_made(problem).is_some() => {
            let request = half_made(problem).unwrap_or_default();
            format!("not all awards of request {request} were made, and the work was given up")
        }
        "issued-late" => format!("event {subject} appeared at the Factory after its order was given up"),
        "connection-failing" => format!("the LMS of connection {subject} cannot be asked"),
        "revoke-failed" => format!("the Factory does not take back award {subject}"),
        "job-failed" => format!("{} was given up after the last try ({subject})", work(subject)),
        "application-parked" => {
            format!("application {subject} was sent twice, or its decision was, and not found at the Factory")
        }
        "rule-stopped" => format!("rule {subject} stopped before it awarded to many people at once"),
        kind => format!("{kind}: {subject}"),
    };
    match problem.detail.get("reason").and_then(serde_json::Value::as_str) {
        Some(reason) => format!("{what}: {reason}"),
        None => what,
    }
}

/// What a person can do about it.
pub(crate) fn advice(problem: &Problem) -> String {
    let subject = &problem.subject;
    match problem.kind.as_str() {
        "job-failed" if half_made(problem).is_some() => {
            let request = half_made(problem).unwrap_or_default();
            format!("put right what the reason names, then `order resume {request}` goes on with the rest")
        }
        "queue-stopped" => {
            "`factory ping` shows whether the identity works; `factory enroll` makes a new one".to_owned()
        }
        "order-refused" => {
            format!("put right what the Factory names, then `order retry {subject}`; or `order give-up {subject}`")
        }
        "order-parked" => format!("look at the Factory, then `order retry {subject}` or `order give-up {subject}`"),
        "issued-twice" => {
            format!("`order revoke-extra {subject}`, or *Revoke the second event* on the award's page, revokes it")
        }
        "issued-late" => {
            format!("`order revoke-extra {subject}`, or *Revoke the late event* on the award's page, revokes it")
        }
        "connection-failing" => {
            format!(
                "`connection test {subject}` tells what is missing; `connection authorise {subject}` asks Canvas anew"
            )
        }
        "revoke-failed" => {
            "it is tried again by itself; if that does not help, revoke the badge at the Factory".to_owned()
        }
        "job-failed" => "put right what the reason names; it begins anew by itself when there is news".to_owned(),
        "application-parked" => {
            "look at the Factory; the learner may apply again, and staff may decide it again on its page".to_owned()
        }
        "rule-stopped" => {
            format!("`rule show {subject}` names the people; release or discard them on the rule's page")
        }
        _ => "see the server's log".to_owned(),
    }
}

/// The work that a job's key names, in words.
fn work(key: &str) -> &'static str {
    match key.split(':').next().unwrap_or_default() {
        "roster" => "reading a course's people",
        "catalog" => "reading the badges",
        "application" | "applications" => "handing in or reading applications for badges",
        "release" => "releasing what waited for an address",
        "evaluate" => "applying the rules to a person",
        "revoke-extra" => "revoking an event that should not be",
        "grade" | "grades" => "telling the LMS a score",
        _ => "work",
    }
}

/// The request whose awards were not all made.
fn half_made(problem: &Problem) -> Option<&str> {
    problem.subject.strip_prefix("make-awards:")
}

/// Whether nothing goes on until somebody does something.
pub(crate) fn is_grave(problem: &Problem) -> bool {
    matches!(problem.kind.as_str(), "queue-stopped" | "issued-twice") || half_made(problem).is_some()
}
