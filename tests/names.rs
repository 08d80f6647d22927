//! The cost of names and labels: requests, response sizes, and faults of the lookups.

use crate::support;

use std::time::Duration;

use autotask_sandbox::{BASE_URL, Fault, INTEGRATION_CODE, SECRET, SchemaOverride, USERNAME};
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};
use support::Harness;

/// The requests, without those for the zone and the threshold.
fn sent_requests(harness: &mut Harness) -> Vec<String> {
    let is_overhead = |request: &String| {
        request.contains("zoneInformation") || request.contains("ThresholdInformation")
    };
    let mut requests = harness.requests();
    requests.retain(|request| !is_overhead(request));
    requests
}

fn pass(harness: &Harness, seconds: u64) {
    let pause = Duration::from_secs(seconds);
    harness.runtime.block_on(async { tokio::time::sleep(pause).await });
}

fn search() -> Value {
    json!({ "openOnly": true, "maxRecords": 500 })
}

#[test]
fn labels_cost_one_query_per_entity_and_none_once_cached() {
    let mut harness = Harness::new();
    harness.call("get-version", "{}");
    sent_requests(&mut harness);
    let page = harness.json("search-tickets", &search());
    assert!(page["count"].as_u64() > Some(20), "{page}");
    let cold = sent_requests(&mut harness);
    let count = |end: &str| cold.iter().filter(|request| request.ends_with(end)).count();
    assert_eq!(count("entityInformation/fields"), 1, "{cold:?}");
    assert_eq!(cold.len() - 1, 1 + 2, "tickets; companies, resources: {cold:?}");
    for entity in ["Tickets", "Companies", "Resources"] {
        assert_eq!(count(&format!("{entity}/query")), 1, "{cold:?}");
    }
    assert_eq!(harness.json("search-tickets", &search()), page);
    assert_eq!(sent_requests(&mut harness).len(), 1, "labels are cached");
    pass(&harness, 901);
    harness.json("search-tickets", &search());
    assert_eq!(sent_requests(&mut harness).len(), 4, "labels are cached for 15 minutes");
}

#[test]
fn a_label_costs_no_request_once_the_picklists_are_cached() {
    let mut harness = Harness::new();
    harness.json("describe-entity-fields", &json!({ "entity": "Tickets" }));
    sent_requests(&mut harness);
    let query = |value: Value| json!({ "entity": "Tickets", "query": [{ "op": "eq", "field": "status", "value": value }] });
    let named = harness.json("count-entity", &query(json!("In Progress")));
    let by_name = sent_requests(&mut harness);
    let counted = harness.json("count-entity", &query(json!(8)));
    assert_eq!(by_name, sent_requests(&mut harness), "the same requests");
    assert_eq!(named["queryCount"], counted["queryCount"]);
}

#[test]
fn without_metadata_codes_are_returned_and_required() {
    for fault in [Fault::Truncated, Fault::NotJson, Fault::ValidationError] {
        let mut harness = Harness::new();
        harness.call("get-version", "{}");
        let faults = std::iter::repeat_n(Some(fault.clone()), 8);
        harness.sandbox.queue_faults(std::iter::once(None).chain(faults));
        let arguments = json!({ "maxRecords": 1, "fields": "id,status" });
        let page = harness.json("search-tickets", &arguments);
        assert!(page["items"][0]["status"].is_i64(), "{fault:?}: {page}");
        assert!(page["items"][0]["status_label"].is_null(), "{fault:?}: {page}");
        let warning = page["warnings"][0].as_str().unwrap_or_default();
        assert!(warning.contains("showing codes only"), "{fault:?}: {page}");
        sent_requests(&mut harness);
        let named = harness.json("search-tickets", &json!({ "status": "New" }));
        assert_eq!(sent_requests(&mut harness).len(), 0, "the failure is cached");
        let next = named["error"]["next"].as_str().unwrap_or_default();
        assert!(next.contains("give status as a code"), "{fault:?}: {named}");
        harness.sandbox.clear_faults();
        pass(&harness, 61);
        let repeated = harness.json("search-tickets", &json!({ "status": "New", "maxRecords": 1 }));
        assert_eq!(repeated["items"][0]["status_label"], "New", "{fault:?}: {repeated}");
    }
}

#[test]
fn ids_are_returned_if_names_cannot_be_read() {
    let harness = Harness::new();
    harness.json("describe-entity-fields", &json!({ "entity": "Tickets" }));
    harness.sandbox.queue_faults([None, Some(Fault::ValidationError)]);
    let arguments = json!({ "maxRecords": 1, "fields": "id,companyID" });
    let page = harness.json("search-tickets", &arguments);
    assert!(page["items"][0]["companyID"].is_i64(), "{page}");
    let warning = page["warnings"][0].as_str().unwrap_or_default();
    assert!(warning.contains("Names of Companies are not available"), "{page}");
}

