//! Reads the paths that a Rust source names: `crate::`, `super::`, `self::`, `badgebridge::`, in `use` and inline.
//!
//! A small reader of tokens, not a compiler: it knows comments, strings, inline modules and groups in `use`. What it
//! cannot follow (an alias of the crate's root) it reports as the path of the root, which no rule allows.

/// The modules from the crate's root, such as `["store", "tx"]`; empty for the root itself.
pub(crate) type ModulePath = Vec<String>;

/// One path in a source.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mention {
    /// From the crate's root; the last part may be an item.
    pub(crate) path: ModulePath,
    /// Counted from 1.
    pub(crate) line: usize,
}

/// A piece of source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// A name or number.
    Word(String),
    /// `::`
    Colons,
    /// Any other sign.
    Sign(char),
    /// The content of a string.
    Text(String),
}

/// A piece and its line.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) piece: Piece,
    pub(crate) line: usize,
}

/// The module of the file at `path`, which is relative to `src`: `store/mod.rs` is `store`, `main.rs` is `main`.
pub(crate) fn module_of(path: &str) -> ModulePath {
    let path = path.trim_end_matches(".rs").trim_end_matches("/mod");
    let parts: ModulePath = path.split('/').map(str::to_owned).collect();
    if parts == ["lib"] { Vec::new() } else { parts }
}

/// Every path into this crate that the file at `path` names.
pub(crate) fn mentions(path: &str, source: &str) -> Vec<Mention> {
    Reader {
        tokens: tokens(source),
        at: 0,
        modules: vec![module_of(path)],
        found: Vec::new(),
    }
    .read()
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
    /// The module at each depth of braces.
    modules: Vec<ModulePath>,
    found: Vec<Mention>,
}

impl Reader {
    fn read(mut self) -> Vec<Mention> {
        while let Some(token) = self.tokens.get(self.at).cloned() {
            let goes_on = self.at > 0 && self.tokens[self.at - 1].piece == Piece::Colons;
            match &token.piece {
                Piece::Word(word) if !goes_on && self.is_start(word) => self.read_path(Vec::new(), None),
                Piece::Sign('{') => {
                    let module = self.module_that_opens();
                    self.modules.push(module);
                    self.at += 1;
                }
                Piece::Sign('}') => {
                    self.modules.pop();
                    self.at += 1;
                }
                _ => self.at += 1,
            }
        }
        self.found
    }

    /// Whether `word` begins a path into this crate: it is followed by `::`, or renames the root (`use crate as x`).
    fn is_start(&self, word: &str) -> bool {
        let renames = self.word_at(self.at + 1) == Some("as");
        match word {
            "crate" | "badgebridge" => self.is_colons(self.at + 1) || renames,
            "super" | "self" => self.is_colons(self.at + 1),
            _ => false,
        }
    }

    /// Reads a path, or the part of one within a group, whose beginning is `prefix`.
    fn read_path(&mut self, mut path: ModulePath, inherited: Option<usize>) {
        let line = inherited.unwrap_or_else(|| self.tokens[self.at].line);
        let mut is_first = inherited.is_none();
        while let Some(token) = self.tokens.get(self.at).cloned() {
            match token.piece {
                Piece::Word(word) => {
                    match word.as_str() {
                        "crate" | "badgebridge" if is_first => path.clear(),
                        "self" if is_first => path.clone_from(&self.module()),
                        "super" if is_first => {
                            path.clone_from(&self.module());
                            path.pop();
                        }
                        "super" => {
                            path.pop();
                        }
                        "self" => {}
                        _ => path.push(word),
                    }
                    is_first = false;
                    self.at += 1;
                }
                Piece::Sign('*') => {
                    self.at += 1;
                    break;
                }
                Piece::Sign('{') => {
                    self.at += 1;
                    self.read_group(&path, line);
                    return;
                }
                _ => break,
            }
            if !self.is_colons(self.at) {
                break;
            }
            self.at += 1;
        }
        self.found.push(Mention { path, line });
    }

    fn read_group(&mut self, prefix: &ModulePath, line: usize) {
        while let Some(token) = self.tokens.get(self.at).cloned() {
            match token.piece {
                Piece::Sign('}') => {
                    self.at += 1;
                    return;
                }
                Piece::Word(word) if word == "as" => self.at += 2,
                Piece::Word(_) | Piece::Sign('*' | '{') => self.read_path(prefix.clone(), Some(line)),
                _ => self.at += 1,
            }
        }
    }

    fn module(&self) -> ModulePath {
        self.modules.last().cloned().unwrap_or_default()
    }

    /// The module within the brace that opens here: a new one after `mod name`.
    fn module_that_opens(&self) -> ModulePath {
        let mut module = self.module();
        if self.at >= 2
            && self.word_at(self.at - 2) == Some("mod")
            && let Some(name) = self.word_at(self.at - 1)
        {
            module.push(name.to_owned());
        }
        module
    }

    fn is_colons(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.piece == Piece::Colons)
    }

    fn word_at(&self, at: usize) -> Option<&str> {
        match &self.tokens.get(at)?.piece {
            Piece::Word(word) => Some(word),
            _ => None,
        }
    }
}

