//! Queries: filter, fields and pages, in ascending order of id.

use std::ptr;

use autotask_schema::schema::Field;
use bytes::Bytes;
use http::{Method, Request};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::account::BASE_URL;
use crate::catalog::Entity;
use crate::error::ApiError;
use crate::filter::{self, Condition};
use crate::record::{Record, integer};
use crate::render::{self, Columns, FileData};
use crate::request::{member, parameter};
use crate::response;
use crate::store::Store;
use crate::udf;

/// The maximum page size, which is also the default.
const MAX_PAGE_SIZE: u64 = 500;
/// Less than the smallest id, which is 0.
const BEFORE_FIRST: i64 = -1;

/// A parsed query.
pub(crate) struct Query {
    entity: &'static Entity,
    filter: Condition,
    columns: Columns,
    page_size: u64,
    urls: PageUrls,
}

/// Where a page starts.
struct Position {
    size: u64,
    previous: Vec<i64>,
    after: i64,
}

impl Query {
    /// Parses the query of a request.
    pub(crate) fn parse(
        entity: &'static Entity,
        request: &Request<Bytes>,
    ) -> Result<Self, ApiError> {
        let body = query_json(request)?;
        Ok(Self {
            entity,
            filter: filter::parse(entity, member(&body, "filter"))?,
            columns: parse_columns(entity, member(&body, "includeFields"))?,
            page_size: parse_page_size(member(&body, "maxRecords"))?,
            urls: PageUrls::of_query(entity, request),
        })
    }

    /// The first page.
    pub(crate) fn first_page(&self, store: &Store) -> Vec<u8> {
        self.page(store, &Position::first(self.page_size))
    }

    /// A later page, requested with the same method and filter as the first.
    pub(crate) fn next_page(
        &self,
        store: &Store,
        request: &Request<Bytes>,
    ) -> Result<Vec<u8>, ApiError> {
        Ok(self.page(store, &Position::parse(request)?))
    }

    /// How many records match.
    pub(crate) fn count(&self, store: &Store) -> usize {
        let records = store.all(self.entity.name);
        records.filter(|(_, record)| self.filter.matches(record)).count()
    }

    fn page(&self, store: &Store, position: &Position) -> Vec<u8> {
        let records = store.after(self.entity.name, position.after);
        let records = records.filter(|(_, record)| self.filter.matches(record));
        list(records, (self.entity, &self.columns), (position, &self.urls))
    }
}

