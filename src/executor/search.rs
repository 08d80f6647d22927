//! Pages of records: queried in order of id, or, if Autotask cannot query them, listed and filtered here.

use futures_util::FutureExt;
use serde_json::{Value, json};

use super::{CallContext, Executor, Page, RecordFields};
use crate::catalog::{DataType, DiscoveredSchema, Entity};
use crate::client::page::MAX_PAGE_SIZE;
use crate::error::Error;
use crate::filter::{Condition, json_of, matches};
use crate::plan::address::Route;
use crate::plan::request::Request;
use crate::plan::{Echo, LabelMode, Order, Projection, RecordKey, Search, SelectedFields};
use crate::resolver::{ResolutionNotes, is_local_failure};
use crate::value::row::{Cell, Row, RowBuilder, rows};

impl Executor {
    /// One page of a search.
    pub(super) async fn search(
        &self,
        call: CallContext<'_>,
        search: Search,
    ) -> Result<Page, Error> {
        let (input, entity) = (search.conditions.clone(), search.address.entity);
        let mut notes = ResolutionNotes::new(call.me());
        let shown = search.projection.clone();
        // An invalid search shows nothing.
        let labels = if search.problem.is_some() { LabelMode::CodesOnly } else { search.labels };
        let found = self.resolve_and_find(search, &mut notes).boxed();
        let (search, company, (mut items, more)) =
            self.resolver.with_lists(entity, (&shown, labels), found).await?;
        if let Some(phone) = &search.phone {
            items.retain(|record| phone.matches(&record.to_fields()));
        }
        let (items, all) = drop_unshown_fields(items, &search.projection, self.max_answer_chars);
        let through = company.map(|id| json!({ "op": "eq", "field": "companyID", "value": id }));
        let sent = || through.into_iter().chain(json_of(&search.conditions)).collect();
        let filter = (search.echo == Echo::Filter).then(sent);
        let mut warnings = [search.warnings, notes.warnings].concat();
        warnings.extend(file_content_warning(entity, &search.projection));
        warnings.extend(result_warning(entity, items.len()));
        let labels = (&search.projection, search.labels);
        let labels = self.resolver.labels(entity, items.as_slice(), labels, &mut warnings).await;
        Ok(Page {
            address: search.address,
            order: search.order,
            conditions: input,
            items,
            has_more: more || !all,
            projection: search.projection,
            filter,
            labels,
            resolved: notes.resolved,
            warnings,
        })
    }

    /// The search with its names resolved, the id of its company, the records of the page, and whether more match.
    async fn resolve_and_find(
        &self,
        search: Search,
        notes: &mut ResolutionNotes,
    ) -> Result<(Search, Option<i64>, (Vec<Row>, bool)), Error> {
        let entity = search.address.entity;
        let resolved = self.resolver.resolve_filter(entity, &search.conditions, notes).await;
        if let Some(problem) = search.problem {
            return Err(match resolved {
                Err(error) if !is_local_failure(&error) => problem.and(&error),
                _ => problem,
            });
        }
        let clauses = resolved?;
        let company = self.company_id(search.company.as_ref(), notes).await?;
        let shown = self.resolver.resolve_projection(entity, search.projection, notes).await?;
        let search = Search { conditions: clauses, projection: shown, ..search };
        let found = self.find(&search, company).await?;
        Ok((search, company, found))
    }

    /// The id of the company of which time entries are searched.
    async fn company_id(
        &self,
        company: Option<&RecordKey>,
        notes: &mut ResolutionNotes,
    ) -> Result<Option<i64>, Error> {
        let (Some(key), Some(field)) = (company, Entity::Tickets.field("companyID")) else {
            return Ok(None);
        };
        let name = match key {
            RecordKey::Id(id) => return Ok(Some(*id)),
            RecordKey::Number(name) | RecordKey::Name(name) => name,
        };
        let id = self.resolver.resolve_name(Entity::Tickets, field, name, notes).await?;
        Ok(id.as_i64())
    }

