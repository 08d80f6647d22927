//! Rules of tickets and tasks.

use serde_json::{Value, json};

use super::{Sandbox, check, item};

fn ticket(more: Value) -> Value {
    let mut body = json!({"companyID":412,"title":"Till printer jams","status":1,"priority":2,"queueID":29_680_007});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

#[test]
fn a_new_ticket_gets_its_defaults() {
    let sandbox = Sandbox::new();
    let id = check(&sandbox, "POST Tickets", &ticket(json!({})), 200, "").json["itemId"].clone();
    assert_eq!(id, 8301);
    let created = item(&sandbox, "Tickets/8301");
    let expected = json!({"ticketNumber":"T20260630.0002","source":1,"ticketType":1,"ticketCategory":3,
        "companyLocationID":61,"createDate":"2026-06-30T15:00:00Z","creatorResourceID":3900});
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(&created[field], value, "{field}");
    }
}

#[test]
fn invalid_tickets_are_rejected_with_autotasks_messages() {
    let sandbox = Sandbox::new();
    let new = "POST Tickets";
    let rows = [
        (new, ticket(json!({"title":null})), "Missing Required Field: title"),
        (new, ticket(json!({"queueID":null})), "Missing Required Field: queueID"),
        (new, ticket(json!({"assignedResourceID":3005})), "must assign both"),
        (
            new,
            ticket(json!({"assignedResourceID":3005,"assignedResourceRoleID":503})),
            "combination is not currently defined",
        ),
        (
            new,
            ticket(json!({"assignedResourceID":3007,"assignedResourceRoleID":501})),
            "Reference value on field: assignedResourceID",
        ),
        (
            new,
            ticket(json!({"assignedResourceID":3900,"assignedResourceRoleID":501})),
            "Reference value on field: assignedResourceID",
        ),
        (
            new,
            ticket(json!({"priority":9})),
            "Picklist value [9] does not exist for priority. ; on record number [1].",
        ),
        (new, ticket(json!({"issueType":10,"subIssueType":111})), "child picklist"),
        (new, ticket(json!({"subIssueType":111})), "child picklist"),
        (
            new,
            ticket(json!({"contactID":81})),
            "is not associated to the companyID or its Parent Company",
        ),
        (
            new,
            ticket(json!({"contactID":99999})),
            "Reference value on field: contactID of type: Contact",
        ),
        (new, ticket(json!({"ticketCategory":101})), "Missing Required Field: dueDateTime"),
        ("PATCH Tickets", json!({"id":8107,"companyID":413}), "companyLocationID[61]"),
        (
            "PATCH Tickets",
            json!({"id":8107,"companyID":413,"companyLocationID":null}),
            "contactID[77]",
        ),
        ("PATCH Tickets", json!({"id":8107,"assignedResourceID":null}), "must assign both"),
        (
            "PATCH Tickets",
            json!({"id":8107,"assignedResourceID":3006,"assignedResourceRoleID":502}),
            "primary and a secondary",
        ),
        (
            "PATCH Tickets",
            json!({"id":8107,"status":77}),
            "Picklist value [77] does not exist for status.",
        ),
    ];
    for (line, body, words) in rows {
        check(&sandbox, line, &body, 500, words);
    }
}

#[test]
fn a_ticket_changes_company_only_without_the_old_companys_records() {
    let sandbox = Sandbox::new();
    let body = json!({"id":8107,"companyID":413,"companyLocationID":null,"contactID":null,"contractID":null,"configurationItemID":null});
    check(&sandbox, "PATCH Tickets", &body, 200, "8107");
    assert_eq!(item(&sandbox, "Tickets/8107")["companyID"], 413);
    let child = ticket(json!({"companyID":420,"contactID":88}));
    check(&sandbox, "POST Tickets", &child, 200, "8301");
}

#[test]
fn completing_sets_and_reopening_clears_the_completion() {
    let sandbox = Sandbox::new();
    check(&sandbox, "PATCH Tickets", &json!({"id":8107,"status":5}), 200, "");
    let done = item(&sandbox, "Tickets/8107");
    assert_eq!(
        (&done["completedDate"], &done["completedByResourceID"]),
        (&json!("2026-06-30T15:00:00Z"), &json!(3900))
    );
    check(&sandbox, "PATCH Tickets", &json!({"id":8107,"status":8}), 200, "");
    assert_eq!(item(&sandbox, "Tickets/8107")["completedDate"], Value::Null);
    let filter = json!({"filter":[{"op":"eq","field":"ticketID","value":8107}]});
    check(&sandbox, "POST TicketHistory/query", &filter, 200, "Status changed from 8 to 5.");
}

#[test]
fn assigned_tasks_require_a_department_and_a_work_type() {
    let sandbox = Sandbox::new();
    let line = "POST Projects/4001/Tasks";
    let mut task = json!({"projectID":4001,"title":"T","status":1,"taskType":1,"assignedResourceID":3006,"assignedResourceRoleID":502});
    check(&sandbox, line, &task, 500, "Missing Required Field: departmentID");
    task["departmentID"] = json!(601);
    check(&sandbox, line, &task, 500, "Missing Required Field: billingCodeID");
    task["billingCodeID"] = json!(803);
    check(&sandbox, line, &task, 200, "4237");
}
