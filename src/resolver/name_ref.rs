//! Finds the names in a filter or a record where Autotask expects ids or codes.

use serde_json::Value;

use super::NameCacheKey;
use crate::catalog::{DiscoveredSchema, Entity, Field};
use crate::filter::{Comparison, Condition, FilterField, Op};
use crate::value::coerce::as_text;
use crate::value::record::Record;

/// A name and its field.
#[derive(Debug, Clone, PartialEq)]
pub struct NameRef {
    pub entity: Entity,
    pub field: NamedField,
    pub name: String,
    /// The code of the field that the picklist depends on, if known; for a contact, the company.
    pub parent_value: Option<i64>,
}

/// A field whose values have names.
#[derive(Debug, Clone, PartialEq)]
pub enum NamedField {
    Standard(&'static Field),
    Udf(String),
}

impl NameRef {
    /// A name for a field.
    #[must_use]
    pub fn new(entity: Entity, field: &'static Field, name: &str) -> Self {
        let field = NamedField::Standard(field);
        Self { entity, field, name: name.to_owned(), parent_value: None }
    }

    /// A name for a UDF.
    #[must_use]
    pub fn for_udf(entity: Entity, udf: &str, name: &str) -> Self {
        let field = NamedField::Udf(udf.to_owned());
        Self { entity, field, name: name.to_owned(), parent_value: None }
    }

    /// The caller's name for the field.
    #[must_use]
    pub fn argument(&self) -> &str {
        match &self.field {
            NamedField::Standard(field) => field.name,
            NamedField::Udf(name) => name,
        }
    }

    /// The entity whose records the field refers to, if the schema knows it.
    #[must_use]
    pub fn refers_to(&self) -> Option<Entity> {
        match self.field {
            NamedField::Standard(field) if field.name == "id" => Some(self.entity),
            NamedField::Standard(field) => field.refers_to,
            NamedField::Udf(_) => None,
        }
    }

    /// Whether it is `me`, the resource that the caller acts for.
    #[must_use]
    pub fn is_me(&self) -> bool {
        self.refers_to() == Some(Entity::Resources) && self.name.eq_ignore_ascii_case("me")
    }

    /// Whether the field may be a picklist.
    #[must_use]
    pub fn may_be_picklist(&self) -> bool {
        match self.field {
            NamedField::Standard(field) => !field.picklist.is_no() && field.name != "id",
            NamedField::Udf(_) => true,
        }
    }

    /// Whether the codes of the field's picklist are strings.
    #[must_use]
    pub fn is_text_code(&self) -> bool {
        match self.field {
            NamedField::Standard(field) => field.is_text_list(),
            NamedField::Udf(_) => true,
        }
    }
}

/// The field with the company that a record belongs to.
pub const COMPANY: &str = "companyID";
/// The field with the project that a record belongs to.
pub const PROJECT: &str = "projectID";

/// Receives a name and may return its id or code.
pub type NameVisitor<'a> = dyn FnMut(NameRef) -> Option<Value> + 'a;

/// Visits the names of a filter that do not depend on other names; a returned id or code replaces the name.
pub fn visit_filter(entity: Entity, conditions: &mut [Condition], visitor: &mut NameVisitor) {
    visit(entity, conditions, &[], visitor);
}

/// Visits the names of a record in the same way; a contact's name depends on its company.
pub fn visit_record(
    (schema, entity): (&DiscoveredSchema, Entity),
    record: &mut Record,
    visitor: &mut NameVisitor,
) {
    for field in schema.fields(entity).filter(|field| field.has_names() || field.is_text_list()) {
        let company = (field.refers_to == Some(Entity::Contacts)).then_some(COMPANY);
        let parent = parent_field(field).or(company);
        let parent = ParentValue::new(parent.and_then(|parent| record.get(parent)));
        let name = record.get(field.name).and_then(Value::as_str);
        let Some(name) = name.filter(|_| parent != ParentValue::Name) else {
            continue;
        };
        let name = NameRef { parent_value: parent.code(), ..NameRef::new(entity, field, name) };
        if let Some(value) = visitor(name) {
            record.set(field.name, value);
        }
    }
}

/// The field on which the meaning of a label or a phase depends.
fn parent_field(field: &Field) -> Option<&'static str> {
    let project = (field.refers_to == Some(Entity::Phases)).then_some(PROJECT);
    field.picklist_parent.or(project)
}

