//! `rule` and `feed`: made, listed, switched and explained from the command line, and what is refused.

use badgebridge::clock::{Clock, SystemClock};
use badgebridge::crypto::random;
use badgebridge::model::SignalId;
use serde_json::Value;
use uuid::Uuid;

use super::{World, plain, registration};

/// An installation with a course "2", its learners Ann (sub 6) and Bo (sub 7), and the badge "Lab safety".
pub(super) struct Campus {
    pub(super) world: World,
    pub(super) registration: String,
    ann: Uuid,
    course: Uuid,
}

impl Campus {
    pub(super) async fn open() -> Self {
        let world = World::with_organisations();
        world.done(&plain(&registration(&[])));
        let registration = world.json(&["registration", "list"])[0]["id"]
            .as_str()
            .unwrap()
            .to_owned();
        let now = SystemClock.now();
        let id = || random::id_at(now);
        let mut sql = world.sql().await;
        let owner: Uuid = sqlx::query_scalar("SELECT id FROM organisation WHERE name = 'Marlowe'")
            .fetch_one(&mut sql)
            .await
            .unwrap();
        let platform: Uuid = registration.parse().unwrap();
        let course = id();
        let insert = "INSERT INTO course (id, organisation_id, registration_id, context_id, title, label,
            lti_deployment_id, fingerprint, roster_generation, created_at) VALUES ($1, $2, $3, '2', 'Safety', 'S', '1', 0, 0, $4)";
        sqlx::query(insert)
            .bind(course)
            .bind(owner)
            .bind(platform)
            .bind(now.millis())
            .execute(&mut sql)
            .await
            .unwrap();
        let mut people = Vec::new();
        for (sub, name) in [("6", "Ann Park"), ("7", "Bo Stone")] {
            let member = id();
            let insert =
                "INSERT INTO member (id, organisation_id, registration_id, sub, name, email, sort_name, search,
                fingerprint, created_at) VALUES ($1, $2, $3, $4, $5, $6, $5, $5, 0, $7)";
            sqlx::query(insert)
                .bind(member)
                .bind(owner)
                .bind(platform)
                .bind(sub)
                .bind(name)
                .bind(format!("p{sub}@people.example"))
                .bind(now.millis())
                .execute(&mut sql)
                .await
                .unwrap();
            let insert = "INSERT INTO enrolment (course_id, member_id, organisation_id, launch_standing, status, test,
                roster_generation, fingerprint) VALUES ($1, $2, $3, 'learner', 'active', FALSE, 0, 0)";
            sqlx::query(insert)
                .bind(course)
                .bind(member)
                .bind(owner)
                .execute(&mut sql)
                .await
                .unwrap();
            people.push(member);
        }
        let insert = "INSERT INTO catalog_badge (organisation_id, badge_id, name, sort_name, description, draft, gone,
            expires, message, generation) VALUES ($1, $2, $3, $3, '', $4, FALSE, 'endless', '{}', 1)";
        for (badge, name, draft) in [("B1", "Lab safety", false), ("B2", "Unfinished", true)] {
            sqlx::query(insert)
                .bind(owner)
                .bind(badge)
                .bind(name)
                .bind(draft)
                .execute(&mut sql)
                .await
                .unwrap();
        }
        // Ann completed the course before any rule
        let insert = "INSERT INTO fact (organisation_id, course_id, member_id, item, class, source, holds, occurred_at,
            received_at, clock_suspect, signal_id, changed_at)
            VALUES ($1, $2, $3, 'course', 'completion', 'webhook', TRUE, $4, $4, FALSE, $5, $4)";
        sqlx::query(insert)
            .bind(owner)
            .bind(course)
            .bind(people[0])
            .bind(now.millis() - 60_000)
            .bind(id())
            .execute(&mut sql)
            .await
            .unwrap();
        Self {
            world,
            registration,
            ann: people[0],
            course,
        }
    }

    fn rule<'a>(&'a self, when: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        let mut words = vec![
            "rule",
            "add",
            "--organisation",
            "Marlowe",
            "--registration",
            &self.registration,
        ];
        words.extend(["--context", "2", "--badge", "Lab safety", "--when", when]);
        words.extend(more);
        words
    }

    /// A signal that names a course or a person whom nobody knows.
    async fn parked(&self, reason: &str, course: Option<Uuid>, names: (&str, &str), waits: &str) -> SignalId {
        let now = SystemClock.now();
        let id = random::id_at(now);
        let mut sql = self.world.sql().await;
        let insert =
            "INSERT INTO signal (id, organisation_id, registration_id, source, source_event_id, event_key, kind,
            item, person, course, occurred_at, received_at, state, reason, course_id, changed_at)
            SELECT $1, organisation_id, registration_id, 'webhook', $2, $1, 'completed', 'course', $3, $4, $5, $5,
            'parked', $6, $7, $5 FROM course";
        sqlx::query(insert)
            .bind(id)
            .bind(id.to_string())
            .bind(names.1)
            .bind(names.0)
            .bind(now.millis())
            .bind(reason)
            .bind(course)
            .execute(&mut sql)
            .await
            .unwrap();
        let insert = "INSERT INTO signal_wait (signal_id, organisation_id, name)
            SELECT $1, organisation_id, $2 FROM course";
        sqlx::query(insert)
            .bind(id)
            .bind(waits)
            .execute(&mut sql)
            .await
            .unwrap();
        SignalId::new(id)
    }

    async fn state(&self, id: SignalId) -> String {
        let sql = "SELECT state FROM signal WHERE id = $1";
        let state = sqlx::query_scalar(sql).bind(id.uuid());
        state.fetch_one(&mut self.world.sql().await).await.unwrap()
    }
}

