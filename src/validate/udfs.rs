//! UDFs of a write held against the tenant's own: names, types, and labels of lists.

use serde_json::{Value, json};

use crate::catalog::tenant_fields::{TenantField, TenantFields};
use crate::catalog::{Entity, UDFS, nearest};
use crate::error::{Code, Error};
use crate::resolver::{NameRef, ResolutionNotes, find_picklist_value};
use crate::value::coerce::{abbreviated, as_bool, as_integer, number};
use crate::value::datetime::DateOrInstant;
use crate::value::record::Record;

/// Puts names and list values as the tenant has them.
///
/// # Errors
/// `unknown-field`, `bad-argument`, `ambiguous-name` or `no-such-name`, by the UDF's name.
pub fn resolve(
    entity: Entity,
    record: &mut Record,
    live: &TenantFields,
    notes: &mut ResolutionNotes,
) -> Result<(), Error> {
    let Some(Value::Array(given)) = record.get(UDFS) else {
        return Ok(());
    };
    let settled = given.iter().map(|udf| one(entity, udf, live, notes));
    let settled: Vec<_> = settled.collect::<Result<_, _>>()?;
    if let Some(again) = super::duplicate_udf(&settled) {
        let message = format!("{}: {again}.", entity.singular());
        return Err(Error::new(Code::BadArgument, message).accepts("each user-defined field once"));
    }
    record.set(UDFS, settled.into());
    Ok(())
}

fn one(
    entity: Entity,
    udf: &Value,
    live: &TenantFields,
    notes: &mut ResolutionNotes,
) -> Result<Value, Error> {
    let name = udf["name"].as_str().unwrap_or_default();
    let field = live.find(name).ok_or_else(|| unknown(entity, name, live))?;
    let given = &udf["value"];
    let value = match given {
        Value::Null => Value::Null,
        given if field.picklist.is_some() => {
            let label = given.as_str().unwrap_or_default();
            let name = NameRef::for_udf(entity, &field.name, label);
            let found = find_picklist_value(&name, field)?;
            notes.record(&name, found)
        }
        given => coerce_udf(field, given)?,
    };
    Ok(json!({ "name": field.name, "value": value }))
}

fn coerce_udf(field: &TenantField, given: &Value) -> Result<Value, Error> {
    let Some(takes) = type_error(field, given) else {
        return Ok(given.clone());
    };
    let message = format!("{} does not take {}.", field.name, abbreviated(given));
    Err(Error::new(Code::BadArgument, message).accepts(takes))
}

/// What a UDF takes, where it does not take this.
#[must_use]
pub fn type_error(field: &TenantField, given: &Value) -> Option<String> {
    let takes = match field.kind.as_str() {
        "integer" | "long" | "short" if as_integer(given).is_none() => "a whole number",
        "double" | "decimal" | "float" if number(given).is_none() => "a number",
        "boolean" if as_bool(given).is_none() => "true or false",
        "datetime" if given.as_str().and_then(DateOrInstant::read).is_none() => "an ISO 8601 date",
        _ if is_longer(given, field.length) => "a shorter text",
        _ => return None,
    };
    let most = match field.length {
        0 => String::new(),
        most => format!(" of at most {most} characters"),
    };
    Some(format!("{}: {takes}{most}", field.name))
}

fn is_longer(given: &Value, most: u64) -> bool {
    let length = given.as_str().map_or(0, |text| text.chars().count());
    most > 0 && length as u64 > most
}

/// No such UDF, and the nearest that are.
#[must_use]
pub fn unknown(entity: Entity, name: &str, live: &TenantFields) -> Error {
    let names = || live.iter().map(|udf| udf.name.as_str());
    let near = nearest(name, names());
    let accepted = match near.is_empty() {
        true => names().take(20).collect::<Vec<_>>().join(", "),
        false => near.join(", "),
    };
    let message =
        format!("{} has no user-defined field {}.", entity.name(), abbreviated(&name.into()));
    let error = Error::new(Code::UnknownField, message);
    let error = match accepted.is_empty() {
        true => error,
        false => error.accepts(accepted),
    };
    error.next(super::describe_hint(entity, "udf"))
}
