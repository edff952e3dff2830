//! Placing something in the course (LTI Deep Linking 2.0): the picker, and the one answer to the LMS.

use actix_web::web::{Bytes, Data};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};

use super::fields::Fields;
use super::surroundings::Surroundings;
use super::{answer, badge, refresh};
use crate::crypto::random;
use crate::lti::LaunchError;
use crate::lti::deep_link::{Item, LineItem, Parties, Reply};
use crate::model::catalog::CatalogBadge;
use crate::model::content::{Content, Shows};
use crate::model::form::CatalogForm;
use crate::model::{ContentId, Lms, MemberId};
use crate::store::content::Pick;
use crate::store::{Durability, StoreError};
use crate::web::deps::Deps;
use crate::web::error::{Refusal, WebError};
use crate::web::guard::FormAction;
use crate::web::lti::{CONTENT_PARAMETER, CONTENT_VARIABLE, HISTORY_VARIABLE};
use crate::web::pages::place::{Choice, PickPage, ReplyPage};
use crate::web::pages::{Mistake, Mistakes};
use crate::web::visit::Visit;

/// The most badges that are offered without a search.
const MOST_SHOWN: usize = 60;
/// The most items of one answer.
const MOST_ITEMS: usize = 50;
/// The full score of a badge.
const FULL_SCORE: u32 = 100;

/// `GET /lti/pick/{seat}`
#[tracing::instrument(name = "web.lti.pick", skip_all)]
pub(crate) async fn pick(deps: Data<Deps>, visit: Visit) -> Result<HttpResponse, WebError> {
    may_place(&visit)?;
    let pick = open_pick(&deps, &visit).await?;
    let page = page(&deps, &visit, &pick, &Fields::default(), Mistakes::default()).await?;
    answer::page(&page)
}

/// `POST /lti/pick/{seat}`: `place`, `search` or `cancel`.
#[tracing::instrument(name = "web.lti.place", skip_all)]
pub(crate) async fn place(
    deps: Data<Deps>,
    visit: Visit,
    request: HttpRequest,
    body: Bytes,
) -> Result<HttpResponse, WebError> {
    let author = may_place(&visit)?;
    let fields = Fields::of_form(&body, &visit)?;
    let pick = open_pick(&deps, &visit).await?;
    let contents = match fields.one("do") {
        "search" => return answer::page(&page(&deps, &visit, &pick, &fields, Mistakes::default()).await?),
        // there an empty answer would take away what was placed before
        "cancel" if is_open_edx(&visit, &pick) => return reply_page(&visit, &request, &pick, None, 0),
        "cancel" => Vec::new(),
        _ => match chosen(&deps, &visit, author, &pick, &fields).await? {
            Ok(contents) => contents,
            Err(mistake) => {
                let mistakes = Mistakes::one("item-0", mistake);
                return answer::page(&page(&deps, &visit, &pick, &fields, mistakes).await?);
            }
        },
    };
    let items = contents
        .iter()
        .map(|content| item(&deps, &visit, content))
        .collect::<Result<Vec<_>, _>>()?;
    let reply = Reply::new(&pick.settings, &items).map_err(|_| Refusal::Unreadable { too_large: false })?;
    let count = contents.len();
    spend(&deps, &visit, contents).await?;
    let parties = Parties {
        client_id: &visit.known.terms.client_id,
        issuer: &visit.known.terms.issuer,
        deployment_id: &pick.lti_deployment_id,
    };
    let (once, now) = (random::token(), deps.clock.now().seconds());
    let signed = reply
        .sign(&parties, &once, now, |claims| deps.signing_keys.sign(claims, now))
        .map_err(WebError::internal)?;
    reply_page(&visit, &request, &pick, Some(signed), count)
}

/// Only who may issue places things; the course need not be known yet.
fn may_place(visit: &Visit) -> Result<MemberId, WebError> {
    if visit.seat.standing.issues() && !visit.seat.test {
        visit.member()
    } else {
        Err(Refusal::NotAllowed.into())
    }
}

/// The request of this seat, if it is still to be answered.
async fn open_pick(deps: &Deps, visit: &Visit) -> Result<Pick, WebError> {
    let (organisation, seat) = (visit.organisation(), visit.seat.id);
    let found = deps
        .store
        .read_one(async move |tx| tx.pick_of_seat(organisation, seat).await)
        .await?;
    let pick = found.ok_or(Refusal::NotFound)?;
    if pick.answered {
        return Err(LaunchError::Replayed.into());
    }
    Ok(pick)
}

