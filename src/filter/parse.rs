//! Parses the filters of callers into checked conditions.

use serde_json::Value;

use super::dates::date_condition;
use super::op::OperatorWord;
use super::raw_clause::RawClause;
use super::unknown_field::{may_be_udf, unknown_in_filter};
use super::{Comparison, Condition, FilterField, Op, check};
use crate::catalog::coerce::{coerce, expected, length_warning};
use crate::catalog::{DataType, DiscoveredSchema, Entity, Field};
use crate::error::Error;
use crate::value::coerce::{abbreviated, parse_nested_json};
use crate::value::datetime::Calendar;

/// Deep enough for any reasonable filter.
const MAX_NESTING: usize = 12;

/// The context that parsing a filter needs in addition to the schema.
#[derive(Debug, Clone, Copy)]
pub struct FilterContext<'a> {
    pub discovered: &'a DiscoveredSchema,
    pub calendar: &'a Calendar,
}

/// Parses a filter, which is a list or a single clause; warnings report what was mapped. Returns the valid clauses and
/// the problem of the others: `bad-filter` or `unknown-field`, with the accepted values.
pub fn clauses(
    context: FilterContext,
    entity: Entity,
    filter: &Value,
    warnings: &mut Vec<String>,
) -> (Vec<Condition>, Option<Error>) {
    let mut parser = FilterParser { context, entity, warnings };
    let (mut clauses, mut problems) = (Vec::new(), Vec::new());
    for clause in parser.parse_list(filter, 0) {
        match clause {
            Ok(clause) => clauses.push(clause),
            Err(problem) => problems.push(problem),
        }
    }
    problems.extend(check(&clauses).err());
    (clauses, Error::join(problems))
}

struct FilterParser<'a> {
    context: FilterContext<'a>,
    entity: Entity,
    warnings: &'a mut Vec<String>,
}

