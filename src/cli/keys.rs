//! `keys`: the tool's own keys.

use clap::Subcommand;
use serde_json::json;

use super::{Shell, output};

#[derive(Debug, Subcommand)]
pub(super) enum Keys {
    /// Make the next signing key: published at once, in use after a day, while the old one stays published
    RotateSigning,
}

pub(super) async fn run(shell: &Shell, command: Keys) -> anyhow::Result<()> {
    match command {
        Keys::RotateSigning => rotate_signing(shell).await,
    }
}

async fn rotate_signing(shell: &Shell) -> anyhow::Result<()> {
    let parts = shell.parts().await?;
    let rotation = parts.rotate_signing("command line").await?;
    let times = &parts.config.keys;
    let made = if rotation.is_new {
        "made"
    } else {
        "there is already, nothing was changed:"
    };
    let sentence = format!(
        "{made} a new signing key, {}. It is published now and signs from {} on; the old one stays published for {} h after that",
        rotation.kid,
        output::minute(rotation.signs_from),
        times.stay.as_secs() / 3_600,
    );
    let value = json!({
        "kid": rotation.kid, "signs_from": rotation.signs_from.millis(), "is_new": rotation.is_new,
    });
    output::one(shell.json, &value, &sentence)
}
