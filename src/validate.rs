//! Checks the fields of a write against the built-in schema and reports all problems at once.

pub mod attachments;
pub mod current_record;
pub mod roles;
pub mod rules;
pub mod tenant_rules;
pub mod time_entry;
pub mod udfs;

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use crate::catalog::coerce::{coerce, expected, length_warning, parse_date};
use crate::catalog::{DataType, DiscoveredSchema, Entity, Field, UDFS};
use crate::error::{Code, Error};
use crate::filter::unknown_field;
use crate::value::coerce::{abbreviated, parse_nested_json};
use crate::value::datetime::{Calendar, DateOrInstant, Moment};
use crate::value::record::{Record, is_blank_text};
use attachments::{FILE_DATA, PARENT_ID};

/// The context of checking a record: discovered fields, and the calendar.
type CheckContext<'a> = (&'a DiscoveredSchema, &'a Calendar);

/// A record to create, and the warnings for its preview; nulls are omitted, because Autotask rejects some of them.
///
/// # Errors
/// All unknown, read-only or invalid fields, or a contradiction between fields.
pub fn for_create(
    context: CheckContext,
    entity: Entity,
    original: &Record,
) -> Result<(Record, Vec<String>), Error> {
    let (record, warnings) =
        canonicalize((context, entity), &without_nulls(original), check_on_create)?;
    rules::check_consistency(entity, &record)?;
    check_order(&record, None)?;
    Ok((record, warnings))
}

/// The fields that a new record lacks according to the built-in schema; the address sets the field `parent`.
#[must_use]
pub fn missing_fields(entity: Entity, record: &Record, parent: Option<&str>) -> Vec<&'static str> {
    let mut all = missing(entity, record, parent);
    all.extend(rules::missing_fields(entity, record));
    all
}

/// The changes to a record, and the warnings for its preview; null clears a field.
///
/// # Errors
/// All unknown, read-only or invalid fields; `bad-argument` if nothing changes.
pub fn for_update(
    context: CheckContext,
    entity: Entity,
    original: &Record,
) -> Result<(Record, Vec<String>), Error> {
    let (mut record, warnings) = canonicalize((context, entity), original, check_on_update)?;
    if record.is_empty() {
        return Err(Error::new(Code::BadArgument, "The update changes nothing.")
            .accepts(format!("at least one field of {} in addition to id", entity.name())));
    }
    rules::clear_role_with_resource(entity, &mut record);
    check_order(&record, None)?;
    match rules::missing_resource(entity, &record) {
        Some(half) => Err(missing_fields_error(entity, &[half])),
        None => Ok((record, warnings)),
    }
}

/// Pairs of date fields of which the second must not be before the first.
const ORDERED_FIELDS: [(&str, &str); 2] =
    [("startDateTime", "endDateTime"), ("startDate", "endDate")];

/// Rejects an end before its start; an absent value keeps its current value.
pub(crate) fn check_order(
    record: &Record,
    current: Option<&Map<String, Value>>,
) -> Result<(), Error> {
    let value = |name: &str| record.get(name).or_else(|| current?.get(name));
    let date = |name: &str| Some((value(name)?, parse_date(value(name)?)?.to_timestamp()));
    for (start, end) in ORDERED_FIELDS {
        let is_given = [start, end].iter().any(|name| record.get(name).is_some());
        if let (Some((from, first)), Some((to, last))) = (date(start), date(end))
            && is_given
            && last < first
        {
            let message = format!("{end} {to} is before {start} {from}.");
            return Err(Error::bad_argument(message).accepts(format!("{end} after {start}")));
        }
    }
    Ok(())
}

fn without_nulls(original: &Record) -> Record {
    let mut record = Record::new();
    for (name, value) in original.iter().filter(|(_, value)| !value.is_null()) {
        record.set(name, value.clone());
    }
    record
}

/// Converts the fields to Autotask's spelling and types, with warnings; the error contains all problems.
fn canonicalize(
    ((discovered, calendar), entity): (CheckContext, Entity),
    original: &Record,
    check: FieldCheck,
) -> Result<(Record, Vec<String>), Error> {
    let (mut record, mut warnings, mut problems) = (Record::new(), Vec::new(), Vec::new());
    let mut errors = Vec::new();
    for (name, value) in original.iter() {
        if name.eq_ignore_ascii_case(UDFS) {
            if record.get(UDFS).is_some() {
                problems.push(duplicate_message(UDFS));
            }
            match udf_pairs(entity, value) {
                Ok(pairs) => record.set(UDFS, pairs),
                Err(error) => errors.push(error),
            }
            continue;
        }
        let Some(field) = discovered.field(entity, name) else {
            errors.push(unknown(entity, name));
            continue;
        };
        let checked =
            check(field, value).and_then(|()| written_value(calendar, field, value, &mut warnings));
        match checked {
            Ok(value) if record.get(field.name).is_none() => record.set(field.name, value),
            Ok(_) => problems.push(duplicate_message(field.name)),
            Err(problem) => problems.push(problem),
        }
    }
    let invalid = (!problems.is_empty()).then(|| {
        let message = format!("{} is invalid: {}.", entity.singular(), problems.join("; "));
        Error::new(Code::BadArgument, message).next(describe_hint(entity, "writable"))
    });
    Error::join(errors.into_iter().chain(invalid)).map_or(Ok((record, warnings)), Err)
}

