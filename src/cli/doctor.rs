//! What `doctor` says: whether a tool call would work, and if not, why.

mod schema;

use std::io::{self, Write};

use autotask_mcp::access::Access;
use autotask_mcp::app::App;
use autotask_mcp::client::request::Request;
use autotask_mcp::config::Config;
use autotask_mcp::error::{Code, Error};
use jiff::Timestamp;
use serde_json::{Map, Value};

/// Checks everything, prints the report and returns whether a tool call would fail.
pub async fn run(config: &Config, app: &App, schema: bool, json: bool) -> io::Result<bool> {
    let mut report = Report::new(json);
    let mut failed = check(config, app, &mut report).await?;
    if schema {
        failed |= schema::compare(app, &mut report).await?;
    }
    report.finish(failed)?;
    Ok(failed)
}

/// Prints a line for each finding at once, or one JSON object at the end.
struct Report(Option<Map<String, Value>>);

impl Report {
    fn new(json: bool) -> Self {
        Self(json.then(Map::new))
    }

    fn add(&mut self, name: &str, text: &str) -> io::Result<()> {
        match &mut self.0 {
            Some(object) => {
                object.insert(name.replace(' ', "_"), text.into());
                Ok(())
            }
            None => writeln!(io::stdout(), "{name:<12}{text}"),
        }
    }

    /// Adds what belongs to the finding before, a line each.
    fn add_details(&mut self, name: &str, lines: Vec<String>) -> io::Result<()> {
        match &mut self.0 {
            Some(object) => {
                object.insert(name.to_owned(), lines.into());
                Ok(())
            }
            None => lines.iter().try_for_each(|line| writeln!(io::stdout(), "- {line}")),
        }
    }

    fn finish(self, failed: bool) -> io::Result<()> {
        let Some(mut object) = self.0 else {
            return Ok(());
        };
        object.insert("ok".to_owned(), Value::Bool(!failed));
        writeln!(io::stdout(), "{:#}", Value::Object(object))
    }
}

async fn check(config: &Config, app: &App, report: &mut Report) -> io::Result<bool> {
    let missing = config.missing();
    let credentials = match missing.is_empty() {
        true => "present".to_owned(),
        false => format!("missing: {}", missing.join(", ")),
    };
    report.add("credentials", &credentials)?;
    let zone = zone(config, app).await;
    let mut failed =
        !missing.is_empty() || zone.is_err() || app.operator().access().tools().is_empty();
    let zone = zone.unwrap_or_else(|error| first_line(&error));
    report.add("zone", &app.redact(&zone))?;
    for (name, text) in settings(app) {
        report.add(name, &text)?;
    }
    for check in &CHECKS {
        if failed {
            break;
        }
        let said = check.ask(app).await;
        failed = said.is_err();
        let text = said.unwrap_or_else(|text| text);
        report.add(check.name, &app.redact(&text))?;
    }
    let verdict = if failed { "a tool call would fail" } else { "a tool call would work" };
    report.add("verdict", verdict)?;
    Ok(failed)
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
    async fn ask(&self, app: &App) -> Result<String, String> {
        let said = app.executor().client().read(&Request::get(self.path)).await;
        let is_denied = |error: &Error| {
            let code = error.code();
            self.may_be_denied && matches!(code, Code::Forbidden | Code::NotFound)
        };
        match said {
            Ok(body) => match (self.tell)(&body) {
                Some(text) => Ok(text),
                None if self.may_be_denied => Ok(ODD.to_owned()),
                None => Err(ODD.to_owned()),
            },
            Err(error) if is_denied(&error) => Ok(first_line(&error)),
            Err(error) => Err(first_line(&error)),
        }
    }
}

const ODD: &str = "the reply does not say it, as Autotask's would";

fn first_line(error: &Error) -> String {
    error.to_string().lines().collect::<Vec<_>>().join(" ")
}

/// Where the tenant is, which nobody looks up without credentials.
async fn zone(config: &Config, app: &App) -> Result<String, Error> {
    let at = &config.zone_url;
    match &config.api_url {
        None if config.sandbox => {
            let now = config.sandbox_now.unwrap_or_else(Timestamp::now);
            Ok(format!("the sandbox inside this program; its time is {now:.0}"))
        }
        Some(url) => Ok(format!("pinned to {url}")),
        None if !config.missing().is_empty() => Ok(format!("looked up at {at}")),
        None => {
            let found = app.executor().client().zone().await?;
            Ok(format!("{found}, found at {at}"))
        }
    }
}

fn settings(app: &App) -> [(&'static str, String); 3] {
    let tools = format!("{} registered", app.operator().access().tools().len());
    [("tools", tools), ("writes", writes(app.operator().access())), ("audit log", audit_log(app))]
}

fn writes(gate: &Access) -> String {
    gate.describe_writes().unwrap_or_else(|| match gate.policy().is_read_only() {
        true => "never: read-only".to_owned(),
        false => "disabled: no write tools enabled".to_owned(),
    })
}

fn audit_log(app: &App) -> String {
    match (app.audit().path(), app.audit().check_writable()) {
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
        |right: &str| listed.iter().filter(|entity| grants(&entity["info"][right])).count();
    let verbs = ["Query", "Create", "Update", "Delete"];
    let reported = verbs.map(|verb| {
        format!("{} {}", verb.to_lowercase(), granted(&format!("userAccessFor{verb}")))
    });
    Some(format!("{} (of {} entities)", reported.join(", "), listed.len()))
}

/// Documented as 0 for none, 1 for all, 2 for restricted; older answers say it in words.
fn grants(access: &Value) -> bool {
    match access {
        Value::Number(number) => number.as_i64() != Some(0),
        Value::String(word) => !word.eq_ignore_ascii_case("none") && word != "0",
        _ => false,
    }
}