fn id_of(value: &Value) -> String {
    value["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_rule_is_tried_made_switched_and_ended() {
    let campus = Campus::open().await;
    let world = &campus.world;
    let tried = world.json(&campus.rule("course-completed", &["--dry-run"]));
    let chosen: Vec<&Value> = tried
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["would_get_it"] == true)
        .collect();
    assert_eq!((chosen.len(), &chosen[0]["name"]), (1, &"Ann Park".into()), "{tried}");
    let told = world.done(&campus.rule("course-completed", &["--dry-run"]));
    assert!(told.contains("1 people would get it now; nothing was stored"), "{told}");
    assert_eq!(world.count("rule").await, 0);

    let made = world.json(&campus.rule(
        "course-completed and final-grade >= 80",
        &["--wait", "0", "--breaker", "9"],
    ));
    let id = id_of(&made);
    assert_eq!(
        (&made["state"], &made["when"]),
        (&"on".into(), &"course-completed and final-grade >= 80".into())
    );
    assert!(made["remarks"].to_string().contains("told by"), "{made}");
    let list = world.json(&["rule", "list", "--organisation", "Marlowe"]);
    assert_eq!((list.as_array().unwrap().len(), &list[0]["state"]), (1, &"on".into()));
    assert!(
        world
            .json(&["rule", "list", "--organisation", "Fernhill"])
            .as_array()
            .unwrap()
            .is_empty()
    );
    let shown = world.json(&["rule", "show", &id]);
    assert_eq!(shown["versions"][0]["options"]["breaker"], 9);
    assert!(world.done(&["rule", "show", &id]).contains("version 1 since"));

    world.done(&["rule", "pause", &id]);
    assert!(world.refused(&["rule", "pause", &id]).contains("paused already"));
    world.done(&["rule", "resume", &id]);
    assert!(
        world
            .refused(&["rule", "release", &id, "--discard"])
            .contains("only a stopped rule")
    );
    let (ann, badge) = (campus.ann.to_string(), "B1");
    let why = world.json(&["rule", "why", "--member", &ann, "--badge", badge]);
    assert_eq!(why[0]["outcome"], "not-yet", "{why}");
    let told = world.done(&["rule", "why", "--member", &ann, "--badge", badge]);
    assert!(told.contains("course-completed"), "{told}");
    world.done(&["rule", "archive", &id]);
    assert!(world.refused(&["rule", "resume", &id]).contains("archived"));
    assert!(
        world
            .refused(&["rule", "why", "--member", &ann, "--badge", badge])
            .contains("no rule gives this badge")
    );
    assert_eq!(world.count("audit WHERE action LIKE 'rule.%'").await, 4);
}

