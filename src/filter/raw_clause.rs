//! A caller's clause, split into its keys.

use serde_json::{Map, Value};

use super::op::OperatorWord;
use crate::error::Error;
use crate::value::coerce::abbreviated;

/// Examples for errors; a range needs one clause for each bound.
const CLAUSE_EXAMPLES: &str =
    r#"clauses such as {"op":"gte","field":"id","value":1}, one for each bound"#;

/// The keys of a clause, in any letter case.
#[derive(Default)]
pub(super) struct RawClause<'a> {
    op: Option<&'a str>,
    pub(super) field: Option<&'a str>,
    pub(super) value: Option<&'a Value>,
    pub(super) items: Option<&'a Value>,
    pub(super) udf: bool,
}

impl<'a> RawClause<'a> {
    /// Splits a clause.
    pub(super) fn read(item: &'a Value) -> Result<Self, Error> {
        let keys: &Map<_, _> = item.as_object().ok_or_else(|| {
            Error::bad_filter(format!("A clause is an object, not {}.", abbreviated(item)))
        })?;
        let mut parts = Self::default();
        for (key, value) in keys {
            parts.set(key, value)?;
        }
        Ok(parts)
    }

    fn set(&mut self, key: &str, value: &'a Value) -> Result<(), Error> {
        match key.to_ascii_lowercase().as_str() {
            "op" => self.op = value.as_str(),
            "field" => self.field = value.as_str(),
            "value" => self.value = Some(value),
            "items" => self.items = Some(value),
            "udf" => {
                self.udf =
                    value.as_bool().or_else(|| value.as_str()?.parse().ok()).unwrap_or_default();
            }
            _ => {
                let message = format!("A clause has no key {}.", abbreviated(&key.into()));
                return Err(Error::bad_filter(message).accepts(CLAUSE_EXAMPLES));
            }
        }
        Ok(())
    }

    /// Rejects a key that the operator would ignore.
    pub(super) fn check(&self, word: OperatorWord) -> Result<(), Error> {
        match word {
            OperatorWord::And | OperatorWord::Or
                if self.field.is_some() || self.value.is_some() =>
            {
                Err(Error::bad_filter("and/or take items, and no field or value of their own."))
            }
            OperatorWord::Op(op) if self.items.is_some() => Err(Error::bad_filter(format!(
                "{} takes a field and a value, and no items.",
                op.name()
            ))),
            _ => Ok(()),
        }
    }

    /// The operator as the caller wrote it.
    pub(super) fn op(&self) -> Result<&'a str, Error> {
        self.op.ok_or_else(|| {
            Error::bad_filter("A clause names its operator in op.").accepts(CLAUSE_EXAMPLES)
        })
    }
}