/// One transaction: the request is spent and its content stored, or nothing happens.
async fn spend(deps: &Deps, visit: &Visit, contents: Vec<Content>) -> Result<(), WebError> {
    let (organisation, seat, now) = (visit.organisation(), visit.seat.id, deps.clock.now());
    let is_first: Result<bool, StoreError> = deps
        .store
        .write(Durability::Full, async move |tx| {
            if tx.answer_pick(organisation, seat, now).await? != 1 {
                return Ok(false);
            }
            for content in &contents {
                tx.add_content(organisation, content, now).await?;
            }
            Ok(true)
        })
        .await;
    if is_first? {
        Ok(())
    } else {
        Err(LaunchError::Replayed.into())
    }
}

/// What the form chose, as content to be stored; or what is wrong with it.
async fn chosen(
    deps: &Deps,
    visit: &Visit,
    author: MemberId,
    pick: &Pick,
    fields: &Fields,
) -> Result<Result<Vec<Content>, Mistake>, WebError> {
    let mut all: Vec<Shows> = Vec::new();
    for text in fields.all("item").take(MOST_ITEMS) {
        match text.parse() {
            Ok(shows) if !all.contains(&shows) => all.push(shows),
            Ok(_) => {}
            Err(_) => return Ok(Err(Mistake::NotChosen)),
        }
    }
    if all.is_empty() || (all.len() > 1 && !pick.settings.accept_multiple) {
        return Ok(Err(Mistake::NotChosen));
    }
    let shelf = Shelf::read(deps, visit).await?;
    let is_graded = fields.one("graded") == "yes" && pick.settings.accept_line_item;
    let now = deps.clock.now();
    let mut contents = Vec::new();
    for shows in all {
        let Some(title) = shelf.title(visit, &shows) else {
            return Ok(Err(Mistake::BadgeGone));
        };
        contents.push(Content {
            id: ContentId::new(random::id_at(now)),
            organisation: visit.organisation(),
            registration: visit.seat.registration,
            course: visit.seat.course,
            graded: is_graded && shows.subject().is_some(),
            applies_for: shelf.form_of(&shows).map(|form| form.badge_id.clone()),
            shows,
            title,
            author: Some(author),
        });
    }
    Ok(Ok(contents))
}

/// What can be placed: badges, and application forms for them.
struct Shelf {
    badges: Vec<CatalogBadge>,
    forms: Vec<CatalogForm>,
}

impl Shelf {
    async fn read(deps: &Deps, visit: &Visit) -> Result<Self, WebError> {
        let (organisation, course) = (visit.organisation(), visit.seat.course);
        let read = deps.store.read(async |tx| {
            let badges = tx.badges_for(organisation, course).await?;
            Ok::<_, StoreError>((badges, tx.catalog_forms(organisation).await?))
        });
        let (badges, forms) = read.await?;
        let badges: Vec<CatalogBadge> = badges.into_iter().filter(CatalogBadge::can_be_issued).collect();
        let is_offered = |form: &CatalogForm| form.is_offered() && badges.iter().any(|badge| badge.id == form.badge_id);
        let forms = forms.into_iter().filter(is_offered).collect();
        Ok(Self { badges, forms })
    }

    fn form_of(&self, shows: &Shows) -> Option<&CatalogForm> {
        match shows {
            Shows::Apply(id) => self.forms.iter().find(|form| form.id == *id),
            _ => None,
        }
    }

    /// The badge that an item is about.
    fn badge_of(&self, shows: &Shows) -> Option<&CatalogBadge> {
        let id = match shows {
            Shows::Progress(id) => id,
            _ => &self.form_of(shows)?.badge_id,
        };
        self.badges.iter().find(|badge| badge.id == *id)
    }

    /// What an item is called; nothing if its badge or its form is not offered.
    fn title(&self, visit: &Visit, shows: &Shows) -> Option<String> {
        Some(match shows {
            Shows::Teachers => visit.text.say("pick-teachers"),
            Shows::Mine => visit.text.say("pick-mine"),
            Shows::Progress(_) => {
                let known = self.badge_of(shows)?;
                visit.text.msg("pick-progress").with("badge", &known.name).to_string()
            }
            Shows::Apply(_) => self.form_of(shows)?.name.clone(),
        })
    }

