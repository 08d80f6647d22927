//! Authenticates a request, and determines its caller: the API user or an impersonated resource.

use bytes::Bytes;
use http::{Method, Request};

use crate::account::{Account, INTEGRATION_CODE, SECRET, USERNAME};
use crate::error::ApiError;
use crate::record::{integer, is_true};
use crate::request::header;
use crate::route::{EntityRoute, Route, Target};
use crate::store::Store;

/// The API user's resource.
pub(crate) const API_USER: i64 = 3900;
/// The license type of API users.
pub(crate) const API_USER_LICENSE: i64 = 7;

/// The resource as which a request writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) resource: i64,
    pub(crate) impersonator: Option<i64>,
}

/// Checks host, user, secret and integration code, in this order.
pub(crate) fn authenticate(
    account: &mut Account,
    request: &Request<Bytes>,
) -> Result<(), ApiError> {
    if !account.is_served_at(request) {
        return Err(ApiError::Unauthorized);
    }
    if !is_user(header(request, "UserName")) {
        return Err(ApiError::no_zone());
    }
    if header(request, "Secret") != SECRET {
        account.bad_logins += 1;
        return Err(ApiError::Unauthorized);
    }
    if account.is_locked() {
        return Err(ApiError::Unauthorized);
    }
    if header(request, "ApiIntegrationCode") != INTEGRATION_CODE {
        return Err(ApiError::rejected("IntegrationCode is invalid."));
    }
    account.requests += 1;
    Ok(())
}

/// Whether this is the tenant's API user, in any letter case.
pub(crate) fn is_user(name: &str) -> bool {
    name.eq_ignore_ascii_case(USERNAME)
}

/// The caller of a request; impersonation is rejected on reads.
pub(crate) fn caller(
    store: &Store,
    request: &Request<Bytes>,
    route: Route,
) -> Result<Caller, ApiError> {
    let api_user = Caller { resource: API_USER, impersonator: None };
    let id = header(request, "ImpersonationResourceId");
    let Route::Entity(EntityRoute { entity, target, .. }) = route else {
        return Ok(api_user);
    };
    if id.is_empty() || matches!(target, Target::Metadata(_)) {
        return Ok(api_user);
    }
    let verb = verb(target, request.method());
    // Tasks accept the header, but their creator is the API user.
    if entity.name == "Tasks" && verb != "query" {
        return Ok(api_user);
    }
    match id.parse().ok().filter(|id| verb != "query" && can_be_impersonated(store, *id)) {
        Some(resource) => Ok(Caller { resource, impersonator: Some(API_USER) }),
        None => Err(ApiError::permission_denied(verb)),
    }
}

fn can_be_impersonated(store: &Store, id: i64) -> bool {
    store.get("Resources", id).is_some_and(|resource| {
        is_true(resource, "isActive") && integer(resource, "licenseType") != Some(API_USER_LICENSE)
    })
}

fn verb(target: Target, method: &Method) -> &'static str {
    match (target, method.as_str()) {
        (Target::Query | Target::Count | Target::NextPage, _) => "query",
        (_, "POST") => "create",
        (_, "PATCH" | "PUT") => "update",
        (_, "DELETE") => "delete",
        _ => "query",
    }
}
