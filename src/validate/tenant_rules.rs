//! Checks a write against the tenant's metadata (required fields, picklists, lengths) and reports all problems at once.

use serde_json::{Map, Value};

use super::{describe_hint, missing_fields_error};
use crate::catalog::tenant_fields::{PicklistValue, TenantFields};
use crate::catalog::{DiscoveredSchema, Entity, Field};
use crate::error::{Code, Error};
use crate::plan::Change;
use crate::resolver::NameCandidate;
use crate::resolver::matching::describe_all_if_few;
use crate::value::record::Record;

/// The tenant's metadata and the current record, against which a write is checked.
#[derive(Clone, Copy)]
pub struct TenantRules<'a> {
    pub entity: Entity,
    pub tenant: &'a TenantFields,
    /// Its fields that the built-in schema does not contain.
    pub discovered: &'a DiscoveredSchema,
    /// The current record, if it is known.
    pub current: Option<&'a Map<String, Value>>,
    /// The field that the address sets.
    pub parent: Option<&'static str>,
}

impl TenantRules<'_> {
    /// The warnings for a write that the tenant's metadata allows.
    ///
    /// # Errors
    /// `missing-field` with all missing fields; `bad-argument` with all values that are not listed, too long or that
    /// belong to another parent value.
    pub fn check(&self, change: &Change) -> Result<Vec<String>, Error> {
        let Some(record) = change.record() else {
            return Ok(Vec::new());
        };
        let missing = self.missing_fields(change);
        if !missing.is_empty() {
            return Err(missing_fields_error(self.entity, &missing));
        }
        let is_new = matches!(change, Change::Create(_));
        let problem = |field: &'static Field| {
            let inactive = || self.inactive_value(field, record).filter(|_| is_new);
            self.field_error(field, record).or_else(inactive)
        };
        let problems: Vec<_> = self.discovered.fields(self.entity).filter_map(problem).collect();
        if problems.is_empty() {
            return Ok(self.warnings(record));
        }
        let message = format!("{} is invalid: {}.", self.entity.singular(), problems.join("; "));
        let error = Error::new(Code::BadArgument, message);
        let error = error.next(describe_hint(self.entity, "picklists"));
        let listed = self.discovered.fields(self.entity);
        let listed: Vec<_> = listed.filter_map(|f| self.short_picklist(f, record)).collect();
        Err(match listed.is_empty() {
            true => error,
            false => error.accepts(listed.join("; ")),
        })
    }

    /// The short picklist that does not contain the value.
    fn short_picklist(&self, field: &Field, record: &Record) -> Option<String> {
        let (tenant, value) = (self.tenant.for_field(field)?, record.get(field.name)?);
        let is_valid =
            value.is_null() || tenant.choice(value).is_some_and(|choice| choice.is_active);
        if is_valid { None } else { self.active_values(field.name) }
    }

    /// The values that a field may be set to, if they are few.
    #[must_use]
    pub fn active_values(&self, field: &str) -> Option<String> {
        let active = self.tenant.find(field)?.choices().iter().filter(|choice| choice.is_active);
        let active: Vec<_> = active.map(NameCandidate::from_picklist).collect();
        describe_all_if_few(&active).map(|all| format!("{field}: {all}"))
    }

    /// The problem with a value that is no longer active.
    fn inactive_value(&self, field: &Field, record: &Record) -> Option<String> {
        let choice = self.tenant.for_field(field)?.choice(record.get(field.name)?)?;
        let PicklistValue { code, label, .. } = choice;
        (!choice.is_active).then(|| format!("{} {code} ({label}) is inactive", field.name))
    }

    /// The fields that a new record lacks according to the tenant; Autotask sets fields that are required and read-only.
    #[must_use]
    pub fn missing_fields(&self, change: &Change) -> Vec<&'static str> {
        let Change::Create(record) = change else {
            return Vec::new();
        };
        let missing = |field: &&'static Field| {
            let tenant = self.tenant.for_field(field);
            let is_required = tenant.is_some_and(|tenant| tenant.required && !tenant.read_only);
            let is_given = field.name == "id" || Some(field.name) == self.parent;
            is_required && !is_given && record.is_blank(field.name)
        };
        let fields = self.discovered.fields(self.entity);
        fields.filter(missing).map(|field| field.name).collect()
    }

    fn field_error(&self, field: &Field, record: &Record) -> Option<String> {
        let tenant = self.tenant.for_field(field)?;
        let value = record.get(field.name);
        if let Some(max_chars) = value.filter(|value| is_longer(value, tenant.length)) {
            let length = max_chars.as_str().map_or(0, |text| text.chars().count());
            return Some(format!(
                "{} has {length} characters, and allows {}",
                field.name, tenant.length
            ));
        }
        if tenant.choices().is_empty() {
            return None;
        }
        match value {
            None => self.orphaned_value(field, record),
            Some(Value::Null) => None,
            Some(value) => match tenant.choice(value) {
                None => Some(format!("{} has no value {value}", field.name)),
                Some(choice) => self.wrong_parent_value(field, choice, record),
            },
        }
    }

    /// The problem with a value that belongs to another parent value.
    fn wrong_parent_value(
        &self,
        field: &Field,
        choice: &PicklistValue,
        record: &Record,
    ) -> Option<String> {
        let (parent_field, parent_value) = (field.picklist_parent?, choice.parent_value.as_ref()?);
        let named = format!("{} {} ({})", field.name, choice.code, choice.label);
        let parent = record.get(parent_field).or_else(|| self.current?.get(parent_field));
        let parent = parent.filter(|parent| !parent.is_null());
        let other =
            parent.map(|parent| format!(", not with {}", self.labeled(parent_field, parent)));
        let expected = self.labeled(parent_field, parent_value);
        (parent != Some(parent_value)).then(|| {
            format!("{named} goes with {parent_field} {expected}{}", other.unwrap_or_default())
        })
    }

    /// A code with its label.
    fn labeled(&self, field: &str, code: &Value) -> String {
        match self.tenant.find(field).and_then(|tenant| tenant.choice(code)) {
            Some(choice) => format!("{code} ({})", choice.label),
            None => code.to_string(),
        }
    }

    /// The problem with a value that stays although its parent value changes.
    fn orphaned_value(&self, field: &Field, record: &Record) -> Option<String> {
        let parent_field = field.picklist_parent?;
        let new = record.get(parent_field)?;
        let current_value =
            self.current?.get(field.name).filter(|current_value| !current_value.is_null())?;
        let choice = self.tenant.for_field(field)?.choice(current_value)?;
        let parent_value =
            choice.parent_value.as_ref().filter(|parent_value| *parent_value != new)?;
        Some(format!(
            "{} stays {current_value} ({}), which goes with {parent_field} {}: change it too",
            field.name,
            choice.label,
            self.labeled(parent_field, parent_value)
        ))
    }

    fn warnings(&self, record: &Record) -> Vec<String> {
        self.discovered
            .fields(self.entity)
            .filter_map(|field| self.warning(field, record.get(field.name)?))
            .collect()
    }

    fn warning(&self, field: &Field, value: &Value) -> Option<String> {
        let tenant = self.tenant.for_field(field)?;
        let choice = tenant.choice(value);
        if let Some(choice) = choice.filter(|choice| !choice.is_active) {
            return Some(format!("{}: {} ({value}) is inactive.", field.name, choice.label));
        }
        let fixed = tenant.read_only && !field.read_only.is_yes();
        fixed.then(|| {
            let name = field.name;
            format!("{name} is read-only in this tenant: Autotask may ignore it.")
        })
    }
}

fn is_longer(value: &Value, max_chars: u64) -> bool {
    let length = value.as_str().map_or(0, |text| text.chars().count());
    max_chars > 0 && length as u64 > max_chars
}
