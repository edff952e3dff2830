//! The sources of settings and the order in which they count.

use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::path::{Path, PathBuf};

use config::{FileFormat, Value, ValueKind};

use super::DEFAULTS;
use super::keys::{Keys, Raw, Setting};

const PREFIX: &str = "BADGEBRIDGE_";
const TEST_PREFIX: &str = "BADGEBRIDGE_TEST_";

/// Keys whose value may lie in a file named by the variable with `_FILE` added.
const SECRETS: [&str; 4] = [
    "server.database_url",
    "server.secret_key",
    "outbound.proxy",
    "sso.client_secret",
];

/// Keys outside `[server]` that have a short variable as well.
const SHORT: [&str; 2] = ["outbound.extra_ca", "outbound.allowed_networks"];

/// The file to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum File {
    /// None.
    None,
    /// This one, if it is there.
    IfPresent(PathBuf),
    /// This one; it must be there.
    Required(PathBuf),
}

impl Default for File {
    fn default() -> Self {
        Self::IfPresent(PathBuf::from("badgebridge.toml"))
    }
}

/// Settings given on the command line, or by a test, by their dotted names (`server.listen`).
#[derive(Clone, Default)]
pub struct Flags(Vec<(String, Setting)>);

/// Without the values: one may be a secret.
impl fmt::Debug for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(key, _)| key)).finish()
    }
}

impl Flags {
    /// No settings.
    pub fn new() -> Self {
        Self::default()
    }

    /// These settings and `key` set to `value`; lists are separated by commas.
    #[must_use]
    pub fn with(self, key: impl Into<String>, value: impl Display) -> Self {
        let key = key.into();
        self.given(&key.clone(), key, value)
    }

    /// The same for a setting that somebody gave under the name `flag`: a refusal names that.
    #[must_use]
    pub fn given(mut self, flag: &str, key: impl Into<String>, value: impl Display) -> Self {
        let setting = Setting {
            raw: Raw::Text(value.to_string()),
            origin: flag.to_owned(),
        };
        self.0.push((key.into(), setting));
        self
    }
}

/// Why settings are refused. No value of a secret is in it.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Nothing is called so.
    #[error("{key}: there is no such setting{hint}")]
    Unknown {
        /// The key, variable or flag.
        key: String,
        /// The name that was probably meant.
        hint: String,
    },
    /// The value cannot be used.
    #[error("{key}: {reason}")]
    Invalid {
        /// The key, variable or flag.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Two settings exclude each other.
    #[error("{key} and {other}: {reason}")]
    Contradiction {
        /// One of them.
        key: String,
        /// The other.
        other: String,
        /// Why they do not go together.
        reason: String,
    },
    /// A file cannot be read as what it should be.
    #[error("{key}: the file {} cannot be read: {reason}", path.display())]
    File {
        /// The setting that names the file.
        key: String,
        /// The file.
        path: PathBuf,
        /// What went wrong.
        reason: String,
    },
}

/// The process's own variables that concern this program.
pub fn process_environment() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
        .filter(|(name, _)| name.starts_with(PREFIX))
        .map(|(name, value)| (name, value.to_string_lossy().into_owned()))
        .collect()
}

/// All settings, each from the last source that has it.
pub(super) fn merge<E>(file: File, environment: E, flags: &Flags) -> Result<Keys, ConfigError>
where
    E: IntoIterator<Item = (String, String)>,
{
    let mut settings = parse_toml(DEFAULTS).map_err(|reason| ConfigError::File {
        key: "defaults".to_owned(),
        path: PathBuf::from("defaults.toml"),
        reason,
    })?;
    for (key, setting) in read_file(file)? {
        replace(&mut settings, key, setting)?;
    }
    for (key, setting) in read_environment(environment, &settings)? {
        replace(&mut settings, key, setting)?;
    }
    for (key, setting) in &flags.0 {
        replace(&mut settings, key.clone(), setting.clone())?;
    }
    Ok(Keys(settings))
}

fn replace(settings: &mut BTreeMap<String, Setting>, key: String, setting: Setting) -> Result<(), ConfigError> {
    match settings.get_mut(&key) {
        Some(place) => *place = setting,
        None => {
            return Err(ConfigError::Unknown {
                hint: hint(settings, &key),
                key,
            });
        }
    }
    Ok(())
}

