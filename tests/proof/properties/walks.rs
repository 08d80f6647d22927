//! Paging by cursor while records are added and deleted between the pages.

use std::collections::BTreeSet;

use autotask_sandbox::Sandbox;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::cases;
use super::tenant::{ids, query, send};
use crate::support::Harness;

/// The changes after a page: the number of new records, and the positions of deleted ones.
type Change = (usize, Vec<prop::sample::Index>);

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let deletions = proptest::collection::vec(any::<prop::sample::Index>(), 0..4);
    proptest::collection::vec((0..4_usize, deletions), 1..12)
}

fn time_entries(sandbox: &Sandbox) -> BTreeSet<i64> {
    let all = json!([{ "op": "gte", "field": "id", "value": 0 }]);
    ids(&query(sandbox, "TimeEntries", &all)).into_iter().collect()
}

fn add(sandbox: &Sandbox) {
    let entry = json!({ "ticketID": 8107, "resourceID": 3002, "roleID": 501, "hoursWorked": 1,
        "dateWorked": "2026-06-30", "summaryNotes": "x",
        "startDateTime": "2026-06-30T10:00:00Z", "endDateTime": "2026-06-30T11:00:00Z" });
    send(sandbox, "POST TimeEntries", &entry).expect("a new record");
}

/// Applies a change; records that cannot be deleted are kept.
fn apply(sandbox: &Sandbox, (added, deleted): &Change) {
    (0..*added).for_each(|_| add(sandbox));
    let all: Vec<_> = time_entries(sandbox).into_iter().collect();
    for index in deleted {
        send(sandbox, &format!("DELETE TimeEntries/{}", index.get(&all)), &Value::Null);
    }
}

/// The ids of all pages, in order.
fn read_all_pages(harness: &Harness, size: u16, changes: &[Change]) -> Vec<i64> {
    let (mut all, mut cursor, mut changes) = (Vec::new(), Value::Null, changes.iter());
    loop {
        let call = json!({ "entity": "TimeEntries", "fields": "id", "cursor": cursor,
            "query": { "filter": [{ "op": "gte", "field": "id", "value": 0 }], "MaxRecords": size } });
        let page = harness.json("query-entity", &call);
        all.extend(ids(page["items"].as_array().expect("records")));
        if page["hasMore"] != true {
            return all;
        }
        cursor = page["cursor"].clone();
        if let Some(change) = changes.next() {
            apply(&harness.sandbox, change);
        }
    }
}

proptest! {
    #![proptest_config(cases(12))]

    #[test]
    fn each_record_is_returned_once(size in 20..90_u16, changes in changes()) {
        let harness = Harness::new();
        let before = time_entries(&harness.sandbox);
        let ids = read_all_pages(&harness, size, &changes);
        prop_assert!(ids.is_sorted_by(|left, right| left < right), "not sorted or repeated: {ids:?}");
        let after = time_entries(&harness.sandbox);
        let ids: BTreeSet<_> = ids.into_iter().collect();
        let missed: Vec<_> = before.intersection(&after).filter(|id| !ids.contains(id)).collect();
        prop_assert!(missed.is_empty(), "never deleted, but not returned: {missed:?}");
    }
}
