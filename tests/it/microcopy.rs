//! The French texts held to the microcopy that was agreed on (`microcopy.tsv`: key and text, variables in braces). What
//! deviates is listed with its reason, and so is what has no text yet: a listed one that does not deviate fails as well.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Texts that say something else, and why.
const DEVIATING: &[(&str, &str)] = &[
    (
        "needs-apps",
        "days below one are told in words, and one person is told apart from several",
    ),
    (
        "rule-backfill-yes",
        "how many meet the rule is not known before the list is made",
    ),
    (
        "rule-conflict",
        "saving again replaces the other version; the page shows what it says",
    ),
    (
        "why-short",
        "scores are compared as they stand: the difference of percentages misleads",
    ),
    ("app-decided-else", "the moment may be a day: no preposition fits both"),
    (
        "my-collect-mail",
        "the badge is named above, and the Factory tells no link to collect it here",
    ),
    (
        "card-unknown",
        "how often results are read depends on the course and is told by their age",
    ),
    (
        "setup-title",
        "this key heads the page of values for an LMS; the administration has admin-title",
    ),
    (
        "fac-e-make",
        "the page of a failed step shows no reference: the log names the organisation",
    ),
    ("fac-e-refused", "the Factory's own words follow in a line of their own"),
    (
        "fac-e-down",
        "when a key was made is known only once it could be opened",
    ),
    (
        "fac-e-ping",
        "the same sentence tells of a client secret, where no certificate arrives",
    ),
    (
        "fac-ok",
        "until when a certificate holds stands beside it, and a client secret has no end",
    ),
    ("copy", "the label follows as hidden text"),
    (
        "queue-checking",
        "the queue is shown without the name of the Factory's product",
    ),
];

/// Keys without a text, and why.
const ABSENT: &[(&str, &str)] = &[
    ("back", "pages name where their link back leads"),
    ("checked-ago", "said by each page with what it read"),
    ("home-count", "in three parts, each with its plural"),
    ("revoke-rule", "the award's page says that a rule gave it"),
    ("rule-kinds", "one key for each kind"),
    ("dry-counts", "one key for each count"),
    ("column-canvas", "the column is made with a weight of zero"),
    ("why-revoked", "why-taken: the day stands in the trail of the award"),
    ("why-unread", "rules-asked-failed says it for the whole course"),
    ("why-unmatched", "what waits for a name has a page of its own"),
    ("my-none", "my-none-yet; what can be earned is listed below"),
    ("my-collect-title", "the Factory tells no link to collect a badge"),
    ("my-collect", "the Factory tells no link to collect a badge"),
    ("apply-again", "the form is shown at once"),
    ("add-backpack", "not there yet"),
    ("share", "my-share"),
    ("see-badge", "not there yet"),
    ("mail-title", "own addresses need mail, which is not there yet"),
    ("mail-why", "own addresses need mail, which is not there yet"),
    ("mail-code", "own addresses need mail, which is not there yet"),
    ("mail-later", "own addresses need mail, which is not there yet"),
    ("setup-count", "admin-count"),
    ("setup-tasks", "one key for each task"),
    (
        "badge-delete",
        "badge-delete-title and the lines below it, each with its plural",
    ),
];

/// Message keys with all variants of their text, of one language.
fn texts(locale: &str) -> BTreeMap<String, Vec<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("locales").join(locale);
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let mut current = String::new();
        for line in fs::read_to_string(entry.unwrap().path()).unwrap().lines() {
            let is_key = line.starts_with(|c: char| c.is_ascii_lowercase());
            let text = match line.split_once(" =").filter(|_| is_key) {
                Some((key, text)) => {
                    key.clone_into(&mut current);
                    text
                }
                None if current.is_empty() => continue,
                None => line,
            };
            // a variant: `*[other] text`
            let text = text.trim().trim_start_matches('*');
            let text = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
                Some((_, variant)) => variant,
                None => text,
            };
            all.entry(current.clone()).or_default().push(plain(text));
        }
    }
    all
}

/// Without the kinds of spaces and the names of variables.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, tail)) = rest.split_once('{') {
        out.push_str(before);
        out.push_str("{}");
        rest = tail.split_once('}').map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    let spaced = out.replace(['\u{a0}', '\u{202f}'], " ");
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn french_says_what_was_agreed_on_or_why_not() {
    let agreed = include_str!("microcopy.tsv");
    let french = texts("fr");
    let (mut wrong, mut same) = (Vec::new(), 0);
    let has = |list: &[(&str, &str)], key: &str| list.iter().any(|(known, _)| *known == key);
    for line in agreed.lines() {
        let (key, text) = line.split_once('\t').unwrap();
        let said = french.get(key);
        let is_same = said.is_some_and(|said| said.contains(&plain(text)));
        match (said.is_some(), is_same) {
            (true, true) if has(DEVIATING, key) || has(ABSENT, key) => {
                wrong.push(format!("{key}: listed, and the same"));
            }
            (true, true) => same += 1,
            (true, false) if !has(DEVIATING, key) => wrong.push(format!("{key}: {said:?} is not {text:?}")),
            (false, _) if !has(ABSENT, key) => wrong.push(format!("{key}: there is no text")),
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(same > 140, "{same}");
}

#[test]
fn every_deviation_is_of_an_agreed_text_and_has_a_reason() {
    let agreed = include_str!("microcopy.tsv");
    for (key, reason) in DEVIATING.iter().chain(ABSENT) {
        let start = format!("{key}\t");
        assert!(
            agreed.lines().any(|line| line.starts_with(&start)),
            "{key} was not agreed on"
        );
        assert!(reason.len() > 5, "{key}");
    }
}
