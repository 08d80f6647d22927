//! Behavior of Autotask that its help pages describe, but its metadata does not.

use crate::support::Harness;
use serde_json::json;

#[test]
fn corrections_to_the_schema_reach_the_tools() {
    let harness = Harness::new();
    let rejected = |tool: &str, arguments: serde_json::Value, reason: &str| {
        let response = harness.json(tool, &arguments);
        let message = response["error"]["message"].as_str().unwrap_or_default();
        assert!(message.contains(reason), "{response}");
    };
    let moved =
        json!({ "entity": "ComanagedAssociations", "id": 1, "fields": { "companyID": 412 } });
    rejected("update-entity", moved, "companyID can be set on create only");
    let query = json!({ "entity": "InventoryStockedItems", "query": [{ "op": "gt", "field": "parentStockedItemReceivedUnits", "value": 0 }] });
    rejected("query-entity", query, "cannot be");

    // Attachments can be created below their parent, although all of their fields are read-only.
    let file = json!({ "title": "x", "fullPath": "a.txt", "publish": 1, "attachmentType": "FILE_ATTACHMENT", "data": "aGk=" });
    for parent in ["projectID", "parentID"] {
        let mut fields = file.clone();
        fields[parent] = json!(4001);
        let preview = harness
            .json("create-entity", &json!({ "entity": "ProjectAttachments", "fields": fields }));
        assert_eq!(preview["error"]["code"], "confirm-required", "{preview}");
        assert!(preview.to_string().contains("Projects/4001/Attachments"), "{preview}");
    }
}

#[test]
fn misleading_results_have_a_warning() {
    let harness = Harness::new();
    for (tool, arguments, warning) in [
        (
            "count-entity",
            json!({ "entity": "TimeOffRequests", "query": [{ "op": "lt", "field": "id", "value": 0 }] }),
            "proxy time entry",
        ),
        (
            "query-entity",
            json!({ "entity": "TimeOffRequests", "query": [{ "op": "lt", "field": "id", "value": 0 }] }),
            "proxy time entry",
        ),
    ] {
        let response = harness.json(tool, &arguments).to_string();
        assert!(response.contains(warning), "{tool}: {response}");
    }
    let fields = json!({ "articleID": 3211, "associatedArticleID": 3212 });
    let entity = "ArticleToArticleAssociations";
    let create = json!({ "entity": entity, "fields": fields, "confirm": "CREATE_ENTITY" });
    let id = harness.json("create-entity", &create)["itemId"].clone();
    let found = harness.json("query-entity", &json!({ "entity": entity, "query": [] })).to_string();
    assert!(found.contains("two records for one association"), "{found}");
    let preview = harness.json("delete-entity", &json!({ "entity": entity, "id": id })).to_string();
    assert!(preview.contains("record of the other side"), "{preview}");
}
