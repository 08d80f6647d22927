//! One error lists all missing fields of a new record, whether the schema, a rule or the tenant requires them.

use crate::support;

use autotask_sandbox::SchemaOverride;
use serde_json::{Value, json};
use support::Harness;

/// A tenant that requires more fields of a ticket than the schema.
fn strict() -> Harness {
    let harness = Harness::new();
    for field in ["queueID", "dueDateTime"] {
        let required = SchemaOverride::set_field("Tickets", field, "isRequired", true.into());
        harness.sandbox.override_schema(required);
    }
    harness
}

/// Asserts the message for a call with only these fields.
fn check(harness: &Harness, fields: &Value, expected: &str) {
    let response = harness.json("create-ticket", fields);
    assert_eq!(response["error"]["message"], expected, "{fields}");
}

#[test]
fn all_missing_fields_are_reported_together() {
    let minimal = json!({ "title": "x", "companyID": 412 });
    check(&strict(), &minimal, "A Ticket also needs priority, status, queueID, dueDateTime.");
    let one_missing =
        json!({ "title": "x", "companyID": 412, "status": 1, "priority": 1, "queueID": 8 });
    check(&strict(), &one_missing, "A Ticket also needs dueDateTime.");
    let assigned = json!({ "title": "x", "companyID": 412, "assignedResourceID": 3001 });
    check(&strict(), &assigned, "A Ticket also needs priority, status, dueDateTime, queueID.");
}

/// If the tenant's fields cannot be read, the missing fields that the schema and the rules require are still reported.
#[test]
fn missing_fields_are_reported_without_the_tenants_metadata() {
    let harness = strict();
    let hidden = SchemaOverride::hide("Tickets/entityInformation/fields");
    harness.sandbox.override_schema(hidden);
    check(
        &harness,
        &json!({ "title": "x", "companyID": "nobody" }),
        "A Ticket also needs priority, status, queueID (or assignedResourceID with assignedResourceRoleID).",
    );
}
