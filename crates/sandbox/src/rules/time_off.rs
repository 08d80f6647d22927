//! Time-off requests: approved by a GET that writes, rejected by a POST.

use serde_json::Value;

use crate::auth::Caller;
use crate::error::ApiError;
use crate::pending_write::WriteRequest;
use crate::record::Record;
use crate::request::member;
use crate::store::Store;

const APPROVED: i64 = 2;
const REJECTED: i64 = 3;

/// Approves the request that the path names.
pub(crate) fn approve(
    store: &mut Store,
    parent: Option<i64>,
    caller: Caller,
) -> Result<i64, ApiError> {
    let now = store.now();
    let (id, request) = find(store, parent)?;
    decide(request, APPROVED, caller, &now);
    request.insert("approvedDateTime".into(), now.into());
    Ok(id)
}

/// Rejects the request that the path names, with a reason.
pub(crate) fn reject(store: &mut Store, write: &WriteRequest) -> Result<i64, ApiError> {
    let now = store.now();
    let (id, request) = find(store, write.parent)?;
    decide(request, REJECTED, write.caller, &now);
    let reason = member(write.body, "reason").cloned().unwrap_or(Value::Null);
    request.insert("rejectReason".into(), reason);
    Ok(id)
}

fn find(store: &mut Store, parent: Option<i64>) -> Result<(i64, &mut Record), ApiError> {
    let id = parent.ok_or(ApiError::UnknownPath)?;
    let request = store.get_mut("TimeOffRequests", id);
    Ok((id, request.ok_or(ApiError::RecordNotFound)?))
}

fn decide(request: &mut Record, status: i64, caller: Caller, now: &str) {
    request.insert("status".into(), status.into());
    request.insert("approveRejectResourceID".into(), caller.resource.into());
    request.insert("lastModifiedDateTime".into(), now.into());
}
