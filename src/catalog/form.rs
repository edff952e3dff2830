//! The questions in an application form's HTML. The HTML comes from outside and is never shown: what is a question in it
//! becomes one of ours, its texts become plain text, and the rest (scripts, styles, pictures, addresses) is dropped.
//!
//! A field of a kind that our pages do not know makes the whole form foreign: leaving it out could lose an answer that
//! the Factory needs.

use std::cell::RefCell;
use std::collections::HashMap;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

use crate::model::form::{Choice, Item, Kind, Line, Question, Questions};

/// The longest HTML that is read, in bytes.
const LONGEST: usize = 256 * 1024;
/// The most pieces of a form.
const MOST_ITEMS: usize = 200;
/// The most choices of a question.
const MOST_CHOICES: usize = 500;
/// The longest name, label or text, in characters.
const LONGEST_TEXT: usize = 2_000;
/// Names that the API keeps for itself: who applies is never said by the form.
const KEPT: [&str; 4] = ["applicant", "email", "attach_evidence", "secret_token"];

/// Reads the inner HTML of a form.
pub(super) fn questions(html: &str) -> Questions {
    if html.len() > LONGEST {
        return Questions {
            is_foreign: true,
            ..Questions::default()
        };
    }
    let mut reader = Reader::default();
    for piece in pieces(html) {
        reader.take(piece);
    }
    reader.finish()
}

/// Whether HTML holds something that would run, load, frame or send: scripts, handlers, frames, forms, styles, addresses
/// that are programs.
pub fn is_active(html: &str) -> bool {
    const WRONG: [&str; 16] = [
        "script", "style", "iframe", "frame", "object", "embed", "applet", "form", "input", "button", "meta", "link",
        "base", "svg", "math", "template",
    ];
    let is_wrong = |(name, value): (&String, &String)| {
        let bare: String = value
            .chars()
            .filter(|c| !c.is_whitespace() && !c.is_control())
            .collect();
        let bare = bare.to_ascii_lowercase();
        name.starts_with("on")
            || name == "style"
            || name == "srcdoc"
            || ["javascript:", "vbscript:", "data:"]
                .iter()
                .any(|scheme| bare.starts_with(scheme))
    };
    pieces(html).iter().any(|piece| match piece {
        Piece::Start(name, attributes) => WRONG.contains(&name.as_str()) || attributes.iter().any(is_wrong),
        Piece::End(name) => WRONG.contains(&name.as_str()),
        Piece::Text(_) => false,
    })
}

/// What the tokenizer sees, without comments and the like.
enum Piece {
    Start(String, HashMap<String, String>),
    End(String),
    Text(String),
}

#[derive(Default)]
struct Collector(RefCell<Vec<Piece>>);

impl TokenSink for Collector {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Token::CharacterTokens(text) => {
                self.0.borrow_mut().push(Piece::Text(text.to_string()));
                TokenSinkResult::Continue
            }
            Token::TagToken(tag) => self.tag(&tag),
            _ => TokenSinkResult::Continue,
        }
    }
}

impl Collector {
    fn tag(&self, tag: &Tag) -> TokenSinkResult<()> {
        let name = tag.name.to_string();
        // What stands in these is no HTML (HTML, "Parsing", tree construction).
        let raw = match name.as_str() {
            "script" => Some(RawKind::ScriptData),
            "style" | "xmp" | "iframe" | "noembed" | "noframes" | "noscript" => Some(RawKind::Rawtext),
            "textarea" | "title" => Some(RawKind::Rcdata),
            _ => None,
        };
        let piece = match tag.kind {
            TagKind::StartTag => {
                let attribute = |one: &html5ever::Attribute| (one.name.local.to_string(), one.value.to_string());
                Piece::Start(name, tag.attrs.iter().map(attribute).collect())
            }
            TagKind::EndTag => Piece::End(name),
        };
        self.0.borrow_mut().push(piece);
        match (raw, tag.kind) {
            (Some(raw), TagKind::StartTag) => TokenSinkResult::RawData(raw),
            _ => TokenSinkResult::Continue,
        }
    }
}

fn pieces(html: &str) -> Vec<Piece> {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    let tokenizer = Tokenizer::new(Collector::default(), TokenizerOpts::default());
    // A sink that never hands out a script never makes it stop.
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.0.take()
}

