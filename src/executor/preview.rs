//! A write as its preview shows it, before it is sent.

use serde_json::{Value, json};

use super::diff::{differences, with_plain_days};
use super::side_effects::side_effects;
use super::{Executor, RecordFields};
use crate::catalog::{DataType, Entity, instant};
use crate::error::{Code, Error};
use crate::plan::request::Request;
use crate::plan::{Change, Write};
use crate::resolver::ResolutionNotes;

/// A write with everything that is known before it is sent.
#[derive(Clone, Copy)]
pub(super) struct PendingWrite<'a> {
    pub write: &'a Write,
    pub request: &'a Request,
    pub current: Option<&'a RecordFields>,
    /// What its names were resolved to.
    pub notes: &'a ResolutionNotes,
}

impl Executor {
    /// The request, what it changes, and its side effects, with labels next to codes and ids.
    pub(super) async fn preview(&self, pending: PendingWrite<'_>) -> Value {
        let PendingWrite { write, request, .. } = pending;
        let mut preview = json!({ "method": request.method.as_str(), "path": request.path });
        if let Some(body) = &request.body {
            preview["body"] = without_file_bytes(write.entity, body.clone());
        }
        match (&write.change, pending.current) {
            (Change::Update(_, record), Some(current)) => {
                preview["changes"] =
                    with_plain_days(write.entity, differences(record, current)).into();
            }
            (Change::Delete(_), Some(current)) => {
                preview["current"] =
                    without_file_bytes(write.entity, non_null_fields(write.entity, current));
            }
            _ => {}
        }
        self.add_side_effects(&mut preview, write, pending.current);
        self.add_labels(&mut preview, (write, pending.current), pending.notes).await;
        preview
    }

    /// Adds the side effects and the warnings of a write.
    pub(super) fn add_side_effects(
        &self,
        preview: &mut Value,
        write: &Write,
        current: Option<&RecordFields>,
    ) {
        let effects = side_effects(write, current, &self.closed_status_ids);
        let lists = [("sideEffects", effects), ("warnings", write.warnings.clone())];
        for (name, list) in lists.into_iter().filter(|(_, list): &(_, Vec<_>)| !list.is_empty()) {
            preview[name] = list.into();
        }
    }
}

/// The body without the base64 text of files.
fn without_file_bytes(entity: Entity, mut body: Value) -> Value {
    let fields = entity.fields().iter();
    for field in fields.filter(|field| field.kind == DataType::Bytes) {
        if let Some(Value::String(data)) = body.get_mut(field.name) {
            *data = format!("[{} characters of base64]", data.len());
        }
    }
    body
}

/// Rejects an update to values that the record already has.
///
/// # Errors
/// `bad-argument`.
pub(super) fn reject_no_op(write: &Write, current: Option<&RecordFields>) -> Result<(), Error> {
    let (Change::Update(key, record), Some(current)) = (&write.change, current) else {
        return Ok(());
    };
    if !differences(record, current).is_empty() {
        return Ok(());
    }
    let names: Vec<_> = record.iter().map(|(name, _)| name.as_str()).collect();
    let subject = format!("{} {}", write.entity.singular(), key.id().unwrap_or_default());
    let message = format!("No change: {subject} already has these values.");
    Err(Error::new(Code::BadArgument, message)
        .accepts(format!("another value for {}", names.join(", "))))
}

/// What would be deleted, without empty fields.
fn non_null_fields(entity: Entity, record: &RecordFields) -> Value {
    let fields = record.iter().filter(|(_, value)| !value.is_null());
    let shown = |(name, value): (&String, &Value)| {
        let mut value = value.clone();
        instant::plain_day(entity, name, &mut value);
        (name.clone(), value)
    };
    Value::Object(fields.map(shown).collect())
}
