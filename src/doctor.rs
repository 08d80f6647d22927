//! What `doctor` says: whether a tool call would work, and if not, why.

mod schema;

use std::io::{self, Write};

use autotask_mcp::access::Access;
use autotask_mcp::app::App;
use autotask_mcp::client::request::Request;
use autotask_mcp::config::Config;
use autotask_mcp::error::{Code, Error};
use serde_json::Value;

/// Whether a tool call would work; false is exit code 0.
pub async fn run(config: &Config, desk: &App) -> io::Result<bool> {
    let mut out = io::stdout().lock();
    let missing = config.missing();
    let credentials = match missing.is_empty() {
        true => "present".to_owned(),
        false => format!("missing: {}", missing.join(", ")),
    };
    line(&mut out, "credentials", &credentials)?;
    let zone = zone(config, desk).await;
    let mut failed =
        !missing.is_empty() || zone.is_err() || desk.operator().gate().tools().is_empty();
    let zone = zone.unwrap_or_else(|error| first_line(&error));
    line(&mut out, "zone", &desk.redact(&zone))?;
    for (name, text) in settings(desk) {
        line(&mut out, name, &text)?;
    }
    for question in &CHECKS {
        if failed {
            break;
        }
        let said = question.check(desk).await;
        failed = said.is_err();
        let text = said.unwrap_or_else(|text| text);
        line(&mut out, question.name, &desk.redact(&text))?;
    }
    line(
        &mut out,
        "verdict",
        if failed { "a tool call would fail" } else { "a tool call would work" },
    )?;
    Ok(failed)
}

/// The same, and then where the tenant's schema differs from the one built in.
pub async fn examine_schema(config: &Config, desk: &App) -> io::Result<bool> {
    let failed = run(config, desk).await?;
    Ok(failed || schema::examine(desk, &mut io::stdout().lock()).await?)
}

struct Check {
    name: &'static str,
    path: &'static str,
    /// None where the reply does not say it.
    tell: fn(&Value) -> Option<String>,
    /// Whether an API user may be denied the answer and work all the same.
    may_be_denied: bool,
}

/// The budget comes first: every other request would ask for it.
const CHECKS: [Check; 3] = [
    Check { name: "threshold", path: "ThresholdInformation", tell: threshold, may_be_denied: true },
    Check { name: "version", path: "Version", tell: version, may_be_denied: false },
    Check { name: "rights", path: "EntityInformation", tell: rights, may_be_denied: true },
];

impl Check {
    /// What is told; an error where a tool call would fail too.
    async fn check(&self, desk: &App) -> Result<String, String> {
        let said = desk.executor().client().read(&Request::get(self.path)).await;
        let is_denied = |error: &Error| {
            let code = error.code();
            self.may_be_denied && matches!(code, Code::Forbidden | Code::NotFound)
        };
        match said {
            Ok(body) => match (self.tell)(&body) {
                Some(text) => Ok(text),
                None if self.may_be_denied => Ok(UNEXPECTED_REPLY.to_owned()),
                None => Err(UNEXPECTED_REPLY.to_owned()),
            },
            Err(error) if is_denied(&error) => Ok(first_line(&error)),
            Err(error) => Err(first_line(&error)),
        }
    }
}

const UNEXPECTED_REPLY: &str = "the reply does not say it, as Autotask's would";

fn line(out: &mut impl Write, name: &str, text: &str) -> io::Result<()> {
    writeln!(out, "{name:<12}{text}")
}

fn first_line(error: &Error) -> String {
    error.to_string().lines().collect::<Vec<_>>().join(" ")
}

/// Where the tenant is, which nobody looks up without credentials.
async fn zone(config: &Config, desk: &App) -> Result<String, Error> {
    let at = &config.zone_url;
    match &config.api_url {
        None if config.sandbox => Ok("the sandbox inside this program".to_owned()),
        Some(url) => Ok(format!("pinned to {url}")),
        None if !config.missing().is_empty() => Ok(format!("looked up at {at}")),
        None => {
            let found = desk.executor().client().zone().await?;
            Ok(format!("{found}, found at {at}"))
        }
    }
}

fn settings(desk: &App) -> [(&'static str, String); 3] {
    let tools = format!("{} registered", desk.operator().gate().tools().len());
    [("tools", tools), ("writes", writes(desk.operator().gate())), ("audit log", audit_log(desk))]
}

fn writes(gate: &Access) -> String {
    gate.describe_writes().unwrap_or_else(|| match gate.policy().is_read_only() {
        true => "never: read-only".to_owned(),
        false => "never: no registered tool could".to_owned(),
    })
}

fn audit_log(desk: &App) -> String {
    match (desk.audit().path(), desk.audit().ready()) {
        (None, _) => "none".to_owned(),
        (Some(path), Ok(())) => path.display().to_string(),
        (Some(_), Err(error)) => first_line(&error),
    }
}

fn version(body: &Value) -> Option<String> {
    let part = |key| match &body[key] {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let (major, minor, build) = (part("majorVersion")?, part("minorVersion")?, part("build")?);
    Some(format!("{major}.{minor} build {build}"))
}

fn threshold(body: &Value) -> Option<String> {
    let number = |key| body[key].as_i64();
    let (used, of, minutes) = (
        number("currentTimeframeRequestCount")?,
        number("externalRequestThreshold")?,
        number("requestThresholdTimeframe")?,
    );
    Some(format!("{used} of {of} requests in {minutes} minutes"))
}

/// How many entities the API user may act on, verb by verb.
fn rights(body: &Value) -> Option<String> {
    let listed = body["entityDescriptions"].as_array()?;
    let granted =
        |right: &str| listed.iter().filter(|entity| is_granted(&entity["info"][right])).count();
    let verbs = ["Query", "Create", "Update", "Delete"];
    let told = verbs.map(|verb| {
        format!("{} {}", verb.to_lowercase(), granted(&format!("userAccessFor{verb}")))
    });
    Some(format!("{} (of {} entities)", told.join(", "), listed.len()))
}

/// Documented as 0 for none, 1 for all, 2 for restricted; older answers say it in words.
fn is_granted(access: &Value) -> bool {
    match access {
        Value::Number(number) => number.as_i64() != Some(0),
        Value::String(word) => !word.eq_ignore_ascii_case("none") && word != "0",
        _ => false,
    }
}
