//! Rows from counts: the groups of several calls merged by what they are grouped by, and totals counted back in time.

use serde_json::Value;

use super::period::Every;
use super::{ColumnValue, Material, Section};

/// One row for each group of any call, and at least for these labels.
pub(super) fn merged(section: &Section, material: &Material<'_>, labels: &[String]) -> Vec<Value> {
    let own = section.columns.iter().take_while(|(_, value)| matches!(value, ColumnValue::Own));
    let own: Vec<_> = own.map(|(key, _)| *key).collect();
    let listed = labels.iter().map(|label| (vec![Value::from(label.as_str())], None));
    let counted = section.columns.iter().flat_map(|(key, value)| {
        let call = if let ColumnValue::Member(call, _) = value { *call } else { "" };
        let keys = own.len();
        let groups = material.list(call, "groups").into_iter();
        groups.map(move |group| (identity(group, keys), Some((*key, value, group))))
    });
    let uncounted = |(key, value): &(&str, ColumnValue)| {
        let number = matches!(value, ColumnValue::Member(..)).then_some(0);
        ((*key).to_owned(), Value::from(number))
    };
    let mut rows: Vec<(Vec<Value>, Value)> = Vec::new();
    for (identity, found) in listed.chain(counted) {
        let at = rows.iter().position(|(known, _)| *known == identity).unwrap_or_else(|| {
            let mut row: Value = section.columns.iter().map(uncounted).collect();
            own.iter().zip(&identity).for_each(|(key, value)| row[*key] = value.clone());
            rows.push((identity, row));
            rows.len() - 1
        });
        if let (Some((_, row)), Some((key, ColumnValue::Member(_, member), group))) =
            (rows.get_mut(at), found)
        {
            row[key] = group[*member].clone();
        }
    }
    rows.into_iter().map(|(_, row)| row).collect()
}

/// The values of a group's keys, which come first, each perhaps with its label.
fn identity(group: &Value, keys: usize) -> Vec<Value> {
    let fields = group.as_object().into_iter().flatten();
    let own = fields.filter(|(name, _)| !name.ends_with("_label")).take(keys);
    own.map(|(name, value)| group.get(format!("{name}_label")).unwrap_or(value).clone()).collect()
}

/// A row for each day or week, with what was open at its end.
pub(super) fn by_time(section: &Section, material: &Material<'_>, every: Every) -> Vec<Value> {
    let labels = material.dates.each(every);
    let time = section.columns.first().map_or("", |(key, _)| *key);
    let mut rows = merged(section, material, &labels);
    rows.sort_by(|a, b| a[time].as_str().cmp(&b[time].as_str()));
    for (key, value) in section.columns {
        let ColumnValue::Balance(call, member, [added, removed]) = value else { continue };
        let mut balance = material.total(call, member).as_i64().unwrap_or_default();
        for row in rows.iter_mut().rev() {
            let change = |key: &str| row[key].as_i64().unwrap_or_default();
            let before = balance - change(added) + change(removed);
            row[*key] = balance.into();
            balance = before;
        }
    }
    // Later groups were needed to count back from today.
    rows.retain(|row| labels.iter().any(|label| row[time] == label.as_str()));
    rows
}
