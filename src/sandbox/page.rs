//! Queries answered page by page, in ascending order of id.

use std::fmt::Write;

use bytes::Bytes;
use http::{Method, Request};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::catalog::{Child, Entity};

use super::filter::{self, Test, property};
use super::render::{self, Columns, Data};
use super::reply::{self, Refusal};
use super::store::{Record, Store, whole};
use super::{BASE, door, udf};

/// The page size nobody asked for, and the largest.
const FULL: u64 = 500;
/// Before the first id: 0 is a company's.
const START: i64 = -1;

/// A query as asked.
struct Ask {
    test: Test,
    columns: Columns,
    size: u64,
}

/// How far a walk through the pages has come.
struct Position {
    size: u64,
    previous: Vec<i64>,
    after: i64,
}

/// The first page of a query.
pub(super) fn first(
    store: &Store,
    entity: Entity,
    request: &Request<Bytes>,
) -> Result<Vec<u8>, Refusal> {
    let ask = ask(entity, request)?;
    let at = Position { size: ask.size, previous: Vec::new(), after: START };
    Ok(page(store, entity, &ask, (&at, &Address::of_query(entity, request))))
}

/// A later page; a walk goes on with the verb it began with, and with its filter.
pub(super) fn next(
    store: &Store,
    entity: Entity,
    request: &Request<Bytes>,
) -> Result<Vec<u8>, Refusal> {
    if request.method() == Method::GET && door::parameter(request, "search").is_none() {
        return Err(Refusal::NoVerb(Method::GET));
    }
    let ask = ask(entity, request)?;
    let at = position(request)?;
    Ok(page(store, entity, &ask, (&at, &Address::of_query(entity, request))))
}

/// How many records match.
pub(super) fn count(
    store: &Store,
    entity: Entity,
    request: &Request<Bytes>,
) -> Result<Vec<u8>, Refusal> {
    let body = question(request)?;
    let test = filter::read(entity, property(&body, "filter"))?;
    let count = store.all(entity).filter(|(_, record)| test.passes(record)).count();
    Ok(reply::bytes(&json!({ "queryCount": count })))
}

/// The records below a parent.
pub(super) fn below(
    store: &Store,
    (child, parent): (&'static Child, i64),
    request: &Request<Bytes>,
) -> Result<Vec<u8>, Refusal> {
    let at = match door::parameter(request, "paging") {
        Some(_) => position(request)?,
        None => Position { size: FULL, previous: Vec::new(), after: START },
    };
    let rows = store.after(child.entity, at.after);
    let rows = rows.filter(|(_, record)| belongs(child, parent, record));
    let url = format!("{BASE}V1.0/{}/{parent}/{}?paging=", child.segment, child.name);
    let address = Address { url, search: String::new() };
    Ok(list(rows, (child.entity, &Columns::All), (&at, &address)))
}

/// Whether a record is addressed under a parent; where no field says so, texts share its id.
pub(super) fn belongs(child: &Child, parent: i64, record: &Record) -> bool {
    match child.parent_field {
        Some(field) => whole(record, field) == Some(parent),
        None if child.entity.name().ends_with("PlainTextContent") => {
            whole(record, "id") == Some(parent)
        }
        None => true,
    }
}

fn page(store: &Store, entity: Entity, ask: &Ask, walk: (&Position, &Address)) -> Vec<u8> {
    let rows = store.after(entity, walk.0.after);
    let rows = rows.filter(|(_, record)| ask.test.passes(record));
    list(rows, (entity, &ask.columns), walk)
}

fn list<'a>(
    mut rows: impl Iterator<Item = (i64, &'a Record)>,
    (entity, columns): (Entity, &Columns),
    (at, address): (&Position, &Address),
) -> Vec<u8> {
    let mut out = b"{\"items\":[".to_vec();
    let (mut count, mut last) = (0, START);
    for (id, record) in rows.by_ref().take(usize::try_from(at.size).unwrap_or(usize::MAX)) {
        if count > 0 {
            out.push(b',');
        }
        render::item(&mut out, entity, record, (columns, Data::Withheld));
        (count, last) = (count + 1, id);
    }
    let more = rows.next().is_some();
    let details = json!({
        "count": count,
        "requestCount": at.size,
        "prevPageUrl": at.before().map(|at| address.of(&at)),
        "nextPageUrl": more.then(|| address.of(&at.beyond(last))),
    });
    out.extend_from_slice(b"],\"pageDetails\":");
    out.extend_from_slice(&reply::bytes(&details));
    out.push(b'}');
    out
}

impl Position {
    fn before(&self) -> Option<Self> {
        let (last, earlier) = self.previous.split_last()?;
        Some(Self { size: self.size, previous: earlier.to_vec(), after: *last })
    }

    fn beyond(&self, last: i64) -> Self {
        let previous = self.previous.iter().copied().chain([self.after]).collect();
        Self { size: self.size, previous, after: last }
    }
}

/// Where pages are to be had: the address up to the position, and what follows it.
struct Address {
    url: String,
    search: String,
}

impl Address {
    fn of_query(entity: Entity, request: &Request<Bytes>) -> Self {
        let url = format!("{BASE}V1.0/{}/query/next?paging=", entity.name());
        let mut search = String::new();
        if request.method() == Method::GET {
            let text = door::parameter(request, "search").unwrap_or_default();
            let encoded = utf8_percent_encode(&text, NON_ALPHANUMERIC);
            // Writing to a string cannot fail.
            let _ = write!(search, "&search={encoded}");
        }
        Self { url, search }
    }

    fn of(&self, at: &Position) -> String {
        let token = json!({
            "pageSize": at.size,
            "previousIds": at.previous,
            "nextIds": [at.after],
        });
        let token = token.to_string();
        let encoded = utf8_percent_encode(&token, NON_ALPHANUMERIC);
        format!("{}{encoded}{}", self.url, self.search)
    }
}

fn position(request: &Request<Bytes>) -> Result<Position, Refusal> {
    let token = door::parameter(request, "paging").unwrap_or_default();
    let token: Value = serde_json::from_str(&token).map_err(|_| no_position())?;
    let ids = |name: &str| {
        let list = token.get(name).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_i64).collect::<Vec<_>>()
    };
    let size = token.get("pageSize").and_then(Value::as_u64);
    Ok(Position {
        size: size.filter(|size| (1..=FULL).contains(size)).ok_or_else(no_position)?,
        previous: ids("previousIds"),
        after: ids("nextIds").last().copied().ok_or_else(no_position)?,
    })
}

