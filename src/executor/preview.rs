//! A write as a person should see it before it is made.

use serde_json::{Value, json};

use super::RecordFields;
use super::diff::differences;
use super::side_effects::side_effects;
use crate::catalog::{DataType, Entity};
use crate::client::request::Request;
use crate::error::{Code, Error};
use crate::plan::{Change, Write};
use crate::resolver::ResolutionNotes;

/// Longer bytes of files are told by their length.
const MAX_INLINE_FILE_CHARS: usize = 100;

/// A write with all that is known of it before it is made.
#[derive(Clone, Copy)]
pub(super) struct PendingWrite<'a> {
    pub write: &'a Write,
    pub request: &'a Request,
    /// The record as it is now.
    pub current: Option<&'a RecordFields>,
    /// The resource in whose name it is made.
    pub impersonation: Option<i64>,
    /// What its names came to.
    pub notes: &'a ResolutionNotes,
    /// Whether an equal create of a moment ago would have it refused.
    pub is_duplicate: bool,
}

/// The request as it would go, what it changes, and what else happens then.
pub(super) fn preview(pending: PendingWrite<'_>) -> Value {
    let PendingWrite { write, request, .. } = pending;
    let mut preview = json!({ "method": request.method.as_str(), "path": request.path });
    if let Some(body) = &request.body {
        preview["body"] = without_file_bytes(write.entity, body.clone());
    }
    match (&write.change, pending.current) {
        (Change::Update(_, record), Some(current)) => {
            preview["changes"] = differences(record, current).into();
        }
        (Change::Delete(_), Some(current)) => preview["current"] = non_null_fields(current),
        _ => {}
    }
    let lists = [
        ("sideEffects", side_effects(write, pending.impersonation)),
        ("warnings", write.warnings.clone()),
    ];
    for (name, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        preview[name] = list.into();
    }
    preview
}

/// The body without the bytes of files, which nobody reads.
fn without_file_bytes(entity: Entity, mut body: Value) -> Value {
    let fields = entity.fields().iter();
    for field in fields.filter(|field| field.kind == DataType::Bytes) {
        if let Some(Value::String(data)) = body.get_mut(field.name)
            && data.len() > MAX_INLINE_FILE_CHARS
        {
            *data = format!("[{} characters of base64]", data.len());
        }
    }
    body
}

/// Refuses an update to the values that the record has already.
///
/// # Errors
/// `bad-argument`.
pub(super) fn reject_no_op(write: &Write, present: Option<&RecordFields>) -> Result<(), Error> {
    let (Change::Update(_, record), Some(present)) = (&write.change, present) else {
        return Ok(());
    };
    if !differences(record, present).is_empty() {
        return Ok(());
    }
    let names: Vec<_> = record.iter().map(|(name, _)| name.as_str()).collect();
    let id = write.id().unwrap_or_default();
    let what = format!("{} {id}", write.entity.singular());
    let message = format!("The update changes nothing: {what} has these values already.");
    Err(Error::new(Code::BadArgument, message)
        .accepts(format!("another value for {}", names.join(", "))))
}

/// What would be lost, without its empty fields.
fn non_null_fields(present: &RecordFields) -> Value {
    let kept = present.iter().filter(|(_, value)| !value.is_null());
    Value::Object(kept.map(|(name, value)| (name.clone(), value.clone())).collect())
}
