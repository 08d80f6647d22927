//! Filters as Autotask takes them, checked against the schema: a clause that could be misread is never made.

mod days;
mod local;
mod op;
mod parts;
mod read;
mod udf;
pub mod value;

use serde_json::{Value, json};

use crate::body::udfs::unknown;
use crate::error::{Code, Error};
use crate::live::Live;
use crate::schema::{Entity, Field};
pub use local::matches;
pub use op::Op;
pub use read::{clauses as read, may_be_udf, unknown_field};

/// At most this many conditions may be joined by OR; each member of an `in` counts as one.
pub const MOST_OR: usize = 500;

/// One condition, or several joined.
#[derive(Debug, Clone, PartialEq)]
pub enum Clause {
    Test(Test),
    All(Vec<Clause>),
    Any(Vec<Clause>),
}

/// One comparison of a field.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    pub field: Tested,
    pub op: Op,
    /// Null for `exist` and `notExist`.
    pub value: Value,
}

/// What a test looks at.
#[derive(Debug, Clone, PartialEq)]
pub enum Tested {
    Field(&'static Field),
    /// A user-defined field, by its name.
    Udf(String),
    /// No standard field, and spelled as only a user-defined one is: the tenant knows.
    Perhaps(String),
}

impl Clause {
    /// A comparison of a standard field.
    #[must_use]
    pub fn test(field: &'static Field, op: Op, value: Value) -> Self {
        Self::Test(Test { field: Tested::Field(field), op, value })
    }

    /// The clause that every record passes; Autotask wants at least one.
    ///
    /// # Errors
    /// Internal, where the entity has no id.
    pub fn everything(entity: Entity) -> Result<Self, Error> {
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
            Self::Test(test) => test.json(),
            Self::All(clauses) => json!({ "op": "and", "items": json_of(clauses) }),
            Self::Any(clauses) => json!({ "op": "or", "items": json_of(clauses) }),
        }
    }
}

/// The `id` field of an entity.
fn id_of(entity: Entity) -> Result<&'static Field, Error> {
    entity.field("id").ok_or_else(|| Error::internal(format!("{} has no id.", entity.name())))
}

/// Several clauses as `filter` takes them.
#[must_use]
pub fn json_of(clauses: &[Clause]) -> Vec<Value> {
    clauses.iter().map(Clause::json).collect()
}

impl Test {
    fn settled(&self, entity: Entity, udfs: &Live) -> Result<Self, Error> {
        let udf = match &self.field {
            Tested::Field(_) => return Ok(self.clone()),
            Tested::Udf(name) => udfs.find(name).ok_or_else(|| unknown(entity, name, udfs)),
            Tested::Perhaps(name) => udfs.find(name).ok_or_else(|| unknown_field(entity, name)),
        }?;
        Ok(Self {
            field: Tested::Udf(udf.name.clone()),
            op: self.op,
            value: udf::fitted(udf, self.op, &self.value)?,
        })
    }

    fn json(&self) -> Value {
        let (name, is_udf) = match &self.field {
            Tested::Field(field) => (field.name, false),
            Tested::Udf(name) | Tested::Perhaps(name) => (name.as_str(), true),
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
pub fn check(clauses: &[Clause]) -> Result<(), Error> {
    let joined = count(clauses, &alternatives);
    if joined > MOST_OR {
        let message = format!("The filter joins {joined} conditions by OR.");
        return Err(Error::new(Code::BadFilter, message)
            .accepts(format!("at most {MOST_OR}; each member of an in counts"))
            .next("Split the list and ask several times."));
    }
    let udfs = count(clauses, &|clause| usize::from(is_udf(clause)));
    if udfs > 1 {
        let message = format!("The filter has {udfs} conditions on user-defined fields.");
        return Err(Error::new(Code::BadFilter, message).accepts("at most one"));
    }
    Ok(())
}

/// How many single conditions there are.
#[must_use]
pub fn tests(clauses: &[Clause]) -> usize {
    count(clauses, &|clause| usize::from(matches!(clause, Clause::Test(_))))
}

fn alternatives(clause: &Clause) -> usize {
    match clause {
        Clause::Any(items) => items.len(),
        Clause::Test(test) => match &test.value {
            Value::Array(members) => members.len(),
            _ => 0,
        },
        Clause::All(_) => 0,
    }
}

fn is_udf(clause: &Clause) -> bool {
    matches!(clause, Clause::Test(Test { field: Tested::Udf(_) | Tested::Perhaps(_), .. }))
}

/// The clauses with every UDF settled by the tenant's list of them.
///
/// # Errors
/// `unknown-field` for a name that is none; `bad-filter` for a value that it cannot have.
pub fn settle(entity: Entity, clauses: &[Clause], udfs: &Live) -> Result<Vec<Clause>, Error> {
    let settled = |clause: &Clause| match clause {
        Clause::All(items) => settle(entity, items, udfs).map(Clause::All),
        Clause::Any(items) => settle(entity, items, udfs).map(Clause::Any),
        Clause::Test(test) => test.settled(entity, udfs).map(Clause::Test),
    };
    clauses.iter().map(settled).collect()
}

/// Whether any field is a UDF, by the caller's word or perhaps.
#[must_use]
pub fn has_udf(clauses: &[Clause]) -> bool {
    count(clauses, &|clause| usize::from(is_udf(clause))) > 0
}

/// Whether only the tenant knows if a field is a UDF.
#[must_use]
pub fn is_unsettled(clauses: &[Clause]) -> bool {
    let perhaps = |clause: &Clause| {
        usize::from(matches!(clause, Clause::Test(Test { field: Tested::Perhaps(_), .. })))
    };
    count(clauses, &perhaps) > 0
}

fn count(clauses: &[Clause], of: &dyn Fn(&Clause) -> usize) -> usize {
    let below = |clause: &Clause| match clause {
        Clause::All(items) | Clause::Any(items) => count(items, of),
        Clause::Test(_) => 0,
    };
    clauses.iter().map(|clause| of(clause) + below(clause)).sum()
}
