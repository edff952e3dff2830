//! Settings that a server takes on its command line: the ones most often set. They win over the environment and the file.

use clap::Args;

use crate::config::Flags;

/// Flags of `serve`, each for the setting of its name.
#[derive(Debug, Default, Args)]
pub(super) struct Settings {
    /// The address that LMSs see, like <https://badges.example.org>
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Where to listen, like 127.0.0.1:8080; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Where the SQLite file and the master key lie
    #[arg(long, value_name = "DIR")]
    data_dir: Option<String>,
    #[arg(
        long,
        value_name = "URL",
        help = "sqlite://path or postgres://host/database; one with a password belongs into the environment or a file"
    )]
    database_url: Option<String>,
    /// The certificate chain (PEM) to serve TLS with
    #[arg(long, value_name = "FILE")]
    tls_cert: Option<String>,
    /// The certificate's key (PEM)
    #[arg(long, value_name = "FILE")]
    tls_key: Option<String>,
    /// Where Prometheus reads, or off
    #[arg(long, value_name = "ADDRESS")]
    metrics_listen: Option<String>,
    #[arg(
        long,
        value_name = "LEVEL",
        help = "What is logged: a level, or directives such as info,badgebridge::jobs=debug"
    )]
    log: Option<String>,
    /// text or json
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<String>,
}

impl Settings {
    /// What was given.
    pub(super) fn flags(&self) -> Flags {
        let given = [
            ("--public-url", "server.public_url", &self.public_url),
            ("--listen", "server.listen", &self.listen),
            ("--data-dir", "server.data_dir", &self.data_dir),
            ("--database-url", "server.database_url", &self.database_url),
            ("--tls-cert", "server.tls_cert", &self.tls_cert),
            ("--tls-key", "server.tls_key", &self.tls_key),
            ("--metrics-listen", "server.metrics_listen", &self.metrics_listen),
            ("--log", "server.log", &self.log),
            ("--log-format", "server.log_format", &self.log_format),
        ];
        given
            .into_iter()
            .filter_map(|(flag, key, value)| Some((flag, key, value.as_ref()?)))
            .fold(Flags::new(), |flags, (flag, key, value)| flags.given(flag, key, value))
    }
}
