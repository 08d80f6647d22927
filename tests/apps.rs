//! MCP Apps: which clients get views, what reading one returns, and writes that are confirmed in a view.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use crate::stdio::Session;
use crate::support;
use crate::support::http_server::{HttpServer, call, json_of};

use std::sync::OnceLock;
use std::time::Duration;

use autotask_mcp::access::caller::{
    ClientChannel, ConfirmationReply, ConfirmationRequest, ReplyFuture,
};
use autotask_mcp::confirm::decision::RejectReason;
use autotask_mcp::tools::{Tool, View};
use serde_json::{Value, json};
use support::Harness;

const OFF: &[(&str, &str)] = &[("AUTOTASK_APPS", "false")];

/// The capabilities of a client that renders views, and of one that does not.
fn rendering() -> Value {
    let settings = json!({ "mimeTypes": ["text/html;profile=mcp-app"] });
    json!({ "extensions": { "io.modelcontextprotocol/ui": settings } })
}

fn plain() -> Value {
    json!({ "extensions": { "io.modelcontextprotocol/tasks": {} } })
}

fn legacy(method: &str, params: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params })
}

fn modern(method: &str, mut params: Value, capabilities: &Value) -> Value {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": capabilities,
    });
    legacy(method, &params)
}

/// The client of an older era with these capabilities, and the server's.
fn initialized(capabilities: &Value, settings: &[(&str, &str)]) -> (Session, Value) {
    let mut session = Session::start(&["--sandbox"], settings);
    let hello = json!({ "protocolVersion": "2025-11-25", "capabilities": capabilities,
        "clientInfo": { "name": "t", "version": "1" } });
    let server = session.request(&legacy("initialize", &hello))["result"]["capabilities"].clone();
    (session, server)
}

async fn posted(served: &HttpServer, message: &Value, headers: &[(&str, &str)]) -> Value {
    let mut post = served.post(message);
    for (name, value) in headers {
        post = post.header(*name, *value);
    }
    json_of(post.send().await.expect("a reply")).await
}

async fn posted_modern(
    served: &HttpServer,
    method: &str,
    params: Value,
    capabilities: &Value,
) -> Value {
    let headers = [("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", method)];
    let name = params["name"].as_str().or(params["uri"].as_str()).map(str::to_owned);
    let message = modern(method, params, capabilities);
    match name {
        Some(name) => {
            posted(served, &message, &[&headers[..], &[("Mcp-Name", &name)]].concat()).await
        }
        None => posted(served, &message, &headers).await,
    }
}

/// The tools of a list with their views, a line each.
fn views(listed: &Value) -> String {
    let tools = listed["result"]["tools"].as_array().expect("a list");
    let view = |tool: &Value| {
        let uri = tool["_meta"]["ui"]["resourceUri"].as_str()?;
        assert_eq!(tool["_meta"]["ui/resourceUri"], uri);
        Some(format!("{} {uri}\n", tool["name"].as_str()?))
    };
    tools.iter().filter_map(view).collect()
}

fn declared_views() -> String {
    let line = |tool: Tool| Some(format!("{} {}\n", tool.name(), tool.view()?.uri()));
    Tool::ALL.into_iter().filter_map(line).collect()
}

#[test]
fn the_views_of_tools_are_reviewed() {
    for tool in Tool::ALL {
        let writes = !tool.effect().is_read_only();
        assert_eq!(tool.view() == Some(View::Write), writes, "{}", tool.name());
    }
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("tool-views", declared_views());
    });
}

#[test]
fn over_stdio_only_clients_that_declare_the_extension_get_views() {
    for (capabilities, settings, expected) in [
        (rendering(), &[][..], declared_views()),
        (plain(), &[], String::new()),
        (rendering(), OFF, String::new()),
    ] {
        let (mut session, server) = initialized(&capabilities, settings);
        let is_declared = server["extensions"] == rendering()["extensions"];
        assert_eq!(is_declared, settings.is_empty(), "{server}");
        assert_eq!(views(&session.request(&legacy("tools/list", &json!({})))), expected);

        let mut session = Session::start(&["--sandbox"], settings);
        let found = session.request(&modern("server/discover", json!({}), &capabilities));
        assert_eq!(found["result"]["capabilities"]["extensions"], server["extensions"]);
        assert_eq!(
            views(&session.request(&modern("tools/list", json!({}), &capabilities))),
            expected
        );
    }
}

