//! How to start the LMS, why it may not start, and the key it keeps.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::campus::Campus;
use super::key::{KeyError, SigningKey};
use super::launch::Dialect;
use super::progress::Progress;
use super::state::Tool;
use crate::clock::Clock;

const KEY_FILE: &str = "lms-signing-key.der";

/// How to start the LMS. Change what [`Options::new`] chose.
#[derive(Clone, Debug)]
pub struct Options {
    /// A loopback address; port 0 takes a free one.
    pub listen: SocketAddr,
    /// How the LMS speaks at first.
    pub dialect: Dialect,
    /// The client id of the first registration.
    pub client_id: String,
    /// The deployment of the first registration.
    pub deployment_id: String,
    /// Where the tool of the first registration is.
    pub tool: Tool,
    /// Where the LMS takes the time from.
    pub clock: Arc<dyn Clock>,
    /// The directory that keeps the signing key over restarts; none: a new key each time.
    pub data_dir: Option<PathBuf>,
    /// This signing key, not a kept or new one: making one takes a while, tests can share it.
    pub key: Option<SigningKey>,
    /// People and courses.
    pub campus: Campus,
    /// What learners have done.
    pub progress: Progress,
}

impl Options {
    /// A plain LMS with the sample people and courses on a free port, with a key of its own.
    pub fn new(tool: Tool, clock: Arc<dyn Clock>) -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            dialect: Dialect::Plain,
            client_id: "demo-badgebridge".to_owned(),
            deployment_id: "1".to_owned(),
            tool,
            clock,
            data_dir: None,
            key: None,
            campus: Campus::sample(),
            progress: Progress::sample(),
        }
    }
}

/// Why the LMS did not start.
#[derive(Debug, thiserror::Error)]
pub enum LmsError {
    /// It has no passwords: nobody else may reach it.
    #[error("the demo LMS listens on loopback addresses only, not on {0}")]
    NotLoopback(SocketAddr),
    /// The port is taken, or the server's thread could not be started.
    #[error("the demo LMS cannot listen on {address}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The kept key could not be read or written.
    #[error("the demo LMS cannot keep its key in {}", .path.display())]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// No key could be made, or the kept one is damaged.
    #[error("the demo LMS has no usable key")]
    Key(#[from] KeyError),
    /// The client for the tool's key set could not be made.
    #[error("the demo LMS cannot make its HTTP client")]
    Outbound(#[source] reqwest::Error),
}

/// The key kept in the directory; made and kept if there is none.
pub(super) fn kept_key(directory: &Path) -> Result<SigningKey, LmsError> {
    let path = directory.join(KEY_FILE);
    let failed = |source| LmsError::KeyFile {
        path: path.clone(),
        source,
    };
    match std::fs::read(&path) {
        Ok(der) => Ok(SigningKey::from_pkcs8(&der)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let der = SigningKey::generate()?.to_pkcs8()?;
            std::fs::create_dir_all(directory).map_err(failed)?;
            write_private(&path, &der).map_err(failed)?;
            // Read back, so that the key has its lasting name from the first start on.
            Ok(SigningKey::from_pkcs8(&der)?)
        }
        Err(error) => Err(failed(error)),
    }
}

fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(bytes)
}
