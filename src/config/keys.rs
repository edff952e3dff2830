//! The merged settings, read key by key into types. Every error names the key as its writer wrote it.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use secrecy::SecretString;

use super::load::ConfigError;

/// One setting as text, and where it comes from.
#[derive(Clone)]
pub(super) struct Setting {
    pub(super) raw: Raw,
    /// The variable, the key in a file or the flag, for messages.
    pub(super) origin: String,
}

/// What a source holds for a key.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Raw {
    Text(String),
    List(Vec<String>),
}

/// All settings by their dotted name (`section.key`).
pub(super) struct Keys(pub(super) BTreeMap<String, Setting>);

impl Keys {
    /// The setting's name for messages.
    pub(super) fn origin(&self, key: &str) -> String {
        self.0.get(key).map_or_else(|| key.to_owned(), |s| s.origin.clone())
    }

    /// An error about `key`.
    pub(super) fn invalid(&self, key: &str, reason: impl Into<String>) -> ConfigError {
        ConfigError::Invalid {
            key: self.origin(key),
            reason: reason.into(),
        }
    }

    /// An error about `key` which does not go together with `other`.
    pub(super) fn contradiction(&self, key: &str, other: &str, reason: &str) -> ConfigError {
        ConfigError::Contradiction {
            key: self.origin(key),
            other: self.origin(other),
            reason: reason.to_owned(),
        }
    }

    /// A text, or nothing where it is empty.
    pub(super) fn optional_text(&self, key: &str) -> Result<Option<String>, ConfigError> {
        match self.0.get(key).map(|setting| &setting.raw) {
            Some(Raw::Text(text)) if text.trim().is_empty() => Ok(None),
            Some(Raw::Text(text)) => Ok(Some(text.trim().to_owned())),
            Some(Raw::List(_)) => Err(self.invalid(key, "one value is needed, not a list")),
            None => Err(self.invalid(key, "the setting has no default")),
        }
    }

    /// A text that must be there.
    pub(super) fn text(&self, key: &str) -> Result<String, ConfigError> {
        self.optional_text(key)?
            .ok_or_else(|| self.invalid(key, "a value is needed"))
    }

    pub(super) fn optional_path(&self, key: &str) -> Result<Option<PathBuf>, ConfigError> {
        Ok(self.optional_text(key)?.map(PathBuf::from))
    }

    pub(super) fn optional_secret(&self, key: &str) -> Result<Option<SecretString>, ConfigError> {
        Ok(self.optional_text(key)?.map(SecretString::from))
    }

    /// A value read by its own parser; `what` says what is expected.
    pub(super) fn parse<T: FromStr>(&self, key: &str, what: &str) -> Result<T, ConfigError> {
        let text = self.text(key)?;
        text.parse()
            .map_err(|_| self.invalid(key, format!("`{text}` is not {what}")))
    }

    /// A whole number within `range`.
    pub(super) fn number<T>(&self, key: &str, range: RangeInclusive<T>) -> Result<T, ConfigError>
    where
        T: FromStr + PartialOrd + std::fmt::Display,
    {
        let number: T = self.parse(key, "a whole number")?;
        if !range.contains(&number) {
            let (least, most) = (range.start(), range.end());
            return Err(self.invalid(key, format!("a number from {least} to {most} is needed")));
        }
        Ok(number)
    }

    /// A time of at least one millisecond.
    pub(super) fn millis(&self, key: &str) -> Result<Duration, ConfigError> {
        Ok(Duration::from_millis(self.number(key, 1..=MOST_MILLIS)?))
    }

    /// A list, each entry read by `parse`; `what` says what an entry is.
    pub(super) fn list<T>(
        &self,
        key: &str,
        what: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<T>, ConfigError> {
        let entries: Vec<&str> = match self.0.get(key).map(|setting| &setting.raw) {
            Some(Raw::List(entries)) => entries.iter().map(String::as_str).collect(),
            Some(Raw::Text(text)) => text.split(',').collect(),
            None => Vec::new(),
        };
        entries
            .into_iter()
            .map(str::trim)
            .filter(|entry| !entry.is_empty())
            .map(|entry| parse(entry).ok_or_else(|| self.invalid(key, format!("`{entry}` is not {what}"))))
            .collect()
    }

    /// A list of times which is not empty.
    pub(super) fn millis_list(&self, key: &str) -> Result<Vec<Duration>, ConfigError> {
        let times = self.list(key, "a time in milliseconds", |entry| {
            let millis = entry.parse().ok().filter(|millis| *millis <= MOST_MILLIS)?;
            Some(Duration::from_millis(millis))
        })?;
        if times.is_empty() {
            return Err(self.invalid(key, "at least one time is needed"));
        }
        Ok(times)
    }
}

/// Ten years: longer is a slip of the pen, and sums of such times never overflow.
const MOST_MILLIS: u64 = 10 * 366 * 24 * 3_600_000;
