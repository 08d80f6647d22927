//! Resolves picklist labels to codes, in the same way for numeric codes, text codes and the lists of UDFs.

use serde_json::Value;

use super::NameRef;
use super::matching::{
    MatchError, NameCandidate, ambiguous, describe_all_if_few, match_name, unknown,
};
use crate::catalog::tenant_fields::TenantField;
use crate::error::Error;

/// The value with this code or label. If the picklist depends on another field whose code is known, only the values of
/// that code match. Text codes stay strings.
///
/// # Errors
/// `ambiguous-name` or `no-such-name`, with the values of the list.
pub fn find_picklist_value(name: &NameRef, field: &TenantField) -> Result<NameCandidate, Error> {
    let has_parent = |parent: &Option<Value>| match (name.parent_value, parent) {
        (Some(required), Some(parent)) => parent.as_i64() == Some(required),
        _ => true,
    };
    let values = field.choices().iter().filter(|value| has_parent(&value.parent_value));
    let values = values.filter(|value| name.is_text_code() || value.code.is_i64());
    let mut candidates: Vec<_> = values.map(NameCandidate::from_picklist).collect();
    if name.is_text_code() {
        for candidate in &mut candidates {
            candidate.number = text(&candidate.number);
        }
        // A code takes precedence over a label with the same spelling.
        if let Some(coded) = candidates.iter().find(|candidate| candidate.number == name.name) {
            return Ok(coded.clone().without_caveat());
        }
    }
    match match_name(name.name.trim(), &candidates) {
        Ok(found) => Ok(found),
        Err(MatchError::Ambiguous(several)) => Err(ambiguous(name, &several)),
        Err(MatchError::NotFound) => {
            let kind = format!("value of {}", name.entity.name());
            let error = unknown(name, &kind, &candidates).next(format!(
                "describe-entity-fields {{\"entity\":\"{}\",\"field\":\"{}\"}} lists them.",
                name.entity.name(),
                name.argument()
            ));
            Err(match describe_all_if_few(&candidates) {
                Some(all) => error.accepts(format!("{}: {all}", name.argument())),
                None => error,
            })
        }
    }
}

fn text(code: &Value) -> Value {
    match code {
        Value::String(_) => code.clone(),
        number => number.to_string().into(),
    }
}
