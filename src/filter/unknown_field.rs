//! Names that are not standard fields: a possible UDF, or an error with the intended field.

use serde_json::{Value, json};

use crate::catalog::{DiscoveredSchema, Entity, Field, is_very_similar, nearest};
use crate::error::{Code, Error};

/// Whether a name may be a UDF. Standard names are camelCase, so a name with a space, punctuation or an initial capital
/// may be a UDF, unless it is similar to a standard name. A UDF that the tenant has listed always is one.
#[must_use]
pub fn may_be_udf(discovered: &DiscoveredSchema, entity: Entity, name: &str) -> bool {
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_capital = name.starts_with(|first: char| first.is_uppercase());
    let names = entity.fields().iter().map(|field| field.name);
    let looks_like_udf = (!is_plain || is_capital) && !is_very_similar(name, names);
    entity.has_udfs() && (looks_like_udf || discovered.has_udf(entity, name))
}

/// The error for a field that does not exist, with the closest fields.
#[must_use]
pub fn unknown_field(entity: Entity, name: &str) -> Error {
    let excerpt: String = name.chars().take(60).collect();
    let message = format!("{} has no field {excerpt:?}.", entity.name());
    let closest = nearest(name, entity.fields().iter().map(|f| f.name));
    let error = Error::new(Code::UnknownField, message);
    let error = if closest.is_empty() { error } else { error.accepts(closest.join(", ")) };
    let error = error.next(describe_hint(entity));
    if entity.has_udfs() { error.about_possible_udf() } else { error }
}

fn describe_hint(entity: Entity) -> String {
    let name = entity.name();
    format!("describe-entity-fields {{\"entity\":\"{name}\"}} lists them.")
}

/// The error for an unknown field in a filter.
pub(super) fn unknown_in_filter(entity: Entity, name: &str, value: Option<&Value>) -> Error {
    let error = unknown_field(entity, name);
    if let Some(through) = company_reference(entity, name) {
        return company_through_reference_error(entity, through, value, error);
    }
    match entity.has_udfs() {
        true => error
            .next(format!("{} For a user-defined field add \"udf\":true.", describe_hint(entity))),
        false => error,
    }
}

/// If an entity has no company field of its own: its reference to a record that has one.
fn company_reference(entity: Entity, name: &str) -> Option<&'static Field> {
    const OWNERS: [&str; 4] = ["ticketID", "contractID", "projectID", "contactID"];
    let is_company = ["companyID", "company"].iter().any(|word| word.eq_ignore_ascii_case(name));
    let mut owners = OWNERS.iter().filter_map(|owner| entity.field(owner));
    owners.find(|field| is_company && field.refers_to.is_some())
}

/// The error for filtering by company if the records belong to a company only through a reference.
fn company_through_reference_error(
    entity: Entity,
    through: &Field,
    value: Option<&Value>,
    error: Error,
) -> Error {
    let owner = through.refers_to.map_or("", Entity::name);
    let company = value.cloned().unwrap_or_default();
    let next = if entity == Entity::TimeEntries {
        format!("search-time-entries {}", json!({ "companyID": company }))
    } else {
        let clause = json!({ "op": "eq", "field": "companyID", "value": company });
        let call = json!({ "entity": owner, "query": [clause], "fields": ["id"] });
        format!("query-entity {call}")
    };
    let name = through.name;
    error
        .also(&format!("Its company is that of its {name}."))
        .accepts(format!("{name} in ids of {owner}; in count-entity, groupBy {name}.companyID"))
        .next(next)
}
