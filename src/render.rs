//! Responses as a model should read them: compact JSON, stated once, never longer than the limit.

mod confirmation;
mod file;
mod fit;
mod record;
mod text;
mod truncate;

use std::borrow::Cow;
use std::collections::HashSet;

use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use crate::access::caller::ConfirmationRequest;
use crate::catalog::Entity;
use crate::error::Error;
use crate::executor::{FileContent, Outcome, Page, RecordView};
use crate::plan::{Projection, cursor};
use crate::resolver::resolved::MAX_LISTED_RESOLUTIONS;
use crate::resolver::{Labels, Resolved};
use crate::text::redact::Redactor;
use crate::text::sanitize;
pub use file::{Attachment, MAX_BLOB_BYTES};
use record::{RecordFormat, RowWriter};
use text::write_json;

/// Space for the sentences around a preview.
const ENVELOPE_CHARS: usize = 600;

/// The response to a call.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolResponse {
    pub text: String,
    /// The structured content of an error.
    pub error: Option<Value>,
    /// Content that is not text.
    pub attachment: Option<Attachment>,
}

/// How responses are written.
pub struct Renderer {
    /// Maximum length of the response of a list or get tool, in characters.
    pub limit: usize,
    /// Redacts records: only the secrets themselves, and nothing a customer may have written.
    pub records: Redactor,
    /// Redacts errors, which may quote a request: also the user name, and what looks like a header.
    pub errors: Redactor,
    /// The zone in which instants are shown; UTC if none is set.
    pub time_zone: Option<TimeZone>,
}

impl ToolResponse {
    fn of_text(text: String) -> Self {
        Self { text, error: None, attachment: None }
    }
}

impl Renderer {
    /// Renders the outcome of a call; a link leads to Autotask's page of a record.
    #[must_use]
    pub fn render(&self, outcome: Result<Outcome, Error>, link: Option<&str>) -> ToolResponse {
        match outcome {
            Ok(Outcome::Value(value)) => ToolResponse::of_text(self.render_value(value)),
            Ok(Outcome::Page(page)) => ToolResponse::of_text(self.render_page(page, link)),
            Ok(Outcome::Record(view)) => {
                ToolResponse::of_text(self.render_record(view, link, Vec::new()))
            }
            Ok(Outcome::File(view, file)) => self.render_file(view, &file),
            Err(error) => self.render_error(error),
        }
    }

    /// Renders the outcome of reading a resource: a file is returned whole.
    #[must_use]
    pub fn render_resource(&self, outcome: Result<Outcome, Error>) -> ToolResponse {
        let Ok(Outcome::File(_, file)) = outcome else {
            return self.render(outcome, None);
        };
        match file::blob(&file) {
            Some(blob) => {
                ToolResponse { attachment: Some(blob), ..ToolResponse::of_text(String::new()) }
            }
            None => self.render_error(file_too_large_error(&file)),
        }
    }

    /// Renders an error.
    #[must_use]
    pub fn render_error(&self, error: Error) -> ToolResponse {
        // Sanitize first: removing hidden characters must not join the parts of a secret afterwards.
        let map_text = |text: &str| self.errors.redact(&sanitize::single_line(text)).into_owned();
        let map_preview = |value: &mut Value| {
            sanitize::sanitize_value(value);
            self.records.redact_value(value);
            truncate::truncate_value(value, self.limit.saturating_sub(ENVELOPE_CHARS));
        };
        let error = error.map_text(&map_text, &map_preview);
        ToolResponse { text: error.to_string(), error: Some(error.structured()), attachment: None }
    }

    /// Renders what a user is asked before a write.
    #[must_use]
    pub fn render_confirmation(&self, request: &ConfirmationRequest) -> String {
        let mut request = request.clone();
        sanitize::sanitize_value(&mut request.preview);
        self.records.redact_value(&mut request.preview);
        confirmation::text(&request)
    }

    fn render_value(&self, mut value: Value) -> String {
        sanitize::sanitize_value(&mut value);
        if let Some(Value::Array(warnings)) = value.get_mut("warnings") {
            limit_warnings(warnings, self.limit);
        }
        self.redact(value.to_string())
    }

    fn render_page(&self, page: Page, link: Option<&str>) -> String {
        let mut envelope = Map::new();
        let filter = page.filter.filter(|filter| fits_in_quarter(filter, self.limit));
        envelope.extend(filter.map(|filter| ("filter".into(), filter)));
        envelope.extend(link.map(|link| ("link".into(), link.into())));
        envelope.extend(resolved(&page.resolved, self.limit));
        envelope.extend(warnings(page.warnings, self.limit));
        let writer =
            RowWriter::new(self.format(page.address.entity, &page.projection, &page.labels));
        // Half a secret would not be found: redact before a record is truncated.
        let redact = |text| self.redact(text);
        let limit = self.limit.saturating_sub(envelope_chars(&envelope));
        let mut out = b"{\"items\":[".to_vec();
        let fitted = fit::fit_records(&page.items, writer, (limit, &redact), &mut out);
        let more = page.has_more || !fitted.is_complete;
        let cursor = fitted
            .last
            .filter(|_| more)
            .map(|id| cursor::encode((page.address, page.order), &page.conditions, id));
        let count = fitted.count;
        out.extend_from_slice(format!("],\"count\":{count},\"hasMore\":{more}").as_bytes());
        let cursor = cursor.map(|cursor| ("cursor".to_owned(), json!(cursor)));
        for (name, mut value) in cursor.into_iter().chain(envelope) {
            sanitize::sanitize_value(&mut value);
            write_member(&name, &value, &mut out);
        }
        self.finish(out)
    }