    /// Everything that fits the search, or was chosen.
    fn choices(&self, visit: &Visit, search: &str, is_chosen: impl Fn(&str) -> bool) -> Vec<Choice> {
        let wanted = search.to_lowercase();
        let progress = self.badges.iter().map(|badge| Shows::Progress(badge.id.clone()));
        let forms = self.forms.iter().map(|form| Shows::Apply(form.id.clone()));
        let all = [Shows::Teachers, Shows::Mine].into_iter().chain(forms).chain(progress);
        let choice = |shows: Shows| {
            let (value, known, title) = (shows.to_string(), self.badge_of(&shows), self.title(visit, &shows)?);
            let chosen = is_chosen(&value);
            let name = known.map_or("", |badge| badge.name.as_str());
            let fits = format!("{title} {name}").to_lowercase().contains(&wanted);
            let line = match shows {
                Shows::Teachers => "pick-teachers-line",
                Shows::Mine => "pick-mine-line",
                Shows::Progress(_) => "pick-progress-line",
                Shows::Apply(_) => "pick-apply-line",
            };
            (chosen || fits || known.is_none()).then(|| Choice {
                chosen,
                value,
                title,
                line: visit.text.msg(line).with("badge", name).to_string(),
                badge: known.map(|known| badge::view(visit, known)),
            })
        };
        all.filter_map(choice).take(MOST_SHOWN).collect()
    }
}

fn item(deps: &Deps, visit: &Visit, content: &Content) -> Result<Item, WebError> {
    let id = content.id.to_string();
    let address = deps.public_url.join(&format!("/lti/launch?{CONTENT_PARAMETER}={id}"));
    let column = LineItem {
        label: content.title.clone(),
        maximum: FULL_SCORE,
        resource_id: id.clone(),
    };
    let line = match &content.shows {
        Shows::Teachers => visit.text.say("pick-teachers-line"),
        Shows::Mine => visit.text.say("pick-mine-line"),
        Shows::Progress(_) | Shows::Apply(_) => String::new(),
    };
    Ok(Item {
        url: deps.origin.target_link(&address)?,
        title: content.title.clone(),
        text: line,
        custom: vec![
            (CONTENT_VARIABLE.to_owned(), id),
            (HISTORY_VARIABLE.to_owned(), "$Context.id.history".to_owned()),
        ],
        line_item: content.graded.then_some(column),
    })
}

async fn page(
    deps: &Deps,
    visit: &Visit,
    pick: &Pick,
    fields: &Fields,
    mistakes: Mistakes,
) -> Result<PickPage, WebError> {
    let around = Surroundings::read(deps, visit, None).await?;
    refresh::catalog(deps, visit.organisation(), &around.catalog).await;
    let shelf = Shelf::read(deps, visit).await?;
    let search = fields.one("q").to_owned();
    let is_chosen = |value: &str| fields.all("item").any(|chosen| chosen == value);
    Ok(PickPage {
        choices: shelf.choices(visit, &search, is_chosen),
        total: shelf.badges.len() + shelf.forms.len(),
        search,
        several: pick.settings.accept_multiple,
        takes_grades: pick.settings.accept_line_item && !shelf.badges.is_empty(),
        graded: fields.one("graded") == "yes",
        takes_links: pick.settings.takes_links(),
        action: format!("/lti/pick/{}", visit.seat.id),
        lms: visit.known.registration.name.clone(),
        host: host(pick),
        frame: around.frame,
        mistakes,
    })
}

/// The page whose form goes to the LMS; nothing else on it may go there.
fn reply_page(
    visit: &Visit,
    request: &HttpRequest,
    pick: &Pick,
    signed: Option<String>,
    count: usize,
) -> Result<HttpResponse, WebError> {
    if signed.is_some() {
        // an LMS may redirect its own form to another of its hosts
        let origins = [pick.settings.return_origin().unwrap_or_default()]
            .into_iter()
            .chain(visit.known.origins().map(str::to_owned));
        let origins: Vec<String> = origins.collect();
        request.extensions_mut().insert(FormAction(origins.join(" ")));
    }
    answer::page(&ReplyPage {
        frame: visit.frame(None),
        answer: signed.map(|signed| (pick.settings.return_url.clone(), signed)),
        count,
        lms: visit.known.registration.name.clone(),
        host: host(pick),
    })
}

fn host(pick: &Pick) -> String {
    let origin = pick.settings.return_origin().unwrap_or_default();
    origin
        .split_once("://")
        .map_or_else(String::new, |(_, host)| host.to_owned())
}

/// Open edX takes every answer as the new list of all items, the empty one too.
fn is_open_edx(visit: &Visit, pick: &Pick) -> bool {
    visit.known.registration.lms == Lms::OpenEdx || pick.settings.return_url.contains("/api/lti_consumer/")
}
