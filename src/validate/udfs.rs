//! UDFs of a write held against the tenant's own: names, types, and labels of lists.

use serde_json::{Value, json};

use crate::catalog::tenant_fields::{TenantField, TenantFields};
use crate::catalog::udf_types::{type_error, unknown_udf_error};
use crate::catalog::{Entity, UDFS};
use crate::error::{Code, Error};
use crate::resolver::matching::MatchError;
use crate::resolver::{NameCandidate, Resolved, match_name};
use crate::value::coerce::abbreviated;
use crate::value::record::Record;

/// What names came to, and what is to be told of them.
pub type Report<'a> = (&'a mut Resolved, &'a mut Vec<String>);

/// Puts names and list values as the tenant has them.
///
/// # Errors
/// `unknown-field`, `bad-argument`, `ambiguous-name` or `no-such-name`, by the UDF's name.
pub fn resolve(
    entity: Entity,
    record: &mut Record,
    live: &TenantFields,
    told: &mut Report,
) -> Result<(), Error> {
    let Some(Value::Array(given)) = record.get(UDFS) else {
        return Ok(());
    };
    let settled = given.iter().map(|udf| one(entity, udf, live, told));
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
    (resolved, warnings): &mut Report,
) -> Result<Value, Error> {
    let name = udf["name"].as_str().unwrap_or_default();
    let field = live.find(name).ok_or_else(|| unknown_udf_error(entity, name, live))?;
    let given = &udf["value"];
    let value = match given {
        Value::Null => Value::Null,
        given if field.picklist.is_some() => {
            let (value, remarks) = picklist_value(field, given)?;
            warnings.extend(remarks);
            value.into()
        }
        given => coerce_udf(field, given)?,
    };
    if field.picklist.is_some() && value != *given {
        resolved.record(&field.name, given.as_str().unwrap_or_default(), &value);
    }
    Ok(json!({ "name": field.name, "value": value }))
}

/// A list's value, by itself or by its label, with what is to be told of it; Autotask takes it as a text.
///
/// # Errors
/// `ambiguous-name` or `no-such-name`, with the list.
pub fn picklist_value(field: &TenantField, given: &Value) -> Result<(String, Vec<String>), Error> {
    if let Some(choice) = field.choice(given) {
        return Ok((text(&choice.code), Vec::new()));
    }
    let candidates: Vec<_> = field.choices().iter().map(NameCandidate::from_picklist).collect();
    let label = given.as_str().unwrap_or_default().trim();
    let told = |candidates: &[&NameCandidate]| {
        let told: Vec<_> = candidates.iter().take(20).map(|one| one.describe()).collect();
        told.join("; ")
    };
    let (name, shown) = (&field.name, abbreviated(given));
    match match_name(label, &candidates) {
        Ok(one) if !label.is_empty() => Ok((text(&one.number), one.warnings(name, label))),
        Err(MatchError::Ambiguous(several)) => {
            let message = format!("{name}: {shown} may mean several values.");
            Err(Error::new(Code::AmbiguousName, message).accepts(told(&several)))
        }
        Ok(_) | Err(MatchError::NotFound) => {
            let message = format!("{name}: the list has no value {shown}.");
            let all: Vec<_> = candidates.iter().collect();
            Err(Error::new(Code::NoSuchName, message).accepts(told(&all)))
        }
    }
}

fn text(code: &Value) -> String {
    code.as_str().map_or_else(|| code.to_string(), str::to_owned)
}

fn coerce_udf(field: &TenantField, given: &Value) -> Result<Value, Error> {
    let Some(takes) = type_error(field, given) else {
        return Ok(given.clone());
    };
    let message = format!("{} does not take {}.", field.name, abbreviated(given));
    Err(Error::new(Code::BadArgument, message).accepts(takes))
}