/// A question, or one choice of it.
type Target = (usize, Option<usize>);

struct Label {
    of: Option<String>,
    text: String,
    targets: Vec<Target>,
}

struct Select {
    question: Question,
    several: bool,
    id: Option<String>,
    option: Option<(Option<String>, String)>,
    choices: Vec<Choice>,
}

#[derive(Default)]
struct Reader {
    items: Vec<Item>,
    loose: String,
    label: Option<Label>,
    labels: HashMap<String, String>,
    ids: HashMap<String, Target>,
    legends: Vec<String>,
    in_legend: bool,
    select: Option<Select>,
    /// Whose text is nobody's business: scripts, styles, buttons.
    silent: Option<String>,
    is_foreign: bool,
}

impl Reader {
    fn take(&mut self, piece: Piece) {
        if let Some(silent) = &self.silent {
            if matches!(&piece, Piece::End(name) if name == silent) {
                self.silent = None;
            }
            return;
        }
        match piece {
            Piece::Text(text) => self.text(&text),
            Piece::Start(name, attributes) => self.start(&name, &attributes),
            Piece::End(name) => self.end(&name),
        }
    }

    fn text(&mut self, text: &str) {
        let into = if let Some(select) = &mut self.select {
            let Some((_, label)) = &mut select.option else { return };
            label
        } else if let (true, Some(legend)) = (self.in_legend, self.legends.last_mut()) {
            legend
        } else if let Some(label) = &mut self.label {
            &mut label.text
        } else {
            &mut self.loose
        };
        into.push_str(text);
    }

    fn start(&mut self, name: &str, attributes: &HashMap<String, String>) {
        match name {
            "script" | "style" | "template" | "button" | "iframe" | "object" | "svg" | "math" | "noscript"
            | "title" | "xmp" | "noembed" | "noframes" | "audio" | "video" | "canvas" | "datalist" => {
                self.silent = Some(name.to_owned());
            }
            "label" => {
                self.flush();
                self.label = Some(Label {
                    of: attributes.get("for").cloned(),
                    text: String::new(),
                    targets: Vec::new(),
                });
            }
            "fieldset" => {
                self.flush();
                self.legends.push(String::new());
            }
            "legend" => self.in_legend = !self.legends.is_empty(),
            "input" => self.input(attributes),
            "textarea" => {
                if let Some(question) = question(attributes, Kind::Area) {
                    self.ask(question, attributes.get("id"));
                }
                self.silent = Some("textarea".to_owned());
            }
            "select" => {
                let several = attributes.contains_key("multiple");
                self.select = question(attributes, Kind::Area).map(|question| Select {
                    question,
                    several,
                    id: attributes.get("id").cloned(),
                    option: None,
                    choices: Vec::new(),
                });
                if self.select.is_none() {
                    self.silent = Some("select".to_owned());
                }
            }
            "option" => {
                self.end_option();
                if let Some(select) = &mut self.select {
                    select.option = Some((attributes.get("value").cloned(), String::new()));
                }
            }
            "br" => self.text(" "),
            other if other.contains('-') && attributes.contains_key("name") => self.is_foreign = true,
            other if is_block(other) => self.flush(),
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "label" => self.end_label(),
            "legend" => self.in_legend = false,
            "fieldset" => {
                self.flush();
                self.legends.pop();
            }
            "option" => self.end_option(),
            "select" => self.end_select(),
            other if is_block(other) => self.flush(),
            _ => {}
        }
    }

    fn input(&mut self, attributes: &HashMap<String, String>) {
        let kind = attributes
            .get("type")
            .map_or("text", String::as_str)
            .to_ascii_lowercase();
        let value = attributes.get("value").map(|value| cut(value));
        let line = match kind.as_str() {
            "submit" | "button" | "reset" | "image" => return,
            "radio" | "checkbox" => {
                let value = value.unwrap_or_else(|| "on".to_owned());
                return self.choice(attributes, kind == "checkbox", value);
            }
            "file" => {
                let accept = attributes.get("accept").map_or("", String::as_str);
                let kinds = accept.split(',').map(|one| one.trim().to_ascii_lowercase());
                Kind::File(kinds.filter(|one| !one.is_empty()).take(50).collect())
            }
            "hidden" => Kind::Fixed(value.unwrap_or_default()),
            "" | "text" | "search" => Kind::Line(Line::Text),
            "email" => Kind::Line(Line::Email),
            "url" => Kind::Line(Line::Url),
            "number" => Kind::Line(Line::Number),
            "date" => Kind::Line(Line::Date),
            "tel" => Kind::Line(Line::Tel),
            _ => {
                self.is_foreign |= attributes.contains_key("name");
                return;
            }
        };
        if let Some(question) = question(attributes, line) {
            self.ask(question, attributes.get("id"));
        }
    }

