//! Paging by cursor returns every record once, for any fields, response size and records added meanwhile.

use crate::support;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use support::Harness;

/// The items of all pages, with a ticket added after each of the first three pages.
fn walk(harness: &Harness, fields: &str, max: u64) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), None);
    for turn in 0.. {
        let mut query = json!({ "entity": "Tickets", "fields": fields,
            "query": { "filter": [{ "op": "gte", "field": "id", "value": 8001 }], "MaxRecords": max } });
        query["cursor"] = cursor.into();
        let page = harness.json("query-entity", &query);
        items.extend(page["items"].as_array().into_iter().flatten().cloned());
        assert_eq!(
            page["count"].as_u64(),
            page["items"].as_array().map(|items| items.len() as u64),
            "{page}"
        );
        if turn < 3 {
            let title = format!("Added {fields} {max} {turn}");
            let created = harness.json(
                "create-ticket",
                &json!({ "title": title, "companyID": 412, "status": 1,
                "priority": 2, "queueID": 8, "confirm": "CREATE_TICKET" }),
            );
            assert!(created["itemId"].is_u64(), "{created}");
        }
        match page["hasMore"] == true {
            true => cursor = page["cursor"].as_str().map(str::to_owned),
            false => return items,
        }
        assert!(cursor.is_some() && turn < 400, "{page}");
    }
    items
}

#[test]
fn every_record_is_returned_once() {
    for (fields, max, limit) in [
        ("id", 7, "40000"),
        ("ticketNumber", 100, "40000"),
        ("*", 500, "5000"),
        ("title,id", 50, "1000"),
    ] {
        let harness = Harness::with([("AUTOTASK_MAX_ANSWER_CHARS", limit)]);
        let items = walk(&harness, fields, max);
        let different: BTreeSet<_> = items.iter().map(Value::to_string).collect();
        assert_eq!(items.len(), 303, "{fields} {max} {limit}");
        if fields != "title,id" {
            assert_eq!(different.len(), 303, "{fields} {max} {limit}");
        }
    }
}

#[test]
fn responses_stay_within_the_limit() {
    for limit in [1_000_usize, 5_000, 40_000] {
        let text = limit.to_string();
        let harness = Harness::with([("AUTOTASK_MAX_ANSWER_CHARS", text.as_str())]);
        for (tool, arguments) in [
            ("search-tickets", "{\"maxRecords\":500,\"fields\":\"*\"}"),
            (
                "get-ticket",
                "{\"id\":8293,\"fields\":\"*\",\"include\":\"notes,timeEntries,attachments\"}",
            ),
            (
                "query-entity",
                "{\"entity\":\"Tickets\",\"query\":[{\"op\":\"eq\",\"field\":\"id\",\"value\":8293}]}",
            ),
        ] {
            let printed = harness.call(tool, arguments);
            assert!(
                printed.chars().count() <= limit,
                "{tool}: {} of {limit}",
                printed.chars().count()
            );
            assert!(serde_json::from_str::<Value>(&printed).is_ok(), "{tool}: {printed}");
        }
    }
}
