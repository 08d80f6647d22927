//! Facts about Autotask that its help pages state and no fields page does.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

mod support;

use serde_json::json;
use support::Harness;

#[test]
fn corrections_to_the_schema_reach_the_tools() {
    let harness = Harness::new();
    let rejected = |tool: &str, arguments: serde_json::Value, reason: &str| {
        let answer = harness.json(tool, &arguments);
        let message = answer["error"]["message"].as_str().unwrap_or_default();
        assert!(message.contains(reason), "{answer}");
    };
    let moved =
        json!({ "entity": "ComanagedAssociations", "id": 1, "fields": { "companyID": 412 } });
    rejected("update-entity", moved, "companyID can be set on create only");
    let query = json!({ "entity": "InventoryStockedItems", "query": [{ "op": "gt", "field": "parentStockedItemReceivedUnits", "value": 0 }] });
    rejected("query-entity", query, "cannot be");

    // All fields of an attachment are read-only, and it is created nevertheless, with its parent in the address.
    let file = json!({ "title": "x", "fullPath": "a.txt", "publish": 1, "attachmentType": "FILE_ATTACHMENT", "data": "aGk=" });
    for parent in ["projectID", "parentID"] {
        let mut fields = file.clone();
        fields[parent] = json!(501);
        let preview = harness
            .json("create-entity", &json!({ "entity": "ProjectAttachments", "fields": fields }));
        assert_eq!(preview["error"]["code"], "confirm-required", "{preview}");
        assert!(preview.to_string().contains("Projects/501/Attachments"), "{preview}");
    }
}
