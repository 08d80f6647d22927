//! What every record must satisfy: required fields, picklists, references, lengths.

use serde_json::Value;

use crate::catalog::{Entity, Field};

use super::super::picklist;
use super::super::reply::Refusal;
use super::super::store::{Record, Store, has, whole};
use super::{Draft, Target, settable};

/// Refuses a parent that is not there.
pub(super) fn parent(store: &Store, target: Target) -> Result<(), Refusal> {
    let Some((child, id)) = target.under else {
        return Ok(());
    };
    let parent = child.parent.filter(|parent| store.knows(*parent));
    match parent.filter(|parent| store.get(*parent, id).is_none()) {
        Some(parent) => {
            let field = child.parent_field.unwrap_or("parentID");
            Err(Refusal::reference(field, parent.singular()))
        }
        None => Ok(()),
    }
}

/// Refuses the first required field that holds nothing.
pub(super) fn required(draft: &Draft, target: Target) -> Result<(), Refusal> {
    let parent = target.under.and_then(|(child, _)| child.parent_field);
    let lacks = |field: &&Field| {
        let asked = field.required.is_yes() && settable(draft, field) && Some(field.name) != parent;
        asked && !has(&draft.after, field.name)
    };
    match draft.entity.fields().iter().find(lacks) {
        Some(field) => Err(Refusal::missing(field.name)),
        None => Ok(()),
    }
}

/// Refuses a required field that a change would empty.
pub(super) fn emptied(draft: &Draft) -> Result<(), Refusal> {
    let is_emptied = |field: &&Field| {
        field.required.is_yes()
            && draft.sent.contains(&field.name)
            && !has(&draft.after, field.name)
    };
    match draft.entity.fields().iter().find(is_emptied) {
        Some(field) => Err(Refusal::of_record(format!(
            "Value does not exist for the required field {}.",
            field.name
        ))),
        None => Ok(()),
    }
}

/// Checks the value of each field that the request changed.
pub(super) fn values(store: &Store, draft: &Draft) -> Result<(), Refusal> {
    for field in draft.entity.fields() {
        let sent = draft.sent.contains(&field.name) && draft.changes(field.name);
        if !sent && !parent_changed(draft, field) {
            continue;
        }
        if let Some(value) = draft.after.get(field.name).filter(|value| !value.is_null()) {
            length(field, value)?;
            choice(draft, field, value)?;
            reference(store, field, value)?;
        }
    }
    Ok(())
}

fn parent_changed(draft: &Draft, field: &Field) -> bool {
    field.picklist_under.is_some_and(|parent| draft.changes(parent))
}

fn length(field: &Field, value: &Value) -> Result<(), Refusal> {
    let most = field.length.filter(|most| *most > 0).unwrap_or(u32::MAX);
    let length = value.as_str().map_or(0, |text| text.encode_utf16().count());
    if length <= usize::try_from(most).unwrap_or(usize::MAX) {
        return Ok(());
    }
    Err(Refusal::of_record(format!(
        "The value for {} exceeds the maximum length of {most}.",
        field.name
    )))
}

fn choice(draft: &Draft, field: &Field, value: &Value) -> Result<(), Refusal> {
    let choices = picklist::of(draft.entity, field);
    if !field.picklist.is_yes() || choices.is_empty() {
        return Ok(());
    }
    let code = shown(value);
    let Some(choice) = choices.iter().find(|choice| choice.value == code) else {
        let name = field.name;
        let words = format!("Picklist value [{code}] does not exist for {name}.");
        return Err(Refusal::of_record(words));
    };
    let parent = field.picklist_under.and_then(|parent| draft.after.get(parent));
    match field.picklist_under {
        Some(_) if choice.parent != parent.map(shown).unwrap_or_default() => {
            Err(stray_child(field, &code))
        }
        _ => Ok(()),
    }
}

fn stray_child(field: &Field, code: &str) -> Refusal {
    let (name, parent) = (field.name, field.picklist_under.unwrap_or_default());
    Refusal::of_record(format!(
        "The child picklist value [{code}] of {name} is not associated to the value of {parent}."
    ))
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn reference(store: &Store, field: &Field, value: &Value) -> Result<(), Refusal> {
    let Some((entity, id)) = field.refers_to.zip(value.as_i64()) else {
        return Ok(());
    };
    let stands = store.get(entity, id).is_some_and(|record| is_active(entity, record));
    if stands || !store.knows(entity) {
        return Ok(());
    }
    Err(Refusal::reference(field.name, entity.singular()))
}

fn is_active(entity: Entity, record: &Record) -> bool {
    match entity {
        Entity::Contacts => whole(record, "isActive") != Some(0),
        Entity::Companies | Entity::Resources | Entity::Roles => {
            record.get("isActive").and_then(Value::as_bool) != Some(false)
        }
        _ => true,
    }
}
