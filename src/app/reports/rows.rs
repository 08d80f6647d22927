//! The rows of a section: groups of counts merged, records, or records counted by a field.

use serde_json::Value;

use super::{ColumnValue, Match, Material, OutcomeDef, Rows, Section, groups};
use crate::value::datetime::DateOrInstant;

impl Material<'_> {
    /// A list in the response of a call.
    pub fn list(&self, call: &str, member: &str) -> Vec<&Value> {
        let list = self.responses.get(call).and_then(|response| response[member].as_array());
        list.into_iter().flatten().collect()
    }

    /// A member of a whole response, or the sum of its groups to four decimals; of a list the number of records.
    pub fn total(&self, call: &str, member: &str) -> Value {
        let Some(response) = self.responses.get(call) else { return Value::Null };
        match (&response[member], &response["groups"]) {
            (Value::Array(records), _) => records.len().into(),
            (Value::Null, Value::Array(groups)) => {
                let values = groups.iter().filter_map(|group| group[member].as_f64());
                let sum = values.fold(0.0, |sum, value| sum + value);
                ((sum * 10_000.0).round() / 10_000.0).into()
            }
            (value, _) => value.clone(),
        }
    }

    fn has_any(&self, record: &Value, matches: &[Match]) -> bool {
        let has = |(key, value): &Match| self.value(record, key).as_str() == Some(value);
        matches.is_empty() || matches.iter().any(has)
    }

    /// A field of a record, with its label instead of a code, or an outcome.
    fn value(&self, record: &Value, key: &str) -> Value {
        if let Some(outcome) = self.outcomes.iter().find(|(name, ..)| *name == key) {
            return self.outcome(record, *outcome).map_or(Value::Null, Value::from);
        }
        record.get(format!("{key}_label")).unwrap_or(&record[key]).clone()
    }

    /// Whether something was done when it was due; none without a due time.
    fn outcome(&self, record: &Value, (_, done, due): OutcomeDef) -> Option<&'static str> {
        let instant =
            |field: &str| Some(DateOrInstant::read(record.get(field)?.as_str()?)?.to_timestamp());
        let due = instant(due)?;
        Some(match done.iter().find_map(|field| instant(field)) {
            Some(done) if done <= due => "Met",
            Some(_) => "Missed",
            None if self.now > due => "Late",
            None => "Open",
        })
    }
}

/// A section as the page reads it.
pub(super) fn section(section: &Section, material: &Material<'_>) -> Value {
    let mut json: Value = serde_json::from_str(section.head).unwrap_or_default();
    let mut rows = rows(section, material);
    sort(&mut rows, section.sort);
    let mut notes: Vec<_> = json["note"].as_str().map(str::to_owned).into_iter().collect();
    for response in section.calls.iter().filter_map(|call| material.responses.get(*call)) {
        notes.extend(response["note"].as_str().map(str::to_owned));
        notes.extend(response["truncated"].as_str().map(|cut| format!("Only {cut}.")));
    }
    if rows.len() > section.limit {
        notes.push(format!("The first {} of {}.", section.limit, rows.len()));
        rows.truncate(section.limit);
    }
    if !notes.is_empty() {
        json["note"] = notes.join(" ").into();
    }
    match (section.rows, rows.first(), json["rows"].as_array_mut()) {
        (Rows::Totals, Some(row), Some(figures)) => {
            for (figure, (key, _)) in figures.iter_mut().zip(section.columns) {
                figure["value"] = row[*key].clone();
            }
        }
        _ => json["rows"] = rows.into(),
    }
    json
}

fn rows(section: &Section, material: &Material<'_>) -> Vec<Value> {
    let mut rows = match section.rows {
        Rows::Totals => vec![row(section, material, &[], &|_| Value::Null)],
        Rows::Groups => groups::merged(section, material, &[]),
        Rows::Every(every) => groups::by_time(section, material, every),
        Rows::Records(call, only) => {
            let mut records = material.list(call, "items");
            records.retain(|record| material.has_any(record, only));
            let of_record =
                |record: &&Value| row(section, material, &[], &|key| material.value(record, key));
            records.iter().map(of_record).collect()
        }
        Rows::Tally(call, field) => tally(section, material, (call, field)),
    };
    for row in &mut rows {
        derive(section, row);
    }
    rows
}

/// A row with these values of its own, perhaps of several records.
fn row(
    section: &Section,
    material: &Material<'_>,
    records: &[&Value],
    own: &dyn Fn(&str) -> Value,
) -> Value {
    let count = |records: &[&Value], matches: &[Match]| {
        records.iter().filter(|record| material.has_any(record, matches)).count().into()
    };
    let value = |(key, value): &(&str, ColumnValue)| {
        let value = match value {
            ColumnValue::Own => own(key),
            ColumnValue::Member(call, member) => material.total(call, member),
            ColumnValue::Matches("", matches) => count(records, matches),
            ColumnValue::Matches(call, matches) => count(&material.list(call, "items"), matches),
            _ => Value::Null,
        };
        ((*key).to_owned(), value)
    };
    section.columns.iter().map(value).collect()
}

/// One row for each value of a field, in the order of the records.
fn tally(section: &Section, material: &Material<'_>, (call, field): (&str, &str)) -> Vec<Value> {
    let mut groups: Vec<(Value, Vec<&Value>)> = Vec::new();
    for record in material.list(call, "items") {
        let value = material.value(record, field);
        match groups.iter_mut().find(|(known, _)| *known == value) {
            Some((_, records)) => records.push(record),
            None => groups.push((value, vec![record])),
        }
    }
    groups
        .iter()
        .map(|(value, records)| row(section, material, records, &|_| value.clone()))
        .collect()
}

/// Fills in what is made of other columns.
fn derive(section: &Section, row: &mut Value) {
    for (key, value) in section.columns {
        let number = |key: &&str| row[*key].as_f64().unwrap_or_default();
        let value = match value {
            ColumnValue::Share(part, other) => {
                let (part, all) = (number(part), number(part) + number(other));
                (all > 0.0).then(|| (part / all * 100.0).round()).into()
            }
            ColumnValue::Total(keys) => keys.iter().map(number).sum::<f64>().into(),
            _ => continue,
        };
        row[*key] = value;
    }
}

/// Sorts by a column: largest numbers first after a `-`, else texts and dates, of which empty ones come last.
fn sort(rows: &mut [Value], by: &str) {
    if let Some(key) = by.strip_prefix('-') {
        let number = |row: &Value| row[key].as_f64().unwrap_or_default();
        rows.sort_by(|a, b| number(b).total_cmp(&number(a)));
    } else if !by.is_empty() {
        rows.sort_by_cached_key(|row| (row[by].is_null(), row[by].to_string()));
    }
}
