//! Groups of counted records, the largest first, in no more lines than a reader takes in.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::catalog::Field;
use crate::executor::RecordFields;
use crate::plan::{Count, GroupKey, Measure};
use crate::resolver::Labels;

/// Groups beyond this many are no summary.
const MAX_LISTED_GROUPS: usize = 200;

/// What is counted, by the values it is grouped by.
pub(super) struct Groups<'a> {
    count: &'a Count,
    tallies: BTreeMap<String, Tally>,
}

/// What is known of one group.
#[derive(Default)]
struct Tally {
    values: Vec<Value>,
    count: u64,
    sums: Vec<f64>,
}

impl<'a> Groups<'a> {
    /// Nothing counted yet.
    pub(super) fn new(count: &'a Count) -> Self {
        Self { count, tallies: BTreeMap::new() }
    }

    /// Counts a record.
    pub(super) fn add(&mut self, record: &RecordFields) {
        let fields = self.count.group_by.iter();
        let values: Vec<_> = fields.map(|key| value(record, key.field)).collect();
        let sum = &self.count.sum;
        let tally = self.tally(values);
        tally.count += 1;
        tally.sums.resize(sum.len(), 0.0);
        for (total, measure) in tally.sums.iter_mut().zip(sum) {
            if let Measure::Field(field) = measure {
                *total += value(record, field).as_f64().unwrap_or_default();
            }
        }
    }

    /// Notes a group that Autotask counted itself.
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

    /// The values of all groups, as records of the grouped fields.
    pub(super) fn values(&self) -> Vec<RecordFields> {
        let record = |tally: &Tally| {
            let names = self.count.group_by.iter().map(GroupKey::name);
            names.zip(tally.values.iter().cloned()).collect()
        };
        self.tallies.values().map(record).collect()
    }

    /// Tells the groups.
    pub(super) fn write_json(self, answer: &mut Value, labels: &Labels) {
        let count = self.count;
        let mut tallies: Vec<_> = self.tallies.into_values().collect();
        tallies.sort_by_key(|tally| std::cmp::Reverse(tally.count));
        if tallies.len() > MAX_LISTED_GROUPS {
            answer["cut"] =
                format!("the largest {MAX_LISTED_GROUPS} of {} groups", tallies.len()).into();
            tallies.truncate(MAX_LISTED_GROUPS);
        }
        let told = tallies.iter().map(|tally| tally.json(count, labels));
        answer["groups"] = told.collect();
    }
}

impl Tally {
    fn json(&self, count: &Count, labels: &Labels) -> Value {
        let mut group = Map::new();
        for (key, value) in count.group_by.iter().zip(&self.values) {
            let label = labels.of(key.field.name, value);
            group.insert(key.name(), value.clone());
            group.extend(label.map(|label| (format!("{}_label", key.name()), label.into())));
        }
        group.insert("count".to_owned(), self.count.into());
        for (measure, sum) in count.sum.iter().zip(&self.sums) {
            group.insert(format!("sum_{}", measure.name()), rounded(*sum));
        }
        group.into()
    }
}

fn value(record: &RecordFields, field: &Field) -> Value {
    record.get(field.name).cloned().unwrap_or_default()
}

/// Sums of hours and money to four places; binary fractions leave dust behind.
fn rounded(sum: f64) -> Value {
    ((sum * 10_000.0).round() / 10_000.0).into()
}