#[test]
fn a_ticket_is_returned_without_lists_that_cannot_be_read() {
    let harness = Harness::new();
    harness.call("get-version", "{}");
    harness.sandbox.queue_faults([None, None, Some(Fault::ValidationError)]);
    let arguments = json!({ "id": 8107, "include": "notes,timeEntries" });
    let response = harness.json("get-ticket", &arguments);
    assert_eq!(response["item"]["id"], 8107, "{response}");
    let (notes, entries) = (response["notes"].is_array(), response["timeEntries"].is_array());
    assert!(notes != entries, "{response}");
    let warning = response["warnings"][0].as_str().unwrap_or_default();
    assert!(warning.ends_with("could not be read (rejected) and are left out."), "{response}");
}

#[test]
fn a_udf_label_that_cannot_be_checked_is_a_warning() {
    let harness = Harness::new();
    harness.call("get-version", "{}");
    harness.sandbox.queue_faults([Some(Fault::ValidationError)]);
    let clause = json!({ "op": "eq", "field": "Escalation Level", "udf": true, "value": "None" });
    let query = json!({ "entity": "Tickets", "query": [clause] });
    let response = harness.json("count-entity", &query);
    let warning = response["warnings"][0].as_str().unwrap_or_default();
    assert!(warning.contains("could not be read (rejected)"), "{response}");
}

/// An API user that may not read roles can still pass the id of one.
#[test]
fn a_role_that_cannot_be_looked_up_is_required_as_an_id() {
    let mut harness = Harness::new();
    harness.json("describe-entity-fields", &json!({ "entity": "Tickets" }));
    let mut ticket = json!({ "title": "x", "companyID": 412, "status": 1, "priority": 1, "queueID": 8, "assignedResourceID": 3002 });
    harness.sandbox.queue_faults([Some(Fault::PermissionDenied)]);
    let response = harness.json("create-ticket", &ticket);
    let error = &response["error"];
    assert_eq!(error["code"], "missing-field", "{response}");
    let message = "assignedResourceRoleID is missing, and the API user may not read ResourceRoles.";
    assert_eq!(error["message"], message);
    assert_eq!(error["accepted"], "assignedResourceRoleID: the number of a role");
    ticket["assignedResourceRoleID"] = 501.into();
    sent_requests(&mut harness);
    harness.sandbox.queue_faults([Some(Fault::PermissionDenied)]);
    let preview = harness.json("create-ticket", &ticket);
    assert_eq!(preview["error"]["code"], "confirm-required", "{preview}");
    assert_eq!(sent_requests(&mut harness)[0].rsplit('/').nth(1), Some("ResourceRoles"));
}

/// The call that the error suggests works.
#[test]
fn an_unknown_name_suggests_a_search_for_similar_ones() {
    let harness = Harness::new();
    let response = harness.json("search-tickets", &json!({ "companyID": "Marow Bakery" }));
    let next = response["error"]["next"].as_str().unwrap_or_default();
    let call = next.strip_prefix("query-entity ").unwrap_or_default();
    let end = call.rfind('}').unwrap_or_default();
    let call: Value = serde_json::from_str(call.get(..=end).unwrap_or_default()).expect("a call");
    let found = harness.json("query-entity", &call);
    assert_eq!(found["items"][0]["companyName"], "Marrow Bakery", "{found}");
}

#[test]
fn a_label_lookup_at_the_threshold_reports_the_threshold() {
    let harness = Harness::new();
    harness.sandbox.queue_faults([None, Some(Fault::ThresholdExceeded)]);
    let response = harness.json("search-tickets", &json!({ "status": "New" }));
    assert_eq!(response["error"]["code"], "threshold-reached", "{response}");
    let next = response["error"]["next"].as_str().unwrap_or_default();
    assert!(next.starts_with("Wait "), "{response}");
}

#[test]
fn a_missing_picklist_is_not_an_empty_picklist() {
    for (values, code) in [(Value::Null, "upstream-unavailable"), (json!([]), "no-such-name")] {
        let harness = Harness::new();
        harness.sandbox.override_schema(SchemaOverride::set_field(
            "Tickets",
            "status",
            "picklistValues",
            values,
        ));
        let response = harness.json("search-tickets", &json!({ "status": "New" }));
        assert_eq!(response["error"]["code"], code, "{response}");
    }
}

#[test]
fn unusual_names_are_handled() {
    let mut harness = Harness::new();
    harness.json("describe-entity-fields", &json!({ "entity": "Tickets" }));
    sent_requests(&mut harness);
    for (name, code) in [
        ("x".repeat(10_000), "bad-argument"),
        ("x".repeat(201), "bad-argument"),
        (String::new(), ""),
        ("\u{200b}\u{202e}".to_owned(), ""),
        ("🦀".to_owned(), "no-such-name"),
        ("שלום".to_owned(), "no-such-name"),
        ("New\u{200b}".to_owned(), ""),
        ("\"}]}".to_owned(), "bad-argument"),
    ] {
        let response = harness.json("search-tickets", &json!({ "status": name, "maxRecords": 1 }));
        let found = response["error"]["code"].as_str().unwrap_or_default();
        assert_eq!(found, code, "{name:?}: {response}");
        assert!(response.to_string().len() < 2_000, "{response}");
    }
}

