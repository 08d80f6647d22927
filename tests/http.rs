//! The built program over HTTP: older and newer clients, authentication, and every rejection.

use crate::support::http_server;
use crate::support::stub_upstream;

use std::io::{Read, Write};
use std::net::TcpStream;

use http_server::{HttpServer, TOKEN, call, command, json_of, text};
use reqwest::StatusCode;
use serde_json::{Value, json};
use stub_upstream::{CODE, SECRET, Upstream, ok_reply, threshold};

const TICKET: &str = "{\"item\":{\"id\":8107},\"link\":\"https://ww14.autotask.net/Mvc/ServiceDesk/TicketDetail.mvc?TicketId=8107\"}";

fn ticket() -> Value {
    call("get-ticket", &json!({ "id": 8107, "fields": "id" }))
}

#[tokio::test]
async fn older_clients_initialize_and_call() {
    let server = HttpServer::sandbox(&[]);
    for version in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] {
        let initialize = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": version, "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } } });
        let reply = server.post(&initialize).send().await.expect("a reply");
        assert!(reply.headers().get("mcp-session-id").is_none(), "no sessions");
        assert_eq!(reply.headers()["content-type"], "application/json");
        // 2025-03-26 requires batches.
        let offered = if version == "2025-03-26" { "2025-06-18" } else { version };
        let initialized = json_of(reply).await;
        assert_eq!(initialized["result"]["protocolVersion"], offered);
        let version = offered;
        let notification = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        let notified = server.post(&notification).header("MCP-Protocol-Version", version);
        assert_eq!(notified.send().await.expect("a reply").status(), StatusCode::ACCEPTED);
        let called = server.post(&ticket()).header("MCP-Protocol-Version", version);
        let called = called.send().await.expect("a reply");
        assert_eq!(called.headers()["content-type"], "application/json");
        assert_eq!(text(&json_of(called).await), TICKET);
    }
}

#[tokio::test]
async fn newer_clients_discover_and_call() {
    let server = HttpServer::sandbox(&[]);
    let found = server.modern("server/discover", json!({})).send().await;
    let found = json_of(found.expect("a reply")).await;
    let versions = found["result"]["supportedVersions"].as_array().cloned();
    assert!(versions.is_some_and(|all| all.contains(&"2026-07-28".into())), "{found}");
    let params = json!({ "name": "get-ticket", "arguments": { "id": 8107, "fields": "id" } });
    let called = server.modern("tools/call", params).send().await.expect("a reply");
    assert_eq!(called.headers()["content-type"], "application/json");
    let called = json_of(called).await;
    assert_eq!(called["result"]["resultType"], "complete");
    assert_eq!(text(&called), TICKET);
}

/// Some clients encode `arguments` as JSON text, once or twice.
#[tokio::test]
async fn arguments_may_be_json_text() {
    let server = HttpServer::sandbox(&[]);
    let once = json!({ "id": 8107, "fields": "id" }).to_string();
    for arguments in [Value::from(once.clone()), Value::from(once).to_string().into()] {
        let params = json!({ "name": "get-ticket", "arguments": arguments });
        for request in
            [server.post(&call("get-ticket", &arguments)), server.modern("tools/call", params)]
        {
            let called = json_of(request.send().await.expect("a reply")).await;
            assert_eq!(text(&called), TICKET);
        }
    }
}

