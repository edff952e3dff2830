//! Opens what a process needs: the database, the keys, the client, the web server's dependencies, the workers.

use std::sync::Arc;

use anyhow::Context;
use secrecy::ExposeSecret;

use super::adapters::{Connections, OutboundPlatforms};
use super::backstage::Backstage;
use super::installation::Identity;
use crate::clock::Clock;
use crate::config::{Config, Database, PublicUrl};
use crate::jobs::kinds::OpenConnections;
use crate::jobs::{Calm, Platforms, Worker};
use crate::lms::{Doors, Patience};
use crate::lti::keys::{KeySetLimits, KeySets};
use crate::lti::login::ToolOrigin;
use crate::model::AllowedNetwork;
use crate::outbound::Client;
use crate::store::{Options, Store};
use crate::web::deps::Deps;
use crate::web::directory::Directory;
use crate::web::encounters::Encounters;
use crate::web::feeds::{Feeds, Limits};
use crate::web::logins::OpenLogins;
use crate::web::notices::{Crowd, Services};
use crate::web::operator::{CALLBACK, Provider};

/// What every process opens.
#[derive(Clone, Debug)]
pub struct Parts {
    /// The settings.
    pub config: Config,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The database.
    pub store: Store,
    /// The installation.
    pub identity: Identity,
    /// Calls to others.
    pub client: Client,
    /// Calls to Factories, by organisation.
    pub connections: Arc<Connections>,
    /// Calls to LMSs.
    pub platforms: Arc<dyn Platforms>,
    /// Whether senders crowd in.
    pub calm: Calm,
}

/// Opens the database that the settings name, and brings it to this program's schema.
pub async fn open_store(config: &Config, clock: &Arc<dyn Clock>) -> anyhow::Result<Store> {
    open(&store_options(config, clock)?).await
}

/// Opens the database as it stands, whatever its schema: to look at it, not to work with it.
pub(crate) async fn open_store_unchanged(config: &Config, clock: &Arc<dyn Clock>) -> anyhow::Result<Store> {
    let mut options = store_options(config, clock)?;
    options.migrates = false;
    open(&options).await
}

async fn open(options: &Options) -> anyhow::Result<Store> {
    Store::open(options).await.context("the database cannot be used")
}

fn store_options(config: &Config, clock: &Arc<dyn Clock>) -> anyhow::Result<Options> {
    let url = match &config.server.database {
        Database::Sqlite(file) => {
            if let Some(folder) = file.parent() {
                std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
            }
            format!("sqlite://{}", file.display())
        }
        Database::Postgres(url) => url.expose_secret().to_owned(),
    };
    let mut options = Options::new(url);
    options.clock = Arc::clone(clock);
    Ok(options)
}

impl Parts {
    /// Opens everything but listening sockets.
    pub async fn open(config: Config, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let store = open_store(&config, &clock).await?;
        let identity = Identity::establish(&config, &store, &clock).await?;
        let client = Client::new(&config.outbound)?;
        let connections = Arc::new(Connections::new(
            store.clone(),
            Arc::clone(&identity.keyring),
            client.clone(),
            Arc::clone(&clock),
        ));
        let platforms: Arc<dyn Platforms> = Arc::new(OutboundPlatforms::new(client.clone()));
        Ok(Self {
            config,
            clock,
            store,
            identity,
            client,
            connections,
            platforms,
            calm: Calm::default(),
        })
    }

    /// Opens connections to LMSs.
    pub fn open_connections(&self) -> OpenConnections {
        let pull = &self.config.pull;
        let patience = Patience {
            longest: pull.wait,
            breath: pull.breath,
            ..Patience::default()
        };
        OpenConnections::new(
            self.store.clone(),
            Arc::clone(&self.clock),
            Arc::clone(&self.identity.keyring),
            self.identity.signing.keys(),
            Doors::new(self.client.clone(), patience),
        )
    }

    /// What the web server's handlers work with, under the address that LMSs see.
    pub async fn deps(&self, public_url: PublicUrl, worker: Worker) -> anyhow::Result<Deps> {
        let directory = Directory::default();
        directory.load(&self.store).await?;
        let limits = Limits {
            per_second: self.config.feeds.requests_per_second,
            burst: self.config.feeds.burst,
        };
        let feeds = Feeds::new(Arc::clone(&self.identity.keyring), limits, self.calm.clone());
        feeds.load(&self.store, directory.entries().version()).await?;
        let launch = &self.config.launch;
        let limits = KeySetLimits {
            fresh_for: launch.keys_fresh,
            stale_for: launch.keys_stale,
            unknown_key_pause: launch.keys_cooldown,
            time_limit: launch.keys_wait,
            ..KeySetLimits::default()
        };
        let sso = self.config.sso.clone().map(|settings| {
            let allowed = settings.allowed_networks.iter();
            let allowed = allowed.map(|(host, network)| AllowedNetwork {
                host: host.clone(),
                network: *network,
            });
            let fetch = self.platforms.fetch_within(&allowed.collect::<Vec<_>>());
            Provider::new(settings, public_url.join(CALLBACK), fetch)
        });
        Ok(Deps {
            sso,
            origin: ToolOrigin::parse(&public_url.origin())?,
            public_url,
            clock: Arc::clone(&self.clock),
            store: self.store.clone(),
            directory,
            feeds,
            keyring: Arc::clone(&self.identity.keyring),
            key_sets: KeySets::with_limits(limits),
            platforms: Arc::clone(&self.platforms),
            signing_keys: self.identity.signing.keys(),
            open_logins: OpenLogins::new(launch.max_open_logins),
            encounters: Encounters::default(),
            notices: Services::default(),
            crowd: Crowd::new(self.config.notices),
            backstage: Arc::new(Backstage::new(self.clone())),
            worker,
            config: self.config.clone(),
        })
    }
}
