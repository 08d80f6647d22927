//! Compares the fields of an entity.

use super::{Change, code_or_none, is_similar};
use crate::schema::{DataType, Entity, Field};

/// Added, removed, renamed and changed fields.
pub(super) fn changes(old: &Entity, new: &Entity) -> Vec<Change> {
    let entity = new.name.as_str();
    let has = |fields: &[Field], name: &str| fields.iter().any(|f| f.name == name);
    let mut added: Vec<&Field> = new.fields.iter().filter(|f| !has(&old.fields, &f.name)).collect();
    let mut changes = Vec::new();
    for field in &old.fields {
        if let Some(same) = new.fields.iter().find(|f| f.name == field.name) {
            changes.extend(differences(entity, field, same));
        } else if let Some(at) = added.iter().position(|new| is_renamed(field, new)) {
            let description = format!("renamed to `{}`", added.swap_remove(at).name);
            changes.push(Change::field(entity, &field.name, description).breaking(true));
        } else {
            changes.push(Change::field(entity, &field.name, "removed").breaking(true));
        }
    }
    changes.extend(added.into_iter().map(|field| addition(entity, field)));
    changes
}

fn addition(entity: &str, field: &Field) -> Change {
    let required = field.is_required == Some(true) && field.is_read_only != Some(true);
    let suffix = if required { ", required" } else { "" };
    let description = format!("added, {}{suffix}", type_name(field.data_type));
    Change::field(entity, &field.name, description).breaking(required)
}

/// Whether the types are equal, no known flags differ and the names are similar.
fn is_renamed(old: &Field, new: &Field) -> bool {
    let agree = |(_, before, after, _): (&str, Option<bool>, Option<bool>, Breaks)| {
        before.is_none() || after.is_none() || before == after
    };
    old.data_type == new.data_type
        && flags(old, new).into_iter().all(agree)
        && is_similar(&old.name, &new.name)
}

/// Which value of a flag is a breaking change.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Breaks {
    Yes,
    No,
    Never,
}

fn flags<'a>(old: &Field, new: &Field) -> [(&'a str, Option<bool>, Option<bool>, Breaks); 6] {
    [
        ("required", old.is_required, new.is_required, Breaks::Yes),
        ("read-only", old.is_read_only, new.is_read_only, Breaks::Yes),
        ("queryable", old.is_queryable, new.is_queryable, Breaks::No),
        ("a picklist", old.is_pick_list, new.is_pick_list, Breaks::Yes),
        ("a reference", old.is_reference, new.is_reference, Breaks::Never),
        (
            "a webhook field",
            old.is_supported_webhook_field,
            new.is_supported_webhook_field,
            Breaks::No,
        ),
    ]
}

fn differences(entity: &str, old: &Field, new: &Field) -> Vec<Change> {
    let change = |description: String, breaks| {
        Change::field(entity, &new.name, description).breaking(breaks)
    };
    let mut changes = Vec::new();
    if old.data_type != new.data_type {
        let description =
            format!("type {} → {}", type_name(old.data_type), type_name(new.data_type));
        changes.push(change(description, true));
    } else if old.length != new.length {
        let description = format!("length {} → {}", size(old.length), size(new.length));
        let shorter = old.length.zip(new.length).is_some_and(|(old, new)| new < old);
        changes.push(change(description, shorter));
    }
    for (what, before, after, breaks) in flags(old, new) {
        if before != after {
            let is_breaking = match breaks {
                Breaks::Yes => after == Some(true),
                Breaks::No => after == Some(false),
                Breaks::Never => false,
            };
            changes.push(change(flag(what, before, after), is_breaking && before.is_some()));
        }
    }
    let names = [
        ("reference", &old.reference_entity_type, &new.reference_entity_type, true),
        (
            "picklist depends on",
            &old.picklist_parent_value_field,
            &new.picklist_parent_value_field,
            true,
        ),
        ("name on the fields page", &old.field_info_name, &new.field_info_name, false),
    ];
    for (what, before, after, breaks) in names {
        if before != after {
            let description = format!(
                "{what} {} → {}",
                code_or_none(before.as_deref()),
                code_or_none(after.as_deref())
            );
            changes.push(change(description, breaks && before.is_some()));
        }
    }
    changes
}

fn flag(what: &str, before: Option<bool>, after: Option<bool>) -> String {
    let suffix = if before.is_none() { ", previously unknown" } else { "" };
    match after {
        Some(true) => format!("is {what}{suffix}"),
        Some(false) => format!("is not {what}{suffix}"),
        None => format!("{what}: unknown"),
    }
}

fn size(length: Option<u32>) -> String {
    length.map_or_else(|| "unknown".to_owned(), |length| length.to_string())
}

fn type_name(data_type: DataType) -> String {
    format!("`{}`", data_type.name())
}