/// A token's access decides which prompts are listed, for older and newer clients.
#[tokio::test]
async fn prompts_depend_on_the_token() {
    let file = std::env::temp_dir().join(format!("autotask-prompts-{}", std::process::id()));
    std::fs::write(&file, "reader reader-horse-battery read-only\n").expect("a file of tokens");
    let path = file.to_str().expect("a path");
    let server = HttpServer::sandbox(&[("AUTOTASK_HTTP_TOKENS_FILE", path)]);
    let message = |method: &str, params: Value| json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    for (token, count) in [(TOKEN, 9), ("reader-horse-battery", 8)] {
        let request = async |method: &str, params: Value| {
            let post = server.post_as(token, &message(method, params));
            json_of(post.send().await.expect("a reply")).await
        };
        let listed = request("prompts/list", json!({})).await;
        let prompts = listed["result"]["prompts"].as_array().map(Vec::len);
        assert_eq!(prompts, Some(count), "{listed}");
        let params = json!({ "name": "log-time", "arguments": { "ticket": "8107" } });
        let got = request("prompts/get", params).await;
        assert_eq!(got["result"].is_object(), count == 9, "{got}");
        let of = json!({ "type": "ref/resource", "uri": "autotask://companies/{id}" });
        let params = json!({ "ref": of, "argument": { "name": "id", "value": "mar" } });
        let completed = request("completion/complete", params).await;
        let values = &completed["result"]["completion"]["values"];
        assert_eq!(*values, json!(["Marrow Bakery"]), "{completed}");
    }
    let listed = server.modern("prompts/list", json!({})).send().await;
    let listed = json_of(listed.expect("a reply")).await;
    assert_eq!(listed["result"]["prompts"].as_array().map(Vec::len), Some(9));
    let params = json!({ "name": "my-day", "arguments": { "resource": "Jonah Whitlock" } });
    let got = server.modern("prompts/get", params).send().await;
    let got = json_of(got.expect("a reply")).await;
    assert_eq!(got["result"]["resultType"], "complete", "{got}");
    let of = json!({ "type": "ref/prompt", "name": "my-day" });
    let params = json!({ "ref": of, "argument": { "name": "resource", "value": "jon" } });
    let completed = server.modern("completion/complete", params).send().await;
    let completed = json_of(completed.expect("a reply")).await;
    assert_eq!(completed["result"]["completion"]["values"][0], "Jonah Whitlock");
    std::fs::remove_file(file).expect("the file");
}

#[tokio::test]
async fn every_rejection_is_json() {
    let server = HttpServer::sandbox(&[]);
    let url = format!("{}/mcp", server.base);
    let post = || server.post(&ticket());
    let bare = |value: &str| {
        let post = server.client.post(&url).header("Content-Type", "application/json");
        post.header("Authorization", value).body(ticket().to_string())
    };
    let off_by_one = format!("Bearer {}X", TOKEN.get(..TOKEN.len() - 1).expect("letters"));
    let rows = [
        ("no token", server.client.post(&url).body("{}"), 401, -32600),
        ("another token", bare("Bearer wrong-horse-battery"), 401, -32600),
        ("the last byte differs", bare(&off_by_one), 401, -32600),
        ("a part of it", bare("Bearer correct-horse"), 401, -32600),
        ("an empty one", bare("Bearer "), 401, -32600),
        ("another scheme", bare(&format!("Basic {TOKEN}")), 401, -32600),
        ("two of them", post().header("Authorization", format!("Bearer {TOKEN}")), 401, -32600),
        ("a huge one", bare(&format!("Bearer {}", "x".repeat(9_000))), 401, -32600),
        ("a foreign origin", post().header("Origin", "https://evil.example.com"), 403, -32600),
        ("an opaque origin", post().header("Origin", "null"), 403, -32600),
        ("a foreign host", post().header("Host", "evil.example.com"), 403, -32600),
        ("a get", server.client.get(&url).bearer_auth(TOKEN), 405, -32600),
        ("a delete", server.client.delete(&url).bearer_auth(TOKEN), 405, -32600),
        (
            "another path",
            server.client.post(format!("{}/sse", server.base)).bearer_auth(TOKEN),
            404,
            -32600,
        ),
        ("a post to health", server.client.post(format!("{}/health", server.base)), 404, -32600),
        ("no JSON", post().body("{\"jsonrpc\":\"2.0\",\"id\""), 400, -32700),
        ("nothing", post().body(""), 400, -32700),
        ("no message", post().body("{\"a\":1}"), 400, -32600),
        ("a batch", post().body(format!("[{}]", ticket())), 400, -32600),
        ("a body over 10 MiB", post().body(" ".repeat((10 << 20) + 1)), 413, -32600),
        ("a much larger body", post().body(" ".repeat(14 << 20)), 413, -32600),
    ];
    for (what, request, status, code) in rows {
        let reply = request.send().await.unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(reply.status().as_u16(), status, "{what}");
        let challenge = reply.headers().get("www-authenticate").cloned();
        let expected = (status == 401).then_some("Bearer realm=\"autotask-mcp\"");
        assert_eq!(challenge.as_ref().and_then(|value| value.to_str().ok()), expected, "{what}");
        let body = json_of(reply).await;
        assert_eq!(body["jsonrpc"], "2.0", "{what}");
        assert_eq!(body["error"]["code"], code, "{what}: {body}");
        assert!(body.get("id").is_none(), "{what}: {body}");
        assert!(!body.to_string().contains(TOKEN), "{what}");
    }
    assert!(!server.log().contains(TOKEN));
    assert_eq!(server.call("get-ticket", &json!({ "id": 8107, "fields": "id" })).await, TICKET);
}

