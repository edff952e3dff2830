//! `rule add`: a rule, checked in every part before anything is stored.

use std::str::FromStr;

use anyhow::{Context, bail, ensure};
use clap::Args;
use serde_json::json;

use super::super::organisation::named;
use super::super::{Shell, change, output};
use super::show;
use crate::awards::rules;
use crate::clock::Timestamp;
use crate::crypto::random;
use crate::model::rule::{
    Attempt, Expression, Finding, OnDrop, Options, Rule, RuleState, Terms, delivered_by, findings,
};
use crate::model::{Organisation, RegistrationId, RuleId};
use crate::store::rule::NewRule;
use crate::store::{Durability, Store, StoreError};

#[derive(Debug, Args)]
pub(in super::super) struct Add {
    /// The organisation's name
    #[arg(long)]
    organisation: String,
    /// The registration's id, from `registration list`
    #[arg(long, required_unless_present = "issuer", conflicts_with_all = ["issuer", "client_id"])]
    registration: Option<RegistrationId>,
    /// Or its issuer, exactly
    #[arg(long, requires = "client_id")]
    issuer: Option<String>,
    /// With its client id
    #[arg(long, requires = "issuer")]
    client_id: Option<String>,
    /// The course: its LTI context id
    #[arg(long)]
    context: String,
    /// The badge: its id, or its name if only one has it
    #[arg(long)]
    badge: String,
    /// Who gets it, such as 'course-completed and final-grade >= 80'
    #[arg(long, value_name = "EXPR")]
    when: Expression,
    /// Store nothing: say who would get it now, and why not
    #[arg(long)]
    dry_run: bool,
    /// Store it without switching it on
    #[arg(long, conflicts_with = "dry_run")]
    draft: bool,
    /// Hours between meeting the rule and the award, 0 to 168 (default: 24 where a score decides, else 0)
    #[arg(long, value_name = "HOURS")]
    wait: Option<u32>,
    /// Stop and ask above so many awards at once, 1 to 500 (default: 25 or 30 % of the course)
    #[arg(long, value_name = "N")]
    breaker: Option<u32>,
    /// What a later drop means: keep the badge and tell, or revoke it
    #[arg(long, value_name = "keep|revoke", default_value = "keep")]
    on_drop: Word<OnDrop>,
    /// Which of several attempts counts
    #[arg(long, value_name = "latest|best|first", default_value = "latest")]
    attempt: Word<Attempt>,
    /// Count scores that are not released to learners, too
    #[arg(long)]
    count_hidden: bool,
    /// Award also to people who have the badge from elsewhere
    #[arg(long)]
    also_holders: bool,
    /// The badge holds for so many months
    #[arg(long, value_name = "MONTHS")]
    expires: Option<u32>,
    /// It can be earned again in each period of so many months
    #[arg(long, value_name = "MONTHS")]
    repeat: Option<u32>,
    /// The mail's subject
    #[arg(long)]
    subject: Option<String>,
    /// The mail's text
    #[arg(long)]
    message: Option<String>,
    /// The language of both, such as fr
    #[arg(long)]
    language: Option<String>,
    /// Added to the criteria; {score}, {course} and {date} are filled in
    #[arg(long)]
    criteria: Option<String>,
}

/// A word of the options, as it is stored.
#[derive(Clone, Copy, Debug)]
struct Word<T>(T);

impl<T: serde::de::DeserializeOwned> FromStr for Word<T> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        serde_json::from_value(json!(text))
            .map(Self)
            .map_err(|_| format!("\"{text}\" is not one of them"))
    }
}

pub(super) async fn run(shell: &Shell, add: Add) -> anyhow::Result<()> {
    let store = shell.store().await?;
    let organisation = named(&store, &add.organisation).await?;
    let now = store.now().await?;
    let rule = checked(&store, &organisation, &add, now).await?;
    let remarks = remarks(&rule, now);
    if add.dry_run {
        say(shell, &remarks);
        let tried = rules::dry_run(&store, &rule, now).await?;
        let count = rules::backfillable(&tried).len();
        let sentence = format!("{count} people would get it now; nothing was stored and nothing was sent");
        return show::tried(shell, &tried, &sentence);
    }
    say(shell, &remarks);
    let since = (!add.draft).then_some(now);
    let new = NewRule {
        id: rule.id,
        organisation: organisation.id,
        registration: rule.registration,
        course: rule.course,
        badge_id: rule.badge_id.clone(),
        terms: Terms {
            since,
            ..rule.terms.clone()
        },
        author: None,
    };
    let stored: Result<(), StoreError> = store
        .write(Durability::Full, async move |tx| {
            tx.add_rule(&new, now).await?;
            let detail = json!({ "badge": new.badge_id, "when": new.terms.when.to_string() });
            change::record(tx, Some(new.organisation), "rule.add", new.id, detail).await
        })
        .await;
    stored?;
    let state = if add.draft { RuleState::Draft } else { RuleState::On };
    let value =
        json!({ "id": rule.id, "state": state.word(), "when": rule.terms.when.to_string(), "remarks": remarks });
    let sentence = format!("rule {} is {state}: {}", rule.id, rule.terms.when);
    output::one(shell.json, &value, &sentence)
}

