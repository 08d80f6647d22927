//! What the tenant says about itself: entities, fields, UDFs, versions, modules, zone.

use serde_json::{Value, json};

use crate::catalog::{DataType, Entity, Field, Tristate, Verb};

use super::path::Info;
use super::{BASE, picklist, reply, udf};

/// The answer to a question about an entity.
pub(super) fn of(entity: Entity, info: Info) -> Vec<u8> {
    reply::bytes(&page(entity, info))
}

/// The same as JSON; what the schema does not know is null.
pub(super) fn page(entity: Entity, info: Info) -> Value {
    match info {
        Info::Summary => summary(entity),
        Info::Fields => json!({ "fields": rows(entity) }),
        Info::Udfs => {
            let fields = udf::of(entity).iter().map(udf::Udf::described);
            json!({ "fields": fields.collect::<Value>() })
        }
    }
}

/// The rows of an entity's fields endpoint.
pub(super) fn rows(entity: Entity) -> Vec<Value> {
    let fields = entity.fields().iter();
    fields.map(|field| described(entity, field)).collect()
}

/// All entities at once.
pub(super) fn entities() -> Vec<u8> {
    let all = Entity::ALL.into_iter().map(summary).collect::<Value>();
    reply::bytes(&json!({ "entityDescriptions": all }))
}

/// The zone's look-up.
pub(super) fn zone() -> Vec<u8> {
    reply::bytes(&json!({
        "zoneName": "America East 2",
        "url": BASE,
        "webUrl": "https://ww14.autotask.net/",
        "ci": 730_114,
    }))
}

/// The API's versions; the list also names one that nothing serves.
pub(super) fn versions() -> Vec<u8> {
    reply::bytes(&json!({ "apiVersions": ["V1.0", "V2.0"] }))
}

/// The product's version.
pub(super) fn version() -> Vec<u8> {
    reply::bytes(&json!({
        "majorVersion": 2026,
        "minorVersion": 2,
        "build": "2026.2.0.114",
        "customerType": "Production",
    }))
}

/// The modules that are switched on.
pub(super) fn modules() -> Vec<u8> {
    let rows = [(1, true), (2, true), (3, true), (4, true), (5, false), (6, true), (7, false)];
    let rows = rows.map(|(key, value)| json!({ "key": key, "value": value }));
    reply::bytes(&json!({ "modules": rows }))
}

/// The budget of requests and how much of it is used.
pub(super) fn threshold(requests: u64, limit: u32) -> Vec<u8> {
    reply::bytes(&json!({
        "externalRequestThreshold": limit,
        "requestThresholdTimeframe": 60,
        "currentTimeframeRequestCount": requests,
    }))
}

fn summary(entity: Entity) -> Value {
    let access = |verb| if entity.can(verb) { "All" } else { "None" };
    json!({ "info": {
        "name": entity.singular(),
        "canCreate": entity.can(Verb::Create),
        "canDelete": entity.can(Verb::Delete),
        "canQuery": entity.can(Verb::Query),
        "canUpdate": entity.can(Verb::Update),
        "userAccessForCreate": access(Verb::Create),
        "userAccessForDelete": access(Verb::Delete),
        "userAccessForQuery": access(Verb::Query),
        "userAccessForUpdate": access(Verb::Update),
        "hasUserDefinedFields": !udf::of(entity).is_empty(),
        "supportsWebhookCallouts": entity.has_webhooks(),
    }})
}

fn described(entity: Entity, field: &Field) -> Value {
    let list = field.picklist.is_yes();
    let values = if list { picklist::described(picklist::of(entity, field)) } else { Value::Null };
    json!({
        "name": field.described_as.unwrap_or(field.name),
        "dataType": field.kind.name(),
        "length": length(field),
        "isRequired": flag(field.required),
        "isReadOnly": flag(field.read_only),
        "isQueryable": flag(field.queryable),
        "isReference": flag(field.reference),
        "referenceEntityType": field.refers_to.map_or("", Entity::singular),
        "isPickList": flag(field.picklist),
        "picklistValues": values,
        "picklistParentValueField": field.picklist_under.unwrap_or(""),
        "isSupportedWebhookField": flag(field.webhook),
    })
}

fn flag(known: Tristate) -> Option<bool> {
    match known {
        Tristate::Yes => Some(true),
        Tristate::No => Some(false),
        Tristate::Unknown => None,
    }
}

/// Characters of a text; every other type has 0.
fn length(field: &Field) -> Option<u32> {
    match field.kind {
        DataType::Text => field.length,
        _ => Some(0),
    }
}