    /// One of several inputs with the same name.
    fn choice(&mut self, attributes: &HashMap<String, String>, several: bool, value: String) {
        let kind = if several {
            Kind::Several(Vec::new())
        } else {
            Kind::One(Vec::new())
        };
        let Some(mut question) = question(attributes, kind) else {
            return;
        };
        let same = |item: &Item| match item {
            Item::Question(known) if known.name == question.name => {
                matches!((&known.kind, several), (Kind::Several(_), true) | (Kind::One(_), false))
            }
            _ => false,
        };
        let at = self.items.iter().position(same).unwrap_or_else(|| {
            question.label = self.legends.last().cloned().unwrap_or_default();
            self.flush();
            self.items.push(Item::Question(question.clone()));
            self.items.len() - 1
        });
        let Some(Item::Question(Question {
            kind: Kind::Several(choices) | Kind::One(choices),
            required,
            ..
        })) = self.items.get_mut(at)
        else {
            return;
        };
        *required |= attributes.contains_key("required");
        if choices.len() >= MOST_CHOICES {
            self.is_foreign = true;
            return;
        }
        choices.push(Choice {
            value,
            label: attributes.get("aria-label").map(|text| cut(text)).unwrap_or_default(),
        });
        let target = (at, Some(choices.len() - 1));
        self.target(target, attributes.get("id"));
    }

    fn ask(&mut self, question: Question, id: Option<&String>) {
        if self.items.len() >= MOST_ITEMS {
            self.is_foreign = true;
            return;
        }
        self.flush();
        self.items.push(Item::Question(question));
        let target = (self.items.len() - 1, None);
        self.target(target, id);
    }

    fn target(&mut self, target: Target, id: Option<&String>) {
        if let Some(label) = &mut self.label {
            label.targets.push(target);
        }
        if let Some(id) = id {
            self.ids.insert(id.clone(), target);
        }
    }

    fn end_label(&mut self) {
        let Some(label) = self.label.take() else { return };
        let text = squeezed(&label.text);
        if let Some(of) = label.of {
            self.labels.insert(of, text.clone());
        }
        for target in label.targets {
            self.name(target, &text);
        }
    }

    fn end_option(&mut self) {
        let Some(select) = &mut self.select else { return };
        let Some((value, label)) = select.option.take() else {
            return;
        };
        let label = squeezed(&label);
        let value = cut(&value.unwrap_or_else(|| label.clone()));
        // an empty value is "nothing chosen", which our pages offer themselves
        if value.is_empty() {
            return;
        }
        if select.choices.len() >= MOST_CHOICES {
            self.is_foreign = true;
            return;
        }
        let label = if label.is_empty() { value.clone() } else { label };
        select.choices.push(Choice { value, label });
    }

    fn end_select(&mut self) {
        self.end_option();
        let Some(select) = self.select.take() else { return };
        let kind = if select.several {
            Kind::Several(select.choices)
        } else {
            Kind::One(select.choices)
        };
        let question = Question {
            kind,
            ..select.question
        };
        self.ask(question, select.id.as_ref());
    }

    /// Gives a question or a choice its words, unless it has some.
    fn name(&mut self, (at, choice): Target, text: &str) {
        let Some(Item::Question(question)) = self.items.get_mut(at) else {
            return;
        };
        let place = match (&mut question.kind, choice) {
            (Kind::One(choices) | Kind::Several(choices), Some(choice)) => {
                choices.get_mut(choice).map(|choice| &mut choice.label)
            }
            _ => Some(&mut question.label),
        };
        if let Some(place) = place.filter(|place| place.is_empty()) {
            text.clone_into(place);
        }
    }

