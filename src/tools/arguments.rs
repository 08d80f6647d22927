//! Parses the arguments of a call: lenient in spelling, strict in meaning, and with all problems reported at once.

mod call;
pub(super) mod sanitize;
mod value;

use serde_json::{Map, Value, json};

use super::argument_def::{ArgumentDef, ArgumentType, FieldUse};
use super::{Arguments, Effect, Tool, argument_names};
use crate::catalog::terms::find_unavailable;
use crate::catalog::{DiscoveredSchema, Entity, UDFS};
use crate::error::{Code, Error};
use crate::validate;
use crate::value::coerce::{abbreviated, parse_nested_json};
use crate::value::record::Record;
pub use call::CallArguments;

/// Parses all arguments; collects the problems, so that the rest can be planned and checked too.
pub(super) fn parse<'a>(
    tool: Tool,
    given: &'a Arguments,
    discovered: &'a DiscoveredSchema,
) -> CallArguments {
    let mut call = CallArguments::new(tool);
    for (name, value) in given {
        let is_called =
            |argument: &&ArgumentDef| argument.name == name || argument.alias == Some(name);
        match tool.arguments().iter().find(is_called) {
            Some(argument) => parse_declared(&mut call, argument, value),
            None => parse_field(&mut call, discovered, (name, value)),
        }
    }
    let is_missing = |a: &&ArgumentDef| a.required && !call.has(a.name) && !call.is_invalid(a.name);
    let missing: Vec<_> = tool.arguments().iter().filter(is_missing).collect();
    if !missing.is_empty() {
        let error = missing_arguments_error(tool, &missing, &call);
        call.reject(None, error);
    }
    if !call.renamed().is_empty() || call.is_for_several() {
        call.ready_call = ready_call(&call, given, discovered);
    }
    call
}

/// Null and an empty string mean that the argument was omitted.
fn is_omitted(value: &Value) -> bool {
    value.is_null() || value == ""
}

fn parse_declared(call: &mut CallArguments, argument: &'static ArgumentDef, value: &Value) {
    if is_omitted(value) {
        if let ([field], Effect::Update) = (argument.fields, call.tool().effect()) {
            call.leave_unchanged(field);
        }
        return;
    }
    let accepted = |accepted: &str| {
        let message = format!("The argument {} cannot be {}.", argument.name, abbreviated(value));
        let accepted = format!("{}: {accepted}", argument.name);
        Error::new(Code::BadArgument, message).accepts(accepted)
    };
    let is_compared = argument.kind == ArgumentType::Text
        && (argument.field_use, call.tool().effect()) == (FieldUse::Eq, Effect::Search);
    if let Some(texts) = value::texts(value).filter(|_| is_compared && !argument.fields.is_empty())
    {
        return call.insert(argument.name, texts);
    }
    let is_list = parse_nested_json(value).is_array();
    if is_list && argument.name == "id" && call.tool().effect() == Effect::Update {
        return reject_list_of_ids(call, accepted("one record"));
    }
    match value::parse(argument.kind, value) {
        Err(expected) => call.reject(Some(argument.name), accepted(expected)),
        Ok(parsed) if is_not_an_option(argument, &parsed) => {
            call.reject(Some(argument.name), accepted(&argument.options.join(", ")));
        }
        Ok(parsed) => call.insert(argument.name, parsed),
    }
}

/// Suggests `ids` for changing several records; `update-entity` has it for every entity.
fn reject_list_of_ids(call: &mut CallArguments, error: Error) {
    match argument_names::declares(call.tool(), "ids") {
        true => call.rename("id", "ids", error.accepts("id: one record; ids: a list of 1 to 50")),
        false => {
            call.update_each(error.accepts("id: one record; update-entity has ids for several"));
        }
    }
}

fn is_not_an_option(argument: &ArgumentDef, value: &Value) -> bool {
    let is_option = |word: &Value| word.as_str().is_some_and(|w| argument.options.contains(&w));
    match value {
        _ if argument.options.is_empty() => false,
        Value::Array(words) => !words.iter().all(is_option),
        word => !is_option(word),
    }
}

/// Parses an argument that is not declared: a field or a UDF of the entity.
fn parse_field(
    call: &mut CallArguments,
    discovered: &DiscoveredSchema,
    (name, value): (&str, &Value),
) {
    let tool = call.tool();
    let Some(entity) = tool.accepts_fields_of() else {
        return reject_unknown(call, name, value);
    };
    if let Some(field) = discovered.field(entity, name) {
        match is_omitted(value) {
            true if tool.effect() == Effect::Update => call.leave_unchanged(field.name),
            true => {}
            false => call.insert_field(field, value.clone()),
        }
    } else if let Some(udf) = discovered.udf(entity, name) {
        match is_omitted(value) {
            true if tool.effect() == Effect::Update => call.leave_unchanged(udf),
            true => {}
            false => call.insert_udf(udf, value.clone()),
        }
    } else {
        reject_unknown(call, name, value);
    }
}

