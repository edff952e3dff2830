//! The lists of what is tested name tests that exist: `docs/launch-checklist.toml` and `docs/coverage.md`.
//!
//! A name is found where `cargo test` would find it: the integration tests' modules, or the library's.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;

#[derive(Deserialize)]
struct Checklist {
    row: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    number: u32,
    case: String,
    expected: String,
    #[serde(default)]
    tests: Vec<String>,
    waits_for: Option<String>,
}

/// Rows whose feature is not there yet. They leave this list together with it.
const WAITING: [u32; 0] = [];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_row_of_the_launch_checklist_has_a_test() {
    let text = std::fs::read_to_string(root().join("docs/launch-checklist.toml")).unwrap();
    let list: Checklist = toml::from_str(&text).unwrap();
    let numbers: Vec<u32> = list.row.iter().map(|row| row.number).collect();
    assert_eq!(numbers, (1..=75).collect::<Vec<_>>());
    let known = all_tests();
    let mut waiting = Vec::new();
    for row in &list.row {
        assert!(!row.case.is_empty() && !row.expected.is_empty(), "row {}", row.number);
        if row.waits_for.is_some() {
            waiting.push(row.number);
            continue;
        }
        assert!(!row.tests.is_empty(), "row {} has no test", row.number);
        for test in &row.tests {
            assert!(known.contains(test), "row {}: there is no test {test}", row.number);
        }
    }
    assert_eq!(waiting, WAITING);
}

#[test]
fn every_test_that_the_coverage_names_is_there() {
    let text = std::fs::read_to_string(root().join("docs/coverage.md")).unwrap();
    let known = all_tests();
    let names = names_in(&text);
    assert!(names.len() > 150, "{}", names.len());
    let missing: Vec<&String> = names.iter().filter(|name| !known.contains(*name)).collect();
    assert_eq!(
        missing,
        Vec::<&String>::new(),
        "docs/coverage.md names tests that are not there"
    );
}

#[test]
fn the_coverage_shows_every_row_of_the_launch_checklist() {
    let text = std::fs::read_to_string(root().join("docs/coverage.md")).unwrap();
    let list = std::fs::read_to_string(root().join("docs/launch-checklist.toml")).unwrap();
    let list: Checklist = toml::from_str(&list).unwrap();
    for row in list.row {
        let begin = format!("| {} | {} |", row.number, row.case);
        let line = text.lines().find(|line| line.starts_with(&begin));
        let line = line.unwrap_or_else(|| panic!("docs/coverage.md lacks row {}", row.number));
        for test in row.tests {
            assert!(line.contains(&format!("`{test}`")), "row {} lacks {test}", row.number);
        }
    }
}

#[test]
fn every_test_of_an_answer_is_listed() {
    let text = std::fs::read_to_string(root().join("docs/coverage.md")).unwrap();
    let listed = names_in(&text);
    let all = all_tests();
    let unlisted: Vec<&String> = all
        .iter()
        .filter(|name| name.starts_with("factory_answers::") && !listed.contains(*name))
        .collect();
    assert_eq!(unlisted, Vec::<&String>::new());
}

#[test]
fn every_promise_has_tests_that_try_to_break_it() {
    let text = std::fs::read_to_string(root().join("docs/coverage.md")).unwrap();
    for number in 1..=8 {
        let begin = format!("| P{number} | ");
        let line = text.lines().find(|line| line.starts_with(&begin));
        let line = line.unwrap_or_else(|| panic!("docs/coverage.md lacks P{number}"));
        assert!(names_in(line).len() >= 3, "too few tests: {line}");
    }
    let section = text.split("\n## What the program does\n").nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows: Vec<&str> = section.lines().filter(|line| line.starts_with('|')).skip(2).collect();
    assert_eq!(rows.len(), 8);
    for row in rows {
        assert!(!names_in(row).is_empty(), "{row}");
    }
}