impl FilterParser<'_> {
    fn parse_list(&mut self, filter: &Value, depth: usize) -> Vec<Result<Condition, Error>> {
        if depth > MAX_NESTING {
            return vec![Err(Error::bad_filter(format!(
                "The filter is nested more than {MAX_NESTING} deep."
            )))];
        }
        let filter = &parse_nested_json(filter);
        match filter {
            Value::Array(items) => {
                items.iter().map(|item| self.parse_clause(item, depth)).collect()
            }
            Value::Object(_) => vec![self.parse_clause(filter, depth)],
            other => vec![Err(Error::bad_filter(format!(
                "A filter is a list of clauses, not {}.",
                abbreviated(other)
            )))],
        }
    }

    fn parse_clause(&mut self, item: &Value, depth: usize) -> Result<Condition, Error> {
        let parts = RawClause::read(item)?;
        let (word, mapped) = OperatorWord::read(parts.op()?)?;
        self.warnings.extend(mapped);
        parts.check(word)?;
        match word {
            OperatorWord::And => Ok(Condition::And(self.parse_group(&parts, depth)?)),
            OperatorWord::Or => Ok(Condition::Or(self.parse_group(&parts, depth)?)),
            OperatorWord::Op(op) => self.parse_comparison(&parts, op),
        }
    }

    fn parse_group(&mut self, parts: &RawClause, depth: usize) -> Result<Vec<Condition>, Error> {
        let items = parts
            .items
            .ok_or_else(|| Error::bad_filter("and/or join a list of clauses in items."))?;
        let clauses = Error::collect(self.parse_list(items, depth + 1).into_iter())?;
        if clauses.is_empty() {
            Err(Error::bad_filter("The items of and/or are empty."))
        } else {
            Ok(clauses)
        }
    }

    fn parse_comparison(&mut self, parts: &RawClause, op: Op) -> Result<Condition, Error> {
        let name = parts.field.ok_or_else(|| {
            Error::bad_filter(format!("A clause with {} names a field.", op.name()))
        })?;
        let (op, value) = self.read_list(name, op, parts.value);
        let value = value.as_ref();
        if parts.udf {
            return self.udf(FilterField::Udf(name.to_owned()), op, value);
        }
        let field = match self.context.discovered.field(self.entity, name) {
            Some(field) => queryable(self.entity, field)?,
            None if may_be_udf(self.context.discovered, self.entity, name) => {
                return self.udf(FilterField::MaybeUdf(name.to_owned()), op, value);
            }
            None => return Err(unknown_in_filter(self.entity, name, value)),
        };
        let (op, value) = self.null_as_presence(field, op, value);
        let op = self.presence_from_bool(field, op, value)?;
        self.warnings.extend(empty_field_warning(self.entity, field));
        comparison(self.context.calendar, (field, op), value, self.warnings)
    }

    /// A list may be JSON text; equality with a list means membership.
    fn read_list(&mut self, name: &str, op: Op, value: Option<&Value>) -> (Op, Option<Value>) {
        let is_json = |text: &str| op.is_listed() && text.starts_with('[');
        let value = match value {
            Some(Value::String(text)) if is_json(text) => {
                Some(parse_nested_json(&text.as_str().into()))
            }
            value => value.cloned(),
        };
        let listed = match (op, &value) {
            (Op::Eq, Some(Value::Array(_))) => Op::In,
            (Op::NotEq, Some(Value::Array(_))) => Op::NotIn,
            _ => return (op, value),
        };
        self.warnings.push(format!(
            "{} with a list on {name} was read as {}.",
            op.name(),
            listed.name()
        ));
        (listed, value)
    }

    fn udf(&self, field: FilterField, op: Op, value: Option<&Value>) -> Result<Condition, Error> {
        if !self.entity.has_udfs() {
            return Err(Error::bad_filter(format!(
                "{} has no user-defined fields.",
                self.entity.name()
            )));
        }
        let value = value.filter(|_| !op.is_presence()).cloned().unwrap_or_default();
        if value.is_object() || (value.is_array() && !op.is_listed()) {
            return Err(Error::bad_filter(format!(
                "A user-defined field cannot be compared with {}.",
                abbreviated(&value)
            )));
        }
        if value.is_null() && !op.is_presence() {
            return Err(Error::bad_filter("A clause on a user-defined field has no value."));
        }
        let value = match value {
            Value::Array(members) if members.is_empty() => {
                return Err(Error::bad_filter("The list for a user-defined field is empty."));
            }
            Value::Array(members) if !members.iter().all(is_scalar) => {
                return Err(Error::bad_filter(
                    "The list for a user-defined field holds texts and numbers.",
                ));
            }
            single if op.is_listed() && !single.is_array() => vec![single].into(),
            other => other,
        };
        Ok(Condition::Compare(Comparison { field, op, value }))
    }

    /// Converts `eq null` to `notExist`, because Autotask's documentation does not define it.
    fn null_as_presence<'v>(
        &mut self,
        field: &Field,
        op: Op,
        value: Option<&'v Value>,
    ) -> (Op, Option<&'v Value>) {
        let presence = match (op, value) {
            (Op::Eq, Some(Value::Null)) => Op::NotExist,
            (Op::NotEq, Some(Value::Null)) => Op::Exist,
            _ => return (op, value),
        };
        self.warnings.push(format!(
            "{} null on {} was read as {}.",
            op.name(),
            field.name,
            presence.name()
        ));
        (presence, None)
    }

    /// Converts `exist false` to `notExist`; both operators accept no other value than a boolean.
    fn presence_from_bool(
        &mut self,
        field: &Field,
        op: Op,
        value: Option<&Value>,
    ) -> Result<Op, Error> {
        let turned = match (op, value) {
            (Op::Exist, Some(Value::Bool(false))) => Op::NotExist,
            (Op::NotExist, Some(Value::Bool(false))) => Op::Exist,
            (Op::Exist | Op::NotExist, Some(value))
                if !matches!(value, Value::Null | Value::Bool(true)) =>
            {
                return Err(Error::bad_filter(format!(
                    "{} on {} takes no value.",
                    op.name(),
                    field.name
                )));
            }
            _ => return Ok(op),
        };
        self.warnings.push(format!(
            "{} false on {} was read as {}.",
            op.name(),
            field.name,
            turned.name()
        ));
        Ok(turned)
    }
}

