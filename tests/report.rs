//! Reports: their data on the sandbox, what their command prints, and modules that the API user may not read.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use crate::support::{self, in_process_reply};

use std::process::{Command, Output};
use std::sync::Arc;

use autotask_mcp::access::caller::NoClient;
use autotask_mcp::app::App;
use autotask_mcp::app::reports::REPORTS;
use autotask_mcp::client::backend::{Backend, InProcessReply};
use autotask_sandbox::{INTEGRATION_CODE, SECRET, Sandbox, USERNAME};
use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

const NOW: &str = "2026-06-30T15:00:00Z";

fn printed(arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_autotask-mcp"))
        .env_clear()
        .env("AUTOTASK_SANDBOX_NOW", NOW)
        .envs(settings.iter().copied())
        .args(["report", "--sandbox"])
        .args(arguments)
        .output()
        .expect("the program runs")
}

/// The data in the page that a command prints.
fn data(arguments: &[&str], settings: &[(&str, &str)]) -> Value {
    let printed = printed(arguments, settings);
    assert_eq!(String::from_utf8_lossy(&printed.stderr), "");
    assert!(printed.status.success());
    let page = String::from_utf8(printed.stdout).expect("text");
    let (_, rest) =
        page.split_once("<script id=\"data\" type=\"application/json\">").expect("data");
    let (data, _) = rest.split_once("</script>").expect("an end");
    assert!(!data.contains('<') && !page.contains("<!-- "), "{data}");
    serde_json::from_str(data).expect("JSON")
}

/// The data as a reviewer reads it: a line for each section and each row.
fn lines(data: &Value) -> String {
    let mut head = data.clone();
    let sections = head.as_object_mut().and_then(|head| head.shift_remove("sections"));
    let sections = sections.expect("sections");
    let mut lines = vec![head.to_string()];
    for section in sections.as_array().expect("sections") {
        let mut section = section.clone();
        let rows = section["rows"].take();
        section.as_object_mut().expect("an object").shift_remove("rows");
        lines.push(format!("\n{section}"));
        lines.extend(rows.as_array().expect("rows").iter().map(|row| format!("  {row}")));
    }
    lines.join("\n")
}

#[test]
fn every_report_is_reviewed() {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        for report in &REPORTS {
            let name = format!("report-{}", report.name);
            insta::assert_snapshot!(name, lines(&data(&[report.name], &[])));
        }
    });
}

/// A figure of the first section.
fn figure(data: &Value, label: &str) -> Value {
    let figures = data["sections"][0]["rows"].as_array().expect("figures");
    let figure = figures.iter().find(|figure| figure["label"] == label);
    figure.expect(label)["value"].clone()
}

#[test]
fn a_period_is_the_last_whole_one_or_that_of_a_day() {
    for (arguments, period) in [
        (&["week"][..], "2026-06-22 to 2026-06-28"),
        (&["week", "--day", "today"], "2026-06-29 to 2026-07-05"),
        (&["week", "--day", "2026-06-28"], "2026-06-22 to 2026-06-28"),
        (&["month"], "2026-05-01 to 2026-05-31"),
        (&["month", "--day", "2026-06-01"], "2026-06-01 to 2026-06-30"),
        (&["sla"], "2026-05-31 to 2026-06-30"),
        (&["renewals"], "2026-06-30 to 2026-09-28"),
    ] {
        assert_eq!(data(arguments, &[])["subtitle"], period, "{arguments:?}");
    }
}

/// Charts end with the present, and what is open is the same however far back it is counted from.
#[test]
fn open_tickets_are_counted_back_from_today() {
    let week = data(&["week", "--day", "today"], &[]);
    let days = week["sections"][1]["rows"].as_array().expect("rows").clone();
    assert_eq!(days.len(), 2, "{days:?}");
    assert_eq!(days[1]["open"], figure(&week, "Open now"));
    let month = data(&["month", "--day", "today"], &[]);
    let weeks = month["sections"][1]["rows"].as_array().expect("rows").clone();
    assert_eq!(weeks.last().expect("a week")["open"], figure(&month, "Open now"));
    let before = data(&["week"], &[])["sections"][1]["rows"][6].clone();
    assert_eq!(before["day"], "2026-06-28");
    assert_eq!(weeks[3]["open"], before["open"], "both end on Sunday");
}

/// At midnight in UTC it is still the day before in New York.
#[test]
fn days_are_those_of_the_time_zone() {
    let zone = [
        ("AUTOTASK_TIME_ZONE", "America/New_York"),
        ("AUTOTASK_SANDBOX_NOW", "2026-07-01T02:00:00Z"),
    ];
    let month = data(&["month", "--day", "today"], &zone);
    assert_eq!(month["timeZone"], "America/New_York");
    assert_eq!(month["created"], "2026-06-30T22:00:00-04:00");
    assert_eq!(month["subtitle"], "2026-06-01 to 2026-06-30");
}

#[test]
fn what_cannot_be_reported_is_said() {
    const LISTED: &str = "[possible values: week, month, sla, renewals, unbilled]";
    for (arguments, settings, code, expected) in [
        (&["wek"][..], &[][..], 2, LISTED),
        (&["week", "--day", "someday"], &[], 1, "--day accepts a date such as"),
        (&["sla", "--day", "today"], &[], 1, "--day is for reports about a week or a month"),
        (&["renewals", "--day", "today"], &[], 1, "--day is for"),
        (&["week"], &[("AUTOTASK_TOOLS", "tickets")], 1, "count-entity (not enabled here)"),
    ] {
        let printed = printed(arguments, settings);
        let message = String::from_utf8_lossy(&printed.stderr).into_owned();
        assert_eq!(printed.status.code(), Some(code), "{arguments:?}");
        assert!(message.contains(expected), "{message}");
        assert!(printed.stdout.is_empty());
    }
}

/// A report whose tenant rejects requests to some paths with this status.
fn report_with(name: &str, status: u16, rejected: &'static str) -> Result<Value, String> {
    let sandbox = Arc::new(Sandbox::new());
    let config = support::config([("AUTOTASK_SANDBOX_NOW", NOW)]);
    let config = config.with_sandbox_credentials(USERNAME, SECRET, INTEGRATION_CODE);
    let backend = Backend::local(&config, move |request| {
        if request.uri().path().contains(rejected) {
            let response = Response::builder().status(status).body(Bytes::from_static(b"{}"));
            return InProcessReply::Reply(response.expect("a response"));
        }
        in_process_reply(sandbox.respond(request))
    });
    let app = App::new(&config, backend).expect("settings that name tools");
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().start_paused(true).build().expect("a runtime");
    let report = REPORTS.iter().find(|report| report.name == name).expect("a report");
    runtime.block_on(app.report(report, None, &NoClient))
}

/// Not every API user may read every module; a failure of another kind would make a report wrong.
#[test]
fn a_forbidden_module_leaves_its_sections_empty() {
    let data = report_with("renewals", 403, "Subscriptions").expect("a report");
    let section = data["sections"].as_array().expect("sections");
    let section = section.iter().find(|section| section["title"] == "Subscriptions");
    let section = section.expect("the section");
    assert_eq!(section["rows"], json!([]));
    assert!(section["note"].as_str().is_some_and(|note| note.starts_with("forbidden: ")));
    assert_eq!(figure(&data, "Contracts"), json!(5));
    let failed = report_with("renewals", 500, "Subscriptions").expect_err("an error");
    assert!(failed.starts_with("upstream-unavailable: "), "{failed}");
}
