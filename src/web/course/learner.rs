//! A learner's own pages: badges on the way and earned, the address they go to, what is kept. Of this member and nobody
//! else. What the Factory tells comes from the last read, with its age; the page asks for a new one and waits for none.

use std::collections::HashSet;

use actix_web::HttpResponse;
use actix_web::web::Data;

use super::fields::Fields;
use super::surroundings::Surroundings;
use super::{answer, apply, badge, event, progress, refresh, who};
use crate::clock::Timestamp;
use crate::model::catalog::CatalogBadge;
use crate::model::holding::{Holding, HoldingReading, HoldingState};
use crate::model::rule::Rule;
use crate::model::{CourseId, MemberId};
use crate::store::award_views::AwardLine;
use crate::store::{OwnAward, StoreError};
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::pages::AwardWord;
use crate::web::pages::learner::{AddressPage, MyApplication, MyAward, MyBadgesPage, MyDataPage};
use crate::web::pages::progress::{ProgressCard, Way};
use crate::web::visit::Visit;

/// How long a badge that was taken back stays in the list.
const REVOKED_SHOWN: std::time::Duration = std::time::Duration::from_hours(365 * 24);

/// `GET /c/{seat}/my`: for everybody; who has no name here sees a notice and no badges.
#[tracing::instrument(name = "web.course.my", skip_all)]
pub(super) async fn my(deps: Data<Deps>, visit: Visit, query: Fields) -> Result<HttpResponse, WebError> {
    let around = Surroundings::with_flash(&deps, &visit, None, query.flash()).await?;
    let mut page = match visit.seat.member {
        Some(member) => {
            let read = Read::of(&deps, &visit, member).await?;
            if read.has_something_to_ask() {
                refresh::holdings(&deps, visit.organisation(), member, read.reading).await;
            }
            let awards = read.awards(&visit);
            let ways = match visit.seat.course {
                Some(course) => progress::ways(&deps, &visit, course, member, &read.badges).await?,
                None => Vec::new(),
            };
            let applications = match visit.seat.course {
                Some(course) => applications(&deps, &visit, course, member, &read).await?,
                None => Vec::new(),
            };
            MyBadgesPage {
                needs_address: awards.iter().any(|award| award.word == Some(AwardWord::NoEmail)),
                ways: read.cards(&visit, ways),
                applications,
                checked: read.reading.read_at,
                is_known: true,
                awards,
                ..MyBadgesPage::default()
            }
        }
        None => MyBadgesPage::default(),
    };
    page.frame = around.frame;
    page.name.clone_from(&visit.seat.member_name);
    answer::page(&page)
}

/// What is stored about the learner's badges.
struct Read {
    lines: Vec<AwardLine>,
    sources: Vec<OwnAward>,
    badges: Vec<CatalogBadge>,
    holdings: Vec<Holding>,
    reading: HoldingReading,
    /// The person's address, where the LMS's addresses are believed.
    believed: Option<String>,
    /// Where the Factory's public pages are.
    factory_url: String,
}

impl Read {
    async fn of(deps: &Deps, visit: &Visit, member: MemberId) -> Result<Self, WebError> {
        let organisation = visit.organisation();
        let trusted = visit.known.registration.trust_email;
        let read = deps.store.read(async |tx| {
            let address = tx.member_address(organisation, member).await?;
            let identity = tx.active_identity(organisation).await?;
            Ok::<_, StoreError>(Self {
                lines: tx.member_awards(organisation, member).await?,
                sources: tx.own_awards(organisation, member).await?,
                badges: tx.catalog_badges(organisation).await?,
                holdings: tx.holdings(organisation, member).await?,
                reading: tx.holding_reading(organisation, member).await?,
                believed: address.filter(|_| trusted).map(String::from),
                factory_url: identity.map(|identity| identity.url).unwrap_or_default(),
            })
        });
        Ok(read.await?)
    }

    /// Whether the Factory could tell anything about this person.
    fn has_something_to_ask(&self) -> bool {
        self.believed.is_some() || self.lines.iter().any(|line| line.event.is_some())
    }

    /// Awards made here and badges found by the person's address: of this course first, then the newest.
    fn awards(&self, visit: &Visit) -> Vec<MyAward> {
        let now = visit.text.now;
        let mine = self.lines.iter().filter_map(|line| self.own(visit, line));
        let events: HashSet<&str> = self.lines.iter().filter_map(|line| line.event.as_deref()).collect();
        let is_other = |one: &&Holding| {
            one.found && !events.contains(one.event.as_str()) && self.believed.as_deref() == Some(one.address.as_str())
        };
        let others = self.holdings.iter().filter(is_other).map(|one| self.found(visit, one));
        let is_recent = |award: &MyAward| match award.word {
            Some(AwardWord::Revoked { on }) => now.since(on) < REVOKED_SHOWN,
            _ => true,
        };
        let mut all: Vec<MyAward> = mine.chain(others).filter(is_recent).collect();
        all.sort_by_key(|award| (!award.course.is_empty(), std::cmp::Reverse(award.at)));
        all
    }

