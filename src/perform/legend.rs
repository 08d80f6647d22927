//! What stands beside a preview: labels of the numbers in it, and what names came to.

use serde_json::{Map, Value};

use super::settle::Notes;
use super::{Fields, Performer};
use crate::names::Labels;
use crate::names::resolved::TOLD;
use crate::plan::{Change, Labeling, Shown, Write};

impl Performer {
    /// Adds labels beside the body and the changes, and what names came to.
    pub(super) async fn annotate(
        &self,
        preview: &mut Value,
        (write, present): (&Write, Option<&Fields>),
        notes: &Notes,
    ) {
        let sent = sent(write);
        let records: Vec<_> = [Some(&sent), present]
            .into_iter()
            .flatten()
            .cloned()
            .collect();
        let shown = match write.change {
            Change::Delete(_) => Shown::All,
            Change::Create(_) | Change::Update(..) => Shown::fields(sent.keys().cloned()),
        };
        let shown = (&shown, Labeling::Labels);
        let mut unread = Vec::new();
        let labels = self
            .labels(write.entity, &records, shown, &mut unread)
            .await;
        warn(preview, unread);
        let told = beside(&sent, &labels);
        if !told.is_empty() {
            preview["labels"] = told.into();
        }
        if let Some(changes) = preview.get_mut("changes").and_then(Value::as_object_mut) {
            changes
                .iter_mut()
                .for_each(|(field, change)| tell(field, change, &labels));
        }
        if let Some(lost) = preview.get_mut("present").and_then(Value::as_object_mut) {
            let names = beside(lost, &labels);
            lost.extend(
                names
                    .into_iter()
                    .map(|(name, label)| (format!("{name}_label"), label)),
            );
        }
        if let Some(resolved) = notes.resolved.json(TOLD) {
            preview["resolved"] = resolved;
        }
    }
}

/// What could not be read is told among the preview's own warnings.
fn warn(preview: &mut Value, unread: Vec<String>) {
    let unread = unread.into_iter().map(Value::from);
    match preview.get_mut("warnings").and_then(Value::as_array_mut) {
        Some(warnings) => warnings.extend(unread),
        None if unread.len() > 0 => preview["warnings"] = unread.collect(),
        None => {}
    }
}

/// The fields of the body.
fn sent(write: &Write) -> Fields {
    match &write.change {
        Change::Create(record) | Change::Update(_, record) => record
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
        Change::Delete(_) => Fields::new(),
    }
}

/// What the numbers of a body are called, by field.
fn beside(sent: &Fields, labels: &Labels) -> Map<String, Value> {
    let label = |(name, value): (&String, &Value)| {
        let label = labels.of(name, value)?;
        Some((name.clone(), label.into()))
    };
    sent.iter().filter_map(label).collect()
}

/// The label of the present value beside it.
fn tell(field: &str, change: &mut Value, labels: &Labels) {
    let label = labels.of(field, &change["from"]).map(str::to_owned);
    if let Some(label) = label {
        change["from_label"] = label.into();
    }
}
