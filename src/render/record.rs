//! A record as an answer shows it: the fields asked for, no nulls, UDFs by name, clean texts.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::catalog::UDFS;
use crate::executor::RecordFields;
use crate::plan::Projection;
use crate::resolver::Labels;
use crate::text::sanitize;

/// An artifact of the SOAP API in child records, which says nothing.
const SOAP_ARTIFACT: &str = "soapParentPropertyId";

/// The members of an object, in order.
#[derive(Debug, PartialEq)]
pub struct ProjectedRecord(Vec<(String, Value)>);

impl Serialize for ProjectedRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// Shapes one record, with labels beside its numbers.
pub fn record(mut record: RecordFields, shown: &Projection, labels: &Labels) -> ProjectedRecord {
    let is_odd = record.keys().any(|name| has_unsafe_name(name));
    let udfs = record.shift_remove(UDFS);
    let told = record.into_iter().filter(|(name, _)| name != SOAP_ARTIFACT);
    let placed = told.filter_map(|(name, value)| Some((shown.position(&name)?, name, value)));
    let mut placed: Vec<_> = placed.collect();
    placed.sort_by_key(|(place, ..)| *place);
    let fields = placed.into_iter().map(|(_, name, value)| (name, value));
    let mut shaped = with_labels(fields, |name, value| labels.of(name, value));
    let udfs = udfs.map(|udfs| udfs_by_name(udfs, shown, labels)).filter(|udfs| !udfs.is_empty());
    shaped.extend(udfs.map(|udfs| (UDFS.to_owned(), Value::Object(udfs))));
    for (_, value) in &mut shaped {
        sanitize::sanitize_value(value);
    }
    if is_odd {
        let plain =
            shaped.into_iter().map(|(name, value)| (sanitize::sanitize(&name).into_owned(), value));
        shaped = plain.collect::<RecordFields>().into_iter().collect();
    }
    ProjectedRecord(shaped)
}

/// Whether a field's name hides something, or could be taken for our label of another.
fn has_unsafe_name(name: &str) -> bool {
    name.ends_with("_label") || sanitize::has_hidden(name)
}

/// Each number followed by what it is called; no nulls.
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

fn udfs_by_name(udfs: Value, shown: &Projection, labels: &Labels) -> Map<String, Value> {
    let Value::Array(listed) = udfs else {
        return Map::new();
    };
    let pair = |mut udf: Value| {
        let name = udf["name"].as_str()?.to_owned();
        let value = udf.get_mut("value")?.take();
        shown.shows_udf(&name).then_some((name, value))
    };
    let udfs: Vec<_> = listed.into_iter().filter_map(pair).collect();
    let named = with_labels(udfs.into_iter(), |name, value| labels.of_udf(name, value));
    named.into_iter().collect()
}
