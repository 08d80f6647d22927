//! Labels in a preview, next to the body, the changes and the current record: of codes and ids, and the local time of
//! instants.

use std::borrow::Cow;

use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use super::identity::owners;
use super::{Executor, RecordFields};
use crate::catalog::{DataType, Entity, UDFS};
use crate::plan::{Change, LabelMode, Projection, Write};
use crate::resolver::resolved::MAX_LISTED_RESOLUTIONS;
use crate::resolver::{Labels, ResolutionNotes};
use crate::value::datetime::{DateOrInstant, local_text};
use crate::value::record::Record;

/// The labels of a preview.
pub(super) struct PreviewLabels<'a> {
    entity: Entity,
    labels: Labels,
    zone: Option<&'a TimeZone>,
}

impl PreviewLabels<'_> {
    /// The label of a field's value, or its local time; none for an instant in UTC.
    fn of(&self, field: &str, value: &Value) -> Option<Cow<'_, str>> {
        match self.labels.of(field, value) {
            Some(label) => Some(label.into()),
            None => self.local_time(field, value).map(Into::into),
        }
    }

    fn local_time(&self, field: &str, value: &Value) -> Option<String> {
        let is_instant = self.entity.field(field)?.kind == DataType::Datetime;
        let DateOrInstant::Instant(at) = DateOrInstant::read(value.as_str()?)? else { return None };
        self.zone.filter(|_| is_instant).map(|zone| local_text(at, zone))
    }
}

impl Executor {
    /// The labels of the records that a preview shows.
    pub(super) async fn preview_labels(
        &self,
        entity: Entity,
        records: &[RecordFields],
        shown: (&Projection, LabelMode),
        warnings: &mut Vec<String>,
    ) -> PreviewLabels<'_> {
        let labels = self.resolver.labels(entity, records, shown, warnings).await;
        PreviewLabels { entity, labels, zone: self.zone() }
    }

    /// Reads the names that the checks and the preview of a write need, each entity once; they report what cannot be
    /// read.
    pub(super) async fn prefetch_names(&self, write: &Write, current: Option<&RecordFields>) {
        let (records, shown) = labeled(write, current);
        let references = self.references_of(write, current);
        let fields = current.or(records.first());
        let owners = fields.map(|fields| owners(write.entity, fields)).unwrap_or_default();
        let more = references.into_iter().chain(owners);
        self.resolver.prefetch(&[(write.entity, &records, &shown)], more).await;
    }

    /// Adds labels to the body and the changes, and what names were resolved to.
    pub(super) async fn add_labels(
        &self,
        preview: &mut Value,
        (write, current): (&Write, Option<&RecordFields>),
        notes: &ResolutionNotes,
    ) {
        let sent = request_fields(write);
        let (records, shown) = labeled(write, current);
        let shown = (&shown, LabelMode::Labels);
        let mut warnings = Vec::new();
        let labels = self.preview_labels(write.entity, &records, shown, &mut warnings).await;
        add_warnings(preview, warnings);
        let sent_labels = labels_for(&sent, &labels);
        if !sent_labels.is_empty() {
            preview["labels"] = sent_labels.into();
        }
        add_from_labels(preview.get_mut("changes"), &labels);
        if let Some(current) = preview.get_mut("current").and_then(Value::as_object_mut) {
            let mut names = labels_for(current, &labels);
            names.shift_remove(UDFS);
            name_udfs(current, &labels);
            current.extend(names.into_iter().map(|(name, label)| (format!("{name}_label"), label)));
        }
        if let Some(resolved) = notes.resolved.json(MAX_LISTED_RESOLUTIONS) {
            preview["resolved"] = resolved;
        }
    }
}

/// The records that a preview shows, and the fields that it labels.
fn labeled(write: &Write, current: Option<&RecordFields>) -> (Vec<RecordFields>, Projection) {
    let sent = request_fields(write);
    let shown = match write.change {
        Change::Delete(_) => Projection::All,
        Change::Create(_) | Change::Update(..) | Change::UpdateMany(..) => {
            Projection::fields(sent.keys().cloned())
        }
    };
    (std::iter::once(sent).chain(current.cloned()).collect(), shown)
}

/// Adds warnings to those of the preview.
pub(super) fn add_warnings(preview: &mut Value, new: Vec<String>) {
    let new = new.into_iter().map(Value::from);
    match preview.get_mut("warnings").and_then(Value::as_array_mut) {
        Some(warnings) => warnings.extend(new),
        None if new.len() > 0 => preview["warnings"] = new.collect(),
        None => {}
    }
}

/// The fields of the body.
pub(super) fn request_fields(write: &Write) -> RecordFields {
    let fields = write.change.record().into_iter().flat_map(Record::iter);
    fields.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// The labels of a record's codes and ids by field, and of its UDFs by name.
pub(super) fn labels_for(sent: &RecordFields, labels: &PreviewLabels) -> Map<String, Value> {
    let label = |(name, value): (&String, &Value)| {
        let label = match value.as_array().filter(|_| name == UDFS) {
            Some(udfs) => udf_labels(udfs, labels)?,
            None => labels.of(name, value)?.into_owned().into(),
        };
        Some((name.clone(), label))
    };
    sent.iter().filter_map(label).collect()
}

fn udf_labels(udfs: &[Value], labels: &PreviewLabels) -> Option<Value> {
    let label = |udf: &Value| {
        let name = udf["name"].as_str()?;
        let label = labels.labels.of_udf(name, &udf["value"])?;
        Some((name.to_owned(), label.into()))
    };
    let found: Map<_, _> = udfs.iter().filter_map(label).collect();
    (!found.is_empty()).then(|| found.into())
}

/// Adds the labels of UDFs inside them.
fn name_udfs(record: &mut RecordFields, labels: &PreviewLabels) {
    let udfs = record.get_mut(UDFS).and_then(Value::as_array_mut);
    for udf in udfs.into_iter().flatten() {
        let name = udf["name"].as_str().unwrap_or_default();
        if let Some(label) = labels.labels.of_udf(name, &udf["value"]).map(str::to_owned) {
            udf["label"] = label.into();
        }
    }
}

/// Adds the labels of the current values to changes.
pub(super) fn add_from_labels(changes: Option<&mut Value>, labels: &PreviewLabels) {
    let changes = changes.and_then(Value::as_object_mut);
    for (field, change) in changes.into_iter().flatten() {
        add_from_label(field, change, labels);
    }
}

fn add_from_label(field: &str, change: &mut Value, labels: &PreviewLabels) {
    let udfs = change.as_object_mut().filter(|_| field == UDFS);
    for (name, change) in udfs.into_iter().flatten() {
        let label = labels.labels.of_udf(name, &change["from"]);
        set_from_label(change, label);
    }
    if field != UDFS {
        set_from_label(change, labels.of(field, &change["from"]).as_deref());
    }
}

fn set_from_label(change: &mut Value, label: Option<&str>) {
    if let Some(label) = label {
        change["from_label"] = label.into();
    }
}