#[tokio::test]
async fn a_backfill_names_the_people_before_it_awards() {
    let campus = Campus::open().await;
    let world = &campus.world;
    let id = id_of(&world.json(&campus.rule("course-completed", &["--wait", "0"])));
    let told = world.done(&["rule", "backfill", &id]);
    assert!(
        told.contains("1 people would get it") && told.contains("Ann Park"),
        "{told}"
    );
    assert_eq!(world.count("rule_run WHERE kind = 'grant'").await, 0);
    let other = world.refused(&["rule", "backfill", &id, "--confirm", "2"]);
    assert!(other.contains("1 people would get it now, not 2"), "{other}");
    let done = world.json(&["rule", "backfill", &id, "--confirm", "1", "--dated-today"]);
    assert_eq!(done["people"], 1);
    assert_eq!(world.count("rule_run WHERE kind = 'grant'").await, 1);
}

#[tokio::test]
async fn a_rule_that_cannot_be_is_refused_and_not_stored() {
    let campus = Campus::open().await;
    let world = &campus.world;
    let mut draft = campus.rule("course-completed", &[]);
    let badge = draft.iter().position(|word| *word == "Lab safety").unwrap();
    draft[badge] = "Unfinished";
    assert!(world.refused(&draft).contains("cannot be issued"));
    draft[badge] = "Nothing";
    assert!(world.refused(&draft).contains("no badge \"Nothing\""));
    let mut elsewhere = campus.rule("course-completed", &[]);
    let context = elsewhere.iter().position(|word| *word == "2").unwrap();
    elsewhere[context] = "99";
    assert!(world.refused(&elsewhere).contains("open Badgebridge in it once"));
    let never = world.refused(&campus.rule("holds(B1)", &[]));
    assert!(!never.is_empty());
    let over = world.refused(&campus.rule("completed-by 2001-01-01", &[]));
    assert!(!over.is_empty());
    for (when, more) in [
        ("course-completed und final-grade", &[][..]),
        ("final-grade >= many", &[]),
        ("course-completed", &["--draft", "--dry-run"]),
        ("course-completed", &["--on-drop", "forget"]),
    ] {
        assert_eq!(world.run(&campus.rule(when, more)).status, 2, "{when}");
    }
    assert!(
        world
            .refused(&campus.rule("course-completed", &["--wait", "999"]))
            .contains("168")
    );
    let nobody = "01890000-0000-7000-8000-000000000000";
    assert!(world.refused(&["rule", "pause", nobody]).contains("no rule"));
    assert_eq!(
        (
            world.count("rule").await,
            world.count("audit WHERE action LIKE 'rule.%'").await
        ),
        (0, 0)
    );
}

#[tokio::test]
async fn a_feeds_secret_is_shown_once_and_rotated() {
    let campus = Campus::open().await;
    let world = &campus.world;
    let add = |kind: &'static str, more: &[&str]| {
        let mut words = vec!["feed", "add", "--organisation", "Marlowe", "--kind", kind];
        words.extend(more);
        words.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let own = [
        "--registration",
        campus.registration.as_str(),
        "--context",
        "2",
        "--name",
        "Campus",
    ];
    let made = world.json(&plain(&add("webhook", &own)));
    let (id, secret) = (id_of(&made), made["secret"].as_str().unwrap().to_owned());
    assert!(secret.starts_with("whsec_"));
    assert_eq!(made["url"], format!("https://badges.example/feeds/{id}/webhook"));
    assert_eq!(made["url_with_key"], Value::Null);
    let list = world.done(&["feed", "list"]);
    assert!(list.contains(&id) && !list.contains(&secret), "{list}");
    let turned = world.json(&["feed", "rotate", &id, "--overlap-hours", "0"]);
    assert_ne!(turned["secret"].as_str().unwrap(), secret);
    world.done(&["feed", "disable", &id]);
    let row = world.json(&["feed", "list"])[0].clone();
    assert_eq!(
        (&row["enabled"], &row["name"], &row["kind"]),
        (&false.into(), &"Campus".into(), &"webhook".into())
    );
    world.done(&["feed", "enable", &id]);
    let keyed = world.json(&plain(&add("moodle", &["--key-in-address"])));
    assert!(keyed["url_with_key"].as_str().unwrap().contains("/k/"));
    let replayed = world.json(&["feed", "replay", &id]);
    assert_eq!((&replayed["events"], &replayed["unreadable"]), (&0.into(), &0.into()));

    let refused = world.refused(&plain(&add("canvas", &[])));
    assert!(refused.contains("a canvas feed needs one"), "{refused}");
    let refused = world.refused(&plain(&add("canvas", &["--registration", &campus.registration])));
    assert!(refused.contains("registered as moodle"), "{refused}");
    let mut foreign = add("webhook", &["--registration", &campus.registration]);
    foreign[3] = "Fernhill".to_owned();
    assert!(world.refused(&plain(&foreign)).contains("another organisation"));
    let unknown = add("webhook", &["--registration", &campus.registration, "--context", "99"]);
    assert!(world.refused(&plain(&unknown)).contains("no course with this id"));
    assert_eq!(world.run(&plain(&add("pigeon", &[]))).status, 2);
    let nobody = "01890000-0000-7000-8000-000000000000";
    assert!(world.refused(&["feed", "rotate", nobody]).contains("no feed"));
    assert_eq!(world.count("feed").await, 2);
}

