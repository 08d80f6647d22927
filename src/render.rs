//! An outcome or an error as a model should read it: compact JSON, once, never larger than the limit.

mod confirmation;
mod fit;
mod record;
mod text;
mod truncate;

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use crate::access::caller::ConfirmationRequest;
use crate::error::Error;
use crate::executor::{Outcome, Page, RecordView};
use crate::plan::Projection;
use crate::plan::cursor;
use crate::resolver::Resolved;
use crate::resolver::resolved::MAX_LISTED_RESOLUTIONS;
use crate::text::redact::Redactor;
use crate::text::sanitize;
use text::to_json;

/// Room for the sentences around a preview.
const ENVELOPE_CHARS: usize = 600;

/// What a caller gets back.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolResponse {
    pub text: String,
    /// The same for programs, where the answer is an error.
    pub error: Option<Value>,
}

/// How answers are written.
pub struct Renderer {
    /// The largest answer of a list or get tool, in characters.
    pub limit: usize,
    /// For what the tenant holds: the secrets themselves, and nothing a customer may have written.
    pub records: Redactor,
    /// For errors, which may quote a request with all its headers: the user name too, and what looks like a header.
    pub errors: Redactor,
}

impl Renderer {
    /// Says what a call came to.
    #[must_use]
    pub fn render(&self, outcome: Result<Outcome, Error>) -> ToolResponse {
        match outcome {
            Ok(outcome) => ToolResponse { text: self.text(outcome), error: None },
            Err(error) => self.render_error(error),
        }
    }

    /// Says an error.
    #[must_use]
    pub fn render_error(&self, error: Error) -> ToolResponse {
        // First what hides: a secret must not come together afterwards.
        let words = |text: &str| self.errors.redact(&sanitize::single_line(text)).into_owned();
        let preview = |value: &mut Value| {
            sanitize::sanitize_value(value);
            self.records.redact_value(value);
            truncate::truncate_value(value, self.limit.saturating_sub(ENVELOPE_CHARS));
        };
        let error = error.in_words(&words, &preview);
        ToolResponse { text: error.to_string(), error: Some(error.structured()) }
    }

    /// Says what a person is asked.
    #[must_use]
    pub fn render_confirmation(&self, question: &ConfirmationRequest) -> String {
        let mut question = question.clone();
        sanitize::sanitize_value(&mut question.preview);
        self.records.redact_value(&mut question.preview);
        confirmation::text(&question)
    }

    fn text(&self, outcome: Outcome) -> String {
        match outcome {
            Outcome::Value(mut value) => {
                sanitize::sanitize_value(&mut value);
                if let Some(Value::Array(told)) = value.get_mut("warnings") {
                    limit_warnings(told, self.limit);
                }
                self.redact(value.to_string())
            }
            Outcome::Page(page) => self.render_page(page),
            Outcome::Record(one) => self.render_record(one),
        }
    }

    fn render_page(&self, page: Page) -> String {
        let mut around = Map::new();
        let filter = page.filter.filter(|filter| fits_in_quarter(filter, self.limit));
        around.extend(filter.map(|filter| ("filter".into(), filter)));
        around.extend(resolved(&page.resolved, self.limit));
        around.extend(warnings(page.warnings, self.limit));
        let shaped = page.items.into_iter().map(|item| {
            let id = item.get("id").and_then(Value::as_i64);
            (id, record::record(item, &page.shown, &page.labels))
        });
        // Half a secret is not found any more: it is looked for before a record is cut.
        let exact = |text| self.redact(text);
        let kept =
            fit::fit_records(shaped, self.limit.saturating_sub(envelope_chars(&around)), &exact);
        let more = page.more || !kept.all;
        let cursor =
            kept.last.filter(|_| more).map(|id| cursor::encode(page.at, &page.clauses, id));
        self.redact(list_json(&kept.texts, more, cursor, around))
    }

    fn render_record(&self, one: RecordView) -> String {
        let item = record::record(one.item, &one.shown, &one.labels);
        let mut text = format!("{{\"item\":{}", to_json(&item));
        for list in one.lists {
            let records = list.records.into_iter();
            let whole = |record| record::record(record, &Projection::All, &list.labels);
            let records: Vec<_> = records.map(whole).collect();
            text += &format!(",\"{}\":{}", list.name, to_json(&records));
        }
        let resolved = resolved(&one.resolved, self.limit);
        let around = resolved.into_iter().chain(warnings(one.warnings, self.limit));
        for (name, value) in around {
            text += &format!(",\"{name}\":{}", to_json(&value));
        }
        fit::fit_object(self.redact(text + "}"), self.limit)
    }

    /// The text without secrets. Hardly any has one; then it is taken out of the values, so that JSON stays JSON.
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

/// What names came to, where any was given; of hundreds only the first.
fn resolved(resolved: &Resolved, limit: usize) -> Option<(String, Value)> {
    let mut told = [MAX_LISTED_RESOLUTIONS, 5, 1].into_iter().map(|most| resolved.json(most));
    let fits = |told: &Option<Value>| told.as_ref().is_none_or(|told| fits_in_quarter(told, limit));
    Some(("resolved".into(), told.find(fits)??))
}

/// What stands around the items: brackets, names, the cursor.
fn envelope_chars(around: &Map<String, Value>) -> usize {
    const FRAME_CHARS: usize = 160;
    FRAME_CHARS + text::length(&Value::from(around.clone()).to_string())
}

/// A filter of hundreds of ids is no use to read again.
fn fits_in_quarter(value: &Value, limit: usize) -> bool {
    text::length(&value.to_string()) < limit / 4
}

/// Each warning once, as far as there is room.
fn warnings(mut warnings: Vec<String>, limit: usize) -> Option<(String, Value)> {
    let mut said = std::collections::HashSet::new();
    warnings.retain(|warning| said.insert(warning.clone()));
    let mut told = warnings.into_iter().map(Value::from).collect();
    limit_warnings(&mut told, limit);
    (!told.is_empty()).then(|| ("warnings".into(), told.into()))
}

/// The first warnings, and how many more there are.
fn limit_warnings(warnings: &mut Vec<Value>, limit: usize) {
    let (all, mut room) = (warnings.len(), limit / 4);
    warnings.retain(|warning| {
        room = room.saturating_sub(text::length(&warning.to_string()));
        room > 0
    });
    let rest = all - warnings.len();
    warnings.extend((rest > 0).then(|| format!("{rest} more warnings.").into()));
}

fn list_json(
    items: &[String],
    more: bool,
    cursor: Option<String>,
    around: Map<String, Value>,
) -> String {
    let mut text =
        format!("{{\"items\":[{}],\"count\":{},\"hasMore\":{more}", items.join(","), items.len());
    let cursor = cursor.map(|cursor| ("cursor".to_owned(), json!(cursor)));
    for (name, mut value) in cursor.into_iter().chain(around) {
        sanitize::sanitize_value(&mut value);
        text += &format!(",{}:{value}", Value::from(name));
    }
    text + "}"
}

#[cfg(test)]
mod tests;
