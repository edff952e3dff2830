//! Who may import whom, and what may stand where: the house rules of `docs/architecture.md`, read from the sources.
//!
//! Each rule has fixtures that it must flag, so that a rule that went blind is noticed.

mod paths;

use std::fs;
use std::path::Path;

use paths::{Mention, Piece, mentions, tokens};

/// One row of the table of imports.
struct Row {
    modules: &'static [&'static str],
    /// Other modules that these may use.
    may: May,
    /// What must be flagged: a file and its source.
    flagged: &'static [(&'static str, &'static str)],
}

enum May {
    /// These; an entry with `::` allows only what lies below it.
    Only(&'static [&'static str]),
    /// All but these.
    AllBut(&'static [&'static str]),
    Everything,
}

const TABLE: &[Row] = &[
    Row {
        modules: &["clock", "crypto", "config", "lti", "factory"],
        may: May::Only(&[]),
        flagged: &[
            ("clock.rs", "use crate::crypto::random;"),
            ("crypto/seal.rs", "use crate::clock::Timestamp;"),
            ("config/server.rs", "use crate::crypto::seal;"),
            ("lti/launch.rs", "fn f(now: crate::clock::Timestamp) {}"),
            ("lti/token.rs", "use crate::outbound::Client;"),
            ("factory/client/mod.rs", "use super::super::crypto::random;"),
            ("factory/error.rs", "use crate::model::Signal;"),
        ],
    },
    Row {
        modules: &["telemetry", "outbound"],
        may: May::Only(&["clock", "crypto", "config"]),
        flagged: &[
            ("telemetry.rs", "use crate::web::page;"),
            ("outbound/client.rs", "impl crate::lti::Fetch for Client {}"),
        ],
    },
    Row {
        modules: &["model"],
        may: May::Only(&["clock", "crypto"]),
        flagged: &[("model/award.rs", "use crate::{clock::Timestamp, store::Tx};")],
    },
    Row {
        modules: &["lms"],
        may: May::Only(&["clock", "crypto", "outbound"]),
        flagged: &[("lms/canvas.rs", "use crate::model::badge;")],
    },
    Row {
        modules: &["store"],
        may: May::Only(&["clock", "crypto", "model", "lti"]),
        flagged: &[
            ("store/order.rs", "use crate::awards::settle;"),
            ("store/tx.rs", "mod tests { use super::super::super::config; }"),
        ],
    },
    Row {
        modules: &["signals"],
        may: May::Only(&["clock", "crypto", "model", "lms", "lti"]),
        flagged: &[("signals/canvas.rs", "use crate::store::Tx;")],
    },
    Row {
        modules: &["catalog", "awards"],
        may: May::Only(&["clock", "crypto", "model", "store"]),
        flagged: &[
            ("catalog/refresh.rs", "use crate::factory::Client;"),
            ("awards/issue.rs", "use crate::factory::TransportError;"),
            ("awards/decide.rs", "use crate::web::deps::Deps;"),
        ],
    },
    Row {
        modules: &["jobs"],
        may: May::Only(&[
            "clock", "crypto", "model", "store", "awards", "signals", "catalog", "lti", "lms",
        ]),
        flagged: &[
            ("jobs/worker.rs", "use crate::factory;"),
            ("jobs/kinds/roster.rs", "crate::outbound::Client::new(x)"),
        ],
    },
    Row {
        modules: &["web"],
        may: May::AllBut(&["factory", "lms", "outbound", "sandbox", "app", "cli", "main"]),
        flagged: &[
            ("web/course/issue.rs", "use crate::factory::Badge;"),
            ("web/lti/launch.rs", "use crate::lms::canvas;"),
            ("web/deps.rs", "use crate::{outbound::Client, store::Store};"),
            ("web/routes.rs", "use crate::sandbox;"),
            ("web/error.rs", "crate::app::run();"),
        ],
    },
    Row {
        modules: &["sandbox"],
        may: May::Only(&["clock", "crypto::random"]),
        flagged: &[
            ("sandbox/factory.rs", "use crate::factory::Event;"),
            ("sandbox/lms.rs", "use crate::lti::claims;"),
            ("sandbox/seed.rs", "use crate::crypto::{random, seal};"),
            ("sandbox/seed.rs", "use crate::crypto;"),
        ],
    },
    Row {
        modules: &["app", "cli", "main", "lib"],
        may: May::Everything,
        flagged: &[("app/mod.rs", "use crate as everything;")],
    },
];

