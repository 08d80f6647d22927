//! Responses of Autotask, separated by lines of `----`, each with a status, headers, an empty line and a body.
//! `{{SECRET}}` in any part of a response is replaced by the secret.

use std::sync::atomic::{AtomicUsize, Ordering};

use autotask_mcp::client::backend::InProcessReply;
use autotask_sandbox::{SECRET, Sandbox};
use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::{Value, json};

use super::tenant::Tenant;

/// More than any call sends, even to lists that never end.
const MAX_REQUESTS: usize = 300;

/// For any responses, a call ends with a bounded response, and no write is repeated that may have happened.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data).replace("{{SECRET}}", SECRET);
    let replies: Vec<_> = text.split("----\n").filter_map(response).collect();
    if replies.is_empty() {
        return;
    }
    let may_resend = replies.iter().any(|reply| matches!(reply.status().as_u16(), 401 | 429));
    let calls = calls();
    let sum: usize = data.iter().map(|byte| usize::from(*byte)).sum();
    let (tool, arguments) = &calls[sum % calls.len()];
    let tenant = tenant(&replies);
    tenant.call(tool, arguments.as_object().cloned().unwrap_or_default());
    let (sent, writes) = (tenant.sent().len(), tenant.writes().len());
    assert!(sent <= MAX_REQUESTS, "{tool}: {sent} requests");
    assert!(may_resend || writes <= 1, "{tool}: {:?}", tenant.writes());
}

/// The nth request gets the nth response, and later requests the last one.
/// The zone and the threshold get valid responses, unless there is a single response.
fn tenant(replies: &[Response<Bytes>]) -> Tenant {
    let (replies, sandbox, count) = (replies.to_vec(), Sandbox::new(), AtomicUsize::new(0));
    Tenant::new(&[("AUTOTASK_CONFIRM_MODE", "token")], move |request: Request<Bytes>| {
        let path = request.uri().path();
        let is_service = path.contains("zoneInformation") || path.contains("ThresholdInformation");
        if is_service && replies.len() > 1 {
            return InProcessReply::Reply(sandbox.handle(request));
        }
        let number = count.fetch_add(1, Ordering::Relaxed).min(replies.len() - 1);
        match replies[number].status().as_u16() {
            599 if request.method() == Method::GET => InProcessReply::ConnectionLost,
            598 => InProcessReply::NoResponse,
            597 => InProcessReply::ConnectionLost,
            _ => InProcessReply::Reply(replies[number].clone()),
        }
    })
}

fn response(text: &str) -> Option<Response<Bytes>> {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let mut response = Response::builder().status(lines.next()?.trim().parse::<u16>().ok()?);
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        response = response.header(name.trim(), value.trim());
    }
    response.body(Bytes::copy_from_slice(body.as_bytes())).ok()
}

/// The calls; the sum of an input's bytes selects one.
fn calls() -> [(&'static str, Value); 8] {
    let contact = json!({ "companyID": 412, "firstName": "Ada", "lastName": "Ebb", "confirm": "CREATE_CONTACT" });
    let query = json!({ "filter": [{ "op": "contains", "field": "itemName", "value": "a" }] });
    [
        ("get-ticket", json!({ "id": 8107, "include": ["notes"] })),
        ("search-tickets", json!({ "companyID": "Tidewater", "openOnly": true })),
        (
            "query-entity",
            json!({ "entity": "TicketChecklistItems", "parentEntity": "Tickets", "parentId": 8107, "query": query }),
        ),
        (
            "count-entity",
            json!({ "entity": "Tickets", "query": [{ "op": "gt", "field": "id", "value": 0 }], "groupBy": ["status"] }),
        ),
        ("describe-entity-fields", json!({ "entity": "Tickets" })),
        ("create-contact", contact),
        ("update-ticket", json!({ "id": 8107, "priority": 1, "confirm": "UPDATE_TICKET" })),
        ("get-threshold-information", json!({})),
    ]
}
