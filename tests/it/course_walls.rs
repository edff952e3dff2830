//! The walls around a course (P5): every address below a seat, opened by staff of another course and of another
//! organisation, and every form sent from there. Nothing of the first course is shown, nothing of it changes.
//!
//! The rows are held against the router: a new address without a row fails.

use std::collections::BTreeSet;
use std::path::Path;

use badgebridge::clock::Timestamp;
use badgebridge::jobs::work;
use badgebridge::sandbox::factory::{BADGE_SAFETY, EARNABLE_REVIEW, OTHER_BADGE, OTHER_CLIENT};
use badgebridge::sandbox::lms::LaunchSpec;
use badgebridge::store::award_views::{HistoryFilter, HistorySort};
use badgebridge::store::{Author, StoreError};

use crate::applications;
use crate::support::browser::Answer;
use crate::support::database::on_both_databases;
use crate::support::world::{Credential, Tab, World};

const ADA: &str = "ada@campus.example";

/// What an address is, seen from another seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Is {
    /// It names nothing but the seat: it shows the visitor's own course.
    Own,
    /// It names something of the first course: not found.
    Theirs,
    /// It names something of the first organisation: not found by another one.
    TheOrganisations,
}

const ROWS: &[(&str, &str, Is)] = &[
    ("GET", "", Is::Own),
    ("GET", "/needs", Is::Own),
    ("GET", "/my", Is::Own),
    ("GET", "/my/email", Is::Own),
    ("GET", "/my/data", Is::Own),
    ("GET", "/badges/{badge}", Is::TheOrganisations),
    ("GET", "/progress/{badge}", Is::TheOrganisations),
    ("GET", "/apply/{form}", Is::Theirs),
    ("POST", "/apply/{form}", Is::Theirs),
    ("GET", "/applications", Is::Own),
    ("POST", "/applications", Is::Own),
    ("GET", "/applications/{application}", Is::Theirs),
    ("POST", "/applications/{application}", Is::Theirs),
    ("GET", "/applications/{application}/files/{file}", Is::Theirs),
    ("GET", "/copied", Is::Own),
    ("POST", "/copied", Is::Own),
    ("GET", "/issue", Is::Own),
    ("POST", "/issue", Is::Own),
    ("GET", "/issue/{draft}/badge", Is::Theirs),
    ("POST", "/issue/{draft}/badge", Is::Theirs),
    ("GET", "/issue/{draft}/people", Is::Theirs),
    ("POST", "/issue/{draft}/people", Is::Theirs),
    ("GET", "/issue/{draft}/message", Is::Theirs),
    ("POST", "/issue/{draft}/message", Is::Theirs),
    ("GET", "/issue/{draft}/check", Is::Theirs),
    ("POST", "/issue/{draft}/check", Is::Theirs),
    ("GET", "/orders/{request}.csv", Is::Theirs),
    ("GET", "/orders/{request}", Is::Theirs),
    ("GET", "/orders/{request}/live", Is::Theirs),
    ("GET", "/history", Is::Own),
    ("GET", "/history.csv", Is::Own),
    ("GET", "/events/{event}", Is::Theirs),
    ("GET", "/events/{event}/revoke", Is::Theirs),
    ("POST", "/events/{event}/revoke", Is::Theirs),
    ("GET", "/awards/{award}", Is::Theirs),
    ("GET", "/awards/{award}/revoke", Is::Theirs),
    ("POST", "/awards/{award}/revoke", Is::Theirs),
    ("GET", "/awards/{award}/extra/{event}", Is::Theirs),
    ("POST", "/awards/{award}/extra/{event}", Is::Theirs),
    ("GET", "/rules", Is::Own),
    ("POST", "/rules", Is::Own),
    ("GET", "/rules/new", Is::Own),
    ("POST", "/rules/new", Is::Own),
    ("GET", "/rules/{rule}", Is::Theirs),
    ("POST", "/rules/{rule}", Is::Theirs),
    ("POST", "/rules/{rule}/pause", Is::Theirs),
    ("GET", "/rules/{rule}/backfill", Is::Theirs),
    ("POST", "/rules/{rule}/backfill", Is::Theirs),
    ("GET", "/rules/{rule}/release", Is::Theirs),
    ("POST", "/rules/{rule}/release", Is::Theirs),
    ("GET", "/people", Is::Own),
    ("GET", "/people/{person}", Is::Theirs),
    ("POST", "/people/{person}", Is::Theirs),
    ("GET", "/lms", Is::Own),
    ("POST", "/lms", Is::Own),
    ("GET", "/deployments", Is::Own),
    ("POST", "/deployments", Is::Own),
    ("GET", "/feeds", Is::Own),
    ("GET", "/feeds/{feed}", Is::Theirs),
    ("POST", "/feeds/{feed}", Is::Theirs),
    ("GET", "/unmatched", Is::Own),
    ("POST", "/unmatched", Is::Own),
    ("GET", "/help", Is::Own),
    ("GET", "/privacy", Is::Own),
    ("GET", "/preferences", Is::Own),
    ("POST", "/preferences", Is::Own),
    ("GET", "/pic/{badge}/{hash}.png", Is::TheOrganisations),
];

