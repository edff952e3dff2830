//! What `rule` prints: rules, dry runs, reasons.

use anyhow::ensure;
use serde::Serialize;
use serde_json::json;

use super::super::{Shell, output};
use super::{find, owners};
use crate::awards::rules::{self, Tried};
use crate::clock::Timestamp;
use crate::model::rule::{Decision, Rule, RuleState};
use crate::model::{MemberId, RuleId};

#[derive(Serialize)]
struct Listed {
    id: RuleId,
    organisation: String,
    course: String,
    badge: String,
    when: String,
    state: &'static str,
    version: u32,
    awards: i64,
    checked: Option<Timestamp>,
}

#[derive(Serialize)]
struct Person {
    member: MemberId,
    name: String,
    outcome: &'static str,
    would_get_it: bool,
    decision: Decision,
}

pub(super) async fn list(shell: &Shell, only: Option<&str>) -> anyhow::Result<()> {
    let store = shell.store().await?;
    let mut rows = Vec::new();
    for organisation in owners(&store, only).await? {
        let owner = organisation.id;
        let known = store.read_one(async |tx| tx.rules(owner).await).await?;
        for rule in known {
            rows.push(listed(&store, &organisation.name, &rule).await?);
        }
    }
    let head = ["ID", "COURSE", "BADGE", "STATE", "AWARDS", "WHEN"];
    output::list(shell.json, &head, &rows, |row| {
        vec![
            row.id.to_string(),
            row.course.clone(),
            row.badge.clone(),
            row.state.to_owned(),
            row.awards.to_string(),
            row.when.clone(),
        ]
    })
}

async fn listed(store: &crate::store::Store, organisation: &str, rule: &Rule) -> anyhow::Result<Listed> {
    let (owner, id, course) = (rule.organisation, rule.id, rule.course);
    let badge_id = rule.badge_id.clone();
    let (course, badge, awards, checked) = store
        .read(async |tx| {
            Ok::<_, crate::store::StoreError>((
                tx.course(owner, course).await?,
                tx.catalog_badge(owner, &badge_id).await?,
                tx.rule_award_count(owner, id).await?,
                tx.rule_checked_at(owner, id).await?,
            ))
        })
        .await?;
    Ok(Listed {
        id,
        organisation: organisation.to_owned(),
        course: course.map(|course| course.title).unwrap_or_default(),
        badge: badge.map_or_else(|| rule.badge_id.clone(), |badge| badge.name),
        when: rule.terms.when.to_string(),
        state: rule.state.word(),
        version: rule.version,
        awards,
        checked,
    })
}

pub(super) async fn show(shell: &Shell, id: RuleId) -> anyhow::Result<()> {
    let store = shell.store().await?;
    let (organisation, rule) = find(&store, id).await?;
    let owner = organisation.id;
    let versions = store.read_one(async |tx| tx.rule_versions(owner, id).await).await?;
    let head = listed(&store, &organisation.name, &rule).await?;
    let told: Vec<serde_json::Value> = versions
        .iter()
        .map(|version| {
            json!({ "version": version.version, "when": version.terms.when.to_string(), "since": version.terms.since,
                "written": version.written_at, "author": version.author, "options": version.terms.options })
        })
        .collect();
    if shell.json {
        return output::one(true, &json!({ "rule": head, "versions": told }), "");
    }
    println!("rule          {}", head.id);
    println!("organisation  {}", head.organisation);
    println!("course        {}", head.course);
    println!("badge         {}", head.badge);
    println!("when          {}", head.when);
    println!("state         {}, {} awards\n", head.state, head.awards);
    for version in &versions {
        let since = version.terms.since.map_or_else(|| "-".to_owned(), output::day);
        println!("version {} since {since}: {}", version.version, version.terms.when);
    }
    Ok(())
}

