//! Merges one field, value by value, and records which values changed and which confirm a manual correction.

use super::FROM_TENANT;
use super::field_row::{FieldRow, NameChange};
use crate::schema::Field;

/// A field while it is merged.
pub(super) struct FieldMerge<'a> {
    field: Field,
    /// The same field with the manual corrections.
    corrected: Option<&'a Field>,
    changed: Vec<&'static str>,
    /// The values that a manual correction already sets to the tenant's value.
    pub(super) confirmed: Vec<&'static str>,
}

impl<'a> FieldMerge<'a> {
    /// Starts with the stored field.
    pub(super) fn new(field: Field, corrected: Option<&'a Field>) -> Self {
        Self { field, corrected, changed: Vec::new(), confirmed: Vec::new() }
    }

    /// Sets a value of the tenant, unless it is unchanged or a correction already sets it.
    pub(super) fn set<T: PartialEq>(
        &mut self,
        name: &'static str,
        member: fn(&mut Field) -> &mut T,
        value: Option<T>,
    ) {
        let Some(value) = value.filter(|value| member(&mut self.field) != value) else {
            return;
        };
        let is_corrected = self.corrected.is_some_and(|field| *member(&mut field.clone()) == value);
        if is_corrected {
            self.confirmed.push(name);
        } else {
            *member(&mut self.field) = value;
            self.changed.push(name);
        }
    }

    /// Sets or clears a name.
    pub(super) fn set_name(
        &mut self,
        name: &'static str,
        member: fn(&mut Field) -> &mut Option<String>,
        change: NameChange,
    ) {
        match change {
            NameChange::Unspecified => {}
            NameChange::Cleared => self.set(name, member, Some(None)),
            NameChange::Set(value) => self.set(name, member, Some(Some(value))),
        }
    }

    /// Sets the six flags.
    pub(super) fn set_flags(&mut self, row: &FieldRow) {
        self.set("isRequired", |f| &mut f.is_required, row.is_required.map(Some));
        self.set("isReadOnly", |f| &mut f.is_read_only, row.is_read_only.map(Some));
        self.set("isQueryable", |f| &mut f.is_queryable, row.is_queryable.map(Some));
        self.set("isPickList", |f| &mut f.is_pick_list, row.is_pick_list.map(Some));
        self.set("isReference", |f| &mut f.is_reference, row.is_reference.map(Some));
        let webhook = row.is_supported_webhook_field.map(Some);
        self.set("isSupportedWebhookField", |f| &mut f.is_supported_webhook_field, webhook);
    }

    /// Uses the name in records; the name on the fields page is stored if it differs.
    pub(super) fn set_canonical_name(&mut self, name: &str, record_fields: &[String]) {
        let in_records = record_fields.iter().find(|field| field.eq_ignore_ascii_case(name));
        if let Some(canonical) = in_records {
            self.field.name.clone_from(canonical);
        }
        self.field.field_info_name = (self.field.name != name).then(|| name.to_owned());
    }

    /// Returns the merged field: changed values are no longer inferred, and a changed flag sets the source of all flags.
    pub(super) fn finish(mut self, is_new: bool) -> Field {
        self.field.inferred.retain(|name| !self.changed.contains(&name.as_str()));
        if is_new || self.changed.iter().any(|name| name.starts_with("is")) {
            self.field.flags_from = Some(FROM_TENANT.to_owned());
        }
        self.field
    }
}
