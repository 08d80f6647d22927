//! One comparison: an operator, a column's type, and the value to compare with.

use std::cmp::Ordering;

use autotask_schema::schema::{DataType, Field};
use serde_json::Value;

use crate::date;
use crate::error::ApiError;
use crate::udf::Udf;

/// The compared field: its name for messages, and its type.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column<'a> {
    name: &'a str,
    data_type: DataType,
}

impl<'a> Column<'a> {
    /// The column of a standard field.
    pub(crate) fn of_field(field: &'a Field) -> Self {
        Self { name: &field.name, data_type: field.data_type }
    }

    /// The column of a UDF.
    pub(crate) fn of_udf(udf: &'a Udf) -> Self {
        let data_type = if udf.is_date() { DataType::Datetime } else { DataType::String };
        Self { name: &udf.name, data_type }
    }
}

/// An operator with its operand.
#[derive(Debug)]
pub(crate) enum Comparison {
    Exists,
    NotExists,
    Order(fn(Ordering) -> bool, Operand),
    /// In lower case.
    Text(fn(&str, &str) -> bool, String),
    In(Vec<Operand>),
    NotIn(Vec<Operand>),
}

#[derive(Debug)]
pub(crate) enum Operand {
    Integer(i64),
    Number(f64),
    Boolean(bool),
    Instant(String),
    /// In lower case.
    Text(String),
    /// A text compared with a 64-bit id: it matches nothing, but is not an error.
    Incomparable,
}

impl Comparison {
    /// Whether an operator exists.
    pub(crate) fn is_operator(op: &str) -> bool {
        matches!(op, "exist" | "notExist" | "in" | "notIn")
            || order_test(op).is_some()
            || text_test(op).is_some()
    }

    /// Parses an operator and its value.
    pub(crate) fn parse(op: &str, column: Column, value: Option<&Value>) -> Result<Self, ApiError> {
        let value = value.unwrap_or(&Value::Null);
        match op {
            "exist" => return Ok(Self::Exists),
            "notExist" => return Ok(Self::NotExists),
            "in" => return operands(column, value).map(Self::In),
            "notIn" => return operands(column, value).map(Self::NotIn),
            "eq" if value.is_null() => return Ok(Self::NotExists),
            "noteq" if value.is_null() => return Ok(Self::Exists),
            _ => {}
        }
        match text_test(op) {
            Some(_) if column.data_type != DataType::String => Err(ApiError::rejected(format!(
                "The operator is only valid for string fields: {}.",
                column.name
            ))),
            Some(test) => match Operand::parse(column, value)? {
                Operand::Text(text) => Ok(Self::Text(test, text)),
                _ => Err(conversion_failed(column.data_type, value)),
            },
            None => {
                let operand = Operand::parse(column, value)?;
                Ok(Self::Order(order_test(op).unwrap_or(Ordering::is_eq), operand))
            }
        }
    }

    /// Whether a value matches; null matches no comparison, as in SQL.
    pub(crate) fn matches(&self, value: Option<&Value>) -> bool {
        let Some(value) = value.filter(|value| !value.is_null()) else {
            return matches!(self, Self::NotExists);
        };
        let is_in = |list: &[Operand]| {
            list.iter().any(|operand| compare(value, operand).is_some_and(Ordering::is_eq))
        };
        match self {
            Self::Exists => true,
            Self::NotExists => false,
            Self::Order(test, operand) => compare(value, operand).is_some_and(test),
            Self::Text(test, part) => {
                value.as_str().is_some_and(|text| test(&text.to_lowercase(), part))
            }
            Self::In(list) => is_in(list),
            Self::NotIn(list) => !is_in(list),
        }
    }
}

fn order_test(op: &str) -> Option<fn(Ordering) -> bool> {
    Some(match op {
        "eq" => Ordering::is_eq,
        "noteq" => Ordering::is_ne,
        "gt" => Ordering::is_gt,
        "gte" => Ordering::is_ge,
        "lt" => Ordering::is_lt,
        "lte" => Ordering::is_le,
        _ => return None,
    })
}

fn text_test(op: &str) -> Option<fn(&str, &str) -> bool> {
    Some(match op {
        "beginsWith" => |text, part| text.starts_with(part),
        "endsWith" => |text, part| text.ends_with(part),
        "contains" => |text, part| text.contains(part),
        _ => return None,
    })
}

fn operands(column: Column, value: &Value) -> Result<Vec<Operand>, ApiError> {
    let list = value.as_array().ok_or_else(|| {
        let message = format!("The operator needs an array of values for {}.", column.name);
        ApiError::rejected(message)
    })?;
    list.iter().map(|value| Operand::parse(column, value)).collect()
}

fn compare(value: &Value, operand: &Operand) -> Option<Ordering> {
    match operand {
        Operand::Integer(operand) => match value.as_i64() {
            Some(value) => Some(value.cmp(operand)),
            #[expect(clippy::cast_precision_loss, reason = "Ids stay far below 2^52.")]
            None => value.as_f64()?.partial_cmp(&(*operand as f64)),
        },
        Operand::Number(operand) => value.as_f64()?.partial_cmp(operand),
        // Some flags are stored as 0 or 1.
        Operand::Boolean(operand) => {
            Some(value.as_bool().or(value.as_i64().map(|flag| flag != 0))?.cmp(operand))
        }
        Operand::Instant(operand) => {
            Some(date::sort_key(value.as_str()?).cmp(date::sort_key(operand)))
        }
        Operand::Text(operand) => {
            let value = value.as_str()?.chars().flat_map(char::to_lowercase);
            Some(value.cmp(operand.chars()))
        }
        Operand::Incomparable => None,
    }
}

impl Operand {
    fn parse(column: Column, value: &Value) -> Result<Self, ApiError> {
        let operand = match column.data_type {
            DataType::String | DataType::Bytes => match value {
                Value::String(text) => Some(Self::Text(text.to_lowercase())),
                Value::Number(number) => Some(Self::Text(number.to_string())),
                _ => None,
            },
            DataType::Boolean => value.as_bool().map(Self::Boolean),
            DataType::Datetime => value.as_str().and_then(date::canonical).map(Self::Instant),
            data_type => Self::number(data_type, value),
        };
        operand.ok_or_else(|| conversion_failed(column.data_type, value))
    }

    fn number(data_type: DataType, value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => match number.as_i64() {
                Some(integer) => Some(Self::Integer(integer)),
                None => number.as_f64().map(Self::Number),
            },
            Value::String(text) => match text.trim().parse() {
                Ok(_) if data_type == DataType::Long => Some(Self::Incomparable),
                Ok(integer) => Some(Self::Integer(integer)),
                Err(_) if data_type.is_fraction() => text.trim().parse().ok().map(Self::Number),
                Err(_) => None,
            },
            _ => None,
        }
    }
}

fn conversion_failed(data_type: DataType, value: &Value) -> ApiError {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    ApiError::rejected(match data_type {
        DataType::Datetime => {
            "Conversion failed when converting date and/or time from character string.".to_owned()
        }
        _ => format!(
            "Conversion failed when converting the varchar value '{text}' to data type {}.",
            sql_name(data_type)
        ),
    })
}

fn sql_name(data_type: DataType) -> &'static str {
    match data_type {
        DataType::Boolean => "bit",
        DataType::Long => "bigint",
        DataType::Short => "smallint",
        DataType::Decimal => "decimal",
        DataType::Double | DataType::Float => "float",
        DataType::String | DataType::Bytes => "varchar",
        DataType::Datetime => "datetime",
        DataType::Integer => "int",
    }
}
