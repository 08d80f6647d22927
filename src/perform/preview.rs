//! A write as a person should see it before it is made.

use serde_json::{Value, json};

use super::Fields;
use super::besides::besides;
use super::difference::differences;
use super::settle::Notes;
use crate::error::{Code, Error};
use crate::plan::{Change, Write};
use crate::request::Request;
use crate::schema::{Entity, Kind};

/// Longer bytes of files are told by their length.
const SHORT: usize = 100;

/// A write with all that is known of it before it is made.
#[derive(Clone, Copy)]
pub(super) struct Drawn<'a> {
    pub write: &'a Write,
    pub request: &'a Request,
    /// The record as it is now.
    pub present: Option<&'a Fields>,
    /// The resource in whose name it is made.
    pub impersonation: Option<i64>,
    /// What its names came to.
    pub notes: &'a Notes,
    /// Whether an equal create of a moment ago would have it refused.
    pub is_refused: bool,
}

/// The request as it would go, what it changes, and what else happens then.
pub(super) fn preview(drawn: Drawn<'_>) -> Value {
    let Drawn { write, request, .. } = drawn;
    let mut preview = json!({ "method": request.method.as_str(), "path": request.path });
    if let Some(body) = &request.body {
        preview["body"] = short(write.entity, body.clone());
    }
    match (&write.change, drawn.present) {
        (Change::Update(_, record), Some(present)) => {
            preview["changes"] = differences(record, present).into();
        }
        (Change::Delete(_), Some(present)) => preview["present"] = told(present),
        _ => {}
    }
    let lists =
        [("besides", besides(write, drawn.impersonation)), ("warnings", write.warnings.clone())];
    for (name, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        preview[name] = list.into();
    }
    preview
}

/// The body without the bytes of files, which nobody reads.
fn short(entity: Entity, mut body: Value) -> Value {
    let fields = entity.fields().iter();
    for field in fields.filter(|field| field.kind == Kind::Bytes) {
        if let Some(Value::String(data)) = body.get_mut(field.name)
            && data.len() > SHORT
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
pub(super) fn changes_something(write: &Write, present: Option<&Fields>) -> Result<(), Error> {
    let (Change::Update(id, record), Some(present)) = (&write.change, present) else {
        return Ok(());
    };
    if !differences(record, present).is_empty() {
        return Ok(());
    }
    let names: Vec<_> = record.iter().map(|(name, _)| name.as_str()).collect();
    let what = format!("{} {id}", write.entity.singular());
    let message = format!("The update changes nothing: {what} has these values already.");
    Err(Error::new(Code::BadArgument, message)
        .accepts(format!("another value for {}", names.join(", "))))
}

/// What would be lost, without its empty fields.
fn told(present: &Fields) -> Value {
    let kept = present.iter().filter(|(_, value)| !value.is_null());
    Value::Object(kept.map(|(name, value)| (name.clone(), value.clone())).collect())
}
