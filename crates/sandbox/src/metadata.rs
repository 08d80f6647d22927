//! The tenant's metadata: entities, fields, UDFs, versions, modules, zone.

use autotask_schema::schema::{DataType, Field};
use serde_json::{Value, json};

use crate::account::BASE_URL;
use crate::catalog::{self, Entity};
use crate::picklist;
use crate::route::MetadataKind;
use crate::udf::{self, Udf};

/// A metadata page of an entity; values that the schema does not have are null.
pub(crate) fn page(entity: &Entity, kind: MetadataKind) -> Value {
    match kind {
        MetadataKind::Rights => rights(entity),
        MetadataKind::Fields => {
            let rows = entity.fields().iter().map(|field| field_row(entity, field));
            json!({ "fields": rows.collect::<Value>() })
        }
        MetadataKind::Udfs => {
            let rows = udf::of_entity(entity).iter().map(Udf::to_json);
            json!({ "fields": rows.collect::<Value>() })
        }
    }
}

/// The rights on all entities.
pub(crate) fn entities() -> Value {
    json!({ "entityDescriptions": catalog::entities().map(rights).collect::<Value>() })
}

/// The zone of the tenant.
pub(crate) fn zone() -> Value {
    json!({
        "zoneName": "America East 2",
        "url": BASE_URL,
        "webUrl": "https://ww14.autotask.net/",
        "ci": 730_114,
    })
}

/// The API's versions; the list includes one that is not served.
pub(crate) fn versions() -> Value {
    json!({ "apiVersions": ["V1.0", "V2.0"] })
}

/// The product's version, with a note that this is a sandbox and its current time.
pub(crate) fn version(now: &str) -> Value {
    json!({
        "majorVersion": 2026,
        "minorVersion": 2,
        "build": "2026.2.0.114",
        "customerType": "Production",
        "sandbox": format!("a built-in sandbox with fictional data; its current time is {now}"),
    })
}

/// The modules, and whether they are enabled.
pub(crate) fn modules() -> Value {
    let rows = [(1, true), (2, true), (3, true), (4, true), (5, false), (6, true), (7, false)];
    json!({ "modules": rows.map(|(key, value)| json!({ "key": key, "value": value })) })
}

/// The hourly threshold and how much of it is used.
pub(crate) fn threshold(requests: u64, limit: u32) -> Value {
    json!({
        "externalRequestThreshold": limit,
        "requestThresholdTimeframe": 60,
        "currentTimeframeRequestCount": requests,
    })
}

fn rights(entity: &Entity) -> Value {
    let can = entity.can;
    let access = |can| if can { "All" } else { "None" };
    json!({ "info": {
        "name": entity.singular(),
        "canCreate": can.create,
        "canDelete": can.delete,
        "canQuery": can.query,
        "canUpdate": can.update,
        "userAccessForCreate": access(can.create),
        "userAccessForDelete": access(can.delete),
        "userAccessForQuery": access(can.query),
        "userAccessForUpdate": access(can.update),
        "hasUserDefinedFields": !udf::of_entity(entity).is_empty(),
        "supportsWebhookCallouts": entity.supports_webhook_callouts,
    }})
}

fn field_row(entity: &Entity, field: &Field) -> Value {
    let values = match field.is_pick_list {
        Some(true) => picklist::to_json(picklist::values(entity, field)),
        _ => Value::Null,
    };
    json!({
        "name": field.field_info_name.as_ref().unwrap_or(&field.name),
        "dataType": field.data_type.name(),
        "length": if field.data_type == DataType::String { field.length } else { Some(0) },
        "isRequired": field.is_required,
        "isReadOnly": field.is_read_only,
        "isQueryable": field.is_queryable,
        "isReference": field.is_reference,
        "referenceEntityType": catalog::referenced(field).map_or("", Entity::singular),
        "isPickList": field.is_pick_list,
        "picklistValues": values,
        "picklistParentValueField": field.picklist_parent_value_field.as_deref().unwrap_or(""),
        "isSupportedWebhookField": field.is_supported_webhook_field,
    })
}
