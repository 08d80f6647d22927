//! Pages of records: asked by id, or, where Autotask cannot query, listed and filtered here.

use serde_json::{Value, json};

use super::resolve::ResolutionNotes;
use super::trim::drop_unshown_fields;
use super::{Executor, Page, RecordFields};
use crate::catalog::{DataType, DiscoveredSchema, Entity};
use crate::client::request::Request;
use crate::error::{Code, Error};
use crate::filter::{Condition, json_of, matches};
use crate::plan::address::Route;
use crate::plan::{Echo, Order, Projection, Search, SelectedFields};

/// No list that has to be walked from its beginning is followed further than this.
const MAX_PAGES: usize = 20;

/// One reply of a list.
pub(super) struct PageReply {
    pub items: Vec<RecordFields>,
    /// Autotask's URL of the next page.
    pub next: Option<String>,
}

impl Executor {
    /// One page of a search.
    pub(super) async fn search(&self, search: Search) -> Result<Page, Error> {
        let asked = search.clauses.clone();
        let mut notes = ResolutionNotes::default();
        let resolved = self.resolve_filter(search.at.entity, &asked, &mut notes).await;
        if let Some(problem) = search.problem {
            return Err(match resolved {
                Err(error) => problem.also(error.message()),
                Ok(_) => problem,
            });
        }
        let clauses = resolved?;
        if search.company.is_some() || search.order == Order::NewestFirst {
            return Err(Error::internal("This search is not implemented yet."));
        }
        let shown = self.resolve_projection(search.at.entity, search.shown, &mut notes).await?;
        let search = Search { clauses, shown, ..search };
        let (items, more) = match search.at.search()? {
            Route::Query(path, extra) if pages_by_id(search.at.entity) => {
                let reply = self
                    .fetch_page(&page_request(&self.discovered_schema(), (&path, &search), &extra)?)
                    .await?;
                (reply.items, reply.next.is_some())
            }
            Route::Query(path, extra) => {
                let clauses = [search.clauses.clone(), extra].concat();
                let body = json!({ "filter": json_of(&clauses), "MaxRecords": 500 });
                let all = self.fetch_all(Request::post(format!("{path}/query"), body)).await?;
                page_slice(all, &search)
            }
            Route::List(path) => {
                let mut all = self.fetch_all(Request::get(path)).await?;
                all.retain(|record| matches(record, &search.clauses));
                page_slice(all, &search)
            }
        };
        let mut items = items;
        if let Some(phone) = &search.phone {
            items.retain(|record| phone.matches(record));
        }
        let (items, all) = drop_unshown_fields(items, &search.shown, self.room);
        let filter = (search.echo == Echo::Filter).then(|| json_of(&search.clauses).into());
        let Search { at, shown, order, .. } = search;
        let mut warnings = [search.warnings, notes.warnings].concat();
        warnings.extend(file_content_warning(at.entity, &shown));
        let labels = self.labels(at.entity, &items, (&shown, search.labels), &mut warnings).await;
        Ok(Page {
            at,
            order,
            clauses: asked,
            items,
            more: more || !all,
            shown,
            filter,
            labels,
            resolved: notes.resolved,
            warnings,
        })
    }

    /// Every record of a list, page by page.
    pub(super) async fn fetch_all(&self, first: Request) -> Result<Vec<RecordFields>, Error> {
        let (mut all, mut request) = (Vec::new(), first.clone());
        for _ in 0..MAX_PAGES {
            let reply = self.fetch_page(&request).await?;
            all.extend(reply.items);
            match reply.next {
                Some(url) => request.path = next_page_path(&first.path, &url)?,
                None => return Ok(all),
            }
        }
        Err(Error::new(Code::BadFilter, "The list is too long to be read whole.")
            .next("Narrow it by its parent."))
    }

    pub(super) async fn fetch_page(&self, request: &Request) -> Result<PageReply, Error> {
        let mut body = self.read(request).await?;
        let next = body["pageDetails"]["nextPageUrl"].as_str().map(str::to_owned);
        let Some(Value::Array(items)) = body.get_mut("items").map(Value::take) else {
            return Err(bad_list_error("without a list of items"));
        };
        let records = items.into_iter().filter_map(|item| match item {
            Value::Object(fields) => Some(fields),
            _ => None,
        });
        Ok(PageReply { items: records.collect(), next })
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
    if let Some(mut names) = include_fields(learnt, search.at.entity, &search.shown) {
        let compared = search.phone.iter().flat_map(|phone| &phone.fields);
        for field in compared.filter(|field| !search.shown.includes(field.name)) {
            names.push(field.name.to_owned());
        }
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

/// The next page's address below `V1.0/`. Whatever host it names, only our own zone is asked; and it must be a page
/// of the same list, for some addresses change data when they are read.
fn next_page_path(list: &str, url: &str) -> Result<String, Error> {
    const VERSION: &str = "/v1.0/";
    let at = url.to_ascii_lowercase().find(VERSION).map(|at| at + VERSION.len());
    let path = at.and_then(|at| url.get(at..));
    let beyond = path.and_then(|path| {
        let (begin, rest) = path.split_at_checked(list.len())?;
        begin.eq_ignore_ascii_case(list).then_some(rest)
    });
    match beyond {
        Some(rest) if rest.starts_with('?') || rest.starts_with("/next?") => {
            Ok(format!("{list}{rest}"))
        }
        _ => Err(bad_list_error("with a next page that is none of this list")),
    }
}

fn bad_list_error(how: &str) -> Error {
    Error::new(Code::UpstreamUnavailable, format!("Autotask answered {how}."))
        .next("Try again in a moment.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_next_page_is_a_page_of_the_same_list() {
        let list = "Resources/4/TimeOffBalances";
        let base = "https://webservices14.autotask.net/ATServicesRest";
        for (url, next) in [
            (
                format!("{base}/V1.0/Resources/4/TimeOffBalances?paging=1"),
                Some(format!("{list}?paging=1")),
            ),
            (
                "https://evil.example/v1.0/resources/4/timeoffbalances/next?a".to_owned(),
                Some(format!("{list}/next?a")),
            ),
            (format!("{base}/V1.0/TimeOffRequests/5/Approve"), None),
            (format!("{base}/V1.0/Resources/4/TimeOffBalances/5"), None),
            (format!("{base}/V1.0/Resources/4/TimeOffBalances/../../x?"), None),
            (format!("{base}/elsewhere"), None),
        ] {
            assert_eq!(next_page_path(list, &url).ok(), next, "{url}");
        }
    }
}
