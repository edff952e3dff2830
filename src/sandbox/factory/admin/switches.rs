//! The page that switches misbehaviours on and off.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::super::Shared;
use super::super::faults::{Aim, Fault, Kind, LogEntry, Manner, Plan};
use super::super::http::{Call, Refusal, Reply};
use super::{each, escape, page};

/// The page of misbehaviours.
pub(super) fn show(shared: &Shared) -> Reply {
    let desk = shared.desk();
    let options = each(presets(Duration::ZERO).iter().enumerate(), |(at, fault)| {
        format!("<option value={at}>{}</option>", label(fault))
    });
    let planned = each(desk.faults.planned(), |line| format!("<li>{}</li>", escape(&line)));
    let planned = if planned.is_empty() {
        "<p>Nothing is planned.</p>".to_owned()
    } else {
        format!("<ul>{planned}</ul>")
    };
    let counts = each(desk.faults.counts(), |(name, count)| {
        format!("<tr><th scope=row>{name}</th><td>{count}</td></tr>")
    });
    let calls = each(&desk.calls, |(kind, count)| {
        format!("<tr><th scope=row>{kind:?}</th><td>{count}</td></tr>")
    });
    let body = format!(
        "<h1>Misbehaviours</h1><p>Let the simulated Factory fail, and see that each badge still arrives exactly once.</p>\
         <form method=post class=card><h2>A fault</h2><input type=hidden name=do value=fault>\
         <label>What goes wrong <select name=fault>{options}</select></label>\
         <label>How long, in milliseconds, where it matters <input name=span type=number min=0 max=600000 value=3000></label>\
         <label>Which calls <select name=aim><option value=issue>issuing</option><option value=revoke>revoking</option>\
         <option value=search>reading events</option><option value=badges>reading badges</option>\
         <option value=any>all</option></select></label>\
         <label>How many times (0: always) <input name=times type=number min=0 max=1000 value=1></label>\
         <button>Plan it</button></form>\
         <form method=post class=card><h2>At random</h2><input type=hidden name=do value=random>\
         <label>Percent of issuing calls <input name=percent type=number min=0 max=100 value=30></label>\
         <label>Seed <input name=seed type=number min=0 value=1></label><button>Start</button></form>\
         <form method=post class=card><h2>Planned</h2>{planned}<input type=hidden name=do value=calm>\
         <button>Behave again</button></form>{}\
         <h2>Happened</h2><div class=scroll tabindex=0 role=region aria-label=\"Counts\"><table><caption>Faults</caption>\
         <tbody>{counts}</tbody></table><table><caption>Calls</caption><tbody>{calls}</tbody></table></div>",
        manners(&desk.manner),
    );
    Reply::html(200, page("Misbehaviours", &body))
}

/// Takes one of its forms.
pub(super) fn change(shared: &Shared, call: &Call) -> Result<Reply, Refusal> {
    let form = Form(call.form());
    match form.text("do") {
        "fault" => {
            let plan = single(&form)?;
            shared.desk().faults.add(plan);
        }
        "random" => {
            let plan = Plan::Random {
                seed: form.number("seed")?,
                percent: u32::try_from(form.number("percent")?).unwrap_or(100),
                weights: Fault::all(Duration::from_secs(3))
                    .into_iter()
                    .map(|fault| (fault, 1))
                    .collect(),
                aim: Aim::Only(Kind::Issue),
            };
            shared.desk().faults.add(plan);
        }
        "calm" => shared.desk().faults.add(Plan::Calm),
        "manner" => {
            let manner = changed(&form, &shared.manner())?;
            shared.desk().manner = manner;
        }
        _ => return Err(Refusal::bad("This form is not known.")),
    }
    Ok(Reply::empty(303).with("location", "/misbehave".to_owned()))
}

struct Form(BTreeMap<String, String>);

impl Form {
    fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    fn ticked(&self, name: &str) -> bool {
        self.text(name) == "1"
    }

    fn number(&self, name: &str) -> Result<u64, Refusal> {
        let number = self.text(name).parse();
        number.map_err(|_| Refusal::bad(&format!("{name} must be a number.")))
    }

    fn list(&self, name: &str) -> impl Iterator<Item = &str> {
        self.text(name).split(',').map(str::trim).filter(|one| !one.is_empty())
    }
}

