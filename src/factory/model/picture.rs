//! A badge's picture as it stands in a badge: a data URL, an address, or bare base64.

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

/// A picture of a badge. PNG and SVG exist.
#[derive(Clone, PartialEq, Eq)]
pub enum Picture {
    /// The picture itself.
    Inline {
        /// The media type as stated, `image/png` where nothing is stated. The bytes may be something else.
        media_type: String,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// Where the picture is: an absolute address or a path on the Factory's host.
    Url(String),
}

impl Picture {
    /// Reads the `image` of a badge. API v1 gives a data URL (relied on by public clients); an address, as API v2
    /// gives, and bare base64, as v1 takes, are read as well. `None` for what is none of these.
    pub fn parse(raw: &str) -> Option<Self> {
        let raw = raw.trim();
        if let Some(rest) = strip_prefix_ignoring_case(raw, "data:") {
            return from_data_url(rest);
        }
        let is_address = ["https://", "http://"]
            .iter()
            .any(|start| strip_prefix_ignoring_case(raw, start).is_some());
        // A path may look like base64 as well: only the start of JPEG pictures in base64 begins with a slash.
        if is_address || (raw.starts_with('/') && !raw.starts_with("/9j/")) {
            return Some(Self::Url(raw.to_owned()));
        }
        let bytes = decode(raw)?;
        Some(Self::Inline {
            media_type: "image/png".to_owned(),
            bytes,
        })
    }
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Inline { media_type, bytes } => write!(f, "Picture({media_type}, {} bytes)", bytes.len()),
            Self::Url(url) => write!(f, "Picture({url})"),
        }
    }
}

/// RFC 2397: `[media type][;parameter]*[;base64],data`.
fn from_data_url(rest: &str) -> Option<Picture> {
    let (head, data) = rest.split_once(',')?;
    let mut parts = head.split(';').map(str::trim);
    let stated = parts.next().unwrap_or_default();
    let media_type = if stated.is_empty() {
        "image/png".to_owned()
    } else {
        stated.to_ascii_lowercase()
    };
    let bytes = if parts.any(|part| part.eq_ignore_ascii_case("base64")) {
        decode(data)?
    } else {
        percent_decoded(data)
    };
    (!bytes.is_empty()).then_some(Picture::Inline { media_type, bytes })
}

fn decode(text: &str) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let bytes = if text.bytes().any(|byte| byte.is_ascii_whitespace()) {
        let compact: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        LENIENT.decode(compact)
    } else {
        LENIENT.decode(text)
    };
    bytes.ok().filter(|bytes| !bytes.is_empty())
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let escaped = (*first == b'%').then(|| behind.split_at_checked(2)).flatten();
        let value = escaped.and_then(|(digits, _)| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        bytes.push(value.unwrap_or(*first));
        rest = if value.is_some() {
            behind.get(2..).unwrap_or_default()
        } else {
            behind
        };
    }
    bytes
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inline(media_type: &str, bytes: &[u8]) -> Picture {
        Picture::Inline {
            media_type: media_type.to_owned(),
            bytes: bytes.to_vec(),
        }
    }

    #[test]
    fn pictures_come_as_data_urls_addresses_and_bare_base64() {
        assert_eq!(
            Picture::parse("data:image/png;base64,iVBORw0KGgo="),
            Some(inline("image/png", b"\x89PNG\r\n\x1a\n"))
        );
        assert_eq!(
            Picture::parse("DATA:Image/PNG;charset=x;BASE64, iVBO Rw0K\nGgo"),
            Some(inline("image/png", b"\x89PNG\r\n\x1a\n"))
        );
        assert_eq!(
            Picture::parse("iVBORw0KGgo="),
            Some(inline("image/png", b"\x89PNG\r\n\x1a\n"))
        );
        assert_eq!(
            Picture::parse("data:image/svg+xml;utf8,%3Csvg a='1%'/>"),
            Some(inline("image/svg+xml", b"<svg a='1%'/>"))
        );
        let url = "https://factory.example/v1/badge/_/B1.png";
        assert_eq!(Picture::parse(url), Some(Picture::Url(url.to_owned())));
        assert_eq!(Picture::parse("/c/x.png"), Some(Picture::Url("/c/x.png".to_owned())));
        assert!(matches!(Picture::parse("/9j/4AAQ"), Some(Picture::Inline { .. })));
    }

    #[test]
    fn what_is_no_picture_is_none() {
        for raw in [
            "",
            " ",
            "data:",
            "data:image/png;base64",
            "data:image/png;base64,",
            "data:image/png;base64,%%",
            "né",
        ] {
            assert_eq!(Picture::parse(raw), None, "{raw}");
        }
    }
}
