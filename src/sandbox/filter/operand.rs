//! One comparison: an operator, a column's type, and the value it was given.

use std::cmp::Ordering;

use serde_json::Value;

use crate::catalog::{DataType, Field};

use super::super::date;
use super::super::reply::Refusal;
use super::super::udf::Udf;

/// What is compared: a name for messages and a type.
#[derive(Debug, Clone, Copy)]
pub(in crate::sandbox) struct Column<'a> {
    name: &'a str,
    kind: DataType,
}

impl<'a> Column<'a> {
    pub(super) fn of_field(field: &'a Field) -> Self {
        Self { name: field.name, kind: field.kind }
    }

    pub(super) fn of_udf(udf: &'a Udf) -> Self {
        let kind = if udf.is_date() { DataType::Datetime } else { DataType::Text };
        Self { name: &udf.name, kind }
    }
}

/// What a value is held against.
#[derive(Debug)]
pub(in crate::sandbox) enum Check {
    Present,
    Absent,
    /// Nothing matches: a text against a 64-bit id finds no rows and no error.
    Never,
    Compares(Op, Operand),
    OneOf(Vec<Operand>),
    NoneOf(Vec<Operand>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sandbox) enum Op {
    Equal,
    NotEqual,
    Above,
    AtLeast,
    Below,
    AtMost,
    Begins,
    Ends,
    Contains,
}

#[derive(Debug)]
pub(in crate::sandbox) enum Operand {
    Whole(i64),
    Fraction(f64),
    Flag(bool),
    Instant(String),
    /// In lower case.
    Text(String),
    Nothing,
}

impl Check {
    pub(super) fn is_operator(op: &str) -> bool {
        matches!(op, "exist" | "notExist" | "in" | "notIn") || Op::read(op).is_some()
    }

    pub(super) fn read(op: &str, column: Column, value: Option<&Value>) -> Result<Self, Refusal> {
        let value = value.unwrap_or(&Value::Null);
        match op {
            "exist" => Ok(Self::Present),
            "notExist" => Ok(Self::Absent),
            "in" => members(column, value).map(Self::OneOf),
            "notIn" => members(column, value).map(Self::NoneOf),
            _ => Self::comparison(Op::read(op).unwrap_or(Op::Equal), column, value),
        }
    }

    fn comparison(op: Op, column: Column, value: &Value) -> Result<Self, Refusal> {
        match (op, value) {
            (Op::Equal, Value::Null) => return Ok(Self::Absent),
            (Op::NotEqual, Value::Null) => return Ok(Self::Present),
            (Op::Begins | Op::Ends | Op::Contains, _) if column.kind != DataType::Text => {
                let words =
                    format!("The operator is only valid for string fields: {}.", column.name);
                return Err(Refusal::because(words));
            }
            _ => {}
        }
        Ok(match Operand::read(column, value)? {
            Operand::Nothing => Self::Never,
            operand => Self::Compares(op, operand),
        })
    }

    /// Whether a value passes; null passes no comparison, as in SQL.
    pub(super) fn passes(&self, value: Option<&Value>) -> bool {
        let Some(value) = value.filter(|value| !value.is_null()) else {
            return matches!(self, Self::Absent);
        };
        let among = |list: &[Operand]| list.iter().any(|operand| Op::Equal.holds(value, operand));
        match self {
            Self::Present => true,
            Self::Absent | Self::Never => false,
            Self::Compares(op, operand) => op.holds(value, operand),
            Self::OneOf(list) => among(list),
            Self::NoneOf(list) => !among(list),
        }
    }
}

fn members(column: Column, value: &Value) -> Result<Vec<Operand>, Refusal> {
    let list = value.as_array().ok_or_else(|| {
        let words = format!("The operator needs an array of values for {}.", column.name);
        Refusal::because(words)
    })?;
    list.iter().map(|value| Operand::read(column, value)).collect()
}

impl Op {
    fn read(op: &str) -> Option<Self> {
        Some(match op {
            "eq" => Self::Equal,
            "noteq" => Self::NotEqual,
            "gt" => Self::Above,
            "gte" => Self::AtLeast,
            "lt" => Self::Below,
            "lte" => Self::AtMost,
            "beginsWith" => Self::Begins,
            "endsWith" => Self::Ends,
            "contains" => Self::Contains,
            _ => return None,
        })
    }

