//! The built program over standard input and output: older and newer clients, invalid input, shutdown, exit codes.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]
#![expect(clippy::too_many_lines, reason = "a table of cases")]

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use autotask_mcp::tools::Tool;
use serde_json::{Value, json};

/// A running program that speaks MCP over standard input and output.
pub struct Session {
    process: Child,
    output: BufReader<ChildStdout>,
}

fn command(arguments: &[&str], settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_autotask-mcp"));
    command.env_clear().args(arguments).envs(settings.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    command(arguments, settings).stdin(Stdio::null()).output().expect("the program runs")
}

impl Session {
    pub fn start(arguments: &[&str], settings: &[(&str, &str)]) -> Self {
        let mut process = command(arguments, settings).spawn().expect("the program starts");
        let output = BufReader::new(process.stdout.take().expect("its output"));
        Self { process, output }
    }

    /// A session after `initialize` of an older client.
    fn initialized() -> Self {
        let mut session = Self::start(&["--sandbox"], &[]);
        let hello = session.request(&json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": "2024-11-05", "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } } }));
        assert_eq!(hello["result"]["protocolVersion"], "2024-11-05");
        assert_eq!(hello["result"]["serverInfo"]["name"], "autotask-mcp");
        assert_eq!(hello["result"]["serverInfo"]["version"], env!("CARGO_PKG_VERSION"));
        session
    }

    fn send(&mut self, line: &[u8]) {
        let input = self.process.stdin.as_mut().expect("its input");
        input.write_all(line).and_then(|()| input.write_all(b"\n")).expect("the program reads");
    }

    pub fn request(&mut self, message: &Value) -> Value {
        self.send(message.to_string().as_bytes());
        self.receive()
    }

    fn receive(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("a response");
        serde_json::from_str(&line).expect("only JSON on standard output")
    }

    /// Closes the input; returns the rest of the output and the exit code.
    fn end(mut self) -> (String, Option<i32>) {
        drop(self.process.stdin.take());
        self.rest()
    }

    fn rest(mut self) -> (String, Option<i32>) {
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).expect("its output");
        (rest, self.process.wait().expect("the program exits").code())
    }
}

fn call(id: u32, tool: &str, arguments: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": { "name": tool, "arguments": arguments } })
}

