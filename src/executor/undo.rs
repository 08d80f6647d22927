//! The call that reverts an update.

use serde_json::{Map, Value, json};

use super::CallContext;
use super::ready_write::{ReadyWrite, changed};
use crate::catalog::UDFS;
use crate::plan::Change;
use crate::plan::address::ParentRef;
use crate::tools::Tool;

/// The tool and its arguments, with the exact stored values; none if Autotask would reject them.
pub(super) fn undo(call: CallContext<'_>, ready: &ReadyWrite) -> Option<Value> {
    let entity = ready.write.entity;
    let fields = previous_fields(ready)?;
    let has_null = fields.values().any(Value::is_null);
    let tools = call.caller.access().tools();
    // Only update-entity clears a field.
    if !tools.contains(&Tool::UpdateEntity) {
        let mut arguments = json!({ "id": ready.write.id() });
        arguments.as_object_mut()?.extend(fields);
        return (!has_null).then(|| json!({ "tool": call.tool.name(), "arguments": arguments }));
    }
    let mut arguments =
        json!({ "entity": entity.name(), "id": ready.write.id(), "fields": fields });
    if let (Some(child), ParentRef::Id(id)) = (entity.as_child(), &ready.write.parent)
        && child.parent_field.is_none()
    {
        arguments["parentEntity"] = child.parent_name().into();
        arguments["parentId"] = (*id).into();
    }
    Some(json!({ "tool": Tool::UpdateEntity.name(), "arguments": arguments }))
}

/// The values before the update; none if nothing changed, or if a required field was empty.
pub(super) fn previous_fields(ready: &ReadyWrite) -> Option<Map<String, Value>> {
    let entity = ready.write.entity;
    let Change::Update(..) = ready.write.change else {
        return None;
    };
    let mut fields = Map::new();
    for (name, change) in changed(ready)? {
        let from = match change.as_object().filter(|_| name == UDFS) {
            Some(udfs) => {
                let from = udfs.iter().map(|(udf, change)| (udf.clone(), change["from"].clone()));
                Value::Object(from.collect())
            }
            None => change["from"].clone(),
        };
        if from.is_null() && entity.field(&name).is_some_and(|field| field.required.is_yes()) {
            return None;
        }
        fields.insert(name, from);
    }
    (!fields.is_empty()).then_some(fields)
}
