//! An outcome or an error as a model should read it: compact JSON, once, never larger than the limit.

mod fit;
mod inside;
mod question;
mod shape;
mod text;

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use crate::caller::Question;
use crate::clean;
use crate::cursor;
use crate::error::Error;
use crate::names::Resolved;
use crate::names::resolved::TOLD;
use crate::perform::{One, Outcome, Page};
use crate::plan::Shown;
use crate::secret::Redactor;
use text::written;

/// Room for the sentences around a preview.
const AROUND: usize = 600;

/// What a caller gets back.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub text: String,
    /// The same for programs, where the answer is an error.
    pub error: Option<Value>,
}

/// How answers are written.
pub struct Voice {
    /// The largest answer of a list or get tool, in characters.
    pub limit: usize,
    /// For what the tenant holds: the secrets themselves, and nothing a customer may have written.
    pub records: Redactor,
    /// For errors, which may quote a request with all its headers: the user name too, and what looks like a header.
    pub errors: Redactor,
}

impl Voice {
    /// Says what a call came to.
    #[must_use]
    pub fn say(&self, outcome: Result<Outcome, Error>) -> Answer {
        match outcome {
            Ok(outcome) => Answer { text: self.text(outcome), error: None },
            Err(error) => self.refuse(error),
        }
    }

    /// Says an error.
    #[must_use]
    pub fn refuse(&self, error: Error) -> Answer {
        // First what hides: a secret must not come together afterwards.
        let words = |text: &str| self.errors.redact(&clean::single_line(text)).into_owned();
        let preview = |value: &mut Value| {
            clean::sanitize_value(value);
            self.records.redact_value(value);
            inside::value(value, self.limit.saturating_sub(AROUND));
        };
        let error = error.in_words(&words, &preview);
        Answer { text: error.to_string(), error: Some(error.structured()) }
    }

    /// Says what a person is asked.
    #[must_use]
    pub fn ask(&self, question: &Question) -> String {
        let mut question = question.clone();
        clean::sanitize_value(&mut question.preview);
        self.records.redact_value(&mut question.preview);
        question::text(&question)
    }

    fn text(&self, outcome: Outcome) -> String {
        match outcome {
            Outcome::Known(mut value) => {
                clean::sanitize_value(&mut value);
                if let Some(Value::Array(told)) = value.get_mut("warnings") {
                    short(told, self.limit);
                }
                self.exact(value.to_string())
            }
            Outcome::Page(page) => self.page(page),
            Outcome::One(one) => self.one(one),
        }
    }

    fn page(&self, page: Page) -> String {
        let mut around = Map::new();
        let filter = page.filter.filter(|filter| fits_beside(filter, self.limit));
        around.extend(filter.map(|filter| ("filter".into(), filter)));
        around.extend(resolved(&page.resolved, self.limit));
        around.extend(warnings(page.warnings, self.limit));
        let shaped = page.items.into_iter().map(|item| {
            let id = item.get("id").and_then(Value::as_i64);
            (id, shape::record(item, &page.shown, &page.labels))
        });
        // Half a secret is not found any more: it is looked for before a record is cut.
        let exact = |text| self.exact(text);
        let kept = fit::records(shaped, self.limit.saturating_sub(room(&around)), &exact);
        let more = page.more || !kept.all;
        let cursor = kept.last.filter(|_| more).map(|id| cursor::issue(page.at, &page.clauses, id));
        self.exact(listed(&kept.texts, more, cursor, around))
    }

    fn one(&self, one: One) -> String {
        let item = shape::record(one.item, &one.shown, &one.labels);
        let mut text = format!("{{\"item\":{}", written(&item));
        for list in one.lists {
            let records = list.records.into_iter();
            let whole = |record| shape::record(record, &Shown::All, &list.labels);
            let records: Vec<_> = records.map(whole).collect();
            text += &format!(",\"{}\":{}", list.name, written(&records));
        }
        let resolved = resolved(&one.resolved, self.limit);
        let around = resolved.into_iter().chain(warnings(one.warnings, self.limit));
        for (name, value) in around {
            text += &format!(",\"{name}\":{}", written(&value));
        }
        fit::whole(self.exact(text + "}"), self.limit)
    }

    /// The text without secrets. Hardly any has one; then it is taken out of the values, so that JSON stays JSON.
    fn exact(&self, text: String) -> String {
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
    let mut told = [TOLD, 5, 1].into_iter().map(|most| resolved.json(most));
    let fits = |told: &Option<Value>| told.as_ref().is_none_or(|told| fits_beside(told, limit));
    Some(("resolved".into(), told.find(fits)??))
}

/// What stands around the items: brackets, names, the cursor.
fn room(around: &Map<String, Value>) -> usize {
    const FRAME: usize = 160;
    FRAME + text::length(&Value::from(around.clone()).to_string())
}

/// A filter of hundreds of ids is no use to read again.
fn fits_beside(value: &Value, limit: usize) -> bool {
    text::length(&value.to_string()) < limit / 4
}

/// Each warning once, as far as there is room.
fn warnings(mut warnings: Vec<String>, limit: usize) -> Option<(String, Value)> {
    let mut said = std::collections::HashSet::new();
    warnings.retain(|warning| said.insert(warning.clone()));
    let mut told = warnings.into_iter().map(Value::from).collect();
    short(&mut told, limit);
    (!told.is_empty()).then(|| ("warnings".into(), told.into()))
}

/// The first warnings, and how many more there are.
fn short(warnings: &mut Vec<Value>, limit: usize) {
    let (all, mut room) = (warnings.len(), limit / 4);
    warnings.retain(|warning| {
        room = room.saturating_sub(text::length(&warning.to_string()));
        room > 0
    });
    let rest = all - warnings.len();
    warnings.extend((rest > 0).then(|| format!("{rest} more warnings.").into()));
}

fn listed(
    items: &[String],
    more: bool,
    cursor: Option<String>,
    around: Map<String, Value>,
) -> String {
    let mut text =
        format!("{{\"items\":[{}],\"count\":{},\"hasMore\":{more}", items.join(","), items.len());
    let cursor = cursor.map(|cursor| ("cursor".to_owned(), json!(cursor)));
    for (name, mut value) in cursor.into_iter().chain(around) {
        clean::sanitize_value(&mut value);
        text += &format!(",{}:{value}", Value::from(name));
    }
    text + "}"
}

#[cfg(test)]
mod tests;
