//! A record as a response shows it: selected fields, labels, no nulls, UDFs by name, sanitized texts.

use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::catalog::instant;
use crate::catalog::{Entity, UDFS};
use crate::executor::RecordFields;
use crate::plan::Projection;
use crate::resolver::Labels;
use crate::text::sanitize;

/// An artifact of the SOAP API in child records, without any meaning.
const SOAP_ARTIFACT: &str = "soapParentPropertyId";

/// The members of an object, in order.
#[derive(Debug, PartialEq)]
pub struct ProjectedRecord(Vec<(String, Value)>);

impl Serialize for ProjectedRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// How the records of one entity are shown.
#[derive(Clone, Copy)]
pub struct RecordFormat<'a> {
    pub entity: Entity,
    pub projection: &'a Projection,
    pub labels: &'a Labels,
    pub time_zone: Option<&'a TimeZone>,
}

impl RecordFormat<'_> {
    /// Projects one record, with labels beside its codes.
    pub fn project(self, mut record: RecordFields) -> ProjectedRecord {
        let is_unsafe = record.keys().any(|name| has_unsafe_name(name));
        let udfs = record.shift_remove(UDFS);
        let fields = record.into_iter().filter(|(name, _)| name != SOAP_ARTIFACT);
        let placed = fields
            .filter_map(|(name, value)| Some((self.projection.position(&name)?, name, value)));
        let mut placed: Vec<_> = placed.collect();
        placed.sort_by_key(|(position, ..)| *position);
        let fields = placed.into_iter().map(|(_, name, value)| (name, value));
        let mut shown = with_labels(fields, |name, value| self.labels.of(name, value));
        for (name, value) in &mut shown {
            instant::localize(self.entity, name, value, self.time_zone);
        }
        let udfs = udfs.map(|udfs| self.udfs_by_name(udfs)).filter(|udfs| !udfs.is_empty());
        shown.extend(udfs.map(|udfs| (UDFS.to_owned(), Value::Object(udfs))));
        for (_, value) in &mut shown {
            sanitize::sanitize_value(value);
        }
        if is_unsafe {
            let plain = shown
                .into_iter()
                .map(|(name, value)| (sanitize::sanitize(&name).into_owned(), value));
            shown = plain.collect::<RecordFields>().into_iter().collect();
        }
        ProjectedRecord(shown)
    }

    fn udfs_by_name(self, udfs: Value) -> Map<String, Value> {
        let Value::Array(udfs) = udfs else {
            return Map::new();
        };
        let named = |mut udf: Value| {
            let name = udf["name"].as_str()?.to_owned();
            let mut value = udf.get_mut("value")?.take();
            instant::udf_day(&mut value);
            self.projection.shows_udf(&name).then_some((name, value))
        };
        let udfs: Vec<_> = udfs.into_iter().filter_map(named).collect();
        let shown = with_labels(udfs.into_iter(), |name, value| self.labels.of_udf(name, value));
        shown.into_iter().collect()
    }
}

/// Whether a field's name has hidden characters, or could be taken for our label of another field.
fn has_unsafe_name(name: &str) -> bool {
    name.ends_with("_label") || sanitize::has_hidden(name)
}

/// Each code followed by its label; no nulls.
fn with_labels<'l>(
    fields: impl ExactSizeIterator<Item = (String, Value)>,
    label: impl Fn(&str, &Value) -> Option<&'l str>,
) -> Vec<(String, Value)> {
    let mut labeled = Vec::with_capacity(fields.len() * 2);
    for (name, value) in fields.filter(|(_, value)| !value.is_null()) {
        let label = label(&name, &value).map(|label| ([&name, "_label"].concat(), label.into()));
        labeled.push((name, value));
        labeled.extend(label);
    }
    labeled
}
