//! Filters as callers write them, into checked clauses.

use serde_json::Value;

use super::op::OperatorWord;
use super::raw_clause::RawClause;
use super::{Comparison, Condition, FilterField, Op, check, date_ranges};
use crate::catalog::coerce::{coerce, expected};
use crate::catalog::{DataType, DiscoveredSchema, Entity, Field, is_very_similar, nearest};
use crate::error::{Code, Error};
use crate::value::coerce::{abbreviated, join_first, parse_nested_json};

/// Deeper than this no filter makes sense to a reader.
const MAX_NESTING: usize = 12;

/// Reads a filter, a list or a single clause; warnings tell what was mapped.
///
/// # Errors
/// `bad-filter` or `unknown-field`, with what would be right.
pub fn clauses(
    learnt: &DiscoveredSchema,
    entity: Entity,
    filter: &Value,
    warnings: &mut Vec<String>,
) -> Result<Vec<Condition>, Error> {
    let mut reading = FilterParser { learnt, entity, warnings };
    let clauses = reading.parse_list(filter, 0)?;
    check(&clauses)?;
    Ok(clauses)
}

struct FilterParser<'a> {
    learnt: &'a DiscoveredSchema,
    entity: Entity,
    warnings: &'a mut Vec<String>,
}

impl FilterParser<'_> {
    fn parse_list(&mut self, filter: &Value, depth: usize) -> Result<Vec<Condition>, Error> {
        if depth > MAX_NESTING {
            return Err(bad_filter(format!("The filter is nested more than {MAX_NESTING} deep.")));
        }
        let filter = &parse_nested_json(filter);
        match filter {
            Value::Array(items) => {
                items.iter().map(|item| self.parse_clause(item, depth)).collect()
            }
            Value::Object(_) => Ok(vec![self.parse_clause(filter, depth)?]),
            other => Err(bad_filter(format!(
                "A filter is a list of clauses, not {}.",
                abbreviated(other)
            ))),
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
            .ok_or_else(|| bad_filter("and/or join a list of clauses in items.".into()))?;
        let clauses = self.parse_list(items, depth + 1)?;
        if clauses.is_empty() {
            Err(bad_filter("The items of and/or are empty.".into()))
        } else {
            Ok(clauses)
        }
    }

    fn parse_comparison(&mut self, parts: &RawClause, op: Op) -> Result<Condition, Error> {
        let name = parts
            .field
            .ok_or_else(|| bad_filter(format!("A clause with {} names a field.", op.name())))?;
        if parts.udf {
            return self.udf(FilterField::Udf(name.to_owned()), op, parts.value);
        }
        let field = match self.learnt.field(self.entity, name) {
            Some(field) => queryable(self.entity, field)?,
            None if may_be_udf(self.learnt, self.entity, name) => {
                return self.udf(FilterField::MaybeUdf(name.to_owned()), op, parts.value);
            }
            None => return Err(self.unknown(name)),
        };
        let (op, value) = self.null_as_presence(field, op, parts.value);
        let op = self.presence_from_bool(field, op, value)?;
        self.build_comparison(field, op, value)
    }

    fn unknown(&self, name: &str) -> Error {
        let error = unknown_field(self.entity, name);
        match self.entity.has_udfs() {
            true => error.next(format!(
                "{} For a user-defined field add \"udf\":true.",
                describe_hint(self.entity)
            )),
            false => error,
        }
    }

    fn udf(&self, field: FilterField, op: Op, value: Option<&Value>) -> Result<Condition, Error> {
        if !self.entity.has_udfs() {
            return Err(bad_filter(format!("{} has no user-defined fields.", self.entity.name())));
        }
        let value = value.filter(|_| !op.is_presence()).cloned().unwrap_or_default();
        if value.is_object() || (value.is_array() && !op.is_listed()) {
            return Err(bad_filter(format!(
                "A user-defined field does not take {}.",
                abbreviated(&value)
            )));
        }
        if value.is_null() && !op.is_presence() {
            return Err(bad_filter("A clause on a user-defined field has no value.".into()));
        }
        let value = match value {
            Value::Array(members) if members.is_empty() => {
                return Err(bad_filter("The list for a user-defined field is empty.".into()));
            }
            Value::Array(members) if !members.iter().all(is_scalar) => {
                return Err(bad_filter(
                    "The list for a user-defined field holds texts and numbers.".into(),
                ));
            }
            single if op.is_listed() && !single.is_array() => vec![single].into(),
            other => other,
        };
        Ok(Condition::Compare(Comparison { field, op, value }))
    }

    /// `eq null` is a wish for `notExist`; what Autotask makes of it is not documented.
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

    /// `exist false` is a wish for `notExist`; any other value beside them means nothing.
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
                return Err(bad_filter(format!("{} on {} takes no value.", op.name(), field.name)));
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

    fn build_comparison(
        &mut self,
        field: &'static Field,
        op: Op,
        value: Option<&Value>,
    ) -> Result<Condition, Error> {
        if op.is_presence() {
            return Ok(Condition::test(field, op, Value::Null));
        }
        let value = value
            .ok_or_else(|| bad_filter(format!("The clause on {} has no value.", field.name)))?;
        if op.is_listed() {
            let members = members(field, value)?;
            let days = self.whole_days(field, op, &members);
            return Ok(days.unwrap_or_else(|| Condition::test(field, op, members)));
        }
        if op.is_textual() && !matches!(field.kind, DataType::Text | DataType::Unknown) {
            let message = format!(
                "{} compares texts, and {} takes {}.",
                op.name(),
                field.name,
                expected(field)
            );
            return Err(bad_filter(message)
                .accepts("eq, noteq, gt, gte, lt, lte, in, notIn, exist, notExist"));
        }
        let fitted = coerce_or_error(field, value)?;
        if fitted.is_string() && field.has_names() && !matches!(op, Op::Eq | Op::NotEq) {
            let message =
                format!("{} compares numbers, and {} is given a name.", op.name(), field.name);
            return Err(
                bad_filter(message).accepts("eq, noteq, in, notIn with a name; any with a number")
            );
        }
        Ok(self
            .whole_days(field, op, &fitted)
            .unwrap_or_else(|| Condition::test(field, op, fitted)))
    }

    fn whole_days(&mut self, field: &'static Field, op: Op, value: &Value) -> Option<Condition> {
        let (clause, days) = date_ranges::as_date_ranges(field, op, value)?;
        self.warnings.push(format!(
            "{} {} on {} was read as {}, UTC.",
            op.name(),
            join_first(&days, ", ", 3),
            field.name,
            if days.len() == 1 { "that whole day" } else { "those whole days" }
        ));
        Some(clause)
    }
}

