//! The sandbox: the tool itself, a demo LMS on another site, and a simulated Factory over real mutual TLS, with sample
//! data. It is set up through the same steps as a real installation: enrolment with an API key, one registration.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;

use super::build::Parts;
use super::serve::{self, How, Running};
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, File, Flags};
use crate::sandbox::{factory, lms};

/// The organisation of the sample data.
const ORGANISATION: &str = "Marlowe Polytechnic";

/// Where the sandbox listens and keeps its data.
#[derive(Clone, Debug)]
pub struct Place {
    /// The tool's port; the LMS takes the next one, the Factory 8443 or one that follows. 0: free ports.
    pub port: u16,
    /// Where everything is kept.
    pub data_dir: PathBuf,
}

/// A running sandbox.
#[derive(Debug)]
pub struct Sandbox {
    /// The tool.
    pub tool: Running,
    /// The demo LMS.
    pub lms: lms::Lms,
    /// The simulated Factory.
    pub factory: factory::Factory,
    /// The one-time address that signs an operator in.
    pub operator: String,
}

/// Starts everything.
pub async fn start(place: &Place) -> anyhow::Result<Sandbox> {
    std::fs::create_dir_all(&place.data_dir)?;
    let port = |standard: u16, behind: u16| match place.port {
        0 => 0,
        8080 => standard,
        chosen => chosen.saturating_add(behind),
    };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let factory = factory::Factory::start(factory::Options {
        listen: loopback(port(8443, 2)),
        admin: loopback(port(8444, 3)),
        data: Some(place.data_dir.join("factory")),
        clock: Arc::clone(&clock),
        heavy_badges: 0,
    })
    .context("the simulated Factory cannot start: is its port taken? Another --port helps")?;
    let roots = place.data_dir.join("factory-authority.pem");
    std::fs::write(&roots, factory.ca_pem())?;
    let tool_port = if place.port == 0 { free_port()? } else { place.port };
    let tool = format!("http://127.0.0.1:{tool_port}");
    let lms = start_lms(place, port(8081, 1), &tool, &clock)?;
    let flags = Flags::new()
        .with("server.public_url", &tool)
        .with("server.listen", format!("127.0.0.1:{tool_port}"))
        .with("server.data_dir", place.data_dir.display())
        .with("server.metrics_listen", "off")
        // whoever tries the sandbox may look at the administration later in the day
        .with("operator.link_life_ms", "43200000")
        .with("outbound.extra_ca", roots.display())
        .with("outbound.allowed_networks", "127.0.0.0/8,::1/128")
        // the demo LMS signs its Live Events with its own key
        .with("feeds.canvas_keys_url", lms.jwks_url())
        // Whoever tries a misbehaviour here should see within seconds what otherwise takes a quarter of an hour.
        .with("settle.send_window_ms", "3000")
        .with("settle.abort_ms", "8000")
        .with("settle.lease_ms", "10000")
        .with("settle.looks_ms", "0,2000,6000,12000")
        .with("settle.second_looks_ms", "20000,60000")
        .with("settle.away_ms", "1000,2000,5000,10000")
        .with("settle.probe_ms", "5000")
        .with("settle.again_ms", "2000");
    let config = Config::load(File::None, Vec::<(String, String)>::new(), &flags)?;
    let parts = Parts::open(config.clone(), Arc::clone(&clock)).await?;
    set_up(&parts, &factory, &lms, &tool).await?;
    let operator = format!("{tool}/operator/welcome/{}", parts.operator_link().await?);
    parts.store.close().await;
    let tool = serve::start(
        config,
        How {
            with_workers: true,
            web_threads: None,
        },
    )
    .await?;
    Ok(Sandbox {
        tool,
        lms,
        factory,
        operator,
    })
}

fn start_lms(place: &Place, port: u16, tool: &str, clock: &Arc<dyn Clock>) -> anyhow::Result<lms::Lms> {
    let mut options = lms::Options::new(lms::Tool::at(tool), Arc::clone(clock));
    options.listen = loopback(port);
    options.data_dir = Some(place.data_dir.join("lms"));
    let lms = lms::Lms::start(options).context("the demo LMS cannot start: is its port taken? Another --port helps")?;
    lms.offer_notices();
    Ok(lms)
}

/// Connects the sample organisation and registers the demo LMS, unless an earlier start did.
async fn set_up(parts: &Parts, factory: &factory::Factory, lms: &lms::Lms, tool: &str) -> anyhow::Result<()> {
    let organisation = parts.organisation_called(ORGANISATION).await?.id;
    let known = parts
        .store
        .read_one(async |tx| tx.active_identity(organisation).await)
        .await?;
    if known.is_none_or(|identity| identity.url != factory.url()) {
        parts.enrol_in_demo(organisation, factory).await?;
    }
    // another port is another LMS
    let port: String = lms.issuer().chars().filter(char::is_ascii_digit).collect();
    parts.register_demo(organisation, lms, &format!("demo{port}")).await?;
    parts.feed_from_demo(organisation, lms, tool).await?;
    parts.ask_demo(organisation, lms).await
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}

fn free_port() -> std::io::Result<u16> {
    Ok(std::net::TcpListener::bind(loopback(0))?.local_addr()?.port())
}