/// Modules that exist in tests only.
const TEST_MODULES: [&str; 3] = ["support", "test_database", "test_cases"];

#[test]
fn no_module_imports_what_its_row_forbids() {
    let mut wrong = Vec::new();
    for (path, source) in sources() {
        wrong.extend(forbidden_imports(&path, &source));
    }
    assert!(wrong.is_empty(), "forbidden imports:\n{}", wrong.join("\n"));
}

#[test]
fn every_row_flags_its_fixtures() {
    for row in TABLE {
        assert!(!row.flagged.is_empty());
        for (path, source) in row.flagged {
            assert!(!forbidden_imports(path, source).is_empty(), "{path}: {source}");
        }
    }
}

#[test]
fn what_the_table_allows_is_not_flagged() {
    for (path, source) in [
        (
            "awards/settle.rs",
            "use crate::{clock::Timestamp, crypto::digest, model, store::Store}; use super::ports;",
        ),
        (
            "web/course/mod.rs",
            "use crate::awards::issue; use crate::jobs; use crate::config::Session; use super::page;",
        ),
        (
            "sandbox/seed.rs",
            "use crate::crypto::random; use crate::crypto::random::{bytes}; use crate::clock::Clock;",
        ),
        (
            "lti/launch.rs",
            "use crate::lti::token; mod tests { use super::*; use crate::lti::testing; }",
        ),
        ("store/tests/open.rs", "use crate::support::database;"),
        (
            "app/adapters.rs",
            "use crate::factory::Transport; use crate::outbound::Client;",
        ),
    ] {
        assert_eq!(forbidden_imports(path, source), Vec::<String>::new(), "{path}");
    }
}

#[test]
fn every_module_has_its_row() {
    for (path, _) in sources() {
        let module = module(&path);
        let rows = TABLE
            .iter()
            .filter(|row| row.modules.contains(&module.as_str()))
            .count();
        assert_eq!(
            rows, 1,
            "{path}: the module {module} stands in {rows} rows of the table"
        );
    }
}

#[test]
fn sql_is_in_the_store_alone() {
    let wrong: Vec<String> = sources()
        .iter()
        .filter(|(path, _)| module(path) != "store")
        .flat_map(|(path, source)| sql(path, source))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for fixture in [
        "let q = \"SELECT 1 FROM award\";",
        "const Q: &str = r#\"\n  insert into award VALUES ($1)\"#;",
        "query(\"DELETE FROM award\")",
        "\"UPDATE award SET state = $1\"",
        "\"PRAGMA synchronous\"",
        "sqlx::query(text)",
    ] {
        assert_eq!(sql("web/page.rs", fixture).len(), 1, "{fixture}");
    }
    for innocent in [
        "\"Select a badge from the list\"",
        "\"update\"",
        "// SELECT 1 FROM award\n",
    ] {
        assert_eq!(sql("web/page.rs", innocent), Vec::<String>::new(), "{innocent}");
    }
}