    fn own(&self, visit: &Visit, line: &AwardLine) -> Option<MyAward> {
        let told = self.holdings.iter().find(|one| {
            Some(one.event.as_str()) == line.event.as_deref() && Some(one.address.as_str()) == line.address.as_deref()
        });
        let source = self.sources.iter().find(|source| source.id == line.id);
        let asked = source
            .and_then(|source| source.content.expires)
            .map(Timestamp::from_seconds);
        let until = told.and_then(|one| one.expires_at).or(asked);
        let word = worded(visit, who::word(line), told, until);
        word.learner(&visit.text)?;
        let elsewhere = |source: &&OwnAward| source.course != visit.seat.course;
        let sent = line.issued_at.unwrap_or(line.created_at);
        Some(MyAward {
            badge: badge::named(visit, self.badge(&line.badge_id), &line.badge_id, &line.badge_name),
            course: source
                .filter(elsewhere)
                .map(|source| source.course_title.clone())
                .unwrap_or_default(),
            at: source.map_or(sent, |source| event::award_date(&source.content, sent)),
            valid_until: until.filter(|_| !matches!(word, AwardWord::Expired { .. })),
            word: Some(word),
            email: line.address.clone(),
            criteria: line
                .event
                .as_deref()
                .and_then(|event| self.criteria(&line.badge_id, event)),
            ..linked(visit, word, told)
        })
    }

    fn found(&self, visit: &Visit, one: &Holding) -> MyAward {
        let revoked = one.revoked_at.or(one.issued_at).unwrap_or_default();
        let word = match one.state {
            HoldingState::Revoked => AwardWord::Revoked { on: revoked },
            HoldingState::Sent | HoldingState::Collected => worded(visit, AwardWord::Sent, Some(one), one.expires_at),
        };
        MyAward {
            badge: badge::named(visit, self.badge(&one.badge_id), &one.badge_id, &one.name),
            at: one.issued_at.unwrap_or_default(),
            valid_until: one.expires_at.filter(|_| !matches!(word, AwardWord::Expired { .. })),
            word: Some(word),
            email: Some(one.address.clone()),
            criteria: self.criteria(&one.badge_id, &one.event),
            ..linked(visit, word, Some(one))
        }
    }

    fn badge(&self, id: &str) -> Option<&CatalogBadge> {
        self.badges.iter().find(|known| known.id == id)
    }

    /// The page of a badge's criteria as they were issued: a public page of the Factory.
    fn criteria(&self, badge: &str, event: &str) -> Option<String> {
        let base = self.factory_url.strip_suffix('/').unwrap_or(&self.factory_url);
        let text = |part: &str| -> String { url::form_urlencoded::byte_serialize(part.as_bytes()).collect() };
        base.starts_with("https://")
            .then(|| format!("{base}/v1/badge/_/{}/criteria.html?event={}", text(badge), text(event)))
    }

    /// One card for each badge that a rule of this course gives and that the learner does not have.
    fn cards(&self, visit: &Visit, ways: Vec<(Rule, Way)>) -> Vec<ProgressCard> {
        let has = |badge: &str| {
            self.lines.iter().any(|line| {
                line.badge_id == badge && line.state.is_alive() && who::word(line).learner(&visit.text).is_some()
            })
        };
        let mut cards: Vec<ProgressCard> = Vec::new();
        for (rule, way) in ways {
            if has(&rule.badge_id) {
                continue;
            }
            if let Some(card) = cards.iter_mut().find(|card| card.badge.id == rule.badge_id) {
                card.ways.push(way);
                continue;
            }
            let Some(known) = self.badge(&rule.badge_id).filter(|known| known.can_be_issued()) else {
                continue;
            };
            cards.push(ProgressCard {
                badge: badge::view(visit, known),
                line: badge::line(known),
                ways: vec![way],
                ..ProgressCard::default()
            });
        }
        cards
    }
}

/// The word of an award, with what the Factory tells about what was sent.
fn worded(visit: &Visit, word: AwardWord, told: Option<&Holding>, until: Option<Timestamp>) -> AwardWord {
    if word != AwardWord::Sent {
        return word;
    }
    match (told.map(|one| (one.state, one.revoked_at)), until) {
        (Some((HoldingState::Revoked, at)), _) => AwardWord::Revoked {
            on: at.unwrap_or(visit.text.now),
        },
        (_, Some(until)) if until <= visit.text.now => AwardWord::Expired { on: until },
        (Some((HoldingState::Collected, _)), _) => AwardWord::Collected,
        _ => AwardWord::Sent,
    }
}

