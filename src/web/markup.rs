//! A small part of Markdown as HTML: paragraphs, lists, headings, bold, italic and links. Text that holds HTML is left as
//! it is: whoever uses it cleans it.

/// The text as HTML.
pub(super) fn html_of(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    if holds_html(&text) {
        return text.trim().to_owned();
    }
    let mut html = String::new();
    for block in text.split("\n\n").map(str::trim).filter(|block| !block.is_empty()) {
        let lines: Vec<&str> = block.lines().map(str::trim).collect();
        let items = |strip: fn(&str) -> Option<&str>| {
            let items: Option<Vec<&str>> = lines.iter().map(|line| strip(line)).collect();
            items.map(|items| {
                let items: Vec<String> = items
                    .into_iter()
                    .map(|item| format!("<li>{}</li>", inline(item)))
                    .collect();
                items.concat()
            })
        };
        if let Some(items) = items(bullet) {
            html.extend(["<ul>", items.as_str(), "</ul>"]);
        } else if let Some(items) = items(numbered) {
            html.extend(["<ol>", items.as_str(), "</ol>"]);
        } else if let Some(heading) = block.strip_prefix("## ").filter(|_| lines.len() == 1) {
            html.extend(["<h2>", inline(heading).as_str(), "</h2>"]);
        } else {
            let lines: Vec<String> = lines.iter().map(|line| inline(line)).collect();
            html.extend(["<p>", lines.join("<br>").as_str(), "</p>"]);
        }
    }
    html
}

/// Whether there is a tag in it: `<` before a letter, `/` or `!`.
fn holds_html(text: &str) -> bool {
    text.split('<')
        .skip(1)
        .any(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!'))
}

fn bullet(line: &str) -> Option<&str> {
    line.strip_prefix("- ").or_else(|| line.strip_prefix("* "))
}

fn numbered(line: &str) -> Option<&str> {
    let (number, rest) = line.split_once(". ")?;
    let is_number = !number.is_empty() && number.len() <= 3 && number.chars().all(|c| c.is_ascii_digit());
    is_number.then_some(rest)
}

fn inline(text: &str) -> String {
    let escaped = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;");
    let bold = paired(&escaped, "**", "strong");
    linked(&paired(&bold, "*", "em"))
}

/// What stands between two marks becomes an element; a mark without a second one stays.
fn paired(text: &str, mark: &str, element: &str) -> String {
    let mut html = String::new();
    let mut rest = text;
    while let Some((before, inside, after)) = rest
        .split_once(mark)
        .and_then(|(before, tail)| tail.split_once(mark).map(|(inside, after)| (before, inside, after)))
    {
        html.push_str(before);
        if inside.trim().is_empty() {
            html.extend([mark, inside, mark]);
        } else {
            html.extend(["<", element, ">", inside, "</", element, ">"]);
        }
        rest = after;
    }
    html.push_str(rest);
    html
}

/// `[words](https://…)` becomes a link.
fn linked(text: &str) -> String {
    let mut html = String::new();
    let mut rest = text;
    while let Some((before, tail)) = rest.split_once('[') {
        html.push_str(before);
        let link = tail.split_once("](").and_then(|(words, tail)| {
            let (address, after) = tail.split_once(')')?;
            let is_web = address.starts_with("https://") || address.starts_with("http://");
            (is_web && !address.contains(char::is_whitespace)).then_some((words, address, after))
        });
        let Some((words, address, after)) = link else {
            html.push('[');
            rest = tail;
            continue;
        };
        html.extend(["<a href=\"", address, "\">", words, "</a>"]);
        rest = after;
    }
    html.push_str(rest);
    html
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::web::clean::Clean;

    #[test]
    fn paragraphs_lists_headings_and_marks_become_html() {
        let html = html_of("## How\r\n\r\nShow **all** of *it*\nin class.\n\n- one\n- two\n\n1. first\n2. second");
        assert_eq!(
            html,
            "<h2>How</h2><p>Show <strong>all</strong> of <em>it</em><br>in class.</p><ul><li>one</li><li>two</li></ul>\
             <ol><li>first</li><li>second</li></ol>"
        );
        assert_eq!(
            html_of("See [the rules](https://rules.example/a?b=1&c=2)."),
            "<p>See <a href=\"https://rules.example/a?b=1&amp;c=2\">the rules</a>.</p>"
        );
        assert_eq!(
            html_of("2 < 3 & 5 * 6 [x] [y](javascript:z)"),
            "<p>2 &lt; 3 &amp; 5 * 6 [x] [y](javascript:z)</p>"
        );
        assert_eq!(html_of("<p>As it is</p>"), "<p>As it is</p>");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn any_text_becomes_html_without_anything_active(text in "[-*# <>\\[\\]()a-z0-9.:/\"&\n]{0,60}") {
            let clean = Clean::for_factory(&html_of(&text));
            prop_assert!(!crate::catalog::is_active(&clean), "{}", clean);
        }
    }
}
