//! How many records match, all together or in groups: counted by Autotask or here, whichever takes fewer requests.

mod groups;

use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::try_join_all;
use serde_json::{Value, json};

use super::{Executor, RecordFields};
use crate::access::caller::ClientChannel;
use crate::catalog::Field;
use crate::catalog::tenant_fields::TenantField;
use crate::client::request::Request;
use crate::error::{Code, Error};
use crate::filter::{Condition, FilterField, Op, json_of, matches};
use crate::plan::address::Route;
use crate::plan::{Count, GroupKey, LabelMode, Measure, Projection};
use crate::resolver::resolved::MAX_LISTED_RESOLUTIONS;
use crate::resolver::{FieldList, ResolutionNotes};
use groups::Groups;

/// Grouping here reads every record; beyond this many it would eat the tenant's hourly budget.
const MAX_GROUPED_RECORDS: u64 = 20_000;
const MAX_PAGE_SIZE: u64 = 500;

impl Executor {
    /// `{"queryCount":n}`, with groups and sums when they were asked for.
    pub(super) async fn count(
        &self,
        count: &Count,
        line: &dyn ClientChannel,
    ) -> Result<Value, Error> {
        let mut notes = ResolutionNotes::default();
        notes.warnings.extend(count.warnings.iter().cloned());
        let mut answer = match count.at.search()? {
            Route::List(path) => self.count_list(count, path, &mut notes).await?,
            Route::Query(path, extra) => {
                let settled = self
                    .resolver
                    .resolve_filter(count.at.entity, &count.clauses, &mut notes)
                    .await?;
                let clauses = [settled, extra].concat();
                self.count_query(count, (&path, &clauses), (line, &mut notes)).await?
            }
        };
        if !notes.warnings.is_empty() {
            answer["warnings"] = json!(notes.warnings);
        }
        if let Some(resolved) = notes.resolved.json(MAX_LISTED_RESOLUTIONS) {
            answer["resolved"] = resolved;
        }
        Ok(answer)
    }

    async fn count_list(
        &self,
        count: &Count,
        path: String,
        notes: &mut ResolutionNotes,
    ) -> Result<Value, Error> {
        let mut records = self.client.read_all(Request::get(path)).await?;
        records.retain(|record| matches(record, &count.clauses));
        let mut answer = json!({ "queryCount": records.len() });
        if !is_ungrouped(count) {
            let mut groups = Groups::new(count);
            for record in &records {
                groups.add(record);
            }
            self.write_groups(groups, (count, &mut answer), notes).await;
        }
        Ok(answer)
    }

    async fn count_query(
        &self,
        count: &Count,
        (path, clauses): (&str, &[Condition]),
        (line, notes): (&dyn ClientChannel, &mut ResolutionNotes),
    ) -> Result<Value, Error> {
        let total = self.fetch_count(path, clauses).await?;
        let mut answer = json!({ "queryCount": total });
        if is_ungrouped(count) {
            return Ok(answer);
        }
        if total == 0 {
            answer["requests"] = 1.into();
            answer["groups"] = json!([]);
            return Ok(answer);
        }
        let values = self.values_to_count(count, clauses, total).await;
        let (groups, requests) = match values.as_slice() {
            [] => self.count_by_reading(count, (path, clauses), (total, line)).await?,
            values => self.by_value(count, (path, clauses), (total, values, line)).await?,
        };
        answer["requests"] = (requests + 1).into();
        self.write_groups(groups, (count, &mut answer), notes).await;
        Ok(answer)
    }

    async fn write_groups(
        &self,
        groups: Groups<'_>,
        (count, answer): (&Count, &mut Value),
        notes: &mut ResolutionNotes,
    ) {
        let values = groups.values();
        let shown = (&Projection::All, LabelMode::Labels);
        let labels =
            self.resolver.labels(count.at.entity, &values, shown, &mut notes.warnings).await;
        groups.write_json(answer, &labels);
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
        let live = match self.resolver.tenant_fields(count.at.entity, FieldList::Fields).await {
            Ok(live) if field.picklist.is_yes() => live,
            _ => return Vec::new(),
        };
        let choices = live.for_field(field).map(TenantField::choices).unwrap_or_default();
        let mut codes: Vec<_> = choices.iter().map(|choice| choice.code.clone()).collect();
        codes.retain(|code| clauses.iter().all(|clause| may_match(clause, field, code)));
        match is_cheaper(codes.len(), total) {
            true => codes,
            false => Vec::new(),
        }
    }

    /// A count for each value, and for none; what remains has a value that the tenant no longer lists.
    async fn by_value<'c>(
        &self,
        count: &'c Count,
        (path, clauses): (&str, &[Condition]),
        (total, values, line): (u64, &[Value], &dyn ClientChannel),
    ) -> Result<(Groups<'c>, u64), Error> {
        let mut groups = Groups::new(count);
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

    /// Only the fields that are grouped or summed, of every record.
    async fn count_by_reading<'c>(
        &self,
        count: &'c Count,
        (path, clauses): (&str, &[Condition]),
        (total, line): (u64, &dyn ClientChannel),
    ) -> Result<(Groups<'c>, u64), Error> {
        if total > MAX_GROUPED_RECORDS {
            return Err(too_many(count, total));
        }
        let (mut groups, mut after) = (Groups::new(count), None);
        let (mut read, mut requests) = (0, 0);
        loop {
            let items = self.client.read_page(&page(count, path, clauses, after)?).await?.items;
            for record in &items {
                groups.add(record);
            }
            let number = items.len() as u64;
            (read, requests) = (read + number, requests + 1);
            line.progress(read, Some(total.max(read)), "records read");
            after = last(&items);
            if number < MAX_PAGE_SIZE || after.is_none() || read > MAX_GROUPED_RECORDS {
                return Ok((groups, requests));
            }
        }
    }
}

/// Whether a count for each of so many values, and one for none, takes fewer requests than all pages.
fn is_cheaper(values: usize, total: u64) -> bool {
    values > 0 && (values as u64) < total.div_ceil(MAX_PAGE_SIZE).saturating_sub(1)
}

/// Whether a clause leaves a value of a field possible, as far as it compares that field for equality.
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
    let fields = count.at.entity.fields().iter();
    let dates = fields.filter(|field| field.kind == crate::catalog::DataType::Datetime);
    let example = match dates.map(|field| field.name).next() {
        Some(date) => {
            format!("Narrow the filter, for example to one month with gte and lt on {date}.")
        }
        None => "Narrow the filter.".to_owned(),
    };
    Error::new(Code::BadFilter, message)
        .accepts(format!("a filter that at most {MAX_GROUPED_RECORDS} records pass; one picklist alone, without sums, has no limit"))
        .next(example)
}

fn page(
    count: &Count,
    path: &str,
    clauses: &[Condition],
    after: Option<i64>,
) -> Result<Request, Error> {
    let begin = after.map(|id| Condition::after(count.at.entity, id)).transpose()?;
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
