//! One request from route to answer: method, credentials, then the room that does it.

use bytes::Bytes;
use http::{Method, Request};
use serde_json::{Value, json};

use crate::catalog::{Child, Entity, Verb};

use super::door::{self, Caller};
use super::draft::{Order, Target};
use super::path::{self, Route};
use super::reply::{self, Refusal};
use super::store::{Record, Store, whole};
use super::write;
use super::{BASE, State, metadata, page, pages, render, rules, swagger};

/// The longest address the web server takes.
const LONGEST_URL: usize = 2_048;

/// The body of the answer, or why there is none.
pub(super) fn answer(state: &mut State, request: &Request<Bytes>) -> Result<Vec<u8>, Refusal> {
    if let Some(said) = pages::answer(state, request) {
        return said;
    }
    let route = path::route(request.uri().path())?;
    if !takes(route, request.method()) {
        return Err(Refusal::NoVerb(request.method().clone()));
    }
    if address_length(request) > LONGEST_URL {
        return Err(Refusal::NoRoute);
    }
    match route {
        Route::Zone => return zone(request),
        Route::Versions => return Ok(metadata::versions()),
        Route::Swagger => return Ok(swagger_document()),
        _ => door::admit(&mut state.account, request)?,
    }
    state.requests += 1;
    let requests = state.requests;
    let caller = door::caller(state.store(), request, route)?;
    match route {
        Route::Threshold => Ok(metadata::threshold(requests, state.account.threshold)),
        _ if is_write(route, request.method()) => {
            let body = written(state.store(), route, request, caller)?;
            if let Some(entity) = created(route, request.method()) {
                *state.created.entry(entity).or_default() += 1;
            }
            Ok(body)
        }
        _ => shown(state.store(), route, request),
    }
}

fn swagger_document() -> Vec<u8> {
    reply::bytes(&swagger::document(&swagger::paths(), &swagger::definitions()))
}

fn zone(request: &Request<Bytes>) -> Result<Vec<u8>, Refusal> {
    let user = door::parameter(request, "user").unwrap_or_default();
    if door::is_user(&user) { Ok(metadata::zone()) } else { Err(door::no_zone()) }
}

fn address_length(request: &Request<Bytes>) -> usize {
    let uri = request.uri();
    let path = uri.path_and_query().map_or(0, |path| path.as_str().len());
    let host = BASE.find("/ATServicesRest").unwrap_or(0);
    host + path
}

/// Whether a route takes a method.
pub(super) fn takes(route: Route, method: &Method) -> bool {
    let verb = verb(route, method.as_str());
    match route {
        Route::Collection(entity) | Route::Item(entity, _) => {
            verb.is_some_and(|verb| entity.root_supports(verb))
        }
        Route::Under(child, _) if child.entity == Entity::TimeOffRequestsApprove => {
            method == Method::GET
        }
        Route::UnderItem(child, ..) if child.entity == Entity::ResourceTimeOffBalances => {
            method == Method::GET
        }
        Route::Under(child, _) | Route::UnderItem(child, ..) => {
            verb.is_some_and(|verb| child.supports(verb))
        }
        Route::Query(_) | Route::Count(_) | Route::Next(_) => {
            method == Method::GET || method == Method::POST
        }
        _ => method == Method::GET,
    }
}

fn verb(route: Route, method: &str) -> Option<Verb> {
    match (route, method) {
        (Route::Collection(_) | Route::Under(..), "POST") => Some(Verb::Create),
        (Route::Collection(_) | Route::Under(..), "PATCH" | "PUT") => Some(Verb::Update),
        (Route::Under(..), "GET") => Some(Verb::List),
        (Route::Item(..) | Route::UnderItem(..), "GET") => Some(Verb::Get),
        (Route::Item(..) | Route::UnderItem(..), "DELETE") => Some(Verb::Delete),
        _ => None,
    }
}

/// Approving time off writes, though it is a GET.
fn is_write(route: Route, method: &Method) -> bool {
    match route {
        Route::Query(_) | Route::Count(_) | Route::Next(_) => false,
        Route::Under(child, _) if child.entity == Entity::TimeOffRequestsApprove => true,
        _ => method != Method::GET,
    }
}

/// The entity of which a write makes a new record.
fn created(route: Route, method: &Method) -> Option<Entity> {
    match route {
        _ if method != Method::POST => None,
        Route::Collection(entity) => Some(entity),
        Route::Under(child, _) => Some(child.entity),
        _ => None,
    }
}

fn shown(store: &Store, route: Route, request: &Request<Bytes>) -> Result<Vec<u8>, Refusal> {
    match route {
        Route::Version => Ok(metadata::version()),
        Route::Entities => Ok(metadata::entities()),
        Route::Modules => Ok(metadata::modules()),
        Route::Info(entity, info) => Ok(metadata::of(entity, info)),
        Route::Query(entity) => page::first(store, entity, request),
        Route::Next(entity) => page::next(store, entity, request),
        Route::Count(entity) => page::count(store, entity, request),
        Route::Item(entity, id) => {
            let record = store.get(entity, id).ok_or(Refusal::NoRecord)?;
            Ok(render::single(entity, record))
        }
        Route::Under(child, parent) => page::below(store, (child, parent), request),
        Route::UnderItem(child, parent, id) => {
            let record = below(store, child, id).filter(|row| page::belongs(child, parent, row));
            let record = record.ok_or(Refusal::NoRecord)?;
            Ok(render::single(child.entity, record))
        }
        _ => Err(Refusal::NoRoute),
    }
}

/// A child by its id; balances of time off are told apart by year.
fn below<'a>(store: &'a Store, child: &Child, id: i64) -> Option<&'a Record> {
    if child.supports(Verb::Get) {
        return store.get(child.entity, id);
    }
    let mut rows = store.all(child.entity).map(|(_, row)| row);
    rows.find(|row| whole(row, "year") == Some(id))
}

fn written(
    store: &mut Store,
    route: Route,
    request: &Request<Bytes>,
    caller: Caller,
) -> Result<Vec<u8>, Refusal> {
    let (target, id) = match route {
        Route::Collection(entity) => (Target { entity, under: None }, None),
        Route::Item(entity, id) => (Target { entity, under: None }, Some(id)),
        Route::Under(child, parent) => (Target::below(child, parent), None),
        Route::UnderItem(child, parent, id) => (Target::below(child, parent), Some(id)),
        _ => return Err(Refusal::NoRoute),
    };
    let done = match (id, request.method().as_str()) {
        (Some(id), _) => write::delete(store, target, id),
        (None, "GET") => rules::time_off::approve(store, target, caller),
        (None, method) => {
            let body = body(request)?;
            let order = Order { target, body: &body, caller };
            match method {
                "POST" => write::create(store, &order),
                "PATCH" => write::patch(store, &order),
                _ => write::replace(store, &order),
            }
        }
    }?;
    Ok(reply::bytes(&json!({ "itemId": done })))
}

fn body(request: &Request<Bytes>) -> Result<Value, Refusal> {
    let body: Value =
        serde_json::from_slice(request.body()).map_err(|error| page::unreadable(&error))?;
    match body {
        Value::Object(_) => Ok(body),
        _ => Err(Refusal::because("The request body must be a JSON object.")),
    }
}
