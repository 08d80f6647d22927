//! Read-only mode cannot be bypassed: no call sends a request that changes data.

use crate::support;

use autotask_mcp::catalog::{Child, Entity};
use autotask_mcp::tools::{ArgumentType, Tool};
use serde_json::{Map, Value, json};
use support::Harness;

/// Values that a hostile or confused caller may send for an argument.
fn values(kind: ArgumentType) -> Vec<Value> {
    match kind {
        ArgumentType::Id | ArgumentType::Ref => {
            vec![json!(5101), json!("412"), json!(0), json!("../1/Approve")]
        }
        ArgumentType::Entity => vec![
            json!("Tickets"),
            json!("Approve"),
            json!("TimeOffRequestsApprove"),
            json!("TimeOffRequests/5101/Approve"),
            json!("tickets?x="),
        ],
        ArgumentType::Object | ArgumentType::Query => vec![
            json!({ "id": 8107, "title": "x", "filter": [{ "op": "eq", "field": "id", "value": 1 }] }),
            json!([{ "op": "eq", "field": "id", "value": 1 }]),
            json!("{\"filter\":[]}"),
        ],
        ArgumentType::Ticket => vec![json!(8107), json!("8107/Approve"), json!("T20260305.0011")],
        _ => vec![json!(true), json!("x"), json!(1), json!("2026-01-01")],
    }
}

fn calls(tool: Tool) -> Vec<Value> {
    let longest = tool.arguments().iter().map(|a| values(a.kind).len()).max().unwrap_or(1);
    let call = |turn: usize, only_required: bool| {
        let used = tool.arguments().iter().filter(|a| a.required || !only_required);
        let value = |kind| values(kind).into_iter().cycle().nth(turn).unwrap_or_default();
        let mut call: Map<_, _> = used.map(|a| (a.name.to_owned(), value(a.kind))).collect();
        call.extend(tool.token().map(|token| ("confirm".to_owned(), token.into())));
        Value::Object(call)
    };
    (0..longest).flat_map(|turn| [call(turn, true), call(turn, false)]).collect()
}

/// Whether a request has a method and path that a read-only server may use.
fn is_read(request: &str) -> bool {
    let (method, path) = request.split_once(' ').unwrap_or((request, ""));
    match method {
        "GET" => !path.to_lowercase().ends_with("/approve"),
        "POST" => path.ends_with("/query") || path.ends_with("/query/count"),
        _ => false,
    }
}

/// Asserts that only reads were sent, and returns how many.
fn check(harness: &mut Harness, call: &str) -> usize {
    let sent = harness.requests();
    for request in &sent {
        assert!(is_read(request), "{call} sent {request}");
    }
    sent.len()
}

#[test]
fn no_tool_with_any_arguments_writes() {
    let mut harness = Harness::with([("AUTOTASK_READ_ONLY", "true")]);
    for tool in Tool::ALL {
        for arguments in calls(tool) {
            let response = harness.call_tool(tool.name(), &arguments.to_string());
            let code =
                response.and_then(|response| response.error).map(|e| e["error"]["code"].clone());
            if tool.token().is_some() {
                assert_eq!(code, Some(json!("read-only")), "{} {arguments}", tool.name());
            }
            check(&mut harness, &format!("{} {arguments}", tool.name()));
        }
    }
}

/// Hostile values for any argument.
fn hostile() -> Vec<Value> {
    let deep = (0..80).fold(json!(1), |inner, _| json!([inner]));
    vec![
        Value::Null,
        json!(false),
        json!(-1),
        json!(0),
        json!(9.5e300),
        json!(i64::MIN),
        json!(""),
        json!("5101/Approve"),
        json!("..%2f..%2fTimeOffRequests/5101/Approve"),
        json!("TimeOffRequests"),
        json!("Tickets\r\nPATCH /V1.0/Tickets"),
        json!("\u{202e}\u{0}x"),
        json!("x".repeat(10_000)),
        json!("DELETE_ENTITY"),
        json!({ "id": 8107, "title": "x" }),
        json!({ "filter": [{ "op": "exist", "field": "id" }], "MaxRecords": 1 }),
        json!({ "__proto__": {}, "confirm": "UPDATE_TICKET" }),
        json!("{\"filter\":[{\"op\":\"eq\",\"field\":\"id\",\"value\":8107}]}"),
        json!([[], {}, null]),
        deep,
    ]
}

/// A deterministic random number generator.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap_or_default() % sides
    }
}

#[test]
fn no_hostile_call_writes() {
    let mut harness = Harness::with([("AUTOTASK_READ_ONLY", "true")]);
    let (mut dice, hostile, mut sent) = (Dice(8107), hostile(), 0);
    for _ in 0..1500 {
        let tool = Tool::ALL[dice.roll(Tool::ALL.len())];
        let mut call = Map::new();
        for argument in tool.arguments() {
            let valid = values(argument.kind);
            let value = match dice.roll(4) {
                0 => continue,
                1 => valid[dice.roll(valid.len())].clone(),
                _ => hostile[dice.roll(hostile.len())].clone(),
            };
            call.insert(argument.name.to_owned(), value);
        }
        if dice.roll(8) == 0 {
            call.insert("method".into(), json!("PATCH"));
        }
        let call = Value::from(call).to_string();
        harness.call_tool(tool.name(), &call);
        let start: String = call.chars().take(300).collect();
        sent += check(&mut harness, &format!("{} {start}", tool.name()));
    }
    assert!(sent > 50, "only {sent} requests were sent");
}

#[test]
fn no_uri_writes() {
    let mut harness = Harness::with([("AUTOTASK_READ_ONLY", "true")]);
    for end in ["5101/Approve", "../TimeOffRequests/5101/Approve", "8107?x=1", "%2e%2e/x", "8107#x"]
    {
        for start in ["tickets", "companies", "contacts", "schema", "timeoffrequests"] {
            harness.read(&format!("autotask://{start}/{end}"));
            check(&mut harness, &format!("{start}/{end}"));
        }
    }
}

/// Approving time off is a GET; no read tool may send it.
#[test]
fn reading_an_entity_never_writes() {
    let mut harness = Harness::with([("AUTOTASK_READ_ONLY", "true")]);
    for child in Child::all() {
        let address = json!({ "entity": child.name, "parentEntity": child.parent_name(), "parentId": 5101, "query": [], "id": 1 });
        for tool in ["query-entity", "count-entity", "get-entity", "describe-entity-fields"] {
            let accepted: Vec<_> =
                Tool::find(tool).expect("a tool").arguments().iter().map(|a| a.name).collect();
            let mut arguments = address.clone();
            if let Some(fields) = arguments.as_object_mut() {
                fields.retain(|name, _| accepted.contains(&name.as_str()));
            }
            harness.call_tool(tool, &arguments.to_string());
            check(&mut harness, &format!("{tool} {arguments}"));
        }
    }
    assert_eq!(Entity::ALL.len(), 232);
}
