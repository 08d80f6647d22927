//! Expands the words `open` and `closed` for ticket statuses, and detects filters that exclude only some closed statuses.

use serde_json::Value;

use super::{Comparison, Condition, FilterField, Op};
use crate::catalog::Entity;

const OPEN: &str = "open";
const CLOSED: &str = "closed";

/// Whether a filter compares the status of tickets with `open` or `closed`.
#[must_use]
pub fn uses_status_words(entity: Entity, clauses: &[Condition]) -> bool {
    entity == Entity::Tickets && clauses.iter().any(|clause| has_status_word(clause, &|_| false))
}

fn has_status_word(clause: &Condition, is_label: &dyn Fn(&str) -> bool) -> bool {
    match clause {
        Condition::And(items) | Condition::Or(items) => {
            items.iter().any(|item| has_status_word(item, is_label))
        }
        Condition::Compare(test) => {
            is_status(test) && members(test).iter().any(|member| word(member, is_label).is_some())
        }
    }
}

/// Replaces each word by its statuses, unless the tenant has a status with this label.
#[must_use]
pub fn expand_status_words(
    clauses: Vec<Condition>,
    closed: &[i64],
    is_label: &dyn Fn(&str) -> bool,
) -> Vec<Condition> {
    clauses.into_iter().map(|clause| expand(clause, closed, is_label)).collect()
}

fn expand(clause: Condition, closed: &[i64], is_label: &dyn Fn(&str) -> bool) -> Condition {
    match clause {
        Condition::And(items) => Condition::And(expand_status_words(items, closed, is_label)),
        Condition::Or(items) => Condition::Or(expand_status_words(items, closed, is_label)),
        Condition::Compare(test) if is_status(&test) => expand_test(test, closed, is_label),
        Condition::Compare(test) => Condition::Compare(test),
    }
}

fn expand_test(test: Comparison, closed: &[i64], is_label: &dyn Fn(&str) -> bool) -> Condition {
    let (words, codes): (Vec<_>, Vec<_>) =
        members(&test).iter().cloned().partition(|member| word(member, is_label).is_some());
    if words.is_empty() {
        return Condition::Compare(test);
    }
    let is_negated = matches!(test.op, Op::NotEq | Op::NotIn);
    let mut parts = Vec::new();
    for member in &words {
        let is_closed = word(member, is_label) == Some(CLOSED);
        let op = if is_closed == is_negated { Op::NotIn } else { Op::In };
        let part = Comparison { field: test.field.clone(), op, value: closed.into() };
        parts.push(Condition::Compare(part));
    }
    if !codes.is_empty() {
        let op = if is_negated { Op::NotIn } else { Op::In };
        parts.push(Condition::Compare(Comparison { field: test.field, op, value: codes.into() }));
    }
    match (parts.len(), is_negated) {
        (1, _) => parts.remove(0),
        (_, true) => Condition::And(parts),
        (_, false) => Condition::Or(parts),
    }
}

/// The warning for a resolved filter that excludes some closed statuses but not all.
#[must_use]
pub fn partly_closed_warning(
    entity: Entity,
    clauses: &[Condition],
    closed: &[i64],
) -> Option<String> {
    if entity != Entity::Tickets {
        return None;
    }
    let excluded: Vec<_> = clauses.iter().flat_map(excluded_codes).collect();
    let remaining: Vec<_> = closed.iter().filter(|code| !excluded.contains(code)).collect();
    if remaining.is_empty() || remaining.len() == closed.len() {
        return None;
    }
    let list = |codes: &[&i64]| {
        let codes: Vec<_> = codes.iter().map(ToString::to_string).collect();
        codes.join(", ")
    };
    let left_out: Vec<_> = closed.iter().filter(|code| excluded.contains(code)).collect();
    Some(format!(
        "The filter leaves out the closed status {} but keeps {}, which is closed too; status eq open leaves out both.",
        list(&left_out),
        list(&remaining)
    ))
}

fn excluded_codes(clause: &Condition) -> Vec<i64> {
    match clause {
        Condition::And(items) => items.iter().flat_map(excluded_codes).collect(),
        Condition::Or(_) => Vec::new(),
        Condition::Compare(test) => {
            let excludes = is_status(test) && matches!(test.op, Op::NotEq | Op::NotIn);
            let codes = members(test).iter().filter(|_| excludes).filter_map(Value::as_i64);
            codes.collect()
        }
    }
}

fn is_status(test: &Comparison) -> bool {
    matches!(&test.field, FilterField::Standard(field) if field.name == "status")
}

fn members(test: &Comparison) -> &[Value] {
    match &test.value {
        Value::Array(members) => members,
        single => std::slice::from_ref(single),
    }
}

fn word(value: &Value, is_label: &dyn Fn(&str) -> bool) -> Option<&'static str> {
    let text = value.as_str().filter(|text| !is_label(text))?;
    [OPEN, CLOSED].into_iter().find(|word| text.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn status(op: Op, value: Value) -> Condition {
        Condition::test(Entity::Tickets.field("status").unwrap(), op, value)
    }

    #[test]
    fn open_and_closed_expand_to_statuses() {
        let test = |op: &str, value: Value| json!({ "op": op, "field": "status", "value": value });
        for (op, value, sent) in [
            (Op::Eq, json!("open"), test("notIn", json!([5, 16]))),
            (Op::NotEq, json!("Open"), test("in", json!([5, 16]))),
            (Op::Eq, json!("closed"), test("in", json!([5, 16]))),
            (Op::NotEq, json!("closed"), test("notIn", json!([5, 16]))),
            (Op::Eq, json!("New"), test("eq", json!("New"))),
            (
                Op::In,
                json!(["closed", "New"]),
                json!({ "op": "or", "items": [
                    test("in", json!([5, 16])),
                    test("in", json!(["New"])),
                ]}),
            ),
        ] {
            let expanded = expand_status_words(vec![status(op, value)], &[5, 16], &|_| false);
            assert_eq!(expanded.first().map(Condition::json), Some(sent));
        }
        let labelled = expand_status_words(vec![status(Op::Eq, "open".into())], &[5], &|_| true);
        assert_eq!(labelled, [status(Op::Eq, "open".into())]);
    }

    #[test]
    fn excluding_some_closed_statuses_is_a_warning() {
        for (clause, warns) in [
            (status(Op::NotEq, 5.into()), true),
            (status(Op::NotIn, json!([5, 16])), false),
            (status(Op::NotIn, json!([5, 16, 7])), false),
            (status(Op::NotEq, 7.into()), false),
            (status(Op::Eq, 5.into()), false),
        ] {
            let warning = partly_closed_warning(Entity::Tickets, &[clause], &[5, 16]);
            assert_eq!(warning.is_some(), warns);
        }
    }
}
