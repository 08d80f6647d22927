//! The plan of `list-known-entities`, whose response comes from the built-in schema.

use serde_json::{Value, json};

use super::arguments::CallArguments;
use crate::catalog::terms::{self, Meaning};
use crate::catalog::{Entity, Verb};
use crate::error::Error;
use crate::plan::Plan;
use crate::plan::address::{Address, find_entity, supports};

pub(super) fn plan(call: &CallArguments) -> Result<Plan, Error> {
    let parent = call.text("parent").map(find_entity).transpose()?;
    let search = call.text("search").unwrap_or_default().trim();
    let meaning = match search {
        "" => Meaning { entities: Entity::ALL.to_vec(), fields: Vec::new() },
        search => terms::meaning(search),
    };
    let listed = meaning.entities.iter().copied().filter(|entity| is_child_of(*entity, parent));
    let entities: Vec<_> = match call.flag("detail") {
        true => listed.map(detail).collect(),
        false => listed.map(|entity| entity.name().into()).collect(),
    };
    let mut response = json!({ "entities": entities });
    if let Some(unavailable) = terms::find_unavailable(search) {
        response["note"] = format!("{} {}", unavailable.message, unavailable.instead).into();
    } else if let Some(sentence) = meaning.fields_sentence(search) {
        response["fields"] = json!(meaning.fields);
        response["note"] = sentence.into();
    }
    Ok(Plan::Answered(response))
}

fn is_child_of(entity: Entity, parent: Option<Entity>) -> bool {
    parent.is_none_or(|parent| entity.as_child().is_some_and(|child| child.parent == Some(parent)))
}

fn detail(entity: Entity) -> Value {
    let mut detail = json!({ "name": entity.name(), "verbs": verbs(entity) });
    if let Some(child) = entity.as_child() {
        detail["parent"] = child.parent_name().into();
        detail["childName"] = child.name.into();
    }
    let children: Vec<_> = entity.children().map(|child| child.name).collect();
    if !children.is_empty() {
        detail["children"] = children.into();
    }
    detail
}

/// The verbs that the tools support for an entity, at its root or under a parent.
#[must_use]
pub fn verbs(entity: Entity) -> Vec<&'static str> {
    let child = entity.as_child();
    let address = Address { entity, parent: child.map(|_| 1) };
    [
        (address.search().is_ok(), "query"),
        (address.get(1).is_ok(), "get"),
        (supports(entity, Verb::Create), "create"),
        (supports(entity, Verb::Update), "update"),
        (supports(entity, Verb::Delete), "delete"),
    ]
    .into_iter()
    .filter_map(|(is_supported, name)| is_supported.then_some(name))
    .collect()
}
