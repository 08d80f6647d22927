//! An entity as a whole: its names, its addresses and what may be done with it.

use serde_json::Value;

use crate::documents::{Documents, Page};
use crate::note::Note;
use crate::schema::{Can, Entity, Parent};
use crate::swagger::{Listed, Swagger};

/// An entity of which nothing is known yet.
pub(super) fn blank(name: &str) -> Entity {
    Entity {
        name: name.to_owned(),
        singular: None,
        legacy: None,
        can: Can { query: false, create: false, update: false, delete: false },
        has_user_defined_fields: false,
        supports_webhook_callouts: false,
        parent: None,
        actions: Vec::new(),
        routes: std::collections::BTreeMap::new(),
        fields: Vec::new(),
    }
}

/// Names, routes and the place below a parent, as Swagger lists them.
pub(super) fn address(entity: &mut Entity, swagger: &Swagger) {
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
    // A tenant without UDFs says that it has none; a record's shape says whether it could.
    if !listed.spellings.is_empty() {
        entity.has_user_defined_fields =
            listed.spellings.iter().any(|name| name == "userDefinedFields");
    }
    entity.parent = parent(entity, listed, swagger);
}

fn parent(entity: &mut Entity, listed: &Listed, swagger: &Swagger) -> Option<Parent> {
    let (segment, child) = listed.below.as_ref()?;
    let same = |parent: &Parent| parent.segment == *segment && parent.child == *child;
    let mut parent = entity.parent.take().filter(same).unwrap_or_else(|| Parent {
        entity: Some(segment.clone()),
        segment: segment.clone(),
        child: child.clone(),
        parent_id_field: None,
        inferred: Vec::new(),
    });
    // A segment need not be a collection of its own.
    parent.entity = parent.entity.filter(|name| swagger.entities.contains_key(name));
    Some(parent)
}

/// A new child's field of its parent's id: the one field that refers to the parent.
pub(super) fn parent_field(entity: &mut Entity, swagger: &Swagger) {
    let (fields, Some(parent)) = (&entity.fields, &mut entity.parent) else {
        return;
    };
    let above = parent.entity.as_ref().and_then(|name| swagger.entities.get(name));
    let (Some(above), None) = (above, &parent.parent_id_field) else {
        return;
    };
    let refers = |to: &Option<String>| to.is_some() && *to == above.singular;
    let mut candidates = fields.iter().filter(|f| refers(&f.reference_entity_type));
    if let (Some(field), None) = (candidates.next(), candidates.next()) {
        parent.parent_id_field = Some(field.name.clone());
        parent.inferred = vec!["parentIdField".to_owned()];
    }
}

/// Rights and webhooks, as `entityInformation` tells them.
pub(super) fn rights(entity: &mut Entity, documents: &Documents, notes: &mut Vec<Note>) {
    let said = documents.page(&entity.name, Page::Rights);
    let info = match &said {
        Ok(page) => &page["info"],
        Err(reason) => {
            return notes.push(Note::of(&entity.name, format!("rights not read: {reason}")));
        }
    };
    if let Some(webhooks) = info["supportsWebhookCallouts"].as_bool() {
        entity.supports_webhook_callouts = webhooks;
    }
    let mut denied = Vec::new();
    for (verb, right, method) in RIGHTS {
        let told = info[format!("can{verb}")].as_bool();
        let may = grants(&info[format!("userAccessFor{verb}")]);
        let is_there = *right(&mut entity.can) && leads(entity, method);
        match told {
            Some(false) if is_there && !may => denied.push(verb.to_lowercase()),
            Some(told) => *right(&mut entity.can) = told,
            None => {}
        }
    }
    if !denied.is_empty() {
        let words = format!("this API user may not {}; the right is kept", denied.join(", "));
        notes.push(Note::of(&entity.name, words));
    }
}

/// A verb, where its right is held, and the method of its addresses.
type Right = (&'static str, fn(&mut Can) -> &mut bool, &'static str);

const RIGHTS: [Right; 4] = [
    ("Query", |can| &mut can.query, "GET"),
    ("Create", |can| &mut can.create, "POST"),
    ("Update", |can| &mut can.update, "PATCH"),
    ("Delete", |can| &mut can.delete, "DELETE"),
];

/// Whether an address is left for a method; the POST of a query creates nothing.
fn leads(entity: &Entity, method: &str) -> bool {
    let is_meant = |path: &str| {
        let asks = path.contains("/query") && method != "GET";
        !asks && !path.contains("/entityInformation")
    };
    let mut routes = entity.routes.iter();
    routes.any(|(path, methods)| is_meant(path) && methods.iter().any(|known| known == method))
}

/// Documented as 0 for none; older answers say it in a word.
fn grants(access: &Value) -> bool {
    match access {
        Value::Number(number) => number.as_i64() != Some(0),
        Value::String(word) => !word.eq_ignore_ascii_case("none") && word != "0",
        _ => false,
    }
}
