//! What the tool is measured in: its database and settings, a demo LMS with 1,000 people in 50 courses, a simulated
//! Factory. Set up by the same steps as a real installation.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use badgebridge::app::Parts;
use badgebridge::clock::{Clock, SystemClock, Timestamp};
use badgebridge::config::{Config, File, Flags};
use badgebridge::crypto::random;
use badgebridge::jobs::NewJob;
use badgebridge::model::request::{Content, NewRequest, Person as Recipient};
use badgebridge::model::{Address, OrganisationId, RequestId};
use badgebridge::sandbox::factory::{self, Factory, Kind};
use badgebridge::sandbox::lms::{Course, Lms, Options, Person, Role, Tool};
use badgebridge::store::Durability;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tempfile::TempDir;

pub(crate) const PEOPLE: usize = 1_000;
pub(crate) const COURSES: usize = 50;
/// The course of the large roster, and its teacher.
pub(crate) const LARGE_COURSE: &str = "large";
pub(crate) const TEACHER: &str = "teacher";

/// Which database.
pub(crate) enum Database {
    Sqlite,
    /// The address of a server on which databases may be made.
    Postgres(String),
}

impl Database {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }
}

/// Everything around the tool.
pub(crate) struct World {
    folder: TempDir,
    settings: Vec<(&'static str, String)>,
    /// Where the tool will listen.
    pub(crate) tool_address: SocketAddr,
    /// The demo LMS.
    pub(crate) lms: Lms,
    /// The simulated Factory.
    pub(crate) factory: Factory,
    /// The tool's database, opened beside it.
    pub(crate) parts: Parts,
    pub(crate) organisation: OrganisationId,
}

impl World {
    /// A world with a new, empty database.
    pub(crate) async fn make(database: &Database) -> anyhow::Result<Self> {
        Self::with_badges(database, 0).await
    }

    /// As [`World::make`], with so many more badges, each with a picture of 200 kB.
    pub(crate) async fn with_badges(database: &Database, heavy_badges: u32) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let factory = Factory::start(factory::Options {
            heavy_badges,
            ..factory::Options::default()
        })?;
        let roots = folder.path().join("roots.pem");
        std::fs::write(&roots, factory.ca_pem())?;
        let tool_address = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let lms = Lms::start(Options::new(
            Tool::at(&format!("http://{tool_address}")),
            Arc::clone(&clock),
        ))?;
        fill(&lms);
        let mut settings = vec![
            ("BADGEBRIDGE_PUBLIC_URL", format!("http://{tool_address}")),
            ("BADGEBRIDGE_LISTEN", tool_address.to_string()),
            ("BADGEBRIDGE_DATA_DIR", folder.path().display().to_string()),
            ("BADGEBRIDGE_METRICS_LISTEN", "off".to_owned()),
            ("BADGEBRIDGE_FEEDS_REQUESTS_PER_SECOND", "1000000".to_owned()),
            ("BADGEBRIDGE_FEEDS_BURST", "1000000".to_owned()),
            ("BADGEBRIDGE_EXTRA_CA", roots.display().to_string()),
            ("BADGEBRIDGE_ALLOWED_NETWORKS", "127.0.0.0/8,::1/128".to_owned()),
        ];
        if let Database::Postgres(server) = database {
            settings.push(("BADGEBRIDGE_DATABASE_URL", new_database(server).await?));
            settings.push(("BADGEBRIDGE_SECRET_KEY", STANDARD.encode(random::bytes::<32>())));
        }
        let environment = settings.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let config = Config::load(File::None, environment.collect::<Vec<_>>(), &Flags::new())?;
        let parts = Parts::open(config, clock).await?;
        let organisation = set_up(&parts, &factory, &lms).await?;
        Ok(Self {
            folder,
            settings,
            tool_address,
            lms,
            factory,
            parts,
            organisation,
        })
    }