    /// The records of a page, and whether more match.
    async fn find(&self, search: &Search, company: Option<i64>) -> Result<(Vec<Row>, bool), Error> {
        match search.address.search()? {
            Route::Query(path, extra) if pages_by_id(search.address.entity) => {
                let query = PageQuery::new(&self.resolver.discovered_schema(), search, path, extra);
                match (search.order, company) {
                    (_, Some(company)) => self.find_by_company(&query, company).await,
                    (Order::NewestFirst, None) => self.find_newest(&query).await,
                    (Order::OldestFirst, None) => {
                        let begin = search.after.map(|id| query.after(id)).transpose()?;
                        let request = query.request(begin, search.max_records);
                        let reply = self.client.read_rows(&request).await?;
                        Ok((reply.items, reply.next.is_some()))
                    }
                }
            }
            Route::Query(path, extra) => {
                let clauses = [search.conditions.clone(), extra].concat();
                let body = json!({ "filter": json_of(&clauses), "MaxRecords": MAX_PAGE_SIZE });
                let all =
                    self.client.read_all(Request::post(format!("{path}/query"), body)).await?;
                Ok(page_slice(all, search))
            }
            Route::List(path) => {
                let mut all = self.client.read_all(Request::get(path)).await?;
                all.retain(|record| matches(record, &search.conditions));
                Ok(page_slice(all, search))
            }
        }
    }
}

/// A filter with its path and fields, from which the requests of its pages are made.
pub(super) struct PageQuery {
    pub entity: Entity,
    path: String,
    clauses: Vec<Condition>,
    fields: Option<Vec<String>>,
    pub max: u16,
    /// The last id of the previous page.
    pub after: Option<i64>,
}

impl PageQuery {
    fn new(
        schema: &DiscoveredSchema,
        search: &Search,
        path: String,
        extra: Vec<Condition>,
    ) -> Self {
        let mut fields = include_fields(schema, search.address.entity, &search.projection);
        if let Some(fields) = &mut fields {
            let compared = search.phone.iter().flat_map(|phone| &phone.fields);
            let hidden = compared.filter(|field| !search.projection.includes(field.name));
            fields.extend(hidden.map(|field| field.name.to_owned()));
        }
        Self {
            entity: search.address.entity,
            path,
            clauses: [search.conditions.clone(), extra].concat(),
            fields,
            max: search.max_records,
            after: search.after,
        }
    }

    /// The condition that begins a page after an id.
    pub fn after(&self, id: i64) -> Result<Condition, Error> {
        Condition::after(self.entity, id)
    }

    /// The request for the first records that match, and these conditions too.
    pub fn request(
        &self,
        conditions: impl IntoIterator<Item = Condition>,
        max_records: u16,
    ) -> Request {
        let clauses: Vec<_> = self.clauses.iter().cloned().chain(conditions).collect();
        let mut body = json!({ "filter": json_of(&clauses), "MaxRecords": max_records });
        if let Some(fields) = &self.fields {
            body["IncludeFields"] = fields.clone().into();
        }
        Request::post(format!("{}/query", self.path), body)
    }
}