fn duplicate_message(name: &str) -> String {
    format!("{name} is given twice")
}

/// Checks whether a field may be set to this value; the error is the problem.
type FieldCheck = fn(&Field, &Value) -> Result<(), String>;

/// A create may set required fields even if they are read-only afterwards, and an attachment's parent.
fn check_on_create(field: &Field, _: &Value) -> Result<(), String> {
    match field.name {
        "id" => Err("id is assigned by Autotask".into()),
        PARENT_ID => Ok(()),
        name if field.read_only.is_yes() && !field.required.is_yes() => {
            Err(format!("{name} is read-only"))
        }
        _ => Ok(()),
    }
}

fn check_on_update(field: &Field, value: &Value) -> Result<(), String> {
    match field.name {
        name if field.read_only.is_yes() && field.required.is_yes() => {
            Err(format!("{name} can be set on create only"))
        }
        name if field.read_only.is_yes() => Err(format!("{name} is read-only")),
        name if field.required.is_yes() && (value.is_null() || is_blank_text(value)) => {
            Err(format!("{name} cannot be cleared"))
        }
        _ => Ok(()),
    }
}

/// The value to send, with warnings if it differs from the caller's.
fn written_value(
    calendar: &Calendar,
    field: &Field,
    value: &Value,
    warnings: &mut Vec<String>,
) -> Result<Value, String> {
    let mismatch = |accepted: &str| {
        format!("{} is {}, and accepts {accepted}", field.name, abbreviated(value))
    };
    if value.is_null() {
        return Ok(Value::Null);
    }
    if field.kind.is_date() {
        let date = value.as_str().and_then(|text| written_date(calendar, field, text, warnings));
        return date.map(Value::from).ok_or_else(|| mismatch(&expected(field)));
    }
    if field.name == FILE_DATA {
        return attachments::data(value, warnings);
    }
    let coerced = coerce(field, value).map_err(|accepted| mismatch(&accepted))?;
    warnings.extend(length_warning(field, &coerced));
    Ok(coerced)
}

/// A calendar day unchanged, or an instant in UTC; a day for an instant becomes its start, or its end for a due date.
fn written_date(
    calendar: &Calendar,
    field: &Field,
    text: &str,
    warnings: &mut Vec<String>,
) -> Option<String> {
    let moment = calendar.read(text)?;
    let at = match moment {
        moment if field.kind == DataType::Date => return Some(moment.day().to_string()),
        Moment::Instant(instant) => {
            warnings.extend(calendar.utc_warning(field.name, text, moment));
            instant.timestamp
        }
        Moment::Day(day) => {
            let is_due = field.name == DUE;
            let at = if is_due { calendar.end_of(day) } else { calendar.start_of(day) };
            warnings.push(format!(
                "{} {text} is the {} of that day: {} ({}).",
                field.name,
                if is_due { "end" } else { "start" },
                calendar.show(at),
                calendar.zone_name()
            ));
            at
        }
    };
    Some(DateOrInstant::Instant(at).to_string())
}

/// A day in this field means the end of the day.
const DUE: &str = "dueDateTime";

fn missing(entity: Entity, record: &Record, parent: Option<&str>) -> Vec<&'static str> {
    let is_missing = |field: &&Field| {
        field.required.is_yes()
            && field.name != "id"
            && Some(field.name) != parent
            && record.is_blank(field.name)
    };
    entity.fields().iter().filter(is_missing).map(|field| field.name).collect()
}

/// The message that lists the missing fields.
#[must_use]
pub fn missing_fields_message(entity: Entity, missing: &[&str]) -> String {
    format!("{} also needs {}.", entity.with_article(), missing.join(", "))
}

/// The error that lists the missing fields.
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
            error.next("User-defined fields are set in userDefinedFields, as {\"name\":\"value\"}.")
        }
        false => error,
    }
}

/// Converts UDFs to a list of names and string values; callers may give an object.
fn udf_pairs(entity: Entity, value: &Value) -> Result<Value, Error> {
    let invalid = |message: String| {
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
    let pairs = pairs
        .ok_or_else(|| invalid(format!("userDefinedFields cannot be {}.", abbreviated(value))))?;
    if let Some(problem) = duplicate_udf(&pairs) {
        return Err(invalid(format!("{problem}.")));
    }
    let visible = pairs.into_iter().map(|udf| {
        let name = udf["name"].as_str().unwrap_or_default();
        let value = udf["value"].clone();
        json!({ "name": name, "value": value })
    });
    Ok(visible.collect())
}

/// The problem of a repeated name; the tenant may have two names that differ only in letter case.
fn duplicate_udf(pairs: &[Value]) -> Option<String> {
    let name = |udf: &Value| udf["name"].as_str().map(str::to_owned);
    let mut seen = HashSet::new();
    let repeated = pairs.iter().find(|udf| !seen.insert(name(udf)))?;
    repeated["name"].as_str().map(duplicate_message)
}

fn udf(name: &str, value: &Value) -> Option<Value> {
    let text = match value {
        Value::Null => Value::Null,
        Value::String(text) => text.as_str().into(),
        Value::Number(number) => number.to_string().into(),
        Value::Bool(flag) => flag.to_string().into(),
        Value::Array(_) | Value::Object(_) => return None,
    };
    Some(json!({ "name": name, "value": text }))
}
