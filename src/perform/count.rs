//! How many records match, all together or in groups.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::settle::Notes;
use super::{Fields, Performer};
use crate::address::Route;
use crate::error::{Code, Error};
use crate::filter::{Clause, json_of, matches};
use crate::plan::Count;
use crate::request::Request;
use crate::schema::Field;

/// Grouping reads every record; beyond this many it would eat the tenant's hourly budget.
const MOST_GROUPED: u64 = 20_000;
const PAGE: usize = 500;
/// Groups beyond this many are no summary.
const MOST_GROUPS: usize = 200;

/// What is known of one group.
#[derive(Default)]
struct Tally {
    values: Vec<Value>,
    count: u64,
    sums: Vec<f64>,
}

impl Performer {
    /// `{"queryCount":n}`, with groups and sums when they were asked for.
    pub(super) async fn count(&self, count: &Count) -> Result<Value, Error> {
        let mut notes = Notes::default();
        let mut answer = match count.at.search()? {
            Route::List(path) => {
                let mut records = self.walk(Request::get(path)).await?;
                records.retain(|record| matches(record, &count.clauses));
                let answer = json!({ "queryCount": records.len() });
                grouped(count, answer, &records)
            }
            Route::Query(path, extra) => {
                let settled = self
                    .settled(count.at.entity, &count.clauses, &mut notes)
                    .await?;
                let clauses = [settled, extra].concat();
                let total = self.total(&path, &clauses).await?;
                let answer = json!({ "queryCount": total });
                if is_plain(count) {
                    answer
                } else {
                    let records = self.every(count, &path, &clauses, total).await?;
                    grouped(count, answer, &records)
                }
            }
        };
        let warnings = [count.warnings.clone(), notes.warnings].concat();
        if !warnings.is_empty() {
            answer["warnings"] = json!(warnings);
        }
        if let Some(resolved) = notes.resolved.json() {
            answer["resolved"] = resolved;
        }
        Ok(answer)
    }

    async fn total(&self, path: &str, clauses: &[Clause]) -> Result<u64, Error> {
        let request = Request::post(
            format!("{path}/query/count"),
            json!({ "filter": json_of(clauses) }),
        );
        let counted = self.read(&request).await?;
        counted["queryCount"].as_u64().ok_or_else(|| {
            Error::new(
                Code::UpstreamUnavailable,
                "Autotask answered without a count.",
            )
            .next("Try again in a moment.")
        })
    }

    /// Only the fields that are grouped or summed, of every record.
    async fn every(
        &self,
        count: &Count,
        path: &str,
        clauses: &[Clause],
        total: u64,
    ) -> Result<Vec<Fields>, Error> {
        if total > MOST_GROUPED {
            let message = format!("{total} records match; grouping reads at most {MOST_GROUPED}.");
            return Err(Error::new(Code::BadFilter, message)
                .next("Narrow the filter, for example to one month."));
        }
        let (mut records, mut after) = (Vec::new(), None);
        loop {
            let request = page(count, path, clauses, after)?;
            let items = self.page(&request).await?.items;
            let read = items.len();
            after = items
                .last()
                .and_then(|record| record.get("id"))
                .and_then(Value::as_i64);
            records.extend(items);
            if read < PAGE || after.is_none() || records.len() as u64 > MOST_GROUPED {
                return Ok(records);
            }
        }
    }
}

fn is_plain(count: &Count) -> bool {
    count.group_by.is_empty() && count.sum.is_empty()
}

fn page(
    count: &Count,
    path: &str,
    clauses: &[Clause],
    after: Option<i64>,
) -> Result<Request, Error> {
    let begin = after
        .map(|id| Clause::after(count.at.entity, id))
        .transpose()?;
    let clauses: Vec<_> = clauses.iter().chain(&begin).cloned().collect();
    let mut names = vec!["id"];
    names.extend(
        count
            .group_by
            .iter()
            .chain(&count.sum)
            .map(|field| field.name),
    );
    names.dedup();
    let body = json!({ "filter": json_of(&clauses), "MaxRecords": PAGE, "IncludeFields": names });
    Ok(Request::post(format!("{path}/query"), body))
}

fn grouped(count: &Count, mut answer: Value, records: &[Fields]) -> Value {
    if is_plain(count) {
        return answer;
    }
    let mut groups: BTreeMap<String, Tally> = BTreeMap::new();
    for record in records {
        let values: Vec<_> = count
            .group_by
            .iter()
            .map(|field| value(record, field))
            .collect();
        let tally = groups.entry(json!(values).to_string()).or_default();
        tally.add(values, &count.sum, record);
    }
    let mut tallies: Vec<_> = groups.into_values().collect();
    tallies.sort_by_key(|tally| std::cmp::Reverse(tally.count));
    if tallies.len() > MOST_GROUPS {
        answer["cut"] = format!("the largest {MOST_GROUPS} of {} groups", tallies.len()).into();
        tallies.truncate(MOST_GROUPS);
    }
    answer["groups"] = tallies.iter().map(|tally| tally.json(count)).collect();
    answer["read"] = records.len().into();
    answer
}

fn value(record: &Fields, field: &Field) -> Value {
    record.get(field.name).cloned().unwrap_or_default()
}

impl Tally {
    fn add(&mut self, values: Vec<Value>, summed: &[&Field], record: &Fields) {
        self.values = values;
        self.count += 1;
        self.sums.resize(summed.len(), 0.0);
        for (sum, field) in self.sums.iter_mut().zip(summed) {
            *sum += value(record, field).as_f64().unwrap_or_default();
        }
    }

    fn json(&self, count: &Count) -> Value {
        let mut group = Map::new();
        for (field, value) in count.group_by.iter().zip(&self.values) {
            group.insert(field.name.to_owned(), value.clone());
        }
        group.insert("count".to_owned(), self.count.into());
        for (field, sum) in count.sum.iter().zip(&self.sums) {
            group.insert(format!("sum_{}", field.name), rounded(*sum));
        }
        group.into()
    }
}

/// Sums of hours and money to four places; binary fractions leave dust behind.
fn rounded(sum: f64) -> Value {
    ((sum * 10_000.0).round() / 10_000.0).into()
}
