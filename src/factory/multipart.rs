//! A form with files as the body of a call (`multipart/form-data`, RFC 7578).

use std::fmt;

use bytes::Bytes;

/// One field of a form.
#[derive(Clone, PartialEq, Eq)]
pub struct Part {
    /// The field's name.
    pub name: String,
    /// What was entered.
    pub content: PartContent,
}

/// What a field holds.
#[derive(Clone, PartialEq, Eq)]
pub enum PartContent {
    /// Text.
    Text(String),
    /// A file.
    File {
        /// Its name.
        name: String,
        /// Its media type, such as `application/pdf`.
        media_type: String,
        /// The bytes.
        bytes: Bytes,
    },
}

impl Part {
    /// A field with text.
    pub fn text(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            content: PartContent::Text(text.into()),
        }
    }
}

/// Nothing of what a person entered.
impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part").field("name", &self.name).finish_non_exhaustive()
    }
}

impl fmt::Debug for PartContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PartContent")
    }
}

/// The media type of a body whose parts `boundary` divides.
pub(super) fn media_type(boundary: &str) -> String {
    format!("multipart/form-data; boundary={boundary}")
}

/// The body. `boundary` (letters and digits) must be one that nobody could guess when the parts were filled in.
pub(super) fn body(parts: &[Part], boundary: &str) -> Bytes {
    let mut body = Vec::new();
    for part in parts {
        let name = quoted(&part.name);
        let head = match &part.content {
            PartContent::Text(_) => format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n"),
            PartContent::File {
                name: file, media_type, ..
            } => format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{}\"\r\n\
                 Content-Type: {}\r\n\r\n",
                quoted(file),
                one_line(media_type)
            ),
        };
        body.extend_from_slice(head.as_bytes());
        match &part.content {
            PartContent::Text(text) => body.extend_from_slice(text.as_bytes()),
            PartContent::File { bytes, .. } => body.extend_from_slice(bytes),
        }
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Bytes::from(body)
}

/// A name between quotes, as browsers send it (HTML, "multipart form data"): it cannot end its line or its quotes.
fn quoted(name: &str) -> String {
    let mut safe = String::with_capacity(name.len());
    for character in name.chars() {
        match character {
            '"' => safe.push_str("%22"),
            '\r' => safe.push_str("%0D"),
            '\n' => safe.push_str("%0A"),
            other => safe.push(other),
        }
    }
    safe
}

fn one_line(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_files_stand_between_boundaries() {
        let parts = [
            Part::text("why", "Because\r\nI can"),
            Part {
                name: "proof".into(),
                content: PartContent::File {
                    name: "p.pdf".into(),
                    media_type: "application/pdf".into(),
                    bytes: Bytes::from_static(b"%PDF"),
                },
            },
        ];
        assert_eq!(
            body(&parts, "edge"),
            "--edge\r\nContent-Disposition: form-data; name=\"why\"\r\n\r\nBecause\r\nI can\r\n\
             --edge\r\nContent-Disposition: form-data; name=\"proof\"; filename=\"p.pdf\"\r\n\
             Content-Type: application/pdf\r\n\r\n%PDF\r\n--edge--\r\n"
        );
        assert_eq!(media_type("edge"), "multipart/form-data; boundary=edge");
    }

    #[test]
    fn a_name_cannot_leave_its_line() {
        let parts = [Part {
            name: "a\"; x=\"\r\nEvil: 1".into(),
            content: PartContent::File {
                name: "b\"\n".into(),
                media_type: "text/plain\r\nEvil: 1".into(),
                bytes: Bytes::new(),
            },
        }];
        let text = String::from_utf8(body(&parts, "edge").to_vec()).unwrap();
        assert!(
            text.contains("name=\"a%22; x=%22%0D%0AEvil: 1\"; filename=\"b%22%0A\"\r\n"),
            "{text}"
        );
        assert!(text.contains("Content-Type: text/plainEvil: 1\r\n"), "{text}");
    }

    #[test]
    fn nothing_that_was_entered_is_printed() {
        let shown = format!("{:?}", Part::text("email", "ann@campus.example"));
        assert!(!shown.contains("ann@"), "{shown}");
    }
}
