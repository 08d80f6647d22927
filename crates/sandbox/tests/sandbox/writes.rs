//! Writes: rules that apply to every entity, and writes that Autotask silently ignores.

use serde_json::{Value, json};

use super::{Sandbox, check, item};

#[test]
fn invalid_writes_are_rejected_with_one_message() {
    let sandbox = Sandbox::new();
    let contact = "POST Companies/412/Contacts";
    let rows = [
        (contact, json!({}), "Missing Required Field: firstName ; on record number [1]."),
        (contact, json!({"firstName":"A"}), "Missing Required Field: isActive"),
        (
            contact,
            json!({"firstName":"A","isActive":true}),
            "Unexpected character encountered while parsing value: t",
        ),
        (contact, json!({"firstName":"A","isActive":1}), "Missing Required Field: lastName"),
        (
            contact,
            json!({"companyID":413,"firstName":"A","isActive":1,"lastName":"B"}),
            "does not match the parent",
        ),
        (
            contact,
            json!({"firstName":"A","isActive":1,"lastName":"B".repeat(51)}),
            "exceeds the maximum length of 50",
        ),
        ("PATCH Companies/412/Contacts", json!({"id":77,"isActive":false}), "parsing value: f"),
        (
            "PATCH Companies/412/Contacts",
            json!({"id":81,"isActive":0}),
            "No matching records found",
        ),
        ("PATCH Companies/412/Contacts", json!({"isActive":0}), "Missing Required Field: id"),
        (
            "PATCH Companies",
            json!({"id":412,"companyName":null}),
            "Value does not exist for the required field companyName",
        ),
        (
            "POST Companies",
            json!({"companyName":"X","companyType":1,"phone":"1","ownerResourceID":99}),
            "Reference value on field: ownerResourceID of type: Resource",
        ),
        (
            "POST Companies",
            json!({"companyName":"X","companyType":1,"phone":"1","ownerResourceID":3007}),
            "Reference value on field: ownerResourceID",
        ),
        (
            "POST Companies",
            json!({"companyName":"X","companyType":5,"phone":"1","ownerResourceID":3001}),
            "Picklist value [5] does not exist for companyType.",
        ),
        (
            "POST Companies",
            json!({"companyName":"X","companyType":"one"}),
            "Could not convert string to integer: one",
        ),
        ("POST Companies", json!([]), "JSON object"),
        ("DELETE TimeEntries/1", Value::Null, "No matching records found"),
        ("DELETE Companies/412/Contacts/77", Value::Null, "associated to one or more Tickets"),
        (
            "POST Tickets/999999/Attachments",
            json!({}),
            "Reference value on field: parentID of type: Ticket",
        ),
        (
            "POST Tickets/8107/SecondaryResources",
            json!({"ticketID":8107,"resourceID":3005,"roleID":501}),
            "primary and a secondary",
        ),
        (
            "POST Tickets/8107/Notes",
            json!({"title":"T","noteType":3,"publish":1}),
            "Missing Required Field: description",
        ),
        (
            "POST Tickets/8107/Notes",
            json!({"description":"T","noteType":3,"publish":3}),
            "Picklist value [3] does not exist for publish.",
        ),
    ];
    for (line, body, words) in rows {
        check(&sandbox, line, &body, 500, words);
    }
}

#[test]
fn patch_changes_given_fields_and_put_clears_the_others() {
    let sandbox = Sandbox::new();
    let before = item(&sandbox, "Companies/412");
    check(
        &sandbox,
        "PATCH Companies",
        &json!({"id":412,"CITY":"Norfolk","nonsense":1,"createDate":"2020-01-01"}),
        200,
        "{\"itemId\":412}",
    );
    let after = item(&sandbox, "Companies/412");
    assert_eq!((&after["city"], &after["phone"]), (&json!("Norfolk"), &before["phone"]));
    assert_eq!(after["createDate"], before["createDate"]);
    let whole = json!({"id":412,"companyName":"Marrow Bakery","companyType":1,"phone":"1","ownerResourceID":3001});
    check(&sandbox, "PUT Companies", &whole, 200, "412");
    let replaced = item(&sandbox, "Companies/412");
    assert_eq!((&replaced["city"], &replaced["createDate"]), (&Value::Null, &before["createDate"]));
    assert_eq!(replaced["userDefinedFields"][0]["value"], Value::Null);
}

