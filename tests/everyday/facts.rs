//! Expected values computed from raw records (counts, sums, averages, groups, ids), without the program's filters.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use serde_json::{Value, json};

use crate::server::Server;

type Records = Arc<Vec<Value>>;

/// The problem reported for an expectation about no record.
pub const NONE: &str = "the sandbox has no such records";

/// The records of the unchanged tenant, read once per entity without a filter.
#[derive(Default)]
pub struct Facts(Mutex<BTreeMap<String, Records>>);

/// `count`, `sum FIELD`, `avg FIELD` or `avg FROM..TO` (hours), each perhaps `by KEY`, `of ENTITY where …`.
struct Reduction<'a> {
    kind: &'a str,
    field: &'a str,
    key: &'a str,
    records: Vec<Value>,
}

impl Facts {
    /// A number such as `sum hoursWorked of TimeEntries where resourceID = 3006`; `None` for any other text.
    /// An error if no record matches, because the expectation would then prove nothing.
    pub fn number(&self, text: &str) -> Option<Result<Value, String>> {
        let reduction = self.reduction(text)?;
        let value = reduction.value(&reduction.records);
        Some(if value.is_normal() { Ok(json!(value)) } else { Err(NONE.to_owned()) })
    }

    /// Groups such as `count by status of Tickets where …`, as pairs of key and number.
    pub fn groups(&self, text: &str) -> Vec<(Value, f64)> {
        let reduction = self.reduction(text).unwrap_or_else(|| panic!("no facts: {text}"));
        let mut groups: BTreeMap<String, (Value, Vec<Value>)> = BTreeMap::new();
        for record in &reduction.records {
            let key = self.key(record, reduction.key);
            groups.entry(key.to_string()).or_insert((key, Vec::new())).1.push(record.clone());
        }
        groups.into_values().map(|(key, records)| (key, reduction.value(&records))).collect()
    }

    /// The ids of `[newest N] ENTITY where …`, by id or newest first.
    pub fn ids(&self, text: &str) -> Vec<Value> {
        let (newest, text) =
            match text.strip_prefix("newest ").and_then(|rest| rest.split_once(' ')) {
                Some((number, rest)) => (number.parse::<usize>().ok(), rest),
                None => (None, text),
            };
        let mut ids: Vec<Value> =
            self.matching(text).iter().map(|record| record["id"].clone()).collect();
        if let Some(newest) = newest {
            ids.reverse();
            ids.truncate(newest);
        }
        ids
    }

    fn reduction<'a>(&self, text: &'a str) -> Option<Reduction<'a>> {
        let (head, rest) = text.split_once(" of ")?;
        let (head, key) = head.split_once(" by ").unwrap_or((head, ""));
        let (kind, field) = head.split_once(' ').unwrap_or((head, ""));
        ["count", "sum", "avg"].contains(&kind).then(|| Reduction {
            kind,
            field,
            key,
            records: self.matching(rest),
        })
    }

    /// The records of `ENTITY where CONDITION and CONDITION …`, by id.
    fn matching(&self, text: &str) -> Vec<Value> {
        let (entity, conditions) = text.split_once(" where ").unwrap_or((text, ""));
        let conditions: Vec<&str> =
            conditions.split(" and ").filter(|condition| !condition.is_empty()).collect();
        let records = self.all(entity);
        let matching = records
            .iter()
            .filter(|record| conditions.iter().all(|condition| self.holds(record, condition)));
        matching.cloned().collect()
    }

    /// One condition: `FIELD = VALUE` (also `!= < <= > >=`), `FIELD in 1,2`, `notin`, `has TEXT`, `empty`, `filled`.
    /// `FIELD|FIELD` is true if it is for either field.
    fn holds(&self, record: &Value, condition: &str) -> bool {
        let mut words = condition.trim().splitn(3, ' ');
        let (field, op, operand) = (
            words.next().unwrap_or_default(),
            words.next().unwrap_or_default(),
            words.next().unwrap_or_default(),
        );
        if let Some((field, rest)) = field.split_once('|') {
            let either =
                [field, rest].map(|field| self.holds(record, &format!("{field} {op} {operand}")));
            return either.contains(&true);
        }
        let value = self.field(record, field);
        let order = || order(&value, operand);
        let is_listed = || {
            operand
                .split(',')
                .any(|one| self::order(&value, one).is_some_and(std::cmp::Ordering::is_eq))
        };
        match op {
            "=" => order().is_some_and(std::cmp::Ordering::is_eq),
            "!=" => order().is_some_and(std::cmp::Ordering::is_ne),
            "<" => order().is_some_and(std::cmp::Ordering::is_lt),
            "<=" => order().is_some_and(std::cmp::Ordering::is_le),
            ">" => order().is_some_and(std::cmp::Ordering::is_gt),
            ">=" => order().is_some_and(std::cmp::Ordering::is_ge),
            "in" => is_listed(),
            "notin" => !value.is_null() && !is_listed(),
            "has" => text_of(&value).to_lowercase().contains(&operand.to_lowercase()),
            "empty" => value.is_null(),
            "filled" => !value.is_null(),
            _ => panic!("no condition: {condition}"),
        }
    }

    /// A field, or with a dot a field of the record that it refers to.
    fn field(&self, record: &Value, path: &str) -> Value {
        let Some((reference, rest)) = path.split_once('.') else {
            return record[path].clone();
        };
        let target = self.all(referenced(reference));
        let found = target
            .iter()
            .find(|candidate| !record[reference].is_null() && candidate["id"] == record[reference]);
        found.map_or(Value::Null, |found| self.field(found, rest))
    }

    /// The key of a record's group: a field, or a bucket of a date field such as `createDate:month`.
    /// Days are in UTC, or with `@-4` at that offset in hours.
    fn key(&self, record: &Value, path: &str) -> Value {
        let (path, bucket) = path.split_once(':').unwrap_or((path, ""));
        let (bucket, offset) = bucket.split_once('@').unwrap_or((bucket, "0"));
        let value = self.field(record, path);
        let day = value.as_str().and_then(|text| day_of(text, offset.parse().ok()?));
        match (bucket, day) {
            ("", _) | (_, None) => value,
            ("day", Some(day)) => json!(day.to_string()),
            ("week", Some(day)) => {
                json!(format!("{}-W{:02}", day.iso_week_date().year(), day.iso_week_date().week()))
            }
            ("month", Some(day)) => json!(format!("{}-{:02}", day.year(), day.month())),
            ("quarter", Some(day)) => json!(format!("{}-Q{}", day.year(), (day.month() + 2) / 3)),
            ("year", Some(day)) => json!(day.year().to_string()),
            _ => panic!("no bucket: {bucket}"),
        }
    }

    fn all(&self, entity: &str) -> Records {
        let mut known = self.0.lock().expect("the dumps");
        known.entry(entity.to_owned()).or_insert_with(|| Arc::new(dump(entity))).clone()
    }
}