#[test]
fn every_address_below_a_seat_has_a_row() {
    let rows: BTreeSet<(String, String)> = ROWS
        .iter()
        .map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned()))
        .collect();
    assert_eq!(rows.len(), ROWS.len(), "a row stands twice");
    assert_eq!(rows, routed());
    for (method, path, is) in ROWS {
        let names_something = path.contains('{');
        assert_eq!(names_something, *is != Is::Own, "{method} {path}");
    }
}

/// What the router serves below a seat, read from its sources: `page("…")` and `route("…", …)` with their methods.
fn routed() -> BTreeSet<(String, String)> {
    let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web");
    let read = |file: &str| std::fs::read_to_string(web.join(file)).unwrap();
    let course = read("course/routes.rs");
    let whole = read("routes.rs");
    let seat = whole.split("scope(\"/c/{seat}\")").nth(1).expect("the seat's scope");
    let seat = seat.split(".default_service").next().unwrap();
    let mut found = BTreeSet::new();
    for text in [course.as_str(), seat] {
        let mut begin = 0;
        let mut starts: Vec<usize> = Vec::new();
        while let Some(at) = ["page(\"", "route(\"", "resource(\""]
            .iter()
            .filter_map(|word| text[begin..].find(word))
            .min()
        {
            starts.push(begin + at);
            begin += at + 1;
        }
        for (index, start) in starts.iter().enumerate() {
            let end = starts.get(index + 1).copied().unwrap_or(text.len());
            let piece = &text[*start..end];
            let path = piece.split('"').nth(1).unwrap();
            for (word, method) in [
                ("get()", "GET"),
                ("post()", "POST"),
                ("put()", "PUT"),
                ("delete()", "DELETE"),
            ] {
                if piece.contains(word) {
                    found.insert((method.to_owned(), path.to_owned()));
                }
            }
        }
    }
    assert!(found.len() > 20, "the routes are not found");
    found
}

/// Every address below a seat that shows a page, as the router names it.
pub(super) fn pages() -> impl Iterator<Item = &'static str> {
    let rows = ROWS.iter().filter(|(method, _, _)| *method == "GET");
    rows.map(|(_, path, _)| *path)
}

/// What there is in the first course.
pub(super) struct Things {
    draft: String,
    form_key: String,
    request: String,
    award: String,
    event: String,
    hash: String,
    rule: String,
    /// Somebody of the first course alone.
    person: String,
    /// An application that waits, and its file.
    application: String,
    file: String,
}

impl Things {
    pub(super) async fn make(world: &World, tab: &Tab) -> Self {
        let person = world.launch("bjorn", "BIO-2010").await.seat.member.unwrap();
        let rule = [
            ("badge", BADGE_SAFETY),
            ("mode", "all"),
            ("kind", "course-completed"),
            ("least", ""),
            ("item", ""),
            ("wait", "0"),
            ("released", "1"),
            ("attempt", "latest"),
            ("version", "0"),
            ("do", "save"),
        ];
        let saved = tab.post("/rules/new", &rule).await;
        assert_eq!(saved.status, 303, "{}", saved.body);
        let (organisation, course) = (tab.seat.organisation, tab.seat.course.unwrap());
        let read = world
            .parts
            .store
            .read(async |tx| tx.rules_of_course(organisation, course).await);
        let rule = read.await.unwrap().remove(0).id;
        let request = world.issue(tab, BADGE_SAFETY, &[ADA]).await;
        world.drain_jobs().await;
        let award = world.award(request).await;
        let application = applications::handed_in(world, "bjorn").await;
        let people = tab.post("/issue", &[("badge", BADGE_SAFETY)]).await;
        let draft = people.location().split('/').nth(4).unwrap().to_owned();
        let chosen = [("paste", "bjorn@campus.example"), ("do", "add")];
        assert_eq!(tab.post(&format!("/issue/{draft}/people"), &chosen).await.status, 303);
        let message = [
            ("subject", "Well done"),
            ("body", "Bravo."),
            ("valid", "own"),
            ("do", "next"),
        ];
        assert_eq!(tab.post(&format!("/issue/{draft}/message"), &message).await.status, 303);
        let check = tab.get(&format!("/issue/{draft}/check")).await;
        let form_key = check.body.split("name=\"key\" value=\"").nth(1).expect("a key");
        let form_key = form_key.split('"').next().unwrap().to_owned();
        let choice = tab.get("/issue").await;
        let picture = choice
            .body
            .split(&format!("/pic/{BADGE_SAFETY}/"))
            .nth(1)
            .expect("a picture");
        Self {
            draft,
            form_key,
            request: request.to_string(),
            award: award.id.to_string(),
            event: award.event.expect("it was issued"),
            hash: picture.split(".png").next().unwrap().to_owned(),
            rule: rule.to_string(),
            person: person.to_string(),
            application: application.id.to_string(),
            file: application.answers[1].file.as_ref().unwrap().id.to_string(),
        }
    }

