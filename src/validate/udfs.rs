//! Checks the UDFs of a write against the tenant's: names, types, and labels of lists.

use jiff::civil::Date;
use serde_json::{Value, json};

use crate::catalog::tenant_fields::{TenantField, TenantFields};
use crate::catalog::udf_types::{type_error, unknown_udf_error};
use crate::catalog::{Entity, UDFS};
use crate::error::{Code, Error};
use crate::resolver::{NameRef, ResolutionNotes, find_picklist_value};
use crate::value::coerce::abbreviated;
use crate::value::record::Record;

/// Converts names and list values to the tenant's.
///
/// # Errors
/// `unknown-field`, `bad-argument`, `ambiguous-name` or `no-such-name`, by the UDF's name.
pub fn resolve(
    entity: Entity,
    record: &mut Record,
    live: &TenantFields,
    notes: &mut ResolutionNotes,
) -> Result<(), Error> {
    let Some(Value::Array(input)) = record.get(UDFS) else {
        return Ok(());
    };
    let resolved = input.iter().map(|udf| resolve_udf(entity, udf, live, notes));
    let resolved: Vec<_> = resolved.collect::<Result<_, _>>()?;
    if let Some(again) = super::duplicate_udf(&resolved) {
        let message = format!("{}: {again}.", entity.singular());
        return Err(Error::new(Code::BadArgument, message).accepts("each user-defined field once"));
    }
    record.set(UDFS, resolved.into());
    Ok(())
}

fn resolve_udf(
    entity: Entity,
    udf: &Value,
    live: &TenantFields,
    notes: &mut ResolutionNotes,
) -> Result<Value, Error> {
    let name = udf["name"].as_str().unwrap_or_default();
    let field = live.find(name).ok_or_else(|| unknown_udf_error(entity, name, live))?;
    let input = &udf["value"];
    let value = match input {
        Value::Null => Value::Null,
        input if field.picklist.is_some() => {
            let label = input.as_str().unwrap_or_default();
            let name = NameRef::for_udf(entity, &field.name, label);
            let found = find_picklist_value(&name, field)?;
            notes.record(&name, found)
        }
        input => coerce_udf(field, input)?,
    };
    Ok(json!({ "name": field.name, "value": value }))
}

fn coerce_udf(field: &TenantField, input: &Value) -> Result<Value, Error> {
    let Some(accepted) = type_error(field, input) else {
        return Ok(written_day(field, input).unwrap_or_else(|| input.clone()));
    };
    let message = format!("{} cannot be {}.", field.name, abbreviated(input));
    Err(Error::new(Code::BadArgument, message).accepts(accepted))
}

/// A user-defined date keeps the day as written, whatever the UTC offset.
fn written_day(field: &TenantField, input: &Value) -> Option<Value> {
    let day = input.as_str()?.get(.."2026-06-30".len())?;
    let is_day = field.kind == "datetime" && day.parse::<Date>().is_ok();
    is_day.then(|| day.into())
}
