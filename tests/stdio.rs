//! The shipped binary over standard input and output: both eras, garbage, endings, exit codes.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]
#![expect(clippy::too_many_lines, reason = "a table of cases")]

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use autotask_mcp::tools::Tool;
use serde_json::{Value, json};

/// A running program that speaks MCP over standard input and output.
pub struct Talk {
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

impl Talk {
    pub fn begin(arguments: &[&str], settings: &[(&str, &str)]) -> Self {
        let mut process = command(arguments, settings).spawn().expect("the program starts");
        let output = BufReader::new(process.stdout.take().expect("its output"));
        Self { process, output }
    }

    /// The same after `initialize` of an older client.
    fn legacy() -> Self {
        let mut talk = Self::begin(&["--sandbox"], &[]);
        let hello = talk.ask(&json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": "2024-11-05", "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } } }));
        assert_eq!(hello["result"]["protocolVersion"], "2024-11-05");
        assert_eq!(hello["result"]["serverInfo"]["name"], "autotask-mcp");
        assert_eq!(hello["result"]["serverInfo"]["version"], env!("CARGO_PKG_VERSION"));
        talk
    }

    fn say(&mut self, line: &[u8]) {
        let input = self.process.stdin.as_mut().expect("its input");
        input.write_all(line).and_then(|()| input.write_all(b"\n")).expect("it reads");
    }

    pub fn ask(&mut self, message: &Value) -> Value {
        self.say(message.to_string().as_bytes());
        self.hear()
    }

    fn hear(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("it answers");
        serde_json::from_str(&line).expect("only JSON on standard output")
    }

    /// Closes the input; the rest of the output and the exit code.
    fn end(mut self) -> (String, Option<i32>) {
        drop(self.process.stdin.take());
        self.rest()
    }

    fn rest(mut self) -> (String, Option<i32>) {
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).expect("its output");
        (rest, self.process.wait().expect("it ends").code())
    }
}

fn call(id: u32, tool: &str, arguments: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": { "name": tool, "arguments": arguments } })
}

