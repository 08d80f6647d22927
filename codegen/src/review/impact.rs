//! The impact of a change: the generated items and the tools that it affects.

use autotask_schema::drift::Change;
use heck::ToShoutySnakeCase;

use crate::tools::Tool;

/// The items of `entities.rs` that a change affects, and the tools.
pub(super) fn impact(change: &Change, tools: &[Tool]) -> (Vec<String>, Vec<String>) {
    let table = change.entity.to_shouty_snake_case();
    let children = change.affects_child_route.then(|| "CHILDREN".to_owned());
    let mut items = match (&change.field, change.is_whole_entity) {
        (Some(_), _) => vec![table],
        (None, true) => vec![format!("Entity::{}", change.entity), "Entity::row".into(), table],
        (None, false) if change.affects_child_route => Vec::new(),
        (None, false) => vec!["Entity::row".into()],
    };
    items.extend(children);
    let affected = tools.iter().filter(|tool| is_affected(tool, change));
    (items, affected.map(|tool| tool.name.clone()).collect())
}

/// Whether a tool names the changed entity or field; a tool without an entity uses the tables and is not affected.
fn is_affected(tool: &Tool, change: &Change) -> bool {
    let Some(entity) = &tool.entity else {
        return false;
    };
    let is_field = |field: &String| {
        let inputs = tool.inputs.iter().flat_map(|input| &input.fields);
        inputs.chain(&tool.shows).any(|named| named == field)
    };
    *entity == change.entity && change.field.as_ref().is_none_or(is_field)
}
