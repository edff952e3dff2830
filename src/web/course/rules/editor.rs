//! The rule editor: shown, tried without effect, kept.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};
use serde_json::json;

use super::super::badge;
use super::super::fields::Fields;
use super::super::surroundings::Surroundings;
use super::super::who;
use super::super::{answer, audit};
use super::form::{form_of, read, terms};
use super::{Named, badge_of, find};
use crate::awards::rules::{self, RuleError};
use crate::clock::Timestamp;
use crate::crypto::random;
use crate::model::rule::{Condition, Expression, Rule, RuleState, Terms, delivered_by};
use crate::model::{Address, CourseId, RuleId};
use crate::store::rule::NewRule;
use crate::store::{Durability, StoreError};
use crate::web::deps::Deps;
use crate::web::error::WebError;
use crate::web::pages::rules::{DryRun, Row, RuleForm, RulePage, TriedRow, Verdict};
use crate::web::pages::{Flash, Mistake, Mistakes, Section};
use crate::web::visit::Visit;

/// People of a dry run that are listed.
const LISTED: usize = 50;

/// `GET /c/{seat}/rules/new`
#[tracing::instrument(name = "web.course.rules.new", skip_all)]
pub(in super::super) async fn begin(deps: Data<Deps>, visit: Visit, query: Fields) -> Result<HttpResponse, WebError> {
    visit.issues()?;
    let form = RuleForm {
        badge: query.one("badge").to_owned(),
        rows: vec![Row::default()],
        released: true,
        attempt: "latest".to_owned(),
        ..RuleForm::default()
    };
    let editor = Editor {
        deps: &deps,
        visit: &visit,
        rule: None,
    };
    editor.show(form, Mistakes::none(), None, None).await
}

/// `POST /c/{seat}/rules/new`
#[tracing::instrument(name = "web.course.rules.new.do", skip_all)]
pub(in super::super) async fn save_new(deps: Data<Deps>, visit: Visit, body: Bytes) -> Result<HttpResponse, WebError> {
    let (course, _) = visit.issues()?;
    let fields = Fields::of_form(&body, &visit)?;
    let editor = Editor {
        deps: &deps,
        visit: &visit,
        rule: None,
    };
    editor.take(&fields, course).await
}

/// `GET /c/{seat}/rules/{rule}`
#[tracing::instrument(name = "web.course.rules.edit", skip_all)]
pub(in super::super) async fn edit(
    deps: Data<Deps>,
    visit: Visit,
    path: Path<Named>,
) -> Result<HttpResponse, WebError> {
    let (course, _) = visit.issues()?;
    let rule = find(&deps, &visit, course, &path).await?;
    let form = form_of(&rule);
    let terms = rule.terms.clone();
    let editor = Editor {
        deps: &deps,
        visit: &visit,
        rule: Some(rule),
    };
    editor.show(form, Mistakes::none(), Some(terms), None).await
}

/// `POST /c/{seat}/rules/{rule}`
#[tracing::instrument(name = "web.course.rules.edit.do", skip_all)]
pub(in super::super) async fn save(
    deps: Data<Deps>,
    visit: Visit,
    path: Path<Named>,
    body: Bytes,
) -> Result<HttpResponse, WebError> {
    let (course, _) = visit.issues()?;
    let fields = Fields::of_form(&body, &visit)?;
    let rule = find(&deps, &visit, course, &path).await?;
    let editor = Editor {
        deps: &deps,
        visit: &visit,
        rule: Some(rule),
    };
    editor.take(&fields, course).await
}

struct Editor<'a> {
    deps: &'a Deps,
    visit: &'a Visit,
    rule: Option<Rule>,
}