fn hint(settings: &BTreeMap<String, Setting>, key: &str) -> String {
    let name = key.rsplit('.').next().unwrap_or(key);
    let meant = settings.keys().find(|known| known.split('.').next_back() == Some(name));
    meant.map_or_else(String::new, |known| format!("; did you mean {known}?"))
}

fn read_file(file: File) -> Result<BTreeMap<String, Setting>, ConfigError> {
    let (path, required) = match file {
        File::None => return Ok(BTreeMap::new()),
        File::IfPresent(path) => (path, false),
        File::Required(path) => (path, true),
    };
    let failed = |reason: String| ConfigError::File {
        key: "--config".to_owned(),
        path: path.clone(),
        reason,
    };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if !required && error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(failed(error.to_string())),
    };
    parse_toml(&text).map_err(failed)
}

fn parse_toml(text: &str) -> Result<BTreeMap<String, Setting>, String> {
    let parsed = config::Config::builder()
        .add_source(config::File::from_str(text, FileFormat::Toml))
        .build()
        .map_err(|error| error.to_string())?;
    let mut settings = BTreeMap::new();
    flatten("", parsed.cache, &mut settings)?;
    Ok(settings)
}

fn flatten(prefix: &str, value: Value, settings: &mut BTreeMap<String, Setting>) -> Result<(), String> {
    let raw = match value.kind {
        ValueKind::Table(table) => {
            for (key, value) in table {
                let name = if prefix.is_empty() {
                    key
                } else {
                    format!("{prefix}.{key}")
                };
                flatten(&name, value, settings)?;
            }
            return Ok(());
        }
        ValueKind::Array(entries) => Raw::List(
            entries
                .into_iter()
                .map(|entry| {
                    entry
                        .into_string()
                        .map_err(|_| format!("{prefix}: the list must hold plain values"))
                })
                .collect::<Result<_, _>>()?,
        ),
        _ => Raw::Text(
            value
                .into_string()
                .map_err(|_| format!("{prefix}: a plain value is needed"))?,
        ),
    };
    let setting = Setting {
        raw,
        origin: prefix.to_owned(),
    };
    settings.insert(prefix.to_owned(), setting);
    Ok(())
}

/// The variables that name settings. An empty variable counts as not set.
fn read_environment<E>(
    environment: E,
    known: &BTreeMap<String, Setting>,
) -> Result<BTreeMap<String, Setting>, ConfigError>
where
    E: IntoIterator<Item = (String, String)>,
{
    let names = variable_names(known);
    let mut settings: BTreeMap<String, Setting> = BTreeMap::new();
    for (variable, value) in environment {
        if !variable.starts_with(PREFIX) || variable.starts_with(TEST_PREFIX) || value.is_empty() {
            continue;
        }
        let Some((key, in_file)) = names.get(&variable) else {
            return Err(ConfigError::Unknown {
                key: variable,
                hint: String::new(),
            });
        };
        let text = if *in_file {
            read_secret(&variable, Path::new(&value))?
        } else {
            value
        };
        let setting = Setting {
            raw: Raw::Text(text),
            origin: variable,
        };
        if let Some(earlier) = settings.get(key) {
            return Err(ConfigError::Contradiction {
                key: earlier.origin.clone(),
                other: setting.origin,
                reason: "both set the same thing; keep one".to_owned(),
            });
        }
        settings.insert(key.clone(), setting);
    }
    Ok(settings)
}

/// Every variable, the key that it sets, and whether it names a file that holds the value.
fn variable_names(known: &BTreeMap<String, Setting>) -> BTreeMap<String, (String, bool)> {
    let mut names = BTreeMap::new();
    for key in known.keys() {
        let Some((section, name)) = key.split_once('.') else {
            continue;
        };
        let mut variables = vec![format!("{PREFIX}{section}_{name}").to_uppercase()];
        if section == "server" || SHORT.contains(&key.as_str()) {
            variables.push(format!("{PREFIX}{name}").to_uppercase());
        }
        for variable in variables {
            if SECRETS.contains(&key.as_str()) {
                names.insert(format!("{variable}_FILE"), (key.clone(), true));
            }
            names.insert(variable, (key.clone(), false));
        }
    }
    names
}

fn read_secret(variable: &str, path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|error| ConfigError::File {
        key: variable.to_owned(),
        path: path.to_path_buf(),
        reason: error.to_string(),
    })
}