/// The sandbox's doubles play other servers and share nothing with the tool, its client included.
#[test]
fn the_http_client_is_outbound_alone() {
    let wrong: Vec<String> = sources()
        .iter()
        .filter(|(path, _)| !["outbound", "sandbox"].contains(&module(path).as_str()))
        .flat_map(|(path, source)| words(path, source, "reqwest"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(words("web/page.rs", "use reqwest::Client;", "reqwest").len(), 1);
}

/// Store methods outside `store/installation` that take no organisation, each with its reason. The list should not grow.
const WITHOUT_ORGANISATION: &[&str] = &[
    // Found by a secret that only one browser has; the row tells the organisation.
    "session.rs: seat",
    "session.rs: see_session",
    "session.rs: prefer",
    // Signals of several senders in one statement: each names its organisation.
    "intake.rs: add_signals",
    // Housekeeping, by age: files whose application was never stored, or decided long ago.
    "application_file.rs: forget_files_left_over",
    "application_file.rs: forget_files_of_decided",
    // The queue belongs to the workers, who learn the organisation from the job.
    "job.rs: enqueue",
    "job.rs: enqueue_once",
    "job.rs: claim_job",
    "job.rs: extend_job",
    "job.rs: settle_job",
    "job.rs: next_job_at",
    "job.rs: job_keys",
    "pull.rs: courses_to_ask",
    // Signals of many feeds in one statement; each tells the organisation of its feed.
    "intake.rs: add_signals",
    // Found by a secret that only whom the LMS sent back has; the row tells the organisation.
    "connection.rs: connection_by_state",
    // Deletes by age whatever is old, or counts.
    "attempt.rs: forget_attempts",
    "audit.rs: forget_audit",
    "draft.rs: forget_old_drafts",
    "edit.rs: forget_edits",
    "event_search.rs: forget_event_searches",
    "factory_view.rs: forget_factory_views",
    "job.rs: forget_job_attempts",
    "notice.rs: forget_old_notices",
    "signal.rs: forget_old_signals",
    "session.rs: forget_old_sessions",
    "started.rs: forget_started_applications",
    "session.rs: seat_count",
    // The operator's view of the whole installation.
    "connection.rs: connections_everywhere",
    "feed.rs: feeds_everywhere",
    "health.rs: applied_migrations",
    "health.rs: schema_version",
    "health.rs: size",
    "problem.rs: problems_everywhere",
    "tx.rs: now",
];

#[test]
fn store_methods_take_the_organisation() {
    let mut wrong = Vec::new();
    for (path, source) in sources() {
        let in_question = module(&path) == "store" && !path.contains("installation") && !path.contains("tests");
        if in_question {
            wrong.extend(unscoped_methods(&path, &source));
        }
    }
    assert!(
        wrong.is_empty(),
        "methods that name no organisation (move them to store/installation, or list them in WITHOUT_ORGANISATION with a reason):\n{}",
        wrong.join("\n")
    );
    let fixture =
        "impl Tx<'_> {\n    pub async fn award(&mut self, id: AwardId) -> Result<(), E> {\n        x\n    }\n}\n";
    assert_eq!(unscoped_methods("store/award.rs", fixture).len(), 1);
    let scoped = fixture.replace("id: AwardId", "organisation: OrganisationId, id: AwardId");
    assert!(unscoped_methods("store/award.rs", &scoped).is_empty());
}

#[test]
fn no_file_names_a_place_on_one_machine() {
    let mut wrong = Vec::new();
    for (path, text) in repository() {
        wrong.extend(machine_paths(&path, &text));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for fixture in [
        concat!("/ro", "ot/x"),
        concat!("(/ho", "me/ann/x"),
        concat!("\"/wo", "rk/x"),
    ] {
        assert_eq!(machine_paths("README.md", fixture).len(), 1, "{fixture}");
    }
    assert!(machine_paths("README.md", "https://badges.example/work/x and course/home/1").is_empty());
}

fn forbidden_imports(path: &str, source: &str) -> Vec<String> {
    let from = module(path);
    let may = TABLE
        .iter()
        .find(|row| row.modules.contains(&from.as_str()))
        .map(|row| &row.may);
    let is_forbidden = |mention: &Mention| {
        let Some(to) = mention.path.first() else {
            // The root itself: an alias or a glob of it would hide what is used.
            return from != "lib";
        };
        let is_test_module = TEST_MODULES.contains(&to.as_str()) && (path.contains("tests") || path == "lib.rs");
        // property tests stand beside what they test; the module is compiled for tests alone
        let is_property = to == "support" && mention.path.get(1).is_some_and(|part| part == "cases");
        if *to == from || is_test_module || is_property {
            return false;
        }
        match may {
            Some(May::Everything) => false,
            Some(May::AllBut(others)) => others.contains(&to.as_str()),
            Some(May::Only(others)) => !others.iter().any(|other| {
                let parts: Vec<&str> = other.split("::").collect();
                mention
                    .path
                    .iter()
                    .map(String::as_str)
                    .take(parts.len())
                    .eq(parts.iter().copied())
            }),
            None => true,
        }
    };
    mentions(path, source)
        .iter()
        .filter(|mention| is_forbidden(mention))
        .map(|mention| {
            format!(
                "src/{path}:{}: {from} may not use {}",
                mention.line,
                shown(&mention.path)
            )
        })
        .collect()
}

fn shown(path: &[String]) -> String {
    if path.is_empty() {
        "the root of the crate by another name".to_owned()
    } else {
        path.join("::")
    }
}

/// The module under the root to which a file belongs.
fn module(path: &str) -> String {
    let first = path.split('/').next().unwrap_or_default();
    first.trim_end_matches(".rs").to_owned()
}

fn sql(path: &str, source: &str) -> Vec<String> {
    let is_sql = |piece: &Piece| match piece {
        Piece::Word(word) => word == "sqlx",
        Piece::Text(text) => {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let lower = text.to_lowercase();
            let begins = |start: &str| lower.starts_with(start);
            (begins("select ") && text.contains("SELECT") && lower.contains(" from "))
                || begins("insert into ")
                || begins("delete from ")
                || (begins("update ") && lower.contains(" set "))
                || ["CREATE TABLE", "ALTER TABLE", "PRAGMA "]
                    .iter()
                    .any(|start| text.starts_with(start))
        }
        _ => false,
    };
    tokens(source)
        .iter()
        .filter(|token| is_sql(&token.piece))
        .map(|token| format!("src/{path}:{}: SQL outside src/store", token.line))
        .collect()
}

fn words(path: &str, source: &str, word: &str) -> Vec<String> {
    tokens(source)
        .iter()
        .filter(|token| token.piece == Piece::Word(word.to_owned()))
        .map(|token| format!("src/{path}:{}: {word}", token.line))
        .collect()
}

/// Public asynchronous methods whose text does not name an organisation.
fn unscoped_methods(path: &str, source: &str) -> Vec<String> {
    let mut found = Vec::new();
    for method in source.split("\n    pub async fn ").skip(1) {
        let method = method.split("\n    }\n").next().unwrap_or_default();
        let name = method.split(['(', '<']).next().unwrap_or_default();
        let takes_self = method.contains("&mut self");
        let entry = format!("{}: {name}", path.trim_start_matches("store/"));
        let is_listed = WITHOUT_ORGANISATION.contains(&entry.as_str());
        if takes_self && !is_listed && !method.to_lowercase().contains("organisation") {
            found.push(entry);
        }
    }
    found
}

fn machine_paths(path: &str, text: &str) -> Vec<String> {
    let places = [concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/wo", "rk/")];
    let is_place = |line: &str| {
        places.iter().any(|place| {
            line.match_indices(place).any(|(at, _)| {
                let before = line[..at].chars().next_back();
                before.is_none_or(|sign| !sign.is_alphanumeric() && !"}_-.*".contains(sign))
            })
        })
    };
    text.lines()
        .enumerate()
        .filter(|(_, line)| is_place(line))
        .map(|(index, _)| format!("{path}:{}: a place on one machine", index + 1))
        .collect()
}

/// Every Rust file under `src`, its path relative to it.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = files(&root);
    assert!(files.len() > 10, "the sources are not found");
    files
        .into_iter()
        .filter(|(path, _)| Path::new(path).extension().is_some_and(|ending| ending == "rs"))
        .collect()
}

/// Every text file of the repository that people write.
fn repository() -> Vec<(String, String)> {
    files(Path::new(env!("CARGO_MANIFEST_DIR")))
}

fn files(root: &Path) -> Vec<(String, String)> {
    const SKIPPED: [&str; 7] = [
        ".git",
        "target",
        "node_modules",
        "data",
        "sandbox-data",
        "Cargo.lock",
        "package-lock.json",
    ];
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if SKIPPED.contains(&name.as_str()) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = fs::read_to_string(&path) {
                let path = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                found.push((path, text));
            }
        }
    }
    found.sort();
    found
}