fn no_position() -> Refusal {
    Refusal::because("The paging information is invalid.")
}

/// The query's JSON: the body, or the `search` parameter of a GET.
fn question(request: &Request<Bytes>) -> Result<Value, Refusal> {
    if request.method() == Method::GET {
        let search = door::parameter(request, "search").ok_or_else(filter::no_filter)?;
        return serde_json::from_str(&search).map_err(|error| unreadable(&error));
    }
    if request.body().is_empty() {
        return Err(filter::no_filter());
    }
    serde_json::from_slice(request.body()).map_err(|error| unreadable(&error))
}

/// The words for a body that is no JSON.
pub(super) fn unreadable(error: &serde_json::Error) -> Refusal {
    let (line, column) = (error.line(), error.column());
    Refusal::because(format!(
        "Unexpected character encountered while parsing value. \
         Path '', line {line}, position {column}."
    ))
}

fn ask(entity: Entity, request: &Request<Bytes>) -> Result<Ask, Refusal> {
    let body = question(request)?;
    Ok(Ask {
        test: filter::read(entity, property(&body, "filter"))?,
        columns: columns(entity, property(&body, "includeFields"))?,
        size: size(property(&body, "maxRecords"))?,
    })
}

fn size(asked: Option<&Value>) -> Result<u64, Refusal> {
    let Some(asked) = asked.filter(|asked| !asked.is_null()) else {
        return Ok(FULL);
    };
    asked
        .as_u64()
        .filter(|size| (1..=FULL).contains(size))
        .ok_or_else(|| Refusal::because("The value of MaxRecords must be between 1 and 500."))
}

fn columns(entity: Entity, asked: Option<&Value>) -> Result<Columns, Refusal> {
    let names = asked.and_then(Value::as_array).filter(|names| !names.is_empty());
    let Some(names) = names else {
        return Ok(Columns::All);
    };
    let (mut fields, mut udfs) = (Vec::new(), Vec::new());
    for name in names {
        let name = name.as_str().unwrap_or_default();
        match (entity.field(name), udf::find(entity, name)) {
            (Some(field), _) if fields.contains(&field) => {}
            (Some(field), _) => fields.push(field),
            (None, Some(udf)) => udfs.push(udf),
            (None, None) => return Err(filter::no_field(entity, name)),
        }
    }
    Ok(Columns::Only(fields, udfs))
}
