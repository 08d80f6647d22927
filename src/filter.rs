//! Filters as Autotask takes them, checked against the schema: a clause that could be misread is never made.

mod date_ranges;
mod evaluate;
mod op;
mod parse;
mod raw_clause;
mod udf;

use serde_json::{Value, json};

use crate::catalog::tenant_fields::TenantFields;
use crate::catalog::{Entity, Field};
use crate::error::{Code, Error};
use crate::validate::udfs::unknown;
pub use evaluate::matches;
pub use op::Op;
pub use parse::{clauses as read, may_be_udf, unknown_field};

/// At most this many conditions may be joined by OR; each member of an `in` counts as one.
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

/// What a test looks at.
#[derive(Debug, Clone, PartialEq)]
pub enum FilterField {
    Standard(&'static Field),
    /// A user-defined field, by its name.
    Udf(String),
    /// No standard field, and spelled as only a user-defined one is: the tenant knows.
    MaybeUdf(String),
}

impl Condition {
    /// A comparison of a standard field.
    #[must_use]
    pub fn test(field: &'static Field, op: Op, value: Value) -> Self {
        Self::Compare(Comparison { field: FilterField::Standard(field), op, value })
    }

    /// The clause that every record passes; Autotask wants at least one.
    ///
    /// # Errors
    /// Internal, where the entity has no id.
    pub fn match_all(entity: Entity) -> Result<Self, Error> {
        Ok(Self::test(id_of(entity)?, Op::Gte, 0.into()))
    }

    /// The clause that begins a page after an id.
    ///
    /// # Errors
    /// Internal, where the entity has no id.
    pub fn after(entity: Entity, id: i64) -> Result<Self, Error> {
        Ok(Self::test(id_of(entity)?, Op::Gt, id.into()))
    }

    /// The JSON that Autotask reads.
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
fn id_of(entity: Entity) -> Result<&'static Field, Error> {
    entity.field("id").ok_or_else(|| Error::internal(format!("{} has no id.", entity.name())))
}

/// Several clauses as `filter` takes them.
#[must_use]
pub fn json_of(clauses: &[Condition]) -> Vec<Value> {
    clauses.iter().map(Condition::json).collect()
}

impl Comparison {
    fn resolve_udf(&self, entity: Entity, udfs: &TenantFields) -> Result<Self, Error> {
        let udf = match &self.field {
            FilterField::Standard(_) => return Ok(self.clone()),
            FilterField::Udf(name) => udfs.find(name).ok_or_else(|| unknown(entity, name, udfs)),
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

/// Refuses what Autotask would: too many OR conditions, more than one UDF.
///
/// # Errors
/// `bad-filter`, with the limit.
pub fn check(clauses: &[Condition]) -> Result<(), Error> {
    let joined = sum_over(clauses, &or_terms);
    if joined > MAX_OR_TERMS {
        let message = format!("The filter joins {joined} conditions by OR.");
        return Err(Error::new(Code::BadFilter, message)
            .accepts(format!("at most {MAX_OR_TERMS}; each member of an in counts"))
            .next("Split the list and ask several times."));
    }
    let udfs = sum_over(clauses, &|clause| usize::from(is_udf(clause)));
    if udfs > 1 {
        let message = format!("The filter has {udfs} conditions on user-defined fields.");
        return Err(Error::new(Code::BadFilter, message).accepts("at most one"));
    }
    Ok(())
}

/// How many single conditions there are.
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

/// The clauses with every UDF settled by the tenant's list of them.
///
/// # Errors
/// `unknown-field` for a name that is none; `bad-filter` for a value that it cannot have.
pub fn resolve_udfs(
    entity: Entity,
    clauses: &[Condition],
    udfs: &TenantFields,
) -> Result<Vec<Condition>, Error> {
    let settled = |clause: &Condition| match clause {
        Condition::And(items) => resolve_udfs(entity, items, udfs).map(Condition::And),
        Condition::Or(items) => resolve_udfs(entity, items, udfs).map(Condition::Or),
        Condition::Compare(test) => test.resolve_udf(entity, udfs).map(Condition::Compare),
    };
    clauses.iter().map(settled).collect()
}

/// Whether any field is a UDF, by the caller's word or perhaps.
#[must_use]
pub fn has_udf(clauses: &[Condition]) -> bool {
    sum_over(clauses, &|clause| usize::from(is_udf(clause))) > 0
}

/// Whether only the tenant knows if a field is a UDF.
#[must_use]
pub fn has_unresolved_udf(clauses: &[Condition]) -> bool {
    let perhaps = |clause: &Condition| {
        usize::from(matches!(
            clause,
            Condition::Compare(Comparison { field: FilterField::MaybeUdf(_), .. })
        ))
    };
    sum_over(clauses, &perhaps) > 0
}

fn sum_over(clauses: &[Condition], of: &dyn Fn(&Condition) -> usize) -> usize {
    let below = |clause: &Condition| match clause {
        Condition::And(items) | Condition::Or(items) => sum_over(items, of),
        Condition::Compare(_) => 0,
    };
    clauses.iter().map(|clause| of(clause) + below(clause)).sum()
}
