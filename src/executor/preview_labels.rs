//! What stands beside a preview: labels of the numbers in it, and what names came to.

use serde_json::{Map, Value};

use super::{Executor, RecordFields};
use crate::catalog::UDFS;
use crate::plan::{Change, LabelMode, Projection, Write};
use crate::resolver::resolved::MAX_LISTED_RESOLUTIONS;
use crate::resolver::{Labels, ResolutionNotes};
use crate::value::record::Record;

impl Executor {
    /// Adds labels beside the body and the changes, and what names came to.
    pub(super) async fn add_labels(
        &self,
        preview: &mut Value,
        (write, present): (&Write, Option<&RecordFields>),
        notes: &ResolutionNotes,
    ) {
        let sent = request_fields(write);
        let records: Vec<_> = [Some(&sent), present].into_iter().flatten().cloned().collect();
        let shown = match write.change {
            Change::Delete(_) => Projection::All,
            Change::Create(_) | Change::Update(..) | Change::UpdateMany(..) => Projection::fields(sent.keys().cloned()),
        };
        let shown = (&shown, LabelMode::Labels);
        let mut unread = Vec::new();
        let labels = self.resolver.labels(write.entity, &records, shown, &mut unread).await;
        warn(preview, unread);
        let told = labels_for(&sent, &labels);
        if !told.is_empty() {
            preview["labels"] = told.into();
        }
        if let Some(changes) = preview.get_mut("changes").and_then(Value::as_object_mut) {
            changes.iter_mut().for_each(|(field, change)| add_from_label(field, change, &labels));
        }
        if let Some(lost) = preview.get_mut("current").and_then(Value::as_object_mut) {
            let mut names = labels_for(lost, &labels);
            names.shift_remove(UDFS);
            name_udfs(lost, &labels);
            lost.extend(names.into_iter().map(|(name, label)| (format!("{name}_label"), label)));
        }
        if let Some(resolved) = notes.resolved.json(MAX_LISTED_RESOLUTIONS) {
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
fn request_fields(write: &Write) -> RecordFields {
    let fields = write.change.record().into_iter().flat_map(Record::iter);
    fields.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// What the numbers of a body are called, by field, and the values of its UDFs, by name.
fn labels_for(sent: &RecordFields, labels: &Labels) -> Map<String, Value> {
    let label = |(name, value): (&String, &Value)| {
        let label = match value.as_array().filter(|_| name == UDFS) {
            Some(udfs) => beside_udfs(udfs, labels)?,
            None => labels.of(name, value)?.into(),
        };
        Some((name.clone(), label))
    };
    sent.iter().filter_map(label).collect()
}

fn beside_udfs(udfs: &[Value], labels: &Labels) -> Option<Value> {
    let label = |udf: &Value| {
        let name = udf["name"].as_str()?;
        let label = labels.of_udf(name, &udf["value"])?;
        Some((name.to_owned(), label.into()))
    };
    let told: Map<_, _> = udfs.iter().filter_map(label).collect();
    (!told.is_empty()).then(|| told.into())
}

/// The labels of present UDFs, inside them.
fn name_udfs(lost: &mut RecordFields, labels: &Labels) {
    let udfs = lost.get_mut(UDFS).and_then(Value::as_array_mut);
    for udf in udfs.into_iter().flatten() {
        let name = udf["name"].as_str().unwrap_or_default();
        if let Some(label) = labels.of_udf(name, &udf["value"]).map(str::to_owned) {
            udf["label"] = label.into();
        }
    }
}

/// The label of the present value beside it.
fn add_from_label(field: &str, change: &mut Value, labels: &Labels) {
    let udfs = change.as_object_mut().filter(|_| field == UDFS);
    for (name, change) in udfs.into_iter().flatten() {
        let label = labels.of_udf(name, &change["from"]);
        set_from_label(change, label);
    }
    if field != UDFS {
        set_from_label(change, labels.of(field, &change["from"]));
    }
}

fn set_from_label(change: &mut Value, label: Option<&str>) {
    if let Some(label) = label {
        change["from_label"] = label.into();
    }
}