    /// Text between questions becomes a piece of its own.
    fn flush(&mut self) {
        let text = squeezed(&std::mem::take(&mut self.loose));
        if !text.is_empty() && self.items.len() < MOST_ITEMS {
            self.items.push(Item::Text(text));
        }
    }

    fn finish(mut self) -> Questions {
        self.end_label();
        self.end_select();
        self.flush();
        let by_id: Vec<(Target, String)> = self
            .labels
            .iter()
            .filter_map(|(id, text)| Some((*self.ids.get(id)?, text.clone())))
            .collect();
        for (target, text) in by_id {
            self.name(target, &text);
        }
        let mut items: Vec<Item> = Vec::with_capacity(self.items.len());
        for item in self.items {
            let Item::Question(mut question) = item else {
                items.push(item);
                continue;
            };
            if question.label.is_empty() {
                question.label = match items.last() {
                    // a question without words of its own is asked by the text before it
                    Some(Item::Text(text)) if !matches!(question.kind, Kind::Fixed(_)) => text.clone(),
                    _ => question.name.clone(),
                };
                if matches!(items.last(), Some(Item::Text(text)) if *text == question.label) {
                    items.pop();
                }
            }
            label_choices(&mut question);
            items.push(Item::Question(question));
        }
        Questions {
            items,
            is_foreign: self.is_foreign,
        }
    }
}

fn label_choices(question: &mut Question) {
    let whole = question.label.clone();
    let (Kind::One(choices) | Kind::Several(choices)) = &mut question.kind else {
        return;
    };
    let single = choices.len() == 1;
    for choice in choices {
        if choice.label.is_empty() {
            choice.label = if single { whole.clone() } else { choice.value.clone() };
        } else if single && whole == question.name {
            question.label = choice.label.clone();
        }
    }
}

/// A question without words yet; nothing for a field that nobody fills in or that the API keeps for itself.
fn question(attributes: &HashMap<String, String>, kind: Kind) -> Option<Question> {
    let name = attributes.get("name")?.trim();
    let is_odd = name.is_empty() || name.len() > 200 || name.contains(char::is_control);
    if is_odd || KEPT.contains(&name) || attributes.contains_key("disabled") {
        return None;
    }
    let said = ["aria-label", "title", "placeholder"].iter().find_map(|key| {
        attributes
            .get(*key)
            .map(|text| squeezed(text))
            .filter(|text| !text.is_empty())
    });
    // what stands in a placeholder is the question only where there is no label: see `finish`
    let label = match kind {
        Kind::One(_) | Kind::Several(_) => String::new(),
        _ if attributes.contains_key("id") => String::new(),
        _ => attributes
            .get("aria-label")
            .map(|text| squeezed(text))
            .unwrap_or_default(),
    };
    Some(Question {
        name: name.to_owned(),
        label: if label.is_empty() {
            String::new()
        } else {
            said.unwrap_or(label)
        },
        kind,
        required: attributes.contains_key("required"),
    })
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "li"
            | "ul"
            | "ol"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "tr"
            | "td"
            | "th"
            | "table"
            | "section"
            | "form"
            | "dl"
            | "dt"
            | "dd"
            | "hr"
            | "blockquote"
            | "pre"
    )
}

/// Plain text in one line, not too long.
fn squeezed(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    cut(&words.join(" "))
}

