//! Read-only cannot be talked around: whatever is called, nothing that changes data is sent.

mod room;

use autotask_mcp::schema::{Child, Entity};
use autotask_mcp::tools::{Kind, Tool};
use room::Room;
use serde_json::{Map, Value, json};

/// Values that a hostile or confused caller may send for an argument.
fn values(kind: Kind) -> Vec<Value> {
    match kind {
        Kind::Id | Kind::Ref => vec![json!(5101), json!("412"), json!(0), json!("../1/Approve")],
        Kind::Entity => vec![
            json!("Tickets"),
            json!("Approve"),
            json!("TimeOffRequestsApprove"),
            json!("TimeOffRequests/5101/Approve"),
            json!("tickets?x="),
        ],
        Kind::Object | Kind::Query => vec![
            json!({ "id": 8107, "title": "x", "filter": [{ "op": "eq", "field": "id", "value": 1 }] }),
            json!([{ "op": "eq", "field": "id", "value": 1 }]),
            json!("{\"filter\":[]}"),
        ],
        Kind::Ticket => vec![json!(8107), json!("8107/Approve"), json!("T20260305.0011")],
        _ => vec![json!(true), json!("x"), json!(1), json!("2026-01-01")],
    }
}

fn calls(tool: Tool) -> Vec<Value> {
    let longest = tool
        .arguments()
        .iter()
        .map(|a| values(a.kind).len())
        .max()
        .unwrap_or(1);
    let call = |turn: usize, only_required: bool| {
        let given = tool
            .arguments()
            .iter()
            .filter(|a| a.required || !only_required);
        let value = |kind| {
            values(kind)
                .into_iter()
                .cycle()
                .nth(turn)
                .unwrap_or_default()
        };
        let mut call: Map<_, _> = given.map(|a| (a.name.to_owned(), value(a.kind))).collect();
        call.extend(
            tool.token()
                .map(|token| ("confirm".to_owned(), token.into())),
        );
        Value::Object(call)
    };
    (0..longest)
        .flat_map(|turn| [call(turn, true), call(turn, false)])
        .collect()
}

/// The only methods and addresses a reading server may use.
fn only_reads(request: &str) -> bool {
    let (method, path) = request.split_once(' ').unwrap_or((request, ""));
    match method {
        "GET" => !path.to_lowercase().ends_with("/approve"),
        "POST" => path.ends_with("/query") || path.ends_with("/query/count"),
        _ => false,
    }
}

fn check(room: &mut Room, what: &str) {
    for request in room.requests() {
        assert!(only_reads(&request), "{what} sent {request}");
    }
}

#[test]
fn no_tool_with_any_arguments_writes() {
    let mut room = Room::with([("AUTOTASK_READ_ONLY", "true")]);
    for tool in Tool::ALL {
        for arguments in calls(tool) {
            let answer = room.answer(tool.name(), &arguments.to_string());
            let code = answer
                .and_then(|answer| answer.error)
                .map(|e| e["error"]["code"].clone());
            if tool.token().is_some() {
                assert_eq!(
                    code,
                    Some(json!("read-only")),
                    "{} {arguments}",
                    tool.name()
                );
            }
            check(&mut room, &format!("{} {arguments}", tool.name()));
        }
    }
}

/// Approving time off is a GET; no reading tool may come upon it.
#[test]
fn no_entity_is_written_by_reading_it() {
    let mut room = Room::with([("AUTOTASK_READ_ONLY", "true")]);
    for child in Child::all() {
        let place = json!({ "entity": child.name, "parentEntity": child.parent_name(), "parentId": 5101, "query": [], "id": 1 });
        for tool in [
            "query-entity",
            "count-entity",
            "get-entity",
            "describe-entity-fields",
        ] {
            let known: Vec<_> = Tool::find(tool)
                .expect("a tool")
                .arguments()
                .iter()
                .map(|a| a.name)
                .collect();
            let mut arguments = place.clone();
            if let Some(fields) = arguments.as_object_mut() {
                fields.retain(|name, _| known.contains(&name.as_str()));
            }
            room.answer(tool, &arguments.to_string());
            check(&mut room, &format!("{tool} {arguments}"));
        }
    }
    assert_eq!(Entity::ALL.len(), 232);
}
