//! Errors of the wire in sentences: what happened, and one act that helps.

use std::borrow::Cow;

use bytes::Bytes;
use http::Response;

use super::said::Said;
use super::{Act, wait};
use crate::client::wire::{Broken, MAX_BODY};
use crate::error::{Code, Error, Retry, Upstream};

const LOCKED: &str = "Check AUTOTASK_USERNAME and AUTOTASK_SECRET, and that the user is not locked; \
    repeated tries lock it.";
const RIGHTS: &str = "Ask an Autotask administrator to grant this right to the security level \
    of the API user, and of the impersonated resource if there is one.";
const NOWHERE: &str = "Where AUTOTASK_API_URL is set, let it end with /atservicesrest/; \
    else do without the entity, as only some tenants have it.";
const CHECK_FIRST: &str =
    "Read or search the record to see whether the write happened; write again only if it did not.";

/// The error of a reply.
pub(super) fn error(code: Code, reply: &Response<Bytes>, said: &Said) -> Error {
    let status = reply.status().as_u16();
    let error = Error::new(code, message(code, status, said))
        .upstream(Upstream { status, errors: said.reasons.clone() });
    match (code.retry(), wait::seconds(reply)) {
        _ if reply.status().is_redirection() => error
            .with_retry(Retry::AfterChange)
            .next("Correct AUTOTASK_API_URL or AUTOTASK_ZONE_URL; no redirect is followed."),
        (Retry::Later(_), Some(seconds)) => {
            error.with_retry(Retry::Later(seconds)).next(later(seconds))
        }
        _ => error.next(next(code, said)),
    }
}

/// The error of an address that Autotask does not know.
pub(super) fn nowhere(reply: &Response<Bytes>, said: &Said) -> Error {
    let status = reply.status().as_u16();
    let message = "Autotask does not know this address: AUTOTASK_API_URL is not the zone's, or this tenant does not have the entity.";
    let error = Error::new(Code::NotFound, message).nowhere();
    let error = match said.sentence() {
        reasons if reasons.is_empty() => error,
        reasons => error.also(&format!("Autotask says: {reasons}")),
    };
    error.next(NOWHERE).upstream(Upstream { status, errors: said.reasons.clone() })
}

/// The error of a request that got no reply.
pub(in crate::client) fn broken(broken: &Broken, act: Act) -> Error {
    let why = match broken {
        Broken::NotSent(reason) => return unreachable(reason),
        Broken::TimedOut(limit) => {
            format!("Autotask did not answer within {} seconds.", limit.as_secs())
        }
        Broken::Lost(reason) => format!("The connection was lost: {reason}."),
        Broken::TooLarge => format!("The reply is larger than {} MiB.", MAX_BODY >> 20),
        Broken::TooMany => "The reply holds more values than fit into memory.".into(),
    };
    match broken {
        _ if act.writes() => {
            let message = format!("{why} The write was sent and may have happened.");
            Error::new(Code::OutcomeUnknown, message).next(CHECK_FIRST)
        }
        Broken::TimedOut(_) => plain(Code::Timeout, why),
        Broken::TooLarge | Broken::TooMany => Error::new(Code::UpstreamUnavailable, why)
            .with_retry(Retry::AfterChange)
            .next("Ask for fewer records or fewer fields."),
        Broken::NotSent(_) | Broken::Lost(_) => plain(Code::UpstreamUnavailable, why),
    }
}

fn unreachable(reason: &str) -> Error {
    let message = format!("Autotask cannot be reached: {reason}. Nothing was sent.");
    Error::new(Code::UpstreamUnavailable, message)
        .next("Check the network and AUTOTASK_API_URL, then make the same call.")
}

fn plain(code: Code, message: String) -> Error {
    Error::new(code, message).next(next(code, &Said::default()))
}

fn message(code: Code, status: u16, said: &Said) -> String {
    match (code, said.sentence()) {
        (_, reasons) if reasons.is_empty() => sentence(code, status).into(),
        (Code::Rejected, reasons) => reasons,
        (_, reasons) => format!("{} Autotask says: {reasons}", sentence(code, status)),
    }
}

fn sentence(code: Code, status: u16) -> Cow<'static, str> {
    match code {
        Code::AuthFailed => "Autotask refused the credentials.".into(),
        Code::Forbidden => "Autotask denies this to the API user.".into(),
        Code::NotFound => "Autotask has no such record, or hides it from the API user.".into(),
        Code::NotAllowed => "Autotask does not take this method at this address.".into(),
        Code::RateLimited => "Autotask takes no more requests at once.".into(),
        Code::ThresholdReached => "The tenant's hourly threshold of requests is reached.".into(),
        Code::Timeout => "Autotask waited too long for the request.".into(),
        Code::OutcomeUnknown => {
            format!("The reply (status {status}) does not say what became of the write.").into()
        }
        Code::Rejected => format!("Autotask gave no reason (status {status}).").into(),
        _ => out_of_order(status),
    }
}

fn out_of_order(status: u16) -> Cow<'static, str> {
    match status {
        200..300 => "Autotask's reply does not read as JSON.".into(),
        300..400 => format!("A redirect came back (status {status}).").into(),
        _ => format!("Autotask is out of order (status {status}).").into(),
    }
}

fn later(seconds: u64) -> String {
    let unit = if seconds == 1 { "second" } else { "seconds" };
    format!("Wait {seconds} {unit}, then make the same call.")
}

fn next(code: Code, said: &Said) -> Cow<'static, str> {
    match (code, code.retry()) {
        (Code::AuthFailed, _) if said.text.contains("integrationcode") => {
            "Correct AUTOTASK_INTEGRATION_CODE, then start the server again.".into()
        }
        (Code::AuthFailed, _) => LOCKED.into(),
        (Code::Forbidden, _) => RIGHTS.into(),
        (Code::NotFound, _) => "Find the record with a search.".into(),
        (Code::NotAllowed, _) => {
            "Call list-known-entities with detail to see what the entity takes.".into()
        }
        (Code::OutcomeUnknown, _) => CHECK_FIRST.into(),
        (_, Retry::Later(seconds)) => later(seconds).into(),
        _ => "Correct the fields or ids; describe-entity-fields tells what each takes.".into(),
    }
}