/// A malformed message is rejected with its `id`, if it has a valid one, and without `id` otherwise.
#[tokio::test]
async fn malformed_messages_are_rejected_with_their_id() {
    let rows = [
        (r#""jsonrpc":"2.0","id":1,"method":"prompts/list","params":[]"#, -32602, Some(1)),
        (r#""jsonrpc":"2.0","id":2,"method":"tools/call","params":5"#, -32602, Some(2)),
        (
            r#""jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"\ud800"}"#,
            -32700,
            Some(3),
        ),
        (r#""jsonrpc":"2.0","id":1,"method":"\ud800""#, -32700, None),
        (r#""id":4,"method":"ping""#, -32600, Some(4)),
        (r#""jsonrpc":"2.0","id":5,"method":"initialize""#, -32602, Some(5)),
        (r#""jsonrpc":"2.0","id":null,"method":"ping""#, -32600, None),
    ];
    let server = HttpServer::sandbox(&[]);
    for (body, code, id) in rows {
        let post = server.post(&ticket()).body(format!("{{{body}}}"));
        let reply = post.send().await.expect("a reply");
        let status = reply.status().as_u16();
        let reply = json_of(reply).await;
        assert_eq!(reply["error"]["code"], code, "{body}: {reply}");
        assert_eq!(reply.get("id"), id.map(Value::from).as_ref(), "{body}: {reply}");
        let handled = body.contains("initialize");
        assert_eq!(status, if handled { 200 } else { 400 }, "{body}: {reply}");
    }
}

#[tokio::test]
async fn own_and_allowed_hosts_and_origins_are_accepted() {
    let server = HttpServer::sandbox(&[
        ("AUTOTASK_ALLOWED_ORIGINS", "https://app.example.com"),
        ("AUTOTASK_ALLOWED_HOSTS", "mcp.example.com"),
    ]);
    for (path, name, value) in [
        ("/mcp", "Origin", server.base.as_str()),
        ("/mcp", "Origin", "https://app.example.com"),
        ("/mcp", "Host", "mcp.example.com"),
        ("/mcp/", "X-Anything", "at all"),
    ] {
        let post = server.client.post(format!("{}{path}", server.base));
        let post = post.bearer_auth(TOKEN).header("Content-Type", "application/json");
        let reply = post.header(name, value).body(ticket().to_string()).send().await;
        assert_eq!(text(&json_of(reply.expect("a reply")).await), TICKET, "{name}: {value}");
    }
}

#[tokio::test]
async fn any_accept_that_allows_json_is_answered_with_json() {
    let server = HttpServer::sandbox(&[]);
    let mut call = ticket();
    call["params"]["_meta"] = json!({ "progressToken": "p" });
    for (accept, status) in [
        ("*/*", 200),
        ("*/*;q=0.8", 200),
        ("application/*", 200),
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ("Application/JSON;q=0.5, text/html", 200),
        ("application/json, */*;q=0.0", 200),
        ("application/json, text/plain, */*; q=0.1", 200),
        ("text/event-stream, application/json", 200),
        ("text/*", 406),
        ("text/event-stream", 406),
        ("application/json;q=0, */*", 406),
    ] {
        let post = server.client.post(format!("{}/mcp", server.base));
        let post = post.bearer_auth(TOKEN).header("Content-Type", "application/json");
        let reply = post.header("Accept", accept).body(call.to_string()).send().await;
        let reply = reply.expect("a reply");
        assert_eq!(reply.status(), status, "{accept}");
        assert_eq!(reply.headers()["content-type"], "application/json", "{accept}");
        let body = json_of(reply).await;
        assert_eq!(body["error"].is_null(), status == 200, "{accept}: {body}");
    }
}

/// Progress needs a stream, which a client gets only if it sent a token and accepts streams.
#[tokio::test]
async fn progress_is_streamed() {
    let server = HttpServer::sandbox(&[]);
    let count = json!({ "entity": "Tickets", "query": [], "groupBy": "status" });
    let mut message = http_server::call("count-entity", &count);
    let plain = server.post(&message).send().await.expect("a reply");
    assert_eq!(plain.headers()["content-type"], "application/json");
    message["params"]["_meta"] = json!({ "progressToken": "p" });
    let stream = server.post(&message).send().await.expect("a reply");
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let events = stream.text().await.expect("events");
    let (progress, result) = (events.find("notifications/progress"), events.find("queryCount"));
    assert!(progress.is_some() && progress < result, "{events}");
}

#[tokio::test]
async fn an_empty_cursor_is_the_first_page() {
    let server = HttpServer::sandbox(&[]);
    for (cursor, is_valid) in [("", true), ("x", false)] {
        let params = json!({ "cursor": cursor });
        let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": params });
        let listed = json_of(server.post(&list).send().await.expect("a reply")).await;
        assert_eq!(listed["result"].is_object(), is_valid, "{listed}");
    }
}

#[tokio::test]
async fn allowed_origins_get_cors_headers() {
    let server = HttpServer::sandbox(&[("AUTOTASK_ALLOWED_ORIGINS", "https://app.example.com")]);
    let url = format!("{}/mcp", server.base);
    let preflight = |origin: &str| {
        let request = server.client.request(reqwest::Method::OPTIONS, &url);
        request
            .header("Origin", origin)
            .header("Access-Control-Request-Method", "POST")
            .header("Access-Control-Request-Headers", "authorization,content-type,x-mcp-readonly")
    };
    let allowed = preflight("https://app.example.com").send().await.expect("a reply");
    assert_eq!(allowed.status(), StatusCode::OK);
    let headers = allowed.headers();
    assert_eq!(headers["access-control-allow-origin"], "https://app.example.com");
    assert_eq!(headers["access-control-allow-methods"], "POST");
    assert_eq!(
        headers["access-control-allow-headers"],
        "authorization,content-type,x-mcp-readonly"
    );
    let foreign = preflight("https://evil.example.com").send().await.expect("a reply");
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
    assert!(foreign.headers().get("access-control-allow-origin").is_none());
    for (token, status) in [(TOKEN, 200), ("wrong-horse-battery", 401)] {
        let post = server.post_as(token, &ticket()).header("Origin", "https://app.example.com");
        let reply = post.send().await.expect("a reply");
        assert_eq!(reply.status(), status);
        assert_eq!(reply.headers()["access-control-allow-origin"], "https://app.example.com");
    }
    let plain = server.post(&ticket()).send().await.expect("a reply");
    assert!(plain.headers().get("access-control-allow-origin").is_none());
}

#[tokio::test]
async fn headers_restrict_a_request_and_never_extend_it() {
    let server = HttpServer::sandbox(&[("AUTOTASK_TOOLS", "tickets,companies")]);
    let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
    let tickets = "search-tickets get-ticket create-ticket update-ticket create-ticket-note";
    let reads = "search-tickets get-ticket search-companies get-company";
    for (headers, expected) in [
        (&[("X-MCP-Toolsets", "tickets")][..], Ok(tickets)),
        (&[("X-MCP-Toolsets", "tickets"), ("X-MCP-Readonly", "off")], Ok(tickets)),
        (&[("X-MCP-Toolsets", " get-ticket , time")], Ok("get-ticket")),
        (&[("X-MCP-Toolsets", "time")], Ok("")),
        (
            &[("X-MCP-Toolsets", "get-ticket"), ("X-MCP-Toolsets", "get-company")],
            Ok("get-ticket get-company"),
        ),
        (&[("X-MCP-Readonly", "true")], Ok(reads)),
        (
            &[("X-MCP-Readonly", "ON"), ("X-MCP-Toolsets", "-companies")],
            Ok("search-tickets get-ticket"),
        ),
        (&[("X-MCP-Readonly", "maybe")], Err("true, 1, yes or on")),
        (&[("X-MCP-Readonly", "")], Err("true, 1, yes or on")),
        (&[("X-MCP-Toolsets", "tickts")], Err("did you mean tickets?")),
        (&[("X-MCP-Toolsets", "")], Err("X-MCP-Toolsets")),
        (&[("X-MCP-Toolsets", "all")], Err("X-MCP-Toolsets")),
    ] {
        let post = headers
            .iter()
            .fold(server.post(&list), |post, (name, value)| post.header(*name, *value));
        let reply = post.send().await.expect("a reply");
        assert_eq!(reply.status(), if expected.is_ok() { 200 } else { 400 }, "{headers:?}");
        let reply = json_of(reply).await;
        match expected {
            Ok(names) => assert_eq!(tool_names(&reply), names, "{headers:?}"),
            Err(words) => assert!(
                reply["error"]["message"].as_str().is_some_and(|m| m.contains(words)),
                "{reply}"
            ),
        }
    }
    let write =
        call("update-ticket", &json!({ "id": 8107, "priority": 1, "confirm": "UPDATE_TICKET" }));
    let rejected = server.post(&write).header("X-MCP-Readonly", "yes").send().await;
    let rejected = json_of(rejected.expect("a reply")).await;
    assert!(rejected.to_string().contains("read-only"), "{rejected}");
}

fn tool_names(listed: &Value) -> String {
    let tools = listed["result"]["tools"].as_array().cloned().unwrap_or_default();
    let names: Vec<_> = tools.iter().filter_map(|tool| tool["name"].as_str()).collect();
    names.join(" ")
}

/// A request can contain an attachment of the maximum size that Autotask accepts.
#[tokio::test]
async fn bodies_up_to_10_mib_are_accepted() {
    let server = HttpServer::sandbox(&[]);
    let mut call = ticket().to_string();
    call += &" ".repeat((10 << 20) - call.len());
    let reply = server.post(&ticket()).body(call).send().await.expect("a reply");
    assert_eq!(text(&json_of(reply).await), TICKET);
}

#[test]
fn malformed_request_heads_are_rejected() {
    let server = HttpServer::sandbox(&[]);
    let address = server.base.trim_start_matches("http://");
    let post = |headers: &str| format!("POST /mcp HTTP/1.1\r\nHost: {address}\r\n{headers}\r\n");
    for (head, status) in [
        (post(&"X-Many: 1\r\n".repeat(200)), "431"),
        (post("X Spaced: 1\r\n"), "400"),
        (post("X-Number\r\n"), "400"),
        ("what is this\r\n\r\n".to_owned(), "400"),
        ("GET /health HTTP/9.9\r\n\r\n".to_owned(), "400"),
    ] {
        let mut stream = TcpStream::connect(address).expect("a connection");
        stream.write_all(head.as_bytes()).expect("the server reads everything");
        let mut reply = String::new();
        stream.read_to_string(&mut reply).expect("a complete reply");
        assert!(reply.starts_with(&format!("HTTP/1.1 {status} ")), "{head}: {reply}");
    }
}

#[test]
fn a_client_still_sending_gets_its_rejection() {
    let server = HttpServer::sandbox(&[]);
    let address = server.base.trim_start_matches("http://");
    let body = vec![b'x'; 12 << 20];
    let good = format!("Authorization: Bearer {TOKEN}\r\n");
    for (line, more, status) in [
        ("POST /mcp", "Authorization: Bearer wrong\r\n", "401"),
        ("POST /mcp", "Origin: https://evil.example.com\r\n", "403"),
        ("PUT /mcp", &good, "405"),
        ("POST /elsewhere", &good, "404"),
        ("POST /mcp", &good, "413"),
    ] {
        let mut stream = TcpStream::connect(address).expect("a connection");
        let length = body.len();
        let head =
            format!("{line} HTTP/1.1\r\nHost: {address}\r\n{more}Content-Length: {length}\r\n\r\n");
        stream.write_all(head.as_bytes()).expect("a head");
        stream.write_all(&body).expect("a body");
        let mut reply = [0; 12];
        stream.read_exact(&mut reply).expect("a reply");
        assert_eq!(String::from_utf8_lossy(&reply), format!("HTTP/1.1 {status}"));
    }
}

#[tokio::test]
async fn invalid_json_is_reported() {
    let server = HttpServer::sandbox(&[]);
    for (kind, body, status, code) in [
        ("application/json", b"{\"a\":\"\xff\"}".to_vec(), 400, -32700),
        ("application/json; charset=utf-8", b"{".to_vec(), 400, -32700),
        ("application/jsonx", ticket().to_string().into_bytes(), 415, -32600),
    ] {
        let post = server.client.post(format!("{}/mcp", server.base));
        let post = post.bearer_auth(TOKEN).header("Content-Type", kind);
        let reply = post.body(body).send().await.expect("a reply");
        assert_eq!(reply.status(), status, "{kind}");
        assert_eq!(json_of(reply).await["error"]["code"], code, "{kind}");
    }
}

#[test]
fn a_too_large_content_length_is_rejected_before_the_body() {
    let server = HttpServer::sandbox(&[]);
    let address = server.base.trim_start_matches("http://");
    let rejected = |more: &str| {
        let mut stream = TcpStream::connect(address).expect("a connection");
        let head = format!(
            "POST /mcp HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 10485761\r\n{more}\r\n"
        );
        stream.write_all(head.as_bytes()).expect("a head");
        let timeout = Some(std::time::Duration::from_secs(5));
        stream.set_read_timeout(timeout).expect("a timeout");
        let mut reply = [0; 12];
        stream.read_exact(&mut reply).expect("a reply in time");
        assert_eq!(&reply, b"HTTP/1.1 413");
        stream
    };
    rejected("");
    let mut rest = String::new();
    let mut stream = rejected("Expect: 100-continue\r\n");
    stream.read_to_string(&mut rest).expect("an end");
    assert!(rest.contains("larger than 10 MiB"), "{rest}");
}

#[tokio::test]
async fn health_needs_no_token_and_no_other_setting() {
    let mut server = HttpServer::sandbox(&[]);
    let port = server.base.rsplit(':').next().expect("a port").to_owned();
    for path in ["health", "ready"] {
        let reply = server.client.get(format!("{}/{path}", server.base)).send().await;
        assert_eq!(json_of(reply.expect("a reply")).await["ok"], true, "{path}");
    }
    let url = format!("http://127.0.0.1:{port}/health");
    let check = |settings: &[(&str, &str)]| {
        let mut command = command(&["health"], settings);
        let output = command.env_remove("AUTOTASK_HTTP_TOKEN").output().expect("it runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let settings = [
        ("AUTOTASK_HTTP_PORT", port.as_str()),
        ("AUTOTASK_HTTP_TOKEN", "short"),
        ("AUTOTASK_TOOLS", "no-such-tool"),
        ("AUTOTASK_SECRET", "${SECRET}"),
    ];
    assert_eq!(check(&settings), (Some(0), String::new()));
    let platform = [("AUTOTASK_HTTP_PORT", ""), ("PORT", port.as_str())];
    assert_eq!(check(&platform), (Some(0), String::new()));
    assert_eq!(check(&[("AUTOTASK_HTTP_PORT", "x")]).0, Some(2));
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
    let (code, report) = check(&settings);
    assert_eq!(code, Some(1));
    assert!(
        report.contains(&format!("unhealthy: GET {url} failed: Connection refused")),
        "{report}"
    );
}

#[test]
fn invalid_settings_stop_the_server() {
    let rows = [
        (vec![("AUTOTASK_HTTP_TOKEN", "")], "AUTOTASK_HTTP_TOKEN accepts"),
        (vec![("AUTOTASK_HTTP_TOKEN", "short")], "AUTOTASK_HTTP_TOKEN accepts"),
        (vec![("AUTOTASK_HTTP_TOKENS_FILE", "/no/such/file")], "AUTOTASK_HTTP_TOKENS_FILE accepts"),
        (vec![("AUTOTASK_ALLOWED_HOSTS", "https://x")], "AUTOTASK_ALLOWED_HOSTS accepts"),
        (vec![("AUTOTASK_ALLOWED_HOSTS", "*.example.com")], "AUTOTASK_ALLOWED_HOSTS accepts"),
        (vec![("AUTOTASK_ALLOWED_HOSTS", ",")], "AUTOTASK_ALLOWED_HOSTS accepts"),
        (
            vec![("AUTOTASK_ALLOWED_ORIGINS", "https://*.example.com")],
            "AUTOTASK_ALLOWED_ORIGINS accepts",
        ),
        (
            vec![("AUTOTASK_HTTP_TLS_CERT", "/no/c"), ("AUTOTASK_HTTP_TLS_KEY", "/no/k")],
            "AUTOTASK_HTTP_TLS_CERT accepts",
        ),
        (vec![("AUTOTASK_HTTP_HOST", "192.0.2.1")], "AUTOTASK_HTTP_HOST accepts"),
        (vec![("AUTOTASK_HTTP_HOST", "::g")], "AUTOTASK_HTTP_HOST accepts"),
    ];
    for (settings, line) in rows {
        let output = command(&["--sandbox"], &settings).output().expect("it runs");
        assert_eq!(output.status.code(), Some(2), "{settings:?}");
        let printed = String::from_utf8_lossy(&output.stderr);
        assert!(printed.starts_with(line) && printed.lines().count() == 1, "{printed}");
    }
}

#[tokio::test]
async fn an_address_in_use_is_reported() {
    let server = HttpServer::sandbox(&[]);
    let port = server.base.rsplit(':').next().expect("a port");
    let output = command(&["--sandbox"], &[("AUTOTASK_HTTP_PORT", port)]).output();
    let output = output.expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(printed.contains("in use") && printed.contains(port), "{printed}");
}

const FILE_TOKENS: [&str; 2] = ["first_token_of_the_file", "second_token_of_the_file"];

/// A tenant that echoes the tokens of the file: as its version, and in an error of every other reply.
fn echo_of_tokens() -> Upstream {
    Upstream::open(|request| async move {
        let echo = FILE_TOKENS.join(" and ");
        let path = request.uri().path().to_lowercase();
        match path.rsplit('/').next() {
            Some("thresholdinformation") => threshold(),
            Some("versioninformation" | "version") => {
                ok_reply(json!({ "version": echo }).to_string())
            }
            _ => {
                let mut reply = ok_reply(json!({ "errors": [echo] }).to_string());
                *reply.status_mut() = StatusCode::CONFLICT;
                reply
            }
        }
    })
}

/// Tokens appear neither in responses and errors, nor in the log and the audit log.
#[tokio::test]
async fn tokens_of_the_file_are_redacted_also_after_a_reload() {
    let upstream = echo_of_tokens();
    let zone = format!("http://{}/ATServicesRest/", upstream.address());
    let file = |name: &str| {
        let path = std::env::temp_dir().join(format!("autotask-{name}-{}", std::process::id()));
        path.to_str().expect("a path").to_owned()
    };
    let (tokens, audit) = (file("echoed-tokens"), file("echoed-audit"));
    let write_token = |token: &str| {
        std::fs::write(&tokens, format!("client {token} full\n")).expect("a file of tokens");
    };
    write_token(FILE_TOKENS[0]);
    let server = HttpServer::start(
        &[],
        &[
            ("AUTOTASK_USERNAME", "api@example.test"),
            ("AUTOTASK_SECRET", SECRET),
            ("AUTOTASK_INTEGRATION_CODE", CODE),
            ("AUTOTASK_API_URL", &zone),
            ("AUTOTASK_HTTP_TOKENS_FILE", &tokens),
            ("AUTOTASK_AUDIT_LOG", &audit),
            ("AUTOTASK_LOG", "info,rmcp::service=trace"),
        ],
    );
    for token in FILE_TOKENS {
        if token != FILE_TOKENS[0] {
            write_token(token);
            server.signal("HUP");
            while !server.log().contains("Reloaded") {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        }
        // The log is complete up to the reload.
        let logged_before = server.log().len();
        for (tool, arguments) in [
            ("get-version", json!({})),
            ("search-tickets", json!({ "fields": "id" })),
            ("update-ticket", json!({ "id": 8107, token: token })),
        ] {
            let reply = server.post_as(token, &call(tool, &arguments)).send().await;
            let reply = json_of(reply.expect("a reply")).await.to_string();
            assert!(reply.contains("[redacted]") && !reply.contains(token), "{reply}");
        }
        let log = server.log().split_off(logged_before);
        assert!(log.contains("[redacted]") && !log.contains(token), "{log}");
        let audit = std::fs::read_to_string(&audit).expect("the audit log");
        assert!(audit.contains("update-ticket") && !audit.contains(token), "{audit}");
    }
    std::fs::remove_file(tokens).expect("the file");
    std::fs::remove_file(audit).expect("the file");
}

/// Over HTTP, an older client cannot be asked, even if it declares elicitation, and must not wait for a reply.
#[tokio::test]
async fn an_older_client_needs_a_code_in_elicit_mode() {
    let server = HttpServer::sandbox(&[("AUTOTASK_CONFIRM_MODE", "elicit")]);
    let mut message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
        "name": "update-ticket", "arguments": { "id": 8107, "priority": 1 } } });
    message["params"]["_meta"] =
        json!({ "io.modelcontextprotocol/clientCapabilities": { "elicitation": {} } });
    let post = server.post(&message).header("MCP-Protocol-Version", "2025-11-25");
    let reply = json_of(post.send().await.expect("a reply")).await;
    let accepted = &reply["result"]["structuredContent"]["error"]["accepted"];
    assert!(
        accepted.as_str().is_some_and(|text| text.contains("UPDATE_TICKET:")),
        "a code: {reply}"
    );
}
