//! The shipped program over HTTP: who comes in, in both eras, and what is said to all others.
#![expect(clippy::too_many_lines, reason = "a table of cases")]

#[path = "support/http_server.rs"]
mod http_server;

use std::io::{Read, Write};
use std::net::TcpStream;

use http_server::{Served, TOKEN, call, command, json_of, text};
use reqwest::StatusCode;
use serde_json::{Value, json};

const TICKET: &str = "{\"item\":{\"id\":8107},\"link\":\"https://ww14.autotask.net/Mvc/ServiceDesk/TicketDetail.mvc?TicketId=8107\"}";

fn ticket() -> Value {
    call("get-ticket", &json!({ "id": 8107, "fields": "id" }))
}

#[tokio::test]
async fn older_clients_initialize_and_call() {
    let served = Served::sandbox(&[]);
    for version in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] {
        let hello = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": version, "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } } });
        let reply = served.post(&hello).send().await.expect("a reply");
        assert!(reply.headers().get("mcp-session-id").is_none(), "no sessions");
        assert_eq!(reply.headers()["content-type"], "application/json");
        let hello = json_of(reply).await;
        let offered = if version == "2025-03-26" { "2025-06-18" } else { version };
        assert_eq!(hello["result"]["protocolVersion"], offered);
        let version = offered;
        let note = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        let noted = served.post(&note).header("MCP-Protocol-Version", version);
        assert_eq!(noted.send().await.expect("a reply").status(), StatusCode::ACCEPTED);
        let called = served.post(&ticket()).header("MCP-Protocol-Version", version);
        let called = called.send().await.expect("a reply");
        assert_eq!(called.headers()["content-type"], "application/json");
        assert_eq!(text(&json_of(called).await), TICKET);
    }
}

#[tokio::test]
async fn newer_clients_discover_and_call() {
    let served = Served::sandbox(&[]);
    let found = served.modern("server/discover", json!({})).send().await;
    let found = json_of(found.expect("a reply")).await;
    let versions = found["result"]["supportedVersions"].as_array().cloned();
    assert!(versions.is_some_and(|all| all.contains(&"2026-07-28".into())), "{found}");
    let params = json!({ "name": "get-ticket", "arguments": { "id": 8107, "fields": "id" } });
    let called = served.modern("tools/call", params).send().await.expect("a reply");
    assert_eq!(called.headers()["content-type"], "application/json");
    let called = json_of(called).await;
    assert_eq!(called["result"]["resultType"], "complete");
    assert_eq!(text(&called), TICKET);
}

/// What a token leaves decides which prompts there are; both eras ask alike.
#[tokio::test]
async fn prompts_are_those_of_the_token() {
    let file = std::env::temp_dir().join(format!("autotask-prompts-{}", std::process::id()));
    std::fs::write(&file, "reader reader-horse-battery read-only\n").expect("a file of tokens");
    let path = file.to_str().expect("a path");
    let served = Served::sandbox(&[("AUTOTASK_HTTP_TOKENS_FILE", path)]);
    let message = |method: &str, params: Value| json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    for (token, count) in [(TOKEN, 9), ("reader-horse-battery", 8)] {
        let ask = async |method: &str, params: Value| {
            let post = served.post_as(token, &message(method, params));
            json_of(post.send().await.expect("a reply")).await
        };
        let listed = ask("prompts/list", json!({})).await;
        let prompts = listed["result"]["prompts"].as_array().map(Vec::len);
        assert_eq!(prompts, Some(count), "{listed}");
        let params = json!({ "name": "log-time", "arguments": { "ticket": "8107" } });
        let got = ask("prompts/get", params).await;
        assert_eq!(got["result"].is_object(), count == 9, "{got}");
        let of = json!({ "type": "ref/resource", "uri": "autotask://companies/{id}" });
        let params = json!({ "ref": of, "argument": { "name": "id", "value": "mar" } });
        let told = ask("completion/complete", params).await;
        let values = &told["result"]["completion"]["values"];
        assert_eq!(*values, json!(["Marrow Bakery"]), "{told}");
    }
    let listed = served.modern("prompts/list", json!({})).send().await;
    let listed = json_of(listed.expect("a reply")).await;
    assert_eq!(listed["result"]["prompts"].as_array().map(Vec::len), Some(9));
    let params = json!({ "name": "my-day", "arguments": { "resource": "Jonah Whitlock" } });
    let got = served.modern("prompts/get", params).send().await;
    let got = json_of(got.expect("a reply")).await;
    assert_eq!(got["result"]["resultType"], "complete", "{got}");
    let of = json!({ "type": "ref/prompt", "name": "my-day" });
    let params = json!({ "ref": of, "argument": { "name": "resource", "value": "jon" } });
    let told = served.modern("completion/complete", params).send().await;
    let told = json_of(told.expect("a reply")).await;
    assert_eq!(told["result"]["completion"]["values"][0], "Jonah Whitlock");
    std::fs::remove_file(file).expect("the file");
}

