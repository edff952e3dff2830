//! The fields of the rule editor: from what was sent to a rule's terms, with everything that is wrong named beside its
//! field, and back.

use super::super::fields::Fields;
use crate::clock::Timestamp;
use crate::model::rule::{
    Attempt, BREAKER_MOST, Condition, Day, Expression, Finding, MOST_CONDITIONS, OnDrop, Options, OptionsError,
    ParseError, Percent, Rule, Terms, findings,
};
use crate::web::pages::rules::{Row, RuleForm};
use crate::web::pages::{Mistake, Mistakes};

/// The fields as they were sent.
pub(super) fn read(fields: &Fields) -> RuleForm {
    let (kinds, items, leasts): (Vec<_>, Vec<_>, Vec<_>) = (
        fields.all("kind").collect(),
        fields.all("item").collect(),
        fields.all("least").collect(),
    );
    let text = |list: &[&str], at: usize| list.get(at).copied().unwrap_or_default().trim().to_owned();
    let rows = (0..kinds.len().min(MOST_CONDITIONS))
        .map(|at| Row {
            kind: text(&kinds, at),
            item: text(&items, at),
            least: text(&leasts, at),
        })
        .collect();
    RuleForm {
        badge: fields.one("badge").to_owned(),
        any: fields.one("mode") == "any",
        rows,
        when: fields.one("when").to_owned(),
        wait: fields.one("wait").to_owned(),
        breaker: fields.one("breaker").to_owned(),
        released: fields.one("released") == "1",
        revokes: fields.one("revokes") == "1",
        attempt: fields.one("attempt").to_owned(),
        subject: fields.one("subject").to_owned(),
        body: fields.one("body").to_owned(),
        criteria: fields.one("criteria").to_owned(),
        expires: fields.one("expires").to_owned(),
        repeat: fields.one("repeat").to_owned(),
        backfill: fields.one("back") == "yes",
        version: u32::try_from(fields.number("version", 0)).unwrap_or(0),
    }
}

/// The rule that the fields say; what is wrong is noted beside its field. A rule that can never hold from now on may be
/// tried, but not kept.
pub(super) fn terms(
    form: &RuleForm,
    badge: &str,
    now: Timestamp,
    tries: bool,
    mistakes: &mut Mistakes,
) -> Option<Terms> {
    let when = expression(form, mistakes);
    let number = |text: &str| text.trim().parse::<u32>().ok();
    let mut months = |text: &str, field: &'static str| {
        let read = number(text).filter(|months| (1..=600).contains(months));
        if !text.is_empty() && read.is_none() {
            mistakes.note(field, Mistake::Months { most: 600 });
        }
        read
    };
    let (expires_months, repeat_months) = (months(&form.expires, "expires"), months(&form.repeat, "repeat"));
    let breaker = number(&form.breaker);
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let options = Options {
        subject: some(&form.subject),
        body: some(&form.body),
        criteria_add: some(&form.criteria),
        expires_months,
        repeat_months,
        wait_hours: number(&form.wait),
        breaker,
        on_drop: if form.revokes { OnDrop::Revoke } else { OnDrop::Keep },
        attempt: match form.attempt.as_str() {
            "best" => Attempt::Best,
            "first" => Attempt::First,
            _ => Attempt::Latest,
        },
        released_only: form.released,
        ..Options::default()
    };
    let is_limit = form.breaker.is_empty() || breaker.is_some();
    match options.check() {
        Ok(()) if is_limit => {}
        Ok(()) | Err(OptionsError::Breaker) => {
            mistakes.note(
                "breaker",
                Mistake::RuleBreaker {
                    most: usize::try_from(BREAKER_MOST).unwrap_or(500),
                },
            );
        }
        Err(OptionsError::Placeholder(name)) => mistakes.note("criteria", Mistake::RulePlaceholder { name }),
        Err(_) => mistakes.note("criteria", Mistake::TooLong { limit: 10_000 }),
    }
    let when = when?;
    for finding in findings(&when, badge, now) {
        match finding {
            Finding::NeedsItself => mistakes.note("conditions", Mistake::RuleNeedsItself),
            Finding::DayIsOver(day) if !tries => mistakes.note("conditions", Mistake::RuleDayIsOver { day }),
            Finding::EveryoneWithScore => mistakes.note("conditions", Mistake::RuleForEveryone),
            Finding::DayIsOver(_) | Finding::MoreThanFull(_) => {}
        }
    }
    Some(Terms {
        when,
        options,
        since: None,
    })
}

