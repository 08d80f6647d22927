//! A query as callers write it: filter, page size and fields, in any letter case and nothing else.

use serde_json::{Map, Value};

use crate::catalog::{DiscoveredSchema, Entity, UDFS, nearest};
use crate::error::{Code, Error};
use crate::filter::{self, Condition};
use crate::plan::{Projection, SelectedFields};
use crate::value::coerce::abbreviated;

/// What `query` came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    pub clauses: Vec<Condition>,
    /// 1 to 500.
    pub max: Option<u16>,
    pub shown: Option<Projection>,
    pub warnings: Vec<String>,
}

const KEYS: [&str; 3] = ["filter", "MaxRecords", "IncludeFields"];

/// Reads and checks a query against an entity.
///
/// # Errors
/// `bad-filter`, `unknown-field`, `bad-argument` or, for a key that Autotask would ignore, `unknown-argument`.
pub fn parse(
    learnt: &DiscoveredSchema,
    entity: Entity,
    query: &Map<String, Value>,
) -> Result<Query, Error> {
    let mut read = Query { clauses: Vec::new(), max: None, shown: None, warnings: Vec::new() };
    for (key, value) in query {
        match key.to_ascii_lowercase().as_str() {
            "filter" => read.clauses = filter::read(learnt, entity, value, &mut read.warnings)?,
            "maxrecords" => read.max = Some(page_size(value)?),
            "includefields" => read.shown = Some(parse_projection(learnt, entity, &names(value)?)?),
            _ => return Err(unknown_key_error(key)),
        }
    }
    Ok(read)
}

fn page_size(value: &Value) -> Result<u16, Error> {
    let number = value.as_i64().or_else(|| value.as_str()?.parse().ok());
    let size = number.and_then(|number| u16::try_from(number).ok());
    size.filter(|size| (1..=500).contains(size)).ok_or_else(|| {
        Error::new(Code::BadArgument, format!("MaxRecords does not take {}.", abbreviated(value)))
            .accepts("a whole number from 1 to 500")
    })
}

fn names(value: &Value) -> Result<Vec<String>, Error> {
    let one = |item: &Value| item.as_str().map(|name| name.trim().to_owned());
    let names = match value {
        Value::Array(items) => items.iter().map(one).collect(),
        Value::String(text) => Some(text.split(',').map(|name| name.trim().to_owned()).collect()),
        _ => None,
    };
    names.ok_or_else(|| {
        let message = format!("IncludeFields does not take {}.", abbreviated(value));
        Error::new(Code::BadArgument, message).accepts("a list of field names")
    })
}

/// The fields to show, in Autotask's spelling; `*` stands for all, and the tenant knows what may be a UDF.
///
/// # Errors
/// `unknown-field`, with the nearest.
pub fn parse_projection(
    learnt: &DiscoveredSchema,
    entity: Entity,
    names: &[String],
) -> Result<Projection, Error> {
    if names.is_empty() || names.iter().any(|name| name == "*") {
        return Ok(Projection::All);
    }
    let mut columns = SelectedFields::default();
    for name in names {
        match learnt.field(entity, name) {
            Some(field) => columns.fields.push(field.name.to_owned()),
            None if entity.has_udfs() && name.eq_ignore_ascii_case(UDFS) => {
                columns.fields.push(UDFS.to_owned());
            }
            None if is_label(learnt, entity, name) => return Err(label_field_error(entity, name)),
            None if filter::may_be_udf(learnt, entity, name) => columns.udfs.push(name.clone()),
            None => return Err(filter::unknown_field(entity, name)),
        }
    }
    Ok(Projection::Selected(columns))
}

/// Whether it is the name under which a label is shown.
fn is_label(learnt: &DiscoveredSchema, entity: Entity, name: &str) -> bool {
    let field = name.strip_suffix("_label");
    field.is_some_and(|field| learnt.field(entity, field).is_some())
}

fn label_field_error(entity: Entity, name: &str) -> Error {
    let field = name.trim_end_matches("_label");
    filter::unknown_field(entity, name)
        .accepts(field)
        .next("Labels come beside their fields; with generic tools where labels is true.")
}

fn unknown_key_error(key: &str) -> Error {
    let message = format!("A query has no {}; Autotask would ignore it.", abbreviated(&key.into()));
    let error = Error::new(Code::UnknownArgument, message).accepts(KEYS.join(", "));
    match key.to_ascii_lowercase().as_str() {
        "sort" | "orderby" | "order" => {
            error.next("Records come in order of id; narrow by a date field for recent ones.")
        }
        "page" | "offset" | "skip" => error.next("Go on with the cursor of the answer before."),
        _ => match nearest(key, KEYS.into_iter()).first() {
            Some(near) => error.next(format!("Did you mean {near}?")),
            None => error,
        },
    }
}