#[tokio::test]
async fn every_stranger_is_refused_in_json() {
    let served = Served::sandbox(&[]);
    let url = format!("{}/mcp", served.base);
    let post = || served.post(&ticket());
    let bare = |value: &str| {
        let post = served.client.post(&url).header("Content-Type", "application/json");
        post.header("Authorization", value).body(ticket().to_string())
    };
    let off_by_one = format!("Bearer {}X", TOKEN.get(..TOKEN.len() - 1).expect("letters"));
    let rows = [
        ("no token", served.client.post(&url).body("{}"), 401, -32600),
        ("another token", bare("Bearer wrong-horse-battery"), 401, -32600),
        ("the last byte differs", bare(&off_by_one), 401, -32600),
        ("a part of it", bare("Bearer correct-horse"), 401, -32600),
        ("an empty one", bare("Bearer "), 401, -32600),
        ("another scheme", bare(&format!("Basic {TOKEN}")), 401, -32600),
        ("two of them", post().header("Authorization", format!("Bearer {TOKEN}")), 401, -32600),
        ("a huge one", bare(&format!("Bearer {}", "x".repeat(9_000))), 401, -32600),
        ("a foreign page", post().header("Origin", "https://evil.example.com"), 403, -32600),
        ("a page without a name", post().header("Origin", "null"), 403, -32600),
        ("a rebound name", post().header("Host", "evil.example.com"), 403, -32600),
        ("a get", served.client.get(&url).bearer_auth(TOKEN), 405, -32600),
        ("a delete", served.client.delete(&url).bearer_auth(TOKEN), 405, -32600),
        (
            "another path",
            served.client.post(format!("{}/sse", served.base)).bearer_auth(TOKEN),
            404,
            -32600,
        ),
        ("a post to health", served.client.post(format!("{}/health", served.base)), 404, -32600),
        ("no JSON", post().body("{\"jsonrpc\":\"2.0\",\"id\""), 400, -32700),
        ("nothing", post().body(""), 400, -32700),
        ("no message", post().body("{\"a\":1}"), 400, -32600),
        ("a batch", post().body(format!("[{}]", ticket())), 400, -32600),
        ("too much", post().body(" ".repeat((1 << 20) + 1)), 413, -32600),
        ("far too much", post().body(" ".repeat(3 << 20)), 413, -32600),
    ];
    for (what, request, status, code) in rows {
        let reply = request.send().await.unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(reply.status().as_u16(), status, "{what}");
        let challenge = reply.headers().get("www-authenticate").cloned();
        let wanted = (status == 401).then_some("Bearer realm=\"autotask-mcp\"");
        assert_eq!(challenge.as_ref().and_then(|value| value.to_str().ok()), wanted, "{what}");
        let body = json_of(reply).await;
        assert_eq!(body["jsonrpc"], "2.0", "{what}");
        assert_eq!(body["error"]["code"], code, "{what}: {body}");
        assert!(!body.to_string().contains(TOKEN), "{what}");
    }
    assert!(!served.said().contains(TOKEN));
    assert_eq!(served.call("get-ticket", &json!({ "id": 8107, "fields": "id" })).await, TICKET);
}

