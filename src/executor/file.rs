//! The file of an attachment: its content, taken out of the record that carries it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::{Outcome, RecordView};
use crate::catalog::DataType;

/// A file that is attached to a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileContent {
    /// The id of the attachment.
    pub id: i64,
    /// The file name, with its extension.
    pub name: String,
    /// The media type that Autotask reports; empty if it reports none.
    pub content_type: String,
    pub bytes: Vec<u8>,
}

/// The outcome of reading a record: with a file if the record carries the content of one.
///
/// The base64 text never stays in the record.
pub(super) fn with_content(mut view: RecordView) -> Outcome {
    let fields = view.entity.fields().iter();
    let Some(field) = fields.clone().find(|field| field.kind == DataType::Bytes) else {
        return Outcome::Record(view);
    };
    let content = view.item.shift_remove(field.name);
    if !view.projection.includes(field.name) {
        return Outcome::Record(view);
    }
    let text = content.as_ref().and_then(Value::as_str).filter(|text| !text.is_empty());
    let Some(text) = text else {
        let is_file = view.item.get("attachmentType").is_none_or(|kind| kind == "FILE_ATTACHMENT");
        view.warnings.extend(is_file.then(|| "Autotask returned no content for this file.".into()));
        return Outcome::Record(view);
    };
    let unwrapped: String = text.split_ascii_whitespace().collect();
    let Ok(bytes) = STANDARD.decode(unwrapped) else {
        view.warnings.push("Autotask returned content that is not valid base64.".into());
        return Outcome::Record(view);
    };
    let member = |name: &str| view.item.get(name).and_then(Value::as_str).unwrap_or_default();
    let name = [member("fullPath"), member("title")].into_iter().find(|name| !name.is_empty());
    let file = FileContent {
        id: view.item.get("id").and_then(Value::as_i64).unwrap_or_default(),
        name: name.unwrap_or("attachment").to_owned(),
        content_type: member("contentType").to_owned(),
        bytes,
    };
    Outcome::File(view, file)
}