#[test]
fn older_clients_list_call_and_read() {
    let mut session = Session::initialized();
    session.send(br#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
    let listed = session.request(&json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" }));
    assert_eq!(listed["result"]["tools"].as_array().map(Vec::len), Some(Tool::ALL.len()));
    let response = session.request(&call(2, "get-ticket", &json!({ "id": 8107, "fields": "id" })));
    assert_eq!(
        response["result"]["content"][0]["text"],
        "{\"item\":{\"id\":8107},\"link\":\"https://ww14.autotask.net/Mvc/ServiceDesk/TicketDetail.mvc?TicketId=8107\"}"
    );
    assert!(response["result"].get("structuredContent").is_none(), "a success has no second copy");
    let rejection = session.request(&call(3, "get-ticket", &json!({ "id": -1 })));
    assert_eq!(rejection["result"]["isError"], true);
    assert_eq!(rejection["result"]["structuredContent"]["error"]["code"], "bad-argument");
    let read = session.request(&json!({ "jsonrpc": "2.0", "id": 4, "method": "resources/read", "params": { "uri": "autotask://companies/0" } }));
    assert!(
        read["result"]["contents"][0]["text"]
            .as_str()
            .is_some_and(|text| text.contains("Tidewater"))
    );
    assert_eq!(session.end(), (String::new(), Some(0)));
}

#[test]
fn progress_is_sent_before_the_response_if_requested() {
    let mut session = Session::initialized();
    let query = json!([{ "op": "gte", "field": "id", "value": 0 }]);
    let arguments = json!({ "entity": "Tickets", "query": query, "groupBy": "status" });
    let mut message = call(1, "count-entity", &arguments);
    let silent = session.request(&message);
    assert_eq!(silent["id"], 1, "{silent}");
    message["params"]["_meta"] = json!({ "progressToken": "t-1" });
    let response = session.request(&message);
    assert_eq!(response["method"], "notifications/progress", "{response}");
    assert_eq!(response["params"]["progressToken"], "t-1");
    assert_eq!(response["params"]["progress"], response["params"]["total"]);
    assert_eq!(session.receive()["id"], 1);
    assert_eq!(session.end(), (String::new(), Some(0)));
}

#[test]
fn newer_clients_discover_and_call_without_a_handshake() {
    let meta = json!({ "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {} });
    let mut session = Session::start(&["--sandbox"], &[]);
    let discovered = session.request(&json!({ "jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": { "_meta": meta } }));
    assert!(
        discovered["result"]["supportedVersions"]
            .as_array()
            .is_some_and(|all| all.contains(&"2026-07-28".into())),
        "{discovered}"
    );
    assert!(
        discovered["result"]["instructions"]
            .as_str()
            .is_some_and(|text| text.chars().count() <= 2048)
    );
    let mut message = call(2, "get-version", &json!({}));
    message["params"]["_meta"] = meta.clone();
    let called = session.request(&message);
    assert_eq!(called["result"]["resultType"], "complete");
    let list = |method: &str| json!({ "jsonrpc": "2.0", "id": 3, "method": method, "params": { "_meta": meta } });
    let mut read = list("resources/read");
    read["params"]["uri"] = "autotask://companies/0".into();
    let mut prompt = list("prompts/get");
    prompt["params"]["name"] = "ticket-brief".into();
    prompt["params"]["arguments"] = json!({ "ticket": "T20260305.0011" });
    let mut complete = list("completion/complete");
    complete["params"]["ref"] = json!({ "type": "ref/prompt", "name": "my-day" });
    complete["params"]["argument"] = json!({ "name": "resource", "value": "jon" });
    let lists = ["tools/list", "resources/list", "resources/templates/list", "prompts/list"];
    for method in lists {
        let response = session.request(&list(method));
        assert_eq!(response["result"]["ttlMs"], 300_000, "{response}");
        assert_eq!(response["result"]["cacheScope"], "private", "{response}");
    }
    let lists = lists.map(list);
    for message in lists.into_iter().chain([message, read, prompt, complete]) {
        let response = session.request(&message);
        let server = &response["result"]["_meta"]["io.modelcontextprotocol/serverInfo"];
        assert_eq!(server["name"], "autotask-mcp", "{response}");
    }
    assert_eq!(session.end().1, Some(0));
}

/// Requests of an older client for prompts and completions.
#[test]
fn prompts_are_listed_returned_and_completed() {
    let mut session = Session::initialized();
    let mut ask = |method: &str, params: Value| {
        session.request(&json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }))
    };
    let listed = ask("prompts/list", json!({}));
    let listed = listed["result"]["prompts"].as_array().cloned();
    let listed = listed.expect("a list");
    assert_eq!(listed.len(), 9);
    for prompt in &listed {
        let arguments = prompt["arguments"].as_array().cloned().unwrap_or_default();
        let name = prompt["name"].as_str().expect("a name");
        assert!(prompt["title"].is_string() && prompt["description"].is_string());
        let values: serde_json::Map<_, _> = arguments
            .iter()
            .inspect(|argument| assert_eq!(argument["required"], true, "{name}"))
            .map(|argument| {
                let name = argument["name"].as_str().expect("a name");
                let value = match name {
                    "day" | "from" => "today",
                    "month" => "2026-05",
                    "days" => "90",
                    _ => "x",
                };
                (name.to_owned(), value.into())
            })
            .collect();
        let response = ask("prompts/get", json!({ "name": name, "arguments": values }));
        let message = &response["result"]["messages"][0];
        assert_eq!(message["role"], "user", "{response}");
        assert!(message["content"]["text"].is_string(), "{response}");
        for argument in arguments {
            let reference = json!({ "type": "ref/prompt", "name": name });
            let prefix = json!({ "name": argument["name"], "value": "t" });
            let params = json!({ "ref": reference, "argument": prefix });
            let response = ask("completion/complete", params);
            let values = &response["result"]["completion"]["values"];
            let is_record = ["ticket", "company", "resource"]
                .contains(&argument["name"].as_str().unwrap_or(""));
            assert!(
                !is_record || values.as_array().is_some_and(|all| !all.is_empty()),
                "{response}"
            );
        }
    }
    let template = |uri: &str, name: &str| json!({ "ref": { "type": "ref/resource", "uri": uri }, "argument": { "name": name, "value": "t" } });
    let prompt = |name: &str| json!({ "ref": { "type": "ref/prompt", "name": name }, "argument": { "name": "ticket", "value": "t" } });
    let invalid = [
        ("prompts/list", json!({ "cursor": "x" })),
        ("prompts/list", json!(5)),
        ("prompts/get", json!({})),
        ("prompts/get", json!({ "name": 5 })),
        ("prompts/get", json!({ "name": "no-such-prompt" })),
        ("prompts/get", json!({ "name": "ticket-brief", "arguments": [] })),
        ("prompts/get", json!({ "name": "ticket-brief", "arguments": {} })),
        ("completion/complete", json!({})),
        ("completion/complete", prompt("no-such-prompt")),
        ("completion/complete", prompt("my-day")),
        ("completion/complete", template("autotask://threshold", "id")),
        ("completion/complete", template("autotask://tickets/{id}", "no")),
        (
            "completion/complete",
            json!({ "ref": { "type": "ref/tool" }, "argument": { "name": "a", "value": "b" } }),
        ),
        ("completion/complete", json!({ "ref": { "type": "ref/prompt", "name": "my-day" } })),
    ];
    for (method, params) in invalid {
        let response = ask(method, params.clone());
        assert_eq!(response["error"]["code"], -32602, "{method} {params}: {response}");
    }
    assert_eq!(session.end(), (String::new(), Some(0)));
}

fn contact(id: u32) -> Value {
    call(id, "create-contact", &json!({ "companyID": 412, "firstName": "Ada", "lastName": "Ebb" }))
}

const ELICIT: [(&str, &str); 1] = [("AUTOTASK_CONFIRM_MODE", "elicit")];

/// The user is asked during the call: only an approval writes, and a client without elicitation gets a code.
#[test]
fn older_clients_ask_the_user_during_the_call() {
    let rows = [
        (json!({ "elicitation": {} }), Some("accept"), "{\"itemId\""),
        (
            json!({ "elicitation": {} }),
            Some("decline"),
            "confirm-required: Not written: the user declined",
        ),
        (
            json!({ "elicitation": {} }),
            Some("cancel"),
            "confirm-required: Not written: the user closed",
        ),
        (
            json!({ "elicitation": { "url": {} } }),
            None,
            "confirm-required: Preview only; nothing was written.",
        ),
        (json!({}), None, "confirm-required: Preview only; nothing was written."),
    ];
    for (capabilities, action, expected) in rows {
        let mut session = Session::start(&["--sandbox"], &ELICIT);
        session.request(&json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": "2025-06-18", "capabilities": capabilities, "clientInfo": { "name": "t", "version": "1" } } }));
        session.send(br#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
        let mut received = session.request(&contact(1));
        if let Some(action) = action {
            assert_eq!(received["method"], "elicitation/create", "{received}");
            let text = received["params"]["message"].as_str().unwrap_or_default();
            assert!(
                text.contains("Create Contact (\"Ada Ebb\"") && text.contains("\"Ada\""),
                "{text}"
            );
            received = session.request(&json!({ "jsonrpc": "2.0", "id": received["id"], "result": { "action": action, "content": { "confirm": true } } }));
        }
        let text = received["result"]["content"][0]["text"].as_str().unwrap_or_default();
        assert!(text.starts_with(expected), "{capabilities} {action:?}: {received}");
        assert_eq!(session.end().1, Some(0));
    }
}

/// At the end of input, a pending elicitation is cancelled and its call gets a response.
#[test]
fn the_end_of_input_cancels_an_elicitation() {
    let mut session = Session::start(&["--sandbox"], &ELICIT);
    session.request(&json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": { "elicitation": {} }, "clientInfo": { "name": "t", "version": "1" } } }));
    session.send(br#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
    assert_eq!(session.request(&contact(1))["method"], "elicitation/create");
    let started = std::time::Instant::now();
    let (rest, code) = session.end();
    assert!(rest.contains("confirm-required: Not written"), "{rest}");
    assert_eq!(code, Some(0));
    assert!(started.elapsed().as_secs() < 5);
}

/// The client repeats the call with the user's response; the server keeps no state, and accepts a response once.
#[test]
fn newer_clients_repeat_the_call_with_the_response() {
    let meta = |capabilities: Value| json!({ "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": capabilities });
    let with_elicitation = || meta(json!({ "elicitation": { "form": {} } }));
    let mut session = Session::start(&["--sandbox"], &ELICIT);
    let mut repeated = |id: u32, change: &dyn Fn(&mut Value)| {
        let mut message = contact(id);
        message["params"]["_meta"] = with_elicitation();
        change(&mut message["params"]);
        session.request(&message)["result"].clone()
    };
    let call = repeated(1, &|_| {});
    assert_eq!(call["resultType"], "input_required", "{call}");
    assert_eq!(call["inputRequests"]["confirm"]["method"], "elicitation/create");
    let respond = |params: &mut Value, action: &str| {
        params["requestState"] = call["requestState"].clone();
        params["inputResponses"] =
            json!({ "confirm": { "action": action, "content": { "confirm": true } } });
    };
    let text =
        |result: &Value| result["content"][0]["text"].as_str().unwrap_or_default().to_owned();
    let other = repeated(2, &|params| {
        respond(params, "accept");
        params["arguments"]["firstName"] = "Eda".into();
    });
    assert!(text(&other).starts_with("confirm-mismatch"), "{other}");
    let declined = repeated(3, &|params| respond(params, "decline"));
    assert!(text(&declined).contains("the user declined"), "{declined}");
    let forged = repeated(4, &|params| {
        respond(params, "accept");
        params["requestState"] = "AAAAAAAAAAAAAAAAAAAAAAAA".into();
    });
    assert!(text(&forged).starts_with("confirm-mismatch"), "{forged}");
    let late = repeated(5, &|params| respond(params, "accept"));
    assert!(text(&late).starts_with("confirm-mismatch"), "{late}");
    let call = repeated(8, &|_| {});
    let respond = |params: &mut Value, action: &str| {
        respond(params, action);
        params["requestState"] = call["requestState"].clone();
    };
    let written = repeated(9, &|params| respond(params, "accept"));
    assert!(text(&written).starts_with("{\"itemId\""), "{written}");
    let twice = repeated(6, &|params| {
        respond(params, "accept");
        params["arguments"]["allowDuplicate"] = true.into();
    });
    assert!(text(&twice).starts_with("confirm-mismatch"), "{twice}");
    let unable = repeated(7, &|params| {
        params["_meta"] = meta(json!({}));
        params["arguments"]["firstName"] = "Eda".into();
    });
    assert!(text(&unable).contains("CREATE_CONTACT:"), "{unable}");
    assert_eq!(session.end().1, Some(0));
}

#[test]
fn invalid_messages_get_errors() {
    let deep = format!("{}1{}", "[".repeat(1000), "]".repeat(1000));
    let rows: [(&[u8], i64, Value); 17] = [
        (b"not json", -32700, Value::Null),
        (b"{\"jsonrpc\":\"2.0\",\"id\":1", -32700, Value::Null),
        (b"\xff\xfe", -32700, Value::Null),
        (b"[]", -32600, Value::Null),
        (b"{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}", -32600, Value::Null),
        (b"{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"notifications/initialized\"}", -32600, Value::Null),
        (b"{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"no/such\"}", -32601, json!(2)),
        (b"{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"tools/call\",\"params\":5}", -32602, json!(3)),
        (b"{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"tools/call\",\"params\":{\"name\":\"nope\"}}", -32602, json!(4)),
        (br#"{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"\ud800"}}"#, -32700, json!(5)),
        (br#"{"jsonrpc":"2.0","id":5,"method":"\ud800"}"#, -32700, Value::Null),
        (b"{\"jsonrpc\":\"2.0\",\"id\":6,\"method\":\"tools/call\",\"params\":{\"name\":\"\xff\"}}", -32700, json!(6)),
        (br#"{"id":7,"method":"ping"}"#, -32600, json!(7)),
        (br#"{"jsonrpc":"1.0","id":8,"method":"ping"}"#, -32600, json!(8)),
        (br#"{"jsonrpc":"2.0","id":9,"method":"prompts/list","params":[]}"#, -32602, json!(9)),
        (br#"{"jsonrpc":"2.0","id":10,"method":"initialize"}"#, -32602, json!(10)),
        (br#"{"jsonrpc":"2.0","id":11,"method":"initialize","params":{}}"#, -32602, json!(11)),
    ];
    let mut session = Session::initialized();
    for (line, code, id) in rows {
        session.send(line);
        let rejection = session.receive();
        assert_eq!(
            (&rejection["error"]["code"], &rejection["id"]),
            (&json!(code), &id),
            "{rejection}"
        );
    }
    session.send(
        format!("{{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"tools/call\",\"params\":{deep}}}")
            .as_bytes(),
    );
    let rejection = session.receive();
    let deep = "The message is nested too deeply.";
    assert_eq!((&rejection["error"]["message"], &rejection["id"]), (&json!(deep), &json!(5)));
    let million = session.request(&call(
        6,
        "search-tickets",
        &json!({ "titleContains": "x".repeat(1_000_000) }),
    ));
    let text = million["result"]["content"][0]["text"].as_str().unwrap_or_default();
    assert!(!text.is_empty() && text.len() < 400, "{}", text.len());
    session.send(b"");
    session.send(br#"{"jsonrpc":"2.0","method":"window/logMessage","params":{}}"#);
    let alive = session.request(&json!({ "jsonrpc": "2.0", "id": 7, "method": "ping" }));
    assert_eq!(alive["id"], 7);
    assert_eq!(session.end(), (String::new(), Some(0)));
}

/// Some clients encode `arguments` as JSON text, once or twice; `""` means no arguments.
#[test]
fn arguments_may_be_json_text() {
    let once = json!({ "id": 8107, "fields": "id" }).to_string();
    let twice = Value::from(once.clone()).to_string();
    let meta = json!({ "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {} });
    for (mut session, meta) in
        [(Session::initialized(), None), (Session::start(&["--sandbox"], &[]), Some(meta))]
    {
        for (arguments, expected) in
            [(&once, "\"id\":8107"), (&twice, "\"id\":8107"), (&String::new(), "missing-field")]
        {
            let mut message = call(1, "get-ticket", &arguments.as_str().into());
            message["params"]["_meta"] = meta.clone().unwrap_or_else(|| json!({}));
            let response = session.request(&message);
            let text = response["result"]["content"][0]["text"].as_str().unwrap_or_default();
            assert!(text.contains(expected), "{response}");
        }
        for invalid in ["[5]", "5", "id=5"] {
            let rejected = session.request(&call(2, "get-ticket", &invalid.into()));
            assert_eq!(rejected["error"]["code"], -32602, "{rejected}");
        }
    }
}

/// Without an error response, the client would wait forever.
#[test]
fn a_too_long_message_gets_an_error_with_its_id() {
    let data = "A".repeat(28_000_000);
    let params = format!(r#""params":{{"name":"x","arguments":{{"id":1,"data":"{data}"}}}}"#);
    let mut session = Session::initialized();
    for (line, id) in [
        (format!(r#"{{"jsonrpc":"2.0","id":7,"method":"tools/call",{params}}}"#), 7),
        (format!(r#"{{"method":"tools/call",{params},"jsonrpc":"2.0","id":8}}"#), 8),
    ] {
        session.send(line.as_bytes());
        let rejected = session.receive();
        assert_eq!(rejected["id"], id, "{rejected}");
        let message = rejected["error"]["message"].as_str().unwrap_or_default();
        assert!(message.contains("16 MiB") && message.contains("6,000,000"), "{rejected}");
    }
    assert_eq!(session.request(&json!({ "jsonrpc": "2.0", "id": 9, "method": "ping" }))["id"], 9);
}

#[test]
fn calls_in_flight_at_the_end_of_input_get_responses() {
    let mut session = Session::initialized();
    for id in 1..=20 {
        session
            .send(call(id, "search-tickets", &json!({ "maxRecords": 50 })).to_string().as_bytes());
    }
    let (rest, code) = session.end();
    assert_eq!((rest.lines().count(), code), (20, Some(0)));
}

#[test]
fn sigterm_ends_the_program_with_exit_code_zero() {
    let session = Session::initialized();
    let id = session.process.id().to_string();
    let sent = Command::new("kill").args(["-TERM", &id]).status().expect("kill");
    assert!(sent.success());
    assert_eq!(session.rest(), (String::new(), Some(0)));
}

/// Log rotation may send SIGHUP; the program continues.
#[test]
fn sighup_does_not_end_the_program() {
    let mut session = Session::initialized();
    let id = session.process.id().to_string();
    let sent = Command::new("kill").args(["-HUP", &id]).status();
    assert!(sent.expect("kill").success());
    let alive = session.request(&json!({ "jsonrpc": "2.0", "id": 7, "method": "ping" }));
    assert_eq!(alive["id"], 7);
    assert_eq!(session.end().1, Some(0));
}

#[test]
fn empty_input_is_not_a_failure() {
    assert_eq!(run(&["--sandbox"], &[]).status.code(), Some(0));
    assert_eq!(run(&[], &[]).status.code(), Some(0));
}

#[test]
fn exit_codes_report_success_and_failure() {
    type Row = (
        &'static [&'static str],
        &'static [(&'static str, &'static str)],
        i32,
        &'static str,
        &'static str,
    );
    let rows: [Row; 14] = [
        (
            &["call", "get-ticket", r#"{"id":8107,"fields":"id"}"#, "--sandbox"],
            &[],
            0,
            "{\"item\":{\"id\":8107},\"link\":\"https://ww14.autotask.net/Mvc/ServiceDesk/TicketDetail.mvc?TicketId=8107\"}\n",
            "",
        ),
        (&["--sandbox", "call", "get-ticket", r#"{"id":1}"#], &[], 1, "not-found", ""),
        (&["--sandbox", "call", "nope"], &[], 1, "", "Unknown tool: nope"),
        (&["--sandbox", "call", "get-ticket", "5"], &[], 1, "", "bad-argument"),
        (&["call", "get-version"], &[], 1, "not-configured: Not set: AUTOTASK_USERNAME", ""),
        (&["tools"], &[("AUTOTASK_READ_ONLY", "yes")], 0, "list-known-entities", ""),
        (&["tools"], &[("AUTOTASK_READ_ONLY", "ture")], 2, "", "AUTOTASK_READ_ONLY"),
        (&["tools"], &[("AUTOTASK_TOOLS", "tickets,contcats")], 2, "", "did you mean contacts?"),
        (&["doctor"], &[], 1, "AUTOTASK_SECRET", ""),
        (&["--sandbox", "doctor"], &[], 0, "a tool call would work", ""),
        (
            &["--sandbox", "doctor"],
            &[("AUTOTASK_TOOLS", "-generic,-tickets,-companies,-contacts,-projects,-time")],
            1,
            "a tool call would fail",
            "",
        ),
        (
            &["--sandbox", "doctor"],
            &[("AUTOTASK_TOOLS", "get-ticket")],
            0,
            "disabled: no write tools enabled",
            "",
        ),
        (
            &[
                "--sandbox",
                "call",
                "update-ticket",
                r#"{"id":8107,"priority":1,"confirm":"UPDATE_TICKET:x"}"#,
            ],
            &[("AUTOTASK_CONFIRM_MODE", "bound")],
            1,
            "no confirmation code is accepted here.\nAccepted: the user's approval in a terminal",
            "",
        ),
        (
            &["--sandbox", "doctor", "--schema"],
            &[],
            0,
            "the same as the built-in schema of 232 entities",
            "",
        ),
    ];
    for (arguments, settings, code, out, err) in rows {
        let output = run(arguments, settings);
        let (printed, response) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let what = format!("{arguments:?} {settings:?}: {printed} {response}");
        assert_eq!(output.status.code(), Some(code), "{what}");
        assert!(printed.contains(out) && response.contains(err), "{what}");
    }
}

/// Without credentials everything but calls works; the error of a call names the missing variable.
#[test]
fn lists_need_no_credentials() {
    let mut session = Session::start(&[], &[]);
    session.request(&json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } } }));
    let listed = session.request(&json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" }));
    assert_eq!(listed["result"]["tools"].as_array().map(Vec::len), Some(Tool::ALL.len()));
    let listed = session.request(&json!({ "jsonrpc": "2.0", "id": 1, "method": "prompts/list" }));
    let prompts = listed["result"]["prompts"].as_array().map(Vec::len);
    assert_eq!(prompts, Some(9));
    for (uri, argument, count) in [("schema/{entity}", "entity", 5), ("companies/{id}", "id", 0)] {
        let reference = json!({ "type": "ref/resource", "uri": format!("autotask://{uri}") });
        let argument = json!({ "name": argument, "value": "ticketnote" });
        let params = json!({ "ref": reference, "argument": argument });
        let response = session.request(&json!({ "jsonrpc": "2.0", "id": 1, "method": "completion/complete", "params": params }));
        let values = response["result"]["completion"]["values"].as_array();
        assert_eq!(values.map(Vec::len), Some(count), "{response}");
    }
    let described =
        session.request(&call(2, "describe-entity-fields", &json!({ "entity": "Roles" })));
    let text = described["result"]["content"][0]["text"].as_str().unwrap_or_default();
    assert!(text.contains("\"source\":\"schema\"") && text.contains("not-configured"), "{text}");
    let called = session.request(&call(3, "get-version", &json!({})));
    assert_eq!(called["result"]["structuredContent"]["error"]["code"], "not-configured");
    assert_eq!(session.end().1, Some(0));
}

/// If the client does not respond to elicitations, the number of pending calls is limited.
#[test]
fn too_many_pending_calls_are_rejected() {
    let mut session = Session::start(&["--sandbox"], &[("AUTOTASK_CONFIRM_MODE", "elicit")]);
    session.request(&json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": { "elicitation": {} }, "clientInfo": { "name": "t", "version": "1" } } }));
    session.send(br#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
    for id in 1..=1_025 {
        let arguments = json!({ "id": 8107, "priority": 1 });
        session.send(call(id, "update-ticket", &arguments).to_string().as_bytes());
    }
    let rejected =
        std::iter::repeat_with(|| session.receive()).find(|message| message.get("error").is_some());
    assert!(
        rejected.is_some_and(
            |message| message["id"] == 1_025 && message.to_string().contains("Too many")
        )
    );
}

/// A client that reads no responses uses a bounded amount of memory, and does not delay the exit.
#[cfg(target_os = "linux")]
#[test]
fn unread_responses_are_bounded_and_do_not_delay_the_exit() {
    let mut session = Session::initialized();
    let mut input = session.process.stdin.take().expect("its input");
    let (sender, sent) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
        // The write fails once the process exits.
        while writeln!(input, "{list}").is_ok() && sender.send(()).is_ok() {}
    });
    let stalls = std::time::Duration::from_secs(2);
    let mut requests = 0;
    while requests < 10_000 && sent.recv_timeout(stalls).is_ok() {
        requests += 1;
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", session.process.id()));
    let status = status.expect("its memory");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line");
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
    assert!(kilobytes < 300_000, "{kilobytes} kB");
    let started = std::time::Instant::now();
    let id = session.process.id().to_string();
    let killed = Command::new("kill").args(["-s", "TERM", &id]).status();
    assert!(killed.expect("kill runs").success());
    assert_eq!(session.process.wait().expect("it ends").code(), Some(0));
    assert!(started.elapsed().as_secs() < 12, "{:?}", started.elapsed());
}

#[test]
fn an_empty_cursor_is_the_first_page() {
    let mut session = Session::initialized();
    for (cursor, is_valid) in [(json!(""), true), (json!("x"), false)] {
        let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": { "cursor": cursor } });
        let listed = session.request(&list);
        assert_eq!(listed["result"]["tools"].is_array(), is_valid, "{listed}");
    }
}

#[test]
fn attachments_are_text_images_or_links() {
    let mut session = Session::start(&["--sandbox"], &[]);
    session.request(&json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } } }));
    let get = json!({ "entity": "TicketAttachments", "id": 640 });
    let image = session.request(&call(1, "get-entity", &get));
    let content = &image["result"]["content"];
    assert_eq!(content[1]["type"], "image", "{image}");
    assert_eq!(content[1]["mimeType"], "image/png", "{image}");
    assert!(!content[0].to_string().contains("iVBORw0K"), "no base64 in text: {image}");
    let read = json!({ "jsonrpc": "2.0", "id": 2, "method": "resources/read", "params": { "uri": "autotask://attachments/TicketAttachments/640" } });
    let read = session.request(&read);
    assert_eq!(read["result"]["contents"][0]["mimeType"], "image/png", "{read}");
    assert!(read["result"]["contents"][0]["blob"].is_string(), "{read}");
}