#[test]
fn every_call_that_the_simulated_factory_answers_is_listed() {
    let text = std::fs::read_to_string(root().join("docs/coverage.md")).unwrap();
    let section = text.split("\n## The Factory's API\n").nth(1).unwrap();
    let listed: BTreeSet<String> = section
        .split("\n## ")
        .next()
        .unwrap()
        .lines()
        .flat_map(calls_in)
        .collect();
    let routes = std::fs::read_to_string(root().join("src/sandbox/factory/routes.rs")).unwrap();
    let answered: Vec<String> = routes.lines().filter_map(call_of_route).collect();
    assert!(answered.len() > 15, "{answered:?}");
    let unlisted: Vec<&String> = answered.iter().filter(|call| !listed.contains(*call)).collect();
    assert_eq!(unlisted, Vec::<&String>::new(), "listed: {listed:?}");
}

/// The calls that the first cell of a row names: `GET badge/_/_`. `…/revoked` goes on from the call before.
fn calls_in(line: &str) -> Vec<String> {
    let cell = line.split('|').nth(1).unwrap_or_default();
    let mut calls: Vec<String> = Vec::new();
    for span in cell.split('`').skip(1).step_by(2) {
        let path = |path: &str| {
            let path = path.split(['?']).next().unwrap_or_default().trim_end_matches('/');
            let parts = path
                .split('/')
                .map(|part| if part.starts_with('{') { "_" } else { part });
            parts.collect::<Vec<_>>().join("/")
        };
        if let Some((method, rest)) = span.split_once(' ') {
            calls.push(format!("{method} {}", path(rest)));
        } else if let (Some(rest), Some(before)) = (span.strip_prefix("…/"), calls.last().cloned()) {
            calls.push(format!("{before}/{}", path(rest)));
        }
    }
    calls
}

/// The call of one arm of the simulator's routes, `_` for what varies; forms and applications have a table of their own.
fn call_of_route(line: &str) -> Option<String> {
    let (method, rest) = line.trim().strip_prefix("(\"")?.split_once("\", [\"v1\", ")?;
    let segments = rest.split(']').next()?.split(", ").map(|segment| {
        let text = segment.trim_matches('"');
        if text == segment { "_" } else { text }
    });
    Some(format!("{method} {}", segments.collect::<Vec<_>>().join("/")))
}

/// The names of tests in the tables: what stands between backticks and has a path.
fn names_in(text: &str) -> BTreeSet<String> {
    text.lines()
        .filter(|line| line.starts_with('|'))
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .filter(|name| name.contains("::"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_name_that_is_no_test_is_noticed() {
    let known = all_tests();
    assert!(known.contains("checklist::a_name_that_is_no_test_is_noticed"));
    assert!(
        known.contains("launch::people::short_role_names_count"),
        "made by a macro"
    );
    assert!(
        known.contains("factory_answers::refused::status_404_is_refused"),
        "made by another one"
    );
    assert!(known.contains("lti::registration::tests::identifiers_are_kept_byte_for_byte_within_their_limits"));
    assert!(known.contains("crash::tests::every_person_has_each_badge_once"));
    assert!(known.contains("browser::edges::two courses in two tabs never mix"));
    assert!(known.contains("browser::newcomer::the check says how many go out and who is held"));
    assert!(known.contains("platform::a_changed_nonce_is_refused"));
    assert!(
        !known.contains("browser::edges::Continue"),
        "a key that is pressed is no test"
    );
    assert!(!known.contains("checklist::all_tests"), "a function is no test");
    assert!(!known.contains("checklist::nobody_wrote_this"));
}

/// The names of all tests, as `cargo test` prints them, without a last part for the database. Those of the crash test
/// begin with `crash`, those in Chromium with `browser` and their file: `browser::edges::two courses in two tabs never mix`,
/// those against an LMS that nobody here wrote with `platform`.
pub(crate) fn all_tests() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (folder, before) in [("src", ""), ("tests/it", ""), ("tests/crash", "crash")] {
        let folder = root().join(folder);
        for file in sources(&folder, "rs") {
            let module = module_of(file.strip_prefix(&folder).unwrap());
            let text = std::fs::read_to_string(&file).unwrap();
            names.extend(tests_in(&text).into_iter().map(|name| {
                let parts = [before, &module, &name];
                let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
                parts.join("::")
            }));
        }
    }
    for file in sources(&root().join("tests/browser"), "mjs") {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let Some(name) = name.strip_suffix(".test.mjs") else {
            continue;
        };
        let text = std::fs::read_to_string(&file).unwrap();
        names.extend(
            browser_tests_in(&text)
                .into_iter()
                .map(|title| format!("browser::{name}::{title}")),
        );
    }
    let text = std::fs::read_to_string(root().join("tests/platform/run.py")).unwrap();
    let methods = text
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("def test_")?.split('(').next());
    names.extend(methods.map(|name| format!("platform::{name}")));
    names
}

/// The titles of a file of browser tests: the first text of `test(` and of a journey's `step(`, if it is a plain one.
fn browser_tests_in(text: &str) -> Vec<String> {
    let title = |line: &str| {
        let line = line.trim_start();
        let rest = line.strip_prefix("test(\"").or_else(|| line.strip_prefix("step(\""))?;
        rest.split('"').next().map(str::to_owned)
    };
    text.lines().filter_map(title).collect()
}

fn sources(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().is_none_or(|name| name != "node_modules") {
            found.extend(sources(&path, ending));
        } else if path.extension().is_some_and(|kind| kind == ending) {
            found.push(path);
        }
    }
    found
}