/// The fields to request; none if one of them is a UDF or not queryable, which Autotask rejects.
fn include_fields(
    schema: &DiscoveredSchema,
    entity: Entity,
    shown: &Projection,
) -> Option<Vec<String>> {
    let Projection::Selected(SelectedFields { fields: names, udfs }) = shown else {
        return None;
    };
    let is_column = |name: &String| {
        let field = schema.field(entity, name);
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
    Some(format!("{name} is only returned by get-entity, for one record at a time."))
}

/// Whether a query returns two records for one association, as for articles and documents (Autotask's help).
pub(super) fn doubles_associations(entity: Entity) -> bool {
    let name = entity.name();
    (name.starts_with("Article") || name.starts_with("Document")) && name.ends_with("Associations")
}

/// Results that mean something else than they seem to.
pub(super) fn result_warning(entity: Entity, found: usize) -> Option<String> {
    let warning = match entity {
        _ if found > 0 && doubles_associations(entity) => {
            "Autotask returns two records for one association, so there are half as many; deleting one deletes both."
        }
        Entity::TimeOffRequests if found == 0 => {
            "Autotask returns no time off requests while proxy time entry is off."
        }
        Entity::TicketHistory if found >= MAX_PAGE_SIZE => {
            "Autotask returns at most 500 history records for a ticket; newer ones may be missing."
        }
        _ => return None,
    };
    Some(warning.to_owned())
}

/// Only `TicketHistory` cannot be queried for ids after another.
fn pages_by_id(entity: Entity) -> bool {
    entity.field("id").is_some_and(|field| !field.queryable.is_no())
}

/// The part of a complete list that a page shows.
fn page_slice(mut all: Vec<RecordFields>, search: &Search) -> (Vec<Row>, bool) {
    let id = |record: &RecordFields| record.get("id").and_then(Value::as_i64).unwrap_or_default();
    all.sort_by_key(id);
    match search.order {
        Order::OldestFirst => {
            all.retain(|record| search.after.is_none_or(|after| id(record) > after));
        }
        Order::NewestFirst => {
            all.retain(|record| search.after.is_none_or(|after| id(record) < after));
            all.reverse();
        }
    }
    let more = all.len() > usize::from(search.max_records);
    all.truncate(search.max_records.into());
    (rows(&all), more)
}

/// The records that a response of this many characters can show, with the fields it shows, and whether all fit: many
/// pages wait for labels at a time, and should not be larger than what is shown of them. Rendering truncates exactly;
/// here it is enough never to keep too few.
fn drop_unshown_fields(items: Vec<Row>, shown: &Projection, max_chars: usize) -> (Vec<Row>, bool) {
    // The next page begins after the last id, whether it is shown or not.
    let is_kept = |name: &String| name == "id" || shown.includes(name);
    let (mut used, mut fitting, mut drops) = (0, 0, false);
    let mut kept: Option<(&Row, Vec<bool>)> = None;
    for item in &items {
        let fields = match kept.take() {
            Some((row, fields)) if item.has_shape_of(row) => fields,
            _ => item.names().iter().map(is_kept).collect(),
        };
        let cells = item.names().iter().zip(item.cells()).zip(&fields);
        for ((name, cell), is_kept) in cells {
            match is_kept {
                true => used += field_chars(name, cell),
                false => drops |= cell != Cell::Null,
            }
        }
        kept = Some((item, fields));
        fitting += 1;
        if used > max_chars.saturating_mul(2) {
            break;
        }
    }
    let all = fitting == items.len();
    if all && !drops {
        return (items, all);
    }
    let mut builder = RowBuilder::default();
    for item in items.iter().take(fitting) {
        let fields = item.names().iter().zip(item.cells());
        let fields = fields.filter(|(name, _)| is_kept(name));
        builder.add(fields.map(|(name, cell)| (name.as_str(), cell)));
    }
    (builder.finish(), all)
}

/// About as many characters as a field has in JSON, and never more.
fn field_chars(name: &str, cell: Cell) -> usize {
    let value = match cell {
        Cell::Null => return 0,
        Cell::Text(text, _) if text.is_ascii() => text.len() + 2,
        Cell::Text(text, _) => text.chars().count() + 2,
        Cell::Nested(value) => value.to_string().chars().count(),
        Cell::Int(number) => {
            number.unsigned_abs().checked_ilog10().map_or(1, |log| log as usize + 1)
        }
        Cell::Bool(_) | Cell::UInt(_) | Cell::Float(_) => 3,
    };
    name.chars().count() + value + "\"\":,".len()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn results_that_mislead_have_a_warning() {
        for (entity, found, warns) in [
            (Entity::TicketHistory, 499, false),
            (Entity::TicketHistory, 500, true),
            (Entity::TimeOffRequests, 0, true),
            (Entity::TimeOffRequests, 1, false),
            (Entity::DocumentToArticleAssociations, 0, false),
            (Entity::DocumentToArticleAssociations, 2, true),
            (Entity::Tickets, 0, false),
            (Entity::Tickets, 500, false),
        ] {
            assert_eq!(result_warning(entity, found).is_some(), warns, "{entity:?} {found}");
        }
    }

    #[test]
    fn only_what_is_shown_counts() {
        let record = |id| json!({ "id": id, "title": "x".repeat(50), "note": "y".repeat(500), "none": null });
        let items = || -> Vec<_> {
            let records = (1..=9).map(record);
            let records: Vec<_> =
                records.filter_map(|record| record.as_object().cloned()).collect();
            rows(&records)
        };
        let shown = Projection::fields(["title"]);
        for (max_chars, shown, count) in [
            (1_000, &shown, 9),
            (100, &shown, 3),
            (1_000, &Projection::All, 4),
            (0, &Projection::All, 1),
        ] {
            let (fitting, all) = drop_unshown_fields(items(), shown, max_chars);
            assert_eq!((fitting.len(), all), (count, count == 9), "{max_chars}");
            assert!(fitting.iter().all(|item| item.id().is_some() && item.get("none").is_none()));
        }
    }
}