/// A dry run: a row for each person, then a sentence.
pub(super) fn tried(shell: &Shell, people: &[Tried], sentence: &str) -> anyhow::Result<()> {
    let rows: Vec<Person> = people.iter().map(person).collect();
    output::list(shell.json, &["PERSON", "RESULT", "BECAUSE"], &rows, |row| {
        vec![row.name.clone(), row.outcome.to_owned(), because(&row.decision)]
    })?;
    if !shell.json {
        println!("\n{sentence}");
    }
    Ok(())
}

fn person(tried: &Tried) -> Person {
    Person {
        member: tried.person.member,
        name: tried.person.name.clone(),
        outcome: tried.decision.outcome.word(),
        would_get_it: tried.would_get_it(),
        decision: tried.decision.clone(),
    }
}

/// The conditions with what was found, shortly.
fn because(decision: &Decision) -> String {
    let part = |result: &crate::model::rule::ConditionResult| {
        let found = result
            .found
            .as_deref()
            .map(|found| format!(" ({found})"))
            .unwrap_or_default();
        format!("{}: {}{found}", result.condition, result.because)
    };
    decision.conditions.iter().map(part).collect::<Vec<_>>().join("; ")
}

#[derive(Serialize)]
struct Why {
    rule: RuleId,
    state: RuleStateWord,
    version: u32,
    outcome: &'static str,
    decision: Decision,
    last: Option<Last>,
    awards: Vec<serde_json::Value>,
}

#[derive(Serialize)]
struct RuleStateWord(&'static str);

#[derive(Serialize)]
struct Last {
    at: Timestamp,
    version: u32,
    outcome: &'static str,
}

pub(super) async fn why(shell: &Shell, member: MemberId, badge: &str) -> anyhow::Result<()> {
    let store = shell.store().await?;
    let now = store.now().await?;
    let mut answers = Vec::new();
    for organisation in owners(&store, None).await? {
        let owner = organisation.id;
        let known = store.read_one(async |tx| tx.rules(owner).await).await?;
        let fitting = known
            .into_iter()
            .filter(|rule| rule.badge_id == badge && rule.state != RuleState::Archived);
        for rule in fitting {
            let Some(tried) = rules::why(&store, &rule, member, now).await? else {
                continue;
            };
            let id = rule.id;
            let last = store
                .read_one(async |tx| tx.evaluation(owner, id, member).await)
                .await?;
            let awards = store.read(async |tx| tx.member_awards(owner, member).await).await?;
            answers.push(Why {
                rule: id,
                state: RuleStateWord(rule.state.word()),
                version: rule.version,
                outcome: tried.decision.outcome.word(),
                decision: tried.decision,
                last: last.map(|last| Last {
                    at: last.at,
                    version: last.version,
                    outcome: last.decision.outcome.word(),
                }),
                awards: awards
                    .iter()
                    .filter(|award| award.badge_id == badge)
                    .map(|award| json!({ "id": award.id, "state": award.state.word(), "cause": award.cause, "order": award.order, "event": award.event }))
                    .collect(),
            });
        }
    }
    ensure!(
        !answers.is_empty(),
        "no rule gives this badge in a course of this member; `rule list` shows all rules"
    );
    if shell.json {
        println!("{}", serde_json::to_string_pretty(&answers)?);
        return Ok(());
    }
    for answer in &answers {
        println!("rule {} ({}): {}", answer.rule, answer.state.0, answer.outcome);
        for result in &answer.decision.conditions {
            let found = output::or_dash(result.found.as_deref());
            let source = output::or_dash(result.source.as_deref());
            let at = result.at.map_or_else(|| "-".to_owned(), output::day);
            println!(
                "  {}: {}, {} (found {found}, from {source}, on {at})",
                result.condition, result.met, result.because
            );
        }
        for gate in &answer.decision.gates {
            println!("  {}: {}", gate.gate, gate.passed);
        }
        for award in &answer.awards {
            println!("  award {award}");
        }
    }
    Ok(())
}
