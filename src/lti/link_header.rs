//! The `Link` header (RFC 8288) as platforms write it: any case, any quotes (one Moodle version writes typographic
//! ones), `&amp;` inside addresses.

/// One link of the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// As written, but with `&amp;` as `&`; perhaps relative.
    pub target: String,
    /// The relations, in lower case.
    pub relations: Vec<String>,
}

impl Link {
    /// Whether the link is the `relation` (in lower case) of what was asked for.
    pub fn is(&self, relation: &str) -> bool {
        self.relations.iter().any(|known| known == relation)
    }
}

/// The links of one header value. What cannot be read is skipped.
pub fn parse(value: &str) -> Vec<Link> {
    let mut links = Vec::new();
    let mut rest = value;
    while let Some((target, after)) = target(rest) {
        let (parameters, after) = split_unquoted(after, ',');
        links.push(Link {
            target: target.trim().replace("&amp;", "&"),
            relations: relations(parameters),
        });
        rest = after;
    }
    links
}

/// The text between the next `<` and its `>`, and what follows.
fn target(text: &str) -> Option<(&str, &str)> {
    text.split_once('<')?.1.split_once('>')
}

/// The text before and after the first `separator` outside quotes. A quote that is never closed quotes nothing.
fn split_unquoted(text: &str, separator: char) -> (&str, &str) {
    let mut quoted_until = 0;
    for (at, c) in text.char_indices() {
        if at < quoted_until {
            continue;
        }
        let after = at + c.len_utf8();
        if c == separator {
            return (
                text.get(..at).unwrap_or_default(),
                text.get(after..).unwrap_or_default(),
            );
        }
        if is_quote(c) {
            let inside = text.get(after..).unwrap_or_default();
            let closing = inside.char_indices().find(|(_, c)| is_quote(*c));
            quoted_until = closing.map_or(0, |(length, quote)| after + length + quote.len_utf8());
        }
    }
    (text, "")
}

fn relations(parameters: &str) -> Vec<String> {
    let mut relations = Vec::new();
    let mut rest = parameters;
    while !rest.is_empty() {
        let (parameter, after) = split_unquoted(rest, ';');
        rest = after;
        let Some((name, value)) = parameter.split_once('=') else {
            continue;
        };
        if name.trim().eq_ignore_ascii_case("rel") {
            let value = value.trim_matches(|c: char| c.is_whitespace() || is_quote(c));
            relations.extend(value.split_ascii_whitespace().map(str::to_ascii_lowercase));
        }
    }
    relations
}

const fn is_quote(c: char) -> bool {
    matches!(
        c,
        '"' | '\'' | '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{2018}' | '\u{2019}' | '\u{2033}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::check;
    use super::*;

    fn next(value: &str) -> Option<String> {
        parse(value)
            .into_iter()
            .find(|link| link.is("next"))
            .map(|link| link.target)
    }

    #[test]
    fn the_forms_of_the_platforms_are_read() {
        for value in [
            r#"<https://lms.example/m?page=2&limit=1>; rel="next""#,
            r#"<https://lms.example/m?page=1>;rel="current",<https://lms.example/m?page=2&limit=1>;rel="next",<x>;rel="last""#,
            "<https://lms.example/m?page=2&limit=1>; REL=Next",
            "<https://lms.example/m?page=2&amp;limit=1>; rel=\u{201d}next\u{201d}",
            "<https://lms.example/m?page=2&limit=1>; rel=\u{201c}next\u{201d}",
            r#"<https://lms.example/m?page=2&limit=1>; title="a, b; <c"; rel="prev next""#,
            r#"  < https://lms.example/m?page=2&limit=1 > ; rel = "next" "#,
        ] {
            assert_eq!(
                next(value).as_deref(),
                Some("https://lms.example/m?page=2&limit=1"),
                "{value}"
            );
        }
    }

    #[test]
    fn other_relations_are_not_next() {
        for value in [
            "",
            "x",
            "<a",
            "<a>",
            "<a>; rel=nextish",
            "<a>; xrel=next",
            "<a>; rel=\"\"",
            "<a>; title=\"; rel=next\"",
            "; rel=next",
        ] {
            assert_eq!(next(value), None, "{value}");
        }
    }

    #[test]
    fn any_header_is_read_without_harm() {
        check("link header text", &"\\PC{0,120}", |value| {
            for link in parse(&value) {
                prop_assert!(!link.target.contains('>'));
                prop_assert!(!link.is(""));
            }
            Ok(())
        });
    }

    #[test]
    fn what_is_written_is_read_back() {
        let link = (
            "[!-;=?-~]{1,40}",
            proptest::collection::vec("[a-z][a-z-]{0,8}", 1..3),
            0..4_usize,
        );
        check(
            "link header round trip",
            &proptest::collection::vec(link, 0..5),
            |links| {
                let value = links
                    .iter()
                    .map(|(target, relations, form)| {
                        let joined = relations.join(" ");
                        match form {
                            0 => format!("<{target}>; rel=\"{joined}\""),
                            1 => format!("<{target}>;REL=\u{201d}{joined}\u{201d}"),
                            2 => format!("<{target}> ; title=\"a, b\"; rel='{joined}'"),
                            _ => format!("<{target}>; rel={joined}"),
                        }
                    })
                    .collect::<Vec<_>>()
                    .join(", ");
                let expected: Vec<_> = links
                    .into_iter()
                    .map(|(target, relations, _)| Link {
                        target: target.replace("&amp;", "&"),
                        relations,
                    })
                    .collect();
                prop_assert_eq!(parse(&value), expected);
                Ok(())
            },
        );
    }
}
