//! How many records match, in total or in groups: counted by Autotask or here, whichever takes fewer requests.

mod buckets;
mod groups;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::try_join_all;
use serde_json::{Value, json};

use super::search::result_warning;
use super::{CallContext, Executor, RecordFields};
use crate::access::caller::ClientChannel;
use crate::catalog::Field;
use crate::catalog::tenant_fields::TenantField;
use crate::client::page::MAX_PAGE_SIZE;
use crate::error::{Code, Error};
use crate::filter::{Condition, FilterField, Op, json_of, matches};
use crate::plan::address::Route;
use crate::plan::request::Request;
use crate::plan::{Count, GroupKey, LabelMode, Measure, Projection};
use crate::resolver::resolved::MAX_LISTED_RESOLUTIONS;
use crate::resolver::{FieldList, ResolutionNotes};
use groups::{Groups, Referenced};

/// Grouping reads every record; more would use up the tenant's hourly requests.
const MAX_GROUPED_RECORDS: u64 = 20_000;

impl Executor {
    /// `{"queryCount":n}`, with groups, sums and averages if they are requested.
    pub(super) async fn count(&self, call: CallContext<'_>, count: &Count) -> Result<Value, Error> {
        let mut notes = ResolutionNotes::new(call.me());
        notes.warnings.extend(count.warnings.iter().cloned());
        let mut response = match count.address.search()? {
            Route::List(path) => self.count_list(count, path, &mut notes).await?,
            Route::Query(path, extra) => {
                let entity = count.address.entity;
                let resolved =
                    self.resolver.resolve_filter(entity, &count.conditions, &mut notes).await?;
                let clauses = [resolved, extra].concat();
                self.count_query(count, (&path, &clauses), (call.channel, &mut notes)).await?
            }
        };
        let found = response["queryCount"].as_u64().unwrap_or_default();
        notes
            .warnings
            .extend(result_warning(count.address.entity, found.try_into().unwrap_or_default()));
        if !notes.warnings.is_empty() {
            response["warnings"] = json!(notes.warnings);
        }
        if let Some(resolved) = notes.resolved.json(MAX_LISTED_RESOLUTIONS) {
            response["resolved"] = resolved;
        }
        Ok(response)
    }

    async fn count_list(
        &self,
        count: &Count,
        path: String,
        notes: &mut ResolutionNotes,
    ) -> Result<Value, Error> {
        let mut records = self.client.read_all(Request::get(path)).await?;
        records.retain(|record| matches(record, &count.conditions));
        let mut response = json!({ "queryCount": records.len() });
        if !is_ungrouped(count) {
            let (groups, _) = self.group(count, &records).await?;
            self.write_groups(groups, (count, &mut response), notes).await;
        }
        Ok(response)
    }

    async fn count_query(
        &self,
        count: &Count,
        (path, clauses): (&str, &[Condition]),
        (line, notes): (&dyn ClientChannel, &mut ResolutionNotes),
    ) -> Result<Value, Error> {
        let total = self.fetch_count(path, clauses).await?;
        let mut response = json!({ "queryCount": total });
        if is_ungrouped(count) {
            return Ok(response);
        }
        if total == 0 {
            response["requests"] = 1.into();
            response["groups"] = json!([]);
            return Ok(response);
        }
        let values = self.values_to_count(count, clauses, total).await;
        let (groups, requests) = match values.as_slice() {
            [] => self.count_by_reading(count, (path, clauses), (total, line)).await?,
            values => self.by_value(count, (path, clauses), (total, values, line)).await?,
        };
        response["requests"] = (requests + 1).into();
        self.write_groups(groups, (count, &mut response), notes).await;
        Ok(response)
    }

    async fn write_groups(
        &self,
        groups: Groups<'_>,
        (count, response): (&Count, &mut Value),
        notes: &mut ResolutionNotes,
    ) {
        let mut labels = Vec::new();
        for key in &count.group_by {
            let entity = key.reference.and_then(|field| field.refers_to);
            let entity = entity.unwrap_or(count.address.entity);
            let shown = (&Projection::fields([key.field.name]), LabelMode::Labels);
            let values = match key.bucket {
                Some(_) => Vec::new(),
                None => groups.values(key),
            };
            labels.push(
                self.resolver.labels(entity, values.as_slice(), shown, &mut notes.warnings).await,
            );
        }
        groups.write_json(response, &labels);
    }

