//! Badges, the issuer's profile, events and reports on the pages of the administration, with what the Factory is asked.

use std::time::Duration;

use badgebridge::sandbox::factory::{Aim, BADGE_SAFETY, BADGE_WELCOME, CLIENT, Fault, Kind, Plan};
use serde_json::json;

use crate::support::browser::Answer;
use crate::support::database::{Database, on_both_databases, with_sqlite};
use crate::support::office::{Desk, csrf};
use crate::support::world::World;

async fn claire(world: &World) -> Desk {
    Desk::administrator(world, world.organisation, "Claire Bouchard").await
}

/// A square PNG of so many pixels.
fn square(side: u32) -> Vec<u8> {
    let mut png = std::io::Cursor::new(Vec::new());
    image::RgbaImage::from_pixel(side, side, image::Rgba([10, 86, 96, 255]))
        .write_to(&mut png, image::ImageFormat::Png)
        .unwrap();
    png.into_inner()
}

/// The one-time key and what else a form carries hidden.
fn hidden(page: &Answer, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let rest = page
        .body
        .split(&start)
        .nth(1)
        .unwrap_or_else(|| panic!("no {name} in {}", page.body));
    rest.split('"').next().unwrap().to_owned()
}

/// Sends a form with a picture, as its page would.
async fn send(desk: &Desk, path: &str, fields: &[(&str, &str)], picture: Option<&[u8]>) -> Answer {
    let shown = desk.get(path).await;
    assert_eq!(shown.status, 200, "{path}: {}", shown.body);
    let mut all = vec![("csrf", csrf(&shown)), ("key", hidden(&shown, "key"))];
    if shown.body.contains("name=\"seen\"") {
        all.push(("seen", hidden(&shown, "seen")));
    }
    all.extend(fields.iter().map(|(name, value)| (*name, (*value).to_owned())));
    send_as(desk, path, &all, picture).await
}