/// The source in pieces, without comments; strings are pieces of their own.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = source;
    let mut line = 1;
    while let Some(first) = rest.chars().next() {
        let (piece, length) = next(rest, first);
        if let Some(piece) = piece {
            tokens.push(Token { piece, line });
        }
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
    tokens
}

fn next(rest: &str, first: char) -> (Option<Piece>, usize) {
    if rest.starts_with("//") {
        return (None, rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return (None, end_of_comment(rest));
    }
    if let Some((text, length)) = string(rest) {
        return (Some(Piece::Text(text)), length);
    }
    if rest.starts_with("::") {
        return (Some(Piece::Colons), 2);
    }
    if first == '\'' {
        return (None, character_or_lifetime(rest));
    }
    if first.is_alphanumeric() || first == '_' {
        let length = rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        return (Some(Piece::Word(rest[..length].to_owned())), length);
    }
    let piece = (!first.is_whitespace()).then_some(Piece::Sign(first));
    (piece, first.len_utf8())
}

fn end_of_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(found) = rest[at..].find(['/', '*']) {
        at += found;
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

/// The content and length of the string at the beginning of `rest`: plain, byte, C or raw.
fn string(rest: &str) -> Option<(String, usize)> {
    let prefix = ["br", "cr", "b", "c", "r", ""].into_iter().find(|p| {
        let after = rest.strip_prefix(p);
        after.is_some_and(|after| {
            after
                .trim_start_matches(if p.ends_with('r') { "#" } else { "" })
                .starts_with('"')
        })
    })?;
    let after = &rest[prefix.len()..];
    if prefix.ends_with('r') {
        let hashes = after.find('"')?;
        let end = format!("\"{}", "#".repeat(hashes));
        let content = &after[hashes + 1..];
        let length = content.find(&end).unwrap_or(content.len());
        let total = prefix.len() + hashes + 1 + length + end.len();
        return Some((content[..length].to_owned(), total.min(rest.len())));
    }
    let mut escaped = false;
    for (index, sign) in after.char_indices().skip(1) {
        match sign {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some((after[1..index].to_owned(), prefix.len() + index + 1)),
            _ => {}
        }
    }
    Some((after[1..].to_owned(), rest.len()))
}

/// The length of `'a'`, `'\n'` or `'a`.
fn character_or_lifetime(rest: &str) -> usize {
    let mut signs = rest.char_indices().skip(1);
    match signs.next() {
        Some((_, '\\')) => signs
            .skip(1)
            .find(|(_, sign)| *sign == '\'')
            .map_or(rest.len(), |(at, _)| at + 1),
        Some((at, sign)) if rest[at + sign.len_utf8()..].starts_with('\'') => at + sign.len_utf8() + 1,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::{mentions, module_of, tokens};

    fn paths(path: &str, source: &str) -> Vec<String> {
        mentions(path, source)
            .iter()
            .map(|mention| mention.path.join("::"))
            .collect()
    }

    #[test]
    fn files_are_modules() {
        assert_eq!(module_of("store/mod.rs"), ["store"]);
        assert_eq!(module_of("store/tx.rs"), ["store", "tx"]);
        assert_eq!(module_of("clock.rs"), ["clock"]);
        assert!(module_of("lib.rs").is_empty());
    }

    #[test]
    fn paths_are_read_wherever_they_stand() {
        for (source, found) in [
            ("use crate::store::Tx;", vec!["store::Tx"]),
            (
                "use crate::{model::{self, ids::Id}, store as s};",
                vec!["model", "model::ids::Id", "store"],
            ),
            (
                "fn f(x: &crate::clock::Timestamp) { crate :: store :: open() }",
                vec!["clock::Timestamp", "store::open"],
            ),
            ("use super::super::store;", vec!["store"]),
            (
                "mod tests { use super::*; mod deep { use super::super::super::store; } }",
                vec!["web::page", "web::store"],
            ),
            (
                "mod a { fn f() { if x { super::g() } } } super::h();",
                vec!["web::page::g", "web::h"],
            ),
            ("use crate as root; use crate::{self as own};", vec!["", ""]),
            ("pub(crate) fn f() {} pub(in crate::web) struct S;", vec!["web"]),
            ("badgebridge::app::run()", vec!["app::run"]),
            ("$crate::store::on!(tx)", vec!["store::on"]),
            ("use crate::*;", vec![""]),
        ] {
            assert_eq!(paths("web/page.rs", source), found, "{source}");
        }
    }

    #[test]
    fn comments_strings_and_characters_name_nothing() {
        let source = "// crate::a\n/* crate::b /* crate::c */ crate::d */ \"crate::e \\\" crate::f\" r#\"crate::g \" crate::h\"# \
                      '\"' '\\'' '\\u{7f}' b'x' fn f<'a>(x: &'a str) { crate::real::x() }";
        assert_eq!(paths("web/page.rs", source), ["real::x"]);
    }

    #[test]
    fn lines_are_counted_through_comments_and_strings() {
        let found = mentions("web/page.rs", "/* \n\n */ \"\n\"\n// x\nuse crate::a;");
        assert_eq!(found[0].line, 6);
        assert_eq!(
            tokens("a\nb").iter().map(|token| token.line).collect::<Vec<_>>(),
            [1, 2]
        );
    }
}
