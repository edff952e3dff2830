//! Lists of the Factory: line-delimited JSON, one object a line (API page, "Conventions"), read one line at a time.
//!
//! The content type is not looked at: a public client saw `application/octet-stream`. Lines end with CR LF or LF,
//! the last one perhaps with nothing; blank lines are skipped; an empty body is an empty list. A whole JSON array,
//! in one line or many, is read as well. Memory holds one line, whatever the list's length.

use std::marker::PhantomData;

use bytes::{Buf as _, Bytes};
use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;

use super::error::FactoryError;
use super::transport::{AfterSending, BodyStream, Response, TransportError};

/// How long a list may be. Pictures travel inside the lines, 200 KB and more each.
#[derive(Clone, Copy, Debug)]
pub struct ListLimits {
    /// The longest line, in bytes.
    pub line: usize,
    /// The whole list, in bytes.
    pub list: u64,
}

impl Default for ListLimits {
    /// A line of 8 MiB, a list of 256 MiB.
    fn default() -> Self {
        Self {
            line: 8 << 20,
            list: 256 << 20,
        }
    }
}

/// A list being read.
pub struct Lines<T> {
    body: BodyStream,
    chunk: Bytes,
    splitter: Splitter,
    limits: ListLimits,
    received: u64,
    count: u64,
    state: State,
    what: &'static str,
    item: PhantomData<fn() -> T>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Arriving,
    AllArrived,
    Over,
}

impl<T: DeserializeOwned> Lines<T> {
    /// Reads the body of `response`; `what` names one line in errors.
    pub fn new(response: Response, what: &'static str, limits: ListLimits) -> Self {
        Self {
            body: response.body,
            chunk: Bytes::new(),
            splitter: Splitter::default(),
            limits,
            received: 0,
            count: 0,
            state: State::Arriving,
            what,
            item: PhantomData,
        }
    }

    /// The next line, `None` at the end of the list.
    ///
    /// After [`FactoryError::Unreadable`] reading can go on with the line behind it; after any other error the list
    /// is over.
    pub async fn next(&mut self) -> Result<Option<T>, FactoryError> {
        while self.state != State::Over {
            let step = self.advance().await;
            match step {
                Ok(false) => {}
                Ok(true) => {
                    self.count += 1;
                    return self.parse().map(Some);
                }
                Err(failure) => {
                    self.state = State::Over;
                    return Err(failure);
                }
            }
        }
        Ok(None)
    }

    /// All lines that are left, in memory: for lists that are known to be short.
    pub async fn all(mut self) -> Result<Vec<T>, FactoryError> {
        let mut all = Vec::new();
        while let Some(item) = self.next().await? {
            all.push(item);
        }
        Ok(all)
    }

    /// How many lines were read so far, unreadable ones included.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Goes one step on; true when a line is complete.
    async fn advance(&mut self) -> Result<bool, FactoryError> {
        if self.state == State::AllArrived {
            self.state = State::Over;
            return self.splitter.finish().map_err(|fault| self.fault(fault));
        }
        if !self.chunk.has_remaining() {
            match self.body.next().await {
                None => {
                    self.state = State::AllArrived;
                    return Ok(false);
                }
                Some(chunk) => self.chunk = chunk.map_err(list_failure)?,
            }
            self.received = self
                .received
                .saturating_add(u64::try_from(self.chunk.len()).unwrap_or(u64::MAX));
            if self.received > self.limits.list {
                return Err(FactoryError::TooLarge {
                    what: "list",
                    limit: self.limits.list,
                });
            }
        }
        let found = self.splitter.feed(&mut self.chunk, self.limits.line);
        found.map_err(|fault| self.fault(fault))
    }

    fn parse(&self) -> Result<T, FactoryError> {
        serde_json::from_slice(self.splitter.line()).map_err(|error| {
            // serde's own text can quote a value of the line; where it stands is enough to find it.
            let detail = format!("line {}, column {}", self.count, error.column());
            FactoryError::Unreadable {
                what: self.what,
                detail,
            }
        })
    }

