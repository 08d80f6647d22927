//! Merges an entity as a whole: its names, routes and rights.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::schema::{Can, Entity, Parent};
use crate::skipped::Skipped;
use crate::swagger::{ListedEntity, Swagger};
use crate::tenant_metadata::{PageKind, TenantMetadata};

/// An entity of which only the name is known.
pub(super) fn empty(name: &str) -> Entity {
    Entity {
        name: name.to_owned(),
        singular: None,
        legacy: None,
        can: Can { query: false, create: false, update: false, delete: false },
        has_user_defined_fields: false,
        supports_webhook_callouts: false,
        parent: None,
        actions: Vec::new(),
        routes: BTreeMap::new(),
        fields: Vec::new(),
    }
}

/// Merges names, routes and the parent from the Swagger document.
pub(super) fn merge_routes(entity: &mut Entity, swagger: &Swagger) {
    let Some(listed) = swagger.entities.get(&entity.name) else {
        return;
    };
    entity.singular = listed.singular.clone().or(entity.singular.take());
    entity.legacy = listed.legacy.clone().or(entity.legacy.take());
    entity.routes.clone_from(&listed.routes);
    entity.actions.retain(|path| listed.routes.contains_key(path));
    for path in &listed.actions {
        if !entity.actions.contains(path) {
            entity.actions.push(path.clone());
        }
    }
    // `entityInformation` reports whether the tenant has UDFs; the record's model shows whether the entity supports them.
    if !listed.record_fields.is_empty() {
        entity.has_user_defined_fields =
            listed.record_fields.iter().any(|name| name == "userDefinedFields");
    }
    entity.parent = parent(entity, listed, swagger);
}

fn parent(entity: &mut Entity, listed: &ListedEntity, swagger: &Swagger) -> Option<Parent> {
    let (segment, child) = listed.child_path.as_ref()?;
    let is_same = |parent: &Parent| parent.segment == *segment && parent.child == *child;
    let mut parent = entity.parent.take().filter(is_same).unwrap_or_else(|| Parent {
        entity: Some(segment.clone()),
        segment: segment.clone(),
        child: child.clone(),
        parent_id_field: None,
        inferred: Vec::new(),
    });
    // Not every segment is an entity.
    parent.entity = parent.entity.filter(|name| swagger.entities.contains_key(name));
    Some(parent)
}

/// Infers which field holds the parent's id, if unknown: the only field that references the parent.
pub(super) fn infer_parent_field(entity: &mut Entity, swagger: &Swagger) {
    let (fields, Some(parent)) = (&entity.fields, &mut entity.parent) else {
        return;
    };
    let listed = parent.entity.as_ref().and_then(|name| swagger.entities.get(name));
    let (Some(listed), None) = (listed, &parent.parent_id_field) else {
        return;
    };
    let is_parent = |to: &Option<String>| to.is_some() && *to == listed.singular;
    let mut candidates = fields.iter().filter(|f| is_parent(&f.reference_entity_type));
    if let (Some(field), None) = (candidates.next(), candidates.next()) {
        parent.parent_id_field = Some(field.name.clone());
        parent.inferred = vec!["parentIdField".to_owned()];
    }
}

/// Merges rights and webhook support from `entityInformation`.
pub(super) fn merge_rights(
    entity: &mut Entity,
    metadata: &TenantMetadata,
    skipped: &mut Vec<Skipped>,
) {
    let page = metadata.page(&entity.name, PageKind::Rights);
    let info = match &page {
        Ok(page) => &page["info"],
        Err(reason) => {
            let reason = format!("rights not read: {reason}");
            return skipped.push(Skipped::new(&entity.name, reason));
        }
    };
    if let Some(webhooks) = info["supportsWebhookCallouts"].as_bool() {
        entity.supports_webhook_callouts = webhooks;
    }
    let mut denied = Vec::new();
    for (verb, right, method) in RIGHTS {
        let can = info[format!("can{verb}")].as_bool();
        let user_can = is_granted(&info[format!("userAccessFor{verb}")]);
        let is_known = *right(&mut entity.can) && has_route(entity, method);
        match can {
            Some(false) if is_known && !user_can => denied.push(verb.to_lowercase()),
            Some(can) => *right(&mut entity.can) = can,
            None => {}
        }
    }
    if !denied.is_empty() {
        let verbs = denied.join(", ");
        let reason = format!("this API user may not {verbs}; the right is kept");
        skipped.push(Skipped::new(&entity.name, reason));
    }
}

/// A verb, its right, and the HTTP method of its routes.
type Right = (&'static str, fn(&mut Can) -> &mut bool, &'static str);

const RIGHTS: [Right; 4] = [
    ("Query", |can| &mut can.query, "GET"),
    ("Create", |can| &mut can.create, "POST"),
    ("Update", |can| &mut can.update, "PATCH"),
    ("Delete", |can| &mut can.delete, "DELETE"),
];

/// Whether an entity has a route for a method on records; the POST of a query does not count.
fn has_route(entity: &Entity, method: &str) -> bool {
    let is_record_route = |path: &str| {
        let is_query = path.contains("/query") && method != "GET";
        !is_query && !path.contains("/entityInformation")
    };
    let mut routes = entity.routes.iter();
    routes.any(|(path, methods)| is_record_route(path) && methods.iter().any(|m| m == method))
}

/// The documentation says 0 for no access; older replies contain the word "None".
fn is_granted(access: &Value) -> bool {
    match access {
        Value::Number(number) => number.as_i64() != Some(0),
        Value::String(word) => !word.eq_ignore_ascii_case("none") && word != "0",
        _ => false,
    }
}
