//! `doctor`: reports whether a tool call would work, and if not, why.

mod advice;
mod report;
mod schema;

use std::io;

use autotask_mcp::app::App;
use autotask_mcp::config::Config;
use autotask_mcp::error::{Code, Error};
use autotask_mcp::plan::request::Request;
use jiff::Timestamp;
use serde_json::Value;

use super::spinner::Spinner;
use advice::CREATE_API_USER;
use report::{Finding, Report};

/// Checks everything, prints the report and returns whether a tool call would fail.
pub async fn run(config: &Config, app: &App, schema: bool, json: bool) -> io::Result<bool> {
    let mut report = if json { Report::json() } else { Report::text() };
    check(config, app, &mut report).await?;
    if schema {
        let spinner = Spinner::new("Reading the tenant's schema");
        let finding = spinner.during(schema::compare(app)).await;
        report.add(finding.map_text(|text| app.redact(text)))?;
    }
    report.finish()?;
    Ok(!report.is_ok())
}

async fn check(config: &Config, app: &App, report: &mut Report) -> io::Result<()> {
    let redacted = |finding: Finding| finding.map_text(|text| app.redact(text));
    let spinner = Spinner::new("Waiting for Autotask");
    let zone = spinner.during(zone(config, app)).await;
    for finding in [credentials(config), zone, tools(app), writes(app), audit_log(app)] {
        report.add(redacted(finding))?;
    }
    for check in &CHECKS {
        if !report.is_ok() {
            break;
        }
        let spinner = Spinner::new("Waiting for Autotask");
        let finding = spinner.during(check.request(config, app)).await;
        report.add(redacted(finding))?;
    }
    Ok(())
}

struct Check {
    name: &'static str,
    path: &'static str,
    /// None if the reply does not contain it.
    describe: fn(&Value) -> Option<String>,
    /// Whether tools work even if the API user may not read the reply.
    may_be_denied: bool,
}

/// The threshold comes first: any other request would make the client fetch it anyway.
const CHECKS: [Check; 3] = [
    Check {
        name: "threshold",
        path: "ThresholdInformation",
        describe: threshold,
        may_be_denied: true,
    },
    Check { name: "version", path: "Version", describe: version, may_be_denied: false },
    Check { name: "rights", path: "EntityInformation", describe: rights, may_be_denied: true },
];

impl Check {
    /// The finding; a problem if a tool call would fail too.
    async fn request(&self, config: &Config, app: &App) -> Finding {
        let client = app.executor().client();
        let reply = client.read(&Request::get(self.path)).await;
        let is_denied = |error: &Error| {
            let code = error.code();
            self.may_be_denied && matches!(code, Code::Forbidden | Code::NotFound)
        };
        match reply {
            Ok(body) => match (self.describe)(&body) {
                Some(text) => Finding::new(self.name, text),
                None if self.may_be_denied => Finding::new(self.name, UNEXPECTED_REPLY),
                None => Finding::problem(self.name, UNEXPECTED_REPLY, CHECK_API_URL),
            },
            Err(error) if is_denied(&error) => Finding::new(self.name, on_one_line(&error)),
            Err(error) => {
                let zone = client.zone().await.map(|zone| zone.to_string()).unwrap_or_default();
                let url = format!("{zone}V1.0/{}", self.path);
                advice::failed_request(self.name, config, &url, &error)
            }
        }
    }
}

const UNEXPECTED_REPLY: &str = "the reply does not say it, as Autotask's would";
const CHECK_API_URL: &str = "Check that AUTOTASK_API_URL, if it is set, is the URL of your zone and ends with /atservicesrest/.";

fn on_one_line(error: &Error) -> String {
    error.to_string().lines().collect::<Vec<_>>().join(" ")
}

fn credentials(config: &Config) -> Finding {
    match config.missing() {
        missing if missing.is_empty() => Finding::new("credentials", "present"),
        missing => {
            let detail = format!("missing: {}", missing.join(", "));
            Finding::problem("credentials", detail, CREATE_API_USER)
        }
    }
}

/// The tenant's zone; without credentials it is not looked up.
async fn zone(config: &Config, app: &App) -> Finding {
    let lookup_url = &config.zone_url;
    match &config.api_url {
        None if config.sandbox => {
            let now = config.sandbox_now.unwrap_or_else(Timestamp::now);
            Finding::new("zone", format!("the sandbox inside this program; its time is {now:.0}"))
        }
        Some(url) => Finding::new("zone", format!("pinned to {url}")),
        None if !config.missing().is_empty() => Finding::problem(
            "zone",
            format!("not looked up at {lookup_url} without credentials"),
            "Set the credentials.",
        ),
        None => match app.executor().client().zone().await {
            Ok(zone) => Finding::new("zone", format!("{zone}, found at {lookup_url}")),
            Err(error) => {
                let url = format!("{lookup_url}V1.0/zoneInformation");
                advice::failed_request("zone", config, &url, &error)
            }
        },
    }
}

fn tools(app: &App) -> Finding {
    match app.operator().access().tools().len() {
        0 => {
            let advice = "Correct AUTOTASK_TOOLS, or set AUTOTASK_READ_ONLY to false.";
            Finding::problem("tools", "none registered", advice)
        }
        count => Finding::new("tools", format!("{count} registered")),
    }
}

fn writes(app: &App) -> Finding {
    let access = app.operator().access();
    let writes = access.describe_writes();
    Finding::new(
        "writes",
        writes.unwrap_or_else(|| match access.policy().is_read_only() {
            true => "never: read-only".to_owned(),
            false => "disabled: no write tools enabled".to_owned(),
        }),
    )
}

fn audit_log(app: &App) -> Finding {
    match (app.audit().path(), app.audit().check_writable()) {
        (None, _) => Finding::new("audit log", "none"),
        (Some(path), Ok(())) => Finding::new("audit log", path.display().to_string()),
        (Some(_), Err(error)) => {
            let detail = format!("{}: {}", error.code().name(), error.message());
            Finding::problem("audit log", detail, advice::next(&error))
        }
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
    let (used, limit, minutes) = (
        number("currentTimeframeRequestCount")?,
        number("externalRequestThreshold")?,
        number("requestThresholdTimeframe")?,
    );
    Some(format!("{used} of {limit} requests in {minutes} minutes"))
}

/// For each verb, the number of entities that the API user may use it on.
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

/// Documented as 0 for none, 1 for all, 2 for restricted; older responses contain words instead.
fn grants(access: &Value) -> bool {
    match access {
        Value::Number(number) => number.as_i64() != Some(0),
        Value::String(word) => !word.eq_ignore_ascii_case("none") && word != "0",
        _ => false,
    }
}
