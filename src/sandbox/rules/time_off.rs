//! Requests for time off: approved by a GET that writes, rejected by a POST.

use serde_json::Value;

use crate::catalog::Entity;

use super::super::date::NOW;
use super::super::door::Caller;
use super::super::draft::{Order, Target};
use super::super::filter::property;
use super::super::reply::Refusal;
use super::super::store::{Record, Store};

const APPROVED: i64 = 2;
const REJECTED: i64 = 3;

/// Approves the request that the address names.
pub(in crate::sandbox) fn approve(
    store: &mut Store,
    target: Target,
    caller: Caller,
) -> Result<i64, Refusal> {
    let (id, request) = request(store, target)?;
    decide(request, APPROVED, caller);
    request.insert("approvedDateTime".into(), NOW.into());
    Ok(id)
}

/// Rejects the request that the address names, with a reason.
pub(in crate::sandbox) fn reject(store: &mut Store, order: &Order) -> Result<i64, Refusal> {
    let (id, request) = request(store, order.target)?;
    decide(request, REJECTED, order.caller);
    let reason = property(order.body, "reason").cloned().unwrap_or(Value::Null);
    request.insert("rejectReason".into(), reason);
    Ok(id)
}

fn request(store: &mut Store, target: Target) -> Result<(i64, &mut Record), Refusal> {
    let (_, id) = target.under.ok_or(Refusal::NoRoute)?;
    let request = store.get_mut(Entity::TimeOffRequests, id);
    Ok((id, request.ok_or(Refusal::NoRecord)?))
}

fn decide(request: &mut Record, status: i64, caller: Caller) {
    request.insert("status".into(), status.into());
    request.insert("approveRejectResourceID".into(), caller.resource.into());
    request.insert("lastModifiedDateTime".into(), NOW.into());
}
