//! A write as a person should see it before it is made.

use serde_json::{Value, json};

use super::Fields;
use crate::plan::{Change, Write};
use crate::record::Record;
use crate::request::Request;

/// A write with all that is known of it before it is made.
#[derive(Clone, Copy)]
pub(super) struct Drawn<'a> {
    pub write: &'a Write,
    pub request: &'a Request,
    /// The record as it is now.
    pub present: Option<&'a Fields>,
}

/// The request as it would go, and the present values beside the new ones.
pub(super) fn preview(drawn: Drawn<'_>) -> Value {
    let Drawn {
        write,
        request,
        present,
    } = drawn;
    let mut preview = json!({ "method": request.method.as_str(), "path": request.path });
    if let Some(body) = &request.body {
        preview["body"] = body.clone();
    }
    match (&write.change, present) {
        (Change::Update(_, record), Some(present)) => preview["changes"] = changes(record, present),
        (Change::Delete(_), Some(present)) => preview["present"] = told(present),
        _ => {}
    }
    if !write.warnings.is_empty() {
        preview["warnings"] = json!(write.warnings);
    }
    preview
}

/// The present values beside the new ones.
fn changes(record: &Record, present: &Fields) -> Value {
    let change = |(name, to): (&String, &Value)| {
        let from = present.get(name).unwrap_or(&Value::Null);
        let told = match name.as_str() {
            "userDefinedFields" => udf_changes(from, to),
            _ => json!({ "from": from, "to": to }),
        };
        (name.clone(), told)
    };
    Value::Object(record.iter().map(change).collect())
}

/// UDFs side by side, by name.
fn udf_changes(from: &Value, to: &Value) -> Value {
    let listed = |udfs: &Value| udfs.as_array().cloned().unwrap_or_default();
    let present = listed(from);
    let change = |udf: &Value| {
        let name = udf["name"].as_str()?;
        let was = present
            .iter()
            .find(|was| was["name"] == udf["name"])
            .map(|was| was["value"].clone());
        Some((
            name.to_owned(),
            json!({ "from": was.unwrap_or_default(), "to": udf["value"] }),
        ))
    };
    Value::Object(listed(to).iter().filter_map(change).collect())
}

/// What would be lost, without its empty fields.
fn told(present: &Fields) -> Value {
    let kept = present.iter().filter(|(_, value)| !value.is_null());
    Value::Object(
        kept.map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
    )
}
