//! The `query` argument: filter, page size and fields, with keys in any letter case.

use serde_json::{Map, Value, json};

use crate::catalog::{DiscoveredSchema, Entity, UDFS, nearest};
use crate::error::{Code, Error};
use crate::filter::{self, Condition, FilterContext};
use crate::plan::{MAX_PAGE_SIZE, Projection, SelectedFields};
use crate::value::coerce::{abbreviated, as_integer};

/// The parsed `query` argument.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Query {
    pub conditions: Vec<Condition>,
    /// 1 to 500.
    pub max_records: Option<u16>,
    pub projection: Option<Projection>,
    pub warnings: Vec<String>,
    /// The problem; `clauses` then contains only the valid clauses.
    pub problem: Option<Error>,
}

const KEYS: [&str; 3] = ["filter", "MaxRecords", "IncludeFields"];

/// Parses a query and checks it against an entity; the problem is `bad-filter`, `unknown-field`, `bad-argument` or, for
/// a key that Autotask would ignore, `unknown-argument`.
#[must_use]
pub fn parse(context: FilterContext, entity: Entity, query: &Map<String, Value>) -> Query {
    let mut parsed = Query::default();
    if query.keys().any(|key| key.eq_ignore_ascii_case("op")) {
        parsed.warnings.push("query is a single clause and was read as a filter of one.".into());
        let clause = Value::Object(query.clone());
        parsed.problem = parsed.read_key(context, entity, ("filter", &clause)).err();
        return parsed;
    }
    let keys = query.iter().map(|(key, value)| parsed.read_key(context, entity, (key, value)));
    parsed.problem = Error::collect(keys.collect::<Vec<_>>().into_iter()).err();
    parsed
}

impl Query {
    fn read_key(
        &mut self,
        context: FilterContext,
        entity: Entity,
        (key, value): (&str, &Value),
    ) -> Result<(), Error> {
        match key.to_ascii_lowercase().as_str() {
            "filter" => {
                let (clauses, problem) = filter::read(context, entity, value, &mut self.warnings);
                self.conditions.extend(clauses);
                return problem.map_or(Ok(()), Err);
            }
            "maxrecords" => self.max_records = Some(page_size(value)?),
            "includefields" => {
                let names = names(value)?;
                self.projection = Some(parse_projection(context.discovered, entity, &names)?);
            }
            _ if has_field(context.discovered, entity, key) => {
                let op = if value.is_array() { "in" } else { "eq" };
                self.warnings.push(format!(
                    "{key} in query was read as the condition {key} {op} {}.",
                    abbreviated(value)
                ));
                let clause = json!({ "op": op, "field": key, "value": value });
                return self.read_key(context, entity, ("filter", &clause));
            }
            _ => return Err(unknown_key_error(entity, key)),
        }
        Ok(())
    }
}

fn page_size(value: &Value) -> Result<u16, Error> {
    let size = as_integer(value).and_then(|number| u16::try_from(number).ok());
    size.filter(|size| (1..=MAX_PAGE_SIZE).contains(size)).ok_or_else(|| {
        Error::new(Code::BadArgument, format!("MaxRecords cannot be {}.", abbreviated(value)))
            .accepts(format!("a whole number from 1 to {MAX_PAGE_SIZE}"))
    })
}

fn names(value: &Value) -> Result<Vec<String>, Error> {
    let name = |item: &Value| item.as_str().map(|name| name.trim().to_owned());
    let names = match value {
        Value::Array(items) => items.iter().map(name).collect(),
        Value::String(text) => Some(text.split(',').map(|name| name.trim().to_owned()).collect()),
        _ => None,
    };
    names.ok_or_else(|| {
        let message = format!("IncludeFields cannot be {}.", abbreviated(value));
        Error::new(Code::BadArgument, message).accepts("a list of field names")
    })
}

/// The fields to show, in Autotask's spelling; `*` means all, and only the tenant knows which names are UDFs.
///
/// # Errors
/// `unknown-field`, with the closest fields.
pub fn parse_projection(
    discovered: &DiscoveredSchema,
    entity: Entity,
    names: &[String],
) -> Result<Projection, Error> {
    if names.is_empty() || names.iter().any(|name| name == "*") {
        return Ok(Projection::All);
    }
    let mut columns = SelectedFields::default();
    let mut problems = Vec::new();
    for name in names {
        match discovered.field(entity, name) {
            Some(field) => columns.fields.push(field.name.to_owned()),
            None if entity.has_udfs() && name.eq_ignore_ascii_case(UDFS) => {
                columns.fields.push(UDFS.to_owned());
            }
            None if is_label(discovered, entity, name) => {
                problems.push(label_field_error(entity, name));
            }
            None if filter::may_be_udf(discovered, entity, name) => columns.udfs.push(name.clone()),
            None => problems.push(filter::unknown_field(entity, name)),
        }
    }
    Error::join(problems).map_or(Ok(Projection::Selected(columns)), Err)
}

/// Whether a name is the key of a label in responses.
fn is_label(discovered: &DiscoveredSchema, entity: Entity, name: &str) -> bool {
    let field = name.strip_suffix("_label");
    field.is_some_and(|field| discovered.field(entity, field).is_some())
}

fn label_field_error(entity: Entity, name: &str) -> Error {
    let field = name.trim_end_matches("_label");
    filter::unknown_field(entity, name)
        .accepts(field)
        .next("Labels are shown beside their fields; generic tools show them if labels is true.")
}

fn has_field(discovered: &DiscoveredSchema, entity: Entity, name: &str) -> bool {
    discovered.field(entity, name).is_some() || discovered.has_udf(entity, name)
}

fn unknown_key_error(entity: Entity, key: &str) -> Error {
    let message = format!("A query has no {}; Autotask would ignore it.", abbreviated(&key.into()));
    let error = Error::new(Code::UnknownArgument, message).accepts(KEYS.join(", "));
    let error = if entity.has_udfs() { error.about_possible_udf() } else { error };
    match key.to_ascii_lowercase().as_str() {
        "sort" | "orderby" | "order" => {
            error.next("Records are ordered by id, oldest first; search-tickets has newest, and a date field narrows the filter.")
        }
        "page" | "offset" | "skip" => error.next("Continue with the cursor of the previous response."),
        _ => match nearest(key, KEYS.into_iter()).first() {
            Some(near) => error.next(format!("Did you mean {near}?")),
            None => error,
        },
    }
}
