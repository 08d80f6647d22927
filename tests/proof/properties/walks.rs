//! A walk by cursor over records that are added and deleted between its pages.

use std::collections::BTreeSet;

use autotask_sandbox::Sandbox;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::cases;
use super::tenant::{ask, ids, query};
use crate::support::Harness;

/// What happens after a page: so many new records, and deletions of those at these places.
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
    ask(sandbox, "POST TimeEntries", &entry).expect("a new record");
}

/// Some records may not be deleted; they stay.
fn apply(sandbox: &Sandbox, (added, deleted): &Change) {
    (0..*added).for_each(|_| add(sandbox));
    let all: Vec<_> = time_entries(sandbox).into_iter().collect();
    for index in deleted {
        ask(sandbox, &format!("DELETE TimeEntries/{}", index.get(&all)), &Value::Null);
    }
}

/// Every id that is shown, in order.
fn walk(harness: &Harness, size: u16, changes: &[Change]) -> Vec<i64> {
    let (mut shown, mut cursor, mut changes) = (Vec::new(), Value::Null, changes.iter());
    loop {
        let call = json!({ "entity": "TimeEntries", "fields": "id", "cursor": cursor,
            "query": { "filter": [{ "op": "gte", "field": "id", "value": 0 }], "MaxRecords": size } });
        let page = harness.json("query-entity", &call);
        shown.extend(ids(page["items"].as_array().expect("records")));
        if page["hasMore"] != true {
            return shown;
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
    fn each_record_is_shown_once(size in 20..90_u16, changes in changes()) {
        let harness = Harness::new();
        let before = time_entries(&harness.sandbox);
        let ids = walk(&harness, size, &changes);
        prop_assert!(ids.is_sorted_by(|left, right| left < right), "in order and once: {ids:?}");
        let after = time_entries(&harness.sandbox);
        let ids: BTreeSet<_> = ids.into_iter().collect();
        let missed: Vec<_> = before.intersection(&after).filter(|id| !ids.contains(id)).collect();
        prop_assert!(missed.is_empty(), "there throughout and not shown: {missed:?}");
    }
}
