//! Every sample of every page, in every language: structure, labels, language, and nothing that a content policy
//! would refuse. The texts: the same keys and variables in every language, none missing, none unused.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use badgebridge::web::pages::samples::{Rendered, render_all};
use badgebridge::web::pages::{Mistake, Theme};
use badgebridge::web::text::{Locale, MISSING, Text};
use scraper::{ElementRef, Html, Selector};

fn select<'a>(page: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    page.select(&Selector::parse(selector).unwrap()).collect()
}

fn words(element: &ElementRef<'_>) -> String {
    element
        .text()
        .collect::<String>()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every problem of a page, in words.
fn problems(sample: &Rendered, locale: Locale) -> Vec<String> {
    let page = Html::parse_document(&sample.html);
    let mut found = Vec::new();
    check_outline(&page, sample, locale, &mut found);
    check_references(&page, &mut found);
    check_policy(&page, sample, &mut found);
    check_forms(&page, &mut found);
    check_links(&page, &mut found);
    if sample.html.contains(MISSING) {
        found.push("a message is missing".to_owned());
    }
    if sample.html.len() > 60 * 1024 {
        found.push(format!("{} bytes", sample.html.len()));
    }
    found
}

fn check_outline(page: &Html, sample: &Rendered, locale: Locale, found: &mut Vec<String>) {
    let html = select(page, "html")[0].value();
    if html.attr("lang") != Some(locale.code()) || html.attr("dir") != Some(locale.direction()) {
        found.push("lang or dir is wrong".to_owned());
    }
    let headings = select(page, "main h1, main h2, main h3, main h4");
    let first = select(page, "h1");
    if first.len() != 1 {
        found.push(format!("{} h1", first.len()));
        return;
    }
    if words(&first[0]) != flat(&sample.heading) {
        found.push(format!("h1 is {:?}", words(&first[0])));
    }
    let title = words(&select(page, "title")[0]);
    let bare = ["Error: ", "Erreur\u{a0}: ", "Erreur : ", "Virhe: "]
        .iter()
        .find_map(|p| title.strip_prefix(p))
        .unwrap_or(&title);
    if !bare.starts_with(flat(&sample.heading).trim_end_matches('.')) {
        found.push(format!("title is {title:?}"));
    }
    let refused = !select(page, ".errors").is_empty();
    if refused == (bare == title) {
        found.push("title and error summary disagree".to_owned());
    }
    let mut level = 0;
    for heading in headings {
        let this: usize = heading.value().name()[1..].parse().unwrap();
        let in_summary = heading
            .ancestors()
            .filter_map(ElementRef::wrap)
            .any(|e| e.value().attr("id") == Some("errors"));
        if !in_summary && this > level + 1 {
            found.push(format!("h{this} after h{level}: {}", words(&heading)));
        }
        if !in_summary {
            level = this;
        }
    }
}

fn check_references(page: &Html, found: &mut Vec<String>) {
    let mut ids = HashMap::new();
    for element in select(page, "[id]") {
        *ids.entry(element.value().attr("id").unwrap().to_owned()).or_insert(0) += 1;
    }
    found.extend(
        ids.iter()
            .filter(|(_, n)| **n > 1)
            .map(|(id, n)| format!("id {id:?} {n} times")),
    );
    for attribute in ["for", "aria-labelledby", "aria-describedby", "aria-controls"] {
        for element in select(page, &format!("[{attribute}]")) {
            for id in element.value().attr(attribute).unwrap().split_whitespace() {
                if !ids.contains_key(id) {
                    found.push(format!("{attribute}={id:?} leads nowhere"));
                }
            }
        }
    }
    for link in select(page, "a[href^='#']") {
        let id = &link.value().attr("href").unwrap()[1..];
        if !ids.contains_key(id) {
            found.push(format!("#{id} leads nowhere"));
        }
    }
}

fn check_policy(page: &Html, sample: &Rendered, found: &mut Vec<String>) {
    for element in select(page, "*") {
        for (name, value) in element.value().attrs() {
            if name == "style" || name.starts_with("on") {
                found.push(format!("attribute {name}"));
            }
            if ["href", "src", "action"].contains(&name) && value.trim_start().to_lowercase().starts_with("javascript:")
            {
                found.push(format!("{name}={value}"));
            }
        }
    }
    if !select(page, "style, iframe, object, embed, base").is_empty() {
        found.push("an element that the policy refuses".to_owned());
    }
    let scripts = select(page, "script");
    if scripts.is_empty()
        || scripts.iter().any(|s| {
            s.value().attr("src").is_none_or(|src| !src.starts_with("/static/")) || s.value().attr("nonce").is_none()
        })
    {
        found.push("a script that is not ours".to_owned());
    }
    if sample.html.contains("<script>alert") {
        found.push("hostile text came through".to_owned());
    }
    for picture in select(page, "img") {
        let has = |name| picture.value().attr(name).is_some();
        if !(has("alt") && has("width") && has("height") && picture.value().attr("src").unwrap().starts_with('/')) {
            found.push("a picture without its attributes".to_owned());
        }
    }
}

fn check_forms(page: &Html, found: &mut Vec<String>) {
    let labelled: BTreeSet<String> = select(page, "label[for]")
        .iter()
        .map(|l| l.value().attr("for").unwrap().to_owned())
        .collect();
    for field in select(page, "input, select, textarea") {
        let element = field.value();
        if element.attr("type") == Some("hidden") {
            continue;
        }
        if !element.attr("id").is_some_and(|id| labelled.contains(id)) {
            found.push(format!("no label: {:?}", element.attr("name")));
        }
        if element.attr("placeholder").is_some() {
            found.push("a placeholder".to_owned());
        }
    }
    for form in select(page, "form[method=post]") {
        // before there is a session, a form carries a one-time id instead
        let token = form
            .select(
                &Selector::parse(
                    "input[type=hidden][name=csrf], input[type=hidden][name=pending], input[type=hidden][name=ticket], form[data-go] > input[name=JWT]",
                )
                .unwrap(),
            )
            .count();
        if token != 1 || form.value().attr("novalidate").is_none() {
            found.push(format!(
                "form to {:?} without token or novalidate",
                form.value().attr("action")
            ));
        }
    }
}

fn check_links(page: &Html, found: &mut Vec<String>) {
    let mut by_name: HashMap<String, BTreeSet<String>> = HashMap::new();
    for link in select(page, "main a[href]:not(.errors a)") {
        let element = link.value();
        let name = element.attr("aria-label").map_or_else(|| words(&link), str::to_owned);
        if name.is_empty() {
            found.push(format!("a link without a name to {:?}", element.attr("href")));
        }
        by_name
            .entry(name)
            .or_default()
            .insert(element.attr("href").unwrap().to_owned());
        if element.attr("target") == Some("_blank") && !element.attr("rel").is_some_and(|r| r.contains("noopener")) {
            found.push("a new window with an opener".to_owned());
        }
    }
    // "Change" is told apart by hidden words; links of one name may lead to one place only.
    found.extend(
        by_name
            .iter()
            .filter(|(_, to)| to.len() > 1)
            .map(|(name, to)| format!("{name:?} leads to {to:?}")),
    );
}

#[test]
fn every_page_is_sound_in_every_language() {
    let mut report = Vec::new();
    for locale in Locale::ALL {
        for theme in Theme::ALL {
            for sample in render_all(locale, theme).unwrap() {
                let found = problems(&sample, locale);
                report.extend(
                    found
                        .into_iter()
                        .map(|p| format!("{} {}: {p}", sample.name, locale.code())),
                );
            }
        }
    }
    report.sort();
    report.dedup();
    assert!(report.is_empty(), "{} problems:\n{}", report.len(), report.join("\n"));
}

#[test]
fn every_mistake_has_words() {
    for locale in Locale::ALL {
        let text = Text {
            locale,
            ..Text::default()
        };
        for mistake in Mistake::every() {
            assert!(
                !mistake.say(&text).contains(MISSING),
                "{mistake:?} in {}",
                locale.code()
            );
        }
    }
}

/// Key to variables, of one language.
fn messages(locale: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in files(&root().join("locales").join(locale), "ftl") {
        let mut current = String::new();
        for line in fs::read_to_string(path).unwrap().lines() {
            if let Some((key, _)) = line.split_once(" =")
                && key.starts_with(|c: char| c.is_ascii_lowercase())
            {
                key.clone_into(&mut current);
                assert!(
                    all.insert(current.clone(), BTreeSet::new()).is_none(),
                    "{locale}: {key} twice"
                );
            }
            for piece in line.split('$').skip(1) {
                let name: String = piece
                    .chars()
                    .take_while(|c| c.is_ascii_alphanumeric() || *c == '-')
                    .collect();
                all.get_mut(&current).unwrap().insert(name);
            }
        }
    }
    all
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn every_language_has_the_same_messages_and_variables() {
    let english = messages("en");
    assert!(english.len() > 200);
    for locale in Locale::ALL {
        let other = messages(locale.code());
        let differing: Vec<_> = english
            .iter()
            .filter(|(key, variables)| other.get(*key) != Some(variables))
            .map(|(key, _)| key)
            .chain(other.keys().filter(|key| !english.contains_key(*key)))
            .collect();
        assert!(differing.is_empty(), "{}: {differing:?}", locale.code());
    }
}

#[test]
fn every_message_is_used_and_every_used_one_exists() {
    let mut sources = String::new();
    for path in files(&root().join("templates"), "html")
        .into_iter()
        .chain(files(&root().join("src/web"), "rs"))
    {
        sources.push_str(&fs::read_to_string(path).unwrap());
    }
    let english = messages("en");
    let unused: Vec<_> = english
        .keys()
        .filter(|key| !sources.contains(&format!("\"{key}\"")))
        .collect();
    assert!(unused.is_empty(), "unused: {unused:?}");
    for call in ["say(\"", "msg(\""] {
        for piece in sources.split(call).skip(1) {
            let key = piece.split('"').next().unwrap();
            assert!(
                english.contains_key(key) || ["no-such-key", "key"].contains(&key),
                "{key} is used and does not exist"
            );
        }
    }
}

#[test]
fn french_spaces_do_not_break_before_double_signs() {
    for path in files(&root().join("locales/fr"), "ftl") {
        for line in fs::read_to_string(&path)
            .unwrap()
            .lines()
            .filter(|line| !line.starts_with('#'))
        {
            for sign in [" ;", " :", " ?", " !", " %", " »", "« "] {
                assert!(!line.contains(sign), "{}: {line}", path.display());
            }
        }
    }
}

/// `name → (light, dark)` of the style sheet's tokens.
fn tokens() -> HashMap<String, (String, String)> {
    let style = fs::read_to_string(root().join("static/badgebridge.css")).unwrap();
    let mut found = HashMap::new();
    for piece in style.split("--").skip(1) {
        if let Some((name, rest)) = piece.split_once(": light-dark(")
            && let Some((pair, _)) = rest.split_once(')')
            && let Some((light, dark)) = pair.split_once(", ")
        {
            found.insert(name.to_owned(), (light.to_owned(), dark.to_owned()));
        }
    }
    found
}

/// Relative luminance of `#rgb` or `#rrggbb` (WCAG 2.2).
fn luminance(colour: &str) -> f64 {
    let digits = colour.trim_start_matches('#');
    let wide: String = if digits.len() == 3 {
        digits.chars().flat_map(|c| [c, c]).collect()
    } else {
        digits.to_owned()
    };
    let part = |at: usize| {
        let value = f64::from(u8::from_str_radix(&wide[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.040_45 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * part(0) + 0.7152 * part(2) + 0.0722 * part(4)
}

fn contrast(a: &str, b: &str) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn colours_have_enough_contrast_in_both_appearances() {
    let tokens = tokens();
    let pairs = [
        ("ink", "page", 4.5),
        ("ink", "wash", 4.5),
        ("ink-soft", "page", 4.5),
        ("ink-soft", "wash", 4.5),
        ("ink-soft", "slate-wash", 4.5),
        ("act", "page", 4.5),
        ("act", "slate-wash", 4.5),
        ("act", "brass-wash", 4.5),
        ("act", "brick-wash", 4.5),
        ("act-deep", "act-wash", 4.5),
        ("on-act", "act", 4.5),
        ("on-act", "act-deep", 4.5),
        ("brass", "brass-wash", 4.5),
        ("moss", "moss-wash", 4.5),
        ("brick", "brick-wash", 4.5),
        ("brick", "page", 4.5),
        ("slate", "slate-wash", 4.5),
        ("edge", "page", 3.0),
        ("focus", "page", 3.0),
        ("focus", "wash", 3.0),
        ("act", "line", 3.0),
    ];
    for (front, back, least) in pairs {
        let (front_pair, back_pair) = (&tokens[front], &tokens[back]);
        for (a, b) in [(&front_pair.0, &back_pair.0), (&front_pair.1, &back_pair.1)] {
            let ratio = contrast(a, b);
            assert!(ratio >= least, "{front} on {back}: {ratio:.2}");
        }
    }
}

#[test]
fn the_style_sheet_knows_no_left_and_right() {
    let style = fs::read_to_string(root().join("static/badgebridge.css")).unwrap();
    let style: String = style
        .split("/*")
        .map(|piece| piece.split_once("*/").map_or(piece, |(_, rest)| rest))
        .collect();
    for word in [
        "-left",
        "-right",
        "-top",
        "-bottom",
        " left:",
        " right:",
        "text-align: left",
        "text-align: right",
    ] {
        assert!(!style.contains(word), "{word}");
    }
    for word in [
        "http://",
        "https://",
        "@import",
        "position: fixed",
        "position: sticky",
        "vh;",
    ] {
        assert!(!style.contains(word), "{word}");
    }
}

/// Writes every sample to `$BADGEBRIDGE_PAGES_OUT`, with the style inside, to look at in a browser without a server.
#[test]
#[ignore = "writes files to look at"]
fn write_page_samples() {
    let folder = PathBuf::from(std::env::var("BADGEBRIDGE_PAGES_OUT").expect("BADGEBRIDGE_PAGES_OUT names a folder"));
    fs::create_dir_all(&folder).unwrap();
    let style = fs::read_to_string(root().join("static/badgebridge.css")).unwrap();
    let picture = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 64 64'><circle cx='32' cy='32' r='30' fill='%23b98a2f'/><circle cx='32' cy='32' r='26' fill='%235a2a55'/></svg>";
    for locale in Locale::ALL {
        for (theme, code) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
            for sample in render_all(locale, theme).unwrap() {
                let mut html = sample
                    .html
                    .replace("</head>", &format!("<style>{style}</style></head>"));
                for piece in sample.html.split("src=\"/pic/").skip(1) {
                    let path = piece.split('"').next().unwrap();
                    html = html.replace(&format!("/pic/{path}"), picture);
                }
                fs::write(
                    folder.join(format!("{}.{}.{code}.html", sample.name, locale.code())),
                    html,
                )
                .unwrap();
            }
        }
    }
}
