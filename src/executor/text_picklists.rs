//! Labels of lists whose codes are texts, as those codes: lists of UDFs, and a few picklists.

use serde_json::Value;

use super::Executor;
use super::metadata::FieldList;
use super::resolve::ResolutionNotes;
use crate::catalog::tenant_fields::{TenantField, TenantFields};
use crate::catalog::{Entity, Field};
use crate::error::Error;
use crate::filter::{Condition, FilterField};
use crate::resolver::name_ref::visit_text_values;
use crate::validate::udfs::picklist_value;
use crate::value::coerce::as_integer;
use crate::value::record::Record;

impl Executor {
    /// Puts codes for the labels in a filter; a list is read only where something may be a label of it.
    pub(super) async fn resolve_text_codes(
        &self,
        entity: Entity,
        clauses: &mut [Condition],
        notes: &mut ResolutionNotes,
    ) -> Result<(), Error> {
        for list in [FieldList::Udfs, FieldList::Fields] {
            let mut is_asked = false;
            visit_text_values(clauses, &mut |tested, _| {
                is_asked |= list_of(tested) == list;
                None
            });
            if !is_asked {
                continue;
            }
            match self.tenant_fields(entity, list).await {
                Ok(live) => settle(clauses, list, &live, notes)?,
                // Without the list the texts go as they are: most UDFs are no lists.
                Err(error) => notes.warnings.push(unchecked_warning(entity, list, &error)),
            }
        }
        Ok(())
    }

    /// Puts codes for the labels in a record; where the lists cannot be read, the preflight tells.
    pub(super) async fn resolve_record_text_codes(
        &self,
        entity: Entity,
        record: &mut Record,
        notes: &mut ResolutionNotes,
    ) -> Result<(), Error> {
        let learnt = self.discovered_schema();
        let given = |field: &Field| non_numeric_text(record.get(field.name)?).map(str::to_owned);
        let listed = learnt.fields(entity).filter(|field| field.is_text_list());
        let given = listed.filter_map(|field| Some((field, given(field)?)));
        let given: Vec<_> = given.collect();
        if given.is_empty() {
            return Ok(());
        }
        let Ok(live) = self.tenant_fields(entity, FieldList::Fields).await else {
            return Ok(());
        };
        for (field, text) in given {
            if let Some(list) = live.for_field(field).filter(|list| has_values(list)) {
                record.set(field.name, notes.record_code(list, field.name, &text.into())?);
            }
        }
        Ok(())
    }
}

impl ResolutionNotes {
    /// Notes what a label came to, and answers its code.
    fn record_code(
        &mut self,
        list: &TenantField,
        name: &str,
        given: &Value,
    ) -> Result<Value, Error> {
        let (code, remarks) = picklist_value(list, given)?;
        let code = Value::from(code);
        self.warnings.extend(remarks);
        if let Some(label) = non_numeric_text(given).filter(|label| code != *label) {
            self.resolved.record(name, label, &code);
        }
        Ok(code)
    }
}

fn settle(
    clauses: &mut [Condition],
    list: FieldList,
    live: &TenantFields,
    notes: &mut ResolutionNotes,
) -> Result<(), Error> {
    let mut refused = None;
    visit_text_values(clauses, &mut |tested, given| {
        let (name, field) = match tested {
            FilterField::Standard(field) => (field.name, live.for_field(field)),
            FilterField::Udf(name) | FilterField::MaybeUdf(name) => {
                (name.as_str(), live.find(name))
            }
        };
        let field = field.filter(|field| list_of(tested) == list && has_values(field))?;
        let code = notes.record_code(field, name, given);
        code.map_err(|error| refused = Some(error)).ok()
    });
    refused.map_or(Ok(()), Err)
}

/// A text that does not read as a number, which would be the code.
fn non_numeric_text(value: &Value) -> Option<&str> {
    value.as_str().filter(|_| as_integer(value).is_none())
}

fn list_of(tested: &FilterField) -> FieldList {
    match tested {
        FilterField::Standard(_) => FieldList::Fields,
        FilterField::Udf(_) | FilterField::MaybeUdf(_) => FieldList::Udfs,
    }
}

fn has_values(field: &TenantField) -> bool {
    !field.choices().is_empty()
}

/// What is told where texts could not be held against their lists.
pub(super) fn unchecked_warning(entity: Entity, list: FieldList, error: &Error) -> String {
    let (name, code) = (entity.name(), error.code().name());
    let lists = match list {
        FieldList::Fields => "picklists",
        FieldList::Udfs => "user-defined fields",
    };
    format!(
        "The {lists} of {name} could not be read ({code}): texts were asked for as they are, \
         and a label of a list finds nothing."
    )
}