/// The condition that compares a field with a value, a list or nothing.
///
/// # Errors
/// `bad-filter`, with the values that the field accepts.
pub fn comparison(
    calendar: &Calendar,
    (field, op): (&'static Field, Op),
    value: Option<&Value>,
    warnings: &mut Vec<String>,
) -> Result<Condition, Error> {
    if op.is_presence() {
        return Ok(Condition::test(field, op, Value::Null));
    }
    let value = value
        .ok_or_else(|| Error::bad_filter(format!("The clause on {} has no value.", field.name)))?;
    if op.is_textual() && !matches!(field.kind, DataType::Text | DataType::Unknown) {
        let message =
            format!("{} compares texts, and {} is {}.", op.name(), field.name, expected(field));
        return Err(Error::bad_filter(message)
            .accepts("eq, noteq, gt, gte, lt, lte, in, notIn, exist, notExist"));
    }
    let value = if op.is_listed() { as_list(field, value)? } else { value.clone() };
    if field.kind.is_date() {
        let condition = date_condition(calendar, (field, op), &value, warnings);
        return condition.map_err(|value| mismatch(field, &value, &expected(field)));
    }
    let value = match value {
        Value::Array(members) if op.is_listed() => {
            members.iter().map(|member| coerce_or_error(field, member)).collect::<Result<_, _>>()?
        }
        single => coerce_or_error(field, &single)?,
    };
    warnings.extend(length_warning(field, &value));
    let is_comparable = op.is_listed() || matches!(op, Op::Eq | Op::NotEq);
    if value.is_string() && field.has_names() && !is_comparable {
        let message = format!("{} compares numbers, and {} has a name.", op.name(), field.name);
        return Err(Error::bad_filter(message)
            .accepts("eq, noteq, in, notIn with a name; any with a number"));
    }
    Ok(Condition::test(field, op, value))
}

/// The field, if it can be queried.
fn queryable(entity: Entity, field: &'static Field) -> Result<&'static Field, Error> {
    if field.queryable.is_no() {
        let message = format!("{} of {} cannot be queried.", field.name, entity.name());
        let queryable = entity.fields().iter().filter(|f| !f.queryable.is_no()).map(|f| f.name);
        return Err(
            Error::bad_filter(message).accepts(queryable.take(12).collect::<Vec<_>>().join(", "))
        );
    }
    Ok(field)
}

/// Whether a value is neither null nor a list or object.
fn is_scalar(value: &Value) -> bool {
    !(value.is_null() || value.is_array() || value.is_object())
}

/// The members of a list; a single value is a list of one.
fn as_list(field: &Field, value: &Value) -> Result<Value, Error> {
    match value {
        Value::Array(members) if members.is_empty() => {
            Err(Error::bad_filter(format!("The list for {} is empty.", field.name)))
        }
        Value::Array(_) => Ok(value.clone()),
        single => Ok(vec![single.clone()].into()),
    }
}

fn coerce_or_error(field: &Field, value: &Value) -> Result<Value, Error> {
    coerce(field, value).map_err(|accepted| mismatch(field, value, &accepted))
}

fn mismatch(field: &Field, value: &Value, accepted: &str) -> Error {
    Error::bad_filter(format!("{} cannot be {}.", field.name, abbreviated(value))).accepts(accepted)
}

/// Fields that Autotask leaves empty, so that a filter on them finds nothing, and alternatives.
const EMPTY_FIELDS: [(Entity, &str, &str); 2] = [
    // Reported by several tenants: the flag of the ticket is never set.
    (
        Entity::Tickets,
        "serviceLevelAgreementHasBeenMet",
        "ServiceLevelAgreementResults has isFirstResponseMet, isResolutionPlanMet and isResolutionMet of each ticket",
    ),
    // Autotask's help on ResourceDailyAvailabilities.
    (
        Entity::ResourceDailyAvailabilities,
        "weeklyBillableGoalHours",
        "it stays empty while the feature is off in the tenant",
    ),
];

fn empty_field_warning(entity: Entity, field: &Field) -> Option<String> {
    let empty = EMPTY_FIELDS.iter().find(|(of, name, _)| *of == entity && *name == field.name);
    empty.map(|(_, name, instead)| {
        format!("Autotask usually leaves {name} empty, so the result may be wrong: {instead}.")
    })
}
