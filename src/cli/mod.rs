//! The command line: sub-commands, their output, their exit status (0 done, 1 refused, 2 usage).

mod address;
mod admin;
mod badge;
mod change;
mod connection;
mod deployment;
mod doctor;
mod factory;
mod feed;
mod keys;
mod member;
mod order;
mod organisation;
mod output;
mod registration;
mod rule;
mod serve;
mod settings;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};

use crate::app::{self, Parts};
use crate::clock::{Clock, SystemClock};
use crate::config::{self, Config, Flags};
use crate::store::Store;

/// Open Badges from any learning management system.
#[derive(Debug, Parser)]
#[command(name = "badgebridge", version, about, max_term_width = 100)]
struct Cli {
    /// The settings file (default: badgebridge.toml, if it is there)
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// One JSON document instead of a table
    #[arg(long, global = true)]
    json: bool,
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
    /// Connect organisations to the Factory
    #[command(subcommand)]
    Factory(factory::Factory),
    /// Organisations and their policies
    #[command(subcommand)]
    Organisation(organisation::Organisation),
    /// Registrations: the LMSs that may launch
    #[command(subcommand)]
    Registration(registration::Registration),
    /// Deployments of registrations
    #[command(subcommand)]
    Deployment(deployment::Deployment),
    /// Rules: badges that are awarded by themselves
    #[command(subcommand)]
    Rule(rule::Rule),
    /// Feeds: addresses that LMSs and others push news to
    #[command(subcommand)]
    Feed(feed::Feed),
    /// Connections: LMSs' REST APIs, asked for what nobody pushes
    #[command(subcommand)]
    Connection(connection::Connection),
    /// Badges and application forms at the Factory
    #[command(subcommand)]
    Badge(badge::Badge),
    /// Orders: the calls that issue badges
    #[command(subcommand)]
    Order(order::Order),
    /// Everything that is stored about a person, as one JSON document
    Export(member::Member),
    /// Blank a person's name and addresses; badges that were issued stay valid at the Factory
    Erase(member::Member),
    /// Sign-in links for the administration pages
    #[command(subcommand)]
    Admin(admin::Admin),
    /// The tool's own keys
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Check the installation and say what needs somebody
    Doctor(doctor::Doctor),
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
    let shell = Shell {
        file: cli.config,
        json: cli.json,
    };
    match cli.command.unwrap_or(Command::Serve(serve::Serve::default())) {
        Command::Serve(arguments) => serve::serve(&shell, &arguments).await,
        Command::Worker => serve::worker(&shell).await,
        Command::Sandbox(arguments) => serve::sandbox(arguments).await,
        Command::Factory(command) => factory::run(&shell, command).await,
        Command::Organisation(command) => organisation::run(&shell, command).await,
        Command::Registration(command) => registration::run(&shell, command).await,
        Command::Deployment(command) => deployment::run(&shell, command).await,
        Command::Rule(command) => rule::run(&shell, command).await,
        Command::Feed(command) => feed::run(&shell, command).await,
        Command::Connection(command) => connection::run(&shell, command).await,
        Command::Badge(command) => badge::run(&shell, command).await,
        Command::Order(command) => order::run(&shell, command).await,
        Command::Export(of) => member::export(&shell, &of).await,
        Command::Erase(of) => member::erase(&shell, &of).await,
        Command::Admin(command) => admin::run(&shell, command).await,
        Command::Keys(command) => keys::run(&shell, command).await,
        Command::Doctor(command) => doctor::run(&shell, &command).await,
    }
}

/// What every command is given.
#[derive(Debug)]
struct Shell {
    file: Option<PathBuf>,
    json: bool,
}

impl Shell {
    /// The settings: file and environment.
    fn config(&self) -> anyhow::Result<Config> {
        self.config_with(&Flags::new())
    }

    /// The settings: file, environment, flags.
    fn config_with(&self, flags: &Flags) -> anyhow::Result<Config> {
        let file = match &self.file {
            Some(path) => config::File::Required(path.clone()),
            None => config::File::default(),
        };
        Ok(Config::load(file, config::process_environment(), flags)?)
    }

    /// Everything that is open while a server runs, for a short command beside it. A wrong secret key is refused here.
    async fn parts(&self) -> anyhow::Result<Parts> {
        Parts::open(self.config()?, Self::clock()).await
    }

    /// The database alone.
    async fn store(&self) -> anyhow::Result<Store> {
        app::open_store(&self.config()?, &Self::clock()).await
    }

    fn clock() -> Arc<dyn Clock> {
        Arc::new(SystemClock)
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::Cli;

    #[test]
    fn a_registration_belongs_to_one_organisation_or_is_shared() {
        let with = |owner: &str| {
            let rest = "--lms moodle --name N --issuer I --client-id C --authorization-endpoint A --token-endpoint T --jwks-uri J";
            let words = format!("badgebridge registration add {owner} {rest}");
            Cli::try_parse_from(words.split_whitespace()).is_ok()
        };
        assert!(with("--organisation O") && with("--shared"));
        assert!(!with("") && !with("--organisation O --shared"));
    }

    #[test]
    fn the_arguments_do_not_contradict_each_other() {
        Cli::command().debug_assert();
    }
}