/// Older clients declare their capabilities only once, and the HTTP server keeps no sessions.
#[tokio::test]
async fn over_http_older_clients_get_views_and_newer_ones_if_they_declare_them() {
    for (settings, expected) in [(&[][..], declared_views()), (OFF, String::new())] {
        let served = HttpServer::sandbox(settings);
        assert_eq!(views(&posted(&served, &legacy("tools/list", &json!({})), &[]).await), expected);
        let list = async |capabilities| {
            views(&posted_modern(&served, "tools/list", json!({}), &capabilities).await)
        };
        assert_eq!(list(rendering()).await, expected);
        assert_eq!(list(plain()).await, "");
    }
}

/// Models do not see `_meta`; some hosts count it all the same. Characters / 4 is the usual estimate.
#[tokio::test]
async fn views_cost_little() {
    let served = HttpServer::sandbox(&[]);
    let mut size = Vec::new();
    for capabilities in [rendering(), plain()] {
        let listed = posted_modern(&served, "tools/list", json!({}), &capabilities).await;
        size.push(listed["result"]["tools"].to_string().chars().count());
        assert_eq!(listed["result"]["ttlMs"], 300_000);
    }
    let tokens = (size[0] - size[1]).div_ceil(4);
    println!("views: {tokens} tokens of at most 400");
    assert!(tokens <= 400, "{tokens}");
}

#[tokio::test]
async fn views_are_read_by_uri_and_not_listed() {
    let served = HttpServer::sandbox(&[]);
    for view in View::ALL {
        let params = json!({ "uri": view.uri() });
        let older = posted(&served, &legacy("resources/read", &params), &[]).await;
        let newer = posted_modern(&served, "resources/read", params, &plain()).await;
        for read in [older, newer] {
            let contents = &read["result"]["contents"][0];
            assert_eq!(contents["uri"], view.uri(), "{read}");
            assert_eq!(contents["mimeType"], "text/html;profile=mcp-app");
            assert_eq!(contents["_meta"], json!({ "ui": { "prefersBorder": true } }));
            let html = contents["text"].as_str().expect("a page").to_lowercase();
            assert!(html.starts_with("<!doctype html>"), "{}", view.uri());
            assert!(!html.contains("src=\"http") && !html.contains("url(http"), "{}", view.uri());
        }
    }
    for method in ["resources/list", "resources/templates/list"] {
        let listed = posted(&served, &legacy(method, &json!({})), &[]).await;
        assert!(!listed.to_string().contains("ui://"), "{listed}");
    }
}

#[tokio::test]
async fn views_without_their_tools_cannot_be_read() {
    let everything = HttpServer::sandbox(&[]);
    let read_only = HttpServer::sandbox(&[("AUTOTASK_READ_ONLY", "true")]);
    let tickets = HttpServer::sandbox(&[("AUTOTASK_TOOLS", "get-ticket,update-ticket")]);
    let none = HttpServer::sandbox(OFF);
    let restricted = ("X-MCP-Readonly", "true");
    for (served, headers, readable) in [
        (&everything, &[][..], "chart triage ticket write"),
        (&everything, &[restricted], "chart triage ticket"),
        (&read_only, &[], "chart triage ticket"),
        (&tickets, &[], "ticket write"),
        (&none, &[], ""),
    ] {
        let mut found = Vec::new();
        for name in ["chart", "triage", "ticket", "write", "report", "shared", ""] {
            let read = json!({ "uri": format!("ui://autotask/{name}") });
            let read = posted(served, &legacy("resources/read", &read), headers).await;
            match read["result"]["contents"][0]["text"].is_string() {
                true => found.push(name),
                false => assert!(read["error"]["code"].is_i64(), "{read}"),
            }
        }
        assert_eq!(found.join(" "), readable);
    }
}

/// A client with views, and perhaps a user who can be asked.
#[derive(Default)]
struct Views {
    user: Option<fn(String) -> ConfirmationReply>,
    confirm: OnceLock<String>,
}

impl ClientChannel for Views {
    fn view_confirm(&self) -> Option<&OnceLock<String>> {
        Some(&self.confirm)
    }

    fn supports_elicitation(&self) -> bool {
        self.user.is_some()
    }

    fn elicit<'a>(&'a self, request: &'a ConfirmationRequest) -> ReplyFuture<'a> {
        let reply = self.user.expect("a user");
        Box::pin(std::future::ready(reply(request.code.clone())))
    }
}

fn contact() -> Value {
    json!({ "companyID": 412, "firstName": "Ada", "lastName": "Ebb" })
}

fn with(mut arguments: Value, name: &str, value: impl Into<Value>) -> Value {
    arguments[name] = value.into();
    arguments
}

