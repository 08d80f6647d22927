//! Rules of time entries.

use serde_json::{Value, json};

use super::{Sandbox, check, item};

fn entry(more: Value) -> Value {
    let mut body = json!({"ticketID":8107,"resourceID":3005,"roleID":501,"billingCodeID":801,"summaryNotes":"Looked at it",
        "startDateTime":"2026-06-30T10:00:00Z","endDateTime":"2026-06-30T10:40:00Z"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

#[test]
fn invalid_entries_are_rejected() {
    let sandbox = Sandbox::new();
    let bare = json!({"startDateTime":null,"endDateTime":null});
    let hours = |hours: f64| json!({"startDateTime":null,"endDateTime":null,"dateWorked":"2026-06-30","hoursWorked":hours});
    let rows = [
        (json!({"taskID":4201}), "exactly one of"),
        (json!({"ticketID":null}), "exactly one of"),
        (json!({"roleID":null}), "must have a roleID"),
        (json!({"roleID":503}), "combination is not currently defined"),
        (json!({"summaryNotes":null}), "Missing Required Field: summaryNotes"),
        (json!({"billingCodeID":811}), "billingCodeID of type: BillingCode"),
        (json!({"billingCodeID":805}), "billingCodeID of type: BillingCode"),
        (json!({"endDateTime":"2026-06-30T09:00:00Z"}), "endDateTime must be after"),
        (json!({"endDateTime":"2026-07-02T09:00:00Z"}), "less than or equal to 24"),
        (bare, "Missing Required Field: dateWorked"),
        (hours(0.0), "greater than 0"),
        (hours(24.5), "less than or equal to 24"),
        (hours(1.0), "requires start and stop times"),
        (json!({"ticketID":null,"taskID":4204}), "no role for this task"),
    ];
    for (more, words) in rows {
        check(&sandbox, "POST TimeEntries", &entry(more), 500, words);
    }
    check(&sandbox, "PATCH TimeEntries", &json!({"id":5300,"internalNotes":"x"}), 500, "posted");
}

#[test]
fn hours_are_computed_from_start_and_end() {
    let sandbox = Sandbox::new();
    let id = check(&sandbox, "POST TimeEntries", &entry(json!({"hoursWorked":9})), 200, "").json
        ["itemId"]
        .clone();
    let path = format!("TimeEntries/{id}");
    let stored = item(&sandbox, &path);
    assert_eq!((&stored["hoursWorked"], &stored["hoursToBill"]), (&json!(0.6667), &json!(0.75)));
    assert_eq!(
        (&stored["dateWorked"], &stored["timeEntryType"]),
        (&json!("2026-06-30T00:00:00Z"), &json!(2))
    );
    let longer = json!({"id":id,"endDateTime":"2026-06-30T12:00:00Z"});
    check(&sandbox, "PATCH TimeEntries", &longer, 200, "");
    assert_eq!(item(&sandbox, &path)["hoursWorked"], 2.0);
    check(&sandbox, &format!("DELETE {path}"), &Value::Null, 200, "itemId");
    check(&sandbox, "DELETE TimeEntries/5600", &Value::Null, 500, "adequate permissions to delete");
    check(&sandbox, "DELETE TimeEntries/5500", &Value::Null, 200, "5500");
}

#[test]
fn internal_and_task_time_is_accepted() {
    let sandbox = Sandbox::new();
    let internal = json!({"internalBillingCodeID":821,"resourceID":3005,"dateWorked":"2026-06-30","hoursWorked":1});
    check(&sandbox, "POST TimeEntries", &internal, 200, "itemId");
    let task = json!({"taskID":4201,"resourceID":3005,"roleID":501,"billingCodeID":803,"dateWorked":"2026-06-30","hoursWorked":1.5});
    check(&sandbox, "POST TimeEntries", &task, 200, "itemId");
    assert_eq!(item(&sandbox, "Tasks/4201")["lastActivityDateTime"], "2026-06-30T15:00:00Z");
}
