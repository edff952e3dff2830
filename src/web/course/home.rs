//! The course's home for staff: what needs somebody, what is under way, how the badges are doing.

use std::collections::HashMap;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::Data;

use super::fields::Fields;
use super::surroundings::Surroundings;
use super::{answer, badge, refresh, who};
use crate::clock::Timestamp;
use crate::model::award::{AwardState, Face, Hold};
use crate::model::catalog::CatalogBadge;
use crate::model::draft::{DRAFT_LIFE, Draft};
use crate::model::rule::RuleState;
use crate::model::{Address, AwardId, CourseId, MemberId, RequestId};
use crate::store::Author;
use crate::store::award_views::{AwardLine, BadgeCount, HistoryFilter, HistorySort, RequestHead};
use crate::store::{StoreError, Tx};
use crate::web::deps::Deps;
use crate::web::error::WebError;
use crate::web::pages::home::{HomeBadge, HomePage, Recent, Running, Unfinished};
use crate::web::pages::needs::{Need, NeedsPage, Waiting};
use crate::web::pages::parts::Step;
use crate::web::pages::plot::{Funnel, OverTime};
use crate::web::pages::{Notice, Section};
use crate::web::visit::Visit;

/// How many requests are looked at for those still under way.
const LATEST_REQUESTS: u32 = 10;

/// How far back awards are plotted: 26 weeks.
const PLOTTED: Duration = Duration::from_hours(26 * 7 * 24);

/// Fewer learners with a badge are not plotted.
const FEWEST_PLOTTED: usize = 5;

/// The most needs that are read.
const MOST_NEEDS: u32 = 200;

/// `GET /c/{seat}`: home for who sees the course, their own badges for everybody else.
#[tracing::instrument(name = "web.course.home", skip_all)]
pub(super) async fn home(deps: Data<Deps>, visit: Visit, query: Fields) -> Result<HttpResponse, WebError> {
    if !visit.seat.standing.sees_course() || visit.seat.course.is_none() {
        if visit.administers().is_ok() {
            return Ok(answer::see_other(&visit.url("/lms")));
        }
        return Ok(answer::see_other(&visit.url("/my")));
    }
    let course = visit.sees_course()?;
    let around = Surroundings::with_flash(&deps, &visit, Some(Section::Home), query.flash()).await?;
    refresh::catalog(&deps, visit.organisation(), &around.catalog).await;
    refresh::roster(&deps, around.course()?).await;
    refresh::applications_of_home(&deps, visit.organisation()).await?;
    let since = deps.clock.now().minus(DRAFT_LIFE);
    let read = deps
        .store
        .read(async |tx| Facts::read(tx, &visit, course, since).await)
        .await?;
    let mut around = around;
    if read.offers > 0 {
        around.frame.notices.push(Notice::Copied {
            n: read.offers,
            href: visit.url("/copied"),
        });
    }
    answer::page(&read.page(&visit, around))
}

/// `GET /c/{seat}/needs`: everything that waits for somebody.
#[tracing::instrument(name = "web.course.needs", skip_all)]
pub(super) async fn needs(deps: Data<Deps>, visit: Visit) -> Result<HttpResponse, WebError> {
    let course = visit.sees_course()?;
    let around = Surroundings::read(&deps, &visit, Some(Section::Home)).await?;
    let (lines, mut needs) = deps
        .store
        .read(async |tx| {
            let lines = tx.course_needs(visit.organisation(), course, MOST_NEEDS).await?.0;
            let mut others = application_needs(tx, &visit, course).await?;
            others.extend(rule_needs(tx, &visit, course).await?);
            others.extend(problem_needs(tx, &visit, course).await?);
            Ok::<_, StoreError>((lines, others))
        })
        .await?;
    needs.extend(needs_of(&visit, &lines));
    answer::page(&NeedsPage {
        frame: around.frame,
        needs,
    })
}

