//! A validated write with its request.

use serde_json::{Map, Value};

use super::RecordFields;
use super::diff::differences;
use super::write_errors::no_record_error;
use crate::error::Error;
use crate::plan::address::collection_path;
use crate::plan::request::Request;
use crate::plan::{Change, Write};

/// A validated write of one record, ready to be sent.
pub(super) struct ReadyWrite {
    pub write: Write,
    pub request: Request,
    pub parent: Option<i64>,
    /// The record before the write.
    pub current: Option<RecordFields>,
}

/// The fields that an update changed, with both values.
pub(super) fn changed(ready: &ReadyWrite) -> Option<Map<String, Value>> {
    match (&ready.write.change, &ready.current) {
        (Change::Update(_, record), Some(current)) => Some(differences(record, current)),
        _ => None,
    }
}

/// The parent's id is repeated in the body of a create.
///
/// # Errors
/// `bad-argument` if the body has another parent.
pub(super) fn set_parent_field(write: &mut Write, parent: Option<i64>) -> Result<(), Error> {
    let field = write.parent_field();
    if let (Change::Create(record), Some(id), Some(field)) = (&mut write.change, parent, field) {
        let other = record.get(field).filter(|value| !value.is_null() && **value != id);
        if let Some(other) = other {
            let message = format!("{field} is {other}, but the parent is {id}.");
            return Err(Error::bad_argument(message).accepts(format!("{field} {id}, or none")));
        }
        record.set(field, id.into());
    }
    Ok(())
}

/// The one request of a write: children under their parent, the id of an update in the body.
pub(super) fn build_request(write: &Write, parent: Option<i64>) -> Result<Request, Error> {
    let path = collection_path(write.entity, parent)?;
    Ok(match &write.change {
        Change::Create(record) => Request::post(path, record.clone().into_value()),
        Change::Update(_, record) => {
            let mut body = Map::new();
            body.insert("id".to_owned(), write.id().into());
            body.extend(record.iter().map(|(name, value)| (name.clone(), value.clone())));
            Request::patch(path, body.into())
        }
        Change::Delete(_) => {
            let id = write.id().ok_or_else(no_record_error)?;
            Request::delete(format!("{path}/{id}"))
        }
        Change::UpdateMany(..) => return Err(no_record_error()),
    })
}
