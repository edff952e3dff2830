//! Just enough `multipart/form-data` (RFC 7578) to read an application form.

/// One field or file of a form.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) file_name: Option<String>,
    pub(super) content: Vec<u8>,
}

/// The parts of a body; `None` if it is no multipart form.
pub(super) fn parts(content_type: &str, body: &[u8]) -> Option<Vec<Part>> {
    let (media, parameters) = content_type.split_once(';')?;
    if !media.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = parameter(parameters, "boundary")?;
    let delimiter = format!("\r\n--{boundary}").into_bytes();
    // the first delimiter has no line end before it
    let whole = [b"\r\n", body].concat();
    let mut rest = after(&whole, &delimiter)?;
    let mut parts = Vec::new();
    while !rest.starts_with(b"--") {
        let start = rest.strip_prefix(b"\r\n")?;
        let length = find(start, &delimiter)?;
        let (part, _) = start.split_at_checked(length)?;
        parts.push(one(part)?);
        rest = after(start, &delimiter)?;
    }
    Some(parts)
}

fn one(part: &[u8]) -> Option<Part> {
    let end = find(part, b"\r\n\r\n")?;
    let (head, content) = part.split_at_checked(end)?;
    let head = String::from_utf8_lossy(head).into_owned();
    let disposition = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
    })?;
    Some(Part {
        name: parameter(disposition, "name")?,
        file_name: parameter(disposition, "filename"),
        content: content.strip_prefix(b"\r\n\r\n")?.to_vec(),
    })
}

fn parameter(text: &str, wanted: &str) -> Option<String> {
    text.split(';').find_map(|part| {
        let (name, value) = part.split_once('=')?;
        let value = value.trim().trim_matches('"');
        name.trim().eq_ignore_ascii_case(wanted).then(|| value.to_owned())
    })
}

fn after<'a>(text: &'a [u8], wanted: &[u8]) -> Option<&'a [u8]> {
    text.get(find(text, wanted)?..)?.strip_prefix(wanted)
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len().max(1)).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_files_are_read_in_order() {
        let body = b"--xx\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\none\r\n--xx\r\n\
            content-disposition: form-data; name=\"f\"; filename=\"p.txt\"\r\nContent-Type: text/plain\r\n\r\n\
            two\r\nlines\r\n--xx--\r\n";
        let parts = parts("multipart/form-data; boundary=xx", body).unwrap();
        assert_eq!(parts.len(), 2);
        assert_eq!(
            (parts[0].name.as_str(), parts[0].content.as_slice()),
            ("a", &b"one"[..])
        );
        assert_eq!(parts[1].file_name.as_deref(), Some("p.txt"));
        assert_eq!(parts[1].content, b"two\r\nlines");
    }

    #[test]
    fn a_torn_body_is_no_form() {
        assert_eq!(parts("multipart/form-data; boundary=xx", b"--xx\r\nContent-Disp"), None);
        assert_eq!(parts("text/plain", b""), None);
    }
}
