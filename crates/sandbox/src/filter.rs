//! A query's filter: parsed once, then evaluated for each record.

mod comparison;

use autotask_schema::schema::Field;
use serde_json::Value;

use crate::catalog::Entity;
use crate::error::ApiError;
use crate::record::{Record, UDFS};
use crate::request::member;
use crate::udf::{self, Udf};
use comparison::{Column, Comparison};

/// The maximum number of conditions joined by `or`; each member of a list counts as one.
const MAX_OR_CONDITIONS: usize = 500;

/// A condition on a record, or a group of them.
#[derive(Debug)]
pub(crate) enum Condition {
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Field(&'static Field, Comparison),
    Udf(&'static Udf, Comparison),
}

impl Condition {
    /// Whether a record matches the condition.
    pub(crate) fn matches(&self, record: &Record) -> bool {
        match self {
            Self::And(conditions) => conditions.iter().all(|condition| condition.matches(record)),
            Self::Or(conditions) => conditions.iter().any(|condition| condition.matches(record)),
            Self::Field(field, comparison) => comparison.matches(record.get(&field.name)),
            Self::Udf(udf, comparison) => {
                let values = record.get(UDFS).and_then(Value::as_object);
                comparison.matches(values.and_then(|values| values.get(&udf.name)))
            }
        }
    }
}

/// Parses the `filter` of a query.
pub(crate) fn parse(
    entity: &'static Entity,
    filter: Option<&Value>,
) -> Result<Condition, ApiError> {
    let list = filter.and_then(Value::as_array).filter(|list| !list.is_empty());
    let list = list.ok_or_else(ApiError::missing_filter)?;
    require_single_ticket(entity, list)?;
    let mut parser = Parser { entity, or_conditions: 0, udfs: 0 };
    let conditions = parser.group(list, false)?;
    if parser.or_conditions > MAX_OR_CONDITIONS {
        return Err(ApiError::rejected("Queries are limited to 500 or fewer 'OR' conditions."));
    }
    if parser.udfs > 1 {
        return Err(ApiError::rejected("Only one user-defined field may be queried at a time."));
    }
    Ok(Condition::And(conditions))
}

/// Ticket history is queried for one ticket at a time.
fn require_single_ticket(entity: &Entity, list: &[Value]) -> Result<(), ApiError> {
    let is = |item: &Value, name: &str, word: &str| {
        let value = member(item, name).and_then(Value::as_str);
        value.is_some_and(|value| value.eq_ignore_ascii_case(word))
    };
    match list {
        [item] if is(item, "op", "eq") && is(item, "field", "ticketID") => Ok(()),
        _ if entity.name != "TicketHistory" => Ok(()),
        _ => Err(ApiError::rejected(
            "TicketHistory can only be queried by ticketID with the operator eq, for one ticket.",
        )),
    }
}

struct Parser {
    entity: &'static Entity,
    or_conditions: usize,
    udfs: usize,
}

impl Parser {
    fn group(&mut self, items: &[Value], in_or: bool) -> Result<Vec<Condition>, ApiError> {
        let conditions = items.iter().map(|item| self.condition(item, in_or));
        conditions.filter_map(Result::transpose).collect()
    }

    /// Parses a condition; none for an unknown operator, which Autotask silently ignores.
    fn condition(&mut self, item: &Value, in_or: bool) -> Result<Option<Condition>, ApiError> {
        let op = member(item, "op").and_then(Value::as_str).unwrap_or_default();
        match op {
            "and" => self.items(item, in_or).map(|items| Some(Condition::And(items))),
            "or" => self.items(item, true).map(non_empty_or),
            _ if Comparison::is_operator(op) => self.comparison(op, item, in_or).map(Some),
            _ => Ok(None),
        }
    }

    fn items(&mut self, item: &Value, in_or: bool) -> Result<Vec<Condition>, ApiError> {
        let items = member(item, "items").and_then(Value::as_array);
        self.group(items.ok_or_else(ApiError::missing_filter)?, in_or)
    }

    fn comparison(&mut self, op: &str, item: &Value, in_or: bool) -> Result<Condition, ApiError> {
        let name = member(item, "field").and_then(Value::as_str).unwrap_or_default();
        let value = member(item, "value");
        self.or_conditions += match value.and_then(Value::as_array) {
            Some(members) => members.len(),
            None => usize::from(in_or),
        };
        let (entity, singular) = (self.entity, self.entity.singular());
        if member(item, "udf").and_then(Value::as_bool) == Some(true) {
            self.udfs += 1;
            let udf = udf::find(entity, name);
            let udf = udf.ok_or_else(|| ApiError::unknown_field(singular, name))?;
            return Ok(Condition::Udf(udf, Comparison::parse(op, Column::of_udf(udf), value)?));
        }
        let field = entity.field(name).ok_or_else(|| ApiError::unknown_field(singular, name))?;
        if field.is_queryable == Some(false) {
            let name = &field.name;
            let message = format!("The field {name} in the {singular} Entity is not queryable.");
            return Err(ApiError::rejected(message));
        }
        Ok(Condition::Field(field, Comparison::parse(op, Column::of_field(field), value)?))
    }
}

fn non_empty_or(conditions: Vec<Condition>) -> Option<Condition> {
    (!conditions.is_empty()).then_some(Condition::Or(conditions))
}