    fn fault(&self, fault: Fault) -> FactoryError {
        let limit = u64::try_from(self.limits.line).unwrap_or(u64::MAX);
        match fault {
            Fault::LineTooLong => FactoryError::TooLarge { what: self.what, limit },
            // Not `Unreadable`: reading cannot go on.
            Fault::BrokenOff => FactoryError::Lost(TransportError::after_sending(
                AfterSending::Lost,
                "the list breaks off before its closing bracket",
            )),
            Fault::BehindTheEnd => {
                FactoryError::unreadable(self.what, "something follows the closing bracket of the list")
            }
        }
    }
}

impl<T> std::fmt::Debug for Lines<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lines")
            .field("what", &self.what)
            .field("count", &self.count)
            .finish_non_exhaustive()
    }
}

fn list_failure(failure: TransportError) -> FactoryError {
    match failure {
        TransportError::TooLarge { limit } => FactoryError::TooLarge { what: "list", limit },
        other => other.into(),
    }
}

/// What is wrong with the list as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    LineTooLong,
    BrokenOff,
    BehindTheEnd,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Form {
    /// Nothing but white space was seen.
    #[default]
    Unknown,
    Lines,
    Array,
    ArrayEnded,
}

/// Above this, a line's memory is given back once the line was read.
const KEPT_CAPACITY: usize = 1 << 20;

/// Cuts a list into its lines, wherever the pieces of the body begin and end.
#[derive(Debug, Default)]
struct Splitter {
    form: Form,
    line: Vec<u8>,
    is_complete: bool,
    /// Inside an element of an array: open brackets, string, backslash.
    depth: u32,
    in_string: bool,
    is_escaped: bool,
}

impl Splitter {
    /// Takes from `chunk` up to the end of a line; true when [`Self::line`] is one.
    fn feed(&mut self, chunk: &mut Bytes, limit: usize) -> Result<bool, Fault> {
        self.forget();
        match self.form {
            Form::Unknown => {
                let blank = chunk.iter().take_while(|byte| is_blank(**byte)).count();
                chunk.advance(blank);
                match chunk.first() {
                    None => {}
                    Some(b'[') => {
                        self.form = Form::Array;
                        chunk.advance(1);
                    }
                    Some(_) => self.form = Form::Lines,
                }
                Ok(false)
            }
            Form::Lines => self.feed_line(chunk, limit),
            Form::Array => self.feed_element(chunk, limit),
            Form::ArrayEnded if chunk.iter().all(|byte| is_blank(*byte)) => {
                chunk.clear();
                Ok(false)
            }
            Form::ArrayEnded => Err(Fault::BehindTheEnd),
        }
    }

    /// The body has ended; true when [`Self::line`] is a last line.
    fn finish(&mut self) -> Result<bool, Fault> {
        self.forget();
        match self.form {
            Form::Array => Err(Fault::BrokenOff),
            Form::Unknown | Form::ArrayEnded => Ok(false),
            Form::Lines => {
                self.is_complete = true;
                Ok(!self.line().is_empty())
            }
        }
    }

    fn line(&self) -> &[u8] {
        self.line.trim_ascii()
    }

    fn feed_line(&mut self, chunk: &mut Bytes, limit: usize) -> Result<bool, Fault> {
        let end = chunk.iter().position(|byte| *byte == b'\n');
        self.keep(chunk, end.unwrap_or(chunk.len()), limit)?;
        if end.is_some() {
            chunk.advance(1);
            self.is_complete = true;
        }
        Ok(end.is_some() && !self.line().is_empty())
    }

    fn feed_element(&mut self, chunk: &mut Bytes, limit: usize) -> Result<bool, Fault> {
        let end = chunk.iter().position(|byte| self.ends_at(*byte));
        self.keep(chunk, end.unwrap_or(chunk.len()), limit)?;
        if end.is_some() {
            if chunk.first() == Some(&b']') {
                self.form = Form::ArrayEnded;
            }
            chunk.advance(1);
            self.is_complete = true;
        }
        Ok(end.is_some() && !self.line().is_empty())
    }