/// The text of a call's response, and what its view would confirm it with.
fn called(harness: &Harness, views: Views, arguments: Value) -> (String, Option<String>) {
    let Value::Object(arguments) = arguments else { return (String::new(), None) };
    let call = harness.app.call_tool(harness.app.operator(), &views, "create-contact", arguments);
    let response = harness.runtime.block_on(call).expect("a tool");
    (response.text, views.confirm.into_inner())
}

#[test]
fn a_view_confirms_exactly_the_write_that_it_shows_and_once() {
    for mode in ["token", "bound", "elicit"] {
        let harness = Harness::with([("AUTOTASK_CONFIRM_MODE", mode)]);
        let (preview, confirm) = called(&harness, Views::default(), contact());
        let confirm = confirm.expect("a code");
        assert!(confirm.starts_with("CREATE_CONTACT:"), "{confirm}");
        assert_eq!(preview.contains(&confirm), mode != "token", "the model reads: {preview}");

        let other = with(contact(), "firstName", "Eda");
        let other = called(&harness, Views::default(), with(other, "confirm", confirm.clone()));
        assert!(other.0.starts_with("confirm-mismatch"), "{mode}: {}", other.0);
        assert_eq!(other.1, None);
        let confirmed = with(contact(), "confirm", confirm.clone());
        let (written, none) = called(&harness, Views::default(), confirmed.clone());
        assert!(written.contains("itemId") && none.is_none(), "{mode}: {written}");
        let again = called(&harness, Views::default(), confirmed);
        assert!(again.0.contains("already used"), "{mode}: {}", again.0);
        assert_eq!(harness.sandbox.created("Contacts"), 1);

        // An identical create would be rejected, so there is nothing to confirm.
        let (duplicate, none) = called(&harness, Views::default(), contact());
        assert!(duplicate.contains("allowDuplicate") && none.is_none(), "{duplicate}");
    }
}

#[test]
fn the_code_of_a_view_expires() {
    for (seconds, expected) in [(597, "itemId"), (603, "confirm-mismatch")] {
        let harness = Harness::new();
        let (_, confirm) = called(&harness, Views::default(), contact());
        let pause = Duration::from_secs(seconds);
        harness.runtime.block_on(async { tokio::time::sleep(pause).await });
        let confirmed = with(contact(), "confirm", confirm);
        let (response, _) = called(&harness, Views::default(), confirmed);
        assert!(response.contains(expected), "{seconds}: {response}");
    }
}

/// A client that can ask its user does so for every write; no code, whoever issued it, replaces the reply.
#[test]
fn a_view_does_not_bypass_the_users_dialog() {
    let harness = Harness::with([("AUTOTASK_CONFIRM_MODE", "elicit")]);
    let declines = || Views {
        user: Some(|code| ConfirmationReply::Rejected(RejectReason::Declined, Some(code))),
        ..Views::default()
    };
    let (response, confirm) = called(&harness, declines(), contact());
    assert!(response.contains("declined") && confirm.is_none(), "{response}");
    let (_, confirm) = called(&harness, Views::default(), contact());
    let (response, _) = called(&harness, declines(), with(contact(), "confirm", confirm));
    assert!(response.contains("declined"), "{response}");
    assert_eq!(harness.sandbox.created("Contacts"), 0);
}

#[tokio::test]
async fn the_confirm_of_a_preview_is_in_its_meta() {
    let served = HttpServer::sandbox(&[]);
    let preview = call("create-contact", &contact());
    let shown = posted(&served, &preview, &[]).await["result"].clone();
    assert_eq!(shown["structuredContent"]["error"]["code"], "confirm-required", "{shown}");
    let confirm = shown["_meta"]["autotask/confirm"].as_str().expect("a code").to_owned();
    let params = |arguments: Value| json!({ "name": "create-contact", "arguments": arguments });
    for (capabilities, is_given) in [(rendering(), true), (plain(), false)] {
        let shown = posted_modern(&served, "tools/call", params(contact()), &capabilities).await;
        assert_eq!(shown["result"]["_meta"]["autotask/confirm"].is_string(), is_given, "{shown}");
    }
    let confirmed = params(with(contact(), "confirm", confirm));
    let written = posted_modern(&served, "tools/call", confirmed, &rendering()).await;
    assert!(written["result"]["content"][0]["text"].to_string().contains("itemId"), "{written}");

    for (capabilities, is_given) in [(rendering(), true), (plain(), false)] {
        let (mut session, _) = initialized(&capabilities, &[]);
        let shown = session.request(&call("create-contact", &contact()).clone());
        assert_eq!(shown["result"]["_meta"]["autotask/confirm"].is_string(), is_given, "{shown}");
    }
}
