//! Groups of counted records with their sums and averages.

use std::collections::{BTreeMap, HashMap};

use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::buckets::{bucket, hours_between};
use crate::executor::RecordFields;
use crate::plan::{Count, GroupKey, Measure};
use crate::resolver::Labels;

/// More groups would not be a summary.
const MAX_LISTED_GROUPS: usize = 200;

/// Values of referenced records, by the reference, the field and the record's id.
pub(super) type Referenced = HashMap<(&'static str, &'static str, i64), Value>;

/// What is counted, by the values it is grouped by.
pub(super) struct Groups<'a> {
    count: &'a Count,
    zone: TimeZone,
    tallies: BTreeMap<String, Tally>,
}

/// One group.
#[derive(Default)]
struct Tally {
    values: Vec<Value>,
    count: u64,
    sums: Vec<Total>,
    averages: Vec<Total>,
}

/// The values of a measure: their sum, and how many there are.
#[derive(Clone, Copy, Default)]
struct Total {
    sum: f64,
    values: u32,
}

impl<'a> Groups<'a> {
    /// No groups yet.
    pub(super) fn new(count: &'a Count, zone: TimeZone) -> Self {
        Self { count, zone, tallies: BTreeMap::new() }
    }

    /// Counts a record.
    pub(super) fn add(&mut self, record: &RecordFields, referenced: &Referenced) {
        let (count, zone) = (self.count, self.zone.clone());
        let value = |key: &GroupKey| group_value(key, record, (referenced, &zone));
        let values: Vec<_> = count.group_by.iter().map(value).collect();
        let tally = self.tally(values);
        tally.count += 1;
        add_measures(&mut tally.sums, &count.sum, record, &zone);
        add_measures(&mut tally.averages, &count.avg, record, &zone);
    }

    /// Sets the size of a group that Autotask counted itself.
    pub(super) fn set_count(&mut self, value: Value, count: u64) {
        if count > 0 {
            self.tally(vec![value]).count = count;
        }
    }

    fn tally(&mut self, values: Vec<Value>) -> &mut Tally {
        let tally = self.tallies.entry(json!(values).to_string()).or_default();
        tally.values = values;
        tally
    }

    /// The values of a key in all groups, as records of its field.
    pub(super) fn values(&self, key: &GroupKey) -> Vec<RecordFields> {
        let at = self.count.group_by.iter().position(|other| other == key);
        let value = |tally: &Tally| {
            let value = tally.values.get(at?)?.clone();
            Some([(key.field.name.to_owned(), value)].into_iter().collect())
        };
        self.tallies.values().filter_map(value).collect()
    }

    /// Writes the groups: by time if they are grouped by time first, else the largest first.
    pub(super) fn write_json(self, response: &mut Value, labels: &[Labels]) {
        let count = self.count;
        let mut tallies: Vec<_> = self.tallies.into_values().collect();
        tallies.sort_by_key(|tally| std::cmp::Reverse(tally.count));
        if tallies.len() > MAX_LISTED_GROUPS {
            response["truncated"] =
                format!("the largest {MAX_LISTED_GROUPS} of {} groups", tallies.len()).into();
            tallies.truncate(MAX_LISTED_GROUPS);
        }
        if count.group_by.first().is_some_and(|key| key.bucket.is_some()) {
            tallies.sort_by_cached_key(|tally| {
                tally.values.first().and_then(Value::as_str).map(str::to_owned)
            });
        }
        response["groups"] = tallies.iter().map(|tally| tally.json(count, labels)).collect();
    }
}

impl Tally {
    fn json(&self, count: &Count, labels: &[Labels]) -> Value {
        let mut group = Map::new();
        for ((key, value), labels) in count.group_by.iter().zip(&self.values).zip(labels) {
            let label = labels.of(key.field.name, value);
            group.insert(key.name(), value.clone());
            group.extend(label.map(|label| (format!("{}_label", key.name()), label.into())));
        }
        group.insert("count".to_owned(), self.count.into());
        for (measure, total) in count.sum.iter().zip(&self.sums) {
            group.insert(format!("sum_{}", measure.name()), rounded(total.sum));
        }
        for (measure, total) in count.avg.iter().zip(&self.averages) {
            let average = (total.values > 0).then(|| rounded(total.sum / f64::from(total.values)));
            group.insert(format!("avg_{}", measure.name()), average.into());
            if u64::from(total.values) < self.count {
                group.insert(format!("avg_n_{}", measure.name()), total.values.into());
            }
        }
        group.into()
    }
}

fn group_value(
    key: &GroupKey,
    record: &RecordFields,
    (referenced, zone): (&Referenced, &TimeZone),
) -> Value {
    let value = match key.reference {
        None => record.get(key.field.name).cloned(),
        Some(reference) => {
            let id = record.get(reference.name).and_then(Value::as_i64);
            id.and_then(|id| referenced.get(&(reference.name, key.field.name, id)).cloned())
        }
    };
    let value = value.unwrap_or_default();
    match key.bucket {
        Some(period) => bucket(&value, key.field, (period, zone)).into(),
        None => value,
    }
}

/// Adds the measures of a record; one without a value does not count in an average.
fn add_measures(
    totals: &mut Vec<Total>,
    measures: &[Measure],
    record: &RecordFields,
    zone: &TimeZone,
) {
    totals.resize(measures.len(), Total::default());
    for (total, measure) in totals.iter_mut().zip(measures) {
        let value = match measure {
            Measure::Field(field) => record.get(field.name).and_then(Value::as_f64),
            Measure::Duration { from, to } => hours_between(record, (from, to), zone),
        };
        if let Some(value) = value {
            total.sum += value;
            total.values += 1;
        }
    }
}

/// Hours and money to four decimals, without binary rounding errors.
fn rounded(sum: f64) -> Value {
    ((sum * 10_000.0).round() / 10_000.0).into()
}