/// The faults that the page offers, in its order.
fn presets(span: Duration) -> Vec<Fault> {
    let mut faults = Fault::all(span);
    faults.extend([302, 403, 404, 405, 411, 413].map(Fault::Status));
    faults
}

fn label(fault: &Fault) -> String {
    match fault {
        Fault::Status(status) => format!("status {status}, nothing done"),
        Fault::StatusAfterWork(status) => format!("status {status} after the work"),
        other => other.name().replace('_', " "),
    }
}

fn single(form: &Form) -> Result<Plan, Refusal> {
    let span = Duration::from_millis(form.number("span")?);
    let at = usize::try_from(form.number("fault")?).unwrap_or(usize::MAX);
    let fault = presets(span).into_iter().nth(at);
    let fault = fault.ok_or_else(|| Refusal::bad("There is no such fault."))?;
    let aim = match form.text("aim") {
        "issue" => Aim::Only(Kind::Issue),
        "revoke" => Aim::Only(Kind::Revoke),
        "search" => Aim::Only(Kind::EventRead),
        "badges" => Aim::Only(Kind::BadgeRead),
        _ => Aim::Any,
    };
    let times = u32::try_from(form.number("times")?).unwrap_or(u32::MAX).min(1000);
    Ok(if times == 0 {
        Plan::Always { fault, aim }
    } else {
        Plan::Next { fault, times, aim }
    })
}

fn manners(manner: &Manner) -> String {
    let entry = |value: &str, label: &str, is: LogEntry| {
        let selected = if manner.log_entry == is { " selected" } else { "" };
        format!("<option value=\"{value}\"{selected}>{label}</option>")
    };
    let tick = |name: &str, label: &str, on: bool| {
        let checked = if on { " checked" } else { "" };
        format!("<label class=inline><input type=checkbox name={name} value=1{checked}> {label}</label>")
    };
    let joined = |set: &BTreeSet<String>| escape(&set.iter().cloned().collect::<Vec<_>>().join(", "));
    let ticks = [
        tick("json", "Lists come as application/json", manner.lists_as_json),
        tick("absolute", "Location is an absolute address", manner.absolute_location),
        tick(
            "merge",
            "An address twice in one call is merged",
            manner.merge_duplicates,
        ),
        tick(
            "alert",
            "Client certificates end in a TLS alert",
            manner.alert_certificates,
        ),
        tick("bearer", "Bearer tokens are accepted", manner.bearer),
        tick("bodies", "Errors carry a reason", manner.error_bodies),
    ];
    format!(
        "<form method=post class=card><h2>Manners</h2><input type=hidden name=do value=manner>\
         <label>log_entry comes back <select name=log_entry>{}{}{}{}</select></label>{}\
         <label>New events are unseen by searches for, in milliseconds <input name=unseen type=number min=0 value={}></label>\
         <label>Addresses that refuse a whole call, with commas <input name=refused value=\"{}\"></label>\
         <label>Badge ids that answer 403, with commas <input name=forbidden value=\"{}\"></label>\
         <button>Change manners</button></form>",
        entry("object", "as an object", LogEntry::Object),
        entry("text", "as a string", LogEntry::Text),
        entry("null", "null in lists", LogEntry::Null),
        entry("missing", "missing in lists", LogEntry::Missing),
        ticks.concat(),
        manner.unseen_for.as_millis(),
        joined(&manner.refused_addresses),
        joined(&manner.forbidden_badges),
    )
}

fn changed(form: &Form, manner: &Manner) -> Result<Manner, Refusal> {
    Ok(Manner {
        log_entry: match form.text("log_entry") {
            "text" => LogEntry::Text,
            "null" => LogEntry::Null,
            "missing" => LogEntry::Missing,
            _ => LogEntry::Object,
        },
        lists_as_json: form.ticked("json"),
        absolute_location: form.ticked("absolute"),
        merge_duplicates: form.ticked("merge"),
        alert_certificates: form.ticked("alert"),
        bearer: form.ticked("bearer"),
        error_bodies: form.ticked("bodies"),
        unseen_for: Duration::from_millis(form.number("unseen")?),
        refused_addresses: form.list("refused").map(str::to_lowercase).collect(),
        forbidden_badges: form.list("forbidden").map(str::to_owned).collect(),
        calls_per_second: manner.calls_per_second,
    })
}