/// All tickets of the sandbox.
const TICKETS: u16 = 300;

/// Compares the size of a page with Autotask's JSON of the same page.
#[test]
fn pages_are_small() {
    let harness = Harness::with([("AUTOTASK_MAX_ANSWER_CHARS", "2000000")]);
    let raw = |tickets: u16| {
        let body = json!({ "filter": [{ "op": "gte", "field": "id", "value": 0 }], "MaxRecords": tickets });
        let request = Request::post(format!("{BASE_URL}V1.0/Tickets/query"))
            .header("ApiIntegrationCode", INTEGRATION_CODE)
            .header("UserName", USERNAME)
            .header("Secret", SECRET)
            .header("Content-Type", "application/json")
            .body(Bytes::from(body.to_string()));
        let page = harness.sandbox.handle(request.expect("a request"));
        String::from_utf8_lossy(page.body()).chars().count()
    };
    let response = |fields: &str| {
        let arguments = json!({ "maxRecords": TICKETS, "fields": fields });
        let page = harness.json("search-tickets", &arguments);
        assert_eq!(page["count"], TICKETS);
        page.to_string().chars().count()
    };
    let default = harness.json("search-tickets", &json!({ "maxRecords": TICKETS }));
    let default = default.to_string().chars().count();
    println!("{TICKETS} tickets: {} raw, {} all, {default} default", raw(TICKETS), response("*"));
    assert!(
        response("*") * 3 <= raw(TICKETS) * 2,
        "all fields: {} of {}",
        response("*"),
        raw(TICKETS)
    );
    assert!(default * 5 <= raw(TICKETS), "default fields: {default} of {}", raw(TICKETS));
}

/// The names of one call are looked up in one query; names that it does not resolve cost a query each.
#[test]
fn several_names_cost_one_query() {
    let count = |names: &Value| {
        let clause = json!({ "op": "in", "field": "companyID", "value": names });
        json!({ "entity": "Tickets", "query": [clause] })
    };
    for (names, companies, response) in [
        (json!(["Marrow Bakery"]), 1, "1 name"),
        (json!(["Northwind", "marrow", 0, "Quill & Sons"]), 1, "3 names"),
        (json!(["Northwind", "Marow Bakery"]), 3, "one is unknown, and the closest is suggested"),
        (json!(["Harbor Light", "Marrow Bakery"]), 2, "one is ambiguous"),
    ] {
        let mut harness = Harness::new();
        harness.call("get-version", "{}");
        sent_requests(&mut harness);
        let printed = harness.json("count-entity", &count(&names));
        let requests = sent_requests(&mut harness);
        let of_companies = requests.iter().filter(|r| r.ends_with("Companies/query"));
        assert_eq!(of_companies.count(), companies, "{response}: {printed}");
        let is_resolved = printed["queryCount"].as_u64().is_some_and(|count| count > 0);
        assert_eq!(is_resolved, companies == 1, "{response}: {printed}");
    }
    let two = json!({ "entity": "Tickets", "query": [
        { "op": "eq", "field": "companyID", "value": "Marrow Bakery" },
        { "op": "in", "field": "assignedResourceID", "value": ["Priya Nair", "holt, maren", "lena.marsh@tidewater.example.test"] },
    ] });
    let mut harness = Harness::new();
    harness.call("get-version", "{}");
    sent_requests(&mut harness);
    let first = harness.json("count-entity", &two);
    assert_eq!(sent_requests(&mut harness).len(), 3, "companies, resources, the count");
    let printed = harness.json("count-entity", &two);
    assert_eq!(sent_requests(&mut harness).len(), 1, "the names are cached");
    assert_eq!(first, printed);
    let to = printed["resolved"]["assignedResourceID"].as_array();
    let to: Vec<_> = to.into_iter().flatten().map(|name| name["to"].clone()).collect();
    assert_eq!(to, [3003, 3001, 3006]);
}

/// A filter joins at most 500 conditions; a person's name of two words takes six.
#[test]
fn many_names_are_looked_up_in_chunks() {
    let harness = Harness::new();
    harness.call("get-version", "{}");
    let names: Vec<_> = (0..250).map(|at| format!("Nobody N{at}")).collect();
    let clause = json!({ "op": "in", "field": "assignedResourceID", "value": names });
    let sent = harness.requests_with_bodies().len();
    harness.json("count-entity", &json!({ "entity": "Tickets", "query": [clause] }));
    let requests = harness.requests_with_bodies();
    let new = requests.iter().skip(sent);
    let sizes = new.map(|request| request.matches("beginsWith").count());
    let sizes: Vec<_> = sizes.filter(|size| *size > 0).take(4).collect();
    assert_eq!(sizes, [498, 498, 498, 6]);
}