/// The records below a parent.
pub(crate) fn children(
    store: &Store,
    (entity, parent): (&'static Entity, i64),
    request: &Request<Bytes>,
) -> Result<Vec<u8>, ApiError> {
    let position = match parameter(request, "paging") {
        Some(_) => Position::parse(request)?,
        None => Position::first(MAX_PAGE_SIZE),
    };
    let records = store.after(entity.name, position.after);
    let records = records.filter(|(_, record)| is_below(entity, Some(parent), record));
    let urls = PageUrls::of_children(entity, parent);
    Ok(list(records, (entity, &Columns::All), (&position, &urls)))
}

/// Whether a record belongs to a parent, if one is given; plain text contents have the parent's id.
pub(crate) fn is_below(entity: &Entity, parent: Option<i64>, record: &Record) -> bool {
    match (parent, entity.parent_field()) {
        (None, _) => true,
        (_, Some(field)) => integer(record, field) == parent,
        (_, None) if entity.name.ends_with("PlainTextContent") => integer(record, "id") == parent,
        (_, None) => true,
    }
}

fn list<'a>(
    mut records: impl Iterator<Item = (i64, &'a Record)>,
    (entity, columns): (&Entity, &Columns),
    (position, urls): (&Position, &PageUrls),
) -> Vec<u8> {
    let mut out = b"{\"items\":[".to_vec();
    let (mut count, mut last) = (0, BEFORE_FIRST);
    let size = usize::try_from(position.size).unwrap_or(usize::MAX);
    for (id, record) in records.by_ref().take(size) {
        if count > 0 {
            out.push(b',');
        }
        render::item(&mut out, entity, record, (columns, FileData::Omitted));
        (count, last) = (count + 1, id);
    }
    let has_more = records.next().is_some();
    let details = json!({
        "count": count,
        "requestCount": position.size,
        "prevPageUrl": position.previous().map(|position| urls.url(&position)),
        "nextPageUrl": has_more.then(|| urls.url(&position.next(last))),
    });
    out.extend_from_slice(b"],\"pageDetails\":");
    out.extend_from_slice(&response::to_bytes(&details));
    out.push(b'}');
    out
}

impl Position {
    fn first(size: u64) -> Self {
        Self { size, previous: Vec::new(), after: BEFORE_FIRST }
    }

    fn parse(request: &Request<Bytes>) -> Result<Self, ApiError> {
        let invalid = || ApiError::rejected("The paging information is invalid.");
        let token = parameter(request, "paging").unwrap_or_default();
        let token: Value = serde_json::from_str(&token).map_err(|_| invalid())?;
        let ids = |name: &str| {
            let list = token.get(name).and_then(Value::as_array);
            list.into_iter().flatten().filter_map(Value::as_i64).collect::<Vec<_>>()
        };
        let size = token.get("pageSize").and_then(Value::as_u64);
        Ok(Self {
            size: size.filter(|size| (1..=MAX_PAGE_SIZE).contains(size)).ok_or_else(invalid)?,
            previous: ids("previousIds"),
            after: ids("nextIds").last().copied().ok_or_else(invalid)?,
        })
    }

    fn previous(&self) -> Option<Self> {
        let (last, earlier) = self.previous.split_last()?;
        Some(Self { size: self.size, previous: earlier.to_vec(), after: *last })
    }

    fn next(&self, last: i64) -> Self {
        let previous = self.previous.iter().copied().chain([self.after]).collect();
        Self { size: self.size, previous, after: last }
    }
}

/// The URLs of a list's pages: the text before and after the position.
struct PageUrls {
    prefix: String,
    suffix: String,
}

impl PageUrls {
    fn of_query(entity: &Entity, request: &Request<Bytes>) -> Self {
        let prefix = format!("{BASE_URL}V1.0/{}/query/next?paging=", entity.name);
        let search = parameter(request, "search").unwrap_or_default();
        let suffix = match *request.method() {
            Method::GET => format!("&search={}", utf8_percent_encode(&search, NON_ALPHANUMERIC)),
            _ => String::new(),
        };
        Self { prefix, suffix }
    }

    fn of_children(entity: &Entity, parent: i64) -> Self {
        let (segment, child) = match &entity.parent {
            Some(parent) => (parent.segment.as_str(), parent.child.as_str()),
            None => ("", ""),
        };
        let prefix = format!("{BASE_URL}V1.0/{segment}/{parent}/{child}?paging=");
        Self { prefix, suffix: String::new() }
    }

    fn url(&self, position: &Position) -> String {
        let token = json!({
            "pageSize": position.size,
            "previousIds": position.previous,
            "nextIds": [position.after],
        });
        let token = token.to_string();
        let encoded = utf8_percent_encode(&token, NON_ALPHANUMERIC);
        format!("{}{encoded}{}", self.prefix, self.suffix)
    }
}

/// The query's JSON: the body, or the `search` parameter of a GET.
fn query_json(request: &Request<Bytes>) -> Result<Value, ApiError> {
    let body = match *request.method() {
        Method::GET => parameter(request, "search").map(Bytes::from),
        _ => Some(request.body().clone()).filter(|body| !body.is_empty()),
    };
    let body = body.ok_or_else(ApiError::missing_filter)?;
    serde_json::from_slice(&body).map_err(|error| ApiError::invalid_json(&error))
}

fn parse_page_size(value: Option<&Value>) -> Result<u64, ApiError> {
    let Some(value) = value.filter(|value| !value.is_null()) else {
        return Ok(MAX_PAGE_SIZE);
    };
    value
        .as_u64()
        .filter(|size| (1..=MAX_PAGE_SIZE).contains(size))
        .ok_or_else(|| ApiError::rejected("The value of MaxRecords must be between 1 and 500."))
}

fn parse_columns(entity: &'static Entity, value: Option<&Value>) -> Result<Columns, ApiError> {
    let names = value.and_then(Value::as_array).filter(|names| !names.is_empty());
    let Some(names) = names else {
        return Ok(Columns::All);
    };
    let (mut fields, mut udfs): (Vec<&Field>, Vec<_>) = (Vec::new(), Vec::new());
    for name in names {
        let name = name.as_str().unwrap_or_default();
        match (entity.field(name), udf::find(entity, name)) {
            (Some(field), _) if fields.iter().any(|other| ptr::eq(*other, field)) => {}
            (Some(field), _) => fields.push(field),
            (None, Some(udf)) => udfs.push(udf),
            (None, None) => return Err(ApiError::unknown_field(entity.singular(), name)),
        }
    }
    Ok(Columns::Only(fields, udfs))
}