/// The value of a field that others depend on.
#[derive(Debug, Clone, Copy, PartialEq)]
enum ParentValue {
    Nothing,
    Code(i64),
    /// A name, which must be resolved first.
    Name,
}

impl ParentValue {
    fn new(value: Option<&Value>) -> Self {
        match value {
            Some(Value::String(_)) => Self::Name,
            Some(value) => value.as_i64().map_or(Self::Nothing, Self::Code),
            None => Self::Nothing,
        }
    }

    fn code(self) -> Option<i64> {
        match self {
            Self::Code(code) => Some(code),
            Self::Nothing | Self::Name => None,
        }
    }
}

/// Fields that equal a value if a condition is true.
type EqualityContext = [(&'static str, ParentValue)];

fn visit(
    entity: Entity,
    conditions: &mut [Condition],
    context: &EqualityContext,
    visitor: &mut NameVisitor,
) {
    let mut context = context.to_vec();
    context.extend(conditions.iter().filter_map(equality));
    for condition in conditions {
        match condition {
            Condition::And(items) => visit(entity, items, &context, visitor),
            Condition::Or(items) => {
                for item in items {
                    visit(entity, std::slice::from_mut(item), &context, visitor);
                }
            }
            Condition::Compare(comparison) => {
                visit_comparison(entity, comparison, &context, visitor);
            }
        }
    }
}

fn equality(condition: &Condition) -> Option<(&'static str, ParentValue)> {
    match condition {
        Condition::Compare(Comparison {
            field: FilterField::Standard(field),
            op: Op::Eq,
            value,
        }) => Some((field.name, ParentValue::new(Some(value)))),
        _ => None,
    }
}

fn visit_comparison(
    entity: Entity,
    comparison: &mut Comparison,
    context: &EqualityContext,
    visitor: &mut NameVisitor,
) {
    let is_equality = matches!(comparison.op, Op::Eq | Op::NotEq | Op::In | Op::NotIn);
    let (field, parent) = match &comparison.field {
        FilterField::Standard(field) if field.has_names() || field.name == "id" => {
            let parent = context.iter().find(|(name, _)| Some(*name) == parent_field(field));
            let parent = parent.map_or(ParentValue::Nothing, |(_, parent)| *parent);
            (NamedField::Standard(field), parent)
        }
        FilterField::Standard(field) if field.is_text_list() && is_equality => {
            (NamedField::Standard(field), ParentValue::Nothing)
        }
        FilterField::Udf(name) if is_equality => {
            (NamedField::Udf(name.clone()), ParentValue::Nothing)
        }
        _ => return,
    };
    if parent == ParentValue::Name {
        return;
    }
    for value in values(&mut comparison.value) {
        let name = match &field {
            NamedField::Standard(_) => value.as_str().map(str::to_owned),
            NamedField::Udf(_) => as_text(value),
        };
        let name = name.map(|name| NameRef {
            entity,
            field: field.clone(),
            name,
            parent_value: parent.code(),
        });
        if let Some(resolved) = name.and_then(&mut *visitor) {
            *value = resolved;
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

/// The cache key of a name; none if it may be a label, and for `me`, which depends on the caller.
pub(super) fn cache_key(name: &NameRef) -> Option<NameCacheKey> {
    match name.field {
        NamedField::Standard(field) if !name.may_be_picklist() && !name.is_me() => {
            Some((name.entity, field.name, name.name.clone(), name.parent_value))
        }
        _ => None,
    }
}