fn expression(form: &RuleForm, mistakes: &mut Mistakes) -> Option<Expression> {
    if !form.when.is_empty() {
        return match form.when.parse() {
            Ok(when) => Some(when),
            Err(error) => {
                let error: ParseError = error;
                mistakes.note("when-text", Mistake::RuleText { n: error.position });
                None
            }
        };
    }
    let before = mistakes.all().len();
    let mut parts = Vec::new();
    for row in form.rows.iter().filter(|row| !row.kind.is_empty()) {
        if let Some(condition) = condition(row, mistakes) {
            parts.push(Expression::One(condition));
        }
    }
    let when = if form.any {
        Expression::any(parts)
    } else {
        Expression::all(parts)
    };
    if when.is_none() && mistakes.all().len() == before {
        mistakes.note("conditions", Mistake::RuleNoCondition);
    }
    when.filter(|_| mistakes.all().len() == before)
}

fn condition(row: &Row, mistakes: &mut Mistakes) -> Option<Condition> {
    let mut least = || {
        let least = Percent::parse(&row.least);
        if least.is_none() {
            mistakes.note("conditions", Mistake::RulePercent);
        }
        least
    };
    let needs_number = matches!(row.kind.as_str(), "final-grade" | "score" | "own-column");
    let least = if needs_number { Some(least()?) } else { None };
    let id = || row.item.clone();
    let needs_item = matches!(
        row.kind.as_str(),
        "score" | "module-completed" | "activity-completed" | "holds"
    );
    if needs_item && (row.item.is_empty() || row.item.chars().count() > 255) {
        mistakes.note("conditions", Mistake::RuleItem);
        return None;
    }
    Some(match (row.kind.as_str(), least) {
        ("course-completed", _) => Condition::CourseCompleted,
        ("course-concluded", _) => Condition::CourseConcluded,
        ("final-grade", Some(least)) => Condition::FinalGrade(least),
        ("score", Some(least)) => Condition::Score(id(), least),
        ("own-column", Some(least)) => Condition::OwnColumn(least),
        ("module-completed", _) => Condition::ModuleCompleted(id()),
        ("activity-completed", _) => Condition::ActivityCompleted(id()),
        ("holds", _) => Condition::Holds(id()),
        ("completed-by", _) => {
            let day = Day::parse(&row.item);
            if day.is_none() {
                mistakes.note("conditions", Mistake::NotADate);
            }
            Condition::CompletedBy(day?)
        }
        _ => {
            mistakes.note("conditions", Mistake::RuleNoCondition);
            return None;
        }
    })
}

/// What a rule says, in fields; as text where rows cannot say it.
pub(super) fn form_of(rule: &Rule) -> RuleForm {
    let (options, number) = (&rule.terms.options, |value: Option<u32>| {
        value.map(|n| n.to_string()).unwrap_or_default()
    });
    let rows = |parts: &[Expression]| -> Option<Vec<Row>> {
        parts
            .iter()
            .map(|part| match part {
                Expression::One(condition) => Some(row_of(condition)),
                _ => None,
            })
            .collect()
    };
    let (any, flat) = match &rule.terms.when {
        Expression::One(condition) => (false, Some(vec![row_of(condition)])),
        Expression::All(parts) => (false, rows(parts)),
        Expression::Any(parts) => (true, rows(parts)),
    };
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    RuleForm {
        badge: rule.badge_id.clone(),
        any,
        when: if flat.is_none() {
            rule.terms.when.to_string()
        } else {
            String::new()
        },
        rows: flat.unwrap_or_default(),
        wait: number(options.wait_hours),
        breaker: number(options.breaker),
        released: options.released_only,
        revokes: options.on_drop == OnDrop::Revoke,
        attempt: match options.attempt {
            Attempt::Latest => "latest",
            Attempt::Best => "best",
            Attempt::First => "first",
        }
        .to_owned(),
        subject: text(&options.subject),
        body: text(&options.body),
        criteria: text(&options.criteria_add),
        expires: number(options.expires_months),
        repeat: number(options.repeat_months),
        backfill: false,
        version: rule.version,
    }
}

fn row_of(condition: &Condition) -> Row {
    let (kind, item, least) = match condition {
        Condition::CourseCompleted => ("course-completed", String::new(), None),
        Condition::CourseConcluded => ("course-concluded", String::new(), None),
        Condition::FinalGrade(least) => ("final-grade", String::new(), Some(least)),
        Condition::Score(item, least) => ("score", item.clone(), Some(least)),
        Condition::OwnColumn(least) => ("own-column", String::new(), Some(least)),
        Condition::ModuleCompleted(item) => ("module-completed", item.clone(), None),
        Condition::ActivityCompleted(item) => ("activity-completed", item.clone(), None),
        Condition::Holds(badge) => ("holds", badge.clone(), None),
        Condition::CompletedBy(day) => ("completed-by", day.to_string(), None),
    };
    Row {
        kind: kind.to_owned(),
        item,
        least: least.map(ToString::to_string).unwrap_or_default(),
    }
}
