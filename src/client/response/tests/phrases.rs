//! Every known error message of Autotask, as it was captured.

use super::{ALL, check, errors};
use crate::error::Code;

const REJECTIONS: &[&str] = &[
    "Missing Required Field: title",
    "Value does not exist for the required field title",
    "Reference value on field: contactID of type: Contact does not exist or is invalid",
    "The child picklist value is not valid for its parent",
    "Data violation: The record is in use",
    "The contact is not associated to the companyID or its Parent Company",
    "You must assign both a resource and a role",
    "Queries are limited to 500 or fewer 'OR' conditions",
    "The value must be between 1 and 500",
    "Value does not reference an existing entity for contactID",
    "TimeEntries for tickets must have a roleID",
    "TimeEntries for service tickets require a start and stop time.",
    "The resource and role combination is not currently defined",
    "There is no row at position 0",
    "Unexpected character encountered while parsing value: {",
    "Conversion failed when converting the value",
    "The attachment could not be found",
];
const DENIALS: &[&str] = &[
    "The logged in Resource does not have the adequate permissions to update this entity type",
    "You are not authorized to modify Show On Invoice",
];

#[test]
fn known_messages_are_rejections() {
    for (code, texts) in [(Code::Rejected, REJECTIONS), (Code::Forbidden, DENIALS)] {
        for text in texts {
            check(&ALL, 500, &errors(text), code);
            check(&ALL, 500, &errors(&format!("{text}; on record number [1].")), code);
        }
    }
}
