//! A record as an answer shows it: the fields asked for, no nulls, UDFs by name, clean texts.

use serde_json::{Map, Value};

use crate::clean;
use crate::names::Labels;
use crate::perform::Fields;
use crate::plan::Shown;
use crate::schema::UDFS;

/// An artifact of the SOAP API in child records, which says nothing.
const ARTIFACT: &str = "soapParentPropertyId";

/// Shapes one record, with labels beside its numbers.
pub fn record(mut record: Fields, shown: &Shown, labels: &Labels) -> Fields {
    let udfs = record.shift_remove(UDFS);
    record.shift_remove(ARTIFACT);
    let fields: Vec<_> = match shown {
        Shown::All => record.into_iter().collect(),
        Shown::Only(columns) => columns
            .fields
            .iter()
            .filter_map(|name| record.swap_remove_entry(name))
            .collect(),
    };
    let mut shaped = labeled(fields, |name, value| labels.of(name, value));
    let udfs = udfs
        .map(|udfs| by_name(udfs, shown, labels))
        .filter(|udfs| !udfs.is_empty());
    shaped.extend(udfs.map(|udfs| (UDFS.to_owned(), Value::Object(udfs))));
    shaped.values_mut().for_each(clean::value);
    shaped
}

/// Each number followed by what it is called; no nulls.
fn labeled<'l>(
    fields: Vec<(String, Value)>,
    label: impl Fn(&str, &Value) -> Option<&'l str>,
) -> Fields {
    let mut labeled = Fields::with_capacity(fields.len() * 2);
    for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_null()) {
        let label = label(&name, &value).map(|label| (format!("{name}_label"), label.into()));
        labeled.insert(name, value);
        labeled.extend(label);
    }
    labeled
}

fn by_name(udfs: Value, shown: &Shown, labels: &Labels) -> Map<String, Value> {
    let Value::Array(listed) = udfs else {
        return Map::new();
    };
    let pair = |mut udf: Value| {
        let name = udf["name"].as_str()?.to_owned();
        let value = udf.get_mut("value")?.take();
        shown.shows_udf(&name).then_some((name, value))
    };
    let udfs = listed.into_iter().filter_map(pair).collect();
    labeled(udfs, |name, value| labels.of_udf(name, value))
}