/// A message that does not read is refused with its id, where it has one.
#[tokio::test]
async fn what_does_not_read_is_refused_with_its_id() {
    let rows = [
        (r#""jsonrpc":"2.0","id":1,"method":"prompts/list","params":[]"#, -32602, json!(1)),
        (r#""jsonrpc":"2.0","id":2,"method":"tools/call","params":5"#, -32602, json!(2)),
        (
            r#""jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"\ud800"}"#,
            -32700,
            json!(3),
        ),
        (r#""jsonrpc":"2.0","id":1,"method":"\ud800""#, -32700, Value::Null),
        (r#""id":4,"method":"ping""#, -32600, json!(4)),
        (r#""jsonrpc":"2.0","id":5,"method":"initialize""#, -32602, json!(5)),
        (r#""jsonrpc":"2.0","id":null,"method":"ping""#, -32600, Value::Null),
    ];
    let served = Served::sandbox(&[]);
    for (body, code, id) in rows {
        let post = served.post(&ticket()).body(format!("{{{body}}}"));
        let reply = post.send().await.expect("a reply");
        let status = reply.status().as_u16();
        let told = json_of(reply).await;
        assert_eq!((&told["error"]["code"], &told["id"]), (&json!(code), &id), "{body}: {told}");
        let handled = body.contains("initialize");
        let wanted = if handled { 200 } else { 400 };
        assert_eq!(status, wanted, "{body}: {told}");
    }
}

#[tokio::test]
async fn its_own_pages_and_listed_ones_come_in() {
    let served = Served::sandbox(&[
        ("AUTOTASK_ALLOWED_ORIGINS", "https://app.example.com"),
        ("AUTOTASK_ALLOWED_HOSTS", "mcp.example.com"),
    ]);
    for (name, value) in [
        ("Origin", served.base.as_str()),
        ("Origin", "https://app.example.com"),
        ("Host", "mcp.example.com"),
        ("Accept", "*/*"),
        ("Accept", "*/*;q=0.8"),
        ("Accept", "application/json, */*"),
        ("Accept", "application/json, text/plain, */*; q=0.1"),
    ] {
        let post = served.client.post(format!("{}/mcp", served.base));
        let post = post.bearer_auth(TOKEN).header("Content-Type", "application/json");
        let reply = post.header(name, value).body(ticket().to_string()).send().await;
        assert_eq!(text(&json_of(reply.expect("a reply")).await), TICKET, "{name}: {value}");
    }
    for few in ["application/json", "application/json, */*;q=0.0", "text/*"] {
        let post = served.client.post(format!("{}/mcp", served.base));
        let post = post.bearer_auth(TOKEN).header("Content-Type", "application/json");
        let reply = post.header("Accept", few).body(ticket().to_string()).send();
        assert_eq!(reply.await.expect("a reply").status(), 406, "{few}");
    }
}

#[test]
fn heads_that_do_not_read_are_refused_in_words() {
    let served = Served::sandbox(&[]);
    let address = served.base.trim_start_matches("http://");
    let post = |headers: &str| format!("POST /mcp HTTP/1.1\r\nHost: {address}\r\n{headers}\r\n");
    for (head, status) in [
        (post(&format!("X-Long: {}\r\n", "x".repeat(1 << 20))), "431"),
        (post(&"X-Many: 1\r\n".repeat(200)), "431"),
        (post("X Spaced: 1\r\n"), "400"),
        (post("X-Number\r\n"), "400"),
        ("what is this\r\n\r\n".to_owned(), "400"),
        ("GET /health HTTP/9.9\r\n\r\n".to_owned(), "400"),
    ] {
        let mut stream = TcpStream::connect(address).expect("a connection");
        stream.write_all(head.as_bytes()).expect("all is read");
        let mut reply = String::new();
        stream.read_to_string(&mut reply).expect("a whole reply");
        let start = head.get(..head.len().min(80)).unwrap_or_default();
        let (lines, body) = reply.split_once("\r\n\r\n").expect("a reply");
        assert!(lines.starts_with(&format!("HTTP/1.1 {status} ")), "{start}: {reply}");
        assert!(lines.contains("application/json"), "{start}: {reply}");
        let body: Value = serde_json::from_str(body).expect("JSON");
        assert_eq!(body["error"]["code"], -32600, "{start}: {reply}");
    }
}

#[test]
fn who_is_still_sending_hears_why_not() {
    let served = Served::sandbox(&[]);
    let address = served.base.trim_start_matches("http://");
    let body = vec![b'x'; 4 << 20];
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
async fn what_is_no_json_is_told_as_such() {
    let served = Served::sandbox(&[]);
    for (kind, body, status, code) in [
        ("application/json", b"{\"a\":\"\xff\"}".to_vec(), 400, -32700),
        ("application/json; charset=utf-8", b"{".to_vec(), 400, -32700),
        ("application/jsonx", ticket().to_string().into_bytes(), 415, -32600),
    ] {
        let post = served.client.post(format!("{}/mcp", served.base));
        let post = post.bearer_auth(TOKEN).header("Content-Type", kind);
        let reply = post.body(body).send().await.expect("a reply");
        assert_eq!(reply.status(), status, "{kind}");
        assert_eq!(json_of(reply).await["error"]["code"], code, "{kind}");
    }
}

#[test]
fn what_is_announced_as_too_large_is_refused_at_once() {
    let served = Served::sandbox(&[]);
    let address = served.base.trim_start_matches("http://");
    let refused = |more: &str| {
        let mut stream = TcpStream::connect(address).expect("a connection");
        let head = format!(
            "POST /mcp HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 1048577\r\n{more}\r\n"
        );
        stream.write_all(head.as_bytes()).expect("a head");
        let patience = Some(std::time::Duration::from_secs(5));
        stream.set_read_timeout(patience).expect("a timeout");
        let mut reply = [0; 12];
        stream.read_exact(&mut reply).expect("a reply in time");
        assert_eq!(&reply, b"HTTP/1.1 413");
        stream
    };
    refused("");
    let mut rest = String::new();
    let mut stream = refused("Expect: 100-continue\r\n");
    stream.read_to_string(&mut rest).expect("an end");
    assert!(rest.contains("larger than 1 MiB"), "{rest}");
}

#[tokio::test]
async fn health_is_open_and_the_program_asks_for_it() {
    let mut served = Served::sandbox(&[]);
    let port = served.base.rsplit(':').next().expect("a port").to_owned();
    for path in ["health", "ready"] {
        let reply = served.client.get(format!("{}/{path}", served.base)).send().await;
        assert_eq!(json_of(reply.expect("a reply")).await["ok"], true, "{path}");
    }
    let ask = || {
        let settings = [("AUTOTASK_HTTP_PORT", port.as_str())];
        command(&["health"], &settings).status().expect("it runs").code()
    };
    assert_eq!(ask(), Some(0));
    served.signal("TERM");
    assert_eq!(served.ended().code(), Some(0));
    assert_eq!(ask(), Some(1));
}

#[test]
fn without_a_token_the_door_stays_shut() {
    let rows = [
        (vec![("AUTOTASK_HTTP_TOKEN", "")], "AUTOTASK_HTTP_TOKEN takes"),
        (vec![("AUTOTASK_HTTP_TOKEN", "short")], "AUTOTASK_HTTP_TOKEN takes"),
        (vec![("AUTOTASK_HTTP_TOKENS_FILE", "/no/such/file")], "AUTOTASK_HTTP_TOKENS_FILE takes"),
        (vec![("AUTOTASK_ALLOWED_HOSTS", "https://x")], "AUTOTASK_ALLOWED_HOSTS takes"),
        (vec![("AUTOTASK_ALLOWED_HOSTS", "*.example.com")], "AUTOTASK_ALLOWED_HOSTS takes"),
        (vec![("AUTOTASK_ALLOWED_HOSTS", ",")], "AUTOTASK_ALLOWED_HOSTS takes"),
        (
            vec![("AUTOTASK_ALLOWED_ORIGINS", "https://*.example.com")],
            "AUTOTASK_ALLOWED_ORIGINS takes",
        ),
        (
            vec![("AUTOTASK_HTTP_TLS_CERT", "/no/c"), ("AUTOTASK_HTTP_TLS_KEY", "/no/k")],
            "AUTOTASK_HTTP_TLS_CERT takes",
        ),
        (vec![("AUTOTASK_HTTP_HOST", "192.0.2.1")], "AUTOTASK_HTTP_HOST takes"),
        (vec![("AUTOTASK_HTTP_HOST", "::g")], "AUTOTASK_HTTP_HOST takes"),
    ];
    for (settings, line) in rows {
        let output = command(&["--sandbox"], &settings).output().expect("it runs");
        assert_eq!(output.status.code(), Some(2), "{settings:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.starts_with(line) && said.lines().count() == 1, "{said}");
    }
}

#[tokio::test]
async fn an_address_in_use_is_said() {
    let served = Served::sandbox(&[]);
    let port = served.base.rsplit(':').next().expect("a port");
    let output = command(&["--sandbox"], &[("AUTOTASK_HTTP_PORT", port)]).output();
    let output = output.expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("in use") && said.contains(port), "{said}");
}
