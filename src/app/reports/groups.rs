//! Rows from counts: the groups of several calls merged by what they are grouped by, and totals counted back in time.

use serde_json::Value;

use super::period::Every;
use super::rows::{Row, cell};
use super::{Column, ColumnValue, Material, Response, Section};

/// The values that a group is of.
type Identity = Vec<Value>;

/// One row for each group of any call, and at least for these labels.
pub(super) fn merged(section: &Section, material: &Material<'_>, labels: &[String]) -> Vec<Row> {
    let mut rows: Vec<(Identity, Row)> = Vec::new();
    let listed = labels.iter().map(|label| (vec![label.as_str().into()], None));
    for (identity, value) in listed.chain(values(section, material)) {
        let at = rows.iter().position(|(known, _)| *known == identity);
        let at = at.unwrap_or_else(|| {
            let row = empty_row(section, &identity);
            rows.push((identity, row));
            rows.len() - 1
        });
        if let (Some((_, row)), Some((key, value))) = (rows.get_mut(at), value) {
            row.insert(key.to_owned(), value);
        }
    }
    rows.into_iter().map(|(_, row)| row).collect()
}

/// Each group of each call: what it is of, and its value for a column.
fn values<'a>(
    section: &'a Section,
    material: &'a Material<'_>,
) -> impl Iterator<Item = (Identity, Option<(&'static str, Value)>)> + 'a {
    let keys = own_keys(section).count();
    section.columns.iter().flat_map(move |column| {
        let (call, member) = match column.value {
            ColumnValue::Member(call, member) => (call, member),
            _ => ("", ""),
        };
        let groups = material.response(call).map_or(&[][..], Response::groups);
        let value = move |group: &Value| Some((column.key, group[member].clone()));
        groups.iter().map(move |group| (identity(group, keys), value(group)))
    })
}

/// The columns that rows are grouped by, which are the first.
fn own_keys(section: &Section) -> impl Iterator<Item = &'static str> {
    let is_own = |column: &&Column| matches!(column.value, ColumnValue::Own);
    section.columns.iter().take_while(is_own).map(|column| column.key)
}

/// The values of a group's keys, which come first, each perhaps with its label.
fn identity(group: &Value, keys: usize) -> Identity {
    let fields = group.as_object().into_iter().flatten();
    let own = fields.filter(|(name, _)| !name.ends_with("_label")).take(keys);
    own.map(|(name, value)| group.get(format!("{name}_label")).unwrap_or(value).clone()).collect()
}

/// A row of what no call counted: nothing, but an average of nothing is no number.
fn empty_row(section: &Section, identity: &[Value]) -> Row {
    let value = |column: &Column| {
        let value = match column.value {
            ColumnValue::Member(_, member) if !member.starts_with("avg_") => 0.into(),
            _ => Value::Null,
        };
        (column.key.to_owned(), value)
    };
    let own = own_keys(section).map(str::to_owned).zip(identity.iter().cloned());
    section.columns.iter().map(value).chain(own).collect()
}

/// A row for each day or week, with what was open at its end.
pub(super) fn by_time(section: &Section, material: &Material<'_>, every: Every) -> Vec<Row> {
    let labels = material.dates.each(every);
    let time = own_keys(section).next().unwrap_or_default();
    let mut rows = merged(section, material, &labels);
    rows.sort_by(|a, b| cell(a, time).as_str().cmp(&cell(b, time).as_str()));
    for column in section.columns {
        if let ColumnValue::Balance { call, member, plus, minus } = column.value {
            let mut balance = material.total(call, member).as_i64().unwrap_or_default();
            for row in rows.iter_mut().rev() {
                let change = |key: &str| cell(row, key).as_i64().unwrap_or_default();
                let before = balance - change(plus) + change(minus);
                row.insert(column.key.to_owned(), balance.into());
                balance = before;
            }
        }
    }
    // Later groups were needed to count back from today.
    rows.retain(|row| labels.iter().any(|label| cell(row, time) == label.as_str()));
    rows
}