/// The links of a badge that is valid, as far as the Factory offers them.
fn linked(visit: &Visit, word: AwardWord, told: Option<&Holding>) -> MyAward {
    let Some(one) = told.filter(|_| matches!(word, AwardWord::Sent | AwardWord::Collected)) else {
        return MyAward::default();
    };
    let language = visit.text.locale.code();
    let pdf = one
        .pdf
        .get(language)
        .or_else(|| one.pdf.get("default"))
        .or_else(|| one.pdf.values().next());
    MyAward {
        page: one.page_url.clone(),
        proof: one.proof_url.clone(),
        pdf: pdf.cloned(),
        ..MyAward::default()
    }
}

/// What can be applied for in this course, and how the learner's applications stand.
async fn applications(
    deps: &Deps,
    visit: &Visit,
    course: CourseId,
    member: MemberId,
    read: &Read,
) -> Result<Vec<MyApplication>, WebError> {
    let organisation = visit.organisation();
    let found = deps.store.read(async |tx| {
        let mut found = Vec::new();
        for id in tx.placed_forms(organisation, course).await? {
            let Some(form) = tx.catalog_form(organisation, &id).await? else {
                continue;
            };
            let latest = tx.own_applications(organisation, member, &id).await?.into_iter().next();
            found.push((form, latest));
        }
        Ok::<_, StoreError>(found)
    });
    let mut shown = Vec::new();
    for (form, latest) in found.await? {
        let word = latest.as_ref().map(apply::word);
        let award = latest.as_ref().and_then(|one| one.award);
        // an award says more than the application that it came of
        let is_awarded = award.is_some_and(|id| read.lines.iter().any(|line| line.id == id && line.state.is_alive()));
        if is_awarded || (latest.is_none() && !form.is_offered()) {
            continue;
        }
        let known = read.badge(&form.badge_id);
        let name = known.map_or(form.name.as_str(), |known| known.name.as_str());
        shown.push(MyApplication {
            href: format!("/apply/{}", apply::encoded(&form.id)),
            badge: badge::named(visit, known, &form.badge_id, name),
            word,
        });
    }
    Ok(shown)
}

/// `GET /c/{seat}/my/email`: which address badges go to, where it came from, how it is corrected.
#[tracing::instrument(name = "web.course.my.email", skip_all)]
pub(super) async fn email(deps: Data<Deps>, visit: Visit) -> Result<HttpResponse, WebError> {
    let (organisation, member) = (visit.organisation(), visit.seat.member.ok_or(Refusal::NotFound)?);
    let read = deps.store.read(async |tx| {
        let address = tx.member_address(organisation, member).await?;
        let lines = tx.member_awards(organisation, member).await?;
        Ok::<_, StoreError>((address.map(String::from), lines))
    });
    let (address, lines) = read.await?;
    let mut earlier: Vec<String> = Vec::new();
    for sent in lines
        .iter()
        .filter(|line| line.issued_at.is_some())
        .filter_map(|line| line.address.clone())
    {
        if Some(&sent) != address.as_ref() && !earlier.contains(&sent) {
            earlier.push(sent);
        }
    }
    answer::page(&AddressPage {
        waiting: lines
            .iter()
            .filter(|line| who::word(line) == AwardWord::NoEmail)
            .count(),
        lms: visit.known.registration.name.clone(),
        frame: Surroundings::read(&deps, &visit, None).await?.frame,
        address,
        earlier,
    })
}

/// `GET /c/{seat}/my/data`: what is kept about the visitor.
#[tracing::instrument(name = "web.course.my.data", skip_all)]
pub(super) async fn data(deps: Data<Deps>, visit: Visit) -> Result<HttpResponse, WebError> {
    let (organisation, member) = (visit.organisation(), visit.seat.member.ok_or(Refusal::NotFound)?);
    let read = deps.store.read(async |tx| {
        let profile = tx.profile(organisation, member).await?;
        let courses = tx.courses_of_member(organisation, member).await?;
        let amounts = tx.amounts(organisation, member).await?;
        Ok::<_, StoreError>((profile, courses, amounts))
    });
    let (profile, courses, amounts) = read.await?;
    let profile = profile.ok_or(Refusal::NotFound)?;
    answer::page(&MyDataPage {
        frame: Surroundings::read(&deps, &visit, None).await?.frame,
        name: profile.name,
        sub: profile.sub,
        address: profile.email,
        aliases: profile.aliases.into_iter().map(|(_, value)| value).collect(),
        lms: profile.lms,
        courses,
        counts: vec![
            ("data-awards", amounts.awards),
            ("data-applications", amounts.applications),
            ("data-files", amounts.files),
            ("data-facts", amounts.facts),
            ("data-signals", amounts.signals),
            ("data-grades", amounts.grades),
        ],
    })
}
