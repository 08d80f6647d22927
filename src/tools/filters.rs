//! Translates an argument of a search to a condition.

use serde_json::Value;

use super::argument_def::{ArgumentDef, FieldUse};
use crate::catalog::{DataType, Entity, Field};
use crate::error::{Code, Error};
use crate::filter::phone::PhoneSearch;
use crate::filter::{Condition, Op, comparison};
use crate::value::coerce::parse_nested_json;
use crate::value::datetime::Calendar;

/// The most words of a name in one argument.
const MAX_WORDS: usize = 8;
/// The most characters of a name in one argument.
const MAX_WORDS_CHARS: usize = 100;

/// The condition of an argument with a value.
///
/// # Errors
/// `bad-argument`, by the argument's name.
pub(super) fn argument_condition(
    (entity, argument): (Entity, &ArgumentDef),
    value: &Value,
    calendar: &Calendar,
    warnings: &mut Vec<String>,
) -> Result<Condition, Error> {
    let fields: Vec<_> = argument.fields.iter().filter_map(|name| entity.field(name)).collect();
    let text = value.as_str().unwrap_or_default();
    let condition = match argument.field_use {
        FieldUse::Words => return words_condition(argument, &fields, text),
        FieldUse::Phone => return Ok(phone_search(argument, fields, text)?.condition()),
        FieldUse::Exist | FieldUse::NotExist => {
            let is_wanted = value == &Value::Bool(argument.field_use == FieldUse::Exist);
            let op = if is_wanted { Op::Exist } else { Op::NotExist };
            return any_of(fields.iter().map(|field| Ok(Condition::test(field, op, Value::Null))));
        }
        FieldUse::Contains => compare_any(calendar, (&fields, Op::Contains), value, warnings),
        FieldUse::Gte => compare_any(calendar, (&fields, Op::Gte), value, warnings),
        FieldUse::Lte => compare_any(calendar, (&fields, Op::Lte), value, warnings),
        FieldUse::Eq => {
            let value = match value {
                Value::String(text) if text.starts_with('[') => &parse_nested_json(value),
                value => value,
            };
            let op = if value.is_array() { Op::In } else { Op::Eq };
            compare_any(calendar, (&fields, op), value, warnings)
        }
    };
    condition.map_err(|error| invalid(argument, &error))
}

fn compare_any(
    calendar: &Calendar,
    (fields, op): (&[&'static Field], Op),
    value: &Value,
    warnings: &mut Vec<String>,
) -> Result<Condition, Error> {
    // A day compared with a calendar day is sent unchanged, so it needs no warning.
    let is_plain_day = value.as_str().is_some_and(|text| !text.contains(['T', ':']));
    let mut ignored = Vec::new();
    let compare = |field: &&'static Field| {
        let is_quiet = is_plain_day && field.kind == DataType::Date;
        let warnings = if is_quiet { &mut ignored } else { &mut *warnings };
        comparison(calendar, (field, op), Some(value), warnings)
    };
    any_of(fields.iter().map(compare))
}

/// One condition, or all joined by OR.
fn any_of(conditions: impl Iterator<Item = Result<Condition, Error>>) -> Result<Condition, Error> {
    let mut all = conditions.collect::<Result<Vec<_>, _>>()?;
    match (all.pop(), all.is_empty()) {
        (Some(single), true) => Ok(single),
        (Some(last), false) => {
            all.push(last);
            Ok(Condition::Or(all))
        }
        (None, _) => Err(Error::internal("An argument has no field.")),
    }
}

/// No single field contains a full name, so each of its words must be in one of the fields.
fn words_condition(
    argument: &ArgumentDef,
    fields: &[&'static Field],
    text: &str,
) -> Result<Condition, Error> {
    let words = text.split([' ', ',', '\t', '\n']);
    let words: Vec<_> = words.filter(|word| !word.trim().is_empty()).collect();
    if words.is_empty() || words.len() > MAX_WORDS || text.chars().count() > MAX_WORDS_CHARS {
        let message = format!("The argument {} is invalid.", argument.name);
        return Err(Error::new(Code::BadArgument, message)
            .accepts(format!("{}: one to eight words of a name", argument.name)));
    }
    let in_any = |word: &str| {
        let tests = fields.iter().map(|field| Condition::test(field, Op::Contains, word.into()));
        Condition::Or(tests.collect())
    };
    let mut all: Vec<_> = words.into_iter().map(in_any).collect();
    Ok(if all.len() == 1 { all.remove(0) } else { Condition::And(all) })
}

/// The phone number of an argument.
///
/// # Errors
/// `bad-argument`, by the argument's name.
pub(super) fn phone_search(
    argument: &ArgumentDef,
    fields: Vec<&'static Field>,
    number: &str,
) -> Result<PhoneSearch, Error> {
    PhoneSearch::parse(fields, number).ok_or_else(|| {
        let message = format!("The argument {} is not a phone number.", argument.name);
        Error::new(Code::BadArgument, message)
            .accepts(format!("{}: at least three digits, such as 757 555-1077", argument.name))
    })
}

fn invalid(argument: &ArgumentDef, error: &Error) -> Error {
    let message = format!("The argument {} is invalid: {}", argument.name, error.message());
    let invalid = Error::new(Code::BadArgument, message);
    match error.accepted() {
        Some(accepted) => invalid.accepts(format!("{}: {accepted}", argument.name)),
        None => invalid,
    }
}
