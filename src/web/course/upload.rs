//! A form with files, as learners hand it in: texts and files by the names of their fields. What is too large is read to
//! its end and dropped, so that the rest of the form is kept.

use actix_web::HttpRequest;
use actix_web::web::Payload;
use futures_util::StreamExt;

use super::fields::Fields;
use crate::web::error::{Refusal, WebError};
use crate::web::visit::Visit;

/// The largest file, in bytes.
pub(super) const FILE_LIMIT: usize = 5 * 1024 * 1024;
/// All files together, in bytes.
pub(super) const FILES_LIMIT: usize = 12 * 1024 * 1024;
/// The most files.
pub(super) const MOST_FILES: usize = 10;
/// More is not even read to its end, in bytes.
const READ_LIMIT: usize = 40 * 1024 * 1024;
/// All texts together, in bytes.
const TEXT_LIMIT: usize = 256 * 1024;
/// The most parts.
const MOST_PARTS: usize = 1_000;

/// A file that came with a form.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct UploadedFile {
    /// The field.
    pub(super) field: String,
    /// Its name, as the browser says.
    pub(super) name: String,
    /// Its bytes; empty where it was too large.
    pub(super) bytes: Vec<u8>,
    /// It was larger than is taken.
    pub(super) too_large: bool,
}

impl std::fmt::Debug for UploadedFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UploadedFile")
            .field("field", &self.field)
            .field("bytes", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

/// What a form with files brings.
#[derive(Clone, Debug, Default)]
pub(super) struct Upload {
    /// The texts.
    pub(super) fields: Fields,
    /// The files that were chosen.
    pub(super) files: Vec<UploadedFile>,
}

impl Upload {
    /// Reads `multipart/form-data` (RFC 7578), or a plain form. Refused unless it carries the session's secret.
    pub(super) async fn read(request: &HttpRequest, body: Payload, visit: &Visit) -> Result<Self, WebError> {
        let is_multipart = request
            .headers()
            .get(actix_web::http::header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("multipart/form-data"));
        if !is_multipart {
            let fields = Fields::of_multipart(request, body, visit).await?;
            return Ok(Self {
                fields,
                files: Vec::new(),
            });
        }
        let upload = multipart(request, body).await?;
        visit.check_form(upload.fields.one("csrf"))?;
        Ok(upload)
    }
}

async fn multipart(request: &HttpRequest, body: Payload) -> Result<Upload, WebError> {
    let unreadable = || WebError::from(Refusal::Unreadable { too_large: false });
    let too_large = || WebError::from(Refusal::Unreadable { too_large: true });
    let mut parts = actix_multipart::Multipart::new(request.headers(), body);
    let (mut pairs, mut files) = (Vec::new(), Vec::new());
    let (mut text_room, mut file_room, mut read, mut count) = (TEXT_LIMIT, FILES_LIMIT, 0_usize, 0_usize);
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(|_| unreadable())?;
        count += 1;
        if count > MOST_PARTS {
            return Err(too_large());
        }
        let field = part.name().ok_or_else(unreadable)?.to_owned();
        let file_name = part
            .content_disposition()
            .and_then(|disposition| disposition.get_filename().map(str::to_owned));
        let limit = match &file_name {
            Some(_) if files.len() < MOST_FILES => FILE_LIMIT.min(file_room),
            Some(_) => 0,
            None => text_room,
        };
        let (mut value, mut seen) = (Vec::new(), 0_usize);
        while let Some(chunk) = part.next().await {
            let chunk = chunk.map_err(|_| unreadable())?;
            seen = seen.saturating_add(chunk.len());
            read = read.saturating_add(chunk.len());
            if seen <= limit {
                value.extend_from_slice(&chunk);
            } else if file_name.is_none() || read > READ_LIMIT {
                return Err(too_large());
            }
        }
        let Some(name) = file_name else {
            text_room -= value.len();
            pairs.push((field, String::from_utf8(value).map_err(|_| unreadable())?));
            continue;
        };
        // a browser sends a part without a name where no file was chosen
        if seen == 0 && name.is_empty() {
            continue;
        }
        let too_large = seen > limit;
        if too_large {
            value = Vec::new();
        }
        file_room -= value.len();
        files.push(UploadedFile {
            field,
            name,
            bytes: value,
            too_large,
        });
    }
    Ok(Upload {
        fields: Fields::of_pairs(pairs),
        files,
    })
}