#[test]
fn udfs_are_changed_separately() {
    let sandbox = Sandbox::new();
    let udf = |name: &str, value: &str| json!({"id":412,"userDefinedFields":[{"name":name,"value":value}]});
    check(&sandbox, "PATCH Companies", &udf("support tier", "3"), 200, "412");
    check(&sandbox, "PATCH Companies", &udf("Support Tier", "Gold"), 500, "Picklist value [Gold]");
    check(&sandbox, "PATCH Companies", &udf("Nope", "1"), 500, "Unable to find Nope");
    let udfs = item(&sandbox, "Companies/412")["userDefinedFields"].clone();
    assert_eq!(udfs[0]["value"], "3");
    assert_eq!(udfs[1]["value"], "Ring the back bell");
}

#[test]
fn some_writes_change_nothing() {
    let sandbox = Sandbox::new();
    let rows = [
        ("PATCH Projects", json!({"id":4001,"status":5}), "Projects/4001", "status", json!(8)),
        (
            "PATCH TimeEntries",
            json!({"id":5501,"hoursWorked":0.5}),
            "TimeEntries/5501",
            "hoursWorked",
            json!(1.25),
        ),
        (
            "PATCH TimeEntries",
            json!({"id":5501,"ticketID":8101}),
            "TimeEntries/5501",
            "ticketID",
            json!(8107),
        ),
        ("PATCH Contacts", json!({"id":77}), "Contacts/77", "companyID", json!(412)),
        (
            "PATCH Companies/412/Contacts",
            json!({"id":77,"companyID":413}),
            "Contacts/77",
            "companyID",
            json!(412),
        ),
    ];
    for (line, body, path, field, expected) in rows {
        let status = if line == "PATCH Contacts" { 404 } else { 200 };
        check(&sandbox, line, &body, status, "");
        assert_eq!(item(&sandbox, path)[field], expected, "{line} {body}");
    }
}

#[test]
fn attachments_are_created_and_deleted() {
    let sandbox = Sandbox::new();
    let file = json!({"id":0,"attachmentType":"FILE_ATTACHMENT","title":"log","fullPath":"a.txt","publish":2,"data":"aGVsbG8="});
    let id = check(&sandbox, "POST Tickets/8107/Attachments", &file, 200, "").json["itemId"]
        .as_i64()
        .unwrap();
    assert_eq!(id, 644);
    let info = item(&sandbox, &format!("AttachmentInfo/{id}"));
    assert_eq!(
        (&info["ticketID"], &info["contentType"], &info["fileSize"]),
        (&json!(8107), &json!("text/plain"), &json!(5))
    );
    check(&sandbox, &format!("DELETE Tickets/8107/Attachments/{id}"), &Value::Null, 200, "644");
    check(&sandbox, &format!("GET AttachmentInfo/{id}"), &Value::Null, 404, "");
    let mut bare = file;
    bare.as_object_mut().unwrap().remove("data");
    check(&sandbox, "POST Tickets/8107/Attachments", &bare, 500, "Missing Required Field: data");
}

#[test]
fn notes_update_the_tickets_last_activity() {
    let sandbox = Sandbox::new();
    let note = json!({"ticketID":8107,"title":"T","description":"D","noteType":3,"publish":2,"createdByContactID":77});
    let id =
        check(&sandbox, "POST Tickets/8107/Notes", &note, 200, "itemId").json["itemId"].clone();
    assert_eq!(item(&sandbox, &format!("TicketNotes/{id}"))["createdByContactID"], Value::Null);
    assert_eq!(item(&sandbox, "Tickets/8107")["lastActivityDate"], "2026-06-30T15:00:00Z");
}
