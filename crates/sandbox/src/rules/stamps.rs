//! Sets the fields for who created or changed a record and when, which have different names in different entities.

use serde_json::Value;

use crate::pending_write::PendingRecord;

/// Sets the fields of creation and change.
pub(crate) fn stamp(record: &mut PendingRecord, now: &str) {
    let caller = record.caller;
    for field in record.entity.fields() {
        let value = match (record.is_new(), field.name.as_str()) {
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
            ) => now.into(),
            (_, "lastActivityPersonType") => 1.into(),
            _ => continue,
        };
        record.set(&field.name, value);
    }
}
