//! A record as an answer shows it: the fields asked for, no nulls, UDFs by name, clean texts.

use serde_json::{Map, Value};

use super::clean;
use crate::perform::Fields;
use crate::plan::Shown;

/// An artifact of the SOAP API in child records, which says nothing.
const ARTIFACT: &str = "soapParentPropertyId";

/// Shapes one record.
pub fn record(mut record: Fields, shown: &Shown) -> Fields {
    let udfs = record.shift_remove("userDefinedFields");
    record.shift_remove(ARTIFACT);
    let mut shaped: Fields = match shown {
        Shown::All => record,
        Shown::Only(names) => names
            .iter()
            .filter_map(|name| record.shift_remove_entry(name))
            .collect(),
    };
    shaped.retain(|_, value| !value.is_null());
    let udfs = udfs
        .filter(|_| shows_udfs(shown))
        .map(by_name)
        .filter(|udfs| !udfs.is_empty());
    shaped.extend(udfs.map(|udfs| ("userDefinedFields".to_owned(), Value::Object(udfs))));
    shaped.values_mut().for_each(clean::value);
    shaped
}

fn shows_udfs(shown: &Shown) -> bool {
    match shown {
        Shown::All => true,
        Shown::Only(names) => names.iter().any(|name| name == "userDefinedFields"),
    }
}

fn by_name(udfs: Value) -> Map<String, Value> {
    let Value::Array(listed) = udfs else {
        return Map::new();
    };
    let pair = |mut udf: Value| {
        let name = udf["name"].as_str()?.to_owned();
        let value = udf.get_mut("value")?.take();
        (!value.is_null()).then_some((name, value))
    };
    listed.into_iter().filter_map(pair).collect()
}