    fn render_record(
        &self,
        view: RecordView,
        link: Option<&str>,
        members: Vec<(&'static str, Value)>,
    ) -> String {
        let mut out = b"{\"item\":".to_vec();
        self.format(view.entity, &view.projection, &view.labels).write(&view.item, &mut out);
        for list in view.lists {
            let format = self.format(list.entity, &Projection::All, &list.labels);
            out.extend_from_slice(format!(",\"{}\":[", list.name).as_bytes());
            for (at, record) in list.records.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                format.write(record, &mut out);
            }
            out.push(b']');
        }
        for (name, mut value) in members {
            sanitize::sanitize_value(&mut value);
            write_member(name, &value, &mut out);
        }
        let link = link.map(|link| ("link".to_owned(), link.into()));
        let envelope = link.into_iter().chain(resolved(&view.resolved, self.limit));
        for (name, value) in envelope.chain(warnings(view.warnings, self.limit)) {
            write_member(&name, &value, &mut out);
        }
        fit::fit_object(self.finish(out), self.limit)
    }

    fn render_file(&self, mut view: RecordView, file: &FileContent) -> ToolResponse {
        let shown = file::show(view.entity, file);
        view.warnings.extend(shown.warning);
        let text = self.render_record(view, None, shown.members);
        ToolResponse { attachment: shown.attachment, ..ToolResponse::of_text(text) }
    }

    fn format<'a>(
        &'a self,
        entity: Entity,
        projection: &'a Projection,
        labels: &'a Labels,
    ) -> RecordFormat<'a> {
        RecordFormat { entity, projection, labels, time_zone: self.time_zone.as_ref() }
    }

    /// The text of an object, which is closed here, without secrets.
    fn finish(&self, mut object: Vec<u8>) -> String {
        object.push(b'}');
        // It was written as UTF-8.
        self.redact(String::from_utf8(object).unwrap_or_default())
    }

    /// The text without secrets. They are rare; if there is one, it is removed from the values, so that JSON stays JSON.
    fn redact(&self, text: String) -> String {
        if matches!(self.records.redact_secrets(&text), Cow::Borrowed(_)) {
            return text;
        }
        match serde_json::from_str::<Value>(&text) {
            Ok(mut value) => {
                self.records.redact_value(&mut value);
                value.to_string()
            }
            Err(_) => self.records.redact_secrets(&text).into_owned(),
        }
    }
}

fn file_too_large_error(file: &FileContent) -> Error {
    let (size, limit) = (file.bytes.len(), MAX_BLOB_BYTES >> 20);
    Error::not_allowed(format!(
        "The file has {size} bytes; files of up to {limit} MiB can be read."
    ))
    .next("Open it in Autotask.")
}

/// What names were resolved to, if any were; of hundreds only the first.
fn resolved(resolved: &Resolved, limit: usize) -> Option<(String, Value)> {
    let mut lists = [MAX_LISTED_RESOLUTIONS, 5, 1].into_iter().map(|count| resolved.json(count));
    let fits = |list: &Option<Value>| list.as_ref().is_none_or(|list| fits_in_quarter(list, limit));
    Some(("resolved".into(), lists.find(fits)??))
}

/// The length of what surrounds the items: brackets, names, the cursor.
fn envelope_chars(envelope: &Map<String, Value>) -> usize {
    const FRAME_CHARS: usize = 160;
    FRAME_CHARS + text::length(&Value::from(envelope.clone()).to_string())
}

/// A filter of hundreds of ids is not worth repeating.
fn fits_in_quarter(value: &Value, limit: usize) -> bool {
    text::length(&value.to_string()) < limit / 4
}

/// Each warning once, as far as they fit.
fn warnings(mut warnings: Vec<String>, limit: usize) -> Option<(String, Value)> {
    let mut seen = HashSet::new();
    warnings.retain(|warning| seen.insert(warning.clone()));
    let mut values = warnings.into_iter().map(Value::from).collect();
    limit_warnings(&mut values, limit);
    (!values.is_empty()).then(|| ("warnings".into(), values.into()))
}

/// The first warnings, and how many more there are.
fn limit_warnings(warnings: &mut Vec<Value>, limit: usize) {
    let (total, mut remaining) = (warnings.len(), limit / 4);
    warnings.retain(|warning| {
        remaining = remaining.saturating_sub(text::length(&warning.to_string()));
        remaining > 0
    });
    let dropped = total - warnings.len();
    warnings.extend((dropped > 0).then(|| format!("{dropped} more warnings.").into()));
}

/// Writes a further member of an object.
fn write_member(name: &str, value: &Value, out: &mut Vec<u8>) {
    out.push(b',');
    write_json(name, out);
    out.push(b':');
    write_json(value, out);
}

#[cfg(test)]
mod tests;