/// Rejects an unknown name and suggests the intended argument.
fn reject_unknown(call: &mut CallArguments, name: &str, value: &Value) {
    let tool = call.tool();
    let message = format!("{} has no argument {}.", tool.name(), abbreviated(&name.into()));
    let error = Error::new(Code::UnknownArgument, message);
    let error = match tool.accepts_fields_of().is_some_and(Entity::has_udfs) {
        true => error.about_possible_udf(),
        false => error,
    };
    let of_company = argument_names::equivalent(Tool::SearchProjects, name) == Some("companyID");
    if tool == Tool::SearchTasks && of_company {
        let projects = json!({ "companyID": value });
        let error = error.also("A task belongs to a project.").accepts("projectID");
        call.reject(None, error.next(format!("search-projects {projects}")));
    } else if let Some(next) = note_call(call, name, value) {
        let error =
            error.also("A note is a record of its own; description is the customer's text.");
        call.reject(None, error.next(next));
    } else if let Some(intended) = argument_names::equivalent(tool, name) {
        call.rename(name, intended, error.accepts(intended));
    } else if let Some(unavailable) = find_unavailable(name) {
        call.reject(None, error.also(unavailable.message).next(unavailable.instead));
    } else if let Some(intended) = argument_names::closest(tool, name) {
        call.rename(name, intended, error.accepts(intended));
    } else {
        let names: Vec<_> = tool.arguments().iter().map(|argument| argument.name).collect();
        let accepted = if names.is_empty() { "no arguments".to_owned() } else { names.join(", ") };
        call.reject(None, error.accepts(accepted));
    }
}

/// The same call with the intended names, if nothing else is wrong with it.
fn ready_call(call: &CallArguments, given: &Arguments, known: &DiscoveredSchema) -> Option<String> {
    let renamed = argument_names::rename(given, call.renamed())?;
    let (tool, renamed) = match call.is_for_several() {
        true => (Tool::UpdateEntity, argument_names::for_update_entity(call.tool(), renamed)?),
        false => (call.tool(), renamed),
    };
    let is_right = !renamed.is_empty() && parse(tool, &renamed, known).problem().is_none();
    is_right.then(|| format!("{} {}", tool.name(), Value::from(renamed)))
}

fn missing_arguments_error(tool: Tool, missing: &[&ArgumentDef], call: &CallArguments) -> Error {
    let names: Vec<_> = missing.iter().map(|argument| argument.name).collect();
    let message = format!("{} needs {}.", tool.name(), names.join(" and "));
    let accepted = missing.iter().map(|a| format!("{}: {}", a.name, value::expected(a.kind)));
    let accepted: Vec<_> = accepted.collect();
    let error = Error::new(Code::MissingField, message).accepts(accepted.join("; "));
    match tool.entity().map(|entity| (entity, other_missing_fields(entity, &names, call))) {
        Some((entity, other_missing)) if !other_missing.is_empty() => {
            error.also(&validate::missing_fields_message(entity, &other_missing))
        }
        _ => error,
    }
}

/// The call that adds a note, for an update of a ticket that tries to set one.
fn note_call(call: &CallArguments, name: &str, value: &Value) -> Option<String> {
    let is_note = ["note", "comment"].iter().any(|word| name.to_lowercase().contains(word));
    let ticket = call.value("id").filter(|_| is_note && call.tool() == Tool::UpdateTicket)?;
    let note = json!({ "ticketID": ticket, "description": value });
    Some(format!("{} {note}", Tool::CreateTicketNote.name()))
}

/// The other fields that the new record lacks.
fn other_missing_fields(
    entity: Entity,
    missing: &[&str],
    call: &CallArguments,
) -> Vec<&'static str> {
    if call.tool().effect() != Effect::Create {
        return Vec::new();
    }
    let (record, _) = call.new_record(entity);
    let mut other_missing = validate::missing_fields(entity, &record, None);
    other_missing.retain(|name| !missing.contains(name));
    other_missing
}

/// The call of `update-entity` that clears a field.
fn clear_call(entity: Entity, (name, key): (&str, &Value), fields: &[&str]) -> String {
    let mut record = Record::new();
    for field in fields {
        record.set(field, Value::Null);
    }
    let call = json!({ "entity": entity.name(), name: key, "fields": record.into_value() });
    format!("update-entity {call}")
}

/// Adds user-defined fields to those of a record, which may be an object or a list.
pub(super) fn add_udfs(record: &mut Record, udfs: Map<String, Value>) {
    let pair = |(name, value)| json!({ "name": name, "value": value });
    let mut pairs = match record.take(UDFS).map(|given| parse_nested_json(&given)) {
        Some(Value::Array(pairs)) => pairs,
        Some(Value::Object(given)) => given.into_iter().map(pair).collect(),
        None | Some(Value::Null) => Vec::new(),
        Some(invalid) => return record.set(UDFS, invalid),
    };
    pairs.extend(udfs.into_iter().map(pair));
    record.set(UDFS, pairs.into());
}