struct Facts {
    learners: i64,
    first: Option<Timestamp>,
    needs: Vec<AwardLine>,
    other_needs: Vec<Need>,
    badges: Vec<CatalogBadge>,
    counts: Vec<BadgeCount>,
    of_learners: Vec<BadgeCount>,
    requests: Vec<(RequestHead, Vec<(Face, u64)>)>,
    drafts: Vec<Draft>,
    recent: Vec<AwardLine>,
    /// Awards of the last half year, by day.
    days: Vec<(Timestamp, u64)>,
    with_email: i64,
    /// Items of the course that this one was copied from.
    offers: usize,
}

impl Facts {
    async fn read(tx: &mut Tx<'_>, visit: &Visit, course: CourseId, since: Timestamp) -> Result<Self, StoreError> {
        let organisation = visit.organisation();
        let mut requests = Vec::new();
        for head in tx.course_requests(organisation, course, LATEST_REQUESTS).await? {
            let counts = tx.request_counts(organisation, head.id).await?;
            requests.push((head, counts));
        }
        let drafts = match visit.seat.member {
            Some(member) if visit.seat.standing.issues() => {
                let author = Author {
                    organisation,
                    course,
                    member,
                };
                tx.drafts(author, since).await?
            }
            _ => Vec::new(),
        };
        let offers = match visit.seat.member {
            Some(reader) if visit.seat.standing.issues() => {
                let rules = tx.rule_offers(organisation, course, reader).await?.len();
                tx.content_offers(organisation, course, reader).await?.len() + rules
            }
            _ => 0,
        };
        let all = HistoryFilter::default();
        let lately = HistoryFilter {
            from: Some(visit.text.now.minus(PLOTTED)),
            ..HistoryFilter::default()
        };
        let mut other_needs = application_needs(tx, visit, course).await?;
        other_needs.extend(rule_needs(tx, visit, course).await?);
        other_needs.extend(problem_needs(tx, visit, course).await?);
        Ok(Self {
            offers,
            learners: tx.learner_count(organisation, course).await?,
            first: tx.first_award(organisation, course).await?,
            needs: tx.course_needs(organisation, course, MOST_NEEDS).await?.0,
            other_needs,
            badges: tx.badges_for(organisation, Some(course)).await?,
            counts: tx.badge_counts(organisation, course).await?,
            of_learners: tx.badge_learner_counts(organisation, course).await?,
            requests,
            drafts,
            days: tx.course_history_days(organisation, course, &lately).await?,
            with_email: tx.learners_with_email(organisation, course).await?,
            recent: tx
                .course_history(organisation, course, &all, HistorySort::NewestFirst, 5, 0)
                .await?,
        })
    }

    fn page(self, visit: &Visit, around: Surroundings) -> HomePage {
        let was_read = around
            .course
            .as_ref()
            .is_some_and(|course| course.roster.read_at.is_some());
        let given: u64 = self.counts.iter().map(|count| count.issued + count.waiting).sum();
        let mut needs = self.other_needs;
        needs.extend(needs_of(visit, &self.needs));
        // "n of m" counts learners in both; without a roster there is no m, and n counts every award
        let per_badge = was_read.then_some(&self.of_learners);
        let badges = rows(visit, &self.badges, &self.counts, per_badge);
        let names: HashMap<&str, &str> = self.badges.iter().map(|b| (b.id.as_str(), b.name.as_str())).collect();
        let people = was_read.then(|| usize::try_from(self.learners).unwrap_or(0));
        HomePage {
            per_week: OverTime::by_week(&self.days),
            funnel: people.and_then(|people| funnel(people, self.with_email, &badges)),
            people,
            awards: self.first.map(|first| (size(given), first)),
            needs_total: needs.len(),
            needs,
            badges_unread: around.catalog.read_at.is_none(),
            badges,
            administrator: None,
            running: self.requests.iter().filter_map(running).collect(),
            drafts: self.drafts.iter().map(|draft| unfinished(draft, &names)).collect(),
            recent: self.recent.iter().map(|line| recent(visit, line)).collect(),
            frame: around.frame,
        }
    }
}

/// The way of the badge that most learners have or will have; too few are no picture.
fn funnel(people: usize, with_email: i64, badges: &[HomeBadge]) -> Option<Funnel> {
    let given = |row: &&HomeBadge| row.earned + row.waiting;
    let most = badges
        .iter()
        .max_by_key(given)
        .filter(|row| given(row) >= FEWEST_PLOTTED)?;
    Some(Funnel {
        badge: most.badge.name.clone(),
        people,
        with_email: usize::try_from(with_email).unwrap_or(0),
        awarded: given(&most),
        sent: most.earned,
    })
}

