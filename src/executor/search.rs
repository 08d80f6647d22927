//! Pages of records: queried in order of id, or, if Autotask cannot query them, listed and filtered here.

use serde_json::{Value, json};

use super::{Executor, Page, RecordFields};
use crate::catalog::{DataType, DiscoveredSchema, Entity};
use crate::client::request::Request;
use crate::error::Error;
use crate::filter::{Condition, json_of, matches};
use crate::plan::address::Route;
use crate::plan::{Echo, Projection, Search, SelectedFields};
use crate::resolver::ResolutionNotes;

impl Executor {
    /// One page of a search.
    pub(super) async fn search(&self, search: Search) -> Result<Page, Error> {
        let input = search.clauses.clone();
        let mut notes = ResolutionNotes::default();
        let clauses = self.resolver.resolve_filter(search.at.entity, &input, &mut notes).await?;
        let shown =
            self.resolver.resolve_projection(search.at.entity, search.shown, &mut notes).await?;
        let search = Search { clauses, shown, ..search };
        let (items, more) = match search.at.search()? {
            Route::Query(path, extra) if pages_by_id(search.at.entity) => {
                let schema = self.resolver.discovered_schema();
                let request = page_request(&schema, (&path, &search), &extra)?;
                let reply = self.client.read_page(&request).await?;
                (reply.items, reply.next.is_some())
            }
            Route::Query(path, extra) => {
                let clauses = [search.clauses.clone(), extra].concat();
                let body = json!({ "filter": json_of(&clauses), "MaxRecords": 500 });
                let all =
                    self.client.read_all(Request::post(format!("{path}/query"), body)).await?;
                page_slice(all, &search)
            }
            Route::List(path) => {
                let mut all = self.client.read_all(Request::get(path)).await?;
                all.retain(|record| matches(record, &search.clauses));
                page_slice(all, &search)
            }
        };
        let (items, all) = drop_unshown_fields(items, &search.shown, self.max_answer_chars);
        let filter = (search.echo == Echo::Filter).then(|| json_of(&search.clauses).into());
        let Search { at, shown, .. } = search;
        let mut warnings = [search.warnings, notes.warnings].concat();
        warnings.extend(file_content_warning(at.entity, &shown));
        let labels =
            self.resolver.labels(at.entity, &items, (&shown, search.labels), &mut warnings).await;
        Ok(Page {
            at,
            clauses: input,
            items,
            more: more || !all,
            shown,
            filter,
            labels,
            resolved: notes.resolved,
            warnings,
        })
    }
}

/// The request of one page: the fields to show, the page's size, and where it begins.
fn page_request(
    learnt: &DiscoveredSchema,
    (path, search): (&str, &Search),
    extra: &[Condition],
) -> Result<Request, Error> {
    let begin = search.after.map(|id| Condition::after(search.at.entity, id)).transpose()?;
    let clauses: Vec<_> = search.clauses.iter().chain(extra).chain(&begin).cloned().collect();
    let mut body = json!({ "filter": json_of(&clauses), "MaxRecords": search.max });
    if let Some(names) = include_fields(learnt, search.at.entity, &search.shown) {
        body["IncludeFields"] = names.into();
    }
    Ok(Request::post(format!("{path}/query"), body))
}

/// The columns to ask for; none where one of them is a UDF or not queryable, which Autotask answers with an error.
fn include_fields(
    learnt: &DiscoveredSchema,
    entity: Entity,
    shown: &Projection,
) -> Option<Vec<String>> {
    let Projection::Selected(SelectedFields { fields: names, udfs }) = shown else {
        return None;
    };
    let is_column = |name: &String| {
        let field = learnt.field(entity, name);
        field.is_some_and(|field| !field.queryable.is_no())
    };
    if !udfs.is_empty() || !names.iter().all(is_column) {
        return None;
    }
    let id = "id".to_owned();
    let id = (!names.contains(&id)).then_some(id);
    Some(id.into_iter().chain(names.iter().cloned()).collect())
}

/// Autotask sends the content of a file with the single record alone.
fn file_content_warning(entity: Entity, shown: &Projection) -> Option<String> {
    let Projection::Selected(columns) = shown else {
        return None;
    };
    let is_content = |name: &&String| entity.field(name).is_some_and(|f| f.kind == DataType::Bytes);
    let name = columns.fields.iter().find(is_content)?;
    Some(format!("{name} comes with get-entity alone, a record at a time."))
}

/// `TicketHistory` alone cannot be asked for ids after another.
fn pages_by_id(entity: Entity) -> bool {
    entity.field("id").is_some_and(|field| !field.queryable.is_no())
}

/// The part of a whole list that a page shows.
fn page_slice(mut all: Vec<RecordFields>, search: &Search) -> (Vec<RecordFields>, bool) {
    let id = |record: &RecordFields| record.get("id").and_then(Value::as_i64).unwrap_or_default();
    all.sort_by_key(id);
    all.retain(|record| search.after.is_none_or(|after| id(record) > after));
    let more = all.len() > usize::from(search.max);
    all.truncate(search.max.into());
    (all, more)
}

/// The records that a response of this many characters can show, with the fields it shows, and whether all fit: many
/// pages wait for labels at a time, and should not be larger than what is shown of them. Rendering truncates exactly;
/// here it is enough never to keep too few.
fn drop_unshown_fields(
    items: Vec<RecordFields>,
    shown: &Projection,
    max_chars: usize,
) -> (Vec<RecordFields>, bool) {
    let (total, mut used, mut kept) = (items.len(), 0, Vec::new());
    for mut item in items {
        // The next page begins after the last id, whether it is shown or not.
        item.retain(|name, value| !value.is_null() && (name == "id" || shown.includes(name)));
        used += Value::from(item.clone()).to_string().chars().count();
        kept.push(item);
        if used > max_chars.saturating_mul(2) {
            break;
        }
    }
    let all = kept.len() == total;
    (kept, all)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_is_shown_counts() {
        let record = |id| json!({ "id": id, "title": "x".repeat(50), "note": "y".repeat(500), "none": null });
        let items = || -> Vec<_> {
            let records = (1..=9).map(record);
            records.filter_map(|record| record.as_object().cloned()).collect()
        };
        let shown = Projection::fields(["title"]);
        for (max_chars, shown, count) in [
            (1_000, &shown, 9),
            (100, &shown, 3),
            (1_000, &Projection::All, 4),
            (0, &Projection::All, 1),
        ] {
            let (kept, all) = drop_unshown_fields(items(), shown, max_chars);
            assert_eq!((kept.len(), all), (count, count == 9), "{max_chars}");
            assert!(kept.iter().all(|item| item.contains_key("id") && !item.contains_key("none")));
        }
    }
}
