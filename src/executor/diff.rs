//! Differences between a record and a change: before a write, and after it for fields that Autotask sometimes ignores.

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::{Executor, RecordFields};
use crate::catalog::{Entity, UDFS, instant};
use crate::plan::Write;
use crate::plan::address::Address;
use crate::validate::rules;
use crate::value::datetime::DateOrInstant;
use crate::value::record::Record;

/// The current values next to the new ones, where they differ; empty if none does.
pub(super) fn differences(record: &Record, present: &RecordFields) -> Map<String, Value> {
    let mut found = Map::new();
    for (name, to) in record.iter() {
        let from = present.get(name).unwrap_or(&Value::Null);
        if name == UDFS {
            let udfs = udfs(from, to);
            found.extend((!udfs.is_empty()).then(|| (name.clone(), udfs.into())));
        } else if !equivalent(from, to) {
            found.insert(name.clone(), json!({ "from": from, "to": to }));
        }
    }
    found
}

/// The same, with calendar days as days.
pub(super) fn with_plain_days(entity: Entity, changes: Map<String, Value>) -> Map<String, Value> {
    map_changes(changes, |name, value| instant::plain_day(entity, name, value))
}

/// The same as a response shows it: calendar days as days, instants in the time zone.
pub(super) fn localized(
    entity: Entity,
    changes: Map<String, Value>,
    zone: Option<&TimeZone>,
) -> Map<String, Value> {
    map_changes(changes, |name, value| instant::localize(entity, name, value, zone))
}

fn map_changes(
    mut changes: Map<String, Value>,
    map: impl Fn(&str, &mut Value),
) -> Map<String, Value> {
    for (name, change) in &mut changes {
        if name == UDFS {
            let udfs = change.as_object_mut().into_iter().flatten();
            udfs.for_each(|(_, change)| map_sides(change, instant::udf_day));
        } else {
            map_sides(change, |value| map(name, value));
        }
    }
    changes
}

/// Whether a record holds what was written to it. Autotask returns the start and end of a time entry moved by a part
/// of a second, and some texts as null.
pub(super) fn holds(written: &Record, stored: &RecordFields) -> bool {
    differences(written, stored).iter().all(|(name, change)| {
        let is_hidden = change["from"].is_null() && ENTRY_NOTES.contains(&name.as_str());
        is_hidden || is_rounded(&change["from"], &change["to"])
    })
}

const ENTRY_NOTES: [&str; 2] = ["summaryNotes", "internalNotes"];

fn is_rounded(stored: &Value, written: &Value) -> bool {
    let at = |value: &Value| DateOrInstant::read(value.as_str()?).map(DateOrInstant::to_timestamp);
    let apart = at(stored).zip(at(written)).map(|(a, b)| a.duration_since(b).abs());
    apart.is_some_and(|apart| apart < SignedDuration::from_secs(1))
}

fn map_sides(change: &mut Value, map: impl Fn(&mut Value)) {
    for side in ["from", "to"] {
        change.get_mut(side).map(&map);
    }
}

/// UDFs side by side, by name.
fn udfs(from: &Value, to: &Value) -> Map<String, Value> {
    let listed = |udfs: &Value| udfs.as_array().cloned().unwrap_or_default();
    let present = listed(from);
    let changed = |udf: Value| {
        let name = udf["name"].as_str()?.to_owned();
        let is = |was: &&Value| was["name"].as_str() == Some(&name);
        let was = present.iter().find(is);
        let was = was.map_or(Value::Null, |was| was["value"].clone());
        let differs = !equivalent(&was, &udf["value"]);
        differs.then(|| (name, json!({ "from": was, "to": udf["value"] })))
    };
    listed(to).into_iter().filter_map(changed).collect()
}

/// Whether two values mean the same to Autotask: numbers and instants have several spellings, and an empty text is none.
pub(super) fn equivalent(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::String(a), Value::String(b)) => {
            a == b || canonical_instant(a).is_some_and(|a| Some(a) == canonical_instant(b))
        }
        (Value::Null, Value::String(text)) | (Value::String(text), Value::Null) => text.is_empty(),
        _ => a == b,
    }
}

fn canonical_instant(text: &str) -> Option<String> {
    DateOrInstant::read(text).map(DateOrInstant::to_wire)
}