/// The rule as it would be stored; everything that is wrong with it is refused here.
async fn checked(store: &Store, organisation: &Organisation, add: &Add, now: Timestamp) -> anyhow::Result<Rule> {
    let owner = organisation.id;
    let registrations = store.read_one(async |tx| tx.registrations().await).await?;
    let registration = registrations
        .into_iter()
        .find(|row| match (add.registration, &add.issuer, &add.client_id) {
            (Some(id), ..) => row.id == id,
            (None, Some(issuer), Some(client_id)) => row.issuer == *issuer && row.lti_client_id == *client_id,
            _ => false,
        })
        .context("there is no such registration; `registration list` shows all, with their exact issuers")?;
    let course = store
        .read_one(async |tx| tx.course_of_context(owner, registration.id, &add.context).await)
        .await?;
    let Some(course) = course else {
        bail!(
            "course \"{}\" is not known yet: open Badgebridge in it once, as a teacher",
            add.context
        );
    };
    let badges = store.read_one(async |tx| tx.catalog_badges(owner).await).await?;
    let fitting: Vec<_> = badges
        .iter()
        .filter(|badge| badge.id == add.badge || badge.name == add.badge)
        .collect();
    let badge = match fitting.as_slice() {
        [one] => *one,
        [] => bail!(
            "there is no badge \"{}\" at the Factory, as far as is known; `serve` reads its badges",
            add.badge
        ),
        _ => bail!("several badges are called \"{}\": give the badge's id", add.badge),
    };
    ensure!(
        badge.can_be_issued(),
        "the badge \"{}\" is a draft or deleted at the Factory: it cannot be issued",
        badge.name
    );
    let options = Options {
        subject: add.subject.clone(),
        body: add.message.clone(),
        language: add.language.clone(),
        criteria_add: add.criteria.clone(),
        expires_months: add.expires,
        repeat_months: add.repeat,
        wait_hours: add.wait,
        breaker: add.breaker,
        on_drop: add.on_drop.0,
        attempt: add.attempt.0,
        released_only: !add.count_hidden,
        skip_holders: !add.also_holders,
    };
    options.check()?;
    let found = findings(&add.when, &badge.id, now);
    if let Some(never) = found.iter().find(|finding| finding.is_never()) {
        // Who was in time may be awarded by a backfill; a dry run says who.
        ensure!(add.dry_run, "{}", never.in_words());
    }
    Ok(Rule {
        id: RuleId::new(random::id_at(now)),
        organisation: owner,
        registration: registration.id,
        course,
        badge_id: badge.id.clone(),
        state: RuleState::Draft,
        state_at: now,
        version: 1,
        terms: Terms {
            when: add.when.clone(),
            options,
            since: None,
        },
        written_at: now,
        author: None,
        created_at: now,
    })
}

fn remarks(rule: &Rule, now: Timestamp) -> Vec<String> {
    let found = findings(&rule.terms.when, &rule.badge_id, now);
    let mut remarks: Vec<String> = found.iter().map(Finding::in_words).collect();
    for condition in rule.terms.when.conditions() {
        remarks.push(match delivered_by(condition) {
            None => format!("{condition}: known here, no feed is needed"),
            Some([]) => format!("{condition}: no source delivers this yet; nobody gets the badge by it"),
            Some(sources) => {
                let words: Vec<&str> = sources.iter().map(|source| source.word()).collect();
                format!("{condition}: told by {}", words.join(", "))
            }
        });
    }
    remarks
}

/// What is odd, on stderr, so that the answer stays one document.
fn say(shell: &Shell, remarks: &[String]) {
    if !shell.json {
        for remark in remarks {
            eprintln!("note: {remark}");
        }
    }
}
