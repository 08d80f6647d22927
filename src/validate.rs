//! The fields of a write, checked against the schema before anything is sent: everything wrong at once.

pub mod current_record;
pub mod roles;
pub mod rules;
pub mod tenant_rules;
pub mod time_entry;
pub mod udfs;

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::catalog::coerce::coerce;
use crate::catalog::{DiscoveredSchema, Entity, Field, UDFS};
use crate::error::{Code, Error};
use crate::filter::unknown_field;
use crate::text::sanitize;
use crate::value::coerce::{abbreviated, parse_nested_json};
use crate::value::record::{Record, is_blank_text};

/// A record to create; nulls are left out, because some of them fail a create.
///
/// # Errors
/// Every field that is unknown, read-only or unfit, or what contradicts itself.
pub fn for_create(
    learnt: &DiscoveredSchema,
    entity: Entity,
    given: &Record,
) -> Result<Record, Error> {
    let given = without_nulls(given);
    let record = canonicalize((learnt, entity), &given, check_on_create)?;
    rules::check_consistency(entity, &record)?;
    Ok(record)
}

/// What a new record lacks, as far as the schema tells; `parent` is the field that the address fills.
#[must_use]
pub fn missing_fields(entity: Entity, record: &Record, parent: Option<&str>) -> Vec<&'static str> {
    let mut lacks = missing(entity, record, parent);
    lacks.extend(rules::missing_fields(entity, record));
    lacks
}

/// The changes to a record; null clears a field.
///
/// # Errors
/// Every field that is unknown, read-only or unfit; `bad-argument` where nothing is changed.
pub fn for_update(
    learnt: &DiscoveredSchema,
    entity: Entity,
    given: &Record,
) -> Result<Record, Error> {
    let mut record = canonicalize((learnt, entity), given, check_on_update)?;
    if record.is_empty() {
        return Err(Error::new(Code::BadArgument, "The update changes nothing.")
            .accepts(format!("at least one field of {} besides id", entity.name())));
    }
    rules::clear_role_with_resource(entity, &mut record);
    match rules::missing_resource(entity, &record) {
        Some(half) => Err(missing_fields_error(entity, &[half])),
        None => Ok(record),
    }
}

fn without_nulls(given: &Record) -> Record {
    let mut kept = Record::new();
    for (name, value) in given.iter().filter(|(_, value)| !value.is_null()) {
        kept.set(name, value.clone());
    }
    kept
}

/// The fields in Autotask's spelling and types, or all complaints in one error.
fn canonicalize(
    (learnt, entity): (&DiscoveredSchema, Entity),
    given: &Record,
    allowed: Rule,
) -> Result<Record, Error> {
    let (mut record, mut complaints) = (Record::new(), Vec::new());
    for (name, value) in given.iter() {
        if name.eq_ignore_ascii_case(UDFS) {
            if record.get(UDFS).is_some() {
                complaints.push(duplicate_message(UDFS));
            }
            record.set(UDFS, udf_pairs(entity, value)?);
            continue;
        }
        let field = learnt.field(entity, name);
        let field = field.ok_or_else(|| unknown(entity, name))?;
        match allowed(field, value) {
            Ok(value) if record.get(field.name).is_none() => record.set(field.name, value),
            Ok(_) => complaints.push(duplicate_message(field.name)),
            Err(complaint) => complaints.push(complaint),
        }
    }
    if complaints.is_empty() {
        return Ok(record);
    }
    let message = format!("{} does not take this: {}.", entity.singular(), complaints.join("; "));
    Err(Error::new(Code::BadArgument, message).next(describe_hint(entity, "writable")))
}

fn duplicate_message(name: &str) -> String {
    format!("{name} is given twice")
}

type Rule = fn(&Field, &Value) -> Result<Value, String>;

/// What is required may be set on create even where it is read-only afterwards.
fn check_on_create(field: &Field, value: &Value) -> Result<Value, String> {
    if field.name == "id" {
        return Err("id is given by Autotask".into());
    }
    if field.read_only.is_yes() && !field.required.is_yes() {
        return Err(format!("{} is read-only", field.name));
    }
    coerce_value(field, value)
}