fn module_of(file: &Path) -> String {
    let parts: Vec<String> = file
        .with_extension("")
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .filter(|part| !matches!(part.as_str(), "mod" | "lib" | "main"))
        .collect();
    parts.join("::")
}

/// The tests of one file: functions under a test attribute, and those that this crate's macros make into tests. A test
/// in an inline `mod tests` gets that name before it.
fn tests_in(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let (mut is_test, mut is_ignored, mut in_macro, mut inside_tests, mut in_definition) =
        (false, false, false, false, false);
    for line in text.lines() {
        let bare = line.trim();
        in_definition = line.starts_with("macro_rules!") || (in_definition && line != "}");
        if in_definition {
            continue;
        }
        if line.starts_with("mod tests {") {
            inside_tests = true;
        } else if line.starts_with('}') {
            (in_macro, inside_tests) = (false, false);
        } else if line == "    }" && inside_tests {
            in_macro = false;
        }
        if bare.starts_with("on_both_databases! {")
            || bare.starts_with("in_a_world! {")
            || bare.starts_with("for_both_")
        {
            in_macro = true;
        }
        let made = line
            .strip_prefix("refused!(")
            .or_else(|| line.strip_prefix("answered!("))
            .and_then(|rest| rest.split([':', ',', ')']).next());
        if let Some(name) = made.filter(|name| !name.is_empty()) {
            found.push(name.to_owned());
        }
        if bare == "#[test]"
            || bare == "#[tokio::test]"
            || bare.starts_with("#[tokio::test(")
            || bare == "#[actix_web::test]"
        {
            is_test = true;
            continue;
        }
        // a test that does not run proves nothing
        is_ignored |= bare.starts_with("#[ignore");
        let name = bare
            .strip_prefix("fn ")
            .or_else(|| bare.strip_prefix("async fn "))
            .and_then(|rest| rest.split('(').next());
        if let Some(name) = name {
            let margin = if inside_tests {
                "        async fn "
            } else {
                "    async fn "
            };
            if !is_ignored && (is_test || (in_macro && line.starts_with(margin))) {
                let before = if inside_tests { "tests::" } else { "" };
                found.push(format!("{before}{name}"));
            }
            (is_test, is_ignored) = (false, false);
        }
    }
    found
}

#[test]
fn a_test_that_is_ignored_does_not_count() {
    let source = "#[test]\nfn runs() {}\n\n#[test]\n#[ignore = \"slow\"]\nfn sleeps() {}\n\n#[tokio::test]\nasync fn runs_too() {}\n";
    assert_eq!(tests_in(source), ["runs", "runs_too"]);
}