/// Published badges, and those gone that somebody has from here.
fn rows(
    visit: &Visit,
    badges: &[CatalogBadge],
    counts: &[BadgeCount],
    of_learners: Option<&Vec<BadgeCount>>,
) -> Vec<HomeBadge> {
    let row = |known: &CatalogBadge| {
        let of_badge = |count: &&BadgeCount| count.badge_id == known.id;
        let was_given = counts.iter().any(|count| of_badge(&count));
        let count = of_learners.map_or(counts, Vec::as_slice).iter().find(of_badge);
        let is_offered = known.can_be_issued();
        (is_offered || was_given).then(|| HomeBadge {
            badge: badge::view(visit, known),
            line: badge::line(known),
            earned: count.map_or(0, |count| size(count.issued)),
            waiting: count.map_or(0, |count| size(count.waiting)),
            is_offered,
        })
    };
    badges.iter().filter_map(row).collect()
}

fn running((head, counts): &(RequestHead, Vec<(Face, u64)>)) -> Option<Running> {
    let moving: u64 = counts
        .iter()
        .filter(|(face, _)| face.is_moving() && *face != Face::Revoking)
        .map(|(_, n)| n)
        .sum();
    let unmade = head.people.saturating_sub(head.made);
    let open = moving + unmade;
    (open > 0).then(|| Running {
        request: head.id.to_string(),
        badge: head.badge_name.clone(),
        done: size(head.people.saturating_sub(open)),
        total: size(head.people),
    })
}

fn unfinished(draft: &Draft, names: &HashMap<&str, &str>) -> Unfinished {
    let step = match (&draft.badge, draft.people.is_empty()) {
        (None, _) => Step::Badge,
        (Some(_), true) => Step::People,
        (Some(_), false) => Step::Message,
    };
    Unfinished {
        draft: draft.id.to_string(),
        step,
        badge: draft
            .badge
            .as_deref()
            .map(|id| names.get(id).copied().unwrap_or(id).to_owned()),
        people: draft.people.len(),
        at: draft.updated_at,
    }
}

fn recent(visit: &Visit, line: &AwardLine) -> Recent {
    Recent {
        award: line.id.to_string(),
        person: who::name(visit, line),
        badge: line.badge_name.clone(),
        at: line.created_at,
        word: who::word(line),
    }
}

/// Applications that wait for the course's staff, by badge.
async fn application_needs(tx: &mut Tx<'_>, visit: &Visit, course: CourseId) -> Result<Vec<Need>, StoreError> {
    let waiting = tx.waiting_applications(visit.organisation(), course).await?;
    let need = |(badge, n, oldest): (String, u64, Timestamp)| Need {
        what: Waiting::Applications {
            n,
            badge,
            days: visit.text.now.since(oldest).as_secs() / (24 * 3600),
        },
        href: visit.url("/applications"),
    };
    Ok(waiting.into_iter().map(need).collect())
}

/// Stopped rules, and people who no longer meet the rule that gave them a badge.
async fn rule_needs(tx: &mut Tx<'_>, visit: &Visit, course: CourseId) -> Result<Vec<Need>, StoreError> {
    let organisation = visit.organisation();
    let mut needs = Vec::new();
    for rule in tx.rules_of_course(organisation, course).await? {
        if rule.state != RuleState::Stopped {
            continue;
        }
        let held = tx.held_by_rule(organisation, rule.id, Hold::Limit).await?;
        let known = tx.catalog_badge(organisation, &rule.badge_id).await?;
        needs.push(Need {
            what: Waiting::Stopped {
                n: held.len(),
                badge: known.map_or(rule.badge_id, |badge| badge.name),
            },
            href: visit.url(&format!("/rules/{}/release", rule.id)),
        });
    }
    for award in tx.dropped_awards(organisation, course).await? {
        needs.push(Need {
            what: Waiting::Dropped {
                name: who::name_or_address(visit, &award.name, None),
                badge: award.badge_name,
            },
            href: visit.url(&format!("/people/{}", award.member)),
        });
    }
    Ok(needs)
}

