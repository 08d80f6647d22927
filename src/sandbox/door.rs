//! Who calls, and as whom: the three credentials and impersonation.

use bytes::Bytes;
use http::{Method, Request};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::catalog::Entity;

use super::account::Account;
use super::path::Route;
use super::reply::Refusal;
use super::store::{Store, whole};
use super::{INTEGRATION_CODE, SECRET, USERNAME};

/// The API user's own resource.
pub(super) const API_USER: i64 = 3900;

/// On whose account a write goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Caller {
    pub(super) resource: i64,
    pub(super) impersonator: Option<i64>,
}

/// Checks host, user, secret and integration code, in this order.
pub(super) fn admit(account: &mut Account, request: &Request<Bytes>) -> Result<(), Refusal> {
    if !account.is_served_at(request) {
        return Err(Refusal::Unauthorized);
    }
    if !is_user(header(request, "UserName")) {
        return Err(no_zone());
    }
    if header(request, "Secret") != SECRET {
        account.wrong_secret();
        return Err(Refusal::Unauthorized);
    }
    if account.is_locked() {
        return Err(Refusal::Unauthorized);
    }
    if header(request, "ApiIntegrationCode") != INTEGRATION_CODE {
        return Err(Refusal::because("IntegrationCode is invalid."));
    }
    Ok(())
}

/// The words for a user that no zone knows.
pub(super) fn no_zone() -> Refusal {
    Refusal::because("Zone information could not be determined")
}

/// Whether this is the tenant's API user, in any letter case.
pub(super) fn is_user(name: &str) -> bool {
    name.eq_ignore_ascii_case(USERNAME)
}

/// A value of the query string, decoded.
pub(super) fn parameter(request: &Request<Bytes>, name: &str) -> Option<String> {
    let query = request.uri().query()?;
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    let spaced = value.replace('+', " ");
    Some(percent_decode_str(&spaced).decode_utf8_lossy().into_owned())
}

/// The account of a request on this route; impersonation is refused on reads.
pub(super) fn caller(
    store: &Store,
    request: &Request<Bytes>,
    route: Route,
) -> Result<Caller, Refusal> {
    let own = Caller { resource: API_USER, impersonator: None };
    let id = header(request, "ImpersonationResourceId");
    let Some((entity, act)) = touched(route, request.method()).filter(|_| !id.is_empty()) else {
        return Ok(own);
    };
    // Tasks accept the header and keep the API user as creator.
    if entity == Entity::Tasks && act != "query" {
        return Ok(own);
    }
    match id.parse().ok().filter(|id| act != "query" && may_be_acted_as(store, *id)) {
        Some(resource) => Ok(Caller { resource, impersonator: Some(API_USER) }),
        None => Err(no_permission(act)),
    }
}

/// The words for a missing right.
pub(super) fn no_permission(act: &str) -> Refusal {
    Refusal::because(format!(
        "The logged in Resource does not have the adequate permissions to {act} this entity type."
    ))
}

fn may_be_acted_as(store: &Store, id: i64) -> bool {
    store.get(Entity::Resources, id).is_some_and(|resource| {
        let active = resource.get("isActive").and_then(Value::as_bool);
        active == Some(true) && whole(resource, "licenseType") != Some(7)
    })
}

fn touched(route: Route, method: &Method) -> Option<(Entity, &'static str)> {
    match route {
        Route::Query(entity) | Route::Count(entity) | Route::Next(entity) => {
            Some((entity, "query"))
        }
        Route::Collection(entity) | Route::Item(entity, _) => Some((entity, act(method))),
        Route::Under(child, _) | Route::UnderItem(child, ..) => Some((child.entity, act(method))),
        _ => None,
    }
}

fn act(method: &Method) -> &'static str {
    match method.as_str() {
        "POST" => "create",
        "PATCH" | "PUT" => "update",
        "DELETE" => "delete",
        _ => "query",
    }
}

fn header<'a>(request: &'a Request<Bytes>, name: &str) -> &'a str {
    let value = request.headers().get(name);
    value.and_then(|value| value.to_str().ok()).unwrap_or_default()
}
