//! Checks attachments in writes: the parent's id, and content that Autotask accepts.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::catalog::{Child, Entity};
use crate::value::coerce::abbreviated;
use crate::value::record::Record;

/// The field with the content of a file.
pub(super) const FILE_DATA: &str = "data";
/// The field with the id of an attachment's parent; the address of the request sets it.
pub(super) const PARENT_ID: &str = "parentID";
/// The largest file: Autotask's help names a limit of 6 to 7 MB.
const MAX_FILE_BYTES: usize = 6_000_000;

/// Whether an entity's records are files or links that belong to another record.
#[must_use]
pub fn is_attachment(entity: Entity) -> bool {
    ["attachmentType", FILE_DATA].iter().all(|name| entity.field(name).is_some())
}

/// The content as base64 on one line; the error is the problem.
pub(super) fn data(value: &Value, warnings: &mut Vec<String>) -> Result<Value, String> {
    let text = value.as_str().ok_or_else(|| not_base64(value))?;
    let line: String = text.split_ascii_whitespace().collect();
    if line.len() != text.len() {
        warnings.push(format!("{FILE_DATA}: line breaks and spaces were removed."));
    }
    let bytes = STANDARD.decode(&line).or_else(|_| {
        // Some clients omit the padding.
        base64::engine::general_purpose::STANDARD_NO_PAD.decode(&line)
    });
    match bytes.map(|bytes| bytes.len()) {
        Err(_) => Err(not_base64(value)),
        Ok(length) if length > MAX_FILE_BYTES => Err(format!(
            "{FILE_DATA} is a file of {length} bytes, and Autotask accepts at most 6,000,000"
        )),
        Ok(_) => Ok(line.into()),
    }
}

fn not_base64(value: &Value) -> String {
    format!("{FILE_DATA} is {}, and accepts the file as base64", abbreviated(value))
}

/// Moves the id of an attachment's parent from a name such as `ticketID` to the field that Autotask uses.
pub fn adopt_parent_id(child: &Child, record: &mut Record) {
    let (Some(field), Some(parent)) = (child.parent_field, child.parent) else {
        return;
    };
    if !is_attachment(child.entity) || record.get(field).is_some() {
        return;
    }
    let singular = parent.singular();
    let (first, rest) = singular.split_at_checked(1).unwrap_or(("", singular));
    let names = [format!("{}{rest}ID", first.to_lowercase()), PARENT_ID.to_owned()];
    if let Some(id) = names.iter().find_map(|name| record.take(name)) {
        record.set(field, id);
    }
}