/// Work of this course that does not come to its end: badges that are not taken back, requests left half made, people to
/// whom rules could not be applied.
async fn problem_needs(tx: &mut Tx<'_>, visit: &Visit, course: CourseId) -> Result<Vec<Need>, StoreError> {
    let organisation = visit.organisation();
    let mut needs = Vec::new();
    for problem in tx.problems(organisation).await? {
        let subject = problem.subject.as_str();
        let need = match problem.kind.as_str() {
            "revoke-failed" => match subject.parse() {
                Ok(award) => not_revoked(tx, visit, course, award).await?,
                Err(_) => None,
            },
            "job-failed" => match (subject.strip_prefix("make-awards:"), subject.strip_prefix("evaluate:")) {
                (Some(request), _) => half_made(tx, visit, course, request).await?,
                (_, Some(rest)) => not_looked_at(tx, visit, course, rest).await?,
                _ => None,
            },
            _ => None,
        };
        needs.extend(need);
    }
    Ok(needs)
}

async fn not_revoked(
    tx: &mut Tx<'_>,
    visit: &Visit,
    course: CourseId,
    award: AwardId,
) -> Result<Option<Need>, StoreError> {
    let story = tx.award_story(visit.organisation(), course, award).await?;
    Ok(story.map(|story| Need {
        what: Waiting::NotRevoked {
            name: who::name(visit, &story.line),
            badge: story.line.badge_name.clone(),
        },
        href: visit.url(&format!("/awards/{award}")),
    }))
}

async fn half_made(
    tx: &mut Tx<'_>,
    visit: &Visit,
    course: CourseId,
    request: &str,
) -> Result<Option<Need>, StoreError> {
    let Ok(id) = request.parse::<RequestId>() else {
        return Ok(None);
    };
    let head = tx.request_head(visit.organisation(), id).await?;
    Ok(head.filter(|head| head.course == Some(course)).map(|head| Need {
        what: Waiting::HalfMade { badge: head.badge_name },
        href: visit.url(&format!("/orders/{id}")),
    }))
}

async fn not_looked_at(
    tx: &mut Tx<'_>,
    visit: &Visit,
    course: CourseId,
    key: &str,
) -> Result<Option<Need>, StoreError> {
    let of_course = key.strip_prefix(&format!("{course}:"));
    let Some(Ok(member)) = of_course.map(str::parse::<MemberId>) else {
        return Ok(None);
    };
    let person = tx.person(visit.organisation(), course, member).await?;
    Ok(person.map(|person| Need {
        what: Waiting::NotLookedAt {
            name: who::name_or_address(visit, &person.name, person.email.as_ref().map(Address::as_str)),
        },
        href: visit.url(&format!("/people/{member}")),
    }))
}

/// One need for each award without an address, one for each request and badge of the rest.
fn needs_of(visit: &Visit, lines: &[AwardLine]) -> Vec<Need> {
    let mut needs = Vec::new();
    let mut groups: Vec<(bool, String, Option<RequestId>, usize, String)> = Vec::new();
    for line in lines {
        let badge = line.badge_name.clone();
        let href = visit.url(&format!("/awards/{}", line.id));
        if line.state == AwardState::Held(Hold::NoEmail) {
            let name = who::name(visit, line);
            let what = Waiting::NoEmail { name, badge };
            needs.push(Need { what, href });
            continue;
        }
        let refused = line.state == AwardState::Refused;
        let same = groups
            .iter_mut()
            .find(|(kind, known, request, ..)| *kind == refused && *known == badge && *request == line.request);
        match same {
            Some((_, _, request, n, address)) => {
                *n += 1;
                if let Some(request) = request {
                    *address = visit.url(&format!("/orders/{request}"));
                }
            }
            None => groups.push((refused, badge, line.request, 1, href)),
        }
    }
    needs.extend(groups.into_iter().map(|(refused, badge, _, n, href)| Need {
        what: if refused {
            Waiting::Refused { n, badge }
        } else {
            Waiting::Parked { n, badge }
        },
        href,
    }));
    needs
}

fn size(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
