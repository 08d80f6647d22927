//! Which names a filter or a record holds where Autotask takes numbers.

use serde_json::Value;

use crate::filter::{Clause, Op, Test, Tested};
use crate::record::Record;
use crate::schema::{Entity, Field, Learnt};

/// A name, and where it was given.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    pub entity: Entity,
    pub field: &'static Field,
    /// What the caller calls the field.
    pub argument: &'static str,
    pub name: String,
    /// The code of the field above, where the picklist depends on one that is given; for a contact in a record the
    /// company.
    pub under: Option<i64>,
}

impl Asked {
    /// A name for a field, given by that field's own name.
    #[must_use]
    pub fn of(entity: Entity, field: &'static Field, name: &str) -> Self {
        Self { entity, field, argument: field.name, name: name.to_owned(), under: None }
    }
}

/// The field that says whose a contact is, and for whom a record.
pub const COMPANY: &str = "companyID";

/// Sees a name, and may say the number it stands for.
pub type See<'a> = dyn FnMut(Asked) -> Option<Value> + 'a;

/// Shows every name of a filter whose picklist depends on no other name; a number takes its place.
pub fn in_clauses(entity: Entity, clauses: &mut [Clause], see: &mut See) {
    walk(entity, clauses, &[], see);
}

/// Shows the names of a record in the same way; a contact's name is one below its company.
pub fn in_record((learnt, entity): (&Learnt, Entity), record: &mut Record, see: &mut See) {
    for field in learnt.fields(entity).filter(|field| field.has_names()) {
        let company = (field.refers_to == Some(Entity::Contacts)).then_some(COMPANY);
        let under = field.picklist_under.or(company);
        let under = under.and_then(|above| record.get(above));
        let above = Above::of(under);
        let name = record.get(field.name).and_then(Value::as_str);
        let Some(name) = name.filter(|_| above != Above::Name) else {
            continue;
        };
        if let Some(number) = see(asked(entity, field, name, above)) {
            record.set(field.name, number);
        }
    }
}

/// Sees a value of a list whose codes are texts, perhaps a label, and may say the code.
pub type SeeText<'a> = dyn FnMut(&Tested, &Value) -> Option<Value> + 'a;

/// Shows what a filter compares UDFs and picklists of texts with; a code may take its place.
pub fn in_texts(clauses: &mut [Clause], see: &mut SeeText) {
    for clause in clauses {
        match clause {
            Clause::All(items) | Clause::Any(items) => in_texts(items, see),
            Clause::Test(test) => settle_text(test, see),
        }
    }
}

fn settle_text(test: &mut Test, see: &mut SeeText) {
    let is_equality = matches!(test.op, Op::Eq | Op::NotEq | Op::In | Op::NotIn);
    let is_listed = match &test.field {
        Tested::Udf(_) => true,
        Tested::Field(field) => field.is_text_list(),
        Tested::Perhaps(_) => false,
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
enum Above {
    Nothing,
    Code(i64),
    /// A name, to be settled first.
    Name,
}

impl Above {
    fn of(value: Option<&Value>) -> Self {
        match value {
            Some(Value::String(_)) => Self::Name,
            Some(value) => value.as_i64().map_or(Self::Nothing, Self::Code),
            None => Self::Nothing,
        }
    }
}

fn asked(entity: Entity, field: &'static Field, name: &str, above: Above) -> Asked {
    let under = match above {
        Above::Code(code) => Some(code),
        Above::Nothing | Above::Name => None,
    };
    Asked { under, ..Asked::of(entity, field, name) }
}

/// What must hold beside a clause: fields that equal a value.
type Given = [(&'static str, Above)];

fn walk(entity: Entity, clauses: &mut [Clause], given: &Given, see: &mut See) {
    let mut given = given.to_vec();
    given.extend(clauses.iter().filter_map(equality));
    for clause in clauses {
        match clause {
            Clause::All(items) => walk(entity, items, &given, see),
            Clause::Any(items) => {
                for item in items {
                    walk(entity, std::slice::from_mut(item), &given, see);
                }
            }
            Clause::Test(test) => settle(entity, test, &given, see),
        }
    }
}

fn equality(clause: &Clause) -> Option<(&'static str, Above)> {
    match clause {
        Clause::Test(Test { field: Tested::Field(field), op: Op::Eq, value }) => {
            Some((field.name, Above::of(Some(value))))
        }
        _ => None,
    }
}

fn settle(entity: Entity, test: &mut Test, given: &Given, see: &mut See) {
    let Tested::Field(field) = test.field else {
        return;
    };
    let above = given.iter().find(|(name, _)| Some(*name) == field.picklist_under);
    let above = above.map_or(Above::Nothing, |(_, above)| *above);
    if !field.has_names() || above == Above::Name {
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