impl Reduction<'_> {
    fn value(&self, records: &[Value]) -> f64 {
        let values: Vec<f64> = records.iter().filter_map(|record| self.amount(record)).collect();
        let sum: f64 = values.iter().sum();
        #[expect(clippy::cast_precision_loss, reason = "a few hundred records")]
        match self.kind {
            "count" => records.len() as f64,
            "sum" => sum,
            _ => sum / values.len() as f64,
        }
    }

    fn amount(&self, record: &Value) -> Option<f64> {
        match self.field.split_once("..") {
            None => record[self.field].as_f64(),
            Some((from, to)) => {
                let from: Timestamp = record[from].as_str()?.parse().ok()?;
                let to: Timestamp = record[to].as_str()?.parse().ok()?;
                Some(to.duration_since(from).as_secs_f64() / 3600.0)
            }
        }
    }
}

/// Every record of an entity, by following the cursor; no condition, no labels, UTC.
fn dump(entity: &str) -> Vec<Value> {
    let mut server = Server::start(
        [(&"AUTOTASK_MAX_ANSWER_CHARS".to_owned(), &"1000000".to_owned())].into_iter(),
    );
    let mut records = Vec::new();
    let mut cursor = String::new();
    loop {
        let query =
            json!({ "filter": [{ "op": "gte", "field": "id", "value": 0 }], "MaxRecords": 500 });
        let mut arguments = json!({ "entity": entity, "query": query, "fields": "*" });
        if !cursor.is_empty() {
            arguments["cursor"] = json!(cursor);
        }
        let page = server.call(&format!("query-entity {arguments}"));
        records.extend(
            page.json["items"]
                .as_array()
                .unwrap_or_else(|| panic!("{}", page.text))
                .iter()
                .cloned(),
        );
        match page.json["cursor"].as_str() {
            Some(next) if page.json["hasMore"] == true => next.clone_into(&mut cursor),
            _ => return records,
        }
    }
}

/// The day of an instant at an offset in hours.
fn day_of(instant: &str, hours: i8) -> Option<Date> {
    if let Ok(day) = instant.parse::<Date>()
        && instant.len() == 10
    {
        return Some(day);
    }
    let instant: Timestamp = instant.parse().ok()?;
    Some(Offset::from_hours(hours).ok()?.to_datetime(instant).date())
}

/// The entity that a field refers to.
fn referenced(field: &str) -> &'static str {
    match field {
        "companyID" => "Companies",
        "contractID" => "Contracts",
        "projectID" => "Projects",
        "taskID" => "Tasks",
        "ticketID" => "Tickets",
        "contactID" => "Contacts",
        "opportunityID" => "Opportunities",
        _ if field.to_lowercase().ends_with("resourceid") => "Resources",
        _ => panic!("no reference: {field}"),
    }
}

/// Numbers by value, instants and other text by their characters, which order instants in UTC.
fn order(value: &Value, operand: &str) -> Option<std::cmp::Ordering> {
    match (value.as_f64(), operand.parse::<f64>()) {
        (Some(number), Ok(operand)) => number.partial_cmp(&operand),
        _ if value.is_null() => None,
        _ => Some(text_of(value).as_str().cmp(operand)),
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), |text| text.replace("+00:00", "Z"))
}
