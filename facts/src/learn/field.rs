//! The fields of an entity, row by row.

use serde_json::Value;

use super::row::Row;
use super::taking::Taking;
use super::{Learnt, Lesson};
use crate::documents::Page;
use crate::note::Note;
use crate::schema::{Entity, Field};

/// Takes the fields that a tenant lists; false where it lists none, and then they stay.
pub(super) fn fields(
    lesson: &Lesson<'_>,
    entity: &mut Entity,
    corrected: Option<&Entity>,
    learnt: &mut Learnt,
) -> bool {
    let rows = match listed(lesson, entity) {
        Ok(rows) => rows,
        Err(words) => {
            learnt.notes.push(Note::of(&entity.name, words));
            return false;
        }
    };
    let mut fields: Vec<Field> = Vec::new();
    for row in rows {
        let told = row["name"].as_str().unwrap_or_default();
        let place = format!("{}.{told}", entity.name);
        let written = find(&entity.fields, told);
        let corrected = corrected.and_then(|entity| find(&entity.fields, told));
        let spellings = lesson.spellings(&entity.name);
        let taken = field(lesson, (written, corrected), (row, spellings, &place), learnt);
        let taken = taken.map_err(|words| learnt.notes.push(Note::of(&place, words)));
        match taken.ok().or(written.cloned()) {
            Some(field) if find(&fields, &field.name).is_some() => {
                let words = "another field has this name in other letter case";
                learnt.notes.push(Note::of(&place, words));
            }
            field => fields.extend(field),
        }
    }
    fields.sort_by(|a, b| a.name.cmp(&b.name));
    entity.fields = fields;
    true
}

fn listed<'a>(lesson: &'a Lesson<'_>, entity: &Entity) -> Result<&'a [Value], String> {
    let said = lesson.documents.page(&entity.name, Page::Fields);
    let page = said.map_err(|reason| format!("fields not read: {reason}"))?;
    match page["fields"].as_array() {
        Some(rows) if !rows.is_empty() || entity.fields.is_empty() => Ok(rows),
        _ => Err("no fields are listed".to_owned()),
    }
}

fn find<'a>(fields: &'a [Field], told: &str) -> Option<&'a Field> {
    let is = |field: &&Field| {
        let described = field.field_info_name.as_deref().unwrap_or(&field.name);
        described.eq_ignore_ascii_case(told) || field.name.eq_ignore_ascii_case(told)
    };
    fields.iter().find(is)
}

fn field(
    lesson: &Lesson<'_>,
    (written, corrected): (Option<&Field>, Option<&Field>),
    (told, spellings, place): (&Value, &[String], &str),
    learnt: &mut Learnt,
) -> Result<Field, String> {
    let row = Row::read(told)?;
    let kind = row.kind(written)?;
    let before = written.cloned();
    let before = before.unwrap_or_else(|| Field::blank(&row.name, kind));
    let mut taking = Taking::from(before, corrected);
    taking.name(&row.name, spellings);
    taking.fact("dataType", |f| &mut f.data_type, Some(kind));
    taking.fact("length", |f| &mut f.length, row.length(kind).map(Some));
    taking.flags(&row);
    match row.reference(lesson) {
        Ok(to) => taking.named("referenceEntityType", |f| &mut f.reference_entity_type, to),
        Err(words) => learnt.notes.push(Note::of(place, words)),
    }
    let under = row.picklist_under();
    taking.named("picklistParentValueField", |f| &mut f.picklist_parent_value_field, under);
    let confirmed = taking.confirmed.iter().map(|fact| Note::of(place, *fact));
    learnt.confirmed.extend(confirmed);
    Ok(taking.done(written.is_none()))
}

/// What a field names must be there: its picklist's parent beside it, in any letter case, and what it refers to.
pub(super) fn settle(lesson: &Lesson<'_>, entity: &mut Entity, notes: &mut Vec<Note>) {
    let beside: Vec<_> = entity.fields.iter().map(|field| field.name.clone()).collect();
    for field in &mut entity.fields {
        let place = format!("{}.{}", entity.name, field.name);
        if let Some(told) = field.picklist_parent_value_field.take() {
            field.picklist_parent_value_field =
                beside.iter().find(|name| name.eq_ignore_ascii_case(&told)).cloned();
            if field.picklist_parent_value_field.is_none() {
                let words = format!("its picklist stands under {told:?}, which is no field");
                notes.push(Note::of(&place, words));
            }
        }
        let to = field.reference_entity_type.take();
        field.reference_entity_type = to.filter(|name| lesson.singular(name).is_some());
    }
}
