//! The catalogue of entities, answered from the schema.

use serde_json::{Value, json};

use super::generated::ListKnownEntities;
use super::{Planned, Situation};
use crate::address::{Address, known, takes};
use crate::error::Error;
use crate::plan::Plan;
use crate::schema::{Entity, Verb};

impl Planned for ListKnownEntities {
    fn plan(self, _: &Situation) -> Result<Plan, Error> {
        let parent = self.parent.as_deref().map(known).transpose()?;
        let listed = Entity::holding(self.search.as_deref().unwrap_or_default());
        let listed = listed.filter(|entity| is_below(*entity, parent));
        let entities: Vec<_> = match self.detail {
            Some(true) => listed.map(detail).collect(),
            _ => listed.map(|entity| entity.name().into()).collect(),
        };
        Ok(Plan::Known(json!({ "entities": entities })))
    }
}

fn is_below(entity: Entity, parent: Option<Entity>) -> bool {
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

/// What the tools can do with an entity, at its root or under a parent.
#[must_use]
pub fn verbs(entity: Entity) -> Vec<&'static str> {
    let child = entity.as_child();
    let at = Address { entity, parent: child.map(|_| 1) };
    [
        (at.search().is_ok(), "query"),
        (at.get(1).is_ok(), "get"),
        (takes(entity, Verb::Create), "create"),
        (takes(entity, Verb::Update), "update"),
        (takes(entity, Verb::Delete), "delete"),
    ]
    .into_iter()
    .filter_map(|(is, name)| is.then_some(name))
    .collect()
}