async fn send_as(desk: &Desk, path: &str, fields: &[(&str, String)], picture: Option<&[u8]>) -> Answer {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part = format!("--bound\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    if let Some(picture) = picture {
        let head = "--bound\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"badge.png\"\r\n\r\n";
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(picture);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--bound--\r\n");
    let request = desk.browser.request(reqwest::Method::POST, path);
    let request = request
        .header("Sec-Fetch-Site", "same-origin")
        .header("Content-Type", "multipart/form-data; boundary=bound")
        .body(body);
    desk.browser.send(request).await
}

const KNOTS: &[(&str, &str)] = &[
    ("do", "save"),
    ("name", "Knots"),
    ("description", "Ties six knots."),
    ("criteria", "Tie **six** knots.\n\n- bowline\n- clove hitch"),
    ("css", "p { margin: 0 }"),
    ("subject", "You earned a badge"),
    ("body", "Well done."),
    ("link", "Get it"),
    ("footer", "Marlowe"),
    ("validity", "months"),
    ("months", "12"),
    ("tags", "rope, sea, rope"),
    ("metadata", "course: SEA-1"),
    ("draft", "1"),
];

/// The id of the badge whose page a page leads to.
fn badge_in(page: &Answer) -> String {
    let rest = page
        .body
        .split("href=\"/admin/badges/")
        .find(|rest| rest.starts_with('B'));
    rest.unwrap_or_else(|| panic!("no badge in {}", page.body))
        .split('"')
        .next()
        .unwrap()
        .to_owned()
}

fn says(page: &Answer, words: &str) {
    assert!(page.body.contains(words), "{words}: {}", page.body);
}

on_both_databases! {
    async fn a_badge_is_made_changed_and_deleted_by_pages(database: Database) {
        let world = World::start(&database).await;
        let desk = claire(&world).await;
        let before = world.factory.other_writes().len();
        let made = send(&desk, "/admin/badges/new", KNOTS, Some(&square(500))).await;
        assert_eq!(made.status, 303, "{}", made.body);
        says(&desk.get(made.location()).await, "is stored here and is sent");
        assert_eq!(world.factory.other_writes().len(), before, "the page sends nothing itself");
        world.drain_jobs().await;
        let told = world.factory.other_writes().pop().unwrap();
        assert_eq!((told.method.as_str(), told.path), ("POST", format!("/v1/badge/{CLIENT}")));
        let image = told.body["image"].as_str().unwrap().to_owned();
        assert!(image.starts_with("iVBORw0KGgo"), "a PNG in base64");
        let edit = made.location().rsplit('/').next().unwrap().to_owned();
        let mut body = told.body.clone();
        body.as_object_mut().unwrap().remove("image");
        assert_eq!(
            body,
            json!({"name": "Knots", "description": "Ties six knots.", "draft": 1, "css": "p { margin: 0 }",
                "criteria_html": "<p>Tie <strong>six</strong> knots.</p><ul><li>bowline</li><li>clove hitch</li></ul>",
                "email_subject": "You earned a badge", "email_body": "Well done.", "email_link_text": "Get it",
                "email_footer": "Marlowe", "expires": 12, "tags": ["rope", "sea"],
                "metadata": {"course": "SEA-1", "badgebridge": edit}})
        );
        let saved = desk.get(made.location()).await;
        says(&saved, "The Factory has it");
        let path = format!("/admin/badges/{}", badge_in(&saved));
        let page = desk.get(&path).await;
        for words in ["<strong>six</strong>", "rope, sea", "12 months", "SEA-1", "Well done.", "/admin/pic/"] {
            says(&page, words);
        }
        let picture = format!("/admin/pic/{}", page.body.split("/admin/pic/").nth(1).unwrap().split('"').next().unwrap());
        assert_eq!(desk.get(&picture).await.header("content-type"), Some("image/png"));
        says(&desk.get("/admin/badges?search=ROPE&state=draft").await, "Knots");
        says(&desk.get("/admin/badges?search=knots&state=published").await, "No badge fits.");

        // changed: what the form leaves alone is not sent, what the organisation keeps there stays
        let mut fields = KNOTS.to_vec();
        fields.retain(|(name, _)| !["name", "draft", "criteria", "validity"].contains(name));
        let criteria = "<p>Tie <strong>six</strong> knots.</p><ul><li>bowline</li><li>clove hitch</li></ul>";
        fields.extend([("name", "More knots"), ("criteria", criteria), ("validity", "none")]);
        let changed = send(&desk, &format!("{path}/edit"), &fields, None).await;
        assert_eq!(changed.status, 303, "{}", changed.body);
        // meanwhile nobody else changes it
        let second = send(&desk, &format!("{path}/edit"), &fields, None).await;
        assert_eq!(second.status, 422, "{}", second.body);
        says(&second, "An earlier change is still being saved");
        world.drain_jobs().await;
        let told = world.factory.other_writes().pop().unwrap();
        assert_eq!((told.method.as_str(), told.path.clone()), ("PUT", path.replace("/admin/badges", &format!("/v1/badge/{CLIENT}"))));
        assert_eq!((&told.body["name"], &told.body["draft"], &told.body["expires"]), (&json!("More knots"), &json!(0), &json!(0)));
        assert!(told.body.get("image").is_none() && told.body.get("criteria_html").is_none(), "{}", told.body);
        assert_eq!(told.body["metadata"]["badgebridge"], json!(edit));
        says(&desk.get(&path).await, "More knots");

        // deleted: only by who types its name
        let key = hidden(&desk.get(&format!("{path}/delete")).await, "key");
        let wrong = desk.post(&format!("{path}/delete"), &[("key", &key), ("name", "Knots")]).await;
        assert_eq!(wrong.status, 422, "{}", wrong.body);
        world.drain_jobs().await;
        assert_eq!(world.factory.other_writes().pop().unwrap().method, "PUT", "nothing was deleted");
        let gone = desk.post(&format!("{path}/delete"), &[("key", &key), ("name", "more  knots")]).await;
        assert_eq!(gone.status, 422, "another name: {}", gone.body);
        let gone = desk.post(&format!("{path}/delete"), &[("key", &key), ("name", " More knots ")]).await;
        assert_eq!(gone.status, 303, "{}", gone.body);
        world.drain_jobs().await;
        let told = world.factory.other_writes().pop().unwrap();
        assert_eq!((told.method.as_str(), told.path), ("DELETE", path.replace("/admin/badges", &format!("/v1/badge/{CLIENT}"))));
        says(&desk.get(gone.location()).await, "The Factory has deleted it");
        says(&desk.get("/admin/badges?state=gone").await, "More knots");
        says(&desk.get(&path).await, "has this badge no more");
        let log = desk.get("/admin/audit?search=badge.").await;
        for deed in ["badge.create", "badge.change", "badge.delete"] {
            says(&log, deed);
        }
        assert!(world.factory.reads().iter().any(|read| read.ends_with("/_/categorylist")));
        world.finish().await;
    }

    async fn a_lost_answer_is_looked_for_before_a_badge_is_made_again(database: Database) {
        let world = World::start(&database).await;
        let desk = claire(&world).await;
        let next = |fault| Plan::Next { fault, times: 1, aim: Aim::Only(Kind::BadgeWrite) };
        // made, and the answer lost: it is found by its mark, and not made again
        let lost = Fault::StatusAfterWork(503);
        world.factory.misbehave(next(lost.clone()));
        let made = send(&desk, "/admin/badges/new", KNOTS, None).await;
        world.drain_jobs().await;
        says(&desk.get(made.location()).await, "The Factory has it");
        let edit = made.location().rsplit('/').next().unwrap();
        let looked = format!("/v1/badge/{CLIENT}?meta:badgebridge={edit}");
        assert!(world.factory.reads().iter().any(|read| read.replace("%3A", ":") == looked), "{:?}", world.factory.reads());
        let posts = || world.factory.calls_by_kind().get(&Kind::BadgeWrite).copied().unwrap_or(0);
        assert_eq!(posts(), 1);
        // not made: looked for to the end, sent once more
        world.factory.misbehave(next(Fault::Status(500)));
        let made = send(&desk, "/admin/badges/new", KNOTS, None).await;
        world.drain_jobs().await;
        says(&desk.get(made.location()).await, "The answer was lost");
        assert_eq!(posts(), 2);
        world.advance(Duration::from_mins(14)).await;
        assert_eq!(posts(), 2, "not before the last look");
        world.advance(Duration::from_mins(2)).await;
        assert_eq!(posts(), 3);
        says(&desk.get(made.location()).await, "The Factory has it");
        // twice lost without a trace: a person decides
        world.factory.misbehave(Plan::Next { fault: Fault::Status(500), times: 2, aim: Aim::Only(Kind::BadgeWrite) });
        let made = send(&desk, "/admin/badges/new", KNOTS, None).await;
        for _ in 0..5 {
            world.advance(Duration::from_mins(16)).await;
        }
        says(&desk.get(made.location()).await, "Needs a decision");
        assert_eq!(posts(), 5);
        says(&desk.get("/admin/badges").await, "Needs a decision");
        let again = desk.post(made.location(), &[("do", "again")]).await;
        assert_eq!(again.status, 303);
        world.drain_jobs().await;
        says(&desk.get(made.location()).await, "The Factory has it");
        assert_eq!(posts(), 6);
        // a change and a deletion whose answers are lost
        let path = format!("/admin/badges/{BADGE_WELCOME}");
        world.factory.misbehave(next(lost.clone()));
        let changed = send(&desk, &format!("{path}/edit"), KNOTS, None).await;
        assert_eq!(changed.status, 303, "{}", changed.body);
        world.drain_jobs().await;
        says(&desk.get(changed.location()).await, "The Factory has it");
        world.factory.misbehave(next(lost));
        let key = hidden(&desk.get(&format!("{path}/delete")).await, "key");
        let gone = desk.post(&format!("{path}/delete"), &[("key", &key), ("name", "Knots")]).await;
        world.drain_jobs().await;
        says(&desk.get(gone.location()).await, "The Factory has deleted it");
        let calls = |method| world.factory.other_writes().iter().filter(|call| call.method == method).count();
        assert_eq!((calls("PUT"), calls("DELETE")), (1, 1), "looked up, and not repeated");
        world.finish().await;
    }

    async fn events_are_counted_read_and_downloaded(database: Database) {
        let world = World::start(&database).await;
        let tab = world.launch("teacher1", "BIO-2010").await;
        for person in ["ada@campus.example", "noa@campus.example"] {
            world.issue(&tab, BADGE_SAFETY, &[person]).await;
        }
        world.issue(&tab, BADGE_WELCOME, &["=cmd@campus.example"]).await;
        world.drain_jobs().await;
        let desk = claire(&world).await;
        let from = "2020-01-01";
        let asked = desk.post("/admin/events", &[("badge", BADGE_SAFETY), ("email", "noa@campus.example"),
            ("consumer", "badgebridge"), ("from", from), ("to", "2037-01-01"), ("order", "desc"), ("limit", "10"),
            ("offset", "0")]).await;
        assert_eq!(asked.status, 303, "{}", asked.body);
        says(&desk.get(asked.location()).await, "Counting");
        world.drain_jobs().await;
        let page = desk.get(asked.location()).await;
        for words in ["1 event", "noa@campus.example", "Lab Safety", "badgebridge"] {
            says(&page, words);
        }
        let search = format!("api_consumer_id=badgebridge&badge_id={BADGE_SAFETY}&email=noa%40campus.example\
            &begin=1577836800&end=2114467199&order_by=desc");
        let reads = world.factory.reads();
        let counted = reads.iter().position(|read| read.contains("count_only=1") && read.contains("noa%40campus.example"));
        let listed = reads.iter().position(|read| *read == format!("/v1/event/{CLIENT}?{search}&limit=1"));
        assert!(counted.is_some() && listed > counted, "counted first: {reads:?}");
        // only counted; with an offset; everything as a table
        let counted = desk.post("/admin/events", &[("count", "1")]).await;
        let rest = desk.post("/admin/events", &[("offset", "2"), ("order", "asc")]).await;
        let all = desk.post("/admin/events", &[]).await;
        world.drain_jobs().await;
        let page = desk.get(counted.location()).await;
        assert!(page.body.contains("3 events") && !page.body.contains("campus.example"), "{}", page.body);
        says(&desk.get(rest.location()).await, "1 of 1 read.");
        let table = desk.get(&format!("{}/events.csv", all.location())).await;
        assert_eq!(table.body.lines().count(), 4, "{}", table.body);
        assert!(table.body.contains("\"'=cmd@campus.example\""), "no formula: {}", table.body);
        // one event with who collected it
        let event = world.factory.events().into_iter().find(|event| event.badge_id == BADGE_SAFETY).unwrap();
        let page = desk.get(&format!("/admin/events/{}", event.id)).await;
        for words in ["Event: Lab Safety", "@campus.example", "Not collected yet"] {
            says(&page, words);
        }
        for read in ["", "/revoked", "/assertion"] {
            let path = format!("/v1/event/{CLIENT}/{}{read}", event.id);
            assert!(world.factory.reads().contains(&path), "{path}");
        }
        assert_eq!(desk.get("/admin/events/Enothing").await.status, 404);
        let wrong = desk.post("/admin/events", &[("email", "nobody"), ("from", "x"), ("limit", "-1")]).await;
        assert_eq!(wrong.status, 422, "{}", wrong.body);
        let crossed = desk.post("/admin/events", &[("from", "2026-02-02"), ("to", "2026-02-01")]).await;
        says(&crossed, "a last day that is not before the first");
        world.finish().await;
    }
}

/// The badge of knots with another value in one field.
fn knots_with(name: &'static str, value: &'static str) -> Vec<(&'static str, &'static str)> {
    let mut fields = KNOTS.to_vec();
    fields.retain(|(known, _)| *known != name);
    fields.push((name, value));
    fields
}

#[tokio::test]
async fn what_cannot_be_a_badge_is_refused_and_nothing_is_stored() {
    with_sqlite(async |database: Database| {
        let world = World::start(&database).await;
        let desk = claire(&world).await;
        let long = &*Box::leak("x".repeat(256).into_boxed_str());
        for (fields, words) in [
            (knots_with("name", ""), "Enter"),
            (knots_with("name", long), "255"),
            (knots_with("description", " "), "Enter"),
            (
                knots_with("criteria", "<p onclick=alert(1)>x</p>"),
                "Take out what runs",
            ),
            (
                knots_with("criteria", "<p>x</p><scr<script>ipt>alert(1)</script>"),
                "Take out what runs",
            ),
            (
                knots_with("criteria", "<a href=\"java\tscript:alert(1)\">x</a>"),
                "Take out what runs",
            ),
            (
                knots_with("criteria", "<svg><animate onbegin=alert(1)>"),
                "Take out what runs",
            ),
            (knots_with("css", "</style><script>"), "Take out what runs"),
            (knots_with("months", "0"), "600"),
            (knots_with("metadata", "no colon"), "Line 1 is not"),
            (knots_with("metadata", "a: 1\nbadgebridge: stolen"), "Line 2 is not"),
        ] {
            let refused = send(&desk, "/admin/badges/new", &fields, None).await;
            assert_eq!(refused.status, 422, "{words}: {}", refused.body);
            says(&refused, words);
            assert!(
                !refused.body.contains("<p onclick") && !refused.body.contains("<svg><animate"),
                "as text"
            );
        }
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
        let mut bomb = square(400);
        bomb.splice(16..24, [0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
        let large = [square(400), vec![0; 1024 * 1024]].concat();
        for (picture, words) in [
            (svg.to_vec(), "Choose a picture in the PNG format"),
            (b"GIF89a".to_vec(), "Choose a picture in the PNG format"),
            (square(399), "at least 400 pixels"),
            (bomb, "Choose a picture"),
            (large, "1 MB"),
        ] {
            let refused = send(&desk, "/admin/badges/new", KNOTS, Some(&picture)).await;
            assert_eq!(refused.status, 422, "{words}: {}", refused.body);
            says(&refused, words);
            says(&refused, "Choose the file again");
        }
        // a preview shows what would be left, and stores nothing
        let preview = send(&desk, "/admin/badges/new", &knots_with("do", "preview"), None).await;
        assert_eq!(preview.status, 200);
        says(&preview, "<strong>six</strong>");
        let mut hostile = knots_with(
            "criteria",
            "<p>safe</p><img src=x onerror=alert(1)><script>alert(1)</script>",
        );
        hostile.retain(|(name, _)| *name != "do");
        hostile.push(("do", "preview"));
        let preview = send(&desk, "/admin/badges/new", &hostile, None).await;
        says(&preview, "<p>safe</p>");
        assert!(
            !preview.body.contains("<img src=x") && !preview.body.contains("<script>alert"),
            "{}",
            preview.body
        );
        // a form of elsewhere, and one without its key
        let foreign = send_as(&desk, "/admin/badges/new", &[("csrf", "x".to_owned())], None).await;
        assert_eq!(foreign.status, 403, "{}", foreign.body);
        // what the Factory refuses is told, and the form can be opened again with what was entered
        world.factory.misbehave(Plan::Next {
            fault: Fault::Status(400),
            times: 1,
            aim: Aim::Only(Kind::BadgeWrite),
        });
        let made = send(&desk, "/admin/badges/new", KNOTS, None).await;
        assert_eq!(made.status, 303, "{}", made.body);
        world.drain_jobs().await;
        let calls = world.factory.calls_by_kind().get(&Kind::BadgeWrite).copied();
        assert_eq!(calls, Some(1), "nothing before was sent");
        let page = desk.get(made.location()).await;
        says(&page, "The Factory did not take it");
        let again = page
            .body
            .split("href=\"/admin/badges/new?from=")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        says(
            &desk.get(&format!("/admin/badges/new?from={again}")).await,
            "Tie &#60;strong&#62;six",
        );
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn the_issuers_profile_is_read_and_changed() {
    with_sqlite(async |database: Database| {
        let world = World::start(&database).await;
        let desk = claire(&world).await;
        says(&desk.get("/admin/issuer").await, "Save profile");
        let wrong = send(
            &desk,
            "/admin/issuer",
            &[("url", "javascript:x"), ("email", "nobody")],
            None,
        )
        .await;
        assert_eq!(wrong.status, 422, "{}", wrong.body);
        let fields = [
            ("url", "https://marlowe.example/badges"),
            ("description", "A polytechnic."),
            ("email", "badges@marlowe.example"),
        ];
        let changed = send(&desk, "/admin/issuer", &fields, Some(&square(400))).await;
        assert_eq!(changed.status, 303, "{}", changed.body);
        world.drain_jobs().await;
        let told = world.factory.other_writes().pop().unwrap();
        assert_eq!(
            (told.method.as_str(), told.path),
            ("PUT", format!("/v1/client/{CLIENT}"))
        );
        assert_eq!(
            (&told.body["url"], &told.body["email"], &told.body["description"]),
            (&json!(fields[0].1), &json!(fields[2].1), &json!(fields[1].1))
        );
        assert!(told.body["image"].as_str().unwrap().starts_with("iVBORw0KGgo"));
        says(&desk.get("/admin/issuer").await, "https://marlowe.example/badges");
        // lost: looked up before it is repeated
        world.factory.misbehave(Plan::Next {
            fault: Fault::StatusAfterWork(500),
            times: 1,
            aim: Aim::Only(Kind::Organisation),
        });
        let fields = [fields[0], ("description", "Another."), fields[2]];
        // the page itself must not meet the fault: it was read a moment ago
        let changed = send(&desk, "/admin/issuer", &fields, None).await;
        world.drain_jobs().await;
        says(&desk.get(changed.location()).await, "The Factory has it");
        let puts = world
            .factory
            .other_writes()
            .iter()
            .filter(|call| call.method == "PUT")
            .count();
        assert_eq!(puts, 2);
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn reports_count_what_was_issued_and_show_it_with_its_age() {
    with_sqlite(async |database: Database| {
        let world = World::start(&database).await;
        let tab = world.launch("teacher1", "BIO-2010").await;
        let desk = claire(&world).await;
        says(&desk.get("/admin/reports").await, "Nothing was awarded in this time.");
        for number in 0..6 {
            world
                .issue(&tab, BADGE_SAFETY, &[&format!("person{number}@campus.example")])
                .await;
        }
        world.issue(&tab, BADGE_WELCOME, &["ada@campus.example"]).await;
        world.drain_jobs().await;
        world.advance(Duration::from_mins(2)).await;
        let page = desk.get("/admin/reports").await;
        for words in [
            "7 badges were awarded",
            "Lab Safety",
            "Cell Biology Lab",
            "<svg class=\"plot\"",
            "Nobody applied in this time.",
            "Counted a moment ago",
        ] {
            says(&page, words);
        }
        for (part, row) in [("badges", "Lab Safety,6"), ("days", ",7"), ("courses", ",7")] {
            let table = desk.get(&format!("/admin/reports.csv?part={part}")).await;
            assert_eq!(table.header("content-type"), Some("text/csv; charset=utf-8"));
            says(&table, row);
        }
        says(
            &desk.get("/admin/reports?from=2019-01-01&to=2019-12-31").await,
            "Nothing was awarded",
        );
        assert_eq!(desk.get("/admin/reports?from=x").await.status, 422);
        assert_eq!(
            desk.get("/admin/reports?from=2026-02-02&to=2026-02-01").await.status,
            422
        );
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn more_than_a_thousand_events_are_read_in_pages_and_streamed() {
    with_sqlite(async |database: Database| {
        let world = World::start(&database).await;
        world.factory.add_events(BADGE_SAFETY, 2_300);
        let desk = claire(&world).await;
        let asked = desk.post("/admin/events", &[("order", "asc")]).await;
        world.drain_jobs().await;
        says(&desk.get(asked.location()).await, "2,300 of 2,300 read.");
        let pages: Vec<String> = world
            .factory
            .reads()
            .into_iter()
            .filter(|read| read.contains("limit="))
            .collect();
        let ends = ["limit=1000", "limit=1000&offset=1000", "limit=300&offset=2000"];
        assert_eq!(pages.len(), 3, "{pages:?}");
        assert!(
            pages.iter().zip(ends).all(|(read, end)| read.ends_with(end)),
            "{pages:?}"
        );
        let table = desk.get(&format!("{}/events.csv", asked.location())).await;
        assert_eq!(table.body.lines().count(), 2_301);
        // away in the middle: what was read stays, and the rest is read later
        world.factory.misbehave(Plan::Next {
            fault: Fault::Closed { retry_after: 1 },
            times: 1,
            aim: Aim::Only(Kind::EventRead),
        });
        let asked = desk.post("/admin/events", &[]).await;
        world.drain_jobs().await;
        says(&desk.get(asked.location()).await, "does not answer as it should");
        world.wait_out().await;
        says(&desk.get(asked.location()).await, "2,300 of 2,300 read.");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn pages_show_what_was_read_before_while_the_factory_is_away() {
    with_sqlite(async |database: Database| {
        let world = World::start(&database).await;
        let desk = claire(&world).await;
        let path = format!("/admin/badges/{BADGE_SAFETY}");
        says(&desk.get("/admin/badges").await, "Lab Safety");
        says(&desk.get(&path).await, "Criteria");
        says(&desk.get("/admin/issuer").await, "Save profile");
        world.advance(Duration::from_mins(3)).await;
        world.factory.misbehave(Plan::Always {
            fault: Fault::Hang {
                span: Duration::from_mins(10),
                after_work: false,
            },
            aim: Aim::Any,
        });
        let begun = std::time::Instant::now();
        for page in [
            path.as_str(),
            "/admin/badges",
            "/admin/issuer",
            "/admin/events",
            "/admin/reports",
        ] {
            assert_eq!(desk.get(page).await.status, 200, "{page}");
        }
        says(&desk.get(&path).await, "Works safely");
        // three of them wait for the Factory, each a second and a half: a guard against hanging, not a measurement
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
        let edit = send(&desk, &format!("{path}/edit"), KNOTS, None).await;
        assert_eq!(edit.status, 303, "{}", edit.body);
        world.factory.misbehave(Plan::Calm);
        world.wait_out().await;
        says(&desk.get(edit.location()).await, "The Factory has it");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn staff_see_a_badge_of_their_course_with_its_criteria_and_who_has_it() {
    with_sqlite(async |database: Database| {
        let world = World::start(&database).await;
        let teacher = world.launch("teacher1", "BIO-2010").await;
        let path = format!("/badges/{BADGE_SAFETY}");
        says(&teacher.get(&path).await, "Nobody has it from this course yet.");
        world.issue(&teacher, BADGE_SAFETY, &["noa@campus.example"]).await;
        world.drain_jobs().await;
        let page = teacher.get(&path).await;
        for words in [
            "Works safely",
            "Shown in class",
            "No rule of this course gives it.",
            "Sent",
        ] {
            says(&page, words);
        }
        says(&teacher.get("").await, &format!("/badges/{BADGE_SAFETY}\""));
        // a learner has no such page
        let ada = world.launch("ada", "BIO-2010").await;
        assert_eq!(ada.get(&path).await.status, 403);
        assert_eq!(teacher.get("/badges/Bnothing").await.status, 404);
        world.finish().await;
    })
    .await;
}