impl Editor<'_> {
    /// A press of any button.
    async fn take(self, fields: &Fields, course: CourseId) -> Result<HttpResponse, WebError> {
        let mut form = read(fields);
        let pressed = fields.one("do");
        if pressed == "add" {
            form.rows.push(Row::default());
            return self.show(form, Mistakes::none(), None, None).await;
        }
        if let Some(number) = pressed.strip_prefix("remove-").and_then(|n| n.parse::<usize>().ok()) {
            if number >= 1 && number <= form.rows.len() {
                form.rows.remove(number - 1);
            }
            return self.show(form, Mistakes::none(), None, None).await;
        }
        let mut mistakes = Mistakes::none();
        let badge = match &self.rule {
            Some(rule) => rule.badge_id.clone(),
            None => self.chosen_badge(&form, &mut mistakes).await?,
        };
        let now = self.deps.store.now().await?;
        let terms = terms(&form, &badge, now, pressed == "try", &mut mistakes);
        let Some(terms) = terms.filter(|_| mistakes.is_empty()) else {
            return self.show(form, mistakes, None, None).await;
        };
        if pressed != "save" {
            return self.show(form, mistakes, Some(terms), None).await;
        }
        self.keep(form, terms, badge, course, now).await
    }

    async fn chosen_badge(&self, form: &RuleForm, mistakes: &mut Mistakes) -> Result<String, WebError> {
        let (organisation, id) = (self.visit.organisation(), form.badge.clone());
        let course = self.visit.course()?;
        let known = self
            .deps
            .store
            .read(async |tx| tx.badges_for(organisation, Some(course)).await)
            .await?;
        match known.into_iter().find(|badge| badge.id == id) {
            Some(badge) if badge.can_be_issued() => {}
            Some(_) => mistakes.note("badge", Mistake::BadgeGone),
            None => mistakes.note("badge", Mistake::NoBadge),
        }
        Ok(form.badge.clone())
    }

    async fn keep(
        self,
        form: RuleForm,
        mut terms: Terms,
        badge: String,
        course: CourseId,
        now: Timestamp,
    ) -> Result<HttpResponse, WebError> {
        let (organisation, store) = (self.visit.organisation(), &self.deps.store);
        let by = Some(self.visit.member()?);
        let id = if let Some(rule) = &self.rule {
            let shown = Rule {
                version: form.version,
                ..rule.clone()
            };
            match rules::change(store, &shown, terms.clone(), by).await {
                Ok(()) => {
                    let detail = json!({ "when": terms.when.to_string() });
                    audit::note(self.deps, self.visit, "rule.change", &rule.id, detail).await?;
                }
                Err(RuleError::Changed) => {
                    let conflict = Some(rule.terms.when.clone());
                    let form = RuleForm {
                        version: rule.version,
                        ..form
                    };
                    return self.show(form, Mistakes::none(), Some(terms), conflict).await;
                }
                Err(error) => return Err(error.into()),
            }
            rule.id
        } else {
            terms.since = Some(now);
            let id = RuleId::new(random::id_at(now));
            let registration = self.visit.seat.registration;
            let new = NewRule {
                id,
                organisation,
                registration,
                course,
                badge_id: badge,
                terms,
                author: by,
            };
            let detail = json!({ "badge": new.badge_id, "when": new.terms.when.to_string() });
            let entry = audit::entry(self.visit, "rule.add", &id, detail);
            let stored: Result<(), StoreError> = store
                .write(Durability::Full, async move |tx| {
                    tx.add_rule(&new, now).await?;
                    tx.add_audit(&entry, now).await
                })
                .await;
            stored?;
            id
        };
        if form.backfill {
            return Ok(answer::see_other(&self.visit.url(&format!("/rules/{id}/backfill"))));
        }
        Ok(answer::see_other_with(&self.visit.url("/rules"), &Flash::RuleKept))
    }

    async fn show(
        self,
        form: RuleForm,
        mistakes: Mistakes,
        terms: Option<Terms>,
        conflict: Option<Expression>,
    ) -> Result<HttpResponse, WebError> {
        let (deps, visit) = (self.deps, self.visit);
        let course = visit.course()?;
        let around = Surroundings::read(deps, visit, Some(Section::Rules)).await?;
        let organisation = visit.organisation();
        let badges = deps
            .store
            .read(async |tx| tx.badges_for(organisation, Some(course)).await)
            .await?;
        let action = self.rule.as_ref().map_or_else(
            || visit.url("/rules/new"),
            |rule| visit.url(&format!("/rules/{}", rule.id)),
        );
        let badge = match &self.rule {
            Some(rule) => Some(badge_of(deps, visit, &rule.badge_id).await?),
            None => None,
        };
        let dry = match &terms {
            Some(terms) => Some(self.dry_run(terms, &form, course).await?),
            None => None,
        };
        answer::page(&RulePage {
            frame: around.frame,
            action,
            badge,
            badges: badges
                .iter()
                .filter(|badge| badge.can_be_issued())
                .map(|badge| badge::view(visit, badge))
                .collect(),
            state: self.rule.as_ref().map(|rule| rule.state),
            sources: terms.as_ref().map(|terms| sources(&terms.when)).unwrap_or_default(),
            form,
            dry,
            mistakes,
            conflict,
        })
    }

    async fn dry_run(&self, terms: &Terms, form: &RuleForm, course: CourseId) -> Result<DryRun, WebError> {
        let now = self.deps.store.now().await?;
        let rule = match &self.rule {
            Some(rule) => Rule {
                terms: Terms {
                    since: rule.terms.since,
                    ..terms.clone()
                },
                ..rule.clone()
            },
            None => Rule {
                id: RuleId::new(random::id_at(now)),
                organisation: self.visit.organisation(),
                registration: self.visit.seat.registration,
                course,
                badge_id: form.badge.clone(),
                state: RuleState::Draft,
                state_at: now,
                version: 1,
                terms: terms.clone(),
                written_at: now,
                author: None,
                created_at: now,
            },
        };
        let mut tried = rules::dry_run(&self.deps.store, &rule, now).await?;
        let mut counts = (0, 0, 0, 0);
        for one in &tried {
            match Verdict::of(one.decision.outcome) {
                Verdict::Would => counts.0 += 1,
                Verdict::Has => counts.1 += 1,
                Verdict::Not => counts.2 += 1,
                Verdict::Unknown => counts.3 += 1,
            }
        }
        let total = tried.len();
        tried.sort_by_key(|one| match Verdict::of(one.decision.outcome) {
            Verdict::Would => 0,
            Verdict::Unknown => 1,
            Verdict::Not => 2,
            Verdict::Has => 3,
        });
        tried.truncate(LISTED);
        let row = |one: rules::Tried| TriedRow {
            member: one.person.member.to_string(),
            name: who::name_or_address(
                self.visit,
                &one.person.name,
                one.person.email.as_ref().map(Address::as_str),
            ),
            decision: one.decision,
        };
        Ok(DryRun {
            counts,
            rows: tried.into_iter().map(row).collect(),
            total,
        })
    }
}

fn sources(when: &Expression) -> Vec<(Condition, String)> {
    let told = |condition: &Condition| {
        let sources = delivered_by(condition)?;
        let words: Vec<&str> = sources.iter().map(|source| source.word()).collect();
        Some((condition.clone(), words.join(", ")))
    };
    when.conditions().into_iter().filter_map(told).collect()
}
