//! The command line: sub-commands, their output, their exit status (0 done, 1 refused, 2 usage).

mod output;
mod serve;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{self, Config, Flags};

/// Open Badges from any learning management system.
#[derive(Debug, Parser)]
#[command(name = "badgebridge", version, about, max_term_width = 100)]
struct Cli {
    /// The settings file (default: badgebridge.toml, if it is there)
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the web server and the workers (the default)
    Serve(serve::Serve),
    /// Run workers only, beside servers on PostgreSQL
    Worker,
    /// Try everything: a demo LMS, a simulated Factory and a sample course
    Sandbox(serve::Sandbox),
}

/// Runs what the process's arguments ask for.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&anyhow::Error::new(error)),
    };
    match runtime.block_on(dispatch(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn fail(error: &anyhow::Error) -> ExitCode {
    output::complain(error);
    ExitCode::FAILURE
}

async fn dispatch(cli: Cli) -> anyhow::Result<()> {
    let shell = Shell { file: cli.config };
    match cli.command.unwrap_or(Command::Serve(serve::Serve::default())) {
        Command::Serve(arguments) => serve::serve(&shell, &arguments).await,
        Command::Worker => serve::worker(&shell).await,
        Command::Sandbox(arguments) => serve::sandbox(arguments).await,
    }
}

/// What every command is given.
#[derive(Debug)]
struct Shell {
    file: Option<PathBuf>,
}

impl Shell {
    /// The settings: file, environment, no flags.
    fn config(&self) -> anyhow::Result<Config> {
        let file = match &self.file {
            Some(path) => config::File::Required(path.clone()),
            None => config::File::default(),
        };
        Ok(Config::load(file, config::process_environment(), &Flags::new())?)
    }
}