    /// The records in their groups; those that they refer to are read first, and counted as requests.
    async fn group<'c>(
        &self,
        count: &'c Count,
        records: &[RecordFields],
    ) -> Result<(Groups<'c>, u64), Error> {
        let (mut referenced, mut requests) = (Referenced::new(), 0);
        let keys = count.group_by.iter().filter_map(|key| Some((key.reference?, key.field)));
        for (reference, field) in keys {
            let entity = reference.refers_to;
            let entity = entity.ok_or_else(|| Error::internal("A step needs a reference."))?;
            let id = |record: &RecordFields| record.get(reference.name)?.as_i64();
            let ids: BTreeSet<_> = records.iter().filter_map(id).collect();
            let ids: Vec<_> = ids.into_iter().collect();
            for ids in ids.chunks(MAX_PAGE_SIZE) {
                let id = entity.field("id");
                let id = id.ok_or_else(|| Error::internal("A referenced record has no id."))?;
                let condition = Condition::test(id, Op::In, ids.into());
                let fields = (&["id", field.name][..], MAX_PAGE_SIZE);
                let found = self.client.query(entity, &[condition], fields).await?;
                requests += 1;
                for record in found.items {
                    if let Some(id) = record.get("id").and_then(Value::as_i64) {
                        let value = record.get(field.name).cloned().unwrap_or_default();
                        referenced.insert((reference.name, field.name, id), value);
                    }
                }
            }
        }
        let mut groups = Groups::new(count, self.time_zone.clone());
        for record in records {
            groups.add(record, &referenced);
        }
        Ok((groups, requests))
    }

    async fn fetch_count(&self, path: &str, clauses: &[Condition]) -> Result<u64, Error> {
        let request =
            Request::post(format!("{path}/query/count"), json!({ "filter": json_of(clauses) }));
        let counted = self.client.read(&request).await?;
        counted["queryCount"].as_u64().ok_or_else(|| {
            Error::new(Code::UpstreamUnavailable, "Autotask answered without a count.")
                .next("Try again in a moment.")
        })
    }

    /// The values of the one picklist to group by, where counting each takes fewer requests than reading all pages.
    async fn values_to_count(
        &self,
        count: &Count,
        clauses: &[Condition],
        total: u64,
    ) -> Vec<Value> {
        let ([GroupKey { reference: None, field, bucket: None }], [], []) =
            (count.group_by.as_slice(), count.sum.as_slice(), count.avg.as_slice())
        else {
            return Vec::new();
        };
        let tenant =
            match self.resolver.tenant_fields(count.address.entity, FieldList::Fields).await {
                Ok(tenant) if field.picklist.is_yes() => tenant,
                _ => return Vec::new(),
            };
        let choices = tenant.for_field(field).map(TenantField::choices).unwrap_or_default();
        let mut codes: Vec<_> = choices.iter().map(|choice| choice.code.clone()).collect();
        codes.retain(|code| clauses.iter().all(|clause| may_match(clause, field, code)));
        match is_cheaper(codes.len(), total) {
            true => codes,
            false => Vec::new(),
        }
    }

    /// A count for each value, and for no value; the rest has values that the tenant no longer lists.
    async fn by_value<'c>(
        &self,
        count: &'c Count,
        (path, clauses): (&str, &[Condition]),
        (total, values, line): (u64, &[Value], &dyn ClientChannel),
    ) -> Result<(Groups<'c>, u64), Error> {
        let mut groups = Groups::new(count, self.time_zone.clone());
        let Some(field) = count.group_by.first().map(|key| key.field) else {
            return Ok((groups, 0));
        };
        let has = |value: &Value| and_also(clauses, Condition::test(field, Op::Eq, value.clone()));
        let none = and_also(clauses, Condition::test(field, Op::NotExist, Value::Null));
        let filters: Vec<_> = values.iter().map(has).chain([none]).collect();
        let (all, done) = (filters.len() as u64, AtomicU64::new(0));
        let counted = async |filter: &Vec<Condition>| {
            let number = self.fetch_count(path, filter).await;
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            line.progress(done, Some(all), "values counted");
            number
        };
        let counts = try_join_all(filters.iter().map(counted)).await?;
        for (value, number) in values.iter().chain([&Value::Null]).zip(&counts) {
            groups.set_count(value.clone(), *number);
        }
        let rest = total.saturating_sub(counts.iter().sum());
        groups.set_count("values that the tenant no longer lists".into(), rest);
        Ok((groups, counts.len() as u64))
    }

    /// Reads the grouped and measured fields of every record.
    async fn count_by_reading<'c>(
        &self,
        count: &'c Count,
        (path, clauses): (&str, &[Condition]),
        (total, line): (u64, &dyn ClientChannel),
    ) -> Result<(Groups<'c>, u64), Error> {
        if total > MAX_GROUPED_RECORDS {
            return Err(too_many(count, total));
        }
        let (mut records, mut requests, mut after) = (Vec::new(), 0, None);
        loop {
            let reply = self.client.read_page(&page(count, path, clauses, after)?).await?;
            let (is_full, last) = (reply.items.len() >= MAX_PAGE_SIZE, last(&reply.items));
            records.extend(reply.items);
            requests += 1;
            let read = records.len() as u64;
            line.progress(read, Some(total.max(read)), "records read");
            if !is_full || last <= after || read > MAX_GROUPED_RECORDS {
                break;
            }
            after = last;
        }
        let (groups, more) = self.group(count, &records).await?;
        Ok((groups, requests + more))
    }
}

