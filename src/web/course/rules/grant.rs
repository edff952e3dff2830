//! Awarding to people of a list that a person has seen: who met a rule before it began, and whom a stopped rule holds.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};
use serde_json::json;

use super::super::fields::Fields;
use super::super::surroundings::Surroundings;
use super::super::{answer, audit, who};
use super::{Named, badge_of, find};
use crate::awards::rules::{self, RuleError};
use crate::clock::Timestamp;
use crate::model::MemberId;
use crate::model::award::Hold;
use crate::model::rule::{Rule, RuleState};
use crate::web::deps::Deps;
use crate::web::error::WebError;
use crate::web::pages::rules::{ChosenRow, RulePeoplePage};
use crate::web::pages::{Flash, Mistake, Mistakes, Section};
use crate::web::visit::Visit;

/// Which people a rule's list names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum List {
    /// Who meets the rule and has not got the badge from it.
    Backfill,
    /// Whom the rule holds since it stopped.
    Held,
}

/// Somebody of a list: who, under which name, and when the conditions were met.
type Candidate = (MemberId, String, Option<Timestamp>);

/// `GET /c/{seat}/rules/{rule}/backfill`
#[tracing::instrument(name = "web.course.rules.backfill", skip_all)]
pub(in super::super) async fn ask_backfill(
    deps: Data<Deps>,
    visit: Visit,
    path: Path<Named>,
) -> Result<HttpResponse, WebError> {
    let (course, _) = visit.issues()?;
    let rule = find(&deps, &visit, course, &path).await?;
    List::Backfill.page(&deps, &visit, &rule, Mistakes::none()).await
}

/// `POST /c/{seat}/rules/{rule}/backfill`
#[tracing::instrument(name = "web.course.rules.backfill.do", skip_all)]
pub(in super::super) async fn backfill(
    deps: Data<Deps>,
    visit: Visit,
    path: Path<Named>,
    body: Bytes,
) -> Result<HttpResponse, WebError> {
    let (course, member) = visit.issues()?;
    let fields = Fields::of_form(&body, &visit)?;
    let rule = find(&deps, &visit, course, &path).await?;
    List::Backfill.carry_out(&deps, &visit, &rule, &fields, member).await
}

/// `GET /c/{seat}/rules/{rule}/release`
#[tracing::instrument(name = "web.course.rules.release", skip_all)]
pub(in super::super) async fn ask_release(
    deps: Data<Deps>,
    visit: Visit,
    path: Path<Named>,
) -> Result<HttpResponse, WebError> {
    let (course, _) = visit.issues()?;
    let rule = find(&deps, &visit, course, &path).await?;
    List::Held.page(&deps, &visit, &rule, Mistakes::none()).await
}

/// `POST /c/{seat}/rules/{rule}/release`: award or discard, by `do`.
#[tracing::instrument(name = "web.course.rules.release.do", skip_all)]
pub(in super::super) async fn release(
    deps: Data<Deps>,
    visit: Visit,
    path: Path<Named>,
    body: Bytes,
) -> Result<HttpResponse, WebError> {
    let (course, member) = visit.issues()?;
    let fields = Fields::of_form(&body, &visit)?;
    let rule = find(&deps, &visit, course, &path).await?;
    if fields.one("do") == "discard" {
        let count = rules::discard(&deps.store, &rule, Some(member)).await?;
        audit::note(&deps, &visit, "rule.discard", &rule.id, json!({ "awards": count })).await?;
        match rules::turn(&deps.store, &rule, RuleState::Paused, Some(member)).await {
            Ok(()) | Err(RuleError::State { .. } | RuleError::Changed) => {}
            Err(error) => return Err(error.into()),
        }
        return Ok(answer::see_other_with(&visit.url("/rules"), &Flash::RuleKept));
    }
    List::Held.carry_out(&deps, &visit, &rule, &fields, member).await
}

impl List {
    /// The last part of its address.
    const fn path(self) -> &'static str {
        match self {
            Self::Backfill => "backfill",
            Self::Held => "release",
        }
    }

    /// Under which name the log of changes has it.
    const fn action(self) -> &'static str {
        match self {
            Self::Backfill => "rule.backfill",
            Self::Held => "rule.release",
        }
    }

    async fn candidates(self, deps: &Deps, rule: &Rule) -> Result<Vec<Candidate>, WebError> {
        match self {
            Self::Backfill => {
                let tried = rules::dry_run(&deps.store, rule, deps.store.now().await?).await?;
                Ok(tried
                    .into_iter()
                    .filter(rules::Tried::would_get_it)
                    .map(|tried| (tried.person.member, tried.person.name, tried.decision.met_at))
                    .collect())
            }
            Self::Held => {
                let (organisation, id) = (rule.organisation, rule.id);
                let held = deps
                    .store
                    .read_one(async |tx| tx.held_by_rule(organisation, id, Hold::Limit).await)
                    .await?;
                Ok(held
                    .into_iter()
                    .map(|award| (award.member, award.name, Some(award.met_at)))
                    .collect())
            }
        }
    }

    /// Only people whom the list names may be ticked: what the form says beyond it is passed over.
    async fn carry_out(
        self,
        deps: &Deps,
        visit: &Visit,
        rule: &Rule,
        fields: &Fields,
        by: MemberId,
    ) -> Result<HttpResponse, WebError> {
        let ticked: Vec<&str> = fields.all("member").collect();
        let mut chosen = Vec::new();
        for (member, ..) in self.candidates(deps, rule).await? {
            if ticked.contains(&member.to_string().as_str()) {
                chosen.push(member);
            }
        }
        if chosen.is_empty() {
            let mistakes = Mistakes::one("people", Mistake::Nobody);
            return self.page(deps, visit, rule, mistakes).await;
        }
        let n = chosen.len();
        let dated_today = fields.one("dated") == "today";
        match rules::grant(&deps.store, rule, chosen, dated_today, Some(by)).await {
            Ok(()) => {
                audit::note(deps, visit, self.action(), &rule.id, json!({ "people": n })).await?;
            }
            // Twice pressed: the first press did it.
            Err(RuleError::State { .. } | RuleError::Changed) => return Ok(answer::see_other(&visit.url("/rules"))),
            Err(error) => return Err(error.into()),
        }
        deps.worker.wake();
        Ok(answer::see_other_with(&visit.url("/rules"), &Flash::RuleAwarding { n }))
    }

    async fn page(self, deps: &Deps, visit: &Visit, rule: &Rule, mistakes: Mistakes) -> Result<HttpResponse, WebError> {
        let around = Surroundings::read(deps, visit, Some(Section::Rules)).await?;
        let back = visit.url(&format!("/rules/{}", rule.id));
        let people = self.candidates(deps, rule).await?;
        let is_stopped = self == Self::Held;
        answer::page(&RulePeoplePage {
            frame: around.frame,
            action: format!("{back}/{}", self.path()),
            back,
            badge: badge_of(deps, visit, &rule.badge_id).await?,
            is_stopped,
            since: (is_stopped && rule.state == RuleState::Stopped).then_some(rule.state_at),
            people: people
                .into_iter()
                .map(|(member, name, met)| ChosenRow {
                    member: member.to_string(),
                    name: who::name_or_address(visit, &name, None),
                    met,
                })
                .collect(),
            mistakes,
        })
    }
}