    /// A folder that goes away with the world.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The tool's settings, as variables.
    pub(crate) fn environment(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.settings.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// How many seats there are.
    pub(crate) async fn seats(&self) -> anyhow::Result<i64> {
        Ok(self.parts.store.read_one(async |tx| tx.seat_count().await).await?)
    }

    /// How many issuing calls the Factory received so far.
    pub(crate) fn issuing_calls(&self) -> u64 {
        self.factory.calls_by_kind().get(&Kind::Issue).copied().unwrap_or(0)
    }

    /// How many times a person was given the badge that orders give.
    pub(crate) fn issued(&self) -> u64 {
        u64::try_from(self.factory.issued(factory::BADGE_WELCOME).len()).unwrap_or(u64::MAX)
    }

    /// Stores `count` requests, each for one person; the tool's worker makes, sends and settles their orders, the first
    /// now and each next one so much later. Everything that follows a person's press commits durably in the tool.
    pub(crate) async fn place(&self, count: u32, distance: Duration) -> anyhow::Result<()> {
        let (organisation, begun) = (self.organisation, self.parts.clock.now());
        let requests = (0..count).map(|number| {
            let due = begun.plus(distance.saturating_mul(number));
            Ok((request(organisation, begun)?, due))
        });
        let requests = requests.collect::<anyhow::Result<Vec<_>>>()?;
        self.parts
            .store
            .write(Durability::Full, async move |tx| {
                for (request, due) in requests {
                    let (id, _) = tx.add_request(&request).await?;
                    tx.enqueue(&NewJob::make_awards(organisation, id, due), begun).await?;
                }
                Ok::<_, badgebridge::store::StoreError>(())
            })
            .await?;
        Ok(())
    }

    pub(crate) async fn close(self) {
        self.parts.store.close().await;
        self.factory.stop();
    }
}

fn request(organisation: OrganisationId, now: Timestamp) -> anyhow::Result<NewRequest> {
    let id = random::id_at(now);
    Ok(NewRequest {
        id: RequestId::new(id),
        organisation,
        course: None,
        author: None,
        form_key: random::token(),
        badge_id: factory::BADGE_WELCOME.to_owned(),
        badge_name: "Welcome".to_owned(),
        name: "Welcome".to_owned(),
        content: Content::default(),
        people: vec![Recipient {
            member: None,
            address: Some(Address::parse(&format!("p{}@campus.example", id.simple()))?),
            name: "Somebody".to_owned(),
            generation: 0,
            instead: None,
        }],
        created_at: now,
    })
}

fn fill(lms: &Lms) {
    for number in 0..COURSES {
        let label = course(number);
        lms.add_course(Course::new(
            &label,
            &label,
            &format!("Course {number}"),
            &format!("link-{number}"),
        ));
    }
    for number in 0..PEOPLE {
        let id = person(number);
        let person = Person::new(&id, &id, &format!("No{number}"), "Hollis");
        lms.add_person(&course(number), person, Role::Learner);
    }
}

/// The id of a person; each is in the course of the same number.
pub(crate) fn person(number: usize) -> String {
    format!("person{}", number % PEOPLE)
}

/// The id of a course.
pub(crate) fn course(number: usize) -> String {
    format!("course{}", number % COURSES)
}

async fn new_database(server: &str) -> anyhow::Result<String> {
    use sqlx::{Connection, Executor, PgConnection};
    let name = format!("measure_{}", random::id_at(SystemClock.now()).simple());
    let mut connection = PgConnection::connect(server).await?;
    connection
        .execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .await?;
    connection.close().await?;
    let (address, _) = server.rsplit_once('/').context("the address names no database")?;
    Ok(format!("{address}/{name}"))
}

async fn set_up(parts: &Parts, factory: &Factory, lms: &Lms) -> anyhow::Result<OrganisationId> {
    let organisation = parts.organisation_called("Marlowe Polytechnic").await?.id;
    parts.enrol_in_demo(organisation, factory).await?;
    parts.register_demo(organisation, lms, "demo").await?;
    Ok(organisation)
}