fn cut(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_control())
        .take(LONGEST_TEXT)
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::support::cases::properties;

    fn asked(html: &str) -> Vec<(String, String, Kind, bool)> {
        let questions = questions(html);
        let all = questions.questions();
        all.map(|one| (one.name.clone(), one.label.clone(), one.kind.clone(), one.required))
            .collect()
    }

    fn choice(value: &str, label: &str) -> Choice {
        Choice {
            value: value.into(),
            label: label.into(),
        }
    }

    #[test]
    fn each_known_field_becomes_a_question_with_its_words() {
        let html = "<p><label>What did you do? <textarea name=why required>old</textarea></label></p>\
            <p><label for=m>Mail</label><input id=m type=email name=mail></p>\
            <p><label>Proof <input type=file name=proof accept='.pdf, image/*'></label></p>\
            <p>When? <input type=date name=day></p>\
            <select name=course id=c><option value=''>Choose<option value=s1>Statistics 1</option>\
            <option>Charts</select><label for=c>Course</label><input type=hidden name=v value=7>";
        let line = |line| Kind::Line(line);
        assert_eq!(
            asked(html),
            [
                ("why".into(), "What did you do?".into(), Kind::Area, true),
                ("mail".into(), "Mail".into(), line(Line::Email), false),
                (
                    "proof".into(),
                    "Proof".into(),
                    Kind::File(vec![".pdf".into(), "image/*".into()]),
                    false
                ),
                ("day".into(), "When?".into(), line(Line::Date), false),
                (
                    "course".into(),
                    "Course".into(),
                    Kind::One(vec![choice("s1", "Statistics 1"), choice("Charts", "Charts")]),
                    false
                ),
                ("v".into(), "v".into(), Kind::Fixed("7".into()), false),
            ]
        );
    }

    #[test]
    fn radios_and_ticks_of_one_name_are_one_question() {
        let html = "<fieldset><legend>How long?</legend><label><input type=radio name=l value=5> 5 min</label>\
            <label><input type=radio name=l value=10 required> 10 min</label></fieldset>\
            <label><input type=checkbox name=agree> I agree</label>\
            <fieldset><legend>Tools</legend><input type=checkbox name=t[] value=a id=a><label for=a>Axe</label>\
            <input type=checkbox name=t[] value=b id=b><label for=b>Bow</label></fieldset>";
        assert_eq!(
            asked(html),
            [
                (
                    "l".into(),
                    "How long?".into(),
                    Kind::One(vec![choice("5", "5 min"), choice("10", "10 min")]),
                    true
                ),
                (
                    "agree".into(),
                    "I agree".into(),
                    Kind::Several(vec![choice("on", "I agree")]),
                    false
                ),
                (
                    "t[]".into(),
                    "Tools".into(),
                    Kind::Several(vec![choice("a", "Axe"), choice("b", "Bow")]),
                    false
                ),
            ]
        );
    }

    #[test]
    fn nothing_hostile_comes_through() {
        let html = "<script>document.write('<input name=x>')</script><style>p{}</style>\
            <p onclick=steal()>Read <a href='javascript:alert(1)'>this</a> <img src=x onerror=alert(1)></p>\
            <label><b>Why</b> &lt;script&gt; <input name=why onfocus=steal() autofocus></label>\
            <iframe src=//evil.example><input name=y></iframe><svg><input name=z></svg>\
            <textarea name=t></textarea><button name=b formaction=//evil.example>Go</button>\
            <input name=email><input name=applicant type=hidden value=Eve><input name=secret_token>\
            <input name=attach_evidence type=checkbox><input type=submit name=s formaction=//evil.example>\
            <input name='a\u{1}b'><input disabled name=d>";
        let read = questions(html);
        assert!(!read.is_foreign);
        let names: Vec<&str> = read.questions().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["why", "t"]);
        let labels: Vec<&str> = read.questions().map(|one| one.label.as_str()).collect();
        assert_eq!(labels[0], "Why <script>", "text, to be escaped where it is shown");
        assert_eq!(read.items[0], Item::Text("Read this".into()));
        assert!(!format!("{read:?}").contains("evil"));
    }

    #[test]
    fn a_field_that_is_not_known_makes_the_form_foreign() {
        for html in [
            "<input type=color name=c>",
            "<input type=password name=p>",
            "<input type=datetime-local name=d>",
            "<fancy-picker name=x></fancy-picker>",
            &"<input name=a>".repeat(300),
            &" ".repeat(LONGEST + 1),
        ] {
            assert!(questions(html).is_foreign, "{}", &html[..html.len().min(60)]);
        }
        assert!(!questions("<input type=color>").is_foreign, "nobody is sent it");
        assert_eq!(questions(""), Questions::default());
    }

    properties! {
        #[test]
        fn any_html_is_read(html in "(<(input|label|select|option|textarea|fieldset|legend|script)( (name|type|id|for|value)=[a-z\"]{0,4}){0,3}>|</(label|select|textarea|fieldset|script)>|[a-z& ]{1,5}){0,12}") {
            let read = questions(&html);
            prop_assert!(read.items.len() <= MOST_ITEMS);
            for question in read.questions() {
                prop_assert!(!KEPT.contains(&question.name.as_str()) && !question.label.is_empty());
            }
        }
    }
}