#[tokio::test]
async fn what_waits_is_listed_and_matched_on_an_operators_word() {
    let campus = Campus::open().await;
    let world = &campus.world;
    let of_course = campus
        .parked(
            "course-unknown",
            None,
            (r#"{"alias":"LAB-1"}"#, r#"{"sub":"6"}"#),
            "course:alias:LAB-1",
        )
        .await;
    let same = campus
        .parked(
            "course-unknown",
            None,
            (r#"{"alias":"LAB-1"}"#, r#"{"sub":"7"}"#),
            "course:alias:LAB-1",
        )
        .await;
    let place = Some(campus.course);
    let of_person = campus
        .parked(
            "person-unknown",
            place,
            (r#"{"context_id":"2"}"#, r#"{"sis_id":"S-1"}"#),
            "person:sis:S-1",
        )
        .await;
    let list = world.json(&["feed", "unmatched"]);
    assert_eq!(list.as_array().unwrap().len(), 3);
    assert!(
        list.to_string().contains("course-unknown") && list.to_string().contains("LAB-1"),
        "{list}"
    );
    assert!(
        world
            .done(&["feed", "unmatched", "--organisation", "Marlowe"])
            .contains("person-unknown")
    );
    assert!(
        world
            .json(&["feed", "unmatched", "--organisation", "Fernhill"])
            .as_array()
            .unwrap()
            .is_empty()
    );

    let (course_signal, person_signal) = (of_course.to_string(), of_person.to_string());
    let refused = world.refused(&["feed", "map", &course_signal, "--person", "6"]);
    assert!(refused.contains("say first which course"), "{refused}");
    assert!(
        world
            .refused(&["feed", "map", &course_signal, "--context", "99"])
            .contains("no course has this id")
    );
    assert!(
        world
            .refused(&["feed", "map", &person_signal, "--context", "2"])
            .contains("say which person")
    );
    assert!(
        world
            .refused(&["feed", "map", &person_signal, "--person", "nobody"])
            .contains("nobody")
    );
    assert_eq!(world.run(&["feed", "map", &course_signal]).status, 2);
    assert_eq!(world.count("given_name").await, 0);

    let done = world.json(&["feed", "map", &course_signal, "--context", "2"]);
    assert_eq!(done["signals"], 2, "what waits for the same name comes along");
    assert_eq!(
        (campus.state(of_course).await, campus.state(same).await),
        ("stored".into(), "stored".into())
    );
    world.done(&["feed", "map", &person_signal, "--person", "6"]);
    assert_eq!(campus.state(of_person).await, "stored");
    assert_eq!(world.count("job WHERE kind = 'match-signals'").await, 1);
    assert_eq!(
        (
            world.count("given_name").await,
            world.count("audit WHERE action = 'signal.map'").await
        ),
        (2, 2)
    );
    assert!(
        world
            .refused(&["feed", "map", &person_signal, "--person", "6"])
            .contains("no signal")
    );
    let stray = (r#"{"alias":"LAB-9"}"#, r#"{"sub":"7"}"#);
    let stray = campus.parked("course-unknown", None, stray, "course:alias:LAB-9").await;
    world.done(&["feed", "discard", &stray.to_string()]);
    assert_eq!(campus.state(stray).await, "dropped");
    assert_eq!(world.count("audit WHERE action = 'signal.discard'").await, 1);
    let none = world.refused(&["feed", "discard", &person_signal]);
    assert!(none.contains("no signal"), "it does not wait: {none}");
}
