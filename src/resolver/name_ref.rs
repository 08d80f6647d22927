//! Which names a filter or a record holds where Autotask takes numbers.

use serde_json::Value;

use crate::catalog::{DiscoveredSchema, Entity, Field};
use crate::filter::{Comparison, Condition, FilterField, Op};
use crate::value::record::Record;

/// A name, and where it was given.
#[derive(Debug, Clone, PartialEq)]
pub struct NameRef {
    pub entity: Entity,
    pub field: &'static Field,
    /// What the caller calls the field.
    pub argument: &'static str,
    pub name: String,
    /// The code of the field above, where the picklist depends on one that is given; for a contact in a record the
    /// company.
    pub under: Option<i64>,
}

impl NameRef {
    /// A name for a field, given by that field's own name.
    #[must_use]
    pub fn of(entity: Entity, field: &'static Field, name: &str) -> Self {
        Self { entity, field, argument: field.name, name: name.to_owned(), under: None }
    }
}

/// The field that says whose a contact is, and for whom a record.
pub const COMPANY: &str = "companyID";

/// Sees a name, and may say the number it stands for.
pub type NameVisitor<'a> = dyn FnMut(NameRef) -> Option<Value> + 'a;

/// Shows every name of a filter whose picklist depends on no other name; a number takes its place.
pub fn visit_filter(entity: Entity, clauses: &mut [Condition], see: &mut NameVisitor) {
    visit(entity, clauses, &[], see);
}

/// Shows the names of a record in the same way; a contact's name is one below its company.
pub fn visit_record(
    (learnt, entity): (&DiscoveredSchema, Entity),
    record: &mut Record,
    see: &mut NameVisitor,
) {
    for field in learnt.fields(entity).filter(|field| field.has_names()) {
        let company = (field.refers_to == Some(Entity::Contacts)).then_some(COMPANY);
        let under = field.picklist_under.or(company);
        let under = under.and_then(|above| record.get(above));
        let above = ParentValue::of(under);
        let name = record.get(field.name).and_then(Value::as_str);
        let Some(name) = name.filter(|_| above != ParentValue::Name) else {
            continue;
        };
        if let Some(number) = see(asked(entity, field, name, above)) {
            record.set(field.name, number);
        }
    }
}

/// Sees a value of a list whose codes are texts, perhaps a label, and may say the code.
pub type TextVisitor<'a> = dyn FnMut(&FilterField, &Value) -> Option<Value> + 'a;

/// Shows what a filter compares UDFs and picklists of texts with; a code may take its place.
pub fn visit_text_values(clauses: &mut [Condition], see: &mut TextVisitor) {
    for clause in clauses {
        match clause {
            Condition::And(items) | Condition::Or(items) => visit_text_values(items, see),
            Condition::Compare(test) => settle_text(test, see),
        }
    }
}

fn settle_text(test: &mut Comparison, see: &mut TextVisitor) {
    let is_equality = matches!(test.op, Op::Eq | Op::NotEq | Op::In | Op::NotIn);
    let is_listed = match &test.field {
        FilterField::Udf(_) => true,
        FilterField::Standard(field) => field.is_text_list(),
        FilterField::MaybeUdf(_) => false,
    };
    for value in values(&mut test.value).iter_mut().filter(|_| is_equality && is_listed) {
        if let Some(settled) = see(&test.field, value) {
            *value = settled;
        }
    }
}

/// The members of a list, or the single value.
fn values(value: &mut Value) -> &mut [Value] {
    match value {
        Value::Array(members) => members.as_mut_slice(),
        single => std::slice::from_mut(single),
    }
}

/// What stands for the field above a dependent picklist.
#[derive(Debug, Clone, Copy, PartialEq)]
enum ParentValue {
    Nothing,
    Code(i64),
    /// A name, to be settled first.
    Name,
}

impl ParentValue {
    fn of(value: Option<&Value>) -> Self {
        match value {
            Some(Value::String(_)) => Self::Name,
            Some(value) => value.as_i64().map_or(Self::Nothing, Self::Code),
            None => Self::Nothing,
        }
    }
}

fn asked(entity: Entity, field: &'static Field, name: &str, above: ParentValue) -> NameRef {
    let under = match above {
        ParentValue::Code(code) => Some(code),
        ParentValue::Nothing | ParentValue::Name => None,
    };
    NameRef { under, ..NameRef::of(entity, field, name) }
}

/// What must hold beside a clause: fields that equal a value.
type EqualityContext = [(&'static str, ParentValue)];

fn visit(
    entity: Entity,
    clauses: &mut [Condition],
    given: &EqualityContext,
    see: &mut NameVisitor,
) {
    let mut given = given.to_vec();
    given.extend(clauses.iter().filter_map(equality));
    for clause in clauses {
        match clause {
            Condition::And(items) => visit(entity, items, &given, see),
            Condition::Or(items) => {
                for item in items {
                    visit(entity, std::slice::from_mut(item), &given, see);
                }
            }
            Condition::Compare(test) => visit_comparison(entity, test, &given, see),
        }
    }
}

fn equality(clause: &Condition) -> Option<(&'static str, ParentValue)> {
    match clause {
        Condition::Compare(Comparison {
            field: FilterField::Standard(field),
            op: Op::Eq,
            value,
        }) => Some((field.name, ParentValue::of(Some(value)))),
        _ => None,
    }
}

fn visit_comparison(
    entity: Entity,
    test: &mut Comparison,
    given: &EqualityContext,
    see: &mut NameVisitor,
) {
    let FilterField::Standard(field) = test.field else {
        return;
    };
    let above = given.iter().find(|(name, _)| Some(*name) == field.picklist_under);
    let above = above.map_or(ParentValue::Nothing, |(_, above)| *above);
    if !field.has_names() || above == ParentValue::Name {
        return;
    }
    for value in values(&mut test.value) {
        let name = value.as_str().map(str::to_owned);
        let number = name.and_then(|name| see(asked(entity, field, &name, above)));
        if let Some(number) = number {
            *value = number;
        }
    }
}
