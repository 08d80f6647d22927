//! `doctor` with a zone lookup, denied requests and unexpected replies.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use crate::support::stub_upstream;

use std::sync::{Arc, Mutex};

use stub_upstream::{Reply, Upstream, ok_reply, threshold};

const VERSION: &str = r#"{"majorVersion":"2026","minorVersion":2,"build":"7"}"#;
const RIGHTS: &str =
    r#"{"entityDescriptions":[{"name":"Ticket","info":{"userAccessForQuery":"All"}}]}"#;

fn status(status: u16, body: &'static str) -> Reply {
    let mut reply = ok_reply(body);
    *reply.status_mut() = status.try_into().expect("a status");
    reply
}

/// Runs a command against a tenant with these replies; returns the output, the exit code and the requested paths.
fn run(
    reply: fn(&str) -> Option<Reply>,
    arguments: &[&str],
    settings: &[(&str, &str)],
) -> (String, Option<i32>, Vec<String>) {
    let paths: Arc<Mutex<Vec<String>>> = Arc::default();
    let received = paths.clone();
    let upstream = Upstream::open(move |request| {
        let path = request.uri().path().to_owned();
        received.lock().expect("paths").push(path.clone());
        let host = request.headers()["host"].to_str().expect("a host").to_owned();
        async move {
            let last = path.rsplit('/').next().unwrap_or_default();
            reply(last).unwrap_or_else(|| match last {
                "ThresholdInformation" => threshold(),
                "Version" => ok_reply(VERSION),
                "EntityInformation" => ok_reply(RIGHTS),
                _ => ok_reply(format!(r#"{{"url":"http://{host}/ATServicesRest/"}}"#)),
            })
        }
    });
    let lookup = format!("http://{}/atservicesrest/", upstream.address());
    let mut program = upstream.program(arguments, settings);
    let ran = program.env("AUTOTASK_ZONE_URL", lookup).output();
    let ran = ran.expect("the program runs");
    let paths = paths.lock().expect("paths").clone();
    let printed = String::from_utf8_lossy(&ran.stdout).into_owned();
    (printed, ran.status.code(), paths)
}

#[test]
fn the_zone_found_is_reported_and_no_request_is_repeated() {
    let (printed, code, paths) = run(|_| None, &["doctor"], &[("AUTOTASK_API_URL", "")]);
    assert!(printed.contains("/ATServicesRest/, found at http://127"), "{printed}");
    assert!(printed.contains("1 of 10000 requests in 60 minutes"), "{printed}");
    assert!(printed.contains("query 1, create 0"), "{printed}");
    assert_eq!(code, Some(0), "{printed}");
    let once: std::collections::HashSet<_> = paths.iter().collect();
    assert_eq!((paths.len(), once.len()), (4, 4), "{paths:?}");
    let none: fn(&str) -> Option<Reply> = |_| Some(status(401, ""));
    let (printed, code, _) = run(none, &["doctor"], &[("AUTOTASK_API_URL", "")]);
    assert!(
        printed.contains("zone        auth-failed") && !printed.contains("version "),
        "{printed}"
    );
    assert_eq!(code, Some(1));
}

/// Only the version decides whether calls work; the other requests may be denied.
#[test]
fn denied_requests_and_unexpected_replies_are_reported() {
    type Row = (fn(&str) -> Option<Reply>, &'static str, Option<i32>);
    let rows: [Row; 6] = [
        (
            |path| (path == "ThresholdInformation").then(|| status(403, "")),
            "threshold   forbidden",
            Some(0),
        ),
        (
            |path| (path == "EntityInformation").then(|| status(404, "")),
            "rights      not-found",
            Some(0),
        ),
        (
            |path| (path == "ThresholdInformation").then(|| ok_reply("{}")),
            "threshold   the reply does not say it",
            Some(0),
        ),
        (
            |path| (path == "EntityInformation").then(|| ok_reply("{}")),
            "rights      the reply does not say it",
            Some(0),
        ),
        (
            |path| (path == "Version").then(|| ok_reply("{}")),
            "version     the reply does not say it",
            Some(1),
        ),
        (|path| (path == "Version").then(|| status(403, "")), "version     forbidden", Some(1)),
    ];
    for (reply, line, code) in rows {
        let (printed, ended, _) = run(reply, &["doctor"], &[]);
        assert!(printed.contains(line) && !printed.contains("null"), "{line}: {printed}");
        assert_eq!(ended, code, "{printed}");
    }
}

/// If no metadata page can be read, the result is an error, not "no drift".
#[test]
fn unreadable_metadata_is_not_reported_as_no_drift() {
    const SWAGGER: &str = r#"{"paths":{"/V1.0/Tickets/entityInformation/fields":{"get":{}}}}"#;
    let nothing: fn(&str) -> Option<Reply> = |path| match path {
        "v1" => Some(ok_reply(SWAGGER)),
        "entityInformation" | "fields" => Some(status(403, "")),
        _ => None,
    };
    let (printed, code, _) = run(nothing, &["doctor", "--schema"], &[]);
    let reply = "none of 2 metadata pages could be read (forbidden)";
    assert!(printed.contains(reply) && !printed.contains("no drift"), "{printed}");
    assert_eq!(code, Some(1));
}
