//! What `doctor` says of tenants that deny, are odd, or have to be found first.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use crate::support::stub_upstream;

use std::sync::{Arc, Mutex};

use stub_upstream::{Reply, Upstream, threshold, whole};

const VERSION: &str = r#"{"majorVersion":"2026","minorVersion":2,"build":"7"}"#;
const RIGHTS: &str =
    r#"{"entityDescriptions":[{"name":"Ticket","info":{"userAccessForQuery":"All"}}]}"#;

fn status(status: u16, body: &'static str) -> Reply {
    let mut reply = whole(body);
    *reply.status_mut() = status.try_into().expect("a status");
    reply
}

/// What a tenant that answers so is told to be, and what it was asked.
fn examined(
    answer: fn(&str) -> Option<Reply>,
    arguments: &[&str],
    settings: &[(&str, &str)],
) -> (String, Option<i32>, Vec<String>) {
    let sent_request: Arc<Mutex<Vec<String>>> = Arc::default();
    let received = sent_request.clone();
    let upstream = Upstream::open(move |request| {
        let path = request.uri().path().to_owned();
        received.lock().expect("paths").push(path.clone());
        let host = request.headers()["host"].to_str().expect("a host").to_owned();
        async move {
            let last = path.rsplit('/').next().unwrap_or_default();
            answer(last).unwrap_or_else(|| match last {
                "ThresholdInformation" => threshold(),
                "Version" => whole(VERSION),
                "EntityInformation" => whole(RIGHTS),
                _ => whole(format!(r#"{{"url":"http://{host}/ATServicesRest/"}}"#)),
            })
        }
    });
    let lookup = format!("http://{}/atservicesrest/", upstream.address());
    let mut program = upstream.program(arguments, settings);
    let ran = program.env("AUTOTASK_ZONE_URL", lookup).output();
    let ran = ran.expect("the program runs");
    let sent_request = sent_request.lock().expect("paths").clone();
    let printed = String::from_utf8_lossy(&ran.stdout).into_owned();
    (printed, ran.status.code(), sent_request)
}

#[test]
fn the_zone_that_was_found_is_named_and_nothing_is_asked_twice() {
    let (printed, code, sent_request) =
        examined(|_| None, &["doctor"], &[("AUTOTASK_API_URL", "")]);
    assert!(printed.contains("/ATServicesRest/, found at http://127"), "{printed}");
    assert!(printed.contains("1 of 10000 requests in 60 minutes"), "{printed}");
    assert!(printed.contains("query 1, create 0"), "{printed}");
    assert_eq!(code, Some(0), "{printed}");
    let once: std::collections::HashSet<_> = sent_request.iter().collect();
    assert_eq!((sent_request.len(), once.len()), (4, 4), "{sent_request:?}");
    let none: fn(&str) -> Option<Reply> = |_| Some(status(401, ""));
    let (printed, code, _) = examined(none, &["doctor"], &[("AUTOTASK_API_URL", "")]);
    assert!(
        printed.contains("zone        auth-failed") && !printed.contains("version "),
        "{printed}"
    );
    assert_eq!(code, Some(1));
}

/// What may be denied says nothing of whether a call would work; the version does.
#[test]
fn what_may_be_denied_is_told_and_what_is_odd_too() {
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
            |path| (path == "ThresholdInformation").then(|| whole("{}")),
            "threshold   the reply does not say it",
            Some(0),
        ),
        (
            |path| (path == "EntityInformation").then(|| whole("{}")),
            "rights      the reply does not say it",
            Some(0),
        ),
        (
            |path| (path == "Version").then(|| whole("{}")),
            "version     the reply does not say it",
            Some(1),
        ),
        (|path| (path == "Version").then(|| status(403, "")), "version     forbidden", Some(1)),
    ];
    for (answer, line, code) in rows {
        let (printed, ended, _) = examined(answer, &["doctor"], &[]);
        assert!(printed.contains(line) && !printed.contains("null"), "{line}: {printed}");
        assert_eq!(ended, code, "{printed}");
    }
}

/// Nothing was learnt where no page could be read; that is no absence of drift.
#[test]
fn a_tenant_that_tells_nothing_of_itself_has_not_the_same_schema() {
    const SWAGGER: &str = r#"{"paths":{"/V1.0/Tickets/entityInformation/fields":{"get":{}}}}"#;
    let nothing: fn(&str) -> Option<Reply> = |path| match path {
        "v1" => Some(whole(SWAGGER)),
        "entityInformation" | "fields" => Some(status(403, "")),
        _ => None,
    };
    let (printed, code, _) = examined(nothing, &["doctor", "--schema"], &[]);
    let response = "none of 2 metadata pages could be read (forbidden)";
    assert!(printed.contains(response) && !printed.contains("no drift"), "{printed}");
    assert_eq!(code, Some(1));
}
