//! Dispatches one request: route, method, credentials, then the module that handles it.

use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::json;

use crate::account::BASE_URL;
use crate::auth::{self, Caller};
use crate::error::ApiError;
use crate::metadata;
use crate::overrides::Document;
use crate::pending_write::WriteRequest;
use crate::query::{self, Query};
use crate::record::{Record, integer};
use crate::render;
use crate::request::{object_body, parameter};
use crate::response;
use crate::route::{self, EntityRoute, Route, Target};
use crate::rules::time_off;
use crate::state::State;
use crate::store::Store;
use crate::swagger;
use crate::write;

/// The maximum length of a URL that the web server accepts.
const MAX_URL_LENGTH: usize = 2_048;

/// The response to a request.
pub(crate) fn handle(state: &mut State, request: &Request<Bytes>) -> Response<Bytes> {
    let result = match state.overrides.document(request.uri().path()) {
        Some(document) => overridden(state, document, request),
        None => dispatch(state, request),
    };
    let response = response::with_date(response::from_result(result), state.store.clock.now());
    state.account.rewrite_urls(response)
}

fn overridden(
    state: &mut State,
    document: Document,
    request: &Request<Bytes>,
) -> Result<Vec<u8>, ApiError> {
    if !document.is_public {
        auth::authenticate(&mut state.account, request)?;
    }
    let body = document.body.ok_or(ApiError::UnknownPath)?;
    Ok(response::to_bytes(&body))
}

fn dispatch(state: &mut State, request: &Request<Bytes>) -> Result<Vec<u8>, ApiError> {
    let route = route::parse(request.uri().path())?;
    if !route.allows(request.method()) {
        return Err(ApiError::MethodNotAllowed(request.method().clone()));
    }
    if url_length(request) > MAX_URL_LENGTH {
        return Err(ApiError::UnknownPath);
    }
    match route {
        Route::Zone => {
            let user = parameter(request, "user").filter(|user| auth::is_user(user));
            let zone = user.map(|_| response::to_bytes(&metadata::zone()));
            return zone.ok_or_else(ApiError::no_zone);
        }
        Route::Versions => return Ok(response::to_bytes(&metadata::versions())),
        Route::Swagger => return Ok(response::to_bytes(&swagger::document())),
        _ => auth::authenticate(&mut state.account, request)?,
    }
    let caller = auth::caller(&state.store, request, route)?;
    let Route::Entity(route) = route else {
        return Ok(response::to_bytes(&service(state, route)));
    };
    if is_write(route, request.method()) {
        write(state, route, request, caller)
    } else {
        read(&state.store, route, request)
    }
}

fn service(state: &State, route: Route) -> serde_json::Value {
    match route {
        Route::Version => metadata::version(&state.store.now()),
        Route::Threshold => metadata::threshold(state.account.requests, state.account.threshold),
        Route::Modules => metadata::modules(),
        _ => metadata::entities(),
    }
}

fn url_length(request: &Request<Bytes>) -> usize {
    let path = request.uri().path_and_query().map_or(0, |path| path.as_str().len());
    let host = BASE_URL.find("/ATServicesRest").unwrap_or(0);
    host + path
}

fn is_write(route: EntityRoute, method: &Method) -> bool {
    match route.target {
        Target::Query | Target::Count | Target::NextPage => false,
        _ => method != Method::GET || route.is_action(),
    }
}

fn read(store: &Store, route: EntityRoute, request: &Request<Bytes>) -> Result<Vec<u8>, ApiError> {
    let entity = route.entity;
    match (route.target, route.parent) {
        (Target::Metadata(kind), _) => Ok(response::to_bytes(&metadata::page(entity, kind))),
        (Target::Query, _) => Ok(Query::parse(entity, request)?.first_page(store)),
        (Target::NextPage, _) if !has_query(request) => {
            Err(ApiError::MethodNotAllowed(request.method().clone()))
        }
        (Target::NextPage, _) => Query::parse(entity, request)?.next_page(store, request),
        (Target::Count, _) => {
            let count = Query::parse(entity, request)?.count(store);
            Ok(response::to_bytes(&json!({ "queryCount": count })))
        }
        (Target::Collection, Some(parent)) => query::children(store, (entity, parent), request),
        (Target::Collection, None) => Err(ApiError::UnknownPath),
        (Target::Item(_) | Target::Year(_), _) => {
            let record = find(store, route);
            record.map(|record| render::single(entity, record)).ok_or(ApiError::RecordNotFound)
        }
    }
}

fn has_query(request: &Request<Bytes>) -> bool {
    request.method() != Method::GET || parameter(request, "search").is_some()
}

fn find(store: &Store, route: EntityRoute) -> Option<&Record> {
    let (entity, parent) = (route.entity, route.parent);
    let is_below = |record: &&Record| query::is_below(entity, parent, record);
    match route.target {
        Target::Item(id) => store.get(entity.name, id).filter(is_below),
        Target::Year(year) => {
            let mut records = store.all(entity.name).map(|(_, record)| record).filter(is_below);
            records.find(|record| integer(record, "year") == Some(year))
        }
        _ => None,
    }
}

fn write(
    state: &mut State,
    route: EntityRoute,
    request: &Request<Bytes>,
    caller: Caller,
) -> Result<Vec<u8>, ApiError> {
    let (entity, parent, store) = (route.entity, route.parent, &mut state.store);
    let id = match (route.target, request.method().as_str()) {
        (Target::Item(id), _) => write::delete(store, (entity, parent), id)?,
        (_, "GET") => time_off::approve(store, parent, caller)?,
        (_, method) => {
            let body = object_body(request)?;
            let request = WriteRequest { entity, parent, body: &body, caller };
            match method {
                "POST" => write::create(store, &request)?,
                "PATCH" => write::patch(store, &request)?,
                _ => write::replace(store, &request)?,
            }
        }
    };
    if request.method() == Method::POST {
        *state.created.entry(entity.name).or_default() += 1;
    }
    Ok(response::to_bytes(&json!({ "itemId": id })))
}