    fn holds(self, value: &Value, operand: &Operand) -> bool {
        match self {
            Self::Begins => in_text(value, operand, |text, part| text.starts_with(part)),
            Self::Ends => in_text(value, operand, |text, part| text.ends_with(part)),
            Self::Contains => in_text(value, operand, |text, part| text.contains(part)),
            _ => order(value, operand).is_some_and(|order| self.allows(order)),
        }
    }

    fn allows(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Above => order.is_gt(),
            Self::AtLeast => order.is_ge(),
            Self::Below => order.is_lt(),
            Self::AtMost => order.is_le(),
            Self::Begins | Self::Ends | Self::Contains => false,
        }
    }
}

fn in_text(value: &Value, operand: &Operand, test: fn(&str, &str) -> bool) -> bool {
    match (value, operand) {
        (Value::String(text), Operand::Text(part)) => test(&text.to_lowercase(), part),
        _ => false,
    }
}

fn order(value: &Value, operand: &Operand) -> Option<Ordering> {
    match operand {
        Operand::Whole(wanted) => match value.as_i64() {
            Some(found) => Some(found.cmp(wanted)),
            #[expect(clippy::cast_precision_loss, reason = "Ids stay far below 2^52.")]
            None => value.as_f64()?.partial_cmp(&(*wanted as f64)),
        },
        Operand::Fraction(wanted) => value.as_f64()?.partial_cmp(wanted),
        Operand::Flag(wanted) => Some(value.as_bool()?.cmp(wanted)),
        Operand::Instant(wanted) => Some(date::key(value.as_str()?).cmp(date::key(wanted))),
        Operand::Text(wanted) => {
            let found = value.as_str()?.chars().flat_map(char::to_lowercase);
            Some(found.cmp(wanted.chars()))
        }
        Operand::Nothing => None,
    }
}

impl Operand {
    fn read(column: Column, value: &Value) -> Result<Self, Refusal> {
        let operand = match (column.kind, value) {
            (DataType::Text | DataType::Bytes, Value::String(text)) => {
                Some(Self::Text(text.to_lowercase()))
            }
            (DataType::Text | DataType::Bytes, Value::Number(number)) => {
                Some(Self::Text(number.to_string()))
            }
            (DataType::Boolean, Value::Bool(flag)) => Some(Self::Flag(*flag)),
            (DataType::Date | DataType::Datetime, Value::String(text)) => {
                date::canonical(text).map(Self::Instant)
            }
            (DataType::Long, Value::String(text)) if text.trim().parse::<i64>().is_ok() => {
                Some(Self::Nothing)
            }
            (
                DataType::Boolean
                | DataType::Date
                | DataType::Datetime
                | DataType::Text
                | DataType::Bytes,
                _,
            ) => None,
            (_, Value::Number(number)) => {
                Some(number.as_i64().map_or_else(
                    || Self::Fraction(number.as_f64().unwrap_or(f64::NAN)),
                    Self::Whole,
                ))
            }
            (_, Value::String(text)) => text.trim().parse().ok().map(Self::Whole).or_else(|| {
                let fraction = column.kind.is_fraction();
                text.trim().parse().ok().filter(|_| fraction).map(Self::Fraction)
            }),
            _ => None,
        };
        operand.ok_or_else(|| conversion_failed(column.kind, value))
    }
}

fn conversion_failed(kind: DataType, value: &Value) -> Refusal {
    let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Refusal::because(match kind {
        DataType::Date | DataType::Datetime => {
            "Conversion failed when converting date and/or time from character string.".to_owned()
        }
        _ => format!(
            "Conversion failed when converting the varchar value '{shown}' to data type {}.",
            sql_name(kind)
        ),
    })
}

fn sql_name(kind: DataType) -> &'static str {
    match kind {
        DataType::Boolean => "bit",
        DataType::Long => "bigint",
        DataType::Short => "smallint",
        DataType::Decimal => "decimal",
        DataType::Double | DataType::Float => "float",
        DataType::Text | DataType::Bytes | DataType::Unknown => "varchar",
        DataType::Date | DataType::Datetime => "datetime",
        DataType::Integer => "int",
    }
}
