//! `doctor`: what is well, what somebody should look at, what fails.

use anyhow::bail;
use clap::Args;
use serde::Serialize;

use super::{Shell, output};
use crate::app::doctor;
use crate::model::{Finding, Health};

#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// Ask each Factory, too, whether it knows us
    #[arg(long)]
    ping: bool,
}

#[derive(Serialize)]
struct Report {
    verdict: String,
    findings: Vec<Finding>,
}

pub(super) async fn run(shell: &Shell, doctor: &Doctor) -> anyhow::Result<()> {
    let findings = doctor::examine(&shell.config()?, doctor.ping).await?;
    report(shell.json, findings)
}

fn report(json: bool, findings: Vec<Finding>) -> anyhow::Result<()> {
    let count = |state| findings.iter().filter(|finding| finding.state == state).count();
    let (failing, to_look_at) = (count(Health::Fail), count(Health::Look));
    let verdict = match (failing, to_look_at) {
        (0, 0) => "All is well.".to_owned(),
        (0, look) => format!(
            "Nothing fails; {} somebody's look.",
            things(look, "point needs", "points need")
        ),
        (fail, 0) => format!("{} and must be put right.", things(fail, "check fails", "checks fail")),
        (fail, look) => format!(
            "{} and must be put right; {} somebody's look.",
            things(fail, "check fails", "checks fail"),
            things(look, "point needs", "points need")
        ),
    };
    if json {
        println!("{}", serde_json::to_string_pretty(&Report { verdict, findings })?);
    } else {
        println!("{verdict}\n");
        output::list(false, &["", "WHAT", "FOUND"], &findings, cells)?;
    }
    if failing > 0 {
        bail!("{}", things(failing, "check fails", "checks fail"));
    }
    Ok(())
}

fn cells(finding: &Finding) -> Vec<String> {
    let state = match finding.state {
        Health::Ok => "OK",
        Health::Look => "LOOK",
        Health::Fail => "FAIL",
    };
    let what = match &finding.organisation {
        Some(name) => format!("{name}: {}", finding.what),
        None => finding.what.to_owned(),
    };
    let found = match &finding.to_do {
        Some(to_do) => format!("{}. To do: {to_do}", finding.found),
        None => finding.found.clone(),
    };
    vec![state.to_owned(), what, found]
}

fn things(count: usize, one: &str, several: &str) -> String {
    let verb = if count == 1 { one } else { several };
    format!("{count} {verb}")
}
