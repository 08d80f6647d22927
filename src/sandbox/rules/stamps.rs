//! Who made or changed a record, and when: the same few fields under several names.

use serde_json::Value;

use super::super::date::NOW;
use super::super::draft::Draft;

/// Sets the fields that tell of creation and change.
pub(in crate::sandbox) fn stamp(draft: &mut Draft) {
    let caller = draft.caller;
    for field in draft.entity.fields() {
        let value = match (draft.is_new(), field.name) {
            (
                true,
                "creatorResourceID"
                | "createdByResourceID"
                | "creatorUserID"
                | "createdByPersonID"
                | "attachedByResourceID"
                | "lastModifiedUserID",
            )
            | (_, "lastActivityResourceID") => caller.resource.into(),
            (true, "impersonatorCreatorResourceID") | (false, "impersonatorUpdaterResourceID") => {
                caller.impersonator.map_or(Value::Null, Value::from)
            }
            (true, "createDate" | "createDateTime" | "createdTime" | "attachDate")
            | (
                _,
                "lastActivityDate"
                | "lastActivityDateTime"
                | "lastModifiedDate"
                | "lastModifiedDateTime"
                | "lastModifiedTime"
                | "lastTrackedModificationDateTime"
                | "lastTrackedModifiedDateTime",
            ) => NOW.into(),
            (_, "lastActivityPersonType") => 1.into(),
            _ => continue,
        };
        draft.set(field.name, value);
    }
}
