//! What a new record lacks is told in one error, whoever wants it: the schema, a rule, or the tenant.

use crate::support;

use autotask_sandbox::SchemaOverride;
use serde_json::{Value, json};
use support::Harness;

/// A tenant that wants more of a ticket than the schema does.
fn strict() -> Harness {
    let harness = Harness::new();
    for field in ["queueID", "dueDateTime"] {
        let required = SchemaOverride::set_field("Tickets", field, "isRequired", true.into());
        harness.sandbox.override_schema(required);
    }
    harness
}

/// The message of a call without these arguments.
fn check(harness: &Harness, fields: &Value, expected: &str) {
    let response = harness.json("create-ticket", fields);
    assert_eq!(response["error"]["message"], expected, "{fields}");
}

#[test]
fn all_that_is_missing_is_told_at_once() {
    let bare = json!({ "title": "x", "companyID": 412 });
    check(&strict(), &bare, "A Ticket also needs priority, status, queueID, dueDateTime.");
    let most = json!({ "title": "x", "companyID": 412, "status": 1, "priority": 1, "queueID": 8 });
    check(&strict(), &most, "A Ticket also needs dueDateTime.");
    let assigned = json!({ "title": "x", "companyID": 412, "assignedResourceID": 3001 });
    check(&strict(), &assigned, "A Ticket also needs priority, status, dueDateTime, queueID.");
}

/// What cannot be asked of the tenant is no reason to say less of what is known.
#[test]
fn without_the_tenants_word_the_rest_is_told() {
    let harness = strict();
    let hidden = SchemaOverride::hide("Tickets/entityInformation/fields");
    harness.sandbox.override_schema(hidden);
    check(
        &harness,
        &json!({ "title": "x", "companyID": "nobody" }),
        "A Ticket also needs priority, status, queueID (or assignedResourceID with assignedResourceRoleID).",
    );
}
