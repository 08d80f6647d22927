//! What the tenant says of its entities and fields.

use serde_json::{Value, json};

use super::{BASE, Sandbox, check, get, send};
use crate::catalog::Entity;
use crate::sandbox::{Change, picklist, tenant, udf};

fn field(sandbox: &Sandbox, path: &str, name: &str) -> Value {
    let fields = get(sandbox, path).json["fields"].clone();
    let found = fields.as_array().unwrap().iter().find(|field| field["name"] == name);
    found.cloned().unwrap_or_default()
}

#[test]
fn fields_are_described_as_the_wire_spells_them() {
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
fn all_entities_come_in_one_call() {
    let sandbox = Sandbox::new();
    let all = get(&sandbox, "EntityInformation").json["entityDescriptions"].clone();
    assert_eq!(all.as_array().map(Vec::len), Some(232));
    let info = get(&sandbox, "Tickets/entityInformation").json["info"].clone();
    assert_eq!((&info["name"], &info["canDelete"]), (&json!("Ticket"), &json!(false)));
    assert_eq!(info["hasUserDefinedFields"], true);
}

/// It is public: no credentials, and beside the version.
#[test]
fn the_swagger_document_lists_what_the_desk_takes() {
    let sandbox = Sandbox::new();
    let bare = http::Request::get(format!("{BASE}swagger/docs/v1"));
    let document = send(&sandbox, bare.body(bytes::Bytes::new()).unwrap()).json;
    let methods = |path: &str| {
        let operations = document["paths"][format!("/V1.0/{path}")].as_object();
        operations.map(|all| all.keys().cloned().collect::<Vec<_>>().join(" "))
    };
    let rows = [
        ("Tickets", Some("post patch put")),
        ("Tickets/{id}", Some("get")),
        ("Tickets/{parentId}/Notes", Some("get post patch put")),
        ("TicketNotes", None),
        ("TimeOffRequests/{parentId}/Approve", Some("get")),
        ("Resources/{parentId}/TimeOffBalances/{year}", Some("get")),
        ("TicketAttachments/entityInformation/userDefinedFields", None),
    ];
    for (path, taken) in rows {
        assert_eq!(methods(path).as_deref(), taken, "{path}");
    }
    let model = &document["definitions"]["TicketModel"]["properties"];
    assert!(model["userDefinedFields"].is_object() && model["companyID"].is_object());
}

/// An altered tenant says so in every letter case, and to its user alone.
#[test]
fn an_altered_tenant_says_something_else() {
    let sandbox = Sandbox::new();
    sandbox.alter(Change::RemoveField("Tickets", "title"));
    sandbox.alter(Change::Hide("Quotes/entityInformation"));
    assert!(field(&sandbox, "tickets/entityinformation/FIELDS", "title").is_null());
    assert!(field(&sandbox, "Tickets/entityInformation/fields", "status").is_object());
    check(&sandbox, "GET Quotes/entityInformation", &Value::Null, 404, "");
    let bare = http::Request::get(format!("{BASE}V1.0/Tickets/entityInformation"));
    let refused = send(&sandbox, bare.body(bytes::Bytes::new()).unwrap());
    assert_ne!(refused.status, 200);
}

#[test]
fn every_seeded_record_fits_the_schema_and_its_references() {
    let store = tenant::seed();
    for entity in Entity::ALL {
        for (id, record) in store.all(entity) {
            for (name, value) in record {
                let at = format!("{}/{id} {name} {value}", entity.name());
                if name == crate::sandbox::store::UDFS {
                    assert!(
                        value
                            .as_object()
                            .unwrap()
                            .keys()
                            .all(|name| udf::find(entity, name).is_some()),
                        "{at}"
                    );
                    continue;
                }
                let field = entity.field(name).unwrap_or_else(|| panic!("{at}"));
                let code = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let choices = picklist::of(entity, field);
                let fits = choices.is_empty()
                    || value.is_null()
                    || choices.iter().any(|choice| choice.value == code);
                assert!(fits || !field.picklist.is_yes(), "{at}");
                if let Some((target, id)) = field.refers_to.zip(value.as_i64()) {
                    assert!(store.get(target, id).is_some() || !store.knows(target), "{at}");
                }
            }
        }
    }
}
