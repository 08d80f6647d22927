//! Merges the fields of an entity, row by row.

use serde_json::Value;

use super::field_merge::FieldMerge;
use super::field_row::FieldRow;
use super::{MergeContext, MergeResult};
use crate::schema::{Entity, Field};
use crate::skipped::Skipped;
use crate::tenant_metadata::PageKind;

/// Why a field is skipped.
const SAME_NAME: &str = "another field has this name, perhaps in other letter case";

/// Merges the fields that a tenant lists; returns false if it lists none, and keeps the stored ones.
pub(super) fn merge_fields(
    context: &MergeContext<'_>,
    entity: &mut Entity,
    corrected: Option<&Entity>,
    result: &mut MergeResult,
) -> bool {
    let rows = match listed_rows(context, entity) {
        Ok(rows) => rows,
        Err(reason) => {
            result.skipped.push(Skipped::new(&entity.name, reason));
            return false;
        }
    };
    let mut fields: Vec<Field> = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let name = name_of(row);
        let place = format!("{}.{name}", entity.name);
        // Of rows with one name the first one counts, whether it is valid or not.
        let mut earlier = rows.iter().take(at);
        if !name.is_empty() && earlier.any(|row| name_of(row).eq_ignore_ascii_case(name)) {
            result.skipped.push(Skipped::new(&place, SAME_NAME));
            continue;
        }
        let stored = find(&entity.fields, name);
        let corrected = corrected.and_then(|entity| find(&entity.fields, name));
        let record_fields = context.record_fields(&entity.name);
        let merged =
            merge_field(context, (stored, corrected), (row, record_fields, &place), result);
        let merged = merged.map_err(|reason| result.skipped.push(Skipped::new(&place, reason)));
        match merged.ok().or(stored.cloned()) {
            Some(field) if find(&fields, &field.name).is_some() => {
                result.skipped.push(Skipped::new(&place, SAME_NAME));
            }
            field => fields.extend(field),
        }
    }
    fields.sort_by(|a, b| a.name.cmp(&b.name));
    entity.fields = fields;
    true
}

fn listed_rows<'a>(context: &'a MergeContext<'_>, entity: &Entity) -> Result<&'a [Value], String> {
    let page = context.metadata.page(&entity.name, PageKind::Fields);
    let page = page.map_err(|reason| format!("fields not read: {reason}"))?;
    match page["fields"].as_array() {
        Some(rows) if !rows.is_empty() || entity.fields.is_empty() => Ok(rows),
        _ => Err("no fields are listed".to_owned()),
    }
}

fn name_of(row: &Value) -> &str {
    row["name"].as_str().unwrap_or_default()
}

fn find<'a>(fields: &'a [Field], name: &str) -> Option<&'a Field> {
    let matches = |field: &&Field| {
        let on_page = field.field_info_name.as_deref().unwrap_or(&field.name);
        on_page.eq_ignore_ascii_case(name) || field.name.eq_ignore_ascii_case(name)
    };
    fields.iter().find(matches)
}

fn merge_field(
    context: &MergeContext<'_>,
    (stored, corrected): (Option<&Field>, Option<&Field>),
    (row, record_fields, place): (&Value, &[String], &str),
    result: &mut MergeResult,
) -> Result<Field, String> {
    let row = FieldRow::parse(row)?;
    let data_type = row.data_type(stored)?;
    let before = stored.cloned().unwrap_or_else(|| Field::new(&row.name, data_type));
    let mut merge = FieldMerge::new(before, corrected);
    merge.set_canonical_name(&row.name, record_fields);
    merge.set("dataType", |f| &mut f.data_type, Some(data_type));
    merge.set("length", |f| &mut f.length, row.length(data_type).map(Some));
    merge.set_flags(&row);
    match row.reference(context) {
        Ok(to) => merge.set_name("referenceEntityType", |f| &mut f.reference_entity_type, to),
        Err(reason) => result.skipped.push(Skipped::new(place, reason)),
    }
    let parent = row.picklist_parent();
    merge.set_name("picklistParentValueField", |f| &mut f.picklist_parent_value_field, parent);
    let confirmed = merge.confirmed.iter().map(|name| format!("`{place}`: {name}."));
    result.confirmed.extend(confirmed);
    Ok(merge.finish(stored.is_none()))
}

/// Clears unknown names: a picklist's parent field, which may differ in case, and a referenced entity.
pub(super) fn check_names(
    context: &MergeContext<'_>,
    entity: &mut Entity,
    skipped: &mut Vec<Skipped>,
) {
    let names: Vec<_> = entity.fields.iter().map(|field| field.name.clone()).collect();
    for field in &mut entity.fields {
        if let Some(parent) = field.picklist_parent_value_field.take() {
            field.picklist_parent_value_field =
                names.iter().find(|name| name.eq_ignore_ascii_case(&parent)).cloned();
            if field.picklist_parent_value_field.is_none() {
                let place = format!("{}.{}", entity.name, field.name);
                let reason = format!("its picklist depends on {parent:?}, which is not a field");
                skipped.push(Skipped::new(&place, reason));
            }
        }
        let reference = field.reference_entity_type.take();
        field.reference_entity_type = reference.filter(|name| context.singular(name).is_some());
    }
}
