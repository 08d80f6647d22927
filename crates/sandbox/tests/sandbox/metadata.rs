//! The tenant's metadata: entities, fields and Swagger.

use autotask_sandbox::SchemaOverride;
use serde_json::{Value, json};

use super::{BASE_URL, Sandbox, check, get, send};

fn field(sandbox: &Sandbox, path: &str, name: &str) -> Value {
    let fields = get(sandbox, path).json["fields"].clone();
    let found = fields.as_array().unwrap().iter().find(|field| field["name"] == name);
    found.cloned().unwrap_or_default()
}

#[test]
fn fields_pages_have_autotasks_format() {
    let sandbox = Sandbox::new();
    let path = "Tickets/entityInformation/fields";
    let sub = field(&sandbox, path, "subIssueType");
    assert_eq!(sub["picklistParentValueField"], "issueType");
    assert_eq!(
        sub["picklistValues"][2],
        json!({
            "value": "111", "label": "Printer", "isDefaultValue": false, "sortOrder": 3,
            "parentValue": "11", "isActive": true, "isSystem": false,
        })
    );
    let company = field(&sandbox, path, "companyID");
    assert_eq!(
        (&company["referenceEntityType"], &company["isReference"]),
        (&json!("Company"), &json!(true))
    );
    assert_eq!((&company["picklistValues"], &company["isPickList"]), (&Value::Null, &json!(false)));
    let nic = field(
        &sandbox,
        "ConfigurationItems/entityInformation/fields",
        "dattoNicSpeedKilobitsPerSecond",
    );
    assert_eq!(nic["dataType"], "integer");
    let tag = field(&sandbox, "Tickets/entityInformation/userDefinedFields", "Escalation Level");
    assert_eq!(
        (&tag["type"], &tag["picklistValues"][1]["value"]),
        (&json!("integer"), &json!("2"))
    );
}

#[test]
fn one_request_lists_the_rights_of_all_entities() {
    let sandbox = Sandbox::new();
    let all = get(&sandbox, "EntityInformation").json["entityDescriptions"].clone();
    assert_eq!(all.as_array().map(Vec::len), Some(232));
    let info = get(&sandbox, "Tickets/entityInformation").json["info"].clone();
    assert_eq!((&info["name"], &info["canDelete"]), (&json!("Ticket"), &json!(false)));
    assert_eq!(info["hasUserDefinedFields"], true);
}

/// The document is public: it needs no credentials, and its path has no version.
#[test]
fn the_swagger_document_lists_every_route() {
    let sandbox = Sandbox::new();
    let bare = http::Request::get(format!("{BASE_URL}swagger/docs/v1"));
    let document = send(&sandbox, bare.body(bytes::Bytes::new()).unwrap()).json;
    let methods = |path: &str| {
        let operations = document["paths"][format!("/V1.0/{path}")].as_object();
        operations.map(|all| all.keys().cloned().collect::<Vec<_>>().join(" "))
    };
    let rows = [
        ("Tickets", Some("patch post put")),
        ("Tickets/{id}", Some("get")),
        ("Tickets/{parentId}/Notes", Some("get patch post put")),
        ("TicketNotes", None),
        ("TimeOffRequests/{parentId}/Approve", Some("get")),
        ("Resources/{parentId}/TimeOffBalances/{year}", Some("get")),
        ("TicketAttachments/entityInformation/userDefinedFields", None),
    ];
    for (path, expected) in rows {
        assert_eq!(methods(path).as_deref(), expected, "{path}");
    }
    let model = &document["definitions"]["TicketModel"]["properties"];
    assert!(model["userDefinedFields"].is_object() && model["companyID"].is_object());
}

/// Overrides apply in any letter case, and still require credentials.
#[test]
fn overrides_change_what_the_tenant_reports() {
    let sandbox = Sandbox::new();
    sandbox.override_schema(SchemaOverride::new(
        "Tickets/entityInformation/fields",
        json!({ "fields": { "title": null } }),
    ));
    sandbox.override_schema(SchemaOverride::hide("Quotes/entityInformation"));
    assert!(field(&sandbox, "tickets/entityinformation/FIELDS", "title").is_null());
    assert!(field(&sandbox, "Tickets/entityInformation/fields", "status").is_object());
    check(&sandbox, "GET Quotes/entityInformation", &Value::Null, 404, "");
    let bare = http::Request::get(format!("{BASE_URL}V1.0/Tickets/entityInformation"));
    let rejected = send(&sandbox, bare.body(bytes::Bytes::new()).unwrap());
    assert_ne!(rejected.status, 200);
}