    /// An award that was issued.
    pub(super) fn award(&self) -> &str {
        &self.award
    }

    /// The row with the ids of these things.
    pub(super) fn path(&self, row: &str) -> String {
        row.replace("{draft}", &self.draft)
            .replace("{request}", &self.request)
            .replace("{award}", &self.award)
            .replace("{event}", &self.event)
            .replace("{badge}", BADGE_SAFETY)
            .replace("{hash}", &self.hash)
            .replace("{rule}", &self.rule)
            .replace("{person}", &self.person)
            .replace("{form}", EARNABLE_REVIEW)
            .replace("{application}", &self.application)
            .replace("{file}", &self.file)
    }

    /// Fields that would do something in every form, if it were let in.
    fn fields(&self) -> Vec<(&str, &str)> {
        vec![
            ("badge", BADGE_SAFETY),
            ("do", "next"),
            ("subject", "Hijacked"),
            ("body", "Hijacked"),
            ("valid", "own"),
            ("key", &self.form_key),
            ("award", &self.award),
            ("again", &self.award),
            ("reason", "mistake"),
            ("paste", "mallory@campus.example"),
            ("application", &self.application),
            ("decision", "approve"),
        ]
    }
}

/// Everything stored about the first course: its drafts, requests, awards, the jobs, and what the visitor chose.
async fn stored(world: &World, tab: &Tab) -> String {
    let organisation = tab.seat.organisation;
    let (course, member) = (tab.seat.course.unwrap(), tab.seat.member.unwrap());
    let author = Author {
        organisation,
        course,
        member,
    };
    let seat = world.seat(tab.seat.id).await;
    let read = world.parts.store.read(async |tx| {
        let drafts = tx.drafts(author, Timestamp::default()).await?;
        let requests = tx.course_requests(organisation, course, 100).await?;
        let all = HistoryFilter::default();
        let awards = tx
            .course_history(organisation, course, &all, HistorySort::OldestFirst, 100, 0)
            .await?;
        // a visitor's own pages may ask for their own roster
        let mut jobs = tx.job_keys().await?;
        jobs.retain(|key| {
            ![work::ROSTER, work::APPLICATIONS, work::HOLDINGS]
                .iter()
                .any(|kind| key.starts_with(kind))
        });
        let rules = tx.rules_of_course(organisation, course).await?;
        let applications = tx.pending_applications(organisation, course, 100).await?;
        Ok::<_, StoreError>(format!(
            "{drafts:?} {requests:?} {awards:?} {jobs:?} {rules:?} {applications:?}"
        ))
    });
    format!("{} {:?} {:?}", read.await.unwrap(), seat.language, seat.appearance)
}

/// One row, with the visitor's own cookie and secret, below the seat at `base`.
async fn visit(tab: &Tab, base: &str, things: &Things, method: &str, path: &str) -> Answer {
    let address = format!("{base}{}", things.path(path));
    if method == "GET" {
        return tab.browser.get(&address).await;
    }
    let mut fields = things.fields();
    fields.push(("csrf", tab.seat.csrf.as_str()));
    tab.browser.post(&address, &fields).await
}

async fn fernhill(world: &World) -> Tab {
    let other = world.organisation_called("Fernhill College").await;
    world.connect(other, OTHER_CLIENT, Credential::Certificate).await;
    let second = world.second_registration("fernhill", Some(other));
    let deployment = world.lms.deployment_id();
    world.register(&second, &[&deployment]).await;
    let spec = LaunchSpec::new("teacher1", "BIO-2010", "").client("fernhill");
    world.launch_in(&world.browser(), spec).await
}

