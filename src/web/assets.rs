//! Static files, built into the program and addressed by their content: a changed file has a new address, so that
//! browsers may keep each one for ever.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use rust_embed::RustEmbed;

use crate::crypto::digest::sha256_hex;

#[derive(RustEmbed)]
#[folder = "static/"]
struct Files;

/// A static file as it is served.
#[derive(Clone, Debug)]
pub struct Asset {
    /// The content.
    pub bytes: Cow<'static, [u8]>,
    /// The value of `Content-Type`.
    pub mime: &'static str,
    /// The value of `ETag`, quotes included.
    pub etag: String,
    /// The value of `Cache-Control`.
    pub cache_control: &'static str,
}

/// The file served at `/static/{path}`: by its hashed name for ever, by its plain name for five minutes; `None` for
/// anything else.
pub fn asset(path: &str) -> Option<Asset> {
    let (name, cache_control) = match ASSETS.by_hashed_name.get(path) {
        Some(name) => (name.as_str(), "public, max-age=31536000, immutable"),
        None => (path, "public, max-age=300"),
    };
    let hash = ASSETS.hash_of.get(name)?;
    let file = Files::get(name)?;
    Some(Asset {
        bytes: file.data,
        mime: mime_of(name),
        etag: format!("\"{hash}\""),
        cache_control,
    })
}

/// The address of a static file: `badgebridge.css` gives `/static/badgebridge.{hash}.css`. A name that does not exist
/// gives an address that answers 404.
pub fn asset_url(name: &str) -> String {
    match ASSETS.hash_of.get(name) {
        Some(hash) => format!("/static/{}", hashed_name(name, hash)),
        None => format!("/static/{name}"),
    }
}

struct Assets {
    hash_of: HashMap<String, String>,
    by_hashed_name: HashMap<String, String>,
}

static ASSETS: LazyLock<Assets> = LazyLock::new(|| {
    let mut assets = Assets {
        hash_of: HashMap::new(),
        by_hashed_name: HashMap::new(),
    };
    for name in Files::iter() {
        let Some(file) = Files::get(&name) else { continue };
        let hash: String = sha256_hex(&file.data).chars().take(16).collect();
        assets
            .by_hashed_name
            .insert(hashed_name(&name, &hash), name.to_string());
        assets.hash_of.insert(name.into_owned(), hash);
    }
    assets
});

fn hashed_name(name: &str, hash: &str) -> String {
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}.{hash}.{extension}"),
        None => format!("{name}.{hash}"),
    }
}

fn mime_of(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hashed_address_leads_to_its_file_and_may_be_kept() {
        let url = asset_url("badgebridge.css");
        let path = url.strip_prefix("/static/").unwrap();
        assert_ne!(path, "badgebridge.css");
        let found = asset(path).unwrap();
        assert!(found.cache_control.contains("immutable"));
        assert_eq!(found.mime, "text/css; charset=utf-8");
        assert_eq!(found.etag, asset("badgebridge.css").unwrap().etag);
    }

    #[test]
    fn what_is_not_a_file_is_not_found() {
        for path in ["", "../Cargo.toml", "badgebridge.0000.css", "/etc/passwd"] {
            assert!(asset(path).is_none(), "{path}");
        }
    }

    #[test]
    fn style_and_script_keep_their_budget() {
        assert!(Files::get("badgebridge.css").unwrap().data.len() <= 24 * 1024);
        assert!(Files::get("app.js").unwrap().data.len() <= 12 * 1024);
    }
}
