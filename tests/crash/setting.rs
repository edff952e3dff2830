//! How the programs of a trial are set: short times, so that hours of settling pass in seconds.

use badgebridge::config::{Config, File, Flags};
use badgebridge::crypto::seal::Keyring;

use crate::support::database::Database;

/// When an unsure order is looked for; the last look is later than the simulator's lateness.
pub(crate) const LOOKS: &str = "0,300,900,2200";

/// One look at once and no other: as good as none, where events show up late.
pub(crate) const NO_LOOKS: &str = "0";

/// The settings of each process.
pub(crate) fn settings(database: &Database, folder: &tempfile::TempDir, roots: &str) -> Vec<(&'static str, String)> {
    let text = |value: &str| value.to_owned();
    let mut settings = vec![
        ("BADGEBRIDGE_PUBLIC_URL", text("http://127.0.0.1:0")),
        ("BADGEBRIDGE_LISTEN", text("127.0.0.1:0")),
        ("BADGEBRIDGE_DATA_DIR", folder.path().display().to_string()),
        ("BADGEBRIDGE_DATABASE_URL", database.url.clone()),
        ("BADGEBRIDGE_METRICS_LISTEN", text("off")),
        ("BADGEBRIDGE_LOG", text("error")),
        ("BADGEBRIDGE_EXTRA_CA", text(roots)),
        ("BADGEBRIDGE_ALLOWED_NETWORKS", text("127.0.0.0/8")),
        ("BADGEBRIDGE_SETTLE_LOOKS_MS", text(LOOKS)),
        ("BADGEBRIDGE_SETTLE_SECOND_LOOKS_MS", text("3000,8000")),
        ("BADGEBRIDGE_SETTLE_SEND_WINDOW_MS", text("400")),
        ("BADGEBRIDGE_SETTLE_ABORT_MS", text("800")),
        ("BADGEBRIDGE_SETTLE_LEASE_MS", text("1200")),
        ("BADGEBRIDGE_SETTLE_AWAY_MS", text("50,200")),
        ("BADGEBRIDGE_SETTLE_PROBE_MS", text("200")),
        ("BADGEBRIDGE_SETTLE_AGAIN_MS", text("200")),
        ("BADGEBRIDGE_JOBS_POLL_MS", text("50")),
        ("BADGEBRIDGE_JOBS_LEASE_MS", text("1500")),
        ("BADGEBRIDGE_JOBS_RETRY_MS", text("200,400,800,1600")),
        ("BADGEBRIDGE_FACTORY_CALLS_PER_SECOND", text("200")),
    ];
    if !database.url.starts_with("sqlite") {
        settings.push(("BADGEBRIDGE_SECRET_KEY", secret_key(folder)));
    }
    settings
}

/// A secret key in base64, as an operator of PostgreSQL makes it.
fn secret_key(folder: &tempfile::TempDir) -> String {
    let file = folder.path().join("secret.key");
    Keyring::generate_file(&file).unwrap();
    std::fs::read_to_string(&file).unwrap().trim().to_owned()
}

/// The same, as this process reads it.
pub(crate) fn config(settings: &[(&'static str, String)]) -> Config {
    let environment = settings.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    Config::load(File::None, environment.collect::<Vec<_>>(), &Flags::new()).unwrap()
}

/// A number from the environment.
pub(crate) fn number(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}
