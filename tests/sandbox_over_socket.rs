//! The built program and the sandbox over a real socket, with a fixed URL or a zone lookup.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use crate::support;

use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use autotask_sandbox::{INTEGRATION_CODE, SECRET, Sandbox, USERNAME};
use support::sandbox_port::SandboxPort;

async fn call(settings: Vec<(&'static str, String)>, tool: &str, arguments: &str) -> Output {
    run(&["call", tool, arguments], settings).await
}

async fn run(arguments: &[&str], settings: Vec<(&'static str, String)>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_autotask-mcp"));
    command.env_clear().args(arguments).stdin(Stdio::null());
    let credentials = [
        ("AUTOTASK_USERNAME", USERNAME),
        ("AUTOTASK_SECRET", SECRET),
        ("AUTOTASK_INTEGRATION_CODE", INTEGRATION_CODE),
    ];
    command.envs(credentials).envs(settings);
    tokio::task::spawn_blocking(move || command.output())
        .await
        .expect("a thread")
        .expect("the program runs")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_reach_the_tenant_over_a_socket() {
    let sandbox = Arc::new(Sandbox::new());
    let port = SandboxPort::open(&sandbox);
    let address = port.address();
    let settings = [
        ("AUTOTASK_API_URL", format!("http://{address}/atservicesrest")),
        ("AUTOTASK_API_URL", format!("http://{address}/ATServicesRest/v1.0/")),
        ("AUTOTASK_ZONE_URL", format!("http://{address}/atservicesrest/")),
    ];
    for setting in settings {
        let link = match setting.0 {
            "AUTOTASK_ZONE_URL" => {
                ",\"link\":\"https://ww14.autotask.net/Mvc/ServiceDesk/TicketDetail.mvc?TicketId=8107\""
            }
            _ => "",
        };
        let ran = call(vec![setting.clone()], "get-ticket", r#"{"id":8107,"fields":"id"}"#).await;
        assert_eq!(
            String::from_utf8_lossy(&ran.stdout),
            format!("{{\"item\":{{\"id\":8107}}{link}}}\n"),
            "{setting:?} {ran:?}"
        );
    }
    let page = call(
        vec![("AUTOTASK_API_URL", format!("http://{address}/atservicesrest/"))],
        "search-tickets",
        r#"{"maxRecords":500,"fields":"id"}"#,
    )
    .await;
    let text = String::from_utf8_lossy(&page.stdout);
    assert!(text.contains("\"count\":300,\"hasMore\":false"), "{text}");
    assert!(sandbox.requests().iter().any(|request| request.ends_with("/Tickets/query")));
}

/// A wrong URL is reported as such by every command, never as a missing record.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_url_is_reported() {
    let port = SandboxPort::open(&Arc::new(Sandbox::new()));
    let url = format!("http://{}/webservices/", port.address());
    for arguments in [
        &["call", "get-ticket", r#"{"id":8107}"#] as &[&str],
        &["call", "get-ticket", r#"{"id":"T20260921.0001"}"#],
        &["call", "search-tickets", r#"{"status":1}"#],
        &["call", "count-entity", r#"{"entity":"Tickets","query":[]}"#],
        &["call", "update-ticket", r#"{"id":8107,"title":"x","confirm":"UPDATE_TICKET"}"#],
        &["call", "get-version"],
        &["doctor"],
    ] {
        let ran = run(arguments, vec![("AUTOTASK_API_URL", url.clone())]).await;
        let printed = String::from_utf8_lossy(&ran.stdout);
        assert_eq!(ran.status.code(), Some(1), "{arguments:?} {printed}");
        let expected = "not-found: Autotask does not know this path: AUTOTASK_API_URL";
        assert!(printed.contains(expected), "{arguments:?} {printed}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_credentials_and_closed_ports_are_reported() {
    let port = SandboxPort::open(&Arc::new(Sandbox::new()));
    let address = port.address();
    let url = ("AUTOTASK_API_URL", format!("http://{address}/atservicesrest/"));
    let wrong =
        call(vec![url, ("AUTOTASK_SECRET", "wrong-secret".into())], "get-version", "{}").await;
    assert!(String::from_utf8_lossy(&wrong.stdout).starts_with("auth-failed"), "{wrong:?}");
    let closed = call(
        vec![("AUTOTASK_API_URL", "http://127.0.0.1:9/atservicesrest/".into())],
        "get-version",
        "{}",
    )
    .await;
    assert!(
        String::from_utf8_lossy(&closed.stdout).starts_with("upstream-unavailable"),
        "{closed:?}"
    );
}