    /// Whether the element ends before `byte`: a comma or bracket that stands in no string and no inner bracket.
    fn ends_at(&mut self, byte: u8) -> bool {
        if self.in_string {
            let was_escaped = std::mem::take(&mut self.is_escaped);
            match byte {
                _ if was_escaped => {}
                b'\\' => self.is_escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return false;
        }
        match byte {
            b',' | b']' if self.depth == 0 => return true,
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth = self.depth.saturating_add(1),
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        false
    }

    fn keep(&mut self, chunk: &mut Bytes, count: usize, limit: usize) -> Result<(), Fault> {
        if count > limit.saturating_sub(self.line.len()) {
            return Err(Fault::LineTooLong);
        }
        self.line.extend_from_slice(&chunk.split_to(count));
        Ok(())
    }

    fn forget(&mut self) {
        if std::mem::take(&mut self.is_complete) {
            self.line.clear();
            self.line.shrink_to(KEPT_CAPACITY);
        }
    }
}

/// White space between lines; a byte order mark before the first one counts as such.
fn is_blank(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, 0xEF | 0xBB | 0xBF)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::super::testing::{body, chunks, cut_body, response};
    use super::*;
    use crate::support::cases::properties;

    fn lines(body: BodyStream) -> Lines<Value> {
        Lines::new(response(200, &[], body), "line", ListLimits::default())
    }

    async fn all(text: &str) -> Vec<Value> {
        lines(body(text)).all().await.unwrap()
    }

    #[tokio::test]
    async fn lines_end_with_cr_lf_or_lf_or_nothing() {
        let expected = vec![json!({"a": 1}), json!({"a": 2})];
        for text in [
            "{\"a\":1}\r\n{\"a\":2}\r\n",
            "{\"a\":1}\n{\"a\":2}",
            "\r\n\r\n{\"a\":1}\r\n\r\n  \r\n{\"a\":2}\r\n\r\n",
            "\u{feff}{\"a\":1}\n  {\"a\":2}  \n",
        ] {
            assert_eq!(all(text).await, expected, "{text:?}");
        }
    }

    #[tokio::test]
    async fn an_empty_body_is_an_empty_list() {
        for text in ["", "\r\n", "  \n\n", "[]", " [ ] \r\n", "[\n]"] {
            assert_eq!(all(text).await, Vec::<Value>::new(), "{text:?}");
        }
    }

    #[tokio::test]
    async fn a_whole_array_is_a_list_too() {
        let text = "[\n {\"a\": \"x,]}\\\"\\\\\", \"b\": [1, {\"c\": []}]},\n null, 7 , \"s\" ]\r\n";
        let expected = vec![
            json!({"a": "x,]}\"\\", "b": [1, {"c": []}]}),
            Value::Null,
            json!(7),
            json!("s"),
        ];
        assert_eq!(all(text).await, expected);
    }

    #[tokio::test]
    async fn an_array_that_breaks_off_or_goes_on_is_an_error() {
        let mut list = lines(body("[{\"a\":1},{\"a\":2}"));
        assert_eq!(list.next().await.unwrap(), Some(json!({"a": 1})));
        assert!(list.next().await.is_err());
        assert_eq!(list.next().await.unwrap(), None);
        assert!(lines(body("[1]\n[2]")).all().await.is_err());
    }

    #[tokio::test]
    async fn an_unreadable_line_does_not_hide_the_next_one() {
        let mut list = lines(body("{\"a\":1}\n{\"a\":\n{\"a\":3}\n"));
        assert!(list.next().await.unwrap().is_some());
        let fault = list.next().await.unwrap_err();
        assert!(
            matches!(&fault, FactoryError::Unreadable { detail, .. } if detail.starts_with("line 2")),
            "{fault}"
        );
        assert_eq!(list.next().await.unwrap(), Some(json!({"a": 3})));
        assert_eq!((list.next().await.unwrap(), list.count()), (None, 3));
    }

    #[tokio::test]
    async fn a_list_that_breaks_off_is_lost() {
        let mut list = lines(cut_body("{\"a\":1}\n{\"a\""));
        assert!(list.next().await.unwrap().is_some());
        assert!(matches!(list.next().await, Err(FactoryError::Lost(_))));
        assert_eq!(list.next().await.unwrap(), None);
    }

    #[tokio::test]
    async fn lines_and_lists_have_limits() {
        let limits = ListLimits { line: 10, list: 25 };
        let read = |text: &str| Lines::<Value>::new(response(200, &[], body(text)), "line", limits).all();
        assert_eq!(read("1234567890\n1234567890\n").await.unwrap().len(), 2);
        assert!(matches!(
            read("12345678901\n").await,
            Err(FactoryError::TooLarge {
                what: "line",
                limit: 10
            })
        ));
        assert!(matches!(
            read("[\"1234567890\"]").await,
            Err(FactoryError::TooLarge { what: "line", .. })
        ));
        let long = "123456789\n123456789\n123456789\n";
        assert!(matches!(
            read(long).await,
            Err(FactoryError::TooLarge {
                what: "list",
                limit: 25
            })
        ));
    }

    #[tokio::test]
    async fn pictures_in_lines_need_the_memory_of_one_line() {
        let picture = "A".repeat(200 * 1024);
        let line = format!("{{\"image\":\"data:image/png;base64,{picture}\"}}\r\n");
        let bytes = Bytes::from(line.repeat(20));
        let pieces: Vec<_> = bytes.chunks(16 * 1024).map(<[u8]>::to_vec).collect();
        let mut list = lines(chunks(pieces));
        let mut count = 0;
        while list.next().await.unwrap().is_some() {
            count += 1;
            assert!(
                list.splitter.line.capacity() < 600 * 1024,
                "{}",
                list.splitter.line.capacity()
            );
        }
        assert_eq!(count, 20);
    }

    /// A list as text, whole and cut at any places.
    fn cut(text: &[u8], places: &[prop::sample::Index]) -> Vec<Vec<u8>> {
        let mut places: Vec<_> = places.iter().map(|place| place.index(text.len() + 1)).collect();
        places.sort_unstable();
        let mut pieces = Vec::new();
        let mut from = 0;
        for place in places.into_iter().chain([text.len()]) {
            pieces.push(text[from..place].to_vec());
            from = place;
        }
        pieces
    }

    fn outcome(pieces: Vec<Vec<u8>>) -> (Vec<Value>, Vec<String>) {
        let mut list = lines(chunks(pieces));
        let (mut read, mut faults) = (Vec::new(), Vec::new());
        loop {
            match futures_util::FutureExt::now_or_never(list.next()).unwrap() {
                Ok(Some(value)) => read.push(value),
                Ok(None) => return (read, faults),
                Err(fault) => faults.push(fault.to_string()),
            }
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::from),
            "[ -~\\n\\r\u{e9}\u{1F600}]{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 12, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-z\"\\]},]{0,4}", inner, 0..4).prop_map(|map| json!(map)),
            ]
        })
    }

    properties! {
        #[test]
        fn cuts_anywhere_give_the_same_lines(
            objects in prop::collection::vec(prop::collection::btree_map("[a-z]{1,3}", value(), 0..3), 0..5),
            places in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
            form in 0..4,
        ) {
            let objects: Vec<_> = objects.into_iter().map(|object| json!(object)).collect();
            let each = |end: &str| objects.iter().map(|object| format!("{object}{end}")).collect::<Vec<_>>().concat();
            let text = match form {
                0 => each("\r\n"),
                1 => each("\n\n"),
                2 => serde_json::to_string(&objects).unwrap(),
                _ => serde_json::to_string_pretty(&objects).unwrap(),
            };
            let (read, faults) = outcome(cut(text.as_bytes(), &places));
            prop_assert_eq!(faults, Vec::<String>::new());
            prop_assert_eq!(read, objects);
        }

        #[test]
        fn any_bytes_end_and_cuts_do_not_matter(
            text in "[\\[\\]{}\",\\\\\\n\\r a0-9:]{0,60}",
            places in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        ) {
            let whole = outcome(vec![text.clone().into_bytes()]);
            prop_assert_eq!(outcome(cut(text.as_bytes(), &places)), whole);
        }
    }
}
