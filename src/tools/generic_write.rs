//! The plans of the tools that write any entity.

use serde_json::{Map, Value};

use super::PlanContext;
use super::address;
use super::arguments::{CallArguments, add_udfs};
use super::builders::WriteBuilder;
use crate::catalog::{DiscoveredSchema, Entity};
use crate::error::{Code, Error};
use crate::plan::address::record_key;
use crate::plan::{Plan, RecordKey};
use crate::value::coerce::as_integer;
use crate::value::record::Record;

pub(super) fn create(call: &CallArguments, context: &PlanContext) -> Result<Plan, Error> {
    let at = address(call)?;
    let record = canonical_names(context.discovered, at.0.entity, call)?;
    WriteBuilder::for_address(context, at)?.create(record, call.flag("allowDuplicate"))
}

pub(super) fn update(call: &CallArguments, context: &PlanContext) -> Result<Plan, Error> {
    let at = address(call)?;
    let mut record = canonical_names(context.discovered, at.0.entity, call)?;
    let targets = targets(call, at.0.entity, &mut record)?;
    WriteBuilder::for_address(context, at)?.update(targets, record)
}

pub(super) fn delete(call: &CallArguments, context: &PlanContext) -> Result<Plan, Error> {
    let at = address(call)?;
    let key = record_key(at.0.entity, call.value("id").unwrap_or(&Value::Null))?;
    WriteBuilder::for_address(context, at)?.delete(key)
}

/// The records that `id`, `ids`, or the `id` among the fields name; the latter must agree with the argument.
fn targets(
    call: &CallArguments,
    entity: Entity,
    record: &mut Record,
) -> Result<Vec<RecordKey>, Error> {
    let Some(inside) = record.take("id").filter(|id| !id.is_null()) else {
        return call.targets(entity);
    };
    let inside = record_key(entity, &inside)?;
    if call.value("id").is_none() && call.value("ids").is_none() {
        return Ok(vec![inside]);
    }
    let targets = call.targets(entity)?;
    match targets.as_slice() {
        [single] if *single == inside => Ok(targets),
        _ => Err(Error::new(Code::BadArgument, "The id in the fields is not that of the record.")
            .accepts("the record's id, as id or among the fields")),
    }
}

/// Normalizes known names and integers, so that the parent's id is found; the rest is validated with the record.
///
/// # Errors
/// `bad-argument` if two names mean the same field.
fn canonical_names(
    discovered: &DiscoveredSchema,
    entity: Entity,
    call: &CallArguments,
) -> Result<Record, Error> {
    let mut record = Record::new();
    let empty = Map::new();
    let fields = call.value("fields").and_then(Value::as_object).unwrap_or(&empty);
    let mut udfs = Map::new();
    for (name, value) in fields {
        let field = discovered.field(entity, name);
        let udf = discovered.udf(entity, name).filter(|_| field.is_none());
        if let Some(udf) = udf.filter(|udf| !udfs.contains_key(*udf)) {
            udfs.insert(udf.to_owned(), value.clone());
            continue;
        }
        let number = field.filter(|f| f.kind.is_whole()).and_then(|_| as_integer(value));
        let name = field.map_or(name.as_str(), |f| f.name);
        if record.get(name).is_some() {
            return Err(Error::new(Code::BadArgument, format!("{name} is given twice."))
                .accepts(format!("{name} once, in any letter case")));
        }
        record.set(name, number.map_or_else(|| value.clone(), Value::from));
    }
    if !udfs.is_empty() {
        add_udfs(&mut record, udfs);
    }
    Ok(record)
}
