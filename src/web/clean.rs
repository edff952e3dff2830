//! HTML from outside, cleaned: the only text that templates print unescaped.

use std::collections::HashSet;
use std::fmt;

use ammonia::Builder;

/// HTML of which nothing is left but text, its structure and web links that open a window of their own: no scripts,
/// styles, pictures, frames or forms, and nothing that loads from elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clean(String);

impl Clean {
    /// Cleans `html`, of which at most 64 KiB are read; `None` if nothing is left to be read.
    pub fn of(html: &str) -> Option<Self> {
        let mut end = html.len().min(64 * 1024);
        while !html.is_char_boundary(end) {
            end -= 1;
        }
        let tags: HashSet<&str> = [
            "a",
            "abbr",
            "b",
            "blockquote",
            "br",
            "cite",
            "code",
            "dd",
            "del",
            "dl",
            "dt",
            "em",
            "i",
            "ins",
            "kbd",
            "li",
            "ol",
            "p",
            "pre",
            "q",
            "s",
            "small",
            "span",
            "strong",
            "sub",
            "sup",
            "u",
            "ul",
            "var",
            "div",
        ]
        .into();
        let clean = Builder::new()
            .tags(tags)
            .tag_attributes([("a", ["href"].into())].into())
            .generic_attributes(["lang", "dir"].into())
            .url_schemes(["https", "http", "mailto"].into())
            .url_relative(ammonia::UrlRelative::Deny)
            .link_rel(Some("noopener noreferrer nofollow"))
            .set_tag_attribute_value("a", "target", "_blank")
            .clean(html.get(..end).unwrap_or_default())
            .to_string();
        let has_text = clean.split('<').any(|piece| {
            let text = piece.rsplit('>').next().unwrap_or_default();
            !text.trim().is_empty()
        });
        has_text.then_some(Self(clean))
    }

    /// HTML that is sent to the Factory, for its own page about a badge: without scripts, styles, forms and frames;
    /// headings, tables and pictures may stay there.
    pub fn for_factory(html: &str) -> String {
        Builder::default()
            .url_schemes(["https", "http", "mailto"].into())
            .url_relative(ammonia::UrlRelative::Deny)
            .clean(html)
            .to_string()
    }

    /// The HTML, to be printed as it is.
    pub fn html(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_its_structure_stay() {
        let clean = Clean::of("<p>Shown in <b>class</b>.</p><ul><li>Once</ul><h2>Then</h2>").unwrap();
        assert_eq!(clean.html(), "<p>Shown in <b>class</b>.</p><ul><li>Once</li></ul>Then");
        let link = Clean::of("<a href=\"https://rules.example/x\" onclick=a()>rules</a>").unwrap();
        assert_eq!(
            link.html(),
            "<a href=\"https://rules.example/x\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">rules</a>"
        );
    }

    #[test]
    fn nothing_that_runs_loads_or_sends_stays() {
        for hostile in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "<style>body{background:url(//evil.example)}</style>",
            "<iframe src=//evil.example></iframe>",
            "<svg><script>alert(1)</script></svg>",
            "<form action=//evil.example><input name=p></form>",
            "<meta http-equiv=refresh content='0;url=//evil.example'>",
            "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
            "<p style=\"position:fixed;inset:0\" id=main class=btn onclick=x()>text</p>",
            "<a href=\"javascript:alert(1)\">text</a><a href=/c/x/issue>text</a><a href=data:text/html,x>text</a>",
        ] {
            let html = Clean::of(hostile)
                .map(|clean| clean.html().to_owned())
                .unwrap_or_default();
            for bad in [
                "script",
                "onerror",
                "onclick",
                "evil",
                "<img",
                "<form",
                "<input",
                "style",
                "javascript:",
                "data:",
                "href",
                "id=",
                "class=",
            ] {
                assert!(!html.contains(bad), "{hostile}: {html}");
            }
        }
        let kept = Clean::for_factory(
            "<h2 onclick=x()>How</h2><table><tr><td>1</td></tr></table><script>x()</script><form><input></form>",
        );
        assert_eq!(kept, "<h2>How</h2><table><tbody><tr><td>1</td></tr></tbody></table>");
        assert_eq!(Clean::of("<p> <br></p>"), None);
        assert!(Clean::of(&"é".repeat(80_000)).is_some(), "cut between characters");
    }
}