impl Executor {
    /// Reads a record back if a field was written that Autotask sometimes ignores.
    pub(super) async fn read_back<'w>(
        &self,
        write: &'w Write,
        at: Address,
        id: i64,
    ) -> ReadBack<'w> {
        let unreliable: Vec<_> =
            rules::silently_ignored_fields(write.entity, &write.change).collect();
        if unreliable.is_empty() {
            return ReadBack::default();
        }
        match self.fetch_record(at, id).await {
            Ok(stored) => ReadBack::compare(unreliable, &stored),
            Err(_) => {
                ReadBack { ignored: Vec::new(), warnings: vec![unverified_warning(&unreliable)] }
            }
        }
    }
}

/// What reading a record back after a write showed.
#[derive(Default)]
pub(super) struct ReadBack<'w> {
    /// The fields that have another value than the one written.
    pub ignored: Vec<&'w str>,
    pub warnings: Vec<String>,
}

impl<'w> ReadBack<'w> {
    fn compare(mut unreliable: Vec<(&'w str, &'w Value)>, stored: &RecordFields) -> Self {
        unreliable.retain(|(field, requested)| {
            let actual = stored.get(*field).unwrap_or(&Value::Null);
            !equivalent(actual, requested) && !is_rounded(actual, requested)
        });
        let warnings = ignored_warnings(&unreliable, stored);
        Self { ignored: unreliable.into_iter().map(|(field, _)| field).collect(), warnings }
    }
}

fn ignored_warnings(ignored: &[(&str, &Value)], stored: &RecordFields) -> Vec<String> {
    let warning = |(field, requested): &(&str, &Value)| {
        let actual = stored.get(*field).unwrap_or(&Value::Null);
        let why = match *field {
            "hoursWorked" => "; hours follow startDateTime and endDateTime",
            _ => "",
        };
        format!("Autotask reported success, but {field} is {actual} instead of {requested}{why}.")
    };
    ignored.iter().map(warning).collect()
}

fn unverified_warning(unreliable: &[(&str, &Value)]) -> String {
    let names: Vec<_> = unreliable.iter().map(|(field, _)| *field).collect();
    format!(
        "Autotask sometimes ignores {}; the record could not be read back to verify.",
        names.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_the_same() {
        for (a, b, expected) in [
            (json!(1), json!(1.0), true),
            (json!(1), json!(2), false),
            (json!(1), json!("1"), false),
            (json!("a"), json!("a"), true),
            (json!("a"), json!("A"), false),
            (json!("2026-07-01"), json!("2026-07-01T00:00:00Z"), true),
            (json!("2026-07-01T15:00:00Z"), json!("2026-07-01T15:00:00.000Z"), true),
            (json!("2026-07-01T15:00:00Z"), json!("2026-07-01T16:00:00Z"), false),
            (Value::Null, json!(""), true),
            (Value::Null, json!(" "), false),
            (Value::Null, Value::Null, true),
        ] {
            assert_eq!(equivalent(&a, &b), expected, "{a} {b}");
        }
    }

    #[test]
    fn a_part_of_a_second_is_held() {
        for (stored, held) in [
            (json!({ "startDateTime": "2026-07-01T15:00:00.997Z" }), true),
            (json!({ "startDateTime": "2026-07-01T15:00:00.003Z", "summaryNotes": null }), true),
            (json!({ "startDateTime": "2026-07-01T15:00:02.000Z" }), false),
            (json!({ "startDateTime": null }), false),
            (json!({ "startDateTime": "2026-07-01T15:00:01Z", "summaryNotes": "y" }), false),
        ] {
            let written = json!({ "startDateTime": "2026-07-01T15:00:01Z", "summaryNotes": "x" });
            let (Value::Object(written), Value::Object(stored)) = (written, stored.clone()) else {
                panic!("objects");
            };
            assert_eq!(holds(&written.into(), &stored), held, "{stored:?}");
        }
    }

    #[test]
    fn only_what_differs_is_reported() {
        let present = json!({ "a": 1, "b": "x", "userDefinedFields": [{ "name": "U", "value": "1" }, { "name": "V", "value": "2" }] });
        let to = json!({ "a": 1, "b": null, "c": 3, "userDefinedFields": [{ "name": "U", "value": "1" }, { "name": "V", "value": "3" }] });
        let (Value::Object(present), Value::Object(to)) = (present, to) else {
            panic!("objects");
        };
        let found = Value::Object(differences(&to.into(), &present));
        let expected = json!({
            "b": { "from": "x", "to": null },
            "c": { "from": null, "to": 3 },
            "userDefinedFields": { "V": { "from": "2", "to": "3" } },
        });
        assert_eq!(found, expected);
    }
}