#[test]
fn older_clients_list_call_and_read() {
    let mut talk = Talk::legacy();
    talk.say(br#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
    let listed = talk.ask(&json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" }));
    assert_eq!(listed["result"]["tools"].as_array().map(Vec::len), Some(Tool::ALL.len()));
    let called = talk.ask(&call(2, "get-ticket", &json!({ "id": 8107, "fields": "id" })));
    assert_eq!(
        called["result"]["content"][0]["text"],
        "{\"item\":{\"id\":8107},\"link\":\"https://ww14.autotask.net/Mvc/ServiceDesk/TicketDetail.mvc?TicketId=8107\"}"
    );
    assert!(called["result"].get("structuredContent").is_none(), "a success is said once");
    let rejection = talk.ask(&call(3, "get-ticket", &json!({ "id": -1 })));
    assert_eq!(rejection["result"]["isError"], true);
    assert_eq!(rejection["result"]["structuredContent"]["error"]["code"], "bad-argument");
    let read = talk.ask(&json!({ "jsonrpc": "2.0", "id": 4, "method": "resources/read", "params": { "uri": "autotask://companies/0" } }));
    assert!(
        read["result"]["contents"][0]["text"]
            .as_str()
            .is_some_and(|text| text.contains("Tidewater"))
    );
    assert_eq!(talk.end(), (String::new(), Some(0)));
}

#[test]
fn progress_is_told_to_who_asks_and_before_the_answer() {
    let mut talk = Talk::legacy();
    let query = json!([{ "op": "gte", "field": "id", "value": 0 }]);
    let arguments = json!({ "entity": "Tickets", "query": query, "groupBy": "status" });
    let mut message = call(1, "count-entity", &arguments);
    let silent = talk.ask(&message);
    assert_eq!(silent["id"], 1, "{silent}");
    message["params"]["_meta"] = json!({ "progressToken": "t-1" });
    let response = talk.ask(&message);
    assert_eq!(response["method"], "notifications/progress", "{response}");
    assert_eq!(response["params"]["progressToken"], "t-1");
    assert_eq!(response["params"]["progress"], response["params"]["total"]);
    assert_eq!(talk.hear()["id"], 1);
    assert_eq!(talk.end(), (String::new(), Some(0)));
}

#[test]
fn newer_clients_discover_and_call_without_a_handshake() {
    let meta = json!({ "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {} });
    let mut talk = Talk::begin(&["--sandbox"], &[]);
    let found = talk.ask(&json!({ "jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": { "_meta": meta } }));
    assert!(
        found["result"]["supportedVersions"]
            .as_array()
            .is_some_and(|all| all.contains(&"2026-07-28".into())),
        "{found}"
    );
    assert!(
        found["result"]["instructions"].as_str().is_some_and(|text| text.chars().count() <= 2048)
    );
    let mut message = call(2, "get-version", &json!({}));
    message["params"]["_meta"] = meta.clone();
    let called = talk.ask(&message);
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
        let response = talk.ask(&list(method));
        assert_eq!(response["result"]["ttlMs"], 300_000, "{response}");
        assert_eq!(response["result"]["cacheScope"], "private", "{response}");
    }
    let lists = lists.map(list);
    for message in lists.into_iter().chain([message, read, prompt, complete]) {
        let response = talk.ask(&message);
        let me = &response["result"]["_meta"]["io.modelcontextprotocol/serverInfo"];
        assert_eq!(me["name"], "autotask-mcp", "{response}");
    }
    assert_eq!(talk.end().1, Some(0));
}

/// What a person picks and types ahead, as clients of the older protocol ask for it.
#[test]
fn prompts_are_listed_got_and_completed() {
    let mut talk = Talk::legacy();
    let mut ask = |method: &str, params: Value| {
        talk.ask(&json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }))
    };
    let listed = ask("prompts/list", json!({}));
    let listed = listed["result"]["prompts"].as_array().cloned();
    let listed = listed.expect("a list");
    assert_eq!(listed.len(), 9);
    for prompt in &listed {
        let arguments = prompt["arguments"].as_array().cloned().unwrap_or_default();
        let name = prompt["name"].as_str().expect("a name");
        assert!(prompt["title"].is_string() && prompt["description"].is_string());
        let given: serde_json::Map<_, _> = arguments
            .iter()
            .inspect(|one| assert_eq!(one["required"], true, "{name}"))
            .map(|one| {
                let name = one["name"].as_str().expect("a name");
                let value = match name {
                    "day" | "from" => "today",
                    "month" => "2026-05",
                    "days" => "90",
                    _ => "x",
                };
                (name.to_owned(), value.into())
            })
            .collect();
        let got = ask("prompts/get", json!({ "name": name, "arguments": given }));
        let message = &got["result"]["messages"][0];
        assert_eq!(message["role"], "user", "{got}");
        assert!(message["content"]["text"].is_string(), "{got}");
        for argument in arguments {
            let of = json!({ "type": "ref/prompt", "name": name });
            let prefix = json!({ "name": argument["name"], "value": "t" });
            let response = ask("completion/complete", json!({ "ref": of, "argument": prefix }));
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
    let rejection = [
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
    for (method, params) in rejection {
        let response = ask(method, params.clone());
        assert_eq!(response["error"]["code"], -32602, "{method} {params}: {response}");
    }
    assert_eq!(talk.end(), (String::new(), Some(0)));
}

fn contact(id: u32) -> Value {
    call(id, "create-contact", &json!({ "companyID": 412, "firstName": "Ada", "lastName": "Ebb" }))
}

const ELICIT: [(&str, &str); 1] = [("AUTOTASK_CONFIRM_MODE", "elicit")];

/// Asked while the call waits: yes writes, no does not, and a client that cannot ask gets a code.
#[test]
fn older_clients_ask_their_person() {
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
    for (able, action, expected) in rows {
        let mut talk = Talk::begin(&["--sandbox"], &ELICIT);
        talk.ask(&json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": "2025-06-18", "capabilities": able, "clientInfo": { "name": "t", "version": "1" } } }));
        talk.say(br#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
        let mut received = talk.ask(&contact(1));
        if let Some(action) = action {
            assert_eq!(received["method"], "elicitation/create", "{received}");
            let text = received["params"]["message"].as_str().unwrap_or_default();
            assert!(
                text.contains("Create Contact (\"Ada Ebb\"") && text.contains("\"Ada\""),
                "{text}"
            );
            received = talk.ask(&json!({ "jsonrpc": "2.0", "id": received["id"], "result": { "action": action, "content": { "confirm": true } } }));
        }
        let text = received["result"]["content"][0]["text"].as_str().unwrap_or_default();
        assert!(text.starts_with(expected), "{able} {action:?}: {received}");
        assert_eq!(talk.end().1, Some(0));
    }
}

/// A question that nobody can answer any more ends with the input, and the call is answered.
#[test]
fn a_question_ends_with_the_input() {
    let mut talk = Talk::begin(&["--sandbox"], &ELICIT);
    talk.ask(&json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": { "elicitation": {} }, "clientInfo": { "name": "t", "version": "1" } } }));
    talk.say(br#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
    assert_eq!(talk.ask(&contact(1))["method"], "elicitation/create");
    let began = std::time::Instant::now();
    let (rest, code) = talk.end();
    assert!(rest.contains("confirm-required: Not written"), "{rest}");
    assert_eq!(code, Some(0));
    assert!(began.elapsed().as_secs() < 5);
}

/// The same call is made again with the answer; nothing is kept meanwhile, and no answer is good twice.
#[test]
fn newer_clients_come_back_with_the_answer() {
    let meta = |able: Value| json!({ "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": able });
    let able = || meta(json!({ "elicitation": { "form": {} } }));
    let mut talk = Talk::begin(&["--sandbox"], &ELICIT);
    let mut again = |id: u32, change: &dyn Fn(&mut Value)| {
        let mut message = contact(id);
        message["params"]["_meta"] = able();
        change(&mut message["params"]);
        talk.ask(&message)["result"].clone()
    };
    let sent_request = again(1, &|_| {});
    assert_eq!(sent_request["resultType"], "input_required", "{sent_request}");
    assert_eq!(sent_request["inputRequests"]["confirm"]["method"], "elicitation/create");
    let answered = |params: &mut Value, action: &str| {
        params["requestState"] = sent_request["requestState"].clone();
        params["inputResponses"] =
            json!({ "confirm": { "action": action, "content": { "confirm": true } } });
    };
    let text =
        |result: &Value| result["content"][0]["text"].as_str().unwrap_or_default().to_owned();
    let other = again(2, &|params| {
        answered(params, "accept");
        params["arguments"]["firstName"] = "Eda".into();
    });
    assert!(text(&other).starts_with("confirm-mismatch"), "{other}");
    let declined = again(3, &|params| answered(params, "decline"));
    assert!(text(&declined).contains("the user declined"), "{declined}");
    let forged = again(4, &|params| {
        answered(params, "accept");
        params["requestState"] = "AAAAAAAAAAAAAAAAAAAAAAAA".into();
    });
    assert!(text(&forged).starts_with("confirm-mismatch"), "{forged}");
    let late = again(5, &|params| answered(params, "accept"));
    assert!(text(&late).starts_with("confirm-mismatch"), "{late}");
    let sent_request = again(8, &|_| {});
    let answered = |params: &mut Value, action: &str| {
        answered(params, action);
        params["requestState"] = sent_request["requestState"].clone();
    };
    let written = again(9, &|params| answered(params, "accept"));
    assert!(text(&written).starts_with("{\"itemId\""), "{written}");
    let twice = again(6, &|params| {
        answered(params, "accept");
        params["arguments"]["allowDuplicate"] = true.into();
    });
    assert!(text(&twice).starts_with("confirm-mismatch"), "{twice}");
    let unable = again(7, &|params| {
        params["_meta"] = meta(json!({}));
        params["arguments"]["firstName"] = "Eda".into();
    });
    assert!(text(&unable).contains("CREATE_CONTACT:"), "{unable}");
    assert_eq!(talk.end().1, Some(0));
}

#[test]
fn garbage_is_answered_and_survived() {
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
    let mut talk = Talk::legacy();
    for (line, code, id) in rows {
        talk.say(line);
        let rejection = talk.hear();
        assert_eq!(
            (&rejection["error"]["code"], &rejection["id"]),
            (&json!(code), &id),
            "{rejection}"
        );
    }
    talk.say(
        format!("{{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"tools/call\",\"params\":{deep}}}")
            .as_bytes(),
    );
    let rejection = talk.hear();
    let deep = "The message is nested too deeply.";
    assert_eq!((&rejection["error"]["message"], &rejection["id"]), (&json!(deep), &json!(5)));
    let million =
        talk.ask(&call(6, "search-tickets", &json!({ "titleContains": "x".repeat(1_000_000) })));
    let text = million["result"]["content"][0]["text"].as_str().unwrap_or_default();
    assert!(!text.is_empty() && text.len() < 400, "{}", text.len());
    talk.say(b"");
    talk.say(br#"{"jsonrpc":"2.0","method":"window/logMessage","params":{}}"#);
    let alive = talk.ask(&json!({ "jsonrpc": "2.0", "id": 7, "method": "ping" }));
    assert_eq!(alive["id"], 7);
    assert_eq!(talk.end(), (String::new(), Some(0)));
}

/// Some clients encode `arguments` as JSON text, once or twice; `""` is no arguments.
#[test]
fn arguments_may_be_json_text() {
    let once = json!({ "id": 8107, "fields": "id" }).to_string();
    let twice = Value::from(once.clone()).to_string();
    let meta = json!({ "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {} });
    for (mut talk, meta) in [(Talk::legacy(), None), (Talk::begin(&["--sandbox"], &[]), Some(meta))]
    {
        for (arguments, expected) in
            [(&once, "\"id\":8107"), (&twice, "\"id\":8107"), (&String::new(), "missing-field")]
        {
            let mut message = call(1, "get-ticket", &arguments.as_str().into());
            message["params"]["_meta"] = meta.clone().unwrap_or_else(|| json!({}));
            let answer = talk.ask(&message);
            let text = answer["result"]["content"][0]["text"].as_str().unwrap_or_default();
            assert!(text.contains(expected), "{answer}");
        }
        for invalid in ["[5]", "5", "id=5"] {
            let rejected = talk.ask(&call(2, "get-ticket", &invalid.into()));
            assert_eq!(rejected["error"]["code"], -32602, "{rejected}");
        }
    }
}

/// A client that waits for an answer to a message that was too long would wait forever.
#[test]
fn a_message_that_is_too_long_is_answered_with_its_id() {
    let data = "A".repeat(28_000_000);
    let params = format!(r#""params":{{"name":"x","arguments":{{"id":1,"data":"{data}"}}}}"#);
    let mut talk = Talk::legacy();
    for (line, id) in [
        (format!(r#"{{"jsonrpc":"2.0","id":7,"method":"tools/call",{params}}}"#), 7),
        (format!(r#"{{"method":"tools/call",{params},"jsonrpc":"2.0","id":8}}"#), 8),
    ] {
        talk.say(line.as_bytes());
        let rejected = talk.hear();
        assert_eq!(rejected["id"], id, "{rejected}");
        let message = rejected["error"]["message"].as_str().unwrap_or_default();
        assert!(message.contains("16 MiB") && message.contains("6,000,000"), "{rejected}");
    }
    assert_eq!(talk.ask(&json!({ "jsonrpc": "2.0", "id": 9, "method": "ping" }))["id"], 9);
}

#[test]
fn what_is_in_flight_at_the_end_of_input_is_answered() {
    let mut talk = Talk::legacy();
    for id in 1..=20 {
        talk.say(call(id, "search-tickets", &json!({ "maxRecords": 50 })).to_string().as_bytes());
    }
    let (rest, code) = talk.end();
    assert_eq!((rest.lines().count(), code), (20, Some(0)));
}

#[test]
fn a_signal_ends_it_with_zero() {
    let talk = Talk::legacy();
    let id = talk.process.id().to_string();
    let sent = Command::new("kill").args(["-TERM", &id]).status().expect("kill");
    assert!(sent.success());
    assert_eq!(talk.rest(), (String::new(), Some(0)));
}

/// Log rotation may send one; it is no reason to stop.
#[test]
fn a_hangup_ends_nothing() {
    let mut talk = Talk::legacy();
    let id = talk.process.id().to_string();
    let sent = Command::new("kill").args(["-HUP", &id]).status();
    assert!(sent.expect("kill").success());
    let alive = talk.ask(&json!({ "jsonrpc": "2.0", "id": 7, "method": "ping" }));
    assert_eq!(alive["id"], 7);
    assert_eq!(talk.end().1, Some(0));
}

#[test]
fn no_input_at_all_is_no_failure() {
    assert_eq!(run(&["--sandbox"], &[]).status.code(), Some(0));
    assert_eq!(run(&[], &[]).status.code(), Some(0));
}

#[test]
fn the_command_line_tells_by_its_exit_code() {
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
            "no drift from the 232 entities built in",
            "",
        ),
    ];
    for (arguments, settings, code, out, err) in rows {
        let ran = run(arguments, settings);
        let (printed, response) =
            (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        let what = format!("{arguments:?} {settings:?}: {printed} {response}");
        assert_eq!(ran.status.code(), Some(code), "{what}");
        assert!(printed.contains(out) && response.contains(err), "{what}");
    }
}

/// Without credentials everything but a call works, and the call says which variable is missing.
#[test]
fn listing_needs_no_credentials() {
    let mut talk = Talk::begin(&[], &[]);
    talk.ask(&json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } } }));
    let listed = talk.ask(&json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" }));
    assert_eq!(listed["result"]["tools"].as_array().map(Vec::len), Some(Tool::ALL.len()));
    let listed = talk.ask(&json!({ "jsonrpc": "2.0", "id": 1, "method": "prompts/list" }));
    let prompts = listed["result"]["prompts"].as_array().map(Vec::len);
    assert_eq!(prompts, Some(9));
    for (uri, argument, count) in [("schema/{entity}", "entity", 5), ("companies/{id}", "id", 0)] {
        let of = json!({ "type": "ref/resource", "uri": format!("autotask://{uri}") });
        let argument = json!({ "name": argument, "value": "ticketnote" });
        let params = json!({ "ref": of, "argument": argument });
        let response = talk.ask(&json!({ "jsonrpc": "2.0", "id": 1, "method": "completion/complete", "params": params }));
        let values = response["result"]["completion"]["values"].as_array();
        assert_eq!(values.map(Vec::len), Some(count), "{response}");
    }
    let known = talk.ask(&call(2, "describe-entity-fields", &json!({ "entity": "Roles" })));
    let text = known["result"]["content"][0]["text"].as_str().unwrap_or_default();
    assert!(text.contains("\"source\":\"schema\"") && text.contains("not-configured"), "{text}");
    let called = talk.ask(&call(3, "get-version", &json!({})));
    assert_eq!(called["result"]["structuredContent"]["error"]["code"], "not-configured");
    assert_eq!(talk.end().1, Some(0));
}

/// Requests that cannot be answered, because the client does not answer them, are rejected beyond a bound.
#[test]
fn requests_beyond_the_bound_are_rejected() {
    let mut talk = Talk::begin(&["--sandbox"], &[("AUTOTASK_CONFIRM_MODE", "elicit")]);
    talk.ask(&json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": { "elicitation": {} }, "clientInfo": { "name": "t", "version": "1" } } }));
    talk.say(br#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
    for id in 1..=1_025 {
        let arguments = json!({ "id": 8107, "priority": 1 });
        talk.say(call(id, "update-ticket", &arguments).to_string().as_bytes());
    }
    let rejected =
        std::iter::repeat_with(|| talk.hear()).find(|message| message.get("error").is_some());
    assert!(
        rejected.is_some_and(
            |message| message["id"] == 1_025 && message.to_string().contains("Too many")
        )
    );
}

/// A client that sends requests and reads no response costs a bounded amount of memory, and stops nothing.
#[cfg(target_os = "linux")]
#[test]
fn unread_responses_are_bounded_and_do_not_delay_the_end() {
    let mut talk = Talk::legacy();
    let mut input = talk.process.stdin.take().expect("its input");
    let (sender, sent) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
        // It ends with the process.
        while writeln!(input, "{list}").is_ok() && sender.send(()).is_ok() {}
    });
    let stalls = std::time::Duration::from_secs(2);
    let mut requests = 0;
    while requests < 10_000 && sent.recv_timeout(stalls).is_ok() {
        requests += 1;
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", talk.process.id()));
    let status = status.expect("its memory");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line");
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
    assert!(kilobytes < 300_000, "{kilobytes} kB");
    let began = std::time::Instant::now();
    let id = talk.process.id().to_string();
    let killed = Command::new("kill").args(["-s", "TERM", &id]).status();
    assert!(killed.expect("kill runs").success());
    assert_eq!(talk.process.wait().expect("it ends").code(), Some(0));
    assert!(began.elapsed().as_secs() < 12, "{:?}", began.elapsed());
}

#[test]
fn an_empty_cursor_is_no_cursor() {
    let mut talk = Talk::legacy();
    for (cursor, is_valid) in [(json!(""), true), (json!("x"), false)] {
        let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": { "cursor": cursor } });
        let listed = talk.ask(&list);
        assert_eq!(listed["result"]["tools"].is_array(), is_valid, "{listed}");
    }
}

#[test]
fn attachments_are_text_images_or_links() {
    let mut talk = Talk::begin(&["--sandbox"], &[]);
    talk.ask(&json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } } }));
    let get = json!({ "entity": "TicketAttachments", "id": 640 });
    let image = talk.ask(&call(1, "get-entity", &get));
    let content = &image["result"]["content"];
    assert_eq!(content[1]["type"], "image", "{image}");
    assert_eq!(content[1]["mimeType"], "image/png", "{image}");
    assert!(!content[0].to_string().contains("iVBORw0K"), "no base64 in text: {image}");
    let read = json!({ "jsonrpc": "2.0", "id": 2, "method": "resources/read", "params": { "uri": "autotask://attachments/TicketAttachments/640" } });
    let read = talk.ask(&read);
    assert_eq!(read["result"]["contents"][0]["mimeType"], "image/png", "{read}");
    assert!(read["result"]["contents"][0]["blob"].is_string(), "{read}");
}
