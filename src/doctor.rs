//! What `doctor` says: whether a tool call would work, and if not, why.

mod schema;

use std::io::{self, Write};

use autotask_mcp::config::Config;
use autotask_mcp::desk::Desk;
use autotask_mcp::error::Error;
use autotask_mcp::gate::Gate;
use autotask_mcp::request::Request;
use serde_json::Value;

/// Whether a tool call would work; false is exit code 0.
pub async fn examine(config: &Config, desk: &Desk) -> io::Result<bool> {
    let mut out = io::stdout().lock();
    for (name, text) in settings(config, desk) {
        line(&mut out, name, &text)?;
    }
    let mut failed = !config.missing().is_empty() || desk.owner().gate().tools().is_empty();
    let questions = if failed { &[][..] } else { &QUESTIONS[..] };
    for (name, path, tell) in questions {
        if failed {
            break;
        }
        let said = desk.performer().read(&Request::get(*path)).await;
        failed |= said.is_err();
        let text = said.map_or_else(|error| first_line(&error), |body| tell(&body));
        line(&mut out, name, &desk.scrub(&text))?;
    }
    line(
        &mut out,
        "verdict",
        if failed {
            "a tool call would fail"
        } else {
            "a tool call would work"
        },
    )?;
    Ok(failed)
}

/// The same, and then where the tenant's schema differs from the one built in.
pub async fn examine_schema(config: &Config, desk: &Desk) -> io::Result<bool> {
    let failed = examine(config, desk).await?;
    Ok(failed || schema::examine(desk, &mut io::stdout().lock()).await?)
}

type Question = (&'static str, &'static str, fn(&Value) -> String);

const QUESTIONS: [Question; 3] = [
    ("version", "Version", version),
    ("threshold", "ThresholdInformation", threshold),
    ("rights", "EntityInformation", rights),
];

fn line(out: &mut impl Write, name: &str, text: &str) -> io::Result<()> {
    writeln!(out, "{name:<12}{text}")
}

fn first_line(error: &Error) -> String {
    error.to_string().lines().collect::<Vec<_>>().join(" ")
}

fn settings(config: &Config, desk: &Desk) -> Vec<(&'static str, String)> {
    let missing = config.missing();
    let credentials = if missing.is_empty() {
        "present".to_owned()
    } else {
        format!("missing: {}", missing.join(", "))
    };
    let zone = match &config.api_url {
        None if config.sandbox => "the sandbox inside this program".to_owned(),
        Some(url) => format!("pinned to {url}"),
        None => format!("looked up at {}", config.zone_url),
    };
    let tools = format!("{} registered", desk.owner().gate().tools().len());
    vec![
        ("credentials", credentials),
        ("zone", zone),
        ("tools", tools),
        ("writes", writes(desk.owner().gate())),
        ("audit log", audit_log(desk)),
    ]
}

fn writes(gate: &Gate) -> String {
    gate.writes()
        .unwrap_or_else(|| match gate.policy().is_read_only() {
            true => "never: read-only".to_owned(),
            false => "never: no registered tool could".to_owned(),
        })
}

fn audit_log(desk: &Desk) -> String {
    match (desk.audit().path(), desk.audit().ready()) {
        (None, _) => "none".to_owned(),
        (Some(path), Ok(())) => path.display().to_string(),
        (Some(_), Err(error)) => first_line(&error),
    }
}

fn version(body: &Value) -> String {
    let part = |key| {
        body[key]
            .as_str()
            .map_or_else(|| body[key].to_string(), str::to_owned)
    };
    format!(
        "{}.{} build {}",
        part("majorVersion"),
        part("minorVersion"),
        part("build")
    )
}

fn threshold(body: &Value) -> String {
    let (used, of) = (
        &body["currentTimeframeRequestCount"],
        &body["externalRequestThreshold"],
    );
    format!(
        "{used} of {of} requests in {} minutes",
        body["requestThresholdTimeframe"]
    )
}

/// How many entities the API user may act on, verb by verb.
fn rights(body: &Value) -> String {
    let listed = body["entityDescriptions"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let granted = |right: &str| {
        listed
            .iter()
            .filter(|entity| grants(&entity["info"][right]))
            .count()
    };
    let verbs = ["Query", "Create", "Update", "Delete"];
    let told = verbs.map(|verb| {
        format!(
            "{} {}",
            verb.to_lowercase(),
            granted(&format!("userAccessFor{verb}"))
        )
    });
    format!("{} (of {} entities)", told.join(", "), listed.len())
}

/// Documented as 0 for none, 1 for all, 2 for restricted; older answers say it in words.
fn grants(access: &Value) -> bool {
    match access {
        Value::Number(number) => number.as_i64() != Some(0),
        Value::String(word) => !word.eq_ignore_ascii_case("none") && word != "0",
        _ => false,
    }
}
