//! What one change reaches: generated tables, and the tools that name what changed.

use autotask_schema::drift::Change;
use heck::ToShoutySnakeCase;

use crate::tools::Tool;

/// The items of `entities.rs` that a change reaches, then the tools.
pub(super) fn touched(change: &Change, tools: &[Tool]) -> (Vec<String>, Vec<String>) {
    let table = change.entity.to_shouty_snake_case();
    let children = change.affects_child_route.then(|| "CHILDREN".to_owned());
    let mut items = match (&change.field, change.is_whole_entity) {
        (Some(_), _) => vec![table],
        (None, true) => vec![format!("Entity::{}", change.entity), "Entity::row".into(), table],
        (None, false) if change.affects_child_route => Vec::new(),
        (None, false) => vec!["Entity::row".into()],
    };
    items.extend(children);
    let named = tools.iter().filter(|tool| names(tool, change));
    (items, named.map(|tool| tool.name.clone()).collect())
}

/// A tool without an entity follows the tables by itself.
fn names(tool: &Tool, change: &Change) -> bool {
    let Some(entity) = &tool.entity else {
        return false;
    };
    let is_field = |field: &String| {
        let inputs = tool.inputs.iter().flat_map(|input| &input.fields);
        inputs.chain(&tool.shows).any(|named| named == field)
    };
    *entity == change.entity && change.field.as_ref().is_none_or(is_field)
}
