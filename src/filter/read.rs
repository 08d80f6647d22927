//! Filters as callers write them, into checked clauses.

use serde_json::Value;

use super::op::Word;
use super::parts::Parts;
use super::value::{fit, takes};
use super::{Clause, Op, Test, Tested, check, days};
use crate::error::{Code, Error};
use crate::scalar::{few, shortened, unwrapped};
use crate::schema::{Entity, Field, Kind, Learnt, is_almost, nearest};

/// Deeper than this no filter makes sense to a reader.
const DEEPEST: usize = 12;

/// Reads a filter, a list or a single clause; warnings tell what was mapped.
///
/// # Errors
/// `bad-filter` or `unknown-field`, with what would be right.
pub fn clauses(
    learnt: &Learnt,
    entity: Entity,
    filter: &Value,
    warnings: &mut Vec<String>,
) -> Result<Vec<Clause>, Error> {
    let mut reading = Reading { learnt, entity, warnings };
    let clauses = reading.list(filter, 0)?;
    check(&clauses)?;
    Ok(clauses)
}

struct Reading<'a> {
    learnt: &'a Learnt,
    entity: Entity,
    warnings: &'a mut Vec<String>,
}

impl Reading<'_> {
    fn list(&mut self, filter: &Value, depth: usize) -> Result<Vec<Clause>, Error> {
        if depth > DEEPEST {
            return Err(bad(format!("The filter is nested more than {DEEPEST} deep.")));
        }
        let filter = &unwrapped(filter);
        match filter {
            Value::Array(items) => items.iter().map(|item| self.clause(item, depth)).collect(),
            Value::Object(_) => Ok(vec![self.clause(filter, depth)?]),
            other => Err(bad(format!("A filter is a list of clauses, not {}.", shortened(other)))),
        }
    }

    fn clause(&mut self, item: &Value, depth: usize) -> Result<Clause, Error> {
        let parts = Parts::read(item)?;
        let (word, mapped) = Word::read(parts.op()?)?;
        self.warnings.extend(mapped);
        parts.check(word)?;
        match word {
            Word::And => Ok(Clause::All(self.group(&parts, depth)?)),
            Word::Or => Ok(Clause::Any(self.group(&parts, depth)?)),
            Word::Op(op) => self.test(&parts, op),
        }
    }

    fn group(&mut self, parts: &Parts, depth: usize) -> Result<Vec<Clause>, Error> {
        let items =
            parts.items.ok_or_else(|| bad("and/or join a list of clauses in items.".into()))?;
        let clauses = self.list(items, depth + 1)?;
        if clauses.is_empty() {
            Err(bad("The items of and/or are empty.".into()))
        } else {
            Ok(clauses)
        }
    }

    fn test(&mut self, parts: &Parts, op: Op) -> Result<Clause, Error> {
        let name = parts
            .field
            .ok_or_else(|| bad(format!("A clause with {} names a field.", op.name())))?;
        if parts.udf {
            return self.udf(Tested::Udf(name.to_owned()), op, parts.value);
        }
        let field = match self.learnt.field(self.entity, name) {
            Some(field) => queryable(self.entity, field)?,
            None if may_be_udf(self.learnt, self.entity, name) => {
                return self.udf(Tested::Perhaps(name.to_owned()), op, parts.value);
            }
            None => return Err(self.unknown(name)),
        };
        let (op, value) = self.without_null(field, op, parts.value);
        let op = self.turned(field, op, value)?;
        self.compare(field, op, value)
    }

    fn unknown(&self, name: &str) -> Error {
        let error = unknown_field(self.entity, name);
        match self.entity.has_udfs() {
            true => error.next(format!(
                "{} For a user-defined field add \"udf\":true.",
                lists_them(self.entity)
            )),
            false => error,
        }
    }

    fn udf(&self, field: Tested, op: Op, value: Option<&Value>) -> Result<Clause, Error> {
        if !self.entity.has_udfs() {
            return Err(bad(format!("{} has no user-defined fields.", self.entity.name())));
        }
        let value = value.filter(|_| !op.is_presence()).cloned().unwrap_or_default();
        if value.is_object() || (value.is_array() && !op.is_listed()) {
            return Err(bad(format!("A user-defined field does not take {}.", shortened(&value))));
        }
        if value.is_null() && !op.is_presence() {
            return Err(bad("A clause on a user-defined field has no value.".into()));
        }
        let value = match value {
            Value::Array(members) if members.is_empty() => {
                return Err(bad("The list for a user-defined field is empty.".into()));
            }
            Value::Array(members) if !members.iter().all(is_single) => {
                return Err(bad(
                    "The list for a user-defined field holds texts and numbers.".into()
                ));
            }
            single if op.is_listed() && !single.is_array() => vec![single].into(),
            other => other,
        };
        Ok(Clause::Test(Test { field, op, value }))
    }

    /// `eq null` is a wish for `notExist`; what Autotask makes of it is not documented.
    fn without_null<'v>(
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
    fn turned(&mut self, field: &Field, op: Op, value: Option<&Value>) -> Result<Op, Error> {
        let turned = match (op, value) {
            (Op::Exist, Some(Value::Bool(false))) => Op::NotExist,
            (Op::NotExist, Some(Value::Bool(false))) => Op::Exist,
            (Op::Exist | Op::NotExist, Some(value))
                if !matches!(value, Value::Null | Value::Bool(true)) =>
            {
                return Err(bad(format!("{} on {} takes no value.", op.name(), field.name)));
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

    fn compare(
        &mut self,
        field: &'static Field,
        op: Op,
        value: Option<&Value>,
    ) -> Result<Clause, Error> {
        if op.is_presence() {
            return Ok(Clause::test(field, op, Value::Null));
        }
        let value =
            value.ok_or_else(|| bad(format!("The clause on {} has no value.", field.name)))?;
        if op.is_listed() {
            let members = members(field, value)?;
            let days = self.whole_days(field, op, &members);
            return Ok(days.unwrap_or_else(|| Clause::test(field, op, members)));
        }
        if op.is_textual() && !matches!(field.kind, Kind::Text | Kind::Unknown) {
            let message =
                format!("{} compares texts, and {} takes {}.", op.name(), field.name, takes(field));
            return Err(
                bad(message).accepts("eq, noteq, gt, gte, lt, lte, in, notIn, exist, notExist")
            );
        }
        let fitted = fitted(field, value)?;
        if fitted.is_string() && field.has_names() && !matches!(op, Op::Eq | Op::NotEq) {
            let message =
                format!("{} compares numbers, and {} is given a name.", op.name(), field.name);
            return Err(bad(message).accepts("eq, noteq, in, notIn with a name; any with a number"));
        }
        Ok(self.whole_days(field, op, &fitted).unwrap_or_else(|| Clause::test(field, op, fitted)))
    }

    fn whole_days(&mut self, field: &'static Field, op: Op, value: &Value) -> Option<Clause> {
        let (clause, days) = days::whole(field, op, value)?;
        self.warnings.push(format!(
            "{} {} on {} was read as {}, UTC.",
            op.name(),
            few(&days, ", ", 3),
            field.name,
            if days.len() == 1 { "that whole day" } else { "those whole days" }
        ));
        Some(clause)
    }
}

/// Standard names are camelCase; a name with a space, a sign or a capital first is the tenant's own,
/// unless it is almost a standard one. What the tenant told of before needs no such look.
#[must_use]
pub fn may_be_udf(learnt: &Learnt, entity: Entity, name: &str) -> bool {
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_capital = name.starts_with(|first: char| first.is_uppercase());
    let names = entity.fields().iter().map(|field| field.name);
    let looks_so = (!is_plain || is_capital) && !is_almost(name, names);
    entity.has_udfs() && (looks_so || learnt.has_udf(entity, name))
}

/// The field, if it can be queried.
fn queryable(entity: Entity, field: &'static Field) -> Result<&'static Field, Error> {
    if field.queryable.is_no() {
        let message = format!("{} of {} cannot be queried.", field.name, entity.name());
        let queryable = entity.fields().iter().filter(|f| !f.queryable.is_no()).map(|f| f.name);
        return Err(bad(message).accepts(queryable.take(12).collect::<Vec<_>>().join(", ")));
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
    error.next(lists_them(entity))
}

fn lists_them(entity: Entity) -> String {
    let name = entity.name();
    format!("describe-entity-fields {{\"entity\":\"{name}\"}} lists them.")
}

/// A value that is neither missing nor made of others.
fn is_single(value: &Value) -> bool {
    !(value.is_null() || value.is_array() || value.is_object())
}

fn members(field: &Field, value: &Value) -> Result<Value, Error> {
    let members = match value {
        Value::Array(members) if members.is_empty() => {
            return Err(bad(format!("The list for {} is empty.", field.name)));
        }
        Value::Array(members) => members.iter().map(|member| fitted(field, member)).collect(),
        single => fitted(field, single).map(|single| vec![single]),
    };
    Ok(Value::Array(members?))
}

fn fitted(field: &Field, value: &Value) -> Result<Value, Error> {
    fit(field, value).map_err(|takes| {
        bad(format!("{} does not take {}.", field.name, shortened(value))).accepts(takes)
    })
}

/// `bad-filter`, in this sentence.
pub(super) fn bad(message: String) -> Error {
    Error::new(Code::BadFilter, message)
}
