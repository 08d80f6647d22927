//! Grouped counts over many records: few values are counted by Autotask, many are counted by reading the records.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use crate::support;

use autotask_sandbox::{BASE_URL, INTEGRATION_CODE, SECRET, USERNAME};
use http::Request;
use serde_json::{Value, json};
use support::Harness;

/// Adds notes to a ticket directly in the sandbox.
fn fill(harness: &Harness, notes: usize) {
    let note = json!({ "title": "x", "description": "x", "noteType": 3, "publish": 2 });
    for _ in 0..notes {
        let request = Request::post(format!("{BASE_URL}V1.0/Tickets/8107/Notes"))
            .header("ApiIntegrationCode", INTEGRATION_CODE)
            .header("UserName", USERNAME)
            .header("Secret", SECRET)
            .header("Content-Type", "application/json")
            .body(note.to_string().into());
        let reply = harness.sandbox.handle(request.expect("a request"));
        assert_eq!(reply.status(), 200);
    }
}

#[test]
fn few_values_are_counted_by_autotask_and_many_by_reading() {
    let mut harness = Harness::new();
    let grouped = |harness: &Harness, by: &str| {
        let query = json!([{ "op": "gte", "field": "id", "value": 0 }]);
        let arguments = json!({ "entity": "TicketNotes", "query": query, "groupBy": by });
        harness.json("count-entity", &arguments)
    };
    let sum = |response: &Value| {
        let groups = response["groups"].as_array().expect("groups").iter();
        groups.map(|group| group["count"].as_u64().expect("a count")).sum::<u64>()
    };
    fill(&harness, 2_100);
    harness.requests();
    let few = grouped(&harness, "publish");
    let requests = harness.requests();
    let counts = requests.iter().filter(|request| request.ends_with("/query/count"));
    assert_eq!(few["requests"], 5, "the total, three values and no value: {few}");
    assert_eq!(counts.count(), 5, "{requests:?}");
    assert_eq!(few["groups"][0]["publish_label"], "Internal Project Team");
    assert_eq!(few["queryCount"].as_u64(), Some(sum(&few)), "{few}");

    let many = grouped(&harness, "creatorResourceID");
    let pages = few["queryCount"].as_u64().expect("a count").div_ceil(500);
    assert_eq!(many["requests"], pages + 1, "{many}");
    assert_eq!(many["queryCount"].as_u64(), Some(sum(&many)), "{many}");
}
