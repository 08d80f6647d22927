//! The catalogue of entities, answered from the schema.

use serde_json::{Value, json};

use super::generated::ListKnownEntities;
use super::{IntoPlan, PlanContext};
use crate::catalog::{Entity, Verb};
use crate::error::Error;
use crate::plan::Plan;
use crate::plan::address::{Address, find_entity, supports};

impl IntoPlan for ListKnownEntities {
    fn plan(self, _: &PlanContext) -> Result<Plan, Error> {
        let parent = self.parent.as_deref().map(find_entity).transpose()?;
        let listed = Entity::containing(self.search.as_deref().unwrap_or_default());
        let listed = listed.filter(|entity| is_child_of(*entity, parent));
        let entities: Vec<_> = match self.detail {
            Some(true) => listed.map(detail).collect(),
            _ => listed.map(|entity| entity.name().into()).collect(),
        };
        Ok(Plan::Answered(json!({ "entities": entities })))
    }
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

/// What the tools can do with an entity, at its root or under a parent.
#[must_use]
pub fn verbs(entity: Entity) -> Vec<&'static str> {
    let child = entity.as_child();
    let at = Address { entity, parent: child.map(|_| 1) };
    [
        (at.search().is_ok(), "query"),
        (at.get(1).is_ok(), "get"),
        (supports(entity, Verb::Create), "create"),
        (supports(entity, Verb::Update), "update"),
        (supports(entity, Verb::Delete), "delete"),
    ]
    .into_iter()
    .filter_map(|(is, name)| is.then_some(name))
    .collect()
}
