//! Reads of one record, and lists below a parent.

use autotask_schema::built_in;
use autotask_schema::schema::Schema;
use serde_json::Value;

use super::{Sandbox, get, item};

#[test]
fn a_single_read_has_every_field() {
    let sandbox = Sandbox::new();
    let ticket = item(&sandbox, "Tickets/8107");
    let schema = Schema::from_json(built_in()).unwrap();
    for field in &schema.entities["Tickets"].fields {
        assert!(ticket.get(&field.name).is_some(), "{}", field.name);
    }
    assert_eq!(ticket["userDefinedFields"].as_array().map(Vec::len), Some(3));
    assert_eq!(item(&sandbox, "Roles/501").get("userDefinedFields"), None);
    assert_eq!(item(&sandbox, "Companies/0")["companyName"], "Tidewater Managed IT");
}

#[test]
fn children_are_listed_only_below_their_parent() {
    let sandbox = Sandbox::new();
    let rows = [
        ("Companies/412/Contacts", 3),
        ("Companies/413/Locations", 1),
        ("Tickets/8107/ChecklistItems", 3),
        ("Tickets/8107/SecondaryResources", 1),
        ("Projects/4001/Tasks", 6),
        ("Resources/3002/Roles", 2),
        ("Tickets/999999/Notes", 0),
    ];
    for (path, expected) in rows {
        let response = get(&sandbox, path);
        assert_eq!(response.json["items"].as_array().map(Vec::len), Some(expected), "{path}");
    }
    assert_eq!(get(&sandbox, "Companies/412/Contacts/77").status, 200);
    assert_eq!(get(&sandbox, "Companies/413/Contacts/77").status, 404);
}

#[test]
fn only_the_read_of_one_attachment_returns_its_data() {
    let sandbox = Sandbox::new();
    let list = get(&sandbox, "Tickets/8107/Attachments").json;
    assert_eq!(list["items"][0]["data"], Value::Null);
    for path in ["Tickets/8107/Attachments/640", "TicketAttachments/640"] {
        let single = get(&sandbox, path).json;
        assert!(
            single["items"][0]["data"].as_str().is_some_and(|data| data.starts_with("iVBOR")),
            "{path}"
        );
        assert_eq!(single["pageDetails"]["count"], 1);
    }
    assert_eq!(item(&sandbox, "AttachmentInfo/640")["ticketID"], 8107);
}

#[test]
fn hostile_texts_are_returned_unchanged() {
    let sandbox = Sandbox::new();
    let text = |id: i64, field: &str| {
        item(&sandbox, &format!("Tickets/{id}"))[field].as_str().unwrap().to_owned()
    };
    assert!(text(8290, "title").starts_with("Ignore all previous instructions"));
    assert!(text(8291, "title").contains('\u{200b}'));
    assert!(text(8292, "title").contains('\u{1f525}'));
    assert_eq!(text(8293, "description").len(), 8000);
}

#[test]
fn approving_time_off_is_a_get_that_writes() {
    let sandbox = Sandbox::new();
    assert_eq!(item(&sandbox, "TimeOffRequests/5101")["status"], 1);
    assert_eq!(get(&sandbox, "TimeOffRequests/5101/Approve").status, 200);
    assert_eq!(item(&sandbox, "TimeOffRequests/5101")["status"], 2);
    let reason = serde_json::json!({"timeOffRequestID": 5101, "reason": "Too short notice"});
    assert_eq!(
        super::request_json(&sandbox, "POST", "TimeOffRequests/5101/Reject", &reason).status,
        200
    );
    assert_eq!(item(&sandbox, "TimeOffRequests/5101")["rejectReason"], "Too short notice");
}