/// Standard names are camelCase; a name with a space, a sign or a capital first is the tenant's own,
/// unless it is almost a standard one. What the tenant told of before needs no such look.
#[must_use]
pub fn may_be_udf(learnt: &DiscoveredSchema, entity: Entity, name: &str) -> bool {
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_capital = name.starts_with(|first: char| first.is_uppercase());
    let names = entity.fields().iter().map(|field| field.name);
    let looks_so = (!is_plain || is_capital) && !is_very_similar(name, names);
    entity.has_udfs() && (looks_so || learnt.has_udf(entity, name))
}

/// The field, if it can be queried.
fn queryable(entity: Entity, field: &'static Field) -> Result<&'static Field, Error> {
    if field.queryable.is_no() {
        let message = format!("{} of {} cannot be queried.", field.name, entity.name());
        let queryable = entity.fields().iter().filter(|f| !f.queryable.is_no()).map(|f| f.name);
        return Err(bad_filter(message).accepts(queryable.take(12).collect::<Vec<_>>().join(", ")));
    }
    Ok(field)
}

/// No such field, and the nearest that are.
#[must_use]
pub fn unknown_field(entity: Entity, name: &str) -> Error {
    let shown: String = name.chars().take(60).collect();
    let message = format!("{} has no field {shown:?}.", entity.name());
    let near = nearest(name, entity.fields().iter().map(|f| f.name));
    let error = Error::new(Code::UnknownField, message);
    let error = if near.is_empty() { error } else { error.accepts(near.join(", ")) };
    error.next(describe_hint(entity))
}

fn describe_hint(entity: Entity) -> String {
    let name = entity.name();
    format!("describe-entity-fields {{\"entity\":\"{name}\"}} lists them.")
}

/// A value that is neither missing nor made of others.
fn is_scalar(value: &Value) -> bool {
    !(value.is_null() || value.is_array() || value.is_object())
}

fn members(field: &Field, value: &Value) -> Result<Value, Error> {
    let members = match value {
        Value::Array(members) if members.is_empty() => {
            return Err(bad_filter(format!("The list for {} is empty.", field.name)));
        }
        Value::Array(members) => {
            members.iter().map(|member| coerce_or_error(field, member)).collect()
        }
        single => coerce_or_error(field, single).map(|single| vec![single]),
    };
    Ok(Value::Array(members?))
}

fn coerce_or_error(field: &Field, value: &Value) -> Result<Value, Error> {
    coerce(field, value).map_err(|takes| {
        bad_filter(format!("{} does not take {}.", field.name, abbreviated(value))).accepts(takes)
    })
}

/// `bad-filter`, in this sentence.
pub(super) fn bad_filter(message: String) -> Error {
    Error::new(Code::BadFilter, message)
}