fn check_on_update(field: &Field, value: &Value) -> Result<Value, String> {
    match value {
        _ if field.read_only.is_yes() && field.required.is_yes() => {
            Err(format!("{} can be set on create only", field.name))
        }
        _ if field.read_only.is_yes() => Err(format!("{} is read-only", field.name)),
        value if field.required.is_yes() && (value.is_null() || is_blank_text(value)) => {
            Err(format!("{} cannot be cleared", field.name))
        }
        Value::Null => Ok(Value::Null),
        value => coerce_value(field, value),
    }
}

fn coerce_value(field: &Field, value: &Value) -> Result<Value, String> {
    let mut coerced = coerce(field, value).map_err(|expected| {
        format!("{} is {}, and takes {expected}", field.name, abbreviated(value))
    })?;
    // The arguments were sanitized with a warning; what no preview would show is not sent in any case.
    sanitize::sanitize_value(&mut coerced);
    Ok(coerced)
}

fn missing(entity: Entity, record: &Record, parent: Option<&str>) -> Vec<&'static str> {
    let is_missing = |field: &&Field| {
        field.required.is_yes()
            && field.name != "id"
            && Some(field.name) != parent
            && record.is_blank(field.name)
    };
    entity.fields().iter().filter(is_missing).map(|field| field.name).collect()
}

/// The sentence for all that a record lacks.
#[must_use]
pub fn missing_fields_message(entity: Entity, missing: &[&str]) -> String {
    format!("A {} also needs {}.", entity.singular(), missing.join(", "))
}

/// The error for all that a record lacks.
#[must_use]
pub fn missing_fields_error(entity: Entity, missing: &[&str]) -> Error {
    Error::new(Code::MissingField, missing_fields_message(entity, missing))
        .accepts(format!("values for {}", missing.join(", ")))
        .next(describe_hint(entity, "required"))
}

fn describe_hint(entity: Entity, include: &str) -> String {
    format!("describe-entity-fields {{\"entity\":\"{}\",\"include\":\"{include}\"}}", entity.name())
}

fn unknown(entity: Entity, name: &str) -> Error {
    let error = unknown_field(entity, name);
    match entity.has_udfs() {
        true => {
            error.next("A user-defined field goes into userDefinedFields, as {\"name\":\"value\"}.")
        }
        false => error,
    }
}

/// UDFs travel as a list of names and texts; callers may give an object.
fn udf_pairs(entity: Entity, value: &Value) -> Result<Value, Error> {
    let refuse = |message: String| {
        Error::new(Code::BadArgument, message).accepts("userDefinedFields as {\"name\":\"value\"}")
    };
    if !entity.has_udfs() {
        let message = format!("{} has no user-defined fields.", entity.name());
        return Err(Error::new(Code::BadArgument, message).next(describe_hint(entity, "writable")));
    }
    let pairs: Option<Vec<Value>> = match &parse_nested_json(value) {
        Value::Object(fields) => fields.iter().map(|(name, value)| udf(name, value)).collect(),
        Value::Array(items) => {
            items.iter().map(|item| udf(item["name"].as_str()?, &item["value"])).collect()
        }
        _ => None,
    };
    let pairs = pairs.ok_or_else(|| {
        refuse(format!("userDefinedFields does not take {}.", abbreviated(value)))
    })?;
    match duplicate_udf(&pairs) {
        Some(complaint) => Err(refuse(format!("{complaint}."))),
        None => Ok(Value::Array(pairs)),
    }
}

/// The complaint of a name that is there again; the tenant may have two that differ in letter case alone.
fn duplicate_udf(pairs: &[Value]) -> Option<String> {
    let name = |udf: &Value| udf["name"].as_str().map(str::to_owned);
    let mut seen = HashSet::new();
    let again = pairs.iter().find(|udf| !seen.insert(name(udf)))?;
    again["name"].as_str().map(duplicate_message)
}

fn udf(name: &str, value: &Value) -> Option<Value> {
    let text = match value {
        Value::Null => Value::Null,
        Value::String(text) => sanitize::sanitize(text).into(),
        Value::Number(number) => number.to_string().into(),
        Value::Bool(flag) => flag.to_string().into(),
        Value::Array(_) | Value::Object(_) => return None,
    };
    Some(json!({ "name": name, "value": text }))
}
