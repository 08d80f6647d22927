//! A query's filter: read once, then asked of each record.

mod operand;

use serde_json::Value;

use crate::catalog::{Entity, Field};

use super::reply::Refusal;
use super::store::{Record, UDFS};
use super::udf::{self, Udf};
use operand::{Check, Column};

/// The most conditions that may be joined by `or`; a list counts its members.
const MOST_ORS: usize = 500;

/// A condition on a record, or a group of them.
#[derive(Debug)]
pub(super) enum Test {
    All(Vec<Test>),
    Any(Vec<Test>),
    Field(&'static Field, Check),
    Udf(&'static Udf, Check),
}

impl Test {
    /// Whether a record passes.
    pub(super) fn passes(&self, record: &Record) -> bool {
        match self {
            Self::All(tests) => tests.iter().all(|test| test.passes(record)),
            Self::Any(tests) => tests.iter().any(|test| test.passes(record)),
            Self::Field(field, check) => check.passes(record.get(field.name)),
            Self::Udf(udf, check) => {
                let values = record.get(UDFS).and_then(Value::as_object);
                check.passes(values.and_then(|values| values.get(&udf.name)))
            }
        }
    }
}

/// The test that a filter list describes.
pub(super) fn read(entity: Entity, filter: Option<&Value>) -> Result<Test, Refusal> {
    let list = filter.and_then(Value::as_array).filter(|list| !list.is_empty());
    let list = list.ok_or_else(no_filter)?;
    single_ticket(entity, list)?;
    let mut reader = Reader { entity, ors: 0, udfs: 0 };
    let tests = reader.group(list, false)?;
    if reader.ors > MOST_ORS {
        return Err(Refusal::because("Queries are limited to 500 or fewer 'OR' conditions."));
    }
    if reader.udfs > 1 {
        return Err(Refusal::because("Only one user-defined field may be queried at a time."));
    }
    Ok(Test::All(tests))
}

/// The words for a filter that is not there.
pub(super) fn no_filter() -> Refusal {
    Refusal::because("Value cannot be null.\r\nParameter name: filters")
}

/// The words for a field that the entity lacks.
pub(super) fn no_field(entity: Entity, name: &str) -> Refusal {
    let entity = entity.singular();
    Refusal::because(format!("Unable to find {name} in the {entity} Entity."))
}

/// A property of an object, its name in any letter case.
pub(super) fn property<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    let mut pairs = object.as_object()?.iter();
    let found = pairs.find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value)
}

/// Ticket history answers only for one ticket at a time.
fn single_ticket(entity: Entity, list: &[Value]) -> Result<(), Refusal> {
    let is = |item: &Value, name: &str, word: &str| {
        let value = property(item, name).and_then(Value::as_str);
        value.is_some_and(|value| value.eq_ignore_ascii_case(word))
    };
    let fits = |item| is(item, "op", "eq") && is(item, "field", "ticketID");
    match list {
        _ if entity != Entity::TicketHistory => Ok(()),
        [item] if fits(item) => Ok(()),
        _ => Err(Refusal::because(
            "TicketHistory can only be queried by ticketID with the operator eq, for one ticket.",
        )),
    }
}

struct Reader {
    entity: Entity,
    ors: usize,
    udfs: usize,
}

impl Reader {
    fn group(&mut self, items: &[Value], either: bool) -> Result<Vec<Test>, Refusal> {
        let tests = items.iter().map(|item| self.condition(item, either));
        tests.filter_map(Result::transpose).collect()
    }

    /// A condition; none where the operator is unknown: Autotask drops it without a word.
    fn condition(&mut self, item: &Value, either: bool) -> Result<Option<Test>, Refusal> {
        let op = property(item, "op").and_then(Value::as_str).unwrap_or_default();
        match op {
            "and" => self.items(item, either).map(|tests| Some(Test::All(tests))),
            "or" => self.items(item, true).map(some_of),
            _ if Check::is_operator(op) => self.clause(op, item, either).map(Some),
            _ => Ok(None),
        }
    }

    fn items(&mut self, item: &Value, either: bool) -> Result<Vec<Test>, Refusal> {
        let items = property(item, "items").and_then(Value::as_array);
        self.group(items.ok_or_else(no_filter)?, either)
    }

    fn clause(&mut self, op: &str, item: &Value, either: bool) -> Result<Test, Refusal> {
        let name = property(item, "field").and_then(Value::as_str).unwrap_or_default();
        let value = property(item, "value");
        self.ors += match value.and_then(Value::as_array) {
            Some(members) => members.len(),
            None => usize::from(either),
        };
        if property(item, "udf").and_then(Value::as_bool) == Some(true) {
            self.udfs += 1;
            let udf = udf::find(self.entity, name).ok_or_else(|| no_field(self.entity, name))?;
            return Ok(Test::Udf(udf, Check::read(op, Column::of_udf(udf), value)?));
        }
        let field = self.entity.field(name).ok_or_else(|| no_field(self.entity, name))?;
        if field.queryable.is_no() {
            return Err(self.not_queryable(field));
        }
        Ok(Test::Field(field, Check::read(op, Column::of_field(field), value)?))
    }

    fn not_queryable(&self, field: &Field) -> Refusal {
        let (field, entity) = (field.name, self.entity.singular());
        Refusal::because(format!("The field {field} in the {entity} Entity is not queryable."))
    }
}

fn some_of(tests: Vec<Test>) -> Option<Test> {
    (!tests.is_empty()).then_some(Test::Any(tests))
}
