//! Filters with Autotask's semantics, checked against the schema before anything is sent.

mod dates;
mod evaluate;
mod op;
mod parse;
pub mod phone;
mod raw_clause;
pub mod ticket_status;
mod udf;
mod unknown_field;

use serde_json::{Value, json};

use crate::catalog::tenant_fields::TenantFields;
use crate::catalog::udf_types::unknown_udf_error;
use crate::catalog::{Entity, Field};
use crate::error::{Code, Error};
pub use evaluate::matches;
pub use op::Op;
pub use parse::{FilterContext, clauses as read, comparison};
pub use unknown_field::{may_be_udf, unknown_field};

/// The most conditions joined by OR in one filter; each member of an `in` counts (Autotask's help on queries).
pub const MAX_OR_TERMS: usize = 500;

/// One condition, or several joined.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    Compare(Comparison),
    And(Vec<Condition>),
    Or(Vec<Condition>),
}

/// One comparison of a field.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    pub field: FilterField,
    pub op: Op,
    /// Null for `exist` and `notExist`.
    pub value: Value,
}

/// The field of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub enum FilterField {
    Standard(&'static Field),
    /// A user-defined field, by its name.
    Udf(String),
    /// A name that may be a user-defined field; only the tenant knows.
    MaybeUdf(String),
}

impl Condition {
    /// A comparison of a standard field.
    #[must_use]
    pub fn test(field: &'static Field, op: Op, value: Value) -> Self {
        Self::Compare(Comparison { field: FilterField::Standard(field), op, value })
    }

    /// The condition that matches all records; Autotask requires at least one condition.
    ///
    /// # Errors
    /// `internal` if the entity has no id.
    pub fn match_all(entity: Entity) -> Result<Self, Error> {
        Ok(Self::test(id_field(entity)?, Op::Gte, 0.into()))
    }

    /// The condition of a page that starts after an id.
    ///
    /// # Errors
    /// `internal` if the entity has no id.
    pub fn after(entity: Entity, id: i64) -> Result<Self, Error> {
        Ok(Self::test(id_field(entity)?, Op::Gt, id.into()))
    }

    /// The JSON for Autotask.
    #[must_use]
    pub fn json(&self) -> Value {
        match self {
            Self::Compare(test) => test.json(),
            Self::And(clauses) => json!({ "op": "and", "items": json_of(clauses) }),
            Self::Or(clauses) => json!({ "op": "or", "items": json_of(clauses) }),
        }
    }
}

/// The `id` field of an entity.
fn id_field(entity: Entity) -> Result<&'static Field, Error> {
    entity.field("id").ok_or_else(|| Error::internal(format!("{} has no id.", entity.name())))
}

/// Several conditions as the JSON of `filter`.
#[must_use]
pub fn json_of(clauses: &[Condition]) -> Vec<Value> {
    clauses.iter().map(Condition::json).collect()
}

impl Comparison {
    fn resolve_udf(&self, entity: Entity, udfs: &TenantFields) -> Result<Self, Error> {
        let udf = match &self.field {
            FilterField::Standard(_) => return Ok(self.clone()),
            FilterField::Udf(name) => {
                udfs.find(name).ok_or_else(|| unknown_udf_error(entity, name, udfs))
            }
            FilterField::MaybeUdf(name) => {
                udfs.find(name).ok_or_else(|| unknown_field(entity, name))
            }
        }?;
        Ok(Self {
            field: FilterField::Udf(udf.name.clone()),
            op: self.op,
            value: udf::coerce_udf(udf, self.op, &self.value)?,
        })
    }

    fn json(&self) -> Value {
        let (name, is_udf) = match &self.field {
            FilterField::Standard(field) => (field.name, false),
            FilterField::Udf(name) | FilterField::MaybeUdf(name) => (name.as_str(), true),
        };
        let mut clause = json!({ "op": self.op.name(), "field": name });
        if !self.value.is_null() {
            clause["value"] = self.value.clone();
        }
        if is_udf {
            clause["udf"] = true.into();
        }
        clause
    }
}

/// Rejects filters that Autotask rejects, and empty ranges.
///
/// # Errors
/// `bad-filter`, with the limit or the range.
pub fn check(clauses: &[Condition]) -> Result<(), Error> {
    let joined = sum_over(clauses, &or_terms);
    if joined > MAX_OR_TERMS {
        let message = format!("The filter joins {joined} conditions by OR.");
        return Err(Error::new(Code::BadFilter, message)
            .accepts(format!("at most {MAX_OR_TERMS}; each member of an in counts"))
            .next("Split the list over several calls."));
    }
    let udfs = sum_over(clauses, &|clause| usize::from(is_udf(clause)));
    if udfs > 1 {
        let message = format!("The filter has {udfs} conditions on user-defined fields.");
        return Err(Error::new(Code::BadFilter, message).accepts("at most one"));
    }
    dates::check_ranges(clauses)
}

/// The number of comparisons.
#[must_use]
pub fn count_comparisons(clauses: &[Condition]) -> usize {
    sum_over(clauses, &|clause| usize::from(matches!(clause, Condition::Compare(_))))
}

fn or_terms(clause: &Condition) -> usize {
    match clause {
        Condition::Or(items) => items.len(),
        Condition::Compare(test) => match &test.value {
            Value::Array(members) => members.len(),
            _ => 0,
        },
        Condition::And(_) => 0,
    }
}

fn is_udf(clause: &Condition) -> bool {
    matches!(
        clause,
        Condition::Compare(Comparison {
            field: FilterField::Udf(_) | FilterField::MaybeUdf(_),
            ..
        })
    )
}

/// The conditions with the UDFs in the tenant's spelling.
///
/// # Errors
/// `unknown-field` for a name that is not a UDF; `bad-filter` for an invalid value.
pub fn resolve_udfs(
    entity: Entity,
    clauses: &[Condition],
    udfs: &TenantFields,
) -> Result<Vec<Condition>, Error> {
    let resolved = |clause: &Condition| match clause {
        Condition::And(items) => resolve_udfs(entity, items, udfs).map(Condition::And),
        Condition::Or(items) => resolve_udfs(entity, items, udfs).map(Condition::Or),
        Condition::Compare(test) => test.resolve_udf(entity, udfs).map(Condition::Compare),
    };
    clauses.iter().map(resolved).collect()
}

/// Whether any field is a UDF or may be one.
#[must_use]
pub fn has_udf(clauses: &[Condition]) -> bool {
    sum_over(clauses, &|clause| usize::from(is_udf(clause))) > 0
}

/// Whether only the tenant knows whether a field is a UDF.
#[must_use]
pub fn has_unresolved_udf(clauses: &[Condition]) -> bool {
    let is_unresolved = |clause: &Condition| {
        usize::from(matches!(
            clause,
            Condition::Compare(Comparison { field: FilterField::MaybeUdf(_), .. })
        ))
    };
    sum_over(clauses, &is_unresolved) > 0
}

fn sum_over(clauses: &[Condition], count: &dyn Fn(&Condition) -> usize) -> usize {
    let below = |clause: &Condition| match clause {
        Condition::And(items) | Condition::Or(items) => sum_over(items, count),
        Condition::Compare(_) => 0,
    };
    clauses.iter().map(|clause| count(clause) + below(clause)).sum()
}
