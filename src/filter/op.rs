//! Autotask's operators; Autotask silently drops a condition with an unknown operator.

use crate::catalog::nearest;
use crate::error::{Code, Error};

/// A comparison operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    Eq,
    NotEq,
    Gt,
    Gte,
    Lt,
    Lte,
    BeginsWith,
    EndsWith,
    Contains,
    Exist,
    NotExist,
    In,
    NotIn,
}

/// An operator, or a word that joins conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperatorWord {
    Op(Op),
    And,
    Or,
}

/// Operators of other query languages whose meaning is certain.
const OPERATOR_ALIASES: [(&str, Op); 26] = [
    ("=", Op::Eq),
    ("==", Op::Eq),
    ("equals", Op::Eq),
    ("equal", Op::Eq),
    ("is", Op::Eq),
    ("ne", Op::NotEq),
    ("neq", Op::NotEq),
    ("!=", Op::NotEq),
    ("<>", Op::NotEq),
    ("notEqual", Op::NotEq),
    ("notEquals", Op::NotEq),
    (">", Op::Gt),
    (">=", Op::Gte),
    ("ge", Op::Gte),
    ("<", Op::Lt),
    ("<=", Op::Lte),
    ("le", Op::Lte),
    ("startsWith", Op::BeginsWith),
    ("isNull", Op::NotExist),
    ("notExists", Op::NotExist),
    ("noteExist", Op::NotExist),
    ("isNotNull", Op::Exist),
    ("notNull", Op::Exist),
    ("exists", Op::Exist),
    ("nin", Op::NotIn),
    ("not_in", Op::NotIn),
];

impl Op {
    /// All comparison operators.
    pub const ALL: [Self; 13] = [
        Self::Eq,
        Self::NotEq,
        Self::Gt,
        Self::Gte,
        Self::Lt,
        Self::Lte,
        Self::BeginsWith,
        Self::EndsWith,
        Self::Contains,
        Self::Exist,
        Self::NotExist,
        Self::In,
        Self::NotIn,
    ];

    /// Autotask's spelling, including letter case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::NotEq => "noteq",
            Self::Gt => "gt",
            Self::Gte => "gte",
            Self::Lt => "lt",
            Self::Lte => "lte",
            Self::BeginsWith => "beginsWith",
            Self::EndsWith => "endsWith",
            Self::Contains => "contains",
            Self::Exist => "exist",
            Self::NotExist => "notExist",
            Self::In => "in",
            Self::NotIn => "notIn",
        }
    }

    /// Whether it compares a part of a text.
    #[must_use]
    pub fn is_textual(self) -> bool {
        matches!(self, Self::BeginsWith | Self::EndsWith | Self::Contains)
    }

    /// Whether it needs no value.
    #[must_use]
    pub fn is_presence(self) -> bool {
        matches!(self, Self::Exist | Self::NotExist)
    }

    /// Whether it needs a list.
    #[must_use]
    pub fn is_listed(self) -> bool {
        matches!(self, Self::In | Self::NotIn)
    }
}

impl OperatorWord {
    /// Parses an operator; an operator of another language is mapped, with a warning.
    ///
    /// # Errors
    /// `bad-filter`, with the closest operator.
    pub fn read(text: &str) -> Result<(Self, Option<String>), Error> {
        if let Some(op) = Op::ALL.into_iter().find(|op| op.name().eq_ignore_ascii_case(text)) {
            return Ok((Self::Op(op), None));
        }
        if text.eq_ignore_ascii_case("and") {
            return Ok((Self::And, None));
        }
        if text.eq_ignore_ascii_case("or") {
            return Ok((Self::Or, None));
        }
        let alias = OPERATOR_ALIASES.into_iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
        let (word, op) = alias.ok_or_else(|| unknown(text))?;
        let warning = format!("The operator {word} was read as {}.", op.name());
        Ok((Self::Op(op), Some(warning)))
    }
}

fn unknown(text: &str) -> Error {
    let names: Vec<_> = Op::ALL.iter().map(|op| op.name()).collect();
    let excerpt: String = text.chars().take(40).collect();
    let message = format!(
        "{excerpt:?} is not an operator; Autotask would drop the condition and return everything."
    );
    let error = Error::new(Code::BadFilter, message)
        .accepts(format!("{}, and, or (with items)", names.join(", ")));
    match text.to_ascii_lowercase().as_str() {
        "like" | "includes" | "matches" | "search" => {
            error.next("Use contains, beginsWith or endsWith; there are no wildcards.")
        }
        "between" | "range" => error.next("Use two clauses, gte and lte."),
        "not" => error.next("Use noteq, notIn or notExist."),
        _ => match nearest(text, names.iter().copied()).first() {
            Some(closest) => error.next(format!("Did you mean {closest}?")),
            None => error,
        },
    }
}