on_both_databases! {
    async fn nothing_is_seen_or_touched_from_another_course_or_organisation(database: Database) {
        let world = World::start(&database).await;
        let ours = world.launch("teacher1", "BIO-2010").await;
        let things = Things::make(&world, &ours).await;
        let neighbour = world.launch("teacher2", "SAF-1000").await;
        let fernhill = fernhill(&world).await;
        world.drain_jobs().await;
        // the rows lead somewhere: the owner sees each page
        // (but for the second event of an order and a stopped rule: there is none here; the LMS and its feeds are its
        // administrators' to see)
        let is_there = |path: &str| {
            let is_of_lms = matches!(path, "/lms" | "/deployments") || path.contains("{feed}");
            !is_of_lms && !path.contains("/extra/") && !path.ends_with("/release")
        };
        let pages = ROWS.iter().filter(|(method, path, _)| *method == "GET" && is_there(path));
        for (method, path, _) in pages {
            let mut path = (*path).to_owned();
            if path.ends_with("{event}/revoke") {
                path = format!("{path}?award={}", things.award);
            }
            let status = visit(&ours, &ours.url, &things, method, &path).await.status;
            assert!(matches!(status, 200 | 303), "{path}: {status}");
        }
        world.drain_jobs().await;
        let before = stored(&world, &ours).await;
        for (name, stranger) in [("another course", &neighbour), ("another organisation", &fernhill)] {
            for (method, path, is) in ROWS {
                let what = format!("{method} {path} from {name}");
                // with the seat of the first course, but not its cookie
                let answer = visit(stranger, &ours.url, &things, method, path).await;
                assert_eq!(answer.status, 401, "{what}: {}", answer.body);
                assert_eq!(answer.cookies_set(), Vec::<&str>::new(), "{what}");
                // with their own seat
                let answer = visit(stranger, &stranger.url, &things, method, path).await;
                match is {
                    Is::Theirs => assert_eq!(answer.status, 404, "{what}: {}", answer.body),
                    Is::TheOrganisations if name == "another organisation" => assert_eq!(answer.status, 404, "{what}"),
                    Is::TheOrganisations => assert_eq!(answer.status, 200, "{what}"),
                    Is::Own => assert!(answer.status < 500, "{what}: {}", answer.status),
                }
                let asked = things.path(path);
                for ours in [&things.award, &things.draft, &things.request, &things.event, &things.rule] {
                    let is_told = answer.body.contains(&**ours) && !asked.contains(&**ours);
                    assert!(!is_told, "{what} tells {ours}");
                }
                assert!(!answer.body.contains(ADA), "{what} tells an address");
            }
        }
        assert_eq!(stored(&world, &ours).await, before);
        world.wait_out().await;
        assert_eq!(world.times_held(ADA, BADGE_SAFETY), 1, "it was not revoked");
        world.finish().await;
    }

    async fn ids_of_another_course_in_ones_own_forms_are_not_taken(database: Database) {
        let world = World::start(&database).await;
        let ours = world.launch("teacher1", "BIO-2010").await;
        let bjorn = world.launch("bjorn", "BIO-2010").await.seat.member.unwrap().to_string();
        let things = Things::make(&world, &ours).await;
        let neighbour = world.launch("teacher2", "SAF-1000").await;
        let fernhill = fernhill(&world).await;
        world.drain_jobs().await;
        let before = stored(&world, &ours).await;
        for (stranger, badge) in [(&neighbour, BADGE_SAFETY), (&fernhill, OTHER_BADGE)] {
            // a person of another course is not chosen, by tick or again, nor by the link of another course's award
            let again = stranger.post("/issue", &[("badge", badge), ("again", &things.award)]).await;
            assert_eq!(again.status, 404, "{}", again.body);
            let begun = stranger.post("/issue", &[("badge", badge)]).await;
            let people = begun.location().strip_prefix(&stranger.url).unwrap().to_owned();
            let people = people.split('?').next().unwrap();
            for fields in [[("person", bjorn.as_str()), ("do", "next")], [("again", bjorn.as_str()), ("shown", "x")]] {
                stranger.post(people, &fields).await;
                assert_eq!(stranger.post(people, &[("do", "next")]).await.status, 422, "nobody is chosen");
            }
            // an event of one's own with an award of theirs
            let request = world.issue(stranger, badge, &["noa@campus.example"]).await;
            world.drain_jobs().await;
            let event = world.awards_of(stranger.seat.organisation, request).await[0].event.clone().unwrap();
            let fields = [("award", things.award.as_str()), ("reason", "mistake")];
            let answer = stranger.post(&format!("/events/{event}/revoke"), &fields).await;
            assert_eq!(answer.status, 404, "{}", answer.body);
        }
        // a badge of the other organisation cannot be chosen
        let answer = fernhill.post("/issue", &[("badge", BADGE_SAFETY), ("do", "next")]).await;
        assert_eq!(answer.status, 422, "{}", answer.body);
        world.drain_jobs().await;
        assert_eq!(stored(&world, &ours).await, before);
        assert_eq!(world.times_held(ADA, BADGE_SAFETY), 1);
        world.finish().await;
    }
}
