//! Addresses, data and logs.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::keys::Keys;
use super::load::ConfigError;
use super::public_url::PublicUrl;

/// Addresses, data and logs.
#[derive(Clone, Debug)]
pub struct Server {
    /// The address that platforms see; required to serve.
    pub public_url: Option<PublicUrl>,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where the SQLite file and the master key lie.
    pub data_dir: PathBuf,
    /// The database.
    pub database: Database,
    /// The master keys in base64; none: they lie in [`Server::key_file`]. Always there with PostgreSQL.
    pub secret_key: Option<SecretString>,
    /// Certificate chain and key (PEM files) to serve TLS with.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Where metrics are shown; none: nowhere.
    pub metrics_listen: Option<SocketAddr>,
    /// What is logged: `tracing` directives.
    pub log: String,
    /// How it is logged.
    pub log_format: LogFormat,
}

/// Which database.
#[derive(Clone, Debug)]
pub enum Database {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL address, with its password.
    Postgres(SecretString),
}

/// The shape of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Server {
    /// The file that holds the master key when none is configured.
    pub fn key_file(&self) -> PathBuf {
        self.data_dir.join("secret.key")
    }

    /// The public address, which `serve` cannot do without.
    pub fn require_public_url(&self) -> Result<&PublicUrl, ConfigError> {
        self.public_url.as_ref().ok_or_else(|| ConfigError::Invalid {
            key: "BADGEBRIDGE_PUBLIC_URL".to_owned(),
            reason: "the address that learning platforms see is needed, like https://badges.example.org".to_owned(),
        })
    }

    pub(super) fn read(keys: &Keys) -> Result<Self, ConfigError> {
        let data_dir = PathBuf::from(keys.text("server.data_dir")?);
        let server = Self {
            public_url: public_url(keys)?,
            listen: keys.parse("server.listen", "an address like 127.0.0.1:8080")?,
            database: database(keys, &data_dir)?,
            secret_key: keys.optional_secret("server.secret_key")?,
            tls: tls(keys)?,
            metrics_listen: match keys.text("server.metrics_listen")?.as_str() {
                "off" => None,
                _ => Some(keys.parse("server.metrics_listen", "an address like 127.0.0.1:9464, or off")?),
            },
            log: keys.text("server.log")?,
            log_format: match keys.text("server.log_format")?.as_str() {
                "text" => LogFormat::Text,
                "json" => LogFormat::Json,
                other => return Err(keys.invalid("server.log_format", format!("`{other}` is neither text nor json"))),
            },
            data_dir,
        };
        server.check(keys)?;
        Ok(server)
    }

    fn check(&self, keys: &Keys) -> Result<(), ConfigError> {
        if matches!(self.database, Database::Postgres(_)) && self.secret_key.is_none() {
            return Err(keys.contradiction(
                "server.database_url",
                "server.secret_key",
                "PostgreSQL needs a secret key of your own: 32 random bytes in base64",
            ));
        }
        if self.tls.is_some() && self.public_url.as_ref().is_some_and(PublicUrl::is_http) {
            return Err(keys.contradiction(
                "server.public_url",
                "server.tls_cert",
                "with a certificate the public address begins with https",
            ));
        }
        if self
            .metrics_listen
            .is_some_and(|metrics| metrics.port() != 0 && metrics == self.listen)
        {
            return Err(keys.contradiction("server.metrics_listen", "server.listen", "the two need different ports"));
        }
        Ok(())
    }
}

fn public_url(keys: &Keys) -> Result<Option<PublicUrl>, ConfigError> {
    keys.optional_text("server.public_url")?
        .map(|text| {
            text.parse()
                .map_err(|reason: super::InvalidPublicUrl| keys.invalid("server.public_url", reason.to_string()))
        })
        .transpose()
}

fn database(keys: &Keys, data_dir: &Path) -> Result<Database, ConfigError> {
    const KEY: &str = "server.database_url";
    let url = keys.text(KEY)?;
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(Database::Postgres(SecretString::from(url)));
    }
    let Some(path) = url.strip_prefix("sqlite://") else {
        return Err(keys.invalid(KEY, "an address that begins with sqlite:// or postgres:// is needed"));
    };
    if path.is_empty() || path.contains('?') || path.contains(":memory:") {
        return Err(keys.invalid(KEY, "after sqlite:// the path of a file is needed, and nothing more"));
    }
    Ok(Database::Sqlite(match path.strip_prefix("{data}/") {
        Some(name) => data_dir.join(name),
        None => PathBuf::from(path),
    }))
}

fn tls(keys: &Keys) -> Result<Option<(PathBuf, PathBuf)>, ConfigError> {
    match (
        keys.optional_path("server.tls_cert")?,
        keys.optional_path("server.tls_key")?,
    ) {
        (Some(certificate), Some(key)) => Ok(Some((certificate, key))),
        (None, None) => Ok(None),
        _ => Err(keys.contradiction(
            "server.tls_cert",
            "server.tls_key",
            "give both the certificate and its key, or neither",
        )),
    }
}