/// Whether a count for each of so many values, and one for none, takes fewer requests than all pages.
fn is_cheaper(values: usize, total: u64) -> bool {
    values > 0 && (values as u64) < total.div_ceil(MAX_PAGE_SIZE as u64).saturating_sub(1)
}

/// Whether a condition allows a value of a field, as far as it compares that field for equality.
fn may_match(clause: &Condition, field: &'static Field, code: &Value) -> bool {
    match clause {
        Condition::Compare(test) if test.field == FilterField::Standard(field) => match test.op {
            Op::Eq => test.value == *code,
            Op::NotEq => test.value != *code,
            Op::In => test.value.as_array().is_none_or(|all| all.contains(code)),
            Op::NotIn => test.value.as_array().is_none_or(|all| !all.contains(code)),
            _ => true,
        },
        Condition::Compare(_) | Condition::Or(_) => true,
        Condition::And(clauses) => clauses.iter().all(|clause| may_match(clause, field, code)),
    }
}

fn and_also(clauses: &[Condition], one: Condition) -> Vec<Condition> {
    clauses.iter().cloned().chain([one]).collect()
}

fn last(items: &[RecordFields]) -> Option<i64> {
    items.last()?.get("id")?.as_i64()
}

fn is_ungrouped(count: &Count) -> bool {
    count.group_by.is_empty() && count.sum.is_empty() && count.avg.is_empty()
}

fn too_many(count: &Count, total: u64) -> Error {
    let message = format!("{total} records match; grouping reads at most {MAX_GROUPED_RECORDS}.");
    let fields = count.address.entity.fields().iter();
    let dates = fields.filter(|field| field.kind == crate::catalog::DataType::Datetime);
    let example = match dates.map(|field| field.name).next() {
        Some(date) => {
            format!("Narrow the filter, for example to one month with gte and lt on {date}.")
        }
        None => "Narrow the filter.".to_owned(),
    };
    Error::new(Code::BadFilter, message)
        .accepts(format!("a filter that matches at most {MAX_GROUPED_RECORDS} records; a single picklist without sums and averages has no limit"))
        .next(example)
}

fn page(
    count: &Count,
    path: &str,
    clauses: &[Condition],
    after: Option<i64>,
) -> Result<Request, Error> {
    let begin = after.map(|id| Condition::after(count.address.entity, id)).transpose()?;
    let clauses: Vec<_> = clauses.iter().chain(&begin).cloned().collect();
    let mut names = vec!["id"];
    let keys = count.group_by.iter().map(|key| key.reference.unwrap_or(key.field).name);
    names.extend(keys);
    for measure in count.sum.iter().chain(&count.avg) {
        match measure {
            Measure::Field(field) => names.push(field.name),
            Measure::Duration { from, to } => names.extend([from.name, to.name]),
        }
    }
    names.dedup();
    let body =
        json!({ "filter": json_of(&clauses), "MaxRecords": MAX_PAGE_SIZE, "IncludeFields": names });
    Ok(Request::post(format!("{path}/query"), body))
}

#[cfg(test)]
mod tests {
    use super::is_cheaper;

    #[test]
    fn a_few_values_of_many_records_are_counted_each() {
        for (values, total, cheaper) in [
            (3, 2_001, true),
            (3, 2_000, false),
            (10, 300, false),
            (10, 50_000, true),
            (0, 50_000, false),
        ] {
            assert_eq!(is_cheaper(values, total), cheaper, "{values} of {total}");
        }
    }
}
