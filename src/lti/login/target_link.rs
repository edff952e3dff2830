//! Where a launch may lead: to addresses of this tool and nowhere else.

use url::Url;

use crate::lti::address::{parse_http, same_origin};
use crate::lti::error::LaunchError;

/// The scheme, host and port that platforms see the tool under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolOrigin(Url);

/// An address that is not an http(s) one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an http or https address")]
pub struct InvalidOrigin;

impl ToolOrigin {
    /// Takes the tool's public address; its path does not matter.
    pub fn parse(public_url: &str) -> Result<Self, InvalidOrigin> {
        parse_http(public_url).map(Self).ok_or(InvalidOrigin)
    }

    /// The target link in `raw`, if it is one of ours: same scheme, host and port, written out in full.
    pub fn target_link(&self, raw: &str) -> Result<TargetLink, LaunchError> {
        match parse_http(raw) {
            Some(url) if same_origin(&url, &self.0) => Ok(TargetLink(url)),
            _ => Err(LaunchError::TargetLinkForeign),
        }
    }
}

/// An address of this tool that a launch may lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetLink(Url);

impl TargetLink {
    /// The whole address.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The path, with its leading slash.
    pub fn path(&self) -> &str {
        self.0.path()
    }

    /// The first value of `name` in the query.
    pub fn parameter(&self, name: &str) -> Option<String> {
        self.0
            .query_pairs()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_addresses_are_target_links() {
        let origin = ToolOrigin::parse("https://tool.example/").unwrap();
        let link = origin.target_link("https://TOOL.example:443/c/home?x=1&y=2").unwrap();
        assert_eq!((link.path(), link.parameter("y").as_deref()), ("/c/home", Some("2")));
        for foreign in [
            "https://other.example/c/home",
            "http://tool.example/c/home",
            "https://tool.example:8443/c/home",
            "https://tool.example.evil.example/",
            "https://tool.example@evil.example/",
            "//evil",
            "//tool.example/c/home",
            "/c/home",
            "javascript:alert(1)",
            "tool.example/c/home",
            "",
        ] {
            assert_eq!(
                origin.target_link(foreign),
                Err(LaunchError::TargetLinkForeign),
                "{foreign}"
            );
        }
        assert!(ToolOrigin::parse("tool.example").is_err());
        assert!(
            ToolOrigin::parse("http://127.0.0.1:8080")
                .unwrap()
                .target_link("http://127.0.0.1:8080/lti/launch")
                .is_ok()
        );
    }
}
